"""Predictions for the retrieval of single patterns in exponential networks."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["CRITERIA", "expected", "thresholds"]

Floats = NDArray[np.float64]

MOST_NEIGHBOURS = 2.0
"""Mean number of patterns at distance one of a pattern up to which its stability is predicted."""

CRITERIA = ("weight", "descent", "stable")
"""More than half of the weight of the softmax at the start is the pattern's; steepest descent from
the start ends at the pattern; no flip in the pattern lowers its energy."""


def expected(
    criterion: str, sharpness: float, load: ArrayLike, size: int, overlap: float
) -> Floats:
    """Probability of a criterion.

    Parameters
    ----------
    criterion : str
        One of `CRITERIA`.
    sharpness : float
    load : array
    size : int
    overlap : float
        Of the start with the pattern.

    Returns
    -------
    array
        Of the shape of the load; not a number where there is no prediction, which is for stability
        where most patterns have neighbours among the patterns.

    Examples
    --------
    >>> expected("weight", 1.0, [0.2, 0.25], 20, 0.6).round(2)
    array([0.73, 0.41])
    """
    from theory.exponential.finite_size import closest_probability, weight_probability
    from theory.exponential.rates import BINARY
    from theory.exponential.stability import stable_probability

    if criterion == "weight":
        return weight_probability(sharpness, load, size, overlap)
    if criterion == "descent":
        return closest_probability(BINARY, load, size, overlap)
    loads = np.asarray(load, dtype=float)
    predicted = size * np.exp(size * (loads - np.log(2.0))) <= MOST_NEIGHBOURS
    found = np.full(loads.shape, np.nan)
    found[predicted] = stable_probability(sharpness, loads[predicted], size)
    return found


def thresholds(sharpness: float, overlap: float) -> Floats:
    """Loads up to which the criteria are met without end.

    Parameters
    ----------
    sharpness, overlap : float

    Returns
    -------
    array, shape (criterion,)

    Examples
    --------
    >>> thresholds(0.5, 0.6).round(3)
    array([0.18 , 0.193, 0.566])
    """
    import theory

    at_start = theory.exponential_thresholds(sharpness, overlap=overlap)["load"]
    at_pattern = theory.exponential_thresholds(sharpness)["load"]
    return np.array([
        at_start.sel(criterion="weight").item(), at_start.sel(criterion="flips").item(),
        at_pattern.sel(criterion="flips").item(),
    ])  # fmt: skip
