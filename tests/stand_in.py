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


class Stream:
    """A stream that is recorded while it is the current one."""

    def __init__(self, stand_in):
        self.stand_in = stand_in

    def __enter__(self):
        self.stand_in.stream = 7

    def __exit__(self, *error):
        self.stand_in.stream = 0

    def begin_capture(self):
        """Write down what is done from now on."""
        self.stand_in.recorded = []

    def end_capture(self):
        """What was written down."""
        work, self.stand_in.recorded = self.stand_in.recorded, None
        return SimpleNamespace(launch=lambda: self.launch(work))

    def launch(self, work):
        """Do it."""
        self.stand_in.graphs += 1
        for one in work:
            one()


class StandIn:
    """State of the stand-in: devices, free memory, what the compiler says."""

    def __init__(self, devices=1, free=2**33, kernel=HostKernel):
        self.devices, self.free, self.kernel = devices, free, kernel
        self.thread = threading.local()
        self.used = []  # device of every launch
        self.stream, self.of_cublas, self.recorded = 0, None, None
        self.workspace = None  # whether cuBLAS has one for its stream
        self.graphs = 0  # how many were launched
        self.status = 0  # that cuBLAS returns

    def do(self, work):
        """Work on a device, or write it down if it is recorded."""
        if self.recorded is None:
            work()
        else:
            self.recorded.append(work)

    def set_stream(self, handle, stream):
        """Of cuBLAS."""
        self.of_cublas, self.workspace = stream.value, None
        return 0

    def set_workspace(self, handle, where, size):
        """Of cuBLAS."""
        assert size.value >= 2**25
        self.workspace = where.value
        return 0

    def products(self, *given):
        """Of cuBLAS, on the stream that it was given."""
        assert (self.of_cublas or 0) == self.stream
        assert self.workspace  # or it would take memory for each product that is recorded
        if self.status == 0:
            self.do(lambda: products(*given))
        return self.status

    @property
    def current(self):
        """Device of this thread."""
        return getattr(self.thread, "stack", [0])[-1]

    def install(self, monkeypatch):
        """Let `import cupy` find it."""
        cupy = self.module()
        cublas = ModuleType("cupy_backends.cuda.libs.cublas")
        cublas.getVersion = lambda handle: 130_100
        library = SimpleNamespace(
            cublasSetStream_v2=self.set_stream, cublasSetWorkspace_v2=self.set_workspace,
            cublasGemmStridedBatchedEx=self.products,
        )  # fmt: skip
        monkeypatch.setattr("gpu.products._library", lambda version: library)
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
            assert stand_in.recorded is None  # memory of a graph would be another
            if np.prod(shape) * np.dtype(dtype).itemsize > stand_in.free:
                raise MemoryError("Out of memory allocating 3,221,225,472 bytes")
            return on_device(np.zeros(shape, dtype))

        def get_function(code, name):
            kernel = stand_in.kernel(code, name)

            def launch(*given):
                arrays = [one for one in given[2] if isinstance(one, np.ndarray)]
                assert all(isinstance(one, Words) for one in arrays)  # and none of the host
                stand_in.used.append(stand_in.current)
                stand_in.do(lambda: kernel(*given))

            return launch

        def empty(shape, dtype):
            return zeros(shape, dtype) * np.nan

        def dot(*given, out=None):
            stand_in.used.append(stand_in.current)
            return np.dot(*given, out=out)

        cupy.asarray, cupy.zeros, cupy.empty, cupy.dot = on_device, zeros, empty, dot
        for name in ("exp", "full", "inf", "log", "maximum", "ones", "where"):
            setattr(cupy, name, getattr(np, name))

        def asnumpy(values):
            assert stand_in.recorded is None  # nothing has been done yet
            return np.array(values).view(np.ndarray)

        cupy.asnumpy = asnumpy
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
            get_current_stream=lambda: SimpleNamespace(ptr=stand_in.stream),
            Stream=lambda non_blocking: Stream(stand_in),
            compiler=SimpleNamespace(CompileException=CompileException),
            runtime=SimpleNamespace(
                getDeviceCount=count,
                getDeviceProperties=lambda index: {"name": f"Stand-in {index}".encode()},
                memGetInfo=lambda: (stand_in.free, 2**34),
            ),
        )
        return cupy


def products(
    handle, of_a, of_b, m, n, k, alpha, a, a_type, lda, each_a, b, b_type, ldb, each_b, beta,
    c, c_type, ldc, each_c, samples, compute, algorithm,
):  # fmt: skip
    """C = alpha op(A) op(B) + beta C of 8 bits in 32, columns first, as cuBLAS defines it."""
    # CUDA_R_8I, CUDA_R_32I and CUBLAS_COMPUTE_32I of cublas_api.h, where 70 are products of float64
    assert (a_type.value, b_type.value, c_type.value, compute.value) == (3, 3, 10, 72)
    of_a, of_b, m, n, k = (one.value for one in (of_a, of_b, m, n, k))
    assert lda.value % 4 == ldb.value % 4 == ldc.value % 4 == m % 4 == k % 4 == 0
    assert a.value % 4 == b.value % 4 == c.value % 4 == 0
    least = (k if of_a else m, n if of_b else k, m)
    assert all(one.value >= low for one, low in zip((lda, ldb, ldc), least, strict=True))
    one, scale = (p._obj.value for p in (alpha, beta))
    for sample in range(samples.value):
        first, second = (
            _columns(where.value + sample * each.value, np.int8, shape, stride.value)
            for where, each, shape, stride in (
                (a, each_a, (k, m) if of_a else (m, k), lda),
                (b, each_b, (n, k) if of_b else (k, n), ldb),
            )
        )
        out = _columns(c.value + 4 * sample * each_c.value, np.int32, (m, n), ldc.value)
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
