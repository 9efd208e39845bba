"""Numbers of expressions with formal averages, by the trapezoid rule.

The rule converges exponentially in the ratio of the distance of the poles of tanh from the real
axis to its step; the step follows from the slopes of the arguments of all functions.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp

from hopfield.arguments import InputError
from theory.symbolic.averages import Average, LogAverage, log2cosh, opaque

__all__ = ["evaluate"]

Expression = Any  # SymPy has no type information
Array = NDArray[np.float64]
Values = dict[Expression, Array]

FARTHEST = 10.0  # beyond it the Gaussian density is below 1e-22
LARGEST_STEP = 0.25
STEP_OVER_DISTANCE = 0.15  # of the poles: errors below 1e-15


def evaluate(expression: Expression, values: Mapping[Expression, ArrayLike]) -> Array:
    """Number of an expression.

    Parameters
    ----------
    expression : Expr
        With formal averages.
    values : dict of Symbol to float or array
        Arrays broadcast; more than needed does not hurt.

    Returns
    -------
    array

    Raises
    ------
    hopfield.InputError
        If a value is missing, or the local field is not real.

    Examples
    --------
    >>> m, z = sp.symbols("m z")
    >>> evaluate(Average((m + z) ** 2, z), {m: [0.0, 2.0]}).round(9).tolist()
    [1.0, 5.0]
    """
    known = {s: np.asarray(value, dtype=np.float64) for s, value in values.items()}
    missing = sorted(map(str, expression.free_symbols - known.keys()))
    if missing:
        raise InputError(f"a value is needed for each letter, got none for {', '.join(missing)}")
    return _value(expression, known)


def _value(expression: Expression, known: Values) -> Array:
    """Value at points, which may be nodes of an integral around it."""
    function, letters, objects = _compiled(expression)
    points = known | {dummy: _integral(part, known) for dummy, part in objects.items()}
    return np.asarray(function(*(points[s] for s in letters)), dtype=np.float64)


@cache
def _compiled(expression: Expression) -> tuple[Any, list[Expression], Values]:
    """Function of numbers, the letters that stand for them, and averages that some stand for."""
    rest, objects = opaque(expression)
    letters = sorted(rest.free_symbols, key=str)
    return sp.lambdify(letters, rest, [{"log2cosh": _log2cosh}, "numpy"]), letters, objects


def _integral(average: Expression, known: Values) -> Array:
    """Value of a formal average; its nodes are a last axis."""
    z = average.variable
    inner = {s: value[..., None] for s, value in known.items()}
    exponent = sp.Integer(0) if isinstance(average, Average) else average.args[-2]
    inner[z], log_weight = _rule(average, exponent, z, inner)
    log_weight = _value(exponent, inner) + log_weight
    if isinstance(average, LogAverage):
        return np.asarray(logsumexp(log_weight, axis=-1))
    weight = np.exp(log_weight - logsumexp(log_weight, axis=-1, keepdims=True))
    return np.asarray((weight * _value(average.args[0], inner)).sum(axis=-1))


def _rule(average: Expression, exponent: Expression, z: Expression, known: Values) -> Any:
    """Nodes, and logarithms of weights that add up to one."""
    functions = [f for f in average.atoms(sp.tanh, log2cosh) if f.has(z)]
    slopes = [_largest(f.args[0].diff(z), known) for f in functions]
    step = min(LARGEST_STEP, STEP_OVER_DISTANCE * np.pi / 2.0 / max([*slopes, 1e-9]))
    # the weight is that of a Gaussian whose mean is moved by at most the slope of the exponent
    far = FARTHEST + _largest(exponent.diff(z).replace(sp.tanh, lambda _: sp.Integer(1)), known)
    nodes = step * np.arange(-np.ceil(far / step), np.ceil(far / step) + 1.0)
    return nodes, np.log(step) - nodes**2 / 2.0 - np.log(2.0 * np.pi) / 2.0


def _largest(slope: Expression, known: Values) -> float:
    with np.errstate(invalid="ignore"):
        largest = float(np.abs(_value(slope, known)).max())
    if not np.isfinite(largest):
        raise InputError(f"values must make the local field real, got one of slope {slope}")
    return largest


def _log2cosh(y: Array) -> Array:
    modulus = np.abs(y)
    return np.asarray(modulus + np.log1p(np.exp(-2.0 * modulus)))
