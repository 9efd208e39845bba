"""Saddle points with and without a teacher: every example has an overlap of its own."""

import itertools
import math

import numpy as np
import pytest

import hopfield
import montecarlo
import theory
from hopfield import InputError
from theory.multitasking.teacher import example_state


def all_columns(n_patterns, examples, quality, dilution):
    """All columns of examples, shape (columns, K M), with their probabilities."""
    one = [((0,) * examples, dilution)]
    for signs in itertools.product((-1, 1), repeat=examples):
        right = signs.count(1)
        weight = (1 + quality) ** right * (1 - quality) ** (examples - right)
        weight += (1 - quality) ** right * (1 + quality) ** (examples - right)
        one.append((signs, (1 - dilution) * weight / 2 ** (examples + 1)))
    rows, weights = [], []
    for parts in itertools.product(one, repeat=n_patterns):
        rows.append(sum((part[0] for part in parts), ()))
        weights.append(math.prod(part[1] for part in parts))
    return np.array(rows, dtype=float), np.array(weights)


def variance(quality, examples):
    return quality**2 + (1 - quality**2) / examples


def free_energy(m, columns, weights, share, temperature):
    fields = share * columns @ m / temperature
    return share * m @ m / 2 - temperature * weights @ np.logaddexp(fields, -fields)


def curvature(m, columns, weights, share, temperature):
    """Hessian by overlaps in units in which it is 1 at high temperature."""
    slope = (1 - np.tanh(share * columns @ m / temperature) ** 2) / temperature
    return np.eye(m.size) - share * np.einsum("c,ca,cb->ab", weights * slope, columns, columns)


def descended(m, columns, weights, share, temperature):
    for _ in range(3000):
        m = (weights * np.tanh(share * columns @ m / temperature)) @ columns
    return m


CASES = [
    (1, 4, 0.3, 0.2, 0.2, False),
    (2, 3, 0.5, 0.3, 0.1, True),
    (2, 4, 0.5, 0.3, 0.03, False),
    (2, 3, 0.9, 0.5, 0.05, True),
]


@pytest.mark.parametrize(("count", "examples", "r", "d", "t", "stable"), CASES)
def test_every_example_on_its_own(count, examples, r, d, t, stable):
    """Brute force over all K M overlaps: same saddle, energy and overlaps; other directions."""
    columns, weights = all_columns(count, examples, r, d)
    share = 1 / (examples * variance(r, examples))
    n = np.zeros((2, count))
    for i, kind in enumerate((hopfield.Supervised, hopfield.Unsupervised)):
        found = theory.retrieval_states(
            kind(2, r, examples, dilution=d), count, t, states=["hierarchical"]
        ).isel(state=0)
        n[i] = found.effective_overlap
    np.testing.assert_allclose(n[0], n[1], rtol=1e-12)
    assert found.status == "converged"
    m = np.repeat(n[0], examples) * math.sqrt(variance(r, examples))
    pulled = (weights * np.tanh(share * columns @ m / t)) @ columns
    np.testing.assert_allclose(pulled, m, atol=1e-9)
    at = free_energy(m, columns, weights, share, t)
    assert at == pytest.approx(found.free_energy.item(), abs=1e-10)
    eigenvalues = np.linalg.eigvalsh(curvature(m, columns, weights, share, t))
    between = found.eigenvalue_between_examples.item()
    lowest = min(between, found.eigenvalue.min().item())
    assert eigenvalues[0] == pytest.approx(lowest, abs=1e-8)
    assert found.stable.item()
    assert (between > 0) == stable
    # a push in an unstable direction leads elsewhere, to a lower free energy
    push = 1e-3 * np.random.default_rng(3).normal(size=m.size)
    end = descended(m + push, columns, weights, share, t)
    assert (np.abs(end - m).max() < 1e-6) == stable
    assert (free_energy(end, columns, weights, share, t) < at - 1e-6) == (not stable)


# Single examples


@pytest.mark.parametrize("temperature", [0.1, 0.3, 0.5])
def test_limit_of_poor_examples(temperature):
    root = math.sqrt(1 - temperature)
    limit = root / temperature / math.atanh(root) - 1
    model = hopfield.Unsupervised(2, 0.5, 2)
    quality = np.array([0.04, 0.02, 0.01])
    found = theory.example_threshold(model, quality=quality, temperature=temperature)
    left = 1 - found.examples * quality**2 / limit
    assert (left > 0).all()
    assert (left.diff("quality") < 0).all()
    assert left[-1] < 0.16


def test_without_temperature_the_power_is_another():
    found = theory.example_threshold(hopfield.Unsupervised(2, 0.5, 2), quality=[0.02, 0.01])
    exponent = math.log2(found.examples[1] / found.examples[0])
    assert 3.0 < exponent < 3.3  # the limit 3 is approached from above
    warm = theory.example_threshold(
        hopfield.Unsupervised(2, 0.5, 2), quality=[0.02, 0.01], temperature=0.3
    )
    assert 2.0 < math.log2(warm.examples[1] / warm.examples[0]) < 2.2


def test_dilution_is_a_scale_of_temperature():
    model = hopfield.Unsupervised(2, 0.1, 2, dilution=0.6)
    full = hopfield.Unsupervised(2, 0.1, 2)
    one = theory.example_threshold(model, temperature=0.04)
    other = theory.example_threshold(full, temperature=0.1)
    assert one.examples == other.examples
    assert one.overlap.item() == pytest.approx(0.4 * other.overlap.item(), rel=1e-12)


@pytest.mark.parametrize(("examples", "attracted"), [(25, True), (75, False)])
def test_spins_stay_at_an_example_or_leave(examples, attracted):
    """T = 0, without a teacher; 44 examples are the threshold. With a teacher they always leave."""
    expected = example_state(0.2, examples, 0.0)
    assert expected.attracted == attracted
    found = {hopfield.Supervised: [], hopfield.Unsupervised: []}
    for kind, seed in itertools.product(found, range(4)):
        alone = hopfield.Unsupervised(2, 0.2, examples, dilution=0.3)
        start = alone.network(10_000, n_patterns=1, seed=seed).patterns[0]
        spins = np.where(start == 0, 1, start)
        net = kind(2, 0.2, examples, dilution=0.3).network(10_000, n_patterns=1, seed=seed)
        states = montecarlo.trajectory(net, 0.0, sweeps=30, replicas=1, start=spins, seed=seed)
        found[kind].append(net.archetype_overlaps(states.spins.values[0, -1])[0] / 0.7)
    mean, stderr = (
        np.array([f(found[kind]) for kind in found])
        for f in (np.mean, lambda x: np.std(x, ddof=1) / 2)
    )
    assert abs(mean[1] - expected.overlap) < 4 * stderr[1]
    assert (abs(mean[0] - mean[1]) > 4 * np.hypot(*stderr)) == attracted


@pytest.mark.parametrize(
    ("model", "changed", "message"),
    [
        (hopfield.Supervised(2, 0.5, 2), {}, "model must be hopfield.Unsupervised with p = 2"),
        (hopfield.Unsupervised(3, 0.5, 2), {}, "model must be hopfield.Unsupervised with p = 2"),
        (hopfield.Unsupervised(2, 1.0, 2), {}, "quality must be below 1"),
        (hopfield.Unsupervised(2, 0.5, 2), {"quality": [0.2, 0.0]}, "quality must be"),
        (hopfield.Unsupervised(2, 0.5, 2), {"temperature": -1.0}, "temperature must be"),
        (hopfield.Unsupervised(2, 1e-4, 2), {"temperature": 0.1}, "quality must be larger"),
    ],
)
def test_bad_input(model, changed, message):
    with pytest.raises(InputError, match=message):
        theory.example_threshold(model, **changed)


def test_no_threshold_where_two_examples_are_too_many():
    found = theory.example_threshold(hopfield.Unsupervised(2, 0.5, 2), temperature=0.9)
    assert found.status == "absent"
    assert np.isnan(found.examples)
