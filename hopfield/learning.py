r"""Networks that learn archetypes from noisy examples, with and without a teacher.

Of each archetype ξ there are M examples η of quality r, :math:`E[\eta\xi] = r`. With
:math:`R = r^2 + (1 - r^2)/M` energies are in units in which the effective pattern

.. math:: x_i^\mu = \frac1{M\sqrt R} \sum_{a=1}^M \eta_i^{\mu a}

has unit variance where it is not blank, so that for p = 2 the critical temperature without load is
1 - d for every r and M.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hopfield.energies import count_table, energy_unit, single_pattern
from hopfield.examples import example_sums, noisy_examples, sum_type
from hopfield.learner import Learner
from hopfield.network import Network
from hopfield.seeds import record
from hopfield.storage import bytes_needed
from hopfield.weighted import WeightedNetwork

__all__ = ["LEARNERS", "Supervised", "Unsupervised"]


@dataclass(frozen=True)
class Supervised(Learner):
    r"""Network that is told which examples are of one archetype, and stores their means.

    .. math::
        H(s) = -\frac{(p-1)!}{N^{p-1}} \sum_\mu \sum_{i_1 < \dots < i_p}
               x^\mu_{i_1} s_{i_1} \cdots x^\mu_{i_p} s_{i_p}, \qquad
        x^\mu_i = \frac1{M\sqrt R} \sum_a \eta^{\mu a}_i

    Parameters
    ----------
    p : int
        Number of spins in an interaction, at least 2.
    quality : float
        r, in (0, 1].
    examples : int
        Number M of examples of each archetype, at least 1.
    dilution : float
        Probability d of a blank entry of an archetype, which is blank in its examples as well, in
        [0, 1); 0 for p > 2.

    Raises
    ------
    InputError
        If an argument is out of range.

    References
    ----------
    E. Agliari, L. Albanese, F. Alemanno, A. Alessandrelli, A. Barra, F. Giannotti, D. Lotito and
    D. Pedreschi, Physica A 626, 129076 (2023), arXiv:2212.00606.

    Examples
    --------
    >>> round(Supervised(p=3, quality=0.8, examples=100).dataset_entropy, 6)
    0.005625
    """

    def energy_unit(self, size: int) -> float:
        """Energy of one product of p entries, in units of single examples."""
        return energy_unit(self.p, False, size) * self.effective_unit**self.p

    def bytes_needed(self, count: int, size: int) -> int:
        """Memory of a network of so many archetypes."""
        return bytes_needed(count, size * np.dtype(sum_type(self.examples)).itemsize)

    def _trained(self, archetypes: NDArray[np.int8], seed: np.random.SeedSequence) -> Network:
        sums = example_sums(archetypes, self.quality, self.examples, seed)
        return WeightedNetwork(self, sums, record(seed), archetypes)

    def _of_examples(self, examples: NDArray[np.int8], archetypes: NDArray[np.int8]) -> Network:
        sums = examples.sum(axis=1, dtype=sum_type(self.examples))
        return WeightedNetwork(self, sums, archetypes=archetypes)


@dataclass(frozen=True)
class Unsupervised(Learner):
    r"""Network that stores every example for itself, not knowing which archetype it is of.

    .. math::
        H(s) = -\frac{(p-1)!}{N^{p-1}} \frac1{M R^{p/2}} \sum_{\mu a} \sum_{i_1 < \dots < i_p}
               \eta^{\mu a}_{i_1} s_{i_1} \cdots \eta^{\mu a}_{i_p} s_{i_p}

    Parameters
    ----------
    p : int
        Number of spins in an interaction, at least 2.
    quality : float
        r, in (0, 1].
    examples : int
        Number M of examples of each archetype, at least 1.
    dilution : float
        Probability d of a blank entry of an archetype, which is blank in its examples as well, in
        [0, 1); 0 for p > 2.

    Raises
    ------
    InputError
        If an argument is out of range.

    References
    ----------
    E. Agliari, L. Albanese, F. Alemanno, A. Alessandrelli, A. Barra, F. Giannotti, D. Lotito and
    D. Pedreschi, Physica A 627, 129143 (2023), arXiv:2211.14067.

    Examples
    --------
    >>> net = Unsupervised(p=3, quality=0.8, examples=5).network(size=20, n_patterns=2, seed=1)
    >>> net.n_patterns, net.n_archetypes
    (10, 2)
    """

    def phi(
        self, sums: NDArray[np.int64], filled: NDArray[np.int64], size: int
    ) -> NDArray[np.float64]:
        """Energies of single examples; see `hopfield.energies.single_pattern`."""
        return self._share * single_pattern(self.p, False, sums, filled, size)

    def energy_unit(self, size: int) -> float:
        """Factor that turns the integers of `count_table` into energies."""
        return self._share * energy_unit(self.p, False, size)

    def count_table(self, filled: int, size: int) -> NDArray[np.float64]:
        """φ over its unit for every integer overlap; see `hopfield.energies.count_table`."""
        return count_table(self.p, False, filled, size)

    @property
    def _share(self) -> float:
        """Weight of one example, 1/(M R^(p/2))."""
        return float(self.examples ** (self.p - 1) * self.effective_unit**self.p)

    def bytes_needed(self, count: int, size: int) -> int:
        """Memory of a network of so many archetypes."""
        return bytes_needed(count * self.examples, size)

    def _trained(self, archetypes: NDArray[np.int8], seed: np.random.SeedSequence) -> Network:
        seen = noisy_examples(archetypes, self.quality, self.examples, seed)
        return Network(self, seen.reshape(-1, seen.shape[-1]), record(seed), archetypes)

    def _of_examples(self, examples: NDArray[np.int8], archetypes: NDArray[np.int8]) -> Network:
        return Network(self, examples.reshape(-1, examples.shape[-1]), archetypes=archetypes)


LEARNERS: dict[str, type[Supervised] | type[Unsupervised]] = {
    "supervised": Supervised, "unsupervised": Unsupervised,
}  # fmt: skip
"""Both ways to learn, by name."""
