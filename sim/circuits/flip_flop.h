// SPDX-License-Identifier: Apache-2.0
// D flip-flop, the storage of every register. Model: docs/models/circuits.md, "Flip-flop".
#pragma once

#include "circuits/tech_node.h"

namespace cimcycle {

/// What every digital block is described by.
struct Block {
  double area_m2 = 0;
  double leakage_w = 0;
  Block& operator+=(const Block& other) {
    area_m2 += other.area_m2;
    leakage_w += other.leakage_w;
    return *this;
  }
};
inline Block operator+(Block a, const Block& b) { return a += b; }
inline Block operator*(double count, const Block& block) { return {count * block.area_m2, count * block.leakage_w}; }

struct FlipFlop {
  Block block;
  double width_m = 0;
  double height_m = 0;
  double energy_j = 0;  ///< one bit clocked, clock and data at full activity
};

/// Devices inside: widened to fill their cells, or minimal (DNN+NeuroSim V1.4; same area).
enum class FlipFlopDevices { filled, minimal };
FlipFlop make_flip_flop(const TechNode& node, FlipFlopDevices devices = FlipFlopDevices::filled);

}  // namespace cimcycle
