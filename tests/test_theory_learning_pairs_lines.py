"""Glass, first-order line and marginal stability of networks of pairs with noisy examples."""

import numpy as np
import pytest
from pair_reference import Case, name_of
from scipy.optimize import brentq

import hopfield
import theory
from theory.pairs.crosstalk import PairCrosstalk
from theory.pairs.disorder import glass, glass_temperature, paramagnet
from theory.pairs.lines import instability_line, marginal_ranges
from theory.pairs.spinodal import rises
from theory.transitions import first_order_line

CASES = [
    Case(0.02, 10, False),
    Case(0.3, 2),
    Case(1.0, 3),
    Case(1.0, 30, False),
    Case(0.2, 5000),
    Case(1.0, 5000, False),
    Case(20.0, 5000),
]
DILUTED = [
    Case(0.0, 1, dilution=0.02),
    Case(0.0, 1, dilution=0.3),
    Case(0.0, 1, dilution=0.6),
    Case(0.2, 15, False, dilution=0.4),
    Case(0.2, 5000, dilution=0.3),
]
JUMPS = [Case(1.0, 31), Case(10.0, 31, False), Case(3.0, 7, False)]
MODES = [
    ((1.0, 1.0),),
    *[
        ((1.0, 1.0), (rho / (1 + rho), count - 1.0))
        for rho in (1e-6, 0.01, 1.0, 30.0)
        for count in (2, 30, 1e6)
    ],
    ((0.7, 1.0),),
    ((0.4, 1.0), (0.1, 29.0)),
]


@pytest.mark.parametrize("modes", MODES, ids=str)
def test_glass_temperature(modes):
    load = np.array([0.0, 1e-12, 1e-6, 1e-3, 0.1, 1.0, 10.0])
    found, largest = glass_temperature(PairCrosstalk(modes), load), modes[0][0]
    assert found[0] == largest
    for a, t in zip(load[1:], found[1:], strict=True):

        def balance(excess, a=a):
            terms = [g * (lam / (excess + (largest - lam))) ** 2 for lam, g in modes]
            return float(np.log(a * sum(terms)))

        exact = largest + brentq(balance, 1e-7, 1e5, xtol=1e-17, rtol=1e-15)
        assert t == pytest.approx(exact, rel=1e-12)
    assert glass_temperature(PairCrosstalk(MODES[0]), load) == pytest.approx(
        1 + np.sqrt(load), rel=1e-15
    )


@pytest.mark.parametrize("modes", MODES, ids=str)
def test_glass_is_found_everywhere(modes):
    crosstalk = PairCrosstalk(modes)
    share = np.array([0.0, 1e-9, 0.01, 0.2, 0.5, 0.8, 0.99, 1 - 1e-6, 1 - 1e-10])
    load = np.repeat([0.0, 1e-14, 1e-8, 1e-4, 0.01, 0.3, 10.0], share.size)
    temperature = glass_temperature(crosstalk, load) * np.tile(share, 7)
    state = glass(crosstalk, load, temperature, False)
    assert (state.status == "converged").all()
    assert (state.noise > 0.0).all()
    response = (1 - state.self_overlap) / np.where(temperature > 0, temperature, np.inf)
    assert (response * crosstalk.largest <= 1 + 1e-13).all()


@pytest.mark.parametrize("case", [*CASES, *DILUTED], ids=name_of)
def test_glass_and_paramagnet_meet_at_the_glass_temperature(case):
    load = np.array([0.01, 0.5])
    limit = case.phases.glass_temperature(load)
    below, above = case.phases.glass(load, limit * (1 - 1e-5)), case.phases.paramagnet(load, limit)
    assert (below.self_overlap < 1e-4).all()
    assert above.replicon == pytest.approx([0.0, 0.0], abs=1e-12)
    for name in ("free_energy", "energy", "entropy"):
        assert getattr(below, name) == pytest.approx(getattr(above, name), rel=1e-3, abs=1e-6)
    assert (below.replicon < 0).all()
    assert (case.phases.paramagnet(load, 1.01 * limit).replicon > 0).all()


@pytest.mark.parametrize("case", [Case(1.0, 4, False), Case(0.5, 20)], ids=name_of)
def test_energy_of_spins_that_know_nothing(case):
    """Moments of the energies of random spins: no constant, and a variance that gives u(T)."""
    load, size, draws, networks = 0.3, 300, 400, 24
    kind = hopfield.Supervised if case.teacher else hopfield.Unsupervised
    model = kind(2, case.quality, case.examples)
    rng = np.random.default_rng(3)
    means, variances = [], []
    for seed in range(networks):
        net = model.network(size=size, load=load, seed=seed)
        energy = net.energy(rng.choice(np.array([-1, 1], dtype=np.int8), (draws, size))) / size
        means.append(energy.mean())
        variances.append(size * energy.var(ddof=1))
    root = np.sqrt(networks)
    mean_error, variance_error = (np.std(x, ddof=1) / root for x in (means, variances))
    hot = paramagnet(case.phases.crosstalk, np.array([load]), np.array([1e6]), False)
    z_mean = (np.mean(means) - hot.energy.item()) / mean_error
    z_variance = (np.mean(variances) + 1e6 * hot.energy.item()) / variance_error
    assert abs(z_mean) < 4
    # the variance of a finite network is smaller by a part 1/N
    assert abs(z_variance) < 4
    assert abs(z_mean - load / 2 * case.phases.crosstalk.trace / mean_error) > 4  # the diagonal
    assert abs((np.mean(variances) - load) / variance_error) > 4 or case.teacher  # one mode alone


@pytest.mark.parametrize("case", [*CASES, *DILUTED, *JUMPS], ids=name_of)
def test_first_order_line(case):
    """Found at every temperature, with equal free energies, and retrieval favoured below."""
    line = first_order_line(case.phases, 9)
    assert line.found.all()
    assert line.residual.max() < 1e-13
    for load, temperature in zip(line.load[:-1], line.temperature[:-1], strict=True):
        t = np.full(2, temperature)
        loads = load * np.array([0.98, 1.02])
        along = case.phases.branch(t[:1])
        retrieval = case.phases.retrieval(along, np.zeros(2, int), loads)
        assert (retrieval.status == "converged").all()
        difference = retrieval.free_energy - case.phases.glass(loads, t).free_energy
        assert difference[0] < 0 < difference[1]


@pytest.mark.parametrize("case", [*CASES, *DILUTED, *JUMPS], ids=name_of)
def test_replicon_vanishes_on_the_instability_line(case):
    """Inside of each of its parts, on solutions found at the load and the temperature alone."""
    p = case.phases
    compared = 0
    for low, high in marginal_ranges(p.crosstalk, p.signal):
        line = p.marginal(low + np.array([0.2, 0.5, 0.8]) * (high - low))
        assert (line.residual < 1e-14).all()
        for load, temperature in zip(line.load, line.temperature, strict=True):
            if temperature < 1e-12:
                continue  # exponentially small in 1/α where no spin is undecided
            along = p.branch(temperature * np.array([0.998, 1.0, 1.002]))
            state = p.retrieval(along, np.arange(3), np.full(3, load))
            below, at, above = state.replicon
            assert at == pytest.approx(0.0, abs=1e-8)
            assert below < -1e-4 < 1e-4 < above
            compared += 1
    assert compared >= 2


@pytest.mark.parametrize("case", [*CASES, *DILUTED, *JUMPS], ids=name_of)
def test_instability_line_ends_at_the_spinodal(case):
    line = case.phases.lines(5, 0.1)["at"]
    end = case.phases.spinodal(line.temperature[-1:])
    assert line.load[-1] == pytest.approx(end.load.item(), rel=1e-9)
    if case not in JUMPS:
        assert (np.diff(line.load) > 0).all()
        assert (np.diff(line.temperature) >= 0).all()


@pytest.mark.parametrize("case", JUMPS, ids=name_of)
def test_retrieval_jumps_between_two_parts_of_the_branch(case):
    """Where the load has two maxima: both sides of the jump are found, in both ways."""
    p = case.phases
    temperature = np.linspace(0.0, 0.2, 401)
    parts = rises(p.crosstalk, p.signal, temperature)
    cell, count = np.unique(parts.cell, return_counts=True)
    assert (count >= 2).any()
    at = cell[count >= 2][0]
    first, last = np.flatnonzero(parts.cell == at)[[0, -1]]
    assert parts.load[first] < parts.load[last]
    along = p.branch(temperature[at : at + 1])
    assert (np.diff(along.angle) > -1e-9).all()
    load = parts.load[first] * np.array([0.5, 1 - 1e-4, 1 + 1e-4])
    load = np.append(load, 0.5 * (parts.load[first] + parts.load[last]))
    rows = np.zeros(4, int)
    state = p.retrieval(along, rows, load)
    assert (state.status == "converged").all()
    n, sigma = p.search(along, rows, load)
    assert state.effective_overlap == pytest.approx(n, abs=1e-11)
    ratio = sigma / n
    assert (ratio[:2] < parts.last[first]).all()
    assert (ratio[2:] > parts.first[last] * (1 - 1e-9)).all()
    assert parts.first[last] > 1.2 * parts.last[first]


@pytest.mark.parametrize("case", [*CASES, *DILUTED], ids=name_of)
def test_bracketed_search_agrees_with_newton(case):
    melting = case.phases.melting_temperature
    along = case.phases.branch(melting * np.array([0.0, 1e-3, 0.2, 0.9]))
    rows = np.repeat(np.arange(4), 3)
    load = along.end.load[rows] * np.tile([0.01, 0.6, 0.99], 4)
    state = case.phases.retrieval(along, rows, load)
    assert (state.status == "converged").all()
    n, sigma = case.phases.search(along, rows, load)
    np.testing.assert_allclose(n, state.effective_overlap, atol=1e-10)
    np.testing.assert_allclose(sigma, state.noise, atol=1e-10)


def test_extreme_data_sets():
    """No noise at all up to nothing but noise, in the phase diagram of a model."""
    for quality, examples in [(1.0, 5), (1e-3, 10), (0.999, 10**6), (0.03, 10**6)]:
        for kind in (hopfield.Supervised, hopfield.Unsupervised):
            diagram = theory.phase_diagram(kind(2, quality, examples), points=7)
            assert (diagram.status == "converged").all()
            assert (diagram["load"].sel(line="spinodal")[:-1] > 0).all()


def test_phase_diagram_has_the_common_lines():
    diagram = theory.phase_diagram(hopfield.Unsupervised(2, 0.5, 20), points=5)
    assert diagram.line.values.tolist() == ["glass", "spinodal", "first-order", "at"]
    assert (diagram.status == "converged").all()
    end = theory.capacity(hopfield.Unsupervised(2, 0.5, 20))
    assert diagram["load"].sel(line="spinodal").values[0] == pytest.approx(end["load"].item())


def test_what_rounding_hides_is_not_found():
    """At ρ = 1e9 the largest load, of the order of 1/ρ⁴, is lost: it is said, and no number."""
    phases = Case(1e9, 5000).phases
    assert np.isnan(phases.spinodal(np.array([0.0, 0.5])).load).all()
    at = instability_line(phases.crosstalk, phases.signal, 4)
    assert not at.found.any()
    assert np.isnan(at.load).all()
    assert np.isnan(phases.largest_marginal_ratio())
    status = theory.capacity(hopfield.Supervised(2, Case(1e9, 5000).quality, 5000)).status.item()
    assert status == "not converged"
