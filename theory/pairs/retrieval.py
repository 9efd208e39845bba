r"""Retrieval phase of networks of pair interactions, p = 2: solutions with n > 0 at given loads.

They lie on the parts of the branch of `theory.pairs.spinodal` along which the load rises.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize.elementwise import find_root

from theory.branches import Branch
from theory.pairs.branch import load_along
from theory.pairs.crosstalk import PairCrosstalk
from theory.pairs.melting import melting_temperature
from theory.pairs.spinodal import end_at, rises
from theory.saddle import Array
from theory.signal import Signal

__all__ = ["branch", "search"]

TABLE = 65  # points of the table from which first guesses are read


def branch(crosstalk: PairCrosstalk, signal: Signal, temperature: Array) -> Branch:
    """Tabulate the retrieval branch at a set of temperatures.

    Parameters
    ----------
    crosstalk : PairCrosstalk
        Γ.
    signal : Signal
        Law of x.
    temperature : array, shape (n,)
        T.

    Returns
    -------
    Branch

    Examples
    --------
    >>> from theory.pairs.crosstalk import STORAGE
    >>> from theory.signal import PATTERN
    >>> branch(STORAGE, PATTERN, np.array([0.0, 0.5])).effective_overlap.shape
    (2, 65)
    """
    ordered = np.flatnonzero(temperature < melting_temperature(crosstalk, signal))
    parts = rises(crosstalk, signal, temperature[ordered])
    cell = ordered[parts.cell]
    ratio = np.full((temperature.size, TABLE), np.nan)
    for i in np.unique(cell):
        own = np.flatnonzero(cell == i)
        sizes = [share.size for share in np.array_split(np.arange(TABLE), own.size)]
        ends = zip(parts.first[own], parts.last[own], sizes, strict=True)
        ratio[i] = np.concatenate([np.linspace(*rise) for rise in ends])
    end = end_at(crosstalk, signal, temperature, ratio[:, -1])
    effective_overlap, angle = np.full((2, *ratio.shape), np.nan)
    found = np.flatnonzero(np.isfinite(end.load))
    t = np.repeat(temperature[found], TABLE)
    n, load, _ = load_along(crosstalk, signal, ratio[found].ravel(), t)
    share = np.clip(load.reshape(-1, TABLE) / end.load[found, None], 0.0, 1.0)
    effective_overlap[found] = n.reshape(-1, TABLE)
    angle[found] = np.arcsin(np.sqrt(share))
    return Branch(temperature, end, angle, effective_overlap, ratio)


def search(
    crosstalk: PairCrosstalk,
    signal: Signal,
    along: Branch,
    row: NDArray[np.intp],
    load: Array,
) -> tuple[Array, Array]:
    """Retrieval solutions by bracketing in σ/n between the ends of a rise; slow and safe.

    Parameters
    ----------
    crosstalk : PairCrosstalk
        Γ.
    signal : Signal
        Law of x.
    along : Branch
        From `branch`.
    row : integer array, shape (n,)
        Which of its temperatures.
    load : array, shape (n,)
        α, at most that of the end.

    Returns
    -------
    tuple of arrays, shape (n,)
        n and σ; not a number where no root was found.

    Examples
    --------
    >>> from theory.pairs.crosstalk import STORAGE
    >>> from theory.signal import PATTERN
    >>> zero = branch(STORAGE, PATTERN, np.array([0.0]))
    >>> n, _ = search(STORAGE, PATTERN, zero, np.array([0]), np.array([0.1]))
    >>> round(n.item(), 6)
    0.997999
    """
    used, position = np.unique(row, return_inverse=True)
    parts = rises(crosstalk, signal, along.temperature[used])
    if not parts.cell.size:
        lost = np.full(load.size, np.nan)
        return lost, lost
    enough = (parts.cell == position[:, None]) & (parts.load >= load[:, None])
    which = np.argmax(enough, axis=1)  # the first rise that gets so far
    temperature = along.temperature[row]

    def excess(v: Array, a: Array, t: Array) -> Array:
        return load_along(crosstalk, signal, v, t)[1] - a

    bracket = parts.first[which], parts.last[which]
    root = find_root(excess, bracket, args=(load, temperature))
    v = np.where(root.success & enough.any(axis=1), root.x, np.nan)
    n = load_along(crosstalk, signal, v, temperature)[0]
    return n, v * n
