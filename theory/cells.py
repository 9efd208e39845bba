"""Every load at every temperature, and what of the solutions is shown."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from hopfield.learner import Learner
from theory.one_step.states import OneStepState
from theory.saddle import Array
from theory.states import State
from theory.transitions import Theory

__all__ = ["shown", "solve_cells"]


def shown(model: Any, names: Iterable[str]) -> list[str]:
    """Quantities that mean something for a model.

    Parameters
    ----------
    model : hopfield.Dense, Multitasking, Supervised or Unsupervised
    names : iterable of str
        Names of results.

    Returns
    -------
    list of str

    Examples
    --------
    >>> import hopfield
    >>> shown(hopfield.Hopfield(), ["overlap", "effective_overlap"])
    ['overlap']
    """
    learns = isinstance(model, Learner)
    return [name for name in names if learns or name != "effective_overlap"]


def solve_cells(
    theory: Theory, phase: str, load: Array, temperature: Array
) -> State | OneStepState:
    """Solve every load at every temperature; the load varies slowest.

    Parameters
    ----------
    theory : Theory
        Whose phases.
    phase : str
        "retrieval", "glass" or "paramagnet".
    load, temperature : arrays, 1-D
        α and T.

    Returns
    -------
    State or OneStepState
        Of as many cells as there are pairs.

    Examples
    --------
    >>> from theory.pairs.phases import HopfieldPhases
    >>> found = solve_cells(HopfieldPhases(), "paramagnet", np.zeros(1), np.array([0.5, 1.0, 2.0]))
    >>> found.status.tolist()
    ['absent', 'converged', 'converged']
    """
    a = np.repeat(load, temperature.size)
    if phase == "glass":
        return theory.glass(a, np.tile(temperature, load.size))
    if phase == "paramagnet":
        return theory.paramagnet(a, np.tile(temperature, load.size))
    unique, rows = np.unique(temperature, return_inverse=True)
    return theory.retrieval(theory.branch(unique), np.tile(rows, load.size), a)
