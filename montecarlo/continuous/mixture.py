r"""The measure in closed form where 1/(β T) is an integer g: a mixture of Gaussians.

.. math::
    e^{-g \beta E(x)} \propto \Big(\sum_\mu e^{\beta \xi^\mu \cdot x}\Big)^g e^{-g\beta |x|^2/2}
    = \sum_{\mu_1 \dots \mu_g} e^{g \beta |\bar\xi|^2/2}\, e^{-g \beta |x - \bar\xi|^2/2} , \qquad
    \bar\xi = \frac1g \sum_a \xi^{\mu_a} .
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, combinations_with_replacement

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield import InputError
from hopfield.arguments import require_memory
from montecarlo.continuous.measure import Measure, measure_of, states_of

__all__ = ["MOST_GROUPS", "Mixture", "group_count", "groups_of", "mixture"]

Floats = NDArray[np.float64]

MOST_GROUPS = 2**16
"""Groups of several patterns that are listed one by one."""

MOST_COUNTED = 10**15
"""Groups whose number is told."""


@dataclass(frozen=True, eq=False)
class Mixture:
    r"""Mixture of Gaussians of one variance.

    .. math:: p(x) = \sum_c \pi_c\, (2\pi v)^{-N/2} e^{-|x - \bar\xi_c|^2/(2v)}

    Parameters
    ----------
    means : array, shape (C, N)
        :math:`\bar\xi_c`.
    weights : array, shape (C,)
        π, of sum 1.
    variance : float
        v = T.
    groups : int array, shape (C, g)
        The patterns of which each mean is the mean.
    log_partition : float
        Logarithm of :math:`\int e^{-E(x)/T} dx`, with E as of `hopfield.attention.energy`.

    Examples
    --------
    >>> one = mixture([[3.0]], 1.0)
    >>> one.mean, one.covariance
    (array([3.]), array([[1.]]))
    >>> one.posterior([[0.0]]), one.score([[0.0]])
    (array([[1.]]), array([[3.]]))
    """

    means: Floats
    weights: Floats
    variance: float
    groups: NDArray[np.int64]
    log_partition: float

    @cached_property
    def mean(self) -> Floats:
        """Mean of the states, shape (N,)."""
        return np.asarray(self.weights @ self.means)

    @cached_property
    def covariance(self) -> Floats:
        """Covariance of the states, shape (N, N)."""
        apart = self.means - self.mean
        spread = (apart * self.weights[:, None]).T @ apart
        return np.asarray(spread + self.variance * np.eye(len(self.mean)))

    def log_density(self, states: ArrayLike) -> Floats:
        """Logarithm of the density p.

        Parameters
        ----------
        states : array, shape (..., N)

        Returns
        -------
        array, shape (...)

        Raises
        ------
        InputError
            If states have another shape, or are not finite and at most 1e12.
        """
        top, total = self._shares(states)[1:]
        norm = 0.5 * self.means.shape[1] * math.log(2.0 * math.pi * self.variance)
        return np.asarray(top + np.log(total) - norm)

    def posterior(self, states: ArrayLike) -> Floats:
        """Probabilities of the Gaussians, given states that came from one of them.

        Parameters
        ----------
        states : array, shape (..., N)

        Returns
        -------
        array, shape (..., C)

        Raises
        ------
        InputError
            As of `log_density`.
        """
        shares, _, total = self._shares(states)
        return np.asarray(shares / total[..., None])

    def score(self, states: ArrayLike) -> Floats:
        r"""Gradient of the logarithm of the density.

        .. math:: \nabla \log p(x) = \frac{E[\bar\xi \,|\, x] - x}v

        Parameters
        ----------
        states : array, shape (..., N)

        Returns
        -------
        array, shape (..., N)

        Raises
        ------
        InputError
            As of `log_density`.
        """
        x = states_of("states", states, self.means.shape[1])
        return np.asarray((self.posterior(x) @ self.means - x) / self.variance)

    def _shares(self, states: ArrayLike) -> tuple[Floats, Floats, Floats]:
        """Terms of the sum over its largest one, the logarithm of that, and their sum."""
        x = states_of("states", states, self.means.shape[1])
        squares = (self.means**2).sum(axis=1) - 2.0 * x @ self.means.T
        squares += (x**2).sum(axis=-1)[..., None]
        with np.errstate(divide="ignore"):
            exponents = np.log(self.weights) - squares / (2.0 * self.variance)
        top = exponents.max(axis=-1)
        shares = np.exp(exponents - top[..., None])
        return shares, top, shares.sum(axis=-1)


def mixture(patterns: ArrayLike, beta: float, *, temperature: float | None = None) -> Mixture:
    r"""Boltzmann measure of continuous states, as the mixture of Gaussians that it is.

    At T = 1/β there is a Gaussian of covariance T around every pattern, of weight
    :math:`\propto e^{\beta |\xi^\mu|^2/2}`, and
    :math:`\int e^{-\beta E_0} dx = (2\pi/\beta)^{N/2} \sum_\mu e^{\beta |\xi^\mu|^2/2}` with the
    energy E₀ without its constant; at T = 1/(g β) one around the mean of every g patterns. Its
    score is :math:`\beta g\,(f(x) - x)` with the update f, which at g = 1 is the mean of the
    pattern behind x (Tweedie).

    Parameters
    ----------
    patterns : array of numbers, shape (K, N)
        ξ.
    beta : float
        β > 0.
    temperature : float, optional
        T, 1/β over an integer g; 1/β unless given.

    Returns
    -------
    Mixture
        Groups with the same patterns in another order are one.

    Raises
    ------
    InputError
        If an argument is out of range, 1/(β T) is no integer, or there are more than 65536 groups
        of g > 1 patterns.

    References
    ----------
    B. Efron, J. Am. Stat. Assoc. 106, 1602 (2011) (Tweedie's formula).

    Examples
    --------
    >>> from hopfield import attention
    >>> found = mixture(np.eye(2), 4.0, temperature=1 / 8)
    >>> found.means
    array([[1. , 0. ], [0.5, 0.5], [0. , 1. ]])
    >>> x = np.array([0.7, 0.1])
    >>> bool(np.allclose(found.score(x), 8.0 * (attention.update(x, np.eye(2), 4.0) - x)))
    True
    """
    measure = measure_of(patterns, beta, temperature)
    g, k = measure.copies, len(measure.patterns)
    count = group_count(k, g)
    if g > 1 and count > MOST_GROUPS:
        found = str(count) if count < MOST_COUNTED else f"over {MOST_COUNTED:.0e}"
        raise InputError(f"patterns must have at most {MOST_GROUPS} groups of {g}, got {found}")
    return groups_of(measure)


def group_count(n_patterns: int, g: int) -> int:
    """Number of groups of g patterns, with repetition and without order.

    Above 2^64 it is a number between that and the right one.

    Parameters
    ----------
    n_patterns, g : int

    Returns
    -------
    int

    Examples
    --------
    >>> group_count(3, 2)
    6
    """
    return math.comb(n_patterns + g - 1, min(n_patterns - 1, g, 64))


def groups_of(measure: Measure) -> Mixture:
    """All groups of patterns, with their weights.

    Parameters
    ----------
    measure : Measure

    Returns
    -------
    Mixture
    """
    g, (k, size) = measure.copies, measure.patterns.shape
    count = group_count(k, g)
    require_memory("the mixture", 8 * count * (3 * size + 2 * g + 4))
    listed = chain.from_iterable(combinations_with_replacement(range(k), g))
    groups = np.fromiter(listed, np.int64, count * g).reshape(count, g)
    means = measure.patterns[groups].mean(axis=1)
    exponents = _log_orders(groups) + g * measure.beta * (means**2).sum(axis=1) / 2.0
    top = float(exponents.max())
    shares = np.exp(exponents - top)
    log_sum = top + math.log(shares.sum())
    log_partition = 0.5 * size * math.log(2.0 * math.pi * measure.temperature) + log_sum
    log_partition -= measure.offset / measure.temperature
    return Mixture(means, shares / shares.sum(), measure.temperature, groups, log_partition)


def _log_orders(groups: NDArray[np.int64]) -> Floats:
    """Logarithms of numbers of orders of the patterns of ascending groups, multinomials."""
    logs, equal = np.zeros(len(groups)), np.ones(len(groups))
    for a in range(1, groups.shape[1]):
        equal = np.where(groups[:, a] == groups[:, a - 1], equal + 1.0, 1.0)
        logs += np.log((a + 1.0) / equal)
    return logs
