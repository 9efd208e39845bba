"""Overlaps with many archetypes, from the spins after a sweep."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hopfield import Network
from montecarlo.record import Record

__all__ = ["Walkers", "advance_tracked", "tracked_rows", "tracked_sums"]

LARGEST_SINGLE = 2**24
"""Integers below it are exact in single precision, and with them all sums on the way."""


class Walkers(Protocol):
    """A group of replicas that advance together."""

    def advance(self, first_sweep: int, record: Record) -> None:
        """Make as many sweeps as `record` has room for and fill it in."""

    def spins(self) -> NDArray[np.int8]:
        """Copy of the states, shape (replica, N)."""


def tracked_rows(network: Network, tracked: int) -> NDArray[np.float32] | NDArray[np.float64]:
    """First archetypes and, where they are learned, the sums of the patterns of each after them.

    Parameters
    ----------
    network : Network
    tracked : int
        How many archetypes.

    Returns
    -------
    array, shape (tracked or 2 tracked, N)
        So precise that sums of entries are exact.

    Examples
    --------
    >>> import hopfield
    >>> tracked_rows(hopfield.Supervised(2, 0.6, 5).network(20, n_patterns=3, seed=1), 2).shape
    (4, 20)
    """
    rows = network.archetypes[:tracked]
    if network.archetypes is network.patterns or tracked == 0:
        return rows.astype(np.float32)
    both = np.concatenate([rows, network.effective_sums(0, tracked)])
    fits = np.abs(both).sum(axis=1).max() < LARGEST_SINGLE
    kind: type = np.float32 if fits else np.float64
    return both.astype(kind)


def tracked_sums(rows: NDArray[Any], spins: NDArray[np.int8]) -> NDArray[Any]:
    """Integer overlaps of states with rows, shape (replica, rows).

    Examples
    --------
    >>> tracked_sums(np.ones((1, 3), np.float32), np.ones((2, 3), np.int8)).tolist()
    [[3.0], [3.0]]
    """
    states = spins.astype(rows.dtype)
    return np.asarray(states @ rows.T)


def advance_tracked(
    walkers: Walkers, rows: Sequence[NDArray[Any]], first_sweep: int, record: Record
) -> None:
    """Advance replicas, one sweep at a time if a record has room for all overlaps after each.

    Parameters
    ----------
    walkers : Walkers
        As many of each sample, one sample after the other.
    rows : sequence of arrays, shape (rows, N)
        From `tracked_rows`, of each sample.
    first_sweep : int
    record : Record
    """
    if not record.tracked.shape[-1]:
        walkers.advance(first_sweep, record)
        return
    for sweep in range(record.tracked.shape[1]):
        walkers.advance(first_sweep + sweep, record.part(slice(None), slice(sweep, sweep + 1)))
        states = np.split(walkers.spins(), len(rows))
        found = [tracked_sums(*pair) for pair in zip(rows, states, strict=True)]
        record.tracked[:, sweep] = np.concatenate(found)
