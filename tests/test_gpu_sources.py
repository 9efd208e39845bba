"""Kernels of the GPU compile for every generation of devices, without one."""

import pytest

from gpu.cuda import OPTIONS
from gpu.sources import NAMES, source

ARCHITECTURES = ("sm_75", "sm_80", "sm_90")


def compiled(text, architecture):
    """Machine code."""
    core = pytest.importorskip("cuda.core")
    options = core.ProgramOptions(std="c++17", arch=architecture, fma=False)
    return core.Program(text, "c++", options).compile("cubin").code


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("name", NAMES)
def test_kernels_compile(name, architecture):
    assert compiled(source(name), architecture)[:4] == b"\x7fELF"


def test_errors_are_seen():
    with pytest.raises(Exception, match="undefined"):
        compiled(source("pairs").replace("philox(words", "philix(words"), "sm_80")


def test_options_are_those_of_the_device():
    assert OPTIONS == ("--std=c++17", "--fmad=false")


def test_sources_are_whole():
    for name in NAMES:
        assert "#include" not in source(name)
        assert "#pragma once" not in source(name)
