"""Kernels of the GPU on the host: compiled by g++, a fiber for each thread, called as of CuPy."""

import ctypes
import hashlib
import math
import os
import platform
import shutil
import subprocess
import tempfile
import weakref
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import numpy as np

from gpu.sources import source

HEADER = Path(__file__).parent / "cuda_on_host.h"
FLAGS = (
    "-std=c++20", "-O1", "-ffp-contract=off", "-fPIC", "-shared", "-pthread",
    "-U_FORTIFY_SOURCE", "-Wno-unknown-pragmas", "-Wno-parentheses",
)  # fmt: skip


def missing():
    """Why kernels do not run on this host, or None if they do."""
    if shutil.which("g++") is None:
        return "there is no g++"
    if platform.machine() != "x86_64" or platform.libc_ver()[0] != "glibc":
        return "fibers need glibc on x86-64"
    return None


@cache
def _library(name, text):
    """Shared library of a kernel, compiled once for all processes."""
    whole = f"{text}\nEXPORT_KERNEL({name})\n"
    key = hashlib.sha256((whole + HEADER.read_text() + str(FLAGS)).encode()).hexdigest()[:16]
    path = Path(tempfile.gettempdir()) / f"kernels-on-host-{os.getuid()}" / f"{name}-{key}.so"
    if not path.exists():
        path.parent.mkdir(exist_ok=True)
        mine = path.with_suffix(f".{os.getpid()}")
        command = ["g++", *FLAGS, "-include", str(HEADER), "-x", "c++", "-", "-o", str(mine)]
        subprocess.run(command, input=whole, text=True, check=True)
        mine.replace(path)
    return ctypes.CDLL(str(path))


LIMITS = {"grid": (2**31 - 1, 65535, 65535), "block": (1024, 1024, 64)}
"""Of a launch, in each dimension."""


class HostKernel:
    """A kernel that is called like `cupy.RawKernel`.

    A barrier that only a part of the threads reaches is an error; runs with the threads in reverse
    order that differ show barriers which are missing.
    """

    def __init__(self, text, name, reverse=False):
        self._launch = getattr(_library(name, text), f"{name}_launch")
        self._launch.restype = ctypes.c_char_p
        self._reverse = ctypes.c_bool(reverse)

    def __call__(self, grid, block, arguments):
        """Run all blocks, one after the other."""
        for dims, most in zip((grid, block), LIMITS.values(), strict=True):
            assert all(0 < one <= limit for one, limit in zip(dims, most, strict=False))
        assert math.prod(block) <= 1024
        # CuPy takes numbers of Python for such of 64 bits, and arrays of NumPy for structures
        assert all(isinstance(one, np.ndarray | np.generic) for one in arguments)
        kept = [
            ctypes.c_void_p(one.ctypes.data)
            if isinstance(one, np.ndarray)
            else np.ctypeslib.as_ctypes(np.asarray(one))
            for one in arguments
        ]
        pointers = (ctypes.c_void_p * len(kept))(*(ctypes.addressof(one) for one in kept))
        sizes = [(ctypes.c_uint * 3)(*(*dims, 1, 1)[:3]) for dims in (grid, block)]
        error = self._launch(*sizes, pointers, self._reverse)
        if error:
            raise RuntimeError(error.decode())


class HostDevice:
    """The host in place of a GPU, see `gpu.arrays.Device`."""

    name = "host"

    def __init__(self, reverse=False, replace=lambda text: text, memory=2**33):
        self.reverse, self.replace, self.memory = reverse, replace, memory
        self.allocated = self.peak = 0

    def free_bytes(self):
        """Memory that is free."""
        return self.memory - self.allocated

    def array(self, values):
        """Copy."""
        return self._counted(np.array(values, order="C"))

    def zeros(self, shape, kind):
        """Zeros."""
        return self._counted(np.zeros(shape, kind))

    def _counted(self, values):
        """Count the bytes of an array as long as there is a view of it."""
        self.allocated += values.nbytes
        self.peak = max(self.peak, self.allocated)
        weakref.finalize(values, self._freed, values.nbytes)
        return values

    def _freed(self, n_bytes):
        self.allocated -= n_bytes

    def host(self, values):
        """Copy."""
        return values.copy()

    def kernel(self, file, name):
        """Kernel, from a text that a test may have changed."""
        return HostKernel(self.replace(source(file)), name, self.reverse)

    def repeater(self):
        """Does the work every time."""
        return lambda work: work()

    @contextmanager
    def numerics(self):
        """NumPy."""
        yield np

    def product(self, out, rows, others, *, add):
        """Integer products."""
        # what the device asks of its operands
        assert rows.dtype == others.dtype == np.int8
        assert out.dtype == np.int32
        assert rows.ndim == others.ndim == out.ndim == 3
        assert rows.strides[2] == others.strides[2] == out.strides[2] // 4 == 1
        assert rows.shape[2] % 16 == rows.strides[1] % 16 == others.strides[1] % 16 == 0
        assert others.shape[1] % 4 == out.strides[1] % 16 == 0
        found = rows.astype(float) @ others.astype(float).transpose(0, 2, 1)
        out[:] = out + found.astype(np.int32) if add else found
