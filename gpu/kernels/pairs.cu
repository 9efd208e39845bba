// Pairwise networks, many replicas of many samples: dynamics at the speed of matrix products.
//
// All numbers are integers: patterns and flips of 8 bits, overlaps and couplings of 32 that go into a
// product as digits of base 256, between -128 and 127. A sweep goes through stretches of some hundred
// sites. One product gives the fields of a stretch for all replicas. Its sites are visited in order, VISIT
// together; before them, a product of their couplings with the flips of the stretch so far brings their
// fields up to date. After the last, a product of flips and patterns brings up the overlaps. Under parallel
// dynamics all sites of a stretch are visited at once, in the fields before the sweep.
//
// Arrays, with B samples of R replicas, L sites, stretches of S sites, D digits, of which not all replicas
// and sites exist:
// products [B][S][D][R], couplings [B][L][S] (those of a site with its stretch), squares [B][L] (of a
// site with itself), thresholds [B][S][R], spins [B][L][R], flips [B][R][S]. Samples are in blockIdx.z.
//
// For each attempt the products take (D + 1) K + D S/2 multiplications of 8 bits, the overlaps, which
// are read and written once a stretch, (12 + 2 D) K/S bytes, the fields and thresholds 8 (D + 1): with
// K = 1638, S = 512, D = 2 some 5400 and 75, 8 and 17 picoseconds of an H200 at 6.5e14 multiplications and
// 4.3e12 bytes a second. An attempt of all replicas is a shuffle, a look at shared memory and ten
// products of two replicas, of which a multiprocessor does 64 in a cycle: some 70 cycles, 5 microseconds
// for VISIT of them up to R = 4096, where every multiprocessor has a block, or 10 picoseconds for each.
// A stretch of 512 sites is 13 launches, which follow each other after a microsecond or more: 7 picoseconds.
// These are counts, not measurements; what is not multiplications grows less than R beyond 4096.
#include "random.cuh"

#define TEAM 8    // threads that visit replicas; divides a warp
#define OWN 16    // sites of each of them
#define VISIT 128 // sites that are visited together
#define TWO 2     // replicas of a team
#define TILE 32   // replicas of a block

// Of which sweep it is, and where its flips are counted: so that all other launches of a sweep have the
// arguments of the sweep before.
struct Sweep { i64 number; int* flips; };

extern "C" __global__ void begin_sweep(Sweep* now, i64 number, int* flips)
{
    now->number = number;
    now->flips = flips;
}

struct alignas(16) Four { int at[4]; };
struct alignas(4) Digits { signed char at[4]; };
struct alignas(8) Pair { int at[TWO]; };
struct alignas(2) Signs { signed char at[TWO]; };

// Digits of integers, each digit of a row of `row` integers after the one before; four to a thread.
extern "C" __global__ void split(
    const Four* values, signed char* digits, i64 count, i64 row, int n_digits)
{
    const i64 j = (i64)blockIdx.x * blockDim.x + threadIdx.x, first = 4 * j;
    if (first >= count) return;
    signed char* out = digits + first / row * n_digits * row + first % row;
    Four rest = values[j];
    for (int d = 0; d < n_digits; ++d) {
        Digits digit;
        for (int k = 0; k < 4; ++k) {
            digit.at[k] = (signed char)((rest.at[k] + 128 & 255) - 128);
            rest.at[k] = (rest.at[k] - digit.at[k]) >> 8;
        }
        *(Digits*)(out + d * row) = digit;
    }
}

// Thresholds of a stretch, rounded down: an integer field exceeds one if it exceeds the other. A thread
// for a counter, which serves four sites of a group, and a replica. Fields are smaller than 2^30, so that
// none is between a threshold that is not and the bound that stands for it.
extern "C" __global__ void draw_thresholds(
    int* all_thresholds, const Sweep* now, int first_site, int stretch, int first_replica,
    int replicas, u32 stream, const u32* keys, const double* scales, int metropolis)
{
    const int r = blockIdx.x * blockDim.x + threadIdx.x, sample = blockIdx.z;
    if (r >= replicas) return;
    u32 words[4] = {first_site / 4 + blockIdx.y, (u32)now->number, (u32)(first_replica + r), stream};
    philox(words, keys[2 * sample], keys[2 * sample + 1]);
    const int site = blockIdx.y / (GROUP / 4) * GROUP + blockIdx.y % (GROUP / 4);
    int* out = all_thresholds + ((i64)sample * stretch + site) * replicas + r;
    const double most = 1073741824.0;
    for (int k = 0; k < 4; ++k) {
        const double limit = floor(threshold(words[k], scales[sample], metropolis));
        out[(i64)(GROUP / 4 * k) * replicas] = (int)max(-most, min(most - 1.0, limit));
    }
}

// By how much a spin changes at its turn: by `step`, which is minus twice the spin, if it is on the other
// side than its field. A spin that does not exist is 0.
__device__ __forceinline__ int moved(int over, int step) { return (over > 0) != (step < 0) ? step : 0; }

// Visit VISIT sites of a stretch, in order or all at once; `first` is their first there. A team of threads
// has TWO neighbouring replicas, which share the couplings that are read, each thread every TEAM-th site:
// the one whose turn it is says by how much the spin changes, and all bring up the fields of theirs that
// have not had their turn, of which only the excess over the threshold is kept. Sites from `width` on and
// replicas from `existing` on do not exist; rows of replicas are even in number.
//
// The couplings are in shared memory, half of the rows at a time, the sites of a thread side by side and a
// gap between threads, so that the eight of a team read from different banks.
extern "C" __global__ void __launch_bounds__(TEAM * TILE / TWO) visit_sites(
    const int* all_products, const int* all_couplings, const int* all_squares,
    const int* all_thresholds, signed char* all_spins, signed char* all_flips, const Sweep* now,
    int first, int width, int stretch, int sites, int replicas, int existing, int n_digits,
    int metropolis, int sequential)
{
    __shared__ Four couplings[VISIT / 2][TEAM][OWN / 4 + 1];
    const int t = threadIdx.x, sample = blockIdx.z, lane = t % TEAM;
    const int r = blockIdx.x * TILE + t / TEAM * TWO;
    first += blockIdx.y * VISIT;
    const i64 below = (i64)sample * stretch + first, site_below = (i64)sample * sites + first;
    const int* rows = all_couplings + site_below * stretch + first;
    const int* products = all_products + below * n_digits * replicas + r;
    const int* thresholds = all_thresholds + below * replicas + r;
    signed char* spins = all_spins + site_below * replicas + r;
    const int reach = r < replicas ? width - first : 0;
    int over[OWN][TWO] = {}, step[OWN][TWO] = {};
    // what a thread reads of all its sites is on the way together
    #pragma unroll 1
    for (int d = n_digits - 1; d >= 0; --d)
        #pragma unroll
        for (int k = 0; k < OWN; ++k) {
            const int site = k * TEAM + lane;
            Pair digit = {};
            if (site < reach) digit = *(const Pair*)(products + ((i64)site * n_digits + d) * replicas);
            for (int u = 0; u < TWO; ++u) over[k][u] = 256 * over[k][u] + digit.at[u];
        }
    #pragma unroll
    for (int k = 0; k < OWN; ++k) {
        const int site = k * TEAM + lane;
        if (site >= reach) continue;
        const Pair limits = *(const Pair*)(thresholds + (i64)site * replicas);
        const Signs old = *(const Signs*)(spins + (i64)site * replicas);
        const int square = all_squares[site_below + site];
        for (int u = 0; u < TWO; ++u) {
            // the threshold of Metropolis is one for the spin being down
            const int limit = metropolis && old.at[u] > 0 ? -limits.at[u] - 1 : limits.at[u];
            over[k][u] = over[k][u] - square * old.at[u] - limit;
            step[k][u] = -2 * old.at[u];
        }
    }
    #pragma unroll
    for (int half = 0; half < 2; ++half) {
        if (!sequential) break;
        // those that have had their turn need nothing more
        const int begin = VISIT / 2 * half, fours = (VISIT - begin) / 4;
        __syncthreads();
        #pragma unroll 8
        for (int k = t; k < VISIT / 2 * fours; k += TEAM * TILE / TWO) {
            const int row = k / fours, column = begin + k % fours * 4;
            const Four four = *(const Four*)(rows + (i64)(begin + row) * stretch + column);
            for (int j = 0; j < 4; ++j)
                ((int*)couplings[row][column % TEAM + j])[column / TEAM] = four.at[j];
        }
        __syncthreads();
        #pragma unroll
        for (int k = OWN / 2 * half; k < OWN / 2 * (half + 1); ++k)
            #pragma unroll 1  // or the code is longer than the multiprocessor keeps
            for (int owner = 0; owner < TEAM; ++owner) {
                const Four* row = couplings[k % (OWN / 2) * TEAM + owner][lane];
                int by[TWO];
                #pragma unroll
                for (int u = 0; u < TWO; ++u) {
                    by[u] = moved(over[k][u], step[k][u]);
                    by[u] = __shfl_sync(0xffffffffu, by[u], t / TEAM * TEAM % 32 + owner);
                    if (lane == owner) step[k][u] = by[u];
                }
                #pragma unroll
                for (int j = k; j < OWN; ++j)
                    for (int u = 0; u < TWO; ++u) over[j][u] += row[j / 4].at[j % 4] * by[u];
            }
    }
    int flipped[TWO] = {};
    signed char* spin = spins + (i64)lane * replicas;
    signed char* flips = all_flips + ((i64)sample * replicas + r) * stretch + first + lane;
    #pragma unroll
    for (int k = 0; k < OWN; ++k, spin += TEAM * replicas)
        for (int u = 0; u < TWO; ++u) {
            const int by = sequential ? step[k][u] : moved(over[k][u], step[k][u]);
            flipped[u] += by != 0;
            if (by) spin[u] = (signed char)(by >> 1);
            if (r < replicas) flips[u * stretch + k * TEAM] = (signed char)by;
        }
    for (int u = 0; u < TWO; ++u) {
        for (int o = TEAM / 2; o; o >>= 1)
            flipped[u] += __shfl_xor_sync(0xffffffffu, flipped[u], o);
        if (lane == 0 && r + u < existing)
            atomicAdd(now->flips + sample * existing + r + u, flipped[u]);
    }
}

// Measure after a sweep, a block for each replica: overlap with the first archetype, with the sum of
// its patterns, the largest with such a sum of another one, the sum of squares. The archetype stands
// after the patterns.
extern "C" __global__ void measure(
    const int* overlaps, int n_patterns, int stride, int replicas, int each, int* along,
    int* effective, int* best, double* squares)
{
    __shared__ int largest[32];
    __shared__ double totals[32];
    const int r = blockIdx.y * gridDim.x + blockIdx.x, t = threadIdx.x, lane = t & 31, warp = t >> 5;
    const int* sums = overlaps + ((i64)blockIdx.y * replicas + blockIdx.x) * stride;
    int most = 0;
    double total = 0.0;
    for (int first = t * each; first < n_patterns; first += blockDim.x * each) {
        int group = 0;
        for (int mu = first; mu < first + each; ++mu) {
            group += sums[mu];
            total += (double)sums[mu] * (double)sums[mu];  // integers: exact in any order
        }
        if (first == 0) effective[r] = group;
        else most = max(most, abs(group));
    }
    for (int o = 16; o; o >>= 1) {
        most = max(most, __shfl_xor_sync(0xffffffffu, most, o));
        total += __shfl_xor_sync(0xffffffffu, total, o);
    }
    if (lane == 0) { largest[warp] = most; totals[warp] = total; }
    __syncthreads();
    if (t) return;
    for (int w = 1; w < (int)blockDim.x / 32; ++w) {
        most = max(most, largest[w]); total += totals[w];
    }
    along[r] = sums[n_patterns]; best[r] = most; squares[r] = total;
}
