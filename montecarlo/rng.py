r"""Counter-based random numbers: any number of any stream, without drawing those before it.

Every attempt has its own 32 bits, a pure function of (seed, stream, sweep, replica, site):
Philox4x32-10 with key = seed and counter = (site group, sweep, replica, stream). A group is 16
counters for 64 sites: word k of counter g serves site 16 k + g, so that neighbouring sites come
from neighbouring counters and both sites and replicas vectorise.

A spin is decided by comparing its field with a threshold made of those bits alone,
:math:`P(s_i = 1) = 1/(1 + e^{-2h/T}) \Leftrightarrow h > \tfrac T2 \ln\frac{u}{1-u}`.
The logarithm uses only + - * / and fused multiply-add, as IEEE 754 rounds them, so that every
device computes the same bits of it.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from montecarlo.intrinsics import bits_of_double, bits_of_single, double_of_bits, fused

__all__ = [
    "GROUP",
    "integer_thresholds",
    "lane_thresholds",
    "log_ratio",
    "none_can_flip",
    "philox",
    "reach_of",
    "real_thresholds",
    "site_words",
]

GROUP = 64
_WORD = GROUP // 4
_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)
_M0, _M1 = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
_W0, _W1 = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)

_MANTISSA = np.int64(0x000FFFFFFFFFFFFF)
_TWO52_BITS = np.int64(0x4330000000000000)
_TWO52 = 4503599627370496.0
_TWO32 = 4294967296.0
_LN2 = 0.6931471805599453
_LIMIT = 1073741824.0  # beyond every integer field; it keeps thresholds within 32 bits


@njit(inline="always")
def philox(c0, c1, c2, c3, k0, k1):
    """Four random words from counter and key, all uint64 holding 32 bits.

    Philox4x32-10; J. K. Salmon et al., Proc. SC11, 16 (2011), section 3.3.

    Examples
    --------
    >>> zero = np.uint64(0)
    >>> [hex(word) for word in philox(zero, zero, zero, zero, zero, zero)]
    ['0x6627e8d5', '0xe169c58d', '0xbc57ac4c', '0x9b00dbd8']
    """
    for _ in range(10):
        # Masked here and not where they arise: it then costs nothing, the instruction does it.
        a = _M0 * (c0 & _LOW)
        b = _M1 * (c2 & _LOW)
        c0 = (b >> _SHIFT) ^ c1 ^ k0
        c1 = b
        c2 = (a >> _SHIFT) ^ c3 ^ k1
        c3 = a
        k0 = k0 + _W0
        k1 = k1 + _W1
    return c0 & _LOW, c1 & _LOW, c2 & _LOW, c3 & _LOW


@njit(inline="always")
def log_ratio(a, b):
    r"""ln(a/b) of two normal positive float64, to 1e-11, from correctly rounded operations alone.

    With the e for which :math:`a' = 2^{-e} a` lies in [b, 2b) and
    :math:`s = (a' - b)/(a' + b) < 1/3`, :math:`\ln(a/b) = e \ln 2 + 2 \operatorname{artanh} s`, the
    latter by its Chebyshev interpolant of degree 6 in :math:`s^2`. Exponents stand in the high bits
    of a number, so that e is the difference of the bit patterns, shifted.

    Examples
    --------
    >>> bool(abs(log_ratio(3.0, 4.0) - np.log(0.75)) < 1e-11)
    True
    """
    b_bits = bits_of_double(b)
    difference = bits_of_double(a) - b_bits
    e = double_of_bits(_TWO52_BITS + 4096 + (difference >> 52)) - (_TWO52 + 4096.0)
    scaled = double_of_bits(b_bits + (difference & _MANTISSA))
    s = (scaled - b) / (scaled + b)
    z = s * s
    series = 0.218605683143069609
    series = fused(series, z, 0.171225366672901881)
    series = fused(series, z, 0.223051273855829554)
    series = fused(series, z, 0.285681457582010886)
    series = fused(series, z, 0.40000061421207941)
    series = fused(series, z, 0.666666662379217448)
    series = fused(series, z, 2.00000000000486595)
    return fused(s, series, e * _LN2)


@njit(inline="always")
def _threshold(word, scale, metropolis):
    """Scale times ln(u/(1-u)) for the heat bath, ln(u) for Metropolis; u = (word + 1/2)/2^32."""
    a = double_of_bits(_TWO52_BITS | np.int64(word)) - (_TWO52 - 0.5)
    b = _TWO32 if metropolis else _TWO32 - a
    return scale * log_ratio(a, b)


@njit(nogil=True, error_model="numpy", cache=True)
def lane_thresholds(
    out, words, width, first_site, sweep, first_replica, stream, key, scale, metropolis
):
    """Thresholds of one group of sites for neighbouring replicas, rounded down to integers.

    An integer field exceeds a number if and only if it exceeds the largest integer not above it,
    so that rounding changes no decision and single precision can hold the result.

    Parameters
    ----------
    out : float32 array, shape (GROUP, lanes)
    words : uint32 array, shape (GROUP, lanes)
        Scratch space.
    width : int
        How many sites of the group there are.
    first_site : int
        A multiple of GROUP.
    sweep, first_replica, stream : int
    key : uint64 array, shape (2,)
    scale : float
        Temperature in units of the integer field.
    metropolis : bool
    """
    lanes = out.shape[1]
    c3, k0, k1 = np.uint64(stream), key[0], key[1]
    c1 = np.uint64(sweep)
    for g in range(_WORD):
        c0 = np.uint64(first_site // 4 + g)
        for r in range(lanes):
            w0, w1, w2, w3 = philox(c0, c1, np.uint64(first_replica + r), c3, k0, k1)
            words[g, r] = w0
            words[_WORD + g, r] = w1
            words[2 * _WORD + g, r] = w2
            words[3 * _WORD + g, r] = w3
    for i in range(width):
        for r in range(lanes):
            out[i, r] = np.floor(_threshold(words[i, r], scale, metropolis))


@njit(nogil=True)
def site_words(words, sweep, replica, stream, key):
    """Random words of all sites of one replica.

    Parameters
    ----------
    words : uint32 array, shape (groups * GROUP,)
    sweep, replica, stream : int
    key : uint64 array, shape (2,)
    """
    c1, c2, c3 = np.uint64(sweep), np.uint64(replica), np.uint64(stream)
    k0, k1 = key[0], key[1]
    for block in range(words.size // GROUP):
        here = words[block * GROUP : (block + 1) * GROUP]
        for g in range(_WORD):
            w0, w1, w2, w3 = philox(np.uint64(block * _WORD + g), c1, c2, c3, k0, k1)
            here[g] = w0
            here[_WORD + g] = w1
            here[2 * _WORD + g] = w2
            here[3 * _WORD + g] = w3


@njit(nogil=True, error_model="numpy")
def integer_thresholds(out, words, scale, metropolis):
    """Thresholds that words give, rounded down to integers.

    Parameters
    ----------
    out : int32 or float32 array
    words : uint32 array of the same length
    scale : float
        Temperature in units of the field.
    metropolis : bool
    """
    for i in range(out.size):
        x = np.floor(_threshold(words[i], scale, metropolis))
        x = x if x > -_LIMIT else -_LIMIT
        out[i] = x if x < _LIMIT else _LIMIT


@njit(nogil=True, error_model="numpy")
def real_thresholds(out, words, scale, metropolis):
    """Thresholds that words give, as float64; arguments as of `integer_thresholds`."""
    for i in range(out.size):
        out[i] = _threshold(words[i], scale, metropolis)


@njit(nogil=True)
def none_can_flip(words, fields, spins, reach):
    r"""Whether the fields hold all these spins, whatever the exact thresholds are.

    A threshold is at most :math:`\ln 2\,(32 - \lfloor\log_2 v\rfloor)` times the scale, v the
    distance of the word to the nearer end of its range, and that is an exponent, not a logarithm.

    Parameters
    ----------
    words : uint32 array
    fields : int32 array
    spins : int8 array
    reach : float32
        From `reach_of`.
    """
    # Numba widens integer results to 64 bits; casting them back keeps twice as many in a register.
    undecided = np.int32(0)
    for i in range(words.size):
        word = words[i]
        near = np.int32(min(word, np.uint32(~word)))
        exponent = np.int32(bits_of_single(np.float32(near) + np.float32(0.5)) >> np.int32(23))
        bound = reach * np.float32(np.int32(np.int32(159) - exponent))
        held = np.float32(fields[i]) * np.float32(spins[i]) > bound
        undecided = np.int32(undecided + np.int32(not held))
    return undecided == 0


@njit(nogil=True)
def reach_of(scale):
    """Largest threshold per bit of a word, with room for the rounding of single precision."""
    return np.float32(scale * _LN2 * 1.00001)
