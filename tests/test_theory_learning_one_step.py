"""One step of replica symmetry breaking in networks that learn, against slow independent routes."""

import dataclasses
import math

import numpy as np
import pytest
from one_step_reference import GAUSSIAN, brute_force, one_step, variances

import hopfield
import theory
from theory.crosstalk import crosstalk, interference
from theory.models import interaction_of, symmetric_phases_of
from theory.one_step.averages import Field, averages
from theory.one_step.crosstalk import OneStep, Pairs, Powers
from theory.one_step.equations import complexity, observables, residuals
from theory.one_step.instability import instability
from theory.signal import signal_of

LAWS = [(0.8, 1), (0.4, 2), (0.5, 3), (0.5, 20), (0.1, 100), GAUSSIAN]
DILUTED = [(1.0, 1, 0.3), (0.5, 20, 0.2), (*GAUSSIAN, 0.4)]
FIELDS = [
    Field(0.8, 0.4, 0.3, 0.2, 2.0),
    Field(0.7, 0.4, 0.1, 0.2, 2.0),
    Field(0.6, 0.0, 0.3, 0.1, 1.5),
    Field(0.9, 0.3, 0.5, 0.15, 5.0),
]


def signal(quality, examples, dilution=0.0):
    return signal_of(quality, examples).diluted(dilution)


@pytest.mark.parametrize(
    ("field", "law"),
    [(field, law) for law in [*LAWS, *DILUTED[:2]] for field in FIELDS]
    + [(field, DILUTED[2]) for field in FIELDS if field.outer > 0.0],
)
def test_averages_are_those_of_dense_grids(field, law):
    """Both outer integrals are done here, and by parts there."""
    ours = averages(dataclasses.replace(field, signal=signal(*law)))
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
    Pairs(modes=((0.6, 1.0), (0.2, 19.0)), signal=signal(0.5, 20, 0.4)),
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


LEARNERS = [
    hopfield.Supervised(2, 0.5, 20),
    hopfield.Unsupervised(2, 0.5, 20),
    hopfield.Supervised(3, 0.4, 2),
    hopfield.Unsupervised(3, 0.05, 5000),
    hopfield.Unsupervised(2, 0.05, 5000),
    hopfield.Supervised(2, 1.0, 1, dilution=0.3),
    hopfield.Unsupervised(2, 0.5, 20, dilution=0.2),
    hopfield.Unsupervised(2, 0.05, 5000, dilution=0.1),
]


@pytest.fixture(scope="module", params=LEARNERS, ids=repr)
def broken(request):
    """A state with broken symmetry, and its neighbours in temperature."""
    model = request.param
    load = 0.9 * theory.capacity(model)["load"].item()
    line = instability(symmetric_phases_of(model), interaction_of(model), load).temperature
    t = 0.5 * line
    return model, load, one_step(model, load, np.array([0.999, 1.0, 1.001]) * t)


def test_states_obey_equations_by_slow_integrals(broken):
    """Overlaps of both kinds, and both self-overlaps, to 1e-9."""
    model, load, states = broken
    assert (states.status == "converged").all()
    one = states.isel(temperature=1)
    t, n = one.temperature.item(), one.effective_overlap.item()
    q0, q1, y = one.self_overlap_0.item(), one.self_overlap_1.item(), one.breakpoint.item() / t
    outer, inner = variances(model, load, q0, q1, y, t)
    field = Field(n ** (model.p - 1), math.sqrt(outer), math.sqrt(inner), t, y)
    law = model.quality, model.examples, model.dilution
    # without a width of x of its own the field is steep
    nodes = 181 if law == (*GAUSSIAN, 0.0) else 1801
    slow = brute_force(field, law, nodes)
    found = [slow.effective_overlap, slow.overlap, 1.0 - slow.tanh_defect, 1.0 - t * slow.response]
    assert found == pytest.approx([n, one.overlap.item(), q0, q1], abs=1e-9)
    assert one.noise.item() == pytest.approx(math.sqrt(outer + inner), abs=1e-12)
    assert one.residual.item() < 1e-10
    other = brute_force(dataclasses.replace(field, outer=field.outer * (1 + 1e-6)), law, nodes)
    assert abs(other.effective_overlap - n) > 1e-9


def test_states_are_stationary(broken):
    """By n, q₀, q₁ and y, with the conjugates of the overlaps as functions of these."""
    model, load, states = broken
    one = states.isel(temperature=1)
    t, interaction = one.temperature.item(), interaction_of(model)
    q0, q1 = one.self_overlap_0.item(), one.self_overlap_1.item()
    start = np.array([one.effective_overlap.item(), q0, q1, one.breakpoint.item() / t])
    sizes = 1e-3 * np.array([0.1, q1 - q0, min(q1 - q0, 1.0 - q1), start[3]])

    def slope(i, at):
        d = sizes[i] * np.eye(4)[i]
        near, far = (
            free_energy(interaction, load, t, *(at + k * d))
            - free_energy(interaction, load, t, *(at - k * d))
            for k in (1, 2)
        )
        return (8.0 * near - far) / 12.0 / sizes[i]

    assert [slope(i, start) for i in range(4)] == pytest.approx([0.0] * 4, abs=1e-7)
    moved = start + 10.0 * sizes
    assert max(abs(slope(i, moved)) for i in range(4)) > 1e-5


def test_thermodynamics(broken):
    """Derivatives of f give s and u; f is above that of symmetry."""
    model, load, states = broken
    f, u, s = (states[name].values for name in ("free_energy", "energy", "entropy"))
    t = states.temperature.values
    assert -(f[2] - f[0]) / (t[2] - t[0]) == pytest.approx(s[1], abs=1e-6)
    np.testing.assert_allclose(u, f + t * s, atol=1e-12)
    plain = theory.solve(model, load, t[1:2])
    assert f[1] > plain.free_energy.item()
    assert states.self_overlap_0[1] < plain.self_overlap.item() < states.self_overlap_1[1]


def test_zero_temperature_is_a_limit(broken):
    model, load, _ = broken
    states = one_step(model, load, [0.0, 1e-7])
    assert (states.status == "converged").all()
    for name in ("overlap", "effective_overlap", "self_overlap_0", "free_energy", "energy"):
        np.testing.assert_allclose(states[name][1], states[name][0], atol=2e-6)


def test_breaking_starts_at_the_line_of_marginal_stability(broken):
    """With a step in proportion to the distance from it."""
    model, load, _ = broken
    line = instability(symmetric_phases_of(model), interaction_of(model), load).temperature
    states = one_step(model, load, line * np.array([0.995, 0.999, 1.001]))
    assert states.status.values.tolist() == ["converged", "converged", "replica symmetric"]
    steps = (states.self_overlap_1 - states.self_overlap_0).values
    assert steps[1] / steps[0] == pytest.approx(0.2, abs=0.02)
    assert states.overlap.values[1] == pytest.approx(states.overlap.values[2], abs=0.01)


CAPACITIES = [
    (kind(p, *law), temperatures)
    for p, temperatures in ((2, [0.0, 0.02]), (3, [0.0, 0.15]))
    for kind in (hopfield.Supervised, hopfield.Unsupervised)
    for law in ((0.5, 20), (0.05, 5000))
] + [
    (hopfield.Multitasking(0.3), [0.0, 0.02]),
    (hopfield.Multitasking(0.6), [0.0, 0.02]),
    (hopfield.Unsupervised(2, 0.5, 20, dilution=0.2), [0.0, 0.02]),
]


@pytest.mark.parametrize(("model", "temperatures"), CAPACITIES, ids=repr)
def test_capacities(model, temperatures):
    """Above that of symmetry; the load is stationary there, and nothing is retrieved beyond."""
    broken = theory.capacity(model, temperatures, ansatz="1rsb")
    plain = theory.capacity(model, temperatures)
    assert (broken.status == "converged").all()
    assert (broken.residual < 1e-10).all()
    assert (broken["load"] > plain["load"]).all()
    end = broken["load"].values[0]
    states = one_step(model, end * np.array([1.0 - 1e-4, 1.0 + 1e-4]), 0.0)
    assert states.status.values.tolist() == ["converged", "absent"]
    close = one_step(model, end * (1.0 - np.array([4e-4, 1e-4])), 0.0).overlap.values
    distances = close - broken.overlap.values[0]
    assert distances[0] / distances[1] == pytest.approx(2.0, abs=0.1)  # a square root


def test_examples_without_a_teacher_scale_the_load():
    """For p >= 3 all of it is the factor V of the crosstalk."""
    taught, alone = hopfield.Supervised(3, 0.5, 20), hopfield.Unsupervised(3, 0.5, 20)
    factor = interference(3, 0.5, 20)
    here, there = one_step(taught, 0.05, [0.0, 0.03]), one_step(alone, 0.05 / factor, [0.0, 0.03])
    assert (here.status == "converged").all()
    for name in ("overlap", "self_overlap_0", "self_overlap_1", "breakpoint", "free_energy"):
        np.testing.assert_allclose(there[name], here[name], atol=1e-10)


@pytest.mark.parametrize("p", [2, 3])
def test_a_single_example_is_a_pattern(p):
    """The network retrieves it as a pattern, whose overlap with the archetype is its quality."""
    load = {2: 0.137, 3: 0.15}[p]
    model = hopfield.Unsupervised(p, 0.6, 1)
    ours, stored = one_step(model, load, [0.0]), one_step(hopfield.Dense(p), load, [0.0])
    assert ours.status.item() == "converged"
    assert ours.effective_overlap.item() == pytest.approx(stored.overlap.item(), abs=1e-12)
    assert ours.overlap.item() == pytest.approx(0.6 * stored.overlap.item(), abs=1e-9)


def test_breaking_of_symmetry_hardly_moves_the_learning_threshold():
    """Next to the change by the load that by breaking vanishes with the load."""
    model = hopfield.Supervised(3, 1.0 / math.sqrt(1.0 + 5000 * 0.9), 5000)
    free = theory.solve(model, 0.0, 0.0).overlap.item()
    parts = []
    for load in (0.01, 0.001):
        plain = theory.solve(model, load, 0.0).overlap.item()
        broken = one_step(model, load, 0.0).overlap.item()
        parts.append(abs(broken - plain) / abs(plain - free))
    assert 0.0 < parts[1] < 0.2 * parts[0] < 0.2
