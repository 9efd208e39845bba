r"""A path of fixed points from β = 0 on, followed along its arc, so that it may turn back in β.

Points are :math:`(x/M, \log\beta)` with the largest norm M of the patterns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from hopfield import attention
from theory.saddle import Array

__all__ = ["Path", "Point"]

Point = Array
"""Shape (N + 1,)."""

FIRST_STEP, SMALLEST_STEP, LARGEST_STEP = 0.02, 1e-9, 0.1
FINE_STEP = 1e-3
"""Step within which an eigenvalue crosses 1, when it is looked for more closely."""

STRAIGHT = 0.98
"""Smallest cosine of the angle that the path turns by in a step."""

CORRECTIONS = 6
CLOSE = 1e-13
"""Largest violation, over the largest norm."""


@dataclass(frozen=True, eq=False)
class Path:
    """Fixed points of softmax attention to given patterns.

    Parameters
    ----------
    patterns : array, shape (K, N)

    Examples
    --------
    >>> path = Path(np.eye(4))
    >>> point, status = path.instability(100.0)
    >>> status, round(path.beta(point), 9)
    ('converged', 4.0)
    """

    patterns: Array

    @property
    def norm(self) -> float:
        """Largest norm M of a pattern."""
        return float(np.sqrt((self.patterns**2).sum(axis=1).max()))

    def state(self, point: Point) -> Array:
        """Its state x."""
        return point[:-1] * self.norm

    def beta(self, point: Point) -> float:
        """Its β."""
        return float(np.exp(point[-1]))

    def violation(self, point: Point) -> float:
        """Distance of its state from the update, over M."""
        return float(np.linalg.norm(self._defect(point)))

    def eigenvalue(self, point: Point) -> float:
        """Largest eigenvalue of its Jacobian."""
        return float(np.linalg.eigvalsh(self._jacobian(point))[-1])

    def instability(self, largest: float) -> tuple[Point | None, str]:
        """First point up to a β whose largest eigenvalue is 1, and whether there is one."""
        start = np.log(0.5) - 2.0 * np.log(self.norm)  # where the update contracts everywhere
        mean = attention.retrieve(self.patterns.mean(axis=0), self.patterns, np.exp(start))
        point = np.append(mean.states / self.norm, start)
        tangent, step = self._tangent(point, np.append(np.zeros(len(point) - 1), 1.0)), FIRST_STEP
        while step > SMALLEST_STEP and self.beta(point) < largest:
            new = self._corrected(point, tangent, step)
            ahead = tangent if new is None else self._tangent(new, tangent)
            crossed = new is not None and self.eigenvalue(new) >= 1.0
            if crossed and step <= FINE_STEP:
                turn = self._between(point, tangent, step)
                return turn, "not converged" if turn is None else "converged"
            if new is None or crossed or ahead @ tangent < STRAIGHT:
                step /= 2.0
            else:
                point, tangent, step = new, ahead, min(1.5 * step, LARGEST_STEP)
        return None, "absent" if step > SMALLEST_STEP else "not converged"

    def _defect(self, point: Point) -> Array:
        x = self.state(point)
        return np.asarray((x - attention.update(x, self.patterns, self.beta(point))) / self.norm)

    def _jacobian(self, point: Point) -> Array:
        return attention.jacobian(self.state(point), self.patterns, self.beta(point))

    def _derivatives(self, point: Point) -> Array:
        """Of the defect by x/M and log β, shape (N, N + 1)."""
        jacobian = self._jacobian(point)
        along = -jacobian @ point[:-1]
        return np.column_stack([np.eye(len(jacobian)) - jacobian, along])

    def _tangent(self, point: Point, ahead: Array) -> Array:
        """Direction of the path, on the side of the last one."""
        rows = np.vstack([self._derivatives(point), ahead])
        tangent = np.linalg.solve(rows, np.append(np.zeros(len(point) - 1), 1.0))
        return np.asarray(tangent / np.linalg.norm(tangent))

    def _corrected(self, point: Point, tangent: Array, step: float) -> Point | None:
        """Point of the path at a step along the tangent; None if it is not found close to it."""
        new = point + step * tangent
        for _ in range(CORRECTIONS):
            defect = np.append(self._defect(new), tangent @ (new - point) - step)
            if np.abs(defect).max() < CLOSE:
                return new
            new = new - np.linalg.solve(np.vstack([self._derivatives(new), tangent]), defect)
            if np.linalg.norm(new - point) > step / STRAIGHT:
                return None
        return new if np.abs(self._defect(new)).max() < 100.0 * CLOSE else None

    def _between(self, point: Point, tangent: Array, step: float) -> Point | None:
        """Where the eigenvalue is 1 within a step; None if rounding errors hide it."""

        def excess(part: float) -> float:
            new = self._corrected(point, tangent, part)
            return np.nan if new is None else self.eigenvalue(new) - 1.0

        try:
            part = float(brentq(excess, 0.0, step, xtol=1e-15, rtol=1e-14))
        except ValueError:  # not a number
            return None
        return self._corrected(point, tangent, part)
