"""Monte Carlo at fixed temperature on a GPU."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gpu.arrays import Device
from gpu.cuda import Cuda
from gpu.replicas import KERNELS, DeviceReplicas, Groups, grouped
from hopfield import Network
from hopfield.arguments import InputError, choice, require_memory
from hopfield.seeds import Seed
from montecarlo.problem import Problem
from montecarlo.questions import answered, asked

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["sample", "sample_many"]


def sample(
    network: Network,
    temperature: ArrayLike,
    *,
    sweeps: int = 1000,
    burn_in: int = 200,
    replicas: int = 64,
    start: str | float | ArrayLike = "pattern",
    dynamics: str = "glauber",
    seed: Seed = 0,
    progress: bool = False,
    series: bool = True,
    kernel: str = "auto",
    tracked: int = 0,
    device: Device | None = None,
) -> xr.Dataset:
    r"""Sample the Gibbs measure of a network with independent replicas, on a GPU.

    The spins are those of `montecarlo.sample` with the same seed, one by one. Replicas that do not
    fit into the memory of the device together are there in turn; the result is the same.

    Parameters
    ----------
    network : Network
        One for which a kernel of `gpu.replicas.KERNELS` is exact.
    temperature, sweeps, burn_in, replicas, start, dynamics, seed, progress, series, tracked
        As of `montecarlo.sample`.
    kernel : str
        "auto" or a name in `gpu.replicas.KERNELS`.
    device : Device, optional
        One of `gpu.devices`; the current one by default.

    Returns
    -------
    xarray.Dataset
        As of `montecarlo.sample`; the attribute device names the GPU.

    Raises
    ------
    InputError
        If an argument is out of range, no kernel is exact for the network, there is no CuPy or no
        device, a kernel does not compile there, or not even one replica fits into its memory.
    montecarlo.Interrupted
        On Ctrl-C; carries what was finished.

    Examples
    --------
    >>> import gpu, hopfield
    >>> net = hopfield.Hopfield().network(size=200, load=0.02, seed=1)
    >>> result = sample(net, 0.3, sweeps=100) if gpu.available() else None
    """
    (found,) = sample_many(
        [network], temperature, seeds=[seed], sweeps=sweeps, burn_in=burn_in, replicas=replicas,
        start=start, dynamics=dynamics, progress=progress, series=series, kernel=kernel,
        tracked=tracked, device=device,
    )  # fmt: skip
    return found


def sample_many(
    networks: Sequence[Network],
    temperature: ArrayLike,
    *,
    seeds: Sequence[Seed],
    sweeps: int = 1000,
    burn_in: int = 200,
    replicas: int = 64,
    start: str | float | ArrayLike = "pattern",
    dynamics: str = "glauber",
    progress: bool = False,
    series: bool = True,
    kernel: str = "auto",
    tracked: int = 0,
    device: Device | None = None,
) -> list[xr.Dataset]:
    r"""Sample many networks on a GPU at once, so that small ones fill it.

    Every result is that of `sample` with the network and its seed. Networks with as many spins and
    patterns are on the device together, as many as fit, at all temperatures.

    Parameters
    ----------
    networks : sequence of Network
    temperature : float or 1-D array
        T >= 0, the same for all.
    seeds : sequence of int, numpy.random.SeedSequence or None
        One for each network.
    sweeps, burn_in, replicas, start, dynamics, progress, series, kernel, tracked, device
        As of `sample`, the same for all.

    Returns
    -------
    list of xarray.Dataset
        One for each network.

    Raises
    ------
    InputError
        As of `sample`, or if there are not as many seeds as networks, or none.
    montecarlo.Interrupted
        On Ctrl-C; `finished` are those that were finished.

    Examples
    --------
    >>> import gpu, hopfield
    >>> nets = [hopfield.Hopfield().network(size=200, load=0.02, seed=k) for k in range(50)]
    >>> found = sample_many(nets, 0.3, seeds=range(50)) if gpu.available() else None
    """
    if not networks or len(networks) != len(seeds):
        raise InputError(
            f"there must be a seed for each network, got {len(networks)} networks and "
            f"{len(seeds)} seeds"
        )
    questions = [
        asked(network, temperature, sweeps, burn_in, replicas, start, dynamics, seed, tracked)
        for network, seed in zip(networks, seeds, strict=True)
    ]
    choice("kernel", kernel, ("auto", *KERNELS))
    where = Cuda() if device is None else device
    needed = sum(_bytes_needed(network, sweeps, replicas) for network in networks)
    require_memory("the run", needed * questions[0].temperatures.size)
    attrs = [one.described(kernel=kernel) | {"device": where.name} for one in questions]

    @contextmanager
    def opened(problems: Sequence[Problem], spins: NDArray[np.int8]) -> Iterator[DeviceReplicas]:
        there = DeviceReplicas(problems, spins, where, kernel, tracked)
        yield there
        there.leave()

    def together(problems: Sequence[Problem]) -> Groups:
        return grouped(problems, replicas, where, kernel)

    return answered(questions, opened, together, attrs, progress=progress, series=series)


def _bytes_needed(network: Network, sweeps: int, replicas: int) -> int:
    """Memory of the host: patterns and states as they are brought to a device, and the series."""
    patterns, states = 3 * network.patterns.nbytes, 3 * network.size * replicas
    return patterns + states + 48 * replicas * sweeps + 8 * replicas**2
