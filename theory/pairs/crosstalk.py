r"""Crosstalk of the stored patterns in networks of pair interactions, p = 2.

The couplings of all patterns but the retrieved one are a sum of Wishart matrices. Mode k has the
scale :math:`\lambda_k` and :math:`g_k` vectors for each pattern: a network that stores patterns,
or their effective ones, has one mode with :math:`\lambda = g = 1`; a network that sees M examples
of each archetype without knowing which belong together has another with
:math:`\lambda = \rho/(1+\rho)` and :math:`g = M - 1`. If entries are blank with the probability d
all scales are 1 - d times as large. The variance of the local field is

.. math:: \sigma^2 = \alpha q\, S(C), \qquad
    S(C) = \sum_k \frac{g_k \lambda_k^2}{(1 - \lambda_k C)^2},

with the response :math:`C = (1-q)/T`, for which :math:`\lambda C < 1` in every mode.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import xlogy

from theory.saddle import Array

__all__ = ["STORAGE", "PairCrosstalk"]

SMALL = 0.5  # λ C below which the logarithm of 1 - λ C is taken of that


@dataclass(frozen=True)
class PairCrosstalk:
    r"""Modes of the crosstalk, and what equations need of them.

    All functions take the gap :math:`\gamma = 1 - \lambda_1 C` of the largest scale
    :math:`\lambda_1`, which may be known better than C, and are regular where it vanishes.

    Parameters
    ----------
    modes : tuple of pairs of float
        :math:`(\lambda_k, g_k)`, all positive.

    Examples
    --------
    >>> crosstalk = PairCrosstalk(((1.0, 1.0), (0.5, 12.0)))
    >>> crosstalk.power, crosstalk.root(crosstalk.gap(np.array(0.0))).item()  # S(0)
    (4.0, 0.5)
    """

    modes: tuple[tuple[float, float], ...]

    @property
    def largest(self) -> float:
        """Scale λ₁ of the largest mode."""
        return max(scale for scale, _ in self.modes)

    @property
    def trace(self) -> float:
        """Sum of g λ, the diagonal of the couplings in units of the load."""
        return sum(count * scale for scale, count in self.modes)

    @property
    def power(self) -> float:
        """Sum of g λ², which is S(0)."""
        return sum(count * scale**2 for scale, count in self.modes)

    def gap(self, response: Array) -> Array:
        """γ at a response C."""
        return np.asarray(1.0 - self.largest * response)

    def root(self, gap: Array) -> Array:
        r""":math:`\Gamma = S^{-1/2}`, with the sign of γ; 1 - C for the mode of stored patterns."""
        return np.asarray(gap / np.sqrt(self._sum(gap, 2, 2)))

    def root_slope(self, gap: Array) -> Array:
        """Derivative of Γ by C."""
        return np.asarray(-self._sum(gap, 3, 3) / self._sum(gap, 2, 2) ** 1.5)

    def gap_of_root(self, root: Array, gap: Array) -> Array:
        """γ of an accurate Γ, where γ itself is known up to rounding of C."""
        return np.asarray(root * np.sqrt(self._sum(gap, 2, 2)))

    def rise(self, gap: Array) -> Array:
        r""":math:`\gamma \sum_k g_k\lambda_k^2/(1 - \lambda_k C)`."""
        return self._sum(gap, 2, 1)

    def log_determinant(self, load: Array, gap: Array) -> Array:
        r""":math:`\alpha \sum_k g_k [\ln(1-\lambda_k C) + \lambda_k C]`, 0 without load."""
        total = np.zeros_like(gap)
        for scale, count in self.modes:
            loss = scale / self.largest * (1.0 - gap)
            near = xlogy(load, self._own(scale, gap))
            far = load * np.log1p(-np.minimum(loss, SMALL))
            total += count * (np.where(loss < SMALL, far, near) + load * loss)
        return total

    def _own(self, scale: float, gap: Array) -> Array:
        """1 - λ C of a mode."""
        share = scale / self.largest
        return np.asarray((1.0 - share) + share * gap)

    def _sum(self, gap: Array, power: int, order: int) -> Array:
        """Sum of g λ^power (γ/(1 - λ C))^order."""
        here = np.maximum(gap, 0.0)  # where C > 1/λ₁, Γ goes on as a straight line
        total = np.zeros_like(gap)
        for scale, count in self.modes:
            first = scale == self.largest
            share = 1.0 if first else (here / self._own(scale, here)) ** order
            total += count * scale**power * share
        return total


STORAGE = PairCrosstalk(((1.0, 1.0),))
"""The only mode of a network that stores patterns."""
