"""Arguments of the theory of attention."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from hopfield.arguments import InputError, nonnegative_values
from hopfield.attention.inputs import finite_numbers
from theory.saddle import Array

__all__ = ["pattern_matrix", "positive_values"]


def positive_values(name: str, values: ArrayLike) -> Array:
    """Return a number or a 1-D array of them above 0.

    Parameters
    ----------
    name : str
        Of the argument.
    values : float or 1-D array

    Returns
    -------
    array

    Raises
    ------
    hopfield.InputError
        If they are anything else.

    Examples
    --------
    >>> positive_values("beta", [1.0, 2.0])
    array([1., 2.])
    """
    array = nonnegative_values(name, values)
    if not (array > 0.0).all():
        raise InputError(f"{name} must be above 0, got 0")
    return array


def pattern_matrix(patterns: ArrayLike, least: int = 2) -> Array:
    """Return patterns as float64.

    Parameters
    ----------
    patterns : array of numbers, shape (K, N)
    least : int
        Smallest K.

    Returns
    -------
    array, shape (K, N)

    Raises
    ------
    hopfield.InputError
        If they have another shape, are too few, or an entry is not finite.

    Examples
    --------
    >>> pattern_matrix([[1, -1], [1, 1]])
    array([[ 1., -1.],
           [ 1.,  1.]])
    """
    given = finite_numbers("patterns", patterns)
    if given.ndim != 2 or len(given) < least or given.shape[1] < 1:
        raise InputError(f"patterns must have shape (K >= {least}, N), got {given.shape}")
    return given.astype(np.float64)
