"""How large the integers of a network can get."""

from __future__ import annotations

import numpy as np

from hopfield import Network
from hopfield.storage import panels

__all__ = ["LARGEST_FIELD", "largest_entry", "largest_integer_field"]

LARGEST_FIELD = 2**30
"""Fields that are kept in 32 bits must be below this."""


def largest_integer_field(network: Network) -> float:
    r"""Upper bound of |N h_i| and of every partial sum on the way to it, over all states.

    :math:`\sum_\mu |M_\mu| \le \sqrt{K \sum_\mu M_\mu^2} \le \sqrt{K N \lVert G \rVert_\infty}`
    with the Gram matrix :math:`G = \xi \xi^T`, times the largest :math:`|\xi|`; the cheap bound
    K N max ξ² is used where it suffices.
    """
    most = largest_entry(network)
    plain = float(network.n_patterns) * network.size
    cheap = plain * most**2
    if cheap < 2**24:
        return cheap
    norm = 0.0
    # Every one of these panels meets all patterns again: a few large ones are quicker.
    for rows in panels(network.patterns, network.patterns.nbytes // 4):
        sums = np.zeros(len(rows))
        for others in panels(network.patterns):
            sums += np.abs(rows @ others.T).sum(axis=1, dtype=np.float64)
        norm = max(norm, float(sums.max()))
    # the square of a spin's own entries is subtracted from a field
    return min(cheap, most * float(np.sqrt(plain * norm)) + network.n_patterns * most**2)


def largest_entry(network: Network) -> int:
    """Largest |ξ|."""
    return int(max(network.patterns.max(), -int(network.patterns.min())))
