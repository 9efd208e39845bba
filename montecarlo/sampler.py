"""Monte Carlo at fixed temperature: run the replicas, keep the series, attach the errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield import InputError, Network
from hopfield.arguments import choice, integer, nonnegative_values, require_memory
from hopfield.results import dataset, provenance
from hopfield.seeds import Seed, record, sequence
from montecarlo.ensemble import KERNELS, Ensemble, allowed_kernels, cheapest_kernel, started
from montecarlo.problem import Problem
from montecarlo.record import Record
from montecarlo.starts import initial_spins
from montecarlo.statistics import (
    effective_sample_size,
    integrated_autocorrelation_time,
    mean_and_stderr,
    split_rhat,
)
from montecarlo.threads import processors

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["DYNAMICS", "Interrupted", "sample"]

DYNAMICS = ("glauber", "metropolis", "parallel")
CHUNK = 20
"""Sweeps between two looks at the replicas: overlaps of replicas, progress, choice of kernel."""
LEAST_SWEEPS = 4


class Interrupted(KeyboardInterrupt):
    """A run was stopped by hand; `partial` is the Dataset of what was finished.

    For an array of temperatures these are the ones before the stop, and the one that was under way
    with its sweeps so far; its series are NaN from there on.
    """

    def __init__(self, partial: xr.Dataset, message: str) -> None:
        super().__init__(message)
        self.partial = partial


@dataclass
class Run:
    """A run on its way: the replicas and what was measured so far."""

    ensemble: Ensemble
    allowed: list[str]
    series: Record
    done: int
    pair_overlaps: NDArray[np.float64]
    looks: int


def sample(
    network: Network,
    temperature: ArrayLike,
    *,
    sweeps: int = 1000,
    burn_in: int = 200,
    replicas: int = 64,
    start: str | float | ArrayLike = "pattern",
    dynamics: str = "glauber",
    seed: Seed = 0,
    progress: bool = False,
    series: bool = True,
    kernel: str = "auto",
    threads: int | None = None,
) -> xr.Dataset:
    r"""Sample the Gibbs measure of a network with independent replicas.

    Sites are visited one after the other. Heat bath: :math:`P(s_i = 1) = 1/(1 + e^{-2 h_i/T})`;
    Metropolis: a flip is accepted with probability :math:`\min(1, e^{-\Delta E/T})`; parallel
    (Little): heat bath of all spins at once in the fields of the state before, whose stationary
    measure is not Gibbs'.

    Parameters
    ----------
    network : Network
        Of any model.
    temperature : float or 1-D array
        T >= 0, units of J. Every temperature of an array gives what it would give alone.
    sweeps, burn_in : int
        Sweeps that are measured (at least 4), and sweeps before them.
    replicas : int
        Independent copies that share the patterns.
    start : str, float or array
        "pattern" (pattern or archetype 0), "random", an overlap in [0, 1] with it, or spins of
        shape (N,) or (replicas, N).
    dynamics : str
        "glauber", "metropolis" or "parallel".
    seed : int, numpy.random.SeedSequence or None
        The same seed gives the same spins, whatever the kernel, the number of threads and the
        number of replicas beside.
    progress : bool
        Show a bar if the run takes over two seconds and the output is a terminal.
    series : bool
        Keep the series of every sweep as `<name>_series`; the means are always there.
    kernel : str
        "auto", "block", "fields", "overlaps" (p = 2), "slopes" (no blanks, fields that integers
        hold), "dense" (any patterns) or "weighted" (sums of examples).
    threads : int, optional
        By default all processors.

    Returns
    -------
    xarray.Dataset
        `overlap` with pattern or archetype 0, `max_overlap` with another (effective) pattern,
        `energy` per spin, `flip_rate`, and `effective_overlap` if patterns are learned, each with
        `_stderr`, `_tau_int`, `_ess`, `_rhat`, and `replica_overlap` with `_stderr`. The energy is
        without `Network.energy_offset`, as in theory (the attribute energy_offset is that constant
        per spin). The attribute arithmetic is "floating point" where fields are no exact integers,
        for large p and for sums of examples: rounding then decides ties.

    Raises
    ------
    InputError
        If an argument is out of range, or the run does not fit into memory.
    Interrupted
        On Ctrl-C; carries what was finished.

    References
    ----------
    R. J. Glauber, J. Math. Phys. 4, 294 (1963), eq. (31); W. A. Little, Math. Biosci. 19, 101
    (1974).

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Hopfield().network(size=200, load=0.02, seed=1)
    >>> result = sample(net, 0.3, sweeps=100, burn_in=20, replicas=8)
    >>> bool(result.overlap > 0.9)
    True
    """
    if not isinstance(network, Network):
        raise InputError(f"network must be a hopfield.Network, got {network!r}")
    temperatures = nonnegative_values("temperature", temperature)
    integer("sweeps", sweeps, low=LEAST_SWEEPS)
    integer("burn_in", burn_in, low=0)
    integer("replicas", replicas, low=1)
    choice("dynamics", dynamics, DYNAMICS)
    choice("kernel", kernel, ("auto", *KERNELS))
    n_threads = integer("threads", threads if threads is not None else processors(), low=1)
    used = sequence(seed)
    require_memory("the run", _bytes_needed(network, sweeps, replicas))
    spins = initial_spins(network, replicas, start, used)
    attrs = provenance(
        network.model, seed=record(used), network_seed=network.seed_record, sweeps=sweeps,
        burn_in=burn_in, replicas=replicas, dynamics=dynamics, kernel=kernel, threads=n_threads,
        start=start if isinstance(start, str | float | int) else "array",
    )  # fmt: skip
    results = []
    for value in np.atleast_1d(temperatures):
        problem = Problem.seeded(network, float(value), dynamics, used)
        with _replicas(problem, spins.copy(), sweeps, kernel, n_threads) as run:
            try:
                _go(run, sweeps, burn_in, automatic=kernel == "auto", progress=progress)
            except KeyboardInterrupt:
                if run.done >= LEAST_SWEEPS:
                    results.append(_labelled(run, problem, attrs, series))
                if not results:
                    raise
                message = f"stopped after {run.done} of {sweeps} sweeps at temperature {value:g}"
                raise Interrupted(_joined(results, temperatures.ndim), message) from None
        results.append(_labelled(run, problem, attrs, series))
    return _joined(results, temperatures.ndim)


def _joined(results: list[xr.Dataset], ndim: int) -> xr.Dataset:
    """The results at one temperature, or at all of them along a dimension."""
    if ndim == 0:
        return results[0]
    import xarray as xr

    return xr.concat(results, dim="temperature", join="outer", combine_attrs="drop_conflicts")


@contextmanager
def _replicas(
    problem: Problem, spins: NDArray[np.int8], sweeps: int, kernel: str, threads: int
) -> Iterator[Run]:
    """Replicas ready to go, and room for what is measured."""
    replicas = len(spins)
    with started(problem, spins, sweeps, kernel, threads) as ensemble:
        allowed, pairs = allowed_kernels(problem), np.zeros((replicas, replicas))
        yield Run(ensemble, allowed, Record.empty(replicas, sweeps), 0, pairs, 0)


def _go(run: Run, sweeps: int, burn_in: int, *, automatic: bool, progress: bool) -> None:
    """Burn in, then fill the series."""
    from tqdm import tqdm

    ensemble, replicas = run.ensemble, run.ensemble.replicas
    scratch = Record.empty(replicas, CHUNK)
    everything = slice(None)
    total = burn_in + sweeps
    hidden = None if progress else True
    with tqdm(total=total, disable=hidden, delay=2.0, unit="sweep", leave=False) as bar:
        now = 0
        while now < total:
            left = burn_in - now if now < burn_in else total - now
            count = min(CHUNK, left)
            measured = slice(now - burn_in, now - burn_in + count)
            into = scratch.part(everything, slice(count)) if now < burn_in else run.series.part(
                everything, measured
            )  # fmt: skip
            ensemble.advance(now, into)
            now += count
            bar.update(count)
            if now > burn_in:
                run.done = now - burn_in
                run.pair_overlaps += _overlaps_of_pairs(ensemble.spins)
                run.looks += 1
            if automatic:
                rate = float(into.flips.mean()) / ensemble.problem.network.size
                best = cheapest_kernel(
                    ensemble.problem, run.allowed, replicas, rate, max(total - now, 1),
                    ensemble.kernel,
                )  # fmt: skip
                if best != ensemble.kernel:
                    ensemble.use(best)


def _overlaps_of_pairs(spins: NDArray[np.int8]) -> NDArray[np.float64]:
    states = spins.astype(np.float32)
    return np.asarray(states @ states.T / spins.shape[1], dtype=np.float64)


def _labelled(run: Run, problem: Problem, attrs: dict[str, str], series: bool) -> xr.Dataset:
    """The means, their errors and, if wanted, the series of a run."""
    done, net = run.done, problem.network
    recorded = run.series.part(slice(None), slice(done))
    measured = {
        "overlap": recorded.overlap / net.size,
        "effective_overlap": recorded.effective * (net.model.effective_unit / net.size),
        "max_overlap": recorded.best * (net.model.effective_unit / net.size),
        "energy": problem.energies(recorded),
        "flip_rate": recorded.flips / net.size,
    }
    if net.archetypes is net.patterns:
        measured.pop("effective_overlap")
    variables: dict[str, tuple[tuple[str, ...], Any]] = {}
    for name, values in measured.items():
        variables[name], variables[f"{name}_stderr"] = (((), x) for x in mean_and_stderr(values))
        variables[f"{name}_tau_int"] = ((), integrated_autocorrelation_time(values))
        variables[f"{name}_ess"] = ((), effective_sample_size(values))
        variables[f"{name}_rhat"] = ((), split_rhat(values))
        if series:
            variables[f"{name}_series"] = (("replica", "sweep"), values)
    mean, stderr = _replica_overlap(run.pair_overlaps / max(run.looks, 1))
    variables["replica_overlap"] = ((), mean)
    variables["replica_overlap_stderr"] = ((), stderr)
    coords: dict[str, Any] = {
        "load": net.load,
        "temperature": problem.temperature,
        "size": net.size,
    }
    if series:
        coords |= {"replica": np.arange(len(recorded.overlap)), "sweep": np.arange(done)}
    extra = {
        "device": "cpu", "last_kernel": run.ensemble.kernel, "sweeps_done": str(done),
        "arithmetic": "integers" if problem.exact else "floating point",
        "energy_offset": str(net.energy_offset / net.size),
    }  # fmt: skip
    return dataset(variables, coords, attrs | extra)


def _replica_overlap(pairs: NDArray[np.float64]) -> tuple[float, float]:
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


def _bytes_needed(network: Network, sweeps: int, replicas: int) -> int:
    """Upper bound for the kernels that are chosen automatically, without coupling matrices."""
    patterns = network.patterns.nbytes
    states = replicas * (2 * network.size + 4 * network.n_patterns)
    return patterns + 256 * network.size + states + 48 * replicas * sweeps + 8 * replicas**2
