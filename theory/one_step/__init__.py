"""One step of replica symmetry breaking, for any crosstalk and any law of the signal."""

__all__: list[str] = []
