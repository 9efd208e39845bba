"""Saddle points of overlaps that fall from class to class."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from theory.multitasking.columns import Columns
from theory.multitasking.equations import curvatures, observables
from theory.multitasking.guesses import guesses
from theory.multitasking.minima import steps
from theory.multitasking.search import CRITICAL, Found, first_guess, search
from theory.pairs.crosstalk import PairCrosstalk
from theory.saddle import Array

__all__ = ["from_many_guesses", "status_of", "thorough_search"]

ROUNDING = 1e-13
"""Overlaps that are so much smaller than the largest one are lost in it."""

MOST_GUESSES = 2**20
"""First guesses of a cell times columns."""


def status_of(
    law: Columns, crosstalk: PairCrosstalk, load: Array, temperature: Array, found: Found
) -> NDArray[np.str_]:
    """Whether overlaps that were found fall from class to class.

    Parameters
    ----------
    law, crosstalk, load, temperature
        As of `search`.
    found : Found
        From there.

    Returns
    -------
    array of str, shape (cells,)
        "converged" if they do, "absent" if some are equal or vanish or the order is another one;
        "not converged" if this was not found out.

    Examples
    --------
    >>> from theory.multitasking.columns import columns, lattice_class
    >>> law, one = columns([lattice_class(1, 0.5, 1.0, 1)] * 2), np.ones(1)
    >>> given = law, PairCrosstalk(((0.5, 1.0),)), 0.0 * one, 0.3 * one
    >>> status_of(*given, search(*given, np.array([[0.4, 0.3]])))  # the second one vanishes
    array(['absent'], dtype='<U13')
    """
    n = found.effective_overlap

    def along(overlap: Array) -> Array:
        return curvatures(law, crosstalk, load, temperature, overlap, found.noise).along

    falls = steps(n, np.abs(along(n)).min(axis=1), found.noise)
    exists, unclear = (falls == 1).all(axis=1), falls == 0
    equal = n.copy()
    for c in range(n.shape[1] - 1, -1, -1):  # were they the same as the next one
        after = equal[:, c + 1] if c + 1 < n.shape[1] else 0.0
        equal[:, c] = np.where(unclear[:, c], after, n[:, c])
    status = np.where(exists, "converged", "absent").astype("<U13")
    split = ~(falls == -1).any(axis=1) & unclear.any(axis=1)
    split &= (load > 0.0) | (temperature < crosstalk.largest * (1.0 - CRITICAL))
    if split.any():
        status[split & (along(equal)[:, 0] <= 0.0)] = "not converged"
    status[~found.converged] = "not converged"
    return status


def thorough_search(
    law: Columns, crosstalk: PairCrosstalk, dilution: float, load: Array, temperature: Array
) -> tuple[Found, NDArray[np.str_]]:
    """Saddle points of overlaps that fall from class to class, from several first guesses.

    Parameters
    ----------
    law, crosstalk, load, temperature
        As of `search`.
    dilution : float
        d.

    Returns
    -------
    tuple of Found and array of str
        The one from `first_guess`, or else that of least free energy, and its status.

    Examples
    --------
    >>> from theory.multitasking.columns import columns, lattice_class
    >>> law, zero = columns([lattice_class(1, 0.5, 1.0, 1)] * 2), np.zeros(1)
    >>> found, status = thorough_search(law, PairCrosstalk(((0.5, 1.0),)), 0.5, zero, zero)
    >>> found.effective_overlap, status
    (array([[0.5 , 0.25]]), array(['converged'], dtype='<U13'))
    """
    first = first_guess(law, dilution)
    found = _sorted(law, search(law, crosstalk, load, temperature, np.tile(first, (load.size, 1))))
    status = status_of(law, crosstalk, load, temperature, found)
    lost = (0.0 < first[-1] < ROUNDING * first[0]) & (temperature <= first[-1])
    status[lost & (status == "absent")] = "not converged"
    rest = np.flatnonzero((status != "converged") & ~lost & (temperature < crosstalk.largest))
    if rest.size == 0:
        return found, status
    cells, others, seen = from_many_guesses(law, crosstalk, load[rest], temperature[rest])
    cells = rest[cells]
    point = law, crosstalk, load[cells], temperature[cells], others.effective_overlap, others.noise
    free = np.where(seen == "converged", observables(*point)["free_energy"], np.inf)
    order = np.lexsort((free, cells))
    best = order[np.unique(cells[order], return_index=True)[1]]
    best = best[seen[best] == "converged"]
    for name, value in vars(found).items():
        value[cells[best]] = getattr(others, name)[best]
    # with a load some guesses lead to saddle points, though others show that there is no state
    gone = cells[(seen == "absent") & (load[cells] > 0.0)]
    status[gone], status[cells[best]] = "absent", "converged"
    return found, status


def from_many_guesses(
    law: Columns, crosstalk: PairCrosstalk, load: Array, temperature: Array
) -> tuple[NDArray[np.intp], Found, NDArray[np.str_]]:
    """What the guesses of `theory.multitasking.guesses` lead to.

    Parameters
    ----------
    law, crosstalk, load, temperature
        As of `search`; temperatures below 1 - d.

    Returns
    -------
    tuple of int array, Found and array of str
        The cell of each state, the states, and their status.

    Examples
    --------
    >>> from theory.multitasking.columns import columns, lattice_class
    >>> law, zero = columns([lattice_class(1, 0.5, 1.0, 1)] * 2), np.zeros(1)
    >>> from_many_guesses(law, PairCrosstalk(((0.5, 1.0),)), zero, zero)[1].effective_overlap[:2]
    array([[0.5 , 0.25],
           [0.5 , 0.25]])
    """
    classes = law.patterns.size
    shares = guesses(classes, 2 * classes)[: max(1, MOST_GUESSES // law.weight.size)]
    cells = np.repeat(np.arange(load.size), len(shares))
    size = first_guess(law, 0.5)[0] * np.sqrt(
        np.maximum(1.0 - temperature / crosstalk.largest, 0.1)
    )
    starts = (size[:, None, None] * shares).reshape(-1, classes)
    found = _sorted(law, search(law, crosstalk, load[cells], temperature[cells], starts))
    return cells, found, status_of(law, crosstalk, load[cells], temperature[cells], found)


def _sorted(law: Columns, found: Found) -> Found:
    """With positive overlaps in falling order, unless numbers of patterns would change places."""
    n = np.abs(found.effective_overlap)
    order = np.argsort(-n, axis=1, kind="stable")
    same = (law.patterns[order] == law.patterns).all(axis=1)
    falling = np.take_along_axis(n, order, axis=1)
    return replace(found, effective_overlap=np.where(same[:, None], falling, n))
