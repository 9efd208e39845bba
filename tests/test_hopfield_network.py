"""Energies, differences and fields of finite networks, and their symmetries."""

import numpy as np
import pytest
from exact import all_states
from hypothesis import given
from hypothesis import strategies as st
from small import MODELS, small_network

from hopfield import Dense, Hopfield, InputError, Network
from hopfield.weighted import WeightedNetwork

models = st.sampled_from(MODELS)
dilutions = st.sampled_from([0.0, 0.4])
seeds = st.integers(0, 10**6)
signs = st.lists(st.sampled_from([-1, 1]), min_size=8, max_size=8).map(np.array)


def close(energies):
    """Equal within rounding, relative to the size of the network."""
    return pytest.approx(energies, rel=1e-12, abs=1e-12)


def test_energy_difference_is_the_difference_of_energies(network, states):
    for i in range(network.size):
        flipped = states.copy()
        flipped[:, i] *= -1
        expected = network.energy(flipped) - network.energy(states)
        assert network.energy_difference(states, i) == close(expected)


def test_local_fields_do_not_depend_on_the_own_spin(network, states):
    fields = network.local_fields(states)
    for i in range(network.size):
        flipped = states.copy()
        flipped[:, i] *= -1
        assert network.local_fields(flipped)[:, i] == close(fields[:, i])


def test_local_fields_depend_on_the_other_spins(network, states):
    flipped = states.copy()
    flipped[:, 0] *= -1
    change = network.local_fields(flipped)[:, 1:] - network.local_fields(states)[:, 1:]
    assert np.abs(change).max() > 1e-3


def test_local_fields_are_half_the_cost_of_a_flip(network, states):
    differences = [network.energy_difference(states, i) for i in range(network.size)]
    assert 2.0 * states * network.local_fields(states) == close(np.stack(differences, axis=-1))


def test_local_fields_of_pair_couplings_are_hebbian(states):
    network = small_network(Hopfield())
    couplings = network.patterns.T.astype(float) @ network.patterns / 8
    np.fill_diagonal(couplings, 0.0)
    assert network.local_fields(states) == close(states @ couplings)


def test_overlaps_are_scalar_products(network, states):
    sums = network.overlap_sums(states)
    assert sums.dtype == np.int64
    assert (sums == states.astype(int) @ network.patterns.T.astype(int)).all()
    unit = network.model.effective_unit if isinstance(network, WeightedNetwork) else 1.0
    assert network.overlaps(states) == close(sums * unit / network.size)


def test_many_patterns_are_taken_in_parts():
    network = Hopfield().network(30, n_patterns=2500, seed=3)
    expected = network.patterns.astype(int) @ network.patterns[7]
    assert (network.overlap_sums(network.patterns[7]) == expected).all()


def test_one_state_and_many_give_the_same(network, states):
    cube = states[:6].reshape(2, 3, 8)
    energies, fields = network.energy(cube), network.local_fields(cube)
    assert energies.shape == (2, 3)
    assert fields.shape == (2, 3, 8)
    assert energies[1, 2] == close(float(network.energy(states[5])))
    assert network.energy_difference(cube, 4)[1, 2] == close(
        float(network.energy_difference(states[5], 4))
    )


def test_theory_leaves_out_the_mean_energy_of_high_even_powers_alone(network):
    mean = network.energy(all_states(network.size)).mean()
    model = network.model
    if model.self_interaction and model.interaction_order == 4:
        assert network.energy_offset == pytest.approx(mean, rel=1e-12)
        assert mean < -0.1
    else:
        assert network.energy_offset == 0.0
    assert (abs(mean) > 1e-9) == (model.self_interaction and model.interaction_order % 2 == 0)


@pytest.mark.parametrize("dilution", [0.0, 0.4])
@pytest.mark.parametrize("p", [6, 8])
def test_offset_of_higher_powers_is_the_mean_over_all_states(p, dilution):
    network = small_network(Dense(p, self_interaction=True), dilution)
    mean = network.energy(all_states(network.size)).mean()
    assert network.energy_offset == pytest.approx(mean, rel=1e-12)
    assert small_network(Dense(p), dilution).energy_offset == 0.0


def test_offset_of_four_spins_grows_with_the_size():
    for size in (50, 100, 200):
        network = Dense(4, self_interaction=True).network(size, n_patterns=3, seed=1)
        expected = -network.load / 4.0 * (3 * size - 2)
        assert network.energy_offset / size == pytest.approx(expected, rel=1e-12)


def test_offset_is_a_constant_of_the_patterns_that_the_energy_keeps(states):
    network = small_network(Dense(4, self_interaction=True), 0.4)
    expected = -8.0 / 4.0 * (network.overlaps(states) ** 4).sum(axis=-1)
    assert network.energy(states) == close(expected)


@given(models, dilutions, seeds, signs)
def test_flip_of_all_spins(model, dilution, seed, spins):
    network = small_network(model, dilution, seed=seed)
    assert network.energy(-spins) == close((-1) ** model.p * network.energy(spins))


@given(models, dilutions, seeds, signs, signs)
def test_gauge_symmetry(model, dilution, seed, spins, gauge):
    network = small_network(model, dilution, seed=seed)
    turned = Network(model, network.patterns * gauge)
    assert turned.energy(spins * gauge) == close(network.energy(spins))
    assert turned.local_fields(spins * gauge) == close(gauge * network.local_fields(spins))


@given(models, dilutions, seeds, signs, st.permutations(range(8)))
def test_order_of_the_spins_is_a_name(model, dilution, seed, spins, order):
    network = small_network(model, dilution, seed=seed)
    renamed = Network(model, network.patterns[:, order])
    assert renamed.energy(spins[order]) == close(network.energy(spins))


def test_properties():
    network = Network(Hopfield(), [[1, -1, 0, 1, 1], [1, 1, 1, 1, 1]])
    assert (network.n_patterns, network.size, network.load) == (2, 5, 0.4)
    assert network.filled.tolist() == [4, 5]
    assert network.patterns.dtype == np.int8


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        ([1, -1], r"shape \(K >= 1, N >= 2\), got \(2,\)"),
        ([[1], [1]], r"shape \(K >= 1, N >= 2\), got \(2, 1\)"),
        (np.empty((0, 5)), r"got \(0, 5\)"),
        ([[1, 2]], "entries -1, 0 or"),
        ([[1.0, 0.5]], "entries -1, 0 or"),
        ([[1.0, np.nan]], "entries -1, 0 or"),
        ([["a", "b"]], "entries -1, 0 or"),
        ([[True, False]], "entries -1, 0 or"),
    ],
)
def test_bad_patterns_are_refused(patterns, message):
    with pytest.raises(InputError, match=message):
        Network(Hopfield(), patterns)


@pytest.mark.parametrize(
    ("spins", "message"),
    [
        ([1, 1, 1], r"shape \(\.\.\., 4\), got \(3,\)"),
        (1, r"shape \(\.\.\., 4\), got \(\)"),
        ([[1], [1], [1], [1]], r"got \(4, 1\)"),
        ([1, 1, 1, 0], r"entries \+1 or -1"),
        ([1, 1, 1, 3], r"entries \+1 or -1"),
        ([1.0, 1.0, 1.0, np.nan], r"entries \+1 or -1"),
        (["a", "b", "c", "d"], r"entries \+1 or -1"),
        ([1j, 1, 1, 1], r"entries \+1 or -1"),
        ([True, True, True, True], r"entries \+1 or -1"),
    ],
)
@pytest.mark.parametrize("method", ["energy", "overlaps", "local_fields"])
def test_bad_spins_are_refused(method, spins, message):
    network = Hopfield().network(4, n_patterns=1, seed=0)
    with pytest.raises(InputError, match=message):
        getattr(network, method)(spins)


@pytest.mark.parametrize("i", [-1, 4, 1.0, None])
def test_bad_sites_are_refused(i):
    network = Hopfield().network(4, n_patterns=1, seed=0)
    with pytest.raises(InputError, match="i must be an integer >= 0 and <= 3"):
        network.energy_difference([1, 1, 1, 1], i)
