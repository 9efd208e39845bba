r"""What attention attends to: how many patterns share the weight, for matrices of any model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import InputError, positive
from hopfield.attention.inputs import booleans, common_type, finite_numbers, probabilities
from hopfield.results import dataset

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["CLASSES", "head_class", "head_statistics"]

CLASSES = ("global", "large cluster", "small cluster", "few patterns")
"""What a state averages over: more than 1/2 of the patterns, 1/8, 1/32, or less."""

EDGES = (1 / 2, 1 / 8, 1 / 32)
DIMS = ("layer", "batch", "head", "query")
PART = 0.9
SUM = 1e-2
"""Largest deviation of a sum of weights from 1, which half precision needs."""

PANEL = 2**20


def head_statistics(
    weights: ArrayLike,
    *,
    mask: ArrayLike | None = None,
    part: float = PART,
    dims: Sequence[str] | None = None,
) -> xr.Dataset:
    r"""Numbers of patterns that attention is spread over.

    The least number k of weights with the sum `part`, and the effective numbers
    :math:`1/\sum_\mu w_\mu^2` and :math:`e^S`, :math:`S = -\sum_\mu w_\mu \log w_\mu`.

    Parameters
    ----------
    weights : array of numbers, shape (..., K)
        Nonnegative, of sum 1 along the last axis; rescaled to that.
    mask : bool array, optional
        True where there may be a weight, as it was when weights were computed; broadcasts with
        them. Without one all K count.
    part : float
        In (0, 1].
    dims : sequence of str, optional
        Names of the dimensions without the last; the last of layer, batch, head, query by default.

    Returns
    -------
    xarray.Dataset
        n_patterns that are not masked, largest_weights (k), effective_patterns, entropy_patterns,
        weight_entropy, largest_weight, and head_class from k over n_patterns.

    Raises
    ------
    InputError
        If weights are negative, not finite, do not sum to 1 or are not zero where masked, or there
        are not as many dims.

    References
    ----------
    H. Ramsauer et al., ICLR (2021), arXiv:2008.02217.

    Examples
    --------
    >>> found = head_statistics([[0.25, 0.25, 0.25, 0.25], [0.97, 0.01, 0.01, 0.01]])
    >>> found.largest_weights.values, found.head_class.values
    (array([4, 1]), array(['global', 'large cluster'], dtype='<U13'))
    >>> found.effective_patterns.values.round(2)
    array([4.  , 1.06])
    """
    w, least = probabilities(weights, SUM), positive("part", part, high=1.0)
    w, seen = w.astype(common_type(w), copy=False), _seen(mask, w.shape)
    if seen is not None and (w[~seen] > 0).any():
        raise InputError("weights must be zero where they are masked")
    count = np.full(w.shape[:-1], w.shape[-1]) if seen is None else seen.sum(axis=-1)
    names = _dims(w.ndim - 1, dims)
    values = _numbers(w, least) | {"n_patterns": count}
    values["head_class"] = head_class(values["largest_weights"], count)
    variables = {name: (names, array) for name, array in values.items()}
    return dataset(variables, {}, {"part": f"{least:g}"})


def head_class(largest_weights: ArrayLike, n_patterns: ArrayLike) -> NDArray[np.str_]:
    """What a state or a head averages over, by the number of its largest weights.

    Parameters
    ----------
    largest_weights : array of numbers
        k from `head_statistics`, or its median over states.
    n_patterns : array of int
        n, all that there are.

    Returns
    -------
    array of str
        "global" for k > n/2, "large cluster" for k > n/8, "small cluster" for k > n/32, and
        "few patterns".

    Raises
    ------
    InputError
        If n is not above 0, or k not in (0, n].

    References
    ----------
    H. Ramsauer et al., ICLR (2021), arXiv:2008.02217.

    Examples
    --------
    >>> head_class([512, 300, 64, 3], 512).tolist()
    ['global', 'global', 'small cluster', 'few patterns']
    """
    k, n = (
        finite_numbers(name, values)
        for name, values in (("largest_weights", largest_weights), ("n_patterns", n_patterns))
    )
    if not (n > 0).all():
        raise InputError(f"n_patterns must be above 0, got {n[n <= 0].flat[0]}")
    if not ((k > 0) & (k <= n)).all():
        outside = np.broadcast_to(k, np.broadcast_shapes(k.shape, n.shape))[(k <= 0) | (k > n)]
        raise InputError(f"largest_weights must be in (0, n_patterns], got {outside.flat[0]}")
    share = k / n
    return np.asarray(np.array(CLASSES)[np.sum([share <= edge for edge in EDGES], axis=0)])


def _seen(mask: ArrayLike | None, shape: tuple[int, ...]) -> NDArray[np.bool_] | None:
    if mask is None:
        return None
    given = booleans(mask)
    try:
        return np.broadcast_to(given, shape)
    except ValueError:
        raise InputError(f"mask must have shape {shape}, got {given.shape}") from None


def _dims(count: int, dims: Sequence[str] | None) -> tuple[str, ...]:
    named = isinstance(dims, list | tuple) and all(isinstance(name, str) for name in dims)
    if dims is not None and not named:
        raise InputError(f"dims must be a list of names, got {dims!r}")
    names = DIMS[max(0, len(DIMS) - count) :] if dims is None else tuple(dims)
    if len(names) != count or len(set(names)) != count:
        raise InputError(f"dims must be {count} different names, got {names}")
    return names


def _numbers(weights: NDArray[Any], part: float) -> dict[str, NDArray[Any]]:
    """Statistics in panels of rows, as sorting needs a copy."""
    rows = weights.reshape(-1, weights.shape[-1])
    step = max(1, PANEL // rows.shape[1])
    panels = [_of_rows(rows[i : i + step], part) for i in range(0, max(1, len(rows)), step)]
    shape = weights.shape[:-1]
    return {
        name: np.concatenate([panel[name] for panel in panels]).reshape(shape) for name in panels[0]
    }


def _of_rows(rows: NDArray[Any], part: float) -> dict[str, NDArray[Any]]:
    w = np.sort(rows.astype(np.float64), axis=1)[:, ::-1]
    w /= w.sum(axis=1, keepdims=True)
    # ten weights of 0.1 make 0.9 with nine of them, whatever they are rounded to
    rounding = 4.0 * float(np.finfo(rows.dtype).eps) + w.shape[1] * float(np.finfo(w.dtype).eps)
    enough = w.cumsum(axis=1) >= part * (1.0 - rounding) - rounding
    entropy = -(w * np.log(np.where(w > 0, w, 1.0))).sum(axis=1)
    return {
        "largest_weights": np.where(enough.any(axis=1), enough.argmax(axis=1) + 1, w.shape[1]),
        "largest_weight": w[:, 0],
        "effective_patterns": 1.0 / (w**2).sum(axis=1),
        "weight_entropy": entropy,
        "entropy_patterns": np.exp(entropy),
    }
