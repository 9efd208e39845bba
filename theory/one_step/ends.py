"""Where one-step retrieval states end at a temperature: the largest load."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq, root_scalar

from theory.one_step.branching import FIRST_BREAKPOINTS
from theory.one_step.crosstalk import Interaction, OneStep
from theory.one_step.equations import Found, solve
from theory.one_step.paths import at_overlap, at_ratio_and_temperature, load_by_overlap, unknowns

__all__ = ["largest_load", "largest_load_from_instability", "largest_load_next_to", "root"]

GROWTH = 1.15  # of E|x| - n in the search for the largest load
FIRST_RATIO = 0.01  # ρ of the first state on the way to the largest load
RATIO_GROWTH = 1.5  # of ρ in that search
SMALLEST_GROWTH = 1.0005
STATIONARY = 1e-5  # dlnα/dln(E|x|-n) where the load is the largest
LARGEST_CHANGE = 0.5  # of logarithms, in one step of that search


def largest_load_from_instability(crosstalk: Interaction, line: OneStep) -> Found:
    """Follow states at the temperature of the AT line by ρ, up to the largest load.

    The load may also fall from the AT line on, which is then the end of the phase. States of a
    breakpoint above 1, next to the line where the transition is discontinuous, are passed by.

    Parameters
    ----------
    crosstalk : Interaction
        Of the model.
    line : OneStep
        State on the AT line; step and slope are not used.

    Returns
    -------
    Found

    Examples
    --------
    >>> from theory.one_step.crosstalk import Pairs
    >>> line = OneStep(0.1376265, 0.02, 0.9689, 0.0, 0.1154, 0.0)
    >>> round(largest_load_from_instability(Pairs(), line).state.load, 6)
    0.138194
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
    last, growth = found.state, RATIO_GROWTH
    if not found.converged or _is_over(crosstalk, last):
        return Found(line, 0.0, True) if found.converged else found
    while growth > SMALLEST_GROWTH:
        found = at(growth * ratio, last)
        if not found.converged:
            growth = np.sqrt(growth)
        elif _is_over(crosstalk, found.state):
            break
        else:
            last, ratio = found.state, growth * ratio
    if not found.converged or last.breakpoint > 1.0:
        return dataclasses.replace(found, converged=False)
    return at(np.exp(root(slope, np.log(ratio), np.log(growth * ratio))), last)


def _is_over(crosstalk: Interaction, state: OneStep) -> bool:
    """Whether a state of equilibrium is beyond the largest load."""
    return state.breakpoint <= 1.0 and load_by_overlap(crosstalk, state) >= 0.0


def largest_load(crosstalk: Interaction, start: OneStep) -> Found:
    """Follow states at the temperature of the start by the overlap, up to the largest load.

    Parameters
    ----------
    crosstalk : Interaction
        Of the model.
    start : OneStep
        A stable state.

    Returns
    -------
    Found

    Examples
    --------
    >>> from theory.one_step.crosstalk import Pairs
    >>> start = at_overlap(Pairs(), OneStep(0.13, 0.0, 0.975, 0.003, 0.05, 40.0)).state
    >>> round(largest_load(Pairs(), start).state.load, 6)
    0.138186
    """
    last, state, growth, largest = start, start, GROWTH, crosstalk.signal.mean_modulus
    while load_by_overlap(crosstalk, state) < 0.0:
        lower = largest - growth * (largest - state.effective_overlap)
        guess = dataclasses.replace(state, effective_overlap=lower)
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
    nearest = {left.effective_overlap: left, right.effective_overlap: right}

    def slope(overlap: float) -> float:
        closest = nearest[min(nearest, key=lambda m: abs(m - overlap))]
        found = at_overlap(crosstalk, dataclasses.replace(closest, effective_overlap=overlap))
        nearest[overlap] = found.state
        return load_by_overlap(crosstalk, found.state)

    overlap = root(slope, left.effective_overlap, right.effective_overlap)
    closest = nearest[min(nearest, key=lambda m: abs(m - overlap))]
    return dataclasses.replace(closest, effective_overlap=overlap)


def largest_load_next_to(crosstalk: Interaction, guess: OneStep) -> Found:
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
    >>> from theory.one_step.crosstalk import Pairs
    >>> guess = OneStep(0.1382, 0.001, 0.9667, 0.00352, 0.053, 36.6)
    >>> round(largest_load_next_to(Pairs(), guess).state.load, 6)
    0.138188
    """
    last = guess

    def slope(overlap: float) -> float:
        nonlocal last
        found = at_overlap(crosstalk, dataclasses.replace(last, effective_overlap=overlap))
        if not found.converged:
            return float("nan")
        last = found.state
        return load_by_overlap(crosstalk, last)

    largest = crosstalk.signal.mean_modulus
    start = guess.effective_overlap
    shifted = start + 0.01 * (largest - start)
    solution = root_scalar(slope, x0=start, x1=shifted, method="secant", xtol=1e-10)
    found = at_overlap(crosstalk, dataclasses.replace(last, effective_overlap=float(solution.root)))
    distance = largest - found.state.effective_overlap
    stationary = abs(slope(float(solution.root))) * distance < STATIONARY
    return dataclasses.replace(found, converged=found.converged and stationary)


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Root up to the errors of numerical derivatives, not a number where states are lost."""
    try:
        return float(brentq(function, low, high, xtol=1e-10))
    except ValueError:  # of a function that is not a number, or has one sign
        return float("nan")
