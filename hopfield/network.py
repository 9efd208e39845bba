"""A network of finite size: patterns and an energy; the slow, obvious reference."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import InputError, integer
from hopfield.protocols import CountedEnergy, Energy
from hopfield.storage import panels, products, unit_entries

__all__ = ["Network"]


@dataclass(frozen=True, eq=False)
class Network:
    r"""Patterns stored in N spins, with the energy :math:`H(s) = -\sum_\mu \varphi(M_\mu)`.

    Parameters
    ----------
    model : Dense or another energy
        Says what φ is.
    patterns : int8 array, shape (K, N)
        Entries 0 (blank) or +-1.
    seed_record : str
        The seed the patterns were drawn with, if they were.
    archetypes : int8 array, shape (n_archetypes, N), optional
        What the patterns are examples of, as many of each; by default the patterns themselves.

    Raises
    ------
    InputError
        If the patterns are not of that shape or have other entries.

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Network(hopfield.Hopfield(), [[1, 1, 1, 1]])
    >>> float(net.energy([1, 1, 1, 1]))
    -1.5
    """

    model: Energy
    patterns: NDArray[np.signedinteger]
    seed_record: str = "none"
    archetypes: NDArray[np.int8] = None  # type: ignore[assignment]

    def __post_init__(self) -> None:
        given = np.asarray(self.patterns)
        if given.ndim != 2 or given.shape[0] < 1 or given.shape[1] < 2:
            raise InputError(f"patterns must have shape (K >= 1, N >= 2), got {given.shape}")
        object.__setattr__(self, "patterns", self._checked(given))
        if self.archetypes is None:
            object.__setattr__(self, "archetypes", self.patterns)
            return
        hidden = unit_entries(np.asarray(self.archetypes), "archetypes")
        if hidden.shape[1:] != given.shape[1:] or given.shape[0] % hidden.shape[0]:
            shapes = f"{hidden.shape} for patterns of shape {given.shape}"
            raise InputError(f"archetypes must each have as many patterns, got shape {shapes}")
        object.__setattr__(self, "archetypes", hidden)

    def _checked(self, given: NDArray[np.generic]) -> NDArray[np.signedinteger]:
        """Patterns as they are kept."""
        return unit_entries(given, "patterns")

    @property
    def counted(self) -> CountedEnergy:
        """The model of a network whose energy depends on overlaps alone."""
        return cast(CountedEnergy, self.model)

    @property
    def n_patterns(self) -> int:
        """Number K of patterns."""
        return int(self.patterns.shape[0])

    @property
    def n_archetypes(self) -> int:
        """Number of archetypes; that of the patterns if nothing is learned from examples."""
        return int(self.archetypes.shape[0])

    @property
    def size(self) -> int:
        """Number N of spins."""
        return int(self.patterns.shape[1])

    @property
    def load(self) -> float:
        """Load α = K / N^(p-1) with the number K of archetypes."""
        return self.n_archetypes / float(self.size) ** (self.model.interaction_order - 1)

    @cached_property
    def filled(self) -> NDArray[np.int64]:
        """Number of non-blank entries of each pattern, shape (K,)."""
        counts = [np.abs(panel).sum(axis=1) for panel in panels(self.patterns)]
        return np.concatenate(counts).astype(np.int64)

    @property
    def squares(self) -> NDArray[np.int64]:
        """Sum of the squares of the entries of each pattern, shape (K,)."""
        return self.filled

    def effective_sums(self, first: int = 0, stop: int | None = None) -> NDArray[np.int64]:
        """Sums of all patterns of an archetype, shape (archetypes, N).

        They are effective patterns of unit variance times the `effective_unit` of the model.

        Parameters
        ----------
        first, stop : int
            Range of archetypes; by default all.
        """
        each = self.n_patterns // self.n_archetypes
        end = self.n_archetypes if stop is None else stop
        rows = self.patterns[first * each : end * each].reshape(-1, each, self.size)
        return np.asarray(rows.sum(axis=1, dtype=np.int64))

    @cached_property
    def energy_offset(self) -> float:
        r"""What theory leaves out of the energy, extensive.

        :math:`H = H_\text{theory} + \text{offset}`. For the full power of the overlap with even
        p >= 4 the mean of the energy over all states, which diverges per spin; 0.0 for all others.

        Examples
        --------
        >>> import hopfield
        >>> net = hopfield.Dense(4, self_interaction=True).network(size=10, n_patterns=1, seed=0)
        >>> net.energy_offset
        -0.07
        """
        return self.model.energy_offset(self.filled, self.size)

    def overlap_sums(self, spins: ArrayLike) -> NDArray[np.int64]:
        r"""Integer overlaps :math:`M_\mu = \sum_i \xi_i^\mu s_i`.

        Parameters
        ----------
        spins : int8 array, shape (..., N)

        Returns
        -------
        int64 array, shape (..., K)

        Examples
        --------
        >>> import hopfield
        >>> net = hopfield.Hopfield().network(size=4, n_patterns=1, seed=0)
        >>> net.overlap_sums(net.patterns)
        array([[4]])
        """
        return products(self._spins(spins), self.patterns)

    def overlaps(self, spins: ArrayLike) -> NDArray[np.float64]:
        r"""Overlaps :math:`m_\mu = M_\mu / N`.

        Parameters
        ----------
        spins : int8 array, shape (..., N)

        Returns
        -------
        array, shape (..., K)

        Examples
        --------
        >>> import hopfield
        >>> net = hopfield.Hopfield().network(size=4, n_patterns=1, seed=0)
        >>> net.overlaps(net.patterns)
        array([[1.]])
        """
        return self.overlap_sums(spins) / self.size

    def archetype_overlaps(self, spins: ArrayLike) -> NDArray[np.float64]:
        r"""Overlaps with the archetypes; those with the patterns if nothing is learned.

        Parameters
        ----------
        spins : int8 array, shape (..., N)

        Returns
        -------
        array, shape (..., n_archetypes)

        Examples
        --------
        >>> import hopfield
        >>> net = hopfield.Supervised(2, 0.6, 10).network(size=50, n_patterns=2, seed=0)
        >>> net.archetype_overlaps(net.archetypes)[0, 0].item()
        1.0
        """
        return products(self._spins(spins), self.archetypes) / self.size

    def effective_overlaps(self, spins: ArrayLike) -> NDArray[np.float64]:
        r"""Overlaps :math:`n_\mu` with the effective patterns, which have unit variance.

        Parameters
        ----------
        spins : int8 array, shape (..., N)

        Returns
        -------
        array, shape (..., n_archetypes)

        Examples
        --------
        >>> import hopfield
        >>> net = hopfield.Supervised(2, 1.0, 10).network(size=50, n_patterns=1, seed=0)
        >>> net.effective_overlaps(net.archetypes)
        array([[1.]])
        """
        states = self._spins(spins).astype(np.float64)
        sums = states @ self.effective_sums().T.astype(np.float64)
        return np.asarray(sums * (self.model.effective_unit / self.size))

    def energy(self, spins: ArrayLike) -> NDArray[np.float64]:
        r"""Energy :math:`H(s) = -\sum_\mu \varphi(M_\mu)`, extensive.

        Parameters
        ----------
        spins : int8 array, shape (..., N)

        Returns
        -------
        array, shape (...)

        Examples
        --------
        >>> import hopfield
        >>> net = hopfield.Hopfield().network(size=4, n_patterns=1, seed=0)
        >>> net.energy(net.patterns)
        array([-1.5])
        """
        return np.asarray(-self.pattern_energies(spins).sum(axis=-1))

    def energy_difference(self, spins: ArrayLike, i: int) -> NDArray[np.float64]:
        r"""Change of the energy when spin `i` is flipped, :math:`H(s^{(i)}) - H(s)`.

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
        >>> net = hopfield.Hopfield().network(size=4, n_patterns=1, seed=0)
        >>> net.energy_difference(net.patterns, 2)
        array([1.5])
        """
        integer("i", i, low=0, high=self.size - 1)
        states = self._spins(spins)
        sums = self.overlap_sums(states)
        flipped = sums - 2 * self.patterns[:, i].astype(np.int64) * states[..., i, None]
        return np.asarray((self._phi(sums) - self._phi(flipped)).sum(axis=-1))

    def pattern_energies(self, spins: ArrayLike) -> NDArray[np.float64]:
        r"""What each pattern takes from the energy, :math:`\varphi(M_\mu)`, shape (..., K)."""
        return self._phi(self.overlap_sums(spins))

    def local_fields(self, spins: ArrayLike) -> NDArray[np.float64]:
        r"""Fields :math:`h_i = \tfrac12 s_i [H(s^{(i)}) - H(s)]`, which do not depend on s_i.

        Parameters
        ----------
        spins : int8 array, shape (..., N)

        Returns
        -------
        array, shape (..., N)

        Examples
        --------
        >>> import hopfield
        >>> net = hopfield.Hopfield().network(size=4, n_patterns=1, seed=0)
        >>> (net.local_fields(net.patterns) * net.patterns).tolist()
        [[0.75, 0.75, 0.75, 0.75]]
        """
        states = self._spins(spins)
        fields = [self.energy_difference(states, i) for i in range(self.size)]
        return np.asarray(0.5 * states * np.stack(fields, axis=-1))

    def _phi(self, sums: NDArray[np.int64]) -> NDArray[np.float64]:
        return self.counted.phi(sums, self.filled, self.size)

    def _spins(self, spins: ArrayLike) -> NDArray[np.int8]:
        states = np.asarray(spins)
        if states.ndim < 1 or states.shape[-1] != self.size:
            raise InputError(f"spins must have shape (..., {self.size}), got {states.shape}")
        if states.dtype.kind not in "if" or not (np.abs(states) == 1).all():
            raise InputError("spins must have entries +1 or -1")
        return states.astype(np.int8, copy=False)
