r"""Free energies of networks that learn, as functions of any values of their order parameters.

With the effective overlap n, the self-overlap q and :math:`h = a x + \sigma z`; solvers use the
equations that follow from them, not these.
"""

from __future__ import annotations

import numpy as np

from theory.dense.phases import DensePhases
from theory.pairs.phases import HopfieldPhases
from theory.saddle import Array

__all__ = ["dense_free_energy", "pair_conjugate", "pair_free_energy"]


def dense_free_energy(
    phases: DensePhases,
    load: Array,
    temperature: Array,
    effective_overlap: Array,
    self_overlap: Array,
) -> Array:
    r"""Free energy per spin of networks of p-body interactions, p >= 3, at T > 0.

    .. math::
        f = \frac{p-1}p n^p - \frac\alpha{2T} [\xi(1) - \xi(q) - (1-q)\xi'(q)]
            - T\,E\log 2\cosh(h/T), \qquad a = n^{p-1}, \quad \sigma^2 = \alpha\xi'(q)

    Parameters
    ----------
    phases : DensePhases
        p, law of the entries and crosstalk ξ.
    load, temperature, effective_overlap, self_overlap : arrays that broadcast
        α, T, n and q.

    Returns
    -------
    array

    Examples
    --------
    >>> dense_free_energy(DensePhases(3), *np.array([0.1, 0.5, 0.0, 0.0])).round(9).item()
    -0.413240257
    """
    p, xi, q = phases.p, phases.crosstalk, self_overlap
    strength, width = effective_overlap ** (p - 1), np.sqrt(load * xi.derivative(q))
    local = phases.signal.thermal_moments(strength, width, temperature).log_cosh
    bracket = xi.value(1.0) - xi.value(q) - (1.0 - q) * xi.derivative(q)
    condensed = (p - 1) / p * effective_overlap**p
    return np.asarray(condensed - load * bracket / (2.0 * temperature) - local)


def pair_conjugate(phases: HopfieldPhases, temperature: Array, self_overlap: Array) -> Array:
    r"""Conjugate of the self-overlap at a saddle point.

    .. math:: R = q \sum_k g_k \Bigl(\frac{\lambda_k}{1-\lambda_k C}\Bigr)^2

    Parameters
    ----------
    phases : HopfieldPhases
        Whose modes.
    temperature, self_overlap : arrays
        T > 0 and q, with :math:`C = (1-q)/T`.

    Returns
    -------
    array

    Examples
    --------
    >>> pair_conjugate(HopfieldPhases(), np.array(0.5), np.array(1.0)).item()
    1.0
    """
    response = (1.0 - self_overlap) / temperature
    terms = [count * (scale / (1.0 - scale * response)) ** 2 for scale, count in phases.modes]
    return np.asarray(self_overlap * sum(terms))


def pair_free_energy(
    phases: HopfieldPhases,
    load: Array,
    temperature: Array,
    effective_overlap: Array,
    self_overlap: Array,
    conjugate: Array,
) -> Array:
    r"""Free energy per spin of networks of pair interactions, at T > 0.

    .. math::
        f = \frac{n^2}2 + \frac{\alpha R (1-q)}{2T} + \frac\alpha2 \sum_k g_k \Bigl[
            T \ln(1 - \lambda_k C) - \frac{\lambda_k q}{1 - \lambda_k C} + \lambda_k\Bigr]
            - T\,E\log 2\cosh(h/T), \qquad a = n, \quad \sigma^2 = \alpha R

    Parameters
    ----------
    phases : HopfieldPhases
        Law of the entries and modes (λ, g) of the crosstalk.
    load, temperature, effective_overlap, self_overlap, conjugate : arrays that broadcast
        α, T, n, q and R.

    Returns
    -------
    array

    Examples
    --------
    >>> hot = np.array([0.0, 2.0, 0.0, 0.0, 0.0])
    >>> pair_free_energy(HopfieldPhases(), *hot).round(9).item()  # -T log 2
    -1.386294361
    """
    q, response = self_overlap, (1.0 - self_overlap) / temperature
    total = conjugate * (1.0 - q) / temperature
    for scale, count in phases.modes:
        gap = 1.0 - scale * response
        total = total + count * (temperature * np.log(gap) - scale * q / gap + scale)
    width = np.sqrt(load * conjugate)
    local = phases.signal.thermal_moments(effective_overlap, width, temperature).log_cosh
    return np.asarray(effective_overlap**2 / 2.0 + load / 2.0 * total - local)
