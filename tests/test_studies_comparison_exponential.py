"""Exponential networks at finite temperature: simulation on top of theory, in the same units."""

import math

import numpy as np
import pytest

import studies
import theory
from hopfield import Exponential, Hopfield
from hopfield.models import model_of, polynomial_of
from studies.corrections import realised_load, unlike
from studies.plan import default_points, default_sizes
from theory.exponential.thresholds import scatter_load

LOADS, TEMPERATURES = (0.05, 0.08, 0.05, 0.08), (0.4, 0.6, 0.9, 3.0)
SETTING = {"disorder": 8, "replicas": 16, "sweeps": 100, "burn_in": 50, "seed": 3}
MODEL = Exponential(0.8)


@pytest.fixture(scope="module")
def points():
    return studies.compare_points(MODEL, LOADS, TEMPERATURES, size=60, **SETTING)


def test_simulation_agrees_with_theory(points):
    assert points.phase.values.tolist() == ["retrieval"] * 3 + ["condensed"]
    for name in ("overlap", "replica_overlap", "energy"):
        compared = points[f"{name}_z"].values[: 3 if name == "energy" else 4]
        assert (np.abs(compared) < 4.0).all(), name
    assert np.isnan(points.energy_z.values[3])  # it tends to its limit as log(N)/N


def test_other_temperatures_are_told_apart(points):
    hotter = theory.solve(MODEL, 0.05, [1.1 * t for t in TEMPERATURES[:3]])
    for name, sign in (("overlap", 1.0), ("energy", -1.0)):
        gaps = points[name].values[:3, 0] - sign * hotter.overlap.values
        assert (np.abs(gaps) > 4.0 * points[f"{name}_stderr"].values[:3, 0]).all(), name


def test_another_unit_of_energy_is_told_apart(points):
    r"""With log Z in place of log Z / λ the energy would be λ times as large."""
    gaps = points.energy.values[:3, 0] + MODEL.sharpness * points.overlap_theory.values[:3]
    assert (np.abs(gaps) > 4.0 * points.energy_stderr.values[:3, 0]).all()


def test_theory_is_that_of_the_patterns_there_are(points):
    assert points.overlap_theory.values == pytest.approx(
        [math.tanh(1.0 / t) for t in TEMPERATURES[:3]] + [0.0]
    )
    assert realised_load(MODEL, 0.05, 60) == pytest.approx(math.log(20) / 60)
    assert realised_load(Hopfield(), 0.026, 100) == pytest.approx(0.03)


def test_energy_without_order_is_compared_where_its_mean_is_typical():
    end = float(scatter_load(theory.exponential.rates.BINARY, MODEL.sharpness))
    assert unlike(MODEL, "paramagnet", 1.01 * end) == ()
    assert unlike(MODEL, "paramagnet", 0.99 * end) == ("energy",)
    assert unlike(MODEL, "retrieval", 0.0) == ()


def test_energy_of_the_paramagnet():
    """Above the load of typical means, and hot enough for no valley."""
    model = Exponential(0.3)
    ds = studies.compare_points(model, 0.2, 5.0, size=40, **SETTING)
    assert ds.phase.item() == "paramagnet"
    assert ds.energy_theory.item() == pytest.approx(-(0.2 + math.log(math.cosh(0.3))) / 0.3)
    for name in ("overlap", "replica_overlap", "energy"):
        assert abs(ds[f"{name}_z"].item()) < 4.0, name
    gap = ds.energy.item() - 1.01 * ds.energy_theory.item()
    assert abs(gap) > 4.0 * ds.energy_stderr.item()


@pytest.mark.parametrize("sharpness", [0.05, 0.5, 1.0, 4.0])
def test_default_points_are_in_their_phases(sharpness):
    model = Exponential(sharpness)
    loads, temperatures = default_points(model)
    points = zip(loads, temperatures, strict=True)
    found = [theory.solve(model, [a], t).status.item() for a, t in points]
    assert found == ["converged"] * (len(loads) - 1) + ["absent"]
    (size,) = default_sizes(model, max(loads))
    assert 2 <= size <= 320
    assert model.patterns_at(max(loads), size) <= 5000


def test_results_name_their_model(points):
    assert model_of(points) == model_of(theory.capacity(MODEL)) == MODEL
    with pytest.raises(ValueError, match=r"p-body interactions, got Exponential\(sharpness=0.8\)"):
        polynomial_of(points)
    with pytest.raises(ValueError, match=r"got Exponential\(sharpness=0.8\)"):
        theory.check(theory.solve(MODEL, 0.1, 0.3))


def test_figures_are_in_units_of_the_model(points):
    assert studies.plot_retrieval(points).get_xlabel() == "load α = log(K)/N"
    assert studies.plot_comparison(points).get_xticklabels()[0].get_text() == "0.05, 0.4"
