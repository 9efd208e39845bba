"""What follows from a free energy: saddle-point equations, energy, entropy, formulas, numbers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import InputError
from theory.symbolic.averages import collected, normal_form, opaque
from theory.symbolic.printing import latex
from theory.symbolic.quadrature import evaluate
from theory.symbolic.symbols import FIELD, INVERSE_TEMPERATURE, NAMES

__all__ = ["FreeEnergy"]

Expression = Any  # SymPy has no type information
beta = INVERSE_TEMPERATURE


@dataclass(frozen=True)
class FreeEnergy:
    r"""Free energy per spin as a function of order parameters, stationary in all of them.

    Parameters
    ----------
    expression : Expr
        f in units of J, with Gaussian averages as objects of `theory.symbolic.averages`, as a
        function of the inverse temperature β.
    order_parameters : tuple of Symbol
        Those that are moments of the spins, such as m and q; as many as moments in the gradient.
    local_field : Expr
        What formulas show as h.
    conjugates : tuple of Symbol
        Those that are functions of the others, such as r; f is linear in them but for averages.
    breakpoints : tuple of Symbol
        Those whose equations are left as they are, such as x.
    definitions : tuple of (Symbol, Expr)
        Letters in the expression that stand for functions of β, order parameters, breakpoints
        and letters defined after them.

    Examples
    --------
    >>> from theory.symbolic import Average, log2cosh
    >>> q, z = sp.symbols("q z", positive=True)
    >>> h = sp.sqrt(q) * z
    >>> site = Average(log2cosh(beta * h), z)
    >>> glass = FreeEnergy(-beta * (1 - q) ** 2 / 4 - site / beta, (q,), h)
    >>> glass.saddle_point_equations()  # of Sherrington and Kirkpatrick
    (Eq(q, Average(tanh(beta*sqrt(q)*z)**2, z)),)
    """

    expression: Expression
    order_parameters: tuple[Expression, ...]
    local_field: Expression
    conjugates: tuple[Expression, ...] = ()
    breakpoints: tuple[Expression, ...] = ()
    definitions: tuple[tuple[Expression, Expression], ...] = ()

    def gradient(self) -> dict[Expression, Expression]:
        """Derivatives of f by all order parameters, away from the saddle point as well.

        Returns
        -------
        dict of Symbol to Expr
            In units of J.

        Examples
        --------
        >>> import hopfield
        >>> from theory.symbolic import free_energy
        >>> list(free_energy(hopfield.Hopfield()).gradient().values())[0]
        m - Average(tanh(beta*(sqrt(alpha)*sqrt(r)*z + m)), z)
        """
        return dict(_gradient(self))

    def derivative(self, expression: Expression, s: Expression) -> Expression:
        """Derivative by an order parameter or β, through the letters that are defined as well.

        Parameters
        ----------
        expression : Expr
            In the letters of the free energy.
        s : Symbol

        Returns
        -------
        Expr

        Examples
        --------
        >>> import hopfield
        >>> from theory.symbolic import free_energy
        >>> f = free_energy(hopfield.Hopfield())
        >>> f.derivative(sp.Symbol("A", positive=True), beta)
        q - 1
        """
        through = [
            expression.diff(letter) * self.derivative(meaning, s)
            for letter, meaning in self.definitions
            if letter in expression.free_symbols
        ]
        return sp.Add(expression.diff(s), *through)

    def explicit(self, expression: Expression) -> Expression:
        """Expression without the letters that are defined.

        Parameters
        ----------
        expression : Expr
            In the letters of the free energy.

        Returns
        -------
        Expr

        Examples
        --------
        >>> import hopfield
        >>> from theory.symbolic import free_energy
        >>> free_energy(hopfield.Hopfield()).explicit(sp.Symbol("A", positive=True))
        -beta*(1 - q) + 1
        """
        for letter, meaning in self.definitions:
            expression = expression.subs(letter, meaning)
        return expression

    def saddle_point_equations(self) -> tuple[Expression, ...]:
        """Equations of the saddle point, solved for moments and conjugates.

        Returns
        -------
        tuple of Eq
            One for each order parameter, conjugate and breakpoint.

        Raises
        ------
        ValueError
            If the gradient has other numbers of moments and order parameters.

        Examples
        --------
        >>> import hopfield
        >>> from theory.symbolic import free_energy
        >>> free_energy(hopfield.Hopfield()).saddle_point_equations()[-1]
        Eq(r, q/A**2)
        """
        solution = _solution(self)
        moments = [sp.Eq(value, k) for k, value in solution.items() if k not in self.conjugates]
        differences = zip((sp.Integer(0), *self.conjugates), self.conjugates, strict=False)
        closed = [
            sp.Eq(r - before, self._textbook(solution[r] - solution.get(before, 0)))
            for before, r in differences
        ]
        gradient = self.gradient()
        left = [sp.Eq(normal_form(-beta * gradient[x]), 0) for x in self.breakpoints]
        return (*sorted(moments, key=lambda equation: str(equation.lhs)), *closed, *left)

    def energy(self) -> Expression:
        r"""Energy per spin :math:`u = \partial(\beta f)/\partial\beta` at the saddle point.

        Returns
        -------
        Expr
            In units of J, with moments replaced by order parameters.

        Examples
        --------
        >>> import hopfield
        >>> from theory.symbolic import free_energy
        >>> free_energy(hopfield.Dense(3)).energy()
        2*alpha*beta*(q**3 - 1)/3 - m**3/3
        """
        return self._at_saddle(self.derivative(beta * self.expression, beta))

    def entropy(self) -> Expression:
        r"""Entropy per spin :math:`s = -\partial f/\partial T` at the saddle point.

        Returns
        -------
        Expr
            In units of k_B, with moments replaced by order parameters; the averages that are left
            are logarithms.

        Examples
        --------
        >>> import hopfield
        >>> from theory.symbolic import free_energy
        >>> f = free_energy(hopfield.Dense(3))
        >>> free = {"load": 0.0, "temperature": 1.0, "overlap": 0.0, "self_overlap": 0.0}
        >>> f.evaluate(f.entropy(), **free).round(9).item()  # ln 2
        0.693147181
        """
        return self._at_saddle(beta**2 * self.derivative(self.expression, beta))

    def evaluate(
        self, expression: Expression | None = None, **values: ArrayLike
    ) -> NDArray[np.float64]:
        """Number of an expression, by quadrature.

        Parameters
        ----------
        expression : Expr, optional
            In the letters of the free energy, which it is unless given.
        **values : float or array
            By code name (load, temperature, overlap, self_overlap, self_overlap_0, self_overlap_1,
            breakpoint) or by letter; arrays broadcast. T > 0, and q₀ < q₁.

        Returns
        -------
        array

        Raises
        ------
        hopfield.InputError
            If a value is missing, its name is unknown, or the local field is not real.

        Examples
        --------
        >>> import hopfield
        >>> from theory.symbolic import free_energy
        >>> f = free_energy(hopfield.Dense(3))
        >>> f.evaluate(load=0.0, temperature=2.0, overlap=0.0, self_overlap=0.0).round(9).item()
        -1.386294361
        """
        f = self.expression if expression is None else expression
        return evaluate(self.explicit(f), self._letters(values))

    def latex(self, expression: Expression | None = None) -> str:
        r"""LaTeX of an expression, with h for the local field.

        Parameters
        ----------
        expression : Expr, optional
            In the letters of the free energy, which it is unless given.

        Returns
        -------
        str

        Examples
        --------
        >>> import hopfield
        >>> from theory.symbolic import free_energy
        >>> f = free_energy(hopfield.Hopfield())
        >>> print(f.latex(f.saddle_point_equations()[0]))
        m = E_{z}\left[\tanh{\left(\beta h \right)}\right]
        """
        f = self.expression if expression is None else expression
        return latex(f.xreplace({self.local_field: FIELD}))

    def _letters(self, values: dict[str, ArrayLike]) -> dict[Expression, ArrayLike]:
        """Values by symbol instead of by name."""
        names = NAMES | {s.name: s for s in self.explicit(self.expression).free_symbols}
        symbols: dict[Expression, ArrayLike] = {}
        for name, value in values.items():
            if name == "temperature":
                symbols[beta] = 1.0 / np.asarray(value, dtype=np.float64)
            elif name in names:
                symbols[names[name]] = value
            else:
                allowed = ", ".join(sorted({*names, "temperature"}))
                raise InputError(f"values are those of {allowed}, got {name!r}")
        return symbols

    def _textbook(self, expression: Expression) -> Expression:
        """Fraction whose numerator is written without the letters that are defined."""
        numerator, denominator = sp.fraction(sp.factor(expression))
        return sp.cancel(sp.factor(self.explicit(numerator)) / denominator)

    def _at_saddle(self, expression: Expression) -> Expression:
        """Expression with moments and conjugates replaced outside of averages that stay."""
        solution = _solution(self)
        rest, objects = opaque(normal_form(expression))
        moments = {a: solution[k] for a, k in objects.items() if k in solution}
        conjugates = {r: solution[r] for r in self.conjugates}
        return collected(rest.xreplace(moments).xreplace(conjugates)).xreplace(objects)


@cache
def _gradient(f: FreeEnergy) -> dict[Expression, Expression]:
    every = (*f.order_parameters, *f.conjugates, *f.breakpoints)
    return {s: normal_form(f.derivative(f.expression, s)) for s in every}


@cache
def _solution(f: FreeEnergy) -> dict[Expression, Expression]:
    """Moments and conjugates at the saddle point as functions of the order parameters."""
    equations = [_gradient(f)[s] for s in (*f.order_parameters, *f.conjugates)]
    rest, objects = opaque(sp.Tuple(*equations))
    unknown = [*objects, *f.conjugates]
    if len(unknown) != len(equations):
        raise ValueError(f"{len(equations)} equations for {len(unknown)} unknowns: {objects}")
    found = sp.solve(list(rest), unknown, dict=True)
    return {k.xreplace(objects): sp.factor(value) for k, value in found[0].items()}
