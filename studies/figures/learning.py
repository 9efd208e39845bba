"""Figures of networks that learn: losses along runs, minima of the energy, classes of images."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from hopfield.learning import LEARNERS
from hopfield.models import model_of
from studies.figures.labels import model_label

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure, SubFigure

__all__ = ["plot_learning_curve", "plot_loss_minima", "plot_losses", "plot_reconstructions"]

STYLES = {"supervised": "-", "unsupervised": "--"}
MARKERS = {"supervised": "o", "unsupervised": "s"}
SIGNS = {"minus": "-", "plus": "+"}
PATTERNS = (("", "C0", "archetype"), ("effective_", "C1", "effective pattern"))
DROPS = (("energy", "energy", True), ("autoencoder_loss", "autoencoder loss", False))


def _line(ax: Axes, ds: xr.Dataset, name: str, along: str, **style: Any) -> None:
    """Draw a mean with its standard error."""
    values, errors = ds[name].values, ds[f"{name}_stderr"].values
    ax.errorbar(ds[along].values, values, yerr=errors, capsize=2.0, **style)


def plot_losses(results: Sequence[xr.Dataset]) -> Figure:
    """Draw losses, overlaps and energies along runs, a column for each model.

    Parameters
    ----------
    results : sequence of xarray.Dataset
        From `loss_trajectory`.

    Returns
    -------
    matplotlib.figure.Figure
        Top: distances to archetype and effective pattern. Middle: overlaps, and what the losses
        say of them. Bottom: energy and what the losses say of it, and the loss of the linear
        autoencoder minus 1/2.

    Examples
    --------
    >>> import hopfield
    >>> from studies.losses import loss_trajectory
    >>> result = loss_trajectory(
    ...     hopfield.Supervised(2, 0.5, 20), size=50, sweeps=2, replicas=2, disorder=2
    ... )
    >>> len(plot_losses([result]).axes)
    3
    """
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(
        3, len(results), figsize=(3.6 * len(results) + 1.0, 8.0), sharex=True, sharey="row",
        squeeze=False, layout="constrained",
    )  # fmt: skip
    for column, ds in zip(axes.T, results, strict=True):
        _loss_column(column, ds)
    for ax, words in zip(axes[:, 0], ("distance", "overlap", "per spin"), strict=True):
        ax.set_ylabel(words)
    for row in axes:
        row[-1].legend(
            loc="center left", bbox_to_anchor=(1.0, 0.5), frameon=False, fontsize="small"
        )
    return figure


def _loss_column(column: Sequence[Axes], ds: xr.Dataset) -> None:
    """One model of `plot_losses`."""
    top, middle, bottom = column
    top.set_title(model_label(model_of(ds)), fontsize="medium")
    for prefix, color, words in PATTERNS:
        name = f"{prefix}overlap"
        for sign, style in (("minus", "-"), ("plus", ":")):
            label = f"$L_{SIGNS[sign]}$ of the {words}"
            loss = f"{prefix}loss_{sign}"
            _line(top, ds, loss, "sweep", color=color, linestyle=style, label=label)
        _line(middle, ds, name, "sweep", color=color, label=f"overlap with the {words}")
        difference = (ds[f"{prefix}loss_plus"] - ds[f"{prefix}loss_minus"]) / 2.0
        middle.plot(
            ds.sweep,
            difference,
            "o",
            mfc="none",
            color=color,
            label=f"$(L_+ - L_-)/2$ of the {words}",
        )
    _line(bottom, ds, "energy", "sweep", color="C3", label="energy $u$ of the network")
    bottom.plot(
        ds.sweep, ds.energy_from_losses, "o", mfc="none", color="C3", label="$u$ from losses"
    )
    shifted = ds[["autoencoder_loss", "autoencoder_loss_stderr"]]
    shifted["autoencoder_loss"] = shifted.autoencoder_loss - 0.5
    _line(
        bottom,
        shifted,
        "autoencoder_loss",
        "sweep",
        color="0.4",
        linestyle="--",
        label=r"autoencoder $L_A - 1/2$",
    )
    bottom.set_xlabel("sweep")


def plot_loss_minima(ds: xr.Dataset) -> Figure:
    """Draw where the energy is least, and how much lower than in the archetype.

    Parameters
    ----------
    ds : xarray.Dataset
        From `loss_minima`.

    Returns
    -------
    matplotlib.figure.Figure
        Left: distance of the minimum to the archetype; theory as lines. Right: energy and loss of
        the linear autoencoder in the archetype minus those in the minimum.

    Examples
    --------
    >>> from studies.losses import loss_minima
    >>> len(plot_loss_minima(loss_minima(examples=[5, 51], size=50, disorder=2)).axes)
    2
    """
    import matplotlib.pyplot as plt

    figure, (left, right) = plt.subplots(1, 2, figsize=(10.0, 4.0), layout="constrained")
    left.plot(
        ds.examples, ds.loss_minus_asymptotic, ":", color="black", label="majority of the examples"
    )
    for i, teacher in enumerate(LEARNERS):
        one, color, marker = ds.sel(teacher=teacher), f"C{i}", MARKERS[teacher]
        left.plot(one.examples, one.loss_minus_theory, color=color, label=f"{teacher}, theory")
        # Side by side, where the two would hide each other.
        one = one.assign_coords(examples=one.examples * (0.97, 1.03)[i])
        _line(left, one, "loss_minus", "examples", fmt=marker, color=color, label=teacher)
        for name, words, filled in DROPS:
            _line(
                right, one, f"{name}_drop", "examples", fmt=f"{marker}-", color=color,
                mfc=color if filled else "white", label=f"{words}, {teacher}",
            )  # fmt: skip
    left.set(ylabel="distance $L_-$ of the minimum to the archetype", yscale="log")
    right.set(ylabel="in the archetype minus in the minimum", ylim=(0.0, None))
    for ax in (left, right):
        ax.set(xscale="log", xlabel="examples M of an archetype")
        ax.legend(frameon=False, fontsize="small")
    return figure


def plot_learning_curve(ds: xr.Dataset, *, start: str = "image") -> Figure:
    """Draw what is retrieved of the classes against the number of examples.

    Parameters
    ----------
    ds : xarray.Dataset
        From `learning_curve`.
    start : str
        "archetype" or "image".

    Returns
    -------
    matplotlib.figure.Figure
        A column for each noise. Top: final overlap with the archetype of the class, with that of
        the start and of the majority of the examples. Bottom: part of the classes retrieved.

    Examples
    --------
    >>> from studies.learning import learning_curve
    >>> result = learning_curve(p=[2], examples=[1, 11], flips=[0.0], classes=[0, 1], disorder=2)
    >>> len(plot_learning_curve(result).axes)
    2
    """
    import matplotlib.pyplot as plt

    columns = ds.sizes["flip_probability"]
    figure, axes = plt.subplots(
        2, columns, figsize=(3.4 * columns + 1.8, 6.4), sharex=True, sharey="row", squeeze=False,
        layout="constrained",
    )  # fmt: skip
    chosen, least = ds.sel(start=start), json.loads(ds.attrs["parameters"])["retrieved_above"]
    for f, (top, bottom) in zip(ds.flip_probability.values, axes.T, strict=True):
        noisy = chosen.sel(flip_probability=f)
        title = f"flipped pixels {f:.0%}, quality r = {float(noisy.quality):.2f}"
        top.set_title(title, fontsize="medium")
        _line(
            top, noisy, "majority_overlap", "examples", color="black", linestyle=":",
            label="majority of the examples",
        )  # fmt: skip
        if start == "image":
            top.axhline(float(noisy.overlap_start), color="0.6", lw=1.0, label="start")
        for i, p in enumerate(ds.p.values):
            for teacher in LEARNERS:
                one = noisy.sel(p=p, teacher=teacher)
                style = {
                    "color": f"C{i}", "linestyle": STYLES[teacher], "marker": MARKERS[teacher],
                    "ms": 4, "label": f"p = {p}, {teacher}",
                }  # fmt: skip
                _line(top, one, "overlap", "examples", **style)
                _line(bottom, one, "retrieved", "examples", **style)
        bottom.set(xscale="log", xlabel="examples M of a class", ylim=(-0.02, 1.02))
    axes[0, 0].set_ylim(None, 1.02)
    axes[0, 0].set_ylabel("final overlap m with the archetype")
    axes[1, 0].set_ylabel(f"classes retrieved (m ≥ {least:g} and largest)")
    handles, words = axes[0, 0].get_legend_handles_labels()
    figure.legend(handles, words, loc="outside right center", frameon=False, fontsize="small")
    images = json.loads(ds.attrs["parameters"])["images"]
    words = "the archetype" if start == "archetype" else "an image that is no example"
    figure.suptitle(
        f"{images}: {ds.sizes['pattern']} classes, N = {int(ds['size'])}\nstart from {words}",
        fontsize="medium",
    )  # fmt: skip
    return figure


def plot_reconstructions(
    ds: xr.Dataset, *, figure: Figure | SubFigure | None = None
) -> Figure | SubFigure:
    """Draw archetypes, starts and what networks make of them, as pictures.

    Parameters
    ----------
    ds : xarray.Dataset
        From `reconstructions`.
    figure : matplotlib.figure.Figure or SubFigure, optional
        Where to draw; by default a new one.

    Returns
    -------
    matplotlib.figure.Figure or SubFigure
        A column for each class. The numbers are overlaps with the archetype of the class, red
        where that with another archetype is larger.

    Examples
    --------
    >>> from studies.learning import reconstructions
    >>> result = reconstructions(p=[4], examples=50, classes=[0, 1])
    >>> len(plot_reconstructions(result).axes)
    8
    """
    import matplotlib.pyplot as plt

    shape = int(ds.attrs["height"]), int(ds.attrs["width"])
    rows = [("archetype", ds.spins_archetype), ("start", ds.spins_start)]
    for p in ds.p.values:
        rows += [(f"p = {p}\n{name}", ds.spins.sel(p=p, teacher=name)) for name in LEARNERS]
    columns = ds.sizes["pattern"]
    if figure is None:
        size = 0.85 * columns + 1.2, 1.05 * len(rows)
        figure = plt.figure(figsize=size, layout="constrained")
    axes = figure.subplots(len(rows), columns, squeeze=False)
    archetypes = ds.spins_archetype.values.astype(float)
    for row, (words, spins) in zip(axes, rows, strict=True):
        overlaps = spins.values @ archetypes.T / len(archetypes[0])
        for mu, (ax, state, found) in enumerate(zip(row, spins.values, overlaps, strict=True)):
            ax.imshow(state.reshape(shape), cmap="gray_r", vmin=-1, vmax=1)
            ax.set(xticks=[], yticks=[])
            color = "C2" if found.argmax() == mu else "C3"
            ax.set_title(f"{found[mu]:.2f}", fontsize="small", pad=2.0, color=color)
        row[0].set_ylabel(words, rotation=0, ha="right", va="center", fontsize="small")
    for ax, label in zip(axes[0], ds.pattern.values, strict=True):
        ax.set_title(f"{label}", fontsize="medium", color="black")
    words = f"{json.loads(ds.attrs['parameters'])['images']}, M = {int(ds.examples)} examples"
    figure.suptitle(words, fontsize="medium")
    return figure
