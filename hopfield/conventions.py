r"""Units of the literature: what a load and a temperature are in the papers on dense networks.

Papers normalise the energy of a pattern and the number of patterns differently. Two descriptions
mean the same network if the energy of one pattern over the temperature is the same, and the number
K of patterns is. Every convention here is defined by its Hamiltonian and by its load, and the
conversions are exact for these at every size. That a paper has these prefactors is another matter:
those of "gardner", "per-coupling" and "albanese" have not been compared with the text of the
papers, and papers that follow one another do not always keep them. Check the one at hand.

Energies with and without self-interaction differ by more than a prefactor, which no unit converts:
`Convention.self_interaction` says which of the two a convention has.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hopfield.arguments import InputError, choice, integer, nonnegative_values
from hopfield.energies import check_size
from hopfield.models import Dense

__all__ = ["CONVENTIONS", "Convention", "Converted", "convert", "glass_coupling"]

LARGEST_ORDER = 170
"""The largest p whose factorial is a float."""


@dataclass(frozen=True)
class Convention:
    r"""What a load and a temperature are in a set of papers.

    Parameters
    ----------
    hamiltonian : str
        Energy H(s), in LaTeX.
    load : str
        Load in terms of K and N, in LaTeX.
    temperature : str
        Temperature in terms of the β of the weights exp(-β H), in LaTeX.
    reference : str
        Where it is used.
    self_interaction : bool
        Whether the energy has the full power of the overlap.
    load_factor : callable
        Load over :math:`\alpha = K/N^{p-1}`, of p.
    temperature_factor : callable
        Temperature over that in units where one pattern has the energy :math:`-N m^p/p`, of p.
    unnormalised : bool
        Whether the energy lacks the factor :math:`N^{1-p}`, which `temperature_factor` is without.

    Examples
    --------
    >>> CONVENTIONS["krotov-hopfield"].temperature_factor(3)
    3.0
    """

    hamiltonian: str
    load: str
    temperature: str
    reference: str
    self_interaction: bool
    load_factor: Callable[[int], float]
    temperature_factor: Callable[[int], float]
    unnormalised: bool = False

    def temperature_unit(self, p: int, size: int | None) -> float:
        """`temperature_factor` with the power of N, for which `size` is needed."""
        factor = self.temperature_factor(p)
        if not self.unnormalised:
            return factor
        if size is None:
            raise InputError("give size: without the factor 1/N^(p-1) temperatures depend on it")
        return factor * float(check_size(p, size)) ** (p - 1)


_SETS = r"\sum_\mu \sum_{i_1 < \dots < i_p} \xi^\mu_{i_1} s_{i_1} \cdots \xi^\mu_{i_p} s_{i_p}"

CONVENTIONS: Mapping[str, Convention] = {
    "toolkit": Convention(
        hamiltonian=rf"-\frac{{(p-1)!}}{{N^{{p-1}}}} {_SETS}",
        load=r"K / N^{p-1}",
        temperature=r"1/\beta",
        reference="this toolkit; p = 2: Hopfield (1982), Amit, Gutfreund and Sompolinsky (1985)",
        self_interaction=False,
        load_factor=lambda p: 1.0,
        temperature_factor=lambda p: 1.0,
    ),
    "gardner": Convention(
        hamiltonian=rf"-\frac{{p!}}{{2 N^{{p-1}}}} {_SETS}",
        load=r"\frac{p!}{2} K / N^{p-1}",
        temperature=r"1/\beta",
        reference="Gardner (1987): couplings of the variance of a p-spin glass with J² = load",
        self_interaction=False,
        load_factor=lambda p: math.factorial(p) / 2.0,
        temperature_factor=lambda p: p / 2.0,
    ),
    "albanese": Convention(
        hamiltonian=rf"-\frac{{1}}{{N^{{p-1}}}} {_SETS}",
        load=r"\gamma = \frac{p!}{2} K / N^{p-1}",
        temperature=r"1/\beta', \quad \beta' = 2 \beta / p!",
        reference="Albanese et al. (2022), Agliari et al. (2023)",
        self_interaction=False,
        load_factor=lambda p: math.factorial(p) / 2.0,
        temperature_factor=lambda p: p / 2.0,
    ),
    "per-coupling": Convention(
        hamiltonian=rf"-\frac{{(p-1)!}}{{N^{{p-1}}}} {_SETS}",
        load=r"K N \Big/ \frac{N^p}{p!}",
        temperature=r"1/\beta",
        reference="bits per coupling, as Abbott and Arian (1987) count",
        self_interaction=False,
        load_factor=lambda p: float(math.factorial(p)),
        temperature_factor=lambda p: 1.0,
    ),
    "krotov-hopfield": Convention(
        hamiltonian=r"-\sum_\mu \left( \sum_i \xi^\mu_i s_i \right)^p",
        load=r"K / N^{p-1}",
        temperature=r"1/\beta",
        reference="Krotov and Hopfield (2016), F(x) = x^n, n = p",
        self_interaction=True,
        load_factor=lambda p: 1.0,
        temperature_factor=float,
        unnormalised=True,
    ),
}


class Converted(NamedTuple):
    """A load and a temperature in other units, each of the shape it was given in."""

    load: NDArray[np.float64]
    temperature: NDArray[np.float64]


def convert(
    load: ArrayLike,
    temperature: ArrayLike,
    *,
    p: int,
    source: str = "toolkit",
    target: str = "toolkit",
    size: int | None = None,
) -> Converted:
    r"""Load and temperature of the same network in other units.

    :math:`\beta` times the energy of one pattern and the number K of patterns are kept.

    Parameters
    ----------
    load : float or 1-D array
        In the units of `source`, at least 0.
    temperature : float or 1-D array
        In the units of `source`, at least 0; the number need not be that of the loads.
    p : int
        Number of spins in an interaction, 2 to 170.
    source, target : str
        Names in `CONVENTIONS`; by default the units of this toolkit.
    size : int, optional
        Number N of spins, for "krotov-hopfield" alone, whose energies are not normalised.

    Returns
    -------
    Converted
        `load` and `temperature` in the units of `target`.

    Raises
    ------
    InputError
        If a name is unknown, a number is out of range, or the size is missing.

    References
    ----------
    See `Convention.reference`.

    Examples
    --------
    >>> load, temperature = convert(0.3, 0.6, p=3, source="gardner")
    >>> print(f"{load:.3f} {temperature:.3f}")
    0.100 0.400
    >>> print(convert(0.1, 0.5, p=3, target="krotov-hopfield", size=200).temperature)
    60000.0
    """
    order = integer("p", p, low=2, high=LARGEST_ORDER)
    before = CONVENTIONS[choice("source", source, list(CONVENTIONS))]
    after = CONVENTIONS[choice("target", target, list(CONVENTIONS))]
    loads = nonnegative_values("load", load)
    temperatures = nonnegative_values("temperature", temperature)
    scale = after.temperature_unit(order, size) / before.temperature_unit(order, size)
    return Converted(
        _scaled("load", loads, after.load_factor(order) / before.load_factor(order)),
        _scaled("temperature", temperatures, scale),
    )


def glass_coupling(model: Dense, load: ArrayLike) -> NDArray[np.float64]:
    r"""The J of the p-spin glass whose energy has the covariance of the crosstalk.

    .. math::
        H = -\sum_{i_1 < \dots < i_p} J_{i_1 \dots i_p} s_{i_1} \cdots s_{i_p}, \quad
        \langle J_{i_1 \dots i_p}^2 \rangle = \frac{p!\, J^2}{2 N^{p-1}}, \quad
        J^2 = \frac{2 (p-1)!}{p} \alpha .

    T/J is the temperature in units of the p-spin glass. For p >= 3 the crosstalk is Gaussian at
    infinite size, and the network without a condensed pattern is that glass; for p = 2 the
    Sherrington-Kirkpatrick model with J² = α is its limit of large loads alone.

    Parameters
    ----------
    model : Dense
        Without self-interaction, or with p = 2: for the full power of p >= 3 spins the crosstalk is
        a mixture of glasses of several orders.
    load : float or 1-D array
        α = K / N^(p-1), at least 0.

    Returns
    -------
    array of the shape of `load`
        J, in the unit of energy of this toolkit.

    Raises
    ------
    InputError
        If the crosstalk of the model is not that of one glass, or the load is out of range.

    References
    ----------
    D. J. Gross and M. Mezard, Nucl. Phys. B 240, 431 (1984); E. Gardner, Nucl. Phys. B 257, 747
    (1985).

    Examples
    --------
    >>> print(f"{0.3 / glass_coupling(Dense(3), 0.12):.3f}")  # T/J at T = 0.3
    0.750
    """
    if not isinstance(model, Dense):
        raise InputError(f"model must be hopfield.Dense, got {model!r}")
    if model.self_interaction and model.p > 2:
        raise InputError(
            f"model must be without self-interaction: the crosstalk of {model!r} is a mixture of "
            "glasses of several orders"
        )
    order = integer("p", model.p, low=2, high=LARGEST_ORDER)
    strength = math.sqrt(2.0 * math.factorial(order - 1) / order)
    return _scaled("load", np.sqrt(nonnegative_values("load", load)), strength)


def _scaled(name: str, values: NDArray[np.float64], factor: float) -> NDArray[np.float64]:
    """Values times a factor, if these are floats."""
    with np.errstate(over="ignore"):
        scaled = values * factor
    if not np.isfinite(scaled).all():
        raise InputError(f"{name} is beyond floating point in these units, got {values.max():g}")
    return scaled
