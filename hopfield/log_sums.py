r"""Sums of exponentials over patterns, from integer histograms of their distances to a state.

A pattern at distance k from a state of N spins has the weight :math:`e^{\lambda(N - 2k)}`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["flip_change", "log_sum"]


def _weights(
    sharpness: float, counts: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Counts times weights over that of the closest pattern, and the logarithm of that."""
    size = counts.shape[-1] - 1
    closest = (counts > 0).argmax(axis=-1)
    away = np.arange(size + 1) - closest[..., None]
    with np.errstate(over="ignore", under="ignore"):
        relative = np.where(counts > 0, np.exp(-2.0 * sharpness * np.maximum(away, 0)), 0.0)
    return np.asarray(counts * relative), np.asarray(sharpness * (size - 2.0 * closest))


def log_sum(sharpness: float, counts: NDArray[np.int64]) -> NDArray[np.float64]:
    r"""Logarithm of :math:`\sum_k h_k e^{\lambda(N - 2k)}`.

    Parameters
    ----------
    sharpness : float
        λ.
    counts : int64 array, shape (..., N + 1)
        Numbers h of patterns at each distance, not all 0.

    Returns
    -------
    array, shape (...)

    Examples
    --------
    >>> log_sum(1e5, np.array([0, 1, 7, 9])).item()  # only the closest pattern counts
    100000.0
    """
    weighted, shift = _weights(sharpness, counts)
    return np.asarray(shift + np.log(weighted[..., ::-1].sum(axis=-1)))


def flip_change(
    sharpness: float, counts: NDArray[np.int64], differing: NDArray[np.int64]
) -> NDArray[np.float64]:
    r"""Change of :math:`-\frac1\lambda \log \sum_\mu e^{\lambda\,\xi^\mu\cdot s}` by a flip.

    Both sums have one shift; where they hardly differ their difference is taken, and not that of
    their logarithms.

    Parameters
    ----------
    sharpness : float
        λ.
    counts : int64 array, shape (..., N + 1)
        Numbers of patterns at each distance.
    differing : int64 array, shape (..., N + 1)
        Of those, the ones that differ from the state at the spin.

    Returns
    -------
    array, shape (...)

    Examples
    --------
    >>> flip_change(1.0, np.array([0, 1, 0]), np.array([0, 1, 0])).item()  # the flip mends it
    -2.0
    """
    agreeing, twice = counts - differing, 2.0 * sharpness
    size = counts.shape[-1] - 1
    after = np.zeros_like(counts)
    after[..., 1:] += agreeing[..., :-1]
    after[..., :-1] += differing[..., 1:]
    weighted, _ = _weights(sharpness, counts)
    here = weighted[..., ::-1].sum(axis=-1)
    closest = (counts > 0).argmax(axis=-1)[..., None]
    away = np.arange(size + 1) - closest
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # what is far, see below
        relative = np.exp(-twice * np.maximum(away, 0))
        rise = differing * relative * np.expm1(twice) + agreeing * relative * np.expm1(-twice)
        near = np.log1p(rise[..., ::-1].sum(axis=-1) / here)
    far = log_sum(sharpness, after) - log_sum(sharpness, counts)
    small = np.isfinite(near) & (np.abs(near) < 0.5)
    return np.asarray(-np.where(small, near, far) / sharpness)
