"""Figures of the way from binary spins to attention."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hopfield import attention
from hopfield.attention import units
from studies.bridge_cells import END, line
from studies.figures.colours import ordered_colours
from studies.figures.labels import axes_or_new

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = [
    "plot_attention_limit",
    "plot_bridge",
    "plot_unit_densities",
    "plot_unit_outputs",
    "plot_weight_calibration",
]

SHOWN = (1, 4, 16, 64)
"""Numbers of spins in a unit that have a line, as far as there are any."""

FINE = 201
"""Points of exact curves."""

QUANTITIES = {
    "fixed_point_distance": ("retrieved state, no noise", "#b5aad6", "s"),
    "second_moment": ("squared norm of states", "#c44e52", "o"),
    "state_energy": ("energy of states", "#dd8452", "v"),
    "largest_weight": ("largest weight", "#55a868", "^"),
    "output": ("output of one step", "#4c72b0", "o"),
}
"""Words, colour and marker."""


def plot_unit_densities(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw how the values of a unit are distributed, from one spin to a mixture of Gaussians.

    Parameters
    ----------
    ds : xarray.Dataset
        From `studies.spins_to_attention`.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Exact densities as lines, sampled ones as points with standard errors.

    Examples
    --------
    >>> from studies.bridge import spins_to_attention
    >>> ds = spins_to_attention(6, 1.0, (1, 4), flipped=4, replicas=8, sweeps=100, draws=100)
    >>> len(plot_unit_densities(ds).containers)
    2
    """
    axes = axes_or_new(ax)
    beta = float(ds.beta)
    here = ds.patterns.values[:, int(ds.site)].astype(float)
    reach = 1.0 + 3.2 / np.sqrt(beta)
    x = np.linspace(-reach, reach, 300)
    bumps = np.exp(-beta * (x[:, None] - here) ** 2 / 2.0) * np.sqrt(beta / (2.0 * np.pi))
    axes.fill_between(x, bumps.mean(axis=1), color="0.88", zorder=0)
    axes.plot(x, bumps.mean(axis=1), color="black", lw=2.0, label="n → ∞, Gaussians", zorder=3)
    for one, colour, n in _shown(ds):
        source = "single flips" if n <= _flipped(ds) else "block heat bath"
        values, found = one.component.values, one.sel(sampler=source)
        seen = slice(0, n + 1)
        half = 1.0 / np.sqrt(n * beta)
        edges = np.append(values[seen] - half, values[n] + half)
        axes.stairs(one.component_density_theory.values[seen], edges, color=colour, lw=0.9)
        axes.errorbar(
            values, found.component_density, found.component_density_stderr, fmt="o", ms=3.5,
            color=colour, label=_label(n),
        )  # fmt: skip
    axes.set(xlim=(-reach, reach), xlabel="value of a unit", ylabel="probability density")
    axes.set_ylim(0.0, None)
    axes.legend(frameon=False, fontsize="small")
    return axes


def plot_unit_outputs(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw what one step of heat bath makes of a state between two patterns.

    Parameters
    ----------
    ds : xarray.Dataset
        From `studies.spins_to_attention`.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Exact means as lines, those of many steps as points.

    Examples
    --------
    >>> from studies.bridge import spins_to_attention
    >>> ds = spins_to_attention(6, 1.0, (1, 4), flipped=4, replicas=8, sweeps=100, draws=100)
    >>> plot_unit_outputs(ds).get_ylabel()
    'output, mean after one step'
    """
    axes = axes_or_new(ax)
    patterns, beta = ds.patterns.values.astype(float), float(ds.beta)
    states, along = line(patterns, FINE)
    full = attention.update(states, patterns, beta) @ along
    x = np.linspace(-END, END, FINE)
    axes.plot(x, full, color="black", label="attention")
    for one, colour, n in _shown(ds):
        axes.plot(x, full * units.response(1.0, beta, n), color=colour, lw=0.9)
        axes.errorbar(
            ds.input, one.output, one.output_stderr, fmt="o", ms=3.5, color=colour, label=_label(n)
        )
    axes.set(
        xlabel="input, from second (-1) to first pattern (1)", ylabel="output, mean after one step",
        ylim=(-1.15, 1.15),
    )  # fmt: skip
    axes.legend(frameon=False, fontsize="small")
    return axes


def plot_weight_calibration(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw how often a pattern is behind the spins, against its weight in attention.

    Parameters
    ----------
    ds : xarray.Dataset
        From `studies.spins_to_attention`.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from studies.bridge import spins_to_attention
    >>> ds = spins_to_attention(6, 1.0, (1, 4), flipped=4, replicas=8, sweeps=100, draws=100)
    >>> plot_weight_calibration(ds).get_xlabel()
    'weight that attention gives to a pattern'
    """
    axes = axes_or_new(ax)
    axes.plot([0.0, 1.0], [0.0, 1.0], color="black", label="equal")
    for one, colour, n in _shown(ds):
        axes.errorbar(
            one.mean_weight, one.behind, one.behind_stderr, fmt="o", ms=3.5, color=colour,
            label=_label(n),
        )  # fmt: skip
    axes.set(
        xlabel="weight that attention gives to a pattern",
        ylabel="how often the spins come from it", xlim=(-0.03, 1.03), ylim=(-0.03, 1.03),
    )  # fmt: skip
    axes.legend(frameon=False, fontsize="small")
    return axes


def plot_attention_limit(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw how far everything is from attention, against the number of spins in a unit.

    Parameters
    ----------
    ds : xarray.Dataset
        From `studies.spins_to_attention`.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Exact distances as lines, sampled ones as points where they are above their errors.

    Examples
    --------
    >>> from studies.bridge import spins_to_attention
    >>> ds = spins_to_attention(6, 1.0, (1, 4), flipped=4, replicas=8, sweeps=100, draws=100)
    >>> plot_attention_limit(ds).get_xscale()
    'log'
    """
    axes = axes_or_new(ax)
    n = ds.spins_per_unit.values
    for name, (words, colour, marker) in QUANTITIES.items():
        one = ds.sel(quantity=name)
        stderr = one.limit_distance_stderr.fillna(0.0)
        seen = one.limit_distance > stderr
        exact = one.limit_distance_theory
        axes.plot(n, exact.where(exact > 0.0), color=colour, lw=0.9)
        axes.errorbar(
            n, one.limit_distance.where(seen), stderr.where(seen), fmt=marker, color=colour,
            ms=7 if name == "fixed_point_distance" else 4, label=words,
        )  # fmt: skip
    top = 2.0 * float(ds.limit_distance_theory.isel(spins_per_unit=-1).max()) * n[-1]
    axes.plot(n, top / n, "--", color="black", label="power -1")
    axes.set(xscale="log", yscale="log", xlabel="number n of spins in a unit")
    axes.set(ylabel="distance from attention", ylim=(None, 20.0 * top / n[0]))
    axes.legend(frameon=False, fontsize="small", ncols=2, loc="upper center")
    return axes


def plot_bridge(ds: xr.Dataset) -> Figure:
    """Figure of all four, from spins to attention.

    Parameters
    ----------
    ds : xarray.Dataset
        From `studies.spins_to_attention`.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from studies.bridge import spins_to_attention
    >>> ds = spins_to_attention(6, 1.0, (1, 4), flipped=4, replicas=8, sweeps=100, draws=100)
    >>> len(plot_bridge(ds).axes)
    4
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(2, 2, figsize=(10.0, 8.0), layout="constrained")
    drawn = (
        (plot_unit_densities, "A unit is a sum of n spins ±1:\nits noise becomes Gaussian"),
        (plot_weight_calibration, "The weights of attention are probabilities,\nfor any n"),
        (plot_unit_outputs, "One heat-bath step of the spins is on average\n"
         "attention, times a factor that tends to 1"),
        (plot_attention_limit, "What is left of the spins\nvanishes as 1/n"),
    )  # fmt: skip
    for ax, (plot, title) in zip(axes.flat, drawn, strict=True):
        plot(ds, ax=ax)
        ax.set_title(title, fontsize="medium")
    return figure


def _shown(ds: xr.Dataset) -> list[tuple[xr.Dataset, Any, int]]:
    """Results at some numbers of spins, with their colours."""
    numbers = [int(n) for n in ds.spins_per_unit.values if n in SHOWN]
    parts = [ds.sel(spins_per_unit=n) for n in numbers]
    return list(zip(parts, ordered_colours(numbers), numbers, strict=True))


def _flipped(ds: xr.Dataset) -> int:
    """Largest number of spins in a unit that were flipped one by one, or 0."""
    known = ds.second_moment.sel(sampler="single flips").notnull()
    return int(ds.spins_per_unit.where(known, 0).max())


def _label(n: int) -> str:
    return f"n = {n}"
