"""Checks of the enumeration that samplers are tested against."""

import numpy as np
import pytest
from exact import (
    all_states,
    boltzmann,
    chi_square,
    parallel_matrix,
    parallel_stationary,
    single_site_matrix,
    state_counts,
    state_index,
    stationary,
)
from small import small_network

from hopfield import Dense, Hopfield


def test_all_states_are_different_and_know_their_index():
    states = all_states(6)
    assert states.dtype == np.int8
    assert len({tuple(state) for state in states}) == 64
    assert set(states.flat) == {-1, 1}
    assert (state_index(states) == np.arange(64)).all()
    assert state_counts(states[[3, 3, 60]])[[3, 60]].tolist() == [2, 1]


def test_boltzmann_of_two_spins():
    network = small_network(Hopfield(), size=2, n_patterns=1)
    aligned = np.exp(0.5 / 0.7) / (2.0 * np.exp(0.5 / 0.7) + 2.0 * np.exp(-0.5 / 0.7))
    overlap = network.overlaps(all_states(2))[:, 0]
    expected = np.where(np.abs(overlap) == 1.0, aligned, 0.5 - aligned)
    assert boltzmann(network, 0.7) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("dynamics", ["glauber", "metropolis"])
def test_single_site_moves_obey_detailed_balance(network, dynamics):
    for i in range(network.size):
        matrix = single_site_matrix(network, 0.8, i, dynamics)
        assert matrix.sum(axis=1) == pytest.approx(1.0)
        flow = boltzmann(network, 0.8)[:, None] * matrix
        assert np.abs(flow - flow.T).max() < 1e-14
        wrong = boltzmann(network, 0.9)[:, None] * matrix
        flipped = np.abs(network.energy_difference(all_states(network.size), i)).max() > 0.0
        assert (np.abs(wrong - wrong.T).max() > 1e-6) == flipped


def test_glauber_moves_do_not_remember_the_spin():
    network = small_network(Dense(3))
    matrix = single_site_matrix(network, 0.5, 2, "glauber")
    here = np.arange(256)
    assert matrix[here, here] == pytest.approx(matrix[here ^ 4, here])


def test_stationary_distribution_of_random_sites_is_boltzmann(network):
    moves = [single_site_matrix(network, 0.6, i, "metropolis") for i in range(network.size)]
    assert stationary(np.mean(moves, axis=0)) == pytest.approx(boltzmann(network, 0.6), rel=1e-9)


def test_parallel_stationary_is_left_unchanged_by_a_step(network):
    matrix = parallel_matrix(network, 0.7)
    assert matrix.sum(axis=1) == pytest.approx(1.0)
    distribution = parallel_stationary(network, 0.7)
    assert distribution @ matrix == pytest.approx(distribution, rel=1e-10)
    assert distribution.sum() == pytest.approx(1.0)


def test_parallel_stationary_of_pair_couplings_is_known():
    # P. Peretto, Biol. Cybern. 50, 51 (1984): P(s) ~ prod_i 2 cosh(h_i(s)/T), not Boltzmann.
    network = small_network(Hopfield())
    fields = network.local_fields(all_states(8))
    weights = np.cosh(fields / 0.7).prod(axis=1)
    assert parallel_stationary(network, 0.7) == pytest.approx(weights / weights.sum(), rel=1e-9)
    assert np.abs(boltzmann(network, 0.7) - weights / weights.sum()).max() > 1e-3


def test_chi_square_of_right_and_wrong_distributions():
    network = small_network(Dense(3))
    right, wrong = boltzmann(network, 0.7), boltzmann(network, 0.8)
    draws = np.random.default_rng(19).multinomial(20000, right, size=300)
    values = np.array([chi_square(counts, right) for counts in draws])
    assert abs(values.mean() - 0.5) < 4.0 * np.sqrt(1.0 / 12.0 / 300)
    assert max(chi_square(counts, wrong) for counts in draws) < 1e-4


def test_chi_square_merges_the_bins_of_small_expectation():
    # Expectations 50, 44, 3, 3: the last two are one bin, and one degree of freedom fewer.
    value = chi_square([52, 40, 8, 0], [0.5, 0.44, 0.03, 0.03])
    assert value == pytest.approx(chi_square([52, 40, 8], [0.5, 0.44, 0.06]))
    # Expectations 60, 38, 2: the last is merged with the next.
    value = chi_square([55, 40, 5], [0.6, 0.38, 0.02])
    assert value == pytest.approx(chi_square([55, 45], [0.6, 0.4]))


def test_chi_square_refuses_what_it_cannot_test():
    assert chi_square([50, 49, 1], [0.5, 0.5, 0.0]) == 0.0
    with pytest.raises(ValueError, match="too few draws"):
        chi_square([1, 2], [0.5, 0.5])
    with pytest.raises(ValueError, match="sum to 1"):
        chi_square([10, 20], [0.5, 0.6])
