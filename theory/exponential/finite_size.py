r"""Exponential networks of finite size: what N spins make of the limits, pattern by pattern.

There are :math:`K = e^{\alpha N}` patterns. Everything here is an average over them, or a
probability for random ones; the docstrings say what is exact.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import erfc, exprel
from scipy.stats import binom, chi2

from theory.exponential.rates import GAUSSIAN, Ensemble
from theory.exponential.thresholds import retrieval_load
from theory.saddle import Array

DAMPING = 18.0
"""A: the series is that of the distribution function up to e^-A."""

SPREAD, FREQUENCIES = 1e-3, 1600
"""Deviation that smoothes the sum of weights, and terms of the series, up to 1e-5."""

MANY = 1e6
"""Number of patterns from which on the law of their numbers is Poisson's."""

LARGEST_EXPONENT = 600.0
"""Logarithm of a number of patterns for which larger ones stand as well."""

__all__ = [
    "closest_probability",
    "flip_error",
    "gaussian_weight_probability",
    "log_others",
    "own_weight",
    "signal_to_noise",
    "weight_probability",
]


def log_others(load: ArrayLike, size: ArrayLike) -> Array:
    """Logarithm of the number K - 1 of other patterns.

    Parameters
    ----------
    load, size : arrays
        α and N.

    Returns
    -------
    array

    Examples
    --------
    >>> np.exp(log_others(np.log(8.0) / 3.0, 3)).round(12).item()
    7.0
    """
    exponent = np.asarray(load, dtype=float) * np.asarray(size, dtype=float)
    with np.errstate(divide="ignore"):
        return np.asarray(exponent + np.log(-np.expm1(-exponent)))


def own_weight(
    ensemble: Ensemble,
    sharpness: ArrayLike,
    load: ArrayLike,
    size: ArrayLike,
    overlap: ArrayLike = 1.0,
) -> Array:
    r"""Weight of a pattern in the softmax at a state, with the mean for the sum of all others.

    .. math:: w_1 = \left[1 + (K - 1)\, E\,e^{\lambda N (u - q)}\right]^{-1}

    The mean of w_1 is larger, hardly so from `theory.exponential.thresholds.scatter_load` on.

    Parameters
    ----------
    ensemble : Ensemble
        Law of the patterns.
    sharpness, load, size : arrays
        λ, α and N.
    overlap : array
        Overlap q of the state with the pattern.

    Returns
    -------
    array

    Examples
    --------
    >>> from theory.exponential.rates import BINARY
    >>> own_weight(BINARY, 1.0, [0.4, 0.7], 30).round(3)
    array([0.993, 0.018])
    """
    lam, n = np.asarray(sharpness, dtype=float), np.asarray(size, dtype=float)
    gap = ensemble.finite_cumulant(lam, n) - lam * np.asarray(overlap, dtype=float)
    return np.asarray(np.exp(-np.logaddexp(0.0, log_others(load, n) + n * gap)))


def gaussian_weight_probability(sharpness: ArrayLike, load: ArrayLike, size: ArrayLike) -> Array:
    r"""Probability that a Gaussian pattern has more than half of the weight at itself.

    What matters up to hundreds of components is its norm: the weight is 1/2 where the squared norm
    is N α/α₁, with the threshold α₁ at the mean norm.

    Parameters
    ----------
    sharpness, load, size : arrays
        λ <= 1, α above `theory.exponential.thresholds.condensation_load`, and N.

    Returns
    -------
    array

    Examples
    --------
    >>> gaussian_weight_probability(0.5, [0.3, 0.375], 40).round(3)
    array([0.812, 0.47 ])
    """
    n = np.asarray(size, dtype=float)
    ratio = np.asarray(load, dtype=float) / retrieval_load(GAUSSIAN, sharpness)
    return np.asarray(chi2.sf(n * ratio, n))


def signal_to_noise(sharpness: ArrayLike, load: ArrayLike, size: ArrayLike) -> Array:
    r"""Energy gap at a flip in a pattern of signs over the standard deviation of the crosstalk.

    In units of the signal the crosstalk of another pattern is :math:`\pm e^{-2\lambda d}`, with
    d the number of other spins in which the patterns differ. Its exact variance is

    .. math:: (K - 1)\, 2^{1-N} (1 + e^{-4\lambda})^{N-1} .

    Patterns with d = 0 are left out here; as there is less than one, they are no noise.

    Parameters
    ----------
    sharpness, load, size : arrays
        λ, α and N.

    Returns
    -------
    array
        Infinite for one pattern.

    Examples
    --------
    >>> signal_to_noise(0.5, [0.3, 0.5], 30).round(3)
    array([41.388,  2.06 ])
    """
    n = np.asarray(size, dtype=float)
    odds = np.log1p(np.exp(-4.0 * np.asarray(sharpness, dtype=float)))
    with np.errstate(divide="ignore"):
        far = np.log(np.expm1((n - 1.0) * odds))
    return np.asarray(np.exp(-0.5 * (log_others(load, n) + far - (n - 1.0) * np.log(2.0))))


def flip_error(sharpness: ArrayLike, load: ArrayLike, size: ArrayLike) -> Array:
    r"""Probability that flipping a spin of a pattern lowers the energy.

    With Gaussian crosstalk of `signal_to_noise`, and half of a tie for each pattern that differs
    in this spin alone.

    Parameters
    ----------
    sharpness, load, size : arrays
        λ, α and N.

    Returns
    -------
    array

    Examples
    --------
    >>> flip_error(0.5, [0.3, 0.5], 30).round(6)
    array([4.0000e-06, 2.1136e-02])
    """
    n = np.asarray(size, dtype=float)
    ratio = signal_to_noise(sharpness, load, n)
    tied = -np.expm1(-np.exp(log_others(load, n) - n * np.log(2.0))) / 2.0
    noisy = erfc(ratio / np.sqrt(2.0)) / 2.0
    return np.asarray(tied + (1.0 - 2.0 * tied) * noisy)


def closest_probability(
    ensemble: Ensemble, load: ArrayLike, size: ArrayLike, overlap: ArrayLike
) -> Array:
    r"""Probability that no other pattern is closer to a state than the one it was made from.

    .. math:: P = e^{-t_>} \frac{1 - e^{-t_=}}{t_=}, \qquad
        t_> = (K-1) P(u > q), \quad t_= = (K-1) P(u = q),

    where of patterns at the same distance each one counts equally; exact for many patterns. The
    softmax leads there if few patterns dominate the crosstalk, λ >= 1 or so; and so does steepest
    descent by flips of single spins, within 0.01 at λ >= 0.7, N = 16 to 40 and q = 0.6. At smaller
    λ it finds the pattern less often, by up to 0.03 at λ = 0.5 and 0.05 at λ = 0.3 and N = 20, and
    at loads at which patterns are lost themselves. Flips in random order find it less often
    for all λ, as patterns compete that are farther by one to three spins: 0.75, 0.39 and 0.13 in
    place of 0.90, 0.60 and 0.17 from q = 0.7, 0.6 and 0.5 at α = 0.25, N = 20 and λ >= 1.

    Parameters
    ----------
    ensemble : Ensemble
        Law of the patterns.
    load, size : arrays
        α and N.
    overlap : array
        Overlap q of the state with its pattern.

    Returns
    -------
    array

    Examples
    --------
    >>> from theory.exponential.rates import BINARY
    >>> closest_probability(BINARY, 0.25, 20, [0.8, 0.6, 0.4]).round(3)
    array([0.984, 0.6  , 0.009])
    """
    log_larger, log_same = ensemble.log_tail(overlap, size)
    others = log_others(load, size)
    larger, same = np.exp(others + log_larger), np.exp(others + log_same)
    return np.asarray(np.exp(-larger) * exprel(-same))


def weight_probability(
    sharpness: ArrayLike, load: ArrayLike, size: ArrayLike, overlap: ArrayLike = 1.0
) -> Array:
    r"""Probability that a pattern of signs has more than half of the weight of the softmax.

    At a state that differs from it in D spins, for random other patterns:

    .. math:: P\Big(\sum_\mu e^{-2\lambda (D_\mu - D)} < 1\Big)
        = \int \frac{ds}{2\pi i}\, \frac{e^s}{s}
        \Big[\sum_{D' > D} \binom N{D'} 2^{-N} e^{-s\, e^{-2\lambda (D' - D)}}\Big]^{K-1}.

    Exact, but for a sum that is spread by a Gaussian of deviation 0.001 for the sake of the
    integral. For λ to infinity no other pattern may be as close, `closest_probability` without
    ties.

    Parameters
    ----------
    sharpness, load, size : arrays
        λ, α and N.
    overlap : array
        Overlap q of the state with the pattern, rounded to one that signs can have.

    Returns
    -------
    array

    Examples
    --------
    >>> weight_probability(0.5, [0.2, 0.25, 0.3], 20, 0.7).round(3)
    array([0.91 , 0.246, 0.   ])
    """
    function = np.vectorize(_heavy, otypes=[float])
    return np.asarray(function(sharpness, load, size, overlap))


def _heavy(sharpness: float, load: float, size: float, overlap: float) -> float:
    """`weight_probability` at one point, by the Fourier series of the Laplace transform."""
    n, flipped = int(size), round((1.0 - overlap) * size / 2.0)
    farther = np.arange(flipped + 1, n + 1)
    s = (DAMPING + 2j * np.pi * np.arange(FREQUENCIES)) / 2.0
    light = np.exp(-2.0 * sharpness * (farther - flipped))
    log_number = float(log_others(load, n))
    log_counts = np.minimum(log_number + binom.logpmf(farther, n, 0.5), LARGEST_EXPONENT)
    log_closer = min(log_number + binom.logcdf(flipped, n, 0.5), LARGEST_EXPONENT)
    exponent = np.expm1(-np.outer(s, light)) @ np.exp(log_counts) - np.exp(log_closer)
    if log_number < np.log(MANY):
        number = np.exp(log_number)
        exponent = number * np.log(1.0 + exponent / number) if number > 0.0 else 0.0 * s
    exponent += (SPREAD * s) ** 2 / 2.0
    terms = (np.exp(exponent) / s).real * (-1.0) ** np.arange(FREQUENCIES)
    terms[0] /= 2.0
    return float(np.clip(np.exp(DAMPING / 2.0) * terms.sum(), 0.0, 1.0))
