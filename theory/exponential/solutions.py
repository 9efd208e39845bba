"""Phases, capacities and phase diagrams of exponential networks, as labelled results."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from hopfield.arguments import InputError, choice, integer, nonnegative_values, real
from hopfield.exponential import Exponential
from hopfield.results import dataset, provenance
from theory.exponential.phases import NAMES, ExponentialPhases
from theory.exponential.rates import BINARY
from theory.exponential.thresholds import all_patterns_load, basin, retrieval_load
from theory.load_plane import labelled_lines
from theory.saddle import Array

__all__ = [
    "CRITERIA",
    "exponential_capacity",
    "exponential_diagram",
    "exponential_phase",
    "require_exponential",
]

CRITERIA = ("retrieval", "equilibrium", "flips", "all patterns")
"""What capacity may mean; the last two are of T = 0."""

FIELDS = ("overlap", "max_overlap", "free_energy", "energy", "entropy")


def require_exponential(model: object) -> Exponential:
    """Return `model` if it is an exponential network.

    Raises
    ------
    InputError
        If it is not.

    Examples
    --------
    >>> require_exponential(Exponential(2.0))
    Exponential(sharpness=2.0)
    """
    if not isinstance(model, Exponential):
        raise InputError(f"model must be a hopfield.Exponential, got {model!r}")
    return model


def exponential_phase(
    model: Exponential, load: ArrayLike, temperature: ArrayLike, phase: str
) -> xr.Dataset:
    """Overlaps and thermodynamics of a phase.

    Parameters
    ----------
    model : hopfield.Exponential
        Of binary patterns.
    load, temperature : float or 1-D array
        α = log(K)/N and T, at least 0; arrays become dimensions.
    phase : str
        "retrieval", "paramagnet" or "condensed", see `theory.exponential.phases`.

    Returns
    -------
    xarray.Dataset
        Variables overlap, self_overlap (in a valley the spins are independent), max_overlap,
        free_energy, energy, entropy (per spin), residual, status and favoured, the phase of least
        free energy.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range, or the phase does not exist at the one point that is asked
        for (load and temperature scalars).

    Examples
    --------
    >>> state = exponential_phase(Exponential(1.0), 0.3, [0.5, 2.0], "retrieval")
    >>> state.overlap.values.round(6), state.favoured.values.tolist()
    (array([0.964028,      nan]), ['retrieval', 'condensed'])
    """
    choice("phase", phase, NAMES)
    loads = nonnegative_values("load", load)
    temperatures = nonnegative_values("temperature", temperature)
    theory = ExponentialPhases(require_exponential(model).sharpness)
    axes = tuple(range(loads.ndim, loads.ndim + temperatures.ndim))
    a, t = np.expand_dims(loads, axes), temperatures
    found = getattr(theory, phase)(a, t)
    if loads.ndim == temperatures.ndim == 0 and not found.exists:
        point = f"load {loads:g} and temperature {temperatures:g}"
        reason = _where_it_ends(theory, phase, temperatures)
        raise InputError(f"the {phase} phase of {model} does not exist at {point}: {reason}")
    values = {name: getattr(found, name) for name in FIELDS}
    values["self_overlap"] = found.overlap**2
    values["residual"] = np.abs(found.free_energy - found.energy + t * found.entropy)
    dims = ("load",) * loads.ndim + ("temperature",) * temperatures.ndim
    variables: dict[str, tuple[tuple[str, ...], Any]] = {
        name: (dims, np.where(found.exists, value, np.nan)) for name, value in values.items()
    }
    variables["favoured"] = dims, theory.favoured(a, t)
    variables["status"] = dims, np.where(found.exists, "converged", "absent")
    coords = {"load": loads, "temperature": temperatures}
    return dataset(variables, coords, provenance(model, phase=phase))


def _where_it_ends(theory: ExponentialPhases, phase: str, temperature: Array) -> str:
    """The limit of a phase, in words."""
    if phase == "retrieval":
        return f"it ends at load {theory.spinodal_load(temperature).item():.6g}"
    side = "from" if phase == "paramagnet" else "up to"
    return f"it is there {side} load {theory.condensation_load:.6g}"


def exponential_capacity(
    model: Exponential, temperature: ArrayLike = 0.0, criterion: str = "retrieval"
) -> xr.Dataset:
    r"""Largest load at which patterns are retrieved.

    Parameters
    ----------
    model : hopfield.Exponential
        Of binary patterns.
    temperature : float or 1-D array
        T >= 0; an array becomes a dimension.
    criterion : str
        * "retrieval": there are valleys around the patterns, up to the spinodal.
        * "equilibrium": their free energy is the least.
        * "flips": at T = 0, a pattern is a minimum of the energy for flips of single spins, up to
          :math:`2\lambda - \log\cosh 2\lambda`. The barriers that keep it are exponentially low
          beyond the end of the retrieval phase.
        * "all patterns": at T = 0, every pattern is, up to (log 2)/2 at most.

    Returns
    -------
    xarray.Dataset
        Variables load, overlap (with the pattern, there), residual and status.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range, or a criterion of T = 0 is asked for at another temperature.

    Examples
    --------
    >>> exponential_capacity(Exponential(1.0))["load"].round(6).item()
    0.566219
    >>> exponential_capacity(Exponential(1.0), criterion="flips")["load"].round(6).item()
    0.674997
    """
    choice("criterion", criterion, CRITERIA)
    temperatures = nonnegative_values("temperature", temperature)
    theory = ExponentialPhases(require_exponential(model).sharpness)
    if criterion in ("retrieval", "equilibrium"):
        retrieves = criterion == "retrieval"
        load = (theory.spinodal_load if retrieves else theory.equilibrium_load)(temperatures)
    elif temperatures.any():
        hot = temperatures[temperatures > 0.0].flat[0]
        raise InputError(f"criterion {criterion!r} is one of temperature 0, got {hot:g}")
    else:
        law = retrieval_load if criterion == "flips" else all_patterns_load
        load = np.full(temperatures.shape, law(BINARY, 2.0 * theory.sharpness))
    overlap = theory.retrieval(load, temperatures).overlap
    dims = ("temperature",) * temperatures.ndim
    variables = {
        "load": (dims, load),
        "overlap": (dims, overlap),
        "residual": (dims, _defect(theory, criterion, load, temperatures)),
        "status": (dims, np.full(temperatures.shape, "converged")),
    }
    coords = {"temperature": temperatures}
    return dataset(variables, coords, provenance(model, criterion=criterion))


def _defect(theory: ExponentialPhases, criterion: str, load: Array, temperature: Array) -> Array:
    """Violation of the condition that defines a capacity."""
    valley = theory.retrieval(load, temperature)
    if criterion == "equilibrium":
        many = load > theory.condensation_load
        rival = np.where(
            many, theory.paramagnet(load, temperature).free_energy,
            theory.condensed(load, temperature).free_energy,
        )  # fmt: skip
        return np.abs(valley.free_energy - rival)
    if criterion == "all patterns" and load.flat[0] == BINARY.rate(1.0) / 2.0:
        return np.zeros(load.shape)
    strength = theory.sharpness * (1.0 if criterion == "retrieval" else 2.0)
    return np.abs(valley.overlap - basin(BINARY, strength, load))


def exponential_diagram(
    model: Exponential, points: int = 200, max_load: float | None = None
) -> xr.Dataset:
    """Lines of the phase diagram in the plane of load and temperature, up to T = 2/λ.

    Parameters
    ----------
    model : hopfield.Exponential
        Of binary patterns.
    points : int
        Points on each line, at least 2.
    max_load : float, optional
        Largest load of the lines of fixed temperature, 1.2 times the capacity unless given.

    Returns
    -------
    xarray.Dataset
        Variables load, temperature, residual and status with dimensions line and point; the lines
        are those of `theory.exponential.phases.ExponentialPhases.lines`.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range.

    Examples
    --------
    >>> diagram = exponential_diagram(Exponential(1.0), points=3)
    >>> diagram["load"].sel(line="first-order").values.round(6)
    array([0.566219, 0.457441, 0.327813])
    """
    integer("points", points, low=2)
    theory = ExponentialPhases(require_exponential(model).sharpness)
    largest = 1.2 * theory.capacity if max_load is None else real("max_load", max_load)
    attrs = provenance(model, points=points, max_load=largest)
    return labelled_lines(theory.lines(points, largest), attrs)
