r"""Hierarchical states of many examples, whose mean is normal, followed along a line.

All of them depend on quality and number of examples through the entropy ρ of the data set alone.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from theory.multitasking.columns import Columns, columns, gaussian_class
from theory.multitasking.equations import curvatures, observables, residuals
from theory.multitasking.fields import pulls
from theory.multitasking.search import first_guess, search
from theory.pairs.crosstalk import PairCrosstalk
from theory.saddle import Array

__all__ = [
    "NARROW",
    "Followed",
    "Hierarchy",
    "bisected",
    "change",
    "hierarchy",
    "law_of_many",
    "merger",
    "split_of_equal",
]

SMALLEST_STEP = 1e-9
SMALLEST_GAP = 1e-6
SMALLEST_OVERLAP = 1e-8

NARROW = 0.01
"""Overlaps that are closer, over the larger, are about to become equal, if they do."""

CLOSE = 1e-6
"""How far beyond a point this is looked for first."""

NONE = np.zeros(1)


@dataclass(frozen=True)
class Hierarchy:
    """A saddle point with K different overlaps, or what became of it.

    Parameters
    ----------
    overlap, effective_overlap : array, shape (K,)
        m and n.
    converged : bool
        Whether it was found.
    eigenvalue : float
        Smallest one of the Hessian.
    """

    overlap: Array
    effective_overlap: Array
    converged: bool
    eigenvalue: float

    @property
    def gap(self) -> float:
        """Smallest difference between an effective overlap and the next or 0, over the larger."""
        n = self.effective_overlap
        return float(-(np.diff(n, append=0.0) / n).max()) if (n > SMALLEST_OVERLAP).all() else 0.0

    @property
    def exists(self) -> bool:
        """Whether overlaps are different and positive."""
        return self.converged and self.gap > SMALLEST_GAP

    @property
    def stable(self) -> bool:
        """Whether it is a minimum of the free energy."""
        return self.exists and self.eigenvalue > 0.0


Followed = tuple[float, Hierarchy]
"""Where on the line, and the state there."""


def law_of_many(n_patterns: int, dilution: float, entropy: float) -> Columns:
    """Law of the columns of K patterns of different overlaps.

    Parameters
    ----------
    n_patterns : int
        K.
    dilution, entropy : float
        d and ρ.

    Returns
    -------
    Columns

    Examples
    --------
    >>> law_of_many(2, 0.5, 0.1).weight.sum()
    np.float64(1.0)
    """
    return columns([gaussian_class(1, dilution, entropy)] * n_patterns)


def hierarchy(
    n_patterns: int,
    dilution: float,
    entropy: float,
    temperature: float = 0.0,
    start: Array | None = None,
) -> Hierarchy:
    """Saddle point of K overlaps that a descent leads to.

    Parameters
    ----------
    n_patterns : int
        K.
    dilution, entropy, temperature : float
        d, ρ and T.
    start : array, shape (K,), optional
        First guess of the effective overlaps; those of spins that follow the first pattern that is
        not blank unless given.

    Returns
    -------
    Hierarchy

    Examples
    --------
    >>> found = hierarchy(3, 0.5, 0.0)
    >>> found.overlap.round(9), found.stable
    (array([0.5  , 0.25 , 0.125]), True)
    """
    law, crosstalk = law_of_many(n_patterns, dilution, entropy), _crosstalk(dilution)
    guess = first_guess(law, dilution) if start is None else start
    t = np.full(1, temperature)
    found = search(law, crosstalk, NONE, t, guess[None])
    point = law, crosstalk, NONE, t, found.effective_overlap, NONE
    k, values = curvatures(*point), observables(*point)
    return Hierarchy(
        values["overlap"][0], found.effective_overlap[0], bool(found.converged[0]),
        float(k.along.min()),
    )  # fmt: skip


def change(state: Hierarchy, here: Columns, near: Columns, dilution: float) -> Array:
    """Newton step at T = 0 from a saddle point to that of another law that is close.

    Parameters
    ----------
    state : Hierarchy
        The saddle point of the law `here`.
    here, near : Columns
        The two laws.
    dilution : float
        d.

    Returns
    -------
    array, shape (K,)

    Examples
    --------
    >>> here, near = law_of_many(2, 0.5, 0.0), law_of_many(2, 0.501, 0.0)
    >>> change(hierarchy(2, 0.5, 0.0), here, near, 0.5).round(6)
    array([-1.e-03, -1.e-06])
    """
    n = state.effective_overlap[None]
    jacobian = residuals(here, _crosstalk(dilution), NONE, NONE, n, NONE)[1][0, :-1, :-1]
    return np.asarray(np.linalg.solve(jacobian, (pulls(near, n, NONE, NONE)[0] - n)[0]))


def bisected(
    good: Followed, bad: float, step: Callable[[float, Followed], Hierarchy | None]
) -> Followed:
    """Last point at which a step succeeds, between one at which it does and one at which not.

    The search ends where two overlaps are nearly equal, see `merger`.

    Parameters
    ----------
    good : tuple
        Where it does, and the state there.
    bad : float
        Where it does not.
    step : callable
        ``step(x, good)`` gives the state at x that is found from the last good one, or none.

    Returns
    -------
    tuple
        As `good`.

    Examples
    --------
    >>> def below_three(dilution, good):
    ...     return hierarchy(2, dilution, 0.0) if dilution < 0.3 else None
    >>> round(bisected((0.1, hierarchy(2, 0.1, 0.0)), 0.5, below_three)[0], 6)
    0.3
    """
    while abs(bad - good[0]) > SMALLEST_STEP and good[1].gap > NARROW:
        middle = (good[0] + bad) / 2.0
        found = step(middle, good)
        if found is None:
            bad = middle
        else:
            good = middle, found
    return good


def merger(last: Followed, split: Callable[[float, Hierarchy], float]) -> float | None:
    """Where the closest two overlaps of a state become equal, if this is right after a point.

    Newton's method is slow where they are nearly so, but not once they are.

    Parameters
    ----------
    last : tuple
        The point, and the state there.
    split : callable
        ``split(x, state)`` is that of `split_of_equal` at x.

    Returns
    -------
    float or None

    Examples
    --------
    >>> last = 0.1413, hierarchy(2, 0.5, 0.1413)
    >>> found = merger(last, lambda rho, near: split_of_equal(near, 0.5, rho))
    >>> round(split_of_equal(last[1], 0.5, found), 9)
    0.0
    """
    x, near = last
    if near.gap > NARROW or split(x, near) > 0.0:
        return None
    after = (x + CLOSE * 4.0**i for i in range(8))
    beyond = next((y for y in after if split(y, near) > 0.0), None)
    return None if beyond is None else float(brentq(split, x, beyond, args=(near,), xtol=1e-13))


def split_of_equal(
    state: Hierarchy, dilution: float, entropy: float, temperature: float = 0.0
) -> float:
    """Eigenvalue of the difference of the closest two overlaps, were they equal.

    Parameters
    ----------
    state : Hierarchy
        In which two overlaps are close.
    dilution, entropy, temperature : float
        d, ρ and T.

    Returns
    -------
    float
        It vanishes where the two become equal.

    Examples
    --------
    >>> near = hierarchy(2, 0.5, 0.1)
    >>> split_of_equal(near, 0.5, 0.1) < 0.0 < split_of_equal(near, 0.5, 0.2)
    True
    """
    n = state.effective_overlap
    pair = int(np.argmax(np.diff(n) / n[:-1]))
    sizes = [2 if c == pair else 1 for c in range(n.size - 1)]
    law = columns([gaussian_class(size, dilution, entropy) for size in sizes])
    start = np.delete(n, pair)
    start[pair] = n[pair : pair + 2].mean()
    crosstalk, t = _crosstalk(dilution), np.full(1, temperature)
    found = search(law, crosstalk, NONE, t, start[None])
    point = law, crosstalk, NONE, t, found.effective_overlap, NONE
    return float(curvatures(*point).within[0, pair])


def _crosstalk(dilution: float) -> PairCrosstalk:
    return PairCrosstalk(((1.0 - dilution, 1.0),))
