"""States of a few diluted patterns, against the enumeration of all columns of entries."""

import time

import mpmath as mp
import numpy as np
import pytest
from columns_reference import DIGITS, Reference, eigenvalues

import hopfield
import theory
from theory.multitasking.columns import columns, gaussian_class, lattice_class
from theory.multitasking.fields import averages
from theory.multitasking.laws import law_of
from theory.multitasking.states import solve_state

# dilution, temperature, state, K; quality and examples of the archetypes if they are learnt
CASES = [
    (0.3, 0.4, "pure", 3, 1.0, 1),
    (0.7, 0.2, "pure", 2, 1.0, 1),
    (0.3, 0.02, "hierarchical", 3, 1.0, 1),
    (0.55, 0.1, "hierarchical", 3, 1.0, 1),
    (0.5, 0.03, "hierarchical", 4, 1.0, 1),
    (0.8, 0.15, "parallel", 3, 1.0, 1),
    (0.2, 0.1, "parallel", 4, 1.0, 1),
    (0.62, 0.22, "2+1", 3, 1.0, 1),
    (0.4, 0.2, "1+1", 3, 1.0, 1),
    (0.05, 0.2, "3", 4, 1.0, 1),
    (0.05, 0.2, "2", 3, 1.0, 1),
    (0.64, 0.3, "2", 3, 1.0, 1),
    (0.05, 0.01, "3+1", 4, 1.0, 1),
    (0.4, 0.02, "hierarchical", 2, 0.6, 5),
    (0.5, 0.3, "parallel", 3, 0.4, 2),
    (0.3, 0.2, "1+1", 3, 0.7, 3),
    (0.3, 0.3, "pure", 2, 0.5, 4),
]


def described(case):
    d, t, state, k, quality, examples = case
    model = (
        hopfield.Multitasking(d)
        if quality == 1.0
        else hopfield.Supervised(2, quality, examples, dilution=d)
    )
    found = theory.retrieval_states(model, k, t, states=[state]).isel(state=0)
    assert found.status.item() == "converged"
    return found


@pytest.mark.parametrize("case", CASES)
def test_states_against_enumeration(case):
    d, t, _, k, quality, examples = case
    found = described(case)
    with mp.workdps(DIGITS):
        exact = Reference(k, d, t, quality, examples)
        n = exact.solved(found.effective_overlap.values)
        m = [float(exact.mean(n, lambda _, s, t, i=i: s[i] * t)) for i in range(k)]
        f = exact.free_energy(n)
        u = -float(sum(each**2 for each in n)) / 2
        q = float(exact.mean(n, lambda *a: a[2] ** 2))
        hessian = exact.hessian(n)
        difference = exact.second_derivatives(n) - hessian
        assert max(abs(each) for each in difference) < 1e-15
        curvature = eigenvalues(hessian)
    assert np.abs(found.effective_overlap.values - [float(each) for each in n]).max() < 1e-10
    assert np.abs(found.overlap.values - m).max() < 1e-10
    assert abs(found.self_overlap.item() - q) < 1e-10
    assert abs(found.free_energy.item() - float(f)) < 1e-12
    assert abs(found.energy.item() - u) < 1e-10
    assert abs(found.entropy.item() - (u - float(f)) / t) < 1e-9
    assert np.abs(found.eigenvalue.values - curvature).max() < 1e-9
    assert found.stable.item() == (curvature[0] > 0.0)


@pytest.mark.parametrize("case", [CASES[2], CASES[7]])
def test_enumeration_notices_another_temperature(case):
    d, t, _, k, quality, examples = case
    found = described(case)
    with mp.workdps(DIGITS):
        n = Reference(k, d, 1.001 * t, quality, examples).solved(found.effective_overlap.values)
    assert np.abs(found.effective_overlap.values - [float(each) for each in n]).max() > 1e-8


def test_normal_means_against_integrals():
    """Averages of entries 1 + sqrt(ρ) g over fields, by a product rule in g."""
    d, rho, t = 0.4, 0.3, 0.25
    law = columns([gaussian_class(2, d, rho), gaussian_class(1, d, rho)])
    n = np.array([[0.3, 0.15]])
    k = averages(law, n, np.zeros(1), np.full(1, t))
    g, w = np.polynomial.hermite_e.hermegauss(60)
    w = w / w.sum()
    x = np.concatenate([[0.0], (1.0 + np.sqrt(rho) * g) / np.sqrt(1.0 + rho)])
    x = np.concatenate([x, -x[1:]])
    p = np.concatenate([[d], (1.0 - d) * w / 2.0, (1.0 - d) * w / 2.0])
    a, b, c = np.meshgrid(x, x, x, indexing="ij")
    weight = p[:, None, None] * p[:, None] * p
    tanh = np.tanh((n[0, 0] * (a + b) + n[0, 1] * c) / t)
    slope = (1.0 - tanh**2) / t

    def mean(values):
        return (weight * values).sum()

    expected = [mean((a + b) * tanh) / 2.0, mean(c * tanh)]
    assert np.abs(k.effective_overlap[0] - expected).max() < 1e-8
    second = [[mean(y * z * slope) for y in (a + b, c)] for z in (a + b, c)]
    assert np.abs(k.second[0] - second).max() < 1e-7
    assert np.abs(k.square[0] - [mean((a**2 + b**2) * slope), mean(c**2 * slope)]).max() < 1e-7
    assert np.abs(k.tanh_squared[0] - mean(tanh**2)) < 1e-8


@pytest.mark.parametrize(("groups", "d", "t"), [((2, 1), 0.62, 0.22), ((3,), 0.05, 0.2)])
def test_equal_overlaps_are_those_of_different_patterns(groups, d, t):
    """Classes of equal overlaps, and single patterns that happen to have them."""
    model, k = hopfield.Multitasking(d), sum(groups)
    none, temperature = np.zeros(1), np.full(1, t)
    found = solve_state(model, groups, k, none, temperature).values
    law = columns([lattice_class(1, d, 1.0, 1)] * k)
    each = averages(law, found["effective_overlap"], none, temperature)
    assert np.abs(each.effective_overlap - found["effective_overlap"]).max() < 1e-13
    hessian = np.eye(k) - each.second[0]
    assert np.abs(np.linalg.eigvalsh(hessian) - found["eigenvalue"][0]).max() < 1e-12


def test_hopfield_mixtures():
    """Odd mixtures of three are stable below T = 0.461 (Amit et al. 1985), even ones never."""
    model = hopfield.Multitasking(0.0)
    t = np.linspace(0.0, 0.98, 50)
    found = theory.retrieval_states(model, 5, t, states=["pure", "2", "3", "4", "5"])
    assert np.array_equal(found.stable.sel(state="3"), t < 0.4598)
    assert found.stable.sel(state="pure").all()
    assert not found.stable.sel(state=["2", "4"]).any()
    assert np.array_equal(found.stable.sel(state="parallel"), t < 0.3842)
    window = theory.stability_window(5, "3", 0.0)
    assert window.lowest_temperature.item() == 0.0
    assert abs(window.highest_temperature.item() - 0.461) < 0.0015
    at_zero = found.sel(temperature=0.0)
    assert np.abs(at_zero.overlap.sel(state="3").values[:3] - 0.5).max() < 1e-15
    assert abs(at_zero.energy.sel(state="3").item() + 3.0 / 8.0) < 1e-15


@pytest.mark.parametrize("k", [2, 3, 5, 10])
@pytest.mark.parametrize("d", [0.1, 0.3, 0.49])
def test_hierarchical_state_at_zero_temperature(k, d):
    found = theory.retrieval_states(hopfield.Multitasking(d), k, 0.0, states=["hierarchical"])
    assert np.abs(found.overlap.values[0] - d ** np.arange(k) * (1.0 - d)).max() < 1e-12
    assert found.stable.item()
    energy = -0.5 * (1.0 - d) ** 2 * (1.0 - d ** (2 * k)) / (1.0 - d**2)
    assert abs(found.energy.item() - energy) < 1e-12


def test_twelve_patterns():
    began = time.process_time()
    found = theory.retrieval_states(hopfield.Multitasking(0.4), 12, 0.0, states=["hierarchical"])
    assert np.abs(found.overlap.values[0] - 0.4 ** np.arange(12) * 0.6).max() < 1e-12
    assert time.process_time() - began < 20.0


def test_lost_in_rounding_is_not_absent():
    found = theory.retrieval_states(hopfield.Multitasking(1e-3), 7, 0.0, states=["hierarchical"])
    assert found.status.item() == "not converged"  # 1e-18 beside sums of the order of 1
    without = theory.retrieval_states(hopfield.Multitasking(0.0), 3, 0.0, states=["1+1"])
    assert without.status.item() == "absent"


@pytest.mark.parametrize("d", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("k", [2, 3, 4])
def test_ties_at_zero_temperature(k, d):
    """Spins whose patterns contradict each other follow none, and each makes others free."""
    found = theory.retrieval_states(hopfield.Multitasking(d), k, 0.0, states=["pure", "parallel"])
    with mp.workdps(DIGITS):
        exact = Reference(k, d, 0.0)
        sums = sum(p * abs(sum(x)) for x, _, p in exact.columns)
    parallel = found.sel(state="parallel")
    assert np.abs(parallel.overlap.values - float(sums) / k).max() < 1e-15
    assert abs(parallel.energy.item() + float(sums) ** 2 / (2 * k)) < 1e-15
    assert parallel.entropy.item() > 0.0  # of free spins
    assert parallel.eigenvalue.values[0] == -np.inf
    pure = found.sel(state="pure")
    assert pure.eigenvalue.values[0] == -np.inf
    assert abs(pure.entropy.item() - d * np.log(2.0)) < 1e-15
    assert not found.stable.any()


def test_ties_are_the_limit_of_low_temperature():
    model, states = hopfield.Multitasking(0.5), ["pure", "parallel", "hierarchical"]
    cold = theory.retrieval_states(model, 3, [0.0, 1e-5], states=states)
    limit, near = cold.sel(temperature=0.0), cold.sel(temperature=1e-5)
    for name in ("overlap", "energy", "entropy", "self_overlap"):
        assert np.abs(near[name] - limit[name]).max() < 1e-14
    assert np.abs(near.free_energy - limit.free_energy + 1e-5 * limit.entropy).max() < 1e-14


@pytest.mark.parametrize("state", ["pure", "1+1", "2+1", "parallel", "hierarchical"])
def test_close_to_the_critical_temperature(state):
    """At 1 - T/(1-d) = ε pure and parallel states have n² of the order of ε; others are absent."""
    d, small = 0.5, np.array([1e-3, 1e-6, 1e-9, 1e-11])
    found = theory.retrieval_states(
        hopfield.Multitasking(d), 3, (1.0 - d) * (1.0 - small), states=[state]
    ).isel(state=0)
    if state not in ("pure", "parallel"):
        assert (found.status == "absent").all()
        return
    k = 1 if state == "pure" else 3
    # n² = 3 ε k (1-d)³ / E y⁴ with the sum y of the entries
    fourth = k * (1.0 - d) + 3.0 * k * (k - 1) * (1.0 - d) ** 2
    expected = np.sqrt(3.0 * small * k * (1.0 - d) ** 3 / fourth)
    assert (found.status == "converged").all()
    ratio = found.overlap.values[:, 0] / expected
    rounding = 4e-15 / small
    assert (np.abs(ratio - 1.0) < 2.0 * small + rounding).all()
    assert np.array_equal(found.stable, [state == "pure"] * 4)


def test_from_the_critical_temperature_on_nothing_is_retrieved():
    t = [0.39, 0.4, 1.0, 3.0]
    found = theory.retrieval_states(hopfield.Multitasking(0.61), 3, t)
    assert (found.status == "absent").all()
    assert np.isnan(found.overlap).all()


def test_exact_law_becomes_normal():
    """The error of a normal mean falls at least as one over the number of examples."""
    errors = []
    for examples in (50, 200):
        model = hopfield.Supervised(2, 0.2, examples, dilution=0.5)
        n = [
            averages(law, np.array([[0.3, 0.2]]), np.zeros(1), np.full(1, 0.2)).effective_overlap
            for law in (law_of(model, (1, 1)), law_of(model, (1, 1), most_columns=0))
        ]
        errors.append(np.abs(n[1] - n[0]).max())
    assert errors[0] < 2e-3
    assert errors[0] / errors[1] > 4.0
