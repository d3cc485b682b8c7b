// SPDX-License-Identifier: Apache-2.0
// What `cimcycle describe` shows: a chip without a run: clock, area, leakage, energy per action, and with a network
// also the floorplan and an estimate of memory and time.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

#include "report/estimate.h"
#include "report/text_table.h"

namespace cimcycle {

/// A network laid out on the chip.
struct Placement {
  const Network& network;
  const NetworkMapping& mapping;
};

/// `placement` is null for a chip alone; the size is then that of one tile of everything.
std::string describe_text(const Hardware& hardware, const ChipSize& size, const ChipModel& chip,
                          const Placement* placement, const TextStyle& style);
nlohmann::ordered_json describe_json(const Hardware& hardware, const ChipSize& size, const ChipModel& chip,
                                     const Placement* placement);

}  // namespace cimcycle
