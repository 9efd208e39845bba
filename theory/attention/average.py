r"""Average over all patterns: the fixed point that begins as their mean at β = 0.

It is stable as long as :math:`\beta \lambda_{\max}(\mathrm{Cov}_w) < 1` with the covariance of the
patterns under the weights at the fixed point. The mean itself, with equal weights, is a fixed point
only if all patterns have the same score there, as those of equal norms and overlaps have.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from hopfield import attention
from hopfield.arguments import InputError, positive
from hopfield.results import dataset
from theory.attention.inputs import pattern_matrix, positive_values
from theory.attention.path import Path, Point

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["average_states", "average_threshold", "spherical_average_limit"]

ITERATIONS = 10_000
WIDEST = 1e3
"""Largest β up to which a branch is followed, over that where equal weights are unstable."""


def average_states(patterns: ArrayLike, beta: ArrayLike) -> xr.Dataset:
    """Fixed points that are reached from the mean of all patterns, and their stability.

    Parameters
    ----------
    patterns : array of numbers, shape (K, N)
        At least 2.
    beta : float or 1-D array
        β > 0; an array becomes a dimension.

    Returns
    -------
    xarray.Dataset
        jacobian_eigenvalue (β times the largest of the covariance with its weights), stable,
        effective_patterns, largest_weight, state_energy, residual (over the largest norm) and
        status.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range.

    Examples
    --------
    >>> found = average_states(np.eye(4), [2.0, 5.0])  # alike: unstable from 4 on
    >>> found.jacobian_eigenvalue.values, found.effective_patterns.values
    (array([0.5 , 1.25]), array([4., 4.]))
    """
    xi, betas = pattern_matrix(patterns), positive_values("beta", beta)
    start, flat = np.tile(xi.mean(axis=0), (betas.size, 1)), betas.ravel()
    found = attention.retrieve(start, xi, flat, max_iterations=ITERATIONS)
    weights = attention.weights(found.states, xi, flat)
    values = {
        "jacobian_eigenvalue": np.array(
            [
                np.linalg.eigvalsh(attention.jacobian(x, xi, b))[-1]
                for x, b in zip(found.states, flat, strict=True)
            ]
        ),
        "effective_patterns": 1.0 / (weights**2).sum(axis=1),
        "largest_weight": weights.max(axis=1),
        "state_energy": attention.energy(found.states, xi, flat),
        "residual": found.residual,
        "status": found.status,
    }
    values["stable"] = values["jacobian_eigenvalue"] < 1.0
    dims = ("beta",) * betas.ndim
    variables: dict[str, tuple[tuple[str, ...], Any]] = {
        name: (dims, array.reshape(betas.shape)) for name, array in values.items()
    }
    return dataset(variables, {"beta": betas}, {})


def average_threshold(patterns: ArrayLike) -> xr.Dataset:
    r"""Inverse temperature at which the average over all patterns becomes unstable.

    The fixed point is followed from small β, along arcs, to the first β at which its largest
    eigenvalue :math:`\beta \lambda_{\max}(\mathrm{Cov}_w)` is 1. For patterns that are alike the
    mean becomes unstable there; for others the branch turns back, or goes over into a state of
    fewer patterns without becoming unstable.

    Parameters
    ----------
    patterns : array of numbers, shape (K, N)
        At least 2, not all the same.

    Returns
    -------
    xarray.Dataset
        beta, effective_patterns and largest_weight there, residual (of the fixed point, over the
        largest norm, and of the eigenvalue) and status, "absent" if there is none and "not
        converged" if rounding errors hide it, as where patterns hardly differ. beta_mean is the
        value :math:`1/\lambda_{\max}` of equal weights.

    Raises
    ------
    hopfield.InputError
        If there are less than two different patterns.

    Examples
    --------
    >>> average_threshold(np.eye(4)).beta.round(9).item()
    4.0
    >>> found = average_threshold([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.1]])
    >>> found.status.item(), round(found.beta_mean.item(), 3)
    ('absent', 1.495)
    """
    xi = pattern_matrix(patterns)
    uniform = float(np.linalg.norm(xi - xi.mean(axis=0), 2) ** 2 / len(xi))
    if uniform == 0.0:
        raise InputError("patterns must not all be the same")
    path = Path(xi)
    found, status = path.instability(WIDEST / uniform)
    values = {"beta": np.nan, "effective_patterns": np.nan, "largest_weight": np.nan}
    residual = np.nan
    if found is not None:
        values, residual = _at(path, found)
    variables: dict[str, tuple[tuple[str, ...], Any]] = {
        name: ((), value) for name, value in values.items()
    }
    variables |= {"beta_mean": ((), 1.0 / uniform), "residual": ((), residual)}
    variables["status"] = (), status
    return dataset(variables, {}, {})


def _at(path: Path, point: Point) -> tuple[dict[str, float], float]:
    """Values at a point of the path, and the residual."""
    state, beta = path.state(point), path.beta(point)
    weights = attention.weights(state, path.patterns, beta)
    values = {
        "beta": beta,
        "effective_patterns": float(1.0 / (weights**2).sum()),
        "largest_weight": float(weights.max()),
    }
    return values, max(path.violation(point), abs(path.eigenvalue(point) - 1.0))


def spherical_average_limit(ratio: float) -> float:
    r"""Inverse temperature at which the average of random patterns becomes unstable, N to infinity.

    .. math:: \beta_c = \frac1{(1 + \sqrt{N/K})^2} , \qquad |\xi|^2 = N ,

    from the edge of the spectrum of the covariance of K random patterns with equal weights, for K
    patterns and their K opposites, whose mean x = 0 is a fixed point. The mean of K patterns alone
    has the norm :math:`\sqrt{N/K}` and is none: the branch that begins there turns back earlier,
    see `average_threshold`.

    Parameters
    ----------
    ratio : float
        K/N > 0.

    Returns
    -------
    float

    Raises
    ------
    hopfield.InputError
        If the ratio is not above 0.

    References
    ----------
    V. A. Marchenko and L. A. Pastur, Math. USSR Sb. 1, 457 (1967).

    Examples
    --------
    >>> spherical_average_limit(4.0)
    0.4444444444444444
    """
    root = math.sqrt(positive("ratio", ratio, high=np.inf))
    return (root / (1.0 + root)) ** 2
