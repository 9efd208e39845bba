"""What this installation is, and how to cite it."""

from __future__ import annotations

import os
import platform
from importlib.metadata import PackageNotFoundError, version

__all__ = ["citation", "describe_machine"]

_PACKAGES = ("hopfield", "numpy", "scipy", "numba", "xarray", "cupy-cuda13x", "cupy-cuda12x")

_CITATION = """\
Software: hopfield {version}, the statistical-mechanics toolkit for associative networks.

@software{{hopfield,
  title   = {{hopfield: statistical mechanics of associative networks}},
  author  = {{{{The hopfield developers}}}},
  version = {{{version}}}
}}

Theory of the Hopfield phase diagram:

@article{{Amit1985,
  author  = {{Amit, Daniel J. and Gutfreund, Hanoch and Sompolinsky, H.}},
  title   = {{Storing Infinite Numbers of Patterns in a Spin-Glass Model of Neural Networks}},
  journal = {{Phys. Rev. Lett.}}, volume = {{55}}, pages = {{1530}}, year = {{1985}}
}}
@article{{Amit1987,
  author  = {{Amit, Daniel J. and Gutfreund, Hanoch and Sompolinsky, H.}},
  title   = {{Statistical Mechanics of Neural Networks near Saturation}},
  journal = {{Ann. Phys.}}, volume = {{173}}, pages = {{30}}, year = {{1987}}
}}"""


def describe_machine() -> dict[str, str]:
    """Versions, processor, memory and devices.

    Examples
    --------
    >>> sorted(describe_machine())[:2]
    ['GPU', 'Python']
    """
    import psutil

    found = {"Python": platform.python_version(), "system": platform.platform()}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "not installed"
    found["processor"] = processor()
    found["cores"] = str(os.cpu_count())
    found["memory"] = f"{psutil.virtual_memory().total / 2**30:.1f} GiB"
    found["GPU"] = graphics_processors()
    return found


def graphics_processors() -> str:
    """Names of the GPUs and their free memory, or why there is none.

    Examples
    --------
    >>> graphics_processors() != ""
    True
    """
    import gpu

    reason = gpu.missing()
    if reason:
        return f"none: {reason}"
    return "; ".join(
        f"{one.name}, {one.free_bytes() / 2**30:.1f} GiB free" for one in gpu.devices()
    )


def processor() -> str:
    """Name of the processor.

    Examples
    --------
    >>> processor() != ""
    True
    """
    try:
        with open("/proc/cpuinfo") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def citation() -> str:
    """How to cite this software and the theory it computes, as BibTeX.

    Examples
    --------
    >>> "Amit" in citation()
    True
    """
    return _CITATION.format(version=version("hopfield"))
