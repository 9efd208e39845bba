"""What the phase diagrams of all families have in common."""

from __future__ import annotations

import numpy as np

from theory.transitions import (
    Line,
    Phases,
    first_order_line,
    glass_line,
    spinodal_line,
)

__all__ = ["common_lines", "largest_load"]

STAGES = 5  # of the search for the largest load, each of which narrows it by a factor of 16


def common_lines(theory: Phases, points: int, max_load: float) -> dict[str, Line]:
    """Glass line, spinodal, first-order line and AT line.

    Parameters
    ----------
    theory : Phases
        Whose lines.
    points : int
        Points on each line.
    max_load : float
        Largest load of the glass line.

    Returns
    -------
    dict of str to Line

    Examples
    --------
    >>> from theory.pairs.phases import HopfieldPhases
    >>> list(common_lines(HopfieldPhases(), 2, 0.2))
    ['glass', 'spinodal', 'first-order', 'at']
    """
    return {
        "glass": glass_line(theory, points, max_load),
        "spinodal": spinodal_line(theory, points),
        "first-order": first_order_line(theory, points),
        "at": theory.instability_line(points),
    }


def largest_load(theory: Phases) -> float:
    """Largest load on the spinodal.

    Parameters
    ----------
    theory : Phases
        Whose spinodal.

    Returns
    -------
    float
        0 if nothing is retrieved at any temperature.

    Examples
    --------
    >>> from theory.pairs.phases import HopfieldPhases
    >>> round(largest_load(HopfieldPhases()), 6)
    0.138189
    """
    low, high = 0.0, theory.melting_temperature
    if high == 0.0:
        return 0.0
    for _ in range(STAGES):
        temperature = np.linspace(low, high, 33)
        load = theory.spinodal(temperature).load
        best = int(np.nanargmax(load))
        low, high = temperature[max(best - 1, 0)], temperature[min(best + 1, 32)]
    return float(load[best])
