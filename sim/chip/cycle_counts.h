// SPDX-License-Identifier: Apache-2.0
// Where the cycles of a component went: busy, stalled by cause, idle. The law of every component:
// busy + sum(stalled) + idle = elapsed.
#pragma once

#include <algorithm>
#include <array>

#include "events/clock.h"

namespace cimcycle {

/// Why a component that has work to do waits.
enum class Stall { gate, adc, input, accumulator, link, buffer };
inline constexpr int stall_causes = 6;

/// Where the cycles of a component went. busy + sum(stalled) + idle = elapsed.
struct CycleCounts {
  Cycle busy = 0;
  std::array<Cycle, stall_causes> stalled{};  ///< by cause, in the order of Stall
  Cycle idle = 0;

  /// The counter of one cause.
  Cycle& stall(Stall cause) { return stalled[static_cast<std::size_t>(cause)]; }
  Cycle stall(Stall cause) const { return stalled[static_cast<std::size_t>(cause)]; }
  /// busy + sum(stalled) + idle
  Cycle elapsed() const {
    Cycle sum = busy + idle;
    for (const Cycle cycles : stalled) sum += cycles;
    return sum;
  }
  CycleCounts& operator+=(const CycleCounts& other) {
    busy += other.busy;
    for (std::size_t cause = 0; cause < stalled.size(); ++cause) stalled[cause] += other.stalled[cause];
    idle += other.idle;
    return *this;
  }
  bool operator==(const CycleCounts&) const = default;
};

/// A server that accounts for each of its cycles in the order of time. Cycles before free_at() are accounted for.
class Station {
 public:
  /// First cycle that is not accounted for: the station can begin something new.
  Cycle free_at() const { return server_.free_at(); }
  const CycleCounts& counts() const { return counts_; }

  /// The cycles up to `end` had nothing to do. No effect if `end` is not after free_at(); so the other two.
  void idle_until(Cycle end) { counts_.idle += hold_until(end); }
  /// The cycles up to `end` waited.
  void stall_until(Cycle end, Stall cause) { counts_.stall(cause) += hold_until(end); }
  /// Works in the cycles up to `end`.
  void busy_until(Cycle end) { counts_.busy += hold_until(end); }
  /// The cycles after free_at() went as `counts` says.
  void record(const CycleCounts& counts) {
    server_.reserve(free_at(), counts.elapsed());
    counts_ += counts;
  }

 private:
  Cycle hold_until(Cycle end) {
    const Cycle cycles = std::max<Cycle>(0, end - free_at());
    server_.reserve(free_at(), cycles);
    return cycles;
  }

  Server server_;
  CycleCounts counts_;
};

}  // namespace cimcycle
