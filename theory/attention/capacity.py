r"""Numbers of random patterns that a theorem ensures, beside those that are typical.

Patterns are uniform on the sphere of radius M in d dimensions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import wrightomega

from hopfield.arguments import integer, positive
from hopfield.results import dataset
from theory.attention.inputs import positive_values
from theory.exponential.rates import SPHERICAL

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["ensured_patterns"]


def ensured_patterns(
    dimension: int, radius: float, beta: ArrayLike, *, failure: float = 1e-3
) -> xr.Dataset:
    r"""Number of random patterns that are stored by theorem, and that typically are.

    With the radius :math:`M = \kappa \sqrt{d - 1}` and a probability p of failure,

    .. math::
        c = \frac B{W_0(e^{a + \log B})} , \quad B = \frac{2 \beta \kappa^2}5 , \quad
        a = \frac{2 \{1 + \log[2 \beta \kappa^2 p\,(d - 1)]\}}{d - 1} ,

    :math:`\sqrt p\, c^{(d-1)/4}` patterns are ensured if :math:`c \ge (2/\sqrt p)^{4/(d-1)}`, with
    Lambert's W. A pattern typically keeps half of the weight among

    .. math:: \frac{e^{\beta M^2}}{E\, e^{\beta M^2 u}}

    patterns, u being a component of a random unit vector. The theorem is no estimate of this.

    Parameters
    ----------
    dimension : int
        d, at least 2.
    radius : float
        κ > 0, the radius over :math:`\sqrt{d - 1}`.
    beta : float or 1-D array
        β > 0; an array becomes a dimension.
    failure : float
        p, in (0, 1].

    Returns
    -------
    xarray.Dataset
        ensured_growth (c), required_growth, log_ensured_patterns and log_typical_patterns
        (logarithms), status ("absent" where the theorem does not hold, without a number then).

    Raises
    ------
    hopfield.InputError
        If an argument is out of range.

    References
    ----------
    H. Ramsauer et al., ICLR (2021), arXiv:2008.02217, theorem 3; C. Lucibello and M. Mezard,
    Phys. Rev. Lett. 132, 077301 (2024).

    Examples
    --------
    >>> found = ensured_patterns(20, 3.0, 1.0)
    >>> found.ensured_growth.round(4).item(), np.exp(found.log_ensured_patterns).round(1).item()
    (3.1546, 7.4)
    >>> found.log_typical_patterns.round(1).item()
    31.0
    """
    d, betas = integer("dimension", dimension, low=2), positive_values("beta", beta)
    kappa, p = positive("radius", radius, high=np.inf), positive("failure", failure, high=1.0)
    scaled = betas * kappa**2
    a = 2.0 * (1.0 + np.log(2.0 * scaled * p * (d - 1))) / (d - 1)
    log_base = np.log(0.4 * scaled)
    growth = np.exp(log_base) / wrightomega(a + log_base)  # W_0(e^x) without e^x
    required = (2.0 / np.sqrt(p)) ** (4.0 / (d - 1))
    ensured = np.log(p) / 2.0 + (d - 1) / 4.0 * np.log(growth)
    holds = growth >= required
    strength = scaled * (d - 1)  # β M²
    typical = strength - d * SPHERICAL.finite_cumulant(strength / d, d)
    dims = ("beta",) * betas.ndim
    variables: dict[str, tuple[tuple[str, ...], Any]] = {
        "ensured_growth": (dims, growth),
        "required_growth": ((), required),
        "log_ensured_patterns": (dims, np.where(holds, ensured, np.nan)),
        "log_typical_patterns": (dims, typical),
        "status": (dims, np.where(holds, "converged", "absent")),
    }
    return dataset(variables, {"beta": betas}, {})
