"""Up to which dilution the hierarchical state goes on."""

from __future__ import annotations

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from hopfield.arguments import integer, nonnegative_values
from hopfield.models import Multitasking
from hopfield.results import dataset, provenance
from theory.multitasking.followed import (
    NARROW,
    change,
    hierarchy,
    law_of_many,
    merger,
    split_of_equal,
)
from theory.saddle import Array

__all__ = ["hierarchical_edge"]

FIRST_DILUTION = 0.02
DILUTION_STEP = 0.01
LAST_DILUTION = 0.99
BACK = 1e-7
SMALLEST_STEP = 1e-9
CURVED = 0.1
"""Part of a change of overlaps that may come as a surprise."""

SMALLEST_JUMP = 1e-4
"""More than the errors of overlaps where an eigenvalue vanishes."""


def hierarchical_edge(n_patterns: int, dataset_entropy: ArrayLike = 0.0) -> xr.Dataset:
    r"""Largest dilution up to which the hierarchical state goes on at zero temperature.

    The state of full patterns is followed to higher dilutions. Of perfect data it has
    :math:`m_k = d^{k-1}(1-d)`, as long as the first overlap is larger than the sum of the others,
    :math:`\sum_{j=1}^{K-1} d^j < 1`, and then jumps to another state: for good data the jump, a
    fold, stays; of worse data the overlaps change smoothly until the closest two of them become
    equal, at a higher dilution for the best of these and a lower one the worse they are. Of three
    archetypes the line of jumps ends close to ρ = 0.0113 and d = 0.546. The mean
    of the examples is taken as normal, as in `multitask_threshold`.

    Parameters
    ----------
    n_patterns : int
        Number K of archetypes, a few.
    dataset_entropy : float or 1-D array
        ρ >= 0; an array becomes a dimension.

    Returns
    -------
    xarray.Dataset
        dilution; limit, "jump" or "merger", or "none", and no dilution, if it goes on beyond 0.99;
        overlap with every archetype; and status, "absent" if there is no such state even of
        patterns with two blanks in a hundred.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range.

    References
    ----------
    E. Agliari, A. Barra, A. Galluzzi, F. Guerra and F. Moauro, Phys. Rev. Lett. 109, 268101
    (2012), arXiv:1111.5191.

    Examples
    --------
    >>> import theory
    >>> edge = theory.hierarchical_edge(3, [0.0, 0.05])
    >>> edge.dilution.values.round(6), edge.limit.values.tolist()
    (array([0.618034, 0.565254]), ['jump', 'merger'])
    """
    count = integer("n_patterns", n_patterns, low=1)
    entropies = nonnegative_values("dataset_entropy", dataset_entropy)
    cells = [_edge(count, float(rho)) for rho in entropies.ravel()]
    shape, dims = entropies.shape, ("dataset_entropy",) * entropies.ndim
    names, tails = ("dilution", "overlap", "limit", "status"), ((), (count,), (), ())
    variables = {
        name: (
            (*dims, *("pattern",) * len(tail)),
            np.array([cell[i] for cell in cells]).reshape((*shape, *tail)),
        )
        for i, (name, tail) in enumerate(zip(names, tails, strict=True))
    }
    coords = {"dataset_entropy": entropies, "temperature": 0.0, "pattern": np.arange(count)}
    return dataset(variables, coords, provenance(Multitasking(0.0), n_patterns=count))


def _edge(n_patterns: int, rho: float) -> tuple[float, Array, str, str]:
    """Dilution, overlaps, limit and status where the state ends."""
    last, step = (FIRST_DILUTION, hierarchy(n_patterns, FIRST_DILUTION, rho)), DILUTION_STEP
    if not last[1].stable:
        return np.nan, np.full(n_patterns, np.nan), "none", "absent"
    while step > SMALLEST_STEP and last[1].gap > NARROW:
        (dilution, state), ahead = last, last[0] + step
        if ahead > LAST_DILUTION:
            return np.nan, state.overlap, "none", "converged"
        # backwards: without noise of the data the tangent has a step at the edge
        here, back = (law_of_many(n_patterns, d, rho) for d in (dilution, dilution - BACK))
        along = change(state, here, back, dilution) * (-step / BACK)
        expected = state.effective_overlap + along
        found = hierarchy(n_patterns, ahead, rho, start=expected)
        error = np.abs(found.effective_overlap - expected).max()
        if found.stable and error <= CURVED * np.abs(along).max() + SMALLEST_JUMP:
            last, step = (ahead, found), min(2.0 * step, DILUTION_STEP)
        else:
            step /= 2.0
    equal = merger(last, lambda d, near: split_of_equal(near, d, rho))
    if equal is None:
        return last[0], last[1].overlap, "jump", "converged"
    return equal, last[1].overlap, "merger", "converged"
