// SPDX-License-Identifier: Apache-2.0
// Partial sums of one OU group for sixteen input vectors, and what its gate looks at.
#pragma once

#include "patches.h"

namespace gated {

struct BlockSums {
  explicit BlockSums(const GatedShape& shape)
      : high(static_cast<std::size_t>(shape.ou_cols)), low(static_cast<std::size_t>(shape.ou_cols)) {}

  /// [outputs of the block]: sums over a row group's rows. `x`: the group's patches.
  static void sum(const PackedWeights& weights, const Layout& layout, const GatedShape& shape, int group, int block,
                  const Ints* x, std::vector<Ints>& sums) {
    const std::int32_t* const quad = &weights.quad[weights.index(layout, shape, group, block)];
    // Sixteen outputs at a time keep their sums in registers.
    for (int first = 0; first < shape.ou_cols; first += 16) {
      if (shape.ou_cols - first >= 16) {
        sum_outputs<16>(quad + first, shape.ou_cols, layout.quads, x, &sums[static_cast<std::size_t>(first)]);
        continue;
      }
      for (int j = first; j < shape.ou_cols; ++j) {
        sum_outputs<1>(quad + j, shape.ou_cols, layout.quads, x, &sums[static_cast<std::size_t>(j)]);
      }
    }
  }

  /// What the gate looks at, against `limit`: max |Ph| or the sum of |Ph| over the block's outputs, which leaves the
  /// sums in `high`; or the sum of the group's codes, which needs no sums and makes none.
  Ints importance(const PackedWeights& weights, const Layout& layout, const GatedShape& shape, int group, int block,
                  const Ints* x) {
    if (shape.gate == gate_inputs) return input_sum(layout, x);
    sum(weights, layout, shape, group, block, x, high);
    const int outputs = layout.outputs_of(shape, block);
    Ints gate = {};
    for (int j = 0; j < outputs; ++j) {
      const Ints size = magnitude(high[static_cast<std::size_t>(j)]);
      gate = shape.gate == gate_mean ? gate + size : larger(gate, size);
    }
    return gate;
  }

  /// What the importance must reach.
  static std::int32_t limit(const GatedShape& shape, int outputs, std::int32_t threshold) {
    return shape.gate == gate_mean ? threshold * outputs : threshold;
  }

  std::vector<Ints> high, low;  ///< [ou_cols]

 private:
  static Ints input_sum(const Layout& layout, const Ints* x) {
    constexpr std::int32_t four_ones = 0x01010101;
    Ints sum = {};
    for (int q = 0; q < layout.quads; ++q) sum = add_dot4(sum, x[q], four_ones);
    return sum;
  }

  template <int count>
  static void sum_outputs(const std::int32_t* quad, int stride, int quads, const Ints* x, Ints* sums) {
    Ints sum[count] = {};
    for (int q = 0; q < quads; ++q) {
      for (int j = 0; j < count; ++j) sum[j] = add_dot4(sum[j], x[q], quad[q * stride + j]);
    }
    for (int j = 0; j < count; ++j) sums[j] = sum[j];
  }
};

}  // namespace gated
