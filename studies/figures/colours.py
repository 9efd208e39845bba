"""Colours of lines that belong to numbers in order."""

from __future__ import annotations

from collections.abc import Sized
from typing import Any

import numpy as np

__all__ = ["ordered_colours"]


def ordered_colours(values: Sized) -> Any:
    """A colour for each value, dark for the first one.

    Parameters
    ----------
    values : sized
        As many as there are lines.

    Returns
    -------
    array, shape (values, 4)

    Examples
    --------
    >>> ordered_colours([0.0, 0.1, 0.2]).shape
    (3, 4)
    """
    import matplotlib as mpl

    return mpl.colormaps["viridis"](np.linspace(0.0, 0.85, len(values)))
