"""Phases of one-step replica symmetry breaking."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from theory.absence import where_it_ends
from theory.branches import Branch, Spinodal
from theory.one_step import lines
from theory.one_step.crosstalk import Interaction
from theory.one_step.equations import Found, observables
from theory.one_step.glass import glass, transition
from theory.one_step.instability import is_unstable
from theory.one_step.retrieval import highest_temperature, retrieval, warmest_jump
from theory.one_step.spinodals import spinodals
from theory.one_step.states import OneStepState
from theory.saddle import Array
from theory.stability import Marginal
from theory.states import State
from theory.transitions import Line, Phases

__all__ = ["OneStepPhases"]


def _symmetric(state: State) -> OneStepState:
    """Replica-symmetric state in terms of one-step order parameters."""
    q, found = state.self_overlap, np.isin(state.status, ("converged", "at the edge"))
    return OneStepState(
        overlap=state.overlap.copy(),
        effective_overlap=state.effective_overlap.copy(),
        self_overlap_0=q.copy(),
        self_overlap_1=q.copy(),
        breakpoint=np.full_like(q, np.nan),
        noise=state.noise.copy(),
        free_energy=state.free_energy.copy(),
        energy=state.energy.copy(),
        entropy=state.entropy.copy(),
        complexity=np.where(found, 0.0, np.nan),
        replicon=state.replicon.copy(),
        replicon_outer=state.replicon.copy(),
        residual=state.residual.copy(),
        status=np.where(found, "replica symmetric", state.status).astype("<U17"),
    )


def _write(into: OneStepState, cell: int, crosstalk: Interaction, found: Found) -> None:
    """Enter a solution."""
    state, part = found.state, crosstalk.contribution(found.state)
    values = observables(crosstalk, state) | {
        "effective_overlap": state.effective_overlap,
        "self_overlap_0": state.outer,
        "self_overlap_1": state.inner,
        "breakpoint": state.slope * state.temperature,
        "noise": float(np.sqrt(part.outer_variance + part.inner_variance)),
        "residual": found.residual,
    }
    for name, value in values.items():
        getattr(into, name)[cell] = value
    into.status[cell] = "converged"


def _erase(into: OneStepState, cell: int, word: str) -> None:
    """Enter that there is no solution."""
    for field in fields(into):
        getattr(into, field.name)[cell] = word if field.name == "status" else np.nan


@dataclass(frozen=True)
class OneStepPhases:
    """Phases of one-step replica symmetry breaking.

    Parameters
    ----------
    symmetric : Phases
        Replica-symmetric theory of the same model.
    crosstalk : Interaction
        Of the model.

    Examples
    --------
    >>> from theory.pairs.phases import HopfieldPhases
    >>> from theory.one_step.crosstalk import Pairs
    >>> theory = OneStepPhases(HopfieldPhases(), Pairs())
    >>> round(theory.spinodal(np.array([0.0])).load.item(), 6)
    0.138186
    """

    symmetric: Phases
    crosstalk: Interaction

    @property
    def melting_temperature(self) -> float:
        """Temperature from which on nothing is retrieved at any load."""
        return self.symmetric.melting_temperature

    def branch(self, temperature: Array) -> Branch:
        """Replica-symmetric retrieval solutions at a set of temperatures."""
        return self.symmetric.branch(temperature)

    def spinodal(self, temperature: Array) -> Spinodal:
        """End of the retrieval phase, see `theory.one_step.spinodals.spinodals`."""
        return spinodals(self.symmetric, self.crosstalk, temperature)

    def retrieval(self, along: Branch, rows: NDArray[np.intp], load: Array) -> OneStepState:
        """Retrieval phase; where replica symmetry is stable it is that of replica symmetry.

        Spins with x = 0 freeze on a crosstalk that remains at load 0; how they break symmetry
        there is not known.
        """
        plain = self.symmetric.retrieval(along, rows, load)
        result = _symmetric(plain)
        temperature = along.temperature[rows]
        broken = (plain.replicon < 0.0) | ~np.isfinite(plain.free_energy)
        broken |= self._broken_before(load, temperature)
        lost = is_unstable(plain, load)
        for cell in np.flatnonzero(broken & (temperature < self.melting_temperature)).tolist():
            a, t = float(load[cell]), float(temperature[cell])
            found = retrieval(self.symmetric, self.crosstalk, a, t)
            if found is None:
                if lost[cell]:
                    _erase(result, cell, "not converged")
                continue
            if found.converged:
                _write(result, cell, self.crosstalk, found)
                continue
            end = spinodals(self.symmetric, self.crosstalk, np.array([t]))
            _erase(result, cell, "absent" if a > end.load.item() else "not converged")
        return result

    def _broken_before(self, load: Array, temperature: Array) -> NDArray[np.bool_]:
        """Where a discontinuous transition leaves replica symmetry stable."""
        result = np.zeros(load.shape, dtype=bool)
        if self.melting_temperature == 0.0:
            return result
        near = temperature < warmest_jump(self.symmetric, self.crosstalk)
        for cell in np.flatnonzero(near).tolist():
            highest = highest_temperature(self.symmetric, self.crosstalk, float(load[cell]))
            result[cell] = temperature[cell] < highest
        return result

    def glass(self, load: Array, temperature: Array) -> OneStepState:
        """Glass, which breaks replica symmetry below its transition."""
        result = _symmetric(self.symmetric.glass(load, np.full_like(temperature, np.inf)))
        for cell in range(load.size):
            found = glass(self.crosstalk, float(load[cell]), float(temperature[cell]))
            if found is not None and found.converged:
                _write(result, cell, self.crosstalk, found)
            elif found is not None:
                _erase(result, cell, "not converged")
        return result

    def paramagnet(self, load: Array, temperature: Array) -> OneStepState:
        """Phase above the glass transition, which is replica symmetric."""
        return _symmetric(self.symmetric.paramagnet(load, temperature))

    def glass_temperature(self, load: Array) -> Array:
        """Temperature of the transition from the paramagnet to the glass."""
        return self.symmetric.glass_temperature(load)

    def marginal(self, ratio: Array) -> Marginal:
        """Where the replicon of the retrieval phase vanishes, by the ratio of noise to signal."""
        return self.symmetric.marginal(ratio)

    def largest_marginal_ratio(self) -> float:
        """Ratio of noise to signal at which that line meets the spinodal."""
        return self.symmetric.largest_marginal_ratio()

    def lines(self, points: int, max_load: float) -> dict[str, Line]:
        """Lines of the phase diagram, see `theory.one_step.lines.lines`."""
        return lines.lines(self.symmetric, self.crosstalk, points, max_load)

    def why_absent(self, phase: str, load: float, temperature: float) -> str:
        """Where the phase ends."""
        if phase == "glass" and load == 0.0:
            return "nothing freezes without load"
        return where_it_ends(self, phase, load, temperature)

    @property
    def discontinuous(self) -> bool:
        """Whether the breakpoint of the glass is 1 at its transition."""
        return transition(self.crosstalk, 1.0).discontinuous
