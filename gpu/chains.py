r"""Chains of continuous states on a device: leapfrog steps by products of matrices.

The steps are those of `montecarlo.continuous.kernels`, for all chains that fit at once. Each takes
the attention of all states (`gpu.attention`), 4 K N operations for a chain. A sweep of one step
makes some 60 passes over numbers of states, 500 N bytes: with 67e12 operations and 4.3e12 bytes in
a second the former bound it from K = 2000 on, where N is above 250. It starts some 60 kernels, and
13 for each further panel, from the interpreter, in about 5 microseconds each: 3e-4 seconds, which
is the time of products of K N R = 5e9 for R chains. Below that it is the launches that bound it.
These are counts, not measurements.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gpu.arrays import Array, Device
from gpu.attention import SCORES, attended
from gpu.memory import SHARE, Needed, equal_parts
from gpu.normals import Numbers
from hopfield.arguments import InputError
from montecarlo.continuous.chains import Dynamics, Series
from montecarlo.continuous.measure import Measure
from montecarlo.continuous.questions import CHUNK

__all__ = ["DeviceChains", "Draw", "Place", "Target", "located", "needed", "swept"]

Floats = NDArray[np.float64]

Draw = Callable[[slice, int, int], Numbers]
"""Numbers of chains, of so many components, in a sweep."""

COPIES = 12
"""Numbers for each component of a chain on the device: states, means, momenta, numbers, sums."""

ROWS = 20
"""Other numbers of a chain: energies, sums, largest scores."""


@dataclass(frozen=True, eq=False)
class Target:
    """What is sampled, on a device.

    Parameters
    ----------
    xp : module
        From `Device.numerics`.
    patterns : array, shape (K, N)
    beta, temperature : float
    """

    xp: Any
    patterns: Array
    beta: float
    temperature: float


@dataclass(frozen=True, eq=False)
class Place:
    """Where chains are.

    Parameters
    ----------
    states, means : array, shape (replica, N)
        x and f(x).
    energies, largest : array, shape (replica,)
        Energies without their constant, and largest weights of a pattern.
    """

    states: Array
    means: Array
    energies: Array
    largest: Array


def located(target: Target, states: Array) -> Place:
    """Attention of states.

    Examples
    --------
    >>> found = located(Target(np, np.eye(2), 50.0, 0.02), np.array([[1.0, 0.0]]))
    >>> found.means.round(6), found.energies
    (array([[1., 0.]]), array([-0.5]))
    """
    seen = attended(target.xp, target.patterns, target.beta * states)
    energies = _half_squares(states) - seen.log_sums / target.beta
    return Place(states, seen.means, energies, seen.largest)


def swept(target: Target, dynamics: Dynamics, here: Place, numbers: Numbers) -> tuple[Place, Array]:
    r"""One sweep with given numbers: leapfrog steps from fresh momenta, and a test if there is one.

    Parameters
    ----------
    target : Target
    dynamics : Dynamics
    here : Place
    numbers : Numbers
        Momenta in units of :math:`\sqrt T`, and logarithms of uniform numbers.

    Returns
    -------
    Place
        Where chains are after it; `here` is unchanged.
    bool array, shape (replica,)
        Which of them were accepted.

    Examples
    --------
    >>> target = Target(np, np.zeros((1, 2)), 1.0, 1.0)
    >>> here = located(target, np.array([[1.0, 0.0]]))
    >>> still = Numbers(np.zeros((1, 2)), np.zeros(1))
    >>> there, accepted = swept(target, Dynamics(1.0, 1, True), here, still)
    >>> there.states, accepted
    (array([[0.5, 0. ]]), array([ True]))
    """
    xp, time = target.xp, dynamics.time
    p = target.temperature**0.5 * numbers.normals
    before, there = _half_squares(p), here
    for _ in range(dynamics.steps):
        p += 0.5 * time * (there.means - there.states)
        there = located(target, there.states + time * p)
        p += 0.5 * time * (there.means - there.states)
    if not dynamics.adjusted:
        return there, xp.ones(len(p), dtype=bool)
    cost = there.energies + _half_squares(p) - here.energies - before
    accepted = numbers.heights < -cost / target.temperature
    rows = accepted[:, None]
    place = Place(
        xp.where(rows, there.states, here.states), xp.where(rows, there.means, here.means),
        xp.where(accepted, there.energies, here.energies),
        xp.where(accepted, there.largest, here.largest),
    )  # fmt: skip
    return place, accepted


def needed(measure: Measure) -> Needed:
    """Memory of the device for patterns and the scores of a panel, and for each chain.

    Examples
    --------
    >>> needed(Measure(np.ones((100, 10)), 1.0, 1.0))
    Needed(fixed=33562512, replica=5120)
    """
    fixed = 8 * SCORES + measure.patterns.nbytes + 8 * measure.size
    return Needed(fixed, 8 * (COPIES * measure.size + len(fields(Series)) * CHUNK + ROWS))


class DeviceChains:
    """All chains of a run, as many at a time on a device as fit, and meanwhile on the host.

    Parameters
    ----------
    measure : Measure
    dynamics : Dynamics
    states : array, shape (replica, N)
        Where they start.
    draw : callable
        Their random numbers.
    device : Device

    Raises
    ------
    InputError
        If not even one fits.

    Examples
    --------
    >>> import gpu
    >>> from gpu.normals import Noise
    >>> if gpu.available():
    ...     device, measure = gpu.devices()[0], Measure(np.eye(2), 1.0, 1.0)
    ...     draw = Noise(device, np.random.SeedSequence(1))
    ...     chains = DeviceChains(measure, Dynamics(1.0, 1, True), np.ones((3, 2)), draw, device)
    """

    def __init__(
        self, measure: Measure, dynamics: Dynamics, states: Floats, draw: Draw, device: Device
    ) -> None:
        self.measure, self.dynamics, self.device = measure, dynamics, device
        self._draw, self._states, self._sweep = draw, states.copy(), 0
        self._batches = _batches(measure, device.free_bytes(), len(states))
        square = float(measure.squares[0])
        first = measure.patterns[0] / square if square else measure.patterns[0]
        self._patterns, self._first = device.array(measure.patterns), device.array(first)

    @property
    def states(self) -> Floats:
        """Copy of the states, shape (replica, N)."""
        return self._states.copy()

    def advance(self, series: Series) -> None:
        """Make as many sweeps as there is room for."""
        for batch in self._batches:
            self._advance(batch, series.part(batch, slice(None)))
        self._sweep += series.energy.shape[1]

    def _advance(self, batch: slice, series: Series) -> None:
        """Sweeps of some chains."""
        m, device = self.measure, self.device
        states = device.array(self._states[batch])
        record = device.zeros((len(series.arrays), *series.energy.shape), np.float64)
        with device.numerics() as xp:
            target = Target(xp, self._patterns, m.beta, m.temperature)
            here = located(target, states)
            for t in range(series.energy.shape[1]):
                numbers = self._draw(batch, m.size, self._sweep + t)
                here, accepted = swept(target, self.dynamics, here, numbers)
                for k, values in enumerate(self._measured(xp, here, accepted)):
                    record[k, :, t] = values
        self._states[batch] = device.host(here.states)
        for array, found in zip(series.arrays, device.host(record), strict=True):
            array[:] = found

    def _measured(self, xp: Any, here: Place, accepted: Array) -> tuple[Array, ...]:
        """What is written down, in the order of `Series`."""
        virials = (here.states * (here.states - here.means)).sum(axis=1)
        overlaps = xp.dot(here.states, self._first)
        return here.energies, overlaps, virials, here.largest, accepted


def _batches(measure: Measure, free: int, replicas: int) -> list[slice]:
    """Chains that are on the device together."""
    wanted = needed(measure)
    fit = (int(SHARE * free) - wanted.fixed) // wanted.replica
    if fit < 1:
        one, n_patterns = sum(wanted) / 2**30, len(measure.patterns)
        raise InputError(
            f"the GPU would need {one:.3g} GiB for one chain and {n_patterns} patterns of "
            f"{measure.size} components, {free / 2**30:.3g} GiB are free"
        )
    return equal_parts(replicas, fit)


def _half_squares(values: Array) -> Array:
    """Half of the squared norms, shape (replica,)."""
    return 0.5 * (values * values).sum(axis=1)
