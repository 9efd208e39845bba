"""Feature maps of linear attention."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from hopfield.arguments import InputError, integer, positive
from hopfield.memories.arrays import LARGEST
from hopfield.memories.protocols import Floats
from hopfield.seeds import Stream, sequence

__all__ = ["DPFP", "EluPlusOne", "Favor", "Identity"]


@dataclass(frozen=True)
class Identity:
    """Keys as they are.

    Examples
    --------
    >>> Identity().width(64)
    64
    """

    def width(self, dimension: int) -> int:
        """Number of features, d."""
        return dimension

    def __call__(self, keys: Floats) -> Floats:
        """Features, shape (..., d)."""
        return keys


@dataclass(frozen=True)
class EluPlusOne:
    r"""Positive features of linear transformers.

    .. math:: \varphi_i = 1 + a k_i \;\text{ if } k_i > 0, \qquad e^{a k_i} \;\text{ otherwise}

    Parameters
    ----------
    scale : float
        a > 0, at most 1e40; :math:`\sqrt d` makes components of keys of unit norm of order 1.

    Raises
    ------
    InputError
        If it is not a positive number.

    References
    ----------
    A. Katharopoulos, A. Vyas, N. Pappas and F. Fleuret, ICML 2020, arXiv:2006.16236.

    Examples
    --------
    >>> EluPlusOne()(np.array([-1.0, 0.0, 2.0])).round(3)
    array([0.368, 1.   , 3.   ])
    """

    scale: float = 1.0

    def __post_init__(self) -> None:
        object.__setattr__(self, "scale", positive("scale", self.scale, high=LARGEST))

    def width(self, dimension: int) -> int:
        """Number of features, d."""
        return dimension

    def __call__(self, keys: Floats) -> Floats:
        """Features, shape (..., d)."""
        scaled = self.scale * keys
        return np.asarray(np.exp(np.minimum(scaled, 0.0)) + np.maximum(scaled, 0.0))


@dataclass(frozen=True)
class DPFP:
    r"""Deterministic parameter-free projection: products of rectified components.

    .. math::
        \varphi_{i, j} = x_i x_{i - j}, \quad j = 1 \dots \nu, \qquad
        x = (\max(k, 0), \max(-k, 0)) \in \mathbb R^{2d},

    with indices modulo 2d.

    Parameters
    ----------
    shifts : int
        ν >= 1; there are 2dν features.

    Raises
    ------
    InputError
        If it is not an integer >= 1.

    References
    ----------
    I. Schlag, K. Irie and J. Schmidhuber, ICML 2021, arXiv:2102.11174, eq. (37).

    Examples
    --------
    >>> DPFP(1)(np.array([2.0, -3.0]))
    array([6., 0., 0., 0.])
    """

    shifts: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "shifts", integer("shifts", self.shifts, low=1))

    def width(self, dimension: int) -> int:
        """Number of features, 2dν.

        Raises
        ------
        InputError
            If shifts are not fewer than the 2d rectified components.
        """
        if self.shifts >= 2 * dimension:
            raise InputError(f"shifts must be below 2d = {2 * dimension}, got {self.shifts}")
        return 2 * dimension * self.shifts

    def __call__(self, keys: Floats) -> Floats:
        """Features, shape (..., 2dν)."""
        x = np.maximum(np.concatenate([keys, -keys], axis=-1), 0.0)
        rolled = [x * np.roll(x, j, axis=-1) for j in range(1, self.shifts + 1)]
        return np.concatenate(rolled, axis=-1)


@lru_cache(maxsize=8)
def _directions(count: int, dimension: int, seed: int) -> Floats:
    """Gaussian vectors, shape (count, dimension), orthogonal in blocks of the dimension."""
    rng = np.random.Generator(np.random.Philox(sequence(seed, Stream.DISORDER)))
    blocks = -(-count // dimension)
    bases, _ = np.linalg.qr(rng.standard_normal((blocks, dimension, dimension)))
    signs = rng.choice([-1.0, 1.0], size=(blocks, dimension, 1))
    norms = np.linalg.norm(rng.standard_normal((blocks, dimension, dimension)), axis=-1)
    vectors = signs * np.swapaxes(bases, -1, -2) * norms[..., None]
    found: Floats = vectors.reshape(-1, dimension)[:count]
    found.setflags(write=False)
    return found


@dataclass(frozen=True)
class Favor:
    r"""Positive random features of the exponential kernel (FAVOR+).

    .. math::
        \varphi_{i, \pm} = \frac1{\sqrt{2m}} e^{\pm \omega_i \cdot a k - a^2 |k|^2 / 2}, \qquad
        \mathbb E\, \varphi(k) \cdot \varphi(q) = e^{a^2 k \cdot q}

    The ω are Gaussian in length and orthogonal to each other in blocks of d.

    Parameters
    ----------
    projections : int
        m >= 1; there are 2m features.
    scale : float
        a > 0, at most 1e40.
    seed : int
        Of the ω.

    Raises
    ------
    InputError
        If an argument is out of range.

    References
    ----------
    K. Choromanski et al., ICLR 2021, arXiv:2009.14794.

    Examples
    --------
    >>> k = np.array([0.5, 0.0, 0.0])
    >>> phi = Favor(2000)(k)
    >>> bool(abs(phi @ phi / np.exp(0.25) - 1.0) < 0.05)
    True
    """

    projections: int
    scale: float = 1.0
    seed: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "projections", integer("projections", self.projections, low=1))
        object.__setattr__(self, "scale", positive("scale", self.scale, high=LARGEST))
        object.__setattr__(self, "seed", integer("seed", self.seed, low=0))

    def width(self, dimension: int) -> int:
        """Number of features, 2m."""
        return 2 * self.projections

    def __call__(self, keys: Floats) -> Floats:
        """Features, shape (..., 2m)."""
        scaled = self.scale * keys
        along = scaled @ _directions(self.projections, keys.shape[-1], self.seed).T
        norm = (scaled**2).sum(axis=-1, keepdims=True) / 2.0 + np.log(2.0 * self.projections) / 2.0
        return np.concatenate([np.exp(along - norm), np.exp(-along - norm)], axis=-1)
