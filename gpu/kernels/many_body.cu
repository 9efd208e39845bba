// Any energy that is a sum over patterns, a block of threads for each replica, in blockIdx.x, of each
// sample, in blockIdx.y, which have their patterns, keys and scales one after the other: sites are visited
// in order, and a field is a sum of integers over the patterns, so that its order does not matter.
// With a agreeing entries of a pattern and s the old spin, four times the field over the unit is
//     sum over patterns of x D(a + [x s < 0]),    D(a) = 2 (phi_a - phi_(a-1)),
// because this x D is the same whether s is on or off; blanks, x = 0, add nothing. The table of D has
// as many copies as fit, side by side in a row for each a. Of a pattern only its place is kept, the
// byte of its copy in the middle between the rows of D(a) and D(a+1): half a row times x s leads back
// or forth, a flip moves it by a row. Patterns with other numbers of blanks have other rows.
// A thread reads EACH neighbouring patterns at once, always the same ones, so that no barrier guards
// the places; what all threads share are sums over them, and with each of these a barrier. A pass over
// the places gives the fields of two sites. That of the second is looked for once more if the first
// flips; the next pass then moves the places as it reads them.
//
// For a pattern and an attempt, of which a part f flips, a thread reads 1 byte of x (all replicas share it:
// L2) and 1 + f of its place, and writes 2 f (in memory, where replicas times patterns do not fit into
// L2). It takes 7.9 instructions in the code for sm_90, 9.1 once more if the first flips and 3 to move, one
// of them a look-up without conflicts of banks where 32 copies fit (N < 319). An H200 can move 4.3e12
// bytes a second, 3.1e12 patterns at f = 0.13, and twice that if nothing flips; 132 multiprocessors at
// 1.75 GHz that issue 128 lanes in a cycle take 3.7e12, and 3.2e12 at f = 0.13; look-ups 7e12. L2 gives
// some 5.5e12 bytes, 2.3e12 patterns at f = 0.13. So L2 bounds it, and nothing by far. Long tables stay in
// memory and have places of 4 bytes: half of it. Slopes of 32 bits in place of places would do the same,
// and need sums over all patterns of their curvatures. Products of digits of slopes with groups of 64
// sites, at some 2e14 a second, cost 32 passes like this one for each flip: they would be faster
// below about one flip in 20 attempts. These are counts, not measurements.
#include "random.cuh"

#define EACH 8      // sums of so many narrow slopes fit into 32 bits
#define ROOM 40960  // bytes of shared memory for the table: room for five blocks

typedef unsigned short u16;

// Entries of neighbouring patterns at a site.
struct alignas(EACH) Entries {
    u32 words[EACH / 4];
    __device__ __forceinline__ int at(int k) const
    {
        return (int)(words[k / 4] << 24 - 8 * (k % 4)) >> 24;
    }
};

// Places of neighbouring patterns in a table of at most 2^16 bytes, and in a longer one.
struct alignas(16) Near {
    static constexpr bool far = false;
    u32 words[EACH / 2];
    __device__ __forceinline__ int at(int k) const { return words[k / 2] >> 16 * (k % 2) & 0xffffu; }
    __device__ __forceinline__ void move(int k, int by)
    {
        words[k / 2] += (u32)by << 16 * (k % 2);
    }
};

struct alignas(16) Far {
    static constexpr bool far = true;
    int words[EACH];
    __device__ __forceinline__ int at(int k) const { return words[k]; }
    __device__ __forceinline__ void move(int k, int by) { words[k] += by; }
};

template <typename Places>
__device__ __forceinline__ Places moved(Places places, Entries x, int row)
{
    #pragma unroll
    for (int k = 0; k < EACH; ++k) places.move(k, -x.at(k) * row);
    return places;
}

// What the patterns of a thread add to the fields of COUNT sites, the first of which has the entries `row`;
// `half` is half a row times the old spins. First, if MOVES, a spin of entries `flipped` has flipped.
template <int COUNT, bool MOVES, typename Slope, typename Places>
__device__ __forceinline__ void add_parts(
    const Entries* row, Places* places, int groups, const int half[2], const char* table,
    const Entries* flipped, int by, i64 total[2])
{
    for (int g = threadIdx.x; g < groups; g += blockDim.x) {
        Places here = places[g];
        if (MOVES) {
            here = moved(here, flipped[g], by);
            places[g] = here;
        }
        #pragma unroll
        for (int s = 0; s < COUNT; ++s) {
            const Entries x = row[(i64)s * groups + g];
            Slope sum = 0;
            #pragma unroll
            for (int k = 0; k < EACH; ++k)
                sum += x.at(k) * *(const Slope*)(table + (here.at(k) - x.at(k) * half[s]));
            total[s] += sum;
        }
    }
}

// Two sums over a block, in all threads. Room for them must not be that of the call before.
__device__ __forceinline__ void add_up(i64 mine[2], i64 room[2][32])
{
    #pragma unroll
    for (int s = 0; s < 2; ++s) {
        for (int o = 16; o; o >>= 1) mine[s] += __shfl_xor_sync(0xffffffffu, mine[s], o);
        if ((threadIdx.x & 31) == 0) room[s][threadIdx.x >> 5] = mine[s];
    }
    __syncthreads();
    #pragma unroll
    for (int s = 0; s < 2; ++s) {
        mine[s] = 0;
        for (int w = 0; w < (int)blockDim.x / 32; ++w) mine[s] += room[s][w];
    }
}

// The table where it is read from: a short one in shared memory.
template <typename Places>
__device__ __forceinline__ const char* at_hand(const char* table, int bytes)
{
    if constexpr (Places::far) return table;
    else {
        __shared__ i64 room[ROOM / 8];
        for (int k = threadIdx.x; k < bytes / 4; k += blockDim.x)
            ((int*)room)[k] = ((const int*)table)[k];
        __syncthreads();
        return (const char*)room;
    }
}

// One sweep of the replica of this block, from the spins `before` to those `after`.
template <typename Slope, typename Places>
__device__ __forceinline__ void visit(
    const Entries* all_patterns, Places* all_places, const char* slopes, int bytes, int row_bytes,
    const signed char* all_before, signed char* all_after, int* flips, int size, int groups,
    double divisor, u32 sweep, u32 first_replica, u32 stream, const u32* keys, const double* scales,
    int metropolis, int parallel)
{
    __shared__ i64 sums[2][2][32];
    __shared__ double thresholds[2][GROUP];
    const int t = threadIdx.x, sample = blockIdx.y, r = sample * gridDim.x + blockIdx.x;
    const Entries* patterns = all_patterns + (i64)sample * size * groups;
    const signed char* before = all_before + (i64)r * size;
    signed char* after = all_after + (i64)r * size;
    Places* places = all_places + (i64)r * groups;
    const char* table = at_hand<Places>(slopes, bytes);
    int flipped = 0, moving = -1, turn = 0;
    i64 fields[2];
    for (int i = 0; i < size; ++i) {
        double* limits = thresholds[i / GROUP & 1];
        if (i % GROUP == 0 && t < GROUP / 4) {
            // the barrier of the next sums comes before they are read
            u32 words[4] = {(u32)(i / 4 + t), sweep, first_replica + blockIdx.x, stream};
            philox(words, keys[2 * sample], keys[2 * sample + 1]);
            for (int k = 0; k < 4; ++k)
                limits[GROUP / 4 * k + t] = threshold(words[k], scales[sample], metropolis);
        }
        const Entries* row = patterns + (i64)i * groups;
        // the field of a site that is looked at with the one before is that one's if it has not flipped
        if (i % 2 == 0 || moving >= 0) {
            const bool two = i % 2 == 0 && i + 1 < size;
            const int half[2] = {row_bytes / 2 * before[i], two ? row_bytes / 2 * before[i + 1] : 0};
            const Entries* of_moving = patterns + (i64)max(moving, 0) * groups;
            const int by = moving < 0 ? 0 : row_bytes * before[moving];
            fields[0] = fields[1] = 0;
            if (two && moving < 0)
                add_parts<2, false, Slope>(row, places, groups, half, table, of_moving, by, fields);
            else if (two)
                add_parts<2, true, Slope>(row, places, groups, half, table, of_moving, by, fields);
            else if (moving < 0)
                add_parts<1, false, Slope>(row, places, groups, half, table, of_moving, by, fields);
            else
                add_parts<1, true, Slope>(row, places, groups, half, table, of_moving, by, fields);
            add_up(fields, sums[turn ^= 1]);
            moving = -1;
        } else fields[0] = fields[1];
        const int old = before[i];
        const bool turned
            = flips_in(divisor * (double)fields[0], limits[i % GROUP], old, metropolis);
        if (t == 0) after[i] = (signed char)(turned ? -old : old);
        flipped += turned;
        if (turned && !parallel) moving = i;
    }
    if (t == 0) flips[r] += flipped;
    if (moving >= 0)
        for (int g = t; g < groups; g += blockDim.x)
            places[g] = moved(places[g], patterns[(i64)moving * groups + g], row_bytes * before[moving]);
    if (!parallel) return;
    __syncthreads();
    for (int g = t; g < groups; g += blockDim.x) {
        Places here = places[g];
        for (int i = 0; i < size; ++i)
            if (before[i] != after[i])
                here = moved(here, patterns[(i64)i * groups + g], row_bytes * before[i]);
        places[g] = here;
    }
}

// Measure after a sweep, a block for each replica: overlap with the first archetype, with the sum of
// its patterns, the largest with such a sum of another one, the sum of phi. M is twice the entry of a
// pattern in the tables less its `base`.
template <typename Place>
__device__ __forceinline__ void written_down(
    const signed char* spins, const signed char* archetypes, const Place* all_places,
    const int* base, const i64* values, int size, int n_patterns, int stride, int each,
    int row_bytes, int* along, int* effective, int* best, double* count)
{
    __shared__ i64 sums[2][32];
    __shared__ int largest[32];
    const int t = threadIdx.x, r = blockIdx.y * gridDim.x + blockIdx.x;
    const signed char* archetype = archetypes + (i64)blockIdx.y * size;
    const Place* places = all_places + (i64)r * stride;
    i64 site_sum = 0, total = 0;
    int most = 0;
    for (int i = t; i < size; i += blockDim.x) site_sum += archetype[i] * spins[(i64)r * size + i];
    for (int first = t * each; first < n_patterns; first += blockDim.x * each) {
        int group = 0;
        for (int mu = first; mu < first + each; ++mu) {
            const int entry = places[mu] / row_bytes;
            group += 2 * entry - base[mu];
            total += values[entry];
        }
        if (first == 0) effective[r] = group;
        else most = max(most, abs(group));
    }
    for (int o = 16; o; o >>= 1) most = max(most, __shfl_xor_sync(0xffffffffu, most, o));
    if ((t & 31) == 0) largest[t >> 5] = most;
    i64 both[2] = {site_sum, total};
    add_up(both, sums);
    if (t) return;
    for (int w = 1; w < (int)blockDim.x / 32; ++w) most = max(most, largest[w]);
    along[r] = (int)both[0]; best[r] = most; count[r] = (double)both[1];
}

#define SWEEP(name, Slope, Places)                                                                 \
    extern "C" __global__ void __launch_bounds__(512, 4) name(                                     \
        const Entries* patterns, Places* places, const char* slopes, int bytes, int row_bytes,     \
        const signed char* before, signed char* after, int* flips, int size, int groups,           \
        double divisor, u32 sweep, u32 first_replica, u32 stream, const u32* keys,                 \
        const double* scales, int metropolis, int parallel)                                        \
    {                                                                                              \
        visit<Slope>(patterns, places, slopes, bytes, row_bytes, before, after, flips, size,       \
                     groups, divisor, sweep, first_replica, stream, keys, scales, metropolis,      \
                     parallel);                                                                    \
    }

#define MEASURE(name, Place)                                                                       \
    extern "C" __global__ void name(                                                               \
        const signed char* spins, const signed char* archetypes, const Place* places,              \
        const int* base, const i64* values, int size, int n_patterns, int stride, int each,        \
        int row_bytes, int* along, int* effective, int* best, double* count)                       \
    {                                                                                              \
        written_down(spins, archetypes, places, base, values, size, n_patterns, stride, each,       \
                     row_bytes, along, effective, best, count);                                    \
    }

// by the bits of a slope, and of a place
SWEEP(sweep_32_16, int, Near)
SWEEP(sweep_64_16, i64, Near)
SWEEP(sweep_32_32, int, Far)
SWEEP(sweep_64_32, i64, Far)
MEASURE(measure_16, u16)
MEASURE(measure_32, int)
