"""Lines of a phase diagram, from what a theory says of its phases.

Each line is computed for any theory that offers the methods of `Phases`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.optimize.elementwise import find_root

from theory.branches import Branch, Spinodal
from theory.one_step.states import OneStepState
from theory.saddle import Array
from theory.stability import Marginal
from theory.states import State

__all__ = [
    "Line",
    "Phases",
    "Theory",
    "exact_line",
    "first_order_line",
    "glass_line",
    "instability_line",
    "spinodal_line",
    "temperature_grid",
]


class Theory(Protocol):
    """What a theory must offer for its results to be labelled."""

    @property
    def melting_temperature(self) -> float:
        """Temperature from which on nothing is retrieved at any load; 0 if nothing ever is."""

    def branch(self, temperature: Array) -> Branch:
        """Retrieval solutions at a set of temperatures."""

    def spinodal(self, temperature: Array) -> Spinodal:
        """End of the retrieval phase."""

    def retrieval(self, along: Branch, rows: NDArray[np.intp], load: Array) -> State | OneStepState:
        """Retrieval phase at pairs of a tabulated temperature and a load."""

    def glass(self, load: Array, temperature: Array) -> State | OneStepState:
        """Frozen phase without overlap."""

    def paramagnet(self, load: Array, temperature: Array) -> State | OneStepState:
        """Phase above the glass transition."""

    def glass_temperature(self, load: Array) -> Array:
        """Temperature of the transition from the paramagnet to the glass."""

    def lines(self, points: int, max_load: float) -> dict[str, Line]:
        """Lines of the phase diagram, by name."""

    def why_absent(self, phase: str, load: float, temperature: float) -> str:
        """Reason, in words, for which a phase is not there at a point."""


class Phases(Theory, Protocol):
    """Replica-symmetric theory; what it must offer for its lines to be drawn."""

    def __hash__(self) -> int:
        """Results are kept by it."""

    def retrieval(self, along: Branch, rows: NDArray[np.intp], load: Array) -> State:
        """Retrieval phase at pairs of a tabulated temperature and a load."""

    def glass(self, load: Array, temperature: Array) -> State:
        """Frozen phase without overlap."""

    def paramagnet(self, load: Array, temperature: Array) -> State:
        """Phase above the glass transition."""

    def rival(self, load: Array, temperature: Array) -> State:
        """State without overlap that competes with retrieval, up to `largest_rival_load`."""

    def largest_rival_load(self, temperature: Array) -> Array:
        """Load up to which the rival is known."""

    def first_order_range(self) -> tuple[float, float]:
        """Temperatures at the ends of the first-order line; at the higher one the load is 0."""

    def marginal(self, ratio: Array) -> Marginal:
        """Where the replicon of the retrieval phase vanishes, by the ratio of noise to signal."""

    def largest_marginal_ratio(self) -> float:
        """Ratio of noise to signal at which that line meets the spinodal."""

    def instability_line(self, points: int) -> Line:
        """Line on which that replicon vanishes."""


@dataclass(frozen=True)
class Line:
    """A line of the phase diagram.

    Parameters
    ----------
    load, temperature : arrays, shape (points,)
        α and T.
    residual : array, shape (points,)
        Violation of the condition that defines the line.
    found : bool array, shape (points,)
        False where the solver failed; load and temperature are then not a number.
    """

    load: Array
    temperature: Array
    residual: Array
    found: NDArray[np.bool_]


def temperature_grid(low: float, high: float, points: int) -> Array:
    """Temperatures from `low` to `high`, dense at both ends, where the lines bend.

    Parameters
    ----------
    low, high : float
        The ends.
    points : int
        How many, at least 2.

    Returns
    -------
    array, shape (points,)

    Examples
    --------
    >>> temperature_grid(0.0, 1.0, 3).round(12).tolist()
    [0.0, 0.5, 1.0]
    """
    rising = np.sin(np.linspace(0.0, np.pi / 2.0, points)) ** 2
    return np.where(rising < 1.0, low + (high - low) * rising, high)


def _line(load: Array, temperature: Array, residual: Array, found: NDArray[np.bool_]) -> Line:
    """Blank the points that were not found."""
    a, t = np.where(found, load, np.nan), np.where(found, temperature, np.nan)
    return Line(a, t, residual, found)


def exact_line(load: Array, temperature: Array) -> Line:
    """Line that is known in closed form.

    Parameters
    ----------
    load, temperature : arrays, shape (points,)
        α and T.

    Returns
    -------
    Line

    Examples
    --------
    >>> exact_line(np.array([0.0]), np.array([1.0])).found.item()
    True
    """
    return _line(load, temperature, np.zeros(load.size), np.ones(load.size, bool))


def glass_line(theory: Phases, points: int, max_load: float) -> Line:
    """Transition from the paramagnet to the glass, for loads from 0 to `max_load`.

    Parameters
    ----------
    theory : Phases
        Whose line.
    points : int
        How many, evenly spaced in the square root of the load.
    max_load : float
        Largest load.

    Returns
    -------
    Line

    Examples
    --------
    >>> from theory.pairs.phases import HopfieldPhases
    >>> glass_line(HopfieldPhases(), 2, 0.25).temperature.tolist()
    [1.0, 1.5]
    """
    load = max_load * np.linspace(0.0, 1.0, points) ** 2
    return exact_line(load, theory.glass_temperature(load))


def spinodal_line(theory: Phases, points: int) -> Line:
    """End of the retrieval phase, from zero temperature to zero load.

    Parameters
    ----------
    theory : Phases
        Whose line.
    points : int
        How many.

    Returns
    -------
    Line
        In order of temperature; the load has a maximum in between.

    Examples
    --------
    >>> from theory.pairs.phases import HopfieldPhases
    >>> spinodal_line(HopfieldPhases(), 3).load.round(6).tolist()
    [0.137906, 0.058816, 0.0]
    """
    temperature = temperature_grid(0.0, theory.melting_temperature, points)
    inner = temperature < theory.melting_temperature
    end = theory.spinodal(temperature)
    load = np.where(inner, end.load, 0.0)
    return _line(load, temperature, np.where(inner, end.residual, 0.0), np.isfinite(load))


def first_order_line(theory: Phases, points: int) -> Line:
    """Where retrieval phase and its rival have the same free energy.

    Parameters
    ----------
    theory : Phases
        Whose line.
    points : int
        How many.

    Returns
    -------
    Line
        In order of temperature, up to zero load; the residual is the difference of the free
        energies.

    Examples
    --------
    >>> from theory.pairs.phases import HopfieldPhases
    >>> first_order_line(HopfieldPhases(), 3).load.round(6).tolist()
    [0.051854, 0.028076, 0.0]
    """
    temperature = temperature_grid(*theory.first_order_range(), points)
    inner = temperature < temperature[-1]
    along = theory.branch(temperature[inner])
    limit = np.minimum(along.end.load, theory.largest_rival_load(along.temperature))

    def difference(load: Array, row: NDArray[np.intp]) -> Array:
        ordered = theory.retrieval(along, row, load).free_energy
        return ordered - theory.rival(load, along.temperature[row]).free_energy

    rows = np.arange(limit.size)
    root = find_root(difference, (np.zeros_like(limit), limit), args=(rows,))
    load, residual = np.zeros((2, points))
    load[inner] = np.where(root.success, root.x, np.nan)
    residual[inner] = np.abs(root.f_x)
    return _line(load, temperature, residual, np.isfinite(load))


def instability_line(theory: Phases, points: int) -> Line:
    """Where the retrieval phase becomes unstable against breaking replica symmetry.

    Parameters
    ----------
    theory : Phases
        Whose line.
    points : int
        How many.

    Returns
    -------
    Line
        In order of load, from 0, where the temperature vanishes exponentially, to the spinodal;
        the residual is the relative violation of the condition of marginal stability.

    Examples
    --------
    >>> from theory.pairs.phases import HopfieldPhases
    >>> line = instability_line(HopfieldPhases(), 2)
    >>> line.load.round(6).tolist(), line.temperature.round(6).tolist()
    ([0.0, 0.138186], [0.0, 0.025068])
    """
    largest = theory.largest_marginal_ratio()
    line = theory.marginal(np.sqrt(np.linspace(0.0, largest**2, points)))
    return _line(line.load, line.temperature, line.residual, np.isfinite(line.temperature))
