"""Retrieval in networks of p-body interactions, cell by cell, against a slow solution."""

import dense_reference as reference
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_theory_dense_equations import model, name_of, printed  # noqa: F401

import hopfield
import theory
from theory import branches
from theory.dense.phases import DensePhases
from theory.dense.spinodal import melting_temperature


def grid_of(model, points=200):  # noqa: F811
    top = theory.capacity(model, np.linspace(0.0, 0.99 * melting_temperature(model.p), 50))["load"]
    loads = np.linspace(0.0, 1.1 * top.max().item(), points)
    temperatures = np.linspace(1e-3, 1.05 * melting_temperature(model.p), points)
    return theory.solve(model, loads, temperatures)


def test_every_cell_of_a_grid_is_right_or_absent(model):  # noqa: F811
    """Status against the end of the phase, equations, and the stable one of the two solutions."""
    grid = grid_of(model)
    limit = np.full(200, -1.0)
    retrieved = grid.temperature.values < melting_temperature(model.p)
    ends = theory.capacity(model, grid.temperature.values[retrieved])
    limit[retrieved] = ends["load"].values
    expected = np.where(grid["load"].values[:, None] <= limit, "converged", "absent")
    np.testing.assert_array_equal(grid.status.values, expected)
    found = grid.status == "converged"
    assert grid.residual.where(found, 0.0).max() <= 1e-14
    smallest = np.full(200, np.inf)
    smallest[retrieved] = ends.overlap.values
    assert (grid.overlap.values >= smallest)[found.values].all()
    falls = np.diff(grid.overlap.values, axis=0)
    assert (falls[np.isfinite(falls)] <= 1e-15).all()


@pytest.mark.parametrize(
    ("p", "full", "seed"),
    [(3, False, 1), (3, True, 2), (4, True, 3), (6, False, 4), (20, False, 5)],
)
def test_random_cells_agree_with_a_slow_solution(p, full, seed):
    """Bisection in m, the load by bisection in σ with plain quadrature."""
    each, xi = hopfield.Dense(p, self_interaction=full), reference.crosstalk(p, full)
    rng = np.random.default_rng(seed)
    for _ in range(3):
        temperature = rng.uniform(0.08, 0.95) * melting_temperature(p)
        load = rng.uniform(0.05, 0.95) * theory.capacity(each, temperature)["load"].item()
        m, sigma = reference.retrieval(p, xi, load, temperature)
        found = theory.solve(each, load, temperature)
        assert abs(found.overlap.item() - m) < 1e-10
        assert abs(found.noise.item() - sigma) < 1e-10


@pytest.mark.parametrize(
    ("p", "full", "warmth"),
    [(3, False, 0.2), (3, True, 0.6), (4, False, 0.9), (5, True, 0.4), (20, False, 0.5)],
)
def test_just_below_and_above_the_end_of_the_phase(p, full, warmth):
    """The end itself found without derivatives; 1e-6 below it the stable state, above it none."""
    each, xi = hopfield.Dense(p, self_interaction=full), reference.crosstalk(p, full)
    temperature = warmth * melting_temperature(p)
    limit, at_end = reference.capacity(p, xi, temperature)
    end = theory.capacity(each, temperature)
    assert end["load"].item() == pytest.approx(limit, rel=1e-11)
    assert end.overlap.item() == pytest.approx(at_end, abs=1e-5)
    m, _ = reference.retrieval(p, xi, limit * (1.0 - 1e-6), temperature)
    cells = theory.solve(each, limit * np.array([1.0 - 1e-6, 1.0 + 1e-9, 1.001]), temperature)
    assert cells.status.values.tolist() == ["converged", "absent", "absent"]
    # of 1e-11 in the end itself, the square root at the end makes 5e-9 of the distance to it
    assert cells.overlap[0].item() - end.overlap.item() > 1e-5
    assert cells.overlap[0].item() == pytest.approx(m, abs=1e-8)


@pytest.mark.parametrize("warmth", [0.0, 1e-3, 0.3, 0.95])
def test_square_root_at_the_end_of_the_phase(model, warmth):  # noqa: F811
    """Overlap m - m_c ~ sqrt(α_c - α), with one amplitude from 1e-6 down to 1e-10 below α_c."""
    temperature = warmth * melting_temperature(model.p)
    end = theory.capacity(model, temperature)
    distance = np.array([1e-6, 1e-8, 1e-10])
    cells = theory.solve(model, end["load"].item() * (1.0 - distance), temperature)
    assert (cells.status == "converged").all()
    amplitude = (cells.overlap.values - end.overlap.item()) / np.sqrt(distance)
    assert amplitude.min() > 0.005
    np.testing.assert_allclose(amplitude, amplitude[0], rtol=5e-3)
    at_end = theory.solve(model, end["load"].item(), temperature)
    assert at_end.status.item() == "at the edge"
    assert at_end.overlap.item() == end.overlap.item()


def test_next_to_melting(model):  # noqa: F811
    """The load at the end vanishes there, and with it the digits of a load relative to the end."""
    shares = np.array([0.0, 1e-20, 1e-3, 0.5, 0.9, 1.0 - 1e-9, 1.0 - 1e-12])
    for distance in 10.0 ** -np.arange(2.0, 14.0):
        temperature = melting_temperature(model.p) * (1.0 - distance)
        limit = theory.capacity(model, [temperature])["load"].item()
        cells = theory.solve(model, shares * limit, [temperature])
        assert (cells.status[:5] == "converged").all()
        assert cells.status[5:].isin(["converged", "at the edge"]).all()
        assert cells.residual.max() < 1e-14
        assert theory.solve(model, [2.0 * limit], temperature).status.item() == "absent"


@given(
    p=st.integers(3, 30),
    full=st.booleans(),
    warmth=st.floats(0.0, 1.0 - 1e-6),
    share=st.floats(0.0, 1.0 - 1e-9),
)
def test_every_state_below_the_end_is_found(p, full, warmth, share):
    each = hopfield.Dense(p, self_interaction=full)
    temperature = warmth * melting_temperature(p)
    end = theory.capacity(each, temperature)
    found = theory.solve(each, share * end["load"].item(), temperature)
    assert found.status.item() == "converged"
    assert found.residual.item() <= 1e-14
    assert end.overlap.item() <= found.overlap.item() <= 1.0
    assert found.self_overlap.item() <= 1.0
    assert found.free_energy.item() == pytest.approx(
        found.energy.item() - temperature * found.entropy.item(), abs=1e-14
    )


def test_bracketed_search_agrees_with_newton(model):  # noqa: F811
    """The fallback of the retrieval solver gives what Newton gives."""
    phases = DensePhases(model.p, model.self_interaction)
    along = phases.branch(np.array([0.05, 0.3, 0.6]) * phases.melting_temperature)
    rows = np.repeat(np.arange(3), 3)
    load = along.end.load[rows] * np.tile([0.5, 0.8, 0.99], 3)
    state = phases.retrieval(along, rows, load)
    m, sigma = phases.search(along, rows, load)
    np.testing.assert_allclose(m, state.overlap, atol=1e-12)
    np.testing.assert_allclose(sigma, state.noise, atol=1e-12)


def test_a_failed_search_falls_back():
    """Guesses from a useless table: Newton may fail, the answer does not."""
    phases = DensePhases(3)
    good = phases.branch(np.array([0.2, 0.45]))
    start = good.effective_overlap
    overlap = start * np.where(np.arange(start.shape[1]) > 0, 0.01, 1.0)
    useless = branches.Branch(good.temperature, good.end, good.angle, overlap, 40.0 * good.ratio)
    rows, load = np.array([0, 0, 1, 1]), np.array([0.1, 0.14, 0.01, 0.02])
    expected = phases.retrieval(good, rows, load)
    state = phases.retrieval(useless, rows, load)
    assert (state.status == "converged").all()
    np.testing.assert_allclose(state.overlap, expected.overlap, atol=1e-10)
