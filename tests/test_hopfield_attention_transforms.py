"""Softmax, entmax, sparsemax and powers: sums, gradients, limits, exactly one pattern."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import brentq

from hopfield import InputError
from hopfield.attention import Entmax, Power, Softmax
from hopfield.attention import thresholds as limits

ORDERS = [1.01, 1.2, 1.5, 1.8, 2.0, 2.5, 3.0]
TRANSFORMS = [Softmax(), *map(Entmax, ORDERS)]
SEPARATIONS = [*TRANSFORMS, Power(2), Power(3), Power(4), Power(7)]


def scores(shape, scale=1.0, seed=1):
    return scale * np.random.default_rng(seed).normal(size=shape)


def bracketed(order, z):
    """Weights of one row, by a root of their sum."""

    def raised(tau):
        return np.maximum((order - 1.0) * z - tau, 0.0) ** (1.0 / (order - 1.0))

    top = (order - 1.0) * z.max()
    tau = brentq(lambda t: raised(t).sum() - 1.0, top - 1.0, top, xtol=1e-15, rtol=1e-14)
    return raised(tau)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("scale", [0.01, 1.0, 10.0])
def test_entmax_solves_its_equation(order, scale):
    z = scores((50, 30), scale)
    w = Entmax(order).weights(z)
    np.testing.assert_allclose(w.sum(axis=1), 1.0, rtol=1e-14)
    expected, other = (np.array([bracketed(a, row) for row in z]) for a in (order, order + 0.05))
    np.testing.assert_allclose(w, expected, rtol=1e-9, atol=1e-7)
    assert np.abs(w - other).max() > 1e-5


@pytest.mark.parametrize("order", [1.5, 2.0])
@pytest.mark.parametrize("count", [1, 2, 3, 40, 3000])
def test_sorted_scores_and_bisection_agree(order, count):
    """Also with many more scores than have weights."""
    for scale in (1e-6, 0.1, 1.0, 100.0):
        z = scores((40, count), scale)
        below = (order - 1.0) * (z - z.max(axis=1, keepdims=True))
        largest = limits.largest_scores(below)
        found = limits.threshold_rise(order, largest)
        np.testing.assert_allclose(found, limits._bisected(order, largest), atol=1e-14)
        complete = np.maximum(np.sort(below, axis=1)[:, ::-1], -1.0)
        np.testing.assert_array_equal(limits.threshold_rise(order, complete), found)


@pytest.mark.parametrize("order", [1.2, 1.5, 2.0, 3.0, 6.0])
@pytest.mark.parametrize("count", [100, 10_000, 100_000])
def test_many_small_weights_keep_their_digits(order, count):
    """Scores so close that all have a weight; K w is a number of order one."""
    score = np.linspace(-0.5, 0.0, count)

    def shares(level):
        return np.maximum((order - 1.0) * score + level, 0.0) ** (1.0 / (order - 1.0))

    level = brentq(lambda x: shares(x).mean() - 1.0, 0.0, order + 1.0, xtol=1e-14)
    z = score / count ** (order - 1.0)
    np.testing.assert_allclose(Entmax(order).weights(z) * count, shares(level), rtol=1e-6)
    rounded = z.astype(np.float32)
    single = Entmax(order).weights(rounded)
    assert single.dtype == np.float32
    expected = Entmax(order).weights(rounded.astype(np.float64))
    np.testing.assert_allclose(single, expected, rtol=1e-5)


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
def test_weights_are_the_maximum_of_mean_score_and_entropy(transform):
    """Φ(z) = max [w z - Ω(w)], attained at the weights alone."""
    z = scores((50, 6), 2.0)
    w = transform.weights(z)
    best = (w * z).sum(axis=1) - transform.negentropy(w)
    np.testing.assert_allclose(transform.potential(z), best, rtol=1e-12, atol=1e-12)
    others = np.random.default_rng(2).dirichlet(np.full(6, 0.5), size=(200, 50))
    near = 0.95 * w + 0.05 * others
    for v in (others, near):
        value = (v * z).sum(axis=-1) - transform.negentropy(v)
        assert (value < best).all()


@pytest.mark.parametrize("separation", SEPARATIONS, ids=str)
def test_weights_are_the_gradient_of_the_potential(separation):
    z, step = scores((50, 6)), 1e-5
    moved = z[:, None, :] + step * np.concatenate([np.eye(6), -np.eye(6)])
    value = separation.potential(moved)
    gradient = (value[:, :6] - value[:, 6:]) / (2 * step)
    np.testing.assert_allclose(gradient, separation.weights(z), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize("separation", SEPARATIONS, ids=str)
def test_potentials_are_convex(separation):
    a, b = scores((2, 3000, 5), 3.0)
    middle = separation.potential((a + b) / 2)
    ends = (separation.potential(a) + separation.potential(b)) / 2
    assert (middle <= ends + 1e-11 * np.abs(ends)).all()
    assert (middle < ends - 1e-3).any()


def test_odd_powers_of_negative_scores_would_not_be_convex():
    a, b = scores((2, 3000, 5), 3.0)
    assert ((((a + b) / 2) ** 3).sum(axis=1) > (a**3 + b**3).sum(axis=1) / 2 + 1e-3).any()


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
def test_no_scores_at_all_give_equal_weights(transform):
    for count in (1, 2, 7, 1000):
        z = np.zeros(count)
        np.testing.assert_allclose(transform.weights(z), 1.0 / count, rtol=1e-12)
        expected = transform.uniform(np.asarray(count))
        np.testing.assert_allclose(transform.potential(z), expected, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
def test_jacobian_of_the_weights(transform):
    z, step = scores((60, 5)), 1e-6
    w = transform.weights(z)
    moved = transform.weights(z[:, None] + step * np.concatenate([np.eye(5), -np.eye(5)]))
    found = (moved[:, :5] - moved[:, 5:]) / (2 * step)
    smooth = ((w == 0.0) | (w > 1e-2)).all(axis=1) | isinstance(transform, Softmax)
    smooth &= ((moved > 0.0) == (w > 0.0)[:, None]).all(axis=(1, 2))
    assert smooth.sum() > 15
    for row, jacobian in zip(w[smooth], found[smooth], strict=True):
        s = transform.curvature(row)
        np.testing.assert_allclose(jacobian, np.diag(s) - np.outer(s, s) / s.sum(), atol=1e-7)


# Limits


def test_entmax_of_order_one_is_softmax():
    z = scores((100, 50), 3.0)
    for small, allowed in ((1e-3, 2e-2), (1e-6, 2e-5), (1e-12, 1e-11)):
        near = Entmax(1.0 + small)
        np.testing.assert_allclose(near.weights(z), Softmax().weights(z), atol=allowed)
        np.testing.assert_allclose(near.potential(z), Softmax().potential(z), atol=allowed * 10)
    assert np.abs(Entmax(1.1).weights(z) - Softmax().weights(z)).max() > 1e-2


@given(
    st.sampled_from(ORDERS),
    st.lists(st.floats(0.0, 30.0), min_size=1, max_size=6),
    st.floats(1e-9, 1.0),
)
def test_one_weight_alone_if_and_only_if_the_margin_is_large(order, others, distance):
    """1/(a-1) apart; the largest score is exactly 0."""
    margin = 1.0 / (order - 1.0)
    transform = Entmax(order)
    far = np.array([-margin * (1 + distance) - other for other in (0.0, *others)] + [0.0])
    assert transform.weights(far).tolist() == [0.0] * (len(others) + 1) + [1.0]
    near = far.copy()
    near[0] = -margin * (1.0 - max(distance, 1e-3))
    assert transform.weights(near)[0] > 0.0
    assert (Softmax().weights(far) > 0.0).all()


@pytest.mark.parametrize("transform", [*TRANSFORMS, Entmax(1.3)], ids=str)
def test_masked_scores(transform):
    z = scores((30, 2000), 0.3)
    seen = np.random.default_rng(3).random(2000) < 0.4
    masked = np.where(seen, z, -np.inf)
    w = transform.weights(masked)
    np.testing.assert_allclose(w[:, seen], transform.weights(z[:, seen]), rtol=1e-9, atol=1e-13)
    assert (w[:, ~seen] == 0.0).all()
    np.testing.assert_allclose(transform.potential(masked), transform.potential(z[:, seen]))


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_large_scores_do_not_overflow(transform, kind):
    z = np.array([1e5, 1e5, 9.9e4, -1e5], kind)
    with np.errstate(over="raise", invalid="raise"):
        w, value = transform.weights(z), transform.potential(z)
    assert w.tolist() == [0.5, 0.5, 0.0, 0.0]
    assert w.dtype == kind
    assert 1e5 <= value < 1e5 + 1.0


@given(st.sampled_from(TRANSFORMS), st.lists(st.floats(-5, 5), min_size=1, max_size=8))
def test_a_common_shift_changes_nothing(transform, row):
    z = np.array(row)
    np.testing.assert_allclose(transform.weights(z + 64.0), transform.weights(z), atol=1e-7)
    shifted = transform.potential(z + 64.0) - 64.0
    np.testing.assert_allclose(shifted, transform.potential(z), atol=1e-10)


@pytest.mark.parametrize("order", [1.0, 0.5, np.inf, np.nan, "2", True])
def test_bad_orders_of_entmax(order):
    with pytest.raises(InputError, match="order must be"):
        Entmax(order)


@pytest.mark.parametrize("order", [1, 2.5, "2", True])
def test_bad_powers(order):
    with pytest.raises(InputError, match="order must be an integer >= 2"):
        Power(order)
