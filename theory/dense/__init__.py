"""Networks of p-body interactions, p >= 3, replica symmetric."""

__all__: list[str] = []
