r"""What a key-value memory is asked, and what theory says of it.

Keys are independent with :math:`\mathbb E |k|^2 = 1`, values independent of them and of each
other, with zero mean. The query is a key that was written, or a noisy one. The error is
:math:`\mathbb E |\hat v - v|^2 / \mathbb E |v|^2`.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

import numpy as np

from theory.saddle import Array

__all__ = ["EXACT", "FIRST_ORDER", "LIMIT", "Prediction", "Setting"]

EXACT = "exact"
FIRST_ORDER = "first order in 1/d"
LIMIT = "infinite dimension"


@dataclass(frozen=True)
class Setting:
    """Random pairs and the queries for them.

    Parameters
    ----------
    n_pairs : int
        K.
    dimension : int
        d of a key.
    keys : str
        "sphere" or "gaussian", as of `hopfield.memories.random_keys`.
    query_noise : float
        s: a query is a key plus Gaussian noise of variance s²/d a component.

    Examples
    --------
    >>> Setting(32, 64).load, Setting(32, 64, "gaussian").norm_moment(2)
    (0.5, 1.03125)
    """

    n_pairs: int
    dimension: int
    keys: str = "sphere"
    query_noise: float = 0.0

    @property
    def load(self) -> float:
        """K/d."""
        return self.n_pairs / self.dimension

    def norm_moment(self, power: int) -> float:
        r"""Mean of :math:`|k|^{2p}`."""
        if self.keys == "sphere":
            return 1.0
        return prod(1.0 + 2.0 * i / self.dimension for i in range(power))


@dataclass(frozen=True, eq=False)
class Prediction:
    """Errors of all pairs, and where they hold.

    Parameters
    ----------
    errors : array, shape (K,) or (1,)
        From the pair that was written last to the first; one number if they are equal.
    validity : str
        "exact", "first order in 1/d" or "infinite dimension".
    """

    errors: Array
    validity: str = EXACT

    @classmethod
    def of_all(cls, error: float, validity: str = EXACT) -> Prediction:
        """The same error for all pairs.

        Examples
        --------
        >>> Prediction.of_all(0.5).errors
        array([0.5])
        """
        return cls(np.array([error]), validity)
