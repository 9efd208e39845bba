"""Saddle points of networks of p-body interactions: gradients, thermodynamics, printed formulas."""

import dense_reference as reference
import numpy as np
import pytest

import hopfield
import theory
from theory.crosstalk import crosstalk
from theory.dense import equations as dense_equations
from theory.dense.spinodal import melting_temperature
from theory.signal import PATTERN

MODELS = [
    hopfield.Dense(p, self_interaction=full) for p in (3, 4, 5, 6, 20) for full in (False, True)
]
NAMES = ["overlap", "self_overlap", "noise", "free_energy", "energy", "entropy", "replicon"]


def name_of(model):
    return f"p={model.p}" + (" full" if model.self_interaction else "")


@pytest.fixture(params=MODELS, ids=name_of)
def model(request):
    """Networks of 3 to 20 spins in an interaction, both energies."""
    return request.param


def printed(model):
    return reference.crosstalk(model.p, model.self_interaction)


def cells_of(model):
    """Retrieval states in the phase, one near its end, one cold."""
    melting = melting_temperature(model.p)
    for share, warmth in [(0.5, 0.5), (0.3, 0.8), (0.97, 0.3), (0.6, 0.1)]:
        temperature = warmth * melting
        yield share * theory.capacity(model, temperature)["load"].item(), temperature


def point(model, load, temperature, phase="retrieval"):
    cell = theory.solve(model, load, temperature, phase=phase)
    assert cell.status.item() == "converged"
    return {name: cell[name].item() for name in NAMES}


def five_points(function, h):
    """Derivative at zero."""
    f = [function(k * h) for k in (-2, -1, 1, 2)]
    return (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h)


def test_crosstalk_is_the_covariance_of_powers_of_gaussians(model):
    xi, exact = crosstalk(model.p, model.self_interaction), printed(model)
    q = np.linspace(0.0, 1.0, 7)
    np.testing.assert_allclose(xi.value(q), exact(q), rtol=1e-12)
    for order in (1, 2, 3):
        np.testing.assert_allclose(xi.derivative(q, order), exact.deriv(order)(q), rtol=1e-12)
    inner = q[1:-1]
    np.testing.assert_allclose(
        xi.exponent(inner), inner * exact.deriv(2)(inner) / exact.deriv()(inner), rtol=1e-12
    )
    rest = (exact(1.0) - exact(inner)) / (1 - inner)
    np.testing.assert_allclose(xi.first_remainder(inner), rest, rtol=1e-11)
    second = (rest - exact.deriv()(inner)) / (1 - inner)
    np.testing.assert_allclose(xi.second_remainder(inner), second, rtol=1e-9)
    assert xi.second_remainder(1.0) == pytest.approx(exact.deriv(2)(1.0) / 2, rel=1e-12)


@pytest.mark.parametrize(
    ("p", "slope"),
    [(3, [1, 0, 2]), (4, [0, 9, 0, 6]), (5, [9, 0, 72, 0, 24]), (6, [0, 225, 0, 600, 0, 120])],
)
def test_crosstalk_of_the_full_power_in_numbers(p, slope):
    q = np.linspace(0.0, 1.0, 5)
    expected = sum(c * q**k for k, c in enumerate(slope))
    np.testing.assert_allclose(crosstalk(p, True).derivative(q), expected, rtol=1e-14)


def test_exponent_at_zero_overlap():
    assert [crosstalk(p, False).exponent(0.0).item() for p in (3, 4, 20)] == [2.0, 3.0, 19.0]
    assert [crosstalk(p, True).exponent(0.0).item() for p in (3, 4, 20)] == [0.0, 1.0, 1.0]


def test_gradient_of_the_free_energy_gives_the_saddle_point_equations(model):
    """df/dm = (p-1) m^(p-2) (m - M) and df/dq = (α/2T) ξ''(q) (Q - q), off the saddle point."""
    p, xi = model.p, printed(model)
    load, temperature, m, q = 0.2 / xi.deriv()(1.0), 0.4, 0.83, 0.71
    k = reference.fine_quadrature(m ** (p - 1), np.sqrt(load * xi.deriv()(q)), temperature)
    by_m = five_points(lambda d: reference.free_energy(p, xi, m + d, q, load, temperature), 2e-4)
    by_q = five_points(lambda d: reference.free_energy(p, xi, m, q + d, load, temperature), 2e-4)
    assert by_m == pytest.approx(float((p - 1) * m ** (p - 2) * (m - k["tanh"])), abs=1e-10)
    slope = load / 2 / temperature * xi.deriv(2)(q) * (k["tanh_squared"] - q)
    assert by_q == pytest.approx(float(slope), abs=1e-10)
    assert abs(by_m) > 1e-3
    assert abs(by_q) > 1e-5


def test_retrieval_states_are_stationary_points_of_the_free_energy(model):
    p, xi = model.p, printed(model)
    for load, temperature in cells_of(model):
        found = point(model, load, temperature)
        m, q = found["overlap"], found["self_overlap"]
        here = load, temperature
        assert reference.free_energy(p, xi, m, q, *here) == pytest.approx(
            found["free_energy"], abs=1e-14
        )
        h = 2e-4 * (1 - q) ** 0.5
        gradient = [
            five_points(lambda d, m=m, q=q, a=here: reference.free_energy(p, xi, m + d, q, *a), h),
            five_points(lambda d, m=m, q=q, a=here: reference.free_energy(p, xi, m, q + d, *a), h),
        ]
        np.testing.assert_allclose(gradient, 0.0, atol=1e-9)


def test_retrieval_states_obey_the_printed_equations(model):
    for load, temperature in cells_of(model):
        found = point(model, load, temperature)
        exact = reference.textbook(
            model.p, printed(model), load, temperature, found["overlap"], found["noise"]
        )
        for name in NAMES:
            tolerance = 1e-12 * max(1.0, abs(float(exact[name])))
            assert found[name] == pytest.approx(float(exact[name]), abs=tolerance), name


@pytest.mark.parametrize(
    ("model", "phase", "load", "temperature"),
    [
        *[(hopfield.Dense(p), "retrieval", a, t) for p, a, t in [(3, 0.1, 0.3), (20, 3e-19, 0.1)]],
        *[
            (hopfield.Dense(p, self_interaction=True), phase, a, t)
            for p, phase, a, t in [
                (3, "retrieval", 0.06, 0.2),
                (3, "glass", 0.06, 0.1),
                (3, "paramagnet", 0.06, 0.3),
                (4, "glass", 0.01, 0.2),
                (4, "paramagnet", 0.01, 0.4),
                (5, "paramagnet", 1e-3, 0.2),
                (6, "retrieval", 1e-4, 0.1),
                (9, "paramagnet", 1e-7, 0.2),
            ]
        ],
        (hopfield.Dense(5), "paramagnet", 0.01, 0.4),
    ],
)
def test_thermodynamic_relations(model, phase, load, temperature):
    """Entropy s = -df/dT by five-point differences of solutions, u = f + T s, du/dT = T ds/dT."""
    h = 2e-3 * temperature
    here = point(model, load, temperature, phase)

    def slope(name):
        return five_points(lambda d: point(model, load, temperature + d, phase)[name], h)

    assert here["entropy"] == pytest.approx(-slope("free_energy"), abs=1e-9)
    assert here["energy"] == pytest.approx(
        here["free_energy"] + temperature * here["entropy"], abs=1e-14
    )
    assert slope("energy") == pytest.approx(temperature * slope("entropy"), abs=1e-9)


def test_states_without_overlap_obey_the_printed_equations():
    for p, full, load, temperature, phase in [
        (3, True, 0.08, 0.1, "glass"),
        (3, True, 0.08, 0.5, "paramagnet"),
        (4, True, 0.012, 0.15, "glass"),
        (7, True, 1e-5, 0.2, "paramagnet"),
    ]:
        model = hopfield.Dense(p, self_interaction=full)
        found = point(model, load, temperature, phase)
        exact = reference.textbook(p, printed(model), load, temperature, 0.0, found["noise"])
        assert found["self_overlap"] > 0.0
        for name in NAMES:
            assert found[name] == pytest.approx(float(exact[name]), abs=1e-12), (p, name)


@pytest.mark.parametrize("p", [3, 5, 6])
def test_paramagnet_without_self_interaction_is_trivial(p):
    model, temperature = hopfield.Dense(p), 0.7
    load = 0.1 / crosstalk(p, False).value(1.0).item()
    found = point(model, load, temperature, "paramagnet")
    assert found["self_overlap"] == found["noise"] == 0.0
    assert found["replicon"] == 1.0
    assert found["free_energy"] == pytest.approx(-0.7 * np.log(2) - 0.05 / 0.7, abs=1e-15)
    assert found["energy"] == pytest.approx(-0.1 / 0.7, abs=1e-15)
    assert found["entropy"] == pytest.approx(np.log(2) - 0.05 / 0.49, abs=1e-15)


def test_jacobian_by_finite_differences(model):
    xi = crosstalk(model.p, model.self_interaction)
    rng = np.random.default_rng(4)
    n, h = 100, 1e-6
    load = rng.uniform(0.01, 0.6, n) / xi.derivative(1.0)
    temperature = rng.uniform(0.02, 0.6, n)
    temperature[:10] = 0.0
    m, sigma = rng.uniform(0.7, 1.0, n), rng.uniform(0.2, 0.8, n)
    _, jacobian = dense_equations.residuals(xi, PATTERN, load, temperature, m, sigma)
    for k, (dm, ds) in enumerate([(h, 0.0), (0.0, h)]):
        ahead = dense_equations.residuals(xi, PATTERN, load, temperature, m + dm, sigma + ds)[0]
        behind = dense_equations.residuals(xi, PATTERN, load, temperature, m - dm, sigma - ds)[0]
        slope = (ahead - behind) / (2 * h)
        np.testing.assert_allclose(jacobian[:, :, k], slope, rtol=1e-6, atol=1e-7)
