"""Monte Carlo at fixed temperature: run the replicas, keep the series, attach the errors."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield import Network
from hopfield.arguments import choice, integer, require_memory
from hopfield.seeds import Seed
from montecarlo.ensemble import KERNELS, started
from montecarlo.problem import Problem
from montecarlo.questions import DYNAMICS, Interrupted, alone, answered, asked
from montecarlo.runs import Replicas
from montecarlo.threads import processors

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["DYNAMICS", "Interrupted", "sample"]


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
    threads: int | None = None,
    tracked: int = 0,
) -> xr.Dataset:
    r"""Sample the Gibbs measure of a network with independent replicas.

    Sites are visited one after the other. Heat bath: :math:`P(s_i = 1) = 1/(1 + e^{-2 h_i/T})`;
    Metropolis: a flip is accepted with probability :math:`\min(1, e^{-\Delta E/T})`; parallel
    (Little): heat bath of all spins at once in the fields of the state before, whose stationary
    measure is not Gibbs'.

    Parameters
    ----------
    network : Network
        Of any model.
    temperature : float or 1-D array
        T >= 0, units of J. Every temperature of an array gives what it would give alone.
    sweeps, burn_in : int
        Sweeps that are measured (at least 4), and sweeps before them.
    replicas : int
        Independent copies that share the patterns.
    start : str, float or array
        "pattern" (pattern or archetype 0), "random", an overlap in [0, 1] with it, "hierarchical"
        (the first archetype that is not blank at a site), "parallel" (the majority of them), or
        spins of shape (N,) or (replicas, N). Spins that these leave open are fair.
    dynamics : str
        "glauber", "metropolis" or "parallel".
    seed : int, numpy.random.SeedSequence or None
        The same seed gives the same spins, whatever the kernel, the number of threads and the
        number of replicas beside.
    progress : bool
        Show a bar if the run takes over two seconds and the output is a terminal.
    series : bool
        Keep the series of every sweep as `<name>_series`; the means are always there.
    kernel : str
        "auto", "block", "fields", "overlaps" (p = 2), "slopes" (no blanks, fields that integers
        hold), "dense" (any patterns), "weighted" (sums of examples) or "exponential" (that energy,
        and the only kernel of it).
    threads : int, optional
        By default all processors.
    tracked : int
        Number of archetypes, the first ones, with each of which overlaps are measured; the
        trajectory is the same whatever it is.

    Returns
    -------
    xarray.Dataset
        `overlap` with pattern or archetype 0, `max_overlap` with another (effective) pattern,
        `energy` per spin, `flip_rate`, and `effective_overlap` if patterns are learned, each with
        `_stderr`, `_tau_int`, `_ess`, `_rhat`, and `replica_overlap` with `_stderr`; with `tracked`
        also `pattern_overlap` and, if patterns are learned, `pattern_effective_overlap` along the
        dimension pattern. The energy is without `Network.energy_offset`, as in theory (the
        attribute energy_offset is that constant per spin). The attribute arithmetic is "floating
        point" where fields are no exact integers, for large p and for sums of examples: rounding
        then decides ties.

    Raises
    ------
    InputError
        If an argument is out of range, or the run does not fit into memory.
    Interrupted
        On Ctrl-C; carries what was finished.

    References
    ----------
    R. J. Glauber, J. Math. Phys. 4, 294 (1963), eq. (31); W. A. Little, Math. Biosci. 19, 101
    (1974).

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Hopfield().network(size=200, load=0.02, seed=1)
    >>> result = sample(net, 0.3, sweeps=100, burn_in=20, replicas=8)
    >>> bool(result.overlap > 0.9)
    True
    """
    question = asked(
        network, temperature, sweeps, burn_in, replicas, start, dynamics, seed, tracked
    )
    choice("kernel", kernel, ("auto", *KERNELS))
    n_threads = integer("threads", threads if threads is not None else processors(), low=1)
    require_memory("the run", _bytes_needed(network, sweeps, replicas, tracked))
    attrs = question.described(kernel=kernel, threads=n_threads) | {"device": "cpu"}

    def opened(
        problems: Sequence[Problem], spins: NDArray[np.int8]
    ) -> AbstractContextManager[Replicas]:
        (problem,) = problems
        return started(problem, spins, sweeps, kernel, n_threads, tracked)

    (found,) = answered([question], opened, alone, [attrs], progress=progress, series=series)
    return found


def _bytes_needed(network: Network, sweeps: int, replicas: int, tracked: int) -> int:
    """Upper bound for the kernels that are chosen automatically, without coupling matrices."""
    patterns = network.patterns.nbytes
    states = replicas * (2 * network.size + 4 * network.n_patterns)
    rows = tracked if network.archetypes is network.patterns else 2 * tracked
    followed = rows * (8 * network.size + 24 * replicas * sweeps)
    followed += 8 * network.size * replicas if tracked else 0
    series = 48 * replicas * sweeps + 8 * replicas**2
    return patterns + 256 * network.size + states + series + followed
