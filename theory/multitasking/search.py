"""Saddle points from first guesses: a descent to a minimum, with a load Newton's method."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from theory.multitasking.columns import Columns
from theory.multitasking.equations import curvatures, observables, residuals
from theory.multitasking.fields import pulls
from theory.multitasking.guesses import guesses
from theory.multitasking.minima import minima, steps, updated
from theory.pairs.crosstalk import PairCrosstalk
from theory.saddle import Array, Cells, Solution, newton

__all__ = ["Found", "first_guess", "search", "status_of", "thorough_search"]

DESCENT = 60
COLUMNS_AT_A_TIME = 2**18
CRITICAL = 1e-12
"""Temperatures that are so much closer to 1 - d, relative to it, are above."""

ROUNDING = 1e-13
"""Overlaps that are so much smaller than the largest one are lost in it."""

MOST_GUESSES = 2**20
"""First guesses of a cell times columns."""


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
    n, noise = start, crosstalk.largest * np.sqrt(load)
    for _ in range(DESCENT):
        n, q, response = pulls(law, n, noise, temperature)
        # σ Γ = sqrt(α q), solved for the σ beside that in σ C, which has a limit at σ = 0
        scale = crosstalk.gap_of_root(np.ones_like(q), crosstalk.gap(response))
        spread = np.where(noise > 0.0, noise * response, 0.0)
        noise = crosstalk.largest * spread + scale * np.sqrt(load * q)

    def equations(x: Array, cells: Cells) -> tuple[Array, Array]:
        return residuals(law, crosstalk, load[cells], temperature[cells], x[:, :-1], x[:, -1])

    return newton(equations, np.concatenate([n, noise[:, None]], axis=1), lower=0.0)


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

    falls = steps(n, np.abs(along(n)).min(axis=1))
    exists, unclear = (falls == 1).all(axis=1), falls == 0
    equal = n.copy()
    for c in range(n.shape[1] - 1, -1, -1):  # were they the same as the next one
        after = equal[:, c + 1] if c + 1 < n.shape[1] else 0.0
        equal[:, c] = np.where(unclear[:, c], after, n[:, c])
    status = np.where(exists, "converged", "absent").astype("<U13")
    split = ~(falls == -1).any(axis=1) & unclear.any(axis=1)
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
    lost = (first[-1] < ROUNDING * first[0]) & (temperature <= first[-1])
    status[lost & (status == "absent")] = "not converged"
    rest = np.flatnonzero((status != "converged") & (temperature < crosstalk.largest))
    if rest.size == 0:
        return found, status
    most = max(1, MOST_GUESSES // law.weight.size)
    shares = guesses(first.size, 2 * first.size)[:most]
    cells = np.repeat(rest, len(shares))
    size = first[0] * np.sqrt(np.maximum(1.0 - temperature[rest] / crosstalk.largest, 0.1))
    starts = (size[:, None, None] * shares).reshape(-1, first.size)
    others = _sorted(law, search(law, crosstalk, load[cells], temperature[cells], starts))
    seen = status_of(law, crosstalk, load[cells], temperature[cells], others)
    point = law, crosstalk, load[cells], temperature[cells], others.effective_overlap, others.noise
    free = np.where(seen == "converged", observables(*point)["free_energy"], np.inf)
    order = np.lexsort((free, cells))
    best = order[np.unique(cells[order], return_index=True)[1]]
    best = best[seen[best] == "converged"]
    for name, value in vars(found).items():
        value[cells[best]] = getattr(others, name)[best]
    status[cells[best]] = "converged"
    return found, status


def _sorted(law: Columns, found: Found) -> Found:
    """With positive overlaps in falling order, unless numbers of patterns would change places."""
    n = np.abs(found.effective_overlap)
    order = np.argsort(-n, axis=1, kind="stable")
    same = (law.patterns[order] == law.patterns).all(axis=1)
    falling = np.take_along_axis(n, order, axis=1)
    return replace(found, effective_overlap=np.where(same[:, None], falling, n))
