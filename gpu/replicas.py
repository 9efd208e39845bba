"""All replicas of a run on a device."""

from __future__ import annotations

from collections.abc import Sized

import numpy as np
from numpy.typing import NDArray

from gpu.arrays import Device
from gpu.pairs import PairWalkers
from montecarlo.problem import Problem
from montecarlo.record import Record
from montecarlo.tracking import advance_tracked, tracked_rows

__all__ = ["DeviceReplicas"]


class DeviceReplicas:
    """All replicas of a run, on one device; see `montecarlo.runs.Replicas`.

    Parameters
    ----------
    problem : Problem
    spins : int8 array, shape (replica, N)
        Where they start.
    device : Device
    tracked : int
        Number of archetypes of which every overlap is written down if a record has room for it.
    """

    kernel = "pairs"

    def __init__(
        self, problem: Problem, spins: NDArray[np.int8], device: Device, tracked: int = 0
    ) -> None:
        self.problem = problem
        self._rows = tracked_rows(problem.network, tracked)
        self._walkers = PairWalkers(problem, spins, device)

    @property
    def rows(self) -> Sized:
        """What every overlap is written down with."""
        return self._rows

    @property
    def spins(self) -> NDArray[np.int8]:
        """Copy of the states, shape (replica, N)."""
        return self._walkers.spins()

    def advance(self, first_sweep: int, record: Record) -> None:
        """Make as many sweeps as `record` has room for and fill it in."""
        advance_tracked(self._walkers, self._rows, first_sweep, record)

    def adapt(self, flip_rate: float, sweeps: int) -> None:
        """Stay with the one kernel there is."""
