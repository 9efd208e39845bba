"""Models: what a network is, as a few numbers without a size or a temperature."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any, ClassVar

from hopfield.arguments import InputError, integer
from hopfield.exponential import Exponential
from hopfield.hebbian import Hebbian
from hopfield.learning import Supervised, Unsupervised
from hopfield.loads import exponent_of
from hopfield.patterns import check_dilution

__all__ = [
    "MODELS", "Dense", "Hopfield", "Model", "Multitasking", "Polynomial", "exponent_of", "model_of",
    "polynomial_of",
]  # fmt: skip


@dataclass(frozen=True)
class Dense(Hebbian):
    r"""Hebbian network of p-body interactions.

    .. math::
        H(s) = -\frac{(p-1)!}{N^{p-1}} \sum_\mu \sum_{i_1 < \dots < i_p}
               \xi^\mu_{i_1} s_{i_1} \cdots \xi^\mu_{i_p} s_{i_p}

    or, with self-interaction,

    .. math::
        H(s) = -\frac{N}{p} \sum_\mu m_\mu^p .

    p = 2 without self-interaction is the Hopfield model.

    Parameters
    ----------
    p : int
        Number of spins in an interaction, at least 2.
    self_interaction : bool
        False: all p spins are different. True: the full power of the overlap.

    Raises
    ------
    InputError
        If `p` is not an integer >= 2 or `self_interaction` not a bool.

    References
    ----------
    J. J. Hopfield, Proc. Natl. Acad. Sci. 79, 2554 (1982); E. Gardner, J. Phys. A 20, 3453 (1987),
    eq. (1.1); D. Krotov and J. J. Hopfield, NIPS 29, 1172 (2016), eq. (1).

    Examples
    --------
    >>> Dense(p=2) == Hopfield()
    True
    """

    p: int
    self_interaction: bool = False
    dilution: ClassVar[float] = 0.0  # type: ignore[misc]

    def __post_init__(self) -> None:
        object.__setattr__(self, "p", integer("p", self.p, low=2))
        if not isinstance(self.self_interaction, bool):
            raise InputError(
                f"self_interaction must be True or False, got {self.self_interaction!r}"
            )


@dataclass(frozen=True)
class Multitasking(Hebbian):
    r"""Hopfield model of patterns with blank entries, which it can retrieve at the same time.

    .. math::
        H(s) = -\frac1N \sum_\mu \sum_{i < j} \xi^\mu_i \xi^\mu_j s_i s_j, \qquad
        P(\xi = 0) = d, \quad P(\xi = \pm 1) = \frac{1-d}2

    Spins on which one pattern is blank are free to follow another one.

    Parameters
    ----------
    dilution : float
        Probability d of a blank entry, in [0, 1).

    Raises
    ------
    InputError
        If it is out of range.

    References
    ----------
    E. Agliari, A. Barra, A. Galluzzi, F. Guerra and F. Moauro, Phys. Rev. Lett. 109, 268101
    (2012), arXiv:1111.5191.

    Examples
    --------
    >>> Multitasking(dilution=0.2)
    Multitasking(dilution=0.2)
    """

    dilution: float
    p: int = field(default=2, init=False, repr=False)
    self_interaction: bool = field(default=False, init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "dilution", check_dilution(self.dilution))


Polynomial = Dense | Multitasking | Supervised | Unsupervised
"""A model whose energy is a polynomial of the overlaps, with loads K / N^(p-1)."""

Model = Polynomial | Exponential
"""Any model."""

MODELS: dict[str, type[Model]] = {
    "Dense": Dense, "Multitasking": Multitasking,
    "Supervised": Supervised, "Unsupervised": Unsupervised, "Exponential": Exponential,
}  # fmt: skip
"""The classes by the names under which results mention them."""


def model_of(result: Any) -> Model:
    """The model that a result is of.

    Parameters
    ----------
    result : xarray.Dataset
        With the attributes it was made with.

    Returns
    -------
    Dense, Multitasking, Supervised, Unsupervised or Exponential

    Raises
    ------
    InputError
        If they do not name one.

    Examples
    --------
    >>> import theory
    >>> model_of(theory.capacity(Dense(3)))
    Dense(p=3, self_interaction=False)
    """
    try:
        described = json.loads(result.attrs["model"])
        return MODELS[described.pop("name")](**described)
    except (AttributeError, KeyError, TypeError) as error:
        raise InputError(
            f"a result must name its model in its attributes, got {result!r}"
        ) from error


def polynomial_of(result: Any) -> Polynomial:
    """The model that a result is of, one with a load K / N^(p-1).

    Parameters
    ----------
    result : xarray.Dataset
        With the attributes it was made with.

    Returns
    -------
    Dense, Multitasking, Supervised or Unsupervised

    Raises
    ------
    InputError
        If they name another one, or none.

    Examples
    --------
    >>> import theory
    >>> polynomial_of(theory.capacity(Dense(3))).p
    3
    """
    model = model_of(result)
    if isinstance(model, Exponential):
        raise InputError(f"a result must be of a network of p-body interactions, got {model}")
    return model


def Hopfield() -> Dense:
    """The Hopfield model, `Dense(p=2)`.

    Examples
    --------
    >>> Hopfield()
    Dense(p=2, self_interaction=False)
    """
    return Dense(p=2)
