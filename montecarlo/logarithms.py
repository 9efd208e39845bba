"""Logarithms to the last digits whose bits are the same on every device.

Only operations that IEEE 754 rounds correctly are used: + - * / and fused multiply-add.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from montecarlo.intrinsics import bits_of_double, double_of_bits, fused

__all__ = ["precise_log", "precise_log1p"]

_MANTISSA = np.int64(0x000FFFFFFFFFFFFF)
_TWO_THIRDS = np.int64(0x3FE5555555555555)
_LN2_HIGH, _LN2_LOW = 0.69314718036912382, 1.9082149292705877e-10  # the high part has 32 bits


@njit(nogil=True, error_model="numpy")
def precise_log1p(x):
    r"""ln(1 + x) for -1/2 <= x <= 1/2, to the last digits, from correctly rounded operations.

    It is :math:`2 \operatorname{artanh} s` with :math:`s = x/(2 + x)`; what that exceeds 2s by is
    :math:`s^3` times its minimax polynomial of degree 9 in :math:`s^2 < 1/9`, within 1e-16.

    Examples
    --------
    >>> precise_log1p(1e-30), bool(abs(precise_log1p(0.25) / np.log(1.25) - 1.0) < 5e-16)
    (1e-30, True)
    """
    s = x / (2.0 + x)
    z = s * s
    series = 0.1616404561194353
    series = fused(series, z, 0.08800738486144674)
    series = fused(series, z, 0.12001072809590713)
    series = fused(series, z, 0.13314144209654935)
    series = fused(series, z, 0.15385570064958623)
    series = fused(series, z, 0.18181789436132859)
    series = fused(series, z, 0.22222222717427864)
    series = fused(series, z, 0.2857142856710876)
    series = fused(series, z, 0.40000000000014585)
    series = fused(series, z, 0.6666666666666666)
    return fused(s, z * series, 2.0 * s)


@njit(nogil=True, error_model="numpy")
def precise_log(x):
    r"""ln(x) of a normal positive float64, as exact as `precise_log1p`.

    With :math:`x = 2^e y` and y between 2/3 and 4/3 it is :math:`e \ln 2 + \ln y`.

    Examples
    --------
    >>> precise_log(1.0), bool(abs(precise_log(10.0) - np.log(10.0)) < 1e-15)
    (0.0, True)
    """
    difference = bits_of_double(x) - _TWO_THIRDS
    e = float(difference >> 52)
    y = double_of_bits(_TWO_THIRDS + (difference & _MANTISSA))
    return e * _LN2_HIGH + (e * _LN2_LOW + precise_log1p(y - 1.0))
