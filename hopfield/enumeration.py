"""All states of a small network, the reference for everything that is sampled or approximated."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hopfield.arguments import InputError, integer, require_memory
from hopfield.exponential_network import ExponentialNetwork
from hopfield.network import Network

__all__ = ["all_energies", "all_states"]

MOST_SPINS = 26
"""Their energies take half a gigabyte."""

AT_A_TIME = 2**12
"""States whose energies are taken together."""


def all_states(size: int, first: int = 0, stop: int | None = None) -> NDArray[np.int8]:
    """States of N spins in order: in state k spin i is +1 if bit i of k is set, and -1 if not.

    Parameters
    ----------
    size : int
        Number N of spins, at most 26.
    first, stop : int, optional
        Range of states; by default all.

    Returns
    -------
    int8 array, shape (stop - first, N)

    Raises
    ------
    InputError
        If there are too many spins, or the states do not fit into memory.

    Examples
    --------
    >>> all_states(2).tolist()
    [[-1, -1], [1, -1], [-1, 1], [1, 1]]
    """
    n = integer("size", size, low=1, high=MOST_SPINS)
    end = integer("stop", 2**n if stop is None else stop, low=0, high=2**n)
    integer("first", first, low=0, high=end)
    require_memory("the states", (end - first) * n * 9)
    bits = np.arange(first, end)[:, None] >> np.arange(n) & 1
    return np.asarray(2 * bits - 1, dtype=np.int8)


def all_energies(network: Network) -> NDArray[np.float64]:
    r"""Energies of all states of a network, extensive.

    Of an exponential network they take as long for any number of patterns: the sum over patterns is
    the convolution of their histogram with :math:`\prod_i e^{\lambda s_i \xi_i}`, one spin after
    the other.

    Parameters
    ----------
    network : Network
        Of at most 26 spins.

    Returns
    -------
    array, shape (2^N,)
        In the order of `all_states`.

    Raises
    ------
    InputError
        If there are too many spins.

    Examples
    --------
    >>> import hopfield
    >>> energies = all_energies(hopfield.Exponential(0.5).network(10, n_patterns=50, seed=1))
    >>> mean = np.exp(-0.5 * energies).mean()  # at β = λ, the same for all sets of patterns
    >>> round(float(mean) / (50 * np.cosh(0.5) ** 10), 12).item()
    1.0
    """
    n = network.size
    if n > MOST_SPINS:
        raise InputError(f"all states are there for at most {MOST_SPINS} spins, got {n}")
    if isinstance(network, ExponentialNetwork):
        return -_log_sums(network.patterns, network.sharpness) / network.sharpness
    parts = range(0, 2**n, AT_A_TIME)
    states = (all_states(n, first, min(first + AT_A_TIME, 2**n)) for first in parts)
    return np.concatenate([network.energy(some) for some in states])


def _log_sums(patterns: NDArray[np.signedinteger], sharpness: float) -> NDArray[np.float64]:
    """Logarithms of the sums over patterns, at all states."""
    n = patterns.shape[1]
    where = (patterns > 0) @ (1 << np.arange(n))
    with np.errstate(divide="ignore"):
        sums = np.log(np.bincount(where, minlength=2**n))
    for i in range(n):
        pairs = sums.reshape(-1, 2, 2**i)
        down, up = pairs[:, 0].copy(), pairs[:, 1].copy()
        np.logaddexp(down + sharpness, up - sharpness, out=pairs[:, 0])
        np.logaddexp(up + sharpness, down - sharpness, out=pairs[:, 1])
    return sums
