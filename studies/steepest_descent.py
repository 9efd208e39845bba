"""Descent of the energy of exponential networks, always by the flip that lowers it most."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from hopfield.bits import distances, pack
from hopfield.exponential_network import ExponentialNetwork

__all__ = ["Landscape", "steepest_descent"]

Spins = NDArray[np.int8]

TIE = 1e-12
"""Changes of the energy that are smaller are taken for none."""


@dataclass(frozen=True, eq=False)
class Landscape:
    """Changes of the energy of a network by all single flips, with the kernel of Monte Carlo.

    Parameters
    ----------
    network : ExponentialNetwork

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Exponential(1.0).network(size=20, load=0.2, seed=1)
    >>> found = Landscape(net).changes(net.patterns[0])
    >>> bool(abs(found[3] - net.energy_difference(net.patterns[0], 3)) < 1e-12)
    True
    """

    network: ExponentialNetwork

    @cached_property
    def columns(self) -> NDArray[np.uint64]:
        """Entries of all patterns at each spin, a bit each."""
        from montecarlo.kernels_exponential import bit_columns

        return bit_columns(self.network)

    def changes(self, spins: Spins) -> NDArray[np.float64]:
        """Change of the energy by each flip.

        Parameters
        ----------
        spins : int8 array, shape (N,)

        Returns
        -------
        array, shape (N,)
        """
        from montecarlo.kernels_exponential import BANKS, counted, energy_change

        n, lam = self.network.size, self.network.sharpness
        apart = distances(self.network.words, pack(spins)).astype(np.int16)
        counts = np.bincount(apart, minlength=n + 1).astype(np.int64)
        decay = np.exp(-2.0 * lam * np.arange(n + 1))
        banks = np.zeros((BANKS, 2, n + 1), dtype=np.int64)
        differing, after = np.zeros(n + 1, np.int64), np.zeros(n + 1, np.int64)
        found = np.empty(n)
        for i in range(n):
            counted(self.columns[i], apart, bool(spins[i] > 0), banks, differing)
            found[i] = energy_change(counts, differing, after, decay, lam)
        return found


def steepest_descent(landscape: Landscape, spins: Spins) -> Spins:
    """Flip the spin whose flip lowers the energy most, until none lowers it.

    Parameters
    ----------
    landscape : Landscape
    spins : int8 array, shape (N,)
        Where it starts.

    Returns
    -------
    int8 array, shape (N,)
        A minimum of the energy: no flip lowers it by more than 1e-12.

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Exponential(1.0).network(size=20, load=0.2, seed=1)
    >>> start = net.patterns[0].copy()
    >>> start[:3] *= -1
    >>> bool((steepest_descent(Landscape(net), start) == net.patterns[0]).all())
    True
    """
    state = np.array(spins, dtype=np.int8)
    while True:
        changes = landscape.changes(state)
        best = int(np.argmin(changes))
        if changes[best] >= -TIE:
            return state
        state[best] = -state[best]
