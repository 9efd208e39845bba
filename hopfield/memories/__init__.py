r"""Key-value memories: pairs of keys and values are written, and values are read with queries.

Every rule is a value whose ``write(keys, values)`` returns a memory; its ``read(queries)`` returns
values, and its ``write`` goes on with more pairs. All keys have the shape (..., n, d), values
(..., n, c) and queries (..., m, d), or (d,) for one; leading dimensions broadcast.
"""

from hopfield.memories.attention import LocalLinearAttention, SoftmaxAttention
from hopfield.memories.delta import DeltaRule
from hopfield.memories.draws import KEYS, random_keys, random_values, retrieval_errors
from hopfield.memories.features import DPFP, EluPlusOne, Favor, Identity
from hopfield.memories.least_squares import PseudoInverse
from hopfield.memories.linear import Hebbian, LinearAttention, Retention
from hopfield.memories.protocols import FeatureMap, Memory, Rule

__all__ = [
    "DPFP",
    "KEYS",
    "DeltaRule",
    "EluPlusOne",
    "Favor",
    "FeatureMap",
    "Hebbian",
    "Identity",
    "LinearAttention",
    "LocalLinearAttention",
    "Memory",
    "PseudoInverse",
    "Retention",
    "Rule",
    "SoftmaxAttention",
    "random_keys",
    "random_values",
    "retrieval_errors",
]
