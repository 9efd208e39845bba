r"""Storage against tolerance to noise in the couplings, in networks of p-body interactions.

Let every pattern's contribution to every coupling carry noise of its own,

.. math::
    J_{i_1 \dots i_p} = \sum_\mu
        \left(\xi^\mu_{i_1} \cdots \xi^\mu_{i_p} + w\, \eta^\mu_{i_1 \dots i_p}\right)

with independent standard Gaussians η. The energy of the noise is then a Gaussian with the
covariance :math:`N (K/N^{p-1})\, w^2\, \xi(q)`, the same function of q as that of the crosstalk, so
that K patterns with noise act as :math:`K(1 + w^2)` without. For p = 2 this is not so, because the
crosstalk is no Gaussian energy there.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike

from hopfield.arguments import InputError, nonnegative_values
from hopfield.models import exponent_of
from hopfield.results import dataset, provenance
from theory.models import phases_of, require_dense

__all__ = ["tolerated_noise"]


def tolerated_noise(
    model: Any,
    load: ArrayLike,
    temperature: ArrayLike = 0.0,
    *,
    exponent: float | None = None,
) -> xr.Dataset:
    r"""Largest noise in the couplings with which patterns are retrieved.

    With :math:`K = \gamma N^b` patterns and the capacity :math:`\alpha_c(T)`,

    .. math::
        w = \sqrt{\frac{\alpha_c(T)}\gamma}\, N^{(p-1-b)/2} \quad (b < p-1), \qquad
        w = \sqrt{\frac{\alpha_c(T)}\gamma - 1} \quad (b = p-1) .

    Parameters
    ----------
    model : hopfield.Dense
        With 3 <= p <= 100, without self-interaction.
    load, temperature : float or 1-D array
        γ = K / N^b >= 0 and T >= 0; arrays become dimensions.
    exponent : float, optional
        b, p - 1 unless given.

    Returns
    -------
    xarray.Dataset
        Variables coupling_noise, which is :math:`w / N^{(p-1-b)/2}` (infinite at no load), and
        status: "absent" and not a number where nothing is retrieved even without noise.

    Raises
    ------
    hopfield.InputError
        If there is no theory for the model, an argument is out of range, or nothing is retrieved
        at the one point that is asked for (load and temperature scalars).

    References
    ----------
    E. Agliari and G. De Marzo, Eur. Phys. J. Plus 135, 883 (2020).

    Examples
    --------
    >>> import hopfield, theory
    >>> theory.tolerated_noise(hopfield.Dense(3), [0.01, 0.1, 0.2]).coupling_noise.values.round(6)
    array([3.407275, 0.510835,      nan])
    """
    checked = require_dense(model)
    if checked.p < 3 or checked.self_interaction:
        raise InputError(f"model must have p >= 3 and no self-interaction, got {model}")
    loads = nonnegative_values("load", load)
    temperatures = nonnegative_values("temperature", temperature)
    power = exponent_of(checked.p, exponent)
    theory = phases_of(model, "rs")
    limit = theory.spinodal(temperatures.ravel()).load
    with np.errstate(divide="ignore"):
        squared = limit / loads.reshape(-1, 1) - (1.0 if power == checked.p - 1 else 0.0)
    exists = squared >= 0.0
    lost = np.isnan(limit) & (temperatures.ravel() < theory.melting_temperature)
    words = np.where(exists, "converged", np.where(lost, "not converged", "absent"))
    if loads.ndim == temperatures.ndim == 0 and words.item() == "absent":
        point = f"load {loads:g} and temperature {temperatures:g}"
        raise InputError(f"no pattern of {model} is retrieved at {point}, whatever the noise")
    noise = np.sqrt(np.where(exists, squared, np.nan))
    dims = ("load",) * loads.ndim + ("temperature",) * temperatures.ndim
    shape = loads.shape + temperatures.shape
    variables = {
        "coupling_noise": (dims, noise.reshape(shape)),
        "status": (dims, words.reshape(shape)),
    }
    coords = {"load": loads, "temperature": temperatures}
    return dataset(variables, coords, provenance(model, exponent=power))
