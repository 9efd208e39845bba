"""Figures of states that retrieve several patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from studies.labels import axes_or_new

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["plot_states"]

EQUAL = 1e-6
"""Overlaps that are closer than this are drawn as one line."""


def plot_states(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw the overlaps of states against temperature, dotted where they are unstable.

    Parameters
    ----------
    ds : xarray.Dataset
        From `theory.retrieval_states`, at several temperatures.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import hopfield, theory
    >>> found = theory.retrieval_states(hopfield.Multitasking(0.3), 3, [0.05, 0.1, 0.2, 0.3])
    >>> axes = plot_states(found)
    >>> [text.get_text() for text in axes.get_legend().get_texts()][:2]
    ['pure', 'hierarchical']
    """
    from matplotlib.lines import Line2D

    axes = axes_or_new(ax)
    handles = []
    for k, state in enumerate(ds.state.values):
        one, colour = ds.sel(state=state), f"C{k}"
        stable = one.stable.values
        last = np.full(stable.shape, np.inf)
        for mu in ds.pattern.values:
            m = one.overlap.sel(pattern=mu).values
            if not (np.abs(m - last) > EQUAL).any() or not (m > EQUAL).any():
                continue  # the line before once more, or a pattern that is not retrieved
            last = m
            axes.plot(ds.temperature, m, ":", color=colour, linewidth=1.0)
            axes.plot(ds.temperature, np.where(stable, m, np.nan), "-", color=colour)
        handles.append(Line2D([], [], color=colour, label=str(state)))
    handles.append(Line2D([], [], color="0.4", linestyle=":", label="unstable"))
    axes.set(xlabel="temperature T", ylabel="overlaps m", ylim=(0.0, None))
    axes.legend(handles=handles, frameon=False, fontsize="small")
    return axes
