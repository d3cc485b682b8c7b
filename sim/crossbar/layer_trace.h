// SPDX-License-Identifier: Apache-2.0
// What the numerics of one layer and image leave for its timing: the data-dependent part of every crossbar job.
#pragma once

#include <cstdint>
#include <vector>

namespace cimcycle {

struct LayerTrace {
  int vectors = 0;
  int groups = 0;      ///< row groups of the layer
  int mask_words = 0;  ///< words per row group: ceil(blocks of the layer / 64)
  /// [vector][group]: digits that are read. Row policy all: every digit. skip_zero_groups: digits with an active row.
  std::vector<std::uint8_t> digits;
  /// The same of the low digits, with digit gating: `digits` are then the high ones. Else empty.
  std::vector<std::uint8_t> low_digits;
  /// [vector][group][mask_words]: bit b = the gate of output block b is open. Empty for layers without a gate.
  /// Granularity output_block and output: the block's decision, repeated for every group.
  std::vector<std::uint64_t> open;

  /// Whether the gate of an output block is open; `pair`: vector x groups + group.
  bool is_open(std::size_t pair, std::size_t block) const {
    return (open[pair * static_cast<std::size_t>(mask_words) + block / 64] >> (block % 64) & 1u) != 0;
  }
};

}  // namespace cimcycle
