"""Errors of key-value memories against their load."""

__all__: list[str] = []
