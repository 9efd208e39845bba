"""How fast the kernels for many bodies are: pattern terms per second, one thread."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from hopfield import Dense, Supervised
from hopfield.results import provenance
from montecarlo.ensemble import Ensemble
from montecarlo.problem import Problem
from montecarlo.record import Record
from montecarlo.threads import one_blas_thread
from studies.benchmarks.pairs import seconds, sgemm_rate
from studies.benchmarks.plain_loops import table_loop
from studies.information import processor
from studies.output import print_table

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["print_many_body", "run_many_body"]

SIZE = 200
REPLICAS = 16
CELLS = ((2_000, 0.3), (20_000, 0.42), (200_000, 0.2))
"""Numbers of patterns and temperatures, from a pattern: deep retrieval, warm, memory-bound."""
KERNELS = ("slopes", "dense", "weighted")
TERMS = 2e8
"""Pattern terms in a stretch that is timed."""


def run_many_body(*, quick: bool = False, progress: bool = False) -> xr.Dataset:
    """Pattern terms per second of the kernels for four bodies, and of a loop over a table.

    One term is one pattern in the field of one attempted spin: K terms for an attempt. The kernel
    "weighted" samples a network that has learned as many archetypes from examples.

    Parameters
    ----------
    quick : bool
        Only the smallest number of patterns.
    progress : bool
        Show a bar on a terminal.

    Returns
    -------
    xarray.Dataset
        `rate` (n_patterns, kernel) in terms per second on one thread, `table_rate` of the plain
        loop, `multiply_adds` per second of single-precision matrix products, `flip_rate`.
    """
    import xarray as xr
    from tqdm import tqdm

    model = Dense(4)
    chosen = CELLS[:1] if quick else CELLS
    with one_blas_thread():
        bar = tqdm(chosen, disable=None if progress else True, leave=False)
        cells = [_cell(model, count, temperature) for count, temperature in bar]
        multiply_adds = sgemm_rate(REPLICAS * 8, CELLS[0][0]) / 2.0
    variables: dict[str, tuple[tuple[str, ...], Any]] = {
        "rate": (("n_patterns", "kernel"), [cell["rate"] for cell in cells]),
        "table_rate": (("n_patterns",), [cell["table_rate"] for cell in cells]),
        "flip_rate": (("n_patterns",), [cell["flip_rate"] for cell in cells]),
        "multiply_adds": ((), multiply_adds),
    }
    coords = {"n_patterns": [count for count, _ in chosen], "kernel": list(KERNELS)}
    attrs = provenance(model, size=SIZE, replicas=REPLICAS, cells=chosen) | {"device": processor()}
    return xr.Dataset(variables, coords, attrs)


def _cell(model: Dense, n_patterns: int, temperature: float) -> dict[str, Any]:
    """All measurements for one number of patterns."""
    network = model.network(SIZE, n_patterns=n_patterns, seed=1)
    taught = Supervised(model.p, 0.8, 5).network(SIZE, n_patterns=n_patterns, seed=1)
    key = np.array([7, 9], dtype=np.uint64)
    problem = Problem(network, temperature, "glauber", key, 3)
    problems = {"weighted": Problem(taught, temperature, "glauber", key, 3)}
    spins = np.repeat(network.patterns[:1], REPLICAS, axis=0)
    sweeps = max(4, int(TERMS / (SIZE * REPLICAS * n_patterns)))
    record = Record.empty(REPLICAS, sweeps)
    rates, flips = [], {}
    for kernel in KERNELS:
        with ThreadPoolExecutor(1) as pool:
            ensemble = Ensemble(problems.get(kernel, problem), kernel, 1, pool, spins.copy())
            ensemble.advance(0, record)
            terms = float(record.flips.size) * SIZE * n_patterns
            rates.append(1.0 / seconds(partial(ensemble.advance, sweeps, record), terms))
            flips[kernel] = float(record.flips.mean()) / SIZE
    few = spins[:1].copy()
    table = model.energy_unit(SIZE) * model.count_table(SIZE, SIZE)
    patterns, terms = problem.site_major, float(SIZE) * n_patterns
    slow = seconds(lambda: table_loop(patterns, few, table, temperature, 1), terms)
    return {"rate": rates, "table_rate": 1.0 / slow, "flip_rate": flips["slopes"]}


def print_many_body(ds: xr.Dataset) -> None:
    """Print a row for each number of patterns: 10^9 pattern terms a second."""
    header = [
        "N", "K", "R", "flip rate", *(f"{k} G/s" for k in KERNELS), "table G/s",
        "sgemm G madd/s", "slopes/sgemm", "slopes/table",
    ]  # fmt: skip
    ceiling = float(ds.multiply_adds)
    rows: list[list[object]] = []
    for count in ds.n_patterns.values:
        one = ds.sel(n_patterns=count)
        best = float(one.rate.sel(kernel="slopes"))
        rows.append([
            SIZE, int(count), REPLICAS, f"{float(one.flip_rate):.4f}",
            *(f"{float(one.rate.sel(kernel=k)) / 1e9:.1f}" for k in KERNELS),
            f"{float(one.table_rate) / 1e9:.2f}", f"{ceiling / 1e9:.0f}",
            f"{best / ceiling:.2f}", f"{best / float(one.table_rate):.0f}",
        ])  # fmt: skip
    print_table(header, rows)
