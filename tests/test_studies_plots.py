"""Figures show the numbers they are given, all of them, and touch no figure but their own."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr
from matplotlib.collections import PathCollection, QuadMesh

import montecarlo
import theory
from hopfield import Dense, Hopfield
from studies import compare, compare_points
from studies.comparison import as_points
from studies.figures import overview, solutions

QUICK = {"size": [60, 90], "disorder": 3, "replicas": 3, "sweeps": 6, "burn_in": 4}


@pytest.fixture(autouse=True)
def own_figures(monkeypatch):
    """No figure before or after a test, and nothing is shown."""
    monkeypatch.setattr(plt, "show", lambda *_, **__: pytest.fail("plt.show was called"))
    plt.close("all")
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def diagram():
    return theory.phase_diagram(Hopfield(), points=15)


@pytest.fixture(scope="module")
def points():
    """All phases."""
    return compare_points(Hopfield(), [0.05, 0.05, 0.15, 0.02], [1.5, 0.3, 0.4, 0.4], **QUICK)


@pytest.fixture(scope="module")
def series():
    network = Hopfield().network(size=60, n_patterns=3, seed=1)
    return montecarlo.sample(network, 0.5, sweeps=20, burn_in=5, replicas=4)


def grid_of(load, temperature):
    return compare(Hopfield(), load, temperature, **QUICK)


SHAPES = {
    "pairs": lambda: compare_points(Hopfield(), [0.05, 0.02], [1.5, 0.3], **QUICK),
    "grid": lambda: grid_of([0.05, 0.02], [1.5, 0.3, 0.5]),
    "loads": lambda: grid_of([0.05, 0.02], 0.3),
    "temperatures": lambda: grid_of(0.02, [0.3, 0.5, 1.4]),
    "single point": lambda: grid_of(0.02, 0.3),
}


@pytest.fixture(scope="module", params=SHAPES)
def comparison(request):
    """A comparison in each of the shapes that it can have."""
    return SHAPES[request.param]()


def assert_lines_are(ax, expected):
    """The curves of `ax` are those of `expected`, (x, y) by label."""
    drawn = {line.get_label(): line for line in ax.lines if not line.get_label().startswith("_")}
    assert drawn.keys() == expected.keys()
    for label, (x, y) in expected.items():
        np.testing.assert_array_equal(drawn[label].get_xdata(), x)
        np.testing.assert_array_equal(drawn[label].get_ydata(), y)


# Every function


CALLS = {
    "phase_diagram": ("diagram",),
    "retrieval": ("points",),
    "comparison": ("points",),
    "solution": ("solution",),
    "capacity": ("capacity",),
    "series": ("series",),
}


def drawer(name):
    """The function that draws a thing."""
    home = solutions if name in ("solution", "capacity") else overview
    return getattr(home, f"plot_{name}")


@pytest.fixture
def inputs(diagram, points, series):
    solution = theory.solve(Hopfield(), 0.05, [0.1, 0.3])
    capacity = theory.capacity(Hopfield(), [0.0, 0.3])
    return {
        "diagram": diagram, "points": points, "series": series, "solution": solution,
        "capacity": capacity,
    }  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_draws_into_the_axes_given_or_into_a_figure_of_its_own(inputs, name):
    draw = drawer(name)
    given = [inputs[key] for key in CALLS[name]]
    figure, (left, right) = plt.subplots(1, 2)
    assert draw(*given, ax=left) is left
    assert plt.get_fignums() == [figure.number]
    assert left.has_data()
    assert not right.has_data()
    own = draw(*given)
    assert own.figure is not figure
    assert len(plt.get_fignums()) == 2
    assert own.get_xlabel() == left.get_xlabel() != ""
    assert own.get_ylabel() == left.get_ylabel() or name == "solution"


@pytest.mark.parametrize("name", CALLS)
def test_leaves_its_data_alone(inputs, name):
    given = [inputs[key].copy(deep=True) for key in CALLS[name]]
    drawer(name)(*given)
    for before, after in zip((inputs[key] for key in CALLS[name]), given, strict=True):
        xr.testing.assert_identical(after, before)


@pytest.mark.parametrize("name", CALLS)
def test_can_be_written(inputs, name, tmp_path):
    ax = drawer(name)(*[inputs[key] for key in CALLS[name]])
    ax.figure.savefig(tmp_path / "figure.png")
    assert (tmp_path / "figure.png").read_bytes().startswith(b"\x89PNG")


# Phase diagram


COMMON = {
    "glass": "spin glass $T_g$",
    "spinodal": "end of retrieval $T_M$",
    "first-order": "retrieval is stable $T_c$",
    "at": "replica symmetry breaks $T_{AT}$",
}
ONE_STEP = {"glass": "spin glass $T_g$ (1RSB)"}
FIELD = {"glass": "spin glass in random field $T_g$"}
MODELS = {
    Hopfield(): (COMMON, "K/N"),
    Dense(2, True): (COMMON, "K/N"),
    Dense(3): (COMMON | ONE_STEP | {"nishimori": "Nishimori line"}, "K/N²"),
    Dense(3, True): (COMMON | FIELD, "K/N²"),
    Dense(4): (COMMON | ONE_STEP | {"nishimori": "Nishimori line"}, "K/N³"),
    Dense(4, True): (COMMON, "K/N³"),
    Dense(5, True): (COMMON | {"glass": "spin glass in random field $T_g$ (1RSB)"}, "K/N⁴"),
    Dense(6, True): (COMMON | ONE_STEP, "K/N⁵"),
}


@pytest.fixture(scope="module", params=MODELS, ids=str)
def model_diagram(request):
    """A model and its phase diagram."""
    return request.param, theory.phase_diagram(request.param, points=40)


def test_phase_diagram_shows_every_line(model_diagram):
    model, diagram = model_diagram
    ax = overview.plot_phase_diagram(diagram)
    labels, unit = MODELS[model]
    assert set(diagram.line.values) == labels.keys()
    lines = {label: diagram.sel(line=name) for name, label in labels.items()}
    assert_lines_are(
        ax, {label: (one["load"].values, one.temperature.values) for label, one in lines.items()}
    )
    assert [text.get_text() for text in ax.get_legend().get_texts()] == list(labels.values())
    assert (ax.get_xlabel(), ax.get_ylabel()) == (f"load α = {unit}", "temperature T")
    assert ax.get_xlim() == (0.0, diagram["load"].max())
    assert ax.get_ylim()[1] > diagram.temperature.max()


def test_retrieval_region_is_shaded_up_to_its_end_at_every_temperature(model_diagram):
    model, diagram = model_diagram
    region, broken = overview.plot_phase_diagram(diagram).collections
    temperature = diagram.temperature.sel(line="spinodal").values[1:-1]
    end = theory.capacity(model, temperature)["load"].values
    for fraction, inside in ((0.01, True), (0.999, True), (1.001, False)):
        points = np.column_stack([fraction * end, temperature])
        assert (region.get_paths()[0].contains_points(points) == inside).all()
    # Dark up to the end as well, but only below the highest temperature of the other line.
    hottest = float(diagram.temperature.sel(line="at").max())
    inner = (temperature > 0.1 * hottest) & (temperature < 0.9 * hottest)
    assert inner.any()
    shaded = broken.get_paths()[0].contains_points(np.column_stack([0.999 * end, temperature]))
    assert shaded[inner].all()
    assert not shaded[temperature > hottest].any()
    stable = theory.capacity(model, 0.5 * hottest)["load"].item() * 0.5
    assert theory.solve(model, stable, 0.5 * hottest).replicon > 0.0
    assert not broken.get_paths()[0].contains_point((stable, 0.5 * hottest))


def test_legend_is_above_the_axes_and_inside_the_figure(model_diagram):
    ax = overview.plot_phase_diagram(model_diagram[1])
    ax.figure.canvas.draw()
    legend, frame = ax.get_legend().get_window_extent(), ax.get_window_extent()
    assert legend.y0 >= frame.y1
    assert ax.figure.bbox.containsx(legend.x1)
    assert ax.figure.bbox.containsy(legend.y1)
    assert frame.width > 0.7 * ax.figure.bbox.width


def test_line_without_a_name_is_drawn_as_well(diagram):
    extra = diagram.sel(line=["glass"]).assign_coords(line=["coexistence"])
    ax = overview.plot_phase_diagram(xr.concat([diagram, extra], "line", join="exact"))
    assert ax.get_legend().get_texts()[-1].get_text() == "coexistence"


# Comparison


def test_points_are_the_same_in_every_shape(comparison):
    flat = as_points(comparison)
    assert flat["load"].dims == flat.temperature.dims == flat.overlap_z.dims == ("point",)
    assert flat.sizes["point"] == comparison.overlap_z.size
    for k in range(flat.sizes["point"]):
        one = flat.isel(point=k)
        where = {name: one[name].item() for name in ("load", "temperature")}
        if "point" in comparison.dims:
            same = comparison.isel(point=k)
        else:
            same = comparison.sel({n: v for n, v in where.items() if n in comparison.dims})
        assert same["load"].item() == where["load"]
        assert same.temperature.item() == where["temperature"]
        np.testing.assert_array_equal(same.energy_z, one.energy_z)
        np.testing.assert_array_equal(same.overlap, one.overlap)
    assert flat.temperature.attrs["units"] == "J"


def test_comparison_shows_every_score_with_its_error(comparison):
    ax = overview.plot_comparison(comparison)
    flat = as_points(comparison)
    count = flat.sizes["point"]
    assert len(ax.containers) == 3
    names = {"overlap m": "overlap", "energy u": "energy", "self-overlap q": "replica_overlap"}
    assert [container.get_label() for container in ax.containers] == list(names)
    for container, name in zip(ax.containers, names.values(), strict=True):
        markers, _, (bars,) = container
        shown = np.asarray(markers.get_ydata(), dtype=float)
        np.testing.assert_array_equal(shown, flat[f"{name}_z"])
        assert np.abs(markers.get_xdata() - np.arange(count)).max() < 0.5
        for segment, z in zip(bars.get_segments(), flat[f"{name}_z"].values, strict=True):
            if np.isfinite(z):
                np.testing.assert_allclose(segment[:, 1], [z - 1.0, z + 1.0])
    ticks = [text.get_text() for text in ax.get_xticklabels()]
    assert ticks == [
        f"{a:.3g}, {t:.3g}"
        for a, t in zip(flat["load"].values, flat.temperature.values, strict=True)
    ]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("α, T", "(simulation − theory) / standard error")


def scatters(ax):
    return [collection for collection in ax.collections if isinstance(collection, PathCollection)]


def test_retrieval_shows_every_point_with_its_overlap(comparison):
    ax = overview.plot_retrieval(comparison)
    flat = as_points(comparison)
    drawn = scatters(ax)
    phases = [str(phase) for phase in flat.phase.values]
    assert len(drawn) == len(set(phases))
    assert {c.get_label() for c in drawn} == {f"simulation, {phase}" for phase in phases}
    for collection in drawn:
        chosen = flat.phase.values == collection.get_label().removeprefix("simulation, ")
        expected = np.column_stack([flat["load"].values, flat.temperature.values])[chosen]
        np.testing.assert_array_equal(collection.get_offsets(), expected)
        largest = flat.overlap.sel(size=90).values[chosen]
        np.testing.assert_array_equal(collection.get_array(), largest)
        assert collection.get_clim() == (0.0, 1.0)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("load α = K/N", "temperature T")
    bar = ax.figure.axes[1]
    assert bar.get_ylabel() == "simulated overlap m, N = 90"
    for (low, high), along in ((ax.get_xlim(), "load"), (ax.get_ylim(), "temperature")):
        assert low <= flat[along].min()
        assert flat[along].max() <= high


def test_overview_is_one_figure_with_both(diagram, points):
    figure = overview.plot_overview(diagram, points)
    assert plt.get_fignums() == [figure.number]
    left, right, bar = figure.axes
    assert len(left.lines) == diagram.sizes["line"]
    assert sum(len(c.get_offsets()) for c in scatters(left)) == points.sizes["point"]
    assert {c.get_label() for c in scatters(left)} == {
        "simulation, retrieval", "simulation, glass", "simulation, paramagnet",
    }  # fmt: skip
    assert len(right.containers) == 3
    assert bar.get_ylabel().startswith("simulated overlap m")
    assert left.get_ylim()[1] >= points.temperature.max()


# Theory


@pytest.mark.parametrize(
    ("load", "temperature", "along", "label"),
    [
        (0.05, [0.1, 0.3, 0.5], "temperature", "temperature T"),
        ([0.02, 0.05], 0.3, "load", "load α = K/N"),
        (0.05, 0.3, "temperature", "temperature T"),
        ([0.05], 0.3, "load", "load α = K/N"),
    ],
)
def test_solution_along_an_array_is_a_curve(load, temperature, along, label):
    ds = theory.solve(Hopfield(), load, temperature)
    ax = solutions.plot_solution(ds)
    x = np.atleast_1d(ds[along].values)
    assert_lines_are(
        ax,
        {
            "overlap m": (x, np.atleast_1d(ds.overlap.values)),
            "self-overlap q": (x, np.atleast_1d(ds.self_overlap.values)),
        },
    )
    assert ax.get_xlabel() == label


@pytest.mark.parametrize(
    ("loads", "temperatures"), [([0.02, 0.05, 0.2], [0.1, 0.3]), ([0.1], [0.2])]
)
def test_solution_on_a_grid_is_a_map(loads, temperatures):
    ds = theory.solve(Hopfield(), loads, temperatures)
    ax = solutions.plot_solution(ds)
    (mesh,) = [c for c in ax.collections if isinstance(c, QuadMesh)]
    shown = np.ma.filled(mesh.get_array(), np.nan).reshape(len(temperatures), len(loads))
    np.testing.assert_array_equal(shown, ds.overlap.transpose("temperature", "load"))
    assert mesh.get_clim() == (0.0, 1.0)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("load α = K/N", "temperature T")
    assert ax.figure.axes[1].get_ylabel() == "overlap m"


@pytest.mark.parametrize("temperature", [0.0, [0.0, 0.2, 0.5]])
def test_capacity_is_a_curve(temperature):
    ds = theory.capacity(Hopfield(), temperature)
    ax = solutions.plot_capacity(ds)
    (line,) = ax.lines
    np.testing.assert_array_equal(line.get_xdata(), np.atleast_1d(temperature))
    np.testing.assert_array_equal(line.get_ydata(), np.atleast_1d(ds["load"].values))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("temperature T", "capacity α_c = K/N")
    assert ax.get_ylim()[0] == 0.0


# Series


def test_series_of_every_replica_and_their_mean(series):
    ax = overview.plot_series(series)
    *replicas, mean = ax.lines
    assert len(replicas) == 4
    for line, values in zip(replicas, series.overlap_series.values, strict=True):
        np.testing.assert_array_equal(line.get_xdata(), np.arange(20))
        np.testing.assert_array_equal(line.get_ydata(), values)
    assert set(mean.get_ydata()) == {series.overlap.item()}
    (band,) = ax.patches
    bottom, height = band.get_y(), band.get_height()
    assert height == pytest.approx(4.0 * series.overlap_stderr.item())
    assert bottom + height / 2.0 == pytest.approx(series.overlap.item())
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("sweep", "overlap m")
