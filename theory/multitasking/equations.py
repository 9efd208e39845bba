r"""Saddle points of networks of diluted patterns, a few of which are retrieved.

With the sums :math:`y_c` of the entries of classes of k patterns of equal overlap,
:math:`h = \sum_c n_c y_c + \sigma z`, a saddle point is a zero of

.. math:: F_c = n_c - E[y_c \tanh(h/T)]/k_c, \qquad F_\sigma = \sigma\Gamma(C) - \sqrt{\alpha q},

with the crosstalk Γ of `theory.pairs.crosstalk`. Without load σ = 0, the free energy is

.. math:: f = \frac12 \sum_c k_c n_c^2 - T\,E \log 2\cosh(h/T),

and a state is stable if all eigenvalues of its Hessian
:math:`\delta_{\mu\nu} - E[x^\mu x^\nu\, \partial_h \tanh(h/T)]` are positive.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.multitasking.columns import Columns
from theory.multitasking.fields import averages, thermal_averages
from theory.pairs.crosstalk import PairCrosstalk
from theory.pairs.equations import thermodynamics
from theory.saddle import Array

__all__ = ["Curvatures", "curvatures", "observables", "residuals"]


def residuals(
    law: Columns,
    crosstalk: PairCrosstalk,
    load: Array,
    temperature: Array,
    effective_overlap: Array,
    noise: Array,
) -> tuple[Array, Array]:
    r"""Left-hand sides :math:`F_c, F_\sigma` of the saddle-point equations and their Jacobian.

    Parameters
    ----------
    law : Columns
        Of the classes of patterns.
    crosstalk : PairCrosstalk
        Γ.
    load, temperature : arrays, shape (cells,)
        α and T.
    effective_overlap : array, shape (cells, classes)
        n.
    noise : array, shape (cells,)
        σ.

    Returns
    -------
    tuple of arrays, shapes (cells, classes + 1) and (cells, classes + 1, classes + 1)
        Derivatives are by n and σ.

    References
    ----------
    E. Agliari, A. Barra, A. Galluzzi, F. Guerra and F. Moauro, Phys. Rev. Lett. 109, 268101 (2012).

    Examples
    --------
    >>> from theory.multitasking.columns import columns, lattice_class
    >>> law = columns([lattice_class(1, 0.5, 1.0, 1)] * 2)
    >>> zero, state = np.zeros(1), np.array([[0.5, 0.25]])
    >>> residuals(law, PairCrosstalk(((0.5, 1.0),)), zero, zero, state, zero)[0].tolist()
    [[0.0, 0.0, 0.0]]
    """
    k = averages(law, effective_overlap, noise, temperature)
    q = k.tanh_squared
    gap = crosstalk.gap(k.response)
    root = crosstalk.root(gap)
    # derivative of sqrt(α q) by C is -T sqrt(α / q) / 2
    slope = noise * crosstalk.root_slope(gap)
    slope += temperature * np.sqrt(load / np.maximum(q, 1e-300)) / 2.0
    values = np.empty((load.size, law.patterns.size + 1))
    values[:, :-1] = effective_overlap - k.effective_overlap
    values[:, -1] = noise * root - np.sqrt(load * q)
    jacobian = np.empty((*values.shape, values.shape[1]))
    jacobian[:, :-1, :-1] = np.eye(law.patterns.size) - k.second / law.patterns[:, None]
    jacobian[:, :-1, -1] = -k.effective_by_width
    jacobian[:, -1, :-1] = slope[:, None] * k.response_by_overlap
    jacobian[:, -1, -1] = root + slope * k.response_by_width
    free = (load == 0.0) & (noise == 0.0)  # whatever the response, which may be infinite
    jacobian[free, -1] = np.eye(values.shape[1])[-1]
    values[free, -1] = 0.0
    return values, jacobian


def observables(
    law: Columns,
    crosstalk: PairCrosstalk,
    load: Array,
    temperature: Array,
    effective_overlap: Array,
    noise: Array,
) -> dict[str, Array]:
    """Overlaps with the archetypes, thermodynamics and replicon at a saddle point.

    Parameters
    ----------
    law, crosstalk, load, temperature, effective_overlap, noise
        As of `residuals`.

    Returns
    -------
    dict of str to array
        Keys overlap, shape (cells, classes), self_overlap, free_energy, energy, entropy, replicon.

    Examples
    --------
    >>> from theory.multitasking.columns import columns, lattice_class
    >>> law = columns([lattice_class(1, 0.5, 1.0, 1)] * 2)
    >>> zero, state = np.zeros(1), np.array([[0.5, 0.25]])
    >>> values = observables(law, PairCrosstalk(((0.5, 1.0),)), zero, zero, state, zero)
    >>> values["energy"].item()
    -0.15625
    """
    k = averages(law, effective_overlap, noise, temperature)
    thermal = thermal_averages(law, effective_overlap, noise, temperature)
    square = effective_overlap**2 @ law.patterns
    response = np.where(noise == 0.0, 0.0, k.response)  # which enters with the noise alone
    point = load, temperature, square, noise, k.tanh_squared, response
    return {"overlap": k.overlap} | thermodynamics(crosstalk, *point, thermal, False)


@dataclass(frozen=True)
class Curvatures:
    """Eigenvalues of the Hessian of the free energy, by the directions they belong to.

    Parameters
    ----------
    along : array, shape (cells, classes)
        Changes that leave the overlaps within classes equal, in rising order.
    within : array, shape (cells, classes)
        Differences within a class, k - 1 times each; not a number for a class of one pattern.
    beyond : array, shape (cells,)
        Overlaps with patterns that are not retrieved.
    between_examples : array, shape (cells, classes + 1)
        Differences between the examples of a pattern of each class, and of one that is not
        retrieved, where there is no teacher to tell which are of one archetype; M - 1 times for
        each pattern; not a number for a single example.
    """

    along: Array
    within: Array
    beyond: Array
    between_examples: Array


def curvatures(
    law: Columns,
    crosstalk: PairCrosstalk,
    load: Array,
    temperature: Array,
    effective_overlap: Array,
    noise: Array,
    *,
    examples: int = 1,
    entropy: float = 0.0,
) -> Curvatures:
    r"""Eigenvalues of the Hessian at a saddle point, with the noise following the overlaps.

    With :math:`t' = \partial_h \tanh(h/T)`, :math:`Q_c = E[\sum_{\mu \in c} (x^\mu)^2 t']` and
    :math:`S_c = E[y_c^2 t']` those within a class are
    :math:`1 - \frac{Q_c - S_c/k}{k-1}`, the one of other patterns is
    :math:`1 - (1-d)\,E[t']`, and differences between examples have
    :math:`1 - \frac{1}{M-1} E[(e/R - x^2)\, t']` with e = 0 on blanks and 1 else,
    :math:`R = r^2 + (1-r^2)/M`.

    Parameters
    ----------
    law, crosstalk, load, temperature, effective_overlap, noise
        As of `residuals`.
    examples : int
        M.
    entropy : float
        ρ.

    Returns
    -------
    Curvatures

    Examples
    --------
    >>> from theory.multitasking.columns import columns, lattice_class
    >>> law, one, zero = columns([lattice_class(1, 0.5, 1.0, 1)]), np.ones(1), np.zeros(1)
    >>> warm = curvatures(law, PairCrosstalk(((0.5, 1.0),)), zero, one, np.zeros((1, 1)), zero)
    >>> warm.along.item(), warm.beyond.item()  # 1 - (1 - d)/T without overlaps
    (0.5, 0.5)
    """
    k = averages(law, effective_overlap, noise, temperature)
    jacobian = residuals(law, crosstalk, load, temperature, effective_overlap, noise)[1]
    followed = jacobian[:, :-1, -1:] @ jacobian[:, -1:, :-1] / jacobian[:, -1:, -1:]
    along = np.sort(np.linalg.eigvals(jacobian[:, :-1, :-1] - followed).real, axis=1)
    size = law.patterns
    several = np.where(size > 1.0, size, np.nan)
    own = np.diagonal(k.second, axis1=1, axis2=2)
    within = 1.0 - (k.square - own / several) / (several - 1.0)
    inverse = (1.0 + examples * entropy) / (1.0 + entropy)  # 1/R, since r² = 1/(1 + M ρ)
    of_class = (inverse * k.filled - k.square) / size
    of_none = (inverse - 1.0) * crosstalk.largest * k.response
    others = np.nan if examples == 1 else examples - 1.0
    between = 1.0 - np.concatenate([of_class, of_none[:, None]], axis=1) / others
    return Curvatures(along, within, crosstalk.gap(k.response), between)
