"""One solver for saddle points: damped Newton on many independent cells at once.

It knows nothing of any model: a model gives the residuals of its equations and their Jacobian.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Equations", "Solution", "newton"]

Array = NDArray[np.float64]
Cells = NDArray[np.intp]

Equations = Callable[[Array, Cells], tuple[Array, Array]]
"""x, shape (n, k), and which cells these are -> residuals (n, k) and Jacobian (n, k, k)."""

SMALLEST_STEP = 2.0**-30


@dataclass(frozen=True)
class Solution:
    """What the solver found, cell by cell.

    Parameters
    ----------
    value : array, shape (cells, unknowns)
        Where it stopped.
    residual : array, shape (cells,)
        Largest violation of an equation there.
    converged : bool array, shape (cells,)
        Whether the last step was below the tolerance, or only rounding errors were left.
    iterations : int
        Newton steps of the slowest cell.
    """

    value: Array
    residual: Array
    converged: NDArray[np.bool_]
    iterations: int


def newton(
    equations: Equations,
    start: ArrayLike,
    *,
    lower: float = -np.inf,
    step_tolerance: float = 1e-9,
    residual_tolerance: float = 1e-12,
    max_iterations: int = 60,
) -> Solution:
    """Solve F(x) = 0 in every cell, each from its own start.

    A step that does not lower the largest residual of its cell is halved. A cell stops after a
    step below `step_tolerance` times its largest unknown (the error left is of the order of the
    square of that step), or where no step lowers the residual any more.

    Parameters
    ----------
    equations : callable
        ``equations(x, cells)`` gives the residuals, shape (n, unknowns), and the Jacobian, shape
        (n, unknowns, unknowns), of the `cells` that are still at work.
    start : array, shape (cells, unknowns)
        First guesses.
    lower : float
        Bound below which no unknown may go.
    step_tolerance, residual_tolerance : float
        A cell has converged if its last step is below the first times its largest unknown, and
        its residual below the second times that or 1, whichever is more.
    max_iterations : int
        Newton steps before giving up.

    Returns
    -------
    Solution
        With ``converged`` False where it failed.

    References
    ----------
    J. Nocedal and S. J. Wright, Numerical Optimization (2006), chapter 11.

    Examples
    --------
    >>> import numpy as np
    >>> def square_root(x, cells):
    ...     return x**2 - np.array([[2.0], [9.0]])[cells], 2.0 * x[:, :, None]
    >>> newton(square_root, [[1.0], [1.0]]).value.ravel().round(12)
    array([1.41421356, 3.        ])
    """
    x = np.maximum(np.array(start, dtype=np.float64), lower)
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        return _iterate(equations, x, lower, step_tolerance, residual_tolerance, max_iterations)


def _iterate(
    equations: Equations,
    x: Array,
    lower: float,
    step_tolerance: float,
    residual_tolerance: float,
    max_iterations: int,
) -> Solution:
    """Body of `newton`; changes `x`."""
    active = np.arange(x.shape[0])
    values, jacobian = equations(x, active)
    residual = _norm(values)
    converged = np.zeros(x.shape[0], dtype=bool)
    iterations = 0
    while active.size and iterations < max_iterations:
        iterations += 1
        trial = _Trial(x[active], values, jacobian, residual[active])
        step = _newton_step(values, jacobian)
        _line_search(equations, trial, step, active, lower)
        scale = np.abs(trial.x).max(axis=1)
        small = np.abs(trial.x - x[active]).max(axis=1) <= step_tolerance * scale
        x[active], residual[active] = trial.x, trial.residual
        small |= trial.stuck
        converged[active] = small & (trial.residual <= residual_tolerance * np.maximum(scale, 1.0))
        going = ~small & np.isfinite(trial.residual)
        active, values, jacobian = active[going], trial.values[going], trial.jacobian[going]
    return Solution(x, residual, converged, iterations)


@dataclass
class _Trial:
    """Where the active cells stand; the line search moves them."""

    x: Array
    values: Array
    jacobian: Array
    residual: Array

    def __post_init__(self) -> None:
        self.stuck = np.ones(self.residual.size, dtype=bool)

    def accept(self, cells: Cells, x: Array, values: Array, jacobian: Array, size: Array) -> None:
        """Move `cells` to `x`."""
        self.x[cells], self.values[cells], self.jacobian[cells] = x, values, jacobian
        self.residual[cells] = size
        self.stuck[cells] = False


def _line_search(
    equations: Equations, trial: _Trial, step: Array, active: Cells, lower: float
) -> None:
    """Move each cell by the largest of step, step/2, ... that lowers its residual."""
    waiting = np.arange(active.size)
    fraction = 1.0
    origin = trial.x.copy()
    while waiting.size and fraction >= SMALLEST_STEP:
        x = np.maximum(origin[waiting] + fraction * step[waiting], lower)
        values, jacobian = equations(x, active[waiting])
        size = _norm(values)
        better = size < trial.residual[waiting]
        better |= size == 0.0
        trial.accept(waiting[better], x[better], values[better], jacobian[better], size[better])
        scale = np.maximum(np.abs(origin[waiting]).max(axis=1), 1.0)
        rounding = trial.residual[waiting] <= 4.0 * np.finfo(np.float64).eps * scale
        waiting = waiting[~better & ~rounding]
        fraction /= 2.0


def _norm(values: Array) -> Array:
    """Largest violation in each cell, infinite where one is not a number."""
    size = np.abs(values).max(axis=1)
    return np.where(np.isnan(size), np.inf, size)


def _newton_step(values: Array, jacobian: Array) -> Array:
    """-J^{-1} F; not a number where J is singular."""
    if values.shape[1] == 1:
        return np.asarray(-values / jacobian[:, :, 0])
    if values.shape[1] == 2:
        (a, b), (c, d) = jacobian[:, 0].T, jacobian[:, 1].T
        f, g = values.T
        step = np.stack([b * g - d * f, c * f - a * g], axis=1) / (a * d - b * c)[:, None]
        return np.asarray(step)
    singular = np.linalg.cond(jacobian) > 1.0 / np.finfo(np.float64).eps
    regular = np.where(singular[:, None, None], np.eye(values.shape[1]), jacobian)
    step = -np.linalg.solve(regular, values[:, :, None])[:, :, 0]
    return np.where(singular[:, None], np.nan, step)
