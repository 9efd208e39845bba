r"""States of constant norm, whose energy is that of a separation of scores alone.

.. math:: E(x) = -\frac1\beta \Phi(\beta X x) , \qquad
    x \leftarrow |x| \frac{g}{|g|} , \quad g = X^T w(\beta X x) , \quad w = \nabla\Phi .

Softmax makes the exponential energy :math:`-\frac1\beta \log \sum_\mu e^{\beta \xi^\mu \cdot x}`, a
`Power` with β = 1/N the polynomial one, :math:`-\frac Np \sum_\mu (\xi^\mu \cdot x/N)^p`. Since Φ
is convex no update raises the energy.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.attention.arrangement import Head, arranged
from hopfield.attention.panels import means, potentials
from hopfield.attention.retrieval import MAX_ITERATIONS, Retrieval, run
from hopfield.attention.transforms import Power, Separation, Transform, transform_of

__all__ = ["energy", "retrieve", "update"]

Floats = NDArray[Any]


def energy(
    states: ArrayLike,
    patterns: ArrayLike,
    beta: ArrayLike,
    *,
    separation: str | Transform | Power = "softmax",
) -> Floats:
    r"""Energy of states on a sphere, :math:`E(x) = -\frac1\beta \Phi(\beta X x)`.

    Parameters
    ----------
    states : array of numbers, shape (..., Q, N) or (N,)
        x; the norm of each is kept by updates, and is :math:`\sqrt N` for states like spins.
    patterns : array of numbers, shape (..., K, N)
        ξ; leading dimensions broadcast with those of the states.
    beta : float or array
        β > 0; an array broadcasts with the states without their components. λ of exponential
        networks, 1/N for powers of overlaps.
    separation : str, Softmax, Entmax or Power
        "softmax", "entmax" (of the order 1.5), "sparsemax", or an object.

    Returns
    -------
    array, shape (..., Q)

    Raises
    ------
    InputError
        If shapes do not go together, an entry is not finite, or β is not above 0.

    References
    ----------
    D. Krotov and J. J. Hopfield, NIPS 29 (2016), arXiv:1606.01164; C. Lucibello and M. Mézard,
    Phys. Rev. Lett. 132, 077301 (2024), arXiv:2304.14964.

    Examples
    --------
    >>> energy([1.0, 1.0, -1.0, 1.0], [[1, 1, 1, 1], [1, 1, -1, -1]], 1 / 4, separation=Power(4))
    array(-0.125)
    """
    chosen = _separation_of(separation)
    heads = arranged(states, patterns, beta)
    return heads.each(lambda head: np.asarray(-potentials(chosen, head) / head.beta))


def update(
    states: ArrayLike,
    patterns: ArrayLike,
    beta: ArrayLike,
    *,
    separation: str | Transform | Power = "softmax",
) -> Floats:
    r"""One update, in the direction of the force: :math:`x \leftarrow |x|\, g/|g|`.

    A state without force stays where it is.

    Parameters
    ----------
    states, patterns, beta, separation
        As of `energy`.

    Returns
    -------
    array, shape (..., Q, N)

    Raises
    ------
    InputError
        As of `energy`.

    Examples
    --------
    >>> update([0.6, 0.8], np.eye(2), 1.0, separation=Power(3))
    array([0.49026124, 0.87157554])
    """
    chosen = _separation_of(separation)
    return arranged(states, patterns, beta).each(lambda head: _projected(chosen, head))


def retrieve(
    queries: ArrayLike,
    patterns: ArrayLike,
    beta: ArrayLike,
    *,
    separation: str | Transform | Power = "softmax",
    tolerance: float | None = None,
    max_iterations: int = MAX_ITERATIONS,
) -> Retrieval:
    """Run from queries to fixed points of `update` on their spheres.

    Parameters
    ----------
    queries : array of numbers, shape (..., Q, N) or (N,)
        Where states start.
    patterns, beta, separation
        As of `energy`.
    tolerance, max_iterations
        As of `hopfield.attention.retrieve`, for the length of an update over the norm of the state.

    Returns
    -------
    hopfield.attention.Retrieval

    Raises
    ------
    InputError
        As of `energy`, or if the tolerance is not in (0, 1].

    Examples
    --------
    >>> retrieve([0.6, 0.8], np.eye(2), 1.0, separation=Power(4)).states.round(6) + 0.0
    array([0., 1.])
    """
    chosen, heads = _separation_of(separation), arranged(queries, patterns, beta)
    return run(heads, lambda head: _projected(chosen, head), tolerance, max_iterations, _radii)


@dataclass(frozen=True)
class _Relative:
    """Weights of a power over the largest score, so that none over- or underflows at once."""

    power: Power

    def weights(self, scores: Floats) -> Floats:
        """Of the same ratios as those of the power."""
        largest = np.abs(scores).max(axis=-1, keepdims=True)
        return self.power.weights(scores / np.where(largest > 0, largest, 1))


def _separation_of(separation: str | Transform | Power) -> Separation:
    return separation if isinstance(separation, Power) else transform_of(separation)


def _radii(head: Head) -> Floats:
    """Norms of states."""
    return np.asarray(np.sqrt((head.states**2).sum(axis=1)))


def _projected(separation: Separation, head: Head) -> Floats:
    force = means(_Relative(separation) if isinstance(separation, Power) else separation, head)
    # relative to its largest component, so that no square over- or underflows
    force /= np.maximum(np.abs(force).max(axis=1, keepdims=True), np.finfo(force.dtype).tiny)
    length = np.sqrt((force**2).sum(axis=1, keepdims=True))
    moved = _radii(head)[:, None] * force / np.where(length > 0, length, 1)
    return np.asarray(np.where(length > 0, moved, head.states))
