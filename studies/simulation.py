"""The simulated half of a comparison: many pattern sets, each on a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TYPE_CHECKING

import numpy as np

from hopfield import Exponential, Network
from hopfield.learner import Learner
from hopfield.models import Model
from hopfield.seeds import Stream, sequence
from studies.corrections import crosstalk, of_own_entries
from studies.devices import Places
from studies.entries import entry_shifts
from studies.journal import Journal
from studies.plan import Plan

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["DIAGNOSTICS", "compared", "finish", "finish_together", "sample_some", "simulate"]

Task = tuple[int, ...]
Values = list[dict[str, float]]

ROOM = 2**29
"""Bytes of patterns from which on no more networks are drawn to be sampled together."""

DIAGNOSTICS = ("overlap_rhat", "energy_rhat")


def compared(model: Model) -> dict[str, str]:
    """What is compared: name in the simulation and name in the theory.

    Examples
    --------
    >>> import hopfield
    >>> compared(hopfield.Hopfield())
    {'overlap': 'overlap', 'energy': 'energy', 'replica_overlap': 'self_overlap'}
    """
    names = {"overlap": "overlap", "energy": "energy", "replica_overlap": "self_overlap"}
    learned = {"effective_overlap": "effective_overlap"}
    return names | learned if isinstance(model, Learner) else names


def simulate(plan: Plan, places: Places, finished: Journal, *, progress: bool) -> None:
    """Sample what is not finished yet: on GPUs many pattern sets of a point and a size at once.

    Those of a point and a size are dealt to all GPUs, so that none is idle.
    """
    pieces: dict[Task, list[Task]] = {}
    for point, size, sample in plan.tasks():
        dealt = sample % places.n_devices if places.n_devices else sample
        pieces.setdefault((point, size, dealt), []).append((point, size, sample))
    finish_together(
        pieces.values(), lambda tasks: sample_some(plan, places, tasks), finished, progress=progress
    )


def finish(
    tasks: Iterable[Task], work: Callable[..., dict[str, float]], finished: Journal, *,
    progress: bool,
) -> None:  # fmt: skip
    """Do what is not in a journal yet, one task to a thread.

    Parameters
    ----------
    tasks : iterable of tuples of int
    work : callable
        Called as ``work(*task)``.
    finished : Journal
        Where its values go.
    progress : bool
        Show a bar on a terminal.
    """
    finish_together(
        [[task] for task in tasks], lambda tasks: [work(*task) for task in tasks], finished,
        progress=progress,
    )  # fmt: skip


def finish_together(
    pieces: Iterable[Sequence[Task]], work: Callable[[list[Task]], Values], finished: Journal, *,
    progress: bool,
) -> None:  # fmt: skip
    """Do what is not in a journal yet, several tasks together on a thread.

    Parameters
    ----------
    pieces : iterable of sequences of tuples of int
        Tasks that are done together.
    work : callable
        Called with those of them that are not finished, returns the values of each.
    finished, progress
        As of `finish`.
    """
    from tqdm import tqdm

    from montecarlo.threads import one_blas_thread, processors

    everything = list(pieces)
    some = ([task for task in piece if task not in finished] for piece in everything)
    waiting = [piece for piece in some if piece]
    total, left = sum(map(len, everything)), sum(map(len, waiting))
    hidden = None if progress else True
    bar = tqdm(
        total=total, initial=total - left, disable=hidden, delay=2.0, unit="network", leave=False
    )
    workers = processors()
    pool = ThreadPoolExecutor(workers)
    running: dict[Future[Values], list[Task]] = {}
    try:
        with one_blas_thread(), bar:
            while waiting or running:
                while waiting and len(running) < workers:
                    tasks = waiting.pop(0)
                    running[pool.submit(work, tasks)] = tasks
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    bar.update(_keep(finished, running.pop(future), future.result()))
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        for future, tasks in running.items():
            if not future.cancelled() and future.exception() is None:
                _keep(finished, tasks, future.result())


def _keep(finished: Journal, tasks: list[Task], values: Values) -> int:
    """Write down what was done, and how much it is."""
    for task, found in zip(tasks, values, strict=True):
        finished.add(task, found)
    return len(tasks)


def sample_some(plan: Plan, places: Places, tasks: Sequence[Task]) -> Values:
    """Means of pattern sets of one point and one size."""
    point, size, _ = tasks[0]
    found: Values = []
    for seeds, networks in _drawn(plan, point, size, [task[2] for task in tasks]):
        results = places.sample_many(
            networks, plan.temperatures[point], seeds=seeds, sweeps=plan.sweeps,
            burn_in=plan.burn_in, replicas=plan.replicas, start=plan.start,
            dynamics=plan.dynamics, series=False, threads=1,
        )  # fmt: skip
        found += [_values(plan, *pair) for pair in zip(networks, results, strict=True)]
    return found


def _drawn(
    plan: Plan, point: int, size: int, samples: Sequence[int]
) -> Iterator[tuple[list[np.random.SeedSequence], list[Network]]]:
    """Networks and their seeds, as many at once as there is room for their patterns."""
    load, temperature, n = plan.loads[point], plan.temperatures[point], plan.sizes[size]
    seeds: list[np.random.SeedSequence] = []
    networks: list[Network] = []
    for sample in samples:
        # Keyed by the values, not by their place in the arrays: other points change nothing.
        meaning = (*_words(load), *_words(temperature), n, sample)
        seeds.append(sequence(plan.seed, Stream.DISORDER, *meaning))
        networks.append(plan.model.network(n, load=load, seed=seeds[-1]))
        if sample == samples[-1] or sum(one.patterns.nbytes for one in networks) > ROOM:
            yield seeds, networks
            seeds, networks = [], []


def _values(plan: Plan, network: Network, result: xr.Dataset) -> dict[str, float]:
    """What is kept of a pattern set."""
    found = {name: float(result[name]) for name in (*compared(plan.model), *DIAGNOSTICS)}
    if isinstance(plan.model, Exponential):
        return found
    found["crosstalk"] = crosstalk(plan.model, network)
    if not of_own_entries(plan.model):
        return found
    retrieving = "retrieval" in plan.phases
    temperature = float(result.temperature)
    shifts = entry_shifts(plan.model, network, network.load, temperature) if retrieving else {}
    shifted = compared(plan.model).items()
    return found | {
        f"{name}_entries": shifts.get(name_in_theory, 0.0) for name, name_in_theory in shifted
    }


def _words(value: float) -> list[int]:
    return [int(word) for word in np.array([value]).view(np.uint32)]
