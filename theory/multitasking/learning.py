r"""How good and how many examples have to be for several archetypes to be retrieved at once.

Three questions are asked: whether the noise in the fields of a first update from the archetypes is
small, whether most spins are right after it, and whether there is a state. Noise makes more of
itself, since the fields follow the overlaps that they have brought about: a state of K different
overlaps exists for much better data only than those of which the noise of a first update is small.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import erfinv

from hopfield.arguments import InputError, choice, integer, nonnegative_values, positive, real
from hopfield.learner import Learner
from hopfield.patterns import check_dilution
from hopfield.results import dataset, provenance
from theory.learning.examples import OVERLAP
from theory.multitasking.followed import (
    Followed,
    Hierarchy,
    bisected,
    hierarchy,
    merger,
    split_of_equal,
)
from theory.multitasking.laws import require_pairs
from theory.multitasking.one_update import crosstalk_of_others, updated_overlap

__all__ = ["CRITERIA", "multitask_threshold"]

CRITERIA = ("signal to noise", "one update", "retrieval")

FIRST_ENTROPY = 1e-3
GROWTH = 1.3
LARGEST_ENTROPY = 1e6


@dataclass(frozen=True)
class _Threshold:
    """Entropy of the data set up to which a pattern is retrieved; not a number if it never is."""

    dataset_entropy: float = math.nan
    overlap: float = math.nan
    effective_overlap: float = math.nan
    limit: str = "none"
    status: str = "absent"


def multitask_threshold(
    model: Any,
    n_patterns: int,
    *,
    quality: ArrayLike | None = None,
    dilution: ArrayLike | None = None,
    temperature: float = 0.0,
    criterion: str = "signal to noise",
    overlap: float = OVERLAP,
) -> xr.Dataset:
    r"""Smallest number of examples with which the archetypes of a hierarchical state are learnt.

    Signal to noise asks that the relative noise on the sites of archetype k be that of the overlap
    that is asked for, by default :math:`\Delta_k = 1`, so that

    .. math:: M_k = \frac{1 - r^2}{r^2}\, \frac{1 + c_k}{1 - c_k}, \qquad
        c_k = \frac{d^2 - d^{2(K-k+1)}}{1+d} .

    One update asks for the overlap itself on these sites, whose field is not normal. Retrieval
    asks for a minimum of the free energy with K different overlaps of which that of archetype k is
    at least the one that is asked for times :math:`d^{k-1}(1-d)`, for this data set and all better
    ones. In all of them the mean of the examples is taken as normal, which it is for many of them:
    thresholds are those of ρ. They are then the same with and without a teacher, since
    differences between examples have the eigenvalues :math:`m_k/(n_k\sqrt{1+\rho}) > 0`. Of fewer
    examples overlaps that become equal here stay a little different at T = 0, where entries of
    different patterns may cancel exactly.

    Parameters
    ----------
    model : hopfield.Supervised or hopfield.Unsupervised
        With p = 2. Its number of examples does not matter.
    n_patterns : int
        Number K of archetypes, a few.
    quality : float or 1-D array, optional
        r in (0, 1], that of the model unless given; an array becomes a dimension.
    dilution : float or 1-D array, optional
        d in [0, 1), that of the model unless given; an array becomes a dimension.
    temperature : float
        T >= 0, for retrieval only.
    criterion : str
        "signal to noise", "one update" or "retrieval".
    overlap : float
        Overlap that is asked for over that of perfect data, in (0, 1); erf(1/√2) = 0.6827 unless
        given.

    Returns
    -------
    xarray.Dataset
        With dimension pattern: dataset_entropy, the largest ρ; examples, the real number
        :math:`(1-r^2)/(r^2\rho)`; overlap and effective_overlap there, of archetypes with all
        spins for retrieval, and else on the sites of the archetype, per site; limit, what is lost
        with fewer examples: the "overlap" or the "state" of K different ones; and status, "absent"
        where even perfect data are not enough.

    Raises
    ------
    hopfield.InputError
        If there is no theory for the model, or an argument is out of range.

    References
    ----------
    E. Agliari, A. Alessandrelli, A. Barra and F. Ricci-Tersenghi, arXiv:2308.04106.

    Examples
    --------
    >>> import hopfield, theory
    >>> model = hopfield.Supervised(2, 0.1, 1, dilution=0.4)
    >>> theory.multitask_threshold(model, 3).examples.values.round(2)
    array([123.81, 120.03,  99.  ])
    >>> found = theory.multitask_threshold(model, 3, criterion="retrieval")
    >>> found.examples.values.round(2), found.limit.values.tolist()
    (array([521.62, 519.26, 519.26]), ['overlap', 'state', 'state'])
    """
    checked = require_pairs(model)
    if not isinstance(checked, Learner):
        raise InputError(f"model must learn from examples, got {model!r}")
    count, rule = integer("n_patterns", n_patterns, low=1), choice("criterion", criterion, CRITERIA)
    qualities = nonnegative_values("quality", checked.quality if quality is None else quality)
    for value in qualities.ravel():
        positive("quality", float(value), high=1.0)
    dilutions = nonnegative_values("dilution", checked.dilution if dilution is None else dilution)
    target, temperature = real("overlap", overlap, high=1.0), real("temperature", temperature)
    if target in (0.0, 1.0):
        raise InputError(f"overlap must be a number between 0 and 1, got {overlap!r}")
    if temperature > 0.0 and rule != "retrieval":
        raise InputError(f"temperature must be 0 for {rule}, got {temperature:g}")
    rows = [
        _cells(rule, count, check_dilution(float(d)), temperature, target)
        for d in dilutions.ravel()
    ]
    shape, dims = (*dilutions.shape, count), ("dilution",) * dilutions.ndim + ("pattern",)
    variables = {
        name: (dims, np.array([getattr(cell, name) for row in rows for cell in row]).reshape(shape))
        for name in _Threshold.__dataclass_fields__
    }
    odds = (1.0 / qualities - 1.0) * (1.0 / qualities + 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):  # perfect patterns may be too few as well
        examples = np.multiply.outer(odds, 1.0 / variables["dataset_entropy"][1])
    variables["examples"] = ("quality",) * qualities.ndim + dims, examples
    coords = {"quality": qualities, "dilution": dilutions, "pattern": np.arange(count)}
    attrs = provenance(
        checked, n_patterns=count, temperature=temperature, criterion=rule, target=target
    )
    return dataset(variables, coords, attrs)


def _cells(
    rule: str, n_patterns: int, dilution: float, temperature: float, target: float
) -> list[_Threshold]:
    """Thresholds of all patterns."""
    if rule == "retrieval":
        return _retrieval(n_patterns, dilution, temperature, target)
    if rule == "one update":
        return [_one_update(n_patterns - k, dilution, target) for k in range(n_patterns)]
    return [_signal_to_noise(c, target) for c in crosstalk_of_others(n_patterns, dilution)]


def _signal_to_noise(crosstalk: float, target: float) -> _Threshold:
    """Where the relative noise is that of the target."""
    rho = (0.5 / float(erfinv(target)) ** 2 - crosstalk) / (1.0 + crosstalk)
    if rho <= 0.0:
        return _Threshold(limit="overlap")
    return _Threshold(rho, target, 1.0 / math.sqrt(1.0 + rho), "overlap", "converged")


def _one_update(n_patterns: int, dilution: float, target: float) -> _Threshold:
    """Where the overlap of the first pattern after one update is the target."""

    def excess(rho: float) -> float:
        return float(updated_overlap(n_patterns, dilution, rho)[0]) - target

    if excess(0.0) < 0.0:
        return _Threshold(limit="overlap")
    high = 0.5 / float(erfinv(target)) ** 2
    while excess(high) > 0.0 and high < LARGEST_ENTROPY:
        high *= 2.0
    rho = float(brentq(excess, 0.0, high, xtol=1e-12, rtol=1e-12))
    return _Threshold(rho, target, 1.0 / math.sqrt(1.0 + rho), "overlap", "converged")


def _retrieval(
    n_patterns: int, dilution: float, temperature: float, target: float
) -> list[_Threshold]:
    """Where the state of K overlaps ends, or one of them is smaller than the target."""
    asked = target * (1.0 - dilution) * dilution ** np.arange(float(n_patterns))

    def state(rho: float, good: Followed) -> Hierarchy | None:
        start = good[1].effective_overlap
        found = hierarchy(n_patterns, dilution, rho, temperature, start)
        return found if found.stable else None

    perfect = hierarchy(n_patterns, dilution, 0.0, temperature)
    if not perfect.stable:
        return [_Threshold(limit="state")] * n_patterns
    path = [(0.0, perfect)]
    while (path[-1][1].overlap >= asked).any():
        worse = max(FIRST_ENTROPY, GROWTH * path[-1][0])
        found = state(worse, path[-1])
        if found is None:
            last = bisected(path[-1], worse, state)
            equal = merger(last, lambda x, near: split_of_equal(near, dilution, x, temperature))
            path.append(last if equal is None else (equal, last[1]))
            break
        path.append((worse, found))
    return [_on_path(path, state, k, float(least)) for k, least in enumerate(asked)]


def _on_path(
    path: list[Followed],
    state: Callable[[float, Followed], Hierarchy | None],
    k: int,
    least: float,
) -> _Threshold:
    """Where on the way to the end of the states an overlap is smaller than it has to be."""

    def retrieved(rho: float, good: Followed) -> Hierarchy | None:
        found = state(rho, good)
        return found if found is not None and found.overlap[k] >= least else None

    (rho, end), limit = path[-1], "state"
    poor = next((i for i, (_, found) in enumerate(path) if found.overlap[k] < least), None)
    if poor == 0:
        return _Threshold(limit="overlap")
    if poor is not None:
        (rho, end), limit = bisected(path[poor - 1], path[poor][0], retrieved), "overlap"
    m, n = float(end.overlap[k]), float(end.effective_overlap[k])
    return _Threshold(rho, m, n, limit, "converged")
