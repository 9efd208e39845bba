r"""What turns scores into weights: softmax, entmax, powers.

Each is the gradient of a convex potential Φ of the scores z of the patterns,
:math:`w = \nabla\Phi(z)`. Those whose weights are probabilities belong to a negative entropy Ω,
:math:`\Phi(z) = \max_w [w \cdot z - \Omega(w)]`. A masked pattern has the score minus infinity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from hopfield.arguments import InputError, integer, real
from hopfield.attention.thresholds import largest_scores, threshold_lift, threshold_rise

__all__ = ["Entmax", "Power", "Separation", "Softmax", "Transform", "Weighting", "transform_of"]

Floats = NDArray[Any]
"""Arrays of float32 or float64; results have the type of the scores."""


class Weighting(Protocol):
    """What makes weights of the scores of patterns."""

    def weights(self, scores: Floats) -> Floats:
        """Weights along the last axis."""


class Separation(Weighting, Protocol):
    """Convex function Φ of the scores of patterns, whose gradient are the weights."""

    def potential(self, scores: Floats) -> Floats:
        """Φ(z) along the last axis."""


class Transform(Separation, Protocol):
    """Separation whose weights are probabilities."""

    def negentropy(self, weights: Floats) -> Floats:
        """Ω(w) along the last axis."""

    def uniform(self, count: Floats) -> Floats:
        """Φ(0) of so many patterns, their largest entropy."""

    def curvature(self, weights: Floats) -> Floats:
        """The s of the Jacobian diag(s) - s s'/Σs of the weights."""


@dataclass(frozen=True)
class Softmax:
    r"""Weights that are exponentials of scores, :math:`w_\mu = e^{z_\mu} / \sum_\nu e^{z_\nu}`.

    The potential is :math:`\Phi = \log \sum_\mu e^{z_\mu}`, the negative entropy
    :math:`\Omega = \sum_\mu w_\mu \log w_\mu`.

    Examples
    --------
    >>> Softmax().weights(np.array([1e5, 1e5, 0.0]))
    array([0.5, 0.5, 0. ])
    """

    def potential(self, scores: Floats) -> Floats:
        """Logarithm of the sum of exponentials."""
        top = scores.max(axis=-1, keepdims=True)
        return np.asarray(top[..., 0] + np.log(np.exp(scores - top).sum(axis=-1)))

    def weights(self, scores: Floats) -> Floats:
        """Exponentials over their sum."""
        raised = np.exp(scores - scores.max(axis=-1, keepdims=True))
        return np.asarray(raised / raised.sum(axis=-1, keepdims=True))

    def negentropy(self, weights: Floats) -> Floats:
        """Shannon's entropy with the opposite sign."""
        return np.asarray((weights * np.log(np.where(weights > 0, weights, 1))).sum(axis=-1))

    def uniform(self, count: Floats) -> Floats:
        """Logarithm of the number of patterns."""
        return np.asarray(np.log(count))

    def curvature(self, weights: Floats) -> Floats:
        """The weights themselves."""
        return weights


@dataclass(frozen=True)
class Entmax:
    r"""Sparse weights :math:`w_\mu = [(a-1) z_\mu - \tau]_+^{1/(a-1)}` of the order a > 1.

    τ is such that they sum to 1, and the negative entropy that of Tsallis,

    .. math:: \Omega = \frac1{a (a-1)} \Big(\sum_\mu w_\mu^a - 1\Big) .

    a = 2 is sparsemax, a → 1 softmax. One weight is 1 and all others vanish if and only if the
    largest score exceeds the next one by at least 1/(a-1).

    Parameters
    ----------
    order : float
        a > 1. For 1.5 and 2 τ is computed from sorted scores, for others it is bisected.

    Raises
    ------
    InputError
        If the order is not a finite number above 1.

    References
    ----------
    A. F. T. Martins and R. F. Astudillo, ICML (2016), arXiv:1602.02068; B. Peters, V. Niculae and
    A. F. T. Martins, ACL (2019), arXiv:1905.05702; S. J. R. Santos, V. Niculae, D. McNamee and
    A. F. T. Martins, arXiv:2411.08590.

    Examples
    --------
    >>> Entmax(2.0).weights(np.array([0.5, 0.0, -1.0]))
    array([0.75, 0.25, 0.  ])
    >>> Entmax(1.5).weights(np.array([2.0, 0.0, -1.0]))
    array([1., 0., 0.])
    """

    order: float

    def __post_init__(self) -> None:
        """Check the order."""
        if real("order", self.order, low=1.0) == 1.0:
            raise InputError(f"order must be above 1, where entmax is softmax, got {self.order!r}")

    def potential(self, scores: Floats) -> Floats:
        """Mean score less Ω, at the weights."""
        w, top = self.weights(scores), scores.max(axis=-1, keepdims=True)
        mean = (w * np.where(w > 0, scores - top, 0)).sum(axis=-1)
        return np.asarray(top[..., 0] + mean - self.negentropy(w))

    def weights(self, scores: Floats) -> Floats:
        """Powers of what is above the threshold."""
        # many small weights are small differences of a score and τ, too small for float32
        below = (scores - scores.max(axis=-1, keepdims=True)).astype(np.float64)
        w = self._raised((self.order - 1.0) * below)
        return np.asarray(w / w.sum(axis=-1, keepdims=True), dtype=scores.dtype)

    def _raised(self, below: Floats) -> Floats:
        """Weights of sum 1 but for rounding."""
        largest = largest_scores(below)
        if self.order > 2.0:
            lift = threshold_lift(self.order, largest)
            return np.asarray(np.maximum(below + lift[..., None], 0) ** (1 / (self.order - 1.0)))
        above = np.maximum(below + threshold_rise(self.order, largest)[..., None], -1)
        if self.order == 2.0:
            return np.asarray(1 + above)
        if self.order == 1.5:
            return np.asarray((1 + above) ** 2)
        with np.errstate(divide="ignore"):  # log 0 of what is not above
            return np.asarray(np.exp(np.log1p(above) / (self.order - 1.0)))

    def negentropy(self, weights: Floats) -> Floats:
        """Tsallis' entropy with the opposite sign."""
        logs = np.log(np.where(weights > 0, weights, 1))  # accurate also as a -> 1
        total = (weights * np.expm1((self.order - 1.0) * logs)).sum(axis=-1)
        return np.asarray(total / (self.order * (self.order - 1.0)))

    def uniform(self, count: Floats) -> Floats:
        """Largest entropy of so many patterns."""
        total = np.expm1((1.0 - self.order) * np.log(count))
        return np.asarray(-total / (self.order * (self.order - 1.0)))

    def curvature(self, weights: Floats) -> Floats:
        """Weights to the power 2 - a where they do not vanish."""
        powers = np.where(weights > 0, weights, 1) ** (2.0 - self.order)
        return np.asarray(np.where(weights > 0, powers, 0))


@dataclass(frozen=True)
class Power:
    r"""Potential :math:`\Phi = \frac1p \sum_\mu u(z_\mu)`, with weights that do not sum to 1.

    :math:`u = z^p` for even p and :math:`\max(z, 0)^p` for odd p: convex, so that no update on a
    sphere raises the energy.

    Parameters
    ----------
    order : int
        p, at least 2.

    Raises
    ------
    InputError
        If p is not an integer >= 2.

    References
    ----------
    D. Krotov and J. J. Hopfield, NIPS 29 (2016), arXiv:1606.01164.

    Examples
    --------
    >>> Power(3).weights(np.array([2.0, -1.0])), Power(2).weights(np.array([2.0, -1.0]))
    (array([4., 0.]), array([ 2., -1.]))
    """

    order: int

    def __post_init__(self) -> None:
        """Check the order."""
        integer("order", self.order, low=2)

    def potential(self, scores: Floats) -> Floats:
        """Sum of powers, over p."""
        return np.asarray((self._counted(scores) ** self.order).sum(axis=-1) / self.order)

    def weights(self, scores: Floats) -> Floats:
        """Powers p - 1."""
        return np.asarray(self._counted(scores) ** (self.order - 1))

    def _counted(self, scores: Floats) -> Floats:
        return np.maximum(scores, 0) if self.order % 2 else scores


NAMED: dict[str, Transform] = {
    "softmax": Softmax(),
    "entmax": Entmax(1.5),
    "sparsemax": Entmax(2.0),
}


def transform_of(transform: str | Transform) -> Transform:
    """Transform of a name; one that is no name is returned as it is.

    Parameters
    ----------
    transform : str or Softmax or Entmax
        "softmax", "entmax" of the order 1.5, or "sparsemax".

    Returns
    -------
    Softmax or Entmax

    Raises
    ------
    InputError
        If there is no such name, or it is no transform.

    Examples
    --------
    >>> transform_of("sparsemax")
    Entmax(order=2.0)
    """
    if isinstance(transform, str) and transform in NAMED:
        return NAMED[transform]
    if isinstance(transform, Softmax | Entmax):
        return transform
    known = ", ".join(repr(name) for name in NAMED)
    raise InputError(f"transform must be one of {known}, Softmax() or Entmax(a), got {transform!r}")
