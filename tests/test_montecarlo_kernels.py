"""Every kernel, energy and dynamics: one trajectory, the exact distribution, the plain energy."""

from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise

import numpy as np
import pytest
from exact import (
    all_states,
    boltzmann,
    chi_square,
    parallel_stationary,
    single_site_matrix,
    state_counts,
)

from hopfield import Dense, Exponential, Hopfield, Network, diluted_patterns, fair_patterns
from hopfield.log_sums import flip_change
from montecarlo import kernels_slopes
from montecarlo.bounds import largest_integer_field
from montecarlo.ensemble import KERNELS, Ensemble, allowed_kernels, cheapest_kernel
from montecarlo.kernels_exponential import ExponentialWalkers, energy_change
from montecarlo.problem import Problem
from montecarlo.record import Record
from montecarlo.rng import GROUP, real_thresholds, site_words

KEY = np.array([5, 6], dtype=np.uint64)
DYNAMICS = ("glauber", "metropolis", "parallel")


def problem_of(network, temperature, dynamics="glauber"):
    return Problem(network, temperature, dynamics, KEY, 3)


def random_spins(replicas, size, seed=0):
    return np.random.default_rng(seed).choice(np.array([-1, 1], np.int8), (replicas, size))


def run(problem, kernel, spins, sweeps, *, threads=1, pieces=1):
    """Final states and record; `pieces` splits the run into as many calls."""
    record = Record.empty(len(spins), sweeps)
    bounds = np.linspace(0, sweeps, pieces + 1).astype(int)
    with ThreadPoolExecutor(threads) as pool:
        ensemble = Ensemble(problem, kernel, threads, pool, spins.copy())
        for first, last in pairwise(bounds.tolist()):
            ensemble.advance(int(first), record.part(slice(None), slice(int(first), int(last))))
    return ensemble.spins, record


def plain_run(problem, spins, sweeps):
    """The same dynamics from the definition of the local field, one spin at a time."""
    network = problem.network
    size, states = network.size, spins.copy()
    out = np.empty(-(-size // GROUP) * GROUP)
    bits = np.empty(out.size, np.uint32)
    half = problem.temperature / 2
    for r, state in enumerate(states):
        for sweep in range(sweeps):
            site_words(bits, sweep, r, 3, KEY)
            real_thresholds(out, bits, half, problem.metropolis)
            seen = state.copy()
            for i in range(size):
                source = seen if problem.parallel else state
                field = 0.5 * source[i] * network.energy_difference(source, i)
                if problem.metropolis:
                    state[i] = -state[i] if state[i] * field < -out[i] else state[i]
                else:
                    state[i] = 1 if field > out[i] else -1
    return states


@pytest.fixture(scope="module")
def wide():
    """Pairwise networks wider than one group of sites and one bundle of lanes."""
    return {
        dilution: Network(Hopfield(), diluted_patterns(11, 150, dilution, 3))
        for dilution in (0.0, 0.3)
    }


@pytest.mark.parametrize("dynamics", DYNAMICS)
@pytest.mark.parametrize("dilution", [0.0, 0.3])
@pytest.mark.parametrize("temperature", [0.4, 0.0])
def test_all_kernels_give_the_same_spins_and_records(wide, dynamics, dilution, temperature):
    problem, spins = problem_of(wide[dilution], temperature, dynamics), random_spins(40, 150)
    reference, expected = run(problem, "overlaps", spins, 12)
    assert not (reference == spins).all()
    for kernel in allowed_kernels(problem):
        states, record = run(problem, kernel, spins, 12)
        assert (states == reference).all(), kernel
        for name in ("overlap", "effective", "best", "count", "flips"):
            assert (getattr(record, name) == getattr(expected, name)).all(), (kernel, name)


@pytest.mark.parametrize("kernel", [name for name in KERNELS if name != "exponential"])
def test_threads_pieces_and_neighbours_change_nothing(wide, kernel):
    problem, spins = problem_of(wide[0.0], 0.4), random_spins(70, 150)
    reference, expected = run(problem, kernel, spins, 8)
    for other, record in (
        run(problem, kernel, spins, 8, threads=2),
        run(problem, kernel, spins, 8, pieces=3),
    ):
        assert (other == reference).all()
        # only sums of examples are no integers
        rounding = 1e-12 if kernel == "weighted" else 0.0
        np.testing.assert_allclose(record.count, expected.count, rtol=rounding)
    alone, _ = run(problem, kernel, spins[:3], 8)
    assert (alone == reference[:3]).all()


def test_switching_kernels_leaves_the_trajectory_alone(wide):
    problem, spins = problem_of(wide[0.3], 0.4), random_spins(33, 150)
    reference, _ = run(problem, "overlaps", spins, 9)
    with ThreadPoolExecutor(2) as pool:
        ensemble = Ensemble(problem, "block", 2, pool, spins.copy())
        for step, kernel in enumerate(("block", "fields", "dense")):
            ensemble.use(kernel)
            ensemble.advance(3 * step, Record.empty(33, 3))
    assert (ensemble.spins == reference).all()


@pytest.mark.parametrize("dynamics", DYNAMICS)
def test_trajectory_is_that_of_the_definition(network, dynamics):
    problem, spins = problem_of(network, 0.9, dynamics), random_spins(5, network.size)
    expected = plain_run(problem, spins, 6)
    for kernel in allowed_kernels(problem):
        states, _ = run(problem, kernel, spins, 6)
        assert (states == expected).all(), kernel


@pytest.mark.parametrize("dynamics", DYNAMICS)
def test_trajectory_is_that_of_the_definition_over_several_groups(wide, dynamics):
    problem, spins = problem_of(wide[0.3], 0.5, dynamics), random_spins(2, 150)
    expected = plain_run(problem, spins, 3)
    for kernel in allowed_kernels(problem):
        assert (run(problem, kernel, spins, 3)[0] == expected).all(), kernel


@pytest.mark.parametrize("dynamics", DYNAMICS)
def test_record_is_what_the_network_says_of_the_states(network, dynamics):
    problem, spins = problem_of(network, 0.7, dynamics), random_spins(6, network.size)
    for kernel in allowed_kernels(problem):
        before, states = spins, spins
        for sweeps in (1, 2, 3):
            before = states
            states, record = run(problem, kernel, spins, sweeps)
        sums = states.astype(int) @ network.effective_sums().T
        assert (record.overlap[:, -1] == states.astype(int) @ network.archetypes[0]).all()
        assert (record.effective[:, -1] == sums[:, 0]).all()
        assert (record.best[:, -1] == np.abs(sums[:, 1:]).max(axis=1)).all()
        assert (record.flips[:, -1] >= (before != states).sum(axis=1)).all()
        energies = problem.energies(record)[:, -1]
        expected = (network.energy(states) - network.energy_offset) / network.size
        np.testing.assert_allclose(energies, expected, atol=1e-13)


def natural_temperature(network):
    """Spread of the energies: weights that differ, and barriers that are no obstacle."""
    return float(network.energy(all_states(network.size)).std())


def final_states(problem, kernel, replicas=6000, sweeps=100):
    """One state of each of many replicas from random starts: independent draws."""
    spins = random_spins(replicas, problem.network.size, seed=21)
    return run(problem, kernel, spins, sweeps, threads=2)[0]


@pytest.mark.parametrize("dynamics", ["glauber", "metropolis"])
def test_distribution_is_boltzmanns(network, dynamics):
    temperature = natural_temperature(network)
    problem = problem_of(network, temperature, dynamics)
    for kernel in allowed_kernels(problem):
        counts = state_counts(final_states(problem, kernel))
        assert chi_square(counts, boltzmann(network, temperature)) > 1e-4, kernel
        assert chi_square(counts, boltzmann(network, 1.3 * temperature)) < 1e-4, kernel


def test_distribution_of_parallel_dynamics_is_its_own(network):
    temperature = natural_temperature(network)
    problem = problem_of(network, temperature, "parallel")
    own, gibbs = parallel_stationary(network, temperature), boltzmann(network, temperature)
    for kernel in allowed_kernels(problem):
        counts = state_counts(final_states(problem, kernel))
        assert chi_square(counts, own) > 1e-4, kernel
        assert chi_square(counts, gibbs) < 1e-4, kernel


@pytest.mark.parametrize("dynamics", ["glauber", "metropolis"])
def test_single_attempts_obey_detailed_balance(network, dynamics):
    weights = boltzmann(network, 0.8)
    for i in range(network.size):
        flow = weights[:, None] * single_site_matrix(network, 0.8, i, dynamics)
        np.testing.assert_allclose(flow, flow.T, atol=1e-15)
    colder = boltzmann(network, 0.7)[:, None] * single_site_matrix(network, 0.8, 0, dynamics)
    assert np.abs(colder - colder.T).max() > 1e-6


@pytest.mark.parametrize("temperature", [0.0, 0.3])
def test_pattern_of_a_single_pattern_network_is_stable_when_cold(temperature):
    network = Hopfield().network(200, n_patterns=1, seed=1)
    problem = problem_of(network, temperature)
    spins = np.repeat(network.patterns, 4, axis=0)
    for kernel in allowed_kernels(problem):
        _, record = run(problem, kernel, spins, 5)
        overlap = record.overlap / 200
        assert (overlap == 1.0).all() if temperature == 0.0 else (overlap > 0.9).all()


def test_energy_never_rises_at_zero_temperature():
    network = Dense(3).network(60, n_patterns=200, seed=2)
    _, record = run(problem_of(network, 0.0), "dense", random_spins(8, 60), 10)
    energies = problem_of(network, 0.0).energies(record)
    assert (np.diff(energies, axis=1) <= 1e-12).all()
    assert energies[:, -1].max() < energies[:, 0].min() + 1.0


MANY_BODIES = [
    (3, False, 150, 200, 0.3),
    (3, True, 70, 900, 0.4),
    (4, False, 64, 3000, 0.3),
    (4, True, 41, 700, 0.3),
    (5, True, 65, 90, 0.4),
    (6, False, 130, 20, 0.35),
    (8, True, 40, 20, 0.3),
]


@pytest.mark.parametrize("dynamics", DYNAMICS)
@pytest.mark.parametrize(("p", "full", "size", "count", "temperature"), MANY_BODIES)
def test_integers_and_floats_give_the_same_run(p, full, size, count, temperature, dynamics):
    network = Dense(p, full).network(size, n_patterns=count, seed=3)
    problem = problem_of(network, temperature, dynamics)
    assert allowed_kernels(problem) == ["slopes", "dense"]
    spins = np.concatenate([network.patterns[:3], random_spins(3, size)])
    reference, expected = run(problem, "dense", spins, 8)
    assert expected.flips.sum() > 0
    states, record = run(problem, "slopes", spins, 8)
    assert (states == reference).all()
    for name in ("overlap", "best", "count", "flips"):
        assert (getattr(record, name) == getattr(expected, name)).all(), name


@pytest.mark.parametrize("dynamics", DYNAMICS)
@pytest.mark.parametrize("limit", [-1, 70_000, 90_000])
def test_integers_widen_when_the_slopes_outgrow_them(monkeypatch, limit, dynamics):
    network = Dense(4).network(70, n_patterns=100, seed=3)
    problem, spins = problem_of(network, 0.3, dynamics), random_spins(7, 70)
    spins[:4] = network.patterns[0]
    reference, expected = run(problem, "slopes", spins, 12)
    monkeypatch.setattr(kernels_slopes, "NARROW_LIMIT", limit)
    states, record = run(problem, "slopes", spins, 12)
    assert (states == reference).all()
    assert (record.count == expected.count).all()


def test_narrow_integers_are_wrong_beyond_their_limit(monkeypatch):
    network = Network(Dense(4), np.ones((5, 2000), np.int8))
    problem, spins = problem_of(network, 1.0), np.ones((2, 2000), np.int8)
    assert problem.slope_tables.largest_slope < 2**31 < 5 * problem.slope_tables.largest_slope
    reference, _ = run(problem, "dense", spins, 3)
    assert (run(problem, "slopes", spins, 3)[0] == reference).all()
    monkeypatch.setattr(kernels_slopes, "NARROW_LIMIT", 2**62)
    assert (run(problem, "slopes", spins, 3)[0] != reference).any()


def test_large_p_runs_without_exact_integers():
    network = Dense(20).network(100, n_patterns=50, seed=2)
    problem, spins = problem_of(network, 0.2), np.repeat(fair_patterns(1, 100, 2), 3, axis=0)
    assert allowed_kernels(problem) == ["dense"]
    states, record = run(problem, "dense", spins, 5)
    energies = problem.energies(record)[:, -1]
    np.testing.assert_allclose(energies, network.energy(states) / 100, rtol=1e-12)


def test_bound_of_the_fields_holds_and_refuses_single_precision_when_it_must():
    fair = Hopfield().network(3000, n_patterns=6000, seed=1)
    assert 3000 * 6000 > 2**24 > largest_integer_field(fair)
    assert "block" in allowed_kernels(problem_of(fair, 0.5))
    same = Network(Hopfield(), np.ones((6000, 3000), np.int8))
    assert largest_integer_field(same) == 3000 * 6000
    assert "block" not in allowed_kernels(problem_of(same, 0.5))
    aligned = np.ones((1, 3000), np.int8)
    states, record = run(problem_of(same, 0.5), "overlaps", aligned, 1)
    assert (states == aligned).all()
    assert record.count[0, 0] == 6000 * 3000 * 2999 / 2


def test_choice_of_kernel_follows_replicas_and_flip_rate():
    problem = problem_of(Hopfield().network(4000, load=0.1, seed=1), 0.5)
    pairwise = ["block", "fields", "overlaps", "dense"]
    assert cheapest_kernel(problem, pairwise, 64, 0.13, 1000) == "block"
    assert cheapest_kernel(problem, pairwise, 64, 0.001, 1000) == "fields"
    assert cheapest_kernel(problem, pairwise, 1, 0.13, 1000) == "overlaps"
    assert cheapest_kernel(problem, pairwise, 64, 0.001, 1) == "block"
    assert cheapest_kernel(problem, pairwise, 64, 0.001, 1, "fields") == "fields"
    close = [
        rate
        for rate in np.linspace(0.01, 0.03, 21)
        if cheapest_kernel(problem, pairwise, 64, rate, 10_000, "fields")
        != cheapest_kernel(problem, pairwise, 64, rate, 10_000, "block")
    ]
    assert close, "where two kernels are about as quick, the one in use stays"


def heat_bath_energies(network, temperature, batch, sweeps=60, replicas=3000):
    """Energies per spin when `batch` spins at a time are drawn in the fields before any of them."""
    rng = np.random.default_rng(12)
    spins = random_spins(replicas, network.size, seed=13)
    for _ in range(sweeps):
        for first in range(0, network.size, batch):
            sites = range(first, min(first + batch, network.size))
            fields = [0.5 * spins[:, i] * network.energy_difference(spins, i) for i in sites]
            for i, field in zip(sites, fields, strict=True):
                up = rng.random(replicas) < 1.0 / (1.0 + np.exp(-2.0 * field / temperature))
                spins[:, i] = np.where(up, 1, -1)
    return network.energy(spins) / network.size


def test_spins_are_drawn_one_after_the_other():
    network = Dense(3).network(10, n_patterns=15, seed=5)
    temperature = natural_temperature(network)
    exact = boltzmann(network, temperature) @ network.energy(all_states(10)) / 10
    states = final_states(problem_of(network, temperature), "slopes", 6000, 60)
    for energies, right in (
        (network.energy(states) / 10, True),
        (heat_bath_energies(network, temperature, 1), True),
        (heat_bath_energies(network, temperature, 3), False),
    ):
        z = (energies.mean() - exact) / (energies.std() / np.sqrt(energies.size))
        assert (abs(z) < 4.0) == right, z


def test_gradient_of_the_full_power_would_hold_every_spin_where_it_is():
    network = Dense(4, self_interaction=True).network(60, n_patterns=4000, seed=6)
    spins = random_spins(10, 60)
    gradient = network.overlaps(spins) ** 3 @ network.patterns
    own = (spins * (gradient - network.local_fields(spins))).mean()
    assert own == pytest.approx(3.0 * network.load * 60, rel=0.05)
    assert own > 5.0 * np.abs(network.local_fields(spins)).mean()


@pytest.mark.parametrize("dynamics", DYNAMICS)
def test_exponential_networks_of_many_patterns(dynamics):
    network = Exponential(1.0).network(12, n_patterns=1000, seed=4)
    problem, spins = problem_of(network, 0.8, dynamics), random_spins(9, 12)
    reference, expected = run(problem, "exponential", spins, 8)
    assert (reference == plain_run(problem, spins, 8)).all()
    for other, record in (
        run(problem, "exponential", spins, 8, threads=2),
        run(problem, "exponential", spins, 8, pieces=3),
    ):
        assert (other == reference).all()
        assert (record.count == expected.count).all()


def test_exponential_networks_do_not_overflow():
    network = Exponential(1e4).network(100, n_patterns=70, seed=4)
    spins = np.tile(network.patterns[0], (3, 1))
    spins[:, :20] *= -1
    states, record = run(problem_of(network, 0.0), "exponential", spins, 3)
    assert (states == network.patterns[0]).all()
    assert record.flips[:, 0].tolist() == [20, 20, 20]
    assert (record.count[:, -1] == 1e6).all()


@pytest.mark.parametrize("sharpness", [1e-3, 0.5, 5.0, 349.9, 350.1, 350.3, 352.0, 400.0])
def test_energy_change_is_that_of_the_reference(sharpness):
    """Histograms of few patterns; λ = 350 is where weights of neighbours are no numbers."""
    rng = np.random.default_rng(5)
    decay, after = np.exp(-2.0 * sharpness * np.arange(13)), np.zeros(13, np.int64)
    seen = set()
    for _ in range(300):
        near = rng.integers(0, 12) + rng.integers(0, 2, size=3)
        differs = rng.random(3) < near / 12
        counts, differing = (np.bincount(part, minlength=13) for part in (near, near[differs]))
        found = energy_change(counts, differing, after, decay, sharpness)
        assert found == pytest.approx(float(flip_change(sharpness, counts, differing)), abs=1e-12)
        seen.add(round(found, 6))
    assert len(seen) > 4


@pytest.mark.parametrize("size", [32_767, 32_768])
def test_distances_of_more_spins_than_short_integers_count(size):
    network = Exponential(1.0).store(np.ones((2, size), np.int8))
    walkers = ExponentialWalkers(problem_of(network, 1.0), -network.patterns[:1], 0)
    assert walkers._distances.tolist() == [[size, size]]
