// SPDX-License-Identifier: Apache-2.0
// The vector unit of a tile: requantization, residual addition and pooling of int32 accumulators.
// Model: docs/models/circuits.md, "Vector unit".
#pragma once

#include "circuits/adder.h"
#include "circuits/flip_flop.h"
#include "circuits/tech_node.h"

namespace cimcycle {

/// Array multiplier: one AND row and one ripple adder per bit of the multiplier.
struct Multiplier {
  Block block;
  double energy_j = 0;
  double delay_s = 0;
};
Multiplier make_multiplier(const TechNode& node, const Calibration& calibration, int multiplicand_bits,
                           int multiplier_bits);

/// Barrel shifter: one row of two-way multiplexers per bit of the shift count.
struct Shifter {
  Block block;
  double energy_j = 0;
  double delay_s = 0;
};
Shifter make_shifter(const TechNode& node, const Calibration& calibration, int bits, int count_bits);

/// One lane.
struct VectorLane {
  Block block;
  double requantization_j = 0;     ///< multiply, add c, round and shift, clamp, output register
  double residual_addition_j = 0;  ///< multiply the residual and add it
  double pool_operation_j = 0;     ///< the dearer of a comparison (max) and an addition (mean), with its register
  double delay_s = 0;              ///< of a requantization, all stages in a row
};
/// Widths of the lane: those of the numeric contract.
struct LaneWidths {
  int accumulator_bits = 32;  ///< accumulators and multipliers are int32
  int sum_bits = 64;          ///< products and the constant c are int64
  int activation_bits = 8;    ///< results have at most 8 bits
};
VectorLane make_vector_lane(const TechNode& node, const Calibration& calibration, const LaneWidths& widths = {});

}  // namespace cimcycle
