r"""Losses of reconstruction: how far a state is from patterns, and what energies say of it.

The distances of a state to a pattern v with real entries and to its opposite,

.. math:: L_\pm = \frac1{2N} \lVert v \pm s \rVert^2 = \frac{1 + a}2 \pm m, \qquad
    m = \frac1N \sum_i v_i s_i, \quad a = \frac1N \sum_i v_i^2 ,

hold the same as the overlap m, so that every Hebbian energy is a function of losses: those of
archetypes in a network that stores, those of effective patterns or of examples in one that learns.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import InputError, integer
from hopfield.energies import energy_unit
from hopfield.network import Network
from hopfield.weighted import WeightedNetwork

__all__ = [
    "Losses",
    "autoencoder_loss",
    "effective_patterns",
    "energy_from_losses",
    "reconstruction_losses",
    "stored_patterns",
]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Losses:
    r"""Distances of states to patterns.

    Parameters
    ----------
    minus : array, shape (..., K)
        :math:`L_-`, to the pattern.
    plus : array, shape (..., K)
        :math:`L_+`, to its opposite.
    norm : array, shape (K,)
        :math:`a_\mu = \frac1N \sum_i (v^\mu_i)^2`: 1 for entries +-1, less with blanks.

    Examples
    --------
    >>> found = reconstruction_losses([[1, 1, 1, 1]], [1, 1, 1, -1])
    >>> found.minus.item(), found.plus.item(), found.overlaps.item()
    (0.5, 1.5, 0.5)
    """

    minus: Floats
    plus: Floats
    norm: Floats

    @property
    def overlaps(self) -> Floats:
        r"""Overlaps :math:`m = \frac{1 + a}2 - L_-`, shape (..., K)."""
        return np.asarray((1.0 + self.norm) / 2.0 - self.minus)

    def overlap_power(self, p: int) -> Floats:
        r"""Powers of the overlaps.

        .. math::
            m^p = \Big[\Big(\frac{1 + a}2\Big)^2 - L_+ L_-\Big]^{p/2} \;\text{(even p)}, \qquad
            m^p = \Big(\frac{1 + a}2 - L_-\Big)^p \;\text{(odd p)}

        Even powers do not tell a pattern from its opposite.

        Parameters
        ----------
        p : int
            At least 1.

        Returns
        -------
        array, shape (..., K)

        Raises
        ------
        InputError
            If p is not an integer >= 1.

        Examples
        --------
        >>> reconstruction_losses([[1, 1, 1, 1]], [1, 1, 1, -1]).overlap_power(2).item()
        0.25
        """
        if integer("p", p, low=1) % 2:
            return np.asarray(self.overlaps**p)
        return np.asarray((((1.0 + self.norm) / 2.0) ** 2 - self.plus * self.minus) ** (p // 2))


def reconstruction_losses(patterns: ArrayLike, spins: ArrayLike) -> Losses:
    r"""Losses of reconstruction :math:`L_\pm = \frac1{2N} \lVert v^\mu \pm s \rVert^2`.

    Parameters
    ----------
    patterns : array of numbers, shape (K, N)
        v: archetypes, examples, or `effective_patterns`.
    spins : array of +-1, shape (..., N)

    Returns
    -------
    Losses

    Raises
    ------
    InputError
        If a shape is wrong, a pattern not finite or a spin not +-1.

    References
    ----------
    E. Agliari, L. Albanese, F. Alemanno, A. Alessandrelli, A. Barra, F. Giannotti, D. Lotito and
    D. Pedreschi, Physica A 627, 129143 (2023), arXiv:2211.14067.

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Supervised(2, 0.6, 10).network(size=50, n_patterns=3, seed=0)
    >>> found = reconstruction_losses(effective_patterns(net), net.archetypes[0])
    >>> bool(np.allclose(found.overlaps, net.effective_overlaps(net.archetypes[0])))
    True
    """
    v, s = _checked(patterns, spins)
    size = v.shape[1]
    shape = (*s.shape[:-1], len(v))
    minus, plus = np.empty(shape), np.empty(shape)
    for mu, pattern in enumerate(v):
        minus[..., mu] = ((pattern - s) ** 2).sum(axis=-1) / (2 * size)
        plus[..., mu] = ((pattern + s) ** 2).sum(axis=-1) / (2 * size)
    return Losses(minus, plus, (v**2).mean(axis=1))


def autoencoder_loss(patterns: ArrayLike, spins: ArrayLike) -> Floats:
    r"""Loss of a linear autoencoder with the patterns as its weights.

    .. math::
        L = \frac1{2N} \Big\lVert s - \sum_\mu m_\mu v^\mu \Big\rVert^2
          = \frac12 - m \cdot m + \frac12\, m \cdot C m , \qquad
        C_{\mu\nu} = \frac1N \sum_i v^\mu_i v^\nu_i

    If C = c 1, it is one half plus 2 - c times the energy per spin of p = 2 with self-interaction:
    c = 1 for orthonormal patterns, c = 1 - d for infinitely many fair entries with blanks. What
    else there is in C adds :math:`\frac12\, m \cdot (C - c)\, m`, no function of the energy.

    Parameters
    ----------
    patterns : array of numbers, shape (K, N)
    spins : array of +-1, shape (..., N)

    Returns
    -------
    array, shape (...)

    Raises
    ------
    InputError
        If a shape is wrong, a pattern not finite or a spin not +-1.

    Examples
    --------
    >>> orthogonal = [[1, 1, 1, 1], [1, 1, -1, -1]]
    >>> autoencoder_loss(orthogonal, [[1, 1, 1, 1], [1, -1, 1, -1]])
    array([0. , 0.5])
    """
    v, s = _checked(patterns, spins)
    size = v.shape[1]
    rest = s - (s @ v.T / size) @ v
    return np.asarray((rest**2).sum(axis=-1) / (2 * size))


def effective_patterns(network: Network) -> Floats:
    r"""Effective patterns :math:`x^\mu_i = \frac1{M\sqrt R} \sum_a \eta^{\mu a}_i` of a network.

    Parameters
    ----------
    network : Network

    Returns
    -------
    array, shape (n_archetypes, N)
        The patterns themselves if nothing is learned.

    Examples
    --------
    >>> import hopfield
    >>> x = effective_patterns(hopfield.Supervised(2, 0.5, 9).network(1000, n_patterns=1, seed=0))
    >>> x.shape, round(float(x.var()), 1)
    ((1, 1000), 1.0)
    """
    return np.asarray(network.effective_sums() * network.model.effective_unit)


def stored_patterns(network: Network) -> Floats:
    """Patterns of which the energy is made: effective patterns, or examples without a teacher.

    Parameters
    ----------
    network : Network

    Returns
    -------
    array, shape (n_patterns, N)

    Examples
    --------
    >>> import hopfield
    >>> supervised, alone = hopfield.Supervised(2, 0.5, 9), hopfield.Unsupervised(2, 0.5, 9)
    >>> [stored_patterns(m.network(50, n_patterns=2, seed=0)).shape for m in (supervised, alone)]
    [(2, 50), (18, 50)]
    """
    return np.asarray(network.patterns * _scale(network))


def energy_from_losses(network: Network, spins: ArrayLike) -> Floats:
    r"""Energy of a network, from the losses of its stored patterns alone.

    With self-interaction :math:`E = -\frac Np \sum_\mu m_\mu^p` with the powers of
    `Losses.overlap_power`; for p = 2
    :math:`E/N = -\frac12 \sum_\mu [(\frac{1+a_\mu}2)^2 - L^\mu_+ L^\mu_-]`. Without,
    :math:`E = -(p-1)!\, N \sum_\mu \epsilon^\mu_p` with Newton's identities

    .. math::
        k\, \epsilon_k = \sum_{j=1}^k (-1)^{j-1} \epsilon_{k-j} \pi_j , \qquad
        \pi_j = \frac1{N^j} \sum_i (v_i s_i)^j .

    Even :math:`\pi_j` are constants, :math:`\pi_2 = a/N`, and odd ones are the overlaps, and thus
    losses, of the powers :math:`v^j`, which are those of v for entries 0 and +-1. Per spin this is
    :math:`\frac1{2N} \sum_\mu a_\mu` above the energy with self-interaction for p = 2, and
    :math:`\frac1N \sum_\mu [a_\mu m_\mu - \frac2{3N^2} \sum_i (v^\mu_i)^3 s_i]` for p = 3.
    Without a teacher all of it is times the weight :math:`1/(M R^{p/2})` of an example.

    Parameters
    ----------
    network : Network
        Of any model.
    spins : array of +-1, shape (..., N)

    Returns
    -------
    array, shape (...)
        Extensive, equal to `Network.energy`.

    Raises
    ------
    InputError
        If a shape is wrong or a spin not +-1.

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Unsupervised(3, 0.6, 10).network(size=50, n_patterns=2, seed=0)
    >>> bool(np.allclose(energy_from_losses(net, net.archetypes), net.energy(net.archetypes)))
    True
    """
    model, size = network.model, network.size
    p, full, v = model.interaction_order, model.self_interaction, stored_patterns(network)
    own_unit = energy_unit(p, full, size) * _scale(network) ** p
    weight = model.energy_unit(size) / own_unit
    if full:
        terms = size / p * reconstruction_losses(v, spins).overlap_power(p)
    else:
        terms = size**p * energy_unit(p, full, size) * _polynomial(p, v, spins)
    return np.asarray(-weight * terms.sum(axis=-1))


def _polynomial(p: int, v: Floats, spins: ArrayLike) -> Floats:
    """Elementary symmetric polynomial of the products v s over N^p, shape (..., K)."""
    size = v.shape[1]
    sums = [
        reconstruction_losses(v**j, spins).overlaps if j % 2 else (v**j).mean(axis=1)
        for j in range(1, p + 1)
    ]
    polynomials = [np.ones_like(sums[0])]
    for k in range(1, p + 1):
        terms = (polynomials[k - j] * sums[j - 1] / (-size) ** (j - 1) for j in range(1, k + 1))
        polynomials.append(np.asarray(sum(terms) / k))
    return polynomials[p]


def _scale(network: Network) -> float:
    """Stored patterns over the integers that a network keeps."""
    return network.model.effective_unit if isinstance(network, WeightedNetwork) else 1.0


def _checked(patterns: ArrayLike, spins: ArrayLike) -> tuple[Floats, Floats]:
    v, s = np.asarray(patterns), np.asarray(spins)
    if v.ndim != 2 or v.size == 0 or v.dtype.kind not in "iuf" or not np.isfinite(v).all():
        raise InputError(f"patterns must be finite numbers of shape (K, N), got shape {v.shape}")
    if s.ndim < 1 or s.shape[-1] != v.shape[1]:
        raise InputError(f"spins must have shape (..., {v.shape[1]}), got {s.shape}")
    if s.dtype.kind not in "if" or not (np.abs(s) == 1).all():
        raise InputError("spins must have entries +1 or -1")
    return v.astype(np.float64), s.astype(np.float64)
