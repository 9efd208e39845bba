"""Figures of several archetypes that are learnt at once: thresholds, and what a teacher changes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from hopfield.learning import LEARNERS
from studies.figures.labels import axes_or_new, legend_above, plain_logarithms

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = [
    "plot_examples_by_quality",
    "plot_hierarchical_edge",
    "plot_teacher_comparison",
    "plot_teacher_plane",
    "plot_threshold_by_dilution",
]

CRITERIA = {
    "signal to noise": (":", "signal = noise"),
    "one update": ("--", "one update"),
    "retrieval": ("-", "retrieval"),
}
"""Dashes and words of criteria."""

COOLED = "pure | parallel, just below $T_c$"

PLANE = (
    ("white", "no such state"),
    ("#8fbcd4", "stable with and without a teacher"),
    ("#e3a26b", "stable with a teacher only"),
)


def _threshold_lines(ds: xr.Dataset, axes: Axes, along: str, name: str) -> None:
    """Lines of one criterion, a colour for each archetype; a black one if all are alike."""
    style, words = CRITERIA[json.loads(ds.attrs["parameters"])["criterion"]]
    values = ds[name].transpose("pattern", ...).values
    if np.allclose(values, values[:1], rtol=1e-2, equal_nan=True):
        axes.plot(ds[along], values[0], style, color="black", label=f"{words}, all k")
        return
    for k, line in enumerate(values):
        axes.plot(ds[along], line, style, color=f"C{k}", label=f"{words}, k = {k + 1}")


def plot_examples_by_quality(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw how many examples of every archetype are needed, against their quality.

    Parameters
    ----------
    ds : xarray.Dataset
        From `theory.multitask_threshold`, of several qualities and one dilution.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure; several criteria may be drawn into one.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import hopfield, theory
    >>> model = hopfield.Supervised(2, 0.5, 1, dilution=0.5)
    >>> axes = plot_examples_by_quality(theory.multitask_threshold(model, 2, quality=[0.1, 0.5]))
    >>> len(axes.lines)
    2
    """
    axes = axes_or_new(ax)
    _threshold_lines(ds, axes, "quality", "examples")
    axes.set(xscale="log", yscale="log", xlabel="quality r", ylabel="examples M of an archetype")
    most = max(np.nanmax(np.asarray(line.get_ydata())) for line in axes.lines)
    axes.set_ylim(1.0, 2.0 * most)  # one example is enough below
    plain_logarithms(axes)
    axes.legend(frameon=False, fontsize="small")
    axes.set_title(f"d = {float(ds.dilution):g}, K = {ds.sizes['pattern']}", fontsize="medium")
    return axes


def plot_threshold_by_dilution(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw the entropy of the data set up to which archetypes are retrieved, against dilution.

    Parameters
    ----------
    ds : xarray.Dataset
        From `theory.multitask_threshold`, of several dilutions.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure; several criteria may be drawn into one.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import hopfield, theory
    >>> model = hopfield.Supervised(2, 0.5, 1)
    >>> found = theory.multitask_threshold(model, 2, dilution=[0.1, 0.5])
    >>> plot_threshold_by_dilution(found).get_ylabel()
    'entropy ρ = (1 − r²)/(M r²) of the data set'
    """
    axes = axes_or_new(ax)
    _threshold_lines(ds, axes, "dilution", "dataset_entropy")
    axes.set(xlabel="dilution d", ylabel="entropy ρ = (1 − r²)/(M r²) of the data set")
    axes.set(xlim=(0.0, 1.0), yscale="log")
    legend_above(axes)
    return axes


def plot_hierarchical_edge(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    r"""Draw up to which dilution the hierarchical state goes on at T = 0, by the entropy ρ.

    Parameters
    ----------
    ds : xarray.Dataset
        From `theory.hierarchical_edge`, of several entropies.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure; several numbers of patterns may be drawn into one.

    Returns
    -------
    matplotlib.axes.Axes
        Dotted: just below the critical temperature, the pure state is lowest to the left of
        :math:`2/(3(1+\rho)^2)`, the parallel one to the right.

    Examples
    --------
    >>> import theory
    >>> axes = plot_hierarchical_edge(theory.hierarchical_edge(2, [0.1, 0.2]))
    >>> [line.get_label() for line in axes.lines]
    ['K = 2: two overlaps become equal', 'pure | parallel, just below $T_c$']
    """
    axes = axes_or_new(ax)
    count, colour = ds.sizes["pattern"], f"C{ds.sizes['pattern'] - 1}"
    kinds = (("jump", "o-", "jump"), ("merger", "-", "two overlaps become equal"))
    for limit, style, words in kinds:
        one = ds.dilution.where(ds.limit == limit)
        if one.notnull().any():
            label = f"K = {count}: {words}"
            axes.plot(one, ds.dataset_entropy, style, color=colour, ms=3, label=label)
    if COOLED not in [line.get_label() for line in axes.lines]:
        rho = np.linspace(0.0, float(ds.dataset_entropy.max()), 100)
        axes.plot(2.0 / 3.0 / (1.0 + rho) ** 2, rho, ":", color="0.5", label=COOLED)
    axes.set(xlabel="dilution d", ylabel="entropy ρ of the data set", xlim=(0.0, 1.0))
    axes.set_yscale("symlog", linthresh=0.01)
    axes.set_ylim(0.0, None)
    axes.legend(frameon=False, fontsize="small")
    return axes


def plot_teacher_plane(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw where a state is stable with a teacher only.

    Parameters
    ----------
    ds : xarray.Dataset
        From `teacher_plane`.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Crosses: single examples attract a network without a teacher that has one archetype.

    Examples
    --------
    >>> from studies.multitask_learning import teacher_plane
    >>> axes = plot_teacher_plane(teacher_plane([4, 5, 6], [0.0, 0.1, 0.2]))
    >>> axes.get_xlabel()
    'examples M of an archetype'
    """
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    axes = axes_or_new(ax)
    flat = ds.transpose("temperature", "examples", ...)
    kind = flat.stable.values + (flat.stable & ~flat.stable_without_teacher).values.astype(int)
    colours = ListedColormap([colour for colour, _ in PLANE])
    axes.pcolormesh(
        ds.examples, ds.temperature, kind, cmap=colours, shading="nearest", vmin=-0.5, vmax=2.5,
        rasterized=True,
    )  # fmt: skip
    rows, columns = np.nonzero(flat.example_attractor.values)
    axes.plot(
        ds.examples.values[columns], ds.temperature.values[rows], "x", color="black", ms=2.5,
        mew=0.6, linestyle="none", label="single examples attract without a teacher",
    )  # fmt: skip
    handles: list[Any] = [Patch(fc=colour, ec="0.6", label=words) for colour, words in PLANE]
    handles += axes.lines
    axes.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0.0, 1.08), frameon=False,
        fontsize="small",
    )  # fmt: skip
    words = f"r = {float(ds.quality):g}, d = {float(ds.dilution):g}, K = {ds.sizes['pattern']}"
    axes.set(xlabel="examples M of an archetype", ylabel="temperature T")
    axes.set_title(words, fontsize="medium")
    return axes


def plot_teacher_comparison(
    ds: xr.Dataset, *, start: str = "archetypes", ax: Axes | None = None
) -> Axes:
    """Draw overlaps with the archetypes with and without a teacher, against their examples.

    Parameters
    ----------
    ds : xarray.Dataset
        From `teacher_comparison`, at one temperature.
    start : str
        "archetypes" or "examples".
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Lines: theory of the hierarchical state.

    Examples
    --------
    >>> from studies.multitask_learning import teacher_comparison
    >>> found = teacher_comparison([4, 25], [0.1], size=500, disorder=2, replicas=1)
    >>> axes = plot_teacher_comparison(found.isel(temperature=0))
    >>> len(axes.containers)
    4
    """
    axes = axes_or_new(ax)
    chosen = ds.sel(start=start)
    for k in ds.pattern.values:
        one, colour = chosen.sel(pattern=k), f"C{k}"
        axes.plot(ds.examples, one.overlap_theory, color=colour, lw=1.0)
        for i, teacher in enumerate(LEARNERS):
            own = one.sel(teacher=teacher)
            axes.errorbar(
                ds.examples.values * (0.97, 1.03)[i], own.overlap.values,
                yerr=own.overlap_stderr.values,
                fmt="os"[i], ms=4, mfc=colour if i == 0 else "white", color=colour, capsize=2.0,
                linestyle="none", label=f"{teacher}, $m_{k + 1}$",
            )  # fmt: skip
    axes.set(xscale="log", xlabel="examples M of an archetype", ylabel="overlap with an archetype")
    axes.set_xticks(ds.examples.values, [f"{m}" for m in ds.examples.values])
    axes.set_xticks([], minor=True)
    axes.set_ylim(0.0, None)
    axes.legend(frameon=False, fontsize="small")
    words = f"start from {start}, T = {float(ds.temperature):g}, r = {float(ds.quality):g}"
    axes.set_title(f"{words}, d = {float(ds.dilution):g}", fontsize="medium")
    return axes
