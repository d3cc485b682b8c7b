// SPDX-License-Identifier: Apache-2.0
// The weights of a gated layer as the backward pass reads them: as floats, with rows or with outputs side by side.
#pragma once

#include <memory>
#include <vector>

#include "patches.h"

namespace gated {

/// Which of a block's two directions lies in the lanes of a vector.
enum class Side { rows, outputs };

/// Weights, or their gradients, as floats of blocks of sixteen: [groups][blocks][other direction][vectors of `side`].
class FloatWeights {
 public:
  /// weights: [outputs][rows]; null for zeros.
  FloatWeights(const GatedShape& shape, const Layout& layout, Side side, const std::int8_t* weights)
      : shape_(shape),
        layout_(layout),
        side_(side),
        vectors_(((side == Side::rows ? shape.ou_rows : shape.ou_cols) + lanes - 1) / lanes),
        per_block_(static_cast<std::size_t>(side == Side::rows ? shape.ou_cols : shape.ou_rows) * vectors_),
        values_(static_cast<std::size_t>(layout.groups) * layout.blocks * per_block_, Floats{}) {
    if (weights == nullptr) return;
    for (int output = 0; output < shape.outputs; ++output) {
      for (int row = 0; row < layout.rows; ++row) {
        const Place place = place_of(output, row);
        values_[place.vector][place.lane] = weights[static_cast<std::size_t>(output) * layout.rows + row];
      }
    }
  }

  Floats* at(int group, int block) { return &values_[first(group, block)]; }
  const Floats* at(int group, int block) const { return &values_[first(group, block)]; }
  float value(int output, int row) const {
    const Place place = place_of(output, row);
    return values_[place.vector][place.lane];
  }
  /// Per element of the other direction.
  int vectors() const { return vectors_; }

 private:
  struct Place {
    std::size_t vector;
    int lane;
  };

  std::size_t first(int group, int block) const {
    return (static_cast<std::size_t>(group) * layout_.blocks + block) * per_block_;
  }

  Place place_of(int output, int row) const {
    const int column = output % shape_.ou_cols, line = row % shape_.ou_rows;
    const int along = side_ == Side::rows ? line : column, across = side_ == Side::rows ? column : line;
    return {first(row / shape_.ou_rows, output / shape_.ou_cols) +
                static_cast<std::size_t>(across * vectors_ + along / lanes),
            along % lanes};
  }

  const GatedShape& shape_;
  const Layout& layout_;
  Side side_;
  int vectors_;
  std::size_t per_block_;
  std::vector<Floats> values_;
};

struct Weights {
  Weights(const GatedShape& shape, const Layout& layout, const std::int8_t* high_parts, const std::int8_t* low_parts)
      : high(shape, layout, high_parts),
        high_floats(shape, layout, Side::rows, high_parts),
        low_floats(shape, layout, Side::rows, low_parts),
        high_outputs(shape, layout, Side::outputs, high_parts) {
    if (low_parts != nullptr) low = std::make_unique<PackedWeights>(shape, layout, low_parts);
  }

  PackedWeights high;
  std::unique_ptr<PackedWeights> low;  ///< null without low parts
  FloatWeights high_floats, low_floats, high_outputs;
};

}  // namespace gated
