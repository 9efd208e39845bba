r"""Crosstalk of the stored patterns in networks of p-body interactions, p >= 3.

In a state with one condensed pattern the energy of all others is Gaussian, with the covariance
:math:`N \alpha\, \xi(q)` between two configurations of overlap q. The variance of the local field
it makes is :math:`\alpha\, \xi'(q)`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.polynomial.polynomial import polyder, polyval

from theory.saddle import Array

__all__ = ["Crosstalk", "crosstalk", "interference"]


@dataclass(frozen=True)
class Crosstalk:
    r"""The polynomial :math:`\xi(q) = \sum_{k=1}^p \xi_k q^k`, and what equations need of it.

    Parameters
    ----------
    coefficients : tuple of float
        :math:`\xi_0 = 0, \xi_1, \dots, \xi_p`.

    Examples
    --------
    >>> full = crosstalk(3, self_interaction=True)  # ξ' = 1 + 2 q²
    >>> full.derivative(0.5).item(), full.exponent(0.5).item()
    (1.5, 0.6666666666666666)
    """

    coefficients: tuple[float, ...]

    @property
    def p(self) -> int:
        """Number of spins in an interaction."""
        return len(self.coefficients) - 1

    def scaled(self, factor: float) -> Crosstalk:
        """The polynomial times a factor."""
        return Crosstalk(tuple(factor * coefficient for coefficient in self.coefficients))

    def value(self, q: Array | float) -> Array:
        """ξ(q)."""
        return np.asarray(polyval(q, self.coefficients))

    def derivative(self, q: Array | float, order: int = 1) -> Array:
        """Derivative of ξ of an order >= 1."""
        return np.asarray(polyval(q, polyder(self.coefficients, order)))

    def exponent(self, q: Array | float) -> Array:
        """χ(q) = q ξ''(q) / ξ'(q), regular at q = 0; p - 1 for a single power."""
        slope = polyder(self.coefficients)
        lowest = int(np.flatnonzero(slope)[0])
        factor = slope[lowest:]
        weighted = factor * np.arange(lowest, slope.size)
        return np.asarray(polyval(q, weighted) / polyval(q, factor))

    def first_remainder(self, q: Array | float) -> Array:
        """[ξ(1) - ξ(q)] / (1 - q), without cancellation."""
        sums = np.cumsum(self.coefficients[::-1])[::-1]
        return np.asarray(polyval(q, sums[1:]))

    def second_remainder(self, q: Array | float) -> Array:
        """[ξ(1) - ξ(q) - (1 - q) ξ'(q)] / (1 - q)², without cancellation."""
        sums = np.cumsum(self.coefficients[::-1])[::-1]
        return np.asarray(polyval(q, sums[2:] * np.arange(1, self.p)))


@cache
def crosstalk(p: int, self_interaction: bool) -> Crosstalk:
    r"""Crosstalk of a Hebbian energy of p-body interactions.

    Without self-interaction :math:`\xi(q) = \frac{(p-1)!}p q^p`. With it, for the Hermite
    expansion :math:`x^p = \sum_j c_j \mathrm{He}_j(x)`,
    :math:`\xi(q) = p^{-2} \sum_{j \ge 1} c_j^2\, j!\, q^j`, so that
    :math:`\xi'(q) = E[x^{p-1} y^{p-1}]` for unit Gaussians of correlation q.

    Parameters
    ----------
    p : int
        At least 3.
    self_interaction : bool
        Whether the energy is the full power of the overlap.

    Returns
    -------
    Crosstalk

    References
    ----------
    E. Gardner, J. Phys. A 20, 3453 (1987); D. Krotov and J. J. Hopfield, NIPS 29, 1172 (2016).

    Examples
    --------
    >>> crosstalk(4, False).coefficients, crosstalk(4, True).coefficients
    ((0.0, 0.0, 0.0, 0.0, 1.5), (0.0, 0.0, 4.5, 0.0, 1.5))
    """
    coefficients = [0.0] * (p + 1)
    for j in range(p, 0, -2) if self_interaction else (p,):
        pairs = (p - j) // 2
        hermite = math.factorial(p) // (2**pairs * math.factorial(pairs) * math.factorial(j))
        coefficients[j] = hermite**2 * math.factorial(j) / p**2
    return Crosstalk(tuple(coefficients))


def interference(p: int, quality: float, examples: int) -> float:
    r"""Crosstalk of M examples that are stored one by one, over that of their mean.

    Two examples of one archetype have the correlation r², so that

    .. math::
        V = \frac{\frac1M + (1 - \frac1M)\, r^{2p}}{[r^2 + \frac1M (1-r^2)]^p}
          = \frac{1+\rho_p}{(1+\rho)^p}, \qquad \rho_p = \frac{1 - r^{2p}}{M r^{2p}}, \quad
        \rho = \rho_1 .

    Parameters
    ----------
    p : int
        At least 2.
    quality : float
        r in (0, 1].
    examples : int
        M >= 1.

    Returns
    -------
    float
        At least 1.

    Examples
    --------
    >>> interference(3, 0.5, 1), interference(3, 1.0, 10), round(interference(3, 0.5, 10), 6)
    (1.0, 1.0, 3.322713)
    """
    if examples == 1 or quality == 1.0:
        return 1.0
    fresh = 1.0 / examples
    pair = fresh + (1.0 - fresh) * quality ** (2 * p)
    return float(pair / (quality**2 + fresh * (1.0 - quality) * (1.0 + quality)) ** p)
