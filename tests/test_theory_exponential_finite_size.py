"""Exponential networks of finite size, against enumeration of all states and sampled patterns."""

import numpy as np
import pytest
from exponential_exact import descend, distance, minima, pattern_counts, relative_sums
from scipy.special import erfc, log_ndtr, ndtr, ndtri, softmax
from scipy.stats import binom

import hopfield
from theory.exponential import finite_size, stability
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


def stable_part(n, count, sharpness, trials):
    """Part of stable patterns, a few from each set, and its standard error, over sets or not."""
    sets, stable = min(80, 2 ** (22 - n)), []
    each = trials // sets
    for seed in range(sets):
        counts = pattern_counts(n, count, seed)
        lowest = minima(relative_sums(counts, sharpness)) & (counts == 1)
        patterns = np.repeat(np.arange(2**n), counts)
        chosen = np.random.default_rng(seed).choice(patterns, min(each, count), replace=False)
        stable.append(lowest[chosen].mean())
    part = np.mean(stable)
    return part, np.sqrt(max(np.var(stable) / sets, part * (1.0 - part) / trials))


RARE = [(18, 0.3, 0.25), (18, 0.6, 0.36), (18, 1.0, 0.4), (18, 2.0, 0.42), (13, 0.3, 0.2)]
OFTEN = [
    (14, 0.3, 0.3), (14, 0.5, 0.42), (14, 1.0, 0.45), (16, 0.3, 0.38), (18, 0.2, 0.24),
    (18, 0.3, 0.35), (18, 0.5, 0.45), (18, 1.0, 0.5), (18, 2.0, 0.52), (20, 0.2, 0.26),
    (20, 0.3, 0.36), (20, 0.5, 0.5),
]  # fmt: skip
"""Sizes, sharpness and loads at which few and at which many patterns are lost."""


@pytest.mark.parametrize(("n", "sharpness", "load"), [*RARE, *OFTEN])
def test_stable_patterns(n, sharpness, load):
    """Patterns that are minima of the energy, by enumeration; 400 of them, a few from each set."""
    count = round(np.exp(load * n))
    part, error = stable_part(n, count, sharpness, 400)
    alpha = np.log(count) / n
    predicted = stability.stable_probability(sharpness, [alpha, 1.15 * alpha], n)
    rare = (n, sharpness, load) in RARE
    assert rare == (predicted[0] > 0.9)
    assert rare or predicted[0] > 0.05
    z = (part - predicted) / np.maximum(error, np.sqrt(predicted * (1.0 - predicted) / 400))
    assert abs(z[0]) < 4.0
    assert rare or abs(z[1]) > 4.0


def gaussian_stable(sharpness, load, n):
    """The same for jointly Gaussian crosstalk of the mean correlation."""
    z, weights = np.polynomial.hermite_e.hermegauss(80)
    ratio = finite_size.signal_to_noise(sharpness, load, n)
    rho = np.sinh(sharpness) ** 2 / np.cosh(2.0 * sharpness)
    bits = np.exp(n * log_ndtr((ratio + np.sqrt(rho) * z) / np.sqrt(1.0 - rho)))
    return weights @ bits / weights.sum() * np.exp(-np.exp(load * n) * n * 2.0 ** -(n + 1))


def test_correlation_of_the_crosstalk_at_two_bits():
    """Two bits have the correlation sinh²λ/cosh 2λ, which alone does not describe them all."""
    n, lam, count = 16, 0.2, 62
    rng = np.random.default_rng(1)
    products, squares = [], []
    for _ in range(4000):
        differ = rng.integers(0, 2, (count - 1, n))
        away = differ.sum(axis=1, keepdims=True) - differ[:, :2]
        field = ((2 * differ[:, :2] - 1) * np.exp(-2.0 * lam * away)).sum(axis=0)
        products.append(field.prod())
        squares.append((field**2).mean())
    expected = np.sinh(lam) ** 2 / np.cosh(2.0 * lam)
    excess = np.array(products) - expected * np.array(squares)
    assert abs(excess.mean()) < 4.0 * excess.std() / np.sqrt(4000)
    load = np.log(count) / n
    part, error = stable_part(n, count, lam, 1600)
    assert abs(part - stability.stable_probability(lam, load, n)) < 4.0 * error
    assert gaussian_stable(lam, load, n) - part > 4.0 * error


@pytest.mark.parametrize("n", [8, 20, 40])
def test_largest_of_numbers_of_sum_zero(n):
    """The integral over a negative correlation, by sampling."""
    rng = np.random.default_rng(n)
    drawn = rng.standard_normal((20_000, n))
    drawn = (drawn - drawn.mean(axis=1, keepdims=True)) * np.sqrt(n / (n - 1.0))
    low, high = 0.5, ndtri(0.5 ** (1.0 / n))
    good = (drawn[:, :2] < low).all(axis=1) & (drawn[:, 2:] < high).all(axis=1)
    found = stability._together(np.array([high]), n - 2, np.array([low]), 2).item()
    error = np.sqrt(found * (1.0 - found) / 20_000)
    assert abs(good.mean() - found) < 4.0 * error
    independent = ndtr(low) ** 2 * ndtr(high) ** (n - 2)
    assert abs(good.mean() - independent) > 4.0 * error


def test_stability_in_the_limits():
    alone = stability.stable_probability([1e-3, 1.0, 300.0], 0.0, 20)
    np.testing.assert_allclose(alone, 1.0, atol=1e-12)
    assert stability.stable_probability(1e-6, 0.3, 20) < 1e-4  # noise of 403 patterns
    neighbours = 403 * 20 * 2.0**-21
    sharp = stability.stable_probability([3.0, 30.0, 1000.0], np.log(404) / 20, 20)
    np.testing.assert_allclose(sharp, np.exp(-neighbours), atol=0.05 * neighbours)
    lam = 0.3
    edge = 2.0 * lam - np.log(np.cosh(2.0 * lam))
    assert stability.stable_probability(lam, edge - 0.05, 400) > 0.99
    assert stability.stable_probability(lam, edge + 0.05, 400) < 1e-6
    assert stability.stable_probability(lam, edge - 0.05, 2000) > 0.999999


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
        p = stability.all_stable_probability(lam, alpha, n).item()
        assert p == pytest.approx(np.exp(-count * (count - 1) * n * 2.0 ** -(n + 1)), rel=2e-2)
        error = np.sqrt(p * (1.0 - p) / sets)
        assert abs(good / sets - p) < 4.0 * error
        assert abs(good / sets - p**2) > 4.0 * error


@pytest.mark.parametrize(
    ("n", "sharpness", "load", "flipped"),
    [(20, 0.3, 0.2, 2), (20, 0.5, 0.38, 0), (20, 1.0, 0.25, 3), (20, 4.0, 0.25, 4),
     (30, 0.5, 0.2, 6), (40, 0.35, 0.236, 3)],
)  # fmt: skip
def test_probability_of_half_of_the_weight(n, sharpness, load, flipped):
    """By drawn histograms of distances."""
    count, trials, distances = round(np.exp(load * n)), 4000, np.arange(n + 1)
    chances = binom.pmf(distances, n, 0.5)
    rng = np.random.default_rng(n)
    numbers = rng.multinomial(count - 1, chances / chances.sum(), size=trials)
    won = (numbers @ np.exp(-2.0 * sharpness * (distances - flipped)) < 1.0).mean()
    q, alpha = 1.0 - 2.0 * flipped / n, np.log(count) / n

    def z(at_load):
        p = finite_size.weight_probability(sharpness, at_load, n, q).item()
        return (won - p) / np.sqrt(p * (1.0 - p) / trials)

    assert 0.02 < won < 0.98
    assert abs(z(alpha)) < 4.0
    assert abs(z(1.1 * alpha)) > 4.0


def test_half_of_the_weight_in_the_limits():
    """Of a sharp network it is that of no pattern as close; of a large one a step."""
    load, n, q = np.log(500) / 24, 24, 0.5
    none = 1.0 - binom.cdf(6, n, 0.5)
    found = finite_size.weight_probability([20.0, 300.0], load, n, q)
    np.testing.assert_allclose(found, none**499, rtol=1e-5)
    lam = 0.4
    edge = lam * 0.9 - np.log(np.cosh(lam))
    found = finite_size.weight_probability(lam, edge + np.array([-0.02, 0.02]), 400, 0.9)
    np.testing.assert_allclose(found, [1.0, 0.0], atol=1e-3)
    assert finite_size.weight_probability(1.0, 0.0, 20, 0.3) == pytest.approx(1.0, abs=1e-6)
    beyond = finite_size.weight_probability(0.4, 0.5, 3000, 0.9)
    assert beyond == pytest.approx(0.0, abs=1e-6)


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
