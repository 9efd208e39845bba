"""A network of finite size: patterns and an energy; the slow, obvious reference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import InputError, integer
from hopfield.energies import Energy

__all__ = ["Network", "bytes_needed", "panels"]

PANEL_BYTES = 2**21
"""Patterns are turned into floats in panels of this size, so that no float copy of all is made."""

NUMBERS_PER_PATTERN = 9
"""Numbers of 8 bytes that the energy of one state takes for each pattern, beside its entries."""


def bytes_needed(n_patterns: int, size: int) -> int:
    """Memory of a network and of the energy of one state.

    Parameters
    ----------
    n_patterns, size : int
        Numbers K of patterns and N of spins.

    Returns
    -------
    int

    Examples
    --------
    >>> bytes_needed(1000, 1000)
    1072000
    """
    return n_patterns * (size + 8 * NUMBERS_PER_PATTERN)


def panels(patterns: NDArray[np.int8], n_bytes: int = PANEL_BYTES) -> Iterator[NDArray[np.float32]]:
    """Rows of `patterns` as float32, as many at a time as fit into `n_bytes`.

    Examples
    --------
    >>> [panel.shape for panel in panels(np.ones((3, 4), np.int8))]
    [(3, 4)]
    """
    rows = max(1, n_bytes // (4 * patterns.shape[1]))
    for first in range(0, len(patterns), rows):
        yield patterns[first : first + rows].astype(np.float32)


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
    patterns: NDArray[np.int8]
    seed_record: str = "none"

    def __post_init__(self) -> None:
        given = np.asarray(self.patterns)
        if given.ndim != 2 or given.shape[0] < 1 or given.shape[1] < 2:
            raise InputError(f"patterns must have shape (K >= 1, N >= 2), got {given.shape}")
        if given.dtype.kind not in "if" or given.min() < -1 or given.max() > 1:
            raise InputError("patterns must have entries -1, 0 or +1")
        if given.dtype.kind == "f" and (given != np.rint(given)).any():
            raise InputError("patterns must have entries -1, 0 or +1")
        object.__setattr__(self, "patterns", np.ascontiguousarray(given, dtype=np.int8))

    @property
    def n_patterns(self) -> int:
        """Number K of patterns."""
        return int(self.patterns.shape[0])

    @property
    def size(self) -> int:
        """Number N of spins."""
        return int(self.patterns.shape[1])

    @property
    def load(self) -> float:
        """Load α = K / N^(p-1)."""
        return self.n_patterns / float(self.size) ** (self.model.interaction_order - 1)

    @cached_property
    def filled(self) -> NDArray[np.int64]:
        """Number of non-blank entries of each pattern, shape (K,)."""
        counts = [np.abs(panel).sum(axis=1) for panel in panels(self.patterns)]
        return np.concatenate(counts).astype(np.int64)

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
        # In float32 the products go through BLAS and every partial sum is an exact integer.
        states = self._spins(spins).astype(np.float32)
        sums = np.empty((*states.shape[:-1], self.n_patterns), dtype=np.int64)
        first = 0
        for panel in panels(self.patterns):
            sums[..., first : first + len(panel)] = states @ panel.T
            first += len(panel)
        return sums

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
        return np.asarray(-self._phi(self.overlap_sums(spins)).sum(axis=-1))

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
        return self.model.phi(sums, self.filled, self.size)

    def _spins(self, spins: ArrayLike) -> NDArray[np.int8]:
        states = np.asarray(spins)
        if states.ndim < 1 or states.shape[-1] != self.size:
            raise InputError(f"spins must have shape (..., {self.size}), got {states.shape}")
        if states.dtype.kind not in "if" or not (np.abs(states) == 1).all():
            raise InputError("spins must have entries +1 or -1")
        return states.astype(np.int8, copy=False)
