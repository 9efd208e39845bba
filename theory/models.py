"""Which equations belong to which model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from hopfield.arguments import InputError, choice
from hopfield.models import Dense
from theory import replica_symmetric, retrieval, stability
from theory.saddle import Array
from theory.states import State

__all__ = ["ANSATZE", "HopfieldPhases", "phases_of"]

ANSATZE = ("rs",)


@dataclass(frozen=True)
class HopfieldPhases:
    """Replica-symmetric phases of the Hopfield model; see the functions of the same names.

    Parameters
    ----------
    self_interaction : bool
        Whether the energy is the full square of the overlap, which lowers it by α/2 per spin.

    Examples
    --------
    >>> HopfieldPhases().glass_temperature(np.array([0.25])).item()
    1.5
    """

    self_interaction: bool = False

    def branch(self, temperature: Array) -> retrieval.Branch:
        """Retrieval solutions at a set of temperatures, see `theory.retrieval.branch`."""
        return retrieval.branch(temperature)

    def spinodal(self, temperature: Array) -> retrieval.Spinodal:
        """End of the retrieval phase, see `theory.retrieval.spinodal`."""
        return retrieval.spinodal(temperature)

    def retrieval(self, along: retrieval.Branch, rows: NDArray[np.intp], load: Array) -> State:
        """Retrieval phase, see `theory.retrieval.retrieval`."""
        return retrieval.retrieval(along, rows, load, self.self_interaction)

    def glass(self, load: Array, temperature: Array) -> State:
        """Spin glass, see `theory.replica_symmetric.glass`."""
        return replica_symmetric.glass(load, temperature, self.self_interaction)

    def paramagnet(self, load: Array, temperature: Array) -> State:
        """Paramagnet, see `theory.replica_symmetric.paramagnet`."""
        return replica_symmetric.paramagnet(load, temperature, self.self_interaction)

    def glass_temperature(self, load: Array) -> Array:
        """Freezing temperature, see `theory.replica_symmetric.glass_temperature`."""
        return replica_symmetric.glass_temperature(load)

    def marginal(self, ratio: Array) -> stability.Marginal:
        """Marginally stable retrieval, see `theory.stability.marginal_retrieval`."""
        return stability.marginal_retrieval(ratio)

    def largest_marginal_ratio(self) -> float:
        """Ratio σ/m at which the line of marginal stability meets the spinodal."""

        def determinant(ratio: float) -> float:
            end = stability.marginal_retrieval(np.array([ratio]))
            return float(
                replica_symmetric.load_at(end.temperature, end.overlap, end.noise)[1].item()
            )

        return float(brentq(determinant, *retrieval.RATIO_BRACKET, xtol=1e-15, rtol=1e-14))


def phases_of(model: object, ansatz: str) -> HopfieldPhases:
    """Phases of a model.

    Parameters
    ----------
    model : hopfield.Dense
        With p = 2.
    ansatz : str
        "rs".

    Returns
    -------
    HopfieldPhases

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
        raise InputError(f"model must be hopfield.Dense(p=2), got {model!r}")
    if model.p != 2:
        raise InputError(f"theory is there for p = 2 only, got p = {model.p}")
    return HopfieldPhases(model.self_interaction)
