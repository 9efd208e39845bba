r"""Stability of replica-symmetric states against breaking replica symmetry.

The replicon eigenvalue :math:`\Lambda = 1 - \chi \frac{\sigma^2}{q T^2} E\,\mathrm{sech}^4(h/T)`
depends on the mean and the temperature in units of the width σ of the field alone, so that the line
where it vanishes on the retrieval branch is found for each ratio of mean and width by itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.gaussian import moments, thermal_moments
from theory.saddle import Array

__all__ = ["Marginal", "marginal_retrieval", "replicon"]

MAX_ITERATIONS = 40


@dataclass(frozen=True)
class Marginal:
    """Retrieval solutions of vanishing replicon, one entry a cell.

    Parameters
    ----------
    load, temperature, overlap, noise : arrays
        α, T, m and σ.
    residual : array
        Relative change of T in the last iteration.
    """

    load: Array
    temperature: Array
    overlap: Array
    noise: Array
    residual: Array


def replicon(
    temperature: Array,
    noise: Array,
    self_overlap: Array,
    sech_fourth: Array,
    exponent: Array | float = 1.0,
) -> Array:
    r"""Replicon eigenvalue :math:`1 - \chi \frac{\sigma^2}{q T^2} E\,\mathrm{sech}^4(h/T)`.

    For p = 2, :math:`1 - \alpha E\,\mathrm{sech}^4(h/T) / (T - 1 + q)^2` with the load eliminated
    by :math:`\alpha/(1-C)^2 = \sigma^2/q`; for p >= 3,
    :math:`1 - \alpha \xi''(q) E\,\mathrm{sech}^4(h/T) / T^2` by :math:`\alpha = \sigma^2/\xi'(q)`.

    Parameters
    ----------
    temperature, noise, self_overlap : arrays
        T, σ and q > 0.
    sech_fourth : array
        E sech⁴(h/T) / T, see `theory.gaussian.ThermalMoments`.
    exponent : array or float
        χ = q ξ''(q)/ξ'(q), see `theory.crosstalk`; 1 for p = 2.

    Returns
    -------
    array
        Stable if positive. It tends to -inf as T -> 0 at any positive load, and is 1 without noise.

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Ann. Phys. 173, 30 (1987).

    Examples
    --------
    >>> replicon(*np.array([[0.5], [0.5], [0.5], [0.2]])).item()
    0.8
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        value = 1.0 - exponent * noise**2 * sech_fourth / (self_overlap * temperature)
    return np.where(noise > 0.0, np.where(temperature > 0.0, value, -np.inf), 1.0)


def marginal_retrieval(ratio: Array) -> Marginal:
    r"""Where replica symmetry becomes unstable on the retrieval branch, for given σ/m.

    :math:`t = E\,\mathrm{sech}^4/(t q)` is iterated; the right-hand side hardly depends on t.
    Then :math:`\sigma = m/u`, :math:`T = t\sigma`, :math:`\alpha = \sigma^2(1-C)^2/q`. At small
    loads :math:`T \approx \sqrt{8\alpha/9\pi}\,e^{-1/2\alpha}`, which below α = 7e-4 is less than
    the smallest positive number.

    Parameters
    ----------
    ratio : array, shape (n,)
        σ/m = 1/u >= 0.

    Returns
    -------
    Marginal
        In the order of `ratio`; the load increases with it up to the end of the phase.

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Ann. Phys. 173, 30 (1987).

    Examples
    --------
    >>> line = marginal_retrieval(np.array([0.2]))
    >>> round(line.load.item(), 6), round(line.temperature.item() * 1e7, 6)
    (0.039999, 3.964583)
    """
    with np.errstate(divide="ignore"):
        u = 1.0 / ratio
    t, change = np.zeros_like(u), np.zeros_like(u)
    for _ in range(MAX_ITERATIONS):
        before = t
        t = thermal_moments(u, 1.0, t).sech_fourth / moments(u, 1.0, t).tanh_squared
        change = np.abs(t - before) / np.where(t > 0.0, t, 1.0)
        if change.max(initial=0.0) <= 4.0 * np.finfo(np.float64).eps:
            break
    k = moments(u, 1.0, t)
    noise = k.tanh * ratio
    load = (noise - k.response) ** 2 / k.tanh_squared
    return Marginal(load, t * noise, k.tanh, noise, change)
