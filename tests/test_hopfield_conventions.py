"""Units of the literature, against the Hamiltonians written down as sums over spins."""

from dataclasses import dataclass
from itertools import combinations, product
from math import factorial

import numpy as np
import pytest
from exact import all_states, boltzmann
from scipy.special import logsumexp

from hopfield import CONVENTIONS, Dense, InputError, Network, convert, fair_patterns, glass_coupling
from hopfield.conventions import Convention

SIZE = 7
NAMES = list(CONVENTIONS)


def interactions(patterns, spins, sets):
    """Sum over patterns and sets of the products of ξ s, shape (states,)."""
    total = np.zeros(len(spins))
    for pattern in patterns.astype(int):
        total += (pattern * spins)[:, sets].prod(axis=-1).sum(axis=-1)
    return total


@dataclass(frozen=True)
class Paper:
    """Energy, number of patterns and inverse temperature as functions of a paper's own numbers."""

    prefactor: object
    n_patterns: object
    beta: object
    repeated: bool = False

    def log_weights(self, patterns, p, temperature):
        """Logarithms of exp(-β H)/Z of all states."""
        choose = product(range(SIZE), repeat=p) if self.repeated else combinations(range(SIZE), p)
        sums = interactions(patterns, all_states(SIZE).astype(int), np.array(list(choose)))
        logs = self.beta(p, temperature) * self.prefactor(p) * sums
        return logs - logsumexp(logs)


PAPERS = {
    "toolkit": Paper(
        lambda p: factorial(p - 1) / SIZE ** (p - 1),
        lambda p, load: load * SIZE ** (p - 1),
        lambda p, temperature: 1 / temperature,
    ),
    "gardner": Paper(
        lambda p: factorial(p) / (2 * SIZE ** (p - 1)),
        lambda p, load: 2 * load * SIZE ** (p - 1) / factorial(p),
        lambda p, temperature: 1 / temperature,
    ),
    "albanese": Paper(
        lambda p: 1 / SIZE ** (p - 1),
        lambda p, load: load * (2 / factorial(p)) * SIZE ** (p - 1),
        lambda p, temperature: factorial(p) / (2 * temperature),
    ),
    "per-coupling": Paper(
        lambda p: factorial(p - 1) / SIZE ** (p - 1),
        lambda p, load: load * (SIZE**p / factorial(p)) / SIZE,
        lambda p, temperature: 1 / temperature,
    ),
    "krotov-hopfield": Paper(
        lambda p: 1.0,
        lambda p, load: load * SIZE ** (p - 1),
        lambda p, temperature: 1 / temperature,
        repeated=True,
    ),
}


def test_every_convention_is_checked():
    assert set(PAPERS) == set(CONVENTIONS)


@pytest.mark.parametrize("p", [2, 3, 4])
@pytest.mark.parametrize("name", NAMES)
def test_weights_and_number_of_patterns_are_those_of_the_paper(name, p):
    patterns = fair_patterns(3, SIZE, seed=p)
    network = Network(Dense(p, CONVENTIONS[name].self_interaction), patterns)
    theirs = convert(network.load, 0.4, p=p, target=name, size=SIZE)
    paper = PAPERS[name]
    assert paper.n_patterns(p, theirs.load) == pytest.approx(3, rel=1e-13)
    log_weights = paper.log_weights(patterns, p, theirs.temperature)
    assert np.exp(log_weights) == pytest.approx(boltzmann(network, 0.4), rel=1e-9)
    other = Network(Dense(p, not CONVENTIONS[name].self_interaction), patterns)
    differ = np.abs(np.exp(log_weights) / boltzmann(other, 0.4) - 1.0).max()
    assert (differ > 0.01) == (p > 2)


@pytest.mark.parametrize("p", [2, 3, 5, 20])
def test_conversions_are_a_group(p):
    start = (0.3, 0.7)
    for source, between, target in product(NAMES, repeat=3):
        first = convert(*start, p=p, source=source, target=between, size=40)
        second = convert(*first, p=p, source=between, target=target, size=40)
        direct = convert(*start, p=p, source=source, target=target, size=40)
        assert second == pytest.approx(direct, rel=1e-13)
        if source == target:
            assert direct == pytest.approx(start, rel=1e-15)


def test_normalised_conventions_agree_for_pairs():
    for name in ("gardner", "albanese"):
        assert convert(0.1, 0.3, p=2, target=name) == pytest.approx((0.1, 0.3))
    assert convert(0.1, 0.3, p=2, target="per-coupling") == pytest.approx((0.2, 0.3))
    theirs = convert(0.1, 0.3, p=2, target="krotov-hopfield", size=50)
    assert theirs == pytest.approx((0.1, 2 * 50 * 0.3))


def test_factors_of_three_spins():
    assert convert(0.1, 0.3, p=3, target="gardner") == pytest.approx((0.3, 0.45))
    assert convert(0.1, 0.3, p=3, target="albanese") == pytest.approx((0.3, 0.45))
    theirs = convert(0.1, 0.3, p=3, source="gardner", target="krotov-hopfield", size=200)
    assert theirs == pytest.approx((0.1 / 3, 0.2 * 3 * 200**2))


def test_arrays_of_loads_and_of_temperatures():
    loads, temperatures = np.array([0.0, 0.1, 0.2]), [0.3, 0.6]
    theirs = convert(loads, temperatures, p=4, target="gardner")
    assert theirs.load == pytest.approx(12.0 * loads)
    assert theirs.temperature == pytest.approx([0.6, 1.2])
    assert loads.tolist() == [0.0, 0.1, 0.2]
    one, other = convert(0.1, 0.3, p=4)
    assert np.ndim(one) == np.ndim(other) == 0


def test_descriptions_are_complete():
    for convention in CONVENTIONS.values():
        assert isinstance(convention, Convention)
        assert convention.reference
        assert r"\xi^\mu_" in convention.hamiltonian
        assert "K" in convention.load
        assert r"\beta" in convention.temperature


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"source": "krotov"}, "source must be one of 'toolkit', 'gardner', .*, got 'krotov'"),
        ({"target": None}, "target must be one of 'toolkit', 'gardner', .*, got None"),
        ({"target": "krotov-hopfield"}, "give size"),
        ({"source": "krotov-hopfield"}, "give size"),
        ({"target": "krotov-hopfield", "size": 1}, "size must be an integer >= 2, got 1"),
        ({"target": "krotov-hopfield", "size": 10.0}, "size must be an integer >= 2, got 10.0"),
        ({"target": "krotov-hopfield", "size": 10**200}, r"size\^p must stay below"),
        ({"p": 1}, "p must be an integer >= 2 and <= 170, got 1"),
        ({"p": 171}, "p must be an integer >= 2 and <= 170, got 171"),
        ({"p": 3.0}, "p must be an integer"),
        ({"load": -0.1}, "load must be .* got -0.1"),
        ({"load": np.nan}, "load must be .* got nan"),
        ({"load": [[0.1]]}, "load must be"),
        ({"temperature": -1}, "temperature must be .* got -1"),
        ({"temperature": "0.3"}, "temperature must be .* got '0.3'"),
        ({"load": 1e308, "target": "gardner"}, "load is beyond floating point .* got 1e.308"),
        ({"temperature": 1.5e308, "target": "gardner"}, "temperature is beyond floating point"),
    ],
)
def test_bad_input_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        convert(**{"load": 0.1, "temperature": 0.3, "p": 3} | arguments)


@pytest.mark.parametrize(
    "model", [Dense(2), Dense(2, self_interaction=True), Dense(3), Dense(4), Dense(5)]
)
def test_crosstalk_has_the_covariance_of_the_glass(model):
    p, n = model.p, 6
    # All patterns once: sums over them are averages over one random pattern.
    every = Network(model, all_states(n))
    states = all_states(n)[[0, 1, 3, 11, 37, 63]]
    energies = -model.phi(every.overlap_sums(states), every.filled, n)
    energies -= energies.mean(axis=-1, keepdims=True)
    covariance = energies @ energies.T / len(every.patterns)
    coupling = glass_coupling(model, 1 / n ** (p - 1))
    sets = np.array(list(combinations(range(n), p)))
    products = states.astype(int)[:, sets].prod(axis=-1)
    glass = coupling**2 * factorial(p) / (2 * n ** (p - 1)) * products @ products.T
    assert covariance == pytest.approx(glass, rel=1e-12, abs=1e-14)
    assert np.unique(glass.round(12)).size > 2


def test_glass_of_a_load():
    loads = np.array([0.0, 0.1, 0.4])
    assert glass_coupling(Dense(2), loads) == pytest.approx(np.sqrt(loads))
    assert glass_coupling(Dense(4), loads) == pytest.approx(np.sqrt(3.0 * loads))
    for p in (2, 3, 6):
        gardner = convert(0.2, 0.5, p=p, target="gardner")
        ratio = 0.5 / glass_coupling(Dense(p), 0.2)
        assert gardner.temperature / np.sqrt(gardner.load) == pytest.approx(ratio)


@pytest.mark.parametrize(
    ("model", "load", "message"),
    [
        (Dense(3, self_interaction=True), 0.1, "mixture of glasses of several orders"),
        (Dense(4, self_interaction=True), 0.1, "mixture of glasses of several orders"),
        (3, 0.1, "model must be hopfield.Dense, got 3"),
        (Dense(3), -0.1, "load must be .* got -0.1"),
        (Dense(171), 0.1, "p must be an integer >= 2 and <= 170, got 171"),
    ],
)
def test_what_is_no_single_glass_is_refused(model, load, message):
    with pytest.raises(InputError, match=message):
        glass_coupling(model, load)
