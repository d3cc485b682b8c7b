// SPDX-License-Identifier: Apache-2.0
// Comparators, and the gate of a crossbar built from them. Model: docs/models/circuits.md, "Gate" and "Max pooling".
#pragma once

#include "circuits/flip_flop.h"
#include "circuits/gates.h"
#include "circuits/tech_node.h"

namespace cimcycle {

/// Compares two numbers of `bits` bits.
struct Comparator {
  int bits = 0;
  Block block;
  /// One comparison with the activity of control logic; half of the bits switch, as in DNN+NeuroSim.
  double energy_j = 0;
  double delay_s = 0;
};
Comparator make_comparator(const TechNode& node, const Calibration& calibration, int bits);

/// Comparator with the selection logic of max pooling: the larger of two numbers.
Comparator make_pooling_comparator(const TechNode& node, const Calibration& calibration, int bits,
                                   FoldRule rule = FoldRule::tolerant);

/// The gate of a crossbar: per output of a block the magnitude of its partial sum and a comparator; an OR over the
/// block; threshold registers; mask flip-flops.
struct GateUnit {
  Block block;
  double comparison_j = 0;  ///< one output's magnitude and comparison
  double decision_j = 0;    ///< OR over a block, one threshold register read, one mask flip-flop clocked
  double delay_s = 0;       ///< partial sum to mask bit
};
struct GateShape {
  int outputs_per_block = 0;
  int sum_bits = 0;       ///< of a partial sum, without its sign
  double thresholds = 0;  ///< threshold registers
  double mask_bits = 0;
};
GateUnit make_gate_unit(const TechNode& node, const Calibration& calibration, const GateShape& shape);

}  // namespace cimcycle
