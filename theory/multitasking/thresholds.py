r"""Dilutions at which states of several patterns begin and end.

For states of K equal overlaps all is an explicit function of :math:`b = n/T`: with the sum y of the
entries, :math:`T = E[y\tanh(by)]/(Kb)`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from hopfield.arguments import InputError, integer
from hopfield.models import Multitasking
from hopfield.results import dataset, provenance
from theory.multitasking.fields import averages
from theory.multitasking.laws import law_of
from theory.multitasking.lowest import diluted
from theory.saddle import Array
from theory.signal import signal_of

__all__ = ["dilution_threshold", "least_dilution"]

SCAN = np.geomspace(0.03, 300.0, 200)
"""n/T at which the parallel state is looked at."""

DILUTION_STEP = 0.01
STENCIL = np.array([-2.0, -1.0, 1.0, 2.0]), np.array([1.0, -8.0, 8.0, -1.0]) / 12.0
"""Steps and weights of a first derivative whose error is of fourth order."""

STEP = 1e-3


def _counts(n_patterns: ArrayLike) -> NDArray[np.int64]:
    """One number of patterns, or a 1-D array of them."""
    given = np.asarray(n_patterns)
    if given.ndim > 1 or given.size == 0 or given.dtype.kind not in "iu":
        raise InputError(f"n_patterns must be an integer >= 2 or several, got {n_patterns!r}")
    return np.array([integer("n_patterns", int(k), low=2) for k in given.flat]).reshape(given.shape)


def dilution_threshold(n_patterns: ArrayLike) -> xr.Dataset:
    r"""Dilution at which the hierarchical state :math:`m_k = d^{k-1}(1-d)` ends at T = 0.

    Spins follow the first pattern that is not blank as long as its overlap exceeds the sum of those
    of all that come after it, :math:`\sum_{j=1}^{K-1} d^j < 1`.

    Parameters
    ----------
    n_patterns : int or 1-D array of int
        K, at least 2; an array becomes a dimension.

    Returns
    -------
    xarray.Dataset
        Variable dilution: 1 for K = 2, the golden ratio 0.618 for K = 3, 1/2 for K → ∞.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range.

    References
    ----------
    E. Agliari, A. Barra, A. Galluzzi, F. Guerra and F. Moauro, Phys. Rev. Lett. 109, 268101
    (2012), arXiv:1111.5191.

    Examples
    --------
    >>> dilution_threshold([2, 3, 4, 1000]).dilution.values.round(6)
    array([1.      , 0.618034, 0.543689, 0.5     ])
    """
    counts = _counts(n_patterns)
    ends = [1.0 if k == 2 else _end_of_hierarchy(int(k)) for k in counts.flat]
    dims = ("n_patterns",) * counts.ndim
    variables = {"dilution": (dims, np.array(ends).reshape(counts.shape))}
    return dataset(variables, {"n_patterns": counts}, provenance(Multitasking(0.0)))


def _end_of_hierarchy(n_patterns: int) -> float:
    """Zero of the sum of the powers of d, minus 1."""

    def excess(d: float) -> float:
        return (2.0 * d - 1.0 - d**n_patterns) / (1.0 - d)

    return float(brentq(excess, 0.5, 0.7, xtol=1e-16, rtol=1e-15))


def least_dilution(n_patterns: ArrayLike, *, quality: float = 1.0, examples: int = 1) -> xr.Dataset:
    r"""Dilution from which on the parallel state of K patterns is stable at some temperature.

    There the largest eigenvalue at any T for differences between the overlaps,

    .. math:: \Lambda = 1 - \frac1{(K-1)\,T} E\Bigl[\bigl({\textstyle\sum_\mu (x^\mu)^2} - y^2/K
              \bigr) \operatorname{sech}^2 by\Bigr], \qquad y = \sum_\mu x^\mu,

    rises through 0. For odd K it is positive for weakly diluted patterns as well, up to another
    dilution: these are the odd mixtures of full patterns.

    Parameters
    ----------
    n_patterns : int or 1-D array of int
        K, at least 2; an array becomes a dimension.
    quality : float
        r in (0, 1], with which archetypes are learnt; 1 if patterns are stored.
    examples : int
        Number M of examples of each archetype.

    Returns
    -------
    xarray.Dataset
        Variables dilution and temperature, at which the state is stable first; weak_dilution and
        weak_temperature, at which it is stable last if patterns are weakly diluted, not a number
        where it is not even for full ones.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range.

    References
    ----------
    E. Agliari et al., arXiv:1304.4488.

    Examples
    --------
    >>> found = least_dilution([2, 3])
    >>> found.dilution.values.round(6), found.weak_dilution.values.round(6)
    (array([0.601592, 0.620905]), array([     nan, 0.161634]))
    """
    counts = _counts(n_patterns)
    critical = signal_of(quality, examples).critical_dilution
    found = np.array([_edges(partial(_state, int(k), quality, examples), critical)
                      for k in counts.flat])  # fmt: skip
    names = "dilution", "temperature", "weak_dilution", "weak_temperature"
    dims = ("n_patterns",) * counts.ndim
    variables = {
        name: (dims, column.reshape(counts.shape))
        for name, column in zip(names, found.T, strict=True)
    }
    model = diluted(0.0, quality, examples)
    return dataset(variables, {"n_patterns": counts}, provenance(model))


State = Callable[[float, Array], tuple[Array, Array]]
"""Dilution and n/T -> T, and Λ over 1 - T/(1-d), which has a limit at T = 1 - d."""


def _state(
    n_patterns: int, quality: float, examples: int, dilution: float, ratio: Array
) -> tuple[Array, Array]:
    """A `State` of equal overlaps."""
    law = law_of(diluted(dilution, quality, examples), (n_patterns,))
    k = averages(law, ratio[:, None], np.zeros_like(ratio), np.ones_like(ratio))
    temperature = k.effective_overlap[:, 0] / ratio
    between = (k.square[:, 0] - k.second[:, 0, 0] / n_patterns) / (n_patterns - 1.0)
    distance = 1.0 - temperature / (1.0 - dilution)
    return temperature, (1.0 - between / temperature) / distance


def _summit(state: State, dilution: float) -> tuple[float, float]:
    """Temperature where Λ over 1 - T/(1-d) is largest, and this."""
    scan = state(dilution, SCAN)[1]
    top = int(np.clip(scan.argmax(), 1, SCAN.size - 2))

    def slope(log_ratio: float) -> float:
        around = np.exp(log_ratio + STEP * STENCIL[0])
        return float(state(dilution, around)[1] @ STENCIL[1])

    low, high = np.log(SCAN[top - 1]), np.log(SCAN[top + 1])
    if slope(low) > 0.0 > slope(high):
        best = brentq(slope, low, high, xtol=1e-12)
        temperature, value = state(dilution, np.exp([best]))
        return float(temperature[0]), float(value[0])
    return float(state(dilution, SCAN[top : top + 1])[0][0]), float(scan[top])


def _edges(state: State, critical: float) -> list[float]:
    """Where the summit rises through zero next to the critical dilution, and falls next to 0."""

    def height(dilution: float) -> float:
        return _summit(state, dilution)[1]

    steps = np.append(np.arange(0.0, critical, DILUTION_STEP), critical)
    signs = np.array([height(d) for d in steps]) > 0.0
    changes = np.flatnonzero(np.diff(signs))
    found = [math.nan] * 4
    for change in changes:
        dilution = brentq(height, steps[change], steps[change + 1], xtol=1e-13)
        first = 0 if signs[change + 1] else 2
        found[first : first + 2] = dilution, _summit(state, dilution)[0]
    return found
