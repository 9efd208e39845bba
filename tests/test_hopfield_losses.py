"""Losses of reconstruction: what they are, and the energies and overlaps that they hold."""

import numpy as np
import pytest
from small import LEARNERS, MODELS, small_network

from hopfield import (
    Dense,
    InputError,
    Multitasking,
    Network,
    Supervised,
    Unsupervised,
    fair_patterns,
)
from hopfield.losses import (
    autoencoder_loss,
    effective_patterns,
    energy_from_losses,
    reconstruction_losses,
    stored_patterns,
)

EXACT = {"rtol": 1e-12, "atol": 1e-12}


def random_states(size, count=30, seed=5):
    return np.random.default_rng(seed).choice(np.array([-1, 1], np.int8), size=(count, size))


def real_patterns(count=4, size=30, seed=6):
    return np.random.default_rng(seed).normal(size=(count, size))


def full_power(network, spins):
    """Energy per spin with self-interaction, written with overlaps."""
    v, p = stored_patterns(network), network.model.interaction_order
    share = 1.0
    if isinstance(network.model, Unsupervised):
        r, m = network.model.quality, network.model.examples
        share = 1.0 / (m * (r**2 + (1 - r**2) / m) ** (p / 2))
    return -share / p * ((spins @ v.T / network.size) ** p).sum(axis=-1)


# Losses


def test_losses_are_distances():
    patterns, states = real_patterns(), random_states(30)
    found = reconstruction_losses(patterns, states)
    for mu, v in enumerate(patterns):
        for a, s in enumerate(states):
            assert found.minus[a, mu] == pytest.approx(np.linalg.norm(v - s) ** 2 / 60, rel=1e-13)
            assert found.plus[a, mu] == pytest.approx(np.linalg.norm(v + s) ** 2 / 60, rel=1e-13)


@pytest.mark.parametrize("p", [1, 2, 3, 4, 5, 6])
def test_powers_of_overlaps_from_losses(p):
    patterns, states = real_patterns(), random_states(30)
    found = reconstruction_losses(patterns, states)
    overlaps = states @ patterns.T / 30
    np.testing.assert_allclose(found.overlaps, overlaps, **EXACT)
    np.testing.assert_allclose(found.overlap_power(p), overlaps**p, **EXACT)
    np.testing.assert_allclose((found.plus - found.minus) / 2, overlaps, **EXACT)
    # a norm of 1 in place of that of the patterns is seen
    assert np.abs(1.0 - found.minus - overlaps).max() > 1e-2


def test_even_powers_do_not_tell_a_pattern_from_its_opposite():
    patterns, states = real_patterns(), random_states(30)
    one, other = (reconstruction_losses(sign * patterns, states) for sign in (1, -1))
    np.testing.assert_allclose(one.overlap_power(4), other.overlap_power(4), **EXACT)
    np.testing.assert_allclose(one.overlap_power(3), -other.overlap_power(3), **EXACT)
    assert np.abs(one.overlap_power(3) - other.overlap_power(3)).max() > 1e-2


def test_loss_of_an_archetype_counts_wrong_spins():
    archetype = fair_patterns(1, 50, seed=1)
    state = archetype[0].copy()
    state[:7] *= -1
    found = reconstruction_losses(archetype, state)
    assert found.minus.item() == pytest.approx(2 * 7 / 50)
    assert found.plus.item() == pytest.approx(2 * 43 / 50)


def test_mean_loss_of_examples_is_least_at_their_majority():
    network = Unsupervised(2, 0.3, 7).network(size=9, n_patterns=1, seed=2)
    states = np.array(np.meshgrid(*[[-1, 1]] * 9)).reshape(9, -1).T
    mean = reconstruction_losses(network.patterns, states).minus.mean(axis=-1)
    best = states[mean.argmin()]
    assert (best == np.sign(network.patterns.sum(axis=0))).all()
    assert (best != network.archetypes[0]).any()  # few bad examples: the archetype is missed
    r = network.model.quality
    root = np.sqrt(r**2 + (1 - r**2) / 7)
    np.testing.assert_allclose(1 - mean, root * network.effective_overlaps(states)[:, 0], **EXACT)


# Energies


@pytest.mark.parametrize("model", [*MODELS, *LEARNERS], ids=str)
def test_energy_is_a_function_of_losses(model):
    network = small_network(model, 0.0, size=12, n_patterns=3)
    states = random_states(12)
    np.testing.assert_allclose(energy_from_losses(network, states), network.energy(states), **EXACT)


@pytest.mark.parametrize("model", MODELS, ids=str)
def test_energy_is_a_function_of_losses_with_blanks(model):
    network = small_network(model, 0.4, size=12)
    states = random_states(12)
    assert (network.filled < 12).any()
    np.testing.assert_allclose(energy_from_losses(network, states), network.energy(states), **EXACT)


PAIRS = [
    kind(2, 0.5, 9, dilution) for kind in (Supervised, Unsupervised) for dilution in (0.0, 0.3)
]


@pytest.mark.parametrize("model", [*PAIRS, Multitasking(0.3)], ids=str)
def test_pair_energy_from_products_of_losses(model):
    network, states = model.network(size=40, n_patterns=3, seed=4), random_states(40)
    found = reconstruction_losses(stored_patterns(network), states)
    squares = ((1 + found.norm) / 2) ** 2 - found.plus * found.minus
    share = full_share(model) if isinstance(model, Unsupervised) else 1.0
    energy = -share / 2 * squares.sum(axis=-1)
    np.testing.assert_allclose(energy, full_power(network, states), **EXACT)
    without = energy + share * found.norm.sum() / (2 * 40)
    np.testing.assert_allclose(without, network.energy(states) / 40, **EXACT)
    assert np.abs(energy - network.energy(states) / 40).min() > 1e-2


def full_share(model):
    r, m = model.quality, model.examples
    return 1.0 / (m * (r**2 + (1 - r**2) / m) ** (model.p / 2))


@pytest.mark.parametrize("model", [Supervised(3, 0.5, 9), Unsupervised(3, 0.5, 9)], ids=str)
def test_what_three_spins_leave_out_with_self_interaction(model):
    network, states = model.network(size=40, n_patterns=3, seed=4), random_states(40)
    v = stored_patterns(network)
    found = reconstruction_losses(v, states)
    cubes = states @ (v**3).T / 40
    share = 1.0 if isinstance(model, Supervised) else full_share(model)
    correction = share / 40 * (found.norm * found.overlaps - 2 / (3 * 40) * cubes).sum(axis=-1)
    expected = network.energy(states) / 40
    np.testing.assert_allclose(full_power(network, states) + correction, expected, **EXACT)


# The autoencoder


@pytest.mark.parametrize(
    "model",
    [Dense(2), Supervised(3, 0.5, 9), Unsupervised(2, 0.5, 9), *PAIRS[1::2], Multitasking(0.3)],
    ids=str,
)
def test_autoencoder_loss_from_overlaps(model):
    network, states = model.network(size=40, n_patterns=3, seed=4), random_states(40)
    for v in (stored_patterns(network), effective_patterns(network), network.archetypes):
        m, correlation = states @ v.T / 40, v @ v.T.astype(float) / 40
        quadratic = np.einsum("am,mn,an->a", m, correlation, m)
        loss = autoencoder_loss(v, states)
        np.testing.assert_allclose(loss, 0.5 - (m**2).sum(axis=1) + quadratic / 2, **EXACT)
        # one half plus the energy is another number, by what the correlations are
        energy = 0.5 - (m**2).sum(axis=1) / 2
        excess = np.einsum("am,mn,an->a", m, correlation - np.eye(len(v)), m) / 2
        np.testing.assert_allclose(loss - energy, excess, **EXACT)
        assert np.abs(excess).max() > 1e-3


def test_autoencoder_loss_is_the_energy_of_orthonormal_patterns():
    hadamard = np.array([[1]])
    for _ in range(4):
        hadamard = np.block([[hadamard, hadamard], [hadamard, -hadamard]])
    network, states = Network(Dense(2, self_interaction=True), hadamard[3:8]), random_states(16)
    expected = 0.5 + network.energy(states) / 16
    np.testing.assert_allclose(autoencoder_loss(network.patterns, states), expected, **EXACT)


def test_autoencoder_loss_of_many_diluted_entries_is_the_energy():
    """Up to overlaps between patterns, which vanish as the square root of the size."""
    rest = []
    for size in (1_000, 100_000):
        network = Multitasking(0.4).network(size, n_patterns=3, seed=7)
        states = np.where(network.patterns == 0, 1, network.patterns)
        m = network.overlaps(states)
        change = autoencoder_loss(network.patterns, states) - 0.5 + 0.7 * (m**2).sum(axis=1)
        rest.append(np.abs(change).max() * np.sqrt(size))
        wrong = autoencoder_loss(network.patterns, states) - 0.5 + 0.5 * (m**2).sum(axis=1)
        assert np.abs(wrong).min() > 0.05  # without blanks this would vanish
    assert max(rest) < 1.0


def test_loss_of_blank_entries_counts_halves():
    pattern, state = np.array([[1, -1, 0, 0]]), [1, 1, 1, -1]
    found = reconstruction_losses(pattern, state)
    assert found.norm.item() == 0.5
    assert found.minus.item() == (4 + 1 + 1) / 8
    assert found.plus.item() == (4 + 1 + 1) / 8
    assert found.overlaps.item() == 0.0


# Patterns of networks


def test_effective_patterns_are_the_same_with_and_without_a_teacher():
    one, other = (
        model(2, 0.5, 9).network(size=40, n_patterns=3, seed=4)
        for model in (Supervised, Unsupervised)
    )
    assert (effective_patterns(one) == effective_patterns(other)).all()
    assert (effective_patterns(one) == stored_patterns(one)).all()
    assert (stored_patterns(other) == other.patterns).all()
    plain = Dense(3).network(size=40, n_patterns=3, seed=4)
    assert (effective_patterns(plain) == plain.patterns).all()


@pytest.mark.parametrize(
    ("patterns", "spins", "message"),
    [
        ([1, 1], [1, 1], r"patterns must be finite numbers of shape \(K, N\), got shape \(2,\)"),
        ([[1.0, np.inf]], [1, 1], "patterns must be finite numbers"),
        ([["a", "b"]], [1, 1], "patterns must be finite numbers"),
        ([[1, 1]], [1, 1, 1], r"spins must have shape \(..., 2\), got \(3,\)"),
        ([[1, 1]], [1, 0], r"spins must have entries \+1 or -1"),
    ],
)
def test_bad_input(patterns, spins, message):
    for function in (reconstruction_losses, autoencoder_loss):
        with pytest.raises(InputError, match=message):
            function(patterns, spins)
    with pytest.raises(InputError, match="p must be an integer >= 1, got 0"):
        reconstruction_losses([[1, 1]], [1, 1]).overlap_power(0)
