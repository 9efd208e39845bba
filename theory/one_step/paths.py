"""Families of one-step states: at given temperature, at given overlap, at given ratio of steps."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from theory.one_step.crosstalk import Interaction, OneStep
from theory.one_step.equations import (
    DIFFERENCE,
    EQUATIONS,
    SINGULAR,
    Found,
    residuals,
    solve,
)
from theory.saddle import Array

__all__ = [
    "SATURATED",
    "Builder",
    "at_overlap",
    "at_ratio_and_load",
    "at_ratio_and_temperature",
    "at_slope",
    "at_temperature",
    "extrapolated",
    "interpolated",
    "is_stable",
    "load_by_overlap",
    "unknowns",
]

Builder = Callable[[Array], OneStep]

ROUNDING = 1e-9  # of a breakpoint
SATURATED = 1e-8  # relative distance of n from E|x| at which rounding hides its changes
SMALLEST_SHARE = 1e-7  # of Δ in 1 - q₀


def interpolated(path: Sequence[OneStep], temperature: float) -> OneStep:
    r"""Guess of the state at a temperature, from those on a path.

    The quantities that are interpolated, :math:`w = \Delta/(1-q_0)` and :math:`\Delta/w` among
    them, are smooth both where Δ vanishes and at zero temperature.

    Parameters
    ----------
    path : sequence of OneStep
        At least one state, with falling temperatures.
    temperature : float
        T.

    Returns
    -------
    OneStep

    Examples
    --------
    >>> end = OneStep(0.13, 0.1, 0.975, 0.003, 0.05, 40.0)
    >>> interpolated([end], 0.0).effective_overlap
    0.975
    """
    nearest = sorted(path, key=lambda state: abs(state.temperature - temperature))[:3]
    shares = [state.step / (state.step + state.defect) for state in nearest]
    points = [
        np.array(
            [
                state.effective_overlap,
                np.log(state.response),
                np.log(state.slope),
                np.log(state.step / share),
                share,
            ]
        )
        for state, share in zip(nearest, shares, strict=True)
    ]
    x = extrapolated([state.temperature for state in nearest], points, temperature)
    share = float(np.clip(x[4], SMALLEST_SHARE, 1.0))
    response, slope, unit = (float(value) for value in np.exp(x[1:4]))
    return OneStep(path[0].load, temperature, float(x[0]), share * unit, response, slope)


def unknowns(crosstalk: Interaction, state: OneStep, scale: float) -> Array:
    """Overlap, logarithm of a scale, and what C and y are computed from."""
    return np.array([state.effective_overlap, np.log(scale), *crosstalk.free(state)])


def at_temperature(crosstalk: Interaction, guess: OneStep) -> Found:
    """State at the load and the temperature of a guess.

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
    >>> found = at_temperature(Pairs(), OneStep(0.13, 0.0, 0.975, 0.003, 0.05, 40.0))
    >>> round(found.state.effective_overlap, 6), found.converged
    (0.987258, True)
    """

    def build(x: Array) -> OneStep:
        step, response = float(np.exp(x[1])), crosstalk.response(x[2])
        slope = crosstalk.slope(x[3], response, step)
        return OneStep(guess.load, guess.temperature, float(x[0]), step, response, slope)

    return solve(crosstalk, build, unknowns(crosstalk, guess, guess.step))


def at_slope(crosstalk: Interaction, guess: OneStep) -> Found:
    """State at the load, the temperature and the slope y of a guess.

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
    >>> found = at_slope(Pairs(), OneStep(0.13, 0.0, 0.987, 0.0007, 0.024, 90.0))
    >>> found.converged, found.state.slope
    (True, 90.0)
    """

    def build(x: Array) -> OneStep:
        step, response = float(np.exp(x[1])), crosstalk.response(x[2])
        return OneStep(guess.load, guess.temperature, float(x[0]), step, response, guess.slope)

    x = unknowns(crosstalk, guess, guess.step)[:3]
    return solve(crosstalk, build, x, EQUATIONS[:3])


def _from_overlap(crosstalk: Interaction, overlap: float, temperature: float) -> Builder:
    """State as a function of load and other unknowns."""

    def build(x: Array) -> OneStep:
        step, response = float(np.exp(x[1])), crosstalk.response(x[2])
        slope = crosstalk.slope(x[3], response, step)
        return OneStep(float(np.exp(x[0])), temperature, overlap, step, response, slope)

    return build


def _with_load(crosstalk: Interaction, state: OneStep) -> Array:
    """Logarithms of load and step, and what C and y are computed from."""
    return np.array([np.log(state.load), np.log(state.step), *crosstalk.free(state)])


def at_overlap(crosstalk: Interaction, guess: OneStep) -> Found:
    """State at the temperature and the overlap of a guess, the load being unknown.

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
    >>> found = at_overlap(Pairs(), OneStep(0.13, 0.0, 0.975, 0.003, 0.05, 40.0))
    >>> round(found.state.load, 6)
    0.13728
    """
    build = _from_overlap(crosstalk, guess.effective_overlap, guess.temperature)
    return solve(crosstalk, build, _with_load(crosstalk, guess))


def load_by_overlap(crosstalk: Interaction, state: OneStep) -> float:
    r"""Derivative :math:`d\ln\alpha/dm` at given temperature, negative where states are stable.

    Parameters
    ----------
    crosstalk : Interaction
        Of the model.
    state : OneStep
        A saddle point.

    Returns
    -------
    float
        Not a number where rounding errors hide it.

    Examples
    --------
    >>> from theory.one_step.crosstalk import Pairs
    >>> found = at_overlap(Pairs(), OneStep(0.13, 0.0, 0.975, 0.003, 0.05, 40.0))
    >>> load_by_overlap(Pairs(), found.state) < 0.0
    True
    """
    x = _with_load(crosstalk, state)

    def values(shift: Array, change: float) -> Array:
        overlap = state.effective_overlap + change
        return residuals(crosstalk, _from_overlap(crosstalk, overlap, state.temperature)(x + shift))

    def derivative(shift: Array, change: float) -> Array:
        return (values(shift, change) - values(-shift, -change)) / (2.0 * DIFFERENCE)

    columns = [derivative(shift, 0.0) for shift in DIFFERENCE * np.eye(4)]
    by_overlap, jacobian = derivative(np.zeros(4), DIFFERENCE), np.stack(columns, axis=1)
    if not np.isfinite(jacobian).all() or np.linalg.cond(jacobian) > SINGULAR:
        return float("nan")
    return float(np.linalg.solve(jacobian, -by_overlap)[0])


def is_stable(crosstalk: Interaction, found: Found) -> bool:
    """Whether a state was found, of a breakpoint up to 1, whose load falls with the overlap.

    Where spins with a blank entry freeze while all others follow the pattern, up to rounding, the
    load does not change the overlap, and there is nothing to tell.
    """
    possible = found.converged and found.state.breakpoint <= 1.0 + ROUNDING
    full = found.state.effective_overlap > (1.0 - SATURATED) * crosstalk.signal.mean_modulus
    return possible and (full or load_by_overlap(crosstalk, found.state) < 0.0)


def at_ratio_and_load(crosstalk: Interaction, load: float, ratio: float) -> Builder:
    """State as a function of overlap, log T, and what C and y are computed from."""

    def build(x: Array) -> OneStep:
        return _with_ratio(crosstalk, load, float(np.exp(x[1])), ratio, x)

    return build


def at_ratio_and_temperature(crosstalk: Interaction, temperature: float, ratio: float) -> Builder:
    """State as a function of overlap, log α, and what C and y are computed from."""

    def build(x: Array) -> OneStep:
        return _with_ratio(crosstalk, float(np.exp(x[1])), temperature, ratio, x)

    return build


def _with_ratio(
    crosstalk: Interaction, load: float, temperature: float, ratio: float, x: Array
) -> OneStep:
    """State of given ρ."""
    response = crosstalk.response(x[2])
    step = ratio * temperature * response
    slope = crosstalk.slope(x[3], response, step)
    return OneStep(load, temperature, float(x[0]), step, response, slope)


def extrapolated(ratios: Sequence[float], points: Sequence[Array], target: float) -> Array:
    """Parabola, line or constant through the last of some points.

    Parameters
    ----------
    ratios : sequence of float
        Where the points are.
    points : sequence of arrays
        At least one.
    target : float
        Where to evaluate.

    Returns
    -------
    array

    Examples
    --------
    >>> extrapolated([0.0, 1.0, 2.0], [np.array([x]) for x in (0.0, 1.0, 4.0)], 3.0)
    array([9.])
    """
    n = min(len(points), 3)
    result = np.zeros_like(points[-1])
    for i in range(-n, 0):
        others = [j for j in range(-n, 0) if j != i]
        weight = np.prod([(target - ratios[j]) / (ratios[i] - ratios[j]) for j in others])
        result += weight * points[i]
    return result
