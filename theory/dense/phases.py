"""Phases of networks of p-body interactions, p >= 3."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from theory import branches
from theory.absence import where_it_ends
from theory.branches import Branch, Spinodal
from theory.crosstalk import Crosstalk, crosstalk
from theory.dense import disorder, equations, lines, retrieval, spinodal
from theory.dense.freezing import Freezing, freezing
from theory.diagram import common_lines
from theory.saddle import Array
from theory.signal import PATTERN, Signal
from theory.stability import Marginal
from theory.states import State
from theory.transitions import Line, exact_line, instability_line

__all__ = ["DensePhases"]

BEYOND = 1e-6  # relative excess of the bracket over the load where the paramagnet ends


@dataclass(frozen=True)
class DensePhases:
    """Replica-symmetric phases of networks of p-body interactions, p >= 3.

    Parameters
    ----------
    p : int
        At least 3.
    self_interaction : bool
        Whether the energy is the full power of the overlap.
    signal : Signal
        Law of the entries of the effective pattern.
    interference : float
        Factor of the crosstalk, see `theory.crosstalk.interference`.

    Examples
    --------
    >>> round(DensePhases(3).melting_temperature, 6)
    0.582583
    """

    p: int
    self_interaction: bool = False
    signal: Signal = PATTERN
    interference: float = 1.0

    @property
    def crosstalk(self) -> Crosstalk:
        """The polynomial ξ, see `theory.crosstalk`."""
        return crosstalk(self.p, self.self_interaction).scaled(self.interference)

    @property
    def freezing(self) -> Freezing:
        """Transition from the paramagnet to the glass, see `theory.dense.freezing`."""
        return freezing(self.crosstalk)

    @property
    def melting_temperature(self) -> float:
        """End of retrieval at zero load, see `theory.dense.spinodal.melting_temperature`."""
        return spinodal.melting_temperature(self.p, self.signal)

    def residuals(
        self, load: Array, temperature: Array, effective_overlap: Array, noise: Array
    ) -> tuple[Array, Array]:
        """Saddle-point equations, see `theory.dense.equations.residuals`."""
        point = load, temperature, effective_overlap, noise
        return equations.residuals(self.crosstalk, self.signal, *point)

    def observables(
        self, load: Array, temperature: Array, effective_overlap: Array, noise: Array
    ) -> dict[str, Array]:
        """Thermodynamics, see `theory.dense.equations.observables`."""
        point = load, temperature, effective_overlap, noise
        return equations.observables(self.crosstalk, self.signal, *point)

    def search(self, along: Branch, row: NDArray[np.intp], load: Array) -> tuple[Array, Array]:
        """Retrieval by bracketing, see `theory.dense.retrieval.search`."""
        return retrieval.search(self.crosstalk, self.signal, along, row, load)

    def branch(self, temperature: Array) -> Branch:
        """Retrieval solutions at a set of temperatures, see `theory.dense.retrieval.branch`."""
        return retrieval.branch(self.crosstalk, self.signal, temperature)

    def spinodal(self, temperature: Array) -> Spinodal:
        """End of the retrieval phase, see `theory.dense.spinodal.spinodal`."""
        return spinodal.spinodal(self.crosstalk, self.signal, temperature)

    def retrieval(self, along: Branch, rows: NDArray[np.intp], load: Array) -> State:
        """Retrieval phase, see `theory.branches.retrieval`."""
        return branches.retrieval(self, along, rows, load)

    def glass(self, load: Array, temperature: Array) -> State:
        """Replica-symmetric glass, see `theory.dense.disorder.glass`."""
        return disorder.glass(self.crosstalk, load, temperature)

    def paramagnet(self, load: Array, temperature: Array) -> State:
        """Paramagnet, see `theory.dense.disorder.paramagnet`."""
        return disorder.paramagnet(self.crosstalk, load, temperature)

    def rival(self, load: Array, temperature: Array) -> State:
        """Paramagnet, or replica-symmetric glass where there is one."""
        everywhere = np.ones(load.shape, dtype=bool)
        return disorder.disordered(self.crosstalk, load, temperature, everywhere)

    def largest_rival_load(self, temperature: Array) -> Array:
        """Slightly beyond the line of a glass that breaks replica symmetry in one step."""
        if not self.freezing.one_step:
            return np.full_like(temperature, np.inf)
        return (temperature / self.freezing.ratio) ** 2 * (1.0 + BEYOND)

    def first_order_range(self) -> tuple[float, float]:
        """From T = 0, or from where the line meets a one-step glass, to zero load."""
        high = lines.condensation_temperature(self.p, self.signal)
        return (self._triple_temperature(high) if self.freezing.one_step else 0.0), high

    def glass_temperature(self, load: Array) -> Array:
        """Transition from the paramagnet to a glass, see `theory.dense.freezing`."""
        return np.asarray(self.freezing.ratio * np.sqrt(load))

    def marginal(self, ratio: Array) -> Marginal:
        """Marginally stable retrieval, see `theory.dense.lines.marginal`."""
        return lines.marginal(self.crosstalk, self.signal, ratio)

    def largest_marginal_ratio(self) -> float:
        """Ratio of σ and n^(p-1), see `theory.dense.lines.largest_marginal_ratio`."""
        return lines.largest_marginal_ratio(self.crosstalk, self.signal)

    def instability_line(self, points: int) -> Line:
        """AT line, see `theory.transitions.instability_line`."""
        return instability_line(self, points)

    def lines(self, points: int, max_load: float) -> dict[str, Line]:
        """The common lines, and T = (p-1)! α for patterns without self-interaction."""
        result = common_lines(self, points, max_load)
        if self.signal.binary and not self.self_interaction:
            load = np.linspace(0.0, lines.nishimori_end(self.p), points)
            result["nishimori"] = exact_line(load, lines.nishimori_temperature(self.p, load))
        return result

    def why_absent(self, phase: str, load: float, temperature: float) -> str:
        """Where the phase ends, or that the glass is none of replica symmetry."""
        below = temperature < self.glass_temperature(np.array([load])).item()
        if phase == "glass" and self.freezing.one_step and below:
            return "it breaks replica symmetry in one step; ansatz 'rs' has no such phase"
        return where_it_ends(self, phase, load, temperature)

    def _triple_temperature(self, highest: float) -> float:
        """Where the transition to retrieval meets that to the one-step glass."""

        def difference(temperature: float) -> float:
            t = np.array([temperature])
            load = (t / self.freezing.ratio) ** 2
            ordered = self.retrieval(self.branch(t), np.array([0]), load)
            gap = (ordered.free_energy - self.rival(load, t).free_energy).item()
            return 1.0 if ordered.status.item() == "absent" else gap

        return float(brentq(difference, 1e-3 * highest, highest, xtol=1e-15, rtol=1e-14))
