r"""Errors of sums of outer products: Hebbian memories, linear attention, retention."""

from __future__ import annotations

import numpy as np

from hopfield.memories import FeatureMap, Identity, LinearAttention
from theory.memories.features import FeatureMoments, feature_moments
from theory.memories.setting import FIRST_ORDER, Prediction, Setting
from theory.saddle import Array

__all__ = ["best_gain", "sum_prediction"]

NODES = 7
"""Points of Gaussian quadrature over each of three fluctuations."""


def sum_prediction(memory: LinearAttention, setting: Setting) -> Prediction | None:
    r"""Errors of a sum of outer products, with or without normalisation.

    Without it the error of a pair of age t, the number of pairs that were written later, is

    .. math::
        1 - 2 a \gamma^t\, \mathbb E |\varphi|^2 + a^2 \gamma^{2t}\, \mathbb E |\varphi|^4
        + a^2 \operatorname{tr} M^2 \sum_{t' \neq t} \gamma^{2t'} ,

    for Hebbian memories :math:`(K-1)/d` on the sphere and :math:`(K+1)/d` for Gaussian keys, for
    retention on the sphere :math:`(1-\gamma^t)^2 + \frac1d \sum_{t' \neq t} \gamma^{2t'}`. Noise
    of the queries adds :math:`a^2 (s^2/d) \sum_t \gamma^{2t}`.

    Parameters
    ----------
    memory : hopfield.memories.LinearAttention
    setting : Setting

    Returns
    -------
    Prediction or None
        None of random features, of noisy queries with features, and of normalised memories that
        decay or have a gain.

    Examples
    --------
    >>> from hopfield.memories import Hebbian
    >>> sum_prediction(Hebbian(), Setting(17, 64)).errors[0]
    np.float64(0.25)
    """
    moments = feature_moments(memory.features, setting)
    noisy = setting.query_noise > 0.0
    if moments is None or (noisy and not isinstance(memory.features, Identity)):
        return None
    if memory.normalised:
        if (memory.decay, memory.gain) != (1.0, 1.0):
            return None
        return Prediction.of_all(_normalised(moments, setting.n_pairs), FIRST_ORDER)
    left = memory.gain * memory.decay ** np.arange(setting.n_pairs)
    others = (left**2).sum() - left**2
    noise = setting.query_noise**2 / setting.dimension * (left**2).sum()
    own = 1.0 - 2.0 * left * moments.square + left**2 * moments.fourth
    return Prediction(own + moments.product * others + noise)


def best_gain(features: FeatureMap, setting: Setting) -> float:
    r"""Gain with which a sum of outer products errs least.

    .. math:: a = \frac{\mathbb E |\varphi|^2}
        {\mathbb E |\varphi|^4 + (K - 1) \operatorname{tr} M^2 + s^2 K/d}

    For Hebbian memories on the sphere it is :math:`d/(d + K - 1)` and the error
    :math:`(K-1)/(d+K-1)`.

    Parameters
    ----------
    features : FeatureMap
        Identity, EluPlusOne or DPFP; noise of the queries is that of Identity.
    setting : Setting

    Returns
    -------
    float
        Not a number where there is no theory.

    Examples
    --------
    >>> best_gain(Identity(), Setting(65, 64))
    0.5
    """
    moments = feature_moments(features, setting)
    noisy = setting.query_noise > 0.0
    if moments is None or (noisy and not isinstance(features, Identity)):
        return float("nan")
    noise = setting.query_noise**2 * setting.load
    total = moments.fourth + (setting.n_pairs - 1) * moments.product + noise
    return moments.square / total


def _normalised(moments: FeatureMoments, n_pairs: int) -> float:
    r"""Error of a mean of values with the weights :math:`w_j = \varphi_j \cdot \varphi`.

    .. math::
        \mathbb E\, \frac{S^2 + \sum_j w_j^2}{(w + S)^2}, \qquad S = \sum_j w_j, \qquad
        \sum_j w_j^2 = \frac{S^2}{K-1} + \sum_j \Big(w_j - \frac S{K-1}\Big)^2

    with the weight w of the pair itself and the sums over all others. In high dimension w, the
    mean of the others given the query, and S given that mean fluctuate little. As positive numbers
    they are taken as log-normal, which only changes higher orders.
    """
    others = n_pairs - 1
    if others == 0:
        return 0.0
    means = np.array([moments.square, moments.mean])
    cross = moments.square_along_mean - moments.square * moments.mean
    covariance = np.array(
        [[moments.fourth - moments.square**2, cross],
         [cross, moments.along_mean - moments.mean**2]]
    )  # fmt: skip
    logs = np.log1p(covariance / np.outer(means, means))
    nodes, weights = np.polynomial.hermite_e.hermegauss(NODES)
    weights = weights / weights.sum()
    grid = np.stack(np.meshgrid(nodes, nodes, nodes, indexing="ij"), axis=-1).reshape(-1, 3)
    chance = np.einsum("i,j,k->ijk", weights, weights, weights).ravel()
    own, typical = (means * np.exp(grid[:, :2] @ _root(logs).T - np.diag(logs) / 2.0)).T
    spread = max(moments.product - moments.along_mean, 0.0) * own / moments.square
    log_spread = np.log1p(spread / (others * typical**2))
    total = others * typical * np.exp(np.sqrt(log_spread) * grid[:, 2] - log_spread / 2.0)
    squares = total**2 / others + (others - 1) * spread
    return float(chance @ ((total**2 + squares) / (own + total) ** 2))


def _root(matrix: Array) -> Array:
    """Square root of a symmetric matrix without negative eigenvalues, up to rounding."""
    values, vectors = np.linalg.eigh(matrix)
    return np.asarray(vectors * np.sqrt(np.maximum(values, 0.0)))
