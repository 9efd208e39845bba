"""Units that are sums of spins: free energy and update, from one spin to attention."""

import math
from itertools import product

import numpy as np
import pytest

import hopfield
from hopfield import InputError, attention
from hopfield.attention import Entmax, units

COUNTS = [1, 2, 7, 64]
TRANSFORMS = ["softmax", "entmax", "sparsemax", Entmax(1.2)]


def drawn(seed, q, k, n, beta=0.8, count=1):
    """Random patterns, and states that sums of so many spins can have."""
    numbers = np.random.default_rng(seed)
    edge = np.sqrt(count / beta)
    states = np.clip(numbers.normal(size=(q, n)), -0.97 * edge, 0.97 * edge)
    return states, numbers.normal(size=(k, n))


# Limits


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
def test_without_end_of_spins_it_is_attention(transform):
    x, keys = drawn(1, 20, 9, 5)
    beta = np.linspace(0.3, 3.0, 20)
    mask = np.random.default_rng(2).random((20, 9)) < 0.6
    mask[:, 0] = True
    options = {"transform": transform, "mask": mask}
    for verb in ("energy", "update"):
        found = getattr(units, verb)(x, keys, beta, math.inf, **options)
        np.testing.assert_array_equal(found, getattr(attention, verb)(x, keys, beta, **options))
    runs = (
        units.retrieve(x, keys, beta, math.inf, **options),
        attention.retrieve(x, keys, beta, **options),
    )
    np.testing.assert_array_equal(runs[0].states, runs[1].states)
    np.testing.assert_array_equal(runs[0].iterations, runs[1].iterations)


def test_first_correction_of_the_limit():
    x, keys = drawn(3, 30, 6, 5)
    for n in (10**4, 10**6):
        excess = units.energy(x, keys, 0.8, n) - attention.energy(x, keys, 0.8)
        expected = 0.8 * (x**4).sum(axis=1) / 12.0 / n
        np.testing.assert_allclose(excess, expected, rtol=20.0 / n, atol=2e-15 * x.size)
        field = attention.update(x, keys, 0.8)
        change = units.update(x, keys, 0.8, n) - field
        np.testing.assert_allclose(change, -0.8 * field**3 / 3.0 / n, rtol=20.0 / n, atol=1e-14)


def test_energy_is_above_that_of_attention_and_falls_with_the_number_of_spins():
    x, keys = drawn(4, 200, 6, 5)
    energies = [units.energy(x, keys, 0.8, n) for n in (1, 2, 3, 10, 100, math.inf)]
    assert (np.diff(energies, axis=0) < 0.0).all()


def test_one_spin_is_a_mean_field_of_the_network():
    numbers = np.random.default_rng(5)
    patterns = numbers.choice([-1, 1], size=(4, 30))
    sharpness = 0.3
    start = m = patterns[0] * numbers.uniform(0.0, 1.0, 30)
    for _ in range(200):
        w = np.exp(sharpness * patterns @ m)
        m = np.tanh(sharpness * (w / w.sum()) @ patterns)
    beta = sharpness**2
    found = units.retrieve(start / sharpness, patterns, beta, 1)
    assert found.status == "converged"
    np.testing.assert_allclose(sharpness * found.states, m, atol=1e-10)
    # independent spins: no entropy is lost without fields, log 2 each where they are all known
    value = units.energy(np.zeros(30), patterns, beta, 1)
    assert value == pytest.approx(attention.energy(np.zeros(30), patterns, beta), rel=1e-14)
    largest = np.ones(30) / sharpness
    rise = units.energy(largest, patterns, beta, 1) - attention.energy(largest, patterns, beta)
    assert rise == pytest.approx(30 * (math.log(2.0) - 0.5) / beta, rel=1e-12)


# The measure of the spins


def enumerated(patterns, beta, n):
    """All states of the units, and the probabilities that the energy of the network gives them."""
    size = patterns.shape[1]
    spins = np.array(list(product((-1, 1), repeat=n * size)), dtype=np.int8)
    network = hopfield.Exponential(math.sqrt(beta / n)).store(np.repeat(patterns, n, axis=1))
    weight = np.exp(-network.energy(spins) * math.sqrt(beta / n))
    return spins, weight / weight.sum()


@pytest.mark.parametrize("n", [1, 2, 4])
def test_weights_of_the_network_are_those_of_attention_with_a_mixture_of_binomials(n):
    patterns = np.array([[1, 1, -1], [1, -1, 1], [-1, 1, 1], [1, -1, -1]])
    beta = 1.3
    spins, p = enumerated(patterns, beta, n)
    x = spins.reshape(-1, 3, n).sum(axis=2) / math.sqrt(n * beta)
    # given a pattern, spins are independent: its probability given them is the weight of attention
    up = (1.0 + np.tanh(math.sqrt(beta / n) * patterns)) / 2.0
    each = np.repeat(up, n, axis=1)
    given = np.where(spins[:, None] > 0, each, 1.0 - each).prod(axis=2)
    np.testing.assert_allclose(given.mean(axis=1), p, rtol=1e-12)
    behind = given / given.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(attention.weights(x, patterns, beta), behind, rtol=1e-11)
    off = attention.weights(x, patterns, 1.1 * beta)
    assert np.abs(off - behind).max() > 0.01
    # the mean of all spins after a pattern was drawn, and then the spins
    mean = behind @ units.response(patterns, beta, n)
    np.testing.assert_allclose(
        attention.update(x, patterns, beta, values=units.response(patterns, beta, n)), mean,
        rtol=1e-12, atol=1e-14,
    )  # fmt: skip
    transition = behind @ given.T
    np.testing.assert_allclose(transition.sum(axis=1), 1.0, rtol=1e-12)
    np.testing.assert_allclose(p @ transition, p, rtol=1e-11)


@pytest.mark.parametrize("n", [1, 3])
def test_weights_are_probabilities_for_real_patterns_too(n):
    patterns, beta = np.random.default_rng(11).normal(size=(4, 3)), 1.3
    spins = np.array(list(product((-1, 1), repeat=3 * n)))
    x = spins.reshape(-1, 3, n).sum(axis=2) / math.sqrt(n * beta)
    terms = np.exp(math.sqrt(beta / n) * spins @ np.repeat(patterns, n, axis=1).T)
    fields = math.sqrt(beta / n) * patterns
    prior = np.cosh(fields).prod(axis=1) ** n
    each = np.repeat((1.0 + np.tanh(fields)) / 2.0, n, axis=1)
    given = np.where(spins[:, None] > 0, each, 1.0 - each).prod(axis=2)
    p = terms.sum(axis=1) / terms.sum()
    np.testing.assert_allclose(given @ prior / prior.sum(), p, rtol=1e-11)
    behind = given * prior / (given @ prior)[:, None]
    np.testing.assert_allclose(attention.weights(x, patterns, beta), behind, rtol=1e-11)
    mean = (given.T @ x) / given.sum(axis=0)[:, None]
    np.testing.assert_allclose(mean, units.response(patterns, beta, n), rtol=1e-11)
    assert np.abs(mean - patterns).max() > 0.05


@pytest.mark.parametrize("n", [2, 5])
def test_probability_of_a_state_is_the_free_energy_to_leading_order(n):
    patterns = np.array([[1, -1], [1, 1], [-1, 1]])
    beta = 0.9
    spins, p = enumerated(patterns, beta, n)
    ups = (spins.reshape(-1, 2, n) > 0).sum(axis=2)
    values, where = np.unique(ups, axis=0, return_inverse=True)
    log_p = np.log(np.bincount(where.ravel(), weights=p))
    free = units.energy((2 * values - n) / math.sqrt(n * beta), patterns, beta, n)
    # a factor of each unit is left, that of Stirling's formula: of no exponential order in n
    m = np.arange(n + 1) * 2 / n - 1
    logs = [(1 + s * m) * np.log(np.maximum(1 + s * m, 1e-300)) for s in (1, -1)]
    entropy = -np.sum(logs, axis=0) / 2
    ways = np.log([math.comb(n, k) for k in range(n + 1)]) - n * math.log(2.0) - n * entropy
    constant = log_p + beta * free - ways[values].sum(axis=1)
    np.testing.assert_allclose(constant, constant[0], rtol=1e-10)
    assert 0.1 < np.ptp(ways) < math.log(n + 1)


# Descent


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
@pytest.mark.parametrize("n", COUNTS)
def test_gradient_of_the_free_energy(n, transform):
    x, keys = drawn(6, 40, 8, 5, 0.8, n)
    step = 1e-6
    moved = x[:, None, :] + step * np.concatenate([np.eye(5), -np.eye(5)])
    e = units.energy(moved, keys, 0.8, n, transform=transform)
    gradient = (e[:, :5] - e[:, 5:]) / (2 * step)
    scale = math.sqrt(0.8 / n)
    expected = np.arctanh(scale * x) / scale - attention.update(x, keys, 0.8, transform=transform)
    np.testing.assert_allclose(gradient, expected, atol=2e-7)
    assert np.abs(gradient - (x - attention.update(x, keys, 0.8))).max() > 1e-3


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
@pytest.mark.parametrize("n", COUNTS)
def test_update_lowers_the_free_energy_by_half_of_its_square(n, transform):
    for beta in (0.1, 1.0, 30.0):
        x, keys = drawn(7, 200, 8, 5, beta, n)
        new = units.update(x, keys, beta, n, transform=transform)
        fall = units.energy(x, keys, beta, n, transform=transform) - units.energy(
            new, keys, beta, n, transform=transform
        )
        square = ((new - x) ** 2).sum(axis=1)
        assert (fall >= square / 2.0 * (1.0 - 1e-9) - 1e-12).all()
        # and no larger share of it would be a bound
        assert n < 64 or (fall < 0.75 * square).any() or beta > 1.0


def test_attention_alone_does_not_lower_the_free_energy_of_spins():
    x, keys = drawn(8, 300, 8, 5, 0.2, 1)
    end = units.retrieve(x, keys, 0.2, 1).states
    rise = units.energy(attention.update(end, keys, 0.2), keys, 0.2, 1)
    assert (rise > units.energy(end, keys, 0.2, 1)).all()


@pytest.mark.parametrize("n", COUNTS)
def test_runs_end_where_the_gradient_vanishes(n):
    x, keys = drawn(9, 50, 6, 8, 2.0, n)
    found = units.retrieve(x, keys, 2.0, n, max_iterations=20_000)
    assert (found.status == "converged").all()
    ends = found.states
    np.testing.assert_allclose(units.update(ends, keys, 2.0, n), ends, atol=1e-11)
    fell = units.energy(ends, keys, 2.0, n) - units.energy(x, keys, 2.0, n)
    assert (fell < 0.0).all()


# Values that cannot be


def test_states_beyond_the_largest_sum():
    edge = 1.0 / math.sqrt(2.0)
    inside, outside = [edge, edge], [edge, np.nextafter(edge, 1.0) * (1.0 + 1e-14)]
    assert np.isfinite(units.energy(inside, np.eye(2), 2.0, 1))
    assert units.energy(outside, np.eye(2), 2.0, 1) == math.inf
    assert np.isfinite(units.energy(outside, np.eye(2), 2.0, 2))
    # strong fields saturate all spins, and nothing overflows
    strong = units.update([1.0, -1.0], [[1e8, -1e8]], 2.0, 1)
    np.testing.assert_allclose(strong, [edge, -edge], rtol=1e-15)
    assert np.isfinite(units.energy(strong, [[1e8, -1e8]], 2.0, 1))


def test_single_precision_stays_what_it_is():
    x, keys = (array.astype(np.float32) for array in drawn(10, 6, 4, 3))
    for n in (3, math.inf):
        assert units.update(x, keys, 0.8, n).dtype == np.float32
        assert units.energy(x, keys, 0.8, n).dtype == np.float32
        double = units.update(x.astype(float), keys.astype(float), 0.8, n)
        np.testing.assert_allclose(units.update(x, keys, 0.8, n), double, atol=2e-6)


@pytest.mark.parametrize("n", [0, -1, 2.5, 4.0, math.nan, -math.inf, True, "4", None])
def test_number_of_spins_is_an_integer_or_infinity(n):
    for verb in (units.energy, units.update, units.retrieve):
        with pytest.raises(InputError, match="spins_per_unit must be an integer >= 1"):
            verb(np.zeros(2), np.eye(2), 1.0, n)
    with pytest.raises(InputError, match="spins_per_unit must be an integer >= 1"):
        units.response(0.5, 1.0, n)
