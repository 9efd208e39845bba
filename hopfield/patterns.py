"""Patterns drawn at random, and what overlaps patterns have."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import InputError, integer, real, require_memory
from hopfield.bits import drawn_octets
from hopfield.results import dataset
from hopfield.seeds import Seed, Stream, sequence
from hopfield.storage import unit_entries

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "check_dilution",
    "correlated_patterns",
    "diluted_patterns",
    "fair_patterns",
    "pattern_statistics",
]


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
    patterns = np.empty((n_patterns, size), dtype=np.int8)
    first = 0
    for octets in drawn_octets(n_patterns, size, seed):
        patterns[first : first + len(octets)] = np.unpackbits(octets, axis=1, count=size)
        first += len(octets)
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


def correlated_patterns(
    n_patterns: int, size: int, correlation: float, seed: Seed = None
) -> NDArray[np.int8]:
    r"""Patterns of fair signs with a mean overlap c of any two, by a common parent.

    Each entry is that of the parent with probability :math:`\tfrac{1 + \sqrt c}2`, independently,
    so that :math:`E[m_{\mu\nu}] = c`, and the mean overlap with the parent is :math:`\sqrt c`.

    Parameters
    ----------
    n_patterns, size : int
        Numbers K of patterns and N of entries.
    correlation : float
        c, in [0, 1].
    seed : int, numpy.random.SeedSequence or None
        The same seed and size give the same first patterns, whatever their number; at c = 0 those
        of `fair_patterns`.

    Returns
    -------
    int8 array, shape (K, N)

    Raises
    ------
    InputError
        If `correlation` lies outside [0, 1], `n_patterns` < 1 or `size` < 2.

    Examples
    --------
    >>> patterns = correlated_patterns(2, 10_000, 0.5, seed=1)
    >>> round(float((patterns[0] * patterns[1]).mean()), 1)
    0.5
    """
    inherited = np.sqrt(real("correlation", correlation, high=1.0))
    root = sequence(seed)
    patterns = fair_patterns(n_patterns, size, root)
    if inherited > 0.0:
        parent = fair_patterns(1, size, sequence(root, Stream.PATTERNS, 2))[0]
        rng = np.random.Generator(np.random.Philox(sequence(root, Stream.PATTERNS, 3)))
        for pattern in patterns:
            np.copyto(pattern, parent, where=rng.random(size) < inherited)
    return patterns


def pattern_statistics(patterns: ArrayLike) -> xr.Dataset:
    r"""Biases and mutual overlaps of patterns.

    :math:`b_\mu = \frac1N \sum_i \xi^\mu_i`,
    :math:`m_{\mu\nu} = \frac1N \sum_i \xi^\mu_i \xi^\nu_i`.

    Parameters
    ----------
    patterns : array of -1, 0 or +1, shape (K, N)

    Returns
    -------
    xarray.Dataset
        `bias` of each pattern, with the standard error that independent sites would have;
        `pattern_overlap`; its mean and root mean square over pairs of different patterns (NaN if
        K = 1), and the root mean square 1/sqrt(N) of independent fair patterns; `site_mean`, and
        the number of `constant_sites`.

    Raises
    ------
    InputError
        If the patterns are not of that shape or have other entries, or their overlaps do not fit
        into memory.

    Examples
    --------
    >>> result = pattern_statistics(correlated_patterns(20, 1000, 0.3, seed=1))
    >>> round(float(result.pattern_overlap_mean), 1)
    0.3
    """
    given = np.asarray(patterns)
    if given.ndim != 2 or given.shape[0] < 1 or given.shape[1] < 2:
        raise InputError(f"patterns must have shape (K >= 1, N >= 2), got {given.shape}")
    count, size = given.shape
    require_memory("the overlaps of all pairs", 8 * count * (4 * count + 2 * size))
    xi = unit_entries(given, "patterns").astype(np.float32)
    # In float32 the products go through BLAS and every partial sum is an exact integer.
    overlaps = (xi @ xi.T).astype(np.float64) / size
    pairs = overlaps[np.triu_indices(count, 1)]
    bias = xi.mean(axis=1, dtype=np.float64)
    variables = {
        "bias": (("pattern",), bias),
        "bias_stderr": (("pattern",), xi.std(axis=1, dtype=np.float64, ddof=1) / np.sqrt(size)),
        "pattern_overlap": (("pattern", "other_pattern"), overlaps),
        "pattern_overlap_mean": ((), pairs.mean() if count > 1 else np.nan),
        "pattern_overlap_rms": ((), np.sqrt((pairs**2).mean()) if count > 1 else np.nan),
        "pattern_overlap_rms_fair": ((), 1.0 / np.sqrt(size)),
        "site_mean": (("site",), xi.mean(axis=0, dtype=np.float64)),
        "constant_sites": ((), int((xi == xi[0]).all(axis=0).sum())),
    }
    indices = np.arange(count)
    coords = {"pattern": indices, "other_pattern": indices, "site": np.arange(size)}
    return dataset(variables, coords, {})
