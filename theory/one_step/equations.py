r"""Equations of one-step replica symmetry breaking for any crosstalk.

With the averages of `theory.one_step.averages` over the field of strength :math:`n^{p-1}`, and the
crosstalk of `theory.one_step.crosstalk`, a saddle point is a zero of

.. math::
    F_1 = n - E x A, \qquad
    F_2 = \frac{E\langle\mathrm{sech}^2\rangle}{TC} - 1, \qquad
    F_3 = \frac{E[1-A^2] - E\langle\mathrm{sech}^2\rangle}{\Delta} - 1, \qquad
    F_4 = \frac{E\psi - y^2 s_1^2/2 + D}{D}\, \Bigl(\frac{1-q_0}\Delta\Bigr)^2 ,

with :math:`1 - q_1 = TC`, :math:`q_1 - q_0 = \Delta`. Each is divided by the power of Δ with which
it would vanish for any replica-symmetric state; what is left does not vanish there.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from theory.one_step.averages import Averages, Field, averages
from theory.one_step.crosstalk import Contribution, Interaction, OneStep
from theory.saddle import Array

__all__ = [
    "EQUATIONS",
    "OBSERVABLES",
    "Found",
    "complexity",
    "observables",
    "residuals",
    "solve",
]

OBSERVABLES = (
    "overlap", "free_energy", "energy", "entropy", "complexity", "replicon", "replicon_outer",
)  # fmt: skip
EQUATIONS = ("effective_overlap", "response", "step", "slope")
DIFFERENCE = 1e-5  # of the variables in numerical derivatives
TOLERANCE = 1e-8  # of the last step, 1e-5 of which is about the error left
COARSE = 1e-6  # of the last step where rounding errors forbid a smaller one
LONGEST_STEP = 1.0
HALVINGS = 8
SINGULAR = 1e15  # condition of a Jacobian
LARGEST_RESIDUAL = 1e-10
ROUNDING = 1e-13
ITERATIONS = 25


@dataclasses.dataclass(frozen=True)
class Found:
    """Where the solver stopped.

    Parameters
    ----------
    state : OneStep
        The state.
    residual : float
        Largest violation of an equation.
    converged : bool
        Whether it is a solution.
    """

    state: OneStep
    residual: float
    converged: bool


def _evaluate(crosstalk: Interaction, state: OneStep) -> tuple[Contribution, Averages] | None:
    """Both parts of all equations, or None where they are not defined."""
    part = crosstalk.contribution(state)
    defined = 0.0 < part.inner_variance < np.inf and part.divergence > 0.0
    if not (defined and state.step > 0.0 and state.response > 0.0 and state.slope < np.inf):
        return None
    strength = state.effective_overlap ** (crosstalk.p - 1)
    outer, inner = np.sqrt(part.outer_variance), np.sqrt(part.inner_variance)
    field = Field(strength, outer, inner, state.temperature, state.slope, crosstalk.signal)
    return part, averages(field)


def residuals(crosstalk: Interaction, state: OneStep) -> Array:
    """Left-hand sides :math:`F_1, F_2, F_3, F_4` of the saddle-point equations.

    Parameters
    ----------
    crosstalk : Interaction
        Of the model.
    state : OneStep
        Where.

    Returns
    -------
    array, shape (4,)
        Not a number where they are not defined.

    References
    ----------
    H. Steffan and R. Kühn, Z. Phys. B 95, 249 (1994).

    Examples
    --------
    >>> from theory.one_step.crosstalk import Pairs
    >>> residuals(Pairs(), OneStep(0.1, 0.0, 1.0, 1.5, 0.1, 1.0))  # q₁ - q₀ = 1.5
    array([nan, nan, nan, nan])
    """
    parts = _evaluate(crosstalk, state)
    if parts is None:
        return np.full(4, np.nan)
    part, k = parts
    defect = state.temperature * k.response
    return np.array(
        [
            state.effective_overlap - k.effective_overlap,
            k.response / state.response - 1.0,
            (k.tanh_defect - defect) / state.step - 1.0,
            (k.divergence / part.divergence + 1.0) * (1.0 + state.defect / state.step) ** 2,
        ]
    )


def complexity(crosstalk: Interaction, state: OneStep) -> float:
    r"""Logarithm of the number of states per spin, :math:`\Sigma = y^2\,\partial f/\partial y`.

    Parameters
    ----------
    crosstalk : Interaction
        Of the model.
    state : OneStep
        Zero of :math:`F_1, F_2, F_3`.

    Returns
    -------
    float
        Zero at a saddle point.

    References
    ----------
    R. Monasson, Phys. Rev. Lett. 75, 2847 (1995).

    Examples
    --------
    >>> from theory.one_step.crosstalk import Pairs
    >>> complexity(Pairs(), OneStep(0.1, 0.0, 1.0, 1.5, 0.1, 1.0))
    nan
    """
    parts = _evaluate(crosstalk, state)
    return float("nan") if parts is None else -(parts[1].divergence + parts[0].divergence)


def observables(crosstalk: Interaction, state: OneStep) -> dict[str, float]:
    r"""Thermodynamics and stability of a saddle point.

    With the terms f, u, s of `theory.one_step.crosstalk`,

    .. math::
        f &= \frac{p-1}p n^p - \frac1y E \log Z + f_\xi, \qquad
        u = -\frac{n^p}p + u_\xi, \qquad
        s = E\langle\log 2\cosh u - u\tanh u\rangle + s_\xi \\
        \Lambda_1 &= 1 - \frac{\kappa_1}{T^2} E\langle\mathrm{sech}^4\rangle, \qquad
        \Lambda_0 = 1 - \kappa_0\, E\Bigl(\frac{dA}{dh}\Bigr)^2

    where :math:`\kappa_i = \alpha\xi''(q_i)`, or :math:`\alpha/A_i^2` for p = 2.

    Parameters
    ----------
    crosstalk : Interaction
        Of the model.
    state : OneStep
        A saddle point; off it f is the free energy as a function of all order parameters.

    Returns
    -------
    dict of str to float
        Keys are `OBSERVABLES`.

    References
    ----------
    E. Gardner, Nucl. Phys. B 257, 747 (1985).

    Examples
    --------
    >>> from theory.one_step.crosstalk import Powers
    >>> from theory.crosstalk import crosstalk
    >>> frozen = OneStep(0.5, 0.0, 0.0, 1.0, 0.2, 2.0)
    >>> values = observables(Powers(crosstalk(3, False)), frozen)
    >>> round(values["energy"], 6), round(values["entropy"], 6)
    (-0.866667, -0.02)
    """
    parts = _evaluate(crosstalk, state)
    if parts is None:
        return dict.fromkeys(OBSERVABLES, float("nan"))
    part, k = parts
    condensed = state.effective_overlap**crosstalk.p / crosstalk.p
    t = state.temperature
    inner = part.inner_stiffness * k.sech_fourth / t if t > 0.0 else float("inf")
    return {
        "overlap": k.overlap,
        "free_energy": (crosstalk.p - 1) * condensed - k.log_partition + part.free_energy,
        "energy": -condensed + part.energy,
        "entropy": k.entropy + part.entropy,
        "complexity": -(k.divergence + part.divergence),
        "replicon": 1.0 - inner,
        "replicon_outer": 1.0 - part.outer_stiffness * k.susceptibility_squared,
    }


def solve(
    crosstalk: Interaction,
    build: Callable[[Array], OneStep],
    start: ArrayLike,
    equations: Sequence[str] = EQUATIONS,
) -> Found:
    """Solve some of the equations for as many unknowns, by Newton's method.

    Parameters
    ----------
    crosstalk : Interaction
        Of the model.
    build : callable
        The state as a function of the unknowns, an array of shape (n,).
    start : array, shape (n,)
        First guess of the unknowns.
    equations : sequence of str
        Which n out of `EQUATIONS`.

    Returns
    -------
    Found

    Examples
    --------
    >>> from theory.one_step.crosstalk import Powers
    >>> from theory.crosstalk import crosstalk
    >>> def frozen(x):  # zero temperature, no overlap, q₀ = 0
    ...     return OneStep(1.0, 0.0, 0.0, 1.0, np.exp(x[0]), np.exp(x[1]))
    >>> found = solve(Powers(crosstalk(3, False)), frozen, [-1.0, 0.0], ("response", "slope"))
    >>> found.converged
    True
    """
    rows = [EQUATIONS.index(name) for name in equations]

    def values(x: Array) -> Array:
        return residuals(crosstalk, build(x))[rows]

    def factor(x: Array) -> Array:
        """How much the last equation magnifies rounding errors."""
        state = build(x)
        return np.array([1.0, 1.0, 1.0, (1.0 + state.defect / state.step) ** 2])[rows]

    x, good = np.asarray(start, dtype=np.float64), False
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        here = values(x)
        for _ in range(ITERATIONS):
            last = x
            x, here = _newton_step(values, x, here)
            solved = np.abs(here) <= LARGEST_RESIDUAL + ROUNDING * factor(x)
            change = np.abs(x - last).max()
            good = bool(solved.all() and change <= COARSE)
            if np.isnan(change) or (good and change <= TOLERANCE):
                break
        return Found(build(x), float((np.abs(here) / factor(x)).max()), good)


def _newton_step(values: Callable[[Array], Array], x: Array, here: Array) -> tuple[Array, Array]:
    """Unknowns and equations after Newton's step, not a number where there is none.

    The step is shortened to one that is not too long and leads to where values exist. It need not
    lower the residuals: the factors of small steps make them a curved valley.
    """
    columns = [values(x + shift) - here for shift in DIFFERENCE * np.eye(x.size)]
    jacobian = np.stack(columns, axis=1) / DIFFERENCE
    nowhere = np.full_like(x, np.nan)
    if not np.isfinite(jacobian).all() or np.linalg.cond(jacobian) > SINGULAR:
        return nowhere, nowhere
    step = np.asarray(np.linalg.solve(jacobian, -here))
    step *= min(1.0, LONGEST_STEP / max(float(np.abs(step).max()), LONGEST_STEP))
    for _ in range(HALVINGS):
        there = values(x + step)
        if np.isfinite(there).all():
            return x + step, there
        step /= 2.0
    return nowhere, nowhere
