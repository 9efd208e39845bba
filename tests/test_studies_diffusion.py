"""Diffusion models that recall their examples: theory, backward runs, figures and the verb."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from command_line import assert_figure, assert_read_back, files, rows, run_line

from hopfield import InputError, attention
from hopfield.vocabulary import describe
from montecarlo import mixture
from studies import diffusion_collapse, plot_collapse_times, plot_diffusion_collapse
from studies.diffusion import MEASURED, backward, spherical_examples
from studies.diffusion_theory import closest_probability, collapse_time, crossing, half_time
from theory.exponential.rates import SPHERICAL


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty working directory; figures that are left open are closed."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    plt.close("all")


@pytest.fixture(scope="module")
def found():
    return diffusion_collapse([0.2, 0.35], [10, 16], disorder=60, trajectories=16, steps=40)


def between(ds, name, low=0.05, high=0.95):
    """z-scores where neither all trajectories have collapsed nor none has."""
    exact = ds[f"{name}_theory"]
    return ds[f"{name}_z"].where((exact > low) & (exact < high))


# Theory


@pytest.mark.parametrize("load", [0.05, 0.3, 2.0])
def test_collapse_is_where_a_state_of_the_measure_loses_its_pattern(load):
    """The capacity of a Gaussian channel is the threshold of the random energy model."""
    t = float(collapse_time(load))
    tau = 1.0 / np.expm1(2.0 * t)
    assert 0.5 * np.log1p(tau) == pytest.approx(load, rel=1e-12)
    # the state at signal-to-noise ratio τ has the norm sqrt(1 + 1/τ), in units of the patterns
    strength = tau * np.sqrt(1.0 + 1.0 / tau)
    assert tau - float(SPHERICAL.cumulant(strength)) == pytest.approx(load, rel=1e-12)
    # and the crosstalk condenses there
    assert float(SPHERICAL.tilted_rate(strength)) == pytest.approx(load, rel=1e-12)
    n_to = np.exp(2.0 * load)
    assert t == pytest.approx(0.5 * np.log1p(1.0 / (n_to - 1.0)), rel=1e-12)


@pytest.mark.parametrize(("n", "size", "t"), [(10, 4, 0.4), (100, 20, 0.7), (500, 12, 0.5)])
def test_probability_that_the_closest_example_is_the_right_one(n, size, t):
    draw = np.random.default_rng(n)
    hits = np.empty(8000)
    for k in range(0, hits.size, 100):
        a = draw.normal(size=(100, n, size))
        a *= np.sqrt(size) / np.linalg.norm(a, axis=-1, keepdims=True)
        x = np.exp(-t) * a[:, 0] + np.sqrt(-np.expm1(-2.0 * t)) * draw.normal(size=(100, size))
        hits[k : k + 100] = np.einsum("sni,si->sn", a, x).argmax(axis=1) == 0
    error = hits.std() / np.sqrt(hits.size)
    assert abs(hits.mean() - closest_probability(n, size, t)) < 4.0 * error
    assert abs(hits.mean() - closest_probability(n, size, 1.2 * t)) > 4.0 * error


def test_probability_has_its_limits():
    assert closest_probability(50, 12, 30.0) == pytest.approx(1 / 50, rel=1e-6)
    assert closest_probability(50, 12, 1e-4) == pytest.approx(1.0, rel=1e-12)
    times = np.linspace(0.05, 3.0, 60)
    assert (np.diff(closest_probability(1e6, 100, times)) < 1e-12).all()


@pytest.mark.parametrize("load", [0.12, 0.25, 0.6])
def test_collapse_at_finite_size_approaches_that_of_the_limit(load):
    sizes = np.array([100, 300, 900])
    if load * sizes[-1] > 600.0:
        sizes = sizes[:-1]
    off = np.array([half_time(np.exp(load * n), int(n)) for n in sizes]) - collapse_time(load)
    assert (off > 0.0).all()
    leading = np.log(sizes) / (2.0 * sizes * np.expm1(2.0 * load))
    rest = (off - leading) * sizes / leading[-1] / sizes[-1]
    assert np.abs(off[-1] / leading[-1] - 1.0) < 0.12
    assert np.ptp(rest) < 0.12  # what is left is of order 1/N


def test_crossing_of_a_level():
    times, values = np.array([4.0, 3.0, 2.0]), np.array([[0.0, 0.25, 0.75], [0.6, 0.7, 0.8]])
    np.testing.assert_array_equal(crossing(times, values), [2.5, np.nan])
    assert np.isnan(crossing(times, np.array([0.0, 0.1, 0.2])))


# The score and backward runs


def test_diffusion_is_the_measure_of_a_network_at_each_time():
    """Its density is a mixture around e^{-t} a, its score that of attention to the examples."""
    examples, t = spherical_examples(6, 4, 1), 0.4
    variance = -np.expm1(-2.0 * t)
    measure = mixture(np.exp(-t) * examples, 1.0 / variance)
    np.testing.assert_allclose(measure.weights, 1 / 6, rtol=1e-12)
    assert measure.variance == pytest.approx(variance)
    x = np.random.default_rng(2).normal(size=(10, 4))
    f = attention.update(x, examples, np.exp(-t) / variance)
    np.testing.assert_allclose(measure.score(x), (np.exp(-t) * f - x) / variance, rtol=1e-10)


def test_backward_variables_are_those_of_the_reversed_process():
    """A small step in τ is a step of dx = -[x + 2 score] dt backward in time."""
    examples, tau, step = spherical_examples(5, 4, 3), 0.7, 1e-7
    t, before = (0.5 * np.log1p(1.0 / ratio) for ratio in (tau, tau + step))
    y = np.random.default_rng(4).normal(size=(8, 4))
    x = y * np.exp(-t) / tau
    moved = (y + step * attention.update(y, examples, 1.0)) * np.exp(-before) / (tau + step)
    variance = -np.expm1(-2.0 * t)
    f = attention.update(x, examples, np.exp(-t) / variance)
    score = (np.exp(-t) * f - x) / variance
    np.testing.assert_allclose((moved - x) / (t - before), x + 2.0 * score, rtol=1e-5, atol=1e-5)
    # and the noise has the variance 2 dt
    width = np.exp(-t) / tau
    assert width**2 * step / (t - before) == pytest.approx(2.0, rel=1e-5)


def test_backward_runs_end_in_examples_with_equal_probability():
    examples = spherical_examples(8, 12, 5)
    _, closest, last = backward(examples, 0.05 * np.arange(1, 200), 2000, 6)
    assert last.max(axis=1).min() > 0.95
    counts = np.bincount(closest[-1], minlength=8)
    assert np.abs((counts - 250.0) / np.sqrt(250.0 * 7 / 8)).max() < 4.0


def test_weights_are_martingales():
    """The mean weight of an example stays what it was, and steps that are too long show."""
    examples = spherical_examples(30, 10, 7)
    ratios = 0.03 * np.arange(1, 60)

    def drift(stretch):
        largest, closest, last = backward(examples, stretch * ratios, 3000, 8)
        kept = np.take_along_axis(last, closest.T, axis=1).T
        change = (kept - largest)[:-1]
        change = change[change.std(axis=1) > 0.01]
        return np.abs(change.mean(axis=1) / (change.std(axis=1) / np.sqrt(3000))).max()

    assert drift(1.0) < 4.0
    assert drift(20.0) > 4.0


def test_weights_agree_with_exact_means_at_their_size(found):
    for name in MEASURED:
        z = between(found, name)
        assert z.notnull().sum() > 20
        assert float(np.abs(z).max()) < 4.0
    assert float(np.abs(found.collapse_time_z).max()) < 4.0
    assert (found.collapse_time_stderr < 0.03).all()
    # the limit of many components is not yet there, and another load is seen
    limit = (found.collapse_time - found.collapse_time_asymptotic) / found.collapse_time_stderr
    assert (limit > 4.0).all()
    other = found.collapse_time.isel(load=0) - found.collapse_time_theory.isel(load=1)
    assert (np.abs(other / found.collapse_time_stderr.isel(load=0)) > 4.0).all()


def test_larger_systems_collapse_nearer_to_the_limit(found):
    off = found.collapse_time - found.collapse_time_asymptotic
    error = np.hypot(*found.collapse_time_stderr.transpose("size", "load"))
    assert ((off.isel(size=0) - off.isel(size=1)) / error > 2.0).all()


# The result


def test_shape_and_words_of_the_result(found):
    ends = ("", "_stderr", "_theory", "_z")
    expected = {f"{name}{end}" for name in (*MEASURED, "collapse_time") for end in ends}
    assert set(found.data_vars) == expected | {"collapse_time_asymptotic"}
    for name in (*found.data_vars, *found.coords):
        assert found[name].attrs == describe(str(name))
    assert found.largest_weight.dims == ("load", "size", "point")
    assert found.time.dims == ("load", "point")
    assert found.n_patterns.values.tolist() == [[7, 25], [33, 270]]
    assert (np.diff(found.time.values, axis=1) < 0.0).all()


def test_cells_do_not_depend_on_others(found):
    arguments = {"disorder": 3, "trajectories": 4, "steps": 12}
    alone = diffusion_collapse([0.35], [16], **arguments)
    beside = diffusion_collapse([0.2, 0.35], [10, 16], **arguments).sel(load=[0.35], size=[16])
    xr.testing.assert_identical(alone.drop_attrs(deep=False), beside.drop_attrs(deep=False))
    other = diffusion_collapse([0.35], [16], **arguments, seed=1)
    assert (other.collapse_time != alone.collapse_time).all()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"load": [0.0]}, "load must be a number in"),
        ({"load": []}, "load must be different numbers, at least one"),
        ({"load": [0.3, 0.3]}, "load must be different numbers"),
        ({"size": [3]}, "size must be an integer >= 4"),
        ({"load": [0.1], "size": [8]}, "must leave three examples"),
        ({"load": [1.0], "size": [40]}, "the weights would need"),
        ({"load": [2.0], "size": [400]}, "the weights would need"),
        ({"load": 0.3}, "load must be different numbers, at least one, got 0.3"),
        ({"size": 16}, "size must be different numbers, at least one, got 16"),
        ({"steps": 10**11}, "the results would need"),
        ({"disorder": 10**12}, "the results would need"),
        ({"disorder": 1}, "disorder must be an integer >= 2"),
        ({"trajectories": 0}, "trajectories"),
        ({"steps": 5}, "steps must be an integer >= 10"),
    ],
)
def test_bad_input_is_refused(given, words):
    with pytest.raises(InputError, match=words):
        diffusion_collapse(**({"load": [0.3], "size": [8]} | given))
    with pytest.raises(InputError, match="load must be above 0"):
        collapse_time([0.1, 0.0])


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: collapse_time("a"), "load must be numbers above 0, got 'a'"),
        (lambda: closest_probability(1, 20, 0.5), "n_patterns must be a finite number >= 2"),
        (lambda: closest_probability(np.nan, 20, 0.5), "n_patterns must be a finite number"),
        (lambda: closest_probability(100, 3, 0.5), "size must be an integer >= 4"),
        (lambda: closest_probability(100, 20, [0.5, 0.0]), "time must be above 0"),
        (lambda: half_time(2.0, 20), "n_patterns must be a finite number >= 2.1"),
        (lambda: half_time(1e300, 20), "n_patterns must be at most exp"),
        (lambda: half_time(100, 2.5), "size must be an integer"),
        (lambda: spherical_examples(0, 5, 0), "n_patterns must be an integer >= 1"),
        (lambda: spherical_examples(5, 0, 0), "size must be an integer >= 1"),
        (lambda: backward(np.array([[1.0], [2.0]]), np.ones(1), 2, 0), "equal norms"),
        (lambda: backward(np.eye(2), np.array([2.0, 1.0]), 2, 0), "ratios must ascend"),
    ],
)
def test_bad_arguments_are_refused(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_ends_of_the_range_of_theory():
    assert closest_probability(2, 20, 400.0) == pytest.approx(0.5)
    for n, size in ((2.1, 4), (2.1, 1000), (np.exp(17.9), 4), (1e300, 120)):
        assert closest_probability(n, size, half_time(n, size)) == pytest.approx(0.5, abs=1e-3)


# Figures and the verb


def test_figure_of_weights_has_exact_lines_and_simulated_points(found):
    axes = plot_diffusion_collapse(found, load=0.2)
    lines = [line for line in axes.get_lines() if len(line.get_xdata()) > 100]
    for line, n in zip(lines, found["size"].values, strict=True):
        count = int(found.n_patterns.sel(load=0.2, size=n))
        t, expected = line.get_xdata()[50], line.get_ydata()[50]
        assert expected == pytest.approx(closest_probability(count, int(n), t), rel=1e-12)
    assert len(axes.containers) == 2
    points = axes.containers[0].lines[0].get_ydata()
    assert set(points) <= set(found.largest_weight.sel(load=0.2, size=10).values)
    assert plot_diffusion_collapse(found).get_title() == "α = 0.35"
    with pytest.raises(InputError, match=r"load must be one of \[0.2, 0.35\], got 0.3"):
        plot_diffusion_collapse(found, load=0.3)


def test_figures_without_a_collapse_time():
    """Few examples may have collapsed before the first of few steps."""
    ds = diffusion_collapse([0.14], [8], disorder=3, trajectories=4, steps=10)
    assert np.isnan(ds.collapse_time).all()
    axes = plot_diffusion_collapse(ds)
    assert axes.get_xlim()[1] == pytest.approx(2.0 * half_time(3, 8))
    assert np.isfinite(axes.get_lines()[0].get_ydata()).all()
    plot_collapse_times(ds)


def test_figure_of_collapse_times(found):
    ax = plt.subplots()[1]
    assert plot_collapse_times(found, ax=ax) is ax
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels == ["N = 10", "N = 16", "N to ∞"]
    points = ax.containers[1].lines[0]
    np.testing.assert_array_equal(points.get_ydata(), found.collapse_time.sel(size=16))
    np.testing.assert_allclose(points.get_xdata(), np.log([25, 270]) / 16)


def test_verb(capsys, tmp_path):
    options = ["--load", "0.3,0.4", "--size", 8, "--disorder", 4, "--trajectories", 4]
    options += ["--steps", 20, "--seed", 2]
    code, out, err = run_line(
        capsys, "study", "diffusion", *options, "-o", "x.nc", "--plot", "x.png"
    )
    assert (code, err) == (0, "wrote x.nc\nwrote x.png\n")
    assert files(tmp_path) == ["x.nc", "x.png"]
    assert_figure("x.png")
    expected = diffusion_collapse([0.3, 0.4], [8], disorder=4, trajectories=4, steps=20, seed=2)
    assert_read_back("x.nc", expected)
    header, *table = rows(out)
    assert header[:4] == ["α", "N", "n", "collapse"]
    assert [row[:3] for row in table] == [["0.3", "8", "11"], ["0.4", "8", "25"]]
    assert table[1][3] == f"{float(expected.collapse_time[1, 0]):.5g}"
    code, _, err = run_line(capsys, "study", "diffusion", "--size", 2)
    assert (code, err) == (2, "hopfield: size must be an integer >= 4, got 2\n")
