"""Averages over samples of the disorder, and their extrapolation to infinite size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield import InputError
from hopfield.arguments import integer

__all__ = ["Extrapolation", "extrapolate", "jackknife"]

Floats = NDArray[np.float64]


def jackknife(
    values: ArrayLike,
    estimator: Callable[..., ArrayLike] = np.mean,
    axis: int = 0,
    *,
    bias_corrected: bool = False,
) -> tuple[Floats, Floats]:
    r"""Estimate from independent samples, and its leave-one-out standard error.

    With :math:`\theta_{(i)}` the estimate without sample i and :math:`\theta_{(\cdot)}` their mean,

    .. math::
        \mathrm{stderr}^2 = \frac{n-1}{n} \sum_i (\theta_{(i)} - \theta_{(\cdot)})^2, \qquad
        \theta_\mathrm{corrected} = n \theta - (n-1) \theta_{(\cdot)} .

    Parameters
    ----------
    values : array
        One sample of the disorder per entry along `axis`.
    estimator : callable
        Called as ``estimator(samples, axis=0)``, the samples along the first axis.
    axis : int
        Axis of the samples.
    bias_corrected : bool
        Whether to remove the bias of order 1/n from the estimate.

    Returns
    -------
    estimate, stderr : arrays of the shape `estimator` returns
        With a single sample the standard error and a corrected estimate are NaN.

    Raises
    ------
    InputError
        If there is no such axis or no sample.

    References
    ----------
    B. Efron and R. J. Tibshirani, An Introduction to the Bootstrap (1993), eqs. (11.4), (11.5).

    Examples
    --------
    >>> estimate, stderr = jackknife([1.0, 2.0, 3.0, 6.0])
    >>> float(estimate), float(stderr.round(4))
    (3.0, 1.0801)
    """
    samples = np.asarray(values, dtype=np.float64)
    if not -samples.ndim <= axis < samples.ndim or samples.shape[axis] == 0:
        raise InputError(f"values must have samples along axis {axis}, got shape {samples.shape}")
    samples = np.moveaxis(samples, axis, 0)
    n = samples.shape[0]
    estimate = np.asarray(estimator(samples, axis=0), dtype=np.float64)
    if n == 1:
        unknown = np.full_like(estimate, np.nan)
        return (unknown if bias_corrected else estimate), unknown
    without = np.array([estimator(np.delete(samples, i, axis=0), axis=0) for i in range(n)])
    stderr = np.sqrt((n - 1) * without.var(axis=0))
    if bias_corrected:
        estimate = n * estimate - (n - 1) * without.mean(axis=0)
    return estimate, np.asarray(stderr)


@dataclass(frozen=True)
class Extrapolation:
    """Polynomial in 1/N through values at several sizes; each field but the last an array.

    `slope` is the coefficient of 1/N. `chi_square` is the sum of squared residuals in units of the
    standard errors; if the polynomial is right it is distributed as χ² with `degrees_of_freedom`,
    the number of sizes less that of the coefficients.
    """

    value: Floats
    stderr: Floats
    slope: Floats
    slope_stderr: Floats
    chi_square: Floats
    degrees_of_freedom: int


def extrapolate(
    sizes: ArrayLike, values: ArrayLike, stderrs: ArrayLike, *, degree: int = 1
) -> Extrapolation:
    r"""Value at infinite size from :math:`v(N) = v_\infty + \sum_{k=1}^d c_k/N^k`, weighted.

    Parameters
    ----------
    sizes : array, shape (S,)
        Numbers N of spins, more than `degree` different ones.
    values, stderrs : arrays, shape (..., S)
        Independent values and their standard errors. A cell with a value that is not finite or
        a standard error that is zero or not finite has no weights: its results are NaN.
    degree : int
        d, at least 1.

    Returns
    -------
    Extrapolation
        Arrays of shape (...); the errors follow from `stderrs` alone, whatever the χ².

    Raises
    ------
    InputError
        If the sizes are not positive numbers, too few of them different, the shapes do not fit or
        a standard error is negative.

    References
    ----------
    W. H. Press et al., Numerical Recipes in C (2nd ed., 1992), eqs. (15.4.4)-(15.4.15).

    Examples
    --------
    >>> line = extrapolate([100, 200, 400], [0.91, 0.905, 0.9025], [0.01, 0.01, 0.01])
    >>> float(line.value.round(6)), float(line.slope.round(6)), line.degrees_of_freedom
    (0.9, 1.0, 1)
    """
    integer("degree", degree, low=1)
    x, y, sigma = _line_data(sizes, values, stderrs, degree)
    usable = np.asarray((np.isfinite(y) & np.isfinite(sigma) & (sigma > 0.0)).all(axis=-1))
    scale = x.max()
    powers = np.vander(x / scale, degree + 1, increasing=True)
    design = powers / np.where(usable[..., None], sigma, 1.0)[..., None]
    data = np.where(usable[..., None], y / np.where(sigma > 0.0, sigma, 1.0), 0.0)
    inverse = np.linalg.pinv(design)
    coefficients = (inverse @ data[..., None])[..., 0]
    errors = np.sqrt((inverse**2).sum(axis=-1))
    residual = data - (design @ coefficients[..., None])[..., 0]
    blank = np.where(usable, 1.0, np.nan)
    return Extrapolation(
        value=np.asarray(coefficients[..., 0] * blank),
        stderr=errors[..., 0] * blank,
        slope=coefficients[..., 1] / scale * blank,
        slope_stderr=errors[..., 1] / scale * blank,
        chi_square=(residual**2).sum(axis=-1) * blank,
        degrees_of_freedom=x.size - degree - 1,
    )


def _line_data(
    sizes: ArrayLike, values: ArrayLike, stderrs: ArrayLike, degree: int
) -> tuple[Floats, Floats, Floats]:
    """1/N, values and standard errors as float arrays that fit together."""
    n = np.asarray(sizes, dtype=np.float64)
    if n.ndim != 1 or not (np.isfinite(n) & (n > 0.0)).all() or np.unique(n).size <= degree:
        raise InputError(
            f"sizes must be positive numbers, {degree + 1} of them different, got {sizes!r}"
        )
    y, sigma = np.asarray(values, dtype=np.float64), np.asarray(stderrs, dtype=np.float64)
    if y.shape != sigma.shape or y.shape[-1:] != n.shape:
        raise InputError(
            f"values and stderrs must have shape (..., {n.size}), got {y.shape} and {sigma.shape}"
        )
    if (sigma < 0.0).any():
        raise InputError(f"stderrs must be >= 0, got {sigma.min():g}")
    return 1.0 / n, y, sigma
