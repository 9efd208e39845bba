r"""States of one-step replica symmetry breaking next to the line where symmetry is lost.

From where a replica-symmetric state becomes unstable a one-step state branches off, with
:math:`q_1 - q_0` rising from zero. At given load it is followed by
:math:`\rho = (q_1 - q_0)/(1 - q_1)`, which rises from 0 on that line to infinity at T = 0. No
start has to be given, and the temperature may have a minimum, where the state ends.
"""

from __future__ import annotations

import dataclasses

import numpy as np

from theory.one_step.crosstalk import Interaction, OneStep
from theory.one_step.equations import Found, solve
from theory.one_step.paths import SATURATED, at_ratio_and_load, extrapolated, unknowns
from theory.saddle import Array

__all__ = ["close_to_instability", "next_to_instability", "path_from_instability"]

SMALLEST_RATIO = 0.05  # ρ of the first state on a path
CLOSER_RATIOS = (0.015, 0.004, 0.001)
LARGEST_RATIO = 300.0  # ρ from where Newton's method reaches T = 0
FIRST_BREAKPOINTS = (
    0.35,
    0.6,
    0.15,
    0.85,
    1.1,
    0.05,
    0.01,
    1e-3,
    1e-4,
)  # tried for the first state
STRIDE = 0.8  # of log ρ
SMALLEST_STRIDE = 0.01
LARGEST_CHANGE = 0.25  # of unknowns, from what was extrapolated
LARGEST_OVERLAP_CHANGE = 0.1  # of n, from what was extrapolated, over E|x| - n


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
    >>> from theory.one_step.crosstalk import Pairs
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
    >>> from theory.one_step.crosstalk import Pairs
    >>> line = OneStep(0.1, 0.0014502473, 0.9979994, 0.0, 0.0208568, 0.0)
    >>> [round(s.temperature / line.temperature, 4) for s in close_to_instability(Pairs(), line)]
    [0.9994, 0.9976, 0.991, 0.9708]
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

    Where the breakpoint at the instability is more than 1 the transition is discontinuous: the
    temperature first rises along the branch, up to a state of breakpoint 1 at which the free
    energies are the same. There the path begins.

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
    >>> from theory.one_step.crosstalk import Pairs
    >>> line = OneStep(0.1, 0.0014502473, 0.9979994, 0.0, 0.0208568, 0.0)
    >>> path = path_from_instability(Pairs(), line)
    >>> [round(state.slope * state.temperature, 6) for state in path[:12:5]]
    [0.483585, 0.389377, 0.049326]
    """
    first = next_to_instability(crosstalk, instability)
    if not first.converged:
        return []
    path, ratios = [first.state], [np.log(SMALLEST_RATIO)]
    points = [unknowns(crosstalk, first.state, first.state.temperature)]
    stride, largest = STRIDE, crosstalk.signal.mean_modulus
    while ratios[-1] < np.log(LARGEST_RATIO) and stride > SMALLEST_STRIDE:
        target = ratios[-1] + stride
        guess = extrapolated(ratios, points, target)
        build = at_ratio_and_load(crosstalk, first.state.load, float(np.exp(target)))
        found = solve(crosstalk, build, guess)
        x = unknowns(crosstalk, found.state, found.state.temperature)
        change = np.abs(x - guess)
        near = change.max() < LARGEST_CHANGE
        distance = max(largest - path[-1].effective_overlap, SATURATED * largest)
        near &= change[0] < LARGEST_OVERLAP_CHANGE * distance
        falling = found.state.temperature < path[-1].temperature
        if not (found.converged and near and (falling or path[-1].breakpoint > 1.0)):
            stride /= 2.0
            continue
        path.append(found.state)
        ratios.append(target)
        points.append(x)
        stride = min(STRIDE, 2.0 * stride)
    return _possible(crosstalk, path)


def _possible(crosstalk: Interaction, path: list[OneStep]) -> list[OneStep]:
    """Part of a path from breakpoint 1 on."""
    start = sum(state.breakpoint > 1.0 for state in path)
    if start == 0:
        return path
    if start == len(path):
        return []
    before, after = path[start - 1 : start + 1]
    share = (before.breakpoint - 1.0) / (before.breakpoint - after.breakpoint)
    nearest = after if share > 0.5 else before
    found = _at_unit_breakpoint(crosstalk, nearest)
    return [found.state, *path[start:]] if found.converged else path[start:]


def _at_unit_breakpoint(crosstalk: Interaction, guess: OneStep) -> Found:
    """State of breakpoint 1 at the load of a guess."""

    def build(x: Array) -> OneStep:
        step, response, t = float(np.exp(x[1])), crosstalk.response(x[2]), float(np.exp(x[3]))
        return OneStep(guess.load, t, float(x[0]), step, response, 1.0 / t)

    x = unknowns(crosstalk, guess, guess.step)
    return solve(crosstalk, build, [*x[:3], np.log(guess.temperature)])
