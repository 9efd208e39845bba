"""Networks of p-body interactions that learn, against sums over the law of the examples."""

import math

import numpy as np
import pytest
from scipy.optimize import minimize_scalar, root
from scipy.special import erf
from scipy.stats import binom

import hopfield
import theory
import theory.signal as signals
from theory.crosstalk import interference
from theory.dense.phases import DensePhases
from theory.signal import PATTERN, signal_of

SUPERVISED, UNSUPERVISED = hopfield.Supervised, hopfield.Unsupervised
FEW = [SUPERVISED(3, 0.5, 2), SUPERVISED(4, 0.3, 5), UNSUPERVISED(3, 0.7, 4)]
MANY = [SUPERVISED(3, 0.1, 1500), UNSUPERVISED(4, 0.02, 2000), UNSUPERVISED(3, 0.4, 60)]
NAMES = ("overlap", "effective_overlap", "self_overlap")


def entropies(model):
    """ρ and ρ_p as they are defined."""
    return [
        (1 - model.quality ** (2 * k)) / (model.examples * model.quality ** (2 * k))
        for k in (1, model.p)
    ]


def crosstalk_factor(model):
    """V (p-1)! of the variance g = α V (p-1)! of the crosstalk at q = 1."""
    rho, rho_p = entropies(model)
    taught = isinstance(model, hopfield.Supervised)
    return math.factorial(model.p - 1) * (1.0 if taught else (1 + rho_p) / (1 + rho) ** model.p)


def law(model, nodes=241):
    """Entries x and their probabilities: binomial, or Gaussian on a grid beyond 1000 examples."""
    r, m = model.quality, model.examples
    if m <= 1000:
        k = np.arange(m + 1)
        x = (2 * k - m) / (m * np.sqrt(r**2 + (1 - r**2) / m))
        return x, binom.pmf(k, m, (1 + r) / 2)
    rho = entropies(model)[0]
    g = np.linspace(-9.5, 9.5, nodes)
    return (1 + np.sqrt(rho) * g) / np.sqrt(1 + rho), np.exp(-(g**2) / 2) / np.exp(
        -(g**2) / 2
    ).sum()


def averages(model, strength, width, temperature, nodes=481):
    """m, n, q and T E log 2 cosh by sums over x and z."""
    x, p = law(model)
    z = np.linspace(-9.5, 9.5, nodes)
    weight = np.outer(p, np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum())
    y = (strength * x[:, None] + width * z) / temperature
    t = np.tanh(y)
    free = temperature * (weight * np.logaddexp(y, -y)).sum()
    return (weight * t).sum(), (weight * x[:, None] * t).sum(), (weight * t**2).sum(), free


def free_energy(model, load, temperature, n, q):
    """-T A of the replica calculation with a condensed archetype, for any n and q."""
    p, g = model.p, load * crosstalk_factor(model)
    local = averages(model, n ** (p - 1), np.sqrt(g * q ** (p - 1)), temperature)[3]
    bracket = 1 - p * q ** (p - 1) + (p - 1) * q**p
    return (p - 1) / p * n**p - g / (2 * p * temperature) * bracket - local


def solved(model, load, temperature, start):
    """n, q and m by a root finder of its own."""
    p, g = model.p, load * crosstalk_factor(model)

    def excess(u):
        width = np.sqrt(g * abs(u[1]) ** (p - 1))
        _, n, q, _ = averages(model, u[0] ** (p - 1), width, temperature)
        return [u[0] - n, u[1] - q]

    found = root(excess, start, tol=1e-13)
    assert found.success
    n, q = found.x
    return averages(model, n ** (p - 1), np.sqrt(g * q ** (p - 1)), temperature)[:3]


def at_rest(model, y):
    """Overlaps m and n at T = 0 as functions of y = strength/width, by sum or in closed form."""
    y = np.asarray(y)[..., None]
    if model.examples <= 1000:
        x, p = law(model)
        e = erf(x * y / np.sqrt(2))
        return (p * e).sum(-1), (p * x * e).sum(-1)
    rho, y = entropies(model)[0], y[..., 0]
    s = y / np.sqrt(1 + rho)  # strength over width, in units of √(1+ρ)
    total = np.sqrt(1 + rho * s**2)
    m = erf(s / total / np.sqrt(2))
    n = m + rho * s * np.sqrt(2 / np.pi) * np.exp(-((s / total) ** 2) / 2) / total
    return m, n / np.sqrt(1 + rho)


def capacity_at_rest(model):
    """Largest load, n and m from a dense scan over y and its refinement."""
    power = 2 * (model.p - 1)

    def minus_load(y):
        return -(at_rest(model, y)[1] ** power) / y**2 / crosstalk_factor(model)

    y = np.geomspace(0.05, 50.0, 4000)
    best = int(np.argmin(minus_load(y)))
    found = minimize_scalar(
        minus_load, bounds=(y[best - 1], y[best + 1]), method="bounded", options={"xatol": 1e-12}
    )
    return -found.fun, *at_rest(model, found.x)


@pytest.mark.parametrize("examples", [1, 2, 3, 12, 100, 2000])
@pytest.mark.parametrize("p", [3, 4])
@pytest.mark.parametrize("kind", [SUPERVISED, UNSUPERVISED])
def test_capacity_at_zero_temperature_is_the_closed_form(kind, p, examples):
    for quality in (0.05, 0.3, 0.8):
        model = kind(p, quality, examples)
        load, m, n = capacity_at_rest(model)
        end = theory.capacity(model)
        assert end["load"].item() == pytest.approx(load, rel=1e-10)
        assert end.effective_overlap.item() == pytest.approx(n, abs=1e-6)  # the scan's error
        assert end.overlap.item() == pytest.approx(m, abs=1e-6)
        assert end.residual.item() < 1e-12


@pytest.mark.parametrize("model", FEW + MANY, ids=repr)
def test_order_parameters_are_those_of_the_sums(model):
    limit = theory.capacity(model)["load"].item()
    melting = theory.models.symmetric_phases_of(model).melting_temperature
    for share, warmth in ((0.3, 0.6), (0.8, 0.2), (1.0, 0.35)):
        cell = theory.solve(model, share * limit, warmth * melting)
        assert cell.residual.item() < 1e-12
        start = [cell.effective_overlap.item() * 0.999, cell.self_overlap.item() * 0.999]
        expected = solved(model, share * limit, warmth * melting, start)
        for name, value in zip(NAMES, expected, strict=True):
            assert cell[name].item() == pytest.approx(value, abs=1e-9)


@pytest.mark.parametrize("model", FEW + MANY, ids=repr)
def test_thermodynamics_is_that_of_the_free_energy(model):
    """Stationary in n and q, s = -df/dT, u = f + T s; not so at other order parameters."""
    load = 0.6 * theory.capacity(model)["load"].item()
    temperature = 0.4 * theory.models.symmetric_phases_of(model).melting_temperature
    cell = theory.solve(model, load, temperature)
    n, q = cell.effective_overlap.item(), cell.self_overlap.item()
    assert cell.free_energy.item() == pytest.approx(
        free_energy(model, load, temperature, n, q), abs=1e-11
    )

    def slope(change, h=1e-3):
        f = [free_energy(model, load, *change(k * h)) for k in (-2, -1, 1, 2)]
        return (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h)

    room = (1 - q) / 2
    assert abs(slope(lambda d: (temperature, n + d, q))) < 1e-9
    assert abs(slope(lambda d: (temperature, n, q + room * d))) < 1e-9
    assert abs(slope(lambda d: (temperature, 0.98 * n + d, q))) > 1e-4
    entropy = -slope(lambda d: (temperature * (1 + d), n, q)) / temperature
    assert cell.entropy.item() == pytest.approx(entropy, abs=1e-9)
    energy = cell.free_energy + temperature * cell.entropy
    assert cell.energy.item() == pytest.approx(energy.item(), abs=1e-14)


@pytest.mark.parametrize("p", [3, 4])
@pytest.mark.parametrize("quality", [0.2, 0.7])
def test_zero_load_and_zero_temperature(p, quality):
    """Overlap m = erf(1/√2ρ) for Gaussian entries, spins follow the sign of x for few examples."""
    for kind in (SUPERVISED, UNSUPERVISED):
        many, few = kind(p, quality, 3000), kind(p, quality, 6)
        rho = entropies(many)[0]
        m = erf(1 / np.sqrt(2 * rho))
        n = (m + np.sqrt(2 * rho / np.pi) * np.exp(-1 / (2 * rho))) / np.sqrt(1 + rho)
        cell = theory.solve(many, 0.0, 0.0)
        assert cell.overlap.item() == pytest.approx(m, abs=1e-14)
        assert cell.effective_overlap.item() == pytest.approx(n, abs=1e-14)
        x, weight = law(few)
        cell = theory.solve(few, 0.0, 0.0)
        assert cell.overlap.item() == pytest.approx((weight * np.sign(x)).sum(), abs=1e-14)
        n = (weight * np.abs(x)).sum()
        assert cell.effective_overlap.item() == pytest.approx(n, abs=1e-14)
        assert cell.energy.item() == pytest.approx(-(n**p) / p, abs=1e-14)
        # spins with x = 0 are free
        assert cell.entropy.item() == pytest.approx(weight[x == 0.0].sum() * np.log(2), abs=1e-14)


@pytest.mark.parametrize("model", FEW + MANY, ids=repr)
def test_zero_temperature_is_the_limit(model):
    load = 0.7 * theory.capacity(model)["load"].item()
    cold, rest = theory.solve(model, load, 1e-9), theory.solve(model, load, 0.0)
    for name in ("overlap", "effective_overlap", "noise", "free_energy", "energy"):
        assert cold[name].item() == pytest.approx(rest[name].item(), abs=1e-8)
    y = rest.effective_overlap.item() ** (model.p - 1) / rest.noise.item()
    m, n = at_rest(model, y)
    assert rest.overlap.item() == pytest.approx(m, abs=1e-12)
    assert rest.effective_overlap.item() == pytest.approx(n, abs=1e-12)
    assert rest.noise.item() == pytest.approx(np.sqrt(load * crosstalk_factor(model)), rel=1e-14)


@pytest.mark.parametrize("p", [3, 4, 7])
def test_teacher_is_worth_a_factor_of_the_load(p):
    """Without a teacher everything is as with one at V times the load."""
    taught, alone = SUPERVISED(p, 0.4, 30), UNSUPERVISED(p, 0.4, 30)
    rho, rho_p = entropies(alone)
    v = (1 + rho_p) / (1 + rho) ** p
    assert interference(p, 0.4, 30) == pytest.approx(v, rel=1e-13)
    loads = np.array([0.3, 0.9]) * theory.capacity(alone)["load"].item()
    temperatures = [0.0, 0.1]
    left = theory.solve(alone, loads, temperatures)
    right = theory.solve(taught, v * loads, temperatures)
    for name in (*NAMES, "noise", "free_energy", "energy", "entropy"):
        np.testing.assert_allclose(left[name], right[name], rtol=0, atol=1e-12)
    assert (theory.capacity(taught)["load"] / theory.capacity(alone)["load"]).item() == (
        pytest.approx(v, rel=1e-12)
    )


def test_perfect_examples_are_patterns():
    """As r -> 1, 1 - r is the first order; r = 1 is Dense exactly."""
    dense = theory.solve(hopfield.Dense(3), 0.08, 0.2)
    for kind in (SUPERVISED, UNSUPERVISED):
        exact = theory.solve(kind(3, 1.0, 7), 0.08, 0.2)
        assert exact.overlap.item() == dense.overlap.item()
        gap = [
            dense.overlap.item() - theory.solve(kind(3, 1.0 - d, 7), 0.08, 0.2).overlap.item()
            for d in (1e-4, 1e-5)
        ]
        assert gap[0] / gap[1] == pytest.approx(10.0, rel=1e-2)
        assert 0.0 < gap[0] < 1e-3


def test_many_examples_are_patterns():
    """M -> infinity: the first order is 1/M, for m and for the capacity."""
    dense = theory.solve(hopfield.Dense(3), 0.08, 0.2), theory.capacity(hopfield.Dense(3))
    for kind in (SUPERVISED, UNSUPERVISED):
        models = [kind(3, 0.5, m) for m in (10**5, 10**6)]
        gap = [dense[0].overlap - theory.solve(m, 0.08, 0.2).overlap for m in models]
        assert (gap[0] / gap[1]).item() == pytest.approx(10.0, rel=1e-2)
        gap = [dense[1]["load"] - theory.capacity(m)["load"] for m in models]
        assert (gap[0] / gap[1]).item() == pytest.approx(10.0, rel=1e-2)


@pytest.mark.parametrize("model", [SUPERVISED(3, 0.5, 2), UNSUPERVISED(4, 0.3, 5000)], ids=repr)
def test_solutions_pass_their_check(model):
    limit = theory.capacity(model)["load"].item()
    report = theory.check(theory.solve(model, [0.3 * limit, 0.8 * limit], [0.05, 0.1]))
    assert report.gradient.max().item() < 1e-8
    assert report.entropy_defect.max().item() < 1e-9
    assert (report.favoured == "retrieval").all()
    wrong = theory.solve(model, 0.3 * limit, 0.1)
    wrong["effective_overlap"] = wrong.effective_overlap * 0.99
    assert theory.check(wrong).gradient.item() > 1e-4


def test_gaussian_entries_are_right_up_to_the_inverse_number_of_examples(monkeypatch):
    """At fixed ρ the errors of m and of the capacity fall as 1/M."""
    errors = []
    for examples in (101, 401):
        quality = 1 / np.sqrt(1 + examples)  # ρ = 1
        exact = signal_of(quality, examples)
        monkeypatch.setattr(signals, "EXACT_EXAMPLES", 0)
        gaussian = signal_of(quality, examples)
        monkeypatch.undo()
        ends = [DensePhases(3, signal=s).spinodal(np.array([0.1])) for s in (exact, gaussian)]
        errors.append([ends[1].load - ends[0].load, ends[1].overlap - ends[0].overlap])
    ratio = np.ravel(errors[0]) / np.ravel(errors[1])
    np.testing.assert_allclose(ratio, 401 / 101, rtol=0.05)


@pytest.mark.parametrize("model", [SUPERVISED(3, 0.5, 2), SUPERVISED(4, 0.05, 2000)], ids=repr)
def test_extreme_arguments_give_numbers_or_say_why(model):
    tiny = [0.0, 5e-324, 1e-300, 1e-100, 1e-30, 1e-16, 1e-8]
    melting = theory.models.symmetric_phases_of(model).melting_temperature
    near = melting * np.array([1 - 1e-4, 1 - 1e-8, 1 - 1e-12, 1 - 1.2e-16, 1.0])
    cells = theory.solve(model, [*tiny, 0.01, 1.0, 1e100], [*tiny, 1e-3, *near, 2.0, 1e300])
    found = cells.status.isin(["converged", "at the edge"])
    assert set(np.unique(cells.status.values)) <= {"converged", "absent", "at the edge"}
    assert found.any()
    for name in (*NAMES, "free_energy", "energy", "entropy"):
        assert np.isfinite(cells[name].where(found, 0.0)).all(), name


def test_the_law_of_patterns_is_that_of_perfect_examples():
    assert signal_of(1.0, 10) == PATTERN
    assert PATTERN.binary
    assert signal_of(0.5, 1).binary
    assert not signal_of(0.5, 2).binary
