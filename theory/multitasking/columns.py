r"""What a spin sees of the patterns that are retrieved: the law of a column of entries.

Patterns of equal overlap form a class, of which the local field knows only the sum of the entries,

.. math:: h = \sum_c n_c\, y_c, \qquad y_c = \sum_{\mu \in c} x^\mu .

The law of y is an average over all columns of the k entries of the class, exact for few examples,
when entries are integers over a unit, and a mixture of Gaussians for many. A column and its
opposite give the same averages, so that one of the two stands for both.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from math import comb

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

from hopfield.arguments import InputError
from theory.saddle import Array

__all__ = ["ClassLaw", "Columns", "columns", "gaussian_class", "lattice_class"]

MOST_COLUMNS = 2**21
SMALLEST_WEIGHT = 1e-20


@dataclass(frozen=True)
class ClassLaw:
    r"""Law of the sum y of the entries of k patterns: components of normal laws.

    Parameters
    ----------
    patterns : int
        k.
    value : array, shape (components,)
        Mean of y.
    weight : array, shape (components,)
        Probability.
    archetype : array, shape (components,)
        Mean of the sum of the entries of the archetypes.
    square : array, shape (components,)
        Mean of the sum of the squares of the means of the entries.
    filled : array, shape (components,)
        Mean of the number of entries that are not blank.
    variance : float
        Of an entry that is not blank around its mean: :math:`w^2`; y has that of all of them.
    """

    patterns: int
    value: Array
    weight: Array
    archetype: Array
    square: Array
    filled: Array
    variance: float = 0.0


def lattice_class(patterns: int, dilution: float, quality: float, examples: int) -> ClassLaw:
    r"""Exact law, by the convolution of the laws of sums of M examples.

    Parameters
    ----------
    patterns : int
        k.
    dilution : float
        d.
    quality, examples : float and int
        r and M.

    Returns
    -------
    ClassLaw

    Examples
    --------
    >>> law = lattice_class(2, 0.5, 1.0, 1)
    >>> law.value.tolist(), law.weight.tolist()
    ([-2.0, -1.0, 0.0, 1.0, 2.0], [0.0625, 0.25, 0.375, 0.25, 0.0625])
    """
    m = 1 if quality == 1.0 else examples
    right = binom.pmf(np.arange(m + 1), m, (1.0 + quality) / 2.0)
    entry, sign = np.zeros((2, 2 * m + 1))
    entry[::2] = (1.0 - dilution) * (right + right[::-1]) / 2.0
    sign[::2] = (1.0 - dilution) * (right - right[::-1]) / 2.0
    sums = np.arange(-m, m + 1)
    one = entry + dilution * (sums == 0)
    others = reduce(np.convolve, [one] * (patterns - 1), np.ones(1))
    weight = np.convolve(one, others)
    kept = weight > SMALLEST_WEIGHT
    unit = 1.0 / (m * np.sqrt(quality**2 + (1.0 - quality**2) / m))

    def mean(term: Array) -> Array:
        return np.asarray(patterns * np.convolve(term, others)[kept] / weight[kept])

    value = unit * np.arange(-patterns * m, patterns * m + 1)[kept]
    square, filled = unit**2 * mean(sums**2 * entry), mean(entry)
    return ClassLaw(patterns, value, weight[kept], mean(sign), square, filled)


def gaussian_class(patterns: int, dilution: float, entropy: float) -> ClassLaw:
    r"""Law of many examples, :math:`x = \xi (1 + \sqrt\rho\, g)/\sqrt{1+\rho}`.

    Parameters
    ----------
    patterns : int
        k.
    dilution : float
        d.
    entropy : float
        ρ.

    Returns
    -------
    ClassLaw

    Examples
    --------
    >>> law = gaussian_class(1, 0.5, 3.0)
    >>> law.value.tolist(), law.filled.tolist(), law.variance
    ([0.0, -0.5, 0.5], [0.0, 1.0, 1.0], 0.75)
    """
    pairs = [(f, 2 * g - f) for f in range(patterns + 1) for g in range(f + 1)]
    filled, sums = np.array(pairs, dtype=np.float64).T
    weight = np.array(
        [comb(patterns, f) * comb(f, (f + y) // 2) / 2.0**f for f, y in pairs]
    ) * dilution ** (patterns - filled) * (1.0 - dilution) ** filled  # fmt: skip
    mean = 1.0 / np.sqrt(1.0 + entropy)
    variance = entropy / (1.0 + entropy)
    return ClassLaw(patterns, mean * sums, weight, sums, mean**2 * filled, filled, variance)


@dataclass(frozen=True)
class Columns:
    r"""Joint law of the sums :math:`y_c` of several classes; one of each two opposite columns.

    Parameters
    ----------
    patterns : array, shape (classes,)
        Numbers k of patterns.
    weight : array, shape (columns,)
        Probability of a column and its opposite.
    value, archetype, square, filled : arrays, shape (columns, classes)
        As of `ClassLaw`.
    variance : float
        Of an entry around its mean.
    """

    patterns: Array
    weight: Array
    value: Array
    archetype: Array
    square: Array
    filled: Array
    variance: float = 0.0


def columns(laws: Sequence[ClassLaw]) -> Columns:
    """Joint law of independent classes.

    Parameters
    ----------
    laws : sequence of ClassLaw
        One or more, of one variance.

    Returns
    -------
    Columns

    Raises
    ------
    InputError
        If there are too many columns.

    Examples
    --------
    >>> both = columns([lattice_class(1, 0.5, 1.0, 1)] * 2)
    >>> both.value.tolist()
    [[0.0, 0.0], [0.0, 1.0], [1.0, -1.0], [1.0, 0.0], [1.0, 1.0]]
    >>> both.weight.tolist()
    [0.25, 0.25, 0.125, 0.25, 0.125]
    """
    sizes = [law.value.size for law in laws]
    if np.prod(sizes, dtype=np.float64) > 2.0 * MOST_COLUMNS:
        raise InputError(
            f"n_patterns must be smaller, or more of the overlaps equal: {np.prod(sizes):.3g} "
            f"columns of entries are more than {2 * MOST_COLUMNS}"
        )
    index = np.indices(sizes).reshape(len(laws), -1)
    value = np.stack([law.value[i] for law, i in zip(laws, index, strict=True)], axis=1)
    order = np.sign(value)
    first = np.take_along_axis(order, (order != 0).argmax(axis=1)[:, None], axis=1)[:, 0]
    kept = first >= 0

    def joined(name: str) -> NDArray[np.float64]:
        parts = [getattr(law, name)[i[kept]] for law, i in zip(laws, index, strict=True)]
        return np.stack(parts, axis=1)

    weight = joined("weight").prod(axis=1) * np.where(first[kept] > 0, 2.0, 1.0)
    return Columns(
        patterns=np.array([law.patterns for law in laws], dtype=np.float64),
        weight=weight,
        value=value[kept],
        archetype=joined("archetype"),
        square=joined("square"),
        filled=joined("filled"),
        variance=laws[0].variance,
    )
