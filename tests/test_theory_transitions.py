"""Lines of the phase diagram against closed forms, published values and asymptotics."""

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar
from scipy.special import erf

import hopfield
import theory
from theory import transitions
from theory.pairs.phases import HopfieldPhases

MODEL = hopfield.Hopfield()


@pytest.fixture(scope="module")
def diagram():
    return theory.phase_diagram(MODEL)


def capacity_at_zero(y):
    """α(y) of the zero-temperature equations, y = m/(σ sqrt 2)."""
    return 0.5 * (erf(y) / y - 2 / np.sqrt(np.pi) * np.exp(-(y**2))) ** 2


def test_capacity_at_zero_temperature():
    """AGS 1985: 0.138 with m = 0.967."""
    end = theory.capacity(MODEL)
    best = minimize_scalar(lambda y: -capacity_at_zero(y), bracket=(1.3, 1.5, 1.7), tol=1e-12)
    assert end["load"].item() == pytest.approx(-best.fun, abs=1e-14)
    assert end["load"].item() == pytest.approx(0.137905566, abs=5e-10)
    assert end.overlap.item() == pytest.approx(0.967417, abs=5e-7)
    assert end.overlap.item() == pytest.approx(erf(best.x), abs=1e-7)


@pytest.mark.parametrize("temperature", [0.0, 1e-3, 0.05, 0.4, 0.95])
def test_capacity_is_the_largest_load_with_retrieval(temperature):
    limit = theory.capacity(MODEL, temperature)["load"].item()
    loads = limit * np.array([1 - 1e-9, 1 + 1e-9])
    status = theory.solve(MODEL, loads, temperature).status.values.tolist()
    assert status == ["converged", "absent"]
    at_end = theory.solve(MODEL, limit, temperature)
    assert at_end.status.item() == "at the edge"
    assert at_end.overlap.item() == theory.capacity(MODEL, temperature).overlap.item()


@pytest.mark.parametrize("temperature", [0.0, 0.02, 0.3, 0.8])
def test_capacity_is_the_maximum_along_the_branch(temperature):
    """Maximum of α(m) where σ(m) solves m = E tanh by bisection: no derivative is used."""
    from theory.gaussian import moments

    def minus_load(m):
        sigma = brentq(lambda s: float(moments(m, s, temperature).tanh) - m, 1e-3, 10.0, xtol=1e-15)
        k = moments(m, sigma, temperature)
        return -float((sigma * (1 - k.response)) ** 2 / k.tanh_squared)

    end = theory.capacity(MODEL, temperature)
    m = end.overlap.item()
    best = minimize_scalar(minus_load, bracket=(m * 0.98, m, m * 1.003), tol=1e-9)
    assert end["load"].item() == pytest.approx(-best.fun, abs=1e-12)
    assert m == pytest.approx(best.x, abs=1e-6)


def test_capacity_near_the_critical_temperature():
    r"""α_c -> 4 (1-T)² v²/((v+1)(v+3)²), v = (3 + sqrt 33)/2: T_M = 1 - 1.95 sqrt(α) of AGS."""
    v = (3 + np.sqrt(33)) / 2
    amplitude = 4 * v**2 / ((v + 1) * (v + 3) ** 2)
    assert 1 / np.sqrt(amplitude) == pytest.approx(1.954, abs=5e-4)
    excess = np.array([1e-3, 1e-4, 1e-5])
    ratio = theory.capacity(MODEL, 1 - excess)["load"].values / excess**2 / amplitude
    assert (np.abs(ratio - 1) < 0.3 * excess).all()


def test_glass_line(diagram):
    line = diagram.sel(line="glass")
    np.testing.assert_array_equal(line.temperature, 1 + np.sqrt(line["load"]))
    largest = diagram["load"].sel(line="spinodal").max().item()
    assert line["load"].values[0] == 0.0
    assert line["load"].values[-1] == pytest.approx(1.5 * largest, rel=1e-5)
    assert line["load"].values[-1] >= 1.5 * largest


def test_spinodal_line(diagram):
    line = diagram.sel(line="spinodal")
    assert line["load"].values[[0, -1]] == pytest.approx([0.137905566, 0.0], abs=5e-10)
    inner = line.temperature < 1
    direct = theory.capacity(MODEL, line.temperature.values[inner])
    np.testing.assert_array_equal(line["load"].values[inner], direct["load"])


def test_capacity_first_rises_with_temperature(diagram):
    """Replica-symmetric reentrance: a maximum 0.2 % higher at T of a few hundredths."""
    line = diagram.sel(line="spinodal")
    top = int(np.argmax(line["load"].values))
    assert 0.01 < line.temperature[top] < 0.05
    assert 1.001 < line["load"][top] / line["load"][0] < 1.004
    assert (np.diff(line["load"][: top + 1]) >= -1e-15).all()
    assert (np.diff(line["load"][top:]) < 0).all()


def test_first_order_line_at_zero_temperature(diagram):
    """Crossing of the two energies in closed form; AGS 1985: 0.051."""
    density = np.sqrt(2 / np.pi)

    def energy(load, m, sigma):
        u = m / sigma
        c = density * np.exp(-(u**2) / 2) / sigma
        fields = sigma * density * np.exp(-(u**2) / 2) + m * erf(u / np.sqrt(2))
        return load / 2 + m**2 / 2 - load / 2 / (1 - c) + load / 2 * c / (1 - c) ** 2 - fields

    def difference(load):
        y = brentq(lambda y: capacity_at_zero(y) - load, 1.6, 20.0, xtol=1e-15)
        m = erf(y)
        return energy(load, m, m / y / np.sqrt(2)) - energy(load, 0.0, np.sqrt(load) + density)

    exact = brentq(difference, 0.03, 0.1, xtol=1e-15)
    found = diagram["load"].sel(line="first-order")[0].item()
    assert found == pytest.approx(exact, abs=1e-12)
    assert found == pytest.approx(0.0515, abs=1e-3)


def test_free_energies_are_equal_on_the_first_order_line(diagram):
    line = diagram.sel(line="first-order")
    for k in range(0, 200, 20):
        load, temperature = line["load"][k].item(), line.temperature[k].item()
        ordered = theory.solve(MODEL, load, temperature)
        glass = theory.solve(MODEL, load, temperature, phase="glass")
        assert ordered.free_energy.item() == pytest.approx(glass.free_energy.item(), abs=1e-14)
        below, above = (theory.solve(MODEL, load * x, temperature) for x in (0.99, 1.01))
        rivals = [theory.solve(MODEL, load * x, temperature, phase="glass") for x in (0.99, 1.01)]
        assert below.free_energy.item() < rivals[0].free_energy.item()
        assert above.free_energy.item() > rivals[1].free_energy.item()


def test_first_order_line_near_the_critical_temperature(diagram):
    """AGS 1985: T_c = 1 - 2.6 sqrt(α) at small loads."""
    line = diagram.sel(line="first-order")[{"point": slice(190, 199)}]
    slope = (1 - line.temperature) / np.sqrt(line["load"])
    assert (np.abs(slope - 2.6) < 0.005).all()


def test_first_order_line_lies_inside_the_retrieval_phase(diagram):
    inner, outer = diagram["load"].sel(line="first-order"), diagram["load"].sel(line="spinodal")
    np.testing.assert_array_equal(
        diagram.temperature.sel(line="first-order"), diagram.temperature.sel(line="spinodal")
    )
    assert (inner.values[:-1] < 0.65 * outer.values[:-1]).all()


def test_instability_line_has_the_asymptote_of_small_loads():
    r"""T_AT -> sqrt(8 α/9π) exp(-1/2α), the correction in 1/u² getting small with α."""
    line = HopfieldPhases().marginal(1 / np.array([6.0, 12.0, 24.0, 36.0]))
    asymptote = np.sqrt(8 * line.load / (9 * np.pi)) * np.exp(-1 / (2 * line.load))
    error = np.abs(line.temperature / asymptote - 1)
    assert line.load == pytest.approx(np.array([6.0, 12.0, 24.0, 36.0]) ** -2.0, rel=1e-6)
    assert error[0] < 1e-4
    assert (error[1:] < 1e-9).all()


def test_replicon_vanishes_on_the_instability_line(diagram):
    line = diagram.sel(line="at")
    for k in range(30, 199, 24):
        load, temperature = line["load"][k].item(), line.temperature[k].item()
        state = theory.solve(MODEL, load, temperature * np.array([0.99, 1.0, 1.01]))
        below, at, above = state.replicon.values
        assert at == pytest.approx(0.0, abs=1e-9)
        assert below < -1e-3 < 1e-3 < above


def test_instability_line_runs_from_zero_to_the_spinodal(diagram):
    line = diagram.sel(line="at")
    load, temperature = line["load"].values, line.temperature.values
    assert load[0] == temperature[0] == 0.0
    assert (np.diff(load) > 0).all()
    assert (np.diff(temperature) >= 0).all()
    assert (temperature[10:] > 0).all()
    end = theory.capacity(MODEL, temperature[-1])["load"].item()
    assert load[-1] == pytest.approx(end, abs=1e-14)


def test_every_point_is_found_and_says_so(diagram):
    assert (diagram.status == "converged").all()
    assert (diagram.residual < 1e-14).all()
    assert np.isfinite(diagram["load"]).all()
    assert np.isfinite(diagram.temperature).all()


def test_lines_do_not_depend_on_the_number_of_points():
    """Every second point of a grid of five is a point of a grid of three."""
    coarse, fine = (theory.phase_diagram(MODEL, points=n) for n in (3, 5))
    np.testing.assert_allclose(coarse["load"], fine["load"][:, ::2], atol=1e-14)
    np.testing.assert_allclose(coarse.temperature, fine.temperature[:, ::2], atol=1e-14)


def test_a_point_that_fails_is_marked():
    """A glass without a free energy leaves the first-order line empty, and says so."""

    class Broken(HopfieldPhases):
        def glass(self, load, temperature):
            state = super().glass(load, temperature)
            state.free_energy[:] = np.nan
            return state

    line = transitions.first_order_line(Broken(), 4)
    assert line.found.tolist() == [False, False, False, True]
    assert np.isnan(line.load[:3]).all()
