"""A run on its way: replicas that are advanced and measured."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from montecarlo.ensemble import Ensemble, allowed_kernels, cheapest_kernel, started
from montecarlo.problem import Problem
from montecarlo.record import Record

__all__ = ["Run", "go", "ready"]

CHUNK = 20
"""Sweeps between two looks at the replicas: overlaps of replicas, progress, choice of kernel."""


@dataclass
class Run:
    """A run on its way: the replicas and what was measured so far.

    Parameters
    ----------
    ensemble : Ensemble
    allowed : list of str
        Kernels that are exact.
    series : Record
        Of every sweep that is measured.
    done : int
        How many of them were made.
    pair_overlaps : array, shape (replica, replica)
        Sum of the overlaps of replicas over all looks.
    looks : int
    """

    ensemble: Ensemble
    allowed: list[str]
    series: Record
    done: int
    pair_overlaps: NDArray[np.float64]
    looks: int


@contextmanager
def ready(
    problem: Problem, spins: NDArray[np.int8], sweeps: int, kernel: str, threads: int,
    tracked: int = 0,
) -> Iterator[Run]:  # fmt: skip
    """Replicas ready to go, and room for what is measured.

    Parameters
    ----------
    problem : Problem
    spins : int8 array, shape (replica, N)
        Where they start.
    sweeps : int
        How many are to be measured.
    kernel, threads, tracked
        As of `montecarlo.sample`.
    """
    replicas = len(spins)
    with started(problem, spins, sweeps, kernel, threads, tracked) as ensemble:
        allowed, pairs = allowed_kernels(problem), np.zeros((replicas, replicas))
        series = Record.empty(replicas, sweeps, len(ensemble.rows))
        yield Run(ensemble, allowed, series, 0, pairs, 0)


def go(run: Run, sweeps: int, burn_in: int, *, automatic: bool, progress: bool) -> None:
    """Burn in, then fill the series."""
    from tqdm import tqdm

    ensemble, replicas = run.ensemble, run.ensemble.replicas
    scratch = Record.empty(replicas, CHUNK)
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
                run.pair_overlaps += _overlaps_of_pairs(ensemble.spins)
                run.looks += 1
            if automatic:
                rate = float(into.flips.mean()) / ensemble.problem.network.size
                best = cheapest_kernel(
                    ensemble.problem, run.allowed, replicas, rate, max(total - now, 1),
                    ensemble.kernel,
                )  # fmt: skip
                if best != ensemble.kernel:
                    ensemble.use(best)


def _overlaps_of_pairs(spins: NDArray[np.int8]) -> NDArray[np.float64]:
    states = spins.astype(np.float32)
    return np.asarray(states @ states.T / spins.shape[1], dtype=np.float64)
