"""How fast the kernels are, as ratios to what this machine does in the same run."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import numpy as np
from numba import njit
from numpy.typing import NDArray

from hopfield import Hopfield, Multitasking
from hopfield.models import Polynomial
from hopfield.results import provenance
from montecarlo.ensemble import Ensemble, cheapest_kernel
from montecarlo.intrinsics import sgemm, sgemm_address
from montecarlo.problem import Problem
from montecarlo.record import Record, aligned
from montecarlo.rng import GROUP
from montecarlo.starts import initial_spins
from montecarlo.threads import one_blas_thread
from studies.benchmarks.plain_loops import numba_loop, numpy_loop
from studies.information import processor
from studies.output import print_table

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["print_report", "run_benchmark", "seconds", "sgemm_rate"]

SIZES = (1000, 4000)
REPLICAS = (1, 16, 64, 256)
KERNELS = ("block", "fields", "overlaps")
TEMPERATURES = {"random": 0.5, "pattern": 0.07}
"""β = 2 from a random start, where 13% of the attempts flip; deep retrieval, where 0.1% do."""
DILUTION = 0.5
"""Of the patterns that the block kernel is also measured with, at a temperature 1 - d as high.

Spins on which the pattern is blank go on flipping when it is retrieved, 1.2% of the attempts in
all, so that fewer products can be left out than with full patterns.
"""
SECONDS = 0.15
REPEATS = 3


def run_benchmark(*, quick: bool = False, progress: bool = False) -> xr.Dataset:
    """Spin updates per second of every kernel, of plain loops, and of matrix products.

    Parameters
    ----------
    quick : bool
        Only N = 1000 and 64 replicas.
    progress : bool
        Show a bar on a terminal.

    Returns
    -------
    xarray.Dataset
        `rate` (start, size, replicas, kernel) in attempts per second on one thread, `two_threads`
        of the block kernel, `diluted_rate` of it where half of the pattern entries are blank,
        `sgemm` in floating-point operations per second for products of the same shape,
        `numpy_rate`, `numba_rate`, `flip_rate` and `diluted_flip_rate`, `chosen` kernel.
    """
    import xarray as xr
    from tqdm import tqdm

    sizes, counts = (SIZES[:1], REPLICAS[2:3]) if quick else (SIZES, REPLICAS)
    cells: list[dict[str, Any]] = []
    grid = [(start, n, r) for start in TEMPERATURES for n in sizes for r in counts]
    with one_blas_thread():
        for start, size, replicas in tqdm(grid, disable=None if progress else True, leave=False):
            cells.append(_cell(start, size, replicas))
    shape = (len(TEMPERATURES), len(sizes), len(counts))
    dims = ("start", "size", "replicas")
    variables: dict[str, tuple[tuple[str, ...], Any]] = {}
    for name in cells[0]:
        values = np.array([cell[name] for cell in cells])
        more = ("kernel",) if values.ndim > 1 else ()
        variables[name] = ((*dims, *more), values.reshape(*shape, *values.shape[1:]))
    coords = {
        "start": list(TEMPERATURES), "size": list(sizes), "replicas": list(counts),
        "kernel": list(KERNELS),
    }  # fmt: skip
    attrs = provenance(Hopfield(), temperatures=TEMPERATURES) | {"device": processor()}
    return xr.Dataset(variables, coords, attrs)


def seconds(work: Callable[[], object], units: float) -> float:
    """Median seconds per unit of work, over REPEATS stretches of at least SECONDS."""
    work()
    started = time.perf_counter()
    work()
    calls = max(1, int(SECONDS / (time.perf_counter() - started)))
    times = []
    for _ in range(REPEATS):
        started = time.perf_counter()
        for _ in range(calls):
            work()
        times.append((time.perf_counter() - started) / calls)
    return float(np.median(times)) / units


def _cell(start: str, size: int, replicas: int) -> dict[str, Any]:
    """All measurements for one start, size and number of replicas."""
    problem, spins = _problem(Hopfield(), start, size, replicas)
    diluted = _problem(Multitasking(DILUTION), start, size, replicas)
    rates, flips = [], np.nan
    with ThreadPoolExecutor(2) as pool:
        for kernel in KERNELS:
            rate, flips = _kernel_rate(Ensemble(problem, kernel, 1, pool, spins.copy()))
            rates.append(rate)
        both, _ = _kernel_rate(Ensemble(problem, "block", 2, pool, spins.copy()))
        blank, blank_flips = _kernel_rate(Ensemble(diluted[0], "block", 1, pool, diluted[1]))
    allowed = list(KERNELS)
    return {
        "rate": rates,
        "two_threads": both,
        "diluted_rate": blank,
        "flip_rate": flips,
        "diluted_flip_rate": blank_flips,
        "chosen": cheapest_kernel(problem, allowed, replicas, flips, 1000),
        "sgemm": sgemm_rate(replicas, problem.network.n_patterns),
        "numpy_rate": _numpy_rate(problem, spins),
        "numba_rate": _numba_rate(problem, spins),
    }


def _problem(
    model: Polynomial, start: str, size: int, replicas: int
) -> tuple[Problem, NDArray[np.int8]]:
    """A network in the state that a start names, and its replicas."""
    network = model.network(size, load=0.1, seed=1)
    temperature = TEMPERATURES[start] * (1.0 - model.dilution)
    key = np.array([7, 9], dtype=np.uint64)
    problem = Problem(network, temperature, "glauber", key, 3)
    return problem, initial_spins(network, replicas, start, 0)


def _kernel_rate(ensemble: Ensemble) -> tuple[float, float]:
    """Attempts per second and flips per attempt."""
    replicas, size = ensemble.replicas, ensemble.problem.network.size
    sweeps = max(2, 60_000 // (replicas * size // 64 + 1))
    record = Record.empty(replicas, sweeps)
    for burn_in in range(3):
        ensemble.advance(burn_in * sweeps, record)
    each = seconds(lambda: ensemble.advance(10 * sweeps, record), replicas * size * sweeps)
    return 1.0 / each, float(record.flips.mean()) / size


@njit(nogil=True)
def _products(blas, sums, slab, fields, repeats):
    for _ in range(repeats):
        replicas, n_patterns = fields.shape[1], sums.shape[0]
        sgemm(blas, True, replicas, GROUP, n_patterns, sums, slab, np.float32(0), fields)
        sgemm(blas, False, replicas, n_patterns, GROUP, fields, slab, np.float32(1), sums)


def sgemm_rate(replicas: int, n_patterns: int) -> float:
    """Operations per second of the two products of a block, for all replicas at once."""
    # Zeros multiply as fast as other numbers, and stay finite however often they are multiplied.
    sums = aligned((n_patterns, replicas), np.float32)
    slab = aligned((n_patterns, GROUP), np.float32)
    fields = aligned((GROUP, replicas), np.float32)
    blas, repeats = sgemm_address(), 50
    operations = 4.0 * replicas * GROUP * n_patterns * repeats
    return 1.0 / seconds(lambda: _products(blas, sums, slab, fields, repeats), operations)


def _numpy_rate(problem: Problem, spins: np.ndarray[Any, Any]) -> float:
    patterns, temperature = problem.network.patterns, problem.temperature
    return 1.0 / seconds(lambda: numpy_loop(patterns, spins, temperature, 1), spins.size)


def _numba_rate(problem: Problem, spins: np.ndarray[Any, Any]) -> float:
    """Sweeps after the fields are there; their set-up is spread over as many as it takes."""
    couplings = problem.couplings.astype(np.float64) / problem.network.size
    few, sweeps = spins[:2].copy(), 100
    return 1.0 / seconds(
        lambda: numba_loop(couplings, few, problem.temperature, sweeps), few.size * sweeps
    )


def print_report(ds: xr.Dataset) -> None:
    """Print a row for each start, size and number of replicas: millions of updates a second."""
    header = [
        "start", "N", "R", "flip rate", *(f"{k} M/s" for k in KERNELS), "chosen",
        "sgemm GF/s", "block/sgemm", "2 threads/1", "diluted M/s", "diluted/sgemm",
        "diluted/full", "best/numpy", "best/numba",
    ]  # fmt: skip
    rows: list[list[object]] = []
    for start in ds.start.values:
        for size in ds["size"].values:
            for replicas in ds.replicas.values:
                one = ds.sel(start=start, size=size, replicas=replicas)
                block = float(one.rate.sel(kernel="block"))
                diluted = float(one.diluted_rate)
                chosen = float(one.rate.sel(kernel=str(one.chosen.item())))
                work = 4.0 * round(0.1 * size)
                rows.append([
                    str(start), int(size), int(replicas), f"{float(one.flip_rate):.4f}",
                    *(f"{float(one.rate.sel(kernel=k)) / 1e6:.1f}" for k in KERNELS),
                    str(one.chosen.item()), f"{float(one.sgemm) / 1e9:.0f}",
                    f"{block * work / float(one.sgemm):.2f}",
                    f"{float(one.two_threads) / block:.2f}", f"{diluted / 1e6:.1f}",
                    f"{diluted * work / float(one.sgemm):.2f}", f"{diluted / block:.2f}",
                    f"{chosen / float(one.numpy_rate):.1f}",
                    f"{chosen / float(one.numba_rate):.1f}",
                ])  # fmt: skip
    print(ds.attrs["device"])
    print_table(header, rows)
