// SPDX-License-Identifier: Apache-2.0
// A loop whose iterations run on several threads.
#pragma once

#include <cstdint>
#include <functional>

namespace cimcycle {

/// More threads than any machine has; keeps a typing error from starting a million.
inline constexpr int most_threads = 1024;

/// One thread per core of this machine, at most most_threads.
int threads_of_machine();

/// Calls body(index, worker) once for every index in [0, count). Indices are handed out one by one in ascending order;
/// `worker`, in [0, threads), names the thread, so that each can own scratch memory. threads = 1 runs in the caller.
///
/// If a body throws, no new index is handed out, and once all workers have stopped the exception of the lowest index is
/// thrown again: it is the one that a single thread would have met, on any number of threads.
void parallel_for(std::int64_t count, int threads, const std::function<void(std::int64_t index, int worker)>& body);

}  // namespace cimcycle
