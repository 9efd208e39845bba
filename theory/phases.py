"""What theory says of a model, as labelled results: phases, capacities, phase diagrams."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from hopfield.arguments import InputError, choice, nonnegative_values
from hopfield.exponential import Exponential
from hopfield.models import exponent_of
from hopfield.results import dataset, provenance
from theory.cells import shown, solve_cells
from theory.exponential import solutions as exponential
from theory.learning.planes import plane
from theory.load_plane import load_plane
from theory.models import phases_of

__all__ = ["PHASES", "capacity", "phase_diagram", "solve"]

PHASES = {"retrieval": "retrieval phase", "glass": "glass", "paramagnet": "paramagnet"}


def solve(
    model: Any,
    load: ArrayLike,
    temperature: ArrayLike,
    *,
    ansatz: str = "rs",
    phase: str = "retrieval",
    exponent: float | None = None,
) -> xr.Dataset:
    r"""Order parameters, thermodynamics and stability of a phase.

    In the retrieval phase a single pattern is retrieved. At load 0 it is the limit of vanishing
    load, of a number of patterns that grows less than N. Where a part d of the entries is blank,
    spins with a blank are free to follow the other patterns, on which they freeze, however small
    the load, at temperatures at which

    .. math:: (1-d)\,[1 - (1-d)\tanh^2(m/T)] > T, \qquad m = (1-d)\tanh(m/T) .

    For d < 2/3 there is then a pure state with crosstalk, for which :math:`(1-d)(1-q) = T`; at
    T = 0 and small d :math:`\sigma = \sqrt{2/\pi}\,(1-d)d`. States of a given number of patterns,
    in which several of them are retrieved, and whether a pure one is stable against these, are in
    `theory.retrieval_states`.

    Parameters
    ----------
    model : hopfield.Dense, Multitasking, Supervised, Unsupervised or Exponential
        With p up to 100.
    load, temperature : float or 1-D array
        α >= 0 and T >= 0; arrays become dimensions, every load at every temperature.
    ansatz : str
        "rs", replica symmetry, or "1rsb", one step of breaking it.
    phase : str
        "retrieval", "glass" or "paramagnet"; of Exponential "retrieval", "paramagnet" or
        "condensed", see `theory.exponential.phases`.
    exponent : float, optional
        b of the load K / N^b, p - 1 unless given. With a smaller one the crosstalk vanishes at
        infinite size, and the phase is that of no load.

    Returns
    -------
    xarray.Dataset
        Variables overlap, effective_overlap (of networks that learn from examples, with the
        effective pattern), self_overlap, noise, free_energy, energy, entropy (per spin), replicon,
        residual and status. Where the phase is absent or was not found, status says so and the
        other variables are not a number; "at the edge" is the last point of the retrieval phase.
        The replicon is -inf at T = 0 and positive load.

        With one step there are self_overlap_0, self_overlap_1, breakpoint, complexity and
        replicon_outer in place of self_overlap. Where replica symmetry is stable, or broken only
        below rounding errors, status is "replica symmetric", the two overlaps are the same, and
        the breakpoint is not a number.

        For Exponential see `theory.exponential.solutions.exponential_phase`.

    Raises
    ------
    hopfield.InputError
        If there is no theory for the model, an argument is out of range, or the phase does not
        exist at the one point that is asked for (load and temperature scalars).

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Phys. Rev. Lett. 55, 1530 (1985);
    Ann. Phys. 173, 30 (1987); E. Gardner, J. Phys. A 20, 3453 (1987).

    Examples
    --------
    >>> import hopfield, theory
    >>> state = theory.solve(hopfield.Hopfield(), load=0.05, temperature=[0.0, 0.5, 1.0])
    >>> state.overlap.values.round(6), state.status.values.tolist()
    (array([0.999992, 0.904106,      nan]), ['converged', 'converged', 'absent'])
    >>> round(theory.solve(hopfield.Hopfield(), 0.138, 0.0, ansatz="1rsb").overlap.item(), 6)
    0.9707
    """
    if isinstance(model, Exponential):
        choice("ansatz", ansatz, ("rs",))
        if exponent is not None:
            raise InputError(f"exponent must not be given, load is log(K)/N, got {exponent!r}")
        return exponential.exponential_phase(model, load, temperature, phase)
    theory = phases_of(model, ansatz)
    choice("phase", phase, tuple(PHASES))
    loads = nonnegative_values("load", load)
    temperatures = nonnegative_values("temperature", temperature)
    power = exponent_of(model.p, exponent)
    crosstalk = loads if power == model.p - 1 else np.zeros_like(loads)
    state = solve_cells(theory, phase, crosstalk.ravel(), temperatures.ravel())
    if loads.ndim == temperatures.ndim == 0 and state.status.item() == "absent":
        reason = theory.why_absent(phase, crosstalk.item(), temperatures.item())
        point = f"load {loads:g} and temperature {temperatures:g}"
        raise InputError(f"the {PHASES[phase]} of {model} does not exist at {point}: {reason}")
    shape = loads.shape + temperatures.shape
    dims = ("load",) * loads.ndim + ("temperature",) * temperatures.ndim
    names = shown(model, [field.name for field in dataclasses.fields(state)])
    variables = {name: (dims, getattr(state, name).reshape(shape)) for name in names}
    attrs = provenance(model, ansatz=ansatz, phase=phase, exponent=power)
    coords = {"load": loads, "temperature": temperatures}  # a 0-D array is a scalar coordinate
    return dataset(variables, coords, attrs)


def capacity(
    model: Any,
    temperature: ArrayLike = 0.0,
    *,
    ansatz: str = "rs",
    criterion: str = "retrieval",
) -> xr.Dataset:
    r"""Largest load at which patterns are retrieved, one at a time.

    It is the end of the states that retrieve at zero load. Networks with p >= 3 that learn from
    few or poor examples have others of smaller overlap; where the two kinds merge, the load jumps.

    Parameters
    ----------
    model : hopfield.Dense, Multitasking, Supervised, Unsupervised or Exponential
        With p up to 100.
    temperature : float or 1-D array
        T >= 0; an array becomes a dimension.
    ansatz : str
        "rs", replica symmetry, or "1rsb", one step of breaking it.
    criterion : str
        "retrieval", or another one of `theory.exponential.solutions.exponential_capacity`.

    Returns
    -------
    xarray.Dataset
        Variables load, overlap, effective_overlap (of networks that learn from examples) and
        noise at the end of the retrieval phase, residual and status;
        "absent" and not a number where nothing is retrieved at any load, for p = 2 from T = 1 - d
        on, and at all temperatures if a part d >= 2/3 of the entries of stored patterns is blank.
        Of archetypes of which M >> 1 examples were seen this part is :math:`2/3(1+\rho)^2`.

    Raises
    ------
    hopfield.InputError
        If there is no theory for the model, an argument is out of range, or nothing is retrieved
        at the one temperature that is asked for.

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Phys. Rev. Lett. 55, 1530 (1985).

    Examples
    --------
    >>> import hopfield, theory
    >>> end = theory.capacity(hopfield.Hopfield())
    >>> round(end["load"].item(), 9), round(end.overlap.item(), 6)
    (0.137905566, 0.967417)
    """
    if isinstance(model, Exponential):
        choice("ansatz", ansatz, ("rs",))
        return exponential.exponential_capacity(model, temperature, criterion)
    choice("criterion", criterion, ("retrieval",))
    theory = phases_of(model, ansatz)
    temperatures = nonnegative_values("temperature", temperature)
    dims = ("temperature",) * temperatures.ndim
    melted = temperatures.ravel() >= theory.melting_temperature
    if temperatures.ndim == 0 and melted.item():
        reason = theory.why_absent("retrieval", 0.0, temperatures.item())
        point = f"temperature {temperatures:g}"
        raise InputError(f"the retrieval phase of {model} does not exist at {point}: {reason}")
    end = theory.spinodal(temperatures.ravel())
    found = np.where(np.isfinite(end.load), "converged", "not converged")
    status = np.where(melted, "absent", found)
    fields = dataclasses.asdict(end) | {"status": status}
    shape = temperatures.shape
    variables = {name: (dims, fields[name].reshape(shape)) for name in shown(model, fields)}
    return dataset(variables, {"temperature": temperatures}, provenance(model, ansatz=ansatz))


def phase_diagram(
    model: Any,
    *,
    ansatz: str = "rs",
    points: int | None = None,
    max_load: float | None = None,
    temperature: float | None = None,
    load: float | None = None,
    max_entropy: float | None = None,
) -> xr.Dataset:
    r"""Lines of the phase diagram in the plane of load and temperature, or of the data set.

    * glass: :math:`T_g(\alpha)`, below which the paramagnet freezes.
    * spinodal: :math:`T_M(\alpha)`, below which retrieval states exist.
    * first-order: :math:`T_c(\alpha)`, below which their free energy is less than that of the
      state without overlap, replica symmetric as well. It ends where this one breaks replica
      symmetry in one step.
    * at: de Almeida-Thouless line, below which replica symmetry is broken in retrieval states.
    * nishimori: :math:`T = (p-1)!\,\alpha` up to the spinodal, for p >= 3 without
      self-interaction, where single examples or patterns are stored.

    With one step of replica symmetry breaking the spinodal and the first-order line are those of
    states that break it where they have to, and where the glass is discontinuous there are

    * dynamical: below which there are metastable states without overlap, if q₀ = 0 in them;
    * gardner: below which states of the glass break up further.

    Lines that are nowhere are left out. Where entries are blank retrieval is that of one pattern,
    and the AT line begins at T > 0, since spins with a blank freeze however small the load.

    If a network learns from examples and one of temperature and load is given, the plane is that
    of the other one and the entropy :math:`\rho = (1-r^2)/(M r^2)` of the data set. The number M of
    examples is that of the model, and :math:`r = (1+\rho M)^{-1/2}`. There are as well

    * learning, at T = 0: where signal and noise of the field along an archetype are equal,
      :math:`\alpha\kappa = 1 - \rho`, see `theory.learning_threshold`;
    * archetype: where the overlap of the retrieval phase with the archetype falls to
      (1 - d) erf(1/√2) = 0.6827 (1 - d), at the smallest load, or the highest temperature.

    Parameters
    ----------
    model : hopfield.Dense, Multitasking, Supervised, Unsupervised or Exponential
        With p up to 100. For Exponential see `theory.exponential.solutions.exponential_diagram`.
    ansatz : str
        "rs", replica symmetry, or "1rsb", one step of breaking it.
    points : int, optional
        Points on each line, at least 2; 200, or 40 in a plane of the data set, unless given.
    max_load : float, optional
        Largest load of the glass line; half as much again as that of the spinodal unless given,
        or 1 if there is none.
    temperature, load : float, optional
        T >= 0 or α > 0, for a plane of the data set; not both.
    max_entropy : float, optional
        Largest ρ in that plane, 2 unless given.

    Returns
    -------
    xarray.Dataset
        Variables load, temperature, residual and status with dimensions line and point. Spinodal
        and first-order line are in order of temperature, the others in order of load. In a plane
        of the data set one of load and temperature is a coordinate, lines are in order of
        dataset_entropy, and overlap and effective_overlap are those of retrieval on the line.

    Raises
    ------
    hopfield.InputError
        If there is no theory for the model, or an argument is out of range.

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Phys. Rev. Lett. 55, 1530 (1985);
    E. Gardner, J. Phys. A 20, 3453 (1987).

    Examples
    --------
    >>> import hopfield, theory
    >>> diagram = theory.phase_diagram(hopfield.Hopfield(), points=3)
    >>> diagram["load"].sel(line="spinodal").values.round(6)
    array([0.137906, 0.058816, 0.      ])
    >>> model = hopfield.Supervised(p=3, quality=0.5, examples=6)
    >>> data = theory.phase_diagram(model, temperature=0.0, points=3)
    >>> data.dataset_entropy.sel(line="spinodal").values, data.line.values.tolist()
    (array([0. , 0.5, 2. ]), ['spinodal', 'learning', 'archetype'])
    """
    if temperature is None and load is None:
        if max_entropy is not None:
            raise InputError(f"max_entropy needs a load or temperature, got {max_entropy!r} alone")
        many = 200 if points is None else points
        if isinstance(model, Exponential):
            choice("ansatz", ansatz, ("rs",))
            return exponential.exponential_diagram(model, many, max_load)
        return load_plane(model, ansatz, many, max_load)
    choice("ansatz", ansatz, ("rs",))
    if max_load is not None:
        raise InputError(f"max_load must not be given in a plane of the data set, got {max_load!r}")
    return plane(
        model,
        temperature=temperature,
        load=load,
        points=40 if points is None else points,
        max_entropy=2.0 if max_entropy is None else max_entropy,
    )
