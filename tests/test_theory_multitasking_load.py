"""Several retrieved patterns beside an extensive number of others."""

import itertools

import numpy as np
import pytest
from columns_reference import entry_law
from scipy.integrate import quad
from scipy.optimize import brentq

import hopfield
import theory
from theory.multitasking.equations import residuals
from theory.multitasking.laws import crosstalk_of, law_of
from theory.multitasking.states import solve_state

# model, numbers of patterns of equal overlap, load, temperature
LOADED = [
    (hopfield.Multitasking(0.15), (1, 1, 1), 1e-4, 0.05),
    (hopfield.Multitasking(0.05), (3,), 0.005, 0.1),
    (hopfield.Multitasking(0.62), (2,), 1e-5, 0.25),
    (hopfield.Multitasking(0.3), (1, 1), 1e-5, 0.15),
    (hopfield.Supervised(2, 0.8, 6, dilution=0.2), (1, 1), 1e-4, 0.1),
    (hopfield.Unsupervised(2, 0.8, 6, dilution=0.05), (3,), 1e-3, 0.1),
    (hopfield.Multitasking(0.2), (1,), 0.02, 0.1),
]


def modes(model):
    """Scales and numbers of modes, from the overlaps of examples."""
    if not isinstance(model, hopfield.Unsupervised):
        return [(1.0 - model.dilution, 1.0)]
    r, m, filled = model.quality, model.examples, 1.0 - model.dilution
    mean_square = r**2 + (1.0 - r**2) / m
    # eigenvalues of the correlations of M examples, over those of their mean
    return [(filled, 1.0), (filled * (1.0 - r**2) / m / mean_square, m - 1.0)]


class Functional:
    """Replica-symmetric free energy of n, q and R, whose derivatives vanish at a state."""

    def __init__(self, model, n_patterns, load, temperature):
        law = entry_law(
            model.dilution, getattr(model, "quality", 1.0), getattr(model, "examples", 1)
        )
        self.columns = [
            ([float(x) for x, *_ in column], float(np.prod([float(p) for *_, p in column])))
            for column in itertools.product(law, repeat=n_patterns)
        ]
        self.modes, self.load, self.t = modes(model), load, temperature
        z, w = np.polynomial.hermite_e.hermegauss(101)
        self.z, self.w = z, w / w.sum()

    def __call__(self, values):
        """Per spin."""
        *n, q, spread = values
        c = (1.0 - q) / self.t
        total = np.dot(n, n) / 2.0 + self.load * spread * c / 2.0
        for scale, number in self.modes:
            gap = 1.0 - scale * c
            one = self.t * (np.log(gap) + scale * c) - scale * q / gap + scale * q
            # without the diagonal of the couplings, which is λ T C + λ q = λ
            total += self.load * number * one / 2.0
        for x, p in self.columns:
            h = np.dot(n, x) + np.sqrt(self.load * spread) * self.z
            total -= p * self.t * (self.w @ np.logaddexp(h / self.t, -h / self.t))
        return total


def state(case):
    model, groups, load, t = case
    found = solve_state(model, groups, sum(groups), np.full(1, load), np.full(1, t))
    assert found.status.item() == "converged"
    return {name: value[0] for name, value in found.values.items()}


@pytest.mark.parametrize("case", LOADED)
def test_free_energy_is_stationary(case):
    model, groups, load, t = case
    found, functional = state(case), Functional(model, sum(groups), load, t)
    n, q = found["effective_overlap"], found["self_overlap"]
    c = (1.0 - q) / t
    spread = q * sum(number * scale**2 / (1.0 - scale * c) ** 2 for scale, number in modes(model))
    assert abs(found["noise"] - np.sqrt(load * spread)) < 1e-12
    point = np.array([*n, q, spread])
    assert abs(functional(point) - found["free_energy"]) < 1e-7
    for i, size in enumerate(point):
        step = 1e-5 * max(size, 0.1) * np.eye(point.size)[i]
        slope = (functional(point + step) - functional(point - step)) / (2.0 * step[i])
        assert abs(slope) < 1e-6, i
        wrong = point + 100.0 * step
        off = (functional(wrong + step) - functional(wrong - step)) / (2.0 * step[i])
        assert abs(off) > abs(slope), i


@pytest.mark.parametrize("case", LOADED)
def test_jacobian_and_entropy_are_derivatives(case):
    model, groups, load, t = case
    found = state(case)
    n = found["effective_overlap"][np.cumsum(groups) - 1]
    given = law_of(model, groups), crosstalk_of(model), np.full(1, load), np.full(1, t)
    point = np.append(n, found["noise"])

    def gap(x):
        return residuals(*given, x[None, :-1], x[-1:])[0][0]

    jacobian = residuals(*given, point[None, :-1], point[-1:])[1][0]
    for i in range(point.size):
        step = 1e-6 * np.eye(point.size)[i]
        assert np.abs((gap(point + step) - gap(point - step)) / 2e-6 - jacobian[:, i]).max() < 1e-5
    cold, warm = (state((model, groups, load, t + step))["free_energy"] for step in (-1e-5, 1e-5))
    assert abs((warm - cold) / 2e-5 + found["entropy"]) < 1e-6
    assert abs(found["energy"] - t * found["entropy"] - found["free_energy"]) < 1e-12


def test_eigenvalues_with_the_noise_that_follows():
    """Derivatives of the free energy after elimination of the noise, the other way around."""
    model, _, load, t = LOADED[0]
    found = state(LOADED[0])
    functional = Functional(model, 3, load, t)
    n = found["effective_overlap"]
    q, spread = found["self_overlap"], found["noise"] ** 2 / load
    point, size = np.array([*n, q, spread]), 5
    steps = np.diag([1e-4, 1e-4, 1e-4, 1e-4, 1e-3 * spread])
    hessian = np.empty((size, size))
    for i, j in itertools.product(range(size), repeat=2):
        corners = [
            a * b * functional(point + a * steps[i] + b * steps[j])
            for a, b in itertools.product((1, -1), repeat=2)
        ]
        hessian[i, j] = sum(corners) / (4.0 * steps[i, i] * steps[j, j])
    rest = np.linalg.solve(hessian[3:, 3:], hessian[3:, :3])
    eliminated = hessian[:3, :3] - hessian[:3, 3:] @ rest
    along = np.linalg.eigvalsh(eliminated)
    others = np.delete(found["eigenvalue"], np.abs(found["eigenvalue"] - beyond(found, t)).argmin())
    assert np.abs(along - others).max() < 1e-4


def beyond(found, t):
    return 1.0 - 0.85 * (1.0 - found["self_overlap"]) / t


@pytest.mark.parametrize("kind", [hopfield.Supervised, hopfield.Unsupervised])
def test_one_retrieved_archetype_against_the_theory_of_one(kind):
    model = kind(2, 0.7, 9, dilution=0.2)
    t = np.array([0.0, 0.05, 0.3])
    load = 0.5 * theory.capacity(model)["load"].item()
    ours = theory.retrieval_states(model, 1, t, states=["pure"], load=load).isel(state=0, pattern=0)
    others = theory.solve(model, load, t)
    for name in ("overlap", "effective_overlap", "self_overlap", "noise", "free_energy", "energy",
                 "entropy", "replicon"):  # fmt: skip
        assert ours[name].values == pytest.approx(others[name].values, abs=1e-9), name


def test_mixtures_of_three_in_the_hopfield_model():
    """Amit, Gutfreund and Sompolinsky (1987): they last to α = 0.03 at T = 0."""
    model = hopfield.Multitasking(0.0)
    for load, status in ((0.029, "converged"), (0.031, "absent")):
        found = theory.retrieval_states(model, 3, 0.0, states=["3"], load=load)
        assert found.status.item() == status


def test_zero_temperature_is_the_limit():
    """Energies rise as T², entropies and self-overlaps change as T; f = u - T s and df/dT = -s."""
    model, t = hopfield.Multitasking(0.1), np.array([0.0, 1e-3, 2e-3])
    found = theory.retrieval_states(model, 3, t, states=["pure", "parallel"], load=2e-3)
    assert (found.status == "converged").all()
    for name, power in (("energy", 2), ("entropy", 1), ("self_overlap", 1)):
        near, far = (found[name][:, i].values - found[name][:, 0].values for i in (1, 2))
        assert np.abs(far / near - 2.0**power).max() < 1e-2, name
    assert np.abs(found.free_energy[:, 0] - found.energy[:, 0]).max() < 1e-15
    assert np.abs(found.overlap - found.overlap[:, 0]).max() < 3e-7
    slope = 4.0 * found.free_energy[:, 1] - found.free_energy[:, 2] - 3.0 * found.free_energy[:, 0]
    assert np.abs(slope / 2e-3 + found.entropy[:, 0]).max() < 1e-6


def test_zero_temperature_by_integrals():
    """Two patterns of different overlap at T = 0: error functions of normal fields."""
    d, load = 0.1, 2e-4
    found = state((hopfield.Multitasking(d), (1, 1), load, 0.0))
    n, noise = found["effective_overlap"], found["noise"]

    def mean(function):
        total = 0.0
        for x, y in itertools.product((0, 1, -1), repeat=2):
            p = (d if x == 0 else (1 - d) / 2) * (d if y == 0 else (1 - d) / 2)
            h = n[0] * x + n[1] * y
            edge = -h / noise

            def density(z):
                return np.exp(-(z**2) / 2.0) / np.sqrt(2.0 * np.pi)

            up = quad(density, edge, np.inf)[0] if edge > -38 else 1.0
            total += p * function(x, y, 2.0 * up - 1.0, 2.0 * density(edge) / noise)
        return total

    assert abs(mean(lambda x, y, s, c: x * s) - n[0]) < 1e-9
    assert abs(mean(lambda x, y, s, c: y * s) - n[1]) < 1e-9
    response = mean(lambda x, y, s, c: c)
    assert abs(noise - (1 - d) * np.sqrt(load) / (1.0 - (1 - d) * response)) < 1e-9
    assert found["self_overlap"] == 1.0


def test_vanishing_load_where_other_patterns_do_not_order():
    """σ² = α q (1-d)²/(1 - (1-d) C)² with q and C of the state without load."""
    model, t, groups = hopfield.Multitasking(0.62), 0.27, (2,)
    free = state((model, groups, 0.0, t))
    gap = 1.0 - 0.38 * (1.0 - free["self_overlap"]) / t
    assert gap > 0.0
    errors = []
    for load in (1e-12, 1e-11):
        found = state((model, groups, load, t))
        expected = 0.38 * np.sqrt(load * free["self_overlap"]) / gap
        change = np.abs(found["overlap"] - free["overlap"]).max()
        errors.append([abs(found["noise"] / expected - 1.0), change])
    assert np.abs(np.divide(*errors[::-1]) - 10.0).max() < 0.05  # both of the order of the load
    assert max(errors[0]) < 2e-5


def test_free_spins_freeze_at_vanishing_load():
    """At T = 0 the spins that the first pattern leaves free order in others, d (1-d) sqrt(2/π)."""
    d = 0.1
    found = state((hopfield.Multitasking(d), (1,), 1e-10, 0.0))
    exact = brentq(lambda s: s - (1 - d) * np.sqrt(2 / np.pi) * (
        d + (1 - d) * np.exp(-((1 - d) ** 2) / (2 * s * s))), 0.01, 0.2)  # fmt: skip
    assert abs(found["noise"] / exact - 1.0) < 1e-3


def test_parallel_retrieval_gives_way_to_hierarchical_on_cooling():
    """With a little crosstalk as without; a lot of it makes the parallel state stable, d = 0.15."""
    model, t = hopfield.Multitasking(0.15), np.linspace(0.02, 0.35, 34)
    for load in (0.0, 1e-5, 5e-5):
        found = theory.retrieval_states(model, 3, t, states=["hierarchical", "parallel"], load=load)
        parallel = t[found.stable.sel(state="parallel").values]
        hierarchical = t[found.stable.sel(state="hierarchical").values]
        assert 0.15 < parallel.min() < 0.2 < parallel.max() < 0.3
        assert np.array_equal(parallel, t[(t >= parallel.min()) & (t <= parallel.max())])
        assert hierarchical.min() == t[0]
        assert 0.08 < hierarchical.max() < parallel.min()
    noisy = theory.retrieval_states(model, 3, t, states=["hierarchical", "parallel"], load=2e-3)
    assert noisy.stable.sel(state="parallel", temperature=t[:3]).all()
    assert (noisy.status.sel(state="hierarchical") == "absent").all()


@pytest.mark.parametrize("load", [1e-4, 1e-2])
def test_nothing_is_retrieved_of_strongly_diluted_patterns(load):
    """The others order in their free spins."""
    t = 0.3 * np.linspace(0.0, 0.95, 12)
    found = theory.retrieval_states(hopfield.Multitasking(0.7), 3, t, load=load)
    assert not (found.status == "converged").any()
