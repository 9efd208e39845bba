r"""Signal and noise in the local fields of a stored pattern, at zero temperature.

In a pattern the field along a spin is 1 plus crosstalk, Gaussian of variance
:math:`\alpha\,\xi'(1)`. In an archetype of which noisy examples were seen it is, over its mean
:math:`(1+\rho)^{-p/2}`, the entry x of the effective pattern over its mean plus crosstalk; the
variance is

.. math:: \Delta = \rho + \alpha\kappa, \qquad
    \kappa = (p-1)!\,(1+\rho)^p \ \text{with a teacher}, \quad (p-1)!\,(1+\rho_p) \ \text{without},

with :math:`\rho_p = (1 - r^{2p})/(M r^{2p})` and :math:`\rho = \rho_1`. A bit is stable if the sum
is positive. Where a part d of the entries is blank, both the mean field on the others and the width
of the crosstalk are 1 - d times as large, so that the same is true of them.

This is no equilibrium: it says whether a pattern stays where it is, not whether there is a
retrieval phase around it.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike
from scipy.special import erfc

from hopfield.arguments import InputError, choice, nonnegative_values
from hopfield.learner import Learner
from hopfield.learning import Unsupervised
from hopfield.results import dataset, provenance
from theory.crosstalk import crosstalk, interference
from theory.models import require_model
from theory.saddle import Array
from theory.signal import PATTERN, signal_of

__all__ = ["CRITERIA", "bit_error", "bit_error_at", "noise_of", "stable_patterns"]

CRITERIA = ("one pattern", "all patterns")


def noise_of(model: Any) -> tuple[float, float]:
    r"""Variance of the field along a pattern over its squared mean: without load, and per load.

    Parameters
    ----------
    model : hopfield.Dense, Multitasking, Supervised or Unsupervised
        With p up to 100.

    Returns
    -------
    tuple of float
        :math:`\rho` and :math:`\kappa`; 0 and :math:`\xi'(1)` if patterns are stored.

    Raises
    ------
    hopfield.InputError
        If there is no theory for the model.

    Examples
    --------
    >>> from hopfield import Dense, Supervised, Unsupervised
    >>> noise_of(Dense(4)), noise_of(Supervised(3, 0.5, 3)), noise_of(Unsupervised(3, 0.5, 3))
    ((0.0, 6.0), (1.0, 16.0), (1.0, 44.0))
    """
    checked = require_model(model)
    unit = float(crosstalk(checked.p, checked.self_interaction).derivative(1.0))
    if not isinstance(checked, Learner):
        return 0.0, unit
    p, rho = checked.p, checked.dataset_entropy
    with np.errstate(over="ignore"):  # of entries without a signal the noise is infinite
        kappa = unit * np.power(1.0 + rho, p)
        if isinstance(checked, Unsupervised):
            kappa *= interference(p, checked.quality, checked.examples)
    return rho, float(kappa)


def bit_error_at(model: Any, load: Array) -> Array:
    """Probability that a bit is unstable, see `bit_error`.

    Parameters
    ----------
    model : hopfield.Dense, Multitasking, Supervised or Unsupervised
        With p up to 100.
    load : array
        α.

    Returns
    -------
    array

    Examples
    --------
    >>> import hopfield
    >>> bit_error_at(hopfield.Dense(3), np.array([0.0, 0.1])).round(6).tolist()
    [0.0, 0.012674]
    """
    rho, kappa = noise_of(model)
    learns = isinstance(model, Learner)
    signal = signal_of(model.quality, model.examples) if learns else PATTERN
    scale = np.sqrt(1.0 + rho)
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = np.where(load > 0.0, load * kappa, 0.0).ravel() + (scale * signal.spread) ** 2
        distance = scale * np.array(signal.values)[:, None] / np.sqrt(variance)
    # an entry 0 has no field without load, and counts as half an error
    wrong = erfc(np.where(np.isnan(distance), 0.0, distance) / np.sqrt(2.0)) / 2.0
    weights, signs = np.array(signal.weights), np.array(signal.signs)
    error = (weights + signs) / 2.0 @ wrong + (weights - signs) / 2.0 @ (1.0 - wrong)
    return np.asarray(np.reshape(error, np.shape(load)))


def bit_error(model: Any, load: ArrayLike) -> xr.Dataset:
    r"""Probability that a bit of a stored pattern, or of an archetype, is unstable.

    Blank entries have no bit.

    .. math:: P = \tfrac12 \operatorname{erfc} \frac1{\sqrt{2\alpha\,\xi'(1)}}

    with :math:`\xi'(1) = (p-1)!` without and :math:`(2p-3)!!` with self-interaction. For an
    archetype

    .. math:: P = \tfrac12 E_x \operatorname{erfc} \frac{\sqrt{1+\rho}\,x}{\sqrt{2\alpha\kappa}}
        \simeq \tfrac12 \operatorname{erfc} \frac1{\sqrt{2\Delta}}, \qquad
        \Delta = \rho + \alpha\kappa,

    with the exact law of x up to M = 1000 and a Gaussian one, for which the two are the same,
    beyond; :math:`\kappa = (p-1)!\,(1+\rho)^p` with a teacher, :math:`(p-1)!\,(1+\rho_p)` without.
    The overlap after one parallel update at T = 0 is (1 - d)(1 - 2P).

    Parameters
    ----------
    model : hopfield.Dense, Multitasking, Supervised or Unsupervised
        With p up to 100.
    load : float or 1-D array
        α = K / N^(p-1) >= 0; an array becomes a dimension.

    Returns
    -------
    xarray.Dataset
        Variable bit_error. A field that vanishes counts as half an error.

    Raises
    ------
    hopfield.InputError
        If there is no theory for the model, or an argument is out of range.

    References
    ----------
    D. Krotov and J. J. Hopfield, NIPS 29, 1172 (2016); E. Agliari et al., Physica A 626, 129076
    (2023); 627, 129143 (2023).

    Examples
    --------
    >>> import hopfield, theory
    >>> round(theory.bit_error(hopfield.Dense(3), 0.1).bit_error.item(), 6)
    0.012674
    >>> theory.bit_error(hopfield.Unsupervised(3, 0.8, 1), [0.0, 0.1]).bit_error.values.round(6)
    array([0.1     , 0.160963])
    """
    require_model(model)
    loads = nonnegative_values("load", load)
    variables = {"bit_error": (("load",) * loads.ndim, bit_error_at(model, loads))}
    return dataset(variables, {"load": loads}, provenance(model))


def stable_patterns(model: Any, size: ArrayLike, *, criterion: str = "one pattern") -> xr.Dataset:
    r"""Number of patterns, or archetypes, that can be stored without errors, to leading order in N.

    .. math:: K = \frac{N^{p-1}}{\kappa} \left[\frac1{2 \ln N} - \rho\right]

    if all bits of one pattern are to be stable, with :math:`p \ln N` in place of :math:`\ln N` if
    all bits of all patterns are; blank entries have none. For patterns :math:`\rho = 0` and
    :math:`\kappa = \xi'(1)`, which is :math:`(p-1)!` without and :math:`(2p-3)!!` with
    self-interaction. For archetypes, of which so many examples were seen that their mean is
    Gaussian, :math:`\kappa` is that of `bit_error`, and K = 0 where the noise of the data alone
    makes errors.

    Parameters
    ----------
    model : hopfield.Dense, Multitasking, Supervised or Unsupervised
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
    rho, kappa = noise_of(model)
    choice("criterion", criterion, CRITERIA)
    sizes = nonnegative_values("size", size)
    bad = (sizes < 2.0) | (sizes != np.floor(sizes))
    if bad.any():
        raise InputError(f"size must be integers >= 2, got {sizes[bad].flat[0]:g}")
    logarithm = np.log(sizes) * (model.p if criterion == "all patterns" else 1.0)
    spare = np.maximum(1.0 / (2.0 * logarithm) - rho, 0.0)
    patterns = sizes ** (model.p - 1.0) / kappa * spare
    dims = ("size",) * sizes.ndim
    attrs = provenance(model, criterion=criterion)
    return dataset({"n_patterns": (dims, patterns)}, {"size": sizes.astype(np.int64)}, attrs)
