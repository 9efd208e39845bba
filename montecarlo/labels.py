"""The means, errors and series of a run, as a labelled result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hopfield.results import dataset
from montecarlo.problem import Problem
from montecarlo.record import Record
from montecarlo.runs import Run
from montecarlo.statistics import (
    effective_sample_size,
    integrated_autocorrelation_time,
    mean_and_stderr,
    split_rhat,
)

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["labelled", "statistics"]

Floats = NDArray[np.floating]


def labelled(
    run: Run, sample: int, problem: Problem, tracked: int, attrs: dict[str, str], series: bool
) -> xr.Dataset:
    """The means, their errors and, if wanted, the series of a sample of a run.

    Parameters
    ----------
    run : Run
        With at least 4 sweeps.
    sample : int
    problem : Problem
        That of the sample.
    tracked : int
        Number of archetypes of which every overlap was written down.
    attrs : dict
        From `hopfield.results.provenance`.
    series : bool
        Keep the series.
    """
    done, net = run.done, problem.network
    recorded = run.measured(sample)
    variables: dict[str, tuple[tuple[str, ...], Any]] = {}
    for name, values in _measured(recorded, problem, tracked).items():
        dims = ("pattern",)[: values.ndim - 2]
        for suffix, found in statistics(values).items():
            variables[f"{name}{suffix}"] = dims, found
        if series:
            last = values if values.ndim == 2 else np.moveaxis(values, 0, -1)
            variables[f"{name}_series"] = ("replica", "sweep", *dims), last
    mean, stderr = _replica_overlap(run.pair_overlaps[sample] / max(run.looks, 1))
    variables["replica_overlap"] = ((), mean)
    variables["replica_overlap_stderr"] = ((), stderr)
    coords: dict[str, Any] = {
        "load": net.load, "temperature": problem.temperature, "size": net.size,
    }  # fmt: skip
    if series:
        coords |= {"replica": np.arange(len(recorded.overlap)), "sweep": np.arange(done)}
    if tracked:
        coords["pattern"] = np.arange(tracked)
    extra = {
        "last_kernel": run.ensemble.kernel, "sweeps_done": str(done),
        "arithmetic": "integers" if problem.exact else "floating point",
        "energy_offset": str(net.energy_offset / net.size),
    }  # fmt: skip
    return dataset(variables, coords, attrs | extra)


def _measured(recorded: Record, problem: Problem, tracked: int) -> dict[str, Floats]:
    """Series by name, shape (replica, sweep), those of many patterns with these in front."""
    net = problem.network
    effective = net.model.effective_unit / net.size
    measured: dict[str, Floats] = {
        "overlap": recorded.overlap / net.size,
        "effective_overlap": recorded.effective * effective,
        "max_overlap": recorded.best * effective,
        "energy": problem.energies(recorded),
        "flip_rate": recorded.flips / net.size,
    }
    rows = np.moveaxis(recorded.tracked, -1, 0)
    if tracked:
        measured["pattern_overlap"] = rows[:tracked] / net.size
        measured["pattern_effective_overlap"] = rows[tracked:] * effective
    if net.archetypes is net.patterns:
        measured.pop("effective_overlap")
        measured.pop("pattern_effective_overlap", None)
    return measured


def statistics(values: Floats) -> dict[str, Floats]:
    """Mean and what belongs to it, by suffix; one pattern at a time, which saves memory.

    Parameters
    ----------
    values : array, shape (replica, sweep) or (pattern, replica, sweep)

    Returns
    -------
    dict of array
    """
    if values.ndim == 3:
        each = [statistics(one) for one in values]
        return {suffix: np.array([one[suffix] for one in each]) for suffix in each[0]}
    mean, stderr = mean_and_stderr(values)
    return {
        "": mean,
        "_stderr": stderr,
        "_tau_int": integrated_autocorrelation_time(values),
        "_ess": effective_sample_size(values),
        "_rhat": split_rhat(values),
    }


def _replica_overlap(pairs: Floats) -> tuple[float, float]:
    """Mean over pairs of replicas, and its jackknife error: one replica left out at a time."""
    count = len(pairs)
    rows = pairs.sum(axis=1) - np.diag(pairs)
    if count < 2:
        return float("nan"), float("nan")
    mean = float(rows.sum() / (count * (count - 1)))
    if count < 3:
        return mean, float("nan")
    left_out = (rows.sum() - 2.0 * rows) / ((count - 1) * (count - 2))
    variance = (count - 1) / count * ((left_out - left_out.mean()) ** 2).sum()
    return mean, float(np.sqrt(variance))
