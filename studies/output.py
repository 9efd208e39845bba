"""Files and tables: written whole or not at all, printed short."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from hopfield import InputError

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "one_axes",
    "print_comparison",
    "print_grid",
    "print_lines",
    "print_table",
    "save_dataset",
    "save_figure",
    "save_groups",
    "stop",
]


SHORT = {"temperature": "T", "quality": "r", "dataset_entropy": "ρ", "examples": "M"}
"""Names at the head of a table."""
MOST_ROWS = 20


def _whole(path: Path, write: Callable[[Path], Any]) -> None:
    """Write beside the target and move into place, so that no half a file is ever there."""
    fresh = path.with_name(f".{path.stem}.writing{path.suffix}")
    try:
        write(fresh)
        os.replace(fresh, path)
    except OSError as error:
        raise InputError(f"{path} could not be written: {error}") from error
    finally:
        fresh.unlink(missing_ok=True)
    click.echo(f"wrote {path}", err=True)


def save_dataset(ds: xr.Dataset, path: Path | None) -> None:
    """Write a Dataset as netCDF, if a path is given."""
    if path is not None:
        _whole(path, lambda fresh: ds.to_netcdf(fresh, engine="h5netcdf"))


def save_groups(groups: dict[str, xr.Dataset], path: Path | None) -> None:
    """Write several Datasets as groups of one netCDF file, if a path is given."""
    if path is None:
        return
    import xarray as xr

    tree = xr.DataTree.from_dict(groups)
    _whole(path, lambda fresh: tree.to_netcdf(fresh, engine="h5netcdf"))


def one_axes(draw: Callable[[Axes], Axes]) -> Figure:
    """Figure with one drawing."""
    import matplotlib.pyplot as plt

    figure, ax = plt.subplots(layout="constrained")
    draw(ax)
    return figure


def save_figure(make: Callable[[], Figure], path: Path | None) -> None:
    """Draw and write a figure, if a path is given."""
    if path is None:
        return
    import matplotlib as mpl
    import matplotlib.pyplot as plt

    mpl.use("Agg")
    figure = make()
    try:
        _whole(path, lambda fresh: figure.savefig(fresh, dpi=150))
    finally:
        plt.close(figure)


def print_table(header: list[str], rows: list[list[object]]) -> None:
    """Print numbers to five digits under their names, in columns."""
    cells = [[f"{c:.5g}" if isinstance(c, float) else str(c) for c in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(header, *cells, strict=True)]
    for line in (header, *cells):
        click.echo("  ".join(cell.rjust(w) for cell, w in zip(line, widths, strict=True)))


def print_grid(
    ds: xr.Dataset, names: tuple[str, ...], along: tuple[str, ...] = ("load", "temperature")
) -> None:
    """Print one row for each load and temperature, or what else it is along, at most twenty."""
    dims = [name for name in along if name in ds.dims]
    flat = ds.stack(cell=dims) if dims else ds.expand_dims("cell")
    shown = min(flat.sizes["cell"], MOST_ROWS)
    rows: list[list[object]] = []
    for k in range(shown):
        one = flat.isel(cell=k)
        rows.append([one[name].item() for name in (*along, *names)])
    print_table([SHORT.get(name, name) for name in (*along, *names)], rows)
    if shown < flat.sizes["cell"]:
        click.echo(f"... and {flat.sizes['cell'] - shown} more; -o writes all of them")


def print_lines(ds: xr.Dataset) -> None:
    """Print from where to where the lines of a phase diagram go."""
    names = [
        name for name in ("dataset_entropy", "load", "temperature")
        if name in ds and "point" in ds[name].dims
    ]  # fmt: skip
    rows: list[list[object]] = []
    for line in ds.line.values:
        one = ds.sel(line=line).dropna("point")
        row: list[object] = [str(line), one.sizes["point"]]
        for name in names:
            found = one[name].values
            row += [float(found.min()), float(found.max())] if found.size else ["-", "-"]
        rows.append(row)
    header = ["line", "points"]
    for name in names:
        header += [f"{SHORT.get(name, name)} from", "to"]
    print_table(header, rows)


def print_comparison(ds: xr.Dataset) -> None:
    """Print theory, simulation and z-scores at every point, and the mean of z²."""
    import numpy as np

    from studies.comparison import as_points

    flat = as_points(ds)
    short = {"overlap": "m", "energy": "u", "replica_overlap": "q", "effective_overlap": "n"}
    names = [name for name in short if name in flat]
    header = ["load", "T", "phase"]
    for name in names:
        header += [f"{short[name]} theory", f"{short[name]} simulated", "error", "z"]
    rows = []
    for k in range(flat.sizes["point"]):
        one = flat.isel(point=k)
        row: list[object] = [float(one["load"]), float(one.temperature), str(one.phase.item())]
        for name in names:
            formats = {"theory": ".5f", "extrapolated": ".5f", "extrapolated_stderr": ".1e"}
            for suffix, style in (formats | {"z": "+.2f"}).items():
                value = float(one[f"{name}_{suffix}"])
                row.append(format(value, style) if np.isfinite(value) else "-")
        rows.append(row)
    print_table(header, rows)
    for name in names:
        z = flat[f"{name}_z"].values
        z = z[np.isfinite(z)]
        if z.size:
            click.echo(
                f"{name}: mean z² = {np.mean(z**2):.2f}, largest |z| = {np.abs(z).max():.2f} "
                f"over {z.size} points"
            )


def stop(what_is_kept: str) -> NoReturn:
    """End after Ctrl-C, and say what is kept."""
    click.echo(f"hopfield: stopped. {what_is_kept}", err=True)
    sys.exit(130)
