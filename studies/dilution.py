"""How networks of diluted patterns change with the dilution, at high load."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from hopfield import InputError, Multitasking, Supervised, Unsupervised
from hopfield.arguments import nonnegative_values
from hopfield.patterns import check_dilution

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["capacity_by_dilution", "diagrams_by_dilution"]

Diluted = Multitasking | Supervised | Unsupervised
STORAGE = Multitasking(0.0)


def _family(model: Diluted, dilution: Sequence[float]) -> list[Diluted]:
    """Models that differ in their dilution alone."""
    if not isinstance(model, Multitasking | Supervised | Unsupervised) or model.p != 2:
        known = "hopfield.Multitasking, Supervised or Unsupervised, with p = 2"
        raise InputError(f"model must be {known}, got {model!r}")
    values = [check_dilution(d) for d in dilution]
    if not values or sorted(set(values)) != values:
        raise InputError(f"dilution must be ascending numbers in [0, 1), got {list(dilution)}")
    return [dataclasses.replace(model, dilution=d) for d in values]


def capacity_by_dilution(
    dilution: Sequence[float] = tuple(np.linspace(0.0, 0.7, 57).tolist()),
    temperature: ArrayLike = (0.0, 0.1, 0.2, 0.3),
    *,
    model: Diluted = STORAGE,
) -> xr.Dataset:
    """Largest load at which one diluted pattern is retrieved, against the dilution.

    Parameters
    ----------
    dilution : sequence of float
        Ascending probabilities d of a blank entry, in [0, 1).
    temperature : float or 1-D array
        T >= 0.
    model : hopfield.Multitasking, Supervised or Unsupervised
        With p = 2; its own dilution does not matter.

    Returns
    -------
    xarray.Dataset
        As of `theory.capacity`, with the dimensions dilution and temperature; absent where the load
        is zero.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range.

    Examples
    --------
    >>> result = capacity_by_dilution([0.0, 0.2], [0.0])
    >>> result["load"].values.round(6).ravel()
    array([0.137906, 0.053668])
    """
    import theory

    temperatures = np.atleast_1d(nonnegative_values("temperature", temperature))
    family = _family(model, dilution)
    found = [theory.capacity(each, temperatures) for each in family]
    return _joined(family, found)


def diagrams_by_dilution(
    dilution: Sequence[float] = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5),
    *,
    model: Diluted = STORAGE,
    points: int = 100,
    max_load: float = 0.15,
) -> xr.Dataset:
    """Phase diagrams in the plane of load and temperature, for several dilutions.

    Parameters
    ----------
    dilution : sequence of float
        Ascending probabilities d of a blank entry, in [0, 1).
    model : hopfield.Multitasking, Supervised or Unsupervised
        With p = 2; its own dilution does not matter.
    points : int
        Points on each line, at least 2.
    max_load : float
        Largest load of the glass lines.

    Returns
    -------
    xarray.Dataset
        As of `theory.phase_diagram`, with the dimension dilution.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range.

    Examples
    --------
    >>> result = diagrams_by_dilution([0.0, 0.2], points=3)
    >>> result.temperature.sel(line="spinodal").max("point").values.round(6)  # 1 - d
    array([1. , 0.8])
    """
    import theory

    family = _family(model, dilution)
    found = [theory.phase_diagram(each, points=points, max_load=max_load) for each in family]
    return _joined(family, found)


def _joined(family: Sequence[Diluted], found: Sequence[xr.Dataset]) -> xr.Dataset:
    """Results along a labelled dimension, with the attributes of the first."""
    import xarray as xr

    from hopfield.vocabulary import describe

    values = [each.dilution for each in family]
    along = xr.DataArray(values, dims="dilution", name="dilution", attrs=describe("dilution"))
    return xr.concat(found, dim=along, combine_attrs="override")
