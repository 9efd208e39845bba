"""Fixed points of attention: bifurcations, clusters, bounds and what they ensure."""

from theory.attention.average import average_states, average_threshold, spherical_average_limit
from theory.attention.bounds import pattern_separation, retrieval_bounds
from theory.attention.capacity import ensured_patterns
from theory.attention.clusters import cluster_states, cluster_thresholds
from theory.attention.equidistant import equidistant_states, equidistant_thresholds
from theory.attention.pair import pair_states, pair_threshold
from theory.attention.shell import crosstalk_norm

__all__ = [
    "average_states",
    "average_threshold",
    "cluster_states",
    "cluster_thresholds",
    "crosstalk_norm",
    "ensured_patterns",
    "equidistant_states",
    "equidistant_thresholds",
    "pair_states",
    "pair_threshold",
    "pattern_separation",
    "retrieval_bounds",
    "spherical_average_limit",
]
