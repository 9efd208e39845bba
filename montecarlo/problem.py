"""What all kernels share: the network in the forms they read, the temperature, the random key."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hopfield import ExponentialNetwork, Network
from hopfield.energies import exact_integers
from hopfield.seeds import Stream, sequence
from hopfield.storage import panels
from hopfield.weighted import WeightedNetwork
from montecarlo.bounds import LARGEST_FIELD, largest_entry, largest_integer_field
from montecarlo.record import Record, aligned
from montecarlo.rng import GROUP

__all__ = ["PatternTables", "Problem"]


@dataclass(frozen=True)
class PatternTables:
    """φ over its unit for every overlap, one table for each number of non-blank entries.

    `values[kinds[mu], M + N + 2]` is φ of pattern mu at integer overlap M.
    """

    values: NDArray[np.float64]
    kinds: NDArray[np.int32]
    blanks: bool


@dataclass(frozen=True)
class SlopeTables:
    """What a flip changes, in integers, for every overlap of a pattern without blanks.

    Entry M + N + 2 of `values` is φ(M) over its unit; those of `slopes` and `curvatures`, times
    `divisor`, are φ(M + 2) - φ(M - 2) and 2 φ(M) - φ(M + 2) - φ(M - 2).
    """

    slopes: NDArray[np.int64]
    curvatures: NDArray[np.int64]
    values: NDArray[np.float64]
    divisor: float

    @property
    def largest_slope(self) -> int:
        """Largest |slope|."""
        return int(np.abs(self.slopes).max())


@dataclass(frozen=True)
class Problem:
    """A network at a temperature, under a dynamics, with its stream of random numbers.

    Parameters
    ----------
    network : Network
    temperature : float
    dynamics : str
        "glauber", "metropolis" or "parallel".
    key : uint64 array, shape (2,)
        Two words of 32 bits.
    stream : int
        Stream of the acceptance numbers.
    """

    network: Network
    temperature: float
    dynamics: str
    key: NDArray[np.uint64]
    stream: int

    @classmethod
    def seeded(
        cls, network: Network, temperature: float, dynamics: str, seed: np.random.SeedSequence
    ) -> Problem:
        """The problem with the acceptance numbers of a seed."""
        words = sequence(seed, Stream.ACCEPTANCE).generate_state(2, np.uint32)
        return cls(network, temperature, dynamics, words.astype(np.uint64), int(Stream.ACCEPTANCE))

    @property
    def metropolis(self) -> bool:
        """Whether a flip is accepted with probability min(1, exp(-ΔE/T))."""
        return self.dynamics == "metropolis"

    @property
    def parallel(self) -> bool:
        """Whether all spins see the state before the sweep."""
        return self.dynamics == "parallel"

    @property
    def pairwise(self) -> bool:
        """Whether the energy is quadratic in the overlaps, so that fields are linear in spins."""
        return self.network.model.interaction_order == 2

    @cached_property
    def largest_field(self) -> float:
        """Bound of the fields of pairwise networks, see `largest_integer_field`."""
        return largest_integer_field(self.network)

    @property
    def weighted(self) -> bool:
        """Whether pattern entries differ in size."""
        return isinstance(self.network, WeightedNetwork)

    @property
    def groups(self) -> int:
        """Number of groups of GROUP sites."""
        return -(-self.network.size // GROUP)

    @cached_property
    def pair_scale(self) -> float:
        """The threshold of a field in integers is this times ln(u/(1-u)).

        It is T/2 over the energy of a pair; at T = 0 only its sign matters.
        """
        model = self.network.model
        pair = model.energy_unit(self.network.size) * (2.0 if model.self_interaction else 1.0)
        return max(self.temperature / 2.0 / pair, 1e-200)

    @cached_property
    def quarter_scale(self) -> float:
        """2 T over the unit of φ: the scale of the thresholds of four times a field."""
        unit = self.network.model.energy_unit(self.network.size)
        return max(2.0 * self.temperature / unit, 1e-200)

    @cached_property
    def pattern_tables(self) -> PatternTables:
        """φ in integer units for the patterns of this network."""
        net = self.network
        kinds, inverse = np.unique(net.filled, return_inverse=True)
        values = np.stack([net.counted.count_table(int(filled), net.size) for filled in kinds])
        return PatternTables(values, inverse.astype(np.int32), bool((net.filled < net.size).any()))

    @cached_property
    def largest_term(self) -> float:
        """Bound of what a pattern adds to four times a field, over the unit of φ."""
        return 4.0 * float(np.abs(self.pattern_tables.values).max())

    @property
    def integer_slopes(self) -> bool:
        """Whether `slope_tables` is exact, and every field that is made of it."""
        net = self.network
        if self.weighted:
            return False
        fits = net.size < 2**15 and self.largest_term * net.n_patterns < 2**62
        return fits and exact_integers(net.counted, net.size) and not self.pattern_tables.blanks

    @property
    def exact(self) -> bool:
        """Whether fields are sums of integers, so that no order of summation matters."""
        if isinstance(self.network, ExponentialNetwork):
            return False
        if self.weighted:
            return self.pairwise and self.largest_field < LARGEST_FIELD
        floats = self.largest_term * self.network.n_patterns < 2**53
        return self.pairwise or self.integer_slopes or floats

    @cached_property
    def slope_tables(self) -> SlopeTables:
        """Differences of φ in integer units, over their greatest common divisor."""
        net = self.network
        values = net.counted.count_table(net.size, net.size)
        here = np.arange(2, values.size - 2, 2)  # the overlaps that a pattern can have
        below, at, above = values[here - 2], values[here], values[here + 2]
        slopes, curvatures = np.zeros((2, values.size), np.int64)
        slopes[here], curvatures[here] = above - below, 2.0 * at - above - below
        divisor = max(1, int(np.gcd.reduce(np.concatenate([slopes, curvatures]))))
        return SlopeTables(slopes // divisor, curvatures // divisor, values, float(divisor))

    def energies(self, record: Record) -> NDArray[np.float64]:
        """Energies per spin, from the counts of a record, without the constant of the network."""
        net = self.network
        energies = -net.model.energy_unit(net.size) * record.count
        return np.asarray((energies - net.energy_offset) / net.size)

    def count_squares(self, record: Record) -> None:
        """Turn sums of M² into sums of φ over its unit, for pairwise energies."""
        if not self.network.model.self_interaction:
            record.count[:] = (record.count - self.network.squares.sum()) / 2.0

    @cached_property
    def squares_at_site(self) -> NDArray[np.int32]:
        """Sum of the squares of the entries of all patterns at each site, shape (N,)."""
        sums = np.zeros(self.network.size)
        for panel in panels(self.network.patterns):
            sums += np.square(panel, dtype=np.float64).sum(axis=0)
        return sums.astype(np.int32)

    @property
    def witness(self) -> tuple[NDArray[np.int8], int]:
        """First archetype, and how many patterns belong to each."""
        net = self.network
        return net.archetypes[0], net.n_patterns // net.n_archetypes

    @cached_property
    def effective_sums_at_site(self) -> NDArray[np.signedinteger]:
        """Sums of the patterns of each archetype, with the sites first, shape (N, archetypes)."""
        net = self.network
        if net.n_patterns == net.n_archetypes:
            return self.site_major
        return np.ascontiguousarray(net.effective_sums().T, dtype=np.int32)

    def integer_fields(self, spins: NDArray[np.int8]) -> NDArray[np.int32]:
        """N h of pairwise networks over the energy of a pair, shape (replica, N)."""
        states = spins.astype(np.float64)
        fields = -self.squares_at_site * states
        for panel in panels(self.network.patterns):
            fields += (states @ panel.T.astype(np.float64)) @ panel
        return fields.astype(np.int32)

    @property
    def largest_sum(self) -> int:
        """Bound of |M|."""
        return self.network.size * largest_entry(self.network)

    @cached_property
    def site_major(self) -> NDArray[np.signedinteger]:
        """Patterns with the sites first, shape (N, K)."""
        return np.ascontiguousarray(self.network.patterns.T)

    @cached_property
    def negative_masks(self) -> NDArray[np.int8]:
        """0 for +1 and -1 for -1 (all bits set), with the sites first, shape (N, K)."""
        masks: NDArray[np.int8] = np.right_shift(self.network.patterns.T, 7, order="C")
        return masks

    @cached_property
    def negatives_at_site(self) -> NDArray[np.int64]:
        """Number of patterns that are -1 at each site, shape (N,)."""
        return np.asarray(-self.negative_masks.sum(axis=1, dtype=np.int64))

    @cached_property
    def group_gram(self) -> NDArray[np.float32]:
        """Sum over patterns of ξ_i ξ_j within each group, shape (groups, GROUP, GROUP)."""
        gram = aligned((self.groups, GROUP, GROUP), np.float32)
        for g in range(self.groups):
            slab = self.network.patterns[:, g * GROUP : (g + 1) * GROUP].astype(np.float32)
            width = slab.shape[1]
            gram[g, :width, :width] = slab.T @ slab
        return gram

    @cached_property
    def couplings(self) -> NDArray[np.signedinteger]:
        """N J_ij = sum over patterns of ξ_i ξ_j without the diagonal, shape (N, N)."""
        patterns, size = self.network.patterns, self.network.size
        couplings = np.zeros((size, size), dtype=self._coupling_type)
        wide = self._largest_coupling >= 2**24
        for panel in panels(patterns):
            rows: NDArray[Any] = panel.astype(np.float64) if wide else panel
            for first in range(0, size, 256):
                stretch = slice(first, first + 256)
                couplings[stretch] += (rows[:, stretch].T @ rows).astype(couplings.dtype)
        np.fill_diagonal(couplings, 0)
        return couplings

    @property
    def coupling_bytes(self) -> int:
        """Memory of `couplings`."""
        return int(self.network.size**2 * np.dtype(self._coupling_type).itemsize)

    @cached_property
    def _largest_coupling(self) -> int:
        """Bound of |N J_ij| and of every partial sum of it."""
        return self.network.n_patterns * largest_entry(self.network) ** 2

    @property
    def _coupling_type(self) -> type[np.int16] | type[np.int32]:
        return np.int16 if self._largest_coupling < 2**15 else np.int32
