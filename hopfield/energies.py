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
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["Energy", "count_table", "energy_unit", "single_pattern"]


class Energy(Protocol):
    """What a network and its samplers need to know of a model."""

    @property
    def interaction_order(self) -> int:
        """Power p - 1 of N in the load, plus one."""

    @property
    def self_interaction(self) -> bool:
        """Whether a spin may appear more than once in an interaction."""

    def phi(
        self, sums: NDArray[np.int64], filled: NDArray[np.int64], size: int
    ) -> NDArray[np.float64]:
        """Single-pattern energies φ(M; n), see `single_pattern`."""

    def energy_unit(self, size: int) -> float:
        """Factor that turns the integers of `count_table` into energies."""

    def count_table(self, filled: int, size: int) -> NDArray[np.float64]:
        """φ over its unit for every integer overlap, see `count_table`."""


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
