"""Exponential networks of finite size, against enumeration of all states and sampled patterns."""

import numpy as np
import pytest
from exponential_exact import descend, distance, minima, pattern_counts, relative_sums
from scipy.special import erfc, softmax

import hopfield
from theory.exponential import finite_size
from theory.exponential.partition import log_mean_partition
from theory.exponential.rates import BINARY, ENSEMBLES, GAUSSIAN, SPHERICAL
from theory.exponential.thresholds import basin, condensation_load


def signs(states, n):
    """Spins of states, int8, shape (..., n)."""
    return ((np.asarray(states)[..., None] >> np.arange(n) & 1) * 2 - 1).astype(np.int8)


def drawn_patterns(name, count, n, rng):
    """Patterns of squared norm n, or Gaussian ones."""
    patterns = rng.standard_normal((count, n))
    if name == "binary":
        return np.sign(patterns)
    if name == "spherical":
        return patterns * np.sqrt(n) / np.linalg.norm(patterns, axis=1, keepdims=True)
    return patterns


def test_sums_are_those_of_the_network():
    n, lam = 9, 0.6
    counts = pattern_counts(n, 30, 4)
    patterns = np.repeat(signs(np.arange(2**n), n), counts, axis=0)
    network = hopfield.Exponential(lam).store(patterns)
    states = np.arange(0, 2**n, 7)
    expected = -lam * network.energy(signs(states, n))
    found = n * lam + np.log(relative_sums(counts, lam))[states]
    np.testing.assert_allclose(found, expected, rtol=1e-13)
    lowest = minima(relative_sums(counts, lam))
    changes = [network.energy_difference(signs(np.arange(2**n), n), i) for i in range(n)]
    assert np.abs(changes).min() > 1e-10  # no ties
    assert (lowest == (np.min(changes, axis=0) > 0.0)).all()
    assert lowest.sum() > 1


@pytest.mark.parametrize(("sharpness", "load"), [(0.3, 0.2), (0.6, 0.35), (1.0, 0.5)])
def test_own_weight(sharpness, load):
    """1/w = 1 + sum of the others: its mean over patterns is exact."""
    n, inverse = 16, []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        others = rng.integers(0, 2**n, round(np.exp(load * n)) - 1)
        flips = np.bitwise_count(others ^ rng.integers(0, 2**n))
        inverse.append(1.0 + np.exp(-2.0 * sharpness * flips).sum())
    alpha = np.log(round(np.exp(load * n))) / n
    error = np.std(inverse) / np.sqrt(60)

    def z(strength):
        predicted = finite_size.own_weight(BINARY, strength, alpha, n)
        return (np.mean(inverse) - 1.0 / predicted) / error

    assert abs(z(sharpness)) < 4.0
    assert abs(z(0.8 * sharpness)) > 4.0


@pytest.mark.parametrize("name", list(ENSEMBLES))
def test_own_weight_of_a_state_away_from_its_pattern(name):
    law, n, lam, q, count = ENSEMBLES[name], 20, 0.4, 0.8, 200
    inverse = []
    for seed in range(100):
        others = drawn_patterns(name, count - 1, n, np.random.default_rng(seed))
        inverse.append(1.0 + np.exp(lam * (others.sum(axis=1) - q * n)).sum())
    error = np.std(inverse) / 10.0

    def z(overlap):
        predicted = finite_size.own_weight(law, lam, np.log(count) / n, n, overlap)
        return (np.mean(inverse) - 1.0 / predicted) / error

    assert abs(z(q)) < 4.0
    assert abs(z(q - 0.05)) > 4.0


def test_own_weight_in_the_limit():
    """A step at the threshold of the weight."""
    lam = 0.7
    edge = lam - np.log(np.cosh(lam))
    load = edge + np.array([-0.02, 0.0, 0.02])
    found = finite_size.own_weight(BINARY, lam, load, 500)
    assert found[0] > 0.999
    assert found[1] == pytest.approx(0.5, abs=1e-12)
    assert found[2] < 1e-3
    assert finite_size.own_weight(BINARY, lam, 0.0, 500) == 1.0  # one pattern


def test_norm_decides_on_gaussian_patterns():
    """Part of the Gaussian patterns with more than half of the weight, below the threshold."""
    n, lam, load, trials = 40, 0.3, 0.2, 300
    assert load > condensation_load(GAUSSIAN, lam)
    count, kept = round(np.exp(load * n)), 0
    for seed in range(trials):
        rng = np.random.default_rng(seed)
        own = rng.standard_normal(n)
        logits = lam * np.append(rng.standard_normal((count - 1, n)) @ own, own @ own)
        kept += softmax(logits)[-1] > 0.5

    def z(threshold_load):
        p = finite_size.gaussian_weight_probability(lam, threshold_load, n).item()
        return (kept / trials - p) / np.sqrt(p * (1.0 - p) / trials)

    assert abs(z(np.log(count) / n)) < 4.0
    assert abs(z(1.2 * load)) > 4.0


@pytest.mark.parametrize("sharpness", [0.2, 0.5, 1.0])
def test_crosstalk_of_a_flip(sharpness):
    """Its variance is exact; without the patterns that differ in no other spin it is smaller."""
    n, count = 14, 300
    squares = []
    for seed in range(4000):
        others = np.random.default_rng(seed).integers(0, 2**n, count - 1)
        sign = np.where(others & 1, -1.0, 1.0)
        away = np.bitwise_count(others >> 1)
        weight = np.where(away > 0, np.exp(-2.0 * sharpness * away), 0.0)
        squares.append((sign @ weight) ** 2)
    error = np.std(squares) / np.sqrt(4000)
    load = np.log(count) / n

    def z(strength):
        return (np.mean(squares) - finite_size.signal_to_noise(strength, load, n) ** -2.0) / error

    assert abs(z(sharpness)) < 4.0
    assert abs(z(1.25 * sharpness)) > 4.0


def test_signal_to_noise_in_the_limit():
    """N (2λ - log cosh 2λ - α), the distance from the threshold of flips."""
    n, lam, load = np.array([500, 1000]), 0.4, 0.3
    log = np.log(finite_size.signal_to_noise(lam, load, n) ** 2)
    expected = 2.0 * lam - np.log(np.cosh(2.0 * lam)) - load
    assert np.diff(log).item() / 500 == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("sharpness", "load"), [(0.3, 0.35), (0.8, 0.4), (1.2, 0.42), (2.0, 0.45)])
def test_errors_of_flips(sharpness, load):
    """Fraction of unstable bits of patterns, N = 18."""
    n, sets, fractions = 18, 40, []
    count = round(np.exp(load * n))
    for seed in range(sets):
        counts = pattern_counts(n, count, seed)
        sums = relative_sums(counts, sharpness)
        patterns = np.flatnonzero(counts == 1)  # duplicates are stable
        flipped = sums[patterns[:, None] ^ (1 << np.arange(n))]
        fractions.append(np.mean(flipped > sums[patterns, None]))
    alpha = np.log(count) / n
    error = np.std(fractions) / np.sqrt(sets)

    def z(predicted):
        return (np.mean(fractions) - predicted) / error

    assert abs(z(finite_size.flip_error(sharpness, alpha, n))) < 4.0
    assert abs(z(finite_size.flip_error(sharpness, 1.05 * alpha, n))) > 4.0
    if sharpness > 0.5:  # neighbours among the patterns make most of the errors
        ratio = finite_size.signal_to_noise(sharpness, alpha, n)
        assert z(erfc(ratio / np.sqrt(2.0)) / 2.0) > 4.0


@pytest.mark.parametrize(("sharpness", "load"), [(0.3, 0.25), (0.6, 0.36), (1.0, 0.4), (2.0, 0.42)])
def test_stable_patterns(sharpness, load):
    """Fraction of patterns that are minima of the energy, N = 18, where errors are rare."""
    n, sets, stable = 18, 40, []
    count = round(np.exp(load * n))
    for seed in range(sets):
        counts = pattern_counts(n, count, seed)
        lowest = minima(relative_sums(counts, sharpness))
        stable.append((counts * lowest).sum() / count)
    error = np.std(stable) / np.sqrt(sets)

    def z(strength, alpha):
        return (np.mean(stable) - finite_size.stable_probability(strength, alpha, n)) / error

    alpha = np.log(count) / n
    assert np.mean(stable) > 0.9
    assert abs(z(sharpness, alpha)) < 4.0
    assert abs(z(sharpness, 1.2 * alpha)) > 4.0


def test_all_patterns_are_stable_unless_two_are_neighbours():
    """P = exp(-K² N 2^-N / 2) for a sharp network, N = 16."""
    n, lam, sets = 16, 2.0, 200
    for load in (0.2, 0.27):
        count = round(np.exp(load * n))
        good = 0
        for seed in range(sets):
            counts = pattern_counts(n, count, seed)
            good += minima(relative_sums(counts, lam))[counts > 0].all()
        alpha = np.log(count) / n
        p = finite_size.all_stable_probability(lam, alpha, n).item()
        assert p == pytest.approx(np.exp(-count * (count - 1) * n * 2.0 ** -(n + 1)), rel=5e-3)
        error = np.sqrt(p * (1.0 - p) / sets)
        assert abs(good / sets - p) < 4.0 * error
        assert abs(good / sets - p**2) > 4.0 * error


@pytest.mark.parametrize("name", list(ENSEMBLES))
def test_closest_pattern(name):
    """By sampling; ties of signs are shared."""
    law, n, q, count, trials = ENSEMBLES[name], 20, 0.6, 100, 2000
    won = 0.0
    for seed in range(trials):
        others = drawn_patterns(name, count - 1, n, np.random.default_rng(seed))
        u = others.sum(axis=1) / n
        won += 0.0 if (u > q + 1e-9).any() else 1.0 / (1.0 + (np.abs(u - q) < 1e-9).sum())

    def z(overlap):
        p = finite_size.closest_probability(law, np.log(count) / n, n, overlap).item()
        return (won / trials - p) / np.sqrt(p * (1.0 - p) / trials)

    assert abs(z(q)) < 4.0
    assert abs(z(q + 0.1)) > 4.0


def test_softmax_retrieves_the_closest_pattern():
    """In the condensed regime, from starts between the two limits; not so flips one by one."""
    n, lam, load, flipped, trials = 20, 2.0, 0.25, 4, 40
    count, softmaxed, descended = round(np.exp(load * n)), 0, 0
    for seed in range(8):
        rng = np.random.default_rng(seed)
        counts = pattern_counts(n, count, seed)
        sums, patterns = relative_sums(counts, lam), np.repeat(np.arange(2**n), counts)
        spins = signs(patterns, n).astype(float)
        for target in range(trials):
            sites = rng.choice(n, flipped, replace=False)
            start = int(patterns[target]) ^ int((1 << sites).sum())
            x = signs(start, n).astype(float)
            for _ in range(30):
                weights = softmax(lam * spins @ x)
                x = weights @ spins
            softmaxed += weights[target] > 0.5
            descended += distance(descend(sums, start, rng), int(patterns[target])) == 0
    q, alpha, total = 1.0 - 2.0 * flipped / n, np.log(count) / n, 8 * trials
    assert alpha < condensation_load(BINARY, lam)
    p = finite_size.closest_probability(BINARY, alpha, n, q).item()
    error = np.sqrt(p * (1.0 - p) / total)
    assert 0.3 < p < 0.9
    assert abs(softmaxed / total - p) < 4.0 * error
    assert (softmaxed - descended) / total > 4.0 * error
    assert q < basin(BINARY, lam, alpha)  # so small a network corrects more than a large one


def test_closest_pattern_in_the_limit():
    """A step at the overlap x* of the closest of exp(α N) patterns."""
    for law in (BINARY, SPHERICAL, GAUSSIAN):
        edge = law.extreme_overlap(0.2).item()
        q = edge + np.array([-0.1, 0.1])
        found = finite_size.closest_probability(law, 0.2, 2000, q)
        assert found[0] < 1e-6
        assert found[1] > 1.0 - 1e-6


def test_temperatures_of_mean_partition_functions():
    with pytest.raises(hopfield.InputError, match=r"temperature must be at least 0\.0158"):
        log_mean_partition(1.0, 0.01, 0.3, 20)
    low = log_mean_partition(1.0, 1.0 / 12.0, 0.05, 60)
    assert low == pytest.approx(0.05 + 12.0, abs=1e-8)  # one state a pattern, of energy -N
