r"""Averages of hyperbolic functions over a Gaussian field, accurate at every temperature.

For a local field :math:`h = m + \sigma z` with a standard Gaussian z, and :math:`y = h/T`, every
average of a replica-symmetric theory is one of :math:`\tanh y`, :math:`\mathrm{sech}^2 y`, ...
Two ways to integrate cover all temperatures, T = 0 and :math:`\sigma = 0` included:

* :math:`T < \sigma`: what :math:`\tanh y` adds to the sign of y decays as :math:`e^{-2|y|}`. It is
  integrated over y on one fixed set of Gauss-Legendre nodes, where the hyperbolic functions are
  tabulated and only the Gaussian density :math:`\varphi(T y/\sigma - m/\sigma)` is evaluated; the
  sign gives an error function.
* :math:`T \ge \sigma`: trapezoid rule over z; the poles of :math:`\tanh y` are at a distance of at
  least :math:`\pi/2` from the real axis, so that the rule converges exponentially.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import erf

__all__ = ["Moments", "ThermalMoments", "moments", "thermal_moments"]

Array = NDArray[np.float64]

CELLS_AT_A_TIME = 512  # the tables of so many cells stay in the second-level cache
FARTHEST_MEAN = 100.0  # m/σ beyond which the densities at the nodes are zero
SMALLEST_TEMPERATURE = 1e-300  # stands for T = 0 where the field does not fluctuate
PANELS = ((0.0, 4.0, 26), (4.0, 20.0, 34))  # from, to, order: errors of 1e-15 for all T < σ


def _panel_rule() -> tuple[Array, Array]:
    """Nodes and weights of Gauss-Legendre rules on adjoining panels of 0 <= y <= 20."""
    nodes, weights = [], []
    for low, high, order in PANELS:
        x, w = np.polynomial.legendre.leggauss(order)
        nodes.append(low + (high - low) * (x + 1.0) / 2.0)
        weights.append((high - low) / 2.0 * w)
    return np.concatenate(nodes), np.concatenate(weights)


def _trapezoid_rule() -> tuple[Array, Array]:
    """Nodes |z| <= 9 and weights of the trapezoid rule with the Gaussian density."""
    nodes = np.linspace(-9.0, 9.0, 91)
    return nodes, 0.2 * np.exp(-(nodes**2) / 2.0) / np.sqrt(2.0 * np.pi)


Y, _WY = _panel_rule()
_BOLTZMANN = np.exp(-2.0 * Y)
_DEFICIT = 2.0 * _BOLTZMANN / (1.0 + _BOLTZMANN)  # 1 - tanh y
_SECH2 = 4.0 * _BOLTZMANN / (1.0 + _BOLTZMANN) ** 2
_LOG = np.log1p(_BOLTZMANN)
EVEN = _WY[:, None] / np.sqrt(2.0 * np.pi) * np.stack([_SECH2, Y**2 * _SECH2], axis=1)
ODD = _WY[:, None] / np.sqrt(2.0 * np.pi) * np.stack([_DEFICIT, Y * _SECH2], axis=1)
THERMAL = (
    _WY[:, None] / np.sqrt(2.0 * np.pi) * np.stack([_LOG, _LOG + Y * _DEFICIT, _SECH2**2], axis=1)
)
Z, _WZ = _trapezoid_rule()
Z_WEIGHTS = np.stack([_WZ, Z * _WZ], axis=1)


@dataclass(frozen=True)
class Moments:
    """Averages over the field, and their derivatives, one entry a cell.

    Parameters
    ----------
    tanh : array
        M = E tanh(h/T).
    tanh_squared : array
        Q = E tanh²(h/T).
    response : array
        C = E sech²(h/T) / T = (1 - Q)/T, which is also the derivative of M by the mean of h.
    tanh_by_width : array
        Derivative of M by the width σ.
    response_by_mean, response_by_width : arrays
        Derivatives of C by the mean and by the width; those of Q are -T times these.
    """

    tanh: Array
    tanh_squared: Array
    response: Array
    tanh_by_width: Array
    response_by_mean: Array
    response_by_width: Array


@dataclass(frozen=True)
class ThermalMoments:
    """Averages that enter free energy, entropy and stability, one entry a cell.

    Parameters
    ----------
    log_cosh : array
        T E log(2 cosh(h/T)), which is E|h| at T = 0.
    entropy : array
        E [log(2 cosh y) - y tanh y], y = h/T.
    sech_fourth : array
        E sech⁴(h/T) / T.
    """

    log_cosh: Array
    entropy: Array
    sech_fourth: Array


def moments(mean: ArrayLike, width: ArrayLike, temperature: ArrayLike) -> Moments:
    r"""Averages :math:`E f(h/T)` over :math:`h = m + \sigma z` that saddle-point equations need.

    Parameters
    ----------
    mean, width, temperature : arrays that broadcast
        m, σ >= 0 and T >= 0, in units of J.

    Returns
    -------
    Moments
        Of the shape of the arguments; errors are below 1e-14 (relative to 1/σ or 1/T for C).

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Ann. Phys. 173, 30 (1987).

    Examples
    --------
    >>> at_zero = moments(1.0, 0.5, 0.0)  # erf(sqrt 2), and a Gaussian density at zero field
    >>> round(float(at_zero.tanh), 9), round(float(at_zero.response), 9)
    (0.954499736, 0.215963866)
    """
    return Moments(*_by_regime(_local_moments, _wide_moments, 6, mean, width, temperature))


def thermal_moments(mean: ArrayLike, width: ArrayLike, temperature: ArrayLike) -> ThermalMoments:
    r"""Averages over :math:`h = m + \sigma z` that free energy, entropy and stability need.

    Parameters
    ----------
    mean, width, temperature : arrays that broadcast
        m, σ >= 0 and T >= 0, in units of J.

    Returns
    -------
    ThermalMoments
        Of the shape of the arguments.

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Ann. Phys. 173, 30 (1987).

    Examples
    --------
    >>> at_zero = thermal_moments(0.0, 1.0, 0.0)  # E|z|, no entropy, (4/3) of the density
    >>> [round(float(x), 9) for x in (at_zero.log_cosh, at_zero.entropy, at_zero.sech_fourth)]
    [0.797884561, 0.0, 0.531923041]
    """
    return ThermalMoments(*_by_regime(_local_thermal, _wide_thermal, 3, mean, width, temperature))


def _by_regime(
    local: Callable[[Array, Array, Array], Array],
    wide: Callable[[Array, Array, Array], Array],
    count: int,
    mean: ArrayLike,
    width: ArrayLike,
    temperature: ArrayLike,
) -> Array:
    """Send each cell to its rule, a cacheful at a time; the first axis is the quantity."""
    m, sigma, temp = np.broadcast_arrays(
        np.asarray(mean, dtype=np.float64),
        np.asarray(width, dtype=np.float64),
        np.asarray(temperature, dtype=np.float64),
    )
    shape = m.shape
    m, sigma, temp = m.ravel(), sigma.ravel(), temp.ravel()
    result = np.empty((count, m.size))
    narrow = temp < sigma
    with np.errstate(over="ignore"):  # of m/σ and h/T, whose functions are constant there
        for rule, cells in ((local, np.flatnonzero(narrow)), (wide, np.flatnonzero(~narrow))):
            for first in range(0, cells.size, CELLS_AT_A_TIME):
                part = cells[first : first + CELLS_AT_A_TIME]
                result[:, part] = rule(m[part], sigma[part], temp[part])
    return result.reshape(count, *shape)


def _densities(mean: Array, width: Array, temperature: Array) -> tuple[Array, Array, Array, Array]:
    """Ratios u = m/σ, t = T/σ, and the densities (times sqrt(2π)) of y and of -y at the nodes."""
    u = np.clip(mean / width, -FARTHEST_MEAN, FARTHEST_MEAN)
    t = temperature / width
    near = np.multiply.outer(t, Y)
    far = near + u[:, None]
    near -= u[:, None]
    for density in (near, far):
        np.square(density, out=density)
        density *= -0.5
        np.exp(density, out=density)
    return u, t, near, far


def _local_moments(mean: Array, width: Array, temperature: Array) -> Array:
    """Fields of `Moments` for T < σ."""
    u, t, near, far = _densities(mean, width, temperature)
    deficit, a1 = ((near - far) @ ODD).T  # a_k = integral of y^k sech²(y) times the density
    near += far
    a0, a2 = (near @ EVEN).T
    a0_by_u = t * a1 - u * a0
    a0_by_t = u * a1 - t * a2
    return np.stack(
        [
            erf(u / np.sqrt(2.0)) - t * deficit,
            1.0 - t * a0,
            a0 / width,
            a0_by_u / width,
            a0_by_u / width / width,
            -(a0 + u * a0_by_u + t * a0_by_t) / width / width,
        ]
    )


def _local_thermal(mean: Array, width: Array, temperature: Array) -> Array:
    """Fields of `ThermalMoments` for T < σ."""
    u, t, near, far = _densities(mean, width, temperature)
    near += far
    log, entropy, sech_fourth = (near @ THERMAL).T
    modulus = width * np.sqrt(2.0 / np.pi) * np.exp(-(u**2) / 2.0) + mean * erf(u / np.sqrt(2.0))
    return np.stack([modulus + temperature * t * log, t * entropy, sech_fourth / width])


def _reduced_field(mean: Array, width: Array, temperature: Array) -> tuple[Array, Array, Array]:
    """h, exp(-2|h|/T) at the nodes, and a temperature that can be divided by."""
    safe = np.maximum(temperature, SMALLEST_TEMPERATURE)
    field = mean[:, None] + np.multiply.outer(width, Z)
    boltzmann = np.exp(-2.0 * np.abs(field) / safe[:, None])
    return field, boltzmann, safe


def _wide_moments(mean: Array, width: Array, temperature: Array) -> Array:
    """Fields of `Moments` for T >= σ."""
    field, e, temp = _reduced_field(mean, width, temperature)
    tanh = np.tanh(field / temp[:, None])  # not from e: accurate also where it is small
    sech2 = 4.0 * e / (1.0 + e) ** 2  # not from tanh: accurate also where that is 1
    average, by_width = (sech2 @ Z_WEIGHTS).T
    sech2 *= tanh
    slope, slope_by_width = (sech2 @ Z_WEIGHTS).T
    return np.stack(
        [
            tanh @ Z_WEIGHTS[:, 0],
            (tanh * tanh) @ Z_WEIGHTS[:, 0],
            average / temp,
            by_width / temp,
            -2.0 * slope / temp / temp,
            -2.0 * slope_by_width / temp / temp,
        ]
    )


def _wide_thermal(mean: Array, width: Array, temperature: Array) -> Array:
    """Fields of `ThermalMoments` for T >= σ."""
    field, e, temp = _reduced_field(mean, width, temperature)
    modulus, log = np.abs(field), np.log1p(e)
    entropy = log + np.minimum(modulus / temp[:, None], 1e4) * 2.0 * e / (1.0 + e)
    sech_fourth = (4.0 * e / (1.0 + e) ** 2) ** 2
    weights = Z_WEIGHTS[:, 0]
    return np.stack(
        [
            (modulus + temperature[:, None] * log) @ weights,
            entropy @ weights,
            sech_fourth @ weights / temp,
        ]
    )
