"""Formulas that are derived by machine: textbook forms, integration by parts, what is refused."""

import subprocess
import sys

import pytest
import sympy as sp

import hopfield
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

alpha, beta, m, q, x = LOAD, INVERSE_TEMPERATURE, OVERLAP, SELF_OVERLAP, BREAKPOINT


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
    step = free_energy(hopfield.Dense(3), "1rsb")
    values = {"load": 0.1, "overlap": 1.0, "temperature": 0.1, "breakpoint": 0.5}
    with pytest.raises(hopfield.InputError, match="values must make the local field real"):
        step.evaluate(**values, self_overlap_0=0.5, self_overlap_1=0.4)
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
