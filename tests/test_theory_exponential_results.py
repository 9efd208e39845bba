"""What `theory` says of exponential networks: labels, shapes, refusals."""

import json

import numpy as np
import pytest

import hopfield
import theory
from hopfield.vocabulary import STATUS, describe
from theory.exponential.partition import log_mean_partition
from theory.exponential.phases import NAMES, ExponentialPhases
from theory.exponential.rates import BINARY, GAUSSIAN
from theory.exponential.solutions import (
    exponential_capacity,
    exponential_diagram,
    exponential_phase,
)

MODEL, DENSE = hopfield.Exponential(0.8), hopfield.Dense(4)


def check_labels(result, name="Exponential"):
    """Every name is in the vocabulary and carries its long name and units."""
    for variable in [*result.data_vars, *result.coords]:
        expected = describe(str(variable))
        assert result[variable].attrs["long_name"] == expected["long_name"]
        assert result[variable].attrs["units"] == expected["units"]
    if "status" in result:
        assert set(np.unique(result.status.values)) <= set(STATUS)
    assert json.loads(result.attrs["model"])["name"] == name


@pytest.mark.parametrize("phase", NAMES)
def test_solve_gives_the_outer_product(phase):
    load, temperature = [0.05, 0.3, 0.5], np.array([0.0, 0.4, 1.6, 4.0])
    result = theory.solve(MODEL, load, temperature, phase=phase)
    check_labels(result)
    assert result.overlap.dims == ("load", "temperature")
    assert {"converged", "absent"} == set(result.status.values.ravel())
    here = result.status == "converged"
    for name in ("overlap", "max_overlap", "free_energy", "energy", "entropy", "residual"):
        assert (np.isfinite(result[name]) == here).all()
    assert result.residual.max() < 1e-14
    one = ExponentialPhases(0.8)
    for i, a in enumerate(load):
        for j, t in enumerate(temperature):
            cell = getattr(one, phase)(a, t)
            assert bool(cell.exists) == bool(here[i, j])
            if cell.exists:
                assert result.free_energy[i, j] == pytest.approx(cell.free_energy, abs=1e-15)
    alone = theory.solve(MODEL, load, 0.4, phase=phase)
    assert alone.overlap.dims == ("load",)
    np.testing.assert_array_equal(alone.entropy, result.entropy[:, 1])


def test_favoured_is_the_phase_of_least_free_energy():
    load, temperature = np.linspace(0.02, 0.6, 12), np.linspace(0.1, 3.0, 9)
    found = {name: theory.solve(MODEL, load, temperature, phase=name) for name in NAMES}
    free = np.stack([found[name].free_energy.fillna(np.inf) for name in NAMES])
    assert (np.array(NAMES)[free.argmin(axis=0)] == found["retrieval"].favoured).all()


@pytest.mark.parametrize(
    ("phase", "load", "temperature", "reason"),
    [
        ("retrieval", 0.5, 1.0, "it ends at load 0.31852"),
        ("paramagnet", 0.1, 1.0, "it is there from load 0.24047"),
        ("condensed", 0.5, 1.0, "it is there up to load 0.24047"),
    ],
)
def test_a_phase_that_is_not_there(phase, load, temperature, reason):
    with pytest.raises(hopfield.InputError, match=f"the {phase} phase of Exp.* exist.*: {reason}"):
        theory.solve(MODEL, load, temperature, phase=phase)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"phase": "glass"}, "phase must be one of 'retrieval', 'paramagnet', 'condensed'"),
        ({"ansatz": "1rsb"}, "ansatz must be one of 'rs'"),
        ({"exponent": 1.0}, "exponent must not be given"),
        ({"load": -0.1}, "load must be"),
        ({"temperature": np.nan}, "temperature must be"),
    ],
)
def test_bad_arguments_of_solve(change, message):
    with pytest.raises(hopfield.InputError, match=message):
        theory.solve(**{"model": MODEL, "load": 0.1, "temperature": 0.1} | change)


def test_other_models_have_no_such_phase_or_criterion():
    with pytest.raises(hopfield.InputError, match="phase must be one of 'retrieval', 'glass'"):
        theory.solve(hopfield.Hopfield(), 0.1, 0.1, phase="condensed")
    with pytest.raises(hopfield.InputError, match="criterion must be one of 'retrieval', got"):
        theory.capacity(hopfield.Hopfield(), criterion="flips")


def test_capacity_by_criterion():
    lam = MODEL.sharpness
    log_cosh = np.log(np.cosh(np.array([lam, 2.0 * lam])))
    expected = {
        "retrieval": lam - log_cosh[0], "equilibrium": lam - log_cosh[0],
        "flips": 2.0 * lam - log_cosh[1], "all patterns": np.log(2.0) / 2.0,
    }  # fmt: skip
    for criterion, load in expected.items():
        found = theory.capacity(MODEL, criterion=criterion)
        check_labels(found)
        assert found["load"].item() == pytest.approx(load, rel=1e-13)
        assert found.overlap == 1.0
        assert found.residual < 1e-13
    weak = theory.capacity(hopfield.Exponential(0.1), criterion="all patterns")
    assert weak["load"].item() == pytest.approx(0.2 - np.log(np.cosh(0.2)), rel=1e-13)


@pytest.mark.parametrize("criterion", ["retrieval", "equilibrium"])
def test_capacity_at_temperature(criterion):
    t = np.array([0.0, 0.3, 1.0, 1.25, 1.3, 5.0])
    found = theory.capacity(MODEL, t, criterion=criterion)
    assert found["load"].dims == ("temperature",)
    assert (np.diff(found["load"]) < 0.0).all()
    assert found.residual.max() < 1e-10
    np.testing.assert_allclose(found.overlap[1:], np.tanh(1.0 / t[1:]), rtol=1e-14)
    np.testing.assert_allclose(found["load"][4:], BINARY.rate(np.tanh(1.0 / t[4:])), rtol=1e-10)


def test_criteria_of_zero_temperature():
    with pytest.raises(hopfield.InputError, match=r"'flips' .* temperature 0, got 0\.5"):
        theory.capacity(MODEL, [0.0, 0.5], criterion="flips")
    with pytest.raises(hopfield.InputError, match="criterion must be one of"):
        theory.capacity(MODEL, criterion="some")


def test_phase_diagram():
    diagram = theory.phase_diagram(MODEL, points=11)
    check_labels(diagram)
    assert dict(diagram.sizes) == {"line": 6, "point": 11}
    assert (diagram.status == "converged").all()
    triple = diagram.sel(line=["spinodal", "first-order"], point=10)
    np.testing.assert_allclose(triple.temperature, 1.0 / 0.8, rtol=1e-15)
    start = diagram.sel(line=["continuous", "condensation"], point=0)
    np.testing.assert_allclose(triple["load"], start["load"], rtol=1e-10)
    wide = theory.phase_diagram(MODEL, points=3, max_load=2.0)
    assert wide["load"].sel(line="nishimori").values.tolist() == [0.0, 1.0, 2.0]
    with pytest.raises(hopfield.InputError, match="points must be"):
        theory.phase_diagram(MODEL, points=1)
    with pytest.raises(hopfield.InputError, match="model must learn from examples"):
        theory.phase_diagram(MODEL, temperature=0.1)
    with pytest.raises(hopfield.InputError, match="ansatz must be one of 'rs'"):
        theory.phase_diagram(MODEL, ansatz="1rsb")


@pytest.mark.parametrize(
    ("ensemble", "name", "rows"),
    [("binary", "Binary", 8), ("spherical", "Spherical", 6), ("gaussian", "Gaussian", 5)],
)
def test_thresholds(ensemble, name, rows):
    found = theory.exponential_thresholds([0.5, 2.0], ensemble=ensemble, overlap=[0.8, 1.0])
    check_labels(found, name)
    assert dict(found.sizes) == {"criterion": rows, "sharpness": 2, "overlap_start": 2}
    one = found["load"].sel(criterion="weight")
    every = found["load"].sel(criterion="weight, all patterns")
    assert (every <= one).where(every.notnull(), True).all()
    assert (one <= found["load"].sel(criterion="closest")).all()
    assert every.isnull().sum() == (2 if ensemble == "gaussian" else 0)
    flat = theory.exponential_thresholds(0.5, ensemble=ensemble)
    expected = found.sel(sharpness=0.5, overlap_start=1.0)["load"]
    np.testing.assert_array_equal(flat["load"], expected)


def test_basins():
    load = np.array([0.05, 0.2, 0.4, 0.6, 0.68])
    for dynamics, criterion in (("softmax", "weight"), ("flips", "flips")):
        found = theory.exponential_basin(0.8, load, dynamics=dynamics)
        check_labels(found, "Binary")
        for a, q, status in zip(load, found.basin_overlap, found.status, strict=True):
            if status == "absent":
                assert np.isnan(q)
                continue
            edge = theory.exponential_thresholds(0.8, overlap=q.item())
            assert edge["load"].sel(criterion=criterion).item() == pytest.approx(a, rel=1e-9)
    assert (theory.exponential_basin(0.8, load).status == "absent").values.tolist() == [
        False, False, False, True, True,
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: theory.exponential_basin(0.0, 0.1), "sharpness must be numbers > 0, got 0"),
        (lambda: theory.exponential_basin([1.0, 2.0], 0.1), "sharpness must be one number"),
        (lambda: theory.exponential_basin(1.0, 0.1, ensemble="cubic"), "ensemble must be one of"),
        (
            lambda: theory.exponential_basin(1.0, 0.1, ensemble="spherical", dynamics="flips"),
            "dynamics must be one of 'softmax', got",
        ),
        (lambda: theory.exponential_thresholds(1.0, overlap=1.2), r"overlap must be .* got 1\.2"),
        (lambda: theory.exponential_finite_size(MODEL, 0.1, 1), "size must be integers >= 2"),
        (lambda: theory.exponential_finite_size(MODEL, 0.1, 9.5), "size must be integers >= 2"),
        (lambda: theory.exponential_finite_size(0.8, 0.1, 9), "model must be a hopfield.Exp"),
        (lambda: exponential_phase(DENSE, 0.1, 0.1, "retrieval"), "model must be a hopfield.Exp"),
        (lambda: exponential_capacity(DENSE), "model must be a hopfield.Exp.* got Dense"),
        (lambda: exponential_diagram(DENSE), "model must be a hopfield.Exp.* got Dense"),
        (lambda: ExponentialPhases(0.0), "sharpness must be a finite number > 0, got 0"),
        (lambda: ExponentialPhases(np.nan), "sharpness must be a finite number > 0, got nan"),
        (lambda: ExponentialPhases(1.0, GAUSSIAN), r"ensemble must be .* got Gaussian\(\)"),
        (
            lambda: log_mean_partition(0.0, 1.0, 0.1, 9),
            "sharpness must be a finite number > 0, got 0",
        ),
        (
            lambda: log_mean_partition(1.0, 0.0, 0.1, 9),
            "temperature must be a finite number > 0, got 0",
        ),
        (
            lambda: log_mean_partition(1.0, -1.0, 0.1, 9),
            "temperature must be a finite number > 0, got -1",
        ),
        (lambda: log_mean_partition(1.0, 0.01, 0.1, 9), r"temperature must be at least 0\.0158"),
        (lambda: log_mean_partition(1.0, 1.0, -0.1, 9), r"load must be .* got -0\.1"),
        (lambda: log_mean_partition(1.0, 1.0, 0.1, 2.5), r"size must be .* got 2\.5"),
        (lambda: log_mean_partition(1e6, 1.0, 0.1, 10**4), "the integrand would need .* GiB"),
        (
            lambda: theory.exponential_finite_size(MODEL, 0.1, 9, temperature=0.0),
            "temperature must be numbers > 0",
        ),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(hopfield.InputError, match=message):
        call()


def test_finite_size():
    load, size = [0.1, 0.3], [16, 24, 32]
    found = theory.exponential_finite_size(MODEL, load, size, overlap=0.75, temperature=1.25)
    check_labels(found)
    assert dict(found.sizes) == {"load": 2, "size": 3}
    free = -np.array(load) / 0.8 - np.log(2.0 * np.cosh(0.8)) / 0.8  # at T = 1/λ for every size
    np.testing.assert_allclose(found.free_energy, np.tile(free, (3, 1)).T, rtol=1e-13)
    for name in ("own_weight", "closest_probability", "stable_probability"):
        assert ((found[name] > 0.0) & (found[name] <= 1.0)).all()
    assert (found.all_stable_probability <= found.stable_probability).all()
    alone = theory.exponential_finite_size(MODEL, 0.3, 24, overlap=0.75)
    assert alone.bit_error.item() == found.bit_error.sel(load=0.3, size=24).item()
    assert "free_energy" not in alone
