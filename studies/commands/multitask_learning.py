"""Verbs of diluted patterns that are learned: what a teacher changes, what losses share."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from studies.commands.options import Values, check_files, values, with_output
from studies.output import one_axes, print_table, save_dataset, save_figure

__all__ = ["minima", "teachers"]

whole = Values(whole=True)

PAIRS = (("energy", "autoencoder"), ("autoencoder", "energy"), ("energy", "sum of losses"))
"""Minima of one function that are tried under another."""


@click.command()
@click.option("--examples", type=whole, default="2,3,4,5,7,9,15,25,51", show_default=True)
@click.option("--temperature", type=values, default="0,0.04,0.1", show_default=True)
@click.option("--quality", type=float, default=0.4, show_default=True, help="Of examples.")
@click.option("--dilution", type=float, default=0.3, show_default=True)
@click.option("--size", type=int, default=8000, show_default=True, help="Number of spins.")
@click.option("--disorder", type=int, default=8, show_default=True, help="Networks of each kind.")
@click.option("--seed", type=int, default=0, show_default=True)
@with_output
def teachers(
    examples: Any, temperature: Any, output: Path | None, plot: Path | None, **options: Any
) -> None:
    """Compare networks with and without a teacher.

    Of two diluted archetypes: overlaps with the same examples. It takes about a minute.
    """
    import numpy as np

    from hopfield.learning import LEARNERS
    from studies.figures.multitask_learning import plot_teacher_comparison
    from studies.multitask_learning import teacher_comparison

    check_files(output, plot)
    numbers, temperatures = examples.ravel().tolist(), temperature.ravel().tolist()
    ds = teacher_comparison(numbers, temperatures, progress=True, **options)
    rows: list[list[object]] = []
    for cell in np.ndindex(len(numbers), len(temperatures)):
        one = ds.sel(start="archetypes").isel(examples=cell[0], temperature=cell[1])
        m = [one.overlap.sel(teacher=name).isel(pattern=0).item() for name in LEARNERS]
        change = one.overlap_difference.isel(pattern=0).item()
        error = one.overlap_difference_stderr.isel(pattern=0).item()
        start = [numbers[cell[0]], float(temperatures[cell[1]])]
        rows.append([*start, *m, f"{change:+.5f} ± {error:.5f}"])
    print_table(["M", "T", *(f"m1 {name}" for name in LEARNERS), "difference"], rows)
    save_dataset(ds, output)
    first = ds.isel(temperature=0)
    save_figure(lambda: one_axes(lambda ax: plot_teacher_comparison(first, ax=ax)), plot)


@click.command()
@click.option("--dilution", type=values, default="0.2,0.4,0.6,0.8", show_default=True)
@click.option("--quality", type=float, default=0.3, show_default=True, help="Of examples.")
@click.option("--examples", type=int, default=21, show_default=True)
@click.option("--sizes", type=whole, default="500,2000,8000", show_default=True)
@click.option("--disorder", type=int, default=8, show_default=True, help="Networks of each kind.")
@click.option("--seed", type=int, default=0, show_default=True)
@with_output
def minima(
    dilution: Any, sizes: Any, output: Path | None, plot: Path | None, **options: Any
) -> None:
    """Count the minima that energy and losses share.

    Of three diluted patterns, stored or learned with and without a teacher. It takes about a
    minute.
    """
    from studies.figures.sharing import plot_shared_minima
    from studies.sharing import shared_minima

    check_files(output, plot)
    given = dilution.ravel().tolist()
    ds = shared_minima(given, sizes=sizes.ravel().tolist(), progress=True, **options)
    rows: list[list[object]] = []
    for d in ds.dilution.values:
        for learner in ds.learner.values:
            one = ds.sel(dilution=d, learner=learner, start="hierarchical").isel(size=-1)
            shares = [float(one.shared.sel(function=a, other_function=b)) for a, b in PAIRS]
            rows.append([float(d), str(learner), *shares])
    print_table(["d", "learner", *(f"{a} under {b}" for a, b in PAIRS)], rows)
    save_dataset(ds, output)
    first = ds.isel(dilution=0)
    save_figure(lambda: one_axes(lambda ax: plot_shared_minima(first, ax=ax)), plot)
