r"""Minima of functions of the overlaps under single flips: the energy of pairs, and losses.

With the patterns w of the couplings :math:`J = w^T w/N`, :math:`m = w s/N` and
:math:`C = w w^T/N`, and without what does not depend on the spins, they are per spin

.. math:: -\frac12\, m \cdot B\, m - b \cdot m

with B = 1 for the energy, B = 2 - C for the loss of a linear autoencoder, and B = 0 but
:math:`b_\mu = 1` for the sum of the losses :math:`L_-^\mu`. A flip of spin i changes N times
this by :math:`2 [s_i\, w_i \cdot (B m + b) - \frac1N w_i \cdot B w_i]`. If C is a multiple of 1,
energy and loss of the autoencoder have the same minima; the sum has one only, where every spin has
the sign of the sum of the patterns.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hopfield import Network
from studies.descent import descend

__all__ = [
    "FUNCTIONS", "GAIN", "descended", "flip_changes", "form_of", "pair_weights", "value",
]  # fmt: skip

Floats = NDArray[np.float64]

FUNCTIONS = ("energy", "autoencoder", "sum of losses")

MOST_SWEEPS = 1000

GAIN = 1e-9
"""Changes of N times a function that are taken for none."""


def pair_weights(network: Network) -> Floats:
    r"""Patterns w with :math:`J_{ij} = \frac1N \sum_\mu w^\mu_i w^\mu_j` for p = 2.

    Parameters
    ----------
    network : Network

    Returns
    -------
    array, shape (n_patterns, N)

    Examples
    --------
    >>> import hopfield
    >>> pair_weights(hopfield.Unsupervised(2, 0.5, 9).network(50, n_patterns=2, seed=0)).shape
    (18, 50)
    """
    each = network.n_patterns // network.n_archetypes
    return np.asarray(network.patterns * (network.model.effective_unit * each**0.5))


def form_of(function: str, weights: Floats) -> tuple[Floats, Floats]:
    """Matrix B and vector b of a function.

    Parameters
    ----------
    function : str
        Out of `FUNCTIONS`.
    weights : array, shape (K, N)
        w.

    Returns
    -------
    tuple of arrays, shapes (K, K) and (K,)

    Examples
    --------
    >>> form_of("autoencoder", np.array([[1.0, 1.0, 0.0, 0.0]]))
    (array([[1.5]]), array([0.]))
    """
    count, size = weights.shape
    one, none = np.eye(count), np.zeros(count)
    if function == "energy":
        return one, none
    if function == "autoencoder":
        return 2.0 * one - weights @ weights.T / size, none
    return 0.0 * one, none + 1.0


def value(function: str, weights: Floats, spins: NDArray[np.int8]) -> float:
    """Value of a function per spin, without what does not depend on the spins.

    Parameters
    ----------
    function, weights
        As of `form_of`.
    spins : int8 array, shape (N,)

    Returns
    -------
    float

    Examples
    --------
    >>> value("energy", np.ones((1, 4)), np.array([1, 1, 1, -1], np.int8))
    -0.125
    """
    m, (matrix, vector) = weights @ spins / spins.size, form_of(function, weights)
    return float(-m @ matrix @ m / 2.0 - vector @ m)


def flip_changes(function: str, weights: Floats, spins: NDArray[np.int8]) -> Floats:
    """Changes of N times `value` when spins are flipped one at a time.

    Parameters
    ----------
    function, weights
        As of `form_of`.
    spins : int8 array, shape (N,)

    Returns
    -------
    array, shape (N,)

    Examples
    --------
    >>> flip_changes("energy", np.ones((1, 4)), np.ones(4, np.int8)), 0.5 * (4 - 2**2 / 4)
    (array([1.5, 1.5, 1.5, 1.5]), 1.5)
    """
    size, (matrix, vector) = spins.size, form_of(function, weights)
    pulls = matrix @ weights
    field = (weights @ spins / size) @ pulls + vector @ weights
    return np.asarray(2.0 * (spins * field - (weights * pulls).sum(axis=0) / size))


def descended(function: str, weights: Floats, spins: NDArray[np.int8]) -> NDArray[np.int8]:
    """Minimum that single flips lead to, site by site; spins that gain nothing stay.

    Parameters
    ----------
    function, weights
        As of `form_of`.
    spins : int8 array, shape (N,)
        Where they start.

    Returns
    -------
    int8 array, shape (N,)

    Raises
    ------
    RuntimeError
        If there is no end after a thousand sweeps.

    Examples
    --------
    >>> descended("energy", np.ones((1, 5)), np.array([1, 1, 1, -1, -1], np.int8))
    array([1, 1, 1, 1, 1], dtype=int8)
    """
    size, (matrix, vector) = spins.size, form_of(function, weights)
    rows, end = np.ascontiguousarray(weights.T), spins.astype(np.int8)
    pulls = np.ascontiguousarray(rows @ matrix)
    own, constant = (rows * pulls).sum(axis=1) / size, rows @ vector
    overlaps = weights @ end.astype(np.float64) / size
    if not descend(rows, pulls, constant, own, overlaps, end, GAIN, MOST_SWEEPS):
        raise RuntimeError(f"no minimum of the {function} after {MOST_SWEEPS} sweeps")
    return np.asarray(end)
