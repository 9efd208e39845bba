r"""Averages over the local field :math:`h = \sum_c n_c y_c + \sigma z` of diluted patterns.

Given the column of entries the field is normal, of mean h and variance
:math:`W^2 = \sigma^2 + w^2 \sum_c n_c^2 f_c` with the numbers :math:`f_c` of entries that are not
blank. Averages of entries times a function F of the field follow by parts from those of F, F' and
F''. Without width all is a plain sum over columns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.gaussian import SMALLEST_TEMPERATURE, ThermalMoments, moments, thermal_moments
from theory.multitasking.columns import Columns
from theory.saddle import Array

__all__ = ["Averages", "averages", "landscape", "pulls", "thermal_averages"]

IN_TURN = ["einsum_path", (0, 1), (0, 1)]
"""Order of products of three arrays, which need not be found out every time."""


@dataclass(frozen=True)
class Averages:
    r"""Averages over columns and noise, with :math:`t = \tanh(h/T)` and :math:`t' = dt/dh`.

    Parameters
    ----------
    effective_overlap : array, shape (cells, classes)
        :math:`E[y_c t]/k_c`.
    overlap : array, shape (cells, classes)
        The same with the archetypes.
    tanh_squared : array, shape (cells,)
        q = E t².
    response : array, shape (cells,)
        C = E t', which is (1-q)/T.
    second : array, shape (cells, classes, classes)
        :math:`E[y_c y_{c'} t']`.
    square : array, shape (cells, classes)
        :math:`E[\sum_{\mu \in c} (x^\mu)^2 t']`.
    filled : array, shape (cells, classes)
        :math:`E[f_c t']`.
    effective_by_width : array, shape (cells, classes)
        Derivative of the effective overlap by σ.
    response_by_width : array, shape (cells,)
        Derivative of C by σ.
    response_by_overlap : array, shape (cells, classes)
        Derivative of C by :math:`n_c`.
    """

    effective_overlap: Array
    overlap: Array
    tanh_squared: Array
    response: Array
    second: Array
    square: Array
    filled: Array
    effective_by_width: Array
    response_by_width: Array
    response_by_overlap: Array


def _field(
    law: Columns, overlap: Array, noise: Array, temperature: Array
) -> tuple[Array, Array, Array]:
    """Mean, width and temperature, shape (cells, columns)."""
    mean = overlap @ law.value.T
    square = noise[:, None] ** 2 + law.variance * overlap**2 @ law.filled.T
    return np.broadcast_arrays(mean, np.sqrt(square), temperature[:, None])  # type: ignore[return-value]


def _slopes(mean: Array, width: Array, temperature: Array) -> tuple[Array, ...]:
    """Averages of t² and t, and the first three derivatives of t by the mean, of normal fields."""
    if width.any():
        k = moments(mean, width, temperature)
        spread = width > 0.0
        third = np.divide(k.response_by_width, width, out=np.zeros_like(width), where=spread)
        return k.tanh_squared, k.tanh, k.response, k.response_by_mean, third
    cold = np.maximum(temperature, SMALLEST_TEMPERATURE)
    with np.errstate(over="ignore"):
        e = np.exp(-2.0 * np.abs(mean) / cold)
        t = np.where(temperature > 0.0, np.tanh(mean / cold), np.sign(mean))
        first = 4.0 * e / (1.0 + e) ** 2 / cold
        frozen = (temperature == 0.0) & (mean != 0.0)
        first = np.where(frozen, 0.0, first)
        second = np.where(frozen, 0.0, -2.0 * t * first / cold)
    return t * t, t, first, second, np.zeros_like(mean)


def pulls(
    law: Columns, overlap: Array, noise: Array, temperature: Array
) -> tuple[Array, Array, Array]:
    """Effective overlaps, q and C alone, of the same arguments as `averages`.

    Examples
    --------
    >>> from theory.multitasking.columns import columns, lattice_class
    >>> law = columns([lattice_class(1, 0.5, 1.0, 1)] * 2)
    >>> pulls(law, np.array([[0.5, 0.25]]), np.zeros(1), np.zeros(1))[0]
    array([[0.5 , 0.25]])
    """
    t_squared, t, first, *_ = _slopes(*_field(law, overlap, noise, temperature))
    along = law.variance * overlap * ((law.weight * first) @ law.filled)
    pulled = ((law.weight * t) @ law.value + along) / law.patterns
    return pulled, t_squared @ law.weight, first @ law.weight


def _products(weight: Array, left: Array, right: Array) -> Array:
    """Weighted sums over columns of products, shape (cells, classes, classes)."""
    return np.asarray(np.einsum("ns,sc,sd->ncd", weight, left, right, optimize=IN_TURN))


def averages(law: Columns, overlap: Array, noise: Array, temperature: Array) -> Averages:
    """What saddle-point equations and their derivatives need.

    Parameters
    ----------
    law : Columns
        Of the classes of patterns.
    overlap : array, shape (cells, classes)
        Effective overlaps n.
    noise, temperature : arrays, shape (cells,)
        σ and T.

    Returns
    -------
    Averages

    Examples
    --------
    >>> from theory.multitasking.columns import columns, lattice_class
    >>> law = columns([lattice_class(1, 0.5, 1.0, 1)] * 2)
    >>> zero = np.zeros(1)
    >>> averages(law, np.array([[0.5, 0.25]]), zero, zero).overlap  # d^k (1 - d) at T = 0
    array([[0.5 , 0.25]])
    """
    t_squared, t, first, second, third = _slopes(*_field(law, overlap, noise, temperature))
    w, y = law.weight, law.value
    v = law.variance * law.filled
    both = _products(w * first, y, y)
    curved = np.zeros_like(overlap)
    if law.variance > 0.0:  # v n is the covariance of the sums y with the field
        mixed = _products(w * second, y, v) * overlap[:, None, :]
        both += mixed + mixed.transpose(0, 2, 1)
        both += _products(w * third, v, v) * overlap[:, :, None] * overlap[:, None, :]
        diagonal = np.arange(y.shape[1])
        both[:, diagonal, diagonal] += (w * first) @ v
        curved = overlap * ((w * third) @ v)
    square = (w * first) @ (law.square + v) + overlap**2 * ((w * third) @ v) * law.variance
    square += 2.0 * law.variance * overlap * ((w * second) @ y)
    return Averages(
        effective_overlap=((w * t) @ y + overlap * ((w * first) @ v)) / law.patterns,
        overlap=(w * t) @ law.archetype / law.patterns,
        tanh_squared=t_squared @ w,
        response=first @ w,
        second=both,
        square=square,
        filled=(w * first) @ law.filled,
        effective_by_width=noise[:, None] * ((w * second) @ y + curved) / law.patterns,
        response_by_width=noise * (third @ w),
        response_by_overlap=(w * second) @ y + curved,
    )


def thermal_averages(
    law: Columns, overlap: Array, noise: Array, temperature: Array
) -> ThermalMoments:
    """What free energy, entropy and stability need; arguments as of `averages`.

    Examples
    --------
    >>> from theory.multitasking.columns import columns, lattice_class
    >>> law = columns([lattice_class(1, 0.5, 1.0, 1)])
    >>> thermal_averages(law, np.zeros((1, 1)), np.zeros(1), np.ones(1)).entropy.item()  # ln 2
    0.6931471805599453
    """
    mean, width, t = _field(law, overlap, noise, temperature)
    if width.any():
        k = thermal_moments(mean, width, t)
        means = (part @ law.weight for part in (k.log_cosh, k.entropy, k.sech_fourth))
        return ThermalMoments(*means)
    cold = np.maximum(t, SMALLEST_TEMPERATURE)
    with np.errstate(over="ignore"):
        y = np.abs(mean) / cold
        e = np.exp(-2.0 * y)
    log = np.log1p(e)
    entropy = log + np.minimum(y, 1e4) * 2.0 * e / (1.0 + e)
    sech = 4.0 * e / (1.0 + e) ** 2
    return ThermalMoments(
        (np.abs(mean) + t * log) @ law.weight, entropy @ law.weight, (sech**2 / cold) @ law.weight
    )


def landscape(law: Columns, overlap: Array, temperature: Array) -> tuple[Array, Array, Array]:
    r"""Free energy without load, its gradient and its Hessian.

    Derivatives are by :math:`\sqrt{k_c}\, n_c`, in which the Hessian of a normal field is
    symmetric, and never larger than 1.

    Parameters
    ----------
    law : Columns
        Of the classes of patterns.
    overlap : array, shape (cells, classes)
        Effective overlaps n.
    temperature : array, shape (cells,)
        T.

    Returns
    -------
    tuple of arrays, shapes (cells,), (cells, classes) and (cells, classes, classes)

    Examples
    --------
    >>> from theory.multitasking.columns import columns, lattice_class
    >>> law = columns([lattice_class(1, 0.5, 1.0, 1)] * 2)
    >>> f, gradient, _ = landscape(law, np.array([[0.5, 0.25]]), np.zeros(1))
    >>> f.item(), gradient
    (-0.15625, array([[0., 0.]]))
    """
    root, none = np.sqrt(law.patterns), np.zeros_like(temperature)
    free = overlap**2 @ law.patterns / 2.0
    if law.variance > 0.0:
        k = averages(law, overlap, none, temperature)
        free -= thermal_averages(law, overlap, none, temperature).log_cosh
        gradient, second = overlap - k.effective_overlap, k.second
    else:  # one exponential for all
        field, t = overlap @ law.value.T, np.maximum(temperature, SMALLEST_TEMPERATURE)[:, None]
        y, w = np.abs(field) / t, law.weight
        loss = np.expm1(-2.0 * y)
        e = 1.0 + loss
        free -= (np.abs(field) + t * np.log1p(e)) @ w
        tanh = np.copysign(loss / (1.0 + e), field)
        gradient = overlap - (w * tanh) @ law.value / law.patterns
        second = _products(w * 4.0 * e / (1.0 + e) ** 2 / t, law.value, law.value)
    return free, root * gradient, np.eye(root.size) - second / (root[:, None] * root)
