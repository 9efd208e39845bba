"""Phases of the Hopfield model where they are known: no load, no temperature, many patterns."""

import numpy as np
import pytest
from scipy.optimize import brentq
from test_theory_replica_symmetric import MODEL, NAMES, point

import hopfield
import theory
from theory.gaussian import moments


@pytest.mark.parametrize("temperature", [0.1, 0.5, 0.9, 0.999])
def test_without_load_the_overlap_is_that_of_a_ferromagnet(temperature):
    exact = brentq(lambda m: m - np.tanh(m / temperature), 1e-3, 1.0, xtol=1e-15)
    found = point(0.0, temperature)
    assert found["overlap"] == pytest.approx(exact, abs=1e-12)
    assert found["self_overlap"] == pytest.approx(exact**2, abs=1e-12)
    assert found["noise"] == 0.0
    assert found["replicon"] == 1.0
    free_energy = exact**2 / 2 - temperature * np.log(2 * np.cosh(exact / temperature))
    assert found["free_energy"] == pytest.approx(free_energy, abs=1e-14)


@pytest.mark.parametrize("temperature", [0.0, 0.2, 0.7])
@pytest.mark.parametrize("phase", ["retrieval", "glass"])
def test_vanishing_load_is_continuous(phase, temperature):
    """All but the replicon at T = 0, which jumps; the glass approaches as sqrt(α)."""
    limit, near = (point(a, temperature, phase) for a in (0.0, 1e-20))
    for name in NAMES[:-1]:
        assert near[name] == pytest.approx(limit[name], abs=2e-10)


@pytest.mark.parametrize("load", [1e-3, 0.05, 0.13])
def test_zero_temperature_retrieval_has_the_closed_forms(load):
    found = point(load, 0.0)
    m, sigma = found["overlap"], found["noise"]
    u = m / sigma
    c = np.sqrt(2 / np.pi) * np.exp(-(u**2) / 2) / sigma
    fields = sigma * np.sqrt(2 / np.pi) * np.exp(-(u**2) / 2) + m**2
    energy = load / 2 + m**2 / 2 - load / 2 / (1 - c) + load / 2 * c / (1 - c) ** 2 - fields
    assert sigma == pytest.approx(np.sqrt(load) / (1 - c), abs=1e-14)
    assert found["energy"] == pytest.approx(energy, abs=1e-14)
    assert found["free_energy"] == pytest.approx(found["energy"], abs=1e-15)
    assert found["entropy"] == pytest.approx(-load / 2 * (np.log(1 - c) + c / (1 - c)), abs=1e-15)
    assert found["self_overlap"] == 1.0
    assert found["replicon"] == -np.inf


@pytest.mark.parametrize("load", [0.0, 0.1, 1.0, 30.0])
def test_zero_temperature_glass_has_the_closed_forms(load):
    found = point(load, 0.0, "glass")
    sigma = np.sqrt(load) + np.sqrt(2 / np.pi)
    assert found["noise"] == pytest.approx(sigma, rel=1e-14)
    c = np.sqrt(2 / np.pi) / sigma
    assert found["energy"] == pytest.approx(
        load / 2 + sigma**2 * (c - 0.5) - sigma**2 * c, rel=1e-13
    )
    assert found["overlap"] == 0.0


@pytest.mark.parametrize(
    ("phase", "load"), [("retrieval", 0.05), ("retrieval", 0.13), ("glass", 0.1)]
)
def test_zero_temperature_is_the_limit(phase, load):
    """The error goes down with T: at 1e-3 it is of order 1e-3, at 1e-9 of order 1e-9."""
    limit = point(load, 0.0, phase)
    for temperature in (1e-3, 1e-6, 1e-9, 1e-100):
        near = point(load, temperature, phase)
        for name in NAMES[:-1]:
            assert abs(near[name] - limit[name]) <= 2.0 * temperature + 1e-14, name
    assert point(load, 1e-9, phase)["replicon"] < -1e2


def test_glass_of_very_many_patterns_is_that_of_sherrington_and_kirkpatrick():
    """T = τ sqrt(α), α -> infinity: q = E tanh²(sqrt(q) z/τ), with corrections of 1/sqrt(α)."""
    tau = 0.5
    exact = brentq(lambda q: q - float(moments(0.0, np.sqrt(q), tau).tanh_squared), 0.1, 1.0)
    for load in (1e6, 1e8, 1e10):
        found = point(load, tau * np.sqrt(load), "glass")
        assert abs(found["self_overlap"] - exact) < 1.0 / np.sqrt(load)


@pytest.mark.parametrize("load", [0.0, 0.01, 0.2, 5.0])
def test_glass_and_paramagnet_meet_at_the_glass_temperature(load):
    t_g = 1.0 + np.sqrt(load)
    above, below = point(load, t_g, "paramagnet"), point(load, t_g * (1 - 1e-7), "glass")
    absent = [
        theory.solve(MODEL, [load], t_g, phase="glass"),
        theory.solve(MODEL, [load], t_g * (1 - 1e-7), phase="paramagnet"),
    ]
    assert [cell.status.item() for cell in absent] == ["absent", "absent"]
    assert 0.0 < below["self_overlap"] < 1e-6
    for name in ("free_energy", "energy", "entropy"):
        assert below[name] == pytest.approx(above[name], abs=2e-6 * (1 + load))
    assert above["replicon"] == pytest.approx(0.0, abs=1e-14)
    assert below["replicon"] < 0.0


def test_glass_is_unstable_and_hot_retrieval_stable():
    load = np.linspace(0.01, 0.13, 5)
    glass = theory.solve(MODEL, load, [0.1, 0.5, 0.9, 1.05], phase="glass")
    assert (glass.replicon < 0.0).all()
    assert (theory.solve(MODEL, 0.03, [0.1, 0.3, 0.6]).replicon > 0.0).all()


def test_self_interaction_is_a_constant():
    full = hopfield.Dense(2, self_interaction=True)
    for phase, load, temperature in [
        ("retrieval", 0.05, 0.1),
        ("glass", 0.3, 0.4),
        ("paramagnet", 0.3, 2.0),
    ]:
        with_it, without = point(load, temperature, phase, full), point(load, temperature, phase)
        for name in NAMES:
            shift = -load / 2 if name in {"energy", "free_energy"} else 0.0
            assert with_it[name] - without[name] == pytest.approx(shift, abs=1e-15)


@pytest.mark.parametrize("phase", ["retrieval", "glass", "paramagnet"])
def test_extreme_arguments_give_numbers_or_say_why(phase):
    tiny = [0.0, 5e-324, 1e-300, 1e-100, 1e-16, 1e-8]
    near_one = [1 - 1e-4, 1 - 1e-8, 1 - 1e-12, 1 - 1.2e-16, 1.0]
    cells = theory.solve(
        MODEL, [*tiny, 0.1, 1.0, 1e100, 1e300], [*tiny, *near_one, 2.0, 1e300], phase=phase
    )
    found = cells.status == "converged"
    assert set(np.unique(cells.status.values)) == {"converged", "absent"}
    for name in NAMES[:-1]:
        assert np.isfinite(cells[name].where(found, 0.0)).all(), name
        assert np.isnan(cells[name].where(~found)).all(), name
