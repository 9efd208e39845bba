"""Two steps of breaking: one step as a limit, a stationary free energy, the capacity."""

from dataclasses import replace

import numpy as np
import pytest

import theory
from hopfield import Hopfield
from theory import two_step
from theory.one_step.crosstalk import Pairs
from theory.one_step.retrieval import retrieval
from theory.pairs.phases import HopfieldPhases
from theory.two_step import TwoStep, at_overlap, free_energy, residuals, split


@pytest.fixture(scope="module")
def solution():
    return at_overlap(split(0.138))[0]


def one_step(fraction):
    """The one-step state at a load, written with two equal breakpoints and any q₁."""
    state = retrieval(HopfieldPhases(), Pairs(), 0.138, 0.0).state
    inner = state.outer + fraction * state.step
    slopes = (state.slope, state.slope)
    return TwoStep(0.138, state.effective_overlap, state.outer, inner, state.response, slopes)


@pytest.mark.parametrize("fraction", [0.2, 0.5, 0.8])
def test_one_step_is_the_limit_of_equal_breakpoints(fraction):
    m, q0, q1, response, by_y1, by_y2 = residuals(one_step(fraction))
    assert np.abs([m, q0, response, by_y1 + by_y2]).max() < 1e-10
    assert abs(q1) > 1e-6
    energy = theory.solve(Hopfield(), 0.138, 0.0, ansatz="1rsb").free_energy.item()
    assert free_energy(one_step(fraction)) == pytest.approx(energy, abs=1e-12)


def changed(state, name, change):
    if name.startswith("y"):
        which = int(name[1]) - 1
        slopes = [y * (1.0 + change * (k == which)) for k, y in enumerate(state.slopes)]
        return replace(state, slopes=tuple(slopes))
    value = getattr(state, name)
    distance = 1.0 if name == "overlap" else (value if name == "response" else 1.0 - value)
    return replace(state, **{name: value + change * distance})


@pytest.mark.parametrize("name", ["overlap", "outer", "inner", "response", "y1", "y2"])
def test_free_energy_is_stationary(solution, name):
    assert np.abs(residuals(solution)).max() < 1e-11

    def slope(state, step=1e-3):
        f = [free_energy(changed(state, name, k * step)) for k in (-2, -1, 1, 2)]
        return (f[0] - 8.0 * f[1] + 8.0 * f[2] - f[3]) / (12.0 * step)

    assert abs(slope(solution)) < 1e-10
    assert abs(slope(changed(solution, name, 0.02))) > 1e-8


def test_second_step_raises_the_free_energy(solution):
    at_same_load = theory.solve(Hopfield(), solution.load, 0.0, ansatz="1rsb")
    gain = free_energy(solution) - at_same_load.free_energy.item()
    assert 1e-8 < gain < 1e-6


def test_finer_integrals_change_nothing(solution, monkeypatch):
    monkeypatch.setattr(two_step, "PER_DISTANCE", 0.08)
    finer, violation = at_overlap(solution)
    assert violation < 1e-11
    assert finer.load == pytest.approx(solution.load, abs=1e-10)


@pytest.mark.slow
def test_capacity_is_slightly_above_that_of_one_step():
    end = two_step.capacity()
    one = theory.capacity(Hopfield(), ansatz="1rsb")["load"].item()
    assert np.abs(residuals(end)).max() < 1e-11
    assert end.load == pytest.approx(0.1381963418, abs=2e-10)
    assert 5e-6 < end.load - one < 2e-5
    for overlap in (end.overlap - 2e-4, end.overlap + 2e-4):
        assert at_overlap(replace(end, overlap=overlap))[0].load < end.load
