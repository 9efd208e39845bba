"""How the overlaps of patterns that are retrieved together change with their dilution."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hopfield import Multitasking
from hopfield.arguments import integer, nonnegative_values, real
from hopfield.results import dataset, provenance
from hopfield.seeds import Seed, Stream, record, sequence
from studies.losses import LEAST_PATTERN_SETS, estimate, with_bar

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["amplitude_cascade"]


def amplitude_cascade(
    n_patterns: int = 4,
    temperature: float = 0.02,
    *,
    dilution: Sequence[float] = tuple(np.linspace(0.04, 0.92, 23).round(6).tolist()),
    size: int = 40_000,
    disorder: int = 4,
    replicas: int = 32,
    sweeps: int = 20,
    burn_in: int = 60,
    seed: Seed = 0,
    progress: bool = False,
) -> xr.Dataset:
    r"""Overlaps with all patterns of a multitasking network, against the dilution.

    Simulated from the hierarchical state, :math:`m_k = d^{k-1}(1-d)`, and in theory those of the
    state of least free energy; the two may differ where the simulated state is metastable. Moduli
    of simulated overlaps are averaged, since at finite size spins turn small overlaps around: of an
    overlap that vanishes :math:`\sqrt{2(1-d)/(\pi N)}` is left, or more where it hardly does.

    Parameters
    ----------
    n_patterns : int
        Number K of patterns, at least 1.
    temperature : float
        T.
    dilution : sequence of float
        Probabilities d of a blank entry, in [0, 1).
    size : int
        Number N of spins.
    disorder : int
        Pattern sets, at least 2; the same at every dilution.
    replicas, sweeps, burn_in
        As of `montecarlo.sample`.
    seed : int, numpy.random.SeedSequence or None
    progress : bool
        Show a bar if the study takes over two seconds and the output is a terminal.

    Returns
    -------
    xarray.Dataset
        `pattern_overlap`, in the order of the starting state, with `_stderr` over pattern sets, and
        `pattern_overlap_theory`, the largest first; dims dilution and pattern. `state` is that of
        least free energy, see `theory.regime_diagram`.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range.

    Examples
    --------
    >>> result = amplitude_cascade(2, 0.05, dilution=[0.3], size=500, disorder=2)
    >>> result.pattern_overlap_theory.values.round(4)
    array([[0.7   , 0.2099]])
    """
    import montecarlo
    import theory

    dilutions = np.atleast_1d(nonnegative_values("dilution", np.asarray(dilution)))
    models = [Multitasking(float(d)) for d in dilutions]
    integer("disorder", disorder, low=LEAST_PATTERN_SETS)
    real("temperature", temperature)
    used = sequence(seed)
    predicted = theory.regime_diagram(n_patterns, dilution=dilutions, temperature=temperature)
    samples = np.empty((disorder, len(models), n_patterns))
    for cell in with_bar(list(np.ndindex(samples.shape[:2])), progress):
        own = sequence(used, Stream.DISORDER, cell[0])
        network = models[cell[1]].network(size, n_patterns=n_patterns, seed=own)
        run = montecarlo.sample(
            network, temperature, sweeps=sweeps, burn_in=burn_in, replicas=replicas,
            start="hierarchical", seed=own, tracked=n_patterns,
        )  # fmt: skip
        samples[cell] = np.abs(run.pattern_overlap_series).mean(("replica", "sweep"))
    dims = ("dilution", "pattern")
    variables: dict[str, tuple[tuple[str, ...], Any]] = dict(
        estimate("pattern_overlap", dims, samples)
    )
    variables["pattern_overlap_theory"] = dims, predicted.overlap.values
    variables["state"] = ("dilution",), predicted.state.values
    coords = {
        "dilution": dilutions, "pattern": np.arange(n_patterns), "temperature": temperature,
        "size": size,
    }  # fmt: skip
    attrs = provenance(
        models[0], seed=record(used), disorder=disorder, replicas=replicas, sweeps=sweeps,
        burn_in=burn_in,
    )  # fmt: skip
    return dataset(variables, coords, attrs)
