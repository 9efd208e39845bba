r"""Exponential Hopfield networks: as many as :math:`K = e^{\alpha N}` patterns of N spins."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from hopfield.arguments import InputError, integer, real
from hopfield.bits import pack
from hopfield.exponential_network import ExponentialNetwork, Stored, Streamed
from hopfield.seeds import Seed, record, sequence

__all__ = ["Exponential"]

STORED_BYTES = 2**31
"""Networks of more packed patterns than this are streamed."""


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
        given = real("sharpness", self.sharpness)
        if given == 0.0:
            raise InputError("sharpness must be a number > 0, got 0")
        object.__setattr__(self, "sharpness", given)

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
            Its `load` is that of the integer K. Patterns of more than two gigabytes are drawn
            again whenever they are needed.

        Raises
        ------
        InputError
            If an argument is out of range, or both or none of load and number is given.

        Examples
        --------
        >>> Exponential().network(size=30, n_patterns=1000, seed=1).patterns.shape
        (1000, 30)
        """
        n = integer("size", size, low=2)
        if (load is None) == (n_patterns is None):
            raise InputError("give either load or n_patterns")
        count = self.patterns_at(load, n) if load is not None else n_patterns
        k, used = integer("n_patterns", count, low=1), sequence(seed)
        streamed = Streamed(k, n, used)
        if 8 * -(-n // 64) * k > STORED_BYTES:
            return ExponentialNetwork(self, streamed, record(used))
        words = np.concatenate(list(streamed.panels()))
        return ExponentialNetwork(self, Stored(words, n), record(used))

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
        given = np.asarray(patterns)
        if given.ndim != 2 or given.shape[0] < 1 or given.shape[1] < 2:
            raise InputError(f"patterns must have shape (K >= 1, N >= 2), got {given.shape}")
        if given.dtype.kind not in "if" or not (np.abs(given) == 1).all():
            raise InputError("patterns must have entries +1 or -1")
        words = pack(given.astype(np.int8))
        return ExponentialNetwork(self, Stored(words, given.shape[1]))
