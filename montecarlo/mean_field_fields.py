r"""Mean energy of independent spins and its derivatives, exact for every energy and every N.

Spins that are independent of one another, with means :math:`m_i`, have the mean energy

.. math::
    H(m) = -\frac Np \sum_\mu w \sum_k a_k \tau_k(y^\mu), \qquad
    y^\mu_i = x^\mu_i m_i, \qquad \tau_k = \frac{k!}{N^k} e_k ,

because in an elementary symmetric polynomial :math:`e_k` every spin occurs once at most. Without
self-interaction only :math:`a_p = 1`; the full power of an overlap is a sum of several. With the
power sums :math:`P_k = \sum_i y_i^k` and :math:`h_i = -\partial H/\partial m_i`,

.. math::
    \tau_k = \sum_{j=1}^k \frac{(-1)^{j-1} (k-1)!}{(k-j)!} \frac{P_j}{N^j} \tau_{k-j}, \qquad
    h_i = \frac wp \sum_{\mu k} a_k x^\mu_i
          \sum_{j=0}^{k-1} \frac{k!}{(k-1-j)!} \Bigl(\frac{-y^\mu_i}N\Bigr)^j \tau_{k-1-j} .

The sum over j takes the spin i itself out of :math:`\tau_{k-1}`. Entries +-1 have two different
powers, so that all sums over sites or patterns are products with two matrices.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield import Network
from hopfield.energies import energy_unit
from hopfield.weighted import WeightedNetwork

__all__ = ["IndependentSpins", "expansion"]

Floats = NDArray[np.float64]

PANEL_BYTES = 2**20
"""Patterns are turned into floats in panels of this size."""

KEPT_BYTES = 2**27
"""Up to so many bytes the panels are kept from one evaluation to the next."""


def expansion(p: int, self_interaction: bool, filled: ArrayLike, size: int) -> Floats:
    r"""Coefficients :math:`a_k` of the energy of a pattern in the polynomials :math:`\tau_k`.

    For the full power :math:`m^p = \sum_k a_k \tau_k`, by
    :math:`m \tau_k = \tau_{k+1} + k (n - k + 1) \tau_{k-1} / N^2`.

    Parameters
    ----------
    p : int
        Number of spins in an interaction.
    self_interaction : bool
        True for the full power.
    filled : array
        Number n of non-blank entries.
    size : int
        Number N of spins.

    Returns
    -------
    array, shape (..., p + 1)
        Of the shape of `filled` with the full power, of shape (p + 1,) without.

    Examples
    --------
    >>> expansion(3, True, 10, 10)  # m^3 = tau_3 + (3 N - 2)/N^2 tau_1
    array([0.  , 0.28, 0.  , 1.  ])
    """
    if not self_interaction:
        return np.asarray(np.arange(p + 1) == p, dtype=np.float64)
    n = np.asarray(filled, dtype=np.float64)[..., None]
    k = np.arange(1, p + 1)
    lowering = (k / size) * ((n - k + 1) / size)
    power = np.zeros((*n.shape[:-1], p + 1))
    power[..., 0] = 1.0
    for _ in range(p):
        raised = np.zeros_like(power)
        raised[..., 1:] = power[..., :-1]
        raised[..., :-1] += lowering * power[..., 1:]
        power = raised
    return power


@dataclass(frozen=True)
class IndependentSpins:
    """Averages of a network over spins that are independent of one another.

    Parameters
    ----------
    network : Network
        Of any model.

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Hopfield().network(size=50, n_patterns=3, seed=1)
    >>> energy, fields = IndependentSpins(net).energy_and_fields(0.5 * net.patterns[0])
    >>> bool(np.isclose(fields @ (0.5 * net.patterns[0]), -2.0 * energy))
    True
    """

    network: Network

    @property
    def weighted(self) -> bool:
        """Whether pattern entries differ in size."""
        return isinstance(self.network, WeightedNetwork)

    @property
    def unit(self) -> float:
        """Of pattern entries: x over the integer that is stored."""
        return self.network.model.effective_unit if self.weighted else 1.0

    @property
    def _kinds(self) -> int:
        """Number of different powers of entries; 0 and +-1 have two."""
        return self.network.model.interaction_order if self.weighted else 2

    @cached_property
    def weight(self) -> float:
        """The w of every pattern."""
        model = self.network.model
        p = model.interaction_order
        plain = energy_unit(p, model.self_interaction, self.network.size)
        return model.energy_unit(self.network.size) / (plain * self.unit**p)

    def energy_and_fields(self, magnetisations: Floats) -> tuple[float, Floats]:
        """Mean energy, extensive, and minus its derivatives, shape (N,)."""
        size, p = self.network.size, self.network.model.interaction_order
        scaled = magnetisations / size
        powers = np.cumprod(np.broadcast_to(scaled, (p, size)), axis=0, dtype=np.float64)
        columns = [powers[kind :: self._kinds].T.copy() for kind in range(self._kinds)]
        energy, parts = 0.0, np.zeros((p, size))
        for first, matrices in self._panels():
            tau = _polynomials(_power_sums(matrices, columns, p))
            a = self._expansion(first, len(matrices[0]))
            energy += sum(float(np.sum(a[..., k] * tau[k])) for k in _present(a))
            _add_parts(parts, matrices, [_slopes(a, tau, j) for j in range(p)])
        fields = np.zeros(size)
        for part in parts[::-1]:
            fields = part - scaled * fields
        return -size / p * self.weight * energy, self.weight / p * fields

    def overlaps(self, magnetisations: Floats) -> Floats:
        """Mean overlaps with the effective patterns, shape (archetypes,)."""
        net = self.network
        sums = np.concatenate([matrices[0] @ magnetisations for _, matrices in self._panels()])
        whole = sums.reshape(net.n_archetypes, -1).sum(axis=1)
        return np.asarray(whole * (net.model.effective_unit / (self.unit * net.size)))

    def _expansion(self, first: int, rows: int) -> Floats:
        model = self.network.model
        filled = self.network.filled[first : first + rows] if model.self_interaction else 0
        return expansion(model.interaction_order, model.self_interaction, filled, self.network.size)

    def _panels(self) -> Iterator[tuple[int, list[Floats]]]:
        """First row of each panel, and the different powers of its entries."""
        total = 8 * self.network.patterns.size * self._kinds
        yield from self._kept if total <= KEPT_BYTES else self._made()

    @cached_property
    def _kept(self) -> list[tuple[int, list[Floats]]]:
        return list(self._made())

    def _made(self) -> Iterator[tuple[int, list[Floats]]]:
        patterns, p = self.network.patterns, self.network.model.interaction_order
        rows = max(1, PANEL_BYTES // (8 * patterns.shape[1]))
        for first in range(0, len(patterns), rows):
            x = np.asarray(patterns[first : first + rows] * self.unit, np.float64)
            if self.weighted:
                yield first, [np.asarray(x**k) for k in range(1, p + 1)]
            else:
                even = np.asarray(np.abs(x))
                # all rows of ones are one
                yield first, [x, even[:1] if even.all() else even]


def _power_sums(matrices: list[Floats], columns: list[Floats], p: int) -> list[Floats]:
    """The P_k / N^k of every pattern, k = 1 to p."""
    sums = [matrix @ powers for matrix, powers in zip(matrices, columns, strict=True)]
    return [sums[k % len(sums)][:, k // len(sums)] for k in range(p)]


def _polynomials(sums: list[Floats]) -> list[Floats]:
    """The τ_k, k = 0 to p, by Newton's identities."""
    tau = [np.ones_like(sums[0])]
    for k in range(1, len(sums) + 1):
        terms = (
            (-1) ** (j - 1) * math.perm(k - 1, j - 1) * sums[j - 1] * tau[k - j]
            for j in range(1, k + 1)
        )
        tau.append(np.asarray(sum(terms)))
    return tau


def _slopes(a: Floats, tau: list[Floats], j: int) -> Floats:
    """What multiplies x^(j+1) (-m/N)^j in the field, for every pattern."""
    orders = (k for k in _present(a) if k > j)
    return np.asarray(sum(math.perm(k, j + 1) * a[..., k] * tau[k - 1 - j] for k in orders))


def _present(a: Floats) -> list[int]:
    """Orders that the energy has."""
    return [k for k in range(a.shape[-1]) if a[..., k].any()]


def _add_parts(parts: Floats, matrices: list[Floats], slopes: list[Floats]) -> None:
    """Add the sums over patterns of x^(j+1) times slope j to the parts."""
    for kind, matrix in enumerate(matrices):
        chosen = np.stack(slopes[kind :: len(matrices)])
        if len(matrix) < chosen.shape[1]:
            chosen = chosen.sum(axis=1, keepdims=True)
        parts[kind :: len(matrices)] += chosen @ matrix
