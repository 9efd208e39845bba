"""Which state of diluted patterns has the lowest free energy, in the plane of d and T."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import integer, nonnegative_values
from hopfield.patterns import check_dilution
from hopfield.results import dataset, provenance
from theory.multitasking.fields import averages
from theory.multitasking.laws import COLUMNS_OF_A_PLANE, Diluted, law_of, state_name
from theory.multitasking.lowest import diluted, equal_groups, lowest_states
from theory.multitasking.minima import steps
from theory.saddle import Array

__all__ = ["regime_diagram"]


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
        Number M of examples of each archetype. From 50 on their mean is taken as normal if K > 1;
        with fewer the law is exact, and slow for large M and K.
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
        variables[name] = (*dims, *last.get(name, ())), array.reshape((*shape, *array.shape[1:]))
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
        law = law_of(model, (1,) * n_patterns, most_columns=COLUMNS_OF_A_PLANE)
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
