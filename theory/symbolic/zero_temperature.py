r"""Limit T → 0 of replica-symmetric theories, in closed form.

With :math:`\varrho` the density of the local field :math:`h = \bar h + \sigma z` at zero,

.. math::
    E\tanh^{2k+1}\beta h &= \operatorname{erf}\frac{\bar h}{\sqrt2\,\sigma} + O(T^2), \\
    E\tanh^{2k}\beta h &= 1 - 2T\varrho \Bigl(1 + \frac13 + \dots + \frac1{2k-1}\Bigr) + O(T^3), \\
    T\,E\ln2\cosh\beta h &= E|h| + \frac{\pi^2}{12} T^2 \varrho + O(T^4) .
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sympy as sp

from hopfield.arguments import InputError
from theory.symbolic.averages import Average, log2cosh, normal_form, opaque
from theory.symbolic.derivation import FreeEnergy
from theory.symbolic.symbols import (
    INVERSE_TEMPERATURE,
    OVERLAP,
    SELF_OVERLAP,
    SUSCEPTIBILITY,
    TEMPERATURE,
)

__all__ = ["ZeroTemperature", "zero_temperature"]

Expression = Any  # SymPy has no type information
beta, T, C, q = INVERSE_TEMPERATURE, TEMPERATURE, SUSCEPTIBILITY, SELF_OVERLAP


@dataclass(frozen=True)
class ZeroTemperature:
    r"""Theory at T = 0, in terms of m, r and :math:`C = \lim \beta(1-q)`.

    Parameters
    ----------
    equations : tuple of Eq
        Of the saddle point.
    energy, entropy : Expr
        Per spin, at the saddle point, in units of J and of k_B.
    """

    equations: tuple[Expression, ...]
    energy: Expression
    entropy: Expression


def zero_temperature(f: FreeEnergy) -> ZeroTemperature:
    r"""Limit T → 0 with :math:`q = 1 - CT`.

    Parameters
    ----------
    f : FreeEnergy
        Of a replica-symmetric theory, with order parameters m and q.

    Returns
    -------
    ZeroTemperature

    Raises
    ------
    hopfield.InputError
        If replica symmetry is broken.

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Ann. Phys. 173, 30 (1987).

    Examples
    --------
    >>> import hopfield
    >>> from theory.symbolic import free_energy
    >>> cold = zero_temperature(free_energy(hopfield.Dense(3)))
    >>> cold.equations[0], cold.energy
    (Eq(m, erf(m**2/(2*sqrt(alpha)))), -2*C*alpha - m**3/3)
    """
    if f.breakpoints or f.order_parameters != (OVERLAP, SELF_OVERLAP):
        raise InputError(f"order parameters must be m and q, got {f.order_parameters}")
    letters = {q: C}
    equations = tuple(
        _equation(f, equation, letters.get(equation.lhs, equation.lhs))
        for equation in f.saddle_point_equations()
    )
    entropy = normal_form(beta**2 * f.derivative(f.expression, beta))
    conjugates = {e.lhs: e.rhs for e in f.saddle_point_equations() if e.lhs in f.conjugates}
    return ZeroTemperature(
        equations, _value(f, f.energy()), _value(f, entropy.xreplace(conjugates))
    )


def _equation(f: FreeEnergy, equation: Expression, letter: Expression) -> Expression:
    """Leading order of an equation, solved for a letter in which its left-hand side is linear."""
    orders = zip(*(_coefficients(f, side) for side in equation.args), strict=True)
    left, right = next((one, other) for one, other in orders if one != other)
    return sp.Eq(letter, sp.simplify(letter - (left - right) / left.diff(letter)))


def _value(f: FreeEnergy, expression: Expression) -> Expression:
    """Limit of an expression that has one."""
    coefficients = _coefficients(f, expression)
    divergent = [sp.simplify(next(coefficients)) for _ in range(2)]
    if any(divergent):
        raise ArithmeticError(f"no limit: terms {divergent} in 1/T² and 1/T")
    rest, logarithms = opaque(sp.expand_mul(next(coefficients)), (sp.log,))
    return sp.collect(rest, list(logarithms), func=sp.simplify).xreplace(logarithms)


def _coefficients(f: FreeEnergy, expression: Expression) -> Iterator[Expression]:
    """Coefficients of T^-2, T^-1, 1 and T."""
    rest, objects = opaque(f.explicit(expression))
    cold = rest.xreplace({dummy: _cold(part) for dummy, part in objects.items()})
    series = sp.expand_mul(T**2 * cold.subs(q, 1 - C * T).subs(beta, 1 / T))
    for order in range(4):
        yield series.subs(T, 0) / sp.factorial(order)
        series = series.diff(T)


def _cold(average: Average) -> Expression:
    """An average at low temperature, up to the first power of T."""
    integrand, z = average.args
    function, power = integrand.as_base_exp()
    field = function.args[0] / beta
    mean, width = field.subs(z, 0), sp.simplify(field.diff(z))
    density = sp.exp(-((mean / width) ** 2) / 2) / (sp.sqrt(2 * sp.pi) * width)
    sign = sp.erf(mean / (sp.sqrt(2) * width))
    if isinstance(function, log2cosh):
        modulus = mean * sign + 2 * width**2 * density
        return beta * modulus + sp.pi**2 / 12 * density / beta
    if power % 2:
        return sign
    return 1 - 2 * density / beta * sum(sp.Rational(1, k) for k in range(1, power, 2))
