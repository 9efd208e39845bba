r"""Signal and noise in the local fields of a stored pattern, at zero temperature.

In a pattern the field along a spin is 1 plus crosstalk, Gaussian of variance
:math:`\alpha\,\xi'(1)`. A bit is stable if that sum is positive. This is no equilibrium: it says
whether a pattern stays where it is, not whether there is a retrieval phase around it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike
from scipy.special import erfc

from hopfield.arguments import InputError, choice, nonnegative_values
from hopfield.results import dataset, provenance
from theory.crosstalk import Crosstalk, crosstalk
from theory.models import require_dense

__all__ = ["CRITERIA", "bit_error", "stable_patterns"]

CRITERIA = ("one pattern", "all patterns")


def _crosstalk(model: Any) -> Crosstalk:
    """Crosstalk of a model, p = 2 included."""
    checked = require_dense(model)
    return crosstalk(checked.p, checked.self_interaction)


def bit_error(model: Any, load: ArrayLike) -> xr.Dataset:
    r"""Probability that a bit of a stored pattern is unstable.

    .. math:: P = \tfrac12 \operatorname{erfc} \frac1{\sqrt{2\alpha\,\xi'(1)}}

    with :math:`\xi'(1) = (p-1)!` without and :math:`(2p-3)!!` with self-interaction.

    Parameters
    ----------
    model : hopfield.Dense
        With p up to 100.
    load : float or 1-D array
        α = K / N^(p-1) >= 0; an array becomes a dimension.

    Returns
    -------
    xarray.Dataset
        Variable bit_error.

    Raises
    ------
    hopfield.InputError
        If there is no theory for the model, or an argument is out of range.

    References
    ----------
    D. Krotov and J. J. Hopfield, NIPS 29, 1172 (2016).

    Examples
    --------
    >>> import hopfield, theory
    >>> round(theory.bit_error(hopfield.Dense(3), 0.1).bit_error.item(), 6)
    0.012674
    """
    noise = _crosstalk(model).derivative(1.0)
    loads = nonnegative_values("load", load)
    with np.errstate(divide="ignore"):
        error = erfc(1.0 / np.sqrt(2.0 * noise * loads)) / 2.0
    dims = ("load",) * loads.ndim
    return dataset({"bit_error": (dims, error)}, {"load": loads}, provenance(model))


def stable_patterns(model: Any, size: ArrayLike, *, criterion: str = "one pattern") -> xr.Dataset:
    r"""Number of patterns that can be stored without errors, to leading order in N.

    .. math:: K = \frac{N^{p-1}}{2\,\xi'(1) \ln N}

    if all bits of one pattern are to be stable, with :math:`p \ln N` in place of :math:`\ln N` if
    all bits of all patterns are; :math:`\xi'(1) = (p-1)!` without and :math:`(2p-3)!!` with
    self-interaction.

    Parameters
    ----------
    model : hopfield.Dense
        With p up to 100.
    size : int or 1-D array of int
        Number N of spins, at least 2; an array becomes a dimension.
    criterion : str
        "one pattern" or "all patterns".

    Returns
    -------
    xarray.Dataset
        Variable n_patterns, not rounded.

    Raises
    ------
    hopfield.InputError
        If there is no theory for the model, or an argument is out of range.

    References
    ----------
    R. J. McEliece et al., IEEE Trans. Inf. Theory 33, 461 (1987); D. Krotov and J. J. Hopfield,
    NIPS 29, 1172 (2016).

    Examples
    --------
    >>> import hopfield, theory
    >>> theory.stable_patterns(hopfield.Dense(3), 1000).n_patterns.round(3).item()
    36191.207
    """
    xi = _crosstalk(model)
    choice("criterion", criterion, CRITERIA)
    sizes = nonnegative_values("size", size)
    bad = (sizes < 2.0) | (sizes != np.floor(sizes))
    if bad.any():
        raise InputError(f"size must be integers >= 2, got {sizes[bad].flat[0]:g}")
    logarithm = np.log(sizes) * (xi.p if criterion == "all patterns" else 1.0)
    patterns = sizes ** (xi.p - 1.0) / (2.0 * xi.derivative(1.0) * logarithm)
    dims = ("size",) * sizes.ndim
    attrs = provenance(model, criterion=criterion)
    return dataset({"n_patterns": (dims, patterns)}, {"size": sizes.astype(np.int64)}, attrs)
