"""Joint distances of averages from theory have the distribution they should have."""

import numpy as np
import pytest
from scipy.stats import kstest

from hopfield import InputError
from studies.agreement import Limit, at_infinite_size, distance

SIZES, SHIFT = (100, 200, 400), np.array([3.0, -1.0, 0.5])
TRUTH = np.array([0.5, 0.2, -0.3])
MIXING = np.array([[1.0, 0.0, 0.0], [0.9, 0.3, 0.0], [-0.5, 0.5, 0.4]])


def drawn(rng, count, sizes=SIZES):
    """Samples with a line in 1/N as their mean and a covariance that falls off as 1/N."""
    n = np.array(sizes)[:, None, None]
    return TRUTH + SHIFT / n + rng.normal(size=(len(sizes), count, 3)) @ MIXING.T / np.sqrt(n)


@pytest.mark.parametrize(("sizes", "degree"), [((100,), 0), ((100, 400), 1), (SIZES, 1)])
@pytest.mark.parametrize("count", [4, 12])
def test_distances_have_their_distribution(sizes, degree, count):
    rng, everything = np.random.default_rng(5), np.ones(3, dtype=bool)
    expected = TRUTH + (SHIFT / 100 if degree == 0 else 0.0)
    found, wrong = [], []
    for _ in range(400):
        limit = at_infinite_size(sizes, drawn(rng, count, sizes), degree)
        if limit.degrees_of_freedom < 5:
            assert np.isnan(distance(limit, expected, everything).chi_square)
            continue
        found.append(distance(limit, expected, everything))
        off = expected + 3.0 * limit.stderr * np.array([1.0, 1.0, -1.0])
        wrong.append(distance(limit, off, everything).p_value)
    if not found:
        assert count == 4
        return
    tails = [one.p_value for one in found]
    assert kstest(tails, "uniform").pvalue > 1e-4
    assert kstest(np.square(tails), "uniform").pvalue < 1e-4
    if limit.degrees_of_freedom > 10:  # so that chi squares have a variance
        squares = np.array([one.chi_square for one in found])
        assert abs(squares.mean() - 1.0) < 4.0 * squares.std() / 20.0
    assert np.median(wrong) < (0.05 if limit.degrees_of_freedom > 10 else 0.25)


def test_errors_are_those_of_many_repetitions():
    rng = np.random.default_rng(6)
    limits = [at_infinite_size(SIZES, drawn(rng, 10), 1) for _ in range(2000)]
    values = np.array([limit.value for limit in limits])
    mean = np.array([limit.covariance for limit in limits]).mean(axis=0)
    np.testing.assert_allclose(np.cov(values.T), mean, atol=0.1 * mean.max())
    assert (np.abs(values.mean(axis=0) - TRUTH) < 4.0 * values.std(axis=0) / np.sqrt(2000)).all()
    flat = np.array([at_infinite_size(SIZES, drawn(rng, 10), 0).value for _ in range(2000)])
    assert (np.abs(flat.mean(axis=0) - TRUTH)[:2] > 4.0 * flat.std(axis=0)[:2] / 44.7).all()


def test_two_sizes_are_joined_by_a_line():
    samples = np.array([[[1.0], [3.0]], [[4.0], [6.0]]])
    limit = at_infinite_size((10, 40), samples, 1)
    assert limit.value == pytest.approx([(4 * 5.0 - 2.0) / 3])
    pooled = (10 * 2.0 + 40 * 2.0) / 2  # of N times the variance
    weights = np.array([-1.0, 4.0]) / 3
    expected = pooled * (weights**2 / np.array([10, 40])).sum() / 2
    assert limit.covariance == pytest.approx(expected)
    assert limit.degrees_of_freedom == 2


def test_what_does_not_fluctuate_has_no_distance():
    limit = Limit(np.array([1.0, 2.0]), np.diag([0.0, 0.01]), 20)
    found = distance(limit, np.array([1.0, 2.1]), np.array([True, True]))
    assert np.isnan(found.z[0])
    assert found.z[1] == pytest.approx(-1.0)
    assert np.isnan(found.chi_square)
    assert distance(limit, np.array([1.0, 2.1]), np.array([False, True])).chi_square > 0.0


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="samples must be at least 2 for an error, got 1"):
        at_infinite_size([10], np.zeros((1, 1, 1)), 0)
    with pytest.raises(InputError, match=r"must have equal shapes, got \(\(1,\), \(2,\), \(2,\)\)"):
        distance(Limit(np.zeros(1), np.eye(1), 9), np.zeros(2), np.ones(2, dtype=bool))
