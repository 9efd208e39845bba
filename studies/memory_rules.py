"""The key-value memories that studies put side by side."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from hopfield.arguments import InputError
from hopfield.memories import (
    DPFP,
    DeltaRule,
    EluPlusOne,
    Favor,
    FeatureMap,
    Hebbian,
    Identity,
    LinearAttention,
    LocalLinearAttention,
    PseudoInverse,
    Retention,
    Rule,
    SoftmaxAttention,
)

__all__ = ["MEMORIES", "RETRIEVAL", "RuleAt", "rule_functions"]

RuleAt = Callable[[int, int], Rule]
"""Rule for so many pairs and dimensions."""


def _best_hebbian(n_pairs: int, dimension: int) -> Rule:
    from theory.memories.linear import best_gain
    from theory.memories.setting import Setting

    return Hebbian(best_gain(Identity(), Setting(n_pairs, dimension)))


def _linear(features: Callable[[int], FeatureMap]) -> RuleAt:
    return lambda k, d: LinearAttention(features(d), normalised=True)


def _elu(dimension: int) -> EluPlusOne:
    """Features of components of variance 1."""
    return EluPlusOne(math.sqrt(dimension))


MEMORIES: dict[str, RuleAt] = {
    "Hebbian": lambda k, d: Hebbian(),
    "Hebbian, best gain": _best_hebbian,
    "retention, γ = 1 - 1/d": lambda k, d: Retention(1.0 - 1.0 / d),
    "linear attention, elu + 1": _linear(_elu),
    "linear attention, DPFP-3": _linear(lambda d: DPFP(3)),
    "delta rule": lambda k, d: DeltaRule(),
    "delta rule, 4 passes": lambda k, d: DeltaRule(passes=4),
    "pseudo-inverse": lambda k, d: PseudoInverse(),
    "least squares, ridge 0.1": lambda k, d: PseudoInverse(0.1),
    "softmax, β = log 2d": lambda k, d: SoftmaxAttention(math.log(2 * d)),
    "local linear, ridge 0.1": lambda k, d: LocalLinearAttention(math.log(2 * d), 0.1),
}
"""Memories that are compared; the best gain is that of keys on the sphere without noise."""

RETRIEVAL: dict[str, RuleAt] = {
    "softmax": lambda k, d: SoftmaxAttention(math.sqrt(d)),
    "elu + 1": _linear(_elu),
    "DPFP-1": _linear(lambda d: DPFP(1)),
    "DPFP-2": _linear(lambda d: DPFP(2)),
    "DPFP-3": _linear(lambda d: DPFP(3)),
    "FAVOR+, m = 64": _linear(lambda d: Favor(64, d**0.25)),
    "FAVOR+, m = 128": _linear(lambda d: Favor(128, d**0.25)),
    "FAVOR+, m = 512": _linear(lambda d: Favor(512, d**0.25)),
    "elu + 1, least squares": lambda k, d: PseudoInverse(features=_elu(d)),
    "DPFP-1, least squares": lambda k, d: PseudoInverse(features=DPFP(1)),
    "DPFP-2, least squares": lambda k, d: PseudoInverse(features=DPFP(2)),
    "DPFP-3, least squares": lambda k, d: PseudoInverse(features=DPFP(3)),
}
"""Memories of synthetic associative retrieval, as in its first setting, and least squares."""


def rule_functions(memories: Mapping[str, Rule | RuleAt]) -> dict[str, RuleAt]:
    """Functions that give rules, of rules or of such functions.

    Parameters
    ----------
    memories : mapping of str to Rule or function

    Returns
    -------
    dict

    Raises
    ------
    InputError
        If there is none, or one is neither.

    Examples
    --------
    >>> rule_functions({"Hebbian": Hebbian()})["Hebbian"](32, 64) == Hebbian()
    True
    """
    if not isinstance(memories, Mapping) or not memories:
        raise InputError(f"memories must be a mapping of names to rules, got {memories!r}")
    for name, rule in memories.items():
        if not callable(rule) and not hasattr(rule, "write"):
            raise InputError(f"memory {name!r} must be a rule or a function, got {rule!r}")
    return {name: _as_function(rule) for name, rule in memories.items()}


def _as_function(rule: Rule | RuleAt) -> RuleAt:
    if callable(rule):
        return rule
    return lambda k, d: rule
