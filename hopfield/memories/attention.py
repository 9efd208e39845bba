"""Memories that keep all pairs: softmax attention and its local linear form."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from hopfield.arguments import positive, real
from hopfield.attention import update, weights
from hopfield.memories.arrays import (
    LARGEST,
    checked_pairs,
    each_query,
    least_inverse,
    more_pairs,
    panels,
)
from hopfield.memories.protocols import Floats

__all__ = ["KeptPairs", "LocalLinearAttention", "SoftmaxAttention"]

LEAST_BETA = np.finfo(np.float64).tiny
"""Inverse temperature in place of zero, with which all weights are equal."""


@dataclass(frozen=True)
class SoftmaxAttention:
    r"""Mean of all values, weighted by how close their keys are to the query.

    .. math::
        \hat v(q) = \sum_j w_j v_j, \qquad w_j = \frac{e^{\beta k_j \cdot q}}
        {\sum_i e^{\beta k_i \cdot q}}

    Parameters
    ----------
    beta : float
        β > 0, at most 1e40; :math:`1/\sqrt d` in transformers, whose keys have components of
        order 1.

    Raises
    ------
    InputError
        If it is not a positive number.

    References
    ----------
    A. Vaswani et al., NIPS 2017, arXiv:1706.03762; H. Ramsauer et al., arXiv:2008.02217.

    Examples
    --------
    >>> memory = SoftmaxAttention(beta=20.0).write([[1.0, 0.0], [0.0, 1.0]], [[1.0], [2.0]])
    >>> memory.read([[1.0, 0.0], [1.0, 1.0]]).round(6)
    array([[1. ],
           [1.5]])
    """

    beta: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "beta", positive("beta", self.beta, high=LARGEST))

    def write(self, keys: ArrayLike, values: ArrayLike) -> KeptPairs:
        """Memory of pairs, keys of shape (..., n, d) and values of shape (..., n, c)."""
        return KeptPairs(self, *checked_pairs(keys, values))

    def recall(self, keys: Floats, values: Floats, queries: Floats) -> Floats:
        """Values, shape (..., m, c), for queries, shape (..., m, d)."""
        return np.asarray(update(queries, keys, self.beta, values=values))


@dataclass(frozen=True)
class LocalLinearAttention:
    r"""Value at the query of a linear fit to the pairs whose keys are close to it.

    .. math::
        (\hat v(q), A) = \operatorname*{argmin}_{v, A} \sum_j w_j\, |v_j - v - A (k_j - q)|^2
        + \lambda \lVert A \rVert^2

    with the weights of `SoftmaxAttention`. With their mean key :math:`\bar k` and covariance C,

    .. math::
        \hat v(q) = \sum_j w_j\, [1 + (k_j - \bar k) \cdot \rho]\, v_j , \quad
        \rho = (C + \lambda)^{-1} (q - \bar k) , \quad \bar k = \sum_j w_j k_j , \quad
        C = \sum_j w_j (k_j - \bar k)(k_j - \bar k)^T :

    it is exact where values are affine functions of keys, softmax attention for λ → ∞, and for
    β → 0 least squares with an intercept. Without a ridge the inverse is that of Moore and Penrose,
    and keys whose weight is below the rounding of the largest one squared do not count.

    Parameters
    ----------
    beta : float
        β >= 0, at most 1e40. For keys of equal norm the weights are those of a Gaussian kernel of
        width :math:`1/\sqrt\beta`.
    ridge : float
        λ >= 0, at most 1e40, for weights whose sum is 1; at 0 the fit is that of least norm.

    Raises
    ------
    InputError
        If an argument is negative or no number.

    References
    ----------
    Y. Zuo, Y. Yin, Z. Zeng, A. Li, B. Zhu and Z. Wang, arXiv:2510.01450 (2025).

    Examples
    --------
    >>> keys = np.array([[0.0], [1.0], [3.0]])
    >>> LocalLinearAttention(beta=0.3).write(keys, 2.0 * keys + 1.0).read([2.0]).round(12)
    array([5.])
    """

    beta: float
    ridge: float = 0.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "beta", real("beta", self.beta, high=LARGEST))
        object.__setattr__(self, "ridge", real("ridge", self.ridge, high=LARGEST))

    def write(self, keys: ArrayLike, values: ArrayLike) -> KeptPairs:
        """Memory of pairs, keys of shape (..., n, d) and values of shape (..., n, c)."""
        return KeptPairs(self, *checked_pairs(keys, values))

    def recall(self, keys: Floats, values: Floats, queries: Floats) -> Floats:
        """Values, shape (..., m, c), for queries, shape (..., m, d)."""
        some = panels(queries.shape[-2], 4 * keys.size)
        parts = [self._recall_some(keys, values, queries[..., each, :]) for each in some]
        return np.concatenate(parts, axis=-2)

    def _recall_some(self, keys: Floats, values: Floats, queries: Floats) -> Floats:
        w = weights(queries, keys, self.beta or LEAST_BETA)[..., None]
        # Seen from the key of the largest weight: where few pairs count, differences to their mean
        # and squares of roots of weights would lose digits.
        largest = np.arange(w.shape[-2])[:, None] == w.argmax(axis=-2, keepdims=True)
        base = np.swapaxes(largest, -1, -2).astype(np.float64) @ keys[..., None, :, :]
        z = keys[..., None, :, :] - base
        centre = np.swapaxes(w, -1, -2) @ z
        root = np.sqrt(w)
        rows = root * (z - centre)
        away = queries[..., :, None, :] - base - centre
        if self.ridge == 0.0:
            slopes = away @ least_inverse(rows)
        else:
            transposed = np.swapaxes(rows, -1, -2)
            gram = transposed @ rows + self.ridge * np.eye(keys.shape[-1])
            slopes = np.swapaxes(np.linalg.solve(gram, np.swapaxes(away, -1, -2)), -1, -2)
            slopes = slopes @ transposed
        parts = w + root * np.swapaxes(slopes, -1, -2)
        return np.asarray(np.swapaxes(parts, -1, -2)[..., 0, :] @ values)


@dataclass(frozen=True, eq=False)
class KeptPairs:
    """Pairs that `SoftmaxAttention` or `LocalLinearAttention` reads.

    Parameters
    ----------
    rule : SoftmaxAttention or LocalLinearAttention
        By which they are read.
    keys : array, shape (..., n, d)
    values : array, shape (..., n, c)
    """

    rule: SoftmaxAttention | LocalLinearAttention
    keys: Floats
    values: Floats

    def write(self, keys: ArrayLike, values: ArrayLike) -> KeptPairs:
        """Memory of the pairs that are there and of more."""
        return KeptPairs(self.rule, *more_pairs(self.keys, self.values, keys, values))

    def read(self, queries: ArrayLike) -> Floats:
        """Values for queries.

        Parameters
        ----------
        queries : array of numbers, shape (..., m, d) or (d,)

        Returns
        -------
        array, shape (..., m, c) or (..., c)

        Raises
        ------
        InputError
            If the queries are not finite or do not fit.
        """
        return each_query(
            queries,
            self.keys.shape[-1],
            self.keys.shape[:-2],
            lambda q: self.rule.recall(self.keys, self.values, q),
        )
