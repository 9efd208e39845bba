"""Whether a teacher matters to networks that learn several diluted archetypes at once."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield import InputError, Network, Unsupervised, hierarchical_state
from hopfield.arguments import integer, nonnegative_values
from hopfield.learning import LEARNERS
from hopfield.results import dataset, provenance
from hopfield.seeds import Seed, Stream, record, sequence
from studies.losses import LEAST_PATTERN_SETS, ascending, estimate, with_bar

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["STARTS", "teacher_comparison", "teacher_plane"]

STARTS = ("archetypes", "examples")

LOWEST = -1e100
"""Eigenvalues below it are those of spins without a field at T = 0."""

Floats = NDArray[np.float64]
Variables = dict[str, tuple[tuple[str, ...], Any]]


def teacher_comparison(
    examples: Sequence[int] = (2, 3, 4, 5, 7, 9, 15, 25, 51),
    temperature: Sequence[float] = (0.0, 0.04, 0.1),
    *,
    quality: float = 0.4,
    dilution: float = 0.3,
    n_patterns: int = 2,
    size: int = 8000,
    sweeps: int = 60,
    replicas: int = 4,
    disorder: int = 8,
    seed: Seed = 0,
    progress: bool = False,
) -> xr.Dataset:
    r"""Overlaps and energies with and without a teacher, from the same states.

    Archetypes, examples, starts and random numbers of the dynamics are the same in both networks.
    Every spin starts as the first archetype that is not blank there, or as the first example of
    this archetype.

    Parameters
    ----------
    examples : sequence of int
        Numbers M of examples, ascending, from 2 on.
    temperature : sequence of float
        T >= 0.
    quality, dilution : float
        r and d.
    n_patterns, size : int
        Numbers K of archetypes and N of spins.
    sweeps, replicas : int
        Of each run, at least 2 sweeps, the second half of which is averaged; and runs of each
        network.
    disorder : int
        Networks with archetypes and examples of their own, at least 2.
    seed : int, numpy.random.SeedSequence or None
    progress : bool
        Show a bar if the study takes over two seconds and the output is a terminal.

    Returns
    -------
    xarray.Dataset
        With dims examples, temperature, start ("archetypes" or "examples") and teacher: `overlap`
        with every archetype, dim pattern; `energy` per spin; `example_spread`, the standard
        deviation of the overlaps with the examples of an archetype, mean over archetypes.
        `overlap_difference` and `energy_difference` without minus with a teacher, network by
        network. All with `_stderr` over the networks. Of theory of the hierarchical state, where
        there is one, `overlap_theory`, `stable` with a teacher and `stable_without_teacher`.

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> found = teacher_comparison([4, 25], [0.0], size=1000, disorder=2, replicas=1)
    >>> found.stable_without_teacher.values.ravel()  # 4 examples may tie
    array([False,  True])
    """
    integer("disorder", disorder, low=LEAST_PATTERN_SETS)
    integer("sweeps", sweeps, low=2)
    numbers, used = _numbers(examples), sequence(seed)
    cells = list(product(numbers, range(disorder)))
    found: dict[str, list[Floats]] = {"overlap": [], "energy": [], "example_spread": []}
    warm = np.atleast_1d(nonnegative_values("temperature", temperature))
    for m, sample in with_bar(cells, progress):
        own = sequence(used, Stream.DISORDER, sample)
        pair = [kind(2, quality, m, dilution) for kind in LEARNERS.values()]
        networks = [model.network(size, n_patterns=n_patterns, seed=own) for model in pair]
        for name, values in _runs(networks, warm, sweeps, replicas, own).items():
            found[name].append(values)
    dims = ("examples", "temperature", "start", "teacher")
    variables: Variables = {}
    for name, each in found.items():
        tail = ("pattern",) if name == "overlap" else ()
        values = np.moveaxis(np.reshape(each, (len(numbers), disorder, *each[0].shape)), 1, 0)
        variables |= estimate(name, (*dims, *tail), values)
        if name != "example_spread":
            change = values[:, :, :, :, 1] - values[:, :, :, :, 0]
            variables |= estimate(f"{name}_difference", (*dims[:3], *tail), change)
    models = [Unsupervised(2, quality, m, dilution) for m in numbers]
    variables |= _theory(models, n_patterns, warm, "hierarchical")
    attrs = provenance(
        models[-1], seed=record(used), n_patterns=n_patterns, sweeps=sweeps, replicas=replicas,
        disorder=disorder, examples=numbers,
    )  # fmt: skip
    coords = {
        "examples": numbers, "temperature": warm, "start": list(STARTS), "teacher": list(LEARNERS),
        "pattern": np.arange(n_patterns), "quality": quality, "dilution": dilution, "size": size,
    }  # fmt: skip
    return dataset(variables, coords, attrs)


def _numbers(examples: Sequence[int]) -> list[int]:
    """Ascending numbers of examples, from 2 on."""
    numbers = ascending("examples", examples)
    integer("examples", numbers[0], low=2)
    return numbers


def _runs(
    networks: Sequence[Network],
    temperatures: Floats,
    sweeps: int,
    replicas: int,
    seed: np.random.SeedSequence,
) -> dict[str, Floats]:
    """What is measured in both networks, shape (temperature, start, teacher, ...)."""
    import montecarlo

    alone = networks[1]
    count, size = alone.archetypes.shape
    seen = alone.patterns.reshape(count, -1, size)
    starts = [hierarchical_state(rows, seed) for rows in (alone.archetypes, seen[:, 0])]
    shape = (temperatures.size, len(starts), len(networks))
    found = {"overlap": np.empty((*shape, count))}
    found |= {name: np.empty(shape) for name in ("energy", "example_spread")}
    for (i, t), (j, start), (k, network) in product(
        enumerate(temperatures), enumerate(starts), enumerate(networks)
    ):
        run = montecarlo.trajectory(
            network, float(t), sweeps=sweeps, replicas=replicas, start=start, seed=seed
        )
        states = run.spins.values[:, 1 + sweeps // 2 :].reshape(-1, size)
        found["overlap"][i, j, k] = network.archetype_overlaps(states).mean(axis=0)
        found["energy"][i, j, k] = network.energy(states).mean() / size
        each = alone.overlaps(states).mean(axis=0).reshape(count, -1)
        found["example_spread"][i, j, k] = each.std(axis=1).mean()
    return found


def _theory(
    models: Sequence[Unsupervised], n_patterns: int, temperatures: Floats, state: str
) -> Variables:
    """A state at every number of examples, and whether a teacher makes it stable."""
    import theory

    dims = ("examples", "temperature")
    found = [
        theory.retrieval_states(model, n_patterns, temperatures, states=[state]).isel(state=0)
        for model in models
    ]
    stable = np.array([one.stable.values for one in found])
    between = np.array([one.eigenvalue_between_examples.values for one in found])
    between[between < LOWEST] = -np.inf
    return {
        "overlap_theory": ((*dims, "pattern"), np.array([one.overlap.values for one in found])),
        "eigenvalue_between_examples": (dims, between),
        "stable": (dims, stable),
        "stable_without_teacher": (dims, stable & (between > 0.0)),
    }


def teacher_plane(
    examples: Sequence[int] = tuple(range(2, 31)),
    temperature: ArrayLike | None = None,
    *,
    quality: float = 0.4,
    dilution: float = 0.0,
    n_patterns: int = 1,
    state: str = "hierarchical",
) -> xr.Dataset:
    r"""Where a state is stable with a teacher only, by number of examples and temperature.

    Parameters
    ----------
    examples : sequence of int
        Numbers M of examples, ascending, from 2 on.
    temperature : float or 1-D array, optional
        T >= 0; 40 temperatures from 0 to just below 1 - d unless given.
    quality, dilution : float
        r and d.
    n_patterns : int
        Number K of archetypes.
    state : str
        As of `theory.retrieval_states`.

    Returns
    -------
    xarray.Dataset
        With dims examples and temperature: `stable` with a teacher and `stable_without_teacher`,
        both false where there is no such state; `eigenvalue_between_examples`; `overlap_theory`
        with every archetype; and `example_attractor`, whether a network without a teacher that
        has one archetype is attracted by single examples.

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> plane = teacher_plane([4, 5], [0.0, 0.2])
    >>> plane.stable.values.all(), plane.stable_without_teacher.values
    (np.True_, array([[False, False],
           [ True,  True]]))
    """
    from theory.multitasking.teacher import example_state

    numbers = _numbers(examples)
    filled = 1.0 - dilution
    warm = nonnegative_values(
        "temperature", filled * np.arange(40) / 40 if temperature is None else temperature
    )
    if warm.ndim != 1:
        raise InputError(f"temperature must be a 1-D array, got {temperature!r}")
    models = [Unsupervised(2, quality, m, dilution) for m in numbers]
    variables = _theory(models, n_patterns, warm, state)
    attracted = [[example_state(quality, m, t / filled).attracted for t in warm] for m in numbers]
    variables["example_attractor"] = ("examples", "temperature"), np.array(attracted)
    attrs = provenance(models[-1], n_patterns=n_patterns, state=state, examples=numbers)
    coords = {
        "examples": numbers, "temperature": warm, "pattern": np.arange(n_patterns),
        "quality": quality, "dilution": dilution,
    }  # fmt: skip
    return dataset(variables, coords, attrs)
