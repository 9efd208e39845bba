r"""Networks whose pattern entries have weights: effective patterns that are sums of examples.

Without self-interaction the energy is a sum of elementary symmetric polynomials of the products
:math:`y_i = x_i s_i`. They are no functions of the overlap alone once the entries differ in size:

.. math::
    e_0 = 1, \qquad
    e_k(y_1 \dots y_i) = e_k(y_1 \dots y_{i-1}) + y_i\, e_{k-1}(y_1 \dots y_{i-1}).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import InputError, integer
from hopfield.network import Network

__all__ = ["WeightedNetwork"]


@dataclass(frozen=True, eq=False)
class WeightedNetwork(Network):
    r"""Network of effective patterns x, integers in units of their standard deviation.

    .. math::
        H(s) = -\frac{(p-1)!}{N^{p-1}} \sum_\mu \sum_{i_1 < \dots < i_p}
               x^\mu_{i_1} s_{i_1} \cdots x^\mu_{i_p} s_{i_p}

    Parameters
    ----------
    model : Supervised or another energy
        Its `effective_unit` is x over the integer.
    patterns : integer array, shape (K, N)
        Sums of examples.
    seed_record, archetypes
        As of `Network`.

    Raises
    ------
    InputError
        If the patterns are not of that shape or not integers.

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Supervised(3, 0.5, 4).network(size=20, n_patterns=3, seed=0)
    >>> net.patterns.dtype, float(net.energy(net.archetypes[0])) < 0.0
    (dtype('int16'), True)
    """

    def _checked(self, given: NDArray[np.generic]) -> NDArray[np.signedinteger]:
        if given.dtype.kind != "i":
            raise InputError(f"sums of examples must be integers, got {given.dtype}")
        return np.ascontiguousarray(given)

    @cached_property
    def squares(self) -> NDArray[np.int64]:
        """Sum of the squares of the entries of each pattern, shape (K,)."""
        return np.array([int(row @ row) for row in self.patterns.astype(np.int64)])

    def overlap_sums(self, spins: ArrayLike) -> NDArray[np.int64]:
        r"""Integer overlaps :math:`M_\mu = \sum_i S_i^\mu s_i`, shape (..., K)."""
        states = self._spins(spins).astype(np.float64)
        return np.asarray(states @ self.patterns.T.astype(np.float64)).astype(np.int64)

    def overlaps(self, spins: ArrayLike) -> NDArray[np.float64]:
        """Overlaps with the patterns, which are the effective overlaps."""
        return self.effective_overlaps(spins)

    def energy_difference(self, spins: ArrayLike, i: int) -> NDArray[np.float64]:
        r"""Change of the energy when spin `i` is flipped, shape (...)."""
        integer("i", i, low=0, high=self.size - 1)
        states = self._spins(spins)
        flipped = states.copy()
        flipped[..., i] *= -1
        change = self.pattern_energies(states) - self.pattern_energies(flipped)
        return np.asarray(change.sum(axis=-1))

    def pattern_energies(self, spins: ArrayLike) -> NDArray[np.float64]:
        """What each pattern takes from the energy, shape (..., K), by the recursion over sites."""
        states = self._spins(spins)
        p, n = self.model.interaction_order, self.size
        x = self.patterns * (self.model.effective_unit / n)
        polynomials = [np.ones((*states.shape[:-1], self.n_patterns))]
        polynomials += [np.zeros_like(polynomials[0]) for _ in range(p)]
        for i in range(n):
            y = x[:, i] * states[..., i, None]
            for k in range(min(p, i + 1), 0, -1):
                polynomials[k] += y * polynomials[k - 1]
        return np.asarray(n * math.factorial(p - 1) * polynomials[p])
