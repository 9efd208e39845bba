r"""Phases of an exponential network at finite temperature.

A state has the weight :math:`e^{-\beta E} = (\sum_\mu e^{\lambda N u_\mu})^{\beta/\lambda}`. One
pattern dominates the sum, if the state is close to it, or else it is the crosstalk of
`theory.exponential.thresholds`. Hence :math:`\log Z / N` is the largest of

.. math::
    \text{retrieval: } & \alpha + S + \zeta(\beta), \\
    \text{paramagnet: } & S + \tfrac\beta\lambda [\alpha + \zeta(\lambda)], \\
    \text{condensed: } & S + \beta\, x^*(\alpha),

with the logarithm S of the number of states per component, which is log 2 for signs; for
spheres the measure is normalised and S = 0. There is a retrieval valley around each of the
:math:`e^{\alpha N}` patterns, of overlap :math:`x_\beta`, as long as it is larger than
:math:`\Phi(\alpha, \lambda)/\lambda`. In the other two the spins are free. They differ in whether
many patterns or few dominate the energy, above and below :math:`\alpha = I(x_\lambda)`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize.elementwise import find_root

from hopfield.arguments import InputError, positive
from theory.exponential.chords import chord_intercept
from theory.exponential.rates import BINARY, Binary, Spherical
from theory.exponential.thresholds import condensation_load, retrieval_load
from theory.saddle import Array
from theory.transitions import Line, exact_line, temperature_grid

Bools = NDArray[np.bool_]

__all__ = ["NAMES", "ExponentialPhases", "Phase"]

NAMES = ("retrieval", "paramagnet", "condensed")

COLDEST = 1e-300
"""Temperature at which every limit of vanishing temperature is reached."""


@dataclass(frozen=True)
class Phase:
    """A phase, one entry a cell.

    Parameters
    ----------
    exists : bool array
        Where the phase is there, its end included; the other fields go on as they are.
    overlap, max_overlap : arrays
        Overlap with the pattern of the valley (0 if there is none), and the largest one with any
        other pattern.
    free_energy, energy, entropy : arrays
        Per component.
    """

    exists: Bools
    overlap: Array
    max_overlap: Array
    free_energy: Array
    energy: Array
    entropy: Array


@dataclass(frozen=True)
class ExponentialPhases:
    r"""Phases of networks whose energy is the log-sum-exp of all overlaps.

    Parameters
    ----------
    sharpness : float
        λ > 0.
    ensemble : Binary or Spherical
        Patterns and states of signs, or both on the sphere.

    Raises
    ------
    hopfield.InputError
        If λ is not above 0, or the ensemble is another one.

    References
    ----------
    C. Lucibello and M. Mezard, Phys. Rev. Lett. 132, 077301 (2024), for T = 0.

    Examples
    --------
    >>> phases = ExponentialPhases(1.0)
    >>> phases.spinodal_load([0.0, 0.5, 1.0]).round(6)
    array([0.566219, 0.530247, 0.327813])
    """

    sharpness: float
    ensemble: Binary | Spherical = BINARY

    def __post_init__(self) -> None:
        """Check the fields."""
        positive("sharpness", self.sharpness, high=math.inf)
        if not isinstance(self.ensemble, Binary | Spherical):
            raise InputError(f"ensemble must be Binary() or Spherical(), got {self.ensemble!r}")

    @property
    def condensation_load(self) -> float:
        """Load below which few patterns dominate the crosstalk."""
        return float(condensation_load(self.ensemble, self.sharpness))

    @property
    def capacity(self) -> float:
        """Largest load of the retrieval phase, that at T = 0."""
        return float(retrieval_load(self.ensemble, self.sharpness))

    def spinodal_load(self, temperature: ArrayLike) -> Array:
        r"""End of the retrieval phase.

        It is :math:`\lambda x_\beta - \zeta(\lambda)`, and :math:`I(x_\beta)` where β <= λ: there
        the transition is continuous.

        Parameters
        ----------
        temperature : array
            T >= 0.

        Returns
        -------
        array
        """
        return retrieval_load(self.ensemble, self.sharpness, self._valley(temperature))

    def equilibrium_load(self, temperature: ArrayLike) -> Array:
        r"""Load at which retrieval has the free energy of the phase without.

        .. math:: \alpha = \frac{\beta\zeta(\lambda) - \lambda\zeta(\beta)}{\lambda - \beta}

        where β > λ, and the end of the retrieval phase elsewhere.

        Parameters
        ----------
        temperature : array
            T >= 0.

        Returns
        -------
        array
        """
        field = self._field(temperature)
        first_order = chord_intercept(self.ensemble, self.sharpness, field)
        return np.where(field > self.sharpness, first_order, self.spinodal_load(temperature))

    def transition_temperature(self, load: ArrayLike) -> Array:
        """Temperature below which retrieval is in equilibrium; the inverse of `equilibrium_load`.

        Parameters
        ----------
        load : array
            α > 0.

        Returns
        -------
        array
            0 from the capacity on.
        """
        alpha, turn = np.asarray(load, dtype=float), 1.0 / self.sharpness
        continuous = alpha <= self.condensation_load
        with np.errstate(divide="ignore"):
            high = 1.0 / self.ensemble.extreme_field(np.where(continuous, alpha, np.inf))
        inner = ~continuous & (alpha < self.capacity)
        sought = np.where(inner, alpha, (self.condensation_load + self.capacity) / 2.0)

        def excess(temperature: Array, target: Array) -> Array:
            return self.equilibrium_load(temperature) - target

        ends = np.zeros_like(sought), np.full_like(sought, turn)
        low = find_root(excess, ends, args=(sought,)).x
        return np.where(continuous, high, np.where(inner, low, 0.0))

    def retrieval(self, load: ArrayLike, temperature: ArrayLike) -> Phase:
        """Valleys around the patterns.

        Parameters
        ----------
        load, temperature : arrays
            α and T, which broadcast.

        Returns
        -------
        Phase
        """
        a, t = self._cells(load, temperature)
        volume, overlap = self.ensemble.volume, self._valley(t)
        entropy = a + volume - self.ensemble.tilted_rate(self._field(t))
        free_energy = -t * (a + volume + self.ensemble.cumulant(self._field(t)))
        other = self.ensemble.extreme_overlap(a)
        exists = a <= self.spinodal_load(t)
        return Phase(exists, overlap, other, free_energy, -overlap, entropy)

    def paramagnet(self, load: ArrayLike, temperature: ArrayLike) -> Phase:
        """Free states in the crosstalk of many patterns.

        Parameters
        ----------
        load, temperature : arrays
            α and T, which broadcast.

        Returns
        -------
        Phase
        """
        a, t = self._cells(load, temperature)
        energy = -(a + self.ensemble.cumulant(self.sharpness)) / self.sharpness
        return self._free(a, t, energy, a >= self.condensation_load)

    def condensed(self, load: ArrayLike, temperature: ArrayLike) -> Phase:
        """Free states whose energy is that of the closest patterns.

        Parameters
        ----------
        load, temperature : arrays
            α and T, which broadcast.

        Returns
        -------
        Phase
        """
        a, t = self._cells(load, temperature)
        energy = -self.ensemble.extreme_overlap(a)
        return self._free(a, t, energy, a <= self.condensation_load)

    def favoured(self, load: ArrayLike, temperature: ArrayLike) -> NDArray[np.str_]:
        """Name of the phase of least free energy.

        Parameters
        ----------
        load, temperature : arrays
            α and T, which broadcast.

        Returns
        -------
        array of str
        """
        a, t = self._cells(load, temperature)
        free = np.where(a >= self.condensation_load, "paramagnet", "condensed")
        return np.where(a < self.equilibrium_load(t), "retrieval", free)

    def lines(self, points: int, max_load: float) -> dict[str, Line]:
        """Lines of the phase diagram up to T = 2/λ.

        Parameters
        ----------
        points : int
            Points on each line, at least 2.
        max_load : float
            Largest load of nishimori and second-moment.

        Returns
        -------
        dict of str to Line
            spinodal and first-order up to T = 1/λ, continuous from there on; condensation, between
            the two phases without retrieval; nishimori, T = 1/λ, and second-moment, T = 1/(2λ),
            where the partition function, and its mean, have a closed form at every size.
        """
        turn = 1.0 / self.sharpness
        cold = temperature_grid(0.0, turn, points)
        hot = np.linspace(turn, 2.0 * turn, points)
        loads = np.linspace(0.0, max_load, points)
        return {
            "spinodal": exact_line(self.spinodal_load(cold), cold),
            "first-order": exact_line(self.equilibrium_load(cold), cold),
            "continuous": exact_line(self.spinodal_load(hot), hot),
            "condensation": exact_line(np.full(points, self.condensation_load), hot),
            "nishimori": exact_line(loads, np.full(points, turn)),
            "second-moment": exact_line(loads, np.full(points, turn / 2.0)),
        }

    def _free(self, load: Array, temperature: Array, energy: Array, exists: Bools) -> Phase:
        """State of maximal entropy."""
        none, entropy = np.zeros(load.shape), np.full(load.shape, self.ensemble.volume)
        other = self.ensemble.extreme_overlap(load)
        return Phase(exists, none, other, energy - temperature * entropy, energy, entropy)

    def _cells(self, load: ArrayLike, temperature: ArrayLike) -> tuple[Array, Array]:
        """Loads, and temperatures not quite zero, of one shape."""
        a, t = np.asarray(load, dtype=float), np.asarray(temperature, dtype=float)
        shape = np.broadcast_shapes(a.shape, t.shape)
        return np.broadcast_to(a, shape), np.broadcast_to(np.maximum(t, COLDEST), shape)

    def _field(self, temperature: ArrayLike) -> Array:
        """β."""
        return np.asarray(1.0 / np.maximum(np.asarray(temperature, dtype=float), COLDEST))

    def _valley(self, temperature: ArrayLike) -> Array:
        """Overlap of a pattern with the states of its valley."""
        return self.ensemble.tilted_overlap(self._field(temperature))
