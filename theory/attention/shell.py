r"""States that follow no pattern, but the crosstalk of exponentially many.

At a state of squared norm :math:`N r^2` without relation to :math:`e^{\alpha N}` random patterns of
squared norm N, weights :math:`e^{\lambda \xi \cdot x}` prefer patterns of the overlap
:math:`x_{\lambda r}` with it, and the update only changes its norm, to :math:`r' = x_{\lambda r}`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from theory.attention.inputs import positive_values
from theory.saddle import Array

__all__ = ["crosstalk_norm"]


def crosstalk_norm(sharpness: ArrayLike) -> Array:
    r"""Norm, over :math:`\sqrt N`, of states that the crosstalk of random patterns keeps.

    .. math:: r = x_{\lambda r} \;\Rightarrow\; r^2 = 1 - \frac1\lambda \ (\lambda > 1), \quad
        r = 0 \ (\lambda \le 1)

    for spherical patterns, as long as many of them have a weight,
    :math:`\alpha > \frac12 \log \lambda`. In directions along this sphere the map is neutral:
    states drift slowly, and at a finite number of patterns to some of them where these are
    stable. That a run hardly moves is not that it retrieves.

    Parameters
    ----------
    sharpness : float or 1-D array
        λ > 0, the inverse temperature of patterns with :math:`|\xi|^2 = N`.

    Returns
    -------
    array

    Raises
    ------
    hopfield.InputError
        If λ is not above 0.

    Examples
    --------
    >>> crosstalk_norm([0.5, 2.0]).round(6)
    array([0.      , 0.707107])
    """
    lam = positive_values("sharpness", sharpness)
    return np.sqrt(np.maximum(1.0 - 1.0 / lam, 0.0))
