r"""What theory says of the very entries that a network has of its patterns.

The N entries of an effective pattern, and the blanks of a diluted one, are a sample of their law,
whose fluctuations move effective overlap and energy of small networks more than anything else, and
the overlap about as much as the crosstalk does. With the frequencies of the entries in place of
their probabilities the same equations follow them, so that less is left between a simulation and
the theory of its own entries.
"""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import TYPE_CHECKING, cast

import numpy as np

from hopfield import Network
from hopfield.models import Polynomial

if TYPE_CHECKING:
    from theory.multitasking.columns import Columns
    from theory.saddle import Array, Cells
    from theory.signal import Signal
    from theory.states import State

__all__ = ["columns_of_network", "entry_shifts", "own_state", "signal_of_network"]

DESCENT = 20
"""Steps of an iteration that lowers the free energy, from the state of the law to that of a sample
of it: close to a state that is soft Newton's method alone may miss it."""


def signal_of_network(network: Network) -> Signal:
    """Frequencies of the entries of the first effective pattern, in the gauge of its archetype.

    Examples
    --------
    >>> import hopfield
    >>> network = hopfield.Supervised(2, 0.5, 2).network(100, n_patterns=1, seed=1)
    >>> len(signal_of_network(network).values)  # 0 and 2, over the standard deviation
    2
    """
    from theory.signal import Signal

    filled = network.archetypes[0] != 0
    sums = (network.effective_sums(0, 1)[0] * network.archetypes[0])[filled]
    sizes = np.unique(np.abs(sums))
    right, wrong = (np.array([(sums == sign * k).mean() for k in sizes]) for sign in (1, -1))
    whole = np.where(sizes == 0, right, right + wrong)
    values = (sizes * network.model.effective_unit).tolist()
    signs, blank = tuple((right - wrong).tolist()), 1.0 - float(filled.mean())
    return Signal(tuple(values), tuple(whole.tolist()), signs, dilution=blank)


@cache
def _retrieval(model: Polynomial, load: float, temperature: float) -> State | None:
    """Retrieval phase for the law of the entries."""
    from theory.models import symmetric_phases_of

    phases = symmetric_phases_of(model)
    t = np.array([temperature])
    state = phases.retrieval(phases.branch(t), np.array([0]), np.array([load]))
    return state if state.status.item() == "converged" else None


def entry_shifts(
    model: Polynomial, network: Network, load: float, temperature: float
) -> dict[str, float]:
    """Theory for the entries of a network minus theory for their law.

    Parameters
    ----------
    model : Multitasking, Supervised or Unsupervised
        Of the network.
    network : Network
        Whose first archetype is retrieved.
    load, temperature : float
        α and T.

    Returns
    -------
    dict of str to float
        overlap, effective_overlap, self_overlap and energy; zeros where nothing is retrieved.

    Examples
    --------
    >>> import hopfield
    >>> model = hopfield.Supervised(2, 0.5, 20)
    >>> network = model.network(1000, load=0.02, seed=1)
    >>> abs(entry_shifts(model, network, 0.02, 0.2)["overlap"]) < 0.05
    True
    """
    from theory.models import symmetric_phases_of
    from theory.saddle import newton

    names = ("overlap", "effective_overlap", "self_overlap", "energy")
    law = _retrieval(model, load, temperature)
    if law is None:
        return dict.fromkeys(names, 0.0)
    phases = dataclasses.replace(symmetric_phases_of(model), signal=signal_of_network(network))
    a, t = np.array([load]), np.array([temperature])

    def equations(x: Array, cells: Cells) -> tuple[Array, Array]:
        return phases.residuals(a[cells], t[cells], x[:, 0], x[:, 1])

    start = np.stack([law.effective_overlap, law.noise], axis=1)
    found = newton(equations, start, lower=0.0)
    n, noise = found.value.T
    if not found.converged.item() or n.item() <= 0.0:
        return dict.fromkeys(names, 0.0)
    own = phases.observables(a, t, n, noise) | {"effective_overlap": n}
    return {name: own[name].item() - getattr(law, name).item() for name in names}


def columns_of_network(network: Network) -> Columns:
    """Columns of the entries that a network has, one for each site, every pattern for itself.

    Examples
    --------
    >>> import hopfield
    >>> columns_of_network(hopfield.Multitasking(0.5).network(9, n_patterns=2, seed=1)).value.shape
    (9, 2)
    """
    from theory.multitasking.columns import Columns

    value = network.effective_sums().T.astype(np.float64) * network.model.effective_unit
    hidden = network.archetypes.T.astype(np.float64)
    size, count = value.shape
    square = np.square(value)
    return Columns(
        patterns=np.ones(count), weight=np.full(size, 1.0 / size), value=value, archetype=hidden,
        square=square, filled=np.abs(hidden),
    )  # fmt: skip


def own_state(network: Network, temperature: float, start: Array) -> dict[str, Array]:
    """State of the few patterns of a network at vanishing load, as its own entries have it.

    Parameters
    ----------
    network : Network
        Of pair interactions.
    temperature : float
        T.
    start : array, shape (K,)
        Effective overlaps of the state for the law of the entries.

    Returns
    -------
    dict of str to array
        overlap and effective_overlap, shape (K,), self_overlap and energy; not a number where
        no state is found near the start.

    Examples
    --------
    >>> import hopfield
    >>> network = hopfield.Multitasking(0.5).network(1000, n_patterns=2, seed=1)
    >>> own_state(network, 0.0, np.array([0.5, 0.25]))["overlap"].round(6)
    array([0.494, 0.274])
    >>> network.overlaps(hopfield.hierarchical_state(network.patterns, seed=1))
    array([0.494, 0.274])
    """
    from theory.multitasking.equations import observables, residuals
    from theory.multitasking.fields import pulls
    from theory.multitasking.laws import crosstalk_of
    from theory.saddle import newton

    law = columns_of_network(network)
    crosstalk = crosstalk_of(cast(Polynomial, network.model))
    none, t, near = np.zeros(1), np.array([temperature]), start[None]
    for _ in range(DESCENT):
        near = pulls(law, near, none, t)[0]

    def equations(x: Array, cells: Cells) -> tuple[Array, Array]:
        return residuals(law, crosstalk, none[cells], t[cells], x[:, :-1], x[:, -1])

    found = newton(equations, np.append(near, 0.0)[None])
    n = found.value[:, :-1] if found.converged.item() else np.full((1, start.size), np.nan)
    values = observables(law, crosstalk, none, t, n, none) | {"effective_overlap": n}
    names = ("overlap", "effective_overlap", "self_overlap", "energy")
    return {name: values[name][0] for name in names}
