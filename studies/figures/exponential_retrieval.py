"""Figures of retrieval in exponential networks of few spins."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hopfield import InputError
from studies.exponential_predictions import expected
from studies.figures.colours import ordered_colours
from studies.figures.labels import axes_or_new

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_exponential_retrieval", "plot_retrieval_probability"]

WORDS = {
    "weight": "most weight, at the start",
    "descent": "found by steepest descent",
    "stable": "stable",
}
"""What is asked of a pattern."""

POINTS = 40
"""Loads of a line."""


def plot_retrieval_probability(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw the probability of one criterion at one sharpness against the load.

    Parameters
    ----------
    ds : xarray.Dataset
        From `studies.exponential_retrieval`, one criterion and one sharpness of it.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Theory for each size as lines, as far as there is one, simulation as points with standard
        errors, and the threshold of infinite size.

    Raises
    ------
    hopfield.InputError
        If there is more than one criterion or sharpness.

    Examples
    --------
    >>> from studies import exponential_retrieval
    >>> found = exponential_retrieval(1.0, [0.2, 0.3], size=16, trials=25)
    >>> ax = plot_retrieval_probability(found.isel(criterion=1, sharpness=0))
    >>> ax.get_xlabel()
    'load α = log(K)/N'
    """
    for name in ("criterion", "sharpness"):
        if ds[name].ndim:
            raise InputError(f"{name} must be one, got {ds[name].values.tolist()}")
    ax = axes_or_new(ax)
    criterion, lam = str(ds.criterion.item()), float(ds.sharpness)
    edge = float(ds.threshold_load)
    low, last = 0.75 * float(ds["load"].min()), float(ds["load"].max())
    high = min(2.0 * edge, max(last, 1.03 * edge))
    loads = np.linspace(low, high, POINTS)
    for n, colour in zip(ds["size"].values, ordered_colours(ds["size"]), strict=True):
        one = ds.sel(size=n)
        curve = expected(criterion, lam, loads, int(n), float(one.overlap_start))
        ax.plot(loads, curve, color=colour, label=f"N = {n}")
        ax.errorbar(
            one.actual_load.values, one.probability.values, one.probability_stderr.values,
            fmt="o", color=colour, ms=3.5,
        )  # fmt: skip
    ax.axvline(edge, color="0.4", linestyle="--", label="N to ∞")
    ax.set(xlabel="load α = log(K)/N", ylabel="probability", xlim=(low, high), ylim=(-0.03, 1.03))
    return ax


def plot_exponential_retrieval(ds: xr.Dataset) -> Figure:
    """Figure of all criteria, one in a row, and a column for each sharpness.

    Parameters
    ----------
    ds : xarray.Dataset
        From `studies.exponential_retrieval`.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from studies import exponential_retrieval
    >>> found = exponential_retrieval(1.0, [0.2, 0.3], size=16, trials=25)
    >>> len(plot_exponential_retrieval(found).axes)
    3
    """
    import matplotlib.pyplot as plt

    rows, columns = ds.sizes["criterion"], ds.sizes["sharpness"]
    options: dict[str, Any] = {"figsize": (1.2 + 2.9 * columns, 1.0 + 2.1 * rows)}
    figure: Figure
    figure, grid = plt.subplots(rows, columns, squeeze=False, layout="constrained", **options)
    for i, criterion in enumerate(ds.criterion.values):
        for j, lam in enumerate(ds.sharpness.values):
            ax = plot_retrieval_probability(ds.isel(criterion=i, sharpness=j), ax=grid[i, j])
            ax.set_title(f"λ = {lam:g}" if i == 0 else "", fontsize="medium")
            ax.set_xlabel(ax.get_xlabel() if i == rows - 1 else "")
            ax.set_ylabel(f"P({WORDS[str(criterion)]})" if j == 0 else "", fontsize="small")
    handles, words = grid[0, 0].get_legend_handles_labels()
    figure.legend(handles, words, loc="outside upper center", ncols=len(words), frameon=False)
    return figure
