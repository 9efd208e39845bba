"""Single-pattern energies against sums over all interactions and against exact integers."""

from fractions import Fraction
from itertools import combinations
from math import comb, factorial, prod

import numpy as np
import pytest
from small import LEARNERS

from hopfield import Dense, Exponential, Network, Supervised
from hopfield.energies import (
    count_table,
    energy_unit,
    exact_integers,
    mean_phi,
    sign_sum_moment,
    single_pattern,
)


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


def weight(model):
    """Of a product of p entries: 1, or with R = r^2 + (1 - r^2)/M a power of it and of M."""
    if model not in LEARNERS:
        return 1.0
    count, r_squared = model.examples, model.quality**2
    mean_square = r_squared + (1.0 - r_squared) / count
    power = model.p if isinstance(model, Supervised) else 1
    return count**-power * mean_square ** (-model.p / 2)


def plain_energy(network, spins):
    """The sum over all sets of p different spins, as the definition has it."""
    n, products = network.size, network.patterns.astype(int) * spins
    if isinstance(network.model, Exponential):
        sharpness = network.model.sharpness
        return -np.log(sum(np.exp(sharpness * row.sum()) for row in products)) / sharpness
    p = network.model.p
    if network.model.self_interaction:
        return -n / p * sum((row.sum() / n) ** p for row in products)
    sets = list(combinations(range(n), p))
    total = sum(prod(row[list(s)]) for row in products for s in sets)
    return -factorial(p - 1) / n ** (p - 1) * weight(network.model) * total


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


def exact_used_entries(p, self_interaction, filled):
    """Integers of the table that a pattern of `filled` entries reaches, and one beyond each end."""
    inside = [
        m**p if self_interaction else interaction_count(p, m, filled)
        for m in map(int, reachable(filled))
    ]
    # Of n + 2 among n signs: n + 1 are positive and minus one is negative.
    beyond = sum(comb(filled + 1, j) for j in range(p + 1))
    end = (filled + 2) ** p if self_interaction else beyond
    return [(-1) ** p * end, *inside, end]


def largest_exact_size(p, self_interaction):
    """By the formula for the largest entry alone."""
    size = 2
    while exact_used_entries(p, self_interaction, size + 1)[-1] < 2**53:
        size += 1
    return size


HIGH_ORDERS = [(20, False), (12, False), (12, True), (7, True), (20, True)]


@pytest.mark.parametrize(("p", "self_interaction"), HIGH_ORDERS)
def test_tables_are_exact_up_to_a_size(p, self_interaction):
    model = Dense(p, self_interaction)
    size = largest_exact_size(p, self_interaction)
    assert exact_integers(model, size)
    assert not exact_integers(model, size + 1)
    for filled in (size, size - 1, size // 2):
        exact = exact_used_entries(p, self_interaction, filled)
        table = model.count_table(filled, size)[size - filled : size + filled + 5 : 2]
        assert table.tolist() == exact
        slopes = table[2:] - table[:-2]
        assert slopes.tolist() == [b - a for a, b in zip(exact[:-2], exact[2:], strict=True)]
        bends = 2.0 * table[1:-1] - table[2:] - table[:-2]
        around = zip(exact[:-2], exact[1:-1], exact[2:], strict=True)
        assert bends.tolist() == [2 * here - above - below for below, here, above in around]


@pytest.mark.parametrize(("p", "self_interaction"), HIGH_ORDERS)
def test_tables_are_rounded_beyond_that_size(p, self_interaction):
    size = 4 * largest_exact_size(p, self_interaction)
    exact = exact_used_entries(p, self_interaction, size)
    table = Dense(p, self_interaction).count_table(size, size)[::2]
    assert [int(value) for value in table] != exact


def test_tables_of_few_spins_to_an_interaction_are_exact_at_every_common_size():
    assert exact_integers(Dense(2), 10**5)
    assert exact_integers(Dense(3, self_interaction=True), 10**5)
    assert exact_integers(Dense(4), 5000)


@pytest.mark.parametrize(("p", "n"), [(0, 3), (2, 7), (3, 9), (6, 1), (10, 8), (12, 41), (20, 400)])
def test_moment_of_signs_is_the_binomial_sum(p, n):
    total = sum(comb(n, k) * (n - 2 * k) ** p for k in range(n + 1))
    assert Fraction(total, 2**n) == sign_sum_moment(p, n)


@pytest.mark.parametrize("self_interaction", [False, True])
@pytest.mark.parametrize("p", [2, 3, 4, 6, 20])
def test_mean_of_a_single_pattern_energy_is_that_over_all_states(p, self_interaction):
    filled, size = np.array([40, 33, 40, 2]), 41
    expected = [
        float(
            sum(
                comb(n, (n + m) // 2) * exact_phi(p, self_interaction, m, n, size)
                for m in map(int, reachable(n))
            )
            / 2**n
        )
        for n in map(int, filled)
    ]
    means = mean_phi(p, self_interaction, filled, size)
    assert means.tolist() == expected
    assert (means.max() > 0.0) == (self_interaction and p % 2 == 0)


def test_mean_of_high_powers_is_gaussian_up_to_the_fourth_cumulant():
    size = 10**4
    gaussian = prod(range(1, 20, 2)) * float(size) ** -9 / 20
    ratio = float(mean_phi(20, True, size, size)) / gaussian
    assert (ratio - 1.0) * size == pytest.approx(-2.0 * comb(20, 4) / (19 * 17), rel=0.01)
