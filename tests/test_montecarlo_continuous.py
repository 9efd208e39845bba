"""Dynamics of continuous states: the textbook's numbers, the exact measure, honest errors."""

import json

import numpy as np
import pytest
import xarray as xr
from continuous_exact import Quadrature, case, features, plain_run, zscores

from hopfield import InputError, attention
from hopfield.vocabulary import describe
from montecarlo import METHODS, exact_states, mixture, sample_continuous
from montecarlo.continuous.kernels import LANES, PANEL, attend, panel_rows, scratch_for

MEANS = ("energy", "overlap", "virial", "largest_weight", "acceptance_rate")
ERRORS = ("stderr", "tau_int", "ess", "rhat")
STEPS = {"ula": 0.3, "mala": 0.6, "hmc": 0.5}
MANY = 3000
SEVERAL = 6
"""Sweeps after which the measure would be another if they did not leave it."""


def drawn(seed, k, n, scale=1.0):
    return scale * np.random.default_rng(seed).normal(size=(k, n))


def assert_same_numbers(one, other):
    """Equal values, labels and units; what was asked for and when may differ."""
    xr.testing.assert_identical(one.drop_attrs(deep=False), other.drop_attrs(deep=False))


def zscore(result, name, expected):
    return (float(result[name]) - expected) / float(result[f"{name}_stderr"])


# The kernel


@pytest.mark.parametrize(
    ("k", "n"), [(1, 1), (5, 2), (40, 17), (600, 130), (300, PANEL // 16 + 1), (513, 64)]
)
def test_attention_of_the_kernel(k, n):
    patterns, beta = drawn(0, k, n, n**-0.25), 2.0
    x = np.ascontiguousarray(drawn(1, LANES, n, n**-0.25).T)
    mean, log_sum, largest = np.empty_like(x), np.empty(LANES), np.empty(LANES)
    attend(patterns, beta, x, mean, log_sum, largest, scratch_for(k, n))
    weights = attention.weights(x.T, patterns, beta)
    np.testing.assert_allclose(mean.T, weights @ patterns, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(largest, weights.max(axis=1), rtol=1e-11)
    scores = beta * x.T @ patterns.T
    top = scores.max(axis=1)
    expected = top + np.log(np.exp(scores - top[:, None]).sum(axis=1))
    np.testing.assert_allclose(log_sum, expected, rtol=1e-13, atol=1e-13)


def test_several_panels_are_tested():
    assert panel_rows(600, 130) < 600
    assert panel_rows(300, PANEL // 16 + 1) == 16


def test_attention_far_from_all_patterns():
    """Weights below 1e-300 are nothing, and no sum overflows."""
    patterns = np.array([[1000.0, 0.0], [-1000.0, 0.0], [0.0, 1000.0]])
    x = np.zeros((2, LANES))
    x[0, 0], x[1, 1] = 500.0, -500.0
    mean, log_sum, largest = np.empty_like(x), np.empty(LANES), np.empty(LANES)
    attend(patterns, 2.0, x, mean, log_sum, largest, scratch_for(3, 2))
    np.testing.assert_allclose(mean[:, :3].T, [[1000, 0], [0, 0], [0, 1000 / 3]], atol=1e-12)
    np.testing.assert_allclose(log_sum[:2], [1e6, np.log(2.0)], rtol=1e-15)


@pytest.mark.parametrize("temperature", [None, 0.7])
@pytest.mark.parametrize("method", METHODS)
def test_chains_are_those_of_the_textbook(method, temperature):
    patterns, beta = drawn(2, 30, 7, 0.8), 1.7
    start = drawn(3, 20, 7)
    steps = 4 if method == "hmc" else 1
    found = sample_continuous(
        patterns, beta, temperature=temperature, method=method, step=STEPS[method],
        steps=steps, sweeps=20, burn_in=5, replicas=20, start=start, seed=11,
    )  # fmt: skip
    t = 1.0 / beta if temperature is None else temperature
    states, accepted = plain_run(
        patterns, beta, t, method, STEPS[method], steps, 25, start, seed=11
    )
    np.testing.assert_allclose(found.states, states, rtol=1e-9, atol=1e-9)
    rates = found.acceptance_rate_series
    assert float(rates.mean()) == pytest.approx(accepted.mean(), abs=0.1)
    assert (float(rates.min()) == 1.0) == (method == "ula")
    other, _ = plain_run(patterns, beta, 1.01 * t, method, STEPS[method], steps, 25, start, 11)
    assert np.abs(found.states - other).max() > 1e-3


def test_what_is_measured_is_that_of_the_last_states():
    patterns, beta = drawn(4, 30, 7, 0.8), 1.7
    found = sample_continuous(patterns, beta, sweeps=4, burn_in=3, replicas=18, seed=1)
    x = found.states.values
    last = found.isel(sweep=-1)
    close = {"rtol": 1e-12, "atol": 1e-12}
    np.testing.assert_allclose(last.energy_series, attention.energy(x, patterns, beta) / 7, **close)
    np.testing.assert_allclose(
        last.overlap_series, x @ patterns[0] / (patterns[0] ** 2).sum(), **close
    )
    force = x - attention.update(x, patterns, beta)
    np.testing.assert_allclose(last.virial_series, (x * force).sum(axis=1) / 7, **close)
    weights = attention.weights(x, patterns, beta)
    np.testing.assert_allclose(last.largest_weight_series, weights.max(axis=1), **close)


@pytest.mark.parametrize("method", METHODS)
def test_chains_do_not_depend_on_what_runs_beside(method, monkeypatch):
    patterns, beta = drawn(5, 50, 9), 1.0
    arguments = {"method": method, "sweeps": 15, "burn_in": 4, "seed": 3}
    alone = sample_continuous(patterns, beta, replicas=5, threads=1, **arguments)
    beside = sample_continuous(patterns, beta, replicas=40, threads=3, **arguments)
    names = [f"{name}_series" for name in MEANS]
    assert_same_numbers(alone[names], beside[names].isel(replica=slice(5)))
    np.testing.assert_array_equal(alone.states, beside.states[:5])
    monkeypatch.setattr("montecarlo.continuous.sampler.CHUNK", 2)
    again = sample_continuous(patterns, beta, replicas=5, threads=1, **arguments)
    assert_same_numbers(alone, again)
    arguments["seed"] = 4
    other = sample_continuous(patterns, beta, replicas=5, threads=1, **arguments)
    assert (other.states != alone.states).all()


# The measure


@pytest.mark.parametrize("g", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("method", ["mala", "hmc"])
def test_measure_is_stationary(method, size, g):
    patterns, beta = case(size)
    t = 1.0 / (g * beta)
    arguments = {"sweeps": SEVERAL, "burn_in": 0, "replicas": MANY, "series": False, "seed": g}
    found = sample_continuous(
        patterns, beta, temperature=t, method=method, step=STEPS[method], **arguments
    )
    assert 0.5 < float(found.acceptance_rate) < 1.0
    assert np.abs(zscores(found.states.values, Quadrature(patterns, beta, t))).max() < 4.0
    # chains at another temperature leave it
    start = exact_states(patterns, beta, temperature=t, replicas=MANY, seed=g).states
    warm = sample_continuous(
        patterns, beta, temperature=1.3 * t, method=method, step=STEPS[method], start=start,
        **arguments,
    )  # fmt: skip
    assert np.abs(zscores(warm.states.values, Quadrature(patterns, beta, t))).max() > 4.0


def test_langevin_steps_without_a_test_leave_the_measure():
    patterns, beta = case(2)
    found = sample_continuous(
        patterns, beta, method="ula", step=0.3, sweeps=SEVERAL, burn_in=0, replicas=MANY
    )
    assert np.abs(zscores(found.states.values, Quadrature(patterns, beta, 1.0 / beta))).max() > 4.0


@pytest.mark.parametrize("temperature", [None, 0.55])
@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("method", ["mala", "hmc"])
def test_chains_from_a_pattern_reach_the_measure(method, size, temperature):
    patterns, beta = case(size)
    t = 1.0 / beta if temperature is None else temperature
    found = sample_continuous(
        patterns, beta, temperature=temperature, method=method, step=STEPS[method], sweeps=2000,
        burn_in=400, replicas=64, start="pattern", seed=7,
    )  # fmt: skip
    quadrature = Quadrature(patterns, beta, t)
    weights = attention.weights

    def expected(function):
        return float(quadrature.mean(function))

    averages = {
        "energy": expected(lambda x: attention.energy(x, patterns, beta)) / size,
        "overlap": expected(lambda x: x @ patterns[0]) / (patterns[0] ** 2).sum(),
        "largest_weight": expected(lambda x: weights(x, patterns, beta).max(axis=1)),
        "virial": t,
    }
    for name, value in averages.items():
        assert abs(zscore(found, name, value)) < 4.0, name
        assert float(found[f"{name}_rhat"]) < 1.05
    wrong = Quadrature(patterns, beta, 1.1 * t)
    energy = float(wrong.mean(lambda x: attention.energy(x, patterns, beta))) / size
    assert abs(zscore(found, "energy", energy)) > 4.0
    assert np.abs(zscores(found.states.values[:, :size], quadrature)).max() < 4.0


@pytest.mark.parametrize("kind", ["unequal norms", "one", "equal", "zero first", "binary"])
def test_virial_is_the_temperature_for_every_pattern_set(kind):
    numbers = np.random.default_rng(8)
    sets = {
        "unequal norms": numbers.normal(size=(30, 12)) * np.linspace(0.1, 2.0, 30)[:, None],
        "one": numbers.normal(size=(1, 12)),
        "equal": np.ones((7, 12)),
        "zero first": np.vstack([np.zeros(12), numbers.normal(size=(3, 12))]),
        "binary": numbers.choice([-1, 1], size=(50, 12)),
    }
    for beta, temperature in ((0.8, None), (1.3, 0.9)):
        found = sample_continuous(
            sets[kind], beta, temperature=temperature, sweeps=800, burn_in=200, replicas=32,
            start="pattern", seed=9,
        )  # fmt: skip
        t = float(found.temperature)
        assert abs(zscore(found, "virial", t)) < 4.0
        assert abs(zscore(found, "virial", 1.1 * t)) > 4.0
        assert (float(found.overlap) == 0.0) == (kind == "zero first")


@pytest.mark.parametrize("step", [0.2, 0.5, 1.0, 1.5])
def test_variance_of_langevin_steps_in_a_single_well(step):
    """It is T/(1 - h/2); at h = 1, the noisy update, 2 T."""
    size, t = 4, 0.3
    found = sample_continuous(
        drawn(10, 1, size), 2.0, temperature=t, method="ula", step=step, sweeps=3000,
        burn_in=100, replicas=32, start="pattern", seed=10,
    )  # fmt: skip
    # virial without the pattern: x·(x - ξ), of mean E|x - ξ|²
    assert abs(zscore(found, "virial", t / (1.0 - step / 2.0))) < 4.0
    assert abs(zscore(found, "energy", t / (2.0 - step))) < 4.0
    assert abs(zscore(found, "energy", t / 2.0)) > 4.0


@pytest.mark.parametrize("step", [0.3, 0.8])
def test_measure_of_langevin_steps_is_that_of_their_transitions(step):
    patterns, beta = case(1)
    x = np.linspace(-6.0, 6.0, 400)[:, None]
    drift = x + step * (attention.update(x, patterns, beta) - x)
    transitions = np.exp(-((x.T - drift) ** 2) / (4.0 * step / beta))
    transitions /= transitions.sum(axis=1, keepdims=True)
    stationary = np.linalg.matrix_power(transitions, 4096)[200]
    energies = attention.energy(x, patterns, beta)
    found = sample_continuous(
        patterns, beta, method="ula", step=step, sweeps=2000, replicas=128, seed=12
    )
    assert abs(zscore(found, "energy", stationary @ energies)) < 4.0
    exact = Quadrature(patterns, beta, 1.0 / beta).mean(
        lambda y: attention.energy(y, patterns, beta)
    )
    assert abs(zscore(found, "energy", exact)) > 4.0


@pytest.mark.parametrize("method", ["mala", "hmc"])
def test_chains_are_reversible(method):
    """States and later states have the same joint law in either order."""
    patterns, beta = case(1)
    start = exact_states(patterns, beta, replicas=8000, seed=13).states

    def skew(method, step):
        later = sample_continuous(
            patterns, beta, method=method, step=step, sweeps=4, burn_in=0, replicas=len(start),
            start=start, seed=13, series=False,
        ).states.values  # fmt: skip
        one, two = (np.stack([x, x**2, x**3, np.tanh(3.0 * x)])[..., 0] for x in (start, later))
        z = []
        for i in range(len(one)):
            for j in range(i):
                odd = one[i] * two[j] - one[j] * two[i]
                z.append(odd.mean() / (odd.std() / np.sqrt(odd.size)))
        return np.abs(z).max()

    assert skew(method, STEPS[method]) < 4.0
    assert skew("ula", 0.6) > 4.0


def test_one_leapfrog_step_is_one_of_langevin_dynamics():
    patterns, beta = drawn(14, 10, 5), 1.0
    arguments = {"sweeps": 50, "burn_in": 0, "replicas": 16, "seed": 2}
    langevin = sample_continuous(patterns, beta, method="mala", step=0.32, **arguments)
    leapfrog = sample_continuous(patterns, beta, method="hmc", step=0.8, steps=1, **arguments)
    np.testing.assert_allclose(langevin.states, leapfrog.states, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("steps", [None, 1, 5])
def test_nothing_is_left_of_the_start_after_a_quarter_of_a_period(steps):
    pattern = drawn(15, 1, 3)
    arguments = {"method": "hmc", "steps": steps, "sweeps": 4, "burn_in": 0, "replicas": 20}
    ends = [
        sample_continuous(pattern, 1.0, start=pattern[0] + shift, seed=5, **arguments)
        for shift in (0.0, 0.02)
    ]
    together = np.abs(ends[0].states - ends[1].states).max("site")
    assert (together < 1e-12).sum() > 10  # all others refused something
    other = sample_continuous(
        pattern, 1.0, start=pattern[0] + 0.02, seed=5, step=0.4, **arguments | {"steps": 5}
    )
    assert float(np.abs(ends[0].states - other.states).max("site").min()) > 1e-6


def test_default_step_is_the_quickest_in_a_well_of_many_components():
    """Speed is step times rate; its largest value has the rate 0.574, to order N^(-1/3)."""
    pattern = np.zeros((1, 1000))
    arguments = {"sweeps": 200, "burn_in": 0, "replicas": 16}
    best = 1.36 * 1000 ** (-1 / 3)
    speeds, rates = [], []
    for factor in (0.6, 1.0, 1.5):
        found = sample_continuous(pattern, 1.0, step=factor * best, **arguments)
        rates.append(float(found.acceptance_rate))
        speeds.append(factor * rates[-1])
    assert abs(rates[1] - 0.574) < 0.02
    assert speeds[1] == max(speeds)
    chosen = json.loads(sample_continuous(pattern, 1.0, **arguments).parameters)
    assert chosen["step"] == pytest.approx(best)


# The result


def test_shape_and_words_of_the_result():
    patterns, beta = case(3)
    found = sample_continuous(patterns, beta, sweeps=10, burn_in=2, replicas=6)
    assert set(found.data_vars) == {
        "states",
        *MEANS,
        *(f"{name}_series" for name in MEANS),
        *(f"{name}_{error}" for name in MEANS for error in ERRORS),
    }
    for name in (*found.data_vars, *found.coords):
        assert found[name].attrs == describe(name)
    assert found.energy_series.dims == ("replica", "sweep")
    assert found.states.dims == ("replica", "site")
    assert (float(found.temperature), float(found["size"])) == (1.0 / beta, 3)
    assert float(found["load"]) == pytest.approx(np.log(3) / 3)
    assert json.loads(found.model) == {"name": "Continuous", "beta": beta}
    assert json.loads(found.parameters)["method"] == "mala"
    assert found.seed == "0"
    bare = sample_continuous(patterns, beta, sweeps=10, burn_in=2, replicas=6, series=False)
    assert not [name for name in bare if name.endswith("series")]
    assert_same_numbers(bare, found[list(bare)].drop_vars("sweep", errors="ignore"))


def test_errors_are_those_of_the_means():
    """Of many short runs, energies minus the exact value scatter as their errors say."""
    patterns, beta = case(2)
    exact = Quadrature(patterns, beta, 1.0 / beta).mean(features(patterns, beta))[6] / 2
    z = [
        zscore(sample_continuous(patterns, beta, replicas=8, burn_in=0, seed=seed), "energy", exact)
        for seed in range(40)
    ]
    assert np.abs(z).max() < 4.0
    assert 0.6 < np.mean(np.square(z)) < 1.6


def test_mean_energy_follows_from_the_closed_form():
    """E - T log p is constant, so that entropies and energies of drawn states agree."""
    patterns, beta = drawn(16, 20, 10), 1.0
    found = sample_continuous(patterns, beta, sweeps=500, burn_in=0, replicas=64, seed=4)
    closed = mixture(patterns, beta)
    states = exact_states(patterns, beta, replicas=20_000, seed=16).states
    energies = -(closed.log_density(states) + closed.log_partition) / 10
    difference = float(found.energy) - energies.mean()
    error = np.hypot(float(found.energy_stderr), energies.std() / np.sqrt(len(states)))
    assert abs(difference / error) < 4.0


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"method": "nuts"}, "method must be one of 'ula', 'mala', 'hmc'"),
        ({"step": 0.0}, "step must be a number in"),
        ({"step": 2.5}, "step must be a number in"),
        ({"method": "hmc", "step": 3.0}, "step must be a number in"),
        ({"steps": 3}, "steps must be 1 unless method is 'hmc', got 3"),
        ({"method": "hmc", "steps": 0}, "steps must be an integer >= 1"),
        ({"sweeps": 3}, "sweeps must be an integer >= 4"),
        ({"burn_in": -1}, "burn_in"),
        ({"replicas": 0}, "replicas"),
        ({"threads": 0}, "threads"),
        ({"start": "random"}, "start must be one of 'exact', 'pattern'"),
        ({"start": [1.0, 2.0, 3.0]}, "start must be numbers of shape"),
        ({"start": [np.nan, 0.0]}, "start must be finite"),
        ({"start": [1e200, 0.0]}, "start must be finite numbers up to"),
        ({"start": [[1.0], [1.0, 2.0]]}, "start must be an array of numbers"),
        ({"start": np.ones((3, 2))}, r"start must be numbers of shape \(2,\) or \(64, 2\)"),
        ({"method": "hmc", "step": 1e-300}, "step must be a number in"),
        ({"method": "hmc", "steps": 10**30}, "steps must be an integer >= 1 and <= 1000000"),
        ({"temperature": 0.3}, "temperature must be 1/beta = 0.5 over an integer"),
        ({"temperature": -1.0, "start": "pattern"}, "temperature must be a number in"),
        ({"replicas": 10**9, "sweeps": 10**6}, "the run would need"),
        ({"seed": -1}, "seed"),
    ],
)
def test_bad_input_is_refused(given, words):
    with pytest.raises(InputError, match=words):
        sample_continuous([[1.0, 0.0], [0.0, 1.0]], 2.0, **given)
