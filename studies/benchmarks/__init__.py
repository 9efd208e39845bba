"""How fast the kernels are, against what the machine can do."""

__all__: list[str] = []
