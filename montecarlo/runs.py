"""A run on its way: replicas that are advanced and measured."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from montecarlo.problem import Problem
from montecarlo.record import Record

__all__ = ["Replicas", "Run", "go", "ready"]

CHUNK = 20
"""Sweeps between two looks at the replicas: overlaps of replicas, progress, choice of kernel."""


class Replicas(Protocol):
    """All replicas of a run, wherever they are."""

    @property
    def problem(self) -> Problem:
        """What they sample."""

    @property
    def kernel(self) -> str:
        """Name of the kernel that advances them."""

    @property
    def rows(self) -> Sized:
        """What every overlap is written down with, see `montecarlo.tracking`."""

    @property
    def spins(self) -> NDArray[np.int8]:
        """Copy of the states, shape (replica, N)."""

    def advance(self, first_sweep: int, record: Record) -> None:
        """Make as many sweeps as `record` has room for and fill it in."""

    def adapt(self, flip_rate: float, sweeps: int) -> None:
        """Go on with the kernel that should be fastest, if another one may be used."""


@dataclass
class Run:
    """A run on its way: the replicas and what was measured so far.

    Parameters
    ----------
    ensemble : Replicas
        Of one sample, or as many of each of several, one sample after the other.
    series : Record
        Of every sweep that is measured.
    done : int
        How many of them were made.
    pair_overlaps : array, shape (samples, replica, replica)
        Sum of the overlaps of replicas of a sample over all looks.
    looks : int
    """

    ensemble: Replicas
    series: Record
    done: int
    pair_overlaps: NDArray[np.float64]
    looks: int

    def measured(self, sample: int) -> Record:
        """What was measured of a sample so far."""
        replicas = self.pair_overlaps.shape[1]
        here = slice(sample * replicas, (sample + 1) * replicas)
        return self.series.part(here, slice(self.done))


def ready(ensemble: Replicas, samples: int, replicas: int, sweeps: int) -> Run:
    """Room for what is measured of replicas.

    Parameters
    ----------
    ensemble : Replicas
    samples, replicas, sweeps : int
        How many there are, replicas of each sample, and how many sweeps are to be measured.
    """
    series = Record.empty(samples * replicas, sweeps, len(ensemble.rows))
    return Run(ensemble, series, 0, np.zeros((samples, replicas, replicas)), 0)


def go(run: Run, sweeps: int, burn_in: int, *, progress: bool) -> None:
    """Burn in, then fill the series."""
    from tqdm import tqdm

    ensemble = run.ensemble
    scratch = Record.empty(len(run.series.overlap), CHUNK)
    everything = slice(None)
    total = burn_in + sweeps
    hidden = None if progress else True
    with tqdm(total=total, disable=hidden, delay=2.0, unit="sweep", leave=False) as bar:
        now = 0
        while now < total:
            left = burn_in - now if now < burn_in else total - now
            count = min(CHUNK, left)
            measured = slice(now - burn_in, now - burn_in + count)
            into = scratch.part(everything, slice(count)) if now < burn_in else run.series.part(
                everything, measured
            )  # fmt: skip
            ensemble.advance(now, into)
            now += count
            bar.update(count)
            if now > burn_in:
                run.done = now - burn_in
                run.pair_overlaps += _overlaps_of_pairs(ensemble.spins, len(run.pair_overlaps))
                run.looks += 1
            rate = float(into.flips.mean()) / ensemble.problem.network.size
            ensemble.adapt(rate, max(total - now, 1))


def _overlaps_of_pairs(spins: NDArray[np.int8], samples: int) -> NDArray[np.float64]:
    states = spins.astype(np.float32).reshape(samples, -1, spins.shape[1])
    return np.asarray(states @ states.transpose(0, 2, 1) / spins.shape[1], dtype=np.float64)
