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
from montecarlo.problem import Problem
from montecarlo.record import Record, aligned
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
def _write_down(spins, overlaps, count, witness, record, t):
    """Measure all replicas after a sweep."""
    archetype, each = witness
    overlap, effective, best, squares, flipped = record
    lanes = overlaps.shape[1]
    total, along = np.zeros(lanes, np.float64), np.zeros(lanes, np.int32)
    largest, group = np.zeros(lanes, np.float32), np.zeros(lanes, np.float32)
    for i in range(spins.shape[0]):
        for r in range(lanes):
            along[r] += np.int32(archetype[i]) * np.int32(spins[i, r])
    for mu in range(overlaps.shape[0]):
        if mu % each == 0:
            group[:] = 0.0
        for r in range(lanes):
            m = overlaps[mu, r]
            total[r] += np.float64(m) * np.float64(m)
            group[r] += m
        if mu % each == each - 1:
            if mu < each:
                effective[:, t] = group[: effective.shape[0]].astype(np.int32)
            else:
                largest[:] = np.maximum(largest, np.abs(group))
    for r in range(overlap.shape[0]):
        overlap[r, t] = along[r]
        best[r, t] = np.int32(largest[r])
        squares[r, t] = total[r]
        flipped[r, t] = count[r]


@njit(nogil=True, cache=True)
def _advance(
    patterns, gram, spins, overlaps, first_replica, first_sweep, n_sweeps,
    key, stream, scale, metropolis, parallel, blas, panel, scratch, witness, record,
):  # fmt: skip
    n_patterns, size = patterns.shape
    slab, fields, flips, thresholds, words = scratch
    zero, one = np.float32(0), np.float32(1)
    lanes = spins.shape[1]
    before = overlaps.copy() if parallel else overlaps
    for t in range(n_sweeps):
        if parallel:
            before[:] = overlaps
        count, flipped = np.zeros(lanes, np.int32), np.zeros(lanes // LANES, np.int64)
        for g in range(gram.shape[0]):
            start = g * GROUP
            width = min(GROUP, size - start)
            for mu in range(n_patterns):
                for i in range(width):
                    slab[mu, i] = patterns[mu, start + i]
            for left in range(0, lanes, panel):
                wide = min(panel, lanes - left)
                right = left + wide
                here, moved = fields[:, left:right], flips[:, left:right]
                sgemm(blas, True, wide, width, n_patterns, before[:, left:right], slab, zero, here)
                for r in range(left, right, LANES):
                    lane_thresholds(
                        thresholds, words, width, start, first_sweep + t, first_replica + r,
                        stream, key, scale, metropolis,
                    )  # fmt: skip
                    bundle = slice(r, r + LANES)
                    _visit_group(
                        fields[:, bundle], thresholds, spins[start : start + width, bundle],
                        flips[:, bundle], gram[g], count[bundle], not parallel, metropolis,
                    )  # fmt: skip
                total = count[left:right].sum()
                if total > flipped[left // panel]:
                    flipped[left // panel] = total
                    sums = overlaps[:, left:right]
                    sgemm(blas, False, wide, n_patterns, width, moved, slab, one, sums)
        _write_down(spins, overlaps, count, witness, record, t)


class BlockWalkers:
    """Replicas in bundles of LANES; the last one is filled up with replicas that nobody reads.

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
        lanes = -(-self.replicas // LANES) * LANES
        size, n_patterns = problem.network.size, problem.network.n_patterns
        self._spins = np.ones((size, lanes), dtype=np.int8)
        self._spins[:, : self.replicas] = spins.T
        self._overlaps = aligned((n_patterns, lanes), np.float32)
        self._overlaps[:] = problem.network.overlap_sums(self._spins.T).T
        self._gram = problem.group_gram
        # BLAS has a quicker way for products of up to a million operations.
        self._panel = 2 * LANES if 2 * LANES * GROUP * n_patterns <= 1_000_000 else LANES
        self._scratch = (
            aligned((n_patterns, GROUP), np.float32),
            *(aligned((GROUP, lanes), np.float32) for _ in range(2)),
            aligned((GROUP, LANES), np.float32),
            aligned((GROUP, LANES), np.uint32),
        )
        self._blas = sgemm_address()

    def advance(self, first_sweep: int, record: Record) -> None:
        """Make as many sweeps as `record` has room for and fill it in."""
        p = self.problem
        _advance(
            p.network.patterns, self._gram, self._spins, self._overlaps,
            self.first_replica, first_sweep, record.overlap.shape[1],
            p.key, p.stream, p.pair_scale, p.metropolis, p.parallel, self._blas, self._panel,
            self._scratch, p.witness, record.arrays,
        )  # fmt: skip
        p.count_squares(record)

    def spins(self) -> NDArray[np.int8]:
        """Copy of the states, shape (replica, N), in memory as here with the sites first."""
        return self._spins[:, : self.replicas].T.copy(order="K")
