r"""Exponential networks: one pass over the distances of all patterns for each attempt.

A flip of spin i brings the patterns that differ there nearer by one and takes all others away by
one. So the change of :math:`\log Z`, :math:`Z = \sum_\mu e^{\lambda(N - 2 k_\mu)}`, follows from
two histograms of distances, that of all patterns and that of those which differ at i, and both
sums of it have one shift. Counting is in integers, the sums are in float64: what is left of a
difference is its relative rounding error of 1e-16, even where noise differs by less than that.
Logarithms use only + - * / and fused multiply-add, so that every device computes the same bits.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hopfield.bits import distances, pack
from hopfield.exponential_network import ExponentialNetwork
from montecarlo.logarithms import precise_log, precise_log1p
from montecarlo.problem import Problem
from montecarlo.record import Record
from montecarlo.rng import GROUP, real_thresholds, site_words

__all__ = ["ExponentialWalkers", "bit_columns", "counted", "energy_change", "neighbours"]

BANKS = 4
BITS = 64


@njit(nogil=True)
def neighbours(sharpness):
    """Relative changes of a weight if its pattern comes nearer by one, and if it goes away.

    Examples
    --------
    >>> neighbours(0.5)
    (1.718281828459045, -0.6321205588285577)
    """
    # weights of a distance of one more are below the smallest float there: no sum in one shift
    nearer = math.expm1(2.0 * sharpness) if 2.0 * sharpness < 700.0 else math.inf
    return nearer, math.expm1(-2.0 * sharpness)


@njit(nogil=True)
def counted(column, distances, up, banks, counts):
    """Count the patterns that differ from a spin, by their distance.

    Parameters
    ----------
    column : uint64 array, shape (K / 64,)
        The entries of all patterns at the spin, a bit each.
    distances : int16 or int32 array, shape (K,)
    up : bool
        The spin.
    banks : int64 array, shape (4, 2, N + 1)
        Scratch space: neighbouring patterns are counted apart, so that none waits for the other.
    counts : int64 array, shape (N + 1,)
        Where the result goes.
    """
    banks[:] = 0
    same = np.int64(1) if up else np.int64(0)
    last = distances.size // BITS
    for block in range(last):
        word, here = column[block], distances[block * BITS : (block + 1) * BITS]
        for j in range(0, BITS, BANKS):
            for b in range(BANKS):
                bit = np.int64((word >> np.uint64(j + b)) & np.uint64(1))
                banks[b, bit ^ same, here[j + b]] += 1
    for mu in range(last * BITS, distances.size):
        bit = np.int64((column[last] >> np.uint64(mu % BITS)) & np.uint64(1))
        banks[0, bit ^ same, distances[mu]] += 1
    for k in range(counts.size):
        counts[k] = banks[0, 1, k] + banks[1, 1, k] + banks[2, 1, k] + banks[3, 1, k]


@njit(nogil=True)
def _log_sum(counts, decay, sharpness):
    """Logarithm of the sum of weights; `decay` is exp(-2 λ k) for k from 0 to N."""
    closest = 0
    while counts[closest] == 0:
        closest += 1
    total = 0.0
    for k in range(counts.size - 1, closest - 1, -1):
        total += counts[k] * decay[k - closest]
    return sharpness * (counts.size - 1 - 2 * closest) + precise_log(total)


@njit(nogil=True)
def energy_change(counts, differing, after, decay, sharpness):
    """Change of the energy by a flip, as `hopfield.log_sums.flip_change` has it.

    Parameters
    ----------
    counts, differing : int64 arrays, shape (N + 1,)
        Of all patterns, and of those that differ at the spin.
    after : int64 array, shape (N + 1,)
        Where the histogram after the flip goes.
    decay : array, shape (N + 1,)
        exp(-2 λ k).
    sharpness : float
        λ.
    """
    size = counts.size - 1
    for k in range(size + 1):
        after[k] = 0
    for k in range(size + 1):
        agreeing = counts[k] - differing[k]
        if agreeing:
            after[k + 1] += agreeing
        if differing[k]:
            after[k - 1] += differing[k]
    closest = 0
    while counts[closest] == 0:
        closest += 1
    nearer, farther = neighbours(sharpness)
    here, rise = 0.0, 0.0
    for k in range(size, closest - 1, -1):
        weight = decay[k - closest]
        here += counts[k] * weight
        rise += weight * (differing[k] * nearer + (counts[k] - differing[k]) * farther)
    if abs(rise) < 0.5 * here:
        return -precise_log1p(rise / here) / sharpness
    return (_log_sum(counts, decay, sharpness) - _log_sum(after, decay, sharpness)) / sharpness


@njit(nogil=True)
def _turn(column, distances, up):
    """Move the distances by a flip of a spin that was `up`."""
    for mu in range(distances.size):
        bit = (column[mu // BITS] >> np.uint64(mu % BITS)) & np.uint64(1)
        distances[mu] += np.int16(1) if (bit != 0) == up else np.int16(-1)


@njit(nogil=True)
def _sweep(columns, spins, distances, counts, thresholds, metropolis, parallel, scratch, tables):
    """One sweep; `counts` is that of the distances and follows them."""
    banks, differing, after = scratch
    decay, sharpness = tables
    flips = 0
    flipped = np.zeros(spins.size, np.bool_)
    for i in range(spins.size):
        up = spins[i] > 0
        counted(columns[i], distances, up, banks, differing)
        field = 0.5 * spins[i] * energy_change(counts, differing, after, decay, sharpness)
        if metropolis:
            flipped[i] = spins[i] * field < -thresholds[i]
        else:
            flipped[i] = (field > thresholds[i]) != up
        if flipped[i]:
            flips += 1
            if not parallel:
                spins[i] = -spins[i]
                _turn(columns[i], distances, up)
                counts[:] = after
    if parallel:
        for i in range(spins.size):
            if flipped[i]:
                _turn(columns[i], distances, spins[i] > 0)
                spins[i] = -spins[i]
        counts[:] = 0
        for mu in range(distances.size):
            counts[distances[mu]] += 1
    return flips


@njit(nogil=True)
def _write_down(distances, counts, decay, sharpness, flips, record, r, t):
    overlap, effective, best, count, flipped = record
    size = counts.size - 1
    closest, farthest = size, 0
    for mu in range(1, distances.size):
        closest, farthest = min(closest, distances[mu]), max(farthest, distances[mu])
    overlap[r, t] = size - 2 * distances[0]
    effective[r, t] = overlap[r, t]
    best[r, t] = max(size - 2 * closest, 2 * farthest - size) if distances.size > 1 else 0
    count[r, t] = _log_sum(counts, decay, sharpness)
    flipped[r, t] = flips


@njit(nogil=True, cache=True)
def _advance(
    columns, spins, distances, first_replica, first_sweep, n_sweeps,
    key, stream, scale, metropolis, parallel, tables, record,
):  # fmt: skip
    size = spins.shape[1]
    room = -(-size // GROUP) * GROUP
    thresholds, words = np.zeros(room, np.float64), np.zeros(room, np.uint32)
    counts = np.zeros(size + 1, np.int64)
    scratch = (
        np.zeros((BANKS, 2, size + 1), np.int64),
        np.zeros(size + 1, np.int64),
        np.zeros(size + 1, np.int64),
    )
    for r in range(spins.shape[0]):
        counts[:] = 0
        for mu in range(distances.shape[1]):
            counts[distances[r, mu]] += 1
        for t in range(n_sweeps):
            site_words(words, first_sweep + t, first_replica + r, stream, key)
            real_thresholds(thresholds, words, scale, metropolis)
            flips = _sweep(
                columns, spins[r], distances[r], counts, thresholds, metropolis, parallel,
                scratch, tables,
            )  # fmt: skip
            _write_down(distances[r], counts, tables[0], tables[1], flips, record, r, t)


class ExponentialWalkers:
    """Replicas with the distances of all patterns.

    Parameters
    ----------
    problem : Problem
        Of an ExponentialNetwork.
    spins : int8 array, shape (replica, N)
    first_replica : int
        Number of the first of them, which fixes its random numbers.
    """

    def __init__(self, problem: Problem, spins: NDArray[np.int8], first_replica: int) -> None:
        self.problem = problem
        self.first_replica = first_replica
        self._spins = np.array(spins, dtype=np.int8)
        network = problem.network
        if not isinstance(network, ExponentialNetwork):
            raise TypeError(f"the network must be exponential, got {network!r}")
        self._columns = bit_columns(network)
        kind = np.int16 if network.size <= np.iinfo(np.int16).max else np.int32
        self._distances = np.empty((len(spins), network.n_patterns), dtype=kind)
        first = 0
        for words in network.panels():
            for row, state in zip(self._distances, pack(self._spins), strict=True):
                row[first : first + len(words)] = distances(words, state)
            first += len(words)
        sharpness = network.sharpness
        decay = np.exp(-2.0 * sharpness * np.arange(network.size + 1))
        self._tables = decay, sharpness

    def advance(self, first_sweep: int, record: Record) -> None:
        """Make as many sweeps as `record` has room for and fill it in."""
        p = self.problem
        _advance(
            self._columns, self._spins, self._distances, self.first_replica, first_sweep,
            record.overlap.shape[1], p.key, p.stream, max(p.temperature / 2.0, 1e-200),
            p.metropolis, p.parallel, self._tables, record.arrays,
        )  # fmt: skip

    def spins(self) -> NDArray[np.int8]:
        """Copy of the states, shape (replica, N)."""
        return self._spins.copy()


def bit_columns(network: ExponentialNetwork) -> NDArray[np.uint64]:
    """Entries of all patterns at each spin, a bit each, shape (N, K / 64).

    Examples
    --------
    >>> import hopfield
    >>> bit_columns(hopfield.Exponential().store([[1, -1], [1, 1]])).tolist()
    [[3], [2]]
    """
    octets = np.packbits(network.patterns.T > 0, axis=1, bitorder="little")
    room = np.zeros((network.size, -(-network.n_patterns // BITS) * 8), dtype=np.uint8)
    room[:, : octets.shape[1]] = octets
    return room.view("<u8").astype(np.uint64, copy=False)
