"""Glass, lines, planes, thresholds and broken symmetry of diluted patterns; what is refused."""

import dataclasses

import numpy as np
import pytest
from scipy.optimize import brentq

import hopfield
import theory
from theory.learning.examples import OVERLAP
from theory.models import interaction_of, symmetric_phases_of
from theory.one_step.instability import instability

D = 0.3
MODEL = hopfield.Multitasking(D)


@pytest.mark.parametrize("ansatz", ["rs", "1rsb"])
@pytest.mark.parametrize("phase", ["glass", "paramagnet"])
def test_states_without_overlap_are_those_of_the_hopfield_model(phase, ansatz):
    """Of all energies 1 - d times as large."""
    t = np.array([0.1, 0.6, 0.99]) if phase == "glass" else np.array([1.6, 2.0])
    load = [0.02, 0.3]
    keywords = {"phase": phase, "ansatz": ansatz}
    ours = theory.solve(MODEL, load, (1 - D) * t, **keywords)
    full = theory.solve(hopfield.Hopfield(), load, t, **keywords)
    assert ours.status.values.tolist() == full.status.values.tolist()
    for name in ("free_energy", "energy", "noise"):
        np.testing.assert_allclose(ours[name], (1 - D) * full[name], atol=1e-10)
    for name in ("entropy", "replicon", *(x for x in full if str(x).startswith("self_overlap"))):
        np.testing.assert_allclose(ours[name], full[name], atol=1e-9)
    np.testing.assert_allclose(ours.overlap, 0.0, atol=1e-15)


def test_lines_of_the_phase_diagram():
    """The glass line in closed form, equal free energies, and the ends at no load."""
    diagram = theory.phase_diagram(MODEL, points=7)
    assert diagram.line.values.tolist() == ["glass", "spinodal", "first-order", "at"]
    assert (diagram.status == "converged").all()
    load, t = (diagram[name].sel(line="glass").values for name in ("load", "temperature"))
    assert t == pytest.approx((1 - D) * (1 + np.sqrt(load)), rel=1e-14)
    assert load[-1] == pytest.approx(1.5 * theory.capacity(MODEL, t[:1] * 0.13)["load"], rel=0.01)
    for name in ("spinodal", "first-order"):
        line = diagram.sel(line=name)
        assert (line["load"].values[-1], line.temperature.values[-1]) == (0.0, 1 - D)
    line = diagram.sel(line="first-order")
    for a, t in zip(line["load"].values[:-1], line.temperature.values[:-1], strict=True):
        pure, glass = (
            theory.solve(MODEL, a * np.array([0.98, 1.0, 1.02]), t, phase=x).free_energy.values
            for x in ("retrieval", "glass")
        )
        assert np.sign(np.round(pure - glass, 12)).tolist() == [-1, 0, 1]


def test_line_of_instability_begins_at_a_positive_temperature():
    """That of the replicon of vanishing load, as spins freeze on many patterns without any."""
    at = theory.phase_diagram(MODEL, points=9).sel(line="at")
    first = at.temperature.values[0]
    assert at["load"].values[0] == pytest.approx(0.0, abs=1e-15)
    assert 0.02 < first < 0.05

    def replicon(t):
        return theory.solve(MODEL, 0.0, t).replicon.item()

    assert brentq(replicon, 0.5 * first, 2 * first, xtol=1e-13) == pytest.approx(first, abs=1e-9)
    for a, t in zip(at["load"].values[1:-1], at.temperature.values[1:-1], strict=True):
        near = theory.solve(MODEL, a, t * np.array([0.99, 1.0, 1.01])).replicon.values
        assert near[1] == pytest.approx(0.0, abs=1e-8)
        assert near[0] < -1e-4 < 1e-4 < near[2]


def test_solutions_pass_their_check():
    load = theory.capacity(MODEL)["load"].item() * np.array([0.0, 0.2, 0.6])
    solution = theory.solve(MODEL, load, [0.1, 0.3])
    report = theory.check(solution)
    assert np.nanmax(report.gradient) < 1e-8
    assert np.isnan(report.gradient[0, 0])  # crosstalk without load
    assert np.isfinite(report.gradient.values.ravel()[1:]).all()
    assert np.nanmax(report.entropy_defect) < 1e-9
    assert report.favoured.values[:2, 0].tolist() == ["retrieval"] * 2
    wrong = solution.assign(overlap=solution.overlap + 1e-3)
    assert theory.check(wrong).gradient[1, 0] > 1e-4


LAWS = [(1.0, 1), (0.5, 20), (0.05, 5000)]


@pytest.mark.parametrize("kind", [hopfield.Supervised, hopfield.Unsupervised])
def test_archetypes_without_noise_and_single_examples_are_patterns(kind):
    load, t = [0.0, 0.004, 0.02], [0.0, 0.1, 0.3]
    stored = theory.solve(MODEL, load, t)
    for quality, examples in [(1.0, 7), (0.6, 1)]:
        ours = theory.solve(kind(2, quality, examples, dilution=D), load, t)
        assert ours.status.values.tolist() == stored.status.values.tolist()
        for name in ("free_energy", "self_overlap", "replicon"):
            np.testing.assert_allclose(ours[name], stored[name], rtol=1e-12)
        np.testing.assert_allclose(ours.effective_overlap, stored.overlap, rtol=1e-12)
        np.testing.assert_allclose(ours.overlap, quality * stored.overlap, rtol=1e-12)


def test_good_examples_make_a_teacher_useless():
    gaps = []
    for rho in (1e-3, 1e-4):
        quality = (1 + 5000 * rho) ** -0.5
        taught, alone = (
            theory.capacity(kind(2, quality, 5000, dilution=D))["load"].item()
            for kind in (hopfield.Supervised, hopfield.Unsupervised)
        )
        assert alone < taught < theory.capacity(MODEL)["load"].item()
        gaps.append(taught - alone)
    assert gaps[0] / gaps[1] == pytest.approx(10.0, rel=0.2) or gaps[0] / gaps[1] > 50


def test_poor_examples_lose_retrieval_of_diluted_archetypes_in_planes():
    """From ρ = 0.826 on at d = 0.2, where d = 2/3 (1+ρ)²."""
    model = hopfield.Supervised(2, 0.5, 5000, dilution=0.2)
    plane = theory.phase_diagram(model, temperature=0.1, points=9)
    end = plane.sel(line="spinodal")
    here = end.dataset_entropy.values < np.sqrt(2 / 0.6) - 1
    assert 2 < here.sum() < 8
    assert np.isfinite(end["load"].values).tolist() == here.tolist()
    assert (np.diff(end["load"].values[here]) < 0).all()
    archetype = plane.sel(line="archetype").overlap.values
    assert archetype[np.isfinite(archetype)] == pytest.approx(0.8 * OVERLAP, abs=1e-12)
    cold = theory.phase_diagram(model, temperature=0.0, points=3)
    learning = cold.sel(line="learning")
    assert learning["load"].values[0] == 1.0
    assert learning.overlap.values[0] == pytest.approx(0.8 * OVERLAP)
    assert learning.effective_overlap.values[0] == pytest.approx(0.8)
    hot = theory.phase_diagram(model, load=0.001, points=4)
    assert hot.temperature.sel(line="glass").values == pytest.approx(0.8 * (1 + 0.001**0.5))
    assert hot.temperature.sel(line="spinodal").values[0] == pytest.approx(0.734136, abs=1e-6)
    nothing = dataclasses.replace(model, dilution=0.7)
    assert theory.phase_diagram(nothing, temperature=0.1, points=3).sizes["line"] == 0


@pytest.mark.parametrize("kind", [hopfield.Supervised, hopfield.Unsupervised])
def test_learning_thresholds(kind):
    """One update is as good as without dilution; retrieval needs more examples, or is lost."""
    load = [0.0, 1e-3, 0.02]
    plain = theory.learning_threshold(kind(2, 0.3, 1), load)
    ours = theory.learning_threshold(kind(2, 0.3, 1, dilution=0.2), load)
    np.testing.assert_array_equal(ours.examples, plain.examples)
    np.testing.assert_allclose(ours.overlap, 0.8 * OVERLAP)
    np.testing.assert_allclose(ours.effective_overlap, 0.8 * plain.effective_overlap)
    model = kind(2, 0.3, 1, dilution=0.2)
    found = theory.learning_threshold(model, load, criterion="retrieval")
    assert (found.status == "converged").all()
    for a, number in zip(load, found.examples.values.astype(int).tolist(), strict=True):
        enough = theory.solve(dataclasses.replace(model, examples=number), [a], 0.0)
        fewer = theory.solve(dataclasses.replace(model, examples=number - 1), [a], 0.0)
        assert enough.overlap.item() >= 0.8 * OVERLAP
        assert not fewer.overlap.item() >= 0.8 * OVERLAP
    lost = theory.learning_threshold(kind(2, 0.3, 1, dilution=0.7), load, criterion="retrieval")
    assert (lost.status == "absent").all()
    assert (lost.limit == "capacity").all()


@pytest.mark.parametrize(
    ("reason", "call"),
    [
        ("it ends at load 0.0274689", lambda: theory.solve(MODEL, 0.1, 0.0)),
        ("nothing is retrieved from temperature 0.7 on", lambda: theory.solve(MODEL, 0.0, 0.7)),
        ("nothing is retrieved from temperature 0.7 on", lambda: theory.capacity(MODEL, 0.9)),
        (
            "it is there below temperature 0.92",
            lambda: theory.solve(MODEL, 0.1, 1.0, phase="glass"),
        ),
        (
            "model must learn from examples, got Multi",
            lambda: theory.learning_threshold(MODEL, 0.1),
        ),
        ("model must learn", lambda: theory.phase_diagram(MODEL, temperature=0.1)),
        ("must be a hopfield.Dense, got Multi", lambda: theory.tolerated_noise(MODEL, 0.1)),
        ("must be a hopfield.Dense, got Multi", lambda: theory.complexity(MODEL, 0.1, 0.1, 0.5)),
    ],
)
def test_what_is_refused(reason, call):
    with pytest.raises(hopfield.InputError, match=reason):
        call()


def test_broken_symmetry_without_dilution():
    """The known capacity, and a step that starts at the line of instability."""
    ends = [
        theory.capacity(hopfield.Multitasking(d), ansatz="1rsb")["load"].item()
        for d in (0.0, 1e-4, 1e-3)
    ]
    assert ends[0] == pytest.approx(0.138186, abs=1e-6)
    assert (ends[0] - ends[2]) / (ends[0] - ends[1]) == pytest.approx(10.0, rel=0.01)
    load = 1e-4
    line = instability(symmetric_phases_of(MODEL), interaction_of(MODEL), load).temperature
    states = theory.solve(MODEL, load, line * np.array([0.995, 0.999, 1.001]), ansatz="1rsb")
    assert states.status.values.tolist() == ["converged", "converged", "replica symmetric"]
    steps = (states.self_overlap_1 - states.self_overlap_0).values
    assert steps[1] / steps[0] == pytest.approx(0.2, abs=0.02)


@pytest.mark.parametrize("d", [0.01, 0.3, 0.6])
def test_broken_symmetry_at_small_load(d):
    """Free spins break it however small the load; the free energy is stationary and higher."""
    model = hopfield.Multitasking(d)
    load = 1e-2 * theory.capacity(model)["load"].item()
    line = instability(symmetric_phases_of(model), interaction_of(model), load).temperature
    states = theory.solve(model, load, line * np.array([0.0, 0.5]), ansatz="1rsb")
    assert (states.status == "converged").all()
    assert (states.self_overlap_0 < states.self_overlap_1).all()
    plain = theory.solve(model, load, states.temperature)
    assert (states.free_energy > plain.free_energy).all()
    assert theory.check(states).gradient.values[1] < 1e-6
    none = theory.solve(model, [0.0], line * np.array([0.1, 1.2]), ansatz="1rsb")
    assert none.status.values.ravel().tolist() == ["not converged", "replica symmetric"]
