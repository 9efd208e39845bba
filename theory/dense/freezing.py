r"""Where the state without overlap freezes in networks of p-body interactions, p >= 3.

Without overlap everything depends on :math:`\lambda = (\sigma/T)^2` alone: :math:`q = E\tanh^2
\sqrt\lambda z` and :math:`\alpha/T^2 = \lambda/\xi'(q)`, so that transitions lie at a number times
:math:`\sqrt\alpha`. The transition is one of two:

* continuous, where the replicon eigenvalue of the replica-symmetric state vanishes;
* discontinuous, where one-step breaking of replica symmetry sets in with the breakpoint 1 and a
  self-overlap inside a state :math:`q_1 > q`. If this one is at a higher temperature, no
  replica-symmetric glass is there.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.optimize import brentq
from scipy.optimize.elementwise import find_root

from theory.crosstalk import Crosstalk
from theory.gaussian import Z_WEIGHTS, Z, moments, thermal_moments
from theory.saddle import Array

__all__ = ["Freezing", "continuous_ratio", "discontinuous_ratio", "dynamical_ratio", "freezing"]

SMALLEST_STEP = 0.05  # λ₁ - λ₀ where the search for discontinuous transitions begins
STEPS = 60
LARGEST_FIELD = 4.0  # λ₀ where the search for the field of the frozen state ends


@dataclass(frozen=True)
class Freezing:
    """Transition from the paramagnet to the glass.

    Parameters
    ----------
    ratio : float
        T / sqrt(α) at the transition.
    one_step : bool
        Whether the glass breaks replica symmetry in one step right away.
    """

    ratio: float
    one_step: bool


@dataclass(frozen=True)
class _OneStep:
    """States at breakpoint 1, one entry a cell: α/T², q₁, and derivative of f by the breakpoint."""

    load: Array
    inner: Array
    slope: Array


def continuous_ratio(crosstalk: Crosstalk) -> float:
    r"""T / sqrt(α) where the replicon eigenvalue of the state without overlap vanishes.

    :math:`\sqrt{\xi''(0)}` if the paramagnet has q = 0, which is zero for a single power. If the
    crosstalk contains a random field, :math:`\alpha\xi''(q) E\,\mathrm{sech}^4(h/T) = T^2`.

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.

    Returns
    -------
    float

    References
    ----------
    J. R. L. de Almeida and D. J. Thouless, J. Phys. A 11, 983 (1978).

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> continuous_ratio(crosstalk(4, True)), round(continuous_ratio(crosstalk(3, True)), 6)
    (3.0, 0.848796)
    """
    if crosstalk.coefficients[1] == 0.0:
        return float(np.sqrt(crosstalk.derivative(0.0, 2)))

    def replicon(t: float) -> float:
        q = moments(0.0, 1.0, t).tanh_squared
        sech_fourth = thermal_moments(0.0, 1.0, t).sech_fourth
        return float(t * q - crosstalk.exponent(q) * sech_fourth)

    t = brentq(replicon, 1e-3, 1e3, xtol=1e-15, rtol=1e-15)
    return float(t * np.sqrt(crosstalk.derivative(moments(0.0, 1.0, t).tanh_squared)))


def _one_step(crosstalk: Crosstalk, field: Array, step: Array) -> _OneStep:
    r"""States of breakpoint 1 with :math:`\lambda_0` = field, :math:`\lambda_1 - \lambda_0` = step.

    The average inside a state has the weight cosh y, which shifts the Gaussian by ± the step.
    """
    outer = np.sqrt(field)[..., None] * Z
    weights = (1.0 + np.tanh(outer)) * Z_WEIGHTS[:, 0]
    mean, width = outer + step[..., None], np.sqrt(step)[..., None]
    q0 = moments(0.0, np.sqrt(field), 1.0).tanh_squared
    q1 = (weights * moments(mean, width, 1.0).tanh_squared).sum(axis=-1)
    load = step / (crosstalk.derivative(q1) - crosstalk.derivative(q0))
    log_cosh = (weights * thermal_moments(mean, width, 1.0).log_cosh).sum(axis=-1)
    log_partition = thermal_moments(0.0, np.sqrt(field), 1.0).log_cosh + step / 2.0
    theta = [q * crosstalk.derivative(q) - crosstalk.value(q) for q in (q0, q1)]
    slope = log_cosh - log_partition - load * (theta[1] - theta[0]) / 2.0
    return _OneStep(load, q1, slope)


def _field(crosstalk: Crosstalk, step: Array) -> Array:
    """λ₀ of the replica-symmetric state at the load of the one-step state; 0 without a field."""
    if crosstalk.coefficients[1] == 0.0:
        return np.zeros_like(step)

    def excess(field: Array, step: Array) -> Array:
        q0 = moments(0.0, np.sqrt(field), 1.0).tanh_squared
        return field - _one_step(crosstalk, field, step).load * crosstalk.derivative(q0)

    bracket = np.zeros_like(step), np.full_like(step, LARGEST_FIELD)
    root = find_root(excess, bracket, args=(step,))
    return np.where(root.success, root.x, np.nan)


def _roots(function: Callable[[Array], Array], grid: Array) -> list[float]:
    """Zeros between neighbours on a grid."""
    values = function(grid)
    left = np.flatnonzero(values[1:] * values[:-1] < 0.0)

    def scalar(x: float) -> float:
        return float(function(np.array([x]))[0])

    return [float(brentq(scalar, grid[i], grid[i + 1], xtol=1e-15, rtol=1e-14)) for i in left]


def _steps(crosstalk: Crosstalk) -> Array:
    """Grid of λ₁ - λ₀, far beyond the transition, which is at 2 p log 2 or less."""
    return np.geomspace(SMALLEST_STEP, 4.0 * crosstalk.p, STEPS)


def discontinuous_ratio(crosstalk: Crosstalk) -> float:
    r"""T / sqrt(α) of the transition to one-step breaking with the breakpoint 1; 0 without one.

    With :math:`\lambda_i = (\alpha/T^2)\xi'(q_i)`, q₀ the replica-symmetric self-overlap and
    :math:`\langle\cdot\rangle` the average over v with the weight cosh y,
    :math:`y = \sqrt{\lambda_0} z + \sqrt{\lambda_1 - \lambda_0} v`,

    .. math::
        q_1 = E\langle\tanh^2 y\rangle, \qquad
        E\langle\log\cosh y\rangle - E\log\cosh\sqrt{\lambda_0}z - \frac{\lambda_1-\lambda_0}2
        = \frac\alpha{2T^2}[\theta(q_1) - \theta(q_0)], \qquad \theta = q\xi' - \xi .

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.

    Returns
    -------
    float
        The largest, if there are several.

    References
    ----------
    E. Gardner, Nucl. Phys. B 257, 747 (1985).

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> round(discontinuous_ratio(crosstalk(3, False)) * 3**0.5 / 2, 7)  # of the p-spin model
    0.6513852
    """

    def slope(step: Array) -> Array:
        return _one_step(crosstalk, _field(crosstalk, step), step).slope

    roots = np.array([0.0, *_roots(slope, _steps(crosstalk))])[1:]
    if not roots.size:
        return 0.0
    return float(_one_step(crosstalk, _field(crosstalk, roots), roots).load.min() ** -0.5)


@cache
def dynamical_ratio(crosstalk: Crosstalk) -> float:
    r"""T / sqrt(α) below which many metastable states trap the dynamics, for a single power.

    The largest temperature at which :math:`q = E\tanh(\lambda+\sqrt\lambda z)`,
    :math:`\lambda = (\alpha/T^2)\xi'(q)` has a solution q > 0.

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ, without a random field.

    Returns
    -------
    float

    References
    ----------
    T. R. Kirkpatrick and D. Thirumalai, Phys. Rev. B 36, 5388 (1987).

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> round(dynamical_ratio(crosstalk(3, False)) * 3**0.5 / 2, 6)  # of the p-spin model
    0.681598
    """

    def slope(step: Array) -> Array:
        """Derivative of log(α/T²) by log λ."""
        width = np.sqrt(step)
        k = moments(step, width, 1.0)
        growth = (step * k.response + width * k.tanh_by_width / 2.0) / k.tanh
        return 1.0 - crosstalk.exponent(k.tanh) * growth

    roots = np.array(_roots(slope, _steps(crosstalk)))
    return float(_one_step(crosstalk, np.zeros_like(roots), roots).load.min() ** -0.5)


@cache
def freezing(crosstalk: Crosstalk) -> Freezing:
    """Transition from the paramagnet to the glass, the one at the higher temperature.

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.

    Returns
    -------
    Freezing

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> freezing(crosstalk(4, True)), freezing(crosstalk(6, True)).one_step
    (Freezing(ratio=3.0, one_step=False), True)
    """
    continuous, discontinuous = continuous_ratio(crosstalk), discontinuous_ratio(crosstalk)
    return Freezing(max(continuous, discontinuous), discontinuous > continuous)
