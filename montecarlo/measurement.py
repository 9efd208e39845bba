"""What kernels write down after a sweep, beside the energy."""

from __future__ import annotations

import numpy as np
from numba import njit

__all__ = ["along", "effective_sums"]


@njit(nogil=True)
def along(archetype, spins):
    """Integer overlap of the spins of a replica with a row of +-1 or 0."""
    total = np.int32(0)
    for i in range(spins.size):
        total += np.int32(archetype[i]) * np.int32(spins[i])
    return total


@njit(nogil=True)
def effective_sums(overlaps, each):
    """Sums over the `each` patterns of an archetype: that of the first, the largest |other|."""
    first, low, high = np.int64(0), np.int64(0), np.int64(0)
    for mu in range(each):
        first += overlaps[mu]
    if each == 1:
        for mu in range(1, overlaps.size):
            low, high = min(low, np.int64(overlaps[mu])), max(high, np.int64(overlaps[mu]))
        return first, max(-low, high)
    for start in range(each, overlaps.size, each):
        total = np.int64(0)
        for mu in range(start, start + each):
            total += overlaps[mu]
        low, high = min(low, total), max(high, total)
    return first, max(-low, high)
