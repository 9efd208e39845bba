"""Why a phase is not there, in words."""

from __future__ import annotations

import numpy as np

from theory.transitions import Theory

__all__ = ["where_it_ends"]


def where_it_ends(theory: Theory, phase: str, load: float, temperature: float) -> str:
    """The limit of a phase, next to a point where it is absent.

    Parameters
    ----------
    theory : Theory
        Whose phases.
    phase : str
        "retrieval", "glass" or "paramagnet".
    load, temperature : float
        The point.

    Returns
    -------
    str

    Examples
    --------
    >>> from theory.pairs.phases import HopfieldPhases
    >>> where_it_ends(HopfieldPhases(), "retrieval", 0.2, 0.0)
    'it ends at load 0.137906'
    """
    if phase == "retrieval":
        if theory.melting_temperature == 0.0:
            return "no single pattern is retrieved at any temperature, however small the load"
        if temperature >= theory.melting_temperature:
            return f"nothing is retrieved from temperature {theory.melting_temperature:.6g} on"
        return f"it ends at load {theory.spinodal(np.array([temperature])).load.item():.6g}"
    limit = theory.glass_temperature(np.array([load])).item()
    side = "below" if phase == "glass" else "from"
    return f"it is there {side} temperature {limit:.6g}" + (" on" if side == "from" else "")
