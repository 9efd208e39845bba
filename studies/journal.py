"""Finished pieces of a long run, one line each, so that a kill loses only what was in flight."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TextIO

from hopfield import InputError

__all__ = ["Journal"]

Key = tuple[int, ...]


class Journal:
    """Results by key, in memory and, if a path is given, on disk.

    The first line of the file says what the run is; a file of another run is refused. Numbers are
    written so that they are read back to the last bit, and a line cut short by a kill is ignored.

    Parameters
    ----------
    path : path or None
        None keeps everything in memory.
    header : mapping
        What the run is, as JSON.

    Raises
    ------
    InputError
        If the file belongs to another run.

    Examples
    --------
    >>> journal = Journal(None, {"seed": 0})
    >>> journal.add((0, 1), {"overlap": 0.5})
    >>> journal[(0, 1)]
    {'overlap': 0.5}
    """

    def __init__(self, path: Path | None, header: Mapping[str, object]) -> None:
        self.path = path
        self._done: dict[Key, dict[str, float]] = {}
        self._file: TextIO | None = None
        if path is None:
            return
        first = json.dumps(dict(header), sort_keys=True)
        lines = path.read_text(errors="replace").splitlines() if path.exists() else []
        if lines and lines[0] != first:
            raise InputError(
                f"{path} holds the unfinished results of another run; remove it or choose another "
                "output file"
            )
        for line in lines[1:]:
            try:
                entry = json.loads(line)
            except json.JSONDecodeError:
                break
            self._done[tuple(entry["key"])] = entry["values"]
        self._rewrite(first)

    def _rewrite(self, first: str) -> None:
        """Start the file again with the whole lines alone, and keep it open for more."""
        assert self.path is not None
        fresh = self.path.with_name(self.path.name + ".new")
        body = [json.dumps({"key": key, "values": done}) for key, done in self._done.items()]
        fresh.write_text("\n".join([first, *body]) + "\n")
        os.replace(fresh, self.path)
        self._file = self.path.open("a")

    def __contains__(self, key: Sequence[int]) -> bool:
        return tuple(key) in self._done

    def __getitem__(self, key: Sequence[int]) -> dict[str, float]:
        return self._done[tuple(key)]

    def __len__(self) -> int:
        return len(self._done)

    def add(self, key: Sequence[int], values: Mapping[str, float]) -> None:
        """Remember a finished piece, at once on disk too."""
        self._done[tuple(key)] = dict(values)
        if self._file is not None:
            self._file.write(json.dumps({"key": list(key), "values": dict(values)}) + "\n")
            self._file.flush()

    def close(self) -> None:
        """Close the file and leave it, unless it holds no result."""
        if self._file is not None:
            self._file.close()
            self._file = None
            if self.path is not None and not self._done:
                self.path.unlink(missing_ok=True)
