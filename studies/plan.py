"""What a comparison is made of, checked before any work."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from hopfield import Dense, Exponential, InputError
from hopfield.arguments import choice, integer, nonnegative_values, real, require_memory
from hopfield.models import Model
from hopfield.seeds import Seed, record, sequence

__all__ = [
    "DEMO_LOADS",
    "DEMO_TEMPERATURES",
    "Plan",
    "check_degree",
    "default_points",
    "default_sizes",
    "make_plan",
]

DEMO_LOADS = (
    0.02, 0.02, 0.02, 0.05, 0.05, 0.05, 0.08, 0.08, 0.1, 0.1,
    0.02, 0.05, 0.1, 0.15, 0.05, 0.15,
)  # fmt: skip
DEMO_TEMPERATURES = (
    0.2, 0.4, 0.6, 0.1, 0.3, 0.45, 0.15, 0.3, 0.1, 0.2,
    1.4, 1.5, 1.6, 1.6, 1.1, 1.2,
)  # fmt: skip
"""Points in all phases: what is compared if nothing else is asked for."""

FRACTIONS = ((0.1, 0.3), (0.25, 0.3), (0.1, 0.5), (0.15, 0.5), (0.1, 0.4))
"""Loads as fractions of the capacity at temperatures that are fractions of T_M at load zero."""

EXPONENTIAL_FRACTIONS = ((0.1, 0.3), (0.15, 0.6), (0.2, 0.4), (0.1, 0.9), (0.15, 0.8))
"""Of exponential networks loads as fractions of that at T = 0, and temperatures as they are."""

DISORDERED = 1.4
"""Temperature of the point without order, over T_M at load zero."""

MOST_PATTERNS, LARGEST_SIZE = 20_000, 320
"""Of the networks that a comparison makes by default if p > 2."""

EXPONENTIAL_PATTERNS = 5_000
"""Of exponential networks; valleys are so far apart only at small loads that none is left."""

USEFUL_SIZE = 120
"""Networks of many bodies that are much smaller lose their patterns."""

GIBBS_DYNAMICS = ("glauber", "metropolis")
"""Parallel dynamics has a stationary measure of its own, which the theory is not about."""


@dataclass(frozen=True)
class Plan:
    """Everything that determines the numbers of a comparison.

    Parameters
    ----------
    model : Dense or another model
    loads, temperatures : tuples of float
        One entry for each point.
    sizes : tuple of int
    disorder, replicas, sweeps, burn_in : int
    start : str or float
    dynamics : str
    seed : numpy.random.SeedSequence
    """

    model: Model
    loads: tuple[float, ...]
    temperatures: tuple[float, ...]
    sizes: tuple[int, ...]
    disorder: int
    replicas: int
    sweeps: int
    burn_in: int
    start: str | float
    dynamics: str
    seed: np.random.SeedSequence

    def described(self) -> dict[str, object]:
        """The plan as it is written into files."""
        plain = {name: value for name, value in vars(self).items() if name not in ("model", "seed")}
        return plain | {"model": repr(self.model), "seed": record(self.seed)}

    @property
    def phases(self) -> tuple[str, ...]:
        """Phases a run can end up in, the first that exists is the one."""
        exponential = isinstance(self.model, Exponential)
        everything = ("retrieval", "condensed" if exponential else "glass", "paramagnet")
        return everything[1:] if self.start in ("random", 0.0) else everything

    def tasks(self) -> Iterator[tuple[int, int, int]]:
        """(point, size, sample of the disorder), small sizes first so that a table fills evenly."""
        for size in range(len(self.sizes)):
            for sample in range(self.disorder):
                for point in range(len(self.loads)):
                    yield point, size, sample


def default_points(model: Model) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Loads and temperatures of points in the phases of a model: what is compared by default.

    For the Hopfield model a fixed set; for others fractions of the capacity, less of it where
    networks that keep their patterns would have too many of them, and one point without order.

    Examples
    --------
    >>> import hopfield
    >>> loads, temperatures = default_points(hopfield.Dense(3))
    >>> len(loads) == len(temperatures)
    True
    """
    if isinstance(model, Exponential):
        return _exponential_points(model)
    if model.p == 2 and isinstance(model, Dense):
        return DEMO_LOADS, DEMO_TEMPERATURES
    import theory

    spinodal = theory.phase_diagram(model, points=2).sel(line="spinodal")
    hottest = float(spinodal.temperature.max())
    temperatures = hottest * np.array([temperature for _, temperature in FRACTIONS])
    loads = theory.capacity(model, temperatures)["load"].values * [load for load, _ in FRACTIONS]
    if model.p > 2:
        loads *= min(1.0, MOST_PATTERNS / USEFUL_SIZE ** (model.p - 1) / loads.max())
    pairs = [*zip(loads, temperatures, strict=True), (loads.max(), DISORDERED * hottest)]
    rounded = [(float(f"{load:.2g}"), round(float(t), 2)) for load, t in pairs]
    return tuple(load for load, _ in rounded), tuple(t for _, t in rounded)


def _exponential_points(model: Exponential) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Points in valleys that are far apart, and one where all are gone, see `FRACTIONS`."""
    import theory
    from theory.exponential.rates import BINARY

    end = float(theory.capacity(model)["load"])
    pairs = [(load * end, temperature) for load, temperature in EXPONENTIAL_FRACTIONS]
    largest = max(load for load, _ in pairs)
    pairs.append((largest, DISORDERED / float(BINARY.extreme_field(largest))))
    return tuple(float(f"{load:.2g}") for load, _ in pairs), tuple(round(t, 2) for _, t in pairs)


def default_sizes(model: Model, load: float) -> tuple[int, ...]:
    """Numbers of spins at which a comparison is quick and the corrections in 1/N are small.

    Examples
    --------
    >>> import hopfield
    >>> default_sizes(hopfield.Dense(2), 0.1), default_sizes(hopfield.Dense(4), 0.01)
    ((2000, 4000), (75, 87, 100, 125))
    """
    if isinstance(model, Exponential):
        return (min(LARGEST_SIZE, max(2, int(math.log(EXPONENTIAL_PATTERNS) / max(load, 1e-300)))),)
    if model.p == 2:
        return 2000, 4000
    fits = (MOST_PATTERNS / max(load, 1e-300)) ** (1.0 / (model.p - 1))
    largest = min(int(fits), LARGEST_SIZE)
    return tuple(largest * part // 10 for part in (6, 7, 8, 10))


def make_plan(
    model: Model, load: ArrayLike, temperature: ArrayLike, size: ArrayLike | None, disorder: int,
    replicas: int, sweeps: int, burn_in: int, start: str | float, dynamics: str, seed: Seed,
) -> Plan:  # fmt: skip
    """Check everything before any work."""
    from montecarlo.threads import processors

    loads = np.atleast_1d(nonnegative_values("load", load))
    temperatures = np.atleast_1d(nonnegative_values("temperature", temperature))
    if loads.shape != temperatures.shape:
        raise InputError(
            f"load and temperature must have equal length, got {loads.size} and {temperatures.size}"
        )
    if not isinstance(model, Model):
        raise InputError(f"model must be one of hopfield, got {model!r}")
    chosen = default_sizes(model, float(loads.max())) if size is None else size
    given = np.atleast_1d(np.asarray(chosen)).tolist()
    sizes = tuple(integer("size", n, low=2) for n in given)
    if not sizes or len(set(sizes)) < len(sizes):
        raise InputError(f"size must be one or more different integers, got {given}")
    disorder = integer("disorder", disorder, low=2)
    replicas = integer("replicas", replicas, low=2)
    sweeps = integer("sweeps", sweeps, low=4)
    burn_in = integer("burn_in", burn_in, low=0)
    choice("dynamics", dynamics, GIBBS_DYNAMICS)
    start = _checked_start(start)
    # What a kernel reads is another copy of the patterns.
    counts = [(model.patterns_at(a, n), n) for a in loads.tolist() for n in sizes]
    needed = [2 * model.bytes_needed(*count) for count in counts]
    require_memory("the patterns", max(needed) * processors())
    return Plan(
        model, tuple(loads.tolist()), tuple(temperatures.tolist()), tuple(sorted(sizes)),
        disorder, replicas, sweeps, burn_in, start, dynamics, sequence(seed),
    )  # fmt: skip


def _checked_start(start: object) -> str | float:
    if isinstance(start, str) and start in ("pattern", "random"):
        return start
    try:
        return real("start", start, high=1.0)
    except InputError:
        allowed = "'pattern', 'random' or an overlap in [0, 1]"
        raise InputError(f"start must be {allowed}, got {start!r}") from None


def check_degree(plan: Plan, degree: int | None) -> int:
    """Degree of the polynomial in 1/N, 0 if there is a single size.

    Raises
    ------
    InputError
        If the sizes are too few for it.
    """
    most = len(plan.sizes) - 1
    if degree is None:
        pairs = isinstance(plan.model, Exponential) or plan.model.p == 2
        return min(most, 1 if pairs else 2)
    return integer("degree", degree, low=min(most, 1), high=most)
