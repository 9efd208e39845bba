"""Numbers of patterns that are retrieved at once, and figures of several patterns."""

import json

import numpy as np
import pytest
import xarray as xr

from hopfield import InputError, Multitasking, Unsupervised
from hopfield.vocabulary import describe
from studies import compare_parallel, parallel_capacity
from studies.figures.parallel_capacity import (
    plot_parallel_capacities,
    plot_parallel_capacity,
    plot_parallel_comparison,
)
from studies.logarithmic_load import noise_threshold

QUICK = {"size": [1000, 10_000], "disorder": 12, "seed": 1}


@pytest.fixture(scope="module")
def result():
    return parallel_capacity([0.3, 0.6], [0.25, 0.5, 2.0], **QUICK)


def test_numbers_of_patterns_are_logarithms(result):
    expected = np.rint(np.outer([0.25, 0.5, 2.0], np.log([1000, 10_000])))
    assert (result.n_patterns == expected).all()
    asymptotic = np.log([1000, 10_000]) / (2.0 * np.log(1.0 / 0.3))
    np.testing.assert_allclose(result.retrieved_patterns_asymptotic[0], asymptotic)
    for name in result.variables:
        labels = describe(str(name))
        assert {key: result[name].attrs[key] for key in labels} == labels, name
    assert json.loads(result.attrs["parameters"])["sizes"] == [1000, 10_000]


def test_what_theory_counts_is_above_the_noise(result):
    for d in (0.3, 0.6):
        for n in (1000, 10_000):
            count = 0
            while (1.0 - d) * d**count >= noise_threshold(d, n):
                count += 1
            one = result.sel(dilution=d, size=n)
            expected = np.minimum(one.n_patterns, count)
            assert (one.retrieved_patterns_theory == expected).all()


def z_of_overlaps(ds, count):
    """Distance of the first overlaps from the hierarchical ones, in standard errors."""
    gap = (ds.pattern_overlap - ds.pattern_overlap_theory).isel(pattern=slice(count))
    return (gap / ds.pattern_overlap_stderr.isel(pattern=slice(count))).values


def test_few_patterns_are_all_retrieved_in_the_hierarchical_state(result):
    few = result.sel(log_load=0.25)
    assert (few.retrieved_patterns == few.n_patterns).all()
    assert (few.retrieved_patterns == few.retrieved_patterns_start).all()
    assert (few.hierarchical_patterns == few.n_patterns).all()
    assert np.abs(z_of_overlaps(few, 2)).max() < 4.0
    three = result.sel(log_load=0.5, dilution=0.3, size=10_000)
    assert np.abs(z_of_overlaps(three, 3)).max() < 4.0
    assert three.hierarchical_patterns > 3.5


def test_hierarchical_state_of_many_half_blank_patterns_is_unstable(result):
    five = result.sel(log_load=0.5, dilution=0.6, size=10_000)
    z = z_of_overlaps(five, 5)
    assert z[0] < -4.0  # the first overlap loses to the sum of the others
    assert (z[2:] > 4.0).all()
    assert five.retrieved_patterns == 5.0


def test_too_many_patterns_spoil_the_hierarchy(result):
    many, few = result.sel(log_load=2.0), result.sel(log_load=0.5)
    lost = few.hierarchical_patterns - many.hierarchical_patterns
    errors = np.hypot(few.hierarchical_patterns_stderr, many.hierarchical_patterns_stderr)
    assert (lost > 4.0 * errors).all()
    grown = many.retrieved_patterns.diff("size").sel(dilution=0.6)
    errors = np.hypot(*many.retrieved_patterns_stderr.sel(dilution=0.6).values)
    assert (grown > 4.0 * errors).all()
    assert (many.retrieved_patterns.sel(dilution=0.6) > many.retrieved_patterns_start).all()


def test_warm_spins_retrieve_none_and_cool_ones_fewer():
    options = QUICK | {"size": 10_000, "disorder": 4}
    warm = parallel_capacity(0.4, 0.5, temperature=3.0, **options)
    assert (warm.retrieved_patterns == 0.0).all()
    cool = parallel_capacity(0.4, 0.5, temperature=0.1, **options)
    cold = parallel_capacity(0.4, 0.5, **options)
    assert (cold.hierarchical_patterns > 4.0).all()
    assert (cool.hierarchical_patterns < 3.0).all()


def test_other_arguments_change_nothing_and_a_journal_keeps_all(result, tmp_path):
    path = tmp_path / "journal"
    options = QUICK | {"size": 1000, "disorder": 3, "journal": path}
    alone = parallel_capacity(0.6, [2.0], **options)
    lines = path.read_text().splitlines()
    assert len(lines) == 4
    path.write_text("\n".join(lines[:2]) + "\n")
    again = parallel_capacity(0.6, [2.0], **options)
    xr.testing.assert_identical(again.drop_attrs(deep=False), alone.drop_attrs(deep=False))
    more = parallel_capacity([0.5, 0.6], [1.0, 2.0], **QUICK | {"disorder": 3})
    same = more.sel(dilution=[0.6], log_load=[2.0], size=[1000]).pattern_overlap
    np.testing.assert_array_equal(same.values[..., :14], alone.pattern_overlap)


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"dilution": 0.0}, r"dilution must be a number in \(0, 0.99\], got 0"),
        ({"dilution": [0.3, 0.3]}, r"dilution must be one or more different .* got \[0.3, 0.3\]"),
        ({"log_load": -1.0}, r"log_load must be a number in \(0, 100\], got -1"),
        ({"log_load": []}, r"log_load must be one or more different numbers, got \[\]"),
        ({"size": [1000, 1000]}, r"size must be .* different integers, got \[1000, 1000\]"),
        ({"size": 1}, "size must be an integer >= 2, got 1"),
        ({"temperature": -0.1}, "temperature must be .* got -0.1"),
        ({"share": 0.0}, r"share must be a number in \(0, 1\], got 0"),
        ({"disorder": 1}, "disorder must be an integer >= 2, got 1"),
        ({"replicas": 0}, "replicas must be an integer >= 1, got 0"),
        ({"sweeps": 3}, "sweeps must be an integer >= 4, got 3"),
        ({"burn_in": -1}, "burn_in must be an integer >= 0, got -1"),
        ({"size": 10**12}, r"the patterns would need \d.* GiB of memory, .* are free"),
    ],
)
def test_bad_input_is_named_before_any_work(bad, words):
    good = {"dilution": 0.4, "log_load": 0.5, **QUICK}
    with pytest.raises(InputError, match=words):
        parallel_capacity(**good | bad)


# Figures


@pytest.fixture
def pyplot():
    import matplotlib.pyplot as plt

    yield plt
    plt.close("all")


def test_figure_of_numbers(result, pyplot):
    one = result.sel(dilution=0.6)
    axes = plot_parallel_capacity(one)
    drawn = [container.lines[0].get_ydata() for container in axes.containers]
    for k, load in enumerate((0.25, 0.5, 2.0)):
        part = one.sel(log_load=load)
        np.testing.assert_array_equal(drawn[2 * k], part.retrieved_patterns)
        np.testing.assert_array_equal(drawn[2 * k + 1], part.hierarchical_patterns)
    words = axes.get_legend_handles_labels()[1]
    assert {"γ = 0.25", "above the noise", "hierarchical", "K = γ ln N"} <= set(words)
    assert axes.get_xscale() == "log"
    with pytest.raises(InputError, match="dilution must be one number, got"):
        plot_parallel_capacity(result)
    figure = plot_parallel_capacities(result)
    assert [panel.get_title() for panel in figure.axes] == ["d = 0.3", "d = 0.6"]
    assert len(figure.legends) == 1


def test_figure_of_overlaps(pyplot):
    points = (
        (Multitasking(0.4), 2, 0.1, "hierarchical"),
        (Unsupervised(2, 0.8, 4, 0.1), 3, 0.3, "pure"),
    )
    ds = compare_parallel(points, size=1000, disorder=12, replicas=4, sweeps=9, burn_in=9)
    axes = plot_parallel_comparison(ds)
    first = axes.containers[0].lines[0]
    np.testing.assert_array_equal(first.get_ydata(), ds.pattern_overlap_extrapolated[:, 0])
    assert len(axes.containers) == 3
    ticks = [label.get_text() for label in axes.get_xticklabels()]
    assert ticks[0] == "hierarchical, K = 2\nd = 0.4, T = 0.1"
    assert ticks[1] == "pure, K = 3\nunsupervised, M = 4, d = 0.1, T = 0.3"
    shown = {text.get_text() for text in axes.texts}
    assert shown == {"χ²", *(f"{value:.1f}" for value in ds.chi_square.values)}
