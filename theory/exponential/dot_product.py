"""Scaled dot-product attention over random keys: how many, and from how far."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from hopfield.arguments import InputError
from hopfield.attention.inputs import finite_numbers
from theory.exponential.rates import SPHERICAL
from theory.saddle import Array

__all__ = ["dot_product_basin", "dot_product_capacity"]


def dot_product_capacity(sharpness: ArrayLike, dimension: ArrayLike) -> tuple[Array, Array]:
    r"""Logarithm of the number of keys at which the crosstalk equals the signal, at weak coupling.

    The logits are :math:`\lambda\, k \cdot q/\sqrt d` with keys on the sphere of squared norm d
    and q one of them, as in scaled dot-product attention:

    .. math:: \log K = \lambda\sqrt d - \log E\, e^{\lambda\sqrt d\, u}
        \simeq \lambda\sqrt d - \frac{\lambda^2}2 .

    Parameters
    ----------
    sharpness : array
        λ > 0.
    dimension : array
        d >= 2.

    Returns
    -------
    tuple of arrays
        Exact mean crosstalk, and that of Gaussian logits.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range.

    Examples
    --------
    >>> exact, gaussian = dot_product_capacity(1.0, 64)
    >>> exact.round(4).item(), gaussian.item()
    (7.5037, 7.5)
    """
    lam, d = _above("sharpness", sharpness), _above("dimension", dimension, least=2.0)
    root = np.sqrt(d)
    exact = lam * root - d * SPHERICAL.finite_cumulant(lam / root, d)
    return np.asarray(exact), np.asarray(lam * root - lam**2 / 2.0)


def dot_product_basin(sharpness: ArrayLike, dimension: ArrayLike, n_patterns: ArrayLike) -> Array:
    r"""Smallest overlap from which a key is retrieved in scaled dot-product attention.

    .. math:: q_c = \frac{\log K + \log E\, e^{\lambda\sqrt d\, u}}{\lambda\sqrt d}

    Parameters
    ----------
    sharpness : array
        λ > 0.
    dimension : array
        d >= 2.
    n_patterns : array
        Number K >= 1 of keys.

    Returns
    -------
    array

    Raises
    ------
    hopfield.InputError
        If an argument is out of range.

    Examples
    --------
    >>> dot_product_basin(1.0, 64, 100).round(4).item()
    0.6377
    """
    lam, d = _above("sharpness", sharpness), _above("dimension", dimension, least=2.0)
    lost = d * SPHERICAL.finite_cumulant(lam / np.sqrt(d), d)
    count = _above("n_patterns", n_patterns, least=1.0)
    return np.asarray((np.log(count) + lost) / (lam * np.sqrt(d)))


def _above(name: str, values: ArrayLike, least: float = 0.0) -> Array:
    """Finite numbers above 0 and of at least so much."""
    array = finite_numbers(name, values).astype(np.float64)
    outside = (array <= 0.0) | (array < least)
    if outside.any():
        allowed = f"at least {least:g}" if least else "above 0"
        raise InputError(f"{name} must be {allowed}, got {array[outside].flat[0]:g}")
    return array
