"""Which GPU there is, or what is missing."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

from hopfield.arguments import InputError

__all__ = ["available", "device_name", "first_line", "missing", "require"]

PACKAGES = ("cupy", "cupy-cuda11x", "cupy-cuda12x", "cupy-cuda13x")
"""All of them bring the one module cupy."""


def available() -> bool:
    """Whether CuPy is installed and sees a CUDA device.

    Examples
    --------
    >>> available() in (True, False)
    True
    """
    return not missing()


def missing() -> str:
    """What there would have to be for a GPU to be used, or nothing if it can be.

    Examples
    --------
    >>> (missing() == "") == available()
    True
    """
    packages = _installed()
    if len(packages) > 1:
        names = " and ".join(packages)
        return f"{names} overwrite each other: uninstall all of them, then install one"
    try:
        import cupy
    except ModuleNotFoundError as error:
        if error.name != "cupy":
            return f"CuPy cannot be imported: {first_line(error)}"
        return "a GPU needs CuPy: install hopfield[gpu] for CUDA 13 or hopfield[gpu12] for CUDA 12"
    except ImportError as error:
        return f"CuPy cannot be imported: {first_line(error)}"
    if cupy.cuda.is_available():
        return ""
    try:
        count = cupy.cuda.runtime.getDeviceCount()
    except RuntimeError as error:
        return f"CuPy sees no CUDA device: {first_line(error)}"
    return f"CuPy sees {count} CUDA devices: nvidia-smi says whether there is a driver"


def require() -> None:
    """Refuse to go on without a GPU.

    Raises
    ------
    InputError
        If there is none that can be used; the message is that of `missing`.

    Examples
    --------
    >>> require() if available() else None
    """
    reason = missing()
    if reason:
        raise InputError(reason)


def device_name(index: int | None = None) -> str | None:
    """Name of a CUDA device, or None if there is none.

    Parameters
    ----------
    index : int, optional
        By default the current one.

    Examples
    --------
    >>> (device_name() is None) == (not available())
    True
    """
    if not available():
        return None
    import cupy

    which = cupy.cuda.Device().id if index is None else index
    return str(cupy.cuda.runtime.getDeviceProperties(which)["name"].decode())


def first_line(error: Exception) -> str:
    r"""The first line with words of a message.

    Examples
    --------
    >>> first_line(ValueError(" \n  one\ntwo"))
    'one'
    """
    lines = [line.strip() for line in str(error).splitlines()]
    return next((line for line in lines if any(map(str.isalnum, line))), type(error).__name__)


def _installed() -> list[str]:
    """Packages with CuPy in this environment."""
    found = []
    for package in PACKAGES:
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    return found
