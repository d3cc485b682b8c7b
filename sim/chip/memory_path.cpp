// SPDX-License-Identifier: Apache-2.0
// The ways between the global buffer and the tiles.
#include "chip/memory_path.h"

namespace cimcycle {

Cycle ReadPath::fetch(Cycle now, std::int64_t bits) {
  port_.idle_until(now);
  port_.busy_until(port_.free_at() + cycles_for(bits, widths_.port_bits));
  link_.idle_until(port_.free_at());
  port_.stall_until(link_.free_at(), Stall::link);
  link_.busy_until(link_.free_at() + cycles_for(bits, widths_.link_bits));
  return link_.free_at() + widths_.link_cycles;
}

void ReadPath::finish(Cycle end, CycleCounts& ports, CycleCounts& links) {
  port_.idle_until(end);
  link_.idle_until(end);
  ports += port_.counts();
  links += link_.counts();
}

Cycle WritePath::send(int tile, Cycle ready, std::int64_t bits) {
  Station& link = links_[static_cast<std::size_t>(tile)];
  link.idle_until(ready);
  const Cycle taken = link.free_at();
  link.busy_until(taken + cycles_for(bits, widths_.link_bits));
  port_.idle_until(link.free_at() + widths_.link_cycles);
  link.stall_until(port_.free_at() - widths_.link_cycles, Stall::buffer);
  port_.busy_until(port_.free_at() + cycles_for(bits, widths_.port_bits));
  return taken;
}

void WritePath::finish(Cycle end, CycleCounts& ports, CycleCounts& links) {
  port_.idle_until(end);
  ports += port_.counts();
  for (Station& link : links_) {
    link.idle_until(end);
    links += link.counts();
  }
}

}  // namespace cimcycle
