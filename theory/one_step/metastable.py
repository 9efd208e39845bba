"""Metastable states of the glass, as a labelled result."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from hopfield.arguments import InputError, nonnegative_values, real
from hopfield.results import dataset, provenance
from theory.models import require_dense
from theory.one_step.complexity import at_breakpoint, next_to_melting
from theory.one_step.crosstalk import interaction
from theory.one_step.equations import observables
from theory.one_step.glass import transition

__all__ = ["complexity"]

SMALLEST_OVERLAP = 1e-3  # q₁ below which a solution is the paramagnet


def complexity(model: Any, load: float, temperature: float, breakpoint: ArrayLike) -> xr.Dataset:
    r"""Number of metastable states without overlap, and their free energy, by the breakpoint.

    .. math::
        \Sigma = \frac{x^2}T \frac{\partial\Phi}{\partial x}, \qquad
        f = \Phi + x \frac{\partial\Phi}{\partial x} = \Phi + \frac{T \Sigma}x ,

    with the one-step free energy :math:`\Phi(x)` at :math:`q_0 = 0`. Between the static and the
    dynamical transition the states of x = 1 make up the paramagnet.

    Parameters
    ----------
    model : hopfield.Dense
        Whose glass transition is discontinuous, without a random field: p >= 3 without
        self-interaction, even p >= 6 with it.
    load, temperature : float
        α > 0 and T > 0.
    breakpoint : float or 1-D array
        x > 0; an array becomes a dimension.

    Returns
    -------
    xarray.Dataset
        Variables free_energy (of the states), complexity, self_overlap_1, replicon, residual and
        status; "absent" and not a number where there are no states.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range, or the glass is another one.

    References
    ----------
    R. Monasson, Phys. Rev. Lett. 75, 2847 (1995).

    Examples
    --------
    >>> import hopfield
    >>> states = complexity(hopfield.Dense(3), 0.1, 0.2, [0.7, 0.77])
    >>> states.complexity.values.round(6)
    array([0.026145, 0.008808])
    """
    crosstalk = interaction(require_dense(model))
    a, t = real("load", load), real("temperature", temperature)
    if a == 0.0 or t == 0.0:
        raise InputError(f"load and temperature must be positive, got {a:g} and {t:g}")
    melting = transition(crosstalk, a)
    if melting.outer:
        raise InputError(f"the glass transition of {model} is not discontinuous with q_0 = 0")
    values = nonnegative_values("breakpoint", breakpoint)
    names = ("free_energy", "complexity", "self_overlap_1", "replicon", "residual")
    table = {name: np.full(values.size, np.nan) for name in names}
    status = np.full(values.size, "absent", dtype="<U13")
    start = dataclasses.replace(next_to_melting(crosstalk, a, t), temperature=t)
    # the largest breakpoints first: the glass next to melting, where x = 1, is the first guess
    for cell in np.argsort(-values.ravel()):
        x = float(values.ravel()[cell])
        found = at_breakpoint(crosstalk, start, x)
        if not (found.converged and found.state.inner > SMALLEST_OVERLAP):
            continue
        start = found.state
        known = observables(crosstalk, start)
        known["free_energy"] += t * known["complexity"] / x
        known |= {"self_overlap_1": start.inner, "residual": found.residual}
        for name in names:
            table[name][cell] = known[name]
        status[cell] = "converged"
    dims = ("breakpoint",) * values.ndim
    shaped = {name: (dims, array.reshape(values.shape)) for name, array in table.items()}
    shaped["status"] = dims, status.reshape(values.shape)
    coords = {"breakpoint": values, "load": a, "temperature": t}
    return dataset(shaped, coords, provenance(model, ansatz="1rsb"))
