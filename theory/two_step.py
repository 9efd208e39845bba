r"""Two steps of replica symmetry breaking in the Hopfield model at zero temperature.

With :math:`q_0 < q_1 < q_2 = 1`, breakpoints :math:`x_i = T y_i`, :math:`y_1 < y_2`, and
:math:`A_2 = 1 - C`, :math:`A_1 = A_2 - y_2(1-q_1)`, :math:`A_0 = A_1 - y_1(q_1-q_0)`,

.. math::
    r_0 = \frac{q_0}{A_0^2}, \quad r_1 = r_0 + \frac{q_1-q_0}{A_0A_1}, \quad
    r_2 = r_1 + \frac{1-q_1}{A_1A_2}, \qquad
    h = m + \sqrt{\alpha r_0}\,z + \sqrt{\alpha(r_1-r_0)}\,v,

.. math::
    f = \frac{m^2}2 + \frac\alpha2\Bigl[1 + \frac{\ln(A_0/A_1)}{y_1} + \frac{\ln(A_1/A_2)}{y_2}
        - \frac{q_0}{A_0} + r_2 C + y_2(r_2-r_1q_1) + y_1(r_1q_1-r_0q_0)\Bigr]
        - \frac1{y_1} E_z \ln E_v\, Z_2(h)^{y_1/y_2}

with :math:`Z_2(h) = \int Dw\, e^{y_2|h + s w|}`, :math:`s^2 = \alpha(r_2-r_1)`. One step is
:math:`y_1 = y_2`, whatever :math:`q_1`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar, root
from scipy.special import log_ndtr, logsumexp

from theory.one_step.crosstalk import Pairs
from theory.one_step.retrieval import retrieval
from theory.pairs.phases import HopfieldPhases
from theory.saddle import Array

__all__ = ["TwoStep", "at_overlap", "capacity", "free_energy", "residuals", "split"]

START = 0.138  # load of the one-step state from which the search begins
FARTHEST = 9.0
PER_DISTANCE = 0.17  # step over the distance of the poles: errors of 1e-12
TOLERANCE = 1e-10


@dataclass(frozen=True)
class TwoStep:
    """A state, or a guess of one.

    Parameters
    ----------
    load, overlap : float
        α and m.
    outer, inner : float
        q₀ and q₁.
    response : float
        C.
    slopes : tuple of float
        y₁ and y₂.
    """

    load: float
    overlap: float
    outer: float
    inner: float
    response: float
    slopes: tuple[float, float]


@dataclass(frozen=True)
class _Crosstalk:
    """A₀, A₁, A₂; r₀, r₁, r₂; and the widths of the three Gaussian parts of the field."""

    gaps: tuple[float, float, float]
    r: tuple[float, float, float]
    widths: tuple[float, float, float]


def _crosstalk(s: TwoStep) -> _Crosstalk | None:
    """None where the state is no state."""
    y1, y2 = s.slopes
    a2 = 1.0 - s.response
    a1 = a2 - y2 * (1.0 - s.inner)
    a0 = a1 - y1 * (s.inner - s.outer)
    if min(a0, a1, a2) <= 0.0 or not 0.0 < s.outer < s.inner < 1.0:
        return None
    r0 = s.outer / a0**2
    r1 = r0 + (s.inner - s.outer) / (a0 * a1)
    r2 = r1 + (1.0 - s.inner) / (a1 * a2)
    widths = [float(np.sqrt(s.load * part)) for part in (r0, r1 - r0, r2 - r1)]
    return _Crosstalk((a0, a1, a2), (r0, r1, r2), (widths[0], widths[1], widths[2]))


def _rule(step: float) -> tuple[Array, Array]:
    """Trapezoid rule of a Gaussian average."""
    nodes = np.linspace(-FARTHEST, FARTHEST, 2 * int(np.ceil(FARTHEST / step)) + 1)
    weights = np.exp(-(nodes**2) / 2.0)
    return nodes, weights / weights.sum()


def _averages(s: TwoStep, c: _Crosstalk) -> dict[str, float]:
    """Gaussian averages: of A, A², products, the response, ln Z₁, ln Z₂ and |h|."""
    y1, y2 = s.slopes
    # zeros of Z₂ and of Z₁ in the plane of h
    inner = np.pi / (2.0 * y2)
    outer = max(inner, min(np.pi / (2.0 * y1), 1.5 * c.widths[1]))
    z, wz = _rule(min(0.25, PER_DISTANCE * outer / c.widths[0]))
    v, wv = _rule(min(0.25, PER_DISTANCE * inner / c.widths[1]))
    h = s.overlap + c.widths[0] * z[:, None] + c.widths[1] * v
    width = c.widths[2]
    up, down = (sign * y2 * h + log_ndtr(sign * h / width + y2 * width) for sign in (1.0, -1.0))
    total = np.logaddexp(up, down)
    log_z2 = total + (y2 * width) ** 2 / 2.0
    a = np.exp(up - total) - np.exp(down - total)
    density = 2.0 * np.exp(-((h / width) ** 2) / 2.0 - log_z2) / np.sqrt(2.0 * np.pi)
    modulus = y2 * width**2 + h * a + width * density
    exponent = (y1 / y2) * log_z2 + np.log(wv)
    log_z1 = logsumexp(exponent, axis=1, keepdims=True)
    weight = np.exp(exponent - log_z1)
    mean = (weight * a).sum(axis=1)
    return {
        "m": float(wz @ mean),
        "q0": float(wz @ mean**2),
        "q1": float(wz @ (weight * a**2).sum(axis=1)),
        "response": float(wz @ (weight * density).sum(axis=1)) / width,
        "log_z1": float(wz @ log_z1[:, 0]),
        "log_z2": float(wz @ (weight * log_z2).sum(axis=1)),
        "modulus": float(wz @ (weight * modulus).sum(axis=1)),
    }


def residuals(s: TwoStep) -> Array:
    """Violations of the six saddle-point equations: of m, q₀, q₁, C, y₁ and y₂.

    Parameters
    ----------
    s : TwoStep

    Returns
    -------
    array, shape (6,)

    References
    ----------
    H. Steffan and R. Kühn, Z. Phys. B 95, 249 (1994).

    Examples
    --------
    >>> np.isnan(residuals(TwoStep(0.1, 0.9, 0.5, 0.6, 0.9, (1.0, 2.0)))).all().item()
    True
    """
    c = _crosstalk(s)
    if c is None:
        return np.full(6, np.nan)
    (a0, a1, a2), (r0, r1, r2) = c.gaps, c.r
    k, (y1, y2) = _averages(s, c), s.slopes
    d0, d1, q0, q1 = s.inner - s.outer, 1.0 - s.inner, s.outer, s.inner
    outer = (np.log(a0 / a1) / y1 + d0 / a0) / y1 + q0 * d0 / a0**2 - (r1 * q1 - r0 * q0)
    inner = np.log(a1 / a2) / y2**2 + d1 / (a1 * y2) - d1 * (1.0 / a1 - 1.0 / a0) / y1
    inner += q0 * d1 / a0**2 - (r2 - r1 * q1)
    by_y1 = s.load * outer / 2.0 - (k["log_z1"] - k["log_z2"] * y1 / y2) / y1**2
    by_y2 = s.load * inner / 2.0 + (k["modulus"] - k["log_z2"] / y2) / y2
    found = [s.overlap - k["m"], q0 - k["q0"], q1 - k["q1"], s.response - k["response"]]
    return np.array([*found, by_y1, by_y2])


def free_energy(s: TwoStep) -> float:
    """Free energy per spin, without self-interaction, as a function of all order parameters.

    Parameters
    ----------
    s : TwoStep

    Returns
    -------
    float

    References
    ----------
    H. Steffan and R. Kühn, Z. Phys. B 95, 249 (1994).

    Examples
    --------
    >>> states = [TwoStep(0.1, 0.99, 0.98, q1, 0.01, (5.0, 5.0)) for q1 in (0.985, 0.99)]
    >>> round(free_energy(states[0]) - free_energy(states[1]), 12)  # one step whatever q₁ is
    0.0
    """
    c, (y1, y2) = _crosstalk(s), s.slopes
    if c is None:
        return float("nan")
    (a0, a1, a2), (r0, r1, r2) = c.gaps, c.r
    terms = 1.0 + np.log(a0 / a1) / y1 + np.log(a1 / a2) / y2 - s.outer / a0 + r2 * s.response
    terms += y2 * (r2 - r1 * s.inner) + y1 * (r1 * s.inner - r0 * s.outer)
    site = _averages(s, c)["log_z1"] / y1
    return float(s.overlap**2 / 2.0 + s.load * terms / 2.0 - site)


def split(load: float) -> TwoStep:
    """First guess: the retrieval state of one step, its inner step split into two.

    Parameters
    ----------
    load : float
        α, where one-step retrieval exists at zero temperature.

    Returns
    -------
    TwoStep

    Examples
    --------
    >>> guess = split(0.138)
    >>> guess.outer < guess.inner < 1.0, guess.slopes[0] < guess.slopes[1]
    (True, True)
    """
    found = retrieval(HopfieldPhases(), Pairs(), load, 0.0)
    if found is None:
        raise ValueError(f"no retrieval state of one step at load {load}")
    one = found.state
    m, inner = one.effective_overlap, one.outer + 0.5 * one.step
    slopes = 0.7 * one.slope, 2.0 * one.slope
    return TwoStep(load, m, one.outer, inner, 0.6 * one.response, slopes)


def _numbers(s: TwoStep) -> Array:
    """The unknowns at a given overlap as numbers without bounds."""
    d1, (y1, y2) = 1.0 - s.inner, s.slopes
    return np.log([s.load, d1, (s.inner - s.outer) / d1, s.response, y1, y2 / y1 - 1.0])


def _state(overlap: float, numbers: NDArray[np.float64]) -> TwoStep:
    load, d1, ratio, response, y1, excess = np.exp(numbers).tolist()
    inner = 1.0 - d1
    return TwoStep(load, overlap, inner - d1 * ratio, inner, response, (y1, y1 * (1.0 + excess)))


def at_overlap(guess: TwoStep) -> tuple[TwoStep, float]:
    """Solve for the load and all else at the overlap of a guess.

    Parameters
    ----------
    guess : TwoStep

    Returns
    -------
    TwoStep, float
        The solution, and the largest violation of its equations, infinite if it is one step.

    Examples
    --------
    >>> solution, violation = at_overlap(split(0.138))
    >>> round(solution.load, 8), violation < 1e-10
    (0.13800777, True)
    """
    spread = 1.0 / (1.0 - guess.outer)
    scale = np.array([1.0, spread, spread, 1.0, spread, spread])  # all of the order of a change

    def equations(numbers: NDArray[np.float64]) -> Array:
        with np.errstate(all="ignore"):
            return np.nan_to_num(scale * residuals(_state(guess.overlap, numbers)), nan=10.0)

    found = root(equations, _numbers(guess), method="hybr", options={"xtol": 1e-13})
    state = _state(guess.overlap, found.x)
    genuine = state.slopes[1] > 1.01 * state.slopes[0] and state.inner > state.outer
    violation = float(np.abs(residuals(state)).max())
    return state, violation if genuine else float("inf")


def capacity() -> TwoStep:
    """Retrieval state of the largest load.

    Returns
    -------
    TwoStep

    Raises
    ------
    RuntimeError
        If a state on the way was not found.

    References
    ----------
    H. Steffan and R. Kühn, Z. Phys. B 95, 249 (1994), who give 0.138187.

    Examples
    --------
    >>> round(capacity().load, 7)
    0.1381963
    """
    best, violation = at_overlap(split(START))

    def negative_load(overlap: float) -> float:
        nonlocal best, violation
        best, violation = at_overlap(replace(best, overlap=overlap))
        if violation > TOLERANCE:
            raise RuntimeError(f"no state of two steps at overlap {overlap}")
        return -best.load

    # the load is a parabola around its maximum, which is at an overlap a little below the start
    top = best.overlap
    found = minimize_scalar(negative_load, bracket=(top, top - 0.003, top - 0.006), tol=1e-7)
    return at_overlap(replace(best, overlap=float(found.x)))[0]
