"""Losses of reconstruction along runs, and where their minima are after so many examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hopfield import (
    InputError,
    Network,
    Supervised,
    Unsupervised,
    autoencoder_loss,
    energy_from_losses,
    reconstruction_losses,
)
from hopfield.arguments import integer
from hopfield.learning import LEARNERS
from hopfield.losses import effective_patterns
from hopfield.models import Polynomial
from hopfield.results import dataset, provenance
from hopfield.seeds import Seed, Stream, record, sequence
from studies.minima import pair_weights

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["loss_minima", "loss_trajectory"]

Floats = NDArray[np.float64]

LEAST_PATTERN_SETS = 2


def loss_trajectory(
    model: Polynomial,
    *,
    size: int = 500,
    n_patterns: int = 5,
    start: float = 0.5,
    temperature: float = 0.0,
    sweeps: int = 6,
    replicas: int = 8,
    disorder: int = 16,
    seed: Seed = 0,
    progress: bool = False,
) -> xr.Dataset:
    r"""Losses, overlaps and energy along runs that start from a corrupted archetype.

    Parameters
    ----------
    model : Supervised, Unsupervised or Dense
    size, n_patterns : int
        Numbers N of spins and K of archetypes.
    start : float
        Overlap of the first states with archetype 0.
    temperature : float
        T, units of J.
    sweeps, replicas : int
        Of each run, and runs of each network.
    disorder : int
        Networks with archetypes and examples of their own, at least 2.
    seed : int, numpy.random.SeedSequence or None
    progress : bool
        Show a bar if the study takes over two seconds and the output is a terminal.

    Returns
    -------
    xarray.Dataset
        Along dim sweep, from the start on: `overlap`, `loss_minus` and `loss_plus` with archetype
        0, the same with its effective pattern as `effective_overlap`, `effective_loss_minus`,
        `effective_loss_plus`; `energy` per spin, and `energy_from_losses` of the stored patterns;
        `autoencoder_loss` with the weights of the pair couplings. Each with `_stderr` over the
        networks, and `_series` of shape (disorder, replica, sweep).

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> import hopfield
    >>> model = hopfield.Supervised(2, 0.5, 20)
    >>> result = loss_trajectory(model, size=100, sweeps=3, disorder=2, replicas=2)
    >>> bool(result.loss_minus[0] > result.loss_minus[-1])
    True
    """
    import montecarlo

    integer("disorder", disorder, low=LEAST_PATTERN_SETS)
    used, runs = sequence(seed), []
    for sample in with_bar(range(disorder), progress):
        own = sequence(used, Stream.DISORDER, sample)
        network = model.network(size, n_patterns=n_patterns, seed=own)
        states = montecarlo.trajectory(
            network, temperature, sweeps=sweeps, replicas=replicas, start=start, seed=own
        )
        runs.append(_measured(network, states.spins.values))
    variables: dict[str, tuple[tuple[str, ...], Any]] = {}
    for name in runs[0]:
        series = np.stack([run[name] for run in runs])
        variables |= estimate(name, ("sweep",), series.mean(axis=1))
        variables[f"{name}_series"] = (("disorder", "replica", "sweep"), series)
    attrs = provenance(
        model, seed=record(used), size=size, n_patterns=n_patterns, start=start, sweeps=sweeps,
        replicas=replicas, disorder=disorder,
    )  # fmt: skip
    coords = {
        "load": network.load, "temperature": float(temperature), "size": size,
        "disorder": np.arange(disorder), "replica": np.arange(replicas),
        "sweep": np.arange(sweeps + 1),
    }  # fmt: skip
    return dataset(variables, coords, attrs)


def loss_minima(
    p: int = 2,
    quality: float = 0.3,
    examples: Sequence[int] = (1, 3, 5, 11, 21, 51, 101),
    *,
    size: int = 1000,
    n_patterns: int = 5,
    sweeps: int = 30,
    disorder: int = 16,
    seed: Seed = 0,
    progress: bool = False,
) -> xr.Dataset:
    r"""How far from the archetype the energy is least, by the number of examples.

    At zero temperature spins follow the energy downhill from archetype 0. Where they end is the
    minimum that the network has learned in place of the archetype.

    Parameters
    ----------
    p, quality : int, float
        Of the networks.
    examples : sequence of int
        Numbers M of examples, ascending. Those of an even number may tie, and leave spins free.
    size, n_patterns : int
        Numbers N of spins and K of archetypes.
    sweeps : int
        Of each run.
    disorder : int
        Networks with archetypes and examples of their own, at least 2.
    seed : int, numpy.random.SeedSequence or None
        The same archetypes, and the same first examples, for every M and teacher.
    progress : bool
        Show a bar if the study takes over two seconds and the output is a terminal.

    Returns
    -------
    xarray.Dataset
        With dims teacher and examples: `overlap`, `loss_minus`, `effective_overlap`, `energy` and
        `autoencoder_loss` at the end; `energy_drop` and `autoencoder_loss_drop` on the way there
        from the archetype; each with `_stderr` over the networks. Of theory at this load
        `overlap_theory` and `loss_minus_theory`, NaN where nothing is retrieved.
        `loss_minus_asymptotic` is that of the majority of the examples, the limit of few archetypes
        in many spins. `flip_rate` of the last sweep says whether the end was reached.

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> result = loss_minima(examples=[2, 50], size=100, n_patterns=2, disorder=2)
    >>> bool((result.loss_minus.sel(examples=2) > result.loss_minus.sel(examples=50)).all())
    True
    """
    from theory.signal import signal_of

    integer("disorder", disorder, low=LEAST_PATTERN_SETS)
    numbers = ascending("examples", examples)
    used = sequence(seed)
    cells = [(name, m, sample) for name in LEARNERS for m in numbers for sample in range(disorder)]
    shape = (len(LEARNERS), len(numbers), disorder)
    found = [
        _minimum(LEARNERS[name](p, quality, m), size, n_patterns, sweeps, used, sample)
        for name, m, sample in with_bar(cells, progress)
    ]
    variables: dict[str, tuple[tuple[str, ...], Any]] = {}
    dims = ("teacher", "examples")
    for name in found[0]:
        values = np.array([one[name] for one in found]).reshape(shape)
        variables |= estimate(name, dims, np.moveaxis(values, -1, 0))
    load = n_patterns / float(size) ** (p - 1)
    models = [[kind(p, quality, m) for m in numbers] for kind in LEARNERS.values()]
    predicted = np.array([[_theory(model, load) for model in row] for row in models])
    majority = [signal_of(quality, m).moments(1.0, 0.0, 0.0).overlap for m in numbers]
    variables["overlap_theory"] = (dims, predicted)
    variables["loss_minus_theory"] = (dims, 1.0 - predicted)
    variables["loss_minus_asymptotic"] = (("examples",), 1.0 - np.array(majority))
    attrs = provenance(
        Supervised(p, quality, numbers[-1]), seed=record(used), size=size, n_patterns=n_patterns,
        sweeps=sweeps, disorder=disorder, examples=numbers,
    )  # fmt: skip
    coords = {
        "teacher": list(LEARNERS), "examples": numbers, "p": p, "quality": quality, "load": load,
        "temperature": 0.0, "size": size,
    }  # fmt: skip
    return dataset(variables, coords, attrs)


def ascending(name: str, values: Sequence[int]) -> list[int]:
    """Return integers >= 1 that ascend.

    Raises
    ------
    InputError
        If they do not.

    Examples
    --------
    >>> ascending("examples", (1, 10))
    [1, 10]
    """
    numbers = [integer(name, value, low=1) for value in values]
    if not numbers or sorted(set(numbers)) != numbers:
        raise InputError(f"{name} must be ascending integers >= 1, got {list(values)}")
    return numbers


def with_bar(things: Sequence[Any], progress: bool) -> Any:
    """The things one by one, with a bar on terminals."""
    from tqdm import tqdm

    return tqdm(things, disable=None if progress else True, delay=2.0, unit="network", leave=False)


def estimate(
    name: str, dims: tuple[str, ...], samples: Floats
) -> dict[str, tuple[tuple[str, ...], Any]]:
    """Mean and standard error of independent samples along the first axis."""
    from montecarlo.statistics import jackknife

    mean, stderr = jackknife(samples)
    return {name: (dims, mean), f"{name}_stderr": (dims, stderr)}


def _measured(network: Network, spins: NDArray[np.int8]) -> dict[str, Floats]:
    """What is followed along runs, of the shape of the states."""
    archetype = reconstruction_losses(network.archetypes[:1], spins)
    effective = reconstruction_losses(effective_patterns(network)[:1], spins)
    energies = {
        "energy": network.energy(spins),
        "energy_from_losses": energy_from_losses(network, spins),
    }
    return {
        "overlap": network.archetype_overlaps(spins)[..., 0],
        "effective_overlap": network.effective_overlaps(spins)[..., 0],
        "loss_minus": archetype.minus[..., 0],
        "loss_plus": archetype.plus[..., 0],
        "effective_loss_minus": effective.minus[..., 0],
        "effective_loss_plus": effective.plus[..., 0],
        "autoencoder_loss": autoencoder_loss(pair_weights(network), spins),
        **{name: (e - network.energy_offset) / network.size for name, e in energies.items()},
    }


def _minimum(
    model: Supervised | Unsupervised,
    size: int,
    n_patterns: int,
    sweeps: int,
    seed: np.random.SeedSequence,
    sample: int,
) -> dict[str, float]:
    """Where the energy leads from the archetype, and what it was there."""
    import montecarlo

    own = sequence(seed, Stream.DISORDER, sample)
    network = model.network(size, n_patterns=n_patterns, seed=own)
    states = montecarlo.trajectory(network, 0.0, sweeps=sweeps, replicas=1, seed=own)
    spins = states.spins.values[0]
    along = _measured(network, spins[[0, -1]])
    ends = ("overlap", "loss_minus", "effective_overlap", "energy", "autoencoder_loss")
    found = {name: float(along[name][1]) for name in ends}
    for name in ("energy", "autoencoder_loss"):
        found[f"{name}_drop"] = float(along[name][0]) - found[name]
    return found | {"flip_rate": float((spins[-1] != spins[-2]).mean())}


def _theory(model: Supervised | Unsupervised, load: float) -> float:
    """Overlap with the archetype at zero temperature."""
    import theory

    return float(theory.solve(model, [load], 0.0).overlap.item())
