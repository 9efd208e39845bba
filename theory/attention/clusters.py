"""Patterns in clusters: fixed points, their stability, and the windows in which they are there."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from hopfield.arguments import InputError, integer, real
from hopfield.results import dataset
from theory.attention.branches import Clusters
from theory.attention.inputs import positive_values

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["cluster_states", "cluster_thresholds"]

STATES = ("average", "cluster", "pattern")
THRESHOLDS = ("cluster appears", "pattern appears", "cluster unstable", "average unstable")
NAMES = ("weight", "cluster_weight", "jacobian_eigenvalue", "state_energy", "residual")


def cluster_states(
    n_clusters: int, cluster_size: int, inside: float, between: float, beta: ArrayLike
) -> xr.Dataset:
    r"""Fixed points of patterns in clusters: of all, of one cluster, of one pattern.

    Patterns of equal norms have overlaps :math:`q_i` within clusters of k patterns, and :math:`q_o`
    between :math:`n_c` clusters.

    Parameters
    ----------
    n_clusters : int
        :math:`n_c`, at least 1.
    cluster_size : int
        k, at least 2.
    inside, between : float
        :math:`q_i < 1` and :math:`q_o < q_i`.
    beta : float or 1-D array
        :math:`\beta |\xi|^2 > 0`; an array becomes a dimension.

    Returns
    -------
    xarray.Dataset
        With the dimension fixed_point: "average" of all patterns, average of a "cluster", and
        "pattern", the stable one of a single pattern. Variables weight (of the largest),
        cluster_weight (of all patterns of its cluster), jacobian_eigenvalue (the largest),
        state_energy (over the squared norm), stable, residual and status.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range, or there are no patterns with such overlaps.

    References
    ----------
    H. Ramsauer et al., ICLR (2021), arXiv:2008.02217, on metastable states.

    Examples
    --------
    >>> found = cluster_states(3, 4, 0.8, 0.0, [2.0, 10.0, 18.0, 30.0])
    >>> found.stable.values.astype(int)
    array([[1, 0, 0, 0],
           [0, 1, 1, 0],
           [0, 0, 1, 1]])
    """
    law, betas = _law(n_clusters, cluster_size, inside, between), positive_values("beta", beta)
    rows = [[_state(law, state, float(b)) for b in betas.ravel()] for state in STATES]
    shape, dims = (len(STATES), *betas.shape), ("fixed_point", *("beta",) * betas.ndim)
    values = np.array(rows).reshape(*shape, len(NAMES))
    variables: dict[str, tuple[tuple[str, ...], Any]] = {
        name: (dims, values[..., i]) for i, name in enumerate(NAMES)
    }
    variables["stable"] = dims, values[..., NAMES.index("jacobian_eigenvalue")] < 1.0
    variables["status"] = dims, np.where(np.isfinite(values[..., 0]), "converged", "absent")
    return dataset(variables, {"fixed_point": list(STATES), "beta": betas}, {})


def cluster_thresholds(
    n_clusters: int, cluster_size: int, inside: float, between: float
) -> xr.Dataset:
    r"""Inverse temperatures at which averages over clusters and single patterns are there.

    Averages over a cluster appear at :math:`\beta (q_i + (1-q_i)/k - q_o) = J_s(n_c)`, with the
    least coupling :math:`J_s` of :math:`n_c` equidistant patterns, and are stable up to
    :math:`\beta (1-q_i) W = k`, W being the weight of the cluster. For distant clusters W is 1, and
    single patterns appear at :math:`\beta (1-q_i) = J_s(k)`.

    Parameters
    ----------
    n_clusters, cluster_size, inside, between
        As of `cluster_states`.

    Returns
    -------
    xarray.Dataset
        With the dimension threshold: "cluster appears", "pattern appears", "cluster unstable",
        which is absent if clusters are never stable, and "average unstable". Variables beta (times
        the squared norm), weight and cluster_weight of the state that appears or becomes unstable,
        residual (of its equations and of its marginal eigenvalue) and status.

    Raises
    ------
    hopfield.InputError
        As of `cluster_states`.

    Examples
    --------
    >>> cluster_thresholds(3, 4, 0.8, 0.0).beta.values.round(4)
    array([ 3.2302, 16.0937, 20.    ,  3.5294])
    """
    law = _law(n_clusters, cluster_size, inside, between)
    u, v = law.pattern_end
    average = law.count / law.cluster_coupling if law.count > 1 else law.cluster_end[0]
    begin, first = law.cluster_begin
    end, last = law.cluster_end
    points = [(begin, 0.0, first), (law.beta(u, v), u, v), (end, 0.0, last), (average, 0.0, 0.0)]
    values = np.array([_threshold(law, *point) for point in points])
    dims = ("threshold",)
    names = ("beta", "weight", "cluster_weight", "residual")
    variables: dict[str, tuple[tuple[str, ...], Any]] = {
        name: (dims, values[:, i]) for i, name in enumerate(names)
    }
    variables["status"] = dims, np.where(np.isfinite(values[:, 0]), "converged", "absent")
    return dataset(variables, {"threshold": list(THRESHOLDS)}, {})


def _law(n_clusters: int, cluster_size: int, inside: float, between: float) -> Clusters:
    n, k = integer("n_clusters", n_clusters, low=1), integer("cluster_size", cluster_size, low=2)
    i, o = real("inside", inside, low=-1.0), real("between", between, low=-1.0)
    if not o < i < 1.0:
        raise InputError(f"inside must be above between = {o:g} and below 1, got {i:g}")
    least = 1.0 + (k - 1) * i + (n - 1) * k * o
    if least < 0.0:
        raise InputError(f"no patterns have the overlaps inside = {i:g} and between = {o:g}")
    return Clusters(n, k, i, o)


def _values(law: Clusters, beta: float, u: float, v: float) -> tuple[float, ...]:
    """Values of `NAMES`."""
    logs, classes = law.log_weights(u, v), law.pattern_classes
    w = np.exp(logs)
    known = classes.eigenvalue(logs, beta), classes.energy(logs, beta), classes.residual(logs, beta)
    return float(w[0]), float(w[:2] @ classes.sizes[:2]), *known


def _state(law: Clusters, state: str, beta: float) -> tuple[float, ...]:
    if state == "pattern":
        u, v = law.pattern_at(beta)
    else:
        u, v = 0.0, law.cluster_at(beta) if state == "cluster" else 0.0
    return (math.nan,) * len(NAMES) if math.isnan(v) else _values(law, beta, u, v)


def _threshold(law: Clusters, beta: float, u: float, v: float) -> tuple[float, ...]:
    """β, weight, weight of the cluster and residual; some eigenvalue is 1 there."""
    if math.isnan(beta) or beta == 0.0:
        return beta, 1.0 / law.size, 1.0, 0.0
    weight, cluster, _, _, residual = _values(law, beta, u, v)
    marginal = np.abs(law.pattern_classes.eigenvalues(law.log_weights(u, v), beta) - 1.0).min()
    return beta, weight, cluster, max(residual, float(marginal))
