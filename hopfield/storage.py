"""Patterns in memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hopfield.arguments import InputError

__all__ = ["bytes_needed", "panels", "products", "unit_entries"]

PANEL_BYTES = 2**21
"""Patterns are turned into floats in panels of this size, so that no float copy of all is made."""

NUMBERS_PER_PATTERN = 9
"""Numbers of 8 bytes that the energy of one state takes for each pattern, beside its entries."""


def bytes_needed(n_patterns: int, size: int) -> int:
    """Memory of a network and of the energy of one state.

    Parameters
    ----------
    n_patterns, size : int
        Numbers K of patterns and N of spins.

    Returns
    -------
    int

    Examples
    --------
    >>> bytes_needed(1000, 1000)
    1072000
    """
    return n_patterns * (size + 8 * NUMBERS_PER_PATTERN)


def unit_entries(given: NDArray[np.generic], name: str) -> NDArray[np.int8]:
    """Return entries -1, 0, +1 as int8; a new array only where that is not what is given.

    Raises
    ------
    InputError
        If there are others.

    Examples
    --------
    >>> unit_entries(np.array([1.0, 0.0]), "patterns")
    array([1, 0], dtype=int8)
    """
    if given.dtype.kind not in "if" or given.min() < -1 or given.max() > 1:
        raise InputError(f"{name} must have entries -1, 0 or +1")
    if given.dtype.kind == "f" and (given != np.rint(given)).any():
        raise InputError(f"{name} must have entries -1, 0 or +1")
    return np.ascontiguousarray(given, dtype=np.int8)


def panels(
    patterns: NDArray[np.signedinteger], n_bytes: int = PANEL_BYTES
) -> Iterator[NDArray[np.float32]]:
    """Rows of `patterns` as float32, as many at a time as fit into `n_bytes`.

    Examples
    --------
    >>> [panel.shape for panel in panels(np.ones((3, 4), np.int8))]
    [(3, 4)]
    """
    rows = max(1, n_bytes // (4 * patterns.shape[1]))
    for first in range(0, len(patterns), rows):
        yield patterns[first : first + rows].astype(np.float32)


def products(states: NDArray[np.int8], patterns: NDArray[np.signedinteger]) -> NDArray[np.int64]:
    """Scalar products of states with rows of entries -1, 0, +1.

    Parameters
    ----------
    states : int8 array, shape (..., N)
    patterns : integer array, shape (K, N)

    Returns
    -------
    int64 array, shape (..., K)

    Examples
    --------
    >>> products(np.ones(3, np.int8), np.array([[1, 1, -1]])).tolist()
    [1]
    """
    # In float32 the products go through BLAS and every partial sum is an exact integer.
    floats = states.astype(np.float32)
    sums = np.empty((*states.shape[:-1], len(patterns)), dtype=np.int64)
    first = 0
    for panel in panels(patterns):
        sums[..., first : first + len(panel)] = floats @ panel.T
        first += len(panel)
    return sums
