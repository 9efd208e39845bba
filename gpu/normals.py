"""Random numbers of chains, drawn on a device."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from gpu.arrays import Array, Device
from hopfield.seeds import Stream, sequence

__all__ = ["HEIGHTS", "NORMALS", "Noise", "Numbers"]

NORMALS, HEIGHTS = 0, 1
"""Streams: last words of the counters."""

THREADS = 128


class Numbers(NamedTuple):
    """Random numbers of a sweep."""

    normals: Array
    """Standard Gaussian, shape (replica, N)."""

    heights: Array
    """Logarithms of uniform numbers, shape (replica,)."""


class Noise:
    r"""Numbers of chains and sweeps, the same whatever other chains there are.

    Philox4x32-10 with the counter (pair of components, sweep, chain, stream) and a key of the seed
    gives u in (0, 1] and v in [0, 1) of 53 bits, these :math:`\sqrt{-2 \ln u} \cos 2\pi v` and
    :math:`\sqrt{-2 \ln u} \sin 2\pi v`.

    Parameters
    ----------
    device : Device
    seed : numpy.random.SeedSequence

    References
    ----------
    J. K. Salmon et al., SC11 (2011); G. E. P. Box and M. E. Muller, Ann. Math. Stat. 29, 610
    (1958).

    Examples
    --------
    >>> import gpu
    >>> seed = np.random.SeedSequence(1)
    >>> numbers = Noise(gpu.devices()[0], seed)(slice(0, 2), 3, 0) if gpu.available() else None
    """

    def __init__(self, device: Device, seed: np.random.SeedSequence) -> None:
        self._device = device
        self._normals = device.kernel("normals", "normals")
        self._heights = device.kernel("normals", "heights")
        words = sequence(seed, Stream.ACCEPTANCE).generate_state(2, np.uint32)
        self._key = [np.uint32(word) for word in words]

    def __call__(self, replicas: slice, size: int, sweep: int) -> Numbers:
        """Numbers of some chains of `size` components in a sweep."""
        count, pairs = replicas.stop - replicas.start, (size + 1) // 2
        found = Numbers(
            self._device.zeros((count, size), np.float64), self._device.zeros((count,), np.float64)
        )
        where = np.uint32(sweep), np.uint32(replicas.start)
        self._normals(
            (-(-count * pairs // THREADS),), (THREADS,),
            (found.normals, np.int64(count), np.int64(size), np.int64(pairs), *where,
             np.uint32(NORMALS), *self._key),
        )  # fmt: skip
        self._heights(
            (-(-count // THREADS),), (THREADS,),
            (found.heights, np.int64(count), *where, np.uint32(HEIGHTS), *self._key),
        )  # fmt: skip
        return found
