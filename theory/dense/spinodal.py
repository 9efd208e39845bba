r"""End of the retrieval phase of networks of p-body interactions, p >= 3.

At given temperature retrieval begins, at zero load, with the largest effective overlap n that
solves :math:`n = E\,x \tanh(n^{p-1} x/T)`, and goes on to the first load at which it merges with an
unstable state. There may be others beyond, at smaller n; they are not connected with it.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize.elementwise import find_root

from theory.branches import Spinodal
from theory.crosstalk import Crosstalk
from theory.dense.boundary import boundary, field_at
from theory.dense.equations import load_at, residuals
from theory.dense.plane import from_below, largest_ratio, largest_tau
from theory.saddle import Array
from theory.signal import PATTERN, Signal

__all__ = ["melting_temperature", "spinodal", "zero_load_overlap"]

NOTHING = 1e-17  # error of a position or of τ that spares bisections at tiny temperatures


def melting_temperature(p: int, signal: Signal = PATTERN) -> float:
    r"""Temperature :math:`T_M(0)` above which nothing is retrieved, at any load.

    Parameters
    ----------
    p : int
        At least 3.
    signal : Signal
        Law of the entries.

    Returns
    -------
    float

    Examples
    --------
    >>> round(melting_temperature(3), 6)
    0.582583
    """
    tau = largest_tau(p, signal)
    n = signal.moments(1.0, 0.0, tau).effective_overlap
    return from_below(p, float(tau * n ** (p - 1)))


def zero_load_overlap(p: int, signal: Signal, temperature: Array) -> Array:
    r"""Effective overlap at zero load, the largest root of :math:`n = E\,x \tanh(n^{p-1} x/T)`.

    Parameters
    ----------
    p : int
        At least 3.
    signal : Signal
        Law of the entries.
    temperature : array
        T, below the melting temperature.

    Returns
    -------
    array

    Examples
    --------
    >>> n = zero_load_overlap(3, PATTERN, np.array([0.5])).item()
    >>> round(float(n - np.tanh(n**2 / 0.5)), 12)
    0.0
    """

    def overlap(tau: Array) -> Array:
        return signal.moments(1.0, 0.0, tau).effective_overlap

    def excess(tau: Array, t: Array) -> Array:
        return np.asarray(tau * overlap(tau) ** (p - 1) - t)

    bracket = np.zeros_like(temperature), np.full_like(temperature, largest_tau(p, signal))
    root = find_root(excess, bracket, args=(temperature,), tolerances={"xatol": NOTHING})
    return overlap(np.where(root.success, root.x, np.nan))


def spinodal(crosstalk: Crosstalk, signal: Signal, temperature: Array) -> Spinodal:
    """Largest load with retrieval.

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.
    signal : Signal
        Law of the entries.
    temperature : array, shape (n,)
        T.

    Returns
    -------
    Spinodal

    References
    ----------
    E. Gardner, J. Phys. A 20, 3453 (1987).

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> end = spinodal(crosstalk(3, False), PATTERN, np.array([0.0]))
    >>> round(end.load.item(), 9), round(end.overlap.item(), 6)
    (0.126095215, 0.838482)
    """
    result = np.full((5, temperature.size), np.nan)
    exists = temperature < melting_temperature(crosstalk.p, signal)
    t = temperature[exists]
    if not t.size:
        return Spinodal(*result)
    v, tau = _end(crosstalk, signal, t)
    k = signal.moments(1.0, v, tau)
    n, noise = k.effective_overlap, v * k.effective_overlap ** (crosstalk.p - 1)
    load = load_at(crosstalk, k.tanh_squared, noise)
    violation = np.abs(residuals(crosstalk, signal, load, t, n, noise)[0]).max(axis=1)
    result[:, exists] = load, k.overlap, n, noise, violation
    return Spinodal(*result)


def _end(crosstalk: Crosstalk, signal: Signal, temperature: Array) -> tuple[Array, Array]:
    """Where the boundary is at given temperatures: v and τ."""
    if not temperature.any():
        ratio = largest_ratio(crosstalk.p, signal)
        return np.full_like(temperature, ratio), np.zeros_like(temperature)
    more = crosstalk.p - 1
    chord = np.searchsorted(boundary(crosstalk, signal).temperature, temperature, side="right") - 1

    def excess(position: Array, chord: NDArray[np.intp], target: Array) -> Array:
        v, tau = field_at(crosstalk, signal, chord, position)
        return np.asarray(tau * signal.moments(1.0, v, tau).effective_overlap ** more - target)

    bracket = np.zeros_like(temperature), np.ones_like(temperature)
    args = chord, temperature
    root = find_root(excess, bracket, args=args, tolerances={"xatol": NOTHING})
    return field_at(crosstalk, signal, chord, np.where(root.success, root.x, np.nan))
