r"""Attention on a device, in panels of states and patterns.

A state and a pattern take 4 N operations, for the score and for the mean, on tensor cores. Around
these two products eight passes go over the scores, 64 bytes in float64: written, read for the
largest one, read and written when it is subtracted and when they are raised, read for the sum and
for the mean. An H200 makes 67e12 operations in a second and moves 4.3e12 bytes, so that products
bound it from N = 250 on. A panel has at most 2^22 scores, 32 MiB, which stay in the 50 MB of its
second-level cache: then passes are quicker than that, and no score goes to memory. In a panel of
2^22 scores a product has two tiles of 128 by 128 for each of 132 multiprocessors, and at least 512
patterns, whose 2048 operations for each component of a mean take as long as 130 bytes; to add the
panel to those before moves 48. These are counts, not measurements.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gpu.arrays import Array

__all__ = ["SCORES", "STATES", "Attention", "attended"]

SCORES, STATES = 2**22, 2**13
"""Most scores and states of a panel."""


@dataclass(frozen=True, eq=False)
class Attention:
    """What states see.

    Parameters
    ----------
    means : array, shape (Q, N)
        Updates of the states.
    log_sums : array, shape (Q,)
        Logarithms of the sums of exponentials.
    largest : array, shape (Q,)
        Largest weights of a pattern.
    """

    means: Array
    log_sums: Array
    largest: Array


def attended(xp: Any, patterns: Array, scaled: Array) -> Attention:
    r"""Weighted means of patterns, :math:`\sum_\mu w_\mu \xi^\mu` with :math:`w \propto e^{z_\mu}`.

    Parameters
    ----------
    xp : module
        From `Device.numerics`.
    patterns : array, shape (K, N)
    scaled : array, shape (Q, N)
        β x, whose products with patterns are the scores z.

    Returns
    -------
    Attention

    Examples
    --------
    >>> import numpy as np
    >>> found = attended(np, np.eye(2), np.array([[50.0, 0.0]]))
    >>> found.means.round(6), found.log_sums
    (array([[1., 0.]]), array([50.]))
    """
    kind = scaled.dtype
    means = xp.empty(scaled.shape, dtype=kind)
    log_sums, largest = (xp.empty(len(scaled), dtype=kind) for _ in range(2))
    for first in range(0, len(scaled), STATES):
        part = slice(first, first + STATES)
        top, total = _streamed(xp, patterns, scaled[part], means[part])
        log_sums[part], largest[part] = top + xp.log(total), 1.0 / total
    return Attention(means, log_sums, largest)


def _streamed(xp: Any, patterns: Array, scaled: Array, mean: Array) -> tuple[Array, Array]:
    """Largest scores and sums of exponentials over them, from panel to panel; fills in means.

    Where a larger score turns up, what there was of sums is scaled down.
    """
    count, kind = len(scaled), scaled.dtype
    rows = min(len(patterns), SCORES // count)
    room = xp.empty(count * rows, dtype=kind)
    top, total = xp.full(count, -xp.inf, dtype=kind), xp.zeros(count, dtype=kind)
    mean[...] = 0.0
    for first in range(0, len(patterns), rows):
        keys = patterns[first : first + rows]
        z = room[: count * len(keys)].reshape(count, len(keys))
        xp.dot(scaled, keys.T, out=z)  # matmul of CuPy would make a copy
        higher = xp.maximum(top, z.max(axis=1))
        z -= higher[:, None]
        xp.exp(z, out=z)
        shrink = xp.exp(top - higher)
        total = total * shrink + z.sum(axis=1)
        mean *= shrink[:, None]
        mean += xp.dot(z, keys)
        top = higher
    mean /= total[:, None]
    return top, total
