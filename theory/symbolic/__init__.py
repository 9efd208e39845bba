"""Free energies written once in symbols, and what follows from them by machine."""

from theory.symbolic.averages import Average, LogAverage, Tilted, log2cosh
from theory.symbolic.derivation import FreeEnergy
from theory.symbolic.formulas import free_energy

__all__ = ["Average", "FreeEnergy", "LogAverage", "Tilted", "free_energy", "log2cosh"]
