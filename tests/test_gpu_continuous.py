"""Chains of continuous states on a device: the steps of the CPU, numbers of their own, averages."""

import json
import tracemalloc

import numpy as np
import pytest
import xarray as xr
from continuous_exact import Quadrature, case, zscores
from gpu_devices import device, on_all_devices
from host_device import HostDevice, missing
from scipy import stats
from stand_in import StandIn

import gpu
import montecarlo
from gpu.chains import DeviceChains, needed
from gpu.memory import SHARE
from gpu.normals import Noise, Numbers
from hopfield import InputError, attention
from hopfield.seeds import Stream, sequence
from montecarlo.continuous.chains import Dynamics, Series, started
from montecarlo.continuous.measure import measure_of
from montecarlo.rng import philox

METHODS = montecarlo.METHODS
NAMES = ("energy", "overlap", "virial", "largest_weight", "acceptance_rate")
STEPS = {"ula": 0.3, "mala": 0.6, "hmc": 0.5}
DYNAMICS = {
    "ula": Dynamics(np.sqrt(0.6), 1, False),
    "mala": Dynamics(np.sqrt(1.2), 1, True),
    "hmc": Dynamics(0.5, 4, True),
}
SEED = np.random.SeedSequence(5)

needs_host = pytest.mark.skipif(missing() is not None, reason=str(missing()))


def drawn(seed, k, n, scale=1.0):
    return scale * np.random.default_rng(seed).normal(size=(k, n))


# Random numbers


def numbers_of(where, replicas, size, sweep, seed=SEED):
    """Normals and heights on the host."""
    found = Noise(where, seed)(replicas, size, sweep)
    return where.host(found.normals), where.host(found.heights)


def plain_numbers(replicas, size, sweep):
    """The same from the formulas, and radii."""
    key = sequence(SEED, Stream.ACCEPTANCE).generate_state(2, np.uint32).astype(np.uint64)
    draw = np.vectorize(
        lambda *counter: philox(*map(np.uint64, counter), *key), otypes=4 * [np.uint64]
    )
    chains = np.arange(replicas.start, replicas.stop)
    words = draw(np.arange((size + 1) // 2), sweep, chains[:, None], 0)
    m = [(high << np.uint64(32) | low) >> np.uint64(11) for high, low in (words[:2], words[2:])]
    radius = np.sqrt(-2.0 * np.log((m[0] + np.uint64(1)) * 2.0**-53))
    angle = 2.0 * np.pi * (m[1] * 2.0**-53)
    pairs = radius[..., None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    high, low, *_ = draw(0, sweep, chains, 1)
    heights = np.log((((high << np.uint64(32) | low) >> np.uint64(11)) + np.uint64(1)) * 2.0**-53)
    normals = pairs.reshape(len(chains), -1)[:, :size]
    return normals, heights, radius.repeat(2, axis=1)[:, :size]


@on_all_devices
@pytest.mark.parametrize("size", [1, 2, 7])
def test_numbers_are_those_of_the_formulas(size, device_name):
    """More than a block of them, to the rounding of logarithm, sine and cosine."""
    replicas = slice(3, 203)
    normals, heights = numbers_of(device(device_name), replicas, size, 11)
    expected, logs, radii = plain_numbers(replicas, size, 11)
    assert (np.abs(normals - expected) <= 1e-15 * radii).all()
    np.testing.assert_allclose(heights, logs, rtol=1e-15)
    assert (heights < 0.0).all()


@on_all_devices
def test_numbers_do_not_depend_on_what_else_is_drawn(device_name):
    where = device(device_name)
    all_of_them, heights = numbers_of(where, slice(0, 150), 9, 2)
    some, of_some = numbers_of(where, slice(20, 33), 9, 2)
    assert (some == all_of_them[20:33]).all()
    assert (of_some == heights[20:33]).all()
    fewer, _ = numbers_of(where, slice(0, 150), 4, 2)
    assert (fewer == all_of_them[:, :4]).all()
    others = [(3, SEED), (2, np.random.SeedSequence(6))]
    for sweep, seed in others:
        normals, logs = numbers_of(where, slice(0, 150), 9, sweep, seed)
        assert (normals != all_of_them).all()
        assert (logs != heights).all()


def moments(normals):
    """Means of powers and products of neighbours, in units of their standard errors."""
    x = normals[:, : normals.shape[1] // 2 * 2].reshape(-1, 2)
    pairs = x[:, 0] * x[:, 1], (x[:, 0] ** 2 - 1.0) * (x[:, 1] ** 2 - 1.0)
    neighbours = x[:-1, 1] * x[1:, 0]
    values = {
        "mean": (x, 0.0, 1.0), "variance": (x**2, 1.0, 2.0), "third": (x**3, 0.0, 15.0),
        "fourth": (x**4, 3.0, 96.0), "pairs": (pairs[0], 0.0, 1.0),
        "squares of pairs": (pairs[1], 0.0, 4.0), "neighbours": (neighbours, 0.0, 1.0),
    }  # fmt: skip
    return {
        name: (found.mean() - mean) / np.sqrt(variance / found.size)
        for name, (found, mean, variance) in values.items()
    }


@on_all_devices
def test_numbers_are_normal(device_name):
    normals, heights = numbers_of(device(device_name), slice(0, 1500), 100, 0)
    assert max(map(abs, moments(normals).values())) < 4.0
    assert stats.kstest(normals.ravel(), "norm").pvalue > 1e-4
    assert stats.kstest(-heights, "expon").pvalue > 1e-4


CHANGES = {
    "radius": ("-2.0 * log", "-1.9 * log"),
    "angle": ("6.283185307179586", "3.141592653589793"),
    "pair": ("sin(angle)", "cos(angle)"),
    "words": ("philox(c, k0, k1);\n    const double radius", "const double radius"),
}


@needs_host
@pytest.mark.parametrize("change", CHANGES)
def test_other_kernels_do_not_give_normal_numbers(change):
    before, after = CHANGES[change]

    def replaced(text):
        assert before in text
        return text.replace(before, after)

    normals, _ = numbers_of(HostDevice(replace=replaced), slice(0, 300), 100, 0)
    assert max(map(abs, moments(normals).values())) > 4.0


# Steps


def cpu_numbers(where, seed, sweeps, replicas, size):
    """Numbers of the CPU, to be given to chains on a device."""
    normals, heights = np.empty((replicas, sweeps, size)), np.empty((replicas, sweeps))
    for r in range(replicas):
        keys = (sequence(seed, Stream.ACCEPTANCE, r, kind) for kind in (0, 1))
        normal, uniform = (np.random.Generator(np.random.Philox(key)) for key in keys)
        normals[r] = normal.standard_normal((sweeps, size))
        heights[r] = -uniform.standard_exponential(sweeps)

    def draw(chains, _, sweep):
        given = normals[chains, sweep], heights[chains, sweep]
        return Numbers(*(where.array(values) for values in given))

    return draw


def both(where, method, sweeps, *, temperature=0.7, dynamics=None, parts=1):
    """Series and states on a device and on the CPU, with the numbers of the latter."""
    measure, start = measure_of(drawn(2, 30, 7, 0.8), 1.7, temperature), drawn(3, 20, 7)
    found, expected = Series.empty(20, sweeps), Series.empty(20, sweeps)
    draw = cpu_numbers(where, SEED, sweeps, 20, 7)
    chains = DeviceChains(measure, dynamics or DYNAMICS[method], start, draw, where)
    each = sweeps // parts
    for part in range(parts):
        chains.advance(found.part(slice(None), slice(part * each, (part + 1) * each)))
    measure = measure_of(measure.patterns, 1.7, 0.7)
    with started(measure, DYNAMICS[method], start, SEED, 1) as on_cpu:
        on_cpu.advance(expected)
        return (found.arrays, chains.states), (expected.arrays, on_cpu.states)


def apart(pair):
    """Largest difference of all series and states."""
    (series, states), (other_series, other_states) = pair
    assert not (np.asarray(other_series) == 0.0).all(axis=(1, 2)).any()
    found = np.abs(np.subtract(series, other_series)).max()
    return max(found, np.abs(states - other_states).max())


@on_all_devices
@pytest.mark.parametrize("method", METHODS)
def test_one_sweep_is_that_of_the_cpu(method, device_name):
    assert apart(both(device(device_name), method, 1)) < 1e-12


@on_all_devices
@pytest.mark.parametrize("method", METHODS)
def test_sweeps_are_those_of_the_cpu(method, device_name, monkeypatch):
    # several panels of states and of patterns
    monkeypatch.setattr("gpu.attention.SCORES", 100)
    monkeypatch.setattr("gpu.attention.STATES", 8)
    pair = both(device(device_name), method, 24, parts=3)
    assert apart(pair) < 1e-11
    accepted = pair[0][0][4]
    assert accepted.min() == (method == "ula")


@pytest.mark.parametrize(
    ("method", "changed"),
    [
        ("mala", {"dynamics": Dynamics(np.sqrt(1.2), 1, False)}),
        ("hmc", {"dynamics": Dynamics(0.5, 3, True)}),
        ("ula", {"dynamics": Dynamics(np.sqrt(0.61), 1, False)}),
        ("mala", {"temperature": 0.71}),
    ],
)
def test_other_dynamics_are_seen(method, changed):
    assert apart(both(HostDevice(), method, 10, **changed)) > 1e-3


def test_energies_are_those_of_the_states():
    patterns, beta = drawn(4, 30, 7, 0.8), 1.7
    found = sampled(HostDevice(), patterns, beta, sweeps=4, burn_in=3, replicas=18, seed=1)
    x, last = found.states.values, found.isel(sweep=-1)
    close = {"rtol": 1e-12, "atol": 1e-12}
    np.testing.assert_allclose(last.energy_series, attention.energy(x, patterns, beta) / 7, **close)
    overlaps = x @ patterns[0] / (patterns[0] ** 2).sum()
    np.testing.assert_allclose(last.overlap_series, overlaps, **close)
    force = x - attention.update(x, patterns, beta)
    np.testing.assert_allclose(last.virial_series, (x * force).sum(axis=1) / 7, **close)
    weights = attention.weights(x, patterns, beta)
    np.testing.assert_allclose(last.largest_weight_series, weights.max(axis=1), **close)


# Runs


def sampled(where, patterns, beta, **given):
    """Result of a run, where there is a compiler for its numbers."""
    if isinstance(where, HostDevice) and missing():
        pytest.skip(missing())
    return gpu.sample_continuous(patterns, beta, device=where, **given)


MANY, SEVERAL = 3000, 6


@on_all_devices
@pytest.mark.parametrize("g", [1, 2])
@pytest.mark.parametrize("method", ["mala", "hmc"])
def test_measure_is_stationary(method, g, device_name):
    """Means over chains minus exact averages, in exact standard errors."""
    patterns, beta = case(2)
    where, t = device(device_name), 1.0 / (g * beta)
    exact = Quadrature(patterns, beta, t)
    arguments = {"sweeps": SEVERAL, "burn_in": 0, "replicas": MANY, "series": False, "seed": g}
    arguments |= {"method": method, "step": STEPS[method]}
    found = sampled(where, patterns, beta, temperature=t, **arguments)
    assert 0.5 < float(found.acceptance_rate) < 1.0
    assert np.abs(zscores(found.states.values, exact)).max() < 4.0
    start = montecarlo.exact_states(patterns, beta, temperature=t, replicas=MANY, seed=g).states
    arguments["start"] = start
    warm = sampled(where, patterns, beta, temperature=1.3 * t, **arguments)
    assert np.abs(zscores(warm.states.values, exact)).max() > 4.0


@on_all_devices
def test_long_steps_without_a_test_leave_the_measure(device_name):
    patterns, beta = case(2)
    arguments = {"sweeps": SEVERAL, "burn_in": 0, "replicas": MANY, "series": False, "step": 0.6}
    exact, where = Quadrature(patterns, beta, 1.0 / beta), device(device_name)
    without = sampled(where, patterns, beta, method="ula", **arguments)
    assert np.abs(zscores(without.states.values, exact)).max() > 4.0
    tested = sampled(where, patterns, beta, method="mala", **arguments)
    assert np.abs(zscores(tested.states.values, exact)).max() < 4.0


def difference(one, other, name):
    """Of two means, in its standard error."""
    error = np.hypot(float(one[f"{name}_stderr"]), float(other[f"{name}_stderr"]))
    return (float(one[name]) - float(other[name])) / error


@on_all_devices
@pytest.mark.parametrize("method", METHODS)
def test_averages_are_those_of_the_cpu(method, device_name):
    patterns, beta = drawn(6, 40, 12, 0.7), 1.3
    arguments = {"method": method, "step": STEPS[method], "sweeps": 200, "burn_in": 50}
    arguments |= {"replicas": 32, "start": "pattern"}
    found = sampled(device(device_name), patterns, beta, seed=1, **arguments)
    expected = montecarlo.sample_continuous(patterns, beta, seed=2, **arguments)
    names = NAMES[:4] if method == "ula" else NAMES  # it accepts everything
    assert max(abs(difference(found, expected, name)) for name in names) < 4.0
    warm = montecarlo.sample_continuous(patterns, beta, seed=2, temperature=1.3 / beta, **arguments)
    assert abs(difference(found, warm, "energy")) > 4.0
    assert abs(difference(found, warm, "virial")) > 4.0


def test_result_is_shaped_and_described_as_on_the_cpu():
    patterns, beta = case(3)
    arguments = {"sweeps": 10, "burn_in": 2, "replicas": 6, "method": "hmc", "seed": 3}
    found = sampled(HostDevice(), patterns, beta, **arguments)
    expected = montecarlo.sample_continuous(patterns, beta, **arguments)
    blank = [one.copy(data={name: 0.0 * one[name] for name in one}) for one in (found, expected)]
    xr.testing.assert_identical(*(one.drop_attrs(deep=False) for one in blank))
    parameters = json.loads(expected.parameters)
    del parameters["threads"]
    assert json.loads(found.parameters) == parameters
    assert (found.model, found.seed, found.device) == (expected.model, "3", "host")
    bare = sampled(HostDevice(), patterns, beta, **arguments, series=False)
    assert not [name for name in bare if name.endswith("series")]


@pytest.mark.parametrize("method", METHODS)
def test_chains_do_not_depend_on_batches_nor_on_pieces(method, monkeypatch):
    patterns, beta = drawn(7, 50, 9), 1.0
    arguments = {"method": method, "sweeps": 15, "burn_in": 4, "seed": 3}
    names = [*(f"{name}_series" for name in NAMES), "states"]
    alone = sampled(HostDevice(), patterns, beta, replicas=5, **arguments)
    fixed, chain = needed(measure_of(patterns, beta, None))
    few = HostDevice(memory=int((fixed + 7.5 * chain) / SHARE))
    beside = sampled(few, patterns, beta, replicas=40, **arguments)
    monkeypatch.setattr("gpu.continuous.CHUNK", 2)
    pieces = sampled(HostDevice(), patterns, beta, replicas=5, **arguments)
    for name in names:
        for other in (beside[name][:5], pieces[name]):
            np.testing.assert_allclose(alone[name], other, rtol=1e-10, atol=1e-10)
    other = sampled(HostDevice(), patterns, beta, replicas=5, **arguments | {"seed": 4})
    assert (other.states != alone.states).all()


def test_batches_are_as_many_as_fit(monkeypatch):
    together = []
    patterns, beta = drawn(7, 50, 9), 1.0
    fixed, chain = needed(measure_of(patterns, beta, None))
    monkeypatch.setattr(
        "gpu.continuous.Noise.__call__",
        lambda self, chains, size, sweep: (
            together.append(chains)
            or Numbers(np.zeros((chains.stop - chains.start, size)), np.zeros(1))
        ),
    )
    few = HostDevice(memory=int((fixed + 7.5 * chain) / SHARE))
    sampled(few, patterns, beta, replicas=16, sweeps=4, burn_in=0)
    assert together[::4] == [slice(0, 6), slice(6, 11), slice(11, 16)]
    words = r"need 0.0313 GiB for one chain and 50 patterns of 9 components, 0.0391 GiB are free"
    with pytest.raises(InputError, match=words):
        sampled(HostDevice(memory=int(fixed / SHARE)), patterns, beta)


@pytest.mark.parametrize("shape", [(9000, 60, 50), (300, 20_000, 40), (40, 3000, 1000)])
@pytest.mark.parametrize("method", ["mala", "hmc"])
def test_memory_is_what_is_said(method, shape):
    """Of arrays on the device and of those in between, which are NumPy's here."""
    replicas, k, n = shape
    measure = measure_of(drawn(8, k, n, n**-0.5), 1.0, None)
    start = np.zeros((replicas, n))
    series = Series.empty(replicas, 2)
    where = HostDevice()

    def draw(chains, size, _):
        shape = chains.stop - chains.start, size
        return Numbers(where.zeros(shape, float), where.zeros(shape[:1], float))

    tracemalloc.start()
    chains = DeviceChains(measure, DYNAMICS[method], start, draw, where)
    chains.advance(series)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    fixed, chain = needed(measure)
    unused = max(0, 2**22 - replicas * k) * 8 + replicas * 8 * 5 * 98
    on_host = start.nbytes  # the states that wait for their turn
    assert 0.6 < (peak - on_host) / (fixed + replicas * chain - unused) <= 1.0


@needs_host
def test_through_cupy(monkeypatch):
    stand_in = StandIn(devices=2).install(monkeypatch)
    patterns, beta = case(3)
    arguments = {"sweeps": 5, "burn_in": 2, "replicas": 6}
    found = gpu.sample_continuous(patterns, beta, device=gpu.devices()[1], **arguments)
    assert found.device == "Stand-in 1"
    assert set(stand_in.used) == {1}
    expected = sampled(HostDevice(), patterns, beta, **arguments)
    np.testing.assert_array_equal(found.states, expected.states)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"method": "nuts"}, "method must be one of 'ula', 'mala', 'hmc'"),
        ({"step": 2.5}, "step must be a number in"),
        ({"sweeps": 3}, "sweeps must be an integer >= 4"),
        ({"start": "random"}, "start must be one of 'exact', 'pattern'"),
        ({"temperature": 0.3}, "temperature must be 1/beta = 0.5 over an integer"),
        ({"replicas": 10**9, "sweeps": 10**6}, "the run would need"),
    ],
)
def test_bad_input_is_refused(given, words):
    with pytest.raises(InputError, match=words):
        gpu.sample_continuous([[1.0, 0.0], [0.0, 1.0]], 2.0, device=HostDevice(), **given)
