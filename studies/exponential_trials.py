"""Retrieval of single patterns in exponential networks of few spins, beside theory of their size.

A trial draws its own patterns and asks three things of the first one and a state near it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield import Exponential, InputError
from hopfield.arguments import integer, nonnegative_values, positive
from hopfield.exponential_network import ExponentialNetwork
from hopfield.log_sums import log_sum
from hopfield.results import dataset, provenance
from hopfield.seeds import Seed, Stream, record, sequence
from studies.exponential_predictions import CRITERIA, expected, thresholds
from studies.journal import Journal
from studies.simulation import finish
from studies.steepest_descent import Landscape, steepest_descent

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["exponential_retrieval"]

Floats = NDArray[np.float64]

BATCH = 25
"""Trials of a task."""

LOADS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.45, 0.5)


@dataclass(frozen=True)
class Plan:
    """Everything that determines the numbers of a study.

    Parameters
    ----------
    sharpness : tuple of float
    sizes : tuple of int
    loads : tuple of float
    overlap : float
    trials, most_patterns : int
    seed : numpy.random.SeedSequence
    """

    sharpness: tuple[float, ...]
    sizes: tuple[int, ...]
    loads: tuple[float, ...]
    overlap: float
    trials: int
    most_patterns: int
    seed: np.random.SeedSequence

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of values of the sharpness, sizes and loads."""
        return len(self.sharpness), len(self.sizes), len(self.loads)

    @property
    def flipped(self) -> NDArray[np.int64]:
        """Numbers of spins in which a start differs from its pattern, for each size."""
        return np.rint((1.0 - self.overlap) * np.array(self.sizes) / 2.0).astype(np.int64)

    @property
    def counts(self) -> NDArray[np.int64]:
        """Numbers of patterns, shape (size, load)."""
        model = Exponential()
        return np.array([[model.patterns_at(a, n) for a in self.loads] for n in self.sizes])

    def tasks(self) -> Iterator[tuple[int, ...]]:
        """(sharpness, size, load, first trial) where there are not too many patterns."""
        counts = self.counts
        for i, j, k in np.ndindex(self.shape):
            if 2 <= counts[j, k] <= self.most_patterns:
                yield from ((i, j, k, first) for first in range(0, self.trials, BATCH))


def exponential_retrieval(
    sharpness: ArrayLike = (0.7, 1.0, 2.0),
    load: ArrayLike = LOADS,
    *,
    size: ArrayLike = (20, 30, 40),
    overlap: float = 0.6,
    trials: int = 400,
    most_patterns: int = 100_000,
    seed: Seed = 0,
    progress: bool = False,
    journal: Path | None = None,
) -> xr.Dataset:
    r"""Simulate retrieval in exponential networks of few spins and compare it with theory.

    Parameters
    ----------
    sharpness : float or 1-D array
        λ, in (0, 100].
    load : float or 1-D array
        α >= 0 of :math:`K = e^{\alpha N}` fair patterns, rounded.
    size : int or 1-D array of int
        Numbers N of spins, at least 8.
    overlap : float
        Of the start with its pattern, in (0, 1], as near as N allows; spins are flipped at random.
    trials : int
        Sets of patterns at each point, at least 2, each of which one pattern is taken from.
    most_patterns : int
        Points with more patterns are left out, and not a number.
    seed : int, numpy.random.SeedSequence or None
        Every trial draws from streams of its own.
    progress : bool
        Show a bar on a terminal.
    journal : path, optional
        File of finished pieces, as of `studies.compare_points`.

    Returns
    -------
    xarray.Dataset
        Over criterion, sharpness, size and load: `probability` with `_stderr`, that of the
        binomial law; `_theory` at the load of the whole number of patterns, `actual_load`, from
        `theory.exponential_finite_size`; `_z`, in units of the standard deviation that the
        theoretical probability gives, at least that of one trial. `chi_square` is the mean of z²
        over what the binomial law makes it, over sizes and loads. Criteria are "weight": the
        pattern has more than half of the weight of the softmax at the start; "descent": steepest
        descent by single flips ends at the pattern; "stable": no flip lowers the energy of the
        pattern. `threshold_load` is where they end in the limit.

    Raises
    ------
    InputError
        If an argument is out of range, or there is no point with 2 patterns or more.

    Examples
    --------
    >>> found = exponential_retrieval(1.0, [0.2, 0.3], size=16, trials=50)
    >>> bool((abs(found.probability_z) < 4.0).all())
    True
    """
    plan = Plan(
        _different("sharpness", [positive("sharpness", x, high=100.0) for x in _listed(sharpness)]),
        _different("size", [integer("size", n, low=8) for n in _listed(size)]),
        _different("load", nonnegative_values("load", np.atleast_1d(np.asarray(load))).tolist()),
        positive("overlap", overlap, high=1.0), integer("trials", trials, low=2),
        integer("most_patterns", most_patterns, low=2), sequence(seed),
    )  # fmt: skip
    if not any(True for _ in plan.tasks()):
        low, high = plan.counts.min(), plan.counts.max()
        raise InputError(f"there must be 2 to {most_patterns} patterns, got {low} to {high}")
    finished = Journal(journal, vars(plan) | {"seed": record(plan.seed)})
    try:
        finish(plan.tasks(), lambda *task: _trials(plan, *task), finished, progress=progress)
        return _labelled(plan, finished)
    finally:
        finished.close()


def _listed(values: ArrayLike) -> list[Any]:
    return list(np.atleast_1d(np.asarray(values)).tolist())


def _different(name: str, values: list[Any]) -> tuple[Any, ...]:
    if not values or len(set(values)) < len(values):
        raise InputError(f"{name} must be one or more different numbers, got {values}")
    return tuple(values)


def _trials(plan: Plan, i: int, j: int, k: int, first: int) -> dict[str, float]:
    """How often each criterion is met."""
    lam, n, count = plan.sharpness[i], plan.sizes[j], int(plan.counts[j, k])
    words = np.array([lam]).view(np.uint32).tolist()
    met = np.zeros(len(CRITERIA))
    for trial in range(first, min(first + BATCH, plan.trials)):
        seed = sequence(plan.seed, Stream.DISORDER, *words, n, count, trial)
        network = Exponential(lam).network(n, n_patterns=count, seed=seed)
        start = _start(network, int(plan.flipped[j]), seed)
        met += _met(network, start)
    return dict(zip(CRITERIA, met.tolist(), strict=True))


def _start(
    network: ExponentialNetwork, flipped: int, seed: np.random.SeedSequence
) -> NDArray[np.int8]:
    """The first pattern with some of its spins flipped."""
    rng = np.random.Generator(np.random.Philox(sequence(seed, Stream.INITIAL_STATE)))
    start = np.array(network.patterns[0], dtype=np.int8)
    start[rng.permutation(network.size)[:flipped]] *= -1
    return start


def _met(network: ExponentialNetwork, start: NDArray[np.int8]) -> list[bool]:
    """Which criteria are met."""
    pattern, lam = network.patterns[0], network.sharpness
    own = lam * float(start.astype(float) @ pattern)
    log_weight = own - float(log_sum(lam, network.histogram(start)))
    landscape = Landscape(network)
    ended = steepest_descent(landscape, start)
    return [
        log_weight > -np.log(2.0),
        bool((ended == pattern).all()),
        bool((landscape.changes(pattern) > 0.0).all()),
    ]


def _labelled(plan: Plan, finished: Journal) -> xr.Dataset:
    """Parts of the trials beside theory."""
    met = np.full((len(CRITERIA), *plan.shape), np.nan)
    for i, j, k, first in plan.tasks():
        found = [finished[(i, j, k, first)][name] for name in CRITERIA]
        met[:, i, j, k] = np.nan_to_num(met[:, i, j, k]) + found
    part = met / plan.trials
    sizes, counts = np.array(plan.sizes), plan.counts
    loads = np.log(counts) / sizes[:, None]
    starts = 1.0 - 2.0 * plan.flipped / sizes
    theory = np.array([
        [
            [expected(name, lam, loads[j], n, starts[j]) for j, n in enumerate(plan.sizes)]
            for lam in plan.sharpness
        ]
        for name in CRITERIA
    ])  # fmt: skip
    variance = theory * (1.0 - theory) / plan.trials
    least = np.maximum(variance, plan.trials**-2.0)
    z = (part - theory) / np.sqrt(least)
    known = np.isfinite(z)
    usual = (variance / least).sum(axis=(2, 3), where=known)
    chi_square = np.divide(
        np.nansum(z**2, axis=(2, 3)), usual, out=np.full_like(usual, np.nan), where=usual > 0.0
    )
    dims = ("criterion", "sharpness", "size", "load")
    limits = np.stack([thresholds(lam, plan.overlap) for lam in plan.sharpness], axis=1)
    variables: dict[str, tuple[tuple[str, ...], Any]] = {
        "probability": (dims, part),
        "probability_stderr": (dims, np.sqrt(part * (1.0 - part) / plan.trials)),
        "probability_theory": (dims, theory),
        "probability_z": (dims, z),
        "chi_square": (dims[:2], chi_square),
        "threshold_load": (dims[:2], limits),
        "n_patterns": (dims[2:], counts),
        "actual_load": (dims[2:], loads),
        "overlap_start": (dims[2:3], starts),
    }
    coords = {
        "criterion": list(CRITERIA), "sharpness": list(plan.sharpness), "size": list(plan.sizes),
        "load": list(plan.loads),
    }  # fmt: skip
    given = {name: value for name, value in vars(plan).items() if name != "seed"}
    attrs = provenance(Exponential(plan.sharpness[0]), seed=record(plan.seed), **given)
    return dataset(variables, coords, attrs)
