"""Pairwise networks, one replica at a time: stored fields, and overlaps.

Both give the trajectory of the block kernel, number for number. Stored fields cost O(N) an accepted
flip and next to nothing an attempt: best in deep retrieval. Overlaps cost O(K) an attempt: best for
a single replica.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from montecarlo.measurement import along, effective_sums
from montecarlo.problem import Problem
from montecarlo.record import Record
from montecarlo.rng import (
    GROUP,
    integer_thresholds,
    none_can_flip,
    reach_of,
    site_words,
)

__all__ = ["FieldWalkers", "OverlapWalkers"]


@njit(nogil=True, inline="always")
def _new_spin(field, threshold, old, metropolis):
    if metropolis and old > 0:
        return 1 if field > -threshold - 1 else -1
    return 1 if field > threshold else -1


@njit(nogil=True)
def _write_down(spins, overlaps, each, archetype, total, flips, record, r, t):
    overlap, effective, best, squares, flipped = record
    overlap[r, t] = along(archetype, spins)
    effective[r, t], best[r, t] = effective_sums(overlaps, each)
    squares[r, t] = total
    flipped[r, t] = flips


@njit(nogil=True)
def _squares(overlaps):
    """Sum of M² over patterns."""
    total = 0.0
    for mu in range(overlaps.size):
        m = np.float64(overlaps[mu])
        total += m * m
    return total


@njit(nogil=True)
def _squares_from_fields(spins, fields, squares):
    """The same from the fields, whatever the number of patterns."""
    total = 0.0
    for i in range(spins.size):
        total += np.float64(squares[i]) + np.float64(spins[i]) * np.float64(fields[i])
    return total


@njit(nogil=True)
def _any_flip(fields, thresholds, spins, metropolis):
    """Whether any of these spins would flip, were it the next; without branches: it vectorises."""
    found = np.int32(0)
    for i in range(fields.size):
        up = np.int32(spins[i] > 0)
        mirrored = np.int32(-thresholds[i] - np.int32(1))
        limit = mirrored if metropolis & up else thresholds[i]
        found += np.int32(fields[i] > limit) ^ up
    return found != 0


@njit(nogil=True)
def _flip(row, pattern_row, fields, overlaps, step):
    for j in range(fields.size):
        fields[j] += step * np.int32(row[j])
    for mu in range(overlaps.size):
        overlaps[mu] += step * np.int32(pattern_row[mu])


@njit(nogil=True)
def _sweep_fields(
    couplings, patterns, spins, fields, overlaps, thresholds, words, scale, metropolis
):  # fmt: skip
    """One sweep; thresholds are computed only where a spin might flip."""
    size, flips, reach = spins.size, 0, reach_of(scale)
    for start in range(0, size, GROUP):
        stop = min(start + GROUP, size)
        if none_can_flip(words[start:stop], fields[start:stop], spins[start:stop], reach):
            continue
        integer_thresholds(thresholds[start:stop], words[start:stop], scale, metropolis)
        i = start
        while i < stop and _any_flip(fields[i:stop], thresholds[i:stop], spins[i:stop], metropolis):
            while _new_spin(fields[i], thresholds[i], spins[i], metropolis) == spins[i]:
                i += 1
            spins[i] = -spins[i]
            _flip(couplings[i], patterns[i], fields, overlaps, 2 * np.int32(spins[i]))
            flips += 1
            i += 1
    return flips


@njit(nogil=True)
def _sweep_fields_parallel(
    couplings, patterns, spins, fields, overlaps, thresholds, words, scale, metropolis
):  # fmt: skip
    size, flips = spins.size, 0
    integer_thresholds(thresholds, words, scale, metropolis)
    flipped = np.zeros(size, np.bool_)
    for i in range(size):
        flipped[i] = _new_spin(fields[i], thresholds[i], spins[i], metropolis) != spins[i]
    for i in range(size):
        if flipped[i]:
            spins[i] = -spins[i]
            _flip(couplings[i], patterns[i], fields, overlaps, 2 * np.int32(spins[i]))
            flips += 1
    return flips


@njit(nogil=True, cache=True)
def _advance_fields(
    couplings, sums, squares, spins, fields, overlaps, first_replica, first_sweep, n_sweeps,
    key, stream, scale, metropolis, parallel, archetype, record,
):  # fmt: skip
    room = -(-spins.shape[1] // GROUP) * GROUP
    thresholds, words = np.zeros(room, np.int32), np.zeros(room, np.uint32)
    for r in range(spins.shape[0]):
        for t in range(n_sweeps):
            site_words(words, first_sweep + t, first_replica + r, stream, key)
            state = (spins[r], fields[r], overlaps[r], thresholds, words, scale, metropolis)
            if parallel:
                flips = _sweep_fields_parallel(couplings, sums, *state)
            else:
                flips = _sweep_fields(couplings, sums, *state)
            total = _squares_from_fields(spins[r], fields[r], squares)
            _write_down(spins[r], overlaps[r], 1, archetype, total, flips, record, r, t)


@njit(nogil=True)
def _dot(row, overlaps):
    total = np.int32(0)
    for mu in range(row.size):
        total += np.int32(row[mu]) * np.int32(overlaps[mu])
    return total


@njit(nogil=True)
def _sweep_overlaps(patterns, squares, spins, source, overlaps, thresholds, metropolis):
    """One sweep; `source` is `overlaps` itself unless all spins move at once."""
    flips = 0
    for i in range(spins.size):
        row = patterns[i]
        old = np.int32(spins[i])
        field = _dot(row, source) - squares[i] * old
        new = _new_spin(field, thresholds[i], old, metropolis)
        if new != old:
            spins[i] = new
            flips += 1
            for mu in range(row.size):
                overlaps[mu] += (new - old) * row[mu]
    return flips


@njit(nogil=True, cache=True)
def _advance_overlaps(
    patterns, squares, spins, overlaps, first_replica, first_sweep, n_sweeps,
    key, stream, scale, metropolis, parallel, witness, record,
):  # fmt: skip
    room = -(-spins.shape[1] // GROUP) * GROUP
    thresholds, words = np.zeros(room, np.int32), np.zeros(room, np.uint32)
    archetype, each = witness
    for r in range(spins.shape[0]):
        for t in range(n_sweeps):
            site_words(words, first_sweep + t, first_replica + r, stream, key)
            integer_thresholds(thresholds, words, scale, metropolis)
            source = overlaps[r].copy() if parallel else overlaps[r]
            flips = _sweep_overlaps(
                patterns, squares, spins[r], source, overlaps[r], thresholds, metropolis
            )
            total = _squares(overlaps[r])
            _write_down(spins[r], overlaps[r], each, archetype, total, flips, record, r, t)


class FieldWalkers:
    """Replicas with the fields of all their spins, and the overlaps with effective patterns.

    Parameters
    ----------
    problem : Problem
        Pairwise, with fields below 2^30.
    spins : int8 array, shape (replica, N)
    first_replica : int
        Number of the first of them, which fixes its random numbers.
    """

    def __init__(self, problem: Problem, spins: NDArray[np.int8], first_replica: int) -> None:
        self.problem = problem
        self.first_replica = first_replica
        self._spins = np.array(spins, dtype=np.int8)
        self._squares = problem.squares_at_site
        self._sums = problem.effective_sums_at_site
        self._overlaps = (self._spins.astype(np.float64) @ self._sums).astype(np.int32)
        self._fields = problem.integer_fields(self._spins)
        self._couplings = problem.couplings

    def advance(self, first_sweep: int, record: Record) -> None:
        """Make as many sweeps as `record` has room for and fill it in."""
        p = self.problem
        _advance_fields(
            self._couplings, self._sums, self._squares, self._spins, self._fields, self._overlaps,
            self.first_replica, first_sweep, record.overlap.shape[1],
            p.key, p.stream, p.pair_scale, p.metropolis, p.parallel, p.witness[0], record.arrays,
        )  # fmt: skip
        p.count_squares(record)

    def spins(self) -> NDArray[np.int8]:
        """Copy of the states, shape (replica, N)."""
        return self._spins.copy()


class OverlapWalkers:
    """Replicas with their overlaps alone.

    Parameters
    ----------
    problem : Problem
        Pairwise, with fields below 2^30.
    spins : int8 array, shape (replica, N)
    first_replica : int
        Number of the first of them, which fixes its random numbers.
    """

    def __init__(self, problem: Problem, spins: NDArray[np.int8], first_replica: int) -> None:
        self.problem = problem
        self.first_replica = first_replica
        self._patterns = problem.site_major
        self._squares = problem.squares_at_site
        self._spins = np.array(spins, dtype=np.int8)
        kind = np.int16 if problem.largest_sum < 2**15 else np.int32
        self._overlaps = problem.network.overlap_sums(spins).astype(kind)

    def advance(self, first_sweep: int, record: Record) -> None:
        """Make as many sweeps as `record` has room for and fill it in."""
        p = self.problem
        _advance_overlaps(
            self._patterns, self._squares, self._spins, self._overlaps,
            self.first_replica, first_sweep, record.overlap.shape[1],
            p.key, p.stream, p.pair_scale, p.metropolis, p.parallel, p.witness, record.arrays,
        )  # fmt: skip
        p.count_squares(record)

    def spins(self) -> NDArray[np.int8]:
        """Copy of the states, shape (replica, N)."""
        return self._spins.copy()
