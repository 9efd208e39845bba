"""The one shape of result: labelled with names of the vocabulary, units and provenance."""

from __future__ import annotations

import dataclasses
import json
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hopfield.vocabulary import describe

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["dataset", "provenance"]


@cache
def _commit() -> str:
    """Commit of the source tree this runs from, or 'unknown' for an installed package."""
    root = Path(__file__).resolve().parent.parent
    if not (root / ".git").exists():
        return "unknown"
    command = ["git", "-C", str(root), "rev-parse", "HEAD"]
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return "unknown"


@cache
def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _described(value: Any) -> dict[str, object]:
    """Class and parameters of a dataclass."""
    parts = [part.name for part in dataclasses.fields(value) if part.init]
    return {"name": type(value).__name__, **{part: getattr(value, part) for part in parts}}


def _plain(value: object) -> object:
    """NumPy arrays and numbers as lists and numbers, parts of models as models, else text."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    return _described(value) if dataclasses.is_dataclass(value) else str(value)


def provenance(model: Any, *, seed: str | None = None, **parameters: object) -> dict[str, str]:
    """Attributes that say where a result comes from.

    Parameters
    ----------
    model : dataclass
        The model; stored as JSON with its class name.
    seed : str, optional
        From `hopfield.seeds.record`.
    **parameters
        What else was asked for; stored as JSON.

    Returns
    -------
    dict of str

    Examples
    --------
    >>> import hopfield
    >>> provenance(hopfield.Hopfield())["model"]
    '{"name": "Dense", "p": 2, "self_interaction": false}'
    """
    attrs = {
        "model": json.dumps(_described(model), default=_plain),
        "parameters": json.dumps(parameters, default=_plain),
        "version": _version("hopfield"),
        "git_commit": _commit(),
        "numpy": _version("numpy"),
        "scipy": _version("scipy"),
        "numba": _version("numba"),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return attrs | ({} if seed is None else {"seed": seed})


def dataset(
    variables: Mapping[str, tuple[tuple[str, ...], Any]],
    coords: Mapping[str, Any],
    attrs: Mapping[str, str],
) -> xr.Dataset:
    """Labelled result in which every variable has its long name and units.

    Parameters
    ----------
    variables : mapping of name to (dims, array)
    coords : mapping of name to scalar, 1-D array or (dims, array)
    attrs : mapping
        From `provenance`.

    Returns
    -------
    xarray.Dataset

    Raises
    ------
    KeyError
        If a name is not in the vocabulary.

    Examples
    --------
    >>> dataset({"overlap": (("load",), [1.0])}, {"load": [0.0]}, {}).overlap.units
    '1'
    """
    import xarray as xr

    labelled = {name: (dims, array, describe(name)) for name, (dims, array) in variables.items()}
    result = xr.Dataset(labelled, coords=dict(coords), attrs=dict(attrs))
    for name in result.coords:
        result[name].attrs.update(describe(str(name)))
    return result
