"""Rates and cumulants of overlaps: duality, closed forms, and sampled or enumerated laws."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp
from scipy.stats import beta, binom

from theory.exponential.bessel import log_mean_exponential
from theory.exponential.rates import BINARY, ENSEMBLES, GAUSSIAN, SPHERICAL, log_cosh

LAWS = list(ENSEMBLES.values())


@pytest.mark.parametrize("law", LAWS, ids=list(ENSEMBLES))
@pytest.mark.parametrize("sharpness", [1e-3, 0.3, 1.0, 4.0])
def test_cumulant_is_the_legendre_transform_of_the_rate(law, sharpness):
    high = 10.0 if law is GAUSSIAN else 1.0
    best = minimize_scalar(
        lambda x: law.rate(x) - sharpness * x, bounds=(0.0, high), method="bounded",
        options={"xatol": 1e-12},
    )  # fmt: skip
    assert -best.fun == pytest.approx(law.cumulant(sharpness).item(), abs=1e-11)
    assert best.x == pytest.approx(law.tilted_overlap(sharpness).item(), abs=1e-6)


@pytest.mark.parametrize("law", LAWS, ids=list(ENSEMBLES))
def test_tilted_overlap_is_the_slope_of_the_cumulant(law):
    lam, step = np.array([0.1, 0.9, 1.1, 3.0]), 1e-5
    slope = (law.cumulant(lam + step) - law.cumulant(lam - step)) / (2 * step)
    np.testing.assert_allclose(law.tilted_overlap(lam), slope, rtol=1e-9)


@pytest.mark.parametrize("law", LAWS, ids=list(ENSEMBLES))
def test_rate_at_the_tilted_overlap(law):
    """By itself, and as λ x - ζ; the slope there is λ."""
    lam = np.array([1e-4, 0.3, 0.999, 1.0, 2.0, 5.0])
    x = law.tilted_overlap(lam)
    np.testing.assert_allclose(law.tilted_rate(lam), law.rate(x), rtol=1e-9)
    np.testing.assert_allclose(law.tilted_rate(lam), lam * x - law.cumulant(lam), atol=1e-15)
    step = 1e-6 * x[1:]
    slope = (law.rate(x[1:] + step) - law.rate(x[1:] - step)) / (2 * step)
    np.testing.assert_allclose(slope[:-1], lam[1:-1], rtol=1e-6)


@given(load=st.floats(1e-12, 0.69314), name=st.sampled_from(list(ENSEMBLES)))
def test_extreme_overlap_inverts_the_rate(load, name):
    law = ENSEMBLES[name]
    x = law.extreme_overlap(load)
    assert 0.0 < x < np.sqrt(2.0 * load) * (1.0 + 1e-12)
    assert law.rate(x).item() == pytest.approx(load, rel=1e-12, abs=1e-16)


@given(field=st.floats(1e-5, 15.0), name=st.sampled_from(["binary", "spherical"]))
def test_extreme_field_inverts_the_rate_by_its_slope(field, name):
    law = ENSEMBLES[name]
    load = law.tilted_rate(field)
    spread = 1e-15 / (law.volume - load) if law is BINARY else 0.0
    assert law.extreme_field(load).item() == pytest.approx(field, rel=1e-10 + spread)


def test_ends_of_the_loads_of_binary_patterns():
    loads = np.array([0.0, np.log(2.0), 0.7, 5.0])
    assert BINARY.extreme_overlap(loads).tolist() == [0.0, 1.0, 1.0, 1.0]
    assert BINARY.extreme_field(loads).tolist() == [0.0, np.inf, np.inf, np.inf]
    assert BINARY.rate([1.0, 1.1]).tolist() == [np.log(2.0), np.inf]
    assert SPHERICAL.rate([1.0, 2.0]).tolist() == [np.inf, np.inf]


def test_log_cosh_of_all_sizes():
    x = np.array([0.0, -0.3, 0.999, 1.0, 1.001, -5.0])
    np.testing.assert_allclose(log_cosh(x), np.log(np.cosh(x)), rtol=1e-14)
    assert log_cosh(-1e5) == 1e5 - np.log(2.0)


@pytest.mark.parametrize("dimension", [2, 3, 10, 101, 102, 400])
@pytest.mark.parametrize("strength", [0.0, 1e-3, 0.99, 1.0, 40.0, 900.0])
def test_mean_exponential_of_a_component_of_a_unit_vector(dimension, strength):
    """Against quadrature over the angle, in which the density has no singularity."""
    power = dimension - 2.0

    def density(angle):
        log = strength * (np.cos(angle) - 1.0) + power * np.log(np.sin(angle) + 1e-300)
        return np.exp(log) * scale

    peak = np.arange(1e-4, np.pi, 1e-4)
    log = strength * (np.cos(peak) - 1.0) + power * np.log(np.sin(peak))
    top = peak[np.argmax(log)]
    scale = np.exp(-log.max())
    edges = np.clip([0.0, top - 0.3, top, top + 0.3, np.pi], 0.0, np.pi)
    total = sum(
        quad(density, low, high, epsabs=0.0, epsrel=1e-12, limit=400)[0]
        for low, high in itertools.pairwise(edges)
        if high > low
    )
    plain = quad(lambda t: np.sin(t) ** power, 0.0, np.pi, epsabs=0.0, epsrel=1e-12, limit=400)[0]
    expected = np.log(total) - np.log(scale) + strength - np.log(plain)
    found = log_mean_exponential(strength, dimension).item()
    assert found == pytest.approx(expected, rel=1e-11, abs=1e-12)


@pytest.mark.parametrize("dimension", [4, 40, 98, 100, 101, 102, 103, 104, 106, 500])
def test_recurrence_of_dimensions(dimension):
    """That of Bessel functions, also between orders below and above 50."""
    k = np.array([1e-3, 0.5, 3.0, 30.0, 200.0])
    order = dimension / 2.0 - 1.0
    below, here, above = (log_mean_exponential(k, dimension + step) for step in (-2, 0, 2))
    factor = (k / 2.0) ** 2 / (order * (order + 1.0))
    np.testing.assert_allclose(
        np.exp(below - here) - factor * np.exp(above - here), 1.0, rtol=0.0, atol=3e-11
    )


@pytest.mark.parametrize("law", LAWS, ids=list(ENSEMBLES))
def test_cumulant_of_large_networks_is_the_limit(law):
    sizes = np.array([100, 1000, 10000])
    gap = law.finite_cumulant(0.8, sizes) - law.cumulant(0.8)
    assert np.abs(gap[-1]) < 1e-4
    assert gap.shape == (3,)
    if law is SPHERICAL:  # the correction is of order 1/N
        np.testing.assert_allclose(gap[:2] / gap[1:], 10.0, rtol=0.01)


def test_cumulant_of_signs_by_summation():
    n = 12
    k = np.arange(n + 1)
    exact = logsumexp(0.7 * (n - 2 * k) + binom.logpmf(k, n, 0.5)) / n
    assert BINARY.finite_cumulant(0.7, n).item() == pytest.approx(exact, rel=1e-14)


def test_tail_of_signs():
    n = 20
    overlap = np.array([0.6, 0.55, -1.0, 1.0])
    larger, same = BINARY.log_tail(overlap, n)
    u = 1.0 - 2.0 * np.arange(n + 1) / n
    p = binom.pmf(np.arange(n + 1), n, 0.5)
    expected = [p[u > x + 1e-12].sum() for x in overlap]
    np.testing.assert_allclose(np.exp(larger), expected, rtol=1e-12)
    np.testing.assert_allclose(np.exp(same), [p[4], 0.0, p[20], p[0]], rtol=1e-12)


@pytest.mark.parametrize("name", ["spherical", "gaussian"])
def test_tail_of_sampled_overlaps(name):
    """Fraction of sampled patterns that are closer; with another size it is not that one."""
    law, n, draws = ENSEMBLES[name], 10, 40_000
    patterns = np.random.default_rng(5).standard_normal((draws, n))
    if name == "spherical":
        patterns *= np.sqrt(n) / np.linalg.norm(patterns, axis=1, keepdims=True)
    state = np.random.default_rng(6).standard_normal(n)
    state *= np.sqrt(n) / np.linalg.norm(state)
    fraction = np.mean(patterns @ state / n > 0.3)

    def z(size):
        p = np.exp(law.log_tail(0.3, size)[0]).item()
        return (fraction - p) / np.sqrt(p * (1.0 - p) / draws)

    assert abs(z(n)) < 4.0
    assert abs(z(2 * n)) > 4.0


def test_tail_decays_with_the_rate():
    """Up to a power of N."""
    n = np.array([500, 1000])
    for law in LAWS:
        log = law.log_tail(0.4, n)[0]
        assert -(log[1] - log[0]) / 500 == pytest.approx(law.rate(0.4).item(), abs=2e-3)
    beta_tail = beta.logsf(0.7, 499.5, 499.5)
    assert SPHERICAL.log_tail(0.4, 1000)[0].item() == pytest.approx(beta_tail, rel=1e-12)
