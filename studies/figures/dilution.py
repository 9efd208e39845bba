"""Figures of networks of diluted patterns at high load."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studies.figures.colours import ordered_colours
from studies.figures.labels import axes_or_new, line_words

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["plot_capacity_by_dilution", "plot_diagrams_by_dilution"]

DASHES = {"spinodal": "-", "glass": "--", "at": ":"}
"""Lines that are drawn for every dilution; those where two phases are equal would hide them."""


def plot_capacity_by_dilution(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw the capacity for one retrieved pattern against the dilution, a line a temperature.

    Parameters
    ----------
    ds : xarray.Dataset
        From `studies.capacity_by_dilution`.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from studies.dilution import capacity_by_dilution
    >>> axes = plot_capacity_by_dilution(capacity_by_dilution([0.0, 0.3, 0.6], [0.0, 0.2]))
    >>> [text.get_text() for text in axes.get_legend().get_texts()]
    ['T = 0', 'T = 0.2']
    """
    axes = axes_or_new(ax)
    for t, colour in zip(ds.temperature.values, ordered_colours(ds.temperature), strict=True):
        axes.plot(ds.dilution, ds["load"].sel(temperature=t), color=colour, label=f"T = {t:g}")
    axes.set(xlabel="dilution d", ylabel="capacity $α_c$ for one pattern", ylim=(0.0, None))
    axes.set_xlim(float(ds.dilution.min()), float(ds.dilution.max()))
    axes.legend(frameon=False)
    return axes


def plot_diagrams_by_dilution(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw the phase diagrams of several dilutions over each other.

    Parameters
    ----------
    ds : xarray.Dataset
        From `studies.diagrams_by_dilution`.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        End of retrieval, glass and de Almeida-Thouless lines.

    Examples
    --------
    >>> from studies.dilution import diagrams_by_dilution
    >>> axes = plot_diagrams_by_dilution(diagrams_by_dilution([0.0, 0.3], points=9))
    >>> axes.get_xlabel()
    'load α = K/N'
    """
    from matplotlib.lines import Line2D

    from hopfield import Multitasking

    axes = axes_or_new(ax)
    colours = ordered_colours(ds.dilution)
    for d, colour in zip(ds.dilution.values, colours, strict=True):
        for line, dashes in DASHES.items():
            one = ds.sel(dilution=d, line=line)
            axes.plot(one["load"], one.temperature, dashes, color=colour)
    handles = [
        Line2D([], [], color=colour, label=f"d = {d:g}")
        for d, colour in zip(ds.dilution.values, colours, strict=True)
    ]
    model = Multitasking(0.0)
    handles += [
        axes.plot([], [], dashes, color="0.4", label=line_words(line, model))[0]
        for line, dashes in DASHES.items()
    ]
    axes.set(xlabel="load α = K/N", ylabel="temperature T", xlim=(0.0, None), ylim=(0.0, None))
    axes.legend(
        handles=handles, loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False,
        fontsize="small",
    )  # fmt: skip
    return axes
