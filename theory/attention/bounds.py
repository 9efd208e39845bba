r"""What is ensured of patterns that are separated, as bounds that hold for every set of patterns.

With K patterns, their largest norm M, the separation
:math:`\Delta_i = \xi^i \cdot \xi^i - \max_{j \ne i} \xi^i \cdot \xi^j` and a state at the distance
r from the pattern,

.. math:: 1 - w_i \le \epsilon = (K - 1)\, e^{-\beta (\Delta_i - 2 M r)} .

All else follows: the error after one update is at most :math:`2 M \epsilon`, and the norm of the
Jacobian, which is β times a covariance, at most :math:`\beta M^2 \min(4\epsilon, 1)`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from hopfield.arguments import InputError, real
from hopfield.results import dataset
from theory.attention.inputs import pattern_matrix, positive_values
from theory.saddle import Array

if TYPE_CHECKING:
    import xarray as xr

__all__ = [
    "missing_weight",
    "pattern_separation",
    "required_separation",
    "retrieval_bounds",
    "sufficient_separation",
]

PANEL = 2**22


def pattern_separation(patterns: ArrayLike) -> Array:
    r"""Separations :math:`\Delta_i = \xi^i \cdot \xi^i - \max_{j \ne i} \xi^i \cdot \xi^j`.

    Parameters
    ----------
    patterns : array of numbers, shape (K, N)
        At least 2.

    Returns
    -------
    array, shape (K,)

    Raises
    ------
    hopfield.InputError
        If there are less than two patterns.

    References
    ----------
    H. Ramsauer et al., ICLR (2021), arXiv:2008.02217.

    Examples
    --------
    >>> pattern_separation([[2, 0], [1, 1], [0, 1]])
    array([2., 0., 0.])
    """
    xi = pattern_matrix(patterns)
    largest = np.empty(len(xi))
    rows = max(1, PANEL // len(xi))
    for first in range(0, len(xi), rows):
        part = np.arange(first, min(first + rows, len(xi)))
        products = xi[part] @ xi.T
        products[np.arange(part.size), part] = -np.inf
        largest[part] = products.max(axis=1)
    return np.asarray((xi**2).sum(axis=1) - largest)


def missing_weight(
    separation: ArrayLike,
    distance: ArrayLike,
    n_patterns: ArrayLike,
    norm: ArrayLike,
    beta: ArrayLike,
) -> Array:
    r"""Bound on the weight of all other patterns, :math:`(K-1) e^{-\beta(\Delta - 2 M r)}`.

    Parameters
    ----------
    separation, distance, n_patterns, norm, beta : arrays
        Δ, r, K, the largest norm M and β.

    Returns
    -------
    array
        Of any size, useful if below 1.

    References
    ----------
    H. Ramsauer et al., ICLR (2021), arXiv:2008.02217, appendix A.

    Examples
    --------
    >>> missing_weight(1.0, 0.0, 2, 1.0, np.log(10.0)).round(9).item()
    0.1
    """
    gap = np.asarray(separation) - 2.0 * np.asarray(norm) * np.asarray(distance)
    with np.errstate(over="ignore"):
        return np.asarray((np.asarray(n_patterns) - 1.0) * np.exp(-np.asarray(beta) * gap))


def required_separation(n_patterns: ArrayLike, norm: ArrayLike, beta: ArrayLike) -> Array:
    r"""Separation with which a pattern has a fixed point within :math:`1/(\beta K M)`.

    .. math:: \frac2{\beta K} + \frac1\beta \log[2 (K-1) K \beta M^2]

    Parameters
    ----------
    n_patterns, norm, beta : arrays
        K, at least 2, the largest norm M and β.

    Returns
    -------
    array

    References
    ----------
    H. Ramsauer et al., ICLR (2021), arXiv:2008.02217, appendix A.

    Examples
    --------
    >>> required_separation(2, 1.0, 2.0).round(6).item()
    1.539721
    """
    k, b = np.asarray(n_patterns, dtype=float), np.asarray(beta, dtype=float)
    inner = 2.0 * (k - 1.0) * k * b * np.asarray(norm) ** 2
    return np.asarray(2.0 / (b * k) + np.log(inner) / b)


def sufficient_separation(n_patterns: ArrayLike, norm: ArrayLike, beta: ArrayLike) -> Array:
    r"""Separation with which a pattern has a fixed point within :math:`1/(2\beta M)`.

    .. math:: \frac1\beta \{1 + \log[4 (K-1) \beta M^2]\}

    Then :math:`2 M \epsilon \le r` at this distance r: the ball is mapped into itself, by a map
    whose Jacobian is at most :math:`4 \beta M^2 \epsilon \le 1`. For many patterns less is needed
    than by `required_separation`.

    Parameters
    ----------
    n_patterns, norm, beta : arrays
        K, at least 2, the largest norm M and β.

    Returns
    -------
    array

    Examples
    --------
    >>> sufficient_separation(2, 1.0, 2.0).round(6).item()
    1.539721
    """
    k, b = np.asarray(n_patterns, dtype=float), np.asarray(beta, dtype=float)
    inner = 4.0 * (k - 1.0) * b * np.asarray(norm) ** 2
    return np.asarray((1.0 + np.log(inner)) / b)


def retrieval_bounds(patterns: ArrayLike, beta: ArrayLike, *, distance: float = 0.0) -> xr.Dataset:
    r"""Bounds for each of given patterns.

    Parameters
    ----------
    patterns : array of numbers, shape (K, N)
        At least 2.
    beta : float or 1-D array
        β > 0; an array becomes a dimension.
    distance : float
        r >= 0, of a state from the pattern.

    Returns
    -------
    xarray.Dataset
        With the dimension pattern: separation (Δ); required_separation and well_separated, that it
        is at least as large; sufficient_separation; retrieval_radius :math:`1/(\beta K M)`;
        fixed_point_bound :math:`2 e (K-1) M e^{-\beta\Delta}` on the distance of the fixed point
        from the pattern if there is one within :math:`1/(2 \beta M)`, which either of the two
        separations ensures; and for states at the given distance update_error_bound, on the
        distance from the pattern after one update, and jacobian_bound, on the spectral norm.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range, or all patterns are zero.

    References
    ----------
    H. Ramsauer et al., ICLR (2021), arXiv:2008.02217, theorems 4 and 5 and their proofs.

    Examples
    --------
    >>> found = retrieval_bounds(np.eye(256), [10.5, 20.0])
    >>> found.well_separated.sel(pattern=0).values
    array([False,  True])
    >>> (found.separation >= found.sufficient_separation).sel(pattern=0).values
    array([ True,  True])
    """
    xi, betas = pattern_matrix(patterns), positive_values("beta", beta)
    r, k, delta = real("distance", distance), len(xi), pattern_separation(xi)
    norm = float(np.sqrt((xi**2).sum(axis=1).max()))
    if norm == 0.0:
        raise InputError("patterns must not all be zero")
    b = betas[..., None]
    at_pattern, at_distance = (missing_weight(delta, x, k, norm, b) for x in (0.0, r))
    alone, both = ("beta",) * betas.ndim, ("beta",) * betas.ndim + ("pattern",)
    required = required_separation(k, norm, betas)
    variables: dict[str, tuple[tuple[str, ...], Any]] = {
        "separation": (("pattern",), delta),
        "required_separation": (alone, required),
        "sufficient_separation": (alone, sufficient_separation(k, norm, betas)),
        "well_separated": (both, delta >= required[..., None]),
        "retrieval_radius": (alone, 1.0 / (betas * k * norm)),
        "fixed_point_bound": (both, 2.0 * np.e * norm * at_pattern),
        "update_error_bound": (both, 2.0 * norm * at_distance),
        "jacobian_bound": (both, b * norm**2 * np.minimum(4.0 * at_distance, 1.0)),
    }
    return dataset(variables, {"pattern": np.arange(k), "beta": betas, "distance": r}, {})
