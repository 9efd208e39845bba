"""Patterns drawn at random."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hopfield.arguments import InputError, integer, real
from hopfield.seeds import Seed, Stream, sequence

__all__ = ["check_dilution", "diluted_patterns", "fair_patterns"]

WORD = 32
"""Bits of a random word."""

WORDS_AT_A_TIME = 2**16
"""Random words whose bits are spread over entries together."""


def check_dilution(dilution: object) -> float:
    """Return the probability of a blank entry as a float in [0, 1).

    Raises
    ------
    InputError
        If it is not a number or lies outside.

    Examples
    --------
    >>> check_dilution(0.2)
    0.2
    """
    try:
        number = real("dilution", dilution, high=1.0)
    except InputError:
        number = 1.0
    if number == 1.0:
        raise InputError(f"dilution must be a number in [0, 1), got {dilution!r}")
    return number


def fair_patterns(n_patterns: int, size: int, seed: Seed = None) -> NDArray[np.int8]:
    """Patterns of independent entries +-1 with equal probability.

    Parameters
    ----------
    n_patterns, size : int
        Numbers K of patterns and N of entries.
    seed : int, numpy.random.SeedSequence or None
        The same seed and size give the same first patterns, whatever their number.

    Returns
    -------
    int8 array, shape (K, N)

    Raises
    ------
    InputError
        If `n_patterns` < 1 or `size` < 2.

    Examples
    --------
    >>> fair_patterns(2, 5, seed=0).shape
    (2, 5)
    """
    integer("n_patterns", n_patterns, low=1)
    integer("size", size, low=2)
    rng = np.random.Generator(np.random.Philox(sequence(seed, Stream.PATTERNS)))
    words = -(-size // WORD)  # a pattern begins with a word of its own, whatever their number
    rows = max(1, WORDS_AT_A_TIME // words)
    patterns = np.empty((n_patterns, size), dtype=np.int8)
    for first in range(0, n_patterns, rows):
        panel = patterns[first : first + rows]
        drawn = rng.integers(2**WORD, size=(len(panel), words), dtype=np.uint32)
        octets = drawn.astype("<u4", copy=False).view(np.uint8)
        panel[:] = np.unpackbits(octets, axis=1, count=size)
    patterns *= 2
    patterns -= 1
    return patterns


def diluted_patterns(
    n_patterns: int, size: int, dilution: float, seed: Seed = None
) -> NDArray[np.int8]:
    r"""Patterns whose entries are blank with probability d and fair signs otherwise.

    :math:`P(\xi) = d\,\delta_{\xi,0} + \tfrac{1-d}{2}(\delta_{\xi,1} + \delta_{\xi,-1})`.

    Parameters
    ----------
    n_patterns, size : int
        Numbers K of patterns and N of entries.
    dilution : float
        Probability d of a blank entry, in [0, 1).
    seed : int, numpy.random.SeedSequence or None
        The signs are those of `fair_patterns` with the same seed.

    Returns
    -------
    int8 array, shape (K, N)

    Raises
    ------
    InputError
        If `dilution` lies outside [0, 1), `n_patterns` < 1 or `size` < 2.

    Examples
    --------
    >>> sorted(set(diluted_patterns(3, 50, 0.5, seed=1).flat.__iter__()))
    [np.int8(-1), np.int8(0), np.int8(1)]
    """
    blank = check_dilution(dilution)
    patterns = fair_patterns(n_patterns, size, seed)
    if blank > 0.0:
        rng = np.random.Generator(np.random.Philox(sequence(seed, Stream.PATTERNS, 1)))
        for pattern in patterns:
            pattern[rng.random(size) < blank] = 0
    return patterns
