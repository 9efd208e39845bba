"""Figures of attention: bifurcations of its fixed points, ensured numbers of patterns, heads."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hopfield.arguments import InputError
from studies.figures.labels import axes_or_new, legend_above

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = [
    "plot_cluster_states",
    "plot_ensured_patterns",
    "plot_equidistant_states",
    "plot_head_classes",
    "plot_pair_states",
]

COLOURS = {
    "first": "#c44e52", "second": "#4c72b0", "middle": "#55a868", "average": "#55a868",
    "subset": "#c44e52", "barrier": "#8c8c8c", "cluster": "#4c72b0", "pattern": "#c44e52",
}  # fmt: skip
WORDS = {
    "first": "first pattern", "second": "second pattern", "middle": "average",
    "average": "average of all", "subset": "{k} of them", "barrier": "barrier",
    "cluster": "average of a cluster", "pattern": "one pattern",
}  # fmt: skip
SHADES = ("#55a868", "#8fbcdb", "#4c72b0", "#c44e52")
"""Of classes of heads, from global averages to few patterns."""


def _require_several(ds: xr.Dataset, along: str) -> None:
    """Refuse a result without a line to draw."""
    if ds.sizes.get(along, 0) < 2:
        found = ds[along].values.tolist() if along in ds.coords else "none"
        raise InputError(f"a figure needs several values of {along}, got {found}")


def _branches(ax: Axes, ds: xr.Dataset, name: str, along: str, words: dict[str, str]) -> None:
    """Lines of fixed points, dashed where they are unstable."""
    for state in ds.fixed_point.values:
        one, colour = ds.sel(fixed_point=state), COLOURS[str(state)]
        stable = bool(one.stable.any())
        parts = (one.stable, "-", stable), (~one.stable, "--", not stable)
        for part, dashes, labelled in parts:
            label = words[str(state)] if labelled else None
            ax.plot(one[along], one[name].where(part), dashes, color=colour, label=label)
    legend_above(ax, 3)


def plot_pair_states(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw the fixed points of two patterns against the inverse temperature.

    Parameters
    ----------
    ds : xarray.Dataset
        From `theory.attention.pair_states`, with several β.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Dashed lines are unstable.

    Raises
    ------
    hopfield.InputError
        If there are less than two β.

    Examples
    --------
    >>> import theory
    >>> ax = plot_pair_states(theory.attention.pair_states(np.eye(2), np.linspace(1, 5, 50)))
    >>> ax.get_ylabel()
    'difference of weights m'
    """
    _require_several(ds, "beta")
    axes = axes_or_new(ax)
    _branches(axes, ds, "weight_difference", "beta", WORDS)
    axes.set(xlabel="inverse temperature β", ylabel="difference of weights m", ylim=(-1.05, 1.05))
    axes.set_xlim(float(ds.beta.min()), float(ds.beta.max()))
    return axes


def plot_equidistant_states(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw the fixed points of patterns at equal distances against the coupling.

    Parameters
    ----------
    ds : xarray.Dataset
        From `theory.attention.equidistant_states`, with several couplings.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Dashed lines are unstable; dotted ones are thresholds.

    Raises
    ------
    hopfield.InputError
        If there are less than two couplings.

    Examples
    --------
    >>> import theory
    >>> found = theory.attention.equidistant_states(4, np.linspace(2, 6, 50))
    >>> len(plot_equidistant_states(found).lines)
    9
    """
    from theory.attention import equidistant_thresholds

    _require_several(ds, "coupling")
    axes = axes_or_new(ax)
    n, k = int(ds.n_patterns), int(ds.subset)
    words = WORDS | {"subset": "one pattern" if k == 1 else f"{k} patterns"}
    _branches(axes, ds, "weight", "coupling", words)
    for coupling in equidistant_thresholds(n, subset=k).coupling.values:
        axes.axvline(coupling, color="0.6", linestyle=":", linewidth=1.0)
    axes.set(
        xlabel=r"coupling $J = β |ξ|^2 (1 - q)$", ylabel=f"weight of {'a' if k == 1 else 'each'}"
        f" pattern, n = {n}", ylim=(0.0, 1.05 / k),
    )  # fmt: skip
    axes.set_xlim(float(ds.coupling.min()), float(ds.coupling.max()))
    return axes


def plot_cluster_states(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw the fixed points of clustered patterns against the inverse temperature.

    Parameters
    ----------
    ds : xarray.Dataset
        From `theory.attention.cluster_states`, with several β.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Weight of the largest pattern, on logarithmic axes; dashed lines are unstable.

    Raises
    ------
    hopfield.InputError
        If there are less than two β.

    Examples
    --------
    >>> import theory
    >>> found = theory.attention.cluster_states(3, 4, 0.8, 0.0, np.geomspace(1, 100, 50))
    >>> plot_cluster_states(found).get_ylabel()
    'largest weight of a pattern'
    """
    _require_several(ds, "beta")
    axes = axes_or_new(ax)
    _branches(axes, ds, "weight", "beta", WORDS)
    axes.set(
        xscale="log", yscale="log", xlabel=r"inverse temperature $β |ξ|^2$",
        ylabel="largest weight of a pattern", xlim=(float(ds.beta.min()), float(ds.beta.max())),
    )  # fmt: skip
    return axes


def plot_ensured_patterns(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw the number of random patterns that a theorem ensures and the typical one.

    Parameters
    ----------
    ds : xarray.Dataset
        From `theory.attention.ensured_patterns`, with several β.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes
        Decimal logarithms.

    Raises
    ------
    hopfield.InputError
        If there are less than two β.

    Examples
    --------
    >>> import theory
    >>> found = theory.attention.ensured_patterns(20, 3.0, np.geomspace(0.1, 10, 20))
    >>> [line.get_label() for line in plot_ensured_patterns(found).lines]
    ['typical', 'ensured']
    """
    _require_several(ds, "beta")
    axes = axes_or_new(ax)
    for name, words, colour in (
        ("log_typical_patterns", "typical", "#c44e52"),
        ("log_ensured_patterns", "ensured", "#4c72b0"),
    ):
        axes.plot(ds.beta, ds[name] / np.log(10.0), color=colour, label=words)
    axes.set(xscale="log", xlabel="inverse temperature β", ylabel="$\\log_{10}$ number of patterns")
    axes.set_ylim(0.0, None)
    axes.legend(frameon=False)
    return axes


def plot_head_classes(ds: xr.Dataset, *, along: str = "head", ax: Axes | None = None) -> Axes:
    """Draw what states average over, as parts of all states of each head.

    Parameters
    ----------
    ds : xarray.Dataset
        From `hopfield.attention.head_statistics`.
    along : str
        Dimension of the heads.
    ax : matplotlib.axes.Axes, optional
        By default that of a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    hopfield.InputError
        If the result has no such dimension.

    Examples
    --------
    >>> from hopfield import attention
    >>> x = np.random.default_rng(1).normal(size=(4, 20, 8))
    >>> weights = attention.weights(x, x, 0.5)
    >>> ax = plot_head_classes(attention.head_statistics(weights))
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['global', 'large cluster', 'small cluster', 'few patterns']
    """
    from matplotlib.ticker import MaxNLocator

    from hopfield.attention.heads import CLASSES

    if along not in ds.head_class.dims:
        dims = list(ds.head_class.dims)
        raise InputError(f"along must be one of the dimensions {dims}, got {along!r}")
    axes = axes_or_new(ax)
    others = [dim for dim in ds.head_class.dims if dim != along]
    heads, bottom = np.arange(ds.sizes[along]), np.zeros(ds.sizes[along])
    for name, colour in zip(CLASSES, SHADES, strict=True):
        part = (ds.head_class == name).mean(others).values
        axes.bar(heads, part, bottom=bottom, color=colour, width=0.9, label=name)
        bottom = bottom + part
    axes.set(xlabel=along, ylabel="part of the states", ylim=(0.0, 1.0))
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    legend_above(axes)
    return axes
