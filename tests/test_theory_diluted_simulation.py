"""One update, and equilibrium, of networks of diluted patterns against simulation."""

import numpy as np
import pytest
from scipy.special import erfc

import hopfield
import montecarlo
import theory

SIZE, LOAD, NETWORKS = 1000, 0.3, 100
MODELS = [
    hopfield.Multitasking(0.4),
    hopfield.Supervised(2, 0.8, 4, dilution=0.3),
    hopfield.Unsupervised(2, 0.8, 4, dilution=0.3),
]


def unstable_bits(model, seed):
    """Part of the filled entries with a field against them, where blank spins are fair."""
    network = model.network(size=SIZE, load=LOAD, seed=seed)
    archetype = network.archetypes[0]
    fair = np.random.default_rng(seed).choice(np.array([-1, 1], dtype=np.int8), SIZE)
    fields = fields_of(network, np.where(archetype != 0, archetype, fair))
    gains = (fields * archetype)[archetype != 0]
    return np.mean(gains < 0.0) + np.mean(gains == 0.0) / 2


def fields_of(network, spins):
    """Local fields up to a factor, from couplings without a diagonal."""
    taught = isinstance(network.model, hopfield.Supervised)
    rows = network.effective_sums() if taught else network.patterns
    rows = rows.astype(np.float64)
    return rows.T @ (rows @ spins) - (rows**2).sum(axis=0) * spins


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_fields_are_those_of_the_energy(model):
    network = model.network(size=40, load=LOAD, seed=1)
    spins = np.random.default_rng(1).choice(np.array([-1, 1], dtype=np.int8), 40)
    ours, theirs = fields_of(network, spins), network.local_fields(spins)
    np.testing.assert_allclose(ours, (ours @ theirs) / (theirs @ theirs) * theirs, atol=1e-10)


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_part_of_unstable_bits(model):
    """As without dilution: the field and the width of its noise are 1 - d times as large."""
    parts = np.array([unstable_bits(model, seed) for seed in range(NETWORKS)])
    mean, error = parts.mean(), parts.std(ddof=1) / np.sqrt(NETWORKS)
    load = (SIZE * LOAD - 1) / (SIZE - 1)  # of the other patterns and spins
    assert error < 0.03 * mean
    assert abs(mean - theory.bit_error(model, load).bit_error.item()) < 4 * error
    # noise of α (1-d), as if spins had a crosstalk where they are blank
    wrong = theory.bit_error(model, load / (1 - model.dilution)).bit_error.item()
    assert abs(mean - wrong) > 10 * error


def test_bits_of_diluted_patterns_are_as_stable_as_others():
    load = np.array([0.0, 0.01, 0.3])
    expected = np.append(0.0, erfc(1 / np.sqrt(2 * load[1:])) / 2)
    for model in (MODELS[0], hopfield.Hopfield()):
        assert theory.bit_error(model, load).bit_error.values == pytest.approx(expected, rel=1e-13)
        number = theory.stable_patterns(model, 1000).n_patterns.item()
        assert number == pytest.approx(1000 / (2 * np.log(1000)), rel=1e-14)
    for model in MODELS[1:]:
        full = type(model)(2, model.quality, model.examples)
        ours, theirs = (theory.bit_error(x, load).bit_error for x in (model, full))
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("name", ["overlap", "energy"])
def test_equilibrium(name):
    """Eight pattern sets started in a pattern; theory at another dilution is told apart."""
    model, load, temperature = hopfield.Multitasking(0.2), 0.015, 0.3
    means = []
    for seed in range(8):
        network = model.network(size=2000, load=load, seed=seed)
        run = montecarlo.sample(
            network, temperature, sweeps=200, burn_in=100, replicas=8, start="pattern", seed=seed
        )
        means.append(run[name].mean().item())
    mean, error = np.mean(means), np.std(means, ddof=1) / np.sqrt(len(means))

    def deviation(dilution):
        expected = theory.solve(hopfield.Multitasking(dilution), load, temperature)[name].item()
        return abs(mean - expected) / error

    assert deviation(0.2) < 4.0
    assert deviation(0.25) > 6.0
