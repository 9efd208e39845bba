"""Models, their loads, and what they refuse."""

import dataclasses
import re
import tracemalloc
from types import SimpleNamespace

import numpy as np
import psutil
import pytest

from hopfield import Dense, Hopfield, InputError, Multitasking
from hopfield.storage import PANEL_BYTES, bytes_needed


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
    [(2, 0.05, 2000, 100), (2, 0.1, 14, 1), (3, 0.02, 50, 50), (4, 1e-3, 20, 8), (2, 0.02, 50, 1)],
)
def test_number_of_patterns_at_a_load(p, load, size, expected):
    assert Dense(p).patterns_at(load, size) == expected
    network = Dense(p).network(size, load=load, seed=0)
    assert network.n_patterns == expected
    assert network.load == pytest.approx(expected / size ** (p - 1))


@pytest.mark.parametrize(
    ("p", "load", "exponent", "size", "expected"),
    [
        (4, 0.5, 1, 200, 100),
        (4, 0.5, 1.0, 200, 100),
        (3, 2.0, 0.5, 100, 20),
        (5, 0.3, 1.5, 64, 154),
    ],
)
def test_number_of_patterns_at_a_lower_load(p, load, exponent, size, expected):
    assert Dense(p).patterns_at(load, size, exponent) == expected
    network = Dense(p).network(size, load=load, exponent=exponent, seed=0)
    assert network.n_patterns == expected
    assert network.load == pytest.approx(expected / size ** (p - 1))


@pytest.mark.parametrize("p", [2, 3, 6])
def test_largest_exponent_is_that_of_the_load(p):
    assert Dense(p).patterns_at(0.3, 20, exponent=p - 1) == Dense(p).patterns_at(0.3, 20)


@pytest.mark.parametrize("exponent", [0, 0.0, -1.0, 2.01, np.nan, np.inf, "1", True, 1j])
def test_bad_exponent_is_refused(exponent):
    for call in (Dense(3).patterns_at, lambda a, n, b: Dense(3).network(n, load=a, exponent=b)):
        with pytest.raises(InputError, match=r"exponent must be a number in \(0, 2\], got"):
            call(0.1, 50, exponent)


def test_exponent_without_a_load_is_refused():
    with pytest.raises(InputError, match="exponent belongs to load, got 1 with n_patterns"):
        Dense(3).network(50, n_patterns=4, exponent=1)


@pytest.mark.parametrize("p", [2, 3, 5])
@pytest.mark.parametrize("size", [3, 7, 49, 641])
@pytest.mark.parametrize("n_patterns", [1, 2, 10, 12345])
def test_load_of_a_number_of_patterns_means_that_number(p, size, n_patterns):
    load = n_patterns / float(size) ** (p - 1)
    assert Dense(p).patterns_at(load, size) == n_patterns
    assert Dense(p).patterns_at(n_patterns / size**0.7, size, 0.7) == n_patterns


@pytest.mark.parametrize(("p", "size", "exponent"), [(2, 50, None), (3, 7, None), (4, 7, 1.5)])
def test_load_of_less_than_a_pattern_says_what_is_allowed(p, size, exponent):
    one = size ** -(exponent or p - 1.0)
    for load in (0.0, 0.6 * one, (1.0 - 1e-6) * one):
        with pytest.raises(InputError, match=re.escape(f"size {size}, got {load:.12g}")):
            Dense(p).network(size, load=load, exponent=exponent)
    with pytest.raises(InputError) as refused:
        Dense(p).patterns_at(0.6 * one, size, exponent)
    least = re.search(r">= (\S+),", str(refused.value))
    assert least is not None
    assert Dense(p).patterns_at(float(least[1]), size, exponent) == 1


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
        Multitasking(dilution)


def test_too_large_for_memory_says_how_much():
    with pytest.raises(
        InputError, match=r"the patterns would need 9\.31e\+05 GiB of memory, .* free"
    ):
        Hopfield().network(10**6, n_patterns=10**9)
    with pytest.raises(InputError, match=r"the patterns would need .* GiB of memory"):
        Dense(20).network(500, load=0.1)


def test_memory_is_counted_with_what_an_energy_needs(monkeypatch):
    n_patterns, size = 1000, 40
    enough = bytes_needed(n_patterns, size)
    for free, fits in [(enough, True), (enough - 1, False), (n_patterns * size, False)]:
        there = SimpleNamespace(available=free)
        monkeypatch.setattr(psutil, "virtual_memory", lambda there=there: there)
        if fits:
            assert Dense(3).network(size, n_patterns=n_patterns).n_patterns == n_patterns
        else:
            with pytest.raises(InputError, match="the patterns would need"):
                Dense(3).network(size, n_patterns=n_patterns)


def test_memory_of_an_energy_is_what_it_takes():
    n_patterns, size = 100_000, 20
    tracemalloc.start()
    network = Dense(4).network(size, n_patterns=n_patterns, seed=1)
    network.energy(network.patterns[0])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    needed = bytes_needed(n_patterns, size)
    assert 0.8 * needed < peak < needed + 4 * PANEL_BYTES


def test_numbers_beyond_floating_point_are_refused():
    with pytest.raises(
        InputError, match=r"size\^p must stay below 1e300, got about 1e540 with p = 200"
    ):
        Dense(200).network(500, n_patterns=1)
    with pytest.raises(InputError, match=r"size\^p must stay below 1e300"):
        Hopfield().patterns_at(0.1, 10**400)
    with pytest.raises(InputError, match=r"load \* size\^exponent must be a finite number"):
        Hopfield().patterns_at(1e308, 500)


def test_networks_record_their_seed():
    drawn = Hopfield().network(40, n_patterns=5)
    again = Hopfield().network(40, n_patterns=5, seed=int(drawn.seed_record))
    assert (drawn.patterns == again.patterns).all()
    assert Hopfield().network(40, n_patterns=5, seed=0).seed_record == "0"
    assert Hopfield().network(40, n_patterns=5, seed=np.int64(7)).seed_record == "7"


def test_networks_of_different_models_share_their_patterns():
    one, other = (Dense(p).network(40, n_patterns=5, seed=1).patterns for p in (2, 3))
    diluted = Multitasking(0.2).network(40, n_patterns=5, seed=1).patterns
    assert (one == other).all()
    assert (diluted == np.where(diluted, one, 0)).all()
    assert 0 in diluted
