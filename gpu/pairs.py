"""Pairwise networks on a device: stretches of sites by products of integers."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from gpu.memory import RECORD_BYTES, Needed
from gpu.records import fill_in
from montecarlo.bounds import LARGEST_FIELD, largest_entry
from montecarlo.problem import Problem
from montecarlo.record import Record

if TYPE_CHECKING:
    from gpu.arrays import Array, Device

__all__ = ["PairWalkers", "needed", "padded", "shape", "unfit"]

THREADS = 128
TEAM, TILE, VISIT = 8, 32, 128
"""As in the text of the kernels."""

VISITORS = TEAM * TILE // 2
"""Threads of a block that visits sites: a team for two replicas."""

TOGETHER = 4
"""Tensor cores take integers of 8 bits in such numbers: replicas are padded to a multiple."""

LONGEST = 512
"""Most sites of a stretch that are visited in order."""

LONGEST_PARALLEL = 2048
"""Most sites of a stretch that are visited at once."""

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


def shape(problem: Problem) -> Hashable:
    """What problems that are on a device together have in common.

    Examples
    --------
    >>> import hopfield
    >>> nets = [hopfield.Hopfield().network(20, n_patterns=1, seed=k) for k in range(2)]
    >>> key = np.array([5, 6], np.uint64)
    >>> len({shape(Problem(net, 0.3, "glauber", key, 3)) for net in nets})
    1
    """
    network = problem.network
    return (network.size, network.n_patterns, problem.witness[1], _sizes(problem),
            problem.dynamics, problem.stream)  # fmt: skip


def needed(problem: Problem) -> Needed:
    """Memory of `PairWalkers`.

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Hopfield().network(128, n_patterns=16, seed=1)
    >>> needed(Problem(net, 0.3, "glauber", np.array([5, 6], np.uint64), 3))
    Needed(fixed=112992, replica=2464)
    """
    sites, rows, stretch, digits = _sizes(problem)
    couplings = 0 if problem.parallel else sites * stretch * (4 + digits)
    of_stretch = stretch * (4 * digits + 4 + 1)
    of_replica = 4 * rows + sites + digits * rows + of_stretch
    fixed = 2 * rows * sites + couplings + 4 * sites + 32 + (TOGETHER - 1) * of_replica
    return Needed(fixed, of_replica + RECORD_BYTES)


def _sizes(problem: Problem) -> tuple[int, int, int, int]:
    """Padded numbers of sites and of patterns, sites of a stretch, digits of an integer."""
    network = problem.network
    sites, rows = padded(network.size, VISIT), padded(network.n_patterns + 1, 16)
    # couplings of a stretch are as much work as the patterns if there are as many of its sites
    most = LONGEST_PARALLEL if problem.parallel else min(LONGEST, padded(rows, VISIT))
    entry = largest_entry(network)
    largest, digits = max(problem.largest_sum, network.n_patterns * entry**2), 1
    while largest > 127 * (256**digits - 1) // 255:
        digits += 1
    return sites, rows, min(sites, most), digits


class PairWalkers:
    """Replicas of pairwise networks on a device, as many of each of them.

    Parameters
    ----------
    problems : sequence of Problem
        For which `unfit` says nothing: of one shape and one dynamics, each of a network, a
        temperature and random numbers of its own.
    spins : int8 array, shape (samples * replica, N)
        Those of the first problem come first.
    device : Device
    first_replica : int
        Number of the first of each problem among all its replicas.
    """

    def __init__(
        self, problems: Sequence[Problem], spins: NDArray[np.int8], device: Device,
        first_replica: int = 0,
    ) -> None:  # fmt: skip
        self.problem, self._problems, self.device = problems[0], problems, device
        self._split, self._begin, self._draw, self._visit, self._measure = (
            device.kernel("pairs", name)
            for name in ("split", "begin_sweep", "draw_thresholds", "visit_sites", "measure")
        )
        sites, rows, self._stretch, self._n_digits = _sizes(self.problem)
        count, size = self.problem.network.n_patterns, self.problem.network.size
        patterns = np.zeros((len(problems), rows, sites), np.int8)
        for sample, problem in enumerate(problems):
            patterns[sample, :count, :size] = problem.network.patterns
        at_sites = device.array(patterns.transpose(0, 2, 1))
        for sample, problem in enumerate(problems):
            patterns[sample, count, :size] = problem.witness[0]
        self._patterns, self._at_sites = device.array(patterns), at_sites
        self._keys = device.array(np.array([problem.key for problem in problems], np.uint32))
        self._scales = device.array(np.array([problem.pair_scale for problem in problems]))
        self._now = device.zeros((2,), np.int64)
        squares = np.zeros((len(problems), sites), np.int32)
        squares[:, :size] = [problem.squares_at_site for problem in problems]
        self._squares = device.array(squares)
        self._write_couplings()
        self.hold(spins, first_replica)

    def hold(self, spins: NDArray[np.int8], first_replica: int) -> None:
        """Go on with other replicas in place of these."""
        self._first_replica = np.int32(first_replica)
        samples, rows, sites = self._patterns.shape
        self.replicas = len(spins) // samples
        r = self._rows = padded(self.replicas, TOGETHER)
        # what there was makes room before more is asked for
        self._overlaps: Array = None
        self._spins: Array = None
        self._digits: Array = None
        self._products: Array = None
        self._thresholds: Array = None
        self._flips: Array = None
        self._overlaps = self.device.zeros((samples, r, rows), np.int32)
        states = np.zeros((samples, r, sites), np.int8)
        size = spins.shape[1]
        states[:, : self.replicas, :size] = spins.reshape(samples, self.replicas, size)
        self._spins = self.device.array(states)
        self.device.product(self._overlaps, self._spins, self._patterns, add=False)
        self._spins = None
        self._spins = self.device.array(states.transpose(0, 2, 1))
        self._digits = self.device.zeros((samples, self._n_digits * r, rows), np.int8)
        width, many = self._stretch, self._n_digits * r
        self._products = self.device.zeros((samples, width, many), np.int32)
        self._thresholds = self.device.zeros((samples, width, r), np.int32)
        self._flips = self.device.zeros((samples, r, width), np.int8)
        self._repeat = self.device.repeater()

    def advance(self, first_sweep: int, record: Record) -> None:
        """Make as many sweeps as `record` has room for and fill it in."""
        fill_in(record, self.device, first_sweep, self._sweep, self._write_down)
        for sample, problem in enumerate(self._problems):
            of_sample = slice(sample * self.replicas, (sample + 1) * self.replicas)
            problem.count_squares(record.part(of_sample, slice(None)))

    def spins(self) -> NDArray[np.int8]:
        """Copy of the states, shape (samples * replica, N)."""
        states = self.device.host(self._spins)[:, : self.problem.network.size, : self.replicas]
        return np.ascontiguousarray(states.transpose(0, 2, 1)).reshape(-1, states.shape[1])

    def _write_couplings(self) -> None:
        """Couplings of all sites with those of their stretch, and their digits."""
        samples, sites, _ = self._at_sites.shape
        if self.problem.parallel:
            sites = 0
        self._couplings = self.device.zeros((samples, sites, self._stretch), np.int32)
        many = self._n_digits * self._stretch
        self._coupling_digits = self.device.zeros((samples, sites, many), np.int8)
        for first in range(0, sites, self._stretch):
            here = self._at_sites[:, first : first + self._stretch]
            width = here.shape[1]
            out = self._couplings[:, first : first + width, :width]
            self.device.product(out, here, here, add=False)
        if sites:
            self._write_digits(self._couplings, self._coupling_digits, self._stretch)

    def _write_digits(self, values: Array, digits: Array, row: int) -> None:
        """Digits of integers."""
        count, threads = values.size, 4 * THREADS
        arguments = (values, digits, np.int64(count), np.int64(row), np.int32(self._n_digits))
        self._split((padded(count, threads) // threads,), (THREADS,), arguments)

    def _sweep(self, sweep: int, count: Array) -> None:
        """Visit all sites in order."""
        self._begin((1,), (1,), (self._now, np.int64(sweep), count))
        self._repeat(self._visit_all)

    def _visit_all(self) -> None:
        """Visit all sites, in the sweep that is begun."""
        _, sites, rows = self._at_sites.shape
        parallel = self.problem.parallel
        row = self._rows * rows
        for first in range(0, sites, self._stretch):
            there = slice(first, min(first + self._stretch, sites))
            if first == 0 or not parallel:
                self._write_digits(self._overlaps, self._digits, row)
            width = there.stop - first
            self._draw_limits(first, width)
            products, flips = self._products[:, :width], self._flips[..., :width]
            self.device.product(products, self._at_sites[:, there], self._digits, add=False)
            if parallel:
                self._visit_sites(first, 0, width // VISIT)
            else:
                self._visit_in_order(first, width)
            self.device.product(self._overlaps, flips, self._patterns[..., there], add=True)

    def _visit_in_order(self, first: int, width: int) -> None:
        """Visit a stretch, bringing up the fields of VISIT sites before it is their turn."""
        samples, sites, _ = self._at_sites.shape
        shape = (samples, sites, self._n_digits, self._stretch)
        digits = self._coupling_digits.reshape(shape)
        for start in range(0, width, VISIT):
            if start:
                here = slice(first + start, first + start + VISIT)
                rows = digits[:, here].reshape(samples, -1, self._stretch)[..., :start]
                fields = self._products[:, start : start + VISIT]
                out = fields.reshape(samples, -1, self._rows)
                self.device.product(out, rows, self._flips[..., :start], add=True)
            self._visit_sites(first, start, 1)

    def _draw_limits(self, first: int, width: int) -> None:
        """Thresholds of a stretch."""
        p, samples = self.problem, len(self._problems)
        self._draw(
            (padded(self._rows, THREADS) // THREADS, width // 4, samples), (THREADS,),
            (self._thresholds, self._now, np.int32(first), np.int32(self._stretch),
             self._first_replica, np.int32(self._rows), np.uint32(p.stream), self._keys,
             self._scales, np.int32(p.metropolis)),
        )  # fmt: skip

    def _visit_sites(self, first: int, start: int, times: int) -> None:
        """New spins of VISIT sites of a stretch, or of so many times as many, and their flips."""
        p, samples = self.problem, len(self._problems)
        width, sites = p.network.size - first, self._at_sites.shape[1]
        couplings = self._couplings[:, first:]
        numbers = (start, width, self._stretch, sites, self._rows, self.replicas, self._n_digits)
        self._visit(
            (padded(self.replicas, TILE) // TILE, times, samples), (VISITORS,),
            (self._products, couplings, self._squares[:, first:], self._thresholds,
             self._spins[:, first:], self._flips, self._now, *map(np.int32, numbers),
             np.int32(p.metropolis), np.int32(not p.parallel)),
        )  # fmt: skip

    def _write_down(self, found: list[Array]) -> None:
        """Measure all replicas."""
        each = self.problem.witness[1]
        numbers = (self.problem.network.n_patterns, self._patterns.shape[1], self._rows, each)
        self._measure(
            (self.replicas, len(self._problems)), (THREADS,),
            (self._overlaps, *map(np.int32, numbers), *found),
        )  # fmt: skip
