"""Verbs of diluted patterns do what the library does, and refuse what it refuses."""

import re
from functools import partial

import numpy as np
import pytest
import xarray as xr
from command_line import assert_figure, assert_read_back, files, rows, run_line

import hopfield
import theory
from studies import parallel
from studies.cascade import amplitude_cascade
from studies.dilution import capacity_by_dilution

STATES = ["states", "multitasking", "--dilution", "0.3", "--patterns", "3"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(capsys):
    """Run a command line: exit code, output and errors."""
    return lambda *arguments: run_line(capsys, *arguments)


def test_states_are_those_of_the_library(run, folder):
    where = ["--temperature", "0.05,0.2", "--state", "pure,1+1", "-o", "x.nc", "--plot", "x.png"]
    code, out, _ = run(*STATES, *where)
    assert code == 0
    expected = theory.retrieval_states(
        hopfield.Multitasking(0.3), 3, [0.05, 0.2], states=("pure", "1+1")
    )
    header, *found = rows(out)
    assert header[:5] == ["state", "T", "m1", "m2", "m3"]
    assert found[2][0] == "1+1"
    assert found[2][2] == f"{expected.overlap[1, 0, 0].item():.5g}"
    assert files(folder) == ["x.nc", "x.png"]
    assert_read_back("x.nc", expected)
    assert_figure("x.png")


def test_regimes_are_those_of_the_library(run):
    plane = ["--patterns", "2", "--dilution", "0.2,0.8", "--temperature", "0.1,0.9"]
    code, out, _ = run("study", "regimes", *plane, "-o", "x.nc", "--plot", "x.png")
    assert code == 0
    expected = theory.regime_diagram(2, dilution=[0.2, 0.8], temperature=[0.1, 0.9])
    assert {row[0] for row in rows(out)[1:]} == set(np.unique(expected.state))
    assert_read_back("x.nc", expected)
    assert_figure("x.png")


def test_cascade_is_that_of_the_library(run):
    options = ["--patterns", "2", "--dilution", "0.2,0.4", "--size", "300", "--disorder", "2"]
    code, out, _ = run("study", "cascade", *options, "-o", "x.nc", "--plot", "x.png")
    assert code == 0
    assert len(rows(out)) == 3
    expected = amplitude_cascade(2, dilution=[0.2, 0.4], size=300, disorder=2)
    assert_read_back("x.nc", expected)
    assert_figure("x.png")


def test_capacity_by_dilution_is_that_of_the_library(run):
    options = ["--dilution", "0,0.3,0.7", "--temperature", "0,0.2"]
    code, out, _ = run("study", "dilution", *options, "-o", "x.nc", "--plot", "x.png")
    assert code == 0
    assert rows(out)[-1][-1] == "absent"
    assert_read_back("x.nc", capacity_by_dilution([0.0, 0.3, 0.7], [0.0, 0.2]))
    assert_figure("x.png")


def test_teachers_and_minima_write_what_they_print(run):
    small = ["--size", "200", "--disorder", "2", "--examples", "4,9", "--temperature", "0,0.1"]
    code, out, _ = run("study", "teachers", *small, "-o", "t.nc", "--plot", "t.png")
    assert code == 0
    assert [row[0] for row in rows(out)[1:]] == ["4", "4", "9", "9"]
    small = ["--dilution", "0.2", "--sizes", "100,200", "--disorder", "2"]
    code, out, _ = run("study", "minima", *small, "-o", "m.nc", "--plot", "m.png")
    assert code == 0
    shared = xr.load_dataset("m.nc", engine="h5netcdf").shared
    first = shared.sel(learner="stored", start="hierarchical", function="energy")
    assert f"{first.sel(other_function='autoencoder').isel(size=-1).item():.5g}" in out
    for name in ("t.png", "m.png"):
        assert_figure(name)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ([*STATES, "--temperature", "0.1", "--state", "4"], r"state must be of at most 3 patterns"),
        ([*STATES, "--temperature", "0.1", "--state", "all"], r"state must be 'pure', .* 'all'"),
        ([*STATES, "--temperature", "-1"], r"temperature must be .* got -1"),
        ([*STATES, "--temperature", "0.1", "--plot", "x.png"], r"--plot is against temperature"),
        (["states", "dense", "--p", "3", "--patterns", "3", "--temperature", "1"], r"with p = 2"),
        (["study", "regimes", "--dilution", "1"], r"dilution must be a number in \[0, 1\)"),
        (["study", "regimes", "--dilution", "0.1", "--plot", "x.png"], r"several .* --dilution"),
        (["study", "cascade", "--disorder", "1"], r"disorder must be an integer >= 2, got 1"),
        (["study", "dilution", "--dilution", "0.3,0.1"], r"dilution must be ascending numbers"),
    ],
    ids=lambda value: str(value)[-30:],
)
def test_bad_input_is_one_line(run, folder, arguments, words):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert re.fullmatch(rf"hopfield: [^\n]*{words}[^\n]*\n", err), err
    assert files(folder) == []


def test_simulated_cascade_agrees_with_theory():
    result = amplitude_cascade(
        2, 0.1, dilution=[0.3, 0.5], size=20_000, disorder=8, replicas=32, sweeps=40, burn_in=40
    )
    # both overlaps are far from zero and from each other, so that moduli are no bias
    error = result.pattern_overlap_stderr
    z = (result.pattern_overlap - result.pattern_overlap_theory) / error
    assert (abs(z) < 4.0).all()
    other = theory.regime_diagram(2, dilution=[0.32, 0.52], temperature=0.1).overlap.values
    assert (abs(result.pattern_overlap.values - other) / error.values > 4.0).any(axis=1).all()


def test_parallel_and_logarithmic_write_what_they_print(run, folder, monkeypatch):
    few = partial(parallel.compare_parallel, parallel.POINTS[:2])
    monkeypatch.setattr(parallel, "compare_parallel", few)
    small = ["--size", "300", "--disorder", "3", "--replicas", "3", "--sweeps", "10"]
    code, out, _ = run("study", "parallel", *small, "-o", "p.nc", "--plot", "p.png")
    assert code == 0
    header, *found = rows(out)
    assert header[-1] == "χ²"
    assert len(found) == xr.load_dataset("p.nc", engine="h5netcdf").sizes["point"]
    small = ["--dilution", "0.4", "--log-load", "0.5", "--size", "300,500", "--disorder", "3"]
    code, out, _ = run("study", "logarithmic", *small, "-o", "l.nc", "--plot", "l.png")
    assert code == 0
    assert [row[2] for row in rows(out)[1:]] == ["300", "500"]
    for name in ("p.png", "l.png"):
        assert_figure(name)
    assert files(folder) == ["l.nc", "l.png", "p.nc", "p.png"]
