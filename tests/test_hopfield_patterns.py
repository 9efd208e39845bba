"""Random patterns: the same for the same seed, and distributed as they should be."""

import numpy as np
import pytest

from hopfield import InputError, diluted_patterns, fair_patterns
from hopfield.patterns import check_dilution


def z_of_mean(values, expected, deviation):
    """Deviation of a mean of independent values of known standard deviation, in its errors."""
    return (np.mean(values, dtype=float) - expected) / (deviation / np.sqrt(np.size(values)))


def test_entries_are_signs():
    patterns = fair_patterns(50, 33, seed=1)
    assert patterns.dtype == np.int8
    assert patterns.shape == (50, 33)
    assert set(patterns.flat) == {-1, 1}


@pytest.mark.parametrize("size", [8, 33])
@pytest.mark.parametrize("dilution", [0.0, 0.3])
def test_same_seed_gives_the_same_first_patterns(size, dilution):
    few = diluted_patterns(3, size, dilution, seed=5)
    many = diluted_patterns(40, size, dilution, seed=5)
    assert (many[:3] == few).all()
    assert (many == diluted_patterns(40, size, dilution, seed=5)).all()
    assert (many != diluted_patterns(40, size, dilution, seed=6)).any()


def test_without_a_seed_patterns_are_new():
    assert (fair_patterns(5, 100) != fair_patterns(5, 100)).any()


def test_entries_are_fair():
    patterns = fair_patterns(300, 1001, seed=2)
    assert abs(z_of_mean(patterns, 0.0, 1.0)) < 4.0
    biased = np.where(np.random.default_rng(3).random(patterns.shape) < 0.01, 1, patterns)
    assert abs(z_of_mean(biased, 0.0, 1.0)) > 4.0


def test_every_place_in_a_byte_is_fair():
    patterns = fair_patterns(4000, 40, seed=4)
    z = patterns.mean(axis=0) * np.sqrt(4000)
    assert np.abs(z).max() < 4.5  # the largest of 40
    # The variance of a standard normal number squared is 2.
    assert abs(z_of_mean(z**2, 1.0, np.sqrt(2.0))) < 4.0
    assert abs(z_of_mean((2.0 * z) ** 2, 1.0, np.sqrt(2.0))) > 4.0


def test_patterns_and_neighbouring_entries_are_independent():
    patterns = fair_patterns(200, 500, seed=7).astype(float)
    sums = (patterns @ patterns.T)[np.triu_indices(200, 1)] / np.sqrt(500)
    assert abs(z_of_mean(sums, 0.0, 1.0)) < 4.0
    assert abs(z_of_mean(sums**2, 1.0, np.sqrt(2.0 - 2.0 / 500))) < 4.0
    assert abs(z_of_mean(patterns[:, 1:] * patterns[:, :-1], 0.0, 1.0)) < 4.0
    copied = patterns.copy()
    copied[1::2, :50] = copied[::2, :50]
    pairs = (copied[1::2] * copied[::2]).sum(axis=1) / np.sqrt(500)
    assert abs(z_of_mean(pairs, 0.0, 1.0)) > 4.0


@pytest.mark.parametrize("dilution", [0.05, 0.2, 0.7])
def test_fraction_of_blanks(dilution):
    blank = diluted_patterns(200, 500, dilution, seed=8) == 0
    deviation = np.sqrt(dilution * (1.0 - dilution))
    assert abs(z_of_mean(blank, dilution, deviation)) < 4.0
    assert abs(z_of_mean(blank, dilution + 0.02, deviation)) > 4.0


def test_blanks_do_not_prefer_a_sign_and_leave_the_signs_alone():
    fair = fair_patterns(200, 500, seed=9)
    diluted = diluted_patterns(200, 500, 0.3, seed=9)
    filled = diluted != 0
    assert (diluted[filled] == fair[filled]).all()
    assert abs(z_of_mean(diluted[filled], 0.0, 1.0)) < 4.0
    assert abs(z_of_mean(fair[~filled], 0.0, 1.0)) < 4.0
    preferred = fair[~filled | (np.random.default_rng(10).random(fair.shape) < 0.1) & (fair > 0)]
    assert abs(z_of_mean(preferred, 0.0, 1.0)) > 4.0


def test_blanks_and_signs_come_from_different_random_numbers():
    # A blank is drawn from 64 random bits: none of these may be the sign of an entry as well.
    signs = fair_patterns(1, 64 * 400, seed=11).reshape(400, 64).astype(float)
    blanks = np.where(diluted_patterns(1, 64 * 400, 0.5, seed=11)[0, :400] == 0, 1.0, -1.0)
    z = blanks @ signs / np.sqrt(400)
    assert np.abs(z).max() < 4.5  # the largest of 64
    assert abs(z_of_mean(z**2, 1.0, np.sqrt(2.0 - 2.0 / 400))) < 4.0
    signs[:, 56] = -blanks
    assert np.abs(blanks @ signs / np.sqrt(400)).max() > 4.5


def test_no_dilution_is_fair_patterns():
    assert (diluted_patterns(7, 50, 0.0, seed=3) == fair_patterns(7, 50, seed=3)).all()


@pytest.mark.parametrize("dilution", [-0.1, 1.0, 1.5, np.nan, np.inf, "0.2", None, True, 1j])
def test_bad_dilution_is_refused(dilution):
    with pytest.raises(InputError, match=r"dilution must be a number in \[0, 1\), got"):
        check_dilution(dilution)
    with pytest.raises(InputError, match=r"dilution must be a number in \[0, 1\), got"):
        diluted_patterns(2, 10, dilution, seed=0)


def test_bad_numbers_are_refused():
    with pytest.raises(InputError, match="n_patterns must be an integer >= 1, got 0"):
        fair_patterns(0, 10, seed=0)
    with pytest.raises(InputError, match="size must be an integer >= 2, got 1"):
        fair_patterns(2, 1, seed=0)
    with pytest.raises(InputError, match="seed must be an integer >= 0"):
        fair_patterns(2, 10, seed=-1)
