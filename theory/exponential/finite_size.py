r"""Exponential networks of finite size: what N spins make of the limits, pattern by pattern.

There are :math:`K = e^{\alpha N}` patterns. Everything here is an average over them, or a
probability for random ones; the docstrings say what is exact.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import erfc, exprel, log_ndtr
from scipy.stats import chi2

from theory.exponential.rates import GAUSSIAN, Ensemble
from theory.exponential.thresholds import retrieval_load
from theory.saddle import Array

__all__ = [
    "all_stable_probability",
    "closest_probability",
    "flip_error",
    "gaussian_weight_probability",
    "own_weight",
    "signal_to_noise",
    "stable_probability",
]


def _log_others(load: ArrayLike, size: ArrayLike) -> Array:
    """Logarithm of the number K - 1 of other patterns."""
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
    return np.asarray(np.exp(-np.logaddexp(0.0, _log_others(load, n) + n * gap)))


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
    return np.asarray(np.exp(-0.5 * (_log_others(load, n) + far - (n - 1.0) * np.log(2.0))))


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
    tied = -np.expm1(-np.exp(_log_others(load, n) - n * np.log(2.0))) / 2.0
    noisy = erfc(ratio / np.sqrt(2.0)) / 2.0
    return np.asarray(tied + (1.0 - 2.0 * tied) * noisy)


def stable_probability(sharpness: ArrayLike, load: ArrayLike, size: ArrayLike) -> Array:
    r"""Probability that all neighbours of a pattern have a higher energy, to leading order.

    .. math:: P = [1 - Q(r)]^N\, e^{-(K - 1) N 2^{-N}/2}

    with r from `signal_to_noise` and the Gaussian tail Q. The first factor takes the spins as
    independent, while the crosstalk at two of them has the correlation
    :math:`\sinh^2\lambda/\cosh 2\lambda`: it holds as long as errors are rare. The second is that
    of patterns at distance one, half of which have the lower energy.

    Parameters
    ----------
    sharpness, load, size : arrays
        λ, α and N.

    Returns
    -------
    array

    Examples
    --------
    >>> stable_probability(1.0, [0.3, 0.5], 20).round(3)
    array([0.996, 0.811])
    """
    n = np.asarray(size, dtype=float)
    bits = n * log_ndtr(signal_to_noise(sharpness, load, n))
    pairs = np.exp(_log_others(load, n) - n * np.log(2.0)) * n / 2.0
    return np.asarray(np.exp(bits - pairs))


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
    >>> all_stable_probability(2.0, [0.2, 0.3], 20).round(3)
    array([0.972, 0.213])
    """
    lost = 1.0 - stable_probability(sharpness, load, size)
    count = np.exp(np.asarray(load, dtype=float) * np.asarray(size, dtype=float))
    return np.asarray(np.exp(-count * lost))


def closest_probability(
    ensemble: Ensemble, load: ArrayLike, size: ArrayLike, overlap: ArrayLike
) -> Array:
    r"""Probability that no other pattern is closer to a state than the one it was made from.

    .. math:: P = e^{-t_>} \frac{1 - e^{-t_=}}{t_=}, \qquad
        t_> = (K-1) P(u > q), \quad t_= = (K-1) P(u = q),

    where of patterns at the same distance each one counts equally; exact for many patterns. The
    pattern is retrieved with this probability by the softmax of overlaps where few patterns
    dominate the crosstalk; flips of single spins in random order find it less often.

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
    others = _log_others(load, size)
    larger, same = np.exp(others + log_larger), np.exp(others + log_same)
    return np.asarray(np.exp(-larger) * exprel(-same))
