"""Exponential networks of few spins, exactly: the sum over all patterns at every one of 2^N states.

State k has spin i equal to +1 if bit i of k is set, and -1 if not.
"""

import numpy as np
from scipy.special import logsumexp

MOST_SPINS = 24


def pattern_counts(n, n_patterns, seed):
    """How often each state is among fair random patterns drawn with replacement, shape (2^n,)."""
    rng = np.random.default_rng(seed)
    return np.bincount(rng.integers(0, 2**n, n_patterns), minlength=2**n)


def relative_sums(counts, sharpness):
    r"""Sums of exp(-2λ distance) over all patterns, at every state, shape (2^n,).

    The kernel is a product over the spins, so that one spin after the other is summed over. There
    are no differences, and every sum has its full relative accuracy.
    """
    n = counts.size.bit_length() - 1
    if counts.size != 2**n or n > MOST_SPINS:
        raise ValueError(f"counts must be of 2^n states, n <= {MOST_SPINS}, got {counts.size}")
    sums, mixing = counts.astype(float), np.exp(-2.0 * sharpness)
    for i in range(n):
        pairs = sums.reshape(-1, 2, 2**i)
        here, there = pairs[:, 0].copy(), pairs[:, 1]
        pairs[:, 0] += mixing * there
        there += mixing * here
    return sums


def log_sums(counts, sharpness):
    """Logarithms of the sums of exp(λ ξ·s), shape (2^n,)."""
    n = counts.size.bit_length() - 1
    return n * sharpness + np.log(relative_sums(counts, sharpness))


def log_partition(counts, sharpness, temperature):
    """Logarithm of the partition function over n."""
    n = counts.size.bit_length() - 1
    return logsumexp(log_sums(counts, sharpness) / (sharpness * temperature)) / n


def minima(sums):
    """Whether a state has a larger sum than all its neighbours, shape (2^n,)."""
    n = sums.size.bit_length() - 1
    lowest = np.ones(sums.size, dtype=bool)
    for i in range(n):
        pairs = sums.reshape(-1, 2, 2**i)
        marked = lowest.reshape(-1, 2, 2**i)
        marked[:, 0] &= pairs[:, 0] > pairs[:, 1]
        marked[:, 1] &= pairs[:, 1] > pairs[:, 0]
    return lowest


def descend(sums, state, rng, sweeps=50):
    """Flip spins in random order, each if its flip raises the sum, until none does."""
    n = sums.size.bit_length() - 1
    for _ in range(sweeps):
        before = state
        for i in rng.permutation(n):
            flipped = state ^ (1 << int(i))
            if sums[flipped] > sums[state]:
                state = flipped
        if state == before:
            return state
    raise RuntimeError("no minimum was reached")


def distance(state, other):
    """Number of spins in which two states differ."""
    return int(state ^ other).bit_count()
