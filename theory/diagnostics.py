"""What can be checked of a solution without the solver that found it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from hopfield.arguments import InputError
from hopfield.models import Dense, Polynomial, model_of
from hopfield.results import dataset
from theory.dense.phases import DensePhases
from theory.models import interaction_of, require_model, symmetric_phases_of
from theory.off_shell import dense_free_energy, pair_conjugate, pair_free_energy
from theory.one_step.crosstalk import OneStep, Pairs
from theory.one_step.equations import observables
from theory.pairs.phases import HopfieldPhases
from theory.phases import PHASES, solve
from theory.saddle import Array

__all__ = ["check"]

AT_A_TIME = 64  # cells whose free energy is integrated together
RELATIVE_STEP = 1e-4  # of the differences by order parameters
SMALLEST_ROOM = 0.01  # distance of q from 1, over T, below which steps do not shrink further
TEMPERATURE_STEP = 1e-3
STENCIL = {-2.0: 1.0 / 12.0, -1.0: -2.0 / 3.0, 1.0: 2.0 / 3.0, 2.0: -1.0 / 12.0}
"""Steps and weights of a first derivative whose error is of fourth order."""


def check(solution: xr.Dataset) -> xr.Dataset:
    r"""Test a solution: gradient of its free energy, thermodynamics, stability, rivals.

    Parameters
    ----------
    solution : xarray.Dataset
        From `theory.solve`.

    Returns
    -------
    xarray.Dataset
        Over the loads and temperatures of the solution: `residual` of the saddle-point equations;
        `gradient`, the largest :math:`|\partial f/\partial x|` by differences of the free energy,
        in replica symmetry that of `theory.symbolic`, or of `theory.off_shell` for networks that
        learn or have blank entries (not a number at T = 0, and without load where crosstalk
        remains);
        `entropy_defect` :math:`|s + df/dT|`, by differences of solutions (not a number at the
        ends of the phase); `replicon` and `stable`; `favoured`, the phase of least free energy.

    Raises
    ------
    hopfield.InputError
        If it is not a solution.

    References
    ----------
    J. R. L. de Almeida and D. J. Thouless, J. Phys. A 11, 983 (1978).

    Examples
    --------
    >>> import hopfield, theory
    >>> report = theory.check(theory.solve(hopfield.Dense(3), 0.05, 0.3))
    >>> report.favoured.item(), report.stable.item(), report.gradient.item() < 1e-8
    ('retrieval', True, True)
    """
    model, asked = _question(solution)
    names = ("load", "temperature")
    dims = tuple(name for name in names if solution[name].ndim)
    plain = {name: np.atleast_1d(solution[name].values) for name in names}
    shape = solution.status.shape
    favoured = _favoured(model, asked, plain)
    variables = {
        "residual": solution.residual.values,
        "gradient": _gradient(model, asked, solution),
        "entropy_defect": _entropy_defect(model, asked, solution, plain),
        "replicon": solution.replicon.values,
        "stable": solution.replicon.values >= 0.0,
        "favoured": favoured,
    }
    labelled = {name: (dims, np.reshape(values, shape)) for name, values in variables.items()}
    coords = {name: solution[name].values for name in names}
    return dataset(labelled, coords, {str(name): text for name, text in solution.attrs.items()})


def _question(solution: xr.Dataset) -> tuple[Polynomial, dict[str, Any]]:
    """Model, ansatz, phase and exponent that a solution answers."""
    try:
        model = model_of(solution)
        parameters = json.loads(solution.attrs["parameters"])
        phase, others = parameters["phase"], ("ansatz", "exponent")
    except (InputError, KeyError) as error:
        raise InputError("solution must be a Dataset from theory.solve") from error
    return require_model(model), {"phase": phase} | {name: parameters[name] for name in others}


def _favoured(model: Polynomial, asked: dict[str, Any], at: dict[str, Array]) -> NDArray[np.str_]:
    """Phase of least free energy in every cell, load by temperature; "none" without any."""
    energies = []
    for phase in PHASES:
        rival = solve(model, at["load"], at["temperature"], **asked | {"phase": phase})
        energies.append(np.where(np.isfinite(rival.free_energy), rival.free_energy, np.inf))
    least = np.min(energies, axis=0)
    return np.where(np.isfinite(least), np.array([*PHASES])[np.argmin(energies, axis=0)], "none")


def _entropy_defect(
    model: Polynomial, asked: dict[str, Any], solution: xr.Dataset, at: dict[str, Array]
) -> Array:
    """|s + df/dT| from two neighbours of every temperature."""
    slopes = np.full((at["load"].size, at["temperature"].size), np.nan)
    for column, temperature in enumerate(at["temperature"].tolist()):
        step = TEMPERATURE_STEP * temperature
        if step > 0.0:
            near = [temperature + shift * step for shift in STENCIL]
            f = solve(model, at["load"], near, **asked).free_energy.values
            slopes[:, column] = f @ [*STENCIL.values()] / step
    return np.asarray(np.abs(solution.entropy.values.reshape(slopes.shape) + slopes))


def _gradient(model: Polynomial, asked: dict[str, Any], solution: xr.Dataset) -> Array:
    """Largest derivative of the free energy by an order parameter, cell by cell."""
    broken = "breakpoint" in solution
    q = "self_overlap_1" if broken else "self_overlap"
    load, temperature = (
        np.broadcast_to(x, solution.status.shape).ravel()
        for x in xr.broadcast(solution["load"], solution.temperature)
    )
    if asked["exponent"] != model.p - 1:
        load = np.zeros_like(load)
    overlap = "effective_overlap" if "effective_overlap" in solution else "overlap"
    n, self_overlap = solution[overlap].values.ravel(), solution[q].values.ravel()
    result = np.full(load.shape, np.nan)
    usable = np.isfinite(n) & np.isfinite(self_overlap) & (temperature > 0.0)
    usable &= (load > 0.0) | (solution.noise.values.ravel() == 0.0)
    if broken:
        q0, x = (solution[name].values.ravel() for name in ("self_overlap_0", "breakpoint"))
        for cell in np.flatnonzero(usable & np.isfinite(x)):
            t = float(temperature[cell])
            step, response = self_overlap[cell] - q0[cell], (1.0 - self_overlap[cell]) / t
            state = OneStep(float(load[cell]), t, n[cell], step, response, x[cell] / t)
            result[cell] = _one_step_slope(model, state)
        usable &= ~np.isfinite(x)
    order = np.flatnonzero(usable)
    order = order[np.argsort(temperature[order])]  # cells together need equally fine integrals
    for first in range(0, order.size, AT_A_TIME):
        some = order[first : first + AT_A_TIME]
        at = {"overlap": n[some], "self_overlap": self_overlap[some]}
        result[some] = _symmetric_slope(model, at, load[some], temperature[some])
    return result


def _symmetric_slope(
    model: Polynomial, at: dict[str, Array], load: Array, temperature: Array
) -> Array:
    """Differences of the free energy, one order parameter after the other."""
    f, q = _free_energy(model, at["self_overlap"], load, temperature), at["self_overlap"]
    room = np.minimum(q, np.maximum(1.0 - q, SMALLEST_ROOM * temperature))
    phases = symmetric_phases_of(model)
    if isinstance(phases, HopfieldPhases):  # where λ C = 1 the free energy has a pole
        room = np.minimum(room, temperature / phases.crosstalk.largest - (1.0 - q))
    slopes = []
    for name, scale in (("overlap", np.ones_like(q)), ("self_overlap", np.maximum(room, 0.0))):
        step = RELATIVE_STEP * scale
        near = {other: np.stack([y] * len(STENCIL)) for other, y in at.items()}
        near[name] = np.stack([at[name] + shift * step for shift in STENCIL])
        slope = np.full_like(q, np.nan)
        change = np.array([*STENCIL.values()]) @ f(near["overlap"], near["self_overlap"])
        np.divide(change, step, out=slope, where=step > 0.0)
        slopes.append(np.abs(slope))
    return np.asarray(np.nanmax(slopes, axis=0))


def _free_energy(
    model: Polynomial, self_overlap: Array, load: Array, temperature: Array
) -> Callable[[Array, Array], Array]:
    """Free energy by effective overlap and self-overlap; a conjugate is that of the saddle point.

    That of networks that store is the derived one.
    """
    phases = symmetric_phases_of(model)
    if isinstance(model, Dense):
        from theory.symbolic import free_energy

        derived, conjugate = free_energy(model), {}
        if isinstance(phases, HopfieldPhases):
            conjugate["r"] = pair_conjugate(phases, temperature, self_overlap)

        def of_stored(n: Array, q: Array) -> Array:
            names = {"load": load, "temperature": temperature, "overlap": n, "self_overlap": q}
            return np.asarray(derived.evaluate(**names, **conjugate))

        return of_stored
    if isinstance(phases, DensePhases):
        return partial(dense_free_energy, phases, load, temperature)
    fixed = pair_conjugate(phases, temperature, self_overlap)
    return partial(pair_free_energy, phases, load, temperature, conjugate=fixed)


def _one_step_slope(model: Polynomial, state: OneStep) -> float:
    """The same for one-step breaking, with the free energy that the solver does not use."""
    crosstalk = interaction_of(model)
    slopes, room = [], 1.0
    if isinstance(crosstalk, Pairs):
        room -= crosstalk.largest * (state.response + state.slope * state.step)
    for name in ("effective_overlap", "step", "response", "slope"):
        value = getattr(state, name)
        step = RELATIVE_STEP * (1.0 if name == "effective_overlap" else room * value)
        near = [dataclasses.replace(state, **{name: value + shift * step}) for shift in STENCIL]
        energies = [observables(crosstalk, other)["free_energy"] for other in near]
        slopes.append(abs(float(np.dot([*STENCIL.values()], energies))) / step)
    return max(slopes)
