r"""Retrieval branch of networks of p-body interactions, p >= 3.

At fixed temperature the branch is parametrised by the effective overlap. For given n there is one
width σ with :math:`n = E\,x \tanh[(n^{p-1} x + \sigma z)/T]`, because the average decreases with σ,
and the load follows as :math:`\alpha = \sigma^2/\xi'(q)`. It rises from zero at the largest
:math:`n = E\,x\tanh(n^{p-1} x/T)` as n decreases, up to the spinodal.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize.elementwise import find_root
from scipy.special import erfinv

from theory.branches import Branch
from theory.crosstalk import Crosstalk
from theory.dense.equations import load_at
from theory.dense.spinodal import melting_temperature, spinodal, zero_load_overlap
from theory.saddle import Array
from theory.signal import Signal

__all__ = ["branch", "noise_at", "search"]

TABLE = 65  # points of the table from which first guesses are read


def noise_at(p: int, signal: Signal, temperature: Array, effective_overlap: Array) -> Array:
    r"""Width σ of the field with :math:`n = E\,x \tanh[(n^{p-1} x + \sigma z)/T]`.

    Parameters
    ----------
    p : int
        At least 3.
    signal : Signal
        Law of the entries.
    temperature, effective_overlap : arrays
        T, and n > 0 up to that at zero load.

    Returns
    -------
    array
        Not a number where no root was found.

    Examples
    --------
    >>> from theory.signal import PATTERN
    >>> width = noise_at(3, PATTERN, np.array([0.0]), np.array([0.95]))  # n = erf(n²/σ sqrt 2)
    >>> round(width.item(), 12) == round(0.95**2 / 2**0.5 / float(erfinv(0.95)), 12)
    True
    """
    strength, largest = effective_overlap ** (p - 1), signal.mean_modulus
    # the average falls with T, and at T = 0, where it is E x erf(a x/σ sqrt 2), it is at most that
    # of a single |x|, because the error function is concave
    saturation = np.minimum(effective_overlap / largest, 1.0)
    widest = strength / (np.sqrt(2.0) * largest * erfinv(saturation))

    def excess(width: Array, a: Array, t: Array, n: Array) -> Array:
        return signal.moments(a, width, t).effective_overlap - n

    bracket = np.zeros_like(widest), widest * (1.0 + 1e-12)
    root = find_root(excess, bracket, args=(strength, temperature, effective_overlap))
    return np.where(root.success, root.x, np.nan)


def branch(crosstalk: Crosstalk, signal: Signal, temperature: Array) -> Branch:
    """Tabulate the retrieval branch at a set of temperatures.

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.
    signal : Signal
        Law of the entries.
    temperature : array, shape (n,)
        T.

    Returns
    -------
    Branch

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> from theory.signal import PATTERN
    >>> branch(crosstalk(3, False), PATTERN, np.array([0.0, 0.5])).effective_overlap.shape
    (2, 65)
    """
    end = spinodal(crosstalk, signal, temperature)
    exists = np.flatnonzero(temperature < melting_temperature(crosstalk.p, signal))
    overlap, angle, ratio = np.full((3, temperature.size, TABLE), np.nan)
    t = temperature[exists, None]
    first = zero_load_overlap(crosstalk.p, signal, t)
    last = end.effective_overlap[exists, None]
    position = np.linspace(0.0, 1.0, TABLE)
    # the square makes the square root of the load smooth
    n = first - (first - last) * position**2
    inner = n[:, 1:-1]
    inner_t = np.broadcast_to(t, inner.shape)
    noise = noise_at(crosstalk.p, signal, inner_t, inner)
    q = signal.moments(inner ** (crosstalk.p - 1), noise, inner_t).tanh_squared
    load = load_at(crosstalk, q, noise) / end.load[exists, None]
    overlap[exists] = n
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
    crosstalk: Crosstalk, signal: Signal, along: Branch, row: NDArray[np.intp], load: Array
) -> tuple[Array, Array]:
    """Retrieval solutions by bracketing in n between zero load and the end; slow and safe.

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.
    signal : Signal
        Law of the entries.
    along : Branch
        From `branch`.
    row : integer array, shape (n,)
        Which of its temperatures.
    load : array, shape (n,)
        α, at most that of the end.

    Returns
    -------
    tuple of arrays, shape (n,)
        n and σ; not a number where no root was found.

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> from theory.signal import PATTERN
    >>> model = crosstalk(3, False), PATTERN
    >>> n, _ = search(*model, branch(*model, np.array([0.0])), np.array([0]), np.array([0.1]))
    >>> round(n.item(), 6)
    0.961139
    """
    p = crosstalk.p

    def found(n: Array, t: Array) -> tuple[Array, Array]:
        """Noise and self-overlap."""
        noise = noise_at(p, signal, t, n)
        return noise, signal.moments(n ** (p - 1), noise, t).tanh_squared

    def excess(n: Array, t: Array, a: Array) -> Array:
        noise, q = found(n, t)
        return load_at(crosstalk, q, noise) - a

    temperature = along.temperature[row]
    bracket = along.end.effective_overlap[row], along.effective_overlap[row, 0]
    root = find_root(excess, bracket, args=(temperature, load))
    n = np.where(root.success, root.x, np.nan)
    q = found(n, temperature)[1]
    return n, np.sqrt(load * crosstalk.derivative(q))
