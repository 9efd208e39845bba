r"""Stability of replica-symmetric states against breaking replica symmetry.

The replicon eigenvalue :math:`\Lambda = 1 - \chi \frac{\sigma^2}{q T^2} E\,\mathrm{sech}^4(h/T)`
depends on the mean and the temperature in units of the width σ of the field alone, so that the line
where it vanishes on the retrieval branch is found for each ratio of width and mean by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize.elementwise import bracket_root, find_root

from theory.saddle import Array
from theory.signal import Signal

__all__ = ["Marginal", "marginal_temperature", "replicon"]

SMALLEST_RATIO = 1e-8  # of width and strength, from where on t is that of a vanishing ratio


@dataclass(frozen=True)
class Marginal:
    """Retrieval solutions of vanishing replicon, one entry a cell.

    Parameters
    ----------
    load, temperature, overlap, effective_overlap, noise : arrays
        α, T, m, n and σ; without examples n is m.
    residual : array
        Relative violation of the condition of marginal stability.
    """

    load: Array
    temperature: Array
    overlap: Array
    effective_overlap: Array
    noise: Array
    residual: Array


def replicon(
    temperature: Array,
    noise: Array,
    self_overlap: Array,
    sech_fourth: Array,
    exponent: Array | float = 1.0,
) -> Array:
    r"""Replicon eigenvalue :math:`1 - \chi \frac{\sigma^2}{q T^2} E\,\mathrm{sech}^4(h/T)`.

    For p = 2, :math:`1 - \alpha E\,\mathrm{sech}^4(h/T) / (T - 1 + q)^2` with the load eliminated
    by :math:`\alpha/(1-C)^2 = \sigma^2/q`; for p >= 3,
    :math:`1 - \alpha \xi''(q) E\,\mathrm{sech}^4(h/T) / T^2` by :math:`\alpha = \sigma^2/\xi'(q)`.

    Parameters
    ----------
    temperature, noise, self_overlap : arrays
        T, σ and q > 0.
    sech_fourth : array
        E sech⁴(h/T) / T, see `theory.gaussian.ThermalMoments`.
    exponent : array or float
        χ = q ξ''(q)/ξ'(q), see `theory.crosstalk`; 1 for p = 2.

    Returns
    -------
    array
        Stable if positive. It tends to -inf as T -> 0 at any positive load, and is 1 without noise.

    References
    ----------
    J. R. L. de Almeida and D. J. Thouless, J. Phys. A 11, 983 (1978).

    Examples
    --------
    >>> replicon(*np.array([[0.5], [0.5], [0.5], [0.2]])).item()
    0.8
    """
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        value = 1.0 - exponent * noise**2 * sech_fourth / (self_overlap * temperature)
    return np.where(noise > 0.0, np.where(temperature > 0.0, value, -np.inf), 1.0)


def marginal_temperature(
    ratio: Array, exponent: Callable[[Array], Array], signal: Signal
) -> tuple[Array, Array]:
    r"""Temperature over width, t = T/σ, where the replicon vanishes, for given width over strength.

    The root of :math:`t q = \chi(q) E\,\mathrm{sech}^4/t`. For patterns the right-hand side hardly
    depends on t, and on the retrieval branch the root is 1 to 1.6 times its value at t = 0.

    Parameters
    ----------
    ratio : array, shape (n,)
        Width over strength, at least 0.
    exponent : callable
        χ as a function of q.
    signal : Signal
        Law of the entries.

    Returns
    -------
    tuple of arrays, shape (n,)
        t, and the relative violation of the equation; not a number where no root was found.

    References
    ----------
    J. R. L. de Almeida and D. J. Thouless, J. Phys. A 11, 983 (1978).

    Examples
    --------
    >>> from theory.signal import PATTERN
    >>> t, _ = marginal_temperature(np.array([0.2]), np.ones_like, PATTERN)
    >>> round(t.item() * 1e6, 6)
    1.982293
    """
    strength = 1.0 / np.maximum(ratio, SMALLEST_RATIO)

    def excess(t: Array, a: Array) -> Array:
        q = signal.moments(a, 1.0, t).tanh_squared
        return t * q - exponent(q) * signal.thermal_moments(a, 1.0, t).sech_fourth

    coldest = (
        exponent(np.ones_like(strength)) * signal.thermal_moments(strength, 1.0, 0.0).sech_fourth
    )
    t, violation = np.zeros_like(strength), np.zeros_like(strength)
    warm = coldest > 0.0  # else it is below the smallest number
    start = 0.5 * coldest[warm], 2.0 * coldest[warm]
    around = bracket_root(excess, *start, xmin=0.0, args=(strength[warm],))
    root = find_root(excess, around.bracket, args=(strength[warm],))
    t[warm] = np.where(root.success, root.x, np.nan)
    size = t[warm] * signal.moments(strength[warm], 1.0, t[warm]).tanh_squared
    violation[warm] = np.abs(root.f_x) / np.where(size > 0.0, size, 1.0)
    return t, violation
