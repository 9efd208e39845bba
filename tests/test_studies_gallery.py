"""Models side by side: the numbers are those of theory, and the figures show them."""

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest

import theory
from hopfield import Dense, Hopfield, InputError
from studies.families import ENDS, capacity_by_order, crosstalk_variance, noise_tolerance
from studies.figures import gallery

ORDERS = (2, 3, 6)
BOTH = (False, True)


@pytest.fixture(autouse=True)
def own_figures(monkeypatch):
    """No figure before or after a test, and nothing is shown."""
    monkeypatch.setattr(plt, "show", lambda *_, **__: pytest.fail("plt.show was called"))
    plt.close("all")
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def ends():
    return capacity_by_order(ORDERS)


@pytest.fixture(scope="module")
def diagrams():
    return [theory.phase_diagram(Dense(p, full), points=20) for full in BOTH for p in (2, 3, 4)]


@pytest.fixture(scope="module")
def tolerance():
    return noise_tolerance((3, 4), size=100, points=30)


# Results


@pytest.mark.parametrize("full", BOTH)
@pytest.mark.parametrize("p", [2, 3, 4, 7, 12])
def test_variance_of_the_crosstalk_field(p, full):
    expected = math.prod(range(1, 2 * p - 2, 2)) if full else math.factorial(p - 1)
    assert crosstalk_variance(Dense(p, full)) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("full", BOTH)
@pytest.mark.parametrize("p", ORDERS)
def test_ends_lie_on_the_line_where_retrieval_ends(ends, p, full):
    model, one = Dense(p, full), ends.sel(p=p, self_interaction=full)
    inner = one.isel(point=slice(3))
    again = theory.capacity(model, inner.temperature.values)["load"]
    np.testing.assert_allclose(again, inner["load"], rtol=1e-6)
    cold, largest, half, none = (one.sel(point=name) for name in ENDS)
    assert cold.temperature == none["load"] == 0.0
    assert half["load"] == cold["load"] / 2.0
    assert half.temperature > largest.temperature > 0.0
    everywhere = theory.capacity(model, np.linspace(0.0, 0.999 * none.temperature.item(), 200))
    highest = everywhere["load"].max().item()
    assert highest <= largest["load"].item() * (1.0 + 1e-9)
    assert highest == pytest.approx(largest["load"].item(), rel=1e-3)
    with pytest.raises(InputError, match="does not exist"):
        theory.capacity(model, none.temperature.item())
    assert theory.capacity(model, 0.999 * none.temperature.item())["load"] > 0.0


def test_energies_coincide_where_they_must_and_nowhere_else(ends):
    without, full = (ends.sel(self_interaction=kind) for kind in BOTH)
    np.testing.assert_allclose(without.sel(p=2).temperature, full.sel(p=2).temperature, rtol=1e-9)
    np.testing.assert_allclose(without.sel(p=2)["load"], full.sel(p=2)["load"], rtol=1e-9)
    none = {"point": "zero load"}
    np.testing.assert_array_equal(without.temperature.sel(none), full.temperature.sel(none))
    for p in (3, 6):
        ratio = crosstalk_variance(Dense(p, True)) / crosstalk_variance(Dense(p))
        one, other = without["load"].sel(p=p), ratio * full["load"].sel(p=p)
        assert one.sel(point=ENDS[0]).item() == pytest.approx(other.sel(point=ENDS[0]).item())
        assert one.sel(point=ENDS[1]).item() > 1.05 * other.sel(point=ENDS[1]).item()
        hot = (kind.temperature.sel(p=p, point="half load").item() for kind in (without, full))
        assert next(hot) > 1.02 * next(hot)


@pytest.mark.parametrize("p", [3, 6])
def test_largest_load_without_self_interaction_is_on_the_nishimori_line(ends, p):
    top = ends.sel(p=p, self_interaction=False, point="largest load")
    exact = theory.phase_diagram(Dense(p), points=2).sel(line="nishimori").isel(point=-1)
    assert top["load"].item() == pytest.approx(exact["load"].item(), rel=1e-8)
    assert top.temperature.item() == pytest.approx(exact.temperature.item(), rel=1e-3)


def test_noise_falls_with_the_square_root_of_the_patterns_down_to_none_at_capacity(tolerance):
    for p in (3, 4):
        model, one = Dense(p), tolerance.sel(p=p, self_interaction=False)
        most = theory.capacity(model)["load"].item() * 100.0 ** (p - 1)
        patterns, noise = one.n_patterns.values, one.coupling_noise.values
        assert patterns[0] == pytest.approx(1.0)
        assert patterns[-1] == pytest.approx(most / 1.01)
        assert (np.diff(patterns) > 0.0).all()
        assert (np.diff(noise) < 0.0).all()
        np.testing.assert_allclose(noise**2 + 1.0, most / patterns, rtol=1e-9)
        np.testing.assert_allclose(one["load"], patterns / 100.0 ** (p - 1), rtol=1e-12)
        for b in (0.5, 1.0):
            scaled = theory.tolerated_noise(model, 1.0, exponent=b).coupling_noise.item()
            w = np.exp(np.interp(b * np.log(100.0), np.log(patterns), np.log(noise)))
            lost = 100.0**b / most  # the smaller power of N leaves w² + 1 = w²
            assert w == pytest.approx(scaled * 100.0 ** ((p - 1 - b) / 2), rel=2.0 * lost)


def test_less_noise_is_tolerated_at_a_temperature_where_less_is_stored():
    cold, warm = (noise_tolerance([3], temperature=t, points=5).squeeze() for t in (0.3, 0.5))
    assert warm.coupling_noise[0] < cold.coupling_noise[0]
    assert warm.n_patterns[-1] < cold.n_patterns[-1]
    with pytest.raises(InputError, match=r"does not exist at temperature 0\.6"):
        noise_tolerance([3], temperature=0.6)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: capacity_by_order([]), "orders must be one or more"),
        (lambda: capacity_by_order([1]), "p must be an integer >= 2, got 1"),
        (lambda: capacity_by_order([101]), "p up to 100"),
        (lambda: noise_tolerance([]), "orders must be one or more"),
        (lambda: noise_tolerance([2]), "p >= 3"),
        (lambda: noise_tolerance([3], size=1), "size must be an integer >= 2, got 1"),
        (lambda: noise_tolerance([3], size=2), "size must be larger, 2 spins"),
        (lambda: noise_tolerance([3], points=1), "points must be an integer >= 2, got 1"),
        (lambda: noise_tolerance([3], temperature=-1.0), "temperature must be"),
    ],
)
def test_bad_arguments(call, words):
    with pytest.raises(InputError, match=words):
        call()


def test_every_name_has_words(ends, tolerance):
    for ds in (ends, tolerance):
        for name in (*ds.variables,):
            assert ds[name].attrs["long_name"], name
            assert "units" in ds[name].attrs, name
    assert ends.p.values.tolist() == list(ORDERS)
    again = capacity_by_order([3, 3])
    assert again.p.values.tolist() == [3]


# Figures


def assert_drawn(ax, label, x, y):
    (line,) = (line for line in ax.lines if line.get_label() == label)
    np.testing.assert_allclose(line.get_xdata(), x)
    np.testing.assert_allclose(line.get_ydata(), y)


def test_capacity_by_order_shows_loads_and_temperatures(ends):
    figure = gallery.plot_capacity_by_order(ends)
    left, middle, right = figure.axes
    assert plt.get_fignums() == [figure.number]
    assert left.get_yscale() == "log"
    for full, word in ((False, "without"), (True, "with")):
        one = ends.sel(self_interaction=full)
        variance = [crosstalk_variance(Dense(p, full)) for p in ORDERS]
        for end, words in ((ENDS[0], "T = 0"), (ENDS[1], "largest over T")):
            load, label = one["load"].sel(point=end), f"{word} self-interaction, {words}"
            assert_drawn(left, label, ORDERS, load)
            assert_drawn(middle, label, ORDERS, load * variance)
        half = one.temperature.sel(point="half load")
        assert_drawn(right, f"{word} self-interaction, half the capacity", ORDERS, half)
    melting = ends.temperature.sel(point="zero load", self_interaction=True)
    assert_drawn(right, "zero load", ORDERS, melting)
    for ax in figure.axes:
        assert ax.get_xlabel() == "spins in an interaction p"
        assert ax.get_ylabel()


def test_phase_diagrams_have_a_panel_for_every_model_and_one_legend(diagrams):
    figure = gallery.plot_phase_diagrams(diagrams)
    assert plt.get_fignums() == [figure.number]
    words = {False: "without self-interaction", True: "with self-interaction"}
    titles = [f"p = {p}, {words[full]}" for full in BOTH for p in (2, 3, 4)]
    assert [ax.get_title() for ax in figure.axes] == titles
    assert all(ax.get_legend() is None for ax in figure.axes)
    for ax, ds in zip(figure.axes, diagrams, strict=True):
        assert len(ax.lines) == ds.sizes["line"]
        for line, name in zip(ax.lines, ds.line.values, strict=True):
            np.testing.assert_array_equal(line.get_xdata(), ds["load"].sel(line=name))
    (legend,) = figure.legends
    labels = [text.get_text() for text in legend.get_texts()]
    assert labels == [
        "spin glass $T_g$", "end of retrieval $T_M$", "retrieval is stable $T_c$",
        "replica symmetry breaks $T_{AT}$", "Nishimori line",
    ]  # fmt: skip
    colors = [line.get_color() for line in figure.axes[1].lines]
    assert [handle.get_color() for handle in legend.legend_handles] == colors


def test_models_that_are_not_given_leave_no_panel(diagrams):
    figure = gallery.plot_phase_diagrams([diagrams[0], diagrams[4]])
    shown = [ax.get_title() for ax in figure.axes if ax.get_visible()]
    assert shown == ["p = 2, without self-interaction", "p = 3, with self-interaction"]


def test_energies_are_drawn_over_the_load_in_which_they_coincide(diagrams):
    chosen = [diagrams[k] for k in (1, 2, 4, 5)]
    ax = gallery.plot_energies(chosen)
    for ds, (p, full) in zip(chosen, [(3, False), (4, False), (3, True), (4, True)], strict=True):
        end = ds.sel(line="spinodal")
        word = "with" if full else "without"
        reduced = end["load"] * crosstalk_variance(Dense(p, full))
        assert_drawn(ax, f"p = {p}, {word} self-interaction", end.temperature, reduced)
    three, four, full_three, full_four = ax.lines
    assert three.get_color() == full_three.get_color() != four.get_color()
    assert three.get_linestyle() == four.get_linestyle() != full_four.get_linestyle()
    assert (ax.get_xlabel(), ax.get_ylabel()) == (
        "temperature T",
        r"capacity $\alpha_c \, \xi'(1)$",
    )


def test_noise_tolerance_is_drawn_with_powers_of_the_size(tolerance):
    ax = gallery.plot_noise_tolerance(tolerance)
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    for p in (3, 4):
        one = tolerance.sel(p=p, self_interaction=False)
        assert_drawn(ax, f"p = {p}", one.n_patterns, one.coupling_noise)
    assert ax.get_xlabel() == "number of patterns K, N = 100"
    ax.figure.canvas.draw()
    across, up = ax.child_axes
    labels = {
        across.xaxis: ["$N^{0}$", "$N^{1}$", "$N^{2}$"],
        up.yaxis: ["$N^{0}$", "$N^{0.5}$", "$N^{1}$"],
    }
    for axis, words in labels.items():
        assert [text.get_text() for text in axis.get_ticklabels()] == words
    np.testing.assert_allclose(across.get_xticks(), [1.0, 100.0, 10000.0])
    np.testing.assert_allclose(up.get_yticks(), [1.0, 10.0, 100.0])


@pytest.mark.parametrize("name", ["energies", "noise_tolerance"])
def test_draws_into_the_axes_given(diagrams, tolerance, name):
    given = {"energies": diagrams[:2], "noise_tolerance": tolerance}[name]
    figure, (left, right) = plt.subplots(1, 2)
    assert getattr(gallery, f"plot_{name}")(given, ax=left) is left
    assert plt.get_fignums() == [figure.number]
    assert left.has_data()
    assert not right.has_data()


def test_can_be_written(ends, diagrams, tolerance, tmp_path):
    figures = [
        gallery.plot_capacity_by_order(ends),
        gallery.plot_phase_diagrams(diagrams),
        gallery.plot_energies(diagrams).figure,
        gallery.plot_noise_tolerance(tolerance).figure,
    ]
    for k, figure in enumerate(figures):
        figure.savefig(tmp_path / f"{k}.png")
        assert (tmp_path / f"{k}.png").read_bytes().startswith(b"\x89PNG")


def test_hopfield_is_the_model_of_two_bodies(ends):
    cold = ends["load"].sel(p=2, self_interaction=False, point="zero temperature")
    assert cold.item() == theory.capacity(Hopfield())["load"].item()
