"""Key-value memories against loops that write them down, identities, and bad input."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    random_values,
    retrieval_errors,
)

RULES = [
    Hebbian(),
    LinearAttention(EluPlusOne(2.0), normalised=True),
    LinearAttention(DPFP(2), gain=0.5),
    Retention(0.9),
    DeltaRule(),
    DeltaRule(0.3, 4, DPFP(1)),
    PseudoInverse(),
    PseudoInverse(0.2, EluPlusOne()),
    SoftmaxAttention(3.0),
    LocalLinearAttention(3.0),
    LocalLinearAttention(3.0, ridge=0.1),
]
ONLINE = [rule for rule in RULES if not isinstance(rule, DeltaRule) or rule.passes == 1]


def pairs(n=7, d=5, c=3, seed=0, draws=None):
    keys = random_keys(n, d, keys="gaussian", draws=draws, seed=seed)
    shape = (n, c) if draws is None else (draws, n, c)
    return keys, np.random.default_rng(seed + 1).standard_normal(shape)


def name(rule):
    return repr(rule).replace("features=", "")


every_rule = pytest.mark.parametrize("rule", RULES, ids=name)


# What every rule has in common


@every_rule
def test_a_batch_is_read_as_its_members(rule):
    keys, values = pairs(draws=4)
    queries = np.random.default_rng(5).standard_normal((4, 6, 5))
    together = rule.write(keys, values).read(queries)
    assert together.shape == (4, 6, 3)
    for b in range(4):
        one = rule.write(keys[b], values[b])
        np.testing.assert_allclose(together[b], one.read(queries[b]), atol=1e-11)
        np.testing.assert_allclose(one.read(queries[b, 2]), together[b, 2], atol=1e-11)


@every_rule
def test_leading_dimensions_broadcast(rule):
    keys, values = pairs()
    several = np.stack([values, 2.0 * values, -values])
    memory = rule.write(keys, several)
    found = memory.read(keys)
    assert found.shape == (3, 7, 3)
    np.testing.assert_allclose(found[1], 2.0 * found[0], atol=1e-11)
    queries = np.stack([keys, keys + 1.0])[:, None]
    assert memory.read(queries).shape == (2, 3, 7, 3)
    np.testing.assert_allclose(memory.read(queries)[0], found, atol=1e-11)


@pytest.mark.parametrize("rule", ONLINE, ids=name)
def test_writing_goes_on(rule):
    keys, values = pairs(n=9)
    at_once = rule.write(keys, values)
    first = rule.write(keys[:4], values[:4])
    before = first.read(keys)
    on_and_on = first.write(keys[4:5], values[4:5]).write(keys[5:], values[5:])
    np.testing.assert_allclose(on_and_on.read(keys), at_once.read(keys), atol=1e-10)
    np.testing.assert_array_equal(first.read(keys), before)


@every_rule
def test_reading_is_linear_in_values(rule):
    keys, one = pairs()
    other = np.random.default_rng(9).standard_normal(one.shape)
    found = rule.write(keys, 2.0 * one - 3.0 * other).read(keys + 0.1)
    parts = [rule.write(keys, v).read(keys + 0.1) for v in (one, other)]
    np.testing.assert_allclose(found, 2.0 * parts[0] - 3.0 * parts[1], atol=1e-10)


@every_rule
def test_what_is_written_does_not_change_with_its_arrays(rule):
    keys, values = pairs()
    memory = rule.write(keys, values)
    before, queries = memory.read(keys), keys.copy()
    keys += 1.0
    values *= 2.0
    np.testing.assert_array_equal(memory.read(queries), before)


@every_rule
def test_order_matters_only_to_rules_that_forget(rule):
    keys, values = pairs()
    order = np.random.default_rng(2).permutation(len(keys))
    one = rule.write(keys, values).read(keys)
    other = rule.write(keys[order], values[order]).read(keys)
    forgets = isinstance(rule, DeltaRule) or rule == Retention(0.9)
    assert np.allclose(one, other, atol=1e-9) is not forgets


@given(seed=st.integers(0, 2**20))
def test_rotated_keys_are_read_with_rotated_queries(seed):
    keys, values = pairs(seed=seed)
    rotation, _ = np.linalg.qr(np.random.default_rng(seed).standard_normal((5, 5)))
    queries = keys + 0.3
    for rule in RULES:
        if not isinstance(getattr(rule, "features", Identity()), Identity):
            continue
        plain = rule.write(keys, values).read(queries)
        rotated = rule.write(keys @ rotation, values).read(queries @ rotation)
        np.testing.assert_allclose(rotated, plain, atol=1e-6)


# Sums of outer products


@pytest.mark.parametrize("features", [Identity(), EluPlusOne(1.5), DPFP(2)], ids=repr)
@pytest.mark.parametrize("gated", ["no gates", "one each", "each feature"])
def test_linear_attention_is_a_loop(features, gated):
    keys, values = pairs(n=8)
    phi = features(keys)
    rng, width = np.random.default_rng(3), features.width(5)
    shape = {"no gates": None, "one each": (8,), "each feature": (8, width)}[gated]
    gates = None if shape is None else rng.uniform(size=shape)
    matrix, total = np.zeros((3, width)), np.zeros(width)
    for t in range(8):
        g = 0.8 * (1.0 if gates is None else gates[t])
        matrix = matrix * g + np.outer(values[t], phi[t])
        total = total * g + phi[t]
    for normalised in {False, not isinstance(features, Identity)}:
        rule = LinearAttention(features, normalised=normalised, gain=0.7, decay=0.8)
        later = None if gates is None else gates[5:]
        first = rule.write(keys[:5], values[:5], gates=None if gates is None else gates[:5])
        found = first.write(keys[5:], values[5:], gates=later).read(keys)
        expected = 0.7 * phi @ matrix.T
        if normalised:
            expected = expected / (phi @ total)[:, None]
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_named_sums():
    assert Hebbian(0.5) == LinearAttention(gain=0.5)
    assert Retention(0.9) == LinearAttention(decay=0.9)
    keys, values = pairs()
    np.testing.assert_allclose(Hebbian().write(keys, values).matrix, values.T @ keys)
    closed = Retention(0.5).write(keys, values, gates=np.zeros(7))
    np.testing.assert_allclose(closed.matrix, np.outer(values[-1], keys[-1]))


def test_normalised_weights_have_sum_one():
    keys, _ = pairs()
    rule = LinearAttention(DPFP(1), normalised=True)
    np.testing.assert_allclose(rule.write(keys, np.ones((7, 1))).read(keys), 1.0, atol=1e-12)
    lone = LinearAttention(DPFP(1), normalised=True).write([[1.0, 1.0, 0.0]], [[1.0]])
    with pytest.raises(InputError, match="features that no key has"):
        lone.read([[-1.0, -1.0, 0.0]])


# Features


def test_dpfp_is_the_product_of_its_formula():
    for shifts in (1, 2, 3):
        for k in np.random.default_rng(shifts).standard_normal((5, 4)):
            x = [max(entry, 0.0) for entry in (*k, *-k)]
            expected = [x[i] * x[(i - j) % 8] for j in range(1, shifts + 1) for i in range(8)]
            np.testing.assert_allclose(DPFP(shifts)(k), expected)
            assert DPFP(shifts).width(4) == len(expected)


def test_favor_estimates_the_exponential_kernel():
    rng = np.random.default_rng(4)
    k, q = rng.standard_normal((2, 16)) / 4.0
    estimates = np.array([Favor(32, 1.2, seed)(k) @ Favor(32, 1.2, seed)(q) for seed in range(400)])
    exact = np.exp(1.44 * k @ q)
    z = (estimates.mean() - exact) / (estimates.std() / 20.0)
    assert abs(z) < 4.0
    assert abs((estimates.mean() - np.exp(1.2 * k @ q)) / (estimates.std() / 20.0)) > 4.0
    assert Favor(32).width(16) == Favor(32)(k).size == 64
    assert not np.allclose(Favor(32, seed=1)(k), Favor(32, seed=2)(k))


# The delta rule


@pytest.mark.parametrize("n", [3, 64, 65, 150])
@pytest.mark.parametrize(("rate", "passes"), [(1.0, 1), (0.4, 3)])
def test_delta_rule_is_a_loop(n, rate, passes):
    keys, values = random_keys(n, 20, seed=n), random_values(n, 4, seed=n)
    matrix = np.zeros((4, 20))
    for _ in range(passes):
        for k, v in zip(keys, values, strict=True):
            matrix += rate * np.outer(v - matrix @ k, k)
    memory = DeltaRule(rate, passes).write(keys, values)
    np.testing.assert_allclose(memory.matrix, matrix, atol=1e-12)


def test_only_the_last_pair_of_a_pass_is_exact():
    keys, values = random_keys(30, 40, seed=1), random_values(30, 8, seed=1)
    errors = retrieval_errors(DeltaRule().write(keys, values).read(keys), values)
    assert errors[-1] < 1e-28
    assert (errors[:-1] > 1e-3).all()


def test_many_passes_solve_the_equations():
    keys, values = random_keys(10, 40, seed=1), random_values(10, 8, seed=1)
    memory = DeltaRule(passes=300).write(keys, values)
    exact = PseudoInverse().write(keys, values)
    np.testing.assert_allclose(memory.matrix, exact.matrix, atol=1e-10)


def test_divergence_is_said():
    keys, values = pairs()
    with pytest.raises(InputError, match="diverges at rate 2"):
        DeltaRule(2.0, 5000).write(10.0 * keys, values)


# Least squares


@pytest.mark.parametrize("features", [Identity(), EluPlusOne(3.0), DPFP(1)], ids=repr)
def test_pseudo_inverse_is_exact_to_the_number_of_features(features):
    width = features.width(16)
    keys, values = random_keys(width, 16, seed=3), random_values(width, 4, seed=3)
    errors = retrieval_errors(
        PseudoInverse(features=features).write(keys, values).read(keys), values
    )
    assert errors.max() < 1e-16
    keys, values = random_keys(width + 1, 16, seed=3), random_values(width + 1, 4, seed=3)
    errors = retrieval_errors(
        PseudoInverse(features=features).write(keys, values).read(keys), values
    )
    assert errors.max() > 1e-4


@pytest.mark.parametrize("n", [4, 9])
def test_ridge_is_at_the_minimum(n):
    keys, values = pairs(n=n)
    matrix = PseudoInverse(0.3).write(keys, values).matrix
    gradient = (matrix @ keys.T - values.T) @ keys + 0.3 * matrix
    np.testing.assert_allclose(gradient, 0.0, atol=1e-12)
    small = PseudoInverse(1e-9).write(keys, values).matrix
    np.testing.assert_allclose(small, PseudoInverse().write(keys, values).matrix, atol=1e-6)


# Attention


def test_softmax_is_a_loop_and_has_its_limits():
    keys, values = pairs()
    queries = np.random.default_rng(4).standard_normal((4, 5))
    for beta in (1e-9, 0.7, 5.0):
        found = SoftmaxAttention(beta).write(keys, values).read(queries)
        for q, v in zip(queries, found, strict=True):
            w = np.exp(beta * keys @ q)
            np.testing.assert_allclose(v, w @ values / w.sum(), atol=1e-12)
    closest = (queries @ keys.T).argmax(axis=1)
    sharp = SoftmaxAttention(1e6).write(keys, values).read(queries)
    np.testing.assert_allclose(sharp, values[closest], atol=1e-12)


def test_queries_in_panels_are_read_as_together(monkeypatch):
    keys, values = pairs(draws=2)
    queries = np.random.default_rng(4).standard_normal((2, 11, 5))
    rules = LocalLinearAttention(2.0), LocalLinearAttention(2.0, 0.1)
    whole = [rule.write(keys, values).read(queries) for rule in rules]
    monkeypatch.setattr("hopfield.memories.arrays.PANEL_NUMBERS", 100)
    for rule, expected in zip(rules, whole, strict=True):
        np.testing.assert_allclose(rule.write(keys, values).read(queries), expected, atol=1e-12)


def local_fit(keys, values, query, beta, ridge):
    """Value at the query of the weighted linear fit, from its normal equations."""
    w = np.exp(beta * (keys @ query))
    w = w / w.sum()
    design = np.hstack([np.ones((len(keys), 1)), keys - query])
    penalty = ridge * np.diag([0.0] + [1.0] * len(query))
    fit = np.linalg.solve(
        design.T @ (w[:, None] * design) + penalty, design.T @ (w[:, None] * values)
    )
    return fit[0]


@pytest.mark.parametrize("ridge", [0.0, 0.05])
def test_local_linear_attention_is_a_weighted_fit(ridge):
    keys, values = pairs(n=12)
    queries = np.random.default_rng(4).standard_normal((4, 5))
    found = LocalLinearAttention(1.3, ridge).write(keys, values).read(queries)
    for q, v in zip(queries, found, strict=True):
        np.testing.assert_allclose(v, local_fit(keys, values, q, 1.3, ridge), atol=1e-10)


@pytest.mark.parametrize("beta", [0.0, 1.0, 6.0])
def test_local_linear_attention_is_exact_for_affine_values(beta):
    keys, _ = pairs(n=12)
    rng = np.random.default_rng(4)
    slope, offset = rng.standard_normal((5, 3)), rng.standard_normal(3)
    queries = rng.standard_normal((4, 5))
    memory = LocalLinearAttention(beta).write(keys, keys @ slope + offset)
    np.testing.assert_allclose(memory.read(queries), queries @ slope + offset, atol=1e-7)
    softmax = SoftmaxAttention(beta or 1e-300)
    centre = softmax.write(keys, keys).read(queries)
    error = softmax.write(keys, keys @ slope + offset).read(queries) - queries @ slope - offset
    np.testing.assert_allclose(error, (centre - queries) @ slope, atol=1e-11)
    assert abs(error).max() > 1e-2


def test_limits_of_local_linear_attention():
    keys, values = pairs(n=12)
    queries = keys + 0.2
    softmax = SoftmaxAttention(2.0).write(keys, values).read(queries)
    stiff = LocalLinearAttention(2.0, 1e9).write(keys, values).read(queries)
    np.testing.assert_allclose(stiff, softmax, atol=1e-7)
    design = np.hstack([np.ones((12, 1)), keys])
    plane = np.linalg.lstsq(design, values)[0]
    found = LocalLinearAttention(0.0).write(keys, values).read(queries)
    np.testing.assert_allclose(found, np.hstack([np.ones((12, 1)), queries]) @ plane, atol=1e-10)
    few, some = keys[:6], values[:6]
    exact = LocalLinearAttention(0.5).write(few, some).read(few)
    np.testing.assert_allclose(exact, some, atol=1e-9)


@pytest.mark.parametrize(("n", "d"), [(1, 1), (1, 3), (3, 5), (20, 40), (40, 40)])
def test_local_linear_attention_of_few_pairs_is_the_flattest_plane_through_them(n, d):
    """Of all fits without residual it is that of least slopes, whatever the weights are."""
    rng = np.random.default_rng(n)
    keys, values, queries = (rng.standard_normal(shape) for shape in ((n, d), (n, 2), (4, d)))
    keys, queries = keys * d**-0.5, queries * d**-0.5
    slopes = np.linalg.pinv(keys[1:] - keys[0]) @ (values[1:] - values[0]) if n > 1 else 0.0
    plane = values[0] + (queries - keys[0]) @ slopes if n > 1 else np.tile(values, (4, 1))
    for beta in (0.0, 1.0, 5.0):
        found = LocalLinearAttention(beta).write(keys, values).read(queries)
        np.testing.assert_allclose(found, plane, atol=1e-8)
    ridge = LocalLinearAttention(1.0, 1e-10).write(keys, values).read(queries)
    np.testing.assert_allclose(ridge, plane, atol=1e-3)


def test_local_linear_attention_where_one_pair_has_nearly_all_weight():
    rng = np.random.default_rng(3)
    keys, values = rng.standard_normal((20, 40)), rng.standard_normal((20, 2))
    weights = np.exp(keys @ keys.T - (keys**2).sum(axis=1)[:, None])
    assert np.sort(weights, axis=1)[:, -2].min() < 1e-12
    for ridge in (0.0, 1e-30):
        memory = LocalLinearAttention(1.0, ridge).write(keys, values)
        np.testing.assert_allclose(memory.read(keys), values, atol=1e-6)


# Keys that are equal, zero or large


EXTREMES = [*RULES, LocalLinearAttention(0.0), PseudoInverse(0.1), SoftmaxAttention(1e40)]


@pytest.mark.parametrize("rule", EXTREMES, ids=name)
def test_keys_of_any_size_are_written_and_read(rule):
    """No warning, and finite numbers, for the smallest and the largest."""
    keys, values = pairs()
    diverges = isinstance(rule, DeltaRule) and rule.passes > 1
    for scale in (0.0, 1e-40) if diverges else (0.0, 1e-40, 1e39):
        memory = rule.write(scale * keys, values)
        found = memory.read(np.concatenate([scale * keys, keys, np.zeros((1, 5))]))
        assert np.isfinite(found).all()


@pytest.mark.parametrize("rule", [PseudoInverse(), LocalLinearAttention(1.0)], ids=name)
def test_equal_keys_have_the_mean_of_their_values(rule):
    """Rounding leaves singular values that are not zero, and must not be inverted."""
    rng = np.random.default_rng(5)
    keys, values = rng.standard_normal((60, 400)) / 20.0, rng.standard_normal((350, 2))
    owner = np.concatenate([np.zeros(291, dtype=int), np.arange(1, 60)])
    memory = rule.write(keys[owner], values)
    means = np.concatenate([values[:291].mean(axis=0, keepdims=True), values[291:]])
    some = keys[:20]
    np.testing.assert_allclose(memory.read(some), means[:20], atol=1e-10)
    away = memory.read(some + rng.standard_normal(some.shape) / 20.0)
    assert abs(away).max() < 20.0


# Random pairs


def test_random_keys_and_values():
    keys = random_keys(500, 40, draws=6, seed=3)
    np.testing.assert_allclose((keys**2).sum(axis=-1), 1.0)
    squares = 500 * 6 * (keys**2).mean(axis=(0, 1)) * 40
    # Components of keys on the sphere have the squared variance 2(d-1)/(d+2) over d².
    z = (squares - 3000.0) / np.sqrt(3000.0 * 2.0 * 39.0 / 42.0)
    assert abs(z).max() < 4.0
    gaussian = random_keys(500, 40, keys="gaussian", draws=6, seed=3)
    norms = (gaussian**2).sum(axis=-1)
    assert abs(norms.mean() - 1.0) / (norms.std() / np.sqrt(norms.size)) < 4.0
    assert abs(norms.var() * 40.0 / 2.0 - 1.0) < 4.0 * np.sqrt(2.0 / norms.size) * 1.2
    values = random_values(500, 12, draws=6, seed=3)
    np.testing.assert_allclose(values**2, 1.0 / 12.0)
    assert abs(values.sum()) < 4.0 * np.sqrt(values.size / 12.0)


def test_draws_do_not_depend_on_each_other():
    several = random_keys(5, 3, draws=4, seed=8)
    np.testing.assert_array_equal(random_keys(5, 3, draws=2, seed=8), several[:2])
    np.testing.assert_array_equal(random_keys(5, 3, seed=8), several[0])
    assert abs(several[0] - several[1]).min() > 0.0
    assert random_values(5, 3, seed=8).shape == (5, 3)


# Bad input

KEYS, VALUES = np.eye(3), np.ones((3, 2))


@every_rule
@pytest.mark.parametrize(
    ("keys", "values", "message"),
    [
        (np.ones(3), VALUES, r"keys must have at least 2 dimensions.*shape \(3,\)"),
        (np.ones((0, 3)), np.ones((0, 2)), "none of them empty"),
        (KEYS, np.ones((4, 2)), "3 keys and 4 values"),
        (np.full((3, 3), np.nan), VALUES, r"keys must be finite, up to 1e\+40, got nan"),
        (KEYS, np.full((3, 2), np.inf), r"values must be finite, .*, got inf"),
        (1e41 * KEYS, VALUES, r"keys must be finite, up to 1e\+40, got 1e\+41"),
        (KEYS * 1j, VALUES, "keys must be real numbers"),
        (np.array([["a", "b"]]), VALUES, "keys must be real numbers"),
        ([[1.0], [1.0, 2.0]], VALUES, "rows of unequal length"),
        (np.ones((2, 3, 3)), np.ones((5, 3, 2)), "leading dimensions of keys and values"),
    ],
)
def test_bad_pairs_are_refused(rule, keys, values, message):
    with pytest.raises(InputError, match=message):
        rule.write(keys, values)


@every_rule
def test_bad_queries_and_more_pairs_are_refused(rule):
    memory = rule.write(np.stack([np.eye(4), np.eye(4)]), np.ones((4, 2)))
    with pytest.raises(InputError, match="4 components"):
        memory.read(np.ones((5, 3)))
    with pytest.raises(InputError, match="leading dimensions of queries"):
        memory.read(np.ones((3, 5, 4)))
    with pytest.raises(InputError, match="queries must be finite"):
        memory.read([np.nan] * 4)
    for keys, values in ((np.eye(4), np.ones((4, 2))), (np.ones((2, 1, 4)), np.ones((1, 3)))):
        with pytest.raises(InputError, match="leading dimensions"):
            memory.write(keys, values)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DeltaRule(0.0), "rate must be"),
        (lambda: DeltaRule(2.5), "rate must be"),
        (lambda: DeltaRule(passes=0), "passes must be"),
        (lambda: PseudoInverse(-1.0), "ridge must be"),
        (lambda: SoftmaxAttention(-1.0), "beta must be"),
        (lambda: SoftmaxAttention(0.0), "beta must be a number in"),
        (lambda: SoftmaxAttention("1"), "beta must be"),
        (lambda: LocalLinearAttention(1.0, np.inf), "ridge must be"),
        (lambda: Retention(1.5), "decay must be"),
        (lambda: Hebbian(-1.0), "gain must be"),
        (lambda: LinearAttention(normalised=True), "not negative"),
        (lambda: LinearAttention(EluPlusOne(), normalised=1), "normalised must be True"),
        (lambda: EluPlusOne(0.0), "scale must be"),
        (lambda: DPFP(0), "shifts must be"),
        (lambda: Hebbian().features and DPFP(8).width(4), r"below 2d = 8, got 8"),
        (lambda: Favor(0), "projections must be"),
        (lambda: Favor(4, seed=-1), "seed must be"),
        (lambda: random_keys(0, 3), "n_pairs must be"),
        (lambda: random_keys(3, 0), "dimension must be"),
        (lambda: random_keys(3, 3, keys="cube"), "keys must be one of 'sphere', 'gaussian'"),
        (lambda: random_values(3, 3, draws=0), "draws must be"),
        (lambda: random_keys(10**6, 10**6), "GiB of memory"),
        (lambda: LinearAttention(Favor(10**12)).write(KEYS, VALUES), "GiB of memory"),
        (lambda: LinearAttention(features=3), "features must be a feature map .* got 3"),
        (lambda: DeltaRule(features="elu"), "features must be a feature map .* got 'elu'"),
        (lambda: PseudoInverse(features=EluPlusOne), "features must be a feature map"),
        (lambda: Hebbian(1e41), "gain must be a number in"),
        (lambda: random_values(3, 0), "components must be"),
        (lambda: Retention(0.5).write(KEYS, VALUES, gates=[1.0, 2.0, 0.0]), "got 2"),
        (lambda: Retention(0.5).write(KEYS, VALUES, gates=[1.0, 0.0]), "gates must have the shape"),
        (lambda: Retention(0.5).write(KEYS, VALUES, gates="x"), "gates must be real"),
        (lambda: retrieval_errors(VALUES, KEYS), "same shape"),
        (lambda: retrieval_errors([["a"]], [[1.0]]), "retrieved must be real numbers"),
        (lambda: retrieval_errors([[1.0]], [[1.0], [1.0, 2.0]]), "values must be an array"),
        (lambda: retrieval_errors([[np.nan]], [[1.0]]), "retrieved must be finite"),
        (lambda: retrieval_errors(VALUES, 0.0 * VALUES), "must not all be zero"),
    ],
)
def test_bad_arguments_are_refused(make, message):
    with pytest.raises(InputError, match=message):
        make()
