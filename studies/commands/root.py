"""The command line: `hopfield VERB MODEL [parameters]`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from hopfield import InputError
from studies.commands.benchmark import benchmark
from studies.commands.multitask import states
from studies.commands.options import (
    Values,
    Verbs,
    check_files,
    start_of,
    values,
    with_exponent,
    with_model,
    with_output,
    with_sampling,
)
from studies.commands.sample import sample
from studies.commands.study import study, threshold
from studies.output import (
    one_axes,
    print_comparison,
    print_grid,
    print_lines,
    print_table,
    save_dataset,
    save_figure,
    save_groups,
    stop,
)

if TYPE_CHECKING:
    from hopfield.models import Model

__all__ = ["main"]


@click.group(
    cls=Verbs,
    subcommand_metavar="VERB [PARAMETERS]",
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="hopfield")
def cli() -> None:
    """Statistical mechanics of associative networks: theory, Monte Carlo, and how they agree.

    MODEL is hopfield, dense with --p P, multitasking with --dilution D, supervised or
    unsupervised with --p P --quality R --examples M, or exponential with --sharpness L. --load and
    --temperature take one value, a comma list or start:stop:count. The load is the number of
    patterns K over N^(P-1), K/N for hopfield and multitasking, log(K)/N for exponential.
    """


@cli.command()
@with_model
@click.option("--load", type=values, required=True)
@with_exponent
@click.option("--temperature", type=values, required=True)
@click.option(
    "--phase", default="retrieval", show_default=True, help="retrieval, glass or paramagnet."
)
@click.option("--ansatz", default="rs", show_default=True)
@with_output
def solve(
    model: Model, load: Any, exponent: float | None, temperature: Any, phase: str, ansatz: str,
    output: Path | None, plot: Path | None,
) -> None:  # fmt: skip
    """Solve the saddle-point equations at every load and temperature."""
    import theory
    from studies.figures.solutions import plot_solution

    check_files(output, plot)
    ds = theory.solve(model, load, temperature, ansatz=ansatz, phase=phase, exponent=exponent)
    names = (
        "overlap", "effective_overlap", "self_overlap", "self_overlap_0", "self_overlap_1",
        "breakpoint", "free_energy", "energy", "entropy", "replicon", "status",
    )  # fmt: skip
    print_grid(ds, tuple(name for name in names if name in ds))
    save_dataset(ds, output)
    save_figure(lambda: one_axes(lambda ax: plot_solution(ds, ax=ax)), plot)


@cli.command()
@with_model
@click.option("--temperature", type=values, default="0", show_default=True)
@click.option("--ansatz", default="rs", show_default=True)
@click.option("--criterion", default="retrieval", show_default=True,
              help="Of exponential also equilibrium, flips or all patterns.")  # fmt: skip
@with_output
def capacity(
    model: Model, temperature: Any, ansatz: str, criterion: str, output: Path | None,
    plot: Path | None,
) -> None:  # fmt: skip
    """Find the largest load with retrieval."""
    import theory
    from studies.figures.solutions import plot_capacity

    check_files(output, plot)
    ds = theory.capacity(model, temperature, ansatz=ansatz, criterion=criterion)
    rows = ds if ds.temperature.ndim else ds.expand_dims("temperature")
    digits = [
        [float(one.temperature), f"{one['load'].item():.10f}", f"{float(one.overlap):.10f}",
         str(one.status.item())]
        for one in (rows.isel(temperature=k) for k in range(rows.temperature.size))
    ]  # fmt: skip
    print_table(["T", "load", "overlap", "status"], digits)
    save_dataset(ds, output)
    save_figure(lambda: one_axes(lambda ax: plot_capacity(ds, ax=ax)), plot)


@cli.command()
@with_model
@click.option("--ansatz", default="rs", show_default=True)
@click.option("--points", type=int, help="Points on each line.  [default: 200; planes 40]")
@click.option("--at-temperature", type=float, help="Plane of the data set and the load, at T.")
@click.option("--at-load", type=float, help="Plane of the data set and the temperature, at α.")
@click.option("--max-entropy", type=float, help="Largest entropy in it.  [default: 2]")
@with_output
def diagram(
    model: Model, ansatz: str, points: int | None, at_temperature: float | None,
    at_load: float | None, max_entropy: float | None, output: Path | None, plot: Path | None,
) -> None:  # fmt: skip
    """Compute the lines of the phase diagram.

    For supervised and unsupervised also in the plane of the entropy of the data set and of load
    or temperature, in which the quality varies and --quality does not matter.
    """
    import theory
    from studies.figures.overview import plot_phase_diagram

    check_files(output, plot)
    if at_temperature is not None and at_load is not None:
        raise InputError("give either --at-temperature or --at-load")
    ds = theory.phase_diagram(
        model, ansatz=ansatz, points=points, temperature=at_temperature, load=at_load,
        max_entropy=max_entropy,
    )  # fmt: skip
    print_lines(ds)
    save_dataset(ds, output)
    save_figure(lambda: one_axes(lambda ax: plot_phase_diagram(ds, ax=ax)), plot)


@cli.command()
@with_model
@click.option("--load", type=values, help="By default a set of points in all phases.")
@click.option("--temperature", type=values)
@click.option("--size", type=Values(whole=True), help="By default 2000,4000; for p > 2 smaller.")
@click.option("--disorder", type=int, default=16, show_default=True, help="Pattern sets a point.")
@with_sampling(32, 100, 100)
@click.option("--backend", default="auto", show_default=True, help="cpu, gpu or auto.")
@with_output
def compare(
    model: Model, load: Any, temperature: Any, start: str, output: Path | None,
    plot: Path | None, **options: Any,
) -> None:  # fmt: skip
    """Put simulation on top of theory and count the standard errors between them."""
    import theory
    from studies import compare as on_grid
    from studies import compare_points
    from studies.figures.overview import plot_overview
    from studies.plan import default_points

    check_files(output, plot)
    if (load is None) != (temperature is None):
        raise InputError("give both --load and --temperature, or neither")
    journal = None if output is None else output.with_name(output.name + ".partial")
    run = compare_points if load is None else on_grid
    where = default_points(model) if load is None else (load, temperature)
    try:
        ds = run(model, *where, start=start_of(start), progress=True, journal=journal, **options)
        lines = theory.phase_diagram(model)
        print_comparison(ds)
        save_groups({"/comparison": ds, "/diagram": lines}, output)
    except KeyboardInterrupt:
        if journal is None or not journal.exists():
            stop(
                "Nothing was kept; with -o FILE.nc what is finished is, from the first network on."
            )
        stop(f"What was finished is kept in {journal}; the same command goes on from there.")
    if journal is not None:
        journal.unlink(missing_ok=True)
    save_figure(lambda: plot_overview(lines, ds), plot)


@cli.command()
def info() -> None:
    """Say what this machine and this installation are."""
    from studies.information import describe_machine

    print_table(["what", "value"], [list(row) for row in describe_machine().items()])


@cli.command()
def cite() -> None:
    """Say how to cite this software and the theory it computes."""
    from studies.information import citation

    click.echo(citation())


cli.add_command(benchmark)
cli.add_command(sample)
cli.add_command(threshold)
cli.add_command(study)
cli.add_command(states)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line: exit 0 done, 2 bad input, 130 stopped by Ctrl-C."""
    given = sys.argv[1:] if arguments is None else arguments
    try:
        cli.main(given or ["--help"], prog_name="hopfield", standalone_mode=False)
    except click.ClickException as error:
        click.echo(f"hopfield: {error.format_message()}", err=True)
        sys.exit(2)
    except InputError as error:
        click.echo(f"hopfield: {error}", err=True)
        sys.exit(2)
    except MemoryError as error:
        click.echo(f"hopfield: not enough memory: {error}", err=True)
        sys.exit(2)
    except (KeyboardInterrupt, click.Abort):
        stop("Nothing was kept; the same command starts again from the beginning.")
