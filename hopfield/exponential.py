r"""Exponential Hopfield networks: as many as :math:`K = e^{\alpha N}` patterns of N spins."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import InputError, integer, positive, real, require_memory
from hopfield.exponential_network import ExponentialNetwork, PatternStream
from hopfield.patterns import fair_patterns
from hopfield.seeds import Seed, record, sequence

__all__ = ["Exponential"]


@dataclass(frozen=True)
class Exponential:
    r"""Network whose energy is the log-sum-exp of all overlaps.

    .. math:: E(s) = -\frac1\lambda \log \sum_\mu e^{\lambda\, \xi^\mu \cdot s}

    The energy :math:`-\sum_\mu e^{\xi^\mu \cdot s}` of Demircigil et al. is a rising function of
    that with λ = 1: both have the same dynamics at T = 0.

    Parameters
    ----------
    sharpness : float
        λ > 0.

    Raises
    ------
    InputError
        If it is not a positive number.

    References
    ----------
    M. Demircigil, J. Heusel, M. Loewe, S. Upgang and F. Vermet, J. Stat. Phys. 168, 288 (2017);
    H. Ramsauer et al., arXiv:2008.02217 (2020); C. Lucibello and M. Mezard, Phys. Rev. Lett. 132,
    077301 (2024).

    Examples
    --------
    >>> net = Exponential(sharpness=1.0).network(size=20, load=0.3, seed=1)
    >>> net.n_patterns, round(net.load, 6)
    (403, 0.299947)
    """

    sharpness: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "sharpness", positive("sharpness", self.sharpness))

    @property
    def interaction_order(self) -> int:
        """All numbers of spins interact: none."""
        return 0

    @property
    def self_interaction(self) -> bool:
        """Whether a spin may appear more than once in an interaction."""
        return True

    @property
    def effective_unit(self) -> float:
        """Effective patterns are the patterns: 1."""
        return 1.0

    def energy_unit(self, size: int) -> float:
        """Factor that turns logarithms of sums into energies, 1/λ."""
        return 1.0 / self.sharpness

    def energy_offset(self, filled: NDArray[np.int64], size: int) -> float:
        """Constant of the energy that theory leaves out: none."""
        return 0.0

    def patterns_at(self, load: float, size: int) -> int:
        """Number of patterns K, the integer next to exp(α N).

        Parameters
        ----------
        load : float
            α >= 0.
        size : int
            N, at least 2.

        Returns
        -------
        int

        Raises
        ------
        InputError
            If an argument is out of range, or there would be more than 2^62 patterns.

        Examples
        --------
        >>> Exponential().patterns_at(0.3, 20)
        403
        """
        n = integer("size", size, low=2)
        alpha = real("load", load)
        if alpha * n > 62.0 * math.log(2.0):
            raise InputError(f"load must be at most {62.0 * math.log(2.0) / n:.6g} at size {n}, "
                             f"2^62 patterns, got {alpha:g}")  # fmt: skip
        return round(math.exp(alpha * n))

    def network(
        self,
        size: int,
        *,
        load: float | None = None,
        n_patterns: int | None = None,
        seed: Seed = None,
    ) -> ExponentialNetwork:
        """Network of N spins with fair random patterns.

        Parameters
        ----------
        size : int
            Number N of spins, at least 2.
        load : float
            α = log(K)/N; give either this or `n_patterns`.
        n_patterns : int
            Number K of patterns, at least 1.
        seed : int, numpy.random.SeedSequence or None
            Of the patterns, which are those of `hopfield.fair_patterns`.

        Returns
        -------
        ExponentialNetwork
            Its `load` is that of the integer K.

        Raises
        ------
        InputError
            If an argument is out of range, both or none of load and number is given, or the
            patterns do not fit into memory; `stream` has energies of any number of patterns.

        Examples
        --------
        >>> Exponential().network(size=30, n_patterns=1000, seed=1).patterns.shape
        (1000, 30)
        """
        k = self._count(size, load, n_patterns)
        used = sequence(seed)
        require_memory("the patterns", self.bytes_needed(k, size))
        return ExponentialNetwork(self, fair_patterns(k, size, used), record(used))

    def stream(
        self,
        size: int,
        *,
        load: float | None = None,
        n_patterns: int | None = None,
        seed: Seed = None,
    ) -> PatternStream:
        """Energies of as many patterns as one likes, in constant memory.

        Parameters
        ----------
        size, load, n_patterns, seed
            As of `network`, which has the same patterns.

        Returns
        -------
        PatternStream

        Raises
        ------
        InputError
            If an argument is out of range, or both or none of load and number is given.

        Examples
        --------
        >>> stream = Exponential().stream(size=30, n_patterns=1000, seed=1)
        >>> net = Exponential().network(size=30, n_patterns=1000, seed=1)
        >>> bool(stream.energy(net.patterns[7]) == net.energy(net.patterns[7]))
        True
        """
        k = self._count(size, load, n_patterns)
        return PatternStream(self.sharpness, k, size, sequence(seed))

    def _count(self, size: int, load: float | None, n_patterns: int | None) -> int:
        """Number of patterns that is asked for."""
        integer("size", size, low=2)
        if (load is None) == (n_patterns is None):
            raise InputError("give either load or n_patterns")
        count = self.patterns_at(load, size) if load is not None else n_patterns
        return integer("n_patterns", count, low=1)

    def bytes_needed(self, count: int, size: int) -> int:
        """Memory of a network of so many patterns: entries, and their bits in words."""
        return count * (size + 8 * -(-size // 64))

    def store(self, patterns: ArrayLike) -> ExponentialNetwork:
        """Network with given patterns.

        Parameters
        ----------
        patterns : array of +-1, shape (K, N)

        Returns
        -------
        ExponentialNetwork

        Raises
        ------
        InputError
            If the patterns are not of that shape or have other entries.

        Examples
        --------
        >>> float(Exponential().store([[1, 1, -1]]).energy([1, 1, -1]))
        -3.0
        """
        return ExponentialNetwork(self, np.asarray(patterns))
