"""Verb of the way from binary spins to attention."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from studies.commands.options import Values, check_files, with_output
from studies.output import print_table, save_dataset, save_figure

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["bridge"]

whole = Values(whole=True)


@click.command()
@click.option("--size", type=int, default=8, show_default=True, help="Number N of units.")
@click.option("--beta", type=float, default=1.5, show_default=True, help="β of attention.")
@click.option(
    "--spins", type=whole, default="1,2,4,8,16,32,64,128,256", show_default=True,
    help="Numbers n of spins in a unit.",
)  # fmt: skip
@click.option("--flipped", type=int, default=16, show_default=True,
              help="Largest n at which spins are flipped one by one.")  # fmt: skip
@click.option("--replicas", type=int, default=256, show_default=True,
              help="Of single flips; eight times as many of all spins at once.")  # fmt: skip
@click.option("--sweeps", type=int, default=250, show_default=True)
@click.option("--burn-in", type=int, default=100, show_default=True)
@click.option("--draws", type=int, default=10_000, show_default=True,
              help="Steps from each state between two patterns, for every replica.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True)
@with_output
def bridge(spins: Any, output: Path | None, plot: Path | None, **options: Any) -> None:
    """Compare units that are sums of binary spins with attention, their limit.

    Single flips make most of the work, about half a minute by default.
    """
    from studies.bridge import spins_to_attention
    from studies.figures.bridge import plot_bridge

    check_files(output, plot)
    ds = spins_to_attention(spins=spins.ravel().tolist(), progress=True, **options)
    _print_means(ds)
    _print_slopes(ds)
    save_dataset(ds, output)
    save_figure(lambda: plot_bridge(ds), plot)


def _print_means(ds: xr.Dataset) -> None:
    """Print a row for each mean, number of spins and sampler."""
    rows: list[list[object]] = []
    for name in ds.quantity.values[:3]:
        for n in ds.spins_per_unit.values:
            for sampler in ds.sampler.values:
                one = ds.sel(spins_per_unit=n, sampler=sampler)
                if bool(one[name].notnull()):
                    cells = [float(one[f"{name}{end}"]) for end in ("", "_stderr", "_theory", "_z")]
                    limit = float(one[f"{name}_asymptotic"])
                    rows.append([str(name), int(n), str(sampler), *cells, limit])
    print_table(["mean", "n", "sampler", "sampled", "error", "exact", "z", "attention"], rows)


def _print_slopes(ds: xr.Dataset) -> None:
    """Print the powers of the number of spins."""
    rows: list[list[object]] = [
        [str(name), float(ds.slope.sel(quantity=name)), float(ds.slope_stderr.sel(quantity=name))]
        for name in ds.quantity.values
    ]
    print_table(["distance from attention of", "power of n", "error"], rows)
