"""Lines in the plane of dilution and temperature between states of least free energy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import integer, nonnegative_values
from hopfield.patterns import check_dilution
from hopfield.results import dataset, provenance
from theory.multitasking.columns import Columns
from theory.multitasking.laws import COLUMNS_OF_A_PLANE, law_of, state_name
from theory.multitasking.lowest import diluted, equal_groups, lowest_states
from theory.multitasking.minima import ROUNDING, minima, steps
from theory.saddle import Array

__all__ = ["Change", "changes", "regime_lines"]

SCAN = np.concatenate([
    [0.0], np.geomspace(1e-4, 0.02, 15), np.linspace(0.025, 0.99, 150),
    1.0 - np.geomspace(5e-3, 1e-5, 8),
])  # fmt: skip
"""Temperatures over 1 - d."""

NARROWEST = 1e-10
"""Width over 1 - d of intervals that a change is known to be in."""

STEEP = 0.01
"""Changes of overlaps between neighbouring temperatures, over 1 - d, that may hide a jump."""

SAME = 1e-5
"""Overlaps of one state, found in two ways, differ by less over the largest one."""

CLOSEST = 1e-6
"""States in narrower intervals of temperature, over 1 - d, are left out."""

SMALLEST_JUMP = 1e-4
"""Over the largest overlap."""

Groups = tuple[int, ...]


@dataclass(frozen=True)
class Change:
    """Where the state of least free energy changes at a dilution.

    Parameters
    ----------
    temperature : float
        T.
    above, below : tuple of int
        Numbers of patterns of equal overlap on both sides.
    jump : float
        Largest change of an effective overlap; 0 if it is continuous, or cannot be told from it.
    """

    temperature: float
    above: Groups
    below: Groups
    jump: float


@dataclass(frozen=True)
class _Side:
    """The state of least free energy on one side of a change."""

    temperature: float
    overlap: Array
    groups: Groups


def changes(law: Columns, dilution: float) -> list[Change]:
    """All changes at a dilution, from T = 1 - d down.

    Parameters
    ----------
    law : Columns
        Of single patterns.
    dilution : float
        d.

    Returns
    -------
    list of Change

    Examples
    --------
    >>> import hopfield
    >>> law = law_of(hopfield.Multitasking(0.5), (1, 1))
    >>> [(round(each.temperature, 9), each.above, each.below) for each in changes(law, 0.5)]
    [(0.5, (), (1,)), (0.287209736, (1,), (1, 1))]
    """
    t = (1.0 - dilution) * SCAN[::-1]
    lowest = lowest_states(law, dilution, t)
    n = lowest.effective_overlap
    groups = [equal_groups(each) for each in steps(n, lowest.eigenvalue[:, 0])]
    sides = [_Side(*each) for each in zip(t.tolist(), n, groups, strict=True)]
    followed = np.sort(np.abs(minima(law, t[1:], n[:-1]).overlap), axis=1)[:, ::-1]
    steep = np.abs(np.diff(n, axis=0)).max(axis=1) > STEEP * (1.0 - dilution)
    smooth = _same(followed, n[1:]) & ~steep
    pairs = [
        (above, below)
        for above, below, kept in zip(sides[:-1], sides[1:], smooth, strict=True)
        if above.groups != below.groups or not kept
    ]
    found = _located(law, pairs, NARROWEST * (1.0 - dilution))
    found.sort(key=lambda change: -change.temperature)
    return [Change(1.0 - dilution, (), groups[0], 0.0), *_distinct(found, 1.0 - dilution)]


def _distinct(found: list[Change], critical: float) -> list[Change]:
    """Changes that are not closer to each other than they are known."""
    kept: list[Change] = []
    for change in found:
        if change.above == change.below and change.jump == 0.0:
            continue
        last = kept[-1] if kept else None
        if last is None or last.temperature - change.temperature > CLOSEST * critical:
            kept.append(change)
            continue
        jump = max(last.jump, change.jump)
        kept[-1] = Change(change.temperature, last.above, change.below, jump)
        if last.above == change.below and jump == 0.0:
            kept.pop()
    return kept


def _same(first: Array, second: Array) -> NDArray[np.bool_]:
    """Whether sorted overlaps are those of one state."""
    difference = np.abs(first - second).max(axis=1)
    return np.asarray(difference <= SAME * second.max(axis=1))


def _located(law: Columns, pairs: list[tuple[_Side, _Side]], width: float) -> list[Change]:
    """Changes between states of two temperatures, by bisection."""
    found: list[Change] = []
    while pairs:
        t = np.repeat([(above.temperature + below.temperature) / 2.0 for above, below in pairs], 2)
        there = minima(law, t, np.array([side.overlap for pair in pairs for side in pair]))
        n = np.sort(np.abs(there.overlap), axis=1)[:, ::-1]
        groups = [equal_groups(each) for each in steps(n, there.eigenvalue[:, 0])]
        two = ~_same(n[::2], n[1::2])
        left: list[tuple[_Side, _Side]] = []
        for i, (above, below) in enumerate(pairs):
            excess = there.free_energy[2 * i + 1] - there.free_energy[2 * i]
            larger = n[2 * i + 1, 0] > n[2 * i, 0]  # as in `lowest_states`
            lower = 2 * i + int(larger if abs(excess) <= ROUNDING else excess < 0.0)
            middle = _Side(float(t[lower]), n[lower], groups[lower])
            origin = lower - 2 * i if two[i] else _nearer(middle, above, below)
            new = [(middle, below), (above, middle)]
            if middle.groups == (above, below)[origin].groups:
                new = new[origin : origin + 1]
            elif middle.groups == (above, below)[1 - origin].groups and not two[i]:
                new = new[1 - origin : 2 - origin]
            if above.temperature - below.temperature > width:
                left += new
                continue
            jump = float(np.abs(n[2 * i] - n[2 * i + 1]).max())
            jump = jump if jump > SMALLEST_JUMP * n[2 * i, 0] else 0.0
            found.append(Change(middle.temperature, above.groups, below.groups, jump))
        pairs = left
    return found


def _nearer(middle: _Side, above: _Side, below: _Side) -> int:
    """Which of two states has more similar overlaps: 0 or 1."""
    distances = [np.abs(middle.overlap - side.overlap).max() for side in (above, below)]
    return int(np.argmin(distances))


def regime_lines(
    n_patterns: int,
    *,
    dilution: ArrayLike | None = None,
    quality: float = 1.0,
    examples: int = 1,
    progress: bool = False,
) -> xr.Dataset:
    """Lines between the states of least free energy of a network of a few diluted patterns.

    Parameters
    ----------
    n_patterns : int
        Number K of patterns, up to 4 within minutes.
    dilution : 1-D array, optional
        d in [0, 1); the midpoints of 100 intervals unless given.
    quality : float
        r in (0, 1], with which archetypes are learnt; 1 if patterns are stored.
    examples : int
        Number M of examples of each archetype; see `regime_diagram`.
    progress : bool
        Whether to show a bar in a terminal.

    Returns
    -------
    xarray.Dataset
        With dimensions line and point, which has the dilution as a coordinate: temperature, with an
        error of 1e-8; `jump`, the largest change of an effective overlap, which is 0 where the
        transition is continuous, or cannot be told from it; and status, "absent" where there is no
        such line. A line is called by the states above and below it, such as "pure to 1+1"; if one
        of them is met several times at a dilution, by its number as well, as in "(2)". Jumps of
        less than 1 % of 1 - d between states of the same name may be missed.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range.

    References
    ----------
    E. Agliari et al., arXiv:1304.4488.

    Examples
    --------
    >>> import theory
    >>> lines = theory.regime_lines(2, dilution=[0.5, 0.65])
    >>> lines.temperature.sel(line="pure to hierarchical").values.round(6)
    array([0.28721 , 0.329129])
    >>> lines.temperature.sel(line="parallel to hierarchical").values.round(6)
    array([     nan, 0.136981])
    """
    from tqdm import tqdm

    count = integer("n_patterns", n_patterns, low=1)
    midpoints = (np.arange(100) + 0.5) / 100.0
    given = nonnegative_values("dilution", midpoints if dilution is None else dilution)
    dilutions = np.atleast_1d(given)
    models = [diluted(check_dilution(float(d)), quality, examples) for d in dilutions]
    found: dict[str, Array] = {}
    for i, model in enumerate(tqdm(models, disable=None if progress else True, delay=2.0)):
        law = law_of(model, (1,) * count, most_columns=COLUMNS_OF_A_PLANE)
        met: set[str] = set()
        for change in changes(law, model.dilution):
            states = (state_name(groups, count) for groups in (change.above, change.below))
            name = _unused(" to ".join(states), met)
            line = found.setdefault(name, np.full((2, dilutions.size), np.nan))
            line[:, i] = change.temperature, change.jump
    values = np.stack(list(found.values()), axis=1)
    variables = {
        "temperature": (("line", "point"), values[0]),
        "jump": (("line", "point"), values[1]),
        "status": (("line", "point"), np.where(np.isnan(values[0]), "absent", "converged")),
    }
    coords = {
        "line": list(found), "point": np.arange(dilutions.size), "dilution": ("point", dilutions),
    }  # fmt: skip
    attrs = provenance(models[0], n_patterns=count, quality=quality, examples=examples)
    return dataset(variables, coords, attrs)


def _unused(name: str, used: set[str]) -> str:
    """The name, with a number if it was used before."""
    number = 1 + sum(each == name or each.startswith(f"{name} (") for each in used)
    unused = name if number == 1 else f"{name} ({number})"
    used.add(unused)
    return unused
