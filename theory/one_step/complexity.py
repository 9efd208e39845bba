r"""Metastable states of a discontinuous glass: how many there are, and where they break up.

At a breakpoint x other than that of equilibrium the one-step free energy :math:`\Phi(x)` counts
metastable states. Those it counts have the free energy
:math:`f = \Phi + x\,\partial\Phi/\partial x`, and :math:`e^{N\Sigma}` of them exist, with
:math:`\Sigma = (x^2/T)\,\partial\Phi/\partial x`.
"""

from __future__ import annotations

from functools import cache

from scipy.optimize import brentq

from theory.one_step.crosstalk import Interaction, OneStep
from theory.one_step.equations import Found, observables, solve
from theory.one_step.glass import glass, transition
from theory.saddle import Array

__all__ = ["at_breakpoint", "gardner_temperature", "next_to_melting"]

BELOW = 0.999  # of the temperature of the transition, where states are looked up


def next_to_melting(crosstalk: Interaction, load: float, temperature: float) -> OneStep:
    """State of the glass at a temperature, or next to the transition if that is lower.

    Parameters
    ----------
    crosstalk : Interaction
        Of the model; its glass transition must be discontinuous, without a random field.
    load, temperature : float
        α > 0 and T > 0.

    Returns
    -------
    OneStep

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> from theory.one_step.crosstalk import Powers
    >>> round(next_to_melting(Powers(crosstalk(3, False)), 1.0, 2.0).inner, 6)
    0.813946
    """
    highest = BELOW * transition(crosstalk, load).temperature
    found = glass(crosstalk, load, min(temperature, highest))
    if found is None or not found.converged:
        raise RuntimeError(f"no glass found at load {load:g}, temperature {temperature:g}")
    return found.state


def at_breakpoint(crosstalk: Interaction, guess: OneStep, breakpoint: float) -> Found:
    """States without overlap, q₀ = 0, at a breakpoint that need not be that of equilibrium.

    Parameters
    ----------
    crosstalk : Interaction
        Of the model; its glass transition must be discontinuous, without a random field.
    guess : OneStep
        At the load and the temperature that are asked for.
    breakpoint : float
        x > 0.

    Returns
    -------
    Found

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> from theory.one_step.crosstalk import Powers
    >>> guess = OneStep(1.0, 0.76, 0.0, 0.8, 0.3, 1.3)
    >>> found = at_breakpoint(Powers(crosstalk(3, False)), guess, 1.0)
    >>> found.converged, round(found.state.inner, 6)
    (True, 0.794922)
    """
    temperature = guess.temperature
    slope = breakpoint / temperature

    def build(x: Array) -> OneStep:
        response = crosstalk.response(x[0])
        step = 1.0 - temperature * response
        return OneStep(guess.load, temperature, 0.0, step, response, slope)

    return solve(crosstalk, build, crosstalk.free(guess)[:1], ("response",))


@cache
def gardner_temperature(crosstalk: Interaction) -> float:
    r"""T/√α below which states of a discontinuous glass break up further.

    Parameters
    ----------
    crosstalk : Interaction
        Of the model; its glass transition must be discontinuous.

    Returns
    -------
    float
        Where the inner replicon vanishes.

    References
    ----------
    E. Gardner, Nucl. Phys. B 257, 747 (1985).

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> from theory.one_step.crosstalk import Powers
    >>> round(gardner_temperature(Powers(crosstalk(3, False))) * 3**0.5 / 2.0, 4)
    0.2403
    """
    melting = transition(crosstalk, 1.0).temperature

    def replicon(temperature: float) -> float:
        state = next_to_melting(crosstalk, 1.0, temperature)
        return observables(crosstalk, state)["replicon"] * temperature

    return float(brentq(replicon, 1e-6 * melting, BELOW * melting, xtol=1e-13, rtol=1e-13))
