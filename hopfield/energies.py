r"""Single-pattern energies at finite size.

The energy of a network is :math:`H(s) = -\sum_\mu \varphi(M_\mu)` with the integer overlap
:math:`M_\mu = \sum_i \xi_i^\mu s_i`. For p-body networks

.. math::
    \varphi(M) = \frac{(p-1)!}{N^{p-1}} e_p(M; n) \quad\text{(no self-interaction)}, \qquad
    \varphi(M) = \frac{M^p}{p N^{p-1}} \quad\text{(full power)},

where :math:`e_p` is the elementary symmetric polynomial of the products :math:`\xi_i^\mu s_i`,
a function of :math:`M` and of the number :math:`n` of non-blank entries of the pattern alone.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import InputError, integer
from hopfield.protocols import CountedEnergy

__all__ = [
    "check_size",
    "count_table",
    "energy_unit",
    "exact_integers",
    "mean_phi",
    "sign_sum_moment",
    "single_pattern",
]

FLOAT_INTEGERS = 2**53
"""All integers up to this one are floats."""

LARGEST_EXPONENT = 300


def check_size(p: int, size: object) -> int:
    """Return the number of spins, if its power p is a number that a float can hold.

    Parameters
    ----------
    p : int
        Number of spins in an interaction.
    size : int
        Number N of spins, at least 2.

    Returns
    -------
    int

    Raises
    ------
    InputError
        If `size` is not an integer >= 2, or N^p is 1e300 or more.

    Examples
    --------
    >>> check_size(3, 200)
    200
    """
    n = integer("size", size, low=2)
    exponent = p * math.log10(n + 2)
    if exponent > LARGEST_EXPONENT:
        allowed = f"size^p must stay below 1e{LARGEST_EXPONENT}"
        raise InputError(f"{allowed}, got about 1e{exponent:.0f} with p = {p}")
    return n


def single_pattern(
    p: int, self_interaction: bool, sums: ArrayLike, filled: ArrayLike, size: int
) -> NDArray[np.float64]:
    r"""φ of one pattern, from its integer overlap.

    Uses :math:`\tau_k = k!\,e_k/N^k`, :math:`\tau_{k+1} = m \tau_k - k (n-k+1) \tau_{k-1}/N^2`,
    which stays of order one, so that no p overflows; :math:`\varphi = N \tau_p / p`.

    Parameters
    ----------
    p : int
        Number of spins in an interaction.
    self_interaction : bool
        True for the full power.
    sums : array
        Integer overlaps M.
    filled : array, broadcastable to `sums`
        Number n of non-blank entries of each pattern.
    size : int
        Number N of spins.

    Returns
    -------
    array
        φ(M), an extensive energy with the sign of the signal.

    Examples
    --------
    >>> float(single_pattern(2, False, 10, 10, 10))  # (N - 1)/2
    4.5
    """
    m = np.asarray(sums, dtype=np.float64) / size
    if self_interaction:
        return np.asarray(size * m**p / p)
    n = np.asarray(filled, dtype=np.float64)
    before, tau = np.ones_like(m), m
    for k in range(1, p):
        before, tau = tau, m * tau - (k / size) * ((n - k + 1) / size) * before
    return np.asarray(size * tau / p)


def energy_unit(p: int, self_interaction: bool, size: int) -> float:
    """Factor that turns the integers of `count_table` into energies.

    Examples
    --------
    >>> energy_unit(2, False, 100), energy_unit(2, True, 100)
    (0.01, 0.005)
    """
    power = float(size) ** (p - 1)
    return 1.0 / (p * power) if self_interaction else math.factorial(p - 1) / power


@cache
def count_table(p: int, self_interaction: bool, filled: int, size: int) -> NDArray[np.float64]:
    """φ over its unit, correctly rounded, for every M from -(N+2) to N+2.

    The entries are the integers e_p(M; n) or M^p wherever M has the parity of n, which is where a
    pattern with n non-blank entries can be; the two beyond each end serve differences.

    Parameters
    ----------
    p : int
        Number of spins in an interaction.
    self_interaction : bool
        True for the full power.
    filled : int
        Number n of non-blank entries.
    size : int
        Number N of spins.

    Returns
    -------
    array, shape (2 N + 5,)
        Entry M + N + 2 belongs to M; read-only.

    Examples
    --------
    >>> count_table(2, False, 4, 4)[4 + 4 + 2]
    np.float64(6.0)
    """
    values = []
    factorial = math.factorial(p)
    for m in range(-size - 2, size + 3):
        if self_interaction:
            values.append(float(m**p))
            continue
        before, t = 1, m
        for k in range(1, p):
            before, t = t, m * t - k * (filled - k + 1) * before
        values.append(t / factorial)
    table = np.array(values)
    table.setflags(write=False)
    return table


def exact_integers(model: CountedEnergy, size: int) -> bool:
    """Whether sums over interactions are exact integers in floating point.

    True if every entry of `count_table` that a pattern of N entries can reach, and the next one
    beyond each end, is below 2^53. The entries and their differences are then exact; otherwise the
    large ones are rounded. Patterns with blanks have smaller entries.

    Parameters
    ----------
    model : Dense or another energy
    size : int
        Number N of spins.

    Returns
    -------
    bool

    Examples
    --------
    >>> import hopfield
    >>> exact_integers(hopfield.Dense(20), 50), exact_integers(hopfield.Dense(20), 500)
    (True, False)
    """
    reached = model.count_table(size, size)[::2]
    return bool(np.abs(reached).max() < FLOAT_INTEGERS)


@cache
def sign_sum_moment(p: int, n: int) -> int:
    r"""Moment :math:`E[M^p]` of the sum M of n fair signs, an integer.

    From the cumulants, n times those of one sign:
    :math:`\mu_p = \sum_k \binom{p-1}{k-1} n \kappa_k \mu_{p-k}`, where the :math:`\kappa_k` follow
    from the same equation with n = 1, whose even moments are 1.

    Parameters
    ----------
    p : int
        Power, at least 0.
    n : int
        Number of signs, at least 0.

    Returns
    -------
    int

    Examples
    --------
    >>> sign_sum_moment(2, 10), sign_sum_moment(4, 10)  # n and 3 n^2 - 2 n
    (10, 280)
    """
    if p % 2:
        return 0
    cumulants: dict[int, int] = {}
    moments = {0: 1}
    for order in range(2, p + 1, 2):
        weights = {k: math.comb(order - 1, k - 1) for k in range(2, order + 1, 2)}
        cumulants[order] = 1 - sum(weights[k] * cumulants[k] for k in cumulants)
        moments[order] = sum(weights[k] * n * cumulants[k] * moments[order - k] for k in cumulants)
    return moments[p]


def mean_phi(p: int, self_interaction: bool, filled: ArrayLike, size: int) -> NDArray[np.float64]:
    r"""Mean of φ over all states, correctly rounded.

    .. math::
        \langle \varphi \rangle = \frac{E[M^p]}{p N^{p-1}} \quad\text{(full power)}, \qquad
        \langle \varphi \rangle = 0 \quad\text{(no self-interaction)},

    with M the sum of n fair signs. Without blanks and for even p the first is about
    :math:`(p-1)!!\, N^{1-p/2}/p`, so that the sum over :math:`\alpha N^{p-1}` patterns diverges per
    spin if p >= 4.

    Parameters
    ----------
    p : int
        Number of spins in an interaction.
    self_interaction : bool
        True for the full power.
    filled : array
        Number n of non-blank entries of each pattern.
    size : int
        Number N of spins.

    Returns
    -------
    array, shape of `filled`

    Examples
    --------
    >>> mean_phi(4, True, [10, 8], 10)  # (3 n^2 - 2 n)/(4 N^3)
    array([0.07 , 0.044])
    """
    counts = np.asarray(filled)
    if not self_interaction:
        return np.zeros(counts.shape)
    kinds, kind = np.unique(counts, return_inverse=True)
    unit = p * int(size) ** (p - 1)
    means = np.array([sign_sum_moment(p, int(n)) / unit for n in kinds])
    return np.asarray(means[kind].reshape(counts.shape))
