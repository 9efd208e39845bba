"""Networks of any energy on a device: the spins of the CPU, number for number."""

import re

import numpy as np
import pytest
from gpu_devices import device, on_all_devices
from host_device import HostDevice, HostKernel, missing
from test_gpu_pairs import same
from test_montecarlo_kernels import DYNAMICS, problem_of, random_spins
from test_montecarlo_kernels import run as run_on_cpu

from gpu import many_body
from gpu.many_body import ManyBodyWalkers, entry_tables, layout
from gpu.replicas import chosen_kernel
from gpu.sources import source
from hopfield import (
    Dense,
    Exponential,
    Hopfield,
    InputError,
    Network,
    Supervised,
    Unsupervised,
    diluted_patterns,
)
from montecarlo.ensemble import allowed_kernels
from montecarlo.record import Record


def run(problem, spins, sweeps, where):
    """Final states, record and walkers, of a run in two pieces."""
    record = Record.empty(len(spins), sweeps)
    walkers = ManyBodyWalkers([problem], spins, where)
    for part in (slice(0, 1), slice(1, sweeps)):
        walkers.advance(part.start, record.part(slice(None), part))
    return walkers.spins(), record, walkers


def cold_and_warm(network, replicas):
    """States near a pattern, and random ones."""
    spins = random_spins(replicas, network.size)
    spins[: replicas // 2] = np.where(network.archetypes[0] == 0, spins[0], network.archetypes[0])
    return spins


def staircase(n_patterns, size):
    """Patterns of which each has one blank more than the one before."""
    patterns = random_spins(n_patterns, size)
    for mu, row in enumerate(patterns):
        row[:mu] = 0
    return patterns


NARROW, WIDE = np.int32, np.int64

# network, temperature, integers for slopes, and for places in their table
NETWORKS = {
    "three spins": (Dense(3).network(71, n_patterns=531, seed=1), 0.3, NARROW, np.uint16),
    "four spins": (Dense(4).network(64, n_patterns=1000, seed=3), 0.3, NARROW, np.uint16),
    "pairs": (Network(Hopfield(), diluted_patterns(40, 70, 0.3, 3)), 0.4, NARROW, np.uint16),
    "blanks": (Network(Dense(3), diluted_patterns(150, 130, 0.3, 3)), 0.3, NARROW, np.uint16),
    "examples": (Unsupervised(4, 0.8, 7).network(66, n_patterns=5, seed=2), 0.4, NARROW, np.uint16),
    "full power": (Dense(6, True).network(130, n_patterns=20, seed=3), 0.4, WIDE, np.uint16),
    "many tables": (Network(Dense(3), staircase(130, 600)), 0.2, NARROW, np.int32),
    "many wide tables": (Network(Dense(4, True), staircase(80, 900)), 0.2, WIDE, np.int32),
}


@on_all_devices
@pytest.mark.parametrize("dynamics", DYNAMICS)
@pytest.mark.parametrize("name", NETWORKS)
def test_spins_are_those_of_the_cpu(name, dynamics, device_name, monkeypatch):
    # more patterns than the threads of a block read at once
    monkeypatch.setattr(many_body, "THREADS", 64)
    monkeypatch.setattr(many_body, "REPLICAS_AT_ONCE", 3)
    network, temperature, *integers = NETWORKS[name]
    problem, spins = problem_of(network, temperature, dynamics), cold_and_warm(network, 4)
    assert list(layout(entry_tables(problem).slopes)[:2]) == integers
    found = run(problem, spins, 3, device(device_name))
    for kernel in {"slopes", "dense"} & set(allowed_kernels(problem)):
        expected = run_on_cpu(problem, kernel, spins, 3)
        assert not (expected[0] == spins).all()
        assert same(found, expected)


@on_all_devices
def test_replicas_have_random_numbers_of_their_own(device_name):
    network, temperature, *_ = NETWORKS["four spins"]
    problem, spins = problem_of(network, temperature), cold_and_warm(network, 5)
    where = device(device_name)
    together, record, *_ = run(problem, spins, 2, where)
    rest = ManyBodyWalkers([problem], spins[3:], where, 3)
    some = Record.empty(2, 2)
    rest.advance(0, some)
    assert (rest.spins() == together[3:]).all()
    assert (some.count == record.count[3:]).all()
    assert not (run(problem, spins[3:], 2, where)[0] == together[3:]).all()


@on_all_devices
def test_fields_beyond_the_integers_of_floats(device_name):
    """Where sums over patterns no longer fit into 53 bits, spins agree and energies are rounded."""
    network = Dense(5).network(1600, n_patterns=40, seed=2)
    problem, spins = problem_of(network, 0.3), cold_and_warm(network, 4)
    assert problem.largest_term * network.n_patterns > 2**53
    states, record, *_ = run(problem, spins, 2, device(device_name))
    expected, rounded = run_on_cpu(problem, "slopes", spins, 2)
    assert (states == expected).all()
    assert not (expected == spins).all()
    np.testing.assert_allclose(record.count, rounded.count, rtol=1e-14)


def test_slopes_are_what_a_flip_changes():
    """From the energies of a network, a flip and a pattern at a time."""
    patterns = diluted_patterns(3, 9, 0.3, 2)
    for pattern in patterns:
        network = Network(Dense(3), pattern[None])
        tables, spins = entry_tables(problem_of(network, 0.5)), random_spins(20, 9)
        places = (network.overlap_sums(spins) + tables.base)[:, 0] // 2
        for i in range(9):
            x, old = int(pattern[i]), spins[:, i].astype(int)
            slopes = tables.divisor * tables.slopes[places + (x * old < 0)]
            fields = network.model.energy_unit(9) * x * slopes / 4.0
            np.testing.assert_allclose(2.0 * old * fields, network.energy_difference(spins, i))


def test_table_has_as_many_copies_as_fit():
    for entries in (5, 258, 320, 321, 641, 2560, 2561, 5000, 5120, 5121, 10_241):
        for largest, width in ((2**28 - 1, 4), (2**28, 8)):
            form = layout(np.full(entries, largest))
            size = entries * form.row
            assert form.width == width
            if form.place is np.int32:
                assert form.copies == 2
                assert size > many_body.ROOM
            else:
                assert size <= many_body.ROOM < 2**16
                assert form.copies == 32 or 2 * size > many_body.ROOM


CHANGES = {
    "random numbers": ("0xCD9E8D57u", "0xCD9E8D59u"),
    "threshold": ("2.00000000000486595", "2.2"),
    "numbers of sites": ("(u32)(i / 4 + t)", "(u32)t"),
    "own spin": ("row_bytes / 2 * before[i], two", "row_bytes / 2, two"),
    "flips of single spins": ("if (turned && !parallel)", "if (false)"),
    "flips of all spins": ("if (!parallel) return;", "return;"),
    "unit": ("divisor * (double)", "(double)"),
    "copies of the table": (
        "((const int*)table)[k]",
        "((const int*)table)[k / 2]",
    ),
    "groups of patterns": ("g = threadIdx.x; g < groups;", "g = threadIdx.x; g < 64;"),
    "decisions": ("(field > limit) != (old > 0)", "(field > limit)"),
    "one room of sums": ("sums[turn ^= 1]", "sums[0]"),
    "second of two sites": ("fields[0] = fields[1];", "fields[0] *= -1;"),
    "flip of the first of two": ("if (i % 2 == 0 || moving >= 0)", "if (i % 2 == 0)"),
    "flip of the last": ("    if (moving >= 0)\n", "    if (false)\n"),
    "one room of thresholds": ("thresholds[i / GROUP & 1]", "thresholds[0]"),
    "largest overlap": ("abs(group)", "group"),
    "energy": ("total += values[entry]", "total += values[entry + 1]"),
}


class Changed(HostDevice):
    """The host with a change in the kernels that have the text which is changed."""

    def __init__(self, before, after, reverse=False):
        super().__init__(reverse)
        self.change = before, after

    def kernel(self, file, name):
        """Kernel from a text without those that no test of a change runs."""
        text, (before, after) = source(file), self.change
        assert text.count(before) == 1
        measures = text.index(before) > text.index("// Measure after a sweep")
        if measures != name.startswith("measure"):
            return super().kernel(file, name)
        others = rf"^(SWEEP|MEASURE)\((?!{name},).*\)$"
        text = re.sub(others, "", text.replace(before, after), flags=re.MULTILINE)
        return HostKernel(text, name, self.reverse)


def met(problem, spins, where):
    """A run, or None if its threads decide differently and part before a barrier."""
    try:
        return run(problem, spins, 3, where)
    except RuntimeError:
        return None


@pytest.mark.skipif(missing() is not None, reason=str(missing()))
@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_other_kernels_give_other_runs(change, monkeypatch):
    monkeypatch.setattr(many_body, "THREADS", 64)
    where = Changed(*CHANGES[change])
    network, temperature, *_ = NETWORKS["three spins"]
    spins = cold_and_warm(network, 4)
    for dynamics in ("glauber", "parallel"):
        problem = problem_of(network, temperature, dynamics)
        found = met(problem, spins, where)
        if found is None or not same(found, run_on_cpu(problem, "slopes", spins, 3)):
            return
    pytest.fail("it changed nothing")


def opposed():
    """Patterns of the threads of one warp, and fewer with opposite signs of those of the next."""
    row = random_spins(1, 65)
    return Network(Dense(3), np.concatenate([np.repeat(row, 256, 0), np.repeat(-row, 200, 0)]))


MANY = NETWORKS["three spins"][0]

BARRIERS = {
    "table": (opposed(), "__syncthreads();\n        return (const char*)room;"),
    "sum": (MANY, "room[s][threadIdx.x >> 5] = mine[s];\n    }\n    __syncthreads();"),
    "states": (MANY, "if (!parallel) return;\n    __syncthreads();"),
}


@pytest.mark.skipif(missing() is not None, reason=str(missing()))
@pytest.mark.slow
@pytest.mark.parametrize("barrier", BARRIERS)
def test_missing_barriers_are_seen(barrier, monkeypatch):
    monkeypatch.setattr(many_body, "THREADS", 64)
    network, before = BARRIERS[barrier]
    after = before.replace("__syncthreads();", "")
    problem, spins = problem_of(network, 0.3, "parallel"), cold_and_warm(network, 4)
    forward, backward = (
        met(problem, spins, Changed(before, after, reverse)) for reverse in (False, True)
    )
    assert forward is None or backward is None or not same(forward, backward)


def test_other_networks_are_refused():
    sums = Exponential(1.0).network(20, n_patterns=3, seed=1)
    examples = Supervised(3, 0.6, 21).network(20, n_patterns=3, seed=1)
    high = Dense(20).network(100, n_patterns=50, seed=2)
    for network, words in ((sums, "no sum"), (examples, "in size"), (high, "e\\+2.* unit")):
        with pytest.raises(InputError, match=f"many_body: .*{words}"):
            chosen_kernel(problem_of(network, 0.5), "many_body")


def test_pairs_have_a_kernel_of_their_own():
    many, pair = (
        Dense(3).network(20, n_patterns=3, seed=1),
        Hopfield().network(20, load=0.1, seed=1),
    )
    assert chosen_kernel(problem_of(many, 0.5), "auto") == "many_body"
    assert chosen_kernel(problem_of(pair, 0.5), "auto") == "pairs"
    assert chosen_kernel(problem_of(pair, 0.5), "many_body") == "many_body"
