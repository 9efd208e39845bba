"""Heat bath as one writes it without further thought: what the kernels are measured against."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

__all__ = ["numba_loop", "numpy_loop", "table_loop"]


def numpy_loop(
    patterns: NDArray[np.int8], spins: NDArray[np.int8], temperature: float, sweeps: int
) -> NDArray[np.int8]:
    """Heat bath for p = 2 in NumPy: a loop over sites, all replicas of a site at once.

    Parameters
    ----------
    patterns : int8 array, shape (K, N)
    spins : int8 array, shape (replica, N)
    temperature : float
    sweeps : int

    Returns
    -------
    int8 array, shape (replica, N)

    Examples
    --------
    >>> ones = np.ones((1, 4), np.int8)
    >>> bool((numpy_loop(ones, ones, 1e-3, 1) == 1).all())
    True
    """
    rng = np.random.default_rng(0)
    xi = patterns.astype(np.float32)
    s = spins.T.astype(np.float32)
    size = s.shape[0]
    sums = xi @ s
    couplings_self = (xi**2).sum(axis=0)
    for _ in range(sweeps):
        for i in range(size):
            fields = (xi[:, i] @ sums - couplings_self[i] * s[i]) / size
            up = rng.random(s.shape[1]) < 1.0 / (1.0 + np.exp(-2.0 * fields / temperature))
            new = np.where(up, np.float32(1), np.float32(-1))
            change = new - s[i]
            if change.any():
                sums += np.outer(xi[:, i], change)
                s[i] = new
    return s.T.astype(np.int8)


@njit(cache=True, nogil=True)
def numba_loop(couplings, spins, temperature, sweeps):
    """Heat bath for p = 2 in Numba: stored float64 fields, one replica after the other.

    Parameters
    ----------
    couplings : float64 array, shape (N, N)
    spins : int8 array, shape (replica, N), changed in place
    temperature : float
    sweeps : int

    Examples
    --------
    >>> ones = np.ones((1, 4), np.int8)
    >>> numba_loop(np.ones((4, 4)), ones, 1e-3, 1)
    >>> bool((ones == 1).all())
    True
    """
    size = spins.shape[1]
    for r in range(spins.shape[0]):
        fields = np.zeros(size)
        for i in range(size):
            for j in range(size):
                fields[i] += couplings[i, j] * spins[r, j]
        for _ in range(sweeps):
            for i in range(size):
                chance = 1.0 / (1.0 + math.exp(-2.0 * fields[i] / temperature))
                new = 1 if np.random.random() < chance else -1  # noqa: NPY002  (what one writes)
                if new != spins[r, i]:
                    change = new - spins[r, i]
                    spins[r, i] = new
                    for j in range(size):
                        fields[j] += change * couplings[i, j]


@njit(cache=True, nogil=True)
def table_loop(patterns, spins, table, temperature, sweeps):
    """Heat bath for any energy in Numba: φ looked up for every pattern at every attempt.

    Parameters
    ----------
    patterns : int8 array, shape (N, K)
        Without blanks.
    spins : int8 array, shape (replica, N), changed in place
    table : float64 array, shape (2 N + 5,)
        φ(M) at entry M + N + 2.
    temperature : float
    sweeps : int

    Examples
    --------
    >>> ones = np.ones((4, 1), np.int8)
    >>> table_loop(ones, ones.T.copy(), np.arange(-6.0, 7.0) ** 4, 1e-3, 1)
    """
    size, n_patterns = patterns.shape
    for r in range(spins.shape[0]):
        overlaps = np.zeros(n_patterns, np.int64)
        for i in range(size):
            for mu in range(n_patterns):
                overlaps[mu] += patterns[i, mu] * spins[r, i]
        for _ in range(sweeps):
            for i in range(size):
                row, old = patterns[i], np.int64(spins[r, i])
                difference = 0.0
                for mu in range(n_patterns):
                    entry = overlaps[mu] + size + 2
                    difference += table[entry] - table[entry - 2 * row[mu] * old]
                chance = 1.0 / (1.0 + math.exp(min(difference / temperature, 700.0)))
                if np.random.random() < chance:  # noqa: NPY002  (what one writes)
                    spins[r, i] = -old
                    for mu in range(n_patterns):
                        overlaps[mu] -= 2 * row[mu] * old
