"""Results of models side by side: capacities and tolerance to noise for any p, both energies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hopfield import Dense, InputError, Unsupervised
from hopfield.arguments import integer
from hopfield.models import Polynomial, polynomial_of
from hopfield.results import dataset, provenance

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["ENDS", "capacity_by_order", "crosstalk_variance", "noise_tolerance"]

ENDS = ("zero temperature", "largest load", "half load", "zero load")
"""Points of the line where retrieval ends that are put side by side."""

COORDS = {
    "p": {"long_name": "number of spins in an interaction", "units": "1", "symbol": "p"},
    "self_interaction": {"long_name": "whether the energy is the full power", "units": "1"},
}
LEAST_NOISE = 0.1
"""Where lines that end at zero noise end on a logarithmic axis."""
COLDER = 1.0 - 1e-4
"""Temperatures where retrieval is searched for, over that where it ends."""


def crosstalk_variance(model: Polynomial) -> float:
    r"""Variance of the crosstalk field in a pattern over the load, :math:`\xi'(1)`.

    Parameters
    ----------
    model : hopfield.Dense, Supervised or Unsupervised
        With p up to 100.

    Returns
    -------
    float
        (p-1)! without and (2p-3)!! with self-interaction, for p = 2 in a state that crosstalk does
        not move. Effective patterns that are learnt with a teacher are patterns; without one there
        is the factor :math:`V = (1+\rho_p)/(1+\rho)^p` of `theory.crosstalk.interference`.

    Examples
    --------
    >>> crosstalk_variance(Dense(4)), crosstalk_variance(Dense(4, self_interaction=True))
    (6.0, 15.0)
    >>> from hopfield import Supervised, Unsupervised
    >>> crosstalk_variance(Supervised(3, 0.5, 3)), crosstalk_variance(Unsupervised(3, 0.5, 3))
    (2.0, 5.5)
    """
    from theory.crosstalk import crosstalk, interference

    variance = float(crosstalk(model.p, model.self_interaction).derivative(1.0))
    if isinstance(model, Unsupervised):
        variance *= interference(model.p, model.quality, model.examples)
    return variance


def capacity_by_order(orders: Sequence[int] = range(2, 13)) -> xr.Dataset:
    r"""Where retrieval ends in networks of p-body interactions, for both energies.

    Four points of the line :math:`\alpha_c(T)`: T = 0; its largest load; the temperature at which
    the load is half of that at T = 0; the melting temperature :math:`T_M(0)` at zero load.

    Parameters
    ----------
    orders : sequence of int
        One or more values of p, 2 to 100.

    Returns
    -------
    xarray.Dataset
        Variables load and temperature with dimensions p, self_interaction and point.

    Raises
    ------
    hopfield.InputError
        If there is none, or no theory for one of them.

    References
    ----------
    E. Gardner, J. Phys. A 20, 3453 (1987); D. Krotov and J. J. Hopfield, NIPS 29, 1172 (2016).

    Examples
    --------
    >>> ends = capacity_by_order([3]).sel(p=3, point="zero temperature")
    >>> ends["load"].values.round(4)
    array([0.1261, 0.0841])
    """
    return _side_by_side([_ends(Dense(p, full)) for p in _all(orders) for full in (False, True)])


def _all(orders: Sequence[int]) -> list[int]:
    """Every p once, in order."""
    if not len(orders):
        raise InputError("orders must be one or more integers, got none")
    return sorted({integer("p", p, low=2) for p in orders})


def _side_by_side(results: list[xr.Dataset]) -> xr.Dataset:
    """Results of several models as one, along the parameters of the models."""
    import xarray as xr

    named = []
    for one in results:
        model = polynomial_of(one)
        named.append(one.expand_dims(p=[model.p], self_interaction=[model.self_interaction]))
    joined: xr.Dataset = xr.combine_by_coords(  # type: ignore[assignment]
        named, join="exact", compat="no_conflicts", coords="different",
        combine_attrs="drop_conflicts",
    )  # fmt: skip
    for name, attrs in COORDS.items():
        joined[name].attrs.update(attrs)
    return joined


def _ends(model: Dense) -> xr.Dataset:
    """Four points of the line where retrieval ends, see `capacity_by_order`."""
    from scipy.optimize import brentq, minimize_scalar

    import theory

    def load(temperature: float) -> float:
        return float(theory.capacity(model, temperature)["load"])

    spinodal = theory.phase_diagram(model, points=2).sel(line="spinodal")
    melting, cold = float(spinodal.temperature.max()), load(0.0)
    hot = COLDER * melting
    top = minimize_scalar(
        lambda t: -load(t) / cold, bounds=(0.0, hot), method="bounded", options={"xatol": 1e-5}
    )
    half = brentq(lambda t: load(t) / cold - 0.5, top.x, hot, xtol=1e-9)
    variables = {
        "load": (("point",), [cold, load(top.x), cold / 2.0, 0.0]),
        "temperature": (("point",), [0.0, top.x, half, melting]),
    }
    return dataset(variables, {"point": list(ENDS)}, provenance(model))


def noise_tolerance(
    orders: Sequence[int] = (3, 4, 5), *, size: int = 200, temperature: float = 0.0,
    points: int = 100,
) -> xr.Dataset:  # fmt: skip
    r"""Noise in the couplings that networks of one size tolerate, by the number of patterns.

    .. math:: w = \sqrt{\alpha_c(T) N^{p-1} / K - 1}

    from K = 1 to the capacity, with the capacity of infinite size.

    Parameters
    ----------
    orders : sequence of int
        One or more values of p, 3 to 100.
    size : int
        Number N of spins.
    temperature : float
        T.
    points : int
        How many numbers of patterns for each p, at least 2.

    Returns
    -------
    xarray.Dataset
        Variables n_patterns, load and coupling_noise with dimensions p, self_interaction (False)
        and point. The last point has w = 0.1.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range, nothing is retrieved at the temperature, or a network of
        this size does not hold a single pattern.

    References
    ----------
    E. Agliari et al., Phys. Rev. Lett. 124, 028301 (2020).

    Examples
    --------
    >>> one = noise_tolerance([3], size=200, points=2).squeeze()
    >>> one.n_patterns.values.round(3).tolist(), one.coupling_noise.values.round(3).tolist()
    ([1.0, 4993.87], [71.013, 0.1])
    """
    integer("size", size, low=2)
    integer("points", points, low=2)
    return _side_by_side([_tolerance(Dense(p), size, temperature, points) for p in _all(orders)])


def _tolerance(model: Dense, size: int, temperature: float, points: int) -> xr.Dataset:
    """Evenly spaced in the logarithm of the noise, which falls steeply at the capacity."""
    import theory

    patterns = float(size) ** (model.p - 1)
    limit = float(theory.capacity(model, temperature)["load"])
    if limit * patterns < 1.0 + LEAST_NOISE**2:
        raise InputError(f"size must be larger, {size} spins of {model} do not hold one pattern")
    noise = np.geomspace(np.sqrt(limit * patterns - 1.0), LEAST_NOISE, points)
    load = limit / (1.0 + noise**2)
    found = theory.tolerated_noise(model, load, temperature)
    variables = {
        "n_patterns": (("point",), load * patterns),
        "load": (("point",), load),
        "coupling_noise": (("point",), found.coupling_noise.values),
    }
    attrs = provenance(model, size=size, temperature=temperature)
    return dataset(variables, {"point": np.arange(points)}, attrs)
