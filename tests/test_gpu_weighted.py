"""Sums of examples on a device: the spins of the CPU, number for number, though fields are real."""

import re

import numpy as np
import pytest
from gpu_devices import device, on_all_devices
from host_device import HostDevice, HostKernel, missing
from test_gpu_pairs import same
from test_montecarlo_kernels import DYNAMICS, problem_of, random_spins
from test_montecarlo_kernels import run as run_on_cpu

import gpu
import montecarlo
from gpu.replicas import chosen_kernel
from gpu.sources import source
from gpu.weighted import WeightedWalkers
from hopfield import InputError, Supervised, Unsupervised, diluted_patterns
from hopfield.weighted import WeightedNetwork
from montecarlo import kernels_weighted
from montecarlo.record import Record

needs_host = pytest.mark.skipif(missing() is not None, reason=str(missing()))


def run(problem, spins, sweeps, where):
    """Final states and record, of a run in two pieces."""
    record = Record.empty(len(spins), sweeps)
    walkers = WeightedWalkers([problem], spins, where)
    for part in (slice(0, 1), slice(1, sweeps)):
        walkers.advance(part.start, record.part(slice(None), part))
    return walkers.spins(), record


def cold_and_warm(network, replicas=4):
    """States near an archetype, and random ones."""
    spins = random_spins(replicas, network.size)
    first = network.archetypes[0]
    spins[: replicas // 2] = np.where(first == 0, spins[0], first)
    return spins


def weighted(p, n_patterns, size, scale=1, blanks=0.3):
    """Network of entries of many sizes, blanks among them."""
    signs = diluted_patterns(n_patterns, size, blanks, 3)
    sizes = np.random.default_rng(p).integers(1, 40, signs.shape)
    model = Supervised(p, 0.9, 39 * scale)
    return WeightedNetwork(model, sizes * signs * scale, None, signs)


def opposed(p, scale, size):
    """Every pattern with its opposite elsewhere: for odd p all fields are 0, but for rounding."""
    some = weighted(p, 530, size, scale, 0.1)
    order = np.random.default_rng(p).permutation(1060)
    patterns = np.concatenate([some.patterns, -some.patterns])[order]
    return WeightedNetwork(some.model, patterns, None, np.sign(patterns).astype(np.int8))


# network, temperature, kernel that visits; more patterns than the threads of a block have, more
# than they take at once, and as many as are no multiple of a warp
NETWORKS = {
    "three spins": (Supervised(3, 0.6, 21).network(70, n_patterns=531, seed=1), 0.3, "16_3"),
    "four spins": (Supervised(4, 0.8, 5).network(66, n_patterns=1300, seed=3), 0.3, "16_4"),
    "five spins": (Supervised(5, 0.8, 8).network(40, n_patterns=300, seed=3), 0.3, "16_5"),
    "six spins": (Supervised(6, 0.8, 5).network(40, n_patterns=270, seed=3), 0.3, "16_0"),
    "few patterns": (Supervised(3, 0.7, 4).network(130, n_patterns=3, seed=3), 0.6, "16_3"),
    "blanks": (weighted(3, 290, 70), 0.3, "16_3"),
    "large entries": (weighted(3, 290, 70, 10_007), 0.3, "32_0"),
    "rounding of three": (opposed(3, 801, 120), 0.0, "16_3"),
    "rounding of five": (opposed(5, 801, 60), 0.0, "16_5"),
    "rounding of large entries": (opposed(3, 10_007, 60), 0.0, "32_0"),
}  # fmt: skip


@on_all_devices
@pytest.mark.parametrize("dynamics", DYNAMICS)
@pytest.mark.parametrize("name", NETWORKS)
def test_spins_are_those_of_the_cpu(name, dynamics, device_name):
    network, temperature, kernel = NETWORKS[name]
    problem, spins = problem_of(network, temperature, dynamics), cold_and_warm(network)
    expected = run_on_cpu(problem, "weighted", spins, 3, pieces=3)
    assert not (expected[0] == spins).all()
    where, used = device(device_name), []
    walkers, record = WeightedWalkers([problem], spins, Named(where, used)), Record.empty(4, 3)
    for sweep in range(3):
        walkers.advance(sweep, record.part(slice(None), slice(sweep, sweep + 1)))
    assert f"sweep_{kernel}" in used
    assert same((walkers.spins(), record), expected)


class Named:
    """A device that remembers the kernels it is asked for."""

    def __init__(self, device, names):
        self._device, self._names = device, names

    def __getattr__(self, name):
        return getattr(self._device, name)

    def kernel(self, file, name):
        """Kernel of the device."""
        self._names.append(name)
        return self._device.kernel(file, name)


@pytest.mark.parametrize("name", [name for name in NETWORKS if "rounding" in name])
def test_spins_follow_the_rounding_of_sums(name):
    """In another order of patterns they are others, so that equal ones need an equal order."""
    network, temperature, _ = NETWORKS[name]
    spins = cold_and_warm(network)
    turned = WeightedNetwork(network.model, network.patterns[::-1], None, network.archetypes)
    (states, record), (others, another) = (
        run_on_cpu(problem_of(one, temperature), "weighted", spins, 2) for one in (network, turned)
    )
    assert (states != others).mean() > 0.05
    assert (record.count != another.count).any()


@pytest.mark.parametrize("n_patterns", [1, 31, 33, 200, 531])
@pytest.mark.parametrize("p", [3, 4, 6])
def test_fields_are_those_of_the_network(p, n_patterns):
    """Single fields and energies, to rounding, from what the network says of its energy."""
    network = weighted(p, n_patterns, 30)
    problem, spins = problem_of(network, 0.5), cold_and_warm(network)
    patterns, squares = problem.site_major, network.squares.astype(float)
    overlaps, polynomials = np.zeros(n_patterns, np.int32), np.zeros((p - 2, n_patterns))
    scratch, sums = np.zeros((2, 256)), np.zeros(min(-(-n_patterns // 32) * 32, 256))
    for state in spins:
        kernels_weighted._set_up(patterns, state, overlaps, polynomials)
        for i in range(30):
            found = kernels_weighted._field(
                patterns[i], float(state[i]), overlaps, squares, polynomials, scratch, sums
            )
            # the threshold of a field h is T/2 ln(u/(1-u)), and a flip costs 2 s h
            field = problem.temperature / 2.0 * found / kernels_weighted.field_scale(problem)
            expected = float(network.energy_difference(state, i))
            assert 2.0 * state[i] * field == pytest.approx(expected, rel=1e-11, abs=1e-12)
        total = kernels_weighted._last_sum(overlaps, squares, polynomials, sums)
        energy = -network.model.energy_unit(30) * kernels_weighted.count_unit(problem) * total
        assert energy == pytest.approx(float(network.energy(state)), rel=1e-11)


def test_sums_of_lanes_are_sums():
    for count in (32, 64, 224, 256):
        numbers = np.random.default_rng(count).normal(size=count)
        assert kernels_weighted.lane_sum(numbers.copy()) == pytest.approx(numbers.sum(), rel=1e-12)


@on_all_devices
def test_replicas_have_random_numbers_of_their_own(device_name):
    network, temperature, _ = NETWORKS["four spins"]
    problem, spins = problem_of(network, temperature), cold_and_warm(network, 5)
    where = device(device_name)
    together, record = run(problem, spins, 2, where)
    rest = WeightedWalkers([problem], spins[3:], where, 3)
    some = Record.empty(2, 2)
    for sweep in range(2):
        rest.advance(sweep, some.part(slice(None), slice(sweep, sweep + 1)))
    assert (rest.spins() == together[3:]).all()
    assert (some.count == record.count[3:]).all()
    assert not (run(problem, spins[3:], 2, where)[0] == together[3:]).all()


@on_all_devices
def test_several_samples_at_once(device_name):
    """Two pattern sets, two temperatures, and a network of another shape, over several calls."""
    models = [Supervised(3, 0.6, 5)] * 2 + [Supervised(4, 0.6, 5)]
    networks = [one.network(40, n_patterns=60, seed=k) for k, one in enumerate(models)]
    options = {"sweeps": 25, "burn_in": 5, "replicas": 3, "start": 0.5, "dynamics": "metropolis"}
    found = gpu.sample_many(
        networks, [0.3, 0.6], seeds=[1, 2, 3], device=device(device_name), **options
    )
    for seed, (network, result) in enumerate(zip(networks, found, strict=True), 1):
        expected = montecarlo.sample(network, [0.3, 0.6], seed=seed, **options)
        for name in expected.variables:
            np.testing.assert_array_equal(result[name], expected[name], err_msg=str(name))
    assert (found[0].overlap.values != found[1].overlap.values).any()


CHANGES = {
    "random numbers": ("0xCD9E8D57u", "0xCD9E8D59u"),
    "numbers of sites": ("(u32)(i / 4 + t)", "(u32)t"),
    "own spin": ("const double y = spin * widened(row[mu])", "const double y = widened(row[mu])"),
    "squares": ("fma(y, y, -kept.squares[mu])", "-kept.squares[mu]"),
    "own overlap": ("widened(kept.overlaps[mu]) - y", "widened(kept.overlaps[mu])"),
    "polynomials of others": ("fma(-y, lower, kept.pol", "fma(0.0, lower, kept.pol"),
    "order": ("k < p; ++k", "k < p - 1; ++k"),
    "flips of single spins": ("if (turned && !parallel)", "if (false)"),
    "flips of all spins": ("if (!parallel) return;", "return;"),
    "flips of overlaps": ("2 * spin * entry", "spin * entry"),
    "flips of polynomials": ("fma(-2.0 * y, lower, before)", "fma(-y, lower, before)"),
    "flips of the next polynomial": (
        "lower = fma(-y, lower, before);\n    }",
        "lower = before;\n    }",
    ),
    "what is kept": ("fma(2.0 * y, widened(overlap), twice_second)", "twice_second"),
    "patterns of a thread at once": ("mu + k * SUMS, spin", "mu, spin"),
    "last patterns of a thread": (
        "mu += blockDim.x)\n        total = with",
        "mu += 4096)\n        total = with",
    ),
    "decisions": ("(field > limit) != (old > 0)", "(field > limit)"),
    "one room of sums": ("rooms[i & 1]", "rooms[0]"),
    "largest overlap": ("abs(group)", "group"),
    "energy": ("total += last[mu]", "total += 0.5 * last[mu]"),
    "polynomial of the energy": ("order - 3) * n_patterns", "order - 4) * n_patterns"),
}  # fmt: skip


class Changed(HostDevice):
    """The host with a change in one place of the text, and only the kernels that a test runs."""

    def __init__(self, before, after, order, reverse=False):
        super().__init__(reverse)
        self.change, self.order = (before, after), order

    def kernel(self, file, name):
        """Kernel from the changed text."""
        text, (before, after) = source(file), self.change
        assert text.count(before) == 1
        others = rf"^SWEEP\((?!sweep_16_{self.order},).*\)$|^FILL\(fill_32.*\)$"
        return HostKernel(
            re.sub(others, "", text.replace(before, after), flags=re.MULTILINE), name, self.reverse
        )


def gives_other_runs(change, network, temperature, sweeps=3):
    """Whether runs of a changed kernel are not those of the CPU."""
    spins, where = cold_and_warm(network), Changed(*change, network.model.p)
    for dynamics in ("glauber", "parallel"):
        problem = problem_of(network, temperature, dynamics)
        expected = run_on_cpu(problem, "weighted", spins, sweeps, pieces=sweeps)
        record = Record.empty(len(spins), sweeps)
        walkers = WeightedWalkers([problem], spins, where)
        for sweep in range(sweeps):
            walkers.advance(sweep, record.part(slice(None), slice(sweep, sweep + 1)))
        if not same((walkers.spins(), record), expected):
            return True
    return False


@needs_host
@pytest.mark.slow
@pytest.mark.parametrize("change", CHANGES)
def test_other_kernels_give_other_runs(change):
    network, temperature, _ = NETWORKS["four spins"]
    assert gives_other_runs(CHANGES[change], network, temperature)


ORDERS = {
    "lanes": (
        "for (int half = WARP / 2; half; half /= 2) total",
        "for (int half = 1; half < WARP; half *= 2) total",
    ),
    "warps": (
        "for (int first = WARP; first < (int)blockDim.x; first += WARP) total",
        "for (int first = (int)blockDim.x - WARP; first; first -= WARP) total",
    ),
    "fused products": ("return fma(y, lower, total)", "return y * lower + total"),
}


@needs_host
@pytest.mark.slow
@pytest.mark.parametrize("order", ORDERS)
def test_other_orders_give_other_runs(order):
    network, temperature, _ = NETWORKS["rounding of five"]
    assert gives_other_runs(ORDERS[order], network, temperature)


BARRIERS = {
    "sum": "room[threadIdx.x] = mine;\n    __syncthreads();",
    "states": "if (!parallel) return;\n    __syncthreads();",
}


@needs_host
@pytest.mark.slow
@pytest.mark.parametrize("barrier", BARRIERS)
def test_missing_barriers_are_seen(barrier):
    before = BARRIERS[barrier]
    after = before.replace("__syncthreads();", "")
    network, temperature, _ = NETWORKS["four spins"]
    problem, spins = problem_of(network, temperature, "parallel"), cold_and_warm(network)
    forward, backward = (
        run(problem, spins, 3, Changed(before, after, 4, reverse)) for reverse in (False, True)
    )
    assert not same(forward, backward)


def test_other_networks_are_refused():
    pairs = Supervised(2, 0.6, 5).network(20, n_patterns=3, seed=1)
    whole = Unsupervised(3, 0.6, 5).network(20, n_patterns=3, seed=1)
    large = WeightedNetwork(
        Supervised(3, 0.6, 2**30), np.full((1, 4), 2**30), None, np.ones((1, 4))
    )
    for network, words in (
        (pairs, "two spins alone"),
        (whole, "not differ"),
        (large, "up to 4.3e"),
    ):
        with pytest.raises(InputError, match=f"weighted: .*{words}"):
            chosen_kernel(problem_of(network, 0.5), "weighted")
    assert chosen_kernel(problem_of(whole, 0.5), "auto") == "many_body"
    assert chosen_kernel(problem_of(pairs, 0.5), "auto") == "pairs"
    assert chosen_kernel(problem_of(NETWORKS["blanks"][0], 0.5), "auto") == "weighted"
