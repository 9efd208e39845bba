"""How many patterns attention is spread over."""

import numpy as np
import pytest

from hopfield import InputError, attention
from hopfield.attention.heads import CLASSES
from hopfield.vocabulary import describe


def plain_count(row, part):
    """Largest weights one after the other."""
    total, count = 0.0, 0
    for w in sorted(row, reverse=True):
        if total >= part - 1e-12:
            break
        total, count = total + w, count + 1
    return count


def test_numbers_of_random_weights():
    w = np.random.default_rng(1).dirichlet(np.full(50, 0.2), size=(4, 6, 8))
    found = attention.head_statistics(w)
    assert dict(found.sizes) == {"batch": 4, "head": 6, "query": 8}
    counts = [plain_count(row, 0.9) for row in w.reshape(-1, 50)]
    assert found.largest_weights.values.ravel().tolist() == counts
    assert len(set(counts)) > 5
    for part in (0.5, 0.99, 0.999):
        other = attention.head_statistics(w, part=part).largest_weights.values.ravel().tolist()
        assert other == [plain_count(row, part) for row in w.reshape(-1, 50)]
        assert other != counts
    np.testing.assert_allclose(found.effective_patterns, 1 / (w**2).sum(axis=-1), rtol=1e-12)
    entropy = -(w * np.log(w)).sum(axis=-1)
    np.testing.assert_allclose(found.weight_entropy, entropy, rtol=1e-12)
    np.testing.assert_allclose(found.entropy_patterns, np.exp(entropy), rtol=1e-12)
    np.testing.assert_allclose(found.largest_weight, w.max(axis=-1), rtol=1e-14)
    assert (found.n_patterns == 50).all()
    assert (found.effective_patterns <= found.entropy_patterns).all()
    for name in found.data_vars:
        assert found[name].attrs["long_name"] == describe(name)["long_name"]


@pytest.mark.parametrize("count", [1, 2, 3, 10, 100, 640, 5000])
@pytest.mark.parametrize("kind", [np.float16, np.float32, np.float64])
def test_equal_weights(count, kind):
    """Nine tenths of them, rounded up: no rounding error adds one."""
    if kind == np.float16 and count > 100:
        pytest.skip("does not sum to 1 in half precision")
    found = attention.head_statistics(np.full((1, count), 1.0 / count).astype(kind))
    assert found.largest_weights.item() == -(-9 * count // 10)
    assert found.effective_patterns.item() == pytest.approx(count, rel=1e-3)
    assert found.entropy_patterns.item() == pytest.approx(count, rel=1e-3)
    assert found.head_class.item() == "global"


def test_classes_at_their_edges():
    counts = np.array([1, 2, 3, 8, 9, 32, 33, 64])
    assert attention.head_class(counts, 64).tolist() == [
        "few patterns", "few patterns", "small cluster", "small cluster", "large cluster",
        "large cluster", "global", "global",
    ]  # fmt: skip
    assert attention.head_class(np.median(counts), 64).item() == CLASSES[1]


def test_classes_of_cold_and_hot_attention():
    numbers = np.random.default_rng(2)
    x, keys = numbers.normal(size=(2, 200, 64))
    hot, cold = (
        attention.head_statistics(attention.weights(x, keys, beta)) for beta in (1e-3, 1.0)
    )
    assert (hot.head_class == "global").all()
    assert (cold.head_class == "few patterns").mean() > 0.9


def test_masked_patterns_do_not_count():
    numbers = np.random.default_rng(3)
    x, keys = numbers.normal(size=(2, 30, 4))
    causal = np.tril(np.ones((30, 30), bool))
    w = attention.weights(x, keys, 1e-6, mask=causal)
    found = attention.head_statistics(w, mask=causal)
    assert found.n_patterns.values.tolist() == list(range(1, 31))
    assert (found.head_class == "global").all()
    without = attention.head_statistics(w)
    assert without.head_class.values[0] == "small cluster"  # one of 30
    np.testing.assert_array_equal(found.largest_weights, without.largest_weights)


def test_names_of_dimensions():
    w = np.full((2, 3, 4, 5, 6), 1 / 6)
    assert attention.head_statistics(w).largest_weight.dims == ("layer", "batch", "head", "query")
    assert attention.head_statistics(w[0, 0, 0, 0]).largest_weight.dims == ()
    named = attention.head_statistics(w[0, 0], dims=("sample", "token"))
    assert named.largest_weight.dims == ("sample", "token")
    with pytest.raises(InputError, match="dims must be 5 different names"):
        attention.head_statistics(w[None])
    with pytest.raises(InputError, match="dims must be 2 different names"):
        attention.head_statistics(w[0, 0], dims=("token", "token"))


@pytest.mark.parametrize(
    ("weights", "keywords", "message"),
    [
        ([0.5, 0.4], {}, "weights must be nonnegative and sum to 1"),
        ([1.5, -0.5], {}, "weights must be nonnegative and sum to 1"),
        ([0.5, 0.4], {}, r"sum to 1 along the last axis, got the sum 0\.9"),
        ([1.5, -0.5], {}, r"sum to 1 along the last axis, got -0\.5"),
        ([np.nan, 1.0], {}, "weights must be finite numbers, got nan"),
        (1.0, {}, r"weights must have shape \(\.\.\., K >= 1\), got \(\)"),
        (np.ones((3, 0)), {}, r"weights must have shape \(\.\.\., K >= 1\), got \(3, 0\)"),
        (["a"], {}, "weights must be finite numbers, got the type <U1"),
        ([[1.0], [0.5, 0.5]], {}, "weights must be an array of numbers"),
        ([[1.0]], {"dims": 5}, "dims must be a list of names, got 5"),
        ([[1.0]], {"dims": [1]}, r"dims must be a list of names, got \[1\]"),
        ([1.0, 0.0], {"part": 0.0}, "part must be"),
        ([1.0, 0.0], {"part": 1.1}, "part must be"),
        ([0.5, 0.5], {"mask": [True, False]}, "weights must be zero where they are masked"),
        ([0.5, 0.5], {"mask": [1, 0]}, "mask must be an array of True and False"),
        ([0.5, 0.5], {"mask": [True, True, False]}, "mask must have shape"),
    ],
)
def test_bad_arguments_are_refused(weights, keywords, message):
    with pytest.raises(InputError, match=message):
        attention.head_statistics(weights, **keywords)


@pytest.mark.parametrize(
    ("largest", "total", "message"),
    [
        (3, 0, "n_patterns must be above 0, got 0"),
        (5, 3, r"largest_weights must be in \(0, n_patterns\], got 5"),
        ([1, -5], 3, r"largest_weights must be in \(0, n_patterns\], got -5"),
        (np.nan, 3, "largest_weights must be finite numbers, got nan"),
        ("a", 3, "largest_weights must be finite numbers, got the type <U1"),
    ],
)
def test_bad_numbers_of_patterns_are_refused(largest, total, message):
    with pytest.raises(InputError, match=message):
        attention.head_class(largest, total)
