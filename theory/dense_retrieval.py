r"""Retrieval branch of networks of p-body interactions, p >= 3.

At fixed temperature the branch is parametrised by the overlap. For given m there is one width σ
with :math:`m = E \tanh[(m^{p-1} + \sigma z)/T]`, because the average decreases with σ, and the
load follows as :math:`\alpha = \sigma^2/\xi'(q)`. It rises from zero at the overlap
:math:`m = \tanh(m^{p-1}/T)` as m decreases, up to the spinodal.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize.elementwise import find_root
from scipy.special import erfinv

from theory.branches import Branch
from theory.crosstalk import Crosstalk
from theory.dense_equations import load_at
from theory.dense_spinodal import melting_temperature, spinodal, zero_load_overlap
from theory.gaussian import moments
from theory.saddle import Array

__all__ = ["branch", "noise_at", "search"]

TABLE = 65  # points of the table from which first guesses are read


def noise_at(p: int, temperature: Array, overlap: Array) -> Array:
    r"""Width σ of the field with :math:`m = E \tanh[(m^{p-1} + \sigma z)/T]`.

    Parameters
    ----------
    p : int
        At least 3.
    temperature, overlap : arrays
        T, and m > 0 up to that at zero load.

    Returns
    -------
    array
        Not a number where no root was found.

    Examples
    --------
    >>> width = noise_at(3, np.array([0.0]), np.array([0.95]))  # m = erf(m²/σ sqrt 2)
    >>> round(width.item(), 12) == round(0.95**2 / 2**0.5 / float(erfinv(0.95)), 12)
    True
    """
    signal = overlap ** (p - 1)
    # the root at T = 0: at a higher temperature the average is smaller for every width
    widest = signal / (np.sqrt(2.0) * erfinv(overlap))

    def excess(width: Array, mean: Array, t: Array, m: Array) -> Array:
        return moments(mean, width, t).tanh - m

    bracket = np.zeros_like(widest), widest * (1.0 + 1e-12)
    root = find_root(excess, bracket, args=(signal, temperature, overlap))
    return np.where(root.success, root.x, np.nan)


def branch(crosstalk: Crosstalk, temperature: Array) -> Branch:
    """Tabulate the retrieval branch at a set of temperatures.

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.
    temperature : array, shape (n,)
        T.

    Returns
    -------
    Branch

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> branch(crosstalk(3, False), np.array([0.0, 0.5])).effective_overlap.shape
    (2, 65)
    """
    end = spinodal(crosstalk, temperature)
    exists = np.flatnonzero(temperature < melting_temperature(crosstalk.p))
    overlap, angle, ratio = np.full((3, temperature.size, TABLE), np.nan)
    t = temperature[exists, None]
    first, last = zero_load_overlap(crosstalk.p, t), end.effective_overlap[exists, None]
    position = np.linspace(0.0, 1.0, TABLE)
    # the square makes the square root of the load smooth
    m = first - (first - last) * position**2
    inner = m[:, 1:-1]
    inner_t = np.broadcast_to(t, inner.shape)
    noise = noise_at(crosstalk.p, inner_t, inner)
    q = moments(inner ** (crosstalk.p - 1), noise, inner_t).tanh_squared
    load = load_at(crosstalk, q, noise) / end.load[exists, None]
    overlap[exists] = m
    angle[exists] = np.pi / 2.0 * position
    ratio[exists] = np.multiply.outer((end.noise / end.effective_overlap)[exists], position)
    # where rounding hides the noise, next to melting, a straight line is as good a guess
    seen = np.isfinite(noise)
    angle[exists, 1:-1] = np.where(
        seen, np.arcsin(np.sqrt(np.minimum(load, 1.0))), angle[exists, 1:-1]
    )
    ratio[exists, 1:-1] = np.where(seen, noise / inner, ratio[exists, 1:-1])
    return Branch(temperature, end, angle, overlap, ratio)


def search(
    crosstalk: Crosstalk, along: Branch, row: NDArray[np.intp], load: Array
) -> tuple[Array, Array]:
    """Retrieval solutions by bracketing in m between zero load and the end; slow and safe.

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.
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
    >>> from theory.crosstalk import crosstalk
    >>> xi = crosstalk(3, False)
    >>> m, _ = search(xi, branch(xi, np.array([0.0])), np.array([0]), np.array([0.1]))
    >>> round(m.item(), 6)
    0.961139
    """
    more = crosstalk.p - 1

    def excess(m: Array, t: Array, a: Array) -> Array:
        noise = noise_at(crosstalk.p, t, m)
        return load_at(crosstalk, moments(m**more, noise, t).tanh_squared, noise) - a

    temperature = along.temperature[row]
    bracket = along.end.effective_overlap[row], along.effective_overlap[row, 0]
    root = find_root(excess, bracket, args=(temperature, load))
    m = np.where(root.success, root.x, np.nan)
    noise = np.sqrt(
        load
        * crosstalk.derivative(
            moments(m**more, noise_at(crosstalk.p, temperature, m), temperature).tanh_squared
        )
    )
    return m, noise
