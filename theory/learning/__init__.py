"""How many examples learning takes, and phase diagrams in planes of the data set."""

__all__: list[str] = []
