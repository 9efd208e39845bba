r"""Mean field as a dynamics: magnetisations follow their own fields, in place of spins.

The fields are those of `montecarlo.mean_field_fields`, with the reaction of
`montecarlo.mean_field_reaction` or without it. An iteration costs two products of the patterns
with a few vectors, O(N K p), and the answer has no noise.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield import InputError, Network
from hopfield.arguments import integer, nonnegative_values
from hopfield.results import dataset, provenance
from hopfield.seeds import Seed, Stream, record, sequence
from montecarlo.mean_field_fields import IndependentSpins
from montecarlo.mean_field_iteration import FixedPoint, Iteration, MeanField
from montecarlo.mean_field_reaction import NoReaction, Reaction, reaction_of
from montecarlo.starts import initial_spins

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["drawn_spins", "naive_mean_field", "tap"]

Floats = NDArray[np.float64]


def naive_mean_field(
    network: Network,
    temperature: ArrayLike,
    *,
    iterations: int = 1000,
    start: str | float | ArrayLike = "pattern",
    damping: float = 0.5,
    tolerance: float = 1e-8,
    seed: Seed = 0,
    progress: bool = False,
) -> xr.Dataset:
    r"""Naive mean field of a network: the best independent spins.

    Iterates :math:`m_i = \tanh(h_i(m)/T)` with the exact derivatives
    :math:`h_i = -\partial H/\partial m_i` of the mean energy of independent spins. A fixed point is
    a stationary point of :math:`H(m) - T S(m)`, which is not below the free energy.

    Parameters
    ----------
    network : Network
        Of any model.
    temperature : float or 1-D array
        T >= 0, units of J; at T = 0 the tanh is a sign. Every temperature of an array gives what it
        would give alone.
    iterations : int
        Largest number of iterations.
    start : str, float or array
        "pattern", "random" or an overlap in [0, 1]: the spins in which replica 0 of
        `montecarlo.sample` starts with the same seed; or magnetisations in [-1, 1], shape (N,).
    damping : float
        Part of the old magnetisations in the new ones, in [0, 1).
    tolerance : float
        Residual at which the iteration ends.
    seed : int, numpy.random.SeedSequence or None
        Of the start.
    progress : bool
        Show a bar if an iteration takes over two seconds and the output is a terminal.

    Returns
    -------
    xarray.Dataset
        `overlap` with pattern or archetype 0, `effective_overlap` if patterns are learned,
        `max_overlap` with another (effective) pattern, `self_overlap` :math:`q = \frac1N \sum_i
        m_i^2`, `energy` and `free_energy` per spin without `Network.energy_offset`, as of
        `montecarlo.sample`, `magnetisation` of every site, `residual`
        :math:`\max_i |m_i - \tanh(\cdot)|`, `iterations` and `status`.

    Raises
    ------
    InputError
        If an argument is out of range.

    References
    ----------
    T. Plefka, J. Phys. A 15, 1971 (1982).

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Hopfield().network(size=500, load=0.02, seed=1)
    >>> naive_mean_field(net, [0.0, 0.5]).overlap.round(2).values
    array([1.  , 0.94])
    """
    how = Iteration(iterations, damping, tolerance)
    result = _mean_field(network, temperature, NoReaction(), how, start, seed, progress)
    return result.drop_vars("replicon")


def tap(
    network: Network,
    temperature: ArrayLike,
    *,
    iterations: int = 1000,
    start: str | float | ArrayLike = "pattern",
    damping: float = 0.5,
    tolerance: float = 1e-8,
    seed: Seed = 0,
    progress: bool = False,
) -> xr.Dataset:
    r"""Mean field with Onsager's reaction: the equations of Thouless, Anderson and Palmer.

    Iterates :math:`m_i = \tanh\{[h_i(m) - R\, m_i]/T\}` with the reaction R of the crosstalk, see
    `montecarlo.mean_field_reaction.reaction_of`: all orders of Plefka's expansion for p = 2, the
    second for p > 2, exact at large N for independent archetypes.

    Parameters
    ----------
    network : Network
        Of any model. Its archetypes are taken as independent.
    temperature : float or 1-D array
        T > 0, units of J.
    iterations, start, damping, tolerance, seed, progress
        As of `naive_mean_field`.

    Returns
    -------
    xarray.Dataset
        As of `naive_mean_field`, and `replicon`, which is negative where the equations hold for no
        state.

    Raises
    ------
    InputError
        If an argument is out of range.

    References
    ----------
    D. J. Thouless, P. W. Anderson and R. G. Palmer, Phil. Mag. 35, 593 (1977); T. Plefka,
    J. Phys. A 15, 1971 (1982); K. Nakanishi and H. Takayama, J. Phys. A 30, 8085 (1997);
    M. Mézard, Phys. Rev. E 95, 022117 (2017).

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Hopfield().network(size=500, load=0.02, seed=1)
    >>> result = tap(net, 0.5)
    >>> result.status.item(), bool(result.self_overlap < naive_mean_field(net, 0.5).self_overlap)
    ('converged', True)
    """
    if not (nonnegative_values("temperature", temperature) > 0.0).all():
        raise InputError(f"temperature must be positive, got {temperature!r}")
    _require_network(network)
    how = Iteration(iterations, damping, tolerance)
    return _mean_field(network, temperature, reaction_of(network), how, start, seed, progress)


def drawn_spins(magnetisations: ArrayLike, replicas: int = 64, seed: Seed = 0) -> NDArray[np.int8]:
    """Independent spins with given means, from which `montecarlo.sample` can start.

    Parameters
    ----------
    magnetisations : array, shape (N,)
        In [-1, 1].
    replicas : int
        How many states.
    seed : int, numpy.random.SeedSequence or None
        Replica r draws from a stream of its own, whatever the number of replicas.

    Returns
    -------
    int8 array, shape (replicas, N)

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> drawn_spins([1.0, -1.0], replicas=2).tolist()
    [[1, -1], [1, -1]]
    """
    means = _magnetisations("magnetisations", magnetisations)
    spins = np.empty((integer("replicas", replicas, low=1), means.size), dtype=np.int8)
    for r, row in enumerate(spins):
        draw = np.random.Generator(np.random.Philox(sequence(seed, Stream.INITIAL_STATE, r)))
        row[:] = np.where(2.0 * draw.random(means.size) < 1.0 + means, 1, -1)
    return spins


def _magnetisations(name: str, given: ArrayLike) -> Floats:
    means = np.asarray(given)
    allowed = f"{name} must be numbers in [-1, 1], shape (N,)"
    if means.ndim != 1 or means.size < 1 or means.dtype.kind not in "if":
        raise InputError(f"{allowed}, got {given!r}")
    if not (np.abs(means) <= 1.0).all():
        raise InputError(f"{allowed}, got {means[~(np.abs(means) <= 1.0)][0]}")
    return np.asarray(means, dtype=np.float64)


def _require_network(network: object) -> None:
    if not isinstance(network, Network):
        raise InputError(f"network must be a hopfield.Network, got {network!r}")


def _started(network: Network, start: str | float | ArrayLike, seed: Seed) -> Floats:
    """Magnetisations before the first iteration."""
    if isinstance(start, str) or np.ndim(start) == 0:
        return np.asarray(initial_spins(network, 1, start, seed)[0], dtype=np.float64)
    means = _magnetisations("start", start)
    if means.size != network.size:
        raise InputError(f"start must have shape ({network.size},), got {means.shape}")
    return means


def _mean_field(
    network: Network,
    temperature: ArrayLike,
    reaction: Reaction,
    how: Iteration,
    start: str | float | ArrayLike,
    seed: Seed,
    progress: bool,
) -> xr.Dataset:
    """Fixed points at one temperature or several, with labels."""
    _require_network(network)
    temperatures = nonnegative_values("temperature", temperature)
    used = sequence(seed)
    first, spins = _started(network, start, used), IndependentSpins(network)
    cells = []
    for value in np.atleast_1d(temperatures):
        equations = MeanField(spins, reaction, float(value))
        cells.append(_described(equations, how.fixed_point(equations.step, first, progress), how))
    attrs = provenance(
        network.model, seed=record(used), network_seed=network.seed_record,
        reaction=type(reaction).__name__, **asdict(how),
        start=start if isinstance(start, str | float | int) else "array",
    )  # fmt: skip
    return _labelled(network, temperatures, cells, attrs | {"device": "cpu"})


def _described(equations: MeanField, end: FixedPoint, how: Iteration) -> dict[str, Any]:
    """What is known of a fixed point."""
    network, m = equations.spins.network, end.magnetisations
    overlaps = equations.spins.overlaps(m)
    learned = network.archetypes is not network.patterns
    effective = {"effective_overlap": overlaps[0]} if learned else {}
    done = end.residual <= how.tolerance and equations.summable(m)
    return {
        "overlap": float(network.archetypes[0] @ m) / network.size,
        **effective,
        "max_overlap": np.abs(overlaps[1:]).max(initial=0.0),
        "self_overlap": float(m @ m) / network.size,
        "energy": equations.energy(m, end.energy),
        "free_energy": equations.free_energy(m, end.energy),
        "replicon": equations.replicon(m),
        "magnetisation": m,
        "residual": end.residual,
        "iterations": end.iterations,
        "status": "converged" if done else "not converged",
    }


def _labelled(
    network: Network,
    temperatures: Floats,
    cells: list[dict[str, Any]],
    attrs: dict[str, str],
) -> xr.Dataset:
    outer = ("temperature",) if temperatures.ndim else ()
    variables: dict[str, tuple[tuple[str, ...], Any]] = {}
    for name in cells[0]:
        values = np.array([cell[name] for cell in cells])
        inner = ("site",) if name == "magnetisation" else ()
        variables[name] = (outer + inner, values if outer else values[0])
    coords = {
        "load": network.load, "temperature": (outer, temperatures), "size": network.size,
        "site": np.arange(network.size),
    }  # fmt: skip
    return dataset(variables, coords, attrs)
