"""The Boltzmann measure of continuous states by quadrature, and its dynamics in plain NumPy."""

import numpy as np

from hopfield import attention
from hopfield.seeds import Stream, sequence

DENSE, WIDE = 1.4, 9.0
"""Points of the trapezoidal rule per width of a well, and widths around the patterns."""

CASES = {
    1: ([[-1.1], [0.2], [1.6]], 3.0),
    2: ([[1.0, 0.3], [-0.6, 0.9], [-0.2, -1.2], [1.1, 0.4]], 4.0),
    3: ([[1.0, 0.2, 0.0], [-0.7, 0.5, 0.4], [0.1, -0.9, 1.0]], 3.0),
}
"""Patterns of unequal norms with their sharpness, by number of components."""


def case(size):
    patterns, beta = CASES[size]
    return np.array(patterns), beta


class Quadrature:
    """Averages over exp(-E/T), for which the trapezoidal rule is exact to rounding."""

    def __init__(self, patterns, beta, temperature):
        self.patterns, self.beta, self.temperature = np.asarray(patterns), beta, temperature
        width = np.sqrt(temperature)
        axes = [
            np.arange(low - WIDE * width, high + WIDE * width, width / DENSE)
            for low, high in zip(self.patterns.min(axis=0), self.patterns.max(axis=0), strict=True)
        ]
        self.cell = (width / DENSE) ** len(axes)
        self.points = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))
        exponents = -attention.energy(self.points, self.patterns, beta) / temperature
        self.top = exponents.max()
        self.shares = np.exp(exponents - self.top)

    @property
    def log_partition(self):
        """Logarithm of the integral."""
        return self.top + np.log(self.shares.sum() * self.cell)

    def mean(self, function):
        """Average of a function of points of shape (P, N)."""
        values = function(self.points)
        return np.tensordot(self.shares, values, 1) / self.shares.sum()

    def moments(self, function):
        """Mean and standard deviation."""
        mean = self.mean(function)
        return mean, np.sqrt(self.mean(lambda x: (function(x) - mean) ** 2))


def features(patterns, beta):
    """What averages are compared of: first and second moments, energy, weights."""

    def function(x):
        pairs = x[:, :, None] * x[:, None, :]
        weights = attention.weights(x, patterns, beta)
        energy = attention.energy(x, patterns, beta)[:, None]
        return np.concatenate([x, pairs.reshape(len(x), -1), energy, weights], axis=1)

    return function


def zscores(states, quadrature):
    """Means over independent states minus exact averages, in exact standard errors."""
    function = features(quadrature.patterns, quadrature.beta)
    mean, deviation = quadrature.moments(function)
    return (function(states).mean(axis=0) - mean) / (deviation / np.sqrt(len(states)))


def plain_run(patterns, beta, temperature, method, step, steps, sweeps, start, seed):
    """One chain after the other, with the textbook formulas; last states and accepted sweeps."""
    ends, kept = [], []
    for r, x in enumerate(start):
        noise, heights = (
            np.random.Generator(np.random.Philox(sequence(seed, Stream.ACCEPTANCE, r, kind)))
            for kind in (0, 1)
        )
        accepted = 0
        for _ in range(sweeps):
            eta, height = noise.standard_normal(x.size), -heights.standard_exponential()
            move = plain_hmc if method == "hmc" else plain_langevin
            y, log_ratio = move(x, patterns, beta, temperature, step, steps, eta)
            if method == "ula" or height < log_ratio:
                x, accepted = y, accepted + 1
        ends.append(x)
        kept.append(accepted / sweeps)
    return np.array(ends), np.array(kept)


def gradient(x, patterns, beta):
    return x - attention.update(x, patterns, beta)


def plain_langevin(x, patterns, beta, temperature, step, _, eta):
    """Proposal, and the logarithm of the ratio of Metropolis and Hastings."""
    drift = x - step * gradient(x, patterns, beta)
    y = drift + np.sqrt(2.0 * step * temperature) * eta
    back = y - step * gradient(y, patterns, beta)
    cost = attention.energy(y, patterns, beta) - attention.energy(x, patterns, beta)
    there, here = ((y - drift) ** 2).sum(), ((x - back) ** 2).sum()
    return y, -cost / temperature - (here - there) / (4.0 * step * temperature)


def plain_hmc(x, patterns, beta, temperature, step, steps, eta):
    p, y = np.sqrt(temperature) * eta, x.copy()
    before = attention.energy(y, patterns, beta) + (p**2).sum() / 2.0
    p = p - step / 2.0 * gradient(y, patterns, beta)
    for done in range(steps):
        y = y + step * p
        last = done == steps - 1
        p = p - step / (2.0 if last else 1.0) * gradient(y, patterns, beta)
    after = attention.energy(y, patterns, beta) + (p**2).sum() / 2.0
    return y, (before - after) / temperature
