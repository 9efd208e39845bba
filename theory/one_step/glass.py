r"""Glass of one-step replica symmetry breaking, m = 0.

It is followed from zero temperature, where a rough guess is enough for Newton's method, up to its
transition. Two transitions are told apart (see `theory.dense.freezing`):

* continuous, :math:`q_1 - q_0 \to 0`: order parameters are powers of :math:`T_g - T`, and the
  coordinate of the table is :math:`-\ln(1 - T/T_g)`;
* discontinuous, :math:`x \to 1`: the coordinate is T. Without a random field :math:`q_0 = 0`.

For p >= 3 all depends on :math:`T/\sqrt\alpha`, and one table serves all loads.
"""

from __future__ import annotations

import dataclasses
from functools import lru_cache

import numpy as np

from theory.dense.freezing import freezing
from theory.gaussian import moments
from theory.one_step.averages import Field, averages
from theory.one_step.crosstalk import Interaction, OneStep, Pairs, Powers
from theory.one_step.equations import Found, solve
from theory.one_step.paths import extrapolated
from theory.pairs.crosstalk import PairCrosstalk
from theory.pairs.disorder import glass_temperature
from theory.saddle import Array

__all__ = [
    "Transition",
    "glass",
    "glass_next_to",
    "transition",
]

STRIDE = 0.1  # of the coordinate over its range
SMALLEST_STRIDE = 0.001
LARGEST_CHANGE = 0.5  # of unknowns, from what was extrapolated
NEAREST = 4.6  # largest coordinate of the table next to a continuous transition, at 0.99 T_g
MODULUS = float(np.sqrt(2.0 / np.pi))  # E|z| of a Gaussian
ROUNDS = 20  # enough for a first guess
FROZEN_SLOPE = 0.95  # y times the temperature of a discontinuous transition, at T = 0


@dataclasses.dataclass(frozen=True)
class Transition:
    """Where the glass melts.

    Parameters
    ----------
    temperature : float
        Of the transition.
    discontinuous : bool
        Whether the breakpoint is 1 there.
    outer : bool
        Whether q₀ > 0 in the glass.
    """

    temperature: float
    discontinuous: bool
    outer: bool

    def coordinate(self, temperature: float) -> float:
        """Position in the table."""
        ratio = temperature / self.temperature
        return ratio if self.discontinuous else -float(np.log1p(-ratio)) / NEAREST

    def temperature_at(self, coordinate: float) -> float:
        """Inverse of `coordinate`."""
        ratio = coordinate if self.discontinuous else -float(np.expm1(-NEAREST * coordinate))
        return ratio * self.temperature


def transition(crosstalk: Interaction, load: float) -> Transition:
    """Transition of the glass.

    Parameters
    ----------
    crosstalk : Interaction
        Of the model.
    load : float
        α > 0.

    Returns
    -------
    Transition

    Examples
    --------
    >>> from theory.one_step.crosstalk import Pairs
    >>> transition(Pairs(), 0.25)
    Transition(temperature=1.5, discontinuous=False, outer=True)
    """
    if isinstance(crosstalk, Pairs):
        melting = glass_temperature(PairCrosstalk(crosstalk.modes), np.array([load])).item()
        return Transition(melting, False, True)
    assert isinstance(crosstalk, Powers)
    found = freezing(crosstalk.crosstalk)
    random_field = crosstalk.crosstalk.coefficients[1] > 0.0
    temperature = found.ratio * float(np.sqrt(load))
    return Transition(temperature, found.one_step, random_field or not found.one_step)


def _state(
    crosstalk: Interaction, load: float, temperature: float, outer: bool, x: Array
) -> OneStep:
    """State as a function of what C, y and, where q₀ > 0, the step are computed from."""
    response = crosstalk.response(x[0])
    step = float(np.exp(x[2])) if outer else 1.0 - temperature * response
    return OneStep(load, temperature, 0.0, step, response, crosstalk.slope(x[1], response, step))


def _unknowns(crosstalk: Interaction, state: OneStep, outer: bool) -> Array:
    """Inverse of `_state`."""
    free = crosstalk.free(state)
    return np.array([*free, np.log(state.step)] if outer else free)


def _solve(
    crosstalk: Interaction, load: float, temperature: float, outer: bool, guess: Array
) -> Found:
    """Glass at a load and a temperature."""

    def build(x: Array) -> OneStep:
        return _state(crosstalk, load, temperature, outer, x)

    names = ("response", "slope", "step") if outer else ("response", "slope")
    return solve(crosstalk, build, guess, names)


def _frozen_guess(crosstalk: Interaction, load: float, melting: Transition) -> OneStep:
    """Glass at zero temperature, roughly."""
    if isinstance(crosstalk, Pairs):
        width = _frozen_width(crosstalk, load)
        unit = 1.0 / crosstalk.largest
        root = unit * width - MODULUS  # of the load of full patterns with the same width
        step, response = 0.42 + 0.1 * root / (1.0 + root), 0.24 + 0.54 / (1.0 + 2.5 * root)
        response /= width
        share = 0.617 / (1.0 + 0.85 * root)  # in the limits of small and large load
        return OneStep(load, 0.0, 0.0, step, response, share * (unit - response) / step)
    assert isinstance(crosstalk, Powers)
    width = np.sqrt(load * float(crosstalk.crosstalk.derivative(1.0)))
    if not melting.discontinuous:  # as in the Sherrington-Kirkpatrick model
        return OneStep(load, 0.0, 0.0, 0.52, 0.24 / width, 1.36 / width)
    q0, slope = 0.0, FROZEN_SLOPE / melting.temperature
    if melting.outer:
        field = load * float(crosstalk.crosstalk.derivative(0.0))
        q0 = float(moments(0.0, np.sqrt(field), melting.temperature).tanh_squared)
    inner = np.sqrt(width**2 - load * float(crosstalk.crosstalk.derivative(q0)))
    outer = np.sqrt(width**2 - inner**2)
    response = averages(Field(0.0, outer, inner, 0.0, slope)).response
    return OneStep(load, 0.0, 0.0, 1.0 - q0, response, slope)


def _frozen_width(crosstalk: Pairs, load: float) -> float:
    """Width of the field in replica symmetry; the root of the load plus E|z| for one mode."""
    eigenvalue, multiplicity = np.array(crosstalk.modes).T
    frozen = crosstalk.largest * MODULUS
    width = frozen + crosstalk.largest * float(np.sqrt(load))
    for _ in range(ROUNDS):
        gap = 1.0 - eigenvalue * MODULUS / width
        noise = multiplicity @ (eigenvalue * (1.0 - frozen / width) / gap) ** 2
        width = frozen + float(np.sqrt(load * noise))
    return width


@lru_cache(maxsize=256)
def _table(crosstalk: Interaction, load: float) -> tuple[tuple[float, ...], tuple[Array, ...]]:
    """Coordinates and unknowns from zero temperature up to the transition."""
    melting = transition(crosstalk, load)
    outer = melting.outer
    guess = _unknowns(crosstalk, _frozen_guess(crosstalk, load, melting), outer)
    found = _solve(crosstalk, load, 0.0, outer, guess)
    if not found.converged:
        return (), ()
    coordinates, points = [0.0], [_unknowns(crosstalk, found.state, outer)]
    stride = STRIDE / 2.0
    while coordinates[-1] < 1.0 and stride > SMALLEST_STRIDE:
        target = min(coordinates[-1] + stride, 1.0)
        guess = extrapolated(coordinates, points, target)
        found = _solve(crosstalk, load, melting.temperature_at(target), outer, guess)
        x = _unknowns(crosstalk, found.state, outer) if found.converged else guess
        if not found.converged or np.abs(x - guess).max() > LARGEST_CHANGE:
            stride /= 2.0
            continue
        coordinates.append(target)
        points.append(x)
        stride = min(STRIDE, 2.0 * stride)
    return tuple(coordinates), tuple(points)


def glass(crosstalk: Interaction, load: float, temperature: float) -> Found | None:
    """Glass at a load and a temperature.

    Parameters
    ----------
    crosstalk : Interaction
        Of the model.
    load, temperature : float
        α and T.

    Returns
    -------
    Found or None
        None from the transition on, and without load.

    References
    ----------
    G. Parisi, J. Phys. A 13, L115 (1980); E. Gardner, Nucl. Phys. B 257, 747 (1985).

    Examples
    --------
    >>> from theory.one_step.crosstalk import Pairs
    >>> found = glass(Pairs(), 1e8, 0.0)  # the Sherrington-Kirkpatrick model
    >>> from theory.one_step.equations import observables
    >>> round(observables(Pairs(), found.state)["free_energy"] / 1e4, 4)
    -0.7653
    """
    if load == 0.0 or not temperature < transition(crosstalk, load).temperature:
        return None
    tabulated, scale = load, 1.0
    if isinstance(crosstalk, Powers):
        tabulated, scale = 1.0, float(np.sqrt(load))
    melting = transition(crosstalk, tabulated)
    coordinates, points = _table(crosstalk, tabulated)
    if not points:
        start = _frozen_guess(crosstalk, load, transition(crosstalk, load))
        return Found(start, float("inf"), False)
    position = melting.coordinate(temperature / scale)
    nearest = max(int(np.searchsorted(coordinates, position, side="right")), 1)
    end = min(max(nearest + 1, 3), len(points))
    guess = extrapolated(coordinates[:end], points[:end], position)
    found = _solve(crosstalk, tabulated, temperature / scale, melting.outer, guess)
    return dataclasses.replace(found, state=_rescaled(found.state, load, temperature, scale))


def glass_next_to(crosstalk: Interaction, guess: OneStep) -> Found:
    """Glass at a load and a temperature, from a guess.

    Parameters
    ----------
    crosstalk : Interaction
        Of the model.
    guess : OneStep
        Where to start.

    Returns
    -------
    Found

    Examples
    --------
    >>> from theory.one_step.crosstalk import Pairs
    >>> found = glass_next_to(Pairs(), OneStep(1.0, 0.0, 0.0, 0.5, 0.2, 0.5))
    >>> round(found.state.step, 6)
    0.468521
    """
    outer = transition(crosstalk, guess.load).outer
    x = _unknowns(crosstalk, guess, outer)
    return _solve(crosstalk, guess.load, guess.temperature, outer, x)


def _rescaled(state: OneStep, load: float, temperature: float, scale: float) -> OneStep:
    """State in other units of the temperature."""
    units = {"response": state.response / scale, "slope": state.slope / scale}
    return dataclasses.replace(state, load=load, temperature=temperature, **units)
