"""Phases of the Hopfield model, p = 2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from theory import branches, hopfield_equations, hopfield_retrieval
from theory.absence import where_it_ends
from theory.branches import Branch, Spinodal
from theory.diagram import common_lines
from theory.saddle import Array
from theory.stability import Marginal
from theory.states import State
from theory.transitions import Line

__all__ = ["HopfieldPhases"]


@dataclass(frozen=True)
class HopfieldPhases:
    """Replica-symmetric phases of the Hopfield model; see the functions of the same names.

    Parameters
    ----------
    self_interaction : bool
        Whether the energy is the full square of the overlap, which lowers it by α/2 per spin.

    Examples
    --------
    >>> HopfieldPhases().glass_temperature(np.array([0.25])).item()
    1.5
    """

    self_interaction: bool = False

    melting_temperature: ClassVar[float] = 1.0

    def residuals(
        self, load: Array, temperature: Array, overlap: Array, noise: Array
    ) -> tuple[Array, Array]:
        """Saddle-point equations, see `theory.hopfield_equations.residuals`."""
        return hopfield_equations.residuals(load, temperature, overlap, noise)

    def observables(
        self, load: Array, temperature: Array, overlap: Array, noise: Array
    ) -> dict[str, Array]:
        """Thermodynamics, see `theory.hopfield_equations.observables`."""
        return hopfield_equations.observables(
            load, temperature, overlap, noise, self.self_interaction
        )

    def search(self, along: Branch, row: NDArray[np.intp], load: Array) -> tuple[Array, Array]:
        """Retrieval by bracketing, see `theory.hopfield_retrieval.search`."""
        return hopfield_retrieval.search(along, row, load)

    def branch(self, temperature: Array) -> Branch:
        """Retrieval solutions at a set of temperatures, see `theory.hopfield_retrieval.branch`."""
        return hopfield_retrieval.branch(temperature)

    def spinodal(self, temperature: Array) -> Spinodal:
        """End of the retrieval phase, see `theory.hopfield_retrieval.spinodal`."""
        return hopfield_retrieval.spinodal(temperature)

    def retrieval(self, along: Branch, rows: NDArray[np.intp], load: Array) -> State:
        """Retrieval phase, see `theory.branches.retrieval`."""
        return branches.retrieval(self, along, rows, load)

    def glass(self, load: Array, temperature: Array) -> State:
        """Spin glass, see `theory.hopfield_equations.glass`."""
        return hopfield_equations.glass(load, temperature, self.self_interaction)

    def paramagnet(self, load: Array, temperature: Array) -> State:
        """Paramagnet, see `theory.hopfield_equations.paramagnet`."""
        return hopfield_equations.paramagnet(load, temperature, self.self_interaction)

    def rival(self, load: Array, temperature: Array) -> State:
        """The spin glass, which competes with retrieval at every T < 1."""
        return self.glass(load, temperature)

    def largest_rival_load(self, temperature: Array) -> Array:
        """No limit: infinity."""
        return np.full_like(temperature, np.inf)

    def first_order_range(self) -> tuple[float, float]:
        """From T = 0 to T = 1."""
        return 0.0, self.melting_temperature

    def glass_temperature(self, load: Array) -> Array:
        """Freezing temperature, see `theory.hopfield_equations.glass_temperature`."""
        return hopfield_equations.glass_temperature(load)

    def marginal(self, ratio: Array) -> Marginal:
        """Marginally stable retrieval, see `theory.hopfield_retrieval.marginal`."""
        return hopfield_retrieval.marginal(ratio)

    def largest_marginal_ratio(self) -> float:
        """Ratio σ/m, see `theory.hopfield_retrieval.largest_marginal_ratio`."""
        return hopfield_retrieval.largest_marginal_ratio()

    def lines(self, points: int, max_load: float) -> dict[str, Line]:
        """Glass line, spinodal, first-order line and AT line."""
        return common_lines(self, points, max_load)

    def why_absent(self, phase: str, load: float, temperature: float) -> str:
        """Where the phase ends."""
        return where_it_ends(self, phase, load, temperature)
