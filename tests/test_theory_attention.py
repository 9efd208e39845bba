"""Fixed points of attention against runs of the update on patterns that have the geometry."""

import numpy as np
import pytest
from scipy.optimize import minimize_scalar

from hopfield import InputError, attention
from hopfield.vocabulary import describe
from theory.attention import (
    cluster_states,
    cluster_thresholds,
    equidistant_states,
    equidistant_thresholds,
    pair_states,
    pair_threshold,
)
from theory.attention.branches import Clusters
from theory.attention.potts import Subset, equal_energy, log_ratio, spinodal

CLOSE = {"rtol": 1e-9, "atol": 1e-11}


def patterns_of(gram, seed=0):
    """Patterns with given scalar products, turned at random."""
    values, vectors = np.linalg.eigh(gram)
    assert values.min() > -1e-10
    xi = vectors * np.sqrt(np.maximum(values, 0.0))
    turn = np.linalg.qr(np.random.default_rng(seed).normal(size=(len(gram),) * 2))[0]
    return xi @ turn


def equidistant(n, square, overlap):
    return patterns_of(square * (overlap + (1 - overlap) * np.eye(n)))


def clustered(count, size, inside, between):
    same = np.kron(np.eye(count), np.ones((size, size)))
    gram = between + (inside - between) * same + (1 - inside) * np.eye(count * size)
    return patterns_of(gram)


def eigenvalue(x, xi, beta):
    return np.linalg.eigvalsh(attention.jacobian(x, xi, beta))[-1]


def check_state(weights, xi, beta, found, scale=1.0):
    """Fixed point, eigenvalue and energy of the state with given weights."""
    x = weights @ xi
    np.testing.assert_allclose(attention.update(x, xi, beta), x, **CLOSE)
    largest = eigenvalue(x, xi, beta)
    assert found.jacobian_eigenvalue.item() == pytest.approx(max(largest, 0.0), rel=1e-7, abs=1e-9)
    assert bool(found.stable) == (largest < 1.0)
    energy = float(attention.energy(x, xi, beta))
    assert found.state_energy.item() * scale == pytest.approx(energy, rel=1e-9, abs=1e-10)
    assert found.residual.item() < 1e-10
    assert found.status.item() == "converged"


def stays(start, xi, beta, *, least):
    """Whether a run from a state keeps so much weight on the first pattern."""
    found = attention.retrieve(start, xi, beta, tolerance=1e-11, max_iterations=100_000)
    assert found.status == "converged"
    return attention.weights(found.states, xi, beta)[0] > least


# Two patterns


PAIRS = [
    ([1.0, 0.2, 0.0], [-0.3, 0.9, 0.4]),
    ([1.0, 0.0], [0.0, 1.0]),
    ([2.0, 1.0], [1.0, 2.0]),
    ([0.0, 0.7], [1.0, 0.0]),
]


@pytest.mark.parametrize("pair", PAIRS)
def test_states_of_two_patterns(pair):
    xi = np.array(pair)
    betas = np.concatenate([[0.1, 1.0], pair_threshold(xi).beta.item() * np.array([0.9, 1.1, 3])])
    found = pair_states(xi, betas)
    count = 0
    for state in found.fixed_point.values:
        for i, beta in enumerate(betas):
            one = found.sel(fixed_point=state).isel(beta=i)
            m = one.weight_difference.item()
            if np.isfinite(m):
                check_state(np.array([1 + m, 1 - m]) / 2, xi, beta, one)
                count += 1
            else:
                assert one.status.item() == "absent"
                assert not one.stable.item()
    assert count == 2 * 3 + 3 * 1  # one below the threshold, three above


@pytest.mark.parametrize("pair", PAIRS)
def test_threshold_of_two_patterns(pair):
    """A run from the shorter pattern stays with it above the threshold, and not below."""
    xi = np.array(pair)
    if (xi[0] ** 2).sum() < (xi[1] ** 2).sum():
        xi = xi[::-1]
    found = pair_threshold(xi)
    beta, m = found.beta.item(), found.weight_difference.item()
    assert found.residual.item() < 1e-12
    x = np.array([1 + m, 1 - m]) / 2 @ xi
    np.testing.assert_allclose(attention.update(x, xi, beta), x, **CLOSE)
    assert eigenvalue(x, xi, beta) == pytest.approx(1.0, abs=1e-9)
    if m == 0.0:
        distance = ((xi[0] - xi[1]) ** 2).sum()
        assert beta == pytest.approx(4.0 / distance, rel=1e-13)
    start = xi[::-1]
    assert stays(xi[1], start, 1.001 * beta, least=0.51)
    assert not stays(xi[1], start, 0.999 * beta, least=0.51)


def test_saddle_node_of_the_sheet():
    """|h| = D t - artanh(t)/β, t = sqrt(1 - 1/(βD)), in another form."""
    for length in (0.3, 0.5, 0.9, 0.99, 1.0 - 1e-6):
        xi = np.array([[1.0, 0.0], [0.0, length]])
        beta, size = pair_threshold(xi).beta.item(), (1 + length**2) / 4
        t = np.sqrt(1 - 1 / (beta * size))
        expected = (1 - length**2) / 4
        assert size * t - np.arctanh(t) / beta == pytest.approx(expected, rel=1e-9, abs=1e-15)


def test_order_parameter_of_two_patterns():
    """m² = 3 (β/β_c - 1) close to the threshold, and always m = tanh(m β/β_c)."""
    xi = np.array([[1.0, 0.0], [0.0, 1.0]])
    ratio = 1 + np.array([1e-8, 1e-6, 1e-4, 1e-2, 1.0, 10.0])
    m = pair_states(xi, 2 * ratio).weight_difference.sel(fixed_point="first").values
    np.testing.assert_allclose(m, np.tanh(m * ratio), rtol=1e-9)
    np.testing.assert_allclose(m[:3] ** 2, 3 * (ratio[:3] - 1), rtol=1e-3)
    other = pair_states(xi, 2 * ratio).weight_difference.sel(fixed_point="second").values
    np.testing.assert_array_equal(other, -m)


def test_exchange_of_two_patterns():
    xi, betas = np.array(PAIRS[0]), [0.5, 2.0, 9.0]
    one, other = pair_states(xi, betas), pair_states(xi[::-1], betas)
    for a, b in (("first", "second"), ("second", "first"), ("middle", "middle")):
        np.testing.assert_allclose(
            one.weight_difference.sel(fixed_point=a),
            -other.weight_difference.sel(fixed_point=b),
            rtol=1e-12,
        )
    assert pair_threshold(xi).beta == pytest.approx(pair_threshold(xi[::-1]).beta.item())


def test_a_pattern_inside_the_other_has_no_state():
    """ξ¹·ξ² >= |ξ²|²: even at large β a run leaves it."""
    xi = np.array([[1.0, 0.0], [0.5, 0.49]])
    assert pair_threshold(xi).status.item() == "absent"
    assert np.isnan(pair_threshold(xi).beta)
    assert pair_states(xi, 1e4).status.values.tolist() == ["converged", "absent", "absent"]
    assert not stays(xi[1], xi[::-1], 1e4, least=0.01)
    outside = np.array([[1.0, 0.0], [0.5, 0.51]])
    beta = pair_threshold(outside).beta.item()
    assert 100.0 < beta < np.inf
    assert stays(outside[1], outside[::-1], 1.01 * beta, least=0.5)


# Equidistant patterns


@pytest.mark.parametrize(("n", "subset"), [(2, 1), (3, 1), (4, 1), (7, 1), (4, 2), (7, 2), (7, 3)])
@pytest.mark.parametrize(("square", "overlap"), [(1.0, 0.0), (2.5, 0.4), (3.0, -0.1)])
def test_states_of_equidistant_patterns(n, subset, square, overlap):
    xi, scale = equidistant(n, square, overlap), square * (1 - overlap)
    turn = equidistant_thresholds(n, subset=subset).coupling.values[0]
    couplings = np.array([0.5 * turn, 1.01 * turn, 0.999 * n, 1.3 * n, 6.0 * n])
    found = equidistant_states(n, couplings, subset=subset)
    count = 0
    for state in found.fixed_point.values:
        for i, coupling in enumerate(couplings):
            one = found.sel(fixed_point=state).isel(coupling=i)
            if one.status.item() == "absent":
                assert np.isnan(one.weight)
                continue
            w = np.r_[[one.weight.item()] * subset, [one.other_weight.item()] * (n - subset)]
            assert w.sum() == pytest.approx(1.0, abs=1e-12)
            check_state(w, xi, coupling / scale, one, scale)
            count += 1
    assert count == 13 if 2 * subset < n else count >= 10
    assert subset == 1 or not found.stable.sel(fixed_point="subset").any()


@pytest.mark.parametrize("n", [3, 4, 10, 60])
def test_thresholds_of_equidistant_patterns(n):
    xi = equidistant(n, 1.0, 0.0)
    appears, equal, unstable = equidistant_thresholds(n).coupling.values
    least = (1 / n + equidistant_thresholds(n).weight.values[0]) / 2
    assert stays(xi[0], xi, 1.0002 * appears, least=least)
    assert not stays(xi[0], xi, 0.9998 * appears, least=least)
    assert equal == pytest.approx(2 * (n - 1) * np.log(n - 1) / (n - 2), rel=1e-12)
    for factor, lower in ((1.0001, True), (0.9999, False)):
        both = equidistant_states(n, factor * equal).state_energy
        assert (both.sel(fixed_point="subset") < both.sel(fixed_point="average")) == lower
    assert unstable == n
    start = xi.mean(axis=0) + 1e-6 * xi[0]
    assert stays(start, xi, 1.01 * n, least=0.5)
    assert not stays(start, xi, 0.99 * n, least=0.5)
    assert appears < equal < unstable


@pytest.mark.parametrize("n", [3, 5, 17, 1000, 10**6, 10**12])
def test_first_coupling_is_the_least(n):
    """J = log(w(n-1)/(1-w)) / (w - (1-w)/(n-1)), minimised over w."""

    def coupling(z):
        w = 1 / (1 + np.exp(-z))
        return (z + np.log(n - 1)) / (w - (1 - w) / (n - 1))

    low = -np.log(n - 1) + 1e-3
    best = minimize_scalar(coupling, bounds=(low, 10.0), method="bounded", options={"xatol": 1e-10})
    found = equidistant_thresholds(n)
    assert found.coupling.values[0] == pytest.approx(best.fun, rel=1e-12)
    assert found.residual.max() < 1e-10
    assert found.weight.values[0] == pytest.approx(1 / (1 + np.exp(-best.x)), rel=1e-5)


def test_two_patterns_are_the_limit_of_more():
    assert equidistant_thresholds(2).coupling.values.tolist() == [2.0, 2.0, 2.0]
    near = equidistant_thresholds(2 + np.array([1e-2, 1e-3, 1e-4])).coupling.values
    assert (np.diff(near, axis=1) < 0.0).all()
    np.testing.assert_allclose(near[:, -1], 2.0, atol=2e-4)
    pair = pair_states(np.eye(2), [2.5, 7.0]).weight_difference.sel(fixed_point="first")
    w = equidistant_states(2, [2.5, 7.0]).weight.sel(fixed_point="subset")
    np.testing.assert_allclose(2 * w - 1, pair, rtol=1e-12)


@pytest.mark.parametrize(("n", "k"), [(3, 1), (10, 1), (10, 3), (101, 50), (1e6, 2)])
def test_equal_energy_is_where_energies_are_equal(n, k):
    law = Subset(n, k)
    u = equal_energy(law)
    assert law.energy(u) == pytest.approx((1 - 1 / n) / 2, rel=1e-12)
    assert law.energy(1.01 * u) < (1 - 1 / n) / 2 < law.energy(0.99 * u)
    assert spinodal(law) < u


@pytest.mark.parametrize("coupling", [1.0, 1e3, 1e5])
def test_large_couplings(coupling):
    """β |ξ|² = 1e5 neither overflows nor loses the state."""
    for upper in (True, False):
        u = log_ratio(Subset(2, 1), coupling, upper=upper)
        if coupling > 2.0:
            assert u == pytest.approx(coupling if upper else -coupling, rel=1e-2)
        else:
            assert np.isnan(u)


# Clusters


CLUSTERS = [(3, 4, 0.8, 0.0), (2, 3, 0.5, 0.1), (4, 2, 0.6, -0.1), (1, 5, 0.3, 0.0),
            (3, 4, 0.1, 0.0), (5, 3, 0.7, 0.3)]  # fmt: skip


@pytest.mark.parametrize("geometry", CLUSTERS)
def test_states_of_clusters(geometry):
    count, size = geometry[:2]
    xi = clustered(*geometry)
    thresholds = cluster_thresholds(*geometry).beta.values
    betas = np.unique(np.r_[thresholds[np.isfinite(thresholds)], 0.3, 40.0] * 1.003)
    betas = betas[betas > 0.0]
    found = cluster_states(*geometry, betas)
    assert found.stable.any("beta").sel(fixed_point=["average", "pattern"]).all()
    for state in found.fixed_point.values:
        for i, beta in enumerate(betas):
            one = found.sel(fixed_point=state).isel(beta=i)
            if one.status.item() == "absent":
                continue
            cluster, w = one.cluster_weight.item(), one.weight.item()
            others = np.full((size - 1), (cluster - w) / (size - 1))
            beyond = np.full(size * (count - 1), (1 - cluster) / max(size * (count - 1), 1))
            check_state(np.r_[w, others, beyond], xi, beta, one)


@pytest.mark.parametrize("geometry", CLUSTERS)
def test_thresholds_of_clusters(geometry):
    count, size = geometry[:2]
    xi, found = clustered(*geometry), cluster_thresholds(*geometry)
    betas = dict(zip(found.threshold.values, found.beta.values, strict=True))
    assert not (found.residual > 1e-9).any()
    average, mean = xi.mean(axis=0), xi[:size].mean(axis=0)

    def weights(start, beta):
        run = attention.retrieve(start, xi, beta, tolerance=1e-12, max_iterations=200_000)
        return attention.weights(run.states, xi, beta)

    # the single pattern
    continuous = found.weight.values[1] == pytest.approx(found.cluster_weight.values[1] / size)
    end = betas["pattern appears"]
    above, below = weights(xi[0], 1.003 * end), weights(xi[0], 0.997 * end)
    assert above[0] > 1.01 * above[1]
    assert below[0] < 1.001 * below[1]
    assert continuous == (size == 2)
    # the average over a cluster, within the symmetric states
    if count > 1 and np.isfinite(betas["cluster unstable"]):
        begin = betas["cluster appears"]
        assert weights(mean, 1.003 * begin)[:size].sum() > 1.02 / count
        assert weights(mean, 0.997 * begin)[:size].sum() < 1.001 / count
    # its stability
    end, pushed = betas["cluster unstable"], mean + 1e-5 * (xi[0] - xi[1])
    if np.isfinite(end):
        assert np.ptp(weights(pushed, 0.99 * end)[:size]) < 1e-8
        assert np.ptp(weights(pushed, 1.01 * end)[:size]) > 1e-2
    else:
        stable = cluster_states(*geometry, np.linspace(0.5, 100.0, 100)).stable
        assert not stable.sel(fixed_point="cluster").any()
    # that of the average over all
    end, pushed = betas["average unstable"], average + 1e-5 * (mean - average) + 1e-6 * xi[0]
    assert np.ptp(weights(pushed, 0.99 * end)) < 1e-8
    assert np.ptp(weights(pushed, 1.01 * end)) > 1e-3


def test_distant_clusters_are_alone():
    """β (1 - q) = k and J_s(k), exactly for one cluster and as a limit for several."""
    alone = cluster_thresholds(1, 4, 0.9, 0.0)
    first = equidistant_thresholds(4).coupling.values[0]
    assert alone.beta.values[1:3] * 0.1 == pytest.approx([first, 4.0], rel=1e-12)
    far = [cluster_thresholds(3, 4, 0.9, q).beta.values[1:3] * 0.1 for q in (0.75, 0.5, 0.0)]
    errors = np.abs(np.array(far) / [first, 4.0] - 1)
    assert (np.diff(errors, axis=0) < 0.0).all()
    assert errors[0].min() > 1e-5  # exact thresholds are not those of a cluster alone
    assert errors[-1].max() < 1e-10


def test_clusters_that_are_hardly_clusters():
    near = cluster_thresholds(3, 4, 1e-9, 0.0)
    twelve = equidistant_thresholds(12).coupling.values
    assert near.beta.values[1] == pytest.approx(twelve[0], rel=1e-6)
    assert near.beta.values[3] == pytest.approx(twelve[2], rel=1e-6)
    assert near.status.values.tolist() == ["converged", "converged", "absent", "converged"]


def test_path_of_single_patterns_is_least_at_its_end():
    for geometry in CLUSTERS:
        law = Clusters(*geometry)
        u, _ = law.pattern_end
        end = law.beta(*law.pattern_end)
        for other in np.r_[np.linspace(1.001, 3.0, 50) * u, 0.1, 1.0]:
            if other > u:
                assert law.beta(other, law.cluster_ratio(other)) > end


@pytest.mark.parametrize("geometry", CLUSTERS)
def test_clusters_at_large_inverse_temperatures(geometry):
    """Weights below the smallest number: energies are those of one pattern and of a cluster."""
    count, size, inside, _ = geometry
    betas = np.array([1e3, 1e5, 1e6])
    found = cluster_states(*geometry, betas)
    assert (found.status == "converged").all()
    assert found.residual.max() < 1e-9
    entropy = np.log(count * size)
    pattern, cluster = (found.state_energy.sel(fixed_point=f) for f in ("pattern", "cluster"))
    np.testing.assert_allclose(pattern, entropy / betas, rtol=1e-6)
    mean = (1.0 - inside) * (1.0 - 1.0 / size) / 2.0
    np.testing.assert_allclose(cluster, mean + np.log(count) / betas, rtol=1e-9)


def test_very_close_patterns_in_clusters():
    found, alone = cluster_thresholds(3, 4, 1.0 - 1e-6, 0.0), equidistant_thresholds(4)
    assert (found.status == "converged").all()
    assert found.residual.max() < 1e-9
    expected = alone.coupling.values[[0, 2]] * 1e6
    np.testing.assert_allclose(found.beta.values[1:3], expected, rtol=1e-6)
    assert (cluster_thresholds(2, 1000, 0.5, 0.0).residual < 1e-9).all()


@pytest.mark.parametrize("kind", [np.float32, np.float64])
@pytest.mark.parametrize("seed", range(5))
def test_patterns_of_equal_norms_but_for_rounding(seed, kind):
    """Normalised ones, with the pitchfork of equal norms."""
    xi = np.random.default_rng(seed).normal(size=(2, 7)).astype(kind)
    xi /= np.linalg.norm(xi, axis=1, keepdims=True)
    turn = pair_threshold(xi)
    assert turn.weight_difference.item() == 0.0
    found = pair_states(xi, np.array([0.5, 0.999, 1.001, 2.0]) * turn.beta.item())
    assert found.status.sel(fixed_point="middle").values.tolist() == ["converged"] * 4
    assert found.stable.sel(fixed_point="middle").values.tolist() == [True, True, False, False]
    for state in ("first", "second"):
        assert found.stable.sel(fixed_point=state).values.tolist() == [False, False, True, True]


@pytest.mark.parametrize("part", [2e-14, 1e-12, 1e-6])
def test_patterns_of_nearly_equal_norms(part):
    """The saddle-node leaves the pitchfork as u³ = 3|h|/2D, cosh² u = βD."""
    xi = np.array([[1.0, 0.0], [0.0, 1.0 - part]])
    turn = pair_threshold(xi)
    h, size = -np.diff((xi**2).sum(axis=1)).item() / 4.0, ((xi[0] - xi[1]) ** 2).sum() / 4.0
    u = np.cbrt(1.5 * h / size)
    assert turn.weight_difference.item() == pytest.approx(-u, rel=1e-3)
    assert turn.beta.item() * size - 1.0 == pytest.approx(u**2, rel=1e-2)
    at = pair_states(xi, [1.0 / size]).sel(fixed_point="first")
    assert at.weight_difference.item() == pytest.approx(np.cbrt(3.0 * h / size), rel=1e-3)


def test_residual_of_very_different_norms():
    """Two close patterns, of which the longer one is far from the middle of the two."""
    found = pair_states([[1.0, 0.0], [1.0 + 1e-9, 0.0]], [1e-6, 1.0, 2.1, 1e3, 1e6])
    assert found.residual.max() < 1e-15
    assert (found.status.sel(fixed_point="second") == "converged").all()


# Labels and bad input


@pytest.mark.parametrize(
    "result",
    [
        lambda: pair_states(np.eye(2), 1.0),
        lambda: pair_threshold(np.eye(2)),
        lambda: equidistant_states(3, [1.0, 4.0]),
        lambda: equidistant_thresholds(3),
        lambda: cluster_states(2, 2, 0.5, 0.0, [1.0]),
        lambda: cluster_thresholds(2, 2, 0.5, 0.0),
    ],
)
def test_names_are_in_the_vocabulary(result):
    found = result()
    for name in [*found.data_vars, *found.coords]:
        assert found[name].attrs["long_name"] == describe(str(name))["long_name"]
    assert set(np.unique(found.status.values)) <= {"converged", "absent"}


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pair_states(np.eye(3), 1.0), "patterns must be two different ones"),
        (lambda: pair_states(np.ones((2, 3)), 1.0), "patterns must be two different ones"),
        (lambda: pair_states(np.eye(2), 0.0), "beta must be above 0"),
        (lambda: pair_states(np.eye(2), -1.0), "beta must be"),
        (lambda: pair_threshold([1.0, 0.0]), "patterns must have shape"),
        (lambda: pair_threshold([[np.nan, 0.0], [0.0, 1.0]]), "patterns must be finite.* got nan"),
        (lambda: pair_threshold([[1.0], [1.0, 2.0]]), "patterns must be an array of numbers"),
        (lambda: equidistant_states(1, 1.0), "n_patterns must be an integer >= 2"),
        (lambda: equidistant_states(4, 0.0), "coupling must be above 0"),
        (lambda: equidistant_states(4, 1.0, subset=3), "subset must be at most half"),
        (lambda: equidistant_thresholds(1.5), "subset must be at most half"),
        (lambda: equidistant_thresholds(4, subset=0), "subset must be an integer >= 1"),
        (lambda: cluster_states(0, 2, 0.5, 0.0, 1.0), "n_clusters must be"),
        (lambda: cluster_states(2, 1, 0.5, 0.0, 1.0), "cluster_size must be"),
        (lambda: cluster_states(2, 2, 0.5, 0.5, 1.0), "inside must be above between"),
        (lambda: cluster_states(2, 2, 1.0, 0.5, 1.0), "inside must be above between"),
        (lambda: cluster_states(3, 2, 0.5, -0.9, 1.0), "no patterns have the overlaps"),
        (lambda: cluster_states(2, 2, 0.5, 0.0, 0.0), "beta must be above 0"),
    ],
)
def test_bad_arguments_are_refused(call, message):
    with pytest.raises(InputError, match=message):
        call()
