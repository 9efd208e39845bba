"""Phase diagrams of networks of p-body interactions: published values, asymptotics, identities."""

import math

import dense_reference as reference
import numpy as np
import pytest
from scipy.optimize import minimize_scalar

import hopfield
import theory
from theory.crosstalk import crosstalk
from theory.dense.freezing import (
    continuous_ratio,
    discontinuous_ratio,
    dynamical_ratio,
    freezing,
)
from theory.dense.lines import condensation_temperature, marginal
from theory.dense.phases import DensePhases
from theory.dense.spinodal import melting_temperature
from theory.signal import PATTERN

DENSE = [hopfield.Dense(p) for p in (3, 4, 6, 20)]
FULL = [hopfield.Dense(p, self_interaction=True) for p in (3, 4, 5, 6)]
COMMON = ["glass", "spinodal", "first-order", "at"]
POINTS = 24


@pytest.fixture(scope="module", params=[*DENSE, *FULL], ids=repr)
def drawn(request):
    """A model and its phase diagram."""
    return request.param, theory.phase_diagram(request.param, points=POINTS)


def spin_glass_units(p):
    """T / sqrt(α) over the temperature of the p-spin model with J = 1."""
    return math.sqrt(2 * math.factorial(p - 1) / p)


def test_lines_exist_and_are_found(drawn):
    model, diagram = drawn
    own = [] if model.self_interaction else ["nishimori"]
    assert diagram.line.values.tolist() == COMMON + own
    assert (diagram.status == "converged").all()
    assert (diagram.residual < 1e-14).all()
    assert np.isfinite(diagram["load"]).all()
    assert np.isfinite(diagram.temperature).all()


def test_spinodal_line(drawn):
    model, diagram = drawn
    line = diagram.sel(line="spinodal")
    assert line.temperature[0] == line["load"][-1] == 0.0
    assert line.temperature[-1] == melting_temperature(model.p)
    direct = theory.capacity(model, line.temperature.values[:-1])
    np.testing.assert_allclose(line["load"].values[:-1], direct["load"], rtol=1e-12)


def test_glass_line(drawn):
    model, diagram = drawn
    line = diagram.sel(line="glass")
    top = diagram["load"].sel(line="spinodal").max().item()
    assert 1.5 * top <= line["load"][-1].item() < 1.52 * top
    ratio = freezing(crosstalk(model.p, model.self_interaction)).ratio
    np.testing.assert_allclose(line.temperature, ratio * np.sqrt(line["load"]), rtol=1e-15)
    at = line.isel(point=10)
    phases = theory.solve(
        model,
        at["load"].item(),
        at.temperature.item() * np.array([0.999, 1.001]),
        phase="paramagnet",
    )
    assert phases.status.values.tolist() == ["absent", "converged"]


def test_free_energies_are_equal_on_the_first_order_line(drawn):
    """And below and above it the one or the other phase is the stable one."""
    model, diagram = drawn
    line = diagram.sel(line="first-order")
    for k in (2, 10, 18, 22):
        load, temperature = line["load"][k].item(), line.temperature[k].item()
        loads = load * np.array([0.99, 1.0, 1.01])
        gap = theory.solve(model, loads, temperature).free_energy.values
        other = [theory.solve(model, loads, temperature, phase=x) for x in ("paramagnet", "glass")]
        rival = np.where(np.isnan(other[0].free_energy), other[1].free_energy, other[0].free_energy)
        gap = gap - rival
        assert gap[1] == pytest.approx(0.0, abs=1e-14)
        assert gap[0] < 0.0
        assert gap[2] > 0.0 or np.isnan(gap[2])  # there is no glass in replica symmetry
    assert np.isfinite(gap[2])
    assert line["load"][-1] == 0.0
    assert line.temperature[-1].item() == condensation_temperature(model.p)


def test_first_order_line_ends_where_it_should(drawn):
    model, diagram = drawn
    xi = crosstalk(model.p, model.self_interaction)
    first = diagram.sel(line="first-order").isel(point=0)
    if freezing(xi).one_step:
        on_glass_line = freezing(xi).ratio * np.sqrt(first["load"].item())
        assert first.temperature.item() == pytest.approx(on_glass_line, rel=1e-9)
    else:
        assert first.temperature.item() == 0.0
        assert 0.0 < first["load"].item() < theory.capacity(model)["load"].item()


@pytest.mark.parametrize("p", [3, 4, 5, 6, 20])
def test_triple_point_of_the_dense_energy_is_on_the_nishimori_line(p):
    """T = (2/p) τ_s², α = T / (p-1)!."""
    tau = discontinuous_ratio(crosstalk(p, False)) / spin_glass_units(p)
    phases = DensePhases(p)
    low, high = phases.first_order_range()
    assert low == pytest.approx(2 / p * tau**2, rel=1e-9)
    assert high == condensation_temperature(p)
    load = np.array([low / math.factorial(p - 1)])
    assert phases.glass_temperature(load).item() == pytest.approx(low, rel=1e-9)


def test_published_temperatures_of_the_p_spin_model():
    """Three spins: 0.651 and 0.6816. Very many: the random-energy model."""
    three = crosstalk(3, False)
    assert discontinuous_ratio(three) / spin_glass_units(3) == pytest.approx(0.6513852, abs=5e-8)
    assert dynamical_ratio(three) / spin_glass_units(3) == pytest.approx(0.6815980, abs=1e-7)
    limit = 1 / (2 * math.sqrt(math.log(2)))
    errors = [discontinuous_ratio(crosstalk(p, False)) / spin_glass_units(p) - limit
              for p in (10, 20, 40)]  # fmt: skip
    assert 2e-4 > errors[0] > 100 * errors[1] > 0.0
    assert abs(errors[2]) < 1e-12


def one_step(xi, ratio, q0):
    """Derivative of -βf by the breakpoint x, at x = 1, as a function of q1, by differences."""
    load = ratio**-2
    z = np.linspace(-9.0, 9.0, 121)
    weight = np.exp(-(z**2) / 2) * (z[1] - z[0]) / np.sqrt(2 * np.pi)
    v = np.linspace(-16.0, 16.0, 321)
    outer = np.sqrt(load * xi.deriv()(q0)) * z

    def minus_beta_f(x, q1):
        width = np.sqrt(load * (xi.deriv()(q1) - xi.deriv()(q0)))
        y = np.abs(outer[:, None] + width * v)
        exponent = x * (y + np.log1p(np.exp(-2 * y))) - v**2 / 2
        largest = exponent.max(axis=1, keepdims=True)
        sums = np.exp(exponent - largest).sum(axis=1) * (v[1] - v[0]) / np.sqrt(2 * np.pi)
        site = (weight * (largest[:, 0] + np.log(sums))).sum() / x

        def theta(q):
            return q * xi.deriv()(q) - xi(q)

        bracket = xi(1.0) - xi(q1) - (1 - q1) * xi.deriv()(q1) - x * (theta(q1) - theta(q0))
        return load / 2 * bracket + site

    def slope(q1, h=1e-2):
        f = [minus_beta_f(1 + k * h, q1) for k in (-2, -1, 1, 2)]
        return (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h)

    return slope


@pytest.mark.parametrize(("p", "full"), [(3, False), (6, True), (5, True), (9, True)])
def test_discontinuous_transition_in_the_free_energy_of_one_step(p, full):
    """At the transition the derivative by the breakpoint at 1 touches zero at some q1 > q0."""
    xi, ratio = reference.crosstalk(p, full), discontinuous_ratio(crosstalk(p, full))
    model = hopfield.Dense(p, self_interaction=full)

    def highest(warmth):
        """Largest value beyond the barrier, at a temperature over that of the transition."""
        load = (0.1 / ratio) ** 2
        cell = theory.solve(model, load, 0.1 * warmth, phase="paramagnet")
        q0 = cell.self_overlap.item()
        slope = one_step(xi, ratio * warmth, q0)
        assert slope(q0 + 1e-9) == pytest.approx(0.0, abs=1e-9)
        grid = np.linspace(q0 + 0.02, 0.99, 24)
        barrier = grid[np.argmin([slope(q1) for q1 in grid[:16]])]
        best = minimize_scalar(lambda q1: -slope(q1), bounds=(barrier, 0.9999), method="bounded")
        assert barrier + 0.05 < best.x < 0.999
        return -best.fun

    assert highest(1.0 + 1e-13) == pytest.approx(0.0, abs=1e-8)
    assert highest(1.002) < -1e-5


def test_which_transition_comes_first():
    """With self-interaction: p = 3 and 4 freeze continuously, all others in one step."""
    ratios = {p: freezing(crosstalk(p, True)) for p in range(3, 13)}
    assert [p for p, found in ratios.items() if not found.one_step] == [3, 4]
    assert ratios[4].ratio == 3.0
    assert continuous_ratio(crosstalk(6, True)) == 15.0
    assert ratios[6].ratio > 15.0
    assert all(freezing(crosstalk(p, False)).one_step for p in (3, 4, 5, 20))


def breaking_point(p):
    """Breakpoint at the AT line of the random-field state, in the printed form."""
    xi, ratio = reference.crosstalk(p, True), continuous_ratio(crosstalk(p, True))
    from theory.dense.disorder import disordered

    state = disordered(crosstalk(p, True), np.array([ratio**-2]), np.array([1.0]), np.array([True]))
    assert state.replicon.item() == pytest.approx(0.0, abs=1e-9)
    q = state.self_overlap.item()
    z = np.linspace(-10, 10, 2001)
    weight = np.exp(-(z**2) / 2) * (z[1] - z[0]) / np.sqrt(2 * np.pi)
    y = np.sqrt(xi.deriv()(q)) / ratio * z
    second, third = (xi.deriv(k)(q) / ratio**2 for k in (2, 3))
    f2, f3 = np.cosh(y) ** -2, -2 * np.tanh(y) / np.cosh(y) ** 2
    return (third / second**3 + weight @ f3**2) / (2 * weight @ f2**3)


def test_breaking_point_agrees_with_which_transition_comes_first():
    assert breaking_point(3) == pytest.approx(0.82195, abs=1e-5)
    for p in (5, 7):
        assert breaking_point(p) > 1.0
        assert freezing(crosstalk(p, True)).one_step


def test_replicon_changes_sign_on_the_instability_line(drawn):
    model, diagram = drawn
    line = diagram.sel(line="at")
    for k in (10, 14, 18):
        load, temperature = line["load"][k].item(), line.temperature[k].item()
        cells = theory.solve(model, load, temperature * np.array([0.98, 1.0, 1.02]))
        below, at, above = cells.replicon.values
        assert at == pytest.approx(0.0, abs=1e-9)
        assert below < -1e-3 < 1e-3 < above


def test_instability_line_runs_from_zero_to_the_spinodal(drawn):
    model, diagram = drawn
    line = diagram.sel(line="at")
    load, temperature = line["load"].values, line.temperature.values
    assert load[0] == temperature[0] == 0.0
    assert (np.diff(load) > 0.0).all()
    end = theory.capacity(model, temperature[-1])["load"].item()
    assert load[-1] == pytest.approx(end, rel=1e-12)


@pytest.mark.parametrize("model", [*DENSE, *FULL], ids=repr)
def test_instability_line_has_the_asymptote_of_small_loads(model):
    r"""T -> (4/3) α ξ''(1) exp(-1/2σ²) / sqrt(2π σ²) with σ² = α ξ'(1) -> 0."""
    xi = crosstalk(model.p, model.self_interaction)
    line = marginal(xi, PATTERN, 1.0 / np.array([6.0, 12.0, 24.0, 36.0]))
    variance = line.load * xi.derivative(1.0)
    asymptote = 4 / 3 * line.load * xi.derivative(1.0, 2) / np.sqrt(2 * np.pi * variance)
    asymptote *= np.exp(-1 / (2 * variance))
    error = np.abs(line.temperature / asymptote - 1)
    assert error[0] < 1e-3
    assert (error[1:] < 1e-9).all()


def test_frozen_states_with_self_interaction():
    """Unstable below a continuous transition, marginal at it."""
    for p, ratio in [(3, continuous_ratio(crosstalk(3, True))), (4, 3.0)]:
        model, load = hopfield.Dense(p, self_interaction=True), 0.01
        top = ratio * np.sqrt(load)
        glass = theory.solve(model, load, top * np.array([0.0, 0.5, 0.9, 0.9999]), phase="glass")
        assert (glass.replicon < 0.0).all()
        assert glass.replicon[-1] > -1e-2
        above = theory.solve(
            model, load, top * np.array([1.0 + 1e-12, 1.5, 30.0]), phase="paramagnet"
        )
        assert above.replicon[0].item() == pytest.approx(0.0, abs=1e-9)
        assert (np.diff(above.replicon) > 0.0).all()
        assert (above.self_overlap > 0.0).all() == (p == 3)
    zero = theory.solve(hopfield.Dense(4, self_interaction=True), 0.01, 0.0, phase="glass")
    assert zero.energy.item() == pytest.approx(-np.sqrt(2 / np.pi * 0.15), abs=1e-14)


@pytest.mark.parametrize(
    ("model", "phase", "load", "temperature", "reason"),
    [
        (hopfield.Dense(3), "retrieval", 0.2, 0.0, "does not exist at .* it ends at load 0.126095"),
        (hopfield.Dense(3), "retrieval", 0.0, 0.6, "nothing is retrieved from temperature 0.58258"),
        (hopfield.Dense(3), "glass", 0.1, 0.1, "in one step; ansatz 'rs' has no such phase"),
        (hopfield.Dense(3), "glass", 0.01, 0.4, r"below temperature 0\.0752155$"),
        (FULL[3], "glass", 0.1, 0.1, "in one step"),
        (FULL[1], "glass", 0.01, 0.4, r"below temperature 0\.3$"),
        (FULL[1], "paramagnet", 0.01, 0.2, r"from temperature 0\.3 on"),
        (hopfield.Dense(3), "paramagnet", 0.01, 0.01, r"from temperature 0\.0752155 on"),
    ],
)  # fmt: skip
def test_one_point_without_the_phase_is_refused(model, phase, load, temperature, reason):
    with pytest.raises(hopfield.InputError, match=reason):
        theory.solve(model, load, temperature, phase=phase)
    cell = theory.solve(model, load, [temperature], phase=phase)
    assert cell.status.item() == "absent"
    assert np.isnan(cell.free_energy.item())


@pytest.mark.parametrize("model", [DENSE[0], FULL[0], DENSE[3]], ids=repr)
def test_fewer_patterns_are_no_load(model):
    below = theory.solve(model, [0.5, 7.0], 0.2, exponent=model.p - 1.5)
    free = theory.solve(model, 0.0, 0.2)
    assert below["load"].values.tolist() == [0.5, 7.0]
    np.testing.assert_allclose(below.overlap, free.overlap.item(), atol=1e-15)
    np.testing.assert_allclose(below.free_energy, free.free_energy.item(), atol=1e-15)
    with pytest.raises(hopfield.InputError, match="exponent must be"):
        theory.solve(model, 0.5, 0.2, exponent=model.p)
