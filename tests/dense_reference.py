"""Networks of p-body interactions by the formulas as they are printed, slow, by other means."""

import math

import numpy as np
from numpy.polynomial import Polynomial
from numpy.polynomial.hermite_e import poly2herme
from scipy.optimize import brentq, minimize_scalar
from test_theory_gaussian import fine_quadrature


def crosstalk(p, self_interaction):
    """The polynomial ξ; with self-interaction from ξ'(q) = E[x^(p-1) y^(p-1)]."""
    if not self_interaction:
        return Polynomial([0.0] * p + [math.factorial(p - 1) / p])
    hermite = poly2herme([0.0] * (p - 1) + [1.0])
    return Polynomial([c * c * math.factorial(j) for j, c in enumerate(hermite)]).integ()


def free_energy(p, xi, m, q, load, temperature):
    """Free energy of independent order parameters m and q; T > 0."""
    sigma = np.sqrt(load * xi.deriv()(q))
    log_cosh = float(fine_quadrature(m ** (p - 1), sigma, temperature)["log_cosh"])
    bracket = xi(1.0) - xi(q) - (1.0 - q) * xi.deriv()(q)
    return (p - 1) / p * m**p - load / (2.0 * temperature) * bracket - log_cosh


def textbook(p, xi, load, temperature, m, sigma):
    """What a saddle point must give, from its m and σ; T > 0."""
    k = fine_quadrature(m ** (p - 1), sigma, temperature)
    q, beta = k["tanh_squared"], 1 / np.longdouble(temperature)
    bracket = xi(1.0) - xi(q) - (1 - q) * xi.deriv()(q)
    return {
        "overlap": k["tanh"],
        "self_overlap": q,
        "noise": np.sqrt(load * xi.deriv()(q)),
        "free_energy": (p - 1) / p * m**p - load * beta / 2 * bracket - k["log_cosh"],
        "energy": -(m**p) / p - load * beta * (xi(1.0) - xi(q)),
        "entropy": k["entropy"] - load * beta**2 / 2 * bracket,
        "replicon": 1 - load * beta * xi.deriv(2)(q) * k["sech_fourth"],
    }


def load_and_noise(p, xi, temperature, m):
    """The one σ with m = E tanh(h/T) by bisection, and its load."""
    signal = m ** (p - 1)

    def excess(sigma):
        return float(fine_quadrature(signal, sigma, temperature)["tanh"] - m)

    sigma = brentq(excess, 1e-4, 2.0, xtol=1e-15, rtol=1e-14)
    q = float(fine_quadrature(signal, sigma, temperature)["tanh_squared"])
    return sigma**2 / xi.deriv()(q), sigma


def zero_load_overlap(p, temperature):
    """The larger root of m = tanh(m^(p-1)/T), by steps down from 1."""

    def excess(m):
        return float(np.tanh(m ** (p - 1) / temperature) - m)

    low = next(m for m in np.linspace(1.0, 0.0, 2001)[1:] if excess(m) > 0.0)
    return brentq(excess, low, 1.0, xtol=1e-15)


def capacity(p, xi, temperature):
    """First maximum of the load on the way down from the overlap at zero load, and where it is."""
    first = zero_load_overlap(p, temperature)
    m = first - (first - 0.5 * first) * np.linspace(0.0, 1.0, 40)[1:] ** 2
    loads = []
    for each in m:
        loads.append(load_and_noise(p, xi, temperature, each)[0])
        if len(loads) > 1 and loads[-1] < loads[-2]:
            break
    n = len(loads)
    bounds = m[n - 1], m[n - 3] if n > 2 else first * (1.0 - 1e-9)
    best = minimize_scalar(
        lambda x: -load_and_noise(p, xi, temperature, x)[0],
        bounds=bounds,
        method="bounded",
        options={"xatol": 1e-9},
    )
    return -best.fun, best.x


def retrieval(p, xi, load, temperature):
    """Overlap and noise on the stable branch."""
    end = capacity(p, xi, temperature)[1]
    first = zero_load_overlap(p, temperature)

    def excess(m):
        return load_and_noise(p, xi, temperature, m)[0] / load - 1.0

    m = brentq(excess, end, first - 1e-6 * (first - end), xtol=1e-15, rtol=1e-14)
    return m, load_and_noise(p, xi, temperature, m)[1]
