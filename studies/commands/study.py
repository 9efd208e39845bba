"""Verbs of networks that learn: thresholds, and `hopfield study NAME`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hopfield import InputError
from studies.commands.bridge import bridge
from studies.commands.diffusion import diffusion
from studies.commands.exponential import retrieval
from studies.commands.memory import associative_retrieval, memories
from studies.commands.multitask import cascade, dilution, regimes
from studies.commands.multitask_learning import minima, teachers
from studies.commands.options import Values, Verbs, build_model, check_files, values, with_output
from studies.commands.parallel import logarithmic, parallel
from studies.output import one_axes, print_grid, print_table, save_dataset, save_figure

if TYPE_CHECKING:
    import xarray as xr

    from hopfield import Images

__all__ = ["study", "threshold"]

DATASETS = ("digits", "mnist", "fashion-mnist")

whole = Values(whole=True)


@click.command()
@click.argument("model")
@click.option("--p", type=int, required=True, help="Spins in an interaction, at least 2.")
@click.option("--quality", type=values, required=True, help="Of examples, in (0, 1].")
@click.option("--load", type=values, default="0", show_default=True)
@click.option("--exponent", type=float, help="b of the load K/N^b; by default p - 1.")
@click.option("--size", type=int, help="Number of spins, with --exponent.  [default: infinite]")
@click.option(
    "--criterion",
    default="signal to noise",
    show_default=True,
    help="signal to noise or retrieval.",
)
@click.option("--temperature", type=float, default=0.0, show_default=True, help="For retrieval.")
@click.option(
    "--overlap",
    type=float,
    help="With archetypes, that is asked for.  [default: erf(1/√2) = 0.6827]",
)
@with_output
def threshold(
    model: str, p: int, quality: Any, overlap: float | None, output: Path | None,
    plot: Path | None, **options: Any,
) -> None:  # fmt: skip
    """Find how many examples learning takes.

    MODEL is supervised or unsupervised. With the criterion "retrieval" there has to be a
    retrieval phase with the overlap that is asked for at --temperature.
    """
    import theory
    from studies.figures.planes import plot_learning_threshold

    check_files(output, plot)
    learner = build_model(model, p, quality=1.0, examples=1)
    if overlap is not None:
        options["overlap"] = overlap
    ds = theory.learning_threshold(learner, quality=quality, **options)
    names = ("examples", "dataset_entropy", "overlap", "effective_overlap", "limit", "status")
    print_grid(ds, names, along=("quality", "load"))
    save_dataset(ds, output)
    save_figure(lambda: one_axes(lambda ax: plot_learning_threshold(ds, ax=ax)), plot)


@click.group(cls=Verbs, subcommand_metavar="NAME [OPTIONS]")
def study() -> None:
    """Let networks learn and measure what they have learned."""


@study.command()
@click.option("--dataset", default="digits", show_default=True, help=", ".join(DATASETS) + ".")
@click.option("--images", type=click.Path(path_type=Path), help="Folder or file of the dataset.")
@click.option("--p", type=whole, default="2,3,4", show_default=True)
@click.option("--examples", type=whole, default="1,3,5,11,21,51,101", show_default=True)
@click.option("--noise", type=values, default="0,0.1,0.2", show_default=True,
              help="Probabilities of a flipped pixel in an example.")  # fmt: skip
@click.option(
    "--start", default="image", show_default=True, help="image or archetype: which runs are shown."
)
@click.option("--temperature", type=float, default=0.0, show_default=True)
@click.option("--disorder", type=int, default=16, show_default=True, help="Draws of examples.")
@click.option("--seed", type=int, default=0, show_default=True)
@with_output
def learning(
    dataset: str, images: Path | None, p: Any, examples: Any, noise: Any, start: str,
    output: Path | None, plot: Path | None, **options: Any,
) -> None:  # fmt: skip
    """Retrieve classes of images from examples, with and without a teacher."""
    from studies.figures.learning import plot_learning_curve
    from studies.learning import learning_curve
    from studies.lessons import STARTS

    check_files(output, plot)
    if start not in STARTS:
        raise InputError(f"--start must be one of {', '.join(STARTS)}, got {start!r}")
    ds = learning_curve(
        _images(dataset, images), p=_listed(p), examples=_listed(examples), flips=_listed(noise),
        progress=True, **options,
    )  # fmt: skip
    for name, words in (("overlap", "final overlap"), ("retrieved", "part of classes retrieved")):
        click.echo(f"{words}, from the {start}, after M examples:")
        _print_by_examples(ds.sel(start=start), name)
    save_dataset(ds, output)
    save_figure(lambda: plot_learning_curve(ds, start=start), plot)


def _images(dataset: str, path: Path | None) -> Images:
    """Images of a data set by its name."""
    from hopfield import datasets

    if dataset not in DATASETS:
        raise InputError(f"--dataset must be one of {', '.join(DATASETS)}, got {dataset!r}")
    if dataset == "digits":
        if path is not None:
            raise InputError(f"--images belongs to mnist and fashion-mnist, got {path} for digits")
        return datasets.digits()
    return datasets.mnist(path) if dataset == "mnist" else datasets.fashion_mnist(path)


def _listed(numbers: Any) -> list[Any]:
    """Numbers of an option as a list."""
    return [numbers.item()] if numbers.ndim == 0 else list(numbers.tolist())


def _print_by_examples(ds: xr.Dataset, name: str) -> None:
    """Print a mean and its error: a row for each noise, p and teacher, a column for each M."""
    rows: list[list[object]] = []
    for f in ds.flip_probability.values:
        for p in ds.p.values:
            for teacher in ds.teacher.values:
                one = ds.sel(flip_probability=f, p=p, teacher=teacher)
                pairs = zip(one[name].values, one[f"{name}_stderr"].values, strict=True)
                cells = [f"{value:.3f} ± {error:.3f}" for value, error in pairs]
                rows.append([float(f), int(p), str(teacher), *cells])
    print_table(["noise", "p", "teacher", *map(str, ds.examples.values)], rows)


@study.command()
@click.option("--p", type=int, default=2, show_default=True)
@click.option("--quality", type=float, default=0.3, show_default=True, help="Of examples.")
@click.option("--examples", type=whole, default="1,3,5,11,21,51,101", show_default=True)
@click.option("--size", type=int, default=1000, show_default=True, help="Number of spins.")
@click.option("--patterns", type=int, default=5, show_default=True, help="Number of archetypes.")
@click.option("--sweeps", type=int, default=30, show_default=True)
@click.option("--disorder", type=int, default=16, show_default=True, help="Networks of each kind.")
@click.option("--seed", type=int, default=0, show_default=True)
@with_output
def losses(
    examples: Any, patterns: int, output: Path | None, plot: Path | None, **options: Any
) -> None:
    """Find the minima of losses that examples leave.

    At zero temperature spins run from an archetype to the minimum that was learned in its place.
    """
    from studies.figures.learning import plot_loss_minima
    from studies.losses import loss_minima

    check_files(output, plot)
    ds = loss_minima(examples=_listed(examples), n_patterns=patterns, progress=True, **options)
    names = ("loss_minus", "loss_minus_stderr", "loss_minus_theory", "energy_drop")
    print_grid(ds, (*names, "autoencoder_loss_drop"), along=("teacher", "examples"))
    save_dataset(ds, output)
    save_figure(lambda: plot_loss_minima(ds), plot)


@study.command()
@click.option("--disorder", type=int, default=6, show_default=True, help="Networks for each M.")
@click.option("--seed", type=int, default=0, show_default=True)
@with_output
def ultra(disorder: int, seed: int, output: Path | None, plot: Path | None) -> None:
    """Measure how many examples learning takes.

    In the fields of networks with and without a teacher, at five qualities each: the power of the
    quality that the number of examples goes with. It takes about two minutes.
    """
    from studies import ultra as measurement
    from studies.figures.ultra import plot_ultra

    check_files(output, plot)
    ds = measurement.ultra(measurement.REGIMES, disorder=disorder, seed=seed, progress=True)
    names = [f"scaling_exponent{end}" for end in ("", "_stderr", "_theory", "_asymptotic")]
    rows = [
        [str(regime), *(float(ds[name].sel(regime=regime)) for name in names)]
        for regime in ds.regime.values
    ]
    print_table(["M ~ r^b of", "b", "error", "signal to noise", "r to 0"], rows)
    save_dataset(ds, output)
    save_figure(lambda: one_axes(lambda ax: plot_ultra(ds, ax=ax)), plot)


for each in (
    associative_retrieval, bridge, cascade, diffusion, dilution, logarithmic, memories, minima,
    parallel, regimes, retrieval, teachers,
):  # fmt: skip
    study.add_command(each)
