"""Figures of states that retrieve several patterns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from studies.figures.labels import axes_or_new

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["plot_amplitude_cascade", "plot_regimes", "plot_states"]

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


def plot_regimes(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw which state has the lowest free energy in the plane of dilution and temperature.

    Parameters
    ----------
    ds : xarray.Dataset
        From `theory.regime_diagram`, on a grid.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Cells where no state was found are left white.

    Examples
    --------
    >>> import theory
    >>> axes = plot_regimes(theory.regime_diagram(2, dilution=[0.2, 0.8], temperature=[0.1, 0.9]))
    >>> [text.get_text() for text in axes.get_legend().get_texts()]
    ['paramagnet', 'parallel', 'hierarchical']
    """
    from matplotlib.colors import ListedColormap
    from matplotlib.patches import Patch

    axes = axes_or_new(ax)
    states = ds.state.transpose("temperature", "dilution").values
    found = ds.status.transpose("temperature", "dilution").values == "converged"
    present = sorted(set(states[found].tolist()), key=_order)
    number = np.full(states.shape, np.nan)
    for k, state in enumerate(present):
        number[found & (states == state)] = k
    colours = [_colour(state, k) for k, state in enumerate(present)]
    axes.pcolormesh(
        ds.dilution, ds.temperature, number, cmap=ListedColormap(colours), shading="nearest",
        vmin=-0.5, vmax=len(present) - 0.5, rasterized=True,
    )  # fmt: skip
    handles = [Patch(color=c, label=s) for c, s in zip(colours, present, strict=True)]
    axes.legend(handles=handles, loc="upper right", fontsize="small")
    axes.set(xlabel="dilution d", ylabel="temperature T")
    return axes


def _order(state: str) -> tuple[int, int, str]:
    """Named states first, then sums by the number of patterns."""
    named = ["paramagnet", "pure", "parallel", "hierarchical"]
    if state in named:
        return 0, named.index(state), ""
    return 1, sum(int(part) for part in state.split("+")), state


def _colour(state: str, k: int) -> Any:
    """Colour of a state, the same in all diagrams if it has a name."""
    import matplotlib as mpl

    named = {
        "paramagnet": "#e6e6e6", "pure": "#4c72b0", "parallel": "#c44e52",
        "hierarchical": "#55a868",
    }  # fmt: skip
    return named.get(state) or mpl.colormaps["tab20b"](k % 20)


def plot_amplitude_cascade(
    ds: xr.Dataset, lines: xr.Dataset | None = None, *, ax: Axes | None = None
) -> Axes:
    """Draw the overlaps of patterns that are retrieved together against their dilution.

    Parameters
    ----------
    ds : xarray.Dataset
        From `studies.amplitude_cascade`.
    lines : xarray.Dataset, optional
        From `theory.regime_diagram` at its temperature, for lines between the points.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Points: simulation, with standard errors. Lines: theory. Dotted: d^(k-1) (1 - d).

    Examples
    --------
    >>> from studies.cascade import amplitude_cascade
    >>> result = amplitude_cascade(2, dilution=[0.2, 0.4], size=200, disorder=2)
    >>> plot_amplitude_cascade(result).get_xlabel()
    'dilution d'
    """
    axes, d = axes_or_new(ax), ds.dilution.values
    fine = ds.dilution.values if lines is None else lines.dilution.values
    for k in ds.pattern.values:
        one, colour = ds.sel(pattern=k), f"C{k % 10}"
        theory = one.pattern_overlap_theory if lines is None else lines.overlap.sel(pattern=k)
        axes.plot(fine, fine**k * (1.0 - fine), ":", color=colour, linewidth=1.0)
        axes.plot(fine, theory, "-", color=colour)
        axes.errorbar(
            d, one.pattern_overlap, yerr=one.pattern_overlap_stderr, fmt="o", markersize=4.0,
            color=colour, capsize=2.0, label=f"pattern {k + 1}",
        )  # fmt: skip
    axes.plot([], [], "-", color="0.4", label="theory")
    axes.plot([], [], ":", color="0.4", label="$d^{k-1}(1-d)$")
    axes.set(xlabel="dilution d", ylabel="overlaps m", xlim=(0.0, 1.0), ylim=(0.0, None))
    axes.legend(frameon=False, fontsize="small")
    return axes
