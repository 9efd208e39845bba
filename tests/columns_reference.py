"""Networks of a few patterns by enumeration of all columns of entries, with many digits."""

import itertools
import math

import mpmath as mp

DIGITS = 40


def entry_law(dilution, quality=1.0, examples=1):
    """Values x of an entry, of its archetype, and their probabilities."""
    r, d = mp.mpf(quality), mp.mpf(dilution)
    unit = 1 / mp.sqrt(r**2 + (1 - r**2) / examples)
    law = [(mp.mpf(0), 0, d)]
    for right in range(examples + 1):
        p = (
            math.comb(examples, right)
            * ((1 + r) / 2) ** right
            * ((1 - r) / 2) ** (examples - right)
        )
        x = unit * mp.mpf(2 * right - examples) / examples
        law += [(sign * x, sign, (1 - d) * p / 2) for sign in (1, -1)]
    return [each for each in law if each[2] > 0]


class Reference:
    """Averages over all columns of K patterns."""

    def __init__(self, n_patterns, dilution, temperature, quality=1.0, examples=1):
        self.t = mp.mpf(temperature)
        law = entry_law(dilution, quality, examples)
        self.columns = [
            ([x for x, _, _ in column], [s for _, s, _ in column], mp.fprod(p for *_, p in column))
            for column in itertools.product(law, repeat=n_patterns)
        ]

    def free_energy(self, n):
        """Per spin."""
        total = sum(each**2 for each in n) / 2
        for x, _, p in self.columns:
            h = abs(mp.fdot(n, x))
            total -= p * (h + (self.t * mp.log1p(mp.exp(-2 * h / self.t)) if self.t else 0))
        return total

    def mean(self, n, function):
        """Mean of a function of x, of the archetypes, and of tanh(h/T)."""
        return sum(p * function(x, s, self.tanh(mp.fdot(n, x))) for x, s, p in self.columns)

    def tanh(self, h):
        """Mean of a spin in a field h."""
        return mp.tanh(h / self.t) if self.t else mp.sign(h)

    def solved(self, n):
        """Overlaps of a saddle point next to n, by Newton's method of many digits."""
        n = [mp.mpf(float(each)) for each in n]
        active = [i for i, each in enumerate(n) if abs(each) > 1e-12]

        def gap(*values):
            full = list(n)
            for i, value in zip(active, values, strict=True):
                full[i] = value
            return [full[i] - self.mean(full, lambda x, _, t, i=i: x[i] * t) for i in active]

        found = mp.findroot(gap, [n[i] for i in active], tol=1e-50)
        return [found[active.index(i)] if i in active else mp.mpf(0) for i in range(len(n))]

    def hessian(self, n):
        """Second derivatives of the free energy."""
        size = len(n)
        matrix = mp.eye(size)
        for x, _, p in self.columns:
            slope = (1 - self.tanh(mp.fdot(n, x)) ** 2) / self.t
            for i in range(size):
                for j in range(size):
                    matrix[i, j] -= p * x[i] * x[j] * slope
        return matrix

    def second_derivatives(self, n):
        """The same from differences of free energies."""
        size, step = len(n), mp.mpf("1e-10")
        matrix = mp.matrix(size, size)
        for i in range(size):
            for j in range(size):
                for a, b in itertools.product((1, -1), repeat=2):
                    moved = list(n)
                    moved[i] += a * step
                    moved[j] += b * step
                    matrix[i, j] += a * b * self.free_energy(moved) / (4 * step**2)
        return matrix


def eigenvalues(matrix):
    return sorted(float(each) for each in mp.eigsy(matrix, eigvals_only=True))
