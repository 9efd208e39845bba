"""What a finite network does, on the CPU."""

from __future__ import annotations

from typing import Any

__all__ = [
    "DYNAMICS", "KERNELS", "Interrupted", "drawn_spins", "naive_mean_field", "sample", "tap",
    "trajectory",
]  # fmt: skip


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
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
