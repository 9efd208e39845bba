"""Which state of diluted patterns has the lowest free energy, in the plane of d and T."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import integer, nonnegative_values
from hopfield.learning import Supervised
from hopfield.models import Multitasking
from hopfield.patterns import check_dilution
from hopfield.results import dataset, provenance
from theory.multitasking.columns import Columns
from theory.multitasking.fields import averages
from theory.multitasking.guesses import distinct, guesses
from theory.multitasking.laws import Diluted, law_of, state_name
from theory.multitasking.minima import minima, steps, updated
from theory.multitasking.search import CRITICAL
from theory.saddle import Array

__all__ = ["Lowest", "diluted", "equal_groups", "lowest_states", "regime_diagram"]

COLD = 0.1
"""Temperature over 1 - d below which there are many minima."""

UPDATES = 25
"""Of all spins, after which most states are near a minimum."""

MOST_COLUMNS = 2**13
"""More columns than this are not summed at every point of a diagram, if they need not be."""


@dataclass(frozen=True)
class Lowest:
    """States of least free energy, one a cell.

    Parameters
    ----------
    effective_overlap : array, shape (cells, K)
        n, the largest first; 0 in the paramagnet.
    free_energy : array, shape (cells,)
        f.
    eigenvalue : array, shape (cells, K)
        Of the Hessian, in rising order.
    residual : array, shape (cells,)
        Largest violation of a saddle-point equation.
    found : bool array, shape (cells,)
        Whether there is a minimum.
    """

    effective_overlap: Array
    free_energy: Array
    eigenvalue: Array
    residual: Array
    found: NDArray[np.bool_]


def diluted(dilution: float, quality: float, examples: int) -> Diluted:
    """Network of given dilution, which stores patterns if examples are perfect.

    Examples
    --------
    >>> diluted(0.2, 1.0, 1), diluted(0.2, 0.5, 10)
    (Multitasking(dilution=0.2), Supervised(p=2, quality=0.5, examples=10, dilution=0.2))
    """
    learner = Supervised(2, quality, examples, dilution)
    return Multitasking(dilution) if learner.quality == 1.0 else learner


def _starts(n_patterns: int, dilution: float, temperature: Array) -> tuple[NDArray[np.intp], Array]:
    """Cells and states to descend from in them; the colder, the more minima there are."""
    critical = 1.0 - dilution
    few, many = guesses(n_patterns, 2 * n_patterns), guesses(n_patterns, 10 * 2**n_patterns)
    cold = temperature < COLD * critical
    cells, states = [], []
    for chosen, shares in ((~cold, few), (cold, many)):
        here = np.flatnonzero(chosen)
        size = critical * np.sqrt(1.0 - temperature[here] / critical)
        cells.append(np.repeat(here, len(shares)))
        states.append((size[:, None, None] * shares).reshape(-1, n_patterns))
    return np.concatenate(cells), np.concatenate(states)


def lowest_states(law: Columns, dilution: float, temperature: Array) -> Lowest:
    """States of least free energy that descents from many states lead to.

    Parameters
    ----------
    law : Columns
        Of single patterns.
    dilution : float
        d.
    temperature : array, shape (cells,)
        T.

    Returns
    -------
    Lowest

    Examples
    --------
    >>> law = law_of(Multitasking(0.2), (1, 1))
    >>> lowest_states(law, 0.2, np.array([0.0, 0.5, 0.9])).effective_overlap.round(6)
    array([[0.8     , 0.16    ],
           [0.712515, 0.      ],
           [0.      , 0.      ]])
    """
    critical = 1.0 - dilution
    warm = temperature >= critical * (1.0 - CRITICAL)
    t = np.where(warm, critical / 2.0, temperature)
    cells, states = _starts(law.patterns.size, dilution, t)
    states = updated(law, t[cells], states, UPDATES)
    kept = distinct(cells, states)
    cells = cells[kept]
    found = minima(law, t[cells], states[kept])
    free = np.where(found.converged, found.free_energy, np.inf)
    order = np.lexsort((free, cells))
    best = order[np.unique(cells[order], return_index=True)[1]]
    n = np.sort(np.abs(found.overlap[best]), axis=1)[:, ::-1]
    hot = 1.0 - critical / np.maximum(temperature, critical)
    return Lowest(
        np.where(warm[:, None], 0.0, n),
        np.where(warm, -temperature * np.log(2.0), found.free_energy[best]),
        np.where(warm[:, None], hot[:, None], found.eigenvalue[best]),
        np.where(warm, 0.0, found.residual[best]),
        warm | found.converged[best],
    )


def equal_groups(falls: NDArray[np.int8]) -> tuple[int, ...]:
    """Numbers of overlaps that are equal, of those that do not vanish.

    Parameters
    ----------
    falls : int8 array, shape (K,)
        Whether an overlap is larger than the next one, or 0; see `theory.multitasking.minima`.

    Returns
    -------
    tuple of int

    Examples
    --------
    >>> equal_groups(np.array([1, 0, 1, 0])), equal_groups(np.zeros(2))
    ((1, 2), ())
    """
    return tuple(np.diff(np.flatnonzero(falls), prepend=-1).tolist())


def regime_diagram(
    n_patterns: int,
    *,
    dilution: ArrayLike | None = None,
    temperature: ArrayLike | None = None,
    quality: float = 1.0,
    examples: int = 1,
    progress: bool = False,
) -> xr.Dataset:
    r"""State of least free energy of a network of a few diluted patterns.

    Of all minima of

    .. math:: f(n) = \frac12 \sum_\mu n_\mu^2 - T\, E \log 2\cosh\Bigl(\frac1T
              \sum_\mu n_\mu x^\mu\Bigr)

    that descents from many different states lead to, it is the lowest one. From T = 1 - d on it is
    the paramagnet, the only one.

    Parameters
    ----------
    n_patterns : int
        Number K of patterns, up to 5 within minutes.
    dilution : float or 1-D array, optional
        d in [0, 1); the midpoints of 100 intervals unless given. An array becomes a dimension.
    temperature : float or 1-D array, optional
        T >= 0; the midpoints of 100 intervals of [0, 1] unless given. An array becomes a dimension.
    quality : float
        r in (0, 1], with which archetypes are learnt; 1 if patterns are stored.
    examples : int
        Number M of examples of each archetype. From 50 on, and with more than two patterns, their
        mean is taken as normal.
    progress : bool
        Whether to show a bar in a terminal.

    Returns
    -------
    xarray.Dataset
        The name of the `state` as in `theory.retrieval_states`, or "paramagnet"; overlap and
        effective_overlap with every pattern, the largest first; `dominant`, whether the largest
        effective overlap exceeds the sum of the others, so that spins follow its pattern where it
        is not blank; free_energy; the eigenvalues of the Hessian, dimension mode; residual; and
        status, "not converged" where no minimum was found.

    Raises
    ------
    hopfield.InputError
        If an argument is out of range.

    References
    ----------
    E. Agliari et al., arXiv:1304.4488.

    Examples
    --------
    >>> import theory
    >>> diagram = theory.regime_diagram(3, dilution=[0.1, 0.8], temperature=[0.0, 0.05, 0.5])
    >>> diagram.state.values.tolist()
    [['hierarchical', '1+1', 'pure'], ['hierarchical', 'parallel', 'paramagnet']]
    """
    count = integer("n_patterns", n_patterns, low=1)
    midpoints = (np.arange(100) + 0.5) / 100.0
    dilutions = nonnegative_values("dilution", midpoints if dilution is None else dilution)
    temperatures = nonnegative_values(
        "temperature", midpoints if temperature is None else temperature
    )
    models = [diluted(check_dilution(float(d)), quality, examples) for d in dilutions.ravel()]
    rows = _rows(models, count, temperatures.ravel(), progress)
    shape = dilutions.shape + temperatures.shape
    dims = ("dilution",) * dilutions.ndim + ("temperature",) * temperatures.ndim
    last = {"overlap": ("pattern",), "effective_overlap": ("pattern",), "eigenvalue": ("mode",)}
    variables = {}
    for name in rows[0]:
        array = np.concatenate([row[name] for row in rows])
        variables[name] = (*dims, *last.get(name, ())), array.reshape(*shape, *array.shape[1:])
    coords = {
        "dilution": dilutions, "temperature": temperatures,
        "pattern": np.arange(count), "mode": np.arange(count),
    }  # fmt: skip
    attrs = provenance(models[0], n_patterns=count, quality=quality, examples=examples)
    return dataset(variables, coords, attrs)


def _rows(
    models: Sequence[Diluted], n_patterns: int, temperature: Array, progress: bool
) -> list[dict[str, NDArray[np.generic]]]:
    """Variables of the diagram, one dilution each."""
    from tqdm import tqdm

    rows: list[dict[str, NDArray[np.generic]]] = []
    for model in tqdm(models, disable=None if progress else True, delay=2.0, leave=False):
        law = law_of(model, (1,) * n_patterns, most_columns=MOST_COLUMNS)
        lowest = lowest_states(law, model.dilution, temperature)
        n = lowest.effective_overlap
        falls = steps(n, lowest.eigenvalue[:, 0])
        names = [state_name(equal_groups(each), n_patterns) for each in falls]
        rows.append({
            "state": np.array(names, dtype=np.str_),
            "overlap": averages(law, n, np.zeros_like(temperature), temperature).overlap,
            "effective_overlap": n,
            "dominant": 2.0 * n[:, 0] > n.sum(axis=1),
            "free_energy": lowest.free_energy,
            "eigenvalue": lowest.eigenvalue,
            "residual": lowest.residual,
            "status": np.where(lowest.found, "converged", "not converged"),
        })  # fmt: skip
    return rows
