"""Figures of how much data learning takes: planes of the data set, capacities, thresholds."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hopfield import Unsupervised
from hopfield.models import polynomial_of
from studies.figures.labels import (
    axes_or_new,
    legend_above,
    line_style,
    line_words,
    load_label,
    plain_logarithms,
)
from studies.figures.learning import STYLES

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_capacity_by_entropy", "plot_learning_threshold", "plot_plane"]

ENTROPY = "entropy of the data set $\\rho = (1 - r^2)/(M r^2)$"


def plot_plane(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    r"""Draw the lines of a phase diagram over the entropy of the data set.

    Retrieval states exist in the shaded region; where it is dark, their overlap with archetypes is
    larger than erf(1/√2) = 0.68. In the light part they are close to the means of the examples,
    which are no longer close to the archetypes.

    Parameters
    ----------
    ds : xarray.Dataset
        From `theory.phase_diagram` at one temperature or one load.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import hopfield, theory
    >>> model = hopfield.Supervised(3, 0.5, 20)
    >>> ax = plot_plane(theory.phase_diagram(model, temperature=0.0, points=5))
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('entropy of the data set $\\rho = (1 - r^2)/(M r^2)$', 'load α = K/N²')
    """
    ax, model = axes_or_new(ax), polynomial_of(ds)
    name, fixed = ("load", "temperature") if "point" in ds["load"].dims else ("temperature", "load")
    for line in ds.line.values:
        color, style = line_style(str(line))
        one, label = ds.sel(line=line), line_words(str(line), model)
        ax.plot(one.dataset_entropy, one[name], color=color, linestyle=style, label=label)
    _shade(ax, ds, name)
    ax.set(xlabel=ENTROPY, ylabel=load_label(ds) if name == "load" else "temperature T")
    ax.set(xlim=(0.0, float(ds.dataset_entropy.max())), ylim=(0.0, _height(ds, name)))
    legend, symbol = legend_above(ax), "T" if fixed == "temperature" else "α"
    legend.set_title(f"{_data(ds)}, {symbol} = {float(ds[fixed]):g}")
    legend.get_title().set_fontsize("small")
    legend.set_alignment("left")
    return ax


def _data(ds: xr.Dataset) -> str:
    """The model of a plane without the quality, which varies."""
    described = json.loads(ds.attrs["model"])
    return f"{described['name'].lower()}, p = {described['p']}, M = {described['examples']}"


def _height(ds: xr.Dataset, name: str) -> float:
    """Where the plane ends: not far above retrieval, although other lines may go on."""
    highest = 1.05 * float(ds[name].max())
    if "spinodal" not in ds.line:
        return highest
    return min(highest, 1.6 * float(ds[name].sel(line="spinodal").max()))


def _shade(ax: Axes, ds: xr.Dataset, name: str) -> None:
    """Shade where retrieval states are, and where they are close to archetypes."""
    from theory.learning.examples import OVERLAP

    if "spinodal" not in ds.line:
        return
    end = ds.sel(line="spinodal")
    entropy, top = end.dataset_entropy.values, np.nan_to_num(end[name].values)
    learnt = np.where(end.overlap.values >= OVERLAP, top, 0.0)
    if "archetype" in ds.line:
        lost = ds[name].sel(line="archetype").values
        learnt = np.where(np.isfinite(lost), lost, learnt)
    ax.fill_between(entropy, learnt, top, color="#c44e52", alpha=0.08, linewidth=0.0)
    ax.fill_between(entropy, 0.0, learnt, color="#55a868", alpha=0.25, linewidth=0.0)


def plot_capacity_by_entropy(diagrams: Sequence[xr.Dataset]) -> Figure:
    r"""Draw capacities against the entropy of the data set, and the overlaps that are left there.

    Capacity is not learning: for p >= 3 there is retrieval at any entropy, of the means of the
    examples, whose overlap with the archetypes vanishes.

    Parameters
    ----------
    diagrams : sequence of xarray.Dataset
        From `theory.phase_diagram` at one temperature, of networks with and without a teacher.

    Returns
    -------
    matplotlib.figure.Figure
        Left with, right without a teacher. Top: capacities times (p-1)!. Bottom: overlaps m with
        the archetype and n with the effective pattern there. Lines are thick where
        m >= erf(1/√2) = 0.68.

    Examples
    --------
    >>> import hopfield, theory
    >>> both = [hopfield.Supervised(3, 0.5, 20), hopfield.Unsupervised(3, 0.5, 20)]
    >>> planes = [theory.phase_diagram(model, temperature=0.0, points=5) for model in both]
    >>> [ax.get_title() for ax in plot_capacity_by_entropy(planes).axes[:2]]
    ['supervised', 'unsupervised, M = 20']
    """
    import matplotlib.pyplot as plt

    from theory.learning.examples import OVERLAP

    models = [polynomial_of(ds) for ds in diagrams]
    kinds = list(dict.fromkeys(_teaching(ds) for ds in diagrams))
    orders = sorted({model.p for model in models})
    figure, axes = plt.subplots(
        2, len(kinds), figsize=(4.6 * len(kinds), 6.4), sharex=True, sharey="row", squeeze=False,
        layout="constrained",
    )  # fmt: skip
    for ds, model in zip(diagrams, models, strict=True):
        top, bottom = axes[:, kinds.index(_teaching(ds))]
        end, color = ds.sel(line="spinodal"), f"C{orders.index(model.p)}"
        capacity = end["load"] * math.factorial(model.p - 1)
        for ax, values, style, label in (
            (top, capacity, "-", f"p = {model.p}"),
            (bottom, end.overlap, "-", f"m, p = {model.p}"),
            (bottom, end.effective_overlap, "--", f"n, p = {model.p}"),
        ):
            ax.plot(end.dataset_entropy, values, style, lw=1.0, color=color, label=label)
            learnt = values.where(end.overlap >= OVERLAP)
            ax.plot(end.dataset_entropy, learnt, style, lw=2.5, color=color)
    for (top, bottom), kind in zip(axes.T, kinds, strict=True):
        top.set_title(kind, fontsize="medium")
        bottom.axhline(OVERLAP, color="black", lw=0.6)
        bottom.set(xlabel=ENTROPY, ylim=(0.0, 1.02))
    axes[0, 0].set(ylabel="capacity $(p-1)! \\, α_c$", yscale="log")
    axes[0, 0].set_xlim(0.0, float(diagrams[0].dataset_entropy.max()))
    axes[1, 0].set_ylabel("overlaps at capacity")
    for ax in axes[:, 0]:
        ax.legend(frameon=False, fontsize="small", ncols=2)
    return figure


def _teaching(ds: xr.Dataset) -> str:
    """Whether there is a teacher; the number of examples, where results depend on it."""
    model = polynomial_of(ds)
    name = type(model).__name__.lower()
    return f"{name}, M = {model.examples}" if isinstance(model, Unsupervised) else name


def plot_learning_threshold(ds: xr.Dataset, *others: xr.Dataset, ax: Axes | None = None) -> Axes:
    r"""Draw how many examples learning takes against their quality.

    In the legend is the power of r that two neighbours at the lowest quality make.

    Parameters
    ----------
    ds : xarray.Dataset
        From `theory.learning_threshold`, along an array of qualities.
    *others : xarray.Dataset
        The same for other models or loads.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import hopfield, theory
    >>> model = hopfield.Unsupervised(3, 0.1, 1)
    >>> ax = plot_learning_threshold(theory.learning_threshold(model, 0.1, quality=[0.1, 0.11]))
    >>> ax.get_legend().get_texts()[0].get_text()
    'unsupervised, p = 3, K/N² = 0.1: $r^{-6.0}$'
    """
    ax = axes_or_new(ax)
    for one in (ds, *others):
        style = STYLES[type(polynomial_of(one)).__name__.lower()]
        for load in np.atleast_1d(one["load"].values):
            line = one.sel(load=load) if "load" in one.dims else one
            quality, examples = np.atleast_1d(line.quality), np.atleast_1d(line.examples)
            label = _network(line) + _power(quality, examples)
            ax.plot(quality, examples, style, label=label)
    ax.set(
        xscale="log", yscale="log", xlabel="quality of an example r",
        ylabel="examples M that learning takes", ylim=(1.0, None),
    )  # fmt: skip
    plain_logarithms(ax)
    ax.legend(frameon=False, fontsize="small")
    return ax


def _network(ds: xr.Dataset) -> str:
    """Teacher, p and load of a threshold."""
    model, load = polynomial_of(ds), float(ds["load"])
    unit = load_label(ds).rpartition("= ")[2]
    return f"{type(model).__name__.lower()}, p = {model.p}, {unit} = {load:.3g}"


def _power(quality: NDArray[np.float64], examples: NDArray[np.float64]) -> str:
    """Power of the lowest qualities in the number of examples."""
    if quality.size < 2:
        return ""
    (low, high), (many, few) = np.log(quality[:2]), np.log(examples[:2])
    return f": $r^{{{(many - few) / (low - high):.1f}}}$" if np.isfinite(many - few) else ""
