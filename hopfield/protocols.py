"""What networks and samplers need to know of a model."""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

__all__ = ["CountedEnergy", "Energy"]


class Energy(Protocol):
    """What a network and its samplers need to know of any model."""

    @property
    def interaction_order(self) -> int:
        """Power p - 1 of N in the load, plus one."""

    @property
    def self_interaction(self) -> bool:
        """Whether a spin may appear more than once in an interaction."""

    @property
    def effective_unit(self) -> float:
        """What makes an effective pattern of unit variance out of integers."""

    def energy_unit(self, size: int) -> float:
        """Factor that turns products of p entries into energies."""

    def energy_offset(self, filled: NDArray[np.int64], size: int) -> float:
        """Constant of the energy that theory leaves out, extensive; 0.0 if there is none."""


class CountedEnergy(Energy, Protocol):
    """Energy that depends on a pattern through its overlap alone."""

    def phi(
        self, sums: NDArray[np.int64], filled: NDArray[np.int64], size: int
    ) -> NDArray[np.float64]:
        """Single-pattern energies φ(M; n), see `hopfield.energies.single_pattern`."""

    def count_table(self, filled: int, size: int) -> NDArray[np.float64]:
        """φ over `energy_unit` for every integer overlap, see `hopfield.energies.count_table`."""
