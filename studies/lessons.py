"""Draws of examples from classes of images, and the networks that learn from them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hopfield import (
    Images,
    Network,
    class_archetypes,
    class_examples,
    example_quality,
    fair_patterns,
    noisy_examples,
)
from hopfield.arguments import integer
from hopfield.images import Threshold
from hopfield.learning import LEARNERS
from hopfield.seeds import Seed, sequence

__all__ = [
    "STARTS",
    "Lesson",
    "draw_lesson",
    "fair_images",
    "own_overlaps",
    "retrieved",
]

Spins = NDArray[np.int8]
Floats = NDArray[np.float64]


STARTS = ("archetype", "image")
"""Where spins start: the archetype of a class, or an image of it that was no example."""


@dataclass(frozen=True, eq=False)
class Lesson:
    """Examples of classes in one draw, their archetypes, and images that are no examples.

    Parameters
    ----------
    archetypes : int8 array, shape (K, N)
    examples : int8 array, shape (K, M, N)
        With flipped pixels.
    images : int8 array, shape (K, tests, N)
        As they are.
    seed : numpy.random.SeedSequence
        Of this draw.
    """

    archetypes: Spins
    examples: Spins
    images: Spins
    seed: np.random.SeedSequence

    @property
    def quality(self) -> float:
        """Mean overlap of the examples with their archetypes."""
        return float(example_quality(self.examples, self.archetypes).quality.mean())

    @property
    def starts(self) -> Spins:
        """Archetype and images of every class, shape (K, 1 + tests, N)."""
        return np.concatenate([self.archetypes[:, None], self.images], axis=1)

    def taught(self, teacher: str, p: int, examples: int) -> Network:
        """Network that has seen the first examples, in the units of the quality of all."""
        model = LEARNERS[teacher](p, min(1.0, self.quality), examples)
        return model.learn(self.examples[:, :examples], self.archetypes)

    def last_states(self, network: Network, temperature: float, sweeps: int) -> Spins:
        """Last two states of runs from the starts, shape (K, 1 + tests, 2, N)."""
        import montecarlo

        starts = self.starts
        flat = starts.reshape(-1, network.size)
        states = montecarlo.trajectory(
            network, temperature, sweeps=sweeps, replicas=len(flat), start=flat, seed=self.seed
        )
        return np.asarray(states.spins.values[:, -2:].reshape(*starts.shape[:2], 2, network.size))


def draw_lesson(
    images: Images,
    classes: Sequence[int],
    examples: int,
    tests: int = 5,
    *,
    flip_probability: float = 0.0,
    threshold: Threshold = "median",
    seed: Seed = 0,
) -> Lesson:
    """Draw examples of classes, and other images of them.

    Parameters
    ----------
    images : Images
    classes : sequence of int
        Labels.
    examples, tests : int
        Numbers of examples and of other images of each class.
    flip_probability : float
        Of a pixel of an example, in [0, 1/2).
    threshold : "median", float or array
        As of `hopfield.binarise`.
    seed : int, numpy.random.SeedSequence or None
        The same images with all probabilities of a flip.

    Returns
    -------
    Lesson

    Raises
    ------
    InputError
        If an argument is out of range, or a class has fewer images.

    Examples
    --------
    >>> import hopfield
    >>> one = draw_lesson(hopfield.datasets.digits(), [3, 8], 20, 2, flip_probability=0.1, seed=1)
    >>> one.examples.shape, one.starts.shape
    ((2, 20, 64), (2, 3, 64))
    """
    used = sequence(seed)
    drawn = class_examples(images, classes, examples + tests, threshold=threshold, seed=used)
    clean, others = drawn[:, :examples], drawn[:, examples:]
    # Every image is an archetype of which there is one noisy example.
    flat = clean.reshape(-1, clean.shape[-1])
    noisy = noisy_examples(flat, 1.0 - 2.0 * flip_probability, 1, used).reshape(clean.shape)
    return Lesson(class_archetypes(images, classes, threshold=threshold), noisy, others, used)


def fair_images(
    classes: int, per_class: int, shape: tuple[int, int], quality: float, seed: Seed = 0
) -> Images:
    """Images without structure: noisy examples of archetypes of independent fair signs.

    To be cut at a threshold between 0 and 1, to set a network that learns from data beside one that
    learns as in theory.

    Parameters
    ----------
    classes, per_class : int
        Numbers of classes, and of images of each.
    shape : tuple of int
        Height and width.
    quality : float
        Mean overlap of an image with its archetype, in (0, 1].
    seed : int, numpy.random.SeedSequence or None

    Returns
    -------
    Images
        Pixels 0 and 1.

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> images = fair_images(2, 50, (4, 4), 0.6)
    >>> len(images), images.shape, images.classes.tolist()
    (100, (4, 4), [0, 1])
    """
    height, width = (integer("shape", side, low=1) for side in shape)
    archetypes = fair_patterns(classes, height * width, seed)
    drawn = noisy_examples(archetypes, quality, per_class, seed).reshape(-1, height, width)
    labels = np.repeat(np.arange(classes), per_class)
    return Images((drawn > 0).astype(np.uint8), labels, "fair", "independent fair signs", 1)


def own_overlaps(overlaps: Floats) -> Floats:
    """Overlaps of states with the archetype of their class.

    Parameters
    ----------
    overlaps : array, shape (K, starts, K)
        Of the states of each class with all archetypes.

    Returns
    -------
    array, shape (K, starts)

    Examples
    --------
    >>> own_overlaps(np.array([[[0.9, 0.95]], [[0.2, 0.95]]])).ravel().tolist()
    [0.9, 0.95]
    """
    own = np.arange(len(overlaps))
    return np.asarray(overlaps[own, :, own])


def retrieved(overlaps: Floats, least: float) -> Floats:
    """Whether the overlap with the own class is large, and larger than all others.

    Parameters
    ----------
    overlaps : array, shape (K, starts, K)
        Of the states of each class with all archetypes.
    least : float

    Returns
    -------
    array of 0 and 1, shape (K, starts)

    Examples
    --------
    >>> retrieved(np.array([[[0.9, 0.95]], [[0.2, 0.95]]]), 0.8).ravel().tolist()
    [0.0, 1.0]
    """
    own = own_overlaps(overlaps)
    others = overlaps.copy()
    classes = np.arange(len(overlaps))
    others[classes, :, classes] = -1.0
    return np.asarray((own >= least) & (own > others.max(axis=2)), dtype=np.float64)
