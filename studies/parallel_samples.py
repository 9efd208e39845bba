"""Samples of networks of diluted patterns in states that retrieve several of them."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from hopfield import InputError, Network
from hopfield.learner import Learner
from hopfield.models import Polynomial
from hopfield.parallel import followed_signs
from hopfield.seeds import Stream, record, sequence
from studies.entries import own_state
from studies.simulation import DIAGNOSTICS

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "IN_THEORY", "ParallelPlan", "ParallelPoint", "diagonal", "entry", "of_theory", "sample_state",
    "state_of",
]  # fmt: skip


@dataclass(frozen=True)
class ParallelPoint:
    """A state of a network of few patterns.

    Parameters
    ----------
    model : hopfield.Multitasking, or another model with p = 2
    n_patterns : int
        Number K of patterns.
    temperature : float
        T.
    state : str
        As in `theory.retrieval_states`: "pure", "hierarchical", "parallel", or "2+1".
    """

    model: Polynomial
    n_patterns: int
    temperature: float
    state: str

    @property
    def learns(self) -> bool:
        """Whether overlaps with effective patterns are of their own."""
        return isinstance(self.model, Learner)

    @property
    def names(self) -> tuple[str, ...]:
        """Quantities that are compared, those with every pattern with the number of it."""
        vectors = ["pattern_overlap", *(["pattern_effective_overlap"] if self.learns else [])]
        each = [f"{name}/{mu}" for name in vectors for mu in range(self.n_patterns)]
        return (*each, "replica_overlap", "energy")


@cache
def state_of(point: ParallelPoint) -> xr.Dataset:
    """What theory says of a state that is there and stable.

    Raises
    ------
    InputError
        If it is not.

    Examples
    --------
    >>> import hopfield
    >>> state_of(ParallelPoint(hopfield.Multitasking(0.5), 2, 0.0, "pure"))
    Traceback (most recent call last):
        ...
    hopfield.arguments.InputError: state must be stable at T = 0, got 'pure' of 2 patterns of ...
    """
    import theory

    found = theory.retrieval_states(
        point.model, point.n_patterns, point.temperature, states=[point.state]
    ).isel(state=0)
    if found.status.item() != "converged" or not found.stable.item():
        where = f"stable at T = {point.temperature:g}"
        of = f"{point.state!r} of {point.n_patterns} patterns of {point.model!r}"
        raise InputError(f"state must be {where}, got {of}")
    return found


@dataclass(frozen=True)
class ParallelPlan:
    """Everything that determines the numbers of a comparison of states.

    Parameters
    ----------
    points : tuple of ParallelPoint
    sizes : tuple of int
    disorder, replicas, sweeps, burn_in : int
    seed : numpy.random.SeedSequence
    """

    points: tuple[ParallelPoint, ...]
    sizes: tuple[int, ...]
    disorder: int
    replicas: int
    sweeps: int
    burn_in: int
    seed: np.random.SeedSequence

    def described(self) -> dict[str, object]:
        """The plan as it is written into files."""
        points = [asdict(point) | {"model": repr(point.model)} for point in self.points]
        return vars(self) | {"points": points, "seed": record(self.seed)}

    def tasks(self) -> Iterator[tuple[int, int, int]]:
        """(point, size, sample of the disorder), small sizes first."""
        for size in range(len(self.sizes)):
            for sample in range(self.disorder):
                for point in range(len(self.points)):
                    yield point, size, sample


def sample_state(plan: ParallelPlan, point: int, size: int, sample: int) -> dict[str, float]:
    """Means of one network, and how far theory is shifted by its own entries.

    From spins that follow the patterns in the order of the state, those that none decides fair.
    """
    import montecarlo
    from montecarlo.starts import spins_along
    from theory.multitasking.laws import groups_of

    chosen, n = plan.points[point], plan.sizes[size]
    # Keyed by what it is, not by its place: other points change nothing.
    seed = sequence(plan.seed, Stream.DISORDER, zlib.crc32(repr(chosen).encode()), n, sample)
    network = chosen.model.network(n, n_patterns=chosen.n_patterns, seed=seed)
    groups = groups_of(chosen.state, chosen.n_patterns)
    signs = followed_signs(network.archetypes[: sum(groups)], groups)
    result = montecarlo.sample(
        network, chosen.temperature, sweeps=plan.sweeps, burn_in=plan.burn_in,
        replicas=plan.replicas, start=spins_along(signs, plan.replicas, 1.0, seed), seed=seed,
        series=False, threads=1, tracked=chosen.n_patterns,
    )  # fmt: skip
    found = {name: float(result[name]) for name in DIAGNOSTICS}
    law = state_of(chosen)
    own = own_state(network, chosen.temperature, law.effective_overlap.values)
    for name in chosen.names:
        found[name] = entry(result, name)
        found[f"{name}_entries"] = of_theory(own, name) - of_theory(law, name)
    found["energy"] -= diagonal(network)
    return found


IN_THEORY = {
    "pattern_overlap": "overlap",
    "pattern_effective_overlap": "effective_overlap",
    "replica_overlap": "self_overlap",
    "energy": "energy",
}
"""Quantities by their names in the simulation, and in theory."""


def entry(values: Mapping[Any, Any], name: str) -> float:
    """One number: that of a pattern if the name ends with one.

    Examples
    --------
    >>> entry({"energy": -0.5, "pattern_overlap": np.array([0.7, 0.3])}, "pattern_overlap/1")
    0.3
    """
    vector, _, mu = name.partition("/")
    found = np.asarray(values[vector])
    return float(found[int(mu)] if mu else found)


def of_theory(values: Mapping[Any, Any], name: str) -> float:
    """What theory says of a quantity, by its name in the simulation.

    Examples
    --------
    >>> of_theory({"overlap": np.array([0.7, 0.3])}, "pattern_overlap/0")
    0.7
    """
    vector, slash, mu = name.partition("/")
    return entry(values, f"{IN_THEORY[vector]}{slash}{mu}")


def diagonal(network: Network) -> float:
    r"""Energy per spin that pairs of a spin with itself are left out of, :math:`O(K/N)`.

    .. math:: \frac{1}{2N^2} \sum_\mu \sum_i (x_i^\mu)^2

    With self-interaction they are not left out.

    Examples
    --------
    >>> import hopfield
    >>> diagonal(hopfield.Hopfield().network(100, n_patterns=3, seed=1))
    0.015
    """
    if network.model.self_interaction:
        return 0.0
    unit = network.model.energy_unit(network.size)
    return float(unit * network.squares.sum() / (2.0 * network.size))
