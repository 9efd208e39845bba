"""What is measured after every sweep, and memory that kernels like."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Record", "aligned"]

CACHE_LINE = 64


def aligned(shape: tuple[int, ...], kind: type) -> NDArray[Any]:
    """Zeros that start at a cache line, so that no vector register straddles two of them.

    Examples
    --------
    >>> aligned((3, 4), np.float32).ctypes.data % 64
    0
    """
    n_bytes = math.prod(shape) * np.dtype(kind).itemsize
    room = np.zeros(n_bytes + CACHE_LINE, dtype=np.uint8)
    first = -room.ctypes.data % CACHE_LINE
    return room[first : first + n_bytes].view(kind).reshape(shape)


@dataclass(frozen=True)
class Record:
    """What is written down after every sweep; arrays of shape (replica, sweep).

    `overlap` is with the first archetype, `effective` with the sum of its patterns, `best` the
    largest with such a sum of another one; `count` is the sum over patterns of φ over its unit;
    `tracked`, of shape (replica, sweep, row), are overlaps with the rows of `montecarlo.tracking`.
    """

    overlap: NDArray[np.int32]
    effective: NDArray[np.int32]
    best: NDArray[np.int32]
    count: NDArray[np.float64]
    flips: NDArray[np.int64]
    tracked: NDArray[np.int32]

    @classmethod
    def empty(cls, replicas: int, sweeps: int, rows: int = 0) -> Record:
        """Room for so many replicas and sweeps, and rows that are tracked."""
        shape = (replicas, sweeps)
        return cls(
            np.zeros(shape, np.int32),
            np.zeros(shape, np.int32),
            np.zeros(shape, np.int32),
            np.zeros(shape, np.float64),
            np.zeros(shape, np.int64),
            np.zeros((*shape, rows), np.int32),
        )

    def part(self, replicas: slice, sweeps: slice) -> Record:
        """View of some replicas and sweeps."""
        chosen = (replicas, sweeps)
        return Record(*(array[chosen] for array in (*self.arrays, self.tracked)))

    @property
    def arrays(self) -> tuple[NDArray[Any], ...]:
        """The fields that kernels fill in, in the order in which they take them."""
        return self.overlap, self.effective, self.best, self.count, self.flips
