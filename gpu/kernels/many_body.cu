// Any energy that is a sum over patterns, a block of threads for each replica: its sites are visited
// in order, and a field is a sum of integers over the patterns, so that its order does not matter.
// With n agreeing entries of a pattern and s the old spin, four times the field over the unit is
//     sum over patterns of x D(n + [x s < 0]),    D(n) = 2 (phi_n - phi_(n-1)),
// because x D is the same whether s is on or off; blanks, x = 0, add nothing. Only n is kept: `places`
// holds where phi_n stands in the tables, of which patterns with other numbers of blanks have others.
// A thread reads EACH neighbouring patterns at once, always the same ones, so that no barrier guards
// the places; what all threads share is one sum for each attempt, and with it one barrier.
//
// For a pattern and an attempt a thread reads 1 byte of x (all replicas share it: L2) and 2 of n (from
// memory where replicas times patterns do not fit into L2), looks D up in shared memory, and takes
// about 7 instructions; a flip reads and writes n once more. An H200 can read 4.3e12/2 = 2.1e12 n a
// second; 132 SMs at 1.7 GHz that issue to 128 lanes could take 4e12, look-ups 7e12. So memory bounds
// it at 2e12 patterns a second, for any rate of flips. Slopes of 32 bits in place of n would halve
// that. Products of slopes with groups of B sites, which tensor cores could take at 1e14 a second,
// cost B/2 passes for each flip: they win below one flip in 100 attempts and lose above.
#include "random.cuh"

#define EACH 8      // sums of so many narrow entries fit into 32 bits
#define ROOM 40960  // bytes of shared memory for the table: five blocks on an SM

typedef unsigned short u16;

struct alignas(EACH) Entries { signed char at[EACH]; };

template <typename Place> struct alignas(16) Places { Place at[EACH]; };

// What the patterns of a thread add to a field. A table of which there are 2^shift copies lies in
// shared memory, entry by entry: lanes of a warp that read different entries then use different banks.
template <typename Entry, typename Place>
__device__ __forceinline__ i64 part(
    const Entries* row, const Places<Place>* places, int groups, int old, const Entry* table,
    int shift)
{
    const int copy = threadIdx.x & (1 << shift) - 1;
    i64 total = 0;
    for (int g = threadIdx.x; g < groups; g += blockDim.x) {
        const Entries x = row[g];
        const Places<Place> n = places[g];
        Entry sum = 0;
        #pragma unroll
        for (int k = 0; k < EACH; ++k) {
            const int place = n.at[k] + (x.at[k] * old < 0);
            sum += x.at[k] * table[place << shift | copy];
        }
        total += sum;
    }
    return total;
}

template <typename Place>
__device__ __forceinline__ void move(Places<Place>& places, const Entries& x, int old)
{
    #pragma unroll
    for (int k = 0; k < EACH; ++k) places.at[k] -= x.at[k] * old;
}

// The sum over a block, in all threads. Room for it must not be that of the call before.
__device__ __forceinline__ i64 block_sum(i64 mine, i64* room)
{
    for (int o = 16; o; o >>= 1) mine += __shfl_xor_sync(0xffffffffu, mine, o);
    if ((threadIdx.x & 31) == 0) room[threadIdx.x >> 5] = mine;
    __syncthreads();
    i64 total = 0;
    for (int w = 0; w < (int)blockDim.x / 32; ++w) total += room[w];
    return total;
}

// One sweep of the replica of this block, from the spins `before` to those `after`.
template <typename Entry, typename Place>
__device__ __forceinline__ void visit(
    const Entries* patterns, Places<Place>* all_places, const Entry* slopes, int n_places, int shift,
    const signed char* all_before, signed char* all_after, int* flips, int size, int groups,
    double divisor, double scale, u32 sweep, u32 stream, u32 key0, u32 key1, int metropolis,
    int parallel)
{
    __shared__ i64 room[ROOM / 8], sums[2][32];
    __shared__ double thresholds[2][GROUP];
    Entry* copies = (Entry*)room;
    const int r = blockIdx.x, t = threadIdx.x;
    const signed char* before = all_before + (i64)r * size;
    signed char* after = all_after + (i64)r * size;
    Places<Place>* places = all_places + (i64)r * groups;
    for (int k = t; shift >= 0 && k < n_places << shift; k += blockDim.x)
        copies[k] = slopes[k >> shift];
    __syncthreads();
    int flipped = 0;
    for (int i = 0; i < size; ++i) {
        double* limits = thresholds[i / GROUP & 1];
        if (i % GROUP == 0 && t < GROUP / 4) {
            // the barrier of the next sum comes before they are read
            u32 words[4] = {(u32)(i / 4 + t), sweep, (u32)r, stream};
            philox(words, key0, key1);
            for (int k = 0; k < 4; ++k)
                limits[GROUP / 4 * k + t] = threshold(words[k], scale, metropolis);
        }
        const Entries* row = patterns + (i64)i * groups;
        const int old = before[i];
        const i64 mine = shift < 0 ? part(row, places, groups, old, slopes, 0)
                                   : part(row, places, groups, old, (const Entry*)copies, shift);
        const double field = divisor * (double)block_sum(mine, sums[i & 1]);
        const bool turned = flips_in(field, limits[i % GROUP], old, metropolis);
        if (t == 0) after[i] = (signed char)(turned ? -old : old);
        flipped += turned;
        if (turned && !parallel)
            for (int g = t; g < groups; g += blockDim.x) move(places[g], row[g], old);
    }
    if (t == 0) flips[r] += flipped;
    if (!parallel) return;
    __syncthreads();
    for (int g = t; g < groups; g += blockDim.x) {
        Places<Place> here = places[g];
        for (int i = 0; i < size; ++i)
            if (before[i] != after[i]) move(here, patterns[(i64)i * groups + g], before[i]);
        places[g] = here;
    }
}

// Measure after a sweep, a block for each replica: overlap with the first archetype, with the sum of
// its patterns, the largest with such a sum of another one, the sum of phi. M is 2 place - `base`.
template <typename Place>
__device__ __forceinline__ void written_down(
    const signed char* spins, const signed char* archetype, const Place* all_places,
    const int* base, const i64* values, int size, int n_patterns, int stride, int each, int* along,
    int* effective, int* best, double* count)
{
    __shared__ i64 sums[2][32];
    __shared__ int largest[32];
    const int r = blockIdx.x, t = threadIdx.x;
    const Place* places = all_places + (i64)r * stride;
    i64 site_sum = 0, total = 0;
    int most = 0;
    for (int i = t; i < size; i += blockDim.x) site_sum += archetype[i] * spins[(i64)r * size + i];
    for (int first = t * each; first < n_patterns; first += blockDim.x * each) {
        int group = 0;
        for (int mu = first; mu < first + each; ++mu) {
            group += 2 * (int)places[mu] - base[mu];
            total += values[places[mu]];
        }
        if (first == 0) effective[r] = group;
        else most = max(most, abs(group));
    }
    for (int o = 16; o; o >>= 1) most = max(most, __shfl_xor_sync(0xffffffffu, most, o));
    if ((t & 31) == 0) largest[t >> 5] = most;
    site_sum = block_sum(site_sum, sums[0]);
    total = block_sum(total, sums[1]);
    if (t) return;
    for (int w = 1; w < (int)blockDim.x / 32; ++w) most = max(most, largest[w]);
    along[r] = (int)site_sum; best[r] = most; count[r] = (double)total;
}

#define SWEEP(name, Entry, Place)                                                                  \
    extern "C" __global__ void __launch_bounds__(512) name(                                        \
        const Entries* patterns, Places<Place>* places, const Entry* slopes, int n_places,         \
        int shift, const signed char* before, signed char* after, int* flips, int size,            \
        int groups, double divisor, double scale, u32 sweep, u32 stream, u32 key0, u32 key1,       \
        int metropolis, int parallel)                                                              \
    {                                                                                              \
        visit(patterns, places, slopes, n_places, shift, before, after, flips, size, groups,       \
              divisor, scale, sweep, stream, key0, key1, metropolis, parallel);                    \
    }

#define MEASURE(name, Place)                                                                       \
    extern "C" __global__ void __launch_bounds__(512) name(                                        \
        const signed char* spins, const signed char* archetype, const Place* places,               \
        const int* base, const i64* values, int size, int n_patterns, int stride, int each,        \
        int* along, int* effective, int* best, double* count)                                      \
    {                                                                                              \
        written_down(spins, archetype, places, base, values, size, n_patterns, stride, each,       \
                     along, effective, best, count);                                               \
    }

// by the bits of an entry of the table, and of a place
SWEEP(sweep_32_16, int, u16)
SWEEP(sweep_64_16, i64, u16)
SWEEP(sweep_32_32, int, int)
SWEEP(sweep_64_32, i64, int)
MEASURE(measure_16, u16)
MEASURE(measure_32, int)
