"""What a run is asked, checked before any work, and its answer, wherever the replicas are."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield import InputError, Network
from hopfield.arguments import choice, integer, nonnegative_values
from hopfield.results import provenance
from hopfield.seeds import Seed, record, sequence
from montecarlo.labels import labelled
from montecarlo.problem import Problem
from montecarlo.runs import Replicas, go, ready
from montecarlo.starts import initial_spins

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["DYNAMICS", "LEAST_SWEEPS", "Interrupted", "Opener", "Question", "answered", "asked"]

DYNAMICS = ("glauber", "metropolis", "parallel")
LEAST_SWEEPS = 4

Opener = Callable[[Problem, NDArray[np.int8]], AbstractContextManager[Replicas]]
"""Makes replicas of a problem, ready to go from given spins."""


class Interrupted(KeyboardInterrupt):
    """A run was stopped by hand; `partial` is the Dataset of what was finished.

    For an array of temperatures these are the ones before the stop, and the one that was under way
    with its sweeps so far; its series are NaN from there on.
    """

    def __init__(self, partial: xr.Dataset, message: str) -> None:
        super().__init__(message)
        self.partial = partial


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


def answered(
    question: Question, opened: Opener, attrs: dict[str, str], *, progress: bool, series: bool
) -> xr.Dataset:
    """Run at all temperatures.

    Parameters
    ----------
    question : Question
    opened : callable
        Makes replicas of a problem.
    attrs : dict
        From `Question.described`, and the device.
    progress, series : bool
        As of `montecarlo.sample`.

    Raises
    ------
    Interrupted
        On Ctrl-C; carries what was finished.
    """
    q, results = question, []
    spins = initial_spins(q.network, q.replicas, q.start, q.seed)
    for value in np.atleast_1d(q.temperatures):
        problem = Problem.seeded(q.network, float(value), q.dynamics, q.seed)
        with opened(problem, spins.copy()) as replicas:
            run = ready(replicas, q.replicas, q.sweeps)
            try:
                go(run, q.sweeps, q.burn_in, progress=progress)
            except KeyboardInterrupt:
                if run.done >= LEAST_SWEEPS:
                    results.append(labelled(run, problem, q.tracked, attrs, series))
                if not results:
                    raise
                message = f"stopped after {run.done} of {q.sweeps} sweeps at temperature {value:g}"
                raise Interrupted(_joined(results, q.temperatures.ndim), message) from None
        results.append(labelled(run, problem, q.tracked, attrs, series))
    return _joined(results, q.temperatures.ndim)


def _joined(results: list[xr.Dataset], ndim: int) -> xr.Dataset:
    """The results at one temperature, or at all of them along a dimension."""
    if ndim == 0:
        return results[0]
    import xarray as xr

    return xr.concat(results, dim="temperature", join="outer", combine_attrs="drop_conflicts")
