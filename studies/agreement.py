r"""Vectors of averages at several sizes: their limit, its covariance, and its distance from theory.

Every size has as many independent samples, each a vector whose covariance falls off as 1/N, so
that those of all sizes are pooled.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hopfield import InputError

__all__ = ["Distance", "Limit", "at_infinite_size", "distance"]

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Limit:
    """Mean vector at infinite size.

    Parameters
    ----------
    value : array, shape (quantities,)
    covariance : array, shape (quantities, quantities)
        Of the value, as estimated.
    degrees_of_freedom : int
        Of that estimate.
    """

    value: Floats
    covariance: Floats
    degrees_of_freedom: int

    @property
    def stderr(self) -> Floats:
        """Standard errors of the values."""
        return np.asarray(np.sqrt(np.diagonal(self.covariance)))


def at_infinite_size(sizes: Sequence[int], samples: Floats, degree: int) -> Limit:
    r"""Least-squares polynomial in 1/N at 1/N = 0, all quantities with the same weights.

    Parameters
    ----------
    sizes : sequence of int
        N.
    samples : array, shape (sizes, samples, quantities)
        Two samples or more, whose covariance is taken to be proportional to 1/N.
    degree : int
        Of the polynomial, less than the number of sizes.

    Returns
    -------
    Limit

    Raises
    ------
    InputError
        If there are too few samples.

    Examples
    --------
    >>> noise = np.random.default_rng(1).normal(size=(2, 200, 1)) / np.sqrt([[[100]], [[400]]])
    >>> samples = 0.5 + np.array([1 / 100, 1 / 400])[:, None, None] + noise
    >>> limit = at_infinite_size([100, 400], samples, 1)
    >>> bool(abs(limit.value[0] - 0.5) < 4.0 * limit.stderr[0])
    True
    """
    n = np.array(sizes, dtype=np.float64)
    count = samples.shape[1]
    if count < 2:
        raise InputError(f"samples must be at least 2 for an error, got {count}")
    means = samples.mean(axis=1)
    scaled = (samples - means[:, None]) * np.sqrt(n)[:, None, None]
    degrees = n.size * (count - 1)
    pooled = np.einsum("ski,skj->ij", scaled, scaled) / degrees
    powers = np.vander(n.min() / n, degree + 1, increasing=True)
    root = np.sqrt(n)
    weights = np.linalg.pinv(powers * root[:, None])[0] * root
    covariance = pooled * (weights**2 / n).sum() / count
    return Limit(weights @ means, covariance, degrees)


@dataclass(frozen=True)
class Distance:
    """How far a vector of averages is from what is expected.

    Parameters
    ----------
    z : array, shape (quantities,)
        Of each quantity, in standard errors.
    chi_square : float
        Squared distance in the metric of the covariance over its mean if the expectation is right.
    p_value : float
        Probability that it is then larger.
    """

    z: Floats
    chi_square: float
    p_value: float


def distance(limit: Limit, expected: Floats, joint: NDArray[np.bool_]) -> Distance:
    r"""Distance of averages from what is expected, one by one and together.

    With q quantities and ν degrees of freedom of the covariance Hotelling's
    :math:`T^2 = \delta^T C^{-1} \delta` has the mean :math:`\nu q/(\nu - q - 1)`, and
    :math:`\frac{\nu - q + 1}{\nu q} T^2` the distribution :math:`F_{q, \nu - q + 1}`.

    Parameters
    ----------
    limit : Limit
    expected : array, shape (quantities,)
    joint : bool array, shape (quantities,)
        Which of them, none a combination of the others, are taken together.

    Returns
    -------
    Distance
        Not a number where there are no fluctuations, or too few samples for so many quantities.

    Raises
    ------
    InputError
        If the shapes do not fit.

    References
    ----------
    H. Hotelling, Ann. Math. Statist. 2, 360 (1931).

    Examples
    --------
    >>> limit = Limit(np.array([1.0, 2.0]), np.diag([0.01, 0.04]), 1000)
    >>> found = distance(limit, np.array([0.9, 2.2]), np.array([True, True]))
    >>> found.z.round(6).tolist(), round(found.chi_square, 2)
    ([1.0, -1.0], 1.0)
    """
    from scipy.stats import f

    if not limit.value.shape == expected.shape == joint.shape:
        shapes = (limit.value.shape, expected.shape, joint.shape)
        raise InputError(f"value, expected and joint must have equal shapes, got {shapes}")
    gap, errors = limit.value - expected, limit.stderr
    z = np.divide(gap, errors, out=np.full(gap.shape, np.nan), where=errors > 0.0)
    q, degrees = int(joint.sum()), limit.degrees_of_freedom
    if degrees < q + 2 or not (errors[joint] > 0.0).all():
        return Distance(z, float("nan"), float("nan"))
    scale = np.outer(errors[joint], errors[joint])
    correlation = limit.covariance[np.ix_(joint, joint)] / scale
    square = float(z[joint] @ np.linalg.solve(correlation, z[joint]))
    tail = f.sf(square * (degrees - q + 1) / (degrees * q), q, degrees - q + 1)
    return Distance(z, square * (degrees - q - 1) / (degrees * q), float(tail))
