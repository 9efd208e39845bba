"""Figures of several patterns at once: overlaps beside theory, and how many there are room for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from hopfield import InputError
from studies.figures.labels import axes_or_new, legend_above

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_parallel_capacities", "plot_parallel_capacity", "plot_parallel_comparison"]

RULES = {"Supervised": "supervised", "Unsupervised": "unsupervised"}


def plot_parallel_comparison(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw the overlaps with all patterns in every state, on those of theory.

    Bars of simulated overlaps are standard errors at infinite size, mostly smaller than the
    points; above every state stands its χ², which is about 1 if theory is right.

    Parameters
    ----------
    ds : xarray.Dataset
        From `studies.compare_parallel`.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> import hopfield
    >>> from studies.parallel import compare_parallel
    >>> point = (hopfield.Multitasking(0.4), 2, 0.1, "hierarchical")
    >>> ds = compare_parallel([point], size=1000, disorder=9, replicas=4, sweeps=9, burn_in=9)
    >>> plot_parallel_comparison(ds).get_ylabel()
    'overlap m'
    """
    axes = axes_or_new(ax)
    where, count = np.arange(ds.sizes["point"]), ds.sizes["pattern"]
    shifts = np.linspace(-0.25, 0.25, count) if count > 1 else np.zeros(1)
    for k, shift in enumerate(shifts):
        one, x, colour = ds.isel(pattern=k), where + shift, f"C{k % 10}"
        theory = one.pattern_overlap_theory.values
        axes.hlines(theory, x - 0.12, x + 0.12, color=colour, lw=2.0, alpha=0.4)
        axes.errorbar(
            x, one.pattern_overlap_extrapolated, yerr=one.pattern_overlap_extrapolated_stderr,
            fmt="o", ms=4, lw=1, color=colour, label=f"simulation, μ = {k + 1}",
        )  # fmt: skip
    axes.plot([], [], color="gray", lw=2.0, alpha=0.4, label="theory")
    top = 1.18 * float(np.nanmax(ds.pattern_overlap_theory))
    for x, chi_square in enumerate(ds.chi_square.values.tolist()):
        if np.isfinite(chi_square):
            axes.text(x, 0.97 * top, f"{chi_square:.1f}", ha="center", va="top", fontsize="small")
    axes.text(-0.8, 0.97 * top, "χ²", ha="center", va="top", fontsize="small")
    axes.set_xticks(where, [_state(ds.isel(point=k)) for k in where], fontsize="x-small")
    axes.set(ylabel="overlap m", xlim=(-1.0, where[-1] + 0.6))
    axes.set_ylim(min(-0.03, 1.1 * float(np.nanmin(ds.pattern_overlap_extrapolated))), top)
    axes.tick_params(axis="x", rotation=90)
    axes.axhline(0.0, color="black", lw=0.6)
    legend_above(axes, columns=2)
    return axes


def _state(one: xr.Dataset) -> str:
    """A state in two lines."""
    model = str(one.model.item())
    kind, _, rest = model.rstrip(")").partition("(")
    given = dict(part.split("=") for part in rest.split(", "))
    learned = f"{RULES[kind]}, M = {given['examples']}, " if kind in RULES else ""
    state = f"{one.state.item()}, K = {one.n_patterns.item()}"
    return f"{state}\n{learned}d = {given.get('dilution', 0)}, T = {one.temperature.item():g}"


def plot_parallel_capacity(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    r"""Draw how many patterns are retrieved at once, against the number of spins.

    Parameters
    ----------
    ds : xarray.Dataset
        From `studies.parallel_capacity`, of one dilution.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    InputError
        If there are several dilutions.

    Examples
    --------
    >>> from studies.logarithmic_load import parallel_capacity
    >>> ds = parallel_capacity(0.4, 0.5, size=[1000, 3000], disorder=2)
    >>> plot_parallel_capacity(ds).get_ylabel()
    'number of patterns'
    """
    if ds.dilution.size != 1:
        raise InputError(f"dilution must be one number, got {ds.dilution.values.tolist()}")
    one, axes = ds.isel(dilution=0) if "dilution" in ds.dims else ds, axes_or_new(ax)
    n = one["size"].values
    for k, load in enumerate(one.log_load.values):
        part, colour = one.sel(log_load=load), f"C{k % 10}"
        axes.plot(n, part.n_patterns, ":", lw=1.0, color=colour)
        for name, style in (("retrieved_patterns", "o-"), ("hierarchical_patterns", "s--")):
            filled: dict[str, Any] = {} if style[0] == "o" else {"mfc": "white"}
            axes.errorbar(
                n, part[name], yerr=part[f"{name}_stderr"], fmt=style, ms=4, lw=1, color=colour,
                label=f"γ = {load:g}" if style[0] == "o" else None, **filled,
            )  # fmt: skip
    axes.plot(n, one.retrieved_patterns_asymptotic, color="black", lw=1.5)
    for style, words in (
        ("ko-", "above the noise"), ("ks--", "hierarchical"), ("k:", "K = γ ln N"),
        ("k-", "ln N / (2 ln 1/d)"),
    ):  # fmt: skip
        axes.plot([], [], style, ms=4, lw=1.0, mfc="white" if "s" in style else "k", label=words)
    axes.set(xscale="log", xlabel="number of spins N", ylabel="number of patterns")
    axes.set_ylim(0.0, None)
    legend_above(axes, columns=2)
    return axes


def plot_parallel_capacities(ds: xr.Dataset) -> Figure:
    """Draw how many patterns are retrieved at once, a panel for each dilution.

    Parameters
    ----------
    ds : xarray.Dataset
        From `studies.parallel_capacity`.

    Returns
    -------
    matplotlib.figure.Figure

    Examples
    --------
    >>> from studies.logarithmic_load import parallel_capacity
    >>> ds = parallel_capacity([0.3, 0.6], 0.5, size=[1000, 3000], disorder=2)
    >>> len(plot_parallel_capacities(ds).axes)
    2
    """
    import matplotlib.pyplot as plt

    count = ds.dilution.size
    figure, panels = plt.subplots(
        1, count, figsize=(0.8 + 3.4 * count, 4.2), layout="constrained", squeeze=False, sharey=True
    )
    for k, axes in enumerate(panels[0]):
        one = ds.isel(dilution=[k])
        plot_parallel_capacity(one, ax=axes)
        handles, labels = axes.get_legend_handles_labels()
        axes.get_legend().remove()
        axes.set_title(f"d = {one.dilution.item():g}", fontsize="medium")
        axes.set_ylabel("number of patterns" if k == 0 else "")
    figure.legend(handles, labels, loc="outside upper center", ncols=4, frameon=False)
    return figure
