"""Models, their loads, and what they refuse."""

import dataclasses

import numpy as np
import pytest

from hopfield import Dense, Hopfield, InputError


def test_models_are_values():
    assert Hopfield() == Dense(2) == Dense(p=2, self_interaction=False)
    assert len({Dense(2), Dense(2, True), Dense(3), Hopfield()}) == 3
    with pytest.raises(dataclasses.FrozenInstanceError):
        Dense(2).p = 3  # type: ignore[misc]


@pytest.mark.parametrize("p", [1, 0, -2, 2.0, 2.5, "3", None, True, np.nan])
def test_bad_order_is_refused(p):
    with pytest.raises(InputError, match="p must be an integer >= 2, got"):
        Dense(p)


@pytest.mark.parametrize("self_interaction", [1, 0, None, "yes", np.True_])
def test_self_interaction_is_a_bool(self_interaction):
    with pytest.raises(InputError, match="self_interaction must be True or False, got"):
        Dense(3, self_interaction)


@pytest.mark.parametrize(
    ("p", "load", "size", "expected"),
    [(2, 0.05, 2000, 100), (2, 0.1, 14, 1), (3, 0.02, 50, 50), (4, 1e-3, 20, 8), (2, 0.0, 50, 1)],
)
def test_number_of_patterns_at_a_load(p, load, size, expected):
    assert Dense(p).patterns_at(load, size) == expected
    network = Dense(p).network(size, load=load, seed=0)
    assert network.n_patterns == expected
    assert network.load == pytest.approx(expected / size ** (p - 1))


@pytest.mark.parametrize("load", [-0.1, np.nan, np.inf, "0.1", 1j, True, [0.1], 10**400])
def test_bad_load_is_refused(load):
    for call in (Hopfield().patterns_at, lambda a, n: Hopfield().network(n, load=a)):
        with pytest.raises(InputError, match="load must be a finite number >= 0, got"):
            call(load, 100)


@pytest.mark.parametrize("size", [1, 0, -5, 10.0, "10", None, True])
def test_bad_size_is_refused(size):
    for call in (Hopfield().patterns_at, lambda a, n: Hopfield().network(n, load=a)):
        with pytest.raises(InputError, match="size must be an integer >= 2, got"):
            call(0.1, size)


@pytest.mark.parametrize("n_patterns", [0, -1, 2.0, "2", True])
def test_bad_number_of_patterns_is_refused(n_patterns):
    with pytest.raises(InputError, match="n_patterns must be an integer >= 1, got"):
        Hopfield().network(10, n_patterns=n_patterns)


@pytest.mark.parametrize("numbers", [{}, {"load": 0.1, "n_patterns": 3}])
def test_either_load_or_number_of_patterns(numbers):
    with pytest.raises(InputError, match="give either load or n_patterns"):
        Hopfield().network(10, **numbers)


@pytest.mark.parametrize("dilution", [-0.1, 1.0, np.nan, "half"])
def test_bad_dilution_is_refused(dilution):
    with pytest.raises(InputError, match=r"dilution must be a number in \[0, 1\), got"):
        Hopfield().network(10, n_patterns=2, dilution=dilution)


def test_too_large_for_memory_says_how_much():
    with pytest.raises(
        InputError, match=r"the patterns would need 9\.31e\+05 GiB of memory, .* free"
    ):
        Hopfield().network(10**6, n_patterns=10**9)
    with pytest.raises(InputError, match=r"the patterns would need .* GiB of memory"):
        Dense(20).network(500, load=0.1)


def test_numbers_beyond_floating_point_are_refused():
    with pytest.raises(
        InputError, match=r"size\^p must stay below 1e300, got about 1e540 with p = 200"
    ):
        Dense(200).network(500, n_patterns=1)
    with pytest.raises(InputError, match=r"size\^p must stay below 1e300"):
        Hopfield().patterns_at(0.1, 10**400)
    with pytest.raises(InputError, match=r"load \* size\^\(p - 1\) must be a finite number"):
        Hopfield().patterns_at(1e308, 500)


def test_networks_record_their_seed():
    drawn = Hopfield().network(40, n_patterns=5)
    again = Hopfield().network(40, n_patterns=5, seed=int(drawn.seed_record))
    assert (drawn.patterns == again.patterns).all()
    assert Hopfield().network(40, n_patterns=5, seed=0).seed_record == "0"
    assert Hopfield().network(40, n_patterns=5, seed=np.int64(7)).seed_record == "7"


def test_networks_of_different_models_share_their_patterns():
    one, other = (Dense(p).network(40, n_patterns=5, dilution=0.2, seed=1) for p in (2, 3))
    assert (one.patterns == other.patterns).all()
    assert 0 in one.patterns
