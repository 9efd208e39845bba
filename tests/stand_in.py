"""A module in place of CuPy: arrays and kernels of the host, devices that are none."""

import ctypes
import sys
import threading
from types import ModuleType, SimpleNamespace

import numpy as np
from host_device import HostKernel


class CompileException(Exception):
    """As of `cupy.cuda.compiler`."""


class Words(np.ndarray):
    """Array that says where it is as one of CuPy does."""

    @property
    def data(self):
        """Pointer."""
        return SimpleNamespace(ptr=self.ctypes.data)


def on_device(values):
    """Copy that remembers the current device."""
    copy = np.array(values, order="C").view(Words)
    copy.flags.writeable = True
    return copy


class StandIn:
    """State of the stand-in: devices, free memory, what the compiler says."""

    def __init__(self, devices=1, free=2**33, kernel=HostKernel):
        self.devices, self.free, self.kernel = devices, free, kernel
        self.thread = threading.local()
        self.used = []  # device of every launch

    @property
    def current(self):
        """Device of this thread."""
        return getattr(self.thread, "stack", [0])[-1]

    def install(self, monkeypatch):
        """Let `import cupy` find it."""
        cupy = self.module()
        cublas = ModuleType("cupy_backends.cuda.libs.cublas")
        cublas.CUBLAS_OP_N, cublas.CUBLAS_OP_T = 0, 1
        cublas.CUBLAS_POINTER_MODE_HOST, cublas.CUBLAS_COMPUTE_32I = 0, 70
        cublas.CUBLAS_GEMM_DEFAULT = -1
        cublas.setPointerMode, cublas.gemmEx = lambda handle, mode: None, gemm
        libs = ModuleType("cupy_backends.cuda.libs")
        libs.cublas = cublas
        modules = {
            "cupy": cupy, "cupy_backends": ModuleType("cupy_backends"),
            "cupy_backends.cuda": ModuleType("cupy_backends.cuda"),
            "cupy_backends.cuda.libs": libs, "cupy_backends.cuda.libs.cublas": cublas,
        }  # fmt: skip
        for name, module in modules.items():
            monkeypatch.setitem(sys.modules, name, module)
        return self

    def module(self):
        """What `import cupy` gives."""
        cupy, stand_in = ModuleType("cupy"), self

        class Device:
            def __init__(self, index=None):
                self.id = stand_in.current if index is None else index

            def __enter__(self):
                stand_in.thread.stack = [*getattr(stand_in.thread, "stack", [0]), self.id]

            def __exit__(self, *error):
                stand_in.thread.stack = stand_in.thread.stack[:-1]

        def count():
            if stand_in.devices == 0:
                raise RuntimeError("cudaErrorNoDevice: no CUDA-capable device is detected")
            return stand_in.devices

        def zeros(shape, dtype):
            if np.prod(shape) * np.dtype(dtype).itemsize > stand_in.free:
                raise MemoryError("Out of memory allocating 3,221,225,472 bytes")
            return on_device(np.zeros(shape, dtype))

        def get_function(code, name):
            kernel = stand_in.kernel(code, name)

            def launch(*given):
                stand_in.used.append(stand_in.current)
                kernel(*given)

            return launch

        cupy.asarray, cupy.zeros = on_device, zeros
        cupy.asnumpy = lambda values: np.array(values).view(np.ndarray)
        cupy.RawModule = lambda code, options: SimpleNamespace(
            get_function=lambda name: get_function(code, name)
        )
        cupy.get_default_memory_pool = lambda: SimpleNamespace(
            free_bytes=lambda: 0, used_bytes=lambda: 2**20, get_limit=lambda: 0
        )
        cupy.cuda = SimpleNamespace(
            Device=Device,
            is_available=lambda: stand_in.devices > 0,
            get_cublas_handle=lambda: 1,
            compiler=SimpleNamespace(CompileException=CompileException),
            runtime=SimpleNamespace(
                getDeviceCount=count,
                getDeviceProperties=lambda index: {"name": f"Stand-in {index}".encode()},
                memGetInfo=lambda: (stand_in.free, 2**34),
            ),
        )
        return cupy


def gemm(
    handle, of_a, of_b, m, n, k, alpha, a, a_type, lda, b, b_type, ldb, beta, c, c_type, ldc,
    compute, algorithm,
):  # fmt: skip
    """C = alpha op(A) op(B) + beta C of 8 bits in 32, columns first, as cuBLAS defines it."""
    assert (a_type, b_type, c_type, compute) == (3, 3, 10, 70)
    assert lda % 4 == ldb % 4 == 0
    first, second = (
        _columns(where, np.int8, (rows, columns), stride)
        for where, (rows, columns), stride in (
            (a, (k, m) if of_a else (m, k), lda),
            (b, (n, k) if of_b else (k, n), ldb),
        )
    )
    out = _columns(c, np.int32, (m, n), ldc)
    one, scale = (ctypes.cast(p, ctypes.POINTER(ctypes.c_int32))[0] for p in (alpha, beta))
    left, right = (x.astype(np.int64) for x in (first, second))
    found = (left.T if of_a else left) @ (right.T if of_b else right)
    out[:] = one * found + scale * out


def _columns(where, kind, shape, stride):
    """View of memory as a matrix whose columns are `stride` apart."""
    rows, columns = shape
    count = stride * (columns - 1) + rows
    letter = {np.int8: ctypes.c_int8, np.int32: ctypes.c_int32}[kind]
    flat = np.ctypeslib.as_array(ctypes.cast(where, ctypes.POINTER(letter)), (count,))
    width = np.dtype(kind).itemsize
    return np.lib.stride_tricks.as_strided(flat, shape, (width, stride * width))
