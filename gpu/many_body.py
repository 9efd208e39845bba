"""Any energy that is a sum over patterns, on a device: fields are sums of integers of a table."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from gpu.memory import RECORD_BYTES, Needed
from gpu.pairs import padded
from gpu.records import fill_in
from hopfield import ExponentialNetwork
from montecarlo.problem import Problem
from montecarlo.record import Record

if TYPE_CHECKING:
    from gpu.arrays import Array, Device

__all__ = [
    "EntryTables",
    "Layout",
    "ManyBodyWalkers",
    "entry_tables",
    "layout",
    "needed",
    "shape",
    "unfit",
]

THREADS = 512
"""Most threads of a block; kernels are compiled for no more."""

EACH = 8
"""Patterns that a thread reads at once; sums of so many narrow entries fit into 32 bits."""

ROOM = 40960
"""Bytes of shared memory for copies of the table."""

BANKS = 32
"""With so many copies no two threads of a warp read from the same bank."""

NARROW_LIMIT = 2**31 // EACH
"""Slopes below it are kept in 32 bits."""

REPLICAS_AT_ONCE = 64


@dataclass(frozen=True)
class EntryTables:
    r"""φ and its slopes, where patterns with other numbers of blanks have other entries.

    A pattern with n non-blank entries, of which a agree with the spins, is at entry f + a: M is
    twice that minus `base`. There `values` is φ over its unit, and `slopes`, times `divisor`, is
    2 [φ(M) - φ(M - 2)].
    """

    values: NDArray[np.int64]
    slopes: NDArray[np.int64]
    base: NDArray[np.int32]
    divisor: float


class Layout(NamedTuple):
    """How the slopes lie in memory: so many copies of each entry, and the types of both."""

    slope: type
    place: type
    copies: int

    @property
    def row(self) -> int:
        """Bytes of all copies of an entry."""
        return self.copies * self.width

    @property
    def width(self) -> int:
        """Bytes of a slope."""
        return int(np.dtype(self.slope).itemsize)

    @property
    def bits(self) -> tuple[int, int]:
        """Of a slope, and of a place."""
        return 8 * self.width, 8 * int(np.dtype(self.place).itemsize)


def entry_tables(problem: Problem) -> EntryTables:
    """Tables of φ for the patterns of a network.

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Network(hopfield.Dense(3), np.ones((1, 4), np.int8))
    >>> tables = entry_tables(Problem(net, 0.3, "glauber", np.array([5, 6], np.uint64), 3))
    >>> tables.values.tolist()  # e_3 of 4, 3, ... entries -1 and the others +1
    [-4, 2, 0, -2, 4, 0]
    >>> (tables.slopes * int(tables.divisor)).tolist()
    [0, 12, -4, -4, 12, 0]
    """
    counts, tables = np.unique(problem.network.filled), problem.pattern_tables
    values, slopes, firsts, room = [], [], [], 0
    for filled, table in zip(counts.tolist(), tables.values, strict=True):
        middle = problem.network.size + 2
        here = table[middle - filled : middle + filled + 1 : 2].astype(np.int64)
        values.append(np.append(here, 0))
        slopes.append(np.concatenate([[0], 2 * np.diff(here), [0]]))
        firsts.append(room)
        room += filled + 2
    whole = np.concatenate(slopes)
    if problem.integer_slopes:
        # rounded as on the CPU, should a field be beyond the integers that a float can hold
        divisor = int(problem.slope_tables.divisor)
    else:
        divisor = max(1, int(np.gcd.reduce(whole)))
    base = (2 * np.array(firsts) + counts)[tables.kinds].astype(np.int32)
    return EntryTables(np.concatenate(values), whole // divisor, base, float(divisor))


def layout(slopes: NDArray[np.int64]) -> Layout:
    """The fastest one that is exact.

    A table that is short enough is read from shared memory, where it can have copies, so that the
    threads of a warp do not wait for each other.

    Examples
    --------
    >>> [layout(np.zeros(n, np.int64)).copies for n in (258, 1002, 20_000)]
    [32, 8, 2]
    >>> layout(np.zeros(20_000, np.int64)).place
    <class 'numpy.int32'>
    """
    slope = np.int32 if np.abs(slopes).max() < NARROW_LIMIT else np.int64
    fit = min(ROOM // (slopes.size * np.dtype(slope).itemsize), BANKS)
    if fit < 2:
        return Layout(slope, np.int32, 2)
    return Layout(slope, np.uint16, 1 << fit.bit_length() - 1)


def unfit(problem: Problem) -> str:
    """Why fields of a problem are no exact integers here, or nothing if they are.

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Exponential(1.0).network(20, n_patterns=1, seed=1)
    >>> unfit(Problem(net, 0.3, "glauber", np.array([5, 6], np.uint64), 3))
    'its energy is no sum over patterns'
    """
    if isinstance(problem.network, ExponentialNetwork):
        return "its energy is no sum over patterns"
    if problem.weighted:
        return "entries differ in size"
    most = problem.largest_term * problem.network.n_patterns
    if not problem.exact or most >= 2.0**62:
        return f"fields are up to {most:.2g} times the unit of their integers"
    return ""


def shape(problem: Problem) -> Hashable:
    """What problems that are on a device together have in common, and with it their tables.

    Examples
    --------
    >>> import hopfield
    >>> nets = [hopfield.Dense(3).network(20, n_patterns=1, seed=k) for k in range(2)]
    >>> key = np.array([5, 6], np.uint64)
    >>> len({shape(Problem(net, 0.3, "glauber", key, 3)) for net in nets})
    1
    """
    network = problem.network
    return (network.model, network.size, network.filled.tobytes(), problem.witness[1],
            problem.dynamics, problem.stream)  # fmt: skip


def needed(problem: Problem) -> Needed:
    """Memory of `ManyBodyWalkers`.

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Dense(3).network(64, n_patterns=1000, seed=1)
    >>> needed(Problem(net, 0.3, "glauber", np.array([5, 6], np.uint64), 3))
    Needed(fixed=76992, replica=2608)
    """
    size, count, tables = problem.network.size, problem.network.n_patterns, entry_tables(problem)
    stride, form = padded(count, EACH), layout(tables.slopes)
    table = form.width * (tables.slopes.size * form.copies - form.copies // 2)
    fixed = size * stride + size + tables.values.nbytes + tables.base.nbytes + table + 16
    place = int(np.dtype(form.place).itemsize)
    return Needed(fixed, place * stride + 2 * size + RECORD_BYTES)


class ManyBodyWalkers:
    """Replicas of networks whose energy is a sum over patterns, on a device, as many of each.

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
        self.problem, self._problems, self.device = problems[0], problems, device
        network, tables = self.problem.network, entry_tables(self.problem)
        self._stride, self._divisor = padded(network.n_patterns, EACH), tables.divisor
        patterns = np.zeros((len(problems), network.size, self._stride), np.int8)
        for sample, problem in enumerate(problems):
            patterns[sample, :, : network.n_patterns] = problem.network.patterns.T
        self._patterns = device.array(patterns)
        self._archetypes = device.array(np.stack([one.witness[0] for one in problems]))
        self._keys = device.array(np.array([one.key for one in problems], np.uint32))
        self._scales = device.array(np.array([one.quarter_scale for one in problems]))
        self._values, self._base = device.array(tables.values), device.array(tables.base)
        self._base_on_host = tables.base
        self._layout = layout(tables.slopes)
        # a place is between the entries that it can lead to, half a row from each
        copies = np.repeat(tables.slopes, self._layout.copies)[self._layout.copies // 2 :]
        self._slopes = device.array(copies.astype(self._layout.slope))
        self._threads = min(THREADS, padded(self._stride // EACH, 32))
        slope_bits, place_bits = self._layout.bits
        self._visit = device.kernel("many_body", f"sweep_{slope_bits}_{place_bits}")
        self._measure = device.kernel("many_body", f"measure_{place_bits}")
        self.hold(spins, first_replica)

    def hold(self, spins: NDArray[np.int8], first_replica: int) -> None:
        """Go on with other replicas in place of these."""
        self.replicas = len(spins) // len(self._problems)
        self._first_replica = np.uint32(first_replica)
        # what there was makes room before more is asked for
        self._places = self._spins = self._next = None
        of_samples = zip(self._problems, np.split(spins, len(self._problems)), strict=True)
        places = [self._places_of(problem, states) for problem, states in of_samples]
        self._places = self.device.array(np.concatenate(places))
        self._spins = self.device.array(spins)
        self._next = self.device.zeros(spins.shape, np.int8)

    def advance(self, first_sweep: int, record: Record) -> None:
        """Make as many sweeps as `record` has room for and fill it in."""
        fill_in(record, self.device, first_sweep, self._sweep, self._write_down)

    def spins(self) -> NDArray[np.int8]:
        """Copy of the states, shape (samples * replica, N)."""
        return self.device.host(self._spins)

    def _places_of(self, problem: Problem, spins: NDArray[np.int8]) -> NDArray[Any]:
        """Places of all patterns in bytes, shape (replica, stride)."""
        form, network, base = self._layout, problem.network, self._base_on_host
        count = network.n_patterns
        places: NDArray[Any] = np.zeros((len(spins), self._stride), form.place)
        copy = np.arange(count) // EACH % form.copies  # another one for each thread of a warp
        for first in range(0, len(spins), REPLICAS_AT_ONCE):
            some = slice(first, first + REPLICAS_AT_ONCE)
            entries = (network.overlap_sums(spins[some]) + base) // 2
            places[some, :count] = entries * form.row + copy * form.width
        return places

    def _sweep(self, sweep: int, count: Array) -> None:
        """Visit all sites in order."""
        p = self.problem
        numbers = (self._slopes.nbytes, self._layout.row)
        sizes = (p.network.size, self._stride // EACH)
        self._visit(
            (self.replicas, len(self._problems)), (self._threads,),
            (self._patterns, self._places, self._slopes, *map(np.int32, numbers), self._spins,
             self._next, count, *map(np.int32, sizes), np.float64(self._divisor),
             np.uint32(sweep), self._first_replica, np.uint32(p.stream), self._keys,
             self._scales, np.int32(p.metropolis), np.int32(p.parallel)),
        )  # fmt: skip
        self._spins, self._next = self._next, self._spins

    def _write_down(self, found: list[Array]) -> None:
        """Measure all replicas."""
        network, each = self.problem.network, self.problem.witness[1]
        numbers = (network.size, network.n_patterns, self._stride, each, self._layout.row)
        self._measure(
            (self.replicas, len(self._problems)), (self._threads,),
            (self._spins, self._archetypes, self._places, self._base, self._values,
             *map(np.int32, numbers), *found),
        )  # fmt: skip
