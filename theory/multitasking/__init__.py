"""Networks of diluted patterns, several of which are retrieved at once."""

__all__: list[str] = []
