"""One step of replica symmetry breaking in networks that learn, against slow independent routes."""

import dataclasses

import numpy as np
import pytest
from scipy.stats import binom

from theory.crosstalk import crosstalk
from theory.one_step_averages import Averages, Field, averages
from theory.one_step_crosstalk import OneStep, Pairs, Powers
from theory.one_step_equations import complexity, observables, residuals
from theory.signal import signal_of

GAUSSIAN = (0.3, 5000)
LAWS = [(0.8, 1), (0.4, 2), (0.5, 3), (0.5, 20), (0.1, 100), GAUSSIAN]
FIELDS = [
    Field(0.8, 0.4, 0.3, 0.2, 2.0),  # narrow
    Field(0.7, 0.4, 0.1, 0.2, 2.0),  # wide
    Field(0.6, 0.0, 0.3, 0.1, 1.5),  # no outer field
    Field(0.9, 0.3, 0.5, 0.15, 5.0),
]


def entries(quality, examples):
    """Entries of the effective pattern of either sign and their probabilities."""
    r, m = quality, examples
    if (r, m) == GAUSSIAN:
        rho = (1.0 - r * r) / (m * r * r)
        g = np.linspace(-9.0, 9.0, 181)
        weights = 0.1 * np.exp(-(g**2) / 2.0) / np.sqrt(2.0 * np.pi)
        return (1.0 + np.sqrt(rho) * g) / np.sqrt(1.0 + rho), weights
    k = np.arange(m + 1)
    x = (2 * k - m) / m / np.sqrt(r * r + (1.0 - r * r) / m)
    return x, binom.pmf(k, m, (1.0 + r) / 2.0)


def brute_force(field, law):
    """The averages by sums over x and over dense grids of both Gaussians."""
    x, probability = entries(*law)
    z, dz = np.linspace(-9.0, 9.0, 181, retstep=True)
    density = dz * np.exp(-(z**2) / 2.0) / np.sqrt(2.0 * np.pi)
    if field.outer == 0.0:
        z, density = np.zeros(1), np.ones(1)
    t, y, s1 = field.temperature, field.slope, field.inner
    far = 9.5 + y * s1
    v, dv = np.linspace(-far, far, 601, retstep=True)
    total = np.zeros(9)
    for one, p in zip(x, probability, strict=True):
        if p < 1e-18:
            continue
        u = (field.strength * one + field.outer * z[:, None] + s1 * v) / t
        log_cosh = np.logaddexp(u, -u)
        log_weight = y * t * log_cosh - v**2 / 2.0 + np.log(dv / np.sqrt(2.0 * np.pi))
        top = log_weight.max(axis=1, keepdims=True)
        inner = np.exp(log_weight - top)
        log_z = top[:, 0] + np.log(inner.sum(axis=1))
        inner /= inner.sum(axis=1, keepdims=True)
        tanh = np.tanh(u)
        a, b = (inner * tanh).sum(axis=1), (inner * tanh**2).sum(axis=1)
        response = (1.0 - b) / t
        rows = [
            one * a,
            a,
            1.0 - a**2,
            response,
            y * t * (inner * log_cosh).sum(axis=1) - log_z - (y * s1) ** 2 / 2.0,
            log_z / y,
            (inner * (log_cosh - u * tanh)).sum(axis=1),
            (inner * (1.0 - tanh**2) ** 2).sum(axis=1) / t,
            ((1.0 - y * t) * response + y * (1.0 - a**2)) ** 2,
        ]
        total += p * (np.stack(rows) @ density)
    return Averages(*total)


@pytest.mark.parametrize("law", LAWS, ids=str)
@pytest.mark.parametrize("field", FIELDS, ids=str)
def test_averages_are_those_of_dense_grids(field, law):
    """Both outer integrals are done here, and by parts there."""
    ours = averages(dataclasses.replace(field, signal=signal_of(*law)))
    slow = brute_force(field, law)
    np.testing.assert_allclose(dataclasses.astuple(ours), dataclasses.astuple(slow), atol=5e-12)


def test_dense_grids_tell_laws_apart():
    """A relative change of 1e-9 of the quality is seen by the comparison above."""
    field = FIELDS[0]
    ours = averages(dataclasses.replace(field, signal=signal_of(0.5 * (1.0 + 1e-9), 20)))
    slow = brute_force(field, (0.5, 20))
    differences = np.subtract(dataclasses.astuple(ours), dataclasses.astuple(slow))
    assert np.abs(differences).max() > 1e-10


MODES = ((1.0, 1.0), (0.2, 19.0))
INTERACTIONS = [
    Pairs(modes=MODES, signal=signal_of(0.5, 20)),
    Pairs(modes=MODES, signal=signal_of(*GAUSSIAN)),
    Powers(crosstalk(3, False), signal_of(0.4, 2)),
    Powers(crosstalk(4, False), signal_of(*GAUSSIAN)),
]


def free_energy(interaction, load, temperature, n, q0, q1, y):
    """As a function of all order parameters."""
    state = OneStep(load, temperature, n, q1 - q0, (1.0 - q1) / temperature, y)
    return observables(interaction, state)["free_energy"]


@pytest.mark.parametrize("interaction", INTERACTIONS, ids=lambda x: type(x).__name__)
def test_derivatives_of_the_free_energy_off_the_saddle_point(interaction):
    """By n it is (p-1) n^(p-2) F₁, by y the complexity over y²."""
    load, t, start = 0.05, 0.3, np.array([0.7, 0.65, 0.85, 1.2])

    def slope(i, step=1e-3):
        d = step * np.eye(4)[i]
        near, far = (
            free_energy(interaction, load, t, *(start + k * d))
            - free_energy(interaction, load, t, *(start - k * d))
            for k in (1, 2)
        )
        return (8.0 * near - far) / 12.0 / step

    state = OneStep(load, t, 0.7, 0.2, 0.15 / t, 1.2)
    p = interaction.p
    first = residuals(interaction, state)[0]
    assert slope(0) == pytest.approx((p - 1) * 0.7 ** (p - 2) * first, abs=1e-10)
    assert abs(slope(0)) > 1e-3
    if p > 2:  # for pairs the conjugates of the overlaps are no functions of y
        assert slope(3) == pytest.approx(complexity(interaction, state) / 1.2**2, abs=1e-10)
