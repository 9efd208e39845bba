"""What is known of a phase of the Hopfield model once its saddle point is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import xlogy

from theory.gaussian import moments, thermal_moments
from theory.saddle import Array
from theory.stability import replicon

__all__ = ["State", "describe", "observables", "scatter"]

Words = NDArray[np.str_]


@dataclass(frozen=True)
class State:
    """A phase, one entry a cell; not a number where it is absent or was not found.

    Parameters
    ----------
    overlap, self_overlap, noise : arrays
        m, q and σ.
    free_energy, energy, entropy : arrays
        Per spin.
    replicon : array
        Stable against breaking replica symmetry if positive; -inf at T = 0 and positive load.
    residual : array
        Largest of the violations of the saddle-point equations.
    status : array of str
        Out of `hopfield.results.STATUS`.
    """

    overlap: Array
    self_overlap: Array
    noise: Array
    free_energy: Array
    energy: Array
    entropy: Array
    replicon: Array
    residual: Array
    status: Words


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
        Keys self_overlap, free_energy, energy, entropy, replicon.

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
        "self_overlap": q,
        "free_energy": constant + free_energy - thermal.log_cosh,
        "energy": energy + constant - load / 2.0,
        "entropy": thermal.entropy - log_gap - load_by_gap * c / 2.0,
        "replicon": replicon(temperature, noise, q, thermal.sech_fourth),
    }


def describe(
    load: Array,
    temperature: Array,
    overlap: Array,
    noise: Array,
    residual: Array,
    good: NDArray[np.bool_],
    self_interaction: bool,
) -> tuple[dict[str, Array], Words]:
    """Fields of a `State` for cells where the solver has been; failed ones are blanked."""
    m, sigma = np.where(good, overlap, 1.0), np.where(good, noise, 1.0)
    values = observables(load, temperature, m, sigma, self_interaction)
    values |= {"overlap": m, "noise": sigma, "residual": residual}
    blanked = {name: np.where(good, array, np.nan) for name, array in values.items()}
    return blanked, np.where(good, "converged", "not converged")


def scatter(exists: NDArray[np.bool_], solved: tuple[dict[str, Array], Words]) -> State:
    """Put the cells that exist among those where the phase is absent."""
    values, words = solved
    fields = {}
    for name, array in values.items():
        fields[name] = np.full(exists.shape, np.nan)
        fields[name][exists] = array
    status = np.full(exists.shape, "absent", dtype="<U13")
    status[exists] = words
    return State(**fields, status=status)
