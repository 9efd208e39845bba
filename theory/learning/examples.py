r"""How many examples a network needs to learn archetypes.

Two questions are asked. Signal to noise: whether an archetype is right after one update, from the
relative noise :math:`\Delta = \rho + \alpha\kappa` of `theory.signal_to_noise`. Retrieval: whether
there is a retrieval phase whose states have an overlap with the archetype. A phase that retrieves
the mean of the examples may have hardly any, so that capacity alone is no learning.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike
from scipy.optimize import brentq
from scipy.special import erfinv

from hopfield.arguments import InputError, choice, nonnegative_values, positive, real
from hopfield.energies import check_size
from hopfield.learner import MOST_EXAMPLES
from hopfield.learning import Supervised, Unsupervised
from hopfield.models import exponent_of
from hopfield.results import dataset, provenance
from theory.learning.search import neighbours, retrieval_at
from theory.models import require_model
from theory.saddle import Array

__all__ = ["CRITERIA", "OVERLAP", "entropy_at_threshold", "learning_threshold"]

CRITERIA = ("signal to noise", "retrieval")

OVERLAP = math.erf(math.sqrt(0.5))
"""Overlap of an archetype after one update when signal equals noise."""

Learner = Supervised | Unsupervised


@dataclass(frozen=True)
class _Threshold:
    """Number of examples and what is there with it; not a number if no number is enough."""

    examples: float = math.nan
    dataset_entropy: float = math.nan
    overlap: float = math.nan
    effective_overlap: float = math.nan
    limit: str = "none"
    status: str = "absent"


def learning_threshold(
    model: Any,
    load: ArrayLike,
    *,
    quality: ArrayLike | None = None,
    temperature: float = 0.0,
    criterion: str = "signal to noise",
    overlap: float = OVERLAP,
    exponent: float | None = None,
    size: int | None = None,
) -> xr.Dataset:
    r"""Smallest number of examples with which archetypes are learnt.

    With the relative noise :math:`\Delta` of the field along an archetype, signal to noise asks
    that :math:`m_1 = (1-d)\operatorname{erf}(1/\sqrt{2\Delta})`, the overlap after one update at
    T = 0, be as large as the one that is asked for, by default that :math:`\Delta = 1`. In this
    case, with :math:`a = (p-1)!\,\alpha`,

    .. math::
        M = \frac{r^{-2} - 1}{\rho^*}, \quad \rho^* + a (1+\rho^*)^p = 1 \quad
        \text{with a teacher}, \qquad
        M = \frac{r^{-2} - 1 + a (r^{-2p} - 1)}{1 - a} \quad \text{without}:

    :math:`M \sim r^{-2}` and :math:`M \sim r^{-2p}` at small r, but :math:`r^{-2}` in both cases
    without load. Retrieval asks for a replica-symmetric retrieval phase in which the overlap with
    the archetype is as large.

    Parameters
    ----------
    model : hopfield.Supervised or hopfield.Unsupervised
        With p up to 100. Its number of examples does not matter.
    load : float or 1-D array
        K / N^b >= 0; an array becomes a dimension.
    quality : float or 1-D array, optional
        r in (0, 1], that of the model unless given; an array becomes a dimension.
    temperature : float
        T >= 0, for retrieval only.
    criterion : str
        "signal to noise" or "retrieval".
    overlap : float
        Overlap with the archetype that is asked for, over the largest one 1 - d, in (0, 1);
        erf(1/√2) = 0.6827 unless given.
    exponent : float, optional
        b, p - 1 unless given. With a smaller one the crosstalk vanishes at infinite size.
    size : int, optional
        Number N of spins from which crosstalk is computed if there is an exponent,
        :math:`\alpha = (K/N^b) N^{b-p+1}`; infinite unless given.

    Returns
    -------
    xarray.Dataset
        Variable examples, a real number for signal to noise (less than 1 where one example is
        more than enough), an integer for retrieval, one less than which is not enough;
        dataset_entropy, overlap and effective_overlap with so many; limit, which of "overlap" and
        "capacity" is too small with one less, or "none" if one is enough; and status. It is
        "absent", and numbers are none, where even archetypes themselves are not retrieved with
        this overlap, or 2³¹ - 1 examples are too few for retrieval; limit says why.

    Raises
    ------
    hopfield.InputError
        If there is no theory for the model, or an argument is out of range.

    References
    ----------
    E. Agliari et al., Physica A 626, 129076 (2023); 627, 129143 (2023).

    Examples
    --------
    >>> import hopfield, theory
    >>> few = theory.learning_threshold(hopfield.Unsupervised(3, 0.1, 1), [0.0, 1e-3, 1.0])
    >>> few.examples.values.round(2), few.status.values.tolist()
    (array([  99. , 2103.2,    nan]), ['converged', 'converged', 'absent'])
    >>> theory.learning_threshold(
    ...     hopfield.Supervised(3, 0.1, 1), 0.05, criterion="retrieval"
    ... ).examples.item()
    183.0
    """
    checked = require_model(model)
    if not isinstance(checked, Supervised | Unsupervised):
        raise InputError(f"model must learn from examples, got {model!r}")
    choice("criterion", criterion, CRITERIA)
    loads, qualities = nonnegative_values("load", load), _qualities(checked, quality)
    alpha = loads * _crosstalk_scale(checked.p, exponent, size)
    target = real("overlap", overlap, high=1.0)
    if target in (0.0, 1.0):
        raise InputError(f"overlap must be a number between 0 and 1, got {overlap!r}")
    temperature = real("temperature", temperature)
    if criterion == "signal to noise":
        if temperature > 0.0:
            raise InputError(f"temperature must be 0 for signal to noise, got {temperature:g}")
        rule = partial(_one_step, target=target)
    else:
        rule = partial(_retrieval, temperature=temperature, target=target)
    cells = [
        rule(replace(checked, quality=float(r), examples=1), float(a))
        for r in qualities.ravel()
        for a in alpha.ravel()
    ]
    shape = qualities.shape + loads.shape
    dims = ("quality",) * qualities.ndim + ("load",) * loads.ndim
    variables = {
        name: (dims, np.array([getattr(cell, name) for cell in cells]).reshape(shape))
        for name in _Threshold.__dataclass_fields__
    }
    attrs = provenance(
        model, temperature=temperature, criterion=criterion, target=target, exponent=exponent,
        size=size,
    )  # fmt: skip
    return dataset(variables, {"quality": qualities, "load": loads}, attrs)


def _qualities(model: Learner, quality: ArrayLike | None) -> Array:
    """Checked qualities."""
    if quality is None:
        return np.asarray(model.quality)
    values = nonnegative_values("quality", quality)
    for value in values.ravel():
        positive("quality", float(value), high=1.0)
    return values


def _crosstalk_scale(p: int, exponent: float | None, size: int | None) -> float:
    """α over the load."""
    power = exponent_of(p, exponent) - (p - 1)
    if size is not None:
        return float(float(check_size(p, size)) ** power)
    return 1.0 if power == 0.0 else 0.0


def entropy_at_threshold(p: int, crosstalk: float, noise: float) -> float:
    r"""Entropy of the data set at which the noise of a network with a teacher is a given one.

    Parameters
    ----------
    p : int
        At least 2.
    crosstalk : float
        :math:`a = (p-1)!\,\alpha`, below the noise.
    noise : float
        :math:`\Delta > 0`.

    Returns
    -------
    float
        The root of :math:`\rho + a (1+\rho)^p = \Delta`.

    Examples
    --------
    >>> entropy_at_threshold(2, 0.25, 2.0)
    1.0
    """

    def excess(rho: float) -> float:
        return rho + crosstalk * math.exp(p * math.log1p(rho)) - noise

    # where the crosstalk alone is enough
    highest = min(noise, math.expm1(math.log(noise / crosstalk) / p) if crosstalk else noise)
    return float(brentq(excess, 0.0, highest * (1.0 + 1e-9), xtol=1e-300, rtol=1e-14))


def _one_step(model: Learner, load: float, *, target: float) -> _Threshold:
    """Number of examples at which the overlap after one update is the target."""
    p = model.p
    crosstalk, noise = math.factorial(p - 1) * load, 0.5 / float(erfinv(target)) ** 2
    if crosstalk >= noise:
        return _Threshold(limit="overlap")
    log_square = 2.0 * math.log(model.quality)
    with np.errstate(over="ignore"):  # entropies of a single example, and of its products
        one, many = np.expm1(np.array([-1.0, -p]) * log_square).tolist()
    if isinstance(model, Supervised):
        examples = one / entropy_at_threshold(p, crosstalk, noise)
    else:
        examples = (one + (crosstalk * many if crosstalk else 0.0)) / (noise - crosstalk)
    rho = one / examples if examples else 0.0
    limit, filled = "overlap" if examples > 1.0 else "none", 1.0 - model.dilution
    n = filled / math.sqrt(1.0 + rho)
    return _Threshold(examples, rho, filled * target, n, limit, "converged")


def _retrieval(model: Learner, load: float, *, temperature: float, target: float) -> _Threshold:
    """Smallest number of examples with a retrieval phase of the overlap that is asked for."""
    perfect = retrieval_at(replace(model, quality=1.0), load, temperature)
    wanted = (1.0 - model.dilution) * target
    if not perfect.overlap >= wanted:
        return _Threshold(limit=perfect.limit)
    first = _one_step(model, load, target=target).examples
    guess = 1 if math.isnan(first) else round(min(max(first, 1.0), MOST_EXAMPLES))
    few, many, tried = neighbours(model, load, temperature, wanted, guess)
    limit = tried[few].limit if few else "none"
    if many > MOST_EXAMPLES:
        return _Threshold(limit=limit)
    rho, found = replace(model, examples=many).dataset_entropy, tried[many]
    return _Threshold(float(many), rho, found.overlap, found.effective_overlap, limit, "converged")
