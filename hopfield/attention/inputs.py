"""Checks of the arrays that attention takes, and the type that it computes in."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import InputError

__all__ = [
    "booleans", "common_type", "finite_numbers", "inverse_temperatures", "probabilities",
    "require_range",
]  # fmt: skip


def common_type(*arrays: NDArray[Any]) -> np.dtype[Any]:
    """float32 if there is one and nothing needs more, otherwise float64.

    Parameters
    ----------
    *arrays : array

    Returns
    -------
    numpy.dtype

    Examples
    --------
    >>> common_type(np.ones(2, np.float32), np.ones(2, np.int8)), common_type(np.ones(2, np.int8))
    (dtype('float32'), dtype('float64'))
    """
    kind = np.result_type(*arrays)
    return np.result_type(kind, np.float32 if kind.kind == "f" else np.float64)


def finite_numbers(name: str, given: ArrayLike) -> NDArray[Any]:
    """Return an array of finite real numbers, of the type it has.

    Parameters
    ----------
    name : str
        Of the argument.
    given : array of numbers

    Returns
    -------
    array

    Raises
    ------
    InputError
        If it is no array, or of anything else.

    Examples
    --------
    >>> finite_numbers("states", [1, 2]).dtype.kind
    'i'
    """
    try:
        array = np.asarray(given)
    except ValueError:
        raise InputError(f"{name} must be an array of numbers") from None
    if array.dtype.kind not in "iuf":
        raise InputError(f"{name} must be finite numbers, got the type {array.dtype}")
    finite = np.isfinite(array)
    if not finite.all():
        raise InputError(f"{name} must be finite numbers, got {array[~finite].flat[0]}")
    return array


def probabilities(weights: ArrayLike, deviation: float) -> NDArray[Any]:
    """Return weights that are nonnegative and sum to 1 along the last axis.

    Parameters
    ----------
    weights : array of numbers, shape (..., K)
    deviation : float
        Largest difference of a sum from 1.

    Returns
    -------
    array

    Raises
    ------
    InputError
        If they are anything else.

    Examples
    --------
    >>> probabilities([0.25, 0.75], 1e-3)
    array([0.25, 0.75])
    """
    w = finite_numbers("weights", weights)
    if w.ndim < 1 or w.shape[-1] == 0:
        raise InputError(f"weights must have shape (..., K >= 1), got {w.shape}")
    allowed = "weights must be nonnegative and sum to 1 along the last axis"
    if (w < 0).any():
        raise InputError(f"{allowed}, got {w[w < 0].flat[0]:g}")
    total = w.sum(axis=-1, dtype=common_type(w))
    off = np.abs(total - 1.0) >= deviation
    if off.any():
        raise InputError(f"{allowed}, got the sum {np.atleast_1d(total)[np.atleast_1d(off)][0]:g}")
    return w


def inverse_temperatures(beta: ArrayLike) -> NDArray[np.float64]:
    """Return β as float64.

    Parameters
    ----------
    beta : float or array
        Above 0.

    Returns
    -------
    array

    Raises
    ------
    InputError
        If one is not a finite number above 0.

    Examples
    --------
    >>> inverse_temperatures(2)
    array(2.)
    """
    values = np.asarray(finite_numbers("beta", beta), dtype=np.float64)
    if not (values > 0.0).all():
        raise InputError(f"beta must be above 0, got {values[values <= 0.0].flat[0]:g}")
    return values


def require_range(beta: NDArray[np.float64], kind: np.dtype[Any]) -> None:
    """Refuse a β that is zero or infinite in the type of the states and patterns.

    Parameters
    ----------
    beta : array
    kind : numpy.dtype

    Raises
    ------
    InputError
        If one has no number of full accuracy in this type.

    Examples
    --------
    >>> require_range(np.array(1e300), np.dtype(np.float64))
    """
    limits = np.finfo(kind)
    low, high = float(limits.tiny), float(limits.max)
    outside = (beta < low) | (beta > high)
    if outside.any():
        found = beta[outside].flat[0]
        raise InputError(f"beta must be in [{low:.3g}, {high:.3g}] in {kind}, got {found:g}")


def booleans(mask: ArrayLike) -> NDArray[np.bool_]:
    """Return a mask, which is of nothing but True and False.

    Parameters
    ----------
    mask : bool array

    Returns
    -------
    bool array

    Raises
    ------
    InputError
        If it is of anything else.

    Examples
    --------
    >>> booleans([True, False])
    array([ True, False])
    """
    try:
        array = np.asarray(mask)
    except ValueError:
        raise InputError("mask must be an array of True and False") from None
    if array.dtype != np.bool_:
        raise InputError(f"mask must be an array of True and False, got {array.dtype}")
    return array
