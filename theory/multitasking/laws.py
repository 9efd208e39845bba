"""Which columns and which crosstalk belong to which model, and how states are named."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hopfield.arguments import InputError, integer
from hopfield.learner import Learner
from hopfield.models import Dense, Multitasking
from theory.models import modes_of
from theory.multitasking.columns import (
    MOST_COLUMNS,
    ClassLaw,
    Columns,
    columns,
    gaussian_class,
    lattice_class,
)
from theory.pairs.crosstalk import PairCrosstalk

__all__ = [
    "COLUMNS_OF_A_PLANE",
    "Diluted",
    "crosstalk_of",
    "groups_of",
    "law_of",
    "require_pairs",
    "state_name",
]

Diluted = Dense | Multitasking | Learner
"""Models of pair interactions."""

COLUMNS_OF_A_PLANE = 2**13
"""From how many exact columns on they are too many where states are looked for in a plane."""

LEAST_GAUSSIAN = 50
"""Fewest examples whose mean may be taken as normal where exact columns are too many."""


def require_pairs(model: object) -> Diluted:
    """Return `model` if it is a network of pair interactions.

    Raises
    ------
    InputError
        If it is not.

    Examples
    --------
    >>> require_pairs(Multitasking(0.2))
    Multitasking(dilution=0.2)
    """
    if not isinstance(model, Dense | Multitasking | Learner) or model.p != 2:
        known = "hopfield.Multitasking, or another model with p = 2"
        raise InputError(f"model must be {known}, got {model!r}")
    return model


def crosstalk_of(model: Diluted) -> PairCrosstalk:
    """Crosstalk of the patterns that are not retrieved.

    Examples
    --------
    >>> crosstalk_of(Multitasking(0.25)).modes
    ((0.75, 1.0),)
    """
    return PairCrosstalk(modes_of(model))


def groups_of(state: str | Sequence[int], n_patterns: int) -> tuple[int, ...]:
    """Numbers of patterns of equal overlap in a state, those of the largest overlap first.

    Parameters
    ----------
    state : str or sequence of int
        "pure", "hierarchical", "parallel", or numbers such as "2+1" or (2, 1).
    n_patterns : int
        K, at least their sum.

    Returns
    -------
    tuple of int

    Raises
    ------
    InputError
        If the state is none of these or needs more patterns.

    Examples
    --------
    >>> groups_of("pure", 3), groups_of("hierarchical", 3), groups_of("parallel", 3)
    ((1,), (1, 1, 1), (3,))
    >>> groups_of("2+1", 3)
    (2, 1)
    """
    named = {"pure": (1,), "hierarchical": (1,) * n_patterns, "parallel": (n_patterns,)}
    if isinstance(state, str) and state in named:
        return named[state]
    allowed = f"{', '.join(map(repr, named))}, or numbers of patterns such as '2+1'"
    try:
        parts = state.split("+") if isinstance(state, str) else state
        groups = tuple(integer("state", int(part), low=1) for part in parts)
    except (TypeError, ValueError):
        raise InputError(f"state must be {allowed}, got {state!r}") from None
    if not groups or sum(groups) > n_patterns:
        raise InputError(f"state must be of at most {n_patterns} patterns, got {state!r}")
    return groups


def state_name(groups: Sequence[int], n_patterns: int) -> str:
    """Name of a state.

    Parameters
    ----------
    groups : sequence of int
        Numbers of patterns of equal overlap; none in the paramagnet.
    n_patterns : int
        K.

    Returns
    -------
    str

    Examples
    --------
    >>> [state_name(groups, 3) for groups in [(), (1,), (3,), (1, 1, 1), (1, 1), (2, 1)]]
    ['paramagnet', 'pure', 'parallel', 'hierarchical', '1+1', '2+1']
    """
    if not groups:
        return "paramagnet"
    for name in ("pure", "hierarchical", "parallel"):
        if tuple(groups) == groups_of(name, n_patterns):
            return name
    return "+".join(map(str, groups))


def law_of(model: Diluted, groups: Sequence[int], *, most_columns: int = MOST_COLUMNS) -> Columns:
    """Law of the columns of the retrieved patterns of a model.

    Parameters
    ----------
    model : hopfield.Multitasking, or another model with p = 2
        If it learns from so many examples that exact columns are too many, the mean of at least
        `LEAST_GAUSSIAN` is taken as normal.
    groups : sequence of int
        Numbers of patterns of equal overlap.
    most_columns : int
        From how many exact columns on they are too many.

    Returns
    -------
    Columns

    Raises
    ------
    InputError
        If there are too many columns.

    Examples
    --------
    >>> law_of(Multitasking(0.5), (1, 1)).weight.size
    5
    """
    d = model.dilution
    if not isinstance(model, Learner):
        return columns([lattice_class(k, d, 1.0, 1) for k in groups])
    m = model.examples
    exact = np.prod([2.0 * k * m + 1.0 for k in groups]) <= most_columns
    laws: list[ClassLaw]
    if exact or m < LEAST_GAUSSIAN or model.quality == 1.0:
        laws = [lattice_class(k, d, model.quality, m) for k in groups]
    else:
        laws = [gaussian_class(k, d, model.dataset_entropy) for k in groups]
    return columns(laws)
