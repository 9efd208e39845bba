r"""Thresholds τ of entmax, :math:`\sum_\mu [(a-1) z_\mu - \tau]_+^{1/(a-1)} = 1`.

Scores are taken as their distance :math:`y_\mu = (a-1)(z_\mu - \max z) \le 0` from the largest one.
Only those above -1 can have a weight, and :math:`-\tau` is between :math:`n^{1-a}` for n of them
and 1. Close to softmax it is 1 but for a small `threshold_rise`, at large orders it may be tiny.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["largest_scores", "threshold_lift", "threshold_rise"]

Floats = NDArray[np.float64]

BISECTIONS = 60


def largest_scores(below: NDArray[Any]) -> Floats:
    """Scores above -1, the largest first; those that are missing are -1.

    Parameters
    ----------
    below : array, shape (..., K)
        y, at most 0.

    Returns
    -------
    array, shape (..., n)
        As many columns as the row with most of them needs.

    Examples
    --------
    >>> largest_scores(np.array([[-3.0, 0.0, -0.5], [-1.0, -2.0, 0.0]]))
    array([[ 0. , -0.5],
           [ 0. , -1. ]])
    """
    total = below.shape[-1]
    most = int((below > -1).sum(axis=-1).max(initial=1))
    if most < total:
        below = np.partition(below, total - most, axis=-1)[..., total - most :]
    return np.maximum(np.sort(below.astype(np.float64), axis=-1)[..., ::-1], -1.0)


def threshold_rise(order: float, scores: Floats) -> Floats:
    r"""Threshold as :math:`-1 - \tau`, exactly 0 if one score alone has a weight.

    Parameters
    ----------
    order : float
        a in (1, 2].
    scores : array, shape (..., n)
        From `largest_scores`.

    Returns
    -------
    array, shape (...)

    Examples
    --------
    >>> [threshold_rise(a, np.array([0.0, -1.0])).item() for a in (1.2, 1.5, 2.0)]
    [0.0, 0.0, 0.0]
    >>> threshold_rise(2.0, np.array([0.0, -0.5])).item()  # weights 3/4 and 1/4
    -0.25
    """
    if order == 2.0:
        return _linear(scores)
    if order == 1.5:
        return _quadratic(scores)
    return _bisected(order, scores)


def threshold_lift(order: float, scores: Floats) -> Floats:
    r"""Threshold as :math:`-\tau`, to its relative accuracy; exactly 1 if one score has all weight.

    Parameters
    ----------
    order : float
        a >= 2.
    scores : array, shape (..., n)
        From `largest_scores`.

    Returns
    -------
    array, shape (...)

    Examples
    --------
    >>> threshold_lift(3.0, np.zeros(4)).round(12).item()  # weights 1/4
    0.0625
    """
    shape, count = scores.shape[:-1], scores.shape[-1]
    low, high = np.full(shape, (1.0 - order) * np.log(count)), np.zeros(shape)
    for _ in range(BISECTIONS):
        middle = (low + high) / 2.0
        above = np.maximum(scores + np.exp(middle)[..., None], 0.0)
        enough = (above ** (1.0 / (order - 1.0))).sum(axis=-1) >= 1.0
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.where(_is_alone(scores), 1.0, np.exp(high))


def _is_alone(scores: Floats) -> NDArray[np.bool_]:
    """Whether the largest score exceeds the next one by 1."""
    return np.asarray(scores[..., 1:2].max(axis=-1, initial=-1.0) == -1.0)


def _at_support(candidates: Floats, scores: Floats) -> Floats:
    """Rise of the largest set of scores that are all above their threshold."""
    inside = (candidates + scores > -1.0) & (scores > -1.0)
    last = np.maximum(inside.sum(axis=-1, keepdims=True) - 1, 0)
    return np.asarray(np.take_along_axis(candidates, last, axis=-1)[..., 0])


def _linear(scores: Floats) -> Floats:
    count = np.arange(1, scores.shape[-1] + 1)
    return _at_support((1.0 - scores.cumsum(axis=-1)) / count - 1.0, scores)


def _quadratic(scores: Floats) -> Floats:
    count = np.arange(1, scores.shape[-1] + 1)
    mean = scores.cumsum(axis=-1) / count
    spread = (scores**2).cumsum(axis=-1) - count * mean**2
    root = np.sqrt(np.maximum((1.0 - spread) / count, 0.0))
    return _at_support(root - mean - 1.0, scores)


def _bisected(order: float, scores: Floats) -> Floats:
    low = np.full(scores.shape[:-1], np.expm1((1.0 - order) * np.log(scores.shape[-1])))
    high = np.zeros(scores.shape[:-1])
    for _ in range(BISECTIONS):
        middle = (low + high) / 2.0
        with np.errstate(divide="ignore"):  # log 0 of what is not above
            logs = np.log1p(np.maximum(scores + middle[..., None], -1.0))
        enough = np.exp(logs / (order - 1.0)).sum(axis=-1) >= 1.0
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return np.where(_is_alone(scores), 0.0, high)
