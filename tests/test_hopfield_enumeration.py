"""Energies of all states against the energy of each."""

import numpy as np
import pytest
from scipy.special import logsumexp

import hopfield
from hopfield import InputError, all_energies, all_states

NETWORKS = {
    "pairs": hopfield.Hopfield().network(13, n_patterns=3, seed=1),
    "blanks": hopfield.Multitasking(0.4).network(9, n_patterns=4, seed=1),
    "many bodies": hopfield.Dense(4, self_interaction=True).network(8, n_patterns=5, seed=2),
    "exponential": hopfield.Exponential(0.7).network(13, n_patterns=400, seed=3),
    "repeated patterns": hopfield.Exponential(0.7).network(5, n_patterns=400, seed=3),
    "one pattern": hopfield.Exponential(2.0).network(7, n_patterns=1, seed=4),
    "sharp": hopfield.Exponential(1e5).network(10, n_patterns=30, seed=5),
    "blunt": hopfield.Exponential(1e-6).network(10, n_patterns=30, seed=5),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_energies_are_those_of_the_states(name):
    network = NETWORKS[name]
    states = all_states(network.size)
    assert states.shape == (2**network.size, network.size)
    expected = network.energy(states)
    np.testing.assert_allclose(all_energies(network), expected, rtol=1e-13, atol=1e-13)
    assert np.ptp(expected) > 0.0  # states in another order have other energies


def test_states_are_numbered_by_their_bits():
    states = all_states(4)
    assert ((states > 0) @ [1, 2, 4, 8]).tolist() == list(range(16))
    assert all_states(20, 7, 9).tolist() == all_states(20, 0, 9)[7:].tolist()


def test_partition_function_on_the_line_where_it_is_no_random_number():
    r"""Z = K (2 cosh λ)^N at T = 1/λ, and at no other temperature."""
    network = hopfield.Exponential(0.6).network(14, n_patterns=900, seed=1)
    energies = all_energies(network)
    exact = np.log(900) + 14 * np.log(2.0 * np.cosh(0.6))
    assert logsumexp(-0.6 * energies) == pytest.approx(exact, rel=1e-13)
    assert logsumexp(-0.7 * energies) != pytest.approx(
        np.log(900) + 14 * np.log(2.0 * np.cosh(0.7)), rel=1e-3
    )


def test_bad_input_is_refused():
    with pytest.raises(InputError, match=r"at most 26 spins, got 27"):
        all_energies(hopfield.Hopfield().network(27, n_patterns=1, seed=0))
    for arguments, words in (((27,), "size .* 27"), ((3, 0, 9), "stop .* 9"), ((3, 5, 4), "first")):
        with pytest.raises(InputError, match=words):
            all_states(*arguments)
