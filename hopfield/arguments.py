"""Checks of what a user passes in: each names the argument, the value and what is allowed."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "InputError",
    "choice",
    "integer",
    "nonnegative_values",
    "positive",
    "real",
    "require_memory",
]


class InputError(ValueError):
    """A value that cannot be used; the message names it and says what is allowed."""


def real(name: str, value: object, *, low: float = 0.0, high: float = math.inf) -> float:
    """Return `value` as a float in [low, high], infinity and NaN excluded.

    Raises
    ------
    InputError
        If it is not a number or lies outside.

    Examples
    --------
    >>> real("temperature", 0.5)
    0.5
    """
    allowed = (
        f"a finite number >= {low:g}" if high == math.inf else f"a number in [{low:g}, {high:g}]"
    )
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Real):
        raise InputError(f"{name} must be {allowed}, got {value!r}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number) or not low <= number <= high:
        raise InputError(f"{name} must be {allowed}, got {number:g}")
    return number


def positive(name: str, value: object, *, high: float = math.inf) -> float:
    """Return `value` as a float in (0, high], infinity and NaN excluded.

    Raises
    ------
    InputError
        If it is not a number or lies outside.

    Examples
    --------
    >>> positive("quality", 0.5, high=1.0)
    0.5
    """
    try:
        number = real(name, value, high=high)
    except InputError:
        number = 0.0
    if number == 0.0:
        allowed = "a finite number > 0" if high == math.inf else f"a number in (0, {high:g}]"
        raise InputError(f"{name} must be {allowed}, got {value!r}")
    return number


def integer(name: str, value: object, *, low: int, high: int | None = None) -> int:
    """Return `value` as an int of at least `low` and at most `high`.

    Raises
    ------
    InputError
        If it is not an integer or lies outside.

    Examples
    --------
    >>> integer("size", 100, low=2)
    100
    """
    allowed = f"an integer >= {low}" + ("" if high is None else f" and <= {high}")
    if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Integral):
        raise InputError(f"{name} must be {allowed}, got {value!r}")
    number = int(value)
    if number < low or (high is not None and number > high):
        raise InputError(f"{name} must be {allowed}, got {number}")
    return number


def choice(name: str, value: object, allowed: Sequence[str]) -> str:
    """Return `value` if it is one of the words `allowed`.

    Raises
    ------
    InputError
        If it is not.

    Examples
    --------
    >>> choice("ansatz", "rs", ["rs"])
    'rs'
    """
    if not isinstance(value, str) or value not in allowed:
        words = ", ".join(repr(word) for word in allowed)
        raise InputError(f"{name} must be one of {words}, got {value!r}")
    return value


def nonnegative_values(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return a scalar or 1-D array of finite numbers >= 0 as a float array of the same shape.

    Raises
    ------
    InputError
        If there is none, if one is negative, infinite, NaN or not a number, or if there are
        more dimensions.

    Examples
    --------
    >>> nonnegative_values("load", [0.0, 0.1])
    array([0. , 0.1])
    """
    allowed = "a finite number >= 0, or a 1-D array of them"
    try:
        array = np.asarray(values)
    except ValueError:
        raise InputError(f"{name} must be {allowed}, got {values!r}") from None
    if array.dtype.kind not in "iuf" or array.ndim > 1 or array.size == 0:
        raise InputError(f"{name} must be {allowed}, got {values!r}")
    array = array.astype(np.float64)
    bad = ~(np.isfinite(array) & (array >= 0.0))
    if bad.any():
        raise InputError(f"{name} must be {allowed}, got {array[bad].flat[0]:g}")
    return array


def require_memory(what: str, n_bytes: int) -> None:
    """Refuse work that does not fit into the memory that is free now.

    Parameters
    ----------
    what : str
        What the memory is for.
    n_bytes : int
        How much is needed.

    Raises
    ------
    InputError
        If there is less; the message says how much is needed and how much there is.

    Examples
    --------
    >>> require_memory("the patterns", 1000)
    """
    import psutil

    free = psutil.virtual_memory().available
    if n_bytes > free:
        needed, available = n_bytes / 2**30, free / 2**30
        raise InputError(f"{what} would need {needed:.3g} GiB of memory, {available:.3g} are free")
