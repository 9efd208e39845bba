"""Pairwise networks on a device: groups of sites by products of integers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gpu.arrays import words
from gpu.memory import RECORD_BYTES, Needed
from gpu.records import fill_in
from montecarlo.bounds import LARGEST_FIELD, largest_entry
from montecarlo.problem import Problem
from montecarlo.record import Record
from montecarlo.rng import GROUP

if TYPE_CHECKING:
    from gpu.arrays import Array, Device

__all__ = ["PairWalkers", "needed", "padded", "unfit"]

THREADS = 128
MOST_ENTRY = 127
"""Largest |ξ| that fits into 8 bits."""


def padded(count: int, unit: int) -> int:
    """The next multiple of a unit.

    Examples
    --------
    >>> padded(65, 16), padded(64, 16)
    (80, 64)
    """
    return -(-count // unit) * unit


def unfit(problem: Problem) -> str:
    """Why fields of a problem are no exact integers here, or nothing if they are.

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Dense(3).network(20, n_patterns=1, seed=1)
    >>> unfit(Problem(net, 0.3, "glauber", np.array([5, 6], np.uint64), 3))
    'interactions are not between pairs'
    """
    if not problem.pairwise:
        return "interactions are not between pairs"
    most = largest_entry(problem.network)
    if most > MOST_ENTRY:
        return f"entries are up to {most}, more than {MOST_ENTRY}"
    if problem.largest_field >= LARGEST_FIELD:
        return f"fields are up to {problem.largest_field:g}, not below 2^30"
    return ""


def needed(problem: Problem) -> Needed:
    """Memory of `PairWalkers`.

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Hopfield().network(128, n_patterns=16, seed=1)
    >>> needed(Problem(net, 0.3, "glauber", np.array([5, 6], np.uint64), 3))
    Needed(fixed=36992, replica=1536)
    """
    size, groups = problem.network.size, problem.groups
    sites, rows = groups * GROUP, padded(problem.network.n_patterns, 16)
    fixed = 2 * rows * sites + 4 * groups * GROUP**2 + size
    of_group = 4 * _digits(problem) * GROUP + 4 * GROUP + GROUP
    return Needed(fixed, 4 * rows + sites + _digits(problem) * rows + of_group + RECORD_BYTES)


def _digits(problem: Problem) -> int:
    """How many digits overlaps have."""
    return 1 + int(problem.largest_sum > 127) + int(problem.largest_sum > 32639)


class PairWalkers:
    """Replicas of a pairwise network on a device.

    Parameters
    ----------
    problem : Problem
        One for which `unfit` says nothing.
    spins : int8 array, shape (replica, N)
    device : Device
    first_replica : int
        Number of the first of them among all replicas.
    """

    def __init__(
        self, problem: Problem, spins: NDArray[np.int8], device: Device, first_replica: int = 0
    ) -> None:
        self.problem, self.device = problem, device
        network = problem.network
        sites, rows = padded(network.size, GROUP), padded(network.n_patterns, 16)
        patterns = np.zeros((rows, sites), np.int8)
        patterns[: network.n_patterns, : network.size] = network.patterns
        self._patterns, self._at_sites = device.array(patterns), device.array(patterns.T)
        self._gram = device.array(problem.group_gram.astype(np.int32))
        self._archetype = device.array(problem.witness[0])
        self._n_digits = _digits(problem)
        self._split, self._draw, self._visit, self._measure = (
            device.kernel("pairs", name)
            for name in ("split", "draw_thresholds", "visit_group", "measure")
        )
        self.hold(spins, first_replica)

    def hold(self, spins: NDArray[np.int8], first_replica: int) -> None:
        """Go on with other replicas in place of these."""
        self.replicas, self._first_replica = len(spins), np.int32(first_replica)
        rows, sites = self._patterns.shape
        # what there was makes room before more is asked for
        self._overlaps: Array = None
        self._spins: Array = None
        self._digits = self._products = self._thresholds = self._flips = None
        self._overlaps = self.device.zeros((self.replicas, rows), np.int32)
        states = np.zeros((self.replicas, sites), np.int8)
        states[:, : spins.shape[1]] = spins
        self._spins = self.device.array(states)
        self.device.product(self._overlaps, self._spins, self._patterns, add=False)
        self._spins = None
        self._spins = self.device.array(states.T)
        self._digits = self.device.zeros((self._n_digits * self.replicas, rows), np.int8)
        self._products = self.device.zeros((GROUP, self._n_digits * self.replicas), np.int32)
        self._thresholds = self.device.zeros((GROUP, self.replicas), np.float32)
        self._flips = self.device.zeros((self.replicas, GROUP), np.int8)

    def advance(self, first_sweep: int, record: Record) -> None:
        """Make as many sweeps as `record` has room for and fill it in."""
        fill_in(record, self.device, first_sweep, self._sweep, self._write_down)
        self.problem.count_squares(record)

    def spins(self) -> NDArray[np.int8]:
        """Copy of the states, shape (replica, N)."""
        states = self.device.host(self._spins)[: self.problem.network.size]
        return np.ascontiguousarray(states.T)

    def _sweep(self, sweep: int, count: Array) -> None:
        """Visit all groups in order."""
        parallel = self.problem.parallel
        if parallel:
            self._write_digits()
        for g in range(self.problem.groups):
            sites = slice(g * GROUP, (g + 1) * GROUP)
            if not parallel:
                self._write_digits()
            self.device.product(self._products, self._at_sites[sites], self._digits, add=False)
            self._visit_sites(g, sweep, count)
            self.device.product(self._overlaps, self._flips, self._patterns[:, sites], add=True)

    def _write_digits(self) -> None:
        """Digits of all overlaps."""
        count = self._overlaps.size
        arguments = (self._overlaps, self._digits, np.int64(count), np.int32(self._n_digits))
        self._split((padded(count, THREADS) // THREADS,), (THREADS,), arguments)

    def _visit_sites(self, g: int, sweep: int, count: Array) -> None:
        """New spins of a group, and their flips."""
        p, first = self.problem, g * GROUP
        width = np.int32(min(GROUP, p.network.size - first))
        many, blocks = np.int32(self.replicas), padded(self.replicas, THREADS) // THREADS
        self._draw(
            (blocks, GROUP // 4), (THREADS,),
            (self._thresholds, width, np.int32(first), np.int32(sweep),
             self._first_replica, many, np.uint32(p.stream), *words(p.key),
             np.float64(p.pair_scale), np.int32(p.metropolis)),
        )  # fmt: skip
        self._visit(
            (blocks,), (THREADS,),
            (self._products, self._gram[g], self._thresholds, self._spins[first:], self._flips,
             count, width, many, np.int32(self._n_digits), np.int32(not p.parallel),
             np.int32(p.metropolis)),
        )  # fmt: skip

    def _write_down(self, found: list[Array]) -> None:
        """Measure all replicas."""
        network, each = self.problem.network, self.problem.witness[1]
        numbers = (network.size, network.n_patterns, self._overlaps.shape[1], each, self.replicas)
        self._measure(
            (self.replicas,), (THREADS,),
            (self._spins, self._archetype, self._overlaps, *map(np.int32, numbers), *found),
        )  # fmt: skip
