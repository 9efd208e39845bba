"""Retrieval states of one-step replica symmetry breaking, and where they end.

They exist below the AT line. Everything starts there: at given load the temperature falls along a
path of states, and at given temperature the overlap falls up to the largest load.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from scipy.optimize import brentq

from theory.gaussian import moments
from theory.one_step_crosstalk import Interaction, OneStep
from theory.one_step_equations import Found, solve
from theory.one_step_paths import (
    FIRST_BREAKPOINTS,
    at_overlap,
    at_ratio_and_temperature,
    at_temperature,
    close_to_instability,
    interpolated,
    load_by_overlap,
    path_from_instability,
    unknowns,
)
from theory.stability import Marginal
from theory.transitions import Phases

__all__ = [
    "end_of_instability",
    "instability",
    "instability_at_temperature",
    "retrieval",
    "spinodal",
]

SMALLEST_MARGINAL = 0.12  # ratio of noise and signal on the AT line where q is 1 up to rounding
SMALLEST_DEFECT = 1e-14  # 1 - q below which q₁ and q₀ are the same up to rounding
NEAREST = 1e-6  # relative distance of temperatures from the AT line that is not resolved
START = 0.8  # of the way from the AT line to the replica-symmetric spinodal
GROWTH = 1.15  # of 1 - m in the search for the largest load
FIRST_RATIO = 0.01  # ρ of the first state on the way to the largest load
HIGH = 0.5  # of the highest temperature, from where on the search starts on the AT line
RATIO_GROWTH = 1.5  # of ρ in that search
SMALLEST_GROWTH = 1.0005
LARGEST_CHANGE = 0.5  # of logarithms, in one step of that search


def _marginal(symmetric: Phases, ratio: float) -> Marginal:
    """Marginally stable state by the ratio of noise and signal."""
    return symmetric.marginal(np.array([ratio]))


@lru_cache(maxsize=64)
def end_of_instability(symmetric: Phases) -> tuple[float, float, float]:
    """Ratio of noise and signal, load and temperature where the AT line meets the spinodal.

    Parameters
    ----------
    symmetric : Phases
        Replica-symmetric theory.

    Returns
    -------
    tuple of float

    Examples
    --------
    >>> from theory.hopfield_phases import HopfieldPhases
    >>> [round(x, 6) for x in end_of_instability(HopfieldPhases())]
    [0.469249, 0.138186, 0.025068]
    """
    ratio = symmetric.largest_marginal_ratio()
    end = _marginal(symmetric, ratio)
    return ratio, float(end.load.item()), float(end.temperature.item())


def instability_at_temperature(
    symmetric: Phases, crosstalk: Interaction, temperature: float
) -> OneStep | None:
    """State on the AT line at a temperature.

    Parameters
    ----------
    symmetric : Phases
        Replica-symmetric theory.
    crosstalk : Interaction
        Of the model.
    temperature : float
        T up to that of the end of the line.

    Returns
    -------
    OneStep or None
        None at temperatures so low that q is 1 on the line up to rounding.

    Examples
    --------
    >>> from theory.hopfield_phases import HopfieldPhases
    >>> from theory.one_step_crosstalk import Pairs
    >>> round(instability_at_temperature(HopfieldPhases(), Pairs(), 0.02).load, 6)
    0.137622
    """
    largest = end_of_instability(symmetric)[0]
    if _marginal(symmetric, SMALLEST_MARGINAL).temperature.item() >= temperature:
        return None

    def excess(ratio: float) -> float:
        return float(_marginal(symmetric, ratio).temperature.item() - temperature)

    ratio = brentq(excess, SMALLEST_MARGINAL, largest, xtol=1e-15, rtol=1e-14)
    return _on_line(symmetric, crosstalk, ratio)


def _on_line(symmetric: Phases, crosstalk: Interaction, ratio: float) -> OneStep:
    """State on the AT line by the ratio of noise and signal."""
    line = _marginal(symmetric, ratio)
    quantities = (line.load, line.temperature, line.overlap, line.noise)
    load, t, m, noise = (float(x.item()) for x in quantities)
    response = float(moments(m ** (crosstalk.p - 1), noise, t).response)
    return OneStep(load, t, m, 0.0, response, 0.0)


def instability(symmetric: Phases, crosstalk: Interaction, load: float) -> OneStep | None:
    """State on the AT line at a load.

    Parameters
    ----------
    symmetric : Phases
        Replica-symmetric theory.
    crosstalk : Interaction
        Of the model.
    load : float
        α.

    Returns
    -------
    OneStep or None
        None where the line does not reach, or where q is 1 on it up to rounding.

    Examples
    --------
    >>> from theory.hopfield_phases import HopfieldPhases
    >>> from theory.one_step_crosstalk import Pairs
    >>> round(instability(HopfieldPhases(), Pairs(), 0.1).temperature, 9)
    0.001450247
    """
    ratio, largest, _ = end_of_instability(symmetric)
    if not _marginal(symmetric, SMALLEST_MARGINAL).load.item() < load <= largest:
        return None

    def excess(v: float) -> float:
        return float(_marginal(symmetric, v).load.item() - load)

    v = ratio
    if load < largest:
        v = brentq(excess, SMALLEST_MARGINAL, ratio, xtol=1e-15, rtol=1e-14)
    line = _on_line(symmetric, crosstalk, v)
    return None if line.defect < SMALLEST_DEFECT else line


@lru_cache(maxsize=256)
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
    (0.970812, 0.997173)
    """
    path = _path(symmetric, crosstalk, load)
    if not path or temperature > path[0].temperature * (1.0 - NEAREST):
        return None
    line, states = path[0], path[1:]
    if not states:
        return Found(line, float("inf"), False)
    if temperature > states[0].temperature:
        states = close_to_instability(crosstalk, line)
    guess = interpolated(crosstalk, states, temperature)
    if temperature > states[0].temperature:
        fraction = (line.temperature - temperature) / (line.temperature - states[0].temperature)
        guess = dataclasses.replace(guess, step=fraction * guess.step)
    found = at_temperature(crosstalk, guess)
    stable = found.converged and load_by_overlap(crosstalk, found.state) < 0.0
    return dataclasses.replace(found, converged=stable)


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


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Root up to the errors of numerical derivatives."""
    return float(brentq(function, low, high, xtol=1e-10))
