"""Verb of diffusion models that recall their examples."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from studies.commands.options import Values, check_files, values, with_output
from studies.output import print_table, save_dataset, save_figure

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["diffusion"]

whole = Values(whole=True)


@click.command()
@click.option("--load", type=values, default="0.12,0.18,0.25", show_default=True,
              help="α, of exp(α N) examples.")  # fmt: skip
@click.option(
    "--size", type=whole, default="16,24,32", show_default=True, help="Numbers N of components."
)
@click.option("--disorder", type=int, default=24, show_default=True, help="Data sets of each kind.")
@click.option("--trajectories", type=int, default=32, show_default=True, help="Of each of them.")
@click.option("--steps", type=int, default=60, show_default=True, help="Steps of a trajectory.")
@click.option("--seed", type=int, default=0, show_default=True)
@with_output
def diffusion(load: Any, size: Any, output: Path | None, plot: Path | None, **options: Any) -> None:
    """Measure when diffusion run backward decides for one of its examples.

    Its exact score is that of an exponential network of continuous states.
    """
    from studies.diffusion import diffusion_collapse
    from studies.figures.diffusion import plot_diffusion

    check_files(output, plot)
    loads, sizes = load.ravel().tolist(), size.ravel().tolist()
    ds = diffusion_collapse(loads, sizes, progress=True, **options)
    _print_times(ds)
    save_dataset(ds, output)
    save_figure(lambda: plot_diffusion(ds), plot)


def _print_times(ds: xr.Dataset) -> None:
    """Print a row for each load and size."""
    rows: list[list[object]] = []
    for k in range(ds.sizes["load"]):
        for j in range(ds.sizes["size"]):
            one = ds.isel(load=k, size=j)
            ends = ("", "_stderr", "_theory", "_z", "_asymptotic")
            cells = [float(one[f"collapse_time{end}"]) for end in ends]
            rows.append([float(one["load"]), int(one["size"]), int(one.n_patterns), *cells])
    print_table(["α", "N", "n", "collapse", "error", "exact", "z", "N to ∞"], rows)
