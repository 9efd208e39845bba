"""Dilutions and temperatures at which states of a few diluted patterns begin and end."""

import itertools

import mpmath as mp
import numpy as np
import pytest
from columns_reference import DIGITS, Reference, eigenvalues, entry_law
from scipy.optimize import brentq

import hopfield
import theory
from hopfield import InputError
from theory.signal import signal_of

# Ends of the hierarchical state at T = 0


def test_end_of_the_hierarchical_state():
    counts = [2, 3, 4, 5, 8, 20, 60, 10**6]
    found = theory.dilution_threshold(counts).dilution.values
    assert found[0] == 1.0
    assert abs(found[1] - (5**0.5 - 1.0) / 2.0) < 1e-15
    assert found[-1] == 0.5
    with mp.workdps(30):
        for k, d in zip(counts[1:-1], found[1:-1], strict=True):
            exact = mp.findroot(lambda x, k=k: sum(x**j for j in range(1, k)) - 1, float(d))
            assert abs(d - exact) < 2e-16, k
    assert theory.dilution_threshold(3).dilution.item() == found[1]


@pytest.mark.parametrize("k", [3, 4, 5])
def test_hierarchical_state_ends_at_its_threshold(k):
    end = theory.dilution_threshold(k).dilution.item()
    first = []
    for d in (end - 1e-9, end + 1e-9):
        state = theory.retrieval_states(hopfield.Multitasking(d), k, 0.0, states=["hierarchical"])
        first.append(abs(state.overlap.values[0, 0] - (1.0 - d)) < 1e-12)
    assert first == [True, False]


@pytest.mark.parametrize("bad", [1, 2.5, [], [[3]], "3", [3, 0], True])
def test_numbers_of_patterns_that_are_refused(bad):
    for function in (theory.dilution_threshold, theory.least_dilution):
        with pytest.raises(InputError, match="n_patterns"):
            function(bad)


# The parallel state


def parallel_eigenvalue(n_patterns, dilution, ratio):
    """Temperature and eigenvalue between patterns at n/T, by enumeration with many digits."""
    sums = {}
    for x, weight in multinomial(n_patterns, dilution):
        for y in range(-x, x + 1, 2):
            part = weight * mp.binomial(x, (x + y) // 2) / mp.mpf(2) ** x
            sums[x, y] = sums.get((x, y), 0) + part
    t = sum(p * y * mp.tanh(ratio * y) for (_, y), p in sums.items()) / (n_patterns * ratio)
    apart = sum(
        p * (x - mp.mpf(y) ** 2 / n_patterns) * mp.sech(ratio * y) ** 2
        for (x, y), p in sums.items()
    )
    return t, 1 - apart / (n_patterns - 1) / t


def multinomial(n_patterns, dilution):
    """Numbers of entries that are not blank."""
    d = mp.mpf(dilution)
    for x in range(n_patterns + 1):
        yield x, mp.binomial(n_patterns, x) * (1 - d) ** x * d ** (n_patterns - x)


def ratio_at(k, d, t):
    """n/T of the parallel state."""
    return brentq(lambda r: float(parallel_eigenvalue(k, d, r)[0]) - t, 1e-3, 1e4, rtol=1e-13)


@pytest.mark.parametrize("k", [2, 3, 5, 8])
def test_least_dilution_of_the_parallel_state(k):
    """The eigenvalue vanishes there together with its derivative by n/T."""
    found = theory.least_dilution(k)
    edges = [("dilution", "temperature")] + [("weak_dilution", "weak_temperature")] * (k % 2)
    with mp.workdps(30):
        for d_name, t_name in edges:

            def both(d, ratio):
                value = parallel_eigenvalue(k, d, ratio)[1]
                slope = mp.diff(lambda r: parallel_eigenvalue(k, d, r)[1], ratio)
                return [value, slope]

            d, t = found[d_name].item(), found[t_name].item()
            ratio = ratio_at(k, d, t)
            d_exact, ratio = mp.findroot(both, (d, ratio))
            assert abs(d - d_exact) < 1e-10
            assert abs(t - parallel_eigenvalue(k, d_exact, ratio)[0]) < 1e-8
    assert np.isnan(found.weak_dilution.item()) == (k % 2 == 0)


def test_least_dilutions_rise_to_two_thirds():
    found = theory.least_dilution([2, 3, 4, 8, 30])
    assert (np.diff(found.dilution) > 0.0).all()
    assert 0.65 < found.dilution.values[-1] < 2.0 / 3.0
    weak = theory.least_dilution([3, 5, 7]).weak_dilution.values
    assert (np.diff(weak) < 0.0).all()


@pytest.mark.parametrize("k", [2, 3, 4])
def test_the_window_of_the_parallel_state_closes_at_the_least_dilution(k):
    least = theory.least_dilution(k)
    d = least.dilution.item() + np.array([-1e-3, 1e-5, 1e-3])
    window = theory.stability_window(k, "parallel", d)
    assert window.status.values.ravel().tolist() == ["absent", "converged", "converged"]
    width = (window.highest_temperature - window.lowest_temperature).values.ravel()[1:]
    assert abs(width[1] / width[0] - 10.0) < 0.5
    middle = (window.highest_temperature + window.lowest_temperature).values.ravel()[1] / 2.0
    assert abs(middle - least.temperature.item()) < 1e-3


@pytest.mark.parametrize("k", [2, 3, 4])
def test_window_of_the_parallel_state(k):
    """Roots of the eigenvalue; up to T = 1 - d for d > 2/3 only, and from K (1-d)²/2 for d → 1."""
    d = np.array([0.65, 0.66, 0.67, 0.8, 0.9])
    window = theory.stability_window(k, "parallel", d).isel(window=0)
    with mp.workdps(25):
        for i, x in enumerate(d):
            ends = [window.lowest_temperature.values[i]]
            if x < 2.0 / 3.0:
                ends.append(window.highest_temperature.values[i])
            for t in ends:
                ratio = ratio_at(k, x, t)
                assert abs(parallel_eigenvalue(k, x, ratio)[1]) < 1e-8
    high = window.highest_temperature.values
    assert (high[:2] < 1.0 - d[:2] - 1e-5).all()
    assert np.abs(high[2:] - (1.0 - d[2:])).max() < 1e-9
    low = theory.stability_window(k, "parallel", [0.99, 0.999]).lowest_temperature.values.ravel()
    ratio = low / (k / 2.0 * np.array([1e-2, 1e-3]) ** 2)
    assert np.abs(ratio - 1.0).max() < 0.025
    assert abs(ratio[1] - 1.0) < 0.0025


# Other states


def pure_instability(d):
    """Temperature with 1 = (1-d) [d + (1-d)(1 - t²)]/T in the pure state."""

    def excess(ratio):
        t = (1.0 - d) * np.tanh(ratio) / ratio
        return (1.0 - d) * (d + (1.0 - d) / np.cosh(ratio) ** 2) - t

    ratio = brentq(excess, 0.05, 1.5 / d, xtol=1e-14)
    return (1.0 - d) * np.tanh(ratio) / ratio


@pytest.mark.parametrize("k", [2, 3])
def test_window_of_the_pure_state(k):
    d = np.array([0.02, 0.2, 0.5, 0.65])
    window = theory.stability_window(k, "pure", d).isel(window=0)
    exact = [pure_instability(x) for x in d]
    assert np.abs(window.lowest_temperature.values - exact).max() < 1e-9
    assert np.abs(window.highest_temperature.values - (1.0 - d)).max() < 1e-9
    assert abs(window.lowest_temperature.values[0] / (0.02 * 0.98) - 1.0) < 1e-9
    above = theory.stability_window(k, "pure", [0.667, 0.7, 0.9, 0.99])
    assert (above.status == "absent").all()
    assert np.isnan(above.lowest_temperature).all()
    alone = theory.stability_window(1, "pure", 0.9)
    assert alone.lowest_temperature.item() == 0.0


def smallest_eigenvalues(k, state, d, t, quality=1.0, examples=1):
    model = hopfield.Multitasking(d) if quality == 1.0 else hopfield.Supervised(
        2, quality, examples, dilution=d)  # fmt: skip
    found = theory.retrieval_states(model, k, t, states=[state]).isel(state=0)
    smallest = []
    with mp.workdps(DIGITS):
        for i, temperature in enumerate(t):
            exact = Reference(k, d, temperature, quality, examples)
            n = exact.solved(found.effective_overlap.values[i])
            smallest.append(eigenvalues(exact.hessian(n))[0])
    return np.array(smallest)


@pytest.mark.parametrize(
    ("k", "state", "d", "data"),
    [
        (3, "1+1", 0.4, (1.0, 1)),
        (3, "2+1", 0.64, (1.0, 1)),
        (3, "2", 0.64, (1.0, 1)),
        (3, "hierarchical", 0.6, (1.0, 1)),
        (2, "hierarchical", 0.7, (1.0, 1)),
        (2, "hierarchical", 0.4, (0.6, 4)),
        (3, "parallel", 0.5, (0.4, 2)),
    ],
)
def test_an_eigenvalue_vanishes_at_the_ends(k, state, d, data):
    """It is of the order of the distance from the end, or of its root where two states meet."""
    quality, examples = data
    window = theory.stability_window(k, state, d, quality=quality, examples=examples)
    found = window.isel(window=0)
    low, high = found.lowest_temperature.item(), found.highest_temperature.item()
    for end, way in ((low, 1.0), (high, -1.0)):
        if end == 0.0 or abs(end - (1.0 - d)) < 1e-9:
            continue
        inside = smallest_eigenvalues(k, state, d, end + way * np.array([1e-6, 1e-8]), *data)
        assert (inside > 0.0).all()
        ratio = inside[0] / inside[1]
        assert abs(ratio / 100.0 - 1.0) < 0.1 or abs(ratio / 10.0 - 1.0) < 0.1


@pytest.mark.parametrize("state", ["pure", "1+1", "2", "2+1", "parallel", "hierarchical"])
def test_states_are_stable_in_windows_only(state):
    rng = np.random.default_rng(5)
    for d in (0.1, 0.58, 0.63):
        window = theory.stability_window(3, state, d)
        t = (1.0 - d) * rng.uniform(0.0, 1.0, 60)
        found = theory.retrieval_states(hopfield.Multitasking(d), 3, t, states=[state])
        low, high = (window[name].values for name in ("lowest_temperature", "highest_temperature"))
        inside = ((t[:, None] > low) & (t[:, None] < high)).any(axis=1)
        assert not (found.stable.values[0] & ~inside).any()
        if state != "hierarchical":  # of which there are several
            assert np.array_equal(found.stable.values[0], inside)


def test_states_follow_each_other_on_cooling():
    """Where one ends continuously the next one begins, K = 3 and d = 0.62."""
    order = ["pure", "1+1", "2", "2+1", "hierarchical"]
    windows = [theory.stability_window(3, state, 0.62).isel(window=0) for state in order]
    for above, below in itertools.pairwise(windows):
        end = above.lowest_temperature.item()
        assert abs(end - below.highest_temperature.item()) < 2e-9
    assert windows[-1].lowest_temperature.item() == 0.0


def test_hierarchical_states_of_two_kinds():
    """One in which spins follow the first pattern, and one in which two overrule it."""
    window = theory.stability_window(3, "hierarchical", 0.5)
    assert window.dominant.values.tolist() == [True, False]
    assert (window.lowest_temperature == 0.0).all()
    n = window.effective_overlap.values
    assert np.abs(n[0] - [0.5, 0.25, 0.125]).max() < 1e-12
    u = 0.5
    assert np.abs(n[1] - u * (0.5 + u**2 / 2.0 + np.array([u * 0.5, 0.0, -u * 0.5]))).max() < 1e-12


@pytest.mark.parametrize("call", [
    lambda: theory.stability_window(3, "pure", 1.0),
    lambda: theory.stability_window(3, "4", 0.5),
    lambda: theory.stability_window(3, "flat", 0.5),
    lambda: theory.stability_window(0, "pure", 0.5),
    lambda: theory.stability_window(3, "pure", 0.5, quality=0.0),
])  # fmt: skip
def test_what_is_refused(call):
    with pytest.raises(InputError):
        call()


# With data


@pytest.mark.parametrize(("quality", "examples"), [(1.0, 1), (0.5, 3), (0.3, 10_000), (0.2, 30)])
def test_which_state_comes_first_below_the_critical_temperature(quality, examples):
    """Pure ones for d < 1 - E x⁴/3 of entries that are not blank, else parallel ones."""
    fourth = sum(float(p * x**4) for x, _, p in entry_law(0.0, quality, min(examples, 60)))
    if examples > 60:
        rho = (1.0 - quality**2) / (examples * quality**2)
        fourth = (1.0 + 6.0 * rho + 3.0 * rho**2) / (1.0 + rho) ** 2
        assert abs(1.0 - fourth / 3.0 - 2.0 / (3.0 * (1.0 + rho) ** 2)) < 1e-12
    critical = 1.0 - fourth / 3.0
    assert abs(critical - signal_of(quality, examples).critical_dilution) < 1e-12
    for d, first in ((critical - 0.01, "pure"), (critical + 0.01, "parallel")):
        t = 0.9995 * (1.0 - d)
        given = {"dilution": d, "temperature": t, "quality": quality, "examples": examples}
        assert theory.regime_diagram(3, **given).state.item() == first
        for state in ("pure", "parallel"):
            window = theory.stability_window(3, state, d, quality=quality, examples=examples)
            inside = (window.lowest_temperature < t) & (t < window.highest_temperature)
            assert inside.any() == (state == first)
