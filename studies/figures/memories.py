"""Figures of key-value memories: error against load, and against age."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from studies.figures.labels import axes_or_new, plain_logarithms

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["plot_associative_retrieval", "plot_memory_ages", "plot_memory_curves"]

LEAST = 1e-4
"""Errors below this are not drawn."""
MARKERS = "so^dv"
"""Of dimensions, from the smallest."""


def _colours(count: int) -> Any:
    """Colours that differ, the eleventh black."""
    import matplotlib as mpl

    found = [*mpl.color_sequences["tab10"], "black"]
    return [found[k % len(found)] for k in range(count)]


def _beside(ax: Axes) -> None:
    """Legend on the right of the axes, which are full of lines."""
    ax.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize="small")


def _points(ax: Axes, x: Any, one: xr.Dataset, marker: str, colour: Any) -> None:
    """Simulated errors with their standard errors, as far as they can be seen."""
    shown = (one.error > LEAST).values
    ax.errorbar(
        np.asarray(x)[shown], one.error.values[shown], one.error_stderr.values[shown],
        fmt=marker, color=colour, markersize=4, capsize=2, fillstyle="none",
    )  # fmt: skip


def plot_memory_curves(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw errors of key-value memories against their load.

    Lines are theory, dotted for all but the largest dimension, points the simulation.

    Parameters
    ----------
    ds : xarray.Dataset
        From `studies.memory_curves`.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from hopfield.memories import Hebbian
    >>> from studies.memories import memory_curves
    >>> ds = memory_curves({"Hebbian": Hebbian()}, [0.5, 1.0], [16, 32], draws=2)
    >>> plot_memory_curves(ds).get_xlabel()
    'load K/d'
    """
    axes = axes_or_new(ax)
    for memory, colour in zip(ds.memory.values, _colours(ds.sizes["memory"]), strict=True):
        one = ds.sel(memory=memory)
        seen = one.error_theory.where(one.error_theory > LEAST)
        axes.plot(ds["load"], seen.isel(dimension=slice(None, -1)), ":", color=colour)
        axes.plot(ds["load"], seen.isel(dimension=-1), color=colour, label=str(memory))
        for k in range(ds.sizes["dimension"]):
            _points(axes, ds["load"], one.isel(dimension=k), MARKERS[k % len(MARKERS)], colour)
    for k, d in enumerate(ds.dimension.values):
        marker = MARKERS[k % len(MARKERS)]
        axes.plot([], [], marker, color="0.4", fillstyle="none", label=f"simulated, d = {d}")
    axes.set(xscale="log", yscale="log", xlabel="load K/d", ylabel="error ε")
    plain_logarithms(axes)
    _beside(axes)
    return axes


def plot_associative_retrieval(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw errors in synthetic associative retrieval against the number of keys.

    Lines are theory, points the simulation, least squares dashed.

    Parameters
    ----------
    ds : xarray.Dataset
        From `studies.associative_retrieval`.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from hopfield.memories import SoftmaxAttention
    >>> from studies.memories import associative_retrieval
    >>> ds = associative_retrieval({"softmax": SoftmaxAttention(8.0)}, [20, 40], draws=2)
    >>> plot_associative_retrieval(ds).get_xlabel()
    'number S of unique keys'
    """
    axes = axes_or_new(ax)
    names = [str(memory) for memory in ds.memory.values]
    kinds = list(dict.fromkeys(name.removesuffix(", least squares") for name in names))
    colours = dict(zip(kinds, _colours(len(kinds)), strict=True))
    for name in names:
        one, kind = ds.sel(memory=name), name.removesuffix(", least squares")
        dashes = "-" if name == kind else "--"
        known = bool(np.isfinite(one.error_theory).any())
        line = one.error_theory if known else one.error
        axes.plot(
            ds.n_pairs, line, dashes, color=colours[kind], linewidth=1.5 if known else 1.0,
            label=name if known else f"{name} (simulated)",
        )  # fmt: skip
        axes.errorbar(
            ds.n_pairs, one.error, one.error_stderr, fmt=".", color=colours[kind], markersize=4
        )
    axes.set(xlabel="number S of unique keys", ylabel="error ε", ylim=(-0.02, None))
    _beside(axes)
    return axes


def plot_memory_ages(ds: xr.Dataset, *, label: str = "", ax: Axes | None = None) -> Axes:
    """Draw the error of a pair against its age.

    Parameters
    ----------
    ds : xarray.Dataset
        From `theory.memory_error_by_age`.
    label : str
        Of the line.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import theory
    >>> from hopfield.memories import Retention
    >>> axes = plot_memory_ages(theory.memory_error_by_age(Retention(0.99), 100, 64))
    >>> axes.get_xlabel()
    'age t/d'
    """
    axes = axes_or_new(ax)
    axes.plot(ds.age / float(ds.dimension), ds.error, label=label)
    axes.set(xlabel="age t/d", ylabel="error ε")
    return axes
