"""Which GPU there is, if any."""

from __future__ import annotations

__all__ = ["available", "device_name"]


def available() -> bool:
    """Whether CuPy is installed and sees a CUDA device.

    Examples
    --------
    >>> available() in (True, False)
    True
    """
    try:
        import cupy
    except ImportError:
        return False
    return bool(cupy.cuda.is_available())


def device_name() -> str | None:
    """Name of the current CUDA device, or None.

    Examples
    --------
    >>> (device_name() is None) == (not available())
    True
    """
    if not available():
        return None
    import cupy

    return str(cupy.cuda.runtime.getDeviceProperties(cupy.cuda.Device().id)["name"].decode())
