"""What figures share: words and colours of models, loads and lines of phase diagrams."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hopfield.exponential import Exponential
from hopfield.learner import Learner
from hopfield.models import Model, Polynomial, model_of

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.legend import Legend

__all__ = [
    "ansatz",
    "axes_or_new",
    "legend_above",
    "line_label",
    "line_style",
    "line_words",
    "load_label",
    "load_unit",
    "model_label",
    "plain_logarithms",
]

_LINES = {
    "glass": ("spin glass", "$T_g$", "#4c72b0", "-"),
    "spinodal": ("end of retrieval", "$T_M$", "#c44e52", "-"),
    "first-order": ("retrieval is stable", "$T_c$", "#8172b3", "--"),
    "at": ("replica symmetry breaks", "$T_{AT}$", "#937860", ":"),
    "dynamical": ("dynamical transition", "$T_d$", "#8c8c8c", "-"),
    "gardner": ("Gardner transition", "$T_G$", "#64b5cd", ":"),
    "nishimori": ("Nishimori line", "", "#55a868", "-."),
    "learning": ("signal equals noise", "", "#dd8452", "-."),
    "archetype": ("overlap with archetypes 0.68", "", "black", "-"),
}
"""Words, symbol as a temperature, colour and dashes of lines of phase diagrams."""

_ANSATZE = {"rs": "replica symmetric", "1rsb": "one-step breaking"}
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def axes_or_new(ax: Axes | None) -> Axes:
    """The axes given, or those of a new figure.

    Parameters
    ----------
    ax : matplotlib.axes.Axes or None

    Returns
    -------
    matplotlib.axes.Axes

    Examples
    --------
    >>> axes_or_new(None).has_data()
    False
    """
    import matplotlib.pyplot as plt

    return plt.subplots(layout="constrained")[1] if ax is None else ax


def legend_above(ax: Axes, columns: int = 2) -> Legend:
    """Put the legend above a diagram, in every corner of which there may be lines and points.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        With labelled lines.
    columns : int
        Of the legend.

    Returns
    -------
    matplotlib.legend.Legend

    Examples
    --------
    >>> ax = axes_or_new(None)
    >>> line = ax.plot([0, 1], [0, 1], label="line")
    >>> [text.get_text() for text in legend_above(ax).get_texts()]
    ['line']
    """
    return ax.legend(
        loc="lower left", bbox_to_anchor=(0.0, 1.0), borderaxespad=0.2, ncols=columns,
        fontsize="small", frameon=False,
    )  # fmt: skip


def plain_logarithms(ax: Axes) -> None:
    """Write numbers as they are, also 2 and 5, on logarithmic axes below three powers of ten.

    Parameters
    ----------
    ax : matplotlib.axes.Axes
        With two logarithmic axes.

    Examples
    --------
    >>> ax = axes_or_new(None)
    >>> line = ax.loglog([0.2, 0.9], [2, 50])
    >>> plain_logarithms(ax)
    >>> ax.xaxis.get_minor_formatter()(0.5)
    '0.5'
    """
    from matplotlib.ticker import LogLocator

    for axis, (low, high) in ((ax.xaxis, ax.get_xlim()), (ax.yaxis, ax.get_ylim())):
        if high < 1000.0 * low:
            axis.set_major_formatter("{x:g}")
            axis.set_minor_locator(LogLocator(subs=(2.0, 5.0)))
            axis.set_minor_formatter("{x:g}")


def ansatz(ds: xr.Dataset) -> str:
    """The ansatz of a theoretical result, in words, or the criterion of one that has none.

    Parameters
    ----------
    ds : xarray.Dataset
        With the attributes it was made with.

    Returns
    -------
    str

    Examples
    --------
    >>> import hopfield, theory
    >>> ansatz(theory.capacity(hopfield.Dense(3)))
    'replica symmetric'
    """
    parameters = json.loads(ds.attrs["parameters"])
    return _ANSATZE[parameters["ansatz"]] if "ansatz" in parameters else parameters["criterion"]


def model_label(model: Model) -> str:
    """A model in a few words.

    Parameters
    ----------
    model : hopfield.Dense, Multitasking, Supervised, Unsupervised or Exponential

    Returns
    -------
    str

    Examples
    --------
    >>> import hopfield
    >>> model_label(hopfield.Dense(4, self_interaction=True))
    'p = 4, with self-interaction'
    >>> model_label(hopfield.Supervised(2, 0.5, 100))
    'supervised, p = 2, r = 0.5, M = 100'
    """
    if isinstance(model, Exponential):
        return f"exponential, λ = {model.sharpness:g}"
    if isinstance(model, Learner):
        name = type(model).__name__.lower()
        return f"{name}, p = {model.p}, r = {model.quality:g}, M = {model.examples}"
    return f"p = {model.p}, {'with' if model.self_interaction else 'without'} self-interaction"


def load_unit(model: Model, exponent: float | None = None) -> str:
    """The load of a model in terms of the numbers of patterns and spins.

    Parameters
    ----------
    model : hopfield.Dense, Multitasking, Supervised, Unsupervised or Exponential
    exponent : float, optional
        b of K / N^b, p - 1 unless given.

    Returns
    -------
    str

    Examples
    --------
    >>> from hopfield import Dense
    >>> load_unit(Dense(2)), load_unit(Dense(4)), load_unit(Dense(4), 1.5)
    ('K/N', 'K/N³', 'K/N^1.5')
    """
    if isinstance(model, Exponential):
        return "log(K)/N"
    text = f"{model.p - 1 if exponent is None else exponent:g}"
    raised = text.translate(_RAISED) if text.isdigit() else f"^{text}"
    return f"K/N{raised}".removesuffix("¹")


def load_label(ds: xr.Dataset) -> str:
    """Label of an axis of loads: α at the largest exponent, γ below.

    Parameters
    ----------
    ds : xarray.Dataset
        With the attributes it was made with.

    Returns
    -------
    str

    Examples
    --------
    >>> import hopfield, theory
    >>> load_label(theory.solve(hopfield.Dense(3), 0.1, 0.1))
    'load α = K/N²'
    >>> load_label(theory.solve(hopfield.Dense(3), 0.1, 0.1, exponent=1))
    'load γ = K/N'
    """
    model, given = model_of(ds), json.loads(ds.attrs["parameters"]).get("exponent")
    unit = load_unit(model, given)
    return f"load {'α' if unit == load_unit(model) else 'γ'} = {unit}"


def line_words(line: str, model: Polynomial) -> str:
    """What a line of the phase diagram of a model is.

    Odd full powers make a random field, in which the state without overlap is no paramagnet.

    Parameters
    ----------
    line : str
        Its name in the result of `theory.phase_diagram`.
    model : hopfield.Dense, Supervised or Unsupervised

    Returns
    -------
    str

    Examples
    --------
    >>> from hopfield import Dense, Supervised
    >>> line_words("glass", Dense(2)), line_words("glass", Dense(3, self_interaction=True))
    ('spin glass', 'spin glass in random field')
    >>> line_words("learning", Supervised(3, 0.5, 20))
    'signal equals noise'
    """
    words = _LINES.get(line, (line,))[0]
    in_field = line == "glass" and model.p > 2 and model.self_interaction and model.p % 2
    return f"{words} in random field" if in_field else words


def line_label(line: str, model: Polynomial) -> str:
    """What a line of the phase diagram of a model is, and its symbol as a temperature.

    A glass that breaks replica symmetry in one step right away is marked as 1RSB.

    Parameters
    ----------
    line : str
        Its name in the result of `theory.phase_diagram`.
    model : hopfield.Dense, Supervised or Unsupervised

    Returns
    -------
    str

    Examples
    --------
    >>> from hopfield import Dense
    >>> line_label("glass", Dense(2)), line_label("glass", Dense(3))
    ('spin glass $T_g$', 'spin glass $T_g$ (1RSB)')
    >>> line_label("glass", Dense(3, self_interaction=True))
    'spin glass in random field $T_g$'
    """
    from theory.crosstalk import crosstalk
    from theory.dense.freezing import freezing

    symbol = _LINES[line][1] if line in _LINES else ""
    label = f"{line_words(line, model)} {symbol}".rstrip()
    if line != "glass" or model.p == 2:
        return label
    one_step = freezing(crosstalk(model.p, model.self_interaction)).one_step
    return label + (" (1RSB)" if one_step else "")


def line_style(line: str) -> tuple[str, str]:
    """Colour and dashes of a line of a phase diagram.

    Parameters
    ----------
    line : str
        Its name in the result of `theory.phase_diagram`.

    Returns
    -------
    tuple of str

    Examples
    --------
    >>> line_style("spinodal")
    ('#c44e52', '-')
    """
    return _LINES[line][2:] if line in _LINES else ("#555555", "-")
