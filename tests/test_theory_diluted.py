"""Retrieval of one diluted pattern at any load: closed forms, limits, where there is any."""

import mpmath
import numpy as np
import pytest
from scipy.optimize import brentq
from scipy.special import erf

import hopfield
import theory
from theory.models import symmetric_phases_of
from theory.pairs.branch import effective_overlap_at

DILUTIONS = [0.0, 1e-4, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.65]
ROOT = np.sqrt(2 / np.pi)


def load_by_ratio(y, d):
    """Load and overlap at T = 0 as functions of y = m/σ; no load where λ C > 1."""
    m = (1 - d) * erf(y / np.sqrt(2))
    sigma = m / y
    gap = 1 - (1 - d) * ROOT / sigma * (d + (1 - d) * np.exp(-(y**2) / 2))
    return np.where(gap > 0, (sigma * gap / (1 - d)) ** 2, 0.0), m


@pytest.mark.parametrize("d", DILUTIONS)
def test_capacity_at_zero_temperature(d):
    y = np.linspace(0.02, 12.0, 600_001)
    load, m = load_by_ratio(y, d)
    end = theory.capacity(hopfield.Multitasking(d))
    assert end["load"].item() == pytest.approx(load.max(), rel=1e-8)
    assert end["load"].item() >= load.max() * (1 - 1e-12)
    assert end.overlap.item() == pytest.approx(m[load.argmax()], abs=2e-5)
    assert "effective_overlap" not in end


def test_capacity_falls_with_dilution_and_ends_at_two_thirds():
    dilutions = np.linspace(0.0, 0.66, 34)
    load = [theory.capacity(hopfield.Multitasking(d))["load"].item() for d in dilutions]
    assert (np.diff(load) < 0).all()
    assert load[0] == pytest.approx(0.137905566, abs=5e-10)
    left = np.array([1e-3, 1e-4])
    near = [theory.capacity(hopfield.Multitasking(2 / 3 - x))["load"].item() for x in left]
    part = near / (225 / (8 * np.pi) * left**4)  # by expansion in y, whose square is 15 left
    assert abs(1 - part[1]) < 1e-3
    assert (1 - part[0]) / (1 - part[1]) == pytest.approx(10.0, rel=0.01)


def test_small_dilution_gives_the_hopfield_model():
    """Capacity and lines, with differences of the first order in d."""
    temperatures = np.array([0.0, 0.2, 0.6])
    plain = theory.capacity(hopfield.Hopfield(), temperatures)["load"].values
    small, smaller = (
        plain - theory.capacity(hopfield.Multitasking(d), temperatures)["load"].values
        for d in (1e-4, 1e-5)
    )
    assert small / smaller == pytest.approx(10.0, rel=0.01)
    assert (small < 1e-4).all()
    assert symmetric_phases_of(hopfield.Multitasking(0.0)) == symmetric_phases_of(
        hopfield.Hopfield()
    )
    lines = [theory.phase_diagram(hopfield.Multitasking(d), points=6) for d in (0.0, 1e-5)]
    for name in ("glass", "spinodal", "first-order"):
        ours, theirs = (ds["load"].sel(line=name).values for ds in lines)
        np.testing.assert_allclose(ours, theirs, atol=2e-5)


@pytest.mark.parametrize(("d", "load", "t"), [(0.1, 0.05, 0.3), (0.3, 0.01, 0.2), (0.5, 1e-3, 0.1)])
def test_saddle_points_by_adaptive_integration(d, load, t):
    """Order parameters to 1e-10, from the printed equations at 25 digits."""
    state = theory.solve(hopfield.Multitasking(d), load, t)
    assert state.residual.item() < 1e-12
    with mpmath.workdps(25):
        d, load, t = (mpmath.mpf(str(x)) for x in (d, load, t))

        def average(f, m, sigma):
            def over(mean):
                return mpmath.quad(
                    lambda z: mpmath.npdf(z) * f((mean + sigma * z) / t), [-12, -4, 0, 4, 12]
                )

            return over(m), over(0)

        def equations(m, sigma):
            filled, _ = average(mpmath.tanh, m, sigma)
            squares = average(lambda y: mpmath.tanh(y) ** 2, m, sigma)
            q = (1 - d) * squares[0] + d * squares[1]
            width = mpmath.sqrt(load * q) * (1 - d) / (1 - (1 - d) * (1 - q) / t)
            return m - (1 - d) * filled, sigma - width

        start = state.overlap.item() * 1.001, state.noise.item() * 0.999
        m, sigma = mpmath.findroot(equations, start, tol=1e-30)
        squares = average(lambda y: mpmath.tanh(y) ** 2, m, sigma)
        q = (1 - d) * squares[0] + d * squares[1]
    assert state.overlap.item() == pytest.approx(float(m), abs=1e-10)
    assert state.noise.item() == pytest.approx(float(sigma), abs=1e-10)
    assert state.self_overlap.item() == pytest.approx(float(q), abs=1e-10)


@pytest.mark.parametrize("d", [0.01, 0.2, 0.4, 0.6])
def test_vanishing_load_at_zero_temperature(d):
    r"""Free spins freeze on the others: λ C = 1 with σ > 0, and σ -> sqrt(2/π) (1-d) d."""

    def excess(y):
        return ROOT * y * (d + (1 - d) * np.exp(-(y**2) / 2)) - erf(y / np.sqrt(2))

    y = brentq(excess, 0.9, 2 / d, xtol=1e-14)
    sigma = (1 - d) * ROOT * (d + (1 - d) * np.exp(-(y**2) / 2))
    loads = np.array([0.0, 1e-12, 1e-10])
    states = theory.solve(hopfield.Multitasking(d), loads, 0.0)
    assert (states.status == "converged").all()
    assert states.noise.values[0] == pytest.approx(sigma, abs=1e-12)
    assert states.overlap.values[0] == pytest.approx((1 - d) * erf(y / np.sqrt(2)), abs=1e-12)
    growth = states.noise.values[1:] - sigma
    assert growth[1] / growth[0] == pytest.approx(10.0, rel=0.02)  # sqrt(α)
    if d == 0.01:
        assert sigma == pytest.approx(ROOT * (1 - d) * d, rel=1e-12)


@pytest.mark.parametrize("d", [0.05, 0.3, 0.6])
def test_free_spins_freeze_below_a_temperature(d):
    """The pure state without crosstalk above it, one with λ C = 1 below."""

    def excess(t):
        m = pure_overlap(d, t)
        return (1 - d) * (1 - (1 - d) * np.tanh(m / t) ** 2) - t

    freezing = brentq(excess, 0.01, 0.98 * (1 - d), xtol=1e-14)
    t = freezing * np.array([0.3, 0.999, 1.001, 1.1])
    states = theory.solve(hopfield.Multitasking(d), 0.0, t)
    assert (states.status == "converged").all()
    assert states.noise.values[2:].tolist() == [0.0, 0.0]
    m = [pure_overlap(d, x) for x in t[2:]]
    assert states.overlap.values[2:] == pytest.approx(m, abs=1e-12)
    local = d * np.log(2) + (1 - d) * np.log(2 * np.cosh(m / t[2:]))
    free_energy = np.array(m) ** 2 / 2 - t[2:] * local
    assert states.free_energy.values[2:] == pytest.approx(free_energy, abs=1e-13)
    response = (1 - states.self_overlap.values) / t
    assert (1 - d) * response[:2] == pytest.approx([1.0, 1.0], abs=1e-10)
    assert ((1 - d) * response[2:] < 1).all()
    assert 0 < states.noise.values[1] < 0.1 * states.noise.values[0]
    few = theory.retrieval_states(hopfield.Multitasking(d), 3, t, states=["pure"])
    assert (few.stable.values.ravel() == (t > freezing)).all()


def pure_overlap(d, t):
    """Largest root of m = (1-d) tanh(m/T)."""
    return brentq(lambda m: (1 - d) * np.tanh(m / t) - m, 1e-3 * (1 - d), 1 - d, xtol=1e-15)


@pytest.mark.parametrize("d", [0.1, 0.4, 0.6])
def test_pure_states_of_the_theory_of_several_patterns(d):
    """Another code, for any number of retrieved patterns, at the same load."""
    model = hopfield.Multitasking(d)
    load = 0.6 * theory.capacity(model)["load"].item()
    t = (1 - d) * np.array([0.0, 0.1, 0.3])
    ours = theory.solve(model, load, t)
    others = theory.retrieval_states(model, 1, t, states=["pure"], load=load).isel(state=0)
    for name in ("free_energy", "energy", "noise", "self_overlap"):
        assert others[name].values == pytest.approx(ours[name].values, abs=1e-10)
    assert others.overlap.values.ravel() == pytest.approx(ours.overlap.values, abs=1e-10)


def gaps(model, temperature):
    """Values of 1 - λ C along the branch of retrieval, load or not."""
    p = symmetric_phases_of(model)
    v = np.geomspace(1e-3, 20.0, 2000)
    t = np.full(v.size, temperature)
    n = effective_overlap_at(p.signal, v, t)
    return p.crosstalk.gap(p.signal.moments(n, v * n, t).response)


NOWHERE = [
    *[hopfield.Multitasking(d) for d in (2 / 3, 0.68, 0.8, 0.99)],
    hopfield.Supervised(2, 0.02, 5000, dilution=0.3),  # 2/3 (1+ρ)² = 0.296
    hopfield.Unsupervised(2, 0.02, 5000, dilution=0.5),
    hopfield.Supervised(2, 0.5, 3, dilution=0.5),
]


@pytest.mark.parametrize("model", NOWHERE, ids=repr)
def test_nothing_is_retrieved_from_a_dilution_on(model):
    """λ C > 1 all along the branch at every temperature, so that no load has such a state."""
    t = (1 - model.dilution) * np.array([0.0, 0.1, 0.5, 0.9])
    for x in t:
        assert gaps(model, x).max() < 1e-12  # 0 at the end of the branch but for rounding
        assert gaps(model, x).min() < -1e-3
    assert (theory.capacity(model, t).status == "absent").all()
    assert (theory.solve(model, [0.0, 1e-6], t).status == "absent").all()
    reason = "no single pattern is retrieved at any temperature, however small the load"
    for ask in (
        lambda: theory.capacity(model),
        lambda: theory.solve(model, 0.0, t[1]),
        lambda: theory.capacity(model, t[2], ansatz="1rsb"),
        lambda: theory.solve(model, 1e-3, t[1], ansatz="1rsb"),
    ):
        with pytest.raises(hopfield.InputError, match=reason):
            ask()


@pytest.mark.parametrize("ansatz", ["rs", "1rsb"])
def test_phase_diagram_without_retrieval(ansatz):
    diagram = theory.phase_diagram(NOWHERE[1], points=3, ansatz=ansatz)
    assert diagram.line.values.tolist() == ["glass"]
    load = diagram["load"].values[0]
    assert load[-1] == 1.0
    assert diagram.temperature.values[0] == pytest.approx(0.32 * (1 + np.sqrt(load)), rel=1e-14)


def test_just_below_something_is_retrieved():
    for model in (
        hopfield.Multitasking(0.66),
        hopfield.Supervised(2, 0.02, 5000, dilution=0.29),
        hopfield.Supervised(2, 0.5, 3, dilution=0.4),
    ):
        t = (1 - model.dilution) * np.array([0.0, 0.5, 0.9, 0.999])
        end = theory.capacity(model, t)
        assert (end.status == "converged").all()
        assert (end["load"] > 0).all()
        assert max(gaps(model, x).max() for x in t) > 0


def test_a_few_poor_examples_may_be_retrieved_at_low_temperature_only():
    """An odd number of them, beyond the dilution of vanishing fourth cumulant."""
    model = hopfield.Supervised(2, 0.05, 15, dilution=0.05)
    phases = symmetric_phases_of(model)
    assert phases.signal.critical_dilution < 0.05
    melting = phases.melting_temperature
    assert 0.1 < melting < 0.3
    t = melting * np.array([0.0, 0.5, 0.9, 1.0, 1.1])
    end = theory.capacity(model, t)
    assert end.status.values.tolist() == ["converged"] * 3 + ["absent"] * 2
    assert [bool(gaps(model, x).max() > 0) for x in t] == [True, True, True, False, False]
    diagram = theory.phase_diagram(model, points=4)
    assert diagram.line.values.tolist() == ["glass", "spinodal", "at"]
    assert (diagram.status == "converged").all()
    with pytest.raises(hopfield.InputError, match="nothing is retrieved from temperature"):
        theory.solve(model, 1e-5, 0.5)
