r"""Two patterns: a pitchfork for equal norms, a saddle-node for unequal ones.

The mean of two patterns with weights :math:`(1 \pm m)/2` is a fixed point if

.. math::
    m = \tanh \beta (h + D m) , \qquad D = \frac{|\xi^1 - \xi^2|^2}4 , \quad
    h = \frac{|\xi^1|^2 - |\xi^2|^2}4 .

In terms of :math:`u = \operatorname{artanh} m`, :math:`b = \beta D` and :math:`\eta = h/D` this is
:math:`u/b - \tanh u = \eta`, which turns at :math:`\cosh^2 u = b`.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from hopfield.arguments import InputError
from hopfield.results import dataset
from theory.attention.inputs import pattern_matrix, positive_values
from theory.attention.roots import root
from theory.exponential.rates import log_cosh

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["pair_states", "pair_threshold"]

STATES = ("first", "second", "middle")
NAMES = ("weight_difference", "jacobian_eigenvalue", "state_energy", "residual")
EQUAL = 8.0
"""Rounding errors, in units of that of a sum of N numbers, up to which norms are equal."""

LARGEST = 350.0
"""Largest u whose square of cosh is a number."""


def pair_states(patterns: ArrayLike, beta: ArrayLike) -> xr.Dataset:
    r"""Fixed points of two patterns, :math:`m = \tanh\beta(h + D m)`.

    Parameters
    ----------
    patterns : array of numbers, shape (2, N)
    beta : float or 1-D array
        β > 0; an array becomes a dimension.

    Returns
    -------
    xarray.Dataset
        With the dimension fixed_point: near the "first" and the "second" pattern, and in the
        "middle", which is unstable where the others exist. With equal norms it is the only one at
        small β, with unequal ones that of the longer pattern is; norms that differ by rounding
        errors of their type are equal. Variables weight_difference (m),
        jacobian_eigenvalue :math:`\beta D (1 - m^2)`, state_energy as of
        `hopfield.attention.energy`, stable, residual (of m, over
        the larger one of 1 and h/D) and status.

    Raises
    ------
    hopfield.InputError
        If there are not two different patterns, or β is not above 0.

    Examples
    --------
    >>> found = pair_states([[1.0, 0.0], [0.0, 1.0]], [1.0, 3.0])
    >>> found.weight_difference.values.round(6)
    array([[     nan,  0.85856],
           [     nan, -0.85856],
           [ 0.     ,  0.     ]])
    """
    distance, ratio, _ = _geometry(patterns)
    betas = positive_values("beta", beta)
    rows = [[_state(state, ratio, float(b) * distance) for b in betas.ravel()] for state in STATES]
    shape, dims = (len(STATES), *betas.shape), ("fixed_point", *("beta",) * betas.ndim)
    values = np.array(rows).reshape(*shape, len(NAMES))
    values[..., NAMES.index("state_energy")] *= distance
    variables: dict[str, tuple[tuple[str, ...], Any]] = {
        name: (dims, values[..., i]) for i, name in enumerate(NAMES)
    }
    variables["stable"] = dims, values[..., NAMES.index("jacobian_eigenvalue")] < 1.0
    variables["status"] = dims, np.where(np.isfinite(values[..., 0]), "converged", "absent")
    return dataset(variables, {"fixed_point": list(STATES), "beta": betas}, {})


def pair_threshold(patterns: ArrayLike) -> xr.Dataset:
    r"""Inverse temperature from which on both of two patterns have fixed points of their own.

    For equal norms the middle becomes unstable at :math:`\beta_c = 4/|\xi^1 - \xi^2|^2`, and two
    states go out of it with :math:`m = \tanh(m \beta/\beta_c)`. Otherwise the state of the shorter
    pattern appears at a saddle-node, where

    .. math:: |h| = D t - \frac{\operatorname{artanh} t}\beta , \qquad t = \sqrt{1 - 1/\beta D} .

    It never does if the scalar product of the two is at least the square of the shorter one.

    Parameters
    ----------
    patterns : array of numbers, shape (2, N)

    Returns
    -------
    xarray.Dataset
        beta, weight_difference of the state that appears, residual (of the equation above over D)
        and status, which is "absent" if the shorter pattern never has a state.

    Raises
    ------
    hopfield.InputError
        If there are not two different patterns.

    Examples
    --------
    >>> pair_threshold([[1.0, 0.0], [0.0, 1.0]]).beta.item()
    2.0
    >>> found = pair_threshold([[1.0, 0.0], [0.0, 0.8]])
    >>> round(found.beta.item(), 6), round(found.weight_difference.item(), 6)
    (4.389376, -0.666584)
    """
    distance, ratio, gap = _geometry(patterns)
    size = abs(ratio)
    u = 0.0 if size == 0.0 else math.nan
    if size > 0.0 and gap > 0.0:
        u = root(lambda x: _turning(x, size, gap), 0.0, LARGEST)
    b, m = math.cosh(u) ** 2, math.tanh(u)
    residual = abs(m - u / b - size) if size else 0.0
    variables = {
        "beta": ((), b / distance),
        "weight_difference": ((), -math.copysign(m, ratio) if size else 0.0),
        "residual": ((), residual),
        "status": ((), "absent" if math.isnan(u) else "converged"),
    }
    return dataset(variables, {}, {})


def _turning(u: float, ratio: float, gap: float) -> float:
    """Zero at the saddle-node; in logarithms where the ratio is close to 1."""
    if ratio < 0.5:
        return math.tanh(u) - u / math.cosh(u) ** 2 - ratio
    small = math.exp(-2.0 * u)
    left = 2.0 * small / (1.0 + small) + 4.0 * u * small / (1.0 + small) ** 2
    return math.log(gap / left)


def _geometry(patterns: ArrayLike) -> tuple[float, float, float]:
    """D, h/D, and 1 - |h|/D without cancellation; h is 0 where norms differ by rounding alone."""
    xi = pattern_matrix(patterns)
    difference = xi[0] - xi[1]
    distance = float(difference @ difference) / 4.0
    if len(xi) != 2 or distance == 0.0:
        raise InputError(f"patterns must be two different ones, got {len(xi)}")
    excess = float(difference @ (xi[0] + xi[1]))
    if abs(excess) <= _rounding(patterns) * float((xi**2).sum()):
        return distance, 0.0, 1.0
    ratio = excess / (4.0 * distance)
    shorter = -xi[1] @ difference if ratio > 0.0 else xi[0] @ difference
    return distance, ratio, float(shorter) / (2.0 * distance)


def _rounding(patterns: ArrayLike) -> float:
    """Relative difference of the squares of norms that were made equal."""
    given = np.asarray(patterns)
    kind = given.dtype if given.dtype.kind == "f" else np.float64
    return EQUAL * float(np.finfo(kind).eps) * math.sqrt(given.shape[1])


def _state(state: str, ratio: float, b: float) -> tuple[float, ...]:
    """Values of `NAMES`, the energy over D."""
    sign = -1.0 if state == "second" else 1.0  # the second is the first one of exchanged patterns
    u = sign * _root("middle" if state == "middle" else "first", sign * ratio, b)
    m, small = math.tanh(u), math.exp(-2.0 * abs(u))
    eigenvalue = b * 4.0 * small / (1.0 + small) ** 2
    energy = m**2 / 2.0 - float(log_cosh(u)) / b + 0.5 + abs(ratio)
    return m, eigenvalue, energy, abs(u / b - m - ratio) / max(1.0, abs(ratio))


def _root(state: str, ratio: float, b: float) -> float:
    """Logarithm of the odds u, not a number where there is no state."""

    def excess(u: float) -> float:
        return u / b - math.tanh(u) - ratio

    turn = math.acosh(math.sqrt(b)) if b > 1.0 else 0.0
    if state == "middle":
        if ratio == 0.0:
            return 0.0
        low, high = -turn, turn
    else:
        low, high = turn, 2.0 + b * (1.0 + abs(ratio))
    ends = excess(low), excess(high)
    if low == high or ends[0] * ends[1] > 0.0 or (low == 0.0 and ends[0] == 0.0):
        return math.nan
    return root(excess, low, high)
