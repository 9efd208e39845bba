"""A CUDA device through CuPy."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gpu.device import device_name
from gpu.sources import source
from hopfield import InputError

if TYPE_CHECKING:
    from gpu.arrays import Array, Launch

__all__ = ["OPTIONS", "Cuda"]

OPTIONS = ("--std=c++17", "--fmad=false")
"""Of the compiler: a product and a sum are one operation only where the text says so."""


class Cuda:
    """The current CUDA device.

    Raises
    ------
    InputError
        If CuPy is not installed, or sees no device.
    """

    def __init__(self) -> None:
        try:
            import cupy
        except ImportError:
            raise InputError(
                "a GPU needs CuPy: install hopfield[gpu] for CUDA 13 or hopfield[gpu12] for CUDA 12"
            ) from None
        if not cupy.cuda.is_available():
            raise InputError("CuPy sees no CUDA device: nvidia-smi says whether there is a driver")
        self._cupy = cupy

    @property
    def name(self) -> str:
        """Name of the device."""
        return str(device_name())

    def array(self, values: NDArray[Any]) -> Array:
        """Copy of an array of the host, in the order of C."""
        return self._cupy.asarray(np.ascontiguousarray(values))

    def zeros(self, shape: tuple[int, ...], kind: type) -> Array:
        """Zeros."""
        return self._cupy.zeros(shape, dtype=kind)

    def host(self, values: Array) -> NDArray[Any]:
        """Copy on the host."""
        return np.asarray(self._cupy.asnumpy(values))

    def kernel(self, file: str, name: str) -> Launch:
        """Kernel of a file in gpu/kernels."""
        launch: Launch = _compiled(file, name)
        return launch

    def product(self, out: Array, rows: Array, others: Array, *, add: bool) -> None:
        """See `gpu.arrays.Device`."""
        from cupy_backends.cuda.libs import cublas

        # Columns of cuBLAS are rows here, so that it sees the transpose of everything.
        one, scale = np.ones(1, np.int32), np.array([add], np.int32)
        (n, k), m = rows.shape, others.shape[0]
        handle = self._cupy.cuda.get_cublas_handle()
        cublas.setPointerMode(handle, cublas.CUBLAS_POINTER_MODE_HOST)
        cublas.gemmEx(
            handle, cublas.CUBLAS_OP_T, cublas.CUBLAS_OP_N, m, n, k, one.ctypes.data,
            others.data.ptr, _INT8, others.strides[0], rows.data.ptr, _INT8, rows.strides[0],
            scale.ctypes.data, out.data.ptr, _INT32, out.strides[0] // 4, cublas.CUBLAS_COMPUTE_32I,
            cublas.CUBLAS_GEMM_DEFAULT,
        )  # fmt: skip


_INT8, _INT32 = 3, 10
"""CUDA_R_8I and CUDA_R_32I of cudaDataType_t."""


@cache
def _compiled(file: str, name: str) -> Any:
    """Kernel of a file, compiled when it is first asked for."""
    import cupy

    module = cupy.RawModule(code=source(file), options=OPTIONS)
    return module.get_function(name)
