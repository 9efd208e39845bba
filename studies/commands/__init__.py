"""The command line: a verb for each question."""

from studies.commands.root import cli, main

__all__ = ["cli", "main"]
