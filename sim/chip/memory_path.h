// SPDX-License-Identifier: Apache-2.0
// The ways between the global buffer and the tiles: read port and link down, links up and write port.
//
// They are queues whose whole course is known when something enters them, so they need no events. Contention: the two
// ports, the shared way down, each tile's way up. Model: docs/models/time.md
#pragma once

#include <cstdint>
#include <vector>

#include "chip/cycle_counts.h"

namespace cimcycle {

/// Widths and latency of the ways.
struct MemoryWidths {
  int port_bits = 0;    ///< of each port of the global buffer, per cycle
  int link_bits = 0;    ///< of each link, per cycle
  int link_cycles = 0;  ///< latency of a link
};

/// Read port, then the link that all tiles of the layer listen to. The port holds what it read until the link takes it.
class ReadPath {
 public:
  explicit ReadPath(const MemoryWidths& widths) : widths_(widths) {}
  /// First cycle in which the port can begin something new.
  Cycle free_at() const { return port_.free_at(); }
  /// The port had something to send since free_at() but the tiles had no room for it.
  void blocked_until(Cycle now) { port_.stall_until(now, Stall::buffer); }
  /// Reads from `now` on (not before free_at()); returns the first cycle in which the tiles have all of it.
  Cycle fetch(Cycle now, std::int64_t bits);
  /// Adds the port's and the link's cycles up to `end`.
  void finish(Cycle end, CycleCounts& ports, CycleCounts& links);

 private:
  MemoryWidths widths_;
  Station port_, link_;
};

/// A link up per tile, then the write port. Write slots are given in the order of the calls; a link holds what it
/// carried until the port takes it.
class WritePath {
 public:
  WritePath(const MemoryWidths& widths, int tiles) : widths_(widths), links_(static_cast<std::size_t>(tiles)) {}
  /// Results of a tile that are there from cycle `ready` on; returns the cycle in which the link takes them.
  Cycle send(int tile, Cycle ready, std::int64_t bits);
  /// First cycle after the last result so far is written.
  Cycle written() const { return port_.free_at(); }
  /// Adds the port's and the links' cycles up to `end`.
  void finish(Cycle end, CycleCounts& ports, CycleCounts& links);

 private:
  MemoryWidths widths_;
  Station port_;
  std::vector<Station> links_;
};

/// Cycles that `amount` takes at `per_cycle` (at least 1).
inline Cycle cycles_for(std::int64_t amount, int per_cycle) {
  return std::max<Cycle>(1, (amount + per_cycle - 1) / per_cycle);
}

}  // namespace cimcycle
