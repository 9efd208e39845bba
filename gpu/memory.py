"""Memory of a device: what replicas need of it, and how many of them fit at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from hopfield.arguments import InputError
from montecarlo.runs import CHUNK

if TYPE_CHECKING:
    from montecarlo.problem import Problem

__all__ = ["RECORD_BYTES", "SHARE", "Needed", "batches", "equal_parts", "fit_together"]

MOST_TOGETHER = 65535
"""Problems of a launch: the largest grid in the dimensions that number them."""

SHARE = 0.8
"""Of the free memory; the rest is for libraries, and for blocks of unequal size."""

RECORD_BYTES = 24 * CHUNK
"""What is measured of a replica between two looks at it."""


class Needed(NamedTuple):
    """Bytes that walkers take of a device."""

    fixed: int
    """Whatever the number of replicas."""

    replica: int
    """For each replica, at most."""


def fit_together(needed: Needed, free: int, replicas: int) -> int:
    """How many problems with all their replicas a device has together, at least one.

    Examples
    --------
    >>> fit_together(Needed(500, 100), 5000, 4), fit_together(Needed(500, 100), 500, 4)
    (4, 1)
    >>> fit_together(Needed(500, 100), 10**9, 4)
    65535
    """
    fit = int(SHARE * free) // (needed.fixed + replicas * needed.replica)
    return min(max(1, fit), MOST_TOGETHER)


def batches(problem: Problem, needed: Needed, free: int, replicas: int) -> list[slice]:
    """Replicas that are on a device together, as equal in number as possible.

    Parameters
    ----------
    problem : Problem
    needed : Needed
    free : int
        Bytes of the device that are free.
    replicas : int
        How many there are in all.

    Returns
    -------
    list of slice

    Raises
    ------
    InputError
        If not even one fits; the message says how many patterns would.

    Examples
    --------
    >>> import hopfield, numpy as np
    >>> from montecarlo.problem import Problem
    >>> net = hopfield.Hopfield().network(20, n_patterns=4, seed=1)
    >>> problem = Problem(net, 0.3, "glauber", np.array([5, 6], np.uint64), 3)
    >>> batches(problem, Needed(500, 100), 1000, 4)
    [slice(0, 2, None), slice(2, 4, None)]
    """
    room = int(SHARE * free)
    fit = (room - needed.fixed) // needed.replica
    if fit < 1:
        one, net = needed.fixed + needed.replica, problem.network
        most = net.n_patterns * room // one
        raise InputError(
            f"the GPU would need {_gib(one)} for one replica of {net.n_patterns} patterns of "
            f"{net.size} spins, {_gib(free)} are free, enough for about {most} patterns"
        )
    return equal_parts(replicas, fit)


def equal_parts(total: int, fit: int) -> list[slice]:
    """Parts of what does not fit together, as few and as equal as possible.

    Parameters
    ----------
    total, fit : int
        How many there are, and how many fit at once, at least one.

    Returns
    -------
    list of slice

    Examples
    --------
    >>> equal_parts(5, 2)
    [slice(0, 2, None), slice(2, 4, None), slice(4, 5, None)]
    """
    count = -(-total // fit)
    each, longer = divmod(total, max(count, 1))
    ends = [(k + 1) * each + min(k + 1, longer) for k in range(count)]
    return [slice(first, last) for first, last in zip([0, *ends], ends, strict=False)]


def _gib(count: int) -> str:
    return f"{count / 2**30:.3g} GiB"
