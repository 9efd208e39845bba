// CUDA C++ kernels on the host: g++ -std=c++20 -include cuda_on_host.h -x c++ kernel.cu
//
// A thread of a block is a fiber, which runs until it comes to a barrier. Blocks run one after the
// other, the warps of a block one after the other up to a barrier of the block, the threads of a warp in
// order or in reverse. So a run can be repeated; two runs in opposite orders that differ show a barrier
// that is missing; and a barrier that only some threads reach is an error, not a hang.
#pragma once
#include <algorithm>
#include <atomic>
#include <cmath>
#include <csetjmp>
#include <cstdint>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>
#include <ucontext.h>
#include <utility>
#include <vector>

using std::max;
using std::min;

#define __global__
#define __device__
#define __forceinline__ inline
#define __launch_bounds__(...)
#define __restrict__ __restrict
#define __shared__ static thread_local

struct dim3 {
    unsigned x = 1, y = 1, z = 1;
};
inline thread_local dim3 threadIdx, blockIdx, blockDim, gridDim;

namespace on_host {

constexpr unsigned WARP = 32;
constexpr std::size_t STACK = 1 << 16;

enum class State { ready, at_warp, at_block, done };

// A thread of a block.
struct Fiber {
    unsigned number = 0;
    State state = State::ready;
    bool started = false;
    bool second = false;  // which of the boards its last shuffle was on
    jmp_buf place;
    std::vector<char> stack = std::vector<char>(STACK);

    bool waits() const { return state == State::at_block || state == State::done; }
};

// The threads of a block, and two boards on which shuffles leave values in turn.
struct Block {
    std::vector<Fiber> fibers;
    std::vector<std::uint64_t> boards[2];
    Fiber* now = nullptr;
    jmp_buf home;
    void (*body)(const void*);
    const void* given;
};
inline thread_local Block* block = nullptr;

// Go back to the block until it is the thread's turn again.
inline void pause(State why)
{
    Fiber* fiber = block->now;
    fiber->state = why;
    if (!_setjmp(fiber->place)) _longjmp(block->home, 1);
}

inline void entry()
{
    block->body(block->given);
    block->now->state = State::done;
    _longjmp(block->home, 1);
}

// Let a thread run to its next barrier or to its end. Only its start takes a system call.
inline void resume(Fiber& fiber)
{
    block->now = &fiber;
    fiber.state = State::ready;
    threadIdx = {fiber.number, 0, 0};
    if (_setjmp(block->home)) return;
    if (fiber.started) _longjmp(fiber.place, 1);
    fiber.started = true;
    static thread_local ucontext_t start;
    getcontext(&start);
    start.uc_stack.ss_sp = fiber.stack.data();
    start.uc_stack.ss_size = fiber.stack.size();
    start.uc_link = nullptr;
    makecontext(&start, entry, 0);
    setcontext(&start);
}

// Let the threads of a warp run until all of them wait for other warps or are done.
inline void run_warp(Fiber* first, std::size_t count, bool reverse)
{
    for (;;) {
        for (std::size_t k = 0; k < count; ++k) {
            Fiber& fiber = first[reverse ? count - 1 - k : k];
            if (!fiber.waits()) resume(fiber);
        }
        const std::size_t waiting
            = std::count_if(first, first + count, [](const Fiber& fiber) { return fiber.waits(); });
        if (waiting == count) return;
        if (waiting) throw std::runtime_error("only a part of a warp has come to its barrier");
    }
}

inline void run_block(bool reverse)
{
    std::vector<Fiber>& fibers = block->fibers;
    for (Fiber& fiber : fibers) fiber.started = fiber.second = false, fiber.state = State::ready;
    const std::size_t warps = (fibers.size() + WARP - 1) / WARP;
    for (;;) {
        for (std::size_t k = 0; k < warps; ++k) {
            const std::size_t first = WARP * (reverse ? warps - 1 - k : k);
            run_warp(&fibers[first], min<std::size_t>(WARP, fibers.size() - first), reverse);
        }
        const std::size_t done = std::count_if(
            fibers.begin(), fibers.end(), [](const Fiber& one) { return one.state == State::done; });
        if (done == fibers.size()) return;
        if (done) throw std::runtime_error("only a part of a block has come to its barrier");
        for (Fiber& fiber : fibers) fiber.state = State::ready;
    }
}

// The value of another lane. One pause is enough, because the next shuffle is on the other board.
template <class T>
T shuffle(T value, unsigned from)
{
    static_assert(sizeof(T) <= sizeof(std::uint64_t));
    Fiber& fiber = *block->now;
    std::uint64_t* board = block->boards[fiber.second ^= true].data();
    std::memcpy(board + fiber.number, &value, sizeof value);
    pause(State::at_warp);
    std::memcpy(&value, board + fiber.number / WARP * WARP + from % WARP, sizeof value);
    return value;
}

template <class... A, std::size_t... I>
void run(void (*kernel)(A...), dim3 grid, dim3 threads, void** given, bool reverse,
         std::index_sequence<I...>)
{
    const auto body = [&] { kernel(*static_cast<A*>(given[I])...); };
    Block made;
    made.fibers = std::vector<Fiber>(threads.x);
    for (unsigned t = 0; t < threads.x; ++t) made.fibers[t].number = t;
    for (auto& board : made.boards) board.resize(threads.x);
    made.body = [](const void* it) { (*static_cast<const decltype(body)*>(it))(); };
    made.given = &body;
    block = &made;
    gridDim = grid;
    blockDim = threads;
    for (unsigned z = 0; z < grid.z; ++z)
        for (unsigned y = 0; y < grid.y; ++y)
            for (unsigned x = 0; x < grid.x; ++x) {
                blockIdx = {x, y, z};
                run_block(reverse);
            }
}

// What went wrong, or null.
template <class... A>
const char* launch(
    void (*kernel)(A...), const unsigned* grid, const unsigned* threads, void** given, bool reverse)
{
    static thread_local std::string words;
    words.clear();
    const auto work = [&, told = &words] {
        try {
            if (threads[1] != 1 || threads[2] != 1)
                throw std::runtime_error("blocks have one dimension");
            run(kernel, {grid[0], grid[1], grid[2]}, {threads[0], 1, 1}, given, reverse,
                std::index_sequence_for<A...>{});
        } catch (const std::exception& error) {
            *told = error.what();
        }
    };
    // a thread of its own has shared memory in which nothing is left of the launch before
    std::thread(work).join();
    return words.empty() ? nullptr : words.c_str();
}

}  // namespace on_host

inline void __syncthreads() { on_host::pause(on_host::State::at_block); }
inline void __syncwarp(unsigned = ~0u) { on_host::pause(on_host::State::at_warp); }
inline void __threadfence() {}  // blocks run in turn

template <class T>
T __shfl_sync(unsigned, T value, int from)
{
    return on_host::shuffle(value, from);
}

template <class T>
T __shfl_xor_sync(unsigned, T value, int mask)
{
    return on_host::shuffle(value, on_host::block->now->number ^ mask);
}

template <class T>
T atomicAdd(T* where, T value)
{
    return std::atomic_ref<T>(*where).fetch_add(value);
}

inline int __popc(unsigned bits) { return __builtin_popcount(bits); }

// `name`_launch for ctypes; returns what went wrong, or null.
#define EXPORT_KERNEL(name)                                                                        \
    extern "C" const char* name##_launch(                                                          \
        const unsigned* grid, const unsigned* threads, void** given, bool reverse)                 \
    {                                                                                              \
        return on_host::launch(name, grid, threads, given, reverse);                               \
    }
