r"""Lines of the phase diagram that networks of p-body interactions, p >= 3, have of their own.

The rest is in `theory.transitions`.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import brentq

from theory.crosstalk import Crosstalk, crosstalk
from theory.dense_equations import load_at
from theory.dense_freezing import dynamical_ratio
from theory.dense_spinodal import field_at, largest_tau
from theory.gaussian import moments, thermal_moments
from theory.saddle import Array
from theory.stability import Marginal, marginal_temperature

__all__ = [
    "condensation_temperature",
    "largest_marginal_ratio",
    "marginal",
    "nishimori_end",
    "nishimori_temperature",
]


def condensation_temperature(p: int) -> float:
    r"""Temperature :math:`T_c(0)` of the first-order transition to retrieval at zero load.

    .. math:: \frac{p-1}p m^p - T \log\cosh\frac{m^{p-1}}T = 0, \qquad m = \tanh\frac{m^{p-1}}T

    Parameters
    ----------
    p : int
        At least 3.

    Returns
    -------
    float

    Examples
    --------
    >>> round(condensation_temperature(3), 6)
    0.495969
    """

    def difference(tau: float) -> float:
        """Free energy of retrieval minus that of the paramagnet, over m^(p-1)."""
        m, field = np.tanh(1.0 / tau), 1.0 / tau
        log_cosh = field + np.log1p(np.exp(-2.0 * field)) - np.log(2.0)
        return float((p - 1) / p * m - tau * log_cosh)

    tau = float(brentq(difference, 1e-2, largest_tau(p), xtol=1e-16, rtol=1e-15))
    return float(tau * np.tanh(1.0 / tau) ** (p - 1))


def marginal(crosstalk: Crosstalk, ratio: Array) -> Marginal:
    r"""Where replica symmetry becomes unstable on the retrieval branch.

    With :math:`t = T/\sigma` from `theory.stability.marginal_temperature`,
    :math:`v = \sigma/m^{p-1}` and :math:`\tau = t v`: :math:`m = M(v, \tau)`,
    :math:`\sigma = v m^{p-1}`, :math:`\alpha = \sigma^2/\xi'(q)`. At small loads
    :math:`T \approx \frac43 \frac{\alpha\xi''(1)}{\sqrt{2\pi}\sigma} e^{-1/2\sigma^2}` with
    :math:`\sigma^2 = \alpha\xi'(1)`.

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.
    ratio : array, shape (n,)
        v >= 0.

    Returns
    -------
    Marginal
        In the order of `ratio`; the load increases with it.

    References
    ----------
    E. Gardner, J. Phys. A 20, 3453 (1987).

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> line = marginal(crosstalk(3, False), np.array([0.2]))
    >>> round(line.load.item(), 6), round(line.temperature.item() * 1e7, 6)
    (0.02, 7.929162)
    """
    t, residual = marginal_temperature(ratio, crosstalk.exponent)
    k = moments(1.0, ratio, t * ratio)
    noise = ratio * k.tanh ** (crosstalk.p - 1)
    load = load_at(crosstalk, k.tanh_squared, noise)
    return Marginal(load, t * noise, k.tanh, k.tanh, noise, residual)


def largest_marginal_ratio(crosstalk: Crosstalk) -> float:
    r"""Ratio :math:`\sigma/m^{p-1}` at which the line of marginal stability meets the spinodal.

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.

    Returns
    -------
    float

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> v = np.array([largest_marginal_ratio(crosstalk(3, False))])
    >>> end = marginal(crosstalk(3, False), v)  # on the line T = α (p - 1)!
    >>> round((end.temperature / end.load / 2.0).item(), 9)
    1.0
    """

    def replicon(angle: float) -> float:
        v, tau = field_at(crosstalk, np.array([angle]))
        q = moments(1.0, v, tau).tanh_squared
        fourth = thermal_moments(1.0, v, tau).sech_fourth
        return float((q * tau - crosstalk.exponent(q) * v**2 * fourth).item())

    angle = brentq(replicon, 0.0, np.pi / 2.0, xtol=1e-15, rtol=1e-15)
    return float(field_at(crosstalk, np.array([angle]))[0].item())


def nishimori_temperature(p: int, load: Array) -> Array:
    r"""The line :math:`T = (p-1)!\,\alpha` of networks without self-interaction.

    On it m = q, and the energy of the retrieval phase is -1/p: its states are those of
    posterior averages in an inference problem with the same patterns.

    Parameters
    ----------
    p : int
        At least 3.
    load : array
        α.

    Returns
    -------
    array

    References
    ----------
    H. Nishimori, Prog. Theor. Phys. 66, 1169 (1981).

    Examples
    --------
    >>> nishimori_temperature(4, np.array([0.05])).round(12).item()
    0.3
    """
    return math.factorial(p - 1) * load


def nishimori_end(p: int) -> float:
    r"""Load at which that line meets the spinodal, the AT line and the dynamical transition.

    Parameters
    ----------
    p : int
        At least 3.

    Returns
    -------
    float

    References
    ----------
    H. Nishimori, Prog. Theor. Phys. 66, 1169 (1981).

    Examples
    --------
    >>> round(nishimori_end(3), 6)  # at T = (2/3) 0.681598² in units of the p-spin model
    0.154859
    """
    return float((dynamical_ratio(crosstalk(p, False)) / math.factorial(p - 1)) ** 2)
