"""Several archetypes learnt at once: with and without a teacher, and minima of losses."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr

import hopfield
import theory
from hopfield import InputError
from hopfield.losses import autoencoder_loss, reconstruction_losses
from hopfield.vocabulary import describe
from studies.figures.multitask_learning import (
    plot_examples_by_quality,
    plot_hierarchical_edge,
    plot_teacher_comparison,
    plot_teacher_plane,
    plot_threshold_by_dilution,
)
from studies.figures.sharing import plot_example_minima, plot_shared_minima
from studies.minima import (
    FUNCTIONS,
    GAIN,
    descended,
    flip_changes,
    form_of,
    pair_weights,
    value,
)
from studies.multitask_learning import teacher_comparison, teacher_plane
from studies.sharing import example_minima, shared_minima

NETWORKS = [
    hopfield.Multitasking(0.3),
    hopfield.Supervised(2, 0.4, 7, dilution=0.3),
    hopfield.Unsupervised(2, 0.4, 7, dilution=0.3),
]


@pytest.fixture(autouse=True)
def own_figures(monkeypatch):
    """No figure before or after a test, and nothing is shown."""
    monkeypatch.setattr(plt, "show", lambda *_, **__: pytest.fail("plt.show was called"))
    plt.close("all")
    yield
    plt.close("all")


def named(ds):
    """Whether every variable has the name and unit of the vocabulary."""
    for name in ds.variables:
        expected = describe(str(name))
        assert {key: ds[name].attrs[key] for key in expected} == expected, name
    assert {"model", "parameters", "git_commit"} <= set(ds.attrs)


# Functions of overlaps


@pytest.fixture(scope="module", params=NETWORKS, ids=lambda model: type(model).__name__)
def small(request):
    network = request.param.network(60, n_patterns=3, seed=4)
    spins = np.random.default_rng(1).choice(np.array([-1, 1], np.int8), size=60)
    return network, pair_weights(network), spins


def test_functions_are_the_energy_and_the_losses(small):
    """Up to constants, which two states share."""
    network, weights, spins = small
    other = np.roll(spins, 7)
    exact = {
        "energy": lambda s: network.energy(s) / 60,
        "autoencoder": lambda s: autoencoder_loss(weights, s),
        "sum of losses": lambda s: reconstruction_losses(weights, s).minus.sum(),
    }
    for function, truth in exact.items():
        change = value(function, weights, spins) - value(function, weights, other)
        assert change == pytest.approx(float(truth(spins) - truth(other)), abs=1e-13)
        assert abs(change) > 1e-4


@pytest.mark.parametrize("function", FUNCTIONS)
def test_changes_are_those_of_flips(small, function):
    _, weights, spins = small
    changes = flip_changes(function, weights, spins)
    for i in range(60):
        flipped = spins.copy()
        flipped[i] *= -1
        direct = value(function, weights, flipped) - value(function, weights, spins)
        assert changes[i] == pytest.approx(60 * direct, abs=1e-11)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_descent_ends_where_no_flip_helps(small, function):
    _, weights, spins = small
    end = descended(function, weights, spins)
    assert (flip_changes(function, weights, end) > -2 * GAIN).all()
    assert (flip_changes(function, weights, spins) < -GAIN).any()
    assert value(function, weights, end) < value(function, weights, spins)
    np.testing.assert_array_equal(descended(function, weights, end), end)


def test_sum_of_losses_is_least_at_the_majority(small):
    _, weights, spins = small
    sums = weights.sum(axis=0)
    end = descended("sum of losses", weights, spins)
    clear = np.abs(sums) > 1e-9
    np.testing.assert_array_equal(end[clear], np.sign(sums[clear]))
    np.testing.assert_array_equal(end[~clear], spins[~clear])


def test_orthogonal_patterns_of_one_norm_share_all_minima():
    """C is a multiple of 1: every flip changes the loss by 2 - c times what the energy does."""
    hadamard = np.array([[1]])
    for _ in range(4):
        hadamard = np.block([[hadamard, hadamard], [hadamard, -hadamard]])
    weights = np.concatenate([hadamard[3:7], np.zeros((4, 8))], axis=1)
    np.testing.assert_allclose(weights @ weights.T / 24, 2 / 3 * np.eye(4), atol=1e-15)
    np.testing.assert_allclose(form_of("autoencoder", weights)[0], 4 / 3 * np.eye(4), atol=1e-15)
    for spins in np.random.default_rng(2).choice(np.array([-1, 1], np.int8), size=(20, 24)):
        energy, loss = (flip_changes(f, weights, spins) for f in FUNCTIONS[:2])
        np.testing.assert_allclose(loss, 4 / 3 * energy, atol=1e-12)


# Shared minima


@pytest.fixture(scope="module")
def shared():
    return shared_minima([0.2, 0.6], sizes=[500, 4000], disorder=6, seed=1)


def test_shape_of_shared_minima(shared):
    named(shared)
    dims = ("learner", "size", "dilution", "start", "function", "other_function")
    assert shared.shared.dims == dims
    for name in FUNCTIONS:
        own = shared.sel(function=name, other_function=name)
        assert (own.shared == 1.0).all()
        assert (own.unstable_spins == 0.0).all()
        assert (own.moved_spins == 0.0).all()
    assert (shared.lowered > -1e-9).all()
    # what is no minimum leads elsewhere, and the other way round
    assert ((shared.shared < 1.0) == (shared.moved_spins > 0.0)).all()


def test_stored_patterns_share_minima_of_the_energy(shared):
    stored = shared.sel(learner="stored", function="energy", other_function="autoencoder")
    assert (stored.shared.sel(size=4000) == 1.0).all()
    assert (stored.unstable_spins < 5 / stored["size"]).all()


@pytest.mark.parametrize("learner", ["supervised", "unsupervised"])
def test_what_is_learnt_shares_minima_to_leading_order_only(shared, learner):
    one = shared.sel(learner=learner, function="energy", other_function="autoencoder")
    assert (one.shared.sel(dilution=0.2).mean("start") < 0.5).all()
    few, many = (one.unstable_spins.isel(size=i).mean("start") for i in (0, 1))
    assert (many < 0.75 * few).all()
    assert (many < 0.01).all()


def test_sum_of_losses_has_other_minima(shared):
    """The majority beats the first of three patterns where the other two are against it."""
    one = shared.sel(
        learner="stored", function="energy", other_function="sum of losses", size=4000,
        start="hierarchical", dilution=0.2,
    )  # fmt: skip
    stderr = np.sqrt(0.128 * 0.872 / 4000 / 6)
    assert abs(one.unstable_spins - 0.8**3 / 4) < 4 * stderr
    assert abs(one.unstable_spins - 0.8**3 / 8) > 4 * stderr
    assert one.shared == 0.0


def test_loss_keeps_examples_that_the_energy_leaves():
    found = example_minima([21, 65, 141], size=6000, disorder=4)
    named(found)
    for name in ("example_overlap", "overlap"):
        distance = np.abs(found[name] - found[f"{name}_theory"])
        assert (distance < 4 * found[f"{name}_stderr"] + 2 / np.sqrt(6000)).all()
    stays = found.example_overlap > 0.6
    assert stays.sel(function="energy").values.tolist() == [True, False, False]
    assert stays.sel(function="autoencoder").values.tolist() == [True, True, False]


# Teachers


@pytest.fixture(scope="module")
def compared():
    return teacher_comparison(
        [3, 4, 51], [0.0, 0.08], size=5000, disorder=6, replicas=2, sweeps=40, seed=2
    )


def test_shape_of_the_comparison(compared):
    named(compared)
    assert compared.overlap.dims == ("examples", "temperature", "start", "teacher", "pattern")
    change = compared.overlap.sel(teacher="unsupervised", drop=True) - compared.overlap.sel(
        teacher="supervised", drop=True
    )
    np.testing.assert_allclose(change, compared.overlap_difference, atol=1e-14)
    assert (compared.overlap_stderr > 0.0).all()


def test_many_examples_need_no_teacher(compared):
    """Same overlaps, from archetypes and from examples, and energies to one over N."""
    many = compared.sel(examples=51)
    assert many.stable_without_teacher.all()
    error = np.hypot(many.overlap_difference_stderr, 2e-5)
    assert (np.abs(many.overlap_difference) < 4 * error).all()
    assert (np.abs(many.energy_difference) * 5000 < 4).all()
    distance = np.abs(many.overlap - many.overlap_theory)
    assert (distance < 4 * many.overlap_stderr + 5 / 5000).all()


def test_few_examples_need_one(compared):
    """Four may tie, so that differences between them grow; the energy falls by many spins."""
    few = compared.sel(examples=4, start="archetypes", temperature=0.0)
    assert few.stable
    assert not few.stable_without_teacher
    assert (few.energy_difference * 5000 < -20).item()
    assert few.energy_difference < -4 * few.energy_difference_stderr
    spread = few.example_spread.sel(teacher=["supervised", "unsupervised"]).values
    assert spread[1] > 4 * spread[0]


def test_single_examples_attract(compared):
    """A stable state with the same archetypes does not help a start from an example."""
    three = compared.sel(examples=3, temperature=0.08)
    assert three.stable_without_teacher
    change, stderr = three.overlap_difference.isel(pattern=0), three.overlap_difference_stderr
    away = np.abs(change / stderr.isel(pattern=0))
    assert away.sel(start="examples") > 4
    assert np.abs(change.sel(start="examples")) > 5 * np.abs(change.sel(start="archetypes"))


def test_a_seed_is_a_result():
    arguments = {"size": 300, "disorder": 2, "replicas": 1, "sweeps": 4}
    one, again, other = (
        teacher_comparison([5], [0.1], seed=seed, **arguments) for seed in (3, 3, 4)
    )
    xr.testing.assert_equal(one, again)
    assert (one.energy != other.energy).any()


def test_plane_is_theory():
    plane = teacher_plane([4, 7, 8], [0.0, 0.02, 0.15, 0.5], quality=0.4)
    named(plane)
    assert plane.stable.all()
    expected = [[False, False, False, True], [True] * 4, [False, False, True, True]]
    assert plane.stable_without_teacher.values.tolist() == expected
    assert np.isneginf(plane.eigenvalue_between_examples.sel(temperature=0.0)).sum() == 2
    model = hopfield.Unsupervised(2, 0.4, 4)
    alone = theory.retrieval_states(model, 1, 0.15, states=["pure"]).overlap.item()
    assert plane.overlap_theory.sel(examples=4, temperature=0.15).item() == pytest.approx(alone)
    largest = theory.example_threshold(model, temperature=0.02).examples
    assert (plane.example_attractor.sel(temperature=0.02) == (plane.examples <= largest)).all()


@pytest.mark.parametrize(
    ("function", "changed", "message"),
    [
        (teacher_comparison, {"disorder": 1}, "disorder must be an integer >= 2, got 1"),
        (teacher_comparison, {"sweeps": 1}, "sweeps must be an integer >= 2, got 1"),
        (teacher_comparison, {"examples": [1, 2]}, "examples must be an integer >= 2, got 1"),
        (teacher_comparison, {"temperature": [-0.1]}, "temperature must be"),
        (teacher_comparison, {"examples": [3, 2]}, "examples must be ascending"),
        (teacher_plane, {"temperature": 0.1}, "temperature must be a 1-D array, got 0.1"),
        (teacher_plane, {"examples": [1]}, "examples must be an integer >= 2, got 1"),
        (shared_minima, {"disorder": 1}, "disorder must be an integer >= 2, got 1"),
        (shared_minima, {"dilution": [0.5, 0.2]}, "dilution must be ascending numbers"),
        (shared_minima, {"dilution": []}, "dilution must be ascending numbers"),
        (shared_minima, {"sizes": [0]}, "sizes must be an integer >= 1, got 0"),
        (example_minima, {"examples": [1, 5]}, "examples must be an integer >= 2, got 1"),
        (example_minima, {"quality": 0.0}, r"quality must be a number in \(0, 1\], got 0"),
    ],
)
def test_bad_input(function, changed, message):
    with pytest.raises(InputError, match=message):
        function(**changed)


# Figures


def test_figures_of_thresholds():
    model = hopfield.Supervised(2, 0.5, 1, dilution=0.5)
    found = theory.multitask_threshold(model, 2, quality=[0.1, 0.3])
    axes = plot_examples_by_quality(found)
    np.testing.assert_allclose(axes.lines[1].get_ydata(), found.examples.sel(pattern=1))
    found = theory.multitask_threshold(model, 2, dilution=[0.2, 0.5], criterion="one update")
    axes = plot_threshold_by_dilution(found)
    np.testing.assert_allclose(axes.lines[0].get_ydata(), found.dataset_entropy.sel(pattern=0))
    alike = theory.multitask_threshold(model, 1, dilution=[0.2, 0.5])
    assert [line.get_color() for line in plot_threshold_by_dilution(alike).lines] == ["black"]
    edge = theory.hierarchical_edge(3, [0.0, 0.2])
    lines = plot_hierarchical_edge(edge).lines
    assert [np.isfinite(line.get_xdata()).sum() for line in lines] == [1, 1, 100]


def test_figure_of_the_plane():
    plane = teacher_plane([4, 5], [0.0, 0.1, 0.5])
    axes = plot_teacher_plane(plane)
    shown = np.asarray(axes.collections[0].get_array()).reshape(3, 2)
    assert shown.tolist() == [[2, 1], [2, 1], [1, 1]]
    marked = {(m, t) for m, t in zip(*axes.lines[0].get_data(), strict=True)}
    assert marked == {(4, 0.0), (5, 0.0), (4, 0.1), (5, 0.1)}


def test_figures_of_simulations(compared, shared):
    axes = plot_teacher_comparison(compared.isel(temperature=1), start="examples")
    one = compared.isel(temperature=1).sel(start="examples", teacher="unsupervised", pattern=1)
    np.testing.assert_allclose(axes.containers[3].lines[0].get_ydata(), one.overlap)
    axes = plot_shared_minima(shared.sel(dilution=0.2))
    assert len(axes.containers) == 9
    one = shared.sel(
        dilution=0.2, learner="supervised", start="hierarchical", function="energy",
        other_function="autoencoder",
    )  # fmt: skip
    np.testing.assert_allclose(axes.containers[3].lines[0].get_ydata(), one.unstable_spins)
    found = example_minima([11], size=300, disorder=2)
    axes = plot_example_minima(found)
    np.testing.assert_allclose(axes.containers[1].lines[0].get_ydata(), found.overlap[0])
