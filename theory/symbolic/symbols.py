"""Letters of the order parameters and of what they depend on, and their code names."""

from __future__ import annotations

import sympy as sp

__all__ = [
    "BREAKPOINT", "CONJUGATE", "CONJUGATES", "FIELD", "INVERSE_TEMPERATURE", "LOAD", "NAMES",
    "OVERLAP", "SELF_OVERLAP", "SELF_OVERLAPS", "SUSCEPTIBILITY", "TEMPERATURE", "V", "Z",
]  # fmt: skip

LOAD, INVERSE_TEMPERATURE, OVERLAP = sp.symbols("alpha beta m", positive=True)
SELF_OVERLAP, SELF_OVERLAPS = sp.Symbol("q", positive=True), sp.symbols("q_0 q_1", positive=True)
CONJUGATE, CONJUGATES = sp.Symbol("r", positive=True), sp.symbols("r_0 r_1", positive=True)
BREAKPOINT, SUSCEPTIBILITY, TEMPERATURE = sp.symbols("x C T", positive=True)
Z, V, FIELD = sp.symbols("z v h", real=True)

NAMES = {
    "load": LOAD,
    "overlap": OVERLAP,
    "self_overlap": SELF_OVERLAP,
    "self_overlap_0": SELF_OVERLAPS[0],
    "self_overlap_1": SELF_OVERLAPS[1],
    "breakpoint": BREAKPOINT,
}
