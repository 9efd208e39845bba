"""Exponential networks on a device: the spins of the CPU, number for number."""

import numpy as np
import pytest
from gpu_devices import device, on_all_devices
from host_device import HostDevice, missing
from test_gpu_pairs import same
from test_montecarlo_kernels import DYNAMICS, problem_of, random_spins
from test_montecarlo_kernels import run as run_on_cpu

from gpu.exponential import ExponentialWalkers, PatternPanels, histogram
from gpu.packed import ALONE, drawn_words
from gpu.replicas import chosen_kernel
from hopfield import Exponential, Hopfield, InputError, fair_patterns
from hopfield.bits import pack
from montecarlo.record import Record


def run(problem, spins, sweeps, where):
    """Final states and record, of a run in two pieces."""
    record = Record.empty(len(spins), sweeps)
    walkers = ExponentialWalkers([problem], spins, where)
    for part in (slice(0, 1), slice(1, sweeps)):
        walkers.advance(part.start, record.part(slice(None), part))
    return walkers.spins(), record


NETWORKS = {
    # more patterns than threads in a block, which all have a vote
    "one part": (Exponential(0.7).network(20, n_patterns=1500, seed=1), 0.8),
    # blocks that decide after others have counted
    "several parts": (Exponential(2.0).network(17, n_patterns=ALONE + 1, seed=2), 0.8),
    "several words": (Exponential(0.4).network(130, n_patterns=300, seed=3), 0.5),
    "few counters": (Exponential(1.0).network(300, n_patterns=5, seed=4), 0.3),
    "one pattern": (Exponential(1.0).network(30, n_patterns=1, seed=5), 0.5),
    "no temperature": (Exponential(1e4).network(64, n_patterns=70, seed=6), 0.0),
}


@on_all_devices
@pytest.mark.parametrize("dynamics", DYNAMICS)
@pytest.mark.parametrize("name", NETWORKS)
def test_spins_are_those_of_the_cpu(name, dynamics, device_name):
    network, temperature = NETWORKS[name]
    # more replicas than a block has, the last block not full
    problem, spins = problem_of(network, temperature, dynamics), random_spins(6, network.size)
    expected = run_on_cpu(problem, "exponential", spins, 3)
    assert not (expected[0] == spins).all()
    assert same(run(problem, spins, 3, device(device_name)), expected)


@on_all_devices
def test_neighbours_whose_weights_are_no_numbers(device_name):
    """Every change of an energy is a difference of two logarithms."""
    network = Exponential(352.0).network(20, n_patterns=50, seed=1)
    problem, spins = problem_of(network, 2.0), random_spins(5, 20)
    expected = run_on_cpu(problem, "exponential", spins, 3)
    assert same(run(problem, spins, 3, device(device_name)), expected)


CHANGES = {
    "random numbers": ("0xCD9E8D57u", "0xCD9E8D59u"),
    "threshold": ("return scale * log_ratio", "return 0.8 * scale * log_ratio"),
    "logarithm": ("2.0 * s)", "2.00001 * s)"),
    "patterns that differ": ("entry[u] != up[r]", "true"),
    "states of a team": ("team_states[r * n_words + w]", "team_states[w]"),
    "parts that are late": ("if (!is_last) return;", "if (blockIdx.y) return;"),
    "farthest pattern": ("max(size - 2 * closest, 2 * farthest - size)", "size - 2 * closest"),
}


@pytest.mark.skipif(missing() is not None, reason=str(missing()))
@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_other_kernels_give_other_runs(change):
    before, after = CHANGES[change]

    def replaced(text):
        assert before in text
        return text.replace(before, after)

    network, temperature = NETWORKS["several parts"]
    problem, spins = problem_of(network, temperature), random_spins(5, network.size)
    expected = run_on_cpu(problem, "exponential", spins, 2)
    assert not same(run(problem, spins, 2, HostDevice(replace=replaced)), expected)


@pytest.mark.skipif(missing() is not None, reason=str(missing()))
@pytest.mark.slow
@pytest.mark.parametrize(
    "line",
    [  # that stand before barriers
        "if (t == 0) is_last = atomicAdd(ticket, 1) == (int)gridDim.y - 1;\n",
        ": size + 1) * lanes, 1);\n            }\n        }\n    }\n",
    ],
)
def test_missing_barriers_are_seen(line):
    def without(text):
        start = text.index(line) + len(line)
        barrier = text.index("__syncthreads();", start)
        assert not text[start:barrier].strip()
        return text[:barrier] + text[barrier + len("__syncthreads();") :]

    network, temperature = NETWORKS["one part"]
    problem, spins = problem_of(network, temperature), random_spins(6, network.size)
    expected = run_on_cpu(problem, "exponential", spins, 2)

    def agrees(reverse):
        try:
            return same(run(problem, spins, 2, HostDevice(reverse, without)), expected)
        except RuntimeError:  # threads that do not meet
            return False

    assert not (agrees(False) and agrees(True))


def test_other_networks_are_refused():
    many = Exponential(1.0).store(np.ones((1, 2111), np.int8))
    for network, words in ((Hopfield().network(20, n_patterns=3, seed=1), "log-sum-exp"),
                           (many, "2111 spins, more than 2110")):  # fmt: skip
        with pytest.raises(InputError, match=f"exponential: .*{words}"):
            chosen_kernel(problem_of(network, 0.5), "exponential")
    with pytest.raises(InputError, match=r"patterns\.size"):
        histogram(many, many.patterns, HostDevice())


@on_all_devices
@pytest.mark.parametrize("size", [7, 32, 40, 64, 70, 130])
def test_drawn_patterns_are_fair_patterns(size, device_name):
    where = device(device_name)
    stream = Exponential().stream(size, n_patterns=3001, seed=5)
    patterns = fair_patterns(3001, size, seed=5)
    for first, last in ((0, 3001), (808, 2001)):
        found = where.host(drawn_words(stream, first, last, where)).T
        assert (found == pack(patterns[first:last])).all()


@on_all_devices
@pytest.mark.parametrize("size", [40, 64, 70])
def test_histograms_are_those_of_the_network(size, device_name):
    """Of patterns in one panel and in several, drawn and given, and of more states than a team."""
    where = device(device_name)
    count = 2 * ALONE + 77
    network = Exponential(0.4).network(size, n_patterns=count, seed=2)
    stream = Exponential(0.4).stream(size, n_patterns=count, seed=2)
    spins = fair_patterns(6, size, seed=1).reshape(2, 3, size)
    expected = network.histogram(spins)
    assert (histogram(network, spins, where) == expected).all()
    assert (histogram(stream, spins, where) == expected).all()
    for patterns in (network, stream):
        panels = PatternPanels(patterns, where, room=0, panel=2**17)
        assert (panels.histogram(spins) == expected).all()
        assert (panels.energy(spins[0, 0]) == network.energy(spins[0, 0])).all()


@pytest.mark.skipif(missing() is not None, reason=str(missing()))
@pytest.mark.parametrize(("room", "times"), [(2**32, 1), (0, 3)])
def test_patterns_are_drawn_once_if_they_fit(monkeypatch, room, times):
    drawn = []

    def noted(*arguments):
        drawn.append(arguments[1:3])
        return drawn_words(*arguments)

    monkeypatch.setattr("gpu.exponential.drawn_words", noted)
    stream = Exponential(0.4).stream(40, n_patterns=100, seed=2)
    panels = PatternPanels(stream, HostDevice(), room=room, panel=8 * 64)
    for spins in fair_patterns(3, 40, seed=1):
        assert (panels.histogram(spins) == stream.histogram(spins)).all()
    assert drawn == [(0, 64), (64, 100)] * times


def test_bad_states_are_refused():
    network = Exponential(0.4).network(40, n_patterns=3, seed=2)
    with pytest.raises(InputError, match=r"shape \(..., 40\), got \(39,\)"):
        histogram(network, np.ones(39), HostDevice())
    for spins in (np.zeros(40), np.full(40, "a")):
        with pytest.raises(InputError, match=r"\+1 or -1"):
            histogram(network, spins, HostDevice())
