"""Any energy that is a sum over patterns, on a device: fields are sums of integers of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gpu.arrays import words
from gpu.pairs import padded
from hopfield import ExponentialNetwork
from montecarlo.problem import Problem
from montecarlo.record import Record

if TYPE_CHECKING:
    from gpu.arrays import Array, Device

__all__ = ["ManyBodyWalkers", "PlaceTables", "copies_shift", "kinds", "place_tables", "unfit"]

THREADS = 512
"""Most threads of a block; kernels are compiled for no more."""

EACH = 8
"""Patterns that a thread reads at once; sums of so many narrow entries fit into 32 bits."""

ROOM = 40960
"""Bytes of shared memory for copies of the table."""

BANKS = 32
"""With so many copies no two threads of a warp read from the same bank."""

NARROW_LIMIT = 2**31 // EACH
"""Entries below it are kept in 32 bits."""

REPLICAS_AT_ONCE = 64


@dataclass(frozen=True)
class PlaceTables:
    r"""φ and its slopes by places, where patterns with other numbers of blanks have other places.

    A pattern with n non-blank entries, of which a agree with the spins, is at place f + a: M is
    twice its place minus `base`. There `values` is φ over its unit, and `slopes`, times `divisor`,
    is 2 [φ(M) - φ(M - 2)].
    """

    values: NDArray[np.int64]
    slopes: NDArray[np.int64]
    base: NDArray[np.int32]
    divisor: float


def place_tables(problem: Problem) -> PlaceTables:
    """Tables of φ for the patterns of a network.

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Network(hopfield.Dense(3), np.ones((1, 4), np.int8))
    >>> tables = place_tables(Problem(net, 0.3, "glauber", np.array([5, 6], np.uint64), 3))
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
    return PlaceTables(np.concatenate(values), whole // divisor, base, float(divisor))


def kinds(tables: PlaceTables) -> tuple[type, type]:
    """Types of entries of a table of slopes and of places that are wide enough.

    Examples
    --------
    >>> nothing = np.zeros(5, np.int64)
    >>> kinds(PlaceTables(nothing, nothing, np.zeros(1, np.int32), 1.0))
    (<class 'numpy.int32'>, <class 'numpy.uint16'>)
    """
    narrow = np.abs(tables.slopes).max() < NARROW_LIMIT
    return np.int32 if narrow else np.int64, np.uint16 if tables.slopes.size <= 2**16 else np.int32


def copies_shift(places: int, entry_bytes: int) -> int:
    """Logarithm to base 2 of the number of copies of a table that fit, -1 if none does.

    Examples
    --------
    >>> copies_shift(258, 4), copies_shift(1002, 4), copies_shift(20_000, 4)
    (5, 3, -1)
    """
    copies = min(ROOM // (places * entry_bytes), BANKS)
    return copies.bit_length() - 1


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


class ManyBodyWalkers:
    """Replicas of a network whose energy is a sum over patterns, on a device.

    Parameters
    ----------
    problem : Problem
        One for which `unfit` says nothing.
    spins : int8 array, shape (replica, N)
    device : Device
    """

    def __init__(self, problem: Problem, spins: NDArray[np.int8], device: Device) -> None:
        self.problem, self.device, self.replicas = problem, device, len(spins)
        network, tables = problem.network, place_tables(problem)
        self._stride = padded(network.n_patterns, EACH)
        patterns = np.zeros((network.size, self._stride), np.int8)
        patterns[:, : network.n_patterns] = network.patterns.T
        entry, place = kinds(tables)
        self._patterns, self._archetype = device.array(patterns), device.array(problem.witness[0])
        self._slopes = device.array(tables.slopes.astype(entry))
        self._values, self._base = device.array(tables.values), device.array(tables.base)
        self._places = device.array(self._places_of(spins, tables.base, place))
        self._spins, self._next = device.array(spins), device.zeros(spins.shape, np.int8)
        shift = copies_shift(tables.slopes.size, np.dtype(entry).itemsize)
        self._table = (np.int32(tables.slopes.size), np.int32(shift))
        self._divisor = np.float64(tables.divisor)
        self._threads = min(THREADS, padded(self._stride // EACH, 32))
        entry_bits, place_bits = (8 * np.dtype(kind).itemsize for kind in (entry, place))
        self._visit = device.kernel("many_body", f"sweep_{entry_bits}_{place_bits}")
        self._measure = device.kernel("many_body", f"measure_{place_bits}")

    def advance(self, first_sweep: int, record: Record) -> None:
        """Make as many sweeps as `record` has room for and fill it in."""
        shape = (record.overlap.shape[1], self.replicas)
        found = [self.device.zeros(shape, array.dtype.type) for array in record.arrays[:4]]
        flips = self.device.zeros(shape, np.int32)
        for t in range(shape[0]):
            self._sweep(first_sweep + t, flips[t])
            self._write_down([array[t] for array in found])
        for array, values in zip(record.arrays, [*found, flips], strict=True):
            array[:] = self.device.host(values).T

    def spins(self) -> NDArray[np.int8]:
        """Copy of the states, shape (replica, N)."""
        return self.device.host(self._spins)

    def _places_of(
        self, spins: NDArray[np.int8], base: NDArray[np.int32], kind: type
    ) -> NDArray[Any]:
        """Places of all patterns, shape (replica, stride)."""
        places: NDArray[Any] = np.zeros((len(spins), self._stride), kind)
        for first in range(0, len(spins), REPLICAS_AT_ONCE):
            some = slice(first, first + REPLICAS_AT_ONCE)
            sums = self.problem.network.overlap_sums(spins[some])
            places[some, : sums.shape[1]] = (sums + base) // 2
        return places

    def _sweep(self, sweep: int, count: Array) -> None:
        """Visit all sites in order."""
        p = self.problem
        self._visit(
            (self.replicas,), (self._threads,),
            (self._patterns, self._places, self._slopes, *self._table, self._spins, self._next,
             count, np.int32(p.network.size), np.int32(self._stride // EACH), self._divisor,
             np.float64(p.quarter_scale), np.uint32(sweep), np.uint32(p.stream), *words(p.key),
             np.int32(p.metropolis), np.int32(p.parallel)),
        )  # fmt: skip
        self._spins, self._next = self._next, self._spins

    def _write_down(self, found: list[Array]) -> None:
        """Measure all replicas."""
        network, each = self.problem.network, self.problem.witness[1]
        numbers = (network.size, network.n_patterns, self._stride, each)
        self._measure(
            (self.replicas,), (self._threads,),
            (self._spins, self._archetype, self._places, self._base, self._values,
             *map(np.int32, numbers), *found),
        )  # fmt: skip
