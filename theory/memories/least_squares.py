r"""Errors of least squares, with and without a ridge."""

from __future__ import annotations

import math

import numpy as np

from hopfield.memories import DPFP, EluPlusOne, FeatureMap, Identity, PseudoInverse
from theory.memories.setting import EXACT, FIRST_ORDER, Prediction, Setting

__all__ = ["least_squares_prediction"]

TINY = 1e-20
"""Imaginary part with which a derivative is taken."""
LARGEST_CORRECTION = 0.25
"""Relative correction beyond which an expansion says nothing."""


def least_squares_prediction(memory: PseudoInverse, setting: Setting) -> Prediction | None:
    r"""Error of least squares.

    Without a ridge it is exactly :math:`\max(0, 1 - D/K)` with D different features, and noise of
    the queries, without features, adds

    .. math:: \frac{s^2 K}{d - K - 1} \; (K < d - 1), \qquad
        \frac{s^2 d}{K - d - 1} \; (K > d + 1)

    for Gaussian keys; on the sphere the first is :math:`1 - 2/d` times this and the second is
    right to leading order in 1/d. Between these K it diverges. With a ridge λ, without features,

    .. math:: \epsilon = a - \lambda \frac{da}{d\lambda} + s^2 \frac{d (\lambda \tau)}{d\lambda},
        \qquad a = \frac1K \operatorname{tr} \lambda (K K^T + \lambda)^{-1}, \quad
        \tau = \frac1d \operatorname{tr} (K^T K + \lambda)^{-1}

    with the resolvents of Marchenko and Pastur, :math:`\lambda\tau = 1 - \kappa + \kappa a` and
    :math:`a = 1/(1+\tau)`, and their first correction in 1/d.

    Parameters
    ----------
    memory : hopfield.memories.PseudoInverse
    setting : Setting

    Returns
    -------
    Prediction or None
        None of features together with a ridge or with noise, of features other than Identity,
        EluPlusOne and DPFP, and of ridges
        that are too small for the expansion at K close to d, :math:`\lambda d^2 \lesssim 1`.

    References
    ----------
    V. A. Marchenko and L. A. Pastur, Math. USSR Sb. 1, 457 (1967).

    Examples
    --------
    >>> least_squares_prediction(PseudoInverse(), Setting(128, 64)).errors
    array([0.5])
    >>> least_squares_prediction(PseudoInverse(0.1), Setting(64, 64)).errors.round(4)
    array([0.1572])
    """
    plain, noise = isinstance(memory.features, Identity), setting.query_noise
    rank = _rank(memory.features, setting.dimension)
    if rank is None or not (plain or memory.ridge == noise == 0.0):
        return None
    if memory.ridge > 0.0:
        return _with_ridge(memory.ridge, setting)
    residual = max(0.0, 1.0 - rank / setting.n_pairs)
    if noise == 0.0:
        return Prediction.of_all(residual)
    exact = setting.keys == "gaussian" or setting.n_pairs <= setting.dimension
    added = noise**2 * _spread(setting)
    return Prediction.of_all(residual + added, EXACT if exact else FIRST_ORDER)


def _rank(features: FeatureMap, dimension: int) -> int | None:
    """Number of different features that are not zero."""
    match features:
        case Identity() | EluPlusOne():
            return dimension
        case DPFP(shifts):
            # Those of the shift d are zero, those of more are those of fewer.
            return features.width(dimension) * min(shifts, dimension - 1) // shifts
    return None


def _spread(setting: Setting) -> float:
    """Mean squared norm of the matrix of least squares, over d."""
    k, d = setting.n_pairs, setting.dimension
    if k < d - 1:
        return k / (d - k - 1.0) * (1.0 if setting.keys == "gaussian" else 1.0 - 2.0 / d)
    if k <= d + 1:
        return math.inf
    if setting.keys == "gaussian":
        return d / (k - d - 1.0)
    return _resolvents(0.0, setting)[1][1].real


def _with_ridge(ridge: float, setting: Setting) -> Prediction | None:
    """Error with a ridge, by derivatives along the imaginary axis."""
    limit, corrected = (
        a.real - ridge * a.imag / TINY
        + setting.query_noise**2 * (tau.real + ridge * tau.imag / TINY)
        for a, tau in _resolvents(complex(ridge, TINY), setting)
    )  # fmt: skip
    if abs(corrected - limit) > LARGEST_CORRECTION * limit:
        return None
    return Prediction.of_all(float(corrected), FIRST_ORDER)


def _resolvents(ridge: complex, setting: Setting) -> list[tuple[complex, complex]]:
    r"""Resolvents a and τ in the limit, and with their first correction.

    Leaving out one key, :math:`a_K = \mathbb E\, 1/(1 + t)` with :math:`t = k^T R_{K-1} k`, whose
    mean is :math:`\tau_{K-1}` and whose variance is of order 1/d; both shift a.
    """
    d, load = setting.dimension, setting.load
    tau = _root(ridge, 1.0 - load, load)
    slope = 2.0 * ridge * tau + ridge - 1.0 + load
    square = (tau**2 + tau) / slope  # tr R²/d
    if setting.keys == "sphere":
        variance = 2.0 * (square - tau**2) / (d + 2.0)
    else:
        variance = 2.0 * square / d
    shift = variance / (1.0 + tau) ** 3 - tau / (slope * (1.0 + tau) ** 2) / d
    shifted = _root(ridge, 1.0 - load + load * shift, load)
    return [(1.0 / (1.0 + tau), tau), (1.0 / (1.0 + shifted) + shift, shifted)]


def _root(ridge: complex, constant: float | complex, load: float) -> complex:
    r"""Solution τ of :math:`\lambda\tau = c + \kappa/(1 + \tau)` that is positive."""
    half = ridge - constant
    product = constant + load
    return complex(2.0 * product / (half + np.sqrt(half**2 + 4.0 * ridge * product)))
