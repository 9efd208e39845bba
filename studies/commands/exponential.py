"""Verb of exponential networks of few spins."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from studies.commands.options import Values, check_files, values, with_output
from studies.output import print_table, save_dataset, save_figure

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["retrieval"]

whole = Values(whole=True)


@click.command()
@click.option("--sharpness", type=values, default="0.7,1,2", show_default=True, help="λ.")
@click.option("--load", type=values, default="0.1:0.5:9", show_default=True,
              help="α of exp(α N) patterns.")  # fmt: skip
@click.option("--size", type=whole, default="20,30,40", show_default=True, help="Numbers of spins.")
@click.option("--overlap", type=float, default=0.6, show_default=True, help="Of the start.")
@click.option(
    "--trials", type=int, default=400, show_default=True, help="Sets of patterns a point."
)
@click.option("--most-patterns", type=int, default=100_000, show_default=True,
              help="Points with more are left out.")  # fmt: skip
@click.option("--seed", type=int, default=0, show_default=True)
@with_output
def retrieval(
    sharpness: Any, load: Any, size: Any, output: Path | None, plot: Path | None, **options: Any
) -> None:
    """Compare retrieval in exponential networks of few spins with theory.

    The weight of a pattern at a start near it, steepest descent from there, and stability. It takes
    about two minutes; with -o a stopped study goes on from where it was.
    """
    from studies.exponential_trials import exponential_retrieval
    from studies.figures.exponential_retrieval import plot_exponential_retrieval

    check_files(output, plot)
    journal = None if output is None else output.with_name(output.name + ".partial")
    ds = exponential_retrieval(
        sharpness.ravel(), load.ravel(), size=size.ravel(), progress=True, journal=journal,
        **options,
    )  # fmt: skip
    _print_agreement(ds)
    save_dataset(ds, output)
    if journal is not None:
        journal.unlink(missing_ok=True)
    save_figure(lambda: plot_exponential_retrieval(ds), plot)


def _print_agreement(ds: xr.Dataset) -> None:
    """Print a row for each criterion and sharpness: threshold, mean of z² and largest |z|."""
    import numpy as np

    rows: list[list[object]] = []
    for criterion in ds.criterion.values:
        for lam in ds.sharpness.values:
            one = ds.sel(criterion=criterion, sharpness=lam)
            largest = float(np.nanmax(np.abs(one.probability_z)))
            numbers = (float(one.threshold_load), float(one.chi_square), largest)
            rows.append([str(criterion), float(lam), *numbers])
    print_table(["criterion", "λ", "α without end", "χ²", "largest |z|"], rows)
