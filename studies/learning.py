"""Learning from structured data: what networks retrieve of classes of images they have seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hopfield import Images, InputError, Supervised, datasets, pattern_statistics
from hopfield.arguments import integer, real
from hopfield.images import Threshold
from hopfield.learning import LEARNERS
from hopfield.results import dataset, provenance
from hopfield.seeds import Seed, Stream, record, sequence
from studies.lessons import STARTS, Lesson, draw_lesson, own_overlaps, retrieved
from studies.losses import LEAST_PATTERN_SETS, ascending, estimate, with_bar

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["learning_curve", "reconstructions"]

Floats = NDArray[np.float64]
Variables = dict[str, tuple[tuple[str, ...], Any]]


@dataclass(frozen=True)
class Grid:
    """Networks that learn in one lesson, and how their runs are judged."""

    orders: list[int]
    examples: list[int]
    temperature: float
    sweeps: int
    retrieved_above: float

    @property
    def shape(self) -> tuple[int, int, int]:
        """Numbers of p, teachers and M."""
        return len(self.orders), len(LEARNERS), len(self.examples)


def learning_curve(
    images: Images | None = None,
    *,
    p: Sequence[int] = (2, 3, 4),
    examples: Sequence[int] = (1, 3, 5, 11, 21, 51, 101),
    flips: Sequence[float] = (0.0, 0.1, 0.2),
    classes: Sequence[int] | None = None,
    threshold: Threshold = "median",
    temperature: float = 0.0,
    sweeps: int = 20,
    tests: int = 5,
    retrieved_above: float = 0.9,
    disorder: int = 16,
    seed: Seed = 0,
    progress: bool = False,
) -> xr.Dataset:
    r"""How much of the classes of images a network retrieves, by the number of examples.

    The archetype of a class is the majority of all its images at each pixel. The network sees M
    images of each class, whose pixels are flipped with probability f; spins then follow it from the
    archetype, which tells whether it is stable, and from other images of the class, which tells
    whether it attracts them.

    Parameters
    ----------
    images : Images, optional
        By default `hopfield.datasets.digits`.
    p : sequence of int
        Numbers of spins in an interaction, ascending.
    examples : sequence of int
        Numbers M of examples of a class, ascending; even numbers may tie.
    flips : sequence of float
        Probabilities f, in [0, 1/2).
    classes : sequence of int, optional
        Labels; by default all.
    threshold : "median", float or array
        As of `hopfield.binarise`.
    temperature : float
        T, in units of J for unit variance of the effective patterns of this quality.
    sweeps : int
        From the start to the state that is measured, at least 1.
    tests : int
        Images of a class to start from, at least 1.
    retrieved_above : float
        Least overlap of a class that is retrieved, in [0, 1]; it has to be larger than all others.
    disorder : int
        Draws of the examples, at least 2. They are drawn from the same images, so that errors are
        of the mean over draws from these, and too small for others where M is a large part of them.
    seed : int, numpy.random.SeedSequence or None
        The same draws for every p, teacher and f; those for a small M are part of those for a
        large.
    progress : bool
        Show a bar if the study takes over two seconds and the output is a terminal.

    Returns
    -------
    xarray.Dataset
        `overlap` of the end with the archetype of the class, mean over classes, and `retrieved`,
        the part of classes and images that are, each with `_stderr` over the draws; dims
        flip_probability, p, teacher, examples and start. `overlap_sample` is that of each draw and
        class. `majority_overlap` is that of the majority of the examples, ties +1, `overlap_start`
        of the starts, `flip_rate` of the last sweep, `quality` of the examples; statistics of the
        archetypes as of `hopfield.pattern_statistics`.

    Raises
    ------
    InputError
        If an argument is out of range, or a class has fewer images than examples and tests.

    Examples
    --------
    >>> result = learning_curve(p=[4], examples=[1, 51], flips=[0.0], classes=[0, 1], disorder=2)
    >>> bool((result.overlap.sel(examples=51) > result.overlap.sel(examples=1)).all())
    True
    """
    used = sequence(seed)
    given = datasets.digits() if images is None else images
    labels = given.classes.tolist() if classes is None else list(classes)
    orders, numbers = ascending("p", p), ascending("examples", examples)
    integer("disorder", disorder, low=LEAST_PATTERN_SETS)
    integer("tests", tests, low=1)
    least = real("retrieved_above", retrieved_above, high=1.0)
    grid, probabilities = Grid(orders, numbers, temperature, sweeps, least), _probabilities(flips)
    cells = [(f, sample) for f in probabilities for sample in range(disorder)]
    found = []
    for f, sample in with_bar(cells, progress):
        lesson = draw_lesson(
            given, labels, numbers[-1], tests, flip_probability=f, threshold=threshold,
            seed=sequence(used, Stream.DISORDER, sample),
        )  # fmt: skip
        found.append(_measured(lesson, grid))
    samples = {
        name: np.stack([one[name] for one in found]).reshape(
            len(probabilities), disorder, *np.shape(found[0][name])
        )
        for name in found[0]
    }
    attrs = provenance(
        Supervised(orders[0], min(1.0, lesson.quality), numbers[-1]), seed=record(used),
        images=given.name, source=given.source, tests=tests, sweeps=sweeps,
        threshold=threshold, retrieved_above=retrieved_above, disorder=disorder,
    )  # fmt: skip
    coords = {
        "flip_probability": probabilities, "p": orders, "teacher": list(LEARNERS),
        "examples": numbers, "start": list(STARTS), "pattern": labels, "other_pattern": labels,
        "disorder": np.arange(disorder), "size": given.size, "temperature": float(temperature),
    }  # fmt: skip
    return dataset(_variables(samples) | _statistics(lesson), coords, attrs)


def reconstructions(
    images: Images | None = None,
    *,
    p: Sequence[int] = (2, 3, 4),
    examples: int = 101,
    flip_probability: float = 0.0,
    classes: Sequence[int] | None = None,
    threshold: Threshold = "median",
    temperature: float = 0.0,
    sweeps: int = 20,
    seed: Seed = 0,
) -> xr.Dataset:
    """What networks make of one image of each class that was no example.

    Parameters
    ----------
    images, p, classes, threshold, temperature, sweeps
        As of `learning_curve`.
    examples : int
        Number M of examples of a class.
    flip_probability : float
        Of a pixel of an example, in [0, 1/2).
    seed : int, numpy.random.SeedSequence or None

    Returns
    -------
    xarray.Dataset
        Final `spins` with dims p, teacher, pattern and site, `spins_start`, `spins_archetype`, and
        `overlap` and `overlap_start` with the archetype of the class. The attributes height and
        width are those of the pictures.

    Raises
    ------
    InputError
        If an argument is out of range, or a class has too few images.

    Examples
    --------
    >>> result = reconstructions(p=[4], examples=50, classes=[0, 1])
    >>> result.spins.dims, bool((result.overlap > result.overlap_start).all())
    (('p', 'teacher', 'pattern', 'site'), True)
    """
    used = sequence(seed)
    given = datasets.digits() if images is None else images
    labels = given.classes.tolist() if classes is None else list(classes)
    orders = ascending("p", p)
    lesson = draw_lesson(
        given, labels, integer("examples", examples, low=1), 1,
        flip_probability=_probabilities([flip_probability])[0], threshold=threshold, seed=used,
    )  # fmt: skip
    networks = [[lesson.taught(name, order, examples) for name in LEARNERS] for order in orders]
    ends = np.array(
        [[lesson.last_states(net, temperature, sweeps)[:, 1, 1] for net in row] for row in networks]
    )
    xi, dims = lesson.archetypes.astype(np.float64), ("p", "teacher", "pattern")
    variables: Variables = {
        "spins": ((*dims, "site"), ends),
        "spins_start": (("pattern", "site"), lesson.images[:, 0]),
        "spins_archetype": (("pattern", "site"), lesson.archetypes),
        "overlap": (dims, (ends * xi).mean(axis=-1)),
        "overlap_start": (("pattern",), (lesson.images[:, 0] * xi).mean(axis=-1)),
    }
    attrs = provenance(
        networks[0][0].model, seed=record(used), images=given.name, source=given.source,
        examples=examples, flip_probability=flip_probability, sweeps=sweeps, threshold=threshold,
    )  # fmt: skip
    coords = {
        "p": orders, "teacher": list(LEARNERS), "pattern": labels, "site": np.arange(given.size),
        "size": given.size, "temperature": float(temperature), "examples": examples,
        "flip_probability": flip_probability,
    }  # fmt: skip
    height, width = given.shape
    return dataset(variables, coords, attrs | {"height": str(height), "width": str(width)})


def _probabilities(flips: Sequence[float]) -> list[float]:
    values = [real("flips", f, high=0.5) for f in flips]
    if not values or sorted(set(values)) != values or values[-1] == 0.5:
        raise InputError(f"flips must be ascending numbers in [0, 1/2), got {list(flips)}")
    return values


def _measured(lesson: Lesson, grid: Grid) -> dict[str, Any]:
    """What networks with all p, teachers and numbers of examples do in one lesson."""
    shape = (*grid.shape, len(STARTS), len(lesson.archetypes))
    found = {name: np.empty(shape) for name in ("overlap", "retrieved", "flip_rate")}
    for cell in np.ndindex(grid.shape):
        p, teacher, m = grid.orders[cell[0]], list(LEARNERS)[cell[1]], grid.examples[cell[2]]
        network = lesson.taught(teacher, p, m)
        ends = lesson.last_states(network, grid.temperature, grid.sweeps)
        overlaps = network.archetype_overlaps(ends[:, :, 1])
        measured = {
            "overlap": own_overlaps(overlaps),
            "retrieved": retrieved(overlaps, grid.retrieved_above),
            "flip_rate": (ends[:, :, 0] != ends[:, :, 1]).mean(axis=-1),
        }
        for name, values in measured.items():
            found[name][cell] = values[:, 0], values[:, 1:].mean(axis=1)
    majority = [np.where(lesson.examples[:, :m].sum(axis=1) < 0, -1, 1) for m in grid.examples]
    overlaps = network.archetype_overlaps(np.stack(majority))  # of shape (M, K, archetypes)
    start = own_overlaps(network.archetype_overlaps(lesson.starts))
    return found | {
        "majority_overlap": np.einsum("mkk->m", overlaps) / overlaps.shape[1],
        "overlap_start": np.array([start[:, 0].mean(), start[:, 1:].mean()]),
        "quality": lesson.quality,
    }


def _variables(samples: dict[str, Floats]) -> Variables:
    """Means and errors over the draws, which are along the second axis."""
    outer, inner = ("flip_probability",), ("p", "teacher", "examples", "start")
    variables: Variables = {
        "overlap_sample": ((*outer, "disorder", *inner, "pattern"), samples["overlap"]),
        "flip_rate": ((*outer, *inner), samples["flip_rate"].mean(axis=(1, -1))),
        "quality": (outer, samples["quality"].mean(axis=1)),
    }
    for name in ("overlap", "retrieved"):
        of_draws = np.moveaxis(samples[name].mean(axis=-1), 1, 0)
        variables |= estimate(name, (*outer, *inner), of_draws)
    majority = np.moveaxis(samples["majority_overlap"], 1, 0)
    variables |= estimate("majority_overlap", (*outer, "examples"), majority)
    return variables | estimate("overlap_start", ("start",), samples["overlap_start"][0])


def _statistics(lesson: Lesson) -> Variables:
    """Biases and mutual overlaps of the archetypes."""
    found = pattern_statistics(lesson.archetypes)
    names = (
        "bias", "pattern_overlap", "pattern_overlap_mean", "pattern_overlap_rms",
        "pattern_overlap_rms_fair",
    )  # fmt: skip
    return {name: (tuple(map(str, found[name].dims)), found[name].values) for name in names}
