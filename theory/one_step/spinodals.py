"""Where retrieval states of one-step replica symmetry breaking end, at a set of temperatures."""

from __future__ import annotations

import dataclasses

import numpy as np

from theory.branches import Spinodal
from theory.one_step.crosstalk import Interaction, OneStep
from theory.one_step.ends import largest_load_next_to
from theory.one_step.equations import Found, observables
from theory.one_step.instability import end_of_instability, is_unstable
from theory.one_step.retrieval import spinodal
from theory.saddle import Array
from theory.transitions import Line, Phases, temperature_grid

__all__ = ["spinodal_line", "spinodals"]

FAR = 0.2  # of the highest temperature, beyond which a spinodal is no guess for the next
SHORTFALL = 0.9  # of the replica-symmetric load, which that of one step otherwise exceeds
CLOSE_TO_END = 0.9  # of that temperature, from where on the AT line may end the phase


def spinodals(symmetric: Phases, crosstalk: Interaction, temperature: Array) -> Spinodal:
    """End of the retrieval phase.

    It is the largest load of one-step states where the replica-symmetric spinodal is unstable. In
    a narrow range next to the end of the AT line no stable one-step state branches off; there the
    phase ends on the AT line.

    Parameters
    ----------
    symmetric : Phases
        Replica-symmetric theory.
    crosstalk : Interaction
        Of the model.
    temperature : array, shape (n,)
        T.

    Returns
    -------
    Spinodal

    References
    ----------
    H. Steffan and R. Kühn, Z. Phys. B 95, 249 (1994): 0.138186 for p = 2 at T = 0.

    Examples
    --------
    >>> from theory.pairs.phases import HopfieldPhases
    >>> from theory.one_step.crosstalk import Pairs
    >>> round(spinodals(HopfieldPhases(), Pairs(), np.array([0.0])).load.item(), 6)
    0.138186
    """
    plain = symmetric.spinodal(temperature)
    end = Spinodal(*(getattr(plain, field.name).copy() for field in dataclasses.fields(plain)))
    highest = end_of_instability(symmetric)[2]
    last: OneStep | None = None
    kept = np.isfinite(end.load)
    for cell in np.argsort(temperature):
        found = _spinodal(symmetric, crosstalk, float(temperature[cell]), last, highest)
        if found is None:
            continue
        kept[cell] = False
        last = found.state if found.converged and found.state.step > 0.0 else None
        for name, value in _values(crosstalk, found).items():
            getattr(end, name)[cell] = value if found.converged else np.nan
    along, load = symmetric.branch(temperature[kept]), end.load[kept]
    state = symmetric.retrieval(along, np.arange(load.size), load)
    lost = end.load < SHORTFALL * plain.load  # where n jumps, one-step states end at the jump
    lost[kept] = is_unstable(state, load)
    for field in dataclasses.fields(end):
        getattr(end, field.name)[lost] = np.nan
    return end


def _values(crosstalk: Interaction, found: Found) -> dict[str, float]:
    """Fields of `Spinodal` in a state."""
    state, part = found.state, crosstalk.contribution(found.state)
    return {
        "load": state.load,
        "overlap": _overlap(crosstalk, state),
        "effective_overlap": state.effective_overlap,
        "noise": float(np.sqrt(part.outer_variance + part.inner_variance)),
        "residual": found.residual,
    }


def _overlap(crosstalk: Interaction, state: OneStep) -> float:
    """Overlap with the archetype, also in a state of replica symmetry."""
    if state.step > 0.0:
        return observables(crosstalk, state)["overlap"]
    strength = state.effective_overlap ** (crosstalk.p - 1)
    width = np.sqrt(crosstalk.contribution(state).outer_variance)
    return float(crosstalk.signal.moments(strength, width, state.temperature).overlap)


def _spinodal(
    symmetric: Phases,
    crosstalk: Interaction,
    temperature: float,
    last: OneStep | None,
    highest: float,
) -> Found | None:
    """Spinodal at one temperature, from the last one if that is near."""
    near = last is not None and temperature - last.temperature < FAR * highest
    if last is not None and near and temperature < CLOSE_TO_END * highest:
        found = largest_load_next_to(crosstalk, dataclasses.replace(last, temperature=temperature))
        if found.converged:
            return found
    return spinodal(symmetric, crosstalk, temperature)


def spinodal_line(symmetric: Phases, crosstalk: Interaction, points: int) -> Line:
    """End of the retrieval phase, from zero temperature to zero load.

    Parameters
    ----------
    symmetric : Phases
        Replica-symmetric theory.
    crosstalk : Interaction
        Of the model.
    points : int
        How many.

    Returns
    -------
    Line
        In order of temperature.

    Examples
    --------
    >>> from theory.pairs.phases import HopfieldPhases
    >>> from theory.one_step.crosstalk import Pairs
    >>> spinodal_line(HopfieldPhases(), Pairs(), 3).load.round(6).tolist()
    [0.138186, 0.058816, 0.0]
    """
    temperature = temperature_grid(0.0, symmetric.melting_temperature, points)
    end = spinodals(symmetric, crosstalk, temperature)
    inner = temperature < symmetric.melting_temperature
    load = np.where(inner, end.load, 0.0)
    residual = np.where(inner, end.residual, 0.0)
    found = np.isfinite(load)
    return Line(load, np.where(found, temperature, np.nan), residual, found)
