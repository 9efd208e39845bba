"""Verbs that simulate the retrieval of several patterns at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from studies.commands.options import Values, check_files, values, with_output
from studies.output import one_axes, print_table, save_dataset, save_figure

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["logarithmic", "parallel"]

whole = Values(whole=True)


@click.command()
@click.option("--size", type=whole, default="20000,40000", show_default=True)
@click.option("--disorder", type=int, default=16, show_default=True, help="Networks a point.")
@click.option("--replicas", type=int, default=16, show_default=True)
@click.option("--sweeps", type=int, default=60, show_default=True)
@click.option("--burn-in", type=int, default=40, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@with_output
def parallel(size: Any, output: Path | None, plot: Path | None, **options: Any) -> None:
    """Compare theory with simulation in states of several patterns.

    Ten states of two or three diluted patterns, stored and learned, at low load. With -o a stopped
    comparison goes on from where it was.
    """
    from studies.figures.parallel_capacity import plot_parallel_comparison
    from studies.parallel import compare_parallel

    check_files(output, plot)
    journal = None if output is None else output.with_name(output.name + ".partial")
    ds = compare_parallel(size=size.ravel(), progress=True, journal=journal, **options)
    _print_agreement(ds)
    save_dataset(ds, output)
    if journal is not None:
        journal.unlink(missing_ok=True)
    save_figure(lambda: one_axes(lambda ax: plot_parallel_comparison(ds, ax=ax)), plot)


def _print_agreement(ds: xr.Dataset) -> None:
    """Print a row for each point: z of every overlap and of the energy, and chi-square."""
    import numpy as np

    rows: list[list[object]] = []
    for k in range(ds.sizes["point"]):
        one = ds.isel(point=k)
        found = [*one.pattern_overlap_z.values, one.energy_z.item(), one.replica_overlap_z.item()]
        z = [f"{value:+.2f}" if np.isfinite(value) else "-" for value in found]
        where = [str(one.model.item()), str(one.state.item()), float(one.temperature)]
        rows.append([*where, *z, float(one.chi_square)])
    count = ds.sizes["pattern"]
    header = ["model", "state", "T", *(f"z m{mu + 1}" for mu in range(count))]
    print_table([*header, "z u", "z q", "χ²"], rows)


@click.command()
@click.option("--dilution", type=values, default="0.3,0.45,0.6", show_default=True)
@click.option("--log-load", type=values, default="0.25,0.5,1,2", show_default=True,
              help="γ of K = γ ln N.")  # fmt: skip
@click.option("--size", type=whole, default="1000,3000,10000,30000,100000", show_default=True)
@click.option("--temperature", type=float, default=0.0, show_default=True)
@click.option("--disorder", type=int, default=16, show_default=True, help="Networks a point.")
@click.option("--seed", type=int, default=0, show_default=True)
@with_output
def logarithmic(
    dilution: Any, log_load: Any, size: Any, output: Path | None, plot: Path | None, **options: Any
) -> None:
    """Count the patterns retrieved at once against the number of spins.

    Of K = γ ln N diluted patterns, from the hierarchical state. It takes about two minutes.
    """
    from studies.figures.parallel_capacity import plot_parallel_capacities
    from studies.logarithmic_load import parallel_capacity

    check_files(output, plot)
    journal = None if output is None else output.with_name(output.name + ".partial")
    ds = parallel_capacity(
        dilution.ravel(), log_load.ravel(), size=size.ravel(), progress=True, journal=journal,
        **options,
    )  # fmt: skip
    rows: list[list[object]] = []
    for d in ds.dilution.values:
        for load in ds.log_load.values:
            for n in ds["size"].values:
                one = ds.sel(dilution=d, log_load=load, size=n)
                counts = [
                    f"{float(one[name]):.2f} ± {float(one[f'{name}_stderr']):.2f}"
                    for name in ("retrieved_patterns", "hierarchical_patterns")
                ]
                rows.append([float(d), float(load), int(n), int(one.n_patterns), *counts])
    print_table(["d", "γ", "N", "K", "above the noise", "hierarchical"], rows)
    save_dataset(ds, output)
    if journal is not None:
        journal.unlink(missing_ok=True)
    save_figure(lambda: plot_parallel_capacities(ds), plot)
