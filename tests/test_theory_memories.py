"""Errors of key-value memories: formulas against simulation, against each other, and limits.

Simulations store the unit vectors as values, for which the error of a value is its mean over all
independent values of zero mean: only the keys fluctuate.
"""

import json
from dataclasses import dataclass

import numpy as np
import pytest

import theory
from hopfield import InputError
from hopfield.memories import (
    DPFP,
    DeltaRule,
    EluPlusOne,
    Favor,
    Hebbian,
    Identity,
    LinearAttention,
    LocalLinearAttention,
    PseudoInverse,
    Retention,
    SoftmaxAttention,
    random_keys,
    retrieval_errors,
)
from hopfield.vocabulary import STATUS, describe
from theory.memories.attention import crosstalk_estimate
from theory.memories.delta import one_pass_limit
from theory.memories.features import feature_moments
from theory.memories.linear import best_gain
from theory.memories.passes import many_passes
from theory.memories.setting import EXACT, FIRST_ORDER, LIMIT, Setting

ROUNDING = 1e-12
"""Standard errors below this are those of rounding."""


def simulated(rule, n_pairs, dimension, keys="sphere", noise=0.0, draws=60, seed=1):
    """Errors of every draw and pair, from the last pair to the first."""
    k = random_keys(n_pairs, dimension, keys=keys, draws=draws, seed=seed)
    away = random_keys(n_pairs, dimension, keys="gaussian", draws=draws, seed=seed + 10**6)
    values = np.broadcast_to(np.eye(n_pairs), (draws, n_pairs, n_pairs))
    errors = retrieval_errors(rule.write(k, values).read(k + noise * away), values)
    return errors[:, ::-1]


def deviation(sample, expected):
    """Mean of independent numbers minus what is expected, in standard errors."""
    stderr = sample.std(ddof=1) / np.sqrt(len(sample))
    return (sample.mean() - expected) / max(stderr, ROUNDING)


def predicted(rule, n_pairs, dimension, keys="sphere", noise=0.0):
    found = theory.memory_error(rule, n_pairs, dimension, keys=keys, query_noise=noise)
    assert found.status.item() == "converged"
    return found.error.item()


def elu(dimension):
    return EluPlusOne(np.sqrt(dimension))


EXACT_RULES = [
    lambda d: Hebbian(),
    lambda d: Hebbian(0.4),
    lambda d: Retention(0.97),
    lambda d: LinearAttention(elu(d), gain=0.3 / d),
    lambda d: LinearAttention(DPFP(2), gain=0.8, decay=0.99),
    lambda d: DeltaRule(),
    lambda d: DeltaRule(0.5),
    lambda d: PseudoInverse(),
    lambda d: PseudoInverse(features=elu(d)),
    lambda d: SoftmaxAttention(5.0),
]
FIRST_ORDER_RULES = [
    lambda d: PseudoInverse(0.1),
    lambda d: PseudoInverse(1.0),
    lambda d: LinearAttention(elu(d), normalised=True),
    lambda d: LinearAttention(DPFP(1), normalised=True),
    lambda d: LinearAttention(DPFP(3), normalised=True),
]


def name(make):
    return repr(make(64)).replace("features=", "")


# Against simulation


@pytest.mark.parametrize("keys", ["sphere", "gaussian"])
@pytest.mark.parametrize("make", EXACT_RULES + FIRST_ORDER_RULES, ids=name)
@pytest.mark.parametrize(("dimension", "n_pairs"), [(64, 24), (64, 100), (128, 96)])
def test_errors_of_simulated_memories(make, dimension, n_pairs, keys):
    rule = make(dimension)
    found = theory.memory_error(rule, n_pairs, dimension, keys=keys)
    assert found.validity.item() == (EXACT if make in EXACT_RULES else FIRST_ORDER)
    sample = simulated(rule, n_pairs, dimension, keys).mean(axis=1)
    assert abs(deviation(sample, found.error.item())) < 4.0


@pytest.mark.parametrize("keys", ["sphere", "gaussian"])
@pytest.mark.parametrize("make", EXACT_RULES + FIRST_ORDER_RULES, ids=name)
def test_another_error_is_refuted(make, keys):
    """What is wrong by a tenth does not pass."""
    rule = make(64)
    sample = simulated(rule, 100, 64, keys, draws=60, seed=2).mean(axis=1)
    found = predicted(rule, 100, 64, keys)
    assert abs(deviation(sample, found)) < 4.0
    assert abs(deviation(sample, 1.1 * found)) > 4.0


NOISY = [
    (lambda d: Hebbian(), EXACT),
    (lambda d: Retention(0.97), EXACT),
    (lambda d: DeltaRule(), EXACT),
    (lambda d: PseudoInverse(0.2), FIRST_ORDER),
    (lambda d: SoftmaxAttention(5.0), EXACT),
]


@pytest.mark.parametrize("keys", ["sphere", "gaussian"])
@pytest.mark.parametrize(("make", "validity"), NOISY, ids=lambda x: name(x) if callable(x) else "")
@pytest.mark.parametrize(("dimension", "n_pairs"), [(64, 40), (128, 160)])
def test_errors_of_noisy_queries(make, validity, dimension, n_pairs, keys):
    rule = make(dimension)
    found = theory.memory_error(rule, n_pairs, dimension, keys=keys, query_noise=0.5)
    assert found.validity.item() == validity
    sample = simulated(rule, n_pairs, dimension, keys, noise=0.5).mean(axis=1)
    assert abs(deviation(sample, found.error.item())) < 4.0
    assert abs(deviation(sample, predicted(rule, n_pairs, dimension, keys))) > 4.0


@pytest.mark.parametrize("keys", ["sphere", "gaussian"])
@pytest.mark.parametrize(("dimension", "n_pairs"), [(64, 32), (128, 100), (64, 100), (128, 256)])
def test_noise_of_queries_of_the_pseudo_inverse(dimension, n_pairs, keys):
    found = theory.memory_error(PseudoInverse(), n_pairs, dimension, keys=keys, query_noise=0.5)
    formula = 0.25 * n_pairs / (dimension - n_pairs - 1)
    if n_pairs > dimension:
        formula = 1.0 - dimension / n_pairs + 0.25 * dimension / (n_pairs - dimension - 1)
    elif keys == "sphere":
        formula *= 1.0 - 2.0 / dimension
    exact = keys == "gaussian" or n_pairs < dimension
    assert found.validity.item() == (EXACT if exact else FIRST_ORDER)
    assert abs(found.error.item() - formula) < (1e-12 if exact else 2.0 / dimension * formula)
    sample = simulated(PseudoInverse(), n_pairs, dimension, keys, noise=0.5).mean(axis=1)
    assert abs(deviation(sample, found.error.item())) < 4.0
    assert abs(deviation(sample, 1.1 * found.error.item())) > 4.0


def test_noise_diverges_where_the_pseudo_inverse_does():
    errors = theory.memory_error(PseudoInverse(), [62, 63, 64, 65, 66], 64, query_noise=0.1).error
    assert np.isfinite(errors.values).tolist() == [True, False, False, False, True]
    assert errors.max() == np.inf


BY_AGE = [Retention(0.95), DeltaRule(), DeltaRule(0.6)]


@pytest.mark.parametrize("keys", ["sphere", "gaussian"])
@pytest.mark.parametrize("rule", BY_AGE, ids=repr)
def test_errors_by_age(rule, keys):
    found = theory.memory_error_by_age(rule, 80, 64, keys=keys)
    assert found.error.dims == ("age",)
    assert found.age.values.tolist() == list(range(80))
    sample = simulated(rule, 80, 64, keys, draws=200)
    z = np.array([deviation(sample[:, t], found.error[t].item()) for t in range(80)])
    assert abs(z).max() < 4.0
    assert (z**2).mean() < 2.0
    other = np.array([deviation(sample[:, t], found.error[79 - t].item()) for t in range(80)])
    assert (other**2).mean() > 16.0
    mean = theory.memory_error(rule, 80, 64, keys=keys).error.item()
    assert found.error.mean().item() == pytest.approx(mean, rel=1e-12)


# The limit of many dimensions: simulations of two sizes are extrapolated


def extrapolated(rule, load, draws, seed=1, sizes=(64, 128)):
    """Error at infinite dimension from two, with corrections of order 1/d, and its deviation."""
    means, variances = [], []
    for d in sizes:
        sample = simulated(rule, round(load * d), d, draws=draws, seed=seed).mean(axis=1)
        means.append(sample.mean())
        variances.append(sample.var(ddof=1) / draws)
    ratio = sizes[1] / sizes[0]
    mean = (ratio * means[1] - means[0]) / (ratio - 1.0)
    stderr = np.sqrt(ratio**2 * variances[1] + variances[0]) / (ratio - 1.0)
    return mean, max(stderr, ROUNDING)


LIMITS = [
    (DeltaRule(1.0, 2), 0.5, 200),
    (DeltaRule(1.0, 6), 0.5, 200),
    (DeltaRule(0.5, 3), 1.0, 100),
    (DeltaRule(1.0, 3), 2.0, 30),
]


@pytest.mark.parametrize(("rule", "load", "draws"), LIMITS, ids=lambda x: repr(x))
def test_errors_of_many_passes(rule, load, draws):
    found = theory.memory_error(rule, round(64 * load), 64)
    assert found.validity.item() == LIMIT
    mean, stderr = extrapolated(rule, load, draws)
    assert abs(mean - found.error.item()) < 4.0 * stderr
    assert abs(mean - 1.25 * found.error.item()) > 4.0 * stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("rule", "load"),
    [(DeltaRule(1.0, 10), 1.0), (DeltaRule(1.0, 30), 0.8), (DeltaRule(0.3, 8), 1.5)],
    ids=repr,
)
def test_errors_of_more_passes(rule, load):
    mean, stderr = extrapolated(rule, load, 300, sizes=(80, 160))
    found = theory.memory_error(rule, round(80 * load), 80).error.item()
    assert abs(mean - found) < 4.0 * stderr
    assert abs(mean - 1.3 * found) > 4.0 * stderr


def test_errors_of_passes_converge_with_their_steps(monkeypatch):
    usual = [many_passes(1.0, n, Setting(32, 64)).errors for n in (10, 80)]
    monkeypatch.setattr("theory.memories.passes.LEAST", 36)
    monkeypatch.setattr("theory.memories.passes.STEPS", 1000)
    finer = many_passes(1.0, 10, Setting(32, 64)).errors
    np.testing.assert_allclose(usual[0], finer, rtol=2e-3)
    assert 0.0 <= usual[1].min() < usual[1].max() < 1e-12


def test_many_passes_by_age():
    """Means over parts of the pairs, from the youngest to the oldest, extrapolated."""
    rule, draws = DeltaRule(1.0, 3), 100
    found = theory.memory_error_by_age(rule, 640, 640).error.values.reshape(16, 40).mean(axis=1)
    means, variances = [], []
    for d in (64, 128):
        parts = simulated(rule, d, d, draws=draws).reshape(draws, 16, d // 16).mean(axis=2)
        means.append(parts.mean(axis=0))
        variances.append(parts.var(axis=0, ddof=1) / draws)
    stderr = np.sqrt(4.0 * variances[1] + variances[0])
    z = (2.0 * means[1] - means[0] - found) / stderr
    assert abs(z).max() < 4.0
    reverse = (2.0 * means[1] - means[0] - found[::-1]) / stderr
    assert abs(reverse).max() > 10.0


LOCAL = [
    (LocalLinearAttention(3.0, 0.1), 1.0, (32, 64)),
    (LocalLinearAttention(3.0, 0.1), 2.0, (32, 64)),
    (LocalLinearAttention(5.0, 0.01), 1.0, (32, 64)),
    (LocalLinearAttention(5.0, 0.01), 2.0, (32, 64)),
    (LocalLinearAttention(3.0), 2.0, (16, 32)),
]


@pytest.mark.parametrize(("rule", "load", "sizes"), LOCAL, ids=repr)
def test_errors_of_local_linear_attention(rule, load, sizes):
    found = theory.memory_error(rule, round(load * sizes[1]), sizes[1])
    assert found.validity.item() == LIMIT
    gaps = []
    for d in sizes:
        errors = simulated(rule, round(load * d), d, draws=24).mean(axis=1)
        gaps.append(errors / predicted(rule, round(load * d), d))
    ratios = np.array([gap.mean() for gap in gaps])
    stderrs = np.array([gap.std(ddof=1) / np.sqrt(24) for gap in gaps])
    ratio, stderr = 2.0 * ratios[1] - ratios[0], np.hypot(2.0 * stderrs[1], stderrs[0])
    assert abs(ratio - 1.0) < 4.0 * stderr
    assert abs(ratio - 1.25) > 4.0 * stderr


def test_local_linear_attention_is_exact_up_to_one_more_than_the_dimension():
    for k, exact in ((17, True), (18, False)):
        errors = simulated(LocalLinearAttention(3.0), k, 16, draws=4)
        assert (
            (errors.max() < 1e-12) == (predicted(LocalLinearAttention(3.0), k, 16) == 0.0) == exact
        )


# Against each other, and limits


def test_published_forms():
    d = 64
    for k in (1, 20, 100):
        assert predicted(Hebbian(), k, d) == pytest.approx((k - 1) / d, abs=1e-14)
        assert predicted(Hebbian(), k, d, "gaussian") == pytest.approx((k + 1) / d)
        gain = best_gain(Identity(), Setting(k, d))
        assert gain == pytest.approx(d / (d + k - 1))
        assert predicted(Hebbian(gain), k, d) == pytest.approx((k - 1) / (d + k - 1), abs=1e-14)
        assert predicted(PseudoInverse(), k, d) == pytest.approx(max(0.0, (k - d) / k))
        # One key and its reading: the recursion as it is written for rate 1.
        x = c = 0.0
        for t in range(1, k):
            f = d * (1.0 - (1.0 - 1.0 / d) ** t)
            g = 1.0 + 2.0 * c + x
            x, c = (
                x * (1.0 - 2.0 / d + 3.0 / (d * (d + 2))) + 1.0 / d + 3.0 / (d * (d + 2))
                + (f - g) / (d * (d + 2)) - 2.0 * (d - 1) * c / (d * (d + 2)),
                c * (1.0 - 1.0 / d) - 1.0 / d,
            )  # fmt: skip
        oldest = theory.memory_error_by_age(DeltaRule(), k, d).error[-1].item()
        assert oldest == pytest.approx(x, abs=1e-13)


@pytest.mark.parametrize("keys", ["sphere", "gaussian"])
@pytest.mark.parametrize("features", [Identity(), EluPlusOne(8.0), DPFP(1), DPFP(3)], ids=repr)
def test_best_gain_is_at_the_minimum(features, keys):
    gain = best_gain(features, Setting(50, 64, keys))
    errors = [
        predicted(LinearAttention(features, gain=g * gain), 50, 64, keys) for g in (0.99, 1.0, 1.01)
    ]
    assert errors[1] < min(errors[0], errors[2])
    assert np.isnan(best_gain(Favor(8), Setting(50, 64, keys)))


def test_delta_rule_goes_to_its_limit():
    for rate in (1.0, 0.6):
        gaps = []
        for d in (200, 400):
            k = round(1.5 * d)
            ages = np.arange(k)
            found = theory.memory_error_by_age(DeltaRule(rate), k, d).error.values
            gaps.append(abs(found - one_pass_limit((k - 1 - ages) / d, ages / d, rate)).max() * d)
        assert gaps[1] == pytest.approx(gaps[0], rel=0.05)
        assert gaps[1] < 4.0
    kappa = np.array([0.01, 1.0, 30.0])
    mean = (2.0 - np.exp(-kappa)) * (1.0 - (1.0 - np.exp(-kappa)) / kappa)
    s = (np.arange(10**5) + 0.5) / 10**5
    integrated = [one_pass_limit(x * s, x * (1.0 - s)).mean() for x in kappa]
    np.testing.assert_allclose(integrated, mean, rtol=1e-6)
    np.testing.assert_allclose(mean / kappa, [0.5, mean[1], mean[2] / 30.0], rtol=0.01)


@pytest.mark.parametrize("rate", [1.0, 0.4])
def test_one_of_many_passes_is_one_pass(rate):
    by_age = many_passes(rate, 1, Setting(96, 64)).errors
    position = (np.arange(96) + 0.5) / 64
    expected = one_pass_limit(1.5 - position, position, rate)
    np.testing.assert_allclose(by_age, expected, atol=2e-4)


def test_many_slow_passes_are_ridge_free_gradient_flow():
    """Small rates: the residual decays as the exponential of the Gram matrix."""
    rate, passes, load = 0.02, 60, 0.5
    found = many_passes(rate, passes, Setting(64, 128)).errors.mean()
    x = np.linspace(*((1.0 - np.sqrt(load)) ** 2, (1.0 + np.sqrt(load)) ** 2), 200001)[1:-1]
    density = np.sqrt((x[-1] - x) * (x - x[0]).clip(0)) / x
    flow = (density * np.exp(-2.0 * rate * passes * x)).sum() / density.sum()
    assert found == pytest.approx(flow, rel=0.03)
    assert found != pytest.approx(1.1 * flow, rel=0.03)


def test_ridge_has_its_limits():
    for k in (40, 100):
        assert predicted(PseudoInverse(1e-7), k, 64) == pytest.approx(
            predicted(PseudoInverse(), k, 64), abs=1e-7
        )
        assert predicted(PseudoInverse(1e6), k, 64) == pytest.approx(1.0, abs=1e-5)
    best = theory.memory_error(PseudoInverse(0.25), 640, 640, query_noise=0.5).error.item()
    others = [predicted(PseudoInverse(r), 640, 640, noise=0.5) for r in (0.05, 1.0)]
    assert best < min(others)


def test_normalised_sums_stay_below_the_plain_mean():
    """Weights that are positive are a mean, whatever the dimension."""
    for keys in ("sphere", "gaussian"):
        for d, k in ((3, 2), (8, 4), (16, 8), (64, 1), (64, 1000)):
            for features in (elu(d), DPFP(1), DPFP(2)):
                found = predicted(LinearAttention(features, normalised=True), k, d, keys)
                assert 0.0 <= found <= 1.0
    assert predicted(LinearAttention(DPFP(1), normalised=True), 1, 64) == 0.0


def test_softmax_has_its_limits():
    assert predicted(SoftmaxAttention(1e-9), 50, 64) == pytest.approx(1.0 - 1.0 / 50)
    assert predicted(SoftmaxAttention(500.0), 50, 64) < 1e-30
    for beta, k in ((8.0, 100), (8.0, 1000), (16.0, 10**6)):
        rough = crosstalk_estimate(SoftmaxAttention(beta), Setting(k, 64))
        assert predicted(SoftmaxAttention(beta), k, 64) == pytest.approx(rough, rel=0.07)
    # So many pairs that the sum does not fluctuate: half of them is where it equals the signal.
    rough = crosstalk_estimate(SoftmaxAttention(4.0), Setting(10**5, 64))
    assert predicted(SoftmaxAttention(4.0), 10**5, 64) == pytest.approx(rough, rel=1e-4)
    assert predicted(SoftmaxAttention(2.0), 1, 64, "gaussian", 0.3) == 0.0


@pytest.mark.parametrize(
    ("dimension", "beta", "keys", "noise"),
    [
        (64, 20.0, "gaussian", 0.0),
        (64, 20.0, "sphere", 0.5),
        (64, 8.0, "gaussian", 0.5),
        (16, 8.0, "gaussian", 0.0),
    ],
)
def test_quadrature_reaches_where_the_error_comes_from(monkeypatch, dimension, beta, keys, noise):
    """Errors come from keys that are short and noise that points away, far from typical ones."""
    arguments = SoftmaxAttention(beta), 64, dimension, keys, noise
    usual = predicted(*arguments)
    monkeypatch.setattr("theory.memories.attention.SPACING", 0.8)
    monkeypatch.setattr("theory.memories.attention.REACH", 6.0)
    assert predicted(*arguments) == pytest.approx(usual, rel=2e-3)
    monkeypatch.setattr("theory.memories.attention.REACH", 2.0)
    monkeypatch.setattr("theory.memories.attention._tilts", lambda beta, setting: (0.0, 0.0, 0.0))
    assert predicted(*arguments) != pytest.approx(usual, rel=2e-3)


def test_softmax_of_few_dimensions():
    sample = simulated(SoftmaxAttention(8.0), 30, 16, "gaussian", draws=800).mean(axis=1)
    found = predicted(SoftmaxAttention(8.0), 30, 16, "gaussian")
    assert abs(deviation(sample, found)) < 4.0
    assert abs(deviation(sample, 1.1 * found)) > 4.0


def test_sharp_attention_has_finite_errors_or_none():
    """No overflow, no grid that does not fit into memory."""
    for keys, noise in (("sphere", 0.0), ("sphere", 0.3), ("gaussian", 0.0), ("gaussian", 0.3)):
        for beta in (22.0, 1000.0, 1001.0, 1e40):
            found = theory.memory_error(
                SoftmaxAttention(beta), 40, 64, keys=keys, query_noise=noise
            )
            known = beta < 23.0 or (beta == 1000.0 and (keys, noise) == ("sphere", 0.0))
            assert (found.status.item() == "converged") == known
            assert not known or 0.0 < found.error.item() < 1e-3
    for beta, ridge in ((100.0, 0.0), (100.0, 1e40), (101.0, 0.0), (1.0, 1e-30), (1.0, 1e-31)):
        found = theory.memory_error(LocalLinearAttention(beta, ridge), [1, 40, 200], 64)
        known = beta < 101.0 and ridge != 1e-31
        assert (found.status == "converged").all() == known
        assert np.isfinite(found.error).all() == known


def test_local_linear_attention_has_its_limits():
    for k in (20, 64, 66, 100, 400):
        stiff = predicted(LocalLinearAttention(4.0, 1e7), k, 64)
        assert stiff == pytest.approx(predicted(SoftmaxAttention(4.0), k, 64), rel=0.02)
        plane = predicted(LocalLinearAttention(0.0), k, 64)
        assert plane == pytest.approx(max(0.0, (k - 65) / k), abs=2.0 / k)


def test_alignment_of_features():
    """Constants at components of variance 1 and infinite dimension, from the error function."""
    from math import erfc, exp, pi, sqrt

    q1, q2 = erfc(1.0 / sqrt(2.0)) / 2.0, erfc(sqrt(2.0)) / 2.0
    mean = 0.5 + 1.0 / sqrt(2.0 * pi) + exp(0.5) * q1
    square = 1.0 + 2.0 / sqrt(2.0 * pi) + exp(2.0) * q2
    gaussian = feature_moments(elu(64), Setting(1, 64, "gaussian"))
    assert gaussian.alignment == pytest.approx(mean**2 / square, rel=1e-6)
    sphere = feature_moments(elu(10**4), Setting(1, 10**4))
    assert sphere.alignment == pytest.approx(mean**2 / square, rel=1e-3)
    for shifts in (1, 2, 5):
        for keys, factor in (("gaussian", 1.0), ("sphere", 1.0 + 2.0 / 64)):
            found = feature_moments(DPFP(shifts), Setting(1, 64, keys)).alignment
            assert found == pytest.approx(factor / pi**2, rel=1e-12)


@pytest.mark.parametrize("keys", ["sphere", "gaussian"])
@pytest.mark.parametrize("features", [EluPlusOne(2.0), DPFP(1), DPFP(4)], ids=repr)
@pytest.mark.parametrize("dimension", [3, 6])
def test_moments_of_features(features, keys, dimension):
    found = feature_moments(features, Setting(1, dimension, keys))
    phi = features(random_keys(400_000, dimension, keys=keys, seed=4))
    mean, second = phi.mean(axis=0), phi.T @ phi / len(phi)
    squares = (phi**2).sum(axis=1)
    samples = {
        "square": squares,
        "fourth": squares**2,
        "product": ((phi @ second) * phi).sum(axis=1),
        "mean": phi @ mean,
        "along_mean": (phi @ mean) ** 2,
        "square_along_mean": squares * (phi @ mean),
    }
    # Means that come in twice double the error of those that are averages.
    for part, sample in samples.items():
        assert abs(deviation(sample, getattr(found, part))) < 8.0, part
        assert abs(deviation(sample, 1.3 * getattr(found, part))) > 8.0, part


def test_moments_of_features_in_three_dimensions(monkeypatch):
    """On the sphere a component, given another one, has a density that ends above zero."""
    usual = feature_moments(EluPlusOne(2.0), Setting(1, 3))
    monkeypatch.setattr("theory.memories.features.POINTS", 3201)
    finer = feature_moments(EluPlusOne(2.0), Setting(1, 3))
    for part in ("square", "fourth", "product", "mean", "along_mean", "square_along_mean"):
        assert getattr(usual, part) == pytest.approx(getattr(finer, part), rel=1e-5)


@pytest.mark.parametrize("shifts", [3, 4, 6])
def test_shifts_of_as_many_as_components_add_nothing(shifts):
    """Features of the shift d are zero, and those of more are those of fewer."""
    rule = PseudoInverse(features=DPFP(shifts))
    sample = simulated(rule, 50, 4, draws=4)
    expected = 1.0 - 24 / 50
    assert predicted(rule, 50, 4) == pytest.approx(expected)
    np.testing.assert_allclose(sample.mean(axis=1), expected, rtol=1e-6)
    fewer = PseudoInverse(features=DPFP(2))
    np.testing.assert_allclose(simulated(fewer, 50, 4, draws=4).mean(axis=1), 1 - 16 / 50)


def test_rank_of_features_is_their_number():
    for features in (elu(16), DPFP(1), DPFP(3)):
        width = features.width(16)
        phi = features(random_keys(2 * width, 16, seed=2))
        assert np.linalg.matrix_rank(phi) == width
        assert predicted(PseudoInverse(features=features), 2 * width, 16) == 0.5


# What is accepted and returned


def test_shapes_and_labels():
    scalar = theory.memory_error(Hebbian(), 10, 64)
    assert scalar.sizes == {}
    grid = theory.memory_error(DeltaRule(), [10, 20], np.array([64, 128, 256]), keys="gaussian")
    assert grid.error.dims == ("n_pairs", "dimension")
    assert grid["load"].values[1].tolist() == [20 / 64, 20 / 128, 20 / 256]
    for result in (scalar, grid, theory.memory_error_by_age(DeltaRule(), 5, 64)):
        for variable in (*result.data_vars, *result.coords):
            assert result[variable].attrs["long_name"] == describe(str(variable))["long_name"]
        assert set(np.unique(result.status.values)) <= set(STATUS)
        assert json.loads(result.attrs["model"])["features"] == {"name": "Identity"}
    for i, k in enumerate((10, 20)):
        for j, d in enumerate((64, 128, 256)):
            assert grid.error[i, j].item() == predicted(DeltaRule(), k, d, "gaussian")


@dataclass(frozen=True)
class Doubled:
    """Every component twice, so that features are more than they seem."""

    def width(self, dimension):
        """Number of features."""
        return 2 * dimension

    def __call__(self, keys):
        """Features."""
        return np.concatenate([keys, keys], axis=-1)


ABSENT = [
    (LinearAttention(Favor(16)), {}),
    (LinearAttention(EluPlusOne()), {"query_noise": 0.1}),
    (LinearAttention(EluPlusOne(), normalised=True, decay=0.9), {}),
    (DeltaRule(features=DPFP(1)), {}),
    (DeltaRule(passes=1000), {}),
    (PseudoInverse(0.1, DPFP(1)), {}),
    (PseudoInverse(1e-7), {"n_pairs": [63, 64]}),
    (PseudoInverse(features=Favor(16)), {}),
    (PseudoInverse(features=Doubled()), {}),
    (LocalLinearAttention(1.0), {"keys": "gaussian"}),
    (LocalLinearAttention(1.0), {"query_noise": 0.1}),
]


@pytest.mark.parametrize(("rule", "options"), ABSENT, ids=repr)
def test_no_theory_is_said(rule, options):
    options = {"n_pairs": [10, 20]} | options
    found = theory.memory_error(rule, dimension=64, **options)
    assert np.isnan(found.error).all()
    assert found.status.values.tolist() == ["absent"] * 2
    assert found.validity.values.tolist() == ["none"] * 2
    by_age = theory.memory_error_by_age(
        rule, dimension=64, **options | {"n_pairs": options["n_pairs"][1]}
    )
    assert by_age.status.item() == "absent"
    assert np.isnan(by_age.error).all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"memory": "hebbian"}, "memory must be a rule"),
        ({"memory": Hebbian().write(np.eye(2), np.eye(2))}, "memory must be a rule"),
        ({"n_pairs": 0}, "n_pairs must be"),
        ({"n_pairs": 1.5}, "n_pairs must be"),
        ({"n_pairs": [[1]]}, "n_pairs must be"),
        ({"n_pairs": []}, "n_pairs must be"),
        ({"n_pairs": [[1], [1, 2]]}, "n_pairs must be"),
        ({"n_pairs": 10**13}, "errors of all pairs would need"),
        ({"query_noise": 1e13}, "query_noise must be"),
        ({"dimension": 2}, "dimension must be an integer >= 3"),
        ({"dimension": True}, "dimension must be"),
        ({"keys": "cube"}, "keys must be one of"),
        ({"query_noise": -1.0}, "query_noise must be"),
    ],
)
def test_bad_arguments_are_refused(change, message):
    arguments = {"memory": Hebbian(), "n_pairs": 10, "dimension": 64} | change
    with pytest.raises(InputError, match=message):
        theory.memory_error(**arguments)
    with pytest.raises(InputError, match=message):
        theory.memory_error_by_age(**arguments)
