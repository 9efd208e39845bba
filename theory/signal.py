r"""What a stored pattern is worth to its archetype: the law of its entries, and averages over it.

A network that has seen examples of an archetype :math:`\xi` keeps an effective pattern x of unit
variance where it is not blank. In the gauge :math:`\xi = 1` the local field of a state that
retrieves it is :math:`h = a x + \sigma z`, with the strength :math:`a = n^{p-1}`, the overlap n
with the effective pattern, and a standard Gaussian z. Every average over x and z is a sum of those
of `theory.gaussian`, because the laws of x are mixtures of Gaussians.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlogy
from scipy.stats import binom

from theory.gaussian import ThermalMoments, moments, thermal_moments
from theory.saddle import Array

__all__ = ["EXACT_EXAMPLES", "PATTERN", "Components", "Signal", "SignalMoments", "signal_of"]

EXACT_EXAMPLES = 1000
"""Up to so many examples the law of their mean is exact, beyond it is Gaussian."""

SMALLEST_WEIGHT = 1e-18
"""Probability below which an entry does not count."""


@dataclass(frozen=True)
class SignalMoments:
    r"""Averages over the field :math:`h = a x + \sigma z` and their derivatives, a cell each.

    Parameters
    ----------
    effective_overlap : array
        n = E x tanh(h/T).
    overlap : array
        m = E tanh(h/T), the overlap with the archetype.
    tanh_squared : array
        q = E tanh²(h/T).
    response : array
        C = E sech²(h/T) / T = (1 - q)/T.
    effective_by_strength, effective_by_width : arrays
        Derivatives of n by a and σ.
    response_by_strength, response_by_width : arrays
        Derivatives of C by a and σ; those of q are -T times these.
    """

    effective_overlap: Array
    overlap: Array
    tanh_squared: Array
    response: Array
    effective_by_strength: Array
    effective_by_width: Array
    response_by_strength: Array
    response_by_width: Array


class Components(NamedTuple):
    """Normal laws that make up that of an entry, shape (components,): mean, weights, width."""

    values: Array
    weights: Array
    signs: Array
    spreads: Array


@dataclass(frozen=True)
class Signal:
    r"""Law of the entries of an effective pattern: :math:`x = \pm x_k + w g` with Gaussian g.

    All thermodynamic averages but the overlap with the archetype are even in x, so that only
    :math:`|x_k|` is kept, with its probability and the part of it that has the right sign.

    Parameters
    ----------
    values : tuple of float
        x_k >= 0.
    weights : tuple of float
        Probabilities of :math:`\pm x_k` in an entry that is not blank, which sum to 1.
    signs : tuple of float
        Probability of x_k minus that of -x_k.
    spread : float
        w >= 0; with w > 0 no x_k is negative, and signs are weights.
    dilution : float
        Probability d of a blank entry, x = 0 without spread, in [0, 1).

    Examples
    --------
    >>> PATTERN.moments(1.0, 0.5, 0.0).overlap.round(9).item()  # erf(sqrt 2)
    0.954499736
    """

    values: tuple[float, ...]
    weights: tuple[float, ...]
    signs: tuple[float, ...]
    spread: float = 0.0
    dilution: float = 0.0

    @property
    def binary(self) -> bool:
        """Whether |x| = 1, as for a single example: the effective pattern is a pattern."""
        return self.values == (1.0,) and self.spread == 0.0 and self.dilution == 0.0

    @property
    def variance(self) -> float:
        """E x² = 1 - d."""
        return 1.0 - self.dilution

    @property
    def mean_modulus(self) -> float:
        """E|x|, the effective overlap of spins that follow the effective pattern."""
        x, w = np.array(self.values), self.spread
        modulus = x if w == 0.0 else thermal_moments(x, w, 0.0).log_cosh
        return self.variance * float(np.array(self.weights) @ modulus)

    @property
    def critical_dilution(self) -> float:
        r"""Dilution at which the law has the kurtosis of a Gaussian, :math:`E x^4 = 3 (E x^2)^2`.

        It is :math:`1 - \frac13 E[x^4 | x \ne 0]`: 2/3 for a pattern, :math:`2/3(1+\rho)^2` for
        many examples.
        """
        x, weights = np.array(self.values), np.array(self.weights)
        squares = x**2 + self.spread**2
        uneven = 3.0 * float(weights @ (squares - weights @ squares) ** 2)
        return (2.0 * float(weights @ x**4) - uneven) / 3.0

    @property
    def subcritical(self) -> bool:
        """Whether the kurtosis is less than 3, so that p = 2 retrieves up to T = 1 - d."""
        return self.dilution < self.critical_dilution

    @property
    def components(self) -> Components:
        """Normal laws of which that of x is a mixture, the one of blank entries first."""
        return _components(self)

    def diluted(self, dilution: float) -> Signal:
        """Law of entries that are blank with a probability, and else have this law.

        Parameters
        ----------
        dilution : float
            d, in [0, 1).

        Returns
        -------
        Signal

        Examples
        --------
        >>> PATTERN.diluted(0.25).moments(1.0, 0.0, 0.0).overlap.item()
        0.75
        """
        return replace(self, dilution=dilution)

    def moments(
        self, strength: ArrayLike, width: ArrayLike, temperature: ArrayLike
    ) -> SignalMoments:
        r"""Averages that saddle-point equations need.

        With :math:`W^2 = \sigma^2 + w^2 a^2` and the averages M, C of `theory.gaussian.moments` at
        the mean :math:`a x_k` and the width W,
        :math:`n = \sum_k p_k (x_k M_k + w^2 a\, C_k)` by parts; w = 0 in blank entries.

        Parameters
        ----------
        strength, width, temperature : arrays that broadcast
            a >= 0, σ >= 0 and T >= 0, in units of J.

        Returns
        -------
        SignalMoments
            Of the shape of the arguments.
        """
        a, sigma, t = np.broadcast_arrays(*map(np.asarray, (strength, width, temperature)))
        law = self.components
        x, spread = (part.reshape(-1, *(1,) * a.ndim) for part in (law.values, law.spreads))
        variance, total = spread**2, np.hypot(sigma, spread * a)
        k = moments(a * x, total, t)
        slope, bend, turn = x * k.response, x * k.response_by_mean, x * k.tanh_by_width
        by_width = np.ones(total.shape)
        if self.spread > 0.0:  # derivatives of the whole width W
            by_strength = np.divide(
                variance * a, total, out=np.zeros(total.shape), where=total > 0.0
            )
            by_width = np.divide(sigma, total, out=by_width, where=total > 0.0)
            slope += by_strength * k.tanh_by_width  # of M by a
            bend += by_strength * k.response_by_width  # of C by a
            turn += variance * a * k.response_by_width  # of x M + w² a C by W

        def mean(values: Array, weights: Array = law.weights) -> Array:
            return np.reshape(weights @ values.reshape(x.size, -1), a.shape)

        return SignalMoments(
            effective_overlap=mean(x * k.tanh + variance * a * k.response),
            overlap=mean(k.tanh, law.signs),
            tanh_squared=mean(k.tanh_squared),
            response=mean(k.response),
            effective_by_strength=mean(x * slope + variance * (k.response + a * bend)),
            effective_by_width=mean(by_width * turn),
            response_by_strength=mean(bend),
            response_by_width=mean(by_width * k.response_by_width),
        )

    def thermal_moments(
        self, strength: ArrayLike, width: ArrayLike, temperature: ArrayLike
    ) -> ThermalMoments:
        """Averages that free energy, entropy and stability need; arguments as of `moments`."""
        a, sigma, t = np.broadcast_arrays(*map(np.asarray, (strength, width, temperature)))
        law = self.components
        x, spread = (part.reshape(-1, *(1,) * a.ndim) for part in (law.values, law.spreads))
        k = thermal_moments(a * x, np.hypot(sigma, spread * a), t)
        return ThermalMoments(
            *(
                np.reshape(law.weights @ y.reshape(x.size, -1), a.shape)
                for y in (k.log_cosh, k.entropy, k.sech_fourth)
            )
        )


@lru_cache(maxsize=16)
def _components(signal: Signal) -> Components:
    """Body of `Signal.components`."""
    law = np.array([signal.values, signal.weights, signal.signs])
    law[1:] *= signal.variance
    spreads = np.full(law.shape[1], signal.spread)
    if signal.dilution > 0.0:
        law = np.insert(law, 0, [0.0, signal.dilution, 0.0], axis=1)
        spreads = np.insert(spreads, 0, 0.0)
    return Components(law[0], law[1], law[2], spreads)


PATTERN = Signal((1.0,), (1.0,), (1.0,))
"""The pattern itself is stored."""


def signal_of(quality: float, examples: int) -> Signal:
    r"""Law of the mean of noisy examples, over its standard deviation.

    :math:`x = \frac{2k - M}{M\sqrt R}` with :math:`k \sim \mathrm{Bin}(M, \frac{1+r}2)` and
    :math:`R = r^2 + \frac{1-r^2}M`; for more than `EXACT_EXAMPLES` examples
    :math:`x = (1 + \sqrt\rho\, g)/\sqrt{1+\rho}` with :math:`\rho = (1-r^2)/(M r^2)`.

    Parameters
    ----------
    quality : float
        r in (0, 1], the mean of an example in the gauge of its archetype.
    examples : int
        M >= 1.

    Returns
    -------
    Signal

    Examples
    --------
    >>> one = signal_of(0.6, 1)  # a single example is right with probability 0.8
    >>> one.values, [round(sign, 12) for sign in one.signs]
    ((1.0,), [0.6])
    """
    r, m = quality, examples
    if r == 1.0:
        return PATTERN
    if m > EXACT_EXAMPLES:
        rho = (1.0 - r) * (1.0 + r) / (m * r * r)
        root = np.sqrt(1.0 + rho)
        return Signal((float(1.0 / root),), (1.0,), (1.0,), float(np.sqrt(rho) / root))
    scale = m * np.sqrt(r * r + (1.0 - r) * (1.0 + r) / m)
    k = np.arange((m + 1) // 2, m + 1)
    log_ratio = xlogy(2 * k - m, (1.0 + r) / (1.0 - r))
    likely = binom.pmf(k, m, (1.0 + r) / 2.0)
    # the weight of -x is that of x times the inverse of the odds to the power 2 k - M
    unlikely = np.where(2 * k == m, 0.0, likely * np.exp(-log_ratio))
    weights, signs = likely + unlikely, likely - unlikely
    signs[2 * k == m] = 0.0
    kept = weights > SMALLEST_WEIGHT
    return Signal(
        tuple(((2 * k - m) / scale)[kept].tolist()),
        tuple(weights[kept].tolist()),
        tuple(signs[kept].tolist()),
    )
