"""Fixed points that states run to, each of which leaves the batch when it has arrived."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import integer, positive
from hopfield.attention.arrangement import Head, Heads, arranged
from hopfield.attention.panels import means
from hopfield.attention.transforms import Transform, transform_of

__all__ = ["MAX_ITERATIONS", "Retrieval", "retrieve", "run"]

Floats = NDArray[Any]

MAX_ITERATIONS = 1000
ROUNDING = 1000
"""Default tolerance in units of the rounding of the type."""


@dataclass(frozen=True, eq=False)
class Retrieval:
    """Where states ran to.

    Parameters
    ----------
    states : array, shape (..., Q, N)
        After the last update.
    residual : array, shape (..., Q)
        Length of the last update over the largest norm of a pattern that the state sees, on a
        sphere over that of the state. The distance to the fixed point may be larger by 1/(1 - λ),
        λ the largest eigenvalue of the Jacobian there.
    iterations : int array, shape (..., Q)
        Number of updates.
    status : array of str, shape (..., Q)
        "converged" or "not converged".

    Examples
    --------
    >>> found = retrieve([[0.9, 0.2], [0.1, 0.3]], np.eye(2), 20.0)
    >>> found.states.round(6) + 0.0, found.status.tolist()
    (array([[1., 0.],
           [0., 1.]]), ['converged', 'converged'])
    """

    states: Floats
    residual: Floats
    iterations: NDArray[np.int64]
    status: NDArray[np.str_]


def retrieve(
    queries: ArrayLike,
    patterns: ArrayLike,
    beta: ArrayLike,
    *,
    transform: str | Transform = "softmax",
    mask: ArrayLike | None = None,
    tolerance: float | None = None,
    max_iterations: int = MAX_ITERATIONS,
) -> Retrieval:
    r"""Run from queries to fixed points of `update`, :math:`x = \sum_\mu w_\mu(x)\, \xi^\mu`.

    The energy never rises. Close to bifurcations the run is slow, as 1/t at the bifurcation.

    Parameters
    ----------
    queries : array of numbers, shape (..., Q, N) or (N,)
        Where states start.
    patterns, beta, transform, mask
        As of `energy`.
    tolerance : float, optional
        Length of an update, over the largest norm of a pattern, from which on a state has
        converged; 1000 times the rounding unit of the type by default, 2e-13 in float64 and 1e-4
        in float32. Rounding of scores is of the order of β M² times that unit.
    max_iterations : int
        At least 1.

    Returns
    -------
    Retrieval

    Raises
    ------
    InputError
        As of `energy`, or if the tolerance is not in (0, 1].

    References
    ----------
    H. Ramsauer et al., ICLR (2021), arXiv:2008.02217, theorems 1 and 2.

    Examples
    --------
    >>> retrieve([0.9, 0.2], np.eye(2), 1e5).iterations
    array(2)
    >>> retrieve([0.9, 0.2], np.eye(2), 1.0, max_iterations=3).status
    array('not converged', dtype='<U13')
    """
    chosen, heads = transform_of(transform), arranged(queries, patterns, beta, mask=mask)
    return run(heads, lambda head: means(chosen, head), tolerance, max_iterations)


def largest_norm(head: Head) -> Floats:
    """Norm of the longest pattern that each state sees.

    Parameters
    ----------
    head : Head

    Returns
    -------
    array, shape (Q,)

    Examples
    --------
    >>> (head,) = arranged([1.0, 1.0], [[3.0, 4.0], [1.0, 0.0]], 1.0)
    >>> largest_norm(head)
    array([5.])
    """
    return np.asarray(np.sqrt(head.largest_squares()))


def run(
    heads: Heads,
    step: Callable[[Head], Floats],
    tolerance: float | None,
    max_iterations: int,
    unit: Callable[[Head], Floats] = largest_norm,
) -> Retrieval:
    """Repeat a step until nothing moves.

    Parameters
    ----------
    heads : Heads
        Where it starts.
    step : callable
        New states of a `Head`.
    tolerance, max_iterations
        As of `retrieve`.
    unit : callable
        Length of which the tolerance is a part, of shape (Q,).

    Returns
    -------
    Retrieval

    Raises
    ------
    InputError
        If one of them is out of range.

    Examples
    --------
    >>> heads = arranged([1.0, 1.0], np.eye(2), 1.0)
    >>> run(heads, lambda head: head.states / 2, 0.01, 100).iterations
    array(8)
    """
    integer("max_iterations", max_iterations, low=1)
    rounding = ROUNDING * float(np.finfo(heads.parts[0].states.dtype).eps)
    small = rounding if tolerance is None else positive("tolerance", tolerance, high=1.0)
    found = [_run(head, step, small, max_iterations, unit(head)) for head in heads]
    states, residual, iterations, converged = (
        heads.joined(list(each)) for each in zip(*found, strict=True)
    )
    words = np.where(converged, "converged", "not converged")
    return Retrieval(states, residual, iterations, words)


def _run(
    head: Head,
    step: Callable[[Head], Floats],
    tolerance: float,
    max_iterations: int,
    unit: Floats,
) -> tuple[Floats, Floats, NDArray[np.int64], NDArray[np.bool_]]:
    states = head.states.copy()
    scale = np.where(unit > 0, unit, 1)
    residual = np.full(len(states), np.inf, states.dtype)
    iterations = np.zeros(len(states), np.int64)
    moving, part = np.arange(len(states)), head
    for _ in range(max_iterations):
        if not moving.size:
            break
        new = step(part)
        moved = new - part.states
        residual[moving] = np.sqrt(np.einsum("ij,ij->i", moved, moved)) / scale[moving]
        iterations[moving] += 1
        part = part.at(new)
        far = residual[moving] > tolerance
        if not far.all():  # copies are as much work as many an update
            states[moving[~far]] = new[~far]
            part, moving = part.rows(np.flatnonzero(far)), moving[far]
    states[moving] = part.states
    return states, residual, iterations, residual <= tolerance
