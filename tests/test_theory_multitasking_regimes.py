"""Globally stable states of a few diluted patterns, against searches from random states."""

import itertools
import time

import numpy as np
import pytest
from columns_reference import entry_law
from scipy.optimize import minimize

import hopfield
import theory
from hopfield import InputError
from theory.multitasking.laws import law_of
from theory.multitasking.lowest import lowest_states


class FreeEnergy:
    """Of K overlaps, by enumeration of columns, with its gradient and Hessian."""

    def __init__(self, n_patterns, dilution, temperature, quality=1.0, examples=1):
        law = [(float(x), float(p)) for x, _, p in entry_law(dilution, quality, examples)]
        columns = list(itertools.product(law, repeat=n_patterns))
        self.x = np.array([[x for x, _ in column] for column in columns])
        self.p = np.array([np.prod([p for _, p in column]) for column in columns])
        self.t = temperature

    def __call__(self, n):
        """With the gradient."""
        h = self.x @ n
        log = self.t * np.log1p(np.exp(-2.0 * np.abs(h) / self.t)) + np.abs(h)
        return n @ n / 2.0 - self.p @ log, n - (self.p * np.tanh(h / self.t)) @ self.x

    def hessian(self, n):
        """Second derivatives."""
        slope = 1.0 - np.tanh(self.x @ n / self.t) ** 2
        return np.eye(n.size) - (self.x.T * (self.p * slope / self.t)) @ self.x

    def least(self, starts):
        """The lowest of all minima that searches from some overlaps end in."""
        found = [
            minimize(self, start, jac=True, method="BFGS", options={"gtol": 1e-11})
            for start in starts
        ]
        return min(found, key=lambda each: each.fun)


def points(n_patterns, count, seed):
    """Dilutions, temperatures and random overlaps."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        d = rng.uniform(0.02, 0.95)
        t = (1.0 - d) * rng.uniform(0.02, 1.0)
        starts = rng.uniform(0.0, 1.0, (30, n_patterns)) ** rng.uniform(0.3, 4.0, (30, 1))
        yield d, t, (1.0 - d) * starts


@pytest.mark.parametrize(
    ("n_patterns", "count", "data"),
    [(2, 20, (1.0, 1)), (3, 20, (1.0, 1)), (4, 12, (1.0, 1)), (2, 6, (0.6, 5)), (3, 5, (0.4, 2))],
)
def test_lowest_minimum_of_all(n_patterns, count, data):
    for d, t, starts in points(n_patterns, count, seed=n_patterns):
        found = theory.regime_diagram(
            n_patterns, dilution=d, temperature=t, quality=data[0], examples=data[1]
        )
        f = FreeEnergy(n_patterns, d, t, *data)
        best = f.least(starts)
        n = found.effective_overlap.values
        assert abs(found.free_energy.item() - best.fun) < 1e-12, (d, t)
        assert np.abs(np.sort(np.abs(best.x))[::-1] - n).max() < 1e-4, (d, t)
        value, gradient = f(n)
        assert abs(found.free_energy.item() - value) < 1e-14
        assert np.abs(gradient).max() < 1e-14
        curvature = np.linalg.eigvalsh(f.hessian(n))
        assert np.abs(curvature - found.eigenvalue.values).max() < 1e-11
        assert curvature[0] > 0.0
        assert found.status.item() == "converged"


def test_a_search_from_one_state_may_miss_it():
    """An odd mixture is a minimum above the pure state."""
    found = theory.regime_diagram(3, dilution=0.1, temperature=0.2)
    mixture = FreeEnergy(3, 0.1, 0.2).least(np.array([[0.5, 0.49, 0.48]]))
    assert mixture.fun > found.free_energy.item() + 1e-3
    assert np.ptp(mixture.x) < 1e-6


@pytest.mark.parametrize(("n_patterns", "dilution"), [(3, 0.6), (4, 0.56), (4, 0.7), (5, 0.54)])
def test_many_states_at_low_temperature(n_patterns, dilution):
    """All the minima at T = 0 are sums of columns with signs of their fields."""
    law = law_of(hopfield.Multitasking(dilution), (1,) * n_patterns)
    t = (1.0 - dilution) * np.array([0.0, 1e-3, 0.02])
    found = lowest_states(law, dilution, t)
    rng = np.random.default_rng(2)
    n = np.sort(rng.uniform(0.0, 1.0, (20_000, n_patterns)), axis=1)[:, ::-1]
    for _ in range(30):
        n = (law.weight * np.sign(n @ law.value.T)) @ law.value
    energy = -(n**2).sum(axis=1) / 2.0
    assert abs(energy.min() - found.free_energy[0]) < 1e-15
    assert found.found.all()
    assert (np.abs(np.diff(found.free_energy)) < np.diff(t)).all()


def test_equal_overlaps_have_the_free_energy_of_their_state():
    """Names and free energies are those of states of equal overlaps."""
    diagram = theory.regime_diagram(3, dilution=np.linspace(0.05, 0.95, 10),
                                    temperature=np.linspace(0.01, 0.6, 12))  # fmt: skip
    names = set(diagram.state.values.ravel())
    assert {"pure", "1+1", "2+1", "parallel", "hierarchical", "paramagnet"} <= names
    for d in diagram.dilution.values:
        row = diagram.sel(dilution=d)
        states = [name for name in np.unique(row.state) if name != "paramagnet"]
        if not states:
            continue
        alone = theory.retrieval_states(hopfield.Multitasking(d), 3, row.temperature, states=states)
        for i, name in enumerate(row.state.values):
            n = row.effective_overlap.values[i]
            if name == "paramagnet":
                assert row.temperature.values[i] >= 1.0 - d
                assert not n.any()
                continue
            same = alone.sel(state=name).isel(temperature=i)
            assert same.stable
            if name == "hierarchical":  # of which there are several
                assert same.free_energy > row.free_energy[i] - 1e-14
                continue
            assert np.abs(same.effective_overlap.values - n).max() < 1e-9
            assert abs(same.free_energy - row.free_energy[i]) < 1e-14


def test_whole_plane_in_a_few_seconds():
    began = time.process_time()
    diagram = theory.regime_diagram(3)
    assert time.process_time() - began < 30.0
    assert diagram.state.shape == (100, 100)
    assert (diagram.status == "converged").all()
    assert diagram.residual.max() < 1e-14
    warm = diagram.temperature > 1.0 - diagram.dilution - 1e-9
    assert ((diagram.state == "paramagnet") == warm).all()
    n = diagram.effective_overlap
    assert (diagram.dominant == (2.0 * n.isel(pattern=0) > n.sum("pattern"))).all()
    assert not diagram.dominant.where(diagram.state == "parallel", False).any()
    assert diagram.dominant.where(diagram.state == "pure", True).all()
    assert (diagram.eigenvalue.where(diagram.state != "paramagnet", 1.0) > 0.0).all()


def test_free_energy_is_concave_in_temperature_and_continuous():
    """Its slope is minus the entropy, which only grows."""
    t = np.linspace(0.01, 0.5, 400)
    for d in (0.1, 0.5, 0.62, 0.64, 0.8):
        f = theory.regime_diagram(3, dilution=d, temperature=t).free_energy.values
        assert (np.diff(f, 2) < 1e-13).all()
        assert (np.diff(f) < 0.0).all()


def test_ground_states_of_three_patterns():
    """Two patterns overrule the first one from (1 + 2 sqrt 2)/7 on, before it loses its rule."""
    d = (1.0 + 2.0 * 2.0**0.5) / 7.0
    assert d < theory.dilution_threshold(3).dilution.item()
    below, above = (
        theory.regime_diagram(3, dilution=d + step, temperature=0.0) for step in (-1e-9, 1e-9)
    )
    u = 1.0 - d
    first = u * d ** np.arange(3)
    second = u * (d + u**2 / 2.0 + np.array([u * d, 0.0, -u * d]))
    assert abs(first @ first - second @ second) < 1e-15
    assert np.abs(below.overlap.values - first).max() < 1e-8
    assert np.abs(above.overlap.values - second).max() < 1e-8
    assert below.dominant.item()
    assert not above.dominant.item()


@pytest.mark.parametrize("d", [0.3, 0.6, 0.9])
def test_two_patterns_at_zero_temperature(d):
    found = theory.regime_diagram(2, dilution=d, temperature=0.0)
    assert np.abs(found.overlap.values - [1.0 - d, d * (1.0 - d)]).max() < 1e-15


# What is accepted


def test_scalars_and_arrays():
    one = theory.regime_diagram(2, dilution=0.3, temperature=0.1)
    row = theory.regime_diagram(2, dilution=0.3, temperature=[0.1, 0.9])
    plane = theory.regime_diagram(2, dilution=[0.3, 0.5], temperature=[0.1, 0.9])
    assert one.state.dims == ()
    assert row.overlap.dims == ("temperature", "pattern")
    assert plane.eigenvalue.dims == ("dilution", "temperature", "mode")
    assert one.free_energy.item() == row.free_energy[0].item() == plane.free_energy[0, 0].item()
    assert np.array_equal(plane.overlap[0], row.overlap)
    assert (plane.state.sel(temperature=0.9) == "paramagnet").all()


def test_one_pattern_is_pure():
    diagram = theory.regime_diagram(1, dilution=[0.2, 0.9], temperature=[0.0, 0.05, 0.5])
    assert diagram.state.values.tolist() == [["pure"] * 3, ["pure", "pure", "paramagnet"]]


@pytest.mark.parametrize("call", [
    lambda: theory.regime_diagram(0),
    lambda: theory.regime_diagram(2.0),
    lambda: theory.regime_diagram(2, dilution=1.0),
    lambda: theory.regime_diagram(2, dilution=[0.1, -0.2]),
    lambda: theory.regime_diagram(2, temperature=-0.1),
    lambda: theory.regime_diagram(2, quality=1.5),
    lambda: theory.regime_diagram(2, quality=0.5, examples=0),
])  # fmt: skip
def test_what_is_refused(call):
    with pytest.raises(InputError):
        call()
