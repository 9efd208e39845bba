"""Retrieval with pair interactions: equations, capacity, limits.

From noisy examples, and of patterns with blank entries.
"""

import numpy as np
import pytest
from pair_reference import Case, name_of
from scipy.optimize import minimize_scalar, root
from scipy.special import erf

import hopfield
import theory
from theory.pairs.branch import load_along
from theory.pairs.phases import HopfieldPhases

CASES = [
    Case(rho, examples, teacher)
    for rho, examples in [(0.02, 10), (0.3, 2), (1.0, 3), (1.0, 30), (0.2, 5000), (20.0, 5000)]
    for teacher in (True, False)
]
DILUTED = [
    Case(0.0, 1, dilution=0.01),
    Case(0.0, 1, dilution=0.3),
    Case(0.0, 1, dilution=0.6),
    Case(0.3, 2, dilution=0.2),
    Case(0.2, 15, False, dilution=0.4),
    Case(0.2, 5000, dilution=0.3),
    Case(0.3, 5000, False, dilution=0.1),
]
ZERO = np.array([0.0])


def retrieve(case, load, temperature):
    """Retrieval states at pairs of a load and a temperature."""
    load, temperature = np.broadcast_arrays(np.atleast_1d(load), np.atleast_1d(temperature))
    unique, rows = np.unique(temperature, return_inverse=True)
    along = case.phases.branch(unique)
    return case.phases.retrieval(along, rows, load.astype(float))


def capacity(case, temperature=0.0):
    return case.phases.spinodal(np.array([temperature])).load.item()


@pytest.mark.parametrize("teacher", [True, False])
@pytest.mark.parametrize("examples", [1, 2, 3, 10, 100, 1000, 5000, 10**6])
@pytest.mark.parametrize("rho", [0.001, 0.1, 1.0, 10.0])
def test_capacity_at_zero_temperature(rho, examples, teacher):
    """The largest of the maxima of the closed form, from a scan without derivatives."""
    case = Case(rho, examples, teacher)
    y = np.geomspace(0.02, 500.0, 4001)
    best = int(np.argmax(case.frozen_load(y)))
    found = minimize_scalar(
        lambda log_y: -float(case.frozen_load(np.array([np.exp(log_y)])).item()),
        bracket=np.log(y[[best - 1, best, best + 1]]),
        tol=1e-9,
    )
    end = case.phases.spinodal(ZERO)
    assert end.load.item() == pytest.approx(-found.fun, abs=1e-10)
    assert end.load.item() == pytest.approx(-found.fun, rel=1e-7)
    n, m, _ = case.frozen(np.array([np.exp(found.x)]))
    assert end.effective_overlap.item() == pytest.approx(n.item(), abs=1e-5)
    assert end.overlap.item() == pytest.approx(m.item(), abs=1e-5)


@pytest.mark.parametrize("temperature", [0.0, 0.003, 0.05, 0.3, 0.9])
@pytest.mark.parametrize(
    "case", [*CASES, *DILUTED, Case(1.0, 31), Case(3.0, 7, False), Case(30.0, 5)], ids=name_of
)
def test_capacity_is_the_largest_load_along_the_branch(case, temperature):
    """At every temperature; where the load has several maxima, of the largest."""
    p = case.phases
    v = np.geomspace(1e-3, 8.0, 3001)
    t = np.full(v.size, temperature * p.melting_temperature)
    load = load_along(p.crosstalk, p.signal, v, t)[1]
    best = int(np.argmax(load))
    fine = np.linspace(v[best - 1], v[best + 1], 401)
    largest = load_along(p.crosstalk, p.signal, fine, t[:401])[1].max()
    assert capacity(case, t[0]) == pytest.approx(largest, rel=1e-8)
    assert capacity(case, t[0]) >= largest * (1 - 1e-12)


@pytest.mark.parametrize(
    "case", [*CASES, *DILUTED, Case(1.0, 31), Case(3.0, 7, False)], ids=name_of
)
def test_retrieval_is_the_solution_of_the_largest_overlap(case):
    """Of all ratios σ/n with the given load the smallest, from a dense table of the branch."""
    p = case.phases
    v = np.geomspace(1e-4, 8.0, 4001)
    for temperature in (0.0, 0.01, 0.3):
        n, load, _ = load_along(p.crosstalk, p.signal, v, np.full(v.size, temperature))
        wanted = load.max() * np.array([0.02, 0.3, 0.7, 0.95])
        first = [np.flatnonzero(load >= a)[0] for a in wanted]
        state = retrieve(case, wanted, temperature)
        assert (state.status == "converged").all()
        assert state.residual.max() < 1e-12
        for i, found in zip(first, state.effective_overlap, strict=True):
            low = n[i] - 1e-9
            assert low <= found <= n[max(i - 1, 0)] + 1e-9


@pytest.mark.parametrize("case", [*CASES, *DILUTED], ids=name_of)
def test_retrieval_agrees_with_an_independent_solver(case):
    """Powell's method on the printed equations, from another start."""
    for warmth, share in [(0.1, 0.5), (0.4, 0.8), (0.8, 0.3)]:
        temperature = warmth * case.phases.melting_temperature
        load = share * capacity(case, temperature)
        found = retrieve(case, load, temperature)

        def equations(x, load=load, temperature=temperature):
            n, sigma = x[0], abs(x[1])
            k = case.averages(n, sigma, temperature)
            q = k["self_overlap"]
            variance = load * q * case.crosstalk((1 - q) / temperature)
            return [k["effective_overlap"] - n, np.sqrt(variance) - sigma]

        start = [1.0003 * found.effective_overlap.item(), 0.999 * found.noise.item()]
        n, sigma = root(equations, start, tol=1e-14).x
        assert np.abs(equations([n, sigma])).max() < 1e-13
        k = case.averages(n, sigma, temperature)
        assert found.effective_overlap.item() == pytest.approx(n, abs=1e-9)
        assert found.noise.item() == pytest.approx(sigma, abs=1e-9)
        assert found.overlap.item() == pytest.approx(k["overlap"], abs=1e-9)
        assert found.self_overlap.item() == pytest.approx(k["self_overlap"], abs=1e-9)
        replicon = 1 - sigma**2 / k["self_overlap"] * k["sech_fourth"] / temperature**2
        assert found.replicon.item() == pytest.approx(replicon, abs=1e-8)


@pytest.mark.parametrize("case", [*CASES, *DILUTED], ids=name_of)
def test_gradient_of_the_free_energy_gives_the_equations(case):
    load, temperature, n, q, r = 0.07, 0.9, 0.7, 0.55, 1.3
    k = case.averages(n, np.sqrt(load * r), temperature)
    c = (1 - q) / temperature
    expected = [
        n - k["effective_overlap"],
        load / temperature / 2 * (q * case.crosstalk(c) - r),
        load / temperature / 2 * (k["self_overlap"] - q),
    ]
    found = case.gradient([n, q, r], load, temperature, [3e-4] * 3)
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("case", [*CASES, *DILUTED], ids=name_of)
def test_solutions_are_stationary_points_of_the_free_energy(case):
    for warmth, share in [(0.15, 0.5), (0.6, 0.8)]:
        temperature = warmth * case.phases.melting_temperature
        load = share * capacity(case, temperature)
        glass = case.phases.glass(np.array([load]), np.array([temperature]))
        for state in (retrieve(case, load, temperature), glass):
            q, n = state.self_overlap.item(), state.effective_overlap.item()
            at = n, q, state.noise.item() ** 2 / load
            value = case.off_shell(*at, load, temperature)
            assert state.free_energy.item() == pytest.approx(value, abs=1e-12)
            gap = 1 / case.modes[0][0] - (1 - q) / temperature
            scale = np.array([0.1, temperature * gap, at[2]])  # on which f varies by about α
            slope = scale * case.gradient(at, load, temperature, 1e-3 * scale)
            assert np.abs(slope).max() < 3e-12 + 1e-6 * load
            moved = np.array(at) + 0.05 * scale
            slope = scale * case.gradient(moved, load, temperature, 1e-3 * scale)
            assert np.abs(slope).min() > 10 * (3e-12 + 1e-6 * load)


@pytest.mark.parametrize("case", [*CASES, *DILUTED], ids=name_of)
def test_thermodynamic_relations(case):
    """Entropy s = -df/dT by five-point differences of solutions, and u = f + T s."""
    temperature = 0.3
    h = 2e-3 * temperature
    load = np.array([0.6 * capacity(case, temperature + 3 * h)])
    hot = 1.3 * case.phases.glass_temperature(load).item()
    for phase, t in [("retrieval", temperature), ("glass", temperature), ("paramagnet", hot)]:
        temps = t + h * np.array([-2, -1, 0, 1, 2])
        loads = np.repeat(load, 5)
        solve = {"glass": case.phases.glass, "paramagnet": case.phases.paramagnet}
        state = retrieve(case, loads, temps) if phase == "retrieval" else solve[phase](loads, temps)
        f = state.free_energy
        slope = (f[0] - 8 * f[1] + 8 * f[3] - f[4]) / (12 * h)
        assert state.entropy[2] == pytest.approx(-slope, abs=1e-9)
        u = f[2] + t * state.entropy[2]
        assert state.energy[2] == pytest.approx(u, abs=1e-12)


@pytest.mark.parametrize("case", [*CASES, *DILUTED], ids=name_of)
def test_zero_temperature(case):
    """The closed forms, and the limit of low temperatures."""
    load = 0.7 * capacity(case)
    state = retrieve(case, load, 0.0)
    n, sigma = state.effective_overlap.item(), state.noise.item()
    expected_n, m, peak = (x.item() for x in case.frozen(np.array([n / sigma])))
    c = peak / sigma
    assert n == pytest.approx(expected_n, abs=1e-12)
    assert state.overlap.item() == pytest.approx(m, abs=1e-12)
    assert sigma**2 == pytest.approx(load * case.crosstalk(c), rel=1e-9)
    modes = sum(g * lam * (1 - (1 - lam * c) ** -2) for lam, g in case.modes)
    assert state.energy.item() == pytest.approx(-(n**2) / 2 + load / 2 * modes, abs=1e-12)
    assert state.free_energy.item() == pytest.approx(state.energy.item(), abs=1e-13)
    assert state.replicon.item() == -np.inf
    cold = [retrieve(case, load, t).effective_overlap.item() for t in (1e-4, 1e-6, 1e-8)]
    errors = np.abs(np.array(cold) - n)  # linear in T, if there is a density of fields at 0
    assert errors[0] < 1e-3
    assert (errors[1:] < 0.02 * errors[:-1] + 1e-13).all()


def test_good_examples_give_the_hopfield_model():
    """The difference is of the first order in ρ, and the known number is there without noise."""
    plain = capacity(Case(0.0, 10))
    assert plain == pytest.approx(0.137905566, abs=5e-10)
    for teacher in (True, False):
        small, smaller = (capacity(Case(rho, 5000, teacher)) - plain for rho in (1e-7, 1e-8))
        assert small / smaller == pytest.approx(10.0, rel=0.02)
        assert abs(smaller) < 1e-6


def test_one_example_is_a_pattern():
    """With a single example teacher or not is the same, and only the archetype is further off."""
    quality = 0.6
    case = Case((1 - quality**2) / quality**2, 1, teacher=False)
    for temperature in (0.0, 0.2):
        end = case.phases.spinodal(np.array([temperature]))
        plain = HopfieldPhases().spinodal(np.array([temperature]))
        assert end.load.item() == plain.load.item()
        assert end.effective_overlap.item() == plain.overlap.item()
        assert end.overlap.item() == pytest.approx(quality * plain.overlap.item(), rel=1e-14)
    model = hopfield.Unsupervised(2, quality, 1)
    state = theory.solve(model, 0.05, 0.3)
    stored = theory.solve(hopfield.Hopfield(), 0.05, 0.3)
    assert state.overlap.item() == pytest.approx(quality * stored.overlap.item(), rel=1e-14)
    assert state.free_energy.item() == stored.free_energy.item()


def test_capacity_without_information():
    r"""Gaussian patterns alone are not retrieved: :math:`\alpha_c \to 8/(243\pi\rho^4)`."""
    ratio = [capacity(Case(rho, 10**6)) * rho**4 * 243 * np.pi / 8 for rho in (30, 100, 300)]
    assert 0.03 < 1 - ratio[0] < 0.2
    assert 1 - ratio[1] == pytest.approx((1 - ratio[0]) * 0.3, rel=0.1)
    assert 1 - ratio[2] == pytest.approx((1 - ratio[1]) / 3.0, rel=0.1)


@pytest.mark.parametrize("rho", [0.01, 0.5, 1.0, 20.0])
@pytest.mark.parametrize("teacher", [True, False])
def test_retrieval_without_load(rho, teacher):
    """Spins that follow the mean of the examples."""
    state = retrieve(Case(rho, 5000, teacher), 0.0, 0.0)
    m = erf(1 / np.sqrt(2 * rho))
    n = (m + np.sqrt(2 * rho / np.pi) * np.exp(-1 / (2 * rho))) / np.sqrt(1 + rho)
    assert state.overlap.item() == pytest.approx(m, abs=1e-13)
    assert state.effective_overlap.item() == pytest.approx(n, abs=1e-13)
    assert state.noise.item() == 0.0


def test_undecided_spins_freeze_without_load():
    """Two examples that differ leave it to the crosstalk: σ -> sqrt(2/π) P(x=0), and C -> 1."""
    case = Case(1.0, 2)  # they agree with probability 2/3
    states = retrieve(case, np.array([0.0, 1e-10, 1e-6]), 0.0)
    assert (states.status == "converged").all()
    y = states.effective_overlap[:1] / states.noise[:1]
    n, _, peak = case.frozen(y)
    assert states.effective_overlap[0] == pytest.approx(n.item(), abs=1e-12)
    assert peak.item() == pytest.approx(states.noise[0], abs=1e-12)
    assert states.noise[0] == pytest.approx(np.sqrt(2 / np.pi) / 3, rel=2e-3)
    assert 0 < states.noise[1] - states.noise[0] < 1e-4
    assert 1e-4 < states.noise[2] - states.noise[0] < 1e-2
    assert retrieve(case, 0.0, 0.5).noise.item() == 0.0
