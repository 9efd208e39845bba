"""Noisy examples of archetypes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import InputError, integer, positive
from hopfield.results import dataset
from hopfield.seeds import Seed, Stream, sequence
from hopfield.storage import unit_entries

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "example_quality",
    "example_sums",
    "measured_quality",
    "noisy_examples",
    "sum_type",
]

ENTRIES_AT_A_TIME = 2**22
"""Entries of examples that are drawn together."""


def sum_type(examples: int) -> type[np.signedinteger]:
    """Smallest type of integers, of 16 bits or more, that holds a sum of so many examples.

    Examples
    --------
    >>> sum_type(100), sum_type(100_000)
    (<class 'numpy.int16'>, <class 'numpy.int32'>)
    """
    return np.int16 if examples < 2**15 else np.int32


def _checked_archetypes(archetypes: ArrayLike) -> NDArray[np.int8]:
    given = np.asarray(archetypes)
    if given.ndim != 2 or given.shape[0] < 1:
        raise InputError(f"archetypes must have shape (K >= 1, N), got {given.shape}")
    return unit_entries(given, "archetypes")


def _drawn(
    archetype: NDArray[np.int8], number: int, quality: float, examples: int, seed: Seed
) -> Iterator[NDArray[np.int8]]:
    """Examples of one archetype, some rows at a time, from a stream of their own."""
    rng = np.random.Generator(np.random.Philox(sequence(seed, Stream.EXAMPLES, number)))
    limit = round((1.0 - quality) / 2.0 * 2.0**32)
    rows = max(1, ENTRIES_AT_A_TIME // archetype.size)
    for first in range(0, examples, rows):
        shape = (min(rows, examples - first), archetype.size)
        flipped = rng.integers(2**32, size=shape, dtype=np.uint32) < limit
        yield np.where(flipped, -archetype, archetype)


def noisy_examples(
    archetypes: ArrayLike, quality: float, examples: int, seed: Seed = None
) -> NDArray[np.int8]:
    r"""Examples :math:`\eta^{\mu a}_i = \xi^\mu_i \chi`, :math:`P(\chi = 1) = \frac{1+r}2`.

    Parameters
    ----------
    archetypes : array of +-1 or 0, shape (K, N)
        ξ; where it is 0 its examples are as well.
    quality : float
        r, in (0, 1]: the mean overlap of an example with its archetype.
    examples : int
        Number M of examples of each archetype, at least 1.
    seed : int, numpy.random.SeedSequence or None
        The same seed gives the same first examples of the same first archetypes, whatever their
        numbers.

    Returns
    -------
    int8 array, shape (K, M, N)

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> import hopfield
    >>> archetypes = hopfield.fair_patterns(2, 1000, seed=1)
    >>> examples = noisy_examples(archetypes, 0.5, 3, seed=1)
    >>> (examples * archetypes[:, None, :]).mean(axis=-1).round(1)[0]
    array([0.5, 0.5, 0.5])
    """
    rows, r = _checked_archetypes(archetypes), positive("quality", quality, high=1.0)
    count, root = integer("examples", examples, low=1), sequence(seed)
    result = np.empty((len(rows), count, rows.shape[1]), dtype=np.int8)
    for mu, archetype in enumerate(rows):
        first = 0
        for part in _drawn(archetype, mu, r, count, root):
            result[mu, first : first + len(part)] = part
            first += len(part)
    return result


def example_sums(
    archetypes: ArrayLike, quality: float, examples: int, seed: Seed = None
) -> NDArray[np.signedinteger]:
    r"""Sums :math:`S^\mu_i = \sum_a \eta^{\mu a}_i` of the examples of `noisy_examples`.

    Parameters
    ----------
    archetypes, quality, examples, seed
        As of `noisy_examples`; the examples are the same, but are not kept.

    Returns
    -------
    integer array, shape (K, N)
        Of the type `sum_type`.

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> import hopfield
    >>> archetypes = hopfield.fair_patterns(2, 8, seed=1)
    >>> sums = example_sums(archetypes, 0.5, 3, seed=1)
    >>> bool((sums == noisy_examples(archetypes, 0.5, 3, seed=1).sum(axis=1)).all())
    True
    """
    rows, r = _checked_archetypes(archetypes), positive("quality", quality, high=1.0)
    count, root = integer("examples", examples, low=1), sequence(seed)
    result = np.zeros(rows.shape, dtype=sum_type(count))
    for mu, archetype in enumerate(rows):
        for part in _drawn(archetype, mu, r, count, root):
            result[mu] += part.sum(axis=0, dtype=result.dtype)
    return result


def measured_quality(examples: ArrayLike) -> float:
    r"""Quality of examples whose archetypes nobody has seen, from their agreement.

    The mean of the products of two examples of one archetype is r², so that
    :math:`\hat r^2 = \frac{\overline{S^2} - M}{M(M-1)}`, over the entries that are not blank.

    Parameters
    ----------
    examples : array of +-1, shape (K, M >= 2, N)
        0 where all examples of an archetype are blank.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If there is one example of each archetype only, or they agree no more than by chance.

    Examples
    --------
    >>> import hopfield
    >>> examples = noisy_examples(hopfield.fair_patterns(5, 2000, seed=1), 0.5, 20, seed=1)
    >>> round(measured_quality(examples), 2)
    0.5
    """
    given = np.asarray(examples)
    if given.ndim != 3 or given.shape[1] < 2:
        raise InputError(f"examples must have shape (K, M >= 2, N), got {given.shape}")
    m = given.shape[1]
    seen = given.any(axis=1)
    square = float((given.sum(axis=1, dtype=np.int64)[seen] ** 2).mean())
    agreement = (square - m) / (m * (m - 1))
    if agreement <= 0.0:
        raise InputError(f"examples must agree more than by chance, got a product of {agreement:g}")
    return float(np.sqrt(agreement))


def example_quality(examples: ArrayLike, archetypes: ArrayLike) -> xr.Dataset:
    r"""Quality of examples whose archetypes are known, the mean of their overlaps.

    :math:`r_\mu = \frac1M \sum_a \frac1{N_\mu} \sum_i \xi^\mu_i \eta^{\mu a}_i` with the number
    :math:`N_\mu` of entries of the archetype that are not blank. An archetype that is
    the majority of n images, the examples among them, agrees with these by chance as well: n
    patterns of independent fair signs have r of about :math:`\sqrt{2/(\pi n)}`.

    Parameters
    ----------
    examples : array of +-1 or 0, shape (K, M, N)
    archetypes : array of +-1 or 0, shape (K, N)

    Returns
    -------
    xarray.Dataset
        `quality` of each pattern with its standard error over the examples, NaN if M = 1.

    Raises
    ------
    InputError
        If the shapes do not fit or an entry is not +-1 where the archetype is.

    Examples
    --------
    >>> import hopfield
    >>> images = hopfield.datasets.digits()
    >>> examples = hopfield.class_examples(images, [0, 1], 100, seed=1)
    >>> result = example_quality(examples, hopfield.class_archetypes(images, [0, 1]))
    >>> result.quality.round(1).values
    array([0.7, 0.6])
    """
    xi, eta = _checked_archetypes(archetypes), np.asarray(examples)
    if eta.ndim != 3 or eta.shape[1] < 1 or eta.shape[::2] != xi.shape:
        shape = f"({xi.shape[0]}, M >= 1, {xi.shape[1]})"
        raise InputError(f"examples must have shape {shape}, got {eta.shape}")
    filled = np.abs(xi)
    if not (np.abs(eta) == filled[:, None]).all() or not filled.any(axis=1).all():
        raise InputError("examples must have entries +1 or -1, and 0 where archetypes are blank")
    overlaps = np.einsum("kmn,kn->km", eta, xi, dtype=np.float64) / filled.sum(axis=1)[:, None]
    n_patterns, n_examples = overlaps.shape
    stderr = np.full(n_patterns, np.nan)
    if n_examples > 1:
        stderr = overlaps.std(axis=1, ddof=1) / np.sqrt(n_examples)
    return dataset(
        {
            "quality": (("pattern",), overlaps.mean(axis=1)),
            "quality_stderr": (("pattern",), stderr),
        },
        {"pattern": np.arange(n_patterns), "size": xi.shape[1]},
        {},
    )
