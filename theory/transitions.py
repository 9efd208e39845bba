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
from theory.saddle import Array
from theory.stability import Marginal
from theory.states import State

__all__ = [
    "Line",
    "Phases",
    "first_order_line",
    "glass_line",
    "instability_line",
    "spinodal_line",
    "temperature_grid",
]

FIRST_ORDER_BRACKET = (0.1, 1.0)  # load of the first-order transition over that of the spinodal


class Phases(Protocol):
    """What a theory must offer for its lines to be drawn."""

    def branch(self, temperature: Array) -> Branch:
        """Retrieval solutions at a set of temperatures."""

    def spinodal(self, temperature: Array) -> Spinodal:
        """End of the retrieval phase."""

    def retrieval(self, along: Branch, rows: NDArray[np.intp], load: Array) -> State:
        """Retrieval phase at pairs of a tabulated temperature and a load."""

    def glass(self, load: Array, temperature: Array) -> State:
        """Competitor of the retrieval phase."""

    def glass_temperature(self, load: Array) -> Array:
        """Temperature of the transition from the paramagnet to the glass."""

    def marginal(self, ratio: Array) -> Marginal:
        """Where the replicon of the retrieval phase vanishes, for given σ/m."""

    def largest_marginal_ratio(self) -> float:
        """Ratio σ/m at which that line meets the spinodal."""


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


def temperature_grid(points: int) -> Array:
    """Temperatures from 0 to 1, dense at both ends, where the lines bend.

    Parameters
    ----------
    points : int
        How many, at least 2.

    Returns
    -------
    array, shape (points,)

    Examples
    --------
    >>> temperature_grid(3).round(12).tolist()
    [0.0, 0.5, 1.0]
    """
    return np.asarray(np.sin(np.linspace(0.0, np.pi / 2.0, points)) ** 2)


def _line(load: Array, temperature: Array, residual: Array, found: NDArray[np.bool_]) -> Line:
    """Blank the points that were not found."""
    a, t = np.where(found, load, np.nan), np.where(found, temperature, np.nan)
    return Line(a, t, residual, found)


def glass_line(theory: Phases, points: int, max_load: float) -> Line:
    """Transition from the paramagnet to the spin glass, for loads from 0 to `max_load`.

    Parameters
    ----------
    theory : Phases
        Whose line.
    points : int
        How many, evenly spaced in load.
    max_load : float
        Largest load.

    Returns
    -------
    Line

    Examples
    --------
    >>> from theory.models import HopfieldPhases
    >>> glass_line(HopfieldPhases(), 2, 0.25).temperature.tolist()
    [1.0, 1.5]
    """
    load = np.linspace(0.0, max_load, points)
    return _line(load, theory.glass_temperature(load), np.zeros(points), np.ones(points, bool))


def spinodal_line(theory: Phases, points: int) -> Line:
    """End of the retrieval phase, for temperatures from 0 to 1.

    Parameters
    ----------
    theory : Phases
        Whose line.
    points : int
        How many.

    Returns
    -------
    Line
        In order of temperature; the load has a maximum at a small temperature.

    Examples
    --------
    >>> from theory.models import HopfieldPhases
    >>> spinodal_line(HopfieldPhases(), 3).load.round(6).tolist()
    [0.137906, 0.058816, 0.0]
    """
    temperature = temperature_grid(points)
    inner = temperature < 1.0
    end = theory.spinodal(temperature)
    load = np.where(inner, end.load, 0.0)
    return _line(load, temperature, np.where(inner, end.residual, 0.0), np.isfinite(load))


def first_order_line(theory: Phases, points: int) -> Line:
    """Where retrieval phase and glass have the same free energy, for temperatures from 0 to 1.

    Parameters
    ----------
    theory : Phases
        Whose line.
    points : int
        How many.

    Returns
    -------
    Line
        In order of temperature; the residual is the difference of the free energies.

    Examples
    --------
    >>> from theory.models import HopfieldPhases
    >>> first_order_line(HopfieldPhases(), 3).load.round(6).tolist()
    [0.051854, 0.028076, 0.0]
    """
    temperature = temperature_grid(points)
    inner = temperature < 1.0
    along = theory.branch(temperature[inner])
    rows = np.arange(along.temperature.size)

    def difference(fraction: Array, row: NDArray[np.intp]) -> Array:
        load = fraction * along.end.load[row]
        ordered = theory.retrieval(along, row, load).free_energy
        return ordered - theory.glass(load, along.temperature[row]).free_energy

    low, high = FIRST_ORDER_BRACKET
    bracket = np.full(rows.size, low), np.full(rows.size, high)
    root = find_root(difference, bracket, args=(rows,), tolerances={"xrtol": 1e-13})
    load, residual = np.zeros((2, points))
    load[inner] = np.where(root.success, root.x * along.end.load, np.nan)
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
        the residual is the relative error of the temperature.

    Examples
    --------
    >>> from theory.models import HopfieldPhases
    >>> line = instability_line(HopfieldPhases(), 2)
    >>> line.load.round(6).tolist(), line.temperature.round(6).tolist()
    ([0.0, 0.138186], [0.0, 0.025068])
    """
    largest = theory.largest_marginal_ratio()
    line = theory.marginal(np.sqrt(np.linspace(0.0, largest**2, points)))
    return _line(line.load, line.temperature, line.residual, line.residual <= 1e-12)
