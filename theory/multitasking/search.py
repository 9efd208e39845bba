"""Saddle points from first guesses: a descent to a minimum, with a load Newton's method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory.multitasking.columns import Columns
from theory.multitasking.equations import residuals
from theory.multitasking.fields import pulls
from theory.multitasking.minima import minima, updated
from theory.pairs.crosstalk import PairCrosstalk
from theory.saddle import Array, Cells, Equations, Solution, newton

__all__ = ["CRITICAL", "Found", "first_guess", "search"]

DESCENT = 60
ROUNDS = 6
COLUMNS_AT_A_TIME = 2**18
CRITICAL = 1e-12
"""Temperatures that are so much closer to 1 - d, relative to it, are above."""


@dataclass(frozen=True)
class Found:
    """Saddle points, one a cell.

    Parameters
    ----------
    effective_overlap : array, shape (cells, classes)
        n.
    noise, residual : arrays, shape (cells,)
        σ, and the largest violation of an equation.
    converged : bool array, shape (cells,)
        Whether it is a zero of the equations, and without load a minimum.
    """

    effective_overlap: Array
    noise: Array
    residual: Array
    converged: NDArray[np.bool_]


def first_guess(law: Columns, dilution: float) -> Array:
    """Overlaps without noise, if every spin followed the first class that is not blank there.

    Parameters
    ----------
    law : Columns
        Of the classes of patterns.
    dilution : float
        d.

    Returns
    -------
    array, shape (classes,)

    Examples
    --------
    >>> from theory.multitasking.columns import columns, lattice_class
    >>> first_guess(columns([lattice_class(1, 0.5, 1.0, 1)] * 2), 0.5)
    array([0.5 , 0.25])
    """
    before = np.cumsum(law.patterns) - law.patterns
    alone = law.weight @ np.abs(law.value) / law.patterns
    return np.asarray(dilution**before * alone)


def search(
    law: Columns, crosstalk: PairCrosstalk, load: Array, temperature: Array, start: Array
) -> Found:
    r"""Saddle points that the iteration of :math:`n_c \leftarrow E[y_c\tanh(h/T)]/k_c` leads to.

    Without load every step of the iteration lowers the free energy, of which the state is a minimum
    among those with equal overlaps within classes.

    Parameters
    ----------
    law : Columns
        Of the classes of patterns.
    crosstalk : PairCrosstalk
        Γ.
    load, temperature : arrays, shape (cells,)
        α and T.
    start : array, shape (cells, classes)
        First guess of n.

    Returns
    -------
    Found

    Examples
    --------
    >>> from theory.multitasking.columns import columns, lattice_class
    >>> law = columns([lattice_class(1, 0.5, 1.0, 1)] * 2)
    >>> zero, start = np.zeros(1), np.array([[0.4, 0.3]])
    >>> search(law, PairCrosstalk(((0.5, 1.0),)), zero, zero, start).effective_overlap
    array([[0.5 , 0.25]])
    """
    value = np.zeros((load.size, law.patterns.size + 1))
    residual, converged = np.zeros(load.size), np.zeros(load.size, dtype=bool)
    free = np.flatnonzero((load == 0.0) & (temperature < crosstalk.largest * (1.0 - CRITICAL)))
    converged[load == 0.0] = True  # the paramagnet unless it is colder
    if free.size:
        t = temperature[free]
        lowest = minima(law, t, updated(law, t, start[free], DESCENT))
        value[free, :-1] = lowest.overlap
        residual[free], converged[free] = lowest.residual, lowest.converged
    at_a_time = max(1, COLUMNS_AT_A_TIME // law.weight.size)
    loaded = np.flatnonzero(load > 0.0)
    for first in range(0, loaded.size, at_a_time):
        part = loaded[first : first + at_a_time]
        found = _loaded(law, crosstalk, load[part], temperature[part], start[part])
        value[part], residual[part], converged[part] = found.value, found.residual, found.converged
    return Found(value[:, :-1], value[:, -1], residual, converged)


def _loaded(
    law: Columns, crosstalk: PairCrosstalk, load: Array, temperature: Array, start: Array
) -> Solution:
    """Iteration and Newton's method by turns, the longer the harder it is."""
    x = np.concatenate([start, crosstalk.largest * np.sqrt(load)[:, None]], axis=1)
    residual, converged = np.full(load.size, np.inf), np.zeros(load.size, dtype=bool)
    for turn in range(ROUNDS):
        left = np.flatnonzero(~converged)
        if left.size == 0:
            break
        point = load[left], temperature[left]
        x[left] = _iterated(law, crosstalk, *point, x[left], DESCENT * 2**turn)
        found = newton(_equations(law, crosstalk, *point), x[left], lower=0.0)
        residual[left], converged[left] = found.residual, found.converged
        good = left[found.converged]
        x[good] = found.value[found.converged]
    return Solution(x, residual, converged, ROUNDS)


def _equations(
    law: Columns, crosstalk: PairCrosstalk, load: Array, temperature: Array
) -> Equations:
    def equations(x: Array, cells: Cells) -> tuple[Array, Array]:
        return residuals(law, crosstalk, load[cells], temperature[cells], x[:, :-1], x[:, -1])

    return equations


def _iterated(
    law: Columns, crosstalk: PairCrosstalk, load: Array, temperature: Array, x: Array, times: int
) -> Array:
    n, noise = x[:, :-1], x[:, -1]
    for _ in range(times):
        n, q, response = pulls(law, n, noise, temperature)
        # σ Γ = sqrt(α q), solved for the σ beside that in σ C, which has a limit at σ = 0
        scale = crosstalk.gap_of_root(np.ones_like(q), crosstalk.gap(response))
        spread = np.where(noise > 0.0, noise * response, 0.0)
        noise = crosstalk.largest * spread + scale * np.sqrt(load * q)
    return np.concatenate([n, noise[:, None]], axis=1)
