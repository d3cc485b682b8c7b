// SPDX-License-Identifier: Apache-2.0
#include "interruptible.h"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace cimcycle::python {
namespace {

namespace py = pybind11;

struct ProgressState {
  std::int64_t done = 0, all = 0;
  std::string what;
  bool operator==(const ProgressState&) const = default;
};

/// What the working thread and the calling thread share.
class Conversation {
 public:
  void tell(std::int64_t done, std::int64_t all, std::string_view what) {
    const std::lock_guard lock(mutex_);
    state_.done = done;
    state_.all = all;
    state_.what = what;
  }
  void end() {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    wake_.notify_one();
  }
  /// True once the work has ended.
  bool wait() {
    constexpr auto a_while = std::chrono::milliseconds(100);
    std::unique_lock lock(mutex_);
    return wake_.wait_for(lock, a_while, [&] { return ended_; });
  }
  /// The state, if it is another one than the last time.
  std::optional<ProgressState> news() {
    const std::lock_guard lock(mutex_);
    if (state_ == told_) return std::nullopt;
    return told_ = state_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  ProgressState state_, told_;
  bool ended_ = false;
};

}  // namespace

void run_interruptibly(const py::object& progress,
                       const std::function<void(const ProgressFunction&, const std::atomic<bool>&)>& work) {
  std::atomic<bool> stop{false};
  Conversation conversation;
  std::exception_ptr failure;
  std::optional<py::error_already_set> raised;
  const auto listen = [&] {
    if (raised) return;
    try {
      if (PyErr_CheckSignals() != 0) throw py::error_already_set();
      const auto news = conversation.news();
      if (news && !progress.is_none()) progress(news->done, news->all, news->what);
    } catch (py::error_already_set& error) {
      raised.emplace(std::move(error));
      stop = true;
    }
  };
  {
    const py::gil_scoped_release released;
    std::jthread worker([&] {
      try {
        work([&](std::int64_t done, std::int64_t all, std::string_view what) { conversation.tell(done, all, what); },
             stop);
      } catch (...) {
        failure = std::current_exception();
      }
      conversation.end();
    });
    while (!conversation.wait()) {
      const py::gil_scoped_acquire acquired;
      listen();
    }
  }
  listen();
  if (raised) throw std::move(*raised);
  if (failure != nullptr) std::rethrow_exception(failure);
}

}  // namespace cimcycle::python
