"""Verbs of key-value memories: error against load, and synthetic associative retrieval."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from studies.commands.options import Values, check_files, values, with_output
from studies.output import one_axes, print_table, save_dataset, save_figure

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["associative_retrieval", "memories"]

whole = Values(whole=True)


@click.command()
@click.option("--load", type=values, help="K/d.  [default: 17 from 0.125 to 4]")
@click.option(
    "--dimension", type=whole, default="64,128", show_default=True, help="Components d of a key."
)
@click.option("--draws", type=int, default=64, show_default=True, help="Sets of pairs a point.")
@click.option("--keys", default="sphere", show_default=True, help="sphere or gaussian.")
@click.option("--noise", type=float, default=0.0, show_default=True, help="s of the queries.")
@click.option("--seed", type=int, default=0, show_default=True)
@with_output
def memories(
    load: Any, dimension: Any, noise: float, output: Path | None, plot: Path | None, **options: Any
) -> None:
    """Measure the errors of key-value memories and compare them with theory."""
    from studies.figures.memories import plot_memory_curves
    from studies.memories import LOADS, memory_curves

    check_files(output, plot)
    loads = LOADS if load is None else load.ravel().tolist()
    options |= {"query_noise": noise, "progress": True}
    ds = memory_curves(None, loads, dimension.ravel().tolist(), **options)
    _print_agreement(ds)
    save_dataset(ds, output)
    save_figure(lambda: one_axes(lambda ax: plot_memory_curves(ds, ax=ax)), plot)


@click.command()
@click.option("--pairs", type=whole, help="Unique keys S.  [default: 20, 40, ... 600]")
@click.option("--dimension", type=int, default=64, show_default=True)
@click.option("--draws", type=int, default=16, show_default=True, help="Sets of pairs a point.")
@click.option("--keys", default="gaussian", show_default=True, help="sphere or gaussian.")
@click.option("--seed", type=int, default=0, show_default=True)
@with_output
def associative_retrieval(
    pairs: Any, output: Path | None, plot: Path | None, **options: Any
) -> None:
    """Retrieve the values of unique random keys by sums over feature maps."""
    from studies.figures.memories import plot_associative_retrieval
    from studies.memories import associative_retrieval as on_pairs

    check_files(output, plot)
    if pairs is not None:
        options["n_pairs"] = pairs.ravel().tolist()
    ds = on_pairs(progress=True, **options)
    _print_agreement(ds.expand_dims("dimension"))
    save_dataset(ds, output)
    save_figure(lambda: one_axes(lambda ax: plot_associative_retrieval(ds, ax=ax)), plot)


def _print_agreement(ds: xr.Dataset) -> None:
    """Print the mean squared deviation from theory, in standard errors, of every memory."""
    import numpy as np

    extrapolated = "error_extrapolated_z" in ds
    rows: list[list[object]] = []
    for memory in ds.memory.values:
        one = ds.sel(memory=memory)
        z = [one.error_z.isel(dimension=k).values for k in range(ds.sizes["dimension"])]
        z += [one.error_extrapolated_z.values] if extrapolated else []
        words = "-" if np.isnan(z).all() else f"{np.nanmax(np.abs(one.error_z)):.2f}"
        squares = ["-" if np.isnan(each).all() else f"{np.nanmean(each**2):.2f}" for each in z]
        rows.append([str(memory), str(one.validity.values.flat[-1]), *squares, words])
    header = [f"z² d={d}" for d in ds.dimension.values] + ["z² d→∞"] * extrapolated
    print_table(["memory", "theory", *header, "largest |z|"], rows)
