"""Figures of exponential networks: phase diagram and thresholds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from studies.figures.labels import axes_or_new, legend_above, line_style

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["plot_exponential_diagram", "plot_exponential_thresholds"]

LOAD = "load α = log(K)/N"

LINES = {
    "spinodal": ("end of retrieval", *line_style("spinodal")),
    "first-order": ("retrieval is stable", *line_style("first-order")),
    "continuous": ("continuous transition", "black", "-"),
    "condensation": ("crosstalk condenses", "#4c72b0", "-"),
    "nishimori": ("T = 1/λ, closed form of Z", "#55a868", "-."),
    "second-moment": ("T = 1/(2λ), that of its mean", "#8c8c8c", ":"),
}
"""Words, colour and dashes of the lines of the phase diagram."""

CURVES: dict[str, tuple[str, str, Any]] = {
    "closest": ("closest pattern", "0.4", "-"),
    "closest, all patterns": ("closest, all patterns", "0.8", "-"),
    "weight": ("softmax of overlaps", "#c44e52", "-"),
    "flips": ("flips of single spins", "#4c72b0", "-"),
    "weight, all patterns": ("softmax, all patterns", "#c44e52", (0, (4, 4))),
    "flips, all patterns": ("flips, all patterns", "#4c72b0", (4, (4, 4))),
    "condensation": ("crosstalk condenses", "#55a868", ":"),
    "scatter": ("crosstalk has no scatter", "#937860", ":"),
}
"""Words, colour and dashes of thresholds; those of all patterns coincide in parts."""


def plot_exponential_diagram(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw the phase diagram of an exponential network.

    Retrieval is in equilibrium in the dark region and metastable in the light one.

    Parameters
    ----------
    ds : xarray.Dataset
        From `theory.phase_diagram` of a `hopfield.Exponential`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import hopfield, theory
    >>> ax = plot_exponential_diagram(theory.phase_diagram(hopfield.Exponential(), points=20))
    >>> ax.get_xlabel()
    'load α = log(K)/N'
    """
    ax = axes_or_new(ax)
    for line, (words, color, dashes) in LINES.items():
        one = ds.sel(line=line)
        ax.plot(one["load"], one.temperature, color=color, linestyle=dashes, label=words)
    equal, end, hot, free = (
        ds.sel(line=line) for line in ("first-order", "spinodal", "continuous", "condensation")
    )
    heights = np.concatenate([equal.temperature, hot.temperature])
    edge = np.concatenate([equal["load"], hot["load"]])
    ax.fill_betweenx(heights, 0.0, edge, color="#c44e52", alpha=0.2, linewidth=0.0)
    light: dict[str, Any] = {"color": "#c44e52", "alpha": 0.07, "linewidth": 0.0}
    ax.fill_betweenx(end.temperature, equal["load"], end["load"], **light)
    top, turn = float(heights.max()), float(hot.temperature[0])
    right, condensed = float(ds["load"].max()), float(free["load"][0])
    middle: dict[str, Any] = {"ha": "center", "va": "center"}
    ax.text(0.5 * condensed, 0.35 * turn, "retrieval", **middle)
    between = (float(np.interp(0.85 * top, hot.temperature, hot["load"])) + condensed) / 2.0
    ax.text(between, 0.85 * top, "condensed", rotation=90.0, **middle)
    ax.text((condensed + right) / 2.0, 0.85 * top, "paramagnet", **middle)
    ax.set(xlabel=LOAD, ylabel="temperature T", xlim=(0.0, right), ylim=(0.0, top))
    legend_above(ax)
    return ax


def plot_exponential_thresholds(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw thresholds of the load against the sharpness.

    Parameters
    ----------
    ds : xarray.Dataset
        From `theory.exponential_thresholds` for several values of the sharpness and one overlap.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import theory
    >>> ax = plot_exponential_thresholds(theory.exponential_thresholds([0.5, 1.0, 2.0]))
    >>> ax.get_xlabel()
    'sharpness λ'
    """
    ax, height = axes_or_new(ax), 0.0
    for criterion, (words, color, dashes) in CURVES.items():
        one = ds["load"].where(ds.criterion == criterion, drop=True)
        if np.isfinite(one).any():  # there is no limit by the closest pattern on a sphere
            ax.plot(ds.sharpness, one[0], color=color, linestyle=dashes, label=words)
            height = height if dashes == ":" else max(height, float(one.max()))
    ax.set(xlabel="sharpness λ", ylabel=LOAD, xlim=(0.0, float(ds.sharpness.max())))
    ax.set_ylim(0.0, 1.1 * height)
    legend_above(ax)
    return ax
