r"""Chords of the cumulant ζ, which say where two phases have the same free energy."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from theory.exponential.rates import Ensemble
from theory.saddle import Array

__all__ = ["chord_intercept"]

SHORT = 0.5
"""Difference of fields below which the slope of a chord is an average of the derivative."""


def chord_intercept(ensemble: Ensemble, sharpness: float, field: Array) -> Array:
    r"""Depth at which the chord of ζ from λ to β meets the axis of no field.

    .. math:: \frac{\beta\zeta(\lambda) - \lambda\zeta(\beta)}{\lambda - \beta}
        = \lambda\, \frac{\zeta(\beta) - \zeta(\lambda)}{\beta - \lambda} - \zeta(\lambda)

    Parameters
    ----------
    ensemble : Ensemble
        Law of the patterns.
    sharpness : float
        λ.
    field : array
        β; what is below λ is taken for λ, where the chord is a tangent.

    Returns
    -------
    array

    Examples
    --------
    >>> from theory.exponential.rates import GAUSSIAN
    >>> chord_intercept(GAUSSIAN, 0.5, np.array([0.5, 2.0]))  # λ β/2
    array([0.125, 0.5  ])
    """
    higher = np.maximum(field, sharpness)
    if sharpness < 1.0:
        slope = _slope(ensemble.cumulant, ensemble.tilted_overlap, sharpness, higher)
        return np.asarray(sharpness * slope - ensemble.cumulant(sharpness))

    def rest(inner: ArrayLike) -> Array:
        return np.asarray(1.0 - ensemble.tilted_overlap(inner))

    # the same without the digits that λ and ζ(λ) have in common
    slope = _slope(ensemble.shortfall, rest, sharpness, higher)
    return np.asarray(ensemble.shortfall(sharpness) - sharpness * slope)


def _slope(
    value: Callable[[ArrayLike], Array],
    derivative: Callable[[ArrayLike], Array],
    low: float,
    high: Array,
) -> Array:
    """Slope of a chord; at short distance by quadrature."""
    far = high - low > SHORT
    long = (value(high) - value(low)) / np.where(far, high - low, 1.0)
    nodes, weights = np.polynomial.legendre.leggauss(16)
    middle = np.where(far, low, (high + low) / 2.0)
    half = np.where(far, 0.0, (high - low) / 2.0)
    inside = middle[..., None] + half[..., None] * nodes
    return np.where(far, long, derivative(inside) @ weights / 2.0)
