"""Which equations belong to which model."""

from __future__ import annotations

from hopfield.arguments import InputError, choice
from hopfield.models import Dense
from theory.dense_phases import DensePhases
from theory.hopfield_phases import HopfieldPhases
from theory.transitions import Phases

__all__ = ["ANSATZE", "LARGEST_P", "phases_of"]

ANSATZE = ("rs",)
LARGEST_P = 100  # numbers of the order of (2p-3)!! must be floats


def phases_of(model: object, ansatz: str) -> Phases:
    """Phases of a model.

    Parameters
    ----------
    model : hopfield.Dense
        With any p up to 100.
    ansatz : str
        "rs".

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
    >>> phases_of(hopfield.Hopfield(), "rs")
    HopfieldPhases(self_interaction=False)
    """
    choice("ansatz", ansatz, ANSATZE)
    if not isinstance(model, Dense):
        raise InputError(f"model must be a hopfield.Dense, got {model!r}")
    if model.p == 2:
        return HopfieldPhases(model.self_interaction)
    if model.p > LARGEST_P:
        raise InputError(f"theory is there for p up to {LARGEST_P}, got p = {model.p}")
    return DensePhases(model.p, model.self_interaction)
