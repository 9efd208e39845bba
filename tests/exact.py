"""Exact distributions and transition matrices of small networks, by enumeration of all states.

State k has spin i equal to +1 if bit i of k is set, and -1 if not. Temperatures are positive.
"""

import numpy as np
from scipy.special import log_expit, logsumexp
from scipy.stats import chi2

MOST_SPINS = 10
LEAST_EXPECTATION = 5.0


def all_states(n):
    """All states of n spins, int8, shape (2^n, n)."""
    if not 1 <= n <= MOST_SPINS:
        raise ValueError(f"n must be in [1, {MOST_SPINS}], got {n}")
    bits = np.arange(2**n)[:, None] >> np.arange(n) & 1
    return (2 * bits - 1).astype(np.int8)


def state_index(spins):
    """Rows of `all_states` of the states `spins`, shape (..., n) -> (...)."""
    spins = np.asarray(spins)
    return (spins > 0) @ (1 << np.arange(spins.shape[-1]))


def state_counts(spins):
    """How often each row of `all_states` occurs among the states `spins`, shape (2^n,)."""
    spins = np.asarray(spins)
    return np.bincount(state_index(spins).ravel(), minlength=2 ** spins.shape[-1])


def boltzmann(network, temperature):
    """Probability exp(-H(s)/T)/Z of every state, shape (2^n,)."""
    log_weights = -network.energy(all_states(network.size)) / temperature
    return np.exp(log_weights - logsumexp(log_weights))


def chi_square(counts, probabilities):
    """p-value of independent draws under a distribution over the same bins.

    The bins with an expectation below 5 are merged into one, with the next ones if that is still
    below 5; draws where the probability is zero have p-value 0.
    """
    counts = np.asarray(counts, dtype=float).ravel()
    probabilities = np.asarray(probabilities, dtype=float).ravel()
    if counts.shape != probabilities.shape or not np.isclose(probabilities.sum(), 1.0):
        raise ValueError("counts need as many probabilities, and these must sum to 1")
    if (counts[probabilities == 0.0] > 0).any():
        return 0.0
    expected = counts.sum() * probabilities
    order = np.argsort(expected)
    counts, expected = counts[order], expected[order]
    first = np.searchsorted(expected, LEAST_EXPECTATION)
    while first < expected.size and 0.0 < expected[:first].sum() < LEAST_EXPECTATION:
        first += 1
    starts = np.unique([0, *range(first, expected.size)])
    counts, expected = np.add.reduceat(counts, starts), np.add.reduceat(expected, starts)
    counts, expected = counts[expected > 0.0], expected[expected > 0.0]
    if counts.size < 2:
        raise ValueError("too few draws for two bins")
    return float(chi2.sf(((counts - expected) ** 2 / expected).sum(), counts.size - 1))


def single_site_matrix(network, temperature, i, dynamics):
    """Transition matrix P[s, s'] of one attempt at spin i, shape (2^n, 2^n).

    "glauber": s_i becomes +1 with probability 1/(1 + exp(-2 h_i/T)); "metropolis": it is flipped
    with probability min(1, exp(-ΔE/T)).
    """
    states = all_states(network.size)
    if dynamics == "glauber":
        field = network.local_fields(states)[:, i]
        flip = np.exp(log_expit(-2.0 * states[:, i] * field / temperature))
    elif dynamics == "metropolis":
        change = network.energy_difference(states, i)
        flip = np.exp(-np.maximum(change, 0.0) / temperature)
    else:
        raise ValueError(f"dynamics must be 'glauber' or 'metropolis', got {dynamics!r}")
    here = np.arange(len(states))
    matrix = np.diag(1.0 - flip)
    matrix[here, here ^ (1 << i)] = flip
    return matrix


def parallel_matrix(network, temperature):
    """Transition matrix of the Little dynamics, P[s, s'] = Π_i 1/(1 + exp(-2 s'_i h_i(s)/T))."""
    states = all_states(network.size)
    scaled = network.local_fields(states) / temperature
    log_norm = np.logaddexp(scaled, -scaled).sum(axis=1, keepdims=True)
    return np.exp(scaled @ states.T - log_norm)


def stationary(matrix):
    """Distribution that one step of the transition matrix P[s, s'] leaves as it is."""
    # Elimination of one state after the other without any subtraction (Grassmann, Taksar and
    # Heyman 1985), so that even the rarest states keep their relative accuracy.
    reduced = np.array(matrix, dtype=float)
    for k in range(len(reduced) - 1, 0, -1):
        reduced[:k, k] /= reduced[k, :k].sum()
        reduced[:k, :k] += np.outer(reduced[:k, k], reduced[k, :k])
    distribution = np.ones(len(reduced))
    for k in range(1, len(reduced)):
        distribution[k] = distribution[:k] @ reduced[:k, k]
        distribution[: k + 1] /= distribution[: k + 1].max()
    return distribution / distribution.sum()


def parallel_stationary(network, temperature):
    """Stationary distribution of the Little dynamics, shape (2^n,)."""
    return stationary(parallel_matrix(network, temperature))
