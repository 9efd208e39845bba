"""Retrieval states of one-step replica symmetry breaking, and where they end.

They exist below the AT line. Everything starts there: at given load the temperature falls along a
path of states, and at given temperature the overlap falls up to the largest load.
"""

from __future__ import annotations

import dataclasses
from functools import cache

import numpy as np

from theory.one_step.branching import (
    close_to_instability,
    next_to_instability,
    path_from_instability,
)
from theory.one_step.crosstalk import Interaction, OneStep
from theory.one_step.ends import largest_load, largest_load_from_instability, root
from theory.one_step.equations import Found
from theory.one_step.instability import (
    end_of_instability,
    instability,
    instability_at_temperature,
)
from theory.one_step.paths import (
    ROUNDING,
    at_overlap,
    at_slope,
    at_temperature,
    interpolated,
    is_stable,
)
from theory.transitions import Phases

__all__ = ["highest_temperature", "retrieval", "spinodal", "warmest_jump"]

NEAR = 0.995  # of the temperature of the AT line
SHARES = (0.8, 0.95, 1.0)  # of the load where the AT line ends: jumps are close to it
MARGIN = 1.1  # for loads in between
NEAREST = 2e-5  # relative distance of temperatures from the AT line that is not resolved
STARTS = (0.8, 0.5, 0.95, 0.2)  # of the way from the AT line to the replica-symmetric spinodal
BEYOND_STEP = 0.02  # of E|x| - n, away from the largest load
HIGH = 0.5  # of the highest temperature, from where on the search starts on the AT line


@cache
def _path(symmetric: Phases, crosstalk: Interaction, load: float) -> tuple[OneStep, ...]:
    """Where symmetry is lost, and the states below; empty where there is no such point."""
    line = instability(symmetric, crosstalk, load)
    if line is None:
        return ()
    states = path_from_instability(crosstalk, line)
    if states and states[0].temperature > line.temperature:
        line = states[0]
    return (line, *states)


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
    >>> from theory.pairs.phases import HopfieldPhases
    >>> from theory.one_step.crosstalk import Pairs
    >>> found = retrieval(HopfieldPhases(), Pairs(), 0.138, 0.0)  # beyond the symmetric capacity
    >>> round(found.state.effective_overlap, 6), round(found.state.outer, 6)
    (0.9707, 0.997163)
    """
    found = _on_path(symmetric, crosstalk, load, temperature)
    if found is None and load <= end_of_instability(symmetric)[1]:
        return None
    if found is None or not found.converged:
        return _beyond(symmetric, crosstalk, load, temperature)
    return found


def _on_path(
    symmetric: Phases, crosstalk: Interaction, load: float, temperature: float
) -> Found | None:
    """The same, for loads at which symmetry is lost at some temperature."""
    path = _path(symmetric, crosstalk, load)
    if not path or temperature > path[0].temperature * (1.0 - NEAREST):
        return None
    line, states = path[0], list(path[1:])
    if not states:
        return Found(line, float("inf"), False)
    if temperature > states[0].temperature:
        states = close_to_instability(crosstalk, line)
    guess = interpolated(states, temperature)
    found = at_temperature(crosstalk, guess)
    if not found.converged and temperature > NEAR * line.temperature:
        # rounding errors hide the last equation; the parabola of the guess is better
        found = at_slope(crosstalk, guess)
    return dataclasses.replace(found, converged=is_stable(crosstalk, found))


def highest_temperature(symmetric: Phases, crosstalk: Interaction, load: float) -> float:
    """Temperature below which retrieval breaks replica symmetry.

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
    float
        That of the AT line, or a higher one where the transition is discontinuous; 0 where the
        line does not reach, or where q is 1 on it up to rounding.

    Examples
    --------
    >>> from theory.pairs.phases import HopfieldPhases
    >>> from theory.one_step.crosstalk import Pairs
    >>> round(highest_temperature(HopfieldPhases(), Pairs(), 0.1), 9)
    0.001450247
    """
    path = _path(symmetric, crosstalk, load)
    return path[0].temperature if path else 0.0


@cache
def warmest_jump(symmetric: Phases, crosstalk: Interaction) -> float:
    """Temperature above which retrieval does not break replica symmetry discontinuously.

    Parameters
    ----------
    symmetric : Phases
        Replica-symmetric theory.
    crosstalk : Interaction
        Of the model.

    Returns
    -------
    float
        0 if the breakpoint is less than 1 all along the AT line.

    Examples
    --------
    >>> from theory.pairs.phases import HopfieldPhases
    >>> from theory.one_step.crosstalk import Pairs
    >>> warmest_jump(HopfieldPhases(), Pairs())
    0.0
    """
    warmest = 0.0
    # without examples the breakpoint rises to 1 at most, where a line of Nishimori ends the AT line
    for share in () if crosstalk.signal.binary else SHARES:
        load = share * end_of_instability(symmetric)[1]
        line = instability(symmetric, crosstalk, load)
        found = None if line is None else next_to_instability(crosstalk, line)
        if found is not None and found.converged and found.state.breakpoint > 1.0:
            warmest = max(warmest, highest_temperature(symmetric, crosstalk, load))
    return MARGIN * warmest


def _beyond(
    symmetric: Phases, crosstalk: Interaction, load: float, temperature: float
) -> Found | None:
    """Retrieval from the spinodal on, at loads beyond the end of the AT line among them."""
    end = spinodal(symmetric, crosstalk, temperature)
    if end is None or not end.converged or load > end.state.load:
        return end if end is None else dataclasses.replace(end, converged=False)
    states = {end.state.effective_overlap: end.state}

    def excess(overlap: float) -> float:
        closest = states[min(states, key=lambda m: abs(m - overlap))]
        found = at_overlap(crosstalk, dataclasses.replace(closest, effective_overlap=overlap))
        states[overlap] = found.state
        return float(np.log(found.state.load / load)) if found.converged else float("nan")

    low = high = end.state.effective_overlap
    largest = crosstalk.signal.mean_modulus
    value = excess(high)
    while value > 0.0:
        low, high = high, high + BEYOND_STEP * (largest - high)
        value = excess(high)
    if np.isnan(value):
        return dataclasses.replace(end, converged=False)
    overlap = root(excess, low, high) if low < high else high
    if np.isnan(overlap):
        return dataclasses.replace(end, converged=False)
    closest = states[min(states, key=lambda m: abs(m - overlap))]
    found = at_temperature(crosstalk, dataclasses.replace(closest, load=load))
    possible = found.state.breakpoint <= 1.0 + ROUNDING
    return dataclasses.replace(found, converged=found.converged and possible)


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
    >>> from theory.pairs.phases import HopfieldPhases
    >>> from theory.one_step.crosstalk import Pairs
    >>> round(spinodal(HopfieldPhases(), Pairs(), 0.0).state.load, 6)
    0.138186
    """
    _, largest, highest = end_of_instability(symmetric)
    if not temperature <= highest * (1.0 - NEAREST):
        return None
    line = instability_at_temperature(symmetric, crosstalk, temperature)
    if line is not None and temperature > HIGH * highest:
        return largest_load_from_instability(crosstalk, line)
    low = 0.0 if line is None else line.load
    high = min(symmetric.spinodal(np.array([temperature])).load.item(), largest)
    for share in STARTS:
        found = _on_path(symmetric, crosstalk, low + share * (high - low), temperature)
        if found is not None and found.converged:
            return largest_load(crosstalk, found.state)
    return found
