"""Random keys and values, and how far what is read is from what was written."""

from __future__ import annotations

from math import prod

import numpy as np
from numpy.typing import ArrayLike

from hopfield.arguments import InputError, choice, integer, require_memory
from hopfield.memories.arrays import numbers
from hopfield.memories.protocols import Floats
from hopfield.seeds import Seed, Stream, sequence

__all__ = ["KEYS", "random_keys", "random_values", "retrieval_errors"]

KEYS = ("sphere", "gaussian")
"""Kinds of random keys."""


def _normals(sizes: dict[str, int], draws: int | None, seed: Seed, kind: int) -> Floats:
    """Standard Gaussians of given sizes by name, each draw from a stream of its own."""
    shape = tuple(integer(name, number, low=1) for name, number in sizes.items())
    count = 1 if draws is None else integer("draws", draws, low=1)
    require_memory("random keys or values", 8 * count * prod(shape))
    found = np.empty((count, *shape))
    for draw in range(count):
        bits = np.random.Philox(sequence(seed, Stream.PATTERNS, kind, draw))
        found[draw] = np.random.Generator(bits).standard_normal(shape)
    return found[0] if draws is None else found


def random_keys(
    n_pairs: int,
    dimension: int,
    *,
    keys: str = "sphere",
    draws: int | None = None,
    seed: Seed = None,
) -> Floats:
    r"""Independent random keys with :math:`\mathbb E |k|^2 = 1`.

    Parameters
    ----------
    n_pairs : int
        Number n of keys.
    dimension : int
        d.
    keys : str
        "sphere": uniform, of norm 1; "gaussian": components of variance 1/d.
    draws : int, optional
        Number of sets; each depends on the seed and its own index alone.
    seed : int, numpy.random.SeedSequence or None

    Returns
    -------
    array, shape (n, d) or (draws, n, d)

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> np.linalg.norm(random_keys(3, 64, seed=1), axis=-1)
    array([1., 1., 1.])
    """
    kind = choice("keys", keys, KEYS)
    found = _normals({"n_pairs": n_pairs, "dimension": dimension}, draws, seed, 0)
    if kind == "sphere":
        return np.asarray(found / np.linalg.norm(found, axis=-1, keepdims=True))
    return np.asarray(found / np.sqrt(dimension))


def random_values(
    n_pairs: int, components: int, *, draws: int | None = None, seed: Seed = None
) -> Floats:
    """Independent values with fair random signs :math:`±c^{-1/2}`, of norm 1.

    Parameters
    ----------
    n_pairs : int
        Number n of values.
    components : int
        c.
    draws : int, optional
        Number of sets; each depends on the seed and its own index alone.
    seed : int, numpy.random.SeedSequence or None

    Returns
    -------
    array, shape (n, c) or (draws, n, c)

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> (random_values(3, 4, seed=1) ** 2).sum(axis=-1)
    array([1., 1., 1.])
    """
    sizes = {"n_pairs": n_pairs, "components": components}
    signs = np.sign(_normals(sizes, draws, seed, 1))
    return np.asarray(signs / np.sqrt(components))


def retrieval_errors(retrieved: ArrayLike, values: ArrayLike) -> Floats:
    r"""Squared distance of each value that was read, over the mean squared norm of the values.

    .. math:: |\hat v_j - v_j|^2 \Big/ \frac1n \sum_i |v_i|^2

    Parameters
    ----------
    retrieved : array of numbers, shape (..., n, c)
    values : array of numbers, shape (..., n, c)

    Returns
    -------
    array, shape (..., n)

    Raises
    ------
    InputError
        If the shapes differ, a number is not finite or all values are zero.

    Examples
    --------
    >>> retrieval_errors([[2.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 1.0]])
    array([1., 0.])
    """
    found, v = numbers("retrieved", retrieved, 2), numbers("values", values, 2)
    if found.shape != v.shape:
        raise InputError(
            f"retrieved and values must have the same shape (..., n, c), got {found.shape} "
            f"and {v.shape}"
        )
    norms = (v**2).sum(axis=-1).mean(axis=-1, keepdims=True)
    if not (norms > 0.0).all():
        raise InputError("values must not all be zero")
    return np.asarray(((found - v) ** 2).sum(axis=-1) / norms)
