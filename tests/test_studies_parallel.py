"""States of several patterns: simulation of finite networks beside theory at infinite size."""

import json

import numpy as np
import pytest
import xarray as xr

import theory
from hopfield import (
    Dense,
    Hopfield,
    InputError,
    Multitasking,
    Network,
    Supervised,
    Unsupervised,
    hierarchical_state,
)
from hopfield.vocabulary import describe
from studies import compare_parallel, parallel
from studies.agreement import at_infinite_size, distance
from studies.entries import columns_of_network, own_state
from studies.parallel_samples import IN_THEORY, diagonal

QUICK = {"size": [4000, 8000], "disorder": 8, "replicas": 16, "sweeps": 30, "burn_in": 25}
FEW = (
    (Multitasking(0.4), 2, 0.1, "hierarchical"),
    (Multitasking(0.2), 2, 0.3, "pure"),
    (Multitasking(0.8), 2, 0.09, "parallel"),
    (Supervised(2, 0.8, 10, 0.2), 2, 0.3, "pure"),
    (Unsupervised(2, 0.6, 10, 0.3), 2, 0.1, "hierarchical"),
)


@pytest.fixture(scope="module")
def result():
    return compare_parallel(FEW, **QUICK)


def expected_of(ds, point, law):
    """What theory says of all quantities of a point, overlaps first."""
    count, (model, n_patterns, *_) = ds.sizes["pattern"], point
    learns = isinstance(model, Supervised | Unsupervised)
    names = ["pattern_overlap", *(["pattern_effective_overlap"] if learns else [])]
    vectors = [law[IN_THEORY[name]].values for name in names]
    samples = [ds[f"{name}_sample"].values[..., :n_patterns] for name in names]
    assert n_patterns <= count
    for name in ("replica_overlap", "energy"):
        vectors.append(law[IN_THEORY[name]].values[None])
        samples.append(ds[f"{name}_sample"].values[..., None])
    return np.concatenate(samples, axis=-1), np.concatenate(vectors)


def distance_to(ds, k, point, **changes):
    """Distance of a point of a comparison from the theory of a changed one."""
    model, count, temperature, state = point
    model = changes.get("model", model)
    temperature *= changes.get("temperature_factor", 1.0)
    law = theory.retrieval_states(model, count, temperature, states=[state]).isel(state=0)
    assert law.status == "converged"
    samples, expected = expected_of(ds.isel(point=k), point, law)
    joint = np.arange(expected.size) < expected.size - 1
    limit = at_infinite_size(ds["size"].values, samples, min(ds.sizes["size"] - 1, 1))
    return distance(limit, expected, joint)


def z_scores(ds):
    names = [name for name in ds if name.endswith("_z")]
    return np.concatenate([ds[name].values.ravel() for name in names])


def test_simulation_agrees_with_theory(result):
    z = z_scores(result)
    assert np.nanmax(np.abs(z)) < 4.0
    assert np.isfinite(z).sum() == 4 + 4 + 4 + 6 + 6
    assert (result.p_value > 1e-4).all()
    assert result.chi_square.mean() < 2.0


def with_dilution(model, dilution):
    """The model at another dilution."""
    if isinstance(model, Multitasking):
        return Multitasking(dilution)
    return type(model)(2, model.quality, model.examples, dilution)


def assert_others_fail(ds, points):
    for k, point in enumerate(points):
        same = distance_to(ds, k, point)
        assert same.chi_square == pytest.approx(ds.chi_square.values[k], rel=1e-6)
        for changes in (
            {"temperature_factor": 1.05},
            {"model": with_dilution(point[0], point[0].dilution + 0.01)},
        ):
            other = distance_to(ds, k, point, **changes)
            assert np.abs(other.z).max() > 4.0, (point, changes)
            assert other.p_value < 1e-4, (point, changes)


def test_other_theories_are_seen_to_be_others(result):
    assert_others_fail(result, FEW)


@pytest.mark.slow
def test_all_points_agree_with_theory():
    ds = compare_parallel()
    z = z_scores(ds)
    assert np.nanmax(np.abs(z)) < 4.0
    assert np.isfinite(z).sum() == 3 * 5 + 2 * 4 + 5 + 4 * 6
    assert (ds.p_value > 1e-4).all()
    assert (ds.chi_square < 2.0).all()
    assert ds.pattern_overlap_extrapolated_stderr.max() < 3e-4
    assert_others_fail(ds, parallel.POINTS)


def test_names_dims_and_units(result):
    for name in IN_THEORY:
        last = ("pattern",) if "pattern" in name else ()
        assert result[f"{name}_sample"].dims == ("point", "size", "disorder", *last)
        for suffix in ("", "_stderr"):
            assert result[name + suffix].dims == ("point", "size", *last)
        for suffix in ("_theory", "_extrapolated", "_extrapolated_stderr", "_z"):
            assert result[name + suffix].dims == ("point", *last)
    for name in result.variables:
        expected = describe(str(name))
        assert {key: result[name].attrs[key] for key in expected} == expected, name
    assert result.state.values.tolist() == [state for *_, state in FEW]
    assert [model["name"] for model in json.loads(result.attrs["model"])] == [
        type(model).__name__ for model, *_ in FEW
    ]
    learned = np.isfinite(result.pattern_effective_overlap_theory).all("pattern")
    assert learned.values.tolist() == [False] * 3 + [True] * 2


def test_theory_is_that_of_theory(result):
    for k, (model, count, temperature, state) in enumerate(FEW):
        law = theory.retrieval_states(model, count, temperature, states=[state]).isel(state=0)
        np.testing.assert_array_equal(result.pattern_overlap_theory[k], law.overlap)
        assert result.energy_theory[k] == law.energy
        assert result.replica_overlap_theory[k] == law.self_overlap


def test_other_points_and_sizes_change_nothing_and_a_journal_keeps_all(result, tmp_path):
    path = tmp_path / "journal"
    options = QUICK | {"size": 4000, "disorder": 3}
    alone = compare_parallel(FEW[1:2], journal=path, **options)
    several = result.isel(point=[1], size=[0], disorder=slice(3))
    for name in ("pattern_overlap_sample", "energy_sample", "replica_overlap_sample"):
        np.testing.assert_array_equal(alone[name], several[name])
    assert "pattern_effective_overlap" not in alone
    lines = path.read_text().splitlines()
    assert len(lines) == 4
    path.write_text("\n".join(lines[:2]) + "\n")
    again = compare_parallel(FEW[1:2], journal=path, **options)
    xr.testing.assert_identical(again.drop_attrs(deep=False), alone.drop_attrs(deep=False))


def test_entries_of_the_networks_carry_most_of_the_fluctuations(monkeypatch):
    options = QUICK | {"size": 4000}
    own = compare_parallel(FEW[:1], **options)
    law = theory.retrieval_states(Multitasking(0.4), 2, 0.1, states=["hierarchical"])
    law = {name: law[name].values[0] for name in IN_THEORY.values() if name in law}
    monkeypatch.setattr("studies.parallel_samples.own_state", lambda *_: law)
    plain = compare_parallel(FEW[:1], **options)
    for name in ("pattern_overlap", "energy", "replica_overlap"):
        assert (own[f"{name}_stderr"] < 0.3 * plain[f"{name}_stderr"]).all(), name
        gap = np.abs(own[name] - plain[name])
        assert (gap < 4.0 * plain[f"{name}_stderr"]).all(), name


# Theory of the entries of a network


def every_column(model, n_patterns, copies):
    """Network that has every column as often as it is probable."""
    columns = np.stack(np.meshgrid(*[[-1, 0, 1]] * n_patterns), axis=-1).reshape(-1, n_patterns)
    weights = np.where(columns == 0, model.dilution, (1.0 - model.dilution) / 2.0).prod(axis=1)
    counts = np.rint(weights * copies).astype(int)
    assert counts.sum() == copies
    return Network(model, np.repeat(columns, counts, axis=0).T)


@pytest.mark.parametrize("state", ["hierarchical", "pure", "parallel"])
def test_probable_columns_have_the_state_of_their_law(state):
    model = Multitasking(0.8 if state == "parallel" else 0.2)
    temperature = {"hierarchical": 0.05, "pure": 0.3, "parallel": 0.09}[state]
    law = theory.retrieval_states(model, 2, temperature, states=[state]).isel(state=0)
    own = own_state(every_column(model, 2, 10_000), temperature, law.effective_overlap.values)
    for name, value in own.items():
        np.testing.assert_allclose(value, law[name], atol=1e-9)
    drawn = model.network(10_000, n_patterns=2, seed=3)
    other = own_state(drawn, temperature, law.effective_overlap.values)
    assert abs(other["overlap"] - law.overlap.values).max() > 1e-3


def test_state_of_the_entries_is_one_of_the_network_without_temperature():
    network = Multitasking(0.4).network(2000, n_patterns=3, seed=2)
    own = own_state(network, 0.0, 0.6 * 0.4 ** np.arange(3))
    overlaps = network.overlaps(hierarchical_state(network.patterns, seed=1))
    blank = (network.patterns == 0).all(axis=0).mean()
    np.testing.assert_allclose(own["overlap"], overlaps, atol=1e-12)
    assert own["self_overlap"] == pytest.approx(1.0 - blank, abs=1e-12)
    assert own["energy"] == pytest.approx(-0.5 * (overlaps**2).sum(), abs=1e-12)


def test_columns_of_learned_patterns():
    network = Supervised(2, 0.6, 3, 0.4).network(50, n_patterns=2, seed=1)
    law = columns_of_network(network)
    np.testing.assert_array_equal(law.archetype, network.archetypes.T)
    np.testing.assert_array_equal(law.filled, network.patterns.T != 0)  # odd sums
    x = network.patterns.T * network.model.effective_unit
    np.testing.assert_allclose(law.value, x)
    np.testing.assert_allclose(law.square, x**2)
    assert law.weight.sum() == pytest.approx(1.0)


def test_own_state_that_is_not_there_is_not_a_number():
    law = theory.retrieval_states(Multitasking(0.3), 3, 0.05, states=["hierarchical"])
    network = Multitasking(0.3).network(2000, n_patterns=3, seed=14)
    own = own_state(network, 0.05, law.effective_overlap.values[0])
    assert all(np.isnan(values).all() for values in own.values())


@pytest.mark.parametrize(
    "model",
    [Hopfield(), Multitasking(0.4), Supervised(2, 0.6, 4, 0.3), Unsupervised(2, 0.6, 4, 0.3),
     Dense(2, True)],
)  # fmt: skip
def test_energy_without_pairs_of_a_spin_with_itself(model):
    network = model.network(40, n_patterns=2, seed=1)
    spins = np.random.default_rng(2).choice(np.array([-1, 1], np.int8), 40)
    found = network.energy(spins) / 40 - diagonal(network)
    if isinstance(model, Unsupervised):  # of every example
        share = 4 * network.model.effective_unit**2
        squares = network.overlaps(spins) ** 2 * share
    else:
        squares = network.effective_overlaps(spins) ** 2
    assert found == pytest.approx(-0.5 * squares.sum(), abs=1e-12)


# Bad input


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"points": []}, "points must be one or more, got none"),
        ({"points": [(Multitasking(0.5), 2, 0.0, "pure")]}, "state must be stable at T = 0, got"),
        ({"points": [(Multitasking(0.3), 3, 0.6, "2+1")]}, "state must be stable at T = 0.6, got"),
        ({"points": [(Multitasking(0.3), 2, 0.1, "some")]}, "state must be 'pure', .* got 'some'"),
        ({"points": [(Dense(3), 2, 0.1, "pure")]}, "model must be .* got Dense"),
        ({"points": [(Multitasking(0.3), 0, 0.1, "pure")]}, "n_patterns must be .* got 0"),
        ({"points": [(Multitasking(0.3), 2, -0.1, "pure")]}, "temperature must be .* got -0.1"),
        ({"size": [100, 100]}, r"different integers, got \[100, 100\]"),
        ({"size": 1}, "size must be an integer >= 2, got 1"),
        ({"disorder": 1}, "disorder must be an integer >= 2, got 1"),
        ({"replicas": 1}, "replicas must be an integer >= 2, got 1"),
        ({"sweeps": 3}, "sweeps must be an integer >= 4, got 3"),
        ({"burn_in": -1}, "burn_in must be an integer >= 0, got -1"),
        ({"size": 10**12}, r"the patterns would need \d.* GiB of memory, .* are free"),
    ],
)
def test_bad_input_is_named_before_any_work(bad, words):
    good = {"points": FEW[:1], **QUICK}
    with pytest.raises(InputError, match=words):
        compare_parallel(**good | bad)
