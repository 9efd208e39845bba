"""Initial states."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield import InputError, Network
from hopfield.arguments import real
from hopfield.seeds import Seed, Stream, sequence

__all__ = ["initial_spins"]

_ALLOWED = "'pattern', 'random', an overlap in [0, 1] or an array of spins"


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
        spins; a number m in [0, 1]: every spin of it flipped with probability (1 - m)/2; an array
        of +-1 of shape (N,) or (replica, N).
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
        if start not in ("pattern", "random"):
            raise InputError(f"start must be {_ALLOWED}, got {start!r}")
        overlap = 1.0 if start == "pattern" else 0.0
    elif np.ndim(start) > 0:
        return _given(np.asarray(start), replicas, network.size)
    else:
        try:
            overlap = real("start", start, high=1.0)
        except InputError:
            raise InputError(f"start must be {_ALLOWED}, got {start!r}") from None
    pattern = network.archetypes[0]
    spins = np.empty((replicas, network.size), dtype=np.int8)
    for r in range(replicas):
        draw = np.random.Generator(np.random.Philox(sequence(seed, Stream.INITIAL_STATE, r)))
        numbers = draw.random((2, network.size))
        signs = np.where(numbers[0] < 0.5, 1, -1)
        kept = np.where(numbers[1] < 0.5 * (1.0 + overlap), pattern, -pattern)
        spins[r] = np.where(pattern == 0, signs, kept)
    return spins


def _given(states: NDArray[np.generic], replicas: int, size: int) -> NDArray[np.int8]:
    if states.shape not in ((size,), (replicas, size)):
        raise InputError(
            f"start must have shape ({size},) or ({replicas}, {size}), got {states.shape}"
        )
    if states.dtype.kind not in "if" or not (np.abs(states.astype(np.float64)) == 1.0).all():
        raise InputError("start must have entries +1 or -1")
    return np.broadcast_to(states, (replicas, size)).astype(np.int8)
