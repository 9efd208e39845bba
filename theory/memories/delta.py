r"""Errors of one pass of the delta rule."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from theory.memories.setting import Prediction, Setting
from theory.saddle import Array

__all__ = ["one_pass", "one_pass_limit"]


def one_pass(rate: float, setting: Setting) -> Prediction:
    r"""Errors of all pairs after one pass, exactly, by recursion from pair to pair.

    With the error e of a pair, :math:`X = \mathbb E |e|^2`, :math:`C = \mathbb E\, e \cdot v` and
    the norms :math:`F = \mathbb E \lVert W \rVert^2`, for keys on the sphere each later pair takes

    .. math::
        X \leftarrow X - \frac{2\eta}d (X + C)
            + \eta^2 \Big[\frac{F + 2 (1 + 2C + X)}{d(d+2)} + \frac1d\Big], \qquad
        C \leftarrow C - \frac\eta d (C + 1), \qquad
        F \leftarrow F \Big(1 - \frac{2\eta - \eta^2}d\Big) + \eta^2 ,

    from :math:`X = (1-\eta)^2 (1 + F/d)`, :math:`C = \eta - 1` when it was written. For Gaussian
    keys the fourth and sixth moments of the norm come in. Noise of the queries adds
    :math:`s^2 F / d`.

    Parameters
    ----------
    rate : float
        η.
    setting : Setting

    Returns
    -------
    Prediction

    Examples
    --------
    >>> one_pass(1.0, Setting(64, 64)).errors.round(3)[[0, 1, 63]]  # last, last but one, first
    array([0.   , 0.026, 1.031])
    """
    d, count, eta = setting.dimension, setting.n_pairs, rate
    fourth, sixth = setting.norm_moment(2), setting.norm_moment(3)
    shrink = 1.0 - 2.0 * eta / d + eta**2 * fourth / d
    norm = 0.0
    error, along, joint = np.zeros(count), np.zeros(count), np.zeros(count)
    for t in range(count):
        x, c = error[:t], along[:t]
        square = joint[:t] + 2.0 * (1.0 + 2.0 * c + x)
        drift = eta**2 * (fourth * square / (d * (d + 2.0)) + 1.0 / d)
        error[:t] = x - 2.0 * eta * (x + c) / d + drift
        along[:t] = c - eta * (c + 1.0) / d
        joint[:t] = joint[:t] * shrink + eta**2
        # The pair itself; joint is the mean of |k|² times the squared norm of the memory.
        error[t] = 1.0 - 2.0 * eta + eta**2 * fourth
        error[t] += norm / d * (1.0 - 2.0 * eta * fourth + eta**2 * sixth)
        along[t] = eta - 1.0
        joint[t] = norm - 2.0 * eta * fourth * norm / d + eta**2 * (sixth * norm / d + fourth)
        norm = norm * shrink + eta**2
    return Prediction(error[::-1] + setting.query_noise**2 * norm / d)


def one_pass_limit(written: ArrayLike, age: ArrayLike, rate: float = 1.0) -> Array:
    r"""Error in the limit of many dimensions.

    .. math::
        X = \frac2{2-\eta} - 2\eta e^{-\eta\tau} - a\, e^{-(2-\eta)\eta(s + \tau)}
            + U e^{-2\eta\tau}, \qquad a = \frac\eta{2-\eta} ,

    with U such that :math:`X = (1-\eta)^2 [1 + a (1 - e^{-(2-\eta)\eta s})]` at τ = 0. For η = 1
    the mean over all pairs is :math:`(2 - e^{-\kappa})(1 - (1 - e^{-\kappa})/\kappa)` at the load
    κ.

    Parameters
    ----------
    written : array
        s, the number of pairs that were written before, over d.
    age : array
        τ, the number of pairs that were written after, over d.
    rate : float
        η in (0, 2).

    Returns
    -------
    array

    Examples
    --------
    >>> one_pass_limit(0.5, 0.5).round(6), one_pass(1.0, Setting(641, 640)).errors[320].round(6)
    (np.float64(0.642189), np.float64(0.643089))
    """
    s, tau = np.asarray(written, dtype=float), np.asarray(age, dtype=float)
    ratio = rate / (2.0 - rate)
    old = ratio * np.exp(-(2.0 - rate) * rate * s)
    start = (1.0 - rate) ** 2 * (1.0 + ratio - old)
    decay = np.exp(-rate * tau)
    rest = start - (1.0 + ratio - 2.0 * rate - old)
    late = old * np.exp(-(2.0 - rate) * rate * tau)
    return np.asarray(1.0 + ratio - 2.0 * rate * decay - late + rest * decay**2)
