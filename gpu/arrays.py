"""What the samplers need of a device: arrays, kernels, and products of integers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "Device", "Launch"]

Array = Any
"""An array on a device."""

Launch = Callable[[tuple[int, ...], tuple[int, ...], tuple[Any, ...]], None]
"""A kernel: called with the grid, the block and the arguments."""


class Device(Protocol):
    """Where replicas are advanced: a GPU, or the host that stands in for it in tests."""

    @property
    def name(self) -> str:
        """What it is."""

    def free_bytes(self) -> int:
        """Memory that is free."""

    def array(self, values: NDArray[Any]) -> Array:
        """Copy of an array of the host, in the order of C."""

    def zeros(self, shape: tuple[int, ...], kind: type) -> Array:
        """Zeros."""

    def host(self, values: Array) -> NDArray[Any]:
        """Copy on the host."""

    def kernel(self, file: str, name: str) -> Launch:
        """Kernel of a file in gpu/kernels."""

    def product(self, out: Array, rows: Array, others: Array, *, add: bool) -> None:
        r"""Products of integers of 8 bits in 32 bits, :math:`O_{ij} = \sum_k R_{ik} S_{jk}`.

        Parameters
        ----------
        out : int32 array, shape (n, m)
        rows, others : int8 arrays, shapes (n, k) and (m, k)
            Contiguous along k, which is a multiple of 16.
        add : bool
            Add them to `out`.
        """


def words(key: NDArray[np.uint64]) -> tuple[np.uint32, np.uint32]:
    """The two words of a key as kernels take them.

    Examples
    --------
    >>> words(np.array([5, 6], np.uint64))
    (np.uint32(5), np.uint32(6))
    """
    return np.uint32(key[0]), np.uint32(key[1])
