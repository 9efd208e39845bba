"""One step of replica symmetry breaking with noisy examples, by slow sums and printed formulas."""

import math

import numpy as np
from scipy.stats import binom

import hopfield
import theory
from theory.one_step.averages import Averages

GAUSSIAN = (0.05, 5000)


def entries(quality, examples, dilution=0.0):
    """Entries of the effective pattern of either sign and their probabilities."""
    if dilution > 0.0:
        x, p = entries(quality, examples)
        return np.append(x, 0.0), np.append((1.0 - dilution) * p, dilution)
    r, m = quality, examples
    if (r, m) == GAUSSIAN:
        rho = (1.0 - r * r) / (m * r * r)
        g = np.linspace(-9.0, 9.0, 181)
        weights = 0.1 * np.exp(-(g**2) / 2.0) / np.sqrt(2.0 * np.pi)
        return (1.0 + np.sqrt(rho) * g) / np.sqrt(1.0 + rho), weights
    k = np.arange(m + 1)
    x = (2 * k - m) / m / np.sqrt(r * r + (1.0 - r * r) / m)
    return x, binom.pmf(k, m, (1.0 + r) / 2.0)


def brute_force(field, law, nodes=181):
    """The averages by sums over x and over dense grids of both Gaussians."""
    x, probability = entries(*law)
    z, dz = np.linspace(-9.0, 9.0, nodes, retstep=True)
    density = dz * np.exp(-(z**2) / 2.0) / np.sqrt(2.0 * np.pi)
    if field.outer == 0.0:
        z, density = np.zeros(1), np.ones(1)
    t, y, s1 = field.temperature, field.slope, field.inner
    far = 9.5 + y * s1
    v, dv = np.linspace(-far, far, 601, retstep=True)
    total = np.zeros(9)
    for one, p in zip(x, probability, strict=True):
        if p < 1e-18:
            continue
        u = (field.strength * one + field.outer * z[:, None] + s1 * v) / t
        log_cosh = np.logaddexp(u, -u)
        log_weight = y * t * log_cosh - v**2 / 2.0 + np.log(dv / np.sqrt(2.0 * np.pi))
        top = log_weight.max(axis=1, keepdims=True)
        inner = np.exp(log_weight - top)
        log_z = top[:, 0] + np.log(inner.sum(axis=1))
        inner /= inner.sum(axis=1, keepdims=True)
        tanh = np.tanh(u)
        a, b = (inner * tanh).sum(axis=1), (inner * tanh**2).sum(axis=1)
        response = (1.0 - b) / t
        rows = [
            one * a,
            a,
            1.0 - a**2,
            response,
            y * t * (inner * log_cosh).sum(axis=1) - log_z - (y * s1) ** 2 / 2.0,
            log_z / y,
            (inner * (log_cosh - u * tanh)).sum(axis=1),
            (inner * (1.0 - tanh**2) ** 2).sum(axis=1) / t,
            ((1.0 - y * t) * response + y * (1.0 - a**2)) ** 2,
        ]
        total += p * (np.stack(rows) @ density)
    return Averages(*total)


def variances(model, load, q0, q1, slope, temperature):
    """Of the two fields of the crosstalk, from the eigenvalues or the correlation of examples."""
    p, r, m = model.p, model.quality, model.examples
    rho = (1.0 - r * r) / (m * r * r)
    taught = isinstance(model, hopfield.Supervised)
    if p > 2:
        rho_p = (1.0 - r ** (2 * p)) / (m * r ** (2 * p))
        v = load * math.factorial(p - 1) * (1.0 if taught else (1.0 + rho_p) / (1.0 + rho) ** p)
        return v * q0 ** (p - 1), v * (q1 ** (p - 1) - q0 ** (p - 1))
    outer = inner = 0.0
    for unit, count in [(1.0, 1)] + ([] if taught else [(rho / (1.0 + rho), m - 1)]):
        scale = (1.0 - model.dilution) * unit
        a1 = 1.0 - scale * (1.0 - q1) / temperature
        a0 = a1 - scale * slope * (q1 - q0)
        outer += load * count * scale**2 * q0 / a0**2
        inner += load * count * scale**2 * (q1 - q0) / (a0 * a1)
    return outer, inner


def one_step(model, load, temperature, phase="retrieval"):
    """Phase in one step of breaking."""
    return theory.solve(model, load, temperature, ansatz="1rsb", phase=phase)
