"""Figures of how much data learning takes: they show the numbers they are given."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest

import theory
from hopfield import Dense, Supervised, Unsupervised
from studies.families import crosstalk_variance
from studies.figures import gallery, overview, planes, solutions
from studies.figures.labels import line_label, line_words
from theory.learning.examples import OVERLAP

KINDS = (Supervised, Unsupervised)
POINTS = 9


@pytest.fixture(autouse=True)
def own_figures(monkeypatch):
    """No figure before or after a test, and nothing is shown."""
    monkeypatch.setattr(plt, "show", lambda *_, **__: pytest.fail("plt.show was called"))
    plt.close("all")
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def cold():
    """Planes of entropy and load at zero temperature."""
    models = [kind(p, 0.6, 20) for kind in KINDS for p in (2, 3)]
    return [theory.phase_diagram(model, temperature=0.0, points=POINTS) for model in models]


@pytest.fixture(scope="module")
def given_load():
    """Plane of entropy and temperature."""
    return theory.phase_diagram(Supervised(2, 0.6, 20), load=0.01, points=6, max_entropy=0.9)


@pytest.fixture(scope="module")
def threshold():
    quality = np.geomspace(0.02, 0.5, 12)
    models = [kind(3, 0.5, 1) for kind in KINDS]
    return [theory.learning_threshold(model, [0.0, 0.1], quality=quality) for model in models]


def labelled(ax):
    return {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}


def assert_drawn(line, x, y):
    np.testing.assert_array_equal(line.get_xdata(), x)
    np.testing.assert_array_equal(line.get_ydata(), y)


# Planes


WORDS = {
    "spinodal": "end of retrieval",
    "first-order": "retrieval is stable",
    "glass": "spin glass",
    "at": "replica symmetry breaks",
    "learning": "signal equals noise",
    "archetype": "overlap with archetypes 0.68",
}


def test_words_say_which_overlap_it_is():
    assert f"{OVERLAP:.2f}" in WORDS["archetype"]
    for line, words in WORDS.items():
        assert line_words(line, Supervised(3, 0.5, 20)) == words
    assert line_label("glass", Unsupervised(3, 0.5, 20)) == line_label("glass", Dense(3))
    assert line_label("glass", Unsupervised(2, 0.5, 20)) == "spin glass $T_g$"
    assert line_label("learning", Supervised(3, 0.5, 20)) == "signal equals noise"


@pytest.mark.parametrize("k", range(5))
def test_plane_shows_every_line(cold, given_load, k):
    ds = [*cold, given_load][k]
    name, label = ("load", "load α = K/N") if k < 4 else ("temperature", "temperature T")
    ax = overview.plot_phase_diagram(ds)
    drawn = labelled(ax)
    assert list(drawn) == [WORDS[line] for line in ds.line.values]
    for line in ds.line.values:
        one = ds.sel(line=line)
        assert_drawn(drawn[WORDS[line]], one.dataset_entropy, one[name])
    assert ax.get_xlabel().startswith("entropy of the data set")
    assert ax.get_ylabel().removesuffix("²") == label
    assert ax.get_xlim() == (0.0, ds.dataset_entropy.max())
    assert ax.get_ylim()[1] > ds[name].sel(line="spinodal").max()
    title = ax.get_legend().get_title().get_text()
    assert title.endswith("M = 20, T = 0" if k < 4 else "M = 20, α = 0.01")


@pytest.mark.parametrize("k", [0, 1, 2, 3])
def test_shade_is_dark_where_the_states_of_the_retrieval_phase_are_close_to_archetypes(cold, k):
    ds = cold[k]
    light, dark = planes.plot_plane(ds).collections
    model = (Supervised, Supervised, Unsupervised, Unsupervised)[k]
    seen = set()
    for j in range(1, POINTS):
        rho = ds.dataset_entropy.values[0, j].item()
        data = model(2 + k % 2, (1.0 + 20 * rho) ** -0.5, 20)
        end = theory.capacity(data)["load"].item()
        # a little to the side, as the edges of the shade are straight between the points
        for part in (0.05, 0.5, 0.95):
            overlap = theory.solve(data, part * end, 0.0).overlap.item()
            if abs(overlap - OVERLAP) < 0.02:
                continue
            inside = [
                shade.get_paths()[0].contains_point((rho, part * end)) for shade in (light, dark)
            ]
            assert inside == [overlap < OVERLAP, overlap > OVERLAP]
            seen.add(overlap > OVERLAP)
        outside = (rho, 1.02 * end)
        assert not any(shade.get_paths()[0].contains_point(outside) for shade in (light, dark))
    assert seen == {False, True}


def test_plane_without_retrieval_is_not_shaded(given_load):
    ax = planes.plot_plane(given_load.sel(line=["glass"]))
    assert not ax.collections
    assert ax.get_ylim()[1] > given_load.temperature.sel(line="glass").max()


# Capacities


def test_capacities_and_the_overlaps_that_are_left(cold):
    figure = planes.plot_capacity_by_entropy(cold)
    axes = np.reshape(figure.axes, (2, 2))
    assert [ax.get_title() for ax in axes[0]] == ["supervised", "unsupervised, M = 20"]
    for k, ds in enumerate(cold):
        p, (top, bottom) = 2 + k % 2, axes[:, k // 2]
        end = ds.sel(line="spinodal")
        capacity = labelled(top)[f"p = {p}"]
        assert_drawn(capacity, end.dataset_entropy, end["load"] * math.factorial(p - 1))
        overlap, effective = (labelled(bottom)[f"{letter}, p = {p}"] for letter in "mn")
        assert_drawn(overlap, end.dataset_entropy, end.overlap)
        assert_drawn(effective, end.dataset_entropy, end.effective_overlap)
        assert overlap.get_color() == effective.get_color() == capacity.get_color()
        assert overlap.get_linestyle() != effective.get_linestyle()
    thick = [line for line in axes[1, 0].lines if line.get_linewidth() > 2.0]
    assert len(thick) == 4
    for line, ds in zip(thick[::2], cold[:2], strict=True):
        shown = np.isfinite(line.get_ydata())
        assert shown.tolist() == (ds.overlap.sel(line="spinodal") >= OVERLAP).values.tolist()
        assert 0 < shown.sum() < POINTS


@pytest.mark.parametrize("kind", KINDS)
def test_overlaps_are_drawn_beside_the_capacity(kind):
    temperature = [0.0, 0.1, 0.2]
    both = [theory.capacity(kind(3, 0.6, 20), temperature, ansatz=a) for a in ("rs", "1rsb")]
    ax = solutions.plot_capacity(*both)
    (right,) = (other for other in ax.figure.axes if other is not ax)
    assert len(ax.lines) == 2
    expected = [one[name] for name in ("overlap", "effective_overlap") for one in both]
    for line, values in zip(right.lines, expected, strict=True):
        assert_drawn(line, temperature, values)
    colors = [line.get_color() for line in ax.lines]
    assert colors[0] != colors[1]
    assert [line.get_color() for line in right.lines] == colors * 2
    words = [text.get_text() for text in ax.get_legend().get_texts()]
    assert words == [
        "replica symmetric", "one-step breaking", "overlap m (right)",
        "effective overlap n (right)",
    ]  # fmt: skip
    styles = [handle.get_linestyle() for handle in ax.get_legend().legend_handles]
    assert styles == ["-", "-", ":", "--"]


def test_solution_shows_both_overlaps():
    ds = theory.solve(Supervised(3, 0.6, 20), 0.01, [0.1, 0.2])
    drawn = labelled(solutions.plot_solution(ds))
    assert_drawn(drawn["overlap m"], ds.temperature, ds.overlap)
    assert_drawn(drawn["effective overlap n"], ds.temperature, ds.effective_overlap)


# Thresholds


def test_threshold_shows_every_load_with_its_power(threshold):
    ax = planes.plot_learning_threshold(*threshold)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert list(labelled(ax)) == [
        "supervised, p = 3, K/N² = 0: $r^{-2.0}$", "supervised, p = 3, K/N² = 0.1: $r^{-2.0}$",
        "unsupervised, p = 3, K/N² = 0: $r^{-2.0}$", "unsupervised, p = 3, K/N² = 0.1: $r^{-6.0}$",
    ]  # fmt: skip
    cells = [one.sel(load=load) for one in threshold for load in (0.0, 0.1)]
    for line, one in zip(ax.lines, cells, strict=True):
        assert_drawn(line, one.quality, one.examples)
    assert [line.get_linestyle() for line in ax.lines] == ["-", "-", "--", "--"]


def test_threshold_at_a_lower_load_and_at_a_point():
    model = Unsupervised(3, 0.5, 1)
    lower = theory.learning_threshold(model, 0.2, quality=[0.1, 0.2], exponent=1, size=100)
    ax = planes.plot_learning_threshold(lower)
    assert ax.lines[0].get_label().startswith("unsupervised, p = 3, K/N = 0.2: $r^")
    point = theory.learning_threshold(model, 0.1, quality=0.2)
    (line,) = planes.plot_learning_threshold(point).lines
    assert line.get_label() == "unsupervised, p = 3, K/N² = 0.1"
    assert_drawn(line, [0.2], [point.examples.item()])
    none = theory.learning_threshold(model, 0.6, quality=[0.1, 0.2])
    (line,) = planes.plot_learning_threshold(none).lines
    assert line.get_label() == "unsupervised, p = 3, K/N² = 0.6"


# Side by side


@pytest.fixture(scope="module")
def diagrams():
    models = [kind(3, 0.6, 20) for kind in KINDS]
    return [theory.phase_diagram(model, points=10) for model in models]


def test_with_and_without_a_teacher_coincide_over_the_variance_of_crosstalk(diagrams):
    models = [kind(3, 0.6, 20) for kind in KINDS]
    assert crosstalk_variance(models[1]) > 1.5 * crosstalk_variance(models[0]) == 3.0
    ax = gallery.plot_energies(diagrams)
    with_teacher, without = ax.lines
    np.testing.assert_allclose(without.get_xdata(), with_teacher.get_xdata(), rtol=1e-9)
    np.testing.assert_allclose(without.get_ydata(), with_teacher.get_ydata(), rtol=1e-7)
    assert with_teacher.get_linestyle() != without.get_linestyle()


def test_phase_diagrams_of_networks_that_learn_have_a_row_each(diagrams):
    figure = gallery.plot_phase_diagrams(diagrams)
    titles = [f"{kind}, p = 3, r = 0.6, M = 20" for kind in ("supervised", "unsupervised")]
    assert [ax.get_title() for ax in figure.axes] == titles
    assert [len(ax.lines) for ax in figure.axes] == [ds.sizes["line"] for ds in diagrams]


@pytest.mark.parametrize("draw", ["plane", "learning_threshold"])
def test_draws_into_the_axes_given(cold, threshold, draw):
    given = {"plane": cold, "learning_threshold": threshold}[draw][0]
    before = given.copy(deep=True)
    figure, (left, right) = plt.subplots(1, 2)
    assert getattr(planes, f"plot_{draw}")(given, ax=left) is left
    assert plt.get_fignums() == [figure.number]
    assert left.has_data()
    assert not right.has_data()
    assert given.identical(before)


def test_can_be_written(cold, given_load, threshold, tmp_path):
    figures = [
        planes.plot_plane(given_load).figure,
        planes.plot_capacity_by_entropy(cold),
        planes.plot_learning_threshold(*threshold).figure,
    ]
    for k, figure in enumerate(figures):
        figure.savefig(tmp_path / f"{k}.png")
        assert (tmp_path / f"{k}.png").read_bytes().startswith(b"\x89PNG")
