"""Pairwise networks, many replicas: sequential dynamics at the speed of matrix products.

Sites are visited in groups of GROUP. One product gives the fields of a group for LANES replicas,
H = Ξ_g^T M; inside the group every flip corrects the later sites through the group's Gram matrix
Ξ_g^T Ξ_g; a second product brings the overlaps up to date. All numbers are integers below 2^24,
so single precision is exact and the trajectory is that of the plain kernels.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from montecarlo.intrinsics import (
    LANES,
    ROWS,
    accumulate_row,
    accumulate_rows,
    decide_lanes,
    sgemm,
    sgemm_address,
)
from montecarlo.problem import Problem, Record, aligned
from montecarlo.rng import GROUP, lane_thresholds

__all__ = ["BlockWalkers"]


@njit(nogil=True)
def _visit_group(fields, thresholds, spins, flips, gram, count, sequential, metropolis):
    """Update the sites of a group one after the other."""
    width = spins.shape[0]
    for first in range(0, width, ROWS):
        if sequential:
            accumulate_rows(fields, gram, flips, first, 0, first)
        for i in range(first, min(first + ROWS, width)):
            if sequential:
                accumulate_row(fields, gram, flips, i, first, i)
            decide_lanes(fields, gram[i, i], thresholds, spins, flips, count, i, metropolis)


@njit(nogil=True)
def _write_down(overlaps, count, overlap, best, squares, flipped, t, used):
    """Measure all lanes after a sweep."""
    total = np.zeros(LANES, np.float64)
    largest = np.zeros(LANES, np.float32)
    for mu in range(overlaps.shape[0]):
        for r in range(LANES):
            m = overlaps[mu, r]
            total[r] += np.float64(m) * np.float64(m)
            if mu > 0:
                largest[r] = max(largest[r], abs(m))
    for r in range(used):
        overlap[r, t] = np.int32(overlaps[0, r])
        best[r, t] = np.int32(largest[r])
        squares[r, t] = total[r]
        flipped[r, t] = count[r]


@njit(nogil=True, cache=True)
def _advance(
    patterns, gram, spins, overlaps, first_replica, first_sweep, n_sweeps,
    key, stream, scale, metropolis, parallel, blas, scratch,
    overlap, best, squares, flipped,
):  # fmt: skip
    n_patterns, size = patterns.shape
    slab, fields, flips, thresholds, words = scratch
    zero, one = np.float32(0), np.float32(1)
    before = overlaps.copy() if parallel else overlaps[:, :, :0].copy()
    used = overlap.shape[0]
    for t in range(n_sweeps):
        if parallel:
            before[:] = overlaps
        count = np.zeros((spins.shape[0], LANES), np.int32)
        for g in range(gram.shape[0]):
            start = g * GROUP
            width = min(GROUP, size - start)
            for mu in range(n_patterns):
                for i in range(width):
                    slab[mu, i] = patterns[mu, start + i]
            for w in range(spins.shape[0]):
                source = before[w] if parallel else overlaps[w]
                sgemm(blas, True, LANES, width, n_patterns, source, slab, GROUP, zero, fields)
                lane_thresholds(
                    thresholds, words, start, first_sweep + t, first_replica + w * LANES,
                    stream, key, scale, metropolis,
                )  # fmt: skip
                here = spins[w, start : start + width]
                flipped_before = count[w].sum()
                _visit_group(
                    fields, thresholds, here, flips, gram[g], count[w], not parallel, metropolis
                )
                if count[w].sum() > flipped_before:
                    sgemm(
                        blas, False, LANES, n_patterns, width, flips, slab, GROUP, one, overlaps[w]
                    )
        for w in range(spins.shape[0]):
            rows = slice(w * LANES, min((w + 1) * LANES, used))
            _write_down(
                overlaps[w], count[w], overlap[rows], best[rows], squares[rows], flipped[rows],
                t, rows.stop - rows.start,
            )  # fmt: skip


class BlockWalkers:
    """Replicas in lanes of LANES; the last lanes are filled up with copies that nobody reads.

    Parameters
    ----------
    problem : Problem
        Pairwise, with fields below 2^24.
    spins : int8 array, shape (replica, N)
    first_replica : int
        Number of the first of them, which fixes its random numbers.
    """

    def __init__(self, problem: Problem, spins: NDArray[np.int8], first_replica: int) -> None:
        self.problem = problem
        self.replicas = len(spins)
        self.first_replica = first_replica
        bundles = -(-self.replicas // LANES)
        size, n_patterns = problem.network.size, problem.network.n_patterns
        self._spins = np.ones((bundles, size, LANES), dtype=np.int8)
        self._overlaps = aligned((bundles, n_patterns, LANES), np.float32)
        for w in range(bundles):
            part = spins[w * LANES : (w + 1) * LANES]
            self._spins[w, :, : len(part)] = part.T
            self._overlaps[w] = problem.network.overlap_sums(self._spins[w].T).T
        self._gram = problem.group_gram
        lanes = (GROUP, LANES)
        self._scratch = (
            aligned((n_patterns, GROUP), np.float32),
            *(aligned(lanes, np.float32) for _ in range(3)),
            aligned(lanes, np.uint32),
        )
        self._blas = sgemm_address()

    def advance(self, first_sweep: int, record: Record) -> None:
        """Make as many sweeps as `record` has room for and fill it in."""
        p = self.problem
        _advance(
            p.network.patterns, self._gram, self._spins, self._overlaps,
            self.first_replica, first_sweep, record.overlap.shape[1],
            p.key, p.stream, p.pair_scale, p.metropolis, p.parallel, self._blas, self._scratch,
            record.overlap, record.best, record.count, record.flips,
        )  # fmt: skip
        p.count_squares(record)

    def spins(self) -> NDArray[np.int8]:
        """Copy of the states, shape (replica, N)."""
        size = self.problem.network.size
        return self._spins.transpose(0, 2, 1).reshape(-1, size)[: self.replicas].copy()
