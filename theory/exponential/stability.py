r"""Stability of patterns of signs in exponential networks of finite size.

In units of the signal, pattern μ contributes :math:`\pm e^{-2\lambda d_{i\mu}}` to the crosstalk
at bit i, + if it differs from the stored pattern there, with d the number of other bits in which
the two differ. The stored pattern is stable if the crosstalk is below 1 at all bits. Of the other
patterns the numbers h_D at every distance D are drawn first. Given them, each one differs in D of
the N bits, drawn without order: at one bit the crosstalk is a sum of independent numbers, of
cumulants

.. math:: \kappa_1 = \sum_D h_D (a_D p - e^{-2\lambda D}), \quad
    \kappa_j = \sum_D h_D\, a_D^j\, k_j(p), \qquad
    p = \frac DN, \quad a_D = e^{-2\lambda D} (1 + e^{2\lambda}),

k those of one bit; and as its sum over all bits is fixed, its correlation at two bits is
:math:`-1/(N-1)`. For Gaussian crosstalk of correlation ρ and equal means

.. math:: P(\text{all} < 1) = \int Dz\, \Phi\left(\frac{c + \sqrt\rho\, z}{\sqrt{1-\rho}}\right)^N,

with :math:`\Phi(c)` the probability of one bit, which is analytic in ρ and holds for ρ < 0 as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import gammaln, ndtr, ndtri, wofz
from scipy.stats import binom, poisson, qmc

from theory.exponential.finite_size import log_others
from theory.saddle import Array

__all__ = ["all_stable_probability", "stable_probability"]

Complex = NDArray[np.complex128]

POINTS = 8
"""Logarithm to base 2 of the number of histograms; twice as many change P by some 1e-3."""

NODES = 16
"""Of the integral over z: errors below 1e-6 from N = 8 on, 1e-4 at N = 4."""

FEW = 300.0
"""Mean number of patterns above which Poisson's law is taken for Gaussian."""

SHARE = 1e-7
"""Part of the variance below which a shell has its mean number of patterns."""

SHARPEST = 2.0
"""λ from which on only patterns at distance one matter, however large it is: more than fifty at
distance two would have to meet at a bit."""

MOST_SKEWNESS = 3.0
"""Skewness from which on the crosstalk is that of a few patterns: below the signal, and as often
positive as negative, so that it decides a tie either way."""

RARE = 1e-13
"""Probability of so many patterns at distance one that they are left out."""

LARGEST = 8.0
"""Standard deviations beyond which a bit is taken for safe, or lost."""


def stable_probability(sharpness: ArrayLike, load: ArrayLike, size: ArrayLike) -> Array:
    r"""Probability that all neighbours of a pattern have a higher energy.

    The average over quasi-random histograms of distances of the integral above, with the Edgeworth
    series for one bit. Patterns at distance one are kept apart: each ties with the signal at its
    bit, so that there the rest of the crosstalk has to be below 0; for large λ nothing else is
    left, :math:`e^{-(K-1) N 2^{-N}/2}`.

    Against 4000 to 10 000 trials at N = 12 to 30, λ = 0.1 to 2 and P from 0.1 to 0.95 it is off by
    up to 0.02, half a standard error of 600 trials on average. It fails where most patterns
    have several neighbours among the patterns, :math:`K N 2^{-N} > 2`, and equal ones protect them:
    close to α = log 2 it is too small. Gaussian crosstalk with the correlation
    :math:`\sinh^2\lambda/\cosh 2\lambda` of all patterns, without the average over histograms, is
    too large by up to 0.1 at N = 20.

    Parameters
    ----------
    sharpness, load, size : arrays
        λ, α and N.

    Returns
    -------
    array

    Examples
    --------
    >>> stable_probability([0.3, 1.0], [0.344, 0.5], 20).round(2)
    array([0.54, 0.79])
    """
    return np.asarray(np.vectorize(_stable, otypes=[float])(sharpness, load, size))


def all_stable_probability(sharpness: ArrayLike, load: ArrayLike, size: ArrayLike) -> Array:
    r"""Probability that every pattern has a lower energy than its neighbours.

    Patterns are lost independently of each other, :math:`e^{-K(1-P)}` with P from
    `stable_probability`. For large λ this is :math:`e^{-K^2 N 2^{-N}/2}`: of every pair at
    distance one a pattern is lost.

    Parameters
    ----------
    sharpness, load, size : arrays
        λ, α and N.

    Returns
    -------
    array

    Examples
    --------
    >>> all_stable_probability(2.0, [0.2, 0.3], 20).round(2)
    array([0.97, 0.22])
    """
    lost = 1.0 - stable_probability(sharpness, load, size)
    count = np.exp(np.asarray(load, dtype=float) * np.asarray(size, dtype=float))
    return np.asarray(np.exp(-count * lost))


@dataclass(frozen=True)
class _Crosstalk:
    """Crosstalk at a bit, for many histograms of the distances other than one.

    Parameters
    ----------
    mean, deviation, skewness, kurtosis : arrays, shape (histogram,)
    """

    mean: Array
    deviation: Array
    skewness: Array
    kurtosis: Array

    def below(self, threshold: float) -> Array:
        """Standard deviations that are as probable as crosstalk below a threshold."""
        c = (threshold - self.mean) / self.deviation
        g, k = self.skewness, self.kurtosis
        inner = np.clip(c, -4.0 * LARGEST, 4.0 * LARGEST)
        x = inner**2
        series = g / 6.0 * (x - 1.0) + inner * (
            k / 24.0 * (x - 3.0) + g**2 / 72.0 * ((x - 10.0) * x + 15.0)
        )
        part = ndtr(inner) - np.exp(-x / 2.0) / np.sqrt(2.0 * np.pi) * series
        likely = np.clip(ndtri(np.clip(part, 0.0, 1.0)), -LARGEST, LARGEST)
        return np.where(g > MOST_SKEWNESS, LARGEST if threshold > 0.0 else 0.0, likely)


@lru_cache(maxsize=4096)
def _stable(sharpness: float, load: float, size: float) -> float:
    """P at one point, by the number of patterns at distance one."""
    n, lam = int(size), min(sharpness, SHARPEST)
    shells = np.arange(n + 1.0)
    log_number = log_others(load, n) + binom.logpmf(shells, n, 0.5)
    pairs = float(np.exp(min(log_number[1], np.log(1e9))))
    crosstalk = _crosstalk(lam, log_number, n)
    away, total = np.exp(-2.0 * lam), 0.0
    chances = poisson.pmf(np.arange(n + 1), pairs)
    for ties in np.flatnonzero(chances > RARE).tolist():
        apart = np.exp(gammaln(n + 1.0) - gammaln(n - ties + 1.0) - ties * np.log(n))
        safe = crosstalk.below(1.0 + ties * away)
        tied = crosstalk.below((ties - 1.0) * away)
        good = np.clip(_together(safe, n - ties, tied, ties), 0.0, 1.0)
        total += float(chances[ties] * apart * np.mean(good))
    return total


def _crosstalk(sharpness: float, log_number: Array, size: int) -> _Crosstalk:
    """Cumulants at a bit, given the numbers of patterns at all distances but one."""
    shells = np.arange(size + 1.0)
    p = shells / size
    weight = np.exp(-2.0 * sharpness * shells)
    jump = weight + np.exp(-2.0 * sharpness * (shells - 1.0))
    shift, spread = jump * p - weight, jump**2 * p * (1.0 - p)
    numbers = np.exp(np.minimum(log_number, 600.0))
    others = np.where(shells == 1.0, 0.0, numbers)
    extra = _fluctuations(others, np.maximum(spread, shift**2))
    # without those at distance one the rest of the exact mean, zero, has the opposite sign
    mean = extra @ shift - numbers[1] * shift[1]
    variance = np.maximum((others + extra) @ spread, 1e-60)
    third = (others + extra) @ (jump * spread * (1.0 - 2.0 * p))
    fourth = (others + extra) @ (jump**2 * spread * (1.0 - 6.0 * p * (1.0 - p)))
    return _Crosstalk(mean, np.sqrt(variance), third / variance**1.5, fourth / variance**2)


def _fluctuations(means: Array, importance: Array) -> Array:
    """Numbers of patterns minus their means, quasi-random, shape (histogram, shell).

    Poisson's law, from which the fluctuations of the total are taken off.
    """
    shares = means * importance
    free = np.flatnonzero(shares > SHARE * shares.sum())
    extra = np.zeros((2**POINTS, means.size))
    uniform = _points(max(free.size, 1))
    for k, u in zip(free, uniform.T, strict=False):
        mean = means[k]
        if mean > FEW:
            extra[:, k] = np.sqrt(mean) * ndtri(u)
        else:
            most = int(mean + 12.0 * np.sqrt(mean) + 15.0)
            extra[:, k] = np.searchsorted(poisson.cdf(np.arange(most), mean), u) - mean
    total = means.sum()
    if total > 0.0:
        extra -= means / total * extra.sum(axis=1, keepdims=True)
    return np.asarray(np.maximum(extra, -means))


@lru_cache(maxsize=64)
def _points(dimensions: int) -> Array:
    """Quasi-random numbers in (0, 1), shape (histogram, dimension)."""
    drawn = qmc.Sobol(dimensions, rng=0).random_base2(POINTS)
    return np.asarray(np.clip(drawn, 1e-12, 1.0 - 1e-12))


@lru_cache(maxsize=1)
def _nodes() -> tuple[Array, Array]:
    """Nodes z >= 0 and weights of the Gaussian average of a function whose real part is even."""
    z, weights = np.polynomial.hermite_e.hermegauss(NODES)
    positive = z > 0.0
    return z[positive], 2.0 * weights[positive] / weights.sum()


def _together(first: Array, count: int, second: Array, more: int) -> Array:
    """Probability that numbers of sum zero are below two thresholds, so many below each."""
    z, weights = _nodes()
    n = count + more
    common = 1j * z / np.sqrt(n - 1.0)
    scale = np.sqrt(1.0 + 1.0 / (n - 1.0))
    logs = np.zeros((first.size, z.size), dtype=np.complex128)
    for thresholds, power in ((first, count), (second, more)):
        if power:
            logs += power * _log_normal((thresholds[:, None] + common) / scale)
    return np.asarray(np.exp(logs).real @ weights)


def _log_normal(z: Complex) -> Complex:
    """Logarithm of the normal distribution function, up to multiples of 2πi."""
    lower = z.real < 0.0
    tail = 0.5 * np.exp(-(z**2) / 2.0) * wofz(np.where(lower, -1j, 1j) * z / np.sqrt(2.0))
    return np.asarray(np.log(np.where(lower, tail, 1.0 - tail)))
