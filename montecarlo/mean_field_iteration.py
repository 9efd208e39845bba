"""Mean-field equations at one temperature, and their iteration."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr

from hopfield import InputError
from hopfield.arguments import integer, real
from montecarlo.mean_field_fields import IndependentSpins
from montecarlo.mean_field_reaction import Reaction

__all__ = ["FixedPoint", "Iteration", "MeanField"]

Floats = NDArray[np.float64]

NEAR = 0.1
"""Residual below which the iteration is extrapolated."""

MEMORY = 5
"""Number of differences of iterates that it is extrapolated with."""


@dataclass(frozen=True)
class MeanField:
    r"""Equations :math:`m_i = \tanh\{[h_i(m) - R\, m_i]/T\}` of a network.

    Parameters
    ----------
    spins : IndependentSpins
        Whose fields are h.
    reaction : Reaction
        Whose coefficient is R.
    temperature : float
        T; at 0, which needs `NoReaction`, the tanh is a sign.
    """

    spins: IndependentSpins
    reaction: Reaction
    temperature: float

    def step(self, m: Floats) -> tuple[Floats, float]:
        """Magnetisations in the fields of others, and the energy H(m) of these, extensive."""
        energy, fields = self.spins.energy_and_fields(m)
        if self.temperature == 0.0:
            return np.sign(fields), energy
        fields -= self.reaction.coefficient(_square(m), self.temperature) * m
        return np.tanh(fields / self.temperature), energy

    def energy(self, m: Floats, independent: float) -> float:
        """Energy per spin without `Network.energy_offset`, from H(m)."""
        network = self.spins.network
        bare = (independent - network.energy_offset) / network.size
        return bare + self.reaction.energy(_square(m), self.temperature)

    def free_energy(self, m: Floats, independent: float) -> float:
        """Free energy per spin without `Network.energy_offset`, from H(m)."""
        network = self.spins.network
        bare = (independent - network.energy_offset) / network.size
        entropy = float(np.mean(entr((1.0 + m) / 2.0) + entr((1.0 - m) / 2.0)))
        more = self.reaction.free_energy(_square(m), self.temperature)
        return bare - self.temperature * entropy + more

    def replicon(self, m: Floats) -> float:
        """What is positive where the reaction is that of a state."""
        return self.reaction.replicon(m, self.temperature)

    def summable(self, m: Floats) -> bool:
        """Whether the reaction is finite."""
        return self.reaction.summable(_square(m), self.temperature)


@dataclass(frozen=True)
class FixedPoint:
    """Where an iteration ended, with the mean energy H(m), extensive."""

    magnetisations: Floats
    energy: float
    residual: float
    iterations: int


@dataclass(frozen=True)
class Iteration:
    r"""Damped iteration, which is extrapolated once it is close to a fixed point.

    Far from it :math:`m \leftarrow d\, m + (1-d)\, g(m)`: magnetisations follow their fields
    without leaps, and stay where they started if there is a fixed point. Where
    :math:`\max |g(m) - m|` is small, the linear combination of the last iterates with the least
    residual is taken first (Anderson), which leaves the fixed points what they are.

    Parameters
    ----------
    iterations : int
        Largest number of them.
    damping : float
        d, in [0, 1).
    tolerance : float
        Residual at which it ends.

    Raises
    ------
    InputError
        If an argument is out of range.

    References
    ----------
    D. G. Anderson, J. ACM 12, 547 (1965).

    Examples
    --------
    >>> end = Iteration(100, 0.5, 1e-12).fixed_point(lambda m: (np.cos(m), 0.0), np.zeros(1))
    >>> end.magnetisations.round(6), end.iterations < 20
    (array([0.739085]), True)
    """

    iterations: int
    damping: float
    tolerance: float

    def __post_init__(self) -> None:
        integer("iterations", self.iterations, low=0)
        real("tolerance", self.tolerance)
        if not real("damping", self.damping, high=1.0) < 1.0:
            raise InputError(f"damping must be below 1, got {self.damping!r}")

    def fixed_point(
        self,
        step: Callable[[Floats], tuple[Floats, float]],
        start: Floats,
        progress: bool = False,
    ) -> FixedPoint:
        """Iterate from `start` until the residual is small or the iterations are over."""
        from tqdm import tqdm

        m, past = start, list[tuple[Floats, Floats]]()
        hidden = None if progress else True
        with tqdm(total=self.iterations, disable=hidden, delay=2.0, leave=False) as bar:
            for done in range(self.iterations + 1):
                new, energy = step(m)
                change = new - m
                residual = float(np.abs(change).max())
                if residual <= self.tolerance or done == self.iterations:
                    break
                past = [*past[-MEMORY:], (m, change)] if residual < NEAR else []
                m = m + (1.0 - self.damping) * change
                if len(past) > 1:
                    m = np.clip(m - self._extrapolation(past), -1.0, 1.0)
                bar.update()
        return FixedPoint(m, energy, residual, done)

    def _extrapolation(self, past: list[tuple[Floats, Floats]]) -> Floats:
        """What the last iterates take from the damped step."""
        moves, turns = (np.diff(rows, axis=0) for rows in map(np.array, zip(*past, strict=True)))
        amounts = np.linalg.lstsq(turns.T, past[-1][1])[0]
        return np.asarray(amounts @ (moves + (1.0 - self.damping) * turns))


def _square(m: Floats) -> float:
    """Self-overlap q."""
    return float(m @ m) / m.size
