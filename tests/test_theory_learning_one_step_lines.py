"""Discontinuous breaking of replica symmetry, glasses and lines of networks that learn."""

import math

import numpy as np
import pytest
from one_step_reference import GAUSSIAN, one_step

import hopfield
import theory
from theory.models import interaction_of, symmetric_phases_of
from theory.one_step.instability import instability
from theory.one_step.retrieval import highest_temperature

TWO_MODES = [
    hopfield.Unsupervised(2, 0.5, 20),
    hopfield.Unsupervised(2, *GAUSSIAN),
    hopfield.Unsupervised(2, 0.5, 20, dilution=0.2),
]


@pytest.fixture(scope="module")
def discontinuous_model():
    """Dataset entropy 1, where retrieval breaks symmetry with a breakpoint of 1 at large load."""
    return hopfield.Supervised(3, 1.0 / math.sqrt(5001.0), 5000)


def test_discontinuous_breaking_of_retrieval(discontinuous_model):
    """Free energies meet at breakpoint 1, with different self-overlaps, above the AT line."""
    model, load = discontinuous_model, 0.115
    symmetric, interaction = symmetric_phases_of(model), interaction_of(model)
    top = highest_temperature(symmetric, interaction, load)
    assert top > 1.001 * instability(symmetric, interaction, load).temperature
    states = one_step(model, load, top * np.array([0.9999, 1.0001]))
    assert states.status.values.tolist() == ["converged", "replica symmetric"]
    assert states.breakpoint.values[0] == pytest.approx(1.0, abs=1e-3)
    plain = theory.solve(model, load, top * np.array([0.9999]))
    assert states.free_energy.values[0] == pytest.approx(plain.free_energy.item(), abs=1e-7)
    assert plain.replicon.item() > 0.0
    assert states.self_overlap_1[0] - states.self_overlap_0[0] > 0.05


@pytest.mark.parametrize("model", TWO_MODES, ids=repr)
@pytest.mark.parametrize("share", [0.2, 1.0, 5.0])
def test_glass_with_two_modes(model, share):
    """Thermodynamics, and the transition of symmetry."""
    load = share * theory.capacity(model)["load"].item()
    melting = symmetric_phases_of(model).glass_temperature(np.array([load])).item()
    t = 0.4 * melting
    states = one_step(model, load, np.array([0.999 * t, t, 1.001 * t, 0.98 * melting]), "glass")
    assert (states.status == "converged").all()
    f, u, s = (states[name].values for name in ("free_energy", "energy", "entropy"))
    assert -(f[2] - f[0]) / (0.002 * t) == pytest.approx(s[1], abs=2e-6)
    np.testing.assert_allclose(u, f + states.temperature.values * s, atol=1e-12)
    plain = theory.solve(model, load, [t], phase="glass")
    assert f[1] > plain.free_energy.item()
    assert states.self_overlap_1[3] < 0.1


LINES = [TWO_MODES[0], hopfield.Supervised(3, 0.05, 5000), hopfield.Multitasking(0.4)]


@pytest.mark.parametrize("model", LINES, ids=repr)
def test_lines(model):
    diagram = theory.phase_diagram(model, ansatz="1rsb", points=4)
    assert (diagram.status == "converged").all()
    assert (diagram.residual < 1e-10).all()
    assert "nishimori" not in diagram.line
    plain = theory.phase_diagram(model, points=4)
    first, last = (d["load"].sel(line="spinodal").values for d in (plain, diagram))
    assert last[0] > first[0]
    np.testing.assert_array_equal(last[3:], first[3:])
    line = diagram.sel(line="first-order")
    a, t = line["load"].values[1], line.temperature.values[1]
    glassy = t < symmetric_phases_of(model).glass_temperature(np.array([a])).item()
    for shift, sign in ((-1e-3, -1), (1e-3, 1)):
        load = a * (1 + shift)
        rival = one_step(model, load, t, "glass" if glassy else "paramagnet")
        gap = one_step(model, load, t).free_energy.item() - rival.free_energy.item()
        assert sign * gap > 0.0
