"""Stability of stored patterns at zero temperature, against counting in explicit networks."""

import json
import math

import numpy as np
import pytest
from scipy.special import erfc

import hopfield
import theory
from theory.crosstalk import crosstalk

SIZE, PATTERNS, NETWORKS = 80, 1600, 400


def gains_of_flips(model, patterns):
    """Half the energy gained by flipping each bit of pattern 0, p = 3, written out."""
    aligned = patterns * patterns[0].astype(np.int64)
    others = aligned.sum(axis=1, keepdims=True) - aligned
    shift = 1 / 3 if model.self_interaction else 1 - SIZE
    return (aligned * (others**2 + shift)).sum(axis=0) / SIZE**2


def unstable_bits(model, seed):
    """Fraction of bits of pattern 0 whose flip lowers the energy, and its standard error."""
    rng = np.random.default_rng(seed)
    fractions = []
    for _ in range(NETWORKS):
        patterns = rng.choice(np.array([-1, 1], dtype=np.int8), size=(PATTERNS, SIZE))
        fractions.append(np.mean(gains_of_flips(model, patterns) < 0.0))
    return np.mean(fractions), np.std(fractions, ddof=1) / np.sqrt(NETWORKS)


def effective_load(model):
    """Variance over the square of the signal at finite size, in units of the limit of the former.

    Exact moments of half the energy gained by a flip, for p = 3; x is the sum of the other spins.
    """
    n, others = SIZE, PATTERNS - 1
    if model.self_interaction:
        signal = 1 - 2 / n + 4 / (3 * n**2)
        fourth = 3 * (n - 1) ** 2 - 2 * (n - 1)  # of x; a flip sees x² + 1/3 over N²
        variance = others * (fourth + 2 * (n - 1) / 3 + 1 / 9) / n**4
    else:
        signal = (n - 1) * (n - 2) / n**2
        variance = others * 2 * (n - 1) * (n - 2) / n**4
    return variance / signal**2 / float(crosstalk(3, model.self_interaction).derivative(1.0))


@pytest.mark.parametrize("full", [False, True])
def test_gains_are_those_of_the_energy(full):
    patterns = np.random.default_rng(3).choice(np.array([-1, 1], dtype=np.int8), size=(40, SIZE))
    model = hopfield.Dense(3, self_interaction=full)
    network = hopfield.Network(model, patterns)
    expected = [network.energy_difference(patterns[0], i) / 2 for i in range(SIZE)]
    np.testing.assert_allclose(gains_of_flips(model, patterns), expected, atol=1e-12)


@pytest.mark.parametrize("full", [False, True])
def test_fraction_of_unstable_bits(full):
    """Within four standard errors; with the noise of the other energy it is not."""
    model = hopfield.Dense(3, self_interaction=full)
    mean, error = unstable_bits(model, seed=11 + full)
    load = effective_load(model)
    expected = theory.bit_error(model, load).bit_error.item()
    assert error < 0.03 * mean
    assert abs(mean - expected) < 4.0 * error
    wrong = theory.bit_error(hopfield.Dense(3, self_interaction=not full), load).bit_error.item()
    assert abs(mean - wrong) > 10.0 * error


def test_finite_size_is_that_of_enumeration():
    """Signal and variance of the dense energy for five spins, over all patterns."""
    model, n = hopfield.Dense(3), 5
    patterns = np.array(np.meshgrid(*[[-1, 1]] * n)).reshape(n, -1).T.astype(np.int8)
    one = np.ones(n, dtype=np.int8)
    noise = [
        hopfield.Network(model, pattern[None]).energy_difference(one, 0) / 2 for pattern in patterns
    ]
    signal = hopfield.Network(model, one[None]).energy_difference(one, 0) / 2
    assert signal == pytest.approx((n - 1) * (n - 2) / n**2, abs=1e-14)
    assert np.mean(noise) == pytest.approx(0.0, abs=1e-14)
    assert np.var(noise) == pytest.approx(2 * (n - 1) * (n - 2) / n**4, abs=1e-14)


@pytest.mark.parametrize(
    ("p", "full", "slope"),
    [(2, False, 1), (2, True, 1), (3, False, 2), (3, True, 3), (5, True, 105)],
)
def test_bit_error_in_closed_form(p, full, slope):
    model, loads = hopfield.Dense(p, self_interaction=full), np.array([0.0, 1e-3, 0.1, 10.0])
    result = theory.bit_error(model, loads)
    assert result.bit_error.dims == ("load",)
    assert result.bit_error[0] == 0.0
    expected = erfc(1 / np.sqrt(2 * loads[1:] * slope)) / 2
    np.testing.assert_allclose(result.bit_error[1:], expected, rtol=1e-13)
    assert json.loads(result.attrs["model"])["p"] == p


def test_number_of_stable_patterns():
    """McEliece: N/(2 ln N) and N/(4 ln N); Krotov and Hopfield: N^(p-1)/(2 (2p-3)!! ln N)."""
    n = 1000
    counts = [
        theory.stable_patterns(hopfield.Hopfield(), n, criterion=x).n_patterns.item()
        for x in ("one pattern", "all patterns")
    ]
    assert counts == pytest.approx([n / (2 * np.log(n)), n / (4 * np.log(n))], rel=1e-14)
    full = theory.stable_patterns(hopfield.Dense(4, self_interaction=True), [100, n])
    np.testing.assert_allclose(full.n_patterns[1], n**3 / (2 * 15 * np.log(n)), rtol=1e-14)
    assert full.n_patterns.dims == ("size",)


@pytest.mark.parametrize("p", [2, 3, 4])
def test_expected_errors_at_that_number(p):
    """N P -> 1/sqrt(4π ln N) for one pattern, K N P the same over sqrt(p) times a constant."""
    model, n = hopfield.Dense(p), 10**6
    for criterion, power in [("one pattern", 1.0), ("all patterns", float(p))]:
        count = theory.stable_patterns(model, n, criterion=criterion).n_patterns.item()
        error = theory.bit_error(model, count / float(n) ** (p - 1)).bit_error.item()
        expected = n**-power / math.sqrt(4 * math.pi * power * math.log(n))
        assert error == pytest.approx(expected, rel=0.05)
        assert n**power * error < 0.1


@pytest.mark.parametrize("size", [1, 2.5, -3, "N", [10, 1], True])
def test_bad_sizes_are_refused(size):
    with pytest.raises(hopfield.InputError, match="size must be"):
        theory.stable_patterns(hopfield.Dense(3), size)


def test_bad_arguments_are_refused():
    with pytest.raises(hopfield.InputError, match="criterion must be one of"):
        theory.stable_patterns(hopfield.Dense(3), 100, criterion="some")
    with pytest.raises(hopfield.InputError, match="load must be"):
        theory.bit_error(hopfield.Dense(3), -0.1)
    with pytest.raises(hopfield.InputError, match="model must be"):
        theory.bit_error("dense", 0.1)
