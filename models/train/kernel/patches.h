// SPDX-License-Identifier: Apache-2.0
// Input vectors of sixteen neighbouring output positions at a time, and the way back of their gradients.
//
// Codes of four consecutive rows of a row group stand side by side in each lane (what add_dot4 takes); a group's last
// rows are filled up with zeros.
#pragma once

#include <algorithm>
#include <vector>

#include "gated_layer.h"
#include "lanes.h"

namespace gated {

/// Sizes that follow from a shape.
struct Layout {
  explicit Layout(const GatedShape& shape);

  int rows, groups, blocks, positions, tiles;
  int quads;  ///< of four rows, per full row group
  int padded_height, padded_width;
  std::vector<int> row_offset;       ///< [rows]: in a padded image
  std::vector<int> position_offset;  ///< [tiles * lanes]: in a padded image; 0 beyond the last position
  int run = 1;                       ///< so many lanes in a row lie side by side in the image
  std::vector<int> gradient_offset;  ///< [tiles * lanes]: in one channel of a GradientImage
  bool gradients_side_by_side;       ///< all lanes of a tile are neighbours there

  int rows_of(const GatedShape& shape, int group) const {
    return std::min(shape.ou_rows, rows - group * shape.ou_rows);
  }
  int outputs_of(const GatedShape& shape, int block) const {
    return std::min(shape.ou_cols, shape.outputs - block * shape.ou_cols);
  }
  std::size_t padded_size(const GatedShape& shape) const {
    return static_cast<std::size_t>(shape.channels) * padded_height * padded_width;
  }
};

/// Weights in the order in which the kernels take them.
struct PackedWeights {
  PackedWeights(const GatedShape& shape, const Layout& layout, const std::int8_t* weights);

  /// [groups][blocks][quads][ou_cols]: four weights of one output each.
  std::vector<std::int32_t> quad;
  std::size_t index(const Layout& layout, const GatedShape& shape, int group, int block) const {
    return ((static_cast<std::size_t>(group) * layout.blocks + block) * layout.quads) * shape.ou_cols;
  }
};

/// One image with its border of zeros.
void pad_image(const GatedShape& shape, const Layout& layout, const std::uint8_t* image, std::uint8_t* padded);

/// The vectors of one tile: [groups][quads] of Ints.
void take_patches(const GatedShape& shape, const Layout& layout, const std::uint8_t* padded, int tile, Ints* patches);

/// Gradients of one image's codes, kept apart by the kernel's column kx:
/// [kernel_w][channels][padded_height][out_width]. Neighbouring rows of a vector thus never touch overlapping memory,
/// which would stall every load behind a store.
class GradientImage {
 public:
  GradientImage(const GatedShape& shape, const Layout& layout);
  void clear() { std::fill(values_.begin(), values_.end(), Floats{}); }
  /// Adds the gradient of one row of a tile's vectors.
  void add(int tile, int row, Floats gradient) {
    float* const to = reinterpret_cast<float*>(values_.data()) + row_offset_[static_cast<std::size_t>(row)];
    const int* const offset = &layout_.gradient_offset[static_cast<std::size_t>(tile) * lanes];
    if (layout_.gradients_side_by_side) {
      const Floats sum = load<Floats>(to + offset[0]) + gradient;
      std::memcpy(to + offset[0], &sum, sizeof sum);
      return;
    }
    // Lanes beyond the last position carry a gradient of 0.
    for (int lane = 0; lane < lanes; ++lane) to[offset[lane]] += gradient[lane];
  }
  /// Adds everything to the image [channels][height][width].
  void add_to(float* image) const;

 private:
  const GatedShape& shape_;
  const Layout& layout_;
  std::vector<std::size_t> row_offset_;  ///< [rows]
  std::vector<Floats> values_;           ///< aligned; with room for a whole tile behind the last position
};

/// All ones in lanes that hold a position.
inline Ints valid_lanes(const Layout& layout, int tile) {
  Ints lane;
  for (int i = 0; i < lanes; ++i) lane[i] = tile * lanes + i;
  return lane < layout.positions;
}

bool is_usable(const GatedShape& shape);

}  // namespace gated
