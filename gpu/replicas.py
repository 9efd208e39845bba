"""All replicas of a run on a device."""

from __future__ import annotations

from collections.abc import Callable, Sized
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from gpu import exponential, many_body, pairs
from gpu.arrays import Device
from gpu.memory import Needed, batches
from hopfield import InputError
from montecarlo.problem import Problem
from montecarlo.record import Record
from montecarlo.tracking import advance_tracked, tracked_rows

__all__ = ["KERNELS", "DeviceReplicas", "Kind", "chosen_kernel"]


class Walkers(Protocol):
    """A group of replicas on a device, in whose place others can come."""

    def advance(self, first_sweep: int, record: Record) -> None:
        """Make as many sweeps as `record` has room for and fill it in."""

    def spins(self) -> NDArray[np.int8]:
        """Copy of the states, shape (replica, N)."""

    def hold(self, spins: NDArray[np.int8], first_replica: int) -> None:
        """Go on with other replicas in place of these."""


class Kind(NamedTuple):
    """A kind of kernel."""

    walkers: Callable[[Problem, NDArray[np.int8], Device], Walkers]
    """Makes replicas that are numbered from 0 on."""

    unfit: Callable[[Problem], str]
    """Why a problem does not fit, or nothing if it does."""

    needed: Callable[[Problem], Needed]
    """Memory of the device."""


KERNELS = {
    "pairs": Kind(pairs.PairWalkers, pairs.unfit, pairs.needed),
    "many_body": Kind(many_body.ManyBodyWalkers, many_body.unfit, many_body.needed),
    "exponential": Kind(exponential.ExponentialWalkers, exponential.unfit, exponential.needed),
}
"""The first that fits is the fastest."""


def chosen_kernel(problem: Problem, kernel: str) -> str:
    """The kernel that is asked for, or for "auto" the first that is exact for a problem.

    Raises
    ------
    InputError
        If it is not, or none is; the message says why.

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Hopfield().network(20, n_patterns=1, seed=1)
    >>> chosen_kernel(Problem(net, 0.3, "glauber", np.array([5, 6], np.uint64), 3), "auto")
    'pairs'
    """
    reasons = {}
    for name in KERNELS if kernel == "auto" else [kernel]:
        reasons[name] = KERNELS[name].unfit(problem)
        if not reasons[name]:
            return name
    words = "; ".join(f"{name}: {reason}" for name, reason in reasons.items())
    raise InputError(f"no kernel of the GPU is exact for {problem.network.model}: {words}")


class DeviceReplicas:
    """All replicas of a run, on one device; see `montecarlo.runs.Replicas`.

    Those that do not fit into its memory together are there in turn, and meanwhile on the host.
    Random numbers belong to a replica and a sweep, so that no result depends on it.

    Parameters
    ----------
    problem : Problem
    spins : int8 array, shape (replica, N)
        Where they start.
    device : Device
    kernel : str
        "auto" or a name in `KERNELS`.
    tracked : int
        Number of archetypes of which every overlap is written down if a record has room for it.

    Raises
    ------
    InputError
        If the kernel is not exact for the problem, or not even one replica fits.
    """

    def __init__(
        self, problem: Problem, spins: NDArray[np.int8], device: Device, kernel: str = "auto",
        tracked: int = 0,
    ) -> None:  # fmt: skip
        self.problem, self.kernel = problem, chosen_kernel(problem, kernel)
        self._rows = tracked_rows(problem.network, tracked)
        kind = KERNELS[self.kernel]
        free = device.free_bytes()
        self._batches = batches(problem, kind.needed(problem), free, len(spins))
        self._spins, self._there = spins.copy(), self._batches[0]
        self._walkers: Walkers | None = kind.walkers(problem, spins[self._there], device)

    @property
    def rows(self) -> Sized:
        """What every overlap is written down with."""
        return self._rows

    @property
    def spins(self) -> NDArray[np.int8]:
        """Copy of the states, shape (replica, N)."""
        if self._walkers is not None:
            self._spins[self._there] = self._walkers.spins()
        return self._spins.copy()

    def leave(self) -> None:
        """Make room on the device, for good; the spins are kept."""
        self._spins, self._walkers = self.spins, None

    def advance(self, first_sweep: int, record: Record) -> None:
        """Make as many sweeps as `record` has room for and fill it in."""
        # those that are there come first, which saves one exchange
        walkers = self._walkers
        if walkers is None:
            raise RuntimeError("these replicas have left the device")
        for batch in sorted(self._batches, key=lambda one: one != self._there):
            if batch != self._there:
                self._spins[self._there] = walkers.spins()
                walkers.hold(self._spins[batch], batch.start)
                self._there = batch
            part = record.part(batch, slice(None))
            advance_tracked(walkers, self._rows, first_sweep, part)

    def adapt(self, flip_rate: float, sweeps: int) -> None:
        """Stay with the one kernel there is."""
