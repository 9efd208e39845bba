"""Points of lines of phase diagrams, as zeros along a scan of retrieval states."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from theory.dense.phases import DensePhases
from theory.learning.examples import OVERLAP
from theory.pairs.phases import HopfieldPhases
from theory.saddle import Array, Cells, newton
from theory.states import State

__all__ = [
    "FAILED",
    "Phases",
    "Plane",
    "Point",
    "excess_free_energy",
    "excess_overlap",
    "glass_load",
    "replicon",
    "singularity",
]

Phases = DensePhases | HopfieldPhases
Quantity = Callable[[Phases, Array, Array, Array, Array], Array]

STEP = 1e-6  # relative, of derivatives by differences


@dataclass(frozen=True)
class Point:
    """A point of a line; not a number where there is none.

    Parameters
    ----------
    load, temperature : float
        α and T.
    overlap, effective_overlap : float
        m and n of the retrieval state there, 0 on the glass line.
    residual : float
        Largest violation of the conditions that define it.
    status : str
        Out of `hopfield.vocabulary.STATUS`.
    """

    load: float = np.nan
    temperature: float = np.nan
    overlap: float = np.nan
    effective_overlap: float = np.nan
    residual: float = np.nan
    status: str = "absent"


FAILED = Point(status="not converged")
"""Of a point that was looked for in vain."""


def singularity(theory: Phases, a: Array, t: Array, n: Array, noise: Array) -> Array:
    """Determinant of the Jacobian of the saddle-point equations; it vanishes on the spinodal.

    Parameters
    ----------
    theory : DensePhases or HopfieldPhases
        Whose equations.
    a, t, n, noise : arrays, shape (cells,)
        α, T, n and σ of saddle points.

    Returns
    -------
    array, shape (cells,)

    Examples
    --------
    >>> end = HopfieldPhases().spinodal(np.zeros(1))
    >>> point = end.load, np.zeros(1), end.overlap, end.noise
    >>> abs(singularity(HopfieldPhases(), *point).item()) < 1e-6
    True
    """
    jacobian = theory.residuals(a, t, n, noise)[1]
    return np.asarray(jacobian[:, 0, 0] * jacobian[:, 1, 1] - jacobian[:, 0, 1] * jacobian[:, 1, 0])


def excess_free_energy(theory: Phases, a: Array, t: Array, n: Array, noise: Array) -> Array:
    """Free energy of retrieval minus that of its rival, where this is known.

    Parameters
    ----------
    theory : DensePhases or HopfieldPhases
        Whose equations.
    a, t, n, noise : arrays, shape (cells,)
        α, T, n and σ of saddle points.

    Returns
    -------
    array, shape (cells,)
        Not a number where it is not.

    Examples
    --------
    >>> point = np.array([[0.0], [0.5], [0.957504], [0.0]])
    >>> excess_free_energy(HopfieldPhases(), *point).round(4).item()
    -0.0916
    """
    known = a <= theory.largest_rival_load(t)
    result = np.full(a.shape, np.nan)
    point = a[known], t[known]
    ordered = theory.observables(*point, n[known], noise[known])["free_energy"]
    result[known] = ordered - theory.rival(*point).free_energy
    return result


def replicon(theory: Phases, a: Array, t: Array, n: Array, noise: Array) -> Array:
    """Replicon eigenvalue.

    Parameters
    ----------
    theory : DensePhases or HopfieldPhases
        Whose equations.
    a, t, n, noise : arrays, shape (cells,)
        α, T, n and σ of saddle points.

    Returns
    -------
    array, shape (cells,)

    Examples
    --------
    >>> replicon(HopfieldPhases(), *np.array([[0.0], [0.0], [1.0], [0.0]])).item()
    1.0
    """
    return theory.observables(a, t, n, noise)["replicon"]


def excess_overlap(theory: Phases, a: Array, t: Array, n: Array, noise: Array) -> Array:
    """Overlap with the archetype minus that after one update if signal and noise are equal.

    Parameters
    ----------
    theory : DensePhases or HopfieldPhases
        Whose equations.
    a, t, n, noise : arrays, shape (cells,)
        α, T, n and σ of saddle points.

    Returns
    -------
    array, shape (cells,)

    Examples
    --------
    >>> excess_overlap(HopfieldPhases(), *np.array([[0.0], [0.0], [1.0], [0.0]])).round(4).item()
    0.3173
    """
    return theory.observables(a, t, n, noise)["overlap"] - theory.signal.variance * OVERLAP


@dataclass(frozen=True)
class Plane:
    """One data set, and which of load and temperature is given.

    Parameters
    ----------
    theory : DensePhases or HopfieldPhases
        Of the data set.
    load, temperature : float or None
        The one that is given; the other axis is free.
    """

    theory: Phases
    load: float | None
    temperature: float | None

    def axes(self, free: Array) -> tuple[Array, Array]:
        """Loads and temperatures at values of the one that is not given."""
        if self.load is None:
            return free, np.full_like(free, self.temperature)
        return np.full_like(free, self.load), free

    def scan(self, quantity: Quantity, free: Array, states: State) -> Point:
        """First zero of a quantity along a scan.

        Parameters
        ----------
        quantity : callable
            One of those of this module.
        free : array, shape (n,)
            The free one of load and temperature.
        states : State
            Retrieval there.

        Returns
        -------
        Point
        """
        n, noise = states.effective_overlap, states.noise
        values = np.full(free.shape, np.nan)
        there = np.isfinite(n)
        a, t = self.axes(free)
        values[there] = quantity(self.theory, a[there], t[there], n[there], noise[there])
        first = np.flatnonzero(values[:-1] * values[1:] <= 0.0)
        if not first.size:
            return Point()
        i = int(first[0])
        share = values[i] / (values[i] - values[i + 1]) if values[i] else 0.0
        pair = np.array([n, noise, free])[:, i : i + 2]
        return self.solve(quantity, pair @ [1.0 - share, share], free[i], free[i + 1])

    def solve(self, quantity: Quantity, guess: Array, low: float, high: float) -> Point:
        """State at which a quantity vanishes.

        Parameters
        ----------
        quantity : callable
            One of those of this module.
        guess : array, shape (3,)
            n, σ and the free one of load and temperature.
        low, high : float
            Between which it is, up to a tenth of their distance.

        Returns
        -------
        Point
        """
        unit = np.array([1.0, 1.0, max(abs(low), abs(high))])

        def equations(x: Array, cells: Cells) -> tuple[Array, Array]:
            step = STEP * np.maximum(np.abs(x[0]), STEP)
            shifts = np.concatenate([np.zeros((1, 3)), np.diag(step), -np.diag(step)])
            n, noise, free = ((x + shifts) * unit).T
            a, t = self.axes(free)
            conditions = self.theory.residuals(a, t, n, noise)[0]
            last = quantity(self.theory, a, t, n, noise)
            values = np.column_stack([conditions, last])
            slopes = (values[1:4] - values[4:]) / (2.0 * step[:, None])
            return values[:1], slopes.T[None]

        found = newton(equations, (guess / unit)[None], lower=0.0)
        n, noise, free = found.value[0] * unit
        slack = 0.1 * abs(high - low)
        inside = min(low, high) - slack <= free <= max(low, high) + slack
        if not (found.converged.item() and inside):
            return FAILED
        a, t = self.axes(np.array([free]))
        m = self.theory.observables(a, t, np.array([n]), np.array([noise]))["overlap"]
        residual = found.residual.item()
        return Point(a.item(), t.item(), m.item(), n, residual, "converged")


def glass_load(theory: Phases, temperature: float) -> Point:
    """Load at which the paramagnet freezes at a temperature.

    Parameters
    ----------
    theory : DensePhases or HopfieldPhases
        Whose paramagnet.
    temperature : float
        T > 0.

    Returns
    -------
    Point

    Examples
    --------
    >>> round(glass_load(HopfieldPhases(), 1.5).load, 12)
    0.25
    """

    def excess(load: float) -> float:
        return float(theory.glass_temperature(np.array([load])).item()) - temperature

    if excess(0.0) > 0.0:
        return Point()
    high = 1.0
    while excess(high) < 0.0:
        high *= 4.0
    load = brentq(excess, 0.0, high, xtol=1e-300, rtol=1e-14)
    return Point(float(load), temperature, 0.0, 0.0, abs(excess(load)), "converged")
