r"""What a network without a teacher retrieves besides archetypes: single examples.

Of one archetype ξ, whose M examples η have the weight :math:`1/(M R)` each,
:math:`R = r^2 + (1-r^2)/M`, let the overlap with the first example be :math:`n_1` and with every
other one :math:`n_r`, both over 1 - d. Without load

.. math:: n_1 = E[\eta^1 t], \quad n_r = E[\eta^a t], \qquad
    t = \tanh\Bigl[\frac{1-d}{M R\, T} \Bigl(n_1\eta^1 + n_r \sum_{a>1} \eta^a\Bigr)\Bigr] .

With :math:`n_1 = n_r` this is the state that a network with a teacher has as well. Another one
starts as the example itself, :math:`n_1 = 1` and :math:`n_r = r^2`, if it is an attractor.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike
from scipy.stats import binom

from hopfield.arguments import InputError, nonnegative_values, positive, real
from hopfield.learning import Unsupervised
from hopfield.results import dataset, provenance
from theory.saddle import Array

__all__ = ["ExampleState", "example_state", "example_threshold"]

SMALLEST_WEIGHT = 1e-18
SMALLEST_CHANGE = 1e-12
MOST_ITERATIONS = 100_000
MOST_EXAMPLES = 2**22
ROUNDING = 1e-12


@dataclass(frozen=True)
class ExampleState:
    """Where spins go from an example.

    Parameters
    ----------
    own, other : float
        Overlaps with this and with every other example of the archetype, over 1 - d.
    overlap : float
        With the archetype, over 1 - d.
    start : float
        Difference of the two at the start, :math:`1 - r^2`.
    """

    own: float
    other: float
    overlap: float
    start: float

    @property
    def attracted(self) -> bool:
        """Whether they stay: at least half of the difference is left."""
        return self.own - self.other > self.start / 2.0


def example_state(
    quality: float, examples: int, temperature: float, contrast: float = 1.0
) -> ExampleState:
    r"""Fixed point of the overlaps that iteration leads to from an example.

    Parameters
    ----------
    quality, examples : float and int
        r and M, at least 2.
    temperature : float
        T/(1-d).
    contrast : float
        What differences between overlaps weigh in the field, over what their mean does; 1 in that
        of the energy. In that of the loss of a linear autoencoder it is
        :math:`(2 - (1-d)\frac\rho{1+\rho})/(1+d)`, at zero temperature.

    Returns
    -------
    ExampleState

    Examples
    --------
    >>> few, many = example_state(0.2, 25, 0.0), example_state(0.2, 101, 0.0)
    >>> few.attracted, round(few.overlap, 2), many.attracted, round(many.overlap, 2)
    (True, 0.2, False, 0.96)
    """
    m, r = examples, quality
    others = 2.0 * np.arange(m) - (m - 1)
    weight = binom.pmf(np.arange(m), m - 1, (1.0 + r) / 2.0)
    kept = weight > SMALLEST_WEIGHT
    others, weight = others[kept], weight[kept]
    unit = 1.0 / (1.0 + (m - 1) * r**2)
    sign = np.array([1.0, -1.0])[:, None]  # of this example
    probability = (1.0 + sign * r) / 2.0 * weight
    own, other = 1.0, r**2
    for _ in range(MOST_ITERATIONS):
        mean = (own + (m - 1) * other) / m
        pull, rest = (mean + contrast * (each - mean) for each in (own, other))
        t = _aligned(unit * (pull * sign + rest * others), temperature)
        before = own, other
        own = float((probability * sign * t).sum())
        other = float((probability * others * t).sum()) / (m - 1)
        if abs(own - before[0]) + abs(other - before[1]) < SMALLEST_CHANGE:
            break
    return ExampleState(own, other, float((probability * t).sum()), 1.0 - r**2)


def _aligned(field: Array, temperature: float) -> Array:
    """Mean spins; none where there is no field but what rounding leaves."""
    if temperature == 0.0:
        return np.where(np.abs(field) < ROUNDING, 0.0, np.sign(field))
    return np.asarray(np.tanh(field / temperature))


def example_threshold(
    model: Any, *, quality: ArrayLike | None = None, temperature: float = 0.0
) -> xr.Dataset:
    r"""Largest number of examples of which each is an attractor of a network without a teacher.

    Without load and with one archetype. A network with a teacher has no such attractors. At T = 0
    they are there up to :math:`M \sim r^{-3}`, where the fields of all others begin to outweigh
    that of an example, far beyond the :math:`M = r^{-2} - 1` from which on archetypes are
    retrieved. At T > 0, with :math:`\tau = T/(1-d)`, the limit of small r is

    .. math:: M r^2 \to \frac{\sqrt{1-\tau}}{\tau \operatorname{artanh} \sqrt{1-\tau}} - 1 ,

    from where on the state of an example alone is unstable against all others together.

    Parameters
    ----------
    model : hopfield.Unsupervised
        With p = 2. Its number of examples does not matter.
    quality : float or 1-D array, optional
        r in (0, 1), that of the model unless given; an array becomes a dimension.
    temperature : float
        T >= 0.

    Returns
    -------
    xarray.Dataset
        examples, an integer; dataset_entropy; overlap with the archetype in these attractors; and
        status, "absent" and no number if already two examples are none.

    Raises
    ------
    hopfield.InputError
        If there is no theory for the model, an argument is out of range, or more than 2²²
        examples are attractors.

    Examples
    --------
    >>> import hopfield, theory
    >>> model = hopfield.Unsupervised(2, 0.2, 1, dilution=0.3)
    >>> [theory.example_threshold(model, temperature=t).examples.item() for t in (0.0, 0.07)]
    [44.0, 32.0]
    """
    if not isinstance(model, Unsupervised) or model.p != 2:
        raise InputError(f"model must be hopfield.Unsupervised with p = 2, got {model!r}")
    qualities = nonnegative_values("quality", model.quality if quality is None else quality)
    for value in qualities.ravel():
        if positive("quality", float(value), high=1.0) == 1.0:
            raise InputError("quality must be below 1, where all examples are one")
    warmth = real("temperature", temperature) / (1.0 - model.dilution)
    found = [_last(float(r), warmth) for r in qualities.ravel()]
    dims = ("quality",) * qualities.ndim
    examples = np.array([m for m, _ in found]).reshape(qualities.shape)
    overlap = (1.0 - model.dilution) * np.array([m for _, m in found]).reshape(qualities.shape)
    variables = {
        "examples": (dims, examples),
        "dataset_entropy": (dims, (qualities**-2 - 1.0) / examples),
        "overlap": (dims, overlap),
        "status": (dims, np.where(np.isnan(examples), "absent", "converged")),
    }
    coords = {"quality": qualities, "temperature": temperature}
    return dataset(variables, coords, provenance(model))


def _last(quality: float, temperature: float) -> tuple[float, float]:
    """Largest number of examples that are attractors, and their overlap with the archetype."""
    few, many = 2, 4
    state = example_state(quality, few, temperature)
    if not state.attracted:
        return math.nan, math.nan
    while (ahead := example_state(quality, many, temperature)).attracted:
        few, many, state = many, 2 * many, ahead
        if many > MOST_EXAMPLES:
            raise InputError(
                f"quality must be larger: more than {MOST_EXAMPLES} examples of quality "
                f"{quality:g} are attractors at temperature {temperature:g}"
            )
    while many - few > 1:
        middle = (few + many) // 2
        between = example_state(quality, middle, temperature)
        if between.attracted:
            few, state = middle, between
        else:
            many = middle
    return float(few), state.overlap
