"""Patterns at equal distances: fixed points, their stability and energy, and thresholds."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from hopfield.arguments import InputError, integer
from hopfield.results import dataset
from theory.attention.inputs import positive_values
from theory.attention.potts import Subset, equal_energy, log_ratio, spinodal

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["equidistant_states", "equidistant_thresholds"]

STATES = ("average", "subset", "barrier")
THRESHOLDS = ("subset appears", "equal energy", "average unstable")
NAMES = ("weight", "other_weight", "jacobian_eigenvalue", "state_energy", "residual")


def equidistant_states(n_patterns: int, coupling: ArrayLike, *, subset: int = 1) -> xr.Dataset:
    r"""Fixed points of n patterns of equal norms and overlaps q, k of which share most weight.

    With the coupling :math:`J = \beta |\xi|^2 (1 - q)` and the weights a of the k patterns and b of
    the others, :math:`J (a - b) = \log(a/b)`. States of one pattern and, below J = n, that of
    equal weights are stable, all others are saddles.

    Parameters
    ----------
    n_patterns : int
        n, at least 2.
    coupling : float or 1-D array
        J > 0; an array becomes a dimension.
    subset : int
        k, from 1 to n/2.

    Returns
    -------
    xarray.Dataset
        With the dimension fixed_point: "average" of all patterns, "subset" of k patterns, and the
        "barrier" between the two, which beyond J = n has less weight on the k patterns than on
        others. Variables weight (a), other_weight (b), jacobian_eigenvalue (the largest),
        state_energy (over :math:`|\xi|^2 (1 - q)`), stable, residual (of log(a/b)) and status.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range.

    References
    ----------
    F. Y. Wu, Rev. Mod. Phys. 54, 235 (1982), for the Potts model.

    Examples
    --------
    >>> found = equidistant_states(4, [3.0, 3.5, 5.0])
    >>> found.weight.sel(fixed_point="subset").values.round(6)
    array([     nan, 0.838725, 0.976975])
    >>> found.stable.values.tolist()
    [[True, True, False], [False, True, True], [False, False, False]]
    """
    n = integer("n_patterns", n_patterns, low=2)
    law, couplings = Subset(n, _subset(subset, n)), positive_values("coupling", coupling)
    rows = [[_state(law, state, float(j)) for j in couplings.ravel()] for state in STATES]
    shape, dims = (len(STATES), *couplings.shape), ("fixed_point", *("coupling",) * couplings.ndim)
    values = np.array(rows).reshape(*shape, len(NAMES))
    variables: dict[str, tuple[tuple[str, ...], Any]] = {
        name: (dims, values[..., i]) for i, name in enumerate(NAMES)
    }
    found = np.isfinite(values[..., 0])
    variables["stable"] = dims, values[..., NAMES.index("jacobian_eigenvalue")] < 1.0
    variables["status"] = dims, np.where(found, "converged", "absent")
    coords = {"fixed_point": list(STATES), "coupling": couplings, "n_patterns": n, "subset": subset}
    return dataset(variables, coords, {})


def equidistant_thresholds(n_patterns: ArrayLike, *, subset: int = 1) -> xr.Dataset:
    r"""Couplings at which states of n patterns at equal distances appear and become unstable.

    States of one pattern appear at the least J of :math:`J (a - b) = \log(a/b)`, have the energy of
    the average at :math:`J = \frac{2 (n-1)}{n-2} \log(n-1)`, and the average is unstable from J = n
    on: the transition is of first order for n >= 3, and continuous for n = 2.

    Parameters
    ----------
    n_patterns : int or 1-D array
        n, at least 2; an array becomes a dimension. A real number continues the equations.
    subset : int
        k, from 1 to n/2.

    Returns
    -------
    xarray.Dataset
        With the dimension threshold: "subset appears", "equal energy", "average unstable".
        Variables coupling, weight of one of the k patterns there, residual and status. The residual
        is the distance of the eigenvalue from 1, or the difference of energies.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range.

    References
    ----------
    F. Y. Wu, Rev. Mod. Phys. 54, 235 (1982), for the Potts model.

    Examples
    --------
    >>> equidistant_thresholds([2, 4]).coupling.values.round(6)
    array([[2.      , 3.218741],
           [2.      , 3.295837],
           [2.      , 4.      ]])
    """
    totals = positive_values("n_patterns", n_patterns)
    laws = [Subset(float(n), _subset(subset, float(n))) for n in totals.ravel()]
    shape, dims = (len(THRESHOLDS), *totals.shape), ("threshold", *("n_patterns",) * totals.ndim)
    values = np.stack([_thresholds(law) for law in laws], axis=1).reshape(*shape, 3)
    variables: dict[str, tuple[tuple[str, ...], Any]] = {
        name: (dims, values[..., i]) for i, name in enumerate(("coupling", "weight", "residual"))
    }
    variables["status"] = dims, np.full(shape, "converged")
    coords = {"threshold": list(THRESHOLDS), "n_patterns": totals, "subset": subset}
    return dataset(variables, coords, {})


def _subset(subset: int, total: float) -> int:
    number = integer("subset", subset, low=1)
    if total < 2.0 * number:
        raise InputError(f"subset must be at most half of n_patterns = {total:g}, got {number}")
    return number


def _average(total: float, coupling: float) -> tuple[float, ...]:
    weight = 1.0 / total
    return weight, weight, coupling / total, (1.0 - weight) / 2.0, 0.0


def _state(law: Subset, state: str, coupling: float) -> tuple[float, ...]:
    """Values of `NAMES`."""
    if state == "average":
        return _average(law.total, coupling)
    u = log_ratio(law, coupling, upper=state == "subset")
    if math.isnan(u):
        return (math.nan,) * len(NAMES)
    a, b = law.weight(u), law.other_weight(u)
    residual = abs(u - coupling * (a - b)) / max(1.0, abs(u))
    return a, b, law.eigenvalue(u), law.energy(u), residual


def _thresholds(law: Subset) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Coupling, weight and residual, one row a threshold."""
    first, equal, average = spinodal(law), equal_energy(law), (1.0 - 1.0 / law.total) / 2.0
    a, b = law.weight(first), law.other_weight(first)
    marginal = abs(law.coupling(first) * law.total * a * b - 1.0)
    return np.array(
        [
            [law.coupling(first), a, marginal],
            [law.coupling(equal), law.weight(equal), abs(law.energy(equal) - average)],
            [law.total, 1.0 / law.total, 0.0],
        ]
    )
