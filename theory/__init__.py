"""What theory says of a network at infinite size: saddle points, capacities, phase diagrams."""

from theory.phases import capacity, phase_diagram, solve

__all__ = ["capacity", "phase_diagram", "solve"]
