"""What is derived from the free energies by machine, and the numerics written by hand."""

import numpy as np
import pytest
import sympy as sp

import hopfield
import theory
from theory import crosstalk
from theory.dense import equations as dense_equations
from theory.gaussian import moments
from theory.one_step import equations as one_step_equations
from theory.one_step.crosstalk import OneStep, interaction
from theory.pairs.crosstalk import STORAGE
from theory.pairs.equations import load_at
from theory.pairs.phases import HopfieldPhases
from theory.signal import PATTERN
from theory.symbolic import FreeEnergy, free_energy, zero_temperature
from theory.symbolic import formulas as written
from theory.symbolic.averages import normal_form
from theory.symbolic.symbols import INVERSE_TEMPERATURE, LOAD, OVERLAP, SELF_OVERLAP, Z

MODELS = [
    hopfield.Hopfield(),
    hopfield.Dense(2, self_interaction=True),
    hopfield.Dense(3),
    hopfield.Dense(3, self_interaction=True),
    hopfield.Dense(4, self_interaction=True),
    hopfield.Dense(7),
]
alpha, beta, m, q = LOAD, INVERSE_TEMPERATURE, OVERLAP, SELF_OVERLAP
sigma = sp.Symbol("sigma", positive=True)


def name_of(model):
    return f"p={model.p}" + (" full" if model.self_interaction else "")


@pytest.fixture(params=MODELS, ids=name_of)
def model(request):
    """Networks of 2 to 7 spins in an interaction, both energies."""
    return request.param


def slope_at_one(model):
    """Derivative of the crosstalk, the unit of loads; 1 for p = 2."""
    if model.p == 2:
        return 1.0
    return crosstalk.crosstalk(model.p, model.self_interaction).derivative(1.0).item()


def saddle_points(model, count=40):
    """Exact retrieval solutions (load, temperature, overlap, noise, q), most of them metastable."""
    rng = np.random.default_rng(7)
    u, t = rng.uniform(0.5, 4.0, count), rng.uniform(0.2, 3.0, count)
    k = moments(u, 1.0, t)
    overlap, q = k.tanh, k.tanh_squared
    noise = overlap ** (model.p - 1) / u
    temperature = t * noise
    if model.p == 2:
        load = load_at(STORAGE, PATTERN, temperature, overlap, noise)[0]
        good = (1.0 - q) / temperature < 0.95
    else:
        xi = crosstalk.crosstalk(model.p, model.self_interaction)
        load = dense_equations.load_at(xi, q, noise)
        good = np.ones(count, dtype=bool)
    assert good.sum() > count / 4
    return [values[good] for values in (load, temperature, overlap, noise, q)]


def named(model, load, temperature, overlap, noise, q):
    values = {
        "load": load, "temperature": temperature, "overlap": overlap, "self_overlap": q,
    }  # fmt: skip
    return values | ({"r": noise**2 / load} if model.p == 2 else {})


def off_shell(model, ansatz):
    """A point that is no saddle point, in the letters of the free energy."""
    values = {"alpha": 0.3 / slope_at_one(model), "m": 0.8, "temperature": 0.7}
    if ansatz == "rs":
        return values | {"q": 0.6} | ({"r": 1.4} if model.p == 2 else {})
    values |= {"q_0": 0.5, "q_1": 0.65, "x": 0.45}
    return values | ({"r_0": 0.9, "r_1": 1.6} if model.p == 2 else {})


def five_points(function, h):
    """Derivative at zero."""
    f = [function(k * h) for k in (-2, -1, 1, 2)]
    return (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h)


def residuals_of(model, load, temperature, overlap, noise):
    if model.p == 2:
        return HopfieldPhases().residuals(load, temperature, overlap, noise)
    xi = crosstalk.crosstalk(model.p, model.self_interaction)
    return dense_equations.residuals(xi, PATTERN, load, temperature, overlap, noise)


def observables_of(model, load, temperature, overlap, noise):
    values = load, temperature, overlap, noise
    if model.p == 2:
        return HopfieldPhases(model.self_interaction).observables(*values)
    xi = crosstalk.crosstalk(model.p, model.self_interaction)
    return dense_equations.observables(xi, PATTERN, *values)


@pytest.mark.parametrize("ansatz", ["rs", "1rsb"])
def test_gradient_is_that_of_the_free_energy(model, ansatz):
    """Integration by parts against finite differences, away from the saddle point."""
    f, here = free_energy(model, ansatz), off_shell(model, ansatz)
    for s, derivative in f.gradient().items():
        expected = five_points(lambda d, s=s: f.evaluate(**here | {s.name: here[s.name] + d}), 1e-3)
        found = f.evaluate(derivative, **here)
        assert found == pytest.approx(expected, abs=1e-8)
        assert abs(found) > 1e-5


@pytest.mark.parametrize("ansatz", ["rs", "1rsb"])
def test_energy_and_entropy_are_derivatives_by_temperature(model, ansatz):
    f, here = free_energy(model, ansatz), off_shell(model, ansatz)
    at = lambda d: here | {"temperature": here["temperature"] + d}  # noqa: E731
    s = f.evaluate(beta**2 * f.derivative(f.expression, beta), **here)
    assert s == pytest.approx(-five_points(lambda d: f.evaluate(**at(d)), 1e-3), abs=1e-9)
    u = f.evaluate(f.derivative(beta * f.expression, beta), **here)
    assert u == pytest.approx(f.evaluate(**here) + here["temperature"] * s, abs=1e-12)


def test_residuals_written_by_hand_are_the_derived_equations(model):
    """Values and Jacobian at random points, of which none is a saddle point."""
    rng = np.random.default_rng(3)
    n = 50
    load = rng.uniform(0.02, 0.5, n) / slope_at_one(model)
    temperature, overlap = rng.uniform(0.4, 1.5, n), rng.uniform(0.2, 1.0, n)
    noise = rng.uniform(0.1, 1.0, n)
    values, jacobian = residuals_of(model, load, temperature, overlap, noise)

    f = free_energy(model)
    equations = {e.lhs: e.rhs for e in f.saddle_point_equations()}
    in_noise = {f.local_field: m ** (model.p - 1) + sigma * Z}
    mean, square = (equations[s].xreplace(in_noise) for s in (m, q))
    width = f.local_field.diff(Z).subs({r: equations[r] for r in f.conjugates})
    response = beta * (1 - q)
    second = (sigma - width) * (1 - response if model.p == 2 else 1)
    derived = [m - mean, f.explicit(second).subs(q, square)]
    here = {"load": load, "temperature": temperature, "overlap": overlap}
    for i, expression in enumerate(derived):
        for k, target in [(None, values[:, i]), *enumerate(jacobian[:, i].T)]:
            what = expression if k is None else expression.diff((m, sigma)[k])
            found = evaluate_at(what, here, noise)
            np.testing.assert_allclose(found, target, rtol=1e-10, atol=1e-10)
    assert np.abs(values).min() > 1e-5


def evaluate_at(expression, here, noise):
    """Value of an expression in m, α, β and σ."""
    return FreeEnergy(expression, (m,), m).evaluate(**here, sigma=noise)


def test_states_written_by_hand_are_saddle_points_with_the_derived_thermodynamics(model):
    point = saddle_points(model)
    f, here = free_energy(model), named(model, *point)
    for equation in f.saddle_point_equations():
        residual = f.evaluate(equation.lhs - equation.rhs, **here)
        scale = np.maximum(1.0, np.abs(f.evaluate(equation.rhs, **here)))
        np.testing.assert_allclose(residual / scale, 0.0, atol=1e-10)
    exact = observables_of(model, *point[:4])
    scale = 1.0 + point[0] * slope_at_one(model) / point[1]
    for name, expression in [
        ("free_energy", f.expression), ("energy", f.energy()), ("entropy", f.entropy())
    ]:  # fmt: skip
        found = f.evaluate(expression, **here)
        np.testing.assert_allclose((found - exact[name]) / scale, 0.0, atol=1e-10)
    normal_form_of_f = f.evaluate(normal_form(f.expression), **here)
    np.testing.assert_allclose(normal_form_of_f, f.evaluate(**here), rtol=1e-12)


def test_another_free_energy_has_other_equations():
    """The comparison above fails for a crosstalk that is wrong by a tenth."""
    model = hopfield.Dense(3)
    here = named(model, *saddle_points(model))
    right = written.crosstalk(3, False)
    wrong = written.dense_symmetric(sp.Integer(3), lambda s: 1.1 * right(s))
    residuals = [wrong.evaluate(e.lhs - e.rhs, **here) for e in wrong.saddle_point_equations()]
    assert np.abs(residuals).max() > 1e-3
    exact = observables_of(model, here["load"], here["temperature"], *saddle_points(model)[2:4])
    assert np.abs(wrong.evaluate(wrong.energy(), **here) - exact["energy"]).min() > 1e-6


def test_one_step_without_a_step_is_replica_symmetric(model):
    """At q0 = q1 for any breakpoint, and at x = 1 for any q1."""
    symmetric, step = free_energy(model), free_energy(model, "1rsb")
    here = {"load": 0.3 / slope_at_one(model), "temperature": 0.7, "overlap": 0.8}
    pair = model.p == 2
    expected = symmetric.evaluate(**here, self_overlap=0.625, **({"r": 1.4} if pair else {}))
    for q1, r1, slope in [(0.625, 1.4, 0.3), (0.625, 1.4, 0.8), (0.75, 2.0, 1.0)]:
        values = here | {"self_overlap_0": 0.625, "self_overlap_1": q1, "breakpoint": slope}
        found = step.evaluate(**values, **({"r_0": 1.4, "r_1": r1} if pair else {}))
        assert found == pytest.approx(expected, abs=1e-12)


def of_one_step(model, state):
    """Values of all letters at a state of one step."""
    values = {
        "load": state.load, "temperature": state.temperature, "overlap": state.effective_overlap,
        "self_overlap_0": state.outer, "self_overlap_1": state.inner,
        "breakpoint": state.slope * state.temperature,
    }  # fmt: skip
    if model.p == 2:
        part = interaction(model).contribution(state)
        sums = np.cumsum([part.outer_variance, part.inner_variance]) / state.load
        values |= {"r_0": sums[0], "r_1": sums[1]}
    return values


def test_one_step_written_by_hand_is_the_derived_one_off_the_saddle_point(model):
    """Free energy, its derivative by the breakpoint, and the equations of m, q0, q1, r0, r1."""
    rng = np.random.default_rng(11)
    f, unit, by_hand = free_energy(model, "1rsb"), slope_at_one(model), interaction(model)
    of_m, of_q0, of_q1, *closed = (f.saddle_point_equations())[: -len(f.breakpoints)]
    (x,) = f.breakpoints
    for _ in range(4):
        load, temperature = rng.uniform(0.05, 0.4) / unit, rng.uniform(0.3, 0.8)
        m1, step, slope = rng.uniform(0.3, 0.95), rng.uniform(0.02, 0.3), rng.uniform(0.2, 0.8)
        response = rng.uniform(0.1, 0.5)
        state = OneStep(load, temperature, m1, step, response, slope)
        values, exact = of_one_step(model, state), one_step_equations.observables(by_hand, state)
        assert f.evaluate(**values) == pytest.approx(exact["free_energy"], abs=1e-12)
        by_slope = slope**2 * temperature * f.evaluate(f.gradient()[x], **values)
        assert by_slope == pytest.approx(exact["complexity"], abs=1e-12)
        tanh, q0, q1 = (f.evaluate(equation.rhs, **values) for equation in (of_m, of_q0, of_q1))
        expected = [m1 - tanh, (1 - q1) / state.defect - 1, (q1 - q0) / step - 1]
        found = one_step_equations.residuals(by_hand, state)[:3]
        np.testing.assert_allclose(found, expected, rtol=1e-10, atol=1e-12)
        assert np.abs(found).min() > 1e-4
        for equation in closed:
            difference = f.evaluate(equation.lhs - equation.rhs, **values)
            assert difference == pytest.approx(0.0, abs=1e-10)


@pytest.mark.parametrize(
    ("model", "build", "start", "equations"),
    [
        (
            hopfield.Hopfield(),
            lambda y: OneStep(0.5, 0.9, 0.0, *y),
            (0.3, 0.5, 0.13),
            ("response", "step", "slope"),
        ),
        (
            hopfield.Dense(3),
            lambda y: OneStep(0.05, 0.1, 0.0, 1.0 - 0.1 * y[0], *y),
            (0.5, 5.0),
            ("response", "slope"),
        ),
        (
            hopfield.Dense(4, self_interaction=True),
            lambda y: OneStep(0.01, 0.1, 0.0, *y),
            (0.3, 1.0, 3.0),
            ("response", "step", "slope"),
        ),
    ],
    ids=["p=2", "p=3", "p=4 full"],
)
def test_glass_of_one_step_has_the_derived_thermodynamics(model, build, start, equations):
    found = one_step_equations.solve(interaction(model), build, start, equations)
    assert found.converged
    f, values = free_energy(model, "1rsb"), of_one_step(model, found.state)
    for equation in f.saddle_point_equations():
        assert f.evaluate(equation.lhs - equation.rhs, **values) == pytest.approx(0.0, abs=1e-10)
    exact = one_step_equations.observables(interaction(model), found.state)
    for name, expression in [
        ("free_energy", f.expression), ("energy", f.energy()), ("entropy", f.entropy())
    ]:  # fmt: skip
        assert f.evaluate(expression, **values) == pytest.approx(exact[name], abs=1e-10)


def test_zero_temperature_is_that_of_the_solver(model):
    load = 0.6 * theory.capacity(model)["load"].item()
    state = theory.solve(model, load, 0.0)
    overlap, noise = state.overlap.item(), state.noise.item()
    response = moments(overlap ** (model.p - 1), noise, 0.0).response.item()
    here = {alpha: load, m: overlap, sp.Symbol("C", positive=True): response}
    here[sp.Symbol("r", positive=True)] = noise**2 / load
    cold = zero_temperature(free_energy(model))
    for equation in cold.equations:
        left, right = (float(side.subs(here)) for side in equation.args)
        assert left == pytest.approx(right, rel=1e-10)
    assert float(cold.energy.subs(here)) == pytest.approx(state.energy.item(), abs=1e-12)
    assert float(cold.entropy.subs(here)) == pytest.approx(state.entropy.item(), rel=1e-9)
    assert response > 1e-4


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("p", [3, 4, 5, 8, 13])
def test_crosstalk_is_that_of_the_numerics(p, full):
    s = sp.Symbol("s")
    derived = sp.Poly(written.crosstalk(p, full)(s), s).all_coeffs()[::-1]
    coefficients = crosstalk.crosstalk(p, full).coefficients
    np.testing.assert_allclose([float(c) for c in derived], coefficients, rtol=1e-14)
