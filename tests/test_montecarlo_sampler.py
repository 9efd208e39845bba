"""The sampler: shape of the result, what it may not depend on, exact means, honest errors."""

import json
import subprocess
import sys

import numpy as np
import pytest
import xarray as xr
from exact import all_states, boltzmann, parallel_stationary, single_site_matrix
from small import small_network

from hopfield import (
    Dense,
    Hopfield,
    InputError,
    Multitasking,
    Network,
    Supervised,
    Unsupervised,
    diluted_patterns,
    hierarchical_state,
    overlap_spectrum,
    parallel_state,
    retrieved_patterns,
)
from hopfield.vocabulary import describe
from montecarlo import DYNAMICS, KERNELS, Interrupted, sample, trajectory
from montecarlo.ensemble import Ensemble
from montecarlo.starts import initial_spins
from montecarlo.statistics import mean_and_stderr

MEANS = ("overlap", "max_overlap", "energy", "flip_rate")
ERRORS = ("stderr", "tau_int", "ess", "rhat")
SERIES = {f"{name}_series" for name in MEANS}


@pytest.fixture(scope="module")
def pairwise():
    """A network on which every kernel is exact."""
    return Hopfield().network(size=60, n_patterns=4, seed=3)


@pytest.fixture(scope="module")
def short(pairwise):
    """A run that others are compared with."""
    return sample(pairwise, 0.6, sweeps=45, burn_in=10, replicas=5, seed=1)


def assert_same_numbers(one, other):
    """Equal values, labels and units; what was asked for and when may differ."""
    xr.testing.assert_identical(one.drop_attrs(deep=False), other.drop_attrs(deep=False))


def zscore(estimate, stderr, expected):
    return (float(estimate) - expected) / float(stderr)


# The result


def test_names_dims_and_units(short):
    means = {f"{name}_{error}" for name in MEANS for error in ERRORS} | set(MEANS)
    replicas = {"replica_overlap", "replica_overlap_stderr"}
    assert set(short.data_vars) == means | replicas | SERIES
    for name in short.variables:
        expected = describe(str(name))
        assert {key: short[name].attrs[key] for key in expected} == expected, name
        scalar = name not in SERIES | {"replica", "sweep"}
        assert short[name].ndim == 0 if scalar else name in {*SERIES, "replica", "sweep"}
    for name in SERIES:
        assert short[name].dims == ("replica", "sweep")
        assert short[name].shape == (5, 45)
    assert short.energy.units == "J"
    assert short.overlap_tau_int.units == "sweeps"
    assert (short["load"].item(), short["size"].item()) == (4 / 60, 60)
    assert short.temperature.item() == 0.6


def test_means_and_errors_are_those_of_the_series(short):
    for name in MEANS:
        mean, stderr = mean_and_stderr(short[f"{name}_series"].values)
        assert short[name].item() == mean == pytest.approx(short[f"{name}_series"].values.mean())
        assert short[f"{name}_stderr"].item() == stderr > 0.0


def test_attributes_say_what_was_run(short):
    assert json.loads(short.attrs["model"]) == {
        "name": "Dense", "p": 2, "self_interaction": False,
    }  # fmt: skip
    parameters = json.loads(short.attrs["parameters"])
    asked = {"sweeps": 45, "burn_in": 10, "replicas": 5, "dynamics": "glauber", "start": "pattern"}
    assert asked.items() <= parameters.items()
    assert parameters["network_seed"] == "3"
    assert short.attrs["seed"] == "1"
    assert short.attrs["device"] == "cpu"
    assert short.attrs["sweeps_done"] == "45"
    for name in ("version", "git_commit", "numpy", "numba", "created"):
        assert short.attrs[name]


def test_series_can_be_left_out_and_nothing_else_goes_with_it(pairwise, short):
    without = sample(pairwise, 0.6, sweeps=45, burn_in=10, replicas=5, seed=1, series=False)
    assert_same_numbers(without, short.drop_vars([*SERIES, "replica", "sweep"]))


def test_result_goes_through_a_file(short, tmp_path):
    short.to_netcdf(tmp_path / "run.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "run.nc") as read:
        xr.testing.assert_identical(read.load(), short)


def test_bar_is_for_terminals_only(pairwise, short, capsys):
    sample(pairwise, 0.6, sweeps=45, burn_in=10, replicas=5, seed=1, progress=True)
    assert capsys.readouterr() == ("", "")


# What the numbers may depend on, and what not


def test_seed_decides(pairwise, short):
    again = sample(pairwise, 0.6, sweeps=45, burn_in=10, replicas=5, seed=1)
    assert_same_numbers(again, short)
    from_sequence = sample(
        pairwise, 0.6, sweeps=45, burn_in=10, replicas=5, seed=np.random.SeedSequence(1)
    )
    assert_same_numbers(from_sequence, short)
    other = sample(pairwise, 0.6, sweeps=45, burn_in=10, replicas=5, seed=2)
    assert (other.energy_series != short.energy_series).any(dim="sweep").all()
    fresh = [sample(pairwise, 0.6, sweeps=9, replicas=2, seed=None) for _ in range(2)]
    assert fresh[0].attrs["seed"] != fresh[1].attrs["seed"]
    assert (fresh[0].energy_series != fresh[1].energy_series).any()
    rebuilt = sample(pairwise, 0.6, sweeps=9, replicas=2, seed=int(fresh[0].attrs["seed"]))
    assert_same_numbers(rebuilt, fresh[0])


@pytest.mark.parametrize("start", ["pattern", "random", 0.5])
def test_a_replica_does_not_see_how_many_others_there_are(pairwise, start):
    options = {"sweeps": 25, "burn_in": 3, "start": start, "seed": 4}
    many = sample(pairwise, 0.6, replicas=37, **options)
    few = sample(pairwise, 0.6, replicas=3, **options)
    assert_same_numbers(few[sorted(SERIES)], many[sorted(SERIES)].isel(replica=slice(3)))


@pytest.mark.parametrize("dynamics", DYNAMICS)
def test_threads_and_kernels_change_nothing(pairwise, dynamics):
    options = {"sweeps": 25, "burn_in": 3, "replicas": 40, "dynamics": dynamics}
    reference = sample(pairwise, 0.6, threads=1, **options)
    assert_same_numbers(sample(pairwise, 0.6, threads=3, **options), reference)
    for kernel in KERNELS.keys() - {"weighted", "exponential"}:
        run = sample(pairwise, 0.6, kernel=kernel, **options)
        assert run.attrs["last_kernel"] == kernel
        assert_same_numbers(run, reference)


def test_kernels_of_sums_of_examples_agree():
    network = Supervised(2, 0.3, 40).network(60, n_patterns=5, seed=1)
    options = {"sweeps": 25, "burn_in": 3, "replicas": 6}
    reference = sample(network, 0.6, **options)
    for kernel in ("fields", "overlaps", "weighted"):
        run = sample(network, 0.6, kernel=kernel, **options)
        xr.testing.assert_allclose(run, reference, rtol=1e-12)
    assert "effective_overlap" in reference
    with pytest.raises(InputError, match="'dense' is not exact"):
        sample(network, 0.6, kernel="dense", **options)


def test_other_dynamics_are_other_dynamics(pairwise):
    runs = [sample(pairwise, 0.6, sweeps=20, replicas=4, dynamics=word) for word in DYNAMICS]
    rates = [run.flip_rate.item() for run in runs]
    assert len(set(rates)) == 3


def test_array_of_temperatures_equals_separate_calls(pairwise):
    options = {"sweeps": 25, "burn_in": 5, "replicas": 4, "seed": 9}
    temperatures = [0.9, 0.0, 0.4]
    together = sample(pairwise, temperatures, **options)
    assert together.temperature.values.tolist() == temperatures
    assert together.energy_series.dims == ("temperature", "replica", "sweep")
    for temperature in temperatures:
        alone = sample(pairwise, temperature, **options)
        assert_same_numbers(together.sel(temperature=temperature), alone)
    assert sample(pairwise, [0.4], **options).sizes["temperature"] == 1


def test_burn_in_is_nothing_but_sweeps_that_are_not_measured(pairwise):
    whole = sample(pairwise, 0.6, sweeps=50, burn_in=0, replicas=4, start="random")
    later = sample(pairwise, 0.6, sweeps=27, burn_in=23, replicas=4, start="random")
    for name in SERIES:
        assert (later[name].values == whole[name].values[:, 23:]).all(), name


def test_spins_at_zero_temperature_stay_in_a_single_pattern():
    network = Hopfield().network(size=50, n_patterns=1, seed=1)
    run = sample(network, 0.0, sweeps=10, burn_in=0, replicas=3)
    assert run.overlap.item() == run.replica_overlap.item() == 1.0
    assert run.energy.item() == pytest.approx(-0.5 * 49 / 50, rel=1e-15)
    assert run.energy_stderr.item() == run.flip_rate.item() == run.max_overlap.item() == 0.0


def test_few_replicas_have_no_overlap_of_replicas_or_no_error_of_it(pairwise):
    one, two, three = (sample(pairwise, 0.6, sweeps=20, replicas=count) for count in (1, 2, 3))
    assert np.isnan(one.replica_overlap)
    assert np.isnan(one.replica_overlap_stderr)
    assert np.isfinite(one.overlap_stderr)
    assert np.isfinite(two.replica_overlap)
    assert np.isnan(two.replica_overlap_stderr)
    assert np.isfinite(three.replica_overlap_stderr)


# Starts


def initial_z(network, replicas, start, expected):
    """Distance of the mean first overlap, over filled sites, to an expected one; in errors."""
    spins = initial_spins(network, replicas, start, 5)
    products = (spins * network.patterns[0])[:, network.patterns[0] != 0]
    stderr = np.sqrt((1.0 - expected**2) / products.size)
    return zscore(products.mean(), stderr, expected)


@pytest.mark.parametrize("dilution", [0.0, 0.3])
def test_start_at_an_overlap(dilution):
    network = Network(Hopfield(), diluted_patterns(3, 1000, dilution, 2))
    for start in (0.2, 0.5, 0.9):
        assert abs(initial_z(network, 100, start, start)) < 4.0
        assert abs(initial_z(network, 100, start, start - 0.03)) > 4.0
    assert abs(initial_z(network, 100, "random", 0.0)) < 4.0
    assert abs(initial_z(network, 100, "random", 0.03)) > 4.0


def test_ends_of_the_overlap_are_the_words():
    network = Network(Hopfield(), diluted_patterns(3, 100, 0.3, 2))
    for word, number in (("pattern", 1), ("random", 0)):
        assert (initial_spins(network, 4, word, 7) == initial_spins(network, 4, number, 7)).all()
    assert (initial_spins(network, 4, "random", 7) != initial_spins(network, 4, "random", 8)).any()


def test_blank_entries_of_the_pattern_start_at_random():
    network = Network(Hopfield(), diluted_patterns(3, 1000, 0.4, 2))
    spins = initial_spins(network, 100, "pattern", 5)
    blank = network.patterns[0] == 0
    assert (spins[:, ~blank] == network.patterns[0, ~blank]).all()
    free = spins[:, blank]
    stderr = 1.0 / np.sqrt(free.size)
    assert abs(zscore(free.mean(), stderr, 0.0)) < 4.0
    assert abs(zscore(free.mean(), stderr, 0.03)) > 4.0
    assert abs(zscore((free[0::2] * free[1::2]).mean(), stderr * np.sqrt(2.0), 0.0)) < 4.0


def test_given_spins_are_the_first_states(pairwise):
    rng = np.random.default_rng(6)
    spins = rng.choice(np.array([-1, 1]), size=(4, 60))
    assert (initial_spins(pairwise, 4, spins, 0) == spins).all()
    assert (initial_spins(pairwise, 4, spins[0], 0) == spins[:1]).all()
    assert (initial_spins(pairwise, 4, spins.astype(float).tolist(), 0) == spins).all()
    own = [initial_spins(pairwise, 4, "random", 2), "random"]
    runs = [sample(pairwise, 0.6, sweeps=9, burn_in=0, replicas=4, seed=2, start=s) for s in own]
    assert_same_numbers(*runs)
    assert json.loads(runs[0].attrs["parameters"])["start"] == "array"
    before = spins.copy()
    sample(pairwise, 0.6, sweeps=9, burn_in=0, replicas=4, start=spins)
    assert (spins == before).all()


@pytest.mark.parametrize(
    ("word", "state"), [("hierarchical", hierarchical_state), ("parallel", parallel_state)]
)
def test_states_of_many_patterns_are_starts(word, state):
    network = Multitasking(0.6).network(1000, n_patterns=3, seed=2)
    spins = initial_spins(network, 50, word, 5)
    decided = network.patterns.any(axis=0)
    if word == "parallel":
        decided = network.patterns.sum(axis=0) != 0
    assert (spins[:, decided] == state(network.patterns)[decided]).all()
    free = spins[:, ~decided]
    assert abs(free.mean()) * np.sqrt(free.size) < 4.0
    assert abs((free[0::2] * free[1::2]).mean()) * np.sqrt(free.size / 2.0) < 4.0
    few = initial_spins(network, 3, word, 5)
    assert (few == spins[:3]).all()
    taught = Supervised(2, 0.6, 5, dilution=0.6).network(1000, n_patterns=3, seed=2)
    assert (initial_spins(taught, 50, word, 5) == spins).all()  # of the same archetypes


# Overlaps with many archetypes


TRACKED = {
    "full": lambda: Hopfield().network(size=60, n_patterns=4, seed=3),
    "diluted": lambda: Multitasking(0.4).network(60, n_patterns=4, seed=3),
    "supervised": lambda: Supervised(2, 0.6, 5).network(60, n_patterns=4, seed=3),
    "unsupervised": lambda: Unsupervised(2, 0.6, 5, 0.4).network(60, n_patterns=4, seed=3),
    "four bodies": lambda: Dense(4).network(60, n_patterns=4, seed=3),
}


@pytest.mark.parametrize("name", TRACKED)
def test_overlaps_with_archetypes_are_those_of_the_spins(name):
    network = TRACKED[name]()
    options = {"replicas": 5, "seed": 1, "dynamics": "metropolis"}
    run = sample(network, 0.4, sweeps=25, burn_in=0, tracked=3, **options)
    states = trajectory(network, 0.4, sweeps=25, **options).spins.values[:, 1:]
    assert run.pattern_overlap_series.dims == ("replica", "sweep", "pattern")
    expected = network.archetype_overlaps(states)[..., :3]
    np.testing.assert_array_equal(run.pattern_overlap_series, expected)
    np.testing.assert_array_equal(run.pattern_overlap_series[..., 0], run.overlap_series)
    if isinstance(network.model, Supervised | Unsupervised):
        found = run.pattern_effective_overlap_series
        np.testing.assert_allclose(found, network.effective_overlaps(states)[..., :3], rtol=1e-12)
        np.testing.assert_array_equal(found[..., 0], run.effective_overlap_series)
    else:
        assert "pattern_effective_overlap" not in run
    for suffix in ("", "_stderr", "_tau_int", "_ess", "_rhat"):
        assert run[f"pattern_overlap{suffix}"].dims == ("pattern",)
        assert run[f"pattern_overlap{suffix}"].values[0] == run[f"overlap{suffix}"].item()


@pytest.mark.parametrize("name", TRACKED)
def test_tracking_changes_nothing_else(name):
    network = TRACKED[name]()
    options = {"sweeps": 45, "burn_in": 13, "replicas": 37, "threads": 2}
    plain = sample(network, 0.4, **options)
    for kernel in ("auto", plain.attrs["last_kernel"]):
        tracked = sample(network, 0.4, tracked=4, kernel=kernel, **options)
        names = [name for name in tracked.variables if "pattern" in str(name)]
        assert_same_numbers(tracked.drop_vars(names), plain)
    alone = sample(network, 0.4, tracked=1, **options)
    for name in ("pattern_overlap", "pattern_overlap_series"):
        np.testing.assert_array_equal(alone[name], tracked[name].isel(pattern=slice(1)))


def test_sums_of_many_examples_are_exact():
    network = Supervised(2, 1.0, 2**20).network(40, n_patterns=2, seed=1)
    network.patterns[:] += np.arange(40)
    run = sample(network, 0.4, sweeps=8, burn_in=0, replicas=3, tracked=2)
    spins = trajectory(network, 0.4, sweeps=8, replicas=3).spins.values[:, 1:].astype(np.int64)
    expected = (spins @ network.patterns.T.astype(np.int64)) * network.model.effective_unit / 40
    np.testing.assert_allclose(run.pattern_effective_overlap_series, expected, rtol=1e-15)


def test_spectrum_and_number_of_retrieved_patterns():
    network = Multitasking(0.4).network(20_000, n_patterns=5, seed=3)
    options = {"sweeps": 10, "burn_in": 10, "replicas": 4, "tracked": 5}
    together = sample(network, 0.02, start="hierarchical", **options)
    spectrum = overlap_spectrum(together.pattern_overlap)
    expected = 0.6 * 0.4 ** np.arange(5)
    assert np.abs((spectrum - expected) * np.sqrt(20_000)).max() < 4.0
    noise = 4.0 * np.sqrt(0.6 / 20_000)
    series = together.pattern_overlap_series
    assert (retrieved_patterns(series, noise) == 4).all()  # 0.6 * 0.4^4 is below the noise
    warm = sample(network, 1.2, start="hierarchical", **options | {"burn_in": 60})
    assert (retrieved_patterns(warm.pattern_overlap, noise) == 0).all()


# Exact means


def natural_temperature(network):
    """Spread of the energies: weights that differ, and barriers that are no obstacle."""
    return float(network.energy(all_states(network.size)).std())


def exact_means(network, weights):
    """Means of overlap, its square, the largest other overlap and the energy per spin."""
    states = all_states(network.size)
    overlap, effective = (
        network.archetype_overlaps(states)[:, 0],
        network.effective_overlaps(states),
    )
    return {
        "overlap": weights @ overlap,
        "overlap squared": weights @ overlap**2,
        "effective_overlap": weights @ effective[:, 0],
        "max_overlap": weights @ np.abs(effective[:, 1:]).max(axis=1),
        "energy": weights @ (network.energy(states) - network.energy_offset) / network.size,
    }


def sampled_means(run):
    """The same from a run, each with its standard error."""
    names = (*MEANS[:3], "effective_overlap")
    found = {name: (run[name], run[f"{name}_stderr"]) for name in names if name in run}
    return found | {"overlap squared": mean_and_stderr(run.overlap_series.values**2)}


def zscores(run, network, weights):
    expected = exact_means(network, weights)
    return {name: zscore(*found, expected[name]) for name, found in sampled_means(run).items()}


def thermal_run(network, temperature, dynamics):
    return sample(
        network, temperature, sweeps=500, burn_in=60, replicas=100, start="random",
        dynamics=dynamics, seed=12,
    )  # fmt: skip


@pytest.mark.parametrize("dynamics", ["glauber", "metropolis"])
def test_means_are_boltzmanns_within_their_errors(network, dynamics):
    temperature = natural_temperature(network)
    run = thermal_run(network, temperature, dynamics)
    for name, z in zscores(run, network, boltzmann(network, temperature)).items():
        assert abs(z) < 4.0, (name, z)
    wrong = zscores(run, network, boltzmann(network, 1.1 * temperature))
    assert abs(wrong["energy"]) > 4.0


def test_means_of_parallel_dynamics_are_those_of_its_own_measure(network):
    temperature = natural_temperature(network)
    run = thermal_run(network, temperature, "parallel")
    for name, z in zscores(run, network, parallel_stationary(network, temperature)).items():
        assert abs(z) < 4.0, (name, z)
    gibbs = zscores(run, network, boltzmann(network, temperature))
    assert max(map(abs, gibbs.values())) > 4.0


@pytest.mark.parametrize("dynamics", ["glauber", "metropolis"])
def test_flips_and_overlap_of_replicas_are_exact(dynamics):
    network = small_network(Dense(3))
    temperature = natural_temperature(network)
    run = thermal_run(network, temperature, dynamics)
    exact = {"replica_overlap": replica_overlap, "flip_rate": flip_rate}
    for name, mean in exact.items():
        z = zscore(run[name], run[f"{name}_stderr"], mean(network, temperature, dynamics))
        assert abs(z) < 4.0, (name, z)
        wrong = mean(network, 1.3 * temperature, dynamics)
        assert abs(zscore(run[name], run[f"{name}_stderr"], wrong)) > 4.0, name


def flip_rate(network, temperature, dynamics):
    """Mean chance of a flip: every attempt meets Boltzmann's measure and leaves it as it is."""
    stays = [
        np.diag(single_site_matrix(network, temperature, i, dynamics)) for i in range(network.size)
    ]
    return float(boltzmann(network, temperature) @ (1.0 - np.mean(stays, axis=0)))


def replica_overlap(network, temperature, dynamics=None):
    """Mean square of the mean spins, which the overlap of two independent replicas has as mean."""
    magnetizations = boltzmann(network, temperature) @ all_states(network.size)
    return float((magnetizations**2).mean())


# Honest errors


def mean_square(z):
    """Mean of z² and its standard error, from the scatter of z² itself."""
    squares = np.asarray(z) ** 2
    return squares.mean(), squares.std(ddof=1) / np.sqrt(squares.size)


def many_runs(factor, *, sweeps, count):
    """Runs of a network with four observables, and their exact means."""
    network = small_network(Dense(3))
    temperature = factor * natural_temperature(network)
    runs = [
        sample(network, temperature, sweeps=sweeps, burn_in=60, replicas=64, start="random", seed=k)
        for k in range(count)
    ]
    expected = exact_means(network, boltzmann(network, temperature))
    return runs, expected | {"replica_overlap": replica_overlap(network, temperature)}


def zscores_of(runs, expected, name):
    return [zscore(run[name], run[f"{name}_stderr"], expected[name]) for run in runs]


@pytest.fixture(scope="module")
def repeated():
    """Runs of some sixty autocorrelation times."""
    return many_runs(1.0, sweeps=400, count=250)


@pytest.mark.parametrize("name", ["overlap", "max_overlap", "energy", "replica_overlap"])
def test_reported_errors_are_the_true_errors(repeated, name):
    z = np.array(zscores_of(*repeated, name))
    value, error = mean_square(z)
    assert abs(value - 1.0) < 4.0 * error
    assert abs(z.mean()) < 4.0 / np.sqrt(z.size)
    for wrong in (0.7 * z, 1.5 * z):
        value, error = mean_square(wrong)
        assert abs(value - 1.0) > 4.0 * error


def test_errors_that_ignore_the_correlations_would_be_seen(repeated):
    runs, expected = repeated
    naive = []
    for run in runs:
        series = run.energy_series.values
        naive.append(zscore(run.energy, series.std() / np.sqrt(series.size), expected["energy"]))
    value, error = mean_square(naive)
    assert value - 1.0 > 4.0 * error
    tau = np.mean([run.energy_tau_int.item() for run in runs])
    assert abs(value - tau) < 4.0 * error


@pytest.mark.parametrize("name", ["overlap", "energy"])
def test_errors_of_runs_of_a_few_autocorrelation_times_are_not_too_small(name):
    runs, expected = many_runs(0.7, sweeps=100, count=120)
    assert np.mean([run[f"{name}_tau_int"].item() for run in runs]) > 10.0
    z = np.array(zscores_of(runs, expected, name))
    value, error = mean_square(z)
    assert value - 1.0 < 4.0 * error
    value, error = mean_square(2.0 * z)
    assert value - 1.0 > 4.0 * error


# Interruptions


def interrupt_at(monkeypatch, call):
    """Let the given call of `Ensemble.advance` be stopped by Ctrl-C."""
    plain, calls = Ensemble.advance, []

    def advance(self, first_sweep, record):
        calls.append(first_sweep)
        if len(calls) == call:
            raise KeyboardInterrupt
        plain(self, first_sweep, record)

    monkeypatch.setattr(Ensemble, "advance", advance)


def test_interrupted_run_keeps_the_finished_sweeps(pairwise, monkeypatch):
    options = {"sweeps": 90, "burn_in": 20, "replicas": 5, "seed": 1}
    whole = sample(pairwise, 0.6, **options)
    shorter = sample(pairwise, 0.6, **options | {"sweeps": 40})
    interrupt_at(monkeypatch, 4)
    with pytest.raises(Interrupted, match="after 40 of 90 sweeps") as stopped:
        sample(pairwise, 0.6, **options)
    partial = stopped.value.partial
    assert isinstance(stopped.value, KeyboardInterrupt)
    assert partial.sizes == {"replica": 5, "sweep": 40}
    assert partial.attrs["sweeps_done"] == "40"
    for name in SERIES:
        assert (partial[name].values == whole[name].values[:, :40]).all(), name
    assert_same_numbers(partial, shorter)


def test_run_interrupted_in_its_burn_in_has_nothing_to_keep(pairwise, monkeypatch):
    interrupt_at(monkeypatch, 1)
    with pytest.raises(KeyboardInterrupt) as stopped:
        sample(pairwise, 0.6, sweeps=90, burn_in=20, replicas=5)
    assert not isinstance(stopped.value, Interrupted)


@pytest.mark.parametrize(("call", "kept"), [(6, 40), (5, 20), (4, None)])
def test_interrupted_temperatures_keep_those_before(pairwise, monkeypatch, call, kept):
    """Two calls of burn-in and measurement for the first temperature, the rest for the second."""
    options = {"sweeps": 60, "burn_in": 0, "replicas": 5, "seed": 1}
    whole = sample(pairwise, [0.6, 0.3], **options)
    interrupt_at(monkeypatch, call)
    with pytest.raises(Interrupted) as stopped:
        sample(pairwise, [0.6, 0.3], **options)
    partial = stopped.value.partial
    assert partial.temperature.values.tolist() == [0.6, 0.3][: 1 if kept is None else 2]
    assert_same_numbers(partial.isel(temperature=0), whole.isel(temperature=0))
    if kept is not None:
        series = partial.energy_series.isel(temperature=1).values
        assert (series[:, :kept] == whole.energy_series.values[1, :, :kept]).all()
        assert np.isnan(series[:, kept:]).all()
        assert partial.energy.values[1] == pytest.approx(series[:, :kept].mean(), rel=1e-14)


# Bad input


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ({"network": "net"}, "network must be a hopfield.Network, got 'net'"),
        ({"temperature": -0.5}, "temperature must be a finite number >= 0, .* got -0.5"),
        ({"temperature": [0.1, np.nan]}, "temperature .* got nan"),
        ({"temperature": np.inf}, "temperature .* got inf"),
        ({"temperature": "warm"}, "temperature .* got 'warm'"),
        ({"temperature": [[0.1]]}, r"temperature .* got \[\[0.1\]\]"),
        ({"temperature": []}, r"temperature .* got \[\]"),
        ({"sweeps": 3}, "sweeps must be an integer >= 4, got 3"),
        ({"sweeps": 10.0}, "sweeps must be an integer >= 4, got 10.0"),
        ({"burn_in": -1}, "burn_in must be an integer >= 0, got -1"),
        ({"burn_in": None}, "burn_in must be an integer >= 0, got None"),
        ({"replicas": 0}, "replicas must be an integer >= 1, got 0"),
        ({"replicas": True}, "replicas must be an integer >= 1, got True"),
        ({"dynamics": "wolff"}, "dynamics must be one of 'glauber', .*, got 'wolff'"),
        ({"kernel": "fast"}, "kernel must be one of 'auto', .*, got 'fast'"),
        ({"tracked": 5}, "tracked must be an integer >= 0 and <= 4, got 5"),
        ({"tracked": -1}, "tracked must be an integer >= 0 and <= 4, got -1"),
        ({"threads": 0}, "threads must be an integer >= 1, got 0"),
        ({"seed": -3}, "seed must be an integer >= 0, .* got -3"),
        ({"seed": 1.5}, "seed must be .* got 1.5"),
        ({"start": "zero"}, "start must be 'pattern', 'random', .* got 'zero'"),
        ({"start": 1.2}, "start must be .* an overlap in .*, got 1.2"),
        ({"start": np.nan}, "start must be .* got nan"),
        ({"start": None}, "start must be .* got None"),
        ({"start": np.ones(59)}, r"start must have shape \(60,\) or \(5, 60\), got \(59,\)"),
        ({"start": np.ones((4, 60))}, r"start must have shape .* got \(4, 60\)"),
        ({"start": np.zeros(60)}, "start must have entries"),
        ({"sweeps": 10**13}, r"the run would need \d.* GiB of memory, .* are free"),
        ({"replicas": 10**13}, r"the run would need \d.* GiB of memory, .* are free"),
    ],
)
def test_bad_input_is_named(pairwise, bad, words):
    good = {"network": pairwise, "temperature": 0.5, "sweeps": 10, "burn_in": 0, "replicas": 5}
    with pytest.raises(InputError, match=words):
        sample(**good | bad)


def test_kernel_that_is_not_exact_is_refused():
    network = small_network(Dense(3))
    with pytest.raises(
        InputError, match=r"kernel 'block' is not exact .* use one of \['slopes', 'dense'\]"
    ):
        sample(network, 0.5, sweeps=10, kernel="block")


def test_energy_is_without_the_constant_that_theory_leaves_out():
    network = Dense(4, self_interaction=True).network(30, n_patterns=400, seed=4)
    run = sample(network, 0.5, sweeps=8, burn_in=0, replicas=2, start="random")
    offset = float(run.attrs["energy_offset"])
    assert offset == pytest.approx(-(400 / 30**3) * (3 * 30 - 2) / 4, rel=1e-14)
    assert abs(run.energy.item()) < 0.5 < abs(offset + run.energy.item())


@pytest.mark.parametrize(("p", "arithmetic"), [(4, "integers"), (20, "floating point")])
def test_result_says_whether_its_fields_are_integers(p, arithmetic):
    network = Dense(p).network(150, n_patterns=5, seed=4)
    run = sample(network, 0.1, sweeps=4, burn_in=0, replicas=2)
    assert run.attrs["arithmetic"] == arithmetic


MEMORY = """
import hopfield, montecarlo

def used():
    with open("/proc/self/status") as status:
        return 1024 * next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))

def run(count):
    network = hopfield.Dense(4).network(200, n_patterns=count, seed=1)
    montecarlo.sample(network, 0.2, sweeps=4, burn_in=0, replicas=8, series=False)

run(100)
before = used()
run(200_000)
print(used() - before)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads the largest memory from /proc")
def test_memory_of_many_patterns_is_twice_their_bytes():
    done = subprocess.run(
        [sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True
    )
    assert 40e6 < float(done.stdout) < 100e6
