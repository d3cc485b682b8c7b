// SPDX-License-Identifier: Apache-2.0
// Counts finished images from several threads and tells the caller now and then.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string_view>

namespace cimcycle {

using ProgressFunction = std::function<void(std::int64_t done, std::int64_t all, std::string_view what)>;

class ProgressCount {
 public:
  ProgressCount(ProgressFunction tell, std::int64_t all, std::string_view what)
      : tell_(std::move(tell)), all_(all), what_(what) {}

  void add(std::int64_t count) {
    if (!tell_) return;
    const std::lock_guard<std::mutex> lock(mutex_);
    done_ += count;
    tell_(done_, all_, what_);
  }

 private:
  ProgressFunction tell_;
  std::int64_t all_;
  std::string_view what_;
  std::mutex mutex_;
  std::int64_t done_ = 0;
};

}  // namespace cimcycle
