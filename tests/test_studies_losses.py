"""Losses along runs and minima of the energy: identities, errors, theory, figures."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr

import montecarlo
import theory
from hopfield import Dense, InputError, Supervised, Unsupervised
from hopfield.seeds import Stream, sequence
from hopfield.vocabulary import describe
from studies.figures.learning import plot_loss_minima, plot_losses
from studies.losses import loss_minima, loss_trajectory
from studies.minima import pair_weights

MODELS = [Supervised(2, 0.4, 11), Unsupervised(2, 0.4, 11), Supervised(3, 0.4, 11), Dense(2)]
SMALL = {"size": 60, "n_patterns": 3, "sweeps": 4, "replicas": 3, "disorder": 4}
ALONG = {
    "overlap", "effective_overlap", "loss_minus", "loss_plus", "effective_loss_minus",
    "effective_loss_plus", "autoencoder_loss", "energy", "energy_from_losses",
}  # fmt: skip


@pytest.fixture(autouse=True)
def own_figures(monkeypatch):
    """No figure before or after a test, and nothing is shown."""
    monkeypatch.setattr(plt, "show", lambda *_, **__: pytest.fail("plt.show was called"))
    plt.close("all")
    yield
    plt.close("all")


@pytest.fixture(scope="module", params=MODELS, ids=str)
def run(request):
    return request.param, loss_trajectory(request.param, **SMALL)


@pytest.fixture(scope="module")
def minima():
    return loss_minima(examples=(1, 5, 51), disorder=16)


# Along runs


def test_names_dims_and_units(run):
    result = run[1]
    names = {name + end for name in ALONG for end in ("", "_stderr", "_series")}
    assert set(result.data_vars) == names
    for name in result.variables:
        expected = describe(str(name))
        assert {key: result[name].attrs[key] for key in expected} == expected, name
    assert result.energy.dims == ("sweep",)
    assert result.energy_series.dims == ("disorder", "replica", "sweep")
    assert result.energy_series.shape == (4, 3, 5)


def test_losses_hold_overlaps_and_the_energy(run):
    result = run[1]
    for prefix in ("", "effective_"):
        plus, minus = (result[f"{prefix}loss_{sign}_series"] for sign in ("plus", "minus"))
        overlap = result[f"{prefix}overlap_series"]
        np.testing.assert_allclose((plus - minus) / 2, overlap, rtol=0, atol=1e-14)
    np.testing.assert_allclose(1 - result.loss_minus, result.overlap, rtol=0, atol=1e-14)
    np.testing.assert_allclose(
        result.energy_from_losses_series, result.energy_series, rtol=0, atol=1e-13
    )


def test_energy_never_rises_without_temperature(run):
    assert (run[1].energy_series.diff("sweep") < 1e-12).all()
    warm = loss_trajectory(run[0], temperature=0.5, **SMALL)
    assert (warm.energy_series.diff("sweep") > 1e-3).any()


def test_errors_are_over_networks(run):
    result = run[1]
    for name in ALONG:
        of_networks = result[f"{name}_series"].mean("replica")
        np.testing.assert_allclose(result[name], of_networks.mean("disorder"), rtol=1e-12)
        error = of_networks.std("disorder", ddof=1) / np.sqrt(4)
        np.testing.assert_allclose(result[f"{name}_stderr"], error, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("model", [Supervised(2, 0.4, 11), Unsupervised(2, 0.4, 11), Dense(2)])
def test_weights_of_the_autoencoder_are_those_of_the_couplings(model):
    network = model.network(size=30, n_patterns=3, seed=1)
    weights = pair_weights(network)
    couplings = weights.T @ weights / 30
    np.fill_diagonal(couplings, 0.0)
    states = np.random.default_rng(2).choice([-1, 1], size=(5, 30))
    energies = -np.einsum("ai,ij,aj->a", states, couplings, states) / 2
    np.testing.assert_allclose(energies, network.energy(states), rtol=1e-12)


def test_a_seed_is_a_result():
    one, again, other = (loss_trajectory(MODELS[0], seed=seed, **SMALL) for seed in (3, 3, 4))
    xr.testing.assert_equal(one, again)
    assert (one.energy_series != other.energy_series).any()


# Minima


def test_one_example_is_learned_alike_with_and_without_a_teacher(minima):
    one = minima.sel(examples=1)
    assert (one.overlap == one.overlap[0]).all()
    np.testing.assert_allclose(one.energy, one.energy[0], rtol=1e-12)
    assert one.effective_overlap[0] > 0.9  # the example is the minimum
    assert abs(one.overlap[0] - 0.3) < 4 * one.overlap_stderr[0]


@pytest.mark.parametrize("teacher", ["supervised", "unsupervised"])
def test_minima_approach_the_archetype(minima, teacher):
    one = minima.sel(teacher=teacher)
    assert (one.loss_minus.diff("examples") < -4 * one.loss_minus_stderr[1:].values).all()
    assert (one.energy_drop > 0).all()
    assert (one.energy_drop.diff("examples") < 0).all()
    assert (one.flip_rate < 0.01).all()


@pytest.mark.parametrize("model", [Supervised, Unsupervised])
def test_minimum_is_where_theory_says(minima, model):
    one = minima.sel(teacher=model.__name__.lower(), examples=51)
    stderr = float(one.overlap_stderr)
    assert stderr < 0.003
    assert abs(one.overlap - one.overlap_theory) < 4 * stderr
    fewer = theory.solve(model(2, 0.3, 41), 0.005, 0.0).overlap
    assert abs(one.overlap - fewer) > 4 * stderr


def test_minimum_of_one_network(minima):
    own = sequence(0, Stream.DISORDER, 0)
    network = Supervised(2, 0.3, 51).network(1000, n_patterns=5, seed=own)
    run = montecarlo.sample(network, 0.0, sweeps=30, burn_in=0, replicas=1, seed=own)
    alone = loss_minima(examples=[51], disorder=2).sel(teacher="supervised", examples=51)
    other = sequence(0, Stream.DISORDER, 1)
    network = Supervised(2, 0.3, 51).network(1000, n_patterns=5, seed=other)
    second = montecarlo.sample(network, 0.0, sweeps=30, burn_in=0, replicas=1, seed=other)
    ends = [float(one.overlap_series[0, -1]) for one in (run, second)]
    assert float(alone.overlap) == pytest.approx(np.mean(ends), abs=1e-14)


@pytest.mark.parametrize(
    ("function", "changed", "message"),
    [
        (loss_trajectory, {"disorder": 1}, "disorder must be an integer >= 2, got 1"),
        (loss_trajectory, {"start": 2.0}, "start must be"),
        (loss_trajectory, {"n_patterns": 0}, "n_patterns must be an integer >= 1, got 0"),
        (loss_minima, {"disorder": 1}, "disorder must be an integer >= 2, got 1"),
        (loss_minima, {"examples": []}, r"examples must be ascending integers >= 1, got \[\]"),
        (loss_minima, {"examples": [5, 5]}, "examples must be ascending"),
        (loss_minima, {"examples": [5, 0]}, "examples must be an integer >= 1, got 0"),
        (loss_minima, {"quality": 0.0}, r"quality must be a number in \(0, 1\], got 0"),
    ],
)
def test_bad_input(function, changed, message):
    arguments = {"model": MODELS[0]} if function is loss_trajectory else {}
    with pytest.raises(InputError, match=message):
        function(**arguments | changed)


# Figures


def test_figure_of_runs_shows_energies_on_top_of_each_other(run):
    axes = plot_losses([run[1], run[1]]).axes
    assert len(axes) == 6
    bottom = axes[-1]
    shown = {line.get_label(): line.get_ydata() for line in bottom.lines}
    np.testing.assert_allclose(shown["$u$ from losses"], run[1].energy)
    assert any(np.array_equal(line.get_ydata(), run[1].energy) for line in bottom.lines[:1])


def test_figure_of_minima_shows_them(minima):
    left, right = plot_loss_minima(minima).axes
    for container, teacher in zip(left.containers, ("supervised", "unsupervised"), strict=True):
        np.testing.assert_allclose(
            container.lines[0].get_ydata(), minima.loss_minus.sel(teacher=teacher)
        )
    assert len(right.containers) == 4
