"""Key-value memories side by side: error against load, theory against simulation."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hopfield.arguments import InputError, choice, integer, positive, real, require_memory
from hopfield.memories import KEYS, Rule, random_keys, random_values, retrieval_errors
from hopfield.seeds import Seed, sequence
from studies.losses import with_bar
from studies.memory_rules import MEMORIES, RETRIEVAL, RuleAt, rule_functions

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["LOADS", "associative_retrieval", "memory_curves"]

LOADS = (
    0.125, 0.1875, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1.0, 1.25, 1.5, 1.75, 2.0, 2.5, 3.0, 3.5,
    4.0,
)  # fmt: skip
MOST_NOISE = 1e12
"""Largest noise of queries."""
BATCH = 8
"""Draws that are simulated together."""
ROUNDING = 1e-12
"""Standard errors below this are those of rounding."""


@dataclass(frozen=True)
class _Trial:
    """What is drawn and read."""

    draws: int
    reads: int
    keys: str
    query_noise: float
    seed: np.random.SeedSequence
    one_hot: bool


def memory_curves(
    memories: Mapping[str, Rule | RuleAt] | None = None,
    load: Sequence[float] = LOADS,
    dimension: Sequence[int] = (64, 128),
    *,
    draws: int = 32,
    reads: int = 64,
    keys: str = "sphere",
    query_noise: float = 0.0,
    seed: Seed = 0,
    progress: bool = False,
) -> xr.Dataset:
    r"""Errors of key-value memories against their load, simulated and from theory.

    Values have d random signs. All memories get the same keys, so that errors of one memory at
    different loads are independent, those of different memories at one load are not.

    Parameters
    ----------
    memories : mapping of str to Rule or function, optional
        Rules of `hopfield.memories`, or functions of the numbers of pairs and of dimensions that
        return one; `studies.memory_rules.MEMORIES` unless given.
    load : sequence of float
        K/d > 0, ascending; K is the integer next to it, at least 1.
    dimension : sequence of int
        Components d of a key, ascending, at least 3.
    draws : int
        Sets of pairs at each point, at least 2.
    reads : int
        Pairs of each set that are read, chosen at random; all if there are fewer.
    keys : str
        "sphere" or "gaussian", as of `hopfield.memories.random_keys`.
    query_noise : float
        s in [0, 1e12]: queries are keys plus Gaussian noise of variance s²/d a component.
    seed : int, numpy.random.SeedSequence or None
    progress : bool
        Show a bar if the study takes over two seconds and the output is a terminal.

    Returns
    -------
    xarray.Dataset
        Variables error with its standard error over the draws, error_theory and error_z with the
        dimensions memory, load and dimension, validity and status of the theory as of
        `theory.memory_error`, and n_pairs; with two dimensions or more also
        error_extrapolated_z, in which corrections of order 1/d cancel between the largest two.
        Where all draws have the same error, as with one pair, and theory is not exact, deviations
        in standard errors are NaN.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range.

    Examples
    --------
    >>> from hopfield.memories import DeltaRule
    >>> found = memory_curves({"delta rule": DeltaRule()}, [0.5, 1.0], [32], draws=16)
    >>> bool((abs(found.error_z) < 4.0).all())
    True
    """
    chosen = rule_functions(MEMORIES if memories is None else memories)
    loads = _ascending("load", load, lambda value: positive("load", value, high=1e6))
    sizes = _ascending("dimension", dimension, lambda value: integer("dimension", value, low=3))
    trial = _trial(draws, reads, keys, query_noise, seed, one_hot=False)
    pairs = np.maximum(1, np.rint(np.multiply.outer(loads, sizes)).astype(int))
    shape = len(chosen), len(loads), len(sizes)
    points = [(int(k), d) for row in pairs for k, d in zip(row, sizes, strict=True)]
    cells = _cells(chosen, points, trial, progress)
    dims = ("memory", "load", "dimension")
    variables = _variables(cells, dims, shape)
    variables["n_pairs"] = (dims[1:], pairs)
    if len(sizes) > 1:
        variables["error_extrapolated_z"] = (dims[:2], _extrapolated(variables, sizes))
    coords = {"memory": list(chosen), "load": loads, "dimension": sizes}
    return _labelled(variables, coords, trial)


def associative_retrieval(
    memories: Mapping[str, Rule | RuleAt] | None = None,
    n_pairs: Sequence[int] = tuple(range(20, 601, 20)),
    *,
    dimension: int = 64,
    draws: int = 16,
    reads: int = 64,
    keys: str = "gaussian",
    seed: Seed = 0,
    progress: bool = False,
) -> xr.Dataset:
    r"""Synthetic associative retrieval: S unique keys, values that are unit vectors.

    The first setting of Schlag et al., a sum update with normalised features, but with random keys
    where theirs are learned: what is left to learning is the difference to least squares, which
    is what the number of features allows. The error is twice their loss.

    Parameters
    ----------
    memories : mapping of str to Rule or function, optional
        As of `memory_curves`; `studies.memory_rules.RETRIEVAL` unless given.
    n_pairs : sequence of int
        S, ascending.
    dimension : int
        d of the keys, at least 3.
    draws, reads, keys, seed, progress
        As of `memory_curves`.

    Returns
    -------
    xarray.Dataset
        As of `memory_curves`, with the dimensions memory and n_pairs.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range.

    References
    ----------
    I. Schlag, K. Irie and J. Schmidhuber, ICML 2021, arXiv:2102.11174, section 6.1.

    Examples
    --------
    >>> from hopfield.memories import DPFP, LinearAttention
    >>> rule = LinearAttention(DPFP(1), normalised=True)
    >>> associative_retrieval({"DPFP-1": rule}, [20, 200], draws=4).error.values.round(1)
    array([[0.5, 0.9]])
    """
    chosen = rule_functions(RETRIEVAL if memories is None else memories)
    counts = _ascending("n_pairs", n_pairs, lambda value: integer("n_pairs", value, low=1))
    d = integer("dimension", dimension, low=3)
    trial = _trial(draws, reads, keys, 0.0, seed, one_hot=True)
    cells = _cells(chosen, [(k, d) for k in counts], trial, progress)
    variables = _variables(cells, ("memory", "n_pairs"), (len(chosen), len(counts)))
    return _labelled(variables, {"memory": list(chosen), "n_pairs": counts, "dimension": d}, trial)


def _cells(
    chosen: dict[str, RuleAt], points: list[tuple[int, int]], trial: _Trial, progress: bool
) -> list[dict[str, Any]]:
    """Simulation and theory of all memories at all points, if all of them can be had."""
    for n, d in points:
        width, read = n if trial.one_hot else d, min(trial.reads, n)
        room = 16 * BATCH * (n + read) * (d + width) + 8 * trial.draws
        require_memory("simulated memories", room)
    rules = [(name, at(*point), *point) for name, at in chosen.items() for point in points]
    for name, rule, *_ in rules:
        if not hasattr(rule, "write"):
            raise InputError(f"memory {name!r} must be a rule or a function, got {rule!r}")
    return [_cell(rule, n, d, trial) for _, rule, n, d in with_bar(rules, progress)]


def _cell(rule: Rule, n_pairs: int, dimension: int, trial: _Trial) -> dict[str, Any]:
    """Simulation and theory of one memory at one point."""
    import theory

    found = theory.memory_error(
        rule, n_pairs, dimension, keys=trial.keys, query_noise=trial.query_noise
    )
    sample = _simulated(rule, n_pairs, dimension, trial)
    return {
        "error": sample.mean(),
        "error_stderr": sample.std(ddof=1) / math.sqrt(len(sample)),
        "error_theory": found.error.item(),
        "validity": found.validity.item(),
        "status": found.status.item(),
    }


def _spreads(variables: dict[str, tuple[tuple[str, ...], Any]]) -> NDArray[np.float64]:
    """Standard errors; where they are rounding, that if theory is exact, and otherwise NaN."""
    stderr, validity = (variables[name][1] for name in ("error_stderr", "validity"))
    without = np.where(validity == "exact", ROUNDING, np.nan)
    return np.where(stderr > ROUNDING, stderr, without)


def _missing(simulated: Any, predicted: Any) -> Any:
    """Simulation minus theory, where that is a finite number."""
    return simulated - np.where(np.isfinite(predicted), predicted, np.nan)


def _simulated(rule: Rule, n_pairs: int, dimension: int, trial: _Trial) -> NDArray[np.float64]:
    """Mean errors of some of the pairs, in every draw."""
    means: list[float] = []
    for first in range(0, trial.draws, BATCH):
        count = min(BATCH, trial.draws - first)
        drawn = [
            _drawn(n_pairs, dimension, sequence(trial.seed, dimension, n_pairs, draw), trial)
            for draw in range(first, first + count)
        ]
        keys, values, queries, targets = (np.stack(each) for each in zip(*drawn, strict=True))
        found = rule.write(keys, values).read(queries)
        means.extend(retrieval_errors(found, targets).mean(axis=-1))
    return np.array(means)


def _drawn(
    n_pairs: int, dimension: int, seed: np.random.SeedSequence, trial: _Trial
) -> tuple[NDArray[np.float64], ...]:
    """Keys, values, and queries with the values that they ask for."""
    keys = random_keys(n_pairs, dimension, keys=trial.keys, seed=seed)
    values = np.eye(n_pairs) if trial.one_hot else random_values(n_pairs, dimension, seed=seed)
    rng = np.random.Generator(np.random.Philox(sequence(seed, 0)))
    read = rng.permutation(n_pairs)[: trial.reads]
    noise = rng.standard_normal((len(read), dimension)) / math.sqrt(dimension)
    return keys, values, keys[read] + trial.query_noise * noise, values[read]


def _extrapolated(
    variables: dict[str, tuple[tuple[str, ...], Any]], sizes: Sequence[int]
) -> NDArray[np.float64]:
    """Deviations from theory extrapolated in 1/d from the largest two sizes."""
    error, predicted = (variables[name][1][..., -2:] for name in ("error", "error_theory"))
    weights = np.array([-sizes[-2], sizes[-1]]) / (sizes[-1] - sizes[-2])
    spread = np.sqrt((_spreads(variables)[..., -2:] ** 2 * weights**2).sum(axis=-1))
    return np.asarray((_missing(error, predicted) * weights).sum(axis=-1) / spread)


def _variables(
    cells: list[dict[str, Any]], dims: tuple[str, ...], shape: tuple[int, ...]
) -> dict[str, tuple[tuple[str, ...], Any]]:
    variables: dict[str, tuple[tuple[str, ...], Any]] = {
        name: (dims, np.array([cell[name] for cell in cells]).reshape(shape)) for name in cells[0]
    }
    missing = _missing(variables["error"][1], variables["error_theory"][1])
    return variables | {"error_z": (dims, missing / _spreads(variables))}


def _labelled(variables: Any, coords: dict[str, Any], trial: _Trial) -> xr.Dataset:
    from hopfield.results import dataset, provenance
    from hopfield.seeds import record

    attrs = provenance(trial, seed=record(trial.seed), memories=list(coords["memory"]))
    return dataset(variables, coords, attrs)


def _ascending(name: str, values: Sequence[Any], checked: Callable[[Any], Any]) -> list[Any]:
    if not isinstance(values, Iterable):
        raise InputError(f"{name} must be ascending numbers, got {values!r}")
    found = [checked(value) for value in values]
    if not found or sorted(set(found)) != found:
        raise InputError(f"{name} must be ascending numbers, got {list(values)}")
    return found


def _trial(
    draws: int, reads: int, keys: str, query_noise: float, seed: Seed, *, one_hot: bool
) -> _Trial:
    return _Trial(
        integer("draws", draws, low=2), integer("reads", reads, low=1), choice("keys", keys, KEYS),
        real("query_noise", query_noise, high=MOST_NOISE), sequence(seed), one_hot,
    )  # fmt: skip
