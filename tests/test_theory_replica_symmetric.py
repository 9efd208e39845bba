"""Phases of the Hopfield model against independent equations, derivatives and limits."""

import numpy as np
import pytest
from scipy.optimize import root
from test_theory_gaussian import fine_quadrature

import hopfield
import theory
from theory import branches
from theory.gaussian import moments, thermal_moments
from theory.pairs.crosstalk import STORAGE
from theory.pairs.equations import load_at
from theory.pairs.phases import HopfieldPhases
from theory.signal import PATTERN

MODEL = hopfield.Hopfield()
NAMES = ["overlap", "self_overlap", "noise", "free_energy", "energy", "entropy", "replicon"]


def point(load, temperature, phase="retrieval", model=MODEL):
    cell = theory.solve(model, load, temperature, phase=phase)
    assert cell.status.item() == "converged"
    return {name: cell[name].item() for name in NAMES}


def textbook(load, temperature, m, sigma):
    """The formulas as they are printed, with fine quadrature; needs T > 0 and α > 0."""
    a, t = np.longdouble(load), np.longdouble(temperature)
    k = fine_quadrature(m, sigma, temperature)
    q, c = k["tanh_squared"], k["response"]
    beta, r = 1 / t, sigma**2 / a
    return {
        "overlap": k["tanh"],
        "self_overlap": q,
        "noise": np.sqrt(a * q) / (1 - c),
        "free_energy": a / 2 + m**2 / 2 + a * t / 2 * np.log(1 - c) - a / 2 * q / (1 - c)
        + a * beta / 2 * r * (t * c) - k["log_cosh"],
        "energy": -(m**2) / 2 + a / 2 * (1 - 1 / (1 - c) - q * c / (1 - c) ** 2),
        "entropy": k["entropy"] - a / 2 * (np.log(1 - c) + c / (1 - c)),
        "replicon": 1 - a * t * k["sech_fourth"] / (t - t * c) ** 2,
    }  # fmt: skip


def independent_solution(load, temperature, start):
    """Powell's hybrid method on the textbook equations, its Jacobian by finite differences."""

    def equations(x):
        k = fine_quadrature(x[0], abs(x[1]), temperature)
        gap = 1 - k["response"]
        return [
            float(x[0] - k["tanh"]),
            float(abs(x[1]) * gap - np.sqrt(load * k["tanh_squared"])),
        ]

    return root(equations, start, tol=1e-14).x  # stops where rounding stops it


def random_cells(phase, count, seed):
    """Cells of the 200 x 200 grid, a third of them among the ten lowest temperatures."""
    load, temperature = np.linspace(0.0, 0.15, 200), np.linspace(1e-3, 1.0, 200)
    grid = theory.solve(MODEL, load, temperature, phase=phase)
    rng = np.random.default_rng(seed)
    found = np.argwhere(grid.status.values == "converged")
    found = found[found[:, 0] > 0]
    cold = found[found[:, 1] < 10]
    chosen = [*rng.permutation(cold)[: count // 3], *rng.permutation(found)[: count - count // 3]]
    return grid, [(int(i), int(j)) for i, j in chosen]


@pytest.mark.parametrize("phase", ["retrieval", "glass"])
def test_random_cells_of_a_grid_satisfy_the_textbook_equations(phase):
    grid, cells = random_cells(phase, 45, seed=1)
    assert not (grid.status == "not converged").any()
    for i, j in cells:
        cell = grid.isel(load=i, temperature=j)
        load, temperature = float(grid["load"][i]), float(grid.temperature[j])
        exact = textbook(load, temperature, cell.overlap.item(), cell.noise.item())
        for name in NAMES:
            error = abs(cell[name].item() - float(exact[name]))
            assert error <= 1e-11 * max(1.0, abs(float(exact[name]))), (load, temperature, name)


def test_random_cells_of_a_grid_agree_with_an_independent_solver():
    grid, cells = random_cells("retrieval", 24, seed=2)
    largest = theory.capacity(MODEL, grid.temperature.values)["load"].values
    compared = 0
    for i, j in cells:
        cell = grid.isel(load=i, temperature=j)
        load, temperature = float(grid["load"][i]), float(grid.temperature[j])
        if load > 0.99 * largest[j]:
            continue  # the end of the phase has a test of its own
        start = [cell.overlap.item() * 1.001, cell.noise.item() * 0.98]
        m, sigma = independent_solution(load, temperature, start)
        assert abs(m - cell.overlap.item()) < 1e-10
        assert abs(sigma - cell.noise.item()) < 1e-10
        compared += 1
    assert compared >= 15


def test_solution_does_not_depend_on_the_guess():
    """From m = 1, σ = sqrt(α), without knowing the answer."""
    for load, temperature in [(0.1, 1e-3), (0.05, 0.2), (0.02, 0.5), (0.001, 0.8)]:
        m, sigma = independent_solution(load, temperature, [1.0, np.sqrt(load)])
        found = point(load, temperature)
        assert abs(m - found["overlap"]) < 1e-10
        assert abs(sigma - found["noise"]) < 1e-10


@pytest.mark.parametrize("temperature", [0.0, 1e-3, 0.02, 0.3, 0.9])
def test_square_root_at_the_end_of_the_phase(temperature):
    """Overlap m - m_c ~ sqrt(α_c - α), with one amplitude from 1e-6 down to 1e-10 below α_c."""
    end = theory.capacity(MODEL, temperature)
    distance = np.array([1e-6, 1e-8, 1e-10])
    cells = theory.solve(MODEL, end["load"].item() * (1.0 - distance), temperature)
    assert (cells.status == "converged").all()
    amplitude = (cells.overlap.values - end.overlap.item()) / np.sqrt(distance)
    assert amplitude.min() > 0.05
    np.testing.assert_allclose(amplitude, amplitude[0], rtol=2e-3)


def test_jacobian_by_finite_differences():
    rng = np.random.default_rng(4)
    n, h = 200, 1e-6
    load, temperature = rng.uniform(0.0, 0.3, n), rng.uniform(0.0, 1.2, n)
    temperature[:20] = 0.0
    m, sigma = rng.uniform(0.1, 1.0, n), rng.uniform(0.1, 0.8, n)
    _, jacobian = HopfieldPhases().residuals(load, temperature, m, sigma)
    for k, (dm, ds) in enumerate([(h, 0.0), (0.0, h)]):
        ahead = HopfieldPhases().residuals(load, temperature, m + dm, sigma + ds)[0]
        behind = HopfieldPhases().residuals(load, temperature, m - dm, sigma - ds)[0]
        slope = (ahead - behind) / (2 * h)
        np.testing.assert_allclose(jacobian[:, :, k], slope, rtol=1e-6, atol=1e-8)


def test_determinant_is_that_of_the_jacobian():
    rng = np.random.default_rng(5)
    temperature, m = rng.uniform(0.0, 0.9, 50), rng.uniform(0.3, 1.0, 50)
    sigma = m * rng.uniform(0.1, 0.4, 50)
    load, determinant = load_at(STORAGE, PATTERN, temperature, m, sigma)
    values, jacobian = HopfieldPhases().residuals(np.abs(load), temperature, m, sigma)
    gap = 1.0 - moments(m, sigma, temperature).response
    solved = gap > 0.0  # elsewhere F_2 has another sign of the square root
    assert solved.sum() > 30
    np.testing.assert_allclose(values[solved, 1], 0.0, atol=1e-14)
    np.testing.assert_allclose(determinant[solved], np.linalg.det(jacobian[solved]), rtol=1e-10)


def off_shell(m, q, r, load, temperature):
    """Free energy as a function of independent order parameters."""
    sigma = np.sqrt(load * r)
    c = (1.0 - q) / temperature
    log_cosh = float(thermal_moments(m, sigma, temperature).log_cosh)
    return (
        load / 2 + m**2 / 2 + load * temperature / 2 * np.log(1 - c) - load / 2 * q / (1 - c)
        + load / temperature / 2 * r * (1 - q) - log_cosh
    )  # fmt: skip


def off_shell_gradient(at, load, temperature):
    """Five-point differences by m, q and r."""
    h, gradient = 3e-4, []
    for step in h * np.eye(3):
        f = [off_shell(*(at + k * step), load, temperature) for k in (-2, -1, 1, 2)]
        gradient.append((f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h))
    return gradient


def test_gradient_of_the_free_energy_gives_the_saddle_point_equations():
    load, temperature = 0.07, 0.6
    m, q, r = at = np.array([0.8, 0.85, 1.3])
    k = moments(m, np.sqrt(load * r), temperature)
    gap = 1.0 - (1.0 - q) / temperature
    expected = [
        m - k.tanh,
        load / temperature / 2 * (q / gap**2 - r),
        load / temperature / 2 * (k.tanh_squared - q),
    ]
    np.testing.assert_allclose(off_shell_gradient(at, load, temperature), expected, atol=2e-10)


@pytest.mark.parametrize(
    ("load", "temperature", "phase"),
    [(0.1, 0.15, "retrieval"), (0.03, 0.5, "retrieval"), (0.1, 0.4, "glass"), (2.0, 1.5, "glass")],
)
def test_solutions_are_stationary_points_of_the_free_energy(load, temperature, phase):
    found = point(load, temperature, phase)
    at = np.array([found["overlap"], found["self_overlap"], found["noise"] ** 2 / load])
    value = off_shell(*at, load, temperature)
    assert found["free_energy"] == pytest.approx(value, abs=1e-14)
    np.testing.assert_allclose(off_shell_gradient(at, load, temperature), 0.0, atol=2e-9)


@pytest.mark.parametrize("model", [MODEL, hopfield.Dense(2, self_interaction=True)])
@pytest.mark.parametrize(
    ("phase", "load", "temperature"),
    [
        ("retrieval", 0.0, 0.5),
        ("retrieval", 0.05, 0.02),
        ("retrieval", 0.03, 0.5),
        ("glass", 0.0, 0.5),
        ("glass", 0.1, 0.1),
        ("glass", 1.0, 1.9),
        ("paramagnet", 0.1, 1.6),
    ],
)
def test_thermodynamic_relations(model, phase, load, temperature):
    """Entropy s = -df/dT by five-point differences of solutions, u = f + T s, du/dT = T ds/dT."""
    h = 2e-3 * temperature
    around = [point(load, temperature + k * h, phase, model) for k in (-2, -1, 1, 2)]
    here = point(load, temperature, phase, model)

    def slope(name):
        f = [cell[name] for cell in around]
        return (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h)

    assert here["entropy"] == pytest.approx(-slope("free_energy"), abs=1e-9)
    assert here["energy"] == pytest.approx(
        here["free_energy"] + temperature * here["entropy"], abs=1e-14
    )
    assert slope("energy") == pytest.approx(temperature * slope("entropy"), abs=1e-9)


def test_bracketed_search_agrees_with_newton():
    """The fallback of the retrieval solver gives what Newton gives."""
    phases = HopfieldPhases()
    along = phases.branch(np.array([0.0, 1e-3, 0.2, 0.6]))
    rows = np.repeat(np.arange(4), 3)
    load = along.end.load[rows] * np.tile([0.01, 0.6, 0.99], 4)
    state = phases.retrieval(along, rows, load)
    m, sigma = phases.search(along, rows, load)
    np.testing.assert_allclose(m, state.overlap, atol=1e-12)
    np.testing.assert_allclose(sigma, state.noise, atol=1e-12)


def test_a_failed_search_falls_back():
    """Guesses from a useless table: Newton may fail, the answer does not."""
    phases = HopfieldPhases()
    good = phases.branch(np.array([0.05, 0.5]))
    useless = branches.Branch(
        good.temperature, good.end, good.angle, 0.01 * good.effective_overlap, 40.0 * good.ratio
    )
    rows = np.array([0, 0, 1, 1])
    load = np.array([0.02, 0.137, 0.01, 0.05])
    expected = phases.retrieval(good, rows, load)
    state = phases.retrieval(useless, rows, load)
    assert (state.status == "converged").all()
    np.testing.assert_allclose(state.overlap, expected.overlap, atol=1e-10)


def test_a_cell_that_fails_is_marked(monkeypatch):
    """With every solver cut short the status says so and no number is given."""
    phases = HopfieldPhases()
    along = phases.branch(np.array([0.2]))
    monkeypatch.setattr(
        branches, "_solve", lambda t, b, row, a: (a * 0 + 1, a, a, np.zeros(a.size, dtype=bool))
    )
    state = phases.retrieval(along, np.array([0]), np.array([0.05]))
    assert state.status.tolist() == ["not converged"]
    assert np.isnan(state.overlap).all()
    assert np.isnan(state.free_energy).all()


def test_an_end_that_was_not_found_is_no_absence():
    phases = HopfieldPhases()
    found = phases.branch(np.array([0.2]))
    lost = branches.Spinodal(*np.full((5, 1), np.nan))
    along = branches.Branch(
        found.temperature, lost, found.angle, found.effective_overlap, found.ratio
    )
    state = phases.retrieval(along, np.array([0]), np.array([0.05]))
    assert state.status.tolist() == ["not converged"]
