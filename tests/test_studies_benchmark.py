"""The plain loops that the kernels are measured against are right; the report is complete."""

import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from exact import all_states, boltzmann, chi_square, state_counts
from numba import njit
from small import small_network

from hopfield import Dense, Hopfield, Multitasking
from montecarlo.ensemble import Ensemble
from montecarlo.problem import Problem
from montecarlo.record import Record
from studies.benchmarks import exponential, many_body, pairs
from studies.benchmarks.plain_loops import numba_loop, numpy_loop, table_loop

REPLICAS, SWEEPS = 4000, 60


def random_spins(network, seed=3):
    rng = np.random.default_rng(seed)
    return rng.choice(np.array([-1, 1], np.int8), size=(REPLICAS, network.size))


def from_numpy(network, temperature):
    return numpy_loop(network.patterns, random_spins(network), temperature, SWEEPS)


@njit
def seed_numba(seed):
    np.random.seed(seed)  # noqa: NPY002  (the only generator that compiled code has)


def from_numba(network, temperature):
    key = np.array([1, 2], dtype=np.uint64)
    problem = Problem(network, temperature, "glauber", key, 3)
    spins = random_spins(network)
    seed_numba(8)
    numba_loop(problem.couplings / network.size, spins, temperature, SWEEPS)
    return spins


def from_table(network, temperature):
    spins = random_spins(network)
    seed_numba(8)
    table = network.model.energy_unit(network.size) * network.model.count_table(
        network.size, network.size
    )
    patterns = np.ascontiguousarray(network.patterns.T)
    table_loop(patterns, spins, table, temperature, SWEEPS)
    return spins


@pytest.mark.parametrize("model", [Hopfield(), Dense(3), Dense(4, self_interaction=True)])
def test_loop_over_a_table_samples_boltzmanns_distribution(model):
    network = small_network(model)
    temperature = float(network.energy(all_states(network.size)).std())
    counts = state_counts(from_table(network, temperature))
    assert chi_square(counts, boltzmann(network, temperature)) > 1e-4
    assert chi_square(counts, boltzmann(network, 1.3 * temperature)) < 1e-4


@pytest.mark.parametrize("dilution", [0.0, 0.4])
@pytest.mark.parametrize("loop", [from_numpy, from_numba])
def test_plain_loops_sample_boltzmanns_distribution(loop, dilution):
    network = small_network(Hopfield(), dilution)
    temperature = float(network.energy(all_states(network.size)).std())
    counts = state_counts(loop(network, temperature))
    assert counts.sum() == REPLICAS
    assert chi_square(counts, boltzmann(network, temperature)) > 1e-4
    assert chi_square(counts, boltzmann(network, 1.3 * temperature)) < 1e-4


def test_numpy_loop_leaves_its_input_alone():
    network = small_network(Hopfield())
    spins = random_spins(network)
    before = spins.copy()
    assert (numpy_loop(network.patterns, spins, 1.0, 1) != before).any()
    assert (spins == before).all()


@pytest.fixture(scope="module")
def report():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs, "SIZES", (96, 160))
        patch.setattr(pairs, "REPLICAS", (1, 16, 32))
        patch.setattr(pairs, "SECONDS", 0.0)
        patch.setattr(pairs, "REPEATS", 1)
        return pairs.run_benchmark(), pairs.run_benchmark(quick=True)


def test_report_has_every_cell(report):
    full, quick = report
    assert full.rate.dims == ("start", "size", "replicas", "kernel")
    assert full.rate.shape == (2, 2, 3, 3)
    assert full["size"].values.tolist() == [96, 160]
    assert full.kernel.values.tolist() == ["block", "fields", "overlaps"]
    assert full.start.values.tolist() == ["random", "pattern"]
    flips = ("flip_rate", "diluted_flip_rate")
    for name in ("two_threads", "diluted_rate", "sgemm", "numpy_rate", "numba_rate", *flips):
        assert full[name].dims == ("start", "size", "replicas"), name
        assert np.isfinite(full[name]).all(), name
        assert (full[name] > 0.0).all() or name in flips, name
    assert (full.rate > 0.0).all()
    assert ((full.flip_rate >= 0.0) & (full.flip_rate < 0.5)).all()
    assert (full.flip_rate.sel(start="pattern") < full.flip_rate.sel(start="random")).all()
    assert set(full.chosen.values.ravel()) <= set(full.kernel.values)
    assert quick.rate.shape == (2, 1, 1, 3)
    assert (quick["size"].item(), quick.replicas.item()) == (96, 32)
    for ds in report:
        assert json.loads(ds.attrs["parameters"]) == {"temperatures": pairs.TEMPERATURES}
        assert ds.attrs["device"]
        assert ds.attrs["created"]


def test_diluted_patterns_are_sampled_at_the_scale_of_their_fields():
    size, replicas = 400, 32
    rates = []
    for model in (Hopfield(), Multitasking(pairs.DILUTION)):
        problem, spins = pairs._problem(model, "random", size, replicas)
        record = Record.empty(replicas, 20)
        with ThreadPoolExecutor(1) as pool:
            ensemble = Ensemble(problem, "block", 1, pool, spins)
            ensemble.advance(0, record)
        assert (problem.network.filled.mean() < 0.6 * size) == (model.dilution > 0.0)
        rates.append(record.flips.mean() / size)
    assert 0.7 < rates[1] / rates[0] < 1.4


def test_report_is_a_table(report, capsys):
    full, _ = report
    pairs.print_report(full)
    device, header, *rows = capsys.readouterr().out.splitlines()
    assert device == full.attrs["device"]
    words = ("block M/s", "chosen", "block/sgemm", "diluted M/s", "diluted/full", "best/numpy")
    for word in ("start", "flip rate", *words):
        assert word in header
    assert len(rows) == 12
    shown = {(row.split()[0], int(row.split()[1]), int(row.split()[2])) for row in rows}
    assert shown == {
        (start, size, replicas)
        for start in ("random", "pattern")
        for size in (96, 160)
        for replicas in (1, 16, 32)
    }


def test_report_goes_through_a_file(report, tmp_path):
    import xarray as xr

    full, _ = report
    full.to_netcdf(tmp_path / "benchmark.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "benchmark.nc") as read:
        np.testing.assert_array_equal(read.rate, full.rate)
        assert read.chosen.values.tolist() == full.chosen.values.tolist()


def test_report_on_many_bodies(monkeypatch, capsys):
    monkeypatch.setattr(many_body, "CELLS", ((60, 0.3), (100, 0.4)))
    monkeypatch.setattr(many_body, "SIZE", 40)
    monkeypatch.setattr(many_body, "TERMS", 1e5)
    monkeypatch.setattr(pairs, "SECONDS", 0.0)
    monkeypatch.setattr(pairs, "REPEATS", 1)
    ds = many_body.run_many_body()
    assert ds.rate.dims == ("n_patterns", "kernel")
    assert (ds.rate > 0.0).all()
    assert (ds.table_rate > 0.0).all()
    assert ((ds.flip_rate > 0.0) & (ds.flip_rate < 0.5)).all()
    many_body.print_many_body(ds)
    header, *rows = capsys.readouterr().out.splitlines()
    assert "slopes/table" in header
    assert [row.split()[:2] for row in rows] == [["40", "60"], ["40", "100"]]


def test_reports_on_exponential_networks_and_attention(monkeypatch, capsys):
    monkeypatch.setattr(exponential, "COUNTS", (100, 3000))
    monkeypatch.setattr(exponential, "QUERIES", (40, 90))
    monkeypatch.setattr(pairs, "SECONDS", 0.0)
    monkeypatch.setattr(pairs, "REPEATS", 1)
    ds = exponential.run_exponential()
    assert ds.n_patterns.values.tolist() == [100, 3000]
    assert set(ds) == {
        f"{name}_rate" for name in ("energy", "attempt", "difference", "stream", "read")
    }
    assert all((ds[name] > 0.0).all() for name in ds)
    exponential.print_exponential(ds)
    header, *rows = capsys.readouterr().out.splitlines()
    assert "energy/read" in header
    assert [row.split()[:2] for row in rows] == [["64", "100"], ["64", "3000"]]
    updates = exponential.run_attention(quick=True)
    assert updates.update_seconds.dims == ("n_queries", "precision")
    assert (updates.update_seconds > 0.0).all()
    assert (updates.product_seconds > 0.0).all()
    exponential.print_attention(updates)
    header, *rows = capsys.readouterr().out.splitlines()
    assert "retrieve/products" in header
    assert [row.split()[:3] for row in rows] == [["64", "40", "float32"], ["64", "40", "float64"]]
