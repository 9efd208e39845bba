r"""States without overlap in networks of p-body interactions, p >= 3: paramagnet and glass.

With :math:`t = T/\sigma = \tan\theta`, :math:`q = E\tanh^2(z/t)` and
:math:`T/\sqrt\alpha = t \sqrt{\xi'(q)}`. The branch that is followed is that of high temperature.
Without a random field in the crosstalk it is :math:`q = 0` down to
:math:`T = \sqrt{\alpha\xi''(0)}`, and with one q > 0 at every temperature.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize.elementwise import find_root

from theory.crosstalk import Crosstalk
from theory.dense.equations import observables
from theory.dense.freezing import freezing
from theory.gaussian import moments
from theory.saddle import Array
from theory.signal import PATTERN
from theory.states import State, blank, scatter

__all__ = ["disordered", "glass", "paramagnet"]

HIGHEST = 1e8  # T/sqrt(α), over that of q of order one, from which on q is below rounding
LARGEST_RESIDUAL = 1e-12
ANGLES = 2001  # where folds of the branch are looked for


def _scaled_temperature(crosstalk: Crosstalk, angle: Array) -> Array:
    """T / sqrt(α) as a function of the angle."""
    q = moments(0.0, np.cos(angle), np.sin(angle)).tanh_squared
    return np.asarray(np.tan(angle) * np.sqrt(crosstalk.derivative(q)))


@cache
def _smallest_angle(crosstalk: Crosstalk) -> float:
    """Where the branch of high temperature ends; with many random fields it folds back."""
    angle = np.linspace(0.0, np.pi / 2.0, ANGLES)
    falls = np.flatnonzero(np.diff(_scaled_temperature(crosstalk, angle)) < 0.0)
    return float(angle[falls[-1] + 1]) if falls.size else 0.0


def _noise(crosstalk: Crosstalk, load: Array, temperature: Array) -> Array:
    """Width σ of the field on the branch of high temperature."""
    root_load = np.sqrt(load)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        scaled = np.where(load > 0.0, temperature / root_load, np.inf)
    frozen = np.ones(load.shape, dtype=bool)
    if crosstalk.coefficients[1] == 0.0:
        frozen = scaled < np.sqrt(crosstalk.derivative(0.0, 2))

    def excess(angle: Array, target: Array) -> Array:
        return _scaled_temperature(crosstalk, angle) - target

    unit = np.sqrt(crosstalk.derivative(0.0) + crosstalk.derivative(0.0, 2))  # one of them is zero
    target = np.minimum(scaled[frozen], HIGHEST * unit)
    low = np.full_like(target, _smallest_angle(crosstalk))
    root = find_root(excess, (low, np.full_like(target, np.pi / 2.0)), args=(target,))
    angle = np.where(root.success, root.x, np.nan)
    q = moments(0.0, np.cos(angle), np.sin(angle)).tanh_squared
    noise = np.zeros_like(load)
    noise[frozen] = root_load[frozen] * np.sqrt(crosstalk.derivative(q))
    return noise


def disordered(
    crosstalk: Crosstalk, load: Array, temperature: Array, exists: NDArray[np.bool_]
) -> State:
    """Replica-symmetric state without overlap that is continuous with high temperature.

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.
    load, temperature : arrays, shape (n,)
        α and T.
    exists : bool array, shape (n,)
        Where to compute it.

    Returns
    -------
    State
        "absent" elsewhere.

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> cell = np.array([0.1]), np.array([0.5]), np.array([True])
    >>> disordered(crosstalk(3, False), *cell).free_energy.round(9).item()
    -0.413240257
    """
    a, t = load[exists], temperature[exists]
    noise, zero = _noise(crosstalk, a, t), np.zeros_like(a)
    safe = np.nan_to_num(noise)
    # without overlap the law of the signal does not matter
    values = observables(crosstalk, PATTERN, a, t, zero, safe)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        susceptibility = crosstalk.derivative(0.0, 2) * (np.sqrt(a) / t) ** 2
    # nothing freezes at zero temperature without load
    pure = 1.0 - np.where(t > 0.0, susceptibility, 0.0)
    values["replicon"] = np.where(values["self_overlap"] > 0.0, values["replicon"], pure)
    violation = np.abs(safe - np.sqrt(a) * np.sqrt(crosstalk.derivative(values["self_overlap"])))
    values |= {"overlap": zero, "effective_overlap": zero, "noise": noise, "residual": violation}
    good = np.isfinite(noise) & (violation <= LARGEST_RESIDUAL * np.maximum(1.0, safe))
    return scatter(exists, blank(values, good))


def paramagnet(crosstalk: Crosstalk, load: Array, temperature: Array) -> State:
    r"""Phase above the glass transition, m = 0.

    Without a random field q = 0,

    .. math::
        f = -T \ln 2 - \frac{\alpha\,\xi(1)}{2T}, \qquad u = -\frac{\alpha\,\xi(1)}T, \qquad
        \Lambda = 1 - \frac{\alpha\,\xi''(0)}{T^2} .

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.
    load, temperature : arrays, shape (n,)
        α and T.

    Returns
    -------
    State

    References
    ----------
    E. Gardner, Nucl. Phys. B 257, 747 (1985).

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> hot = paramagnet(crosstalk(3, True), np.array([0.1]), np.array([1.0]))
    >>> round(hot.self_overlap.item(), 6)  # the random field polarises
    0.085253
    """
    exists = temperature >= freezing(crosstalk).ratio * np.sqrt(load)
    return disordered(crosstalk, load, temperature, exists)


def glass(crosstalk: Crosstalk, load: Array, temperature: Array) -> State:
    """Replica-symmetric glass, m = 0, below a continuous glass transition.

    Parameters
    ----------
    crosstalk : Crosstalk
        ξ.
    load, temperature : arrays, shape (n,)
        α and T.

    Returns
    -------
    State
        "absent" everywhere if the transition is discontinuous.

    References
    ----------
    E. Gardner, Nucl. Phys. B 257, 747 (1985).

    Examples
    --------
    >>> from theory.crosstalk import crosstalk
    >>> cell = np.array([0.1]), np.array([0.2])
    >>> glass(crosstalk(4, True), *cell).replicon.item() < 0.0
    True
    >>> glass(crosstalk(4, False), *cell).status.item()
    'absent'
    """
    transition = freezing(crosstalk)
    below = temperature < transition.ratio * np.sqrt(load)
    return disordered(crosstalk, load, temperature, below & (not transition.one_step))
