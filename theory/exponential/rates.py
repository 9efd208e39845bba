r"""Overlaps of random patterns with a state: large deviations, and what is exact at finite size.

A state of N components and squared norm N has the overlap u with a random pattern. With N
growing, :math:`P(u > x) \sim e^{-N I(x)}` and :math:`E\, e^{\lambda N u} \sim e^{N\zeta(\lambda)}`.
The rate I and the cumulant ζ are the Legendre transforms of each other: where the slope of I is λ,
the overlap is that of the patterns that dominate the average, :math:`x_\lambda = \zeta'(\lambda)`,
and :math:`\zeta(\lambda) = \lambda x_\lambda - I(x_\lambda)`. Of :math:`e^{\alpha N}` patterns the
one that is closest to a state without relation to them has the overlap :math:`x^*(\alpha)` with
:math:`I(x^*) = \alpha`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize.elementwise import find_root
from scipy.special import entr
from scipy.stats import beta, binom, norm

from theory.exponential.bessel import log_mean_exponential
from theory.saddle import Array

__all__ = [
    "BINARY", "ENSEMBLES", "GAUSSIAN", "SPHERICAL",
    "Binary", "Bounded", "Ensemble", "Gaussian", "Spherical", "log_cosh",
]  # fmt: skip

LARGEST_FIELD = 25.0
"""Field, in units of the temperature, beyond which a spin is free with a chance below rounding."""

LATTICE = 1e-9
"""Relative distance below which an overlap is one that signs can have."""


def log_cosh(x: ArrayLike) -> Array:
    """Logarithm of the hyperbolic cosine, to full relative accuracy.

    Parameters
    ----------
    x : array

    Returns
    -------
    array

    Examples
    --------
    >>> log_cosh([1e-8, 1000.0]) / np.array([0.5e-16, 1000.0 - np.log(2.0)])
    array([1., 1.])
    """
    size = np.abs(np.asarray(x, dtype=float))
    small = -0.5 * np.log1p(-(np.tanh(np.minimum(size, 1.0)) ** 2))
    large = size + np.log1p(np.exp(-2.0 * size)) - np.log(2.0)
    return np.asarray(np.where(size < 1.0, small, large))


class Ensemble(Protocol):
    """Law of the overlap of a random pattern with a state."""

    def rate(self, overlap: ArrayLike) -> Array:
        """I(x)."""

    def cumulant(self, sharpness: ArrayLike) -> Array:
        """ζ(λ)."""

    def shortfall(self, sharpness: ArrayLike) -> Array:
        """λ - ζ(λ), without the digits that the two have in common."""

    def tilted_overlap(self, sharpness: ArrayLike) -> Array:
        """Overlap of the patterns that dominate the average of exp(λ N u)."""

    def tilted_rate(self, sharpness: ArrayLike) -> Array:
        """I at that overlap, where it is not as accurate as its argument."""

    def extreme_overlap(self, load: ArrayLike) -> Array:
        """Largest overlap among exp(α N) patterns."""

    def finite_cumulant(self, sharpness: ArrayLike, size: ArrayLike) -> Array:
        """Logarithm of the average of exp(λ N u), over N."""

    def log_tail(self, overlap: ArrayLike, size: ArrayLike) -> tuple[Array, Array]:
        """Logarithms of the probabilities of a larger and of the same overlap."""


class Bounded(Ensemble, Protocol):
    """Patterns and states from the same bounded set."""

    @property
    def volume(self) -> float:
        """Logarithm of the number of states, per component; 0 for a normalised measure."""

    def extreme_field(self, load: ArrayLike) -> Array:
        """Slope of I at the largest overlap among exp(α N) patterns."""


@dataclass(frozen=True)
class Binary:
    r"""Patterns of fair signs, and states of signs.

    .. math:: I(x) = \frac{1+x}2 \log(1+x) + \frac{1-x}2 \log(1-x), \qquad
        \zeta(\lambda) = \log\cosh\lambda, \qquad x_\lambda = \tanh\lambda

    Examples
    --------
    >>> law = Binary()
    >>> law.extreme_overlap(law.rate([0.3, 0.999])).round(12)
    array([0.3  , 0.999])
    """

    volume: ClassVar[float] = float(np.log(2.0))

    def rate(self, overlap: ArrayLike) -> Array:
        """I(x), infinite beyond 1."""
        x = np.abs(np.asarray(overlap, dtype=float))
        inner = np.minimum(x, 0.5)
        small = inner * np.arctanh(inner) + 0.5 * np.log1p(-(inner**2))
        y = np.minimum(x, 1.0)
        large = np.log(2.0) - entr((1.0 + y) / 2.0) - entr((1.0 - y) / 2.0)
        return np.where(x > 1.0, np.inf, np.where(x < 0.5, small, large))

    def cumulant(self, sharpness: ArrayLike) -> Array:
        """Logarithm of cosh λ."""
        return log_cosh(sharpness)

    def shortfall(self, sharpness: ArrayLike) -> Array:
        """Logarithm of 2/(1 + exp(-2λ))."""
        field = np.asarray(sharpness, dtype=float)
        large = self.volume - np.log1p(np.exp(-2.0 * np.maximum(field, 0.0)))
        return np.asarray(np.where(field < 1.0, field - log_cosh(field), large))

    def tilted_overlap(self, sharpness: ArrayLike) -> Array:
        """Hyperbolic tangent of λ."""
        return np.asarray(np.tanh(np.asarray(sharpness, dtype=float)))

    def tilted_rate(self, sharpness: ArrayLike) -> Array:
        """λ tanh λ - log cosh λ; log 2 minus the entropy of a spin in the field λ."""
        field = np.abs(np.asarray(sharpness, dtype=float))
        small = field * np.tanh(field) - log_cosh(field)
        odds = np.exp(-2.0 * field)
        large = self.volume - np.log1p(odds) - entr(odds) / (1.0 + odds)
        return np.asarray(np.where(field < 1.0, small, large))

    def extreme_overlap(self, load: ArrayLike) -> Array:
        """Root of I(x) = α; 1 from log 2 on, where every state is a pattern."""
        return np.asarray(np.tanh(self.extreme_field(load)))

    def extreme_field(self, load: ArrayLike) -> Array:
        """Root θ of I(tanh θ) = α; infinite from log 2 on."""
        alpha = np.asarray(load, dtype=float)
        inner = (alpha > 0.0) & (alpha < self.volume)
        sought = np.where(inner, alpha, 0.1)

        def excess(field: Array, target: Array) -> Array:
            return self.tilted_rate(field) - target

        ends = np.zeros_like(sought), np.full_like(sought, LARGEST_FIELD)
        root = find_root(excess, ends, args=(sought,))
        outer = np.where(alpha > 0.0, np.inf, np.where(np.isnan(alpha), np.nan, 0.0))
        return np.where(inner, root.x, outer)

    def finite_cumulant(self, sharpness: ArrayLike, size: ArrayLike) -> Array:
        """Logarithm of cosh λ at every size."""
        return log_cosh(np.broadcast_arrays(sharpness, size)[0])

    def log_tail(self, overlap: ArrayLike, size: ArrayLike) -> tuple[Array, Array]:
        """Of the binomial law of the number of equal signs."""
        n = np.asarray(size, dtype=float)
        equal = n * (1.0 + np.asarray(overlap, dtype=float)) / 2.0
        nearest = np.rint(equal)
        possible = np.abs(equal - nearest) < LATTICE * n
        count = np.where(possible, nearest, np.floor(equal))
        same = np.where(possible, binom.logpmf(count, n, 0.5), -np.inf)
        return np.asarray(binom.logsf(count, n, 0.5)), same


@dataclass(frozen=True)
class Spherical:
    r"""Patterns and states on the sphere of squared norm N.

    .. math:: I(x) = -\tfrac12 \log(1 - x^2), \qquad
        \zeta(\lambda) = \lambda x_\lambda - \tfrac12 \log(1 + \lambda x_\lambda), \qquad
        x_\lambda = \frac{\sqrt{1 + 4\lambda^2} - 1}{2\lambda}

    Examples
    --------
    >>> law = Spherical()
    >>> law.extreme_overlap(law.rate(0.3)).round(12).item()
    0.3
    """

    volume: ClassVar[float] = 0.0

    def rate(self, overlap: ArrayLike) -> Array:
        """I(x), infinite from 1 on."""
        x = np.asarray(overlap, dtype=float)
        with np.errstate(divide="ignore"):
            return np.asarray(-0.5 * np.log1p(-np.minimum(x**2, 1.0)))

    def cumulant(self, sharpness: ArrayLike) -> Array:
        """ζ(λ)."""
        excess = np.asarray(sharpness, dtype=float) * self.tilted_overlap(sharpness)
        return np.asarray(excess - 0.5 * np.log1p(excess))

    def shortfall(self, sharpness: ArrayLike) -> Array:
        """λ (1 - x) and half the logarithm of 1 + λ x."""
        strength = np.asarray(sharpness, dtype=float)
        root = np.hypot(1.0, 2.0 * strength)
        left = (1.0 + 1.0 / (root + 2.0 * strength)) / (1.0 + root)
        return np.asarray(strength * left + self.tilted_rate(strength))

    def tilted_overlap(self, sharpness: ArrayLike) -> Array:
        """Positive root of x = λ (1 - x²)."""
        strength = np.asarray(sharpness, dtype=float)
        return np.asarray(2.0 * strength / (1.0 + np.hypot(1.0, 2.0 * strength)))

    def tilted_rate(self, sharpness: ArrayLike) -> Array:
        """Half the logarithm of 1 + λ x."""
        strength = np.asarray(sharpness, dtype=float)
        return np.asarray(0.5 * np.log1p(strength * self.tilted_overlap(strength)))

    def extreme_overlap(self, load: ArrayLike) -> Array:
        """Square root of 1 - exp(-2α)."""
        return np.asarray(np.sqrt(-np.expm1(-2.0 * np.asarray(load, dtype=float))))

    def extreme_field(self, load: ArrayLike) -> Array:
        """The field x / (1 - x²) at this overlap x."""
        alpha = np.asarray(load, dtype=float)
        return np.asarray(self.extreme_overlap(alpha) * np.exp(2.0 * alpha))

    def finite_cumulant(self, sharpness: ArrayLike, size: ArrayLike) -> Array:
        """By the Bessel function I of order N/2 - 1."""
        n = np.asarray(size, dtype=float)
        return np.asarray(log_mean_exponential(np.asarray(sharpness, dtype=float) * n, n) / n)

    def log_tail(self, overlap: ArrayLike, size: ArrayLike) -> tuple[Array, Array]:
        """(1 + u)/2 has a beta law; no two overlaps are the same."""
        shape = (np.asarray(size, dtype=float) - 1.0) / 2.0
        x = (1.0 + np.asarray(overlap, dtype=float)) / 2.0
        larger = np.asarray(beta.logsf(x, shape, shape))
        return larger, np.full_like(larger, -np.inf)


@dataclass(frozen=True)
class Gaussian:
    r"""Patterns of independent standard Gaussian components, and states of squared norm N.

    .. math:: I(x) = \frac{x^2}2, \qquad \zeta(\lambda) = \frac{\lambda^2}2, \qquad
        x_\lambda = \lambda

    Examples
    --------
    >>> Gaussian().extreme_overlap(0.5).item()
    1.0
    """

    def rate(self, overlap: ArrayLike) -> Array:
        """Half the square of x."""
        return np.asarray(np.asarray(overlap, dtype=float) ** 2 / 2.0)

    def cumulant(self, sharpness: ArrayLike) -> Array:
        """Half the square of λ."""
        return np.asarray(np.asarray(sharpness, dtype=float) ** 2 / 2.0)

    def shortfall(self, sharpness: ArrayLike) -> Array:
        """λ - λ²/2."""
        return np.asarray(np.asarray(sharpness, dtype=float) - self.cumulant(sharpness))

    def tilted_overlap(self, sharpness: ArrayLike) -> Array:
        """λ itself."""
        return np.asarray(sharpness, dtype=float)

    def tilted_rate(self, sharpness: ArrayLike) -> Array:
        """Half the square of λ."""
        return self.cumulant(sharpness)

    def extreme_overlap(self, load: ArrayLike) -> Array:
        """Square root of 2α."""
        return np.asarray(np.sqrt(2.0 * np.asarray(load, dtype=float)))

    def finite_cumulant(self, sharpness: ArrayLike, size: ArrayLike) -> Array:
        """Half the square of λ at every size."""
        return self.cumulant(np.broadcast_arrays(sharpness, size)[0])

    def log_tail(self, overlap: ArrayLike, size: ArrayLike) -> tuple[Array, Array]:
        """The overlap is Gaussian, of variance 1/N."""
        n = np.asarray(size, dtype=float)
        larger = np.asarray(norm.logsf(np.asarray(overlap, dtype=float) * np.sqrt(n)))
        return larger, np.full_like(larger, -np.inf)


BINARY, SPHERICAL, GAUSSIAN = Binary(), Spherical(), Gaussian()

ENSEMBLES: dict[str, Ensemble] = {
    "binary": BINARY, "spherical": SPHERICAL, "gaussian": GAUSSIAN,
}  # fmt: skip
"""Laws of the patterns by name."""
