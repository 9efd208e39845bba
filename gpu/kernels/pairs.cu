// Pairwise networks, many replicas: sequential and parallel dynamics at the speed of matrix products.
// Sites are visited in groups; one product gives the fields of a group for all replicas, a thread for
// each replica visits its sites in order, and a second product brings the overlaps up to date. All
// numbers are integers: patterns and flips of 8 bits, overlaps of 32 that go into a product as digits
// of base 256, between -128 and 127.
#include "random.cuh"

// Digits of overlaps: entry d * count + j of `digits` is digit d of overlap j.
extern "C" __global__ void split(
    const int* overlaps, signed char* digits, long long count, int n_digits)
{
    const i64 j = (i64)blockIdx.x * blockDim.x + threadIdx.x;
    if (j >= count) return;
    int rest = overlaps[j];
    for (int d = 0; d < n_digits; ++d) {
        const int digit = (rest + 128 & 255) - 128;
        digits[d * count + j] = (signed char)digit;
        rest = (rest - digit) >> 8;
    }
}

// Thresholds of a group, [width][replicas]: a thread for a counter, which serves four sites, and a
// replica.
extern "C" __global__ void draw_thresholds(
    float* out, int width, int first_site, int sweep, int first_replica, int replicas,
    u32 stream, u32 key0, u32 key1, double scale, int metropolis)
{
    const int r = blockIdx.x * blockDim.x + threadIdx.x, g = blockIdx.y;
    if (r >= replicas) return;
    u32 words[4] = {(u32)(first_site / 4 + g), (u32)sweep, (u32)(first_replica + r), stream};
    philox(words, key0, key1);
    for (int k = 0; k < 4; ++k) {
        const int site = GROUP / 4 * k + g;
        if (site < width)
            out[(i64)site * replicas + r] = (float)floor(threshold(words[k], scale, metropolis));
    }
}

// Visit the sites of a group in order. `products` [width][digits][replicas] are those of patterns and
// digits of overlaps; `gram` [GROUP][GROUP] of the patterns of the group; `flips` [replicas][GROUP].
extern "C" __global__ void visit_group(
    const int* products, const int* gram, const float* thresholds, signed char* spins,
    signed char* flips, int* count, int width, int replicas, int n_digits, int sequential,
    int metropolis)
{
    __shared__ int couplings[GROUP * GROUP];
    for (int k = threadIdx.x; k < GROUP * GROUP; k += blockDim.x) couplings[k] = gram[k];
    __syncthreads();
    const int r = blockIdx.x * blockDim.x + threadIdx.x;
    if (r >= replicas) return;
    signed char moved[GROUP];
    int flipped = 0;
    for (int i = 0; i < width; ++i) {
        const int* own = couplings + i * GROUP;
        int field = 0;
        for (int d = n_digits - 1; d >= 0; --d)
            field = 256 * field + products[((i64)i * n_digits + d) * replicas + r];
        const int old = spins[(i64)i * replicas + r];
        field -= own[i] * old;
        if (sequential && flipped)
            for (int j = 0; j < i; ++j) field += own[j] * moved[j];
        const float limit = thresholds[(i64)i * replicas + r];
        const int next = new_spin((double)field, (double)limit, old, metropolis);
        moved[i] = (signed char)(next - old);
        flipped += next != old;
        spins[(i64)i * replicas + r] = (signed char)next;
    }
    for (int i = 0; i < GROUP; ++i) flips[(i64)r * GROUP + i] = i < width ? moved[i] : 0;
    count[r] += flipped;
}

// Measure after a sweep, a block for each replica: overlap with the first archetype, with the sum of
// its patterns, the largest with such a sum of another one, the sum of squares.
extern "C" __global__ void measure(
    const signed char* spins, const signed char* archetype, const int* overlaps, int size,
    int n_patterns, int stride, int each, int replicas, int* along, int* effective, int* best,
    double* squares)
{
    __shared__ int site_sums[32], largest[32];
    __shared__ double totals[32];
    const int r = blockIdx.x, t = threadIdx.x, lane = t & 31, warp = t >> 5;
    const int* sums = overlaps + (i64)r * stride;
    int site_sum = 0, most = 0;
    double total = 0.0;
    for (int i = t; i < size; i += blockDim.x)
        site_sum += archetype[i] * spins[(i64)i * replicas + r];
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
        site_sum += __shfl_xor_sync(0xffffffffu, site_sum, o);
        most = max(most, __shfl_xor_sync(0xffffffffu, most, o));
        total += __shfl_xor_sync(0xffffffffu, total, o);
    }
    if (lane == 0) { site_sums[warp] = site_sum; largest[warp] = most; totals[warp] = total; }
    __syncthreads();
    if (t) return;
    for (int w = 1; w < (int)blockDim.x / 32; ++w) {
        site_sum += site_sums[w]; most = max(most, largest[w]); total += totals[w];
    }
    along[r] = site_sum; best[r] = most; squares[r] = total;
}
