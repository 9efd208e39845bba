r"""States of n patterns at equal distances, which are those of a mean-field Potts model.

If k of n patterns have the weight a and the others b, with :math:`u = \log(a/b)` and the coupling
:math:`J = \beta |\xi|^2 (1 - q)`,

.. math::
    J = \frac{u\, (k + (n-k) e^{-u})}{1 - e^{-u}} , \qquad a = \frac1{k + (n-k) e^{-u}} .

J is least at the u where :math:`\frac{u - 1 + e^{-u}}{\cosh u - 1} = \frac{2k}n`; it is n at u = 0,
where all weights are equal.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import exprel, hyp1f1

from theory.attention.roots import root

__all__ = ["Subset", "equal_energy", "log_ratio", "spinodal"]


@dataclass(frozen=True)
class Subset:
    """States in which k of n patterns share most of the weight, by the logarithm u of its ratio.

    Parameters
    ----------
    total : float
        n, at least 2.
    part : float
        k, at most n/2.

    Examples
    --------
    >>> pair = Subset(2, 1)
    >>> pair.coupling(0.0), round(pair.weight(math.log(3.0)), 12)
    (2.0, 0.75)
    """

    total: float
    part: float

    def coupling(self, log_ratio: float) -> float:
        """J."""
        above = self.part if log_ratio >= 0.0 else self.total - self.part
        u = abs(log_ratio)
        return float((above + (self.total - above) * math.exp(-u)) / exprel(-u))

    def weight(self, log_ratio: float) -> float:
        """Weight a of one of the k patterns."""
        rest = self.total - self.part
        if log_ratio >= 0.0:
            return 1.0 / (self.part + rest * math.exp(-log_ratio))
        return math.exp(log_ratio) / (self.part * math.exp(log_ratio) + rest)

    def other_weight(self, log_ratio: float) -> float:
        """Weight b of one of the others."""
        rest = self.total - self.part
        if log_ratio >= 0.0:
            return math.exp(-log_ratio) / (self.part + rest * math.exp(-log_ratio))
        return 1.0 / (self.part * math.exp(log_ratio) + rest)

    def eigenvalue(self, log_ratio: float) -> float:
        r"""Largest eigenvalue of the Jacobian, of J a, J b and J n a b.

        They belong to differences between the k patterns, between the others, and between the two.
        """
        a, b = self.weight(log_ratio), self.other_weight(log_ratio)
        modes = [self.total * a * b]
        if self.part > 1.0:
            modes.append(a)
        if self.total - self.part > 1.0:
            modes.append(b)
        return self.coupling(log_ratio) * max(modes)

    def energy(self, log_ratio: float) -> float:
        r"""Energy over :math:`|\xi|^2 (1 - q)`, half of 1 - w·w plus (log n - S)/J."""
        a, b = self.weight(log_ratio), self.other_weight(log_ratio)
        rest = self.total - self.part
        squares = self.part * a**2 + rest * b**2
        logs = self.part * a * math.log(a or 1.0) + rest * b * math.log(b or 1.0)
        return (1.0 - squares) / 2.0 + (logs + math.log(self.total)) / self.coupling(log_ratio)


def spinodal(subset: Subset) -> float:
    """Logarithm of the ratio of weights at the least coupling, where the states end.

    Parameters
    ----------
    subset : Subset

    Returns
    -------
    float
        u; 0 for half of the patterns, whose states appear continuously.

    Examples
    --------
    >>> four = Subset(4, 1)
    >>> round(four.coupling(spinodal(four)), 9)
    3.218...
    """
    share = 2.0 * subset.part / subset.total
    if share >= 1.0:
        return 0.0

    def excess(u: float) -> float:
        log_sinh = u / 2.0 + math.log(-math.expm1(-u) / u)  # log(2 sinh(u/2) / u)
        return math.log(hyp1f1(1.0, 3.0, -u)) - 2.0 * log_sinh - math.log(share)

    bounds = (1.0 - share) / 2.0, 5.0 + 2.0 * math.log(subset.total)
    return root(excess, *bounds)


def equal_energy(subset: Subset) -> float:
    r"""Logarithm of the ratio of weights where the energy is that of equal weights.

    There :math:`u = 2 \log\frac{n-k}k` and :math:`J = \frac{2k (n-k)}{n - 2k} \log\frac{n-k}k`.

    Parameters
    ----------
    subset : Subset

    Returns
    -------
    float
        u > 0; 0 for half of the patterns.

    Examples
    --------
    >>> five = Subset(5, 1)
    >>> round(five.energy(equal_energy(five)), 12)  # and (1 - 1/5)/2 for equal weights
    0.4
    """
    return 2.0 * math.log((subset.total - subset.part) / subset.part)


def log_ratio(subset: Subset, coupling: float, *, upper: bool) -> float:
    """Logarithm of the ratio of weights at a coupling.

    Parameters
    ----------
    subset : Subset
    coupling : float
        J > 0.
    upper : bool
        The state of large weight, or the barrier between it and that of equal weights. Beyond J = n
        the k patterns of the barrier have less weight than the others.

    Returns
    -------
    float
        u; not a number where there is no such state.

    Examples
    --------
    >>> three = Subset(3, 1)
    >>> [round(log_ratio(three, 2.9, upper=upper), 6) for upper in (True, False)]
    [1.892862, 0.225376]
    """
    turn = spinodal(subset)
    least = subset.coupling(turn)
    if coupling <= least:
        return turn if coupling == least else math.nan
    outer = 1.0 + coupling / subset.part
    if not upper:
        outer = -1.0 - coupling / (subset.total - subset.part)

    def excess(u: float) -> float:
        return math.log(subset.coupling(u) / coupling)

    return root(excess, turn, outer)
