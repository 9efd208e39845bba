"""The delta rule: each pair corrects what the memory says of its key."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod

import numpy as np
from numpy.typing import ArrayLike

from hopfield.arguments import InputError, integer, positive, require_memory
from hopfield.memories.arrays import (
    checked_features,
    checked_pairs,
    each_query,
    features_of,
    fitting_pairs,
)
from hopfield.memories.features import Identity
from hopfield.memories.protocols import FeatureMap, Floats

__all__ = ["Corrections", "DeltaRule"]

BLOCK = 64
"""Pairs that are written together; what they do to each other is solved for."""


@dataclass(frozen=True)
class DeltaRule:
    r"""Every pair moves what the memory says of its key towards its value.

    .. math::
        W \leftarrow W + \eta\, (v_t - W \varphi(k_t))\, \varphi(k_t)^T

    for the pairs one after the other, in one or more passes. One pass with η = 1 and keys of unit
    norm is the update of DeltaNet; many passes are the iteration of Kaczmarz.

    Parameters
    ----------
    rate : float
        η in (0, 2]; features of norm above :math:`\sqrt{2/\eta}` make the memory diverge.
    passes : int
        How often all pairs of one `write` are gone through, at least 1.
    features : FeatureMap
        φ.

    Raises
    ------
    InputError
        If an argument is out of range.

    References
    ----------
    B. Widrow and M. E. Hoff, IRE WESCON Conv. Rec. 4, 96 (1960); I. Schlag, K. Irie and
    J. Schmidhuber, ICML 2021, arXiv:2102.11174, eq. (24).

    Examples
    --------
    >>> memory = DeltaRule().write([[1.0, 0.0], [0.6, 0.8]], [[1.0], [2.0]])
    >>> memory.read([[0.6, 0.8], [1.0, 0.0]]).round(2)  # the last is exact
    array([[2.  ],
           [1.84]])
    """

    rate: float = 1.0
    passes: int = 1
    features: FeatureMap = field(default_factory=Identity)

    def __post_init__(self) -> None:
        object.__setattr__(self, "rate", positive("rate", self.rate, high=2.0))
        object.__setattr__(self, "passes", integer("passes", self.passes, low=1))
        checked_features(self.features)

    def write(self, keys: ArrayLike, values: ArrayLike) -> Corrections:
        """Memory of pairs, written one after the other.

        Parameters
        ----------
        keys : array of numbers, shape (..., n, d)
        values : array of numbers, shape (..., n, c)

        Returns
        -------
        Corrections

        Raises
        ------
        InputError
            If an array is not finite, shapes do not fit or the memory diverges.
        """
        k, v = checked_pairs(keys, values)
        shape = (*k.shape[:-2], v.shape[-1], self.features.width(k.shape[-1]))
        require_memory("the memory", 8 * prod(shape))
        return Corrections(self, k.shape[-1], np.zeros(shape)).write(k, v)


@dataclass(frozen=True, eq=False)
class Corrections:
    """Matrix that `DeltaRule` has written.

    Parameters
    ----------
    rule : DeltaRule
        That wrote it.
    dimension : int
        Components d of a key.
    matrix : array, shape (..., c, D)
        W.
    """

    rule: DeltaRule
    dimension: int
    matrix: Floats

    def write(self, keys: ArrayLike, values: ArrayLike) -> Corrections:
        """Memory into which more pairs are written; all passes are over these alone."""
        lead, components = self.matrix.shape[:-2], self.matrix.shape[-2]
        k, v = fitting_pairs(keys, values, lead, self.dimension, components)
        phi = features_of(self.rule.features, k)
        blocks = [slice(start, start + BLOCK) for start in range(0, k.shape[-2], BLOCK)]
        systems = [_coupled(phi[..., block, :], self.rule.rate) for block in blocks]
        matrix = self.matrix
        with np.errstate(over="ignore", invalid="ignore"):
            for _ in range(self.rule.passes):
                for block, system in zip(blocks, systems, strict=True):
                    some = phi[..., block, :]
                    missing = v[..., block, :] - some @ np.swapaxes(matrix, -1, -2)
                    steps = np.linalg.solve(system, missing)
                    matrix = matrix + np.swapaxes(steps, -1, -2) @ some
        if not np.isfinite(matrix).all():
            raise InputError(f"the memory diverges at rate {self.rule.rate:g}: features are large")
        return Corrections(self.rule, self.dimension, matrix)

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

        return each_query(queries, self.dimension, self.matrix.shape[:-2], recalled)


def _coupled(phi: Floats, rate: float) -> Floats:
    """Matrix that takes the steps of a block to what was missing before the first of them."""
    overlaps = np.tril(phi @ np.swapaxes(phi, -1, -2), -1)
    return np.asarray(overlaps + np.eye(phi.shape[-2]) / rate)
