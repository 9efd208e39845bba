r"""Fixed points whose weights are equal within classes of alike patterns of equal norms.

β stands for :math:`\beta |\xi|^2`, and products and energies are over :math:`|\xi|^2`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from theory.saddle import Array

__all__ = ["Classes"]


@dataclass(frozen=True, eq=False)
class Classes:
    """Numbers of patterns of each class, and their scalar products.

    Parameters
    ----------
    sizes : array, shape (C,)
        Numbers of patterns.
    products : array, shape (C, C)
        Mean scalar product of a pattern of one class with all of another one, or of its own.
    within : array, shape (C,)
        Largest eigenvalue of the matrix of products, for differences within a class; 0 for a class
        of one pattern.

    Examples
    --------
    >>> pair = Classes(np.ones(2), np.eye(2), np.zeros(2))
    >>> logs, beta = np.log([0.75, 0.25]), 2.0 * np.log(3.0)
    >>> round(pair.residual(logs, beta), 15), round(pair.eigenvalue(logs, beta), 6)
    (0.0, 0.823959)
    >>> pair.energy(np.log([0.5, 0.5]), 2.0)
    0.25
    """

    sizes: Array
    products: Array
    within: Array

    def residual(self, log_weights: Array, beta: float) -> float:
        """Largest violation of equal differences of log w and of β times scores."""
        scores = self.products @ self._total(log_weights)
        logs = log_weights - log_weights[0]
        violation = np.abs(logs - beta * (scores - scores[0])).max()
        return float(violation / max(1.0, np.abs(logs).max()))

    def eigenvalues(self, log_weights: Array, beta: float) -> Array:
        """Eigenvalues of the Jacobian, of modes between classes and the largest within each."""
        total = self._total(log_weights)
        covariance = np.diag(total) - np.outer(total, total)
        between = np.linalg.eigvals(covariance @ self.products).real
        return np.asarray(beta * np.concatenate([between, self.within * np.exp(log_weights)]))

    def eigenvalue(self, log_weights: Array, beta: float) -> float:
        """Largest eigenvalue of the Jacobian."""
        return float(self.eigenvalues(log_weights, beta).max())

    def energy(self, log_weights: Array, beta: float) -> float:
        """As `hopfield.attention.energy`."""
        total = self._total(log_weights)
        entropy = -float(total @ log_weights)
        return float(
            (1.0 - total @ self.products @ total) / 2.0
            + (np.log(self.sizes.sum()) - entropy) / beta
        )

    def _total(self, log_weights: Array) -> Array:
        """Weights of whole classes."""
        return np.asarray(self.sizes * np.exp(log_weights))
