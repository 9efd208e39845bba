"""States from which minima of the free energy are looked for."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from theory.saddle import Array

__all__ = ["distinct", "guesses"]

TILT = 1e-3
"""Difference between first guesses of overlaps that may become equal."""

DIGITS = 4
"""Of overlaps over the largest one, by which states are told apart."""


def guesses(classes: int, more: int) -> Array:
    """Overlaps, the largest 1, of classes that are nearly equal or halving, and quasi-random ones.

    Parameters
    ----------
    classes : int
        Number of overlaps; of the nearly equal or halving ones the last may be small.
    more : int
        How many are quasi-random.

    Returns
    -------
    array, shape (guesses, classes)
        In falling order, the ones without small overlaps first.

    Examples
    --------
    >>> guesses(2, 1).round(3)
    array([[1.   , 0.999],
           [1.   , 0.5  ],
           [1.   , 0.001],
           [1.   , 0.118]])
    """
    rest = TILT * 0.9 ** np.arange(classes)
    shares = [
        ratio ** np.arange(retrieved)
        for retrieved in range(classes, 0, -1)
        for ratio in (1.0 - TILT, 0.5)[: 1 + (retrieved > 1)]
    ]
    named = [np.append(each, each[-1] * rest)[:classes] for each in shares]
    if classes == 1:
        return np.array(named)
    root = brentq(lambda x: x**classes - x - 1.0, 1.0, 2.0)  # of the most even sequence
    ratios = (0.5 + np.outer(np.arange(1, more + 1), root ** -np.arange(classes))) % 1.0
    ratios[:, 0] = 1.0
    return np.concatenate([named, np.cumprod(ratios, axis=1)])


def distinct(cells: NDArray[np.intp], states: Array) -> NDArray[np.intp]:
    """One of all states of a cell that are alike but for the order of the overlaps.

    Parameters
    ----------
    cells : int array, shape (states,)
        To which cell a state belongs.
    states : array, shape (states, K)
        Overlaps.

    Returns
    -------
    int array
        Indices of states.

    Examples
    --------
    >>> distinct(np.array([0, 0, 1]), np.array([[0.5, 0.2], [0.2, 0.5], [0.5, 0.2]]))
    array([0, 2])
    """
    size = np.abs(states).max(axis=1, keepdims=True)
    key = np.round(np.sort(np.abs(states), axis=1) / np.maximum(size, 1e-300), DIGITS)
    return np.asarray(np.unique(np.column_stack([cells, key]), axis=0, return_index=True)[1])
