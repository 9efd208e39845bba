"""Questions put to theory and simulation together, and the command line."""

from __future__ import annotations

from typing import Any

__all__ = [
    "amplitude_cascade",
    "associative_retrieval",
    "capacity_by_dilution",
    "compare",
    "compare_parallel",
    "compare_points",
    "diagrams_by_dilution",
    "diffusion_collapse",
    "example_minima",
    "exponential_retrieval",
    "learning_curve",
    "loss_minima",
    "loss_trajectory",
    "memory_curves",
    "parallel_capacity",
    "plot_amplitude_cascade",
    "plot_associative_retrieval",
    "plot_attention_limit",
    "plot_capacity_by_dilution",
    "plot_cluster_states",
    "plot_collapse_times",
    "plot_comparison",
    "plot_diagrams_by_dilution",
    "plot_diffusion_collapse",
    "plot_ensured_patterns",
    "plot_equidistant_states",
    "plot_example_minima",
    "plot_examples_by_quality",
    "plot_exponential_diagram",
    "plot_exponential_retrieval",
    "plot_exponential_thresholds",
    "plot_head_classes",
    "plot_hierarchical_edge",
    "plot_learning_curve",
    "plot_loss_minima",
    "plot_losses",
    "plot_memory_ages",
    "plot_memory_curves",
    "plot_pair_states",
    "plot_parallel_capacities",
    "plot_parallel_capacity",
    "plot_parallel_comparison",
    "plot_phase_diagram",
    "plot_reconstructions",
    "plot_regimes",
    "plot_retrieval",
    "plot_retrieval_probability",
    "plot_shared_minima",
    "plot_states",
    "plot_teacher_comparison",
    "plot_teacher_plane",
    "plot_threshold_by_dilution",
    "plot_unit_densities",
    "plot_unit_outputs",
    "plot_weight_calibration",
    "reconstructions",
    "shared_minima",
    "spins_to_attention",
    "teacher_comparison",
    "teacher_plane",
]

_HOMES = {
    "studies.bridge": ("spins_to_attention",),
    "studies.cascade": ("amplitude_cascade",),
    "studies.comparison": ("compare", "compare_points"),
    "studies.diffusion": ("diffusion_collapse",),
    "studies.dilution": ("capacity_by_dilution", "diagrams_by_dilution"),
    "studies.exponential_trials": ("exponential_retrieval",),
    "studies.learning": ("learning_curve", "reconstructions"),
    "studies.parallel": ("compare_parallel",),
    "studies.logarithmic_load": ("parallel_capacity",),
    "studies.figures.parallel_capacity": (
        "plot_parallel_capacities", "plot_parallel_capacity", "plot_parallel_comparison",
    ),
    "studies.losses": ("loss_minima", "loss_trajectory"),
    "studies.memories": ("associative_retrieval", "memory_curves"),
    "studies.figures.overview": ("plot_comparison", "plot_phase_diagram", "plot_retrieval"),
    "studies.figures.attention": (
        "plot_cluster_states", "plot_ensured_patterns", "plot_equidistant_states",
        "plot_head_classes", "plot_pair_states",
    ),
    "studies.figures.bridge": (
        "plot_attention_limit", "plot_unit_densities", "plot_unit_outputs",
        "plot_weight_calibration",
    ),
    "studies.figures.diffusion": ("plot_collapse_times", "plot_diffusion_collapse"),
    "studies.figures.exponential": ("plot_exponential_diagram", "plot_exponential_thresholds"),
    "studies.figures.exponential_retrieval": (
        "plot_exponential_retrieval", "plot_retrieval_probability",
    ),
    "studies.figures.memories": (
        "plot_associative_retrieval", "plot_memory_ages", "plot_memory_curves",
    ),
    "studies.figures.dilution": ("plot_capacity_by_dilution", "plot_diagrams_by_dilution"),
    "studies.figures.states": ("plot_amplitude_cascade", "plot_regimes", "plot_states"),
    "studies.figures.learning": (
        "plot_learning_curve", "plot_loss_minima", "plot_losses", "plot_reconstructions",
    ),
    "studies.multitask_learning": ("teacher_comparison", "teacher_plane"),
    "studies.figures.multitask_learning": (
        "plot_examples_by_quality", "plot_hierarchical_edge", "plot_teacher_comparison",
        "plot_teacher_plane", "plot_threshold_by_dilution",
    ),
    "studies.figures.sharing": ("plot_example_minima", "plot_shared_minima"),
    "studies.sharing": ("example_minima", "shared_minima"),
}  # fmt: skip


def __getattr__(name: str) -> Any:
    """Import what is asked for, and with it its libraries, when it is first used."""
    for home, names in _HOMES.items():
        if name in names:
            from importlib import import_module

            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
