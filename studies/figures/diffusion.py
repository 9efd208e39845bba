"""Figures of diffusion models that recall their examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hopfield import InputError
from studies.figures.colours import ordered_colours
from studies.figures.labels import axes_or_new

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_collapse_times", "plot_diffusion", "plot_diffusion_collapse"]

MOST_POINTS = 20
"""Simulated points of a curve; neighbours are not independent."""

POINTS, FEWEST = 24, 2.5
"""Loads of a line, and examples that it takes."""


def plot_diffusion_collapse(
    ds: xr.Dataset, *, load: float | None = None, ax: Axes | None = None
) -> Axes:
    """Draw the largest weight of an example against time, a line for each size.

    Parameters
    ----------
    ds : xarray.Dataset
        From `studies.diffusion_collapse`.
    load : float, optional
        One of its loads; the largest unless given.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Exact means at each size as lines, backward trajectories as points, with standard errors.

    Raises
    ------
    hopfield.InputError
        If there is no such load.

    Examples
    --------
    >>> from studies.diffusion import diffusion_collapse
    >>> result = diffusion_collapse([0.3], [8, 12], disorder=3, trajectories=4, steps=20)
    >>> axes = plot_diffusion_collapse(result)
    >>> [text.get_text() for text in axes.get_legend().get_texts()]
    ['N = 8', 'N = 12', '$t_C$, N to ∞']
    """
    from studies.diffusion_theory import closest_probability, half_time

    axes = axes_or_new(ax)
    alpha = float(ds["load"].max()) if load is None else load
    if alpha not in ds["load"].values:
        raise InputError(f"load must be one of {ds['load'].values.tolist()}, got {load!r}")
    one = ds.sel(load=alpha)
    pairs = zip(one.n_patterns.values, one["size"].values, strict=True)
    end = 2.0 * max(half_time(int(k), int(n)) for k, n in pairs)
    times = np.linspace(end / 200.0, end, 200)
    shown = np.flatnonzero(one.time.values <= end)
    shown = shown[:: max(1, len(shown) // MOST_POINTS)]
    for n, colour in zip(one["size"].values, ordered_colours(one["size"]), strict=True):
        curve = one.sel(size=n)
        exact = closest_probability(int(curve.n_patterns), int(n), times)
        axes.plot(times, exact, color=colour, label=f"N = {n}")
        few = curve.isel(point=shown)
        axes.errorbar(
            few.time.values, few.largest_weight.values, few.largest_weight_stderr.values,
            fmt="o", color=colour, ms=3,
        )  # fmt: skip
    axes.axvline(float(one.collapse_time_asymptotic), color="0.4", ls="--", label="$t_C$, N to ∞")
    axes.set(xlim=(0.0, end), ylim=(0.0, 1.02), xlabel="time t", ylabel="largest weight")
    axes.set_title(f"α = {alpha:g}", fontsize="medium")
    axes.legend(frameon=False)
    return axes


def plot_collapse_times(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw the collapse time against the load, at each size and without end.

    Parameters
    ----------
    ds : xarray.Dataset
        From `studies.diffusion_collapse`.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        The times at which half of the weight is on one example: exact at each size as lines,
        backward trajectories as points with standard errors.

    Examples
    --------
    >>> from studies.diffusion import diffusion_collapse
    >>> axes = plot_collapse_times(diffusion_collapse([0.3, 0.4], [8], disorder=3, trajectories=4))
    >>> axes.get_xlabel()
    'load α = log(n)/N'
    """
    from studies.diffusion_theory import collapse_time, half_time

    axes = axes_or_new(ax)
    low, high = (float(end) for end in (ds["load"].min(), ds["load"].max()))
    alpha = np.linspace(max(low - 0.03, low / 2.0), high + 0.03, POINTS)
    for n, colour in zip(ds["size"].values, ordered_colours(ds["size"]), strict=True):
        counts = np.exp(alpha * n)
        curve = [half_time(k, int(n)) if k > FEWEST else np.nan for k in counts]
        axes.plot(alpha, curve, color=colour, label=f"N = {n}")
        one = ds.sel(size=n)
        axes.errorbar(
            np.log(one.n_patterns.values) / n, one.collapse_time.values,
            one.collapse_time_stderr.values, fmt="o", color=colour, ms=4,
        )  # fmt: skip
    axes.plot(alpha, collapse_time(alpha), "--", color="0.4", label="N to ∞")
    axes.set(xlabel="load α = log(n)/N", ylabel="collapse time $t_C$", xlim=(alpha[0], alpha[-1]))
    axes.legend(frameon=False)
    return axes


def plot_diffusion(ds: xr.Dataset) -> Figure:
    """Figure with the largest weight at the largest load, and all collapse times.

    Parameters
    ----------
    ds : xarray.Dataset
        From `studies.diffusion_collapse`.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from studies.diffusion import diffusion_collapse
    >>> result = diffusion_collapse([0.3], [8], disorder=3, trajectories=4, steps=20)
    >>> len(plot_diffusion(result).axes)
    2
    """
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(9.0, 3.8), layout="constrained")
    plot_diffusion_collapse(ds, ax=left)
    plot_collapse_times(ds, ax=right)
    return figure
