"""Mean field: exact averages over independent spins, stationarity, theory, the sampler."""

import dataclasses
import json
import math

import numpy as np
import pytest
from exact import all_states
from scipy.special import logsumexp
from small import MODELS, small_network

import theory
from hopfield import Dense, Hopfield, InputError, Multitasking, Supervised, Unsupervised
from hopfield.vocabulary import describe
from montecarlo import drawn_spins, mean_field_fields, naive_mean_field, sample, tap
from montecarlo.mean_field_fields import IndependentSpins
from montecarlo.mean_field_iteration import Iteration, MeanField
from montecarlo.mean_field_reaction import NoReaction, reaction_of
from montecarlo.starts import initial_spins
from theory.signal import PATTERN, signal_of

LEARNERS = [
    learner(p, 0.6, examples)
    for learner in (Supervised, Unsupervised)
    for p in (2, 3, 4, 5)
    for examples in (1, 4)
]
SMALL = [
    *(small_network(model, dilution) for model in MODELS for dilution in (0.0, 0.4)),
    *(learner.network(size=8, n_patterns=4, seed=3) for learner in LEARNERS),
]


def network_name(network):
    """Model of a network, with a mark if there are blanks."""
    return f"{network.model}{'' if (network.patterns != 0).all() else ' blanks'}"


@pytest.fixture(params=SMALL, ids=network_name)
def network(request):
    """Network of 8 spins of any model."""
    return request.param


@pytest.fixture
def means():
    """Magnetisations of 8 independent spins."""
    return np.random.default_rng(5).uniform(-1.0, 1.0, 8)


def mean_energy(network, means):
    """Mean energy over all states of independent spins with given means, extensive."""
    states = all_states(network.size)
    return float(np.prod((1.0 + states * means) / 2.0, axis=1) @ network.energy(states))


def entropy(means):
    """Entropy of independent spins with given means, extensive."""
    up, down = (1.0 + means) / 2.0, (1.0 - means) / 2.0
    return -float((up * np.log(up) + down * np.log(down)).sum())


def gradient(function, point, steps):
    """Central differences."""
    moves = np.diag(steps)
    slopes = [(function(point + e) - function(point - e)) / (2 * e.sum()) for e in moves]
    return np.array(slopes)


# Averages over independent spins


def test_fields_of_spins_are_local_fields(network):
    spins = np.random.default_rng(6).choice([-1, 1], network.size)
    energy, fields = IndependentSpins(network).energy_and_fields(spins.astype(float))
    np.testing.assert_allclose(energy, network.energy(spins), rtol=0, atol=1e-12)
    np.testing.assert_allclose(fields, network.local_fields(spins), rtol=0, atol=1e-12)


def test_energy_and_fields_are_those_of_all_states(network, means):
    energy, fields = IndependentSpins(network).energy_and_fields(means)
    np.testing.assert_allclose(energy, mean_energy(network, means), rtol=0, atol=1e-12)
    # the energy is linear in every mean, so that its differences are derivatives
    expected = -gradient(lambda m: mean_energy(network, m), means, np.full(8, 0.5))
    np.testing.assert_allclose(fields, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("self_interaction", [False, True])
def test_many_body_fields_do_not_overflow(self_interaction):
    network = Dense(20, self_interaction).network(size=300, n_patterns=40, seed=1)
    spins = initial_spins(network, 1, 0.9, 1)[0]
    _, fields = IndependentSpins(network).energy_and_fields(spins.astype(float))
    expected = network.local_fields(spins)
    np.testing.assert_allclose(fields, expected, rtol=0, atol=1e-9 * np.abs(expected).max())


@pytest.mark.parametrize("model", [Dense(3), Dense(4, True), Supervised(3, 0.6, 5)], ids=str)
def test_panels_make_no_difference(model, monkeypatch):
    network = model.network(size=30, n_patterns=50, seed=1)
    start = np.random.default_rng(7).uniform(-1.0, 1.0, 30)
    energy, fields = IndependentSpins(network).energy_and_fields(start)
    monkeypatch.setattr(mean_field_fields, "KEPT_BYTES", 0)
    monkeypatch.setattr(mean_field_fields, "PANEL_BYTES", 7 * 8 * 30)
    spins = IndependentSpins(network)
    np.testing.assert_allclose(spins.energy_and_fields(start)[0], energy, rtol=1e-12)
    np.testing.assert_allclose(spins.energy_and_fields(start)[1], fields, atol=1e-12)


def test_overlaps_of_spins(network):
    spins = np.random.default_rng(8).choice([-1, 1], network.size)
    overlaps = IndependentSpins(network).overlaps(spins.astype(float))
    np.testing.assert_allclose(overlaps, network.effective_overlaps(spins), rtol=0, atol=1e-12)


# Stationary points


def test_naive_fixed_point_is_stationary(network):
    temperature = 0.7
    result = naive_mean_field(network, temperature, tolerance=1e-12)
    assert result.status == "converged"

    def free_energy(m):
        return mean_energy(network, m) - network.energy_offset - temperature * entropy(m)

    end = result.magnetisation.values
    steps = 1e-4 * (1.0 - end**2)
    np.testing.assert_allclose(gradient(free_energy, end, steps), 0.0, atol=1e-7)
    np.testing.assert_allclose(result.free_energy, free_energy(end) / 8, rtol=0, atol=1e-12)
    exact = -temperature * logsumexp(-network.energy(all_states(8)) / temperature)
    assert result.free_energy * 8 >= exact - network.energy_offset
    assert np.abs(gradient(free_energy, 0.9 * end + 0.05, steps)).max() > 1e-3


TYPICAL = [
    (Hopfield(), 0.05), (Dense(3), 0.05), (Dense(4, self_interaction=True), 0.005),
    (Supervised(2, 0.8, 5), 0.05), (Unsupervised(2, 0.8, 5), 0.05), (Unsupervised(3, 0.8, 5), 0.02),
]  # fmt: skip


@pytest.mark.parametrize(("model", "load"), TYPICAL, ids=str)
def test_tap_fixed_point_is_stationary(model, load):
    network = model.network(size=60, load=load, seed=2)
    spins, reaction, temperature = IndependentSpins(network), reaction_of(network), 0.4
    result = tap(network, temperature, tolerance=1e-11)
    assert result.status == "converged"
    end = result.magnetisation.values

    def free_energy(m, t=temperature, terms=reaction):
        equations = MeanField(spins, terms, t)
        return equations.free_energy(m, spins.energy_and_fields(m)[0]) * network.size

    steps = 1e-4 * (1.0 - end**2)
    np.testing.assert_allclose(gradient(free_energy, end, steps), 0.0, atol=1e-6)
    naive = gradient(lambda m: free_energy(m, terms=NoReaction()), end, steps)
    assert np.abs(naive).max() > 1e-4
    # the energy is the derivative of f/T by 1/T at fixed magnetisations
    step = 1e-4
    above, below = (free_energy(end, 1.0 / (1.0 / temperature + d)) for d in (step, -step))
    slope = (1.0 / temperature) * (above - below) / (2 * step) + free_energy(end)
    np.testing.assert_allclose(result.energy * network.size, slope, rtol=1e-6)


def test_zero_temperature_ends_in_stable_spins():
    network = Hopfield().network(size=300, load=0.08, seed=4)
    result = naive_mean_field(network, 0.0)
    spins = np.rint(result.magnetisation.values).astype(np.int8)
    assert result.status == "converged"
    assert (spins * network.local_fields(spins) > 0.0).all()
    np.testing.assert_allclose(result.energy, network.energy(spins) / 300, atol=1e-7)


# The reaction


def test_reaction_of_many_random_patterns():
    load, q, temperature = 0.02, 0.8, 0.3
    network = Dense(3).network(size=400, load=load, seed=1)
    expected = load * 2 * 2 * q * (1 - q) / temperature
    got = reaction_of(network).coefficient(q, temperature)
    np.testing.assert_allclose(got, expected, rtol=3 / 400)
    full = Dense(3, self_interaction=True).network(size=400, load=load, seed=1)
    got = reaction_of(full).coefficient(q, temperature)
    np.testing.assert_allclose(got, expected, rtol=3 / 400)  # ξ' = 1 + 2 q²
    four = Dense(4, self_interaction=True).network(size=400, n_patterns=10, seed=1)
    got = reaction_of(four).coefficient(q, temperature)
    expected = 10 / 400**3 * (9 + 18 * q * q) * (1 - q) / temperature
    np.testing.assert_allclose(got, expected, rtol=6 / 400)


@pytest.mark.parametrize("p", [2, 3])
def test_reaction_of_examples(p):
    model = Unsupervised(p, 0.6, 10)
    network = model.network(size=2000, n_patterns=20, seed=1)
    reaction, rho = reaction_of(network), model.dataset_entropy
    if p == 2:
        np.testing.assert_allclose(reaction.eigenvalues, [1.0, rho / (1 + rho)], rtol=0.02)
        np.testing.assert_allclose(reaction.loads, [0.01, 0.09])
        return
    factor = (1 + model.entropy_of_order(3)) / (1 + rho) ** 3
    expected = network.load * 2 / 3 * factor
    np.testing.assert_allclose(reaction.coefficients, [0, 0, 0, expected], rtol=0.03)


def replica_symmetric(model, load, temperature, strength=1.0):
    """Overlaps m, n and q at infinite size, of a signal that is weaker by a factor."""
    p = model.interaction_order
    signal = PATTERN if isinstance(model, Dense) else signal_of(model.quality, model.examples)
    n, q = signal.mean_modulus, 1.0
    for _ in range(2000):
        noise = q / (1 - (1 - q) / temperature) ** 2
        if p > 2:
            noise = math.factorial(p - 1) * q ** (p - 1)
        end = signal.moments(strength * n ** (p - 1), math.sqrt(load * noise), temperature)
        n, q = float(end.effective_overlap), float(end.tanh_squared)
    return {"overlap": float(end.overlap), "effective_overlap": n, "self_overlap": q}


@pytest.mark.parametrize(("model", "load"), [(Hopfield(), 0.05), (Dense(3), 0.06)], ids=str)
def test_theory_of_these_tests_is_that_of_the_toolkit(model, load):
    expected, got = theory.solve(model, load, 0.4), replica_symmetric(model, load, 0.4)
    np.testing.assert_allclose(got["overlap"], expected.overlap, rtol=1e-8)
    np.testing.assert_allclose(got["self_overlap"], expected.self_overlap, rtol=1e-8)


def zscore(values, expected=0.0):
    """Distance of a mean from what is expected, in standard errors."""
    values = np.asarray(values, dtype=float)
    return (values.mean() - expected) / (values.std(ddof=1) / math.sqrt(values.size))


AT_LARGE_SIZE = [
    (Hopfield(), 4000, 0.05, 0.5, 16),
    (Dense(3), 200, 0.05, 0.3, 16),
    (Supervised(2, 0.8, 5), 4000, 0.02, 0.5, 10),
]


@pytest.mark.parametrize(("model", "size", "load", "temperature", "count"), AT_LARGE_SIZE)
def test_tap_is_replica_symmetric_theory(model, size, load, temperature, count):
    networks = [model.network(size=size, load=load, seed=seed) for seed in range(count)]
    # as many sets of p spins as there are, over N^p/p!
    strength = math.prod(1 - k / size for k in range(1, model.p))
    expected = replica_symmetric(model, networks[0].load, temperature, strength)
    for solve, agrees in ((tap, True), (naive_mean_field, False)):
        results = [solve(network, temperature, tolerance=1e-6) for network in networks]
        assert all(result.status == "converged" for result in results)
        for name in expected.keys() & set(results[0].data_vars) if agrees else ["self_overlap"]:
            score = zscore([result[name] for result in results], expected[name])
            assert (abs(score) < 4.0) == agrees, (name, score)


CROSSTALK = [
    (Hopfield(), 3000, 0.05, 0.45),
    (Dense(3), 250, 0.05, 0.3),
    (Supervised(3, 0.8, 5), 150, 0.04, 0.3),
    (Unsupervised(2, 0.8, 5), 1000, 0.03, 0.4),
    (Unsupervised(3, 0.8, 5), 150, 0.03, 0.3),
]


@pytest.mark.parametrize(("model", "size", "load", "temperature"), CROSSTALK)
def test_reaction_takes_the_pattern_out_of_the_crosstalk(model, size, load, temperature):
    along = {True: [], False: []}
    for seed in range(12):
        network = model.network(size=size, load=load, seed=seed)
        each = network.n_patterns // network.n_archetypes
        alone = dataclasses.replace(
            network, patterns=network.patterns[:each], archetypes=network.archetypes[:1]
        )
        result = tap(network, temperature)
        assert result.status == "converged"
        m = result.magnetisation.values
        fields, signal = (IndependentSpins(net).energy_and_fields(m)[1] for net in (network, alone))
        x = network.effective_sums(0, 1)[0] * model.effective_unit
        reaction = reaction_of(network).coefficient(float(m @ m) / size, temperature) * m
        along[True].append(x @ (fields - signal - reaction) / size)
        along[False].append(x @ (fields - signal) / size)
    assert abs(zscore(along[True])) < 4.0
    assert abs(zscore(along[False])) > 4.0


# The sampler


SAME_NETWORK = [
    (Hopfield(), {"size": 1000, "n_patterns": 40}, 0.45),
    (Dense(3), {"size": 150, "load": 0.04}, 0.3),
    (Supervised(3, 0.8, 5), {"size": 150, "load": 0.02}, 0.3),
    (Unsupervised(2, 0.8, 5), {"size": 1000, "n_patterns": 30}, 0.4),
    (Multitasking(0.2), {"size": 1000, "n_patterns": 40}, 0.35),
]


@pytest.mark.parametrize(("model", "options", "temperature"), SAME_NETWORK)
def test_tap_is_closer_to_the_sampler_than_naive_mean_field(model, options, temperature):
    network = model.network(**options, seed=1)
    run = sample(network, temperature, sweeps=400, burn_in=100, replicas=64, series=False)
    naive, better = (solve(network, temperature) for solve in (naive_mean_field, tap))
    assert better.status == "converged"
    for name in ("overlap", "energy"):
        far, near = (float(abs(result[name] - run[name])) for result in (naive, better))
        assert far > 4.0 * run[f"{name}_stderr"]
        assert near < 4.0 * run[f"{name}_stderr"] + far / 4.0
    assert abs(better.self_overlap - run.replica_overlap) < abs(
        naive.self_overlap - run.replica_overlap
    )


def test_sampling_from_the_mean_field_needs_no_burn_in():
    network, temperature = Hopfield().network(size=2000, n_patterns=60, seed=1), 0.5
    run = sample(network, temperature, sweeps=200, burn_in=200, replicas=200, seed=5)
    settled = run.overlap_series.values.mean(axis=1)  # replicas are independent
    means = tap(network, temperature).magnetisation
    scores = {}
    for name, start in (("tap", drawn_spins(means, 400, seed=6)), ("pattern", "pattern")):
        first = sample(
            network, temperature, sweeps=20, burn_in=0, replicas=400, start=start, seed=7
        )
        early = first.overlap_series.values.mean(axis=1)
        stderr = math.hypot(*(x.std(ddof=1) / math.sqrt(x.size) for x in (early, settled)))
        scores[name] = (early.mean() - settled.mean()) / stderr
    assert abs(scores["tap"]) < 4.0, scores
    assert abs(scores["pattern"]) > 4.0, scores


def test_drawn_spins_have_the_means():
    means = np.linspace(-1.0, 1.0, 21)
    spins = drawn_spins(means, replicas=4000, seed=1)
    assert spins.dtype == np.int8
    assert (spins[:, [0, -1]] == [-1, 1]).all()
    stderr = np.sqrt((1.0 - means[1:-1] ** 2) / 4000)
    scores = (spins.mean(axis=0)[1:-1] - means[1:-1]) / stderr
    assert np.abs(scores).max() < 4.0
    assert np.abs(scores + 0.2 / stderr).max() > 4.0
    np.testing.assert_array_equal(spins[:3], drawn_spins(means, replicas=3, seed=1))
    assert (spins[:3] != drawn_spins(means, replicas=3, seed=2)).any()


# The iteration


@pytest.mark.parametrize("model", [Hopfield(), Dense(3)], ids=str)
@pytest.mark.parametrize("part", [0.3, 0.7])
def test_tap_converges_in_the_retrieval_phase(model, part):
    size = 2000 if model.p == 2 else 200
    for temperature in (0.15, 0.3, 0.5):
        load = part * float(theory.capacity(model, temperature)["load"])
        network = model.network(size=size, load=load, seed=1)
        result = tap(network, temperature, iterations=100)
        assert result.status == "converged"
        assert result.replicon > 0.0
        expected = theory.solve(model, network.load, temperature)
        assert abs(result.overlap - expected.overlap) < 0.05


@pytest.mark.parametrize(("iterations", "load"), [(300, 0.3), (5, 0.05)])
def test_what_is_no_solution_is_not_converged(iterations, load):
    network = Hopfield().network(size=500, load=load, seed=1)
    result = tap(network, 0.3, iterations=iterations)
    assert result.status == "not converged"
    assert result.residual > 1e-8 or result.replicon < 0.0
    m = result.magnetisation.values
    end, _ = MeanField(IndependentSpins(network), reaction_of(network), 0.3).step(m)
    np.testing.assert_allclose(result.residual, np.abs(end - m).max(), rtol=1e-6)


def test_paramagnet_is_none_where_the_reaction_diverges():
    network = Hopfield().network(size=300, load=0.1, seed=1)
    cold, hot = (tap(network, t, start=np.zeros(300)) for t in (1.2, 1.5))
    assert cold.residual == hot.residual == 0.0
    assert (cold.status, hot.status) == ("not converged", "converged")  # T_g = 1 + sqrt(0.1)
    assert cold.replicon < 0.0 < hot.replicon


def test_extrapolation_leaves_the_fixed_point_and_saves_iterations(monkeypatch):
    network = Hopfield().network(size=1000, load=0.06, seed=1)
    fast = tap(network, 0.4, tolerance=1e-10)
    monkeypatch.setattr("montecarlo.mean_field_iteration.NEAR", 0.0)
    slow = tap(network, 0.4, tolerance=1e-10)
    np.testing.assert_allclose(fast.magnetisation, slow.magnetisation, rtol=0, atol=1e-8)
    assert 2 * fast.iterations < slow.iterations


# What is accepted and returned


VARIABLES = {
    "overlap", "max_overlap", "self_overlap", "energy", "free_energy", "magnetisation", "residual",
    "iterations", "status",
}  # fmt: skip


def test_names_and_labels():
    plain = naive_mean_field(Hopfield().network(size=40, n_patterns=2, seed=1), 0.3)
    assert set(plain.data_vars) == VARIABLES
    learned = tap(
        Supervised(3, 0.8, 5).network(size=40, n_patterns=2, seed=1), [0.2, 0.3], start=0.9
    )
    assert set(learned.data_vars) == VARIABLES | {"effective_overlap", "replicon"}
    assert learned.magnetisation.dims == ("temperature", "site")
    assert learned.overlap.dims == ("temperature",)
    for result in (plain, learned):
        for name in [*result.data_vars, *result.coords]:
            expected = describe(str(name))
            assert {key: result[name].attrs[key] for key in expected} == expected, name
    assert json.loads(learned.attrs["parameters"])["start"] == 0.9
    assert json.loads(learned.attrs["model"])["name"] == "Supervised"


def test_overlaps_are_those_of_the_network(network):
    result = tap(network, 1e-3, start=initial_spins(network, 1, 0.5, 3)[0], iterations=0)
    spins = result.magnetisation.values
    np.testing.assert_allclose(result.overlap, network.archetype_overlaps(spins)[0])
    others = np.abs(network.effective_overlaps(spins)[1:]).max()
    np.testing.assert_allclose(result.max_overlap, others, atol=1e-12)
    assert result.self_overlap == 1.0


def test_every_temperature_is_alone():
    network = Unsupervised(3, 0.8, 3).network(size=60, load=0.01, seed=1)
    together = tap(network, [0.4, 0.2])
    for t in (0.2, 0.4):
        alone = tap(network, t)
        one = together.sel(temperature=t)
        np.testing.assert_array_equal(one.magnetisation, alone.magnetisation)
        assert one.free_energy == alone.free_energy
        assert one.status == alone.status


def test_starts_are_those_of_the_sampler():
    network = Hopfield().network(size=50, n_patterns=3, seed=1)
    for start in ("pattern", "random", 0.3):
        result = naive_mean_field(network, 0.5, start=start, seed=4, iterations=0)
        spins = initial_spins(network, 1, start, 4)[0]
        np.testing.assert_array_equal(result.magnetisation, spins)
    given = np.linspace(-1.0, 1.0, 50)
    result = naive_mean_field(network, 0.5, start=given, iterations=0)
    np.testing.assert_array_equal(result.magnetisation, given)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"network": 3}, "network must be a hopfield.Network"),
        ({"temperature": 0.0}, "temperature must be positive"),
        ({"temperature": [0.1, -0.1]}, "temperature must be"),
        ({"damping": 1.0}, "damping must be below 1"),
        ({"tolerance": -1.0}, "tolerance must be"),
        ({"iterations": -1}, "iterations must be"),
        ({"start": "glass"}, "start must be"),
        ({"start": np.full(20, 1.5)}, "start must be numbers in"),
        ({"start": np.zeros(7)}, r"start must have shape \(20,\)"),
        ({"start": np.full(20, np.nan)}, "start must be numbers in"),
    ],
)
def test_bad_input_is_refused(change, message):
    network = Hopfield().network(size=20, n_patterns=2, seed=1)
    with pytest.raises(InputError, match=message):
        tap(**{"network": network, "temperature": 0.5} | change)


def test_bad_means_are_refused():
    with pytest.raises(InputError, match="magnetisations must be numbers in"):
        drawn_spins([[0.5]])
    with pytest.raises(InputError, match="replicas must be"):
        drawn_spins([0.5], replicas=0)
    with pytest.raises(InputError, match="damping"):
        Iteration(10, -0.1, 1e-8)
