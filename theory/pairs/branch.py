r"""Branch of retrieval states of networks of pair interactions, p = 2, at fixed temperature.

At T < 1 they are parametrised by :math:`v = \sigma/n`. The effective overlap solves
:math:`n = N(n, v n)`, and N is a concave function of n with the slope 1/T at 0, so that there is
one root; it decreases with v. The load follows as :math:`\alpha = \sigma^2\Gamma(C)^2/q`.
"""

from __future__ import annotations

import numpy as np

from theory.pairs.crosstalk import PairCrosstalk
from theory.pairs.equations import load_at
from theory.saddle import Array, Cells, newton
from theory.signal import Signal

__all__ = ["effective_overlap_at", "load_along"]


def effective_overlap_at(signal: Signal, ratio: Array, temperature: Array) -> Array:
    r"""Effective overlap on the branch, the positive root of :math:`n = N(n, v n)`.

    Parameters
    ----------
    signal : Signal
        Law of x.
    ratio, temperature : arrays, shape (n,)
        v = σ/n and T < 1.

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
    start = signal.mean_modulus * np.minimum(1.0, np.sqrt(3.0 * (1.0 - temperature)))
    found = newton(equations, start[:, None], lower=0.0)
    n = found.value[:, 0]
    return np.where(found.converged & (n > 0.0), n, np.nan)


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
        v = σ/n and T < 1.

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
