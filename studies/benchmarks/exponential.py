"""How fast exponential networks are, and attention: against reading the patterns, and products."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from hopfield import Exponential, attention
from hopfield.results import provenance
from montecarlo.ensemble import Ensemble
from montecarlo.problem import Problem
from montecarlo.record import Record
from montecarlo.threads import one_blas_thread
from studies.benchmarks.pairs import seconds
from studies.information import processor
from studies.output import print_table

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["print_attention", "print_exponential", "run_attention", "run_exponential"]

SIZE = 64
SHARPNESS = 1.0
TEMPERATURE = 0.4
COUNTS = (10_000, 1_000_000)
"""Numbers of patterns: in the cache, and in memory."""

DIMENSION = 64
QUERIES = (1_000, 10_000)
"""Numbers of queries, and of as many patterns."""

PRECISIONS = ("float32", "float64")


def run_exponential(*, quick: bool = False, progress: bool = False) -> xr.Dataset:
    """Patterns per second that an energy, an attempted flip and a stream go through.

    Parameters
    ----------
    quick : bool
        Only the smaller number of patterns.
    progress : bool
        Show a bar on a terminal.

    Returns
    -------
    xarray.Dataset
        Over n_patterns, patterns per second on one thread: `energy_rate` of the energy of one
        state, `attempt_rate` of the kernel, `difference_rate` of the plain difference of energies
        that it replaces, `stream_rate` of an energy whose patterns are drawn on the way, and
        `read_rate`, the ceiling: the exclusive or of a state with the words of all patterns, and
        the number of its bits.
    """
    import xarray as xr
    from tqdm import tqdm

    counts = COUNTS[:1] if quick else COUNTS
    with one_blas_thread():
        bar = tqdm(counts, disable=None if progress else True, leave=False)
        cells = [_cell(count) for count in bar]
    variables = {name: (("n_patterns",), [cell[name] for cell in cells]) for name in cells[0]}
    attrs = provenance(Exponential(SHARPNESS), size=SIZE, temperature=TEMPERATURE)
    return xr.Dataset(variables, {"n_patterns": list(counts)}, attrs | {"device": processor()})


def _cell(count: int) -> dict[str, float]:
    """All measurements for one number of patterns."""
    model = Exponential(SHARPNESS)
    network = model.network(SIZE, n_patterns=count, seed=1)
    stream = model.stream(SIZE, n_patterns=count, seed=1)
    state, words = network.patterns[0], network.words
    problem = Problem(network, TEMPERATURE, "glauber", np.array([7, 9], dtype=np.uint64), 3)
    record = Record.empty(1, 1)
    with ThreadPoolExecutor(1) as pool:
        ensemble = Ensemble(problem, "exponential", 1, pool, state[None].copy())
        attempts = 1.0 / seconds(partial(ensemble.advance, 1, record), float(SIZE) * count)
    return {
        "energy_rate": 1.0 / seconds(lambda: network.energy(state), count),
        "attempt_rate": attempts,
        "difference_rate": 1.0 / seconds(lambda: network.energy_difference(state, 0), count),
        "stream_rate": 1.0 / seconds(lambda: stream.energy(state), count),
        "read_rate": 1.0 / seconds(lambda: np.bitwise_count(words ^ words[0]).sum(), count),
    }


def print_exponential(ds: xr.Dataset) -> None:
    """Print a row for each number of patterns: milliseconds for all of them, and ratios."""
    names = ("energy", "attempt", "difference", "stream", "read")
    header = ["N", "K", *(f"{name} ms" for name in names), "energy/read", "attempt/difference"]
    rows: list[list[object]] = []
    for count in ds.n_patterns.values.tolist():
        one = ds.sel(n_patterns=count)
        rates = {name: float(one[f"{name}_rate"]) for name in names}
        rows.append([
            SIZE, count, *(f"{1e3 * count / rates[name]:.3g}" for name in names),
            f"{rates['energy'] / rates['read']:.2f}",
            f"{rates['attempt'] / rates['difference']:.1f}",
        ])  # fmt: skip
    print_table(header, rows)


def run_attention(*, quick: bool = False, progress: bool = False) -> xr.Dataset:
    """Seconds for an update of many states, and for the two matrix products in it.

    Parameters
    ----------
    quick : bool
        Only the smaller number of queries.
    progress : bool
        Show a bar on a terminal.

    Returns
    -------
    xarray.Dataset
        Over n_queries and precision, on one thread: `update_seconds` of one iteration of
        `hopfield.attention.retrieve` for as many patterns, `product_seconds` of scores and means.
    """
    import xarray as xr
    from tqdm import tqdm

    counts = QUERIES[:1] if quick else QUERIES
    times: dict[str, list[Any]] = {"update_seconds": [], "product_seconds": []}
    with one_blas_thread():
        for count in tqdm(counts, disable=None if progress else True, leave=False):
            pairs = [_update(count, precision) for precision in PRECISIONS]
            for name, values in zip(times, zip(*pairs, strict=True), strict=True):
                times[name].append(values)
    coords = {"n_queries": list(counts), "precision": list(PRECISIONS)}
    attrs = {"device": processor(), "dimension": DIMENSION}
    return xr.Dataset({name: ([*coords], values) for name, values in times.items()}, coords, attrs)


def _update(count: int, precision: str) -> tuple[float, float]:
    """Seconds for an update and for its products."""
    rng = np.random.default_rng(1)
    patterns, queries = rng.normal(size=(2, count, DIMENSION)).astype(precision)
    weights = np.empty((count, count), precision)
    means = np.empty_like(queries)

    def products() -> None:
        np.matmul(queries, patterns.T, out=weights)
        np.matmul(weights, patterns, out=means)

    beta = DIMENSION**-0.5
    update = partial(attention.retrieve, queries, patterns, beta, max_iterations=1)
    return seconds(update, 1.0), seconds(products, 1.0)


def print_attention(ds: xr.Dataset) -> None:
    """Print a row for each number of queries and type."""
    rows: list[list[object]] = []
    for count in ds.n_queries.values.tolist():
        for precision in PRECISIONS:
            one = ds.sel(n_queries=count, precision=precision)
            update, products = float(one.update_seconds), float(one.product_seconds)
            times = f"{1e3 * update:.3g}", f"{1e3 * products:.3g}", f"{update / products:.2f}"
            rows.append([DIMENSION, count, precision, *times])
    print_table(["d", "Q = K", "type", "retrieve ms", "products ms", "retrieve/products"], rows)
