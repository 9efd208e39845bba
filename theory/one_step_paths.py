r"""Families of one-step states: at given temperature, at given overlap, and from the AT line down.

From where a replica-symmetric state becomes unstable a one-step state branches off, with
:math:`q_1 - q_0` rising from zero. At given load it is followed by
:math:`\rho = (q_1 - q_0)/(1 - q_1)`, which rises from 0 on that line to infinity at T = 0. No
start has to be given, and the temperature may have a minimum, where the state ends.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np

from theory.one_step_crosstalk import Interaction, OneStep
from theory.one_step_equations import DIFFERENCE, Found, residuals, solve
from theory.saddle import Array

__all__ = [
    "at_overlap",
    "at_temperature",
    "interpolated",
    "load_by_overlap",
    "path_from_instability",
]

SMALLEST_RATIO = 0.05  # ρ of the first state on a path
CLOSER_RATIOS = (0.015, 0.004, 0.001)
LARGEST_RATIO = 300.0  # ρ from where Newton's method reaches T = 0
FIRST_BREAKPOINTS = (0.35, 0.6, 0.15, 0.85)  # tried for the first state
Builder = Callable[[Array], OneStep]

STRIDE = 0.8  # of log ρ
SMALLEST_STRIDE = 0.01
LARGEST_CHANGE = 0.25  # of unknowns, from what was extrapolated
LARGEST_OVERLAP_CHANGE = 0.1  # of m, from what was extrapolated, over 1 - m


def interpolated(crosstalk: Interaction, path: Sequence[OneStep], temperature: float) -> OneStep:
    """Guess of the state at a temperature between those on a path, which falls along it.

    Parameters
    ----------
    crosstalk : Interaction
        Of the model.
    path : sequence of OneStep
        At least one state.
    temperature : float
        T; beyond the ends of the path the order parameters are those of the end.

    Returns
    -------
    OneStep

    Examples
    --------
    >>> from theory.one_step_crosstalk import Pairs
    >>> end = OneStep(0.13, 0.1, 0.975, 0.003, 0.05, 40.0)
    >>> interpolated(Pairs(), [end], 0.0).overlap
    0.975
    """
    temperatures = [state.temperature for state in path]
    table = np.array([unknowns(crosstalk, state, state.step) for state in path])
    x = [np.interp(temperature, temperatures[::-1], column[::-1]) for column in table.T]
    step, response = float(np.exp(x[1])), crosstalk.response(x[2])
    slope = crosstalk.slope(x[3], response, step)
    return OneStep(path[0].load, temperature, float(x[0]), step, response, slope)


def unknowns(crosstalk: Interaction, state: OneStep, scale: float) -> Array:
    """Overlap, logarithm of a scale, and what C and y are computed from."""
    return np.array([state.overlap, np.log(scale), *crosstalk.free(state)])


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
    >>> from theory.one_step_crosstalk import Pairs
    >>> found = at_temperature(Pairs(), OneStep(0.13, 0.0, 0.975, 0.003, 0.05, 40.0))
    >>> round(found.state.overlap, 6), found.converged
    (0.981653, True)
    """

    def build(x: Array) -> OneStep:
        step, response = float(np.exp(x[1])), crosstalk.response(x[2])
        slope = crosstalk.slope(x[3], response, step)
        return OneStep(guess.load, guess.temperature, float(x[0]), step, response, slope)

    return solve(crosstalk, build, unknowns(crosstalk, guess, guess.step))


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
    >>> from theory.one_step_crosstalk import Pairs
    >>> found = at_overlap(Pairs(), OneStep(0.13, 0.0, 0.975, 0.003, 0.05, 40.0))
    >>> round(found.state.load, 6)
    0.134757
    """
    build = _from_overlap(crosstalk, guess.overlap, guess.temperature)
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

    Examples
    --------
    >>> from theory.one_step_crosstalk import Pairs
    >>> found = at_overlap(Pairs(), OneStep(0.13, 0.0, 0.975, 0.003, 0.05, 40.0))
    >>> load_by_overlap(Pairs(), found.state) < 0.0
    True
    """
    x = _with_load(crosstalk, state)

    def values(shift: Array, change: float) -> Array:
        overlap = state.overlap + change
        return residuals(crosstalk, _from_overlap(crosstalk, overlap, state.temperature)(x + shift))

    zero, middle = np.zeros(4), values(np.zeros(4), 0.0)
    columns = [values(shift, 0.0) - middle for shift in DIFFERENCE * np.eye(4)]
    return float(np.linalg.solve(np.stack(columns, axis=1), middle - values(zero, DIFFERENCE))[0])


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


def next_to_instability(crosstalk: Interaction, instability: OneStep) -> Found:
    """State at the load of the instability, and at the smallest ρ of a path.

    Parameters
    ----------
    crosstalk : Interaction
        Of the model.
    instability : OneStep
        Replica-symmetric state with vanishing replicon; step and slope are not used.

    Returns
    -------
    Found

    Examples
    --------
    >>> from theory.one_step_crosstalk import Pairs
    >>> line = OneStep(0.1, 0.0014502473, 0.9979994, 0.0, 0.0208568, 0.0)
    >>> state = next_to_instability(Pairs(), line).state
    >>> round(state.slope * state.temperature, 4)
    0.4836
    """
    build = at_ratio_and_load(crosstalk, instability.load, SMALLEST_RATIO)
    step = SMALLEST_RATIO * instability.defect
    for breakpoint in FIRST_BREAKPOINTS:
        slope = breakpoint / instability.temperature
        guess = dataclasses.replace(instability, step=step, slope=slope)
        found = solve(crosstalk, build, unknowns(crosstalk, guess, guess.temperature))
        if found.converged:
            break
    return found


def close_to_instability(crosstalk: Interaction, instability: OneStep) -> list[OneStep]:
    """States between the instability and the first of its path, in order of temperature.

    Parameters
    ----------
    crosstalk : Interaction
        Of the model.
    instability : OneStep
        Replica-symmetric state with vanishing replicon; step and slope are not used.

    Returns
    -------
    list of OneStep
        Falling temperatures; it ends with the first state of the path.

    Examples
    --------
    >>> from theory.one_step_crosstalk import Pairs
    >>> line = OneStep(0.1, 0.0014502473, 0.9979994, 0.0, 0.0208568, 0.0)
    >>> [round(s.temperature / line.temperature, 4) for s in close_to_instability(Pairs(), line)]
    [0.9994, 0.9976, 0.9911, 0.9708]
    """
    first = next_to_instability(crosstalk, instability)
    states = [first.state] if first.converged else []
    for ratio in CLOSER_RATIOS if states else ():
        build = at_ratio_and_load(crosstalk, instability.load, ratio)
        closest = dataclasses.replace(states[0], step=ratio * states[0].defect)
        found = solve(crosstalk, build, unknowns(crosstalk, closest, closest.temperature))
        if not found.converged:
            break
        states.insert(0, found.state)
    return states


def path_from_instability(crosstalk: Interaction, instability: OneStep) -> list[OneStep]:
    """States that branch off where replica symmetry becomes unstable, down in temperature.

    Parameters
    ----------
    crosstalk : Interaction
        Of the model.
    instability : OneStep
        Replica-symmetric state with vanishing replicon; step and slope are not used.

    Returns
    -------
    list of OneStep
        To the smallest temperature at which there is one. It is empty if none was found.

    References
    ----------
    D. J. Gross, I. Kanter and H. Sompolinsky, Phys. Rev. Lett. 55, 304 (1985).

    Examples
    --------
    >>> from theory.one_step_crosstalk import Pairs
    >>> line = OneStep(0.1, 0.0014502473, 0.9979994, 0.0, 0.0208568, 0.0)
    >>> path = path_from_instability(Pairs(), line)
    >>> [round(state.overlap, 6) for state in path[::4]]
    [0.997999, 0.997999, 0.997999]
    """
    first = next_to_instability(crosstalk, instability)
    if not first.converged:
        return []
    path, ratios = [first.state], [np.log(SMALLEST_RATIO)]
    points = [unknowns(crosstalk, first.state, first.state.temperature)]
    stride = STRIDE
    while ratios[-1] < np.log(LARGEST_RATIO) and stride > SMALLEST_STRIDE:
        target = ratios[-1] + stride
        guess = _extrapolated(ratios, points, target)
        build = at_ratio_and_load(crosstalk, first.state.load, float(np.exp(target)))
        found = solve(crosstalk, build, guess)
        x = unknowns(crosstalk, found.state, found.state.temperature)
        change = np.abs(x - guess)
        near = change.max() < LARGEST_CHANGE
        near &= change[0] < LARGEST_OVERLAP_CHANGE * (1.0 - path[-1].overlap)
        falling = found.state.temperature < path[-1].temperature
        if not (found.converged and near and falling):
            stride /= 2.0
            continue
        path.append(found.state)
        ratios.append(target)
        points.append(x)
        stride = min(STRIDE, 2.0 * stride)
    return path


def _extrapolated(ratios: list[float], points: list[Array], target: float) -> Array:
    """Parabola, line or constant through the last points."""
    n = min(len(points), 3)
    result = np.zeros(4)
    for i in range(-n, 0):
        others = [j for j in range(-n, 0) if j != i]
        weight = np.prod([(target - ratios[j]) / (ratios[i] - ratios[j]) for j in others])
        result += weight * points[i]
    return result
