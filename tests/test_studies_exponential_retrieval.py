"""Retrieval in exponential networks of few spins against theory of their size."""

import json

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from command_line import assert_figure, assert_read_back, files, rows, run_line

import hopfield
import montecarlo
from hopfield import InputError, attention
from hopfield.vocabulary import describe
from studies import exponential_retrieval, plot_exponential_retrieval, plot_retrieval_probability
from studies.exponential_predictions import CRITERIA, expected, thresholds
from studies.exponential_trials import _met, _start
from studies.steepest_descent import Landscape, steepest_descent
from theory.exponential.finite_size import closest_probability
from theory.exponential.rates import BINARY

QUICK = {"load": [0.18, 0.22, 0.27, 0.48], "size": [16, 20], "trials": 100, "seed": 1}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty working directory; figures left open are a mistake."""
    monkeypatch.chdir(tmp_path)
    before = plt.get_fignums()
    yield tmp_path
    assert plt.get_fignums() == before


@pytest.fixture(scope="module")
def found():
    return exponential_retrieval([0.7, 1.0], most_patterns=20_000, **QUICK)


def z_of(ds, criterion, change=None):
    """Simulation minus theory at other values of the sharpness or loads, in standard errors."""
    one, all_z = ds.sel(criterion=criterion), []
    for lam in ds.sharpness.values:
        for n in ds["size"].values:
            point = one.sel(sharpness=lam, size=n)
            at = {"sharpness": lam, "load": point.actual_load.values} | {"size": int(n)}
            at = at if change is None else change(at)
            theory = expected(criterion, overlap=float(point.overlap_start), **at)
            trials = json.loads(ds.attrs["parameters"])["trials"]
            error = np.sqrt(np.maximum(theory * (1.0 - theory) / trials, trials**-2.0))
            all_z.append((point.probability.values - theory) / error)
    return np.array(all_z)


def more_load(at):
    return at | {"load": 1.1 * at["load"]}


def softer(at):
    return at | {"sharpness": at["sharpness"] / 1.4}


def assert_agreement(ds, criterion):
    """Largest |z| below 4, χ² a point below 2; with a load that is off by 10 % it is not."""
    one = ds.sel(criterion=criterion)
    assert np.nanmax(np.abs(one.probability_z)) < 4.0
    assert one.chi_square.mean() < 2.0
    assert np.nanmax(np.abs(z_of(ds, criterion, more_load))) > 4.0
    moving = (one.probability_theory > 0.1) & (one.probability_theory < 0.9)
    assert (moving & one.probability.notnull()).any()


@pytest.mark.parametrize("criterion", CRITERIA)
def test_agreement(found, criterion):
    assert_agreement(found, criterion)
    same = found.probability_z.sel(criterion=criterion).values.ravel()
    np.testing.assert_allclose(z_of(found, criterion).ravel(), same)


def test_wrong_sharpness_is_detected(found):
    """For the weight and for stability; steepest descent does not depend on it."""
    soft = found.sel(sharpness=[0.7])
    assert np.nanmax(np.abs(z_of(soft, "weight", softer))) > 4.0
    assert np.nanmax(np.abs(z_of(soft, "stable", softer))) > 4.0
    np.testing.assert_array_equal(z_of(soft, "descent", softer), z_of(soft, "descent"))


@pytest.mark.slow
def test_agreement_at_three_values_of_the_sharpness():
    ds = exponential_retrieval(trials=300, most_patterns=25_000, seed=3)
    assert ds.sizes == {"criterion": 3, "sharpness": 3, "size": 3, "load": 9}
    for criterion in CRITERIA:
        assert_agreement(ds, criterion)
    for criterion in ("weight", "stable"):
        wrong = z_of(ds.sel(sharpness=[0.7]), criterion, softer)
        assert np.nanmax(np.abs(wrong)) > 4.0


@pytest.mark.slow
def test_stability_through_the_loads_at_which_patterns_are_lost():
    """From 20 to 40 spins, which takes networks of little sharpness."""
    softened = []
    for lam, loads in ((0.12, [0.14, 0.16, 0.18]), (0.16, [0.19, 0.21, 0.23]),
                       (0.2, [0.23, 0.25, 0.27])):  # fmt: skip
        ds = exponential_retrieval(lam, loads, overlap=0.9, trials=200, seed=2)
        stable = ds.sel(criterion=["stable"])
        assert_agreement(stable, "stable")
        assert stable.probability.min() < 0.3
        assert stable.probability.max() > 0.8
        softened.append(np.nanmax(np.abs(z_of(stable, "stable", softer))))
    assert min(softened) > 4.0


def random_descent(net, start, rng):
    """Flip spins in random order, each if this lowers the energy, until none does."""
    state, before = start.copy(), None
    while before is None or (state != before).any():
        before = state.copy()
        for i in rng.permutation(net.size):
            if net.energy_difference(state, int(i)) < 0.0:
                state[i] = -state[i]
    return state


def test_random_order_finds_the_pattern_less_often_than_steepest_descent():
    """Which is as often as it is the closest one."""
    n, lam, count, trials, flipped = 20, 1.0, 148, 200, 4
    steep, random = 0, 0
    for seed in range(trials):
        net = hopfield.Exponential(lam).network(n, n_patterns=count, seed=seed)
        start = _start(net, flipped, np.random.SeedSequence(seed))
        steep += (steepest_descent(Landscape(net), start) == net.patterns[0]).all()
        rng = np.random.default_rng(seed)
        random += (random_descent(net, start, rng) == net.patterns[0]).all()
    p = closest_probability(BINARY, np.log(count) / n, n, 1.0 - 2.0 * flipped / n).item()
    error = np.sqrt(p * (1.0 - p) / trials)
    assert abs(steep / trials - p) < 4.0 * error
    assert (p - random / trials) > 4.0 * error


@pytest.mark.parametrize("lam", [0.4, 1.5])
def test_criteria_are_those_of_the_package(lam):
    """Energies of the network, weights of attention, and Monte Carlo at zero temperature."""
    met = []
    for seed in range(30):
        net = hopfield.Exponential(lam).network(18, load=0.4, seed=seed)
        start = _start(net, 2, np.random.SeedSequence(seed))
        assert (start != net.patterns[0]).sum() == 2
        changes = Landscape(net).changes(start)
        exact = [net.energy_difference(start, i) for i in range(18)]
        np.testing.assert_allclose(changes, exact, rtol=1e-11, atol=1e-13)
        ended = steepest_descent(Landscape(net), start)
        assert (Landscape(net).changes(ended) >= -1e-12).all()
        assert net.energy(ended) <= net.energy(start)
        weight = attention.weights(start.astype(float), net.patterns.astype(float), lam)[0]
        run = montecarlo.sample(net, 0.0, sweeps=4, burn_in=0, replicas=1, seed=seed, threads=1)
        expected_ones = [weight > 0.5, (ended == net.patterns[0]).all(), run.flip_rate == 0.0]
        assert _met(net, start) == [bool(value) for value in expected_ones]
        met.append(expected_ones)
    parts = np.mean(np.array(met, dtype=float), axis=0)
    assert 0.0 < parts[2] < 1.0


def test_labels_and_thresholds(found):
    for name in found.variables:
        labels = describe(str(name))
        assert {key: found[name].attrs[key] for key in labels} == labels, name
    counts = np.rint(np.exp(np.outer([16, 20], [0.18, 0.22, 0.27, 0.48])))
    np.testing.assert_array_equal(found.n_patterns, counts)
    np.testing.assert_allclose(found.actual_load, np.log(counts) / [[16], [20]])
    np.testing.assert_allclose(found.overlap_start, [0.625, 0.6])
    limits = thresholds(1.0, 0.6)
    np.testing.assert_array_equal(found.threshold_load.sel(sharpness=1.0), limits)
    assert limits[1] == pytest.approx(BINARY.rate(0.6))
    p = found.probability
    np.testing.assert_allclose(found.probability_stderr, np.sqrt(p * (1.0 - p) / 100))


def test_other_points_change_nothing_and_a_journal_keeps_all(found, tmp_path):
    path = tmp_path / "journal"
    options = QUICK | {"load": [0.27], "size": [20], "journal": path}
    alone = exponential_retrieval(0.7, **options)
    expected_part = found.probability.sel(sharpness=[0.7], size=[20], load=[0.27])
    xr.testing.assert_equal(alone.probability, expected_part)
    lines = path.read_text().splitlines()
    assert len(lines) == 5
    path.write_text("\n".join(lines[:3]) + "\n")
    again = exponential_retrieval(0.7, **options)
    xr.testing.assert_equal(again, alone)


def test_too_many_patterns_are_left_out():
    ds = exponential_retrieval(1.0, [0.2, 0.4], size=[10, 20], trials=10, most_patterns=1000)
    left_out = [[False, False], [False, True]]
    np.testing.assert_array_equal(np.isnan(ds.probability[0, 0]), left_out)
    assert np.isfinite(ds.probability_theory).all()


def test_no_prediction_is_no_deviation():
    """Where most patterns have neighbours there is none of stability."""
    ds = exponential_retrieval(1.0, [0.2, 0.65], size=10, trials=20).isel(sharpness=0, size=0)
    stable = ds.sel(criterion="stable")
    np.testing.assert_array_equal(np.isnan(stable.probability_theory), [False, True])
    np.testing.assert_array_equal(np.isnan(stable.probability_z), [False, True])
    assert np.isfinite(stable.probability).all()
    assert np.isfinite(ds.chi_square).all()


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"sharpness": 0.0}, r"sharpness must be a number in \(0, 100\], got 0"),
        ({"sharpness": [1.0, 1.0]}, r"sharpness must be one or more different numbers"),
        ({"load": -0.1}, "load must be"),
        ({"load": [0.2, 0.2]}, "load must be one or more different numbers"),
        ({"load": 0.0}, "there must be 2 to 100000 patterns, got 1 to 1"),
        ({"size": 7}, "size must be an integer >= 8, got 7"),
        ({"overlap": 0.0}, r"overlap must be a number in \(0, 1\], got 0"),
        ({"trials": 1}, "trials must be an integer >= 2, got 1"),
        ({"most_patterns": 1}, "most_patterns must be an integer >= 2, got 1"),
    ],
)
def test_bad_input_is_named(bad, words):
    with pytest.raises(InputError, match=words):
        exponential_retrieval(**({"sharpness": 1.0, "load": 0.2, "size": 16} | bad))


# Figures and the verb


def test_figure_has_theory_and_points(found):
    one = found.sel(criterion="descent", sharpness=1.0)
    ax = plot_retrieval_probability(one)
    curves = [line for line in ax.get_lines() if len(line.get_xdata()) > 10]
    for curve, n in zip(curves, (16, 20), strict=True):
        start = float(one.overlap_start.sel(size=n))
        loads = curve.get_xdata()[[5, 20]]
        np.testing.assert_allclose(
            curve.get_ydata()[[5, 20]], closest_probability(BINARY, loads, n, start)
        )
    for k, container in enumerate(ax.containers):
        np.testing.assert_array_equal(container.lines[0].get_ydata(), one.probability[k])
    plt.close(ax.figure)
    figure = plot_exponential_retrieval(found)
    assert [panel.get_title() for panel in figure.axes[:2]] == ["λ = 0.7", "λ = 1"]
    assert len(figure.axes) == 6
    plt.close(figure)
    with pytest.raises(InputError, match="sharpness must be one, got"):
        plot_retrieval_probability(found.sel(criterion="stable"))


def test_verb(capsys, tmp_path):
    options = ["--sharpness", "0.8", "--load", "0.2,0.3", "--size", 16, "--trials", 20, "--seed", 2]
    code, out, err = run_line(
        capsys, "study", "retrieval", *options, "-o", "x.nc", "--plot", "x.png"
    )
    assert (code, err) == (0, "wrote x.nc\nwrote x.png\n")
    assert files(tmp_path) == ["x.nc", "x.png"]
    assert_figure("x.png")
    same = exponential_retrieval(0.8, [0.2, 0.3], size=16, trials=20, seed=2)
    assert_read_back("x.nc", same)
    _, *table = rows(out)
    assert [row[0] for row in table] == list(CRITERIA)
    assert table[0][2] == f"{float(same.threshold_load[0, 0]):.5g}"
    code, _, err = run_line(capsys, "study", "retrieval", "--size", 2)
    assert (code, err) == (2, "hopfield: size must be an integer >= 8, got 2\n")
