"""Checks of keys, values and queries, and the memory that work on them takes."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np
from numpy.typing import ArrayLike

from hopfield.arguments import InputError, require_memory
from hopfield.memories.protocols import FeatureMap, Floats

__all__ = [
    "LARGEST",
    "checked_features",
    "checked_pairs",
    "each_query",
    "features_of",
    "fitting_pairs",
    "least_inverse",
    "more_pairs",
    "numbers",
    "panels",
]

LARGEST = 1e40
"""Largest number that is written, asked for, or a parameter of a rule; no product overflows."""

PANEL_NUMBERS = 2**23
"""Queries are read in panels of about so many intermediate numbers."""


def numbers(name: str, given: ArrayLike, least: int) -> Floats:
    """Numbers up to LARGEST as a float array with at least so many dimensions, none of them empty.

    Raises
    ------
    InputError
        If they are not; the message names what they are.

    Examples
    --------
    >>> numbers("gates", [1, 0], 1)
    array([1., 0.])
    """
    try:
        array = np.asarray(given)
    except ValueError:
        raise InputError(
            f"{name} must be an array of numbers, got rows of unequal length"
        ) from None
    if array.dtype.kind not in "biuf":
        raise InputError(f"{name} must be real numbers, got an array of {array.dtype}")
    if array.ndim < least or array.size == 0:
        raise InputError(
            f"{name} must have at least {least} dimensions, none of them empty, "
            f"got the shape {array.shape}"
        )
    array = array.astype(np.float64, copy=False)
    small = np.abs(array) <= LARGEST
    if not small.all():
        raise InputError(f"{name} must be finite, up to {LARGEST:g}, got {array[~small][0]:g}")
    return array


def _broadcast(one: tuple[int, ...], other: tuple[int, ...], what: str) -> tuple[int, ...]:
    try:
        return np.broadcast_shapes(one, other)
    except ValueError:
        raise InputError(f"{what} must broadcast, got {one} and {other}") from None


def checked_pairs(keys: ArrayLike, values: ArrayLike) -> tuple[Floats, Floats]:
    """Keys and values as float arrays with the same leading dimensions.

    Parameters
    ----------
    keys : array of numbers, shape (..., n, d)
    values : array of numbers, shape (..., n, c)

    Raises
    ------
    InputError
        If they are not finite, or their shapes do not fit.

    Examples
    --------
    >>> checked_pairs(np.eye(3), np.ones((5, 3, 1)))[0].shape
    (5, 3, 3)
    """
    k, v = numbers("keys", keys, 2), numbers("values", values, 2)
    if k.shape[-2] != v.shape[-2]:
        raise InputError(
            f"keys and values must be as many, got {k.shape[-2]} keys and {v.shape[-2]} values"
        )
    lead = _broadcast(k.shape[:-2], v.shape[:-2], "leading dimensions of keys and values")
    require_memory("keys and values", 8 * prod(lead) * (prod(k.shape[-2:]) + prod(v.shape[-2:])))
    # Copies, so that what is written does not change with what the caller has.
    return (
        np.array(np.broadcast_to(k, lead + k.shape[-2:])),
        np.array(np.broadcast_to(v, lead + v.shape[-2:])),
    )


def fitting_pairs(
    keys: ArrayLike, values: ArrayLike, lead: tuple[int, ...], dimension: int, components: int
) -> tuple[Floats, Floats]:
    """Pairs to be written into a memory that has pairs already.

    Parameters
    ----------
    keys, values : array of numbers
    lead : tuple of int
        Leading dimensions of the memory.
    dimension, components : int
        d of its keys and c of its values.

    Raises
    ------
    InputError
        As of `checked_pairs`, or if the pairs do not fit.

    Examples
    --------
    >>> fitting_pairs(np.eye(2), [[1.0], [2.0]], (), 2, 1)[1].shape
    (2, 1)
    """
    k, v = checked_pairs(keys, values)
    if (k.shape[:-2], k.shape[-1], v.shape[-1]) != (lead, dimension, components):
        raise InputError(
            f"pairs must have the leading dimensions {lead}, {dimension} components of a key and "
            f"{components} of a value, got keys {k.shape} and values {v.shape}"
        )
    return k, v


def more_pairs(
    keys: Floats, values: Floats, more_keys: ArrayLike, more_values: ArrayLike
) -> tuple[Floats, Floats]:
    """Pairs that are there, followed by new ones; see `fitting_pairs`.

    Examples
    --------
    >>> more_pairs(np.eye(2), np.eye(2), [[1.0, 1.0]], [[0.0, 3.0]])[1].shape
    (3, 2)
    """
    k, v = fitting_pairs(more_keys, more_values, keys.shape[:-2], keys.shape[-1], values.shape[-1])
    return np.concatenate([keys, k], axis=-2), np.concatenate([values, v], axis=-2)


def checked_features(features: FeatureMap) -> FeatureMap:
    """Return what can be called and has a width.

    Raises
    ------
    InputError
        If it is no feature map.

    Examples
    --------
    >>> from hopfield.memories.features import DPFP
    >>> checked_features(DPFP(2))
    DPFP(shifts=2)
    """
    if isinstance(features, type) or not callable(features) or not hasattr(features, "width"):
        raise InputError(f"features must be a feature map as Identity(), got {features!r}")
    return features


def features_of(features: FeatureMap, keys: Floats) -> Floats:
    """Features of keys, if there is memory for them.

    Raises
    ------
    InputError
        If there is not.

    Examples
    --------
    >>> from hopfield.memories.features import DPFP
    >>> features_of(DPFP(2), np.ones((3, 5))).shape
    (3, 20)
    """
    width = features.width(keys.shape[-1])
    require_memory("features of keys", 8 * prod(keys.shape[:-1]) * width)
    return features(keys)


def least_inverse(matrices: Floats) -> Floats:
    """Inverses of Moore and Penrose; singular values that are rounding count as zero.

    Parameters
    ----------
    matrices : array, shape (..., n, d)

    Returns
    -------
    array, shape (..., d, n)

    Examples
    --------
    >>> least_inverse(np.array([[2.0, 0.0], [2.0, 0.0]])).round(12)
    array([[0.25, 0.25],
           [0.  , 0.  ]])
    """
    rounding = max(matrices.shape[-2:]) * float(np.finfo(np.float64).eps)
    try:
        return np.asarray(np.linalg.pinv(matrices, rcond=rounding))
    except np.linalg.LinAlgError:
        # LAPACK's iteration may stall where many rows are equal; from the other side it does not.
        other = np.linalg.pinv(np.swapaxes(matrices, -1, -2), rcond=rounding)
        return np.asarray(np.swapaxes(other, -1, -2))


def each_query(
    queries: ArrayLike, dimension: int, lead: tuple[int, ...], read: Callable[[Floats], Floats]
) -> Floats:
    """Values for queries of the shape (..., m, d), or (d,) for one query.

    Parameters
    ----------
    queries : array of numbers
    dimension : int
        d of the keys.
    lead : tuple of int
        Leading dimensions of the memory.
    read : callable
        Values, shape (..., m, c), of queries, shape (..., m, d).

    Raises
    ------
    InputError
        If a query is not finite, or the shape does not fit.

    Examples
    --------
    >>> each_query([1.0, 2.0], 2, (), lambda q: 10.0 * q)
    array([10., 20.])
    """
    q = numbers("queries", queries, 1)
    if q.shape[-1] != dimension:
        raise InputError(f"queries must have {dimension} components as keys have, got {q.shape}")
    if q.ndim == 1:
        return np.asarray(read(q[None])[..., 0, :])
    _broadcast(q.shape[:-2], lead, "leading dimensions of queries and of the memory")
    return read(q)


def panels(n_queries: int, numbers_each: int) -> list[slice]:
    """Slices of queries whose intermediate numbers fit into a bounded memory.

    Examples
    --------
    >>> panels(5, 2**22)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 6, None)]
    """
    step = max(1, PANEL_NUMBERS // numbers_each)
    return [slice(start, start + step) for start in range(0, n_queries, step)]
