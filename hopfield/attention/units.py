r"""Units that are sums of binary spins, between spins and the continuous states of attention.

A unit is the sum of n spins, :math:`x_i = (n\beta)^{-1/2} \sum_a s_{ia}`. In an exponential network
of them, of sharpness :math:`\sqrt{\beta/n}` at the temperature :math:`\sqrt{n/\beta}`, states have
the weight :math:`\sum_\mu e^{\beta \xi^\mu \cdot x}` times the number of ways to make them,
together :math:`e^{-\beta F_n}` up to a factor of order one for each unit:

.. math::
    F_n(x) = -\frac1\beta \Phi(\beta X x) + \frac n\beta \sum_i I\big(x_i \sqrt{\beta/n}\big)
        + \frac{\Phi(0)}\beta + \frac{M^2}2 , \qquad
    I(m) = \frac{1+m}2 \log(1+m) + \frac{1-m}2 \log(1-m) .

With n = 1 it is the energy of the network at the means of its spins, less T times their entropy.
For n without end :math:`n I/\beta` is :math:`x_i^2/2`, and everything is as in attention.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import integer
from hopfield.attention import states as continuous
from hopfield.attention.arrangement import Head, arranged
from hopfield.attention.panels import means
from hopfield.attention.retrieval import MAX_ITERATIONS, Retrieval, run
from hopfield.attention.transforms import Transform, transform_of

__all__ = ["energy", "response", "retrieve", "update"]

Floats = NDArray[Any]

ROUNDING = 4
"""How far beyond the largest value of a unit a state may be, in units of rounding."""


def energy(
    states: ArrayLike,
    patterns: ArrayLike,
    beta: ArrayLike,
    spins_per_unit: float,
    *,
    transform: str | Transform = "softmax",
    mask: ArrayLike | None = None,
) -> Floats:
    r"""Free energy :math:`F_n` of units with given means, with the constant of attention.

    Infinite beyond :math:`|x_i| = \sqrt{n/\beta}`, where all spins are equal. It is never below
    `hopfield.attention.energy`, the limit, from which it differs by
    :math:`\frac\beta{12n} \sum_i x_i^4` to first order.

    Parameters
    ----------
    states, patterns, beta, transform, mask
        As of `hopfield.attention.energy`.
    spins_per_unit : int or infinity
        n, at least 1.

    Returns
    -------
    array, shape (..., Q)

    Raises
    ------
    InputError
        As of `hopfield.attention.energy`, or if n is no integer >= 1.

    Examples
    --------
    >>> energy([0.5, 0.5], np.eye(2), 4.0, 1), energy([0.5, 0.6], np.eye(2), 4.0, 1)
    (array(0.34657359), array(inf))
    >>> energy([0.5, 0.5], np.eye(2), 4.0, math.inf)
    array(0.25)
    """
    count = _count(spins_per_unit)
    heads = arranged(states, patterns, beta, mask=mask)
    limit = continuous.energy(states, patterns, beta, transform=transform, mask=mask)
    return np.asarray(limit + heads.each(lambda head: _excess(head, count)))


def update(
    states: ArrayLike,
    patterns: ArrayLike,
    beta: ArrayLike,
    spins_per_unit: float,
    *,
    transform: str | Transform = "softmax",
    mask: ArrayLike | None = None,
) -> Floats:
    r"""One update, attention and then the `response` of the units.

    .. math:: x \leftarrow \sqrt{n/\beta}\, \tanh\Big(\sqrt{\beta/n} \sum_\mu w_\mu \xi^\mu\Big) ,
        \qquad w = \operatorname{softmax}(\beta\, \xi^\mu \cdot x) .

    It lowers `energy` by at least half of the square of its own length: the entropy of a unit has
    a curvature of at least 1, and the first term is concave.

    Parameters
    ----------
    states, patterns, beta, spins_per_unit, transform, mask
        As of `energy`.

    Returns
    -------
    array, shape (..., Q, N)

    Raises
    ------
    InputError
        As of `energy`.

    References
    ----------
    A. L. Yuille and A. Rangarajan, Neural Comput. 15, 915 (2003) (concave-convex procedure).

    Examples
    --------
    >>> [update([1.0, 0.0], np.eye(2), 4.0, n).round(3) for n in (1, 16, math.inf)]
    [array([0.481, 0.018]), array([0.91 , 0.018]), array([0.982, 0.018])]
    """
    chosen, count = transform_of(transform), _count(spins_per_unit)
    return arranged(states, patterns, beta, mask=mask).each(
        lambda head: _updated(chosen, head, count)
    )


def retrieve(
    queries: ArrayLike,
    patterns: ArrayLike,
    beta: ArrayLike,
    spins_per_unit: float,
    *,
    transform: str | Transform = "softmax",
    mask: ArrayLike | None = None,
    tolerance: float | None = None,
    max_iterations: int = MAX_ITERATIONS,
) -> Retrieval:
    r"""Run from queries to fixed points of `update`, stationary points of `energy`.

    Parameters
    ----------
    queries : array of numbers, shape (..., Q, N) or (N,)
        Where states start.
    patterns, beta, spins_per_unit, transform, mask
        As of `energy`.
    tolerance, max_iterations
        As of `hopfield.attention.retrieve`.

    Returns
    -------
    hopfield.attention.Retrieval

    Raises
    ------
    InputError
        As of `energy`, or if the tolerance is not in (0, 1].

    Examples
    --------
    >>> [retrieve([0.9, 0.2], np.eye(2), 4.0, n).states.round(3) for n in (4, math.inf)]
    [array([0.733, 0.064]), array([0.979, 0.021])]
    """
    chosen, count = transform_of(transform), _count(spins_per_unit)
    heads = arranged(queries, patterns, beta, mask=mask)
    return run(heads, lambda head: _updated(chosen, head, count), tolerance, max_iterations)


def response(fields: ArrayLike, beta: ArrayLike, spins_per_unit: float) -> Floats:
    r"""Mean of a unit whose n spins are all in the same field.

    .. math:: \langle x \rangle = \sqrt{n/\beta}\, \tanh(\sqrt{\beta/n}\, h)
        = h - \frac{\beta h^3}{3n} + \dots

    Given pattern μ the units of a network have the fields :math:`\xi^\mu_i`.

    Parameters
    ----------
    fields : array of numbers, shape (...)
    beta : float or array
        β > 0; broadcasts with the fields.
    spins_per_unit : int or infinity
        n, at least 1.

    Returns
    -------
    array, shape (...)

    Raises
    ------
    InputError
        If n is no integer >= 1.

    Examples
    --------
    >>> [float(response(1.0, 4.0, n).round(4)) for n in (1, 16, 256, math.inf)]
    [0.482, 0.9242, 0.9948, 1.0]
    """
    count = _count(spins_per_unit)
    if math.isinf(count):
        return np.asarray(fields)
    scale = np.sqrt(np.asarray(beta) / count)
    return np.asarray(np.tanh(scale * np.asarray(fields)) / scale)


def _count(spins_per_unit: float) -> float:
    if isinstance(spins_per_unit, float) and spins_per_unit == math.inf:
        return math.inf
    return integer("spins_per_unit", spins_per_unit, low=1)


def _updated(transform: Transform, head: Head, count: float) -> Floats:
    mean = means(transform, head)
    return response(mean, head.beta[:, None], count).astype(mean.dtype, copy=False)


def _excess(head: Head, count: float) -> Floats:
    """Entropy that is lost in the means of units, beyond that of Gaussian ones, shape (Q,)."""
    if math.isinf(count):
        return np.zeros_like(head.beta)
    share = np.abs(head.states) * np.sqrt(head.beta[:, None] / count)
    inside = np.where(share < 1.0, share, 0)
    rate = inside * np.arctanh(inside) + np.log1p(-(inside**2)) / 2.0
    edge = 1.0 + ROUNDING * float(np.finfo(share.dtype).eps)
    rate[share >= 1.0] = math.log(2.0)
    rate[share > edge] = np.inf
    return np.asarray((rate - share**2 / 2.0).sum(axis=-1) * (count / head.beta))
