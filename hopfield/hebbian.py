"""What networks that store patterns share, with full and with diluted ones."""

from __future__ import annotations

from abc import ABC

import numpy as np
from numpy.typing import NDArray

from hopfield.arguments import require_memory
from hopfield.energies import count_table, energy_unit, mean_phi, single_pattern
from hopfield.loads import pattern_count, patterns_at
from hopfield.network import Network
from hopfield.patterns import diluted_patterns
from hopfield.seeds import Seed, record, sequence
from hopfield.storage import bytes_needed

__all__ = ["Hebbian"]


class Hebbian(ABC):
    """Network that stores patterns by p-body interactions.

    Its subclasses are frozen dataclasses.

    Parameters
    ----------
    p : int
        Number of spins in an interaction.
    self_interaction : bool
        Whether the energy is the full power of the overlap.
    dilution : float
        Probability of a blank pattern entry.
    """

    p: int
    self_interaction: bool
    dilution: float

    @property
    def interaction_order(self) -> int:
        """The p of the load K / N^(p-1)."""
        return self.p

    @property
    def effective_unit(self) -> float:
        """Effective patterns are the patterns: 1."""
        return 1.0

    def phi(
        self, sums: NDArray[np.int64], filled: NDArray[np.int64], size: int
    ) -> NDArray[np.float64]:
        """Single-pattern energies φ(M; n); see `hopfield.energies.single_pattern`."""
        return single_pattern(self.p, self.self_interaction, sums, filled, size)

    def energy_unit(self, size: int) -> float:
        """Factor that turns the integers of `count_table` into energies."""
        return energy_unit(self.p, self.self_interaction, size)

    def count_table(self, filled: int, size: int) -> NDArray[np.float64]:
        """φ over its unit for every integer overlap; see `hopfield.energies.count_table`."""
        return count_table(self.p, self.self_interaction, filled, size)

    def energy_offset(self, filled: NDArray[np.int64], size: int) -> float:
        r"""Constant of the energy that theory leaves out.

        The mean of the energy over all states, :math:`-\sum_\mu E[M_\mu^p]/(p N^{p-1})`, for the
        full power with even p >= 4, where it diverges per spin; zero for all others, so that for
        p = 2 theory has the mean -α/2 as well.

        Parameters
        ----------
        filled : int array, shape (K,)
            Number of non-blank entries of each pattern.
        size : int
            Number N of spins.

        Returns
        -------
        float
            Extensive.

        Examples
        --------
        >>> import hopfield
        >>> dense = hopfield.Dense(4, self_interaction=True)
        >>> dense.energy_offset(np.array([10]), 10)  # -(3 N - 2)/(4 N^2)
        -0.07
        """
        if self.p < 4:
            return 0.0
        return 0.0 - float(mean_phi(self.p, self.self_interaction, filled, size).sum())

    def bytes_needed(self, count: int, size: int) -> int:
        """Memory of a network of so many patterns."""
        return bytes_needed(count, size)

    def patterns_at(self, load: float, size: int, exponent: float | None = None) -> int:
        r"""Number of patterns K, the integer next to :math:`\gamma N^b`.

        Parameters
        ----------
        load : float
            The load γ, which is α = K / N^(p-1) if no exponent is given.
        size : int
            N, at least 2.
        exponent : float, optional
            b, in (0, p - 1]; by default p - 1.

        Returns
        -------
        int

        Raises
        ------
        InputError
            If an argument is out of range, or the load means less than one pattern.

        Examples
        --------
        >>> import hopfield
        >>> hopfield.Hopfield().patterns_at(0.05, 2000)
        100
        >>> hopfield.Dense(4).patterns_at(0.5, 200, exponent=1)
        100
        """
        return patterns_at(self.p, load, size, exponent)

    def network(
        self,
        size: int,
        *,
        load: float | None = None,
        exponent: float | None = None,
        n_patterns: int | None = None,
        seed: Seed = None,
    ) -> Network:
        """Network of N spins with random patterns.

        Parameters
        ----------
        size : int
            Number N of spins, at least 2.
        load : float
            K / N^b; give either this or `n_patterns`.
        exponent : float, optional
            The b of `load`, in (0, p - 1]; by default p - 1, so that `load` is α.
        n_patterns : int
            Number K of patterns, at least 1.
        seed : int, numpy.random.SeedSequence or None
            Of the patterns.

        Returns
        -------
        Network
            Its `load` is K / N^(p-1), whatever the exponent.

        Raises
        ------
        InputError
            If an argument is out of range, the load means less than one pattern, or the network
            does not fit into memory.

        Examples
        --------
        >>> import hopfield
        >>> hopfield.Hopfield().network(size=2000, load=0.05, seed=1).n_patterns
        100
        """
        count = pattern_count(self.p, size, load, exponent, n_patterns)
        used = sequence(seed)
        require_memory("the patterns", self.bytes_needed(count, size))
        patterns = diluted_patterns(count, size, self.dilution, used)
        return Network(self, patterns, record(used))
