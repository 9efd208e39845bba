"""Exponential networks on a device: a pass over packed patterns for each attempt."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gpu.cuda import Cuda
from gpu.memory import RECORD_BYTES, Needed
from gpu.packed import DRAWN_TOGETHER, MOST_SIZE, THREADS, PackedPatterns, drawn_words
from gpu.pairs import padded
from gpu.records import fill_in
from hopfield.arguments import InputError, integer
from hopfield.bits import Words, pack, unpack
from hopfield.exponential_network import ExponentialNetwork, PatternStream
from hopfield.log_sums import log_sum
from montecarlo.kernels_exponential import neighbours
from montecarlo.problem import Problem
from montecarlo.record import Record

if TYPE_CHECKING:
    from gpu.arrays import Array, Device

__all__ = ["ExponentialWalkers", "PatternPanels", "histogram", "needed", "shape", "unfit"]

PANEL_BYTES = 2**29
"""Patterns that are on a device together if not all of them are."""


def unfit(problem: Problem) -> str:
    """Why there is no kernel for a problem here, or nothing if there is.

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Hopfield().network(20, n_patterns=1, seed=1)
    >>> unfit(Problem(net, 0.3, "glauber", np.array([5, 6], np.uint64), 3))
    'the energy is no log-sum-exp'
    """
    if not isinstance(problem.network, ExponentialNetwork):
        return "the energy is no log-sum-exp"
    if problem.network.size > MOST_SIZE:
        return f"there are {problem.network.size} spins, more than {MOST_SIZE}"
    return ""


def shape(problem: Problem) -> Hashable:
    """What problems that are on a device together have in common.

    Examples
    --------
    >>> import hopfield
    >>> nets = [hopfield.Exponential().network(20, n_patterns=1, seed=k) for k in range(2)]
    >>> key = np.array([5, 6], np.uint64)
    >>> len({shape(Problem(net, 0.3, "glauber", key, 3)) for net in nets})
    1
    """
    network = problem.network
    return network.model, network.size, network.n_patterns, problem.dynamics, problem.stream


def _exponential(problem: Problem) -> ExponentialNetwork:
    """The network of a problem."""
    if not isinstance(problem.network, ExponentialNetwork):
        raise TypeError(f"the network must be exponential, got {problem.network!r}")
    return problem.network


def needed(problem: Problem) -> Needed:
    """Memory of `ExponentialWalkers`.

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Exponential(1.0).network(64, n_patterns=1000, seed=1)
    >>> needed(Problem(net, 0.3, "glauber", np.array([5, 6], np.uint64), 3))
    Needed(fixed=8536, replica=2580)
    """
    size = problem.network.size
    state = 8 * padded(size, 64) // 64
    fixed = state * problem.network.n_patterns + 8 * (size + 1) + 16
    return Needed(fixed, 2 * state + 4 * 8 * (size + 1) + 4 + RECORD_BYTES)


class ExponentialWalkers:
    """Replicas of exponential networks on a device, as many of each.

    Parameters
    ----------
    problems : sequence of Problem
        For which `unfit` says nothing, and `shape` the same.
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
        self.problem, self.device = problems[0], device
        networks = [_exponential(problem) for problem in problems]
        network, words = networks[0], np.stack([one.words.T for one in networks])
        self._patterns = PackedPatterns(device.array(words), network.size, device)
        self._keys = device.array(np.array([one.key for one in problems], np.uint32))
        scales = [max(one.temperature / 2.0, 1e-200) for one in problems]
        self._scales = device.array(np.array(scales))
        self._sharpness = network.sharpness
        decay = np.exp(-2.0 * self._sharpness * np.arange(network.size + 1))
        self._decay = device.array(decay)
        self._visit, self._measure = (
            device.kernel("exponential", name) for name in ("visit", "measure")
        )
        self.hold(spins, first_replica)

    def hold(self, spins: NDArray[np.int8], first_replica: int) -> None:
        """Go on with other replicas in place of these."""
        (rows, size), self._first_replica = spins.shape, np.uint32(first_replica)
        self.replicas = rows // self._patterns.samples
        # what there was makes room before more is asked for
        self._states = self._turned = None
        self._fixed: tuple[Any, ...] = ()
        self._counts = self._found = self._differing = self._after = None
        self._states = self.device.array(pack(spins))
        self._turned = self.device.zeros(self._states.shape, np.uint64)
        self._counts, self._found, self._differing, self._after = (
            self.device.zeros((rows, size + 1), np.int64) for _ in range(4)
        )
        self._patterns.count(self._states, self._counts)
        self._grid, self._span = self._patterns.grid(self.replicas)
        teams, _, samples = self._grid
        self._fixed = self._arguments(self.device.zeros((samples * teams,), np.int32))
        # one part of the patterns needs no launch between two sites
        stride = size if self._grid[1] == 1 else 1
        self._steps = [np.array([i, i + stride], np.int32) for i in range(0, size, stride)]

    def advance(self, first_sweep: int, record: Record) -> None:
        """Make as many sweeps as `record` has room for and fill it in."""
        fill_in(record, self.device, first_sweep, self._sweep, self._write_down)

    def spins(self) -> NDArray[np.int8]:
        """Copy of the states, shape (samples * replica, N)."""
        states: Words = self.device.host(self._states)
        return unpack(states, self.problem.network.size)

    def _arguments(self, tickets: Array) -> tuple[Any, ...]:
        """Arguments that all attempts have in common."""
        p, patterns = self.problem, self._patterns
        return (
            patterns.words, np.int64(patterns.n_patterns), self._span, np.int32(patterns.size),
            self._states, self._turned, self._counts, self._found, self._differing, self._after,
            tickets, np.int32(self.replicas), self._first_replica, self._decay,
            *map(np.float64, (self._sharpness, *neighbours(self._sharpness))),
            np.uint32(p.stream), self._keys, self._scales, np.int32(p.metropolis),
            np.int32(p.parallel),
        )  # fmt: skip

    def _sweep(self, sweep: int, count: Array) -> None:
        """Visit all sites in order."""
        for sites in self._steps:
            self._visit(self._grid, (THREADS,), (*self._fixed, *sites, np.int32(sweep), count))

    def _write_down(self, found: list[Array]) -> None:
        """Measure all replicas."""
        patterns = self._patterns
        patterns.count(self._states, self._found)
        self._measure(
            (self.replicas, 1, patterns.samples), (32,),
            (patterns.words, np.int64(patterns.n_patterns), np.int32(patterns.size), self._states,
             self._counts, self._found, self._decay, np.float64(self._sharpness), *found),
        )  # fmt: skip


class PatternPanels:
    """All patterns of a network or a stream on a device, for energies of many states.

    Each pass reads 8 bytes for every team of 4 states and pattern of 64 spins. Patterns that are
    kept are brought once; others panel by panel for every call, those of a stream drawn there.

    Parameters
    ----------
    patterns : ExponentialNetwork or PatternStream
    device : Device, optional
        The current CUDA device if none is given.
    room : int
        Bytes of the device that they may take if all are kept.
    panel : int
        Bytes of those that are there together if not all are.

    Raises
    ------
    InputError
        If they are of more spins than a block has counters for, or there is no device.

    Examples
    --------
    >>> import hopfield, gpu
    >>> stream = hopfield.Exponential().stream(64, n_patterns=10**8, seed=1)
    >>> found = PatternPanels(stream).energy(np.ones((100, 64))) if gpu.available() else None
    """

    def __init__(
        self, patterns: ExponentialNetwork | PatternStream, device: Device | None = None,
        room: int = 2**32, panel: int = PANEL_BYTES,
    ) -> None:  # fmt: skip
        integer("patterns.size", patterns.size, low=1, high=MOST_SIZE)
        self.patterns, self.device = patterns, device or Cuda()
        width = 8 * padded(patterns.size, 64) // 64
        kept = width * patterns.n_patterns <= room
        # no counter is shared by two panels
        rows = max(panel // width // DRAWN_TOGETHER, 1) * DRAWN_TOGETHER
        self._bounds = [*range(0, patterns.n_patterns, rows), patterns.n_patterns]
        self._kept = list(self._panels()) if kept else None

    def histogram(self, spins: ArrayLike) -> NDArray[np.int64]:
        """Numbers of patterns at every distance from 0 to N, as of `ExponentialNetwork`.

        Parameters
        ----------
        spins : int8 array, shape (..., N)

        Returns
        -------
        int64 array, shape (..., N + 1)

        Raises
        ------
        InputError
            If spins are not of that shape or have other entries than signs.
        """
        states, size = np.asarray(spins), self.patterns.size
        if states.shape[-1:] != (size,):
            raise InputError(f"spins must have shape (..., {size}), got {states.shape}")
        if states.dtype.kind not in "if" or (np.abs(states) != 1).any():
            raise InputError("spins must have entries +1 or -1")
        rows = pack(states.reshape(-1, size))
        found = self.device.zeros((len(rows), size + 1), np.int64)
        there = self.device.array(rows)
        for panel in self._panels() if self._kept is None else self._kept:
            panel.count(there, found)
        return self.device.host(found).reshape(*states.shape[:-1], size + 1)

    def energy(self, spins: ArrayLike) -> NDArray[np.float64]:
        """Energy, as of `ExponentialNetwork`."""
        sharpness = self.patterns.sharpness
        return np.asarray(-log_sum(sharpness, self.histogram(spins)) / sharpness)

    def _panels(self) -> Iterator[PackedPatterns]:
        """Patterns in order, some at a time."""
        patterns = self.patterns
        for first, last in pairwise(self._bounds):
            if isinstance(patterns, PatternStream):
                drawn = drawn_words(patterns, first, last, self.device)
            else:
                drawn = self.device.array(patterns.words[first:last].T)
            yield PackedPatterns(drawn[None], patterns.size, self.device)


def histogram(
    patterns: ExponentialNetwork | PatternStream, spins: ArrayLike, device: Device | None = None
) -> NDArray[np.int64]:
    """Numbers of patterns at every distance from states, once; see `PatternPanels`.

    Parameters
    ----------
    patterns : ExponentialNetwork or PatternStream
    spins : int8 array, shape (..., N)
    device : Device, optional
        As of `PatternPanels`.

    Returns
    -------
    int64 array, shape (..., N + 1)

    Raises
    ------
    InputError
        As of `PatternPanels`.

    Examples
    --------
    >>> import hopfield, gpu
    >>> net = hopfield.Exponential().network(64, n_patterns=1000, seed=1)
    >>> found = histogram(net, net.patterns[:3]) if gpu.available() else None
    """
    return PatternPanels(patterns, device, room=0).histogram(spins)
