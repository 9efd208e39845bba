r"""Free energies per spin, each written once.

Everything else of a model is derived from these by :class:`theory.symbolic.FreeEnergy`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import sympy as sp

from hopfield.arguments import choice
from theory.models import require_dense
from theory.symbolic.averages import Average, LogAverage, log2cosh
from theory.symbolic.derivation import FreeEnergy
from theory.symbolic.symbols import (
    BREAKPOINT,
    CONJUGATE,
    CONJUGATES,
    INVERSE_TEMPERATURE,
    LOAD,
    OVERLAP,
    SELF_OVERLAP,
    SELF_OVERLAPS,
    V,
    Z,
)

__all__ = [
    "crosstalk", "dense_one_step", "dense_symmetric", "free_energy", "hopfield_one_step",
    "hopfield_symmetric",
]  # fmt: skip

Expression = Any  # SymPy has no type information
alpha, beta, m, q, r, x = (
    LOAD, INVERSE_TEMPERATURE, OVERLAP, SELF_OVERLAP, CONJUGATE, BREAKPOINT
)  # fmt: skip
(q0, q1), (r0, r1) = SELF_OVERLAPS, CONJUGATES


def free_energy(model: object, ansatz: str = "rs") -> FreeEnergy:
    """Free energy per spin of a model.

    What is derived from the full power at p = 100 takes minutes: its crosstalk has 50 terms.

    Parameters
    ----------
    model : hopfield.Dense
        With p up to 100.
    ansatz : str
        "rs", replica symmetry, or "1rsb", one step of breaking it.

    Returns
    -------
    FreeEnergy

    Raises
    ------
    hopfield.InputError
        If there is no theory for the model, or the ansatz is another.

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Ann. Phys. 173, 30 (1987);
    E. Gardner, J. Phys. A 20, 3453 (1987).

    Examples
    --------
    >>> import hopfield
    >>> for equation in free_energy(hopfield.Dense(3)).saddle_point_equations():
    ...     print(equation)
    Eq(m, Average(tanh(beta*(sqrt(2)*sqrt(alpha)*q*z + m**2)), z))
    Eq(q, Average(tanh(beta*(sqrt(2)*sqrt(alpha)*q*z + m**2))**2, z))
    """
    choice("ansatz", ansatz, ("rs", "1rsb"))
    checked = require_dense(model)
    if checked.p == 2:
        constant = 0 if checked.self_interaction else alpha / 2
        return {"rs": hopfield_symmetric, "1rsb": hopfield_one_step}[ansatz](constant)
    xi = crosstalk(checked.p, checked.self_interaction)
    return {"rs": dense_symmetric, "1rsb": dense_one_step}[ansatz](sp.Integer(checked.p), xi)


def hopfield_symmetric(constant: Expression) -> FreeEnergy:
    r"""Hopfield model, replica symmetric.

    .. math::
        f = \frac{m^2}2 + \frac{\alpha}{2\beta} \Bigl[\ln A - \frac{\beta q}A\Bigr]
            + \frac{\alpha\beta}2 r (1-q) - \frac1\beta E \ln 2\cosh\beta h, \qquad
        h = m + \sqrt{\alpha r}\, z, \quad A = 1 - \beta(1-q),

    and a constant, α/2 without self-interaction and 0 with it.

    Parameters
    ----------
    constant : Expr
        In units of J.

    Returns
    -------
    FreeEnergy

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Ann. Phys. 173, 30 (1987).

    Examples
    --------
    >>> hopfield_symmetric(0).saddle_point_equations()[-1]
    Eq(r, q/A**2)
    """
    a = sp.Symbol("A", positive=True)
    h = m + sp.sqrt(alpha * r) * Z
    site = Average(log2cosh(beta * h), Z)
    patterns = (sp.log(a) - beta * q / a) / (2 * beta) + beta * r * (1 - q) / 2
    f = constant + m**2 / 2 + alpha * patterns - site / beta
    return FreeEnergy(f, (m, q), h, conjugates=(r,), definitions=((a, 1 - beta * (1 - q)),))


def hopfield_one_step(constant: Expression) -> FreeEnergy:
    r"""Hopfield model, one step of replica symmetry breaking.

    .. math::
        f &= \frac{m^2}2 + \frac\alpha{2\beta} \Bigl[\Bigl(1 - \frac1x\Bigr) \ln A_1
             + \frac1x \ln A_0 - \frac{\beta q_0}{A_0}\Bigr]
             + \frac{\alpha\beta}2 [r_1 (1-q_1) + x (r_1 q_1 - r_0 q_0)]
             - \frac1{\beta x} E_z \ln E_v (2\cosh\beta h)^x , \\
        h &= m + \sqrt{\alpha r_0}\, z + \sqrt{\alpha (r_1 - r_0)}\, v, \qquad
        A_1 = 1 - \beta(1-q_1), \quad A_0 = A_1 - \beta x (q_1 - q_0),

    and a constant, α/2 without self-interaction and 0 with it.

    Parameters
    ----------
    constant : Expr
        In units of J.

    Returns
    -------
    FreeEnergy

    References
    ----------
    A. Crisanti, D. J. Amit and H. Gutfreund, Europhys. Lett. 2, 337 (1986).

    Examples
    --------
    >>> hopfield_one_step(0).order_parameters
    (m, q_0, q_1)
    """
    a1, a0 = sp.symbols("A_1 A_0", positive=True)
    definitions = ((a0, a1 - beta * x * (q1 - q0)), (a1, 1 - beta * (1 - q1)))
    h = m + sp.sqrt(alpha * r0) * Z + sp.sqrt(alpha * (r1 - r0)) * V
    site = Average(LogAverage(x * log2cosh(beta * h), V), Z) / x
    determinant = (1 - 1 / x) * sp.log(a1) + sp.log(a0) / x - beta * q0 / a0
    conjugate = r1 * (1 - q1) + x * (r1 * q1 - r0 * q0)
    patterns = determinant / (2 * beta) + beta * conjugate / 2
    f = constant + m**2 / 2 + alpha * patterns - site / beta
    return FreeEnergy(f, (m, q0, q1), h, (r0, r1), (x,), definitions)


def dense_symmetric(p: Expression, xi: Callable[[Expression], Expression]) -> FreeEnergy:
    r"""Networks of p-body interactions, p >= 3, replica symmetric.

    .. math::
        f = \frac{p-1}p m^p - \frac{\alpha\beta}2 [\xi(1) - \xi(q) - (1-q)\xi'(q)]
            - \frac1\beta E \ln 2\cosh\beta h, \qquad
        h = m^{p-1} + \sqrt{\alpha \xi'(q)}\, z

    Parameters
    ----------
    p : Expr
        Number of spins in an interaction, a symbol or a number.
    xi : callable
        Crosstalk, a function of SymPy or `crosstalk`.

    Returns
    -------
    FreeEnergy

    References
    ----------
    E. Gardner, J. Phys. A 20, 3453 (1987).

    Examples
    --------
    >>> generic = dense_symmetric(sp.Symbol("p"), sp.Function("xi", real=True))
    >>> generic.energy()
    alpha*beta*(-xi(1) + xi(q)) - m**p/p
    """
    h = m ** (p - 1) + sp.sqrt(alpha * xi(q).diff(q)) * Z
    patterns = xi(sp.Integer(1)) - xi(q) - (1 - q) * xi(q).diff(q)
    site = Average(log2cosh(beta * h), Z)
    f = (p - 1) / p * m**p - alpha * beta * patterns / 2 - site / beta
    return FreeEnergy(f, (m, q), h)


def dense_one_step(p: Expression, xi: Callable[[Expression], Expression]) -> FreeEnergy:
    r"""Networks of p-body interactions, p >= 3, one step of replica symmetry breaking.

    .. math::
        f &= \frac{p-1}p m^p - \frac{\alpha\beta}2 \bigl[\xi(1) - \xi(q_1) - (1-q_1)\xi'(q_1)
             - x (\theta(q_1) - \theta(q_0))\bigr]
             - \frac1{\beta x} E_z \ln E_v (2\cosh\beta h)^x , \\
        h &= m^{p-1} + \sqrt{\alpha\xi'(q_0)}\, z + \sqrt{\alpha[\xi'(q_1) - \xi'(q_0)]}\, v,
        \qquad \theta(q) = q\xi'(q) - \xi(q)

    Parameters
    ----------
    p : Expr
        Number of spins in an interaction, a symbol or a number.
    xi : callable
        Crosstalk, a function of SymPy or `crosstalk`.

    Returns
    -------
    FreeEnergy

    References
    ----------
    E. Gardner, Nucl. Phys. B 257, 747 (1985); J. Phys. A 20, 3453 (1987).

    Examples
    --------
    >>> dense_one_step(sp.Integer(3), crosstalk(3, False)).breakpoints
    (x,)
    """
    slope0, slope1 = xi(q0).diff(q0), xi(q1).diff(q1)
    h = m ** (p - 1) + sp.sqrt(alpha * slope0) * Z + sp.sqrt(alpha * (slope1 - slope0)) * V
    theta0, theta1 = q0 * slope0 - xi(q0), q1 * slope1 - xi(q1)
    patterns = xi(sp.Integer(1)) - xi(q1) - (1 - q1) * slope1 - x * (theta1 - theta0)
    site = Average(LogAverage(x * log2cosh(beta * h), V), Z) / x
    f = (p - 1) / p * m**p - alpha * beta * patterns / 2 - site / beta
    return FreeEnergy(f, (m, q0, q1), h, breakpoints=(x,))


def crosstalk(p: int, self_interaction: bool) -> Callable[[Expression], Expression]:
    r"""Crosstalk ξ of a Hebbian energy of p-body interactions as a polynomial of SymPy.

    Without self-interaction :math:`\xi(q) = \frac{(p-1)!}p q^p`. With it,
    :math:`\xi(q) = p^{-2} \{E[x^p y^p]\}_0^q` for unit Gaussians of correlation q; they are
    :math:`y = qx + \sqrt{1-q^2}\,w` with independent x and w.

    Parameters
    ----------
    p : int
        At least 3.
    self_interaction : bool
        Whether the energy is the full power of the overlap.

    Returns
    -------
    callable
        Of an expression.

    References
    ----------
    E. Gardner, J. Phys. A 20, 3453 (1987); D. Krotov and J. J. Hopfield, NIPS 29, 1172 (2016).

    Examples
    --------
    >>> crosstalk(4, True)(sp.Symbol("q"))
    3*q**4/2 + 9*q**2/2
    """
    s = sp.Symbol("s")
    covariance = sp.Rational(math.factorial(p - 1), p) * s**p
    if self_interaction:
        # E[x^p y^p], where E[w^(2k)] = (2k-1)!!
        moment = sum(
            sp.binomial(p, 2 * k) * sp.factorial2(2 * k - 1) * sp.factorial2(2 * (p - k) - 1)
            * (1 - s**2) ** k * s ** (p - 2 * k)
            for k in range(p // 2 + 1)
        )  # fmt: skip
        covariance = sp.expand((moment - sp.sympify(moment).subs(s, 0)) / p**2)
    return lambda q: covariance.subs(s, q)
