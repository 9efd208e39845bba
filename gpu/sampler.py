"""Monte Carlo at fixed temperature on a GPU."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gpu.arrays import Device
from gpu.cuda import Cuda
from gpu.replicas import KERNELS, DeviceReplicas
from hopfield import Network
from hopfield.arguments import choice, require_memory
from hopfield.seeds import Seed
from montecarlo.problem import Problem
from montecarlo.questions import answered, asked

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["sample", "sample_on"]


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
    question = (
        network, temperature, sweeps, burn_in, replicas, start, dynamics, seed, tracked, kernel,
    )  # fmt: skip
    where = Cuda() if device is None else device
    return sample_on(where, *question, progress=progress, series=series)


def sample_on(
    device: Device, network: Network, temperature: ArrayLike, sweeps: int, burn_in: int,
    replicas: int, start: str | float | ArrayLike, dynamics: str, seed: Seed, tracked: int,
    kernel: str, *, progress: bool, series: bool,
) -> xr.Dataset:  # fmt: skip
    """Sample on a device that is given; arguments as of `sample`."""
    question = asked(
        network, temperature, sweeps, burn_in, replicas, start, dynamics, seed, tracked
    )
    choice("kernel", kernel, ("auto", *KERNELS))
    require_memory("the run", _bytes_needed(network, sweeps, replicas))
    attrs = question.described(kernel=kernel) | {"device": device.name}

    @contextmanager
    def opened(problem: Problem, spins: NDArray[np.int8]) -> Iterator[DeviceReplicas]:
        replicas = DeviceReplicas(problem, spins, device, kernel, tracked)
        yield replicas
        replicas.leave()

    return answered(question, opened, attrs, progress=progress, series=series)


def _bytes_needed(network: Network, sweeps: int, replicas: int) -> int:
    """Memory of the host: patterns and states as they are brought to a device, and the series."""
    patterns, states = 3 * network.patterns.nbytes, 3 * network.size * replicas
    return patterns + states + 48 * replicas * sweeps + 8 * replicas**2
