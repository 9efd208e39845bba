r"""Replica-symmetric equations of the Hopfield model, and their solutions without a pattern.

With :math:`h = m + \sigma z`, :math:`M = E\tanh(h/T)`, :math:`q = E\tanh^2(h/T)` and
:math:`C = (1-q)/T`, a saddle point is a zero of

.. math:: F_1 = m - M, \qquad F_2 = \sigma (1 - C) - \sqrt{\alpha q},

which is regular at T = 0 and at :math:`\alpha = 0`.
"""

from __future__ import annotations

import numpy as np
from scipy.special import xlog1py, xlogy

from theory.gaussian import moments, thermal_moments
from theory.saddle import Array, Cells, newton
from theory.stability import replicon
from theory.states import State, blank, scatter

__all__ = ["glass", "glass_temperature", "load_at", "observables", "paramagnet", "residuals"]


def residuals(load: Array, temperature: Array, overlap: Array, noise: Array) -> tuple[Array, Array]:
    r"""Left-hand sides :math:`F_1, F_2` of the saddle-point equations and their Jacobian.

    Parameters
    ----------
    load, temperature, overlap, noise : arrays, shape (n,)
        α, T, m and σ.

    Returns
    -------
    tuple of arrays, shapes (n, 2) and (n, 2, 2)
        Derivatives are by m and σ.

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Phys. Rev. Lett. 55, 1530 (1985).

    Examples
    --------
    >>> values, _ = residuals(*np.array([[0.0], [0.0], [1.0], [0.0]]))
    >>> values.tolist()  # a pattern is a saddle point without load and temperature
    [[0.0, 0.0]]
    """
    k = moments(overlap, noise, temperature)
    spread = np.sqrt(load * k.tanh_squared)
    # derivative of sqrt(α q) is -T C' sqrt(α / q) / 2
    slope = noise - temperature * np.sqrt(load / np.maximum(k.tanh_squared, 1e-300)) / 2.0
    values = np.stack([overlap - k.tanh, noise * (1.0 - k.response) - spread], axis=1)
    jacobian = np.empty((values.shape[0], 2, 2))
    jacobian[:, 0, 0] = 1.0 - k.response
    jacobian[:, 0, 1] = -k.tanh_by_width
    jacobian[:, 1, 0] = -slope * k.response_by_mean
    jacobian[:, 1, 1] = 1.0 - k.response - slope * k.response_by_width
    return values, jacobian


def load_at(temperature: Array, overlap: Array, noise: Array) -> tuple[Array, Array]:
    r"""Load for which :math:`F_2 = 0`, and the determinant of the Jacobian there.

    .. math:: \alpha = \sigma^2 (1-C)^2 / q

    Where also :math:`F_1 = 0`, the determinant has the sign of the change of α with σ at fixed T:
    it is positive on the stable retrieval branch and zero at its end.

    Parameters
    ----------
    temperature, overlap, noise : arrays, shape (n,)
        T, m and σ; m > 0 or σ > 0.

    Returns
    -------
    tuple of arrays, shape (n,)

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Phys. Rev. Lett. 55, 1530 (1985).

    Examples
    --------
    >>> zero_overlap = np.array([0.0]), np.array([0.0]), np.array([0.1**0.5 + (2 / np.pi) ** 0.5])
    >>> round(load_at(*zero_overlap)[0].item(), 12)  # the spin glass at T = 0
    0.1
    """
    k = moments(overlap, noise, temperature)
    gap = 1.0 - k.response
    load = (noise * gap) ** 2 / k.tanh_squared
    slope = noise - temperature * noise * gap / k.tanh_squared / 2.0
    determinant = gap * (gap - slope * k.response_by_width)
    determinant -= slope * k.response_by_mean * k.tanh_by_width
    return load, determinant


def observables(
    load: Array, temperature: Array, overlap: Array, noise: Array, self_interaction: bool
) -> dict[str, Array]:
    r"""Self-overlap, free energy, energy, entropy and replicon at a saddle point.

    .. math::
        f &= \frac\alpha2 + \frac{m^2}2 + \frac{\alpha T}2 \ln(1-C) - \frac{\sigma^2}2 + \sigma^2 C
             - T\,E \log 2\cosh(h/T) \\
        u &= -\frac{m^2}2 - \frac\alpha2 \frac{C}{1-C} - \frac{\sigma^2 C}2, \qquad
        s = S_0 - \frac\alpha2\Bigl[\ln(1-C) + \frac{C}{1-C}\Bigr]

    with :math:`S_0 = E[\log 2\cosh y - y\tanh y]`, :math:`y = h/T`, and
    :math:`1-C = \sqrt{\alpha q}/\sigma`; with self-interaction f and u are lower by α/2.

    Parameters
    ----------
    load, temperature, overlap, noise : arrays, shape (n,)
        α, T, m and σ of a zero of `residuals` with m > 0 or σ > 0.
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
    >>> values = observables(*np.array([[0.0], [0.0], [1.0], [0.0]]), self_interaction=False)
    >>> values["energy"].item(), values["replicon"].item()
    (-0.5, 1.0)
    """
    k, thermal = moments(overlap, noise, temperature), thermal_moments(overlap, noise, temperature)
    q, c, variance = k.tanh_squared, k.response, noise**2
    noisy = noise > 0.0
    gap = np.where(noisy, np.sqrt(load) * np.sqrt(q) / np.where(noisy, noise, 1.0), 1.0 - c)
    load_by_gap = np.where(noisy, noise * np.sqrt(load / q), load)
    constant = 0.0 if self_interaction else load / 2.0
    log_gap = xlogy(load, gap) / 2.0
    free_energy = overlap**2 / 2.0 + temperature * log_gap - variance / 2.0 + variance * c
    energy = -(overlap**2 + load_by_gap * c + variance * c) / 2.0
    return {
        "overlap": k.tanh,
        "self_overlap": q,
        "free_energy": constant + free_energy - thermal.log_cosh,
        "energy": energy + constant - load / 2.0,
        "entropy": thermal.entropy - log_gap - load_by_gap * c / 2.0,
        "replicon": replicon(temperature, noise, q, thermal.sech_fourth),
    }


def glass_temperature(load: Array) -> Array:
    r"""Temperature :math:`T_g = 1 + \sqrt\alpha` below which spins freeze without a pattern.

    Parameters
    ----------
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
    >>> glass_temperature(np.array([0.25])).item()
    1.5
    """
    return np.asarray(1.0 + np.sqrt(load))


def glass(load: Array, temperature: Array, self_interaction: bool) -> State:
    r"""Spin-glass phase, m = 0 and q > 0, which exists below `glass_temperature`.

    Parameters
    ----------
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
    >>> state = glass(np.array([0.1]), np.array([0.0]), self_interaction=False)
    >>> round(state.noise.item(), 12) == round(0.1**0.5 + (2 / np.pi) ** 0.5, 12)
    True
    """
    exists = temperature < glass_temperature(load)
    a, t = load[exists], temperature[exists]

    def equations(x: Array, cells: Cells) -> tuple[Array, Array]:
        values, jacobian = residuals(a[cells], t[cells], np.zeros(cells.size), x[:, 0])
        return values[:, 1:], jacobian[:, 1:, 1:]

    # exact at T = 0, and of the right power at the glass temperature
    start = (np.sqrt(2.0 / np.pi) + np.sqrt(a)) * np.sqrt(1.0 - t / glass_temperature(a))
    found = newton(equations, start[:, None], lower=0.0)
    noise, good = found.value[:, 0], found.converged & (found.value[:, 0] > 0.0)
    zero = np.zeros_like(noise)
    values = observables(a, t, zero, np.where(good, noise, 1.0), self_interaction)
    values |= {
        "overlap": zero,
        "effective_overlap": zero,
        "noise": noise,
        "residual": found.residual,
    }
    return scatter(exists, blank(values, good))


def paramagnet(load: Array, temperature: Array, self_interaction: bool) -> State:
    r"""Phase without order, m = q = 0, which exists from `glass_temperature` on.

    .. math::
        f = \frac\alpha2 + \frac{\alpha T}2 \ln\Bigl(1-\frac1T\Bigr) - T \ln 2, \qquad
        u = -\frac\alpha2 \frac1{T-1}, \qquad \Lambda = 1 - \frac{\alpha}{(T-1)^2}

    Parameters
    ----------
    load, temperature : arrays, shape (n,)
        α and T.
    self_interaction : bool
        Whether the energy is the full power of the overlap; f and u are then lower by α/2.

    Returns
    -------
    State

    References
    ----------
    D. J. Amit, H. Gutfreund and H. Sompolinsky, Ann. Phys. 173, 30 (1987).

    Examples
    --------
    >>> paramagnet(np.array([0.0]), np.array([2.0]), self_interaction=False).entropy.item()
    0.6931471805599453
    """
    exists = temperature >= glass_temperature(load)
    a, t = load[exists], temperature[exists]
    excess = np.maximum(t - 1.0, np.sqrt(a))  # 1 + sqrt(α) may be 1 up to rounding
    ordinary = excess > 0.0
    safe = np.where(ordinary, excess, 1.0)
    log_gap = xlogy(a, safe / t) / 2.0
    log_gap = np.where(t > 2.0, xlog1py(a, -1.0 / t) / 2.0, log_gap)
    shift = a / safe / 2.0
    constant = 0.0 if self_interaction else a / 2.0
    zero = np.zeros_like(a)
    values = {
        "overlap": zero, "effective_overlap": zero, "self_overlap": zero,
        "noise": zero, "residual": zero,
        "free_energy": constant + t * log_gap - t * np.log(2.0),
        "energy": constant - a / 2.0 - shift,
        "entropy": np.log(2.0) - log_gap - shift,
        "replicon": np.where(ordinary, 1.0 - (np.sqrt(a) / safe) ** 2, 0.0),
    }  # fmt: skip
    return scatter(exists, (values, np.full(a.size, "converged")))
