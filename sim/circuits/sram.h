// SPDX-License-Identifier: Apache-2.0
// SRAM buffer cores: six-transistor cells, a line decoder, precharge and write drivers per column.
// Model: docs/models/neurosim.md, "Buffers".
#pragma once

#include "circuits/flip_flop.h"
#include "circuits/tech_node.h"

namespace cimcycle {

struct SramCell {
  double cell_height_features = 0;
  double cell_width_features = 0;
};

/// One core of `lines` lines.
struct SramCore {
  Block block;
  double read_bit_j = 0;       ///< decoder's share, with the activity of control logic
  double write_bit_j = 0;      ///< decoder's share and the write driver
  double precharge_bit_j = 0;  ///< wires of a bitline pair charged once
  double delay_s = 0;          ///< of the decoder
};
SramCore make_sram_core(const TechNode& node, const Calibration& calibration, int lines, int line_bits,
                        const SramCell& cell);

}  // namespace cimcycle
