"""What is derived from the free energies by machine, and the numerics written by hand."""

import subprocess
import sys

import numpy as np
import pytest
import sympy as sp

import hopfield
import theory
from theory import crosstalk, dense_equations, hopfield_equations
from theory.gaussian import moments
from theory.symbolic import (
    Average,
    FreeEnergy,
    LogAverage,
    Tilted,
    free_energy,
    log2cosh,
    zero_temperature,
)
from theory.symbolic import formulas as written
from theory.symbolic.averages import normal_form
from theory.symbolic.symbols import (
    BREAKPOINT,
    CONJUGATES,
    INVERSE_TEMPERATURE,
    LOAD,
    OVERLAP,
    SELF_OVERLAP,
    SELF_OVERLAPS,
    V,
    Z,
)

MODELS = [
    hopfield.Hopfield(),
    hopfield.Dense(2, self_interaction=True),
    hopfield.Dense(3),
    hopfield.Dense(3, self_interaction=True),
    hopfield.Dense(4, self_interaction=True),
    hopfield.Dense(7),
]
alpha, beta, m, q, x = LOAD, INVERSE_TEMPERATURE, OVERLAP, SELF_OVERLAP, BREAKPOINT
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
        load = hopfield_equations.load_at(temperature, overlap, noise)[0]
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
        return hopfield_equations.residuals(load, temperature, overlap, noise)
    xi = crosstalk.crosstalk(model.p, model.self_interaction)
    return dense_equations.residuals(xi, load, temperature, overlap, noise)


def observables_of(model, load, temperature, overlap, noise):
    values = load, temperature, overlap, noise
    if model.p == 2:
        return hopfield_equations.observables(*values, model.self_interaction)
    return dense_equations.observables(
        crosstalk.crosstalk(model.p, model.self_interaction), *values
    )


def test_saddle_point_of_pairs_is_that_of_the_textbook():
    f = free_energy(hopfield.Hopfield())
    (r,), ((a, meaning),) = f.conjugates, f.definitions
    h = m + sp.sqrt(alpha * r) * Z
    assert f.saddle_point_equations() == (
        sp.Eq(m, Average(sp.tanh(beta * h), Z)),
        sp.Eq(q, Average(sp.tanh(beta * h) ** 2, Z)),
        sp.Eq(r, q / a**2),
    )
    assert sp.expand(meaning - (1 - beta * (1 - q))) == 0
    u = alpha / 2 - m**2 / 2 - alpha / 2 * (1 / a + beta * q * (1 - q) / a**2)
    assert sp.simplify(f.energy() - u) == 0


def test_saddle_point_of_any_interaction_is_that_of_the_textbook():
    """For a symbol p and an unknown function ξ."""
    p, xi = sp.Symbol("p", positive=True), sp.Function("xi", real=True)
    f = written.dense_symmetric(p, xi)
    h = m ** (p - 1) + sp.sqrt(alpha * xi(q).diff(q)) * Z
    assert f.saddle_point_equations() == (
        sp.Eq(m, Average(sp.tanh(beta * h), Z)),
        sp.Eq(q, Average(sp.tanh(beta * h) ** 2, Z)),
    )
    assert sp.expand(f.energy() + m**p / p + alpha * beta * (xi(1) - xi(q))) == 0
    loss = alpha * beta**2 / 2 * (xi(1) - xi(q) - (1 - q) * xi(q).diff(q))
    heat = beta * m**p + alpha * beta**2 * xi(q).diff(q) * (1 - q)
    assert sp.expand(f.entropy() - Average(log2cosh(beta * h), Z) + heat + loss) == 0


def test_saddle_point_of_one_step_is_that_of_the_textbook():
    p, xi = sp.Symbol("p", positive=True), sp.Function("xi", real=True)
    pairs, dense = written.hopfield_one_step(0), written.dense_one_step(p, xi)
    (q0, q1), (r0, r1) = SELF_OVERLAPS, CONJUGATES
    for f in (pairs, dense):
        h = f.local_field
        weight = x * log2cosh(beta * h)
        mean = Tilted(sp.tanh(beta * h), weight, V)
        assert f.saddle_point_equations()[:3] == (
            sp.Eq(m, Average(mean, Z)),
            sp.Eq(q0, Average(mean**2, Z)),
            sp.Eq(q1, Average(Tilted(sp.tanh(beta * h) ** 2, weight, V), Z)),
        )
    a0, a1 = (letter for letter, _ in pairs.definitions)
    assert pairs.saddle_point_equations()[3] == sp.Eq(r0, q0 / a0**2)
    step = pairs.saddle_point_equations()[4]
    assert sp.simplify(step.lhs - step.rhs - (r1 - r0 - (q1 - q0) / (a0 * a1))) == 0
    theta = q1 * xi(q1).diff(q1) - xi(q1) - q0 * xi(q0).diff(q0) + xi(q0)
    weight = x * log2cosh(beta * dense.local_field)
    slope = Average(Tilted(weight / x, weight, V), Z) / x - Average(LogAverage(weight, V), Z) / x**2
    left = dense.saddle_point_equations()[3].lhs
    assert normal_form(left - slope + alpha * beta**2 / 2 * theta) == 0


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
    expected = symmetric.evaluate(**here, self_overlap=0.6, **({"r": 1.4} if pair else {}))
    for q1, r1, slope in [(0.6, 1.4, 0.3), (0.6, 1.4, 0.8), (0.75, 2.0, 1.0)]:
        values = here | {"self_overlap_0": 0.6, "self_overlap_1": q1, "breakpoint": slope}
        found = step.evaluate(**values, **({"r_0": 1.4, "r_1": r1} if pair else {}))
        assert found == pytest.approx(expected, abs=1e-12)


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


def test_zero_temperature_of_pairs_is_that_of_the_textbook():
    cold = zero_temperature(free_energy(hopfield.Hopfield()))
    r, c = sp.symbols("r C", positive=True)
    u = m / sp.sqrt(alpha * r)
    expected = [
        sp.erf(u / sp.sqrt(2)),
        sp.sqrt(2 / sp.pi) * sp.exp(-(u**2) / 2) / sp.sqrt(alpha * r),
        1 / (1 - c) ** 2,
    ]
    assert [e.lhs for e in cold.equations] == [m, c, r]
    for equation, right in zip(cold.equations, expected, strict=True):
        assert sp.simplify(equation.rhs - right) == 0
    s = -alpha / 2 * (sp.log(1 - c) + c / (1 - c))
    assert sp.simplify(cold.entropy - s) == 0


def test_zero_temperature_needs_replica_symmetry():
    with pytest.raises(hopfield.InputError, match="order parameters must be m and q"):
        zero_temperature(free_energy(hopfield.Hopfield(), "1rsb"))


@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("p", [3, 4, 5, 8, 13])
def test_crosstalk_is_that_of_the_numerics(p, full):
    s = sp.Symbol("s")
    derived = sp.Poly(written.crosstalk(p, full)(s), s).all_coeffs()[::-1]
    coefficients = crosstalk.crosstalk(p, full).coefficients
    np.testing.assert_allclose([float(c) for c in derived], coefficients, rtol=1e-14)


def test_a_model_is_its_free_energy():
    """The glass of Sherrington and Kirkpatrick, with a field along a pattern of strength J0."""
    j0 = sp.Symbol("J_0", positive=True)
    h = j0 * m + sp.sqrt(q) * Z
    f = FreeEnergy(
        j0 * m**2 / 2 - beta * (1 - q) ** 2 / 4 - Average(log2cosh(beta * h), Z) / beta, (m, q), h
    )
    assert f.saddle_point_equations() == (
        sp.Eq(m, Average(sp.tanh(beta * h), Z)),
        sp.Eq(q, Average(sp.tanh(beta * h) ** 2, Z)),
    )
    assert sp.expand(f.energy() + j0 * m**2 / 2 + beta / 2 * (1 - q**2)) == 0
    cold = zero_temperature(f)
    values = {m: 0, j0: 1, sp.Symbol("C", positive=True): sp.sqrt(2 / sp.pi)}
    assert cold.energy.subs(values) == -sp.sqrt(2 / sp.pi)
    assert sp.simplify(cold.entropy.subs(values) + 1 / (2 * sp.pi)) == 0


def test_integration_by_parts_of_polynomials():
    s = sp.Symbol("s")
    assert [normal_form(Average(Z**k, Z)) for k in range(7)] == [1, 0, 1, 0, 3, 0, 15]
    assert normal_form(Tilted(Z**2, s * Z, Z)) == s**2 + 1
    with_weight = normal_form(Tilted(Z, x * log2cosh(s * Z), Z))
    assert with_weight == s * x * Tilted(sp.tanh(s * Z), x * log2cosh(s * Z), Z)


def test_gaussian_variable_is_bound():
    average = Average(sp.tanh(m + Z), Z)
    assert average.free_symbols == {m}
    assert average.subs(Z, 1) == average
    assert average.diff(Z) == 0
    assert average.subs(m, 2) == Average(sp.tanh(2 + Z), Z)


def test_wrong_input_is_refused():
    f = free_energy(hopfield.Dense(3))
    with pytest.raises(hopfield.InputError, match=r"got none for beta, q$"):
        f.evaluate(load=0.1, overlap=1.0)
    with pytest.raises(hopfield.InputError, match="got 'noise'"):
        f.evaluate(load=0.1, overlap=1.0, self_overlap=1.0, temperature=0.1, noise=0.3)
    with pytest.raises(hopfield.InputError, match="ansatz"):
        free_energy(hopfield.Dense(3), "2rsb")
    with pytest.raises(hopfield.InputError, match=r"hopfield\.Dense"):
        free_energy("hopfield")
    wrong = FreeEnergy(f.expression + Average(log2cosh(m * Z), Z), (m, q), f.local_field)
    with pytest.raises(ValueError, match="2 equations for 3 unknowns"):
        wrong.saddle_point_equations()


def test_formulas_show_the_local_field():
    f = free_energy(hopfield.Hopfield(), "1rsb")
    equations = [f.latex(e) for e in f.saddle_point_equations()]
    assert equations[1] == (
        r"q_{0} = E_{z}\left[\left\langle \tanh{\left(\beta h \right)} \right\rangle^{2}\right]"
    )
    assert r"\ln E_{v} e^{x \ln\left(2\cosh \beta h\right)}" in f.latex()
    assert all("v" not in line for line in equations[:3])


def test_sympy_is_imported_only_here():
    code = "import sys, theory; assert 'sympy' not in sys.modules; import theory.symbolic"
    subprocess.run([sys.executable, "-c", code], check=True)
