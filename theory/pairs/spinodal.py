r"""End of the retrieval phase of networks of pair interactions, p = 2.

As :math:`v = \sigma/n` grows along the branch, :math:`n \to 0` and :math:`\lambda_1 C \to 1` from
below, if the kurtosis of x is less than 3, so that α goes back to zero: the phase always ends where
α is largest, with n > 0. Where there are spins with x = 0, blank or left undecided by few examples,
α vanishes already at a v > 0 if T is low, since these spins freeze on the crosstalk however small
the load. A law of a few values may have several maxima, between which n jumps: retrieval is the
solution of the largest n, on the rising parts along which α exceeds all that it has been at
smaller v.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize.elementwise import find_root

from theory.branches import Spinodal
from theory.pairs.branch import NOTHING, load_along, ratios
from theory.pairs.crosstalk import PairCrosstalk
from theory.pairs.equations import residuals
from theory.pairs.melting import melting_temperature
from theory.saddle import Array
from theory.signal import Signal

__all__ = ["Rises", "end_at", "rises", "spinodal"]

WARMEST = 1.0 - 64.0 * np.finfo(np.float64).eps  # beyond, rounding hides how the load rises


@dataclass(frozen=True)
class Rises:
    """Parts of the retrieval branch along which the load rises from one record to the next.

    Parameters
    ----------
    cell : integer array, shape (rises,)
        Which of the temperatures, in order; those of one temperature follow each other.
    first, last : arrays, shape (rises,)
        σ/n at the two ends.
    load : array, shape (rises,)
        α at the last, the largest of this rise and of those before.
    """

    cell: NDArray[np.intp]
    first: Array
    last: Array
    load: Array


def rises(crosstalk: PairCrosstalk, signal: Signal, temperature: Array) -> Rises:
    """Where the load rises along the retrieval branch.

    Parameters
    ----------
    crosstalk : PairCrosstalk
        Γ.
    signal : Signal
        Law of x.
    temperature : array, shape (n,)
        T, below that of melting.

    Returns
    -------
    Rises

    Examples
    --------
    >>> from theory.pairs.crosstalk import STORAGE
    >>> from theory.signal import signal_of
    >>> few = rises(STORAGE, signal_of(0.18, 31), np.array([0.0]))  # σ far below, or above, |x|
    >>> few.first.round(3).tolist(), few.last.round(3).tolist(), few.load.round(6).tolist()
    ([0.0, 0.261], [0.053, 0.562], [0.001344, 0.002529])
    """
    temperature = np.minimum(temperature, WARMEST * crosstalk.largest)
    cell, dip, low, high = _crossings(crosstalk, signal, temperature)

    def determinant(v: Array, t: Array) -> Array:
        load, value = load_along(crosstalk, signal, v, t)[1:]
        return np.where(load > 0.0, value, 1.0)

    root = find_root(determinant, (low, high), args=(temperature[cell],))
    peak = np.where(root.success, root.x, np.nan)
    load = load_along(crosstalk, signal, peak, temperature[cell])[1]
    before = np.zeros_like(load)  # record of the peaks before, in the same cell
    for i in range(1, cell.size):
        if cell[i] == cell[i - 1]:
            before[i] = np.fmax(before[i - 1], load[i - 1])
    record = load > before
    cell, dip, peak, load = cell[record], dip[record], peak[record], load[record]
    first = _starts(crosstalk, signal, temperature[cell], dip, peak, before[record])
    return Rises(cell, first, peak, load)


def _crossings(
    crosstalk: PairCrosstalk, signal: Signal, temperature: Array
) -> tuple[NDArray[np.intp], Array, Array, Array]:
    """Brackets of the maxima of α, and for each the last ratio before at which α decreases."""
    grid = ratios(crosstalk, signal)
    v = np.tile(grid, temperature.size)
    load, determinant = load_along(crosstalk, signal, v, np.repeat(temperature, grid.size))[1:]
    shape = temperature.size, grid.size
    rising = ((determinant > 0.0) | (load <= 0.0)).reshape(shape)
    cell, left = np.nonzero(rising[:, :-1] & ~rising[:, 1:])
    falling = np.where(rising, -1, np.arange(grid.size))
    last = np.maximum.accumulate(falling, axis=1)[cell, left]
    return cell, np.where(last >= 0, grid[last], 0.0), grid[left], grid[left + 1]


def _starts(
    crosstalk: PairCrosstalk,
    signal: Signal,
    temperature: Array,
    dip: Array,
    peak: Array,
    load: Array,
) -> Array:
    """Ratios between dip and peak at which α is `load`; 0 where it starts there without load."""

    def excess(v: Array, t: Array, a: Array) -> Array:
        found = load_along(crosstalk, signal, v, t)[1]
        # over v, since without load v = 0 is a root at every T > 0
        return np.asarray((np.sign(found) * np.sqrt(np.abs(found)) - np.sqrt(a)) / v)

    low = np.where(dip > 0.0, dip, NOTHING)
    pending = np.flatnonzero(excess(low, temperature, load) < 0.0)
    result = np.zeros_like(peak)
    args = temperature[pending], load[pending]
    root = find_root(excess, (low[pending], peak[pending]), args=args)
    result[pending] = np.where(root.success, root.x, np.nan)
    return result


def spinodal(crosstalk: PairCrosstalk, signal: Signal, temperature: Array) -> Spinodal:
    """Largest load with retrieval, where the Jacobian of the saddle-point equations is singular.

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
    Spinodal

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Ann. Phys. 173, 30 (1987): 0.138 at T = 0,
    T_M = 1 - 1.95 sqrt(α) at small loads.

    Examples
    --------
    >>> from theory.pairs.crosstalk import STORAGE
    >>> from theory.signal import PATTERN
    >>> end = spinodal(STORAGE, PATTERN, np.array([0.0]))
    >>> round(end.load.item(), 9), round(end.overlap.item(), 6)
    (0.137905566, 0.967417)
    """
    exists = np.flatnonzero(temperature < melting_temperature(crosstalk, signal))
    parts = rises(crosstalk, signal, temperature[exists])
    ratio = np.full(temperature.size, np.nan)
    ratio[exists[parts.cell]] = parts.last  # the last of each cell stays
    return end_at(crosstalk, signal, temperature, ratio)


def end_at(crosstalk: PairCrosstalk, signal: Signal, temperature: Array, ratio: Array) -> Spinodal:
    """State at the end of the branch.

    Parameters
    ----------
    crosstalk : PairCrosstalk
        Γ.
    signal : Signal
        Law of x.
    temperature, ratio : arrays, shape (n,)
        T, and σ/n of the end.

    Returns
    -------
    Spinodal
        Not a number where the ratio is none.

    Examples
    --------
    >>> from theory.pairs.crosstalk import STORAGE
    >>> from theory.signal import PATTERN
    >>> end_at(STORAGE, PATTERN, np.array([0.0]), np.array([0.468])).overlap.round(3).item()
    0.967
    """
    result = np.full((5, temperature.size), np.nan)
    exists = np.isfinite(ratio)
    t, v = temperature[exists], ratio[exists]
    n, load, _ = load_along(crosstalk, signal, v, t)
    overlap = signal.moments(n, v * n, t).overlap
    values = residuals(crosstalk, signal, load, t, n, v * n)[0]
    result[:, exists] = load, overlap, n, v * n, np.abs(values).max(axis=1)
    return Spinodal(*result)
