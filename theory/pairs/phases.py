"""Phases of networks of pair interactions, p = 2."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from theory import branches
from theory.absence import where_it_ends
from theory.branches import Branch, Spinodal
from theory.pairs import disorder, equations, lines, melting, retrieval, spinodal
from theory.pairs.crosstalk import STORAGE, PairCrosstalk
from theory.saddle import Array
from theory.signal import PATTERN, Signal
from theory.stability import Marginal
from theory.states import State
from theory.transitions import Line, first_order_line, glass_line, spinodal_line

__all__ = ["HopfieldPhases"]


@dataclass(frozen=True)
class HopfieldPhases:
    r"""Replica-symmetric phases of networks of pair interactions; see the functions of these names.

    Parameters
    ----------
    self_interaction : bool
        Whether the energy is the full square of the overlap, which lowers it by α/2 per spin.
    signal : Signal
        Law of the entries of the effective pattern.
    modes : tuple of pairs of float
        Scale and number of the modes of the crosstalk: (1, 1), and for examples without a teacher
        :math:`(\rho/(1+\rho), M-1)` as well; scales are 1 - d times as large where a part d of the
        entries is blank.

    Examples
    --------
    >>> HopfieldPhases().glass_temperature(np.array([0.25])).item()
    1.5
    """

    self_interaction: bool = False
    signal: Signal = PATTERN
    modes: tuple[tuple[float, float], ...] = STORAGE.modes

    @property
    def crosstalk(self) -> PairCrosstalk:
        """Modes of the crosstalk."""
        return PairCrosstalk(self.modes)

    @property
    def melting_temperature(self) -> float:
        """End of retrieval at any load, see `theory.pairs.melting.melting_temperature`."""
        return melting.melting_temperature(self.crosstalk, self.signal)

    def residuals(
        self, load: Array, temperature: Array, effective_overlap: Array, noise: Array
    ) -> tuple[Array, Array]:
        """Saddle-point equations, see `theory.pairs.equations.residuals`."""
        return equations.residuals(
            self.crosstalk, self.signal, load, temperature, effective_overlap, noise
        )

    def observables(
        self, load: Array, temperature: Array, effective_overlap: Array, noise: Array
    ) -> dict[str, Array]:
        """Thermodynamics, see `theory.pairs.equations.observables`."""
        values = load, temperature, effective_overlap, noise
        return equations.observables(self.crosstalk, self.signal, *values, self.self_interaction)

    def search(self, along: Branch, row: NDArray[np.intp], load: Array) -> tuple[Array, Array]:
        """Retrieval by bracketing, see `theory.pairs.retrieval.search`."""
        return retrieval.search(self.crosstalk, self.signal, along, row, load)

    def branch(self, temperature: Array) -> Branch:
        """Retrieval solutions at a set of temperatures, see `theory.pairs.retrieval.branch`."""
        return retrieval.branch(self.crosstalk, self.signal, temperature)

    def spinodal(self, temperature: Array) -> Spinodal:
        """End of the retrieval phase, see `theory.pairs.spinodal.spinodal`."""
        return spinodal.spinodal(self.crosstalk, self.signal, temperature)

    def retrieval(self, along: Branch, rows: NDArray[np.intp], load: Array) -> State:
        """Retrieval phase, see `theory.branches.retrieval`."""
        return branches.retrieval(self, along, rows, load)

    def glass(self, load: Array, temperature: Array) -> State:
        """Spin glass, see `theory.pairs.disorder.glass`."""
        return disorder.glass(self.crosstalk, load, temperature, self.self_interaction)

    def paramagnet(self, load: Array, temperature: Array) -> State:
        """Paramagnet, see `theory.pairs.disorder.paramagnet`."""
        return disorder.paramagnet(self.crosstalk, load, temperature, self.self_interaction)

    def rival(self, load: Array, temperature: Array) -> State:
        """The spin glass, which competes with retrieval wherever there is any."""
        return self.glass(load, temperature)

    def largest_rival_load(self, temperature: Array) -> Array:
        """No limit: infinity."""
        return np.full_like(temperature, np.inf)

    def first_order_range(self) -> tuple[float, float]:
        """From T = 0 to melting."""
        return 0.0, self.melting_temperature

    def glass_temperature(self, load: Array) -> Array:
        """Freezing temperature, see `theory.pairs.disorder.glass_temperature`."""
        return disorder.glass_temperature(self.crosstalk, load)

    def marginal(self, ratio: Array) -> Marginal:
        """Marginally stable retrieval, see `theory.pairs.lines.marginal`."""
        return lines.marginal(self.crosstalk, self.signal, ratio)

    def largest_marginal_ratio(self) -> float:
        """Ratio σ/n, see `theory.pairs.lines.largest_marginal_ratio`."""
        return lines.largest_marginal_ratio(self.crosstalk, self.signal)

    def instability_line(self, points: int) -> Line:
        """AT line, see `theory.pairs.lines.instability_line`."""
        return lines.instability_line(self.crosstalk, self.signal, points)

    def lines(self, points: int, max_load: float) -> dict[str, Line]:
        """Glass line, spinodal, first-order line and AT line, those of them that there are."""
        result = {"glass": glass_line(self, points, max_load)}
        if self.melting_temperature > 0.0:
            result["spinodal"] = spinodal_line(self, points)
            if self.signal.subcritical:
                # beyond, the free energy of what is left of retrieval is above that of the glass
                result["first-order"] = first_order_line(self, points)
            result["at"] = self.instability_line(points)
        return result

    def why_absent(self, phase: str, load: float, temperature: float) -> str:
        """Where the phase ends."""
        return where_it_ends(self, phase, load, temperature)
