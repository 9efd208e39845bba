"""Fields along archetypes, against explicit networks that have seen noisy examples.

Mean and variance of a field are known exactly at every size, from pairs of index sets.
"""

import math
from functools import cache

import numpy as np
import pytest

import hopfield
import theory
from montecarlo.mean_field_fields import IndependentSpins
from theory.signal_to_noise import noise_of

KINDS = [hopfield.Supervised, hopfield.Unsupervised]
# p, quality, examples, size, archetypes, networks
CASES = [(2, 0.4, 12, 300, 150, 40), (3, 0.5, 10, 100, 800, 40), (4, 0.7, 4, 60, 1200, 60)]


def exact_moments(model, size, archetypes):
    """Mean of the field along an archetype, and the mean squares of its two parts."""
    p, r, m, n = model.p, model.quality, model.examples, size - 1
    square = r * r + (1 - r * r) / m
    unit = math.factorial(p - 1) / size ** (p - 1)
    one = math.comb(n, p - 1)  # products of p - 1 other spins

    def pairs(shared, apart):
        """Mean product of two elementary symmetric polynomials of p - 1 entries."""
        return sum(
            one
            * math.comb(p - 1, j)
            * math.comb(n - p + 1, p - 1 - j)
            * shared**j
            * apart ** (2 * (p - 1 - j))
            for j in range(p)
        )

    mean = unit * one * (r / math.sqrt(square)) ** p
    if isinstance(model, hopfield.Supervised):
        own, other = pairs(1.0, r / math.sqrt(square)), one
    else:
        weight = 1.0 / (m * m * square**p)
        own = weight * (m * pairs(1.0, r) + m * (m - 1) * r * r * pairs(r * r, r))
        other = weight * one * (m + m * (m - 1) * r ** (2 * p))
    return mean, unit**2 * own, unit**2 * (archetypes - 1) * other


def relative_noise(model, size, archetypes):
    mean, own, other = exact_moments(model, size, archetypes)
    return (own + other) / mean**2 - 1.0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", CASES)
def test_noise_is_that_of_exact_moments(kind, case):
    """The corrections are of the order of p²/N."""
    p, r, m = case[:3]
    model, load = kind(p, r, m), 0.05
    rho, kappa = noise_of(model)
    for size in (10**4, 10**6):
        finite = relative_noise(model, size, load * size ** (p - 1))
        assert abs(finite / (rho + load * kappa) - 1.0) < 10 * p**2 / size


@cache
def sampled(kind, case):
    """Fields along an archetype of its own examples and of all others, over the exact mean."""
    p, r, m, size, count, networks = case
    model, fields = kind(p, r, m), []
    mean = exact_moments(model, size, count)[0]
    for seed in range(networks):
        archetypes = hopfield.fair_patterns(count, size, seed)
        examples = hopfield.noisy_examples(archetypes, r, m, seed)
        aligned = archetypes[0] / mean
        for part in (slice(0, 1), slice(1, None)):
            network = model.learn(examples[part], archetypes[part])
            field = IndependentSpins(network).energy_and_fields(archetypes[0].astype(float))[1]
            fields.append(field * aligned)
    return np.reshape(fields, (networks, 2, size)).swapaxes(0, 1)


def in_errors(values, expected):
    """Mean over networks minus what is expected, in standard errors."""
    return (values.mean() - expected) / (values.std(ddof=1) / np.sqrt(values.size))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", CASES)
def test_fields_of_networks(kind, case):
    """Mean and mean squares within four standard errors; with ρ and ρ_p exchanged they are not."""
    p, r, m, size, count, _ = case
    model = kind(p, r, m)
    mean, *squares = exact_moments(model, size, count)
    fields = sampled(kind, case)
    assert abs(in_errors(fields.sum(axis=0).mean(axis=1), 1.0)) < 4.0
    own, other = ((part**2).mean(axis=1) for part in fields)
    assert abs(in_errors(own, squares[0] / mean**2)) < 4.0
    assert abs(in_errors(other, squares[1] / mean**2)) < 4.0
    order = 1 if kind is hopfield.Unsupervised else p
    exchanged = math.factorial(p - 1) * (1.0 + model.entropy_of_order(order))
    assert abs(in_errors(other, squares[1] / mean**2 * exchanged / noise_of(model)[1])) > 10.0


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("case", CASES)
def test_unstable_bits_of_networks(kind, case):
    """With the noise at finite size; that of stored patterns is far off."""
    p, r, m, size, count, _ = case
    model = kind(p, r, m)
    unstable = (sampled(kind, case).sum(axis=0) < 0.0).mean(axis=1)
    rho, kappa = noise_of(model)
    load = (relative_noise(model, size, count) - rho) / kappa
    expected = theory.bit_error(model, load).bit_error.item()
    assert unstable.std(ddof=1) / np.sqrt(unstable.size) < 0.1 * expected
    assert abs(in_errors(unstable, expected)) < 4.0
    stored = theory.bit_error(hopfield.Dense(p), count / size ** (p - 1)).bit_error.item()
    assert abs(in_errors(unstable, stored)) > 10.0


@pytest.mark.parametrize("kind", KINDS)
def test_law_of_the_entries(kind):
    """One example: a pattern with errors; many: the error function of the noise to signal."""
    p, r, load = 3, 0.6, 0.05
    one = theory.bit_error(kind(p, r, 1), load).bit_error.item()
    stored = theory.bit_error(hopfield.Dense(p), load / r ** (2 * (p - 1))).bit_error.item()
    assert one == pytest.approx(0.8 * stored + 0.2 * (1.0 - stored), rel=1e-13)
    for examples, tolerance in [(1000, 5e-3), (1001, 1e-13)]:
        model = kind(p, 0.05, examples)
        rho, kappa = noise_of(model)
        error = theory.bit_error(model, 1e-4).bit_error.item()
        gauss = math.erfc(1.0 / math.sqrt(2.0 * (rho + 1e-4 * kappa))) / 2.0
        assert error == pytest.approx(gauss, rel=tolerance)


@pytest.mark.parametrize("kind", KINDS)
def test_no_load(kind):
    """Majority of the examples; a draw is half an error."""
    r, m = 0.4, 6
    right = (1.0 + r) / 2.0
    law = [math.comb(m, k) * right**k * (1.0 - right) ** (m - k) for k in range(m + 1)]
    expected = sum(law[:3]) + law[3] / 2.0
    for p in (2, 3, 5):
        assert theory.bit_error(kind(p, r, m), 0.0).bit_error.item() == pytest.approx(expected)


def test_crosstalk_of_pair_interactions():
    """The sum over modes of the squared scale is the crosstalk of single examples."""
    from theory.models import symmetric_phases_of

    model = hopfield.Unsupervised(2, 0.3, 17)
    rho, kappa = noise_of(model)
    power = symmetric_phases_of(model).crosstalk.power
    assert kappa == pytest.approx(power * (1.0 + rho) ** 2, rel=1e-13)
    assert kappa == pytest.approx(1.0 + model.entropy_of_order(2), rel=1e-13)


@pytest.mark.parametrize("kind", KINDS)
def test_archetypes_without_errors(kind):
    """As many as keep signal over noise at the square root of 2 ln N, none with noisy data."""
    size = np.array([100, 10000])
    model = kind(3, 0.5, 1000)
    rho, kappa = noise_of(model)
    counts = theory.stable_patterns(model, size).n_patterns
    delta = rho + kappa * counts / size**2
    np.testing.assert_allclose(delta * 2.0 * np.log(size), 1.0, rtol=1e-13)
    assert (theory.stable_patterns(kind(3, 0.1, 100), size).n_patterns == 0.0).all()


@pytest.mark.parametrize("kind", KINDS)
def test_extreme_data(kind):
    """Entries without a signal: every second bit is wrong, and no warning."""
    model = kind(100, 1e-5, 1)
    errors = theory.bit_error(model, [0.0, 1e-3]).bit_error.values
    np.testing.assert_allclose(errors, [0.5 - 0.5e-5, 0.5], rtol=1e-12)
