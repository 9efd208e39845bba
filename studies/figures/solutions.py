"""Figures of what theory says of one model: solutions, capacities, metastable states."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hopfield.models import model_of
from studies.figures.labels import ansatz, axes_or_new, load_label, load_unit

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

__all__ = ["plot_capacity", "plot_complexity", "plot_solution"]

_ORDER_PARAMETERS = {
    "overlap": "overlap m",
    "effective_overlap": "effective overlap n",
    "self_overlap": "self-overlap q",
    "self_overlap_0": "$q_0$, between states",
    "self_overlap_1": "$q_1$, inside a state",
    "breakpoint": "breakpoint x",
}


def plot_solution(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw the overlap of solutions: a map over a grid, curves along one array, or a point.

    Parameters
    ----------
    ds : xarray.Dataset
        From `theory.solve`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import hopfield, theory
    >>> ds = theory.solve(hopfield.Hopfield(), 0.05, [0.1, 0.2, 0.3])
    >>> plot_solution(ds).get_xlabel()
    'temperature T'
    """
    ax = axes_or_new(ax)
    if len(ds.overlap.dims) == 2:
        mesh = ax.pcolormesh(
            ds["load"], ds.temperature, ds.overlap.transpose("temperature", "load"),
            vmin=0.0, vmax=1.0, shading="nearest",
        )  # fmt: skip
        ax.figure.colorbar(mesh, ax=ax, label="overlap m")
        ax.set(xlabel=load_label(ds), ylabel="temperature T")
        return ax
    along = ds.overlap.dims[0] if ds.overlap.dims else "temperature"
    for name, label in _ORDER_PARAMETERS.items():
        if name in ds:
            ax.plot(np.atleast_1d(ds[along]), np.atleast_1d(ds[name]), ".-", label=label)
    ax.set(xlabel=load_label(ds) if along == "load" else "temperature T", ylim=(-0.05, 1.05))
    ax.legend(frameon=False)
    return ax


def plot_capacity(ds: xr.Dataset, *others: xr.Dataset, ax: Axes | None = None) -> Axes:
    """Draw the end of the retrieval phase against temperature.

    If the network learns from examples, the overlaps there are drawn as well, on the axis to the
    right: what is retrieved at capacity may have little to do with the archetypes.

    Parameters
    ----------
    ds : xarray.Dataset
        From `theory.capacity`.
    *others : xarray.Dataset
        The same model with another ansatz.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import hopfield, theory
    >>> plot_capacity(theory.capacity(hopfield.Hopfield(), [0.0, 0.2])).get_ylabel()
    'capacity α_c = K/N'
    """
    ax = axes_or_new(ax)
    results = (ds, *others)
    for k, one in enumerate(results):
        temperature, load = np.atleast_1d(one.temperature), np.atleast_1d(one["load"])
        ax.plot(temperature, load, ".-", color=f"C{k}", label=ansatz(one))
    label = f"capacity α_c = {load_unit(model_of(ds))}"
    ax.set(xlabel="temperature T", ylabel=label, ylim=(0.0, None))
    handles = list(ax.lines)
    if "effective_overlap" in ds:
        handles += _overlaps_beside(ax, results)
    ax.legend(handles=handles, frameon=False, fontsize="small")
    return ax


def _overlaps_beside(ax: Axes, results: Sequence[xr.Dataset]) -> list[Line2D]:
    """Draw the overlaps at capacity over an axis to the right; one line of each kind."""
    right = ax.twinx()
    right.set(ylabel="overlaps at capacity", ylim=(0.0, 1.05))
    handles = []
    for name, style in (("overlap", ".:"), ("effective_overlap", ".--")):
        for k, one in enumerate(results):
            temperature, values = np.atleast_1d(one.temperature), np.atleast_1d(one[name])
            right.plot(temperature, values, style, color=f"C{k}")
        handles.append(right.lines[-1])
        handles[-1].set_label(f"{_ORDER_PARAMETERS[name]} (right)")
    return handles


def plot_complexity(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw the logarithm of the number of metastable states against their free energy.

    Parameters
    ----------
    ds : xarray.Dataset
        With `complexity` and `free_energy` along one dimension.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import xarray as xr
    >>> some = {"complexity": ("breakpoint", [0.1, 0.0]), "free_energy": ("breakpoint", [-1, -2])}
    >>> plot_complexity(xr.Dataset(some)).get_ylabel()
    'complexity Σ per spin'
    """
    ax = axes_or_new(ax)
    ax.plot(ds.free_energy, ds.complexity, ".-")
    ax.axhline(0.0, color="black", linewidth=0.8)
    ax.set(xlabel="free energy of a state, per spin", ylabel="complexity Σ per spin")
    return ax
