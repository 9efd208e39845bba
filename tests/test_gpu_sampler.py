"""Replicas that share a device: memory, batches, and which device a network is sampled on."""

import json
import threading
import time

import numpy as np
import pytest
from host_device import HostDevice, missing
from test_gpu_pairs import same
from test_montecarlo_kernels import problem_of, random_spins

import gpu
import montecarlo
import studies
from gpu.choice import chosen_backend, worthwhile
from gpu.memory import SHARE, Needed, batches
from gpu.replicas import KERNELS, DeviceReplicas
from hopfield import Dense, Exponential, Hopfield, InputError, Supervised
from montecarlo.record import Record
from montecarlo.runs import CHUNK
from studies import devices as devices_of_studies
from studies.devices import Places, check_backend

needs_host = pytest.mark.skipif(missing() is not None, reason=str(missing()))

NETWORKS = {
    "pairs": Hopfield().network(100, n_patterns=70, seed=1),
    "many_body": Dense(3).network(40, n_patterns=300, seed=1),
    "exponential": Exponential(0.7).network(20, n_patterns=1500, seed=1),
}


def peak(kernel, replicas):
    """Most bytes that a run has on the device at once."""
    network, device = NETWORKS[kernel], HostDevice()
    problem, spins = problem_of(network, 0.5), random_spins(replicas, network.size)
    ensemble = DeviceReplicas(problem, spins, device, kernel)
    ensemble.advance(0, Record.empty(replicas, CHUNK))
    return device.peak


# Memory


@needs_host
@pytest.mark.parametrize("kernel", NETWORKS)
def test_memory_is_what_a_run_allocates(kernel):
    """Teams of replicas share a few bytes, so that the number is a multiple of theirs."""
    fixed, replica = KERNELS[kernel].needed(problem_of(NETWORKS[kernel], 0.5))
    found = {replicas: peak(kernel, replicas) for replicas in (4, 8)}
    assert (found[8] - found[4]) / 4 == pytest.approx(replica, abs=4)
    assert 0 <= fixed + 8 * replica - found[8] < 8 * 4


@needs_host
@pytest.mark.parametrize("kernel", NETWORKS)
def test_batches_change_nothing(kernel):
    """Replicas in three groups, of which one at a time is on the device, and all at once."""
    network, replicas, sweeps = NETWORKS[kernel], 8, (1, 3, 2)
    problem, spins = problem_of(network, 0.5), random_spins(8, network.size)
    fixed, replica = KERNELS[kernel].needed(problem)
    small = HostDevice(memory=int((fixed + 3 * replica + 8) / SHARE) + 2)
    runs = []
    for device in (HostDevice(), small):
        ensemble, record = DeviceReplicas(problem, spins, device, kernel, 2), empty(6, 2)
        now = 0
        for count in sweeps:
            ensemble.advance(now, record.part(slice(None), slice(now, now + count)))
            now += count
        runs.append((ensemble.spins, record))
    assert len(ensemble._batches) == 3
    assert small.peak <= SHARE * small.memory
    assert same(*runs)
    assert (runs[0][1].tracked == runs[1][1].tracked).all()
    assert (np.unique(runs[0][0], axis=0).shape[0] > replicas // 2) or kernel == "exponential"


def empty(sweeps, rows):
    return Record.empty(8, sweeps, rows)


@needs_host
@pytest.mark.parametrize("kernel", NETWORKS)
def test_replicas_of_a_batch_have_random_numbers_of_their_own(kernel, monkeypatch):
    """Were replicas numbered anew in every batch, those of two batches would go the same way."""
    network = NETWORKS[kernel]
    problem, spins = problem_of(network, 0.5), random_spins(8, network.size)
    spins[4:] = spins[:4]
    fixed, replica = KERNELS[kernel].needed(problem)
    memory = int((fixed + 4 * replica + 8) / SHARE) + 2
    walkers = KERNELS[kernel].walkers
    ensemble = DeviceReplicas(problem, spins, HostDevice(memory=memory), kernel)
    ensemble.advance(0, empty(3, 0))
    assert (ensemble.spins[:4] != ensemble.spins[4:]).any()
    hold = walkers.hold
    monkeypatch.setattr(walkers, "hold", lambda self, states, first: hold(self, states, 0))
    ensemble = DeviceReplicas(problem, spins, HostDevice(memory=memory), kernel)
    ensemble.advance(0, empty(3, 0))
    assert (ensemble.spins[:4] == ensemble.spins[4:]).all()


def test_batches_are_as_equal_as_possible():
    problem, needed = problem_of(NETWORKS["pairs"], 0.5), Needed(1000, 100)
    for replicas, fit, lengths in ((10, 10, [10]), (10, 9, [5, 5]), (10, 4, [4, 3, 3])):
        free = int((1000 + 100 * fit) / SHARE) + 2
        found = batches(problem, needed, free, replicas)
        assert [one.stop - one.start for one in found] == lengths
        assert [one.start for one in found[1:]] == [one.stop for one in found[:-1]]
        assert found[0].start == 0


def test_what_would_fit_is_said():
    problem = problem_of(NETWORKS["pairs"], 0.5)
    words = r"need 2 GiB for one replica of 70 patterns of 100 spins, 1 GiB .* about 27 patterns$"
    with pytest.raises(InputError, match=words):
        batches(problem, Needed(2**31 - 2**20, 2**20), 2**30, 5)


@needs_host
def test_sample_in_batches_is_that_of_the_cpu():
    network = NETWORKS["pairs"]
    fixed, replica = KERNELS["pairs"].needed(problem_of(network, 0.5))
    small = HostDevice(memory=int((fixed + 2 * replica) / SHARE) + 2)
    options = {"sweeps": 24, "burn_in": 5, "replicas": 5, "start": 0.5, "seed": 4}
    found = gpu.sample(network, [0.3, 0.6], device=small, **options)
    expected = montecarlo.sample(network, [0.3, 0.6], **options)
    for name in expected.variables:
        np.testing.assert_array_equal(found[name], expected[name], err_msg=str(name))
    assert small.peak <= SHARE * small.memory
    assert found.attrs["device"] == "host"


# Where


LARGE = Hopfield().network(4000, n_patterns=400, seed=1)


def test_small_work_stays_on_the_processors():
    assert worthwhile(LARGE, 1000, 100)
    assert not worthwhile(LARGE, 50, 10_000)  # kernels would be too short
    assert not worthwhile(LARGE, 1000, 50)
    for there, found in ((True, "gpu"), (False, "cpu")):
        assert chosen_backend("auto", LARGE, replicas=1000, sweeps=100, there=there) == found
    assert chosen_backend("auto", LARGE, replicas=4, sweeps=100, there=True) == "cpu"
    assert chosen_backend("gpu", LARGE, replicas=4, sweeps=100, there=True) == "gpu"
    assert chosen_backend("cpu", LARGE, replicas=1000, sweeps=100, there=True) == "cpu"


def test_networks_without_a_kernel_stay_on_the_processors():
    weighted = Supervised(3, 0.6, 11).network(60, n_patterns=700, seed=1)
    work = {"replicas": 1000, "sweeps": 10_000, "there": True}
    assert worthwhile(weighted, 1000, 10_000)
    assert chosen_backend("auto", weighted, **work) == "cpu"
    with pytest.raises(InputError, match=r"no kernel of the GPU is exact for Supervised.*pairs: "):
        chosen_backend("gpu", weighted, **work)


def test_missing_gpus_are_named():
    if gpu.available():
        pytest.skip("there is a GPU")
    with pytest.raises(InputError, match=r"^a GPU needs CuPy"):
        chosen_backend("gpu", LARGE, replicas=4, sweeps=10)
    with pytest.raises(InputError, match=r"^backend is 'gpu', but a GPU needs CuPy"):
        studies.compare(Hopfield(), 0.05, 0.5, size=60, disorder=2, replicas=2, backend="gpu")
    with pytest.raises(InputError, match=r"^device is 'gpu', but "):
        check_backend("gpu", "device")
    with pytest.raises(InputError, match=r"^device must be one of 'auto', .* got 'tpu'$"):
        check_backend("tpu", "device")


QUICK = {"size": 60, "disorder": 6, "replicas": 4, "sweeps": 10, "burn_in": 5, "seed": 3}


class Counted(HostDevice):
    """A device that counts the networks it has had."""

    def __init__(self, both):
        super().__init__()
        self._both, self.networks = both, 0

    def free_bytes(self):
        """Asked for once for every network."""
        self.networks += 1
        if self.networks == 1:
            self._both.wait(timeout=60)  # until the other device has a network, too
        return super().free_bytes()


@needs_host
def test_two_devices_share_the_networks_of_a_comparison(monkeypatch):
    both = threading.Barrier(2)
    there = [Counted(both), Counted(both)]
    monkeypatch.setattr("gpu.missing", lambda: "")
    monkeypatch.setattr("gpu.available", lambda: True)
    monkeypatch.setattr("gpu.cuda.devices", lambda: there)
    monkeypatch.setattr("montecarlo.threads.processors", lambda: 3)
    found = studies.compare(Hopfield(), 0.05, [0.3, 0.5], backend="gpu", **QUICK)
    expected = studies.compare(Hopfield(), 0.05, [0.3, 0.5], backend="cpu", **QUICK)
    for name in expected.variables:
        np.testing.assert_array_equal(found[name], expected[name], err_msg=str(name))
    assert sum(device.networks for device in there) == 12
    assert [json.loads(one.attrs["parameters"])["backend"] for one in (found, expected)] == [
        "gpu", "cpu",
    ]  # fmt: skip
    assert min(device.networks for device in there) > 0


@pytest.mark.parametrize("count", [1, 2])
def test_a_device_has_one_network_at_a_time(count):
    """Threads that find all devices taken wait."""
    inside, most = [], []
    places = Places("gpu", [HostDevice() for _ in range(count)])

    def work():
        with places._taken() as taken:
            assert taken not in inside
            inside.append(taken)
            most.append(len(inside))
            time.sleep(0.02)
            inside.remove(taken)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 6
    assert max(most) == count
    assert places._idle.qsize() == count


@needs_host
def test_kernels_of_the_processors_stay_there(monkeypatch):
    monkeypatch.setattr("gpu.choice.worthwhile", lambda *work: True)
    places = Places("auto", [HostDevice()])
    options = {"sweeps": 6, "burn_in": 0, "replicas": 2}
    for kernel, device in (("overlaps", "cpu"), ("pairs", "host"), ("auto", "host")):
        result = places.sample(NETWORKS["pairs"], 0.5, kernel=kernel, **options)
        assert result.attrs["device"] == device
    assert devices_of_studies.BACKENDS == ("auto", "cpu", "gpu")
