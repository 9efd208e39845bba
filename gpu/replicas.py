"""All replicas of a run on a device."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence, Sized
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from gpu import exponential, many_body, pairs, weighted
from gpu.arrays import Device
from gpu.memory import Needed, batches, fit_together
from hopfield import InputError
from montecarlo.problem import Problem
from montecarlo.record import Record
from montecarlo.tracking import advance_tracked, tracked_rows

__all__ = ["KERNELS", "DeviceReplicas", "Groups", "Kind", "chosen_kernel", "grouped"]


Groups = list[list[int]]
"""Numbers of problems that are on a device together."""


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

    walkers: Callable[[Sequence[Problem], NDArray[np.int8], Device], Walkers]
    """Makes replicas that are numbered from 0 on, as many of each problem."""

    unfit: Callable[[Problem], str]
    """Why a problem does not fit, or nothing if it does."""

    needed: Callable[[Problem], Needed]
    """Memory of the device."""

    shape: Callable[[Problem], Hashable]
    """What problems have in common that are on a device together."""


KERNELS = {
    name: Kind(walkers, home.unfit, home.needed, home.shape)
    for name, walkers, home in (
        ("pairs", pairs.PairWalkers, pairs),
        ("many_body", many_body.ManyBodyWalkers, many_body),
        ("weighted", weighted.WeightedWalkers, weighted),
        ("exponential", exponential.ExponentialWalkers, exponential),
    )
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


def grouped(problems: Sequence[Problem], replicas: int, device: Device, kernel: str) -> Groups:
    """Which problems, by their numbers, are on a device together.

    Parameters
    ----------
    problems : sequence of Problem
    replicas : int
        Of each.
    device : Device
    kernel : str
        "auto" or a name in `KERNELS`.

    Raises
    ------
    InputError
        If a kernel is not exact for one of them.
    """
    alike: dict[tuple[str, Hashable], list[int]] = {}
    for number, problem in enumerate(problems):
        name = chosen_kernel(problem, kernel)
        alike.setdefault((name, KERNELS[name].shape(problem)), []).append(number)
    found = []
    for (name, _), members in alike.items():
        needed, free = KERNELS[name].needed(problems[members[0]]), device.free_bytes()
        count = fit_together(needed, free, replicas)
        found += [members[k : k + count] for k in range(0, len(members), count)]
    return found


class DeviceReplicas:
    """All replicas of a run, on one device; see `montecarlo.runs.Replicas`.

    Those of a single problem that do not fit into its memory together are there in turn, and
    meanwhile on the host. Random numbers belong to a replica and a sweep, so that no result depends
    on it.

    Parameters
    ----------
    problems : sequence of Problem
        Of one shape, see `Kind`.
    spins : int8 array, shape (samples * replica, N)
        Where they start, as many of each problem, one problem after the other.
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
        self, problems: Sequence[Problem], spins: NDArray[np.int8], device: Device,
        kernel: str = "auto", tracked: int = 0,
    ) -> None:  # fmt: skip
        self.problem, self.kernel = problems[0], chosen_kernel(problems[0], kernel)
        self._rows = [tracked_rows(problem.network, tracked) for problem in problems]
        kind = KERNELS[self.kernel]
        self._batches = [slice(0, len(spins))]
        if len(problems) == 1:
            needed = kind.needed(self.problem)
            self._batches = batches(self.problem, needed, device.free_bytes(), len(spins))
        self._spins, self._there = spins.copy(), self._batches[0]
        self._walkers: Walkers | None = kind.walkers(problems, spins[self._there], device)

    @property
    def rows(self) -> Sized:
        """What every overlap is written down with."""
        return self._rows[0]

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
