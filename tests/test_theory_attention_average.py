"""The average over all patterns, from β = 0 to where it becomes unstable."""

import numpy as np
import pytest

from hopfield import InputError, attention
from hopfield.vocabulary import describe
from theory.attention import (
    average_states,
    average_threshold,
    crosstalk_norm,
    pair_threshold,
)
from theory.attention import spherical_average_limit as limit
from theory.exponential.rates import SPHERICAL


def spherical(k, n, rng):
    xi = rng.normal(size=(k, n))
    return xi * np.sqrt(n) / np.linalg.norm(xi, axis=1, keepdims=True)


@pytest.mark.parametrize("n", [2, 3, 7])
def test_patterns_that_are_alike(n):
    """β |ξ|² (1 - q) = n."""
    found = average_threshold(np.eye(n) + 0.3)
    assert found.beta.item() == pytest.approx(n, rel=1e-9)
    assert found.beta_mean.item() == pytest.approx(n, rel=1e-12)
    assert found.effective_patterns.item() == pytest.approx(n, rel=1e-9)
    assert found.residual.item() < 1e-10


def test_two_patterns():
    equal = np.array([[1.0, 0.2], [0.2, 1.0]])
    expected = pair_threshold(equal).beta.item()
    assert average_threshold(equal).beta.item() == pytest.approx(expected, rel=1e-9)
    # of different norms the average goes over into the longer one
    found = average_threshold([[1.0, 0.0], [0.0, 0.9]])
    assert found.status.item() == "absent"
    assert np.isnan(found.beta)


def test_patterns_that_hardly_differ_do_not_pass_for_a_threshold():
    """Scores of 1e7 leave no digits of the update to find it with."""
    found = average_threshold(np.eye(3) + 1e3)
    assert found.status.item() == "not converged"
    assert np.isnan(found.beta)
    assert found.beta_mean.item() == pytest.approx(3.0)


def test_states_go_over_into_patterns():
    xi = np.array([[1.0, 0.0], [0.0, 0.9]])
    found = average_states(xi, [1e-3, 2.0, 50.0])
    assert (found.status == "converged").all()
    assert found.stable.all()
    assert found.effective_patterns.values[[0, 2]] == pytest.approx([2.0, 1.0], abs=1e-3)
    assert (np.diff(found.effective_patterns.values) < -0.3).all()
    for i, beta in enumerate(found.beta.values):
        x = attention.retrieve(xi.mean(axis=0), xi, beta).states
        largest = beta * np.linalg.eigvalsh(
            np.cov(xi.T, aweights=attention.weights(x, xi, beta), ddof=0)
        )
        assert found.jacobian_eigenvalue.values[i] == pytest.approx(largest[-1], rel=1e-9)
        assert found.state_energy.values[i] == pytest.approx(attention.energy(x, xi, beta))


@pytest.mark.parametrize("seed", range(6))
def test_branches_of_random_patterns_turn_back(seed):
    """A run from the mean stays with many patterns below the threshold, and not above."""
    rng = np.random.default_rng(seed)
    xi = spherical(100, 50, rng)
    found = average_threshold(xi)
    assert found.status.item() == "converged"
    assert found.residual.item() < 1e-10
    beta = found.beta.item()
    near = average_states(xi, [0.998 * beta, 1.01 * beta])
    assert near.effective_patterns.values[0] > 0.9 * found.effective_patterns.item()
    assert near.effective_patterns.values[1] < 0.5 * found.effective_patterns.item()
    assert 0.8 < near.jacobian_eigenvalue.values[0] < 1.0
    # equal weights are no fixed point, and their instability is another one
    assert beta < 0.95 * found.beta_mean.item()


def test_patterns_and_their_opposites():
    """The state x = 0 is a fixed point with equal weights at every β."""
    xi = spherical(40, 20, np.random.default_rng(1))
    found = average_threshold(np.concatenate([xi, -xi]))
    assert found.beta.item() == pytest.approx(found.beta_mean.item(), rel=1e-9)
    assert found.effective_patterns.item() == pytest.approx(80.0, rel=1e-9)
    near = average_states(np.concatenate([xi, -xi]), [0.99 * found.beta, 1.01 * found.beta])
    assert near.stable.values.tolist() == [True, False]


@pytest.mark.parametrize(("k", "n"), [(400, 100), (100, 200)])
def test_spectrum_of_random_patterns(k, n):
    """Largest eigenvalues have the mean of the Tracy-Widom law about the edge; 60 sets.

    I. M. Johnstone, Ann. Stat. 29, 295 (2001). The edge alone is seen not to be the mean.
    """
    rng = np.random.default_rng(2)
    largest = [
        np.linalg.norm(np.concatenate([xi, -xi]), 2) ** 2 / 2
        for xi in (spherical(k, n, rng) for _ in range(60))
    ]
    root = np.sqrt(k - 1) + np.sqrt(n)
    width = root * (1 / np.sqrt(k - 1) + 1 / np.sqrt(n)) ** (1 / 3)
    scaled = (np.array(largest) - root**2) / width
    stderr = scaled.std(ddof=1) / np.sqrt(60)
    assert abs(scaled.mean() + 1.2065) < 4 * stderr
    assert abs(scaled.mean()) > 4 * stderr
    assert k / root**2 == pytest.approx(limit(k / n), rel=0.01)


def test_limits_of_the_ratio():
    assert limit(1e12) == pytest.approx(1.0, rel=1e-5)
    assert limit(1.0) == 0.25
    assert limit(1e-12) == pytest.approx(1e-12, rel=1e-5)  # K/N
    assert limit(1e-320) == pytest.approx(1e-320, rel=1e-3)


def test_crosstalk_keeps_states_without_a_pattern():
    """Mean overlap after one update, of 40 sets of 40 000 patterns; at infinite size r again."""
    size, sharpness = 14, 1.3
    r = crosstalk_norm(sharpness).item()
    assert SPHERICAL.tilted_overlap(sharpness * r) == pytest.approx(r, rel=1e-12)
    k, step = sharpness * r, 1e-5
    ends = SPHERICAL.finite_cumulant([k + step, k - step], size)
    expected = (ends[0] - ends[1]) / (2 * step)
    rng = np.random.default_rng(3)
    x = np.zeros(size)
    x[0] = r * np.sqrt(size)
    new = [attention.update(x, spherical(40_000, size, rng), sharpness) for _ in range(40)]
    overlap = np.array(new)[:, 0] / np.sqrt(size)
    stderr = overlap.std(ddof=1) / np.sqrt(40)
    assert abs(overlap.mean() - expected) < 4 * stderr
    assert abs(overlap.mean() - r) > 4 * stderr  # the correction of finite size is seen
    assert crosstalk_norm([0.3, 1.0]).tolist() == [0.0, 0.0]


def test_names_are_in_the_vocabulary():
    for found in (average_states(np.eye(3), [1.0]), average_threshold(np.eye(3))):
        for name in [*found.data_vars, *found.coords]:
            assert found[name].attrs["long_name"] == describe(str(name))["long_name"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: average_threshold(np.ones((3, 2))), "patterns must not all be the same"),
        (lambda: average_threshold(np.ones((1, 2))), r"patterns must have shape \(K >= 2, N\)"),
        (lambda: average_states(np.eye(2), 0.0), "beta must be above 0"),
        (lambda: limit(0.0), "ratio must be"),
        (lambda: crosstalk_norm(0.0), "sharpness must be above 0"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
