"""Theory for the very entries a network has learned, and what comparing with it is worth."""

import numpy as np
import pytest

import theory
from hopfield import Hopfield, Multitasking, Supervised, Unsupervised
from hopfield.network import Network
from hopfield.weighted import WeightedNetwork
from studies import compare_points
from studies.entries import entry_shifts, signal_of_network
from theory.signal import PATTERN, signal_of


def exact_frequencies(model, size):
    """Network of one pattern whose entries are as frequent as they are probable, up to 1/N."""
    if isinstance(model, Multitasking):
        filled = round(size * (1.0 - model.dilution))
        return Network(model, [[1] * filled + [0] * (size - filled)])
    law = signal_of(model.quality, model.examples)
    entries = np.rint(np.array(law.values) / model.effective_unit).astype(int)
    right = (np.array(law.weights) + law.signs) / 2.0
    parts = np.concatenate([right, np.array(law.weights) - right]) * (1.0 - model.dilution)
    sums = np.repeat(np.concatenate([entries, -entries]), np.rint(size * parts).astype(int))
    sums = np.append(sums, np.zeros(round(size * model.dilution))).astype(np.int16)
    archetype = (np.arange(sums.size) < sums.size * (1.0 - model.dilution)).astype(np.int8)
    if isinstance(model, Supervised):
        return WeightedNetwork(model, sums[None], archetypes=archetype[None])
    rows = np.where(np.arange(model.examples)[:, None] < (model.examples + sums) // 2, 1, -1)
    return Network(model, rows * archetype, archetypes=archetype[None])


@pytest.mark.parametrize(
    ("model", "load"),
    [
        (Supervised(2, 0.6, 5), 0.015), (Supervised(3, 0.6, 5), 0.02),
        (Unsupervised(2, 0.6, 5), 0.015), (Unsupervised(3, 0.6, 5), 0.02),
        (Supervised(2, 0.7, 5, 0.25), 0.005), (Unsupervised(2, 0.7, 5, 0.25), 0.005),
        (Multitasking(0.25), 0.015),
    ],
)  # fmt: skip
def test_probable_entries_shift_nothing(model, load):
    network = exact_frequencies(model, 200_000)
    for value in entry_shifts(model, network, load, 0.1).values():
        assert abs(value) < 2e-5
    few = model.network(100, n_patterns=1, seed=1)
    assert max(map(abs, entry_shifts(model, few, load, 0.1).values())) > 1e-3


def test_frequencies_of_entries():
    model = Supervised(2, 0.5, 3)
    sums = np.array([[3, -1, 1, 1]], np.int16)
    network = WeightedNetwork(model, sums, archetypes=np.array([[1, 1, 1, -1]]))
    signal = signal_of_network(network)
    assert signal.values == (model.effective_unit, 3 * model.effective_unit)
    assert signal.weights == (0.75, 0.25)
    assert signal.signs == (-0.25, 0.25)
    assert signal.dilution == 0.0


def test_frequencies_of_blank_entries():
    model = Supervised(2, 0.5, 2, 0.4)
    sums = np.array([[2, 0, 0, -2, 0]], np.int16)
    network = WeightedNetwork(model, sums, archetypes=np.array([[1, 0, 1, 1, -1]]))
    signal = signal_of_network(network)
    assert signal.values == (0.0, 2 * model.effective_unit)
    assert signal.weights == (0.5, 0.5)
    assert signal.signs == (0.0, 0.0)
    assert signal.dilution == pytest.approx(0.2)
    diluted = signal_of_network(Network(Multitasking(0.4), [[1, -1, 0, 0, 1]]))
    assert diluted == PATTERN.diluted(0.4)


def test_shift_is_that_of_the_equations():
    model = Supervised(2, 0.6, 20)
    network = model.network(500, n_patterns=1, seed=3)
    shifts = entry_shifts(model, network, 0.015, 0.2)
    x = network.effective_sums()[0] * network.archetypes[0] * model.effective_unit
    law = theory.solve(model, 0.015, 0.2)
    n = law.effective_overlap.item() + shifts["effective_overlap"]
    q = law.self_overlap.item() + shifts["self_overlap"]
    width = np.sqrt(0.015 * q) / (1.0 - (1.0 - q) / 0.2)
    z, weights = np.polynomial.hermite_e.hermegauss(120)
    tanh = np.tanh((n * x[:, None] + width * z) / 0.2) @ (weights / weights.sum())
    assert (x * tanh).mean() == pytest.approx(n, abs=1e-6)
    assert tanh.mean() == pytest.approx(law.overlap.item() + shifts["overlap"], abs=1e-6)


def test_nothing_is_shifted_where_nothing_is_retrieved():
    model = Supervised(2, 0.6, 5)
    network = model.network(100, n_patterns=1, seed=3)
    assert set(entry_shifts(model, network, 0.03, 1.5).values()) == {0.0}


@pytest.mark.parametrize(
    ("model", "names"),
    [
        (Supervised(2, 0.6, 20), ("effective_overlap", "energy")),
        (Multitasking(0.2), ("overlap", "energy")),
        (Supervised(2, 0.8, 20, 0.2), ("overlap", "effective_overlap", "energy")),
    ],
)
def test_comparison_with_its_own_entries_has_smaller_errors(monkeypatch, model, names):
    options = {"size": [500, 1000], "disorder": 24, "sweeps": 40, "replicas": 4}
    load = 0.02 if model.dilution == 0.0 else 0.01
    with_entries = compare_points(model, load, 0.2, **options)
    monkeypatch.setattr("studies.simulation.entry_shifts", lambda *_: {})
    plain = compare_points(model, load, 0.2, **options)
    for name in names:
        assert (with_entries[f"{name}_stderr"] < 0.6 * plain[f"{name}_stderr"]).all(), name
        difference = np.abs(with_entries[name] - plain[name])
        assert (difference < 4.0 * plain[f"{name}_stderr"]).all(), name
        assert abs(with_entries[f"{name}_z"].item()) < 4.0, name


def test_stored_patterns_have_no_entries_of_their_own():
    found = compare_points(Hopfield(), 0.02, 0.2, size=100, disorder=2, sweeps=5, replicas=2)
    assert "effective_overlap" not in found
