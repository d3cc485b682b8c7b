// SPDX-License-Identifier: Apache-2.0
// One path (MSB or LSB) of a packed layer: its cells in the kernels' layout and the transfers of its conversions.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "crossbar/adc_table.h"
#include "crossbar/kernel.h"
#include "hardware/hardware.h"

namespace cimcycle {

struct PackedLayer;

/// One path (MSB or LSB) of a layer.
struct PackedPath {
  int slices = 0;
  std::vector<int> slice_bits, slice_planes;
  std::vector<std::int32_t> slice_weight;
  std::vector<std::int32_t> digit_weight;
  std::vector<std::unique_ptr<const AdcTable>> tables;  ///< [slices][digits]; at addresses that `transfer` may keep
  std::vector<ReadTransfer> transfer;                   ///< [slices][digits], into `tables`
  std::vector<std::uint8_t> flipped;                    ///< [groups][slices][lanes], empty without flip
  std::vector<std::uint64_t> cells;                     ///< words (or weights, PathLoop::dot) of the kernel's layout
  /// Factor of X_r in a partial sum: [groups][lanes], or one entry for all.
  std::vector<std::int32_t> x_weight;
  bool needs_x = false;                  ///< some x_weight is not 0
  std::vector<std::int32_t> row_levels;  ///< [blocks][rows]: sum of the stored levels of a row over a block's columns
  std::vector<std::int32_t> whole_row_levels;  ///< [rows]: the same over all blocks
  bool minimum = false;                        ///< every transfer is min(S, clip_above)
  bool stepped = false;                        ///< every transfer has equal steps
  PathLoop loop = PathLoop::general;
  std::int64_t chunk_words = 0;  ///< words of a chunk's cells in the kernel's layout
  bool may_clip = false;
  bool lossless = false;  ///< no transfer changes a sum
  std::int32_t top = 0;
};

/// Packs the high path, or the low one (lb > 0). `packed`: with everything but its paths and thresholds. Throws
/// InputError as pack_layer does.
PackedPath pack_path(const PackedLayer& packed, const Hardware& hardware, bool high);

}  // namespace cimcycle
