"""Pairwise networks on a device: the spins of the CPU, number for number."""

import numpy as np
import pytest
from gpu_devices import device, on_all_devices
from host_device import HostDevice, missing
from test_montecarlo_kernels import DYNAMICS, problem_of, random_spins
from test_montecarlo_kernels import run as run_on_cpu

from gpu.pairs import PairWalkers
from gpu.replicas import chosen_kernel
from hopfield import Dense, Exponential, Hopfield, InputError, Network, Supervised, diluted_patterns
from montecarlo.record import Record
from montecarlo.rng import GROUP, real_thresholds, site_words


def run(problem, spins, sweeps, where):
    """Final states and record, of a run in two pieces."""
    record = Record.empty(len(spins), sweeps)
    walkers = PairWalkers([problem], spins, where)
    for part in (slice(0, 1), slice(1, sweeps)):
        walkers.advance(part.start, record.part(slice(None), part))
    return walkers.spins(), record


def same(found, expected):
    """Whether spins and records are equal."""
    names = ("overlap", "effective", "best", "count", "flips")
    records = [(getattr(found[1], name) == getattr(expected[1], name)).all() for name in names]
    return bool((found[0] == expected[0]).all() and all(records))


NETWORKS = {
    # two stretches of several groups, and more patterns than threads in a block
    "blanks": (Network(Hopfield(), diluted_patterns(150, 300, 0.3, 3)), 0.4),
    "self-interaction": (Dense(2, self_interaction=True).network(70, n_patterns=5, seed=1), 0.5),
    "examples": (Supervised(2, 0.6, 21).network(80, n_patterns=7, seed=2), 0.6),
    "single examples": (Supervised(2, 0.6, 1).network(64, n_patterns=3, seed=2), 0.6),
}


@on_all_devices
@pytest.mark.parametrize("dynamics", DYNAMICS)
@pytest.mark.parametrize("name", NETWORKS)
def test_spins_are_those_of_the_cpu(name, dynamics, device_name):
    network, temperature = NETWORKS[name]
    # more replicas than a block has, and no multiple of those of a team
    problem, spins = problem_of(network, temperature, dynamics), random_spins(37, network.size)
    expected = run_on_cpu(problem, "overlaps", spins, 3)
    assert not (expected[0] == spins).all()
    assert same(run(problem, spins, 3, device(device_name)), expected)


@on_all_devices
def test_overlaps_of_more_than_two_digits(device_name):
    """Sums of examples in many spins."""
    network = Supervised(2, 0.9, 101).network(700, n_patterns=2, seed=1)
    problem = problem_of(network, 0.5)
    assert problem.largest_sum > 32639
    spins = np.repeat(network.archetypes[:1], 3, axis=0)
    assert same(
        run(problem, spins, 3, device(device_name)), run_on_cpu(problem, "overlaps", spins, 3)
    )


@on_all_devices
@pytest.mark.parametrize("metropolis", [False, True])
def test_thresholds_are_whole_beyond_the_integers_of_single_precision(metropolis, device_name):
    """Of fields up to 2^30; beyond that a bound stands for them."""
    where, scale, replicas, most = device(device_name), 3e8, 12, 2**30
    thresholds = where.zeros((1, GROUP, replicas), np.int32)
    key, now = np.array([[5, 6]], np.uint32), np.array([7, 0])
    where.kernel("pairs", "draw_thresholds")(
        (1, GROUP // 4, 1), (128,),
        (thresholds, where.array(now), np.int32(0), np.int32(GROUP), np.int32(3),
         np.int32(replicas), np.uint32(9), where.array(key), where.array(np.array([scale])),
         np.int32(metropolis)),
    )  # fmt: skip
    found, expected = where.host(thresholds)[0], np.empty((replicas, GROUP))
    for r in range(replicas):
        words = np.empty(GROUP, np.uint32)
        site_words(words, 7, 3 + r, 9, key[0].astype(np.uint64))
        real_thresholds(expected[r], words, scale, metropolis)
    np.testing.assert_array_equal(found.T, np.clip(np.floor(expected), -most, most - 1))
    assert (np.float32(found).astype(np.int64) != found).any()
    assert (found == -most).any()


CHANGES = {
    "random numbers": ("0xCD9E8D57u", "0xCD9E8D59u"),
    "threshold": ("0.666666662379217448", "0.66"),
    "own field": ("over[k][u] - square * old", "over[k][u] + square * old"),
    "order": ("over[j][u] += row[j / 4]", "over[j][u] += 0 * row[j / 4]"),
    "order of the second half": (
        "int k = OWN / 2 * half; k",
        "int k = OWN / 2 * half; half == 0 && k",
    ),
    "digits": ("(rest.at[k] - digit.at[k]) >> 8", "rest.at[k] >> 8"),
    "limits": ("-limits.at[u] - 1 : limits.at[u];", "-limits.at[u] : limits.at[u] + 1;"),
    "largest overlap": ("abs(group)", "group"),
    "fused products": ("fma(s, series, e * 0.6931471805599453)", "2.0 * s + e * 0.69"),
}


@pytest.mark.skipif(missing() is not None, reason=str(missing()))
@pytest.mark.parametrize("change", CHANGES)
def test_other_kernels_give_other_runs(change):
    before, after = CHANGES[change]

    def replaced(text):
        assert before in text
        return text.replace(before, after)

    network, temperature = NETWORKS["blanks"]
    problem, spins = problem_of(network, temperature), random_spins(20, network.size)
    expected = run_on_cpu(problem, "overlaps", spins, 3)
    assert not same(run(problem, spins, 3, HostDevice(replace=replaced)), expected)


@pytest.mark.skipif(missing() is not None, reason=str(missing()))
@pytest.mark.parametrize(
    "barrier",
    [
        "fours = (VISIT - begin) / 4;\n        __syncthreads();\n",
        "        __syncthreads();\n        #pragma unroll\n",
    ],
)
def test_missing_barriers_are_seen(barrier):
    def without(text):
        assert barrier in text
        return text.replace(barrier, barrier.replace("__syncthreads();", ""))

    network, temperature = NETWORKS["blanks"]
    problem, spins = problem_of(network, temperature), random_spins(40, network.size)
    forward, backward = (
        run(problem, spins, 3, HostDevice(reverse, without)) for reverse in (False, True)
    )
    assert not same(forward, backward)


def test_other_networks_are_refused():
    many = Dense(3).network(20, n_patterns=3, seed=1)
    sums = Exponential(1.0).network(20, n_patterns=3, seed=1)
    large = Supervised(2, 1.0, 201).network(20, n_patterns=1, seed=1)
    for network, words in ((many, "between pairs"), (sums, "between pairs"), (large, "201.* 127")):
        with pytest.raises(InputError, match=f"pairs: .*{words}"):
            chosen_kernel(problem_of(network, 0.5), "pairs")


def test_without_a_gpu_the_error_says_what_is_missing():
    import gpu

    if gpu.available():
        pytest.skip("there is a GPU")
    with pytest.raises(InputError, match="CuPy"):
        gpu.sample(Hopfield().network(20, n_patterns=1, seed=1), 0.5)
