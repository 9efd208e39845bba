"""What is measured of replicas on a device, brought to the host after some sweeps."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from montecarlo.record import Record

if TYPE_CHECKING:
    from gpu.arrays import Array, Device

__all__ = ["fill_in"]


def fill_in(
    record: Record, device: Device, first_sweep: int, sweep: Callable[[int, Array], None],
    measure: Callable[[list[Array]], None],
) -> None:  # fmt: skip
    """Make as many sweeps as a record has room for and fill it in.

    Parameters
    ----------
    record : Record
    device : Device
    first_sweep : int
    sweep : callable
        Makes the sweep of a number, and adds the flips of every replica to an array.
    measure : callable
        Writes overlap, effective and best overlap, and count of all replicas into arrays.
    """
    shape = record.overlap.shape[::-1]
    found = [device.zeros(shape, array.dtype.type) for array in record.arrays[:4]]
    flips = device.zeros(shape, np.int32)
    for t in range(shape[0]):
        sweep(first_sweep + t, flips[t])
        measure([array[t] for array in found])
    for array, values in zip(record.arrays, [*found, flips], strict=True):
        array[:] = device.host(values).T
