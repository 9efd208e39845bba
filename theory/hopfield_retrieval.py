r"""Retrieval phase of the Hopfield model: the branch of solutions with m > 0, and where it ends.

At fixed temperature the branch is parametrised by :math:`v = \sigma/m`: m solves
:math:`m = M(m, v m)`, which has one positive root for T < 1, and the load follows as
:math:`\alpha = \sigma^2(1-C)^2/q`. From v = 0, where the load is zero, it rises up to the end of
the phase, the spinodal.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.optimize.elementwise import find_root

from theory.branches import Branch, Spinodal
from theory.gaussian import moments
from theory.hopfield_equations import load_at, residuals
from theory.saddle import Array, Cells, newton
from theory.stability import Marginal, marginal_temperature

__all__ = ["branch", "largest_marginal_ratio", "marginal", "overlap_at", "search", "spinodal"]

RATIO_BRACKET = (0.3, 0.7)  # σ/m at the end of the phase is 0.46 to 0.48 at every temperature
TABLE = 65  # points of the table from which first guesses are read


def overlap_at(ratio: Array, temperature: Array) -> Array:
    r"""Overlap on the branch, the positive root of :math:`m = M(m, v m)`.

    Parameters
    ----------
    ratio, temperature : arrays, shape (n,)
        v = σ/m and T < 1.

    Returns
    -------
    array, shape (n,)
        Not a number where no root was found.

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Phys. Rev. Lett. 55, 1530 (1985).

    Examples
    --------
    >>> m = overlap_at(np.array([0.0]), np.array([0.5])).item()  # no load: m = tanh(m/T)
    >>> round(float(m - np.tanh(m / 0.5)), 12)
    0.0
    """

    def equations(x: Array, cells: Cells) -> tuple[Array, Array]:
        m, v = x[:, 0], ratio[cells]
        k = moments(m, v * m, temperature[cells])
        slope = 1.0 - k.response - v * k.tanh_by_width
        return (m - k.tanh)[:, None], slope[:, None, None]

    # M is concave and at most tanh(m/T), whose root is below this: Newton descends to the root
    start = np.minimum(1.0, np.sqrt(3.0 * (1.0 - temperature)))
    found = newton(equations, start[:, None], lower=0.0)
    m = found.value[:, 0]
    return np.where(found.converged & (m > 0.0), m, np.nan)


def spinodal(temperature: Array) -> Spinodal:
    """Largest load with retrieval, where the Jacobian of the saddle-point equations is singular.

    Parameters
    ----------
    temperature : array, shape (n,)
        T.

    Returns
    -------
    Spinodal

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Ann. Phys. 173, 30 (1987): 0.138 at T = 0,
    T_M = 1 - 1.95 sqrt(α) at small loads.

    Examples
    --------
    >>> end = spinodal(np.array([0.0]))
    >>> round(end.load.item(), 9), round(end.overlap.item(), 6)
    (0.137905566, 0.967417)
    """
    exists = temperature < 1.0
    t = temperature[exists]
    if not t.size:
        return Spinodal(*np.full((5, temperature.size), np.nan))

    def determinant(v: Array, temp: Array) -> Array:
        m = overlap_at(v, temp)
        return load_at(temp, m, v * m)[1]

    low, high = RATIO_BRACKET
    bracket = np.full(t.size, low), np.full(t.size, high)
    root = find_root(determinant, bracket, args=(t,))
    v = np.where(root.success, root.x, np.nan)
    m = overlap_at(v, t)
    load = load_at(t, m, v * m)[0]
    violation = np.abs(residuals(load, t, m, v * m)[0]).max(axis=1)
    result = np.full((5, temperature.size), np.nan)
    result[:, exists] = load, m, m, v * m, violation
    return Spinodal(*result)


def branch(temperature: Array) -> Branch:
    """Tabulate the retrieval branch at a set of temperatures.

    Parameters
    ----------
    temperature : array, shape (n,)
        T.

    Returns
    -------
    Branch

    Examples
    --------
    >>> branch(np.array([0.0, 0.5])).effective_overlap.shape
    (2, 65)
    """
    end = spinodal(temperature)
    ratio = np.multiply.outer(end.noise / end.effective_overlap, np.linspace(0.0, 1.0, TABLE))
    exists = np.flatnonzero(np.isfinite(end.load))
    overlap, angle = np.full((2, *ratio.shape), np.nan)
    v, t = ratio[exists].ravel(), np.repeat(temperature[exists], TABLE)
    m = overlap_at(v, t)
    load = load_at(t, m, v * m)[0].reshape(-1, TABLE) / end.load[exists, None]
    overlap[exists] = m.reshape(-1, TABLE)
    angle[exists] = np.arcsin(np.sqrt(np.minimum(load, 1.0)))
    return Branch(temperature, end, angle, overlap, ratio)


def search(along: Branch, row: NDArray[np.intp], load: Array) -> tuple[Array, Array]:
    """Retrieval solutions by bracketing in σ/m between 0 and the end; slow and safe.

    Parameters
    ----------
    along : Branch
        From `branch`.
    row : integer array, shape (n,)
        Which of its temperatures.
    load : array, shape (n,)
        α, at most that of the end.

    Returns
    -------
    tuple of arrays, shape (n,)
        m and σ; not a number where no root was found.

    Examples
    --------
    >>> m, _ = search(branch(np.array([0.0])), np.array([0]), np.array([0.1]))
    >>> round(m.item(), 6)
    0.997999
    """
    end, temperature = along.end, along.temperature[row]
    largest = (end.noise / end.effective_overlap)[row]

    def excess(v: Array, a: Array, t: Array) -> Array:
        m = overlap_at(v, t)
        return load_at(t, m, v * m)[0] - a

    root = find_root(excess, (np.zeros_like(largest), largest), args=(load, temperature))
    v = np.where(root.success, root.x, np.nan)
    m = overlap_at(v, temperature)
    return m, v * m


def marginal(ratio: Array) -> Marginal:
    r"""Where replica symmetry becomes unstable on the retrieval branch, for given σ/m.

    With :math:`t = T/\sigma` from `theory.stability.marginal_temperature` and
    :math:`M, q, C` at :math:`u = m/\sigma` and t: :math:`m = M`, :math:`\sigma = m/u`,
    :math:`\alpha = \sigma^2(1-C)^2/q`. At small loads
    :math:`T \approx \sqrt{8\alpha/9\pi}\,e^{-1/2\alpha}`, which below α = 7e-4 is less than
    the smallest positive number.

    Parameters
    ----------
    ratio : array, shape (n,)
        σ/m = 1/u >= 0.

    Returns
    -------
    Marginal
        In the order of `ratio`; the load increases with it up to the end of the phase.

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Ann. Phys. 173, 30 (1987).

    Examples
    --------
    >>> line = marginal(np.array([0.2]))
    >>> round(line.load.item(), 6), round(line.temperature.item() * 1e7, 6)
    (0.039999, 3.964583)
    """
    t, residual = marginal_temperature(ratio, np.ones_like)
    k = moments(1.0, ratio, t * ratio)
    noise = k.tanh * ratio
    load = (noise - ratio * k.response) ** 2 / k.tanh_squared
    return Marginal(load, t * noise, k.tanh, k.tanh, noise, residual)


def largest_marginal_ratio() -> float:
    """Ratio σ/m at which the line of marginal stability meets the spinodal.

    Returns
    -------
    float

    Examples
    --------
    >>> round(largest_marginal_ratio(), 6)
    0.469249
    """

    def determinant(ratio: float) -> float:
        end = marginal(np.array([ratio]))
        return float(load_at(end.temperature, end.effective_overlap, end.noise)[1].item())

    return float(brentq(determinant, *RATIO_BRACKET, xtol=1e-15, rtol=1e-14))
