r"""How many patterns can be retrieved, and from how far, without temperature.

The crosstalk of :math:`e^{\alpha N}` patterns at a state is the sum of :math:`e^{\lambda N u}`, of
the order of :math:`e^{N\Phi}`. The average is dominated by patterns of overlap
:math:`x_\lambda`; if there are such, :math:`\alpha > I(x_\lambda)`, it is typical, and if there are
none the closest pattern dominates:

.. math:: \Phi(\alpha, \lambda) = \alpha + \zeta(\lambda) \ \text{ or } \ \lambda\, x^*(\alpha) .

The state of overlap q with one pattern is pulled towards it if :math:`\lambda q > \Phi`. Flips of
single spins do not see the mean of the crosstalk, which is the same before and after a flip, but
its fluctuations, the square root of a sum of :math:`e^{2\lambda N u}`: everything is as with twice
the sharpness, which is why functions here take a `strength`, λ or 2λ.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import lambertw

from theory.exponential.rates import GAUSSIAN, Ensemble
from theory.saddle import Array

__all__ = [
    "all_patterns_load", "basin", "condensation_load", "crosstalk", "gaussian_all_patterns_load",
    "pair_load", "retrieval_load", "scatter_load", "smallest_norm_load",
]  # fmt: skip

GAUSSIAN_PAIR = float(np.log(2.0)) / 4.0
"""Load at which a Gaussian pattern has another one that is as close to it as it is itself."""


def condensation_load(ensemble: Ensemble, strength: ArrayLike) -> Array:
    r"""Load :math:`I(x_\lambda)` below which few patterns dominate the crosstalk.

    For binary patterns it is also the capacity of a binary symmetric channel that flips with the
    probability :math:`(1 - \tanh\lambda)/2`, in nats.

    Parameters
    ----------
    ensemble : Ensemble
        Law of the patterns.
    strength : array
        λ, or 2λ for flips.

    Returns
    -------
    array

    Examples
    --------
    >>> condensation_load(GAUSSIAN, 1.0).item()
    0.5
    """
    return ensemble.tilted_rate(strength)


def crosstalk(ensemble: Ensemble, strength: ArrayLike, load: ArrayLike) -> Array:
    r"""Exponent Φ of the crosstalk at a state without relation to the patterns.

    Parameters
    ----------
    ensemble : Ensemble
        Law of the patterns.
    strength, load : arrays
        λ, or 2λ for flips, and α.

    Returns
    -------
    array
        :math:`\alpha + \zeta(\lambda)` where :math:`\alpha > I(x_\lambda)`, and
        :math:`\lambda x^*(\alpha)` elsewhere.

    References
    ----------
    B. Derrida, Phys. Rev. B 24, 2613 (1981); C. Lucibello and M. Mezard, Phys. Rev. Lett. 132,
    077301 (2024).

    Examples
    --------
    >>> crosstalk(GAUSSIAN, 1.0, [0.125, 0.5, 1.0])
    array([0.5, 1. , 1.5])
    """
    lam, alpha = np.asarray(strength, dtype=float), np.asarray(load, dtype=float)
    condensed = lam * ensemble.extreme_overlap(alpha)
    many = alpha + ensemble.cumulant(lam)
    return np.where(alpha > condensation_load(ensemble, lam), many, condensed)


def basin(ensemble: Ensemble, strength: ArrayLike, load: ArrayLike) -> Array:
    r"""Smallest overlap from which a pattern is retrieved, :math:`\Phi(\alpha, \lambda)/\lambda`.

    Parameters
    ----------
    ensemble : Ensemble
        Law of the patterns.
    strength, load : arrays
        λ, or 2λ for flips, and α.

    Returns
    -------
    array
        Above 1 where not even the pattern itself is kept.

    Examples
    --------
    >>> from theory.exponential.rates import SPHERICAL
    >>> basin(SPHERICAL, 1.0, [0.1, retrieval_load(SPHERICAL, 1.0)]).round(6)
    array([0.425757, 1.      ])
    """
    return np.asarray(crosstalk(ensemble, strength, load) / np.asarray(strength, dtype=float))


def retrieval_load(ensemble: Ensemble, strength: ArrayLike, overlap: ArrayLike = 1.0) -> Array:
    r"""Load up to which a pattern is retrieved from a state of given overlap with it.

    The inverse of `basin`, :math:`\max_{0 \le t \le \lambda} [t q - \zeta(t)]`:

    .. math:: \alpha = \lambda q - \zeta(\lambda) \quad (x_\lambda \le q), \qquad
        \alpha = I(q) \quad (x_\lambda \ge q).

    With strength λ and q = 1 the weight of a pattern in the softmax of its overlaps tends to 1
    below this load; with 2λ it is a minimum of the energy of binary spins.

    Parameters
    ----------
    ensemble : Ensemble
        Law of the patterns.
    strength : array
        λ, or 2λ for flips.
    overlap : array
        q of the initial state, in (0, 1].

    Returns
    -------
    array

    References
    ----------
    C. Lucibello and M. Mezard, Phys. Rev. Lett. 132, 077301 (2024).

    Examples
    --------
    >>> from theory.exponential.rates import SPHERICAL
    >>> [retrieval_load(law, 1.0).round(4).item() for law in (SPHERICAL, GAUSSIAN)]
    [0.6226, 0.5]
    """
    lam, q = np.asarray(strength, dtype=float), np.asarray(overlap, dtype=float)
    # two forms, each without large parts that cancel
    near, far = ensemble.shortfall(lam) - lam * (1.0 - q), lam * q - ensemble.cumulant(lam)
    many = np.where(q > 0.5, near, far)
    return np.where(ensemble.tilted_overlap(lam) <= q, many, ensemble.rate(q))


def scatter_load(ensemble: Ensemble, strength: ArrayLike) -> Array:
    r"""Load from which the variance of the crosstalk is small.

    .. math:: \alpha = \zeta(2\lambda) - 2\zeta(\lambda)

    Below it, down to `condensation_load`, the mean is typical but the variance is that of rare
    states. For binary patterns it is :math:`\log(1 + \tanh^2\lambda)`.

    Parameters
    ----------
    ensemble : Ensemble
        Law of the patterns.
    strength : array
        λ, or 2λ for flips.

    Returns
    -------
    array

    Examples
    --------
    >>> scatter_load(GAUSSIAN, 1.0).item()
    1.0
    """
    lam = np.asarray(strength, dtype=float)
    weak = ensemble.cumulant(2.0 * lam) - 2.0 * ensemble.cumulant(lam)
    strong = 2.0 * ensemble.shortfall(lam) - ensemble.shortfall(2.0 * lam)
    return np.where(lam < 1.0, weak, strong)


def pair_load(ensemble: Ensemble, overlap: ArrayLike = 1.0) -> Array:
    r"""Load :math:`I(q)/2` up to which no start is closer to another pattern than to its own.

    Starts of overlap q, one for each of the :math:`e^{\alpha N}` patterns.

    Parameters
    ----------
    ensemble : Ensemble
        Law of the patterns; binary or spherical.
    overlap : array
        q, in (0, 1].

    Returns
    -------
    array

    References
    ----------
    M. Demircigil, J. Heusel, M. Loewe, S. Upgang and F. Vermet, J. Stat. Phys. 168, 288 (2017),
    theorem 2.

    Examples
    --------
    >>> from theory.exponential.rates import BINARY
    >>> pair_load(BINARY).round(4).item()
    0.3466
    """
    return np.asarray(ensemble.rate(overlap) / 2.0)


def all_patterns_load(ensemble: Ensemble, strength: ArrayLike, overlap: ArrayLike = 1.0) -> Array:
    """Load up to which every pattern is retrieved from a state of given overlap with it.

    The smaller one of `retrieval_load` and `pair_load`, for binary or spherical patterns; those of
    Gaussian patterns differ in their norms, see `gaussian_all_patterns_load`.

    Parameters
    ----------
    ensemble : Ensemble
        Law of the patterns; binary or spherical.
    strength : array
        λ, or 2λ for flips.
    overlap : array
        q, in (0, 1].

    Returns
    -------
    array

    Examples
    --------
    >>> from theory.exponential.rates import SPHERICAL
    >>> (all_patterns_load(SPHERICAL, 2.0) == retrieval_load(SPHERICAL, 2.0)).item()
    True
    """
    single = retrieval_load(ensemble, strength, overlap)
    return np.minimum(single, pair_load(ensemble, overlap))


def smallest_norm_load(sharpness: ArrayLike) -> Array:
    r"""Load at which the Gaussian pattern of the smallest norm is lost.

    Of :math:`e^{\alpha N}` patterns the smallest has the squared norm N r with
    :math:`(r - 1 - \log r)/2 = \alpha`. It is lost if :math:`\alpha = \alpha_1 r`, with
    :math:`\alpha_1` from `retrieval_load`, so that
    :math:`r = -W_0(-c/e)/c`, :math:`c = 1 - 2\alpha_1`, with the function W of Lambert.

    Parameters
    ----------
    sharpness : array
        λ.

    Returns
    -------
    array

    Examples
    --------
    >>> (smallest_norm_load([1.0, 3.0]) * 2.0 * np.e).round(12)
    array([1., 1.])
    """
    alpha = retrieval_load(GAUSSIAN, sharpness)
    c = 1.0 - 2.0 * alpha
    some = np.where(c > 0.0, c, 1.0)
    root = np.asarray(lambertw(np.asarray(-some / np.e), 0)).real
    r = np.where(c > 0.0, -root / some, 1.0 / np.e)
    return np.asarray(alpha * r)


def gaussian_all_patterns_load(sharpness: ArrayLike) -> Array:
    r"""Load up to which every Gaussian pattern has the largest weight at itself.

    Two things come first: the pattern of the smallest norm is lost in the crosstalk, or a pattern
    has another one whose overlap with it is larger than its own, from :math:`(\log 2)/4` on.

    Parameters
    ----------
    sharpness : array
        λ.

    Returns
    -------
    array

    Examples
    --------
    >>> gaussian_all_patterns_load([0.5, 2.0]).round(6)
    array([0.152743, 0.173287])
    """
    return np.minimum(smallest_norm_load(sharpness), GAUSSIAN_PAIR)
