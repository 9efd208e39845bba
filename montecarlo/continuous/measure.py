"""What is sampled: patterns, their sharpness and a temperature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield import InputError
from hopfield.arguments import real

__all__ = ["Continuous", "Measure", "measure_of", "states_of"]

Floats = NDArray[np.float64]

LEAST, LARGEST = 1e-12, 1e12
"""Range of sharpness and temperature, and largest component of patterns and states."""

ROUNDING = 1e-9
"""Relative distance of 1/(β T) from an integer that is rounding."""


@dataclass(frozen=True)
class Continuous:
    """Model of a result: softmax energy of continuous states.

    Parameters
    ----------
    beta : float
        Sharpness β.
    """

    beta: float


@dataclass(frozen=True, eq=False)
class Measure:
    r"""The measure :math:`e^{-E(x)/T}`, E as of `hopfield.attention.energy`.

    Parameters
    ----------
    patterns : float64 array, shape (K, N)
    beta : float
        Sharpness β > 0.
    temperature : float
        T > 0.
    """

    patterns: Floats
    beta: float
    temperature: float

    @property
    def size(self) -> int:
        """Number N of components."""
        return int(self.patterns.shape[1])

    @property
    def squares(self) -> Floats:
        """Squared norms of the patterns."""
        return np.asarray((self.patterns**2).sum(axis=1))

    @property
    def offset(self) -> float:
        r"""Constant :math:`\log K/\beta + M^2/2` of the energy, M the largest norm."""
        return float(np.log(len(self.patterns)) / self.beta + self.squares.max() / 2.0)

    @property
    def copies(self) -> int:
        r"""The integer :math:`g = 1/(\beta T)`.

        Raises
        ------
        InputError
            If it is none, and the measure no mixture of Gaussians.
        """
        ratio = 1.0 / (self.beta * self.temperature)
        nearest = round(ratio)
        if nearest < 1 or abs(ratio - nearest) > ROUNDING * ratio:
            allowed = f"1/beta = {1.0 / self.beta:.6g} over an integer"
            raise InputError(
                f"temperature must be {allowed} for states without dynamics, "
                f"got {self.temperature:g}"
            )
        return nearest


def measure_of(patterns: ArrayLike, beta: float, temperature: float | None) -> Measure:
    """Check patterns, sharpness and temperature.

    Parameters
    ----------
    patterns : array of numbers, shape (K, N)
    beta : float
        β in [1e-12, 1e12].
    temperature : float, optional
        T in the same range; 1/β unless given.

    Returns
    -------
    Measure

    Raises
    ------
    InputError
        If one of them is out of range.

    Examples
    --------
    >>> measure_of([[1, 0], [0, 1]], 4.0, None).temperature
    0.25
    """
    try:
        xi = np.asarray(patterns)
    except ValueError:
        raise InputError("patterns must be an array of numbers, shape (K, N)") from None
    if xi.ndim != 2 or xi.size == 0 or xi.dtype.kind not in "iuf":
        raise InputError(f"patterns must be numbers of shape (K, N), got {xi.dtype} {xi.shape}")
    if not (np.abs(xi) <= LARGEST).all():
        raise InputError(f"patterns must be finite numbers up to {LARGEST:g}")
    sharpness = real("beta", beta, low=LEAST, high=LARGEST)
    given = 1.0 / sharpness if temperature is None else temperature
    return Measure(
        np.ascontiguousarray(xi, dtype=np.float64),
        sharpness,
        real("temperature", given, low=LEAST, high=LARGEST),
    )


def states_of(name: str, given: ArrayLike, size: int) -> Floats:
    """Check states.

    Parameters
    ----------
    name : str
        Of the argument.
    given : array of numbers, shape (..., N)
    size : int
        N.

    Returns
    -------
    float64 array

    Raises
    ------
    InputError
        If they have another shape, or are not finite and at most 1e12.

    Examples
    --------
    >>> states_of("start", [1, 0], 2)
    array([1., 0.])
    """
    try:
        states = np.asarray(given)
    except ValueError:
        raise InputError(f"{name} must be an array of numbers, shape (..., {size})") from None
    if states.ndim < 1 or states.shape[-1] != size or states.dtype.kind not in "iuf":
        found = f"{states.dtype} {states.shape}"
        raise InputError(f"{name} must be numbers of shape (..., {size}), got {found}")
    if not (np.abs(states) <= LARGEST).all():
        raise InputError(f"{name} must be finite numbers up to {LARGEST:g}")
    return states.astype(np.float64)
