r"""Local minima of the free energy without load.

With :math:`v_c = \sqrt{k_c}\, n_c` no eigenvalue of its Hessian H is larger than 1, so that a step
:math:`-(|H| + \mu)^{-1} g` along the gradient g lowers the free energy as soon as μ is of order 1.
A step that fails makes μ larger, one that succeeds smaller, up to Newton's method.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from theory.gaussian import SMALLEST_TEMPERATURE
from theory.multitasking.columns import Columns
from theory.multitasking.fields import landscape, pulls
from theory.saddle import Array

__all__ = ["GRADIENT_ERROR", "ROUNDING", "Minima", "minima", "steps", "updated"]

STEPS = 200
COLUMNS_AT_A_TIME = 2**18
SMALL_STEP = 1e-9
KICK = 1e-4
"""From a saddle point, over the largest overlap."""

FLATTEST = 1e-12
GRADIENT_ERROR = 4e-15
"""Of rounding, over the largest overlap."""

LARGEST_ERROR = 1e-2
ROUNDING = 1e-15
"""Of a free energy."""


@dataclass(frozen=True)
class Minima:
    r"""Minima of the free energy, one a cell.

    Parameters
    ----------
    overlap : array, shape (cells, classes)
        n.
    free_energy : array, shape (cells,)
        f.
    eigenvalue : array, shape (cells, classes)
        Of the Hessian, in rising order.
    residual : array, shape (cells,)
        Largest violation of :math:`n_c = E[y_c\tanh(h/T)]/k_c`.
    converged : bool array, shape (cells,)
        Whether this is a minimum, and the last step was small.
    """

    overlap: Array
    free_energy: Array
    eigenvalue: Array
    residual: Array
    converged: NDArray[np.bool_]


def minima(law: Columns, temperature: Array, start: Array) -> Minima:
    """Minima that a descent from given overlaps leads to.

    Parameters
    ----------
    law : Columns
        Of the classes of patterns; overlaps within a class stay equal.
    temperature : array, shape (cells,)
        T.
    start : array, shape (cells, classes)
        First guess of n.

    Returns
    -------
    Minima

    Examples
    --------
    >>> from theory.multitasking.columns import columns, lattice_class
    >>> law = columns([lattice_class(1, 0.5, 1.0, 1)] * 2)
    >>> found = minima(law, np.array([0.0, 0.3]), np.array([[0.4, 0.3], [0.4, 0.3]]))
    >>> np.abs(found.overlap).round(6).tolist(), found.converged.tolist()
    ([[0.5, 0.25], [0.453666, 0.0]], [True, True])
    """
    at_a_time = max(1, COLUMNS_AT_A_TIME // law.weight.size)
    parts = [
        _minima(law, temperature[first : first + at_a_time], start[first : first + at_a_time])
        for first in range(0, temperature.size, at_a_time)
    ]
    return Minima(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0]))
    )


def _minima(law: Columns, temperature: Array, start: Array) -> Minima:
    root = np.sqrt(law.patterns)
    at = _Descent(law, temperature, start * root, *landscape(law, start, temperature))
    active = np.arange(temperature.size)
    for _ in range(STEPS):
        active = active[at.step(active)]
        if active.size == 0:
            break
    converged = np.ones(temperature.size, dtype=bool)
    converged[active] = False
    residual = np.abs(at.gradient / root).max(axis=1)
    eigenvalue = np.asarray(np.linalg.eigvalsh(at.hessian), dtype=np.float64)
    return Minima(at.x / root, at.free_energy, eigenvalue, residual, converged)


def updated(law: Columns, temperature: Array, overlap: Array, times: int) -> Array:
    r"""Overlaps after updates :math:`n_c \leftarrow E[y_c\tanh(h/T)]/k_c` of all spins.

    Parameters
    ----------
    law, temperature, overlap
        As of `minima`.
    times : int
        Number of updates, each of which lowers the free energy.

    Returns
    -------
    array, shape (cells, classes)

    Examples
    --------
    >>> from theory.multitasking.columns import columns, lattice_class
    >>> law = columns([lattice_class(1, 0.5, 1.0, 1)] * 2)
    >>> updated(law, np.zeros(1), np.array([[0.4, 0.3]]), 1)
    array([[0.5 , 0.25]])
    """
    at_a_time = max(1, COLUMNS_AT_A_TIME // law.weight.size)
    n, pull = overlap.copy(), law.weight[:, None] * law.value / law.patterns
    for first in range(0, temperature.size, at_a_time):
        part = slice(first, first + at_a_time)
        t = np.maximum(temperature[part, None], SMALLEST_TEMPERATURE)
        for _ in range(times):
            if law.variance > 0.0:
                n[part] = pulls(law, n[part], np.zeros(t.size), temperature[part])[0]
            else:
                with np.errstate(over="ignore"):
                    n[part] = np.tanh(n[part] @ law.value.T / t) @ pull
    return n


def steps(overlap: Array, eigenvalue: Array, noise: ArrayLike = 0.0) -> NDArray[np.int8]:
    """Whether overlaps are larger than the next one, or 0 after the last.

    Parameters
    ----------
    overlap : array, shape (cells, classes)
        n.
    eigenvalue : array, shape (cells,)
        The one of the Hessian that is closest to zero: the smaller, the larger the error of n.
    noise : array, shape (cells,), optional
        σ; rounding errors are those of the larger of n and σ.

    Returns
    -------
    int8 array, shape (cells, classes)
        1 if it is larger, -1 if it is smaller, 0 where the difference is less than the error.

    Examples
    --------
    >>> steps(np.array([[0.5, 0.2, 0.2 - 1e-12], [0.2, 0.5, 1e-12]]), np.array([1e-4, 1.0]))
    array([[ 1,  0,  1],
           [-1,  1,  1]], dtype=int8)
    """
    error = np.minimum(GRADIENT_ERROR / np.maximum(np.abs(eigenvalue), 1e-300), LARGEST_ERROR)
    error = error * np.maximum(np.abs(overlap).max(axis=1), noise)
    difference = -np.diff(overlap, axis=1, append=0.0)
    apart = np.abs(difference) > error[:, None]
    return np.asarray(np.where(apart, np.sign(difference), 0.0), dtype=np.int8)


@dataclass
class _Descent:
    """Where the cells stand; steps move them."""

    law: Columns
    temperature: Array
    x: Array
    free_energy: Array
    gradient: Array
    hessian: Array

    def __post_init__(self) -> None:
        self.damping = np.zeros(self.temperature.size)

    def step(self, cells: NDArray[np.intp]) -> NDArray[np.bool_]:
        """Move cells where this lowers the free energy, and say which are not yet at a minimum."""
        eigenvalue, axes = np.linalg.eigh(self.hessian[cells])
        along = np.einsum("nij,ni->nj", axes, self.gradient[cells])
        stiffness = np.maximum(np.abs(eigenvalue) + self.damping[cells, None], FLATTEST)
        move = -np.einsum("nij,nj->ni", axes, along / stiffness)
        size = np.abs(self.x[cells]).max(axis=1)
        small = np.abs(move).max(axis=1) <= SMALL_STEP * size
        small |= np.abs(along).max(axis=1) <= GRADIENT_ERROR / 4.0 * size
        saddle = small & (eigenvalue[:, 0] <= 0.0)
        down = np.where(along[:, 0] > 0.0, -KICK, KICK) * size
        move[saddle] += (down[:, None] * axes[:, :, 0])[saddle]
        x = self.x[cells] + move
        values = landscape(self.law, x / np.sqrt(self.law.patterns), self.temperature[cells])
        lower = saddle | self._lower(cells, move, *values[:2])
        moved = cells[lower]
        self.x[moved] = x[lower]
        self.free_energy[moved], self.gradient[moved], self.hessian[moved] = (
            value[lower] for value in values
        )
        done = small & lower & ~saddle & (self.damping[cells] == 0.0)
        flattest = np.abs(eigenvalue).min(axis=1)
        damping = self.damping[cells]
        damping = np.where(lower, damping / 10.0, np.maximum(4.0 * damping, flattest))
        self.damping[cells] = np.where(damping < flattest / 100.0, 0.0, damping)
        return np.asarray(~done)

    def _lower(
        self, cells: NDArray[np.intp], move: Array, free_energy: Array, gradient: Array
    ) -> NDArray[np.bool_]:
        """Whether a move leads to less free energy, up to rounding by its slope at both ends."""
        change = free_energy - self.free_energy[cells]
        slope = (self.gradient[cells] * move).sum(axis=1)
        error = GRADIENT_ERROR * np.abs(self.x[cells]).max(axis=1) * np.abs(move).sum(axis=1)
        near = (gradient * move).sum(axis=1) <= np.abs(slope) + error
        return np.asarray((change < -ROUNDING) | ((change <= ROUNDING) & near))
