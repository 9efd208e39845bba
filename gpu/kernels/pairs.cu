// Pairwise networks, many replicas of many samples: dynamics at the speed of matrix products.
//
// All numbers are integers: patterns and flips of 8 bits, overlaps and couplings of 32 that go into a
// product as digits of base 256, between -128 and 127. A sweep goes through stretches of some hundred
// sites. One product gives the fields of a stretch for all replicas. Its groups of GROUP sites are
// visited in order; before each, a product of the couplings with the flips of the stretch so far brings
// its fields up to date. After the last, a product of flips and patterns brings up the overlaps. Under
// parallel dynamics the groups of a stretch are visited at once, in the fields before the sweep.
//
// Arrays, with B samples of R replicas, L sites, stretches of S sites, D digits, of which not all replicas
// and sites exist:
// products [B][S][D][R], couplings [B][L][S] (those of a site with its stretch), squares [B][L] (of a
// site with itself), thresholds [B][S][R], spins [B][L][R], flips [B][R][S]. Samples are in blockIdx.z.
//
// For each attempt the products take (D + 1) K + D S/2 multiplications of 8 bits, the overlaps, which
// are read and written once a stretch, (12 + 2 D) K/S bytes, the fields and thresholds 8 (D + 1): with
// K = 1638, S = 512, D = 2 some 5400 and 75, 2.7 and 17 picoseconds of an H200 at 2e15 operations and
// 4.3e12 bytes a second. A group of GROUP attempts of all replicas takes GROUP times a shuffle, a look at
// shared memory and a sum, some 3 microseconds whatever R up to 8192: 12 picoseconds for each attempt at
// R = 4096. These are counts, not measurements.
#include "random.cuh"

#define TEAM 8   // threads that visit a replica; divides a warp
#define OWN 8    // sites of each of them: together a group
#define TILE 16  // replicas of a block

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
struct alignas(8) Moves { signed char at[OWN]; };

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

// Thresholds of a stretch: a thread for a counter, which serves four sites of a group, and a replica.
extern "C" __global__ void draw_thresholds(
    float* all_thresholds, const Sweep* now, int first_site, int stretch, int first_replica,
    int replicas, u32 stream, const u32* keys, const double* scales, int metropolis)
{
    const int r = blockIdx.x * blockDim.x + threadIdx.x, sample = blockIdx.z;
    if (r >= replicas) return;
    u32 words[4] = {first_site / 4 + blockIdx.y, (u32)now->number, (u32)(first_replica + r), stream};
    philox(words, keys[2 * sample], keys[2 * sample + 1]);
    const int site = blockIdx.y / (GROUP / 4) * GROUP + blockIdx.y % (GROUP / 4);
    float* out = all_thresholds + ((i64)sample * stretch + site) * replicas + r;
    for (int k = 0; k < 4; ++k)
        out[(i64)(GROUP / 4 * k) * replicas]
            = (float)floor(threshold(words[k], scales[sample], metropolis));
}

// The integer that an integer field exceeds if it exceeds a threshold that is rounded down. Fields are
// smaller than 2^30; the threshold of Metropolis is one for the spin being down.
__device__ __forceinline__ int whole_limit(float rounded, int old, int metropolis)
{
    const int most = 1 << 30;
    const int limit
        = rounded >= (float)most ? most : rounded < (float)-most ? -most - 1 : (int)rounded;
    return metropolis && old > 0 ? -limit - 1 : limit;
}

// Visit a group of a stretch, in order or all sites at once; `first` is its first site there. A team of
// threads has a replica, each of them OWN neighbouring sites: the one whose turn it is says by how much
// the spin changes, and all bring up the fields of theirs. Sites from `width` on do not exist.
extern "C" __global__ void __launch_bounds__(TEAM * TILE) visit_groups(
    const int* all_products, const int* all_couplings, const int* all_squares,
    const float* all_thresholds, signed char* all_spins, signed char* all_flips, const Sweep* now,
    int first, int width, int stretch, int sites, int replicas, int existing, int n_digits,
    int metropolis, int sequential)
{
    __shared__ Four couplings[GROUP][GROUP / 4];
    __shared__ int fields[GROUP][TILE + 1], limits[GROUP][TILE + 1];
    __shared__ signed char states[GROUP][TILE + 1];
    const int t = threadIdx.x, sample = blockIdx.z;
    first += blockIdx.y * GROUP;
    const i64 below = (i64)sample * stretch + first, site_below = (i64)sample * sites + first;
    const int* rows = all_couplings + site_below * stretch + first;
    const int* products = all_products + below * n_digits * replicas;
    const float* thresholds = all_thresholds + below * replicas;
    signed char* spins = all_spins + site_below * replicas;
    if (sequential)
        for (int k = t; k < GROUP * GROUP / 4; k += TEAM * TILE)
            couplings[k / (GROUP / 4)][k % (GROUP / 4)]
                = *(const Four*)(rows + (i64)(k / (GROUP / 4)) * stretch + k % (GROUP / 4) * 4);
    for (int k = t; k < GROUP * TILE; k += TEAM * TILE) {
        const int site = k / TILE, place = k % TILE, r = blockIdx.x * TILE + place;
        int field = 0, limit = 0, old = 0;
        if (first + site < width && r < existing) {
            for (int d = n_digits - 1; d >= 0; --d)
                field = 256 * field + products[((i64)site * n_digits + d) * replicas + r];
            old = spins[(i64)site * replicas + r];
            field -= all_squares[site_below + site] * old;
            limit = whole_limit(thresholds[(i64)site * replicas + r], old, metropolis);
        }
        fields[site][place] = field;
        limits[site][place] = limit;
        states[site][place] = (signed char)old;
    }
    __syncthreads();
    const int team = t / TEAM, lane = t % TEAM;
    int field[OWN], limit[OWN], change[OWN], old[OWN];
    #pragma unroll
    for (int k = 0; k < OWN; ++k) {
        field[k] = fields[lane * OWN + k][team];
        limit[k] = limits[lane * OWN + k][team];
        old[k] = states[lane * OWN + k][team];
        change[k] = (field[k] > limit[k]) != (old[k] > 0) ? -2 * old[k] : 0;
    }
    if (sequential)
        for (int owner = 0; owner < TEAM; ++owner) {
            #pragma unroll
            for (int k = 0; k < OWN; ++k) {
                int now_changed = (field[k] > limit[k]) != (old[k] > 0) ? -2 * old[k] : 0;
                now_changed = __shfl_sync(0xffffffffu, now_changed, t / TEAM * TEAM % 32 + owner);
                if (lane == owner) change[k] = now_changed;
                const Four* row = couplings[owner * OWN + k] + lane * (OWN / 4);
                #pragma unroll
                for (int j = 0; j < OWN; ++j) field[j] += row[j / 4].at[j % 4] * now_changed;
            }
        }
    const int r = blockIdx.x * TILE + team;
    int flipped = 0;
    Moves moves;
    #pragma unroll
    for (int k = 0; k < OWN; ++k) {
        moves.at[k] = (signed char)change[k];
        flipped += change[k] != 0;
        if (change[k]) spins[(i64)(lane * OWN + k) * replicas + r] = (signed char)-old[k];
    }
    for (int o = TEAM / 2; o; o >>= 1) flipped += __shfl_xor_sync(0xffffffffu, flipped, o);
    if (r >= existing) return;
    *(Moves*)(all_flips + ((i64)sample * replicas + r) * stretch + first + lane * OWN) = moves;
    if (lane == 0) atomicAdd(now->flips + sample * existing + r, flipped);
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
