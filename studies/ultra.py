r"""How many examples learning takes: ultra-storage and ultra-detection, measured.

A network has learned an archetype once the signal in the local fields of its spins exceeds the
noise, :math:`\Delta < 1` in :math:`P(h_i \xi_i > 0) = \frac12[1 + \mathrm{erf}(1/\sqrt{2\Delta})]`.
With as many archetypes as can be stored at all, :math:`K \sim N^{p-1}`, this takes
:math:`M \sim r^{-2}` examples of quality r with a teacher and :math:`M \sim r^{-2p}` without;
with fewer archetypes :math:`r^{-2}` in both cases.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import erfinv

from hopfield import Network
from hopfield.arguments import integer
from hopfield.learning import LEARNERS
from hopfield.results import dataset, provenance
from hopfield.seeds import Seed, Stream, record, sequence

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["REGIMES", "Regime", "noise_to_signal", "ultra"]

Floats = NDArray[np.float64]

FACTORS = (0.7, 0.84, 1.0, 1.2, 1.43)
"""Numbers of examples around the expected threshold."""
FEWEST_ARCHETYPES, MOST_ARCHETYPES = 8, 48
"""Archetypes of a network whose fields are looked at."""
ENTRIES = 1e8
"""Pattern entries that the fields of a network are computed from, all archetypes together."""


@dataclass(frozen=True)
class Regime:
    """A way to learn, at a load K / N^b.

    Parameters
    ----------
    teacher : str
        "supervised" or "unsupervised".
    p : int
        Number of spins in an interaction.
    exponent, load : float
        b and K / N^b.
    size : int
        Number N of spins.
    qualities : tuple of float
        r of the examples.
    """

    teacher: str
    p: int
    exponent: float
    load: float
    size: int
    qualities: tuple[float, ...]

    @property
    def name(self) -> str:
        """The regime in words."""
        power = "" if self.exponent == 1 else f"^{self.exponent:g}"
        return f"{self.teacher}, p = {self.p}, K ∝ N{power}"

    @property
    def asymptotic(self) -> float:
        """Exponent of M in r as r vanishes."""
        storing = self.teacher == "unsupervised" and self.exponent == self.p - 1
        return -2.0 * self.p if storing else -2.0

    def network(self, quality: float, examples: int, seed: np.random.SeedSequence) -> Network:
        """Network that has seen so many examples."""
        model = LEARNERS[self.teacher](self.p, quality, examples)
        return model.network(self.size, load=self.load, exponent=self.exponent, seed=seed)


REGIMES = (
    Regime("supervised", 2, 1, 0.1, 500, (0.1, 0.12, 0.15, 0.18, 0.22)),
    Regime("unsupervised", 2, 1, 0.5, 200, (0.22, 0.25, 0.28, 0.32, 0.36)),
    Regime("supervised", 3, 2, 0.1, 100, (0.13, 0.15, 0.18, 0.21, 0.25)),
    Regime("unsupervised", 3, 2, 0.2, 60, (0.4, 0.43, 0.47, 0.51, 0.55)),
    Regime("unsupervised", 3, 1, 0.0001, 30000, (0.05, 0.06, 0.07, 0.085, 0.1)),
)
"""Both ways to learn at loads that fill the network, and detection at a lower load."""


def noise_to_signal(network: Network) -> float:
    r"""Δ of a network, from the fields on its archetypes.

    Parameters
    ----------
    network : Network
        Of any model.

    Returns
    -------
    float
        :math:`1/(2\,\mathrm{erfinv}(m_1)^2)` with the mean :math:`m_1` of
        :math:`\mathrm{sign}(h_i)\,\xi_i` at :math:`s = \xi`; infinite if it is not positive.

    Examples
    --------
    >>> import hopfield
    >>> network = hopfield.Supervised(2, 0.2, 20).network(2000, n_patterns=2, seed=1)
    >>> bool(0.9 < noise_to_signal(network) < 1.5)  # (1 - r^2)/(M r^2) = 1.2
    True
    """
    return _delta(_aligned(network))


def _aligned(network: Network) -> float:
    """Mean of sign(h) ξ over sites and archetypes."""
    from montecarlo.mean_field_fields import IndependentSpins

    affordable = int(ENTRIES / network.patterns.size)
    count = min(max(affordable, FEWEST_ARCHETYPES), MOST_ARCHETYPES)
    spins, archetypes = IndependentSpins(network), network.archetypes[:count]
    fields = [spins.energy_and_fields(row.astype(np.float64))[1] for row in archetypes]
    return float((np.sign(fields) * archetypes).mean())


def _delta(aligned: float) -> float:
    return float(0.5 / erfinv(aligned) ** 2) if aligned > 0.0 else np.inf


def expected_threshold(regime: Regime, quality: float) -> float:
    r"""Number of examples at which Δ = 1, from signal to noise.

    Without a teacher the overlaps of single examples fluctuate, which at finite size adds
    :math:`\frac1{M r^2} \sum_{j \ge 1} \binom{p-1}j^2 j!\, [(1-r^2)/(N r^2)]^j` to Δ.
    """
    import theory

    p, size, power = regime.p, regime.size, regime.exponent
    model = LEARNERS[regime.teacher](p, quality, 1)
    count = model.patterns_at(regime.load, size, power)
    found = theory.learning_threshold(model, count / size**power, exponent=power, size=size)
    threshold = found.examples.item()
    if regime.teacher == "supervised":
        return float(threshold)
    spread = sum(
        math.comb(p - 1, j) ** 2 * math.factorial(j) * ((quality**-2 - 1.0) / size) ** j
        for j in range(1, p)
    )
    free = 1.0 - count / size ** (p - 1.0) * math.factorial(p - 1)
    return float(threshold + spread / quality**2 / free)


def ultra(
    regimes: Sequence[Regime] = REGIMES, *, disorder: int = 6, seed: Seed = 0,
    progress: bool = False,
) -> xr.Dataset:  # fmt: skip
    r"""Measure the number of examples at the threshold, and its power of the quality.

    At every quality the fields on archetypes give Δ for five numbers of examples; a parabola in
    log M gives the threshold, a straight line through the thresholds the exponent.

    Parameters
    ----------
    regimes : sequence of Regime
        With as many qualities each.
    disorder : int
        Networks for every number of examples, at least 2.
    seed : int, numpy.random.SeedSequence or None
        Of archetypes and examples.
    progress : bool
        Show a bar on a terminal.

    Returns
    -------
    xarray.Dataset
        threshold_examples and scaling_exponent with `_stderr` and `_theory` (signal to noise at
        the same qualities); dims regime and point, with the quality as a variable.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range.

    Examples
    --------
    >>> quick = Regime("supervised", 2, 1, 0.1, 100, (0.2, 0.3))
    >>> ultra([quick], disorder=2).threshold_examples.dims
    ('regime', 'point')
    """
    from tqdm import tqdm

    count, root = integer("disorder", disorder, low=2), sequence(seed)
    shape = (len(regimes), len(regimes[0].qualities))
    found = {name: np.empty(shape) for name in ("value", "stderr", "theory")}
    power = {name: np.empty(len(regimes)) for name in ("value", "stderr", "theory")}
    cells = list(np.ndindex(shape))
    for i, j in tqdm(cells, disable=None if progress else True, delay=2.0, leave=False):
        regime, quality = regimes[i], regimes[i].qualities[j]
        source = sequence(root, Stream.DISORDER, i, j)
        found["theory"][i, j] = expected_threshold(regime, quality)
        found["value"][i, j], found["stderr"][i, j] = _threshold(regime, quality, count, source)
    for i, regime in enumerate(regimes):
        log_r = np.log(regime.qualities)
        relative = found["stderr"][i] / found["value"][i]
        power["value"][i], power["stderr"][i] = _slope(log_r, np.log(found["value"][i]), relative)
        power["theory"][i] = _slope(log_r, np.log(found["theory"][i]), relative)[0]
    variables: dict[str, tuple[tuple[str, ...], Any]] = {
        "quality": (("regime", "point"), np.array([regime.qualities for regime in regimes])),
        "scaling_exponent_asymptotic": (("regime",), [regime.asymptotic for regime in regimes]),
    }
    for name, ending in (("value", ""), ("stderr", "_stderr"), ("theory", "_theory")):
        variables[f"threshold_examples{ending}"] = (("regime", "point"), found[name])
        variables[f"scaling_exponent{ending}"] = (("regime",), power[name])
    attrs = provenance(
        regimes[0].network(1.0, 1, root).model, seed=record(root), disorder=count,
        regimes=[asdict(regime) for regime in regimes],
    )  # fmt: skip
    coords = {"regime": [regime.name for regime in regimes], "point": np.arange(shape[1])}
    return dataset(variables, coords, attrs)


def _threshold(
    regime: Regime, quality: float, disorder: int, seed: np.random.SeedSequence
) -> tuple[float, float]:
    """Number of examples at which Δ = 1, and its standard error."""
    middle = expected_threshold(regime, quality)
    numbers = np.unique(np.maximum(1, np.rint(middle * np.array(FACTORS)))).astype(int)
    aligned = np.array([
        [_aligned(regime.network(quality, int(m), sequence(seed, k, int(m)))) for m in numbers]
        for k in range(disorder)
    ])  # fmt: skip
    log_m = np.log(numbers / middle)
    # the spread hardly depends on M: one estimate from all is better than one for each
    mean, error = aligned.mean(axis=0), np.sqrt(aligned.var(axis=0, ddof=1).mean() / disorder)
    deltas = np.log([_delta(float(m)) for m in mean])
    # the derivative of log Δ by m_1
    slope = np.sqrt(np.pi) / erfinv(mean) * np.exp(erfinv(mean) ** 2)
    fit, covariance = np.polyfit(log_m, deltas, 2, w=1.0 / (slope * error), cov="unscaled")
    roots = np.roots(fit)
    crossing = float(np.real(roots[np.argmin(np.abs(roots))]))
    gradient = np.array([crossing**2, crossing, 1.0]) / np.polyval(np.polyder(fit), crossing)
    spread = float(np.sqrt(gradient @ covariance @ gradient))
    threshold = middle * float(np.exp(crossing))
    return threshold, threshold * spread


def _slope(x: Floats, y: Floats, error: Floats) -> tuple[float, float]:
    """Slope of a straight line and its standard error."""
    fit, covariance = np.polyfit(x, y, 1, w=1.0 / error, cov="unscaled")
    return float(fit[0]), float(np.sqrt(covariance[0, 0]))
