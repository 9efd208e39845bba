"""What is known of a phase of one-step replica symmetry breaking."""

from __future__ import annotations

from dataclasses import dataclass

from theory.saddle import Array
from theory.states import Words

__all__ = ["OneStepState"]


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
        Out of `hopfield.results.STATUS`.
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
