// Random numbers and thresholds, bit for bit those of montecarlo/rng.py. No header is needed: the
// text compiles with NVRTC, and with g++ behind tests/cuda_on_host.h. Contraction must be off, so
// that only the products written as fma() are fused.
#pragma once

typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

#define GROUP 64  // sites that share their random words: 16 counters of 4

// Philox4x32-10: four random words from counter and key.
__device__ __forceinline__ void philox(u32 c[4], u32 k0, u32 k1)
{
    for (int round = 0; round < 10; ++round) {
        const u64 a = (u64)0xD2511F53u * c[0], b = (u64)0xCD9E8D57u * c[2];
        const u32 first = (u32)(b >> 32) ^ c[1] ^ k0, third = (u32)(a >> 32) ^ c[3] ^ k1;
        c[0] = first; c[1] = (u32)b; c[2] = third; c[3] = (u32)a;
        k0 += 0x9E3779B9u; k1 += 0xBB67AE85u;
    }
}

__device__ __forceinline__ i64 bits_of(double x) { i64 bits; memcpy(&bits, &x, 8); return bits; }

__device__ __forceinline__ double double_of(i64 bits) { double x; memcpy(&x, &bits, 8); return x; }

// ln(a/b) of two normal positive numbers, to 1e-11, from correctly rounded operations alone.
__device__ __forceinline__ double log_ratio(double a, double b)
{
    const i64 b_bits = bits_of(b), difference = bits_of(a) - b_bits;
    const double two52 = 4503599627370496.0;
    const double e = double_of(0x4330000000000000ll + 4096 + (difference >> 52)) - (two52 + 4096.0);
    const double scaled = double_of(b_bits + (difference & 0x000FFFFFFFFFFFFFll));
    const double s = (scaled - b) / (scaled + b), z = s * s;
    double series = 0.218605683143069609;
    series = fma(series, z, 0.171225366672901881);
    series = fma(series, z, 0.223051273855829554);
    series = fma(series, z, 0.285681457582010886);
    series = fma(series, z, 0.40000061421207941);
    series = fma(series, z, 0.666666662379217448);
    series = fma(series, z, 2.00000000000486595);
    return fma(s, series, e * 0.6931471805599453);
}

// Scale times ln(u/(1-u)) for the heat bath, ln(u) for Metropolis; u = (word + 1/2)/2^32.
__device__ __forceinline__ double threshold(u32 word, double scale, int metropolis)
{
    const double two52 = 4503599627370496.0, two32 = 4294967296.0;
    const double a = double_of(0x4330000000000000ll | (i64)word) - (two52 - 0.5);
    return scale * log_ratio(a, metropolis ? two32 : two32 - a);
}

// Whether a spin flips in a field of any kind.
__device__ __forceinline__ bool flips_in(double field, double limit, int old, int metropolis)
{
    if (metropolis) return old * field < -limit;
    return (field > limit) != (old > 0);
}
