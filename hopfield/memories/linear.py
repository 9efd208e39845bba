"""Memories that are sums of outer products: Hebbian, linear attention, retention."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod

import numpy as np
from numpy.typing import ArrayLike

from hopfield.arguments import InputError, real, require_memory
from hopfield.memories.arrays import (
    LARGEST,
    checked_features,
    checked_pairs,
    each_query,
    features_of,
    fitting_pairs,
    numbers,
)
from hopfield.memories.features import Identity
from hopfield.memories.protocols import FeatureMap, Floats

__all__ = ["Hebbian", "LinearAttention", "OuterProducts", "Retention"]


@dataclass(frozen=True)
class LinearAttention:
    r"""Sum of outer products of values and features of keys.

    .. math::
        W_t = g_t W_{t-1} + v_t\, \varphi(k_t)^T, \qquad \hat v(q) = a\, W \varphi(q)
        \quad\text{or}\quad \frac{a\, W \varphi(q)}{z \cdot \varphi(q)}, \quad
        z_t = g_t z_{t-1} + \varphi(k_t)

    with gates :math:`g_t = \gamma`, or γ times those that are given with the pairs. Without
    features and gates this is the Hebbian rule, with γ < 1 retention.

    Parameters
    ----------
    features : FeatureMap
        φ.
    normalised : bool
        Whether what is read is divided by the sum of its weights, for features that are not
        negative.
    gain : float
        a >= 0, at most 1e40.
    decay : float
        γ in [0, 1].

    Raises
    ------
    InputError
        If an argument is out of range.

    References
    ----------
    T. Kohonen, IEEE Trans. Comput. C-21, 353 (1972); A. Katharopoulos et al., ICML 2020,
    arXiv:2006.16236; Y. Sun et al., arXiv:2307.08621 (retention); S. Yang et al., ICML 2024,
    arXiv:2312.06635 (gates).

    Examples
    --------
    >>> memory = LinearAttention().write([[1.0, 0.0], [0.0, 1.0]], [[1.0], [2.0]])
    >>> memory.read([[1.0, 0.0], [1.0, 1.0]])
    array([[1.],
           [3.]])
    """

    features: FeatureMap = field(default_factory=Identity)
    normalised: bool = False
    gain: float = 1.0
    decay: float = 1.0

    def __post_init__(self) -> None:
        if not isinstance(self.normalised, bool):
            raise InputError(f"normalised must be True or False, got {self.normalised!r}")
        if self.normalised and isinstance(self.features, Identity):
            raise InputError("normalised needs features that are not negative, got Identity()")
        checked_features(self.features)
        object.__setattr__(self, "gain", real("gain", self.gain, high=LARGEST))
        object.__setattr__(self, "decay", real("decay", self.decay, high=1.0))

    def write(
        self, keys: ArrayLike, values: ArrayLike, *, gates: ArrayLike | None = None
    ) -> OuterProducts:
        """Memory of pairs, written one after the other.

        Parameters
        ----------
        keys : array of numbers, shape (..., n, d)
        values : array of numbers, shape (..., n, c)
        gates : array of numbers in [0, 1], shape (..., n) or (..., n, D), optional
            By which the memory shrinks before each pair is written, all of it or each of its D
            features; 1 unless given. The first acts on what is there already.

        Returns
        -------
        OuterProducts

        Raises
        ------
        InputError
            If an array is not finite, shapes do not fit or a gate is out of range.
        """
        k, v = checked_pairs(keys, values)
        width = self.features.width(k.shape[-1])
        lead = k.shape[:-2]
        require_memory("the memory", 8 * prod(lead) * (v.shape[-1] + 1) * width)
        empty = OuterProducts(
            self, k.shape[-1], np.zeros((*lead, v.shape[-1], width)), np.zeros((*lead, width))
        )
        return empty.write(k, v, gates=gates)


@dataclass(frozen=True, eq=False)
class OuterProducts:
    """Sum of outer products that `LinearAttention` has written.

    Parameters
    ----------
    rule : LinearAttention
        That wrote it.
    dimension : int
        Components d of a key.
    matrix : array, shape (..., c, D)
        W.
    total : array, shape (..., D)
        z, the sum of the features.
    """

    rule: LinearAttention
    dimension: int
    matrix: Floats
    total: Floats

    def write(
        self, keys: ArrayLike, values: ArrayLike, *, gates: ArrayLike | None = None
    ) -> OuterProducts:
        """Memory with more pairs in it; see `LinearAttention.write`."""
        lead, components = self.matrix.shape[:-2], self.matrix.shape[-2]
        k, v = fitting_pairs(keys, values, lead, self.dimension, components)
        phi = features_of(self.rule.features, k)
        remains, everything = self._remains(gates, phi)
        kept = remains * phi
        matrix = self.matrix * everything[..., None, :] + np.swapaxes(v, -1, -2) @ kept
        return OuterProducts(
            self.rule, self.dimension, matrix, self.total * everything + kept.sum(axis=-2)
        )

    def _remains(self, gates: ArrayLike | None, phi: Floats) -> tuple[Floats, Floats]:
        """Parts of each new pair and of all older ones that are left after the last is written."""
        n = phi.shape[-2]
        if gates is None:
            ages = np.arange(n - 1, -1, -1)[:, None]
            return np.asarray(self.rule.decay**ages), np.array([self.rule.decay**n])
        g = numbers("gates", gates, 1)
        if g.shape == (*phi.shape[:-2], n):
            g = g[..., None]
        if g.shape not in ((*phi.shape[:-1], 1), phi.shape):
            raise InputError(
                f"gates must have the shape {phi.shape[:-1]} or {phi.shape}, got {g.shape}"
            )
        if not ((g >= 0.0) & (g <= 1.0)).all():
            raise InputError(f"gates must be in [0, 1], got {g[(g < 0.0) | (g > 1.0)][0]:g}")
        steps = self.rule.decay * g
        products = np.cumprod(steps[..., ::-1, :], axis=-2)[..., ::-1, :]
        after = np.concatenate([products[..., 1:, :], np.ones_like(products[..., :1, :])], axis=-2)
        return np.asarray(after), np.asarray(products[..., 0, :])

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
            If the queries are not finite or do not fit, or the sum of the weights of a query is
            not positive although the memory is normalised.
        """

        def recalled(q: Floats) -> Floats:
            phi = features_of(self.rule.features, q)
            found = self.rule.gain * (phi @ np.swapaxes(self.matrix, -1, -2))
            if not self.rule.normalised:
                return np.asarray(found)
            weight = phi @ self.total[..., None]
            if not (weight > 0.0).all():
                raise InputError("a query has features that no key has, or negative ones")
            return np.asarray(found / weight)

        return each_query(queries, self.dimension, self.matrix.shape[:-2], recalled)


def Hebbian(gain: float = 1.0) -> LinearAttention:
    r"""Hebbian memory, :math:`W = \sum_j v_j k_j^T`: `LinearAttention` without features.

    Parameters
    ----------
    gain : float
        By which what is read is multiplied.

    Examples
    --------
    >>> Hebbian() == LinearAttention()
    True
    """
    return LinearAttention(gain=gain)


def Retention(decay: float) -> LinearAttention:
    r"""Memory that forgets, :math:`W_t = \gamma W_{t-1} + v_t k_t^T`.

    Parameters
    ----------
    decay : float
        γ in [0, 1].

    Examples
    --------
    >>> memory = Retention(0.5).write([[1.0], [1.0], [1.0]], [[4.0], [2.0], [1.0]])
    >>> memory.read([1.0])  # 4/4 + 2/2 + 1
    array([3.])
    """
    return LinearAttention(decay=decay)
