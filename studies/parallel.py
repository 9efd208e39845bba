"""Retrieval of several diluted patterns at once: theory beside simulation."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield import InputError, Multitasking, Supervised, Unsupervised
from hopfield.arguments import integer, real, require_memory
from hopfield.models import Polynomial
from hopfield.results import dataset, provenance
from hopfield.seeds import Seed, sequence
from studies.agreement import at_infinite_size, distance
from studies.journal import Journal
from studies.parallel_samples import (
    ParallelPlan,
    ParallelPoint,
    of_theory,
    sample_state,
    state_of,
)
from studies.simulation import DIAGNOSTICS, finish

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["POINTS", "compare_parallel"]

Floats = NDArray[np.float64]
Point = tuple[Polynomial, int, float, str]

POINTS: tuple[Point, ...] = (
    (Multitasking(0.4), 3, 0.05, "hierarchical"),
    (Multitasking(0.4), 2, 0.1, "hierarchical"),
    (Multitasking(0.3), 3, 0.12, "1+1"),
    (Multitasking(0.2), 3, 0.3, "pure"),
    (Multitasking(0.8), 3, 0.09, "parallel"),
    (Multitasking(0.8), 2, 0.09, "parallel"),
    (Supervised(2, 0.8, 10, 0.2), 2, 0.3, "pure"),
    (Unsupervised(2, 0.8, 10, 0.2), 2, 0.3, "pure"),
    (Supervised(2, 0.6, 20, 0.3), 2, 0.1, "hierarchical"),
    (Unsupervised(2, 0.6, 10, 0.2), 2, 0.1, "hierarchical"),
)
"""States far from all instabilities: what is compared if nothing else is asked for."""


def compare_parallel(
    points: Iterable[Point] = POINTS,
    *,
    size: ArrayLike = (20_000, 40_000),
    disorder: int = 16,
    replicas: int = 16,
    sweeps: int = 60,
    burn_in: int = 40,
    seed: Seed = 0,
    progress: bool = False,
    journal: Path | None = None,
) -> xr.Dataset:
    r"""Compare theory with simulation in states that retrieve one or several of few patterns.

    At every point and size `disorder` networks are drawn and sampled, from spins that follow the
    patterns of the state. The columns of entries of N spins are a sample of their law, whose
    fluctuations of order :math:`1/\sqrt N` are followed by the theory of the very columns of every
    network; what it has over that of the law is subtracted. What is left falls off as 1/N: with
    several sizes it is extrapolated, see `studies.agreement.at_infinite_size`. The energy is
    without the pairs of spins with themselves, exactly.

    Parameters
    ----------
    points : sequence of (model, n_patterns, temperature, state)
        Polynomial with p = 2, K, T, and a state as in `theory.retrieval_states` that is there and
        stable; by default `POINTS`.
    size : int or 1-D array of int
        Numbers N of spins.
    disorder : int
        Networks for each point and size, at least 2.
    replicas, sweeps, burn_in
        As in `montecarlo.sample`.
    seed : int, numpy.random.SeedSequence or None
        Every point draws from streams of its own, whatever the other points.
    progress : bool
        Show a bar on a terminal.
    journal : path, optional
        File of finished pieces, as of `studies.compare_points`.

    Returns
    -------
    xarray.Dataset
        For `pattern_overlap` and, where patterns are learned, `pattern_effective_overlap` with
        every pattern, not sorted, and for `energy` and `replica_overlap`, the self-overlap:
        `_sample` of every network, their mean and `_stderr` at every size, `_theory`,
        `_extrapolated` with its `_stderr`, and `_z`; dims point, size, disorder, pattern, not a
        number for patterns that are not there. `chi_square` is the squared distance of all of them
        but the energy, of which the overlaps are all, over what it should be, with its `p_value`;
        see `studies.agreement.distance`.

    Raises
    ------
    InputError
        If an argument is out of range, a state is not there or not stable, or the largest network
        does not fit into memory.

    Examples
    --------
    >>> import hopfield
    >>> point = (hopfield.Multitasking(0.4), 2, 0.1, "hierarchical")
    >>> result = compare_parallel([point], size=1000, disorder=4, replicas=4, sweeps=20, burn_in=9)
    >>> result.pattern_overlap.dims
    ('point', 'size', 'pattern')
    """
    plan = _plan(points, size, disorder, replicas, sweeps, burn_in, seed)
    finished = Journal(journal, plan.described())
    try:
        tasks = plan.tasks()
        finish(tasks, lambda *task: sample_state(plan, *task), finished, progress=progress)
        return _labelled(plan, finished)
    finally:
        finished.close()


def _plan(
    points: Iterable[Point], size: ArrayLike, disorder: int, replicas: int, sweeps: int,
    burn_in: int, seed: Seed,
) -> ParallelPlan:  # fmt: skip
    """Check everything before any work."""
    from montecarlo.threads import processors

    checked = []
    for model, n_patterns, temperature, state in points:
        count, t = integer("n_patterns", n_patterns, low=1), real("temperature", temperature)
        checked.append(ParallelPoint(model, count, t, state))
        state_of(checked[-1])
    if not checked:
        raise InputError("points must be one or more, got none")
    given = np.atleast_1d(np.asarray(size)).tolist()
    sizes = tuple(sorted(integer("size", n, low=2) for n in given))
    if not sizes or len(set(sizes)) < len(sizes):
        raise InputError(f"size must be one or more different integers, got {given}")
    needed = [2 * point.model.bytes_needed(point.n_patterns, sizes[-1]) for point in checked]
    require_memory("the patterns", max(needed) * processors())
    return ParallelPlan(
        tuple(checked), sizes, integer("disorder", disorder, low=2),
        integer("replicas", replicas, low=2), integer("sweeps", sweeps, low=4),
        integer("burn_in", burn_in, low=0), sequence(seed),
    )  # fmt: skip


def _samples(plan: ParallelPlan, finished: Journal, point: int, names: Iterable[str]) -> Floats:
    """What was found in every network, shape (size, disorder, names)."""
    tasks = [[(point, n, k) for k in range(plan.disorder)] for n in range(len(plan.sizes))]
    return np.array([[[finished[task][name] for name in names] for task in row] for row in tasks])


def _labelled(plan: ParallelPlan, finished: Journal) -> xr.Dataset:
    """All points; not a number for patterns and quantities that one of them has not."""
    import xarray as xr

    points = [_at_point(plan, finished, k) for k in range(len(plan.points))]
    joined = xr.concat(points, dim="point", join="outer", combine_attrs="drop_conflicts")
    return joined.assign_attrs(_attrs(plan))


def _at_point(plan: ParallelPlan, finished: Journal, k: int) -> xr.Dataset:
    """Means, errors, theory, extrapolations, z-scores and the joint distance of a point."""
    from montecarlo.statistics import jackknife

    point, law = plan.points[k], state_of(plan.points[k])
    names = point.names
    shifts = _samples(plan, finished, k, [f"{name}_entries" for name in names])
    samples = _samples(plan, finished, k, names) - shifts
    expected = np.array([of_theory(law, name) for name in names])
    limit = at_infinite_size(plan.sizes, samples, min(len(plan.sizes) - 1, 1))
    found = distance(limit, expected, np.array([name != "energy" for name in names]))
    mean, stderr = jackknife(samples, axis=1)
    everything: dict[str, tuple[tuple[str, ...], Floats]] = {
        "": (("size",), mean), "_stderr": (("size",), stderr),
        "_sample": (("size", "disorder"), samples), "_theory": ((), expected),
        "_extrapolated": ((), limit.value), "_extrapolated_stderr": ((), limit.stderr),
        "_z": ((), found.z),
    }  # fmt: skip
    variables: dict[str, tuple[tuple[str, ...], Any]] = {
        "chi_square": ((), found.chi_square), "p_value": ((), found.p_value),
    }  # fmt: skip
    for name in dict.fromkeys(name.partition("/")[0] for name in names):
        of_patterns = f"{name}/0" in names
        first = names.index(f"{name}/0" if of_patterns else name)
        at: slice | int = slice(first, first + point.n_patterns) if of_patterns else first
        for suffix, (dims, values) in everything.items():
            last = ("pattern",) if of_patterns else ()
            variables[f"{name}{suffix}"] = (*dims, *last), values[..., at]
    for name in DIAGNOSTICS:
        variables[name] = ("size",), _samples(plan, finished, k, [name]).max(axis=(1, 2))
    coords: dict[str, Any] = {
        "size": list(plan.sizes), "disorder": np.arange(plan.disorder),
        "pattern": np.arange(point.n_patterns),
    }  # fmt: skip
    of_point = {name: getattr(point, name) for name in ("n_patterns", "temperature", "state")}
    for name, value in {"model": repr(point.model), **of_point}.items():
        coords[name] = ("point",), [value]
    rows = {name: (("point", *dims), np.array(v)[None]) for name, (dims, v) in variables.items()}
    return dataset(rows, coords, {})


def _attrs(plan: ParallelPlan) -> dict[str, str]:
    """Provenance, with all models in place of one."""
    described = plan.described()
    seed, models = str(described.pop("seed")), [point.model for point in plan.points]
    each = [json.loads(provenance(model)["model"]) for model in models]
    return provenance(models[0], seed=seed, **described) | {"model": json.dumps(each)}
