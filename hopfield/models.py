"""Models: what a network is, as a few numbers without a size or a temperature."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hopfield.arguments import InputError, integer, require_memory
from hopfield.energies import count_table, energy_unit, mean_phi, single_pattern
from hopfield.learning import Supervised, Unsupervised
from hopfield.loads import exponent_of, pattern_count, patterns_at
from hopfield.network import Network
from hopfield.patterns import check_dilution, diluted_patterns
from hopfield.seeds import Seed, record, sequence
from hopfield.storage import bytes_needed

__all__ = ["MODELS", "Dense", "Hopfield", "Model", "exponent_of", "model_of"]


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
        >>> Dense(4, self_interaction=True).energy_offset(np.array([10]), 10)  # -(3 N - 2)/(4 N^2)
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
        >>> Hopfield().patterns_at(0.05, 2000)
        100
        >>> Dense(4).patterns_at(0.5, 200, exponent=1)
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
        dilution: float = 0.0,
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
        dilution : float
            Probability of a blank pattern entry, in [0, 1).
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
        >>> Hopfield().network(size=2000, load=0.05, seed=1).n_patterns
        100
        """
        count = pattern_count(self.p, size, load, exponent, n_patterns)
        blank = check_dilution(dilution)
        used = sequence(seed)
        require_memory("the patterns", self.bytes_needed(count, size))
        patterns = diluted_patterns(count, size, blank, used)
        return Network(self, patterns, record(used))


Model = Dense | Supervised | Unsupervised
"""Any model."""

MODELS: dict[str, type[Model]] = {
    "Dense": Dense, "Supervised": Supervised, "Unsupervised": Unsupervised,
}  # fmt: skip
"""The classes by the names under which results mention them."""


def model_of(result: Any) -> Model:
    """The model that a result is of.

    Parameters
    ----------
    result : xarray.Dataset
        With the attributes it was made with.

    Returns
    -------
    Dense, Supervised or Unsupervised

    Raises
    ------
    InputError
        If they do not name one.

    Examples
    --------
    >>> import theory
    >>> model_of(theory.capacity(Dense(3)))
    Dense(p=3, self_interaction=False)
    """
    try:
        described = json.loads(result.attrs["model"])
        return MODELS[described.pop("name")](**described)
    except (AttributeError, KeyError, TypeError) as error:
        raise InputError(
            f"a result must name its model in its attributes, got {result!r}"
        ) from error


def Hopfield() -> Dense:
    """The Hopfield model, `Dense(p=2)`.

    Examples
    --------
    >>> Hopfield()
    Dense(p=2, self_interaction=False)
    """
    return Dense(p=2)
