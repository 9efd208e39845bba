"""Temperatures at which states of several diluted patterns are stable."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike
from scipy.optimize import minimize_scalar

from hopfield.arguments import integer, nonnegative_values
from hopfield.patterns import check_dilution
from hopfield.results import dataset, provenance
from theory.multitasking.continuation import Branch, Family, Points, branches
from theory.multitasking.laws import groups_of
from theory.multitasking.lowest import diluted
from theory.saddle import Array

__all__ = ["Window", "stability_window", "windows"]

SCAN = np.concatenate([
    [0.0], np.geomspace(1e-6, 0.02, 25), np.linspace(0.025, 0.99, 194),
    1.0 - np.geomspace(5e-3, 1e-6, 10),
])  # fmt: skip
"""Temperatures over 1 - d."""

NARROWEST = 1e-11
"""Width over 1 - d of intervals that an end of a window is known to be in."""


@dataclass(frozen=True)
class Window:
    """Interval of temperature in which a state is stable.

    Parameters
    ----------
    lowest, highest : float
        T at its ends.
    overlap : array, shape (classes,)
        Effective overlaps at a temperature in between.
    """

    lowest: float
    highest: float
    overlap: Array


def windows(family: Family) -> list[Window]:
    """All windows of a family of states, those at high temperature first.

    Parameters
    ----------
    family : Family
        Which states.

    Returns
    -------
    list of Window

    Examples
    --------
    >>> import hopfield
    >>> (pure,) = windows(Family(hopfield.Multitasking(0.5), (1,), 2))
    >>> round(pure.lowest, 9), round(pure.highest, 9)
    (0.287209736, 0.5)
    """
    ends: list[tuple[Points, float]] = []
    for branch in branches(family, family.critical * SCAN):
        ends += _ends(family, branch)
    if not ends:
        return []
    good = ends[0][0]
    for points, _ in ends[1:]:
        good = good.followed_by(points)
    exact = _bisected(family, good, np.array([bad for _, bad in ends]))
    found = [
        Window(float(low), float(high), n)
        for low, high, n in zip(exact[::2], exact[1::2], good.overlap[::2], strict=True)
    ]
    return sorted(found, key=lambda window: -window.highest)


def _ends(family: Family, branch: Branch) -> list[tuple[Points, float]]:
    """Stable states next to ends of windows, and temperatures beyond: a low and a high one each."""
    points = _with_summits(family, branch.points)
    stable = np.concatenate([[False], points.margin > 0.0, [False]])
    around = np.concatenate([[branch.before], points.temperature, [branch.after]])
    starts = np.flatnonzero(stable[1:] & ~stable[:-1])
    stops = np.flatnonzero(stable[:-1] & ~stable[1:])
    return [
        end
        for start, stop in zip(starts, stops, strict=True)
        for end in (
            (points[np.array([start])], float(around[start])),
            (points[np.array([stop - 1])], float(around[stop + 1])),
        )
    ]


def _with_summits(family: Family, points: Points) -> Points:
    """States of a branch, and those between them that are stable where their neighbours are not."""
    margin, t = points.margin, points.temperature
    inner = np.arange(1, t.size - 1)
    top = inner[(margin[inner] <= 0.0) & (margin[inner] >= np.maximum(margin[:-2], margin[2:]))]
    for peak in top:
        start = points.overlap[[peak]]

        def depth(temperature: float, start: Array = start) -> float:
            margin = family.at(np.array([temperature]), start).margin
            return float(-np.nan_to_num(margin, nan=-1.0).item())

        best = minimize_scalar(depth, bounds=(t[peak - 1], t[peak + 1]), method="bounded")
        if best.fun < 0.0:
            points = points.followed_by(family.at(np.array([best.x]), start))
    return points[np.argsort(points.temperature, kind="stable")]


def _bisected(family: Family, good: Points, bad: Array) -> Array:
    """Temperatures where states cease to be stable, from those where they are and are not."""
    low = np.isnan(bad)
    bad = np.where(low, 0.0, bad)
    while (np.abs(bad - good.temperature) > NARROWEST * family.critical).any():
        middle = (good.temperature + bad) / 2.0
        there = family.kept(good, middle)
        stable = there.margin > 0.0
        bad = np.where(stable | low, bad, middle)
        good = Points(*(
            np.where(stable.reshape(-1, *(1,) * (new.ndim - 1)), new, old)
            for new, old in zip(vars(there).values(), vars(good).values(), strict=True)
        ))  # fmt: skip
    return np.where(low, 0.0, (good.temperature + bad) / 2.0)


def stability_window(
    n_patterns: int,
    state: str,
    dilution: ArrayLike,
    *,
    quality: float = 1.0,
    examples: int = 1,
) -> xr.Dataset:
    r"""Temperatures at which a state of a few diluted patterns is a minimum of the free energy.

    All eigenvalues of :math:`\delta_{\mu\nu} - E[x^\mu x^\nu \partial_h\tanh(h/T)]` are positive in
    a window. It ends where one of them vanishes: the state then is a saddle point, or becomes
    another one, or is lost.

    Parameters
    ----------
    n_patterns : int
        Number K of patterns.
    state : str
        "pure", "hierarchical" (K different overlaps), "parallel" (K equal ones), or numbers of
        patterns of equal overlap such as "2+1".
    dilution : float or 1-D array
        d in [0, 1); an array becomes a dimension.
    quality : float
        r in (0, 1], with which archetypes are learnt; 1 if patterns are stored.
    examples : int
        Number M of examples of each archetype; see `regime_diagram`.

    Returns
    -------
    xarray.Dataset
        With dimension window, those at high temperature first: lowest_temperature and
        highest_temperature, with an error of 1e-10; effective_overlap with every pattern at the
        lowest temperature, and `dominant`, whether the largest exceeds the sum of the others; and
        status, "absent" where there is no window, or no further one. There is more than one if
        different states have overlaps that are equal in this way, whose windows may overlap, or if
        one is stable in several intervals. Those narrower than 0.5 % of 1 - d at which a
        state appears and ends may be missed.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range, or there are too many columns of entries.

    References
    ----------
    E. Agliari et al., arXiv:1304.4488.

    Examples
    --------
    >>> import theory
    >>> window = theory.stability_window(2, "parallel", [0.5, 0.65, 0.9])
    >>> window.lowest_temperature.values.ravel().round(6)
    array([     nan, 0.136981, 0.01    ])
    """
    count = integer("n_patterns", n_patterns, low=1)
    groups = groups_of(state, count)
    dilutions = nonnegative_values("dilution", dilution)
    models = [diluted(check_dilution(float(d)), quality, examples) for d in dilutions.ravel()]
    found = [windows(Family(model, groups, count)) for model in models]
    shape = len(models), max(1, *(len(each) for each in found))
    low, high = np.full((2, *shape), np.nan)
    overlap = np.full((*shape, count), np.nan)
    for i, each in enumerate(found):
        for j, window in enumerate(each):
            low[i, j], high[i, j] = window.lowest, window.highest
            overlap[i, j] = np.pad(np.repeat(window.overlap, groups), (0, count - sum(groups)))
    dims = ("dilution",) * dilutions.ndim + ("window",)
    variables = {
        "lowest_temperature": low, "highest_temperature": high, "effective_overlap": overlap,
        "dominant": 2.0 * overlap[..., 0] > overlap.sum(axis=-1),
        "status": np.where(np.isnan(low), "absent", "converged"),
    }  # fmt: skip
    labelled = {
        name: (
            (*dims, *("pattern",) * (array.ndim - 2)),
            array.reshape(*dilutions.shape, *array.shape[1:]),
        )
        for name, array in variables.items()
    }
    coords = {"dilution": dilutions, "window": np.arange(shape[1]), "pattern": np.arange(count)}
    attrs = provenance(models[0], n_patterns=count, state=state, quality=quality, examples=examples)
    return dataset(labelled, coords, attrs)
