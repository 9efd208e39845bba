r"""Leapfrog steps of many chains at once, with the attention of all of them in one pass.

A step of time ε with momenta p of variance T is

.. math:: p \leftarrow p - \tfrac\varepsilon2 \nabla E(x) , \quad x \leftarrow x + \varepsilon p ,
    \quad p \leftarrow p - \tfrac\varepsilon2 \nabla E(x) , \qquad \nabla E(x) = x - f(x) ,

with the update f. One step moves x as Langevin dynamics with the step :math:`h = \varepsilon^2/2`
does, and accepting it or not is its Metropolis adjustment. LANES chains are neighbours in memory.
Patterns are read in panels that stay in the cache for both products, the scores and the means, of
all lanes, and every sum of a lane is in one order whatever the others do.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from montecarlo.intrinsics import bits_of_double, double_of_bits, fused

__all__ = ["LANES", "Scratch", "advance", "attend", "panel_rows", "scratch_for"]

Scratch = tuple[NDArray[np.float64], ...]

LANES = 16
"""Chains that advance together."""

PANEL = 2**15
"""Entries of a panel of patterns, 256 KiB."""

MOST_ROWS = 2**8
"""Patterns of a panel; their scores for all lanes stay in the first-level cache."""

_LOG2E = 1.4426950408889634
_LN2_HIGH, _LN2_LOW = 0.6931471805599453, 2.3190468138462996e-17
_ROUNDER = 6755399441055744.0
"""3 * 2^51: what is added to it is rounded to an integer, which its low bits then are."""
_LOWEST = -708.0


def panel_rows(n_patterns: int, size: int) -> int:
    """Patterns of a panel.

    Examples
    --------
    >>> panel_rows(10, 100), panel_rows(10**6, 100), panel_rows(10**6, 10**6)
    (10, 256, 16)
    """
    return min(n_patterns, MOST_ROWS, max(PANEL // size, 16))


def scratch_for(n_patterns: int, size: int) -> Scratch:
    """Room that `attend` needs.

    Examples
    --------
    >>> [array.shape for array in scratch_for(10, 100)]
    [(100, 16), (160,), (100, 16), (3, 16)]
    """
    return (
        np.zeros((size, LANES)),
        np.zeros(panel_rows(n_patterns, size) * LANES),
        np.zeros((size, LANES)),
        np.zeros((3, LANES)),
    )


@njit(inline="always")
def _exponential(x):
    """e^x of x <= 0, with a relative error of 2e-16; that of -708, 3e-308, below it."""
    x = x if x > _LOWEST else _LOWEST
    shifted = fused(x, _LOG2E, _ROUNDER)
    k = shifted - _ROUNDER
    r = fused(k, -_LN2_LOW, fused(k, -_LN2_HIGH, x))
    series = 1.0 / 6227020800.0
    series = fused(series, r, 1.0 / 479001600.0)
    series = fused(series, r, 1.0 / 39916800.0)
    series = fused(series, r, 1.0 / 3628800.0)
    series = fused(series, r, 1.0 / 362880.0)
    series = fused(series, r, 1.0 / 40320.0)
    series = fused(series, r, 1.0 / 5040.0)
    series = fused(series, r, 1.0 / 720.0)
    series = fused(series, r, 1.0 / 120.0)
    series = fused(series, r, 1.0 / 24.0)
    series = fused(series, r, 1.0 / 6.0)
    series = fused(series, r, 0.5)
    series = fused(series, r, 1.0)
    series = fused(series, r, 1.0)
    return series * double_of_bits((bits_of_double(shifted) + 1023) << 52)


@njit(nogil=True)
def _panel(z, top, total, shrink):
    """Scores of a panel become exponentials, and sums over the panels before are scaled down."""
    for b in range(LANES):
        shrink[b] = top[b]
    for k in range(z.shape[0]):
        for b in range(LANES):
            top[b] = z[k, b] if z[k, b] > top[b] else top[b]
    for b in range(LANES):
        shrink[b] = _exponential(shrink[b] - top[b])
        total[b] *= shrink[b]
    for k in range(z.shape[0]):
        for b in range(LANES):
            z[k, b] = _exponential(z[k, b] - top[b])
            total[b] += z[k, b]


@njit(nogil=True)
def attend(patterns, beta, x, mean, log_sum, largest, scratch):
    """Update of the states of all lanes, logarithms of sums of exponentials, largest weights.

    Parameters
    ----------
    patterns : array, shape (K, N)
    beta : float
    x : array, shape (N, LANES)
    mean : array, shape (N, LANES)
        Where the updates go.
    log_sum, largest : array, shape (LANES,)
        Where the others go.
    scratch : tuple
        From `scratch_for`.
    """
    scaled, room, part, (top, total, shrink) = scratch
    n_patterns = patterns.shape[0]
    rows = room.size // LANES
    for i in range(x.shape[0]):
        for b in range(LANES):
            scaled[i, b] = beta * x[i, b]
            mean[i, b] = 0.0
    top[:] = -np.inf
    total[:] = 0.0
    for first in range(0, n_patterns, rows):
        keys = patterns[first : min(first + rows, n_patterns)]
        z = room[: keys.shape[0] * LANES].reshape(keys.shape[0], LANES)
        np.dot(keys, scaled, z)
        _panel(z, top, total, shrink)
        np.dot(keys.T, z, part)
        for i in range(x.shape[0]):
            for b in range(LANES):
                mean[i, b] = mean[i, b] * shrink[b] + part[i, b]
    for b in range(LANES):
        log_sum[b] = top[b] + math.log(total[b])
        largest[b] = 1.0 / total[b]
        shrink[b] = largest[b]
    for i in range(x.shape[0]):
        for b in range(LANES):
            mean[i, b] *= shrink[b]


@njit(nogil=True)
def _locate(patterns, beta, x, mean, lanes, scratch):
    """Attention of all states; energies without their constant and largest weights of lanes."""
    energy, largest, log_sum = lanes
    attend(patterns, beta, x, mean, log_sum, largest, scratch)
    _half_squares(x, energy)
    for b in range(LANES):
        energy[b] -= log_sum[b] / beta


@njit(nogil=True)
def _half_squares(x, sums):
    sums[:] = 0.0
    for i in range(x.shape[0]):
        for b in range(LANES):
            sums[b] += 0.5 * x[i, b] * x[i, b]


@njit(nogil=True)
def _kick(p, x, mean, time):
    """Momenta after a time in the force f(x) - x."""
    for i in range(p.shape[0]):
        for b in range(LANES):
            p[i, b] += time * (mean[i, b] - x[i, b])


@njit(nogil=True)
def _leap(patterns, beta, step, steps, x, mean, p, lanes, kinetic, scratch):
    """Leapfrog steps; `kinetic` is what there is before and after them."""
    _half_squares(p, kinetic[0])
    for _ in range(steps):
        _kick(p, x, mean, 0.5 * step)
        for i in range(x.shape[0]):
            for b in range(LANES):
                x[i, b] += step * p[i, b]
        _locate(patterns, beta, x, mean, lanes, scratch)
        _kick(p, x, mean, 0.5 * step)
    _half_squares(p, kinetic[1])


@njit(nogil=True)
def _write_down(x, mean, lanes, first, accepted, record, t):
    """Measure all lanes that are read."""
    energy, overlap, virial, weight, kept = record
    along, work = np.zeros(LANES), np.zeros(LANES)
    for i in range(x.shape[0]):
        for b in range(LANES):
            along[b] += first[i] * x[i, b]
            work[b] += x[i, b] * (x[i, b] - mean[i, b])
    for b in range(energy.shape[0]):
        energy[b, t], overlap[b, t], virial[b, t] = lanes[0, b], along[b], work[b]
        weight[b, t], kept[b, t] = lanes[1, b], accepted[b]


@njit(nogil=True, cache=True)
def advance(
    patterns, beta, temperature, step, steps, adjusted, first, x, noise, heights, scratch, record
):
    """Sweeps of one bundle of lanes.

    Parameters
    ----------
    patterns : array, shape (K, N)
    beta, temperature : float
    step : float
        Time ε of a leapfrog step.
    steps : int
        Of them in a sweep.
    adjusted : bool
        Whether a sweep is accepted with probability min(1, exp(-ΔH/T)), and not always.
    first : array, shape (N,)
        What overlaps are taken with.
    x : array, shape (N, LANES)
        States, which move.
    noise : array, shape (sweeps, N, LANES)
        Standard Gaussian; momenta in units of their width.
    heights : array, shape (sweeps, LANES)
        Logarithms of uniform numbers.
    scratch : tuple
    record : array, shape (5, replica, sweep)
        Energy without its constant, overlap, x·∇E, largest weight, whether the sweep was accepted.
    """
    width = math.sqrt(temperature)
    mean, p = np.empty_like(x), np.empty_like(x)
    here, there, kinetic = np.zeros((3, LANES)), np.zeros((3, LANES)), np.zeros((2, LANES))
    accepted = np.zeros(LANES)
    _locate(patterns, beta, x, mean, here, scratch)
    for t in range(noise.shape[0]):
        p[:] = width * noise[t]
        y, pull = x.copy(), mean.copy()
        _leap(patterns, beta, step, steps, y, pull, p, there, kinetic, scratch)
        for b in range(LANES):
            cost = (there[0, b] + kinetic[1, b] - here[0, b] - kinetic[0, b]) / temperature
            accepted[b] = 1.0 if not adjusted or heights[t, b] < -cost else 0.0
            if accepted[b]:
                here[:, b] = there[:, b]
        for i in range(x.shape[0]):
            for b in range(LANES):
                x[i, b] = y[i, b] if accepted[b] else x[i, b]
                mean[i, b] = pull[i, b] if accepted[b] else mean[i, b]
        _write_down(x, mean, here, first, accepted, record, t)
