"""Chains in bundles, dealt to threads, each with random numbers of its own."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hopfield.seeds import Stream, sequence
from montecarlo.continuous.kernels import LANES, advance, scratch_for
from montecarlo.continuous.measure import Measure
from montecarlo.threads import one_blas_thread

__all__ = ["Dynamics", "Ensemble", "Series", "started"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Dynamics:
    """Leapfrog steps of a sweep.

    Parameters
    ----------
    time : float
        Of one step, ε.
    steps : int
        How many.
    adjusted : bool
        Whether sweeps are accepted or not, which makes the measure exact.
    """

    time: float
    steps: int
    adjusted: bool


@dataclass(frozen=True)
class Series:
    """What is written down after every sweep; arrays of shape (replica, sweep).

    `energy` is that without its constant, `overlap` the product with pattern 0 over its squared
    norm, `virial` the product of state and gradient, `weight` the largest one of a pattern.
    """

    energy: Floats
    overlap: Floats
    virial: Floats
    weight: Floats
    accepted: Floats

    @classmethod
    def empty(cls, replicas: int, sweeps: int) -> Series:
        """Room for so many of both."""
        return cls(*(np.zeros((replicas, sweeps)) for _ in range(5)))

    def part(self, replicas: slice, sweeps: slice) -> Series:
        """View of some of both."""
        return Series(*(array[replicas, sweeps] for array in self.arrays))

    @property
    def arrays(self) -> tuple[Floats, ...]:
        """In the order in which kernels take them."""
        return self.energy, self.overlap, self.virial, self.weight, self.accepted


class _Bundle:
    """LANES chains or fewer; lanes without a chain stay at zero and nobody reads them."""

    def __init__(
        self, measure: Measure, dynamics: Dynamics, states: Floats, first: int,
        seed: np.random.SeedSequence,
    ) -> None:  # fmt: skip
        self.measure, self.dynamics = measure, dynamics
        self.replicas = slice(first, first + len(states))
        self._x = np.zeros((measure.size, LANES))
        self._x[:, : len(states)] = states.T
        self._draws: list[tuple[np.random.Generator, np.random.Generator]] = []
        for r in range(first, first + len(states)):
            keys = (sequence(seed, Stream.ACCEPTANCE, r, kind) for kind in (0, 1))
            noise, heights = (np.random.Generator(np.random.Philox(key)) for key in keys)
            self._draws.append((noise, heights))
        square = float(measure.squares[0])
        self._first = measure.patterns[0] / square if square else measure.patterns[0]
        self._scratch = scratch_for(*measure.patterns.shape)

    def advance(self, series: Series) -> None:
        """Make as many sweeps as there is room for."""
        sweeps = series.energy.shape[1]
        noise = np.zeros((sweeps, self.measure.size, LANES))
        heights = np.zeros((sweeps, LANES))
        for lane, (normal, uniform) in enumerate(self._draws):
            noise[:, :, lane] = normal.standard_normal((sweeps, self.measure.size))
            heights[:, lane] = -uniform.standard_exponential(sweeps)
        record = np.empty((len(series.arrays), len(self._draws), sweeps))
        m, d = self.measure, self.dynamics
        advance(
            m.patterns, m.beta, m.temperature, d.time, d.steps, d.adjusted, self._first,
            self._x, noise, heights, self._scratch, record,
        )  # fmt: skip
        for array, found in zip(series.arrays, record, strict=True):
            array[:] = found

    @property
    def states(self) -> Floats:
        """Copy of the states."""
        return self._x[:, : len(self._draws)].T.copy()


class Ensemble:
    """All chains of a run.

    Parameters
    ----------
    measure : Measure
    dynamics : Dynamics
    states : array, shape (replica, N)
        Where they start.
    seed : numpy.random.SeedSequence
        Chain r draws from streams of its own.
    pool : concurrent.futures.ThreadPoolExecutor
        Where they run.
    """

    def __init__(
        self, measure: Measure, dynamics: Dynamics, states: Floats,
        seed: np.random.SeedSequence, pool: ThreadPoolExecutor,
    ) -> None:  # fmt: skip
        self._pool = pool
        self._bundles = [
            _Bundle(measure, dynamics, states[first : first + LANES], first, seed)
            for first in range(0, len(states), LANES)
        ]

    def advance(self, series: Series) -> None:
        """Make as many sweeps as there is room for."""
        tasks = [
            self._pool.submit(each.advance, series.part(each.replicas, slice(None)))
            for each in self._bundles
        ]
        for task in tasks:
            task.result()

    @property
    def states(self) -> Floats:
        """Copy of the states, shape (replica, N)."""
        return np.concatenate([each.states for each in self._bundles])


@contextmanager
def started(
    measure: Measure, dynamics: Dynamics, states: Floats, seed: np.random.SeedSequence,
    threads: int,
) -> Iterator[Ensemble]:  # fmt: skip
    """Chains ready to go; see `Ensemble`."""
    with one_blas_thread(), ThreadPoolExecutor(threads) as pool:
        yield Ensemble(measure, dynamics, states, seed, pool)
