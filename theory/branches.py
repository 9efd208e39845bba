"""Retrieval phase of any family of models: a branch of solutions with m > 0 that ends.

At fixed temperature the load rises along the branch from zero up to the end of the phase, the
spinodal, while the overlap decreases. A family tabulates its branch; here the table gives first
guesses of Newton's method.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from theory.saddle import Array, Cells, newton
from theory.states import State, blank, scatter

__all__ = ["Branch", "SaddlePoint", "Spinodal", "retrieval"]

EDGE = 1e-13  # relative distance from the end within which the end itself is reported, far from
WIDEST_EDGE = 1e-3  # and close to melting, where the load at the end is small and has its errors
SLACK = 1e-9  # relative error of the smallest overlap on the branch
LARGEST_RESIDUAL = 1e-12


@dataclass(frozen=True)
class Spinodal:
    """End of the retrieval phase, one entry a temperature; not a number where there is none.

    Parameters
    ----------
    load, overlap, noise : arrays
        α, m and σ.
    residual : array
        Largest violation of the saddle-point equations.
    """

    load: Array
    overlap: Array
    noise: Array
    residual: Array


@dataclass(frozen=True)
class Branch:
    """Retrieval solutions at a set of temperatures.

    Parameters
    ----------
    temperature : array, shape (n,)
        T.
    end : Spinodal
        Where the branch ends.
    angle, overlap, ratio : arrays, shape (n, points)
        Table of arcsin sqrt(α/α_c), which undoes the square roots at both ends, m and σ/m.
    """

    temperature: Array
    end: Spinodal
    angle: Array
    overlap: Array
    ratio: Array


class SaddlePoint(Protocol):
    """Equations of a family for m and σ."""

    @property
    def melting_temperature(self) -> float:
        """Temperature from which on nothing is retrieved at any load."""

    def residuals(
        self, load: Array, temperature: Array, overlap: Array, noise: Array
    ) -> tuple[Array, Array]:
        """Left-hand sides, shape (n, 2), and their Jacobian, shape (n, 2, 2)."""

    def observables(
        self, load: Array, temperature: Array, overlap: Array, noise: Array
    ) -> dict[str, Array]:
        """Fields of `State` other than overlap, noise, residual and status."""

    def search(self, along: Branch, row: NDArray[np.intp], load: Array) -> tuple[Array, Array]:
        """Retrieval solutions (m and σ) by bracketing; slow and safe."""


def retrieval(theory: SaddlePoint, along: Branch, rows: NDArray[np.intp], load: Array) -> State:
    """Retrieval phase at pairs of a load and a tabulated temperature.

    Parameters
    ----------
    theory : SaddlePoint
        Whose equations.
    along : Branch
        Its branch.
    rows : integer array, shape (n,)
        Which of the temperatures of the branch.
    load : array, shape (n,)
        α.

    Returns
    -------
    State
        Status "at the edge" where the load is that of the end of the phase up to rounding.

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Ann. Phys. 173, 30 (1987).

    Examples
    --------
    >>> from theory.hopfield_phases import HopfieldPhases
    >>> zero = HopfieldPhases().branch(np.array([0.0]))
    >>> state = retrieval(HopfieldPhases(), zero, np.array([0, 0]), np.array([0.1, 0.2]))
    >>> state.overlap.round(6).tolist(), state.status.tolist()
    ([0.997999, nan], ['converged', 'absent'])
    """
    limit = along.end.load[rows]
    melted = along.temperature[rows] >= theory.melting_temperature
    below = 1.0 - along.temperature[rows] / theory.melting_temperature
    error = EDGE / np.maximum(below, EDGE / WIDEST_EDGE)
    exists = ~melted & ~(load > limit * (1.0 + error))  # also where the end was not found
    row, a = rows[exists], load[exists]
    m, sigma, residual, good = _solve(theory, along, row, a)
    edge = a >= limit[exists] * (1.0 - error[exists])
    m = np.where(edge, along.end.overlap[row], m)
    sigma = np.where(edge, along.end.noise[row], sigma)
    residual = np.where(edge, along.end.residual[row], residual)
    safe_m, safe_sigma = np.where(good | edge, m, 1.0), np.where(good | edge, sigma, 1.0)
    values = theory.observables(a, along.temperature[row], safe_m, safe_sigma)
    values |= {"overlap": m, "noise": sigma, "residual": residual}
    blanked, words = blank(values, good | edge)
    return scatter(exists, (blanked, np.where(edge, "at the edge", words)))


def _solve(
    theory: SaddlePoint, along: Branch, row: NDArray[np.intp], load: Array
) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    """m, σ, residual and success for loads up to the end, from guesses read off the table."""
    temperature, least = along.temperature[row], along.end.overlap[row] * (1.0 - SLACK)

    def equations(x: Array, cells: Cells) -> tuple[Array, Array]:
        return theory.residuals(load[cells], temperature[cells], x[:, 0], x[:, 1])

    found = newton(equations, _guess(along, row, load), lower=0.0)
    m, sigma = found.value.T
    residual, good = found.residual, found.converged & (m >= least)
    failed = np.flatnonzero(~good)
    if failed.size:
        a, t = load[failed], temperature[failed]
        m[failed], sigma[failed] = theory.search(along, row[failed], a)
        violation = np.abs(theory.residuals(a, t, m[failed], sigma[failed])[0]).max(axis=1)
        residual[failed] = violation
        good[failed] = (violation <= LARGEST_RESIDUAL) & (m[failed] >= least[failed])
    return m, sigma, residual, good


def _guess(along: Branch, row: NDArray[np.intp], load: Array) -> Array:
    """Look m and σ up in the table, shape (cells, 2)."""
    angle = np.arcsin(np.sqrt(np.minimum(load / along.end.load[row], 1.0)))
    guess = np.empty((load.size, 2))
    order = np.argsort(row, kind="stable")
    for cells in np.split(order, np.flatnonzero(np.diff(row[order])) + 1):
        if cells.size:
            i = row[cells[0]]
            guess[cells, 0] = np.interp(angle[cells], along.angle[i], along.overlap[i])
            guess[cells, 1] = np.interp(angle[cells], along.angle[i], along.ratio[i])
    guess[:, 1] *= guess[:, 0]
    return guess
