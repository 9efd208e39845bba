"""What a key-value memory is to those who use it."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["FeatureMap", "Floats", "Memory", "Rule"]

Floats = NDArray[np.float64]


class FeatureMap(Protocol):
    """Function of a key in whose place the memory stores its values."""

    def width(self, dimension: int) -> int:
        """Number of features of a key with so many components."""
        ...

    def __call__(self, keys: Floats) -> Floats:
        """Features, shape (..., D), of keys, shape (..., d)."""
        ...


class Memory(Protocol):
    """What was written."""

    def write(self, keys: ArrayLike, values: ArrayLike) -> Memory:
        """Memory with more pairs in it; this one stays as it is."""
        ...

    def read(self, queries: ArrayLike) -> Floats:
        """Values, shape (..., m, c), for queries, shape (..., m, d)."""
        ...


class Rule(Protocol):
    """How pairs are written."""

    def write(self, keys: ArrayLike, values: ArrayLike) -> Memory:
        """Memory of pairs of keys, shape (..., n, d), and values, shape (..., n, c)."""
        ...
