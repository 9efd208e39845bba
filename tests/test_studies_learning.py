"""Learning from classes of images: what is drawn, what is measured, what digits show, figures."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
import xarray as xr

import montecarlo
from hopfield import Images, InputError, binarise, class_archetypes, datasets
from hopfield.seeds import Stream, sequence
from hopfield.vocabulary import describe
from studies.figures.learning import plot_learning_curve, plot_reconstructions
from studies.learning import learning_curve, reconstructions
from studies.lessons import draw_lesson, fair_images, own_overlaps, retrieved

SMALL = {"p": (2, 3), "examples": (1, 5), "flips": (0.0, 0.1), "tests": 3, "disorder": 3}


@pytest.fixture(autouse=True)
def own_figures(monkeypatch):
    """No figure before or after a test, and nothing is shown."""
    monkeypatch.setattr(plt, "show", lambda *_, **__: pytest.fail("plt.show was called"))
    plt.close("all")
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def images():
    return fair_images(3, 40, (8, 6), 0.6, seed=1)


@pytest.fixture(scope="module")
def curve(images):
    return learning_curve(images, threshold=0.5, **SMALL)


@pytest.fixture(scope="module")
def of_digits():
    return learning_curve(p=(2, 4), examples=(1, 101), flips=[0.0], disorder=6)


# Lessons


def test_fair_images_are_noisy_examples(images):
    assert images.shape == (8, 6)
    assert [(images.labels == label).sum() for label in range(3)] == [40, 40, 40]
    patterns = binarise(images, 0.5)
    archetypes = class_archetypes(images, [0, 1, 2], threshold=0.5)
    agreement = (patterns * archetypes[images.labels]).mean()
    assert abs(agreement - 0.6) < 4 * 0.8 / np.sqrt(patterns.size) + 0.01  # majority of noisy ones


def rows(patterns):
    return {pattern.tobytes() for pattern in patterns}


def test_lesson_is_of_images_of_the_classes(images):
    patterns = binarise(images, 0.5)
    drawn = draw_lesson(images, [2, 0], 30, 8, threshold=0.5, seed=4)
    assert drawn.examples.shape == (2, 30, 48)
    assert drawn.starts.shape == (2, 9, 48)
    archetypes = class_archetypes(images, [2, 0], threshold=0.5)
    assert (drawn.starts[:, 0] == archetypes).all()
    for k, label in enumerate([2, 0]):
        members = rows(patterns[images.labels == label])
        seen, held_out = rows(drawn.examples[k]), rows(drawn.images[k])
        assert seen < members
        assert held_out < members
        assert not seen & held_out


def test_flips_are_of_pixels_of_examples_alone(images):
    clean, noisy, other = (
        draw_lesson(images, [0, 1], 30, 8, flip_probability=f, threshold=0.5, seed=seed)
        for f, seed in ((0.0, 4), (0.2, 4), (0.2, 5))
    )
    assert (clean.images == noisy.images).all()
    flipped = clean.examples != noisy.examples
    error = np.sqrt(0.2 * 0.8 / flipped.size)
    assert abs(flipped.mean() - 0.2) < 4 * error
    assert abs(flipped.mean() - 0.3) > 4 * error
    assert noisy.quality == pytest.approx(clean.quality * 0.6, abs=0.03)
    assert (noisy.examples != other.examples).any()


def test_retrieved_is_large_and_larger_than_others():
    overlaps = np.array([
        [[0.95, 0.2, 0.0], [0.95, 0.95, 0.0], [0.7, 0.2, 0.0], [0.95, 0.97, 0.0]],
        [[0.0, 0.9, 0.0], [0.0, -0.95, 0.0], [0.99, 0.92, 0.0], [0.0, 0.91, -0.99]],
        [[0.0, 0.0, 1.0], [0.0, 0.0, 0.5], [0.0, 0.0, 0.89], [0.0, 0.95, 0.9]],
    ])  # fmt: skip
    assert own_overlaps(overlaps)[1].tolist() == [0.9, -0.95, 0.92, 0.91]
    expected = [[1, 0, 0, 0], [1, 0, 0, 1], [1, 0, 0, 0]]
    assert (retrieved(overlaps, 0.9) == expected).all()
    assert retrieved(overlaps, 0.0)[0].tolist() == [1, 0, 1, 0]


# Learning curves


def test_names_dims_and_units(curve):
    for name in curve.variables:
        expected = describe(str(name))
        assert {key: curve[name].attrs[key] for key in expected} == expected, name
    dims = ("flip_probability", "p", "teacher", "examples", "start")
    assert curve.overlap.dims == curve.retrieved.dims == curve.overlap_stderr.dims == dims
    assert curve.overlap_sample.shape == (2, 3, 2, 2, 2, 2, 3)
    assert curve.pattern_overlap.shape == (3, 3)


def test_means_and_errors_are_those_of_the_draws(curve):
    of_draws = curve.overlap_sample.mean("pattern")
    np.testing.assert_allclose(curve.overlap, of_draws.mean("disorder"), rtol=1e-12)
    error = of_draws.std("disorder", ddof=1) / np.sqrt(3)
    np.testing.assert_allclose(curve.overlap_stderr, error, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("teacher", ["supervised", "unsupervised"])
@pytest.mark.parametrize("p", [2, 3])
def test_overlaps_are_those_of_the_sampler(images, curve, teacher, p):
    own = sequence(sequence(0), Stream.DISORDER, 1)
    drawn = draw_lesson(images, [0, 1, 2], 5, 3, flip_probability=0.1, threshold=0.5, seed=own)
    network = drawn.taught(teacher, p, 5)
    run = montecarlo.sample(
        network, 0.0, sweeps=20, burn_in=0, replicas=12, start=drawn.starts.reshape(12, -1),
        seed=own,
    )  # fmt: skip
    ends = run.overlap_series.values[:4, -1]  # states of class 0, with archetype 0
    found = curve.overlap_sample.sel(
        p=p, teacher=teacher, examples=5, flip_probability=0.1, disorder=1, pattern=0
    )
    np.testing.assert_allclose(found, [ends[0], ends[1:].mean()], rtol=0, atol=1e-14)


def test_a_single_class_is_remembered_as_the_majority_of_its_examples(images):
    options = {"p": (2, 3, 4), "examples": (1, 5, 11), "flips": [0.1], "disorder": 3}
    one = learning_curve(images, classes=[1], threshold=0.5, **options)
    supervised = one.overlap.sel(teacher="supervised", start="archetype")
    np.testing.assert_allclose(
        supervised.transpose(..., "p"),
        one.majority_overlap.expand_dims(p=one.p).transpose(..., "p"),
    )
    both = learning_curve(images, classes=[0, 1], threshold=0.5, **options)
    assert np.abs(both.overlap.sel(teacher="supervised") - both.majority_overlap).max() > 0.05


def test_heat_moves_spins(images, curve):
    warm = learning_curve(images, threshold=0.5, temperature=0.7, **SMALL)
    assert (warm.flip_rate > 0.01).all()
    assert (curve.flip_rate < 0.01).all()
    assert (warm.overlap.sel(start="archetype") < curve.overlap.sel(start="archetype")).mean() > 0.9


def test_one_example_is_learned_alike_with_and_without_a_teacher(curve):
    one = curve.overlap_sample.sel(examples=1)
    assert (one.sel(teacher="supervised") == one.sel(teacher="unsupervised")).all()
    many = curve.overlap_sample.sel(examples=5)
    assert (many.sel(teacher="supervised") != many.sel(teacher="unsupervised")).any()


def test_a_seed_is_a_result(images, curve):
    again = learning_curve(images, threshold=0.5, **SMALL)
    xr.testing.assert_equal(curve, again)
    other = learning_curve(images, threshold=0.5, **SMALL, seed=1)
    assert (other.overlap_sample != curve.overlap_sample).any()


def test_what_is_measured_does_not_depend_on_what_else_is(images, curve):
    alone = learning_curve(images, threshold=0.5, **SMALL | {"p": [3], "flips": [0.1]})
    xr.testing.assert_equal(alone.overlap, curve.overlap.sel(p=[3], flip_probability=[0.1]))


def test_structured_data_need_interactions_of_higher_order(of_digits):
    # Not so without structure, as the second half shows.
    last = of_digits.sel(examples=101, flip_probability=0.0)
    assert (last.pattern_overlap_rms > 2 * last.pattern_overlap_rms_fair).item()
    low, high = last.sel(p=2), last.sel(p=4)
    error = np.hypot(low.overlap_stderr, high.overlap_stderr)
    assert (high.overlap - low.overlap > 4 * error).all()
    missing = last.majority_overlap - high.overlap
    assert (missing > 4 * np.hypot(high.overlap_stderr, last.majority_overlap_stderr)).all()
    quality = float(last.quality)
    images = fair_images(10, 110, (8, 8), quality, seed=1)
    fair = learning_curve(images, p=[4], examples=[101], flips=[0.0], threshold=0.5, disorder=2)
    assert (fair.pattern_overlap_rms < 2 * fair.pattern_overlap_rms_fair).item()
    assert (fair.overlap > 0.98).all()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"p": [1]}, "p must be an integer >= 2, got 1"),
        ({"p": [3, 2]}, r"p must be ascending integers >= 1, got \[3, 2\]"),
        ({"examples": []}, "examples must be ascending"),
        ({"examples": [38]}, "examples must be <= 40, the number of images of class 0 of fair"),
        ({"flips": [0.5]}, r"flips must be ascending numbers in \[0, 1/2\), got \[0.5\]"),
        ({"flips": [0.2, 0.1]}, "flips must be ascending"),
        ({"classes": [0, 9]}, "classes must be different labels of fair"),
        ({"temperature": -1.0}, "temperature must be a finite number >= 0, got -1"),
        ({"sweeps": 0}, "sweeps must be an integer >= 1, got 0"),
        ({"tests": 0}, "tests must be an integer >= 1, got 0"),
        ({"retrieved_above": 1.1}, r"retrieved_above must be a number in \[0, 1\], got 1.1"),
        ({"disorder": 1}, "disorder must be an integer >= 2, got 1"),
        ({"seed": -1}, "seed must be an integer >= 0"),
    ],
)
def test_bad_input(images, changed, message):
    with pytest.raises(InputError, match=message):
        learning_curve(images, **{"threshold": 0.5} | SMALL | changed)


# Reconstructions


@pytest.fixture(scope="module")
def pictures():
    return reconstructions(p=(2, 4), examples=51, classes=[1, 4, 6])


def test_reconstructions_are_states_with_their_overlaps(pictures):
    assert pictures.spins.dims == ("p", "teacher", "pattern", "site")
    xi = class_archetypes(datasets.digits(), [1, 4, 6])
    assert (pictures.spins_archetype == xi).all()
    np.testing.assert_allclose(pictures.overlap, (pictures.spins.values * xi).mean(axis=-1))
    np.testing.assert_allclose(pictures.overlap_start, (pictures.spins_start.values * xi).mean(-1))
    members = rows(binarise(datasets.digits()))
    assert all(state.tobytes() in members for state in pictures.spins_start.values)


# Figures


def test_figure_of_learning_curves_shows_them(curve):
    axes = plot_learning_curve(curve, start="archetype").axes
    assert len(axes) == 4
    top, bottom = axes[1], axes[3]
    shown = {one.get_label(): one.lines[0].get_ydata() for one in top.containers}
    chosen = curve.sel(start="archetype", flip_probability=0.1)
    for p in (2, 3):
        for teacher in ("supervised", "unsupervised"):
            expected = chosen.overlap.sel(p=p, teacher=teacher)
            np.testing.assert_array_equal(shown[f"p = {p}, {teacher}"], expected)
    np.testing.assert_array_equal(shown["majority of the examples"], chosen.majority_overlap)
    assert len(bottom.containers) == 4
    assert "quality r = " in top.get_title()


def test_figure_of_reconstructions_shows_pictures_and_their_overlaps(pictures):
    axes = plot_reconstructions(pictures).axes
    assert len(axes) == 6 * 3
    last = axes[-1]
    expected = pictures.isel(p=-1, teacher=-1, pattern=-1)
    assert (last.images[0].get_array() == expected.spins.values.reshape(8, 8)).all()
    assert last.get_title() == f"{float(expected.overlap):.2f}"


def test_images_of_other_shapes_are_drawn_in_theirs():
    pixels = np.random.default_rng(0).integers(2, size=(12, 4, 6))
    wide = Images(pixels, np.repeat([3, 5], 6), "wide", "made here", full_scale=1)
    axes = plot_reconstructions(reconstructions(wide, p=[3], examples=5, threshold=0.5)).axes
    assert axes[0].images[0].get_array().shape == (4, 6)
    assert [ax.get_title() for ax in axes[:2]] == ["3", "5"]
