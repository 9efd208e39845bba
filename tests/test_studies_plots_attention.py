"""Figures of attention show the numbers they are given."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import hopfield
import studies
import theory
from hopfield import attention
from hopfield.attention.heads import CLASSES
from theory.attention import cluster_states, ensured_patterns, equidistant_states, pair_states


@pytest.fixture(autouse=True)
def own_figures(monkeypatch):
    """No figure before or after a test, and nothing is shown."""
    monkeypatch.setattr(plt, "show", lambda *_, **__: pytest.fail("plt.show was called"))
    plt.close("all")
    yield
    plt.close("all")


CASES = [
    (
        studies.plot_pair_states,
        theory.attention.pair_states([[1.0, 0.0], [0.0, 0.9]], np.linspace(0.5, 6.0, 60)),
        "weight_difference",
        "beta",
    ),
    (
        studies.plot_equidistant_states,
        theory.attention.equidistant_states(5, np.linspace(2.0, 8.0, 60)),
        "weight",
        "coupling",
    ),
    (
        studies.plot_equidistant_states,
        theory.attention.equidistant_states(5, np.linspace(2.0, 8.0, 60), subset=2),
        "weight",
        "coupling",
    ),
    (
        studies.plot_cluster_states,
        theory.attention.cluster_states(3, 4, 0.8, 0.0, np.geomspace(1.0, 100.0, 60)),
        "weight",
        "beta",
    ),
]


@pytest.mark.parametrize(("draw", "ds", "name", "along"), CASES)
def test_lines_are_solid_where_they_are_stable(draw, ds, name, along):
    ax = draw(ds)
    seen = 0
    for i, state in enumerate(ds.fixed_point.values):
        one = ds.sel(fixed_point=state)
        for line, dashes, part in zip(
            ax.lines[2 * i : 2 * i + 2], ["-", "--"], (one.stable, ~one.stable), strict=True
        ):
            assert line.get_linestyle() == dashes
            np.testing.assert_array_equal(line.get_xdata(), ds[along])
            np.testing.assert_array_equal(line.get_ydata(), one[name].where(part))
            seen += int(np.isfinite(line.get_ydata()).sum())
    assert seen == int(np.isfinite(ds[name]).sum())
    assert len(ax.get_legend().get_texts()) == 3


def test_thresholds_of_equidistant_patterns_are_marked():
    ax = studies.plot_equidistant_states(CASES[1][1])
    marked = [line.get_xdata()[0] for line in ax.lines if line.get_linestyle() == ":"]
    assert marked == theory.attention.equidistant_thresholds(5).coupling.values.tolist()
    assert ax.get_ylabel() == "weight of a pattern, n = 5"
    pairs = studies.plot_equidistant_states(CASES[2][1])
    assert pairs.get_ylabel() == "weight of each pattern, n = 5"


def test_numbers_of_patterns_are_decimal_logarithms():
    ds = theory.attention.ensured_patterns(20, 3.0, np.geomspace(0.1, 10.0, 20))
    typical, ensured = studies.plot_ensured_patterns(ds).lines
    np.testing.assert_allclose(10 ** typical.get_ydata(), np.exp(ds.log_typical_patterns))
    np.testing.assert_allclose(10 ** ensured.get_ydata(), np.exp(ds.log_ensured_patterns))
    assert np.isnan(ensured.get_ydata()).any()


def test_parts_of_heads_add_up():
    x = np.random.default_rng(1).normal(size=(2, 3, 40, 16))
    ds = attention.head_statistics(attention.weights(x, x, [[0.01], [0.2], [2.0]]))
    ax = studies.plot_head_classes(ds)
    heights = np.array([[bar.get_height() for bar in bars] for bars in ax.containers])
    for k, name in enumerate(CLASSES):
        expected = (ds.head_class == name).mean(("batch", "query"))
        np.testing.assert_allclose(heights[k], expected)
    np.testing.assert_allclose(heights.sum(axis=0), 1.0)
    assert (heights > 0.04).sum() > 4
    other = studies.plot_head_classes(ds, along="batch")
    assert len(other.containers[0]) == 2


def test_figures_go_where_they_are_asked_to():
    _, ax = plt.subplots()
    draw, ds, _, _ = CASES[0]
    assert draw(ds, ax=ax) is ax
    assert len(plt.get_fignums()) == 1


@pytest.mark.parametrize(
    ("draw", "ds", "message"),
    [
        (studies.plot_pair_states, pair_states(np.eye(2), 2.0), r"of beta, got 2\.0"),
        (studies.plot_pair_states, pair_states(np.eye(2), [2.0]), r"of beta, got \[2\.0\]"),
        (studies.plot_equidistant_states, equidistant_states(3, 2.0), "of coupling, got"),
        (studies.plot_cluster_states, cluster_states(3, 3, 0.5, 0.0, 2.0), "of beta, got"),
        (studies.plot_ensured_patterns, ensured_patterns(20, 3.0, 1.0), "of beta, got"),
        (studies.plot_pair_states, equidistant_states(3, [2.0, 3.0]), "of beta, got none"),
        (
            studies.plot_head_classes,
            attention.head_statistics([[0.5, 0.5]]),
            r"along must be one of the dimensions \['query'\], got 'head'",
        ),
    ],
)
def test_figures_without_lines_are_refused(draw, ds, message):
    with pytest.raises(hopfield.InputError, match=message):
        draw(ds)
    assert not plt.get_fignums()
