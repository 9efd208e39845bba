"""Retrieval phase of any family of models: a branch of solutions with n > 0 that ends.

The unknowns are the effective overlap n, which is the overlap m if no examples are involved, and
the width σ of the crosstalk. At fixed temperature the load rises along the branch from zero up to
the end of the phase, the spinodal, while n decreases. A family tabulates its branch; here the table
gives first guesses of Newton's method.
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
    load, overlap, effective_overlap, noise : arrays
        α, m, n and σ; without examples n is m.
    residual : array
        Largest violation of the saddle-point equations.
    """

    load: Array
    overlap: Array
    effective_overlap: Array
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
    angle, effective_overlap, ratio : arrays, shape (n, points)
        Table of arcsin sqrt(α/α_c), which undoes the square roots at both ends, n and σ/n.
    """

    temperature: Array
    end: Spinodal
    angle: Array
    effective_overlap: Array
    ratio: Array


class SaddlePoint(Protocol):
    """Equations of a family for n and σ."""

    @property
    def melting_temperature(self) -> float:
        """Temperature from which on nothing is retrieved at any load."""

    def residuals(
        self, load: Array, temperature: Array, effective_overlap: Array, noise: Array
    ) -> tuple[Array, Array]:
        """Left-hand sides, shape (n, 2), and their Jacobian, shape (n, 2, 2)."""

    def observables(
        self, load: Array, temperature: Array, effective_overlap: Array, noise: Array
    ) -> dict[str, Array]:
        """Fields of `State` other than effective_overlap, noise, residual and status."""

    def search(self, along: Branch, row: NDArray[np.intp], load: Array) -> tuple[Array, Array]:
        """Retrieval solutions (n and σ) by bracketing; slow and safe."""


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
    >>> from theory.pairs.phases import HopfieldPhases
    >>> zero = HopfieldPhases().branch(np.array([0.0]))
    >>> state = retrieval(HopfieldPhases(), zero, np.array([0, 0]), np.array([0.1, 0.2]))
    >>> state.overlap.round(6).tolist(), state.status.tolist()
    ([0.997999, nan], ['converged', 'absent'])
    """
    limit, melting = along.end.load[rows], theory.melting_temperature
    below = melting - along.temperature[rows]
    melted = below <= 0.0
    error = EDGE * melting / np.maximum(np.where(melted, 1.0, below), melting * EDGE / WIDEST_EDGE)
    exists = ~melted & ~(load > limit * (1.0 + error))  # also where the end was not found
    row, a = rows[exists], load[exists]
    n, sigma, residual, good = _solve(theory, along, row, a)
    edge = a >= limit[exists] * (1.0 - error[exists])
    n = np.where(edge, along.end.effective_overlap[row], n)
    sigma = np.where(edge, along.end.noise[row], sigma)
    residual = np.where(edge, along.end.residual[row], residual)
    safe_n, safe_sigma = np.where(good | edge, n, 1.0), np.where(good | edge, sigma, 1.0)
    values = theory.observables(a, along.temperature[row], safe_n, safe_sigma)
    values["overlap"] = np.where(edge, along.end.overlap[row], values["overlap"])
    values |= {"effective_overlap": n, "noise": sigma, "residual": residual}
    blanked, words = blank(values, good | edge)
    return scatter(exists, (blanked, np.where(edge, "at the edge", words)))


def _solve(
    theory: SaddlePoint, along: Branch, row: NDArray[np.intp], load: Array
) -> tuple[Array, Array, Array, NDArray[np.bool_]]:
    """n, σ, residual and success for loads up to the end, from guesses read off the table."""
    temperature, least = along.temperature[row], along.end.effective_overlap[row] * (1.0 - SLACK)

    def equations(x: Array, cells: Cells) -> tuple[Array, Array]:
        return theory.residuals(load[cells], temperature[cells], x[:, 0], x[:, 1])

    found = newton(equations, _guess(along, row, load), lower=0.0)
    n, sigma = found.value.T
    residual, good = found.residual, found.converged & (n >= least)
    failed = np.flatnonzero(~good)
    if failed.size:
        a, t = load[failed], temperature[failed]
        n[failed], sigma[failed] = theory.search(along, row[failed], a)
        violation = np.abs(theory.residuals(a, t, n[failed], sigma[failed])[0]).max(axis=1)
        residual[failed] = violation
        good[failed] = (violation <= LARGEST_RESIDUAL) & (n[failed] >= least[failed])
    return n, sigma, residual, good


def _guess(along: Branch, row: NDArray[np.intp], load: Array) -> Array:
    """Look n and σ up in the table, shape (cells, 2)."""
    angle = np.arcsin(np.sqrt(np.minimum(load / along.end.load[row], 1.0)))
    guess = np.empty((load.size, 2))
    order = np.argsort(row, kind="stable")
    for cells in np.split(order, np.flatnonzero(np.diff(row[order])) + 1):
        if cells.size:
            i = row[cells[0]]
            guess[cells, 0] = np.interp(angle[cells], along.angle[i], along.effective_overlap[i])
            guess[cells, 1] = np.interp(angle[cells], along.angle[i], along.ratio[i])
    guess[:, 1] *= guess[:, 0]
    return guess
