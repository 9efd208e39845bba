"""The command line: what every verb does, one line for bad input, and what Ctrl-C leaves."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from command_line import (
    assert_figure,
    assert_read_back,
    assert_same_numbers,
    files,
    rows,
    run_line,
)

import hopfield
import montecarlo
import studies
import theory
from studies import simulation
from studies.benchmarks import exponential, many_body, pairs
from studies.commands import cli

VERBS = (
    "benchmark", "capacity", "cite", "compare", "diagram", "info", "sample", "solve", "states",
    "study", "threshold",
)  # fmt: skip
LEARNER = ["unsupervised", "--p", "3", "--quality", "0.7", "--examples", "5"]
EXPONENTIAL = ["exponential", "--sharpness", "1"]
NO_MODEL = r"MODEL must be one of hopfield, dense, .*, got 'perceptron'"
SMALL = ["--replicas", "3", "--sweeps", "6", "--burn-in", "4"]
COMPARE = ["compare", "hopfield", "--size", "60,90", "--disorder", "3", *SMALL]
GRID = [*COMPARE, "--load", "0.02,0.05", "--temperature", "1.5,0.3"]
SAMPLE = ["sample", "hopfield", "--size", "60", "--load", "0.05", *SMALL]
POINT = ["--load", "0.05", "--temperature", "0.3"]


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty working directory; figures that are left open are a mistake."""
    monkeypatch.chdir(tmp_path)
    before = plt.get_fignums()
    yield tmp_path
    assert plt.get_fignums() == before


@pytest.fixture
def run(capsys):
    """Run a command line: exit code, output and errors."""
    return lambda *arguments: run_line(capsys, *arguments)


# Help


def test_help_names_every_verb(run):
    assert sorted(cli.commands) == list(VERBS)
    code, out, err = run("--help")
    assert (code, err) == (0, "")
    for verb in VERBS:
        assert re.search(rf"^  {verb} ", out, re.MULTILINE), verb
    assert run() == (code, out, err)
    assert run("-h") == (code, out, err)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(run, verb):
    code, out, err = run(verb, "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"Usage: hopfield {verb}")
    assert cli.commands[verb].help.splitlines()[0] in out


def test_version(run):
    code, out, err = run("--version")
    assert (code, err) == (0, "")
    assert re.fullmatch(r"hopfield, version \d+\.\d+\.\d+\S*\n", out)


def test_installed_command_is_the_same():
    script = Path(sys.executable).with_name("hopfield")
    assert script.exists(), "the package is not installed beside this interpreter"
    done = subprocess.run([script, "solve", "hopfield", *POINT], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    assert rows(done.stdout)[1][:2] == ["0.05", "0.3"]
    done = subprocess.run([script, "solve", "perceptron", *POINT], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(rf"hopfield: {NO_MODEL}\n", done.stderr)


# Theory


def test_solve(run, folder):
    code, out, err = run(
        "solve", "hopfield", "--load", "0.02:0.06:3", "--temperature", "0.1,0.3", "-o", "x.nc",
        "--plot", "x.png",
    )  # fmt: skip
    assert (code, err) == (0, "wrote x.nc\nwrote x.png\n")
    expected = theory.solve(hopfield.Hopfield(), np.linspace(0.02, 0.06, 3), [0.1, 0.3])
    header, *table = rows(out)
    assert header[:4] == ["load", "T", "overlap", "self_overlap"]
    assert len(table) == 6
    assert table[3][:3] == ["0.04", "0.3", f"{expected.overlap.values[1, 1]:.5g}"]
    assert table[3][-1] == "converged"
    assert files(folder) == ["x.nc", "x.png"]
    assert_read_back("x.nc", expected)
    assert_figure("x.png")


def test_solve_of_another_phase_and_model(run):
    for words, model in (
        (["hopfield"], hopfield.Hopfield()),
        (["dense", "--p", "2"], hopfield.Hopfield()),
        (["dense", "--p", "2", "--self-interaction"], hopfield.Dense(2, True)),
    ):
        code, out, _ = run("solve", *words, *POINT, "--phase", "glass")
        expected = theory.solve(model, 0.05, 0.3, phase="glass")
        assert code == 0
        assert rows(out)[1][5] == f"{expected.energy.item():.5g}"


def test_long_tables_are_cut(run):
    code, out, _ = run("solve", "hopfield", "--load", "0:0.1:30", "--temperature", "0.3")
    assert code == 0
    lines = out.splitlines()
    assert len(lines) == 22
    assert lines[-1] == "... and 10 more; -o writes all of them"


def test_capacity(run):
    code, out, _ = run("capacity", "hopfield")
    assert code == 0
    end = theory.capacity(hopfield.Hopfield())
    assert rows(out)[1] == [
        "0", f"{end['load'].item():.10f}", f"{end.overlap.item():.10f}", "converged",
    ]  # fmt: skip
    code, out, _ = run(
        "capacity", "hopfield", "--temperature", "0,0.5,1.2", "-o", "x.nc", "--plot", "x.pdf"
    )
    assert code == 0
    assert [row[-1] for row in rows(out)[1:]] == ["converged", "converged", "absent"]
    assert_read_back("x.nc", theory.capacity(hopfield.Hopfield(), [0.0, 0.5, 1.2]))
    assert_figure("x.pdf")


def test_diagram(run):
    code, out, _ = run("diagram", "hopfield", "--points", "12", "-o", "x.nc", "--plot", "x.svg")
    assert code == 0
    assert [row[:2] for row in rows(out)[1:]] == [
        [line, "12"] for line in ("glass", "spinodal", "first-order", "at")
    ]
    assert_read_back("x.nc", theory.phase_diagram(hopfield.Hopfield(), points=12))
    assert_figure("x.svg")


MANY_BODIES = {
    ("--p", "3"): hopfield.Dense(3),
    ("--p", "4", "--self-interaction"): hopfield.Dense(4, True),
}


@pytest.fixture(params=MANY_BODIES, ids=" ".join)
def dense(request):
    """Arguments of a network of many bodies, and its model."""
    return ["dense", *request.param], MANY_BODIES[request.param]


def test_solve_many_bodies_says_where_a_phase_is_absent(run, dense):
    words, model = dense
    arguments = ["--load", "0.005,0.5", "--temperature", "0.1,0.3", "-o", "x.nc", "--plot", "x.png"]
    code, out, _ = run("solve", *words, *arguments)
    assert code == 0
    _, *table = rows(out)
    assert [row[-1] for row in table] == ["converged", "converged", "absent", "absent"]
    expected = theory.solve(model, [0.005, 0.5], [0.1, 0.3])
    assert table[0][2] == f"{expected.overlap.values[0, 0]:.5g}"
    assert table[2][2] == "nan"
    assert_read_back("x.nc", expected)
    assert_figure("x.png")


def test_solve_at_a_lower_load_is_without_crosstalk(run):
    few = ["--load", "0.5", "--exponent", "1", "--temperature", "0.3", "-o", "x.nc"]
    code, out, _ = run("solve", "dense", "--p", "3", *few)
    assert code == 0
    expected = theory.solve(hopfield.Dense(3), 0.5, 0.3, exponent=1)
    none = theory.solve(hopfield.Dense(3), 0.0, 0.3)
    assert rows(out)[1][:3] == ["0.5", "0.3", f"{none.overlap.item():.5g}"]
    assert_read_back("x.nc", expected)


def test_capacity_of_many_bodies(run, dense):
    words, model = dense
    code, out, _ = run("capacity", *words, "--temperature", "0,0.2,0.7", "--plot", "x.png")
    assert code == 0
    end = theory.capacity(model, [0.0, 0.2])["load"].values
    assert [row[1] for row in rows(out)[1:]] == [f"{a:.10f}" for a in end] + ["nan"]
    assert [row[-1] for row in rows(out)[1:]] == ["converged", "converged", "absent"]
    assert_figure("x.png")


def test_diagram_of_many_bodies(run, dense):
    words, model = dense
    code, out, _ = run("diagram", *words, "--points", "8", "-o", "x.nc", "--plot", "x.png")
    assert code == 0
    expected = theory.phase_diagram(model, points=8)
    assert [row[:2] for row in rows(out)[1:]] == [[line, "8"] for line in expected.line.values]
    assert_read_back("x.nc", expected)
    assert_figure("x.png")


# Simulation


def test_sample(run, folder):
    code, out, err = run(*SAMPLE, "--temperature", "0.3", "-o", "x.nc", "--plot", "x.png")
    assert (code, err) == (0, "wrote x.nc\nwrote x.png\n")
    network = hopfield.Hopfield().network(60, load=0.05, seed=0)
    expected = montecarlo.sample(network, 0.3, sweeps=6, burn_in=4, replicas=3, seed=0)
    header, row = rows(out)
    assert header[:4] == ["load", "T", "overlap", "overlap_stderr"]
    assert row[2] == f"{expected.overlap.item():.5g}"
    assert files(folder) == ["x.nc", "x.png"]
    assert_read_back("x.nc", expected)
    assert_figure("x.png")


def test_sample_with_every_option(run):
    code, out, _ = run(
        "sample", "multitasking", "--dilution", "0.3", "--size", "40", "--patterns", "7",
        "--temperature", "0.3,0.5", *SMALL, "--start", "0.5", "--dynamics", "metropolis",
        "--seed", "4", "--kernel", "dense", "--threads", "1", "-o", "x.nc",
    )  # fmt: skip
    assert code == 0
    assert len(rows(out)) == 3
    network = hopfield.Multitasking(0.3).network(40, n_patterns=7, seed=4)
    expected = montecarlo.sample(
        network, [0.3, 0.5], sweeps=6, burn_in=4, replicas=3, start=0.5, dynamics="metropolis",
        seed=4,
    )  # fmt: skip
    assert_read_back("x.nc", expected)


def test_exponential_networks(run):
    code, out, _ = run("capacity", *EXPONENTIAL, "--criterion", "flips", "--plot", "x.png")
    assert code == 0
    assert float(rows(out)[1][1]) == pytest.approx(2.0 - np.log(np.cosh(2.0)))
    assert_figure("x.png")
    code, _, _ = run("diagram", *EXPONENTIAL, "--points", "5", "--plot", "y.png")
    assert code == 0
    code, out, _ = run("sample", *EXPONENTIAL, "--size", "20", *POINT, *SMALL, "-o", "x.nc")
    assert code == 0
    network = hopfield.Exponential(1.0).network(20, load=0.05, seed=0)
    expected = montecarlo.sample(network, 0.3, sweeps=6, burn_in=4, replicas=3, seed=0)
    assert_read_back("x.nc", expected)


@pytest.mark.parametrize("exponent", [None, 1.5])
def test_sample_many_bodies_at_a_load(run, dense, exponent):
    words, model = dense
    power = [] if exponent is None else ["--exponent", str(exponent)]
    chosen = ["--size", "30", "--load", "0.01" if exponent is None else "0.2", *power]
    code, out, _ = run("sample", *words, *chosen, "--temperature", "0.2", *SMALL, "-o", "x.nc")
    assert code == 0
    network = model.network(30, load=float(chosen[3]), exponent=exponent, seed=0)
    assert network.n_patterns == round(float(chosen[3]) * 30 ** (exponent or model.p - 1))
    expected = montecarlo.sample(network, 0.2, sweeps=6, burn_in=4, replicas=3, seed=0)
    assert rows(out)[1][0] == f"{network.load:.5g}"
    assert_read_back("x.nc", expected)


def test_compare_many_bodies(run, dense):
    words, model = dense
    sizes = ["--size", "30,40", "--disorder", "3", *SMALL]
    files = ["-o", "x.nc", "--plot", "x.png"]
    code, out, _ = run("compare", *words, *sizes, *files)
    assert code == 0
    phases = [row[2] for row in rows(out) if row[0][0].isdigit()]
    assert len(phases) > 3
    assert set(phases) >= {"retrieval", "paramagnet"}
    with xr.open_datatree("x.nc") as tree:
        lines = tree["diagram"].to_dataset().load()
        found = tree["comparison"].to_dataset().load()
    assert_same_numbers(lines, theory.phase_diagram(model))
    assert found.overlap.sizes == {"point": len(phases), "size": 2}
    assert_figure("x.png")


def test_compare(run, folder):
    code, out, err = run(*GRID, "-o", "x.nc", "--plot", "x.png")
    assert (code, err) == (0, "wrote x.nc\nwrote x.png\n")
    assert files(folder) == ["x.nc", "x.png"]
    expected = studies.compare(
        hopfield.Hopfield(), [0.02, 0.05], [1.5, 0.3], size=[60, 90], disorder=3, replicas=3,
        sweeps=6, burn_in=4,
    )  # fmt: skip
    with xr.open_datatree("x.nc") as tree:
        assert set(tree.children) == {"comparison", "diagram"}
        assert_same_numbers(tree["comparison"].to_dataset().load(), expected)
        lines = theory.phase_diagram(hopfield.Hopfield())
        assert_same_numbers(tree["diagram"].to_dataset().load(), lines)
    with xr.open_dataset("x.nc", group="comparison") as read:
        assert json.loads(read.attrs["model"])["p"] == 2
    header, *table = rows(out)
    assert header[:3] == ["load", "T", "phase"]
    assert [row[:3] for row in table[:4]] == [
        ["0.02", "1.5", "paramagnet"], ["0.02", "0.3", "retrieval"],
        ["0.05", "1.5", "paramagnet"], ["0.05", "0.3", "retrieval"],
    ]  # fmt: skip
    z = expected.energy_z.values
    z = z[np.isfinite(z)]
    assert f"energy: mean z² = {np.mean(z**2):.2f}, largest |z| = {np.abs(z).max():.2f}" in out
    assert_figure("x.png")


@pytest.mark.parametrize(
    ("load", "temperature"), [("0.02", "0.3"), ("0.02", "0.3,1.5"), ("0.02,0.05", "0.3")]
)
def test_compare_on_a_line_of_points(run, load, temperature):
    words = ["--load", load, "--temperature", temperature]
    code, out, _ = run(*COMPARE, *words, "-o", "x.nc", "--plot", "x.png")
    assert code == 0
    assert sum(row[2] in ("retrieval", "paramagnet") for row in rows(out)) == max(
        len(load.split(",")), len(temperature.split(","))
    )
    assert_figure("x.png")


def test_compare_by_default_goes_through_all_phases(run):
    code, out, _ = run(*COMPARE)
    assert code == 0
    phases = [row[2] for row in rows(out) if row[0].startswith("0.")]
    assert len(phases) == 16
    assert set(phases) == {"retrieval", "glass", "paramagnet"}


# The others


def test_info(run):
    code, out, _ = run("info")
    assert code == 0
    for word in ("Python", "numpy", "numba", "processor", "cores", "memory", "GPU"):
        assert re.search(rf"^ *{word}  ", out, re.MULTILINE), word


def test_cite(run):
    code, out, _ = run("cite")
    assert code == 0
    for word in ("@software{hopfield", "Amit", "Gutfreund", "Sompolinsky", "1985", "1987"):
        assert word in out
    assert out.count("{") == out.count("}")


def test_benchmark(run, monkeypatch):
    monkeypatch.setattr(pairs, "SIZES", (96,))
    monkeypatch.setattr(pairs, "SECONDS", 0.0)
    monkeypatch.setattr(many_body, "TERMS", 1e6)
    monkeypatch.setattr(exponential, "COUNTS", (100,))
    monkeypatch.setattr(exponential, "QUERIES", (50,))
    code, out, err = run("benchmark", "--quick", "-o", "x.nc")
    assert (code, err) == (0, "wrote x.nc\n")
    starts = [["random", "96", "64"], ["pattern", "96", "64"]]
    many, few, states = ["200", "2000", "16"], ["64", "100"], ["64", "50", "float32"]
    shown = [row[: len(expected)] for row, expected in zip(
        rows(out)[2:8:1], [*starts, ["N", "K", "R"], many, ["N", "K"], few], strict=True
    )]  # fmt: skip
    assert shown == [*starts, ["N", "K", "R"], many, ["N", "K"], few]
    assert states in [row[:3] for row in rows(out)[8:]]
    with xr.open_dataset("x.nc", group="pairs") as read:
        assert read.rate.dims == ("start", "size", "replicas", "kernel")


# Bad input

SOLVE = ["solve", "hopfield"]
DENSE = ["solve", "dense", "--p", "3"]
DENSE_SAMPLE = [
    "sample", "dense", "--p", "3", "--size", "40", "--patterns", "7", "--temperature", "0.3",
]  # fmt: skip
BAD = [
    (["simulate"], r"VERB must be one of benchmark, capacity, .* got 'simulate'"),
    ([*SOLVE, "--temperature", "0.3"], r"Missing option '--load'"),
    (["solve"], r"Missing argument 'MODEL'"),
    ([*SOLVE, *POINT, "--beta", "3"], r"No such option '?--beta'?"),
    (["solve", "perceptron", *POINT], NO_MODEL),
    ([*SOLVE, "--load", "-0.1", "--temperature", "1"], r"load must be .* >= 0.* got -0.1"),
    ([*SOLVE, "--load", "0.1", "--temperature", "-1"], r"temperature must be .* >= 0.* got -1"),
    ([*SOLVE, "--load", "nan", "--temperature", "1"], r"load must be .* finite .* got nan"),
    ([*SOLVE, "--load", "0.1", "--temperature", "nan"], r"temperature must be .* got nan"),
    ([*SOLVE, "--load", "0.1,inf", "--temperature", "1"], r"load must be .* finite .* got inf"),
    ([*SOLVE, "--load", "x", "--temperature", "1"], r"'--load': 'x' is not a number, a comma list"),
    ([*SOLVE, "--load", "0.1", "--temperature", "1,"], r"'--temperature': '1,' is not a number"),
    ([*SOLVE, "--load", "0:1", "--temperature", "1"], r"'0:1' is not .* start:stop:count"),
    ([*SOLVE, "--load", "0:1:-2", "--temperature", "1"], r"'0:1:-2' is not .* start:stop:count"),
    ([*SOLVE, "--load", "0:1:2.5", "--temperature", "1"], r"'0:1:2.5' is not .* start:stop:count"),
    ([*SOLVE, "--load", "0:1:0", "--temperature", "1"], r"load must be .* finite .* got array"),
    ([*SOLVE, *POINT, "--phase", "liquid"], r"phase must be one of 'retrieval', .* got 'liquid'"),
    ([*SOLVE, *POINT, "--ansatz", "exact"], r"ansatz must be .* '1rsb', got 'exact'"),
    (["solve", "dense", *POINT], r"dense needs --p, an integer >= 2"),
    (["solve", "dense", "--p", "1", *POINT], r"p must be an integer >= 2, got 1"),
    (["solve", "dense", "--p", "2.5", *POINT], r"'--p': '2.5' is not a valid integer"),
    (["solve", "hopfield", "--p", "3", *POINT], r"--p must be 2 for hopfield, got 3"),
    (["capacity", "hopfield", "--temperature", "-1"], r"temperature must be .* got -1"),
    (["capacity", "hopfield", "--ansatz", "exact"], r"ansatz must be .* '1rsb', got 'exact'"),
    (["capacity", "supervised", "--p", "3"], r"supervised needs --p, --quality .* and --examples"),
    (["capacity", *LEARNER, "--self-interaction"], r"--self-interaction belongs to .*, not to uns"),
    (["capacity", *LEARNER, "--quality", "1.5"], r"quality must be a number in \(0, 1\], got 1.5"),
    (["capacity", "dense", "--p", "3", "--examples", "9"], r"belongs to .*, not to dense"),
    ([*SAMPLE, *POINT, "--dilution", "0.1"], r"--dilution belongs to .*, not to hopfield"),
    (["capacity", "multitasking"], r"multitasking needs --dilution in \[0, 1\)"),
    (["capacity", "multitasking", "--p", "3", "--dilution", "0.1"], r"--p must be 2 for multitask"),
    (["sample", *LEARNER, "--size", "50", *POINT, "--dilution", "0.1"], r"dilution must be 0 for"),
    (["capacity", "exponential"], r"exponential needs --sharpness, a number > 0, and no --p"),
    (["capacity", "exponential", "--sharpness", "0"], r"sharpness must be .* number > 0, got 0"),
    (["capacity", *EXPONENTIAL, "--p", "3"], r"exponential needs --sharpness, .* and no --p"),
    (["capacity", *EXPONENTIAL, "--criterion", "x"], r"criterion must be one of .* got 'x'"),
    (["capacity", *EXPONENTIAL, "--ansatz", "1rsb"], r"ansatz must be .*'rs'.* got '1rsb'"),
    (["solve", *EXPONENTIAL, *POINT, "--phase", "glass"], r"phase must be .* got 'glass'"),
    (["solve", *EXPONENTIAL, *POINT, "--exponent", "1"], r"exponent must not be given.* got 1"),
    (["solve", "hopfield", *POINT, "--sharpness", "1"], r"--sharpness belongs to exponential, not"),
    (["sample", *EXPONENTIAL, "--size", "9", *POINT, "--exponent", "1"], r"--exponent .* got 1"),
    (["sample", *EXPONENTIAL, "--size", "900", *POINT], r"load must be at most .* got 0.05"),
    (["capacity", "perceptron"], NO_MODEL),
    (["diagram", "hopfield", "--points", "1"], r"points must be an integer >= 2, got 1"),
    (["diagram", "hopfield", "--points", "many"], r"'--points': 'many' is not a valid integer"),
    (["diagram", "hopfield", "--ansatz", "exact"], r"ansatz must be .* '1rsb', got 'exact'"),
    ([*SAMPLE, "--temperature", "-1"], r"temperature must be .* got -1"),
    ([*SAMPLE, "--temperature", "warm"], r"'--temperature': 'warm' is not a number"),
    ([*SAMPLE, "--temperature", "1", "--load", "-1"], r"load must be .* >= 0, got -1"),
    ([*SAMPLE, "--temperature", "1", "--load", "nan"], r"load must be .* finite .*, got nan"),
    ([*SAMPLE, "--temperature", "1", "--load", "x"], r"'--load': 'x' is not a valid float"),
    ([*SAMPLE, "--temperature", "1", "--patterns", "3"], r"give either --load or --patterns"),
    (["sample", "hopfield", "--size", "9", "--temperature", "1"], r"give either --load or --pat"),
    ([*SAMPLE, "--temperature", "1", "--size", "1"], r"size must be an integer >= 2, got 1"),
    ([*SAMPLE, "--temperature", "1", "--size", "1.5"], r"'--size': '1.5' is not a valid integer"),
    (["capacity", "multitasking", "--dilution", "1"], r"dilution .* \[0, 1\), got 1"),
    (["capacity", "multitasking", "--dilution", "-0.1"], r"dilution .* \[0, 1\), got -0.1"),
    (["capacity", "multitasking", "--dilution", "nan"], r"dilution .* \[0, 1\), got nan"),
    ([*SAMPLE, "--temperature", "1", "--start", "zero"], r"start must be 'pattern', .* got 'zero'"),
    ([*SAMPLE, "--temperature", "1", "--start", "1.5"], r"start must be .* \[0, 1\] .* got 1.5"),
    ([*SAMPLE, "--temperature", "1", "--start", "nan"], r"start must be .* \[0, 1\] .* got nan"),
    ([*SAMPLE, "--temperature", "1", "--dynamics", "wolff"], r"dynamics must be .* got 'wolff'"),
    ([*SAMPLE, "--temperature", "1", "--kernel", "fast"], r"kernel must be .* got 'fast'"),
    ([*SAMPLE, "--temperature", "1", "--threads", "0"], r"threads must be .* >= 1, got 0"),
    ([*SAMPLE, "--temperature", "1", "--seed", "-1"], r"seed must be an integer >= 0, .* got -1"),
    ([*SAMPLE, "--temperature", "1", "--sweeps", "3"], r"sweeps must be .* >= 4, got 3"),
    ([*SAMPLE, "--temperature", "1", "--burn-in", "-1"], r"burn_in must be .* >= 0, got -1"),
    ([*SAMPLE, "--temperature", "1", "--replicas", "0"], r"replicas must be .* >= 1, got 0"),
    ([*SAMPLE, "--temperature", "1,2", "--plot", "x.png"], r"--plot shows one run: .* one --temp"),
    ([*COMPARE, "--load", "0.1"], r"give both --load and --temperature, or neither"),
    ([*COMPARE, "--load", "-1", "--temperature", "1"], r"load must be .* >= 0.* got -1"),
    ([*COMPARE, "--load", "0.1,0.1", "--temperature", "1"], r"load .* different .*0.1, 0.1"),
    ([*COMPARE, *POINT, "--size", "1"], r"size must be an integer >= 2, got 1"),
    ([*COMPARE, *POINT, "--size", "100.5"], r"'--size': '100.5' is not an integer"),
    ([*COMPARE, *POINT, "--size", "90,90"], r"size .* different integers, got \[90, 90\]"),
    ([*COMPARE, *POINT, "--disorder", "1"], r"disorder must be an integer >= 2, got 1"),
    ([*COMPARE, *POINT, "--start", "zero"], r"start must be 'pattern', .* got 'zero'"),
    ([*COMPARE, *POINT, "--dynamics", "wolff"], r"dynamics must be .* got 'wolff'"),
    ([*COMPARE, *POINT, "--backend", "tpu"], r"backend must be one of .*'cpu'.* got 'tpu'"),
    ([*SAMPLE, "--temperature", "1", "--load", "0.001"], r"load must be .* >= 0.016.* got 0.001"),
    ([*COMPARE, "--load", "1e-6", "--temperature", "1"], r"load .* one pattern .* 1e-06"),
    ([*SOLVE, *POINT, "--exponent", "2"], r"exponent must be .* 1.* got 2"),
    ([*SOLVE, *POINT, "--exponent", "0"], r"exponent must be .* got 0"),
    ([*SOLVE, *POINT, "--exponent", "b"], r"'--exponent': 'b' is not a valid float"),
    ([*SAMPLE, "--temperature", "1", "--exponent", "nan"], r"exponent must be .* got nan"),
    ([*DENSE_SAMPLE, "--exponent", "1"], r"exponent belongs to load, got 1.0 with n_patterns"),
    ([*SOLVE, "--load", "0.2", "--temperature", "0.1"], r"retrieval .* it ends at load 0.13"),
    ([*SOLVE, *POINT, "--phase", "paramagnet"], r"paramagnet .* does not exist at load 0.05 and"),
    (["capacity", "hopfield", "--temperature", "1"], r"nothing is retrieved from temperature 1 on"),
    ([*DENSE, "--load", "0.2", "--temperature", "0.1"], r"Dense\(p=3.* ends at load 0.13"),
    ([*DENSE, "--load", "0.1", "--temperature", "0.6"], r"from temperature 0.582583 on"),
    ([*DENSE, *POINT, "--phase", "glass"], r"it is there below temperature 0.168"),
    ([*DENSE, "--load", "0.05", "--temperature", "0.1", "--phase", "glass"], r"in one step; ans"),
    (["capacity", "dense", "--p", "3", "--temperature", "0.6"], r"temperature 0.582583 on"),
    (["diagram", "dense", "--p", "101"], r"theory is there for p up to 100, got p = 101"),
    (["benchmark", "--quick", "-o", "none/x.nc"], r"--output must be in a folder that exists"),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "words"), BAD, ids=lambda value: str(value)[-40:])
def test_bad_input_is_one_line(run, folder, arguments, words):
    output = [] if arguments[0] == "benchmark" or len(arguments) < 3 else ["-o", "x.nc"]
    code, out, err = run(*arguments, *output)
    assert (code, out) == (2, "")
    assert re.fullmatch(rf"hopfield: [^\n]*{words}[^\n]*\n", err), err
    assert files(folder) == []


TOO_LARGE = [
    ["solve", "hopfield", "--load", "0:1:1000000000000000", "--temperature", "1"],
    ["sample", "hopfield", "--size", "100000000", "--load", "0.1", "--temperature", "1"],
    ["sample", "hopfield", "--size", "1000", "--patterns", "10000000000000", "--temperature", "1"],
    [*SAMPLE, "--temperature", "1", "--sweeps", "100000000000000"],
    [*SAMPLE, "--temperature", "1", "--replicas", "100000000000000"],
    ["compare", "hopfield", *POINT, "--size", "100000000"],
    [*COMPARE, *POINT, "--replicas", "100000000000000"],
]


@pytest.mark.parametrize("arguments", TOO_LARGE, ids=lambda value: " ".join(value)[-40:])
def test_what_does_not_fit_into_memory_says_how_much_it_needs(run, folder, arguments):
    code, out, err = run(*arguments, "-o", "x.nc")
    assert (code, out) == (2, "")
    assert re.fullmatch(r"hopfield: [^\n]*\d (GiB|PiB)[^\n]*\n", err), err
    assert files(folder) == []


EVERY_OUTPUT = [
    ["solve", "hopfield", *POINT],
    ["capacity", "hopfield"],
    ["diagram", "hopfield", "--points", "5"],
    [*SAMPLE, "--temperature", "0.3"],
    GRID,
]


@pytest.mark.parametrize("arguments", EVERY_OUTPUT, ids=lambda value: value[0])
@pytest.mark.parametrize(
    ("option", "target", "words"),
    [
        ("-o", "none/x.nc", "--output must be in a folder that exists, got none/x.nc"),
        ("-o", "text.txt/x.nc", "--output must be in a folder that exists, got text.txt/x.nc"),
        ("-o", "sub", "--output must be a file, got sub"),
        ("-o", "/dev/null", "--output must be a file, got /dev/null"),
        pytest.param(
            "-o",
            "/proc/x.nc",
            "--output must be a file that can be written, got /proc/x.nc",
            marks=pytest.mark.skipif(not Path("/proc").is_dir(), reason="not a Linux system"),
        ),
        ("--plot", "none/x.png", "--plot must be in a folder that exists, got none/x.png"),
        ("--plot", "x.doc", "--plot must end in one of .png, .pdf, .svg, got x.doc"),
        ("--plot", "x", "--plot must end in one of .png, .pdf, .svg, got x"),
    ],
)
def test_files_that_cannot_be_written_are_refused_before_any_work(
    run, folder, arguments, option, target, words
):
    (folder / "text.txt").write_text("a file")
    (folder / "sub").mkdir()
    code, out, err = run(*arguments, option, target)
    assert (code, out) == (2, "")
    assert err.startswith(f"hopfield: {words}")
    assert err.count("\n") == 1
    assert files(folder) == ["sub", "text.txt"]
    assert files(folder / "sub") == []


def test_one_file_cannot_be_both(run, folder):
    code, _, err = run("solve", "hopfield", *POINT, "-o", "x.png", "--plot", "x.png")
    assert code == 2
    assert "--output and --plot must be different files, got x.png" in err
    assert files(folder) == []


@pytest.mark.parametrize("arguments", [EVERY_OUTPUT[0], GRID], ids=["solve", "compare"])
def test_failed_write_leaves_the_old_file_and_nothing_else(run, folder, monkeypatch, arguments):
    (folder / "x.nc").write_text("precious")

    def fail(_, path, **__):
        Path(path).write_text("half a fi")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(xr.Dataset, "to_netcdf", fail)
    monkeypatch.setattr(xr.DataTree, "to_netcdf", fail)
    code, _, err = run(*arguments, "-o", "x.nc")
    assert code == 2
    assert err == "hopfield: x.nc could not be written: [Errno 28] No space left on device\n"
    assert (folder / "x.nc").read_text() == "precious"
    kept = ["x.nc.partial"] if arguments is GRID else []
    assert files(folder) == ["x.nc", *kept]


def test_results_of_another_comparison_are_not_overwritten(run, folder, monkeypatch):
    stop_after(monkeypatch, 5)
    assert run(*GRID, "-o", "x.nc")[0] == 130
    before = (folder / "x.nc.partial").read_bytes()
    code, _, err = run(*GRID, "--seed", "1", "-o", "x.nc")
    assert code == 2
    assert "x.nc.partial holds the unfinished results of another run; remove it or" in err
    assert (folder / "x.nc.partial").read_bytes() == before


# Ctrl-C


def stop_after(monkeypatch, count):
    """Let Ctrl-C come when `count` pattern sets were started."""
    plain, calls = simulation.sample_some, []

    def sample_some(*task):
        calls.append(task)
        if len(calls) > count:
            raise KeyboardInterrupt
        return plain(*task)

    monkeypatch.setattr(simulation, "sample_some", sample_some)


def read_groups(path):
    with xr.open_datatree(path) as tree:
        return {name: node.to_dataset().load() for name, node in tree.children.items()}


def test_stopped_comparison_says_what_is_kept(run, folder, monkeypatch):
    with monkeypatch.context() as patch:
        stop_after(patch, 5)
        code, out, err = run(*GRID)
        assert (code, out) == (130, "")
        assert "hopfield: stopped. Nothing was kept; with -o FILE.nc" in err
        assert files(folder) == []
    with monkeypatch.context() as patch:
        stop_after(patch, 5)
        code, out, err = run(*GRID, "-o", "x.nc")
        assert (code, out) == (130, "")
        assert "x.nc.partial; the same command goes on from there" in err
        assert files(folder) == ["x.nc.partial"]
    with monkeypatch.context() as patch:
        stop_after(patch, 0)
        code, out, err = run(*GRID, "-o", "y.nc")
        assert (code, out) == (130, "")
        assert "Nothing was kept" in err
        assert files(folder) == ["x.nc.partial"]


PROCESS = [sys.executable, "-c", "from studies.commands import main; main()"]
LONGER = [*GRID, "--size", "200,300", "--disorder", "20", "--sweeps", "300"]


def interrupt(process, ready):
    """Send Ctrl-C to a process as soon as `ready()`; exit code, output and errors."""
    deadline = time.monotonic() + 120
    while not ready() and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.002)
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def test_ctrl_c_in_a_comparison_and_the_same_command_again(run, folder):
    partial = folder / "x.nc.partial"
    process = subprocess.Popen(
        [*PROCESS, *LONGER, "-o", "x.nc"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    code, out, err = interrupt(
        process, lambda: partial.exists() and partial.read_bytes().count(b"\n") > 4
    )
    assert (code, out) == (130, "")
    assert err.strip().endswith("x.nc.partial; the same command goes on from there.")
    assert "Traceback" not in err
    assert files(folder) == ["x.nc.partial"]
    assert 4 < partial.read_bytes().count(b"\n") < 1 + 160
    assert run(*LONGER, "-o", "x.nc")[0] == 0
    assert run(*LONGER, "-o", "y.nc")[0] == 0
    assert files(folder) == ["x.nc", "y.nc"]
    resumed, whole = read_groups("x.nc"), read_groups("y.nc")
    assert resumed.keys() == whole.keys()
    for name in whole:
        assert_same_numbers(resumed[name], whole[name])


SIGNALLING = """
import montecarlo.ensemble as ensemble
from studies.commands import main
plain = ensemble.Ensemble.advance
def advance(self, first, record):
    plain(self, first, record)
    if first == {first}:
        print("now", flush=True)
ensemble.Ensemble.advance = advance
main()
"""
SWEEPS = 1_000_000


def interrupted_sample(first, *arguments):
    command = [*SAMPLE, "--temperature", "0.3", "--sweeps", SWEEPS, "--burn-in", "100", *arguments]
    process = subprocess.Popen(
        [sys.executable, "-c", SIGNALLING.format(first=first), *map(str, command)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout.readline() == "now\n"
    return interrupt(process, lambda: True)


def test_ctrl_c_in_a_run_keeps_the_finished_sweeps(folder):
    code, out, err = interrupted_sample(300, "-o", "x.nc")
    assert code == 130
    assert "Traceback" not in err
    found = re.search(r"What was finished is in x.nc \(stopped after (\d+) of 1000000 sweeps", err)
    assert err.strip().endswith("the same command starts again from the beginning.")
    assert len(rows(out)) == 2
    assert files(folder) == ["x.nc"]
    network = hopfield.Hopfield().network(60, load=0.05, seed=0)
    whole = montecarlo.sample(network, 0.3, sweeps=200, burn_in=100, replicas=3, seed=0)
    with xr.open_dataset("x.nc") as read:
        done = read.sizes["sweep"]
        assert 200 <= done < SWEEPS
        assert int(found[1]) == done == int(read.attrs["sweeps_done"])
        assert (read.energy_series[:, :200] == whole.energy_series).all()


def test_ctrl_c_without_anything_to_keep(folder):
    code, _, err = interrupted_sample(300)
    assert code == 130
    assert "Nothing was kept (stopped after" in err
    code, _, err = interrupted_sample(0, "--burn-in", SWEEPS, "-o", "x.nc")
    assert code == 130
    assert err.strip().endswith("stopped. Nothing was kept; the same command starts again from the "
                                "beginning.")  # fmt: skip
    assert files(folder) == []
