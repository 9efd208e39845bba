"""How fast the kernels of a GPU are, against its own ceilings and the processors of the machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hopfield import Dense, Exponential, Hopfield, Network, Supervised
from hopfield.models import Model
from hopfield.results import provenance
from hopfield.seeds import sequence
from montecarlo.ensemble import Ensemble, allowed_kernels, cheapest_kernel
from montecarlo.problem import Problem
from montecarlo.record import Record
from montecarlo.starts import initial_spins
from montecarlo.threads import one_blas_thread
from studies.benchmarks.pairs import seconds
from studies.output import print_table

if TYPE_CHECKING:
    import xarray as xr

    from gpu.arrays import Device

__all__ = ["CELLS", "QUICK", "Ceilings", "Cell", "ceilings", "equal_runs", "print_gpu", "run_gpu"]

TEMPERATURE = 0.5
SWEEPS = 4
"""That are launched between two looks at the clock."""


@dataclass(frozen=True)
class Cell:
    """What is measured: a network, its replicas and its dynamics."""

    model: Model
    size: int
    n_patterns: int
    replicas: int
    dynamics: str = "glauber"
    samples: int = 1

    @property
    def kind(self) -> str:
        """The ceiling it is measured against: products of matrices, or copies of memory."""
        weighted = isinstance(self.model, Supervised) and self.model.p > 2
        return "copy" if weighted or isinstance(self.model, Exponential) else "gemm"


class Ceilings(NamedTuple):
    """What a device does at best, as measured."""

    gemm: float
    """Operations per second of products of half-precision matrices."""

    copy: float
    """Bytes read and written per second."""


def _pairs(size: int, replicas: int, **more: object) -> Cell:
    return Cell(Hopfield(), size, size // 10, replicas, **more)  # type: ignore[arg-type]


CELLS = (
    *(_pairs(size, replicas) for size in (1000, 4000, 16384) for replicas in (64, 512, 4096, 8192)),
    _pairs(16384, 16384),
    _pairs(1000, 64, samples=64),
    _pairs(16384, 4096, dynamics="parallel"),
    Cell(Dense(3), 256, 10_000, 1024),
    Cell(Dense(4), 256, 100_000, 1024),
    Cell(Supervised(3, 0.8, 5), 256, 10_000, 1024),
    *(Cell(Exponential(), 64, 10**power, 64) for power in (6, 7, 8)),
    Cell(Exponential(), 64, 10**8, 4),
)
QUICK = (_pairs(1000, 512), Cell(Dense(4), 256, 10_000, 256), Cell(Exponential(), 64, 10**6, 64))

THREADS, REPLICAS = 2, 64
"""Of the processors that a device is compared with."""

MOST_PATTERNS = 10**6
"""Of their networks; more of them, all of which every attempt looks at, are as much slower."""


def ceilings() -> Ceilings:
    """Measure the current CUDA device."""
    import cupy

    def timed(work: Callable[[], object]) -> float:
        wait = cupy.cuda.Device().synchronize
        times = []
        for _ in range(6):
            wait()
            started = time.perf_counter()
            for _ in range(4):
                work()
            wait()
            times.append((time.perf_counter() - started) / 4)
        return min(times)

    size, n_bytes = 8192, 2**30
    left, right = (cupy.ones((size, size), cupy.float16) for _ in range(2))
    out = cupy.empty((size, size), cupy.float16)
    gemm = 2.0 * size**3 / timed(lambda: cupy.matmul(left, right, out=out))
    source, target = (cupy.zeros(n_bytes, cupy.uint8) for _ in range(2))
    return Ceilings(gemm, 2.0 * n_bytes / timed(lambda: cupy.copyto(target, source)))


EQUAL: dict[str, tuple[Model, int, int]] = {
    "pairs": (Hopfield(), 1000, 80),
    "pairs, examples": (Supervised(2, 0.6, 11), 500, 10),
    "three spins": (Dense(3), 200, 3000),
    "four spins": (Dense(4, self_interaction=True), 120, 900),
    "three spins, examples": (Supervised(3, 0.6, 11), 120, 900),
    "exponential": (Exponential(0.3), 60, 20_000),
}


def equal_runs(device: Device) -> dict[str, bool]:
    """Whether runs on a device are those of the processors, number for number."""
    import gpu
    import montecarlo

    options = {"sweeps": 20, "burn_in": 5, "replicas": 40, "start": 0.5, "seed": 4}
    found = {}
    for name, (model, size, count) in EQUAL.items():
        network = model.network(size, n_patterns=count, seed=1)
        for dynamics in ("glauber", "metropolis", "parallel"):
            there = gpu.sample(network, 0.5, dynamics=dynamics, device=device, **options)
            here = montecarlo.sample(network, 0.5, dynamics=dynamics, **options)
            found[f"{name}, {dynamics}"] = all(
                np.array_equal(there[one], here[one], equal_nan=here[one].dtype.kind == "f")
                for one in here.variables
            )
    return found


def run_gpu(
    device: Device, best: Ceilings, cells: Sequence[Cell] = CELLS, *, progress: bool = False
) -> xr.Dataset:
    """Attempts per second on a device and on two processors.

    Parameters
    ----------
    device : Device
    best : Ceilings
        Of the device.
    cells : sequence of Cell
    progress : bool
        Show a bar on a terminal.

    Returns
    -------
    xarray.Dataset
        Over cell: what it is, `rate` in attempts per second on the device, `fraction` of its
        ceiling, `processor_rate` on two processors, and their `ratio`.
    """
    import xarray as xr
    from tqdm import tqdm

    rows, known = [], dict[Cell, float]()
    with one_blas_thread():
        for cell in tqdm(cells, disable=None if progress else True, leave=False):
            rate = _rate(cell, device)
            # it depends neither on the replicas there nor on the samples
            plain = replace(cell, replicas=1, samples=1)
            if plain not in known:
                known[plain] = _processor_rate(cell)
            processor = known[plain]
            rows.append({
                **asdict(cell), "model": repr(cell.model), "kind": cell.kind, "rate": rate,
                "fraction": rate * _work(cell) / getattr(best, cell.kind),
                "processor_rate": processor, "ratio": rate / processor,
            })  # fmt: skip
    variables = {name: (("cell",), [row[name] for row in rows]) for name in rows[0]}
    attrs = provenance(Hopfield(), temperature=TEMPERATURE, **best._asdict())
    return xr.Dataset(variables, attrs=attrs | {"device": device.name})


def _work(cell: Cell) -> float:
    """Operations of an attempt in units of its ceiling.

    Four for every pattern: two products of a multiplication and a sum. Of an exponential network
    the bytes of all patterns, which replicas of a team share, and which are read but not written.
    Of sums of examples what every replica keeps and reads, an overlap of 4 bytes and polynomials.
    """
    if cell.kind == "gemm":
        return 4.0 * cell.n_patterns
    if isinstance(cell.model, Supervised):
        return (4.0 + 8.0 * (cell.model.p - 3)) * cell.n_patterns
    from gpu.packed import TEAM

    return cell.n_patterns * 8.0 * -(-cell.size // 64) / min(TEAM, cell.replicas)


@lru_cache(maxsize=2)
def _network(model: Model, size: int, n_patterns: int) -> Network:
    """The last two are kept, because 10^8 patterns take a minute."""
    return model.network(size, n_patterns=n_patterns, seed=1)


def _rate(cell: Cell, device: Device) -> float:
    """Attempts per second on a device."""
    from gpu.replicas import DeviceReplicas

    network = _network(cell.model, cell.size, cell.n_patterns)
    problems = [
        Problem.seeded(network, TEMPERATURE, cell.dynamics, sequence(seed))
        for seed in range(cell.samples)
    ]
    spins = initial_spins(network, cell.samples * cell.replicas, "random", sequence(0))
    there = DeviceReplicas(problems, spins, device)
    record = Record.empty(len(spins), SWEEPS)
    rate = 1.0 / seconds(partial(there.advance, 1, record), float(spins.size) * SWEEPS)
    there.leave()
    return rate


def _processor_rate(cell: Cell) -> float:
    """Attempts per second of the fastest kernel on two processors."""
    count = min(cell.n_patterns, MOST_PATTERNS)
    network = _network(cell.model, cell.size, count)
    problem = Problem.seeded(network, TEMPERATURE, cell.dynamics, sequence(0))
    kernel = cheapest_kernel(problem, allowed_kernels(problem), REPLICAS, 0.1, 1000)
    spins = initial_spins(network, REPLICAS, "random", sequence(0))
    with ThreadPoolExecutor(THREADS) as pool:
        ensemble = Ensemble(problem, kernel, THREADS, pool, spins)
        work = partial(ensemble.advance, 1, Record.empty(REPLICAS, 1))
        return count / cell.n_patterns / seconds(work, float(spins.size))


def print_gpu(ds: xr.Dataset) -> None:
    """Print a row for each cell."""
    header = ["model", "N", "K", "R", "samples", "dynamics", "M/s", "of", "fraction",
              "2 cores M/s", "ratio"]  # fmt: skip
    rows: list[list[object]] = [
        [str(one.model.item()), *(int(one[name]) for name in ("size", "n_patterns", "replicas",
         "samples")), str(one.dynamics.item()), f"{float(one.rate) / 1e6:.4g}",
         str(one.kind.item()), f"{float(one.fraction):.2f}",
         f"{float(one.processor_rate) / 1e6:.3g}", f"{float(one.ratio):.0f}"]
        for one in (ds.isel(cell=k) for k in range(ds.sizes["cell"]))
    ]  # fmt: skip
    print(ds.attrs["device"])
    print_table(header, rows)
