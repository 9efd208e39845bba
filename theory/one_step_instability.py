"""The line where retrieval breaks replica symmetry, as a start for one-step states."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.optimize import brentq

from theory.one_step_crosstalk import Interaction, OneStep
from theory.stability import Marginal
from theory.transitions import Phases

__all__ = ["end_of_instability", "instability", "instability_at_temperature"]

SMALLEST_MARGINAL = 0.12  # ratio of noise and signal on the AT line where q is 1 up to rounding
SMALLEST_DEFECT = 1e-14  # 1 - q below which q₁ and q₀ are the same up to rounding


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
    0.137627
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
