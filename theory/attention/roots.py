"""Roots to the last digit, also close to zero."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

__all__ = ["root"]

ROUNDING = 4.0 * float(np.finfo(np.float64).eps)
TINY = 1e-300
STEPS = 1000
"""More than bisections need from any bracket, where rounding errors mislead interpolation."""


def root(function: Callable[[float], float], low: float, high: float) -> float:
    """Root of a function between two points where it has different signs.

    Parameters
    ----------
    function : callable
    low, high : float

    Returns
    -------
    float

    Examples
    --------
    >>> root(lambda x: x**2 - 1e-200, 0.0, 1.0)
    1e-100
    """
    return float(brentq(function, low, high, xtol=TINY, rtol=ROUNDING, maxiter=STEPS))
