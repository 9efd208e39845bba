"""Numbers of examples that learning takes, measured: thresholds and powers of the quality."""

import numpy as np
import pytest
from scipy.special import erf

from hopfield import InputError, Supervised, Unsupervised
from studies.figures.ultra import plot_ultra
from studies.ultra import Regime, expected_threshold, noise_to_signal, ultra

QUICK = (
    Regime("supervised", 2, 1, 0.1, 400, (0.12, 0.16, 0.22)),
    Regime("unsupervised", 2, 1, 0.5, 100, (0.25, 0.3, 0.36)),
)


@pytest.fixture(scope="module")
def measured():
    return ultra(QUICK, disorder=6, seed=1)


def test_powers_are_those_of_signal_to_noise(measured):
    value, error = measured.scaling_exponent.values, measured.scaling_exponent_stderr.values
    assert (np.abs(value - measured.scaling_exponent_theory.values) < 4.0 * error).all()
    assert (error < 0.3).all()
    # the powers with and without a teacher are told apart
    assert (np.abs(value - value[::-1]) > 4.0 * error).all()


def test_thresholds_are_close_to_those_of_signal_to_noise(measured):
    """Signal to noise leaves out terms of order 1/N and 1/M, here some per cent."""
    ratio = measured.threshold_examples / measured.threshold_examples_theory
    relative = measured.threshold_examples_stderr / measured.threshold_examples
    assert (np.abs(ratio - 1.0) < 0.08 + 4.0 * relative).all()
    assert (relative < 0.1).all()


def test_powers_in_the_limit():
    assert [regime.asymptotic for regime in QUICK] == [-2.0, -4.0]
    detection = Regime("unsupervised", 3, 1, 1e-7, 10**8, ())
    assert detection.asymptotic == -2.0
    storage = Regime("unsupervised", 3, 2, 0.1, 10**4, ())
    for regime in (detection, storage):
        low, high = (expected_threshold(regime, r) for r in (0.02, 0.021))
        slope = np.log(high / low) / np.log(0.021 / 0.02)
        assert slope == pytest.approx(regime.asymptotic, abs=0.01)


@pytest.mark.parametrize("kind", [Supervised, Unsupervised])
def test_noise_of_a_network(kind):
    model = kind(2, 0.1, 101)
    delta = noise_to_signal(model.network(3000, n_patterns=30, seed=2))
    rho, crosstalk = model.dataset_entropy, 30 / 3000
    expected = {
        Supervised: rho + crosstalk * (1.0 + rho) ** 2,
        Unsupervised: rho + crosstalk * (1.0 + model.entropy_of_order(2)),
    }[kind]
    # sites and archetypes are 90000 signs
    error = np.sqrt(1.0 / 90000)
    aligned = erf(1.0 / np.sqrt(2.0 * np.array([delta, expected, 1.1 * expected])))
    assert abs(aligned[0] - aligned[1]) < 4.0 * error
    assert abs(aligned[0] - aligned[2]) > 4.0 * error


def test_same_seed_same_numbers():
    once, again = (ultra(QUICK[:1], disorder=2, seed=4) for _ in range(2))
    assert once.drop_attrs().identical(again.drop_attrs())


def test_too_few_networks():
    with pytest.raises(InputError, match="disorder must be an integer >= 2"):
        ultra(QUICK, disorder=1)


def test_figure(measured):
    ax = plot_ultra(measured)
    assert ax.get_yscale() == "log"
    assert len(ax.get_legend().get_texts()) == 2
