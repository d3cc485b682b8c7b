// SPDX-License-Identifier: Apache-2.0
// The digital part behind the crossbars, in integers: requantization, residual addition, pooling.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "network/network.h"

namespace cimcycle {

/// z / 2^n rounded to the nearest integer, halves away from zero.
constexpr std::int64_t round_half_away(std::int64_t z, int n) {
  if (n == 0) return z;
  const std::int64_t half = std::int64_t{1} << (n - 1);
  return z < 0 ? -((-z + half) >> n) : (z + half) >> n;
}

/// What a layer hands on. Only the one that its output kind names is filled; all channel-major, out.size() values.
struct LayerValues {
  std::vector<std::int16_t> activations;
  std::vector<std::int32_t> accumulators;
  std::vector<std::int64_t> logits;
};

/// Finishes a layer: acc [vectors][channels] (all but max pooling) -> values. `residual` holds the values of
/// the residual's source (empty without one) and `residual_shape` its shape.
void finish_layer(const Layer& layer, std::span<const std::int32_t> acc, const LayerValues* residual,
                  const Shape& residual_shape, LayerValues& values);

/// What the residual of an output channel adds at every output position, before r: `source` are the values of its
/// source, of the shape `shape`.
void residual_plane(const Residual& residual, const LayerValues& source, const Shape& shape, const Shape& out,
                    std::size_t channel, std::vector<std::int64_t>& values);

/// Window sums of an average pool as accumulators [vectors][channels]; padding adds the layer's pad_value. A concat is
/// one with windows of one value.
void average_pool_sums(const Layer& layer, std::span<const std::int16_t> input, std::vector<std::int32_t>& acc);

/// Window maxima of a max pool; padding takes no part.
void max_pool(const Layer& layer, std::span<const std::int16_t> input, LayerValues& values);

}  // namespace cimcycle
