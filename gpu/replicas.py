"""All replicas of a run on a device."""

from __future__ import annotations

from collections.abc import Callable, Sized
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from gpu import exponential, many_body, pairs
from gpu.arrays import Device
from hopfield import InputError
from montecarlo.problem import Problem
from montecarlo.record import Record
from montecarlo.tracking import Walkers, advance_tracked, tracked_rows

__all__ = ["KERNELS", "DeviceReplicas", "Kind", "chosen_kernel"]


class Kind(NamedTuple):
    """A kind of kernel: what makes its walkers, and why a problem does not fit, if so."""

    walkers: Callable[[Problem, NDArray[np.int8], Device], Walkers]
    unfit: Callable[[Problem], str]


KERNELS = {
    "pairs": Kind(pairs.PairWalkers, pairs.unfit),
    "many_body": Kind(many_body.ManyBodyWalkers, many_body.unfit),
    "exponential": Kind(exponential.ExponentialWalkers, exponential.unfit),
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
        If the kernel is not exact for the problem.
    """

    def __init__(
        self, problem: Problem, spins: NDArray[np.int8], device: Device, kernel: str = "auto",
        tracked: int = 0,
    ) -> None:  # fmt: skip
        self.problem, self.kernel = problem, chosen_kernel(problem, kernel)
        self._rows = tracked_rows(problem.network, tracked)
        self._walkers = KERNELS[self.kernel].walkers(problem, spins, device)

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
