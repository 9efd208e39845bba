"""Key-value memories side by side: what is simulated, how it agrees with theory, and its verbs."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from command_line import assert_figure, assert_read_back, files, rows, run_line

import studies
import theory
from hopfield import InputError
from hopfield.memories import (
    DPFP,
    DeltaRule,
    Favor,
    Hebbian,
    LinearAttention,
    PseudoInverse,
    SoftmaxAttention,
)
from hopfield.vocabulary import describe
from studies import associative_retrieval, memory_curves
from studies.figures.memories import LEAST
from studies.memory_rules import MEMORIES, RETRIEVAL

TWO = {"delta rule": DeltaRule(), "Hebbian": lambda k, d: Hebbian(1.0 / (1.0 + k / d))}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty working directory; figures that are left open are closed."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    plt.close("all")


@pytest.fixture(scope="module")
def curves():
    return memory_curves(TWO, [0.25, 1.0, 2.0], [16, 32], draws=12)


@pytest.fixture(scope="module")
def retrieval():
    chosen = {name: RETRIEVAL[name] for name in ("softmax", "DPFP-1", "DPFP-1, least squares")}
    chosen["FAVOR+"] = LinearAttention(Favor(16), normalised=True)
    return associative_retrieval(chosen, [8, 40, 100], dimension=16, draws=12)


# What is simulated


def test_shapes_and_labels(curves, retrieval):
    assert curves.error.dims == ("memory", "load", "dimension")
    assert curves.n_pairs.values.tolist() == [[4, 8], [16, 32], [32, 64]]
    assert retrieval.error.dims == ("memory", "n_pairs")
    for result in (curves, retrieval):
        for name in (*result.data_vars, *result.coords):
            assert result[name].attrs["long_name"] == describe(str(name))["long_name"]
        assert result.attrs["seed"] == "0"
        assert np.isfinite(result.error).all()
        assert (result.error_stderr >= 0.0).all()


def test_theory_is_that_of_the_rule_at_every_point(curves):
    for i, load in enumerate((0.25, 1.0, 2.0)):
        for j, d in enumerate((16, 32)):
            k = round(load * d)
            rules = DeltaRule(), Hebbian(1.0 / (1.0 + k / d))
            for m, rule in enumerate(rules):
                found = theory.memory_error(rule, k, d).error.item()
                assert curves.error_theory[m, i, j].item() == found
    z = (curves.error - curves.error_theory) / curves.error_stderr
    np.testing.assert_allclose(curves.error_z, z)
    mean, stderr = curves.error - curves.error_theory, curves.error_stderr
    rest = 2.0 * mean.isel(dimension=1) - mean.isel(dimension=0)
    spread = np.hypot(2.0 * stderr.isel(dimension=1), stderr.isel(dimension=0))
    np.testing.assert_allclose(curves.error_extrapolated_z, rest / spread)


def test_points_do_not_depend_on_each_other(curves):
    alone = memory_curves({"delta rule": DeltaRule()}, [1.0], [32], draws=12)
    whole = curves.sel(memory=["delta rule"], load=[1.0], dimension=[32])
    xr.testing.assert_equal(alone.error, whole.error)
    assert "error_extrapolated_z" not in alone
    other = memory_curves({"delta rule": DeltaRule()}, [1.0], [32], draws=12, seed=1)
    assert other.error.item() != alone.error.item()


def test_all_pairs_are_read_if_there_are_few():
    rule = {"pseudo-inverse": PseudoInverse()}
    exact = memory_curves(rule, [0.5], [32], draws=3, reads=4)
    assert exact.error.item() < 1e-24
    assert abs(exact.error_z.item()) < 1e-6
    # Of as many pairs as features leave, the residual of all is the same in every draw.
    values = associative_retrieval(rule, [40], dimension=32, draws=3, reads=40, keys="sphere")
    assert values.error.item() == pytest.approx(0.2, rel=1e-12)
    some = associative_retrieval(rule, [40], dimension=32, draws=3, reads=39, keys="sphere")
    assert some.error_stderr.item() > 1e-6


def test_errors_that_are_the_same_in_all_draws_have_no_deviation_unless_theory_is_exact():
    """One pair is read with one error: theory that is off by 1/d is not off by 10^9 errors."""
    rules = {"exact": Hebbian(0.5), "ridge": PseudoInverse(0.1), "passes": DeltaRule(0.5, 2)}
    ds = memory_curves(rules, [1 / 32, 1.0], [16, 32], draws=4)
    assert (ds.n_pairs.isel(load=0) == 1).all()
    assert (ds.error_stderr.isel(load=0) < 1e-12).all()
    one = ds.isel(load=0)
    assert abs(one.error_z.sel(memory="exact")).max() < 1e-3
    assert abs(one.error_extrapolated_z.sel(memory="exact")) < 1e-3
    for name in ("ridge", "passes"):
        assert np.isnan(one.error_z.sel(memory=name)).all()
        assert np.isnan(one.error_extrapolated_z.sel(memory=name))
    assert np.isfinite(ds.error_z.isel(load=1)).all()


def test_noise_and_kinds_of_keys_come_in():
    one = {"Hebbian": Hebbian()}
    plain, noisy, gaussian = (
        memory_curves(one, [0.5], [32], draws=60, **options)
        for options in ({}, {"query_noise": 1.0}, {"keys": "gaussian"})
    )
    for found, expected in ((plain, 15 / 32), (noisy, 31 / 32), (gaussian, 17 / 32)):
        assert found.error_theory.item() == pytest.approx(expected)
        assert abs(found.error_z.item()) < 4.0
        assert abs(found.error.item() - 1.2 * expected) > 4.0 * found.error_stderr.item()


# Agreement with theory


def chi_squares(ds):
    """Mean squared deviation of every memory with a theory at finite dimension."""
    finite = ds.error_z.where(ds.validity != "infinite dimension")
    return (finite**2).mean(["load", "dimension"])


def test_all_memories_agree_with_theory():
    ds = memory_curves(None, [0.25, 0.75, 1.25, 2.0], [32, 64], draws=24)
    assert set(ds.memory.values) == set(MEMORIES)
    assert (ds.status == "converged").all()
    # Eight points of 24 draws: the mean of z² is 1.1 with standard deviation 0.6.
    assert chi_squares(ds).max() < 3.5
    assert (ds.error_extrapolated_z**2).mean("load").max() < 4.0
    assert abs(ds.error_z).max() < 4.0
    wrong = (ds.error - 1.3 * ds.error_theory) / np.maximum(ds.error_stderr, 1e-12)
    assert (wrong**2).mean(["load", "dimension"]).min() > 4.0


@pytest.mark.slow
def test_all_memories_agree_at_the_sizes_of_the_figure():
    ds = memory_curves(draws=64)
    # The mean of 34 squares has the standard deviation 0.25, that of 17 has 0.36.
    assert (ds.error_z**2).mean(["load", "dimension"]).max() < 2.0
    assert (ds.error_extrapolated_z**2).mean("load").max() < 2.4
    assert abs(ds.error_z).max() < 4.0
    wrong = (ds.error - 1.03 * ds.error_theory) / np.maximum(ds.error_stderr, 1e-12)
    assert (wrong**2).mean(["load", "dimension"]).min() > 4.0


def test_retrieval_agrees_with_theory_where_there_is_one(retrieval):
    assert np.isnan(retrieval.error_theory.sel(memory="FAVOR+")).all()
    assert (retrieval.status.sel(memory="FAVOR+") == "absent").all()
    # At d = 16 the first order in 1/d is off by several percent.
    exact = retrieval.sel(memory=["softmax", "DPFP-1, least squares"])
    assert abs(exact.error_z).max() < 4.0
    first_order = retrieval.sel(memory="DPFP-1")
    np.testing.assert_allclose(first_order.error, first_order.error_theory, rtol=0.3)
    squares = retrieval.sel(memory="DPFP-1, least squares")
    np.testing.assert_allclose(squares.error_theory, [0.0, 1.0 - 32 / 40, 1.0 - 32 / 100])
    assert squares.error[0] < 1e-20


def test_order_of_memories_is_that_of_the_figure():
    """Sums of aligned features fail long before they have as many pairs as features."""
    ds = associative_retrieval(
        {"sum": LinearAttention(DPFP(2), normalised=True), "softmax": SoftmaxAttention(8.0),
         "least squares": PseudoInverse(features=DPFP(2))}, [40, 240, 300], draws=4,
    )  # fmt: skip
    error = ds.error.transpose("n_pairs", "memory").values
    assert error[0, 0] > 0.5 > 0.1 > error[0, 1]
    assert error[1, 2] < 1e-20
    assert error[2, 2] == pytest.approx(1.0 - 256 / 300, rel=0.1)


# Bad input


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"memories": {}}, "memories must be a mapping"),
        ({"memories": DeltaRule()}, "memories must be a mapping"),
        ({"memories": {"x": 3}}, "memory 'x' must be a rule"),
        ({"memories": {"x": lambda k, d: 3}}, "memory 'x' must be a rule or a function, got 3"),
        ({"load": 0.5}, "load must be ascending numbers, got 0.5"),
        ({"dimension": 16}, "dimension must be ascending numbers, got 16"),
        ({"query_noise": 1e13}, "query_noise must be"),
        ({"draws": 10**13}, "simulated memories would need"),
        ({"load": [1e6]}, "simulated memories would need"),
        ({"load": [0.0]}, "load must be"),
        ({"load": []}, "load must be ascending"),
        ({"load": [1.0, 0.5]}, "load must be ascending"),
        ({"dimension": [2]}, "dimension must be"),
        ({"dimension": [64, 64]}, "dimension must be ascending"),
        ({"draws": 1}, "draws must be"),
        ({"reads": 0}, "reads must be"),
        ({"keys": "cube"}, "keys must be one of"),
        ({"query_noise": -0.1}, "query_noise must be"),
        ({"seed": -1}, "seed must be"),
    ],
)
def test_bad_curves_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        memory_curves(**{"memories": TWO, "load": [0.5], "dimension": [16], "draws": 2} | change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"n_pairs": [0]}, "n_pairs"),
        ({"n_pairs": [3, 2]}, "n_pairs"),
        ({"n_pairs": 20}, "n_pairs must be ascending numbers, got 20"),
        ({"n_pairs": [10**6]}, "simulated memories would need"),
        ({"dimension": 1}, "dimen"),
    ],
)
def test_bad_retrieval_is_refused(change, message):
    with pytest.raises(InputError, match=message):
        associative_retrieval(TWO, **{"n_pairs": [4], "draws": 2} | change)


# Figures


def test_figure_of_curves_has_all_points(curves):
    ax = studies.plot_memory_curves(curves)
    lines = {line.get_label(): line for line in ax.lines}
    for name in TWO:
        np.testing.assert_array_equal(
            lines[name].get_ydata(), curves.error_theory.sel(memory=name).isel(dimension=-1)
        )
    drawn = np.concatenate([bars.lines[0].get_ydata() for bars in ax.containers])
    assert sorted(drawn) == sorted(curves.error.values.ravel())
    assert {"simulated, d = 16", "simulated, d = 32"} <= set(lines)


def test_errors_that_vanish_are_not_drawn():
    ds = memory_curves({"x": PseudoInverse(), "y": Hebbian()}, [0.5, 2.0], [16], draws=2)
    ax = studies.plot_memory_curves(ds)
    assert ax.get_ylim()[0] > LEAST / 10.0
    assert [len(bars.lines[0].get_xdata()) for bars in ax.containers] == [1, 2]


def test_figure_of_retrieval(retrieval):
    ax = studies.plot_associative_retrieval(retrieval)
    lines = {line.get_label(): line for line in ax.lines}
    assert lines["DPFP-1"].get_color() == lines["DPFP-1, least squares"].get_color()
    assert lines["DPFP-1, least squares"].get_linestyle() == "--"
    np.testing.assert_array_equal(
        lines["FAVOR+ (simulated)"].get_ydata(), retrieval.error.sel(memory="FAVOR+")
    )


def test_figure_of_ages_is_drawn_on_given_axes():
    figure, ax = plt.subplots()
    ds = theory.memory_error_by_age(DeltaRule(), 32, 16)
    assert studies.plot_memory_ages(ds, label="delta rule", ax=ax) is ax
    np.testing.assert_allclose(ax.lines[0].get_xdata(), np.arange(32) / 16)
    assert plt.get_fignums() == [figure.number]


# Verbs


@pytest.fixture
def run(capsys):
    """Run a command line: exit code, output and errors."""
    return lambda *arguments: run_line(capsys, *arguments)


def test_verb_of_curves(run, folder):
    line = ["study", "memories", "--load", "0.5,1", "--dimension", "16,32", "--draws", 3]
    code, out, err = run(*line, "--noise", 0.1, "-o", "x.nc", "--plot", "x.png")
    assert (code, err) == (0, "wrote x.nc\nwrote x.png\n")
    assert files(folder) == ["x.nc", "x.png"]
    assert_figure("x.png")
    expected = memory_curves(None, [0.5, 1.0], [16, 32], draws=3, query_noise=0.1)
    assert_read_back("x.nc", expected)
    table = rows(out)
    assert len(table) == 1 + len(MEMORIES)
    assert table[0] == [
        "memory",
        "theory",
        "z²",
        "d=16",
        "z²",
        "d=32",
        "z²",
        "d→∞",
        "largest",
        "|z|",
    ]
    hebbian = expected.sel(memory="Hebbian")
    squares = [f"{(z**2).mean().item():.2f}" for z in (
        hebbian.error_z[:, 0], hebbian.error_z[:, 1], hebbian.error_extrapolated_z
    )]  # fmt: skip
    assert table[1] == ["Hebbian", "exact", *squares, f"{abs(hebbian.error_z).max().item():.2f}"]
    # No theory of features has noise of queries.
    assert [row[-1] for row in table if "elu" in row] == ["-"]


def test_verb_of_retrieval(run, folder):
    line = ["study", "associative-retrieval", "--pairs", "8,20", "--dimension", 16, "--draws", 2]
    code, out, _ = run(*line, "-o", "x.nc", "--plot", "x.svg")
    assert code == 0
    assert_figure("x.svg")
    assert_read_back("x.nc", associative_retrieval(None, [8, 20], dimension=16, draws=2))
    assert len(rows(out)) == 1 + len(RETRIEVAL)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["memories", "--load", "-1"], "load must be"),
        (["memories", "--keys", "cube"], "keys must be one of 'sphere', 'gaussian', got 'cube'"),
        (["memories", "--dimension", "64.5"], "is not an integer"),
        (["memories", "-o", "no/x.nc"], "folder that exists"),
        (["memories", "--draws", "10000000000000"], "simulated memories would need"),
        (["memories", "--noise", "1e200"], "query_noise must be"),
        (["associative-retrieval", "--pairs", "0"], "n_pairs must be"),
        (["associative-retrieval", "--pairs", "1000000"], "simulated memories would need"),
        (["associative-retrieval", "--draws", "1"], "draws must be"),
    ],
)
def test_bad_lines_are_refused(run, folder, arguments, message):
    code, out, err = run("study", *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert files(folder) == []
