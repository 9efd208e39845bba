"""Errors of Monte Carlo averages from correlated sweeps and replicas that may disagree.

Series have shape (..., chain, draw): replicas are the chains, sweeps the draws, and whatever
stands in front (temperature, size, disorder) is kept. A NaN or infinity anywhere in the chains
and draws of a cell makes every result of that cell NaN and leaves the other cells alone. The
errors that come from the disorder and from the size stand in `montecarlo.disorder` and can be
imported from here too.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield import InputError
from montecarlo.disorder import Extrapolation, extrapolate, jackknife

__all__ = [
    "Extrapolation",
    "effective_sample_size",
    "extrapolate",
    "integrated_autocorrelation_time",
    "jackknife",
    "mean_and_stderr",
    "split_rhat",
]

Floats = NDArray[np.float64]

LEAST_DRAWS = 4
WINDOW = 5.0


def integrated_autocorrelation_time(series: ArrayLike) -> Floats:
    r"""Integrated autocorrelation time, in draws.

    .. math:: \tau = 1 + 2 \sum_{t=1}^{W} \rho(t)

    so that n correlated draws of variance v have a mean of variance :math:`v \tau / n` and
    independent draws have :math:`\tau = 1` (Sokal and Wolff: half of it). The autocovariances are
    averaged over the chains, about the mean of all of them, as sums over the number of draws
    whatever the lag; W is the smallest window of at least 5 τ(W) and at least 5, or the longest
    lag if there is none. That is the case if chains sit in different states: τ is then of the
    order of their length. The bias of order 1/n from the mean is removed.

    Parameters
    ----------
    series : array, shape (..., chain, draw)
        At least 4 draws.

    Returns
    -------
    array, shape (...)
        At least 1/log10(chains times draws); 1 for a constant series.

    Raises
    ------
    InputError
        If there are fewer than two dimensions, no chain or fewer than 4 draws.

    References
    ----------
    A. D. Sokal, "Monte Carlo methods in statistical mechanics" (1997), sec. 3 (windowing);
    U. Wolff, Comput. Phys. Commun. 156, 143 (2004), eqs. (31), (35), (49).

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(8, 1000))
    >>> bool(abs(integrated_autocorrelation_time(noise) - 1.0) < 0.2)
    True
    """
    x = _series(series)
    n_chains, n_draws = x.shape[-2:]
    lags = np.arange(n_draws)
    covariance = _autocovariance(x - x.mean(axis=(-2, -1), keepdims=True))
    sums = 2.0 * np.cumsum(_ratio(covariance, covariance[..., :1]), axis=-1) - 1.0
    reached = lags >= WINDOW * np.maximum(sums, 1.0)
    window = np.where(reached.any(axis=-1), reached.argmax(axis=-1), n_draws - 1)
    tau = np.take_along_axis(sums, window[..., None], axis=-1)[..., 0]
    n = n_chains * n_draws
    tau = tau * (1.0 + (2.0 * window + 1.0) / n) / (1.0 + np.maximum(tau, 0.0) / n)
    return np.where(_constant(x), 1.0, np.maximum(tau, 1.0 / np.log10(n)))


def effective_sample_size(series: ArrayLike) -> Floats:
    r"""Number of independent draws with the same error of the mean.

    Every chain is cut into halves. With W the mean variance within the m half-chains of n draws,
    V their mean biased variance plus the variance between their means, and C(t) their mean
    autocovariance,

    .. math::
        \rho(t) = 1 - \frac{W - C(t)}{V}, \qquad
        n_\mathrm{eff} = \frac{m n}{-1 + 2 \sum_k [\rho(2k) + \rho(2k+1)]},

    where the sum of pairs ends before the first that is not positive (only the even term of that
    one is kept, once) and no pair exceeds the one before it. Chains that disagree have V > W and
    a small effective sample size.

    Parameters
    ----------
    series : array, shape (..., chain, draw)
        At least 4 draws; the middle one of an odd number is left out.

    Returns
    -------
    array, shape (...)
        At most log10(m n) times m n; m n if the series is constant.

    Raises
    ------
    InputError
        If there are fewer than two dimensions, no chain or fewer than 4 draws.

    References
    ----------
    A. Gelman et al., Bayesian Data Analysis (3rd ed., 2013), eqs. (11.7), (11.8);
    A. Vehtari et al., Bayesian Anal. 16, 667 (2021), sec. 3.2; C. J. Geyer, Statist. Sci. 7, 473
    (1992), sec. 3.3 (initial monotone sequence).

    Examples
    --------
    >>> noise = np.random.default_rng(0).normal(size=(8, 1000))
    >>> bool(6000 < effective_sample_size(noise) < 10000)
    True
    """
    x = _halves(_series(series))
    n_chains, n_draws = x.shape[-2:]
    means = x.mean(axis=-1, keepdims=True)
    covariance = _autocovariance(x - means)
    biased = covariance[..., :1]
    within = biased * n_draws / (n_draws - 1)
    rho = 1.0 - _ratio(within - covariance, biased + means.var(axis=-2, ddof=1))
    rho[..., 0] = 1.0
    n_pairs = max(1, (n_draws - 1) // 2)
    even = rho[..., 0 : 2 * n_pairs : 2]
    pairs = even + rho[..., 1 : 2 * n_pairs : 2]
    ended = pairs <= 0.0
    last = np.where(ended.any(axis=-1), ended.argmax(axis=-1), n_pairs - 1)[..., None]
    monotone = np.minimum.accumulate(pairs, axis=-1)
    kept = np.where(np.arange(n_pairs) < last, monotone, 0.0).sum(axis=-1)
    tail = np.take_along_axis(even, last, axis=-1)[..., 0]
    total = n_chains * n_draws
    tau = np.maximum(-1.0 + 2.0 * kept + np.maximum(tail, 0.0), 1.0 / np.log10(total))
    tau = np.where(np.isnan(rho).any(axis=-1), np.nan, tau)
    return np.asarray(total / np.where(_constant(x), 1.0, tau))


def split_rhat(series: ArrayLike) -> Floats:
    r"""Split R-hat: the spread of all chains over the spread within half-chains.

    With W the mean variance within the half-chains of n draws and B/n the variance between their
    means, :math:`\hat R = \sqrt{[(n-1) W/n + B/n] / W}`; near 1 if the chains agree with one
    another and each first half with its second.

    Parameters
    ----------
    series : array, shape (..., chain, draw)
        At least 4 draws; the middle one of an odd number is left out.

    Returns
    -------
    array, shape (...)
        1 if the series is constant; infinite if its chains are constants that differ.

    Raises
    ------
    InputError
        If there are fewer than two dimensions, no chain or fewer than 4 draws.

    References
    ----------
    A. Gelman et al., Bayesian Data Analysis (3rd ed., 2013), eqs. (11.3), (11.4).

    Examples
    --------
    >>> split_rhat([[0.0, 1.0, 0.0, 1.0], [5.0, 6.0, 5.0, 6.0]]).round(3)
    np.float64(4.143)
    """
    x = _halves(_series(series))
    n = x.shape[-1]
    within = (x - x[..., :1]).var(axis=-1, ddof=1).mean(axis=-1)
    between = x.mean(axis=-1).var(axis=-1, ddof=1)
    return np.where(_constant(x), 1.0, np.sqrt(_ratio(between, within) + (n - 1) / n))


def mean_and_stderr(series: ArrayLike) -> tuple[Floats, Floats]:
    r"""Mean over chains and draws, and its standard error :math:`\sqrt{v / n_\mathrm{eff}}`.

    v is the variance of all draws together and n_eff their effective sample size.

    Parameters
    ----------
    series : array, shape (..., chain, draw)
        At least 4 draws.

    Returns
    -------
    mean, stderr : arrays, shape (...)
        A constant series has standard error 0.

    Raises
    ------
    InputError
        If there are fewer than two dimensions, no chain or fewer than 4 draws.

    Examples
    --------
    >>> mean, stderr = mean_and_stderr(np.ones((3, 2, 10)))
    >>> mean, stderr
    (array([1., 1., 1.]), array([0., 0., 0.]))
    """
    x = _series(series)
    variance = np.where(_constant(x), 0.0, x.var(axis=(-2, -1), ddof=1))
    stderr = np.sqrt(variance / effective_sample_size(x))
    return np.asarray(x.mean(axis=(-2, -1))), np.asarray(stderr)


def _series(series: ArrayLike) -> Floats:
    """The series as floats, its shape checked, a cell that is not finite everywhere NaN."""
    x = np.asarray(series, dtype=np.float64)
    if x.ndim < 2 or x.shape[-2] < 1:
        raise InputError(f"series must have shape (..., chain, draw), got {x.shape}")
    if x.shape[-1] < LEAST_DRAWS:
        raise InputError(f"series must have at least {LEAST_DRAWS} draws, got {x.shape[-1]}")
    finite = np.isfinite(x).all(axis=(-2, -1), keepdims=True)
    return x if finite.all() else np.where(finite, x, np.nan)


def _halves(x: Floats) -> Floats:
    """First and second half of every chain, shape (..., 2 chain, draw // 2)."""
    half = x.shape[-1] // 2
    return np.concatenate([x[..., :half], x[..., -half:]], axis=-2)


def _constant(x: Floats) -> NDArray[np.bool_]:
    """Whether all chains and draws are one and the same number."""
    return np.asarray((x == x[..., :1, :1]).all(axis=(-2, -1)))


def _autocovariance(centred: Floats) -> Floats:
    """Mean over chains of the sum of x_i x_{i+t} over the number of draws, shape (..., draw)."""
    n = centred.shape[-1]
    padded = 1 << (2 * n - 1).bit_length()
    spectrum = np.abs(np.fft.rfft(centred, n=padded, axis=-1)) ** 2
    return np.asarray(np.fft.irfft(spectrum.mean(axis=-2), n=padded, axis=-1)[..., :n] / n)


def _ratio(numerator: Floats, denominator: Floats) -> Floats:
    """Quotient, infinite or NaN where the denominator is zero."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(numerator / denominator)
