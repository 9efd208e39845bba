"""Whether the energy of diluted patterns and losses of reconstruction have the same minima."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hopfield import (
    InputError,
    Multitasking,
    Network,
    Supervised,
    Unsupervised,
    fair_patterns,
    hierarchical_state,
    parallel_state,
)
from hopfield.arguments import integer
from hopfield.patterns import check_dilution
from hopfield.results import dataset, provenance
from hopfield.seeds import Seed, Stream, record, sequence
from studies.losses import LEAST_PATTERN_SETS, ascending, estimate, with_bar
from studies.minima import FUNCTIONS, GAIN, descended, flip_changes, pair_weights, value

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["LEARNERS", "STARTS", "example_minima", "shared_minima"]

LEARNERS = ("stored", "supervised", "unsupervised")
STARTS = ("hierarchical", "pure", "parallel", "random")
MEASURED = ("shared", "unstable_spins", "moved_spins", "lowered")

Variables = dict[str, tuple[tuple[str, ...], Any]]


def shared_minima(
    dilution: Sequence[float] = (0.2, 0.4, 0.6, 0.8),
    *,
    quality: float = 0.3,
    examples: int = 21,
    n_patterns: int = 3,
    sizes: Sequence[int] = (500, 2000, 8000),
    disorder: int = 8,
    seed: Seed = 0,
    progress: bool = False,
) -> xr.Dataset:
    r"""Whether minima of the energy are minima of losses, and the other way round.

    From states made of the archetypes spins descend, flip by flip, to a minimum of the energy, of
    the loss of the linear autoencoder with the patterns of the couplings as weights, and of the sum
    of the losses :math:`L_-^\mu` of these patterns. There the other functions are tried: which
    flips lower them, and where they lead to.

    Parameters
    ----------
    dilution : sequence of float
        d in [0, 1), ascending.
    quality, examples : float and int
        r and M of the networks that learn.
    n_patterns : int
        Number K of archetypes.
    sizes : sequence of int
        Numbers N of spins, ascending.
    disorder : int
        Networks with archetypes and examples of their own, at least 2.
    seed : int, numpy.random.SeedSequence or None
        Archetypes and examples are the same with and without a teacher.
    progress : bool
        Show a bar if the study takes over two seconds and the output is a terminal.

    Returns
    -------
    xarray.Dataset
        With dims learner ("stored", "supervised", "unsupervised"), size, dilution, start, function
        and other_function: `shared`, `unstable_spins`, `moved_spins` and `lowered`, each with
        `_stderr` over the networks. Of a function under itself they are 1 and 0.

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> found = shared_minima([0.5], sizes=[400], disorder=2)
    >>> own = found.shared.sel(function="energy", other_function="energy")
    >>> bool((own == 1.0).all())
    True
    """
    integer("disorder", disorder, low=LEAST_PATTERN_SETS)
    dilutions = [check_dilution(d) for d in dilution]
    if not dilutions or sorted(set(dilutions)) != dilutions:
        raise InputError(f"dilution must be ascending numbers in [0, 1), got {list(dilution)}")
    numbers, used = ascending("sizes", sizes), sequence(seed)
    cells = list(product(LEARNERS, numbers, dilutions, range(disorder)))
    found = [
        _judged(_model(name, quality, examples, d), n, n_patterns, used, sample)
        for name, n, d, sample in with_bar(cells, progress)
    ]
    dims = ("learner", "size", "dilution", "start", "function", "other_function")
    each = np.array(found).reshape(len(LEARNERS), len(numbers), len(dilutions), disorder, *SHAPE)
    variables: Variables = {}
    for i, name in enumerate(MEASURED):
        variables |= estimate(name, dims, np.moveaxis(each[..., i], 3, 0))
    attrs = provenance(
        Unsupervised(2, quality, examples, dilutions[-1]), seed=record(used),
        n_patterns=n_patterns, disorder=disorder, dilution=dilutions, sizes=numbers,
    )  # fmt: skip
    coords = {
        "learner": list(LEARNERS), "size": numbers, "dilution": dilutions, "start": list(STARTS),
        "function": list(FUNCTIONS), "other_function": list(FUNCTIONS), "temperature": 0.0,
        "quality": quality, "examples": examples,
    }  # fmt: skip
    return dataset(variables, coords, attrs)


SHAPE = (len(STARTS), len(FUNCTIONS), len(FUNCTIONS), len(MEASURED))


def _model(
    learner: str, quality: float, examples: int, dilution: float
) -> Multitasking | Supervised | Unsupervised:
    """Network of a way to learn."""
    if learner == "stored":
        return Multitasking(dilution)
    kind = Supervised if learner == "supervised" else Unsupervised
    return kind(2, quality, examples, dilution)


def _starts(archetypes: NDArray[np.int8], seed: np.random.SeedSequence) -> list[NDArray[np.int8]]:
    """States to descend from, in the order of `STARTS`."""
    fair = fair_patterns(1, archetypes.shape[1], sequence(seed, Stream.INITIAL_STATE, 1))[0]
    pure = np.where(archetypes[0] == 0, fair, archetypes[0])
    return [hierarchical_state(archetypes, seed), pure, parallel_state(archetypes, seed), fair]


def _judged(
    model: Multitasking | Supervised | Unsupervised,
    size: int,
    n_patterns: int,
    seed: np.random.SeedSequence,
    sample: int,
) -> NDArray[np.float64]:
    """What is measured in one network, shape `SHAPE`."""
    own = sequence(seed, Stream.DISORDER, sample)
    network: Network = model.network(size, n_patterns=n_patterns, seed=own)
    weights, found = pair_weights(network), np.empty(SHAPE)
    for i, start in enumerate(_starts(network.archetypes, own)):
        for j, function in enumerate(FUNCTIONS):
            end = descended(function, weights, start)
            for k, other in enumerate(FUNCTIONS):
                unstable = flip_changes(other, weights, end) < -GAIN
                beyond = descended(other, weights, end)
                lowered = value(other, weights, end) - value(other, weights, beyond)
                moved = (beyond != end).mean()
                found[i, j, k] = not unstable.any(), unstable.mean(), moved, lowered
    return found


def example_minima(
    examples: Sequence[int] = (11, 21, 31, 41, 51, 61, 81, 101, 121),
    *,
    quality: float = 0.2,
    dilution: float = 0.2,
    size: int = 8000,
    disorder: int = 8,
    seed: Seed = 0,
    progress: bool = False,
) -> xr.Dataset:
    r"""Up to how many examples energy and loss without a teacher have a minimum at each of them.

    From one of the examples of a single archetype, spins descend at T = 0. In the fields of the
    loss of the autoencoder differences between overlaps weigh
    :math:`(2 - (1-d)\frac\rho{1+\rho})/(1+d)` times as much as in those of the energy.

    Parameters
    ----------
    examples : sequence of int
        Numbers M of examples, ascending, from 2 on; even numbers may tie.
    quality, dilution : float
        r and d.
    size : int
        Number N of spins.
    disorder, seed, progress
        As of `shared_minima`.

    Returns
    -------
    xarray.Dataset
        With dims function ("energy", "autoencoder") and examples: `example_overlap` and `overlap`
        with the archetype at the end, each with `_stderr` over the networks, and `_theory`.

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> found = example_minima([11, 71], size=2000, disorder=2)
    >>> found.example_overlap.sel(examples=71).values.round(1)
    array([0.2, 0.8])
    """
    from theory.multitasking.teacher import example_state

    integer("disorder", disorder, low=LEAST_PATTERN_SETS)
    numbers, used = ascending("examples", examples), sequence(seed)
    integer("examples", numbers[0], low=2)
    quadratic = FUNCTIONS[:2]
    models = [Unsupervised(2, quality, m, dilution) for m in numbers]
    cells = list(product(quadratic, models, range(disorder)))
    found = np.array([
        _from_example(function, model, size, sequence(used, Stream.DISORDER, sample))
        for function, model, sample in with_bar(cells, progress)
    ]).reshape(len(quadratic), len(numbers), disorder, 2)  # fmt: skip
    predicted = np.empty((len(quadratic), len(numbers), 2))
    for j, model in enumerate(models):
        rho, filled = model.dataset_entropy, 1.0 - model.dilution
        contrasts = 1.0, (2.0 - filled * rho / (1.0 + rho)) / (2.0 - filled)
        for i, contrast in enumerate(contrasts):
            state = example_state(quality, model.examples, 0.0, contrast)
            predicted[i, j] = filled * state.own, filled * state.overlap
    dims = "function", "examples"
    variables: Variables = {}
    for i, name in enumerate(("example_overlap", "overlap")):
        variables |= estimate(name, dims, np.moveaxis(found[..., i], -1, 0))
        variables[f"{name}_theory"] = dims, predicted[..., i]
    attrs = provenance(models[-1], seed=record(used), size=size, disorder=disorder)
    coords = {
        "function": list(quadratic), "examples": numbers, "quality": quality,
        "dilution": dilution, "size": size, "temperature": 0.0,
    }  # fmt: skip
    return dataset(variables, coords, attrs)


def _from_example(
    function: str, model: Unsupervised, size: int, seed: np.random.SeedSequence
) -> tuple[float, float]:
    """Overlaps with the example and the archetype where a descent from the example ends."""
    network = model.network(size, n_patterns=1, seed=seed)
    example = network.patterns[0].astype(np.int8)
    fair = fair_patterns(1, size, sequence(seed, Stream.INITIAL_STATE))[0]
    end = descended(function, pair_weights(network), np.where(example == 0, fair, example))
    return float(network.overlaps(end)[0]), float(network.archetype_overlaps(end)[0])
