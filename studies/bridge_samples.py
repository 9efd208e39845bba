"""States of units that are sums of spins: spins flipped one by one, and all of them at once."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hopfield import Network, attention
from hopfield.seeds import Seed, Stream, sequence

__all__ = ["block_heat_bath", "measured", "one_step", "single_flips", "visits"]

Floats = NDArray[np.float64]


def single_flips(
    network: Network,
    temperature: float,
    beta: float,
    spins_per_unit: int,
    *,
    replicas: int,
    sweeps: int,
    burn_in: int,
    seed: Seed,
) -> Floats:
    """States in heat bath of one spin after the other, from random ones.

    The states are those of `montecarlo.sample`, which knows the energy of the network alone.

    Parameters
    ----------
    network : Network
        Spins of a unit are neighbours.
    temperature : float
    beta : float
        β of the units.
    spins_per_unit : int
        n.
    replicas, sweeps, burn_in, seed
        As of `montecarlo.sample`.

    Returns
    -------
    array, shape (replica, sweep, N)

    Examples
    --------
    >>> import hopfield
    >>> net = hopfield.Exponential(0.5).store(np.ones((1, 12)))
    >>> single_flips(net, 2.0, 1.0, 4, replicas=2, sweeps=5, burn_in=1, seed=0).shape
    (2, 5, 3)
    """
    import montecarlo

    run = montecarlo.trajectory(
        network, temperature, sweeps=burn_in + sweeps, replicas=replicas, start="random", seed=seed
    )
    spins = run.spins.values[:, burn_in + 1 :]
    n = spins_per_unit
    sums = spins.reshape(*spins.shape[:2], -1, n).sum(axis=-1, dtype=np.int64)
    return np.asarray(sums / math.sqrt(n * beta))


def block_heat_bath(
    patterns: Floats,
    beta: float,
    spins_per_unit: int,
    *,
    replicas: int,
    sweeps: int,
    seed: Seed,
) -> tuple[Floats, NDArray[np.int64]]:
    """States in heat bath of all spins at once, started in equilibrium.

    Given the spins a pattern is drawn with the weights of attention, and given the pattern all
    spins, which are then independent.

    Parameters
    ----------
    patterns : array of +-1, shape (K, N)
    beta : float
    spins_per_unit : int
        n.
    replicas, sweeps : int
    seed : int, numpy.random.SeedSequence or None

    Returns
    -------
    states : array, shape (replica, sweep, N)
    sources : int array, shape (replica, sweep)
        The pattern from which each was drawn.

    Examples
    --------
    >>> states, sources = block_heat_bath(np.ones((2, 3)), 1.0, 4, replicas=5, sweeps=6, seed=0)
    >>> states.shape, sources.shape
    ((5, 6, 3), (5, 6))
    """
    draw = np.random.Generator(np.random.Philox(sequence(seed, Stream.ACCEPTANCE)))
    states = np.empty((replicas, sweeps, patterns.shape[1]))
    sources = np.empty((replicas, sweeps), dtype=np.int64)
    # all patterns have one norm, and in equilibrium one probability
    source = draw.integers(len(patterns), size=replicas)
    for now in range(sweeps):
        x = _spins_of(patterns[source], beta, spins_per_unit, draw)
        states[:, now], sources[:, now] = x, source
        source = _drawn(attention.weights(x, patterns, beta), draw)
    return states, sources


def one_step(
    queries: Floats,
    patterns: Floats,
    beta: float,
    spins_per_unit: int,
    *,
    replicas: int,
    draws: int,
    seed: Seed,
) -> Floats:
    """Means over many such steps from given states.

    Parameters
    ----------
    queries : array, shape (Q, N)
    patterns : array of +-1, shape (K, N)
    beta : float
    spins_per_unit : int
        n.
    replicas, draws : int
        Independent means, and the steps of each of them.
    seed : int, numpy.random.SeedSequence or None

    Returns
    -------
    array, shape (replica, Q, N)

    Examples
    --------
    >>> patterns = np.ones((2, 3))
    >>> one_step(np.zeros((4, 3)), patterns, 1.0, 16, replicas=5, draws=6, seed=0).shape
    (5, 4, 3)
    """
    draw = np.random.Generator(np.random.Philox(sequence(seed, Stream.INITIAL_STATE)))
    weights = attention.weights(queries, patterns, beta)
    times = draw.multinomial(draws, weights, size=(replicas, len(queries)))
    # all spins of a unit that come from one pattern, in whichever steps, are alike
    ups = draw.binomial(spins_per_unit * times[..., None], _up(patterns, beta, spins_per_unit))
    sums = 2.0 * ups.sum(axis=2) - spins_per_unit * draws
    return np.asarray(sums / (draws * math.sqrt(spins_per_unit * beta)))


def measured(states: Floats, patterns: Floats, beta: float) -> dict[str, Floats]:
    """What is compared with exact means, of the shape of the states without their components.

    Parameters
    ----------
    states : array, shape (..., N)
    patterns : array of +-1, shape (K, N)
    beta : float

    Returns
    -------
    dict of array

    Examples
    --------
    >>> measured(np.ones((2, 3)), np.ones((1, 3)), 1.0)["second_moment"]
    array([1., 1.])
    """
    return {
        "second_moment": (states**2).mean(axis=-1),
        "state_energy": attention.energy(states, patterns, beta),
        "largest_weight": attention.weights(states, patterns, beta).max(axis=-1),
    }


def visits(states: Floats, beta: float, spins_per_unit: int, site: int) -> Floats:
    """How often a unit has each of its values, in each replica.

    Parameters
    ----------
    states : array, shape (replica, sweep, N)
    beta : float
    spins_per_unit : int
        n.
    site : int
        Which unit.

    Returns
    -------
    array, shape (replica, n + 1)
        Of sum 1 in every replica.

    Examples
    --------
    >>> visits(np.array([[[1.0], [-1.0], [1.0], [1.0]]]), 1.0, 1, 0)
    array([[0.25, 0.75]])
    """
    n = spins_per_unit
    up = np.rint((states[..., site] * math.sqrt(n * beta) + n) / 2.0).astype(np.int64)
    counts = [np.bincount(row, minlength=n + 1) for row in up]
    return np.asarray(np.array(counts) / up.shape[1])


def _drawn(weights: Floats, draw: np.random.Generator) -> NDArray[np.int64]:
    """One index for every row of weights, with these probabilities."""
    below = np.cumsum(weights, axis=-1)[..., :-1]
    return np.asarray((draw.random(weights.shape[:-1])[..., None] > below).sum(axis=-1))


def _spins_of(fields: Floats, beta: float, n: int, draw: np.random.Generator) -> Floats:
    """Sums of n spins each in given fields."""
    up = _up(fields, beta, n)
    return np.asarray((2.0 * draw.binomial(n, up) - n) / math.sqrt(n * beta))


def _up(fields: Floats, beta: float, n: int) -> Floats:
    """Probability that a spin is 1."""
    return np.asarray((1.0 + np.tanh(math.sqrt(beta / n) * fields)) / 2.0)
