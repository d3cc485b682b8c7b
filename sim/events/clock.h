// SPDX-License-Identifier: Apache-2.0
// The discrete-event kernel: a wheel of cycles that calls {function, object, argument}. It knows nothing about chips.
//
// A two-stage pipeline, the second stage slower than the first:
//
//   struct Pipeline {
//     Clock& clock;
//     Server slow;
//     void fetched(std::uint64_t item) {                        // the first stage takes 2 cycles
//       if (item + 1 < 8) clock.after<&Pipeline::fetched>(2, *this, item + 1);
//       clock.at<&Pipeline::done>(slow.reserve(clock.now(), 5), *this, item);   // queues without events
//     }
//     void done(std::uint64_t item) { fmt::print("{} at {}\n", item, clock.now()); }
//   };
//   Clock clock;  Pipeline p{clock, {}};
//   clock.at<&Pipeline::fetched>(2, p, 0);
//   clock.run();
//
// Order is total: by cycle, then first in, first out. Requests that compete in one cycle are collected by ordinary
// events and granted by a `finally` event, which runs when the cycle has no ordinary event left. docs/models/events.md
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstdint>
#include <vector>

namespace cimcycle {

/// A point in time or a duration, in clock cycles.
using Cycle = std::int64_t;

/// Runs events in the order of (cycle, insertion). Not copied: objects keep references to it.
class Clock {
 public:
  Clock();
  Clock(const Clock&) = delete;
  Clock& operator=(const Clock&) = delete;

  /// The cycle of the event that runs now.
  Cycle now() const { return now_; }

  /// Calls (object.*Handler)(argument) in `cycle`, which must not lie in the past. `object` must outlive the event.
  template <auto Handler, class Object>
  void at(Cycle cycle, Object& object, std::uint64_t argument = 0) {
    insert(cycle, Event{&call<Handler, Object>, &object, argument});
  }

  /// The same, `delay` >= 0 cycles from now.
  template <auto Handler, class Object>
  void after(Cycle delay, Object& object, std::uint64_t argument = 0) {
    at<Handler>(now_ + delay, object, argument);
  }

  /// Calls (object.*Handler)(argument) in this cycle, after all of its ordinary events, also those not yet inserted.
  /// Ordinary events that it schedules for this cycle run next, and then what those leave to `finally`.
  template <auto Handler, class Object>
  void finally(Object& object, std::uint64_t argument = 0) {
    finals_.push_back(Event{&call<Handler, Object>, &object, argument});
  }

  /// Runs until no event is left.
  void run();

  /// Events run so far (`finally` events not counted).
  std::int64_t events() const { return events_; }

 private:
  struct Event {
    void (*function)(void*, std::uint64_t) = nullptr;
    void* object = nullptr;
    std::uint64_t argument = 0;
  };
  // Events of one cycle are a list through a pool, so that a bucket costs 8 bytes and freed nodes stay in the cache.
  struct Node {
    Event event;
    std::uint32_t next = 0;
  };
  struct Bucket {
    std::uint32_t first = none;
    std::uint32_t last = none;
  };
  struct FarEvent {
    Cycle cycle = 0;
    std::uint64_t order = 0;  ///< insertion number: equal cycles stay first in, first out
    Event event;
  };

  static constexpr std::uint32_t none = ~std::uint32_t{0};
  // 64 x 64, so that one summary word finds the next occupied bucket in two steps.
  static constexpr Cycle wheel_size = 4096;
  static constexpr Cycle wheel_mask = wheel_size - 1;

  template <auto Handler, class Object>
  static void call(void* object, std::uint64_t argument) {
    (static_cast<Object*>(object)->*Handler)(argument);
  }

  void insert(Cycle cycle, const Event& event) {
    assert(cycle >= now_);
    if (cycle - now_ < wheel_size) {
      append(cycle, event);
    } else {
      insert_far(cycle, event);
    }
  }

  void append(Cycle cycle, const Event& event) {
    std::uint32_t node = free_;
    if (node == none) {
      node = static_cast<std::uint32_t>(pool_.size());
      pool_.push_back(Node{event, none});
    } else {
      free_ = pool_[node].next;
      pool_[node] = Node{event, none};
    }
    const auto slot = static_cast<std::size_t>(cycle & wheel_mask);
    Bucket& bucket = wheel_[slot];
    if (bucket.first == none) {
      bucket.first = node;
      occupied_[slot / 64] |= std::uint64_t{1} << (slot % 64);
      summary_ |= std::uint64_t{1} << (slot / 64);
    } else {
      pool_[bucket.last].next = node;
    }
    bucket.last = node;
  }

  void insert_far(Cycle cycle, const Event& event);
  bool advance();
  void run_bucket();

  Cycle now_ = 0;
  std::int64_t events_ = 0;
  std::array<Bucket, wheel_size> wheel_;
  std::array<std::uint64_t, wheel_size / 64> occupied_{};
  std::uint64_t summary_ = 0;
  std::uint32_t free_ = none;
  std::vector<Node> pool_;
  std::vector<FarEvent> far_;  ///< heap: beyond the wheel, they move in when their bucket opens
  std::uint64_t far_order_ = 0;
  std::vector<Event> finals_, running_finals_;
};

/// Serves one request at a time in the order of the calls: a queue that needs no events.
class Server {
 public:
  /// First cycle in which a new request can be served.
  Cycle free_at() const { return free_at_; }

  /// Takes `duration` cycles from the first free cycle that is not before `earliest`; returns the cycle after the last.
  Cycle reserve(Cycle earliest, Cycle duration) {
    free_at_ = std::max(earliest, free_at_) + duration;
    return free_at_;
  }

 private:
  Cycle free_at_ = 0;
};

}  // namespace cimcycle
