r"""How many diluted patterns are retrieved at once if there are :math:`K = \gamma \ln N` of them.

In the hierarchical state overlaps are :math:`d^{k-1}(1-d)`. The fluctuations of N spins, of order
:math:`1/\sqrt N`, drown those of all but about :math:`\ln N/(2 \ln 1/d)` patterns.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield import InputError, Multitasking, hierarchical_state, retrieved_patterns
from hopfield.arguments import integer, positive, real, require_memory
from hopfield.results import dataset, provenance
from hopfield.seeds import Seed, Stream, record, sequence
from studies.journal import Journal
from studies.simulation import finish

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["noise_threshold", "parallel_capacity"]

Floats = NDArray[np.float64]

DEVIATIONS = 4.0
"""Standard deviations of a random overlap that make the threshold."""

MOST_DILUTION, MOST_LOAD = 0.99, 100.0


def noise_threshold(dilution: ArrayLike, size: ArrayLike) -> Floats:
    r"""Overlap that fluctuations hardly reach, :math:`4\sqrt{(1-d)/N}`.

    Examples
    --------
    >>> noise_threshold(0.36, 10_000).item()
    0.032
    """
    d, n = np.asarray(dilution, dtype=np.float64), np.asarray(size, dtype=np.float64)
    return np.asarray(DEVIATIONS * np.sqrt((1.0 - d) / n))


@dataclass(frozen=True)
class Plan:
    """Everything that determines the numbers of a study.

    Parameters
    ----------
    dilutions, log_loads : tuples of float
        d and γ.
    sizes : tuple of int
    temperature, share : float
    disorder, replicas, sweeps, burn_in : int
    seed : numpy.random.SeedSequence
    """

    dilutions: tuple[float, ...]
    log_loads: tuple[float, ...]
    sizes: tuple[int, ...]
    temperature: float
    share: float
    disorder: int
    replicas: int
    sweeps: int
    burn_in: int
    seed: np.random.SeedSequence

    @property
    def shape(self) -> tuple[int, ...]:
        """Numbers of dilutions, loads, sizes and networks."""
        return len(self.dilutions), len(self.log_loads), len(self.sizes), self.disorder

    @property
    def counts(self) -> NDArray[np.int64]:
        """Numbers K of patterns, shape (log_load, size)."""
        counts = np.rint(np.outer(self.log_loads, np.log(self.sizes)))
        return np.asarray(np.maximum(counts, 1.0), dtype=np.int64)

    def tasks(self) -> Iterator[tuple[int, ...]]:
        """(dilution, load, size, network)."""
        yield from np.ndindex(self.shape)


def parallel_capacity(
    dilution: ArrayLike = (0.3, 0.45, 0.6),
    log_load: ArrayLike = (0.25, 0.5, 1.0, 2.0),
    *,
    size: ArrayLike = (1_000, 3_000, 10_000, 30_000, 100_000),
    temperature: float = 0.0,
    share: float = 0.5,
    disorder: int = 16,
    replicas: int = 2,
    sweeps: int = 10,
    burn_in: int = 60,
    seed: Seed = 0,
    progress: bool = False,
    journal: Path | None = None,
) -> xr.Dataset:
    r"""Count the patterns that are retrieved at once, from the hierarchical state on.

    Parameters
    ----------
    dilution, log_load : float or 1-D array
        d in (0, 0.99], and γ in (0, 100] of :math:`K = \gamma \ln N`, rounded, at least 1.
    size : int or 1-D array of int
        Numbers N of spins.
    temperature : float
        T >= 0.
    share : float
        Of :math:`d^{k-1}(1-d)`, in (0, 1], that a pattern has to keep.
    disorder : int
        Networks, at least 2.
    replicas, sweeps, burn_in
        As in `montecarlo.sample`.
    seed : int, numpy.random.SeedSequence or None
        Every network draws from streams of its own.
    progress : bool
        Show a bar on a terminal.
    journal : path, optional
        File of finished pieces, as of `studies.compare_points`.

    Returns
    -------
    xarray.Dataset
        Over dilution, log_load and size: `retrieved_patterns`, the number of overlaps of at least
        :math:`4\sqrt{(1-d)/N}` in modulus, at the end and at the `_start`, with what
        :math:`d^{k-1}(1-d)` gives, `_theory`, and :math:`\ln N/(2 \ln 1/d)`, `_asymptotic`;
        `hierarchical_patterns`, the number of first patterns that have all kept their share;
        `pattern_overlap` with every pattern and its `_theory`, not a number where there is none.
        Standard errors `_stderr` are those over networks.

    Raises
    ------
    InputError
        If an argument is out of range, or the largest network does not fit into memory.

    Examples
    --------
    >>> found = parallel_capacity(0.4, 0.5, size=[1000, 10_000], disorder=4)
    >>> found.n_patterns.values.tolist(), found.pattern_overlap.dims
    ([[3, 5]], ('dilution', 'log_load', 'size', 'pattern'))
    """
    plan = Plan(
        _numbers("dilution", dilution, MOST_DILUTION), _numbers("log_load", log_load, MOST_LOAD),
        tuple(integer("size", n, low=2) for n in np.atleast_1d(np.asarray(size)).tolist()),
        real("temperature", temperature), positive("share", share, high=1.0),
        integer("disorder", disorder, low=2), integer("replicas", replicas, low=1),
        integer("sweeps", sweeps, low=4), integer("burn_in", burn_in, low=0), sequence(seed),
    )  # fmt: skip
    _check_memory(plan)
    finished = Journal(journal, vars(plan) | {"seed": record(plan.seed)})
    try:
        finish(plan.tasks(), lambda *task: _sample(plan, *task), finished, progress=progress)
        return _labelled(plan, finished)
    finally:
        finished.close()


def _numbers(name: str, given: ArrayLike, high: float) -> tuple[float, ...]:
    each = np.atleast_1d(np.asarray(given)).tolist()
    values = [positive(name, value, high=high) for value in each]
    if not values or len(set(values)) < len(values):
        raise InputError(f"{name} must be one or more different numbers, got {values}")
    return tuple(values)


def _check_memory(plan: Plan) -> None:
    from montecarlo.threads import processors

    if not plan.sizes or len(set(plan.sizes)) < len(plan.sizes):
        raise InputError(f"size must be one or more different integers, got {list(plan.sizes)}")
    model = Multitasking(plan.dilutions[0])
    needed = 2 * model.bytes_needed(int(plan.counts.max()), max(plan.sizes))
    require_memory("the patterns", needed * processors())


def _sample(plan: Plan, dilution: int, load: int, size: int, network: int) -> dict[str, float]:
    """Numbers of patterns and overlaps of one network."""
    import montecarlo

    d, n, count = plan.dilutions[dilution], plan.sizes[size], int(plan.counts[load, size])
    words = np.array([d], dtype=np.float64).view(np.uint32).tolist()
    seed = sequence(plan.seed, Stream.DISORDER, *words, count, n, network)
    drawn = Multitasking(d).network(n, n_patterns=count, seed=seed)
    run = montecarlo.sample(
        drawn, plan.temperature, sweeps=plan.sweeps, burn_in=plan.burn_in, replicas=plan.replicas,
        start="hierarchical", seed=seed, threads=1, tracked=count,
    )  # fmt: skip
    threshold = min(noise_threshold(d, n).item(), 1.0)
    series = run.pattern_overlap_series.values
    started = drawn.overlaps(hierarchical_state(drawn.patterns, seed))
    kept = series >= plan.share * _hierarchy(d, count)
    counts = {
        "retrieved_patterns": retrieved_patterns(series, threshold).mean(),
        "retrieved_patterns_start": retrieved_patterns(started, threshold),
        "hierarchical_patterns": np.logical_and.accumulate(kept, axis=-1).sum(axis=-1).mean(),
    }
    overlaps = {f"pattern_overlap/{k}": m for k, m in enumerate(run.pattern_overlap.values)}
    return {name: float(value) for name, value in (counts | overlaps).items()}


def _hierarchy(dilution: ArrayLike, count: int) -> Floats:
    """d^(k-1) (1-d)."""
    d = np.asarray(dilution, dtype=np.float64)[..., None]
    return np.asarray(d ** np.arange(count) * (1.0 - d))


COUNTS = ("retrieved_patterns", "retrieved_patterns_start", "hierarchical_patterns")


def _labelled(plan: Plan, finished: Journal) -> xr.Dataset:
    """Means over networks, their errors, and what is expected."""
    from montecarlo.statistics import jackknife

    most = int(plan.counts.max())
    names = [*COUNTS, *(f"pattern_overlap/{k}" for k in range(most))]
    tasks = plan.tasks()
    values = np.array([[finished[task].get(name, np.nan) for name in names] for task in tasks])
    mean, stderr = jackknife(values.reshape(*plan.shape, len(names)), axis=3)
    d, sizes = np.array(plan.dilutions), np.array(plan.sizes, dtype=np.float64)
    hierarchy = _hierarchy(d, most)
    above = hierarchy[:, None, None] >= noise_threshold(d[:, None], sizes)[:, None, :, None]
    above = above & (np.arange(most) < plan.counts[..., None])
    dims = ("dilution", "log_load", "size")
    asymptotic = np.log(sizes) / (2.0 * np.log(1.0 / d))[:, None]
    variables: dict[str, tuple[tuple[str, ...], Any]] = {
        "n_patterns": (dims[1:], plan.counts),
        "retrieved_patterns_theory": (dims, above.sum(axis=-1)),
        "retrieved_patterns_asymptotic": ((dims[0], dims[2]), asymptotic),
        "pattern_overlap": ((*dims, "pattern"), mean[..., len(COUNTS) :]),
        "pattern_overlap_stderr": ((*dims, "pattern"), stderr[..., len(COUNTS) :]),
        "pattern_overlap_theory": ((dims[0], "pattern"), hierarchy),
    }
    for k, name in enumerate(COUNTS):
        variables[name], variables[f"{name}_stderr"] = (dims, mean[..., k]), (dims, stderr[..., k])
    coords = {
        "dilution": d, "log_load": list(plan.log_loads), "size": list(plan.sizes),
        "pattern": np.arange(most), "temperature": plan.temperature,
    }  # fmt: skip
    given = {name: value for name, value in vars(plan).items() if name != "seed"}
    attrs = provenance(Multitasking(plan.dilutions[0]), seed=record(plan.seed), **given)
    return dataset(variables, coords, attrs)
