r"""End of the retrieval phase of networks of p-body interactions, p >= 3.

Averages over the field depend on :math:`v = \sigma/m^{p-1}` and :math:`\tau = T/m^{p-1}` alone, so
that every state with m > 0 is a point of the quarter plane of v and τ,

.. math::
    m = M(v, \tau), \qquad T = \tau m^{p-1}, \qquad \alpha = \frac{v^2 m^{2(p-1)}}{\xi'(q)} .

The retrieval phase is the part around the origin, where
:math:`D = \partial(\ln T, \ln\alpha) / \partial(\ln\tau, \ln v)` is positive; D = 2 at the origin.
With v and τ in units of their values at the ends of the spinodal, which are known from one
equation each, every ray from the origin meets the spinodal near the radius 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import brentq
from scipy.optimize.elementwise import find_root

from theory.branches import Spinodal
from theory.crosstalk import Crosstalk
from theory.dense_equations import load_at, residuals
from theory.gaussian import moments
from theory.saddle import Array

__all__ = ["Rays", "largest_tau", "melting_temperature", "rays", "spinodal", "zero_load_overlap"]

ANGLES = 65  # rays in the table
RADII = np.linspace(0.51, 2.01, 76)  # where the sign of D is looked up on each of them, not at 1
NOTHING = 1e-17  # error of an angle or of τ that spares bisections at tiny temperatures
BELOW = 1.0 - 64.0 * np.finfo(np.float64).eps  # melting as seen from below in spite of rounding
MARGIN = 0.02  # by which the radius may exceed its values on the two neighbouring rays


@dataclass(frozen=True)
class Rays:
    """The spinodal, ray by ray.

    Parameters
    ----------
    ratio, tau : float
        Units of v and τ: where the spinodal is at T = 0, and at zero load.
    angle, radius, temperature : arrays, shape (rays,)
        Direction, where D vanishes first, and T there, which increases with the angle.
    """

    ratio: float
    tau: float
    angle: Array
    radius: Array
    temperature: Array


def largest_tau(p: int) -> float:
    r"""τ of the retrieval state that melts at zero load, :math:`\sinh(2/\tau) = 2(p-1)/\tau`.

    Parameters
    ----------
    p : int
        At least 3.

    Returns
    -------
    float

    Examples
    --------
    >>> round(largest_tau(3), 6)
    0.918561
    """

    def balance(x: float) -> float:
        return float(np.log(np.sinh(2.0 * x) / (2.0 * (p - 1) * x)))

    return float(1.0 / brentq(balance, 1e-3, 300.0, xtol=1e-16, rtol=1e-15))


def melting_temperature(p: int) -> float:
    r"""Temperature :math:`T_M(0)` above which nothing is retrieved, at any load.

    Parameters
    ----------
    p : int
        At least 3.

    Returns
    -------
    float

    Examples
    --------
    >>> round(melting_temperature(3), 6)
    0.582583
    """
    tau = largest_tau(p)
    return float(BELOW * tau * np.tanh(1.0 / tau) ** (p - 1))


def zero_load_overlap(p: int, temperature: Array) -> Array:
    r"""Overlap at zero load, the larger root of :math:`m = \tanh(m^{p-1}/T)`.

    Parameters
    ----------
    p : int
        At least 3.
    temperature : array
        T, below the melting temperature.

    Returns
    -------
    array

    Examples
    --------
    >>> m = zero_load_overlap(3, np.array([0.5])).item()
    >>> round(float(m - np.tanh(m**2 / 0.5)), 12)
    0.0
    """

    def excess(tau: Array, t: Array) -> Array:
        with np.errstate(divide="ignore"):
            return np.asarray(tau * np.tanh(1.0 / tau) ** (p - 1) - t)

    bracket = np.zeros_like(temperature), np.full_like(temperature, largest_tau(p))
    root = find_root(excess, bracket, args=(temperature,), tolerances={"xatol": NOTHING})
    with np.errstate(divide="ignore"):
        return np.tanh(1.0 / np.where(root.success, root.x, np.nan))


def _determinant(crosstalk: Crosstalk, v: Array, tau: Array) -> Array:
    """The Jacobian determinant D; derivatives by τ follow from those by mean and width."""
    k = moments(1.0, v, tau)
    more = crosstalk.p - 1
    m_by_v = more * v * k.tanh_by_width / k.tanh
    m_by_tau = -more * (k.response + v * k.tanh_by_width) / k.tanh
    chi = crosstalk.exponent(k.tanh_squared) * tau / k.tanh_squared
    q_by_v = -chi * v * k.response_by_width
    q_by_tau = chi * (k.response_by_mean + v * k.response_by_width)
    determinant = (1.0 + m_by_tau) * (2.0 + 2.0 * m_by_v - q_by_v)
    return np.asarray(determinant - m_by_v * (2.0 * m_by_tau - q_by_tau))


def _zero_temperature_ratio(p: int) -> float:
    """Where v of the spinodal is at T = 0: stationary load, (p-1) dlnM/dlnv = -1."""

    def slope(v: float) -> float:
        k = moments(1.0, v, 0.0)
        return float(1.0 + (p - 1) * v * k.tanh_by_width / k.tanh)

    return float(brentq(slope, 0.03, 1.0, xtol=1e-16, rtol=1e-15))


@cache
def rays(crosstalk: Crosstalk) -> Rays:
    """Tabulate the spinodal.

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.

    Returns
    -------
    Rays

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> rays(crosstalk(3, False)).radius[[0, -1]].round(9).tolist()
    [1.0, 1.0]
    """
    ratio, tau = _zero_temperature_ratio(crosstalk.p), largest_tau(crosstalk.p)
    angle = np.linspace(0.0, np.pi / 2.0, ANGLES)

    def determinant(radius: Array, theta: Array) -> Array:
        v, t = radius * ratio * np.cos(theta), radius * tau * np.sin(theta)
        return _determinant(crosstalk, v, t)

    signs = determinant(RADII[:, None], angle) < 0.0
    first = np.argmax(signs, axis=0)  # a second zero may follow further out
    found = find_root(determinant, (RADII[first - 1], RADII[first]), args=(angle,))
    overlap = moments(1.0, found.x * ratio * np.cos(angle), found.x * tau * np.sin(angle)).tanh
    temperature = found.x * tau * np.sin(angle) * overlap ** (crosstalk.p - 1)
    return Rays(ratio, tau, angle, found.x, temperature)


def radius_at(crosstalk: Crosstalk, angle: Array) -> Array:
    """Radius at which a ray meets the spinodal.

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.
    angle : array
        Direction, from 0 to π/2.

    Returns
    -------
    array

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> radius_at(crosstalk(3, False), np.array([0.0])).round(12).item()
    1.0
    """
    table = rays(crosstalk)
    left = np.clip(np.searchsorted(table.angle, angle, side="right") - 1, 0, ANGLES - 2)
    pair = table.radius[left], table.radius[left + 1]
    bracket = np.minimum(*pair) - MARGIN, np.maximum(*pair) + MARGIN

    def determinant(radius: Array, theta: Array) -> Array:
        v, tau = radius * table.ratio * np.cos(theta), radius * table.tau * np.sin(theta)
        return _determinant(crosstalk, v, tau)

    root = find_root(determinant, bracket, args=(angle,))
    return np.where(root.success, root.x, np.nan)


def field_at(crosstalk: Crosstalk, angle: Array) -> tuple[Array, Array]:
    """Ratio v and τ where a ray meets the spinodal."""
    table, radius = rays(crosstalk), radius_at(crosstalk, angle)
    return radius * table.ratio * np.cos(angle), radius * table.tau * np.sin(angle)


def spinodal(crosstalk: Crosstalk, temperature: Array) -> Spinodal:
    """Largest load with retrieval.

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.
    temperature : array, shape (n,)
        T.

    Returns
    -------
    Spinodal

    References
    ----------
    E. Gardner, J. Phys. A 20, 3453 (1987).

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> end = spinodal(crosstalk(3, False), np.array([0.0]))
    >>> round(end.load.item(), 9), round(end.overlap.item(), 6)
    (0.126095215, 0.838482)
    """
    result = np.full((5, temperature.size), np.nan)
    exists = temperature < melting_temperature(crosstalk.p)
    t = temperature[exists]
    if not t.size:
        return Spinodal(*result)
    table, more = rays(crosstalk), crosstalk.p - 1
    left = np.clip(np.searchsorted(table.temperature, t, side="right") - 1, 0, ANGLES - 2)

    def excess(angle: Array, target: Array) -> Array:
        v, tau = field_at(crosstalk, angle)
        return np.asarray(tau * moments(1.0, v, tau).tanh ** more - target)

    bracket = table.angle[left], table.angle[left + 1]
    root = find_root(excess, bracket, args=(t,), tolerances={"xatol": NOTHING})
    v, tau = field_at(crosstalk, np.where(root.success, root.x, np.nan))
    k = moments(1.0, v, tau)
    m, noise = k.tanh, v * k.tanh**more
    load = load_at(crosstalk, k.tanh_squared, noise)
    violation = np.abs(residuals(crosstalk, load, t, m, noise)[0]).max(axis=1)
    result[:, exists] = load, m, m, noise, violation
    return Spinodal(*result)
