"""States sweep by sweep: the numbers of the sampler, from the start on."""

import numpy as np
import pytest

from hopfield import Dense, Hopfield, InputError, Supervised, Unsupervised
from hopfield.vocabulary import describe
from montecarlo import sample, trajectory
from montecarlo.starts import initial_spins

NETWORKS = [
    Hopfield().network(size=60, n_patterns=4, seed=3),
    Dense(3, self_interaction=True).network(size=60, n_patterns=20, seed=3),
    Supervised(2, 0.5, 10).network(size=60, n_patterns=3, seed=3),
    Supervised(3, 0.5, 10).network(size=60, n_patterns=3, seed=3),
    Unsupervised(4, 0.5, 10).network(size=60, n_patterns=3, seed=3),
]


@pytest.mark.parametrize("network", NETWORKS, ids=lambda network: str(network.model))
@pytest.mark.parametrize("dynamics", ["glauber", "metropolis", "parallel"])
def test_states_are_those_of_the_sampler(network, dynamics):
    options = {"replicas": 5, "start": 0.6, "dynamics": dynamics, "seed": 4}
    states = trajectory(network, 0.7, sweeps=6, **options).spins.values
    run = sample(network, 0.7, sweeps=6, burn_in=0, **options)
    assert (states[:, 0] == initial_spins(network, 5, 0.6, 4)).all()
    after = states[:, 1:]
    overlaps = network.archetype_overlaps(after)[..., 0]
    np.testing.assert_allclose(overlaps, run.overlap_series, rtol=0.0, atol=1e-15)
    energies = (network.energy(after) - network.energy_offset) / network.size
    np.testing.assert_allclose(energies, run.energy_series, rtol=0.0, atol=1e-12)
    flips = (states[:, 1:] != states[:, :-1]).mean(axis=-1)
    np.testing.assert_allclose(flips, run.flip_rate_series, rtol=0.0, atol=1e-15)
    other = trajectory(network, 0.7, sweeps=6, **options | {"seed": 5}).spins.values
    assert (network.archetype_overlaps(other[:, 1:])[..., 0] != run.overlap_series).any()


def test_names_dims_and_units():
    result = trajectory(NETWORKS[0], 0.2, sweeps=3, replicas=2)
    assert set(result.data_vars) == {"spins"}
    assert result.spins.dims == ("replica", "sweep", "site")
    assert result.spins.shape == (2, 4, 60)
    assert result.spins.dtype == np.int8
    assert (result.spins.isel(sweep=0) == NETWORKS[0].patterns[0]).all()
    for name in result.variables:
        expected = describe(str(name))
        assert {key: result[name].attrs[key] for key in expected} == expected


def test_a_start_of_given_states():
    start = np.random.default_rng(1).choice(np.array([-1, 1]), size=(3, 60))
    result = trajectory(NETWORKS[0], 0.2, sweeps=1, replicas=3, start=start)
    assert (result.spins.values[:, 0] == start).all()


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"network": 1}, "network must be a hopfield.Network, got 1"),
        ({"temperature": -0.1}, "temperature must be a finite number >= 0, got -0.1"),
        ({"temperature": [0.1, 0.2]}, r"temperature must be a finite number >= 0, got \[0.1"),
        ({"sweeps": 0}, "sweeps must be an integer >= 1, got 0"),
        ({"replicas": 0}, "replicas must be an integer >= 1, got 0"),
        ({"dynamics": "heat"}, "dynamics must be one of 'glauber'"),
        ({"replicas": 10**12}, "the states would need .* GiB of memory"),
    ],
)
def test_bad_input(changed, message):
    arguments = {"network": NETWORKS[0], "temperature": 0.1} | changed
    with pytest.raises(InputError, match=message):
        trajectory(**arguments)
