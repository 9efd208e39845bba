"""Networks of exponentially many patterns, whose crosstalk is that of a random energy model."""

__all__: list[str] = []
