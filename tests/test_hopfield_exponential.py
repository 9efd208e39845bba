"""Exponential networks against the plain definition of their energy."""

import numpy as np
import pytest
from exact import all_states
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import logsumexp

from hopfield import Exponential, InputError, fair_patterns
from hopfield.bits import distances, flipped_words, pack, unpack

SHARPNESSES = [0.01, 0.3, 1.0, 5.0]


@pytest.fixture(params=SHARPNESSES)
def network(request):
    """Few spins and more patterns than there are states."""
    return Exponential(request.param).network(8, n_patterns=300, seed=3)


def plain_energy(network, spins):
    """The definition."""
    sharpness = network.model.sharpness
    products = spins.astype(np.float64) @ network.patterns.T
    return -logsumexp(sharpness * products, axis=-1) / sharpness


def test_energy_is_the_log_sum_of_all_overlaps(network):
    states = all_states(8)
    np.testing.assert_allclose(network.energy(states), plain_energy(network, states), rtol=1e-13)


def test_energy_differences_and_fields(network):
    states = all_states(8)
    energies = plain_energy(network, states)
    for i in range(8):
        flipped = np.arange(len(states)) ^ (1 << i)
        change = network.energy_difference(states, i)
        np.testing.assert_allclose(change, energies[flipped] - energies, atol=1e-12)
    fields = network.local_fields(states[:3])
    assert fields.shape == (3, 8)
    assert fields[1, 2] == pytest.approx(
        0.5 * states[1, 2] * network.energy_difference(states[1], 2)
    )


def test_small_differences_keep_their_digits():
    network = Exponential(0.01).network(40, n_patterns=2, seed=1)
    spins = fair_patterns(1, 40, seed=2)[0]
    from fractions import Fraction

    overlaps = (network.patterns.astype(int) @ spins).tolist()
    entries = (network.patterns[:, 5] * spins[5]).tolist()
    # the change to third order in λ, from exact moments over the two patterns
    weights = np.exp(0.01 * np.array(overlaps))
    after = np.exp(0.01 * (np.array(overlaps) - 2 * np.array(entries)))
    rise = float(
        sum(Fraction(float(a)) - Fraction(float(w)) for a, w in zip(after, weights, strict=True))
    )
    expected = -np.log1p(rise / weights.sum()) / 0.01
    assert network.energy_difference(spins, 5) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("sharpness", [17.0, 19.0, 40.0, 300.0, 350.2, 354.7, 360.0])
def test_flips_away_from_a_pattern_that_is_all_there_is(sharpness):
    """1 - exp(-2λ) is 1 in floating point."""
    network = Exponential(sharpness).network(30, n_patterns=3, seed=1)
    spins = network.patterns[0].copy()
    assert network.energy_difference(spins, 4) == pytest.approx(2.0, rel=1e-12)
    spins[4] *= -1
    assert network.energy_difference(spins, 4) == pytest.approx(-2.0, rel=1e-12)
    # one pattern comes nearer by the flip as another one goes away
    tied = np.ones((2, 30), np.int8)
    tied[0, 1:6] = tied[1, :6] = -1
    change = Exponential(sharpness).store(tied).energy_difference(np.ones(30, np.int8), 0)
    assert change == pytest.approx(0.0, abs=1e-15)


def test_more_spins_than_half_a_word_counts():
    network = Exponential(1.0).store(np.ones((1, 70_000), np.int8))
    assert network.energy(network.patterns[0]) == -70_000.0
    assert network.energy(-network.patterns[0]) == 70_000.0
    assert network.energy_difference(-network.patterns[0], 5) == pytest.approx(-2.0)


@pytest.mark.parametrize("size", [200, 700, 800])
def test_no_overflow(size):
    network = Exponential(1e5).network(size, n_patterns=50, seed=1)
    spins = network.patterns[3].copy()
    spins[:7] *= -1
    assert network.energy(spins) == pytest.approx(-(size - 14.0), rel=1e-12)
    assert network.energy_difference(spins, 0) == pytest.approx(-2.0, rel=1e-9)
    assert network.energy_difference(spins, 20) == pytest.approx(2.0, rel=1e-9)
    huge = Exponential(1.0).network(size, n_patterns=50, seed=1).demircigil_energy(spins)
    assert np.isinf(huge) == (size > 709 + 14)


def test_demircigils_energy_and_its_order(network):
    states = all_states(8)
    expected = -np.exp(states.astype(np.float64) @ network.patterns.T).sum(axis=-1)
    np.testing.assert_allclose(network.demircigil_energy(states), expected, rtol=1e-12)
    unit = Exponential(1.0).store(network.patterns)
    falls = np.diff(expected[np.argsort(unit.energy(states))])
    assert (falls >= -1e-12 * np.abs(expected).max()).all()


@pytest.mark.parametrize("size", [7, 64, 70, 200])
def test_packed_patterns_are_fair_patterns(size):
    network = Exponential().network(size, n_patterns=1000, seed=5)
    patterns = fair_patterns(1000, size, seed=5)
    assert (network.patterns == patterns).all()
    assert (unpack(pack(patterns), size) == patterns).all()
    words, state = pack(patterns), pack(patterns[0])
    assert (distances(words, state) == (patterns != patterns[0]).sum(axis=1)).all()
    for i in (0, size // 2, size - 1):
        assert (flipped_words(words, state, i) == (patterns[:, i] != patterns[0, i])).all()


def test_streamed_patterns_are_the_stored_ones():
    stored = Exponential().network(50, n_patterns=100_000, seed=2)
    streamed = Exponential().stream(50, n_patterns=100_000, seed=2)
    spins = fair_patterns(2, 50, seed=1)
    assert (stored.histogram(spins) == streamed.histogram(spins)).all()
    assert stored.histogram(spins).sum(axis=-1).tolist() == [100_000, 100_000]
    assert (stored.energy(spins) == streamed.energy(spins)).all()


@given(st.integers(2, 40), st.integers(0, 3000), st.integers(1, 50))
def test_energy_is_that_of_the_gauge(size, seed, count):
    network = Exponential(0.7).network(size, n_patterns=count, seed=seed)
    spins, gauge = fair_patterns(2, size, seed=seed + 1)
    turned = Exponential(0.7).store(network.patterns * gauge)
    assert turned.energy(spins * gauge) == network.energy(spins)


def test_load_is_that_of_the_number_of_patterns():
    network = Exponential().network(20, load=0.3, seed=1)
    assert network.n_patterns == round(np.exp(6.0))
    assert network.load == pytest.approx(np.log(403) / 20)


def streamed():
    return Exponential().stream(3, n_patterns=2, seed=1)


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (lambda: Exponential(0.0), r"sharpness must be a finite number > 0, got 0"),
        (lambda: Exponential(-1.0), r"sharpness must be .* got -1"),
        (lambda: Exponential().network(20), r"give either load or n_patterns"),
        (lambda: Exponential().network(20, load=0.1, n_patterns=3), r"give either load or n_pat"),
        (lambda: Exponential().network(100, load=0.5), r"load must be at most 0\.4297\d+ at size"),
        (lambda: Exponential().network(20, n_patterns=0), r"n_patterns must be an integer >= 1"),
        (lambda: Exponential().store([[1, 0]]), r"patterns must have entries \+1 or -1, got 0"),
        (lambda: Exponential().store([[1.0, np.nan]]), r"entries \+1 or -1, got nan"),
        (lambda: Exponential().store([[True, True]]), r"or -1, got the type bool"),
        (lambda: Exponential().store([1, 1]), r"patterns must have shape"),
        (lambda: Exponential().store([[1, 1]]).energy([1]), r"spins must have shape \(\.\.\., 2\)"),
        (lambda: Exponential().store([[1, 1]]).energy([0, 1]), r"spins must have entries"),
        (lambda: Exponential().store([[1, 1]]).energy_difference([1, 1], 2), r"i must be .* <= 1"),
        (lambda: streamed().energy([1]), r"spins must have shape \(\.\.\., 3\), got \(1,\)"),
        (lambda: streamed().energy(["a", "b", "c"]), r"spins must have .* got the type <U1"),
        (lambda: streamed().energy([2, 1, 1]), r"spins must have entries \+1 or -1, got 2"),
        (lambda: streamed().energy([True, True, True]), r"spins must have entries \+1 or -1"),
    ],
)
def test_bad_input_is_refused(action, message):
    with pytest.raises(InputError, match=message):
        action()
