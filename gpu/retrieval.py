"""Fixed points of attention, with the updates on a GPU."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gpu.arrays import Array, Device
from gpu.attention import SCORES, attended
from gpu.cuda import Cuda
from gpu.memory import SHARE, Needed, equal_parts
from hopfield.arguments import InputError
from hopfield.attention.arrangement import Head, arranged
from hopfield.attention.retrieval import MAX_ITERATIONS, Retrieval, run

__all__ = ["Updates", "needed", "retrieve"]

Floats = NDArray[Any]

COPIES = 5
"""Numbers for each component of a state on the device: it, β times it, means and parts of them."""

ROWS = 10
"""Other numbers of a state: β, sums, largest scores."""


def retrieve(
    queries: ArrayLike,
    patterns: ArrayLike,
    beta: ArrayLike,
    *,
    tolerance: float | None = None,
    max_iterations: int = MAX_ITERATIONS,
    device: Device | None = None,
) -> Retrieval:
    r"""Run from queries to fixed points :math:`x = \sum_\mu w_\mu(x)\, \xi^\mu`, on a GPU.

    As `hopfield.attention.retrieve` with softmax and without a mask. Sums are in another order:
    states agree to rounding, over 1 - λ as of `hopfield.attention.Retrieval`, and the number of
    updates may be another where a residual comes close to the tolerance.

    An update of Q states takes 4 K N Q operations (`gpu.attention`), at most 6.7e13 in a second in
    float64. Patterns are brought once, states come and go with each update, 16 N Q bytes at some
    5e10 in a second, and on the host a core takes the lengths of updates and follows who has
    arrived, 1e-8 seconds for each component. So the host bounds it below K = 10^5.

    Parameters
    ----------
    queries : array of numbers, shape (..., Q, N) or (N,)
        Where states start.
    patterns : array of numbers, shape (..., K, N)
        ξ; leading dimensions broadcast with those of the queries, and each of them has its turn.
    beta : float or array
        β > 0; an array broadcasts with the queries without their components.
    tolerance, max_iterations
        As of `hopfield.attention.retrieve`.
    device : Device, optional
        One of `gpu.devices`; the current one by default.

    Returns
    -------
    hopfield.attention.Retrieval
        In float64, or in float32 if queries and patterns need no more.

    Raises
    ------
    InputError
        As of `hopfield.attention.retrieve`, or if there is no CuPy or no device, numbers are of a
        type that it does not have, or not even one state fits into its memory.

    References
    ----------
    H. Ramsauer et al., ICLR (2021), arXiv:2008.02217, theorems 1 and 2.

    Examples
    --------
    >>> import gpu
    >>> found = retrieve([0.9, 0.2], np.eye(2), 20.0) if gpu.available() else None
    """
    where = Cuda() if device is None else device
    heads = arranged(queries, patterns, beta)
    kind = heads.parts[0].states.dtype
    if kind not in (np.float32, np.float64):
        raise InputError(f"a GPU computes in float32 and float64, got numbers in {kind}")
    return run(heads, Updates(where), tolerance, max_iterations)


def needed(head: Head) -> Needed:
    """Memory of the device for a head, and for each of its states.

    Examples
    --------
    >>> (head,) = arranged(np.ones((3, 10)), np.ones((100, 10)), 1.0)
    >>> needed(head)
    Needed(fixed=33562432, replica=480)
    """
    each = head.states.itemsize
    return Needed(
        each * (SCORES + head.patterns.size), each * (COPIES * head.states.shape[1] + ROWS)
    )


class Updates:
    """Updates of states, from patterns that stay on a device as long as they are asked for.

    Parameters
    ----------
    device : Device

    Examples
    --------
    >>> import gpu
    >>> (head,) = arranged([0.9, 0.2], np.eye(2), 20.0)
    >>> states = Updates(gpu.devices()[0])(head) if gpu.available() else None
    """

    def __init__(self, device: Device) -> None:
        self._device = device
        self._of: Floats | None = None
        self._patterns: Array = None
        self._most = 0

    def __call__(self, head: Head) -> Floats:
        """New states of a head, shape (Q, N), as many at a time as fit."""
        if self._of is not head.patterns:
            self._bring(head)
        new = np.empty_like(head.states)
        for part in equal_parts(len(new), self._most):
            states = self._device.array(head.states[part])
            beta = self._device.array(head.beta[part])
            with self._device.numerics() as xp:
                means = attended(xp, self._patterns, states * beta[:, None]).means
            new[part] = self._device.host(means)
        return new

    def _bring(self, head: Head) -> None:
        """Other patterns in place of those that were there."""
        self._of, self._patterns = None, None
        wanted, free = needed(head), self._device.free_bytes()
        self._most = (int(SHARE * free) - wanted.fixed) // wanted.replica
        if self._most < 1:
            n_patterns, size = head.patterns.shape
            one = sum(wanted) / 2**30
            raise InputError(
                f"the GPU would need {one:.3g} GiB for one state and {n_patterns} patterns of "
                f"{size} components, {free / 2**30:.3g} GiB are free"
            )
        self._of, self._patterns = head.patterns, self._device.array(head.patterns)
