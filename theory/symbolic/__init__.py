"""Free energies written once in symbols, and what follows from them by machine."""

from theory.symbolic.averages import Average, LogAverage, Tilted, log2cosh
from theory.symbolic.derivation import FreeEnergy
from theory.symbolic.formulas import free_energy
from theory.symbolic.printing import latex
from theory.symbolic.zero_temperature import ZeroTemperature, zero_temperature

__all__ = [
    "Average",
    "FreeEnergy",
    "LogAverage",
    "Tilted",
    "ZeroTemperature",
    "free_energy",
    "latex",
    "log2cosh",
    "zero_temperature",
]
