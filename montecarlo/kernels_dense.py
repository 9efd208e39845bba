r"""Any energy that is a sum over patterns: one multiply-add per pattern and attempt.

With :math:`\varphi` in integer units, the field on spin i is a quarter of

.. math::
    4 h_i = \sum_\mu \xi_i^\mu [\varphi(M_\mu + 2) - \varphi(M_\mu - 2)]
          + s_i \sum_{\mu: \xi_i^\mu \ne 0}
            [2\varphi(M_\mu) - \varphi(M_\mu + 2) - \varphi(M_\mu - 2)],

exactly, because :math:`\xi s = \pm 1`. The brackets, slope and curvature, are stored per pattern
and looked up anew only for the patterns of a flipped spin.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from montecarlo.measurement import along, effective_sums
from montecarlo.problem import PatternTables, Problem
from montecarlo.record import Record
from montecarlo.rng import GROUP, real_thresholds, site_words

__all__ = ["DenseWalkers"]


@njit(nogil=True)
def _look_up(mu, overlaps, kinds, tables, slopes, curvatures):
    kind, entry = kinds[mu], overlaps[mu] + (tables.shape[1] - 1) // 2
    below, here, above = tables[kind, entry - 2], tables[kind, entry], tables[kind, entry + 2]
    slopes[mu] = above - below
    curvatures[mu] = 2.0 * here - above - below


@njit(nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _field(row, slopes):
    total = 0.0
    for mu in range(row.size):
        total += row[mu] * slopes[mu]
    return total


@njit(nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _blank_part(row, curvatures):
    total = 0.0
    for mu in range(row.size):
        total += (1 - abs(row[mu])) * curvatures[mu]
    return total


@njit(nogil=True)
def _turn(row, step, overlaps, kinds, tables, slopes, curvatures):
    """Flip a spin: update the patterns that are not blank there; return the new curvature sum."""
    for mu in range(row.size):
        if row[mu] != 0:
            overlaps[mu] += step * row[mu]
            _look_up(mu, overlaps, kinds, tables, slopes, curvatures)
    return curvatures.sum()


@njit(nogil=True)
def _sweep(
    patterns, blanks, kinds, tables, spins, overlaps, slopes, curvatures, thresholds,
    metropolis, parallel,
):  # fmt: skip
    flips = 0
    flipped = np.zeros(spins.size, np.bool_)
    curvature = curvatures.sum()
    for i in range(spins.size):
        row, old = patterns[i], spins[i]
        own = curvature - _blank_part(row, curvatures) if blanks else curvature
        field = _field(row, slopes) + old * own
        if metropolis:
            flipped[i] = old * field < -thresholds[i]
        else:
            flipped[i] = (field > thresholds[i]) != (old > 0)
        if flipped[i]:
            flips += 1
            if not parallel:
                spins[i] = -old
                curvature = _turn(row, -2 * old, overlaps, kinds, tables, slopes, curvatures)
    if parallel:
        for i in range(spins.size):
            if flipped[i]:
                spins[i] = -spins[i]
                _turn(patterns[i], 2 * spins[i], overlaps, kinds, tables, slopes, curvatures)
    return flips


@njit(nogil=True)
def _write_down(spins, witness, overlaps, kinds, tables, flips, record, r, t):
    overlap, effective, best, count, flipped = record
    total = 0.0
    middle = (tables.shape[1] - 1) // 2
    for mu in range(overlaps.size):
        total += tables[kinds[mu], overlaps[mu] + middle]
    overlap[r, t] = along(witness[0], spins)
    effective[r, t], best[r, t] = effective_sums(overlaps, witness[1])
    count[r, t] = total
    flipped[r, t] = flips


@njit(nogil=True, cache=True)
def _advance(
    patterns, blanks, kinds, tables, spins, first_replica, first_sweep, n_sweeps,
    key, stream, scale, metropolis, parallel, witness, record,
):  # fmt: skip
    size, n_patterns = patterns.shape
    room = -(-size // GROUP) * GROUP
    thresholds, words = np.zeros(room, np.float64), np.zeros(room, np.uint32)
    slopes, curvatures = np.zeros(n_patterns), np.zeros(n_patterns)
    for r in range(spins.shape[0]):
        overlaps = np.zeros(n_patterns, np.int32)
        for i in range(size):
            for mu in range(n_patterns):
                overlaps[mu] += patterns[i, mu] * spins[r, i]
        for mu in range(n_patterns):
            _look_up(mu, overlaps, kinds, tables, slopes, curvatures)
        for t in range(n_sweeps):
            site_words(words, first_sweep + t, first_replica + r, stream, key)
            real_thresholds(thresholds, words, scale, metropolis)
            flips = _sweep(
                patterns, blanks, kinds, tables, spins[r], overlaps, slopes, curvatures,
                thresholds, metropolis, parallel,
            )  # fmt: skip
            _write_down(spins[r], witness, overlaps, kinds, tables, flips, record, r, t)


class DenseWalkers:
    """Replicas as rows of spins; everything else is made afresh at each call.

    Parameters
    ----------
    problem : Problem
    spins : int8 array, shape (replica, N)
    first_replica : int
        Number of the first of them, which fixes its random numbers.
    """

    def __init__(self, problem: Problem, spins: NDArray[np.int8], first_replica: int) -> None:
        self.problem = problem
        self.first_replica = first_replica
        self._patterns = problem.site_major
        self._tables: PatternTables = problem.pattern_tables
        self._spins = np.array(spins, dtype=np.int8)

    def advance(self, first_sweep: int, record: Record) -> None:
        """Make as many sweeps as `record` has room for and fill it in."""
        p = self.problem
        tables = self._tables
        _advance(
            self._patterns, tables.blanks, tables.kinds, tables.values, self._spins,
            self.first_replica, first_sweep, record.overlap.shape[1],
            p.key, p.stream, p.quarter_scale, p.metropolis, p.parallel, p.witness, record.arrays,
        )  # fmt: skip

    def spins(self) -> NDArray[np.int8]:
        """Copy of the states, shape (replica, N)."""
        return self._spins.copy()
