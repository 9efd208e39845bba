"""States of least free energy of a few diluted patterns."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hopfield.learning import Supervised
from hopfield.models import Multitasking
from theory.multitasking.columns import Columns
from theory.multitasking.guesses import distinct, guesses
from theory.multitasking.laws import Diluted
from theory.multitasking.minima import ROUNDING, Minima, minima, updated
from theory.multitasking.search import CRITICAL
from theory.saddle import Array

__all__ = ["Lowest", "diluted", "equal_groups", "lowest_states"]

COLD = 0.1
"""Temperature over 1 - d below which there are many minima."""

UPDATES = 25
"""Of all spins, after which most states are near a minimum."""


@dataclass(frozen=True)
class Lowest:
    """States of least free energy, one a cell.

    Parameters
    ----------
    effective_overlap : array, shape (cells, K)
        n, the largest first; 0 in the paramagnet.
    free_energy : array, shape (cells,)
        f.
    eigenvalue : array, shape (cells, K)
        Of the Hessian, in rising order.
    residual : array, shape (cells,)
        Largest violation of a saddle-point equation.
    found : bool array, shape (cells,)
        Whether there is a minimum.
    """

    effective_overlap: Array
    free_energy: Array
    eigenvalue: Array
    residual: Array
    found: NDArray[np.bool_]


def diluted(dilution: float, quality: float, examples: int) -> Diluted:
    """Network of given dilution, which stores patterns if examples are perfect.

    Examples
    --------
    >>> diluted(0.2, 1.0, 1), diluted(0.2, 0.5, 10)
    (Multitasking(dilution=0.2), Supervised(p=2, quality=0.5, examples=10, dilution=0.2))
    """
    learner = Supervised(2, quality, examples, dilution)
    return Multitasking(dilution) if learner.quality == 1.0 else learner


def _starts(n_patterns: int, dilution: float, temperature: Array) -> tuple[NDArray[np.intp], Array]:
    """Cells and states to descend from in them; the colder, the more minima there are."""
    critical = 1.0 - dilution
    few, many = guesses(n_patterns, 2 * n_patterns), guesses(n_patterns, 10 * 2**n_patterns)
    cold = temperature < COLD * critical
    cells, states = [], []
    for chosen, shares in ((~cold, few), (cold, many)):
        here = np.flatnonzero(chosen)
        size = critical * np.sqrt(1.0 - temperature[here] / critical)
        cells.append(np.repeat(here, len(shares)))
        states.append((size[:, None, None] * shares).reshape(-1, n_patterns))
    return np.concatenate(cells), np.concatenate(states)


def lowest_states(law: Columns, dilution: float, temperature: Array) -> Lowest:
    """States of least free energy that descents from many states lead to.

    Parameters
    ----------
    law : Columns
        Of single patterns.
    dilution : float
        d.
    temperature : array, shape (cells,)
        T, in order, since neighbours help each other.

    Returns
    -------
    Lowest

    Examples
    --------
    >>> from theory.multitasking.laws import law_of
    >>> law = law_of(Multitasking(0.2), (1, 1))
    >>> lowest_states(law, 0.2, np.array([0.0, 0.5, 0.9])).effective_overlap.round(6)
    array([[0.8     , 0.16    ],
           [0.712515, 0.      ],
           [0.      , 0.      ]])
    """
    critical = 1.0 - dilution
    warm = temperature >= critical * (1.0 - CRITICAL)
    t = np.where(warm, critical / 2.0, temperature)
    cells, states = _starts(law.patterns.size, dilution, t)
    states = updated(law, t[cells], states, UPDATES)
    kept = distinct(cells, states)
    cells = cells[kept]
    best = _best_of(cells, minima(law, t[cells], states[kept]))
    here = np.arange(t.size)
    for way in (1, -1):  # a state that was found next to a cell may be missed in it
        near = np.clip(here + way, 0, t.size - 1)
        again = minima(law, t, best.overlap[near])
        both = (np.concatenate(pair) for pair in zip(
            vars(best).values(), vars(again).values(), strict=True))  # fmt: skip
        best = _best_of(np.tile(here, 2), Minima(*both))
    n = np.sort(np.abs(best.overlap), axis=1)[:, ::-1]
    hot = 1.0 - critical / np.maximum(temperature, critical)
    return Lowest(
        np.where(warm[:, None], 0.0, n),
        np.where(warm, -temperature * np.log(2.0), best.free_energy),
        np.where(warm[:, None], hot[:, None], best.eigenvalue),
        np.where(warm, 0.0, best.residual),
        warm | best.converged,
    )


def _best_of(cells: NDArray[np.intp], found: Minima) -> Minima:
    """The state of least free energy of each cell, with the largest overlap if there are several.

    The free energies of different states may be the same at T = 0, and up to rounding above.
    """
    free = np.where(found.converged, found.free_energy, np.inf)
    least = np.full(cells.max() + 1, np.inf)
    np.minimum.at(least, cells, free)
    tied = free <= least[cells] + ROUNDING
    order = np.lexsort((-np.abs(found.overlap).max(axis=1), ~tied, cells))
    best = order[np.unique(cells[order], return_index=True)[1]]
    return Minima(*(value[best] for value in vars(found).values()))


def equal_groups(falls: NDArray[np.int8]) -> tuple[int, ...]:
    """Numbers of overlaps that are equal, of those that do not vanish.

    Parameters
    ----------
    falls : int8 array, shape (K,)
        Whether an overlap is larger than the next one, or 0; see `theory.multitasking.minima`.

    Returns
    -------
    tuple of int

    Examples
    --------
    >>> equal_groups(np.array([1, 0, 1, 0])), equal_groups(np.zeros(2))
    ((1, 2), ())
    """
    return tuple(np.diff(np.flatnonzero(falls), prepend=-1).tolist())
