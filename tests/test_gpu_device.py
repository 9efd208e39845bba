"""What is said where there is no GPU that can be used, and CuPy as it is asked."""

import sys
from importlib.metadata import PackageNotFoundError

import numpy as np
import pytest
from gpu_devices import device, on_all_devices
from host_device import HostDevice, missing
from stand_in import CompileException, StandIn, Stream
from test_gpu_sampler import same_numbers

import gpu
import montecarlo
from gpu.cuda import Cuda, _compiler_words
from gpu.products import _library
from gpu.sources import source
from hopfield import Dense, Hopfield, InputError
from studies.commands import main
from studies.information import describe_machine

needs_host = pytest.mark.skipif(missing() is not None, reason=str(missing()))
NETWORK = Hopfield().network(100, n_patterns=20, seed=1)


@pytest.fixture
def stand_in(monkeypatch):
    """One device that is not there."""
    return StandIn().install(monkeypatch)


def refused(words):
    """Every way to ask for a GPU ends with the same line."""
    assert not gpu.available()
    assert gpu.device_name() is None
    for ask in (gpu.require, Cuda, gpu.devices, lambda: gpu.sample(NETWORK, 0.5)):
        with pytest.raises(InputError, match=words) as caught:
            ask()
        assert "\n" not in str(caught.value)
    assert describe_machine()["GPU"] == f"none: {gpu.missing()}"


# What is missing


def test_no_cupy(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    refused(r"^a GPU needs CuPy: install hopfield\[gpu\] for CUDA 13 or hopfield\[gpu12\] for CUDA")


def test_bad_arguments_are_named_before_a_gpu_is_looked_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "cupy", None)
    for bad, words in (
        ({"replicas": 0}, "replicas"),
        ({"kernel": "block"}, "kernel must be one of"),
    ):
        with pytest.raises(InputError, match=words):
            gpu.sample(NETWORK, 0.5, **bad)


def test_two_packages(monkeypatch, stand_in):
    def version(package):
        if package in ("cupy-cuda12x", "cupy-cuda13x"):
            return "13.6.0"
        raise PackageNotFoundError(package)

    monkeypatch.setattr("gpu.device.version", version)
    words = r"^cupy-cuda12x 13.6.0 and cupy-cuda13x 13.6.0 overwrite each other: uninstall all"
    refused(words)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "raise ImportError('libcuda.so.1: no such file\\nmore')",
            r": libcuda.so.1: no such file$",
        ),
        ("raise ImportError('\\n====\\nCuPy is broken\\n')", r": CuPy is broken$"),
        ("import fastrlock_of_another_time", r": No module named 'fastrlock_of_another_time'$"),
    ],
)
def test_cupy_that_cannot_be_imported(monkeypatch, tmp_path, text, words):
    (tmp_path / "cupy.py").write_text(text)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "cupy", raising=False)
    refused("^CuPy cannot be imported" + words)


def test_no_device(monkeypatch):
    StandIn(devices=0).install(monkeypatch)
    refused(r"^CuPy sees no CUDA device: cudaErrorNoDevice: no CUDA-capable device is detected$")


# A device


def test_device_is_named(monkeypatch):
    StandIn(devices=2).install(monkeypatch)
    assert gpu.available()
    assert gpu.device_name() == "Stand-in 0"
    assert [one.name for one in gpu.devices()] == ["Stand-in 0", "Stand-in 1"]
    both = "Stand-in 0, 8.0 GiB free; Stand-in 1, 8.0 GiB free"
    assert describe_machine()["GPU"] == both
    assert Cuda().free_bytes() == 2**33


def test_memory_that_others_have_taken(stand_in):
    where = Cuda()
    stand_in.free = 2**30
    words = r"^Stand-in 0 has no room for 3 GiB more, 1 GiB are free: "
    with pytest.raises(InputError, match=words):
        where.zeros((3, 2**30), np.int8)


def test_network_that_does_not_fit(stand_in):
    stand_in.free = 2**17
    words = (
        r"^the GPU would need .* GiB for one replica of 800 patterns of 1000 spins, 0.000122 GiB"
    )
    with pytest.raises(InputError, match=words):
        gpu.sample(Dense(3).network(1000, n_patterns=800, seed=1), 0.5)


LOG = """/tmp/a1b2/5d0c.cubin.cu(51): warning #177-D: variable "rest" was declared but never used

/tmp/a1b2/5d0c.cubin.cu(63): error: identifier "philix" is undefined
      philix(words, key0, key1);
      ^

/tmp/a1b2/5d0c.cubin.cu(70): error: expected a ";"
2 errors detected in the compilation of "/tmp/a1b2/5d0c.cubin.cu".
"""


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (CompileException(LOG), r'on this machine: line 63: identifier "philix" is undefined$'),
        (CompileException("nvrtc: error: invalid value for --gpu-architecture (-arch)"),
         r"on this machine: nvrtc: error: invalid value for --gpu-arch"),
        (RuntimeError("CuPy failed to load libnvrtc.so.13: OSError\nmore"),
         r"^the kernel split of gpu/kernels/pairs.cu cannot be loaded: .*libnvrtc.so.13: OSError$"),
    ],
)  # fmt: skip
def test_kernel_that_does_not_compile(stand_in, error, words):
    def failing(code, name):
        raise error

    stand_in.kernel = failing
    with pytest.raises(InputError, match=words) as caught:
        gpu.sample(NETWORK, 0.5)
    assert "gpu/kernels/pairs.cu" in str(caught.value)


def test_first_error_of_the_compiler_is_found():
    core = pytest.importorskip("cuda.core")
    text = source("pairs").replace("philox(words", "philix(words")
    line = next(k for k, words in enumerate(text.splitlines(), 1) if "philix(words" in words)
    options = core.ProgramOptions(std="c++17", arch="sm_80")
    with pytest.raises(Exception, match="philix") as caught:
        core.Program(text, "c++", options).compile("cubin")
    words = _compiler_words("pairs", str(caught.value))
    assert words.endswith(f'line {line}: identifier "philix" is undefined')


# Runs


@needs_host
@pytest.mark.parametrize("model", [Hopfield(), Dense(3)])
def test_runs_are_those_of_the_cpu(stand_in, model):
    """As CuPy is called: products of cuBLAS have their columns first."""
    network = model.network(70, n_patterns=40, seed=1)
    options = {"sweeps": 6, "burn_in": 2, "replicas": 5, "start": 0.5}
    found = gpu.sample(network, 0.5, **options)
    expected = montecarlo.sample(network, 0.5, **options)
    for name in expected.variables:
        np.testing.assert_array_equal(found[name], expected[name], err_msg=str(name))
    assert found.attrs["device"] == "Stand-in 0"


@needs_host
def test_sweeps_are_recorded_once_and_then_launched_as_a_graph(stand_in):
    options = {"sweeps": 20, "burn_in": 20, "replicas": 3}
    result = gpu.sample(NETWORK, 0.5, **options)
    assert same_numbers(result, montecarlo.sample(NETWORK, 0.5, **options))
    assert stand_in.graphs == 39
    assert stand_in.stream == 0


@needs_host
def test_sweeps_that_cannot_be_recorded_are_launched_piece_by_piece(stand_in, monkeypatch):
    def refusing(stream):
        stand_in.recorded = None
        raise RuntimeError("cudaErrorStreamCaptureUnsupported: operation not permitted\nmore")

    monkeypatch.setattr(Stream, "begin_capture", refusing)
    options = {"sweeps": 6, "burn_in": 2, "replicas": 3}
    words = "^a sweep is launched piece by piece: cudaErrorStreamCaptureUnsupported: operation not"
    with pytest.warns(UserWarning, match=words):
        result = gpu.sample(NETWORK, 0.5, **options)
    assert same_numbers(result, montecarlo.sample(NETWORK, 0.5, **options))
    assert stand_in.graphs == 0


def test_products_that_cublas_refuses(stand_in):
    stand_in.status = 15
    with pytest.raises(InputError, match=r"^cuBLAS does not multiply .* returns status 15$"):
        gpu.sample(NETWORK, 0.5)


def test_cublas_that_is_not_there():
    with pytest.raises(InputError, match=r"^cuBLAS cannot be loaded: libcublas.so.99: "):
        _library(990_000)


@needs_host
def test_a_second_device_does_the_work_that_it_is_given(monkeypatch):
    stand_in = StandIn(devices=2).install(monkeypatch)
    result = gpu.sample(NETWORK, 0.5, sweeps=4, burn_in=0, replicas=2, device=gpu.devices()[1])
    assert result.attrs["device"] == "Stand-in 1"
    assert set(stand_in.used) == {1}
    assert stand_in.current == 0


@on_all_devices
@pytest.mark.parametrize("add", [False, True])
def test_products(device_name, add):
    where = device(device_name)
    rng = np.random.default_rng(1)
    shapes = ((2, 5, 64), (2, 96, 64))
    rows, others = (rng.integers(-128, 128, shape).astype(np.int8) for shape in shapes)
    before = rng.integers(-1000, 1000, (2, 5, 96)).astype(np.int32)
    out = where.array(before)
    # operands that are a part of something wider
    where.product(out, where.array(rows)[..., 16:48], where.array(others)[..., 16:48], add=add)
    left, right = (x[..., 16:48].astype(np.int64) for x in (rows, others))
    exact = left @ right.transpose(0, 2, 1)
    np.testing.assert_array_equal(where.host(out), exact + (before if add else 0))


def test_products_of_cublas_are_called_as_it_wants(stand_in):
    rng = np.random.default_rng(1)
    shapes = ((3, 5, 64), (3, 96, 64))
    rows, others = (rng.integers(-128, 128, shape).astype(np.int8) for shape in shapes)
    found = []
    for where in (Cuda(), HostDevice()):
        out = where.zeros((3, 5, 96), np.int32)
        for add in (False, True):
            operands = where.array(rows)[..., 16:48], where.array(others)[..., :32]
            where.product(out, *operands, add=add)
        found.append(where.host(out))
    np.testing.assert_array_equal(*found)


@needs_host
def test_command_line(stand_in, capsys):
    few = ["--size", "100", "--patterns", "20", "--temperature", "0.3", "--sweeps", "4"]
    command = ["sample", "hopfield", *few, "--burn-in", "0", "--replicas", "2"]
    tables = []
    for name in ("gpu", "cpu", "auto"):
        launches = len(stand_in.used)
        main([*command, "--device", name])
        tables.append(capsys.readouterr().out)
        assert (len(stand_in.used) > launches) == (name == "gpu")
    assert tables[0] == tables[1] == tables[2]


@pytest.mark.parametrize(
    ("name", "words"),
    [("tpu", "device must be one of 'auto', 'cpu', 'gpu', got 'tpu'"),
     ("gpu", "device is 'gpu', but a GPU needs CuPy")],
)  # fmt: skip
def test_bad_devices_on_the_command_line(monkeypatch, capsys, name, words):
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(SystemExit) as caught:
        main(["sample", "hopfield", "--size", "9", "--load", "1", "--temperature", "1",
              "--device", name])  # fmt: skip
    assert caught.value.code == 2
    assert capsys.readouterr().err.startswith(f"hopfield: {words}")
