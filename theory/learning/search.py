"""Search for the number of examples from which on archetypes are retrieved."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from hopfield.learner import MOST_EXAMPLES
from hopfield.learning import Supervised, Unsupervised
from hopfield.models import Polynomial
from theory.models import symmetric_phases_of

__all__ = ["Retrieval", "neighbours", "retrieval_at"]

Learner = Supervised | Unsupervised


@dataclass(frozen=True)
class Retrieval:
    """Retrieval at a point, and where it ends.

    Parameters
    ----------
    overlap, effective_overlap : float
        m and n, not numbers where there is none.
    capacity : float
        α at the end.
    """

    overlap: float
    effective_overlap: float
    capacity: float

    @property
    def limit(self) -> str:
        """What is too small where a state is not enough."""
        return "capacity" if math.isnan(self.overlap) else "overlap"


def retrieval_at(model: Polynomial, load: float, temperature: float) -> Retrieval:
    """Replica-symmetric retrieval at a point.

    Parameters
    ----------
    model : hopfield.Dense, Multitasking, Supervised or Unsupervised
        With p up to 100.
    load, temperature : float
        α and T.

    Returns
    -------
    Retrieval

    Examples
    --------
    >>> import hopfield
    >>> retrieval_at(hopfield.Dense(3), 0.13, 0.0).limit
    'capacity'
    """
    theory = symmetric_phases_of(model)
    along = theory.branch(np.array([temperature]))
    state = theory.retrieval(along, np.array([0]), np.array([load]))
    return Retrieval(state.overlap.item(), state.effective_overlap.item(), along.end.load.item())


def neighbours(
    model: Learner, load: float, temperature: float, target: float, guess: int
) -> tuple[int, int, dict[int, Retrieval]]:
    """Two numbers of examples next to each other of which only the larger is enough.

    Parameters
    ----------
    model : hopfield.Supervised or hopfield.Unsupervised
        Its number of examples does not matter.
    load, temperature : float
        α and T.
    target : float
        Overlap with the archetype from which on a retrieval state is enough.
    guess : int
        Where to begin.

    Returns
    -------
    tuple of int, int and dict of int to Retrieval
        The smaller may be 0, the larger one more than a model can have; and what was tried.

    Examples
    --------
    >>> few, many, tried = neighbours(Supervised(3, 0.1, 1), 0.1, 0.0, 0.6, 500)
    >>> few, many, tried[few].limit
    (1013, 1014, 'capacity')
    """
    few, many, number = 0, MOST_EXAMPLES + 1, guess
    tried: dict[int, Retrieval] = {}
    while many - few > 1:
        trained = replace(model, examples=number)
        tried[number] = retrieval_at(trained, load, temperature)
        if tried[number].overlap >= target:
            many = number
        else:
            few = number
        if few == 0:
            number = max(many // 2, 1)
        elif many > MOST_EXAMPLES:
            number = min(2 * few, MOST_EXAMPLES)
        else:
            # by turns interpolation and bisection of the logarithm
            share = _share(tried[few], tried[many], load, target) if len(tried) % 2 else 0.5
            middle = round(few ** (1.0 - share) * many**share)
            number = min(max(middle, few + 1), many - 1)
    return few, many, tried


def _share(few: Retrieval, many: Retrieval, load: float, target: float) -> float:
    """Where between two states overlap or capacity are enough, by interpolation."""
    if not math.isnan(few.overlap):
        return (target - few.overlap) / (many.overlap - few.overlap)
    if not few.capacity < load <= many.capacity:
        return 0.5
    return math.log(load / few.capacity) / math.log(many.capacity / few.capacity)
