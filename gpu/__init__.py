"""What a finite network does, on a GPU."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from gpu.device import available, device_name, missing, require

__all__ = [
    "available",
    "chosen_backend",
    "device_name",
    "devices",
    "missing",
    "require",
    "retrieve",
    "sample",
    "sample_continuous",
    "sample_many",
]

_HOMES = {
    "chosen_backend": "choice",
    "devices": "cuda",
    "retrieve": "retrieval",
    "sample": "sampler",
    "sample_continuous": "continuous",
    "sample_many": "sampler",
}


def __getattr__(name: str) -> Any:
    """Import the sampler, and with it the compiler, when it is first asked for."""
    if name in _HOMES:
        return getattr(import_module(f"gpu.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
