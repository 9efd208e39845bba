"""Images as patterns: binarised pixels, examples of classes and their archetypes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hopfield.arguments import InputError, choice, integer, positive, real
from hopfield.seeds import Seed, Stream, sequence

__all__ = ["Images", "binarise", "class_archetypes", "class_examples"]

Threshold = Literal["median"] | float | NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Images:
    """Grey images of one size, with the class of each.

    Parameters
    ----------
    pixels : array, shape (n, height, width)
        From 0, the background, to `full_scale`.
    labels : integer array, shape (n,)
        Class of each image.
    name : str
        Name of the data set.
    source : str
        Where it comes from.
    full_scale : float
        Largest value that a pixel can take, > 0.

    Raises
    ------
    InputError
        If the shapes do not fit, there is no image or a pixel lies outside the scale.

    Examples
    --------
    >>> images = Images(np.zeros((3, 2, 4)), [7, 1, 7], "blank", "made here", full_scale=1)
    >>> len(images), images.shape, images.size, images.classes.tolist()
    (3, (2, 4), 8, [1, 7])
    """

    pixels: NDArray[np.uint8] | NDArray[np.float64]
    labels: NDArray[np.int64]
    name: str
    source: str
    full_scale: float = 255

    def __post_init__(self) -> None:
        positive("full_scale", self.full_scale)
        pixels, labels = np.asarray(self.pixels), np.asarray(self.labels)
        if pixels.ndim != 3 or pixels.size == 0:
            raise InputError(f"pixels must have shape (n, height, width), got {pixels.shape}")
        if pixels.dtype.kind not in "uif" or not (
            pixels.min() >= 0 and pixels.max() <= self.full_scale
        ):
            raise InputError(f"pixels must be numbers in [0, {self.full_scale:g}]")
        if labels.shape != (len(pixels),) or labels.dtype.kind not in "ui":
            raise InputError(
                f"labels must be {len(pixels)} integers, one for each image, "
                f"got {labels.dtype} of shape {labels.shape}"
            )
        object.__setattr__(self, "pixels", pixels)
        object.__setattr__(self, "labels", labels.astype(np.int64))

    def __len__(self) -> int:
        """Return the number n of images."""
        return len(self.pixels)

    @property
    def shape(self) -> tuple[int, int]:
        """Height and width, in pixels; a pattern of N entries is drawn in this shape."""
        height, width = self.pixels.shape[1:]
        return height, width

    @property
    def size(self) -> int:
        """Number N of pixels of an image."""
        return self.shape[0] * self.shape[1]

    @property
    def classes(self) -> NDArray[np.int64]:
        """Labels that occur, ascending."""
        return np.unique(self.labels)


def _cut(images: Images, threshold: Threshold) -> NDArray[np.float64]:
    """Threshold of each pixel, of a shape that broadcasts to that of an image."""
    if isinstance(threshold, str):
        choice("threshold", threshold, ["median"])
        return np.asarray(np.median(images.pixels, axis=0))
    if np.ndim(threshold) == 0:
        return np.asarray(real("threshold", threshold, high=images.full_scale))
    cut = np.asarray(threshold)
    if cut.shape != images.shape or cut.dtype.kind not in "uif" or not np.isfinite(cut).all():
        raise InputError(
            f"threshold must be 'median', a number in [0, {images.full_scale:g}] or numbers of "
            f"shape {images.shape}, got shape {cut.shape}"
        )
    return cut.astype(np.float64)


def _signs(
    pixels: NDArray[np.uint8] | NDArray[np.float64], cut: NDArray[np.float64]
) -> NDArray[np.int8]:
    above = (pixels > cut).reshape(len(pixels), -1)
    return 2 * above.astype(np.int8) - np.int8(1)


def binarise(images: Images, threshold: Threshold = "median") -> NDArray[np.int8]:
    r"""Images as patterns, :math:`\xi_i = +1` where a pixel is above the threshold, else -1.

    Parameters
    ----------
    images : Images
    threshold : "median", float or array of shape (height, width)
        In units of the pixels. "median" is that of each pixel over all images; no more than half
        of the images are above it, those at it are -1, and so is a pixel that never changes.
        `numpy.median(images.pixels, axis=0)` of some images, given as an array, is their median
        for others.

    Returns
    -------
    int8 array, shape (n, N)
        Pixels row by row; `pattern.reshape(images.shape)` is the picture.

    Raises
    ------
    InputError
        If the threshold is none of these, or a number outside the scale of the images.

    Examples
    --------
    >>> images = Images([[[0, 0]], [[0, 1]], [[0, 3]]], [0, 1, 2], "three", "made here")
    >>> binarise(images).tolist()
    [[-1, -1], [-1, -1], [-1, 1]]
    >>> binarise(images, 0).tolist()
    [[-1, -1], [-1, 1], [-1, 1]]
    """
    return _signs(images.pixels, _cut(images, threshold))


def _members(images: Images, classes: Sequence[int]) -> dict[int, NDArray[np.intp]]:
    """Indices of the images of each class."""
    known = images.classes.tolist()
    given = np.asarray(classes)
    if (
        given.ndim != 1
        or given.size == 0
        or given.dtype.kind not in "ui"
        or np.unique(given).size < given.size
        or not set(given.tolist()) <= set(known)
    ):
        raise InputError(
            f"classes must be different labels of {images.name}, which has {known}, got {classes!r}"
        )
    return {label: np.flatnonzero(images.labels == label) for label in given.tolist()}


def class_examples(
    images: Images,
    classes: Sequence[int],
    examples: int,
    *,
    threshold: Threshold = "median",
    seed: Seed = None,
) -> NDArray[np.int8]:
    """Binarised images of some classes, drawn at random without replacement.

    Parameters
    ----------
    images : Images
    classes : sequence of int
        The K labels.
    examples : int
        Number M of images of each class.
    threshold : "median", float or array
        As of `binarise`; the median is that of all images, also those not drawn.
    seed : int, numpy.random.SeedSequence or None
        The same seed gives the same first images of a class, whatever their number and the other
        classes.

    Returns
    -------
    int8 array, shape (K, M, N)

    Raises
    ------
    InputError
        If a class does not occur, is named twice or has fewer than M images.

    Examples
    --------
    >>> import hopfield
    >>> class_examples(hopfield.datasets.digits(), [3, 8], 50, seed=1).shape
    (2, 50, 64)
    """
    members = _members(images, classes)
    integer("examples", examples, low=1)
    for label, indices in members.items():
        if indices.size < examples:
            raise InputError(
                f"examples must be <= {indices.size}, the number of images of class {label} of "
                f"{images.name}, got {examples}"
            )
    cut, root = _cut(images, threshold), sequence(seed)
    drawn = []
    for label, indices in members.items():
        key = label % 2**32  # a label may be negative, a key may not
        rng = np.random.Generator(np.random.Philox(sequence(root, Stream.EXAMPLES, key)))
        drawn.append(_signs(images.pixels[rng.permutation(indices)[:examples]], cut))
    return np.stack(drawn)


def class_archetypes(
    images: Images, classes: Sequence[int], *, threshold: Threshold = "median"
) -> NDArray[np.int8]:
    r"""Archetypes of classes, the majority of all binarised images of a class at each pixel.

    :math:`\xi_i = \operatorname{sign} \sum_a \eta^a_i`, ties +1.

    Parameters
    ----------
    images : Images
    classes : sequence of int
        The K labels.
    threshold : "median", float or array
        As of `binarise`.

    Returns
    -------
    int8 array, shape (K, N)

    Raises
    ------
    InputError
        If a class does not occur or is named twice.

    Examples
    --------
    >>> import hopfield
    >>> images = hopfield.datasets.digits()
    >>> zero = class_archetypes(images, [0])[0].reshape(images.shape)
    >>> print("\n".join("".join("_#"[int(pixel > 0)] for pixel in row) for row in zero))
    ________
    __####__
    _##__##_
    _##__##_
    _##___#_
    _##__##_
    __#_##__
    ___#____
    """
    cut = _cut(images, threshold)
    sums = [
        _signs(images.pixels[indices], cut).sum(axis=0, dtype=np.int64)
        for indices in _members(images, classes).values()
    ]
    return np.where(np.stack(sums) >= 0, 1, -1).astype(np.int8)
