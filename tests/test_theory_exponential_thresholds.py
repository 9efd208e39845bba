"""Thresholds of exponential networks: published values, brute-force optima, and samples."""

from decimal import Decimal, localcontext

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq, minimize, minimize_scalar
from scipy.special import logsumexp

from hopfield import InputError, attention
from theory.exponential.dot_product import dot_product_basin, dot_product_capacity
from theory.exponential.phases import ExponentialPhases
from theory.exponential.rates import BINARY, ENSEMBLES, GAUSSIAN, SPHERICAL
from theory.exponential.thresholds import (
    GAUSSIAN_PAIR,
    all_patterns_load,
    basin,
    condensation_load,
    crosstalk,
    gaussian_all_patterns_load,
    pair_load,
    retrieval_load,
    scatter_load,
    smallest_norm_load,
)

NAMES = list(ENSEMBLES)


def test_published_thresholds():
    """Lucibello and Mezard 0.623 and 1/2, Demircigil et al. 0.35 and I(1 - 2ρ)/2."""
    assert round(retrieval_load(SPHERICAL, 1.0).item(), 3) == 0.623
    np.testing.assert_allclose(retrieval_load(GAUSSIAN, [1.0, 1.7, 10.0]), 0.5, rtol=1e-15)
    assert round(pair_load(BINARY).item(), 2) == 0.35
    rho = 0.1
    rate = np.log(2.0) + rho * np.log(rho) + (1.0 - rho) * np.log(1.0 - rho)
    assert pair_load(BINARY, 1.0 - 2.0 * rho).item() == pytest.approx(rate / 2.0, rel=1e-14)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sharpness", [0.2, 0.9, 1.5])
@pytest.mark.parametrize("load", [0.05, 0.3, 0.6, 0.9])
def test_crosstalk_is_the_best_of_the_overlaps_that_there_are(name, sharpness, load):
    """Maximum of α - I(x) + λ x over the overlaps of some pattern, I(x) <= α."""
    law = ENSEMBLES[name]
    high = law.extreme_overlap(load).item()
    best = minimize_scalar(
        lambda x: law.rate(x) - sharpness * x, bounds=(0.0, high), method="bounded",
        options={"xatol": 1e-13},
    )  # fmt: skip
    value = max(load - best.fun, load - law.rate(high).item() + sharpness * high)
    assert crosstalk(law, sharpness, load).item() == pytest.approx(value, rel=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_crosstalk_is_smooth_where_it_condenses(name):
    law, lam = ENSEMBLES[name], 0.8
    edge, step = condensation_load(law, lam).item(), 1e-5
    below, at, above = (crosstalk(law, lam, edge + d).item() for d in (-step, 0.0, step))
    assert (at - below) / step == pytest.approx((above - at) / step, abs=1e-4)
    assert (above - at) / step == pytest.approx(1.0, abs=1e-9)


@given(
    name=st.sampled_from(NAMES),
    strength=st.floats(0.05, 5.0),
    overlap=st.floats(0.05, 1.0),
)
def test_basin_and_threshold_are_inverses(name, strength, overlap):
    law = ENSEMBLES[name]
    load = retrieval_load(law, strength, overlap)
    assert basin(law, strength, load).item() == pytest.approx(overlap, rel=1e-10)


@given(name=st.sampled_from(NAMES), strength=st.floats(0.05, 5.0), overlap=st.floats(0.05, 1.0))
def test_threshold_is_a_truncated_legendre_transform(name, strength, overlap):
    law = ENSEMBLES[name]
    field = np.linspace(0.0, strength, 4001)
    expected = (field * overlap - law.cumulant(field)).max()
    found = retrieval_load(law, strength, overlap).item()
    assert expected - 1e-12 <= found <= expected + 0.5 * (strength / 4000.0) ** 2


def test_thresholds_of_binary_patterns():
    """One pattern, single flips: that of twice the sharpness; all patterns: half of log 2."""
    lam = np.array([0.2, 0.5, 1.0, 3.0])
    log_cosh = np.log(np.cosh(lam))
    np.testing.assert_allclose(retrieval_load(BINARY, lam), lam - log_cosh, rtol=1e-13)
    flips = retrieval_load(BINARY, 2.0 * lam, 0.7)
    expected = np.where(
        np.tanh(2.0 * lam) < 0.7, 1.4 * lam - np.log(np.cosh(2.0 * lam)), BINARY.rate(0.7)
    )
    np.testing.assert_allclose(flips, expected, rtol=1e-13)
    np.testing.assert_allclose(scatter_load(BINARY, lam), np.log1p(np.tanh(lam) ** 2), rtol=1e-13)
    np.testing.assert_allclose(
        all_patterns_load(BINARY, lam), np.minimum(lam - log_cosh, np.log(2.0) / 2.0), rtol=1e-13
    )


def test_sharp_networks_are_limited_by_the_closest_pattern():
    assert retrieval_load(BINARY, 40.0).item() == pytest.approx(np.log(2.0), abs=1e-13)
    lam = np.array([1e3, 1e5])
    growth = retrieval_load(SPHERICAL, lam)
    np.testing.assert_allclose(growth, (1.0 + np.log(lam)) / 2.0, atol=1e-3)
    np.testing.assert_allclose(basin(BINARY, 40.0, 0.3), BINARY.extreme_overlap(0.3), rtol=1e-15)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("sharpness", [1e-6, 0.3, 0.999, 1.0, 30.0, 1e5, 1e12])
def test_shortfall_has_the_digits_that_a_difference_loses(name, sharpness):
    law, lam = ENSEMBLES[name], Decimal(sharpness)
    with localcontext(prec=60):
        if name == "binary":
            cumulant = (lam.exp() + (-lam).exp()).ln() - Decimal(2).ln() if lam < 1000 else None
            exact = Decimal(2).ln() if cumulant is None else lam - cumulant
        elif name == "spherical":
            x = ((1 + 4 * lam**2).sqrt() - 1) / (2 * lam)
            exact = lam * (1 - x) + (1 + lam * x).ln() / 2
        else:
            exact = lam - lam**2 / 2
    assert law.shortfall(sharpness).item() == pytest.approx(float(exact), rel=4e-15)


@pytest.mark.parametrize("sharpness", [1e5, 1e12, 1e200])
def test_very_sharp_networks(sharpness):
    """λ - log cosh λ, of which nothing is left in a difference of floating-point numbers."""
    assert retrieval_load(BINARY, sharpness).item() == pytest.approx(np.log(2.0), rel=1e-15)
    assert scatter_load(BINARY, sharpness).item() == pytest.approx(np.log(2.0), rel=1e-15)
    growth = (1.0 + np.log(sharpness)) / 2.0
    assert retrieval_load(SPHERICAL, sharpness).item() == pytest.approx(growth, rel=1e-5)
    one = ExponentialPhases(sharpness)
    cold = np.array([0.0, 0.1, 0.9]) / sharpness
    for line in (one.spinodal_load, one.equilibrium_load):
        np.testing.assert_allclose(line(cold), np.log(2.0), rtol=1e-15)


def test_no_load_is_none():
    assert np.isnan(crosstalk(BINARY, 1.0, np.nan))


def test_gaussian_pair_is_the_cheapest_one():
    """Least rate of two Gaussian vectors of which one has a larger overlap with the other."""

    def rate(z):
        own, other = np.exp(z)
        cross = own
        if own * other <= cross**2:
            return 1e3
        return 0.5 * (own + other - 2.0 - np.log(own * other - cross**2))

    best = minimize(
        rate, [-0.5, 0.5], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-13}
    )
    assert best.fun / 2.0 == pytest.approx(GAUSSIAN_PAIR, abs=1e-10)  # of exp(2αN) pairs
    np.testing.assert_allclose(np.exp(best.x), [0.5, 1.5], rtol=1e-4)


@pytest.mark.parametrize("sharpness", [0.05, 0.4, 0.9, 1.0, 1.8])
def test_smallest_gaussian_norm(sharpness):
    """The crosstalk at a state of squared norm N r has the strength λ r^(1/2)."""

    def excess(load):
        smallest = brentq(lambda r: (r - 1.0 - np.log(r)) / 2.0 - load, 1e-12, 1.0, xtol=1e-15)
        noise = crosstalk(GAUSSIAN, sharpness * np.sqrt(smallest), load).item()
        return noise - sharpness * smallest

    expected = brentq(excess, 1e-6, 0.5, xtol=1e-14)
    assert smallest_norm_load(sharpness).item() == pytest.approx(expected, rel=1e-9)


def test_which_gaussian_pattern_is_lost_first():
    lam = np.array([0.1, 0.6, 0.8, 2.0])
    found = gaussian_all_patterns_load(lam)
    assert (found == GAUSSIAN_PAIR).tolist() == [False, False, True, True]
    assert (found < retrieval_load(GAUSSIAN, lam)).all()


def test_dot_products_are_gaussian_in_high_dimension():
    lam, d = 1.5, np.array([64, 256, 1024, 10**6])
    exact, gaussian = dot_product_capacity(lam, d)
    np.testing.assert_allclose(exact - gaussian, lam**4 / (4.0 * d), rtol=8.0 / d[0])
    half = dot_product_basin(lam, d[:3], np.exp(exact[:3]))
    np.testing.assert_allclose(half, 1.0, rtol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dot_product_capacity(0.0, 64), "sharpness must be above 0, got 0"),
        (lambda: dot_product_capacity(1.0, [64, 1]), "dimension must be at least 2, got 1"),
        (lambda: dot_product_capacity(np.nan, 64), "sharpness must be finite numbers, got nan"),
        (lambda: dot_product_basin(-1.0, 64, 10), "sharpness must be above 0, got -1"),
        (lambda: dot_product_basin(1.0, 64, 0), "n_patterns must be at least 1, got 0"),
        (lambda: dot_product_basin(1.0, "a", 10), "dimension must be finite numbers"),
    ],
)
def test_bad_arguments_of_dot_products(call, message):
    with pytest.raises(InputError, match=message):
        call()


def test_half_of_the_weight_of_a_key():
    """Mean crosstalk of sampled keys on the sphere; that of Gaussian logits is another one."""
    d, lam, draws = 8, 2.0, 400_000
    keys = np.random.default_rng(2).standard_normal((draws, d))
    u = keys[:, 0] / np.linalg.norm(keys, axis=1)
    weights = np.exp(lam * np.sqrt(d) * (u - 1.0))
    mean, error = weights.mean(), weights.std() / np.sqrt(draws)
    exact, gaussian = (np.exp(-value) for value in dot_product_capacity(lam, d))
    assert abs(mean - exact) < 4.0 * error
    assert abs(mean - gaussian) > 4.0 * error


@pytest.mark.parametrize("name", NAMES)
def test_crosstalk_of_sampled_patterns(name):
    """Of many patterns the mean is typical; of few the closest is, within powers of N."""
    law, n, count = ENSEMBLES[name], 24, 4000
    rng = np.random.default_rng(8)
    values = {0.3: [], 3.0: []}
    for _ in range(40):
        patterns = rng.standard_normal((count, n))
        if name == "binary":
            patterns = np.sign(patterns)
        elif name == "spherical":
            patterns *= np.sqrt(n) / np.linalg.norm(patterns, axis=1, keepdims=True)
        for lam, found in values.items():
            found.append(logsumexp(lam * patterns.sum(axis=1)) / n)
    load = np.log(count) / n
    assert condensation_load(law, 0.3) < load < condensation_load(law, 3.0)
    many, few = np.mean(values[0.3]), np.mean(values[3.0])
    error = np.std(values[0.3]) / np.sqrt(40)
    assert abs(many - load - law.finite_cumulant(0.3, n)) < 4.0 * error
    assert abs(many - load - law.finite_cumulant(0.31, n)) > 4.0 * error
    assert abs(many - crosstalk(law, 0.3, load)) < 2e-3
    assert few < crosstalk(law, 3.0, load).item() < few + 3.0 * np.log(n) / n


def test_a_state_that_stays_proves_nothing_beyond_condensation():
    """Signs of the softmax mean: every state stays where many patterns share the crosstalk."""

    def staying(n, load, sets=24):
        rng = np.random.default_rng(9)
        parts = []
        for _ in range(sets):
            patterns = rng.choice([-1.0, 1.0], size=(round(np.exp(load * n)), n))
            states = rng.choice([-1.0, 1.0], size=(25, n))
            kept = np.sign(attention.update(states, patterns, 1.0)) == states
            parts.append(kept.all(axis=1).mean())
        return np.mean(parts), np.std(parts, ddof=1) / np.sqrt(sets)

    assert 0.15 < condensation_load(BINARY, 1.0) < 0.5
    few, error_few = staying(10, 0.5)
    many, error_many = staying(18, 0.5)
    assert many - few > 4.0 * np.hypot(error_few, error_many)
    assert many > 0.8
    below = [staying(n, 0.15)[0] for n in (10, 18)]
    assert max(below) < 0.05
