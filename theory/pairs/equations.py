r"""Replica-symmetric equations of networks of pair interactions, p = 2.

With :math:`h = n x + \sigma z`, where x has the law of the effective pattern,
:math:`N = E\,x\tanh(h/T)`, :math:`q = E\tanh^2(h/T)` and :math:`C = (1-q)/T`, a saddle point is a
zero of

.. math:: F_1 = n - N, \qquad F_2 = \sigma\,\Gamma(C) - \sqrt{\alpha q},

with the crosstalk :math:`\Gamma = S^{-1/2}` of `theory.pairs.crosstalk`, which is regular at
T = 0 and at :math:`\alpha = 0`. In the Hopfield model x = 1, n = m and :math:`\Gamma = 1 - C`.
"""

from __future__ import annotations

import numpy as np

from theory.gaussian import ThermalMoments
from theory.pairs.crosstalk import PairCrosstalk
from theory.saddle import Array
from theory.signal import Signal
from theory.stability import replicon

__all__ = ["load_at", "observables", "residuals", "thermodynamics"]


def residuals(
    crosstalk: PairCrosstalk,
    signal: Signal,
    load: Array,
    temperature: Array,
    effective_overlap: Array,
    noise: Array,
) -> tuple[Array, Array]:
    r"""Left-hand sides :math:`F_1, F_2` of the saddle-point equations and their Jacobian.

    Parameters
    ----------
    crosstalk : PairCrosstalk
        Γ.
    signal : Signal
        Law of x.
    load, temperature, effective_overlap, noise : arrays, shape (n,)
        α, T, n and σ.

    Returns
    -------
    tuple of arrays, shapes (n, 2) and (n, 2, 2)
        Derivatives are by n and σ.

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Phys. Rev. Lett. 55, 1530 (1985).

    Examples
    --------
    >>> from theory.pairs.crosstalk import STORAGE
    >>> from theory.signal import PATTERN
    >>> values, _ = residuals(STORAGE, PATTERN, *np.array([[0.0], [0.0], [1.0], [0.0]]))
    >>> values.tolist()  # a pattern is a saddle point without load and temperature
    [[0.0, 0.0]]
    """
    k = signal.moments(effective_overlap, noise, temperature)
    gap = crosstalk.gap(k.response)
    root = crosstalk.root(gap)
    spread = np.sqrt(load * k.tanh_squared)
    # derivative of sqrt(α q) by C is -T sqrt(α / q) / 2
    slope = -noise * crosstalk.root_slope(gap)
    slope -= temperature * np.sqrt(load / np.maximum(k.tanh_squared, 1e-300)) / 2.0
    values = np.stack([effective_overlap - k.effective_overlap, noise * root - spread], axis=1)
    jacobian = np.empty((values.shape[0], 2, 2))
    jacobian[:, 0, 0] = 1.0 - k.effective_by_strength
    jacobian[:, 0, 1] = -k.effective_by_width
    jacobian[:, 1, 0] = -slope * k.response_by_strength
    jacobian[:, 1, 1] = root - slope * k.response_by_width
    return values, jacobian


def load_at(
    crosstalk: PairCrosstalk,
    signal: Signal,
    temperature: Array,
    effective_overlap: Array,
    noise: Array,
) -> tuple[Array, Array]:
    r"""Load for which :math:`F_2 = 0`, and the determinant of the Jacobian there.

    .. math:: \alpha = \sigma^2\, \Gamma(C)^2 / q

    Where also :math:`F_1 = 0`, the determinant has the sign of the change of α with σ/n at fixed T:
    it is positive on the stable retrieval branch and zero at its end.

    Parameters
    ----------
    crosstalk : PairCrosstalk
        Γ.
    signal : Signal
        Law of x.
    temperature, effective_overlap, noise : arrays, shape (n,)
        T, n and σ; n > 0 or σ > 0.

    Returns
    -------
    tuple of arrays, shape (n,)
        The load has the sign of Γ: where that is negative no load has such a saddle point.

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Phys. Rev. Lett. 55, 1530 (1985).

    Examples
    --------
    >>> from theory.pairs.crosstalk import STORAGE
    >>> from theory.signal import PATTERN
    >>> no_overlap = np.array([0.0]), np.array([0.0]), np.array([0.1**0.5 + (2 / np.pi) ** 0.5])
    >>> round(load_at(STORAGE, PATTERN, *no_overlap)[0].item(), 12)  # the spin glass at T = 0
    0.1
    """
    k = signal.moments(effective_overlap, noise, temperature)
    gap, q = crosstalk.gap(k.response), k.tanh_squared
    root = crosstalk.root(gap)
    slope = -noise * (crosstalk.root_slope(gap) + temperature * root / q / 2.0)
    determinant = (1.0 - k.effective_by_strength) * (root - slope * k.response_by_width)
    determinant -= slope * k.response_by_strength * k.effective_by_width
    return noise**2 * root * np.abs(root) / q, determinant


def observables(
    crosstalk: PairCrosstalk,
    signal: Signal,
    load: Array,
    temperature: Array,
    effective_overlap: Array,
    noise: Array,
    self_interaction: bool,
) -> dict[str, Array]:
    r"""Overlap, self-overlap, free energy, energy, entropy and replicon at a saddle point.

    .. math::
        f &= \frac{n^2}2 + \frac{\alpha T}2 L - \frac{\alpha q C}2 Q + \frac{\sigma^2 C}2
             - T\,E \log 2\cosh(h/T) \\
        u &= -\frac{n^2}2 - \frac{\alpha C}2 Q - \frac{\sigma^2 C}2, \qquad
        s = S_0 - \frac\alpha2\bigl[L + C^2 Q\bigr]

    with :math:`L = \sum_k g_k [\ln(1-\lambda_k C) + \lambda_k C]`,
    :math:`Q = \sum_k g_k\lambda_k^2/(1-\lambda_k C)`,
    :math:`S_0 = E[\log 2\cosh y - y\tanh y]` and :math:`y = h/T`. The gap
    :math:`1-\lambda_1 C` follows from :math:`\Gamma = \sqrt{\alpha q}/\sigma`. With
    self-interaction f and u are lower by :math:`\frac\alpha2 \sum_k g_k \lambda_k`.

    Parameters
    ----------
    crosstalk : PairCrosstalk
        Modes of scale λ and number g.
    signal : Signal
        Law of x.
    load, temperature, effective_overlap, noise : arrays, shape (n,)
        α, T, n and σ of a zero of `residuals` with n > 0 or σ > 0.
    self_interaction : bool
        Whether the energy is the full power of the overlap.

    Returns
    -------
    dict of str to array, shape (n,)
        Keys overlap, self_overlap, free_energy, energy, entropy, replicon.

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Ann. Phys. 173, 30 (1987).

    Examples
    --------
    >>> from theory.pairs.crosstalk import STORAGE
    >>> from theory.signal import PATTERN
    >>> point = np.array([[0.0], [0.0], [1.0], [0.0]])
    >>> values = observables(STORAGE, PATTERN, *point, self_interaction=False)
    >>> values["energy"].item(), values["replicon"].item()
    (-0.5, 1.0)
    """
    k = signal.moments(effective_overlap, noise, temperature)
    thermal = signal.thermal_moments(effective_overlap, noise, temperature)
    point = load, temperature, effective_overlap**2, noise
    found = thermodynamics(crosstalk, *point, k.tanh_squared, k.response, thermal, self_interaction)
    return {"overlap": k.overlap} | found


def thermodynamics(
    crosstalk: PairCrosstalk,
    load: Array,
    temperature: Array,
    square: Array,
    noise: Array,
    self_overlap: Array,
    response: Array,
    thermal: ThermalMoments,
    self_interaction: bool,
) -> dict[str, Array]:
    r"""What `observables` says beside the overlap, for any number of retrieved patterns.

    Parameters
    ----------
    crosstalk : PairCrosstalk
        Modes of scale λ and number g.
    load, temperature, square, noise : arrays, shape (n,)
        α, T, the sum of n² over the retrieved patterns, and σ.
    self_overlap, response : arrays, shape (n,)
        q and C.
    thermal : ThermalMoments
        Averages over the local field.
    self_interaction : bool
        Whether the energy is the full power of the overlap.

    Returns
    -------
    dict of str to array, shape (n,)

    Examples
    --------
    >>> from theory.gaussian import thermal_moments
    >>> from theory.pairs.crosstalk import STORAGE
    >>> zero, one = np.zeros(1), np.ones(1)
    >>> free = thermal_moments(zero, zero, one)  # nothing is retrieved at T = 1
    >>> values = thermodynamics(STORAGE, zero, one, zero, zero, zero, one, free, False)
    >>> values["entropy"].item()
    0.6931471805599453
    """
    q, c, variance = self_overlap, response, noise**2
    noisy = noise > 0.0
    gap = crosstalk.gap(c)
    root = np.sqrt(load) * np.sqrt(q) / np.where(noisy, noise, 1.0)
    gap = np.where(noisy, crosstalk.gap_of_root(root, gap), gap)
    # α/γ, where both may vanish
    narrowed = noise * np.sqrt(load / np.where(noisy, q, 1.0))
    ratio = narrowed / crosstalk.gap_of_root(np.ones_like(gap), gap)
    rise = np.where(noisy, ratio, load) * crosstalk.rise(gap) * c
    log_term = crosstalk.log_determinant(load, gap) / 2.0
    diagonal = load * crosstalk.trace / 2.0 if self_interaction else 0.0
    free_energy = temperature * log_term + (square - q * rise + variance * c) / 2.0
    return {
        "self_overlap": q,
        "free_energy": free_energy - thermal.log_cosh - diagonal,
        "energy": -(square + rise + variance * c) / 2.0 - diagonal,
        "entropy": thermal.entropy - log_term - rise * c / 2.0,
        "replicon": replicon(temperature, noise, q, thermal.sech_fourth),
    }
