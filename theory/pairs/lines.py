"""Line of marginal stability of retrieval in networks of pair interactions, p = 2."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.optimize.elementwise import find_root

from theory.pairs.branch import ratios
from theory.pairs.crosstalk import PairCrosstalk
from theory.pairs.equations import load_at
from theory.pairs.melting import melting_temperature
from theory.pairs.spinodal import rises
from theory.saddle import Array
from theory.signal import Signal
from theory.stability import Marginal, marginal_temperature
from theory.transitions import Line

__all__ = ["instability_line", "largest_marginal_ratio", "marginal", "marginal_ranges"]

FINER = 5  # times as many ratios are looked up as for a maximum of the load


def marginal(crosstalk: PairCrosstalk, signal: Signal, ratio: Array) -> Marginal:
    r"""Where replica symmetry becomes unstable on the retrieval branch, for given σ/n.

    With :math:`t = T/\sigma` from `theory.stability.marginal_temperature` and
    :math:`N, q, C` at :math:`u = n/\sigma` and t: :math:`n = N`, :math:`\sigma = n/u`,
    :math:`\alpha = \sigma^2\Gamma(C)^2/q`. At small loads of the Hopfield model
    :math:`T \approx \sqrt{8\alpha/9\pi}\,e^{-1/2\alpha}`, which below α = 7e-4 is less than
    the smallest positive number.

    Parameters
    ----------
    crosstalk : PairCrosstalk
        Γ.
    signal : Signal
        Law of x.
    ratio : array, shape (n,)
        σ/n = 1/u >= 0.

    Returns
    -------
    Marginal
        In the order of `ratio`; on the branch the load increases with it. It is negative where
        no load has such a saddle point.

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Ann. Phys. 173, 30 (1987).

    Examples
    --------
    >>> from theory.pairs.crosstalk import STORAGE
    >>> from theory.signal import PATTERN
    >>> line = marginal(STORAGE, PATTERN, np.array([0.2]))
    >>> round(line.load.item(), 6), round(line.temperature.item() * 1e7, 6)
    (0.039999, 3.964583)
    """
    t, residual = marginal_temperature(ratio, np.ones_like, signal)
    k = signal.moments(1.0, ratio, t * ratio)
    noise = k.effective_overlap * ratio
    load = load_at(crosstalk, signal, t * noise, k.effective_overlap, noise)[0]
    return Marginal(load, t * noise, k.overlap, k.effective_overlap, noise, residual)


@cache
def marginal_ranges(crosstalk: PairCrosstalk, signal: Signal) -> tuple[tuple[float, float], ...]:
    """Ranges of σ/n in which the marginally stable state is that of the retrieval phase.

    Parameters
    ----------
    crosstalk : PairCrosstalk
        Γ.
    signal : Signal
        Law of x.

    Returns
    -------
    tuple of pairs of float
        One range from 0 to the spinodal, in general; none if rounding hides where that is. It
        starts at a positive ratio where there are spins with x = 0, and where the retrieval phase
        has jumps there may be a range for each of its parts.

    Examples
    --------
    >>> from theory.pairs.crosstalk import STORAGE
    >>> from theory.signal import signal_of
    >>> ranges = marginal_ranges(STORAGE, signal_of(0.18, 31))
    >>> [(round(low, 3), round(high, 3)) for low, high in ranges]
    [(0.0, 0.053), (0.232, 0.566)]
    """
    melting = melting_temperature(crosstalk, signal)

    def outside(v: Array) -> Array:
        """Distance from the branch at the temperature of marginal stability, negative on it."""
        temperature = marginal(crosstalk, signal, v).temperature
        cold = temperature < melting
        parts = rises(crosstalk, signal, np.where(cold, temperature, 0.0))
        distance, here = np.ones_like(v), v[parts.cell]
        np.minimum.at(distance, parts.cell, np.maximum(parts.first - here, here - parts.last))
        return np.where(cold, distance, 1.0)

    coarse = np.log(ratios(crosstalk, signal))
    fine = np.linspace(0.0, coarse.size - 1.0, FINER * (coarse.size - 1) + 1)
    grid = np.exp(np.interp(fine, np.arange(coarse.size), coarse))
    within = outside(grid) < 0.0
    left = np.flatnonzero(within[1:] != within[:-1])
    root = find_root(outside, (grid[left], grid[left + 1]))
    ends = np.where(root.success, root.x, np.nan).tolist()
    if within[0]:
        ends = [0.0, *ends]
    return tuple(zip(ends[::2], ends[1::2], strict=True))


def instability_line(crosstalk: PairCrosstalk, signal: Signal, points: int) -> Line:
    """Where the retrieval phase becomes unstable against breaking replica symmetry.

    Parameters
    ----------
    crosstalk : PairCrosstalk
        Γ.
    signal : Signal
        Law of x.
    points : int
        How many.

    Returns
    -------
    Line
        From zero load to the spinodal, with the load increasing in each of `marginal_ranges`; the
        residual is the relative violation of the condition of marginal stability.

    Examples
    --------
    >>> from theory.pairs.crosstalk import STORAGE
    >>> from theory.signal import PATTERN
    >>> line = instability_line(STORAGE, PATTERN, 2)
    >>> line.load.round(6).tolist(), line.temperature.round(6).tolist()
    ([0.0, 0.138186], [0.0, 0.025068])
    """
    ranges = marginal_ranges(crosstalk, signal)
    if not ranges:
        lost = np.full(points, np.nan)
        return Line(lost, lost, lost, np.zeros(points, dtype=bool))
    squares = np.array(ranges) ** 2
    position = np.linspace(0.0, len(squares), points)
    part = np.minimum(position.astype(int), len(squares) - 1)
    low, high = squares[part].T
    line = marginal(crosstalk, signal, np.sqrt(low + (position - part) * (high - low)))
    found = np.isfinite(line.temperature)
    load = np.where(found, np.maximum(line.load, 0.0), np.nan)  # but for rounding, at the start
    return Line(load, np.where(found, line.temperature, np.nan), line.residual, found)


def largest_marginal_ratio(crosstalk: PairCrosstalk, signal: Signal) -> float:
    """Ratio σ/n up to which the marginally stable state is that of the retrieval phase.

    It meets the spinodal there, or, where the retrieval phase jumps to smaller n, its end below
    the jump.

    Parameters
    ----------
    crosstalk : PairCrosstalk
        Γ.
    signal : Signal
        Law of x.

    Returns
    -------
    float
        Not a number where the line was not found.

    Examples
    --------
    >>> from theory.pairs.crosstalk import STORAGE
    >>> from theory.signal import PATTERN
    >>> round(largest_marginal_ratio(STORAGE, PATTERN), 6)
    0.469249
    """
    ranges = marginal_ranges(crosstalk, signal)
    return ranges[0][1] if ranges else float("nan")
