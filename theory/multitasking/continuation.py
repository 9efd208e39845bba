"""Branches of states without load, followed in temperature."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from theory.multitasking.columns import Columns
from theory.multitasking.equations import curvatures
from theory.multitasking.laws import COLUMNS_OF_A_PLANE, Diluted, crosstalk_of, law_of
from theory.multitasking.minima import GRADIENT_ERROR
from theory.multitasking.search import search
from theory.multitasking.states import eigenvalues
from theory.multitasking.structure import from_many_guesses, status_of
from theory.pairs.crosstalk import PairCrosstalk
from theory.saddle import Array

__all__ = ["Branch", "Family", "Points", "branches"]

SAME = 1e-6
"""Overlaps of one state, found in two ways, differ by less over the largest one."""

ROUNDS = 12
"""Times that states found on the way are followed in their turn."""

NONE, UNKNOWN = -1, -2


@dataclass(frozen=True)
class Points:
    """States at temperatures.

    Parameters
    ----------
    temperature : array, shape (states,)
        T.
    overlap : array, shape (states, classes)
        Effective overlaps n.
    margin : array, shape (states,)
        Smallest eigenvalue of the Hessian; not a number where there is no state.
    """

    temperature: Array
    overlap: Array
    margin: Array

    def __getitem__(self, index: NDArray[np.intp] | NDArray[np.bool_]) -> Points:
        """Some of the states."""
        return Points(*(value[index] for value in vars(self).values()))

    def followed_by(self, other: Points) -> Points:
        """These states and others."""
        return Points(*(np.concatenate(both) for both in zip(
            vars(self).values(), vars(other).values(), strict=True)))  # fmt: skip

    def same_overlap(self, other: Points) -> NDArray[np.bool_]:
        """Whether states have the overlaps of others, one by one."""
        difference = np.abs(self.overlap - other.overlap).max(axis=1)
        error = SAME + GRADIENT_ERROR / np.maximum(np.abs(other.margin), 1e-300)
        return np.asarray(difference <= error * np.abs(other.overlap).max(axis=1))


@dataclass(frozen=True)
class Family:
    """States with given numbers of patterns of equal overlap.

    Parameters
    ----------
    model : hopfield.Multitasking, or another model with p = 2
    groups : tuple of int
        Numbers of patterns of equal overlap, those of the largest overlap first.
    n_patterns : int
        K.
    """

    model: Diluted
    groups: tuple[int, ...]
    n_patterns: int

    @cached_property
    def law(self) -> Columns:
        """Of the columns of the retrieved patterns."""
        return law_of(self.model, self.groups, most_columns=COLUMNS_OF_A_PLANE)

    @cached_property
    def crosstalk(self) -> PairCrosstalk:
        """Of patterns that are not retrieved."""
        return crosstalk_of(self.model)

    @property
    def critical(self) -> float:
        """Temperature 1 - d, from which on there are none."""
        return self.crosstalk.largest

    def at(self, temperature: Array, start: Array) -> Points:
        """States that descents from given overlaps lead to.

        Examples
        --------
        >>> import hopfield
        >>> pure = Family(hopfield.Multitasking(0.5), (1,), 2)
        >>> points = pure.at(np.array([0.0, 0.3, 0.5]), np.full((3, 1), 0.5))
        >>> points.margin.round(6)
        array([    -inf, 0.019377,      nan])
        """
        none = np.zeros_like(temperature)
        given = self.law, self.crosstalk, none, temperature
        found = search(*given, start)
        return self._points(temperature, found.effective_overlap, status_of(*given, found))

    def scan(self, temperature: Array) -> Points:
        """Different states that descents from many overlaps lead to, in order of temperature."""
        none = np.zeros_like(temperature)
        cells, found, status = from_many_guesses(self.law, self.crosstalk, none, temperature)
        n = found.effective_overlap
        points = self._points(temperature[cells], n, status)
        good = np.flatnonzero(~np.isnan(points.margin))
        digits = np.round(n[good] / np.abs(n[good]).max(axis=1, keepdims=True), 5)
        first = np.unique(np.column_stack([cells[good], digits]), axis=0, return_index=True)[1]
        return points[good[first]]

    def _points(self, temperature: Array, n: Array, status: NDArray[np.str_]) -> Points:
        none = np.zeros_like(temperature)
        k = curvatures(self.law, self.crosstalk, none, temperature, n, none)
        others = self.n_patterns - sum(self.groups)
        margin = eigenvalues(k, self.groups, others)[:, 0]
        good = status == "converged"
        overlap = np.where(good[:, None], n, np.nan)
        return Points(temperature, overlap, np.where(good, margin, np.nan))

    def kept(self, good: Points, temperature: Array) -> Points:
        """The same branches at other temperatures: going back leads to the states again."""
        there = self.at(temperature, good.overlap)
        back = self.at(good.temperature, np.nan_to_num(there.overlap))
        same = back.same_overlap(good)
        overlap = np.where(same[:, None], there.overlap, np.nan)
        return Points(temperature, overlap, np.where(same, there.margin, np.nan))


@dataclass(frozen=True)
class Branch:
    """A state that is followed.

    Parameters
    ----------
    points : Points
        At rising temperatures, at which states were looked for.
    before, after : float
        The temperatures next to those, at which the branch is no more; not a number before T = 0.
    """

    points: Points
    before: float
    after: float


def branches(family: Family, temperature: Array) -> list[Branch]:
    """Branches of the states at given temperatures.

    Parameters
    ----------
    family : Family
        Which states.
    temperature : array
        T in rising order, from 0 on and below 1 - d.

    Returns
    -------
    list of Branch

    Examples
    --------
    >>> import hopfield
    >>> pure = Family(hopfield.Multitasking(0.5), (1,), 2)
    >>> [(each.points.temperature.size, each.after) for each in branches(pure, np.arange(4) / 10)]
    [(4, 0.5)]
    """
    web = _Web(family, temperature)
    edges = np.concatenate([[np.nan], temperature, [family.critical]])
    found = []
    for first in np.flatnonzero(web.before == NONE):
        chain = [int(first)]
        while web.after[chain[-1]] != NONE:
            chain.append(int(web.after[chain[-1]]))
        low, high = web.level[chain[0]], web.level[chain[-1]]
        ends = float(edges[low]), float(edges[high + 2])
        found.append(Branch(web.points[np.array(chain)], *ends))
    return found


class _Web:
    """States at all temperatures, and which of them follow each other."""

    def __init__(self, family: Family, temperature: Array) -> None:
        self.family, self.temperature = family, temperature
        self.points = family.scan(temperature)
        self.level = np.searchsorted(temperature, self.points.temperature)
        self.next = {way: np.full(self.level.size, UNKNOWN) for way in (1, -1)}
        for _ in range(ROUNDS):
            for way in (1, -1):
                self._follow(way)
        after, before = self.next[1], self.next[-1]
        states = np.arange(after.size)
        self.after = np.where((after >= 0) & (before[after] == states), after, NONE)
        self.before = np.where((before >= 0) & (after[before] == states), before, NONE)

    def _follow(self, way: int) -> None:
        """Look for the states of new ones at the next temperature, or the one before."""
        level = self.level + way
        inside = (level >= 0) & (level < self.temperature.size)
        self.next[way][~inside] = NONE
        new = np.flatnonzero(self.next[way] == UNKNOWN)
        there = self.family.at(self.temperature[level[new]], self.points.overlap[new])
        for i, state in enumerate(new):
            one = there[np.array([i])]
            self.next[way][state] = NONE if np.isnan(one.margin).any() else self._index(one)

    def _index(self, one: Points) -> int:
        """Of a state, which may be a new one."""
        level = int(np.searchsorted(self.temperature, one.temperature[0]))
        here = np.flatnonzero(self.level == level)
        same = here[self.points[here].same_overlap(one)]
        if same.size:
            return int(same[0])
        self.points = self.points.followed_by(one)
        self.level = np.append(self.level, level)
        self.next = {way: np.append(link, UNKNOWN) for way, link in self.next.items()}
        return self.level.size - 1
