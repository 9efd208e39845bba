"""Descent of quadratic functions of overlaps by single flips, compiled."""

from __future__ import annotations

from numba import njit

__all__ = ["descend"]


@njit(cache=True, nogil=True)
def descend(rows, pulls, constant, own, overlaps, spins, least, sweeps):
    """Flip spins in place as long as this lowers a function; say whether it came to an end.

    Parameters
    ----------
    rows, pulls : float64 arrays, shape (N, K)
        Weights w of the overlaps, and B w of the fields, site by site.
    constant, own : float64 arrays, shape (N,)
        What of the field does not depend on the spins, and what of it is of the spin itself.
    overlaps : float64 array, shape (K,)
        m, changed in place.
    spins : int8 array, shape (N,)
        Changed in place.
    least : float
        Changes that are smaller are taken for none.
    sweeps : int
        At most so many.

    Returns
    -------
    bool

    Examples
    --------
    >>> import numpy as np
    >>> ones, none, spins = np.ones((3, 1)), np.zeros(3), np.array([1, 1, -1], np.int8)
    >>> descend(ones, ones, none, none, np.array([1 / 3]), spins, 0.0, 5), spins
    (True, array([1, 1, 1], dtype=int8))
    """
    size, count = rows.shape
    for _ in range(sweeps):
        flips = 0
        for i in range(size):
            field = constant[i]
            for mu in range(count):
                field += pulls[i, mu] * overlaps[mu]
            if 2.0 * (spins[i] * field - own[i]) < -least:
                for mu in range(count):
                    overlaps[mu] -= 2.0 * spins[i] * rows[i, mu] / size
                spins[i] = -spins[i]
                flips += 1
        if flips == 0:
            return True
    return False
