r"""Boundary of the retrieval phase of networks of p-body interactions, p >= 3, as a curve.

Averages over the field depend on :math:`v = \sigma/n^{p-1}` and :math:`\tau = T/n^{p-1}` alone, so
that every state with n > 0 is a point of the quarter plane of v and τ,

.. math::
    n = n(v, \tau), \qquad T = \tau n^{p-1}, \qquad \alpha = \frac{v^2 n^{2(p-1)}}{\xi'(q)} .

The retrieval phase is the part around the origin, where
:math:`D = \partial(\ln T, \ln\alpha) / \partial(\ln\tau, \ln v)` is positive; D = 2 at the origin.
D vanishes on a curve that begins at T = 0, on the axis of v, and on one that begins at zero load,
on the axis of τ. For patterns the two are one. For entries of very different size there is a gap
between them: the first curve has a highest temperature, at which its states merge with unstable
ones, and from there on retrieval goes on to larger loads, up to the second curve.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize_scalar
from scipy.optimize.elementwise import find_root

from hopfield.arguments import InputError
from theory.crosstalk import Crosstalk
from theory.saddle import Array
from theory.signal import Signal

__all__ = ["Boundary", "boundary", "field_at", "from_below", "largest_ratio", "largest_tau"]

GRID = np.geomspace(1e-3, 10.0, 300)  # where the ends of the curves are looked for
STEP = 1.0 / 32.0  # from point to point, in units of the ends
LARGEST_TURN = 0.6  # angle between two steps
HALVINGS = 6
MOST_STEPS = 1000
WIDTH = 0.25  # distance from the chord of two points, over its length, that the curve keeps
ROUNDING = 2.0**-54  # of points, in these units
INNER = np.geomspace(1e-3, 0.8, 24)  # radii at which nothing may vanish


def from_below(p: int, temperature: float) -> float:
    """A highest temperature as seen from below in spite of rounding of n to the power p - 1."""
    return temperature * (1.0 - (32 + 4 * p) * float(np.finfo(np.float64).eps))


@dataclass(frozen=True)
class Boundary:
    """The boundary, chord by chord.

    Parameters
    ----------
    ratio, tau : float
        Units of v and τ: where the boundary is at T = 0, and at zero load.
    start, stop : arrays, shape (chords, 2)
        Points (v, τ) in these units, in order of temperature.
    temperature : array, shape (chords,)
        From which on each chord counts; it increases.
    gap : int
        The chord with which a second curve begins; the number of chords if there is one curve.
    """

    ratio: float
    tau: float
    start: Array
    stop: Array
    temperature: Array
    gap: int


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
class _Plane:
    """The plane of v and τ, in units of the ends of the boundary."""

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


def _next(plane: _Plane, point: Array, heading: float, side: float) -> tuple[Array, float] | None:
    """Next point of the curve, and where it is heading; D > 0 on its left if side is 1."""
    step = STEP
    for _ in range(HALVINGS):

        def determinant(angle: float, step: float = step) -> float:
            x, y = point + step * np.array([np.cos(angle), np.sin(angle)])
            return side * float(plane.determinant(x, y))

        right, left = heading - LARGEST_TURN, heading + LARGEST_TURN
        if determinant(right) < 0.0 < determinant(left):
            angle = brentq(determinant, right, left, xtol=1e-12)
            return point + step * np.array([np.cos(angle), np.sin(angle)]), float(angle)
        step /= 2.0
    return None


def _cold_curve(plane: _Plane) -> tuple[Array, bool]:
    """Points of the curve that begins at T = 0, and whether it ends at zero load.

    If it does not, the last point is that of its highest temperature.
    """
    end = np.array([0.0, 1.0])
    points, temperatures, heading = [np.array([1.0, 0.0])], [0.0], np.pi / 2.0
    for _ in range(MOST_STEPS):
        if np.hypot(*(points[-1] - end)) < 1.5 * STEP:
            return np.array([*points, end]), True
        found = _next(plane, points[-1], heading, 1.0)
        if found is None:
            break
        point, heading = found
        points.append(point)
        temperatures.append(float(plane.temperature(*point)))
        if temperatures[-1] < temperatures[-2]:
            return _up_to_highest(plane, np.array(points)), False
    return np.array(points), False


def _up_to_highest(plane: _Plane, points: Array) -> Array:
    """End a curve where its temperature is highest, somewhere on its last two chords."""

    def at(position: float) -> Array:
        first = len(points) - 3 + min(int(position), 1)
        pair = points[None, first], points[None, first + 1]
        return np.concatenate(plane.on_chord(*pair, np.array([position - int(position)])))

    best = minimize_scalar(
        lambda position: -float(plane.temperature(*at(position))),
        bounds=(0.0, 2.0 - 1e-12),
        method="bounded",
        options={"xatol": 1e-10},
    )
    kept = len(points) - 2 + int(best.x)
    return np.concatenate([points[:kept], at(best.x)[None]])


def _hot_curve(plane: _Plane, lowest: float) -> Array:
    """Points of the curve that begins at zero load, down to a temperature."""
    points, heading = [np.array([0.0, 1.0])], 0.0
    last = np.inf
    for _ in range(MOST_STEPS):
        found = _next(plane, points[-1], heading, -1.0)
        if found is None:
            break
        point, heading = found
        here = float(plane.temperature(*point))
        if here >= last:
            break
        points.append(point)
        last = here
        if here < lowest:
            break
    return np.array(points)


@cache
def boundary(crosstalk: Crosstalk, signal: Signal) -> Boundary:
    """Follow the boundary from both of its ends.

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.
    signal : Signal
        Law of the entries.

    Returns
    -------
    Boundary

    Raises
    ------
    InputError
        If D vanishes close to the origin as well: spins without a signal freeze by themselves.

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> from theory.signal import PATTERN, signal_of
    >>> xi = crosstalk(3, False)
    >>> one, two = boundary(xi, PATTERN), boundary(xi, signal_of(0.5, 2))
    >>> one.gap < len(one.start), two.gap < len(two.start)
    (False, True)
    """
    ratio, tau = largest_ratio(crosstalk.p, signal), largest_tau(crosstalk.p, signal)
    plane = _Plane(crosstalk, signal, ratio, tau)
    angle = np.linspace(0.0, np.pi / 2.0, 17)
    inside = plane.determinant(*np.multiply.outer([np.cos(angle), np.sin(angle)], INNER))
    if (inside <= 0.0).any():
        raise InputError(
            f"p = {crosstalk.p} is too large for so few examples: spins without a signal freeze"
            " by themselves inside the retrieval phase"
        )
    cold, joined = _cold_curve(plane)
    temperature = plane.temperature(*cold.T)
    if joined:
        return Boundary(ratio, tau, cold[:-1], cold[1:], temperature[:-1], len(cold) - 1)
    highest = from_below(crosstalk.p, float(temperature[-1]))
    hot = _hot_curve(plane, highest)[::-1]
    above = np.maximum(plane.temperature(*hot.T), highest)
    return Boundary(
        ratio,
        tau,
        np.concatenate([cold[:-1], hot[:-1]]),
        np.concatenate([cold[1:], hot[1:]]),
        np.concatenate([temperature[:-1], above[:-1]]),
        len(cold) - 1,
    )


def field_at(
    crosstalk: Crosstalk, signal: Signal, chord: NDArray[np.intp], position: Array
) -> tuple[Array, Array]:
    """Ratio v and τ on the boundary, by chord and fraction of its length."""
    curve = boundary(crosstalk, signal)
    plane = _Plane(crosstalk, signal, curve.ratio, curve.tau)
    x, y = plane.on_chord(curve.start[chord], curve.stop[chord], position)
    return x * curve.ratio, y * curve.tau
