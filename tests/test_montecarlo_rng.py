"""Random numbers: the published answers, one number per attempt, thresholds that decide right."""

import numpy as np
import pytest
from scipy import stats

from montecarlo.rng import (
    GROUP,
    integer_thresholds,
    lane_thresholds,
    log_ratio,
    none_can_flip,
    philox,
    reach_of,
    real_thresholds,
    site_words,
)

KEY = np.array([11, 12], dtype=np.uint64)
SITES = 3 * GROUP


def words(*numbers):
    return [np.uint64(number) for number in numbers]


@pytest.mark.parametrize(
    ("counter", "key", "answer"),
    [
        ([0] * 4, [0] * 2, [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
        ([0xFFFFFFFF] * 4, [0xFFFFFFFF] * 2, [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD]),
        (
            [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
            [0xA4093822, 0x299F31D0],
            [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
        ),
    ],
)
def test_philox_gives_the_known_answers(counter, key, answer):
    assert [int(word) for word in philox(*words(*counter), *words(*key))] == answer


def draw(replica, sweep=5, *, metropolis=False, rounded=False, scale=1.0, kind=np.float64):
    out, bits = np.empty(SITES, kind), np.empty(SITES, np.uint32)
    site_words(bits, sweep, replica, 3, KEY)
    (integer_thresholds if rounded else real_thresholds)(out, bits, scale, metropolis)
    return out, bits


def test_logarithm_is_right_over_its_whole_range():
    a = np.concatenate([np.arange(0.5, 50.0), 2.0 ** np.arange(6, 32) - 0.5])
    b = 2.0**32 - a
    exact = np.log(a / b)
    got = np.array([log_ratio(x, y) for x, y in zip(a, b, strict=True)])
    assert np.abs(got - exact).max() < 1e-11


@pytest.mark.parametrize("metropolis", [False, True])
def test_threshold_is_the_logarithm_of_its_own_word(metropolis):
    out, bits = draw(0, metropolis=metropolis)
    u = (bits + 0.5) / 2.0**32
    exact = np.log(u) if metropolis else np.log(u / (1.0 - u))
    assert np.abs(out - exact).max() < 1e-10


def test_rounded_threshold_decides_like_the_unrounded_one_for_every_integer_field():
    exact, _ = draw(1, scale=7.3)
    rounded, _ = draw(1, scale=7.3, rounded=True, kind=np.int32)
    fields = np.arange(-60, 61)[:, None]
    assert ((fields > rounded) == (fields > exact)).all()


@pytest.mark.parametrize("group", range(3))
def test_sites_and_lanes_draw_the_same_numbers(group):
    out, bits = np.empty((GROUP, 32), np.float32), np.empty((GROUP, 32), np.uint32)
    lane_thresholds(out, bits, GROUP, group * GROUP, 5, 40, 3, KEY, 50.0, False)
    for lane in (0, 7, 31):
        alone, alone_bits = draw(40 + lane, scale=50.0, rounded=True, kind=np.float32)
        here = slice(group * GROUP, (group + 1) * GROUP)
        assert (bits[:, lane] == alone_bits[here]).all()
        assert (out[:, lane] == alone[here]).all()


def test_no_number_is_used_twice():
    seen = np.concatenate([draw(replica, sweep)[1] for replica in range(4) for sweep in range(4)])
    # 3072 words of 32 bits: the chance of any coincidence is 1e-3.
    assert np.unique(seen).size == seen.size


def test_words_are_uniform_and_a_skewed_set_is_not():
    bits = np.concatenate([draw(replica, sweep)[1] for replica in range(20) for sweep in range(20)])
    u = (bits + 0.5) / 2.0**32
    assert stats.kstest(u, "uniform").pvalue > 1e-4
    assert stats.kstest(u**1.05, "uniform").pvalue < 1e-4


@pytest.mark.parametrize(("field", "temperature"), [(0.3, 0.5), (-1.0, 0.8), (0.0, 1.0)])
def test_frequency_of_up_spins_is_that_of_the_heat_bath(field, temperature):
    theta = np.concatenate(
        [draw(r, s, scale=temperature / 2)[0] for r in range(20) for s in range(20)]
    )
    expected = 1.0 / (1.0 + np.exp(-2.0 * field / temperature))
    stderr = np.sqrt(expected * (1.0 - expected) / theta.size)
    assert abs(np.mean(field > theta) - expected) < 4.0 * stderr
    wrong = 1.0 / (1.0 + np.exp(-2.0 * (field + 0.05) / temperature))
    assert abs(np.mean(field > theta) - wrong) > 4.0 * stderr


@pytest.mark.parametrize("cost", [0.0, 0.4, 2.0])
def test_frequency_of_accepted_flips_is_that_of_metropolis(cost):
    theta = np.concatenate([draw(r, s, metropolis=True)[0] for r in range(20) for s in range(20)])
    accepted = np.mean(cost < -theta)
    expected = np.exp(-cost)
    stderr = np.sqrt(expected * (1.0 - expected) / theta.size)
    assert abs(accepted - expected) <= 4.0 * stderr
    assert abs(accepted - np.exp(-cost - 0.1)) > 4.0 * stderr


def test_at_zero_temperature_ties_are_fair_and_fields_decide():
    theta = np.concatenate(
        [draw(r, s, scale=1e-200, rounded=True)[0] for r in range(10) for s in range(10)]
    )
    up = np.mean(theta < 0)
    assert abs(up - 0.5) < 4.0 * 0.5 / np.sqrt(theta.size)
    assert (theta < 1).all()
    assert not (theta < -1).any()


@pytest.mark.parametrize("metropolis", [False, True])
@pytest.mark.parametrize("scale", [0.3, 40.0, 3000.0])
def test_spins_that_are_said_to_hold_do_hold_and_most_are_said_to(metropolis, scale):
    rng = np.random.default_rng(4)
    words = rng.integers(0, 2**32, 20_000, dtype=np.uint64).astype(np.uint32)
    words[:8] = [0, 1, 2, 3, 2**32 - 1, 2**32 - 2, 2**31, 2**31 - 1]
    thresholds = np.empty(words.size)
    real_thresholds(thresholds, words, scale, metropolis)
    spins = rng.choice(np.array([-1, 1], np.int8), words.size)
    aligned = rng.integers(0, int(25 * scale) + 2, words.size)
    fields = (spins * aligned).astype(np.int32)
    heat_bath = (fields > thresholds) != (spins > 0)
    flips = spins * fields < -thresholds if metropolis else heat_bath
    reach = reach_of(scale)
    each = [slice(i, i + 1) for i in range(words.size)]
    held = np.array([none_can_flip(words[i], fields[i], spins[i], reach) for i in each])
    assert flips[~held].sum() == flips.sum() > 0
    assert held.mean() > 0.8
