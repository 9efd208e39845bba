"""Replicas that share a device: memory, batches, and which device a network is sampled on."""

import json
import threading
import time
from itertools import chain

import numpy as np
import pytest
from gpu_devices import device, on_all_devices
from host_device import HostDevice, missing
from test_gpu_pairs import same
from test_montecarlo_kernels import problem_of, random_spins

import gpu
import montecarlo
import studies
from gpu.choice import chosen_backend, worthwhile
from gpu.memory import SHARE, Needed, batches
from gpu.replicas import KERNELS, DeviceReplicas, grouped
from hopfield import (
    Dense,
    Exponential,
    Hopfield,
    InputError,
    Network,
    Supervised,
    diluted_patterns,
)
from montecarlo.record import Record
from montecarlo.runs import CHUNK
from studies import devices as devices_of_studies
from studies.devices import Places, check_backend

needs_host = pytest.mark.skipif(missing() is not None, reason=str(missing()))

NETWORKS = {
    "pairs": Hopfield().network(100, n_patterns=70, seed=1),
    "many_body": Dense(3).network(40, n_patterns=300, seed=1),
    "weighted": Supervised(3, 0.6, 5).network(40, n_patterns=300, seed=1),
    "exponential": Exponential(0.7).network(20, n_patterns=1500, seed=1),
}


def peak(kernel, replicas):
    """Most bytes that a run has on the device at once."""
    network, device = NETWORKS[kernel], HostDevice()
    problem, spins = problem_of(network, 0.5), random_spins(replicas, network.size)
    ensemble = DeviceReplicas([problem], spins, device, kernel)
    ensemble.advance(0, Record.empty(replicas, CHUNK))
    return device.peak


# Memory


@needs_host
@pytest.mark.parametrize("kernel", NETWORKS)
def test_memory_is_what_a_run_allocates(kernel):
    """Replicas are padded, and teams share a few bytes: the numbers are multiples of both."""
    fixed, replica = KERNELS[kernel].needed(problem_of(NETWORKS[kernel], 0.5))
    found = {replicas: peak(kernel, replicas) for replicas in (4, 8)}
    assert (found[8] - found[4]) / 4 == pytest.approx(replica, abs=4)
    padding = 3 * replica if kernel == "pairs" else 0
    assert 0 <= fixed + 8 * replica - found[8] < padding + 8 * 4


@needs_host
@pytest.mark.parametrize("kernel", NETWORKS)
def test_batches_change_nothing(kernel):
    """Replicas in three groups, of which one at a time is on the device, and all at once."""
    network, replicas, sweeps = NETWORKS[kernel], 8, (1, 3, 2)
    problem, spins = problem_of(network, 0.5), random_spins(8, network.size)
    fixed, replica = KERNELS[kernel].needed(problem)
    small = HostDevice(memory=int((fixed + 3 * replica + 8) / SHARE) + 2)
    runs = []
    for where in (HostDevice(), small):
        ensemble = DeviceReplicas([problem], spins, where, kernel, 2)
        record = empty(6, len(ensemble.rows))
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
    ensemble = DeviceReplicas([problem], spins, HostDevice(memory=memory), kernel)
    ensemble.advance(0, empty(3, 0))
    assert (ensemble.spins[:4] != ensemble.spins[4:]).any()
    hold = walkers.hold
    monkeypatch.setattr(walkers, "hold", lambda self, states, first: hold(self, states, 0))
    ensemble = DeviceReplicas([problem], spins, HostDevice(memory=memory), kernel)
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


# Results


OPTIONS = {"sweeps": 20, "burn_in": 5, "replicas": 5, "start": 0.5, "dynamics": "metropolis"}


def same_numbers(found, expected):
    """Whether all variables of two results are equal."""
    return set(found.variables) == set(expected.variables) and all(
        np.array_equal(found[name], expected[name], equal_nan=found[name].dtype.kind == "f")
        for name in expected.variables
    )


@on_all_devices
@pytest.mark.parametrize("kernel", NETWORKS)
def test_results_are_those_of_the_cpu(kernel, device_name):
    """All temperatures at once, and overlaps with several patterns."""
    network, where = NETWORKS[kernel], device(device_name)
    options = OPTIONS | {"tracked": 3, "seed": 4}
    found = gpu.sample(network, [0.3, 0.6], device=where, **options)
    expected = montecarlo.sample(network, [0.3, 0.6], **options)
    assert same_numbers(found, expected)
    assert not same_numbers(found, montecarlo.sample(network, [0.3, 0.59], **options))
    assert found.attrs["device"] == where.name
    assert expected.attrs["device"] == "cpu"


MANY = {
    "pairs": [Hopfield().network(100, n_patterns=count, seed=count) for count in (20, 30)],
    "examples": [Supervised(2, 0.6, 5).network(70, n_patterns=3, seed=seed) for seed in (1, 2)],
    "many_body": [Dense(3).network(40, n_patterns=100, seed=seed) for seed in (1, 2)],
    "blanks": [Network(Dense(3), diluted_patterns(60, 40, dilution, 3)) for dilution in (0.3, 0.4)],
    "exponential": [Exponential(0.7).network(20, n_patterns=500, seed=seed) for seed in (1, 2)],
}


@on_all_devices
def test_networks_that_are_sampled_together_change_nothing(device_name):
    networks, where = [*chain(*MANY.values()), NETWORKS["pairs"]], device(device_name)
    seeds = [7, 7, *range(len(networks) - 2)]
    found = gpu.sample_many(networks, [0.3, 0.6], seeds=seeds, device=where, **OPTIONS)
    for network, seed, result in zip(networks, seeds, found, strict=True):
        expected = montecarlo.sample(network, [0.3, 0.6], seed=seed, **OPTIONS)
        assert same_numbers(result, expected)
    problems = [problem_of(network, 0.3) for network in networks]
    groups = grouped(problems, 5, where, "auto")
    assert groups == [[0], [1], [2, 3], [4, 5], [6], [7], [8, 9], [10]]


@needs_host
@pytest.mark.parametrize("kernel", NETWORKS)
def test_as_many_networks_are_together_as_fit(kernel):
    network, options = NETWORKS[kernel], OPTIONS | {"sweeps": 4, "burn_in": 0}
    networks = [network.model.network(network.size, n_patterns=network.n_patterns, seed=seed)
                for seed in range(5)]  # fmt: skip
    fixed, replica = KERNELS[kernel].needed(problem_of(network, 0.5))
    small = HostDevice(memory=int((2 * fixed + 2 * 5 * replica + 64) / SHARE) + 2)
    problems = [problem_of(network, 0.5) for network in networks]
    assert grouped(problems, 5, small, "auto") == [[0, 1], [2, 3], [4]]
    found = gpu.sample_many(networks, 0.5, seeds=range(5), device=small, **options)
    for seed, result in enumerate(found):
        assert same_numbers(result, montecarlo.sample(networks[seed], 0.5, seed=seed, **options))
    assert small.peak <= SHARE * small.memory


@needs_host
@pytest.mark.parametrize("kernel", NETWORKS)
def test_samples_have_random_numbers_of_their_own(kernel):
    """Were the keys those of the first sample, the second would go another way."""
    network = NETWORKS[kernel]

    def first_key(text):
        assert "keys[2 * sample" in text
        return text.replace("keys[2 * sample", "keys[0")

    results = [
        gpu.sample_many([network] * 2, 0.6, seeds=[1, 2], device=where, **OPTIONS)
        for where in (HostDevice(), HostDevice(replace=first_key))
    ]
    assert same_numbers(results[0][0], results[1][0])
    assert not same_numbers(results[0][1], results[1][1])


def test_every_network_needs_a_seed():
    for networks, seeds in (([], []), ([NETWORKS["pairs"]], [1, 2])):
        words = f"got {len(networks)} networks and {len(seeds)} seeds$"
        with pytest.raises(InputError, match=words):
            gpu.sample_many(networks, 0.5, seeds=seeds, device=HostDevice())


@needs_host
def test_interrupted_networks_that_have_something_are_kept(monkeypatch):
    """Two groups, of which the second is stopped in its second look."""
    networks, advance, calls = MANY["pairs"], DeviceReplicas.advance, []

    def stopping(self, first_sweep, record):
        calls.append(first_sweep)
        if len(calls) == 4:
            raise KeyboardInterrupt
        advance(self, first_sweep, record)

    monkeypatch.setattr(DeviceReplicas, "advance", stopping)
    options = {"sweeps": 40, "burn_in": 0, "replicas": 3}
    words = "after 20 of 40 sweeps at temperature 0.3 to 0.6"
    with pytest.raises(montecarlo.Interrupted, match=words) as stopped:
        gpu.sample_many(networks, [0.3, 0.6], seeds=[1, 2], device=HostDevice(), **options)
    finished = stopped.value.finished
    assert [one.sizes["sweep"] for one in finished] == [40, 20]
    assert finished[0] is stopped.value.partial
    whole = montecarlo.sample(networks[1], [0.3, 0.6], seed=2, **options | {"sweeps": 20})
    assert same_numbers(finished[1], whole)


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
    high = Dense(20).network(100, n_patterns=700, seed=1)
    work = {"replicas": 1000, "sweeps": 10_000, "there": True}
    assert worthwhile(high, 1000, 10_000)
    assert chosen_backend("auto", high, **work) == "cpu"
    words = r"no kernel of the GPU is exact for Dense.*many_body: fields are up to .* weighted: "
    with pytest.raises(InputError, match=words):
        chosen_backend("gpu", high, **work)


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
    """A device that counts the groups of networks it has had."""

    def __init__(self, both):
        super().__init__()
        self._both, self.groups = both, 0

    def free_bytes(self):
        """Asked for once for every group of several networks."""
        self.groups += 1
        if self.groups == 1:
            self._both.wait(timeout=60)  # until the other device has networks, too
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
    assert sum(one.groups for one in there) == 4  # two points, dealt to two devices
    assert min(one.groups for one in there) > 0
    assert [json.loads(one.attrs["parameters"])["backend"] for one in (found, expected)] == [
        "gpu", "cpu",
    ]  # fmt: skip


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
    for kernel, place in (("overlaps", "cpu"), ("pairs", "host"), ("auto", "host")):
        result = places.sample(NETWORKS["pairs"], 0.5, kernel=kernel, **options)
        assert result.attrs["device"] == place
    assert devices_of_studies.BACKENDS == ("auto", "cpu", "gpu")
