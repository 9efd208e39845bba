"""Langevin and Hamiltonian dynamics at fixed temperature: run the chains, attach the errors."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield import InputError
from hopfield.arguments import choice, integer, positive, real, require_memory
from hopfield.results import dataset, provenance
from hopfield.seeds import Seed, record, sequence
from montecarlo.continuous.chains import Dynamics, Ensemble, Series, started
from montecarlo.continuous.exact import exact_states
from montecarlo.continuous.kernels import LANES
from montecarlo.continuous.measure import Continuous, Measure, measure_of, states_of
from montecarlo.labels import statistics
from montecarlo.threads import processors

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["METHODS", "sample_continuous"]

Floats = NDArray[np.float64]

METHODS = ("ula", "mala", "hmc")
LEAST_SWEEPS = 4
LEAST_TIME, MOST_STEPS = 1e-6, 10**6
"""Of leapfrog steps."""

CHUNK, NOISE = 100, 2**21
"""Sweeps between two looks at the progress bar, and random numbers that are kept meanwhile."""


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
    measure = measure_of(patterns, beta, temperature)
    dynamics = _dynamics(choice("method", method, METHODS), step, steps, measure.size)
    integer("sweeps", sweeps, low=LEAST_SWEEPS)
    integer("burn_in", burn_in, low=0)
    integer("replicas", replicas, low=1)
    n_threads = integer("threads", threads if threads is not None else processors(), low=1)
    lanes = -(-replicas // LANES) * LANES
    room = 40 * replicas * sweeps + 8 * lanes * measure.size * (CHUNK + 12)
    require_memory("the run", room + measure.patterns.nbytes)
    used = sequence(seed)
    states = _starts(measure, replicas, start, used)
    recorded = Series.empty(replicas, sweeps)
    with started(measure, dynamics, states, used, n_threads) as chains:
        _go(
            chains, recorded, burn_in, max(1, min(CHUNK, NOISE // (lanes * measure.size))), progress
        )
        states = chains.states
    attrs = provenance(
        Continuous(measure.beta), seed=record(used), n_patterns=len(measure.patterns),
        method=method, step=_step_of(dynamics, method), steps=dynamics.steps, sweeps=sweeps,
        burn_in=burn_in, replicas=replicas, start=start if isinstance(start, str) else "array",
        threads=n_threads,
    )  # fmt: skip
    return _labelled(measure, recorded, states, attrs | {"device": "cpu"}, series)


def _dynamics(method: str, step: float | None, steps: int | None, size: int) -> Dynamics:
    """Leapfrog steps of a method."""
    if method == "hmc":
        return _hamiltonian(step, steps, size)
    if steps not in (None, 1):
        raise InputError(f"steps must be 1 unless method is 'hmc', got {steps!r}")
    h = min(1.0, 1.36 * size ** (-1 / 3)) if step is None else positive("step", step, high=2.0)
    return Dynamics(math.sqrt(2.0 * h), 1, method == "mala")


def _hamiltonian(step: float | None, steps: int | None, size: int) -> Dynamics:
    """Leapfrog steps of "hmc"; each turns by 2 arcsin(ε/2) in a well, a period is 2 π."""
    if step is None:
        largest = min(1.0, 1.9 * size**-0.25)
    else:
        largest = real("step", step, low=LEAST_TIME, high=2.0)
    if steps is None:
        count = math.ceil(math.pi / 4.0 / math.asin(largest / 2.0) - 1e-9)
    else:
        count = integer("steps", steps, low=1, high=MOST_STEPS)
    return Dynamics(2.0 * math.sin(math.pi / 4.0 / count) if step is None else largest, count, True)


def _step_of(dynamics: Dynamics, method: str) -> float:
    return dynamics.time if method == "hmc" else dynamics.time**2 / 2.0


def _starts(
    measure: Measure, replicas: int, start: str | ArrayLike, seed: np.random.SeedSequence
) -> Floats:
    """States in which the chains start, shape (replica, N)."""
    if isinstance(start, str):
        if choice("start", start, ("exact", "pattern")) == "pattern":
            return np.tile(measure.patterns[0], (replicas, 1))
        given = measure.patterns, measure.beta
        drawn = exact_states(*given, temperature=measure.temperature, replicas=replicas, seed=seed)
        return drawn.states
    states, shape = states_of("start", start, measure.size), (replicas, measure.size)
    if states.shape not in (shape[1:], shape):
        raise InputError(f"start must be numbers of shape {shape[1:]} or {shape}")
    return np.array(np.broadcast_to(states, shape))


def _go(chains: Ensemble, recorded: Series, burn_in: int, chunk: int, progress: bool) -> None:
    """Burn in, then fill the series."""
    from tqdm import tqdm

    replicas, sweeps = recorded.energy.shape
    everything, total = slice(None), burn_in + sweeps
    hidden = None if progress else True
    with tqdm(total=total, disable=hidden, delay=2.0, unit="sweep", leave=False) as bar:
        now = 0
        while now < total:
            count = min(chunk, (burn_in if now < burn_in else total) - now)
            measured = slice(now - burn_in, now - burn_in + count)
            scratch = Series.empty(replicas, count)
            chains.advance(scratch if now < burn_in else recorded.part(everything, measured))
            now += count
            bar.update(count)


def _labelled(
    measure: Measure, recorded: Series, states: Floats, attrs: dict[str, str], series: bool
) -> xr.Dataset:
    """The means, their errors, the last states and, if wanted, the series of a run."""
    measured = {
        "energy": (recorded.energy + measure.offset) / measure.size,
        "overlap": recorded.overlap,
        "virial": recorded.virial / measure.size,
        "largest_weight": recorded.weight,
        "acceptance_rate": recorded.accepted,
    }
    variables: dict[str, tuple[tuple[str, ...], Any]] = {"states": (("replica", "site"), states)}
    for name, values in measured.items():
        for suffix, found in statistics(values).items():
            variables[f"{name}{suffix}"] = (), found
        if series:
            variables[f"{name}_series"] = ("replica", "sweep"), values
    coords: dict[str, Any] = {
        "load": math.log(len(measure.patterns)) / measure.size,
        "temperature": measure.temperature, "size": measure.size,
        "replica": np.arange(len(states)), "site": np.arange(measure.size),
    }  # fmt: skip
    if series:
        coords["sweep"] = np.arange(recorded.energy.shape[1])
    return dataset(variables, coords, attrs)
