"""Work on a device that is the same every time, recorded in a CUDA graph."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from typing import Any

from gpu.device import first_line
from hopfield.arguments import InputError

__all__ = ["Recording"]


class Recording:
    """Does work launch by launch the first time, and then as one CUDA graph.

    The first time, kernels are loaded and libraries take their memory, which they may not while a
    stream is recorded. Work that cannot be recorded is done launch by launch every time, and a
    warning says why.

    Parameters
    ----------
    cupy : module
    here : callable
        Makes the device current.
    """

    def __init__(self, cupy: Any, here: Callable[[], AbstractContextManager[Any]]) -> None:
        self._cupy, self._here = cupy, here
        self._times = 0
        self._graph: Any = None

    def __call__(self, work: Callable[[], None]) -> None:
        """Do the work, the same as before."""
        self._times += 1
        if self._times == 2:
            self._graph = self._recorded(work)
        if self._graph is None:
            work()
            return
        with self._here():
            self._graph.launch()

    def _recorded(self, work: Callable[[], None]) -> Any:
        """The graph of all launches, none of which is made, or None."""
        with self._here():
            stream = self._cupy.cuda.Stream(non_blocking=True)
            with stream:
                try:
                    stream.begin_capture()
                    work()
                    return stream.end_capture()
                except (RuntimeError, InputError) as error:
                    with suppress(RuntimeError):
                        stream.end_capture()
                    reason = first_line(error)
        warnings.warn(f"a sweep is launched piece by piece: {reason}", stacklevel=2)
        return None
