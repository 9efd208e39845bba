"""Figure of the numbers of examples that learning takes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studies.figures.labels import axes_or_new, plain_logarithms

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = ["plot_ultra"]


def plot_ultra(ds: xr.Dataset, *, ax: Axes | None = None) -> Axes:
    """Draw the thresholds against the quality, with their powers, on signal to noise.

    Parameters
    ----------
    ds : xarray.Dataset
        From `ultra`.
    ax : matplotlib.axes.Axes, optional
        Where to draw; by default a new figure.

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> from studies.ultra import Regime, ultra
    >>> quick = Regime("supervised", 2, 1, 0.1, 100, (0.2, 0.3))
    >>> plot_ultra(ultra([quick], disorder=2)).get_xlabel()
    'quality of an example r'
    """
    ax = axes_or_new(ax)
    for i, regime in enumerate(ds.regime.values):
        one, color = ds.sel(regime=regime), f"C{i}"
        value, error = float(one.scaling_exponent), float(one.scaling_exponent_stderr)
        power = rf"$M \sim r^{{{value:.3f} \pm {error:.3f}}}$"
        ax.errorbar(
            one.quality, one.threshold_examples, yerr=2.0 * one.threshold_examples_stderr,
            fmt="o", ms=4, color=color, label=f"{regime}: {power}",
        )  # fmt: skip
        ax.plot(one.quality, one.threshold_examples_theory, "-", lw=1, color=color)
    ax.set(
        xscale="log", yscale="log", xlabel="quality of an example r",
        ylabel="examples M at which signal equals noise",
    )  # fmt: skip
    plain_logarithms(ax)
    ax.legend(frameon=False, fontsize="small")
    return ax
