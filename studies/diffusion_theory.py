r"""When a diffusion model recalls one of its examples: what theory says of data on a sphere.

Examples a of squared norm N diffuse to :math:`x_t = e^{-t} a + \sqrt{1 - e^{-2t}}\, z`. Of
:math:`e^{\alpha N}` examples the one behind x is the closest while t is below the collapse time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield import InputError
from hopfield.arguments import integer, real

__all__ = ["closest_probability", "collapse_time", "crossing", "half_time"]

Floats = NDArray[np.float64]

WIDTHS = 8.5
"""How far Gaussian noise is integrated, in standard deviations."""

NODES = 128
"""Points of an integral, along each of two axes."""

LARGEST_ANGLE, ANGLES = 16.0, 3001
"""Range of artanh of a cosine, and nodes of a spline in it."""

LARGEST_TIME = 300.0
"""Time after which nothing is left of an example, and whose exponential does not overflow."""

LARGEST_LOAD = 6.0
"""log(n)/(N - 1) above which half of the weight is decided later than times are looked for."""

UNLIKELY, LARGEST_LOG = -20.0, 700.0
"""Logarithms of Q below which -log(1 - Q) is Q, and of what is not 0 or infinity."""


def collapse_time(load: ArrayLike) -> Floats:
    r"""Time at which :math:`n = e^{\alpha N}` examples collapse to one, for large N.

    .. math:: t_C = -\tfrac12 \log(1 - e^{-2\alpha})
        = \tfrac12 \log\Big(1 + \frac1{n^{2/N} - 1}\Big)

    Parameters
    ----------
    load : array
        α > 0.

    Returns
    -------
    array
        It is where :math:`\alpha = \tfrac12 \log(1 + \tau)` with the signal-to-noise ratio
        :math:`\tau = 1/(e^{2t} - 1)`: the capacity of a Gaussian channel.

    Raises
    ------
    InputError
        If a load is not above 0.

    References
    ----------
    G. Biroli, T. Bonnaire, V. de Bortoli and M. Mézard, Nat. Commun. 15, 9957 (2024),
    arXiv:2402.18491.

    Examples
    --------
    >>> collapse_time([0.1, 0.5]).round(4)
    array([0.8539, 0.2293])
    """
    alpha = _positive("load", load)
    return np.asarray(-0.5 * np.log(-np.expm1(-2.0 * alpha)))


def closest_probability(n_patterns: float, size: int, time: ArrayLike) -> Floats:
    r"""Probability that the example behind :math:`x_t` is the closest one, at every size.

    .. math:: E\, \big(1 - Q(u)\big)^{n-1}

    with u the cosine between :math:`x_t` and its example, and Q the probability that the cosine
    with another one is larger. It is the mean largest weight of an example given x as well,
    which is how often the best guess is right.

    Parameters
    ----------
    n_patterns : float
        Number n of independent examples on the sphere of squared norm N, at least 2.
    size : int
        N, at least 4.
    time : array
        t > 0.

    Returns
    -------
    array

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> closest_probability(100, 20, [0.1, 0.8, 20.0]).round(3)
    array([1.   , 0.348, 0.01 ])
    """
    from scipy.stats import chi

    real("n_patterns", n_patterns, low=2.0)
    integer("size", size, low=4)
    t = np.minimum(_positive("time", time), LARGEST_TIME)[..., None, None]
    along = np.linspace(-WIDTHS, WIDTHS, NODES)
    shares = np.exp(-(along**2) / 2.0)
    middle = np.sqrt(size - 1.0)
    low, high = max(0.0, middle - WIDTHS), middle + WIDTHS
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    across = low + (high - low) * (1.0 + nodes) / 2.0
    density = weights * (high - low) / 2.0 * chi.pdf(across, size - 1)
    signal = np.sqrt(size / np.expm1(2.0 * t)) + along[:, None]
    angles, tails = _tail(size)
    at = np.clip(np.arcsinh(signal / across), angles[0], angles[-1])
    rate = tails(at) + np.log(n_patterns - 1.0)
    return np.asarray(np.exp(-np.exp(np.minimum(rate, 700.0))) @ density @ shares / shares.sum())


@cache
def _tail(size: int) -> tuple[Floats, Callable[[Floats], Floats]]:
    """Logarithm of -log(1 - Q) of the cosine tanh(v), as a spline in v, and its nodes."""
    from scipy.interpolate import CubicSpline

    from theory.exponential.rates import SPHERICAL

    angles = np.linspace(-LARGEST_ANGLE, LARGEST_ANGLE, ANGLES)
    larger, _ = SPHERICAL.log_tail(np.tanh(angles), size)
    smaller, _ = SPHERICAL.log_tail(-np.tanh(angles), size)
    with np.errstate(divide="ignore"):
        values = np.where(larger < UNLIKELY, larger, np.log(-smaller))
    seen = (values > -LARGEST_LOG) & (values < np.log(LARGEST_LOG))
    return angles[seen], CubicSpline(angles[seen], values[seen])


def _positive(name: str, given: ArrayLike) -> Floats:
    """Numbers above 0 as an array."""
    try:
        values = np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"{name} must be numbers above 0, got {given!r}") from None
    if not (values > 0.0).all():
        raise InputError(f"{name} must be above 0, got {values[~(values > 0.0)].flat[0]:g}")
    return values


def half_time(n_patterns: float, size: int) -> float:
    r"""Time at which the mean largest weight of an example is 1/2, at every size.

    For large N it approaches `collapse_time` as
    :math:`t_C + \log N / [2 N (e^{2\alpha} - 1)]`.

    Parameters
    ----------
    n_patterns : float
        Number n of independent examples on the sphere of squared norm N, at least 2.1, and
        log(n)/(N - 1) at most 6.
    size : int
        N, at least 4.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> round(half_time(100, 20), 3)
    0.654
    """
    from scipy.optimize import brentq

    integer("size", size, low=4)
    if np.log(real("n_patterns", n_patterns, low=2.1)) > LARGEST_LOAD * (size - 1):
        allowed = f"exp(6 (N - 1)) at N = {size}"
        raise InputError(f"n_patterns must be at most {allowed}, got {n_patterns:g}")

    def excess(log_time: float) -> float:
        return closest_probability(n_patterns, size, np.exp(log_time)).item() - 0.5

    return float(np.exp(brentq(excess, np.log(1e-6), np.log(15.0), xtol=1e-6)))


def crossing(times: Floats, values: Floats, level: float = 0.5) -> Floats:
    """Times at which rising values cross a level, by straight lines between them.

    Parameters
    ----------
    times : array, shape (point,)
    values : array, shape (..., point)
        Below the level at first, above it at last.
    level : float

    Returns
    -------
    array, shape (...)
        Of the first crossing; NaN without any.

    Examples
    --------
    >>> crossing(np.array([3.0, 2.0, 1.0]), np.array([0.1, 0.4, 0.6])).item()
    1.5
    """
    above = values >= level
    k = above.argmax(axis=-1)
    found = above.any(axis=-1) & (k > 0)
    k = np.maximum(k, 1)
    before, after = (np.take_along_axis(values, j[..., None], -1)[..., 0] for j in (k - 1, k))
    part = (level - before) / np.where(found, after - before, 1.0)
    return np.where(found, times[k - 1] + part * (times[k] - times[k - 1]), np.nan)
