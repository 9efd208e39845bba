"""Figures: phase diagrams, simulated retrieval on top of them, and how well the two agree."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hopfield.models import model_of, polynomial_of
from studies.comparison import as_points
from studies.figures.exponential import plot_exponential_diagram
from studies.figures.labels import axes_or_new, legend_above, line_label, line_style, load_label
from studies.figures.planes import plot_plane
from studies.simulation import compared

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "plot_comparison",
    "plot_overview",
    "plot_phase_diagram",
    "plot_retrieval",
    "plot_series",
]

LABELS = {
    "overlap": "overlap m",
    "energy": "energy u",
    "replica_overlap": "self-overlap q",
    "effective_overlap": "effective overlap n",
}
"""What is compared, in words."""


_PHASE_MARKERS = {"retrieval": "o", "glass": "s", "paramagnet": "^", "condensed": "D", "none": "x"}


def plot_phase_diagram(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw the lines of a phase diagram.

    In the plane of load and temperature retrieval states exist in the shaded region; where it is
    dark, replica symmetry is broken in them and the end of the region only approximate. Planes of
    the data set are drawn by `studies.figures.planes.plot_plane`, and those of exponential networks
    by `studies.plot_exponential_diagram`.

    Parameters
    ----------
    ds : xarray.Dataset
        From `theory.phase_diagram`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import hopfield, theory
    >>> ax = plot_phase_diagram(theory.phase_diagram(hopfield.Hopfield(), points=20))
    >>> ax.get_xlabel()
    'load α = K/N'
    """
    if "dataset_entropy" in ds:
        return plot_plane(ds, ax=ax)
    if "condensation" in ds.line:
        return plot_exponential_diagram(ds, ax=ax)
    ax, model = axes_or_new(ax), polynomial_of(ds)
    for line in ds.line.values:
        color, style = line_style(str(line))
        one, label = ds.sel(line=line), line_label(str(line), model)
        ax.plot(one["load"], one.temperature, color=color, linestyle=style, label=label)
    spinodal, at = (ds.sel(line=line).dropna("point") for line in ("spinodal", "at"))
    # Over the temperature, in which the reentrant spinodal has a single value.
    heights, ends = spinodal.temperature, spinodal["load"]
    ax.fill_betweenx(heights, 0.0, ends, color="#c44e52", alpha=0.08, linewidth=0.0)
    ends = np.interp(at.temperature, heights, ends)
    ax.fill_betweenx(at.temperature, at["load"], ends, color="#937860", alpha=0.25, linewidth=0.0)
    ax.set(xlabel=load_label(ds), ylabel="temperature T", xlim=(0.0, float(ds["load"].max())))
    ax.set_ylim(0.0, 1.05 * float(ds.temperature.max()))
    ax.ticklabel_format(axis="x", scilimits=(-2, 3), useMathText=True)
    ax.locator_params(axis="x", nbins=6)
    legend_above(ax)
    return ax


def plot_retrieval(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw the simulated overlap at every point of a comparison, as colour.

    Parameters
    ----------
    ds : xarray.Dataset
        From `studies.compare` or `studies.compare_points`.
    ax : matplotlib.axes.Axes, optional
        Where to draw, for instance on a phase diagram; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import hopfield
    >>> from studies.comparison import compare_points
    >>> result = compare_points(hopfield.Hopfield(), 0.02, 0.4, size=100, disorder=2, replicas=2,
    ...                         sweeps=10, burn_in=5)
    >>> plot_retrieval(result).get_ylabel()
    'temperature T'
    """
    ax = axes_or_new(ax)
    flat = as_points(ds)
    shown = flat.overlap.isel(size=-1)
    for phase, marker in _PHASE_MARKERS.items():
        chosen = (flat.phase == phase).values
        if chosen.any():
            some = flat.isel(point=chosen)
            points = ax.scatter(
                some["load"], some.temperature, c=shown.values[chosen],
                marker=marker, vmin=0.0, vmax=1.0, cmap="viridis", edgecolor="black", zorder=3,
                label=f"simulation, {phase}",
            )  # fmt: skip
    ax.figure.colorbar(points, ax=ax, label=f"simulated overlap m, N = {int(shown['size'])}")
    ax.set(xlabel=load_label(ds), ylabel="temperature T")
    for limits, along in ((ax.set_xlim, flat["load"]), (ax.set_ylim, flat.temperature)):
        low, high = limits()
        limits(min(low, float(along.min())), max(high, 1.05 * float(along.max())))
    legend_above(ax)
    return ax


def plot_comparison(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw simulation minus theory in standard errors, for every point and quantity.

    Parameters
    ----------
    ds : xarray.Dataset
        From `studies.compare` or `studies.compare_points`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import hopfield
    >>> from studies.comparison import compare_points
    >>> result = compare_points(hopfield.Hopfield(), 0.02, 0.4, size=100, disorder=2, replicas=2,
    ...                         sweeps=10, burn_in=5)
    >>> plot_comparison(result).get_ylabel()
    '(simulation − theory) / standard error'
    """
    ax = axes_or_new(ax)
    flat = as_points(ds)
    where = np.arange(flat.sizes["point"])
    for limit, shade in ((4.0, 0.06), (2.0, 0.08)):
        ax.axhspan(-limit, limit, color="black", alpha=shade, linewidth=0.0)
    names = compared(model_of(ds))
    for shift, name in zip(np.linspace(-0.25, 0.25, len(names)), names, strict=True):
        z, label = flat[f"{name}_z"], LABELS[name]
        ax.errorbar(where + shift, z, yerr=np.ones(where.size), fmt="o", ms=4, lw=1, label=label)
    pairs = zip(flat["load"].values, flat.temperature.values, strict=True)
    ticks = [f"{a:.3g}, {t:.3g}" for a, t in pairs]
    ax.set_xticks(where, ticks, rotation=90, fontsize="small")
    ax.set(xlabel="α, T", ylabel="(simulation − theory) / standard error")
    ax.axhline(0.0, color="black", lw=0.8)
    legend_above(ax, columns=len(names))
    return ax


def plot_overview(lines: xr.Dataset, comparison: xr.Dataset) -> Figure:
    """Draw a comparison on its phase diagram, and the z-scores beside it.

    Parameters
    ----------
    lines : xarray.Dataset
        From `theory.phase_diagram`.
    comparison : xarray.Dataset
        From `studies.compare` or `studies.compare_points`.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import hopfield, theory
    >>> from studies.comparison import compare_points
    >>> result = compare_points(hopfield.Hopfield(), 0.02, 0.4, size=100, disorder=2, replicas=2,
    ...                         sweeps=10, burn_in=5)
    >>> lines = theory.phase_diagram(hopfield.Hopfield(), points=20)
    >>> len(plot_overview(lines, result).axes)
    3
    """
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(11.5, 4.6), layout="constrained")
    plot_phase_diagram(lines, ax=left)
    plot_retrieval(comparison, ax=left)
    plot_comparison(comparison, ax=right)
    return figure


def plot_series(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw the overlap of every replica, sweep by sweep, and its mean with two standard errors.

    Parameters
    ----------
    ds : xarray.Dataset
        From `montecarlo.sample` at one temperature, with its series.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import hopfield, montecarlo
    >>> net = hopfield.Hopfield().network(size=100, load=0.02, seed=1)
    >>> ds = montecarlo.sample(net, 0.3, sweeps=20, burn_in=5, replicas=4)
    >>> plot_series(ds).get_xlabel()
    'sweep'
    """
    ax = axes_or_new(ax)
    ax.plot(ds.sweep, ds.overlap_series.transpose("sweep", "replica"), lw=0.5, alpha=0.5)
    mean, error = float(ds.overlap), 2.0 * float(ds.overlap_stderr)
    ax.axhline(mean, color="black", lw=1.0)
    ax.axhspan(mean - error, mean + error, color="black", alpha=0.3, linewidth=0.0)
    ax.set(xlabel="sweep", ylabel="overlap m")
    return ax
