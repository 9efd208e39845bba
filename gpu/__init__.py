"""What a finite network does, on a GPU."""

from __future__ import annotations

from typing import Any

from gpu.device import available, device_name

__all__ = ["available", "device_name", "sample"]


def __getattr__(name: str) -> Any:
    """Import the sampler, and with it the compiler, when it is first asked for."""
    if name == "sample":
        from gpu.sampler import sample

        return sample
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
