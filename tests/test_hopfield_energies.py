"""Single-pattern energies against sums over all interactions and against exact integers."""

from fractions import Fraction
from itertools import combinations
from math import comb, factorial, prod

import numpy as np
import pytest

from hopfield import Dense, Network
from hopfield.energies import count_table, energy_unit, single_pattern


def interaction_count(p, sums, filled):
    """Exact e_p of `filled` signs that add up to `sums`, by how many of the p are negative."""
    positive, negative = (filled + sums) // 2, (filled - sums) // 2
    return sum((-1) ** j * comb(negative, j) * comb(positive, p - j) for j in range(p + 1))


def exact_phi(p, self_interaction, sums, filled, size):
    """φ as a fraction of integers."""
    if self_interaction:
        return Fraction(sums**p, p * size ** (p - 1))
    return Fraction(factorial(p - 1) * interaction_count(p, sums, filled), size ** (p - 1))


def reachable(filled):
    """Overlaps that a pattern with that many non-blank entries can have."""
    return np.arange(-filled, filled + 1, 2)


def plain_energy(network, spins):
    """The sum over all sets of p different spins, as the definition has it."""
    p, n = network.model.p, network.size
    products = network.patterns.astype(int) * spins
    if network.model.self_interaction:
        return -n / p * sum((row.sum() / n) ** p for row in products)
    sets = list(combinations(range(n), p))
    return (
        -factorial(p - 1) / n ** (p - 1) * sum(prod(row[list(s)]) for row in products for s in sets)
    )


def test_energy_is_the_sum_over_all_interactions(network, states):
    expected = [plain_energy(network, spins) for spins in states]
    assert network.energy(states) == pytest.approx(expected, rel=1e-12, abs=1e-12)


def test_blank_entries_need_the_number_of_those_that_are_not(states):
    patterns = np.array([[1, -1, 0, 0, 1, 1, -1, 1]])
    network = Network(Dense(3), patterns)
    wrong = -single_pattern(3, False, network.overlap_sums(states), 8, 8).sum(axis=-1)
    expected = np.array([plain_energy(network, spins) for spins in states])
    assert network.energy(states) == pytest.approx(expected, rel=1e-12)
    assert np.abs(wrong - expected).max() > 0.01


def test_no_interaction_without_enough_spins():
    sums = reachable(7)
    for p in (2, 3, 6, 7):
        assert np.abs(single_pattern(p, False, sums, 7, 12)).max() > 1e-4
    for p in (8, 9, 12):
        assert np.abs(single_pattern(p, False, sums, 7, 12)).max() < 1e-15


@pytest.mark.parametrize("p", [2, 3, 4, 7, 20])
@pytest.mark.parametrize("size", [20, 500])
def test_energy_at_a_pattern(p, size):
    network = Dense(p).network(size, n_patterns=1, seed=1)
    expected = -size / p * prod(1.0 - k / size for k in range(p))
    assert network.energy(network.patterns[0]) == pytest.approx(expected, rel=1e-12)
    full = Dense(p, self_interaction=True).network(size, n_patterns=1, seed=1)
    assert full.energy(full.patterns[0]) == pytest.approx(-size / p, rel=1e-12)


@pytest.mark.parametrize("self_interaction", [False, True])
@pytest.mark.parametrize(("p", "filled", "size"), [(2, 9, 9), (3, 7, 10), (5, 30, 31), (6, 64, 64)])
def test_energies_agree_with_exact_fractions(p, self_interaction, filled, size):
    sums = reachable(filled)
    expected = [float(exact_phi(p, self_interaction, int(m), filled, size)) for m in sums]
    energies = single_pattern(p, self_interaction, sums, filled, size)
    assert energies == pytest.approx(expected, rel=1e-11, abs=1e-14 * size)


@pytest.mark.parametrize("self_interaction", [False, True])
def test_high_order_does_not_overflow(self_interaction):
    p, size = 20, 500
    sums = reachable(size)
    energies = single_pattern(p, self_interaction, sums, size, size)
    expected = [float(exact_phi(p, self_interaction, int(m), size, size)) for m in sums]
    assert np.isfinite(energies).all()
    # Rounding is relative to the terms of the recursion, of order one before the factor N.
    assert energies == pytest.approx(expected, rel=1e-9, abs=1e-15 * size)
    table = count_table(p, self_interaction, size, size)
    assert np.isfinite(table).all()
    assert table[sums + size + 2] * energy_unit(p, self_interaction, size) == pytest.approx(
        expected, rel=1e-13
    )


def test_energy_difference_at_high_order_is_that_of_exact_fractions():
    network = Dense(20).network(500, n_patterns=1, seed=2)
    state = network.patterns[0].copy()
    state[:7] *= -1
    before, after = (exact_phi(20, False, m, 500, 500) for m in (486, 484))
    difference = network.energy_difference(state, 100)
    assert difference == pytest.approx(float(before - after), rel=1e-11)


def test_count_table_times_unit_is_phi(model):
    for filled, size in [(8, 8), (7, 10), (25, 25)]:
        sums = reachable(filled)
        table = model.count_table(filled, size)
        assert table.shape == (2 * size + 5,)
        values = table[sums + size + 2] * model.energy_unit(size)
        expected = model.phi(sums, np.int64(filled), size)
        assert values == pytest.approx(expected, rel=1e-12, abs=1e-14 * size)


def test_count_table_holds_integers_where_a_pattern_can_be(model):
    sums = reachable(25)
    table = model.count_table(25, 30)[sums + 32]
    exact = [
        m**model.p if model.self_interaction else interaction_count(model.p, m, 25)
        for m in map(int, sums)
    ]
    assert table.tolist() == exact


def test_count_table_is_shared_and_read_only():
    table = count_table(3, False, 6, 6)
    assert count_table(3, False, 6, 6) is table
    with pytest.raises(ValueError, match="read-only"):
        table[0] = 1.0
