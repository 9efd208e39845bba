"""Phases without retrieval of networks of pair interactions: spin glass and paramagnet.

Neither depends on the law of the effective pattern, which nothing is aligned with.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize.elementwise import find_root

from theory.pairs.crosstalk import PairCrosstalk
from theory.pairs.equations import load_at, observables, residuals
from theory.saddle import Array, Cells, newton
from theory.signal import PATTERN
from theory.states import State, blank, scatter

__all__ = ["glass", "glass_temperature", "paramagnet"]

NARROWEST = 1e-10  # σ of the glass, over that at T = 0, from where on it is looked for
LARGEST_RESIDUAL = 1e-12


def glass_temperature(crosstalk: PairCrosstalk, load: Array) -> Array:
    r"""Temperature :math:`T_g` below which spins freeze without a pattern.

    .. math:: \alpha \sum_k \frac{g_k\lambda_k^2}{(T_g-\lambda_k)^2} = 1

    with :math:`T_g \ge \lambda_1`; in the Hopfield model :math:`T_g = 1 + \sqrt\alpha`.

    Parameters
    ----------
    crosstalk : PairCrosstalk
        Modes of scale λ and number g.
    load : array
        α.

    Returns
    -------
    array

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Phys. Rev. Lett. 55, 1530 (1985).

    Examples
    --------
    >>> from theory.pairs.crosstalk import STORAGE
    >>> glass_temperature(STORAGE, np.array([0.25])).item()
    1.5
    """
    return np.asarray(crosstalk.largest + _excess(crosstalk, load))


def _excess(crosstalk: PairCrosstalk, load: Array) -> Array:
    """Height of the glass temperature above the largest scale."""
    amount = np.sqrt(np.ravel(load))
    # each mode by itself gives a lower bound, from which Newton's method rises to the root of a
    # concave function; exact if there is but one
    bounds = [
        scale + scale * np.sqrt(count) * amount - crosstalk.largest
        for scale, count in crosstalk.modes
    ]
    start = np.max(bounds, axis=0)
    if len(crosstalk.modes) == 1:
        return np.asarray(start).reshape(np.shape(load))

    def equations(x: Array, cells: Cells) -> tuple[Array, Array]:
        t = crosstalk.largest + x[:, 0]
        gap = x[:, 0] / t
        root, slope = crosstalk.root(gap), crosstalk.root_slope(gap)
        return (t * root - amount[cells])[:, None], (root - slope / t)[:, None, None]

    found = newton(equations, start[:, None], lower=0.0)
    excess = np.where(found.converged, found.value[:, 0], np.nan)
    return excess.reshape(np.shape(load))


def glass(
    crosstalk: PairCrosstalk, load: Array, temperature: Array, self_interaction: bool
) -> State:
    r"""Spin-glass phase, n = m = 0 and q > 0, which exists below `glass_temperature`.

    Parameters
    ----------
    crosstalk : PairCrosstalk
        Modes of scale λ and number g.
    load, temperature : arrays, shape (n,)
        α and T.
    self_interaction : bool
        Whether the energy is the full power of the overlap.

    Returns
    -------
    State
        At α = 0 the limit of vanishing load.

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Ann. Phys. 173, 30 (1987).

    Examples
    --------
    >>> from theory.pairs.crosstalk import STORAGE
    >>> state = glass(STORAGE, np.array([0.1]), np.array([0.0]), self_interaction=False)
    >>> round(state.noise.item(), 12) == round(0.1**0.5 + (2 / np.pi) ** 0.5, 12)
    True
    """
    limit = glass_temperature(crosstalk, load)
    exists = temperature < limit
    a, t = load[exists], temperature[exists]
    noise, residual, good = _glass_noise(crosstalk, a, t, limit[exists])
    zero = np.zeros_like(noise)
    values = observables(crosstalk, PATTERN, a, t, zero, noise, self_interaction)
    values |= {"overlap": zero, "effective_overlap": zero, "noise": noise, "residual": residual}
    return scatter(exists, blank(values, good))


def _glass_noise(
    crosstalk: PairCrosstalk, a: Array, t: Array, limit: Array
) -> tuple[Array, Array, NDArray[np.bool_]]:
    """Width σ in the glass, what is left of its equation, and whether that was solved."""

    def equations(x: Array, cells: Cells) -> tuple[Array, Array]:
        none = np.zeros(cells.size)
        values, jacobian = residuals(crosstalk, PATTERN, a[cells], t[cells], none, x[:, 0])
        return values[:, 1:], jacobian[:, 1:, 1:]

    # exact at T = 0, where C = sqrt(2/π)/σ stands for 1/T, and of the right power at its end
    frozen = np.sqrt(2.0 / np.pi) * glass_temperature(crosstalk, a * np.pi / 2.0)
    start = frozen * np.sqrt(1.0 - t / limit)
    found = newton(equations, start[:, None], lower=0.0)
    noise, residual = found.value[:, 0], found.residual
    failed = np.flatnonzero(~found.converged | (noise == 0.0))
    if not failed.size:
        return noise, residual, found.converged

    def excess(sigma: Array, temp: Array, amount: Array) -> Array:
        signed = load_at(crosstalk, PATTERN, temp, np.zeros_like(sigma), sigma)[0]
        return np.where(signed < 0.0, -np.sqrt(np.abs(signed)), np.sqrt(np.abs(signed))) - amount

    # the load increases with σ, and with T where it is positive
    bracket = NARROWEST * frozen[failed], frozen[failed] * (1.0 + 1e-12)
    root = find_root(excess, bracket, args=(t[failed], np.sqrt(a[failed])))
    noise[failed] = np.where(root.success, root.x, frozen[failed])
    violation, _ = equations(noise[failed, None], failed)
    residual[failed] = np.abs(violation[:, 0])
    good = found.converged.copy()
    good[failed] = root.success & (residual[failed] <= LARGEST_RESIDUAL)
    return noise, residual, good


def paramagnet(
    crosstalk: PairCrosstalk, load: Array, temperature: Array, self_interaction: bool
) -> State:
    r"""Phase without order, n = m = q = 0, which exists from `glass_temperature` on.

    .. math::
        f = \frac{\alpha T}2 \sum_k g_k
            \Bigl[\ln\Bigl(1-\frac{\lambda_k}T\Bigr) + \frac{\lambda_k}T\Bigr] - T \ln 2, \qquad
        u = -\frac\alpha2 \sum_k \frac{g_k\lambda_k^2}{T-\lambda_k}, \qquad
        \Lambda = 1 - \alpha \sum_k \frac{g_k\lambda_k^2}{(T-\lambda_k)^2}

    Parameters
    ----------
    crosstalk : PairCrosstalk
        Modes of scale λ and number g.
    load, temperature : arrays, shape (n,)
        α and T.
    self_interaction : bool
        Whether the energy is the full power of the overlap; f and u are then lower by
        :math:`\frac\alpha2 \sum_k g_k \lambda_k`.

    Returns
    -------
    State

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Ann. Phys. 173, 30 (1987).

    Examples
    --------
    >>> from theory.pairs.crosstalk import STORAGE
    >>> free = paramagnet(STORAGE, np.array([0.0]), np.array([2.0]), self_interaction=False)
    >>> free.entropy.item()
    0.6931471805599453
    """
    excess = _excess(crosstalk, load)
    exists = temperature >= crosstalk.largest + excess
    a, t = load[exists], temperature[exists]
    above = np.maximum(t - crosstalk.largest, excess[exists])  # their sum with λ₁ may be rounded
    ordinary = above > 0.0
    gap = np.where(ordinary, above, t) / t
    log_term = crosstalk.log_determinant(a, gap) / 2.0
    shift = a / gap * crosstalk.rise(gap) / t / 2.0
    diagonal = a * crosstalk.trace / 2.0 if self_interaction else 0.0
    zero = np.zeros_like(a)
    marginal = (np.sqrt(a) / crosstalk.root(gap) / t) ** 2
    values = {
        "overlap": zero, "effective_overlap": zero, "self_overlap": zero,
        "noise": zero, "residual": zero,
        "free_energy": t * (log_term - np.log(2.0)) - diagonal,
        "energy": -shift - diagonal,
        "entropy": np.log(2.0) - log_term - shift / t,
        "replicon": np.where(ordinary, 1.0 - marginal, 0.0),
    }  # fmt: skip
    return scatter(exists, (values, np.full(a.size, "converged")))
