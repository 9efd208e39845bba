"""Langevin and Hamiltonian dynamics of continuous states on a GPU."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gpu.arrays import Device
from gpu.chains import DeviceChains
from gpu.cuda import Cuda
from gpu.normals import Noise
from hopfield.arguments import require_memory
from hopfield.seeds import Seed
from montecarlo.continuous.questions import CHUNK, answered, asked

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["sample_continuous"]


def sample_continuous(
    patterns: ArrayLike,
    beta: float,
    *,
    temperature: float | None = None,
    method: str = "mala",
    step: float | None = None,
    steps: int | None = None,
    sweeps: int = 1000,
    burn_in: int = 200,
    replicas: int = 64,
    start: str | ArrayLike = "exact",
    seed: Seed = 0,
    progress: bool = False,
    series: bool = True,
    device: Device | None = None,
) -> xr.Dataset:
    r"""Sample the Boltzmann measure of continuous states with independent chains, on a GPU.

    The dynamics of `montecarlo.sample_continuous` in float64, with other random numbers: the two
    agree in their averages, not chain by chain. The numbers of a chain depend on the seed alone,
    its states on the chains beside it by the rounding of sums, whose order is that of a product of
    matrices: of some :math:`10^{16}\,T/|E|` tests one is decided by it. Exact starts are those of
    the CPU. Chains that do not fit into the memory of the device together are there in turn. What
    bounds a sweep is counted in `gpu.chains`.

    Parameters
    ----------
    patterns : array of numbers, shape (K, N)
        ξ.
    beta : float
        β > 0.
    temperature, method, step, steps, sweeps, burn_in, replicas, start, seed, progress, series
        As of `montecarlo.sample_continuous`.
    device : Device, optional
        One of `gpu.devices`; the current one by default.

    Returns
    -------
    xarray.Dataset
        As of `montecarlo.sample_continuous`; the attribute device names the GPU.

    Raises
    ------
    InputError
        As of `montecarlo.sample_continuous`, or if there is no CuPy or no device, the kernel of
        random numbers does not compile there, or not even one chain fits into its memory.

    References
    ----------
    Those of `montecarlo.sample_continuous`.

    Examples
    --------
    >>> import gpu
    >>> patterns = np.sqrt(8.0) * np.eye(8)[:3]
    >>> result = sample_continuous(patterns, 2.0, sweeps=400) if gpu.available() else None
    """
    question = asked(
        patterns, beta, temperature, method, step, steps, sweeps, burn_in, replicas, start, seed
    )
    where = Cuda() if device is None else device
    measure, numbers = question.measure, replicas * question.measure.size
    room = 40 * replicas * (sweeps + CHUNK) + 48 * numbers + 2 * measure.patterns.nbytes
    require_memory("the run", room)

    @contextmanager
    def opened(states: NDArray[np.float64]) -> Iterator[DeviceChains]:
        draw = Noise(where, question.seed)
        yield DeviceChains(measure, question.dynamics, states, draw, where)

    attrs = question.described() | {"device": where.name}
    return answered(question, opened, CHUNK, attrs, progress=progress, series=series)
