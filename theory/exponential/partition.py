r"""Mean partition function of an exponential network of finite size, at any temperature.

With :math:`g = \beta/\lambda`, :math:`Z = \sum_s S(s)^g` for the sum S of
:math:`y_\mu = e^{\lambda\,\xi^\mu \cdot s}`. At every state S is a sum of independent numbers with
the same law, so that :math:`E Z = 2^N E S^g`, and if the number of patterns is one of Poisson's
with mean K

.. math:: E\, S^g = \frac1{\Gamma(n - g)} \int_0^\infty dt\, t^{n-g-1}\, E\, S^n e^{-tS}, \qquad
    E\,e^{-tS} = \exp\left[-K E(1 - e^{-ty})\right]

for any integer n > g. The derivatives follow from :math:`\kappa_j = K E\, y^j e^{-ty}` by a
recurrence whose terms are all positive.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.special import gammaln, logsumexp
from scipy.stats import binom

from hopfield.arguments import InputError, integer, positive, real, require_memory
from theory.saddle import Array

__all__ = ["log_mean_partition"]

STEP = 0.2
"""Largest one of log t: the trapezoidal rule is exact to exp(-π²/STEP) relative to the integral."""

MOST_DERIVATIVES = 64


def log_mean_partition(sharpness: float, temperature: float, load: float, size: int) -> float:
    r"""Logarithm of the mean partition function, per spin.

    The number of patterns is random, of mean K = exp(α N); this changes E Z by a relative 1/K.
    For a given set of patterns log Z / N differs from it by fluctuations of the order of
    1/(N √K), and by more at low temperature: about where β/λ is N (1 - α/log 2), the mean becomes
    that of rare pairs of equal patterns.

    Parameters
    ----------
    sharpness : float
        λ > 0.
    temperature : float
        T, at least 1/(63 λ).
    load : float
        α >= 0.
    size : int
        N, at least 1.

    Returns
    -------
    float

    Raises
    ------
    hopfield.InputError
        If the temperature is too low, another argument is out of range, or λ N is so large that
        the integrand does not fit into memory.

    Examples
    --------
    >>> z = log_mean_partition(1.0, 1.0, 0.3, 20)
    >>> round(z - 0.3 - math.log(2.0 * math.cosh(1.0)), 12)  # the same for all patterns at T = 1/λ
    0.0
    """
    lam, t = (
        positive(name, value, high=math.inf)
        for name, value in (("sharpness", sharpness), ("temperature", temperature))
    )
    alpha, n = real("load", load), integer("size", size, low=1)
    least = 1.0 / ((MOST_DERIVATIVES - 1) * lam)
    if t < least:
        raise InputError(f"temperature must be at least {least:.6g}, got {t:g}")
    power = 1.0 / (lam * t)
    order = math.floor(power + 0.5) + 1
    log_y = np.asarray(lam * (n - 2.0 * np.arange(n + 1)), dtype=float)
    log_p = alpha * n + binom.logpmf(np.arange(n + 1), n, 0.5)
    # from where n S-th powers are those of t = 0 to where no pattern is left
    low, high = -(lam + alpha) * n - 80.0, lam * n + 6.0
    points = math.ceil((high - low) / STEP)
    require_memory("the integrand", 8 * points * (4 * (n + 1) + 2 * order))
    log_t = np.linspace(low, high, points)
    log_moment = _log_moment(order, log_t, log_y, log_p)
    integral = logsumexp((order - power) * log_t + log_moment) + math.log(log_t[1] - log_t[0])
    return float(math.log(2.0) + (integral - gammaln(order - power)) / n)


def _log_moment(order: int, log_t: Array, log_y: Array, log_p: Array) -> Array:
    """Logarithm of the mean of S^n exp(-t S)."""
    with np.errstate(over="ignore"):
        ty = np.exp(log_t[:, None] + log_y)
        # 1 - exp(-ty) to its relative accuracy also where ty is below the smallest float
        log_lost = np.where(ty < 1e-300, log_t[:, None] + log_y, np.log(-np.expm1(-ty) + 1e-320))
        none = -np.exp(logsumexp(log_p + log_lost, axis=1))
    cumulants = [logsumexp(log_p + j * log_y - ty, axis=1) for j in range(1, order + 1)]
    moments = [none]
    for m in range(order):
        terms = [math.log(math.comb(m, j)) + moments[m - j] + cumulants[j] for j in range(m + 1)]
        moments.append(logsumexp(terms, axis=0))
    return np.asarray(moments[-1])
