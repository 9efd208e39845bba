"""What is known of a phase once its saddle point is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory.saddle import Array

__all__ = ["State", "blank", "scatter"]

Words = NDArray[np.str_]


@dataclass(frozen=True)
class State:
    """A phase, one entry a cell; not a number where it is absent or was not found.

    Parameters
    ----------
    overlap, effective_overlap, self_overlap, noise : arrays
        m, n, q and σ; without examples n is m.
    free_energy, energy, entropy : arrays
        Per spin.
    replicon : array
        Stable against breaking replica symmetry if positive; -inf at T = 0 and positive load.
    residual : array
        Largest of the violations of the saddle-point equations.
    status : array of str
        Out of `hopfield.vocabulary.STATUS`.
    """

    overlap: Array
    effective_overlap: Array
    self_overlap: Array
    noise: Array
    free_energy: Array
    energy: Array
    entropy: Array
    replicon: Array
    residual: Array
    status: Words


def blank(values: dict[str, Array], good: NDArray[np.bool_]) -> tuple[dict[str, Array], Words]:
    """Fields of a `State` for cells where a solver has been, without those where it failed."""
    blanked = {name: np.where(good, array, np.nan) for name, array in values.items()}
    return blanked, np.where(good, "converged", "not converged")


def scatter(exists: NDArray[np.bool_], solved: tuple[dict[str, Array], Words]) -> State:
    """Put the cells that exist among those where the phase is absent."""
    values, words = solved
    fields = {}
    for name, array in values.items():
        fields[name] = np.full(exists.shape, np.nan)
        fields[name][exists] = array
    status = np.full(exists.shape, "absent", dtype="<U13")
    status[exists] = words
    return State(**fields, status=status)
