"""Which equations belong to which model."""

from __future__ import annotations

from hopfield.arguments import InputError, choice
from hopfield.learner import Learner
from hopfield.learning import Supervised, Unsupervised
from hopfield.models import Dense, Multitasking, Polynomial
from theory.crosstalk import interference
from theory.dense.phases import DensePhases
from theory.one_step.crosstalk import Interaction, Pairs, Powers
from theory.one_step.phases import OneStepPhases
from theory.pairs.phases import HopfieldPhases
from theory.signal import PATTERN, signal_of
from theory.transitions import Theory

__all__ = [
    "ANSATZE",
    "LARGEST_P",
    "interaction_of",
    "modes_of",
    "phases_of",
    "require_dense",
    "require_model",
    "symmetric_phases_of",
]

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
    require_order(model.p)
    return model


def require_order(p: int) -> None:
    """Raise an InputError if p is too large."""
    if p > LARGEST_P:
        raise InputError(f"theory is there for p up to {LARGEST_P}, got p = {p}")


def require_model(model: object) -> Polynomial:
    """Return `model` if it is one whose phases are known.

    Parameters
    ----------
    model : hopfield.Dense, Multitasking, Supervised or Unsupervised
        With any p up to 100.

    Returns
    -------
    hopfield.Dense, Multitasking, Supervised or Unsupervised

    Raises
    ------
    InputError
        If it is not.

    Examples
    --------
    >>> require_model(Supervised(3, 0.5, 10))
    Supervised(p=3, quality=0.5, examples=10, dilution=0.0)
    """
    if not isinstance(model, Polynomial):
        known = "a hopfield.Dense, Multitasking, Supervised or Unsupervised"
        raise InputError(f"model must be {known}, got {model!r}")
    require_order(model.p)
    return model


def symmetric_phases_of(model: object) -> HopfieldPhases | DensePhases:
    """Replica-symmetric phases of a model; one pattern is retrieved.

    Parameters
    ----------
    model : hopfield.Dense, Multitasking, Supervised or Unsupervised
        With any p up to 100.

    Returns
    -------
    HopfieldPhases or DensePhases

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
    checked = require_model(model)
    if isinstance(checked, Dense):
        if checked.p == 2:
            return HopfieldPhases(checked.self_interaction)
        return DensePhases(checked.p, checked.self_interaction)
    if isinstance(checked, Multitasking):
        return HopfieldPhases(signal=PATTERN.diluted(checked.dilution), modes=modes_of(checked))
    p, signal = checked.p, signal_of(checked.quality, checked.examples)
    if p == 2:
        return HopfieldPhases(signal=signal.diluted(checked.dilution), modes=modes_of(checked))
    if isinstance(checked, Supervised):
        return DensePhases(p, signal=signal)
    factor = interference(p, checked.quality, checked.examples)
    return DensePhases(p, signal=signal, interference=factor)


def modes_of(model: Polynomial | Learner) -> tuple[tuple[float, float], ...]:
    r"""Scale and number of the modes of the crosstalk of pair interactions.

    One of scale 1 - d, that of the patterns or of the mean of the examples. Without a teacher
    M - 1 others of scale :math:`(1-d)\rho/(1+\rho)`, those of their differences.

    Parameters
    ----------
    model : hopfield.Dense, Multitasking, Supervised or Unsupervised
        With p = 2.

    Returns
    -------
    tuple of pairs of float

    Examples
    --------
    >>> modes_of(Unsupervised(2, 0.5, 3))
    ((1.0, 1.0), (0.5, 2.0))
    >>> modes_of(Multitasking(0.25))
    ((0.75, 1.0),)
    """
    filled = 1.0 - model.dilution
    if not isinstance(model, Unsupervised) or model.examples == 1 or model.quality == 1.0:
        return ((filled, 1.0),)
    rho = model.dataset_entropy
    return (filled, 1.0), (filled * rho / (1.0 + rho), model.examples - 1.0)


def interaction_of(model: object) -> Interaction:
    """Crosstalk and signal of a model in one step of breaking replica symmetry.

    Parameters
    ----------
    model : hopfield.Dense, Multitasking, Supervised or Unsupervised
        With any p up to 100.

    Returns
    -------
    Interaction

    Examples
    --------
    >>> interaction_of(Dense(3)) == interaction_of(Supervised(3, 1.0, 10))
    True
    """
    symmetric = symmetric_phases_of(model)
    if isinstance(symmetric, DensePhases):
        return Powers(symmetric.crosstalk, symmetric.signal)
    return Pairs(symmetric.self_interaction, symmetric.modes, symmetric.signal)


def phases_of(model: object, ansatz: str) -> Theory:
    """Phases of a model.

    Parameters
    ----------
    model : hopfield.Dense, Multitasking, Supervised or Unsupervised
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
    return OneStepPhases(symmetric, interaction_of(model))
