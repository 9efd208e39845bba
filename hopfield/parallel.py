r"""Retrieval of several diluted patterns at once: states made for it, and what overlaps show of it.

Spins on which a pattern is blank can follow another one. In the hierarchical state every spin
follows the first pattern that is not blank there, so that at infinite size

.. math:: m_k = d^{k-1} (1 - d);

in the parallel state it follows the majority of the patterns.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import InputError, positive
from hopfield.seeds import Seed, Stream, sequence
from hopfield.storage import unit_entries

__all__ = [
    "followed_signs",
    "hierarchical_state",
    "overlap_spectrum",
    "parallel_state",
    "retrieved_patterns",
]


def followed_signs(patterns: ArrayLike, groups: Sequence[int]) -> NDArray[np.int8]:
    """Signs of the majority of the first group of patterns that has one at a site, 0 if none has.

    Parameters
    ----------
    patterns : array of +-1 or 0, shape (K, N)
    groups : sequence of int
        Numbers of patterns, from the first one on, K together at most.

    Returns
    -------
    int8 array, shape (N,)

    Raises
    ------
    InputError
        If the patterns are not of that shape, or have other entries.

    Examples
    --------
    >>> patterns = [[1, 1, 0], [-1, 0, 0], [-1, 1, -1]]
    >>> followed_signs(patterns, (1, 1, 1)), followed_signs(patterns, (2,))
    (array([ 1,  1, -1], dtype=int8), array([0, 1, 0], dtype=int8))
    """
    rows = _checked(patterns)
    signs = np.zeros(rows.shape[1], dtype=np.int8)
    ends = np.cumsum(groups)
    for first, last in zip(ends - groups, ends, strict=True):
        majority = np.sign(rows[first:last].sum(axis=0, dtype=np.int64))
        signs = np.where(signs == 0, majority, signs).astype(np.int8)
    return signs


def hierarchical_state(patterns: ArrayLike, seed: Seed = None) -> NDArray[np.int8]:
    r"""Every spin follows the first pattern that is not blank there, :math:`m_k = d^{k-1}(1-d)`.

    Parameters
    ----------
    patterns : array of +-1 or 0, shape (K, N)
        In the order of decreasing overlap.
    seed : int, numpy.random.SeedSequence or None
        Of the spins where all patterns are blank, which are fair.

    Returns
    -------
    int8 array, shape (N,)

    Raises
    ------
    InputError
        If the patterns are not of that shape or have other entries.

    References
    ----------
    E. Agliari, A. Barra, A. Galluzzi, F. Guerra and F. Moauro, Phys. Rev. Lett. 109, 268101
    (2012), arXiv:1111.5191.

    Examples
    --------
    >>> hierarchical_state([[1, -1, 0, 0], [-1, -1, -1, 1]])
    array([ 1, -1, -1,  1], dtype=int8)
    """
    rows = _checked(patterns)
    return _filled_up(followed_signs(rows, (1,) * len(rows)), seed)


def parallel_state(patterns: ArrayLike, seed: Seed = None) -> NDArray[np.int8]:
    r"""Every spin follows the majority of the patterns, :math:`m = E|\sum_\mu \xi^\mu| / K`.

    Parameters
    ----------
    patterns : array of +-1 or 0, shape (K, N)
    seed : int, numpy.random.SeedSequence or None
        Of the spins where there is none, which are fair.

    Returns
    -------
    int8 array, shape (N,)

    Raises
    ------
    InputError
        If the patterns are not of that shape or have other entries.

    References
    ----------
    E. Agliari, A. Barra, A. Galluzzi and M. Isopi, arXiv:1304.4488 (2013).

    Examples
    --------
    >>> parallel_state([[1, -1, 0], [1, 0, 0], [-1, -1, 1]])
    array([ 1, -1,  1], dtype=int8)
    """
    rows = _checked(patterns)
    return _filled_up(followed_signs(rows, (len(rows),)), seed)


def _checked(patterns: ArrayLike) -> NDArray[np.int8]:
    given = np.asarray(patterns)
    if given.ndim != 2 or given.shape[0] < 1:
        raise InputError(f"patterns must have shape (K >= 1, N), got {given.shape}")
    return unit_entries(given, "patterns")


def _filled_up(signs: NDArray[np.int8], seed: Seed) -> NDArray[np.int8]:
    """Fair spins where there is no sign."""
    rng = np.random.Generator(np.random.Philox(sequence(seed, Stream.INITIAL_STATE)))
    fair = np.where(rng.random(signs.size) < 0.5, 1, -1)
    return np.where(signs == 0, fair, signs).astype(np.int8)


def overlap_spectrum(overlaps: ArrayLike) -> NDArray[np.float64]:
    r"""Moduli of overlaps, the largest first, along the last axis.

    A pattern and its opposite are one memory, and all orders of the patterns are alike. Sorting
    is biased where overlaps are as close as their fluctuations, as the second example shows:
    compare with theory what was averaged before.

    Parameters
    ----------
    overlaps : array, shape (..., K)
        :math:`m_\mu`.

    Returns
    -------
    array, shape (..., K)

    Examples
    --------
    >>> overlap_spectrum([[0.1, -0.8, 0.3]])
    array([[0.8, 0.3, 0.1]])
    >>> symmetric = np.random.default_rng(1).normal(0.3, 0.02, size=(10_000, 3))
    >>> symmetric.mean(axis=0).round(2), overlap_spectrum(symmetric).mean(axis=0).round(2)
    (array([0.3, 0.3, 0.3]), array([0.32, 0.3 , 0.28]))
    """
    return np.asarray(np.sort(np.abs(overlaps), axis=-1)[..., ::-1])


def retrieved_patterns(overlaps: ArrayLike, threshold: float) -> NDArray[np.int64]:
    r"""Number of patterns whose overlap is at least a threshold.

    Parameters
    ----------
    overlaps : array, shape (..., K)
        :math:`m_\mu`.
    threshold : float
        In (0, 1]. Overlaps of random spins with diluted patterns have the standard deviation
        :math:`\sqrt{(1-d)/N}`.

    Returns
    -------
    int array, shape (...)

    Raises
    ------
    InputError
        If the threshold is out of range.

    Examples
    --------
    >>> retrieved_patterns([0.6, -0.4, 0.1], 0.2)
    array(2)
    """
    least = positive("threshold", threshold, high=1.0)
    return np.asarray((np.abs(overlaps) >= least).sum(axis=-1))
