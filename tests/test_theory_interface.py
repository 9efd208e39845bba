"""What `theory` accepts, refuses and returns."""

import json
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr

import hopfield
import theory
from hopfield.vocabulary import STATUS, describe

MODEL = hopfield.Hopfield()
VARIABLES = {
    "overlap", "self_overlap", "noise", "free_energy", "energy", "entropy", "replicon",
    "residual", "status",
}  # fmt: skip
CALLS = {
    "solve": lambda **change: theory.solve(
        **{"model": MODEL, "load": 0.1, "temperature": 0.1} | change
    ),
    "capacity": lambda **change: theory.capacity(**{"model": MODEL} | change),
    "phase_diagram": lambda **change: theory.phase_diagram(**{"model": MODEL} | change),
}


def check_labels(result):
    """Every name is in the vocabulary and carries its long name and units."""
    for name in [*result.data_vars, *result.coords]:
        expected = describe(str(name))
        assert result[name].attrs["long_name"] == expected["long_name"]
        assert result[name].attrs["units"] == expected["units"]
    assert set(np.unique(result.status.values)) <= set(STATUS)
    assert json.loads(result.attrs["model"])["name"] == "Dense"
    assert json.loads(result.attrs["parameters"])["ansatz"] == "rs"
    assert {"version", "git_commit", "numpy", "scipy", "created"} <= set(result.attrs)


@pytest.mark.parametrize("phase", ["retrieval", "glass", "paramagnet"])
def test_solve_gives_the_outer_product(phase):
    load, temperature = [0.0, 0.2, 0.05], np.array([0.3, 0.0, 1.6, 0.3])
    result = theory.solve(MODEL, load, temperature, phase=phase)
    assert isinstance(result, xr.Dataset)
    assert set(result.data_vars) == VARIABLES
    assert dict(result.sizes) == {"load": 3, "temperature": 4}
    assert result.overlap.dims == ("load", "temperature")
    assert result["load"].values.tolist() == load
    assert json.loads(result.attrs["parameters"])["phase"] == phase
    check_labels(result)
    for i, a in enumerate(load):
        for j, t in enumerate(temperature):
            cell = theory.solve(MODEL, [a], t, phase=phase)
            assert cell.status.item() == result.status[i, j].item()
            np.testing.assert_allclose(
                cell.free_energy.item(), result.free_energy[i, j].item(), atol=1e-14
            )


def test_scalars_are_no_dimensions():
    result = theory.solve(MODEL, 0.05, 0.1)
    assert result.sizes == {}
    assert result["load"].item() == 0.05
    assert theory.solve(MODEL, 0.05, [0.1, 0.2]).overlap.dims == ("temperature",)
    assert theory.solve(MODEL, np.array([0.05]), 0.1).overlap.dims == ("load",)
    check_labels(result)


def test_capacity_of_a_scalar_and_of_an_array():
    scalar, array = theory.capacity(MODEL), theory.capacity(MODEL, [0.0, 0.5, 1.0, 2.0])
    assert set(scalar.data_vars) == {"load", "overlap", "noise", "residual", "status"}
    assert scalar.sizes == {}
    assert scalar.temperature.item() == 0.0
    assert array["load"].dims == ("temperature",)
    assert array["load"][0].item() == scalar["load"].item()
    assert array.status.values.tolist() == ["converged", "converged", "absent", "absent"]
    assert np.isnan(array["load"][2:]).all()
    with pytest.raises(hopfield.InputError, match=r"at temperature 1\.5: nothing is retrieved"):
        theory.capacity(MODEL, 1.5)
    check_labels(array)


def test_phase_diagram_has_lines_and_points():
    result = theory.phase_diagram(MODEL, points=7, max_load=0.3)
    assert dict(result.sizes) == {"line": 4, "point": 7}
    assert result.line.values.tolist() == ["glass", "spinodal", "first-order", "at"]
    assert {"load", "temperature"} <= set(result.data_vars)
    assert result["load"].dims == result.temperature.dims == ("line", "point")
    assert result["load"].sel(line="glass")[-1] == 0.3
    check_labels(result)


def test_absent_phases_are_marked_and_kept():
    retrieval = theory.solve(MODEL, [0.05, 0.2], [0.2, 0.95, 1.0])
    assert retrieval.status.values.tolist() == [
        ["converged", "absent", "absent"],
        ["absent", "absent", "absent"],
    ]
    glass = theory.solve(MODEL, 0.25, [1.49, 1.5, 1.51], phase="glass")
    paramagnet = theory.solve(MODEL, 0.25, [1.49, 1.5, 1.51], phase="paramagnet")
    assert glass.status.values.tolist() == ["converged", "absent", "absent"]
    assert paramagnet.status.values.tolist() == ["absent", "converged", "converged"]
    for name in VARIABLES - {"status"}:
        assert np.isnan(retrieval[name].where(retrieval.status == "absent", drop=True)).all()


@pytest.mark.parametrize(
    ("phase", "load", "temperature", "reason"),
    [
        (
            "retrieval",
            0.2,
            0.0,
            r"retrieval phase of Dense\(p=2.*load 0.2 .* ends at load 0.137906",
        ),
        ("retrieval", 0.0, 1.0, "nothing is retrieved from temperature 1 on"),
        ("glass", 0.25, 1.5, r"the glass of .* below temperature 1\.5$"),
        ("paramagnet", 0.25, 1.4, r"the paramagnet of .* from temperature 1\.5 on$"),
    ],
)
def test_one_point_without_the_phase_is_refused(phase, load, temperature, reason):
    with pytest.raises(hopfield.InputError, match=reason):
        theory.solve(MODEL, load, temperature, phase=phase)
    assert theory.solve(MODEL, [load], temperature, phase=phase).status.item() == "absent"


def test_fewer_patterns_are_no_load():
    result = theory.solve(MODEL, [0.1, 5.0], 0.4, exponent=0.5)
    assert result["load"].values.tolist() == [0.1, 5.0]
    assert json.loads(result.attrs["parameters"])["exponent"] == 0.5
    free = theory.solve(MODEL, 0.0, 0.4)
    for name in VARIABLES - {"status"}:
        np.testing.assert_allclose(result[name], free[name].item(), atol=1e-15)
    proportional = theory.solve(MODEL, 0.05, 0.4, exponent=1)
    assert proportional.overlap.item() == theory.solve(MODEL, 0.05, 0.4).overlap.item()
    assert proportional.overlap.item() != free.overlap.item()


@pytest.mark.parametrize("exponent", [1.5, 0, -1.0, np.nan, "1", True])
def test_bad_exponents_are_refused(exponent):
    with pytest.raises(hopfield.InputError, match="exponent must be"):
        CALLS["solve"](exponent=exponent)


def test_the_variant_is_recorded():
    full = theory.solve(hopfield.Dense(2, self_interaction=True), 0.1, 0.1)
    assert json.loads(full.attrs["model"])["self_interaction"] is True


@pytest.mark.parametrize("name", ["solve", "capacity", "phase_diagram"])
def test_models_without_a_theory_are_refused(name):
    with pytest.raises(hopfield.InputError, match=r"p up to 100, got p = 101"):
        CALLS[name](model=hopfield.Dense(101))
    with pytest.raises(hopfield.InputError, match="model must be"):
        CALLS[name](model="hopfield")


@pytest.mark.parametrize("name", ["solve", "capacity", "phase_diagram"])
@pytest.mark.parametrize("ansatz", ["2rsb", "RS", None, 1])
def test_unknown_ansatz_is_refused(name, ansatz):
    with pytest.raises(hopfield.InputError, match="ansatz must be one of 'rs'"):
        CALLS[name](ansatz=ansatz)


@pytest.mark.parametrize("phase", ["ferromagnet", "", None, 3])
def test_unknown_phase_is_refused(phase):
    with pytest.raises(hopfield.InputError, match="phase must be one of 'retrieval'"):
        CALLS["solve"](phase=phase)


BAD = [-0.1, np.nan, np.inf, "0.1", None, True, 1j, [], [[0.1]], [0.1, -0.1], [0.1, "x"], [[1], 2]]


@pytest.mark.parametrize("value", BAD, ids=repr)
@pytest.mark.parametrize(
    ("name", "argument"),
    [("solve", "load"), ("solve", "temperature"), ("capacity", "temperature")],
)
def test_bad_values_are_refused(name, argument, value):
    with pytest.raises(hopfield.InputError, match=argument):
        CALLS[name](**{argument: value})


@pytest.mark.parametrize(
    "change", [{"points": 1}, {"points": 2.5}, {"points": "many"}, {"max_load": -1.0}]
)
def test_bad_diagrams_are_refused(change):
    with pytest.raises(hopfield.InputError, match=next(iter(change))):
        CALLS["phase_diagram"](**change)


def test_arguments_are_not_changed():
    load, temperature = np.array([0.1, 0.05]), np.array([0.2, 0.1])
    theory.solve(MODEL, load, temperature)
    assert load.tolist() == [0.1, 0.05]
    assert temperature.tolist() == [0.2, 0.1]


def test_importing_theory_loads_neither_compiler_nor_plots():
    code = "import sys, theory; print({'numba', 'matplotlib', 'sympy'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
