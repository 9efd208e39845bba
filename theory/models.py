"""Which equations belong to which model."""

from __future__ import annotations

from hopfield.arguments import InputError, choice
from hopfield.models import Dense
from theory.dense_phases import DensePhases
from theory.hopfield_phases import HopfieldPhases
from theory.one_step_crosstalk import interaction
from theory.one_step_phases import OneStepPhases
from theory.transitions import Phases, Theory

__all__ = ["ANSATZE", "LARGEST_P", "phases_of", "require_dense", "symmetric_phases_of"]

ANSATZE = ("rs", "1rsb")
LARGEST_P = 100  # numbers of the order of (2p-3)!! must be floats


def require_dense(model: object) -> Dense:
    """Return `model` if it is one that there is a theory for.

    Parameters
    ----------
    model : hopfield.Dense
        With any p up to 100.

    Returns
    -------
    hopfield.Dense

    Raises
    ------
    InputError
        If it is not.

    Examples
    --------
    >>> require_dense(Dense(4))
    Dense(p=4, self_interaction=False)
    """
    if not isinstance(model, Dense):
        raise InputError(f"model must be a hopfield.Dense, got {model!r}")
    if model.p > LARGEST_P:
        raise InputError(f"theory is there for p up to {LARGEST_P}, got p = {model.p}")
    return model


def symmetric_phases_of(model: object) -> Phases:
    """Replica-symmetric phases of a model.

    Parameters
    ----------
    model : hopfield.Dense
        With any p up to 100.

    Returns
    -------
    Phases

    Raises
    ------
    InputError
        If there is no theory for them.

    Examples
    --------
    >>> import hopfield
    >>> symmetric_phases_of(hopfield.Hopfield()) == HopfieldPhases()
    True
    """
    checked = require_dense(model)
    if checked.p == 2:
        return HopfieldPhases(checked.self_interaction)
    return DensePhases(checked.p, checked.self_interaction)


def phases_of(model: object, ansatz: str) -> Theory:
    """Phases of a model.

    Parameters
    ----------
    model : hopfield.Dense
        With any p up to 100.
    ansatz : str
        "rs", replica symmetry, or "1rsb", one step of breaking it.

    Returns
    -------
    Theory

    Raises
    ------
    InputError
        If there is no theory for them.

    Examples
    --------
    >>> import hopfield
    >>> phases_of(hopfield.Hopfield(), "rs") == HopfieldPhases()
    True
    """
    choice("ansatz", ansatz, ANSATZE)
    symmetric = symmetric_phases_of(model)
    if ansatz == "rs":
        return symmetric
    return OneStepPhases(symmetric, interaction(require_dense(model)))
