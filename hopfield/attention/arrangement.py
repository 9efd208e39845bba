"""States, patterns, values and masks of any leading dimensions, as plain problems of matrices."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import InputError
from hopfield.attention.inputs import (
    booleans,
    common_type,
    finite_numbers,
    inverse_temperatures,
    require_range,
)

__all__ = ["Head", "Heads", "arranged"]

Floats = NDArray[Any]


@dataclass(frozen=True)
class Head:
    """States that see the same patterns.

    Parameters
    ----------
    states : array, shape (Q, N)
    patterns, values : arrays, shapes (K, N) and (K, V)
    beta : array, shape (Q,)
    mask : bool array, shape (Q, K), or None
        True where a state may see a pattern.
    """

    states: Floats
    patterns: Floats
    values: Floats
    beta: Floats
    mask: NDArray[np.bool_] | None

    def rows(self, chosen: slice | NDArray[np.intp]) -> Head:
        """The same for some of the states."""
        mask = None if self.mask is None else self.mask[chosen]
        return Head(self.states[chosen], self.patterns, self.values, self.beta[chosen], mask)

    def at(self, states: Floats) -> Head:
        """The same with other states."""
        return dataclasses.replace(self, states=states)

    def largest_squares(self) -> Floats:
        """Largest squared norm of the patterns that each state sees, shape (Q,)."""
        squares = (self.patterns**2).sum(axis=1)
        if self.mask is None:
            return np.full(len(self.states), squares.max())
        order = squares.argsort()[::-1]
        return np.asarray(squares[order[self.mask[:, order].argmax(axis=1)]])

    def scores(self) -> Floats:
        """β times the products with all patterns, shape (Q, K); minus infinity where masked."""
        z = (self.beta[:, None] * self.states) @ self.patterns.T
        if self.mask is not None:
            z[~self.mask] = -np.inf
        return np.asarray(z)


@dataclass(frozen=True)
class Heads:
    """Problems side by side, and how their results go together.

    Parameters
    ----------
    shape : tuple of int
        Of the states without their components, as they were given.
    parts : list of Head
        One for each set of patterns.
    """

    shape: tuple[int, ...]
    parts: list[Head]

    def __iter__(self) -> Iterator[Head]:
        """One set of patterns after the other."""
        return iter(self.parts)

    def each(self, function: Callable[[Head], Floats]) -> Floats:
        """Results of a function of shape (Q, ...) for every set of patterns, in the shape given."""
        return self.joined([function(head) for head in self.parts])

    def joined(self, results: list[Floats]) -> Floats:
        """Results of shape (Q, ...), one a set of patterns, in the shape given."""
        stacked = results[0] if len(results) == 1 else np.concatenate(results)
        return stacked.reshape((*self.shape, *stacked.shape[1:]))


def arranged(
    states: ArrayLike,
    patterns: ArrayLike,
    beta: ArrayLike,
    *,
    values: ArrayLike | None = None,
    mask: ArrayLike | None = None,
) -> Heads:
    """Check states, patterns, values and mask, and take them apart.

    Parameters
    ----------
    states : array of numbers, shape (..., Q, N) or (N,)
    patterns : array of numbers, shape (..., K, N)
        Leading dimensions broadcast with those of the states; without any, Q may be any dimensions.
    beta : float or array
        Above 0; broadcasts with the states without their components.
    values : array of numbers, shape (..., K, V), optional
        The patterns unless given.
    mask : bool array, shape (..., Q, K), optional
        True where a state may see a pattern.

    Returns
    -------
    Heads
        In float64, or in float32 if nothing needs more.

    Raises
    ------
    InputError
        If shapes do not go together, an entry is not finite, or a state sees no pattern.

    Examples
    --------
    >>> heads = arranged(np.ones((2, 7, 3)), np.ones((2, 5, 3)), 1.0)
    >>> [head.scores().shape for head in heads]
    [(7, 5), (7, 5)]
    """
    x, xi = finite_numbers("states", states), finite_numbers("patterns", patterns)
    v = xi if values is None else finite_numbers("values", values)
    if x.ndim < 1 or xi.ndim < 2 or 0 in xi.shape[-2:] or x.shape[-1] != xi.shape[-1]:
        wanted = "(..., N >= 1) and (..., K >= 1, N)"
        raise InputError(f"states and patterns must be {wanted}, got {x.shape} and {xi.shape}")
    if v.ndim < 2 or v.shape[-2] != xi.shape[-2]:
        raise InputError(f"values must have shape (..., {xi.shape[-2]}, V), got {v.shape}")
    kind = common_type(x, xi, v)
    scale, allowed = inverse_temperatures(beta), None if mask is None else _allowed(mask)
    rows = np.atleast_2d(x)
    given = [rows, xi, v] if allowed is None else [rows, xi, v, allowed]
    try:
        lead = np.broadcast_shapes(*(array.shape[:-2] for array in given))
        b = np.broadcast_to(scale, (*lead, rows.shape[-2]))
        if allowed is not None:
            allowed = np.broadcast_to(allowed, (*b.shape, xi.shape[-2]))
    except ValueError:
        shapes = ", ".join(str(array.shape) for array in (*given, scale))
        raise InputError(f"shapes do not go together: {shapes}") from None
    require_range(scale, kind)
    typed = [array.astype(kind, copy=False) for array in (rows, xi, v, b)]
    shape = b.shape if x.ndim > 1 else b.shape[:-1]
    return Heads(shape, _parts(lead, typed, allowed))


def _parts(
    lead: tuple[int, ...], arrays: list[Floats], mask: NDArray[np.bool_] | None
) -> list[Head]:
    """One problem for each set of patterns."""
    rows, xi, v, b = arrays
    rows = np.broadcast_to(rows, (*lead, *rows.shape[-2:]))
    if 0 in lead:  # no state, and no pattern to see
        xi, v = np.zeros(xi.shape[-2:], xi.dtype), np.zeros(v.shape[-2:], v.dtype)
        return [Head(rows.reshape(-1, rows.shape[-1]), xi, v, b.reshape(-1), None)]
    if xi.ndim == v.ndim == 2 and mask is None:
        return [Head(rows.reshape(-1, xi.shape[1]), xi, v, b.reshape(-1), None)]
    xi, v = (np.broadcast_to(array, (*lead, *array.shape[-2:])) for array in (xi, v))
    return [
        Head(rows[i], xi[i], v[i], b[i], None if mask is None else mask[i])
        for i in np.ndindex(lead)
    ]


def _allowed(mask: ArrayLike) -> NDArray[np.bool_]:
    allowed = booleans(mask)
    if allowed.ndim < 1:
        raise InputError("mask must be an array of True and False, got one of them")
    if not allowed.any(axis=-1).all():
        raise InputError("mask must leave every state a pattern")
    return np.atleast_2d(allowed)
