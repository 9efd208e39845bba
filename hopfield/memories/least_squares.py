"""Least squares: the memory that errs least on the keys that were written."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from hopfield.arguments import real
from hopfield.memories.arrays import (
    LARGEST,
    checked_features,
    checked_pairs,
    each_query,
    features_of,
    least_inverse,
    more_pairs,
)
from hopfield.memories.features import Identity
from hopfield.memories.protocols import FeatureMap, Floats

__all__ = ["Fitted", "PseudoInverse"]


@dataclass(frozen=True)
class PseudoInverse:
    r"""Matrix of least squares.

    .. math::
        W = \operatorname*{argmin}_W \sum_j |W \varphi(k_j) - v_j|^2 + \lambda \lVert W \rVert^2

    and of these the one of least norm: :math:`W = V^T \Phi^{+}` at λ = 0, where all values are
    exact as long as the features of the keys are linearly independent.

    Parameters
    ----------
    ridge : float
        λ >= 0, at most 1e40.
    features : FeatureMap
        φ.

    Raises
    ------
    InputError
        If an argument is out of range.

    References
    ----------
    T. Kohonen and M. Ruohonen, IEEE Trans. Comput. C-22, 701 (1973).

    Examples
    --------
    >>> memory = PseudoInverse().write([[1.0, 0.0], [0.6, 0.8]], [[1.0], [2.0]])
    >>> memory.read([[1.0, 0.0], [0.6, 0.8]]).round(12)
    array([[1.],
           [2.]])
    """

    ridge: float = 0.0
    features: FeatureMap = field(default_factory=Identity)

    def __post_init__(self) -> None:
        object.__setattr__(self, "ridge", real("ridge", self.ridge, high=LARGEST))
        checked_features(self.features)

    def write(self, keys: ArrayLike, values: ArrayLike) -> Fitted:
        """Memory of pairs.

        Parameters
        ----------
        keys : array of numbers, shape (..., n, d)
        values : array of numbers, shape (..., n, c)

        Returns
        -------
        Fitted

        Raises
        ------
        InputError
            If an array is not finite or shapes do not fit.
        """
        k, v = checked_pairs(keys, values)
        phi = features_of(self.features, k)
        return Fitted(self, k, v, np.swapaxes(_solved(phi, v, self.ridge), -1, -2))


@dataclass(frozen=True, eq=False)
class Fitted:
    """Matrix that `PseudoInverse` has fitted to pairs, and the pairs.

    Parameters
    ----------
    rule : PseudoInverse
        That wrote it.
    keys : array, shape (..., n, d)
    values : array, shape (..., n, c)
    matrix : array, shape (..., c, D)
        W.
    """

    rule: PseudoInverse
    keys: Floats
    values: Floats
    matrix: Floats

    def write(self, keys: ArrayLike, values: ArrayLike) -> Fitted:
        """Memory of the pairs that are there and of more; the fit is made anew."""
        return self.rule.write(*more_pairs(self.keys, self.values, keys, values))

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

        def recalled(q: Floats) -> Floats:
            return np.asarray(features_of(self.rule.features, q) @ np.swapaxes(self.matrix, -1, -2))

        return each_query(queries, self.keys.shape[-1], self.matrix.shape[:-2], recalled)


def _solved(phi: Floats, values: Floats, ridge: float) -> Floats:
    """Transposed matrix of least squares, shape (..., D, c)."""
    n, width = phi.shape[-2:]
    transposed = np.swapaxes(phi, -1, -2)
    if ridge == 0.0:
        return np.asarray(least_inverse(phi) @ values)
    if n <= width:
        gram = phi @ transposed + ridge * np.eye(n)
        return np.asarray(transposed @ np.linalg.solve(gram, values))
    return np.asarray(
        np.linalg.solve(transposed @ phi + ridge * np.eye(width), transposed @ values)
    )
