"""The benchmark of a GPU, with the host in its place."""

import sys
from pathlib import Path

import numpy as np
import pytest
from host_device import HostDevice, missing
from stand_in import StandIn

import gpu
from hopfield import Dense, Exponential, Hopfield, InputError, Supervised
from studies.benchmarks import devices, pairs
from studies.benchmarks.devices import Ceilings, Cell, equal_runs, print_gpu, run_gpu
from studies.commands import main
from studies.commands.benchmark import devices_tested

needs_host = pytest.mark.skipif(missing() is not None, reason=str(missing()))

CELLS = (
    Cell(Hopfield(), 70, 30, 5),
    Cell(Hopfield(), 70, 30, 5, samples=2),
    Cell(Hopfield(), 70, 30, 5, dynamics="parallel"),
    Cell(Dense(3), 20, 40, 4),
    Cell(Exponential(), 20, 100, 6),
    Cell(Supervised(4, 0.6, 5), 20, 40, 4),
)
EQUAL = {"pairs": (Hopfield(), 70, 10), "three spins": (Dense(3), 30, 50)}


@pytest.fixture
def quick(monkeypatch):
    """Small networks, and no stretches of work."""
    monkeypatch.setattr(pairs, "SECONDS", 0.0)
    monkeypatch.setattr(pairs, "REPEATS", 1)
    monkeypatch.setattr(devices, "CELLS", CELLS[:1])
    monkeypatch.setattr(devices, "EQUAL", EQUAL)


@needs_host
def test_every_cell_is_measured_against_its_ceiling(quick, capsys):
    best = Ceilings(gemm=1e9, copy=1e8)
    ds = run_gpu(HostDevice(), best, CELLS)
    assert ds.sizes == {"cell": 6}
    assert (ds.rate > 0.0).all()
    assert (ds.processor_rate > 0.0).all()
    np.testing.assert_allclose(ds.ratio, ds.rate / ds.processor_rate)
    assert ds.kind.values.tolist() == ["gemm"] * 4 + ["copy"] * 2
    # 4 operations for a pattern; a word of 8 bytes, read for four replicas at once; an overlap of 4
    # and a polynomial of 8
    work = np.array([120.0, 120.0, 120.0, 160.0, 200.0, 480.0])
    bounds = np.array([1e9] * 4 + [1e8] * 2)
    np.testing.assert_allclose(ds.fraction, ds.rate * work / bounds)
    print_gpu(ds)
    device, header, *rows = capsys.readouterr().out.splitlines()
    assert device == "host"
    assert "fraction" in header
    assert len(rows) == 6


@needs_host
def test_processors_are_scaled_to_as_many_patterns(monkeypatch):
    """No clock is asked: a stretch takes half a second, whatever is done in it."""
    monkeypatch.setattr(devices, "seconds", lambda work, units: 0.5)
    cell = Cell(Exponential(), 20, 4000, 4)
    assert devices._processor_rate(cell) == 2.0
    monkeypatch.setattr(devices, "MOST_PATTERNS", 1000)
    assert devices._processor_rate(cell) == 0.5


@needs_host
def test_runs_that_differ_are_seen(quick):
    names = [f"{name}, {one}" for name in EQUAL for one in ("glauber", "metropolis", "parallel")]
    assert equal_runs(HostDevice()) == dict.fromkeys(names, True)
    other = HostDevice(replace=lambda text: text.replace("0xCD9E8D57u", "0xCD9E8D59u"))
    assert equal_runs(other) == dict.fromkeys(names, False)


@needs_host
def test_command(quick, monkeypatch, capsys, tmp_path):
    StandIn().install(monkeypatch)
    monkeypatch.setattr(devices, "ceilings", lambda: Ceilings(1e12, 1e12))
    monkeypatch.setattr(
        "studies.commands.benchmark.devices_tested", lambda tests: f"tested {tests}"
    )
    main(["benchmark", "--device", "gpu", "-o", str(tmp_path / "x.nc")])
    said = capsys.readouterr().out
    for words in (
        "pairs, glauber",
        f"tested {Path(__file__).parent}",
        "1 TFLOP/s fp16, 1.00 TB/s",
        "Stand-in 0",
    ):
        assert words in said
    assert (tmp_path / "x.nc").exists()
    monkeypatch.setattr(devices, "equal_runs", lambda device: {"pairs": False})
    with pytest.raises(SystemExit) as stopped:
        main(["benchmark", "--device", "gpu"])
    assert stopped.value.code == 2
    assert "gives other numbers than the processors" in capsys.readouterr().err


PASSING = "import os, pytest\n@pytest.mark.gpu\ndef test_it(): assert os.environ[{!r}]\n"


def test_tests_on_a_device_are_run_in_a_process_of_their_own(tmp_path, monkeypatch):
    assert devices_tested(tmp_path / "tests").startswith("no tests: ")
    tests = tmp_path / "tests"
    tests.mkdir()
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  gpu: device\n  slow: long\n")
    (tests / "test_one.py").write_text(PASSING.format("HOPFIELD_REQUIRE_GPU"))
    assert "1 passed" in devices_tested(tests)
    (tests / "test_two.py").write_text(PASSING.format("NOT_THERE"))
    with pytest.raises(InputError, match=r"1 failed, 1 passed.*FAILED .*test_two"):
        devices_tested(tests)
    monkeypatch.setattr("studies.commands.benchmark.PATIENCE", 0.01)
    with pytest.raises(InputError, match=r"took more than 0\.01 seconds"):
        devices_tested(tests)


@pytest.mark.parametrize(
    ("name", "words"),
    [("auto", "device must be 'cpu' or 'gpu', got 'auto'"),
     ("gpu", "device is 'gpu', but a GPU needs CuPy"),
     ("tpu", "device must be one of 'auto', 'cpu', 'gpu', got 'tpu'")],
)  # fmt: skip
def test_bad_devices(monkeypatch, capsys, name, words):
    monkeypatch.setitem(sys.modules, "cupy", None)
    with pytest.raises(SystemExit) as stopped:
        main(["benchmark", "--device", name])
    assert stopped.value.code == 2
    assert capsys.readouterr().err.startswith(f"hopfield: {words}")


@pytest.mark.gpu
def test_ceilings_of_a_device():
    if not gpu.available():
        pytest.skip("there is no GPU")
    best = devices.ceilings()
    assert best.gemm > 1e12
    assert best.copy > 1e10
