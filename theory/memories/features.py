r"""Moments of the features of random keys, and how far features are aligned with each other.

With :math:`m = \mathbb E \varphi` and :math:`M = \mathbb E \varphi \varphi^T`, features
of two different keys have the mean product :math:`|m|^2` and the mean squared product
:math:`\operatorname{tr} M^2`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import gammaln

from hopfield.memories import DPFP, EluPlusOne, FeatureMap, Identity
from theory.memories.setting import Setting
from theory.saddle import Array

__all__ = ["FeatureMoments", "feature_moments"]

Integers = NDArray[np.int64]
POINTS = 801
"""Points of quadrature over a component of a key."""
WIDTH = 9.0
"""Largest Gaussian component, in standard deviations."""


@dataclass(frozen=True)
class FeatureMoments:
    r"""Averages over the features of one key.

    Parameters
    ----------
    square : float
        :math:`\mathbb E |\varphi|^2`.
    fourth : float
        :math:`\mathbb E |\varphi|^4`.
    product : float
        :math:`\operatorname{tr} M^2`, the mean of :math:`(\varphi \cdot \varphi')^2` of two keys.
    mean : float
        :math:`|m|^2`, the mean of :math:`\varphi \cdot \varphi'`.
    along_mean : float
        :math:`m \cdot M m`.
    square_along_mean : float
        :math:`\mathbb E |\varphi|^2\, m \cdot \varphi`.

    Examples
    --------
    >>> keys = Setting(1, 64)
    >>> round(feature_moments(EluPlusOne(8.0), keys).alignment, 3)  # components of variance 1
    0.685
    >>> round(feature_moments(DPFP(1), Setting(1, 10**4)).alignment * np.pi**2, 3)
    1.0
    """

    square: float
    fourth: float
    product: float
    mean: float
    along_mean: float
    square_along_mean: float

    @property
    def alignment(self) -> float:
        r""":math:`|m|^2 / \mathbb E |\varphi|^2`."""
        return self.mean / self.square


def feature_moments(features: FeatureMap, setting: Setting) -> FeatureMoments | None:
    r"""Moments of features, to rounding errors or those of quadrature; None of random features.

    In high dimension the alignment of `EluPlusOne` for Gaussian components of variance 1 is

    .. math::
        \frac{[\frac12 + \frac1{\sqrt{2\pi}} + e^{1/2} Q(1)]^2}
             {1 + \frac2{\sqrt{2\pi}} + e^2 Q(2)} = 0.6851, \qquad
        Q(x) = \int_x^\infty \frac{dt}{\sqrt{2\pi}} e^{-t^2/2} ,

    and that of `DPFP` is :math:`1/\pi^2`.

    Parameters
    ----------
    features : hopfield.memories.Identity, EluPlusOne, DPFP, or another
    setting : Setting
        The law of the keys.

    Returns
    -------
    FeatureMoments or None

    Examples
    --------
    >>> feature_moments(Identity(), Setting(1, 64, "gaussian")).fourth
    1.03125
    """
    if isinstance(features, Identity):
        d = setting.dimension
        return FeatureMoments(1.0, setting.norm_moment(2), 1.0 / d, 0.0, 0.0, 0.0)
    if isinstance(features, EluPlusOne):
        return _separate(features, setting)
    if isinstance(features, DPFP):
        return _products(features, setting)
    return None


def _component_pairs(setting: Setting) -> tuple[Array, Array, Array, Array]:
    """Nodes of one component and their weights; nodes of another one, given the first, and theirs.

    On the sphere the cosines of equidistant angles converge as fast as the functions are smooth.
    """
    d = setting.dimension
    if setting.keys == "sphere":
        angles = np.linspace(0.0, np.pi, POINTS)
        first, second = np.sin(angles) ** (d - 2), np.sin(angles) ** (d - 3)
        second[[0, -1]] /= 2.0  # the ends of the trapezoidal rule, which do not vanish at d = 3
        x = np.cos(angles)
        return x, first / first.sum(), np.sin(angles)[:, None] * x, second / second.sum()
    g = np.linspace(-WIDTH, WIDTH, POINTS)
    weights = np.exp(-(g**2) / 2.0)
    weights /= weights.sum()
    return g / np.sqrt(d), weights, g[None, :] / np.sqrt(d), weights


def _separate(features: EluPlusOne, setting: Setting) -> FeatureMoments:
    """Moments of features that are functions of one component each."""
    d = setting.dimension
    x, x_weights, y, y_weights = _component_pairs(setting)
    of_x, of_y = features(x), features(y)

    def mean(p: int, q: int = 0) -> float:
        return float(x_weights @ (of_x**p * (of_y**q @ y_weights)))

    pairs, m1 = d * (d - 1), mean(1)
    both = d * mean(2) + pairs * mean(1, 1)
    return FeatureMoments(
        square=d * mean(2),
        fourth=d * mean(4) + pairs * mean(2, 2),
        product=d * mean(2) ** 2 + pairs * mean(1, 1) ** 2,
        mean=d * m1**2,
        along_mean=m1**2 * both,
        square_along_mean=m1 * (d * mean(3) + pairs * mean(2, 1)),
    )


def _products(features: DPFP, setting: Setting) -> FeatureMoments:
    """Moments of products of rectified components.

    All features of a shift have the same averages, so that one of them stands for all.
    """
    d, shifts = setting.dimension, features.shifts
    width = features.width(d) // shifts
    alone = {(j, p): _alone(d, j, p) for j in range(1, shifts + 1) for p in (1, 2)}
    square = fourth = product = mean = along = square_along = 0.0
    for j in range(1, shifts + 1):
        square += width * alone[j, 2]
        mean += width * alone[j, 1] ** 2
        for k in range(1, shifts + 1):
            near = {(p, q): _overlapping(d, j, p, k, q) for p, q in ((1, 1), (1, 2), (2, 2))}
            far = width - len(near[1, 1])
            apart = {(p, q): alone[j, p] * alone[k, q] for p, q in near}
            total = {each: near[each].sum() + far * apart[each] for each in near}
            product += width * ((near[1, 1] ** 2).sum() + far * apart[1, 1] ** 2)
            fourth += width * total[2, 2]
            along += width * alone[j, 1] * alone[k, 1] * total[1, 1]
            square_along += width * alone[j, 1] * total[1, 2]
    # What is a power of a Gaussian key is the same power of its norm times that on the sphere.
    norm = [1.0] * 5
    if setting.keys == "sphere":
        norm = [Setting(1, d, "gaussian").norm_moment(p) for p in range(5)]
    return FeatureMoments(
        square / norm[2], fourth / norm[4], product / norm[2] ** 2, mean,
        along / norm[2], square_along / norm[3],
    )  # fmt: skip


def _alone(dimension: int, shift: int, power: int) -> float:
    """Mean of a power of a feature of Gaussian keys."""
    return float(_gaussian_means(_powers(dimension, np.zeros(1, dtype=int), shift, power))[0])


def _overlapping(
    dimension: int, shift: int, power: int, other_shift: int, other_power: int
) -> Array:
    """Means of a feature times those that share a component with it, all to given powers."""
    meeting = np.array([0, -shift, other_shift, other_shift - shift])
    first = np.unique(np.concatenate([meeting, meeting + dimension]) % (2 * dimension))
    one = _powers(dimension, np.zeros_like(first), shift, power)
    return _gaussian_means(one + _powers(dimension, first, other_shift, other_power))


def _powers(dimension: int, first: Integers, shift: int, power: int) -> Integers:
    """Powers of the 2d rectified components in features that begin with some of them."""
    powers = np.zeros((len(first), 2 * dimension), dtype=np.int64)
    rows = np.arange(len(first))
    powers[rows, first] += power
    powers[rows, (first - shift) % (2 * dimension)] += power
    return powers


def _gaussian_means(powers: Integers) -> Array:
    """Means of monomials in the rectified components of Gaussian keys."""
    dimension, p = powers.shape[1] // 2, np.arange(1, 9)
    logs = p / 2.0 * np.log(2.0 / dimension) + gammaln((p + 1.0) / 2.0) - np.log(np.pi) / 2.0
    half = np.concatenate([[1.0], np.exp(logs) / 2.0])
    above, below = powers[:, :dimension], powers[:, dimension:]
    possible = (above == 0) | (below == 0)
    return np.asarray(np.where(possible, half[above] * half[below], 0.0).prod(axis=1))
