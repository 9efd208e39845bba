r"""Full patterns with any energy, in integers: an exclusive or and a sum per pattern and attempt.

With :math:`\varphi` in integer units the field on spin i is, as in `montecarlo.kernels_dense`,

.. math::
    4 h_i = \sum_\mu \xi_i^\mu S_\mu + s_i \sum_\mu B_\mu, \qquad
    S = \varphi(M + 2) - \varphi(M - 2), \quad B = 2\varphi(M) - \varphi(M + 2) - \varphi(M - 2).

The slopes S are stored, and looked up anew only when a spin flips. Patterns are kept as masks, 0
for +1 and -1 for -1: :math:`\xi S` is S xor mask, minus the mask. Integers that wrap around give
the exact sum whenever it fits: narrow ones (32 bits) as long as :math:`\sum_\mu |S_\mu|` does,
wide ones (64 bits) from the flip on with which it does not.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from montecarlo.measurement import along, effective_sums
from montecarlo.problem import Problem, SlopeTables
from montecarlo.record import Record
from montecarlo.rng import GROUP, real_thresholds, site_words

__all__ = ["AT_ONCE", "NARROW_LIMIT", "SlopeWalkers"]

AT_ONCE = 4
"""Replicas whose fields are summed in one pass over a row of the patterns."""

NARROW_LIMIT = 2**31 - 1
"""Largest sum of |S| for which narrow integers are used."""


@njit(nogil=True)
def _sums(row, slopes, sums):
    kind = slopes.dtype.type
    s0, s1, s2, s3 = slopes[0], slopes[1], slopes[2], slopes[3]
    t0, t1, t2, t3 = kind(0), kind(0), kind(0), kind(0)
    for mu in range(row.size):
        mask = kind(row[mu])
        t0 = kind(t0 + kind(s0[mu] ^ mask))
        t1 = kind(t1 + kind(s1[mu] ^ mask))
        t2 = kind(t2 + kind(s2[mu] ^ mask))
        t3 = kind(t3 + kind(s3[mu] ^ mask))
    sums[0], sums[1], sums[2], sums[3] = t0, t1, t2, t3


@njit(nogil=True)
def _flips(old, field, threshold, metropolis):
    if metropolis:
        return old * field < -threshold
    return (field > threshold) != (old > 0)


@njit(nogil=True)
def _turn(row, step, overlaps, slopes, tables):
    """Move the overlaps by `step` times a row; returns the sums of B and of |S|."""
    slope_of, curvature_of, _ = tables
    kind = slopes.dtype.type
    middle = np.int32((slope_of.size - 1) // 2)
    curvature, reach = np.int64(0), np.int64(0)
    for mu in range(row.size):
        m = np.int32(overlaps[mu] + step * np.int32(1 + 2 * row[mu]))
        overlaps[mu] = m
        entry = np.uint32(m + middle)
        slope = slope_of[entry]
        slopes[mu] = kind(slope)
        curvature += curvature_of[entry]
        reach += abs(slope)
    return curvature, reach


@njit(nogil=True)
def _sweep(rows, negative, first, state, slopes, tables, divisor, thresholds, rule, limit):
    """Visit the sites from `first` on; returns where the slopes outgrew `limit`, or N."""
    spins, overlaps, curvature, reach, count, flips = state
    live, sums = spins.shape[0], np.zeros(AT_ONCE, np.int64)
    for i in range(first, rows.shape[0]):
        _sums(rows[i], slopes, sums)
        outgrown = False
        for r in range(live):
            old = spins[r, i]
            field = divisor * np.float64(sums[r] + negative[i] + old * curvature[r])
            if _flips(old, field, thresholds[r, i], rule):
                spins[r, i] = -old
                count[r] -= 0.5 * old * field
                flips[r] += 1
                step = np.int32(-2 * old)
                curvature[r], reach[r] = _turn(rows[i], step, overlaps[r], slopes[r], tables)
                outgrown |= reach[r] > limit
        if outgrown:
            return i + 1
    return rows.shape[0]


@njit(nogil=True)
def _sweep_parallel(rows, negative, state, slopes, tables, divisor, thresholds):
    """All spins in the fields of the state before."""
    spins, overlaps, curvature, reach, count, flips = state
    live, sums = spins.shape[0], np.zeros(AT_ONCE, np.int64)
    turned = np.zeros((live, rows.shape[0]), np.bool_)
    for i in range(rows.shape[0]):
        _sums(rows[i], slopes, sums)
        for r in range(live):
            old = spins[r, i]
            field = divisor * np.float64(sums[r] + negative[i] + old * curvature[r])
            turned[r, i] = _flips(old, field, thresholds[r, i], False)
    for r in range(live):
        for i in range(rows.shape[0]):
            if turned[r, i]:
                spins[r, i] = -spins[r, i]
                flips[r] += 1
                step = np.int32(2 * spins[r, i])
                curvature[r], reach[r] = _turn(rows[i], step, overlaps[r], slopes[r], tables)
        count[r] = _count(overlaps[r], tables)


@njit(nogil=True)
def _count(overlaps, tables):
    values = tables[2]
    total, middle = 0.0, (values.size - 1) // 2
    for mu in range(overlaps.size):
        total += values[overlaps[mu] + middle]
    return total


@njit(nogil=True)
def _overlaps(rows, spins, overlaps):
    for i in range(rows.shape[0]):
        row, step = rows[i], np.int16(spins[i])
        for mu in range(overlaps.size):
            overlaps[mu] += np.int16(step * np.int16(1 + 2 * row[mu]))


@njit(nogil=True)
def _look_up(row, overlaps, slopes, tables, curvature, reach):
    for r in range(overlaps.shape[0]):
        curvature[r], reach[r] = _turn(row, np.int32(0), overlaps[r], slopes[r], tables)


@njit(nogil=True)
def _visit(rows, negative, first, state, slopes, tables, rule, limit):
    """One sweep from the site `first` on; returns the site where it stopped."""
    divisor, thresholds, metropolis, parallel = rule
    if parallel:
        _sweep_parallel(rows, negative, state, slopes, tables, divisor, thresholds)
        return rows.shape[0]
    return _sweep(
        rows, negative, first, state, slopes, tables, divisor, thresholds, metropolis, limit
    )


@njit(nogil=True)
def _write_down(state, witness, record, t):
    spins, overlaps, _, _, count, flips = state
    overlap, effective, best, energy, flipped = record
    for r in range(overlaps.shape[0]):
        overlap[r, t] = along(witness[0], spins[r])
        effective[r, t], best[r, t] = effective_sums(overlaps[r], witness[1])
        energy[r, t] = count[r]
        flipped[r, t] = flips[r]


@njit(nogil=True, cache=True)
def _advance(
    rows, negative, tables, divisor, spins, first_replica, first_sweep,
    key, stream, scale, metropolis, parallel, limit, witness, record,
):  # fmt: skip
    """Sweep at most AT_ONCE replicas; slots without a replica have slopes that are zero."""
    size, n_patterns = rows.shape
    live = spins.shape[0]
    room = -(-size // GROUP) * GROUP
    thresholds, words = np.zeros((live, room), np.float64), np.zeros(room, np.uint32)
    overlaps = np.zeros((live, n_patterns), np.int16)
    curvature, reach = np.zeros(live, np.int64), np.zeros(live, np.int64)
    count, flips = np.zeros(live), np.zeros(live, np.int64)
    state = (spins, overlaps, curvature, reach, count, flips)
    for r in range(live):
        _overlaps(rows, spins[r], overlaps[r])
        count[r] = _count(overlaps[r], tables)
    narrow = np.zeros((AT_ONCE, n_patterns), np.int32)
    wide = np.zeros((AT_ONCE, 0), np.int64)
    _look_up(rows[0], overlaps, narrow, tables, curvature, reach)
    for t in range(record[0].shape[1]):
        flips[:] = 0
        for r in range(live):
            site_words(words, first_sweep + t, first_replica + r, stream, key)
            real_thresholds(thresholds[r], words, scale, metropolis)
        first = 0
        rule = (divisor, thresholds, metropolis, parallel)
        if wide.size == 0 and reach.max() <= limit:
            first = _visit(rows, negative, first, state, narrow, tables, rule, limit)
        if wide.size == 0 and reach.max() > limit:
            wide = np.zeros((AT_ONCE, n_patterns), np.int64)
            _look_up(rows[0], overlaps, wide, tables, curvature, reach)
        if first < size:
            _visit(rows, negative, first, state, wide, tables, rule, np.int64(2**62))
        _write_down(state, witness, record, t)


class SlopeWalkers:
    """Replicas as rows of spins; everything else is made afresh at each call.

    Parameters
    ----------
    problem : Problem
        Without blanks, and with slopes that are integers.
    spins : int8 array, shape (replica, N)
    first_replica : int
        Number of the first of them, which fixes its random numbers.
    """

    def __init__(self, problem: Problem, spins: NDArray[np.int8], first_replica: int) -> None:
        self.problem = problem
        self.first_replica = first_replica
        self._masks = problem.negative_masks
        self._negative = problem.negatives_at_site
        self._tables: SlopeTables = problem.slope_tables
        self._spins = np.array(spins, dtype=np.int8)

    def advance(self, first_sweep: int, record: Record) -> None:
        """Make as many sweeps as `record` has room for and fill it in."""
        p, tables = self.problem, self._tables
        limit = NARROW_LIMIT if tables.largest_slope <= NARROW_LIMIT else -1
        for first in range(0, len(self._spins), AT_ONCE):
            some = slice(first, first + AT_ONCE)
            part = record.part(some, slice(None))
            _advance(
                self._masks, self._negative, (tables.slopes, tables.curvatures, tables.values),
                tables.divisor, self._spins[some], self.first_replica + first, first_sweep,
                p.key, p.stream, p.quarter_scale, p.metropolis, p.parallel, limit,
                p.witness, part.arrays,
            )  # fmt: skip

    def spins(self) -> NDArray[np.int8]:
        """Copy of the states, shape (replica, N)."""
        return self._spins.copy()
