r"""Branch of retrieval states of networks of pair interactions, p = 2, at fixed temperature.

At T < 1 - d they are parametrised by :math:`v = \sigma/n`. The effective overlap solves
:math:`n = N(n, v n)`, and N is a concave function of n with the slope (1 - d)/T at 0, so that there
is one root; it decreases with v. The load follows as :math:`\alpha = \sigma^2\Gamma(C)^2/q`.
"""

from __future__ import annotations

import numpy as np

from theory.pairs.crosstalk import PairCrosstalk
from theory.pairs.equations import load_at
from theory.saddle import Array, Cells, newton
from theory.signal import Signal

__all__ = ["NOTHING", "effective_overlap_at", "load_along", "ratios"]

STEP = 1.2  # of v where the sign of the determinant is looked up
FINE_STEP = 1.1  # of the same, from the critical dilution on, where the branch may be short
SHORT = 1e-3  # of the first v there
CLOSEST = 0.2  # first of these v, in units of the smallest |x| and at most 1
FARTHEST = 1.5  # last of them, times the fourth root of S(0)/λ²

NOTHING = 1e-25
"""Stands for v = 0 where there are spins with x = 0."""


def effective_overlap_at(signal: Signal, ratio: Array, temperature: Array) -> Array:
    r"""Effective overlap on the branch, the positive root of :math:`n = N(n, v n)`.

    Parameters
    ----------
    signal : Signal
        Law of x.
    ratio, temperature : arrays, shape (n,)
        v = σ/n and T < 1 - d.

    Returns
    -------
    array, shape (n,)
        Not a number where no root was found.

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Phys. Rev. Lett. 55, 1530 (1985).

    Examples
    --------
    >>> from theory.signal import PATTERN
    >>> n = effective_overlap_at(PATTERN, np.array([0.0]), np.array([0.5])).item()
    >>> round(float(n - np.tanh(n / 0.5)), 12)  # no load: n = tanh(n/T)
    0.0
    """

    def equations(x: Array, cells: Cells) -> tuple[Array, Array]:
        n, v = x[:, 0], ratio[cells]
        k = signal.moments(n, v * n, temperature[cells])
        slope = 1.0 - k.effective_by_strength - v * k.effective_by_width
        return (n - k.effective_overlap)[:, None], slope[:, None, None]

    # N is at most that of E|x| alone, by Jensen's inequality, whose root is below this: Newton's
    # method descends to the root of a concave N
    cold = np.sqrt(3.0 * (1.0 - temperature / signal.variance))
    start = signal.mean_modulus * np.minimum(1.0, cold)
    found = newton(equations, start[:, None], lower=0.0)
    n = found.value[:, 0]
    return np.where(found.converged & (n > 0.0), n, np.nan)


def ratios(crosstalk: PairCrosstalk, signal: Signal) -> Array:
    """Values of σ/n between which the load is taken to have one maximum at most.

    Parameters
    ----------
    crosstalk : PairCrosstalk
        Γ.
    signal : Signal
        Law of x.

    Returns
    -------
    array, shape (ratios,)

    Examples
    --------
    >>> from theory.pairs.crosstalk import STORAGE
    >>> from theory.signal import PATTERN
    >>> ratios(STORAGE, PATTERN)[[0, -1]].round(12).tolist()
    [0.2, 1.5]
    """
    x = np.array(signal.values)
    smallest = np.hypot(x[x > 0.0].min(), signal.spread)
    low = CLOSEST * min(1.0, float(smallest))
    high = FARTHEST * max(1.0, crosstalk.power / crosstalk.largest**2) ** 0.25
    step = STEP if signal.subcritical else FINE_STEP
    if signal.subcritical:  # n² at the last maximum is of the order of the distance from critical
        high *= np.sqrt(signal.variance / (1.0 - signal.dilution / signal.critical_dilution))
    else:
        low *= SHORT
    points = 1 + int(np.ceil(np.log(high / low) / np.log(step)))
    grid = np.geomspace(low, high, points)
    undecided = signal.dilution > 0.0 or x.min() == 0.0
    return np.append(NOTHING, grid) if undecided else grid


def load_along(
    crosstalk: PairCrosstalk, signal: Signal, ratio: Array, temperature: Array
) -> tuple[Array, Array, Array]:
    """Effective overlap, load and determinant along the branch, see `load_at`.

    Parameters
    ----------
    crosstalk : PairCrosstalk
        Γ.
    signal : Signal
        Law of x.
    ratio, temperature : arrays, shape (n,)
        v = σ/n and T < 1 - d.

    Returns
    -------
    tuple of arrays, shape (n,)

    Examples
    --------
    >>> from theory.pairs.crosstalk import STORAGE
    >>> from theory.signal import PATTERN
    >>> n, load, _ = load_along(STORAGE, PATTERN, np.array([0.468]), np.array([0.0]))
    >>> round(n.item(), 3), round(load.item(), 4)
    (0.967, 0.1379)
    """
    n = effective_overlap_at(signal, ratio, temperature)
    return n, *load_at(crosstalk, signal, temperature, n, ratio * n)
