"""Ends of phases of networks of p-body interactions that learn."""

import numpy as np
import pytest
from test_theory_learning_dense import FEW, MANY, SUPERVISED, UNSUPERVISED, crosstalk_factor

import hopfield
import theory
from theory.dense.lines import largest_marginal_ratio, marginal
from theory.dense.phases import DensePhases


def widths(phases, n, t):
    """σ(n) by bisection: E x tanh falls as the width grows."""
    low, high = np.zeros_like(n), np.full_like(n, 2.0)
    for _ in range(48):
        middle = (low + high) / 2
        small = phases.signal.moments(n ** (phases.p - 1), middle, t).effective_overlap < n
        low, high = np.where(small, low, middle), np.where(small, middle, high)
    return low


@pytest.mark.parametrize("model", FEW + MANY, ids=repr)
def test_spinodal_is_the_first_fold_from_zero_load(model):
    """α(n) at fixed T, from the largest root at zero load down: first maximum by a scan."""
    phases = theory.models.symmetric_phases_of(model)
    for warmth in (0.15, 0.5, 0.75, 0.95):
        t = warmth * phases.melting_temperature
        end = phases.spinodal(np.array([t]))
        largest, least = phases.branch(np.array([t])).effective_overlap[0, 0], end.effective_overlap
        n = np.linspace(largest, 1.1 * least.item() - 0.1 * largest, 301)[1:]
        width = widths(phases, n, t)
        q = phases.signal.moments(n ** (model.p - 1), width, t).tanh_squared
        load = width**2 / crosstalk_factor(model) / q ** (model.p - 1)
        first = int(np.argmax(np.diff(load) < 0.0))
        assert n[first - 1] > least.item() > n[first + 1]
        assert end.load.item() == pytest.approx(load[first], rel=1e-4)
        assert end.load.item() >= load[first] * (1 - 1e-12)


def test_spinodal_jumps_where_two_retrieval_phases_merge():
    """With M = 2 half of the spins have no signal; retrieval goes on with them from some T on."""
    phases = theory.models.symmetric_phases_of(SUPERVISED(3, 0.5, 2))
    t = phases.melting_temperature * np.linspace(0.5, 0.7, 2001)
    end = phases.spinodal(t)
    assert np.isfinite(end.load).all()
    jump = np.abs(np.diff(end.effective_overlap))
    steepest = int(np.argmax(jump))
    assert jump[steepest] > 0.1
    assert np.delete(jump, np.arange(steepest - 3, steepest + 2)).max() < 0.01
    assert end.load[steepest + 1] > end.load[steepest] * 1.02
    plain = np.abs(np.diff(DensePhases(3).spinodal(t).overlap))
    assert plain.max() < 0.01


def test_many_bodies_and_few_examples_are_refused():
    with pytest.raises(hopfield.InputError, match="p = 40 is too large for so few examples"):
        theory.capacity(SUPERVISED(40, 0.3, 2), 1e-6)


def test_capacity_is_not_learning():
    """As the data set tells nothing, a taught network retrieves means that mean nothing."""
    ends = [theory.capacity(SUPERVISED(3, r, 2000)) for r in (0.1, 0.01, 1e-4)]
    loads, overlaps = ([end[name].item() for end in ends] for name in ("load", "overlap"))
    assert loads[2] == pytest.approx((2 / np.pi) ** 2 / 8, rel=1e-4)  # n = √(2/π) y/√(1+y²)
    assert overlaps[0] > 0.7 > overlaps[1] > 0.2
    assert overlaps[2] < 0.01


@pytest.mark.parametrize("model", FEW + MANY, ids=repr)
def test_instability_line(model):
    """The replicon vanishes on it; it ends on the spinodal, or below a jump of it."""
    phases = theory.models.symmetric_phases_of(model)
    largest = largest_marginal_ratio(phases.crosstalk, phases.signal)
    line = marginal(phases.crosstalk, phases.signal, largest * np.array([0.4, 0.7, 0.95]))
    assert (line.residual < 1e-12).all()
    for load, t, n in zip(line.load, line.temperature, line.effective_overlap, strict=True):
        cell = theory.solve(model, load, t)
        assert cell.effective_overlap.item() == pytest.approx(n, abs=1e-9)
        assert abs(cell.replicon.item()) < 1e-9
        below, above = (theory.solve(model, load, x * t).replicon.item() for x in (0.999, 1.001))
        assert below < -1e-5 < 1e-5 < above
    at = marginal(phases.crosstalk, phases.signal, largest * np.array([1.0, 1.02]))
    end = phases.spinodal(at.temperature)
    on_spinodal = abs(at.effective_overlap[0] - end.effective_overlap[0]) < 1e-9
    near = phases.spinodal(at.temperature[:1] * np.array([1 - 1e-6, 1 + 1e-6])).effective_overlap
    below_jump = near[0] > at.effective_overlap[0] > near[1]
    assert on_spinodal or below_jump
    assert not at.effective_overlap[1] > end.effective_overlap[1]


def test_free_spins_break_symmetry_at_temperatures_of_the_crosstalk():
    """With an even number of examples T/σ on the line tends to a number, else it vanishes."""
    small = 1.0 / np.array([10.0, 20.0])
    ratios = {}
    for examples in (2, 3):
        phases = theory.models.symmetric_phases_of(SUPERVISED(3, 0.5, examples))
        line = phases.marginal(small)
        ratios[examples] = line.temperature / line.noise
    assert ratios[2][0] == pytest.approx(ratios[2][1], rel=1e-3)
    assert ratios[2][0] > 0.2
    assert ratios[3][1] < 0.01 * ratios[3][0]


@pytest.mark.parametrize("model", [SUPERVISED(3, 0.5, 2), UNSUPERVISED(3, 0.4, 2000)], ids=repr)
def test_lines_of_the_phase_diagram(model):
    diagram = theory.phase_diagram(model, points=7)
    assert diagram.line.values.tolist() == ["glass", "spinodal", "first-order", "at"]
    assert (diagram.status == "converged").all()
    assert diagram.residual.max().item() < 1e-12
    line = diagram.sel(line="first-order")
    for point in (1, 3, 5):
        where = line["load"][point].item(), line.temperature[point].item()
        ordered, rival = (theory.solve(model, *where, phase=x) for x in ("retrieval", "paramagnet"))
        assert ordered.free_energy.item() == pytest.approx(rival.free_energy.item(), abs=1e-14)
    line = diagram.sel(line="glass")
    plain = theory.phase_diagram(hopfield.Dense(3), points=7, max_load=1.0).sel(line="glass")
    scale = np.sqrt(crosstalk_factor(model) / 2.0)
    expected = plain.temperature[-1].item() * scale * np.sqrt(line["load"].values)
    np.testing.assert_allclose(line.temperature, expected, rtol=1e-12)


@pytest.mark.parametrize("kind", [SUPERVISED, UNSUPERVISED])
@pytest.mark.parametrize("p", [3, 4])
def test_a_single_example_is_stored_like_a_pattern(kind, p):
    """Effective overlap n is the overlap of Dense, m is r n; on the Nishimori line n = q."""
    model, dense = kind(p, 0.6, 1), hopfield.Dense(p)
    limit = theory.capacity(dense)["load"].item()
    one, stored = (
        theory.solve(m, np.array([0.2, 0.9]) * limit, [0.0, 0.1, 0.3]) for m in (model, dense)
    )
    np.testing.assert_allclose(one.effective_overlap, stored.overlap, atol=1e-13)
    np.testing.assert_allclose(one.overlap, 0.6 * stored.overlap, atol=1e-13)
    for name in ("self_overlap", "free_energy", "entropy"):
        np.testing.assert_allclose(one[name], stored[name], atol=1e-13)
    line = theory.phase_diagram(model, points=5, max_load=0.1).sel(line="nishimori")
    on_line = theory.solve(model, line["load"][2].item(), line.temperature[2].item())
    assert on_line.effective_overlap.item() == pytest.approx(on_line.self_overlap.item(), abs=1e-12)
    few = theory.phase_diagram(kind(p, 0.6, 3), points=2, max_load=0.1)
    assert "nishimori" not in few.line
