"""What the command line accepts, turned into what the library takes."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import wraps
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Any

import click

from hopfield import Dense, Exponential, InputError, Multitasking
from hopfield.learning import LEARNERS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from hopfield import Network
    from hopfield.models import Model

__all__ = [
    "MODELS",
    "Values",
    "Verbs",
    "build_model",
    "build_network",
    "check_files",
    "check_output",
    "start_of",
    "values",
    "with_exponent",
    "with_model",
    "with_output",
    "with_sampling",
]

MODELS = {
    "hopfield": ("self_interaction",),
    "dense": ("self_interaction",),
    "multitasking": ("dilution",),
    "supervised": ("quality", "examples", "dilution"),
    "unsupervised": ("quality", "examples", "dilution"),
    "exponential": ("sharpness",),
}
"""What can be chosen of a model, beside p."""


def build_model(
    name: str,
    p: int | None = None,
    self_interaction: bool = False,
    quality: float | None = None,
    examples: int | None = None,
    dilution: float | None = None,
    sharpness: float | None = None,
) -> Model:
    """The model that MODEL and its options name.

    Raises
    ------
    InputError
        If the name is unknown, or an option is missing or does not belong to the model.

    Examples
    --------
    >>> build_model("dense", 3)
    Dense(p=3, self_interaction=False)
    >>> build_model("supervised", 3, quality=0.8, examples=100)
    Supervised(p=3, quality=0.8, examples=100, dilution=0.0)
    """
    if name not in MODELS:
        raise InputError(f"MODEL must be one of {', '.join(MODELS)}, got {name!r}")
    given = {
        "self_interaction": self_interaction or None, "quality": quality, "examples": examples,
        "dilution": dilution, "sharpness": sharpness,
    }  # fmt: skip
    for option, value in given.items():
        owners = [model for model in MODELS if option in MODELS[model]]
        if value is not None and name not in owners:
            words = f"--{option.replace('_', '-')} belongs to {', '.join(owners)}"
            raise InputError(f"{words}, not to {name}")
    if name in LEARNERS:
        if quality is None or examples is None or p is None:
            raise InputError(f"{name} needs --p, --quality in (0, 1] and --examples")
        return LEARNERS[name](p, quality, examples, 0.0 if dilution is None else dilution)
    if name == "dense":
        if p is None:
            raise InputError("dense needs --p, an integer >= 2")
        return Dense(p, self_interaction)
    if name == "exponential":
        if sharpness is None or p is not None:
            raise InputError("exponential needs --sharpness, a number > 0, and no --p")
        return Exponential(sharpness)
    if p not in (None, 2):
        raise InputError(f"--p must be 2 for {name}, got {p}; use dense for other values")
    if name == "hopfield":
        return Dense(2, self_interaction)
    if dilution is None:
        raise InputError("multitasking needs --dilution in [0, 1)")
    return Multitasking(dilution)


def build_network(
    model: Model, size: int, load: float | None, exponent: float | None, patterns: int | None,
    seed: int,
) -> Network:  # fmt: skip
    """A network of the model that the other options describe.

    Raises
    ------
    InputError
        If an option is out of range, or does not belong to the model.

    Examples
    --------
    >>> build_network(Exponential(1.0), 20, None, None, 7, 1).n_patterns
    7
    """
    if not isinstance(model, Exponential):
        return model.network(size, load=load, exponent=exponent, n_patterns=patterns, seed=seed)
    if exponent is not None:
        raise InputError(f"--exponent does not belong to exponential, got {exponent:g}")
    return model.network(size, load=load, n_patterns=patterns, seed=seed)


class Values(click.ParamType):  # type: ignore[type-arg]
    """One number, a comma list, or start:stop:count."""

    name = "values"

    def __init__(self, whole: bool = False) -> None:
        self.whole = whole

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> NDArray[np.float64] | NDArray[np.int64]:
        """Parse; a single number becomes a 0-d array."""
        import numpy as np

        if isinstance(value, np.ndarray):
            return value
        text, kind = str(value), int if self.whole else float
        try:
            if text.count(":") == 2:
                start, stop, count = text.split(":")
                return np.linspace(float(start), float(stop), int(count)).astype(kind)
            numbers = [kind(part) for part in text.split(",")]
        except ValueError:
            noun = "an integer or a comma list" if self.whole else "a number, a comma list"
            self.fail(f"{text!r} is not {noun} or start:stop:count", param, ctx)
        return np.array(numbers[0] if len(numbers) == 1 else numbers)


values = Values()

Command = Callable[..., None]

FIGURES = (".png", ".pdf", ".svg")
"""Kinds of figure files."""


def check_output(path: Path | None, option: str, kinds: tuple[str, ...] = ()) -> None:
    """Refuse an output file that could not be written, before any work.

    Raises
    ------
    InputError
        If the folder does not exist or cannot be written, the path is something else than a file,
        or the name does not end in one of `kinds`.

    Examples
    --------
    >>> check_output(None, "--output")
    """
    if path is None:
        return
    folder = path.parent
    if not folder.is_dir():
        raise InputError(f"{option} must be in a folder that exists, got {path}")
    if path.exists() and not path.is_file():
        raise InputError(f"{option} must be a file, got {path}, which is a folder or a device")
    if kinds and path.suffix.lower() not in kinds:
        raise InputError(f"{option} must end in one of {', '.join(kinds)}, got {path}")
    try:
        TemporaryFile(dir=folder).close()  # even root cannot write everywhere
        writable = not path.exists() or os.access(path, os.W_OK)
    except OSError:
        writable = False
    if not writable:
        raise InputError(f"{option} must be a file that can be written, got {path}")


def _stacked(options: Sequence[Callable[[Command], Command]], command: Command) -> Command:
    for option in reversed(options):
        command = option(command)
    return command


def with_model(command: Command) -> Command:
    """Add MODEL and its parameters; the command gets the model."""

    @wraps(command)
    def built(
        model: str, p: int | None, self_interaction: bool, quality: float | None,
        examples: int | None, dilution: float | None, sharpness: float | None, **others: Any,
    ) -> None:  # fmt: skip
        chosen = (p, self_interaction, quality, examples, dilution, sharpness)
        command(model=build_model(model, *chosen), **others)

    options = [
        click.argument("model"),
        click.option("--p", type=int, help="Spins in an interaction, at least 2 (not hopfield)."),
        click.option("--self-interaction", is_flag=True,
                     help="The full power of the overlap, in place of p different spins."),
        click.option("--quality", type=float, help="Of examples, in (0, 1] (supervised and not)."),
        click.option("--examples", type=int, help="Examples of each pattern (supervised and not)."),
        click.option("--dilution", type=float,
                     help="Probability of blank entries, in [0, 1) (multitasking, and the two)."),
        click.option("--sharpness", type=float, help="λ > 0 of the energy (exponential)."),
    ]  # fmt: skip
    return _stacked(options, built)


def with_exponent(command: Command) -> Command:
    """Add the power of the number of spins in a load."""
    words = "b of the load K/N^b, in (0, p - 1]; by default p - 1, the largest."
    return click.option("--exponent", type=float, help=words)(command)


def with_output(command: Command) -> Command:
    """Add the files to write."""
    options = [
        click.option("-o", "--output", type=click.Path(path_type=Path), help="netCDF file."),
        click.option("--plot", type=click.Path(path_type=Path), help="Figure (png, pdf, svg)."),
    ]
    return _stacked(options, command)


def with_sampling(replicas: int, sweeps: int, burn_in: int) -> Callable[[Command], Command]:
    """Add what a Monte Carlo run needs."""
    options = [
        click.option("--replicas", type=int, default=replicas, show_default=True),
        click.option("--sweeps", type=int, default=sweeps, show_default=True),
        click.option("--burn-in", type=int, default=burn_in, show_default=True),
        click.option("--start", default="pattern", show_default=True,
                     help="pattern, random, hierarchical, parallel, or an overlap in [0, 1]."),
        click.option("--dynamics", default="glauber", show_default=True,
                     help="glauber, metropolis or parallel."),
        click.option("--seed", type=int, default=0, show_default=True),
    ]  # fmt: skip
    return lambda command: _stacked(options, command)


def check_files(output: Path | None, plot: Path | None) -> None:
    """Check the two files of a verb; see `check_output`."""
    check_output(output, "--output")
    check_output(plot, "--plot", FIGURES)
    if output is not None and output == plot:
        raise InputError(f"--output and --plot must be different files, got {plot} for both")


def start_of(text: str) -> str | float:
    """A number if the text is one.

    Examples
    --------
    >>> start_of("pattern"), start_of("0.5")
    ('pattern', 0.5)
    """
    try:
        return float(text)
    except ValueError:
        return text


class Verbs(click.Group):
    """Words that say what to do; an unknown one is refused with a list of those there are."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Refuse to be given nothing."""
        if not args:
            raise InputError(f"{self._known(ctx)}, got none")
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command that the first argument names."""
        if self.get_command(ctx, args[0]) is None:
            raise InputError(f"{self._known(ctx)}, got {args[0]!r}")
        return super().resolve_command(ctx, args)

    def _known(self, ctx: click.Context) -> str:
        what = str(self.subcommand_metavar).split()[0]
        return f"{what} must be one of {', '.join(self.list_commands(ctx))}"
