"""Thresholds, basins and finite sizes of exponential networks, as labelled results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from hopfield.arguments import InputError, choice, nonnegative_values, real
from hopfield.exponential import Exponential
from hopfield.results import dataset, provenance
from theory.exponential import finite_size, stability
from theory.exponential.partition import log_mean_partition
from theory.exponential.rates import BINARY, ENSEMBLES, GAUSSIAN, Ensemble
from theory.exponential.solutions import require_exponential
from theory.exponential.thresholds import (
    all_patterns_load,
    condensation_load,
    gaussian_all_patterns_load,
    pair_load,
    retrieval_load,
    scatter_load,
)
from theory.exponential.thresholds import basin as smallest_overlap
from theory.saddle import Array

__all__ = ["DYNAMICS", "exponential_basin", "exponential_finite_size", "exponential_thresholds"]

DYNAMICS = {"softmax": 1.0, "flips": 2.0}
"""Factor of the sharpness by which a dynamics compares signal and crosstalk."""

Threshold = Callable[[Ensemble, Array, Array], Array]


def _positive(name: str, values: ArrayLike, high: float = np.inf) -> Array:
    """A scalar or 1-D array of numbers in (0, high]."""
    array = nonnegative_values(name, values)
    bad = (array == 0.0) | (array > high)
    if bad.any():
        limit = "numbers > 0" if high == np.inf else f"numbers in (0, {high:g}]"
        raise InputError(f"{name} must be {limit}, got {array[bad].flat[0]:g}")
    return array


def _thresholds(law: Ensemble) -> dict[str, Threshold]:
    """Thresholds of an ensemble by name, as functions of sharpness and overlap."""
    found: dict[str, Threshold] = {
        "weight": retrieval_load,
        "closest": lambda one, lam, q: one.rate(q) + 0.0 * lam,
        "condensation": lambda one, lam, q: condensation_load(one, lam) + 0.0 * q,
        "scatter": lambda one, lam, q: scatter_load(one, lam) + 0.0 * q,
    }
    if law is GAUSSIAN:
        found["weight, all patterns"] = lambda one, lam, q: np.where(
            q == 1.0, gaussian_all_patterns_load(lam), np.nan
        )
        return found
    found["weight, all patterns"] = all_patterns_load
    found["closest, all patterns"] = lambda one, lam, q: pair_load(one, q) + 0.0 * lam
    if law is BINARY:
        found["flips"] = lambda one, lam, q: retrieval_load(one, 2.0 * lam, q)
        found["flips, all patterns"] = lambda one, lam, q: all_patterns_load(one, 2.0 * lam, q)
    return found


def exponential_thresholds(
    sharpness: ArrayLike, *, ensemble: str = "binary", overlap: ArrayLike = 1.0
) -> xr.Dataset:
    r"""Loads log(K)/N up to which patterns are retrieved at T = 0, by what is asked for.

    From a state of overlap q with a pattern,

    * weight: the weight of the pattern in the softmax of λ times the overlaps tends to 1;
    * flips: flips of single spins lead to it, or leave it where it is if q = 1;
    * closest: no other pattern is closer, the limit of both for large λ, and the capacity of
      attention that looks at the closest patterns only (sparsemax, entmax) for every λ;
    * the same for all patterns, from a start near each of them.

    Besides, the crosstalk is that of few patterns below "condensation", and the same for all sets
    of patterns, up to factors close to 1, from "scatter" on.

    Parameters
    ----------
    sharpness : float or 1-D array
        λ > 0; an array becomes a dimension.
    ensemble : str
        "binary", "spherical" or "gaussian" patterns. There are no flips but of binary ones, and for
        all Gaussian patterns only the weight at themselves is known, q = 1.
    overlap : float or 1-D array
        Overlap q of the start with the pattern, in (0, 1]; an array becomes a dimension.

    Returns
    -------
    xarray.Dataset
        Variable load with dimension criterion.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range.

    References
    ----------
    M. Demircigil, J. Heusel, M. Loewe, S. Upgang and F. Vermet, J. Stat. Phys. 168, 288 (2017);
    C. Lucibello and M. Mezard, Phys. Rev. Lett. 132, 077301 (2024).

    Examples
    --------
    >>> import theory
    >>> found = theory.exponential_thresholds(1.0, ensemble="spherical")
    >>> found["load"].sel(criterion="weight").round(3).item()
    0.623
    """
    law = ENSEMBLES[choice("ensemble", ensemble, tuple(ENSEMBLES))]
    lam, q = _positive("sharpness", sharpness), _positive("overlap", overlap, 1.0)
    column = np.expand_dims(lam, tuple(range(lam.ndim, lam.ndim + q.ndim)))
    functions = _thresholds(law)
    loads = np.stack([np.asarray(function(law, column, q)) for function in functions.values()])
    dims = ("criterion", *("sharpness",) * lam.ndim, *("overlap_start",) * q.ndim)
    coords = {"criterion": list(functions), "sharpness": lam, "overlap_start": q}
    return dataset({"load": (dims, loads)}, coords, provenance(law))


def exponential_basin(
    sharpness: float,
    load: ArrayLike,
    *,
    ensemble: str = "binary",
    dynamics: str = "softmax",
) -> xr.Dataset:
    """Smallest overlap from which a pattern is retrieved at T = 0.

    Parameters
    ----------
    sharpness : float
        λ > 0.
    load : float or 1-D array
        α = log(K)/N >= 0; an array becomes a dimension.
    ensemble : str
        "binary", "spherical" or "gaussian".
    dynamics : str
        "softmax", all components at once, or "flips" of single spins of binary patterns.

    Returns
    -------
    xarray.Dataset
        Variables basin_overlap, not a number where nothing is retrieved, and status.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range.

    Examples
    --------
    >>> import theory
    >>> theory.exponential_basin(1.0, [0.1, 0.5, 0.6]).basin_overlap.values.round(6)
    array([0.439589, 0.933781,      nan])
    """
    law = ENSEMBLES[choice("ensemble", ensemble, tuple(ENSEMBLES))]
    choice("dynamics", dynamics, tuple(DYNAMICS) if law is BINARY else ("softmax",))
    lam, loads = _positive("sharpness", sharpness), nonnegative_values("load", load)
    if lam.ndim:
        raise InputError(f"sharpness must be one number, got {sharpness!r}")
    found = smallest_overlap(law, DYNAMICS[dynamics] * lam, loads)
    exists = found <= 1.0
    dims = ("load",) * loads.ndim
    variables = {
        "basin_overlap": (dims, np.where(exists, found, np.nan)),
        "status": (dims, np.where(exists, "converged", "absent")),
    }
    coords = {"load": loads, "sharpness": lam}
    return dataset(variables, coords, provenance(law, dynamics=dynamics))


def exponential_finite_size(
    model: Exponential,
    load: ArrayLike,
    size: ArrayLike,
    *,
    overlap: float = 1.0,
    temperature: float | None = None,
) -> xr.Dataset:
    """What a network of finite size does with binary patterns, averaged over them.

    Parameters
    ----------
    model : hopfield.Exponential
        Of binary patterns.
    load : float or 1-D array
        α = log(K)/N >= 0; an array becomes a dimension.
    size : int or 1-D array of int
        N, at least 2; an array becomes a dimension.
    overlap : float
        Overlap of the state with its pattern for the weight and closest_probability.
    temperature : float, optional
        T > 0 of the free energy.

    Returns
    -------
    xarray.Dataset
        * own_weight: of the pattern in the softmax at the state;
        * weight_probability: that this weight is above 1/2;
        * closest_probability: that no other pattern is closer to the state, which is where
          steepest descent by flips leads;
        * bit_error: probability that flipping a bit of a pattern lowers the energy;
        * stable_probability, all_stable_probability: that no bit of one pattern does, and of any;
        * free_energy: that of the mean partition function, per spin, if a temperature is given.

        How good they are is said in `theory.exponential.finite_size`, `.stability` and
        `.partition`.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range.

    Examples
    --------
    >>> import hopfield, theory
    >>> net = hopfield.Exponential(1.0)
    >>> found = theory.exponential_finite_size(net, 0.4, [20, 40], temperature=1.0)
    >>> found.stable_probability.values.round(4), found.free_energy.values.round(6)
    (array([0.9695, 0.9998]), array([-1.526928, -1.526928]))
    """
    lam, loads = require_exponential(model).sharpness, nonnegative_values("load", load)
    sizes = nonnegative_values("size", size)
    bad = (sizes < 2.0) | (sizes != np.floor(sizes))
    if bad.any():
        raise InputError(f"size must be integers >= 2, got {sizes[bad].flat[0]:g}")
    q = real("overlap", overlap, high=1.0)
    a = np.expand_dims(loads, tuple(range(loads.ndim, loads.ndim + sizes.ndim)))
    values = {
        "own_weight": finite_size.own_weight(BINARY, lam, a, sizes, q),
        "weight_probability": finite_size.weight_probability(lam, a, sizes, q),
        "closest_probability": finite_size.closest_probability(BINARY, a, sizes, q),
        "bit_error": finite_size.flip_error(lam, a, sizes),
        "stable_probability": stability.stable_probability(lam, a, sizes),
        "all_stable_probability": stability.all_stable_probability(lam, a, sizes),
    }
    coords: dict[str, Any] = {"load": loads, "size": sizes.astype(np.int64), "overlap_start": q}
    if temperature is not None:
        coords["temperature"] = t = _positive("temperature", temperature).item()
        log_z = np.vectorize(lambda one, n: log_mean_partition(lam, t, one, int(n)), otypes=[float])
        values["free_energy"] = -t * log_z(a, sizes)
    dims = ("load",) * loads.ndim + ("size",) * sizes.ndim
    variables = {name: (dims, value) for name, value in values.items()}
    return dataset(variables, coords, provenance(model))
