"""What a comparison is made of, checked before any work."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from hopfield import Dense, InputError
from hopfield.arguments import choice, integer, nonnegative_values, real, require_memory
from hopfield.seeds import Seed, record, sequence

__all__ = ["DEMO_LOADS", "DEMO_TEMPERATURES", "Plan", "check_backend", "make_plan"]

DEMO_LOADS = (
    0.02, 0.02, 0.02, 0.05, 0.05, 0.05, 0.08, 0.08, 0.1, 0.1,
    0.02, 0.05, 0.1, 0.15, 0.05, 0.15,
)  # fmt: skip
DEMO_TEMPERATURES = (
    0.2, 0.4, 0.6, 0.1, 0.3, 0.45, 0.15, 0.3, 0.1, 0.2,
    1.4, 1.5, 1.6, 1.6, 1.1, 1.2,
)  # fmt: skip
"""Points in all phases: what is compared if nothing else is asked for."""

GIBBS_DYNAMICS = ("glauber", "metropolis")
"""Parallel dynamics has a stationary measure of its own, which the theory is not about."""


@dataclass(frozen=True)
class Plan:
    """Everything that determines the numbers of a comparison.

    Parameters
    ----------
    model : Dense
    loads, temperatures : tuples of float
        One entry for each point.
    sizes : tuple of int
    disorder, replicas, sweeps, burn_in : int
    start : str or float
    dynamics : str
    seed : numpy.random.SeedSequence
    """

    model: Dense
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
        everything = ("retrieval", "glass", "paramagnet")
        return everything[1:] if self.start in ("random", 0.0) else everything

    def tasks(self) -> Iterator[tuple[int, int, int]]:
        """(point, size, sample of the disorder), small sizes first so that a table fills evenly."""
        for size in range(len(self.sizes)):
            for sample in range(self.disorder):
                for point in range(len(self.loads)):
                    yield point, size, sample


def make_plan(
    model: Dense, load: ArrayLike, temperature: ArrayLike, size: ArrayLike, disorder: int,
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
    given = np.atleast_1d(np.asarray(size)).tolist()
    sizes = tuple(integer("size", n, low=2) for n in given)
    if not sizes or len(set(sizes)) < len(sizes):
        raise InputError(f"size must be one or more different integers, got {given}")
    disorder = integer("disorder", disorder, low=2)
    replicas = integer("replicas", replicas, low=2)
    sweeps = integer("sweeps", sweeps, low=4)
    burn_in = integer("burn_in", burn_in, low=0)
    choice("dynamics", dynamics, GIBBS_DYNAMICS)
    start = _checked_start(start)
    if not isinstance(model, Dense) or model.p != 2:
        raise InputError(f"compare needs a model with p = 2, got {model!r}")
    largest = max(model.patterns_at(float(loads.max()), n) * n for n in sizes)
    require_memory("the patterns", 3 * largest * processors())
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


def check_backend(backend: str) -> None:
    """Refuse a backend that is unknown or not there.

    Raises
    ------
    InputError
        If it is neither "auto" nor "cpu".

    Examples
    --------
    >>> check_backend("cpu")
    """
    choice("backend", backend, ("auto", "cpu", "gpu"))
    if backend == "gpu":
        raise InputError("backend must be 'cpu' or 'auto': there is no GPU sampler in this version")
