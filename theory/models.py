"""Which equations belong to which model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from hopfield.arguments import InputError, choice
from hopfield.models import Dense
from theory import (
    branches,
    dense_equations,
    dense_retrieval,
    dense_spinodal,
    hopfield_equations,
    hopfield_retrieval,
    stability,
)
from theory.branches import Branch, Spinodal
from theory.crosstalk import Crosstalk, crosstalk
from theory.saddle import Array
from theory.states import State

__all__ = ["ANSATZE", "DensePhases", "HopfieldPhases", "phases_of"]

ANSATZE = ("rs",)
LARGEST_P = 100  # numbers of the order of (2p-3)!! must be floats


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

    melting_temperature: ClassVar[float] = 1.0

    def residuals(
        self, load: Array, temperature: Array, overlap: Array, noise: Array
    ) -> tuple[Array, Array]:
        """Saddle-point equations, see `theory.hopfield_equations.residuals`."""
        return hopfield_equations.residuals(load, temperature, overlap, noise)

    def observables(
        self, load: Array, temperature: Array, overlap: Array, noise: Array
    ) -> dict[str, Array]:
        """Thermodynamics, see `theory.hopfield_equations.observables`."""
        return hopfield_equations.observables(
            load, temperature, overlap, noise, self.self_interaction
        )

    def search(self, along: Branch, row: NDArray[np.intp], load: Array) -> tuple[Array, Array]:
        """Retrieval by bracketing, see `theory.hopfield_retrieval.search`."""
        return hopfield_retrieval.search(along, row, load)

    def branch(self, temperature: Array) -> Branch:
        """Retrieval solutions at a set of temperatures, see `theory.hopfield_retrieval.branch`."""
        return hopfield_retrieval.branch(temperature)

    def spinodal(self, temperature: Array) -> Spinodal:
        """End of the retrieval phase, see `theory.hopfield_retrieval.spinodal`."""
        return hopfield_retrieval.spinodal(temperature)

    def retrieval(self, along: Branch, rows: NDArray[np.intp], load: Array) -> State:
        """Retrieval phase, see `theory.branches.retrieval`."""
        return branches.retrieval(self, along, rows, load)

    def glass(self, load: Array, temperature: Array) -> State:
        """Spin glass, see `theory.hopfield_equations.glass`."""
        return hopfield_equations.glass(load, temperature, self.self_interaction)

    def paramagnet(self, load: Array, temperature: Array) -> State:
        """Paramagnet, see `theory.hopfield_equations.paramagnet`."""
        return hopfield_equations.paramagnet(load, temperature, self.self_interaction)

    def glass_temperature(self, load: Array) -> Array:
        """Freezing temperature, see `theory.hopfield_equations.glass_temperature`."""
        return hopfield_equations.glass_temperature(load)

    def marginal(self, ratio: Array) -> stability.Marginal:
        """Marginally stable retrieval, see `theory.stability.marginal_retrieval`."""
        return stability.marginal_retrieval(ratio)

    def largest_marginal_ratio(self) -> float:
        """Ratio σ/m at which the line of marginal stability meets the spinodal."""

        def determinant(ratio: float) -> float:
            end = stability.marginal_retrieval(np.array([ratio]))
            return float(
                hopfield_equations.load_at(end.temperature, end.overlap, end.noise)[1].item()
            )

        return float(brentq(determinant, *hopfield_retrieval.RATIO_BRACKET, xtol=1e-15, rtol=1e-14))


@dataclass(frozen=True)
class DensePhases:
    """Replica-symmetric phases of networks of p-body interactions, p >= 3.

    Parameters
    ----------
    p : int
        At least 3.
    self_interaction : bool
        Whether the energy is the full power of the overlap.

    Examples
    --------
    >>> round(DensePhases(3).melting_temperature, 6)
    0.582583
    """

    p: int
    self_interaction: bool = False

    @property
    def crosstalk(self) -> Crosstalk:
        """The polynomial ξ, see `theory.crosstalk`."""
        return crosstalk(self.p, self.self_interaction)

    @property
    def melting_temperature(self) -> float:
        """End of retrieval at zero load, see `theory.dense_spinodal.melting_temperature`."""
        return dense_spinodal.melting_temperature(self.p)

    def residuals(
        self, load: Array, temperature: Array, overlap: Array, noise: Array
    ) -> tuple[Array, Array]:
        """Saddle-point equations, see `theory.dense_equations.residuals`."""
        return dense_equations.residuals(self.crosstalk, load, temperature, overlap, noise)

    def observables(
        self, load: Array, temperature: Array, overlap: Array, noise: Array
    ) -> dict[str, Array]:
        """Thermodynamics, see `theory.dense_equations.observables`."""
        return dense_equations.observables(self.crosstalk, load, temperature, overlap, noise)

    def search(self, along: Branch, row: NDArray[np.intp], load: Array) -> tuple[Array, Array]:
        """Retrieval by bracketing, see `theory.dense_retrieval.search`."""
        return dense_retrieval.search(self.crosstalk, along, row, load)

    def branch(self, temperature: Array) -> Branch:
        """Retrieval solutions at a set of temperatures, see `theory.dense_retrieval.branch`."""
        return dense_retrieval.branch(self.crosstalk, temperature)

    def spinodal(self, temperature: Array) -> Spinodal:
        """End of the retrieval phase, see `theory.dense_spinodal.spinodal`."""
        return dense_spinodal.spinodal(self.crosstalk, temperature)

    def retrieval(self, along: Branch, rows: NDArray[np.intp], load: Array) -> State:
        """Retrieval phase, see `theory.branches.retrieval`."""
        return branches.retrieval(self, along, rows, load)


def phases_of(model: object, ansatz: str) -> HopfieldPhases | DensePhases:
    """Phases of a model.

    Parameters
    ----------
    model : hopfield.Dense
        With any p up to 100.
    ansatz : str
        "rs".

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
