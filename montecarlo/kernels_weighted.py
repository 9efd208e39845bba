r"""Patterns whose entries differ in size: elementary symmetric polynomials, one site at a time.

For every pattern the :math:`e_k` of the products :math:`y_i = x_i s_i / N`, k = 0 ... p, are kept.
Those of all sites but i, which the field on spin i is made of, follow from

.. math::
    e_k^{(i)} = e_k - y_i\, e_{k-1}^{(i)}, \qquad
    h_i = (p-1)! \sum_\mu x_i^\mu\, e_{p-1}^{(i)\mu},

and a flip changes :math:`e_k` by :math:`-2 y_i e_{k-1}^{(i)}`. They are computed afresh at each
call, so that rounding errors do not pile up.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from montecarlo.measurement import along, effective_sums
from montecarlo.problem import Problem
from montecarlo.record import Record
from montecarlo.rng import GROUP, real_thresholds, site_words

__all__ = ["WeightedWalkers"]

PANEL = 512
"""Patterns whose intermediate results stay in the first-level cache."""


@njit(nogil=True)
def _add(row, unit, spin, polynomials):
    """Take one more site into the polynomials."""
    for k in range(polynomials.shape[0] - 1, 0, -1):
        upper, lower = polynomials[k], polynomials[k - 1]
        for mu in range(row.size):
            upper[mu] += unit * row[mu] * spin * lower[mu]


@njit(nogil=True, fastmath={"reassoc", "contract", "nsz"})
def _field(row, unit, spin, polynomials, products, lower):
    """Field on a spin, over (p - 1)! N; the last two arrays are scratch for a panel."""
    p, scale, total = polynomials.shape[0] - 1, unit * spin, 0.0
    for first in range(0, row.size, PANEL):
        last = min(first + PANEL, row.size)
        entries, highest = row[first:last], polynomials[p - 1][first:last]
        for mu in range(entries.size):
            products[mu] = scale * entries[mu]
            lower[mu] = 1.0
        for k in range(1, p - 1):
            whole = polynomials[k][first:last]
            for mu in range(whole.size):
                lower[mu] = whole[mu] - products[mu] * lower[mu]
        for mu in range(highest.size):
            total += products[mu] * (highest[mu] - products[mu] * lower[mu])
    return spin * total


@njit(nogil=True)
def _turn(row, unit, spin, overlaps, polynomials):
    """Flip a spin whose value was `spin`."""
    for mu in range(row.size):
        overlaps[mu] -= 2 * spin * row[mu]
        y, lower = unit * row[mu] * spin, 1.0
        for k in range(1, polynomials.shape[0]):
            whole = polynomials[k, mu]
            polynomials[k, mu] = whole - 2.0 * y * lower
            lower = whole - y * lower


@njit(nogil=True)
def _sweep(
    patterns, unit, spins, overlaps, polynomials, scratch, thresholds, metropolis, parallel
):  # fmt: skip
    flips = 0
    flipped = np.zeros(spins.size, np.bool_)
    for i in range(spins.size):
        row, old = patterns[i], np.int32(spins[i])
        field = _field(row, unit, old, polynomials, scratch[0], scratch[1])
        if metropolis:
            flipped[i] = old * field < -thresholds[i]
        else:
            flipped[i] = (field > thresholds[i]) != (old > 0)
        if flipped[i]:
            flips += 1
            if not parallel:
                spins[i] = -old
                _turn(row, unit, old, overlaps, polynomials)
    if parallel:
        for i in range(spins.size):
            if flipped[i]:
                _turn(patterns[i], unit, np.int32(spins[i]), overlaps, polynomials)
                spins[i] = -spins[i]
    return flips


@njit(nogil=True, cache=True)
def _advance(
    patterns, unit, p, spins, first_replica, first_sweep, n_sweeps,
    key, stream, scale, metropolis, parallel, energy_scale, witness, record,
):  # fmt: skip
    size, n_patterns = patterns.shape
    overlap, effective, best, count, flipped = record
    room = -(-size // GROUP) * GROUP
    thresholds, words = np.zeros(room, np.float64), np.zeros(room, np.uint32)
    scratch = np.zeros((2, PANEL))
    for r in range(spins.shape[0]):
        overlaps = np.zeros(n_patterns, np.int32)
        polynomials = np.zeros((p + 1, n_patterns))
        polynomials[0] = 1.0
        for i in range(size):
            overlaps += patterns[i] * np.int32(spins[r, i])
            _add(patterns[i], unit, np.int32(spins[r, i]), polynomials)
        for t in range(n_sweeps):
            site_words(words, first_sweep + t, first_replica + r, stream, key)
            real_thresholds(thresholds, words, scale, metropolis)
            flips = _sweep(
                patterns, unit, spins[r], overlaps, polynomials, scratch, thresholds,
                metropolis, parallel,
            )  # fmt: skip
            overlap[r, t] = along(witness[0], spins[r])
            effective[r, t], best[r, t] = effective_sums(overlaps, witness[1])
            count[r, t] = energy_scale * polynomials[p].sum()
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
        self._spins = np.array(spins, dtype=np.int8)

    def advance(self, first_sweep: int, record: Record) -> None:
        """Make as many sweeps as `record` has room for and fill it in."""
        problem, model = self.problem, self.problem.network.model
        p, size = model.interaction_order, problem.network.size
        per_field = size * math.factorial(p - 1)
        scale = problem.temperature / 2.0 / per_field
        energy_scale = per_field / model.energy_unit(size)
        _advance(
            self._patterns, model.effective_unit / size, p, self._spins,
            self.first_replica, first_sweep, record.overlap.shape[1],
            problem.key, problem.stream, max(scale, 1e-200), problem.metropolis, problem.parallel,
            energy_scale, problem.witness, record.arrays,
        )  # fmt: skip

    def spins(self) -> NDArray[np.int8]:
        """Copy of the states, shape (replica, N)."""
        return self._spins.copy()
