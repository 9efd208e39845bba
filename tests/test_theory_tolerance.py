"""Noise in the couplings acts as more patterns: counting, simulation, and what is returned."""

import itertools
import json
import math

import numpy as np
import pytest

import hopfield
import theory
from theory.dense.spinodal import melting_temperature

MODEL = hopfield.Dense(3)


def test_tolerated_noise_uses_up_the_capacity():
    """α (1 + w²) = α_c(T) at b = p - 1, γ w² = α_c(T) below."""
    loads, temperatures = np.array([0.01, 0.05, 0.1]), np.array([0.0, 0.1, 0.3])
    limit = theory.capacity(MODEL, temperatures)["load"].values
    result = theory.tolerated_noise(MODEL, loads, temperatures)
    assert result.coupling_noise.dims == ("load", "temperature")
    total = loads[:, None] * (1.0 + result.coupling_noise.values**2)
    np.testing.assert_allclose(total, np.broadcast_to(limit, total.shape), rtol=1e-14)
    few = theory.tolerated_noise(MODEL, loads, temperatures, exponent=1.0)
    np.testing.assert_allclose(
        loads[:, None] * few.coupling_noise.values**2,
        np.broadcast_to(limit, total.shape),
        rtol=1e-14,
    )
    assert json.loads(few.attrs["parameters"])["exponent"] == 1.0


def test_no_load_and_too_much_of_it():
    result = theory.tolerated_noise(MODEL, [0.0, 0.1, 0.2], [0.0, 0.6])
    assert result.status.values.tolist() == [
        ["converged", "absent"], ["converged", "absent"], ["absent", "absent"],
    ]  # fmt: skip
    assert result.coupling_noise[0, 0] == np.inf
    assert np.isnan(result.coupling_noise.where(result.status == "absent")).all()
    few = theory.tolerated_noise(MODEL, 50.0, 0.0, exponent=1.0)
    assert few.coupling_noise.item() > 0.0
    with pytest.raises(hopfield.InputError, match=r"at load 0\.2 and temperature 0, whatever"):
        theory.tolerated_noise(MODEL, 0.2)
    with pytest.raises(hopfield.InputError, match="whatever the noise"):
        theory.tolerated_noise(MODEL, 0.0, melting_temperature(3))


@pytest.mark.parametrize("model", [hopfield.Hopfield(), hopfield.Dense(3, self_interaction=True)])
def test_other_models_are_refused(model):
    with pytest.raises(hopfield.InputError, match="p >= 3 and no self-interaction"):
        theory.tolerated_noise(model, 0.1)


def field_weights(p, size):
    """Coefficients of the couplings in the field on spin 0 of the state s = 1, by listing them."""
    unit = math.factorial(p - 1) / size ** (p - 1)
    return np.array([unit for group in itertools.combinations(range(size), p) if 0 in group])


@pytest.mark.parametrize(("p", "size"), [(3, 9), (4, 8), (5, 9)])
def test_noise_of_the_couplings_has_the_variance_of_the_crosstalk(p, size):
    """At every size: per pattern, w² times that of another pattern, found by enumeration."""
    per_pattern = (field_weights(p, size) ** 2).sum()
    model = hopfield.Dense(p)
    one = np.ones(size, dtype=np.int8)
    patterns = np.array(list(itertools.product([-1, 1], repeat=size)), dtype=np.int8)
    fields = [
        hopfield.Network(model, pattern[None]).energy_difference(one, 0) / 2 for pattern in patterns
    ]
    assert np.mean(fields) == pytest.approx(0.0, abs=1e-14)
    assert np.var(fields) == pytest.approx(per_pattern, rel=1e-12)
    limit = math.factorial(p - 1) / size ** (p - 1)
    exact = limit * math.prod(1 - k / size for k in range(1, p))
    assert per_pattern == pytest.approx(exact, rel=1e-12)


def unstable_fraction(size, patterns, noise, networks, seed):
    """Fraction of unstable bits of pattern 0 with an explicit tensor of couplings, p = 3."""
    rng = np.random.default_rng(seed)
    groups = np.array(list(itertools.combinations(range(size), 3))).T
    orders = [tuple(order) for order in itertools.permutations(groups)]
    fractions = []
    for _ in range(networks):
        xi = rng.choice([-1.0, 1.0], size=(patterns, size))
        pairs = (xi[:, :, None] * xi[:, None, :]).reshape(patterns, -1)
        hebb = (xi.T @ pairs).reshape(size, size, size)[orders[0]]
        # every group of three has one coupling, however its indices are ordered
        group = hebb + noise * np.sqrt(patterns) * rng.standard_normal(hebb.size)
        coupling = np.zeros((size, size, size))
        for order in orders:
            coupling[order] = group
        field = (coupling @ xi[0]) @ xi[0] / size**2
        fractions.append(np.mean(xi[0] * field < 0.0))
    return np.mean(fractions), np.std(fractions, ddof=1) / np.sqrt(networks)


def test_unstable_bits_are_those_of_more_patterns():
    """Within four standard errors of K(1 + w²) patterns, and not of K."""
    size, patterns, noise = 40, 200, 1.5
    mean, error = unstable_fraction(size, patterns, noise, networks=150, seed=5)
    groups = (size - 1) * (size - 2)
    together = (patterns - 1 + patterns * noise**2) / groups  # variance over signal², finite N
    expected = theory.bit_error(MODEL, together).bit_error.item()
    assert error < 0.05 * mean
    assert abs(mean - expected) < 4.0 * error
    alone = theory.bit_error(MODEL, (patterns - 1) / groups).bit_error.item()
    assert abs(mean - alone) > 10.0 * error
