// SPDX-License-Identifier: Apache-2.0
// Workers that take the next index from one atomic counter.
#include "base/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <system_error>
#include <thread>
#include <vector>

namespace cimcycle {

namespace {

/// The exception of the lowest index so far.
struct Failure {
  std::mutex mutex;
  std::int64_t index = 0;
  std::exception_ptr exception;

  void keep(std::int64_t failed_index, std::exception_ptr failed) {
    const std::lock_guard lock(mutex);
    if (exception == nullptr || failed_index < index) {
      index = failed_index;
      exception = std::move(failed);
    }
  }
};

}  // namespace

int threads_of_machine() {
  return static_cast<int>(std::clamp(std::thread::hardware_concurrency(), 1U, unsigned{most_threads}));
}

void parallel_for(std::int64_t count, int threads, const std::function<void(std::int64_t index, int worker)>& body) {
  const auto workers = static_cast<int>(std::min<std::int64_t>(std::max(threads, 1), count));
  if (workers <= 1) {
    for (std::int64_t index = 0; index < count; ++index) body(index, 0);
    return;
  }

  std::atomic<std::int64_t> next{0};
  std::atomic<bool> stop{false};
  Failure failure;
  const auto work = [&](int worker) {
    while (!stop.load()) {
      const std::int64_t index = next.fetch_add(1);
      if (index >= count) return;
      try {
        body(index, worker);
      } catch (...) {
        failure.keep(index, std::current_exception());
        stop.store(true);
      }
    }
  };

  {
    std::vector<std::jthread> others;
    others.reserve(static_cast<std::size_t>(workers) - 1);
    try {
      for (int worker = 1; worker < workers; ++worker) others.emplace_back(work, worker);
    } catch (const std::system_error&) {
      // The system has no thread left: those that started do all the work, with the same results.
    }
    work(0);
  }
  if (failure.exception != nullptr) std::rethrow_exception(failure.exception);
}

}  // namespace cimcycle
