// Exponential networks: one pass over packed patterns for each attempt of each replica.
//
// Samples are in blockIdx.z, each with as many patterns and as many replicas, one sample after the other.
// A pattern is W words of 64 bits, stored [W][K], so that neighbouring threads read neighbouring
// patterns. Distances are not kept: for N <= 64 a pattern is 8 bytes, which a block reads once for a
// team of TEAM replicas, 2 bytes for a pattern and a replica. Distances of 16 bits and a bit of the
// site are 2.1 bytes, and twice 2 more after a flip, in K * 2 bytes of memory for each replica.
//
// For N <= 64 a pattern and a replica of a full team take 2 popcounts, of which a multiprocessor does
// 16 in a cycle, and some 21 instructions in the code for sm_90, of which it issues 128: 6 in a cycle,
// 1.4e12 a second on 132 multiprocessors at 1.75 GHz, so that a team is bound by instructions. A
// replica alone takes some 37, 8e11 a second; 4.3 TB/s bring 5.4e11 patterns of 8 bytes, so that
// memory bounds it. A lane then adds N + 1 float64 terms in the order of the CPU, some microseconds,
// which bound K < 1e4. These are counts, not measurements.
#include "random.cuh"

#define TEAM 4      // replicas that share what a block reads
#define THREADS 256 // of a block
#define UNROLL 4    // patterns that a thread has in flight
#define BINS 8448   // counters of a block: 4 replicas, 65 distances and what is not counted, 32 lanes
#define MOST_WORDS ((BINS / TEAM - 2) / 64 + 1)

// Place of a spin in the words of a state, as hopfield.bits.pack has it.
__device__ __forceinline__ u64 bit_of(int site) { return 1ull << (site % 64 / 8 * 8 + 7 - site % 8); }

__device__ __forceinline__ int popcount(u64 x) { return __popc((u32)x) + __popc((u32)(x >> 32)); }

// Count the patterns of a part, for each replica of a team, by their distance: all of them, or those
// that differ at a site. Part blockIdx.y has `span` patterns, fewer than 2^31. A lane has counters of
// its own if they fit, so that the lanes of a warp do not wait for each other, and one for what is not
// to be counted, so that they do not part. The sums are added to `found` [replicas][N + 1]; they are
// integers, so that no order matters. Every thread has to call it.
__device__ __forceinline__ void count_part(
    const u64* __restrict__ words, i64 n_patterns, i64 span, int size, const u64* states, u64* found,
    int replicas, int site, bool all)
{
    __shared__ int bins[BINS];
    __shared__ u64 team_states[TEAM * MOST_WORDS];
    const int t = threadIdx.x, n_words = (size + 63) / 64, first_replica = blockIdx.x * TEAM;
    const int team = min(TEAM, replicas - first_replica), asked = site / 64;
    const u64 bit = bit_of(site);
    int lanes = 32;
    while (TEAM * (size + 2) * lanes > BINS) lanes /= 2;
    const int row = (size + 2) * lanes;
    for (int k = t; k < team * row; k += THREADS) bins[k] = 0;
    for (int k = t; k < team * n_words; k += THREADS)
        team_states[k] = states[(i64)first_replica * n_words + k];
    __syncthreads();
    int* own = bins + (t & lanes - 1);
    int up[TEAM];
    for (int r = 0; r < TEAM; ++r) up[r] = r < team && team_states[r * n_words + asked] & bit;
    const u64* part = words + blockIdx.y * span;
    const int count = (int)min(span, n_patterns - blockIdx.y * span);
    for (int mu = t; mu < count; mu += UNROLL * THREADS) {
        int distance[TEAM][UNROLL] = {}, entry[UNROLL] = {};
        for (int w = 0; w < n_words; ++w) {
            u64 word[UNROLL];
#pragma unroll
            for (int u = 0; u < UNROLL; ++u) {
                word[u] = mu + u * THREADS < count ? part[w * n_patterns + mu + u * THREADS] : 0;
                if (w == asked) entry[u] = (word[u] & bit) != 0;
            }
#pragma unroll
            for (int r = 0; r < TEAM; ++r) {
                if (r >= team) break;
                const u64 state = team_states[r * n_words + w];
#pragma unroll
                for (int u = 0; u < UNROLL; ++u) distance[r][u] += popcount(word[u] ^ state);
            }
        }
#pragma unroll
        for (int r = 0; r < TEAM; ++r) {
            if (r >= team) break;
#pragma unroll
            for (int u = 0; u < UNROLL; ++u) {
                const bool counts = mu + u * THREADS < count && (all || entry[u] != up[r]);
                atomicAdd(own + r * row + (counts ? distance[r][u] : size + 1) * lanes, 1);
            }
        }
    }
    __syncthreads();
    for (int k = t; k < team * (size + 1); k += THREADS) {
        const int* counters = bins + k / (size + 1) * row + k % (size + 1) * lanes;
        u64 sum = 0;
        for (int lane = 0; lane < lanes; ++lane) sum += counters[lane + k & lanes - 1];
        if (sum) atomicAdd(&found[(i64)first_replica * (size + 1) + k], sum);
    }
}

// Numbers of patterns at every distance, added to `found` [states][N + 1]; blocks [teams][parts].
extern "C" __global__ void __launch_bounds__(THREADS, 4) histogram(
    const u64* words, i64 n_patterns, i64 span, int size, const u64* states, u64* found, int replicas)
{
    const int n_words = (size + 63) / 64;
    const i64 sample = blockIdx.z, r = sample * replicas;
    count_part(words + sample * n_words * n_patterns, n_patterns, span, size, states + r * n_words,
               found + r * (size + 1), replicas, 0, true);
}

// High 64 bits of a product.
__device__ __forceinline__ u64 high(u64 a, u64 b)
{
    const u64 a0 = (u32)a, a1 = a >> 32, b0 = (u32)b, b1 = b >> 32;
    const u64 middle = a1 * b0 + (a0 * b0 >> 32), other = a0 * b1 + (u32)middle;
    return a1 * b1 + (middle >> 32) + (other >> 32);
}

// Fair patterns, bit for bit those of hopfield.bits.drawn_octets: the numbers of NumPy's Philox4x64-10,
// a thread for each counter and its eight words of 32 bits. A pattern has `n_words` of them, in `out`
// [n_words / 2, rounded up][n_patterns][2]; `last` are the bits that its last one has. Counters begin
// with 1. A thread takes some 640 instructions for 32 bytes: 0.5 ms for 1e8 patterns of 64 entries.
extern "C" __global__ void __launch_bounds__(THREADS) draw_patterns(
    u32* out, i64 n_patterns, int n_words, u32 last, u64 first_counter, u64 key0, u64 key1)
{
    const i64 thread = (i64)blockIdx.x * THREADS + threadIdx.x;
    u64 c[4] = {first_counter + thread, 0, 0, 0};
    for (int round = 0; round < 10; ++round) {
        const u64 m0 = 0xD2E7470EE14C6C93ull, m1 = 0xCA5A826395121157ull;
        const u64 first = high(m1, c[2]) ^ c[1] ^ key0, third = high(m0, c[0]) ^ c[3] ^ key1;
        c[1] = m1 * c[2]; c[3] = m0 * c[0]; c[0] = first; c[2] = third;
        key0 += 0x9E3779B97F4A7C15ull; key1 += 0xBB67AE8584CAA73Bull;
    }
    i64 mu = 8 * thread / n_words;
    int j = (int)(8 * thread - mu * n_words);
    for (int k = 0; k < 8 && mu < n_patterns; ++k) {
        const u32 word = (u32)(c[k / 2] >> 32 * (k % 2));
        out[((j / 2) * n_patterns + mu) * 2 + j % 2] = j == n_words - 1 ? word & last : word;
        if (++j == n_words) { j = 0; ++mu; }
    }
}

// ln(1 + x) for |x| <= 1/2, and ln(x), bit for bit those of montecarlo/logarithms.py.
__device__ __forceinline__ double precise_log1p(double x)
{
    const double s = x / (2.0 + x), z = s * s;
    double series = 0.1616404561194353;
    series = fma(series, z, 0.08800738486144674);
    series = fma(series, z, 0.12001072809590713);
    series = fma(series, z, 0.13314144209654935);
    series = fma(series, z, 0.15385570064958623);
    series = fma(series, z, 0.18181789436132859);
    series = fma(series, z, 0.22222222717427864);
    series = fma(series, z, 0.2857142856710876);
    series = fma(series, z, 0.40000000000014585);
    series = fma(series, z, 0.6666666666666666);
    return fma(s, z * series, 2.0 * s);
}

__device__ __forceinline__ double precise_log(double x)
{
    const i64 two_thirds = 0x3FE5555555555555ll, difference = bits_of(x) - two_thirds;
    const double e = (double)(difference >> 52);
    const double y = double_of(two_thirds + (difference & 0x000FFFFFFFFFFFFFll));
    return e * 0.69314718036912382 + (e * 1.9082149292705877e-10 + precise_log1p(y - 1.0));
}

// Logarithm of the sum of weights; `decay` is exp(-2 lambda k) for k from 0 to N.
__device__ __forceinline__ double log_sum(
    const i64* counts, int size, const double* decay, double sharpness)
{
    int closest = 0;
    while (counts[closest] == 0) ++closest;
    double total = 0.0;
    for (int k = size; k >= closest; --k) total += (double)counts[k] * decay[k - closest];
    return sharpness * (double)(size - 2 * closest) + precise_log(total);
}

// Change of the energy by a flip, with the expressions of montecarlo/kernels_exponential.py.
__device__ __forceinline__ double energy_change(
    const i64* counts, const i64* differing, const i64* after, int size, const double* decay,
    double sharpness, double nearer, double farther)
{
    int closest = 0;
    while (counts[closest] == 0) ++closest;
    double here = 0.0, rise = 0.0;
    for (int k = size; k >= closest; --k) {
        const double weight = decay[k - closest];
        here += (double)counts[k] * weight;
        rise += weight
            * ((double)differing[k] * nearer + (double)(counts[k] - differing[k]) * farther);
    }
    if (fabs(rise) < 0.5 * here) return -precise_log1p(rise / here) / sharpness;
    return (log_sum(counts, size, decay, sharpness) - log_sum(after, size, decay, sharpness))
        / sharpness;
}

// Threshold of an attempt.
__device__ __forceinline__ double threshold_at(
    int site, int sweep, u32 replica, u32 stream, u32 key0, u32 key1, double scale, int metropolis)
{
    const int place = site % GROUP;
    u32 words[4] = {(u32)(site / GROUP * (GROUP / 4) + place % (GROUP / 4)), (u32)sweep, replica,
                    stream};
    philox(words, key0, key1);
    return threshold(words[place / (GROUP / 4)], scale, metropolis);
}

// Attempts at the sites from `first_site` to `last_site` - 1; blocks [teams][parts].
//
// If one part is all there is, a block makes all attempts of its team without a further launch. If
// there are several, a launch makes one attempt: the last block of a team that comes to the end, by
// its ticket, decides. The warps of that block decide for a replica each: the lanes write down the
// histogram after the flip, one lane adds the terms in the order of the CPU. `found`, `turned` and
// `tickets` are zero before and after. Other blocks have written `found`, so it is read as volatile.
extern "C" __global__ void __launch_bounds__(THREADS, 4) visit(
    const u64* all_words, i64 n_patterns, i64 span, int size, u64* states, u64* turned, i64* counts,
    u64* found, i64* differing, i64* after, int* tickets, int replicas, u32 first_replica,
    const double* decay, double sharpness, double nearer, double farther, u32 stream,
    const u32* keys, const double* scales, int metropolis, int parallel, int first_site,
    int last_site, int sweep, int* flips)
{
    __shared__ int is_last;
    const int t = threadIdx.x, lane = t & 31, of_sample = blockIdx.x * TEAM + (t >> 5);
    const int n_words = (size + 63) / 64, mine = t >> 5 < TEAM && of_sample < replicas;
    const i64 sample = blockIdx.z, first = sample * replicas, r = first + of_sample;
    const i64 row = r * (size + 1);
    const u64* words = all_words + sample * n_words * n_patterns;
    int* ticket = tickets + sample * gridDim.x + blockIdx.x;
    for (int site = first_site; site < last_site; ++site) {
        count_part(words, n_patterns, span, size, states + first * n_words,
                   found + first * (size + 1), replicas, site, false);
        __threadfence();
        __syncthreads();
        if (t == 0) is_last = atomicAdd(ticket, 1) == (int)gridDim.y - 1;
        __syncthreads();
        if (!is_last) return;
        __threadfence();
        if (t == 0) *ticket = 0;
        if (mine) {
            for (int k = lane; k <= size; k += 32) {
                differing[row + k] = (i64)*(volatile u64*)(found + row + k);
                found[row + k] = 0;
            }
            __syncwarp();
            for (int k = lane; k <= size; k += 32)
                after[row + k] = (k > 0 ? counts[row + k - 1] - differing[row + k - 1] : 0)
                    + (k < size ? differing[row + k + 1] : 0);
            __syncwarp();
            u64* state = states + r * n_words + site / 64;
            int flip = 0;
            if (lane == 0) {
                const double limit = threshold_at(
                    site, sweep, first_replica + of_sample, stream, keys[2 * sample],
                    keys[2 * sample + 1], scales[sample], metropolis);
                const int spin = *state & bit_of(site) ? 1 : -1;
                const double field = 0.5 * spin * energy_change(
                    counts + row, differing + row, after + row, size, decay, sharpness, nearer,
                    farther);
                flip = flips_in(field, limit, spin, metropolis);
                flips[r] += flip;
                if (flip && parallel) turned[r * n_words + site / 64] |= bit_of(site);
                if (flip && !parallel) *state ^= bit_of(site);
            }
            flip = __shfl_sync(0xffffffffu, flip, 0);
            if (flip && !parallel)
                for (int k = lane; k <= size; k += 32) counts[row + k] = after[row + k];
            if (parallel && lane == 0 && site == size - 1)
                for (int w = 0; w < n_words; ++w) {
                    states[r * n_words + w] ^= turned[r * n_words + w];
                    turned[r * n_words + w] = 0;
                }
        }
        __syncthreads();
    }
}

// Measure, a warp for each replica, and take over the histogram of all distances in `found`: overlap
// with the first pattern, the largest with another one, the logarithm of the sum of weights.
extern "C" __global__ void measure(
    const u64* all_words, i64 n_patterns, int size, const u64* states, i64* counts, u64* found,
    const double* decay, double sharpness, int* along, int* effective, int* best, double* logs)
{
    const int r = blockIdx.z * gridDim.x + blockIdx.x, lane = threadIdx.x, n_words = (size + 63) / 64;
    const u64* words = all_words + (i64)blockIdx.z * n_words * n_patterns;
    const i64 row = (i64)r * (size + 1);
    int own = 0, closest = size, farthest = 0;
    for (int w = 0; w < n_words; ++w)
        own += popcount(words[w * n_patterns] ^ states[(i64)r * n_words + w]);
    for (int k = lane; k <= size; k += 32) {
        const i64 count = (i64)found[row + k];
        counts[row + k] = count;
        found[row + k] = 0;
        if (count > (k == own)) { closest = min(closest, k); farthest = max(farthest, k); }
    }
    for (int o = 16; o; o >>= 1) {
        closest = min(closest, __shfl_xor_sync(0xffffffffu, closest, o));
        farthest = max(farthest, __shfl_xor_sync(0xffffffffu, farthest, o));
    }
    __syncwarp();
    if (lane) return;
    along[r] = effective[r] = size - 2 * own;
    best[r] = n_patterns > 1 ? max(size - 2 * closest, 2 * farthest - size) : 0;
    logs[r] = log_sum(counts + row, size, decay, sharpness);
}
