"""From binary spins to attention: exact means, both samplers, limits, figures and the verb."""

import math
from itertools import product

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from command_line import assert_figure, assert_read_back, files, rows, run_line

import hopfield
from hopfield import InputError, attention
from hopfield.attention import units
from hopfield.vocabulary import describe
from montecarlo import exact_states, mixture
from montecarlo.statistics import mean_and_stderr
from studies import (
    plot_attention_limit,
    plot_unit_densities,
    plot_unit_outputs,
    plot_weight_calibration,
    spins_to_attention,
)
from studies.bridge import QUANTITIES
from studies.bridge_cells import SAMPLERS, line
from studies.bridge_samples import block_heat_bath, measured, one_step, single_flips, visits
from studies.bridge_theory import MEANS, component_law, limits, means, power

PATTERNS = hopfield.fair_patterns(3, 8, 0).astype(float)
BETA = 1.5


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty working directory; figures that are left open are closed."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    plt.close("all")


@pytest.fixture(scope="module")
def found():
    counts = (1, 2, 4, 8, 16, 32, 64, 128)
    return spins_to_attention(
        8, BETA, counts, flipped=4, replicas=64, sweeps=300, draws=5000, seed=0
    )


def enumerated(patterns, beta, n):
    """All states of the units, and the probabilities that the energy of the network gives them."""
    size = patterns.shape[1]
    spins = np.array(list(product((-1, 1), repeat=n * size)), dtype=np.int8)
    network = hopfield.Exponential(math.sqrt(beta / n)).store(np.repeat(patterns, n, axis=1))
    weight = np.exp(-network.energy(spins) * math.sqrt(beta / n))
    x = spins.reshape(-1, size, n).sum(axis=2) / math.sqrt(n * beta)
    return x, weight / weight.sum()


# Exact means


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("count", [2, 3, 4])
def test_means_are_those_of_all_states_of_the_network(n, count):
    patterns = np.array([[1, 1, -1, 1], [1, -1, 1, 1], [-1, -1, 1, 1], [1, -1, -1, -1]])[:count]
    x, p = enumerated(patterns, 1.3, n)
    found = means(patterns, 1.3, n)
    assert tuple(found) == MEANS
    for name, values in measured(x, patterns, 1.3).items():
        assert found[name] == pytest.approx(p @ values, rel=1e-10)
        constant = name == "second_moment" and n == 1  # every state has the same norm
        assert constant or means(patterns, 1.4, n)[name] != pytest.approx(p @ values, rel=1e-3)


def test_opposite_patterns_have_means_too():
    patterns = np.array([[1, 1, -1], [-1, -1, 1]])
    x, p = enumerated(patterns, 0.8, 4)
    values = measured(x, patterns, 0.8)
    found = means(patterns, 0.8, 4)
    for name in MEANS:
        assert found[name] == pytest.approx(p @ values[name], rel=1e-10)
    assert limits(patterns, 0.8)["largest_weight"] == pytest.approx(
        ahead(2.0 * 0.8 * 3.0), rel=1e-9
    )


def ahead(mean):
    """Probability that a Gaussian of the mean m and variance 2 m is positive."""
    return 0.5 * math.erfc(-mean / math.sqrt(2.0 * 2.0 * mean))


@pytest.mark.parametrize("n", [2, 5])
def test_law_of_a_unit(n):
    patterns = np.array([[1, -1], [1, 1], [-1, 1]])
    x, p = enumerated(patterns, 0.9, n)
    values, law = component_law(patterns, 0.9, n, 0)
    for value, probability in zip(values, law, strict=True):
        here = np.abs(x[:, 0] - value) < 1e-9
        assert p[here].sum() == pytest.approx(probability, rel=1e-11)
    assert law.sum() == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize("beta", [0.5, 1.5, 3.0])
def test_exact_means_run_into_those_of_continuous_states(beta):
    end = limits(PATTERNS, beta)
    far = [means(PATTERNS, beta, n) for n in (64, 128, 256)]
    for name in MEANS:
        off = [one[name] - end[name] for one in far]
        assert off[1] / off[0] == pytest.approx(0.5, abs=0.02)
        assert off[2] / off[1] == pytest.approx(0.5, abs=0.01)
        # what the first two orders leave is of order 1/n³
        cubic = (off[0] - 6.0 * off[1] + 8.0 * off[2]) / 3.0
        assert abs(cubic) < 2e-3 * abs(off[2])
    x = np.linspace(-3.0, 3.0, 7)
    measure = mixture(PATTERNS, beta)
    bumps = np.exp(-beta * (x[:, None] - measure.means[:, 2]) ** 2 / 2.0)
    density = bumps @ measure.weights * math.sqrt(beta / (2.0 * math.pi))
    values, law = component_law(PATTERNS, beta, 4000, 2)
    near = np.interp(x, values, law * math.sqrt(4000 * beta) / 2.0)
    np.testing.assert_allclose(near, density, atol=1e-3 * density.max())


def test_limits_are_means_of_continuous_states():
    states = exact_states(PATTERNS, BETA, replicas=40_000, seed=3).states
    end, other = limits(PATTERNS, BETA), limits(PATTERNS, 1.1 * BETA)
    for name, values in measured(states, PATTERNS, BETA).items():
        error = values.std() / math.sqrt(len(values))
        assert abs(values.mean() - end[name]) < 4.0 * error
        assert abs(values.mean() - other[name]) > 4.0 * error


# Samplers


def z_of(states, patterns, beta, exact):
    """Distances from exact means in standard errors, the largest one."""
    largest = 0.0
    for name, series in measured(states, patterns, beta).items():
        mean, stderr = mean_and_stderr(series)
        if stderr > 0.0:
            largest = max(largest, abs(mean - exact[name]) / stderr)
    return largest


@pytest.mark.parametrize("n", [1, 4])
def test_single_flips_have_the_means_only_at_the_sharpness_and_temperature_of_the_limit(n):
    exact = means(PATTERNS, BETA, n)
    sharpness = math.sqrt(BETA / n)
    options = {"replicas": 64, "sweeps": 200, "burn_in": 100, "seed": 5}
    repeated = np.repeat(PATTERNS, n, axis=1)

    def largest_z(given, temperature):
        network = hopfield.Exponential(given).store(repeated)
        states = single_flips(network, temperature, BETA, n, **options)
        return z_of(states, PATTERNS, BETA, exact)

    assert largest_z(sharpness, 1.0 / sharpness) < 4.0
    assert largest_z(sharpness, 1.1 / sharpness) > 4.0
    if n > 1:  # sharpness of single spins
        assert largest_z(math.sqrt(BETA), 1.0 / math.sqrt(BETA)) > 4.0


@pytest.mark.parametrize("n", [1, 8, 256])
def test_heat_bath_of_all_spins_stays_in_equilibrium(n):
    states, _ = block_heat_bath(PATTERNS, BETA, n, replicas=500, sweeps=60, seed=6)
    assert z_of(states, PATTERNS, BETA, means(PATTERNS, BETA, n)) < 4.0
    assert z_of(states[:, -5:], PATTERNS, BETA, means(PATTERNS, BETA, n)) < 4.0
    assert z_of(states, PATTERNS, BETA, means(PATTERNS, 1.1 * BETA, n)) > 4.0


@pytest.mark.parametrize("n", [1, 8, 256])
def test_weights_of_attention_are_probabilities_of_the_patterns(n):
    states, sources = block_heat_bath(PATTERNS, BETA, n, replicas=3000, sweeps=20, seed=7)

    def largest_z(beta):
        w = attention.weights(states, PATTERNS, beta)
        surplus = ((sources[..., None] == np.arange(3)) - w) * w
        each = surplus.mean(axis=1)
        return np.abs(each.mean(axis=0) / (each.std(axis=0) / math.sqrt(len(each)))).max()

    assert largest_z(BETA) < 4.0
    assert largest_z(1.2 * BETA) > 4.0


def test_steps_draw_patterns_and_then_spins():
    x, _ = line(PATTERNS)
    new = one_step(x, PATTERNS, BETA, 3, replicas=4000, draws=1, seed=8)
    assert new.shape == (4000, 17, 8)
    assert set(np.unique((new * math.sqrt(3 * BETA)).round(9))) == {-3.0, -1.0, 1.0, 3.0}
    # many steps together have their distribution
    many = one_step(x, PATTERNS, BETA, 3, replicas=4000, draws=50, seed=9)
    ratio = many.var(axis=0) / new.var(axis=0) * 50
    assert np.abs(np.log(ratio)).max() < 4.0 * math.sqrt(4.0 / 4000)
    error = np.sqrt(new.var(axis=0) / 4000)
    np.testing.assert_array_less(np.abs(new.mean(axis=0) - many.mean(axis=0)), 4.0 * error)
    new, error = many, many.std(axis=0) / math.sqrt(4000)
    w = attention.weights(x, PATTERNS, BETA)
    for response, agrees in ((units.response(PATTERNS, BETA, 3), True), (PATTERNS, False)):
        z = np.abs(new.mean(axis=0) - w @ response) / error
        assert (z.max() < 4.0) == agrees


def test_visits_count_every_state():
    states, _ = block_heat_bath(PATTERNS, BETA, 5, replicas=3, sweeps=40, seed=9)
    shares = visits(states, BETA, 5, 1)
    assert shares.shape == (3, 6)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    values = component_law(PATTERNS, BETA, 5, 1)[0]
    np.testing.assert_allclose(shares @ values, states[..., 1].mean(axis=1), atol=1e-12)


# The study


def test_both_samplers_agree_with_exact_means(found):
    for name in MEANS:
        z = found[f"{name}_z"]
        assert z.notnull().sum() == (11 if name != "second_moment" else 9)  # constant at n = 1
        assert float(np.abs(z).max()) < 4.0
        assert float(found[f"{name}_rhat"].max()) < 1.05
        # and are precise enough to tell neighbours and the limit apart
        off = (found[name] - found[f"{name}_asymptotic"]) / found[f"{name}_stderr"]
        assert (np.abs(off.sel(spins_per_unit=[2, 4])) > 4.0).all()


def test_units_have_the_values_that_they_should(found):
    z = found.component_density_z
    assert z.notnull().sum() > 80
    assert float(np.abs(z).max()) < 4.0
    measure = mixture(PATTERNS, BETA)
    x = found.component.values
    here = measure.means[:, int(found.site)]
    bumps = np.exp(-BETA * (x[..., None] - here) ** 2 / 2.0) @ measure.weights
    limit = bumps * math.sqrt(BETA / (2.0 * math.pi))
    block = found.sel(sampler="block heat bath")
    judged = block.component_density_z.notnull()
    off = np.abs(block.component_density - limit) / block.component_density_stderr.where(judged)
    off = off.max("level").values
    assert (off[:4] > 4.0).all()
    # densities of single spins are far from Gaussian, those of many are not
    exact = np.nanmax(np.abs(found.component_density_theory.values - limit), axis=1)
    assert (np.diff(exact[1:]) < 0.0).all()
    assert exact[-1] < 0.005


def test_patterns_of_given_weight_are_behind_that_part_of_the_states(found):
    z = found.behind_z
    assert z.notnull().sum() > 30
    assert float(np.abs(z).max()) < 4.0
    np.testing.assert_allclose(
        found.behind, found.mean_weight, atol=4.0 * float(found.behind_stderr.max())
    )


def test_one_step_is_attention_with_the_response_of_the_units(found):
    assert float(np.abs(found.output_z).max()) < 4.0
    patterns, x = found.patterns.values.astype(float), line(found.patterns.values.astype(float))
    expected = attention.update(x[0], patterns, BETA) @ x[1]
    np.testing.assert_allclose(found.output_asymptotic, expected, rtol=1e-12)
    factors = [float(units.response(1.0, BETA, int(n))) for n in found.spins_per_unit]
    np.testing.assert_allclose(found.output_theory, np.outer(factors, expected), rtol=1e-10)
    off = np.abs(found.output - found.output_asymptotic) / found.output_stderr
    assert (off.max("point").isel(spins_per_unit=slice(0, 4)) > 4.0).all()


def test_distances_from_attention_fall_as_one_over_n(found):
    slope, error = found.slope, found.slope_stderr
    assert (np.abs(slope + 1.0) < 4.0 * error).all()
    sharp = ["second_moment", "state_energy", "output", "fixed_point_distance"]
    assert (error.sel(quantity=sharp) < 0.06).all()
    for other in (-0.5, -2.0):
        assert (np.abs(slope.sel(quantity=sharp) - other) > 4.0 * error.sel(quantity=sharp)).all()
    z = (found.limit_distance - found.limit_distance_theory) / found.limit_distance_stderr.where(
        found.limit_distance_stderr > 0.0
    )
    assert float(np.abs(z).max()) < 4.0
    # to leading order, in closed form
    end = found.limit_distance_theory.isel(spins_per_unit=-1)
    n = 128.0
    assert float(end.sel(quantity="output")) * n == pytest.approx(BETA / 3.0, rel=0.02)
    moment = 1.0 + 2.0 * BETA / 3.0
    assert float(end.sel(quantity="second_moment")) * n == pytest.approx(moment, rel=0.02)
    assert (found.residual < 1e-12).all()


def test_power_of_a_distance():
    n = 2 ** np.arange(0, 9)
    draw = np.random.default_rng(1)
    exact = 3.0 / n**1.3 * np.exp(0.7 / n)
    slope, off = power(n, exact, np.full(9, np.nan))
    assert slope == pytest.approx(-1.3, abs=1e-8)
    assert off < 1e-8
    z = []
    for _ in range(60):
        errors = 0.003 * np.ones(9)
        slope, error = power(n, exact + errors * draw.normal(size=9), errors)
        z.append((slope + 1.3) / error)
    assert abs(np.mean(z)) < 4.0 / math.sqrt(60)
    assert 0.6 < np.std(z) < 1.5
    assert np.isnan(power(n[:5], exact[:5], 0.1 * exact[:5])).all()
    assert np.isnan(power(n[:6], exact[:6], np.full(6, np.nan))).all()


def test_shape_and_words_of_the_result(found):
    assert found.second_moment.dims == ("spins_per_unit", "sampler")
    assert found.second_moment_theory.dims == ("spins_per_unit",)
    assert found.component_density.dims == ("spins_per_unit", "sampler", "level")
    assert found.sizes["level"] == 129
    assert found.sampler.values.tolist() == list(SAMPLERS)
    assert found["quantity"].values.tolist() == list(QUANTITIES)
    for name in (*found.data_vars, *found.coords):
        assert found[name].attrs == describe(str(name))
    flips = found.second_moment.sel(sampler="single flips")
    assert flips.notnull().values.tolist() == [True] * 3 + [False] * 5
    beyond = found.level > found.spins_per_unit
    assert (found.component.isnull() == beyond).all()


def test_cells_do_not_depend_on_others():
    arguments = {"flipped": 2, "replicas": 4, "sweeps": 10, "draws": 10}
    alone = spins_to_attention(8, BETA, [4], **arguments)
    beside = spins_to_attention(8, BETA, [2, 4], **arguments).sel(spins_per_unit=[4])
    xr.testing.assert_allclose(alone, beside, rtol=1e-12)
    np.testing.assert_array_equal(alone.state_energy, beside.state_energy)
    other = spins_to_attention(8, BETA, [4], **arguments, seed=1)
    assert not np.array_equal(other.patterns, alone.patterns)
    assert not np.array_equal(other.state_energy, alone.state_energy)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"size": 3}, "size must be an integer >= 4"),
        ({"beta": 0.0}, r"beta must be a number in \(0, 20\], got 0"),
        ({"beta": 21.0}, "beta must be a number in"),
        ({"spins": []}, "spins must be ascending integers, at least one"),
        ({"spins": [4, 2]}, r"spins must be ascending .* got \[4, 2\]"),
        ({"spins": [2, 2]}, "spins must be ascending"),
        ({"spins": [0, 2]}, "spins must be an integer >= 1"),
        ({"flipped": -1}, "flipped must be an integer >= 0"),
        ({"replicas": 3}, "replicas must be an integer >= 4"),
        ({"sweeps": 3}, "sweeps must be an integer >= 4"),
        ({"burn_in": -1}, "burn_in must be an integer >= 0"),
        ({"draws": 0}, "draws must be an integer >= 1"),
        ({"seed": -1}, "seed must be an integer >= 0"),
        ({"size": 10_000, "spins": [1000]}, "the distribution of scores would need"),
    ],
)
def test_bad_input_is_refused(given, words):
    few = {"size": 8, "spins": [1], "replicas": 4, "sweeps": 4, "burn_in": 0, "draws": 4}
    with pytest.raises(InputError, match=words):
        spins_to_attention(**(few | given))


def test_equal_patterns_are_refused():
    equal = [
        seed for seed in range(40) if len(np.unique(hopfield.fair_patterns(3, 4, seed), axis=0)) < 3
    ]
    with pytest.raises(InputError, match="seed must give 3 different patterns"):
        spins_to_attention(4, 1.0, [1], replicas=4, sweeps=4, draws=4, seed=equal[0])


# Figures and the verb


def test_figure_of_densities(found):
    axes = plot_unit_densities(found)
    assert len(axes.containers) == 4
    labels = [text.get_text() for text in axes.get_legend().get_texts()]
    assert labels[1:] == ["n = 1", "n = 4", "n = 16", "n = 64"]
    points = axes.containers[1].lines[0]
    one = found.sel(spins_per_unit=4, sampler="single flips")
    np.testing.assert_array_equal(points.get_ydata().astype(float), one.component_density)
    areas = [patch.get_data() for patch in axes.patches]
    for values, edges, _ in areas:
        assert values @ np.diff(edges) == pytest.approx(1.0, rel=1e-10)
    curve = axes.get_lines()[0]
    x = curve.get_xdata()
    assert curve.get_ydata().sum() * (x[1] - x[0]) == pytest.approx(1.0, abs=2e-3)


def test_figure_of_outputs(found):
    axes = plot_unit_outputs(found)
    curve = axes.get_lines()[0]
    expected = np.interp(found.input, curve.get_xdata(), curve.get_ydata())
    np.testing.assert_allclose(expected, found.output_asymptotic, atol=1e-3)
    np.testing.assert_array_equal(
        axes.containers[0].lines[0].get_ydata(), found.output.sel(spins_per_unit=1)
    )


def test_figure_of_weights_and_of_distances(found):
    ax = plt.subplots()[1]
    assert plot_weight_calibration(found, ax=ax) is ax
    assert len(ax.containers) == 4
    axes = plot_attention_limit(found)
    assert len(axes.containers) == len(QUANTITIES)
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")


def test_verb(capsys, tmp_path):
    options = ["--size", 6, "--beta", 1, "--spins", "1,4", "--flipped", 1, "--replicas", 8]
    options += ["--sweeps", 40, "--burn-in", 10, "--draws", 50, "--seed", 2]
    code, out, err = run_line(capsys, "study", "bridge", *options, "-o", "x.nc", "--plot", "x.png")
    assert (code, err) == (0, "wrote x.nc\nwrote x.png\n")
    assert files(tmp_path) == ["x.nc", "x.png"]
    assert_figure("x.png")
    expected = spins_to_attention(
        6, 1.0, [1, 4], flipped=1, replicas=8, sweeps=40, burn_in=10, draws=50, seed=2
    )
    assert_read_back("x.nc", expected)
    header, *table = rows(out)
    assert header[:3] == ["mean", "n", "sampler"]
    assert [row[1:3] for row in table[:3]] == [["1", "single"], ["1", "block"], ["4", "block"]]
    energy = expected.state_energy_theory.values[1]
    assert table[5][-3] == f"{energy:.5g}"
    code, _, err = run_line(capsys, "study", "bridge", "--size", 2)
    assert (code, err) == (2, "hopfield: size must be an integer >= 4, got 2\n")
