r"""Boundary of the retrieval phase of networks of p-body interactions, p >= 3, as a curve.

The retrieval phase is the part around the origin of the plane of `theory.dense.plane` where D > 0.
D vanishes on a curve that begins at T = 0, on the axis of v, and on one that begins at zero load,
on the axis of τ. For patterns the two are one. For entries of very different size there is a gap
between them: the first curve has a highest temperature, at which its states merge with unstable
ones, and from there on retrieval goes on to larger loads, up to the second curve.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, minimize_scalar

from hopfield.arguments import InputError
from theory.crosstalk import Crosstalk
from theory.dense.plane import Plane, from_below, plane_of
from theory.saddle import Array
from theory.signal import Signal

__all__ = ["Boundary", "boundary", "field_at"]

STEP = 1.0 / 32.0  # from point to point, in units of the ends
LARGEST_TURN = 0.6  # angle between two steps
HALVINGS = 6
MOST_STEPS = 1000
INNER = np.geomspace(1e-3, 0.8, 24)  # radii at which nothing may vanish


@dataclass(frozen=True)
class Boundary:
    """The boundary, chord by chord.

    Parameters
    ----------
    start, stop : arrays, shape (chords, 2)
        Points (v, τ) in the units of the plane, in order of temperature.
    temperature : array, shape (chords,)
        From which on each chord counts; it increases.
    gap : int
        The chord with which a second curve begins; the number of chords if there is one curve.
    """

    start: Array
    stop: Array
    temperature: Array
    gap: int


def _next(plane: Plane, point: Array, heading: float, side: float) -> tuple[Array, float] | None:
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


def _cold_curve(plane: Plane) -> tuple[Array, bool]:
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


def _up_to_highest(plane: Plane, points: Array) -> Array:
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


def _hot_curve(plane: Plane, lowest: float) -> Array:
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
    plane = plane_of(crosstalk, signal)
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
        return Boundary(cold[:-1], cold[1:], temperature[:-1], len(cold) - 1)
    highest = from_below(crosstalk.p, float(temperature[-1]))
    hot = _hot_curve(plane, highest)[::-1]
    above = np.maximum(plane.temperature(*hot.T), highest)
    return Boundary(
        np.concatenate([cold[:-1], hot[:-1]]),
        np.concatenate([cold[1:], hot[1:]]),
        np.concatenate([temperature[:-1], above[:-1]]),
        len(cold) - 1,
    )


def field_at(
    crosstalk: Crosstalk, signal: Signal, chord: NDArray[np.intp], position: Array
) -> tuple[Array, Array]:
    """Ratio v and τ on the boundary, by chord and fraction of its length."""
    curve, plane = boundary(crosstalk, signal), plane_of(crosstalk, signal)
    x, y = plane.on_chord(curve.start[chord], curve.stop[chord], position)
    return x * plane.ratio, y * plane.tau
