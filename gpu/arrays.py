"""What the samplers need of a device: arrays, kernels, products of integers, floating point."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Protocol

from numpy.typing import NDArray

__all__ = ["Array", "Device", "Launch", "Repeater"]

Array = Any
"""An array on a device."""

Launch = Callable[[tuple[int, ...], tuple[int, ...], tuple[Any, ...]], None]
"""A kernel: called with the grid, the block and the arguments."""

Repeater = Callable[[Callable[[], None]], None]
"""Called with the same work again and again, of which it may keep a recording."""


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

    def repeater(self) -> Repeater:
        """For work whose launches have the same arguments each time, as long as it is kept."""

    def numerics(self) -> AbstractContextManager[Any]:
        """Work of floating point: makes the device current and yields a module like NumPy.

        What is asked of it must be there in NumPy and in CuPy alike.

        Raises
        ------
        InputError
            If the device runs out of memory meanwhile.
        """

    def product(self, out: Array, rows: Array, others: Array, *, add: bool) -> None:
        r"""Products of integers of 8 bits in 32 bits, :math:`O_{bij} = \sum_k R_{bik} S_{bjk}`.

        Parameters
        ----------
        out : int32 array, shape (b, n, m)
            m a multiple of 4, as are the rows in memory.
        rows, others : int8 arrays, shapes (b, n, k) and (b, m, k)
            Contiguous along k, which is a multiple of 16.
        add : bool
            Add them to `out`.
        """
