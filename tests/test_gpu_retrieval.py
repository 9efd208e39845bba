"""Fixed points with the updates on a device: those of the CPU to rounding."""

import tracemalloc

import numpy as np
import pytest
from gpu_devices import device, on_all_devices
from host_device import HostDevice
from stand_in import StandIn

import gpu
from gpu.attention import attended
from gpu.memory import SHARE
from gpu.retrieval import Updates, needed
from hopfield import InputError, attention
from hopfield.attention.arrangement import arranged


def drawn(seed, *shapes):
    numbers = np.random.default_rng(seed)
    return [numbers.normal(size=shape) for shape in shapes]


def rounding(found, patterns, beta):
    """Rounding of states over the distance of the largest eigenvalue from 1, for each state."""
    slopes = np.linalg.eigvalsh(attention.jacobian(found.states, patterns, beta)).max(axis=-1)
    assert slopes.max() < 1.0
    largest = np.sqrt((patterns**2).sum(axis=-1).max())
    # a residual of the tolerance, 1000 roundings, is left where a run ends an iteration earlier
    return 2e3 * np.finfo(patterns.dtype).eps * largest / (1.0 - slopes)


SHAPES = {
    "one": ((8,), (40, 8)),
    "queries": ((300, 8), (40, 8)),
    "queries of two dimensions": ((3, 50, 8), (40, 8)),
    "heads": ((3, 50, 8), (3, 20, 8)),
    "heads and batches": ((2, 1, 10, 8), (3, 20, 8)),
}


@on_all_devices
@pytest.mark.parametrize("name", SHAPES)
def test_states_are_those_of_the_cpu(name, device_name, monkeypatch):
    # several panels of states and of patterns, the last of them smaller
    monkeypatch.setattr("gpu.attention.SCORES", 7 * 64)
    monkeypatch.setattr("gpu.attention.STATES", 64)
    x, keys = drawn(1, *SHAPES[name])
    found = gpu.retrieve(x, keys, 0.7, device=device(device_name))
    expected = attention.retrieve(x, keys, 0.7)
    assert found.states.shape == expected.states.shape
    assert found.states.dtype == found.residual.dtype == np.float64
    apart = np.linalg.norm(found.states - expected.states, axis=-1)
    assert (apart <= rounding(expected, keys, 0.7)).all()
    assert (found.status == expected.status).all()
    assert np.abs(found.iterations - expected.iterations).max() <= 1
    assert np.linalg.norm(found.states - x, axis=-1).min() > 1e-3
    other = attention.retrieve(x, keys, 0.7001)
    away = np.linalg.norm(found.states - other.states, axis=-1)
    assert (away > 10 * rounding(expected, keys, 0.7)).any()


@on_all_devices
def test_inverse_temperatures_of_every_state(device_name):
    x, keys = drawn(2, (60, 6), (30, 6))
    beta = np.linspace(0.1, 4.0, 60)
    found = gpu.retrieve(x, keys, beta, tolerance=1e-10, device=device(device_name))
    expected = attention.retrieve(x, keys, beta, tolerance=1e-10)
    np.testing.assert_allclose(found.states, expected.states, atol=1e-11)
    assert (found.iterations == expected.iterations).all()
    assert len(np.unique(found.iterations)) > 3  # they leave at different times


@on_all_devices
def test_single_precision(device_name):
    x, keys = (array.astype(np.float32) for array in drawn(3, (50, 8), (40, 8)))
    found = gpu.retrieve(x, keys, 1.5, device=device(device_name))
    expected = attention.retrieve(x, keys, 1.5)
    assert found.states.dtype == np.float32
    apart = np.linalg.norm(found.states - expected.states, axis=-1)
    assert (apart <= rounding(expected, keys, 1.5)).all()
    double = attention.retrieve(x.astype(np.float64), keys.astype(np.float64), 1.5)
    assert np.abs(found.states - double.states).max() > 1e-9


@on_all_devices
def test_scores_that_no_exponential_holds(device_name):
    (keys,) = drawn(4, (300, 5))
    keys /= np.linalg.norm(keys, axis=1, keepdims=True)
    x = keys[:40] + 0.01
    found = gpu.retrieve(x, keys, 1e5, device=device(device_name))
    np.testing.assert_allclose(found.states, attention.retrieve(x, keys, 1e5).states, rtol=1e-12)
    np.testing.assert_allclose(found.states, keys[:40], rtol=1e-12)


@on_all_devices
def test_nothing_to_do_and_not_enough_done(device_name):
    where = device(device_name)
    assert gpu.retrieve(np.zeros((0, 3)), np.eye(3), 1.0, device=where).states.shape == (0, 3)
    found = gpu.retrieve([0.9, 0.1], np.eye(2), 2.0, max_iterations=50, device=where)
    assert (str(found.status), int(found.iterations)) == ("not converged", 50)


@pytest.mark.parametrize("size", [1, 3, 40])
def test_log_sums_and_largest_weights(size, monkeypatch):
    monkeypatch.setattr("gpu.attention.SCORES", 100)
    monkeypatch.setattr("gpu.attention.STATES", 8)
    x, keys = drawn(5, (30, size), (70, size))
    found = attended(np, keys, 0.7 * x)
    weights = attention.weights(x, keys, 0.7)
    np.testing.assert_allclose(found.means, weights @ keys, atol=1e-13)
    np.testing.assert_allclose(found.largest, weights.max(axis=1), rtol=1e-13)
    np.testing.assert_allclose(found.log_sums, np.log(np.exp(0.7 * x @ keys.T).sum(axis=1)))


class Counting(HostDevice):
    """Counts what is brought."""

    def __init__(self, **given):
        super().__init__(**given)
        self.brought = []

    def array(self, values):
        """Copy."""
        self.brought.append(values.shape)
        return super().array(values)


def test_patterns_are_brought_once_and_states_once_for_each_update():
    x, keys = drawn(6, (2, 30, 4), (2, 40, 4))
    where = Counting()
    found = gpu.retrieve(x, keys, 1.0, device=where)
    assert where.brought.count((40, 4)) == 2
    states = [shape for shape in where.brought if len(shape) == 2 and shape != (40, 4)]
    assert sum(rows for rows, _ in states) == found.iterations.sum()


def test_states_that_do_not_fit_together_have_their_turns():
    x, keys = drawn(7, (50, 6), (30, 6))
    (head,) = arranged(x, keys, 1.0)
    fixed, state = needed(head)
    where = Counting(memory=int((fixed + 20.5 * state) / SHARE))
    found = Updates(where)(head)
    assert [rows for rows, *_ in where.brought] == [30, 17, 17, 17, 17, 16, 16]
    np.testing.assert_allclose(found, attention.update(x, keys, 1.0), atol=1e-14)
    words = r"need 0.0313 GiB for one state and 30 patterns of 6 components, 0.0391 GiB are free"
    with pytest.raises(InputError, match=words):
        gpu.retrieve(x, keys, 1.0, device=HostDevice(memory=int(fixed / SHARE)))


@pytest.mark.parametrize("shape", [(20_000, 30, 40), (300, 20_000, 40), (30, 3000, 1000)])
def test_memory_is_what_is_said(shape):
    """Of arrays on the device and of those in between, which are NumPy's here."""
    q, k, n = shape
    x, keys = drawn(8, (q, n), (k, n))
    (head,) = arranged(x, keys, 1.0)
    fixed, state = needed(head)
    tracemalloc.start()
    Updates(HostDevice())(head)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    on_host = x.nbytes  # the new states
    unused = max(0, 2**22 - q * k) * 8
    assert 0.5 < (peak - on_host) / (fixed + q * state - unused) <= 1.0


def test_through_cupy(monkeypatch):
    stand_in = StandIn(devices=2).install(monkeypatch)
    x, keys = drawn(9, (30, 4), (20, 4))
    found = gpu.retrieve(x, keys, 1.0, device=gpu.devices()[1])
    assert set(stand_in.used) == {1}
    np.testing.assert_array_equal(
        found.states, gpu.retrieve(x, keys, 1.0, device=HostDevice()).states
    )
    with (
        pytest.raises(InputError, match=r"^Stand-in 1 has no room for more, 8 GiB are free: "),
        gpu.devices()[1].numerics() as xp,
    ):
        xp.empty(2**31, np.float64)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"beta": 0.0}, "beta must be above 0"),
        ({"queries": np.ones((3, 2), np.longdouble)}, "a GPU computes in float32 and float64, got"),
        ({"queries": [[1.0, 2.0, 3.0]]}, "states and patterns must be"),
        ({"tolerance": 2.0}, "tolerance must be"),
        ({"max_iterations": 0}, "max_iterations must be"),
    ],
)
def test_bad_input_is_refused(given, words):
    arguments = {"queries": [[1.0, 2.0]], "patterns": np.eye(2), "beta": 1.0} | given
    with pytest.raises(InputError, match=words):
        gpu.retrieve(**arguments, device=HostDevice())
