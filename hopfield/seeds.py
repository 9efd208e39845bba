"""Random streams keyed by meaning, so that no result depends on what else was drawn."""

from __future__ import annotations

from enum import IntEnum

import numpy as np

from hopfield.arguments import InputError

__all__ = ["Seed", "Stream", "record", "sequence"]

type_error = "seed must be an integer >= 0, a numpy SeedSequence or None, got {!r}"

Seed = int | np.random.SeedSequence | None


class Stream(IntEnum):
    """What random numbers are drawn for."""

    PATTERNS = 1
    INITIAL_STATE = 2
    ACCEPTANCE = 3
    DISORDER = 4
    EXAMPLES = 5


def sequence(seed: Seed, *keys: int) -> np.random.SeedSequence:
    """Seed sequence of the stream `keys` under `seed`; the same arguments give the same numbers.

    Parameters
    ----------
    seed : int, numpy.random.SeedSequence or None
        None takes fresh entropy from the operating system; 0 is a seed like any other.
    *keys : int
        The stream: a `Stream`, and whatever numbers the draw belongs to.

    Raises
    ------
    InputError
        If `seed` is negative or of another type.

    Examples
    --------
    >>> sequence(7, Stream.PATTERNS).spawn_key
    (1,)
    """
    if isinstance(seed, np.random.SeedSequence):
        entropy, parents = seed.entropy, tuple(seed.spawn_key)
    elif seed is None:
        entropy, parents = np.random.SeedSequence().entropy, ()
    elif isinstance(seed, int | np.integer) and not isinstance(seed, bool) and seed >= 0:
        entropy, parents = int(seed), ()
    else:
        raise InputError(type_error.format(seed))
    return np.random.SeedSequence(entropy, spawn_key=(*parents, *(int(key) for key in keys)))


def record(seed: np.random.SeedSequence) -> str:
    """The seed as text from which `numpy.random.SeedSequence` can be rebuilt.

    Examples
    --------
    >>> record(sequence(7))
    '7'
    >>> record(sequence(7, 4, 0))
    '7/4/0'
    """
    return "/".join(str(number) for number in (seed.entropy, *seed.spawn_key))
