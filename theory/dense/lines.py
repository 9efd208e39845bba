r"""Lines of the phase diagram that networks of p-body interactions, p >= 3, have of their own.

The rest is in `theory.transitions`.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.optimize import brentq

from theory.crosstalk import Crosstalk, crosstalk
from theory.dense.boundary import boundary, field_at
from theory.dense.equations import load_at
from theory.dense.freezing import dynamical_ratio
from theory.dense.plane import largest_tau, plane_of
from theory.dense.spinodal import spinodal
from theory.saddle import Array
from theory.signal import PATTERN, Signal
from theory.stability import Marginal, marginal_temperature

__all__ = [
    "condensation_temperature",
    "largest_marginal_ratio",
    "marginal",
    "nishimori_end",
    "nishimori_temperature",
]

RATIOS = np.linspace(0.3, 6.0, 115)  # of σ/n^(p-1), over that of the spinodal at T = 0


def condensation_temperature(p: int, signal: Signal = PATTERN) -> float:
    r"""Temperature :math:`T_c(0)` of the first-order transition to retrieval at zero load.

    .. math:: \frac{p-1}p n^p - T\,E \log\cosh\frac{n^{p-1} x}T = 0, \qquad
              n = E\,x \tanh\frac{n^{p-1} x}T

    Parameters
    ----------
    p : int
        At least 3.
    signal : Signal
        Law of the entries.

    Returns
    -------
    float

    Examples
    --------
    >>> round(condensation_temperature(3), 6)
    0.495969
    """

    def difference(tau: float) -> float:
        """Free energy of retrieval minus that of the paramagnet, over n^(p-1)."""
        log_cosh = signal.thermal_moments(1.0, 0.0, tau).log_cosh - tau * np.log(2.0)
        return float((p - 1) / p * overlap(tau) - log_cosh)

    def overlap(tau: float) -> float:
        return float(signal.moments(1.0, 0.0, tau).effective_overlap)

    highest = largest_tau(p, signal)
    tau = float(brentq(difference, 1e-3 * highest, highest, xtol=1e-16, rtol=1e-15))
    return tau * overlap(tau) ** (p - 1)


def marginal(crosstalk: Crosstalk, signal: Signal, ratio: Array) -> Marginal:
    r"""Where replica symmetry becomes unstable on the retrieval branch.

    With :math:`t = T/\sigma` from `theory.stability.marginal_temperature`,
    :math:`v = \sigma/n^{p-1}` and :math:`\tau = t v`: :math:`n = n(v, \tau)`,
    :math:`\sigma = v n^{p-1}`, :math:`\alpha = \sigma^2/\xi'(q)`. For patterns, at small loads
    :math:`T \approx \frac43 \frac{\alpha\xi''(1)}{\sqrt{2\pi}\sigma} e^{-1/2\sigma^2}` with
    :math:`\sigma^2 = \alpha\xi'(1)`.

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.
    signal : Signal
        Law of the entries.
    ratio : array, shape (n,)
        v >= 0.

    Returns
    -------
    Marginal
        In the order of `ratio`.

    References
    ----------
    E. Gardner, J. Phys. A 20, 3453 (1987).

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> line = marginal(crosstalk(3, False), PATTERN, np.array([0.2]))
    >>> round(line.load.item(), 6), round(line.temperature.item() * 1e7, 6)
    (0.02, 7.929162)
    """
    t, residual = marginal_temperature(ratio, crosstalk.exponent, signal)
    k = signal.moments(1.0, ratio, t * ratio)
    n = k.effective_overlap
    noise = ratio * n ** (crosstalk.p - 1)
    load = load_at(crosstalk, k.tanh_squared, noise)
    return Marginal(load, t * noise, k.overlap, n, noise, residual)


def largest_marginal_ratio(crosstalk: Crosstalk, signal: Signal) -> float:
    r"""Ratio :math:`\sigma/n^{p-1}` at which the line of marginal stability leaves retrieval.

    It meets the spinodal there, or, where this one jumps to smaller n, its end below the jump.

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.
    signal : Signal
        Law of the entries.

    Returns
    -------
    float

    Examples
    --------
    >>> model = crosstalk(3, False), PATTERN
    >>> v = np.array([largest_marginal_ratio(*model)])
    >>> end = marginal(*model, v)  # on the line T = α (p - 1)!
    >>> round((end.temperature / end.load / 2.0).item(), 9)
    1.0
    """
    curve, plane = boundary(crosstalk, signal), plane_of(crosstalk, signal)

    def replicon(v: Array, tau: Array) -> Array:
        q = signal.moments(1.0, v, tau).tanh_squared
        fourth = signal.thermal_moments(1.0, v, tau).sech_fourth
        return q * tau - crosstalk.exponent(q) * v**2 * fourth

    stable = replicon(*(curve.stop * [plane.ratio, plane.tau]).T) > 0.0
    chord = int(np.argmax(stable))
    if chord == curve.gap:
        end = spinodal(crosstalk, signal, curve.temperature[chord : chord + 1])
        strength = end.effective_overlap ** (crosstalk.p - 1)
        if replicon(end.noise / strength, curve.temperature[chord] / strength) > 0.0:
            return _end_at_gap(crosstalk, signal, float(curve.temperature[chord]))

    def scalar(position: float) -> float:
        at = field_at(crosstalk, signal, np.array([chord]), np.array([position]))
        return float(replicon(*at).item())

    position = np.array([brentq(scalar, 0.0, 1.0, xtol=1e-15, rtol=1e-15)])
    return float(field_at(crosstalk, signal, np.array([chord]), position)[0].item())


def _end_at_gap(crosstalk: Crosstalk, signal: Signal, temperature: float) -> float:
    """Largest ratio at which the line of marginal stability is at a temperature."""

    def excess(ratio: Array) -> Array:
        return marginal(crosstalk, signal, ratio).temperature - temperature

    grid = plane_of(crosstalk, signal).ratio * RATIOS
    last = int(np.flatnonzero(excess(grid) > 0.0)[-1])

    def scalar(ratio: float) -> float:
        # beyond the end of the line, where n vanishes, there is no temperature
        return float(np.nan_to_num(excess(np.array([ratio])), nan=-temperature).item())

    return float(brentq(scalar, grid[last], grid[last + 1], xtol=1e-15, rtol=1e-14))


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
