"""CUDA devices through CuPy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gpu.device import device_name, first_line, require
from gpu.products import WORKSPACE, integer_products
from gpu.recording import Recording
from gpu.sources import source
from hopfield.arguments import InputError

if TYPE_CHECKING:
    from gpu.arrays import Array, Launch, Repeater

__all__ = ["OPTIONS", "Cuda", "devices"]

OPTIONS = ("--std=c++17", "--fmad=false")
"""Of the compiler: a product and a sum are one operation only where the text says so."""

_ERROR = re.compile(r"\((\d+)\): (?:catastrophic )?error:? *(.*)")
"""Line and message in a log of the compiler."""


class Cuda:
    """A CUDA device.

    Parameters
    ----------
    index : int, optional
        By default the current one.

    Raises
    ------
    InputError
        If CuPy is not installed, or sees no device.
    """

    def __init__(self, index: int | None = None) -> None:
        require()
        import cupy

        self._cupy = cupy
        self.index = int(cupy.cuda.Device().id) if index is None else index
        # of each handle of cuBLAS, which each thread has its own of
        self._workspaces: dict[int, Array] = {}

    @property
    def name(self) -> str:
        """Name of the device."""
        return str(device_name(self.index))

    def free_bytes(self) -> int:
        """Memory that can be had, from the device and from what CuPy keeps of it."""
        with self._here():
            free, _ = self._cupy.cuda.runtime.memGetInfo()
            pool = self._cupy.get_default_memory_pool()
            limit = pool.get_limit()
            there = int(free + pool.free_bytes())
            return min(there, limit - pool.used_bytes()) if limit else there

    def array(self, values: NDArray[Any]) -> Array:
        """Copy of an array of the host, in the order of C."""
        ordered = np.ascontiguousarray(values)
        with self._room(ordered.nbytes):
            return self._cupy.asarray(ordered)

    def zeros(self, shape: tuple[int, ...], kind: type) -> Array:
        """Zeros."""
        with self._room(int(np.prod(shape, dtype=object)) * np.dtype(kind).itemsize):
            return self._cupy.zeros(shape, dtype=kind)

    def host(self, values: Array) -> NDArray[Any]:
        """Copy on the host."""
        with self._here():
            return np.asarray(self._cupy.asnumpy(values))

    def kernel(self, file: str, name: str) -> Launch:
        """Kernel of a file in gpu/kernels, compiled when it is first asked for.

        Raises
        ------
        InputError
            If it does not compile on this machine.
        """
        # CuPy keeps what it has compiled, for each device and on disk.
        module = self._cupy.RawModule(code=source(file), options=OPTIONS)
        try:
            with self._here():
                compiled = module.get_function(name)
        except self._cupy.cuda.compiler.CompileException as error:
            raise InputError(_compiler_words(file, str(error))) from None
        except (RuntimeError, ImportError, OSError) as error:
            words = f"the kernel {name} of gpu/kernels/{file}.cu cannot be loaded"
            raise InputError(f"{words}: {first_line(error)}") from None

        def launch(grid: tuple[int, ...], block: tuple[int, ...], given: tuple[Any, ...]) -> None:
            with self._here():
                compiled(grid, block, given)

        return launch

    def repeater(self) -> Repeater:
        """See `gpu.arrays.Device`."""
        return Recording(self._cupy, self._here)

    @contextmanager
    def numerics(self) -> Iterator[Any]:
        """See `gpu.arrays.Device`."""
        with self._room(None):
            yield self._cupy

    def product(self, out: Array, rows: Array, others: Array, *, add: bool) -> None:
        """See `gpu.arrays.Device`."""
        from cupy_backends.cuda.libs import cublas

        with self._here():
            handle = self._cupy.cuda.get_cublas_handle()
            stream = self._cupy.cuda.get_current_stream().ptr
            version = cublas.getVersion(handle)
            if handle not in self._workspaces:
                self._workspaces[handle] = self.zeros((WORKSPACE,), np.uint8)
            room = self._workspaces[handle]
            integer_products(handle, stream, version, room, out, rows, others, add=add)

    def _here(self) -> Any:
        """Makes this device the one that the thread works on."""
        return self._cupy.cuda.Device(self.index)

    @contextmanager
    def _room(self, n_bytes: int | None) -> Iterator[None]:
        """Say how much was asked for, if that is known, where the device has no room for it."""
        try:
            with self._here():
                yield
        except MemoryError:
            wanted = "" if n_bytes is None else f"{n_bytes / 2**30:.3g} GiB "
            free = self.free_bytes() / 2**30
            raise InputError(
                f"{self.name} has no room for {wanted}more, {free:.3g} GiB are free: "
                "something else has taken its memory, or sample fewer replicas"
            ) from None


def devices() -> list[Cuda]:
    """All CUDA devices.

    Raises
    ------
    InputError
        If there is none.

    Examples
    --------
    >>> import gpu
    >>> found = devices() if gpu.available() else []
    """
    require()
    import cupy

    return [Cuda(index) for index in range(cupy.cuda.runtime.getDeviceCount())]


def _compiler_words(file: str, log: str) -> str:
    """The first error of a log, in one line."""
    found = _ERROR.search(log)
    what = f"line {found[1]}: {found[2]}" if found else first_line(Exception(log))
    return f"gpu/kernels/{file}.cu does not compile on this machine: {what}"
