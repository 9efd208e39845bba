"""What a run of chains is asked, checked before any work, and its answer, wherever they are."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield import InputError
from hopfield.arguments import choice, integer, positive, real
from hopfield.results import dataset, provenance
from hopfield.seeds import Seed, record, sequence
from montecarlo.continuous.chains import Dynamics, Series
from montecarlo.continuous.exact import exact_states
from montecarlo.continuous.measure import Continuous, Measure, measure_of, states_of
from montecarlo.labels import statistics

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["CHUNK", "METHODS", "Chains", "Opener", "Question", "answered", "asked"]

Floats = NDArray[np.float64]

METHODS = ("ula", "mala", "hmc")
LEAST_SWEEPS = 4
LEAST_TIME, MOST_STEPS = 1e-6, 10**6
"""Of leapfrog steps."""

CHUNK = 100
"""Most sweeps between two looks at the progress bar."""


class Chains(Protocol):
    """All chains of a run, wherever they are."""

    @property
    def states(self) -> Floats:
        """Copy of the states, shape (replica, N)."""

    def advance(self, series: Series) -> None:
        """Make as many sweeps as there is room for."""


Opener = Callable[[Floats], AbstractContextManager[Chains]]
"""Makes chains that are ready to go from given states."""


@dataclass(frozen=True, eq=False)
class Question:
    """What a run of chains is asked.

    Parameters
    ----------
    measure : Measure
    method : str
    dynamics : Dynamics
    sweeps, burn_in, replicas : int
    start : str or array
    seed : numpy.random.SeedSequence
        As of `montecarlo.sample_continuous`.
    """

    measure: Measure
    method: str
    dynamics: Dynamics
    sweeps: int
    burn_in: int
    replicas: int
    start: str | ArrayLike
    seed: np.random.SeedSequence

    def described(self, **more: object) -> dict[str, str]:
        """Attributes of the answer."""
        time = self.dynamics.time
        return provenance(
            Continuous(self.measure.beta), seed=record(self.seed),
            n_patterns=len(self.measure.patterns), method=self.method,
            step=time if self.method == "hmc" else time**2 / 2.0, steps=self.dynamics.steps,
            sweeps=self.sweeps, burn_in=self.burn_in, replicas=self.replicas,
            start=self.start if isinstance(self.start, str) else "array", **more,
        )  # fmt: skip

    def states(self) -> Floats:
        """States in which the chains start, shape (replica, N)."""
        measure, start = self.measure, self.start
        if isinstance(start, str):
            if choice("start", start, ("exact", "pattern")) == "pattern":
                return np.tile(measure.patterns[0], (self.replicas, 1))
            return exact_states(
                measure.patterns, measure.beta, temperature=measure.temperature,
                replicas=self.replicas, seed=self.seed,
            ).states  # fmt: skip
        states, shape = states_of("start", start, measure.size), (self.replicas, measure.size)
        if states.shape not in (shape[1:], shape):
            raise InputError(f"start must be numbers of shape {shape[1:]} or {shape}")
        return np.array(np.broadcast_to(states, shape))


def asked(
    patterns: ArrayLike, beta: float, temperature: float | None, method: str, step: float | None,
    steps: int | None, sweeps: int, burn_in: int, replicas: int, start: str | ArrayLike, seed: Seed,
) -> Question:  # fmt: skip
    """The question that arguments of `montecarlo.sample_continuous` make.

    Raises
    ------
    InputError
        If one of them is out of range; `Question.states` looks at the start.

    Examples
    --------
    >>> asked([[1, 0]], 4.0, None, "mala", 0.5, None, 10, 0, 4, "pattern", 1).dynamics
    Dynamics(time=1.0, steps=1, adjusted=True)
    """
    measure = measure_of(patterns, beta, temperature)
    dynamics = _dynamics(choice("method", method, METHODS), step, steps, measure.size)
    integer("sweeps", sweeps, low=LEAST_SWEEPS)
    integer("burn_in", burn_in, low=0)
    integer("replicas", replicas, low=1)
    used = sequence(seed)
    return Question(measure, method, dynamics, sweeps, burn_in, replicas, start, used)


def answered(
    question: Question, opened: Opener, chunk: int, attrs: dict[str, str],
    *, progress: bool, series: bool,
) -> xr.Dataset:  # fmt: skip
    """Run the chains.

    Parameters
    ----------
    question : Question
    opened : callable
        Makes the chains.
    chunk : int
        Most sweeps that they make at a time.
    attrs : dict
        From `Question.described`, and the device.
    progress, series : bool
        As of `montecarlo.sample_continuous`.

    Returns
    -------
    xarray.Dataset
    """
    recorded = Series.empty(question.replicas, question.sweeps)
    with opened(question.states()) as chains:
        _go(chains, recorded, question.burn_in, chunk, progress)
        states = chains.states
    return _labelled(question.measure, recorded, states, attrs, series)


def _dynamics(method: str, step: float | None, steps: int | None, size: int) -> Dynamics:
    """Leapfrog steps of a method."""
    if method == "hmc":
        return _hamiltonian(step, steps, size)
    if steps not in (None, 1):
        raise InputError(f"steps must be 1 unless method is 'hmc', got {steps!r}")
    h = min(1.0, 1.36 * size ** (-1 / 3)) if step is None else positive("step", step, high=2.0)
    return Dynamics(math.sqrt(2.0 * h), 1, method == "mala")


def _hamiltonian(step: float | None, steps: int | None, size: int) -> Dynamics:
    """Leapfrog steps of "hmc"; each turns by 2 arcsin(ε/2) in a well, a period is 2 π."""
    if step is None:
        largest = min(1.0, 1.9 * size**-0.25)
    else:
        largest = real("step", step, low=LEAST_TIME, high=2.0)
    if steps is None:
        count = math.ceil(math.pi / 4.0 / math.asin(largest / 2.0) - 1e-9)
    else:
        count = integer("steps", steps, low=1, high=MOST_STEPS)
    return Dynamics(2.0 * math.sin(math.pi / 4.0 / count) if step is None else largest, count, True)


def _go(chains: Chains, recorded: Series, burn_in: int, chunk: int, progress: bool) -> None:
    """Burn in, then fill the series."""
    from tqdm import tqdm

    replicas, sweeps = recorded.energy.shape
    everything, total = slice(None), burn_in + sweeps
    hidden = None if progress else True
    with tqdm(total=total, disable=hidden, delay=2.0, unit="sweep", leave=False) as bar:
        now = 0
        while now < total:
            count = min(chunk, (burn_in if now < burn_in else total) - now)
            measured = slice(now - burn_in, now - burn_in + count)
            scratch = Series.empty(replicas, count)
            chains.advance(scratch if now < burn_in else recorded.part(everything, measured))
            now += count
            bar.update(count)


def _labelled(
    measure: Measure, recorded: Series, states: Floats, attrs: dict[str, str], series: bool
) -> xr.Dataset:
    """The means, their errors, the last states and, if wanted, the series of a run."""
    measured = {
        "energy": (recorded.energy + measure.offset) / measure.size,
        "overlap": recorded.overlap,
        "virial": recorded.virial / measure.size,
        "largest_weight": recorded.weight,
        "acceptance_rate": recorded.accepted,
    }
    variables: dict[str, tuple[tuple[str, ...], Any]] = {"states": (("replica", "site"), states)}
    for name, values in measured.items():
        for suffix, found in statistics(values).items():
            variables[f"{name}{suffix}"] = (), found
        if series:
            variables[f"{name}_series"] = ("replica", "sweep"), values
    coords: dict[str, Any] = {
        "load": math.log(len(measure.patterns)) / measure.size,
        "temperature": measure.temperature, "size": measure.size,
        "replica": np.arange(len(states)), "site": np.arange(measure.size),
    }  # fmt: skip
    if series:
        coords["sweep"] = np.arange(recorded.energy.shape[1])
    return dataset(variables, coords, attrs)
