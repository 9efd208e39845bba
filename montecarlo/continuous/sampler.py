"""Langevin and Hamiltonian dynamics at fixed temperature: run the chains, attach the errors."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import integer, require_memory
from hopfield.seeds import Seed
from montecarlo.continuous.chains import started
from montecarlo.continuous.kernels import LANES
from montecarlo.continuous.questions import CHUNK, METHODS, Chains, answered, asked
from montecarlo.threads import processors

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["METHODS", "sample_continuous"]

Floats = NDArray[np.float64]

NOISE = 2**21
"""Random numbers that are kept between two looks at the progress bar."""


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
    threads: int | None = None,
) -> xr.Dataset:
    r"""Sample the Boltzmann measure of continuous states with independent chains.

    Langevin dynamics in the energy of `hopfield.attention.energy`, whose update is f,

    .. math:: x \leftarrow x + h\,(f(x) - x) + \sqrt{2 h T}\, \eta ,

    as it is ("ula", whose measure is off by order h: in a single well it has the variance
    :math:`T/(1 - h/2)`), with a Metropolis test after each step ("mala"), or Hamiltonian dynamics
    of several leapfrog steps between fresh momenta and with such a test ("hmc").

    Parameters
    ----------
    patterns : array of numbers, shape (K, N)
        ξ.
    beta : float
        β > 0.
    temperature : float, optional
        T > 0; 1/β unless given.
    method : str
        "ula", "mala" or "hmc".
    step : float, optional
        h of Langevin dynamics, at most 2, where a well becomes unstable; by default
        :math:`1.36\,N^{-1/3}`, the quickest with "mala" in a well of many components, at most 1.
        For "hmc" the time ε of a leapfrog step, at least 1e-6 and at most 2; one such step is one
        of "mala" with :math:`h = \varepsilon^2/2`. By default :math:`2 \sin(\pi/4L)`, for which L
        steps are a quarter of the period of a well: what is left of the start there is nothing.
    steps : int, optional
        Leapfrog steps L of a sweep of "hmc", at most 10^6: by default as many as a quarter of the
        period takes, with a step of at most :math:`1.9\,N^{-1/4}` and 1. The others have one.
    sweeps, burn_in : int
        Sweeps that are measured (at least 4), and sweeps before them.
    replicas : int
        Independent chains.
    start : str or array
        "exact" (`montecarlo.exact_states`), "pattern" (pattern 0), or states of shape (N,) or
        (replicas, N).
    seed : int, numpy.random.SeedSequence or None
        The same seed gives a chain the same states to the last bit, whatever the number of threads
        and of replicas beside.
    progress : bool
        Show a bar if the run takes over two seconds and the output is a terminal.
    series : bool
        Keep the series of every sweep as `<name>_series`; the means are always there.
    threads : int, optional
        By default all processors.

    Returns
    -------
    xarray.Dataset
        `energy` per component; `overlap`, :math:`\xi^0 \cdot x / |\xi^0|^2`, or 0 if that pattern
        is; `virial`, :math:`x \cdot \nabla E / N`, whose mean is T; `largest_weight` of a pattern
        in f(x); `acceptance_rate`; each with `_stderr`, `_tau_int`, `_ess`, `_rhat`. And the last
        `states`, shape (replica, site).

    Raises
    ------
    InputError
        If an argument is out of range, the run does not fit into memory, or there are no exact
        states to start from.

    References
    ----------
    G. O. Roberts and R. L. Tweedie, Bernoulli 2, 341 (1996); G. O. Roberts and J. S.
    Rosenthal, J. R. Stat. Soc. B 60, 255 (1998); S. Duane et al., Phys. Lett. B 195, 216
    (1987).

    Examples
    --------
    >>> patterns = np.sqrt(8.0) * np.eye(8)[:3]
    >>> result = sample_continuous(patterns, 2.0, sweeps=400, replicas=16)
    >>> bool(abs(result.virial - 0.5) < 4.0 * result.virial_stderr)
    True
    """
    question = asked(
        patterns, beta, temperature, method, step, steps, sweeps, burn_in, replicas, start, seed
    )
    measure = question.measure
    n_threads = integer("threads", threads if threads is not None else processors(), low=1)
    lanes = -(-replicas // LANES) * LANES
    room = 40 * replicas * sweeps + 8 * lanes * measure.size * (CHUNK + 12)
    require_memory("the run", room + measure.patterns.nbytes)

    def opened(states: Floats) -> AbstractContextManager[Chains]:
        return started(measure, question.dynamics, states, question.seed, n_threads)

    chunk = max(1, min(CHUNK, NOISE // (lanes * measure.size)))
    attrs = question.described(threads=n_threads) | {"device": "cpu"}
    return answered(question, opened, chunk, attrs, progress=progress, series=series)
