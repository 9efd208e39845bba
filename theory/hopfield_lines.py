"""Line of marginal stability of retrieval in networks of pair interactions, p = 2."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from theory.hopfield_crosstalk import PairCrosstalk
from theory.hopfield_equations import load_at
from theory.saddle import Array
from theory.signal import Signal
from theory.stability import Marginal, marginal_temperature

__all__ = ["largest_marginal_ratio", "marginal"]

RATIO_BRACKET = (0.3, 0.7)  # σ/m at the end of the phase is 0.46 to 0.48 at every temperature


def marginal(crosstalk: PairCrosstalk, signal: Signal, ratio: Array) -> Marginal:
    r"""Where replica symmetry becomes unstable on the retrieval branch, for given σ/n.

    With :math:`t = T/\sigma` from `theory.stability.marginal_temperature` and
    :math:`N, q, C` at :math:`u = n/\sigma` and t: :math:`n = N`, :math:`\sigma = n/u`,
    :math:`\alpha = \sigma^2\Gamma(C)^2/q`. At small loads of the Hopfield model
    :math:`T \approx \sqrt{8\alpha/9\pi}\,e^{-1/2\alpha}`, which below α = 7e-4 is less than
    the smallest positive number.

    Parameters
    ----------
    crosstalk : PairCrosstalk
        Γ.
    signal : Signal
        Law of x.
    ratio : array, shape (n,)
        σ/n = 1/u >= 0.

    Returns
    -------
    Marginal
        In the order of `ratio`; the load increases with it up to the end of the phase.

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Ann. Phys. 173, 30 (1987).

    Examples
    --------
    >>> from theory.hopfield_crosstalk import STORAGE
    >>> from theory.signal import PATTERN
    >>> line = marginal(STORAGE, PATTERN, np.array([0.2]))
    >>> round(line.load.item(), 6), round(line.temperature.item() * 1e7, 6)
    (0.039999, 3.964583)
    """
    t, residual = marginal_temperature(ratio, np.ones_like)
    k = signal.moments(1.0, ratio, t * ratio)
    noise = k.effective_overlap * ratio
    load = load_at(crosstalk, signal, t * noise, k.effective_overlap, noise)[0]
    return Marginal(load, t * noise, k.overlap, k.effective_overlap, noise, residual)


def largest_marginal_ratio(crosstalk: PairCrosstalk, signal: Signal) -> float:
    """Ratio σ/n at which the line of marginal stability meets the spinodal.

    Parameters
    ----------
    crosstalk : PairCrosstalk
        Γ.
    signal : Signal
        Law of x.

    Returns
    -------
    float

    Examples
    --------
    >>> from theory.hopfield_crosstalk import STORAGE
    >>> from theory.signal import PATTERN
    >>> round(largest_marginal_ratio(STORAGE, PATTERN), 6)
    0.469249
    """

    def determinant(ratio: float) -> float:
        end = marginal(crosstalk, signal, np.array([ratio]))
        point = end.temperature, end.effective_overlap, end.noise
        return float(load_at(crosstalk, signal, *point)[1].item())

    return float(brentq(determinant, *RATIO_BRACKET, xtol=1e-15, rtol=1e-14))
