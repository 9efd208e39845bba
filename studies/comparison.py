"""Theory beside simulation, and by how many standard errors they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield import Exponential, InputError
from hopfield.arguments import nonnegative_values
from hopfield.models import Model
from hopfield.results import dataset, provenance
from hopfield.seeds import Seed
from studies.corrections import (
    crosstalk_weight,
    of_own_entries,
    realised_load,
    signal_shift,
    unlike,
)
from studies.devices import Places, check_backend
from studies.journal import Journal
from studies.plan import Plan, check_degree, make_plan
from studies.simulation import DIAGNOSTICS, compared, simulate

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["as_points", "compare", "compare_points", "equilibrium"]

Floats = NDArray[np.float64]


def compare_points(
    model: Model,
    load: ArrayLike,
    temperature: ArrayLike,
    *,
    size: ArrayLike | None = None,
    disorder: int = 16,
    replicas: int = 32,
    sweeps: int = 100,
    burn_in: int = 100,
    start: str | float = "pattern",
    dynamics: str = "glauber",
    seed: Seed = 0,
    degree: int | None = None,
    backend: str = "auto",
    progress: bool = False,
    journal: Path | None = None,
) -> xr.Dataset:
    r"""Compare theory with simulation at pairs (load, temperature).

    At every point and size, `disorder` networks are drawn and sampled, the mean over them gets its
    jackknife error, and its difference to theory is fitted by a polynomial in 1/N. z is its value
    at infinite size in units of its standard error; with one size it is the plain difference.
    Theory is taken at the exact :math:`K/N^{p-1}` of every size, and with the energy of the
    retrieved pattern at that size, which is smaller by :math:`p(p-1)/2N` relatively. The energy of
    every pattern set is corrected by :math:`(m/(1-d))^p` times its crosstalk energy at pattern 0,
    whose exact mean is zero: the same mean, smaller errors. Where patterns have blanks or are
    learned from examples, every network is compared with the theory of its own entries, see
    `studies.entries`.

    Parameters
    ----------
    model : hopfield.Dense, Multitasking, Supervised, Unsupervised or Exponential
    load, temperature : float or 1-D arrays of equal length
        α and T of every point.
    size : int or 1-D array of int, optional
        Numbers N of spins; by default `studies.plan.default_sizes`.
    disorder : int
        Pattern sets for each point and size, at least 2.
    replicas, sweeps, burn_in, start, dynamics
        As in `montecarlo.sample`, but not "parallel", which does not sample Gibbs' measure. From
        random spins (or overlap 0) theory is that of the glass or the paramagnet.
    seed : int, numpy.random.SeedSequence or None
        Every point draws from streams of its own, whatever the other points.
    degree : int, optional
        Of the polynomial in 1/N; by default 1 for p = 2, and for p > 2, where the terms of second
        order are not small, 2 if there are more than two sizes.
    backend : str
        "cpu", "gpu", or "auto": every network on a GPU if there is one, a kernel is exact for it
        and the work is large enough. Where there are several, each has networks of its own.
    progress : bool
        Show a bar on a terminal.
    journal : path, optional
        File of finished pieces: an interrupted comparison that is started again with the same
        arguments goes on from it and ends with the same numbers.

    Returns
    -------
    xarray.Dataset
        For `overlap`, `energy`, `replica_overlap` and, where archetypes are learned from examples,
        `effective_overlap`: means of every pattern set `_sample`,
        their mean and `_stderr` at every size, `_theory`, `_extrapolated` with its `_stderr`,
        and `_z`; dims point, size, disorder.

    Raises
    ------
    InputError
        If an argument is out of range, the largest network does not fit into memory, or the
        backend is a GPU and there is none or no kernel is exact.

    Examples
    --------
    >>> import hopfield
    >>> result = compare_points(hopfield.Hopfield(), 0.02, 0.4, size=200, disorder=2, replicas=4,
    ...                         sweeps=20, burn_in=10)
    >>> result.overlap.dims
    ('point', 'size')
    """
    plan = make_plan(
        model, load, temperature, size, disorder, replicas, sweeps, burn_in, start, dynamics, seed
    )
    check_backend(backend)
    order = check_degree(plan, degree)
    finished = Journal(journal, plan.described())
    try:
        simulate(plan, Places(backend), finished, progress=progress)
        return _labelled(plan, finished, order, backend)
    finally:
        finished.close()


def compare(model: Model, load: ArrayLike, temperature: ArrayLike, **options: Any) -> xr.Dataset:
    """Compare theory with simulation on the grid of all loads and temperatures.

    Parameters
    ----------
    model : hopfield.Dense, Multitasking, Supervised, Unsupervised or Exponential
    load, temperature : float or 1-D array
        α and T; arrays become dimensions.
    **options
        As in `compare_points`.

    Returns
    -------
    xarray.Dataset
        As of `compare_points`, with dims load and temperature in place of point.

    Raises
    ------
    InputError
        As `compare_points`.

    Examples
    --------
    >>> import hopfield
    >>> result = compare(hopfield.Hopfield(), 0.02, [0.3, 0.4], size=200, disorder=2, replicas=4,
    ...                  sweeps=20, burn_in=10)
    >>> result.overlap.dims
    ('temperature', 'size')
    """
    loads = nonnegative_values("load", load)
    temperatures = nonnegative_values("temperature", temperature)
    for name, values in (("load", loads), ("temperature", temperatures)):
        if np.unique(values).size < values.size:
            raise InputError(f"{name} must be different numbers, got {values.tolist()}")
    grid = np.meshgrid(np.atleast_1d(loads), np.atleast_1d(temperatures), indexing="ij")
    flat = compare_points(model, grid[0].ravel(), grid[1].ravel(), **options)
    first = ("load", "temperature")
    result = flat.set_index(point=first).unstack("point").transpose(*first, ...)
    result = result.sel(load=np.atleast_1d(loads), temperature=np.atleast_1d(temperatures))
    for name in first:
        result[name].attrs.update(flat[name].attrs)
    drop = [
        name for name, given in zip(first, (loads, temperatures), strict=True) if not given.ndim
    ]
    return result.squeeze(drop)


def as_points(ds: xr.Dataset) -> xr.Dataset:
    """One dimension of points, whether the comparison was made on pairs or on a grid."""
    if "point" in ds.dims:
        return ds
    axes = ("load", "temperature")
    grid = [name for name in axes if name in ds.dims]
    flat = ds.stack(point=grid).reset_index("point") if grid else ds.expand_dims("point")
    along = np.ones(flat.sizes["point"])
    return flat.assign_coords(
        {name: ("point", along * flat[name].values, flat[name].attrs) for name in axes}
    )


def equilibrium(
    model: Model, load: float, temperature: float, phases: Sequence[str]
) -> tuple[str, Mapping[str, float]]:
    """The first of `phases` that exists, and what theory says of it.

    Examples
    --------
    >>> import hopfield
    >>> equilibrium(hopfield.Hopfield(), 0.05, 2.0, ["retrieval", "glass", "paramagnet"])[0]
    'paramagnet'
    """
    import theory

    names = compared(model).values()
    for phase in phases:
        solution = theory.solve(model, [load], temperature, phase=phase)
        if str(solution.status.item()) in ("converged", "at the edge"):
            return phase, {name: solution[name].item() for name in names}
    return "none", dict.fromkeys(names, np.nan)


def _theory(plan: Plan) -> tuple[list[str], dict[str, Floats]]:
    """Phases at the points, and values with a last column for infinite size."""
    shape = (len(plan.loads), len(plan.sizes) + 1)
    names = compared(plan.model)
    values = {name: np.full(shape, np.nan) for name in names}
    phases = []
    for point, (load, temperature) in enumerate(zip(plan.loads, plan.temperatures, strict=True)):
        actual = [realised_load(plan.model, load, n) for n in plan.sizes]
        for column, each in enumerate([*actual, load]):
            phase, found = equilibrium(plan.model, each, temperature, plan.phases)
            skipped = unlike(plan.model, phase, each)
            for name, of_theory in names.items():
                values[name][point, column] = np.nan if name in skipped else found[of_theory]
            if column < len(plan.sizes):
                signal = found.get("effective_overlap", found["overlap"])
                shift = signal_shift(plan.model, signal, plan.sizes[column])
                values["energy"][point, column] += shift
        phases.append(phase)
    return phases, values


def _samples(plan: Plan, finished: Journal, predicted: dict[str, Floats]) -> dict[str, Floats]:
    """Means of every pattern set, without what is known of its fluctuations."""
    shape = (len(plan.loads), len(plan.sizes), plan.disorder)
    means = {name: [finished[k][name] for k in np.ndindex(shape)] for name in finished[0, 0, 0]}
    samples = {name: np.reshape(values, shape) for name, values in means.items()}
    if isinstance(plan.model, Exponential):
        return samples
    weight = crosstalk_weight(plan.model, predicted["overlap"][:, -1, None, None])
    samples["energy"] = samples["energy"] - weight * samples["crosstalk"]
    for name in predicted if of_own_entries(plan.model) else ():
        samples[name] = samples[name] - samples[f"{name}_entries"]
    return samples


def _labelled(plan: Plan, finished: Journal, degree: int, backend: str) -> xr.Dataset:
    """Means, errors, theory, extrapolations and z-scores."""
    from montecarlo.statistics import jackknife

    phases, predicted = _theory(plan)
    variables: dict[str, tuple[tuple[str, ...], Any]] = {"phase": (("point",), phases)}
    samples_of = _samples(plan, finished, predicted)
    # Where all samples have one overlap no flip was seen, and no error counts rare flips in.
    moving = (np.ptp(samples_of["overlap"], axis=-1) > 0.0).all(axis=-1)
    for name in DIAGNOSTICS:
        variables[name] = (("point", "size"), samples_of[name].max(axis=-1))
    for name in predicted:
        mean, stderr = jackknife(samples_of[name], axis=-1)
        variables[f"{name}_sample"] = (("point", "size", "disorder"), samples_of[name])
        variables[name] = (("point", "size"), mean)
        variables[f"{name}_stderr"] = (("point", "size"), stderr)
        limit = predicted[name][:, -1]
        variables[f"{name}_theory"] = (("point",), limit)
        difference, error = _at_infinite_size(
            plan.sizes, mean - predicted[name][:, :-1], stderr, degree
        )
        variables[f"{name}_extrapolated"] = (("point",), limit + difference)
        variables[f"{name}_extrapolated_stderr"] = (("point",), error)
        meaningful = (error > 0.0) & moving
        z = np.divide(difference, error, out=np.full_like(error, np.nan), where=meaningful)
        variables[f"{name}_z"] = (("point",), z)
    coords = {
        "load": (("point",), list(plan.loads)), "size": list(plan.sizes),
        "temperature": (("point",), list(plan.temperatures)), "disorder": np.arange(plan.disorder),
    }  # fmt: skip
    described = plan.described()
    described.pop("model")
    described |= {"degree": degree, "backend": backend}
    attrs = provenance(plan.model, **{"seed": str(described.pop("seed")), **described})  # type: ignore[arg-type]
    return dataset(variables, coords, attrs)


def _at_infinite_size(
    sizes: Sequence[int], values: Floats, stderrs: Floats, degree: int
) -> tuple[Floats, Floats]:
    from montecarlo.statistics import extrapolate

    if degree == 0:
        return values[:, 0], stderrs[:, 0]
    line = extrapolate(sizes, values, stderrs, degree=degree)
    return line.value, line.stderr
