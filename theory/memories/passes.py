r"""Errors of many passes of the delta rule, in the limit of many dimensions.

In that limit a key sees of all others only a Gaussian field, and of its own earlier visits what
the memory has kept of them. Time is the number of visits over d, κ = K/d the load. Let R(t) be
the part that is left of a perturbation after a time t. The residuals
:math:`e_m` of a key at its visits obey

.. math:: e_m = y - g(t_m) - \eta \sum_{m' < m} R(t_m - t_{m'})\, e_{m'} , \qquad
    \text{or} \quad e = A (y - g) ,

with its value y and the field g, whose covariance is that of the memory,
:math:`C(t, t') = \mathbb E\, w(t) \cdot w(t') / d` for a row w of W. Keys come back after every κ,
so that A is a function of the number of visits between, and

.. math::
    R'(t) = -\eta \sum_{j \geq 0} A_j R(t - j\kappa), \qquad
    \partial_t C(t, t') = \eta\, \mathbb E\, e_m\, h(t'), \qquad
    \frac{d C(t, t)}{dt} = 2\eta\, \mathbb E\, e_m (y - e_m) + \eta^2\, \mathbb E\, e_m^2 ,

where h(t') = g(t') + :math:`\eta \sum R(t' - t_m)\, e_m` over earlier visits is what the memory
says of the key that is visited at t. Both are integrated from step to step.
"""

from __future__ import annotations

import math

import numpy as np
from scipy.linalg import toeplitz

from theory.memories.setting import LIMIT, Prediction, Setting
from theory.saddle import Array

__all__ = ["many_passes"]

STEPS = 640
"""Steps of all passes, unless they would be long or few of a pass."""
LONGEST, LEAST = 0.125, 16
"""Longest step, and least number of them in a pass."""
MOST = 4000
"""Most steps of all passes; their correlations are a matrix."""


def many_passes(rate: float, passes: int, setting: Setting) -> Prediction | None:
    """Errors of all pairs after many passes, to a part in a thousand, or 10^-12 if that is more.

    Parameters
    ----------
    rate : float
        η.
    passes : int
        Of all pairs in the same order.
    setting : Setting
        Whose keys may be of both kinds, which have the same limit.

    Returns
    -------
    Prediction or None
        None if passes or the load are too many for the integration.

    Examples
    --------
    >>> [round(float(many_passes(1.0, n, Setting(32, 64)).errors.mean()), 4) for n in (1, 2, 10)]
    [0.2969, 0.1026, 0.0009]
    """
    load = setting.load
    steps = max(LEAST, min(64, STEPS // passes), math.ceil(load / LONGEST))
    steps += steps % 2
    if passes * steps > MOST:
        return None
    fine, coarse = (_integrated(rate, passes, load, n) for n in (steps, steps // 2))
    errors = [_final(*each, rate, passes, setting) for each in (fine, coarse)]
    # Steps are of second order; differences of rounding errors may be negative.
    return Prediction(np.maximum((4.0 * errors[0] - errors[1]) / 3.0, 0.0), LIMIT)


def _integrated(rate: float, passes: int, load: float, steps: int) -> tuple[Array, Array, Array]:
    """Response R, correlation C and matrix A on a grid with so many steps in a pass."""
    step, last = load / steps, passes * steps
    response, memory = _response(rate, passes, step, steps)
    own = np.tril(toeplitz(memory))
    c = np.zeros((last + 1, last + 1))
    for k in range(last):
        visit = k // steps
        before, diagonal = _slopes(c, response, own, rate, (k, visit, steps), later=True)
        c[k + 1, : k + 1] = c[k, : k + 1] + step * before
        c[: k + 1, k + 1] = c[k + 1, : k + 1]
        c[k + 1, k + 1] = c[k, k] + step * diagonal
        after, diagonal_after = _slopes(c, response, own, rate, (k + 1, visit, steps), later=False)
        c[k + 1, : k + 1] = c[k, : k + 1] + step * (before + after[: k + 1]) / 2.0
        c[: k + 1, k + 1] = c[k + 1, : k + 1]
        c[k + 1, k + 1] = c[k, k] + step * (diagonal + diagonal_after) / 2.0
    return response, c, own


def _response(rate: float, passes: int, step: float, steps: int) -> tuple[Array, Array]:
    """Response on the grid, and the first column of A."""
    response, memory = np.zeros(passes * steps + 1), np.zeros(passes)
    response[0] = memory[0] = 1.0
    for k in range(passes * steps):
        visit = k // steps
        if k == visit * steps > 0:
            kept = response[steps : k + 1 : steps]
            memory[visit] = -rate * (kept @ memory[visit - 1 :: -1][: len(kept)])
        back = steps * np.arange(visit + 1)
        slope = -rate * (memory[: visit + 1] @ response[k - back])
        response[k + 1] = response[k] + step * slope
        slope_after = -rate * (memory[: visit + 1] @ response[k + 1 - back])
        response[k + 1] = response[k] + step * (slope + slope_after) / 2.0
    return response, memory


def _slopes(
    c: Array, response: Array, own: Array, rate: float, where: tuple[int, int, int], *, later: bool
) -> tuple[Array, float]:
    """Derivatives by t of C(t, t') for all t' <= t, and of C(t, t).

    What a key has left at an earlier visit counts in C(t, t') from just after that visit on:
    `later` says on which side of a point of the grid the keys are that are visited.
    """
    k, visit, steps = where
    visits = k - steps * np.arange(visit, -1, -1)
    a = own[visit, : visit + 1]
    residuals = a @ (1.0 + c[np.ix_(visits, visits)]) @ own[: visit + 1, : visit + 1].T
    slope = -(a @ c[visits, : k + 1])
    for first, residual in zip(visits, residuals, strict=True):
        start = first + 1 if later else first
        slope[start:] += rate * residual * response[start - first : k + 1 - first]
    diagonal = 2.0 * a.sum() + (rate - 2.0) * residuals[visit]
    return rate * slope, float(rate * diagonal)


def _final(
    response: Array, c: Array, own: Array, rate: float, passes: int, setting: Setting
) -> Array:
    """Errors of all pairs at the end, from the last to the first."""
    end = len(response) - 1
    steps = end // passes
    errors = np.empty(steps + 1)
    for i in range(steps + 1):
        visits = i + steps * np.arange(passes)
        kept = rate * response[end - visits] @ own
        field = (
            c[end, end] - 2.0 * (kept @ c[end, visits]) + kept @ c[np.ix_(visits, visits)] @ kept
        )
        errors[i] = (1.0 - kept.sum()) ** 2 + field
    position = (np.arange(setting.n_pairs) + 0.5) / setting.n_pairs
    found = np.interp(position, np.arange(steps + 1) / steps, errors)
    return np.asarray(found[::-1] + setting.query_noise**2 * c[end, end])
