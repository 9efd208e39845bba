"""Saddle points from a first guess: a descent, then Newton's method."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory.multitasking.columns import Columns
from theory.multitasking.equations import residuals
from theory.multitasking.fields import pulls
from theory.pairs.crosstalk import PairCrosstalk
from theory.saddle import Array, Cells, newton

__all__ = ["Found", "first_guess", "search"]

DESCENT = 60
COLUMNS_AT_A_TIME = 2**18


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

    Without load every step of the iteration lowers the free energy.

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
    at_a_time = max(1, COLUMNS_AT_A_TIME // law.weight.size)
    parts = [
        _search(law, crosstalk, *(values[first : first + at_a_time] for values in given))
        for given in [(load, temperature, start)]
        for first in range(0, load.size, at_a_time)
    ]
    return Found(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in vars(parts[0]))
    )


def _search(
    law: Columns, crosstalk: PairCrosstalk, load: Array, temperature: Array, start: Array
) -> Found:
    n, noise = start, crosstalk.largest * np.sqrt(load)
    for _ in range(DESCENT):
        n, q, response = pulls(law, n, noise, temperature)
        # σ Γ = sqrt(α q), solved for the σ beside that in σ C, which has a limit at σ = 0
        scale = crosstalk.gap_of_root(np.ones_like(q), crosstalk.gap(response))
        spread = np.where(noise > 0.0, noise * response, 0.0)
        noise = crosstalk.largest * spread + scale * np.sqrt(load * q)

    def equations(x: Array, cells: Cells) -> tuple[Array, Array]:
        return residuals(law, crosstalk, load[cells], temperature[cells], x[:, :-1], x[:, -1])

    found = newton(equations, np.concatenate([n, noise[:, None]], axis=1), lower=0.0)
    return Found(found.value[:, :-1], found.value[:, -1], found.residual, found.converged)
