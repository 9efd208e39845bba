r"""What the crosstalk contributes to equations of one-step replica symmetry breaking.

The energies differ in this and in the law of the signal alone. All quantities are written with
:math:`1 - q_1 = TC`, :math:`q_1 - q_0 = \Delta` and :math:`y = x/T`, which leaves no division by T
and no difference of nearly equal numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log1p
from typing import Protocol

import numpy as np
from scipy.special import expit, logit

from hopfield.models import Dense
from theory.crosstalk import Crosstalk, crosstalk
from theory.one_step.states import OneStep
from theory.saddle import Array
from theory.signal import PATTERN, Signal

__all__ = ["Contribution", "Interaction", "OneStep", "Pairs", "Powers", "interaction"]

SMALL = 0.01  # where a series is as good as the logarithm
SERIES = [(-1) ** k / (k + 2.0) for k in range(7, -1, -1)]


@dataclass(frozen=True)
class Contribution:
    r"""Terms of the crosstalk at given order parameters.

    Parameters
    ----------
    outer_variance, inner_variance : float
        Of the field, s₀² and s₁².
    divergence : float
        D, with which the derivative of the free energy by y is
        :math:`-(E\psi - y^2 s_1^2/2 + D)/y^2`, ψ the divergence of `theory.one_step.averages`.
    free_energy, energy, entropy : float
        Their terms besides those of overlap and local field.
    outer_stiffness, inner_stiffness : float
        Factors of the averages in the replicon eigenvalues.
    """

    outer_variance: float
    inner_variance: float
    divergence: float
    free_energy: float
    energy: float
    entropy: float
    outer_stiffness: float
    inner_stiffness: float


class Interaction(Protocol):
    """Crosstalk of an energy, and the signal it makes."""

    def __hash__(self) -> int:
        """Results are kept by it."""

    @property
    def p(self) -> int:
        """Number of spins in an interaction."""

    @property
    def signal(self) -> Signal:
        """Law of the entries of the effective pattern."""

    def contribution(self, state: OneStep) -> Contribution:
        """Terms of the crosstalk; not a number outside of where they are defined."""

    def response(self, free: float) -> float:
        """C as a function of a number without bounds."""

    def slope(self, free: float, response: float, step: float) -> float:
        """Value of y as a function of a number without bounds, at given C and Δ."""

    def free(self, state: OneStep) -> tuple[float, float]:
        """The two numbers without bounds."""


@dataclass(frozen=True)
class Powers:
    r"""Gaussian crosstalk of interactions of p >= 3 spins.

    With :math:`\theta = q\xi' - \xi`,

    .. math::
        s_0^2 &= \alpha\xi'(q_0), \qquad s_1^2 = \alpha[\xi'(q_1) - \xi'(q_0)], \qquad
        D = \frac{\alpha y^2}2 \int_{q_0}^{q_1} (1-q)\,\xi''(q)\,dq \\
        f &= \frac{\alpha y}2 [\theta(q_1) - \theta(q_0)]
           - \frac\alpha{2T} [\xi(1) - \xi(q_1) - (1-q_1)\xi'(q_1)] .

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.
    signal : Signal
        Law of the entries of the effective pattern.

    Examples
    --------
    >>> frozen = Powers(crosstalk(3, False)).contribution(OneStep(0.5, 0.0, 0.0, 1.0, 0.1, 2.0))
    >>> frozen.inner_variance, round(frozen.divergence, 12)
    (1.0, 0.666666666667)
    """

    crosstalk: Crosstalk
    signal: Signal = PATTERN

    @property
    def p(self) -> int:
        """Number of spins in an interaction."""
        return self.crosstalk.p

    def contribution(self, state: OneStep) -> Contribution:
        """Terms of the crosstalk."""
        xi, load, y, c = self.crosstalk, state.load, state.slope, state.response
        q0, q1 = state.outer, state.inner
        if not 0.0 <= q0 <= q1 <= 1.0:
            return NOWHERE
        defect, weights = _between(state, self.p)
        q = 1.0 - defect
        curvature = weights * xi.derivative(q, 2)
        loss = load * c * c * float(xi.second_remainder(q1)) / 2.0
        rise = load * y * float(weights @ xi.derivative(q))
        return Contribution(
            outer_variance=load * float(xi.derivative(q0)),
            inner_variance=load * float(curvature.sum()),
            divergence=load * y * y / 2.0 * float(curvature @ defect),
            free_energy=load * y / 2.0 * float(curvature @ q) - state.temperature * loss,
            energy=-load * c * float(xi.first_remainder(q1)) - rise,
            entropy=-loss,
            outer_stiffness=load * float(xi.derivative(q0, 2)),
            inner_stiffness=load * float(xi.derivative(q1, 2)),
        )

    def response(self, free: float) -> float:
        """C, which is positive."""
        return float(np.exp(free))

    def slope(self, free: float, response: float, step: float) -> float:
        """Value of y, which is positive."""
        return float(np.exp(free))

    def free(self, state: OneStep) -> tuple[float, float]:
        """Logarithms of C and y."""
        return float(np.log(state.response)), float(np.log(state.slope))


def _between(state: OneStep, p: int) -> tuple[Array, Array]:
    """Gauss-Legendre rule in 1 - q between q₀ and q₁, exact for the polynomials that occur."""
    x, w = np.polynomial.legendre.leggauss(p // 2 + 1)
    return state.defect + state.step * (1.0 - x) / 2.0, state.step / 2.0 * w


@dataclass(frozen=True)
class Pairs:
    r"""Crosstalk of pair interactions, p = 2.

    With eigenvalues λ, k times each, of the crosstalk of one pattern, :math:`A_1 = 1 - \lambda C`,
    :math:`A_0 = A_1 - \lambda y\Delta`, :math:`r_0 = \sum k\lambda^2 q_0/A_0^2`,
    :math:`r_1 = r_0 + \sum k\lambda^2 \Delta/(A_0 A_1)`,

    .. math::
        s_0^2 &= \alpha r_0, \qquad s_1^2 = \alpha (r_1 - r_0), \qquad
        D = \frac\alpha2 \sum k \Bigl[\frac{\lambda y\Delta}{A_0} - \ln\frac{A_1}{A_0}
            + \frac{\lambda^2 y^2 \Delta (1-q_1)}{A_0 A_1}\Bigr] \\
        f &= \frac\alpha2 \Bigl\{\sum k \Bigl[\lambda + T \ln A_1 + \frac1y \ln\frac{A_0}{A_1}
          - \frac{\lambda q_0}{A_0}\Bigr] + r_1 C + y (r_1 q_1 - r_0 q_0)\Bigr\} .

    Parameters
    ----------
    self_interaction : bool
        Whether the energy is the full square of the overlap; f and u are then lower by
        :math:`\frac\alpha2 \sum k\lambda`.
    modes : tuple of pairs of float
        λ and k; ((1, 1),) where the pattern itself is stored.
    signal : Signal
        Law of the entries of the effective pattern.

    Examples
    --------
    >>> frozen = Pairs().contribution(OneStep(0.5, 0.0, 0.0, 0.5, 0.2, 1.0))
    >>> round(frozen.outer_stiffness, 12)
    5.555555555556
    """

    self_interaction: bool = False
    modes: tuple[tuple[float, float], ...] = ((1.0, 1.0),)
    signal: Signal = PATTERN

    @property
    def p(self) -> int:
        """Number of spins in an interaction."""
        return 2

    @property
    def largest(self) -> float:
        """Largest λ."""
        return max(eigenvalue for eigenvalue, _ in self.modes)

    def contribution(self, state: OneStep) -> Contribution:
        """Terms of the crosstalk."""
        y, c, step, defect = state.slope, state.response, state.step, state.defect
        q0, q1, t = state.outer, state.inner, state.temperature
        if not (0.0 <= q0 <= q1 <= 1.0 and 1.0 - self.largest * (c + y * step) > 0.0):
            return NOWHERE
        r0 = rise = spread = bracket = energy = entropy = outer = inner = 0.0
        for eigenvalue, multiplicity in self.modes:
            growth = eigenvalue * c
            a1 = 1.0 - growth
            a0 = a1 - eigenvalue * y * step
            ratio = eigenvalue * y * step / a0
            k1, k2 = multiplicity * eigenvalue, multiplicity * eigenvalue * eigenvalue
            log = multiplicity * log1p(-growth)
            r0 += k2 * q0 / (a0 * a0)
            rise += k2 * step / (a0 * a1)
            spread += multiplicity * _log_remainder(ratio) + k2 * y * y * step * defect / (a0 * a1)
            constant = 0.0 if self.self_interaction else k1
            bracket += constant + t * log - multiplicity * log1p(ratio) / y - k1 * q0 / a0
            energy += k1 * (defect / a1 + step / (a0 * a1) + q0 / (a0 * a0)) - constant
            entropy += log + multiplicity * growth / a1
            outer += k2 / (a0 * a0)
            inner += k2 / (a1 * a1)
        bracket += (r0 + rise) * c + y * (q1 * rise + r0 * step)
        terms = (r0, rise, spread / 2.0, bracket / 2.0, -energy / 2.0, -entropy / 2.0, outer, inner)
        return Contribution(*(state.load * term for term in terms))

    def response(self, free: float) -> float:
        """C, such that A₁ is between 0 and 1."""
        return float(expit(free)) / self.largest

    def slope(self, free: float, response: float, step: float) -> float:
        """Value of y, such that A₀ is between 0 and A₁."""
        return float((1.0 / self.largest - response) * expit(free) / step)

    def free(self, state: OneStep) -> tuple[float, float]:
        """Logits of λ C and λ y Δ/A₁ for the largest λ."""
        share = state.slope * state.step / (1.0 / self.largest - state.response)
        return float(logit(self.largest * state.response)), float(logit(share))


def _log_remainder(t: float) -> float:
    """Difference t - log(1 + t), also where it is much smaller than t."""
    if t < SMALL:
        return t * t * float(np.polyval(SERIES, t))
    return t - float(np.log1p(t))


NOWHERE = Contribution(*[float("nan")] * 8)


def interaction(model: Dense) -> Interaction:
    """Crosstalk of a model.

    Parameters
    ----------
    model : hopfield.Dense
        With any p.

    Returns
    -------
    Interaction

    Examples
    --------
    >>> interaction(Dense(2)) == Pairs()
    True
    """
    if model.p == 2:
        return Pairs(model.self_interaction)
    return Powers(crosstalk(model.p, model.self_interaction))
