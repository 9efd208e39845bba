"""The verb that measures kernels."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from hopfield import InputError
from studies.commands.options import check_output
from studies.output import print_table, save_groups

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["benchmark", "devices_tested"]

REQUIRED = "HOPFIELD_REQUIRE_GPU"
"""Environment variable with which a test on a GPU fails where there is none."""

PATIENCE = 240
"""Seconds that the tests on a GPU may take."""


@click.command()
@click.option("--quick", is_flag=True, help="One size, few replicas.")
@click.option("--device", default="cpu", show_default=True, help="cpu or gpu.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="netCDF file.")
def benchmark(quick: bool, device: str, output: Path | None) -> None:
    """Measure the kernels against what this machine can do.

    On a GPU: compare runs with those of the processors, run the tests that need one where they are,
    and measure.
    """
    from studies.devices import check_backend

    check_output(output, "--output")
    if device == "auto":
        raise InputError("device must be 'cpu' or 'gpu', got 'auto'")
    check_backend(device, "device")
    save_groups(_of_gpu(quick) if device == "gpu" else _of_processors(quick), output)


def _of_processors(quick: bool) -> dict[str, xr.Dataset]:
    from studies.benchmarks import exponential
    from studies.benchmarks.many_body import print_many_body, run_many_body
    from studies.benchmarks.pairs import print_report, run_benchmark

    parts = {
        "pairs": (run_benchmark, print_report),
        "many_body": (run_many_body, print_many_body),
        "exponential": (exponential.run_exponential, exponential.print_exponential),
        "attention": (exponential.run_attention, exponential.print_attention),
    }
    found = {}
    for name, (run, show) in parts.items():
        found[name] = run(quick=quick, progress=True)
        show(found[name])
    return found


def _of_gpu(quick: bool) -> dict[str, xr.Dataset]:
    import gpu
    from studies.benchmarks.devices import CELLS, QUICK, ceilings, equal_runs, print_gpu, run_gpu

    device = gpu.devices()[0]
    equal = equal_runs(device)
    print_table(["runs", "as of the processors"], [[*row] for row in equal.items()])
    if not all(equal.values()):
        raise InputError(f"{device.name} gives other numbers than the processors")
    click.echo(devices_tested(Path(__file__).parents[2] / "tests"))
    best = ceilings()
    click.echo(f"{best.gemm / 1e12:.0f} TFLOP/s fp16, {best.copy / 1e12:.2f} TB/s copied")
    found = run_gpu(device, best, QUICK if quick else CELLS, progress=True)
    print_gpu(found)
    return {"gpu": found}


def devices_tested(tests: Path) -> str:
    """The last line of the tests that need a GPU, run in a process of their own.

    Parameters
    ----------
    tests : Path
        Their folder, which an installed package does not have.

    Raises
    ------
    InputError
        If one of them fails.
    """
    if not tests.is_dir():
        return "no tests: they are in the repository, not in the package"
    command = [sys.executable, "-m", "pytest", "-q", "-m", "gpu and not slow", str(tests)]
    try:
        done = subprocess.run(
            command, env=os.environ | {REQUIRED: "1"}, cwd=tests.parent, capture_output=True,
            text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise InputError(f"the tests on the GPU took more than {PATIENCE} seconds") from None
    lines = (done.stdout or done.stderr).strip().splitlines() or ["pytest said nothing"]
    if done.returncode:
        failed = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
        raise InputError(f"the tests on the GPU: {'; '.join([lines[-1], *failed[:3]])}")
    return f"tests on the GPU: {lines[-1]}"
