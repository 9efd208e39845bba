"""What a finite network does, on the CPU."""

from __future__ import annotations

from typing import Any

__all__ = [
    "DYNAMICS", "KERNELS", "METHODS", "ExactStates", "Interrupted", "Mixture", "drawn_spins",
    "exact_states", "mixture", "naive_mean_field", "sample", "sample_continuous", "tap",
    "trajectory",
]  # fmt: skip

_CONTINUOUS = {
    "montecarlo.continuous.exact": ("ExactStates", "exact_states"),
    "montecarlo.continuous.mixture": ("Mixture", "mixture"),
    "montecarlo.continuous.sampler": ("METHODS", "sample_continuous"),
}


def __getattr__(name: str) -> Any:
    """Import the sampler, and with it the compiler, when it is first asked for."""
    if name in ("sample", "Interrupted", "DYNAMICS"):
        from montecarlo import sampler

        return getattr(sampler, name)
    if name == "KERNELS":
        from montecarlo import ensemble

        return ensemble.KERNELS
    if name in ("naive_mean_field", "tap", "drawn_spins"):
        from montecarlo import mean_field

        return getattr(mean_field, name)
    if name == "trajectory":
        from montecarlo import trajectories

        return trajectories.trajectory
    for home, names in _CONTINUOUS.items():
        if name in names:
            from importlib import import_module

            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
