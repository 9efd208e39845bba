"""Lines between globally stable states of a few diluted patterns."""

import itertools

import numpy as np
import pytest

import hopfield
import theory
from hopfield import InputError


@pytest.fixture(scope="module")
def lines():
    return theory.regime_lines(3, dilution=[0.1, 0.4, 0.547, 0.6, 0.62, 0.635, 0.65, 0.7, 0.9])


def test_lines_where_pure_states_end(lines):
    pure = lines.sel(line="pure to 1+1")
    there = (pure.dilution < 2.0 / 3.0).values
    window = theory.stability_window(3, "pure", pure.dilution.values[there]).isel(window=0)
    assert np.abs(pure.temperature.values[there] - window.lowest_temperature.values).max() < 1e-8
    assert (pure.jump.values[there] == 0.0).all()
    assert (pure.status.values == np.where(there, "converged", "absent")).all()
    above = lines.temperature.sel(line=["paramagnet to pure", "paramagnet to parallel"])
    assert np.abs(above.sum("line") - (1.0 - lines.dilution)).max() < 1e-15
    assert (np.isfinite(above.sel(line="paramagnet to pure")) == there).all()


def test_continuous_lines_are_ends_of_windows(lines):
    for line, state, end in (
        ("1+1 to 2", "2", "highest_temperature"),
        ("1+1 to hierarchical", "1+1", "lowest_temperature"),
        ("2+1 to hierarchical", "2+1", "lowest_temperature"),
    ):
        one = lines.sel(line=line)
        there = one.status.values == "converged"
        assert there.sum() >= 3
        windows = theory.stability_window(3, state, one.dilution.values[there])[end].values
        distance = np.abs(windows - one.temperature.values[there][:, None])
        assert np.nanmin(distance, axis=1).max() < 1e-8
        assert (one.jump.values[there] == 0.0).all()


def test_free_energies_are_equal_on_lines_with_a_jump(lines):
    for line, states in (
        ("2 to parallel", ("2", "parallel")),
        ("2+1 to parallel", ("2+1", "parallel")),
        ("parallel to 2+1", ("parallel", "2+1")),
    ):
        one = lines.sel(line=line)
        jumps = 0
        for d, t, jump in zip(
            one.dilution.values, one.temperature.values, one.jump.values, strict=True
        ):
            if np.isnan(t) or jump == 0.0:
                continue
            model = hopfield.Multitasking(d)
            f = theory.retrieval_states(model, 3, [t - 1e-4, t, t + 1e-4], states=list(states))
            difference = (f.free_energy[0] - f.free_energy[1]).values
            assert abs(difference[1]) < 1e-12, (d, line)
            if np.isfinite(difference).all():
                assert difference[0] > 0.0 > difference[2]
            n = f.effective_overlap.values[:, 1]
            assert abs(np.abs(n[0] - n[1]).max() - jump) < 1e-6
            jumps += 1
        assert jumps > 0, line


def test_first_order_line_of_the_ground_states_leans_to_strong_dilution(lines):
    """It begins at d = 0.5469 and T = 0, with states of three different overlaps on both sides."""
    change = lines.sel(line="hierarchical to hierarchical", point=2)
    assert change.dilution.item() == 0.547
    assert change.jump.item() > 0.01
    sides = theory.regime_diagram(
        3, dilution=0.547, temperature=change.temperature.item() + np.array([-1e-3, 1e-3])
    )
    assert sides.dominant.values.tolist() == [False, True]
    others = lines.sel(line="hierarchical to hierarchical").temperature.values
    assert np.isfinite(others).sum() == 1


def test_states_of_the_diagram_are_those_between_the_lines(lines):
    t = np.linspace(0.003, 0.9, 150)
    diagram = theory.regime_diagram(3, dilution=lines.dilution.values, temperature=t)
    for point, d in enumerate(lines.dilution.values):
        here = lines.isel(point=point).dropna("line", subset=["temperature"])
        here = here.sortby("temperature", ascending=False)
        names = [str(name).split(" (")[0].split(" to ") for name in here.line.values]
        assert all(a[1] == b[0] for a, b in itertools.pairwise(names)), d
        edges = here.temperature.values
        states = [names[0][0], *(name[1] for name in names)]
        for temperature, state in zip(t, diagram.state.values[point], strict=True):
            if np.abs(edges - temperature).min() > 1e-6:
                assert state == states[int((edges > temperature).sum())], (d, temperature)


def test_lines_of_two_patterns():
    """All are continuous; the parallel state is there from the least dilution on."""
    least = theory.least_dilution(2)
    d = least.dilution.item() + np.array([-1e-4, 1e-4])
    lines = theory.regime_lines(2, dilution=[*d, 0.66, 0.8])
    assert (lines.jump.fillna(0.0) == 0.0).all()
    low = lines.temperature.sel(line="parallel to hierarchical").values
    high = lines.temperature.sel(line="hierarchical to parallel").values
    assert np.isnan(low[0])
    assert np.isnan(high[0])
    assert low[1] < least.temperature.item() < high[1]
    window = theory.stability_window(2, "parallel", [d[1], 0.66, 0.8]).isel(window=0)
    assert np.abs(low[1:] - window.lowest_temperature.values).max() < 1e-8
    assert np.abs(high[1:3] - window.highest_temperature.values[:2]).max() < 1e-8
    assert np.isnan(high[3])


def test_lines_with_data():
    quality, examples = 0.5, 20
    lines = theory.regime_lines(2, dilution=[0.3, 0.6], quality=quality, examples=examples)
    window = theory.stability_window(2, "pure", [0.3, 0.6], quality=quality, examples=examples)
    found = lines.temperature.sel(line="pure to hierarchical").values
    low = window.lowest_temperature.values[:, 0]
    assert np.isfinite(low[0])
    assert np.nanmax(np.abs(found - low)) < 1e-8


@pytest.mark.parametrize("call", [
    lambda: theory.regime_lines(2, dilution=[1.0]),
    lambda: theory.regime_lines(0),
    lambda: theory.regime_lines(2, quality=0.0),
])  # fmt: skip
def test_what_is_refused(call):
    with pytest.raises(InputError):
        call()
