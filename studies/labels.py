"""What figures share: words and colours of models, loads and lines of phase diagrams."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from hopfield.learner import Learner
from hopfield.models import Model, model_of

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

__all__ = [
    "ansatz",
    "axes_or_new",
    "line_label",
    "line_style",
    "load_label",
    "load_unit",
    "model_label",
]

_LINES = {
    "glass": ("spin glass $T_g$", "#4c72b0", "-"),
    "spinodal": ("end of retrieval $T_M$", "#c44e52", "-"),
    "first-order": ("retrieval is stable $T_c$", "#8172b3", "--"),
    "at": ("replica symmetry breaks $T_{AT}$", "#937860", ":"),
    "dynamical": ("dynamical transition $T_d$", "#8c8c8c", "-"),
    "gardner": ("Gardner transition $T_G$", "#64b5cd", ":"),
    "nishimori": ("Nishimori line", "#55a868", "-."),
}
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


def ansatz(ds: xr.Dataset) -> str:
    """The ansatz of a theoretical result, in words.

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
    return _ANSATZE[json.loads(ds.attrs["parameters"])["ansatz"]]


def model_label(model: Model) -> str:
    """A model in a few words.

    Parameters
    ----------
    model : hopfield.Dense, Supervised or Unsupervised

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
    if isinstance(model, Learner):
        name = type(model).__name__.lower()
        return f"{name}, p = {model.p}, r = {model.quality:g}, M = {model.examples}"
    word = "with" if model.self_interaction else "without"
    return f"p = {model.p}, {word} self-interaction"


def load_unit(exponent: float) -> str:
    """The load in terms of the numbers of patterns and spins.

    Parameters
    ----------
    exponent : float
        b of K / N^b.

    Returns
    -------
    str

    Examples
    --------
    >>> load_unit(1), load_unit(3), load_unit(1.5)
    ('K/N', 'K/N³', 'K/N^1.5')
    """
    text = f"{exponent:g}"
    if text == "1":
        return "K/N"
    return f"K/N{text.translate(_RAISED)}" if text.isdigit() else f"K/N^{text}"


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
    largest = model_of(ds).p - 1
    exponent = json.loads(ds.attrs["parameters"]).get("exponent", largest)
    return f"load {'α' if exponent == largest else 'γ'} = {load_unit(exponent)}"


def line_label(line: str, model: Model) -> str:
    """What a line of the phase diagram of a model is.

    Odd full powers make a random field, in which the state without overlap is no paramagnet. A
    glass that breaks replica symmetry in one step right away is marked as 1RSB.

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
    from theory.dense_freezing import freezing

    label = _LINES[line][0] if line in _LINES else line
    if line != "glass" or model.p == 2:
        return label
    if model.self_interaction and model.p % 2:
        label = "spin glass in random field $T_g$"
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
    return _LINES[line][1:] if line in _LINES else ("#555555", "-")
