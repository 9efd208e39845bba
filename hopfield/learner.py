"""What networks that learn from noisy examples share, with and without a teacher."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import InputError, integer, positive, require_memory
from hopfield.loads import pattern_count, patterns_at
from hopfield.network import Network
from hopfield.patterns import check_dilution, diluted_patterns
from hopfield.seeds import Seed, sequence
from hopfield.storage import unit_entries

__all__ = ["Learner"]

MOST_EXAMPLES = 2**31 - 1


@dataclass(frozen=True)
class Learner(ABC):
    """Network that has seen M examples of quality r of every archetype.

    Parameters
    ----------
    p : int
        Number of spins in an interaction, at least 2.
    quality : float
        r, in (0, 1].
    examples : int
        M, at least 1.
    dilution : float
        Probability d of a blank entry of an archetype, in [0, 1); 0 for p > 2.

    Raises
    ------
    InputError
        If an argument is out of range.
    """

    p: int
    quality: float
    examples: int
    dilution: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "p", integer("p", self.p, low=2))
        object.__setattr__(self, "quality", positive("quality", self.quality, high=1.0))
        count = integer("examples", self.examples, low=1, high=MOST_EXAMPLES)
        object.__setattr__(self, "examples", count)
        object.__setattr__(self, "dilution", check_dilution(self.dilution))
        if self.dilution > 0.0 and self.p > 2:
            raise InputError(f"dilution must be 0 for p = {self.p}, got {self.dilution:g}")

    @property
    def interaction_order(self) -> int:
        """The p of the load K / N^(p-1)."""
        return self.p

    @property
    def self_interaction(self) -> bool:
        """All p spins of an interaction are different."""
        return False

    @property
    def dataset_entropy(self) -> float:
        r"""Variance of the mean example over its squared mean, :math:`\rho = (1-r^2)/(M r^2)`."""
        return self.entropy_of_order(1)

    def entropy_of_order(self, p: int) -> float:
        r"""The same for products of p entries, :math:`\rho_p = (1 - r^{2p})/(M r^{2p})`."""
        log_square = 2.0 * p * math.log(self.quality)
        return math.expm1(-log_square) / self.examples

    @property
    def effective_unit(self) -> float:
        r"""One example in units of the effective pattern, :math:`1/(M\sqrt R)`."""
        r_squared = self.quality**2
        variance = r_squared + (1.0 - self.quality) * (1.0 + self.quality) / self.examples
        return 1.0 / (self.examples * math.sqrt(variance))

    def energy_offset(self, filled: NDArray[np.int64], size: int) -> float:
        """Constant of the energy that theory leaves out: none."""
        return 0.0

    def patterns_at(self, load: float, size: int, exponent: float | None = None) -> int:
        """Number of archetypes at a load; see `hopfield.loads.patterns_at`."""
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
        """Network of N spins that has seen examples of random archetypes.

        Parameters
        ----------
        size : int
            Number N of spins, at least 2.
        load : float
            K / N^b with the number K of archetypes; give either this or `n_patterns`.
        exponent : float, optional
            The b of `load`, in (0, p - 1]; by default p - 1, so that `load` is α.
        n_patterns : int
            Number K of archetypes, at least 1.
        seed : int, numpy.random.SeedSequence or None
            Of archetypes and examples, which are the same with and without a teacher.

        Returns
        -------
        Network

        Raises
        ------
        InputError
            If an argument is out of range, the load means less than one archetype, or the network
            does not fit into memory.

        Examples
        --------
        >>> import hopfield
        >>> hopfield.Unsupervised(2, 0.5, 10).network(size=200, load=0.1, seed=1).n_patterns
        200
        """
        count = pattern_count(self.p, size, load, exponent, n_patterns)
        used = sequence(seed)
        require_memory("the examples", self.bytes_needed(count, size))
        archetypes = diluted_patterns(count, size, self.dilution, used)
        return self._trained(archetypes, used)

    def learn(self, examples: ArrayLike, archetypes: ArrayLike | None = None) -> Network:
        """Network that has seen given examples, which need not be of fair archetypes.

        Parameters
        ----------
        examples : array of +-1, shape (K, M, N)
            M as in the model, whose quality sets the units; see
            `hopfield.examples.measured_quality`. If the model is diluted, 0 where all examples of
            an archetype are blank.
        archetypes : array of +-1 or 0, shape (K, N), optional
            What overlaps are taken with; by default the signs of the sums of the examples, +1
            where they vanish, and 0 where the examples are blank.

        Returns
        -------
        Network

        Raises
        ------
        InputError
            If a shape is wrong, or an entry not +-1 (or, if the model is diluted, 0).

        Examples
        --------
        >>> import hopfield
        >>> seen = hopfield.noisy_examples(hopfield.fair_patterns(2, 8, seed=1), 0.5, 3, seed=1)
        >>> hopfield.Supervised(2, 0.5, 3).learn(seen).n_patterns
        2
        """
        given = np.asarray(examples)
        if given.ndim != 3 or given.shape[1] != self.examples:
            shape = f"(K, {self.examples}, N)"
            raise InputError(f"examples must have shape {shape}, got {given.shape}")
        seen = unit_entries(given, "examples")
        if self.dilution == 0.0 and not seen.all():
            raise InputError("examples must have entries +1 or -1")
        sums = seen.sum(axis=1, dtype=np.int64)
        guessed = np.where(sums < 0, -1, 1) * seen.any(axis=1)
        hidden = guessed if archetypes is None else np.asarray(archetypes)
        return self._of_examples(seen, hidden.astype(np.int8))

    @abstractmethod
    def bytes_needed(self, count: int, size: int) -> int:
        """Memory of a network of so many archetypes."""

    @abstractmethod
    def _trained(self, archetypes: NDArray[np.int8], seed: np.random.SeedSequence) -> Network:
        """Network that has seen examples of archetypes, drawn with a seed."""

    @abstractmethod
    def _of_examples(self, examples: NDArray[np.int8], archetypes: NDArray[np.int8]) -> Network:
        """Network that has seen given examples."""
