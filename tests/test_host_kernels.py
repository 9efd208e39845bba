"""CUDA on the host: barriers, shuffles and atomics are what they should be, faults are seen."""

import numpy as np
import pytest
from host_device import HostKernel, missing

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))

SUM = """
extern "C" __global__ void sum(const int* values, int* out, int count)
{
    __shared__ int warps[32];
    const int t = threadIdx.x, first = blockIdx.y * gridDim.x + blockIdx.x;
    int mine = 0;
    for (int k = t; k < count; k += blockDim.x) mine += values[first * count + k];
    for (int o = 16; o; o >>= 1) mine += __shfl_xor_sync(0xffffffffu, mine, o);
    if (t % 32 == 0) warps[t / 32] = mine;
    __syncthreads();
    int total = 0;
    for (int w = 0; w < (int)blockDim.x / 32; ++w) total += warps[w];
    if (t == 0) out[first] = total;
    if (t < 3) atomicAdd(out + gridDim.x * gridDim.y, 1);
}
"""


def sums(text, reverse, threads=96):
    """Sums of six rows, by a block each, and three marks of each block."""
    values = np.random.default_rng(1).integers(-9, 9, (6, 500)).astype(np.int32)
    out = np.zeros(7, np.int32)
    HostKernel(text, "sum", reverse)((2, 3), (threads,), (values, out, np.int32(500)))
    return out, values.sum(axis=1)


@pytest.mark.parametrize("reverse", [False, True])
def test_sums_over_blocks(reverse):
    out, exact = sums(SUM, reverse)
    np.testing.assert_array_equal(out[:6], exact)
    assert out[6] == 18


def test_missing_barriers_change_what_the_order_is():
    without = SUM.replace("__syncthreads();", "")
    (forward, exact), (backward, _) = (sums(without, reverse) for reverse in (False, True))
    assert (forward[:6] != exact).any()
    assert (backward[:6] != forward[:6]).any()


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        ("    __syncthreads();", "    if (t < 32) __syncthreads();", "a part of a block"),
        ("    __syncthreads();", "    if (t < 7) __syncthreads();", "a part of a block"),
        ("    int mine = 0;", "    int mine = 0; if (t == 5) return;", "a part of a warp"),
        ("    int mine = 0;", "    int mine = 0; if (t >= 64) return;", "a part of a block"),
    ],
)
def test_barriers_that_only_some_threads_reach(before, after, words):
    assert before in SUM
    with pytest.raises(RuntimeError, match=words):
        sums(SUM.replace(before, after), False)


def test_blocks_have_one_dimension():
    kernel = HostKernel(SUM, "sum")
    with pytest.raises(RuntimeError, match="one dimension"):
        kernel((1,), (32, 2), (np.zeros(9, np.int32), np.zeros(9, np.int32), np.int32(1)))


SHUFFLE = """
extern "C" __global__ void turn(double* out, int by)
{
    const int t = threadIdx.x;
    double value = t;
    for (int k = 0; k < 3; ++k) value = __shfl_sync(0xffffffffu, value, t + by);
    __syncwarp();
    out[t] = value + 100 * __popc((unsigned)t);
}
"""


@pytest.mark.parametrize("reverse", [False, True])
def test_shuffles_stay_in_a_warp(reverse):
    out = np.zeros(64)
    HostKernel(SHUFFLE, "turn", reverse)((1,), (64,), (out, np.int32(5)))
    t = np.arange(64)
    expected = t // 32 * 32 + (t + 15) % 32 + 100 * np.bitwise_count(t).astype(int)
    np.testing.assert_array_equal(out, expected)
