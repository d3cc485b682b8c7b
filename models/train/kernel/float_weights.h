// SPDX-License-Identifier: Apache-2.0
// The weights of a gated layer as the backward pass reads them: as floats, with rows or with outputs side by side.
#pragma once

#include <memory>
#include <vector>

#include "patches.h"

namespace gated {

/// Weights as floats, [groups][blocks][ou_cols][row vectors]: sixteen rows of one output per vector.
class FloatWeights {
 public:
  FloatWeights(const GatedShape& shape, const Layout& layout, const std::int8_t* weights)
      : layout_(layout),
        row_vectors_((shape.ou_rows + lanes - 1) / lanes),
        per_block_(static_cast<std::size_t>(shape.ou_cols) * row_vectors_),
        values_(static_cast<std::size_t>(layout.groups) * layout.blocks * per_block_, Floats{}) {
    if (weights == nullptr) return;
    for (int output = 0; output < shape.outputs; ++output) {
      for (int row = 0; row < layout.rows; ++row) {
        at(row / shape.ou_rows, output / shape.ou_cols)[output % shape.ou_cols * row_vectors_ +
                                                        row % shape.ou_rows / lanes][row % shape.ou_rows % lanes] =
            weights[static_cast<std::size_t>(output) * layout.rows + row];
      }
    }
  }

  Floats* at(int group, int block) {
    return &values_[(static_cast<std::size_t>(group) * layout_.blocks + block) * per_block_];
  }
  const Floats* at(int group, int block) const { return const_cast<FloatWeights*>(this)->at(group, block); }
  int row_vectors() const { return row_vectors_; }

 private:
  const Layout& layout_;
  int row_vectors_;
  std::size_t per_block_;
  std::vector<Floats> values_;
};

/// The same weights the other way round, [groups][blocks][ou_rows][output vectors]: sixteen outputs of one row per
/// vector.
class OutputVectors {
 public:
  OutputVectors(const GatedShape& shape, const Layout& layout, const std::int8_t* weights)
      : layout_(layout),
        vectors_((shape.ou_cols + lanes - 1) / lanes),
        per_block_(static_cast<std::size_t>(shape.ou_rows) * vectors_),
        values_(static_cast<std::size_t>(layout.groups) * layout.blocks * per_block_, Floats{}) {
    for (int output = 0; output < shape.outputs; ++output) {
      const int column = output % shape.ou_cols;
      for (int row = 0; row < layout.rows; ++row) {
        values_[first(row / shape.ou_rows, output / shape.ou_cols) +
                static_cast<std::size_t>(row % shape.ou_rows * vectors_ + column / lanes)][column % lanes] =
            weights[static_cast<std::size_t>(output) * layout.rows + row];
      }
    }
  }

  const Floats* at(int group, int block) const { return &values_[first(group, block)]; }
  int vectors() const { return vectors_; }

 private:
  std::size_t first(int group, int block) const {
    return (static_cast<std::size_t>(group) * layout_.blocks + block) * per_block_;
  }

  const Layout& layout_;
  int vectors_;
  std::size_t per_block_;
  std::vector<Floats> values_;
};

struct Weights {
  Weights(const GatedShape& shape, const Layout& layout, const std::int8_t* high_parts, const std::int8_t* low_parts)
      : high(shape, layout, high_parts),
        high_floats(shape, layout, high_parts),
        low_floats(shape, layout, low_parts),
        high_outputs(shape, layout, high_parts) {
    if (low_parts != nullptr) low = std::make_unique<PackedWeights>(shape, layout, low_parts);
  }

  PackedWeights high;
  std::unique_ptr<PackedWeights> low;  ///< null without low parts
  FloatWeights high_floats, low_floats;
  OutputVectors high_outputs;
};

}  // namespace gated
