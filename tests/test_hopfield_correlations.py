"""Correlated patterns, and statistics of patterns."""

import numpy as np
import pytest

from hopfield import (
    InputError,
    correlated_patterns,
    diluted_patterns,
    fair_patterns,
    pattern_statistics,
)
from hopfield.vocabulary import describe


def z_of_mean(values, expected):
    """Deviation of a mean of independent values, in standard errors estimated from them."""
    error = np.std(values, ddof=1) / np.sqrt(np.size(values))
    return (np.mean(values) - expected) / error


def pair_products(patterns):
    """Mean product of two different entries of a site, for each site: independent numbers."""
    count = len(patterns)
    sums = patterns.sum(axis=0, dtype=float)
    return (sums**2 - count) / (count * (count - 1))


@pytest.mark.parametrize("correlation", [0.01, 0.2, 0.6, 0.95])
def test_mean_overlap_of_two_patterns(correlation):
    patterns = correlated_patterns(30, 20_000, correlation, seed=1)
    assert patterns.dtype == np.int8
    assert set(patterns.flat) == {-1, 1}
    assert abs(z_of_mean(pair_products(patterns), correlation)) < 4.0
    assert abs(z_of_mean(pair_products(patterns), correlation + 0.02)) > 4.0
    other = float(pattern_statistics(patterns).pattern_overlap_mean)
    assert other == pytest.approx(pair_products(patterns).mean(), rel=1e-9)


@pytest.mark.parametrize("correlation", [0.2, 0.6])
def test_entries_are_fair_and_every_pattern_is_alike(correlation):
    patterns = correlated_patterns(30, 20_000, correlation, seed=2).astype(float)
    # Entries of a site have a common parent: only means of sites are independent.
    assert abs(z_of_mean(patterns.mean(axis=0), 0.0)) < 4.0
    assert abs(z_of_mean(patterns.mean(axis=0) + 0.02, 0.0)) > 4.0
    # Each pattern with the first: overlaps of the last ones are those of the first ones.
    early = (patterns[0] * patterns[1:15]).mean(axis=0)
    late = (patterns[0] * patterns[16:]).mean(axis=0)
    assert abs(z_of_mean(early - late, 0.0)) < 4.0
    assert abs(z_of_mean(early - 0.9 * late, 0.0)) > 4.0


def test_patterns_are_independent_given_their_parent():
    # The product of four entries has the mean of the overlap with the parent, to the fourth power.
    c = 0.5
    patterns = correlated_patterns(4, 100_000, c, seed=3).astype(float)
    assert abs(z_of_mean(patterns.prod(axis=0), c**2)) < 4.0
    assert abs(z_of_mean(patterns.prod(axis=0), c)) > 4.0


def test_neighbouring_sites_are_independent():
    patterns = correlated_patterns(2, 100_000, 0.5, seed=4).astype(float)
    for row in patterns:
        assert abs(z_of_mean(row[1::2] * row[::2], 0.0)) < 4.0
    assert abs(z_of_mean(patterns[0] * patterns[1], 0.0)) > 4.0


@pytest.mark.parametrize("correlation", [0.0, 0.3, 1.0])
def test_same_seed_gives_the_same_first_patterns(correlation):
    few = correlated_patterns(3, 33, correlation, seed=5)
    many = correlated_patterns(20, 33, correlation, seed=5)
    assert (many[:3] == few).all()
    assert (many != correlated_patterns(20, 33, correlation, seed=6)).any()
    assert (
        correlated_patterns(3, 99, correlation) != correlated_patterns(3, 99, correlation)
    ).any()


def test_limits_of_correlation():
    fair = fair_patterns(10, 50, seed=7)
    assert (correlated_patterns(10, 50, 0.0, seed=7) == fair).all()
    equal = correlated_patterns(10, 50, 1.0, seed=7)
    assert (equal == equal[0]).all()
    assert not (equal[0] == fair).all(axis=1).any()


@pytest.mark.parametrize("correlation", [-0.1, 1.1, np.nan, "0.5", None])
def test_bad_correlation_is_refused(correlation):
    with pytest.raises(InputError, match=r"correlation must be a number in \[0, 1\], got"):
        correlated_patterns(2, 10, correlation)


@pytest.mark.parametrize("dilution", [0.0, 0.3])
def test_statistics_against_a_plain_loop(dilution):
    patterns = diluted_patterns(7, 23, dilution, seed=8)
    result = pattern_statistics(patterns)
    n_patterns, size = patterns.shape
    squares = []
    for mu in range(n_patterns):
        entries = [int(entry) for entry in patterns[mu]]
        mean = sum(entries) / size
        variance = sum((entry - mean) ** 2 for entry in entries) / (size - 1)
        assert result.bias[mu] == pytest.approx(mean, abs=1e-14)
        assert result.bias_stderr[mu] == pytest.approx(np.sqrt(variance / size), rel=1e-12)
        for nu in range(n_patterns):
            overlap = (
                sum(int(a) * int(b) for a, b in zip(entries, patterns[nu], strict=True)) / size
            )
            assert result.pattern_overlap[mu, nu] == pytest.approx(overlap, abs=1e-14)
            if mu != nu:
                squares.append(overlap)
    assert result.pattern_overlap_mean == pytest.approx(np.mean(squares), abs=1e-14)
    assert result.pattern_overlap_rms == pytest.approx(np.sqrt(np.mean(np.square(squares))))
    for i in range(size):
        mean = sum(int(entry) for entry in patterns[:, i]) / n_patterns
        assert result.site_mean[i] == pytest.approx(mean, abs=1e-14)


def test_overlaps_of_fair_patterns_have_the_size_of_chance():
    patterns = fair_patterns(100, 400, seed=9)
    result = pattern_statistics(patterns)
    assert float(result.pattern_overlap_rms_fair) == 0.05
    overlaps = result.pattern_overlap.values[np.triu_indices(100, 1)]
    # Overlaps of pairs are uncorrelated, and so are their squares.
    assert abs(z_of_mean(overlaps, 0.0)) < 4.0
    assert abs(z_of_mean(overlaps**2, 0.05**2)) < 4.0
    assert float(result.pattern_overlap_rms) == pytest.approx(np.sqrt((overlaps**2).mean()))
    correlated = pattern_statistics(correlated_patterns(100, 400, 0.1, seed=9))
    others = correlated.pattern_overlap.values[np.triu_indices(100, 1)]
    assert abs(z_of_mean(others**2, 0.05**2)) > 4.0


def test_error_of_the_bias_is_that_of_independent_sites():
    result = pattern_statistics(fair_patterns(500, 300, seed=10))
    z = (result.bias / result.bias_stderr).values
    assert abs(z_of_mean(z, 0.0)) < 4.0
    assert abs(z_of_mean(z**2, 1.0)) < 4.0
    assert abs(z_of_mean((1.3 * z) ** 2, 1.0)) > 4.0


def test_constant_sites_are_counted():
    patterns = fair_patterns(30, 40, seed=11)
    assert int(pattern_statistics(patterns).constant_sites) == 0
    patterns[:, :3] = -1
    patterns[:, 3] = 1
    result = pattern_statistics(patterns)
    assert int(result.constant_sites) == 4
    assert result.site_mean[:4].values.tolist() == [-1.0, -1.0, -1.0, 1.0]


def test_one_pattern_has_no_pairs():
    result = pattern_statistics([[1, -1, 1, 1]])
    assert np.isnan(result.pattern_overlap_mean)
    assert np.isnan(result.pattern_overlap_rms)
    assert float(result.bias[0]) == 0.5


def test_statistics_are_labelled():
    result = pattern_statistics(fair_patterns(3, 10, seed=0))
    assert dict(result.sizes) == {"pattern": 3, "other_pattern": 3, "site": 10}
    for name in (*result.data_vars, *result.coords):
        assert result[name].attrs == describe(str(name))


@pytest.mark.parametrize(
    ("patterns", "message"),
    [
        ([1, -1], r"patterns must have shape \(K >= 1, N >= 2\), got \(2,\)"),
        (np.ones((0, 4)), r"patterns must have shape .* got \(0, 4\)"),
        (np.ones((2, 1)), r"patterns must have shape .* got \(2, 1\)"),
        ([[1, 2]], r"patterns must have entries -1, 0 or \+1"),
        ([[0.5, 1.0]], r"patterns must have entries -1, 0 or \+1"),
    ],
)
def test_statistics_of_other_things_are_refused(patterns, message):
    with pytest.raises(InputError, match=message):
        pattern_statistics(patterns)


def test_overlaps_that_do_not_fit_into_memory_are_refused():
    patterns = np.broadcast_to(np.int8(1), (10_000_000, 2))
    with pytest.raises(InputError, match="the overlaps of all pairs would need"):
        pattern_statistics(patterns)
