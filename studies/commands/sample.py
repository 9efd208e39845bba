"""Verb that samples one network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hopfield import InputError
from studies.commands.options import (
    build_network,
    check_files,
    start_of,
    values,
    with_exponent,
    with_model,
    with_output,
    with_sampling,
)
from studies.output import one_axes, print_grid, save_dataset, save_figure, stop

if TYPE_CHECKING:
    from hopfield.models import Model

__all__ = ["sample"]


@click.command()
@with_model
@click.option("--load", type=float)
@with_exponent
@click.option("--patterns", type=int, help="Number of patterns, in place of --load.")
@click.option("--size", type=int, required=True, help="Number of spins.")
@click.option("--temperature", type=values, required=True)
@with_sampling(64, 1000, 200)
@click.option(
    "--device",
    default="auto",
    show_default=True,
    help="cpu, gpu, or auto: a GPU if there is one and the work is large.",
)
@click.option("--kernel", default="auto", show_default=True)
@click.option("--threads", type=int, help="Of the processors.  [default: all]")
@with_output
def sample(
    model: Model, load: float | None, exponent: float | None, patterns: int | None, size: int,
    temperature: Any, start: str, seed: int, device: str, output: Path | None,
    plot: Path | None, **options: Any,
) -> None:  # fmt: skip
    """Sample one network."""
    from hopfield.arguments import nonnegative_values
    from montecarlo import Interrupted
    from studies.devices import Places, check_backend
    from studies.figures.overview import plot_series

    check_files(output, plot)
    check_backend(device, "device")
    nonnegative_values("temperature", temperature)
    if plot is not None and temperature.ndim:
        raise InputError("--plot shows one run: give one --temperature with it")
    if (load is None) == (patterns is None):
        raise InputError("give either --load or --patterns")
    network = build_network(model, size, load, exponent, patterns, seed)
    stopped = None
    try:
        ds = Places(device).sample(
            network, temperature, start=start_of(start), seed=seed, progress=True, **options
        )
    except Interrupted as interruption:
        stopped, ds = interruption, interruption.partial
    names = ("overlap", "overlap_stderr", "energy", "energy_stderr", "flip_rate", "overlap_rhat")
    print_grid(ds, names)
    save_dataset(ds, output)
    save_figure(lambda: one_axes(lambda ax: plot_series(ds, ax=ax)), plot)
    if stopped is not None:
        kept = "Nothing was kept" if output is None else f"What was finished is in {output}"
        stop(f"{kept} ({stopped}); the same command starts again from the beginning.")
