"""Networks of pair interactions with noisy examples, written out a second time, plainly."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.special import erf
from scipy.stats import binom

from theory.pairs.phases import HopfieldPhases
from theory.signal import signal_of

Z, STEP = np.linspace(-12.0, 12.0, 2401, retstep=True)
DENSITY = STEP * np.exp(-(Z**2) / 2) / np.sqrt(2 * np.pi)


@dataclass(frozen=True)
class Case:
    """Data set entropy, examples, whether there is a teacher, and part of blank entries."""

    rho: float
    examples: int
    teacher: bool = True
    dilution: float = 0.0

    @property
    def quality(self):
        """Mean of an example."""
        return 1 / np.sqrt(1 + self.rho * self.examples)

    @property
    def modes(self):
        """Scale and number of the modes of the crosstalk."""
        filled = 1 - self.dilution
        if self.teacher or self.examples == 1:
            return ((filled, 1.0),)
        return (filled, 1.0), (filled * self.rho / (1 + self.rho), self.examples - 1.0)

    @property
    def phases(self):
        """What is tested."""
        signal = signal_of(self.quality, self.examples).diluted(self.dilution)
        return HopfieldPhases(False, signal, self.modes)

    @cached_property
    def law(self):
        """Values of x with both signs and their probabilities, of entries that are not blank."""
        m, r = self.examples, self.quality
        if m > 1000:
            x = (1 + np.sqrt(self.rho) * Z) / np.sqrt(1 + self.rho)
            return x, DENSITY
        k = np.arange(m + 1)
        return (2 * k - m) / (m * np.sqrt(r**2 + (1 - r**2) / m)), binom.pmf(k, m, (1 + r) / 2)

    def crosstalk(self, c):
        """S = sum g λ²/(1 - λ C)²."""
        return sum(g * lam**2 / (1 - lam * c) ** 2 for lam, g in self.modes)

    def frozen(self, y):
        """n, m and σ C as functions of y = n/σ at T = 0."""
        n, m, peak = self._frozen_filled(y)
        filled, blank = 1 - self.dilution, self.dilution * np.sqrt(2 / np.pi)
        return filled * n, filled * m, filled * peak + blank

    def _frozen_filled(self, y):
        """The same where all entries are filled."""
        x, p = self.law
        if self.examples > 1000:  # the closed forms of a Gaussian
            s = np.sqrt(self.rho * y**2 / (1 + self.rho) + 1)
            u = y / np.sqrt(1 + self.rho) / s
            c = np.sqrt(2 / np.pi) * np.exp(-(u**2) / 2) / s
            m = erf(u / np.sqrt(2))
            return (m + self.rho * y / np.sqrt(1 + self.rho) * c) / np.sqrt(1 + self.rho), m, c
        sign = erf(np.multiply.outer(y, x) / np.sqrt(2))
        peak = np.exp(-(np.multiply.outer(y, x) ** 2) / 2)
        return sign @ (x * p), sign @ p, np.sqrt(2 / np.pi) * (peak @ p)

    def frozen_load(self, y):
        """α at T = 0 as a function of y = n/σ; 0 where there is none."""
        n, _, c = self.frozen(y)
        largest, sigma = self.modes[0][0], n / y
        response = np.minimum(y * c / n, (1 - 1e-300) / largest)
        with np.errstate(divide="ignore"):
            load = sigma**2 / self.crosstalk(response)
        return np.where(largest * y * c < n, load, 0.0)

    def averages(self, n, sigma, temperature):
        """Plain sums over x and z at T > 0."""
        filled = self._averages_filled(n, sigma, temperature)
        t = np.tanh(sigma * Z / temperature)
        log = np.logaddexp(sigma * Z / temperature, -sigma * Z / temperature)
        blank = {
            "self_overlap": t**2,
            "log_cosh": temperature * log,
            "sech_fourth": (1 - t**2) ** 2,
        }
        return {
            name: (1 - self.dilution) * value + self.dilution * np.sum(DENSITY * blank.get(name, 0))
            for name, value in filled.items()
        }

    def _averages_filled(self, n, sigma, temperature):
        """The same where all entries are filled."""
        x, p = self.law
        if self.examples > 1000:  # one Gaussian for the two
            width = np.sqrt(self.rho / (1 + self.rho) * n**2 + sigma**2)
            h, weight = n / np.sqrt(1 + self.rho) + width * Z, DENSITY
            t = np.tanh(h / temperature)
            response = np.sum(weight * (1 - t**2)) / temperature
            m = np.sum(weight * t)
            n_new = (m + self.rho * n / np.sqrt(1 + self.rho) * response) / np.sqrt(1 + self.rho)
        else:
            h, weight = n * x[:, None] + sigma * Z, p[:, None] * DENSITY
            t = np.tanh(h / temperature)
            m, n_new = np.sum(weight * t), np.sum(weight * x[:, None] * t)
        return {
            "overlap": m,
            "effective_overlap": n_new,
            "self_overlap": np.sum(weight * t**2),
            "log_cosh": temperature
            * np.sum(weight * np.logaddexp(h / temperature, -h / temperature)),
            "sech_fourth": np.sum(weight * (1 - t**2) ** 2),
        }

    def off_shell(self, n, q, r, load, temperature):
        """Free energy as a function of independent n, q and R, without self-interaction."""
        c = (1 - q) / temperature
        site = self.averages(n, np.sqrt(load * r), temperature)["log_cosh"]
        modes = sum(
            g * (temperature * np.log(1 - lam * c) - lam * q / (1 - lam * c) + lam)
            for lam, g in self.modes
        )
        return n**2 / 2 + load * r * c / 2 + load / 2 * modes - site

    def gradient(self, at, load, temperature, steps):
        """Five-point differences by n, q and R."""
        result = []
        for h, step in zip(steps, np.diag(steps), strict=True):
            f = [
                self.off_shell(*(np.array(at) + k * step), load, temperature)
                for k in (-2, -1, 1, 2)
            ]
            result.append((f[0] - 8 * f[1] + 8 * f[2] - f[3]) / (12 * h))
        return np.array(result)


def name_of(case):
    blank = f" d={case.dilution:g}" if case.dilution else ""
    return f"rho={case.rho:g} M={case.examples}{blank}{'' if case.teacher else ' without teacher'}"
