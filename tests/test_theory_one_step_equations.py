"""Averages and equations of one-step replica symmetry breaking, against slow independent routes."""

import dataclasses

import numpy as np
import pytest

import hopfield
import theory
from theory.gaussian import moments, thermal_moments
from theory.one_step.averages import Averages, Field, averages
from theory.one_step.crosstalk import OneStep, Pairs, interaction
from theory.one_step.equations import complexity, observables, residuals

MODELS = [hopfield.Dense(p, self_interaction=full) for p in (2, 3, 4) for full in (False, True)]
# a load between the capacities of one step and of symmetry, and where symmetry breaks there
NEAR_CAPACITY = {
    hopfield.Dense(2): (0.13795, 0.0219),
    hopfield.Dense(2, self_interaction=True): (0.13795, 0.0219),
    hopfield.Dense(3): (0.15, 0.245),
    hopfield.Dense(3, self_interaction=True): (0.087, 0.13),
    hopfield.Dense(4): (0.0375, 0.19),
    hopfield.Dense(4, self_interaction=True): (0.0135, 0.09),
}
FIELDS = [
    Field(1.0, 0.4, 0.3, 0.2, 2.0),  # narrow
    Field(0.9, 0.4, 0.1, 0.2, 2.0),  # wide
    Field(-0.9, 0.4, 0.05, 0.04, 7.0),  # steep
    Field(0.3, 0.4, 0.5, 0.1, 2.0),
    Field(0.0, 0.4, 0.5, 0.6, 1.0),  # no overlap
    Field(0.5, 0.0, 0.5, 0.2, 1.0),  # no outer field
    Field(0.8, 0.2, 0.3, 0.02, 20.0),
]


def brute_force(field):
    """The averages by sums over dense grids of both Gaussians."""
    z = np.linspace(-9.0, 9.0, 1201)
    weights = (z[1] - z[0]) * np.exp(-(z**2) / 2.0) / np.sqrt(2.0 * np.pi)
    h = field.strength + field.outer * z
    if field.outer == 0.0:
        h, weights = np.array([field.strength]), np.ones(1)
    t, x = field.temperature, field.slope * field.temperature
    far = 10.0 + field.slope * field.inner
    v = np.linspace(-far, far, 3001)
    y = (h[:, None] + field.inner * v) / t
    log_cosh = np.logaddexp(y, -y)
    log_weight = x * log_cosh - v**2 / 2.0 + np.log((v[1] - v[0]) / np.sqrt(2.0 * np.pi))
    top = log_weight.max(axis=1)
    inner = np.exp(log_weight - top[:, None])
    log_z = top + np.log(inner.sum(axis=1))
    inner /= inner.sum(axis=1)[:, None]
    tanh, sech2 = np.tanh(y), 4.0 * np.exp(-2.0 * log_cosh)
    a = (inner * tanh).sum(axis=1)
    response = (inner * sech2).sum(axis=1) / t
    divergence = x * (inner * log_cosh).sum(axis=1) - log_z
    return Averages(
        weights @ a,
        weights @ a,
        weights @ (1.0 - a**2),
        weights @ response,
        weights @ divergence - (field.slope * field.inner) ** 2 / 2.0,
        weights @ log_z / field.slope,
        weights @ (inner * (log_cosh - y * tanh)).sum(axis=1),
        weights @ (inner * sech2**2).sum(axis=1) / t,
        weights @ ((1.0 - x) * response + field.slope * (1.0 - a**2)) ** 2,
    )


@pytest.mark.parametrize("field", FIELDS, ids=str)
def test_averages_are_those_of_dense_grids(field):
    ours, slow = averages(field), brute_force(field)
    np.testing.assert_allclose(dataclasses.astuple(ours), dataclasses.astuple(slow), atol=2e-12)


def test_dense_grids_tell_fields_apart():
    """A relative change of 1e-9 is seen by the comparison above."""
    field = FIELDS[0]
    other = dataclasses.replace(field, inner=field.inner * (1.0 + 1e-9))
    differences = np.subtract(*map(dataclasses.astuple, (averages(other), brute_force(field))))
    assert np.abs(differences).max() > 2e-11


@pytest.mark.parametrize("mean", [0.0, 0.7])
@pytest.mark.parametrize("outer", [0.0, 0.3])
def test_averages_are_continuous_at_zero_temperature_and_between_the_rules(mean, outer):
    def values(inner, t):
        return np.array(dataclasses.astuple(averages(Field(mean, outer, inner, t, 3.0))))

    np.testing.assert_allclose(values(0.4, 1e-7), values(0.4, 0.0), atol=1e-6)
    below, above = values(0.2 * (1 + 1e-12), 0.2), values(0.2 * (1 - 1e-12), 0.2)
    np.testing.assert_allclose(below, above, atol=1e-10)


def test_frozen_average_against_quadrature():
    """Zero temperature, over a dense grid of the field itself."""
    field = Field(0.6, 0.3, 0.4, 0.0, 2.5)
    z = np.linspace(-9.0, 9.0, 2001)
    v = np.linspace(-12.0, 12.0, 40001)
    h = 0.6 + 0.3 * z
    tanh = []
    for one in h:
        weight = np.exp(2.5 * np.abs(one + 0.4 * v) - v**2 / 2.0)
        tanh.append((weight * np.sign(one + 0.4 * v)).sum() / weight.sum())
    a, density = np.array(tanh), np.exp(-(z**2) / 2.0) / np.sqrt(2.0 * np.pi) * (z[1] - z[0])
    # the sign jumps between nodes
    assert averages(field).overlap == pytest.approx(density @ a, abs=1e-4)
    assert averages(field).tanh_defect == pytest.approx(density @ (1.0 - a**2), abs=1e-4)


def test_unit_breakpoint_joins_both_fields():
    """At x = 1 the outer average with the weight of each state is that of replica symmetry."""
    inner = Field(0.0, 0.0, 0.8, 0.5, 2.0)
    k = averages(inner)
    plain = 0.5 * np.log(2.0) + 0.8**2 / 2.0 / 0.5
    assert k.log_partition == pytest.approx(plain, abs=1e-13)


@pytest.mark.parametrize("slope", [0.3, 1.5])
def test_no_inner_field_is_replica_symmetry(slope):
    """Whatever the breakpoint."""
    mean, outer, t = 0.8, 0.35, 0.25
    k = averages(Field(mean, outer, 1e-8, t, slope))
    rs, thermal = moments(mean, outer, t), thermal_moments(mean, outer, t)
    expected = [rs.tanh, 1.0 - rs.tanh_squared, rs.response, thermal.log_cosh]
    ours = [k.overlap, k.tanh_defect, k.response, k.log_partition]
    assert ours[:3] == pytest.approx([float(x) for x in expected[:3]], abs=1e-13)
    assert k.log_partition == pytest.approx(float(thermal.log_cosh), abs=1e-13)
    assert k.sech_fourth == pytest.approx(float(thermal.sech_fourth), abs=1e-12)
    # the outer replicon becomes that of replica symmetry: (dA/dh)² -> sech⁴/T²
    assert k.susceptibility_squared == pytest.approx(float(thermal.sech_fourth) / t, abs=1e-11)


def off_shell(model, state):
    """Free energy and its derivative by one of m, q₀, q₁ (others fixed) and y."""
    crosstalk = interaction(model)

    def free_energy(m, q0, q1, y):
        t = state.temperature
        response = (1.0 - q1) / t if t > 0.0 else state.response - (q1 - state.inner)
        step = q1 - q0 if t > 0.0 else 1.0 - q0
        changed = OneStep(state.load, t, m, step, response, y)
        return observables(crosstalk, changed)["free_energy"]

    start = np.array([state.effective_overlap, state.outer, state.inner, state.slope])
    scale = min(state.step, state.defect) if state.temperature > 0.0 else state.response
    sizes = 1e-2 * np.array([1.0 - state.effective_overlap, state.step, scale, state.slope])

    def derivative(s):
        """Of fourth order."""
        near = free_energy(*(start + s)) - free_energy(*(start - s))
        far = free_energy(*(start + 2.0 * s)) - free_energy(*(start - 2.0 * s))
        return (8.0 * near - far) / 12.0 / s.max()

    return [derivative(s) for s in np.diag(sizes)]


@pytest.mark.parametrize("model", MODELS, ids=repr)
@pytest.mark.parametrize("part", [0.8, 0.05, 0.0])
def test_saddle_points_are_stationary(model, part):
    """By m, q₀, q₁ (C at zero temperature) and the breakpoint."""
    load, highest = NEAR_CAPACITY[model]
    t = part * highest
    one = theory.solve(model, load, [t], ansatz="1rsb")
    assert one.status.item() == "converged"
    response, slope = solution_at(model, load, t)
    state = OneStep(
        load, t, one.overlap.item(), (one.self_overlap_1 - one.self_overlap_0).item(),
        response, slope,
    )  # fmt: skip
    gradient = off_shell(model, state)
    assert np.abs(gradient).max() < 5e-8
    moved = dataclasses.replace(state, slope=1.1 * slope, step=1.1 * state.step)
    assert np.abs(off_shell(model, moved)).max() > 1e-5


def solution_at(model, load, t):
    """C and y of the retrieval state."""
    from theory.models import symmetric_phases_of
    from theory.one_step.retrieval import retrieval

    found = retrieval(symmetric_phases_of(model), interaction(model), load, t)
    return found.state.response, found.state.slope


@pytest.mark.parametrize("model", MODELS[2:], ids=repr)
@pytest.mark.parametrize("temperature", [0.3, 0.05, 0.0])
def test_equations_are_derivatives_off_the_saddle_point(model, temperature):
    crosstalk = interaction(model)
    state = OneStep(0.07, temperature, 0.8, 0.2, 0.45, 1.1)
    by_m, by_q0, _, by_y = off_shell(model, state)
    p = model.p
    first, _, _, last = residuals(crosstalk, state)
    assert by_m == pytest.approx((p - 1) * state.effective_overlap ** (p - 2) * first, abs=1e-8)
    assert by_y == pytest.approx(complexity(crosstalk, state) / state.slope**2, abs=1e-8)
    assert abs(by_y) > 1e-5  # there is something to be compared
    assert last != 0.0
    assert np.isfinite(by_q0)


@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_undefined_states_are_not_a_number(model):
    crosstalk = interaction(model)
    assert np.isnan(residuals(crosstalk, OneStep(0.1, 0.1, 0.9, 1.2, 0.1, 1.0))).all()
    assert np.isnan(complexity(crosstalk, OneStep(0.1, 0.1, 0.9, 1.2, 0.1, 1.0)))


def test_pairs_end_where_the_outer_factor_vanishes():
    assert np.isfinite(Pairs().contribution(OneStep(0.1, 0.0, 0.9, 0.5, 0.5, 0.99)).free_energy)
    assert np.isnan(Pairs().contribution(OneStep(0.1, 0.0, 0.9, 0.5, 0.5, 1.01)).free_energy)
