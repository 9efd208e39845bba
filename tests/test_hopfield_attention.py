"""Continuous states: energies, updates, Jacobians, and their symmetries and limits."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hopfield import InputError, attention
from hopfield.attention import Entmax, Softmax

TRANSFORMS = ["softmax", "entmax", "sparsemax", Entmax(1.2), Entmax(3.0)]
EXACT = {"rtol": 1e-12, "atol": 1e-12}


def rng(seed):
    return np.random.default_rng(seed)


def drawn(seed, q, k, n, kind=np.float64):
    """Random states and patterns."""
    numbers = rng(seed)
    return numbers.normal(size=(q, n)).astype(kind), numbers.normal(size=(k, n)).astype(kind)


def plain_attention(query, keys, values, beta, seen=None):
    """One query, one key after the other, in extended precision."""
    allowed = range(len(keys)) if seen is None else np.flatnonzero(seen)
    scores = [
        math.fsum(float(beta) * float(a) * float(b) for a, b in zip(query, keys[i], strict=True))
        for i in allowed
    ]
    shares = [math.exp(score - max(scores)) for score in scores]
    total = math.fsum(shares)
    columns = range(values.shape[1])
    return np.array(
        [
            math.fsum(w * float(values[i, j]) for w, i in zip(shares, allowed, strict=True)) / total
            for j in columns
        ]
    )


# One update is attention


@pytest.mark.parametrize(("q", "k"), [(1, 1), (3, 7), (5, 1500), (300, 2)])
def test_update_is_attention(q, k):
    x, keys = drawn(1, q, k, 6)
    values = rng(2).normal(size=(k, 4))
    found = attention.update(x, keys, 0.7, values=values)
    expected = [plain_attention(row, keys, values, 0.7) for row in x]
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-13)
    # another β is seen
    assert k == 1 or np.abs(attention.update(x, keys, 0.71, values=values) - expected).max() > 1e-4


def test_update_in_heads_with_masks():
    numbers = rng(3)
    x, keys = numbers.normal(size=(2, 3, 5, 4)), numbers.normal(size=(3, 9, 4))
    values, mask = numbers.normal(size=(2, 1, 9, 2)), numbers.random((2, 1, 5, 9)) < 0.5
    mask[..., 0] = True
    beta = numbers.uniform(0.2, 3.0, size=(3, 1))
    found = attention.update(x, keys, beta, values=values, mask=mask)
    assert found.shape == (2, 3, 5, 2)
    for b, h, i in np.ndindex(2, 3, 5):
        expected = plain_attention(
            x[b, h, i], keys[h], values[b, 0], beta[h, 0], seen=mask[b, 0, i]
        )
        np.testing.assert_allclose(found[b, h, i], expected, rtol=1e-12, atol=1e-13)


def test_update_equals_torch():
    torch = pytest.importorskip("torch")
    numbers = rng(4)
    for kind, rounding in ((np.float64, 1e-14), (np.float32, 1e-5)):
        x = numbers.normal(size=(2, 4, 50, 16)).astype(kind)
        keys, values = numbers.normal(size=(2, 2, 4, 70, 16)).astype(kind)
        mask = numbers.random((2, 4, 50, 70)) < 0.7
        mask[..., 0] = True
        expected = torch.nn.functional.scaled_dot_product_attention(
            *(torch.from_numpy(array) for array in (x, keys, values, mask))
        ).numpy()
        found = attention.update(x, keys, 1 / 4, values=values, mask=mask)
        np.testing.assert_allclose(found, expected, rtol=0, atol=rounding)
        without = torch.nn.functional.scaled_dot_product_attention(
            *(torch.from_numpy(array) for array in (x, keys, values))
        ).numpy()
        assert np.abs(found - without).max() > 1e-2


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
def test_update_is_the_mean_with_the_weights(transform):
    x, keys = drawn(5, 200, 1300, 5)
    w = attention.weights(x, keys, 1.3, transform=transform)
    np.testing.assert_allclose(w.sum(axis=1), 1.0, **EXACT)
    assert (w >= 0.0).all()
    np.testing.assert_allclose(
        attention.update(x, keys, 1.3, transform=transform), w @ keys, **EXACT
    )


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
def test_masked_patterns_are_as_if_they_were_not_there(transform):
    x, keys = drawn(6, 30, 1100, 5)
    mask = np.zeros(1100, bool)
    mask[1030:1060] = True  # the first panel has none of them
    for verb in (attention.update, attention.energy):
        found = verb(x, keys, 2.0, transform=transform, mask=np.tile(mask, (30, 1)))
        np.testing.assert_allclose(found, verb(x, keys[mask], 2.0, transform=transform), **EXACT)


# Energies


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
def test_gradient_of_the_energy_is_minus_the_step(transform):
    x, keys = drawn(7, 40, 8, 5)
    step = 1e-5
    moved = x[:, None, :] + step * np.concatenate([np.eye(5), -np.eye(5)])
    e = attention.energy(moved, keys, 0.8, transform=transform)
    gradient = (e[:, :5] - e[:, 5:]) / (2 * step)
    expected = x - attention.update(x, keys, 0.8, transform=transform)
    np.testing.assert_allclose(gradient, expected, atol=2e-7)
    assert np.abs(gradient - x).max() > 0.1


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
def test_jacobian_is_that_of_the_update(transform):
    x, keys = drawn(8, 30, 8, 5)
    step = 1e-6
    moved = x[:, None, :] + step * np.concatenate([np.eye(5), -np.eye(5)])
    new = attention.update(moved, keys, 0.6, transform=transform)
    expected = np.swapaxes((new[:, :5] - new[:, 5:]) / (2 * step), 1, 2)
    found = attention.jacobian(x, keys, 0.6, transform=transform)
    # where the support of the weights does not change within a step
    w = attention.weights(moved, keys, 0.6, transform=transform)
    smooth = ((w > 1e-4) | (w == 0.0)).all(axis=(1, 2)) | (transform == "softmax")
    assert smooth.sum() > 10
    np.testing.assert_allclose(found[smooth], expected[smooth], atol=1e-7)
    np.testing.assert_allclose(found, np.swapaxes(found, 1, 2), **EXACT)
    assert np.linalg.eigvalsh(found).min() > -1e-13


def test_jacobian_of_softmax_is_the_covariance():
    x, keys = drawn(9, 6, 9, 4)
    w = attention.weights(x, keys, 1.7)
    for row, found in zip(w, attention.jacobian(x, keys, 1.7), strict=True):
        np.testing.assert_allclose(
            found, 1.7 * np.cov(keys.T, aweights=row, ddof=0), rtol=1e-11, atol=1e-13
        )


def hulls(cases, seed):
    """Random patterns of few components, states in their hull, and β over six decades."""
    numbers = rng(seed)
    for _ in range(cases):
        k, n = numbers.integers(1, 9), numbers.integers(1, 5)
        keys = numbers.normal(size=(k, n)) * numbers.uniform(0.1, 3.0)
        x = numbers.dirichlet(np.full(k, 0.3), size=20) @ keys
        yield x, keys, 10.0 ** numbers.uniform(-3, 3)


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
def test_energy_is_between_zero_and_twice_the_largest_square(transform):
    """4000 states for each transform."""
    largest, lowest, without = 0.0, np.inf, np.inf
    for x, keys, beta in hulls(200, 10):
        e = attention.energy(x, keys, beta, transform=transform)
        square = (keys**2).sum(axis=1).max()
        largest, lowest = max(largest, (e / square).max()), min(lowest, (e / square).min())
        without = min(without, ((e - np.log(len(keys)) / beta) / square).min())
    opposed = np.array([[1.0], *[[-1.0]] * 99])
    most = attention.energy([1.0], opposed, 1e-3, transform=transform)
    assert lowest > -1e-10
    assert max(largest, most) <= 2.0 + 1e-10
    # neither holds with a smaller constant
    assert most > 1.9
    assert without < -1.0


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
def test_energy_never_rises(transform):
    """Nor is the bound on the drop, |step|²/2, exceeded downwards."""
    steps = []
    for x, keys, beta in hulls(200, 11):
        start = x + rng(12).normal(size=x.shape)
        new = attention.update(start, keys, beta, transform=transform)
        drop = attention.energy(start, keys, beta, transform=transform) - attention.energy(
            new, keys, beta, transform=transform
        )
        least = ((new - start) ** 2).sum(axis=1) / 2
        scale = 1.0 + np.abs(start).max() ** 2 + (keys**2).sum(axis=1).max()
        assert (drop >= least - 1e-12 * scale - 1e-15 / beta).all()
        steps.append((drop < 1.5 * least - 1e-9).any())
    assert np.mean(steps) > 0.1  # a larger drop than this is not ensured


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
def test_dual_energy_is_above_and_touches_at_fixed_points(transform):
    for x, keys, beta in hulls(50, 13):
        if len(keys) == 1:
            continue
        w = rng(14).dirichlet(np.ones(len(keys)), size=10)
        above = attention.dual_energy(w, keys, beta, transform=transform)
        below = attention.energy(w @ keys, keys, beta, transform=transform)
        scale = (keys**2).sum() + 1.0 / beta
        assert (above >= below - 1e-12 * scale).all()
        found = attention.retrieve(x, keys, beta, transform=transform, max_iterations=3000)
        here = found.states[found.status == "converged"]
        w = attention.weights(here, keys, beta, transform=transform)
        np.testing.assert_allclose(
            attention.dual_energy(w, keys, beta, transform=transform),
            attention.energy(here, keys, beta, transform=transform),
            rtol=1e-9, atol=1e-11 * scale,
        )  # fmt: skip


def test_dual_energy_is_stationary_at_fixed_points():
    x, keys = drawn(15, 6, 5, 4)
    found = attention.retrieve(x, keys, 0.6)
    w = attention.weights(found.states, keys, 0.6)
    assert w.min() > 1e-3
    step = 1e-6
    along = np.eye(5) - 0.2  # the sum stays 1
    e = [attention.dual_energy(w[:, None] + s * along, keys, 0.6) for s in (step, -step)]
    np.testing.assert_allclose((e[0] - e[1]) / (2 * step), 0.0, atol=1e-8)
    away = attention.weights(x, keys, 0.6)
    e = [attention.dual_energy(away[:, None] + s * along / 10, keys, 0.6) for s in (step, -step)]
    assert np.abs((e[0] - e[1]) / (2 * step)).max() > 1e-3


# Limits


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
def test_hot_states_go_to_the_mean(transform):
    x, keys = drawn(16, 9, 50, 4)
    new = attention.update(x, keys, 1e-15, transform=transform)
    np.testing.assert_allclose(new, np.tile(keys.mean(axis=0), (9, 1)), atol=1e-10)


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_cold_states_go_to_the_pattern_of_the_largest_score(transform, kind):
    """β |ξ|² = 1e5 and beyond: nothing overflows."""
    x, keys = drawn(17, 9, 2000, 100, kind)
    assert 1e3 * (keys**2).sum(axis=1).min() > 5e4
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        new = attention.update(keys[:9], keys, 1e3, transform=transform)
        e = attention.energy(keys[:9], keys, 1e3, transform=transform)
        far = attention.update(1e4 * x, keys, 1e3, transform=transform)
    np.testing.assert_array_equal(new, keys[:9])
    assert new.dtype == e.dtype == kind
    assert np.isfinite(e).all()
    np.testing.assert_array_equal(far, keys[(x @ keys.T).argmax(axis=1)])


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
def test_single_precision(transform):
    x, keys = drawn(18, 200, 1500, 32, np.float32)
    for verb in (attention.update, attention.energy):
        found = verb(x, keys, 0.2, transform=transform)
        exact = verb(x.astype(float), keys.astype(float), 0.2, transform=transform)
        assert found.dtype == np.float32
        assert exact.dtype == np.float64
        difference = np.abs(found - exact).max() / np.abs(exact).max()
        assert 0.0 < difference < 1e-5


def test_integers_are_numbers():
    spins = rng(19).choice(np.array([-1, 1], np.int8), size=(5, 8))
    assert attention.update(spins, spins, 0.1).dtype == np.float64
    assert attention.update(spins.astype(np.float32), spins, 0.1).dtype == np.float32
    np.testing.assert_array_equal(
        attention.update(spins, spins, 0.1), attention.update(spins.astype(float), spins, 0.1)
    )


# Symmetries


sizes = st.integers(1, 6)
seeds = st.integers(0, 10**6)
transforms = st.sampled_from([Softmax(), Entmax(1.5), Entmax(2.0), Entmax(1.7)])


@given(sizes, sizes, sizes, seeds, transforms)
def test_order_of_patterns_does_not_matter(q, k, n, seed, transform):
    x, keys = drawn(seed, q, k, n)
    order = rng(seed + 1).permutation(k)
    for verb in (attention.update, attention.energy):
        np.testing.assert_allclose(
            verb(x, keys[order], 1.5, transform=transform),
            verb(x, keys, 1.5, transform=transform),
            rtol=1e-10, atol=1e-10,
        )  # fmt: skip
    w = attention.weights(x, keys, 1.5, transform=transform)
    np.testing.assert_allclose(
        attention.weights(x, keys[order], 1.5, transform=transform), w[:, order], atol=1e-10
    )


@given(sizes, sizes, sizes, seeds, transforms)
def test_rotations_of_everything_rotate_states(q, k, n, seed, transform):
    x, keys = drawn(seed, q, k, n)
    turn = np.linalg.qr(rng(seed + 1).normal(size=(n, n)))[0]
    new = attention.update(x @ turn, keys @ turn, 1.5, transform=transform)
    expected = attention.update(x, keys, 1.5, transform=transform) @ turn
    np.testing.assert_allclose(new, expected, atol=1e-8)
    np.testing.assert_allclose(
        attention.energy(x @ turn, keys @ turn, 1.5, transform=transform),
        attention.energy(x, keys, 1.5, transform=transform),
        atol=1e-10,
    )


@given(sizes, sizes, sizes, seeds, transforms, st.floats(0.1, 10.0))
def test_scale_of_everything(q, k, n, seed, transform, scale):
    """β |ξ|² alone matters."""
    x, keys = drawn(seed, q, k, n)
    new = attention.update(scale * x, scale * keys, 1.5 / scale**2, transform=transform)
    expected = scale * attention.update(x, keys, 1.5, transform=transform)
    np.testing.assert_allclose(new, expected, atol=1e-8)


@given(st.lists(sizes, max_size=3), sizes, seeds)
def test_states_may_have_any_dimensions(shape, k, seed):
    x = rng(seed).normal(size=(*shape, 3))
    keys = rng(seed + 1).normal(size=(k, 3))
    flat = x.reshape(-1, 3)
    assert attention.update(x, keys, 1.0).shape == x.shape
    assert attention.energy(x, keys, 1.0).shape == tuple(shape)
    assert attention.weights(x, keys, 1.0).shape == (*shape, k)
    assert attention.jacobian(x, keys, 1.0).shape == (*shape, 3, 3)
    np.testing.assert_array_equal(
        attention.update(x, keys, 1.0).reshape(-1, 3), attention.update(flat, keys, 1.0)
    )


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
@pytest.mark.parametrize(
    ("states", "keys", "mask"),
    [
        ((0, 3), (7, 3), (0, 7)),
        ((0, 5, 3), (7, 3), (0, 5, 7)),
        ((0, 5, 3), (1, 7, 3), (5, 7)),
        ((0, 5, 3), (0, 7, 3), (0, 5, 7)),
        ((2, 0, 3), (2, 7, 3), (2, 0, 7)),
    ],
)
def test_no_states_give_no_results(transform, states, keys, mask):
    x, xi = np.ones(states), np.ones(keys)
    for seen in (None, np.ones(mask, bool)):
        options = {"transform": transform, "mask": seen}
        assert attention.update(x, xi, 1.0, **options).shape == states
        assert attention.energy(x, xi, 1.0, **options).shape == states[:-1]
        assert attention.weights(x, xi, 1.0, **options).shape == (*states[:-1], 7)
        assert attention.jacobian(x, xi, 1.0, **options).shape == (*states, 3)
        found = attention.retrieve(x, xi, 1.0, **options)
        assert found.states.shape == states
        assert found.status.shape == found.residual.shape == states[:-1]


# Bad input


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"states": np.ones((2, 4))}, "states and patterns must be"),
        ({"states": 1.0}, "states and patterns must be"),
        ({"states": [[np.nan, 0.0, 0.0]]}, "states must be finite"),
        ({"states": [["a", "b", "c"]]}, "states must be finite numbers"),
        ({"states": [[1.0], [1.0, 2.0]]}, "states must be an array of numbers"),
        ({"patterns": np.ones(3)}, "states and patterns must be"),
        ({"patterns": np.ones((0, 3))}, "states and patterns must be"),
        ({"patterns": np.full((5, 3), np.inf)}, "patterns must be finite"),
        ({"patterns": np.ones((4, 5, 3)), "states": np.ones((3, 2, 3))}, "do not go together"),
        ({"beta": 0.0}, "beta must be above 0, got 0"),
        ({"beta": -1.0}, "beta must be above 0, got -1"),
        ({"beta": np.inf}, "beta must be finite"),
        ({"beta": [1.0, 2.0, 3.0]}, "do not go together"),
        ({"transform": "hardmax"}, "transform must be one of 'softmax'"),
        ({"transform": attention.Power(3)}, "transform must be one of 'softmax'"),
        ({"mask": np.ones((2, 5))}, "mask must be an array of True and False"),
        ({"mask": np.ones((2, 4), bool)}, "do not go together"),
        ({"mask": np.zeros((2, 5), bool)}, "mask must leave every state a pattern"),
        ({"mask": [[True], [True, False]]}, "mask must be an array of True and False"),
        ({"mask": True}, "mask must be an array of True and False, got one of them"),
        ({"states": np.ones((2, 3)) > 0}, "states must be finite numbers, got the type bool"),
        ({"patterns": [[1.0, np.nan, 0.0]]}, "patterns must be finite numbers, got nan"),
        (
            {"states": np.ones((2, 3), "f"), "patterns": np.ones((5, 3), "f"), "beta": 1e39},
            r"beta must be in \[1\.18e-38, 3\.4e\+38\] in float32, got 1e\+39",
        ),
        (
            {"states": np.ones((2, 3), "f"), "patterns": np.ones((5, 3), "f"), "beta": 1e-50},
            "in float32, got 1e-50",
        ),
    ],
)
def test_bad_arguments_are_refused(change, message):
    arguments = {"states": np.ones((2, 3)), "patterns": np.ones((5, 3)), "beta": 1.0} | change
    for verb in (attention.energy, attention.update, attention.weights, attention.jacobian):
        with pytest.raises(InputError, match=message):
            verb(**arguments)


def test_bad_values_and_weights_are_refused():
    x, keys = np.ones((2, 3)), np.ones((5, 3))
    with pytest.raises(InputError, match=r"values must have shape \(\.\.\., 5, V\)"):
        attention.update(x, keys, 1.0, values=np.ones((4, 3)))
    for w, got in (
        (np.full(5, 0.1), "weights must be nonnegative and sum to 1 .* got the sum 0.5"),
        ([1.5, -0.5, 0.0, 0.0, 0.0], "weights must be nonnegative and sum to 1 .* got -0.5"),
        ([np.nan, 1.0, 0.0, 0.0, 0.0], "weights must be finite numbers, got nan"),
        ([True, False, False, False, False], "weights must be finite numbers, got the type bool"),
        ([[1.0], [0.5, 0.5]], "weights must be an array of numbers"),
        (1.0, r"weights must have shape \(\.\.\., K >= 1\), got \(\)"),
    ):
        with pytest.raises(InputError, match=got):
            attention.dual_energy(w, keys, 1.0)
    with pytest.raises(InputError, match="patterns must be finite numbers, got the type <U1"):
        attention.dual_energy([0.5, 0.5], [["a"], ["b"]], 1.0)
    with pytest.raises(InputError, match="weights and patterns must be"):
        attention.dual_energy(np.ones(4) / 4, keys, 1.0)


def test_what_does_not_fit_into_memory_is_refused():
    x = np.broadcast_to(np.zeros(2), (10**7, 2))
    keys = np.broadcast_to(np.zeros(2), (10**7, 2))
    with pytest.raises(InputError, match="the weights of all patterns would need"):
        attention.weights(x, keys, 1.0)
