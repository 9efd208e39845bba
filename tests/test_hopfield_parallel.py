"""States that retrieve several patterns, and what overlaps show of it."""

import numpy as np
import pytest

from hopfield import (
    InputError,
    Multitasking,
    hierarchical_state,
    overlap_spectrum,
    parallel_state,
    retrieved_patterns,
)
from hopfield.parallel import followed_signs

D, K, N = 0.4, 3, 40_000


@pytest.fixture(scope="module")
def network():
    """Many spins of few patterns."""
    return Multitasking(D).network(N, n_patterns=K, seed=3)


def test_overlaps_of_the_hierarchical_state(network):
    overlaps = network.overlaps(hierarchical_state(network.patterns, seed=1))
    expected = D ** np.arange(K) * (1.0 - D)
    z = (overlaps - expected) / np.sqrt(1.0 / N)
    assert np.abs(z).max() < 4.0
    assert np.abs((overlaps - expected[::-1]) * np.sqrt(N)).max() > 4.0


def test_hierarchical_state_is_stable_without_temperature(network):
    spins = hierarchical_state(network.patterns, seed=1)
    decided = network.patterns.any(axis=0)
    fields = network.overlap_sums(spins) @ network.patterns.astype(np.int64)
    fields -= (network.patterns.astype(np.int64) ** 2).sum(axis=0) * spins
    assert (fields[decided] * spins[decided] > 0).all()


def test_overlaps_of_the_parallel_state(network):
    overlaps = network.overlaps(parallel_state(network.patterns, seed=1))
    columns = np.stack(np.meshgrid(*[[-1, 0, 1]] * K), axis=-1).reshape(-1, K)
    weights = np.where(columns == 0, D, (1.0 - D) / 2.0).prod(axis=1)
    expected = weights @ np.abs(columns.sum(axis=1)) / K
    assert np.abs((overlaps - expected) * np.sqrt(N)).max() < 4.0
    assert np.abs((overlaps - 1.1 * expected) * np.sqrt(N)).max() > 4.0


@pytest.mark.parametrize("state", [hierarchical_state, parallel_state])
def test_undecided_spins_are_fair_and_come_from_the_seed(state):
    blank = np.zeros((2, 10_000))
    one, again, other = (state(blank, seed=seed) for seed in (1, 1, 2))
    assert (one == again).all()
    assert (one != other).any()
    assert set(np.unique(one)) == {-1, 1}
    assert abs(one.mean()) * 100.0 < 4.0


def test_hierarchical_state_follows_the_first_pattern():
    patterns = np.array([[0, 1, -1, 0], [1, -1, 0, 0], [-1, -1, 1, -1]])
    assert hierarchical_state(patterns).tolist() == [1, 1, -1, -1]
    assert parallel_state(patterns[:, 1:2]).tolist() == [-1]


def test_groups_are_followed_one_after_the_other():
    patterns = np.array([[1, 0, 0, -1, 0], [1, 1, 0, 1, 0], [-1, -1, 1, -1, 0]])
    assert followed_signs(patterns, (1, 1)).tolist() == [1, 1, 0, -1, 0]
    assert followed_signs(patterns, (2, 1)).tolist() == [1, 1, 1, -1, 0]
    assert followed_signs(patterns, (1, 2)).tolist() == [1, 0, 1, -1, 0]


def test_sorting_is_biased_where_overlaps_are_alike():
    # The larger of two equal overlaps is 1/sqrt(pi) standard deviations above their mean.
    n, deviation = 20_000, 0.01
    overlaps = 0.3 + deviation * np.random.default_rng(1).normal(size=(n, 2))
    excess = overlap_spectrum(overlaps)[:, 0] - 0.3
    stderr = excess.std() / np.sqrt(n)
    assert abs(excess.mean() - deviation / np.sqrt(np.pi)) < 4.0 * stderr
    assert excess.mean() > 4.0 * stderr  # though neither overlap is above 0.3 in the mean
    assert abs(overlaps.mean(axis=0) - 0.3).max() < 4.0 * deviation / np.sqrt(n)


def test_spectrum_sorts_moduli():
    overlaps = np.array([[0.1, -0.5, 0.3], [-0.2, 0.0, 0.1]])
    assert overlap_spectrum(overlaps).tolist() == [[0.5, 0.3, 0.1], [0.2, 0.1, 0.0]]
    assert retrieved_patterns(overlaps, 0.2).tolist() == [2, 1]


@pytest.mark.parametrize("threshold", [0.0, -0.1, 1.1, np.nan, "all"])
def test_bad_threshold_is_refused(threshold):
    with pytest.raises(InputError, match=r"threshold must be a number in \(0, 1\], got"):
        retrieved_patterns([0.1], threshold)


@pytest.mark.parametrize("patterns", [[1, -1], np.empty((0, 3)), [[2, 0]]])
@pytest.mark.parametrize("state", [hierarchical_state, parallel_state])
def test_bad_patterns_are_refused(state, patterns):
    with pytest.raises(InputError, match="patterns must have"):
        state(patterns)
