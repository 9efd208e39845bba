"""Figures of models side by side: capacities, phase diagrams and tolerance to noise."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hopfield import Dense, Unsupervised
from hopfield.models import Polynomial, polynomial_of
from studies.families import ENDS, crosstalk_variance
from studies.figures.labels import axes_or_new, line_label, model_label
from studies.figures.overview import plot_phase_diagram

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

__all__ = [
    "plot_capacity_by_order",
    "plot_energies",
    "plot_noise_tolerance",
    "plot_phase_diagrams",
]

ENERGIES = {
    False: ("without self-interaction", "#c44e52", 8.0),
    True: ("with self-interaction", "#4c72b0", 4.0),
}
"""Words, colour and size of markers, which are of two sizes because many coincide."""


def plot_capacity_by_order(ds: xr.Dataset) -> Figure:
    r"""Draw capacities and temperatures against p: bare, and over the variance of the crosstalk.

    Parameters
    ----------
    ds : xarray.Dataset
        From `capacity_by_order`.

    Returns
    -------
    matplotlib.figure.Figure
        Left: loads. Middle: loads times :math:`\xi'(1)`, which is (p-1)! without and (2p-3)!!
        with self-interaction. Right: temperatures where retrieval ends.

    Examples
    --------
    >>> from studies.families import capacity_by_order
    >>> len(plot_capacity_by_order(capacity_by_order([3, 4])).axes)
    3
    """
    import matplotlib.pyplot as plt

    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(13.5, 4.2), layout="constrained")
    for full, (energy, color, size) in ENERGIES.items():
        one, drawn = ds.sel(self_interaction=full), {"color": color, "markersize": size}
        variance = np.array([crosstalk_variance(Dense(int(p), full)) for p in one.p])
        for end, style, words in ((ENDS[0], "o-", "T = 0"), (ENDS[1], "^:", "largest over T")):
            load, label = one["load"].sel(point=end), f"{energy}, {words}"
            left.plot(one.p, load, style, label=label, **drawn)
            middle.plot(one.p, load * variance, style, label=label, **drawn)
        half = one.temperature.sel(point=ENDS[2])
        right.plot(one.p, half, "o-", label=f"{energy}, half the capacity", **drawn)
    melting = ds.temperature.sel(point=ENDS[3], self_interaction=False)
    right.plot(ds.p, melting, "k^:", label="zero load")
    left.set(yscale="log", ylabel="load α = $K/N^{p-1}$")
    middle.set(ylabel=r"load $\alpha \, \xi'(1)$", ylim=(0.0, None))
    right.set(ylabel="end of retrieval $T_M$", ylim=(0.0, None))
    for ax in (left, middle, right):
        ax.set(xlabel="spins in an interaction p")
        ax.xaxis.get_major_locator().set_params(integer=True)
        ax.legend(frameon=False, fontsize="small")
    return figure


def plot_phase_diagrams(diagrams: Sequence[xr.Dataset]) -> Figure:
    """Draw phase diagrams side by side: one column for each p, one row for each kind of network.

    Parameters
    ----------
    diagrams : sequence of xarray.Dataset
        From `theory.phase_diagram`, each of another model.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> import hopfield, theory
    >>> diagrams = [theory.phase_diagram(hopfield.Dense(p), points=20) for p in (2, 3)]
    >>> [ax.get_title() for ax in plot_phase_diagrams(diagrams).axes]
    ['p = 2, without self-interaction', 'p = 3, without self-interaction']
    """
    import matplotlib.pyplot as plt

    models = [polynomial_of(ds) for ds in diagrams]
    columns = sorted({model.p for model in models})
    kinds = [dataclasses.replace(model, p=2) for model in models]
    rows = list(dict.fromkeys(kinds))
    figure, axes = plt.subplots(
        len(rows), len(columns), squeeze=False, layout="constrained",
        figsize=(4.2 * len(columns), 3.4 * len(rows)),
    )  # fmt: skip
    handles: dict[str, Line2D] = {}
    for ds, model, kind in zip(diagrams, models, kinds, strict=True):
        ax = axes[rows.index(kind), columns.index(model.p)]
        plot_phase_diagram(ds, ax=ax).set_title(model_label(model), fontsize="medium")
        ax.get_legend().remove()
        # What kind of glass it is differs between the panels; the common name is that of p = 2.
        words = [line_label(str(line), Dense(2)) for line in ds.line.values]
        handles.update(zip(words, ax.lines, strict=True))
    for ax in axes.flat:
        ax.set_visible(ax.has_data())
    figure.legend(
        list(handles.values()), list(handles), loc="outside lower center", ncols=5, frameon=False
    )
    return figure


def plot_energies(diagrams: Sequence[xr.Dataset], *, ax: Axes | None = None) -> Axes:
    r"""Draw the end of retrieval in the load over which models coincide at T = 0.

    For p >= 3 the load enters the equations of T = 0 as :math:`\alpha\xi'(1)` alone, the variance
    of the crosstalk field, so that retrieval of the two energies of one p ends at the same value.
    So it does with and without a teacher, for the same data set and at all temperatures.

    Parameters
    ----------
    diagrams : sequence of xarray.Dataset
        From `theory.phase_diagram`, each of another model.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import hopfield, theory
    >>> both = [theory.phase_diagram(hopfield.Dense(3, full), points=20) for full in (False, True)]
    >>> ends = [line.get_ydata()[0] for line in plot_energies(both).lines]
    >>> f"{ends[0]:.6f} {ends[1]:.6f}"
    '0.252190 0.252190'
    """
    ax = axes_or_new(ax)
    orders = sorted({polynomial_of(ds).p for ds in diagrams})
    for ds in diagrams:
        model, end = polynomial_of(ds), ds.sel(line="spinodal")
        ax.plot(
            end.temperature, end["load"] * crosstalk_variance(model),
            color=f"C{orders.index(model.p)}", linestyle="--" if _more_crosstalk(model) else "-",
            label=model_label(model),
        )  # fmt: skip
    ax.set(xlabel="temperature T", ylabel=r"capacity $\alpha_c \, \xi'(1)$", ylim=(0.0, None))
    ax.set_xlim(0.0, None)
    ax.legend(frameon=False, fontsize="small")
    return ax


def _more_crosstalk(model: Polynomial) -> bool:
    """Whether crosstalk is more than (p-1)! for reasons of the energy."""
    return model.self_interaction or isinstance(model, Unsupervised)


def plot_noise_tolerance(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    r"""Draw the tolerated noise against the number of patterns.

    The upper and the right axis count in powers of N: at :math:`K = N^b` a line is at
    :math:`w \sim N^{(p-1-b)/2}`.

    Parameters
    ----------
    ds : xarray.Dataset
        From `noise_tolerance`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from studies.families import noise_tolerance
    >>> plot_noise_tolerance(noise_tolerance([3], points=20)).get_xlabel()
    'number of patterns K, N = 200'
    """
    ax = axes_or_new(ax)
    size = json.loads(ds.attrs["parameters"])["size"]
    for p in ds.p.values:
        one = ds.sel(p=p, self_interaction=False)
        ax.loglog(one.n_patterns, one.coupling_noise, label=f"p = {p}")
    ax.set(xlabel=f"number of patterns K, N = {size}", ylabel="tolerated noise w")
    powers = np.arange(int(ds.p.max()) - 1)
    for side, step, draw in (
        (ax.secondary_xaxis("top"), 1.0, ax.axvline),
        (ax.secondary_yaxis("right"), 0.5, ax.axhline),
    ):
        ticks = float(size) ** (step * powers)
        side.set_ticks(ticks, [f"$N^{{{step * b:g}}}$" for b in powers])
        side.minorticks_off()
        for tick in ticks:
            draw(tick, color="black", alpha=0.2, linewidth=0.6)
    ax.legend(frameon=False)
    return ax
