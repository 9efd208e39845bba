r"""Diffusion models that have learned their examples exactly, as attention that is integrated.

Examples a diffuse to :math:`x_t = e^{-t} a + \sqrt{1 - e^{-2t}}\, z`. Run backward with the score
of the examples themselves,

.. math:: \nabla \log p_t(x) = \frac{e^{-t} f(x) - x}{1 - e^{-2t}} ,

f the update of attention, everything becomes an example. In the variables
:math:`\tau = 1/(e^{2t} - 1)`, the signal-to-noise ratio, and :math:`y = e^{t} \tau x` backward
diffusion is

.. math:: dy = f(y)\, d\tau + dW , \qquad y_0 = 0 , \qquad
    f(y) = \sum_\mu a^\mu \operatorname{softmax}_\mu (a \cdot y)

for examples of equal norms: it integrates attention.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from hopfield import InputError, attention
from hopfield.arguments import integer, positive, require_memory
from hopfield.results import dataset, provenance
from hopfield.seeds import Seed, Stream, record, sequence
from studies.diffusion_theory import closest_probability, collapse_time, crossing
from studies.losses import estimate, with_bar

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["backward", "diffusion_collapse", "spherical_examples"]

Floats = NDArray[np.float64]

LEAST_DATA_SETS = 2

LARGEST_LOG = 700.0
"""Logarithm of a number of examples above which it is not told apart."""

LAST_RATIO = 6.0
"""Last signal-to-noise ratio, over that of the collapse."""

MEASURED = ("largest_weight", "kept_weight")


def diffusion_collapse(
    load: Sequence[float] = (0.12, 0.18, 0.25),
    size: Sequence[int] = (16, 24, 32),
    *,
    disorder: int = 24,
    trajectories: int = 32,
    steps: int = 60,
    seed: Seed = 0,
    progress: bool = False,
) -> xr.Dataset:
    r"""When backward diffusion decides for one of its examples.

    Examples are uniform on the sphere of squared norm N. Backward trajectories with their exact
    score are followed from noise, in steps of Heun's method in the signal-to-noise ratio, and the
    weights of the examples are measured.

    Parameters
    ----------
    load : sequence of float
        α, in (0, 2]: there are :math:`n = e^{\alpha N}` examples, rounded.
    size : sequence of int
        Numbers N of components, at least 4.
    disorder : int
        Data sets of each kind, at least 2.
    trajectories : int
        For each of them.
    steps : int
        Steps of a trajectory, at least 10; times are measured after each. At 60 their length
        puts weights off by less than 0.01.
    seed : int, numpy.random.SeedSequence or None
    progress : bool
        Show a bar if the study takes over two seconds and the output is a terminal.

    Returns
    -------
    xarray.Dataset
        Along dims load, size and point, which runs through `time` backward: `largest_weight` of an
        example, and `kept_weight`, the last weight of the example that has it; weights are
        martingales, so both have one mean. `collapse_time`, where the largest weight is 1/2, NaN
        if that is before the first step. Each with `_stderr` over data sets, `_theory` at the same
        size, and `_z`; `collapse_time_asymptotic` is that of
        `studies.diffusion_theory.collapse_time`.

    Raises
    ------
    InputError
        If an argument is out of range, or weights do not fit into memory.

    References
    ----------
    G. Biroli, T. Bonnaire, V. de Bortoli and M. Mézard, Nat. Commun. 15, 9957 (2024),
    arXiv:2402.18491; A. Montanari, arXiv:2305.10690 (the variables τ and y).

    Examples
    --------
    >>> result = diffusion_collapse([0.3], [12], disorder=4, trajectories=8)
    >>> bool((abs(result.collapse_time_z) < 4.0).all())
    True
    """
    loads, sizes = _checked(load, size)
    integer("disorder", disorder, low=LEAST_DATA_SETS)
    integer("trajectories", trajectories, low=1)
    integer("steps", steps, low=10)
    counts = np.rint(np.exp(np.minimum(np.outer(loads, sizes), LARGEST_LOG)))
    require_memory("the weights", int(8 * counts.max() * (3 * trajectories + max(sizes))))
    require_memory("the results", 24 * disorder * len(loads) * len(sizes) * steps)
    used = sequence(seed)
    ratios = [
        LAST_RATIO * np.expm1(2.0 * alpha) * np.arange(1, steps + 1) / steps for alpha in loads
    ]
    cells = [
        (a, b, s) for a in range(len(loads)) for b in range(len(sizes)) for s in range(disorder)
    ]
    found = np.empty((disorder, len(MEASURED), len(loads), len(sizes), steps))
    for a, b, sample in with_bar(cells, progress):
        n = int(counts[a, b])
        own = sequence(used, Stream.DISORDER, sample, sizes[b], n)
        examples = spherical_examples(n, sizes[b], own)
        largest, closest, last = backward(examples, ratios[a], trajectories, own)
        kept = np.take_along_axis(last, closest.T, axis=1).T
        found[sample, :, a, b] = largest.mean(axis=1), kept.mean(axis=1)
    times = 0.5 * np.log1p(1.0 / np.array(ratios))
    coords = {
        "load": loads, "size": sizes, "point": np.arange(steps),
        "n_patterns": (("load", "size"), counts.astype(np.int64)),
        "time": (("load", "point"), times),
    }  # fmt: skip
    from theory.exponential.rates import SPHERICAL

    attrs = provenance(
        SPHERICAL, seed=record(used), load=loads, size=sizes, disorder=disorder,
        trajectories=trajectories, steps=steps,
    )  # fmt: skip
    return dataset(_compared(found, counts, loads, sizes, times), coords, attrs)


def _checked(load: Sequence[float], size: Sequence[int]) -> tuple[list[float], list[int]]:
    """Loads and sizes of which there is at least one, each once."""
    for name, given in (("load", load), ("size", size)):
        if not isinstance(given, Iterable):
            raise InputError(f"{name} must be different numbers, at least one, got {given!r}")
    loads = [positive("load", alpha, high=2.0) for alpha in load]
    sizes = [integer("size", n, low=4) for n in size]
    for name, values in (("load", loads), ("size", sizes)):
        if not values or len(set(values)) < len(values):
            raise InputError(f"{name} must be different numbers, at least one, got {values}")
    few = min(loads) * min(sizes)
    if few < np.log(2.5):
        raise InputError(f"load times size must leave three examples, log 3 or so, got {few:g}")
    return loads, sizes


def spherical_examples(n_patterns: int, size: int, seed: Seed) -> Floats:
    """Independent examples, uniform on the sphere of squared norm N.

    Parameters
    ----------
    n_patterns, size : int
        At least 1.
    seed : int, numpy.random.SeedSequence or None

    Returns
    -------
    array, shape (n, N)

    Raises
    ------
    InputError
        If an argument is out of range.

    Examples
    --------
    >>> (spherical_examples(3, 5, 0) ** 2).sum(axis=1).round(12)
    array([5., 5., 5.])
    """
    shape = integer("n_patterns", n_patterns, low=1), integer("size", size, low=1)
    draw = np.random.Generator(np.random.Philox(sequence(seed, Stream.PATTERNS)))
    directions = draw.standard_normal(shape)
    norms = np.sqrt((directions**2).sum(axis=1, keepdims=True) / size)
    return np.asarray(directions / norms)


def backward(
    examples: Floats, ratios: Floats, trajectories: int, seed: Seed
) -> tuple[Floats, NDArray[np.int64], Floats]:
    """Weights of examples along backward diffusion with their exact score.

    A step of Heun's method, whose error in averages is of second order as noise is additive.

    Parameters
    ----------
    examples : array, shape (n, N)
        Of equal norms.
    ratios : array, shape (point,)
        Ascending signal-to-noise ratios τ, from the first step on.
    trajectories : int
    seed : int, numpy.random.SeedSequence or None

    Returns
    -------
    largest, closest : arrays, shape (point, trajectory)
        Largest weight, and the example that has it.
    last : array, shape (trajectory, n)
        All weights at the end.

    Raises
    ------
    InputError
        If norms differ, or ratios do not ascend from above 0.

    Examples
    --------
    >>> largest, closest, last = backward(np.array([[2.0], [-2.0]]), np.arange(1.0, 9.0), 3, 0)
    >>> bool((last.argmax(axis=1) == closest[-1]).all()), bool(largest[-1].min() > 0.99)
    (True, True)
    """
    squares = (examples**2).sum(axis=1)
    if np.ptp(squares) > 1e-9 * squares.max():
        raise InputError(f"examples must have equal norms, got {np.sqrt(squares)}")
    if not (np.diff(ratios, prepend=0.0) > 0.0).all():
        raise InputError(f"ratios must ascend from above 0, got {ratios}")
    draw = np.random.Generator(np.random.Philox(sequence(seed, Stream.ACCEPTANCE)))
    y = np.zeros((trajectories, examples.shape[1]))
    weights = attention.weights(y, examples, 1.0)
    largest = np.empty((len(ratios), trajectories))
    closest = np.empty((len(ratios), trajectories), dtype=np.int64)
    for k, step in enumerate(np.diff(ratios, prepend=0.0)):
        drift = weights @ examples
        noise = np.sqrt(step) * draw.standard_normal(y.shape)
        ahead = attention.update(y + step * drift + noise, examples, 1.0)
        y = y + step * (drift + ahead) / 2.0 + noise
        weights = attention.weights(y, examples, 1.0)
        largest[k], closest[k] = weights.max(axis=1), weights.argmax(axis=1)
    return largest, closest, weights


def _compared(
    found: Floats, counts: Floats, loads: list[float], sizes: list[int], times: Floats
) -> dict[str, tuple[tuple[str, ...], Any]]:
    """Means over data sets beside theory."""
    from montecarlo.statistics import jackknife

    dims = ("load", "size", "point")
    exact = np.array([
        [closest_probability(n, size, t) for n, size in zip(row, sizes, strict=True)]
        for row, t in zip(counts, times, strict=True)
    ])  # fmt: skip
    variables: dict[str, tuple[tuple[str, ...], Any]] = {}
    for name, samples in zip(MEASURED, np.moveaxis(found, 1, 0), strict=True):
        variables |= estimate(name, dims, samples) | {f"{name}_theory": (dims, exact)}

    def crossings(samples: Floats, axis: int = 0) -> Floats:
        means = samples.mean(axis=axis)
        return np.array([crossing(t, row) for t, row in zip(times, means, strict=True)])

    half, error = jackknife(found[:, 0], crossings)
    expected = np.array([crossing(t, row) for t, row in zip(times, exact, strict=True)])
    variables |= {
        "collapse_time": (dims[:2], half),
        "collapse_time_stderr": (dims[:2], error),
        "collapse_time_theory": (dims[:2], expected),
        "collapse_time_asymptotic": (dims[:1], collapse_time(loads)),
    }
    for name in (*MEASURED, "collapse_time"):
        value, off, theory = (variables[f"{name}{end}"][1] for end in ("", "_stderr", "_theory"))
        z = np.divide(value - theory, off, out=np.full_like(off, np.nan), where=off > 0.0)
        variables[f"{name}_z"] = (variables[name][0], z)
    return variables
