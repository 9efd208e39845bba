// Patterns whose entries differ in size, a block of threads for each replica, in blockIdx.x, of each
// sample, in blockIdx.y, which have their patterns, squares, keys and scales one after the other: sites
// are visited in order. Of a pattern there are its integer overlap M and, for k = 3 ... p, twice the
// elementary symmetric polynomial e_k of its products X_i s_i; those of all other sites, which a field
// is made of, follow as on the CPU, montecarlo/kernels_weighted.py, with the sum Q of the squares of
// its entries. These are real numbers, so that the order of every sum matters: it is that of the CPU.
// A pattern belongs to the thread of its number modulo SUMS, always the same one, so that no barrier
// guards what is kept of it; a thread adds its patterns in turn, then the warps are added in turn,
// lane by lane, then lanes by halves, by every warp for itself: one barrier for each attempt.
//
// For a pattern and an attempt a thread reads the entry, 2 or 4 bytes, and Q, 8, which all replicas
// share (L2), M, 4 bytes, and 8 for each of p - 3 polynomials, of its own; a flip reads and writes M and
// p - 2 polynomials once more. For p = 3, 4, 5 and narrow entries it takes 20, 23 and 25 instructions
// in the code for sm_90, p + 4 of them sums, products and fused products of 64 bits. 132 multiprocessors
// of an H200 at 1.75 GHz issue 128 lanes in a cycle, 64 of 64 bits: 1.5e12, 1.3e12 and 1.2e12 patterns
// a second; those of 64 bits alone would allow 2.1e12 to 1.6e12. What is a replica's own, 4, 12 and 20
// bytes, comes from memory where replicas times patterns do not fit into L2: at 4.3 TB/s 1.1e12, 3.6e11
// and 2.2e11. So memory bounds it, or L2, through which 14, 22 and 30 bytes go, unless it carries 3.5,
// 1.8 and 1.5 times what memory does. Of few patterns, at most some thousand, all this stays in the
// first-level cache, and instructions bound it. To make what is kept, once in some 20 sweeps, p - 2
// polynomials are read and written for each site: that is about as long as a sweep or two. These are
// counts, not measurements.
#include "random.cuh"

#define SUMS 256  // partial sums of a field at most, and threads of a block
#define WARP 32
#define EACH 4    // patterns of a thread at once

// An integer as it is in a float64, by its bits: conversions have a quarter of the rate.
__device__ __forceinline__ double widened(int x)
{
    return double_of(0x4330000080000000ll ^ (i64)(u32)x) - 4503601774854144.0;
}

// What is kept of the patterns of a replica, and what is fixed.
struct Kept {
    int* overlaps;
    double* polynomials;    // [p - 2][n_patterns]
    const double* squares;
    int n_patterns;
};

// Twice the second polynomial of a pattern without a site, at which its product is y.
__device__ __forceinline__ double second(const Kept& kept, int mu, double y)
{
    const double rest = widened(kept.overlaps[mu]) - y;
    return fma(rest, rest, fma(y, y, -kept.squares[mu]));
}

// The sum over a block, in all threads: those of a lane in all warps in turn, then by halves. Room for
// it must not be that of the call before.
__device__ __forceinline__ double block_sum(double mine, double* room)
{
    room[threadIdx.x] = mine;
    __syncthreads();
    const int lane = threadIdx.x % WARP;
    double total = room[lane];
    for (int first = WARP; first < (int)blockDim.x; first += WARP) total += room[first + lane];
    for (int half = WARP / 2; half; half /= 2) total += __shfl_xor_sync(0xffffffffu, total, half);
    return total;
}

// A sum with what a pattern adds to twice the field on a spin, times the spin.
template <int P, typename Entry>
__device__ __forceinline__ double with(
    double total, const Kept& kept, const Entry* row, int mu, double spin, int order)
{
    const int p = P ? P : order;
    const double y = spin * widened(row[mu]);
    double lower = second(kept, mu, y);
    for (int k = 3; k < p; ++k)
        lower = fma(-y, lower, kept.polynomials[(i64)(k - 3) * kept.n_patterns + mu]);
    return fma(y, lower, total);
}

// What all patterns of a thread add. Where they are many a block has SUMS threads: their distance is
// known, and EACH are read before the first of them is used.
template <int P, typename Entry>
__device__ __forceinline__ double part(const Kept& kept, const Entry* row, double spin, int order)
{
    int mu = threadIdx.x;
    double total = 0.0;
    for (; mu + (EACH - 1) * SUMS < kept.n_patterns; mu += EACH * SUMS) {
        #pragma unroll
        for (int k = 0; k < EACH; ++k) total = with<P>(total, kept, row, mu + k * SUMS, spin, order);
    }
    for (; mu < kept.n_patterns; mu += blockDim.x)
        total = with<P>(total, kept, row, mu, spin, order);
    return total;
}

// Flip a spin whose value was `spin` in a pattern.
template <int P>
__device__ __forceinline__ void turn(const Kept& kept, int mu, int entry, int spin, int order)
{
    const int p = P ? P : order;
    const double y = (double)spin * widened(entry);
    double lower = second(kept, mu, y);
    for (int k = 3; k <= p; ++k) {
        double& place = kept.polynomials[(i64)(k - 3) * kept.n_patterns + mu];
        const double before = place;
        place = fma(-2.0 * y, lower, before);
        lower = fma(-y, lower, before);
    }
    kept.overlaps[mu] -= 2 * spin * entry;
}

// Make what is kept, one site after the other.
template <typename Entry>
__device__ __forceinline__ void fill(const Kept& kept, const Entry* patterns, const signed char* spins,
                                     int size, int p)
{
    for (int mu = threadIdx.x; mu < kept.n_patterns; mu += blockDim.x) {
        double* place = kept.polynomials + mu;
        for (int k = 3; k <= p; ++k) place[(i64)(k - 3) * kept.n_patterns] = 0.0;
        int overlap = 0;
        double twice_second = 0.0;
        for (int i = 0; i < size; ++i) {
            const int product = spins[i] * patterns[(i64)i * kept.n_patterns + mu];
            const double y = widened(product);
            for (int k = p; k >= 3; --k) {
                double* upper = place + (i64)(k - 3) * kept.n_patterns;
                const double lower = k == 3 ? twice_second : upper[-kept.n_patterns];
                *upper = fma(y, lower, *upper);
            }
            twice_second = fma(2.0 * y, widened(overlap), twice_second);
            overlap += product;
        }
        kept.overlaps[mu] = overlap;
    }
}

// One sweep of the replica of this block, from the spins `before` to those `after`.
template <int P, typename Entry>
__device__ __forceinline__ void visit(
    const Kept& kept, const Entry* patterns, const signed char* before, signed char* after, int* flips,
    int size, int order, u32 sweep, u32 replica, u32 stream, u32 key0, u32 key1,
    double scale, int metropolis, int parallel)
{
    __shared__ double rooms[2][SUMS];
    __shared__ double thresholds[2][GROUP];
    const int t = threadIdx.x;
    int flipped = 0;
    for (int i = 0; i < size; ++i) {
        double* limits = thresholds[i / GROUP & 1];
        if (i % GROUP == 0 && t < GROUP / 4) {
            // the barrier of the next sum comes before they are read
            u32 words[4] = {(u32)(i / 4 + t), sweep, replica, stream};
            philox(words, key0, key1);
            for (int k = 0; k < 4; ++k)
                limits[GROUP / 4 * k + t] = threshold(words[k], scale, metropolis);
        }
        const Entry* row = patterns + (i64)i * kept.n_patterns;
        const int old = before[i];
        const double mine = part<P>(kept, row, (double)old, order);
        const double field = old * block_sum(mine, rooms[i & 1]);
        const bool turned = flips_in(field, limits[i % GROUP], old, metropolis);
        if (t == 0) after[i] = (signed char)(turned ? -old : old);
        flipped += turned;
        if (turned && !parallel)
            for (int mu = t; mu < kept.n_patterns; mu += blockDim.x)
                turn<P>(kept, mu, row[mu], old, order);
    }
    if (t == 0) *flips += flipped;
    if (!parallel) return;
    __syncthreads();
    for (int i = 0; i < size; ++i)
        if (before[i] != after[i])
            for (int mu = t; mu < kept.n_patterns; mu += blockDim.x)
                turn<P>(kept, mu, patterns[(i64)i * kept.n_patterns + mu], before[i], order);
}

// What is kept of the replica of this block, of so many polynomials.
__device__ __forceinline__ Kept here(
    int* overlaps, double* polynomials, const double* squares, int n_patterns, int order)
{
    const i64 sample = blockIdx.y, r = sample * gridDim.x + blockIdx.x;
    return {overlaps + r * n_patterns, polynomials + r * (order - 2) * n_patterns,
            squares + sample * n_patterns, n_patterns};
}

#define SWEEP(name, Entry, P)                                                                      \
    extern "C" __global__ void __launch_bounds__(SUMS, 4) name(                                    \
        const Entry* patterns, const double* squares, int* overlaps, double* polynomials,          \
        const signed char* before, signed char* after, int* flips, int size, int n_patterns,       \
        int order, u32 sweep, u32 first_replica, u32 stream, const u32* keys,                      \
        const double* scales, int metropolis, int parallel)                                        \
    {                                                                                              \
        const i64 sample = blockIdx.y, r = sample * gridDim.x + blockIdx.x;                        \
        visit<P>(here(overlaps, polynomials, squares, n_patterns, order),                          \
                 patterns + sample * size * n_patterns, before + r * size, after + r * size,       \
                 flips + r, size, order, sweep, first_replica + blockIdx.x, stream,                \
                 keys[2 * sample], keys[2 * sample + 1], scales[sample], metropolis, parallel);    \
    }

#define FILL(name, Entry)                                                                          \
    extern "C" __global__ void name(                                                               \
        const Entry* patterns, const double* squares, int* overlaps, double* polynomials,          \
        const signed char* spins, int size, int n_patterns, int order)                             \
    {                                                                                              \
        const i64 sample = blockIdx.y, r = sample * gridDim.x + blockIdx.x;                        \
        fill(here(overlaps, polynomials, squares, n_patterns, order),                              \
             patterns + sample * size * n_patterns, spins + r * size, size, order);                \
    }

// by the bits of an entry, and the number of spins in an interaction, 0 for any
SWEEP(sweep_16_3, short, 3)
SWEEP(sweep_16_4, short, 4)
SWEEP(sweep_16_5, short, 5)
SWEEP(sweep_16_0, short, 0)
SWEEP(sweep_32_0, int, 0)
FILL(fill_16, short)
FILL(fill_32, int)

// Measure after a sweep, a block for each replica: overlap with the first archetype, with the sum of its
// patterns, the largest with such a sum of another one, the sum of the last polynomials.
extern "C" __global__ void measure(
    const signed char* spins, const signed char* archetypes, const int* overlaps,
    const double* polynomials, int size, int n_patterns, int each, int order, double unit, int* along,
    int* effective, int* best, double* count)
{
    __shared__ double rooms[2][SUMS];
    __shared__ int largest[SUMS / WARP];
    const int t = threadIdx.x;
    const i64 r = blockIdx.y * gridDim.x + blockIdx.x;
    const signed char* archetype = archetypes + (i64)blockIdx.y * size;
    const int* sums = overlaps + r * n_patterns;
    const double* last = polynomials + (r * (order - 2) + order - 3) * n_patterns;
    double site_sum = 0.0, total = 0.0;
    int most = 0;
    for (int i = t; i < size; i += blockDim.x) site_sum += archetype[i] * spins[r * size + i];
    for (int mu = t; mu < n_patterns; mu += blockDim.x) total += last[mu];
    for (int first = t * each; first < n_patterns; first += blockDim.x * each) {
        int group = 0;
        for (int mu = first; mu < first + each; ++mu) group += sums[mu];
        if (first == 0) effective[r] = group;
        else most = max(most, abs(group));
    }
    for (int o = WARP / 2; o; o /= 2) most = max(most, __shfl_xor_sync(0xffffffffu, most, o));
    if (t % WARP == 0) largest[t / WARP] = most;
    site_sum = block_sum(site_sum, rooms[0]);
    total = block_sum(total, rooms[1]);
    if (t) return;
    for (int w = 1; w < (int)blockDim.x / WARP; ++w) most = max(most, largest[w]);
    along[r] = (int)site_sum; best[r] = most; count[r] = unit * total;
}
