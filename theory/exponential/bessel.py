r"""Average of an exponential of one component of a random unit vector.

.. math:: E\, e^{k u} = \Gamma(d/2) \left(\frac2k\right)^\nu I_\nu(k), \qquad \nu = \frac d2 - 1

in d dimensions, with the modified Bessel function I.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.polynomial import Polynomial
from numpy.typing import ArrayLike
from scipy.special import gammaln, hyp0f1, ive

from theory.saddle import Array

__all__ = ["log_mean_exponential"]

LEAST_ORDER = 50.0
"""Order from which on the expansion of Debye is exact to rounding errors."""

TERMS = 8
"""Terms of that expansion."""


def log_mean_exponential(strength: ArrayLike, dimension: ArrayLike) -> Array:
    r"""Logarithm of :math:`E\, e^{k u}` for a component u of a random unit vector.

    Parameters
    ----------
    strength : array
        k >= 0.
    dimension : array
        d >= 2.

    Returns
    -------
    array, of their common shape

    References
    ----------
    NIST Digital Library of Mathematical Functions, eqs. 10.32.2 and 10.41.3.

    Examples
    --------
    >>> k = np.array([0.5, 700.0])
    >>> (log_mean_exponential(k, 3) - np.log(np.sinh(k) / k)).round(11).tolist()
    [0.0, 0.0]
    """
    k, d = np.broadcast_arrays(np.asarray(strength, dtype=float), np.asarray(dimension, float))
    order = d / 2.0 - 1.0
    high = order >= LEAST_ORDER
    moderate, weak = np.where(high, 0.0, order), k < 1.0
    inner = np.where(weak, 1.0, k)
    bessel = np.log(ive(moderate, inner)) + inner
    exact = np.where(
        weak,
        np.log(hyp0f1(moderate + 1.0, np.where(weak, k, 0.0) ** 2 / 4.0)),
        gammaln(moderate + 1.0) + moderate * np.log(2.0 / inner) + bessel,
    )
    return np.where(high, _debye(k, np.where(high, order, LEAST_ORDER)), exact)


def _debye(strength: Array, order: Array) -> Array:
    """The same by the expansion of the Bessel function in its order."""
    z = strength / order
    root = np.hypot(1.0, z)
    excess = z**2 / (1.0 + root)
    growth = order * (excess - np.log1p(excess / 2.0))
    # the average is 1 at k = 0, which gives the factor of Stirling in the same expansion
    return np.asarray(growth - 0.5 * np.log(root) + _log_series(1.0 / root, order)
                      - _log_series(np.ones_like(root), order))  # fmt: skip


def _log_series(t: Array, order: Array) -> Array:
    """Logarithm of the sum of the expansion."""
    terms = [u(t) / order**j for j, u in enumerate(_debye_polynomials())]
    return np.asarray(np.log(np.sum(terms, axis=0)))


@cache
def _debye_polynomials() -> tuple[Polynomial, ...]:
    """Coefficients of the expansion as functions of 1/sqrt(1 + z²), by their recurrence."""
    t = Polynomial([0.0, 1.0])
    found = [Polynomial([1.0])]
    for _ in range(TERMS - 1):
        u = found[-1]
        found.append(0.5 * t**2 * (1.0 - t**2) * u.deriv() + ((1.0 - 5.0 * t**2) * u).integ() / 8.0)
    return tuple(found)
