"""Means over patterns and potentials, in panels that stay in the cache."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hopfield.attention.arrangement import Head
from hopfield.attention.transforms import Separation, Softmax, Weighting

__all__ = ["means", "potentials"]

Floats = NDArray[Any]

PANEL, COLUMNS = 2**17, 2**10
"""Scores of a panel, which fit into the second-level cache, and its patterns."""


def means(separation: Weighting, head: Head) -> Floats:
    r"""Weighted sums of values :math:`\sum_\mu w_\mu v^\mu`.

    Parameters
    ----------
    separation : Softmax, Entmax, Power or another weighting
    head : Head

    Returns
    -------
    array, shape (Q, V)

    Examples
    --------
    >>> from hopfield.attention.arrangement import arranged
    >>> (head,) = arranged([[1.0, 0.0]], np.eye(2), 50.0, values=[[3.0], [5.0]])
    >>> means(Softmax(), head)
    array([[3.]])
    """
    if isinstance(separation, Softmax):
        return np.concatenate([_streamed(part)[1] for part in _parts(head, COLUMNS)])
    scored = ((part, part.scores()) for part in _parts(head, len(head.patterns)))
    return np.concatenate([separation.weights(z) @ part.values for part, z in scored])


def potentials(separation: Separation, head: Head) -> Floats:
    """Potentials Φ of the scores of every state.

    Parameters
    ----------
    separation : Softmax, Entmax or Power
    head : Head

    Returns
    -------
    array, shape (Q,)

    Examples
    --------
    >>> from hopfield.attention.arrangement import arranged
    >>> (head,) = arranged([[1.0, 0.0]], np.eye(2), 1e5)
    >>> potentials(Softmax(), head)
    array([100000.])
    """
    if isinstance(separation, Softmax):
        alone = dataclasses.replace(head, values=head.values[:, :0])
        return np.concatenate([_streamed(part)[0] for part in _parts(alone, COLUMNS)])
    parts = _parts(head, len(head.patterns))
    return np.concatenate([separation.potential(part.scores()) for part in parts])


def _parts(head: Head, columns: int) -> Iterator[Head]:
    """Some of the states after the other, at least once."""
    rows = max(1, PANEL // columns)
    for first in range(0, max(1, len(head.states)), rows):
        yield head.rows(slice(first, first + rows))


def _streamed(head: Head) -> tuple[Floats, Floats]:
    """Logarithms of sums of exponentials, and means, from panel to panel of patterns.

    The largest score so far is subtracted; where a larger one turns up, sums are scaled down.
    """
    scaled = head.beta[:, None] * head.states
    scores = np.empty(len(scaled) * COLUMNS, scaled.dtype)
    top = np.full(len(scaled), -np.inf, scaled.dtype)
    total, mixed = np.zeros_like(top), np.zeros((len(scaled), head.values.shape[1]), scaled.dtype)
    for first in range(0, len(head.patterns), COLUMNS):
        panel = slice(first, first + COLUMNS)
        keys = head.patterns[panel]
        z = scores[: len(scaled) * len(keys)].reshape(len(scaled), len(keys))
        np.matmul(scaled, keys.T, out=z)
        if head.mask is not None:
            z[~head.mask[:, panel]] = -np.inf
        higher = np.maximum(top, z.max(axis=1))
        finite = np.where(higher == -np.inf, 0, higher)  # nothing was seen so far
        z -= finite[:, None]
        np.exp(z, out=z)
        shrink = np.exp(top - finite)
        total = total * shrink + z.sum(axis=1)
        mixed = mixed * shrink[:, None] + z @ head.values[panel]
        top = higher
    return top + np.log(total), mixed / total[:, None]
