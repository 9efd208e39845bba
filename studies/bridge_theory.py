r"""Exact means of networks whose units are sums of n spins, and their limits.

Scores of patterns differ by

.. math:: \beta\,(\xi^1 - \xi^\nu) \cdot x
    = 2 \sqrt{\beta/n} \sum_{i \in A_\nu} \xi^1_i \sum_a s_{ia} ,

with :math:`A_\nu` the units where the two patterns differ. Given the pattern behind them spins are
independent, so that these sums have a characteristic function in closed form. Its Fourier transform
is their exact distribution at every n.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hopfield.arguments import require_memory
from hopfield.attention import units

__all__ = ["MEANS", "component_law", "limits", "means", "power"]

Floats = NDArray[np.float64]

MEANS = ("second_moment", "state_energy", "largest_weight")
"""What has exact means: |x|²/N, the energy of attention, and the largest of its weights."""

FIRST, PARAMETERS = 4, 3
"""First n of a fit of powers, and what is fitted."""

REACH, STEP = 9.0, 0.1
"""Of the grid for Gaussian averages, in standard deviations: its error is far below rounding."""


def means(patterns: Floats, beta: float, spins_per_unit: int) -> dict[str, float]:
    """Exact means in equilibrium at n spins in a unit.

    Parameters
    ----------
    patterns : array of +-1, shape (K, N)
        No two of them equal or opposite.
    beta : float
        β > 0.
    spins_per_unit : int
        n.

    Returns
    -------
    dict of float
        `second_moment`, `state_energy` and `largest_weight`.

    Raises
    ------
    InputError
        If the distribution, of about (n N/2)^(K-1) numbers, does not fit into memory.

    Examples
    --------
    >>> patterns = np.array([[1.0, 1.0, 1.0], [1.0, 1.0, -1.0], [1.0, -1.0, 1.0]])
    >>> [round(means(patterns, 2.0, n)["largest_weight"], 6) for n in (1, 16, 256)]
    [0.909064, 0.884413, 0.891218]
    """
    n = spins_per_unit
    centres = units.response(patterns, beta, n)
    spread = (1.0 - (centres * math.sqrt(beta / n)) ** 2) / beta
    moment = float((centres**2 + spread).mean())
    logs, largest = [], []
    differences = _score_differences(patterns, beta, n)
    offset, total = _shares(differences)
    for source in range(len(patterns)):
        law = _differences_law(patterns, beta, n, source)
        own = beta * float(patterns[0] @ centres[source])
        logs.append(own + float((law * (offset + np.log(total))).sum()))
        largest.append(float((law / total).sum()))
    return _named(moment, float(np.mean(logs)), float(np.mean(largest)), beta, patterns.shape)


def limits(patterns: Floats, beta: float) -> dict[str, float]:
    """The same means for continuous states, n without end.

    Parameters
    ----------
    patterns : array of +-1, shape (K, N)
    beta : float

    Returns
    -------
    dict of float

    Examples
    --------
    >>> patterns = np.array([[1.0, 1.0, 1.0], [1.0, 1.0, -1.0], [1.0, -1.0, 1.0]])
    >>> {name: round(value, 6) for name, value in limits(patterns, 2.0).items()}
    {'second_moment': 1.5, 'state_energy': 1.162125, 'largest_weight': 0.891674}
    """
    from scipy.stats import multivariate_normal

    from montecarlo import mixture

    measure = mixture(patterns, beta)
    count, size = patterns.shape
    moment = (np.trace(measure.covariance) + measure.mean @ measure.mean) / size
    logs, largest = [], []
    for source, centre in enumerate(measure.means):
        apart = patterns[0] - patterns[1:]
        average = _gaussian_average(beta * apart @ centre, beta * apart @ apart.T)
        logs.append(beta * float(patterns[0] @ centre) + average)
        # the pattern of largest weight is right as often as that weight says
        rival = np.delete(patterns, source, axis=0) - centre
        law = multivariate_normal(beta * rival @ centre, beta * rival @ rival.T)
        largest.append(float(law.cdf(np.zeros(count - 1))))
    shares = measure.weights
    return _named(
        float(moment), float(shares @ logs), float(shares @ largest), beta, patterns.shape
    )


def component_law(
    patterns: Floats, beta: float, spins_per_unit: int, site: int
) -> tuple[Floats, Floats]:
    r"""Values of a unit and their probabilities, a mixture of binomials.

    Parameters
    ----------
    patterns : array of +-1, shape (K, N)
    beta : float
    spins_per_unit : int
        n.
    site : int
        Which unit.

    Returns
    -------
    values, probabilities : arrays, shape (n + 1,)

    Examples
    --------
    >>> values, law = component_law(np.ones((1, 1)), 1.0, 2, 0)
    >>> values.round(3), law.round(3)
    (array([-1.414,  0.   ,  1.414]), array([0.038, 0.315, 0.647]))
    """
    from scipy.stats import binom

    n = spins_per_unit
    up = np.arange(n + 1)
    chances = (1.0 + np.tanh(math.sqrt(beta / n) * patterns[:, site])) / 2.0
    law: Floats = np.asarray(binom.pmf(up, n, chances[:, None]), dtype=np.float64)
    return np.asarray((2.0 * up - n) / math.sqrt(n * beta), np.float64), law.mean(axis=0)


def _named(
    moment: float, log_sum: float, largest: float, beta: float, shape: tuple[int, ...]
) -> dict[str, float]:
    """Means by name, the energy with the constant of `hopfield.attention.energy`."""
    count, size = shape
    energy = (math.log(count) - log_sum) / beta + size * (moment + 1.0) / 2.0
    return dict(zip(MEANS, (moment, energy, largest), strict=True))


def _score_differences(patterns: Floats, beta: float, n: int) -> list[Floats]:
    """By how much pattern 0 is ahead of each other one, on a grid of numbers of spins."""
    lengths = n * (patterns[1:] != patterns[0]).sum(axis=1)
    require_memory("the distribution of scores", 64 * math.prod(int(k) + 1 for k in lengths))
    step = 2.0 * math.sqrt(beta / n)
    ahead = [step * (2.0 * np.arange(k + 1) - k) for k in lengths]
    return list(np.meshgrid(*ahead, indexing="ij", sparse=True))


def _shares(differences: list[Floats]) -> tuple[Floats, Floats]:
    """Largest score, without that of pattern 0, and the sum of exponentials over its own."""
    top = np.zeros(np.broadcast_shapes(*(ahead.shape for ahead in differences)))
    for ahead in differences:
        np.maximum(top, -ahead, out=top)
    total = np.exp(-top)
    for ahead in differences:
        total += np.exp(-ahead - top)
    return top, total


def _differences_law(patterns: Floats, beta: float, n: int, source: int) -> Floats:
    """Probabilities on that grid if the spins come from a pattern."""
    apart = (patterns[1:] != patterns[0]).T
    kinds, numbers = np.unique(apart, axis=0, return_counts=True)
    angles = np.meshgrid(
        *(2.0 * np.pi * np.fft.fftfreq(n * int(k) + 1) for k in apart.sum(axis=0)),
        indexing="ij", sparse=True,
    )  # fmt: skip
    wave = np.ones(np.broadcast_shapes(*(angle.shape for angle in angles)), dtype=complex)
    for kind, number in zip(kinds, numbers, strict=True):
        agrees = source == 0 or not kind[source - 1]
        up = (1.0 + math.tanh(math.sqrt(beta / n)) * (1.0 if agrees else -1.0)) / 2.0
        phase = sum((angle for angle, here in zip(angles, kind, strict=True) if here), np.zeros(()))
        wave *= (1.0 - up + up * np.exp(-1j * phase)) ** (n * int(number))
    return np.maximum(np.fft.ifftn(wave).real, 0.0)


def _gaussian_average(mean: Floats, covariance: Floats) -> float:
    r"""Average of :math:`\log(1 + \sum_\nu e^{-D_\nu})` over Gaussian D."""
    values, vectors = np.linalg.eigh(covariance)
    line = np.arange(-REACH, REACH + STEP / 2.0, STEP)
    grid = np.stack(np.meshgrid(*[line] * len(mean), indexing="ij"), axis=-1)
    points = mean + (grid * np.sqrt(np.maximum(values, 0.0))) @ vectors.T
    density = np.exp(-(grid**2).sum(axis=-1) / 2.0)
    top = np.maximum(-points.min(axis=-1), 0.0)
    logs = top + np.log(np.exp(-top) + np.exp(-points - top[..., None]).sum(axis=-1))
    return float((density * logs).sum() / density.sum())


def power(spins: NDArray[np.int64], distance: Floats, stderr: Floats) -> tuple[float, float]:
    r"""Power of n in a distance, from a fit of :math:`\log d = a + s \log n + c/n`.

    Parameters
    ----------
    spins : int array, shape (counts,)
        n, ascending; those from 4 on are used.
    distance, stderr : arrays, shape (counts,)
        Distances may be negative by chance; NaN for errors of exact ones.

    Returns
    -------
    slope, stderr : float
        Of exact distances, how much s changes if the smallest n is left out. NaN for fewer than
        four n, or five of exact ones.

    Examples
    --------
    >>> n = np.array([4, 8, 16, 32, 64])
    >>> slope, off = power(n, 2.0 / n**1.5, np.full(5, np.nan))
    >>> round(slope, 6), off < 1e-6
    (-1.5, True)
    """
    used = spins >= FIRST
    n, d, errors = spins[used].astype(np.float64), distance[used], stderr[used]
    if np.isfinite(errors).all():
        return _fit(n, d, errors) if len(n) > PARAMETERS else (math.nan, math.nan)
    if len(n) <= PARAMETERS + 1:
        return math.nan, math.nan
    slope, later = _fit(n, d, d)[0], _fit(n[1:], d[1:], d[1:])[0]
    return later, abs(later - slope)


def _fit(n: Floats, distance: Floats, stderr: Floats) -> tuple[float, float]:
    from scipy.optimize import curve_fit

    def curve(n: Floats, a: float, s: float, c: float) -> Floats:
        return np.asarray(np.exp(a + s * np.log(n) + c / n))

    start = (math.log(n[0] * max(distance[0], stderr[0])), -1.0, 0.0)
    best, covariance = curve_fit(curve, n, distance, start, stderr, absolute_sigma=True)
    return float(best[1]), math.sqrt(covariance[1, 1])
