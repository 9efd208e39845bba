"""States in which a network retrieves several patterns at once, as labelled results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import integer, nonnegative_values, real
from hopfield.learning import Unsupervised
from hopfield.results import dataset, provenance
from theory.multitasking.equations import Curvatures, curvatures, observables
from theory.multitasking.laws import (
    Diluted,
    crosstalk_of,
    groups_of,
    law_of,
    require_pairs,
    state_name,
)
from theory.multitasking.search import search
from theory.multitasking.structure import status_of, thorough_search
from theory.saddle import Array

__all__ = ["Solved", "eigenvalues", "retrieval_states", "solve_state"]

STATES = ("pure", "hierarchical", "parallel")
LOWEST = -1e100
"""Eigenvalues below it are those of spins without a field at T = 0."""


@dataclass(frozen=True)
class Solved:
    """A state, one entry a cell; not a number where it is absent or was not found.

    Parameters
    ----------
    values : dict of str to array
        By names of results; overlap and effective_overlap, shape (cells, K), are those with every
        pattern, eigenvalue, shape (cells, modes), is in rising order.
    status : array of str, shape (cells,)
        Out of `hopfield.vocabulary.STATUS`.
    """

    values: dict[str, Array]
    status: NDArray[np.str_]


def solve_state(
    model: Diluted,
    groups: Sequence[int],
    n_patterns: int,
    load: Array,
    temperature: Array,
    start: Array | None = None,
) -> Solved:
    """A state of given numbers of patterns of equal overlap, a cell each.

    Parameters
    ----------
    model : hopfield.Multitasking, or another model with p = 2
    groups : sequence of int
        Numbers of patterns of equal overlap, those of the largest overlap first.
    n_patterns : int
        K.
    load, temperature : arrays, shape (cells,)
        α and T.
    start : array, shape (cells, classes), optional
        First guess of the effective overlaps.

    Returns
    -------
    Solved

    Examples
    --------
    >>> import hopfield
    >>> cold = solve_state(hopfield.Multitasking(0.5), (1, 1), 2, np.zeros(1), np.zeros(1))
    >>> cold.values["overlap"], cold.values["eigenvalue"]
    (array([[0.5 , 0.25]]), array([[1., 1.]]))
    """
    law, crosstalk = law_of(model, groups), crosstalk_of(model)
    given = law, crosstalk, load, temperature
    if start is None:
        found, status = thorough_search(law, crosstalk, model.dilution, load, temperature)
    else:
        found = search(*given, start)
        status = status_of(*given, found)
    n = found.effective_overlap
    point = *given, n, found.noise
    data = (model.examples, model.dataset_entropy) if isinstance(model, Unsupervised) else (1, 0.0)
    k = curvatures(*point, examples=data[0], entropy=data[1])
    values = observables(*point) | {"effective_overlap": n}
    for name in ("overlap", "effective_overlap"):
        each = np.repeat(values[name], groups, axis=1)
        values[name] = np.pad(each, ((0, 0), (0, n_patterns - sum(groups))))
    values["eigenvalue"] = eigenvalues(k, groups, n_patterns - sum(groups) + bool(load.any()))
    values["eigenvalue_between_examples"] = k.between_examples[:, :-1].min(axis=1)
    values |= {"noise": found.noise, "residual": found.residual}
    good = status == "converged"
    blanked = {name: np.where(good, array.T, np.nan).T for name, array in values.items()}
    return Solved(blanked, status)


def eigenvalues(curvature: Curvatures, groups: Sequence[int], others: int) -> Array:
    """All eigenvalues of the Hessian in rising order, shape (cells, modes).

    Parameters
    ----------
    curvature : Curvatures
        Of the state.
    groups : sequence of int
        Numbers of patterns of equal overlap.
    others : int
        Number of directions beyond them.

    Returns
    -------
    array

    Examples
    --------
    >>> one = np.ones((1, 1))
    >>> eigenvalues(Curvatures(one, 2 * one, 3 * one[0], one), (2,), 1)
    array([[1., 2., 3.]])
    """
    modes = [curvature.along, np.repeat(curvature.within, np.array(groups) - 1, axis=1)]
    modes.append(np.repeat(curvature.beyond[:, None], others, axis=1))
    found = np.sort(np.concatenate(modes, axis=1), axis=1)
    return np.where(found > LOWEST, found, -np.inf)


def retrieval_states(
    model: Any,
    n_patterns: int,
    temperature: ArrayLike,
    *,
    states: Sequence[str | Sequence[int]] = STATES,
    load: float = 0.0,
) -> xr.Dataset:
    r"""States in which one or several patterns are retrieved, and their stability.

    With :math:`n_\mu = E[x^\mu \tanh(h/T)]`, :math:`h = \sum_\mu n_\mu x^\mu + \sigma z`; without
    load σ = 0. At T = 0 the hierarchical state is :math:`m_k = d^{k-1}(1-d)` as long as the first
    overlap is larger than the sum of the others.

    Parameters
    ----------
    model : hopfield.Multitasking, or another model with p = 2
    n_patterns : int
        Number K of patterns, at least 1; with a load, of those that may be retrieved.
    temperature : float or 1-D array
        T >= 0; an array becomes a dimension.
    states : sequence of str
        "pure", "hierarchical" (K different overlaps), "parallel" (K equal ones), or numbers of
        patterns of equal overlap such as "2+1"; "3" is the odd mixture of three patterns.
    load : float
        α of the patterns that are not retrieved.

    Returns
    -------
    xarray.Dataset
        With dimension state; overlap and effective_overlap with every pattern, self_overlap, noise,
        free_energy, energy, entropy, replicon, residual and status. All eigenvalues of the Hessian
        of the free energy have dimension mode, in rising order; with a load the noise follows the
        overlaps, and of the directions beyond the K patterns there is one. `stable` says whether
        they are all positive. Without a teacher eigenvalue_between_examples is the smallest for
        differences between the examples of a retrieved pattern. Without load a state is a minimum
        among those whose overlaps are equal in this way: the one that a descent leads to from
        spins that follow the first pattern that is not blank, or else the lowest that is found. It
        is absent where its overlaps become equal or vanish; it may then go on as another one.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range, or there are too many columns of entries: then more overlaps
        have to be equal.

    References
    ----------
    E. Agliari, A. Barra, A. Galluzzi, F. Guerra and F. Moauro, Phys. Rev. Lett. 109, 268101
    (2012), arXiv:1111.5191; E. Agliari et al., arXiv:1304.4488.

    Examples
    --------
    >>> import hopfield, theory
    >>> found = theory.retrieval_states(hopfield.Multitasking(0.3), 3, [0.0, 0.05])
    >>> found.overlap.sel(state="hierarchical", temperature=0.0).values.round(9)
    array([0.7  , 0.21 , 0.063])
    >>> found.stable.sel(temperature=0.05).values
    array([False,  True, False])
    """
    checked = require_pairs(model)
    count = integer("n_patterns", n_patterns, low=1)
    temperatures, alpha = nonnegative_values("temperature", temperature), real("load", load)
    groups = [groups_of(state, count) for state in states]
    t = temperatures.ravel()
    solved = [solve_state(checked, each, count, np.full(t.size, alpha), t) for each in groups]
    shape = (len(groups), *temperatures.shape)
    dims = ("state", *("temperature",) * temperatures.ndim)
    variables: dict[str, tuple[tuple[str, ...], Any]] = {}
    for name, example in solved[0].values.items():
        last = {2: ("mode",) if name == "eigenvalue" else ("pattern",)}.get(example.ndim, ())
        array = np.stack([state.values[name] for state in solved])
        variables[name] = (*dims, *last), array.reshape(*shape, *example.shape[1:])
    stable = (variables["eigenvalue"][1] > 0.0).all(axis=-1)
    variables["stable"] = dims, stable
    variables["status"] = dims, np.stack([state.status for state in solved]).reshape(shape)
    if not isinstance(checked, Unsupervised):
        del variables["eigenvalue_between_examples"]
    coords = {
        "state": [state_name(each, count) for each in groups], "temperature": temperatures,
        "pattern": np.arange(count), "mode": np.arange(variables["eigenvalue"][1].shape[-1]),
        "load": alpha,
    }  # fmt: skip
    return dataset(variables, coords, provenance(checked, n_patterns=count))
