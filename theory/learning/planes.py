r"""Lines of the phase diagram in planes whose other axis is the entropy of the data set.

The number of examples stays that of the model, the quality varies:
:math:`r = (1 + \rho M)^{-1/2}`. One data set at a time, the states of its retrieval phase are
scanned along the other axis, load or temperature, and what vanishes on a line is followed to its
zero by Newton's method.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import xarray as xr
from scipy.optimize.elementwise import find_root

from hopfield.arguments import InputError, integer, real
from hopfield.learning import Supervised, Unsupervised
from hopfield.results import dataset, provenance
from theory.branches import Spinodal
from theory.learning.examples import OVERLAP
from theory.learning.lines import (
    FAILED,
    Phases,
    Plane,
    Point,
    excess_free_energy,
    excess_overlap,
    glass_load,
    replicon,
    singularity,
)
from theory.models import symmetric_phases_of
from theory.saddle import Array
from theory.signal_to_noise import noise_of
from theory.transitions import temperature_grid

__all__ = ["LINES", "entropies", "plane", "points_at_load", "points_at_temperature", "trained"]

LINES = ("spinodal", "first-order", "glass", "at", "learning", "archetype")

Learner = Supervised | Unsupervised
Search = Callable[[Learner, float], dict[str, Point]]

SCAN = 25  # points of a scan of loads, or of the ends of retrieval
COARSE = 13  # of a scan of temperatures, each of which has a branch of its own


def plane(
    model: Any,
    *,
    temperature: float | None,
    load: float | None,
    points: int,
    max_entropy: float,
) -> xr.Dataset:
    """Lines in the plane of the entropy of the data set and of load or temperature.

    Parameters
    ----------
    model : hopfield.Supervised or hopfield.Unsupervised
        With p up to 100; its quality does not matter.
    temperature, load : float or None
        The one of T >= 0 and α > 0 that is the same everywhere.
    points, max_entropy : int, float
        Points on each line, at least 2, and the largest entropy.

    Returns
    -------
    xarray.Dataset
        See `theory.phase_diagram`, also for the errors that are raised.

    Examples
    --------
    >>> plane(
    ...     Supervised(3, 0.5, 6), temperature=0.0, load=None, points=2, max_entropy=0.5
    ... ).line.values.tolist()
    ['spinodal', 'learning', 'archetype']
    """
    if not isinstance(model, Supervised | Unsupervised):
        raise InputError(f"model must learn from examples, got {model!r}")
    integer("points", points, low=2)
    entropy = entropies(points, _positive("max_entropy", max_entropy))
    if load is None:
        free, name, value = "load", "temperature", real("temperature", temperature)
        search: Search = points_at_temperature
    elif temperature is None:
        free, name, value = "temperature", "load", _positive("load", load)
        search = points_at_load
    else:
        raise InputError("give either load or temperature, got both")
    columns = [_column(search, trained(model, rho), value) for rho in entropy.tolist()]
    lines = [line for line in LINES if any(c[line].status != "absent" for c in columns)]
    dims, shape = ("line", "point"), (len(lines), points)
    variables: dict[str, tuple[tuple[str, ...], Any]] = {
        key: (dims, np.reshape([[getattr(c[line], key) for c in columns] for line in lines], shape))
        for key in (free, "overlap", "effective_overlap", "residual", "status")
    }
    variables["dataset_entropy"] = dims, np.tile(entropy, (len(lines), 1))
    coords = {"line": lines, "point": np.arange(points), name: value}
    attrs = provenance(model, ansatz="rs", points=points, max_entropy=max_entropy)
    return dataset(variables, coords, attrs)


def _column(search: Search, model: Learner, value: float) -> dict[str, Point]:
    """Points of all lines at one data set, failed ones where there is no theory of retrieval."""
    try:
        return search(model, value)
    except InputError:
        return dict.fromkeys(LINES, FAILED) | {"learning": Point()}


def _positive(name: str, value: object) -> float:
    """A finite number above 0."""
    number = real(name, value)
    if number == 0.0:
        raise InputError(f"{name} must be positive, got 0")
    return number


def entropies(points: int, max_entropy: float) -> Array:
    """Entropies of data sets from 0 on, denser there.

    Parameters
    ----------
    points : int
        How many.
    max_entropy : float
        The last.

    Returns
    -------
    array, shape (points,)

    Examples
    --------
    >>> entropies(3, 2.0).tolist()
    [0.0, 0.5, 2.0]
    """
    return np.asarray(max_entropy * np.linspace(0.0, 1.0, points) ** 2)


def trained(model: Learner, entropy: float) -> Learner:
    """The same network with examples of another quality.

    Parameters
    ----------
    model : hopfield.Supervised or hopfield.Unsupervised
        Its quality does not matter.
    entropy : float
        Of the data set.

    Returns
    -------
    hopfield.Supervised or hopfield.Unsupervised

    Examples
    --------
    >>> trained(Supervised(3, 1.0, 6), 0.5)
    Supervised(p=3, quality=0.5, examples=6, dilution=0.0)
    """
    return replace(model, quality=float((1.0 + entropy * model.examples) ** -0.5))


def points_at_temperature(model: Learner, temperature: float) -> dict[str, Point]:
    """Lines of the plane of entropy and load, at one data set.

    Parameters
    ----------
    model : hopfield.Supervised or hopfield.Unsupervised
        With p up to 100.
    temperature : float
        T.

    Returns
    -------
    dict of str to Point

    Examples
    --------
    >>> found = points_at_temperature(Supervised(3, 0.5, 6), 0.0)
    >>> round(found["spinodal"].load, 6), round(found["learning"].load, 6)
    (0.074956, 0.074074)
    """
    theory = symmetric_phases_of(model)
    found = dict.fromkeys(LINES, Point())
    if temperature == 0.0:
        rho, kappa = noise_of(model)
        if rho <= 1.0:
            m, n = (theory.signal.variance * x for x in (OVERLAP, float((1.0 + rho) ** -0.5)))
            found["learning"] = Point((1.0 - rho) / kappa, 0.0, m, n, 0.0, "converged")
    else:
        found["glass"] = glass_load(theory, temperature)
    if temperature >= theory.melting_temperature:
        return found
    along = theory.branch(np.array([temperature]))
    end = along.end
    if np.isnan(end.load.item()):
        return found | dict.fromkeys(("spinodal", "first-order", "at", "archetype"), FAILED)
    found["spinodal"] = Point(
        end.load.item(), temperature, end.overlap.item(), end.effective_overlap.item(),
        end.residual.item(), "converged",
    )  # fmt: skip
    limit = min(end.load.item(), theory.largest_rival_load(np.array([temperature])).item())
    loads = np.union1d(temperature_grid(0.0, end.load.item(), SCAN), limit)
    states = theory.retrieval(along, np.zeros(loads.size, dtype=np.intp), loads)
    plane = Plane(theory, None, temperature)
    found["first-order"] = plane.scan(excess_free_energy, loads, states)
    found["archetype"] = plane.scan(excess_overlap, loads, states)
    if temperature > 0.0:
        found["at"] = plane.scan(replicon, loads, states)
    return found


def points_at_load(model: Learner, load: float) -> dict[str, Point]:
    """Lines of the plane of entropy and temperature, at one data set.

    Parameters
    ----------
    model : hopfield.Supervised or hopfield.Unsupervised
        With p up to 100.
    load : float
        α > 0.

    Returns
    -------
    dict of str to Point

    Examples
    --------
    >>> found = points_at_load(Supervised(2, 0.5, 6), 0.01)
    >>> round(found["spinodal"].temperature, 6), round(found["glass"].temperature, 6)
    (0.433937, 1.1)
    """
    theory = symmetric_phases_of(model)
    plane = Plane(theory, load, None)
    found = dict.fromkeys(LINES, Point())
    frozen = theory.glass_temperature(np.array([load])).item()
    found["glass"] = Point(load, frozen, 0.0, 0.0, 0.0, "converged")
    found["spinodal"] = _melting(plane, load)
    highest = found["spinodal"].temperature
    if np.isnan(highest):
        return found
    temperatures = temperature_grid(0.0, highest * (1.0 - 1e-9), COARSE)
    if frozen < highest:  # above it the rival is known
        temperatures = np.union1d(temperatures, frozen * (1.0 + 1e-12))
    temperatures = temperatures[::-1]
    along, rows = theory.branch(temperatures), np.arange(temperatures.size)
    states = theory.retrieval(along, rows, np.full(rows.shape, load))
    found["first-order"] = plane.scan(excess_free_energy, temperatures, states)
    found["archetype"] = plane.scan(excess_overlap, temperatures, states)
    found["at"] = _marginal(theory, model.p, load, along.end)
    return found


def _marginal(theory: Phases, p: int, load: float, end: Spinodal) -> Point:
    """Where replica symmetry becomes unstable, at temperatures that may be tiny."""
    with np.errstate(invalid="ignore"):
        largest = np.nanmax(end.noise / end.effective_overlap ** (p - 1))
    ratio = largest * np.linspace(0.0, 1.0, SCAN)
    beyond = np.flatnonzero(theory.marginal(ratio).load > load)
    if not beyond.size:
        return Point()
    last = int(beyond[0])

    def excess(v: Array) -> Array:
        return theory.marginal(v).load - load

    root = find_root(excess, (ratio[last - 1 : last], ratio[last : last + 1]))
    if not root.success.item():
        return FAILED
    line = theory.marginal(root.x)
    least = theory.spinodal(line.temperature).effective_overlap
    if not (line.effective_overlap >= least * (1.0 - 1e-9)).item():
        return Point()
    return Point(
        load, line.temperature.item(), line.overlap.item(), line.effective_overlap.item(),
        line.residual.item(), "converged",
    )  # fmt: skip


def _melting(plane: Plane, load: float) -> Point:
    """Highest temperature with retrieval."""
    theory = plane.theory
    temperatures = temperature_grid(0.0, theory.melting_temperature, SCAN)[:-1]
    end = theory.spinodal(temperatures)
    inside = np.flatnonzero(end.load >= load)
    if not inside.size:
        return Point()
    i = int(inside[-1])
    guess = np.array([end.effective_overlap[i], end.noise[i], temperatures[i]])
    above = np.append(temperatures, theory.melting_temperature)[i + 1]
    if i + 1 < temperatures.size:
        after = np.array([end.effective_overlap[i + 1], end.noise[i + 1], above])
        share = (end.load[i] - load) / (end.load[i] - end.load[i + 1])
        guess = (1.0 - share) * guess + share * after
    return plane.solve(singularity, guess, float(temperatures[i]), float(above))
