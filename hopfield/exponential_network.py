"""Networks with the energy of a log-sum-exp; the reference of every sampler.

A state knows a pattern by its distance alone, so that all there is to say of K patterns is a
histogram of N + 1 integers: it is exact, does not depend on the order of the patterns, and no
exponential is taken before it is complete.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import InputError, integer
from hopfield.bits import Words, distances, drawn_octets, flipped_words, pack, packed
from hopfield.log_sums import flip_change, log_sum
from hopfield.network import Network

__all__ = ["ExponentialNetwork", "PatternStream", "histograms"]

PANEL = 2**15
"""Patterns whose distances are taken together, so few that they stay in the cache."""


def histograms(
    panels: Iterable[Words], states: Words, size: int, site: int | None = None
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers of patterns at every distance from states, and of those that differ at a site.

    Parameters
    ----------
    panels : iterable of uint64 arrays, shape (rows, words)
        Packed patterns, some rows at a time.
    states : uint64 array, shape (states, words)
        Packed states.
    size : int
        Number N of spins.
    site : int, optional
        Without it the second histogram is empty.

    Returns
    -------
    tuple of int64 arrays, shape (states, N + 1)

    Examples
    --------
    >>> patterns, state = pack(np.array([[1, 1, -1], [1, -1, -1]])), pack(np.array([[1, 1, 1]]))
    >>> histograms([patterns], state, 3, site=1)[0].tolist()
    [[0, 1, 1, 0]]
    """
    counts = np.zeros((2, len(states), size + 1), dtype=np.int64)
    for words in panels:
        for row, state in enumerate(states):
            found = distances(words, state)
            counts[0, row] += np.bincount(found, minlength=size + 1)
            if site is not None:
                differing = found[flipped_words(words, state, site)]
                counts[1, row] += np.bincount(differing, minlength=size + 1)
    return counts[0], counts[1]


def _require_signs(name: str, array: NDArray[np.generic]) -> None:
    """Refuse entries other than signs."""
    if array.dtype.kind not in "if":
        raise InputError(f"{name} must have entries +1 or -1, got the type {array.dtype}")
    other = np.abs(array) != 1
    if other.any():
        raise InputError(f"{name} must have entries +1 or -1, got {array[other].flat[0]}")


@dataclass(frozen=True)
class PatternStream:
    """More patterns than fit into memory, drawn again each time they are needed.

    Parameters
    ----------
    sharpness : float
        λ.
    n_patterns, size : int
        K and N.
    seed : numpy.random.SeedSequence
        The patterns are those of `hopfield.fair_patterns` with it.

    Examples
    --------
    >>> stream = PatternStream(1.0, 100_000, 64, np.random.SeedSequence(1))
    >>> stream.histogram(np.ones(64)).sum().item()
    100000
    """

    sharpness: float
    n_patterns: int
    size: int
    seed: np.random.SeedSequence

    def panels(self) -> Iterator[Words]:
        """Packed patterns in order, some rows at a time."""
        for octets in drawn_octets(self.n_patterns, self.size, self.seed):
            yield packed(octets, self.size)

    def histogram(self, spins: ArrayLike) -> NDArray[np.int64]:
        """Numbers of patterns at every distance from 0 to N, as of `ExponentialNetwork`."""
        states = np.asarray(spins)
        if states.shape[-1:] != (self.size,):
            raise InputError(f"spins must have shape (..., {self.size}), got {states.shape}")
        _require_signs("spins", states)
        rows = pack(states.reshape(-1, self.size))
        counts, _ = histograms(self.panels(), rows, self.size)
        return counts.reshape(*states.shape[:-1], self.size + 1)

    def energy(self, spins: ArrayLike) -> NDArray[np.float64]:
        """Energy, as of `ExponentialNetwork`."""
        return np.asarray(-log_sum(self.sharpness, self.histogram(spins)) / self.sharpness)


@dataclass(frozen=True, eq=False)
class ExponentialNetwork(Network):
    r"""Network with the energy :math:`-\frac1\lambda \log \sum_\mu e^{\lambda\, \xi^\mu \cdot s}`.

    Parameters
    ----------
    model : Exponential
    patterns : int8 array, shape (K, N)
        Entries +-1.
    seed_record
        As of `Network`.

    Raises
    ------
    InputError
        If the patterns are not of that shape or have other entries.

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Exponential(1.0).network(size=20, load=0.2, seed=1)
    >>> bool(net.energy(net.patterns[0]) < -19.9)
    True
    """

    def _checked(self, given: NDArray[np.generic]) -> NDArray[np.signedinteger]:
        _require_signs("patterns", given)
        return np.ascontiguousarray(given, dtype=np.int8)

    @property
    def sharpness(self) -> float:
        """λ of the model."""
        return float(self.model.sharpness)  # type: ignore[attr-defined]

    @property
    def load(self) -> float:
        """Load α = log(K)/N."""
        return math.log(self.n_patterns) / self.size

    @cached_property
    def energy_offset(self) -> float:
        """What theory leaves out of the energy: nothing."""
        return 0.0

    @cached_property
    def words(self) -> Words:
        """Patterns as packed bits, shape (K, words)."""
        return pack(self.patterns)

    def panels(self) -> Iterator[Words]:
        """Packed patterns, some rows at a time."""
        for first in range(0, self.n_patterns, PANEL):
            yield self.words[first : first + PANEL]

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
        return np.asarray(-log_sum(self.sharpness, self.histogram(spins)) / self.sharpness)

    def demircigil_energy(self, spins: ArrayLike) -> NDArray[np.float64]:
        r"""Energy :math:`-\sum_\mu e^{\xi^\mu \cdot s}`, whatever the sharpness.

        Infinite where it is beyond floating point, for one pattern from N = 710 on.

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
        return flip_change(self.sharpness, *self._counted(spins, i))

    def _counted(
        self, spins: ArrayLike, site: int | None
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Histogram of distances, and that of the patterns that differ at a site."""
        states = self._spins(spins)
        rows = pack(states.reshape(-1, self.size))
        total, differing = histograms(self.panels(), rows, self.size, site)
        shape = (*states.shape[:-1], self.size + 1)
        return total.reshape(shape), differing.reshape(shape)
