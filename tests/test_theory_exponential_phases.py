"""Phases of exponential networks: thermodynamics, boundaries, and enumeration of all states."""

import numpy as np
import pytest
from exponential_exact import log_partition, log_sums, pattern_counts, relative_sums
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax

from theory.exponential.partition import log_mean_partition
from theory.exponential.phases import NAMES, ExponentialPhases
from theory.exponential.rates import BINARY, SPHERICAL, log_cosh
from theory.exponential.thresholds import basin, scatter_load

LAWS = {"binary": BINARY, "spherical": SPHERICAL}
LOG_2 = np.log(2.0)


def phases(name, sharpness):
    return ExponentialPhases(sharpness, LAWS[name])


def log_z(one, load, temperature):
    """The largest of the three exponents, each where its phase exists."""
    found = [getattr(one, name)(load, temperature) for name in NAMES]
    exponents = [np.where(p.exists, -p.free_energy / temperature, -np.inf) for p in found]
    return np.max(exponents, axis=0)


@pytest.mark.parametrize("name", list(LAWS))
@pytest.mark.parametrize("sharpness", [0.4, 1.0, 3.0])
@pytest.mark.parametrize("phase", NAMES)
def test_thermodynamics(name, sharpness, phase):
    """The identities f = u - T s, s = -df/dT, and u = d(f/T)/d(1/T)."""
    solve, step = getattr(phases(name, sharpness), phase), 1e-5
    for t in (0.15, 0.7, 2.5):
        p = solve(0.2, t)
        lower, higher = solve(0.2, t - step), solve(0.2, t + step)
        assert p.free_energy == pytest.approx(p.energy - t * p.entropy, abs=1e-13)
        slope = -(higher.free_energy - lower.free_energy) / (2 * step)
        assert p.entropy == pytest.approx(slope, abs=1e-8)
        inverse = higher.free_energy / (t + step) - lower.free_energy / (t - step)
        inverse /= 1.0 / (t + step) - 1.0 / (t - step)
        assert p.energy == pytest.approx(inverse, abs=1e-7)


@pytest.mark.parametrize("name", list(LAWS))
@pytest.mark.parametrize("sharpness", [0.4, 1.0, 3.0])
def test_variational_principle(name, sharpness):
    """The limit of log Z / N is the largest S + min(α - I(m), 0) + β max(m, Φ/λ) of all overlaps m.

    Of the states only the part exp(N (α - I(m))) is as close as m to a pattern.
    """
    law, one = LAWS[name], phases(name, sharpness)
    m = law.tilted_overlap(np.linspace(0.0, 18.0, 200_001))
    for load in (0.05, 0.2, 0.35, 0.5):
        for beta in (0.3 * sharpness, 0.95 * sharpness, 1.3 * sharpness, 5.0 * sharpness):
            cost = np.minimum(load - law.rate(m), 0.0)
            energy = beta * np.maximum(m, basin(law, sharpness, load))
            # where there are several patterns at m, their number makes a valley of each of them
            expected = law.volume + (cost + energy).max()
            valley = m > basin(law, sharpness, load)
            inside = load - law.rate(m) + beta * m
            if valley.any():
                expected = max(expected, law.volume + inside[valley].max())
            found = log_z(one, load, 1.0 / beta)
            assert found == pytest.approx(expected, abs=1e-8)


def test_boundaries_of_binary_networks_in_closed_form():
    lam = 0.8
    one, beta = ExponentialPhases(lam), np.array([0.9, 1.0, 1.6, 4.0, 30.0])
    t = 1.0 / beta
    end = lam * np.tanh(beta) - np.log(np.cosh(lam))
    equal = (beta * log_cosh(lam) - lam * log_cosh(beta)) / (lam - beta)
    np.testing.assert_allclose(one.spinodal_load(t), end, rtol=1e-13)
    np.testing.assert_allclose(one.equilibrium_load(t), equal, rtol=1e-10)
    assert one.equilibrium_load(t[2]).item() == pytest.approx(
        np.log1p(np.tanh(lam) ** 2), abs=1e-14
    )
    hot = np.array([0.8, 0.79, 0.3, 0.01])
    expected = BINARY.rate(np.tanh(hot))
    np.testing.assert_allclose(one.spinodal_load(1.0 / hot), expected, rtol=1e-10)
    np.testing.assert_allclose(one.equilibrium_load(1.0 / hot), expected, rtol=1e-10)
    assert one.capacity == pytest.approx(lam - np.log(np.cosh(lam)), abs=1e-15)
    for line in (one.spinodal_load, one.equilibrium_load):
        assert line(0.0).item() == pytest.approx(one.capacity, abs=1e-14)


@pytest.mark.parametrize("name", list(LAWS))
@pytest.mark.parametrize("sharpness", [0.3, 1.0, 8.0])
def test_first_order_line_has_equal_free_energies(name, sharpness):
    one = phases(name, sharpness)
    t = np.array([0.02, 0.3, 0.8, 0.99, 1.0 - 1e-4, 1.0 - 1e-9]) / sharpness
    load = one.equilibrium_load(t)
    gap = one.retrieval(load, t).free_energy - one.paramagnet(load, t).free_energy
    np.testing.assert_allclose(gap, 0.0, atol=3e-14)
    assert (load > one.condensation_load).all()
    assert (load < one.spinodal_load(t)).all()
    assert (np.diff(load) < 0.0).all()


@pytest.mark.parametrize("name", list(LAWS))
def test_scatter_of_the_crosstalk_is_equality_at_half_the_temperature(name):
    """T = 1/(2λ): Z is the sum of S², of which the own pattern and the mean are equal parts."""
    for lam in (0.3, 1.0, 4.0):
        equal = phases(name, lam).equilibrium_load(0.5 / lam).item()
        assert equal == pytest.approx(scatter_load(LAWS[name], lam).item(), rel=1e-13)


@pytest.mark.parametrize("name", list(LAWS))
def test_chord_of_the_cumulant_does_not_depend_on_how_it_is_taken(name):
    """The line has no step where quadrature takes over from a difference, at β = λ + 0.5."""
    one = phases(name, 1.2)
    beta = 1.2 + 0.5 + np.array([-3e-9, -1e-9, 1e-9, 3e-9])
    load = one.equilibrium_load(1.0 / beta)
    np.testing.assert_allclose(np.diff(load, 2), 0.0, atol=1e-14)


@pytest.mark.parametrize("name", list(LAWS))
@pytest.mark.parametrize("sharpness", [0.4, 1.0, 3.0])
def test_end_of_retrieval_is_where_the_crosstalk_is_as_strong(name, sharpness):
    one = phases(name, sharpness)
    t = np.array([0.05, 0.4, 1.0, 1.3, 4.0]) / sharpness
    load = one.spinodal_load(t)
    valley = one.retrieval(load, t)
    assert valley.exists.all()
    np.testing.assert_allclose(basin(LAWS[name], sharpness, load), valley.overlap, rtol=1e-9)
    assert not one.retrieval(load * (1.0 + 1e-9), t).exists.any()


@pytest.mark.parametrize("name", list(LAWS))
def test_continuous_transition(name):
    """No jump of energy, entropy or overlap; a jump of the specific heat."""
    one, t = phases(name, 2.0), 0.9
    load = one.spinodal_load(t)
    assert one.equilibrium_load(t) == load
    valley, free = one.retrieval(load, t), one.condensed(load, t)
    assert free.exists
    for field in ("free_energy", "energy", "entropy"):
        assert getattr(valley, field) == pytest.approx(getattr(free, field), abs=1e-13)
    assert valley.overlap == pytest.approx(free.max_overlap, abs=1e-13)
    heat = (one.retrieval(load, t).energy - one.retrieval(load, t - 1e-4).energy) / 1e-4
    assert heat > 0.1
    assert one.condensed(load, t - 1e-4).energy == free.energy


@given(
    name=st.sampled_from(list(LAWS)),
    sharpness=st.floats(0.2, 4.0),
    part=st.floats(0.02, 0.98),
)
def test_transition_temperature_inverts_the_load(name, sharpness, part):
    one = phases(name, sharpness)
    load = part * one.capacity
    t = one.transition_temperature(load)
    assert one.equilibrium_load(t).item() == pytest.approx(load, rel=1e-10)
    assert (one.favoured(load, 0.999 * t) == "retrieval").all()
    assert (one.favoured(load, 1.001 * t) != "retrieval").all()


def test_favoured_phase_has_the_least_free_energy():
    one = ExponentialPhases(1.0)
    load, t = (a.ravel() for a in np.meshgrid(np.linspace(0.01, 0.7, 24), np.linspace(0.0, 3, 31)))
    found = [getattr(one, name)(load, t) for name in NAMES]
    free = np.stack([np.where(p.exists, p.free_energy, np.inf) for p in found])
    best = np.array(NAMES)[free.argmin(axis=0)]
    assert set(best) == set(NAMES)
    assert (one.favoured(load, t) == best).all()


def test_zero_temperature():
    one = ExponentialPhases(1.0)
    cold = one.retrieval(0.3, 0.0)
    assert cold.overlap == 1.0
    assert cold.energy == -1.0
    assert cold.free_energy == pytest.approx(-1.0, abs=1e-15)
    assert cold.entropy == pytest.approx(0.3, abs=1e-15)  # one state a pattern
    assert one.transition_temperature([0.6, 2.0]).tolist() == [0.0, 0.0]
    sphere = ExponentialPhases(1.0, SPHERICAL).retrieval(0.3, 0.0)
    assert sphere.free_energy == pytest.approx(-1.0, abs=1e-15)
    assert sphere.entropy < -100.0  # that of a continuous density


@pytest.mark.parametrize("sharpness", [0.5, 1.3])
@pytest.mark.parametrize("seed", [0, 1])
def test_partition_function_is_no_random_number_where_fields_are_equal(sharpness, seed):
    """T = 1/λ: Z = K (2 cosh λ)^N for all patterns, in every phase."""
    n = 14
    for count in (2, 50, 20_000):
        found = log_partition(pattern_counts(n, count, seed), sharpness, 1.0 / sharpness)
        load = np.log(count) / n
        assert found == pytest.approx(load + LOG_2 + log_cosh(sharpness), abs=1e-12)
        assert found == pytest.approx(
            log_mean_partition(sharpness, 1.0 / sharpness, load, n), abs=1e-12
        )


def test_measure_where_fields_are_equal_is_a_mixture():
    """T = 1/λ: a pattern at random, its bits kept with probability e^λ/(2 cosh λ)."""
    n, lam = 12, 0.7
    counts = pattern_counts(n, 40, 3)
    measure = softmax(log_sums(counts, lam))
    keep = np.exp(lam) / (2.0 * np.cosh(lam))
    flips = np.array([int(k).bit_count() for k in range(2**n)])
    pattern = int(np.flatnonzero(counts)[0])
    alone = pattern_counts(n, 1, 0) * 0
    alone[pattern] = 1
    product = keep ** (n - flips) * (1.0 - keep) ** flips
    np.testing.assert_allclose(
        softmax(log_sums(alone, lam)), product[np.arange(2**n) ^ pattern], rtol=1e-10
    )
    mixture = sum(
        c * product[np.arange(2**n) ^ p] for p, c in enumerate(counts) if c
    ) / counts.sum()  # fmt: skip
    np.testing.assert_allclose(measure, mixture, rtol=1e-10)


@pytest.mark.parametrize("count", [300, 2000])
def test_mean_partition_function_at_half_the_temperature(count):
    """T = 1/(2λ): E Z = K (2 cosh 2λ)^N + K (K - 1) 2^N cosh^{2N} λ, over pattern sets."""
    n, lam, sets = 12, 0.5, 200

    def mean(sharpness):
        own = np.log(count) + n * (LOG_2 + log_cosh(2.0 * sharpness))
        pairs = np.log(count) + np.log(count - 1.0) + n * (LOG_2 + 2.0 * log_cosh(sharpness))
        return np.logaddexp(own, pairs)

    scale = mean(lam)
    samples = [
        np.exp(n * log_partition(pattern_counts(n, count, seed), lam, 0.5 / lam) - scale)
        for seed in range(sets)
    ]
    error = np.std(samples) / np.sqrt(sets)
    assert abs(np.mean(samples) - 1.0) < 4.0 * error
    assert abs(np.mean(samples) - np.exp(mean(1.02 * lam) - scale)) > 4.0 * error
    # a random number of patterns has K^2 in place of K (K - 1)
    poisson = n * log_mean_partition(lam, 0.5 / lam, np.log(count) / n, n) - scale
    assert 0.0 < poisson < 1.1 / count


@pytest.mark.parametrize("power", [0.3, 0.8, 1.5, 2.0, 4.0])
@pytest.mark.parametrize("load", [0.25, 0.4, 0.55])
@pytest.mark.parametrize("sharpness", [0.5, 1.0, 2.0])
def test_mean_partition_function_is_that_of_one_set_of_patterns(sharpness, load, power):
    """All three phases and their transitions, N = 18; pairs of patterns matter for large β/λ."""
    n = 18
    count = round(np.exp(load * n))
    t = 1.0 / (power * sharpness)
    exact = log_partition(pattern_counts(n, count, 7), sharpness, t)
    found = log_mean_partition(sharpness, t, np.log(count) / n, n)
    assert found == pytest.approx(exact, abs=1e-3 if power <= 2.0 else 3e-3)


@pytest.mark.parametrize(
    ("load", "sharpness", "beta"),
    [(0.15, 1.0, 3.0), (0.5, 0.4, 0.6), (0.05, 0.8, 0.4), (0.45, 1.0, 0.5)],
)
def test_limit_of_the_mean_partition_function(load, sharpness, beta):
    """Twice the spins leave half of the difference, or less, to the phases of the limit."""
    one = ExponentialPhases(sharpness)
    limit = log_z(one, load, 1.0 / beta)
    gap = [log_mean_partition(sharpness, 1.0 / beta, load, n) - limit for n in (100, 200, 400)]
    assert abs(gap[1]) < 0.62 * abs(gap[0]) + 1e-12
    assert abs(gap[2]) < 0.62 * abs(gap[1]) + 1e-12
    assert abs(gap[2]) < 3e-3


def test_condensed_phase_approaches_its_limit():
    """The closest of exp(α N) patterns is farther than x* by log(N)/(2 N I'(x*)) and O(1/N)."""
    load, lam, beta, sizes = 0.2, 1.5, 0.5, np.array([100, 200, 400])
    one = ExponentialPhases(lam)
    assert one.favoured(load, 1.0 / beta) == "condensed"
    limit = log_z(one, load, 1.0 / beta)
    found = np.array([log_mean_partition(lam, 1.0 / beta, load, n) for n in sizes])
    missing = sizes * (limit - found)
    slope = np.diff(missing) / np.log(2.0) * 2.0 * BINARY.extreme_field(load) / beta
    assert 0.75 < slope[0] < slope[1] < 1.0


def test_condensed_phase_lies_below_its_limit():
    """By about 0.4/N, at the size of enumeration."""
    n, load, lam, beta = 20, 0.2, 2.0, 0.5
    count = round(np.exp(load * n))
    one = ExponentialPhases(lam)
    alpha = np.log(count) / n
    assert one.favoured(alpha, 1.0 / beta) == "condensed"
    exact = log_partition(pattern_counts(n, count, 5), lam, 1.0 / beta)
    missing = n * (log_z(one, alpha, 1.0 / beta) - exact)
    assert 0.3 < missing < 0.5


def test_overlap_of_retrieval_in_a_small_network():
    """Mean overlap with the closest pattern inside the phase, N = 16, against tanh β."""
    n, lam, beta, load = 16, 1.0, 2.0, 0.12
    counts = pattern_counts(n, round(np.exp(load * n)), 11)
    measure = softmax(log_sums(counts, lam) * beta / lam)
    nearest = 1.0 + np.log(np.maximum(relative_sums(counts, 40.0), 1e-300)) / (40.0 * n)
    mean = float(measure @ nearest)
    one = ExponentialPhases(lam)
    valley = one.retrieval(load, 1.0 / beta)
    assert valley.exists
    assert mean == pytest.approx(valley.overlap.item(), abs=2e-3)
    energy = -float(measure @ log_sums(counts, lam)) / (lam * n)
    assert energy == pytest.approx(valley.energy.item(), abs=2e-3)
