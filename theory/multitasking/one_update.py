r"""What fields of a first update, and states close to :math:`T_c`, say of several archetypes.

In the hierarchical state of archetypes, where every spin follows the first that is not blank, the
effective overlaps are :math:`n_k = d^{k-1}(1-d)/\sqrt{1+\rho}`. The field along archetype k on the
sites where it is followed is, over its mean, 1 plus noise of its own examples and of the patterns
that come after it, of variance

.. math:: \Delta_k = \rho + (1+\rho)\, c_k, \qquad
    c_k = (1-d) \sum_{j=1}^{K-k} d^{2j} = \frac{d^2 - d^{2(K-k+1)}}{1+d} .
"""

from __future__ import annotations

import math

import numpy as np

from hopfield.learner import Learner
from theory.multitasking.fields import averages
from theory.multitasking.followed import law_of_many
from theory.saddle import Array

__all__ = ["crosstalk_of_others", "largest_pure_dilution", "updated_overlap"]


def crosstalk_of_others(n_patterns: int, dilution: float) -> Array:
    r"""Relative noise of perfect patterns that come later in the hierarchy.

    .. math:: c_k = (1-d) \sum_{j=1}^{K-k} d^{2j}

    Parameters
    ----------
    n_patterns : int
        K.
    dilution : float
        d.

    Returns
    -------
    array, shape (K,)

    Examples
    --------
    >>> crosstalk_of_others(3, 0.5).tolist()
    [0.15625, 0.125, 0.0]
    """
    later = np.arange(n_patterns, 0, -1)
    return np.asarray((dilution**2 - dilution ** (2.0 * later)) / (1.0 + dilution))


def updated_overlap(n_patterns: int, dilution: float, entropy: float) -> Array:
    """Overlaps of archetypes with spins that followed them, after one update at T = 0.

    Parameters
    ----------
    n_patterns : int
        K.
    dilution, entropy : float
        d and ρ.

    Returns
    -------
    array, shape (K,)
        Per site on which the archetype is the first that is not blank, averaged over all columns
        of the patterns that come after it.

    Examples
    --------
    >>> updated_overlap(2, 0.5, 0.0), updated_overlap(2, 0.5, 1.0).round(4)
    (array([1., 1.]), array([0.6327, 0.6827]))
    """
    found = np.empty(n_patterns)
    for later in range(n_patterns):  # the sites of pattern k know of those after it alone
        law = law_of_many(later + 1, dilution, entropy)
        n = (1.0 - dilution) / math.sqrt(1.0 + entropy) * dilution ** np.arange(later + 1.0)
        cold = np.zeros(1)
        first = averages(law, n[None], cold, cold).overlap[0, 0]
        found[n_patterns - 1 - later] = first / (1.0 - dilution)
    return found


def largest_pure_dilution(model: Learner) -> float:
    r"""Dilution up to which the pure state comes first when a network is cooled.

    Just below :math:`T_c = 1-d` the free energy depends on the direction of the overlaps as
    :math:`(1-d)\,[E x^4 - 3(1-d)] \sum_\mu n_\mu^4`, with the average over entries x that are not
    blank. Where the bracket is negative one overlap alone is best, and all K equal ones where it is
    positive, from

    .. math:: d = 1 - \frac{E x^4}3 \to \frac2{3(1+\rho)^2}

    on; the limit is of many examples.

    Parameters
    ----------
    model : hopfield.Supervised or hopfield.Unsupervised
        Its dilution does not matter.

    Returns
    -------
    float

    Examples
    --------
    >>> import hopfield
    >>> largest_pure_dilution(hopfield.Supervised(2, 1.0, 1))
    0.6666666666666667
    >>> round(largest_pure_dilution(hopfield.Supervised(2, 0.01, 10_000)), 3)  # rho = 1
    0.167
    """
    m, r = model.examples, model.quality
    spread = 1.0 - r**2
    fourth = (m * r) ** 4 + 6.0 * (m * r) ** 2 * m * spread + 3.0 * (m * spread) ** 2
    fourth -= 8.0 * m**2 * r**2 * spread + 2.0 * m * spread * (1.0 - 3.0 * r**2)
    return 1.0 - fourth * model.effective_unit**4 / 3.0
