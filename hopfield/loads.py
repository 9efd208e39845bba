"""How many patterns a load means."""

from __future__ import annotations

from hopfield.arguments import InputError, integer, positive, real
from hopfield.energies import check_size

__all__ = ["exponent_of", "pattern_count", "patterns_at"]

ROUNDING = 1e-9
"""Loads that mean this much less than one pattern, relatively, mean one."""


def exponent_of(p: int, exponent: float | None) -> float:
    """Power b of N in the load K / N^b.

    Parameters
    ----------
    p : int
        Number of spins in an interaction.
    exponent : float or None
        b, or None for p - 1.

    Returns
    -------
    float

    Raises
    ------
    InputError
        If it is not in (0, p - 1].

    Examples
    --------
    >>> exponent_of(3, None)
    2.0
    """
    if exponent is None:
        return p - 1.0
    return positive("exponent", exponent, high=p - 1.0)


def patterns_at(p: int, load: float, size: int, exponent: float | None = None) -> int:
    r"""Number of patterns K, the integer next to :math:`\gamma N^b`.

    Parameters
    ----------
    p : int
        Number of spins in an interaction.
    load : float
        The load γ, which is α = K / N^(p-1) if no exponent is given.
    size : int
        N, at least 2.
    exponent : float, optional
        b, in (0, p - 1]; by default p - 1.

    Returns
    -------
    int

    Raises
    ------
    InputError
        If an argument is out of range, or the load means less than one pattern.

    Examples
    --------
    >>> patterns_at(2, 0.05, 2000), patterns_at(4, 0.5, 200, exponent=1)
    (100, 100)
    """
    n = check_size(p, size)
    power = float(n) ** exponent_of(p, exponent)
    given = real("load", load)
    count = real("load * size^exponent", given * power)
    if count < 1.0 - ROUNDING:
        least = f"a number >= {1.0 / power:.12g}, one pattern at size {n}"
        raise InputError(f"load must be {least}, got {given:.12g}")
    return round(count)


def pattern_count(
    p: int, size: int, load: float | None, exponent: float | None, n_patterns: int | None
) -> int:
    """Number of patterns of a network that is described by its load or by their number.

    Parameters
    ----------
    p : int
        Number of spins in an interaction.
    size : int
        N, at least 2.
    load, exponent : float or None
        As of `patterns_at`.
    n_patterns : int or None
        Number K of patterns, in place of the load.

    Returns
    -------
    int

    Raises
    ------
    InputError
        If an argument is out of range, or not exactly one of load and number is given.

    Examples
    --------
    >>> pattern_count(2, 1000, None, None, 7)
    7
    """
    check_size(p, size)
    if (load is None) == (n_patterns is None):
        raise InputError("give either load or n_patterns")
    if load is None and exponent is not None:
        raise InputError(f"exponent belongs to load, got {exponent!r} with n_patterns")
    count = patterns_at(p, load, size, exponent) if load is not None else n_patterns
    return integer("n_patterns", count, low=1)
