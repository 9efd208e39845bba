"""Verbs of diluted patterns: states that retrieve several at once, and their studies."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from studies.commands.options import check_files, values, with_model, with_output
from studies.output import one_axes, print_table, save_dataset, save_figure

if TYPE_CHECKING:
    import xarray as xr

    from hopfield.models import Model

__all__ = ["cascade", "dilution", "regimes", "states"]

LINE_POINTS = 221
"""Points of lines beside simulated ones."""


@click.command()
@with_model
@click.option("--patterns", type=int, required=True, help="Number K of patterns.")
@click.option("--temperature", type=values, required=True)
@click.option(
    "--state",
    default="pure,hierarchical,parallel",
    show_default=True,
    help="Comma list of pure, hierarchical, parallel, and sums such as 2+1.",
)
@click.option("--load", type=float, default=0.0, show_default=True, help="Of all other patterns.")
@with_output
def states(
    model: Model, patterns: int, temperature: Any, state: str, load: float,
    output: Path | None, plot: Path | None,
) -> None:  # fmt: skip
    """Find states that retrieve several diluted patterns at once.

    A sum such as 2+1 gives the numbers of patterns of equal overlap.
    """
    import theory
    from hopfield import InputError
    from studies.figures.states import plot_states

    check_files(output, plot)
    if plot is not None and not temperature.ndim:
        raise InputError("--plot is against temperature: give several with it")
    names = [name.strip() for name in state.split(",")]
    ds = theory.retrieval_states(model, patterns, temperature, states=names, load=load)
    _print_states(ds)
    save_dataset(ds, output)
    save_figure(lambda: one_axes(lambda ax: plot_states(ds, ax=ax)), plot)


def _print_states(ds: xr.Dataset) -> None:
    """Print a row for each state and temperature."""
    flat = ds if "temperature" in ds.dims else ds.expand_dims("temperature")
    rows: list[list[object]] = []
    for state in flat.state.values:
        for k in range(flat.sizes["temperature"]):
            one = flat.sel(state=state).isel(temperature=k)
            overlaps = [float(m) for m in one.overlap.values]
            lowest = float(one.eigenvalue.min())
            found = [float(one.free_energy), lowest, str(one.status.item())]
            rows.append([str(state), float(one.temperature), *overlaps, *found])
    header = ["state", "T", *(f"m{mu + 1}" for mu in range(flat.sizes["pattern"]))]
    print_table([*header, "f", "least eigenvalue", "status"], rows)


@click.command()
@click.option("--dilution", type=values, default="0:0.7:57", show_default=True)
@click.option("--temperature", type=values, default="0,0.1,0.2,0.3", show_default=True)
@with_output
def dilution(dilution: Any, temperature: Any, output: Path | None, plot: Path | None) -> None:
    """Find how the capacity for one pattern falls with the dilution."""
    from studies.dilution import capacity_by_dilution
    from studies.figures.dilution import plot_capacity_by_dilution
    from studies.output import print_grid

    check_files(output, plot)
    ds = capacity_by_dilution(dilution.ravel().tolist(), temperature)
    print_grid(ds, ("load", "overlap", "status"), along=("dilution", "temperature"))
    save_dataset(ds, output)
    save_figure(lambda: one_axes(lambda ax: plot_capacity_by_dilution(ds, ax=ax)), plot)


@click.command()
@click.option("--patterns", type=int, default=3, show_default=True, help="Number K of patterns.")
@click.option("--dilution", type=values, help="By default 100 values.")
@click.option("--temperature", type=values, help="By default 100 values.")
@click.option("--quality", type=float, default=1.0, show_default=True, help="Of examples.")
@click.option("--examples", type=int, default=1, show_default=True, help="Of each pattern.")
@with_output
def regimes(patterns: int, output: Path | None, plot: Path | None, **options: Any) -> None:
    """Find the state of least free energy by dilution and temperature.

    Of a few diluted patterns, stored or learned from examples.
    """
    import numpy as np

    import theory
    from hopfield import InputError
    from studies.figures.states import plot_regimes

    check_files(output, plot)
    for name in ("dilution", "temperature"):
        given = options[name]
        if plot is not None and given is not None and not given.ndim:
            raise InputError(f"--plot is a plane: give several values of --{name} with it")
    ds = theory.regime_diagram(patterns, progress=True, **options)
    names, counts = np.unique(ds.state.values, return_counts=True)
    rows: list[list[object]] = []
    for name, count in sorted(zip(names, counts, strict=True), key=lambda pair: -pair[1]):
        here = ds.state == name
        ranges = [ds[axis].where(here) for axis in ("dilution", "temperature")]
        ends = [float(end) for axis in ranges for end in (axis.min(), axis.max())]
        rows.append([str(name), int(count), *ends])
    print_table(["state", "cells", "d from", "to", "T from", "to"], rows)
    save_dataset(ds, output)
    save_figure(lambda: one_axes(lambda ax: plot_regimes(ds, ax=ax)), plot)


@click.command()
@click.option("--patterns", type=int, default=4, show_default=True, help="Number K of patterns.")
@click.option("--temperature", type=float, default=0.02, show_default=True)
@click.option("--dilution", type=values, default="0.04:0.92:23", show_default=True)
@click.option("--size", type=int, default=40_000, show_default=True, help="Number of spins.")
@click.option("--disorder", type=int, default=4, show_default=True, help="Pattern sets a point.")
@click.option("--seed", type=int, default=0, show_default=True)
@with_output
def cascade(
    patterns: int, dilution: Any, output: Path | None, plot: Path | None, **options: Any
) -> None:
    """Measure the overlaps of patterns retrieved together.

    Against the dilution, beside theory. It takes about a minute.
    """
    import numpy as np

    import theory
    from studies.cascade import amplitude_cascade
    from studies.figures.states import plot_amplitude_cascade

    check_files(output, plot)
    given = dilution.ravel().tolist()
    ds = amplitude_cascade(patterns, dilution=given, progress=True, **options)
    rows: list[list[object]] = []
    for d in ds.dilution.values:
        one = ds.sel(dilution=d)
        triples = zip(
            one.pattern_overlap.values, one.pattern_overlap_stderr.values,
            one.pattern_overlap_theory.values, strict=True,
        )  # fmt: skip
        cells = [f"{m:.4f} ± {error:.4f} ({exact:.4f})" for m, error, exact in triples]
        rows.append([float(d), str(one.state.item()), *cells])
    header = [f"m{k + 1} (theory)" for k in range(ds.sizes["pattern"])]
    print_table(["d", "state", *header], rows)
    save_dataset(ds, output)
    ends = float(ds.dilution.min()), float(ds.dilution.max())
    lines = theory.regime_diagram(
        patterns, dilution=np.linspace(*ends, LINE_POINTS), temperature=float(ds.temperature)
    )
    save_figure(lambda: one_axes(lambda ax: plot_amplitude_cascade(ds, lines, ax=ax)), plot)
