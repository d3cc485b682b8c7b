// SPDX-License-Identifier: Apache-2.0
// Widths of the accumulation path behind the converters: wide enough for every network that the numeric contract allows
// (weights and activations of at most 8 bits). Model: docs/models/circuits.md, "Widths".
#pragma once

#include "hardware/hardware.h"

namespace cimcycle {

inline constexpr int max_weight_bits = 8;
inline constexpr int max_activation_bits = 8;
/// Partial sums and accumulators are int32.
inline constexpr int max_sum_bits = 32;

struct SumWidths {
  double largest_read = 0;       ///< S_max: largest bitline sum of an OU read
  double largest_converted = 0;  ///< largest value that a conversion returns
  int lossless_bits = 0;         ///< smallest resolution that loses nothing of S_max
  int slices = 0;                ///< cell slices of an 8-bit weight
  int digits = 0;                ///< input digits of an 8-bit activation
  int outputs_per_block = 0;     ///< outputs of a full output block
  int column_blocks = 0;         ///< full column blocks of a crossbar
  int row_groups = 0;            ///< row groups that a crossbar holds
  int partial_bits = 0;          ///< of an OU group's sum before the offset correction
  int accumulator_bits = 0;      ///< of an output's sum over a crossbar, with sign
  int row_sum_bits = 0;          ///< of the sum of a row group's activations
  /// Registers of a crossbar, in bits: the largest product of outputs and width over weights of 1 to 8 bits.
  int partial_store_bits = 0;
  int accumulator_store_bits = 0;
  int largest_outputs = 0;  ///< outputs of a crossbar with 1-bit weights
};

SumWidths make_sum_widths(const Hardware& hardware);

}  // namespace cimcycle
