"""Processors and threads."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from montecarlo.intrinsics import sgemm_address

__all__ = ["one_blas_thread", "processors"]


def processors() -> int:
    """Number of processors this process may use.

    Examples
    --------
    >>> processors() >= 1
    True
    """
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Keep every matrix product on the thread that asks for it.

    Small products are slower on several threads, and the replicas already have theirs.

    Examples
    --------
    >>> with one_blas_thread():
    ...     pass
    """
    from threadpoolctl import threadpool_limits

    sgemm_address()  # a BLAS that is loaded later would not be limited
    with threadpool_limits(1, "blas"):
        yield
