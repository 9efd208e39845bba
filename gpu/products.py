"""Products of integers by cuBLAS, called so that they can be recorded."""

from __future__ import annotations

import ctypes
import os
from functools import cache
from typing import TYPE_CHECKING, Any

from hopfield.arguments import InputError

if TYPE_CHECKING:
    from gpu.arrays import Array

__all__ = ["WORKSPACE", "integer_products"]

WORKSPACE = 2**25
"""Bytes of scratch memory; NVIDIA recommends as many for a Hopper, and fewer for others."""

_TRANSPOSED, _PLAIN = 1, 0
_INT8, _INT32 = 3, 10
_EXACT = 72
_AUTOMATIC = -1
"""Of cublasOperation_t, cudaDataType_t, cublasComputeType_t and cublasGemmAlgo_t."""

_SUCCESS = 0


def integer_products(
    handle: int, stream: int, version: int, workspace: Array, out: Array, rows: Array,
    others: Array, *, add: bool
) -> None:  # fmt: skip
    """Products as of `gpu.arrays.Device.product`.

    CuPy itself refuses to call cuBLAS while a stream is recorded, so the library that it has loaded
    is called directly.

    Parameters
    ----------
    handle, stream : int
        Of cuBLAS, and where the product is made.
    version : int
        Of cuBLAS, as it gives it.
    workspace : uint8 array
        Scratch memory, without which cuBLAS takes some for each product that is recorded.
    out, rows, others : arrays
    add : bool

    Raises
    ------
    InputError
        If cuBLAS cannot be loaded or does not do it.
    """
    library = _library(version)
    one, scale = ctypes.c_int32(1), ctypes.c_int32(add)
    samples, n, k = rows.shape
    pointer, number, wide = ctypes.c_void_p, ctypes.c_int, ctypes.c_longlong
    # columns of cuBLAS are rows here, so that it sees the transpose of everything
    arrays: list[Any] = []
    for array, kind, width in ((others, _INT8, 1), (rows, _INT8, 1), (out, _INT32, 4)):
        of_sample, of_row = array.strides[0] // width, array.strides[1] // width
        arrays.append((pointer(array.data.ptr), number(kind), number(of_row), wide(of_sample)))
    _check(library.cublasSetStream_v2(pointer(handle), pointer(stream)))
    # another stream makes it forget
    size = ctypes.c_size_t(workspace.nbytes)
    _check(library.cublasSetWorkspace_v2(pointer(handle), pointer(workspace.data.ptr), size))
    _check(
        library.cublasGemmStridedBatchedEx(
            pointer(handle), number(_TRANSPOSED), number(_PLAIN), number(others.shape[1]),
            number(n), number(k), ctypes.byref(one), *arrays[0], *arrays[1], ctypes.byref(scale),
            *arrays[2], number(samples), number(_EXACT), number(_AUTOMATIC),
        )
    )  # fmt: skip


@cache
def _library(version: int) -> ctypes.CDLL:
    """CuBLAS, which CuPy has loaded before."""
    major = version // 10_000
    name = f"cublas64_{major}.dll" if os.name == "nt" else f"libcublas.so.{major}"
    try:
        return ctypes.CDLL(name)
    except OSError as error:
        raise InputError(f"cuBLAS cannot be loaded: {error}") from None


def _check(status: int) -> None:
    if status != _SUCCESS:
        raise InputError(f"cuBLAS does not multiply integers here: it returns status {status}")
