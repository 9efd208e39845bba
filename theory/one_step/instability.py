"""The line where retrieval breaks replica symmetry, as a start for one-step states."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from theory.one_step.crosstalk import Interaction, OneStep
from theory.saddle import Array
from theory.stability import Marginal
from theory.states import State
from theory.transitions import Phases

__all__ = ["end_of_instability", "instability", "instability_at_temperature", "is_unstable"]

TABLE = 65  # points of the table that brackets are read from
CLOSER = 0.5  # factor from a ratio to the next, below those of the table
SMALLEST_DEFECT = 1e-14  # 1 - q below which q₁ and q₀ are the same up to rounding
ROUNDING = 1e-15
LARGEST_MISS = 1e-9  # relative distance of a point on the line from what was asked for
HIDDEN = -1e-3  # replicon below which a broken state is not hidden by rounding


def is_unstable(state: State, load: Array) -> NDArray[np.bool_]:
    """Whether symmetry is broken, and not only below rounding errors, in replica-symmetric states.

    Parameters
    ----------
    state : State
        The states.
    load : array
        Their loads.

    Returns
    -------
    bool array

    Examples
    --------
    >>> from theory.pairs.phases import HopfieldPhases
    >>> load = np.array([0.1, 0.1])
    >>> is_unstable(HopfieldPhases().glass(load, np.array([0.5, 0.0])), load).tolist()
    [True, False]
    """
    hidden = (load > 0.0) & (1.0 - state.self_overlap < SMALLEST_DEFECT)
    return np.asarray((state.replicon < HIDDEN) & ~hidden)


def _marginal(symmetric: Phases, ratio: float) -> Marginal:
    """Marginally stable state by the ratio of noise and signal."""
    return symmetric.marginal(np.array([ratio]))


@cache
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
    >>> from theory.pairs.phases import HopfieldPhases
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
        None at temperatures so low that q is 1 on the line up to rounding, or below those of the
        line, which begins at T > 0 where there are spins with x = 0.

    Examples
    --------
    >>> from theory.pairs.phases import HopfieldPhases
    >>> from theory.one_step.crosstalk import Pairs
    >>> round(instability_at_temperature(HopfieldPhases(), Pairs(), 0.02).load, 6)
    0.137627
    """
    state = _where(symmetric, crosstalk, "temperature", temperature)
    return None if state is None or state.load <= 0.0 else state


@cache
def _table(symmetric: Phases) -> tuple[Array, Marginal]:
    """The AT line at some ratios of noise and signal."""
    ratio = end_of_instability(symmetric)[0] * np.linspace(0.0, 1.0, TABLE)[1:]
    return ratio, symmetric.marginal(ratio)


def _where(symmetric: Phases, crosstalk: Interaction, name: str, value: float) -> OneStep | None:
    """State on the AT line where load or temperature has a value."""

    def excess(ratio: float) -> float:
        """Both are zero at ratios so small that there is no line."""
        return float(np.nan_to_num(getattr(_marginal(symmetric, ratio), name)).item()) - value

    ratios, line = _table(symmetric)
    above = np.flatnonzero(np.nan_to_num(getattr(line, name)) >= value * (1.0 - ROUNDING))
    if value == 0.0 or not above.size:
        return None
    high = float(ratios[above[0]])
    low = float(ratios[above[0] - 1]) if above[0] else CLOSER * high
    while excess(low) >= 0.0:
        if not _on_line(symmetric, crosstalk, low).defect >= SMALLEST_DEFECT:
            return None
        high, low = low, CLOSER * low
    inside = excess(high) > 0.0  # not where the value is that of a point of the table
    ratio = brentq(excess, low, high, xtol=1e-15, rtol=1e-14) if inside else high
    state = _on_line(symmetric, crosstalk, ratio)
    missed = not abs(getattr(state, name) - value) <= LARGEST_MISS * value
    return None if missed or state.defect < SMALLEST_DEFECT else state


def _on_line(symmetric: Phases, crosstalk: Interaction, ratio: float) -> OneStep:
    """State on the AT line by the ratio of noise and signal."""
    line = _marginal(symmetric, ratio)
    quantities = (line.load, line.temperature, line.effective_overlap, line.noise)
    load, t, n, noise = (float(x.item()) for x in quantities)
    response = float(crosstalk.signal.moments(n ** (crosstalk.p - 1), noise, t).response)
    return OneStep(load, t, n, 0.0, response, 0.0)


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
    >>> from theory.pairs.phases import HopfieldPhases
    >>> from theory.one_step.crosstalk import Pairs
    >>> round(instability(HopfieldPhases(), Pairs(), 0.1).temperature, 9)
    0.001450247
    """
    return _where(symmetric, crosstalk, "load", load)
