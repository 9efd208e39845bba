"""Boltzmann measure of continuous states in closed form, and independent states of it."""

import math

import numpy as np
import pytest
from continuous_exact import Quadrature, case, zscores
from scipy.stats import chi2

from hopfield import InputError, attention
from montecarlo import exact_states, mixture
from montecarlo.continuous import exact as exact_module
from montecarlo.continuous.kernels import panel_rows

SIZES, COPIES = (1, 2, 3), (1, 2, 3)
DRAWN = 4000


def temperature_of(beta, g):
    return 1.0 / (g * beta)


def p_value(counts, weights):
    """Of a chi-square test of numbers of draws."""
    expected = weights * counts.sum()
    assert expected.min() > 5.0
    return chi2.sf(((counts - expected) ** 2 / expected).sum(), counts.size - 1)


# Closed form


@pytest.mark.parametrize("g", COPIES)
@pytest.mark.parametrize("size", SIZES)
def test_partition_function_is_that_of_quadrature(size, g):
    patterns, beta = case(size)
    t = temperature_of(beta, g)
    found, quadrature = mixture(patterns, beta, temperature=t), Quadrature(patterns, beta, t)
    assert abs(found.log_partition - quadrature.log_partition) < 1e-12
    # of another temperature it is not
    other = Quadrature(patterns, beta, 1.001 * t)
    assert abs(found.log_partition - other.log_partition) > 1e-4


def test_partition_function_without_the_constant_of_the_energy():
    patterns, beta = case(2)
    squares = (patterns**2).sum(axis=1)
    constant = math.log(len(patterns)) / beta + squares.max() / 2.0
    expected = 2.0 * math.pi / beta * np.exp(beta * squares / 2.0).sum()
    found = mixture(patterns, beta).log_partition + beta * constant
    assert abs(found - math.log(expected)) < 1e-12


@pytest.mark.parametrize("g", COPIES)
@pytest.mark.parametrize("size", SIZES)
def test_density_is_boltzmanns(size, g):
    patterns, beta = case(size)
    t = temperature_of(beta, g)
    found = mixture(patterns, beta, temperature=t)
    x = np.random.default_rng(0).normal(size=(50, size))
    expected = -attention.energy(x, patterns, beta) / t - found.log_partition
    np.testing.assert_allclose(found.log_density(x), expected, rtol=0, atol=1e-11)


def test_patterns_of_unequal_norms_have_unequal_weights():
    patterns, beta = case(2)
    found = mixture(patterns, beta)
    squares = (patterns**2).sum(axis=1)
    np.testing.assert_allclose(np.diff(np.log(found.weights)), beta * np.diff(squares) / 2.0)
    # equal ones would be wrong
    quadrature = Quadrature(patterns, beta, 1.0 / beta)
    assert np.abs(found.mean - quadrature.mean(lambda x: x)).max() < 1e-12
    assert np.abs(patterns.mean(axis=0) - quadrature.mean(lambda x: x)).max() > 1e-3


@pytest.mark.parametrize("g", COPIES)
@pytest.mark.parametrize("size", SIZES)
def test_covariance_is_that_of_quadrature(size, g):
    patterns, beta = case(size)
    t = temperature_of(beta, g)
    found, quadrature = mixture(patterns, beta, temperature=t), Quadrature(patterns, beta, t)
    mean = quadrature.mean(lambda x: x)
    pairs = quadrature.mean(lambda x: x[:, :, None] * x[:, None, :])
    np.testing.assert_allclose(found.covariance, pairs - np.outer(mean, mean), atol=1e-12)


@pytest.mark.parametrize("g", COPIES)
def test_score_is_the_gradient_of_the_log_density(g):
    patterns, beta = case(3)
    found = mixture(patterns, beta, temperature=temperature_of(beta, g))
    x, width = np.random.default_rng(1).normal(size=(20, 3)), 1e-4
    shifts = width * np.eye(3)
    expected = (found.log_density(x[:, None] + shifts) - found.log_density(x[:, None] - shifts)) / (
        2.0 * width
    )
    np.testing.assert_allclose(found.score(x), expected, rtol=1e-6, atol=1e-6)
    force = g * beta * (attention.update(x, patterns, beta) - x)
    np.testing.assert_allclose(found.score(x), force, rtol=1e-11, atol=1e-11)
    assert np.abs(force / g - expected).max() > 0.1 or g == 1


def test_update_is_the_mean_of_the_pattern_behind_a_state():
    patterns, beta = case(3)
    x = np.random.default_rng(2).normal(size=(20, 3))
    tweedie = mixture(patterns, beta).posterior(x) @ patterns
    np.testing.assert_allclose(tweedie, attention.update(x, patterns, beta), rtol=1e-12, atol=1e-13)


def test_update_is_the_mean_of_patterns_over_drawn_states():
    """E[ξ|x] minimises the squared error, and its residual has no product with functions of x."""
    patterns, beta = case(2)
    drawn = exact_states(patterns, beta, replicas=DRAWN, seed=1)
    xi = patterns[drawn.groups[:, 0]]
    residual = xi - attention.update(drawn.states, patterns, beta)
    probes = np.stack([np.ones(DRAWN), *drawn.states.T, np.sin(3.0 * drawn.states[:, 0])])
    products = (probes[:, :, None] * residual).reshape(len(probes), DRAWN, 2)
    z = products.mean(axis=1) / (products.std(axis=1) / np.sqrt(DRAWN))
    assert np.abs(z).max() < 4.0
    wrong = xi - attention.update(drawn.states, patterns, 2.0 * beta)
    off = wrong[:, None, :] * probes.T[:, :, None]
    assert np.abs(off.mean(axis=0) / (off.std(axis=0) / np.sqrt(DRAWN))).max() > 4.0


def test_equal_patterns_are_one_of_double_weight():
    once = mixture([[1.0, 0.0], [0.0, 1.0]], 2.0, temperature=0.25)
    twice = mixture([[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]], 2.0, temperature=0.25)
    assert len(twice.weights) == 6
    x = np.random.default_rng(3).normal(size=(10, 2))
    weights = np.array([4.0, 2.0, 1.0])  # how often groups 00, 01 and 11 are there
    shares = once.posterior(x) * weights / (once.posterior(x) * weights).sum(axis=1)[:, None]
    score = (shares @ once.means - x) / once.variance
    np.testing.assert_allclose(twice.score(x), score, rtol=1e-11, atol=1e-11)


def test_sharp_wells_far_apart():
    found = mixture([[300.0], [-300.0], [299.0]], 50.0)
    assert found.weights.tolist() == [0.5, 0.5, 0.0]
    assert np.isfinite(found.log_density([[0.0], [300.0]])).all()


# Independent states


@pytest.mark.parametrize("g", COPIES)
@pytest.mark.parametrize("size", SIZES)
def test_exact_states_have_the_averages_of_quadrature(size, g):
    patterns, beta = case(size)
    t = temperature_of(beta, g)
    drawn = exact_states(patterns, beta, temperature=t, replicas=DRAWN, seed=2)
    assert np.abs(zscores(drawn.states, Quadrature(patterns, beta, t))).max() < 4.0
    assert np.abs(zscores(drawn.states, Quadrature(patterns, beta, 1.2 * t))).max() > 4.0
    assert np.abs(zscores(drawn.states, Quadrature(patterns[:-1], beta, t))).max() > 4.0


@pytest.mark.parametrize("g", COPIES)
def test_exact_states_have_the_histogram_of_quadrature(g):
    patterns, beta = case(1)
    t = temperature_of(beta, g)
    drawn = exact_states(patterns, beta, temperature=t, replicas=DRAWN, seed=3).states[:, 0]
    fine = np.linspace(-5.0, 5.0, 20001)
    shares = np.exp(-attention.energy(fine[:, None], patterns, beta) / t)
    cumulated = np.cumsum(shares) / shares.sum()
    edges = np.interp(np.linspace(0.0, 1.0, 21)[1:-1], cumulated, fine)
    counts = np.bincount(np.searchsorted(edges, drawn), minlength=20)
    assert p_value(counts, np.full(20, 0.05)) > 1e-4
    shifted = np.bincount(np.searchsorted(edges, drawn + 0.1), minlength=20)
    assert p_value(shifted, np.full(20, 0.05)) < 1e-4


@pytest.mark.parametrize("g", COPIES)
def test_groups_say_where_states_come_from(g):
    patterns, beta = 30.0 * np.eye(4), 0.01
    t = temperature_of(beta, g)
    drawn = exact_states(patterns, beta, temperature=t, replicas=DRAWN, seed=4)
    assert drawn.groups.shape == (DRAWN, g)
    assert (np.diff(drawn.groups, axis=1) >= 0).all()
    noise = drawn.states - patterns[drawn.groups].mean(axis=1)
    z = (noise.var() / t - 1.0) / np.sqrt(2.0 / noise.size)
    assert abs(z) < 4.0
    assert abs(noise.mean() / np.sqrt(t / noise.size)) < 4.0


@pytest.mark.parametrize("g", [2, 3])
@pytest.mark.parametrize("scale", [0.3, 1.0, 1.5])
def test_rejection_finds_groups_with_their_weights(g, scale, monkeypatch):
    patterns, beta = case(2)
    patterns = scale * patterns
    t = temperature_of(beta, g)
    found = mixture(patterns, beta, temperature=t)
    monkeypatch.setattr(exact_module, "MOST_GROUPS", 0)
    drawn = exact_states(patterns, beta, temperature=t, replicas=DRAWN, seed=5)
    index = {tuple(group): c for c, group in enumerate(found.groups.tolist())}
    counts = np.bincount(
        [index[tuple(group)] for group in drawn.groups.tolist()], minlength=len(index)
    )
    often = found.weights * DRAWN > 10.0
    assert often.sum() > 4
    pooled = np.append(counts[often], counts[~often].sum())
    weights = np.append(found.weights[often], found.weights[~often].sum())
    if weights[-1] * DRAWN < 10.0:
        pooled, weights = pooled[:-1], weights[:-1] / weights[:-1].sum()
    assert p_value(pooled, weights) > 1e-4
    assert p_value(pooled, np.roll(weights, 1)) < 1e-4


def test_rejection_where_patterns_are_many_and_far_apart():
    patterns = np.random.default_rng(6).choice([-1.0, 1.0], size=(2000, 64))
    drawn = exact_states(patterns, 1.0, temperature=1 / 3, replicas=50, seed=6)
    assert (drawn.groups == drawn.groups[:, :1]).all()
    assert len(np.unique(drawn.groups)) > 30


def test_rejection_that_does_not_end_is_refused(monkeypatch):
    monkeypatch.setattr(exact_module, "MOST_PROPOSALS", exact_module.AT_ONCE)
    patterns = np.random.default_rng(7).choice([-1.0, 1.0], size=(2000, 64))
    assert len(exact_states(patterns, 1.0, temperature=1 / 3, replicas=50).states) == 50
    patterns[-1] = patterns[0]
    with pytest.raises(InputError, match="none of 256 proposals"):
        exact_states(patterns, 1.0, temperature=1 / 3, replicas=50)


def test_states_do_not_depend_on_how_many_are_drawn():
    patterns, beta = case(3)
    for t in (None, 1.0 / (2.0 * beta)):
        few = exact_states(patterns, beta, temperature=t, replicas=3, seed=8)
        many = exact_states(patterns, beta, temperature=t, replicas=7, seed=8)
        np.testing.assert_array_equal(few.states, many.states[:3])
        np.testing.assert_array_equal(few.groups, many.groups[:3])
        other = exact_states(patterns, beta, temperature=t, replicas=3, seed=9)
        assert (few.states != other.states).all()


# Bad input


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"temperature": 0.3}, "temperature must be 1/beta = 0.5 over an integer"),
        ({"temperature": 0.0}, "temperature must be a number in"),
        ({"temperature": 1.0}, "over an integer"),
        ({"beta": 0.0}, "beta must be a number in"),
        ({"beta": np.nan}, "beta must be a number in"),
        ({"beta": 1e-13}, "beta must be a number in"),
        ({"beta": 1e-5, "temperature": 1e-320}, "temperature must be a number in"),
        ({"patterns": [1.0, 2.0]}, "patterns must be numbers of shape"),
        ({"patterns": [[np.inf]]}, "patterns must be finite numbers"),
        ({"patterns": [["a"]]}, "patterns must be numbers"),
        ({"patterns": [[1.0], [1.0, 2.0]]}, "patterns must be an array of numbers"),
    ],
)
@pytest.mark.parametrize("function", [mixture, exact_states])
def test_bad_input_is_refused(function, given, words):
    arguments = {"patterns": [[1.0, 0.0]], "beta": 2.0} | given
    with pytest.raises(InputError, match=words):
        function(arguments.pop("patterns"), arguments.pop("beta"), **arguments)


@pytest.mark.parametrize("method", ["log_density", "posterior", "score"])
@pytest.mark.parametrize(
    ("states", "words"),
    [
        ([1.0, 2.0, 3.0], r"states must be numbers of shape \(..., 2\), got float64 \(3,\)"),
        ([["a", "b"]], "states must be numbers"),
        ([[1j, 0.0]], "states must be numbers"),
        ([[1.0], [1.0, 2.0]], "states must be an array"),
        ([[np.nan, 0.0]], "states must be finite"),
        ([[1e200, 0.0]], "states must be finite numbers up to"),
    ],
)
def test_bad_states_are_refused(method, states, words):
    with pytest.raises(InputError, match=words):
        getattr(mixture(np.eye(2), 1.0), method)(states)


def test_groups_of_very_many():
    """Numbers of orders beyond the largest float; half the patterns are each of the two."""
    g, x = 2000, np.array([[0.3], [-0.2]])
    measure = mixture([[1.0], [-1.0]], 1.0, temperature=1.0 / g)
    assert len(measure.weights) == g + 1
    force = g * (np.tanh(x) - x)
    np.testing.assert_allclose(measure.score(x), force, rtol=1e-9)
    quadrature = Quadrature([[1.0], [-1.0]], 1.0, 1.0 / g)
    assert abs(measure.log_partition - quadrature.log_partition) < 1e-9
    drawn = exact_states([[1.0], [-1.0]], 1.0, temperature=1.0 / g, replicas=DRAWN).states
    z = drawn.mean() / (drawn.std() / np.sqrt(DRAWN))
    assert abs(z) < 4.0
    spread = (drawn**2).mean() - float(quadrature.mean(lambda y: y[:, 0] ** 2))
    assert abs(spread / ((drawn**2).std() / np.sqrt(DRAWN))) < 4.0


def test_too_many_groups_are_refused():
    many = np.ones((10**4, 1))
    with pytest.raises(InputError, match=r"at most 65536 groups of 10000, got over 1e\+15"):
        mixture(many, 1.0, temperature=1e-4)
    with pytest.raises(InputError, match="proposals would need"):
        exact_states(np.eye(2), 1.0, temperature=1e-9, replicas=1)
    with pytest.raises(InputError, match=r"at most 65536 groups of 3, got 20958500"):
        mixture(np.eye(500), 1.0, temperature=1 / 3)
    with pytest.raises(InputError, match="replicas"):
        exact_states(np.eye(2), 1.0, replicas=0)


def test_panels_fit_into_the_cache():
    assert panel_rows(10**6, 128) * 128 <= 2**15
