"""Patterns of +-1 as packed bits, 64 entries to a word."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from hopfield.seeds import Seed, Stream, sequence

__all__ = ["Words", "distances", "drawn_octets", "flipped_words", "pack", "packed", "unpack"]

Words = NDArray[np.uint64]

WORD = 32
"""Bits of a random word."""

WORDS_AT_A_TIME = 2**16
"""Random words that are drawn together."""


def drawn_octets(n_patterns: int, size: int, seed: Seed) -> Iterator[NDArray[np.uint8]]:
    """Random bits of fair patterns, a few rows at a time, eight to an octet.

    Parameters
    ----------
    n_patterns, size : int
        Numbers K of patterns and N of entries.
    seed : int, numpy.random.SeedSequence or None
        A pattern begins with a word of its own, so that the same seed and size give the same first
        patterns, whatever their number.

    Yields
    ------
    uint8 array, shape (rows, 4 * words)

    Examples
    --------
    >>> [part.shape for part in drawn_octets(3, 40, seed=0)]
    [(3, 8)]
    """
    rng = np.random.Generator(np.random.Philox(sequence(seed, Stream.PATTERNS)))
    words = -(-size // WORD)
    rows = max(1, WORDS_AT_A_TIME // words)
    for first in range(0, n_patterns, rows):
        shape = (min(rows, n_patterns - first), words)
        drawn = rng.integers(2**WORD, size=shape, dtype=np.uint32)
        yield drawn.astype("<u4", copy=False).view(np.uint8)


def packed(octets: NDArray[np.uint8], size: int) -> Words:
    """Octets as words of 64 bits, with nothing but zeros after entry N.

    Parameters
    ----------
    octets : uint8 array, shape (rows, octets)
    size : int
        Number N of entries.

    Returns
    -------
    uint64 array, shape (rows, words)

    Examples
    --------
    >>> packed(np.full((1, 4), 255, np.uint8), 3)  # three ones
    array([[224]], dtype=uint64)
    """
    needed = -(-size // 8)
    room = np.zeros((len(octets), 8 * -(-size // 64)), dtype=np.uint8)
    room[:, :needed] = octets[:, :needed]
    if size % 8:
        room[:, needed - 1] &= np.uint8(0xFF << (8 - size % 8) & 0xFF)
    return room.view("<u8").astype(np.uint64, copy=False)


def pack(patterns: NDArray[np.signedinteger]) -> Words:
    """Entries +-1 as bits, 1 for +1.

    Parameters
    ----------
    patterns : integer array, shape (..., N)

    Returns
    -------
    uint64 array, shape (..., words)

    Examples
    --------
    >>> unpack(pack(np.array([[1, -1, 1]])), 3)
    array([[ 1, -1,  1]], dtype=int8)
    """
    size = patterns.shape[-1]
    octets = np.packbits(patterns > 0, axis=-1)
    words = packed(octets.reshape(-1, octets.shape[-1]), size)
    return words.reshape(*patterns.shape[:-1], words.shape[-1])


def unpack(words: Words, size: int) -> NDArray[np.int8]:
    """Bits as entries +-1; the inverse of `pack`.

    Parameters
    ----------
    words : uint64 array, shape (..., words)
    size : int
        Number N of entries.

    Returns
    -------
    int8 array, shape (..., N)

    Examples
    --------
    >>> unpack(np.zeros((1, 1), np.uint64), 2)
    array([[-1, -1]], dtype=int8)
    """
    octets = np.ascontiguousarray(words).astype("<u8", copy=False).view(np.uint8)
    bits = np.unpackbits(octets, axis=-1, count=size)
    return np.asarray(2 * bits.astype(np.int8) - 1, dtype=np.int8)


def distances(words: Words, state: Words) -> NDArray[np.unsignedinteger]:
    """Numbers of entries in which patterns differ from a state.

    Parameters
    ----------
    words : uint64 array, shape (K, words)
    state : uint64 array, shape (words,)

    Returns
    -------
    uint16 array, shape (K,)
        uint32 if there may be more entries than 65535.

    Examples
    --------
    >>> distances(pack(np.array([[1, 1, -1], [-1, -1, -1]])), pack(np.array([1, 1, 1]))).tolist()
    [1, 3]
    """
    kind = np.uint16 if 64 * state.size <= np.iinfo(np.uint16).max else np.uint32
    total = np.bitwise_count(words[:, 0] ^ state[0]).astype(kind)
    for column, word in zip(words.T[1:], state[1:], strict=True):
        total += np.bitwise_count(column ^ word)
    return np.asarray(total)


def flipped_words(words: Words, state: Words, site: int) -> NDArray[np.bool_]:
    """Whether patterns differ from a state at a site.

    Parameters
    ----------
    words, state
        As of `distances`.
    site : int

    Returns
    -------
    bool array, shape (K,)

    Examples
    --------
    >>> flipped_words(pack(np.array([[1, 1, -1], [-1, -1, -1]])), pack(np.array([1, 1, 1])), 2)
    array([ True,  True])
    """
    # the first entry is the highest bit of the first octet, which is the lowest of its word
    shift = np.uint64(8 * (site % 64 // 8) + 7 - site % 8)
    column = words[:, site // 64] ^ state[site // 64]
    return np.asarray(column >> shift & np.uint64(1), dtype=np.bool_)
