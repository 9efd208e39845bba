"""Networks of p-body interactions where they are known: T = 0, no load, the Nishimori line."""

import math

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar
from scipy.special import erf
from test_theory_dense_equations import NAMES, model, name_of, point, printed  # noqa: F401

import hopfield
import theory
from theory.crosstalk import crosstalk
from theory.dense.lines import (
    condensation_temperature,
    largest_marginal_ratio,
    marginal,
    nishimori_end,
)
from theory.dense.spinodal import melting_temperature
from theory.gaussian import moments
from theory.signal import PATTERN


def zero_temperature_load(p, slope, y):
    """α as a function of y = m^(p-1)/(σ sqrt 2)."""
    return erf(y) ** (2 * (p - 1)) / (2 * y**2 * slope)


def test_capacity_at_zero_temperature(model):  # noqa: F811
    """Largest load of the closed form, where (p-1) y (2/sqrt π) exp(-y²) = erf(y)."""
    p, slope = model.p, printed(model).deriv()(1.0)

    def stationary(y):
        return (p - 1) * y * 2 / np.sqrt(np.pi) * np.exp(-(y**2)) - erf(y)

    y = brentq(stationary, 0.8, 5.0, xtol=1e-15)
    end = theory.capacity(model)
    assert end["load"].item() == pytest.approx(zero_temperature_load(p, slope, y), rel=1e-12)
    assert end.overlap.item() == pytest.approx(erf(y), abs=1e-11)
    best = minimize_scalar(
        lambda y: -zero_temperature_load(p, slope, y), bounds=(0.8, 5.0), method="bounded"
    )
    assert end["load"].item() == pytest.approx(-best.fun, rel=1e-9)


@pytest.mark.parametrize("p", [3, 4, 5, 6, 20, 40])
def test_capacities_of_the_two_energies_at_zero_temperature(p):
    """They are in the ratio of ξ'(1), (p-1)! and (2p-3)!!; not so at T > 0."""
    both = [hopfield.Dense(p, self_interaction=full) for full in (False, True)]
    dense, full = (theory.capacity(m)["load"].item() for m in both)
    ratio = math.factorial(p - 1) / math.prod(range(1, 2 * p - 2, 2))
    assert full / dense == pytest.approx(ratio, rel=1e-12)
    warm = [theory.capacity(m, 0.5 * melting_temperature(p))["load"].item() for m in both]
    assert abs(warm[1] / warm[0] / ratio - 1.0) > 0.05


@pytest.mark.parametrize("share", [0.02, 0.5, 0.99])
def test_zero_temperature_retrieval_has_the_closed_forms(model, share):  # noqa: F811
    p, xi = model.p, printed(model)
    load = share * theory.capacity(model)["load"].item()
    found = point(model, load, 0.0)
    sigma = np.sqrt(load * xi.deriv()(1.0))
    m = found["overlap"]
    u = m ** (p - 1) / sigma
    c = np.sqrt(2 / np.pi) * np.exp(-(u**2) / 2) / sigma
    fields = sigma * np.sqrt(2 / np.pi) * np.exp(-(u**2) / 2) + m**p
    assert m == pytest.approx(erf(u / np.sqrt(2)), abs=1e-13)
    assert found["noise"] == pytest.approx(sigma, rel=1e-14)
    assert found["energy"] == pytest.approx((p - 1) / p * m**p - fields, abs=1e-14)
    assert found["free_energy"] == pytest.approx(found["energy"], abs=1e-14)
    assert found["entropy"] == pytest.approx(-load / 4 * xi.deriv(2)(1.0) * c**2, abs=1e-14)
    assert found["self_overlap"] == 1.0
    assert found["replicon"] == -np.inf


def test_zero_temperature_is_the_limit(model):  # noqa: F811
    """The error goes down with T, as far as rounding lets it."""
    load = 0.8 * theory.capacity(model)["load"].item()
    limit = point(model, load, 0.0)
    for temperature in (1e-3, 1e-6, 1e-9, 1e-100):
        near = point(model, load, temperature)
        for name in NAMES[:-1]:
            assert abs(near[name] - limit[name]) <= 5.0 * temperature + 1e-14, name
    assert point(model, load, 1e-9)["replicon"] < -1e2


@pytest.mark.parametrize("warmth", [0.01, 0.5, 0.99, 0.999999])
def test_without_load_the_overlap_is_that_of_a_ferromagnet(model, warmth):  # noqa: F811
    p, temperature = model.p, warmth * melting_temperature(model.p)
    m = point(model, 0.0, temperature)["overlap"]
    assert m == pytest.approx(np.tanh(m ** (p - 1) / temperature), abs=1e-14)
    slope = (p - 1) * m ** (p - 2) / temperature * (1 - m**2)
    assert 0.0 < 1.0 - slope <= 1.0  # the stable one of two
    found = point(model, 0.0, temperature)
    assert found["self_overlap"] == pytest.approx(m**2, abs=1e-13)
    y = m ** (p - 1) / temperature
    log_cosh = y + np.log1p(np.exp(-2 * y))
    free_energy = (p - 1) / p * m**p - temperature * log_cosh
    assert found["free_energy"] == pytest.approx(free_energy, abs=1e-14)
    assert found["replicon"] == 1.0


@pytest.mark.parametrize("p", [3, 4, 5, 6, 20, 100])
def test_temperatures_at_zero_load(p):
    """T_M(0): (p-1) atanh(m) (1-m²) = m. T_c(0): no difference to -T ln 2."""
    t_m = melting_temperature(p)
    low = 1.0 - 1.0 / p
    m = brentq(lambda m: (p - 1) * np.arctanh(m) * (1 - m**2) - m, 0.5 * low, 1 - 1e-9, xtol=1e-15)
    assert t_m == pytest.approx(m ** (p - 1) / np.arctanh(m), rel=1e-12)
    t_c = condensation_temperature(p)
    ordered, limit = (point(hopfield.Dense(p), 0.0, t, phase)["free_energy"]
                      for t, phase in ((t_c, "retrieval"), (t_c, "paramagnet")))  # fmt: skip
    assert ordered == pytest.approx(limit, abs=1e-14)
    assert limit == pytest.approx(-t_c * np.log(2), abs=1e-15)
    assert t_c < t_m
    assert theory.solve(hopfield.Dense(p), [0.0], [t_m]).status.item() == "absent"


@pytest.mark.parametrize("p", [3, 4, 5, 6, 20])
@pytest.mark.parametrize("share", [0.05, 0.4, 0.9, 0.999])
def test_nishimori_line(p, share):
    """On T = α (p-1)!: m = q, u = -1/p, and two eigenvalues are the same."""
    load = share * nishimori_end(p)
    temperature = load * math.factorial(p - 1)
    found = point(hopfield.Dense(p), load, temperature)
    assert found["overlap"] == pytest.approx(found["self_overlap"], abs=1e-12)
    assert found["energy"] == pytest.approx(-1.0 / p, abs=1e-13)

    def next_overlap(q):
        """E tanh(λ + sqrt(λ) z) with λ = q^(p-1)/T."""
        field = q ** (p - 1)
        return float(moments(field, np.sqrt(temperature * field), temperature).tanh)

    q, h = found["self_overlap"], 1e-4
    assert next_overlap(q) == pytest.approx(q, abs=1e-12)
    f = [next_overlap(q + k * h) for k in (-2, -1, 1, 2)]
    longitudinal = 1.0 - (f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h)
    assert found["replicon"] == pytest.approx(longitudinal, abs=1e-8)


@pytest.mark.parametrize("p", [3, 4, 5, 6, 20])
def test_beside_the_nishimori_line_nothing_of_it_holds(p):
    load = 0.9 * nishimori_end(p)
    beside = point(hopfield.Dense(p), load, 0.9 * load * math.factorial(p - 1))
    assert abs(beside["overlap"] - beside["self_overlap"]) > 0.01 * (1.0 - beside["overlap"])
    assert abs(beside["energy"] + 1.0 / p) > 0.01 * (1.0 - beside["overlap"])


@pytest.mark.parametrize("p", [3, 4, 5, 6, 20])
def test_spinodal_has_its_largest_load_on_the_nishimori_line(p):
    """There the AT line and the dynamical transition meet it too."""
    model_ = hopfield.Dense(p)
    end = nishimori_end(p)
    top = end * math.factorial(p - 1)
    loads = theory.capacity(model_, top * np.array([0.999, 1.0, 1.001]))["load"].values
    assert loads[1] == pytest.approx(end, rel=1e-12)
    assert loads[1] > max(loads[0], loads[2])
    xi = crosstalk(p, False)
    at = marginal(xi, PATTERN, np.array([largest_marginal_ratio(xi, PATTERN)]))
    assert at.load.item() == pytest.approx(end, rel=1e-9)
    assert at.temperature.item() == pytest.approx(top, rel=1e-9)


def test_no_such_line_with_self_interaction():
    full = point(hopfield.Dense(3, self_interaction=True), 0.08, 0.16)
    assert abs(full["overlap"] - full["self_overlap"]) > 1e-4
    assert abs(full["energy"] + 1.0 / 3.0) > 1e-4


@pytest.mark.parametrize("phase", ["retrieval", "glass", "paramagnet"])
@pytest.mark.parametrize("p", [3, 4, 9, 20])
@pytest.mark.parametrize("full", [False, True])
def test_extreme_arguments_give_numbers_or_say_why(p, full, phase):
    tiny = [0.0, 5e-324, 1e-300, 1e-100, 1e-30, 1e-16, 1e-8]
    near = melting_temperature(p) * np.array([1 - 1e-4, 1 - 1e-8, 1 - 1e-12, 1 - 1.2e-16, 1.0])
    model_ = hopfield.Dense(p, self_interaction=full)
    loads, temperatures = [*tiny, 0.01, 0.1, 1.0, 1e100], [*tiny, 1e-3, *near, 2.0, 1e100, 1e300]
    cells = theory.solve(model_, loads, temperatures, phase=phase)
    found = cells.status.isin(["converged", "at the edge"])
    assert set(np.unique(cells.status.values)) <= {"converged", "absent", "at the edge"}
    assert found.any() or (phase == "glass" and not (p == 3 and full) and not (p == 4 and full))
    for name in NAMES[:-1]:
        assert np.isfinite(cells[name].where(found, 0.0)).all(), name
        assert np.isnan(cells[name].where(~found)).all(), name
    assert not np.isnan(cells.replicon.where(found, 0.0)).any()
