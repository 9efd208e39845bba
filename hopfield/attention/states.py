r"""Continuous states that see patterns through convex functions of their scores.

.. math::
    E(x) = -\frac1\beta \Phi(\beta X x) + \frac{|x|^2}2 + \frac{\Phi(0)}\beta + \frac{M^2}2 , \qquad
    x \leftarrow X^T w(\beta X x) , \quad w = \nabla \Phi ,

with patterns :math:`\xi^\mu` in the rows of X and M the largest of their norms. The update is a
step of attention and never raises the energy.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import InputError, require_memory
from hopfield.attention.arrangement import Head, arranged
from hopfield.attention.inputs import finite_numbers, probabilities
from hopfield.attention.panels import means, potentials
from hopfield.attention.transforms import Transform, transform_of

__all__ = ["dual_energy", "energy", "jacobian", "update", "weights"]

Floats = NDArray[Any]
SUM = 1e-3
"""Largest deviation of a sum of weights from 1."""


def energy(
    states: ArrayLike,
    patterns: ArrayLike,
    beta: ArrayLike,
    *,
    transform: str | Transform = "softmax",
    mask: ArrayLike | None = None,
) -> Floats:
    r"""Energy of states, between 0 and 2 M² for states that are means of the patterns.

    .. math::
        E(x) = -\frac1\beta \log \sum_\mu e^{\beta \xi^\mu \cdot x} + \frac{|x|^2}2
            + \frac{\log K}\beta + \frac{M^2}2

    for softmax; for entmax the logarithms are its potential and its largest entropy.

    Parameters
    ----------
    states : array of numbers, shape (..., Q, N) or (N,)
        x. Without leading dimensions of the patterns Q may be any dimensions.
    patterns : array of numbers, shape (..., K, N)
        ξ; leading dimensions (batches, heads) broadcast with those of the states.
    beta : float or array
        β > 0; an array broadcasts with the states without their components.
    transform : str, Softmax or Entmax
        "softmax", "entmax" (of the order 1.5), "sparsemax", or one of any order.
    mask : bool array, shape (..., Q, K), optional
        True where a state may see a pattern; K and M are those of the patterns that it sees.

    Returns
    -------
    array, shape (..., Q)
        In float64, or in float32 if states and patterns need no more. Rounding errors are those of
        log(K)/β and of M².

    Raises
    ------
    InputError
        If shapes do not go together, an entry is not finite, β is not above 0 or beyond the
        numbers of the type, or a state sees no pattern.

    References
    ----------
    H. Ramsauer et al., ICLR (2021), arXiv:2008.02217, eq. (2); for entmax S. J. R. Santos et al.,
    arXiv:2411.08590.

    Examples
    --------
    >>> energy([[1.0, 0.0], [0.5, 0.5]], np.eye(2), 4.0).round(4)
    array([0.1687, 0.25  ])
    """
    chosen = transform_of(transform)
    return arranged(states, patterns, beta, mask=mask).each(
        lambda head: (
            (head.states**2).sum(axis=-1) / 2
            - potentials(chosen, head) / head.beta
            + _offset(chosen, head)
        )
    )


def _offset(transform: Transform, head: Head) -> Floats:
    """Constant that makes the energy positive."""
    count = np.asarray(len(head.patterns)) if head.mask is None else head.mask.sum(axis=1)
    entropy = transform.uniform(count).astype(head.beta.dtype)
    return np.asarray(entropy / head.beta + head.largest_squares() / 2)


def dual_energy(
    weights: ArrayLike,
    patterns: ArrayLike,
    beta: ArrayLike,
    *,
    transform: str | Transform = "softmax",
) -> Floats:
    r"""Energy of the mean of the patterns with given weights.

    .. math::
        F(w) = -\frac12 \Big|\sum_\mu w_\mu \xi^\mu\Big|^2 + \frac{\Omega(w)}\beta
            + \frac{\Phi(0)}\beta + \frac{M^2}2 , \qquad
        \Omega = \sum_\mu w_\mu \log w_\mu

    for softmax. Its stationary points on the simplex are the weights at those of `energy`, with
    the same values.

    Parameters
    ----------
    weights : array of numbers, shape (..., K)
        w, nonnegative, of sum 1.
    patterns : array of numbers, shape (K, N)
    beta : float or array
        β > 0; an array broadcasts with the weights without their last dimension.
    transform : str, Softmax or Entmax

    Returns
    -------
    array, shape (...)

    Raises
    ------
    InputError
        If an argument is out of range, or weights are negative or do not sum to 1.

    Examples
    --------
    >>> dual_energy([[1.0, 0.0], [0.5, 0.5]], np.eye(2), 4.0).round(4)
    array([0.1733, 0.25  ])
    """
    chosen, w = transform_of(transform), probabilities(weights, SUM)
    xi = finite_numbers("patterns", patterns)
    if xi.ndim != 2 or w.shape[-1] != len(xi):
        raise InputError(
            f"weights and patterns must be (..., K), (K, N), got {w.shape}, {xi.shape}"
        )
    heads = arranged(w @ xi, xi, beta)
    (head,) = heads
    entropy = chosen.negentropy(w.reshape(-1, len(xi))) / head.beta
    total = entropy - (head.states**2).sum(axis=-1) / 2 + _offset(chosen, head)
    return heads.joined([np.asarray(total)])


def weights(
    states: ArrayLike,
    patterns: ArrayLike,
    beta: ArrayLike,
    *,
    transform: str | Transform = "softmax",
    mask: ArrayLike | None = None,
) -> Floats:
    r"""Weights of the patterns, for softmax :math:`w_\mu \propto e^{\beta \xi^\mu \cdot x}`.

    Parameters
    ----------
    states, patterns, beta, transform, mask
        As of `energy`.

    Returns
    -------
    array, shape (..., Q, K)

    Raises
    ------
    InputError
        As of `energy`, or if the weights do not fit into memory.

    Examples
    --------
    >>> weights([1.0, 0.0], np.eye(2), 2.0, transform="sparsemax")
    array([1., 0.])
    """
    chosen, heads = transform_of(transform), arranged(states, patterns, beta, mask=mask)
    count = sum(len(head.states) * len(head.patterns) for head in heads)
    require_memory("the weights of all patterns", 3 * count * heads.parts[0].states.itemsize)
    return heads.each(lambda head: chosen.weights(head.scores()))


def update(
    states: ArrayLike,
    patterns: ArrayLike,
    beta: ArrayLike,
    *,
    values: ArrayLike | None = None,
    transform: str | Transform = "softmax",
    mask: ArrayLike | None = None,
) -> Floats:
    r"""One update, :math:`x \leftarrow \sum_\mu w_\mu \xi^\mu`, which is attention.

    With :math:`\beta = 1/\sqrt N`, queries for states, keys for patterns and values it is scaled
    dot-product attention. Without values it is a step of the concave-convex procedure and does not
    raise the energy.

    Parameters
    ----------
    states, patterns, beta, transform, mask
        As of `energy`.
    values : array of numbers, shape (..., K, V), optional
        What is averaged; the patterns unless given.

    Returns
    -------
    array, shape (..., Q, V)

    Raises
    ------
    InputError
        As of `energy`.

    References
    ----------
    H. Ramsauer et al., ICLR (2021), arXiv:2008.02217, eq. (3); A. Vaswani et al., NIPS 30 (2017).

    Examples
    --------
    >>> update([1.0, 0.0], np.eye(2), 4.0).round(4)
    array([0.982, 0.018])
    >>> update(np.ones((8, 5, 64)), np.ones((8, 7, 64)), 0.125, values=np.ones((8, 7, 2))).shape
    (8, 5, 2)
    """
    chosen = transform_of(transform)
    heads = arranged(states, patterns, beta, values=values, mask=mask)
    return heads.each(lambda head: means(chosen, head))


def jacobian(
    states: ArrayLike,
    patterns: ArrayLike,
    beta: ArrayLike,
    *,
    transform: str | Transform = "softmax",
    mask: ArrayLike | None = None,
) -> Floats:
    r"""Jacobian of the update, for softmax β times the covariance of patterns with weights w.

    .. math:: J = \beta \sum_\mu s_\mu (\xi^\mu - \bar\xi)(\xi^\mu - \bar\xi)^T , \qquad
        \bar\xi = \sum_\mu s_\mu \xi^\mu / \sum_\mu s_\mu ,

    with s = w for softmax and :math:`s_\mu = w_\mu^{2-a}` on the support of entmax. The Hessian of
    the energy is 1 - J: a fixed point is stable if the largest eigenvalue of J is below 1.

    Parameters
    ----------
    states, patterns, beta, transform, mask
        As of `energy`.

    Returns
    -------
    array, shape (..., Q, N, N)

    Raises
    ------
    InputError
        As of `energy`, or if the result does not fit into memory.

    Examples
    --------
    >>> jacobian([0.5, 0.5], np.eye(2), 2.0)
    array([[ 0.5, -0.5],
           [-0.5,  0.5]])
    """
    chosen, heads = transform_of(transform), arranged(states, patterns, beta, mask=mask)
    sample = heads.parts[0].states
    entries = len(heads.parts) * sample.size * sample.shape[1]
    require_memory("the Jacobians", entries * sample.itemsize)
    return heads.each(lambda head: _jacobians(chosen, head))


def _jacobians(transform: Transform, head: Head) -> Floats:
    """Of every state, shape (Q, N, N)."""
    result = np.empty((*head.states.shape, head.states.shape[1]), head.states.dtype)
    for i, beta in enumerate(head.beta):
        one = head.rows(slice(i, i + 1))
        s = transform.curvature(transform.weights(one.scores()))[0]
        apart = head.patterns - s @ head.patterns / s.sum()  # no difference of large moments
        result[i] = beta * (apart * s[:, None]).T @ apart
    return result
