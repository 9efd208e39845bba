"""States of a run, sweep by sweep."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from hopfield import InputError, Network
from hopfield.arguments import choice, integer, real, require_memory
from hopfield.results import dataset, provenance
from hopfield.seeds import Seed, record, sequence
from montecarlo.ensemble import started
from montecarlo.problem import Problem
from montecarlo.record import Record
from montecarlo.sampler import DYNAMICS
from montecarlo.starts import initial_spins
from montecarlo.threads import processors

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["trajectory"]


def trajectory(
    network: Network,
    temperature: float,
    *,
    sweeps: int = 20,
    replicas: int = 64,
    start: str | float | ArrayLike = "pattern",
    dynamics: str = "glauber",
    seed: Seed = 0,
) -> xr.Dataset:
    r"""Follow the states of independent replicas.

    The states are those of `montecarlo.sample` with the same arguments and no burn-in.

    Parameters
    ----------
    network : Network
        Of any model.
    temperature : float
        T >= 0, units of J.
    sweeps : int
        At least 1.
    replicas, start, dynamics, seed
        As of `montecarlo.sample`.

    Returns
    -------
    xarray.Dataset
        int8 `spins` of shape (replica, sweep, site), from the start, sweep 0, on.

    Raises
    ------
    InputError
        If an argument is out of range, or the states do not fit into memory.

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Hopfield().network(size=200, load=0.02, seed=1)
    >>> states = trajectory(net, 0.0, sweeps=3, replicas=2, start=0.5).spins
    >>> net.overlaps(states)[:, :, 0].round(1)
    array([[0.5, 1. , 1. , 1. ],
           [0.5, 1. , 1. , 1. ]])
    """
    if not isinstance(network, Network):
        raise InputError(f"network must be a hopfield.Network, got {network!r}")
    real("temperature", temperature)
    integer("sweeps", sweeps, low=1)
    integer("replicas", replicas, low=1)
    choice("dynamics", dynamics, DYNAMICS)
    used = sequence(seed)
    require_memory("the states", replicas * (sweeps + 1) * network.size)
    states = np.empty((replicas, sweeps + 1, network.size), dtype=np.int8)
    states[:, 0] = initial_spins(network, replicas, start, used)
    problem = Problem.seeded(network, float(temperature), dynamics, used)
    scratch = Record.empty(replicas, 1)
    with started(problem, states[:, 0].copy(), sweeps, "auto", processors()) as ensemble:
        for done in range(sweeps):
            ensemble.advance(done, scratch)
            states[:, done + 1] = ensemble.spins
    attrs = provenance(
        network.model, seed=record(used), network_seed=network.seed_record, sweeps=sweeps,
        replicas=replicas, dynamics=dynamics,
        start=start if isinstance(start, str | float | int) else "array",
    )  # fmt: skip
    coords = {
        "load": network.load, "temperature": float(temperature), "size": network.size,
        "replica": np.arange(replicas), "sweep": np.arange(sweeps + 1),
        "site": np.arange(network.size),
    }  # fmt: skip
    variables = {"spins": (("replica", "sweep", "site"), states)}
    return dataset(variables, coords, attrs | {"device": "cpu"})
