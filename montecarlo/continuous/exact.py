r"""Independent states of the measure, without any dynamics.

Where the groups of g patterns are too many to be listed, groups are proposed and kept or not. With
:math:`V = \sum_a |\xi^{\mu_a}|^2 - g |\bar\xi|^2` their weight is
:math:`\prod_a e^{\beta|\xi^{\mu_a}|^2/2} \cdot e^{-\beta V/2}`, and :math:`V \geq (g-1) d^2/g` for
groups of more than one pattern, d the least distance of two.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield import InputError
from hopfield.arguments import integer, require_memory
from hopfield.seeds import Seed, Stream, sequence
from montecarlo.continuous.measure import Measure, measure_of
from montecarlo.continuous.mixture import MOST_GROUPS, group_count, groups_of

__all__ = ["ExactStates", "exact_states"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

AT_ONCE, MOST_PROPOSALS = 2**8, 2**20
"""Groups that are proposed together, and in all for a state."""

PANEL, MOST_COMPARED = 2**9, 2**15
"""Patterns whose distances to all others are computed together, and in all."""


@dataclass(frozen=True, eq=False)
class ExactStates:
    """Independent states, and where they come from.

    Parameters
    ----------
    states : array, shape (replica, N)
    groups : int array, shape (replica, g)
        The patterns around whose mean each state was drawn, ascending.

    Examples
    --------
    >>> exact_states(np.eye(2), 1e6, replicas=1).states.shape
    (1, 2)
    """

    states: Floats
    groups: Integers


def exact_states(
    patterns: ArrayLike,
    beta: float,
    *,
    temperature: float | None = None,
    replicas: int = 64,
    seed: Seed = 0,
) -> ExactStates:
    r"""Independent states of the Boltzmann measure of `hopfield.attention.energy`.

    At T = 1/β a pattern is drawn with weight :math:`e^{\beta|\xi^\mu|^2/2}`, at T = 1/(g β) a group
    of g with weight :math:`e^{g\beta|\bar\xi|^2/2}`, and Gaussian noise of variance T is added to
    its mean. Groups are listed if there are at most 65536, and otherwise found by rejection, which
    is as exact.

    Parameters
    ----------
    patterns : array of numbers, shape (K, N)
        ξ.
    beta : float
        β > 0.
    temperature : float, optional
        T, 1/β over an integer g; 1/β unless given.
    replicas : int
        How many states.
    seed : int, numpy.random.SeedSequence or None
        Replica r draws from a stream of its own, whatever the number of replicas.

    Returns
    -------
    ExactStates

    Raises
    ------
    InputError
        If an argument is out of range, 1/(β T) is no integer, or rejection does not come to an
        end: of about a million proposals none is kept.

    Examples
    --------
    >>> drawn = exact_states(100.0 * np.eye(3), 1.0, replicas=1000)
    >>> bool((drawn.states.argmax(axis=1) == drawn.groups[:, 0]).all())
    True
    """
    measure = measure_of(patterns, beta, temperature)
    integer("replicas", replicas, low=1)
    used, g = sequence(seed), measure.copies
    require_memory("the states", 8 * replicas * (measure.size + g))
    if g == 1 or group_count(len(measure.patterns), g) <= MOST_GROUPS:
        choose = _Listed.of(measure)
    else:
        choose = _Proposed.of(measure)
    states, groups = np.empty((replicas, measure.size)), np.empty((replicas, g), np.int64)
    for r in range(replicas):
        draw = np.random.Generator(np.random.Philox(sequence(used, Stream.INITIAL_STATE, r)))
        groups[r] = choose.group(draw)
        noise = math.sqrt(measure.temperature) * draw.standard_normal(measure.size)
        states[r] = measure.patterns[groups[r]].mean(axis=0) + noise
    return ExactStates(states, groups)


@dataclass(frozen=True, eq=False)
class _Listed:
    """Groups with their cumulated weights."""

    groups: Integers
    sums: Floats

    @classmethod
    def of(cls, measure: Measure) -> _Listed | _Proposed:
        """All groups of a measure."""
        found = groups_of(measure)
        return cls(found.groups, np.cumsum(found.weights))

    def group(self, draw: np.random.Generator) -> Integers:
        """One of them."""
        return np.asarray(self.groups[_chosen(self.sums, draw.random())])


@dataclass(frozen=True, eq=False)
class _Proposed:
    """Groups that are proposed: of one pattern, or of independent ones.

    Parameters
    ----------
    measure : Measure
    alike : array, shape (K,)
        Cumulated weights of the groups of one pattern.
    single : array, shape (K,)
        Cumulated weights of patterns in the others.
    part : float
        Probability that a group of one pattern is proposed.
    excess : float
        Least β V/2 of the others.
    """

    measure: Measure
    alike: Floats
    single: Floats
    part: float
    excess: float

    @classmethod
    def of(cls, measure: Measure) -> _Listed | _Proposed:
        """The proposals for a measure."""
        g, exponents = measure.copies, measure.beta * measure.squares / 2.0
        require_memory("proposals", 8 * AT_ONCE * g * (2 * measure.size + 3))
        exponents = exponents - exponents.max()
        alike, single = np.cumsum(np.exp(g * exponents)), np.cumsum(np.exp(exponents))
        excess = measure.beta / 2.0 * (g - 1) / g * _least_square(measure.patterns)
        others = g * math.log(single[-1]) - excess
        part = 1.0 / (1.0 + math.exp(min(others - math.log(alike[-1]), 700.0)))
        return cls(measure, alike, single, part, excess)

    def group(self, draw: np.random.Generator) -> Integers:
        """One group of patterns."""
        g = self.measure.copies
        for _ in range(MOST_PROPOSALS // AT_ONCE):
            same = draw.random(AT_ONCE) < self.part
            alike = _chosen(self.alike, draw.random((AT_ONCE, 1)))
            groups = np.where(same[:, None], alike, _chosen(self.single, draw.random((AT_ONCE, g))))
            found = np.flatnonzero(same | self._kept(groups, draw.random(AT_ONCE)))
            if found.size:
                return np.sort(groups[found[0]])
        raise InputError(
            f"patterns must leave groups of {g} that rejection finds; none of {MOST_PROPOSALS} "
            "proposals was kept"
        )

    def _kept(self, groups: Integers, heights: Floats) -> NDArray[np.bool_]:
        """Whether groups of independent patterns are kept; never those of one pattern."""
        members, g = self.measure.patterns[groups], groups.shape[1]
        spread = (members**2).sum(axis=(1, 2)) - g * (members.mean(axis=1) ** 2).sum(axis=1)
        likely = np.exp(np.minimum(self.excess - self.measure.beta * spread / 2.0, 0.0))
        return np.asarray((heights < likely) & (groups != groups[:, :1]).any(axis=1))


def _chosen(sums: Floats, uniform: float | Floats) -> Integers:
    """Indices whose weights have given cumulated sums."""
    return np.asarray(np.minimum(np.searchsorted(sums, uniform * sums[-1], "right"), len(sums) - 1))


def _least_square(patterns: Floats) -> float:
    """Least squared distance of two patterns, not above it by rounding; 0, a bound, of too many."""
    squares = (patterns**2).sum(axis=1)
    least, count = math.inf, len(patterns)
    if count > MOST_COMPARED:
        return 0.0
    for first in range(0, count, PANEL):
        last = min(first + PANEL, count)
        distances = squares[first:last, None] + squares - 2.0 * patterns[first:last] @ patterns.T
        distances[np.arange(last - first), np.arange(first, last)] = math.inf
        least = min(least, float(distances.min()))
    return max(0.0, least - 1e-12 * float(squares.max()))
