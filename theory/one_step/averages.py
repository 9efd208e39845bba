r"""Averages of one-step replica symmetry breaking, accurate at every temperature.

The local field is :math:`H = h + s_1 v` with :math:`h = a x + s_0 z`, standard Gaussians v and z,
and an entry x of the effective pattern. The average over v inside a state,
:math:`\langle\cdot\rangle`, has the weight :math:`(2\cosh H/T)^{yT}`; the one over x and z, E,
has none.

* Over v, :math:`T < s_1`: in :math:`(2\cosh u)^x = e^{x|u|} [1 + (1 + e^{-2|u|})^x - 1]`,
  :math:`u = H/T`, the first term gives normal distributions. What the second adds decays as
  :math:`e^{-2|u|}`, and is integrated on fixed Gauss-Legendre nodes.
* Over v, :math:`T \ge s_1`: trapezoid rule; singularities are at a distance of at least
  :math:`\pi/2` from the real axis.
* Over x and z: all functions of h become powers or signs at large :math:`|h|`. These are taken as
  a smooth step, whose average is known; the rest is local, and the trapezoid rule over h sums it
  where it is not zero, with a spacing that follows from the distance of its singularities. The
  density of h is a sum of Gaussians, see `theory.signal`, of the variance
  :math:`s_0^2 + w^2 a^2`, or :math:`s_0^2` where x is blank; functions of h are evaluated once for
  all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.special import erf, log_ndtr, ndtr

from theory.saddle import Array
from theory.signal import PATTERN, Signal

__all__ = ["Averages", "Field", "averages"]

PANELS = ((0.0, 4.0, 26), (4.0, 20.0, 34))  # from, to, order
SPACING = 0.17  # of the rule over z, in units of the distance of the singularities
WIDEST_SPACING = 0.25  # in units of the width of z
MOST_NODES = 20000  # beyond which parameters are far from those of any state
REACH = 9.0  # standard deviations beyond which a Gaussian is zero
V = np.arange(-53, 54) * 0.2
V_WEIGHTS = 0.2 * np.exp(-(V**2) / 2.0) / np.sqrt(2.0 * np.pi)


def _panel_rule() -> tuple[Array, Array]:
    """Nodes and weights (over the root of 2π) of Gauss-Legendre rules on 0 <= u <= 20."""
    nodes, weights = [], []
    for low, high, order in PANELS:
        x, w = np.polynomial.legendre.leggauss(order)
        nodes.append(low + (high - low) * (x + 1.0) / 2.0)
        weights.append((high - low) / 2.0 * w)
    return np.concatenate(nodes), np.concatenate(weights) / np.sqrt(2.0 * np.pi)


U, _WU = _panel_rule()
_BOLTZMANN = np.exp(-2.0 * U)
_LOG = np.log1p(_BOLTZMANN)
_SECH2 = 4.0 * _BOLTZMANN / (1.0 + _BOLTZMANN) ** 2
_UP = 1.0 / (1.0 + _BOLTZMANN)  # (1 + tanh u) / 2


@dataclass(frozen=True)
class Field:
    r"""Distribution of the local field.

    Parameters
    ----------
    strength, outer, inner : float
        a, s₀ >= 0 and s₁ > 0, in units of J.
    temperature, slope : float
        T >= 0, and y > 0, the breakpoint over T.
    signal : Signal
        Law of x.
    """

    strength: float
    outer: float
    inner: float
    temperature: float
    slope: float
    signal: Signal = PATTERN


@dataclass(frozen=True)
class Averages:
    r"""Averages over the local field.

    With :math:`A = \langle\tanh H/T\rangle` and
    :math:`Z = \int Dv\,(2\cosh H/T)^{yT}`:

    Parameters
    ----------
    effective_overlap : float
        E x A, which is :math:`\sum_k p_k x_k E_k A + w^2 a\, E\,dA/dh` by parts.
    overlap : float
        E A in the gauge of the archetype.
    tanh_defect : float
        E [1 - A²].
    response : float
        E⟨sech²(H/T)⟩ / T.
    divergence : float
        E [yT ⟨log 2cosh(H/T)⟩ - log Z] - y² s₁²/2.
    log_partition : float
        E log Z / y.
    entropy : float
        E⟨log(2cosh u) - u tanh u⟩, u = H/T.
    sech_fourth : float
        E⟨sech⁴(H/T)⟩ / T.
    susceptibility_squared : float
        E (dA/dh)².
    """

    effective_overlap: float
    overlap: float
    tanh_defect: float
    response: float
    divergence: float
    log_partition: float
    entropy: float
    sech_fourth: float
    susceptibility_squared: float


def averages(field: Field) -> Averages:
    r"""Averages :math:`E f(\langle\cdot\rangle)` over the local field of one-step breaking.

    Parameters
    ----------
    field : Field
        Its distribution.

    Returns
    -------
    Averages

    References
    ----------
    G. Parisi, J. Phys. A 13, L115 (1980); E. Gardner, Nucl. Phys. B 257, 747 (1985).

    Examples
    --------
    >>> glass = averages(Field(strength=0.0, outer=0.0, inner=1.0, temperature=0.0, slope=2.0))
    >>> round(glass.log_partition, 12)  # 1 + log(2 Φ(2)) / 2
    1.335067135615
    """
    signal = field.signal if field.strength != 0.0 else PATTERN
    values, spreads, law = _law(signal)
    means, total = field.strength * values, np.hypot(field.outer, field.strength * spreads)
    h, densities, scale = _outer_rule(field, means, total)
    weights, signed, moments, spread = law @ densities
    narrow = field.temperature < field.inner
    local = _narrow(field, h) if narrow else _wide(field, h)
    up, down, response, divergence, log, entropy, fourth = local
    defect = 4.0 * up * down
    breakpoint = field.slope * field.temperature
    susceptibility = (1.0 - breakpoint) * response + field.slope * defect
    width = np.hypot(scale, total)
    u, steps = means / (np.sqrt(2.0) * width), h / (np.sqrt(2.0) * scale)
    sign, step = erf(u), up - down - erf(steps)
    # log is that of Z over y without |h| and y s₁²/2
    ramp = np.sqrt(2.0 / np.pi) * scale * np.exp(-(steps**2)) + h * erf(steps)
    mean_ramp = np.sqrt(2.0 / np.pi) * width * np.exp(-(u**2)) + means * sign
    log_partition = law[0] @ mean_ramp + weights @ (log + np.abs(h) - ramp)
    by_parts = field.strength * (spread @ susceptibility)
    return Averages(
        float(law[2] @ sign + moments @ step + by_parts),
        float(law[1] @ sign + signed @ step),
        float(weights @ defect),
        float(weights @ response),
        float(weights @ divergence),
        float(log_partition + field.slope * field.inner * field.inner / 2.0),
        float(weights @ entropy),
        float(weights @ fourth),
        float(weights @ susceptibility**2),
    )


@lru_cache(maxsize=16)
def _law(signal: Signal) -> tuple[Array, Array, Array]:
    """Entries x and widths w, and weights of even f(h), odd f(h), x times odd f(h) and w² f(h)."""
    x, weights, signs, spreads = signal.components
    return x, spreads, np.stack([weights, signs, weights * x, weights * spreads**2])


def _outer_rule(field: Field, means: Array, total: Array) -> tuple[Array, Array, float]:
    """Fields h, densities of Gaussians there times the spacing, and the width of the step."""
    t, y, s1 = field.temperature, field.slope, field.inner
    distance = max(np.pi / 2.0 * t, min(np.pi / (2.0 * y), 1.5 * s1))
    if not total.any():
        return means, np.eye(means.size), distance
    spacing = min(SPACING * distance, WIDEST_SPACING * total.min())
    reach = REACH * s1 + min(y * s1 * s1, REACH / y) + 20.0 * t
    low = max(-reach, (means - REACH * total).min())
    high = min(reach, (means + REACH * total).max())
    if not high - low < MOST_NODES * spacing:
        return means[:1], np.full((means.size, 1), np.nan), distance
    h = spacing * np.arange(np.floor(low / spacing), np.ceil(high / spacing) + 1.0)
    z = (h - means[:, None]) / total[:, None]
    return h, spacing / np.sqrt(2.0 * np.pi) * np.exp(-(z**2) / 2.0) / total[:, None], distance


def _narrow(field: Field, h: Array) -> tuple[Array, ...]:
    """Inner averages for T < s₁, by h."""
    t, y, s1 = field.temperature, field.slope, field.inner
    tilt, size = y * s1, np.abs(h)
    # everything is even or odd in h: `up` is the direction of h until the last line
    a = size / s1
    log_up = log_ndtr(a + tilt)
    log_down = log_ndtr(tilt - a) - 2.0 * y * size
    log_sum = np.logaddexp(log_up, log_down)
    rest = np.log1p(np.exp(log_down) - ndtr(-a - tilt))
    up0, down0 = np.exp(log_up - log_sum), np.exp(log_down - log_sum)
    peak = 2.0 * s1 / np.sqrt(2.0 * np.pi) * np.exp(-((a + tilt) ** 2) / 2.0 - log_sum)
    modulus = y * s1 * s1 + size * (up0 - down0) + peak
    # densities of u and of -u, over that of the first factor of the weight
    near, far = (
        np.exp(-((np.multiply.outer(sign * size, np.ones_like(U)) + t * U - s1 * tilt) ** 2)
               / (2.0 * s1 * s1) + shift[:, None])
        for sign, shift in ((-1.0, -log_sum), (1.0, -log_sum - 2.0 * y * size))
    )  # fmt: skip
    even, odd = _local_weights(field)
    delta, log_part, response, entropy, fourth = ((near + far) @ even).T
    norm = 1.0 + delta
    (near_rise, near_spill), (far_rise, far_spill) = (near @ odd).T, (far @ odd).T
    up = (up0 + near_rise + far_spill) / norm
    down = (down0 + far_rise + near_spill) / norm
    log_rest = rest + np.log1p(delta)
    excess = peak - 2.0 * size * down0 + (log_part - delta * modulus) / norm
    divergence = y * excess - log_rest
    up, down = np.where(h >= 0.0, up, down), np.where(h >= 0.0, down, up)
    return up, down, response / norm, divergence, log_rest / y, entropy / norm, fourth / norm


def _local_weights(field: Field) -> tuple[Array, Array]:
    """What sums over the nodes u add for T < s₁: to even functions, and to both directions."""
    t, s1, x = field.temperature, field.inner, field.slope * field.temperature
    growth, added, ratio = np.exp(x * _LOG), np.expm1(x * _LOG), t / s1 * _WU
    even = [
        ratio * added,
        ratio * (added * t * U + growth * t * _LOG),
        _WU / s1 * growth * _SECH2,
        ratio * growth * (_LOG + 2.0 * U * (1.0 - _UP)),
        _WU / s1 * growth * _SECH2**2,
    ]
    odd = [ratio * (growth * _UP - 1.0), ratio * growth * (1.0 - _UP)]
    return np.stack(even, axis=1), np.stack(odd, axis=1)


def _wide(field: Field, h: Array) -> tuple[Array, ...]:
    """Inner averages for T >= s₁, by h."""
    t, x, s1 = field.temperature, field.slope * field.temperature, field.inner
    start, shift = (np.abs(h) / t)[:, None], s1 / t * V
    u = start + shift
    size = np.abs(u)
    e = np.exp(-2.0 * size)
    log_term, middle = np.log1p(e), np.log1p(np.exp(-2.0 * start))
    # log cosh u over that of the middle; not size - start, which cancels
    log = np.where(u >= 0.0, shift, -2.0 * start - shift) + (log_term - middle)
    grown = np.expm1(x * log)
    log_norm = np.log1p(grown @ V_WEIGHTS)
    weights = (1.0 + grown) * V_WEIGHTS / np.exp(log_norm)[:, None]
    small, sech2 = e / (1.0 + e), 4.0 * e / (1.0 + e) ** 2
    down = np.where(u >= 0.0, small, 1.0 / (1.0 + e))
    up = np.where(u >= 0.0, 1.0 / (1.0 + e), small)

    def inner(f: Array) -> Array:
        return np.asarray((weights * f).sum(axis=1))

    tilt = (x * s1 / t) ** 2 / 2.0
    forward, backward = inner(up), inner(down)
    return (
        np.where(h >= 0.0, forward, backward),
        np.where(h >= 0.0, backward, forward),
        inner(sech2) / t,
        x * inner(log) - log_norm - tilt,
        (log_norm - tilt) * (t / x) + t * middle[:, 0],
        inner(log_term + 2.0 * size * small),
        inner(sech2**2) / t,
    )
