"""What theory says of a network at infinite size: saddle points, capacities, phase diagrams."""
