"""Lines of phase diagrams of one-step replica symmetry breaking."""

from __future__ import annotations

import dataclasses

import numpy as np

from theory.branches import Branch
from theory.dense import lines as dense_lines
from theory.dense.freezing import dynamical_ratio
from theory.one_step.complexity import gardner_temperature
from theory.one_step.crosstalk import Interaction, OneStep, Powers
from theory.one_step.equations import observables
from theory.one_step.glass import glass, glass_next_to, transition
from theory.one_step.paths import at_temperature, is_stable
from theory.one_step.retrieval import retrieval
from theory.one_step.spinodals import spinodal_line
from theory.saddle import Array
from theory.transitions import (
    Line,
    Phases,
    exact_line,
    first_order_line,
    glass_line,
    temperature_grid,
)

__all__ = ["first_order", "lines"]

CONTINUOUS = 0.95  # of the temperature of a continuous transition, where both glasses are as good
FIRST_STEP = 1e-3  # relative change of the load in the search for equal free energies
LARGEST_STEP = 0.05
STEPS = 12
PRECISION = 1e-10  # of the load
LARGEST_DIFFERENCE = 1e-10  # of free energies


def lines(
    symmetric: Phases, crosstalk: Interaction, points: int, max_load: float
) -> dict[str, Line]:
    """All lines that there are.

    Parameters
    ----------
    symmetric : Phases
        Replica-symmetric theory.
    crosstalk : Interaction
        Of the model.
    points : int
        Points on each line.
    max_load : float
        Largest load of the lines of the glass.

    Returns
    -------
    dict of str to Line

    Examples
    --------
    >>> from theory.pairs.phases import HopfieldPhases
    >>> from theory.one_step.crosstalk import Pairs
    >>> list(lines(HopfieldPhases(), Pairs(), 2, 0.2))
    ['glass', 'spinodal', 'first-order', 'at']
    """
    melting, result = transition(crosstalk, 1.0), {}
    result["glass"] = frozen = glass_line(symmetric, points, max_load)
    root = np.sqrt(frozen.load)
    if melting.discontinuous and isinstance(crosstalk, Powers):
        if not melting.outer:
            ratio = dynamical_ratio(crosstalk.crosstalk)
            result["dynamical"] = exact_line(frozen.load, ratio * root)
        result["gardner"] = exact_line(frozen.load, gardner_temperature(crosstalk) * root)
    if symmetric.melting_temperature > 0.0:
        result["spinodal"] = spinodal_line(symmetric, crosstalk, points)
        if crosstalk.signal.subcritical:
            result["first-order"] = first_order(symmetric, crosstalk, points)
        result["at"] = symmetric.instability_line(points)
    power = isinstance(crosstalk, Powers) and not any(crosstalk.crosstalk.coefficients[:-1])
    if power and crosstalk.signal.binary:
        load = np.linspace(0.0, dense_lines.nishimori_end(crosstalk.p), points)
        temperature = dense_lines.nishimori_temperature(crosstalk.p, load)
        result["nishimori"] = exact_line(load, temperature)
    return result


class _Balance:
    """Difference of free energies at one load and temperature; keeps states as next guesses."""

    def __init__(self, symmetric: Phases, crosstalk: Interaction) -> None:
        self.symmetric, self.crosstalk = symmetric, crosstalk
        self.ordered: OneStep | None = None
        self.frozen: OneStep | None = None
        self.along: Branch | None = None

    def __call__(self, load: float, temperature: float) -> float:
        """Free energy of retrieval minus that of the state without overlap."""
        return self._ordered(load, temperature) - self._disordered(load, temperature)

    def _ordered(self, load: float, temperature: float) -> float:
        a, t = np.array([load]), np.array([temperature])
        if self.along is None or self.along.temperature.item() != temperature:
            self.along = self.symmetric.branch(t)
        plain = self.symmetric.retrieval(self.along, np.array([0]), a)
        if plain.replicon.item() >= 0.0:
            return float(plain.free_energy.item())
        found = None
        if self.ordered is not None:
            guess = dataclasses.replace(self.ordered, load=load, temperature=temperature)
            found = at_temperature(self.crosstalk, guess)
        if found is None or not is_stable(self.crosstalk, found):
            found = retrieval(self.symmetric, self.crosstalk, load, temperature)
        if found is None:
            return float(plain.free_energy.item())
        if not found.converged:
            return float("nan")
        self.ordered = found.state
        return observables(self.crosstalk, found.state)["free_energy"]

    def _disordered(self, load: float, temperature: float) -> float:
        if temperature >= transition(self.crosstalk, load).temperature:
            cell = np.array([load]), np.array([temperature])
            return float(self.symmetric.paramagnet(*cell).free_energy.item())
        found = None
        if self.frozen is not None:
            guess = dataclasses.replace(self.frozen, load=load, temperature=temperature)
            found = glass_next_to(self.crosstalk, guess)
        if found is None or not found.converged:
            found = glass(self.crosstalk, load, temperature)
        if found is None or not found.converged:
            # next to a continuous transition rounding errors hide the tiny difference to symmetry
            near = temperature > CONTINUOUS * transition(self.crosstalk, load).temperature
            cell = np.array([load]), np.array([temperature])
            return float(self.symmetric.rival(*cell).free_energy.item()) if near else float("nan")
        self.frozen = found.state
        return observables(self.crosstalk, found.state)["free_energy"]


def first_order(symmetric: Phases, crosstalk: Interaction, points: int) -> Line:
    """Where retrieval and the state without overlap have the same free energy.

    Parameters
    ----------
    symmetric : Phases
        Replica-symmetric theory.
    crosstalk : Interaction
        Of the model.
    points : int
        How many, from zero temperature to zero load.

    Returns
    -------
    Line
        Each of the two states breaks replica symmetry in one step where it has to.

    Examples
    --------
    >>> from theory.pairs.phases import HopfieldPhases
    >>> from theory.one_step.crosstalk import Pairs
    >>> first_order(HopfieldPhases(), Pairs(), 2).load[-1].item()
    0.0
    """
    plain = first_order_line(symmetric, points)
    temperature = temperature_grid(0.0, float(plain.temperature[-1]), points)
    load, residual = np.full(points, np.nan), np.full(points, np.nan)
    load[-1] = residual[-1] = 0.0
    balance = _Balance(symmetric, crosstalk)
    for i in range(points - 2, -1, -1):
        for guess in _guesses(plain, temperature, load, i):
            load[i], residual[i] = _equal(balance, float(temperature[i]), guess)
            if np.isfinite(load[i]):
                break
    found = np.isfinite(load)
    return Line(load, np.where(found, temperature, np.nan), residual, found)


def _guesses(plain: Line, temperature: Array, load: Array, i: int) -> list[float]:
    """Loads from which to search, at the i-th of rising temperatures.

    They are those of replica symmetry, of the neighbour, and on a straight line through two.
    """
    order = np.argsort(plain.temperature)
    guesses = [float(np.interp(temperature[i], plain.temperature[order], plain.load[order]))]
    known = np.flatnonzero(np.isfinite(load) & (load > 0.0))[:2]
    if known.size:
        guesses.insert(0, float(load[known[0]]))
    if known.size == 2:
        slope = np.diff(load[known])[0] / np.diff(temperature[known])[0]
        line = float(load[known[0]] + slope * (temperature[i] - temperature[known[0]]))
        guesses.insert(0, line)
    return [guess for guess in guesses if guess > 0.0]


def _equal(balance: _Balance, temperature: float, guess: float) -> tuple[float, float]:
    """Load where the difference vanishes, by the secant method, and the difference there."""
    last, here = guess * (1.0 - FIRST_STEP), guess
    before, value = balance(last, temperature), balance(here, temperature)
    for _ in range(STEPS):
        if not np.isfinite(value) or not np.isfinite(before):
            return float("nan"), float("nan")
        if abs(here - last) <= PRECISION * here:
            break
        step = -value * (here - last) / (value - before) if value != before else 0.0
        step = float(np.clip(step, -LARGEST_STEP * here, LARGEST_STEP * here))
        last, before = here, value
        here = here + step
        value = balance(here, temperature)
    return (here, abs(value)) if abs(value) < LARGEST_DIFFERENCE else (float("nan"), float("nan"))
