"""How formulas are typeset."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy.printing.latex import LatexPrinter

__all__ = ["latex"]

Expression = Any  # SymPy has no type information


class _Printer(LatexPrinter):  # type: ignore[misc]
    """Positive terms before negative ones, and primes for derivatives of functions."""

    def _as_ordered_terms(self, expr: Expression, order: str | None = None) -> list[Expression]:
        terms = super()._as_ordered_terms(expr, order=order)
        return sorted(terms, key=lambda term: bool(term.could_extract_minus_sign()))

    def _print_Derivative(self, expr: Expression) -> str:
        function, (variable, order) = expr.args
        if function.args != (variable,):
            return str(super()._print_Derivative(expr))
        primes = r"\prime" * int(order)
        name = self._print(sp.Symbol(function.func.__name__))
        return rf"{name}^{{{primes}}}{{\left({self._print(variable)}\right)}}"


def latex(expression: Expression) -> str:
    r"""LaTeX of an expression or an equation.

    Parameters
    ----------
    expression : Expr or Eq

    Returns
    -------
    str

    Examples
    --------
    >>> q, xi = sp.Symbol("q"), sp.Function("xi")
    >>> print(latex((1 - q) * xi(q).diff(q)))
    \left(1 - q\right) \xi^{\prime}{\left(q\right)}
    """
    return str(_Printer({"ln_notation": True}).doprint(expression))
