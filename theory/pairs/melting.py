r"""Temperature from which on networks of pair interactions, p = 2, retrieve nothing at any load.

A positive load needs :math:`\lambda_1 C < 1` somewhere along the branch of `theory.pairs.branch`.
Close to :math:`T_c = 1 - d`, where n is small, :math:`\lambda_1 C - 1` has the sign of the fourth
cumulant :math:`E x^4 - 3 (E x^2)^2`. Averaged over the crosstalk, sech²(h/T) is a function f(n x)
which is a mixture of Gaussians, and :math:`\lambda_1 C < 1` on the branch if

.. math:: (1-d)\, E f(n x) < E\Bigl[x^2 \int_0^1 f(n x u)\, du\Bigr].

For patterns this is :math:`d [f(0) - f(n)] < \int_0^1 f(n u)\, du - f(n)`, and since f is convex as
a function of n² the right-hand side is at most :math:`\frac23 [f(0) - f(n)]`: from d = 2/3 on
nothing is retrieved at any temperature. For many examples the same is true from
:math:`d = 2/3(1+\rho)^2` on. The law of a few poor examples may leave a range of low temperatures
beyond the dilution at which the cumulant vanishes.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.optimize import brentq, minimize_scalar

from theory.pairs.branch import effective_overlap_at, ratios
from theory.pairs.crosstalk import PairCrosstalk
from theory.saddle import Array
from theory.signal import Signal

__all__ = ["melting_temperature"]

HIGHEST = 0.99  # of T_c, where the sign is that of the cumulant


@cache
def melting_temperature(crosstalk: PairCrosstalk, signal: Signal) -> float:
    """Temperature from which on no load has a retrieval phase.

    Parameters
    ----------
    crosstalk : PairCrosstalk
        Modes of scale λ and number g.
    signal : Signal
        Law of x.

    Returns
    -------
    float
        1 - d at most; 0 if nothing is retrieved at any temperature.

    Examples
    --------
    >>> from theory.signal import PATTERN
    >>> crosstalk = PairCrosstalk(((0.75, 1.0),))
    >>> melting_temperature(crosstalk, PATTERN.diluted(0.25))
    0.75
    >>> melting_temperature(PairCrosstalk(((0.25, 1.0),)), PATTERN.diluted(0.75))
    0.0
    """
    if signal.subcritical:
        return crosstalk.largest
    grid = np.log(ratios(crosstalk, signal))

    def excess(temperature: float) -> float:
        """Largest 1 - λ C along the branch."""

        def loss(log_ratio: Array) -> Array:
            v = np.exp(np.atleast_1d(log_ratio))
            n = effective_overlap_at(signal, v, np.full(v.shape, temperature))
            return -crosstalk.gap(signal.moments(n, v * n, temperature).response)

        best = int(np.nanargmin(loss(grid)))
        between = grid[max(best - 1, 0)], grid[min(best + 1, grid.size - 1)]
        found = minimize_scalar(lambda v: loss(v).item(), bounds=between, method="bounded")
        return -float(found.fun)

    if excess(0.0) <= 0.0:
        return 0.0
    return float(brentq(excess, 0.0, HIGHEST * crosstalk.largest, xtol=1e-12))
