"""Initial states."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield import InputError, Network
from hopfield.arguments import real
from hopfield.parallel import followed_signs
from hopfield.seeds import Seed, Stream, sequence

__all__ = ["STARTS", "initial_spins", "spins_along"]

STARTS = ("pattern", "random", "hierarchical", "parallel")
"""States by name."""

_ALLOWED = f"{', '.join(map(repr, STARTS))}, an overlap in [0, 1] or an array of spins"


def initial_spins(
    network: Network, replicas: int, start: str | float | ArrayLike, seed: Seed
) -> NDArray[np.int8]:
    """States in which the replicas start.

    Parameters
    ----------
    network : Network
    replicas : int
        How many.
    start : str, float or array
        "pattern": pattern or archetype 0, with random signs where it is blank; "random": fair
        spins; a number m in [0, 1]: every spin of it flipped with probability (1 - m)/2;
        "hierarchical" and "parallel": as of `hopfield.hierarchical_state` and
        `hopfield.parallel_state` of all archetypes; an array of +-1 of shape (N,) or (replica, N).
    seed : int, numpy.random.SeedSequence or None
        Replica r draws from a stream of its own, whatever the number of replicas.

    Returns
    -------
    int8 array, shape (replica, N)

    Raises
    ------
    InputError
        If `start` is none of these.

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Hopfield().network(size=8, n_patterns=1, seed=0)
    >>> bool((initial_spins(net, 3, "pattern", 0) == net.patterns[0]).all())
    True
    """
    if isinstance(start, str):
        if start not in STARTS:
            raise InputError(f"start must be {_ALLOWED}, got {start!r}")
        overlap = 0.0 if start == "random" else 1.0
    elif np.ndim(start) > 0:
        return _given(np.asarray(start), replicas, network.size)
    else:
        try:
            overlap = real("start", start, high=1.0)
        except InputError:
            raise InputError(f"start must be {_ALLOWED}, got {start!r}") from None
    count = network.n_archetypes
    groups = {"hierarchical": (1,) * count, "parallel": (count,)}.get(str(start), (1,))
    signs = followed_signs(network.archetypes[: sum(groups)], groups)
    return spins_along(signs, replicas, overlap, seed)


def spins_along(
    signs: NDArray[np.int8], replicas: int, overlap: float, seed: Seed
) -> NDArray[np.int8]:
    """States near one that is given in part.

    Parameters
    ----------
    signs : array of +-1 or 0, shape (N,)
        Spins are fair where it is 0.
    replicas : int
        How many.
    overlap : float
        m in [0, 1]: every other spin is flipped with probability (1 - m)/2.
    seed : int, numpy.random.SeedSequence or None
        Replica r draws from a stream of its own, whatever the number of replicas.

    Returns
    -------
    int8 array, shape (replica, N)

    Examples
    --------
    >>> spins_along(np.array([1, -1], np.int8), 2, 1.0, 0).tolist()
    [[1, -1], [1, -1]]
    """
    spins = np.empty((replicas, signs.size), dtype=np.int8)
    for r in range(replicas):
        draw = np.random.Generator(np.random.Philox(sequence(seed, Stream.INITIAL_STATE, r)))
        numbers = draw.random((2, signs.size))
        fair = np.where(numbers[0] < 0.5, 1, -1)
        kept = np.where(numbers[1] < 0.5 * (1.0 + overlap), signs, -signs)
        spins[r] = np.where(signs == 0, fair, kept)
    return spins


def _given(states: NDArray[np.generic], replicas: int, size: int) -> NDArray[np.int8]:
    if states.shape not in ((size,), (replicas, size)):
        raise InputError(
            f"start must have shape ({size},) or ({replicas}, {size}), got {states.shape}"
        )
    if states.dtype.kind not in "if" or not (np.abs(states.astype(np.float64)) == 1.0).all():
        raise InputError("start must have entries +1 or -1")
    return np.broadcast_to(states, (replicas, size)).astype(np.int8)
