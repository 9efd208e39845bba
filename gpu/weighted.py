"""Sums of examples on a device: elementary symmetric polynomials, their sums in the CPU's order."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gpu.memory import RECORD_BYTES, Needed
from gpu.pairs import padded
from gpu.records import fill_in
from montecarlo.bounds import largest_entry
from montecarlo.kernels_weighted import SUMS, WARP, count_unit, field_scale
from montecarlo.problem import Problem
from montecarlo.record import Record

if TYPE_CHECKING:
    from gpu.arrays import Array, Device

__all__ = ["WeightedWalkers", "needed", "shape", "unfit"]

ORDERS = (3, 4, 5)
"""Spins in an interaction for which narrow entries have kernels of their own."""


def unfit(problem: Problem) -> str:
    """Why there is no kernel for a problem here, or nothing if there is.

    Examples
    --------
    >>> import hopfield
    >>> key = np.array([5, 6], np.uint64)
    >>> nets = [model.network(20, n_patterns=1, seed=1)
    ...         for model in (hopfield.Dense(3), hopfield.Supervised(3, 0.8, 5))]
    >>> [unfit(Problem(net, 0.3, "glauber", key, 3)) for net in nets]
    ['entries do not differ in size', '']
    """
    if not problem.weighted:
        return "entries do not differ in size"
    if problem.pairwise:
        return "there are polynomials of two spins alone"
    if problem.largest_sum >= 2**31:
        return f"overlaps are up to {problem.largest_sum:.2g}"
    return ""


def _entry(problem: Problem) -> type[np.signedinteger[Any]]:
    """Type of the entries."""
    return np.int16 if largest_entry(problem.network) < 2**15 else np.int32


def shape(problem: Problem) -> Hashable:
    """What problems that are on a device together have in common.

    Examples
    --------
    >>> import hopfield
    >>> model, key = hopfield.Supervised(3, 0.8, 5), np.array([5, 6], np.uint64)
    >>> nets = [model.network(20, n_patterns=1, seed=k) for k in range(2)]
    >>> len({shape(Problem(net, 0.3, "glauber", key, 3)) for net in nets})
    1
    """
    network = problem.network
    return (network.model, network.size, network.n_patterns, _entry(problem), problem.witness[1],
            problem.dynamics, problem.stream)  # fmt: skip


def needed(problem: Problem) -> Needed:
    """Memory of `WeightedWalkers`.

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Supervised(3, 0.8, 5).network(64, n_patterns=1000, seed=1)
    >>> needed(Problem(net, 0.3, "glauber", np.array([5, 6], np.uint64), 3))
    Needed(fixed=136080, replica=12608)
    """
    size, count = problem.network.size, problem.network.n_patterns
    fixed = size * count * np.dtype(_entry(problem)).itemsize + 8 * count + size + 16
    kept = 4 + 8 * (problem.network.model.interaction_order - 2)
    return Needed(fixed, kept * count + 2 * size + RECORD_BYTES)


class WeightedWalkers:
    """Replicas of networks of weighted patterns, p > 2, on a device, as many of each.

    What is kept of the patterns is computed afresh at each call, as on the CPU.

    Parameters
    ----------
    problems : sequence of Problem
        For which `unfit` says nothing, and `shape` the same.
    spins : int8 array, shape (samples * replica, N)
        Those of the first problem come first.
    device : Device
    first_replica : int
        Number of the first of each problem, which fixes its random numbers.
    """

    def __init__(
        self, problems: Sequence[Problem], spins: NDArray[np.int8], device: Device,
        first_replica: int = 0,
    ) -> None:  # fmt: skip
        self.problem, self.device = problems[0], device
        network, entry = self.problem.network, _entry(self.problem)
        self._samples, self._order = len(problems), network.model.interaction_order
        patterns = np.stack([one.network.patterns.T for one in problems]).astype(entry)
        self._patterns = device.array(patterns)
        squares = np.stack([one.network.squares for one in problems])
        self._squares = device.array(squares.astype(np.float64))
        self._archetypes = device.array(np.stack([one.witness[0] for one in problems]))
        self._keys = device.array(np.array([one.key for one in problems], np.uint32))
        self._scales = device.array(np.array([field_scale(one) for one in problems]))
        self._threads = min(padded(network.n_patterns, WARP), SUMS)
        own = self._order in ORDERS and entry is np.int16
        bits, order = 8 * patterns.itemsize, self._order if own else 0
        self._fill, self._visit, self._measure = (
            device.kernel("weighted", name)
            for name in (f"fill_{bits}", f"sweep_{bits}_{order}", "measure")
        )
        self.hold(spins, first_replica)

    def hold(self, spins: NDArray[np.int8], first_replica: int) -> None:
        """Go on with other replicas in place of these."""
        self.replicas = len(spins) // self._samples
        self._first_replica = np.uint32(first_replica)
        # what there was makes room before more is asked for
        self._spins = self._next = self._overlaps = self._polynomials = None
        count, zeros = self.problem.network.n_patterns, self.device.zeros
        self._spins = self.device.array(spins)
        self._next = zeros(spins.shape, np.int8)
        self._overlaps = zeros((len(spins), count), np.int32)
        self._polynomials = zeros((len(spins), self._order - 2, count), np.float64)

    def advance(self, first_sweep: int, record: Record) -> None:
        """Make as many sweeps as `record` has room for and fill it in."""
        self._fill(
            (self.replicas, self._samples),
            (self._threads,),
            (*self._kept, self._spins, *self._sizes),
        )
        fill_in(record, self.device, first_sweep, self._sweep, self._write_down)

    def spins(self) -> NDArray[np.int8]:
        """Copy of the states, shape (samples * replica, N)."""
        return self.device.host(self._spins)

    @property
    def _kept(self) -> tuple[Array, ...]:
        """Patterns and what is kept of them."""
        return self._patterns, self._squares, self._overlaps, self._polynomials

    @property
    def _sizes(self) -> tuple[np.int32, ...]:
        """Numbers of spins, of patterns, and of spins in an interaction."""
        network = self.problem.network
        return np.int32(network.size), np.int32(network.n_patterns), np.int32(self._order)

    def _sweep(self, sweep: int, count: Array) -> None:
        """Visit all sites in order."""
        p = self.problem
        self._visit(
            (self.replicas, self._samples), (self._threads,),
            (*self._kept, self._spins, self._next, count, *self._sizes, np.uint32(sweep),
             self._first_replica, np.uint32(p.stream), self._keys, self._scales,
             np.int32(p.metropolis), np.int32(p.parallel)),
        )  # fmt: skip
        self._spins, self._next = self._next, self._spins

    def _write_down(self, found: list[Array]) -> None:
        """Measure all replicas."""
        size, n_patterns, order = self._sizes
        unit, each = count_unit(self.problem), self.problem.witness[1]
        self._measure(
            (self.replicas, self._samples), (self._threads,),
            (self._spins, self._archetypes, self._overlaps, self._polynomials, size, n_patterns,
             np.int32(each), order, np.float64(unit), *found),
        )  # fmt: skip
