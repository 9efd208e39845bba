"""What a run is asked, checked before any work, and its answer, wherever the replicas are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield import InputError, Network
from hopfield.arguments import choice, integer, nonnegative_values
from hopfield.results import provenance
from hopfield.seeds import Seed, record, sequence
from montecarlo.labels import labelled
from montecarlo.problem import Problem
from montecarlo.runs import Replicas, Run, go, ready
from montecarlo.starts import initial_spins

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "DYNAMICS", "LEAST_SWEEPS", "Grouping", "Interrupted", "Opener", "Question", "alone",
    "answered", "asked",
]  # fmt: skip

DYNAMICS = ("glauber", "metropolis", "parallel")
LEAST_SWEEPS = 4

Opener = Callable[[Sequence[Problem], NDArray[np.int8]], AbstractContextManager[Replicas]]
"""Makes replicas of problems, ready to go from given spins."""

Grouping = Callable[[Sequence[Problem]], list[list[int]]]
"""Which of some problems, by their numbers, run together."""


class Interrupted(KeyboardInterrupt):
    """A run was stopped by hand; `partial` is the Dataset of what was finished.

    For an array of temperatures these are the ones before the stop, and those that were under way
    with their sweeps so far; their series are NaN from there on. Where several networks are sampled
    together it is the Dataset of the first, and `finished` are those of all that have one.
    """

    def __init__(self, finished: list[xr.Dataset], message: str) -> None:
        super().__init__(message)
        self.partial, self.finished = finished[0], finished


@dataclass(frozen=True, eq=False)
class Question:
    """What a run is asked.

    Parameters
    ----------
    network : Network
    temperatures : array, shape () or (temperatures,)
    sweeps, burn_in, replicas : int
    start : str, float or array
    dynamics : str
    seed : numpy.random.SeedSequence
    tracked : int
        As of `montecarlo.sample`.
    """

    network: Network
    temperatures: NDArray[np.float64]
    sweeps: int
    burn_in: int
    replicas: int
    start: str | float | ArrayLike
    dynamics: str
    seed: np.random.SeedSequence
    tracked: int

    def described(self, **more: object) -> dict[str, str]:
        """Attributes of the answer."""
        start = self.start if isinstance(self.start, str | float | int) else "array"
        return provenance(
            self.network.model, seed=record(self.seed), network_seed=self.network.seed_record,
            sweeps=self.sweeps, burn_in=self.burn_in, replicas=self.replicas,
            dynamics=self.dynamics, tracked=self.tracked, start=start, **more,
        )  # fmt: skip


def asked(
    network: Network, temperature: ArrayLike, sweeps: int, burn_in: int, replicas: int,
    start: str | float | ArrayLike, dynamics: str, seed: Seed, tracked: int,
) -> Question:  # fmt: skip
    """The question that arguments of `montecarlo.sample` make.

    Raises
    ------
    InputError
        If one of them is out of range.

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Hopfield().network(size=20, n_patterns=1, seed=1)
    >>> asked(net, 0.3, 10, 0, 4, "pattern", "glauber", 1, 0).temperatures
    array(0.3)
    """
    if not isinstance(network, Network):
        raise InputError(f"network must be a hopfield.Network, got {network!r}")
    temperatures = nonnegative_values("temperature", temperature)
    integer("sweeps", sweeps, low=LEAST_SWEEPS)
    integer("burn_in", burn_in, low=0)
    integer("replicas", replicas, low=1)
    choice("dynamics", dynamics, DYNAMICS)
    integer("tracked", tracked, low=0, high=network.n_archetypes)
    used = sequence(seed)
    return Question(
        network, temperatures, sweeps, burn_in, replicas, start, dynamics, used, tracked
    )


def alone(problems: Sequence[Problem]) -> list[list[int]]:
    """Every problem by itself.

    Examples
    --------
    >>> alone([None, None])
    [[0], [1]]
    """
    return [[number] for number in range(len(problems))]


def answered(
    questions: Sequence[Question], opened: Opener, grouped: Grouping,
    attrs: Sequence[dict[str, str]], *, progress: bool, series: bool,
) -> list[xr.Dataset]:  # fmt: skip
    """Run at all temperatures.

    Parameters
    ----------
    questions : sequence of Question
        That have the numbers of sweeps and replicas in common.
    opened : callable
        Makes replicas of problems.
    grouped : callable
        Which problems run together.
    attrs : sequence of dict
        From `Question.described`, and the device.
    progress, series : bool
        As of `montecarlo.sample`.

    Returns
    -------
    list of xarray.Dataset
        One for each question.

    Raises
    ------
    Interrupted
        On Ctrl-C; carries what was finished.
    """
    parts = [
        _Part(number, Problem.seeded(q.network, float(value), q.dynamics, q.seed))
        for number, q in enumerate(questions)
        for value in np.atleast_1d(q.temperatures)
    ]
    q = questions[0]
    results: list[list[xr.Dataset]] = [[] for _ in questions]
    starts = [initial_spins(one.network, q.replicas, one.start, one.seed) for one in questions]
    for group in grouped([part.problem for part in parts]):
        members = [parts[k] for k in group]
        spins = np.concatenate([starts[part.question] for part in members])
        with opened([part.problem for part in members], spins) as replicas:
            run = ready(replicas, len(group), q.replicas, q.sweeps)
            through = _gone(run, q, progress)
            for sample, part in enumerate(members if run.done >= LEAST_SWEEPS else ()):
                described = (questions[part.question].tracked, attrs[part.question], series)
                results[part.question].append(labelled(run, sample, part.problem, *described))
        if not through:
            _stop(run, members, results, questions)
    return [_joined(*pair) for pair in zip(results, questions, strict=True)]


@dataclass(frozen=True, eq=False)
class _Part:
    """A question, by its number, at one of its temperatures."""

    question: int
    problem: Problem


def _gone(run: Run, question: Question, progress: bool) -> bool:
    """Whether a run went through to the end."""
    try:
        go(run, question.sweeps, question.burn_in, progress=progress)
    except KeyboardInterrupt:
        return False
    return True


def _stop(
    run: Run, members: list[_Part], results: list[list[xr.Dataset]],
    questions: Sequence[Question],
) -> NoReturn:  # fmt: skip
    """Raise what a run that was stopped ends with."""
    pairs = zip(results, questions, strict=True)
    finished = [_joined(found, question) for found, question in pairs if found]
    if not finished:
        raise KeyboardInterrupt
    values = sorted({part.problem.temperature for part in members})
    where = f"{values[0]:g}" + (f" to {values[-1]:g}" if len(values) > 1 else "")
    sweeps = questions[0].sweeps
    raise Interrupted(
        finished, f"stopped after {run.done} of {sweeps} sweeps at temperature {where}"
    )


def _joined(results: list[xr.Dataset], question: Question) -> xr.Dataset:
    """The results at one temperature, or at all of them along a dimension."""
    if question.temperatures.ndim == 0:
        return results[0]
    import xarray as xr

    return xr.concat(results, dim="temperature", join="outer", combine_attrs="drop_conflicts")
