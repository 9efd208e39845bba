r"""Replica-symmetric equations of networks of p-body interactions, p >= 3.

With :math:`h = n^{p-1} x + \sigma z` and :math:`q = E\tanh^2(h/T)`, a saddle point is a zero of

.. math:: F_1 = n - E\,x \tanh(h/T), \qquad F_2 = \sigma - \sqrt{\alpha\, \xi'(q)},

with the law of the entries x of `theory.signal` and the crosstalk :math:`\xi` of
`theory.crosstalk`. The overlap with the archetype is :math:`m = E\tanh(h/T)`; for a pattern x = 1
and m = n.
"""

from __future__ import annotations

import numpy as np

from theory.crosstalk import Crosstalk
from theory.saddle import Array
from theory.signal import Signal
from theory.stability import replicon

__all__ = ["load_at", "observables", "residuals"]


def residuals(
    crosstalk: Crosstalk,
    signal: Signal,
    load: Array,
    temperature: Array,
    effective_overlap: Array,
    noise: Array,
) -> tuple[Array, Array]:
    r"""Left-hand sides :math:`F_1, F_2` of the saddle-point equations and their Jacobian.

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.
    signal : Signal
        Law of the entries.
    load, temperature, effective_overlap, noise : arrays, shape (n,)
        α, T, n and σ.

    Returns
    -------
    tuple of arrays, shapes (n, 2) and (n, 2, 2)
        Derivatives are by n and σ.

    References
    ----------
    E. Gardner, J. Phys. A 20, 3453 (1987).

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> from theory.signal import PATTERN
    >>> point = np.array([[0.0], [0.0], [1.0], [0.0]])
    >>> values, _ = residuals(crosstalk(3, False), PATTERN, *point)
    >>> values.tolist()  # a pattern is a saddle point without load and temperature
    [[0.0, 0.0]]
    """
    p, n = crosstalk.p, effective_overlap
    k = signal.moments(n ** (p - 1), noise, temperature)
    strength_slope = (p - 1) * n ** (p - 2)
    width = np.sqrt(crosstalk.derivative(k.tanh_squared))
    spread = np.sqrt(load) * width
    # derivative of the spread by C
    curvature = crosstalk.derivative(k.tanh_squared, 2) / np.where(width > 0.0, 2.0 * width, 1.0)
    slope = -temperature * np.sqrt(load) * curvature
    values = np.stack([n - k.effective_overlap, noise - spread], axis=1)
    jacobian = np.empty((values.shape[0], 2, 2))
    jacobian[:, 0, 0] = 1.0 - strength_slope * k.effective_by_strength
    jacobian[:, 0, 1] = -k.effective_by_width
    jacobian[:, 1, 0] = -slope * strength_slope * k.response_by_strength
    jacobian[:, 1, 1] = 1.0 - slope * k.response_by_width
    return values, jacobian


def load_at(crosstalk: Crosstalk, self_overlap: Array, noise: Array) -> Array:
    r"""Load for which :math:`F_2 = 0`, :math:`\alpha = \sigma^2 / \xi'(q)`.

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.
    self_overlap, noise : arrays
        q > 0 and σ.

    Returns
    -------
    array

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> load_at(crosstalk(3, True), np.array([1.0]), np.array([0.6])).item()
    0.12
    """
    return np.asarray(noise**2 / crosstalk.derivative(self_overlap))


def observables(
    crosstalk: Crosstalk,
    signal: Signal,
    load: Array,
    temperature: Array,
    effective_overlap: Array,
    noise: Array,
) -> dict[str, Array]:
    r"""Overlap, self-overlap, free energy, energy, entropy and replicon at a saddle point.

    .. math::
        f &= \frac{p-1}p n^p - \frac{\alpha}{2T} [\xi(1) - \xi(q) - (1-q)\xi'(q)]
             - T\,E \log 2\cosh(h/T) \\
        u &= -\frac{n^p}p - \frac\alpha T [\xi(1) - \xi(q)], \qquad
        s = S_0 - \frac\alpha{2T^2} [\xi(1) - \xi(q) - (1-q)\xi'(q)]

    with :math:`S_0 = E[\log 2\cosh y - y\tanh y]`, :math:`y = h/T`. The brackets are taken
    together with the powers of :math:`1 - q = T C` that they contain, which leaves no 1/T.

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.
    signal : Signal
        Law of the entries.
    load, temperature, effective_overlap, noise : arrays, shape (n,)
        α, T, n and σ of a zero of `residuals`.

    Returns
    -------
    dict of str to array, shape (n,)
        Keys overlap, self_overlap, free_energy, energy, entropy, replicon.

    References
    ----------
    E. Gardner, J. Phys. A 20, 3453 (1987).

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> from theory.signal import PATTERN
    >>> point = np.array([[0.0], [0.0], [1.0], [0.0]])
    >>> values = observables(crosstalk(4, False), PATTERN, *point)
    >>> values["energy"].item(), values["replicon"].item()
    (-0.25, 1.0)
    """
    p, n = crosstalk.p, effective_overlap
    k = signal.moments(n ** (p - 1), noise, temperature)
    thermal = signal.thermal_moments(n ** (p - 1), noise, temperature)
    q = k.tanh_squared
    loss = (np.sqrt(load) * k.response) ** 2 * crosstalk.second_remainder(q) / 2.0
    condensed = n**p / p
    return {
        "overlap": k.overlap,
        "self_overlap": q,
        "free_energy": (p - 1) * condensed - temperature * loss - thermal.log_cosh,
        "energy": -condensed - load * k.response * crosstalk.first_remainder(q),
        "entropy": thermal.entropy - loss,
        "replicon": replicon(temperature, noise, q, thermal.sech_fourth, crosstalk.exponent(q)),
    }
