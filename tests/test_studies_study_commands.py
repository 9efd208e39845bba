"""Verbs of networks that learn: thresholds, planes of the data set, studies."""

import re

import matplotlib.pyplot as plt
import numpy as np
import pytest
from command_line import assert_figure, assert_read_back, files, rows, run_line
from idx_files import idx, write

import hopfield
import theory
from studies import learning, losses
from studies import ultra as ultra_module
from studies.commands import cli

LEARNER = ["supervised", "--p", "3", "--quality", "0.6", "--examples", "20"]
MODEL = hopfield.Supervised(3, 0.6, 20)
FILES = ["-o", "x.nc", "--plot", "x.png"]
WROTE = "wrote x.nc\nwrote x.png\n"
QUICK = (
    ultra_module.Regime("supervised", 2, 1, 0.1, 100, (0.2, 0.3)),
    ultra_module.Regime("unsupervised", 2, 1, 0.5, 60, (0.25, 0.35)),
)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty working directory without data sets; figures left open are a mistake."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("HOPFIELD_DATA", raising=False)
    before = plt.get_fignums()
    yield tmp_path
    assert plt.get_fignums() == before


@pytest.fixture
def run(capsys):
    """Run a command line: exit code, output and errors."""
    return lambda *arguments: run_line(capsys, *arguments)


def done(run, *arguments):
    """Table of a command line that wrote both files."""
    code, out, err = run(*arguments, *FILES)
    assert (code, err) == (0, WROTE)
    assert_figure("x.png")
    return rows(out)


# Planes of the data set


@pytest.mark.parametrize(
    ("option", "given", "name"),
    [("--at-temperature", {"temperature": 0.0}, "load"), ("--at-load", {"load": 0.01}, "T")],
)
def test_diagram_in_a_plane_of_the_data_set(run, option, given, name):
    (value,) = given.values()
    header, *table = done(
        run, "diagram", *LEARNER, option, value, "--points", 5, "--max-entropy", 0.9
    )
    assert header == ["line", "points", "ρ", "from", "to", name, "from", "to"]
    expected = theory.phase_diagram(MODEL, **given, points=5, max_entropy=0.9)
    assert [row[0] for row in table] == expected.line.values.tolist()
    end = expected.sel(line="spinodal")
    along = end["load"] if name == "load" else end.temperature
    (spinodal,) = (row for row in table if row[0] == "spinodal")
    assert spinodal[1:4] == ["5", "0", "0.9"]
    assert spinodal[4:] == [f"{x:.5g}" for x in (along.min().item(), along.max().item())]
    assert_read_back("x.nc", expected)


def test_line_that_was_not_found_is_in_the_table(run, monkeypatch):
    plain = theory.phase_diagram(MODEL, temperature=0.0, points=3)
    lost = plain.copy(deep=True)
    lost["load"].loc[{"line": "archetype"}] = np.nan
    monkeypatch.setattr(theory, "phase_diagram", lambda *_, **__: lost)
    code, out, _ = run("diagram", *LEARNER, "--at-temperature", 0)
    assert code == 0
    assert rows(out)[-1] == ["archetype", "0", "-", "-", "-", "-"]
    assert rows(out)[1][1] == "3"


# Thresholds


@pytest.mark.parametrize("teacher", ["supervised", "unsupervised"])
def test_threshold(run, teacher):
    words = ["threshold", teacher, "--p", 3, "--quality", "0.1,0.2", "--load", "0,0.1"]
    header, *table = done(run, *words)
    assert header[:3] == ["r", "load", "M"]
    model = {"supervised": hopfield.Supervised, "unsupervised": hopfield.Unsupervised}[teacher]
    expected = theory.learning_threshold(model(3, 0.1, 1), [0.0, 0.1], quality=[0.1, 0.2])
    assert [row[:2] for row in table] == [
        ["0.1", "0"],
        ["0.1", "0.1"],
        ["0.2", "0"],
        ["0.2", "0.1"],
    ]
    numbers = expected.examples.transpose("quality", "load").values.ravel()
    assert [row[2] for row in table] == [f"{m:.5g}" for m in numbers]
    assert_read_back("x.nc", expected)


def test_threshold_with_every_option(run):
    words = ["threshold", "unsupervised", "--p", 3, "--quality", 0.5, "--load", 0.005]
    _, row = done(run, *words, "--criterion", "retrieval", "--temperature", 0.1, "--overlap", 0.8)
    model = hopfield.Unsupervised(3, 0.5, 1)
    expected = theory.learning_threshold(
        model, 0.005, quality=0.5, criterion="retrieval", temperature=0.1, overlap=0.8
    )
    assert row[2] == f"{expected.examples.item():.5g}"
    assert_read_back("x.nc", expected)
    few = ["--load", 0.2, "--exponent", 1, "--size", 500]
    _, row = done(run, *words, *few)
    expected = theory.learning_threshold(model, 0.2, quality=0.5, exponent=1, size=500)
    assert row[2] == f"{expected.examples.item():.5g}"
    assert_read_back("x.nc", expected)


# Studies


STUDIES = (
    "associative-retrieval", "bridge", "cascade", "diffusion", "dilution", "learning",
    "logarithmic", "losses", "memories", "minima", "parallel", "regimes", "retrieval", "teachers",
    "ultra",
)  # fmt: skip


def test_study_has_help_for_every_name(run):
    assert sorted(cli.commands["study"].commands) == list(STUDIES)
    for name in STUDIES:
        code, out, err = run("study", name, "--help")
        assert (code, err) == (0, "")
        assert out.startswith(f"Usage: hopfield study {name}")


def test_study_of_learning(run):
    words = ["--p", "2,4", "--examples", "1,11", "--noise", "0,0.1", "--disorder", 2, "--seed", 3]
    table = done(run, "study", "learning", *words)
    expected = learning.learning_curve(
        p=[2, 4], examples=[1, 11], flips=[0.0, 0.1], disorder=2, seed=3
    )
    assert_read_back("x.nc", expected)
    assert table[0] == ["final", "overlap,", "from", "the", "image,", "after", "M", "examples:"]
    assert table[1] == ["noise", "p", "teacher", "1", "11"]
    assert len(table) == 2 * (2 + 8)
    one = expected.sel(flip_probability=0.1, p=4, teacher="supervised", start="image")
    for first, name in ((2, "overlap"), (12, "retrieved")):
        (row,) = (r for r in table[first : first + 8] if r[:3] == ["0.1", "4", "supervised"])
        values = zip(one[name].values, one[f"{name}_stderr"].values, strict=True)
        assert " ".join(row[3:]) == " ".join(f"{v:.3f} ± {e:.3f}" for v, e in values)


def test_study_of_learning_shows_the_start_that_is_asked_for(run):
    words = ["--p", 3, "--examples", 11, "--noise", 0, "--disorder", 2]
    tables = [done(run, "study", "learning", *words, "--start", s) for s in ("archetype", "image")]
    assert [table[0][4] for table in tables] == ["archetype,", "image,"]
    assert tables[0][2] != tables[1][2]


@pytest.mark.parametrize("dataset", ["mnist", "fashion-mnist"])
def test_study_of_images_in_files(run, folder, dataset):
    labels = np.repeat([2, 7], 8)
    pixels = np.random.default_rng(0).integers(256, size=(16, 28, 28))
    write(folder / "train-images-idx3-ubyte", idx(pixels))
    write(folder / "train-labels-idx1-ubyte", idx(labels))
    words = ["--p", 2, "--examples", "1,3", "--noise", 0, "--disorder", 2]
    table = done(run, "study", "learning", "--dataset", dataset, "--images", folder, *words)
    assert len(table) == 2 * (2 + 2)
    read = {"mnist": hopfield.datasets.mnist, "fashion-mnist": hopfield.datasets.fashion_mnist}
    images = read[dataset](folder)
    expected = learning.learning_curve(images, p=[2], examples=[1, 3], flips=[0.0], disorder=2)
    assert_read_back("x.nc", expected)


def test_study_of_losses(run):
    words = ["--p", 2, "--quality", 0.4, "--examples", "3,11", "--size", 100, "--patterns", 2]
    header, *table = done(run, "study", "losses", *words, "--disorder", 3, "--sweeps", 10)
    expected = losses.loss_minima(
        2, 0.4, [3, 11], size=100, n_patterns=2, sweeps=10, disorder=3, seed=0
    )
    assert_read_back("x.nc", expected)
    assert header[:4] == ["teacher", "M", "loss_minus", "loss_minus_stderr"]
    assert [row[:2] for row in table] == [
        [name, m] for name in ("supervised", "unsupervised") for m in ("3", "11")
    ]
    found = expected.loss_minus.values.ravel()
    assert [row[2] for row in table] == [f"{loss:.5g}" for loss in found]


def test_study_of_thresholds(run, monkeypatch):
    monkeypatch.setattr(ultra_module, "REGIMES", QUICK)
    _, *table = done(run, "study", "ultra", "--disorder", 2, "--seed", 1)
    expected = ultra_module.ultra(QUICK, disorder=2, seed=1)
    assert_read_back("x.nc", expected)
    for row, regime, limit in zip(table, QUICK, ("-2", "-4"), strict=True):
        one = expected.sel(regime=regime.name)
        assert " ".join(row).startswith(regime.name)
        assert row[-4] == f"{one.scaling_exponent.item():.5g}"
        assert row[-1] == limit


# Bad input

THRESHOLD = ["threshold", "supervised", "--p", "3", "--quality", "0.3"]
LEARNING = ["study", "learning"]
LOSSES = ["study", "losses", "--size", "50"]
BAD = [
    (["study"], "NAME must be one of .*, learning, .*, ultra, got none"),
    (["study", "training"], "NAME must be one of .*, ultra, got 'training'"),
    ([*LEARNING, "--dataset", "cifar"], "--dataset must be one of digits, mnist, .* got 'cifar'"),
    ([*LEARNING, "--images", "x"], "--images belongs to mnist and fashion-mnist, got x for digits"),
    ([*LEARNING, "--dataset", "mnist", "--images", "x"], "there is no x"),
    ([*LEARNING, "--start", "noise"], "--start must be one of archetype, image, got 'noise'"),
    ([*LEARNING, "--examples", "1000"], "examples must be <= .* class 0 of digits, got"),
    ([*LEARNING, "--examples", "11,1"], r"examples must be ascending .* got \[11, 1\]"),
    ([*LEARNING, "--examples", "1.5"], "'--examples': '1.5' is not an integer"),
    ([*LEARNING, "--noise", "0.5"], r"flips must be .* \[0, 1/2\), got \[0.5\]"),
    ([*LEARNING, "--noise", "some"], "'--noise': 'some' is not a number"),
    ([*LEARNING, "--p", "1"], "p must be .* got 1"),
    ([*LEARNING, "--disorder", "1"], "disorder must be an integer >= 2, got 1"),
    ([*LEARNING, "--seed", "-1"], "seed must be an integer >= 0, .* got -1"),
    ([*LOSSES, "--examples", "5,3"], r"examples must be ascending integers >= 1, got \[5, 3\]"),
    ([*LOSSES, "--quality", "0"], r"quality must be a number in \(0, 1\], got 0"),
    ([*LOSSES, "--disorder", "1"], "disorder must be an integer >= 2, got 1"),
    (["study", "ultra", "--disorder", "1"], "disorder must be an integer >= 2, got 1"),
    ([*THRESHOLD[:-2]], "Missing option '--quality'"),
    (["threshold", "supervised", "--quality", "0.3"], "Missing option '--p'"),
    ([*THRESHOLD, "--load", "-1"], "load must be .* got -1"),
    ([*THRESHOLD[:-1], "2"], r"quality must be a number in \(0, 1\], got 2"),
    ([*THRESHOLD[:-1], "0:1:0"], "quality must be"),
    ([*THRESHOLD, "--criterion", "luck"], "criterion must be one of .* got 'luck'"),
    ([*THRESHOLD, "--overlap", "1"], "overlap must be .* got 1"),
    ([*THRESHOLD, "--exponent", "3"], "exponent must be .* got 3"),
    (["threshold", "dense", *THRESHOLD[2:]], "belongs to supervised, unsupervised, not to dense"),
    (["diagram", "hopfield", "--at-load", "0.1"], "model must learn from examples, got Dense"),
    (["diagram", *LEARNER, "--at-load", "0"], "load must be positive, got 0"),
    (["diagram", *LEARNER, "--at-temperature", "-1"], "temperature must be .* got -1"),
    (["diagram", *LEARNER, "--max-entropy", "2"], "max_entropy needs a load or temperature"),
    (
        ["diagram", *LEARNER, "--at-load", "1", "--at-temperature", "1"],
        "give either --at-temperature or --at-load",
    ),
    (["diagram", *LEARNER, "--at-load", "1", "--ansatz", "1rsb"], "ansatz must be .* got '1rsb'"),
]


@pytest.mark.parametrize(("arguments", "words"), BAD, ids=lambda value: str(value)[-40:])
def test_bad_input_is_one_line(run, folder, arguments, words):
    output = ["-o", "x.nc"] if len(arguments) > 2 else []
    code, out, err = run(*arguments, *output)
    assert (code, out) == (2, "")
    assert re.fullmatch(rf"hopfield: [^\n]*{words}[^\n]*\n", err), err
    assert files(folder) == []


@pytest.mark.parametrize("name", ["learning", "losses", "ultra"])
@pytest.mark.parametrize(
    ("option", "words"),
    [
        (["-o", "none/x.nc"], "--output must be in a folder that exists, got none/x.nc"),
        (["--plot", "x.doc"], "--plot must end in one of .png, .pdf, .svg, got x.doc"),
    ],
)
def test_files_that_cannot_be_written_are_refused_before_any_work(
    run, monkeypatch, name, option, words
):
    home = {"learning": (learning, "learning_curve"), "losses": (losses, "loss_minima")}
    monkeypatch.setattr(
        *home.get(name, (ultra_module, "ultra")), lambda *_, **__: pytest.fail("work was begun")
    )
    code, out, err = run("study", name, *option)
    assert (code, out) == (2, "")
    assert err == f"hopfield: {words}\n"


@pytest.mark.parametrize("name", ["learning", "losses", "ultra"])
def test_ctrl_c_says_that_nothing_is_kept(run, folder, monkeypatch, name):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr(learning, "draw_lesson", stop)
    monkeypatch.setattr(losses, "_minimum", stop)
    monkeypatch.setattr(ultra_module, "_threshold", stop)
    code, out, err = run("study", name, *FILES)
    assert (code, out) == (130, "")
    assert err.strip() == (
        "hopfield: stopped. Nothing was kept; the same command starts again from the beginning."
    )
    assert files(folder) == []
