"""Images as patterns: thresholds, examples and archetypes of classes, their quality."""

import math

import numpy as np
import pytest

from hopfield import (
    Images,
    InputError,
    Supervised,
    binarise,
    class_archetypes,
    class_examples,
    datasets,
    example_quality,
    fair_patterns,
    noisy_examples,
)


def numbered_images(per_class=20, classes=3, seed=0):
    """Images no two of which are alike after binarisation at 127."""
    rng = np.random.default_rng(seed)
    pixels = rng.integers(256, size=(per_class * classes, 6, 5), dtype=np.uint8)
    labels = rng.permutation(np.repeat(np.arange(classes), per_class))
    return Images(pixels, labels, "numbered", "made here")


def test_images_know_their_shape():
    images = numbered_images()
    assert len(images) == 60
    assert images.shape == (6, 5)
    assert images.size == 30
    assert images.classes.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"pixels": np.zeros((2, 4))},
            r"pixels must have shape \(n, height, width\), got \(2, 4\)",
        ),
        ({"pixels": np.zeros((0, 4, 4))}, r"pixels must have shape .* got \(0, 4, 4\)"),
        ({"pixels": np.full((2, 3, 3), 2.0)}, r"pixels must be numbers in \[0, 1\]"),
        ({"pixels": np.full((2, 3, 3), -0.1)}, r"pixels must be numbers in \[0, 1\]"),
        ({"pixels": np.full((2, 3, 3), np.nan)}, r"pixels must be numbers in \[0, 1\]"),
        ({"pixels": np.full((2, 3, 3), "a")}, r"pixels must be numbers in \[0, 1\]"),
        ({"labels": [1]}, r"labels must be 2 integers, one for each image, got int64 of shape"),
        ({"labels": [1.0, 2.0]}, r"labels must be 2 integers, .* got float64 of shape \(2,\)"),
        ({"full_scale": 0}, r"full_scale must be a finite number > 0, got 0"),
        ({"full_scale": "white"}, r"full_scale must be a finite number > 0, got 'white'"),
    ],
)
def test_images_that_cannot_be(changed, message):
    good = {"pixels": np.zeros((2, 3, 3)), "labels": [0, 1], "full_scale": 1}
    with pytest.raises(InputError, match=message):
        Images(**good | changed, name="bad", source="made here")


def test_pixels_above_the_threshold_are_plus_one():
    images = numbered_images()
    for threshold in (0, 127, 200.5, 255):
        patterns = binarise(images, threshold)
        assert patterns.dtype == np.int8
        assert patterns.shape == (60, 30)
        expected = [[1 if pixel > threshold else -1 for pixel in p.flat] for p in images.pixels]
        assert (patterns == expected).all()
    assert (binarise(images, 255) == -1).all()


def test_threshold_may_be_of_each_pixel():
    images = numbered_images()
    levels = np.random.default_rng(1).uniform(0.0, 255.0, size=images.shape)
    assert (
        binarise(images, levels) == np.where(images.pixels > levels, 1, -1).reshape(60, 30)
    ).all()
    medians = np.median(images.pixels, axis=0)
    assert (binarise(images, medians) == binarise(images)).all()


def test_median_divides_every_pixel_in_halves():
    images = numbered_images()
    assert all(len(set(images.pixels[:, i, j])) > 40 for i in range(6) for j in range(5))
    above = (binarise(images) == 1).sum(axis=0)
    assert above.max() == 30
    assert above.min() >= 28  # images that tie at the median are below it


def test_ties_at_the_median_and_constant_pixels_are_minus_one():
    columns = {
        "constant": [9, 9, 9, 9, 9], "black": [0, 0, 0, 0, 0], "ties": [4, 4, 4, 4, 7],
        "saturated": [0, 16, 16, 16, 16], "distinct": [5, 1, 4, 2, 3],
    }  # fmt: skip
    pixels = np.array(list(columns.values())).T[:, None, :]
    patterns = binarise(Images(pixels, range(5), "columns", "made here", full_scale=16))
    by_name = dict(zip(columns, patterns.T.tolist(), strict=True))
    assert by_name["constant"] == by_name["black"] == by_name["saturated"] == [-1] * 5
    assert by_name["ties"] == [-1, -1, -1, -1, 1]
    assert by_name["distinct"] == [1, -1, 1, -1, -1]


@pytest.mark.parametrize(
    ("threshold", "message"),
    [
        ("mean", "threshold must be one of 'median', got 'mean'"),
        (-1, r"threshold must be a number in \[0, 255\], got -1"),
        (256.0, r"threshold must be a number in \[0, 255\], got 256"),
        (np.nan, r"threshold must be a number in \[0, 255\], got nan"),
        (None, r"threshold must be a number in \[0, 255\], got None"),
        (np.zeros(30), r"or numbers of shape \(6, 5\), got shape \(30,\)"),
        (np.full((6, 5), np.inf), r"or numbers of shape \(6, 5\)"),
    ],
)
def test_thresholds_that_cannot_be(threshold, message):
    with pytest.raises(InputError, match=message):
        binarise(numbered_images(), threshold)


def rows(patterns):
    return {pattern.tobytes() for pattern in patterns}


def test_examples_are_images_of_their_class_and_no_image_is_drawn_twice():
    images = numbered_images()
    patterns = binarise(images, 127)
    examples = class_examples(images, [2, 0], 15, threshold=127, seed=3)
    assert examples.dtype == np.int8
    assert examples.shape == (2, 15, 30)
    for label, drawn in zip([2, 0], examples, strict=True):
        assert len(rows(drawn)) == 15
        assert rows(drawn) < rows(patterns[images.labels == label])
    everything = class_examples(images, [1], 20, threshold=127, seed=3)[0]
    assert rows(everything) == rows(patterns[images.labels == 1])


def test_examples_are_cut_at_the_median_of_all_images():
    images = numbered_images()
    drawn = class_examples(images, [1], 20, seed=0)[0]
    assert rows(drawn) == rows(binarise(images)[images.labels == 1])


def test_examples_of_a_seed_do_not_depend_on_number_and_other_classes():
    images = numbered_images()
    many = class_examples(images, [0, 1, 2], 20, seed=5)
    assert (class_examples(images, [2, 1], 4, seed=5) == many[[2, 1], :4]).all()
    assert (class_examples(images, [0, 1, 2], 20, seed=6) != many).any()
    assert (class_examples(images, [0, 1, 2], 20) != class_examples(images, [0, 1, 2], 20)).any()


def test_every_image_is_drawn_as_often():
    images = numbered_images(per_class=4, classes=1)
    patterns = binarise(images, 127)
    draws = 2000
    first = np.array(
        [class_examples(images, [0], 1, threshold=127, seed=seed)[0, 0] for seed in range(draws)]
    )
    counts = np.array([(first == pattern).all(axis=1).sum() for pattern in patterns])
    assert counts.sum() == draws
    z = (counts - draws / 4) / np.sqrt(draws * 3 / 16)
    assert np.abs(z).max() < 4.0
    preferred = counts + np.array([100, 0, 0, -100])
    assert np.abs((preferred - draws / 4) / np.sqrt(draws * 3 / 16)).max() > 4.0


@pytest.mark.parametrize("classes", [[], [3], [0, 0], [[0]], [0.0], 0, "0", [True]])
def test_classes_that_cannot_be(classes):
    message = r"classes must be different labels of numbered, which has \[0, 1, 2\], got"
    with pytest.raises(InputError, match=message):
        class_examples(numbered_images(), classes, 1, seed=0)
    with pytest.raises(InputError, match=message):
        class_archetypes(numbered_images(), classes)


def test_no_more_examples_than_images():
    images = numbered_images()
    with pytest.raises(InputError, match="examples must be <= 20, the number of images of class 1"):
        class_examples(images, [1], 21)
    with pytest.raises(InputError, match="examples must be an integer >= 1, got 0"):
        class_examples(images, [1], 0)


def test_archetypes_are_majorities_of_all_images_of_a_class():
    images = numbered_images(per_class=7)
    patterns = binarise(images, 100)
    archetypes = class_archetypes(images, [2, 1], threshold=100)
    assert archetypes.dtype == np.int8
    for label, archetype in zip([2, 1], archetypes, strict=True):
        for i, entry in enumerate(archetype):
            votes = patterns[images.labels == label, i].tolist()
            assert entry == (1 if votes.count(1) > votes.count(-1) else -1)


def test_archetypes_are_plus_one_at_ties():
    pixels = np.array([[[0, 1, 0]], [[1, 1, 0]]])
    images = Images(pixels, [4, 4], "two", "made here", full_scale=1)
    assert class_archetypes(images, [4], threshold=0).tolist() == [[1, 1, -1]]


def test_quality_is_the_mean_overlap_with_its_error():
    archetypes = fair_patterns(3, 40, seed=1)
    examples = noisy_examples(archetypes, 0.6, 9, seed=1)
    result = example_quality(examples, archetypes)
    for k in range(3):
        overlaps = [float(examples[k, m] @ archetypes[k].astype(int)) / 40 for m in range(9)]
        assert result.quality[k] == pytest.approx(np.mean(overlaps), rel=1e-12)
        error = np.std(overlaps, ddof=1) / 3.0
        assert result.quality_stderr[k] == pytest.approx(error, rel=1e-12)
    assert result.quality.attrs["symbol"] == "r"


def test_quality_of_noisy_examples_is_theirs():
    archetypes = fair_patterns(40, 500, seed=2)
    result = example_quality(noisy_examples(archetypes, 0.3, 50, seed=2), archetypes)
    z = (result.quality - 0.3) / result.quality_stderr
    assert abs(float(z.sum()) / np.sqrt(40)) < 4.0
    wrong = (result.quality - 0.31) / result.quality_stderr
    assert abs(float(wrong.sum()) / np.sqrt(40)) > 4.0


def test_error_of_one_example_is_unknown():
    archetypes = fair_patterns(2, 10, seed=0)
    result = example_quality(archetypes[:, None, :], archetypes)
    assert result.quality.values.tolist() == [1.0, 1.0]
    assert np.isnan(result.quality_stderr).all()


def test_majority_of_fair_signs_agrees_with_them_by_chance():
    # The mean overlap with the majority of n fair signs is E|S|/n.
    n, size = 101, 20_000
    drawn = fair_patterns(n, size, seed=3)
    majority = np.where(drawn.sum(axis=0) > 0, 1, -1)
    agreement = np.abs(drawn.sum(axis=0)) / n
    result = example_quality(drawn[None], majority[None])
    assert float(result.quality[0]) == pytest.approx(agreement.mean(), rel=1e-12)
    error = agreement.std(ddof=1) / np.sqrt(size)
    expected = math.comb(n - 1, n // 2) / 2.0 ** (n - 1)
    assert abs(float(result.quality[0]) - expected) < 4.0 * error
    assert abs(float(result.quality[0]) - 1.05 * expected) > 4.0 * error
    assert np.sqrt(2.0 / (np.pi * n)) == pytest.approx(expected, rel=1.0 / n)


@pytest.mark.parametrize(
    ("examples", "archetypes", "message"),
    [
        (np.ones((2, 3, 4)), np.ones((2, 5)), r"must have shape \(2, M >= 1, 5\), got \(2, 3, 4\)"),
        (np.ones((2, 4)), np.ones((2, 4)), r"must have shape \(2, M >= 1, 4\), got \(2, 4\)"),
        (np.ones((2, 0, 4)), np.ones((2, 4)), r"must have shape .* got \(2, 0, 4\)"),
        (np.zeros((2, 3, 4)), np.ones((2, 4)), r"examples must have entries \+1 or -1"),
        (np.ones((2, 3, 4)), np.zeros((2, 4)), r"\+1 or -1, and 0 where archetypes are blank"),
    ],
)
def test_quality_of_what_has_none(examples, archetypes, message):
    with pytest.raises(InputError, match=message):
        example_quality(examples, archetypes)


def test_unseen_images_of_learned_classes_have_less_energy_than_others():
    images = datasets.digits()
    examples = class_examples(images, [0, 1, 3, 7], 160, seed=1)
    unseen = examples[:, 100:].reshape(2, -1, images.size)

    def energy_gap(seen):
        """Energy of unseen images of 3 and 7 above that of 0 and 1, in standard errors."""
        quality = float(example_quality(seen, np.sign(seen.sum(axis=1) + 0.5)).quality.mean())
        low, high = Supervised(2, quality, 100).learn(seen).energy(unseen)
        error = np.sqrt((low.var(ddof=1) + high.var(ddof=1)) / len(low))
        return (high.mean() - low.mean()) / error

    assert energy_gap(examples[:2, :100]) > 4.0
    assert energy_gap(examples[2:, :100]) < -4.0
