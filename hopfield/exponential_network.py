"""Packed patterns and the energy of a log-sum-exp; the reference of every sampler.

A state knows a pattern by its distance alone, so that all there is to say of K patterns is a
histogram of N + 1 integers: it is exact, does not depend on the order of the patterns, and no
exponential is taken before it is complete.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import InputError, integer, require_memory
from hopfield.bits import Words, distances, drawn_octets, flipped_words, pack, packed, unpack
from hopfield.log_sums import flip_change, log_sum

__all__ = ["ExponentialNetwork", "LogSum", "Stored", "Streamed"]

PANEL = 2**18
"""Patterns whose distances are taken together."""


class LogSum(Protocol):
    """What a network needs to know of its model."""

    @property
    def sharpness(self) -> float:
        """λ of the log-sum-exp."""


class Patterns(Protocol):
    """Packed patterns, some rows at a time."""

    @property
    def n_patterns(self) -> int:
        """Number K of patterns."""

    @property
    def size(self) -> int:
        """Number N of entries."""

    def panels(self) -> Iterator[Words]:
        """Rows in order, shape (rows, words)."""


@dataclass(frozen=True, eq=False)
class Stored:
    """Packed patterns in memory.

    Parameters
    ----------
    words : uint64 array, shape (K, words)
        From `hopfield.bits.pack`.
    size : int
        Number N of entries.
    """

    words: Words
    size: int

    @property
    def n_patterns(self) -> int:
        """Number K of patterns."""
        return len(self.words)

    def panels(self) -> Iterator[Words]:
        """Rows in order."""
        for first in range(0, len(self.words), PANEL):
            yield self.words[first : first + PANEL]


@dataclass(frozen=True)
class Streamed:
    """Patterns that are drawn again each time they are needed, in constant memory.

    Parameters
    ----------
    n_patterns, size : int
        K and N.
    seed : numpy.random.SeedSequence
        The patterns are those of `hopfield.fair_patterns` with it.
    """

    n_patterns: int
    size: int
    seed: np.random.SeedSequence

    def panels(self) -> Iterator[Words]:
        """Rows in order."""
        for octets in drawn_octets(self.n_patterns, self.size, self.seed):
            yield packed(octets, self.size)


@dataclass(frozen=True, eq=False)
class ExponentialNetwork:
    r"""Network with the energy :math:`-\frac1\lambda \log \sum_\mu e^{\lambda\, \xi^\mu \cdot s}`.

    Parameters
    ----------
    model : Exponential
    source : Stored or Streamed
        Where patterns come from.
    seed_record : str
        The seed the patterns were drawn with, if they were.

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Exponential(1.0).network(size=20, load=0.2, seed=1)
    >>> bool(net.energy(net.patterns[0]) < -19.9)
    True
    """

    model: LogSum
    source: Patterns
    seed_record: str = "none"

    @property
    def size(self) -> int:
        """Number N of spins."""
        return self.source.size

    @property
    def n_patterns(self) -> int:
        """Number K of patterns."""
        return self.source.n_patterns

    @property
    def load(self) -> float:
        """Load α = log(K)/N."""
        return math.log(self.n_patterns) / self.size

    @property
    def patterns(self) -> NDArray[np.int8]:
        """All patterns, unpacked, shape (K, N)."""
        require_memory("the unpacked patterns", 2 * self.n_patterns * self.size)
        return np.concatenate([unpack(words, self.size) for words in self.source.panels()])

    def histogram(self, spins: ArrayLike) -> NDArray[np.int64]:
        """Numbers of patterns at every distance from 0 to N.

        Parameters
        ----------
        spins : int8 array, shape (..., N)

        Returns
        -------
        int64 array, shape (..., N + 1)

        Examples
        --------
        >>> import hopfield
        >>> hopfield.Exponential().store([[1, 1, -1], [1, -1, -1]]).histogram([1, 1, 1])
        array([0, 1, 1, 0])
        """
        return self._counted(spins, None)[0]

    def energy(self, spins: ArrayLike) -> NDArray[np.float64]:
        r"""Energy :math:`-\frac1\lambda \log \sum_\mu e^{\lambda\, \xi^\mu \cdot s}`, extensive.

        Parameters
        ----------
        spins : int8 array, shape (..., N)

        Returns
        -------
        array, shape (...)

        Examples
        --------
        >>> import hopfield
        >>> hopfield.Exponential().store([[1, 1, -1]]).energy([[1, 1, 1], [-1, -1, 1]])
        array([-1.,  3.])
        """
        sharpness = self.model.sharpness
        return np.asarray(-log_sum(sharpness, self.histogram(spins)) / sharpness)

    def demircigil_energy(self, spins: ArrayLike) -> NDArray[np.float64]:
        r"""Energy :math:`-\sum_\mu e^{\xi^\mu \cdot s}`, whatever the sharpness.

        Infinite where it is beyond floating point, from N = 709 on.

        Parameters
        ----------
        spins : int8 array, shape (..., N)

        Returns
        -------
        array, shape (...)

        References
        ----------
        M. Demircigil, J. Heusel, M. Loewe, S. Upgang and F. Vermet, J. Stat. Phys. 168, 288 (2017).

        Examples
        --------
        >>> import hopfield
        >>> hopfield.Exponential(3.0).store([[1, 1, -1]]).demircigil_energy([1, 1, 1]).item()
        -2.718281828459045
        """
        with np.errstate(over="ignore"):
            return np.asarray(-np.exp(log_sum(1.0, self.histogram(spins))))

    def energy_difference(self, spins: ArrayLike, i: int) -> NDArray[np.float64]:
        r"""Change of the energy when spin `i` is flipped, from sums with one shift.

        Parameters
        ----------
        spins : int8 array, shape (..., N)
        i : int
            Which spin.

        Returns
        -------
        array, shape (...)

        Examples
        --------
        >>> import hopfield
        >>> hopfield.Exponential().store([[1, 1, -1]]).energy_difference([1, 1, 1], 2)
        array(-2.)
        """
        integer("i", i, low=0, high=self.size - 1)
        return flip_change(self.model.sharpness, *self._counted(spins, i))

    def local_fields(self, spins: ArrayLike) -> NDArray[np.float64]:
        r"""Fields :math:`h_i = \tfrac12 s_i [E(s^{(i)}) - E(s)]`.

        Parameters
        ----------
        spins : int8 array, shape (..., N)

        Returns
        -------
        array, shape (..., N)

        Examples
        --------
        >>> import hopfield
        >>> hopfield.Exponential().store([[1, 1, -1]]).local_fields([1, 1, 1])
        array([ 1.,  1., -1.])
        """
        fields = [self.energy_difference(spins, i) for i in range(self.size)]
        return np.asarray(0.5 * np.asarray(spins) * np.stack(fields, axis=-1))

    def _counted(
        self, spins: ArrayLike, site: int | None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Histogram of distances, and that of the patterns that differ at a site."""
        states = np.asarray(spins)
        if states.ndim < 1 or states.shape[-1] != self.size:
            raise InputError(f"spins must have shape (..., {self.size}), got {states.shape}")
        if states.dtype.kind not in "if" or not (np.abs(states) == 1).all():
            raise InputError("spins must have entries +1 or -1")
        rows = pack(states.reshape(-1, self.size))
        counts = np.zeros((2, len(rows), self.size + 1), dtype=np.int64)
        for words in self.source.panels():
            for row, state in enumerate(rows):
                found = distances(words, state)
                counts[0, row] += np.bincount(found, minlength=self.size + 1)
                if site is not None:
                    differing = found[flipped_words(words, state, site)]
                    counts[1, row] += np.bincount(differing, minlength=self.size + 1)
        total, differing = counts.reshape(2, *states.shape[:-1], self.size + 1)
        return total, differing
