"""Figures of exponential networks show what is in the results."""

import matplotlib.pyplot as plt
import numpy as np
import pytest

import hopfield
import studies
import theory


@pytest.fixture(autouse=True)
def _no_figures_left():
    yield
    plt.close("all")


def test_phase_diagram():
    ds = theory.phase_diagram(hopfield.Exponential(0.7), points=30)
    ax = studies.plot_phase_diagram(ds)
    assert len(ax.lines) == ds.sizes["line"]
    drawn = {line.get_label(): line for line in ax.lines}
    np.testing.assert_array_equal(
        drawn["end of retrieval"].get_xdata(), ds["load"].sel(line="spinodal")
    )
    assert ax.get_ylim() == (0.0, pytest.approx(2.0 / 0.7))
    assert {text.get_text() for text in ax.texts} == {"retrieval", "condensed", "paramagnet"}


def test_names_of_phases_are_where_the_phases_are():
    model = hopfield.Exponential(0.4)
    ax = studies.plot_exponential_diagram(theory.phase_diagram(model, points=50))
    for text in ax.texts:
        load, temperature = text.get_position()
        found = theory.solve(model, load, temperature, phase=text.get_text())
        assert found.favoured.item() == text.get_text()


@pytest.mark.parametrize("ensemble", ["binary", "spherical", "gaussian"])
def test_thresholds(ensemble):
    ds = theory.exponential_thresholds(np.linspace(0.1, 2.0, 5), ensemble=ensemble)
    ax = studies.plot_exponential_thresholds(ds, ax=plt.subplots()[1])
    drawn = {line.get_label(): line.get_ydata() for line in ax.lines}
    shown = np.isfinite(ds["load"]).any("sharpness")
    assert (
        len(drawn) == shown.sum() == (8 if ensemble == "binary" else 4 + (ensemble != "spherical"))
    )
    np.testing.assert_array_equal(drawn["softmax of overlaps"], ds["load"].sel(criterion="weight"))
