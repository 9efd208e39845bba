r"""States of networks of p-body interactions, p >= 3, as points of a plane.

Averages over the field depend on :math:`v = \sigma/n^{p-1}` and :math:`\tau = T/n^{p-1}` alone, so
that every state with n > 0 is a point of the quarter plane of v and τ,

.. math::
    n = n(v, \tau), \qquad T = \tau n^{p-1}, \qquad \alpha = \frac{v^2 n^{2(p-1)}}{\xi'(q)} .

The retrieval phase is the part around the origin, where
:math:`D = \partial(\ln T, \ln\alpha) / \partial(\ln\tau, \ln v)` is positive; D = 2 at the origin.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import brentq
from scipy.optimize.elementwise import find_root

from theory.crosstalk import Crosstalk
from theory.saddle import Array
from theory.signal import Signal

__all__ = ["Plane", "from_below", "largest_ratio", "largest_tau", "plane_of"]

GRID = np.geomspace(1e-3, 10.0, 300)  # where the ends of the curves are looked for
WIDTH = 0.25  # distance from the chord of two points, over its length, that the curve keeps
ROUNDING = 2.0**-54  # of points, in these units


def from_below(p: int, temperature: float) -> float:
    """A highest temperature as seen from below in spite of rounding of n to the power p - 1.

    Parameters
    ----------
    p : int
        At least 3.
    temperature : float
        T.

    Returns
    -------
    float

    Examples
    --------
    >>> 0.0 < 1.0 - from_below(3, 1.0) < 1e-14
    True
    """
    return temperature * (1.0 - (32 + 4 * p) * float(np.finfo(np.float64).eps))


@cache
def largest_tau(p: int, signal: Signal) -> float:
    r"""τ of the retrieval state that melts at zero load, where :math:`(p-1)\,d\ln n/d\ln\tau = -1`.

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
    >>> from theory.signal import PATTERN
    >>> round(largest_tau(3, PATTERN), 6)  # sinh(2/τ) = 4/τ
    0.918561
    """

    def slope(tau: Array) -> Array:
        k = signal.moments(1.0, 0.0, tau)
        return 1.0 - (p - 1) * k.effective_by_strength / k.effective_overlap

    return _first_zero(slope)


@cache
def largest_ratio(p: int, signal: Signal) -> float:
    r"""Ratio v at the end of retrieval at T = 0, where :math:`(p-1)\,d\ln n/d\ln v = -1`.

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
    >>> from theory.signal import PATTERN
    >>> v = largest_ratio(3, PATTERN)  # the load is v² n⁴ / 2
    >>> round(v**2 * PATTERN.moments(1.0, v, 0.0).overlap.item() ** 4 / 2.0, 9)
    0.126095215
    """

    def slope(v: Array) -> Array:
        k = signal.moments(1.0, v, 0.0)
        return 1.0 + (p - 1) * v * k.effective_by_width / k.effective_overlap

    return _first_zero(slope)


def _first_zero(function: Callable[[Array], Array]) -> float:
    """Where a function that is positive at zero vanishes first."""
    first = int(np.argmax(function(GRID) < 0.0))

    def scalar(x: float) -> float:
        return float(function(np.array(x)))

    return float(brentq(scalar, GRID[first - 1], GRID[first], xtol=1e-16, rtol=1e-15))


@dataclass(frozen=True)
class Plane:
    """The plane of v and τ.

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.
    signal : Signal
        Law of the entries.
    ratio, tau : float
        Units of v and τ: where retrieval ends at T = 0, and at zero load.
    """

    crosstalk: Crosstalk
    signal: Signal
    ratio: float
    tau: float

    def determinant(self, x: Array, y: Array) -> Array:
        """D at points."""
        return _determinant(self.crosstalk, self.signal, x * self.ratio, y * self.tau)

    def temperature(self, x: Array, y: Array) -> Array:
        """T at points."""
        n = self.signal.moments(1.0, x * self.ratio, y * self.tau).effective_overlap
        return np.asarray(y * self.tau * n ** (self.crosstalk.p - 1))

    def on_chord(self, start: Array, stop: Array, position: Array) -> tuple[Array, Array]:
        """Points of the curve next to chords, at a fraction of their length.

        The coordinate that changes most is that of the chord; the other one is solved for.
        """
        chord = stop - start
        x, y = (start + position[:, None] * chord).T
        steep = np.abs(chord[:, 1]) > np.abs(chord[:, 0])
        reach = WIDTH * np.hypot(*chord.T)

        def determinant(shift: Array, x: Array, y: Array, steep: Array) -> Array:
            return self.determinant(
                x + np.where(steep, shift, 0.0), y + np.where(steep, 0.0, shift)
            )

        bracket = -reach, reach
        root = find_root(determinant, bracket, args=(x, y, steep), tolerances={"xatol": ROUNDING})
        on_curve = (position == 0.0) | (position == 1.0)
        shift = np.where(on_curve, 0.0, np.where(root.success, root.x, np.nan))
        return x + np.where(steep, shift, 0.0), y + np.where(steep, 0.0, shift)


def _determinant(crosstalk: Crosstalk, signal: Signal, v: Array, tau: Array) -> Array:
    """The Jacobian determinant D; derivatives by τ follow from those by strength and width."""
    k = signal.moments(1.0, v, tau)
    more, n = crosstalk.p - 1, k.effective_overlap
    n_by_v = more * v * k.effective_by_width / n
    n_by_tau = -more * (k.effective_by_strength + v * k.effective_by_width) / n
    chi = crosstalk.exponent(k.tanh_squared) * tau / k.tanh_squared
    q_by_v = -chi * v * k.response_by_width
    q_by_tau = chi * (k.response_by_strength + v * k.response_by_width)
    determinant = (1.0 + n_by_tau) * (2.0 + 2.0 * n_by_v - q_by_v)
    return np.asarray(determinant - n_by_v * (2.0 * n_by_tau - q_by_tau))


@cache
def plane_of(crosstalk: Crosstalk, signal: Signal) -> Plane:
    """The plane of a network.

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.
    signal : Signal
        Law of the entries.

    Returns
    -------
    Plane

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> from theory.signal import PATTERN
    >>> plane_of(crosstalk(3, False), PATTERN).determinant(np.array(0.0), np.array(0.0)).item()
    2.0
    """
    p = crosstalk.p
    return Plane(crosstalk, signal, largest_ratio(p, signal), largest_tau(p, signal))
