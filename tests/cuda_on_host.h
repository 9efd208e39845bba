// Run CUDA C++ kernels on the host: g++ -std=c++20 -include cuda_on_host.h -x c++ kernel.cu
// Each CUDA thread is a fiber; a block is one OS thread; blocks are spread over OS threads.
// A barrier is a yield to the block's scheduler, so runs are deterministic and a
// __syncthreads that only some threads reach is an error instead of a hang.  Running the threads
// in reverse order (reverse=true) and comparing shows most missing barriers.
#pragma once
#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <csetjmp>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <ucontext.h>
#include <utility>
#include <vector>

using std::max;
using std::min;

struct dim3 { unsigned x = 1, y = 1, z = 1; };
#define __global__
#define __device__
#define __host__
#define __constant__ static const
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __restrict__ __restrict
#define __shared__ static thread_local

namespace coh {
struct Fiber { ucontext_t boot; jmp_buf at; std::vector<char> stack; unsigned tid; bool started = false, done = false, flip = false; int wait = 0; };
struct Block {
    std::vector<Fiber> fibers; jmp_buf home; ucontext_t home_boot; Fiber* now = nullptr;
    std::vector<std::uint64_t> lane[2]; bool reverse = false; std::vector<char> dynamic; void (*body)(void*) = nullptr; void* arg = nullptr;
};
inline thread_local Block* block = nullptr;
enum { RUN = 0, BLOCK = 1, WARP = 2 };
inline void pause(int why) { Fiber* f = block->now; f->wait = why; if (!_setjmp(f->at)) _longjmp(block->home, 1); }
}
inline thread_local dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace coh {
inline void entry() { block->body(block->arg); block->now->done = true; _longjmp(block->home, 1); }
inline void resume(Fiber& f) {
    block->now = &f; f.wait = RUN;
    unsigned t = f.tid; threadIdx = {t % blockDim.x, t / blockDim.x % blockDim.y, t / (blockDim.x * blockDim.y)};
    if (_setjmp(block->home)) return;
    if (f.started) _longjmp(f.at, 1);
    f.started = true;
    getcontext(&f.boot); f.boot.uc_stack.ss_sp = f.stack.data(); f.boot.uc_stack.ss_size = f.stack.size(); f.boot.uc_link = nullptr;
    makecontext(&f.boot, entry, 0); setcontext(&f.boot);
}
inline void run_block(Block& b) {
    const std::size_t n = b.fibers.size();
    for (auto& f : b.fibers) { f.started = f.done = f.flip = false; f.wait = RUN; }
    for (;;) {
        std::size_t done = 0, at_block = 0;
        for (std::size_t k = 0, warps = (n + 31) / 32; k < warps; ++k) {   // one warp at a time
            const std::size_t w = 32 * (b.reverse ? warps - 1 - k : k), end = w + 32 < n ? w + 32 : n;
            for (;;) {
                for (std::size_t j = w; j < end; ++j) {
                    Fiber& f = b.fibers[b.reverse ? end - 1 - (j - w) : j];
                    if (!f.done && f.wait != BLOCK) resume(f);
                }
                std::size_t sync = 0, fin = 0;
                for (std::size_t t = w; t < end; ++t) { fin += b.fibers[t].done; sync += !b.fibers[t].done && b.fibers[t].wait == BLOCK; }
                if (fin + sync == end - w) { done += fin; at_block += sync; break; }
                if (fin + sync) throw std::runtime_error("warp collective reached by only part of the warp");
            }
        }
        if (done == n) return;
        if (at_block != n) throw std::runtime_error("__syncthreads reached by only part of the block");
        for (auto& f : b.fibers) f.wait = RUN;
    }
}
template <class T> T shuffle(T v, unsigned src) {
    static_assert(sizeof(T) <= 8);
    Fiber& f = *block->now; auto& lane = block->lane[f.flip ^= true];      // two buffers: one pause each
    std::memcpy(&lane[f.tid], &v, sizeof v); pause(WARP);
    T out; std::memcpy(&out, &lane[(f.tid & ~31u) | (src & 31u)], sizeof v); return out;
}
template <class... A, std::size_t... I>
void launch(void (*k)(A...), dim3 g, dim3 b, std::size_t dyn, void** args, unsigned workers, bool reverse, std::index_sequence<I...>) {
    auto call = [&] { k(*static_cast<A*>(args[I])...); };
    const unsigned total = g.x * g.y * g.z, threads = b.x * b.y * b.z; std::atomic<unsigned> next{0};
    std::string error; std::atomic_flag failed;
    auto work = [&] {
        Block blk; blk.fibers.resize(threads); blk.lane[0].resize(threads); blk.lane[1].resize(threads); blk.reverse = reverse; blk.dynamic.resize(dyn);
        for (unsigned t = 0; t < threads; ++t) { blk.fibers[t].tid = t; blk.fibers[t].stack.resize(64 << 10); }
        blk.body = [](void* p) { (*static_cast<decltype(call)*>(p))(); }; blk.arg = &call; block = &blk; gridDim = g; blockDim = b;
        try { for (unsigned i; (i = next++) < total;) { blockIdx = {i % g.x, i / g.x % g.y, i / (g.x * g.y)}; run_block(blk); } }
        catch (const std::exception& e) { if (!failed.test_and_set()) error = e.what(); next = total; }
    };
    std::vector<std::thread> pool; for (unsigned w = 0; w < workers; ++w) pool.emplace_back(work);
    for (auto& t : pool) t.join();
    if (!error.empty()) throw std::runtime_error(error);
}
}
inline void __syncthreads() { coh::pause(coh::BLOCK); }
inline void __syncwarp(unsigned = ~0u) { coh::pause(coh::WARP); }
inline void __threadfence() {}  // blocks run in turn
template <class T> T __shfl_sync(unsigned, T v, int src, int = 32) { return coh::shuffle(v, src); }
template <class T> T __shfl_xor_sync(unsigned, T v, int m, int = 32) { return coh::shuffle(v, coh::block->now->tid ^ m); }
template <class T> T __shfl_down_sync(unsigned, T v, unsigned d, int = 32) { unsigned l = coh::block->now->tid & 31; return coh::shuffle(v, l + d < 32 ? l + d : l); }
inline unsigned __ballot_sync(unsigned, int p) { unsigned r = 0; for (int l = 0; l < 32; ++l) r |= (unsigned)(coh::shuffle(p != 0, l)) << l; return r; }
template <class T> T atomicAdd(T* p, T v) { return std::atomic_ref<T>(*p).fetch_add(v); }
inline unsigned __umulhi(unsigned a, unsigned b) { return (std::uint64_t)a * b >> 32; }
inline int __popc(unsigned x) { return __builtin_popcount(x); }
template <class T> T __ldg(const T* p) { return *p; }

// COH_EXPORT(kernel): extern "C" const char* kernel_launch(grid, block, dynamic bytes, void** args, workers)
#define COH_EXPORT(K) extern "C" const char* K##_launch(const unsigned* g, const unsigned* b, std::size_t dyn, void** a, unsigned w) { \
    static thread_local std::string e; try { coh_call(K, g, b, dyn, a, w); return nullptr; } catch (const std::exception& x) { e = x.what(); return e.c_str(); } }
template <class... A> void coh_call(void (*k)(A...), const unsigned* g, const unsigned* b, std::size_t dyn, void** a, unsigned w) {
    coh::launch(k, {g[0], g[1], g[2]}, {b[0], b[1], b[2]}, dyn, a, w & 0xffff, w >> 16, std::index_sequence_for<A...>{}); }
