"""Everything that is measured and computed at one number of spins in a unit."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hopfield import Exponential, attention
from hopfield.attention import units
from hopfield.seeds import Stream, sequence
from studies import bridge_theory
from studies.bridge_samples import block_heat_bath, measured, one_step, single_flips, visits

__all__ = ["DIMS", "END", "POINTS", "SAMPLERS", "Setting", "at", "line"]

Floats = NDArray[np.float64]
Values = dict[str, Floats]

SAMPLERS = ("single flips", "block heat bath")

POINTS, END = 17, 1.2
"""States on the line through two patterns, which are at 1 and -1."""

BLOCK = 8
"""How many times more replicas heat bath of all spins has, which takes so much less time."""

BINS = 10
FEWEST = 500.0
"""Expected states with a value, or a weight, whose frequency is judged."""

ROUNDING = 1e-12
"""Relative standard error of what is constant."""

NOISE = 0.4
"""Standard deviation of the components of noisy patterns."""

_BY_SAMPLER = ("sampler",)
DIMS: dict[str, tuple[str, ...]] = {
    **{name: _BY_SAMPLER for name in bridge_theory.MEANS},
    "component": ("level",),
    "component_density": ("sampler", "level"),
    "output": ("point",),
    "mean_weight": ("bin",),
    "behind": ("bin",),
    "fixed_point_distance": (),
    "residual": (),
}
"""Dimensions beside the number of spins in a unit."""


@dataclass(frozen=True, eq=False)
class Setting:
    """What all numbers of spins have in common.

    Parameters
    ----------
    patterns : array of +-1, shape (K, N)
    beta : float
    flipped, replicas, sweeps, burn_in, draws : int
        As of `studies.spins_to_attention`.
    seed : numpy.random.SeedSequence
    """

    patterns: Floats
    beta: float
    flipped: int
    replicas: int
    sweeps: int
    burn_in: int
    draws: int
    seed: np.random.SeedSequence

    @property
    def site(self) -> int:
        """A unit in which the patterns differ."""
        return int(np.argmin(np.abs(self.patterns.sum(axis=0))))


def at(setting: Setting, n: int, levels: int) -> Values:
    """Everything at n spins in a unit.

    Parameters
    ----------
    setting : Setting
    n : int
    levels : int
        Length of the arrays of values of a unit; NaN beyond n.

    Returns
    -------
    dict of array
        Of the dimensions `DIMS`, with `_stderr`, `_theory`, `_z` and `_rhat` where there are any.
    """
    flips, (states, sources) = _flips(setting, n), _block(setting, n)
    samples = [flips, states]
    found = _means(setting, n, samples) | _components(setting, n, samples, levels)
    return found | _behind(setting, states, sources) | _steps(setting, n) | _ends(setting, n)


def line(patterns: Floats, points: int = POINTS) -> tuple[Floats, Floats]:
    """States on the line through the first two patterns, and what measures where they are.

    Parameters
    ----------
    patterns : array of +-1, shape (K, N)
    points : int
        How many states, from -END to END.

    Returns
    -------
    states : array, shape (point, N)
    along : array, shape (N,)
        Its product with a state is 1 at the first pattern and -1 at the second.

    Examples
    --------
    >>> states, along = line(np.array([[1.0, 1.0], [1.0, -1.0]]))
    >>> states[0], along
    (array([ 1. , -1.2]), array([0., 1.]))
    """
    middle, half = (patterns[0] + patterns[1]) / 2.0, (patterns[0] - patterns[1]) / 2.0
    states = middle + np.linspace(-END, END, points)[:, None] * half
    return states, half / (half @ half)


def _flips(setting: Setting, n: int) -> Floats | None:
    """States from single flips, if there are not too many spins."""
    if n > setting.flipped:
        return None
    sharpness = math.sqrt(setting.beta / n)
    network = Exponential(sharpness).store(np.repeat(setting.patterns, n, axis=1))
    return single_flips(
        network, 1.0 / sharpness, setting.beta, n, replicas=setting.replicas,
        sweeps=setting.sweeps, burn_in=setting.burn_in, seed=_seed(setting, n),
    )  # fmt: skip


def _block(setting: Setting, n: int) -> tuple[Floats, NDArray[np.int64]]:
    return block_heat_bath(
        setting.patterns, setting.beta, n, replicas=BLOCK * setting.replicas,
        sweeps=setting.sweeps, seed=_seed(setting, n),
    )  # fmt: skip


def _seed(setting: Setting, n: int) -> np.random.SeedSequence:
    return sequence(setting.seed, Stream.DISORDER, n)


def _means(setting: Setting, n: int, samples: list[Floats | None]) -> Values:
    """Means of both samplers beside exact ones."""
    from montecarlo.statistics import split_rhat

    exact = bridge_theory.means(setting.patterns, setting.beta, n)
    blank = np.full((len(samples), 3), np.nan)
    table = {name: blank.copy() for name in bridge_theory.MEANS}
    for k, states in enumerate(samples):
        if states is not None:
            for name, series in measured(states, setting.patterns, setting.beta).items():
                table[name][k] = *_over_replicas(series.mean(axis=1)), split_rhat(series)
    found: Values = {}
    for name, columns in table.items():
        found |= _judged(name, columns[:, 0], columns[:, 1], np.asarray(exact[name]))
        found[f"{name}_rhat"] = columns[:, 2]
    return found


def _judged(name: str, mean: Floats, stderr: Floats, theory: Floats) -> Values:
    """A mean beside theory."""
    varies = stderr > ROUNDING * np.abs(theory)
    z = np.divide(mean - theory, stderr, out=np.full_like(mean, np.nan), where=varies)
    return {name: mean, f"{name}_stderr": stderr, f"{name}_theory": theory, f"{name}_z": z}


def _components(setting: Setting, n: int, samples: list[Floats | None], levels: int) -> Values:
    """Frequencies of the values of a unit, as densities."""
    values, law = bridge_theory.component_law(setting.patterns, setting.beta, n, setting.site)
    per_value = math.sqrt(n * setting.beta) / 2.0
    mean, stderr = np.full((2, len(samples), n + 1), np.nan)
    for k, states in enumerate(samples):
        if states is not None:
            shares = visits(states, setting.beta, n, setting.site) * per_value
            mean[k], stderr[k] = _over_replicas(shares)
    found = _judged("component_density", mean, stderr, law * per_value)
    rare = law * setting.replicas * setting.sweeps < FEWEST
    found["component_density_z"][:, rare] = np.nan
    room = levels - (n + 1)
    padded = {
        name: np.pad(array, [(0, 0)] * (array.ndim - 1) + [(0, room)], constant_values=np.nan)
        for name, array in {"component": values, **found}.items()
    }
    return padded


def _over_replicas(samples: Floats) -> tuple[Floats, Floats]:
    """Mean and standard error, whatever the correlations along a replica."""
    return samples.mean(axis=0), samples.std(axis=0, ddof=1) / math.sqrt(len(samples))


def _behind(setting: Setting, states: Floats, sources: NDArray[np.int64]) -> Values:
    """How often the first pattern is the one behind the spins, by its weight."""
    weights = attention.weights(states, setting.patterns, setting.beta)[..., 0]
    where = np.minimum((weights * BINS).astype(np.int64), BINS - 1)
    found = {name: np.full(BINS, np.nan) for name in ("mean_weight", "behind", "behind_stderr")}
    for k in range(BINS):
        here = where == k
        number = here.sum(axis=1)
        if number.sum() >= FEWEST:
            surplus = ((sources == 0) - weights) * here
            excess, error = _over_replicas(surplus.sum(axis=1, keepdims=True) / number.mean())
            mean = weights[here].mean()
            values = {"mean_weight": mean, "behind": mean + excess[0], "behind_stderr": error[0]}
            for name, value in values.items():
                found[name][k] = value
    return found | {"behind_z": (found["behind"] - found["mean_weight"]) / found["behind_stderr"]}


def _steps(setting: Setting, n: int) -> Values:
    """Mean states after one step of heat bath from states between two patterns."""
    states, along = line(setting.patterns)
    new = one_step(
        states, setting.patterns, setting.beta, n, replicas=setting.replicas,
        draws=setting.draws, seed=_seed(setting, n),
    )  # fmt: skip
    values = units.response(setting.patterns, setting.beta, n)
    exact = attention.update(states, setting.patterns, setting.beta, values=values) @ along
    return _judged("output", *_over_replicas(new @ along), exact)


def _ends(setting: Setting, n: int) -> Values:
    """How far fixed points of units without noise are from those of attention."""
    draw = np.random.Generator(np.random.Philox(sequence(setting.seed, Stream.EXAMPLES)))
    queries = setting.patterns + NOISE * draw.standard_normal(setting.patterns.shape)
    found = units.retrieve(queries, setting.patterns, setting.beta, n)
    limit = attention.retrieve(queries, setting.patterns, setting.beta)
    distance = np.sqrt(((found.states - limit.states) ** 2).mean())
    residual = max(float(found.residual.max()), float(limit.residual.max()))
    return {"fixed_point_distance": np.asarray(distance), "residual": np.asarray(residual)}
