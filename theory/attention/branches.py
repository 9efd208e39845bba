r"""Patterns in clusters: states of one pattern, and averages over a cluster.

The scalar products, over the squared norm, are :math:`q_i` within a cluster of k patterns and
:math:`q_o` between the :math:`n_c` clusters. With :math:`A = \beta (1 - q_i)`,
:math:`s = (q_i - q_o)/(1 - q_i)`, and the logarithms u and v of the ratios of the weight of one
pattern, those of the others of its cluster, and those beyond,

.. math::
    v + c\, e^{-v} = c + s u , \quad c = \frac{(s k + 1)\, u}{e^u - 1} , \qquad
    A = \frac{u\, (1 + (k-1) e^{-u} + k (n_c - 1) e^{-u-v})}{1 - e^{-u}} ,

so that v is a Lambert function of u, and every state of one pattern is known from its u. Averages
over a cluster are u = 0, and states of the Potts model of the means of clusters.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import exprel, lambertw

from theory.attention.classes import Classes
from theory.attention.potts import Subset, log_ratio, spinodal
from theory.attention.roots import root
from theory.saddle import Array

__all__ = ["Clusters"]

SMALLEST, POINTS = 1e-4, 400
"""Smallest u at which the end of the states of one pattern is sought, and number of all of them."""

SERIES = 1e-2
"""Smallest u at which 1/(e^u - 1) - 1/u keeps its digits."""


@dataclass(frozen=True)
class Clusters:
    """Clusters of patterns; β is in units of one over their squared norm.

    Parameters
    ----------
    count, size : int
        Numbers of clusters and of the patterns in each, the latter at least 2.
    inside, between : float
        Overlaps :math:`q_i > q_o`.

    Examples
    --------
    >>> clusters = Clusters(3, 4, 0.8, 0.0)
    >>> u, v = clusters.pattern_end
    >>> weights, beta = clusters.log_weights(u, v), clusters.beta(u, v)
    >>> round(clusters.pattern_classes.eigenvalue(weights, beta), 9)
    1.0
    """

    count: int
    size: int
    inside: float
    between: float

    @property
    def contrast(self) -> float:
        """The s of the equations."""
        return (self.inside - self.between) / (1.0 - self.inside)

    @property
    def cluster_coupling(self) -> float:
        """Coupling of the Potts model of the means of clusters, over β."""
        return self.inside + (1.0 - self.inside) / self.size - self.between

    @property
    def pattern_classes(self) -> Classes:
        """One pattern, the others of its cluster, and those beyond."""
        k, n, i, o = self.size, self.count, self.inside, self.between
        others, beyond = (1.0 + (k - 2) * i) / (k - 1), k * (n - 1)
        far = (1.0 + (k - 1) * i + k * (n - 2) * o) / max(beyond, 1)
        products = np.array([[1.0, i, o], [i, others, o], [o, o, far]])
        apart = 1.0 - i + (k * (i - o) if n > 2 else 0.0)
        within = np.array([0.0, 1.0 - i if k > 2 else 0.0, apart])
        kept = slice(3 if n > 1 else 2)
        return Classes(np.array([1.0, k - 1.0, beyond])[kept], products[kept, kept], within[kept])

    def log_weights(self, u: float, v: float) -> Array:
        """Logarithms of the weights of a pattern of each of the `pattern_classes`."""
        ratios = np.array([0.0, -u, -u - v])[: len(self.pattern_classes.sizes)]
        return np.asarray(ratios - np.log(np.exp(ratios) @ self.pattern_classes.sizes))

    def weights(self, u: float, v: float) -> Array:
        """Weights of a pattern of each of the `pattern_classes`; those that are too small are 0."""
        return np.asarray(np.exp(self.log_weights(u, v)))

    def beta(self, u: float, v: float) -> float:
        """Inverse temperature of a state of one pattern."""
        return float(1.0 / (self.weights(u, v)[0] * exprel(-u) * (1.0 - self.inside)))

    def cluster_ratio(self, u: float) -> float:
        """The v that belongs to u."""
        c = (self.contrast * self.size + 1.0) / exprel(u)
        d = c + self.contrast * u
        return float(d + lambertw(-c * math.exp(-d)).real) if self.count > 1 else 0.0

    @cached_property
    def pattern_end(self) -> tuple[float, float]:
        """The u and v where states of one pattern end, u = 0 if they go over into the average."""
        largest = 10.0 + 3.0 * math.log(self.count * self.size)
        grid = np.geomspace(SMALLEST, largest, POINTS)[::-1]
        for low, high in zip(grid[1:], grid, strict=False):
            if self._slope(float(low)) <= 0.0:
                u = root(self._slope, float(low), float(high))
                return u, self.cluster_ratio(u)
        return 0.0, self.cluster_ratio(0.0)

    def pattern_at(self, beta: float) -> tuple[float, float]:
        """Find u and v of the stable state of one pattern, not a number where there is none."""
        end = self.pattern_end
        if beta < self.beta(*end):
            return math.nan, math.nan
        largest = 1.0 + beta * (1.0 - self.inside)

        def excess(u: float) -> float:
            return math.log(self.beta(u, self.cluster_ratio(u)) / beta)

        if excess(end[0]) >= 0.0:
            return end
        u = root(excess, end[0], largest)
        return u, self.cluster_ratio(u)

    def cluster_at(self, beta: float) -> float:
        """Find the v of the average over a cluster, not a number where there is none."""
        if self.count == 1:
            return 0.0
        return log_ratio(Subset(self.count, 1), beta * self.cluster_coupling, upper=True)

    @property
    def cluster_begin(self) -> tuple[float, float]:
        """The β and v where averages over a cluster appear."""
        if self.count == 1:
            return 0.0, 0.0
        law = Subset(self.count, 1)
        v = spinodal(law)
        return law.coupling(v) / self.cluster_coupling, v

    @property
    def cluster_end(self) -> tuple[float, float]:
        """The β and v where they become unstable; not a number if they are never stable."""
        v = self.cluster_ratio(0.0)
        beta = self.beta(0.0, v)
        begin, first = self.cluster_begin
        return (beta, v) if beta > begin and v >= first else (math.nan, math.nan)

    def _slope(self, u: float) -> float:
        """Derivative of log β along the states of one pattern."""
        h = _smooth(u)
        v = self.cluster_ratio(u)
        c = (self.contrast * self.size + 1.0) / exprel(u)
        rise = (self.contrast - c * (1.0 + h) * -math.expm1(-v)) / (1.0 - c * math.exp(-v))
        w, sizes = self.weights(u, v), self.pattern_classes.sizes
        beyond = sizes[2] * w[2] * (1.0 + rise) if self.count > 1 else 0.0
        return float(-sizes[1] * w[1] - beyond - h)


def _smooth(u: float) -> float:
    """1/(e^u - 1) - 1/u."""
    if u < SERIES:
        return -0.5 + u / 12.0 - u**3 / 720.0
    return 1.0 / math.expm1(u) - 1.0 / u
