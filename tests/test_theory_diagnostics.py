"""What can be said against a solution: nothing if it is right, and something if it is not."""

import numpy as np
import pytest
import xarray as xr

import theory
from hopfield import Dense, Hopfield, InputError
from hopfield.vocabulary import describe

CASES = [
    (Hopfield(), [0.02, 0.05, 0.1], [0.1, 0.3, 0.5], "retrieval"),
    (Dense(2, True), [0.05, 0.2], [0.3, 0.9], "glass"),
    (Dense(3), [0.02, 0.1], [0.1, 0.3, 0.45], "retrieval"),
    (Dense(3, True), [0.02, 0.05], [0.05, 0.3, 0.8], "paramagnet"),
    (Dense(4, True), [0.004, 0.01], [0.05, 0.2], "glass"),
    (Dense(6), [0.0005], [0.2, 0.3], "retrieval"),
]


@pytest.mark.parametrize(("model", "load", "temperature", "phase"), CASES, ids=str)
def test_solutions_pass(model, load, temperature, phase):
    solution = theory.solve(model, load, temperature, phase=phase)
    report = theory.check(solution)
    found = (solution.status == "converged").values
    assert found.any()
    assert (report.gradient.values[found] < 1e-7).all()
    # a neighbour in temperature may be beyond the end of the phase
    defects = report.entropy_defect.values[found]
    assert np.isfinite(defects).sum() >= found.sum() - 1
    assert np.nanmax(defects) < 1e-8
    assert (report.residual.values[found] < 1e-12).all()
    assert (report.stable == (solution.replicon >= 0.0)).all()
    for name in report.variables:
        assert report[name].attrs["long_name"] == describe(str(name))["long_name"]


ONE_STEP = [
    (Dense(3), 0.12, [0.05, 0.2], "retrieval"),
    (Dense(3), 0.1, [0.05, 0.2], "glass"),
    (Hopfield(), 0.1, [0.05, 0.5], "glass"),
]


@pytest.mark.parametrize(("model", "load", "temperature", "phase"), ONE_STEP, ids=str)
def test_one_step_solutions_pass_and_others_do_not(model, load, temperature, phase):
    solution = theory.solve(model, load, temperature, phase=phase, ansatz="1rsb")
    report = theory.check(solution)
    assert (report.gradient < 1e-8).all()
    assert (report.entropy_defect < 1e-9).all()
    for name in ("self_overlap_1", "breakpoint"):
        wrong = solution.copy(deep=True)
        wrong[name] = 0.99 * wrong[name]
        broken = np.isfinite(solution.breakpoint)
        assert (theory.check(wrong).gradient.where(broken, 1.0) > 1e-6).all(), name


@pytest.mark.parametrize("name", ["overlap", "self_overlap"])
@pytest.mark.parametrize("model", [Hopfield(), Dense(3), Dense(4, True)], ids=str)
def test_wrong_order_parameters_are_seen(model, name):
    load = 0.2 * theory.capacity(model)["load"].item()
    solution = theory.solve(model, load, 0.25)
    solution[name] = solution[name] - 0.002
    assert theory.check(solution).gradient.item() > 1e-6 * load


def test_wrong_entropy_is_seen():
    solution = theory.solve(Dense(3), 0.05, 0.3)
    solution["entropy"] = solution.entropy + 1e-6
    assert theory.check(solution).entropy_defect.item() == pytest.approx(1e-6, rel=1e-3)


def test_favoured_phase_changes_on_the_first_order_line():
    line = theory.phase_diagram(Hopfield(), points=9).sel(line="first-order").isel(point=4)
    load, temperature = line["load"].item(), line.temperature.item()
    solution = theory.solve(Hopfield(), [0.99 * load, 1.01 * load], temperature)
    assert theory.check(solution).favoured.values.tolist() == ["retrieval", "glass"]


def test_absent_cells_and_zero_temperature_are_blank():
    report = theory.check(theory.solve(Dense(3), 0.1, [0.0, 0.3, 0.6]))
    assert np.isnan(report.gradient.values).tolist() == [True, False, True]
    assert report.favoured.values.tolist() == ["retrieval", "retrieval", "paramagnet"]
    assert report.stable.values.tolist() == [False, True, False]


def test_lower_loads_are_checked_without_crosstalk():
    report = theory.check(theory.solve(Dense(3), 7.0, 0.3, exponent=1))
    assert report.gradient.item() < 1e-9
    assert report["load"].item() == 7.0


OTHERS = {"nothing": xr.Dataset(), "a capacity": theory.capacity(Hopfield()), "a number": 3.0}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_something_else_is_refused(other):
    with pytest.raises(InputError, match=r"solution must be a Dataset from theory\.solve"):
        theory.check(other)
