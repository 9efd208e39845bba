"""Runs to fixed points, freely and on spheres: reports, energies, memory."""

import tracemalloc

import numpy as np
import pytest

import hopfield
from hopfield import InputError, attention
from hopfield.attention import Entmax, Power, Softmax, sphere

TRANSFORMS = ["softmax", "entmax", "sparsemax", Entmax(1.2)]
SEPARATIONS = [Softmax(), Entmax(1.5), Power(2), Power(3), Power(4), Power(9)]


def drawn(seed, q, k, n):
    numbers = np.random.default_rng(seed)
    return numbers.normal(size=(q, n)), numbers.normal(size=(k, n))


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
def test_what_has_converged_is_a_fixed_point(transform):
    x, keys = drawn(1, 300, 40, 8)
    found = attention.retrieve(x, keys, 1.5, transform=transform)
    assert (found.status == "converged").all()
    new = attention.update(found.states, keys, 1.5, transform=transform)
    largest = np.sqrt((keys**2).sum(axis=1).max())
    assert np.abs(new - found.states).max() < 1e-12 * largest
    assert (found.residual <= 1e-12).all()
    assert np.abs(found.states - x).max() > 1.0
    before, after = (
        attention.energy(state, keys, 1.5, transform=transform) for state in (x, found.states)
    )
    assert (after < before).all()


@pytest.mark.parametrize("transform", TRANSFORMS, ids=str)
def test_the_batch_is_as_one_query_after_the_other(transform):
    x, keys = drawn(2, 40, 30, 6)
    found = attention.retrieve(x, keys, 0.7, transform=transform, tolerance=1e-9)
    assert len(np.unique(found.iterations)) > 3  # they leave at different times
    for i in range(40):
        alone = attention.retrieve(x[i], keys, 0.7, transform=transform, tolerance=1e-9)
        assert alone.iterations == found.iterations[i]
        np.testing.assert_allclose(alone.states, found.states[i], atol=1e-12)
        np.testing.assert_allclose(alone.residual, found.residual[i], rtol=1e-3, atol=1e-15)
        state = x[i]
        for _ in range(int(alone.iterations)):
            state, last = attention.update(state, keys, 0.7, transform=transform), state
        np.testing.assert_allclose(state, alone.states, atol=1e-12)
        length = np.linalg.norm(state - last) / np.sqrt((keys**2).sum(axis=1).max())
        assert length == pytest.approx(float(alone.residual), rel=1e-3, abs=1e-15)


def test_what_has_not_converged_says_so():
    """At the bifurcation of two patterns the run is as slow as 1/t."""
    keys = np.array([[1.0, 0.0], [0.0, 1.0]])
    found = attention.retrieve([[0.9, 0.1], [0.5, 0.5]], keys, 2.0, max_iterations=50)
    assert found.status.tolist() == ["not converged", "converged"]
    assert found.iterations.tolist() == [50, 1]
    assert found.residual[0] > 1e-6
    assert found.residual[1] < 1e-12


def test_tolerance_decides():
    x, keys = drawn(3, 50, 20, 6)
    loose = attention.retrieve(x, keys, 0.8, tolerance=1e-3)
    tight = attention.retrieve(x, keys, 0.8, tolerance=1e-12)
    assert (loose.iterations < tight.iterations).all()
    assert (loose.residual <= 1e-3).all()
    assert loose.residual.max() > 1e-5
    single = attention.retrieve(x.astype(np.float32), keys.astype(np.float32), 0.8)
    assert single.states.dtype == single.residual.dtype == np.float32
    assert (single.status == "converged").all()


def test_heads_masks_and_inverse_temperatures():
    numbers = np.random.default_rng(4)
    x, keys = numbers.normal(size=(3, 5, 4)), numbers.normal(size=(3, 7, 4))
    mask = numbers.random((3, 5, 7)) < 0.6
    mask[..., 2] = True
    beta = numbers.uniform(0.5, 5.0, size=(3, 5))
    found = attention.retrieve(x, keys, beta, mask=mask, tolerance=1e-10)
    assert found.states.shape == (3, 5, 4)
    assert found.status.shape == found.iterations.shape == (3, 5)
    for h, i in np.ndindex(3, 5):
        alone = attention.retrieve(x[h, i], keys[h][mask[h, i]], beta[h, i], tolerance=1e-10)
        np.testing.assert_allclose(found.states[h, i], alone.states, atol=1e-8)


def test_masked_patterns_do_not_loosen_the_tolerance():
    """The last pattern is long, and nobody sees it, or one state alone does."""
    x, keys = drawn(12, 30, 9, 4)
    keys[-1] *= 1e9
    mask = np.ones((30, 9), bool)
    mask[1:, -1] = False
    found = attention.retrieve(x, keys, 0.7, mask=mask)
    alone = attention.retrieve(x[1:], keys[:-1], 0.7)
    np.testing.assert_array_equal(found.iterations[1:], alone.iterations)
    np.testing.assert_allclose(found.residual[1:], alone.residual, rtol=1e-3, atol=1e-15)
    assert (found.status == "converged").all()
    assert alone.iterations.min() > 4


def test_memory_is_that_of_panels():
    """No matrix of all scores, which would have 128 MiB, and 32 of a mask."""
    x, keys = drawn(5, 4000, 4000, 16)
    assert attention.update(x[:2], keys, 1.0).shape == (2, 16)
    for transform in ("softmax", "sparsemax"):
        tracemalloc.start()
        attention.retrieve(x, keys, 1.0, transform=transform, max_iterations=2)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 24 * 2**20


# Spheres


@pytest.mark.parametrize("separation", SEPARATIONS, ids=str)
def test_energy_on_a_sphere_never_rises(separation):
    numbers = np.random.default_rng(6)
    drops = []
    for _ in range(150):
        k, n = numbers.integers(1, 12), numbers.integers(2, 7)
        keys = numbers.normal(size=(k, n))
        x = numbers.normal(size=(20, n))
        beta = 10.0 ** numbers.uniform(-1, 1)
        new = sphere.update(x, keys, beta, separation=separation)
        np.testing.assert_allclose(
            np.linalg.norm(new, axis=1), np.linalg.norm(x, axis=1), rtol=1e-12
        )
        e, after = (sphere.energy(y, keys, beta, separation=separation) for y in (x, new))
        assert (after <= e + 1e-12 * np.abs(e)).all()
        drops.append((after < e - 1e-6 * np.abs(e)).mean())
    assert np.mean(drops) > 0.3


@pytest.mark.parametrize("separation", SEPARATIONS, ids=str)
def test_force_on_a_sphere_is_minus_the_gradient(separation):
    x, keys = drawn(7, 20, 6, 4)
    step = 1e-5
    moved = x[:, None] + step * np.concatenate([np.eye(4), -np.eye(4)])
    e = sphere.energy(moved, keys, 0.5, separation=separation)
    force = (e[:, 4:] - e[:, :4]) / (2 * step)
    strong = np.linalg.norm(force, axis=1) > 1e-3
    assert strong.sum() > 10
    new = sphere.update(x, keys, 0.5, separation=separation)
    for unit, direction in zip(new[strong], force[strong], strict=True):
        np.testing.assert_allclose(
            unit / np.linalg.norm(unit), direction / np.linalg.norm(direction), atol=1e-6
        )


def test_spins_have_the_energies_of_the_networks_of_spins():
    network = hopfield.Dense(4, self_interaction=True).network(size=30, n_patterns=7, seed=1)
    spins = np.random.default_rng(8).choice(np.array([-1, 1], np.int8), size=(50, 30))
    found = sphere.energy(spins, network.patterns, 1 / 30, separation=Power(4))
    np.testing.assert_allclose(found, network.energy(spins), rtol=1e-12)
    without = hopfield.Dense(4).network(size=30, n_patterns=7, seed=1)
    assert np.abs(without.energy(spins) - found).max() > 0.1


def test_spins_have_the_energies_of_exponential_networks():
    model = hopfield.Exponential(0.3)
    network = model.network(size=30, n_patterns=500, seed=1)
    spins = np.random.default_rng(9).choice(np.array([-1, 1], np.int8), size=(50, 30))
    patterns = network.patterns
    found = sphere.energy(spins, patterns, 0.3)
    np.testing.assert_allclose(found, network.energy(spins), rtol=1e-12)
    assert np.abs(sphere.energy(spins, patterns, 0.31) - network.energy(spins)).max() > 0.1


def test_runs_on_a_sphere_find_a_corrupted_pattern():
    numbers = np.random.default_rng(10)
    keys = numbers.normal(size=(200, 64))
    keys *= 8.0 / np.linalg.norm(keys, axis=1, keepdims=True)
    x = keys[:20] + 0.5 * numbers.normal(size=(20, 64))
    for beta, separation in ((1.0, Softmax()), (1 / 64, Power(8))):
        found = sphere.retrieve(x, keys, beta, separation=separation)
        assert (found.status == "converged").all()
        np.testing.assert_allclose(
            np.linalg.norm(found.states, axis=1), np.linalg.norm(x, axis=1), rtol=1e-12
        )
        overlaps = found.states @ keys.T
        assert (overlaps.argmax(axis=1) == np.arange(20)).all()
        assert (overlaps.max(axis=1) > 0.999 * np.linalg.norm(x, axis=1) * 8.0).all()


def test_a_state_without_force_stays():
    found = sphere.update([[-1.0, 0.0], [0.0, 1.0]], [[1.0, 0.0]], 1.0, separation=Power(3))
    np.testing.assert_array_equal(found, [[-1.0, 0.0], [0.0, 1.0]])


@pytest.mark.parametrize("order", [3, 4, 9, 400])
def test_weak_and_strong_forces_do_not_under_or_overflow(order):
    ratio = 0.75 ** (order - 1)
    expected = np.array([ratio, 1.0]) / np.hypot(ratio, 1.0)
    for scale in (1e-60, 1.0, 1e60):
        new = sphere.update([0.6, 0.8], scale * np.eye(2), 1.0, separation=Power(order))
        np.testing.assert_allclose(new, expected, rtol=1e-12)
    single = np.array([0.06, 0.08], np.float32), 0.1 * np.eye(2, dtype=np.float32)
    new = sphere.update(*single, 1.0, separation=Power(order))
    assert new.dtype == np.float32
    np.testing.assert_allclose(new, 0.1 * expected, rtol=1e-5, atol=1e-30)


@pytest.mark.parametrize("separation", [Softmax(), Power(3)], ids=str)
@pytest.mark.parametrize("radius", [1e-14, 1e-3, 1.0, 1e6])
def test_convergence_on_a_sphere_is_that_of_directions(separation, radius):
    """However short states are beside the patterns; the direction is that of a fixed point."""
    x, keys = drawn(11, 20, 6, 4)
    x *= radius / np.linalg.norm(x, axis=1, keepdims=True)
    found = sphere.retrieve(x, keys, 0.5 / radius, separation=separation, max_iterations=20_000)
    again = sphere.update(found.states, keys, 0.5 / radius, separation=separation)
    length = np.linalg.norm(again - found.states, axis=1) / radius
    done = found.status == "converged"
    assert done.mean() > 0.9
    assert (length[done] < 1e-12).all()
    few = sphere.retrieve(x, keys, 0.5 / radius, separation=separation, max_iterations=2)
    assert (few.residual > 1e-6).mean() > 0.8
    assert (few.status == "converged").mean() < 0.2


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tolerance": 0.0}, "tolerance must be"),
        ({"tolerance": -1e-3}, "tolerance must be"),
        ({"tolerance": 2.0}, "tolerance must be"),
        ({"max_iterations": 0}, "max_iterations must be an integer >= 1"),
        ({"max_iterations": 1.5}, "max_iterations must be an integer >= 1"),
        ({"beta": 0.0}, "beta must be above 0"),
    ],
)
def test_bad_arguments_are_refused(change, message):
    arguments = {"queries": np.ones((2, 3)), "patterns": np.ones((5, 3)), "beta": 1.0} | change
    for verb in (attention.retrieve, sphere.retrieve):
        with pytest.raises(InputError, match=message):
            verb(**arguments)


def test_bad_separations_are_refused():
    with pytest.raises(InputError, match="transform must be one of"):
        sphere.energy(np.ones(3), np.ones((2, 3)), 1.0, separation="power")
