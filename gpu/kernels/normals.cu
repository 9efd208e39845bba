// Standard Gaussian numbers and logarithms of uniform ones, in float64, each for a chain, a sweep and
// a component whatever else is drawn: Philox4x32-10 with the counter (pair of components or 0, sweep,
// chain, stream). The four words make u in (0, 1] and v in [0, 1) of 53 bits, and these a pair
//     sqrt(-2 ln u) cos(2 pi v),    sqrt(-2 ln u) sin(2 pi v)                    (Box and Muller).
// A thread draws one pair, or one logarithm; it shares nothing, and neighbours write neighbours.
//
// A pair takes some 60 instructions of integers and, with the library's logarithm, root, sine and
// cosine, 150 of float64, of which an H200 (132 multiprocessors, 64 lanes, 1.75 GHz) makes 1.5e13 in a
// second: 1e11 pairs, 1.6e12 bytes. A gradient in K patterns takes 4 K operations for each component
// on tensor cores (6.7e13 a second): from K = 100 on numbers are the lesser part of a sweep. These are
// counts, not measurements.
#include "random.cuh"

// (m + step) 2^-53 of the 53 highest bits of two words.
__device__ __forceinline__ double fraction(u32 high, u32 low, int step)
{
    const u64 m = ((u64)high << 32 | low) >> 11;
    return (double)(m + step) * 1.1102230246251565e-16;
}

// Numbers of `size` components of `chains` chains, one chain after the other; `pairs` = (size + 1)/2.
extern "C" __global__ void normals(
    double* out, i64 chains, i64 size, i64 pairs, u32 sweep, u32 first_chain, u32 stream, u32 k0, u32 k1)
{
    const i64 at = (i64)blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= chains * pairs) return;
    const i64 chain = at / pairs, pair = at - chain * pairs;
    u32 c[4] = {(u32)pair, sweep, first_chain + (u32)chain, stream};
    philox(c, k0, k1);
    const double radius = sqrt(-2.0 * log(fraction(c[0], c[1], 1)));
    const double angle = 6.283185307179586 * fraction(c[2], c[3], 0);
    double* here = out + chain * size + 2 * pair;
    here[0] = radius * cos(angle);
    if (2 * pair + 1 < size) here[1] = radius * sin(angle);
}

// ln u of every chain.
extern "C" __global__ void heights(
    double* out, i64 chains, u32 sweep, u32 first_chain, u32 stream, u32 k0, u32 k1)
{
    const i64 chain = (i64)blockIdx.x * blockDim.x + threadIdx.x;
    if (chain >= chains) return;
    u32 c[4] = {0, sweep, first_chain + (u32)chain, stream};
    philox(c, k0, k1);
    out[chain] = log(fraction(c[0], c[1], 1));
}
