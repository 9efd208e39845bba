"""Texts of the kernels."""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

__all__ = ["NAMES", "source"]

NAMES = ("pairs", "many_body", "weighted", "exponential", "normals")
"""Files with kernels."""

_INCLUDE = re.compile(r'^#include "(\w+\.cuh)"$', re.MULTILINE)


@cache
def source(name: str) -> str:
    """Text of a file of kernels, with the headers it includes in their places.

    Parameters
    ----------
    name : str
        One of `NAMES`.

    Examples
    --------
    >>> "philox" in source("pairs")
    True
    """
    folder = files("gpu") / "kernels"
    text = (folder / f"{name}.cu").read_text()
    return _INCLUDE.sub(lambda found: (folder / found[1]).read_text(), text).replace(
        "#pragma once\n", ""
    )
