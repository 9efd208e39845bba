"""Packed patterns on a device, drawn or given, and histograms of their distances from states."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from gpu.pairs import padded
from hopfield.bits import WORD, packed
from hopfield.exponential_network import PatternStream
from hopfield.seeds import Stream, sequence

if TYPE_CHECKING:
    from gpu.arrays import Array, Device

__all__ = ["DRAWN_TOGETHER", "MOST_SIZE", "THREADS", "PackedPatterns", "drawn_words"]

THREADS = 256
TEAM, UNROLL, BINS = 4, 4, 8448
"""As in the text of the kernels."""

MOST_SIZE = BINS // TEAM - 2
"""Most spins for which a block has counters."""

BLOCKS = 1024
"""Blocks of a launch, two for each place on a device of 132 multiprocessors."""

PART = 2048
"""Fewest patterns that are a block's work."""

ALONE = 16384
"""Most patterns that one block passes over faster than a further launch takes."""

LARGEST_PART = 2**30
"""Patterns of a part are counted in integers of 32 bits."""

DRAWN_TOGETHER = 8
"""Words of 32 bits that one counter gives."""


class PackedPatterns:
    """Patterns on a device, a bit for each entry.

    Parameters
    ----------
    patterns : uint64 array, shape (samples, words, K)
        On the device: words of `hopfield.bits.pack`, those of neighbouring patterns side by side.
    size : int
        Number N of spins.
    device : Device
    """

    def __init__(self, patterns: Array, size: int, device: Device) -> None:
        self.words, self.size = patterns, size
        self.samples, _, self.n_patterns = map(int, patterns.shape)
        self._histogram = device.kernel("exponential", "histogram")

    def grid(self, states: int) -> tuple[tuple[int, int, int], np.int64]:
        """Teams of states, parts of patterns and samples, and how many patterns a part has.

        Parameters
        ----------
        states : int
            Of each sample.
        """
        teams = padded(states, TEAM) // TEAM
        at_once = teams * self.samples
        parts = min(padded(BLOCKS, at_once) // at_once, padded(self.n_patterns, PART) // PART)
        if self.n_patterns <= ALONE:
            parts = 1
        parts = max(parts, padded(self.n_patterns, LARGEST_PART) // LARGEST_PART)
        span = padded(padded(self.n_patterns, parts) // parts, THREADS * UNROLL)
        return (teams, padded(self.n_patterns, span) // span, self.samples), np.int64(span)

    def count(self, states: Array, found: Array) -> None:
        """Add the numbers of patterns at every distance from states.

        Parameters
        ----------
        states : uint64 array, shape (samples * states, words)
        found : int64 array, shape (samples * states, N + 1)
        """
        each = len(states) // self.samples
        grid, span = self.grid(each)
        self._histogram(
            grid, (THREADS,),
            (self.words, np.int64(self.n_patterns), span, np.int32(self.size), states, found,
             np.int32(each)),
        )  # fmt: skip


def drawn_words(stream: PatternStream, first: int, last: int, device: Device) -> Array:
    """Patterns of a stream, drawn on the device, as packed words side by side.

    Parameters
    ----------
    stream : PatternStream
    first, last : int
        Which; `first` is a multiple of 8.
    device : Device

    Returns
    -------
    uint64 array, shape (words, last - first)
    """
    count, n_words = last - first, padded(stream.size, WORD) // WORD
    out = device.zeros((padded(n_words, 2) // 2, count), np.uint64)
    counters = padded(count * n_words, DRAWN_TOGETHER) // DRAWN_TOGETHER
    ones = np.full((1, 4 * padded(n_words, 2)), 255, np.uint8)
    bits = packed(ones, stream.size).view(np.uint32)[0, n_words - 1]
    generator = np.random.Philox(sequence(stream.seed, Stream.PATTERNS))
    key = generator.state["state"]["key"]
    device.kernel("exponential", "draw_patterns")(
        (padded(counters, THREADS) // THREADS,), (THREADS,),
        (out, np.int64(count), np.int32(n_words), bits,
         np.uint64(first * n_words // DRAWN_TOGETHER + 1), key[0], key[1]),
    )  # fmt: skip
    return out
