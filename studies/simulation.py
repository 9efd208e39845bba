"""The simulated half of a comparison: many pattern sets, each on a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import numpy as np

from hopfield import Exponential
from hopfield.learner import Learner
from hopfield.models import Model
from hopfield.seeds import Stream, sequence
from studies.corrections import crosstalk, of_own_entries
from studies.devices import Places
from studies.entries import entry_shifts
from studies.journal import Journal
from studies.plan import Plan

__all__ = ["DIAGNOSTICS", "compared", "finish", "sample_one", "simulate"]

Task = tuple[int, ...]

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
    """Sample what is not finished yet, one pattern set to a thread."""
    finish(plan.tasks(), lambda *task: sample_one(plan, places, *task), finished, progress=progress)


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
    from tqdm import tqdm

    from montecarlo.threads import one_blas_thread, processors

    everything = list(tasks)
    waiting = [task for task in everything if task not in finished]
    hidden = None if progress else True
    bar = tqdm(
        total=len(everything), initial=len(everything) - len(waiting), disable=hidden, delay=2.0,
        unit="network", leave=False,
    )  # fmt: skip
    workers = processors()
    pool = ThreadPoolExecutor(workers)
    running: dict[Future[dict[str, float]], Task] = {}
    try:
        with one_blas_thread(), bar:
            while waiting or running:
                while waiting and len(running) < workers:
                    task = waiting.pop(0)
                    running[pool.submit(work, *task)] = task
                done, _ = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    finished.add(running.pop(future), future.result())
                    bar.update()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        for future, task in running.items():
            if not future.cancelled() and future.exception() is None:
                finished.add(task, future.result())


def sample_one(plan: Plan, places: Places, point: int, size: int, sample: int) -> dict[str, float]:
    """Means of one pattern set."""
    load, temperature, n = plan.loads[point], plan.temperatures[point], plan.sizes[size]
    # Keyed by the values, not by their place in the arrays: other points change nothing.
    meaning = (*_words(load), *_words(temperature), n, sample)
    seed = sequence(plan.seed, Stream.DISORDER, *meaning)
    network = plan.model.network(n, load=load, seed=seed)
    result = places.sample(
        network, temperature, sweeps=plan.sweeps, burn_in=plan.burn_in, replicas=plan.replicas,
        start=plan.start, dynamics=plan.dynamics, seed=seed, series=False, threads=1,
    )  # fmt: skip
    found = {name: float(result[name]) for name in (*compared(plan.model), *DIAGNOSTICS)}
    if isinstance(plan.model, Exponential):
        return found
    found["crosstalk"] = crosstalk(plan.model, network)
    if not of_own_entries(plan.model):
        return found
    retrieving = "retrieval" in plan.phases
    shifts = entry_shifts(plan.model, network, network.load, temperature) if retrieving else {}
    shifted = compared(plan.model).items()
    return found | {
        f"{name}_entries": shifts.get(name_in_theory, 0.0) for name, name_in_theory in shifted
    }


def _words(value: float) -> list[int]:
    return [int(word) for word in np.array([value]).view(np.uint32)]
