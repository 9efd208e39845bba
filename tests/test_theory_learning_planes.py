"""Lines in planes whose axis is the entropy of the data set, against models one by one."""

import math

import numpy as np
import pytest

import hopfield
import theory
from theory.learning.examples import OVERLAP
from theory.learning.planes import LINES, trained
from theory.models import symmetric_phases_of
from theory.signal_to_noise import noise_of

KINDS = [hopfield.Supervised, hopfield.Unsupervised]
MODELS = [
    hopfield.Supervised(2, 0.5, 9),
    hopfield.Supervised(3, 0.5, 20),
    hopfield.Supervised(4, 0.5, 3000),
    hopfield.Unsupervised(2, 0.5, 9),
    hopfield.Unsupervised(3, 0.5, 20),
    hopfield.Unsupervised(4, 0.5, 8),
]
POINTS = 4


def found(diagram, line, name):
    """Values where a line was found, and the models there."""
    one = diagram.sel(line=line)
    assert set(one.status.values) <= {"converged", "absent"}
    there = one.status == "converged"
    assert np.isfinite(one[name]).values.tolist() == there.values.tolist()
    return one.sel(point=there)


def data_sets(model, one):
    return [trained(model, rho) for rho in one.dataset_entropy.values.tolist()]


@pytest.fixture(scope="module", params=MODELS, ids=str)
def model(request):
    return request.param


@pytest.fixture(scope="module")
def cold(model):
    return theory.phase_diagram(model, temperature=0.0, points=POINTS, max_entropy=1.2)


@pytest.fixture(scope="module")
def warm(model):
    return theory.phase_diagram(model, temperature=0.15, points=POINTS, max_entropy=0.8)


@pytest.fixture(scope="module")
def given_load(model):
    load = 0.3 * theory.capacity(trained(model, 0.2))["load"].item()
    return theory.phase_diagram(model, load=load, points=POINTS, max_entropy=0.4)


def test_end_of_retrieval_is_the_capacity(model, cold, warm):
    for diagram in (cold, warm):
        one = found(diagram, "spinodal", "load")
        assert one.sizes["point"] == POINTS
        for k, data in enumerate(data_sets(model, one)):
            end = theory.capacity(data, diagram.temperature.item())
            for name in ("load", "overlap", "effective_overlap"):
                assert one[name].values[k] == end[name].item()
    assert set(cold.line.values) >= {"spinodal", "learning"}


def test_no_noise_is_storage(model, cold):
    """At ρ = 0 the capacity is that of patterns; overlap and effective overlap are the same."""
    diagram = cold
    one = diagram.sel(line="spinodal").isel(point=0)
    stored = theory.capacity(hopfield.Dense(model.p))
    assert one["load"].item() == pytest.approx(stored["load"].item(), rel=1e-9)
    assert one.overlap.item() == one.effective_overlap.item()


def test_learning_line(model, cold):
    diagram = cold
    one = found(diagram, "learning", "load")
    assert (one.dataset_entropy <= 1.0).all()
    assert one.sizes["point"] == (diagram.dataset_entropy.sel(line="learning") <= 1.0).sum()
    for load, data in zip(one["load"].values, data_sets(model, one), strict=True):
        rho, kappa = noise_of(data)
        assert rho + load * kappa == pytest.approx(1.0, abs=1e-12)
    threshold = theory.learning_threshold(data, load)
    assert threshold.examples.item() == pytest.approx(model.examples, rel=1e-9)


def state(model, load, temperature):
    return theory.solve(model, [load], temperature).squeeze()


def check_points(model, diagram, line, quantity):
    """A quantity vanishes on a line, and has different signs next to it along the free axis."""
    free = "load" if "line" in diagram["load"].dims else "temperature"
    one = found(diagram, line, free)
    for k, data in enumerate(data_sets(model, one)):
        load, temperature = (
            one[name].values[k] if name == free else diagram[name].item()
            for name in ("load", "temperature")
        )
        here = state(data, load, temperature)
        assert one.overlap.values[k] == pytest.approx(here.overlap.item(), abs=1e-7)
        assert one.effective_overlap.values[k] == pytest.approx(
            here.effective_overlap.item(), abs=1e-7
        )
        sides = []
        for factor in (1.0 - 1e-3, 1.0 + 1e-3):
            a, t = (load * factor, temperature) if free == "load" else (load, temperature * factor)
            sides.append(quantity(data, a, t))
        assert np.isfinite(sides).all()
        assert sides[0] * sides[1] < 0.0
    return one.sizes["point"]


def difference(model, load, temperature):
    """Free energy of retrieval minus that of its rival."""
    rival = symmetric_phases_of(model).rival(np.array([load]), np.array([temperature]))
    return state(model, load, temperature).free_energy.item() - rival.free_energy.item()


def test_first_order_line(model, cold, warm, given_load):
    """For p = 2 in all planes; for p >= 3 the rival is not known at the lowest temperatures."""
    diagrams = [x for x in (cold, warm, given_load) if "first-order" in x.line]
    assert len(diagrams) == 3 if model.p == 2 else diagrams[-1] is given_load
    assert all(check_points(model, diagram, "first-order", difference) for diagram in diagrams)


def test_line_of_the_archetype(model, cold, warm, given_load):
    def excess(model, load, temperature):
        return state(model, load, temperature).overlap.item() - OVERLAP

    for diagram in (cold, warm, given_load):
        if "archetype" in diagram.line:
            check_points(model, diagram, "archetype", excess)
            one = found(diagram, "archetype", "overlap")
            np.testing.assert_allclose(one.overlap, OVERLAP, atol=1e-12)


def test_archetype_is_lost_where_retrieval_goes_on():
    """With a teacher, p = 3: only at its end, before its end, and everywhere."""
    diagram = theory.phase_diagram(hopfield.Supervised(3, 0.5, 40), temperature=0.0, points=3)
    status = diagram.status.sel(line="archetype").values.tolist()
    assert status == ["absent", "converged", "absent"]
    loads = diagram["load"].isel(point=1)
    assert loads.sel(line="archetype") < loads.sel(line="spinodal")
    overlap = theory.solve(trained(hopfield.Supervised(3, 0.5, 40), 2.0), 0.0, 0.0).overlap.item()
    assert overlap < OVERLAP


def test_marginal_stability(model, warm, given_load):
    def replicon(model, load, temperature):
        return state(model, load, temperature).replicon.item()

    for diagram in (warm, given_load):
        if "at" in diagram.line:
            check_points(model, diagram, "at", replicon)


def test_glass_line(model, warm, given_load):
    for diagram in (warm, given_load):
        if "glass" in diagram.line:
            one = diagram.sel(line="glass")
            loads, temperatures = np.broadcast_arrays(one["load"], one.temperature)
            for k, data in enumerate(data_sets(model, one)):
                expected = symmetric_phases_of(data).glass_temperature(loads[k : k + 1]).item()
                assert temperatures[k] == pytest.approx(expected, rel=1e-12)
        else:
            assert model.p == 2  # no paramagnet freezes below T = 1


def test_highest_temperature_of_retrieval(model, given_load):
    diagram = given_load
    load = diagram["load"].item()
    one = found(diagram, "spinodal", "temperature")
    for k, data in enumerate(data_sets(model, one)):
        temperature = one.temperature.values[k]
        capacities = theory.capacity(data, temperature * np.array([1.0 - 1e-4, 1.0, 1.0 + 1e-4]))
        below, here, above = capacities["load"].values
        assert here == pytest.approx(load, rel=1e-9)
        assert below > load
        assert not above >= load  # it is none beyond the melting temperature
    lost = diagram.status.sel(line="spinodal") == "absent"
    for rho in diagram.dataset_entropy.sel(line="spinodal").values[lost]:
        temperatures = np.linspace(0.0, 0.95, 20)
        temperatures *= symmetric_phases_of(trained(model, rho)).melting_temperature
        assert (theory.capacity(trained(model, rho), temperatures)["load"] < load).all()


def test_shape_of_the_result(model, cold, given_load):
    for diagram, given, free in (
        (cold, "temperature", "load"),
        (given_load, "load", "temperature"),
    ):
        assert diagram[given].dims == ()
        for name in (free, "overlap", "effective_overlap", "residual", "dataset_entropy", "status"):
            assert diagram[name].dims == ("line", "point")
        lines = diagram.line.values.tolist()
        assert [line for line in LINES if line in lines] == lines
        entropy = diagram.dataset_entropy.isel(line=0).values
        assert entropy[0] == 0.0
        assert (np.diff(entropy) > 0.0).all()
        assert float(diagram.residual.max()) < 1e-9
        assert hopfield.models.model_of(diagram) == model


def test_data_sets_without_a_theory_are_marked():
    """Very many spins in an interaction and few examples: patterns are retrieved all the same."""
    model = hopfield.Supervised(30, 0.5, 12)
    load = 0.7 * theory.capacity(trained(model, 0.1))["load"].item()
    diagram = theory.phase_diagram(model, load=load, points=2)
    assert diagram.status.sel(line="spinodal").values.tolist() == ["converged", "not converged"]
    assert np.isnan(diagram.temperature.sel(line="spinodal").values[1])


def test_qualities_of_data_sets():
    model = trained(hopfield.Unsupervised(3, 0.5, 7), 0.3)
    assert model.dataset_entropy == pytest.approx(0.3, rel=1e-13)
    assert model.examples == 7
    assert trained(model, 0.0).quality == 1.0


@pytest.mark.parametrize(
    ("keywords", "message"),
    [
        ({"load": 0.1, "temperature": 0.1}, "either load or temperature"),
        ({"load": 0.0}, "load must be positive"),
        ({"load": -1.0}, "load must be"),
        ({"temperature": math.nan}, "temperature must be"),
        ({"temperature": 0.0, "max_entropy": 0.0}, "max_entropy must be positive"),
        ({"temperature": 0.0, "points": 1}, "points must be"),
        ({"temperature": 0.0, "max_load": 1.0}, "max_load must not"),
        ({"temperature": 0.0, "ansatz": "1rsb"}, "ansatz must be"),
        ({"max_entropy": 1.0}, "max_entropy needs"),
    ],
)
def test_bad_planes_are_refused(keywords, message):
    with pytest.raises(hopfield.InputError, match=message):
        theory.phase_diagram(hopfield.Supervised(3, 0.5, 10), **keywords)


def test_networks_that_store_have_no_data_set():
    with pytest.raises(hopfield.InputError, match="model must learn"):
        theory.phase_diagram(hopfield.Dense(3), temperature=0.0)
