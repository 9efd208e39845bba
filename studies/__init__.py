"""Questions put to theory and simulation together, and the command line."""

from __future__ import annotations

from typing import Any

__all__ = [
    "compare",
    "compare_points",
    "plot_comparison",
    "plot_phase_diagram",
    "plot_retrieval",
]


def __getattr__(name: str) -> Any:
    """Import what is asked for, and with it its libraries, when it is first used."""
    if name in ("compare", "compare_points"):
        from importlib import import_module

        return getattr(import_module("studies.comparison"), name)
    if name in __all__:
        from studies import plots

        return getattr(plots, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
