r"""Error of what a key-value memory retrieves, against its load."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import InputError, choice, integer, real, require_memory
from hopfield.memories import (
    KEYS,
    DeltaRule,
    LinearAttention,
    LocalLinearAttention,
    PseudoInverse,
    SoftmaxAttention,
)
from hopfield.results import dataset, provenance
from theory.memories.attention import local_prediction, softmax_prediction
from theory.memories.delta import one_pass
from theory.memories.least_squares import least_squares_prediction
from theory.memories.linear import sum_prediction
from theory.memories.passes import many_passes
from theory.memories.setting import Prediction, Setting

__all__ = ["memory_error", "memory_error_by_age"]

MOST_NOISE = 1e12
"""Largest noise of queries."""

AnyMemory = LinearAttention | DeltaRule | PseudoInverse | SoftmaxAttention | LocalLinearAttention


def memory_error(
    memory: Any,
    n_pairs: ArrayLike,
    dimension: ArrayLike,
    *,
    keys: str = "sphere",
    query_noise: float = 0.0,
) -> xr.Dataset:
    r"""Mean error of the values of K random pairs, read with their keys.

    .. math:: \epsilon = \frac{\mathbb E |\hat v - v|^2}{\mathbb E |v|^2}

    Values are independent of each other and of the keys, with zero mean. In high dimension, with
    keys on the sphere and κ = K/d,

    .. math::
        \kappa \;\text{(Hebbian)}, \qquad \frac\kappa{1 + \kappa} \;\text{(best gain)}, \qquad
        (2 - e^{-\kappa}) \Big(1 - \frac{1 - e^{-\kappa}}\kappa\Big) \;\text{(delta rule)}, \qquad
        \max(0, 1 - 1/\kappa) \;\text{(pseudo-inverse)} ,

    and softmax attention stores up to :math:`e^\beta / \mathbb E\, e^{\beta u}` pairs. What is
    computed holds at finite d where `validity` says so.

    Parameters
    ----------
    memory : LinearAttention, DeltaRule, PseudoInverse, SoftmaxAttention or LocalLinearAttention
        Of `hopfield.memories`.
    n_pairs : int or 1-D array of int
        K >= 1; an array becomes a dimension.
    dimension : int or 1-D array of int
        d >= 3 of a key; an array becomes a dimension.
    keys : str
        "sphere": uniform with norm 1; "gaussian": components of variance 1/d.
    query_noise : float
        s in [0, 1e12]: queries are keys plus Gaussian noise of variance s²/d a component.

    Returns
    -------
    xarray.Dataset
        Variables error, load K/d, validity ("exact", "first order in 1/d", "infinite dimension"
        or "none") and status: "absent", with an error that is not a number, where there is no
        theory.

    Raises
    ------
    hopfield.InputError
        If it is no such memory, or an argument is out of range.

    References
    ----------
    I. Schlag, K. Irie and J. Schmidhuber, ICML 2021, arXiv:2102.11174, for the rules.

    Examples
    --------
    >>> from hopfield.memories import DeltaRule, Hebbian
    >>> memory_error(Hebbian(), [17, 65], 64).error.values
    array([0.25, 1.  ])
    >>> memory_error(DeltaRule(), [17, 65], 64).error.values.round(3)
    array([0.144, 0.607])
    """
    checked, law, noise = _checked(memory, keys, query_noise)
    counts = _whole("n_pairs", n_pairs, low=1)
    sizes = _whole("dimension", dimension, low=3)
    cells = [
        _predicted(checked, Setting(int(k), int(d), law, noise))
        for k in counts.ravel()
        for d in sizes.ravel()
    ]
    dims = ("n_pairs",) * counts.ndim + ("dimension",) * sizes.ndim
    shape = counts.shape + sizes.shape
    errors = [math.nan if cell is None else float(cell.errors.mean()) for cell in cells]
    variables = {
        "error": (dims, np.array(errors).reshape(shape)),
        "load": (dims, np.divide.outer(counts, sizes)),
        **_words(cells, dims, shape),
    }
    attrs = provenance(memory, keys=law, query_noise=noise)
    return dataset(variables, {"n_pairs": counts, "dimension": sizes}, attrs)


def memory_error_by_age(
    memory: Any,
    n_pairs: int,
    dimension: int,
    *,
    keys: str = "sphere",
    query_noise: float = 0.0,
) -> xr.Dataset:
    r"""Error of each of K random pairs, from the one that was written last to the first.

    Parameters
    ----------
    memory, keys, query_noise
        As of `memory_error`.
    n_pairs : int
        K >= 1.
    dimension : int
        d >= 3.

    Returns
    -------
    xarray.Dataset
        Variable error with the dimension age, the number of pairs that were written later;
        validity and status as of `memory_error`.

    Raises
    ------
    hopfield.InputError
        As of `memory_error`.

    Examples
    --------
    >>> from hopfield.memories import Retention
    >>> memory_error_by_age(Retention(0.9), 100, 64).error.values[[0, 1, 20]].round(3)
    array([0.067, 0.08 , 0.854])
    """
    checked, law, noise = _checked(memory, keys, query_noise)
    setting = Setting(
        integer("n_pairs", n_pairs, low=1), integer("dimension", dimension, low=3), law, noise
    )
    found = _predicted(checked, setting)
    errors = np.nan if found is None else found.errors
    variables = {
        "error": (("age",), np.broadcast_to(errors, setting.n_pairs)),
        **_words([found], (), ()),
    }
    coords = {
        "age": np.arange(setting.n_pairs), "n_pairs": setting.n_pairs,
        "dimension": setting.dimension, "load": setting.load,
    }  # fmt: skip
    return dataset(variables, coords, provenance(memory, keys=law, query_noise=noise))


def _words(
    cells: list[Prediction | None], dims: tuple[str, ...], shape: tuple[int, ...]
) -> dict[str, tuple[tuple[str, ...], NDArray[np.str_]]]:
    """Validity and status of every cell."""
    validity = np.array(["none" if cell is None else cell.validity for cell in cells])
    status = np.array(["absent" if cell is None else "converged" for cell in cells])
    return {"validity": (dims, validity.reshape(shape)), "status": (dims, status.reshape(shape))}


def _predicted(memory: AnyMemory, setting: Setting) -> Prediction | None:
    """What theory says of a memory, or None."""
    require_memory("errors of all pairs", 64 * setting.n_pairs)
    match memory:
        case LinearAttention():
            return sum_prediction(memory, setting)
        case DeltaRule():
            return _delta_prediction(memory, setting)
        case PseudoInverse():
            return least_squares_prediction(memory, setting)
        case SoftmaxAttention():
            return softmax_prediction(memory, setting)
        case LocalLinearAttention():
            return local_prediction(memory, setting)


def _delta_prediction(memory: DeltaRule, setting: Setting) -> Prediction | None:
    if memory.features != DeltaRule().features:
        return None
    if memory.passes == 1:
        return one_pass(memory.rate, setting)
    return many_passes(memory.rate, memory.passes, setting)


def _checked(memory: Any, keys: object, query_noise: object) -> tuple[AnyMemory, str, float]:
    """Memory, kind of keys and noise, if they are such."""
    if not isinstance(memory, AnyMemory):
        raise InputError(f"memory must be a rule of hopfield.memories, got {memory!r}")
    return memory, choice("keys", keys, KEYS), real("query_noise", query_noise, high=MOST_NOISE)


def _whole(name: str, values: ArrayLike, *, low: int) -> NDArray[np.int64]:
    """A scalar or 1-D array of integers of at least `low`."""
    allowed = f"{name} must be an integer or a 1-D array of them, got {values!r}"
    try:
        array = np.asarray(values)
    except ValueError:
        raise InputError(allowed) from None
    if array.dtype.kind not in "iu" or array.ndim > 1 or array.size == 0:
        raise InputError(allowed)
    for value in array.ravel():
        integer(name, value, low=low)
    return array.astype(np.int64)
