"""Devices that the tests of GPU kernels run on: the host, and a GPU if there is one."""

import os

import pytest
from host_device import HostDevice, missing

import gpu

REQUIRED = "HOPFIELD_REQUIRE_GPU"
"""Environment variable that turns the skip of tests on a GPU into a failure."""


def _cuda():
    from gpu.cuda import Cuda

    if not gpu.available() and not os.environ.get(REQUIRED):
        pytest.skip(f"there is no GPU; with {REQUIRED} set this is a failure")
    return Cuda()


def _host(reverse):
    if missing():
        pytest.skip(missing())
    return HostDevice(reverse)


MAKERS = {
    "host": lambda: _host(False),
    "host, threads in reverse": lambda: _host(True),
    "gpu": _cuda,
}


def on_all_devices(test):
    """Run a test with an argument `device_name`, to be given to `device`, on each of them."""
    names = [pytest.param(name, marks=pytest.mark.gpu if name == "gpu" else ()) for name in MAKERS]
    return pytest.mark.parametrize("device_name", names)(test)


def device(name):
    """A device by name."""
    return MAKERS[name]()
