"""Retrieval states of one-step replica symmetry breaking, and where they end.

They exist below the AT line. Everything starts there: at given load the temperature falls along a
path of states, and at given temperature the overlap falls up to the largest load.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import cache

import numpy as np
from scipy.optimize import brentq, root_scalar

from theory.one_step_branching import (
    FIRST_BREAKPOINTS,
    close_to_instability,
    path_from_instability,
)
from theory.one_step_crosstalk import Interaction, OneStep
from theory.one_step_equations import Found, solve
from theory.one_step_instability import (
    end_of_instability,
    instability,
    instability_at_temperature,
)
from theory.one_step_paths import (
    at_overlap,
    at_ratio_and_temperature,
    at_slope,
    at_temperature,
    interpolated,
    load_by_overlap,
    unknowns,
)
from theory.transitions import Phases

__all__ = ["retrieval", "spinodal", "spinodal_next_to"]

NEAR = 0.995  # of the temperature of the AT line
NEAREST = 2e-5  # relative distance of temperatures from the AT line that is not resolved
START = 0.8  # of the way from the AT line to the replica-symmetric spinodal
BEYOND_STEP = 0.02  # of 1 - m, away from the largest load
GROWTH = 1.15  # of 1 - m in the search for the largest load
FIRST_RATIO = 0.01  # ρ of the first state on the way to the largest load
HIGH = 0.5  # of the highest temperature, from where on the search starts on the AT line
RATIO_GROWTH = 1.5  # of ρ in that search
SMALLEST_GROWTH = 1.0005
FRINGE = (
    0.999  # of the load where the AT line ends, from which on states are followed from beyond it
)
STATIONARY = 1e-5  # dlnα/dln(1-m) where the load is the largest
LARGEST_CHANGE = 0.5  # of logarithms, in one step of that search


@cache
def _path(symmetric: Phases, crosstalk: Interaction, load: float) -> tuple[OneStep, ...]:
    """Instability, and the states below it; empty where there is none."""
    line = instability(symmetric, crosstalk, load)
    if line is None:
        return ()
    return (line, *path_from_instability(crosstalk, line))


def retrieval(
    symmetric: Phases, crosstalk: Interaction, load: float, temperature: float
) -> Found | None:
    """Retrieval state below the AT line.

    Parameters
    ----------
    symmetric : Phases
        Replica-symmetric theory.
    crosstalk : Interaction
        Of the model.
    load, temperature : float
        α and T.

    Returns
    -------
    Found or None
        None where the point is not below the line, or too close to it to tell.

    References
    ----------
    H. Steffan and R. Kühn, Z. Phys. B 95, 249 (1994).

    Examples
    --------
    >>> from theory.hopfield_phases import HopfieldPhases
    >>> from theory.one_step_crosstalk import Pairs
    >>> found = retrieval(HopfieldPhases(), Pairs(), 0.138, 0.0)  # beyond the symmetric capacity
    >>> round(found.state.overlap, 6), round(found.state.outer, 6)
    (0.9707, 0.997163)
    """
    path = _path(symmetric, crosstalk, load)
    if not path and load > end_of_instability(symmetric)[1]:
        return _beyond(symmetric, crosstalk, load, temperature)
    if not path or temperature > path[0].temperature * (1.0 - NEAREST):
        return None
    line, states = path[0], list(path[1:])
    if not states and load > FRINGE * end_of_instability(symmetric)[1]:
        return _beyond(symmetric, crosstalk, load, temperature)
    if not states:
        return Found(line, float("inf"), False)
    if temperature > states[0].temperature:
        states = close_to_instability(crosstalk, line)
    guess = interpolated(states, temperature)
    found = at_temperature(crosstalk, guess)
    if not found.converged and temperature > NEAR * line.temperature:
        # rounding errors hide the last equation; the parabola of the guess is better
        found = at_slope(crosstalk, guess)
    stable = found.converged and load_by_overlap(crosstalk, found.state) < 0.0
    if not stable and load > FRINGE * end_of_instability(symmetric)[1]:
        return _beyond(symmetric, crosstalk, load, temperature)
    return dataclasses.replace(found, converged=stable)


def _beyond(
    symmetric: Phases, crosstalk: Interaction, load: float, temperature: float
) -> Found | None:
    """Retrieval at a load beyond the end of the AT line, which the spinodal may exceed a little."""
    end = spinodal(symmetric, crosstalk, temperature)
    if end is None or not end.converged or load > end.state.load:
        return end if end is None else dataclasses.replace(end, converged=False)
    states = {end.state.overlap: end.state}

    def excess(overlap: float) -> float:
        closest = states[min(states, key=lambda m: abs(m - overlap))]
        found = at_overlap(crosstalk, dataclasses.replace(closest, overlap=overlap))
        states[overlap] = found.state
        return float(np.log(found.state.load / load)) if found.converged else float("nan")

    low = high = end.state.overlap
    value = excess(high)
    while value > 0.0:
        low, high = high, high + BEYOND_STEP * (1.0 - high)
        value = excess(high)
    if np.isnan(value):
        return dataclasses.replace(end, converged=False)
    overlap = root(excess, low, high) if low < high else high
    closest = states[min(states, key=lambda m: abs(m - overlap))]
    return at_temperature(crosstalk, dataclasses.replace(closest, load=load))


@cache
def spinodal(symmetric: Phases, crosstalk: Interaction, temperature: float) -> Found | None:
    """State of the largest load at a temperature.

    Parameters
    ----------
    symmetric : Phases
        Replica-symmetric theory.
    crosstalk : Interaction
        Of the model.
    temperature : float
        T.

    Returns
    -------
    Found or None
        None where replica symmetry is stable at the spinodal.

    References
    ----------
    H. Steffan and R. Kühn, Z. Phys. B 95, 249 (1994).

    Examples
    --------
    >>> from theory.hopfield_phases import HopfieldPhases
    >>> from theory.one_step_crosstalk import Pairs
    >>> round(spinodal(HopfieldPhases(), Pairs(), 0.0).state.load, 6)
    0.138186
    """
    _, largest, highest = end_of_instability(symmetric)
    if temperature > highest * (1.0 - NEAREST):
        return None
    line = instability_at_temperature(symmetric, crosstalk, temperature)
    if line is not None and temperature > HIGH * highest:
        return _spinodal_from_instability(crosstalk, line)
    low = 0.0 if line is None else line.load
    high = min(symmetric.spinodal(np.array([temperature])).load.item(), largest)
    found = retrieval(symmetric, crosstalk, low + START * (high - low), temperature)
    if found is None or not found.converged:
        return found
    return _spinodal_from_state(crosstalk, found.state)


def _spinodal_from_instability(crosstalk: Interaction, line: OneStep) -> Found:
    """Follow states at the temperature of the AT line by ρ, up to the largest load.

    The load may also fall from the AT line on, which is then the end of the phase.
    """

    def at(ratio: float, guess: OneStep) -> Found:
        build = at_ratio_and_temperature(crosstalk, line.temperature, ratio)
        x = unknowns(crosstalk, dataclasses.replace(guess, step=ratio * guess.defect), guess.load)
        return solve(crosstalk, build, x)

    def slope(log_ratio: float) -> float:
        return load_by_overlap(crosstalk, at(float(np.exp(log_ratio)), last).state)

    ratio = FIRST_RATIO
    for breakpoint in FIRST_BREAKPOINTS:
        found = at(ratio, dataclasses.replace(line, slope=breakpoint / line.temperature))
        if found.converged:
            break
    if found.converged and load_by_overlap(crosstalk, found.state) >= 0.0:
        return Found(line, 0.0, True)
    while found.converged and load_by_overlap(crosstalk, found.state) < 0.0:
        last, ratio = found.state, RATIO_GROWTH * ratio
        found = at(ratio, last)
    if not found.converged:
        return found
    best = root(slope, float(np.log(ratio / RATIO_GROWTH)), float(np.log(ratio)))
    return at(float(np.exp(best)), last)


def _spinodal_from_state(crosstalk: Interaction, start: OneStep) -> Found:
    """Follow states at the temperature of the start by the overlap, up to the largest load."""
    last, state, growth = start, start, GROWTH
    while load_by_overlap(crosstalk, state) < 0.0:
        guess = dataclasses.replace(state, overlap=1.0 - growth * (1.0 - state.overlap))
        found = at_overlap(crosstalk, guess)
        near = found.converged and max(_changes(state, found.state)) < LARGEST_CHANGE
        if near:
            last, state = state, found.state
        elif growth > SMALLEST_GROWTH:
            growth = np.sqrt(growth)
        else:
            return dataclasses.replace(found, converged=False)
    return at_overlap(crosstalk, _stationary(crosstalk, last, state))


def _changes(before: OneStep, after: OneStep) -> tuple[float, float, float]:
    """Relative changes of load, breakpoint and step."""
    names = ("load", "slope", "step")
    load, slope, step = (np.log(getattr(after, x) / getattr(before, x)) for x in names)
    return abs(load), abs(slope), abs(step)


def _stationary(crosstalk: Interaction, left: OneStep, right: OneStep) -> OneStep:
    """Where the load is stationary, between two states."""
    nearest = {left.overlap: left, right.overlap: right}

    def slope(overlap: float) -> float:
        closest = nearest[min(nearest, key=lambda m: abs(m - overlap))]
        found = at_overlap(crosstalk, dataclasses.replace(closest, overlap=overlap))
        nearest[overlap] = found.state
        return load_by_overlap(crosstalk, found.state)

    overlap = root(slope, left.overlap, right.overlap)
    return nearest[min(nearest, key=lambda m: abs(m - overlap))]


def spinodal_next_to(crosstalk: Interaction, guess: OneStep) -> Found:
    """State of the largest load at a temperature, from one at a temperature close by.

    Parameters
    ----------
    crosstalk : Interaction
        Of the model.
    guess : OneStep
        State of largest load, with the temperature changed.

    Returns
    -------
    Found

    Examples
    --------
    >>> from theory.one_step_crosstalk import Pairs
    >>> guess = OneStep(0.1382, 0.001, 0.9667, 0.00352, 0.053, 36.6)
    >>> round(spinodal_next_to(Pairs(), guess).state.load, 6)
    0.138188
    """
    last = guess

    def slope(overlap: float) -> float:
        nonlocal last
        found = at_overlap(crosstalk, dataclasses.replace(last, overlap=overlap))
        if not found.converged:
            return float("nan")
        last = found.state
        return load_by_overlap(crosstalk, last)

    shifted = guess.overlap + 0.01 * (1.0 - guess.overlap)
    solution = root_scalar(slope, x0=guess.overlap, x1=shifted, method="secant", xtol=1e-10)
    found = at_overlap(crosstalk, dataclasses.replace(last, overlap=float(solution.root)))
    stationary = abs(slope(float(solution.root))) * (1.0 - found.state.overlap) < STATIONARY
    return dataclasses.replace(found, converged=found.converged and stationary)


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Root up to the errors of numerical derivatives."""
    return float(brentq(function, low, high, xtol=1e-10))
