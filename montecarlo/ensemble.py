"""Replicas spread over threads, and the choice of the kernel that advances them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from hopfield import ExponentialNetwork, InputError
from montecarlo.bounds import LARGEST_FIELD
from montecarlo.intrinsics import LANES
from montecarlo.kernels_block import BlockWalkers
from montecarlo.kernels_dense import DenseWalkers
from montecarlo.kernels_exponential import ExponentialWalkers
from montecarlo.kernels_plain import FieldWalkers, OverlapWalkers
from montecarlo.kernels_slopes import AT_ONCE, SlopeWalkers
from montecarlo.kernels_weighted import WeightedWalkers
from montecarlo.problem import Problem
from montecarlo.record import Record
from montecarlo.threads import one_blas_thread
from montecarlo.tracking import Walkers, advance_tracked, tracked_rows

__all__ = ["KERNELS", "Ensemble", "allowed_kernels", "cheapest_kernel", "started"]

COUPLING_LIMIT = 2**28
"""Largest coupling matrix, in bytes, that is made without being asked for."""


KERNELS: dict[str, Callable[[Problem, NDArray[np.int8], int], Walkers]] = {
    "block": BlockWalkers,
    "fields": FieldWalkers,
    "overlaps": OverlapWalkers,
    "slopes": SlopeWalkers,
    "dense": DenseWalkers,
    "weighted": WeightedWalkers,
    "exponential": ExponentialWalkers,
}


def allowed_kernels(problem: Problem) -> list[str]:
    """Kernels that are exact for a problem."""
    if isinstance(problem.network, ExponentialNetwork):
        return ["exponential"]
    any_energy = ["slopes", "dense"] if problem.integer_slopes else ["dense"]
    if problem.weighted:
        any_energy = ["weighted"]
    if not problem.pairwise:
        return any_energy
    narrow = problem.largest_field < LARGEST_FIELD
    exact = {"block": problem.largest_field < 2**24, "fields": narrow, "overlaps": narrow}
    return [name for name, fits in exact.items() if fits] + any_energy


def cheapest_kernel(
    problem: Problem,
    allowed: list[str],
    replicas: int,
    flip_rate: float,
    sweeps: int,
    current: str | None = None,
) -> str:
    """The allowed kernel that should finish first.

    The costs are nanoseconds per attempt, fitted on one machine; other machines change them by
    factors that are similar for all kernels.

    Parameters
    ----------
    problem : Problem
    allowed : list of str
    replicas, sweeps : int
        What is to be done.
    flip_rate : float
        Accepted flips per attempt, as measured.
    current : str, optional
        The kernel in use, which is left only for one that is clearly cheaper.
    """
    if len(allowed) == 1:
        return allowed[0]
    network, order = problem.network, problem.network.model.interaction_order
    size, n_patterns = network.size, network.n_patterns
    padding, spare = (-(-replicas // n) * n / replicas for n in (LANES, AT_ONCE))
    attempts = float(sweeps) * replicas * size
    set_up = 0.0 if current == "fields" else 0.02 * size * size * n_patterns / attempts
    costs = {
        "block": padding * (1.8 + 0.022 * n_patterns),
        "overlaps": 6.0 + 0.135 * n_patterns,
        "fields": 1.2 + (0.13 * size + 0.3 * network.n_archetypes) * flip_rate + set_up,
        "slopes": 10.0 + (0.04 * spare + flip_rate) * n_patterns,
        "dense": 10.0 + (0.3 + 3.0 * flip_rate) * n_patterns,
        "weighted": 10.0 + (0.4 + 2.0 * flip_rate) * n_patterns * order,
    }
    if problem.coupling_bytes > COUPLING_LIMIT:
        costs["fields"] = np.inf
    if current is not None:
        costs[current] *= 0.8
    return min(allowed, key=costs.__getitem__)


class Ensemble:
    """All replicas of a run, dealt to threads.

    Parameters
    ----------
    problem : Problem
    kernel : str
        Name in `KERNELS`.
    threads : int
        How many threads the replicas are dealt to.
    pool : concurrent.futures.Executor
        Where they run.
    spins : int8 array, shape (replica, N)
        Where they start.
    tracked : int
        Number of archetypes of which every overlap is written down if a record has room for it.
    others : list of str
        Kernels that it may change to.
    """

    def __init__(
        self, problem: Problem, kernel: str, threads: int, pool: Executor,
        spins: NDArray[np.int8], tracked: int = 0, others: Sequence[str] = (),
    ) -> None:  # fmt: skip
        self.problem = problem
        self._others = list(others)
        self.replicas = len(spins)
        self.rows = tracked_rows(problem.network, tracked)
        self._threads, self._pool = threads, pool
        self._deal(kernel, spins)

    def _deal(self, kernel: str, spins: NDArray[np.int8]) -> None:
        grain = {"block": LANES, "slopes": AT_ONCE}.get(kernel, 1)
        bundles = -(-self.replicas // grain)
        shares = np.array_split(np.arange(bundles), min(self._threads, bundles))
        bounds = [int(share[0]) * grain for share in shares] + [self.replicas]
        self.kernel = kernel
        self._parts = [slice(first, last) for first, last in pairwise(bounds)]
        kind = KERNELS[kernel]
        self._walkers = [kind(self.problem, spins[part], part.start) for part in self._parts]

    @property
    def spins(self) -> NDArray[np.int8]:
        """Copy of the states, shape (replica, N)."""
        states = np.concatenate([walkers.spins() for walkers in self._walkers])
        return np.ascontiguousarray(states)

    def use(self, kernel: str) -> None:
        """Go on with another kernel; the trajectory stays the same."""
        self._deal(kernel, self.spins)

    def adapt(self, flip_rate: float, sweeps: int) -> None:
        """Go on with the kernel that should be fastest, if it may change to another one."""
        if self._others:
            best = cheapest_kernel(
                self.problem, self._others, self.replicas, flip_rate, sweeps, self.kernel
            )
            if best != self.kernel:
                self.use(best)

    def advance(self, first_sweep: int, record: Record) -> None:
        """Make as many sweeps as `record` has room for and fill it in."""
        everything = slice(None)
        tasks = [
            self._pool.submit(
                advance_tracked, walkers, [self.rows], first_sweep, record.part(part, everything)
            )
            for walkers, part in zip(self._walkers, self._parts, strict=True)
        ]
        for task in tasks:
            task.result()


@contextmanager
def started(
    problem: Problem, spins: NDArray[np.int8], sweeps: int, kernel: str, threads: int,
    tracked: int = 0,
) -> Iterator[Ensemble]:  # fmt: skip
    """Replicas ready to go, with one BLAS thread for each of theirs.

    Parameters
    ----------
    problem : Problem
    spins : int8 array, shape (replica, N)
        Where they start.
    sweeps : int
        How many are to be made.
    kernel : str
        Name in `KERNELS`, or "auto" for the one that should be fastest.
    threads : int
    tracked : int
        Number of archetypes of which every overlap is written down.

    Raises
    ------
    InputError
        If the kernel is not exact for this network.
    """
    allowed = allowed_kernels(problem)
    if kernel not in ("auto", *allowed):
        raise InputError(f"kernel {kernel!r} is not exact for this network; use one of {allowed}")
    with one_blas_thread(), ThreadPoolExecutor(threads) as pool:
        if kernel != "auto":
            yield Ensemble(problem, kernel, threads, pool, spins, tracked)
            return
        fastest = cheapest_kernel(problem, allowed, len(spins), 0.2, sweeps)
        yield Ensemble(problem, fastest, threads, pool, spins, tracked, allowed)
