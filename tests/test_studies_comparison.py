"""Theory beside simulation: shape, streams, journal, normalisation, and how well they agree."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from math import comb, factorial

import numpy as np
import pytest
import xarray as xr

import theory
from hopfield import Dense, Hopfield, InputError, Multitasking, Supervised, Unsupervised
from hopfield.energies import sign_sum_moment
from hopfield.vocabulary import describe
from montecarlo.statistics import extrapolate, jackknife
from studies import compare, compare_points, simulation

COMPARED = {"overlap": "overlap", "energy": "energy", "replica_overlap": "self_overlap"}
QUICK = {"size": [60, 90], "disorder": 3, "replicas": 3, "sweeps": 6, "burn_in": 4, "seed": 5}
LOADS, TEMPERATURES = (0.05, 0.05, 0.15), (1.5, 0.3, 0.4)
PHASES = ["paramagnet", "retrieval", "glass"]


def assert_same_numbers(one, other):
    """Equal values, labels and units; when it was made may differ."""
    xr.testing.assert_identical(one.drop_attrs(deep=False), other.drop_attrs(deep=False))


@pytest.fixture(scope="module")
def points():
    return compare_points(Hopfield(), LOADS, TEMPERATURES, **QUICK)


# The result


def test_names_dims_and_units(points):
    for name in COMPARED:
        assert points[f"{name}_sample"].dims == ("point", "size", "disorder")
        for suffix in ("", "_stderr"):
            assert points[name + suffix].dims == ("point", "size")
        for suffix in ("_theory", "_extrapolated", "_extrapolated_stderr", "_z"):
            assert points[name + suffix].dims == ("point",)
    assert points.phase.values.tolist() == PHASES
    assert points.sizes == {"point": 3, "size": 2, "disorder": 3}
    assert points["load"].values.tolist() == list(LOADS)
    assert points.temperature.values.tolist() == list(TEMPERATURES)
    for name in points.variables:
        expected = describe(str(name))
        assert {key: points[name].attrs[key] for key in expected} == expected, name


def test_attributes_hold_the_plan(points):
    assert points.attrs["seed"] == "5"
    for word in ('"sizes": [60, 90]', '"disorder": 3', '"sweeps": 6', '"start": "pattern"'):
        assert word in points.attrs["parameters"]


def test_means_and_errors_are_those_of_the_pattern_sets(points):
    for name in COMPARED:
        mean, stderr = jackknife(points[f"{name}_sample"].values, axis=-1)
        np.testing.assert_array_equal(points[name], mean)
        np.testing.assert_array_equal(points[f"{name}_stderr"], stderr)


def solved(load, temperature, phase, name):
    return float(theory.solve(Hopfield(), load, temperature, phase=phase)[COMPARED[name]])


def test_theory_is_that_of_theory(points):
    for name in COMPARED:
        found = points[f"{name}_theory"].values
        for k, phase in enumerate(PHASES):
            if (phase, name) == ("glass", "replica_overlap"):
                assert np.isnan(found[k])
            else:
                assert found[k] == solved(LOADS[k], TEMPERATURES[k], phase, name)


def test_extrapolation_is_of_the_difference_to_theory_at_the_actual_loads(points):
    actual = [[round(load * n) / n for n in QUICK["size"]] for load in LOADS]
    for name in COMPARED:
        for k in (0, 1):
            at_sizes = [solved(a, TEMPERATURES[k], PHASES[k], name) for a in actual[k]]
            if name == "energy":  # and a pattern has N (N - 1)/2 pairs of spins, not N^2/2
                m = [solved(a, TEMPERATURES[k], PHASES[k], "overlap") for a in actual[k]]
                at_sizes += 0.5 * np.square(m) / QUICK["size"]
            difference = points[name].values[k] - at_sizes
            line = extrapolate(QUICK["size"], difference, points[f"{name}_stderr"].values[k])
            limit = points[f"{name}_theory"].values[k]
            assert points[f"{name}_extrapolated"].values[k] == pytest.approx(limit + line.value)
            assert points[f"{name}_extrapolated_stderr"].values[k] == pytest.approx(line.stderr)
            assert points[f"{name}_z"].values[k] == pytest.approx(line.value / line.stderr)


def test_one_size_is_compared_as_it_is():
    result = compare_points(Hopfield(), 0.051, 1.5, **QUICK | {"size": 90})
    expected = solved(5 / 90, 1.5, "paramagnet", "energy")
    z = (result.energy.item() - expected) / result.energy_stderr.item()
    assert result.energy_z.item() == pytest.approx(z)


def test_no_error_gives_no_score():
    result = compare_points(Hopfield(), 1 / 60, 0.0, **QUICK | {"size": 60})
    assert (result.overlap == 1.0).all()
    assert (result.overlap_stderr == 0.0).all()
    assert np.isnan(result.overlap_z).all()


def test_states_without_a_single_flip_give_no_score():
    options = {"size": [40, 60], "disorder": 3, "replicas": 2, "sweeps": 4, "burn_in": 0}
    result = compare_points(Dense(4), 0.001, 0.08, **options)
    assert (result.overlap == 1.0).all()
    assert (result.energy_stderr > 0.0).all()
    assert np.isnan(result.energy_z).all()


def test_grid_is_the_points_rearranged(points):
    loads, temperatures = [0.15, 0.05], [1.5, 0.3, 0.4]
    grid = compare(Hopfield(), loads, temperatures, **QUICK)
    assert grid.energy.dims == ("load", "temperature", "size")
    assert grid["load"].values.tolist() == loads
    assert grid.temperature.values.tolist() == temperatures
    assert grid.temperature.units == "J"
    for k in range(3):
        cell = grid.sel(load=LOADS[k], temperature=TEMPERATURES[k])
        assert_same_numbers(cell, points.isel(point=k))


def test_scalars_are_no_dimensions():
    one = compare(Hopfield(), 0.05, 1.5, **QUICK)
    row = compare(Hopfield(), 0.05, [1.5, 1.4], **QUICK)
    assert one.energy.dims == ("size",)
    assert one.energy_z.dims == ()
    assert row.energy_z.dims == ("temperature",)
    assert_same_numbers(one, row.sel(temperature=1.5))


@pytest.mark.parametrize(
    ("start", "phase"),
    [("pattern", "retrieval"), (0.9, "retrieval"), ("random", "glass"), (0.0, "glass")],
)
def test_theory_is_of_the_phase_that_the_start_leads_to(start, phase):
    result = compare_points(Hopfield(), [0.05, 0.05], [0.3, 1.5], **QUICK | {"start": start})
    assert result.phase.values.tolist() == [phase, "paramagnet"]
    assert result.energy_theory.values[0] == solved(0.05, 0.3, phase, "energy")


# Streams


@pytest.mark.parametrize(
    "other",
    [
        {"load": LOADS[1:2], "temperature": TEMPERATURES[1:2]},
        {"load": (0.2, LOADS[1]), "temperature": (0.9, TEMPERATURES[1])},
        {"size": [60, 90, 70]},
        {"size": 90},
        {"disorder": 2},
    ],
)
def test_a_pattern_set_does_not_see_what_else_is_asked_for(points, other):
    arguments = {"load": LOADS, "temperature": TEMPERATURES, **QUICK} | other
    result = compare_points(Hopfield(), **arguments)
    where = int(np.flatnonzero(result.temperature.values == TEMPERATURES[1])[0])
    for name in ("overlap_sample", "energy_sample", "replica_overlap_sample"):
        one, all_of_them = result[name].isel(point=where), points[name].isel(point=1)
        sizes, sets = sorted({60, 90} & set(result["size"].values.tolist())), result.disorder
        one, all_of_them = (x.sel(size=sizes, disorder=sets) for x in (one, all_of_them))
        np.testing.assert_array_equal(one, all_of_them)


def test_seed_and_everything_that_has_a_meaning_change_the_numbers(points):
    for other in ({"seed": 6}, {"sweeps": 7}, {"start": "random"}, {"dynamics": "metropolis"}):
        result = compare_points(Hopfield(), LOADS, TEMPERATURES, **QUICK | other)
        assert (result.energy_sample != points.energy_sample).any(), other
    samples = points.energy_sample.values.ravel()
    assert np.unique(samples).size == samples.size


# Journal


def finished_lines(path):
    return len(path.read_bytes().splitlines()) - 1 if path.exists() else 0


def stop_after(monkeypatch, count, error):
    """Let the simulation of a pattern set fail when `count` were started before."""
    plain, calls = simulation.sample_some, []

    def sample_some(*task):
        calls.append(task)
        if len(calls) > count:
            raise error
        return plain(*task)

    monkeypatch.setattr(simulation, "sample_some", sample_some)


@pytest.mark.parametrize("error", [KeyboardInterrupt(), RuntimeError("no more")])
def test_stopped_comparison_goes_on_and_ends_with_the_same_numbers(
    points, tmp_path, monkeypatch, error
):
    journal = tmp_path / "journal"
    with monkeypatch.context() as patch:
        stop_after(patch, 7, error)
        with pytest.raises(type(error)):
            compare_points(Hopfield(), LOADS, TEMPERATURES, journal=journal, **QUICK)
    assert finished_lines(journal) == 7
    calls = []
    plain = simulation.sample_some
    monkeypatch.setattr(simulation, "sample_some", lambda *task: calls.append(task) or plain(*task))
    resumed = compare_points(Hopfield(), LOADS, TEMPERATURES, journal=journal, **QUICK)
    assert len(calls) == 18 - 7
    assert_same_numbers(resumed, points)
    again = compare_points(Hopfield(), LOADS, TEMPERATURES, journal=journal, **QUICK)
    assert len(calls) == 18 - 7
    assert_same_numbers(again, points)


def test_truncated_last_line_is_done_again(points, tmp_path):
    journal = tmp_path / "journal"
    compare_points(Hopfield(), LOADS, TEMPERATURES, journal=journal, **QUICK)
    whole = journal.read_bytes()
    journal.write_bytes(whole[:-40])
    assert finished_lines(journal) == 18
    resumed = compare_points(Hopfield(), LOADS, TEMPERATURES, journal=journal, **QUICK)
    assert_same_numbers(resumed, points)
    assert sorted(journal.read_bytes().splitlines()) == sorted(whole.splitlines())


@pytest.mark.parametrize(
    "other",
    [
        {"seed": 6}, {"sweeps": 7}, {"burn_in": 5}, {"replicas": 4}, {"disorder": 4},
        {"size": [60, 91]}, {"load": (0.05, 0.05, 0.16)}, {"temperature": (1.5, 0.3, 0.5)},
        {"start": 0.9}, {"dynamics": "metropolis"}, {"model": Dense(2, True)},
    ],
)  # fmt: skip
def test_journal_of_another_plan_is_refused(tmp_path, other):
    journal = tmp_path / "journal"
    plan = {"model": Hopfield(), "load": LOADS, "temperature": TEMPERATURES, **QUICK}
    compare_points(**plan, journal=journal)
    before = journal.read_bytes()
    with pytest.raises(InputError, match="unfinished results of another run"):
        compare_points(**plan | other, journal=journal)
    assert journal.read_bytes() == before


def test_journal_without_any_result_is_not_left_behind(tmp_path, monkeypatch):
    stop_after(monkeypatch, 0, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        compare_points(Hopfield(), LOADS, TEMPERATURES, journal=tmp_path / "journal", **QUICK)
    assert list(tmp_path.iterdir()) == []


LONGER = QUICK | {"size": [200, 300], "disorder": 20, "sweeps": 300}


def test_killed_process_loses_only_what_was_in_flight(tmp_path):
    journal = tmp_path / "journal"
    code = (
        "import pathlib, hopfield, studies; studies.compare_points("
        f"hopfield.Hopfield(), {LOADS}, {TEMPERATURES}, journal=pathlib.Path({str(journal)!r}), "
        f"**{LONGER})"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE)
    deadline = time.monotonic() + 120
    while finished_lines(journal) < 5 and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    assert 5 <= finished_lines(journal) < 120
    resumed = compare_points(Hopfield(), LOADS, TEMPERATURES, journal=journal, **LONGER)
    assert_same_numbers(resumed, compare_points(Hopfield(), LOADS, TEMPERATURES, **LONGER))


# Normalisation

BOTH = [Dense(2), Dense(2, self_interaction=True)]
MANY_BODIES = [Dense(3), Dense(3, True), Dense(4), Dense(4, True)]


@pytest.fixture(scope="module")
def agreement():
    """Two points inside the retrieval phase and two in the paramagnet, by model."""
    where = (0.05, 0.02, 0.1, 0.05), (0.45, 0.55, 1.6, 1.4)
    options = {"size": [400, 800], "disorder": 16, "replicas": 16}
    return {model: compare_points(model, *where, **options) for model in BOTH}


QUICK_POINTS = {
    Dense(3): ((0.02, 0.05), (0.2, 0.8), [100, 140, 200], 16),
    Dense(3, True): ((0.01, 0.08), (0.2, 1.0), [100, 140, 200], 64),
    Dense(4): ((0.003, 0.008), (0.15, 0.7), [80, 100, 130], 16),
    Dense(4, True): ((0.001, 0.01), (0.15, 0.8), [80, 100, 130], 16),
}


@pytest.mark.parametrize("model", MANY_BODIES, ids=str)
def test_many_bodies_have_the_constants_of_theory(model):
    loads, temperatures, sizes, disorder = QUICK_POINTS[model]
    options = {"size": sizes, "disorder": disorder, "replicas": 8, "sweeps": 40, "burn_in": 30}
    result = compare_points(model, loads, temperatures, **options)
    assert result.phase.values.tolist() == ["retrieval", "paramagnet"]
    assert json.loads(result.attrs["parameters"])["degree"] == 2
    for name in COMPARED:
        z = result[f"{name}_z"].values
        assert (np.abs(z[np.isfinite(z)]) < 4.0).all(), (name, z)
    # without retrieval there is the crosstalk alone, which the two energies do not share: other
    # energies per spin, and for p = 3 a random field that makes q > 0
    other = distances(result.isel(point=[1]), Dense(model.p, not model.self_interaction))
    assert max(abs(other[name][0]) for name in ("energy", "replica_overlap")) > 4.0


def distances(result, model, *, load_factor=1.0, temperature_factor=1.0):
    """Distance to the theory of `model` at changed points, in standard errors, by name."""
    z = {name: [] for name in COMPARED}
    for k in range(result.sizes["point"]):
        one = result.isel(point=k)
        expected = theory.solve(
            model,
            load_factor * one["load"].item(),
            temperature_factor * one.temperature.item(),
            phase=one.phase.item(),
        )
        for name, of_theory in COMPARED.items():
            difference = one[f"{name}_extrapolated"] - expected[of_theory]
            z[name].append(float(difference / one[f"{name}_extrapolated_stderr"]))
    return {name: np.array(values) for name, values in z.items()}


@pytest.mark.parametrize("model", BOTH)
def test_theory_and_simulation_have_the_same_constants(agreement, model):
    result = agreement[model]
    assert result.phase.values.tolist() == ["retrieval"] * 2 + ["paramagnet"] * 2
    for name in COMPARED:
        assert (np.abs(result[f"{name}_z"]) < 4.0).all(), (name, result[f"{name}_z"].values)


@pytest.mark.parametrize("model", BOTH)
def test_other_theory_is_seen_to_be_another(agreement, model):
    result = agreement[model]
    same = distances(result, model)
    for name in COMPARED:
        np.testing.assert_allclose(same[name], result[f"{name}_z"], rtol=1e-9)
    other_constant = distances(result, Dense(2, not model.self_interaction))
    assert (np.abs(other_constant["energy"]) > 4.0).all()
    warmer = distances(result.isel(point=[0, 1]), model, temperature_factor=1.1)
    assert (np.abs(warmer["energy"]) > 4.0).all()
    fuller = distances(result.isel(point=[2, 3]), model, load_factor=1.1)
    assert (np.abs(fuller["energy"]) > 4.0).all()


def test_self_interaction_changes_the_energy_by_a_constant_alone(agreement):
    without, full = (agreement[model] for model in BOTH)
    for name in ("overlap", "replica_overlap"):
        np.testing.assert_array_equal(full[f"{name}_sample"], without[f"{name}_sample"])
    shift = (full.energy_sample - without.energy_sample).transpose("point", "size", "disorder")
    actual = [[round(a * n) / n for n in (400, 800)] for a in without["load"].values]
    expected = np.repeat(-0.5 * np.array(actual)[:, :, None], 16, axis=2)
    np.testing.assert_allclose(shift, expected, atol=1e-12)


# Crosstalk


def forgotten_constants(model):
    """Shifts of the mean if the signal, or the mean of the others, were that of infinite size."""
    p, n = model.p, 40
    signal = 1.0 / p - math.prod(1.0 - k / n for k in range(p)) / p
    others = 9 * sign_sum_moment(p, n) / (p * float(n) ** p)
    return ([] if p % 2 else [others]) if model.self_interaction else [signal]


@pytest.mark.parametrize("model", [*BOTH, *MANY_BODIES])
def test_crosstalk_has_zero_mean(model):
    values = np.array(
        [
            simulation.crosstalk(model, model.network(40, n_patterns=10, seed=seed))
            for seed in range(1500)
        ]
    )
    stderr = values.std(ddof=1) / np.sqrt(values.size)
    assert abs(values.mean() / stderr) < 4.0
    for forgotten in forgotten_constants(model):
        assert abs((values.mean() - forgotten) / stderr) > 4.0
    if model.self_interaction and model.p > 2:
        return
    p, n = model.p, 40
    # nine others, each with as many independent terms as there are sets of p spins
    exact = np.sqrt(9.0 * comb(n, p)) * factorial(p - 1) / float(n) ** p
    spread = (values**2).std(ddof=1) / np.sqrt(values.size)
    assert abs((values**2).mean() - exact**2) < 4.0 * spread
    assert abs((values**2).mean() - 2.0 * exact**2) > 4.0 * spread


DILUTED = [Multitasking(0.4), Supervised(2, 0.6, 3, 0.4), Unsupervised(2, 0.6, 3, 0.4)]


@pytest.mark.parametrize("model", DILUTED, ids=repr)
def test_crosstalk_of_diluted_patterns_has_zero_mean(model):
    n, filled = 40, 1.0 - model.dilution
    networks = [model.network(n, n_patterns=10, seed=seed) for seed in range(1500)]
    values = np.array([simulation.crosstalk(model, network) for network in networks])
    stderr = values.std(ddof=1) / np.sqrt(values.size)
    assert abs(values.mean() / stderr) < 4.0
    # pairs of spins of a pattern with themselves, and the pattern that is retrieved
    for forgotten in (9 * filled**2 / (2 * n), filled**2 / 2):
        assert abs((values.mean() - forgotten) / stderr) > 4.0
    if isinstance(model, Unsupervised):
        return  # products of examples of one archetype are not independent
    # pairs of spins that are filled in pattern 0 and in one of the nine others
    exact = np.sqrt(9.0 * comb(n, 2)) * filled**2 / float(n) ** 2
    spread = (values**2).std(ddof=1) / np.sqrt(values.size)
    assert abs((values**2).mean() - exact**2) < 4.0 * spread
    assert abs((values**2).mean() - 2.0 * exact**2) > 4.0 * spread


def test_correction_by_the_crosstalk_shrinks_the_error_and_not_the_mean(tmp_path):
    options = {"size": 500, "disorder": 64, "replicas": 4, "sweeps": 30, "burn_in": 30}
    where = [0.08, 0.08], [0.2, 1.6]
    path = tmp_path / "journal"
    result = compare_points(Hopfield(), *where, journal=path, **options)
    seen = read_journal(path)
    for point, phase in enumerate(("retrieval", "paramagnet")):
        plain, crosstalk = (
            np.array([seen[point, 0, k][name] for k in range(64)])
            for name in ("energy", "crosstalk")
        )
        weight = result.overlap_theory.values[point] ** 2
        corrected = result.energy_sample.values[point, 0]
        np.testing.assert_allclose(corrected, plain - weight * crosstalk, rtol=1e-14)
        assert result.phase.values[point] == phase
        if phase == "paramagnet":
            np.testing.assert_array_equal(corrected, plain)
            continue
        change, error = jackknife(plain - corrected)
        assert abs(change / error) < 4.0
        assert corrected.std() < plain.std() / 2.0


def read_journal(path):
    """The pieces that a journal file holds."""
    lines = [json.loads(line) for line in path.read_text().splitlines()[1:]]
    return {tuple(line["key"]): line["values"] for line in lines}


# Bad input


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"model": "hopfield"}, "model must be one of hopfield, got .hopfield."),
        ({"load": 0.0}, "load must be a number >= .*, one pattern at size 60, got 0"),
        ({"degree": 2}, "degree must be an integer >= 1 and <= 1, got 2"),
        ({"degree": 0}, "degree must be an integer >= 1 and <= 1, got 0"),
        ({"load": -0.1}, "load must be .* got -0.1"),
        ({"load": [0.1, 0.2]}, "load and temperature must have equal length, got 2 and 1"),
        ({"temperature": np.nan}, "temperature must be .* got nan"),
        ({"size": 1}, "size must be an integer >= 2, got 1"),
        ({"size": 100.0}, "size must be an integer >= 2, got 100.0"),
        ({"size": []}, r"size must be one or more different integers, got \[\]"),
        ({"size": [100, 100]}, r"different integers, got \[100, 100\]"),
        ({"disorder": 1}, "disorder must be an integer >= 2, got 1"),
        ({"replicas": 1}, "replicas must be an integer >= 2, got 1"),
        ({"sweeps": 3}, "sweeps must be an integer >= 4, got 3"),
        ({"burn_in": -1}, "burn_in must be an integer >= 0, got -1"),
        ({"start": "zero"}, "start must be 'pattern', 'random' or an overlap .* got 'zero'"),
        ({"start": 2.0}, "start must be .* got 2.0"),
        ({"start": np.ones(60)}, "start must be .* got array"),
        ({"dynamics": "parallel"}, "dynamics must be one of 'glauber', 'metropolis', got 'par"),
        ({"dynamics": "wolff"}, "dynamics must be one of 'glauber', .* got 'wolff'"),
        ({"seed": -1}, "seed must be an integer >= 0, .* got -1"),
        ({"backend": "tpu"}, "backend must be one of 'auto', 'cpu', 'gpu', got 'tpu'"),
        ({"size": 10**9}, r"the patterns would need \d.* GiB of memory, .* are free"),
        ({"replicas": 10**13}, r"the run would need \d.* GiB of memory, .* are free"),
    ],
)
def test_bad_input_is_named_before_any_work(tmp_path, bad, words):
    good = {"model": Hopfield(), "load": 0.05, "temperature": 0.5, **QUICK}
    with pytest.raises(InputError, match=words):
        compare_points(**good | bad, journal=tmp_path / "journal")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["load", "temperature"])
def test_grid_needs_different_numbers(name):
    arguments = {"load": 0.05, "temperature": 0.5} | {name: [0.1, 0.1]}
    with pytest.raises(InputError, match=rf"{name} must be different numbers, got \[0.1, 0.1\]"):
        compare(Hopfield(), **arguments, **QUICK)


def test_numbers_of_numpy_are_numbers(points, tmp_path):
    options = {name: np.int64(value) for name, value in QUICK.items() if name != "size"}
    arrays = np.array(LOADS), np.array(TEMPERATURES)
    result = compare_points(
        Hopfield(), *arrays, size=np.array([60, 90]), journal=tmp_path / "journal", **options
    )
    assert_same_numbers(result, points)


# Agreement


def test_diluted_patterns_agree_with_theory():
    options = {"size": [1000, 2000], "disorder": 12, "replicas": 16, "sweeps": 30, "burn_in": 30}
    result = compare_points(Multitasking(0.2), [0.01, 0.02], [0.3, 0.2], **options)
    assert_diluted(result, Multitasking(0.2), 1.7)


def assert_diluted(result, model, factor):
    """Agreement with the theory of a model, and with no other one."""
    assert (result.phase == "retrieval").all()
    z = np.array([result[f"{name}_z"].values for name in simulation.compared(model)])
    assert (np.abs(z) < 4.0).all(), z
    assert np.mean(z**2) < 2.0, z
    kind = type(model)
    given = {"quality": model.quality, "examples": model.examples, "p": 2} if kind in TAUGHT else {}
    others = [
        distances(result, kind(**given, dilution=model.dilution + 0.03)),
        distances(result, model, temperature_factor=factor),
        distances(result, model, load_factor=factor),
    ]
    for z in others:
        assert max(np.abs(values).max() for values in z.values()) > 4.0


TAUGHT = (Supervised, Unsupervised)
HIGH_LOADS = {
    Multitasking(0.2): ([0.01, 0.02, 0.03], [0.3, 0.2, 0.2], 1.2),
    Multitasking(0.1): ([0.02, 0.05], [0.3, 0.2], 1.2),
    Supervised(2, 0.8, 10, 0.1): ([0.015], [0.3], 1.4),
    Unsupervised(2, 0.8, 10, 0.1): ([0.01], [0.3], 1.6),
}


@pytest.mark.slow
@pytest.mark.parametrize("model", HIGH_LOADS, ids=repr)
def test_high_loads_of_diluted_patterns_agree_with_theory(model):
    options = {"size": [4000, 8000], "disorder": 16, "replicas": 16, "sweeps": 60, "burn_in": 40}
    loads, temperatures, factor = HIGH_LOADS[model]
    result = compare_points(model, loads, temperatures, **options)
    assert_diluted(result, model, factor)


@pytest.mark.slow
def test_ten_points_of_retrieval_agree_with_theory():
    loads = 0.02, 0.02, 0.02, 0.05, 0.05, 0.05, 0.08, 0.08, 0.1, 0.1
    temperatures = 0.2, 0.4, 0.6, 0.1, 0.3, 0.45, 0.15, 0.3, 0.1, 0.2
    result = compare_points(
        Hopfield(), loads, temperatures, size=[2000, 4000, 8000], disorder=16, seed=1
    )
    assert (result.phase == "retrieval").all()
    fuller = distances(result, Hopfield(), load_factor=1.1)
    for name in COMPARED:
        z = result[f"{name}_z"].values
        assert (np.abs(z) < 4.0).all(), (name, z)
        assert np.mean(z**2) < 2.0, (name, z)
        assert np.mean(fuller[name] ** 2) > 2.0, name
    other_constant = distances(result, Dense(2, self_interaction=True))
    assert (np.abs(other_constant["energy"]) > 4.0).all()


SIX_POINTS = {
    Dense(3): (
        (0.02, 0.05, 0.02, 0.04, 0.02, 0.05), (0.2, 0.2, 0.3, 0.3, 0.4, 0.8), [120, 160, 220, 320],
    ),
    Dense(3, True): (
        (0.01, 0.03, 0.01, 0.025, 0.01, 0.03), (0.2, 0.2, 0.3, 0.3, 0.4, 0.8), [120, 160, 220, 320],
    ),
    Dense(4): (
        (0.003, 0.008, 0.003, 0.006, 0.002, 0.008), (0.15, 0.15, 0.25, 0.25, 0.3, 0.7),
        [90, 110, 140, 180],
    ),
    Dense(4, True): (
        (0.001, 0.003, 0.001, 0.002, 0.001, 0.003), (0.15, 0.15, 0.25, 0.25, 0.3, 0.7),
        [90, 110, 140, 180],
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("model", MANY_BODIES, ids=str)
def test_six_points_of_many_bodies_agree_with_theory(model):
    loads, temperatures, sizes = SIX_POINTS[model]
    options = {"size": sizes, "disorder": 32, "replicas": 8, "sweeps": 60, "burn_in": 40}
    result = compare_points(model, loads, temperatures, **options)
    assert result.phase.values.tolist() == ["retrieval"] * 5 + ["paramagnet"]
    for name in COMPARED:
        z = result[f"{name}_z"].values
        z = z[np.isfinite(z)]  # all spins aligned in all samples have no error to count in
        assert z.size >= 5
        assert (np.abs(z) < 4.0).all(), (name, z)
        assert np.mean(z**2) < 2.0, (name, z)
    fuller = distances(result, model, load_factor=1.5)
    warmer = distances(result, model, temperature_factor=1.3)
    assert max(np.nanmean(other["energy"] ** 2) for other in (fuller, warmer)) > 2.0
    assert np.nanmean(warmer["overlap"] ** 2) > 2.0
