"""Models: what a network is, as a few numbers without a size or a temperature."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hopfield.arguments import InputError, integer, real, require_memory
from hopfield.energies import count_table, energy_unit, single_pattern
from hopfield.network import Network
from hopfield.patterns import check_dilution, diluted_patterns
from hopfield.seeds import Seed, record, sequence

__all__ = ["Dense", "Hopfield"]

LARGEST_EXPONENT = 300


@dataclass(frozen=True)
class Dense:
    r"""Hebbian network of p-body interactions.

    .. math::
        H(s) = -\frac{(p-1)!}{N^{p-1}} \sum_\mu \sum_{i_1 < \dots < i_p}
               \xi^\mu_{i_1} s_{i_1} \cdots \xi^\mu_{i_p} s_{i_p}

    or, with self-interaction,

    .. math::
        H(s) = -\frac{N}{p} \sum_\mu m_\mu^p .

    p = 2 without self-interaction is the Hopfield model.

    Parameters
    ----------
    p : int
        Number of spins in an interaction, at least 2.
    self_interaction : bool
        False: all p spins are different. True: the full power of the overlap.

    Raises
    ------
    InputError
        If `p` is not an integer >= 2 or `self_interaction` not a bool.

    References
    ----------
    J. J. Hopfield, Proc. Natl. Acad. Sci. 79, 2554 (1982); E. Gardner, J. Phys. A 20, 3453 (1987),
    eq. (1.1); D. Krotov and J. J. Hopfield, NIPS 29, 1172 (2016), eq. (1).

    Examples
    --------
    >>> Dense(p=2) == Hopfield()
    True
    """

    p: int
    self_interaction: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "p", integer("p", self.p, low=2))
        if not isinstance(self.self_interaction, bool):
            raise InputError(
                f"self_interaction must be True or False, got {self.self_interaction!r}"
            )

    @property
    def interaction_order(self) -> int:
        """The p of the load K / N^(p-1)."""
        return self.p

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

    def patterns_at(self, load: float, size: int) -> int:
        """Number of patterns K, the integer next to α N^(p-1).

        Parameters
        ----------
        load : float
            α, at least 0.
        size : int
            N, at least 2.

        Returns
        -------
        int
            At least 1.

        Raises
        ------
        InputError
            If an argument is out of range.

        Examples
        --------
        >>> Hopfield().patterns_at(0.05, 2000)
        100
        """
        power = float(self._in_range(size)) ** (self.p - 1)
        return max(1, round(real("load * size^(p - 1)", real("load", load) * power)))

    def network(
        self,
        size: int,
        *,
        load: float | None = None,
        n_patterns: int | None = None,
        dilution: float = 0.0,
        seed: Seed = None,
    ) -> Network:
        """Network of N spins with random patterns.

        Parameters
        ----------
        size : int
            Number N of spins, at least 2.
        load : float
            α = K / N^(p-1); give either this or `n_patterns`.
        n_patterns : int
            Number K of patterns, at least 1.
        dilution : float
            Probability of a blank pattern entry, in [0, 1).
        seed : int, numpy.random.SeedSequence or None
            Of the patterns.

        Returns
        -------
        Network

        Raises
        ------
        InputError
            If an argument is out of range or the patterns do not fit into memory.

        Examples
        --------
        >>> Hopfield().network(size=2000, load=0.05, seed=1).n_patterns
        100
        """
        self._in_range(size)
        if (load is None) == (n_patterns is None):
            raise InputError("give either load or n_patterns")
        count = self.patterns_at(load, size) if load is not None else n_patterns
        count = integer("n_patterns", count, low=1)
        blank = check_dilution(dilution)
        used = sequence(seed)
        require_memory("the patterns", count * size)
        patterns = diluted_patterns(count, size, blank, used)
        return Network(self, patterns, record(used))

    def _in_range(self, size: object) -> int:
        """The number of spins, if its power p is a number that a float can hold."""
        n = integer("size", size, low=2)
        exponent = self.p * math.log10(n + 2)
        if exponent > LARGEST_EXPONENT:
            allowed = f"size^p must stay below 1e{LARGEST_EXPONENT}"
            raise InputError(f"{allowed}, got about 1e{exponent:.0f} with p = {self.p}")
        return n


def Hopfield() -> Dense:
    """The Hopfield model, `Dense(p=2)`.

    Examples
    --------
    >>> Hopfield()
    Dense(p=2, self_interaction=False)
    """
    return Dense(p=2)
