"""Whether a network is sampled on the processors or on a GPU."""

from __future__ import annotations

import numpy as np

from gpu.device import available, require
from gpu.replicas import chosen_kernel
from hopfield import Network
from hopfield.arguments import InputError
from montecarlo.problem import Problem

__all__ = ["LEAST_TERMS", "LEAST_WIDTH", "chosen_backend", "worthwhile"]

LEAST_WIDTH = 30_000
"""Patterns times replicas from which a sweep takes longer than to start its kernels.

For 128 sites a device starts 3 or 4 kernels, 20 microseconds or 0.16 for each site. A processor
adds 10^10 patterns in a second, so that it is as fast at 1600 patterns of all replicas together.
"""

LEAST_TERMS = 10**11
"""Spins times patterns, replicas and sweeps: ten seconds of a processor, for a few to compile."""


def worthwhile(network: Network, replicas: int, sweeps: int) -> bool:
    """Whether a GPU should be faster, from counts of operations.

    Parameters
    ----------
    network : Network
    replicas, sweeps : int
        In all, burn-in included.

    Examples
    --------
    >>> import hopfield
    >>> network = hopfield.Hopfield().network(4000, n_patterns=400, seed=1)
    >>> [worthwhile(network, *run) for run in ((4, 10_000), (1000, 10), (1000, 100))]
    [False, False, True]
    """
    width = network.n_patterns * replicas
    return width >= LEAST_WIDTH and width * network.size * sweeps >= LEAST_TERMS


def chosen_backend(
    backend: str, network: Network, *, replicas: int, sweeps: int, there: bool | None = None
) -> str:
    """Where a network is sampled.

    Parameters
    ----------
    backend : str
        "cpu", "gpu", or "auto": on a GPU if there is one, a kernel is exact for the network, and
        the work is large enough, see `worthwhile`.
    network : Network
    replicas, sweeps : int
        In all, burn-in included.
    there : bool, optional
        Whether there is a GPU; by default it is looked for.

    Returns
    -------
    str
        "cpu" or "gpu".

    Raises
    ------
    InputError
        If it is to be a GPU, and there is none or no kernel is exact.

    Examples
    --------
    >>> import hopfield
    >>> network = hopfield.Hopfield().network(20, n_patterns=1, seed=1)
    >>> chosen_backend("auto", network, replicas=4, sweeps=10)
    'cpu'
    """
    if backend == "cpu":
        return "cpu"
    if backend == "auto" and not worthwhile(network, replicas, sweeps):
        return "cpu"
    if not (available() if there is None else there):
        if backend == "auto":
            return "cpu"
        require()
    # whether a kernel is exact depends on no temperature, no dynamics and no random numbers
    problem = Problem.seeded(network, 1.0, "glauber", np.random.SeedSequence(0))
    try:
        chosen_kernel(problem, "auto")
    except InputError:
        if backend == "gpu":
            raise
        return "cpu"
    return "gpu"
