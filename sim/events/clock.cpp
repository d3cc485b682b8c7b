// SPDX-License-Identifier: Apache-2.0
// The event loop: finds the next occupied bucket, lets far events move in, runs the bucket, then the grants.
#include "events/clock.h"

#include <bit>

namespace cimcycle {
namespace {

// std::push_heap keeps the largest element in front: "largest" is the earliest event here.
constexpr auto later = [](const auto& a, const auto& b) {
  return a.cycle != b.cycle ? a.cycle > b.cycle : a.order > b.order;
};

}  // namespace

Clock::Clock() = default;

void Clock::insert_far(Cycle cycle, const Event& event) {
  far_.push_back({cycle, far_order_++, event});
  std::push_heap(far_.begin(), far_.end(), later);
}

// Moves to the next cycle that has an event. False if there is none.
bool Clock::advance() {
  if (summary_ != 0) {
    // Buckets ahead of now are a ring: first the rest of now's word, then the words after it, then from the start.
    const auto slot = static_cast<std::size_t>(now_ & wheel_mask);
    const std::size_t word = slot / 64;
    std::uint64_t bits = occupied_[word] & (~std::uint64_t{0} << (slot % 64));
    std::size_t found = word;
    if (bits == 0) {
      const std::uint64_t after = word == 63 ? 0 : summary_ & (~std::uint64_t{0} << (word + 1));
      found = static_cast<std::size_t>(std::countr_zero(after != 0 ? after : summary_));
      bits = occupied_[found];
    }
    const Cycle next = static_cast<Cycle>(found * 64 + static_cast<std::size_t>(std::countr_zero(bits)));
    now_ += (next - static_cast<Cycle>(slot)) & wheel_mask;
  } else if (!far_.empty()) {
    now_ = far_.front().cycle;
  } else {
    return false;
  }
  // Before any event of this cycle runs: what is inserted from now on into a bucket that has just opened comes later.
  while (!far_.empty() && far_.front().cycle - now_ < wheel_size) {
    std::pop_heap(far_.begin(), far_.end(), later);
    append(far_.back().cycle, far_.back().event);
    far_.pop_back();
  }
  return true;
}

void Clock::run_bucket() {
  const auto slot = static_cast<std::size_t>(now_ & wheel_mask);
  Bucket& bucket = wheel_[slot];
  while (bucket.first != none) {
    const std::uint32_t node = bucket.first;
    const Event event = pool_[node].event;
    bucket.first = pool_[node].next;
    pool_[node].next = free_;
    free_ = node;
    ++events_;
    event.function(event.object, event.argument);
  }
  bucket.last = none;
  occupied_[slot / 64] &= ~(std::uint64_t{1} << (slot % 64));
  if (occupied_[slot / 64] == 0) summary_ &= ~(std::uint64_t{1} << (slot / 64));
}

void Clock::run() {
  while (!finals_.empty() || advance()) {
    run_bucket();
    while (!finals_.empty()) {
      running_finals_.swap(finals_);
      for (const Event& event : running_finals_) event.function(event.object, event.argument);
      running_finals_.clear();
      run_bucket();
    }
  }
}

}  // namespace cimcycle
