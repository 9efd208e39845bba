"""Networks of pair interactions, p = 2, replica symmetric."""

__all__: list[str] = []
