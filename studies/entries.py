r"""What theory says of the very entries that a network has learned of its archetype.

The N entries of an effective pattern are a sample of their law, whose fluctuations move effective
overlap and energy of small networks more than anything else, and the overlap about as much as the
crosstalk does. With the frequencies of the entries in place of their probabilities the same
equations follow them, so that less is left between a simulation and the theory of its own entries.
"""

from __future__ import annotations

import dataclasses
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from hopfield import Network
from hopfield.models import Model

if TYPE_CHECKING:
    from theory.saddle import Array, Cells
    from theory.signal import Signal
    from theory.states import State

__all__ = ["entry_shifts", "signal_of_network"]


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

    sums = network.effective_sums(0, 1)[0] * network.archetypes[0]
    sizes = np.unique(np.abs(sums))
    right, wrong = (np.array([(sums == sign * k).mean() for k in sizes]) for sign in (1, -1))
    whole = np.where(sizes == 0, right, right + wrong)
    values = (sizes * network.model.effective_unit).tolist()
    return Signal(tuple(values), tuple(whole.tolist()), tuple((right - wrong).tolist()))


@cache
def _retrieval(model: Model, load: float, temperature: float) -> State | None:
    """Retrieval phase for the law of the entries."""
    from theory.models import symmetric_phases_of

    phases = symmetric_phases_of(model)
    t = np.array([temperature])
    state = phases.retrieval(phases.branch(t), np.array([0]), np.array([load]))
    return state if state.status.item() == "converged" else None


def entry_shifts(
    model: Model, network: Network, load: float, temperature: float
) -> dict[str, float]:
    """Theory for the entries of a network minus theory for their law.

    Parameters
    ----------
    model : Supervised or Unsupervised
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
