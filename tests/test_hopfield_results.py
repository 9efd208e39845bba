"""The one shape of result: labels, units and where a result comes from."""

import json
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from hopfield import Dense
from hopfield.results import dataset, provenance
from hopfield.vocabulary import DIMS, VARIABLES, describe


def test_variables_and_coordinates_are_labelled():
    result = dataset(
        {
            "overlap": (("load", "temperature"), np.zeros((2, 3))),
            "overlap_stderr": (("load", "temperature"), np.ones((2, 3))),
            "energy_tau_int": (("load",), [1.0, 2.0]),
        },
        {"load": [0.05, 0.1], "temperature": [0.1, 0.2, 0.3], "size": 100},
        {"seed": "3"},
    )
    assert dict(result.sizes) == {"load": 2, "temperature": 3}
    assert result.overlap.attrs == {
        "long_name": "overlap with the nominated pattern",
        "units": "1",
        "symbol": "m",
    }
    assert result.overlap_stderr.long_name == (
        "standard error of the overlap with the nominated pattern"
    )
    assert result.energy_tau_int.units == "sweeps"
    assert result.temperature.attrs == {"long_name": "temperature", "units": "J", "symbol": "T"}
    assert result["size"].long_name == "number of spins"
    assert result.attrs == {"seed": "3"}


def test_every_variable_and_dimension_has_a_name_and_units():
    for name in (*VARIABLES, *DIMS):
        attrs = describe(name)
        assert attrs["long_name"]
        assert attrs["units"]


@pytest.mark.parametrize(
    "name", ["magnetization", "overlap_error", "", "_stderr", "unknown_stderr"]
)
def test_unknown_names_are_refused(name):
    with pytest.raises(KeyError, match="not in the vocabulary"):
        describe(name)
    with pytest.raises(KeyError, match="not in the vocabulary"):
        dataset({name: ((), 1.0)}, {}, {})
    with pytest.raises(KeyError, match="not in the vocabulary"):
        dataset({}, {name: 1.0}, {})


def test_units_follow_the_quantity():
    assert describe("energy_stderr")["units"] == "J"
    assert describe("energy_ess")["units"] == "1"
    assert describe("overlap_series")["units"] == "1"


def test_provenance_says_where_a_result_comes_from():
    attrs = provenance(
        Dense(np.int64(3), self_interaction=True),
        seed="7/1",
        load=np.array([0.1, 0.2]),
        sweeps=np.int64(100),
        start="pattern",
    )
    assert all(isinstance(value, str) for value in attrs.values())
    assert json.loads(attrs["model"]) == {"name": "Dense", "p": 3, "self_interaction": True}
    assert json.loads(attrs["parameters"]) == {
        "load": [0.1, 0.2],
        "sweeps": 100,
        "start": "pattern",
    }
    assert attrs["seed"] == "7/1"
    assert {"version", "git_commit", "numpy", "scipy", "numba", "created"} <= set(attrs)
    assert attrs["numpy"] == np.__version__
    age = datetime.now(UTC) - datetime.fromisoformat(attrs["created"])
    assert timedelta(seconds=-2) < age < timedelta(minutes=5)


def test_provenance_without_a_seed_has_none():
    assert "seed" not in provenance(Dense(2))


def test_importing_the_package_is_light():
    heavy = ["xarray", "numba", "scipy", "matplotlib", "pandas", "psutil"]
    code = f"import hopfield, sys; print([name for name in {heavy} if name in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
