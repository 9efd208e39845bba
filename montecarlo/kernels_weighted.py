r"""Patterns whose entries differ in size: elementary symmetric polynomials, one site at a time.

For every pattern there are the :math:`e_k` of the products :math:`y_i = X_i s_i` of its integers,
k = 0 ... p. Without site i they are, and with them the field on spin i is,

.. math::
    e_1^{(i)} = M - y_i, \qquad
    2 e_2^{(i)} = (e_1^{(i)})^2 + y_i^2 - Q, \qquad
    e_k^{(i)} = e_k - y_i\, e_{k-1}^{(i)}, \qquad
    h_i \propto s_i \sum_\mu y_i^\mu\, e_{p-1}^{(i)\mu}

with :math:`M = \sum_i y_i` and :math:`Q = \sum_i X_i^2`, which no flip changes. So :math:`e_k` is
kept for k > 2 alone, times two; a flip changes it by :math:`-2 y_i e_{k-1}^{(i)}`. They are
computed afresh at each call, so that rounding errors do not pile up where they are no exact
integers.

Sums over patterns have a fixed order, see `lane_sum`, and fused products are written as such: other
processors and devices round in the same way.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hopfield.energies import energy_unit
from montecarlo.intrinsics import fused
from montecarlo.measurement import along, effective_sums
from montecarlo.problem import Problem
from montecarlo.record import Record
from montecarlo.rng import GROUP, real_thresholds, site_words

__all__ = ["SUMS", "WARP", "WeightedWalkers", "count_unit", "field_scale", "lane_sum"]

SUMS = 256
"""Partial sums of a field at most, in turn; the results of as many patterns stay in the cache."""

WARP = 32
"""Partial sums are a multiple of it, and brought down to it before they are added by halves."""


def _unit(problem: Problem) -> float:
    """Energy of one product of p integers."""
    model, size = problem.network.model, problem.network.size
    p = model.interaction_order
    return energy_unit(p, False, size) * model.effective_unit**p


def field_scale(problem: Problem) -> float:
    """Scale of the thresholds of twice a field over the energy of one product of integers.

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Supervised(3, 1.0, 2).network(10, n_patterns=1, seed=1)
    >>> scale = field_scale(Problem(net, 0.5, "glauber", np.array([5, 6], np.uint64), 3))
    >>> abs(scale - 0.5 / (2 / 10**2) * 2**3) < 1e-9
    True
    """
    return max(problem.temperature / _unit(problem), 1e-200)


def count_unit(problem: Problem) -> float:
    """What the sum over patterns of twice the last polynomial is multiplied with in a record."""
    return 0.5 * _unit(problem) / problem.network.model.energy_unit(problem.network.size)


@njit(nogil=True)
def lane_sum(sums):
    """Sum of some times WARP numbers, which are lost: those WARP apart in turn, then by halves.

    Examples
    --------
    >>> float(lane_sum(np.arange(64.0)))
    2016.0
    """
    lanes = sums[:WARP]
    for first in range(WARP, sums.size, WARP):
        for lane in range(WARP):
            lanes[lane] += sums[first + lane]
    for lane in range(16):
        lanes[lane] += lanes[lane + 16]
    for lane in range(8):
        lanes[lane] += lanes[lane + 8]
    left, right = lanes[0] + lanes[4], lanes[1] + lanes[5]
    left, right = left + (lanes[2] + lanes[6]), right + (lanes[3] + lanes[7])
    return left + right


@njit(nogil=True)
def _second(row, spin, overlaps, squares, products, lower):
    """Products of entries with a spin, and twice the second polynomials of all other sites."""
    for mu in range(row.size):
        y = spin * np.float64(row[mu])
        rest = np.float64(overlaps[mu]) - y
        products[mu] = y
        lower[mu] = fused(rest, rest, fused(y, y, -squares[mu]))


@njit(nogil=True)
def _first(overlaps, products, lower):
    """Twice the first polynomials of all other sites, for p = 2."""
    for mu in range(overlaps.size):
        lower[mu] = 2.0 * (np.float64(overlaps[mu]) - products[mu])


@njit(nogil=True)
def _field(row, spin, overlaps, squares, polynomials, scratch, sums):
    """Twice the field on a spin over the energy of a product; what the last two hold is lost."""
    sums[:] = 0.0
    for first in range(0, row.size, SUMS):
        last = min(first + SUMS, row.size)
        products, lower = scratch[0, : last - first], scratch[1, : last - first]
        _second(row[first:last], spin, overlaps[first:last], squares[first:last], products, lower)
        if polynomials.shape[0] == 0:
            _first(overlaps[first:last], products, lower)
        for k in range(polynomials.shape[0] - 1):
            whole = polynomials[k, first:last]
            for mu in range(whole.size):
                lower[mu] = fused(-products[mu], lower[mu], whole[mu])
        for mu in range(products.size):
            sums[mu] = fused(products[mu], lower[mu], sums[mu])
    return spin * lane_sum(sums)


@njit(nogil=True)
def _turn(row, spin, overlaps, squares, polynomials, scratch):
    """Flip a spin whose value was `spin`."""
    for first in range(0, row.size, SUMS):
        last = min(first + SUMS, row.size)
        products, lower = scratch[0, : last - first], scratch[1, : last - first]
        here = overlaps[first:last]
        _second(row[first:last], spin, here, squares[first:last], products, lower)
        for k in range(polynomials.shape[0]):
            whole = polynomials[k, first:last]
            for mu in range(whole.size):
                before, y = whole[mu], products[mu]
                whole[mu] = fused(-2.0 * y, lower[mu], before)
                lower[mu] = fused(-y, lower[mu], before)
        for mu in range(here.size):
            here[mu] -= np.int32(2.0 * products[mu])


@njit(nogil=True)
def _set_up(patterns, spins, overlaps, polynomials):
    """Take in one site after the other."""
    twice_second = np.empty(SUMS)
    overlaps[:] = 0
    polynomials[:] = 0.0
    for first in range(0, overlaps.size, SUMS):
        last = min(first + SUMS, overlaps.size)
        here, second = overlaps[first:last], twice_second[: last - first]
        second[:] = 0.0
        for i in range(spins.size):
            row, spin = patterns[i, first:last], np.float64(spins[i])
            for k in range(polynomials.shape[0] - 1, -1, -1):
                upper = polynomials[k, first:last]
                lower = second if k == 0 else polynomials[k - 1, first:last]
                for mu in range(row.size):
                    upper[mu] = fused(spin * np.float64(row[mu]), lower[mu], upper[mu])
            for mu in range(row.size):
                y = spin * np.float64(row[mu])
                second[mu] = fused(2.0 * y, np.float64(here[mu]), second[mu])
                here[mu] += np.int32(y)


@njit(nogil=True)
def _last_sum(overlaps, squares, polynomials, sums):
    """Sum over patterns of twice the last polynomial."""
    sums[:] = 0.0
    for first in range(0, overlaps.size, SUMS):
        for mu in range(first, min(first + SUMS, overlaps.size)):
            if polynomials.shape[0] == 0:
                overlap = np.float64(overlaps[mu])
                sums[mu - first] += fused(overlap, overlap, -squares[mu])
            else:
                sums[mu - first] += polynomials[-1, mu]
    return lane_sum(sums)


@njit(nogil=True)
def _sweep(
    patterns, squares, spins, overlaps, polynomials, scratch, sums, thresholds, metropolis, parallel
):  # fmt: skip
    flips = 0
    flipped = np.zeros(spins.size, np.bool_)
    for i in range(spins.size):
        row, old = patterns[i], np.float64(spins[i])
        field = _field(row, old, overlaps, squares, polynomials, scratch, sums)
        if metropolis:
            flipped[i] = old * field < -thresholds[i]
        else:
            flipped[i] = (field > thresholds[i]) != (old > 0)
        if flipped[i]:
            flips += 1
            if not parallel:
                spins[i] = -spins[i]
                _turn(row, old, overlaps, squares, polynomials, scratch)
    if parallel:
        for i in range(spins.size):
            if flipped[i]:
                old = np.float64(spins[i])
                _turn(patterns[i], old, overlaps, squares, polynomials, scratch)
                spins[i] = -spins[i]
    return flips


@njit(nogil=True, cache=True)
def _advance(
    patterns, squares, p, spins, first_replica, first_sweep, n_sweeps,
    key, stream, scale, metropolis, parallel, count_unit, witness, record,
):  # fmt: skip
    size, n_patterns = patterns.shape
    overlap, effective, best, count, flipped = record
    room = -(-size // GROUP) * GROUP
    thresholds, words = np.zeros(room, np.float64), np.zeros(room, np.uint32)
    scratch, sums = np.zeros((2, SUMS)), np.zeros(min(-(-n_patterns // WARP) * WARP, SUMS))
    overlaps, polynomials = np.zeros(n_patterns, np.int32), np.zeros((p - 2, n_patterns))
    for r in range(spins.shape[0]):
        _set_up(patterns, spins[r], overlaps, polynomials)
        for t in range(n_sweeps):
            site_words(words, first_sweep + t, first_replica + r, stream, key)
            real_thresholds(thresholds, words, scale, metropolis)
            flips = _sweep(
                patterns, squares, spins[r], overlaps, polynomials, scratch, sums, thresholds,
                metropolis, parallel,
            )  # fmt: skip
            overlap[r, t] = along(witness[0], spins[r])
            effective[r, t], best[r, t] = effective_sums(overlaps, witness[1])
            count[r, t] = count_unit * _last_sum(overlaps, squares, polynomials, sums)
            flipped[r, t] = flips


class WeightedWalkers:
    """Replicas as rows of spins; everything else is made afresh at each call.

    Parameters
    ----------
    problem : Problem
        Of a network of weighted patterns.
    spins : int8 array, shape (replica, N)
    first_replica : int
        Number of the first of them, which fixes its random numbers.
    """

    def __init__(self, problem: Problem, spins: NDArray[np.int8], first_replica: int) -> None:
        self.problem = problem
        self.first_replica = first_replica
        self._patterns = problem.site_major
        self._squares = problem.network.squares.astype(np.float64)
        self._spins = np.array(spins, dtype=np.int8)

    def advance(self, first_sweep: int, record: Record) -> None:
        """Make as many sweeps as `record` has room for and fill it in."""
        problem = self.problem
        _advance(
            self._patterns, self._squares, problem.network.model.interaction_order, self._spins,
            self.first_replica, first_sweep, record.overlap.shape[1],
            problem.key, problem.stream, field_scale(problem), problem.metropolis,
            problem.parallel, count_unit(problem), problem.witness, record.arrays,
        )  # fmt: skip

    def spins(self) -> NDArray[np.int8]:
        """Copy of the states, shape (replica, N)."""
        return self._spins.copy()
