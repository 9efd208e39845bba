"""Phase diagrams in the plane of load and temperature, as labelled results."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import xarray as xr

from hopfield.arguments import integer, real
from hopfield.results import dataset, provenance
from theory.diagram import largest_load
from theory.models import phases_of, symmetric_phases_of
from theory.transitions import Line

__all__ = ["labelled_lines", "load_plane"]


def load_plane(model: Any, ansatz: str, points: int, max_load: float | None) -> xr.Dataset:
    """Lines in the plane of load and temperature.

    Parameters
    ----------
    model : hopfield.Dense, Multitasking, Supervised or Unsupervised
        With p up to 100.
    ansatz : str
        "rs" or "1rsb".
    points : int
        Points on each line, at least 2.
    max_load : float or None
        Largest load of the glass line, if given.

    Returns
    -------
    xarray.Dataset
        See `theory.phase_diagram`, also for the errors that are raised.

    Examples
    --------
    >>> import hopfield
    >>> load_plane(hopfield.Multitasking(0.7), "rs", 2, None).temperature.values.round(12)
    array([[0.3, 0.6]])
    """
    theory = phases_of(model, ansatz)
    integer("points", points, low=2)
    largest = (
        1.5 * largest_load(symmetric_phases_of(model)) or 1.0
        if max_load is None
        else real("max_load", max_load)
    )
    attrs = provenance(model, ansatz=ansatz, points=points, max_load=largest)
    return labelled_lines(theory.lines(points, largest), attrs)


def labelled_lines(lines: Mapping[str, Line], attrs: Mapping[str, str]) -> xr.Dataset:
    """Lines of a phase diagram, all of the same number of points.

    Parameters
    ----------
    lines : mapping of str to Line
        By name.
    attrs : mapping
        From `hopfield.results.provenance`.

    Returns
    -------
    xarray.Dataset

    Examples
    --------
    >>> from theory.transitions import exact_line
    >>> line = exact_line(np.array([0.0, 0.1]), np.array([1.0, 2.0]))
    >>> labelled_lines({"nishimori": line}, {}).temperature.sel(point=1).values
    array([2.])
    """
    variables: dict[str, tuple[tuple[str, ...], Any]] = {
        name: (("line", "point"), np.stack([getattr(line, name) for line in lines.values()]))
        for name in ("load", "temperature", "residual")
    }
    found = np.stack([line.found for line in lines.values()])
    variables["status"] = ("line", "point"), np.where(found, "converged", "not converged")
    coords = {"line": list(lines), "point": np.arange(found.shape[1])}
    return dataset(variables, coords, attrs)
