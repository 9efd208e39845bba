r"""Gaussian averages as formal objects: differentiation, integration by parts, a normal form.

With a standard Gaussian z, :class:`Average` is :math:`E_z\,g`, :class:`LogAverage` is
:math:`\ln E_z\,e^{\phi}` and :class:`Tilted` is
:math:`\langle g \rangle = E_z\,g e^{\phi} / E_z\,e^{\phi}`. They are closed under derivatives by
parameters, and the variable is removed from in front of a function by

.. math:: E[z g] = E[g'], \qquad \langle z g \rangle = \langle g' + g \phi' \rangle .
"""

from __future__ import annotations

from typing import Any

import sympy as sp

from theory.symbolic.symbols import LOAD

__all__ = ["Average", "LogAverage", "Tilted", "collected", "log2cosh", "normal_form", "opaque"]

Expression = Any  # SymPy has no type information


class log2cosh(sp.Function):  # type: ignore[misc]
    r""":math:`\ln(2\cosh y)`, with the derivative tanh y.

    Parameters
    ----------
    y : Expr

    Examples
    --------
    >>> y = sp.Symbol("y")
    >>> log2cosh(y).diff(y)
    tanh(y)
    """

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expression:
        """Derivative."""
        return sp.tanh(self.args[0])

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\ln{power}\left(2\cosh {printer.parenthesize(self.args[0], 0)}\right)"


class _Formal(sp.Expr):  # type: ignore[misc]
    """What has been averaged over its last argument, a symbol that is not free in it."""

    is_commutative = True
    is_real = True

    def __new__(cls, *args: Expression) -> Expression:
        return sp.Expr.__new__(cls, *map(sp.sympify, args))

    @property
    def variable(self) -> Expression:
        """The Gaussian variable."""
        return self.args[-1]

    @property
    def bound_symbols(self) -> list[Expression]:
        """The Gaussian variable, as SymPy asks for it."""
        return [self.variable]

    @property
    def free_symbols(self) -> set[Expression]:
        """Symbols that it depends on."""
        inner: set[Expression] = set().union(*(part.free_symbols for part in self.args[:-1]))
        return inner - {self.variable}

    def _eval_subs(self, old: Expression, new: Expression) -> Expression:
        return self if old == self.variable else None


class Average(_Formal):
    r"""Average :math:`E_z\,g(z)` over a standard Gaussian z.

    Parameters
    ----------
    integrand : Expr
        g.
    variable : Symbol
        z.

    Examples
    --------
    >>> m, z = sp.symbols("m z")
    >>> Average(log2cosh(m + z), z).diff(m)
    Average(tanh(m + z), z)
    """

    def _eval_derivative(self, s: Expression) -> Expression:
        integrand, z = self.args
        return Average(integrand.diff(s), z)

    def _latex(self, printer: Any) -> str:
        integrand, z = map(printer.doprint, self.args)
        return rf"E_{{{z}}}\left[{integrand}\right]"


class LogAverage(_Formal):
    r"""Logarithm :math:`\ln E_z\,e^{\phi(z)}` of an average over a standard Gaussian z.

    Parameters
    ----------
    exponent : Expr
        :math:`\phi`.
    variable : Symbol
        z.

    Examples
    --------
    >>> m, x, z = sp.symbols("m x z")
    >>> LogAverage(x * log2cosh(m + z), z).diff(x)
    Tilted(log2cosh(m + z), x*log2cosh(m + z), z)
    """

    def _eval_derivative(self, s: Expression) -> Expression:
        exponent, z = self.args
        return Tilted(exponent.diff(s), exponent, z)

    def _latex(self, printer: Any) -> str:
        exponent, z = map(printer.doprint, self.args)
        return rf"\ln E_{{{z}}} e^{{{exponent}}}"


class Tilted(_Formal):
    r"""Average :math:`\langle g \rangle` over z with the weight :math:`e^{\phi(z) - z^2/2}`.

    Parameters
    ----------
    integrand : Expr
        g.
    exponent : Expr
        :math:`\phi`.
    variable : Symbol
        z.

    Examples
    --------
    >>> m, x, z = sp.symbols("m x z")
    >>> Tilted(z, x * z, z).diff(x)  # the variance of z
    -Tilted(z, x*z, z)**2 + Tilted(z**2, x*z, z)
    """

    def _eval_derivative(self, s: Expression) -> Expression:
        g, exponent, z = self.args
        slope = exponent.diff(s)
        both = Tilted(g.diff(s) + g * slope, exponent, z)
        return both - Tilted(g, exponent, z) * Tilted(slope, exponent, z)

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        power = "" if exp is None else f"^{{{exp}}}"
        return rf"\left\langle {printer.doprint(self.args[0])} \right\rangle{power}"


def opaque(
    expression: Expression, kinds: tuple[type, ...] = (_Formal,)
) -> tuple[Expression, dict[Expression, Expression]]:
    """Replace the outermost objects of some kinds by symbols, so that algebra leaves them alone.

    Parameters
    ----------
    expression : Expr
    kinds : tuple of type
        Formal averages unless given.

    Returns
    -------
    tuple of Expr and dict
        What is left, and the object that each symbol stands for.

    Examples
    --------
    >>> z = sp.Symbol("z")
    >>> rest, objects = opaque(2 * Average(sp.tanh(1 + z), z))
    >>> list(objects.values()), rest.subs(objects)
    ([Average(tanh(z + 1), z)], 2*Average(tanh(z + 1), z))
    """
    names: dict[Expression, Expression] = {}

    def visit(part: Expression) -> Expression:
        if isinstance(part, kinds):
            return names.setdefault(part, sp.Dummy(f"a{len(names)}", real=True))
        return part.func(*map(visit, part.args)) if part.args else part

    return visit(expression), {dummy: part for part, dummy in names.items()}


def normal_form(expression: Expression) -> Expression:
    """Formal averages of products of functions only, with no parameter or variable in front.

    Linearity takes parameters out, and integration by parts removes the Gaussian variable where
    it is a factor.

    Parameters
    ----------
    expression : Expr
        With averages of polynomials in the variable, tanh, log2cosh and other averages.

    Returns
    -------
    Expr
        Equal to it.

    Examples
    --------
    >>> s, z = sp.symbols("s z")
    >>> normal_form(Average(z * sp.tanh(s * z), z))
    -s*Average(tanh(s*z)**2, z) + s
    """
    rest, objects = opaque(expression)
    return collected(rest.xreplace({dummy: _simple(part) for dummy, part in objects.items()}))


def collected(expression: Expression) -> Expression:
    """Polynomial in its formal averages and logarithms, with coefficients as sums of fractions.

    Parameters
    ----------
    expression : Expr

    Returns
    -------
    Expr
        Equal to it.

    Examples
    --------
    >>> a, b, z = sp.symbols("a b z")
    >>> collected(a**2 * Average(sp.tanh(z), z) + 2 * a * Average(sp.tanh(z), z) + a / b - 1 / b)
    a*(a + 2)*Average(tanh(z), z) + (a - 1)/b
    """
    rest, objects = opaque(expression, (_Formal, sp.tanh, log2cosh, sp.log))
    return sp.collect(_expanded(rest), list(objects), func=_fractions).xreplace(objects)


def _expanded(expression: Expression) -> Expression:
    """Sum of products, in which m^(p-1) does not become m^p / m, nor the reverse."""
    return sp.powsimp(sp.expand(expression, power_exp=False, power_base=False, log=False))


def _fractions(expression: Expression) -> Expression:
    """Sum with one factored term for each denominator and power of the load."""
    groups: dict[Expression, Expression] = {}
    for term in sp.Add.make_args(_expanded(expression)):
        denominator = sp.fraction(term)[1].as_coeff_Mul()[1]
        key = denominator, term.as_coeff_exponent(LOAD)[1]
        groups[key] = groups.get(key, 0) + term * denominator
    return sp.Add(*(sp.factor_terms(above) / below for (below, _), above in groups.items()))


def _simple(average: Expression) -> Expression:
    """Sum of averages without factors that depend on nothing averaged over."""
    if isinstance(average, LogAverage):
        return average
    z = average.variable
    total = sp.Integer(0)
    for coefficient, power, rest in _terms(normal_form(average.args[0]), z):
        if power:
            g = z ** (power - 1) * rest
            by_parts = g.diff(z)
            if isinstance(average, Tilted):
                by_parts += g * average.args[1].diff(z)
            total += coefficient * _simple(average.func(by_parts, *average.args[1:]))
        else:
            same = average.func(rest, *average.args[1:])
            total += coefficient * (same if rest != 1 else rest)
    return total


def _terms(integrand: Expression, z: Expression) -> list[tuple[Expression, int, Expression]]:
    """Terms of an integrand as (coefficient, power of z, product of functions of z)."""
    rest, objects = opaque(integrand, (_Formal, sp.tanh, log2cosh))
    dependent = [dummy for dummy, part in objects.items() if z in part.free_symbols]
    terms = []
    for term in sp.Add.make_args(_expanded(rest)):
        coefficient, product = term.as_independent(z, *dependent, as_Add=False)
        power = sp.degree(product, z) if product.has(z) else 0
        functions = sp.cancel(product / z**power)
        terms.append((coefficient.xreplace(objects), int(power), functions.xreplace(objects)))
    return terms
