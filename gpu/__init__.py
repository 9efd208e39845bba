"""What a finite network does, on a GPU."""

from gpu.device import available, device_name

__all__ = ["available", "device_name"]
