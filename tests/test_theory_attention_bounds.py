"""Bounds of theorems on random patterns, with bounds a little smaller that do not hold."""

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.special import lambertw

from hopfield import InputError, attention
from hopfield.vocabulary import describe
from theory.attention import ensured_patterns, pattern_separation, retrieval_bounds
from theory.attention.bounds import missing_weight, required_separation, sufficient_separation


def cases(count, seed):
    """Patterns in few to many dimensions, also almost opposite ones, and β."""
    rng = np.random.default_rng(seed)
    for i in range(count):
        k, n = rng.integers(2, 12), rng.integers(1, 20)
        xi = rng.normal(size=(k, n)) * rng.uniform(0.2, 2.0)
        if i % 4 == 0:
            xi[:2] = xi[0] * np.array([[1.0], [-1.0]]) + 1e-3 * rng.normal(size=(2, n))
            xi[2:] *= 1e-3
        yield xi, 10.0 ** rng.uniform(-1, 2) / (xi**2).sum(axis=1).max(), rng


def test_separation_is_that_of_its_definition():
    for xi, _, _ in cases(100, 1):
        gram = xi @ xi.T
        for i, delta in enumerate(pattern_separation(xi)):
            assert delta == pytest.approx(gram[i, i] - np.delete(gram[i], i).max(), abs=1e-12)
    many = np.random.default_rng(2).normal(size=(5000, 3))
    gram = many @ many.T
    own = np.diag(gram).copy()
    np.fill_diagonal(gram, -np.inf)
    np.testing.assert_allclose(pattern_separation(many), own - gram.max(axis=1), atol=1e-12)


def test_bounds_of_one_update():
    """About 5000 patterns, each with a state at some distance; nothing exceeds its bound."""
    closest = {"weight": 0.0, "update": 0.0, "jacobian": 0.0}
    total = 0
    for xi, beta, rng in cases(900, 3):
        direction = rng.normal(size=xi.shape)
        direction /= np.linalg.norm(direction, axis=1, keepdims=True)
        r = float(rng.choice([0.0, 1e-3, 0.1])) * np.sqrt((xi**2).sum(axis=1).max())
        x = xi + r * direction
        found = retrieval_bounds(xi, beta, distance=r)
        norm = np.sqrt((xi**2).sum(axis=1).max())
        eps = missing_weight(found.separation.values, r, len(xi), norm, beta)
        missing = 1.0 - np.diag(attention.weights(x, xi, beta))
        error = np.linalg.norm(attention.update(x, xi, beta) - xi, axis=1)
        spectral = np.linalg.norm(attention.jacobian(x, xi, beta), 2, axis=(1, 2))
        scale = 1e-11 * (1 + norm)
        assert (missing <= eps + 1e-11).all()
        assert (error <= found.update_error_bound.values + scale).all()
        assert (spectral <= found.jacobian_bound.values + 1e-11 * (1 + beta * norm**2)).all()
        published = 2 * beta * len(xi) * norm**2 * np.minimum(eps, 1 / 4)
        assert (found.jacobian_bound.values <= published * (1 + 1e-12)).all()
        useful = (eps < 1.0) & (eps > 1e-6)
        for name, value, bound in (
            ("weight", missing, eps),
            ("update", error, found.update_error_bound.values),
            ("jacobian", spectral, found.jacobian_bound.values),
        ):
            closest[name] = max(closest[name], (value / bound)[useful].max(initial=0.0))
        total += len(xi)
    assert total > 4000
    # none holds if it is divided by 1.2
    assert min(closest.values()) > 1 / 1.2


def nearest(xi, beta):
    found = attention.retrieve(xi, xi, beta, tolerance=1e-13, max_iterations=5000)
    return np.linalg.norm(found.states - xi, axis=1), found.status


def test_well_separated_patterns_have_fixed_points():
    """Radius and distance, with the published condition and with the weaker one."""
    published, weaker, least = 0, 0, 0.0
    for xi, beta, _ in cases(1500, 4):
        found = retrieval_bounds(xi, beta)
        norm = np.sqrt((xi**2).sum(axis=1).max())
        distance, status = nearest(xi, beta)
        good = found.well_separated.values
        enough = found.separation.values >= found.sufficient_separation.values
        published, weaker = published + good.sum(), weaker + enough.sum()
        assert (status[good | enough] == "converged").all()
        bound = found.fixed_point_bound.values + 1e-11 * (1 + norm)
        assert (distance[good | enough] <= bound[good | enough]).all()
        assert (distance[good] <= found.retrieval_radius.values + 1e-11 * (1 + norm)).all()
        assert (distance[enough] <= 1.0 / (2.0 * beta * norm) + 1e-11 * (1 + norm)).all()
        measurable = good & (bound > 1e-5 * norm)
        least = max(least, (distance / found.fixed_point_bound.values)[measurable].max(initial=0))
    assert published > 1500
    assert weaker > 1500
    assert least > 1 / (1.2 * np.e)  # the bound does not hold if it is divided by 1.2 e


def test_less_separation_does_not_suffice():
    """Equidistant patterns have states of their own only from a coupling on."""
    xi = np.eye(400)
    enough = 10.0
    while sufficient_separation(400, 1.0, enough) > 1.0:
        enough += 0.01
    assert nearest(xi[:1], enough)[0] == pytest.approx(0.0)
    state = attention.retrieve(xi[0], xi, enough).states
    assert np.linalg.norm(state - xi[0]) < 1.0 / (2.0 * enough)
    less = enough / 1.3
    state = attention.retrieve(xi[0], xi, less, max_iterations=5000).states
    assert np.linalg.norm(state - xi[0]) > 1.0 / (2.0 * less)
    assert required_separation(400, 1.0, enough) > 1.2


def test_balls_of_the_weaker_condition_are_kept():
    """States anywhere in the ball stay there and go to one point."""
    rng = np.random.default_rng(5)
    seen = 0
    for xi, beta, _ in cases(300, 6):
        found = retrieval_bounds(xi, beta)
        enough = np.flatnonzero(found.separation.values >= found.sufficient_separation.values)
        radius = 1.0 / (2.0 * beta * np.sqrt((xi**2).sum(axis=1).max()))
        for i in enough[:2]:
            start = rng.normal(size=(20, xi.shape[1]))
            start *= radius / np.linalg.norm(start, axis=1, keepdims=True)
            new = attention.update(xi[i] + start, xi, beta)
            assert (np.linalg.norm(new - xi[i], axis=1) <= radius * (1 + 1e-9)).all()
            end = attention.retrieve(xi[i] + start, xi, beta).states
            assert np.ptp(end, axis=0).max() < 1e-6 * radius + 1e-12
            seen += 1
    assert seen > 100


def test_exponents_that_overflow_are_no_bounds():
    found = retrieval_bounds([[1.0, 0.0], [30.0, 0.0]], 1e3)
    assert np.isinf(found.update_error_bound.values[0])
    assert np.isfinite(found.jacobian_bound.values).all()


# The theorem on random patterns


def test_published_examples():
    """For β = 1 and p = 0.001, c >= 3.1546 at κ = 3, d = 20 and c >= 1.3718 at κ = 1, d = 75."""
    first, second = ensured_patterns(20, 3.0, 1.0), ensured_patterns(75, 1.0, 1.0)
    assert 0.0 <= first.ensured_growth.item() - 3.1546 < 1e-4
    assert 0.0 <= second.ensured_growth.item() - 1.3718 < 1e-4
    assert first.status.item() == second.status.item() == "converged"
    for found, d in ((first, 20), (second, 75)):
        ensured = np.exp(found.log_ensured_patterns.item())
        assert ensured == pytest.approx(1e-3**0.5 * found.ensured_growth.item() ** ((d - 1) / 4))
        assert 2.0 < ensured < 20.0  # only of the order of ten
        assert found.log_typical_patterns > np.log(1e13)


@pytest.mark.parametrize("d", [3, 20, 75, 400])
@pytest.mark.parametrize("beta", [0.3, 1.0, 20.0])
def test_growth_is_lambert_s(d, beta):
    found = ensured_patterns(d, 1.7, beta, failure=0.01)
    a = 2 / (d - 1) * (1 + np.log(2 * beta * 1.7**2 * 0.01 * (d - 1)))
    base = 2 * beta * 1.7**2 / 5
    expected = base / lambertw(np.exp(a) * base).real
    assert found.ensured_growth.item() == pytest.approx(expected, rel=1e-12)
    assert found.required_growth.item() == pytest.approx((2 / 0.1) ** (4 / (d - 1)))
    holds = found.ensured_growth.item() >= found.required_growth.item()
    assert (found.status.item() == "converged") == holds
    assert np.isfinite(found.log_ensured_patterns.item()) == holds


def test_growth_at_large_inverse_temperatures():
    assert np.isfinite(ensured_patterns(20, 30.0, [1.0, 1e5]).ensured_growth).all()


@pytest.mark.parametrize(("d", "radius", "beta"), [(3, 1.0, 1.0), (20, 0.5, 1.0), (75, 1.0, 0.2)])
def test_typical_number(d, radius, beta):
    """One over the average of exp(-β M² (1 - u)), by quadrature."""
    strength = beta * radius**2 * (d - 1)

    def weighted(u, power):
        return (1 - u * u) ** ((d - 3) / 2) * np.exp(-power * (1 - u))

    top, bottom = (quad(weighted, -1, 1, args=(power,), limit=200)[0] for power in (strength, 0.0))
    found = ensured_patterns(d, radius, beta).log_typical_patterns.item()
    assert found == pytest.approx(-np.log(top / bottom), rel=1e-7)


def test_half_the_weight_is_kept_at_the_typical_number():
    """Mean sum over the other patterns, of 400 sets; one per cent more patterns are seen."""
    d, radius, beta = 12, 1.0, 0.6
    number = np.exp(ensured_patterns(d, radius, beta).log_typical_patterns.item())
    count, norm = round(number), radius * np.sqrt(d - 1)
    rng = np.random.default_rng(7)
    sums = np.empty(400)
    for i in range(400):
        other = rng.normal(size=(count, d))
        u = other[:, 0] / np.linalg.norm(other, axis=1)
        sums[i] = np.exp(-beta * norm**2 * (1 - u)).sum()
    stderr = sums.std(ddof=1) / 20.0
    assert abs(sums.mean() - count / number) < 4 * stderr
    assert abs(sums.mean() - 1.1) > 4 * stderr


# Labels and bad input


def test_names_are_in_the_vocabulary():
    for found in (retrieval_bounds(np.eye(3), [1.0, 2.0]), ensured_patterns(20, 1.0, 1.0)):
        for name in [*found.data_vars, *found.coords]:
            assert found[name].attrs["long_name"] == describe(str(name))["long_name"]


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: retrieval_bounds(np.ones((1, 3)), 1.0), r"patterns must have shape \(K >= 2, N\)"),
        (lambda: retrieval_bounds(np.eye(3), 0.0), "beta must be above 0"),
        (lambda: retrieval_bounds(np.zeros((3, 2)), 1.0), "patterns must not all be zero"),
        (lambda: retrieval_bounds(np.eye(3), 1.0, distance=-0.1), "distance must be"),
        (lambda: pattern_separation([["a"], ["b"]]), "patterns must be finite numbers"),
        (lambda: ensured_patterns(1, 1.0, 1.0), "dimension must be an integer >= 2"),
        (lambda: ensured_patterns(20, 0.0, 1.0), "radius must be"),
        (lambda: ensured_patterns(20, 1.0, 0.0), "beta must be above 0"),
        (lambda: ensured_patterns(20, 1.0, 1.0, failure=0.0), "failure must be"),
        (lambda: ensured_patterns(20, 1.0, 1.0, failure=1.5), "failure must be"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
