r"""Onsager's reaction: what a spin feels of its own effect on the others.

The free energy of independent spins with means :math:`m_i` is :math:`H(m) - T S(m)`; the terms that
follow it in Plefka's expansion depend, for crosstalk of independent patterns and large N, on
:math:`q = \frac1N \sum_i m_i^2` alone. With :math:`C = (1-q)/T` they add
:math:`-R\, m_i` to the field of spin i.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.polynomial.polynomial import polyder, polyval
from numpy.typing import NDArray

from hopfield import Network
from montecarlo.mean_field_fields import IndependentSpins, expansion

__all__ = ["GaussianReaction", "NoReaction", "PairReaction", "Reaction", "reaction_of"]

Floats = NDArray[np.float64]


class Reaction(Protocol):
    """Terms of Plefka's expansion beyond independent spins."""

    def coefficient(self, q: float, temperature: float) -> float:
        """R, by which the field of spin i is smaller, over m_i."""

    def free_energy(self, q: float, temperature: float) -> float:
        """What is added to the free energy per spin."""

    def energy(self, q: float, temperature: float) -> float:
        """What is added to the energy per spin."""

    def replicon(self, m: Floats, temperature: float) -> float:
        """What is positive where the expansion converges."""

    def summable(self, q: float, temperature: float) -> bool:
        """Whether the expansion can converge at this q."""


@dataclass(frozen=True)
class NoReaction:
    """First order of the expansion: the naive mean field."""

    def coefficient(self, q: float, temperature: float) -> float:
        """0."""
        return 0.0

    def free_energy(self, q: float, temperature: float) -> float:
        """0."""
        return 0.0

    def energy(self, q: float, temperature: float) -> float:
        """0."""
        return 0.0

    def replicon(self, m: Floats, temperature: float) -> float:
        """1."""
        return 1.0

    def summable(self, q: float, temperature: float) -> bool:
        """Always."""
        return True


@dataclass(frozen=True)
class GaussianReaction:
    r"""Second order, after which nothing follows if the crosstalk is Gaussian (p >= 3).

    .. math::
        R = C\, \zeta''(q), \qquad
        f = -\tfrac{1}{2T} [\zeta(1) - \zeta(q) - (1-q) \zeta'(q)]

    Parameters
    ----------
    coefficients : array
        Those of ζ(q), the covariance of the energy of the crosstalk over N:
        :math:`\alpha \frac{(p-1)!}p q^p` without self-interaction.

    References
    ----------
    H. Rieger, Phys. Rev. B 46, 14655 (1992).

    Examples
    --------
    >>> GaussianReaction(np.array([0.0, 0.0, 0.0, 2.0])).coefficient(0.5, 0.25)
    12.0
    """

    coefficients: Floats

    def coefficient(self, q: float, temperature: float) -> float:
        """C ζ''(q)."""
        curvature = polyval(q, polyder(self.coefficients, 2))
        return float((1.0 - q) / temperature * curvature)

    def free_energy(self, q: float, temperature: float) -> float:
        """Half of the energy: one order in 1/T."""
        return 0.5 * self.energy(q, temperature)

    def energy(self, q: float, temperature: float) -> float:
        """-[ζ(1) - ζ(q) - (1-q) ζ'(q)]/T."""
        value, slope = polyval(q, self.coefficients), polyval(q, polyder(self.coefficients))
        return float(-(self.coefficients.sum() - value - (1.0 - q) * slope) / temperature)

    def replicon(self, m: Floats, temperature: float) -> float:
        """1 - ζ''(q) times the mean of (1 - m²)²/T²."""
        curvature = polyval(np.mean(m**2), polyder(self.coefficients, 2))
        return float(1.0 - curvature * np.mean((1.0 - m**2) ** 2) / temperature**2)

    def summable(self, q: float, temperature: float) -> bool:
        """Always: it ends."""
        return True


@dataclass(frozen=True)
class PairReaction:
    r"""All orders, for couplings :math:`\frac1N \sum_\mu x^\mu_i x^\mu_j` without diagonal.

    .. math::
        R = \sum_k \alpha_k \lambda_k \Bigl[\frac1{1 - \lambda_k C} - 1\Bigr], \qquad
        f = \tfrac T2 \sum_k \alpha_k [\ln(1 - \lambda_k C) + \lambda_k C]

    Parameters
    ----------
    eigenvalues : array
        λ_k of the couplings, diagonal included: 1 if the entries of independent patterns have unit
        variance.
    loads : array
        α_k, how many patterns over N have each.

    References
    ----------
    K. Nakanishi and H. Takayama, J. Phys. A 30, 8085 (1997); M. Mézard, Phys. Rev. E 95, 022117
    (2017).

    Examples
    --------
    >>> PairReaction(np.array([1.0]), np.array([0.1])).coefficient(0.5, 1.0)
    0.1
    """

    eigenvalues: Floats
    loads: Floats

    @property
    def _largest(self) -> Floats:
        """The λ C beyond which the replicon is negative, whatever the magnetisations."""
        return np.asarray(1.0 / (1.0 + np.sqrt(self.loads)))

    def _responses(self, q: float, temperature: float) -> Floats:
        return np.minimum(self.eigenvalues * (1.0 - q) / temperature, self._largest)

    def coefficient(self, q: float, temperature: float) -> float:
        """Sum of α λ [1/(1 - λ C) - 1]."""
        x = self._responses(q, temperature)
        return float((self.loads * self.eigenvalues) @ (x / (1.0 - x)))

    def free_energy(self, q: float, temperature: float) -> float:
        """T/2 times the sum of α [ln(1 - λ C) + λ C]."""
        x = self._responses(q, temperature)
        return float(0.5 * temperature * (self.loads @ (np.log1p(-x) + x)))

    def energy(self, q: float, temperature: float) -> float:
        """-(1 - q) R/2."""
        return -0.5 * (1.0 - q) * self.coefficient(q, temperature)

    def replicon(self, m: Floats, temperature: float) -> float:
        """1 - the sum of α λ²/(1 - λ C)² times the mean of (1 - m²)²/T²."""
        x = self._responses(float(np.mean(m**2)), temperature)
        noise = self.loads @ (self.eigenvalues / (1.0 - x)) ** 2
        return float(1.0 - noise * np.mean((1.0 - m**2) ** 2) / temperature**2)

    def summable(self, q: float, temperature: float) -> bool:
        """Whether every λ C is below 1/(1 + sqrt α)."""
        return bool((self.eigenvalues * (1.0 - q) <= self._largest * temperature).all())


def reaction_of(network: Network) -> PairReaction | GaussianReaction:
    r"""Reaction of the crosstalk of a network, whose archetypes are taken as independent.

    The M rows of each archetype have the mean square entry v and the mean overlap o with one
    another, which are measured, and the weight w. For p = 2 the eigenvalues are
    :math:`w [v + (M - 1) o]`, once, and :math:`w (v - o)`, M - 1 times; for p > 2
    :math:`\zeta(q)` has the coefficients

    .. math::
        \frac{K N}{p^2} w^2 a_j^2\, \frac{j!}{N^j} \frac{N!}{(N-j)!\, N^j}\,
        [M v^j + M (M-1) o^j] .

    Parameters
    ----------
    network : Network
        Of any model.

    Returns
    -------
    PairReaction or GaussianReaction

    Examples
    --------
    >>> import hopfield
    >>> reaction_of(hopfield.Hopfield().network(size=100, n_patterns=10, seed=1))
    PairReaction(eigenvalues=array([1.]), loads=array([0.1]))
    """
    spins = IndependentSpins(network)
    model, size, p = network.model, network.size, network.model.interaction_order
    count, each = network.n_archetypes, network.n_patterns // network.n_archetypes
    square = float(network.squares.mean()) * spins.unit**2 / size
    likeness = _mean_overlap(network, square, each)
    if p == 2:
        first, others = square + (each - 1) * likeness, square - likeness
        multiplicities = np.array([1, each - 1])[: 2 if each > 1 else 1]
        eigenvalues = spins.weight * np.array([first, others])[: multiplicities.size]
        return PairReaction(eigenvalues, count / size * multiplicities)
    a = expansion(p, model.self_interaction, square * size, size)
    scale = count * size / p**2 * spins.weight**2
    ratios = [math.prod((j - i) * (size - i) / size**2 for i in range(j)) for j in range(p + 1)]
    pairs = [each * (square**j + (each - 1) * likeness**j) for j in range(p + 1)]
    return GaussianReaction(scale * a**2 * np.array(ratios) * np.array(pairs))


def _mean_overlap(network: Network, square: float, each: int) -> float:
    """Mean overlap of two different rows of an archetype."""
    if each == 1:
        return 0.0
    sums = (network.effective_sums(k, k + 1)[0] for k in range(network.n_archetypes))
    whole = float(np.mean([float(row @ row) for row in sums])) / network.size
    return (whole - each * square) / (each * (each - 1))
