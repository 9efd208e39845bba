r"""From binary spins to attention: one family of networks, and how its members differ.

A unit is the sum of n spins, :math:`x_i = (n\beta)^{-1/2} \sum_a s_{ia}`. An exponential network of
them, of sharpness :math:`\sqrt{\beta/n}` at the temperature :math:`\sqrt{n/\beta}`, has the weights
of attention at every n: given the spins, pattern μ is behind them with the probability
:math:`\operatorname{softmax}_\mu(\beta\, \xi^\mu \cdot x)`. What differs is the noise of a unit,
which becomes Gaussian, and its response, a tanh that becomes the identity.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hopfield import Exponential, InputError, attention, fair_patterns
from hopfield.arguments import integer, positive
from hopfield.attention import units
from hopfield.results import dataset, provenance
from hopfield.seeds import Seed, record, sequence
from studies import bridge_theory
from studies.bridge_cells import DIMS, END, POINTS, SAMPLERS, Setting, at, line
from studies.losses import with_bar

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["QUANTITIES", "spins_to_attention"]

Floats = NDArray[np.float64]
Variables = dict[str, tuple[tuple[str, ...], Any]]

PATTERNS = 3
"""Two differences of scores, whose exact distribution fits into memory at every n."""

QUANTITIES = (*bridge_theory.MEANS, "output", "fixed_point_distance")
"""What approaches attention."""


def spins_to_attention(
    size: int = 8,
    beta: float = 1.5,
    spins: Sequence[int] = (1, 2, 4, 8, 16, 32, 64, 128, 256),
    *,
    flipped: int = 16,
    replicas: int = 256,
    sweeps: int = 250,
    burn_in: int = 100,
    draws: int = 10_000,
    seed: Seed = 0,
    progress: bool = False,
) -> xr.Dataset:
    r"""Compare networks whose units are sums of n spins with attention.

    Three random patterns of ±1. Equilibrium is sampled in two ways, by single flips of the
    spins of `hopfield.Exponential`, and by heat bath of a pattern and then all spins.

    Parameters
    ----------
    size : int
        Number N of units, at least 4.
    beta : float
        β of attention, in (0, 20].
    spins : sequence of int
        Numbers n of spins in a unit, ascending.
    flipped : int
        Largest n at which spins are flipped one by one; an attempt takes a time of order n N.
    replicas : int
        Of single flips, at least 4; the other sampler has eight times as many.
    sweeps : int
        At least 4.
    burn_in : int
        Sweeps of single flips that are not measured; the other sampler starts in equilibrium.
    draws : int
        Steps of heat bath from each state between two patterns, for every replica.
    seed : int, numpy.random.SeedSequence or None
    progress : bool
        Show a bar if the study takes over two seconds and the output is a terminal.

    Returns
    -------
    xarray.Dataset
        `second_moment`, `state_energy` and `largest_weight` by n and sampler, with `_stderr` over
        replicas, `_rhat`, exact values `_theory`, the difference `_z`, NaN where nothing varies,
        and `_asymptotic`, of continuous states. `component_density` of one unit at its values,
        `component`, with the same. `output` of one step of heat bath against `input` on the line
        between two patterns; `_asymptotic` is attention. `behind`, how often a pattern is the one
        from which the spins were drawn, by bins of its weight. `fixed_point_distance` of units
        without noise from attention, of noisy patterns. `limit_distance` from attention of each
        quantity, by heat bath of all spins, and `slope`, the power of n in it.

    Raises
    ------
    InputError
        If an argument is out of range, or two of the patterns are equal.

    Examples
    --------
    >>> found = spins_to_attention(6, 1.0, (1, 4), flipped=4, replicas=32, sweeps=200)
    >>> bool(abs(found.state_energy_z).max() < 4.0)
    True
    >>> found.second_moment_theory.values.round(4), round(found.second_moment_asymptotic.item(), 4)
    (array([1.    , 1.6407]), 2.0)
    """
    counts, used = _checked(size, beta, spins, replicas, sweeps), sequence(seed)
    integer("flipped", flipped, low=0)
    integer("burn_in", burn_in, low=0)
    integer("draws", draws, low=1)
    patterns = fair_patterns(PATTERNS, size, used).astype(np.float64)
    if len(np.unique(patterns, axis=0)) < PATTERNS:
        raise InputError(f"seed must give {PATTERNS} different patterns, got equal ones")
    setting = Setting(patterns, float(beta), flipped, replicas, sweeps, burn_in, draws, used)
    cells = [at(setting, n, counts[-1] + 1) for n in with_bar(counts, progress)]
    variables: Variables = {
        name: (("spins_per_unit", *_dims(name)), np.array([cell[name] for cell in cells]))
        for name in cells[0]
    }
    variables |= _limits(setting)
    variables |= _approach(setting, counts, variables)
    variables["site"] = ((), setting.site)
    variables["patterns"] = (("pattern", "unit"), patterns.astype(np.int8))
    coords = {
        "spins_per_unit": counts, "sampler": list(SAMPLERS), "quantity": list(QUANTITIES),
        "input": ("point", np.linspace(-END, END, POINTS)), "size": size, "beta": float(beta),
    }  # fmt: skip
    attrs = provenance(
        Exponential(math.sqrt(beta)), seed=record(used), size=size, beta=beta, spins=counts,
        flipped=flipped, replicas=replicas, sweeps=sweeps, burn_in=burn_in, draws=draws,
    )  # fmt: skip
    return dataset(variables, coords, attrs)


def _checked(size: int, beta: float, spins: Sequence[int], replicas: int, sweeps: int) -> list[int]:
    """Numbers of spins in a unit, ascending."""
    integer("size", size, low=4)
    positive("beta", beta, high=20.0)
    integer("replicas", replicas, low=4)
    integer("sweeps", sweeps, low=4)
    counts = [integer("spins", n, low=1) for n in spins]
    if not counts or sorted(set(counts)) != counts:
        raise InputError(f"spins must be ascending integers, at least one, got {list(spins)}")
    return counts


def _dims(name: str) -> tuple[str, ...]:
    """Dimensions of a variable beside the number of spins; theory knows of no sampler."""
    for suffix in ("_stderr", "_theory", "_z", "_rhat"):
        if name.endswith(suffix):
            dims = DIMS[name.removesuffix(suffix)]
            return tuple(d for d in dims if suffix != "_theory" or d != "sampler")
    return DIMS[name]


def _limits(setting: Setting) -> Variables:
    """What everything is with continuous states."""
    states, along = line(setting.patterns)
    exact = bridge_theory.limits(setting.patterns, setting.beta)
    output = attention.update(states, setting.patterns, setting.beta) @ along
    limits: Variables = {f"{name}_asymptotic": ((), value) for name, value in exact.items()}
    return limits | {"output_asymptotic": (("point",), output)}


def _approach(setting: Setting, counts: list[int], variables: Variables) -> Variables:
    """Distances from attention, and the power of the number of spins in them."""
    distance, stderr, theory = np.full((3, len(QUANTITIES), len(counts)), np.nan)
    for k, name in enumerate(bridge_theory.MEANS):
        limit = variables[f"{name}_asymptotic"][1]
        theory[k] = variables[f"{name}_theory"][1] - limit
        sign = np.sign(theory[k, -1])
        theory[k] *= sign
        distance[k] = sign * (variables[name][1][:, 1] - limit)
        stderr[k] = variables[f"{name}_stderr"][1][:, 1]
    # by how much the outputs are smaller than those of attention
    full = variables["output_asymptotic"][1]
    share = full / (full @ full)
    distance[3] = 1.0 - variables["output"][1] @ share
    stderr[3] = np.sqrt(variables["output_stderr"][1] ** 2 @ share**2)
    theory[3] = 1.0 - np.array([float(units.response(1.0, setting.beta, n)) for n in counts])
    distance[4] = theory[4] = variables["fixed_point_distance"][1]
    fits = [
        bridge_theory.power(np.array(counts), *pair) for pair in zip(distance, stderr, strict=True)
    ]
    slope, slope_stderr = np.transpose(fits)
    dims = ("quantity", "spins_per_unit")
    return {
        "limit_distance": (dims, distance), "limit_distance_stderr": (dims, stderr),
        "limit_distance_theory": (dims, theory), "slope": (dims[:1], slope),
        "slope_stderr": (dims[:1], slope_stderr),
    }  # fmt: skip
