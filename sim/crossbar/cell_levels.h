// SPDX-License-Identifier: Apache-2.0
// What the cells of a layer store: the levels of each slice of a weight part, by the cell mapping.
#pragma once

#include <cstdint>
#include <vector>

#include "hardware/hardware.h"
#include "mapping/mapping.h"
#include "network/network.h"

namespace cimcycle {

/// What the cells of one path hold, before they are cut into slices.
struct PathCoding {
  int bits = 0;               ///< bits of the stored number
  int offset = 0;             ///< added to the value before storing, subtracted again through X_r
  std::int32_t scale = 1;     ///< factor of the stored number in the partial sum (2 for the -1/+1 code)
  bool negative_top = false;  ///< two's complement: the top slice counts negative
};

/// The cells of one path (MSB or LSB) of a layer. All arguments must outlive it.
class CellLevels {
 public:
  CellLevels(const Layer& layer, const LayerMapping& mapping, const MappingSpec& spec, bool high);

  const PathCoding& coding() const { return coding_; }
  const SliceBits& slice_bits() const { return slice_bits_; }
  /// Largest level of a slice.
  int top_level(int slice) const { return (1 << slice_bits_[static_cast<std::size_t>(slice)]) - 1; }
  /// The high or low part of the weight at a row of the layer, of an output counted within the row's channel group.
  int value(int output, int row) const;
  /// Level of the cell as it would be stored without flip. `half`: 0 the only column or W+, 1 the column of W-.
  std::uint32_t level(int output, int row, int slice, int half) const;
  /// Whether the column of one slice of one output is stored inverted in a row group.
  bool flips(const RowGroup& group, int output, int slice) const;

 private:
  const Layer& layer_;
  const MappingSpec& spec_;
  const bool high_;
  const SliceBits& slice_bits_;
  std::vector<int> shift_;  ///< [slices]: first bit of each slice
  const PathCoding coding_;
};

}  // namespace cimcycle
