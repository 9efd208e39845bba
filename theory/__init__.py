"""What theory says of a network at infinite size: saddle points, capacities, phase diagrams."""

from theory import attention as attention
from theory.diagnostics import check
from theory.exponential.retrieval import (
    exponential_basin,
    exponential_finite_size,
    exponential_thresholds,
)
from theory.learning.examples import learning_threshold
from theory.memories.errors import memory_error, memory_error_by_age
from theory.multitasking.edge import hierarchical_edge
from theory.multitasking.learning import multitask_threshold
from theory.multitasking.lines import regime_lines
from theory.multitasking.regimes import regime_diagram
from theory.multitasking.states import retrieval_states
from theory.multitasking.teacher import example_threshold
from theory.multitasking.thresholds import dilution_threshold, least_dilution
from theory.multitasking.windows import stability_window
from theory.one_step.metastable import complexity
from theory.phases import capacity, phase_diagram, solve
from theory.signal_to_noise import bit_error, stable_patterns
from theory.tolerance import tolerated_noise

__all__ = [
    "bit_error",
    "capacity",
    "check",
    "complexity",
    "dilution_threshold",
    "example_threshold",
    "exponential_basin",
    "exponential_finite_size",
    "exponential_thresholds",
    "hierarchical_edge",
    "learning_threshold",
    "least_dilution",
    "memory_error",
    "memory_error_by_age",
    "multitask_threshold",
    "phase_diagram",
    "regime_diagram",
    "regime_lines",
    "retrieval_states",
    "solve",
    "stability_window",
    "stable_patterns",
    "tolerated_noise",
]
