// SPDX-License-Identifier: Apache-2.0
// What a network needs of a chip and of this computer, estimated from the mapping alone: nothing is simulated.
#pragma once

#include <cstdint>
#include <vector>

#include "circuits/chip_model.h"
#include "hardware/hardware.h"
#include "mapping/mapping.h"
#include "network/network.h"

namespace cimcycle {

/// One layer with weights, per image, with every OU read issued (no gate closes, no read is empty).
struct LayerEstimate {
  std::int64_t ou_reads = 0;
  std::int64_t conversions = 0;
  std::int64_t cycles = 0;  ///< reads of the busiest crossbar, one after the other
};

struct Estimate {
  std::vector<LayerEstimate> layers;  ///< in the order of the mapping
  std::int64_t ou_reads = 0;
  std::int64_t conversions = 0;
  std::int64_t cycles = 0;           ///< of layers that follow each other; waiting, transfers and pooling are left out
  std::int64_t weight_bits = 0;      ///< stored in cells
  std::int64_t activation_bits = 0;  ///< most activations that are alive at a time
  std::int64_t host_bytes = 0;       ///< memory of the simulation: weights, cells, and one image's trace per thread
};

Estimate estimate(const Network& network, const NetworkMapping& mapping, const Hardware& hardware,
                  const ChipModel& chip);

}  // namespace cimcycle
