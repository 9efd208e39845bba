"""States of one-step replica symmetry breaking, and what is known of a phase."""

from __future__ import annotations

from dataclasses import dataclass

from theory.saddle import Array
from theory.states import Words

__all__ = ["OneStep", "OneStepState"]


@dataclass(frozen=True)
class OneStep:
    r"""A state of one-step replica symmetry breaking, or a guess of one.

    Parameters
    ----------
    load, temperature, effective_overlap : float
        α, T and n, which is m where the pattern itself is stored.
    step : float
        :math:`\Delta = q_1 - q_0`.
    response : float
        :math:`C = (1 - q_1)/T`.
    slope : float
        :math:`y = x/T` with the breakpoint x.
    """

    load: float
    temperature: float
    effective_overlap: float
    step: float
    response: float
    slope: float

    @property
    def breakpoint(self) -> float:
        """Breakpoint x, at most 1 in a state of equilibrium."""
        return self.slope * self.temperature

    @property
    def defect(self) -> float:
        """1 - q₁."""
        return self.temperature * self.response

    @property
    def outer(self) -> float:
        """q₀, where rounding errors do not make it negative."""
        q0 = 1.0 - self.defect - self.step
        return 0.0 if abs(q0) < 1e-15 else q0

    @property
    def inner(self) -> float:
        """q₁."""
        return 1.0 - self.defect


@dataclass(frozen=True)
class OneStepState:
    """A phase, one entry a cell; not a number where it is absent or was not found.

    Parameters
    ----------
    overlap, effective_overlap, self_overlap_0, self_overlap_1, breakpoint, noise : arrays
        m, n, q₀, q₁, x and the width of the whole crosstalk field. Without examples n is m. Where
        replica symmetry is stable q₀ = q₁ = q, and the breakpoint is not a number.
    free_energy, energy, entropy, complexity : arrays
        Per spin.
    replicon, replicon_outer : arrays
        Stable against more steps of replica symmetry breaking if positive.
    residual : array
        Largest of the violations of the saddle-point equations.
    status : array of str
        Out of `hopfield.vocabulary.STATUS`.
    """

    overlap: Array
    effective_overlap: Array
    self_overlap_0: Array
    self_overlap_1: Array
    breakpoint: Array
    noise: Array
    free_energy: Array
    energy: Array
    entropy: Array
    complexity: Array
    replicon: Array
    replicon_outer: Array
    residual: Array
    status: Words
