"""Figures of minima that energies and losses share, and of those that they do not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from studies.figures.labels import axes_or_new

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["plot_example_minima", "plot_shared_minima"]

JUDGED: tuple[tuple[str, str, str, Any, str], ...] = (
    ("energy", "autoencoder", "o", "-", "energy's, under the autoencoder's loss"),
    ("autoencoder", "energy", "s", "--", "the autoencoder's, under the energy"),
    ("energy", "sum of losses", "^", ":", "energy's, under the sum of $L_-$"),
)
QUADRATIC = {"energy": ("C0", "o", "energy"), "autoencoder": ("C1", "s", "autoencoder's loss")}


def plot_shared_minima(
    ds: xr.Dataset, *, start: str = "hierarchical", ax: Axes | None = None
) -> Axes:
    """Draw how many spins of minima of one function another one would flip, against size.

    Parameters
    ----------
    ds : xarray.Dataset
        From `shared_minima`, at one dilution.
    start : str
        "hierarchical", "pure", "parallel" or "random".
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        A colour for each way to learn; points that vanish are drawn at the bottom.

    Examples
    --------
    >>> from studies.sharing import shared_minima
    >>> found = shared_minima([0.5], sizes=[200, 400], disorder=2)
    >>> len(plot_shared_minima(found.isel(dilution=0)).containers)
    9
    """
    from matplotlib.lines import Line2D

    axes, chosen = axes_or_new(ax), ds.sel(start=start)
    least = 0.1 / float(ds["size"].max())
    for i, learner in enumerate(ds.learner.values):
        for j, (function, other, marker, dashes, _) in enumerate(JUDGED):
            one = chosen.sel(learner=learner, function=function, other_function=other)
            values, errors = one.unstable_spins.values, one.unstable_spins_stderr.values
            axes.errorbar(
                ds["size"].values * (0.95 + 0.05 * j), np.maximum(values, least), yerr=errors,
                marker=marker, linestyle=dashes, color=f"C{i}", ms=4, capsize=2.0, lw=1.0,
            )  # fmt: skip
    handles = [Line2D([], [], color=f"C{i}", label=str(n)) for i, n in enumerate(ds.learner.values)]
    handles += [
        Line2D([], [], color="0.3", marker=marker, linestyle=dashes, ms=4, label=words)
        for _, _, marker, dashes, words in JUDGED
    ]
    axes.set_xscale("log")
    axes.set_xticks(ds["size"].values, [f"{n}" for n in ds["size"].values])
    axes.set_xticks([], minor=True)
    axes.axhline(least, color="0.8", lw=0.8)
    axes.set(yscale="log", xlabel="spins N", ylim=(0.7 * least, 1.0))
    axes.set_ylabel("part of the spins that the other one flips")
    axes.legend(
        handles=handles, loc="lower left", bbox_to_anchor=(0.0, 1.08), ncols=2, frameon=False,
        fontsize="small",
    )  # fmt: skip
    axes.set_title(f"start: {start} state, d = {float(ds.dilution):g}", fontsize="medium")
    return axes


def plot_example_minima(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw where energy and loss lead from an example, against the number of examples.

    Parameters
    ----------
    ds : xarray.Dataset
        From `example_minima`.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Filled: overlap with this example. Open: with the archetype. Lines: theory.

    Examples
    --------
    >>> from studies.sharing import example_minima
    >>> axes = plot_example_minima(example_minima([11, 71], size=500, disorder=2))
    >>> len(axes.containers)
    4
    """
    axes = axes_or_new(ax)
    for function, (colour, marker, words) in QUADRATIC.items():
        one = ds.sel(function=function)
        for name, whose in (("example_overlap", "example"), ("overlap", "archetype")):
            filled = name == "example_overlap"
            axes.plot(ds.examples, one[f"{name}_theory"], "-" if filled else "--", color=colour)
            axes.errorbar(
                ds.examples.values, one[name].values, yerr=one[f"{name}_stderr"].values,
                fmt=marker, ms=4, color=colour, mfc=colour if filled else "white", capsize=2.0,
                label=f"{words}: {whose}",
            )  # fmt: skip
    axes.set(xlabel="examples M", ylabel="overlap where the descent ends", ylim=(0.0, None))
    axes.legend(
        loc="lower left", bbox_to_anchor=(0.0, 1.08), ncols=2, frameon=False, fontsize="small"
    )
    words = f"from an example, r = {float(ds.quality):g}, d = {float(ds.dilution):g}"
    axes.set_title(words, fontsize="medium")
    return axes
