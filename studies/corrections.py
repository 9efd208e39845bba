"""What is known of networks of finite size beyond their limit: taken off before a comparison."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
from numpy.typing import NDArray

from hopfield import Exponential, Network
from hopfield.energies import mean_phi
from hopfield.learner import Learner
from hopfield.models import Model, Polynomial

__all__ = [
    "crosstalk", "crosstalk_weight", "of_own_entries", "realised_load", "signal_shift", "unlike",
]  # fmt: skip


def realised_load(model: Model, load: float, size: int) -> float:
    """Load of the integer number of patterns next to a load.

    Examples
    --------
    >>> import hopfield
    >>> realised_load(hopfield.Hopfield(), 0.0255, 200), realised_load(hopfield.Dense(3), 0.1, 100)
    (0.025, 0.1)
    >>> round(realised_load(hopfield.Exponential(1.0), 0.1, 20), 6)  # 7 patterns
    0.097296
    """
    count = model.patterns_at(load, size)
    if isinstance(model, Exponential):
        return math.log(count) / size
    return count / float(size) ** (model.p - 1)


def unlike(model: Model, phase: str, load: float) -> tuple[str, ...]:
    """What a run does not measure as the theory of a phase has it.

    Replicas that start together say nothing of a glass with many valleys. The energy of an
    exponential network without order tends to its limit as log(N)/N while few patterns dominate,
    and is that of the mean over pattern sets only beyond `scatter_load`.

    Examples
    --------
    >>> import hopfield
    >>> unlike(hopfield.Hopfield(), "glass", 0.1), unlike(hopfield.Exponential(), "condensed", 0.1)
    (('replica_overlap',), ('energy',))
    """
    if phase == "glass":
        return ("replica_overlap",)
    if not isinstance(model, Exponential) or phase == "retrieval":
        return ()
    from theory.exponential.rates import BINARY
    from theory.exponential.thresholds import scatter_load

    scattered = phase == "condensed" or load < scatter_load(BINARY, model.sharpness)
    return ("energy",) if scattered else ()


def of_own_entries(model: Polynomial) -> bool:
    """Whether networks of a model differ in the entries of the pattern that they retrieve.

    Examples
    --------
    >>> import hopfield
    >>> of_own_entries(hopfield.Hopfield()), of_own_entries(hopfield.Multitasking(0.2))
    (False, True)
    """
    return isinstance(model, Learner) or model.dilution > 0.0


def signal_shift(model: Model, overlap: float, size: int) -> float:
    r"""Energy per spin of the retrieved pattern at a finite size, minus its limit.

    Without self-interaction independent spins of mean m have :math:`E[e_p] = \binom Np m^p`, so
    that the energy :math:`-m^p/p` is smaller by the factor :math:`\prod_{k<p} (1 - k/N)`, with the
    number :math:`N(1-d)` of those where the pattern is not blank. That of exponential networks is
    :math:`-m` at every size.

    Examples
    --------
    >>> import hopfield
    >>> round(signal_shift(hopfield.Hopfield(), 1.0, 100), 12)  # 1/2 instead of (N - 1)/(2 N)
    0.005
    """
    if isinstance(model, Exponential) or model.self_interaction:
        return 0.0
    filled = size * (1.0 - model.dilution)
    factor = math.prod(1.0 - k / filled for k in range(model.p))
    return overlap**model.p / model.p * (1.0 - factor)


def crosstalk(model: Polynomial, network: Network) -> float:
    r"""Energy per spin that the other patterns give archetype 0, minus its exact mean over them.

    Of the spins where the archetype is not blank. In the retrieval phase it carries most of the
    fluctuations of u between pattern sets; its mean is zero at every size, so that subtracting any
    fixed multiple of it leaves the mean of u alone.
    """
    filled = network.archetypes[0] != 0
    sites = slice(None) if filled.all() else filled
    part = dataclasses.replace(
        network, patterns=network.patterns[:, sites], archetypes=network.archetypes[:, sites]
    )
    own = part.n_patterns // part.n_archetypes
    others = part.pattern_energies(part.archetypes[0])[own:]
    mean = mean_phi(model.p, model.self_interaction, part.filled[own:], part.size)
    # Energies of so many spins in units of 1/N^(p-1) with the N of the network.
    unit = (part.size / network.size) ** (model.p - 1)
    return float((mean - others).sum()) * unit / network.size


def crosstalk_weight(model: Polynomial, overlap: NDArray[np.float64]) -> NDArray[np.float64]:
    r"""Part :math:`(m/(1-d))^p` of the crosstalk at a pattern that is left in its phase.

    Examples
    --------
    >>> import hopfield
    >>> crosstalk_weight(hopfield.Dense(3), np.array([0.5, np.nan])).tolist()
    [0.125, 0.0]
    """
    return np.asarray(np.nan_to_num((overlap / (1.0 - model.dilution)) ** model.p))
